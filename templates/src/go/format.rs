//! How `fmt` prints a value.

mod numbers;
mod texts;

use super::{layout, names, semver};
use crate::runtime::text::runes;
use crate::runtime::{
    Buffer, Context, Failure, ListType, Map, MapType, Outcome, Text, Value, limits,
};

/// A verb with its flags, such as `%-08.3f`.
#[derive(Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the five flags of fmt, and `%#v`"
)]
pub(crate) struct Spec {
    pub(crate) verb: char,
    pub(crate) width: Option<usize>,
    pub(crate) precision: Option<usize>,
    pub(crate) plus: bool,
    pub(crate) minus: bool,
    pub(crate) sharp: bool,
    pub(crate) space: bool,
    pub(crate) zero: bool,
    /// `%#v`
    pub(crate) syntax: bool,
}

impl Spec {
    /// `%v`
    pub(crate) const PLAIN: Self = Self {
        verb: 'v',
        width: None,
        precision: None,
        plus: false,
        minus: false,
        sharp: false,
        space: false,
        zero: false,
        syntax: false,
    };
}

/// Prints a value as `%v` does.
pub(crate) fn print(context: &mut Context, output: &mut Buffer, value: &Value) -> Outcome<()> {
    Printer { context, output }.value(value, &Spec::PLAIN, 0)
}

/// Prints a value as the verb says.
pub(crate) fn print_as(
    context: &mut Context,
    output: &mut Buffer,
    value: &Value,
    spec: &Spec,
) -> Outcome<()> {
    Printer { context, output }.value(value, spec, 0)
}

/// The value as text: itself if it is one, else as `%v` prints it.
pub(crate) fn text_of(context: &mut Context, value: &Value) -> Outcome<Text> {
    if let Value::Text(text) | Value::Number(text) = value {
        return Ok(text.clone());
    }
    let mut buffer = Buffer::new();
    print(context, &mut buffer, value)?;
    context.make_text(buffer.into_bytes())
}

const WRONG_VERB: Failure =
    Failure::Because("a verb in the format does not fit its argument; `%v` fits any value");

struct Printer<'a> {
    context: &'a mut Context,
    output: &'a mut Buffer,
}

impl Printer<'_> {
    fn value(&mut self, value: &Value, spec: &Spec, depth: usize) -> Outcome<()> {
        self.context.step(1)?;
        self.context.look_at(value)?;
        if depth > limits::VALUE_DEPTH {
            return Err(Failure::TooDeep);
        }
        if spec.verb == 'T' {
            return self.string(names::type_of(self.context, value).as_bytes(), spec);
        }
        match value {
            Value::Nil => self.nil(spec, depth),
            Value::Bool(boolean) if matches!(spec.verb, 'v' | 't') => {
                self.pad(if *boolean { b"true" } else { b"false" }, spec)
            }
            Value::Bool(_) => Err(WRONG_VERB),
            Value::Integer(bits, integer_type) => self.integer_of(*bits, *integer_type, spec),
            Value::Float(float) => self.float(*float, spec),
            Value::Number(text) => self.number(value, text, spec),
            Value::Text(text) => self.string(text.bytes(), spec),
            Value::Time(_) | Value::Version(_) if spec.syntax => {
                Failure::because("`%#v` of times and versions is left out; use `%v`")
            }
            Value::Time(time) => self.string(layout::to_text(*time).as_bytes(), spec),
            Value::Version(version) => self.string(semver::to_text(version).as_bytes(), spec),
            Value::List(list) => self.list(list.items(), list.list_type(), spec, depth),
            Value::Map(map) => self.map(*map, spec, depth),
        }
    }

    fn nil(&mut self, spec: &Spec, depth: usize) -> Outcome<()> {
        match (depth, spec.verb, spec.syntax) {
            (0, 'v', _) => self.pad(b"<nil>", spec),
            (0, ..) => Err(WRONG_VERB),
            (_, 'v', true) => self.output.push(b"interface {}(nil)"),
            _ => self.output.push(b"<nil>"),
        }
    }

    fn list(
        &mut self,
        items: &[Value],
        list_type: ListType,
        spec: &Spec,
        depth: usize,
    ) -> Outcome<()> {
        let (open, separator, close): (&[u8], &[u8], &[u8]) = if spec.syntax {
            (b"{", b", ", b"}")
        } else {
            (b"[", b" ", b"]")
        };
        if spec.syntax {
            self.output.push_str(match list_type {
                ListType::Any => "[]interface {}",
                ListType::Nil => return self.output.push(b"[]interface {}(nil)"),
                ListType::Texts => "[]string",
                ListType::NilTexts => return self.output.push(b"[]string(nil)"),
                ListType::Integers => "[]int",
                ListType::Lists => "[][]interface {}",
            })?;
        }
        self.output.push(open)?;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.output.push(separator)?;
            }
            self.value(item, spec, depth + 1)?;
        }
        self.output.push(close)
    }

    fn map(&mut self, map: Map, spec: &Spec, depth: usize) -> Outcome<()> {
        let entries = self.context.copy_of_entries(map)?;
        let (open, separator, close): (&[u8], &[u8], &[u8]) = match self.context.map_type(map) {
            MapType::Any if spec.syntax => (b"map[string]interface {}{", b", ", b"}"),
            MapType::Texts if spec.syntax => (b"map[string]string{", b", ", b"}"),
            _ => (b"map[", b" ", b"]"),
        };
        self.output.push(open)?;
        for (index, (key, value)) in entries.iter().enumerate() {
            if index > 0 {
                self.output.push(separator)?;
            }
            self.string(key.bytes(), spec)?;
            self.output.push(b":")?;
            self.value(value, spec, depth + 1)?;
        }
        self.output.push(close)
    }

    /// Writes bytes, filled up to the width in characters.
    fn pad(&mut self, bytes: &[u8], spec: &Spec) -> Outcome<()> {
        let missing = match spec.width {
            None | Some(0) => 0,
            Some(width) => width.saturating_sub(runes(bytes).count()),
        };
        if spec.minus {
            self.output.push(bytes)?;
            return self.output.push_repeated(b" ", missing);
        }
        let fill: &[u8] = if spec.zero { b"0" } else { b" " };
        self.output.push_repeated(fill, missing)?;
        self.output.push(bytes)
    }
}
