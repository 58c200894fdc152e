//! Where the head of a request ends.

use std::io;

use contract::limits::REQUEST_HEAD;

/// What has been seen of a head: it ends with its first empty line.
#[derive(Default)]
pub(super) struct Head {
    bytes: usize,
    /// Whether it has begun: empty lines before a request are skipped, as actix does.
    has_begun: bool,
    is_line_empty: bool,
}

impl Head {
    /// How many of these bytes belong to it, and whether it ends with them.
    pub(super) fn read(&mut self, bytes: &[u8]) -> io::Result<(usize, bool)> {
        let end = bytes.iter().position(|byte| self.ends_with(*byte));
        let read = end.map_or(bytes.len(), |end| end + 1);
        self.bytes += read;
        if self.bytes > REQUEST_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if end.is_some() {
            *self = Self::default();
        }
        Ok((read, end.is_some()))
    }

    fn ends_with(&mut self, byte: u8) -> bool {
        match byte {
            b'\n' if self.is_line_empty => return true,
            b'\n' => self.is_line_empty = self.has_begun,
            b'\r' => {}
            _ => (self.has_begun, self.is_line_empty) = (true, false),
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_ends_with_its_first_empty_line() {
        let cases = [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "body\r\n\r\n"),
            ("GET / HTTP/1.1\nHost: a\n\n", "GET /"),
            ("\r\n\r\n\nGET / HTTP/1.1\r\n\r\n", ""),
            ("GET / HTTP/1.1\r\nA: b\n\r\n", "\r\n"),
        ];
        for (head, rest) in cases {
            let all = [head, rest].concat();
            let read = Head::default().read(all.as_bytes()).unwrap();
            assert_eq!(read, (head.len(), true), "{all:?}");
            // Wherever it is cut.
            for cut in 0..head.len() {
                let mut seen = Head::default();
                let (first, second) = all.as_bytes().split_at(cut);
                assert_eq!(seen.read(first).unwrap(), (cut, false), "{all:?}");
                let expected = (head.len() - cut, true);
                assert_eq!(seen.read(second).unwrap(), expected, "{all:?}");
            }
        }
    }

    #[test]
    fn head_without_end_is_read_to_its_bound() {
        let mut head = Head::default();
        let line = [b"A: ".as_slice(), &[b'a'; 1019], b"\r\n"].concat();
        for _ in 0..16 {
            assert_eq!(head.read(&line).unwrap(), (1024, false));
        }
        assert!(head.read(b"A").is_err());
        // Nor does an endless row of empty lines begin one.
        let mut head = Head::default();
        assert!(head.read(&vec![b'\n'; REQUEST_HEAD + 1]).is_err());
    }
}
