//! Tokens that are more than a sign: quotations, names, numbers.

use super::operators;
use super::token::keyword;
use super::{CLOSE, Kind, Lexer, LexicalError, error, is_alphanumeric, is_space};

impl Lexer<'_> {
    pub(super) fn quoted(&mut self, quote: char, kind: Kind) -> Result<(), LexicalError> {
        let start = self.at;
        let mut escaped = false;
        for (at, character) in self.rest().char_indices().skip(1) {
            match character {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if character == quote => {
                    self.at += at + 1;
                    self.push(kind, start);
                    return Ok(());
                }
                _ => {}
            }
        }
        error(
            start,
            format!("the quotation is not closed: `{quote}` is missing"),
        )
    }

    pub(super) fn raw(&mut self) -> Result<(), LexicalError> {
        let start = self.at;
        let Some(length) = self.rest()[1..].find('`') else {
            return error(start, "the quotation is not closed: a backquote is missing");
        };
        self.at += length + 2;
        self.push(Kind::Raw, start);
        Ok(())
    }

    /// `.name`, `$name`, or the `.` or `$` alone.
    pub(super) fn name(&mut self, kind: Kind) -> Result<(), LexicalError> {
        let start = self.at;
        self.at += 1;
        if self.at_terminator() {
            let alone = if kind == Kind::Field { Kind::Dot } else { kind };
            self.push(alone, start);
            return Ok(());
        }
        self.word()?;
        self.push(kind, start);
        Ok(())
    }

    pub(super) fn identifier(&mut self) -> Result<(), LexicalError> {
        let start = self.at;
        self.word()?;
        let kind = match &self.source[start..self.at] {
            "true" | "false" => Kind::Bool,
            word => keyword(word).map_or(Kind::Identifier, Kind::Keyword),
        };
        self.push(kind, start);
        Ok(())
    }

    fn word(&mut self) -> Result<(), LexicalError> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_alphanumeric).len();
        if self.at_terminator() {
            return Ok(());
        }
        let found = self.peek().unwrap_or_default();
        let message = operators::behind_name(&self.source[..self.at], self.rest());
        error(
            self.at,
            message.unwrap_or_else(|| format!("unexpected {found:?} behind a name")),
        )
    }

    /// What may follow a name.
    fn at_terminator(&self) -> bool {
        self.peek().is_none_or(|character| {
            is_space(character) || matches!(character, '.' | ',' | '|' | ':' | ')' | '(' | CLOSE)
        })
    }

    /// Whatever looks like a number; [`super::super::literal`] says whether it is one.
    pub(super) fn number(&mut self) -> Result<(), LexicalError> {
        let start = self.at;
        let mut previous = ' ';
        let is_hexadecimal = {
            let digits = self.rest().trim_start_matches(['+', '-']);
            digits.starts_with("0x") || digits.starts_with("0X")
        };
        while let Some(character) = self.peek() {
            let sign_of_exponent = matches!(character, '+' | '-')
                && (self.at == start
                    || (!is_hexadecimal && matches!(previous, 'e' | 'E'))
                    || matches!(previous, 'p' | 'P'));
            if !(is_alphanumeric(character) || character == '.' || sign_of_exponent) {
                break;
            }
            previous = character;
            self.at += character.len_utf8();
        }
        if matches!(&self.source[start..self.at], "+" | "-") {
            let message = operators::message(&self.source[start..]);
            return error(start, message.unwrap_or_default());
        }
        if matches!(self.peek(), Some('+' | '-')) {
            return error(
                start,
                "a number with a sign inside; complex numbers are left out",
            );
        }
        self.push(Kind::Number, start);
        Ok(())
    }
}
