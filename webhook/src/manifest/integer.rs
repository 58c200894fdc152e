//! Integers of go-yaml v2, which are those of Go's `strconv.ParseInt(text, 0, 64)`.

/// An integer of a plain scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Integer {
    Signed(i64),
    /// Beyond `i64`.
    Unsigned(u64),
}

/// Reads one, without the underscores that may stand between its digits. A `0` makes it octal.
pub(super) fn parse(text: &str) -> Option<Integer> {
    parse_with_base(text).or_else(|| parse_binary(text))
}

fn parse_with_base(text: &str) -> Option<Integer> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (radix, digits) = base(unsigned);
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    match i64::from_str_radix(&[sign, digits].concat(), radix) {
        Ok(number) => Some(Integer::Signed(number)),
        Err(_) if unsigned.len() < text.len() => None,
        Err(_) => u64::from_str_radix(digits, radix)
            .ok()
            .map(Integer::Unsigned),
    }
}

fn base(digits: &str) -> (u32, &str) {
    let rest = digits.get(2..).filter(|rest| !rest.is_empty());
    match (digits.as_bytes(), rest) {
        ([b'0', b'b' | b'B', ..], Some(rest)) => (2, rest),
        ([b'0', b'o' | b'O', ..], Some(rest)) => (8, rest),
        ([b'0', b'x' | b'X', ..], Some(rest)) => (16, rest),
        ([b'0', _, ..], _) => (8, &digits[1..]),
        _ => (10, digits),
    }
}

/// go-yaml's own second try, which also takes a sign behind the prefix.
fn parse_binary(text: &str) -> Option<Integer> {
    let number = if let Some(digits) = text.strip_prefix("-0b") {
        i64::from_str_radix(&["-", digits].concat(), 2)
    } else {
        i64::from_str_radix(text.strip_prefix("0b")?, 2)
    };
    number.ok().map(Integer::Signed)
}
