//! Slash-separated paths, as `path` treats them: only as text.

/// The shortest path that means the same: no empty, `.` or inner `..` elements.
pub(crate) fn clean(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return b".".to_vec();
    }
    let is_rooted = is_absolute(path);
    let mut elements: Vec<&[u8]> = Vec::new();
    for element in path.split(|byte| *byte == b'/') {
        match element {
            b"" | b"." => {}
            b".." => match elements.last() {
                Some(last) if *last != b".." => {
                    elements.pop();
                }
                _ if is_rooted => {}
                _ => elements.push(element),
            },
            _ => elements.push(element),
        }
    }
    let joined = elements.join(&b'/');
    match (is_rooted, joined.is_empty()) {
        (true, _) => [b"/", &joined[..]].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

/// The last element.
pub(crate) fn base(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return b".".to_vec();
    }
    let trimmed = trim_end_slashes(path);
    match trimmed.rsplit(|byte| *byte == b'/').next() {
        Some(b"") | None => b"/".to_vec(),
        Some(last) => last.to_vec(),
    }
}

/// All but the last element.
pub(crate) fn directory(path: &[u8]) -> Vec<u8> {
    let end = path.iter().rposition(|byte| *byte == b'/');
    clean(&path[..end.map_or(0, |at| at + 1)])
}

/// From the last dot of the last element on.
pub(crate) fn extension(path: &[u8]) -> &[u8] {
    let start = path
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |at| at + 1);
    match path[start..].iter().rposition(|byte| *byte == b'.') {
        Some(dot) => &path[start + dot..],
        None => b"",
    }
}

pub(crate) fn is_absolute(path: &[u8]) -> bool {
    path.starts_with(b"/")
}

fn trim_end_slashes(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte != b'/');
    &path[..end.map_or(0, |at| at + 1)]
}
