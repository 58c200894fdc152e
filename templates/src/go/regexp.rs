//! Regular expressions in the syntax of Go, which is that of RE2.
//!
//! `regex-lite` does the matching, in linear time for each search. Its syntax and RE2's are nearly
//! the same; [`translate`] does the rest. What is missing is said by name: classes of Unicode
//! (`\pL`), and letters beyond ASCII are not folded by `(?i)`.

mod class;
mod extent;
mod translate;

use regex_lite::{Captures, Regex, RegexBuilder};

use crate::runtime::{Buffer, Context, Failure, Outcome, Text};

/// A compiled expression.
pub(crate) struct Expression {
    regex: Regex,
    is_empty: bool,
    /// How many states there are, roughly.
    size: usize,
    /// How long a match can be at most, if that is bounded.
    longest: Option<usize>,
}

/// A match and its groups: offsets of what they matched.
pub(crate) struct Found<'h> {
    captures: Captures<'h>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Longest expression in bytes.
const LONGEST: usize = 4096;
/// How many states an expression may have. `regex-lite` counts bytes.
const SIZE_LIMIT: usize = 512 * 1024;

/// Compiling a byte of an expression, in the work of searches.
const COMPILING: usize = 64;

const SYNTAX: &str = "the regular expression is malformed";

impl Expression {
    pub(crate) fn new(context: &mut Context, pattern: &Text) -> Outcome<Self> {
        let pattern = pattern.str().ok_or(Failure::Because(SYNTAX))?;
        if pattern.len() > LONGEST {
            return Failure::because("the regular expression is longer than 4096 bytes");
        }
        context.begin_search(pattern.len() * COMPILING)?;
        let translated = translate::translate(pattern).map_err(Failure::Because)?;
        let regex = RegexBuilder::new(&translated.pattern)
            .size_limit(SIZE_LIMIT)
            .build()
            .map_err(|error| Failure::Because(reason(&error)))?;
        Ok(Self {
            regex,
            is_empty: pattern.is_empty(),
            size: translated.size,
            longest: translated.longest,
        })
    }

    /// The first match at or behind an offset.
    pub(crate) fn find_at<'h>(
        &self,
        context: &mut Context,
        haystack: &'h str,
        at: usize,
    ) -> Outcome<Option<Found<'h>>> {
        let work = |end: usize| (end - at + 1).saturating_mul(self.size);
        let most = work(haystack.len());
        context.begin_search(most)?;
        let found = self.regex.captures_at(haystack, at).and_then(|captures| {
            let whole = captures.get(0)?;
            Some(Found {
                start: whole.start(),
                end: whole.end(),
                captures,
            })
        });
        // A search for a match of bounded length ends soon behind the match.
        if let (Some(found), Some(longest)) = (&found, self.longest) {
            let end = found.start.saturating_add(longest).min(haystack.len());
            context.end_search(most, work(end));
        }
        Ok(found)
    }

    /// All matches, or the first so many: no empty one right behind another one.
    pub(crate) fn find_all(
        &self,
        context: &mut Context,
        haystack: &str,
        limit: Option<usize>,
    ) -> Outcome<Vec<(usize, usize)>> {
        let mut all = Vec::new();
        let mut at = 0;
        let mut previous_end = None;
        while at <= haystack.len() && limit.is_none_or(|limit| all.len() < limit) {
            let Some(found) = self.find_at(context, haystack, at)? else {
                break;
            };
            let is_repeated = found.end == at && Some(found.start) == previous_end;
            at = if found.end == at {
                at + width_at(haystack, at)
            } else {
                found.end
            };
            previous_end = Some(found.end);
            if !is_repeated {
                context.step(1)?;
                all.push((found.start, found.end));
            }
        }
        Ok(all)
    }

    /// The haystack with every match replaced by what `replacement` writes.
    pub(crate) fn replace_all(
        &self,
        context: &mut Context,
        haystack: &str,
        replacement: impl Fn(&mut Buffer, &Found<'_>) -> Outcome<()>,
    ) -> Outcome<Buffer> {
        let mut output = Buffer::new();
        let (mut at, mut copied) = (0, 0);
        while at <= haystack.len() {
            let Some(found) = self.find_at(context, haystack, at)? else {
                break;
            };
            context.step(1)?;
            output.push(&haystack.as_bytes()[copied..found.start])?;
            // Not for an empty match right behind another one.
            if found.end > copied || found.start == 0 {
                replacement(&mut output, &found)?;
            }
            copied = found.end;
            at = found.end.max(at + width_at(haystack, at));
        }
        output.push(&haystack.as_bytes()[copied..])?;
        Ok(output)
    }

    /// The texts between matches: all, or so many, the last one with the rest.
    pub(crate) fn split<'h>(
        &self,
        context: &mut Context,
        haystack: &'h str,
        count: Option<usize>,
    ) -> Outcome<Vec<&'h str>> {
        if !self.is_empty && haystack.is_empty() {
            return Ok(vec![""]);
        }
        let mut parts = Vec::new();
        let mut start = 0;
        let mut end = 0;
        for (from, to) in self.find_all(context, haystack, count)? {
            if count.is_some_and(|count| parts.len() + 1 == count) {
                break;
            }
            end = from;
            if to != 0 {
                parts.push(&haystack[start..end]);
            }
            start = to;
        }
        if end != haystack.len() {
            parts.push(&haystack[start..]);
        }
        Ok(parts)
    }
}

impl Found<'_> {
    /// Writes a replacement with `$1`, `${1}`, `$name` and `${name}` replaced by groups.
    pub(crate) fn expand(&self, output: &mut Buffer, template: &str) -> Outcome<()> {
        let mut rest = template;
        while let Some(dollar) = rest.find('$') {
            output.push_str(&rest[..dollar])?;
            rest = &rest[dollar + 1..];
            if let Some(behind) = rest.strip_prefix('$') {
                output.push(b"$")?;
                rest = behind;
            } else if let Some((name, behind)) = group_name(rest) {
                output.push_str(self.group(name))?;
                rest = behind;
            } else {
                output.push(b"$")?;
            }
        }
        output.push_str(rest)
    }

    fn group(&self, name: &str) -> &str {
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit())
            && (name == "0" || !name.starts_with('0'));
        let found = if is_number {
            name.parse().ok().and_then(|index| self.captures.get(index))
        } else {
            self.captures.name(name)
        };
        found.map_or("", |found| found.as_str())
    }
}

/// `name` or `{name}` at the front, and what is behind it.
fn group_name(text: &str) -> Option<(&str, &str)> {
    let is_name = |c: char| c == '_' || c.is_alphanumeric();
    if let Some(inner) = text.strip_prefix('{') {
        let (name, behind) = inner.split_once('}')?;
        return (!name.is_empty() && name.chars().all(is_name)).then_some((name, behind));
    }
    let behind = text.trim_start_matches(is_name);
    let name = &text[..text.len() - behind.len()];
    (!name.is_empty()).then_some((name, behind))
}

fn width_at(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(1, char::len_utf8)
}

/// `regex-lite`'s messages are fixed texts; the ones that can still occur.
fn reason(error: &regex_lite::Error) -> &'static str {
    let message = error.to_string();
    if message.contains("size limit") {
        "the regular expression is too large"
    } else if message.contains("nesting") {
        "the regular expression is nested too deeply"
    } else if message.contains("duplicate capture") {
        "two groups of the regular expression have the same name"
    } else {
        SYNTAX
    }
}
