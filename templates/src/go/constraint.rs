//! Constraints on versions, such as `>=1.2, <2 || ^3.1`, as `Masterminds/semver` reads them.

use super::semver::{self, Version, compare_prerelease, split_behind};
use crate::runtime::limits;

/// Alternatives, each of which is a list of comparisons that must all hold.
pub(crate) struct Constraints(Vec<Vec<Comparison>>);

struct Comparison {
    operator: Operator,
    version: Version,
    /// Which parts were left out, or written as `x`, `X` or `*`.
    open: Open,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    None,
    Patch,
    Minor,
    Major,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

/// Longer ones first.
const OPERATORS: &[(&str, Operator)] = &[
    ("!=", Operator::NotEqual),
    (">=", Operator::GreaterOrEqual),
    ("=>", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    ("=<", Operator::LessOrEqual),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
    ("", Operator::Equal),
];

/// Parses a constraint.
pub(crate) fn parse(text: &str) -> Option<Constraints> {
    if text.len() > limits::CONSTRAINT {
        return None;
    }
    text.split("||")
        .map(parse_all)
        .collect::<Option<_>>()
        .map(Constraints)
}

/// Comparisons with commas or white space between them.
fn parse_all(text: &str) -> Option<Vec<Comparison>> {
    let mut comparisons = Vec::new();
    let mut rest = trim_start(text);
    let mut behind_comma = true;
    loop {
        let (operator, behind) = OPERATORS
            .iter()
            .find_map(|(sign, operator)| Some((*operator, rest.strip_prefix(sign)?)))?;
        let has_sign = behind.len() < rest.len();
        let (version, behind) = version_at(trim_start(behind))?;
        rest = behind;
        match range_end(rest).filter(|_| !has_sign && behind_comma) {
            Some((end, behind)) => {
                comparisons.push(comparison(Operator::GreaterOrEqual, version)?);
                comparisons.push(comparison(Operator::LessOrEqual, end)?);
                rest = behind;
            }
            None => comparisons.push(comparison(operator, version)?),
        }
        let trimmed = trim_start(rest);
        if trimmed.is_empty() {
            return Some(comparisons);
        }
        behind_comma = trimmed.starts_with(',');
        if !behind_comma && trimmed.len() == rest.len() {
            return None;
        }
        rest = trim_start(trimmed.strip_prefix(',').unwrap_or(trimmed));
    }
}

/// `- 2.0` behind the first version of a range.
fn range_end(text: &str) -> Option<(&str, &str)> {
    let dash = trim_start(text).strip_prefix('-')?;
    let version = trim_start(dash);
    if !text.starts_with(is_space) || version.len() == dash.len() {
        return None;
    }
    version_at(version)
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches(is_space)
}

/// What looks like a version, perhaps with wildcards, and what is behind it.
fn version_at(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| is_space(c) || c == ',')
        .unwrap_or(text.len());
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '*' | '|');
    let (version, rest) = text.split_at(end);
    (!version.is_empty() && version.chars().all(is_part)).then_some((version, rest))
}

fn comparison(operator: Operator, text: &str) -> Option<Comparison> {
    let (numbers, metadata) = split_behind(text, '+');
    let (numbers, prerelease) = split_behind(numbers, '-');
    let numbers = numbers.strip_prefix('v').unwrap_or(numbers);
    let parts: Vec<&str> = numbers.split('.').collect();
    let is_part = |part: &&str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, 'x' | 'X' | '*' | '|'))
    };
    let well_formed = parts.len() <= 3
        && parts.iter().all(is_part)
        && prerelease
            .into_iter()
            .chain(metadata)
            .all(semver::are_identifiers);
    if !well_formed {
        return None;
    }
    let is_open = |index: usize| matches!(parts.get(index), None | Some(&("x" | "X" | "*")));
    let suffix = prerelease.map_or_else(String::new, |prerelease| format!("-{prerelease}"));
    let (open, closed) = if is_open(0) {
        (Open::Major, format!("0.0.0{suffix}"))
    } else if is_open(1) {
        (Open::Minor, format!("{}.0.0{suffix}", parts[0]))
    } else if is_open(2) {
        (Open::Patch, format!("{}.{}.0{suffix}", parts[0], parts[1]))
    } else {
        (Open::None, text.to_owned())
    };
    Some(Comparison {
        operator,
        version: semver::parse(&closed)?,
        open,
    })
}

