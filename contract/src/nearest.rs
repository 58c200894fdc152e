//! "Did you mean": the nearest known spelling of a word that is not known.

use crate::limits::SUGGESTION_CANDIDATES;

/// Characters of a word that are compared.
const LONGEST: usize = 128;

/// The entry of `known` that `word` was most likely meant to be, or `None` when none is near.
///
/// Case and `-`, `_`, `.` do not count, so that `roleId` finds `role_id`.
/// What is too long to be a slip of the other is not compared, and no more than
/// [`SUGGESTION_CANDIDATES`] are.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    let length = folded.chars().count();
    known
        .into_iter()
        .take(SUGGESTION_CANDIDATES)
        .filter(|candidate| candidate.len() <= LONGEST * 4)
        .filter_map(|candidate| {
            let other = fold(candidate);
            let allowed = allowance(candidate);
            let is_near = length.abs_diff(other.chars().count()) <= allowed;
            let distance = is_near.then(|| strsim::osa_distance(&folded, &other))?;
            (distance <= allowed).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The question behind a word that is not known.
pub fn suggest(nearest: &str) -> String {
    format!("did you mean \"{nearest}\"?")
}

/// The same as the end of a sentence, or nothing.
pub fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("; {}", suggest(nearest)))
}

/// The same, and where nothing is near the words that are known.
pub fn did_you_mean_or(nearest: Option<&str>, known: &str) -> String {
    nearest.map_or_else(
        || format!("; known are {known}"),
        |nearest| did_you_mean(Some(nearest)),
    )
}

/// How many edits apart two spellings may be: a third of the word, at least one.
fn allowance(candidate: &str) -> usize {
    (candidate.chars().count() / 3).max(1)
}

fn fold(word: &str) -> String {
    // A word that nobody could have meant is not worth a quadratic comparison.
    word.chars()
        .take(LONGEST)
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

    #[test]
    fn nearest_long_candidate_is_no_suggestion() {
        // A third of its length is more than any distance of what is compared.
        assert_eq!(nearest("rol", [&*"x".repeat(10_000)]), None);
        let many = std::iter::repeat_n("abcd", 2_000).chain(["role"]);
        assert_eq!(nearest("rol", many), None);
    }
}
