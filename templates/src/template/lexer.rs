//! Text to tokens, as `text/template/parse` of Go does it, with `${` and `}` as delimiters.

mod operators;
mod token;
mod words;

use super::ast::Offset;
pub(super) use token::{Keyword, Kind, Token};

const OPEN: &str = "${";
const CLOSE: char = '}';

/// What is no token.
#[derive(Debug)]
pub(super) struct LexicalError {
    pub(super) message: String,
    pub(super) offset: Offset,
}

/// All tokens of a template.
pub(super) fn tokens(source: &str) -> Result<Vec<Token<'_>>, LexicalError> {
    let mut lexer = Lexer {
        source,
        at: 0,
        tokens: Vec::new(),
        open_parentheses: 0,
    };
    while lexer.text()? {
        while lexer.inside_action()? {}
    }
    lexer.push(Kind::End, source.len());
    Ok(lexer.tokens)
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    tokens: Vec<Token<'s>>,
    open_parentheses: usize,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// A token of what lies between `start` and here.
    fn push(&mut self, kind: Kind, start: usize) {
        self.tokens.push(Token {
            kind,
            text: &self.source[start..self.at],
            offset: start,
        });
    }

    /// Text up to the next action, comments skipped; whether there is an action.
    fn text(&mut self) -> Result<bool, LexicalError> {
        loop {
            let start = self.at;
            let Some(length) = self.rest().find(OPEN) else {
                self.at = self.source.len();
                if start < self.at {
                    self.push(Kind::Text, start);
                }
                return Ok(false);
            };
            let open = start + length;
            let inside = open + OPEN.len();
            let trims = has_left_trim_marker(&self.source[inside..]);
            let text = &self.source[start..open];
            self.at = start
                + if trims {
                    text.trim_end_matches(is_space).len()
                } else {
                    length
                };
            if start < self.at {
                self.push(Kind::Text, start);
            }
            self.at = inside + if trims { 2 } else { 0 };
            if !self.rest().starts_with("/*") {
                self.tokens.push(Token {
                    kind: Kind::Open,
                    text: OPEN,
                    offset: open,
                });
                self.open_parentheses = 0;
                return Ok(true);
            }
            self.comment(open)?;
        }
    }

    fn comment(&mut self, open: usize) -> Result<(), LexicalError> {
        let Some(length) = self.rest()[2..].find("*/") else {
            return error(open, "the comment is not closed: `*/` is missing");
        };
        self.at += length + 4;
        if !self.close() {
            return error(
                self.at,
                "a comment must fill its action: `}` must follow `*/`",
            );
        }
        Ok(())
    }

    /// Skips a closing delimiter, and the white space behind it if a trim marker asks for it.
    fn close(&mut self) -> bool {
        let trims = has_right_trim_marker(self.rest());
        let brace = self.at + if trims { 2 } else { 0 };
        if !self.source[brace..].starts_with(CLOSE) {
            return false;
        }
        self.at = brace + 1;
        if trims {
            self.at = self.source.len() - self.rest().trim_start_matches(is_space).len();
        }
        true
    }

    fn at_close(&self) -> bool {
        let rest = self.rest();
        rest.starts_with(CLOSE) || (has_right_trim_marker(rest) && rest[2..].starts_with(CLOSE))
    }

    /// One token inside an action; whether the action goes on behind it.
    fn inside_action(&mut self) -> Result<bool, LexicalError> {
        let start = self.at;
        if self.at_close() {
            if self.open_parentheses > 0 {
                return error(start, "a parenthesis is not closed");
            }
            self.close();
            self.tokens.push(Token {
                kind: Kind::Close,
                text: "}",
                offset: start,
            });
            return Ok(false);
        }
        let Some(character) = self.peek() else {
            return error(start, "the action is not closed: `}` is missing");
        };
        match character {
            _ if is_space(character) => self.space(),
            '"' => self.quoted('"', Kind::Quoted)?,
            '\'' => self.quoted('\'', Kind::Character)?,
            '`' => self.raw()?,
            '$' => self.name(Kind::Variable)?,
            '.' if !self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                self.name(Kind::Field)?;
            }
            '.' | '+' | '-' | '0'..='9' => self.number()?,
            _ if is_alphanumeric(character) => self.identifier()?,
            _ if ["==", "||"]
                .iter()
                .any(|sign| self.rest().starts_with(sign)) =>
            {
                return error(start, self.unexpected(character));
            }
            _ => self.sign(character)?,
        }
        Ok(true)
    }

    fn space(&mut self) {
        let start = self.at;
        while self.peek().is_some_and(is_space) && !self.at_close() {
            self.at += 1;
        }
        if start < self.at {
            self.push(Kind::Space, start);
        }
    }

    fn sign(&mut self, character: char) -> Result<(), LexicalError> {
        let start = self.at;
        self.at += character.len_utf8();
        let kind = match character {
            '=' => Kind::Assign,
            '|' => Kind::Pipe,
            ',' => Kind::Comma,
            ':' if self.rest().starts_with('=') => {
                self.at += 1;
                Kind::Declare
            }
            '(' => {
                self.open_parentheses += 1;
                Kind::LeftParenthesis
            }
            ')' if self.open_parentheses == 0 => {
                return error(start, "`)` closes a parenthesis that is not open");
            }
            ')' => {
                self.open_parentheses -= 1;
                Kind::RightParenthesis
            }
            _ => {
                self.at = start;
                return error(start, self.unexpected(character));
            }
        };
        self.push(kind, start);
        Ok(())
    }

    /// The sentence about a sign at the present place that begins no token.
    fn unexpected(&self, sign: char) -> String {
        match sign {
            '{' => "unexpected '{' in an action; write one brace: `${.FIELD}`".to_owned(),
            '[' => "unexpected '[' in an action; write `list A B` for a list".to_owned(),
            _ => operators::message(self.rest())
                .unwrap_or_else(|| format!("unexpected {sign:?} in an action")),
        }
    }
}

fn error<T>(offset: Offset, message: impl Into<String>) -> Result<T, LexicalError> {
    Err(LexicalError {
        message: message.into(),
        offset,
    })
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

fn has_left_trim_marker(text: &str) -> bool {
    text.strip_prefix('-')
        .is_some_and(|rest| rest.starts_with(is_space))
}

fn has_right_trim_marker(text: &str) -> bool {
    text.strip_prefix(is_space)
        .is_some_and(|rest| rest.starts_with('-'))
}
