//! What kubelet makes of `$(NAME)` before a container starts.
//!
//! Rules of `k8s.io/kubernetes/third_party/forked/golang/expansion`: `$$` is `$`, `$(NAME)` is the
//! variable if it is known and stays as it is otherwise; any other `$` is itself. In `env` only
//! the variables before it in the list are known, in `command` and `args` all.

/// A piece of a text as kubelet reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// As it stands in the manifest.
    pub(super) raw: &'a str,
    /// What kubelet makes of it.
    pub(super) meaning: Meaning<'a>,
}

/// What kubelet makes of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning<'a> {
    /// This text.
    Text(&'a str),
    /// The value of the variable of this name, or the piece itself if there is none.
    Variable(&'a str),
}

/// Splits a text at what kubelet would replace.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    // Behind the last `)` nothing is a variable. Without this each `$(` there would be followed to the
    // end of the text.
    let last = text.rfind(')').unwrap_or_default();
    while let Some(dollar) = text[at..].find('$').map(|offset| at + offset) {
        let Some(piece) = replaced(&text[dollar..], dollar < last) else {
            at = dollar + 1;
            continue;
        };
        pieces.extend(kept(&text[start..dollar]));
        at = dollar + piece.raw.len();
        start = at;
        pieces.push(piece);
    }
    pieces.extend(kept(&text[start..]));
    pieces
}

/// The piece at the beginning of `text`, which is a `$`, if kubelet replaces it.
fn replaced(text: &str, has_end: bool) -> Option<Piece<'_>> {
    if text.starts_with("$$") {
        return Some(Piece {
            raw: &text[..2],
            meaning: Meaning::Text("$"),
        });
    }
    let (name, _) = text
        .strip_prefix("$(")
        .filter(|_| has_end)?
        .split_once(')')?;
    Some(Piece {
        raw: &text[..name.len() + 3],
        meaning: Meaning::Variable(name),
    })
}

fn kept(text: &str) -> Option<Piece<'_>> {
    (!text.is_empty()).then_some(Piece {
        raw: text,
        meaning: Meaning::Text(text),
    })
}

/// The names of all variables that a text uses.
pub(super) fn variables(text: &str) -> impl Iterator<Item = &str> {
    pieces(text)
        .into_iter()
        .filter_map(|piece| match piece.meaning {
            Meaning::Text(_) => None,
            Meaning::Variable(name) => Some(name),
        })
}

/// Whether kubelet would change anything in the text.
pub(super) fn is_expanded(text: &str) -> bool {
    text.contains('$') && (text.contains("$$") || text.contains("$("))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Meaning, pieces};

    fn expand(text: &str) -> String {
        pieces(text)
            .into_iter()
            .map(|piece| match piece.meaning {
                Meaning::Text(text) => text,
                Meaning::Variable("A") => "value",
                Meaning::Variable(_) => piece.raw,
            })
            .collect()
    }

    #[test]
    fn as_kubelet_does() {
        // From kubelet's own tests, and what surrounds our references.
        for (text, expanded) in [
            ("$(A)", "value"),
            ("___$(A)___", "___value___"),
            ("___$(A)__$(B)", "___value__$(B)"),
            ("$$(A)", "$(A)"),
            ("___$$(A)_$(A)", "___$(A)_value"),
            ("$$$(A)", "$value"),
            ("$$$$(A)", "$$(A)"),
            ("foo$$(A)$(A)bar", "foo$(A)valuebar"),
            ("$(A", "$(A"),
            ("$(A$(A)", "$(A$(A)"),
            ("$()", "$()"),
            ("$", "$"),
            ("a$", "a$"),
            ("$)", "$)"),
            ("$ü$(A)", "$üvalue"),
            ("${vault:a#b}", "${vault:a#b}"),
            ("$${vault:a#b}", "${vault:a#b}"),
            ("", ""),
        ] {
            assert_eq!(expand(text), expanded, "{text}");
            let raw: String = pieces(text).iter().map(|piece| piece.raw).collect();
            assert_eq!(raw, text);
        }
    }

    #[test]
    fn a_text_is_looked_through_once() {
        let begin = Instant::now();
        let open = "$(".repeat(400_000);
        assert_eq!(pieces(&open).len(), 1);
        let (closed, behind) = (format!("{open})"), format!(")$(A){open}"));
        assert_eq!(pieces(&closed).len(), 1);
        assert_eq!(pieces(&behind).len(), 3);
        // Not for each `$(`, which takes a third of a minute.
        assert!(begin.elapsed() < Duration::from_secs(5));
    }
}
