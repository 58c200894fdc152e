//! "Did you mean": the nearest known spelling of a word that is not known.

/// The entry of `known` that `word` was most likely meant to be, or `None` when none is near.
///
/// Case and `-`, `_`, `.` do not count, so that `roleId` finds `role_id`.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&folded, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= allowance(candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many edits apart two spellings may be: a third of the word, at least one.
fn allowance(candidate: &str) -> usize {
    (candidate.chars().count() / 3).max(1)
}

fn fold(word: &str) -> String {
    // A word that nobody could have meant is not worth a quadratic comparison.
    word.chars()
        .take(128)
        .filter(|c| !matches!(c, '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const KNOWN: [&str; 4] = ["role", "role_id_file_path", "token_path", "mount-path"];

    #[test]
    fn a_slip_finds_the_word() {
        assert_eq!(nearest("rol", KNOWN), Some("role"));
        assert_eq!(nearest("Role", KNOWN), Some("role"));
        assert_eq!(nearest("mountPath", KNOWN), Some("mount-path"));
        assert_eq!(
            nearest("roleid_file_path", KNOWN),
            Some("role_id_file_path")
        );
        assert_eq!(nearest("tokne_path", KNOWN), Some("token_path"));
    }

    #[test]
    fn a_stranger_finds_nothing() {
        assert_eq!(nearest("secret", KNOWN), None);
        assert_eq!(nearest("", KNOWN), None);
        assert_eq!(nearest(&"x".repeat(1_000_000), KNOWN), None);
    }
}
