//! Tokens to the tree, with the grammar of `text/template/parse`.
//!
//! What Go finds only when it comes to execute a piece is found here where it can be: undefined
//! variables, numbers of arguments, literals of the wrong type.

mod blocks;
mod check;
mod expressions;
mod scope;

use super::ast::{Node, Offset};
use super::error::{TemplateError, TemplateErrorKind};
use super::lexer::{self, Keyword, Kind, Token};
use super::position::Position;
use crate::runtime::limits;
use scope::Scope;

/// A template, parsed.
pub(super) struct Parsed {
    pub(super) nodes: Vec<Node>,
    /// How many slots a rendering needs.
    pub(super) slots: usize,
}

/// An error before its offset has become a line and a column.
type Error = (Offset, TemplateErrorKind);

/// Parses a template.
pub(super) fn parse(source: &str) -> Result<Parsed, TemplateError> {
    parse_tokens(source).map_err(|(offset, kind)| TemplateError {
        position: Position::of(source, offset),
        kind,
    })
}

fn parse_tokens(source: &str) -> Result<Parsed, Error> {
    if source.len() > limits::SOURCE {
        let message = format!("the template is longer than {} bytes", limits::SOURCE);
        return Err(syntax(limits::SOURCE, message));
    }
    let tokens = lexer::tokens(source).map_err(|error| syntax(error.offset, error.message))?;
    let mut parser = Parser {
        tokens,
        at: 0,
        scope: Scope::new(),
        depth: 0,
        loops: 0,
    };
    let (nodes, end) = parser.nodes()?;
    match end.kind {
        Kind::End => Ok(Parsed {
            nodes,
            slots: parser.scope.slots(),
        }),
        _ => Err(syntax(
            end.offset,
            format!("`{}` without a block", end.text),
        )),
    }
}

struct Parser<'s> {
    tokens: Vec<Token<'s>>,
    at: usize,
    scope: Scope<'s>,
    depth: usize,
    loops: usize,
}

impl<'s> Parser<'s> {
    /// The next token; the last one is [`Kind::End`] and stays.
    fn peek(&self) -> Token<'s> {
        self.tokens[self.at]
    }

    fn next(&mut self) -> Token<'s> {
        let token = self.peek();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn skip_space(&mut self) {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
    }

    fn peek_behind_space(&mut self) -> Token<'s> {
        self.skip_space();
        self.peek()
    }

    /// Takes the token if it is of this kind, white space before it skipped.
    fn take(&mut self, kind: Kind) -> Option<Token<'s>> {
        (self.peek_behind_space().kind == kind).then(|| self.next())
    }

    fn expect_close(&mut self, context: &str) -> Result<(), Error> {
        match self.take(Kind::Close) {
            Some(_) => Ok(()),
            None => Err(unexpected(self.peek(), context)),
        }
    }

    /// Runs `inner` one level deeper.
    fn deeper<T>(
        &mut self,
        offset: Offset,
        inner: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth == limits::SOURCE_DEPTH {
            let message = format!("nested deeper than {} levels", limits::SOURCE_DEPTH);
            return Err(syntax(offset, message));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Text and actions up to an `end` or `else` that belongs to somebody else, or the end. The
    /// token that ended it has been taken, the rest of its action has not.
    fn nodes(&mut self) -> Result<(Vec<Node>, Token<'s>), Error> {
        let mut nodes = Vec::new();
        loop {
            let token = self.next();
            match token.kind {
                Kind::Text => nodes.push(Node::Text(token.text.to_owned())),
                Kind::Open => {
                    let first = self.peek_behind_space();
                    if let Kind::Keyword(Keyword::Else | Keyword::End) = first.kind {
                        self.next();
                        return Ok((nodes, first));
                    }
                    nodes.push(self.action()?);
                }
                _ => return Ok((nodes, token)),
            }
        }
    }
}

fn syntax(offset: Offset, message: impl Into<String>) -> Error {
    (offset, TemplateErrorKind::Syntax(message.into()))
}

/// A token that does not belong where it stands. Literals are not shown.
fn unexpected(token: Token<'_>, context: &str) -> Error {
    let found = match token.kind {
        Kind::End => "the end of the template".to_owned(),
        Kind::Close => "the end of the action".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Space => "white space".to_owned(),
        Kind::Quoted | Kind::Raw | Kind::Character => "a quotation".to_owned(),
        Kind::Number => "a number".to_owned(),
        _ => format!("`{}`", token.text),
    };
    syntax(token.offset, format!("unexpected {found} in {context}"))
}
