//! Exit codes of env-exec: documented, stable, and few. After exec the code is the program's own.

/// Why env-exec ended without becoming the program.
///
/// 126 and 127 are what a shell gives. The others lie in a range that neither shells (1, 2,
/// 124 to 127, 128 + signal) nor `sysexits.h` (64 to 78) use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// Usage, [`crate::Settings`] or the Vault client's variables are wrong.
    Settings,
    /// A reference cannot be resolved, or its value cannot be an environment variable.
    Reference,
    /// Vault answered and refused: login, token or policy.
    Refused,
    /// Vault did not answer, or not usefully, until the deadline.
    Unreachable,
    /// There is no token: the init containers must run again. Reserved: the webhook's
    /// `restartPolicyRules` name this code, so a program of your own should not end with it.
    Rerun,
    /// There is no token, and a rerun is not asked for or did not help.
    NoToken,
    /// The program was found and cannot be executed.
    NotExecutable,
    /// The program was not found.
    NotFound,
}

impl ExitCode {
    /// Every code, in the order of the reference page.
    pub const ALL: [Self; 8] = [
        Self::Settings,
        Self::Reference,
        Self::Refused,
        Self::Unreachable,
        Self::Rerun,
        Self::NoToken,
        Self::NotExecutable,
        Self::NotFound,
    ];

    /// The number that the process ends with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Settings => 113,
            Self::Reference => 114,
            Self::Refused => 115,
            Self::Unreachable => 116,
            Self::Rerun => 117,
            Self::NoToken => 118,
            Self::NotExecutable => 126,
            Self::NotFound => 127,
        }
    }

    /// One word for machines: the `code` field of the JSON error line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Reference => "reference",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Rerun => "rerun",
            Self::NoToken => "no-token",
            Self::NotExecutable => "not-executable",
            Self::NotFound => "not-found",
        }
    }

    /// The meaning, for the reference page.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Settings => {
                "The command line, `TOKENPIPE_SETTINGS` or a Vault client variable is wrong, or \
                 env-exec cannot work in this container."
            }
            Self::Reference => {
                "env-exec cannot resolve a reference, because its text, path, key, template or \
                 lease is wrong, or because the secret or key does not exist. Or the values do not \
                 fit into the environment."
            }
            Self::Refused => {
                "Vault answered, and denied the login, the token or the request, for example with \
                 403."
            }
            Self::Unreachable => {
                "Vault did not answer before the deadline, or gave no usable answer, such as a \
                 redirect or an untrusted certificate."
            }
            Self::Rerun => {
                "There is no token that Vault accepts, so the init containers must run again. The \
                 pod's restart rules use this code, so a program should not end with it."
            }
            Self::NoToken => {
                "There is no token, and env-exec asks for no rerun, or reruns did not help."
            }
            Self::NotExecutable => "The program was found but cannot be executed.",
            Self::NotFound => "The program was not found.",
        }
    }

    /// Where to look first, for the reference page in `docs/reference/`.
    pub const fn first_step(self) -> &'static str {
        match self {
            Self::Settings => "the annotation, key, variable or file that the message names",
            Self::Reference => "the path, key or template that the message names",
            Self::Refused => {
                "the role of the login and its policies; after an expired token \
                 [restarts](../restart.md)"
            }
            Self::Unreachable => "address, network, Vault's certificate; whether Vault is sealed",
            Self::Rerun => "none after one restart; else [restarts](../restart.md)",
            Self::NoToken => "[restarts](../restart.md); outside a pod, a token",
            Self::NotExecutable => "the path or interpreter that the message names",
            Self::NotFound => "the command and `PATH`; for the agent, `images.agent`",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ExitCode;

    /// Restart rules and scripts have the numbers, and programs that read the JSON line the words.
    #[test]
    fn codes_and_names_never_change() {
        let pairs = ExitCode::ALL.map(|code| (code.code(), code.name()));
        let expected = [
            (113, "settings"),
            (114, "reference"),
            (115, "refused"),
            (116, "unreachable"),
            (117, "rerun"),
            (118, "no-token"),
            (126, "not-executable"),
            (127, "not-found"),
        ];
        assert_eq!(pairs, expected);
    }
}
