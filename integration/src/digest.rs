//! Digests as text.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// SHA-256 in 64 hexadecimal digits, as `sha256sum` prints it.
pub(crate) fn hash_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_known_digest() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::hash_sha256(b"abc"), expected);
    }
}
