//! Names of types and kinds, as `%T` and `reflect` give them.

use crate::runtime::{Context, IntegerType, ListType, MapType, Numeric, Value};

/// Go's name of the value's type.
pub(crate) fn type_of(context: &Context, value: &Value) -> &'static str {
    match value {
        Value::Nil => "<nil>",
        Value::Bool(_) => "bool",
        Value::Integer(_, integer_type) => match integer_type {
            IntegerType::Int => "int",
            IntegerType::Int64 => "int64",
            IntegerType::Byte => "uint8",
            IntegerType::Uint64 => "uint64",
            IntegerType::Month => "time.Month",
            IntegerType::Weekday => "time.Weekday",
        },
        Value::Float(_) => "float64",
        Value::Number(_) => "json.Number",
        Value::Text(_) => "string",
        Value::List(list) => match list.list_type() {
            ListType::Any | ListType::Nil => "[]interface {}",
            ListType::Texts | ListType::NilTexts => "[]string",
            ListType::Integers => "[]int",
            ListType::Lists => "[][]interface {}",
        },
        Value::Map(map) => match context.map_type(*map) {
            MapType::Any => "map[string]interface {}",
            MapType::Texts => "map[string]string",
        },
        Value::Time(_) => "time.Time",
        Value::Version(_) => "*semver.Version",
    }
}

/// Go's name of the value's kind. A number of the data is of the kind that it is written as.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Nil => "invalid",
        Value::Bool(_) => "bool",
        Value::Integer(_, integer_type) => match integer_type {
            IntegerType::Int | IntegerType::Month | IntegerType::Weekday => "int",
            IntegerType::Int64 => "int64",
            IntegerType::Byte => "uint8",
            IntegerType::Uint64 => "uint64",
        },
        Value::Number(_) => match Numeric::of(value) {
            Some(Numeric::Integer(_)) => "int64",
            _ => "float64",
        },
        Value::Float(_) => "float64",
        Value::Text(_) => "string",
        Value::List(_) => "slice",
        Value::Map(_) => "map",
        Value::Time(_) => "struct",
        Value::Version(_) => "ptr",
    }
}
