//! The value of an environment variable, and an entry of `from-path`.

use templates::{EnvValue, FromPath, VaultPath};

use crate::assert_sentence;

/// A value is plain, or its references can be written and read again, or a sentence says why not.
pub fn reference(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    match EnvValue::parse(text) {
        Ok(value) => value.references().for_each(|reference| {
            let written = reference.to_string();
            let again = EnvValue::parse(&written);
            assert_eq!(again, Ok(EnvValue::Direct(reference.clone())), "{written}");
        }),
        Err(error) => assert_sentence(&error.to_string()),
    }
    match text.parse::<FromPath>() {
        Ok(entry) => assert_eq!(entry.to_string().parse().as_ref(), Ok(&entry), "{entry}"),
        Err(error) => assert_sentence(&error.to_string()),
    }
    match text.parse::<VaultPath>() {
        Ok(path) => assert_eq!(path.to_string().parse().as_ref(), Ok(&path), "{path}"),
        Err(error) => assert_sentence(&error.to_string()),
    }
}
