//! Values of pipelines, with the rules of `text/template/exec`.

use super::ast::{Expression, Field, Offset, Pipeline, Slot, Stage};
use super::{fields, import};
use crate::data::Data;
use crate::functions::{Arguments, Function, Kind, Parameter, Run};
use crate::go::format;
use crate::runtime::{Buffer, Context, Failure, MapType, Numeric, Outcome, Value};

/// A failure with its place.
pub(super) struct Fault {
    pub(super) offset: Offset,
    pub(super) function: Option<&'static str>,
    pub(super) failure: Failure,
}

impl Fault {
    pub(super) fn at(offset: Offset, failure: Failure) -> Self {
        Self {
            offset,
            function: None,
            failure,
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
}

impl Scope {
    pub(super) fn new(slots: usize, mut context: Context, data: &Data) -> Result<Self, Fault> {
        let root = import::data(&mut context, data).map_err(|failure| Fault::at(0, failure))?;
        let mut slots = vec![Value::Nil; slots];
        for slot in [Slot::DOT, Slot::ROOT] {
            slots[slot.0] = root.clone();
        }
        Ok(Self { context, slots })
    }

    pub(super) fn set(&mut self, slot: Slot, value: Value) {
        self.slots[slot.0] = value;
    }

    pub(super) fn truth(&self, value: &Value) -> bool {
        truth(&self.context, value)
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
        self.context
            .step(1)
            .map_err(|failure| Fault::at(0, failure))?;
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

    fn call(
        &mut self,
        function: &'static Function,
        offset: Offset,
        arguments: &[Expression],
        piped: Option<Value>,
    ) -> Result<Value, Fault> {
        let fault = |failure| Fault {
            offset,
            function: Some(function.name),
            failure,
        };
        let run = match function.run {
            Run::And => return self.short_circuit(arguments, piped, false),
            Run::Or => return self.short_circuit(arguments, piped, true),
            Run::Fail => return Err(fault(asked_to_fail(arguments))),
            Run::Call(run) => run,
        };
        let absent = Absent::for_function(function);
        let mut values = Vec::with_capacity(arguments.len() + 1);
        for (index, argument) in arguments.iter().enumerate() {
            let kind = function
                .parameter(index)
                .map_or(Kind::Any, |parameter| parameter.kind);
            values.push(self.argument(argument, kind, absent)?);
        }
        values.extend(piped);
        for (index, value) in values.iter_mut().enumerate() {
            if let Some(parameter) = function.parameter(index) {
                self.fit(value, parameter).map_err(fault)?;
            }
        }
        self.context
            .step(1)
            .and_then(|()| run(&mut self.context, &Arguments(&values)))
            .map_err(fault)
    }

    /// `and` and `or`: the first value whose truth is `stop_at`, or the last one.
    fn short_circuit(
        &mut self,
        arguments: &[Expression],
        piped: Option<Value>,
        stop_at: bool,
    ) -> Result<Value, Fault> {
        let mut value = Value::Nil;
        for argument in arguments {
            value = self.argument(argument, Kind::Any, Absent::Error)?;
            if self.truth(&value) == stop_at {
                return Ok(value);
            }
        }
        Ok(piped.unwrap_or(value))
    }

    /// Makes the value one of the parameter's kind, where that loses nothing.
    fn fit(&mut self, value: &mut Value, parameter: &Parameter) -> Outcome<()> {
        let fitted = match (&*value, parameter.kind) {
            (_, Kind::Any)
            | (Value::Text(_), Kind::Text)
            | (Value::Integer(..), Kind::Integer)
            | (Value::Float(_), Kind::Float)
            | (Value::Bool(_), Kind::Bool)
            | (Value::List(_), Kind::List)
            | (Value::Map(_), Kind::Map)
            | (Value::Time(_), Kind::Time) => return Ok(()),
            (Value::Number(text), Kind::Text) => Some(Value::Text(text.clone())),
            (Value::Number(text), Kind::Integer) => match Numeric::of_json(text.bytes()) {
                Some(Numeric::Integer(integer)) => i64::try_from(integer).ok().map(Value::int),
                _ => None,
            },
            (Value::Number(_) | Value::Integer(..), Kind::Float) => {
                Numeric::of(value).map(|number| Value::Float(number.to_f64()))
            }
            (Value::Nil, Kind::Map) => Some(
                self.context
                    .map(MapType::Any, std::collections::BTreeMap::new())?,
            ),
            _ => None,
        };
        *value = fitted.ok_or_else(|| Failure::Argument {
            parameter: parameter.name,
            wanted: parameter.kind.describe(),
            found: value.describe(),
        })?;
        Ok(())
    }
}

/// Whether `if` takes a value for true: not zero, not empty, not nil.
pub(crate) fn truth(context: &Context, value: &Value) -> bool {
    match value {
        Value::Nil => false,
        Value::Bool(boolean) => *boolean,
        Value::Integer(..) | Value::Float(_) | Value::Number(_) => {
            Numeric::of(value).is_none_or(|number| !number.is_zero())
        }
        Value::Text(text) => !text.is_empty(),
        Value::List(list) => !list.items().is_empty(),
        Value::Map(map) => !context.entries(*map).is_empty(),
        Value::Time(_) | Value::Version(_) => true,
    }
}

/// The message of `fail`, if it is a literal: anything else may hold a value of the data.
fn asked_to_fail(arguments: &[Expression]) -> Failure {
    const LONGEST: usize = 500;
    let [Expression::Text(message)] = arguments else {
        return Failure::Because(
            "the template asked to fail (its message is not shown, because it is not a literal)",
        );
    };
    let message = message.lossy();
    let line = message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c });
    Failure::Asked(line.take(LONGEST).collect())
}
