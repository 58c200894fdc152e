//! Pieces of a text that says a time: each function takes something from the front.

use super::element::{Offset, Padding};

/// Skips the literal text of a layout. Runs of spaces are alike.
pub(super) fn skip<'t>(text: &'t str, literal: &str) -> Option<&'t str> {
    let (mut text, mut literal) = (text, literal);
    while let Some(character) = literal.chars().next() {
        if character == ' ' {
            if !text.is_empty() && !text.starts_with(' ') {
                return None;
            }
            literal = literal.trim_start_matches(' ');
            text = text.trim_start_matches(' ');
        } else {
            text = text.strip_prefix(character)?;
            literal = &literal[character.len_utf8()..];
        }
    }
    Some(text)
}

pub(super) fn skip_colon(text: &str, form: Offset) -> Option<&str> {
    if form.colons {
        text.strip_prefix(':')
    } else {
        Some(text)
    }
}

/// The spaces that stand for leading zeros.
pub(super) fn without_spaces(text: &str, padding: Padding, most: usize) -> &str {
    let spaces = text
        .bytes()
        .take(most)
        .take_while(|byte| *byte == b' ')
        .count();
    if padding == Padding::Space {
        &text[spaces..]
    } else {
        text
    }
}

/// A number of at least and at most so many digits.
pub(super) fn digits(text: &str, least: usize, most: usize) -> Option<(i64, &str)> {
    let count = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    if count < least || count == 0 {
        return None;
    }
    Some((text[..count].parse().ok()?, &text[count..]))
}

pub(super) fn one_or_two(text: &str, padding: Padding) -> Option<(i64, &str)> {
    let least = if padding == Padding::Zero { 2 } else { 1 };
    digits(text, least, 2)
}

/// The name at the front, cut to so many letters, in any case; gives its index.
pub(super) fn lookup<'t>(text: &'t str, names: &[&str], length: usize) -> Option<(i64, &'t str)> {
    (0..).zip(names).find_map(|(index, name)| {
        let name = &name[..name.len().min(length)];
        let found = text.get(..name.len())?;
        found
            .eq_ignore_ascii_case(name)
            .then(|| (index, &text[name.len()..]))
    })
}

pub(super) fn starts_fraction(text: &str) -> bool {
    text.starts_with(['.', ',']) && text.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}

/// Length of a zone's abbreviation: three to five capitals, `GMT+3`, `+03`.
pub(super) fn zone_name_length(text: &str) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with("ChST") || text.starts_with("MeST") {
        return Some(4);
    }
    if let Some(rest) = text.strip_prefix("GMT") {
        return Some(3 + signed_hours_length(rest));
    }
    if text.starts_with(['+', '-']) {
        return Some(signed_hours_length(text)).filter(|length| *length > 0);
    }
    let capitals = text
        .bytes()
        .take(6)
        .take_while(u8::is_ascii_uppercase)
        .count();
    let ends_in_t = text.as_bytes().get(capitals.wrapping_sub(1)) == Some(&b'T');
    match capitals {
        3 => Some(3),
        4 if ends_in_t || text.starts_with("WITA") => Some(4),
        5 if ends_in_t => Some(5),
        _ => None,
    }
}

pub(super) fn signed_hours_length(text: &str) -> usize {
    if !text.starts_with(['+', '-']) {
        return 0;
    }
    let count = text[1..].bytes().take_while(u8::is_ascii_digit).count();
    match text[1..=count].parse::<u64>() {
        Ok(hours) if hours <= 23 => count + 1,
        _ => 0,
    }
}
