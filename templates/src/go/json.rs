//! JSON, as `encoding/json` writes it.

use super::{layout, semver};
use crate::runtime::text::runes;
use crate::runtime::{Buffer, Context, Failure, IntegerType, ListType, Outcome, Value, limits};

/// How JSON is written.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// `<`, `>` and `&` are escaped, so that it can stand in HTML.
    pub(crate) escapes_html: bool,
    /// On several lines, indented by two spaces.
    pub(crate) indented: bool,
}

/// Writes a value; `None` where Go cannot: for a float that is infinite or none.
pub(crate) fn encode(
    context: &mut Context,
    value: &Value,
    style: Style,
) -> Outcome<Option<Buffer>> {
    let mut writer = Writer {
        output: Buffer::new(),
        style,
        can_be_written: true,
    };
    writer.value(context, value, 0)?;
    Ok(writer.can_be_written.then_some(writer.output))
}

struct Writer {
    output: Buffer,
    style: Style,
    can_be_written: bool,
}

impl Writer {
    fn value(&mut self, context: &mut Context, value: &Value, depth: usize) -> Outcome<()> {
        context.step(1)?;
        context.look_at(value)?;
        if depth > limits::VALUE_DEPTH {
            return Err(Failure::TooDeep);
        }
        match value {
            Value::Nil => self.output.push(b"null"),
            Value::Bool(true) => self.output.push(b"true"),
            Value::Bool(false) => self.output.push(b"false"),
            Value::Integer(bits, IntegerType::Uint64) => {
                self.output.push_str(&bits.cast_unsigned().to_string())
            }
            Value::Integer(integer, _) => self.output.push_str(&integer.to_string()),
            Value::Float(float) => self.float(*float),
            Value::Number(text) => self.output.push(text.bytes()),
            Value::Text(text) => self.string(text.bytes()),
            Value::Time(time) => {
                let text = layout::format(*time, "2006-01-02T15:04:05.999999999Z07:00");
                self.string(text.as_bytes())
            }
            Value::Version(version) => self.string(semver::to_text(version).as_bytes()),
            Value::List(list) if matches!(list.list_type(), ListType::Nil | ListType::NilTexts) => {
                self.output.push(b"null")
            }
            Value::List(list) => {
                let items = list.items().iter();
                self.all(context, (b"[", b"]"), items.map(|item| (None, item)), depth)
            }
            Value::Map(map) => {
                let entries = context.copy_of_entries(*map)?;
                let entries = entries
                    .iter()
                    .map(|(key, value)| (Some(key.bytes()), value));
                self.all(context, (b"{", b"}"), entries, depth)
            }
        }
    }

    fn all<'v>(
        &mut self,
        context: &mut Context,
        (open, close): (&[u8], &[u8]),
        entries: impl Iterator<Item = (Option<&'v [u8]>, &'v Value)>,
        depth: usize,
    ) -> Outcome<()> {
        self.output.push(open)?;
        let mut is_empty = true;
        for (key, value) in entries {
            if !is_empty {
                self.output.push(b",")?;
            }
            is_empty = false;
            self.new_line(depth + 1)?;
            if let Some(key) = key {
                self.string(key)?;
                self.output
                    .push(if self.style.indented { b": " } else { b":" })?;
            }
            self.value(context, value, depth + 1)?;
        }
        if !is_empty {
            self.new_line(depth)?;
        }
        self.output.push(close)
    }

    fn new_line(&mut self, depth: usize) -> Outcome<()> {
        if !self.style.indented {
            return Ok(());
        }
        self.output.push(b"\n")?;
        self.output.push_repeated(b"  ", depth)
    }

    fn float(&mut self, float: f64) -> Outcome<()> {
        self.can_be_written &= float.is_finite();
        let magnitude = float.abs();
        let is_plain = magnitude == 0.0 || (1e-6..1e21).contains(&magnitude);
        let text = if is_plain {
            format!("{float}")
        } else {
            let text = format!("{float:e}");
            if text.contains("e-") {
                text
            } else {
                text.replace('e', "e+")
            }
        };
        self.output.push_str(&text)
    }

    fn string(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.output.push(b"\"")?;
        for (_, character, width) in runes(bytes) {
            let short: &[u8] = match character {
                '"' => b"\\\"",
                '\\' => b"\\\\",
                '\u{8}' => b"\\b",
                '\u{c}' => b"\\f",
                '\n' => b"\\n",
                '\r' => b"\\r",
                '\t' => b"\\t",
                _ => b"",
            };
            let is_html = self.style.escapes_html && matches!(character, '<' | '>' | '&');
            let is_broken = character == char::REPLACEMENT_CHARACTER && width == 1;
            if !short.is_empty() {
                self.output.push(short)?;
            } else if is_html
                || is_broken
                || character < ' '
                || matches!(character, '\u{2028}' | '\u{2029}')
            {
                self.output
                    .push_str(&format!("\\u{:04x}", u32::from(character)))?;
            } else {
                self.output.push_char(character)?;
            }
        }
        self.output.push(b"\"")
    }
}
