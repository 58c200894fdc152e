//! The tree to a Tera template and the tables that its numbers refer to.
//!
//! The Tera source holds control flow, calls of our functions with numbers as arguments, and
//! nothing else: no text, name or literal of the author's can become Tera syntax.

use std::fmt::Write as _;

use super::ast::{Branches, Condition, Node, Pipeline, Range, RangeTargets, Slot, With};
use super::parser::Parsed;

/// A template that can be rendered.
pub(super) struct Program {
    /// What Tera runs.
    pub(super) source: String,
    pub(super) texts: Vec<String>,
    pub(super) pipelines: Vec<Pipeline>,
    pub(super) ranges: Vec<RangeTargets>,
    pub(super) slots: usize,
}

/// Writes the Tera template of a tree.
pub(super) fn lower(parsed: Parsed) -> Program {
    let mut lowering = Lowering {
        program: Program {
            source: String::new(),
            texts: Vec::new(),
            pipelines: Vec::new(),
            ranges: Vec::new(),
            slots: parsed.slots,
        },
    };
    lowering.nodes(parsed.nodes);
    lowering.program
}

struct Lowering {
    program: Program,
}

impl Lowering {
    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a `String` does not fail.
        let _ = self.program.source.write_fmt(text);
    }

    fn pipeline(&mut self, pipeline: Pipeline) -> usize {
        self.program.pipelines.push(pipeline);
        self.program.pipelines.len() - 1
    }

    fn nodes(&mut self, nodes: Vec<Node>) {
        for node in nodes {
            match node {
                Node::Text(text) => {
                    self.program.texts.push(text);
                    let text = self.program.texts.len() - 1;
                    self.write(format_args!("{{{{text(n={text})}}}}"));
                }
                Node::Action(pipeline) => {
                    let pipeline = self.pipeline(pipeline);
                    self.write(format_args!("{{{{show(p={pipeline})}}}}"));
                }
                Node::If(branches) => self.branches(branches),
                Node::With(branches) => self.branches(branches),
                Node::Range(range) => self.range(range),
                Node::Break => self.write(format_args!("{{% break %}}")),
                Node::Continue => self.write(format_args!("{{% continue %}}")),
            }
        }
    }

    fn branches<C: LowerCondition>(&mut self, branches: Branches<C>) {
        let mut keyword = "if";
        for (condition, body) in branches.branches {
            let (pipeline, dot) = condition.parts();
            let pipeline = self.pipeline(pipeline);
            match dot {
                None => self.write(format_args!("{{% {keyword} test(p={pipeline}) %}}")),
                Some(Slot(dot)) => {
                    self.write(format_args!(
                        "{{% {keyword} with(p={pipeline},dot={dot}) %}}"
                    ));
                }
            }
            self.nodes(body);
            keyword = "elif";
        }
        if !branches.otherwise.is_empty() {
            self.write(format_args!("{{% else %}}"));
            self.nodes(branches.otherwise);
        }
        self.write(format_args!("{{% endif %}}"));
    }

    /// `turns` gives as many numbers as the loop has turns; `turn` sets what one turn sees.
    fn range(&mut self, range: Range) {
        let pipeline = self.pipeline(range.pipeline);
        self.program.ranges.push(range.targets);
        let number = self.program.ranges.len() - 1;
        self.write(format_args!(
            "{{% for i{number} in turns(r={number},p={pipeline}) %}}\
             {{{{turn(r={number},i=i{number})}}}}"
        ));
        self.nodes(range.body);
        if !range.otherwise.is_empty() {
            self.write(format_args!("{{% else %}}"));
            self.nodes(range.otherwise);
        }
        self.write(format_args!("{{% endfor %}}"));
    }
}

trait LowerCondition {
    fn parts(self) -> (Pipeline, Option<Slot>);
}

impl LowerCondition for Condition {
    fn parts(self) -> (Pipeline, Option<Slot>) {
        (self.0, None)
    }
}

impl LowerCondition for With {
    fn parts(self) -> (Pipeline, Option<Slot>) {
        (self.pipeline, Some(self.dot))
    }
}
