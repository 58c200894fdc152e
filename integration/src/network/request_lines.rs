//! Finding request lines in what an HTTP/1.1 client sends.

/// Collects the lines that end in `HTTP/1.1`. It does not parse messages: a body that holds such a
/// line would count, and no test sends one.
#[derive(Default)]
pub(super) struct RequestLines {
    /// What has come of the current line.
    line: Vec<u8>,
}

impl RequestLines {
    /// The request lines that end in these bytes, as `GET /path`.
    pub(super) fn find_lines(&mut self, bytes: &[u8]) -> Vec<String> {
        const LONGEST: usize = 64 * 1024;
        let mut found = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend(part);
            if part.ends_with(b"\n") {
                found.extend(request_line(&self.line));
                self.line.clear();
            } else if self.line.len() > LONGEST {
                self.line.clear();
            }
        }
        found
    }
}

/// A body that ends without a newline stands right before the method.
fn request_line(line: &[u8]) -> Option<String> {
    let line = String::from_utf8_lossy(line);
    let (before, target) = line.strip_suffix(" HTTP/1.1\r\n")?.rsplit_once(' ')?;
    let start = before
        .rfind(|c: char| !c.is_ascii_uppercase())
        .map_or(0, |index| index + 1);
    let method = before.get(start..).filter(|method| !method.is_empty())?;
    Some(format!("{method} {target}"))
}

#[cfg(test)]
mod tests {
    use super::RequestLines;

    #[test]
    fn request_lines_are_found_across_chunks_and_behind_bodies() {
        let text = "POST /v1/a?x=1 HTTP/1.1\r\nContent-Length: 7\r\n\r\n{\"a\":1}GET /v1/b HTTP/1.1\r\n\
                    Host: b HTTP\r\n\r\nCONNECT vault:8200 HTTP/1.1\r\n\r\n";
        let expected = ["POST /v1/a?x=1", "GET /v1/b", "CONNECT vault:8200"];
        assert_eq!(
            RequestLines::default().find_lines(text.as_bytes()),
            expected
        );
        let mut by_byte = RequestLines::default();
        let found: Vec<_> = text
            .bytes()
            .flat_map(|byte| by_byte.find_lines(&[byte]))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn encrypted_bytes_give_no_request() {
        let bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
        assert!(RequestLines::default().find_lines(&bytes).is_empty());
    }
}
