//! Which texts begin with a reference: the one table that the parser, the chart's policy and the
//! page about references have in common.
//!
//! [`FORMS`] says how the text behind `vault:` or `>>vault:` goes on. The classes of neighbouring
//! atoms share no character, so a form is followed from left to right without going back, and RE2
//! reads the same from the regular expression that [`printed`] makes of it.

#[cfg(feature = "reference")]
pub(crate) mod printed;
#[cfg(test)]
mod tests;

use super::{READ, WRITE};

/// Where a reference stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// At the end of the value.
    OfText,
    /// At the first `}` that belongs to nothing inside the reference.
    AtBrace,
}

/// One way in which a reference goes on.
pub(crate) struct Form {
    /// What is there, one after the other.
    pub(crate) atoms: &'static [Atom],
    /// For the page.
    #[cfg_attr(
        not(any(test, feature = "reference")),
        expect(dead_code, reason = "printed")
    )]
    pub(crate) meaning: &'static str,
    /// A whole value of that form.
    #[cfg_attr(
        not(any(test, feature = "reference")),
        expect(dead_code, reason = "printed")
    )]
    pub(crate) example: &'static str,
}

/// A part of a form.
#[derive(Clone, Copy)]
pub(crate) enum Atom {
    /// This text.
    Text(&'static str),
    /// One character of the class.
    One(Class),
    /// One and more.
    Some(Class),
    /// Any number.
    Many(Class),
    /// The end of the reference.
    End,
}

/// A set of characters.
#[derive(Clone, Copy)]
pub(crate) enum Class {
    /// `0` to `9`.
    Digit,
    /// Of the path's first segment: no white space, no `/`, no `#`; inline no brace either.
    Head,
    /// The same, but no digit.
    HeadStart,
    /// The same, and nothing that ends a port.
    BehindDigits,
    /// The same, but no dollar.
    BeforeDollar,
    /// What ends the path's first segment.
    Stop,
    /// Anything but a second slash.
    NoSlash,
}

/// The forms of a reference. Any other text is no reference.
pub(crate) const FORMS: &[Form] = &[
    Form {
        atoms: &[
            Atom::One(Class::HeadStart),
            Atom::Many(Class::Head),
            Atom::One(Class::Stop),
        ],
        meaning: "a path: a `/` or `#`, and no white space before the first of them",
        example: "vault:secret/data/db#password",
    },
    Form {
        atoms: &[Atom::Some(Class::Digit), Atom::One(Class::Stop)],
        meaning: "the same, where digits begin it",
        example: "vault:8200/data#key",
    },
    Form {
        atoms: &[
            Atom::Some(Class::Digit),
            Atom::One(Class::BehindDigits),
            Atom::Many(Class::Head),
            Atom::One(Class::Stop),
        ],
        meaning: "the same, where digits begin it that are no port",
        example: "vault:1password/data/db#key",
    },
    Form {
        atoms: &[Atom::Text("v"), Atom::Some(Class::Digit), Atom::Text(":")],
        meaning: "a ciphertext of the transit engine",
        example: "vault:v1:8SDd3WHDOjf7mq69==",
    },
    Form {
        atoms: &[Atom::Text("login"), Atom::End],
        meaning: "the client token, for `VAULT_TOKEN`",
        example: "vault:login",
    },
    Form {
        atoms: &[Atom::Many(Class::BeforeDollar), Atom::Text("$(")],
        meaning: "a part that only kubelet knows",
        example: "vault:$(PATH)",
    },
    Form {
        atoms: &[Atom::Text("#")],
        meaning: "an empty path, which is an error",
        example: "vault:#password",
    },
    Form {
        atoms: &[Atom::Text("/"), Atom::One(Class::NoSlash)],
        meaning: "a path with a `/` before it, which is an error",
        example: "vault:/secret/data/db#password",
    },
    Form {
        atoms: &[Atom::Text("/"), Atom::End],
        meaning: "a `/` alone, which is an error",
        example: "vault:/",
    },
];

/// Whether `text` begins with what must be a reference, as the whole value of a variable.
pub fn starts_reference(text: &str) -> bool {
    starts(text, End::OfText)
}

/// Whether `text` begins with what must be a reference that ends there.
pub(crate) fn starts(text: &str, end: End) -> bool {
    let rest = text.strip_prefix(WRITE).or_else(|| text.strip_prefix(READ));
    rest.is_some_and(|rest| FORMS.iter().any(|form| follows(form.atoms, rest, end)))
}

fn follows(atoms: &[Atom], text: &str, end: End) -> bool {
    let mut rest = text;
    atoms.iter().all(|atom| match follow(*atom, rest, end) {
        Some(behind) => {
            rest = behind;
            true
        }
        None => false,
    })
}

/// What is behind the atom, if the text begins with it.
fn follow(atom: Atom, text: &str, end: End) -> Option<&str> {
    match atom {
        Atom::Text(literal) => text.strip_prefix(literal),
        Atom::One(class) => text.strip_prefix(|c| class.has(c, end)),
        Atom::Many(class) => Some(text.trim_start_matches(|c| class.has(c, end))),
        Atom::Some(class) => {
            let rest = text.strip_prefix(|c| class.has(c, end))?;
            Some(rest.trim_start_matches(|c| class.has(c, end)))
        }
        Atom::End => match end {
            End::OfText => text.is_empty().then_some(text),
            End::AtBrace => text.strip_prefix('}'),
        },
    }
}

impl Class {
    fn has(self, c: char, end: End) -> bool {
        match self {
            Self::Digit => c.is_ascii_digit(),
            Self::Stop => matches!(c, '/' | '#'),
            Self::NoSlash => c != '/',
            Self::Head | Self::HeadStart | Self::BehindDigits | Self::BeforeDollar => {
                let is_left_out = self.is_without_digits() && c.is_ascii_digit();
                !(is_left_out || c.is_whitespace() || self.ends(end).contains(c))
            }
        }
    }

    const fn is_without_digits(self) -> bool {
        matches!(self, Self::HeadStart | Self::BehindDigits)
    }

    /// What, beside white space, is no part of a first segment. Inline neither brace is, so that texts
    /// with many beginnings of references are looked through once.
    const fn ends(self, end: End) -> &'static str {
        match (self, end) {
            (Self::BehindDigits, End::OfText) => "/#,;|&\"')}]<>",
            (Self::BehindDigits, End::AtBrace) => "/#,;|&\"')}]<>{",
            (Self::BeforeDollar, End::OfText) => "/#$",
            (Self::BeforeDollar, End::AtBrace) => "/#${}",
            (_, End::OfText) => "/#",
            (_, End::AtBrace) => "/#{}",
        }
    }
}

/// Whether a value is JSON as a whole: an object or a list that is not empty, by its first and last
/// characters. The chart's policy can look no deeper.
pub fn is_json(text: &str) -> bool {
    const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];
    // Every value of every container is asked about, and nearly none begins so.
    if !text.starts_with(['{', '[', ' ', '\t', '\n', '\r']) {
        return false;
    }
    let text = text.trim_matches(SPACE);
    let inside = |open: char, close: char| {
        let inner = text.strip_prefix(open)?.strip_suffix(close)?;
        Some(inner.trim_start_matches(SPACE))
    };
    inside('{', '}').is_some_and(|inner| inner.starts_with('"'))
        || inside('[', ']').is_some_and(|inner| inner.starts_with(['"', '{', '[']))
}
