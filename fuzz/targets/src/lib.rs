//! What must hold for any bytes: each function parses its input as the product does, and panics if a
//! promise does not hold. The fuzzer calls them, and so do the tests, on [`seeds`] and changed ones.

#![forbid(unsafe_code)]
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a promise that does not hold must end the fuzzer"
)]

#[cfg(feature = "webhook")]
mod admission;
#[cfg(feature = "webhook")]
mod login;
#[cfg(feature = "webhook")]
mod migrate;
mod reference;
#[cfg(feature = "webhook")]
pub mod seeds;
mod template;
mod template_work;

#[cfg(feature = "webhook")]
pub use admission::admission;
pub use env_exec::fuzzing::{agent_output, answer, redactor, token_volume};
#[cfg(feature = "webhook")]
pub use login::{agent_file, login};
#[cfg(feature = "webhook")]
pub use migrate::migration;
pub use reference::reference;
pub use template::template;
pub use template_work::{ran, template_work, template_work_instrumented};

/// A target: its name, what it does, and inputs to begin with.
#[cfg(feature = "webhook")]
pub struct Target {
    /// As in `fuzz/fuzz_targets/`.
    pub name: &'static str,
    /// Panics if a promise does not hold.
    pub run: fn(&[u8]),
    /// Inputs that reach far.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
#[cfg(feature = "webhook")]
pub const ALL: &[Target] = &[
    Target {
        name: "reference",
        run: reference,
        seeds: seeds::references,
    },
    Target {
        name: "template",
        run: template,
        seeds: seeds::templates,
    },
    Target {
        name: "template_work",
        run: template_work,
        seeds: seeds::costly_templates,
    },
    Target {
        name: "settings",
        run: settings,
        seeds: seeds::settings,
    },
    Target {
        name: "token_volume",
        run: token_volume,
        seeds: seeds::token_volumes,
    },
    Target {
        name: "agent_output",
        run: agent_output,
        seeds: seeds::agent_outputs,
    },
    Target {
        name: "answer",
        run: answer,
        seeds: seeds::answers,
    },
    Target {
        name: "redactor",
        run: redactor,
        seeds: seeds::echoes,
    },
    Target {
        name: "login",
        run: login,
        seeds: seeds::logins,
    },
    Target {
        name: "agent_file",
        run: agent_file,
        seeds: seeds::agent_files,
    },
    Target {
        name: "admission",
        run: admission,
        seeds: seeds::reviews,
    },
    Target {
        name: "migration",
        run: migration,
        seeds: seeds::migrations,
    },
];

/// What the webhook told, as env-exec reads it: what is read can be written and read again.
pub fn settings(bytes: &[u8]) {
    if let Ok(settings) = serde_json::from_slice::<contract::Settings>(bytes) {
        let json = serde_json::to_vec(&settings).expect("settings can be written");
        let again = serde_json::from_slice::<contract::Settings>(&json).ok();
        assert_eq!(again.as_ref(), Some(&settings));
        env_exec::fuzzing::settings(settings);
    }
}

/// A message for a person is one line, and holds nothing that a terminal would act on.
fn assert_sentence(message: &str) {
    assert!(!message.chars().any(char::is_control), "{message:?}");
}
