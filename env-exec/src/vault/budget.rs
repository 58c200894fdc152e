//! What all answers of one start may cost together.

use std::sync::atomic::{AtomicUsize, Ordering};

use contract::limits::{ANSWERS_BYTES, ANSWERS_ELEMENTS};

use super::error::VaultError;

/// What is left for answers that are still to come.
pub(super) struct Budget {
    bytes: AtomicUsize,
    elements: AtomicUsize,
}

/// Bytes of one answer that is being read. They are given back unless it is kept.
pub(super) struct Reading<'a> {
    budget: &'a Budget,
    bytes: usize,
}

impl Budget {
    /// Nothing has come yet.
    pub(super) fn new() -> Self {
        Self {
            bytes: AtomicUsize::new(ANSWERS_BYTES),
            elements: AtomicUsize::new(ANSWERS_ELEMENTS),
        }
    }

    /// An answer begins to come.
    pub(super) fn begin(&self) -> Reading<'_> {
        Reading {
            budget: self,
            bytes: 0,
        }
    }
}

impl Reading<'_> {
    /// More of it has come.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), VaultError> {
        take(&self.budget.bytes, bytes).ok_or(VaultError::TooLarge {
            limit: ANSWERS_BYTES,
            unit: "bytes",
        })?;
        self.bytes += bytes;
        Ok(())
    }

    /// All of it has come, and is held until the program starts.
    pub(super) fn keep(mut self, body: &[u8]) -> Result<(), VaultError> {
        take(&self.budget.elements, count_elements(body)).ok_or(VaultError::TooLarge {
            limit: ANSWERS_ELEMENTS,
            unit: "values and names",
        })?;
        self.bytes = 0;
        Ok(())
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.budget.bytes.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

fn take(left: &AtomicUsize, amount: usize) -> Option<usize> {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(amount)
    })
    .ok()
}

/// How many values and names a JSON text has, at most: each but the first follows one of `,:[{`.
/// Counted before the text is read, because each takes more memory than its bytes.
fn count_elements(json: &[u8]) -> usize {
    let mut elements = 1;
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => skip_text(&mut bytes),
            b',' | b':' | b'[' | b'{' => elements += 1,
            _ => {}
        }
    }
    elements
}

/// Goes to the end of a text that has begun.
fn skip_text(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ANSWERS_BYTES, ANSWERS_ELEMENTS, Budget, count_elements};
    use proptest::prelude::*;

    #[test]
    fn elements_are_values_and_names() {
        for (json, elements) in [
            ("1", 1),
            (r#"{"a":1}"#, 3),
            ("[1,2,3]", 4),
            (r#"["a,b:c[d{e","\"\\",{"x\"":[]}]"#, 7),
            ("[", 2),
            (r#""\"#, 1),
        ] {
            assert_eq!(count_elements(json.as_bytes()), elements, "{json}");
        }
    }

    fn values(json: &serde_json::Value) -> usize {
        match json {
            serde_json::Value::Array(items) => 1 + items.iter().map(values).sum::<usize>(),
            serde_json::Value::Object(map) => {
                1 + map.values().map(|v| 1 + values(v)).sum::<usize>()
            }
            _ => 1,
        }
    }

    proptest! {
        #[test]
        fn no_element_is_missed(json in r#"(\[|\]|\{|\}|,|:|1|"a"|"\\""){0,12}"#) {
            if let Ok(value) = serde_json::from_str(&json) {
                prop_assert!(count_elements(json.as_bytes()) >= values(&value), "{json}");
            }
        }
    }

    #[test]
    fn answers_share_the_budget_and_failed_attempts_do_not() {
        let budget = Budget::new();
        let half = ANSWERS_BYTES / 2;
        for _ in 0..10 {
            budget.begin().take(ANSWERS_BYTES).unwrap();
        }
        for _ in 0..2 {
            let mut reading = budget.begin();
            reading.take(half).unwrap();
            reading.keep(b"{}").unwrap();
        }
        let error = budget.begin().take(1).unwrap_err();
        assert!(error.to_string().contains("8388608 bytes"), "{error}");
        let many = vec![b','; ANSWERS_ELEMENTS];
        let error = budget.begin().keep(&many).unwrap_err();
        assert!(
            error.to_string().contains("524288 values and names"),
            "{error}"
        );
    }
}
