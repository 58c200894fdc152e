//! Annotations that are lists: sets of entries, bounded in bytes and in count.

use std::collections::BTreeSet;

use contract::limits::{ANNOTATION_ENTRIES, ANNOTATION_LIST};
use contract::message::thousands;

/// The different entries of a list with commas, each where it is named last, without the white space
/// around it. The error says which bound the list exceeds.
pub(super) fn entries(text: &str) -> Result<Vec<&str>, String> {
    let kib = ANNOTATION_LIST / 1024;
    if text.len() > ANNOTATION_LIST {
        return Err(format!("the list is larger than {kib} KiB; shorten it"));
    }
    let mut known = BTreeSet::new();
    let mut entries = Vec::new();
    for entry in text.rsplit(',').map(str::trim) {
        if !known.insert(entry) {
            continue;
        }
        if entries.len() == ANNOTATION_ENTRIES {
            let most = thousands(ANNOTATION_ENTRIES);
            return Err(format!("the list has more than {most} entries; shorten it"));
        }
        entries.push(entry);
    }
    entries.reverse();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ANNOTATION_ENTRIES, ANNOTATION_LIST, entries};

    #[test]
    fn repeated_entry_counts_once_and_last() {
        assert_eq!(entries("a, b ,a,c"), Ok(vec!["b", "a", "c"]));
        assert_eq!(
            entries(&"a,".repeat(ANNOTATION_ENTRIES * 2)),
            Ok(vec!["a", ""])
        );
    }

    #[test]
    fn list_beyond_its_bounds_is_rejected() {
        let numbers = |count: usize| {
            (0..count)
                .map(|n| n.to_string())
                .collect::<Vec<_>>()
                .join(",")
        };
        assert_eq!(
            entries(&numbers(ANNOTATION_ENTRIES)).unwrap().len(),
            ANNOTATION_ENTRIES
        );
        let error = entries(&numbers(ANNOTATION_ENTRIES + 1)).unwrap_err();
        assert_eq!(error, "the list has more than 4,096 entries; shorten it");
        assert!(entries(&"a".repeat(ANNOTATION_LIST)).is_ok());
        let error = entries(&"a".repeat(ANNOTATION_LIST + 1)).unwrap_err();
        assert_eq!(error, "the list is larger than 128 KiB; shorten it");
    }

    proptest! {
        #[test]
        fn any_list_becomes_a_set_of_its_entries(text in "[ab ,]{0,64}") {
            let found = entries(&text).unwrap();
            let all: std::collections::BTreeSet<_> = text.split(',').map(str::trim).collect();
            prop_assert_eq!(found.len(), all.len());
            prop_assert!(found.iter().all(|entry| all.contains(entry)));
            // The last of the text is the last of the set: a later path wins over an earlier one.
            prop_assert_eq!(found.last().copied(), text.rsplit(',').next().map(str::trim));
        }
    }
}
