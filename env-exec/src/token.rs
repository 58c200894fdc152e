//! The Vault token: where it is read, and what becomes of its file.

mod foreign;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod record;
mod shred;
mod volume;
mod wrapped;

use std::os::fd::AsFd;
use std::path::Path;

use contract::names::ANNOTATION_PREFIX;
use nix::fcntl::AT_FDCWD;
use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;

pub(crate) use foreign::ForeignToken;
pub(crate) use record::{Record, Rerun, this_process};
pub(crate) use shred::shred;
pub(crate) use volume::{HANDED_OVER, TokenVolume};
pub(crate) use wrapped::Wrapped;

use crate::files::{self, FileError};
use crate::settings::TokenSource;

/// Longest token file. A batch token carries its metadata and can have several KiB; Go's server
/// takes headers of 1 MiB together.
const LONGEST: u64 = 32 * 1024;

/// A client token of Vault's: visible ASCII, so that it can stand in a header.
pub(crate) struct Token(SecretString);

/// Why there is no token. Never shows what was read.
#[derive(Debug, Error)]
pub(crate) enum TokenError {
    #[error("token file {path} {problem}")]
    File { path: String, problem: FileError },
    #[error("token file {path} is empty")]
    Empty { path: String },
    #[error("{place} holds a token with a space or control character inside")]
    Characters { place: String },
    #[error(
        "no token: set VAULT_TOKEN, BAO_TOKEN or VAULT_TOKEN_FILE, or log in with `vault login`, which \
         writes ~/.vault-token"
    )]
    None,
    #[error("the token file begins like a wrapped token and is none")]
    WrapInfo,
    #[error(
        "token file {path} holds a wrapped token, which gives the real one only once: have the \
         real one written, or set {ANNOTATION_PREFIX}restart to \"fail\""
    )]
    WrappedAndKept { path: String },
    #[error("the token volume cannot be written: {0}")]
    NotWritten(std::io::Error),
    #[error("{path} cannot be shredded: {reason}")]
    NotShredded { path: String, reason: String },
}

impl Token {
    /// The token, to be sent or handed on.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// A token that Vault gave.
    pub(crate) fn new(text: &str) -> Option<Self> {
        Self::parse(text.as_bytes(), String::new).ok().flatten()
    }

    /// The wrapping token, where the agent was told to let the token travel wrapped.
    pub(crate) fn wrapped(&self) -> Result<Option<Wrapped>, TokenError> {
        Wrapped::parse(self.expose())
    }

    /// Takes the text of a file or variable; `None` if it is empty. White space around it is none of
    /// the token, as for Vault's own client.
    fn parse(text: &[u8], place: impl FnOnce() -> String) -> Result<Option<Self>, TokenError> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Ok(None);
        }
        str::from_utf8(text)
            .ok()
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()))
            .map(|text| Some(Self(text.into())))
            .ok_or_else(|| TokenError::Characters { place: place() })
    }
}

/// Reads the token of a stand-alone start.
pub(crate) fn standalone(source: &TokenSource) -> Result<Token, TokenError> {
    match source {
        TokenSource::Variable(name, text) => {
            let place = || (*name).into();
            Token::parse(text.expose_secret().as_bytes(), place)?.ok_or(TokenError::None)
        }
        TokenSource::File(path) => file(path),
        TokenSource::Home(Some(path)) => match file(path) {
            Err(TokenError::File {
                problem: FileError::Missing,
                ..
            }) => Err(TokenError::None),
            result => result,
        },
        TokenSource::Home(None) => Err(TokenError::None),
    }
}

/// Reads the token in a directory; `None` if there is no file, or an empty one.
pub(crate) fn read_at(
    directory: impl AsFd,
    name: &str,
    shown: impl Fn() -> String,
) -> Result<Option<Token>, TokenError> {
    match files::read_regular(directory, Path::new(name), LONGEST) {
        Ok(bytes) => Token::parse(&bytes, shown),
        Err(FileError::Missing) => Ok(None),
        Err(problem) => Err(TokenError::File {
            path: shown(),
            problem,
        }),
    }
}

fn file(path: &Path) -> Result<Token, TokenError> {
    let shown = || path.display().to_string();
    let bytes =
        files::read_regular(AT_FDCWD, path, LONGEST).map_err(|problem| TokenError::File {
            path: shown(),
            problem,
        })?;
    Token::parse(&bytes, shown)?.ok_or_else(|| TokenError::Empty { path: shown() })
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn a_token_is_visible_ascii() {
        let token = |text: &[u8]| Token::parse(text, || "here".into());
        for text in [
            "hvs.abc",
            "hvs.abc\n",
            "hvs.abc\r\n",
            "hvs.abc \n\n",
            " hvs.abc",
            "\n\thvs.abc ",
        ] {
            assert_eq!(token(text.as_bytes()).unwrap().unwrap().expose(), "hvs.abc");
        }
        for text in ["", "\n", " \t\r\n"] {
            assert!(token(text.as_bytes()).unwrap().is_none());
        }
        for text in [
            &b"hvs.a\nb"[..],
            b"hvs.a b",
            b"\x00",
            b"hvs.\xff",
            "hvs.é".as_bytes(),
            b" hvs.a b ",
            b"\xc2\xa0hvs.a",
        ] {
            let Err(error) = token(text) else {
                panic!("{} was accepted", text.escape_ascii())
            };
            assert!(!error.to_string().contains("hvs"), "{error}");
        }
    }
}
