//! Calls of functions.

use std::collections::BTreeMap;

use super::{Absent, Fault, Scope};
use crate::functions::entry::{Arguments, Function, Kind, Parameter, Run};
use crate::runtime::{Failure, MapType, Numeric, Outcome, Value, limits};
use crate::template::ast::{Expression, Offset};

impl Scope {
    pub(super) fn call(
        &mut self,
        function: &'static Function,
        offset: Offset,
        arguments: &[Expression],
        piped: Option<Value>,
    ) -> Result<Value, Fault> {
        let fault = |failure| Fault {
            function: Some(function.name),
            ..Fault::at(offset, failure)
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
        self.pay_for_call(&values)
            .and_then(|()| run(&mut self.context, &Arguments(&values)))
            .map_err(fault)
    }

    /// Pays for looking at all arguments once, and for a result without texts or items.
    fn pay_for_call(&mut self, values: &[Value]) -> Outcome<()> {
        self.context.step(limits::CALL)?;
        self.context.produce(limits::TEXT_OVERHEAD)?;
        values
            .iter()
            .try_for_each(|value| self.context.look_at(value))
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
            if self.truth(&value)? == stop_at {
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
            (Value::Nil, Kind::Map) => Some(self.context.map(MapType::Any, BTreeMap::new())?),
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

/// The message of `fail`, if it is a literal: anything else may hold a value of the data.
fn asked_to_fail(arguments: &[Expression]) -> Failure {
    const LONGEST: usize = 500;
    let [Expression::Text(message)] = arguments else {
        return Failure::Because(
            "the template asked to fail (its message is not shown, as it is no literal)",
        );
    };
    let message = message.lossy();
    let line = message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c });
    Failure::Asked(line.take(LONGEST).collect())
}
