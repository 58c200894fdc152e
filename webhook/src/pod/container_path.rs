//! Paths in a container, as kubelet and the runtime make them of a manifest's text.

use std::borrow::Cow;

/// A path in a container: absolute, without `.`, `..`, empty segments and a slash at its end.
///
/// kubelet puts a slash before a relative path, and the runtime cleans it as Go's `filepath.Clean`
/// does, before any link of the image is followed. So two texts can be one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerPath<'t>(Cow<'t, str>);

impl<'t> ContainerPath<'t> {
    /// The place that a manifest's text means.
    pub fn new(text: &'t str) -> Self {
        if is_clean(text) {
            return Self(Cow::Borrowed(text));
        }
        let mut segments = Vec::new();
        for segment in text.split('/') {
            match segment {
                "" | "." => {}
                ".." => {
                    segments.pop();
                }
                segment => segments.push(segment),
            }
        }
        Self(Cow::Owned(format!("/{}", segments.join("/"))))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is this directory, or anything below it. The directory's text may be of a manifest too.
    pub fn is_at_or_below(&self, directory: &str) -> bool {
        let directory = ContainerPath::new(directory);
        let directory = directory.as_str().trim_end_matches('/');
        let rest = self.0.strip_prefix(directory);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Whether cleaning changes nothing, which is so for almost every path.
fn is_clean(text: &str) -> bool {
    let is_segment = |segment: &str| !matches!(segment, "" | "." | "..");
    text == "/"
        || text
            .strip_prefix('/')
            .is_some_and(|rest| rest.split('/').all(is_segment))
}

#[cfg(test)]
mod tests {
    use super::ContainerPath;

    #[test]
    fn clean_makes_of_a_text_what_the_runtime_does() {
        for (text, path) in [
            ("/a/b", "/a/b"),
            ("/", "/"),
            ("", "/"),
            (".", "/"),
            ("..", "/"),
            ("a", "/a"),
            ("./a", "/a"),
            ("//a", "/a"),
            ("/a/", "/a"),
            ("/a//b/", "/a/b"),
            ("/./a/.", "/a"),
            ("/../a", "/a"),
            ("/a/../b", "/b"),
            ("/a/b/../../..", "/"),
            ("/a/...", "/a/..."),
            ("/.a/..b", "/.a/..b"),
            ("/a /b", "/a /b"),
        ] {
            assert_eq!(ContainerPath::new(text).as_str(), path, "{text:?}");
        }
    }

    #[test]
    fn is_at_or_below_compares_segments() {
        for (path, directory, expected) in [
            ("/a", "/a", true),
            ("/a/b", "/a", true),
            ("a/b", "/a/", true),
            ("/a/b", "a", true),
            ("/ab", "/a", false),
            ("/a/../ab", "/a", false),
            ("/a", "/a/b", false),
            ("/a", "/", true),
            ("/", "/", true),
            ("/", "/a", false),
        ] {
            let found = ContainerPath::new(path).is_at_or_below(directory);
            assert_eq!(found, expected, "{path} {directory}");
        }
    }
}
