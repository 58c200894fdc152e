//! Pipelines, commands and operands.

use super::{Error, Parser, check, syntax, unexpected};
use crate::functions;
use crate::runtime::Text;
use crate::template::ast::{Expression, Field, Offset, Pipeline, Slot, Stage};
use crate::template::error::{TemplateErrorKind, shorten_name};
use crate::template::lexer::{Keyword, Kind, Token};
use crate::template::literal;

/// For a name that is like none of the functions'.
const ALL_FUNCTIONS: &str = "docs/reference/template-functions.md lists all";

/// How a variable takes a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Declare,
    Assign,
}

impl<'s> Parser<'s> {
    /// `[$name := | $name =] command { | command }` up to `end`.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Result<Pipeline, Error> {
        let names = self.targets()?;
        let stages = self.stages(context, end)?;
        let target = match names {
            None => None,
            Some((names, target)) => match names[..] {
                [name] => Some(self.target(name, target)?),
                _ => return Err(syntax(names[1].offset, "only `range` takes two variables")),
            },
        };
        Ok(Pipeline { target, stages })
    }

    /// The same for `range`, with the variables of its key and its element.
    pub(super) fn range_pipeline(
        &mut self,
    ) -> Result<(Pipeline, Option<Slot>, Option<Slot>), Error> {
        let names = self.targets()?;
        let stages = self.stages("`range`", Kind::Close)?;
        let mut slots = Vec::new();
        if let Some((names, target)) = names {
            for name in names {
                slots.push(self.target(name, target)?);
            }
        }
        let (key, element) = match slots[..] {
            [element] => (None, Some(element)),
            [key, element] => (Some(key), Some(element)),
            _ => (None, None),
        };
        let pipeline = Pipeline {
            target: None,
            stages,
        };
        Ok((pipeline, key, element))
    }

    /// One or two variables and `:=` or `=`; nothing is taken if that is not what stands here.
    fn targets(&mut self) -> Result<Option<(Vec<Token<'s>>, Target)>, Error> {
        self.skip_space();
        let start = self.at;
        let mut names = Vec::new();
        while let Some(name) = self.take(Kind::Variable) {
            names.push(name);
            if self.take(Kind::Declare).is_some() {
                return Ok(Some((names, Target::Declare)));
            }
            if self.take(Kind::Assign).is_some() {
                return Ok(Some((names, Target::Assign)));
            }
            match self.take(Kind::Comma) {
                Some(comma) if names.len() == 2 => {
                    return Err(syntax(comma.offset, "more than two variables"));
                }
                Some(_) => {}
                None if names.len() == 2 => return Err(unexpected(self.peek(), "a declaration")),
                None => break,
            }
        }
        if names.len() == 1 && self.tokens[self.at - 1].kind == Kind::Comma {
            return Err(unexpected(self.peek(), "a declaration"));
        }
        self.at = start;
        Ok(None)
    }

    fn target(&mut self, name: Token<'s>, target: Target) -> Result<Slot, Error> {
        match target {
            Target::Declare => Ok(self.scope.declare(name.text)),
            Target::Assign => self.variable(name),
        }
    }

    fn variable(&self, name: Token<'s>) -> Result<Slot, Error> {
        self.scope.find(name.text).ok_or_else(|| {
            let nearest = contract::nearest(name.text, self.scope.names().skip(1)).map_or_else(
                || format!("; a field is written `.{}`", shorten_name(&name.text[1..])),
                |known| contract::did_you_mean(Some(known)),
            );
            let message = format!(
                "the variable `{}` is not defined here{nearest}",
                shorten_name(name.text)
            );
            syntax(name.offset, message)
        })
    }

    fn stages(&mut self, context: &str, end: Kind) -> Result<Vec<Stage>, Error> {
        let mut stages: Vec<Stage> = Vec::new();
        loop {
            let token = self.peek_behind_space();
            if token.kind == end {
                let message = match stages.len() {
                    0 => format!("{context} without a value"),
                    _ => "a value is missing behind `|`".to_owned(),
                };
                return Err(syntax(token.offset, message));
            }
            let stage = self.stage(context)?;
            check::stage(&stage, stages.last())?;
            stages.push(stage);
            match self.next() {
                token if token.kind == Kind::Pipe => {}
                token if token.kind == end => return Ok(stages),
                token => return Err(unexpected(token, context)),
            }
        }
    }

    /// Operands with white space between them.
    fn stage(&mut self, context: &str) -> Result<Stage, Error> {
        let offset = self.peek_behind_space().offset;
        let head = self.operand(context)?;
        let mut arguments = Vec::new();
        while self.peek().kind == Kind::Space {
            let next = self.peek_behind_space().kind;
            if matches!(next, Kind::Pipe | Kind::Close | Kind::RightParenthesis) {
                break;
            }
            arguments.push(self.operand(context)?);
        }
        Ok(Stage {
            head,
            arguments,
            offset,
        })
    }

    fn function(&self, token: Token<'_>) -> Result<Expression, Error> {
        let name = token.text;
        if let Some(function) = functions::find(name) {
            return Ok(Expression::Function(function, token.offset));
        }
        let name = || shorten_name(name);
        let kind = if let Some((name, reason)) = functions::refused::find(token.text) {
            TemplateErrorKind::RefusedFunction { name, reason }
        } else if let Some((tool, write)) = functions::elsewhere::find(token.text) {
            TemplateErrorKind::OtherTool {
                name: name(),
                tool,
                write,
            }
        } else {
            let nearest = functions::nearest::nearest(token.text);
            let nearest = nearest.filter(|near| self.is_call() || near.parameters.is_empty());
            let fix = match nearest {
                Some(near) => contract::suggest(near.name),
                None if self.is_call() => ALL_FUNCTIONS.to_owned(),
                None => format!("a field is written with a dot, `.{}`", name()),
            };
            TemplateErrorKind::UnknownFunction { name: name(), fix }
        };
        Err((token.offset, kind))
    }

    /// Whether the word that was taken last has arguments, or stands behind a `|`. A word alone is
    /// more likely a field without its dot.
    fn is_call(&self) -> bool {
        let mut behind = self.tokens[self.at..].iter();
        let mut before = self.tokens[..self.at - 1].iter().rev();
        let is_piped = before.find(|token| token.kind != Kind::Space);
        let follows = behind.find(|token| token.kind != Kind::Space);
        let is_end = |kind| matches!(kind, Kind::Pipe | Kind::Close | Kind::RightParenthesis);
        is_piped.is_some_and(|token| token.kind == Kind::Pipe)
            || follows.is_some_and(|token| !is_end(token.kind))
    }

    /// A term with the fields behind it.
    fn operand(&mut self, context: &str) -> Result<Expression, Error> {
        let token = self.next();
        let mut names = Vec::new();
        let of = match token.kind {
            Kind::Field => {
                names.push(field(token));
                Expression::Slot(self.scope.dot())
            }
            Kind::Dot => Expression::Slot(self.scope.dot()),
            Kind::Variable => Expression::Slot(self.variable(token)?),
            Kind::Identifier => self.function(token)?,
            Kind::LeftParenthesis => {
                let inner =
                    |parser: &mut Self| parser.pipeline("parentheses", Kind::RightParenthesis);
                Expression::Pipeline(Box::new(self.deeper(token.offset, inner)?))
            }
            _ => literal(token, context)?,
        };
        while self.peek().kind == Kind::Field {
            names.push(field(self.next()));
        }
        let takes_fields = matches!(
            of,
            Expression::Slot(_) | Expression::Function(..) | Expression::Pipeline(_)
        );
        match names.first() {
            None => Ok(of),
            Some(name) if !takes_fields || (token.kind == Kind::Dot) => {
                Err(syntax(name.offset, "a field of something that has none"))
            }
            Some(_) => Ok(Expression::Fields {
                of: Box::new(of),
                names,
            }),
        }
    }
}

fn field(token: Token<'_>) -> Field {
    Field {
        name: token.text[1..].to_owned(),
        offset: token.offset,
    }
}

fn literal(token: Token<'_>, context: &str) -> Result<Expression, Error> {
    let malformed = |offset: Offset| move |reason: literal::Malformed| syntax(offset, reason);
    let malformed = malformed(token.offset);
    match token.kind {
        Kind::Keyword(Keyword::Nil) => Ok(Expression::Nil),
        Kind::Bool => Ok(Expression::Bool(token.text == "true")),
        Kind::Number => literal::number(token.text)
            .map(Expression::Number)
            .map_err(malformed),
        Kind::Character => literal::character(token.text)
            .map(Expression::Number)
            .map_err(malformed),
        Kind::Quoted => literal::quoted(token.text)
            .map(|bytes| Expression::Text(Text::new(bytes)))
            .map_err(malformed),
        Kind::Raw => literal::raw(token.text)
            .map(|bytes| Expression::Text(Text::new(bytes)))
            .map_err(malformed),
        _ => Err(unexpected(token, context)),
    }
}
