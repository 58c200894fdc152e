//! Regular expressions in the syntax of Go, which is that of RE2.
//!
//! `regex-lite` does the matching, in linear time for each search. Its syntax and RE2's are nearly
//! the same; [`translate`] does the rest. What is missing is said by name: classes of Unicode
//! (`\pL`), and letters beyond ASCII are not folded by `(?i)`.

mod class;
mod extent;
mod malformed;
mod translate;

use std::collections::BTreeMap;
use std::rc::Rc;

use regex_lite::{Captures, Regex, RegexBuilder};

use crate::runtime::{Buffer, Context, Failure, Outcome, Text, limits};

/// A compiled expression.
pub(crate) struct Expression {
    regex: Regex,
    is_empty: bool,
    /// How many states there are, roughly.
    size: usize,
    /// How long a match can be at most, if that is bounded.
    longest: Option<usize>,
    /// Names of groups, with their numbers.
    names: Rc<BTreeMap<String, Vec<usize>>>,
}

/// A match and its groups: offsets of what they matched.
pub(crate) struct Found<'h> {
    captures: Captures<'h>,
    names: Rc<BTreeMap<String, Vec<usize>>>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

const SYNTAX: &str = "the regular expression is malformed";

impl Expression {
    pub(crate) fn new(context: &mut Context, pattern: &Text) -> Outcome<Self> {
        let pattern = pattern.str().ok_or(Failure::Because(SYNTAX))?;
        if pattern.len() > limits::REGEX_SOURCE {
            return Failure::because("the regular expression is longer than 4096 bytes");
        }
        context.begin_search(pattern.len() * limits::REGEX_COMPILING)?;
        let translated = translate::translate(pattern).map_err(Failure::Because)?;
        // More are too large for `regex-lite`, which says so before it has made them.
        let states = translated.size.min(limits::REGEX_SIZE / 32);
        context.begin_search(states * limits::REGEX_COMPILING)?;
        let regex = RegexBuilder::new(&translated.pattern)
            .size_limit(limits::REGEX_SIZE)
            .build()
            .map_err(|error| Failure::Because(reason(&error)))?;
        Ok(Self {
            regex,
            is_empty: pattern.is_empty(),
            size: translated.size,
            longest: translated.longest,
            names: Rc::new(translated.names),
        })
    }

    /// How many groups of one name have to be looked at for it.
    fn most_of_one_name(&self) -> usize {
        self.names.values().map(Vec::len).max().unwrap_or(1)
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
                names: Rc::clone(&self.names),
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

    /// Gives all matches, or the first so many, to `each`, which says whether to go on: no empty one
    /// right behind another one.
    pub(crate) fn find_all(
        &self,
        context: &mut Context,
        haystack: &str,
        limit: Option<usize>,
        mut each: impl FnMut(&mut Context, usize, usize) -> Outcome<bool>,
    ) -> Outcome<()> {
        let mut at = 0;
        let mut count = 0;
        let mut previous_end = None;
        while at <= haystack.len() && limit.is_none_or(|limit| count < limit) {
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
                count += 1;
                if !each(context, found.start, found.end)? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The haystack with every match replaced by what `replacement` writes, which looks at `length` bytes
    /// for that.
    pub(crate) fn replace_all(
        &self,
        context: &mut Context,
        haystack: &str,
        length: usize,
        replacement: impl Fn(&mut Buffer, &Found<'_>) -> Outcome<()>,
    ) -> Outcome<Buffer> {
        let mut output = Buffer::new();
        let (mut at, mut copied) = (0, 0);
        while at <= haystack.len() {
            let Some(found) = self.find_at(context, haystack, at)? else {
                break;
            };
            context.read(length.saturating_mul(self.most_of_one_name()))?;
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

    /// Gives the texts between matches to `each`: all, or so many, the last one with the rest.
    pub(crate) fn split(
        &self,
        context: &mut Context,
        haystack: &str,
        count: Option<usize>,
        mut each: impl FnMut(&mut Context, &str) -> Outcome<()>,
    ) -> Outcome<()> {
        if !self.is_empty && haystack.is_empty() {
            return each(context, "");
        }
        let (mut parts, mut start, mut end) = (0, 0, 0);
        self.find_all(context, haystack, count, |context, from, to| {
            if count == Some(parts + 1) {
                return Ok(false);
            }
            end = from;
            if to != 0 {
                each(context, &haystack[start..end])?;
                parts += 1;
            }
            start = to;
            Ok(true)
        })?;
        if end != haystack.len() {
            each(context, &haystack[start..])?;
        }
        Ok(())
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
            // As in Go, the first one of that name that matched.
            let mut groups = self.names.get(name).into_iter().flatten();
            groups.find_map(|group| self.captures.get(*group))
        };
        found.map_or("", |found| found.as_str())
    }
}

/// `name` or `{name}` at the front, and what is behind it.
fn group_name(text: &str) -> Option<(&str, &str)> {
    let is_name = |c: char| c == '_' || c.is_alphanumeric();
    if let Some(inner) = text.strip_prefix('{') {
        let behind = inner.trim_start_matches(is_name);
        let name = &inner[..inner.len() - behind.len()];
        let behind = behind.strip_prefix('}')?;
        return (!name.is_empty()).then_some((name, behind));
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
    } else {
        SYNTAX
    }
}
