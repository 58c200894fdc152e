//! What can be said of a command without any data: whether it can be called, and with so many
//! arguments of these literal types.

use super::Error;
use crate::functions::entry::{Function, Kind, Parameter};
use crate::template::ast::{Expression, Stage};
use crate::template::error::TemplateErrorKind;

/// Checks a command; `previous` is the one that its last argument comes from.
pub(super) fn stage(stage: &Stage, previous: Option<&Stage>) -> Result<(), Error> {
    let wrong = |message: String| Err((stage.offset, TemplateErrorKind::Arguments(message)));
    let is_piped = previous.is_some();
    match &stage.head {
        Expression::Function(function, _) => {
            number_of_arguments(function, stage, is_piped)
                .and_then(|()| types_of_literals(function, stage, previous))
                .or_else(wrong)?;
        }
        // Whether it is a method that takes arguments shows when there is data.
        Expression::Fields { .. } => {}
        Expression::Nil => return wrong("nil is not a command".to_owned()),
        _ if is_piped => return wrong("only a function can stand behind `|`".to_owned()),
        _ if !stage.arguments.is_empty() => {
            return wrong("what is not a function takes no arguments".to_owned());
        }
        _ => {}
    }
    for argument in &stage.arguments {
        if let Expression::Function(function, offset) = argument {
            let alone = Stage {
                head: Expression::Function(function, *offset),
                arguments: Vec::new(),
                offset: *offset,
            };
            self::stage(&alone, None)?;
        }
    }
    Ok(())
}

fn number_of_arguments(function: &Function, stage: &Stage, is_piped: bool) -> Result<(), String> {
    let given = stage.arguments.len() + usize::from(is_piped);
    let wanted = function.parameters.len();
    if given == wanted || (given > wanted && function.rest.is_some()) {
        return Ok(());
    }
    let at_least = if function.rest.is_some() {
        "at least "
    } else {
        ""
    };
    let plural = if wanted == 1 { "" } else { "s" };
    let piped = if is_piped {
        ", with the one before `|`"
    } else {
        ""
    };
    Err(format!(
        "`{}` takes {at_least}{wanted} argument{plural}, not {given}{piped}: {}",
        function.name,
        function.signature()
    ))
}

fn types_of_literals(
    function: &Function,
    stage: &Stage,
    previous: Option<&Stage>,
) -> Result<(), String> {
    // A literal as the first command of a pipeline is an argument of the second.
    let piped = previous
        .filter(|previous| previous.arguments.is_empty())
        .map(|previous| &previous.head);
    let arguments = stage.arguments.iter().enumerate();
    let last = piped.map(|head| (stage.arguments.len(), head));
    for (index, argument) in arguments.chain(last) {
        let Some(parameter) = function.parameter(index) else {
            continue;
        };
        if let Some(found) = misfit(argument, parameter.kind) {
            return Err(misfit_message(function, parameter, found));
        }
    }
    Ok(())
}

fn misfit_message(function: &Function, parameter: &Parameter, found: &str) -> String {
    format!(
        "`{}` of `{}` must be {}, and is {found}: {}",
        parameter.name,
        function.name,
        parameter.kind.describe(),
        function.signature()
    )
}

/// What the literal is, if it cannot be of that kind.
fn misfit(argument: &Expression, kind: Kind) -> Option<&'static str> {
    match (argument, kind) {
        (_, Kind::Any)
        | (Expression::Text(_), Kind::Text)
        | (Expression::Bool(_), Kind::Bool)
        | (Expression::Number(_), Kind::Float)
        | (Expression::Nil, Kind::Map | Kind::List) => None,
        (Expression::Number(number), Kind::Integer) if number.integer.is_some() => None,
        (Expression::Text(_), _) => Some("a text"),
        (Expression::Bool(_), _) => Some("a boolean"),
        (Expression::Number(number), _) if number.is_float => Some("a float"),
        (Expression::Number(_), _) => Some("an integer"),
        (Expression::Nil, _) => Some("nil"),
        _ => None,
    }
}
