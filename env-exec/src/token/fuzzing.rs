//! For the fuzzer: the files in a container's token volume, which its program can write to.

use super::{Record, Token, Wrapped};

/// A token can stand in a header; a record is read as it is written; no error shows what was read.
///
/// # Panics
/// Where that is not so.
pub fn volume(bytes: &[u8]) {
    match Token::parse(bytes, || "here".into()) {
        Ok(Some(token)) => {
            assert!(token.expose().bytes().all(|byte| byte.is_ascii_graphic()));
            if let Err(error) = Wrapped::find(&token) {
                assert!(!error.to_string().contains(token.expose()));
            }
        }
        Ok(None) => assert!(bytes.trim_ascii_end().is_empty()),
        Err(error) => assert_eq!(
            error.to_string(),
            "here holds a token with a space or control character inside"
        ),
    }
    let record = Record::parse(bytes);
    assert_eq!(Record::parse(&record.to_json()), record);
    let _ = record.program_runs();
    for rerun in &record.reruns {
        assert!(rerun.describe().chars().count() < 600);
    }
}
