//! Tokens of a template.

use crate::template::ast::Offset;

/// A token with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) struct Token<'s> {
    pub(in crate::template) kind: Kind,
    /// The text of the token, with quotes, and without the delimiters and what is trimmed.
    pub(in crate::template) text: &'s str,
    pub(in crate::template) offset: Offset,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) enum Kind {
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
pub(in crate::template) enum Keyword {
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

/// The keyword that a word is.
pub(super) fn keyword(word: &str) -> Option<Keyword> {
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
