//! The Vault token: where it is read, and what becomes of its file.

mod client_token;
mod error;
mod foreign;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod record;
mod shred;
mod volume;
mod wrapped;

use std::os::fd::AsFd;
use std::path::Path;

use nix::fcntl::AT_FDCWD;
use secrecy::ExposeSecret as _;

pub(crate) use client_token::Token;
pub(crate) use error::TokenError;
pub(crate) use foreign::ForeignToken;
pub(crate) use record::{Record, Rerun, this_process};
pub(crate) use shred::shred;
pub(crate) use volume::{HANDED_OVER, TokenVolume};
pub(crate) use wrapped::Wrapped;

use crate::files::{self, FileError};
use crate::settings::token_source::TokenSource;

/// Longest token file. A batch token carries its metadata and can have several KiB; Go's server
/// takes headers of 1 MiB together.
const LONGEST: u64 = 32 * 1024;

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
