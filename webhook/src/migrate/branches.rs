//! Which lines Helm puts out together: the branches of its `if`, `with` and `range`.

use contract::limits::MANIFEST_BRANCHES;

/// One branch.
#[derive(Clone, Copy, Debug)]
struct Branch {
    /// The one that it stands in.
    parent: usize,
    /// What it is a branch of: of two with the same number, Helm takes one at most.
    of: usize,
}

/// All branches of a file. The first one is what always comes out.
#[derive(Debug)]
pub(super) struct Branches {
    all: Vec<Branch>,
    current: usize,
    depth: usize,
    /// Branches that are open and lie too deep to be told apart from the one around them.
    deeper: usize,
}

impl Default for Branches {
    fn default() -> Self {
        Self {
            all: vec![Branch { parent: 0, of: 0 }],
            current: 0,
            depth: 0,
            deeper: 0,
        }
    }
}

impl Branches {
    /// The branch that a line begins in, which may begin or end others.
    pub(super) fn of(&mut self, line: &str) -> usize {
        let before = self.current;
        for action in line.split("{{").skip(1) {
            match word(action) {
                "if" | "with" | "range" | "define" | "block" if self.depth == MANIFEST_BRANCHES => {
                    self.deeper += 1;
                }
                "if" | "with" | "range" | "define" | "block" => {
                    self.depth += 1;
                    self.open(self.current, None);
                }
                "else" if self.current != 0 && self.deeper == 0 => {
                    let Branch { parent, of } = self.all[self.current];
                    self.open(parent, Some(of));
                }
                "end" if self.deeper > 0 => self.deeper -= 1,
                "end" => {
                    self.depth = self.depth.saturating_sub(1);
                    self.current = self.all[self.current].parent;
                }
                _ => {}
            }
        }
        before
    }

    fn open(&mut self, parent: usize, of: Option<usize>) {
        let number = self.all.len();
        let of = of.unwrap_or(number);
        self.all.push(Branch { parent, of });
        self.current = number;
    }

    /// Whether what stands in one branch is there whenever what stands in the other is.
    pub(super) fn includes(&self, outer: usize, inner: usize) -> bool {
        self.way(inner).any(|branch| branch == outer)
    }

    /// Whether of two branches Helm takes one at most.
    pub(super) fn exclude(&self, one: usize, other: usize) -> bool {
        self.way(one).any(|one| {
            self.way(other)
                .any(|other| one != other && self.all[one].of == self.all[other].of)
        })
    }

    /// A branch, and those around it.
    fn way(&self, branch: usize) -> impl Iterator<Item = usize> {
        let outer = |branch: &usize| (*branch != 0).then(|| self.all[*branch].parent);
        std::iter::successors(Some(branch), outer)
    }
}

/// Whether the action that a line begins with puts nothing out.
pub(super) fn is_control(line: &str) -> bool {
    const WORDS: [&str; 8] = [
        "if", "else", "end", "with", "range", "define", "block", "break",
    ];
    let action = line.split("{{").nth(1).unwrap_or_default();
    let is_silent = trimmed(action).starts_with(['$', '/']);
    is_silent || WORDS.contains(&word(action))
}

fn word(action: &str) -> &str {
    let action = trimmed(action);
    let end = action.find(|c: char| !c.is_ascii_alphabetic());
    &action[..end.unwrap_or(action.len())]
}

fn trimmed(action: &str) -> &str {
    action.trim_start_matches(['-', ' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::{Branches, MANIFEST_BRANCHES};

    #[test]
    fn branches_that_render_together_are_found() {
        let mut branches = Branches::default();
        let lines = [
            "a",
            "{{- if .x }}",
            "b",
            "{{- if .y }}",
            "c",
            "{{- end }}",
            "{{- else if .z }}",
            "d {{ if .v }}e{{ end }}",
            "{{- else }}",
            "f",
            "{{- end -}}",
            "{{ with .w }}",
            "g",
            "{{ end }}",
            "{{ end }}",
            "h",
        ];
        let of: Vec<_> = lines.iter().map(|line| branches.of(line)).collect();
        let of = |name: &str| {
            let index = lines.iter().position(|line| line.starts_with(name));
            of[index.expect("a line")]
        };
        for (outer, inner, expected) in [
            ("a", "c", true),
            ("b", "c", true),
            ("c", "b", false),
            ("b", "d", false),
            ("a", "h", true),
            ("h", "a", true),
            ("g", "a", false),
        ] {
            let found = branches.includes(of(outer), of(inner));
            assert_eq!(found, expected, "{outer} {inner}");
        }
        for (one, other, expected) in [
            ("b", "d", true),
            ("c", "f", true),
            ("d", "f", true),
            ("b", "c", false),
            ("a", "f", false),
            ("g", "f", false),
        ] {
            assert_eq!(
                branches.exclude(of(one), of(other)),
                expected,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn conditions_beyond_the_depth_end_where_they_end() {
        let mut branches = Branches::default();
        let deep = MANIFEST_BRANCHES + 10;
        let outer = branches.of("{{ if .x }}");
        for _ in 1..deep {
            branches.of("{{ if .x }}");
        }
        let innermost = branches.of("a");
        assert_eq!(branches.of("{{ else }}"), innermost);
        for _ in 0..deep {
            branches.of("{{ end }}");
        }
        assert_eq!(branches.of("b"), outer);
        branches.of("{{ if .x }}");
        assert_ne!(branches.of("c"), outer);
    }
}
