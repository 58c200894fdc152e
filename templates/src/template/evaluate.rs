//! Values of pipelines, with the rules of `text/template/exec`.

mod call;

use super::ast::{Expression, Field, Offset, Pipeline, Slot, Stage};
use super::{fields, import};
use crate::data::Data;
use crate::functions::entry::{Function, Kind};
use crate::go::format;
use crate::runtime::truth::truth;
use crate::runtime::{Buffer, Context, Failure, Outcome, Value, limits};

/// A failure with its place.
pub(super) struct Fault {
    pub(super) offset: Offset,
    pub(super) function: Option<&'static str>,
    pub(super) failure: Failure,
    /// It comes from the condition of an `if` or `with`.
    pub(super) is_tested: bool,
}

impl Fault {
    pub(super) fn at(offset: Offset, failure: Failure) -> Self {
        Self {
            offset,
            function: None,
            failure,
            is_tested: false,
        }
    }

    pub(super) fn tested(self) -> Self {
        Self {
            is_tested: true,
            ..self
        }
    }

    /// At the beginning of a pipeline.
    pub(super) fn of(pipeline: &Pipeline, failure: Failure) -> Self {
        Self::at(
            pipeline.stages.first().map_or(0, |stage| stage.offset),
            failure,
        )
    }
}

/// What an absent field is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absent {
    Error,
    Nil,
}

impl Absent {
    fn for_function(function: &Function) -> Self {
        if function.takes_absent {
            Self::Nil
        } else {
            Self::Error
        }
    }

    fn before(stage: Option<&Stage>) -> Self {
        match stage.map(|stage| &stage.head) {
            Some(Expression::Function(function, _)) => Self::for_function(function),
            _ => Self::Error,
        }
    }
}

/// The variables of a rendering, and the context that functions see.
pub(super) struct Scope {
    pub(super) context: Context,
    slots: Vec<Value>,
    /// The command that is being evaluated.
    offset: Offset,
}

impl Scope {
    pub(super) fn new(slots: usize, mut context: Context, data: &Data) -> Result<Self, Fault> {
        let root = import::data(&mut context, data).map_err(|failure| Fault::at(0, failure))?;
        if let Value::Map(data) = &root {
            context.set_data(*data);
        }
        let mut slots = vec![Value::Nil; slots];
        for slot in [Slot::DOT, Slot::ROOT] {
            slots[slot.0] = root.clone();
        }
        Ok(Self {
            context,
            slots,
            offset: 0,
        })
    }

    pub(super) fn set(&mut self, slot: Slot, value: Value) {
        self.slots[slot.0] = value;
    }

    /// Pays for coming to the next piece of the template.
    pub(super) fn advance(&mut self) -> Result<(), Fault> {
        self.pay(limits::CALL)
    }

    fn pay(&mut self, steps: usize) -> Result<(), Fault> {
        let offset = self.offset;
        self.context
            .step(steps)
            .map_err(|failure| Fault::at(offset, failure))
    }

    pub(super) fn truth(&mut self, value: &Value) -> Result<bool, Fault> {
        let offset = self.offset;
        self.context
            .look_at(value)
            .map_err(|failure| Fault::at(offset, failure))?;
        Ok(truth(&self.context, value))
    }

    /// Prints a value where an action stands.
    pub(super) fn print(&mut self, value: &Value, output: &mut Buffer) -> Outcome<()> {
        match value {
            Value::Nil => Failure::because(
                "the value is nil, which is no text; `| default \"\"` makes it an empty one",
            ),
            Value::Text(text) => output.push(text.bytes()),
            _ => format::print(&mut self.context, output, value),
        }
    }

    pub(super) fn pipeline(&mut self, pipeline: &Pipeline) -> Result<Value, Fault> {
        self.pipeline_before(pipeline, Absent::Error)
    }

    fn pipeline_before(&mut self, pipeline: &Pipeline, absent: Absent) -> Result<Value, Fault> {
        let mut value = None;
        for (index, stage) in pipeline.stages.iter().enumerate() {
            let absent = match pipeline.stages.get(index + 1) {
                None => absent,
                next => Absent::before(next),
            };
            value = Some(self.stage(stage, value, absent)?);
        }
        let value = value.unwrap_or(Value::Nil);
        if let Some(slot) = pipeline.target {
            self.set(slot, value.clone());
        }
        Ok(value)
    }

    fn stage(
        &mut self,
        stage: &Stage,
        piped: Option<Value>,
        absent: Absent,
    ) -> Result<Value, Fault> {
        self.offset = stage.offset;
        match &stage.head {
            Expression::Function(function, offset) => {
                self.call(function, *offset, &stage.arguments, piped)
            }
            Expression::Fields { of, names } => {
                let mut arguments = Vec::new();
                for argument in &stage.arguments {
                    arguments.push(self.argument(argument, Kind::Any, Absent::Error)?);
                }
                arguments.extend(piped);
                self.fields(of, names, &arguments, absent)
            }
            // The parser lets no other operand have arguments.
            operand => self.argument(operand, Kind::Any, absent),
        }
    }

    /// The value of an operand where a parameter of that kind takes it.
    fn argument(
        &mut self,
        expression: &Expression,
        kind: Kind,
        absent: Absent,
    ) -> Result<Value, Fault> {
        self.pay(1)?;
        Ok(match expression {
            Expression::Nil => Value::Nil,
            Expression::Bool(boolean) => Value::Bool(*boolean),
            Expression::Text(text) => Value::Text(text.clone()),
            Expression::Number(number) => match (number.integer, kind) {
                (Some(integer), Kind::Integer) => Value::int(integer),
                (Some(integer), _) if !number.is_float && kind != Kind::Float => {
                    Value::int(integer)
                }
                _ => Value::Float(number.float),
            },
            Expression::Slot(slot) => self.slots[slot.0].clone(),
            Expression::Fields { of, names } => self.fields(of, names, &[], absent)?,
            Expression::Function(function, offset) => self.call(function, *offset, &[], None)?,
            Expression::Pipeline(pipeline) => self.pipeline_before(pipeline, absent)?,
        })
    }

    /// Walks through fields; the last one may be a method that takes arguments.
    fn fields(
        &mut self,
        of: &Expression,
        names: &[Field],
        arguments: &[Value],
        absent: Absent,
    ) -> Result<Value, Fault> {
        let mut value = self.argument(of, Kind::Any, absent)?;
        for (index, field) in names.iter().enumerate() {
            let is_last = index + 1 == names.len();
            let arguments = if is_last { arguments } else { &[] };
            value = match fields::get(&mut self.context, &value, &field.name, arguments) {
                Ok(value) => value,
                Err(failure) if absent == Absent::Nil && fields::is_absence(&value, &failure) => {
                    return Ok(Value::Nil);
                }
                Err(failure) => return Err(Fault::at(field.offset, failure)),
            };
        }
        Ok(value)
    }
}
