//! Signs that are operators in other languages, and what to write here.

/// Longest piece of the template that a message repeats, in bytes.
const LONGEST: usize = 40;

/// The longer ones before those that they begin with.
const OPERATORS: [(&str, &str); 17] = [
    ("==", "`eq A B`"),
    ("!=", "`ne A B`"),
    ("<=", "`le A B`"),
    (">=", "`ge A B`"),
    ("&&", "`and A B`"),
    ("||", "`or A B`"),
    ("??", "`A | default B`"),
    ("<", "`lt A B`"),
    (">", "`gt A B`"),
    ("!", "`not A`"),
    ("+", "`print A B` for texts, `add A B` for numbers"),
    ("-", "`sub A B`"),
    ("*", "`mul A B`"),
    ("/", "`div A B`"),
    ("%", "`mod A B`"),
    ("~", "`print A B`"),
    ("?", "`ternary A B CONDITION`"),
];

/// The sentence about an operator at the front, which there is none of.
pub(super) fn message(rest: &str) -> Option<String> {
    let (operator, write) = OPERATORS.iter().find(|(sign, _)| rest.starts_with(sign))?;
    Some(format!("`{operator}` is no operator here; write {write}"))
}

/// The sentence about what stands right behind a name. `before` ends with the name.
pub(super) fn behind_name(before: &str, rest: &str) -> Option<String> {
    let is_part = |c: char| matches!(c, '.' | '_') || c.is_alphanumeric();
    let other = before.trim_end_matches(is_part);
    let start = other.strip_suffix('$').unwrap_or(other).len();
    let chain = Some(&before[start..]).filter(|chain| chain.len() <= LONGEST);
    match rest.chars().next()? {
        '-' => Some(with_dash(chain, rest)),
        '[' => {
            let inner = rest[1..].split_once(']').map(|(inner, _)| inner.trim());
            let is_item = |inner: &&str| {
                inner.len() <= LONGEST && inner.chars().all(|c| c.is_alphanumeric() || c == '"')
            };
            let item = inner.filter(is_item).unwrap_or("POSITION");
            let list = chain.unwrap_or(".LIST");
            Some(format!(
                "`[` is no operator here; write `index {list} {item}`"
            ))
        }
        _ => message(rest),
    }
}

/// `.some-key`
fn with_dash(chain: Option<&str>, rest: &str) -> String {
    let is_part = |c: char| matches!(c, '-' | '_') || c.is_alphanumeric();
    let end = rest.len() - rest.trim_start_matches(is_part).len();
    let both = chain
        .and_then(|chain| chain.rsplit_once('.'))
        .filter(|_| end <= LONGEST);
    let (map, key) = match both {
        Some((map, first)) => (map, format!("{first}{}", &rest[..end])),
        None => ("", "some-key".to_owned()),
    };
    let map = if map.is_empty() { "." } else { map };
    format!("a key with a dash is read by `index {map} \"{key}\"`")
}
