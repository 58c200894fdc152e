//! The verbs for numbers.

use super::{Printer, Spec, WRONG_VERB};
use crate::go::float::{self, Form};
use crate::go::quote::{self, Keep};
use crate::go::{letters, time};
use crate::runtime::{Failure, IntegerType, Numeric, Outcome, Text, Value};

impl Printer<'_> {
    pub(super) fn integer_of(
        &mut self,
        bits: i64,
        integer_type: IntegerType,
        spec: &Spec,
    ) -> Outcome<()> {
        let name = match integer_type {
            IntegerType::Month => time::month_name(bits),
            IntegerType::Weekday => time::weekday_name(bits),
            IntegerType::Byte | IntegerType::Uint64 if spec.syntax => {
                let sharp = Spec {
                    verb: 'x',
                    sharp: true,
                    ..*spec
                };
                return self.integer(bits.cast_unsigned().into(), &sharp);
            }
            IntegerType::Uint64 => return self.integer(bits.cast_unsigned().into(), spec),
            _ => None,
        };
        match name {
            Some(name) if matches!(spec.verb, 'v' | 's' | 'q' | 'x' | 'X') && !spec.syntax => {
                self.string(name.as_bytes(), spec)
            }
            _ => self.integer(bits.into(), spec),
        }
    }

    fn integer(&mut self, integer: i128, spec: &Spec) -> Outcome<()> {
        let magnitude = integer.unsigned_abs();
        let digits = match spec.verb {
            'v' | 'd' => format!("{magnitude}"),
            'b' => format!("{magnitude:b}"),
            'o' | 'O' => format!("{magnitude:o}"),
            'x' => format!("{magnitude:x}"),
            'X' => format!("{magnitude:X}"),
            'c' => return self.pad(character(integer).to_string().as_bytes(), spec),
            'q' => {
                let keep = if spec.plus {
                    Keep::Ascii
                } else {
                    Keep::Printable
                };
                return self.pad(quote::character(character(integer), keep).as_bytes(), spec);
            }
            'U' => return self.unicode(integer, spec),
            _ => return Err(WRONG_VERB),
        };
        if spec.precision == Some(0) && integer == 0 {
            return self.output.push_repeated(b" ", spec.width.unwrap_or(0));
        }
        let sign = match (integer < 0, spec.plus, spec.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        let zeros = self.leading_zeros(digits.len(), sign, spec)?;
        let prefix = match spec.verb {
            'O' => "0o",
            'b' if spec.sharp => "0b",
            'o' if spec.sharp && zeros == 0 && !digits.starts_with('0') => "0",
            'x' if spec.sharp => "0x",
            'X' if spec.sharp => "0X",
            _ => "",
        };
        let text = format!("{sign}{prefix}{}{digits}", "0".repeat(zeros));
        self.pad(
            text.as_bytes(),
            &Spec {
                zero: false,
                ..*spec
            },
        )
    }

    /// How many zeros a precision, or a width with the flag `0`, puts before the digits.
    fn leading_zeros(&mut self, digits: usize, sign: &str, spec: &Spec) -> Outcome<usize> {
        let wanted = match (spec.precision, spec.width) {
            (Some(precision), _) => precision,
            (None, Some(width)) if spec.zero && !spec.minus => width.saturating_sub(sign.len()),
            _ => 0,
        };
        let zeros = wanted.saturating_sub(digits);
        self.context.pay_for_text(zeros)?;
        Ok(zeros)
    }

    fn unicode(&mut self, integer: i128, spec: &Spec) -> Outcome<()> {
        // A negative integer shows its 64 bits, as in Go.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "its bits"
        )]
        let bits = integer as u64;
        let mut text = format!("{bits:X}");
        let zeros = spec
            .precision
            .unwrap_or(0)
            .max(4)
            .saturating_sub(text.len());
        self.context.pay_for_text(zeros)?;
        text = format!("U+{}{text}", "0".repeat(zeros));
        let shown = u32::try_from(integer).ok().and_then(char::from_u32);
        if let Some(shown) = shown.filter(|shown| spec.sharp && letters::is_print(*shown)) {
            text = format!("{text} '{shown}'");
        }
        self.pad(
            text.as_bytes(),
            &Spec {
                zero: false,
                ..*spec
            },
        )
    }

    pub(super) fn float(&mut self, value: f64, spec: &Spec) -> Outcome<()> {
        let (form, default) = match spec.verb {
            'v' | 'g' | 'G' => (Form::General, None),
            'f' | 'F' => (Form::Plain, Some(6)),
            'e' | 'E' => (Form::Exponent, Some(6)),
            'b' | 'x' | 'X' => {
                return Failure::because(
                    "floats in base 2 or 16 are left out; use `%f`, `%e` or `%g`",
                );
            }
            _ => return Err(WRONG_VERB),
        };
        let precision = spec.precision.or(default);
        self.context.pay_for_text(precision.unwrap_or(0))?;
        let mut text = float::text(value, form, precision);
        if !text.starts_with(['-', '+']) {
            text.insert(0, '+');
        }
        if matches!(spec.verb, 'E' | 'G') {
            text = text.replace('e', "E");
        }
        if spec.sharp {
            text = with_point(&text, spec);
        }
        self.signed(text, value, spec)
    }

    /// Pads a number that begins with its sign.
    fn signed(&mut self, mut text: String, value: f64, spec: &Spec) -> Outcome<()> {
        if spec.space && !spec.plus && text.starts_with('+') {
            text.replace_range(..1, " ");
        }
        let keeps_sign = spec.plus || !text.starts_with('+');
        if !value.is_finite() {
            let drops_sign = if value.is_nan() {
                !spec.space && !spec.plus
            } else {
                false
            };
            let keeps_sign = !drops_sign && (keeps_sign || value.is_infinite());
            let text = if keeps_sign { &text[..] } else { &text[1..] };
            return self.pad(
                text.as_bytes(),
                &Spec {
                    zero: false,
                    ..*spec
                },
            );
        }
        if !keeps_sign {
            return self.pad(&text.as_bytes()[1..], spec);
        }
        let width = spec.width.unwrap_or(0);
        if spec.zero && !spec.minus && width > text.len() {
            self.output.push(&text.as_bytes()[..1])?;
            self.output.push_repeated(b"0", width - text.len())?;
            return self.output.push(&text.as_bytes()[1..]);
        }
        self.pad(text.as_bytes(), spec)
    }

    /// A number of the data: as written by the verbs for texts, as a number by those for numbers.
    pub(super) fn number(&mut self, value: &Value, text: &Text, spec: &Spec) -> Outcome<()> {
        match (spec.verb, Numeric::of(value)) {
            ('v' | 's' | 'q', _) => self.string(text.bytes(), spec),
            ('d' | 'b' | 'o' | 'O' | 'x' | 'X' | 'c' | 'U', Some(Numeric::Integer(integer))) => {
                self.integer(integer, spec)
            }
            ('e' | 'E' | 'f' | 'F' | 'g' | 'G', Some(number)) => self.float(number.to_f64(), spec),
            _ => Err(WRONG_VERB),
        }
    }
}

fn character(integer: i128) -> char {
    u32::try_from(integer)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// What the flag `#` does to a float: a point always, and in the general form all zeros.
fn with_point(text: &str, spec: &Spec) -> String {
    let at = text.find(['e', 'E']).unwrap_or(text.len());
    let (number, tail) = text.split_at(at);
    let mut number = number.to_owned();
    let mut missing = 0;
    if matches!(spec.verb, 'v' | 'g' | 'G') {
        let digits = number.trim_start_matches(['+', '-', '0', '.']);
        let significant = digits.bytes().filter(u8::is_ascii_digit).count();
        let zero = usize::from(number.len() == 2 && number.ends_with('0'));
        missing = spec
            .precision
            .unwrap_or(6)
            .saturating_sub(significant + zero);
    }
    if !number.contains('.') {
        number.push('.');
    }
    format!("{number}{}{tail}", "0".repeat(missing))
}
