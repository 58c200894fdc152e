//! Letters, as Go's `unicode` has them: case mappings are from one character to one.

/// Upper case. Where Unicode's full mapping gives several characters, Go keeps the letter, or has
/// a single title-case one.
pub(crate) fn upper(letter: char) -> char {
    let mut mapped = letter.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(single), None) => single,
        _ => greek_with_iota(letter).unwrap_or(letter),
    }
}

/// Lower case.
pub(crate) fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

/// Title case, which differs from upper case for the letters that are digraphs and for Georgian.
pub(crate) fn title(letter: char) -> char {
    match letter {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        'ა'..='ჺ' | 'ჽ'..='ჿ' => letter,
        _ => upper(letter),
    }
}

/// `ᾀ` and its kin, of which Unicode's full mapping makes two capitals.
fn greek_with_iota(letter: char) -> Option<char> {
    let distance = match letter {
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => 8,
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => 9,
        _ => return None,
    };
    char::from_u32(u32::from(letter) + distance)
}

/// A letter that is title case and nothing else.
pub(crate) fn is_title(letter: char) -> bool {
    matches!(
        letter,
        'ǅ' | 'ǈ' | 'ǋ' | 'ǲ'
            | '\u{1f88}'..='\u{1f8f}'
            | '\u{1f98}'..='\u{1f9f}'
            | '\u{1fa8}'..='\u{1faf}'
            | '\u{1fbc}'
            | '\u{1fcc}'
            | '\u{1ffc}'
    )
}

/// Whether Go prints it as it is inside quotes: letters, marks, numbers, punctuation, symbols and
/// the ASCII space. That is also what Rust does not escape.
pub(crate) fn is_print(character: char) -> bool {
    if character.is_ascii() {
        return matches!(character, ' '..='~');
    }
    // A mark at the very beginning would be escaped for another reason.
    let mut bytes = [b'a'; 5];
    let length = character.encode_utf8(&mut bytes[1..]).len();
    std::str::from_utf8(&bytes[..=length])
        .is_ok_and(|text| text.escape_debug().nth(1) == Some(character))
}

/// Every character of a text mapped.
pub(crate) fn map(text: &str, mapping: fn(char) -> char) -> String {
    text.chars().map(mapping).collect()
}
