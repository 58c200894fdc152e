//! Long lines of prose, wrapped.

/// Most characters of a line.
const WIDTH: usize = 100;

/// The page with its prose in lines of at most [`WIDTH`] characters. Tables, titles, remarks and
/// blocks of code stay as they are.
pub(super) fn wrap_prose(page: &str) -> String {
    let mut wrapped = String::new();
    let mut in_block = false;
    for line in page.lines() {
        let is_fence = line.starts_with("```");
        in_block ^= is_fence;
        let stays = in_block || is_fence || line.starts_with(['|', '#', '<']);
        if stays || line.chars().count() <= WIDTH {
            wrapped.push_str(line);
        } else {
            push_wrapped(&mut wrapped, line);
        }
        wrapped.push('\n');
    }
    wrapped
}

/// Breaks a line at spaces, but not inside of a code span. An item of a list stays one.
fn push_wrapped(page: &mut String, line: &str) {
    let indent = if line.starts_with("- ") { "  " } else { "" };
    let mut column = 0;
    let mut piece = String::new();
    let mut words = line.split(' ').peekable();
    while let Some(word) = words.next() {
        piece.push_str(word);
        let in_code = piece.matches('`').count() % 2 == 1;
        if in_code && words.peek().is_some() {
            piece.push(' ');
            continue;
        }
        let width = piece.chars().count();
        if column == 0 {
            column = width;
        } else if column + 1 + width <= WIDTH {
            page.push(' ');
            column += 1 + width;
        } else {
            page.push('\n');
            page.push_str(indent);
            column = indent.len() + width;
        }
        page.push_str(&piece);
        piece.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, wrap_prose};

    #[test]
    fn long_prose_is_wrapped_at_spaces() {
        let words = "word ".repeat(50);
        let wrapped = wrap_prose(words.trim_end());
        assert!(wrapped.lines().all(|line| line.len() <= WIDTH), "{wrapped}");
        assert_eq!(wrapped.lines().count(), 3);
        assert_eq!(wrapped.replace('\n', " "), words);
    }

    #[test]
    fn item_of_a_list_is_indented() {
        let item = format!("- {} end\n", "a".repeat(96));
        let expected = format!("- {}\n  end\n", "a".repeat(96));
        assert_eq!(wrap_prose(&item), expected);
    }

    #[test]
    fn code_span_stays_on_one_line() {
        let line = format!("{} `a b` end\n", "a".repeat(96));
        let expected = format!("{}\n`a b` end\n", "a".repeat(96));
        assert_eq!(wrap_prose(&line), expected);
    }

    #[test]
    fn table_title_remark_and_block_stay() {
        let long = "a ".repeat(80);
        let page = format!("# {long}\n\n<!-- {long}-->\n\n| {long}|\n\n```text\n{long}\n```\n");
        assert_eq!(wrap_prose(&page), page);
    }
}
