//! For the fuzzer: what others write about a secret that they know.

use super::disclosure::find_disclosure;
use super::{Kind, MARK, RUN, Redactor, Stream};

/// The first line is a secret, the rest a text: no eight bytes of the secret are left in it in a row,
/// nor a shorter credential whole, in one piece or as it is read, and however a reader decodes it.
///
/// # Panics
/// Where that is not so.
pub fn redactor(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let secret = parts.next().unwrap_or_default().trim_ascii();
    let text = String::from_utf8_lossy(parts.next().unwrap_or_default());
    for kind in [Kind::Credential, Kind::Value] {
        let redactor = Redactor::default();
        redactor.learn(kind, secret);
        let foreign = 0..text.len();
        let redacted = redactor.redact(&text, std::slice::from_ref(&foreign));
        assert!(redacted.len() <= text.len() * MARK.len());
        assert_hides(kind, secret, redacted.as_bytes());
        let mut stream = Stream::default();
        let mut passed_on = Vec::new();
        for piece in text.as_bytes().chunks(1 + secret.len()) {
            passed_on.extend(stream.push(piece, &redactor));
        }
        passed_on.extend(stream.finish(&redactor));
        assert_hides(kind, secret, &passed_on);
        // Our own sentences are not touched by values.
        if kind == Kind::Value {
            assert_eq!(redactor.redact(&text, &[]), text);
        }
    }
}

fn assert_hides(kind: Kind, secret: &[u8], text: &[u8]) {
    // A short one is hidden inside of words only if it is a credential of four bytes.
    if secret.len() < 4 || (kind == Kind::Value && secret.len() < RUN) {
        return;
    }
    let found = find_disclosure(text, secret);
    assert_eq!(found, None, "{}", text.escape_ascii());
}
