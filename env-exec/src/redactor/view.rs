//! A text as a reader may decode it, with the way back to its bytes.

/// How often one encoding may be inside of another.
const DEPTH: usize = 2;

/// A decoded text.
pub(super) struct View {
    /// Its bytes, white space and control characters as spaces.
    pub(super) bytes: Vec<u8>,
    /// Where each byte begins in the text; at the end the text's length.
    pub(super) starts: Vec<usize>,
}

/// White space and control characters are changed on the way to a log, and must hide nothing.
pub(super) fn fold(byte: u8) -> u8 {
    if byte.is_ascii_control() { b' ' } else { byte }
}

impl View {
    fn of(text: &[u8]) -> Self {
        Self {
            bytes: text.to_vec(),
            starts: (0..=text.len()).collect(),
        }
    }

    /// Replaces what `decode` knows: for a rest of the bytes how many it takes, and what they mean.
    /// Nothing if that changes nothing.
    fn decoded(&self, decode: impl Fn(&[u8]) -> Option<(usize, char)>) -> Option<Self> {
        let (mut bytes, mut starts) = (Vec::new(), Vec::new());
        let mut is_changed = false;
        let mut at = 0;
        while at < self.bytes.len() {
            let (length, meaning) = match decode(&self.bytes[at..]) {
                Some(decoded) => decoded,
                None => (1, char::from(self.bytes[at])),
            };
            is_changed |= length > 1 || meaning != char::from(self.bytes[at]);
            // A character below 256 that is no `\u` is a byte.
            let mut buffer = [0; 4];
            let meant: &[u8] = match u8::try_from(u32::from(meaning)) {
                Ok(byte) if length < 6 => &[byte],
                _ => meaning.encode_utf8(&mut buffer).as_bytes(),
            };
            for byte in meant {
                bytes.push(*byte);
                starts.push(self.starts[at]);
            }
            at += length;
        }
        starts.push(self.starts[self.bytes.len()]);
        is_changed.then_some(Self { bytes, starts })
    }
}

/// The text, and what it becomes where something in it can be decoded.
pub(super) fn all(text: &[u8]) -> Vec<View> {
    let mut views = vec![View::of(text)];
    let mut begin = 0;
    for _ in 0..DEPTH {
        let end = views.len();
        for number in begin..end {
            let view = &views[number];
            let decoded = [
                view.decoded(percent),
                view.decoded(form),
                view.decoded(backslash),
            ];
            let decoded: Vec<_> = decoded.into_iter().flatten().collect();
            views.extend(decoded);
        }
        begin = end;
    }
    for view in &mut views {
        view.bytes.iter_mut().for_each(|byte| *byte = fold(*byte));
    }
    views
}

/// `%2F`, in either case.
pub(super) fn percent(rest: &[u8]) -> Option<(usize, char)> {
    match rest {
        [b'%', high, low, ..] => Some((3, char::from_u32(hex(&[*high, *low])?)?)),
        _ => None,
    }
}

/// The same in a form, where a space is a plus.
fn form(rest: &[u8]) -> Option<(usize, char)> {
    match rest {
        [b'+', ..] => Some((1, ' ')),
        _ => percent(rest),
    }
}

/// As JSON and Go quote a text.
fn backslash(rest: &[u8]) -> Option<(usize, char)> {
    match rest {
        [b'\\', b'u', digits @ ..] => utf16(digits),
        [b'\\', b'U', digits @ ..] => Some((10, character(hex(digits.get(..8)?)?))),
        [b'\\', b'x', digits @ ..] => Some((4, char::from_u32(hex(digits.get(..2)?)?)?)),
        [b'\\', b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v', ..] => Some((2, ' ')),
        [b'\\', other @ (b'\\' | b'"' | b'\'' | b'/'), ..] => Some((2, char::from(*other))),
        _ => None,
    }
}

/// What stands behind `\u`: JSON writes a character above U+FFFF as two of them.
fn utf16(digits: &[u8]) -> Option<(usize, char)> {
    let first = hex(digits.get(..4)?)?;
    if let Some([b'\\', b'u', second @ ..]) = digits.get(4..10)
        && let (0xD800..0xDC00, Some(second @ 0xDC00..0xE000)) = (first, hex(second))
    {
        let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return Some((12, character(code)));
    }
    Some((6, character(first)))
}

fn character(code: u32) -> char {
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        Some(number * 16 + char::from(*digit).to_digit(16)?)
    })
}
