//! Actions that are statements: `if`, `with`, `range`, `break`, `continue`.

use super::{Error, Parser, syntax, unexpected};
use crate::runtime::limits;
use crate::template::ast::{Branches, Condition, Node, Offset, Range, RangeTargets, Slot, With};
use crate::template::lexer::{Keyword, Kind, Token};

impl<'s> Parser<'s> {
    /// The action behind an opening delimiter.
    pub(super) fn action(&mut self) -> Result<Node, Error> {
        let first = self.peek_behind_space();
        let Kind::Keyword(keyword) = first.kind else {
            let pipeline = self.pipeline("an action", Kind::Close)?;
            return Ok(Node::Action(pipeline));
        };
        if keyword == Keyword::Nil {
            return Err(syntax(first.offset, "nil is not a command"));
        }
        self.next();
        match keyword {
            Keyword::If => self.branches(first.offset, Keyword::If).map(Node::If),
            Keyword::With => self.branches(first.offset, Keyword::With).map(Node::With),
            Keyword::Range => self.range(first.offset).map(Node::Range),
            Keyword::Break => self.jump(first).map(|()| Node::Break),
            Keyword::Continue => self.jump(first).map(|()| Node::Continue),
            Keyword::Define | Keyword::Template | Keyword::Block => Err(syntax(
                first.offset,
                format!(
                    "`{}` is left out: a template is one value; keep parts of it in variables \
                     (`$name := …`)",
                    first.text
                ),
            )),
            Keyword::Else | Keyword::End | Keyword::Nil => Err(unexpected(first, "an action")),
        }
    }

    fn jump(&mut self, word: Token<'s>) -> Result<(), Error> {
        if self.loops == 0 {
            return Err(syntax(
                word.offset,
                format!("`{}` outside `range`", word.text),
            ));
        }
        self.expect_close(&format!("`{}`", word.text))
    }

    fn branches<C: BranchCondition>(
        &mut self,
        offset: Offset,
        keyword: Keyword,
    ) -> Result<Branches<C>, Error> {
        let scope = self.scope.mark();
        let outer_depth = self.depth;
        let result = self.branches_in_scope(offset, keyword);
        self.depth = outer_depth;
        self.scope.back_to(scope);
        result
    }

    fn branches_in_scope<C: BranchCondition>(
        &mut self,
        offset: Offset,
        keyword: Keyword,
    ) -> Result<Branches<C>, Error> {
        let mut branches = Vec::new();
        loop {
            let condition = C::parse(self)?;
            let in_condition = self.scope.mark();
            let dot = condition.dot();
            let (body, end) = self.body(offset, dot)?;
            self.scope.back_to(in_condition);
            branches.push((condition, body));
            if end.kind == Kind::Keyword(Keyword::Else)
                && self.take(Kind::Keyword(keyword)).is_some()
            {
                // As in Go, where this is a block inside the `else`.
                self.depth += 1;
                continue;
            }
            let otherwise = self.otherwise(offset, end)?;
            return Ok(Branches {
                branches,
                otherwise,
            });
        }
    }

    /// What stands in a block, up to its `else` or `end`.
    fn body(&mut self, offset: Offset, dot: Option<Slot>) -> Result<(Vec<Node>, Token<'s>), Error> {
        if self.blocks == limits::BLOCK_DEPTH {
            let message = format!("blocks nested deeper than {} levels", limits::BLOCK_DEPTH);
            return Err(syntax(offset, message));
        }
        if let Some(dot) = dot {
            self.scope.push_dot(dot);
        }
        self.blocks += 1;
        let (nodes, end) = self.deeper(offset, Self::nodes)?;
        self.blocks -= 1;
        if dot.is_some() {
            self.scope.pop_dot();
        }
        if end.kind == Kind::End {
            return Err(syntax(
                offset,
                "the block is not closed: `${end}` is missing",
            ));
        }
        Ok((nodes, end))
    }

    /// The part behind `else`, if there is one, and the `end`.
    fn otherwise(&mut self, offset: Offset, end: Token<'s>) -> Result<Vec<Node>, Error> {
        if end.kind == Kind::Keyword(Keyword::End) {
            self.expect_close("`end`")?;
            return Ok(Vec::new());
        }
        self.expect_close("`else`")?;
        let (nodes, end) = self.body(offset, None)?;
        if end.kind != Kind::Keyword(Keyword::End) {
            return Err(syntax(end.offset, "a second `else` in the same block"));
        }
        self.expect_close("`end`")?;
        Ok(nodes)
    }

    fn range(&mut self, offset: Offset) -> Result<Range, Error> {
        let outer = self.scope.mark();
        let (pipeline, key, element) = self.range_pipeline()?;
        let in_range = self.scope.mark();
        let dot = self.scope.new_slot();
        self.loops += 1;
        let (body, end) = self.body(offset, Some(dot))?;
        self.loops -= 1;
        self.scope.back_to(in_range);
        let otherwise = self.otherwise(offset, end)?;
        self.scope.back_to(outer);
        Ok(Range {
            pipeline,
            targets: RangeTargets { key, element, dot },
            body,
            otherwise,
        })
    }
}

/// What tells `if` and `with` apart.
pub(super) trait BranchCondition: Sized {
    fn parse(parser: &mut Parser<'_>) -> Result<Self, Error>;

    /// The dot of the body, if it has one of its own.
    fn dot(&self) -> Option<Slot>;
}

impl BranchCondition for Condition {
    fn parse(parser: &mut Parser<'_>) -> Result<Self, Error> {
        parser.pipeline("`if`", Kind::Close).map(Self)
    }

    fn dot(&self) -> Option<Slot> {
        None
    }
}

impl BranchCondition for With {
    fn parse(parser: &mut Parser<'_>) -> Result<Self, Error> {
        let pipeline = parser.pipeline("`with`", Kind::Close)?;
        let dot = parser.scope.new_slot();
        Ok(Self { pipeline, dot })
    }

    fn dot(&self) -> Option<Slot> {
        Some(self.dot)
    }
}
