//! The settings variable's value.

use contract::Settings;

/// The settings variable's value as a manifest has it: kubelet makes one dollar of two.
pub(crate) fn settings_text(settings: &Settings) -> String {
    settings_json(settings).replace('$', "$$")
}

/// The settings variable's value as env-exec has it.
#[expect(
    clippy::expect_used,
    reason = "all keys are strings, and nothing in it can fail"
)]
pub(super) fn settings_json(settings: &Settings) -> String {
    serde_json::to_string(settings).expect("settings are JSON")
}
