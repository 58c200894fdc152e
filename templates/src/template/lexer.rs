//! Text to tokens, as `text/template/parse` of Go does it, with `${` and `}` as delimiters.

use super::ast::Offset;

const OPEN: &str = "${";
const CLOSE: char = '}';

/// A token with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind,
    /// The text of the token, with quotes, and without the delimiters and what is trimmed.
    pub(super) text: &'s str,
    pub(super) offset: Offset,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Open,
    Close,
    Space,
    /// `.name`
    Field,
    /// `$` or `$name`
    Variable,
    /// A word that is no keyword.
    Identifier,
    Keyword(Keyword),
    Dot,
    Bool,
    Number,
    Character,
    Quoted,
    Raw,
    Declare,
    Assign,
    Pipe,
    Comma,
    LeftParenthesis,
    RightParenthesis,
    End,
}

/// A word with a meaning of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

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
            _ => return error(start, format!("unexpected {character:?} in an action")),
        };
        self.push(kind, start);
        Ok(())
    }

    fn quoted(&mut self, quote: char, kind: Kind) -> Result<(), LexicalError> {
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

    fn raw(&mut self) -> Result<(), LexicalError> {
        let start = self.at;
        let Some(length) = self.rest()[1..].find('`') else {
            return error(start, "the quotation is not closed: a backquote is missing");
        };
        self.at += length + 2;
        self.push(Kind::Raw, start);
        Ok(())
    }

    /// `.name`, `$name`, or the `.` or `$` alone.
    fn name(&mut self, kind: Kind) -> Result<(), LexicalError> {
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

    fn identifier(&mut self) -> Result<(), LexicalError> {
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
        let hint = if found == '-' {
            "; a key with a dash is taken by `index . \"some-key\"`"
        } else {
            ""
        };
        error(self.at, format!("unexpected {found:?} behind a name{hint}"))
    }

    /// What may follow a name.
    fn at_terminator(&self) -> bool {
        self.peek().is_none_or(|character| {
            is_space(character) || matches!(character, '.' | ',' | '|' | ':' | ')' | '(' | CLOSE)
        })
    }

    /// Whatever looks like a number; [`super::literal`] says whether it is one.
    fn number(&mut self) -> Result<(), LexicalError> {
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

fn error<T>(offset: Offset, message: impl Into<String>) -> Result<T, LexicalError> {
    Err(LexicalError {
        message: message.into(),
        offset,
    })
}

fn keyword(word: &str) -> Option<Keyword> {
    Some(match word {
        "block" => Keyword::Block,
        "break" => Keyword::Break,
        "continue" => Keyword::Continue,
        "define" => Keyword::Define,
        "else" => Keyword::Else,
        "end" => Keyword::End,
        "if" => Keyword::If,
        "nil" => Keyword::Nil,
        "range" => Keyword::Range,
        "template" => Keyword::Template,
        "with" => Keyword::With,
        _ => return None,
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
