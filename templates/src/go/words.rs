//! Words of a text, as `huandu/xstrings` finds them for snake, kebab and camel case.

use super::letters::{lower, upper};

/// `HTTPServer` and `http server` to `http_server`.
pub(crate) fn joined_lower(text: &str, connector: char) -> String {
    Lowering {
        output: String::with_capacity(text.len() + 8),
        connector,
        rest: text,
        kind: Kind::Invalid,
        word: "",
    }
    .run()
}

/// `http_server` to `HttpServer`.
pub(crate) fn pascal(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut characters = text.chars();
    // Leading connectors stay.
    let mut last = loop {
        match characters.next() {
            None => return output,
            Some(connector) if is_connector(connector) => output.push(connector),
            Some(first) => break first,
        }
    };
    let mut in_capitals = last.is_uppercase();
    last = upper(last);
    for mut character in characters {
        if is_connector(character) && is_connector(last) {
            output.push(last);
            last = character;
            continue;
        }
        if is_connector(last) {
            in_capitals = character.is_uppercase();
            character = upper(character);
        } else {
            if in_capitals && character.is_uppercase() {
                character = lower(character);
            } else {
                in_capitals = false;
            }
            output.push(last);
        }
        last = character;
    }
    output.push(last);
    output
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// There is no more word.
    Invalid,
    Number,
    Capitals,
    Letters,
    Connector,
    Punctuation,
    Other,
}

struct Lowering<'t> {
    output: String,
    connector: char,
    rest: &'t str,
    kind: Kind,
    word: &'t str,
}

impl Lowering<'_> {
    fn run(mut self) -> String {
        self.next();
        while !self.rest.is_empty() {
            if self.kind != Kind::Connector {
                self.write();
            }
            let (before, last) = (self.kind, self.word);
            self.next();
            match before {
                Kind::Number => {
                    self.write_letters_and_numbers();
                    self.connect_unless_separated();
                }
                Kind::Connector => self.write_word(before, last),
                Kind::Punctuation => {}
                _ => self.behind_letters(),
            }
        }
        self.write();
        self.output
    }

    /// A number may belong to the word before it (`Bld4Floor`: `bld4_floor`) or, where small
    /// letters follow it, to the next one (`http2xx`: `http_2xx`).
    fn behind_letters(&mut self) {
        if self.kind != Kind::Number {
            if !matches!(self.kind, Kind::Connector | Kind::Punctuation) {
                self.output.push(self.connector);
            }
            return;
        }
        if self.rest.is_empty() {
            return;
        }
        let number = self.word;
        self.next();
        if self.kind == Kind::Letters {
            self.output.push(self.connector);
            self.write_word(Kind::Number, number);
            self.write_letters_and_numbers();
            self.connect_unless_separated();
        } else {
            self.write_word(Kind::Number, number);
            if !matches!(self.kind, Kind::Connector | Kind::Punctuation) {
                self.output.push(self.connector);
            }
        }
    }

    fn write_letters_and_numbers(&mut self) {
        while matches!(self.kind, Kind::Letters | Kind::Number) {
            self.write();
            self.next();
        }
    }

    fn connect_unless_separated(&mut self) {
        if !matches!(
            self.kind,
            Kind::Invalid | Kind::Connector | Kind::Punctuation
        ) {
            self.output.push(self.connector);
        }
    }

    fn write(&mut self) {
        self.write_word(self.kind, self.word);
    }

    fn write_word(&mut self, kind: Kind, word: &str) {
        match kind {
            Kind::Capitals => self.output.extend(word.chars().map(lower)),
            Kind::Connector => {
                let connector = self.connector;
                self.output.extend(word.chars().map(|_| connector));
            }
            _ => self.output.push_str(word),
        }
    }

    /// Takes the next word from the rest.
    fn next(&mut self) {
        let (kind, length) = first_word(self.rest);
        self.kind = kind;
        (self.word, self.rest) = self.rest.split_at(length);
    }
}

fn first_word(text: &str) -> (Kind, usize) {
    let Some(first) = text.chars().next() else {
        return (Kind::Invalid, 0);
    };
    let run = |belongs: fn(char) -> bool| {
        let behind = &text[first.len_utf8()..];
        text.len() - behind.trim_start_matches(belongs).len()
    };
    match first {
        '\u{fffd}' => (Kind::Invalid, text.len()),
        _ if is_connector(first) => (Kind::Connector, run(is_connector)),
        _ if is_punctuation(first) => (Kind::Punctuation, run(is_punctuation)),
        _ if first.is_uppercase() => (Kind::Capitals, capitals(text, first)),
        _ if is_letter(first) => (Kind::Letters, run(is_small)),
        _ if first.is_numeric() => (Kind::Number, run(char::is_numeric)),
        _ => (Kind::Other, run(is_other)),
    }
}

/// Capitals; where small letters follow, the last capital begins the next word, and where there
/// is only one capital, the word goes on with them.
fn capitals(text: &str, first: char) -> usize {
    let behind = &text[first.len_utf8()..];
    let Some(second) = behind.chars().next().filter(|second| is_letter(*second)) else {
        return first.len_utf8();
    };
    if !second.is_uppercase() {
        return text.len() - behind.trim_start_matches(is_small).len();
    }
    let rest = behind.trim_start_matches(char::is_uppercase);
    let end = text.len() - rest.len();
    let last = text[..end].chars().next_back().map_or(0, char::len_utf8);
    if rest.starts_with(is_letter) {
        end - last
    } else {
        end
    }
}

fn is_small(character: char) -> bool {
    is_letter(character) && !character.is_uppercase()
}

fn is_other(character: char) -> bool {
    !(is_connector(character)
        || is_letter(character)
        || character.is_numeric()
        || is_punctuation(character))
}

fn is_connector(character: char) -> bool {
    matches!(character, '-' | '_') || character.is_whitespace()
}

/// A letter, but for Chinese characters, which make no words with spaces between them.
fn is_letter(character: char) -> bool {
    character.is_alphabetic()
        && !matches!(character,
            '\u{4e00}'..='\u{9fcc}' | '\u{3400}'..='\u{4d85}' | '\u{20000}'..='\u{2b81d}')
}

/// Punctuation of ASCII, Latin-1, the general block and Chinese text. ASCII's symbols, such as
/// `+` and `$`, are none.
fn is_punctuation(character: char) -> bool {
    match character {
        '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~' | '\u{2044}' | '\u{2052}' => false,
        '¡'
        | '§'
        | '«'
        | '¶'
        | '·'
        | '»'
        | '¿'
        | '\u{2010}'..='\u{2027}'
        | '\u{2030}'..='\u{205e}'
        | '\u{3001}'..='\u{3003}'
        | '\u{3008}'..='\u{3011}'
        | '\u{3014}'..='\u{301f}'
        | '\u{ff01}'..='\u{ff03}'
        | '\u{ff05}'..='\u{ff0a}'
        | '\u{ff0c}'..='\u{ff0f}'
        | '\u{ff1a}'
        | '\u{ff1b}'
        | '\u{ff1f}'
        | '\u{ff20}' => true,
        _ => character.is_ascii_punctuation(),
    }
}
