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

/// The pieces of a text, one after the other: a list of them would take twenty times the text.
pub(super) struct Pieces<'a> {
    text: &'a str,
    /// Where the next piece begins.
    start: usize,
    /// Where the next `$` is looked for.
    at: usize,
    /// Behind the last `)` nothing is a variable. Without this each `$(` there would be followed to
    /// the end of the text.
    last: usize,
    /// The piece behind the text that was given last.
    replaced: Option<Piece<'a>>,
}

/// Splits a text at what kubelet would replace.
pub(super) fn pieces(text: &str) -> Pieces<'_> {
    Pieces {
        text,
        start: 0,
        at: 0,
        last: text.rfind(')').unwrap_or_default(),
        replaced: None,
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if let Some(piece) = self.replaced.take() {
            return Some(piece);
        }
        while let Some(dollar) = self.text[self.at..]
            .find('$')
            .map(|offset| self.at + offset)
        {
            let Some(piece) = replaced(&self.text[dollar..], dollar < self.last) else {
                self.at = dollar + 1;
                continue;
            };
            let kept = kept(&self.text[self.start..dollar]);
            self.at = dollar + piece.raw.len();
            self.start = self.at;
            if kept.is_none() {
                return Some(piece);
            }
            self.replaced = Some(piece);
            return kept;
        }
        let rest = kept(&self.text[self.start..]);
        self.start = self.text.len();
        self.at = self.start;
        rest
    }
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
    pieces(text).filter_map(|piece| match piece.meaning {
        Meaning::Text(_) => None,
        Meaning::Variable(name) => Some(name),
    })
}

/// Whether the text may take another variable. Most have no `$`, which one byte decides.
pub(super) fn may_take(text: &str) -> bool {
    text.contains('$') && text.contains("$(")
}

/// Whether kubelet would change anything in the text.
pub(super) fn is_expanded(text: &str) -> bool {
    text.contains("$$") || may_take(text)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Meaning, pieces};

    fn expand(text: &str) -> String {
        pieces(text)
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
            let raw: String = pieces(text).map(|piece| piece.raw).collect();
            assert_eq!(raw, text);
        }
    }

    #[test]
    fn a_text_is_looked_through_once() {
        let begin = Instant::now();
        let open = "$(".repeat(400_000);
        assert_eq!(pieces(&open).count(), 1);
        let (closed, behind) = (format!("{open})"), format!(")$(A){open}"));
        assert_eq!(pieces(&closed).count(), 1);
        assert_eq!(pieces(&behind).count(), 3);
        // Not for each `$(`, which takes a third of a minute.
        assert!(begin.elapsed() < Duration::from_secs(5));
    }
}
