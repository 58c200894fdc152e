//! What `fuzz/` calls: the parsers of what others write, each with what must hold for any bytes.

#![expect(
    clippy::missing_panics_doc,
    reason = "a promise that does not hold must end the fuzzer"
)]

use crate::environment::Environment;
use crate::settings::Settings;

pub use crate::agent::fuzzing::output as agent_output;
pub use crate::redactor::fuzzing::redactor;
pub use crate::token::fuzzing::volume as token_volume;
pub use crate::vault::fuzzing::answer;

/// What the webhook told: it can be used, or a sentence says why not.
pub fn settings(told: contract::Settings) {
    let nothing = Environment::new([]);
    let settings = Settings::new(Some(told));
    if let Err(error) = settings.and_then(|settings| settings.vault(&nothing)) {
        assert!(!error.to_string().is_empty());
    }
}
