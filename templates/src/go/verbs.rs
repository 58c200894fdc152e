//! `fmt.Sprintf`. Where Go writes a mistake into the text (`%!d(string=…)`), it is an error here.

use super::format::{self, Spec};
use crate::runtime::text::first_rune;
use crate::runtime::{Buffer, Context, Failure, IntegerType, Numeric, Outcome, Value, limits};

/// Writes `format` with its verbs replaced by the arguments.
pub(crate) fn printf(
    context: &mut Context,
    output: &mut Buffer,
    format: &[u8],
    arguments: &[Value],
) -> Outcome<()> {
    let mut reader = Reader {
        rest: format,
        arguments,
        next: 0,
        reordered: false,
    };
    while let Some(percent) = reader.rest.iter().position(|byte| *byte == b'%') {
        output.push(&reader.rest[..percent])?;
        reader.rest = &reader.rest[percent + 1..];
        let spec = reader.spec()?;
        if spec.verb == '%' {
            output.push(b"%")?;
        } else {
            let value = reader.argument()?;
            format::print_as(context, output, value, &spec)?;
        }
    }
    output.push(reader.rest)?;
    if reader.next < arguments.len() && !reader.reordered {
        return Failure::because("the format has fewer verbs than there are arguments");
    }
    Ok(())
}

struct Reader<'a> {
    rest: &'a [u8],
    arguments: &'a [Value],
    next: usize,
    reordered: bool,
}

impl<'a> Reader<'a> {
    fn take(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn argument(&mut self) -> Outcome<&'a Value> {
        let value = self.arguments.get(self.next);
        self.next += 1;
        value.ok_or(Failure::Because(
            "the format has more verbs than there are arguments",
        ))
    }

    /// Flags, width, precision and verb.
    fn spec(&mut self) -> Outcome<Spec> {
        let mut spec = Spec::PLAIN;
        while let Some(byte) = self.rest.first() {
            match byte {
                b'#' => spec.sharp = true,
                b'0' => spec.zero = true,
                b'+' => spec.plus = true,
                b'-' => spec.minus = true,
                b' ' => spec.space = true,
                _ => break,
            }
            self.rest = &self.rest[1..];
        }
        self.index()?;
        self.width(&mut spec)?;
        if self.take(b'.') {
            self.precision(&mut spec)?;
        }
        self.index()?;
        let (verb, width) = first_rune(self.rest).ok_or(Failure::Because(
            "the format ends behind a `%`; `%%` is a percent sign",
        ))?;
        self.rest = &self.rest[width..];
        spec.verb = verb;
        if verb == 'v' {
            spec.syntax = spec.sharp;
            spec.sharp = false;
            spec.plus = false;
        }
        Ok(spec)
    }

    fn width(&mut self, spec: &mut Spec) -> Outcome<()> {
        if !self.take(b'*') {
            spec.width = self.number()?;
            return Ok(());
        }
        let width = self.star()?;
        if width < 0 {
            spec.minus = true;
            spec.zero = false;
        }
        spec.width = Some(bounded(width.unsigned_abs())?);
        Ok(())
    }

    fn precision(&mut self, spec: &mut Spec) -> Outcome<()> {
        self.index()?;
        if !self.take(b'*') {
            spec.precision = Some(self.number()?.unwrap_or(0));
            return Ok(());
        }
        let precision = self.star()?;
        spec.precision = match u64::try_from(precision) {
            Ok(precision) => Some(bounded(precision)?),
            Err(_) => None,
        };
        Ok(())
    }

    /// An argument that is a width or a precision.
    fn star(&mut self) -> Outcome<i64> {
        match self.argument()? {
            Value::Integer(integer, kind) if *kind != IntegerType::Uint64 => Ok(*integer),
            value @ Value::Number(_) => match Numeric::of(value) {
                Some(Numeric::Integer(integer)) => i64::try_from(integer).map_err(|_| TOO_LARGE),
                _ => Failure::because(STAR),
            },
            _ => Failure::because(STAR),
        }
    }

    fn number(&mut self) -> Outcome<Option<usize>> {
        let digits = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 {
            return Ok(None);
        }
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        let number = std::str::from_utf8(number)
            .ok()
            .and_then(|text| text.parse().ok());
        bounded(number.unwrap_or(u64::MAX)).map(Some)
    }

    /// `[n]`: the argument to go on with.
    fn index(&mut self) -> Outcome<()> {
        if !self.take(b'[') {
            return Ok(());
        }
        self.reordered = true;
        let number = self.number()?;
        let index = number.and_then(|number| number.checked_sub(1));
        match index.filter(|index| *index < self.arguments.len()) {
            Some(index) if self.take(b']') => self.next = index,
            _ => return Failure::because("an argument number in the format is wrong"),
        }
        Ok(())
    }
}

const STAR: &str = "a `*` in the format needs an integer";
const TOO_LARGE: Failure = Failure::Because("a width or precision in the format is too large");

fn bounded(number: u64) -> Outcome<usize> {
    usize::try_from(number)
        .ok()
        .filter(|number| *number <= limits::WIDTH)
        .ok_or(TOO_LARGE)
}
