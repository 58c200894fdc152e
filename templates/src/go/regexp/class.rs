//! Classes in brackets, and escapes.

use super::malformed::Malformed;

/// What an escape stands for.
pub(super) enum Item {
    Character(char),
    /// The inside of a class.
    Class(&'static str),
}

/// A character as `regex-lite` reads it, wherever it stands.
pub(super) fn escaped(character: char) -> String {
    if character.is_ascii_alphanumeric() || !character.is_ascii() {
        character.to_string()
    } else {
        format!("\\x{:02X}", u32::from(character))
    }
}

const ESCAPE: Malformed = "an escape of the regular expression is not known";

/// An escape at the front, and what is behind it.
pub(super) fn escape(text: &str) -> Result<(Item, &str), Malformed> {
    let mut characters = text.chars();
    let backslash = characters.next();
    let character = characters.next().filter(|_| backslash == Some('\\'));
    let character = character.ok_or("the regular expression ends behind a backslash")?;
    let rest = characters.as_str();
    let item = match character {
        'd' => Item::Class("0-9"),
        'D' => Item::Class("\\D"),
        's' => Item::Class("\\t\\n\\x0C\\r\\x20"),
        // Here a vertical tab is no white space.
        'S' => Item::Class("\\S\\x0B"),
        'w' => Item::Class("0-9A-Za-z_"),
        'W' => Item::Class("\\W"),
        'a' => Item::Character('\u{7}'),
        'f' => Item::Character('\u{c}'),
        'n' => Item::Character('\n'),
        'r' => Item::Character('\r'),
        't' => Item::Character('\t'),
        'v' => Item::Character('\u{b}'),
        'x' => return hexadecimal(rest),
        '0'..='7' => return octal(&text[1..]),
        'p' | 'P' => return Err("classes of Unicode (`\\p…`) are left out of regular expressions"),
        _ if character.is_ascii() && !character.is_ascii_alphanumeric() => {
            Item::Character(character)
        }
        _ => return Err(ESCAPE),
    };
    Ok((item, rest))
}

/// `41` or `{1F600}`
fn hexadecimal(text: &str) -> Result<(Item, &str), Malformed> {
    let (digits, rest) = match text.strip_prefix('{') {
        Some(inner) => inner.split_once('}').ok_or(ESCAPE)?,
        None => text.split_at_checked(2).ok_or(ESCAPE)?,
    };
    let are_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let character = u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32);
    let character = character.filter(|_| are_digits).ok_or(ESCAPE)?;
    Ok((Item::Character(character), rest))
}

/// `\123`, or `\0` and up to two digits; a single other digit would be a reference to a group.
fn octal(text: &str) -> Result<(Item, &str), Malformed> {
    let is_octal = |byte: &u8| (b'0'..=b'7').contains(byte);
    let length = text.bytes().take(3).take_while(is_octal).count();
    if length == 1 && !text.starts_with('0') {
        return Err("references to groups are left out of regular expressions, as in Go");
    }
    let character = u32::from_str_radix(&text[..length], 8)
        .ok()
        .and_then(char::from_u32);
    Ok((Item::Character(character.ok_or(ESCAPE)?), &text[length..]))
}

const UNCLOSED: Malformed = "a `[` of the regular expression is not closed";
const RANGE: Malformed = "a range of characters in the regular expression is malformed";

/// A class at the front in `regex-lite`'s syntax, and what is behind it.
pub(super) fn bracketed(text: &str) -> Result<(String, &str), Malformed> {
    let mut class = String::from("[");
    let mut rest = text.strip_prefix('[').ok_or(UNCLOSED)?;
    if let Some(inner) = rest.strip_prefix('^') {
        class.push('^');
        rest = inner;
    }
    let mut is_first = true;
    loop {
        if let Some(behind) = rest.strip_prefix(']').filter(|_| !is_first) {
            class.push(']');
            return Ok((class, behind));
        }
        is_first = false;
        rest = match posix(rest)? {
            Some((name, behind)) => {
                class.push_str(name);
                behind
            }
            None => item(&mut class, rest)?,
        };
    }
}

/// `[:alpha:]` or `[:^alpha:]`
fn posix(text: &str) -> Result<Option<(&str, &str)>, Malformed> {
    const NAMES: [&str; 14] = [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
        "space", "upper", "word", "xdigit",
    ];
    let Some(inner) = text.strip_prefix("[:") else {
        return Ok(None);
    };
    let Some((name, behind)) = inner.split_once(":]") else {
        return Ok(None);
    };
    if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
        return Err("a class of characters (`[:…:]`) of the regular expression is not known");
    }
    Ok(Some((&text[..name.len() + 4], behind)))
}

/// A character, a range, or an escape; gives what is behind it.
fn item<'t>(class: &mut String, text: &'t str) -> Result<&'t str, Malformed> {
    let (item, rest) = single(text)?;
    let low = match item {
        Item::Class(inner) => {
            class.push_str(inner);
            return Ok(rest);
        }
        Item::Character(character) => character,
    };
    let Some(high) = rest.strip_prefix('-').filter(|high| !high.starts_with(']')) else {
        class.push_str(&escaped(low));
        return Ok(rest);
    };
    let (Item::Character(high), rest) = single(high)? else {
        return Err(RANGE);
    };
    if high < low {
        return Err(RANGE);
    }
    class.push_str(&escaped(low));
    class.push('-');
    class.push_str(&escaped(high));
    Ok(rest)
}

fn single(text: &str) -> Result<(Item, &str), Malformed> {
    if text.starts_with('\\') {
        return escape(text);
    }
    let character = text.chars().next().ok_or(UNCLOSED)?;
    Ok((Item::Character(character), &text[character.len_utf8()..]))
}
