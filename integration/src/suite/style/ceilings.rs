//! The highest allowed figures. They only go down: whoever improves a figure lowers its ceiling here.

/// The highest allowed value of a figure, and the value that it should have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ceiling {
    pub(super) most: usize,
    pub(super) target: usize,
}

/// Words of a sentence that nine in ten sentences of a page stay below.
pub(super) const SENTENCE_WORDS: usize = 27;
/// Characters of a line of Markdown, outside of tables, links and code.
pub(super) const LINE_CHARACTERS: usize = 100;

/// Pages with longer sentences than that.
pub(super) const LONG_PAGES: Ceiling = Ceiling { most: 0, target: 0 };
/// Longer lines than that.
pub(super) const LONG_LINES: Ceiling = Ceiling { most: 1, target: 0 };
/// Words of the glossary's left column in 10,000 words of the pages.
pub(super) const GLOSSARY: Ceiling = Ceiling { most: 8, target: 3 };
/// Functions in a hundred whose name is one word.
pub(super) const ONE_WORD_NAMES: Ceiling = Ceiling {
    most: 44,
    target: 25,
};
/// Tests named `what_…`.
pub(super) const WHAT_TESTS: Ceiling = Ceiling { most: 0, target: 0 };
/// Messages of more words than `MESSAGE_WORDS` of the crate `contract`.
pub(super) const LONG_MESSAGES: Ceiling = Ceiling { most: 0, target: 0 };
/// Files of a crate that import each other, directly or over others.
pub(super) const CIRCLES: Ceiling = Ceiling {
    most: 72,
    target: 0,
};
