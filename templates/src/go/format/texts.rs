//! The verbs for texts: `%s`, `%q`, `%x`.

use std::fmt::Write as _;

use super::{Printer, Spec, WRONG_VERB};
use crate::go::quote::{self, Keep};
use crate::runtime::Outcome;
use crate::runtime::text::{lossy, runes};

impl Printer<'_> {
    /// A text by one of the verbs for texts.
    pub(super) fn string(&mut self, bytes: &[u8], spec: &Spec) -> Outcome<()> {
        match spec.verb {
            'v' if spec.syntax => self.quoted(bytes, spec),
            'v' | 's' | 'T' => self.pad(truncate(bytes, spec.precision), spec),
            'q' => self.quoted(bytes, spec),
            'x' | 'X' => self.hexadecimal(bytes, spec),
            _ => Err(WRONG_VERB),
        }
    }

    fn quoted(&mut self, bytes: &[u8], spec: &Spec) -> Outcome<()> {
        let bytes = truncate(bytes, spec.precision);
        let text = lossy(bytes);
        if spec.sharp && std::str::from_utf8(bytes).is_ok() && quote::can_backquote(&text) {
            return self.pad(format!("`{text}`").as_bytes(), spec);
        }
        let keep = if spec.plus {
            Keep::Ascii
        } else {
            Keep::Printable
        };
        self.pad(quote::text(bytes, keep).as_bytes(), spec)
    }

    fn hexadecimal(&mut self, bytes: &[u8], spec: &Spec) -> Outcome<()> {
        let bytes = &bytes[..spec.precision.unwrap_or(bytes.len()).min(bytes.len())];
        let prefix = if spec.verb == 'x' { "0x" } else { "0X" };
        let mut text = String::new();
        for (index, byte) in bytes.iter().enumerate() {
            if spec.space && index > 0 {
                text.push(' ');
            }
            if spec.sharp && (spec.space || index == 0) {
                text.push_str(prefix);
            }
            // Writing to a `String` does not fail.
            let _ = match spec.verb {
                'x' => write!(text, "{byte:02x}"),
                _ => write!(text, "{byte:02X}"),
            };
        }
        self.pad(text.as_bytes(), spec)
    }
}

/// The first characters of a text.
fn truncate(bytes: &[u8], characters: Option<usize>) -> &[u8] {
    let Some(count) = characters else {
        return bytes;
    };
    match runes(bytes).nth(count) {
        Some((end, ..)) => &bytes[..end],
        None => bytes,
    }
}