impl Constraints {
    pub(crate) fn allow(&self, version: &Version) -> bool {
        let holds = |comparison: &Comparison| comparison.holds(version);
        self.0
            .iter()
            .any(|comparisons| comparisons.iter().all(holds))
    }
}

impl Comparison {
    fn holds(&self, version: &Version) -> bool {
        if self.operator == Operator::NotEqual {
            return self.differs(version);
        }
        // A pre-release is only taken where the constraint names one.
        if !version.prerelease.is_empty() && self.version.prerelease.is_empty() {
            return false;
        }
        let order = version.compare(&self.version);
        match self.operator {
            Operator::Equal if self.open == Open::None => order.is_eq(),
            Operator::Equal | Operator::Tilde => order.is_ge() && self.within_tilde(version),
            Operator::Greater => self.exceeded_by(version),
            Operator::Less => order.is_lt(),
            Operator::GreaterOrEqual => order.is_ge(),
            Operator::LessOrEqual => self.not_exceeded_by(version),
            Operator::Caret => order.is_ge() && self.within_caret(version),
            Operator::NotEqual => self.differs(version),
        }
    }

    fn differs(&self, version: &Version) -> bool {
        let [major, minor, patch] = version.numbers;
        let [own_major, own_minor, own_patch] = self.version.numbers;
        if self.open != Open::None {
            if !version.prerelease.is_empty() && self.version.prerelease.is_empty() {
                return false;
            }
            if own_major != major {
                return true;
            }
            if self.open == Open::Minor {
                return false;
            }
            if own_minor != minor {
                return true;
            }
            if self.open == Open::Patch {
                return compare_prerelease(&version.prerelease, &self.version.prerelease).is_ne();
            }
            if own_patch != patch {
                return true;
            }
        }
        version.compare(&self.version).is_ne()
    }

    /// `>11` wants 12 or more, `>11.1` wants 11.2 or more.
    fn exceeded_by(&self, version: &Version) -> bool {
        let [major, minor, _] = version.numbers;
        let [own_major, own_minor, _] = self.version.numbers;
        match self.open {
            Open::None => version.compare(&self.version).is_gt(),
            _ if major != own_major => major > own_major,
            Open::Minor => false,
            Open::Patch => minor > own_minor,
            Open::Major => version.compare(&self.version).is_gt(),
        }
    }

    /// `<=11` takes 11.9, `<=11.1` takes 11.1.9.
    fn not_exceeded_by(&self, version: &Version) -> bool {
        let [major, minor, _] = version.numbers;
        let [own_major, own_minor, _] = self.version.numbers;
        if self.open == Open::None {
            return version.compare(&self.version).is_le();
        }
        major <= own_major && !(major == own_major && minor > own_minor && self.open != Open::Minor)
    }

    /// The same major number, and the same minor one where it is given.
    fn within_tilde(&self, version: &Version) -> bool {
        let is_any =
            self.version.numbers == [0; 3] && matches!(self.open, Open::None | Open::Major);
        is_any
            || (version.numbers[0] == self.version.numbers[0]
                && (version.numbers[1] == self.version.numbers[1] || self.open == Open::Minor))
    }

    /// The same leftmost number that is not 0.
    fn within_caret(&self, version: &Version) -> bool {
        let [major, minor, patch] = version.numbers;
        let [own_major, own_minor, own_patch] = self.version.numbers;
        if own_major > 0 || self.open == Open::Minor {
            return major == own_major;
        }
        if major > 0 {
            return false;
        }
        if own_minor > 0 || self.open == Open::Patch {
            return minor == own_minor;
        }
        minor == 0 && patch == own_patch
    }
}
