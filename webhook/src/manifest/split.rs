//! A file's documents, as kubectl tells them apart: by lines, before anything is parsed.

use super::ManifestError;
use crate::excerpt::excerpt;

const SEPARATOR: &str = "---";

/// The text between two separators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Piece<'t> {
    /// The line before it, with its end.
    pub(super) separator: &'t str,
    pub(super) text: &'t str,
    /// Number of the first line of `text`.
    pub(super) line: usize,
}

/// All pieces; together they are the file.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut next = Some(("", text, 1));
    std::iter::from_fn(move || {
        let (separator, rest, line) = next.take()?;
        let (text, behind) = rest.split_at(end_of_piece(rest));
        if !behind.is_empty() {
            let (separator, rest) = behind.split_at(end_of_line(behind));
            next = Some((separator, rest, line + text.matches('\n').count() + 1));
        }
        Some(Piece {
            separator,
            text,
            line,
        })
    })
    .filter(|piece| !(piece.separator.is_empty() && piece.text.is_empty()))
}

fn end_of_piece(text: &str) -> usize {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with(SEPARATOR) {
            return end;
        }
        end += line.len();
    }
    end
}

fn end_of_line(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |end| end + 1)
}

impl Piece<'_> {
    /// Behind the three dashes kubectl takes a comment and nothing else.
    pub(super) fn check_separator(&self) -> Result<(), ManifestError> {
        let behind = self.separator.strip_prefix(SEPARATOR).unwrap_or_default();
        let behind = behind.trim();
        if behind.is_empty() || behind.starts_with('#') {
            return Ok(());
        }
        Err(ManifestError::Yaml {
            line: self.line - 1,
            reason: format!(
                "kubectl takes only a comment after `---`, found `{}`; put it on the next line",
                excerpt(behind)
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn pieces_are_split_by_lines_and_make_up_the_file() {
        for (text, expected) in [
            ("", &[][..]),
            ("a: 1\n", &[("", "a: 1\n", 1)]),
            (
                "---\na: 1\n---\n",
                &[("---\n", "a: 1\n", 2), ("---\n", "", 4)],
            ),
            (
                "a: |\n  ---\n--- # two\r\n# c\nb: 2",
                &[("", "a: |\n  ---\n", 1), ("--- # two\r\n", "# c\nb: 2", 4)],
            ),
            ("a\n---", &[("", "a\n", 1), ("---", "", 3)]),
            ("---\n---\n", &[("---\n", "", 2), ("---\n", "", 3)]),
        ] {
            let found: Vec<_> = pieces(text)
                .map(|piece| (piece.separator, piece.text, piece.line))
                .collect();
            assert_eq!(found, expected, "{text:?}");
            let whole: String = found
                .iter()
                .flat_map(|(separator, text, _)| [*separator, *text])
                .collect();
            assert_eq!(whole, text);
        }
    }

    #[test]
    fn separator_with_content_is_an_error_with_its_line() {
        for (text, line) in [
            ("a: 1\n--- {b: 2}\n", Some("line 2: ")),
            ("----\n", Some("line 1: ")),
            ("---\tx: 1\n", Some("line 1: ")),
            ("---   # comment\n", None),
            ("--- \r\n", None),
        ] {
            let error = pieces(text).find_map(|piece| piece.check_separator().err());
            let error = error.map(|error| error.to_string());
            assert_eq!(
                error.as_ref().map(|error| &error[..8]),
                line,
                "{text:?}: {error:?}"
            );
        }
    }
}
