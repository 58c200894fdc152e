//! Upper and lower case, and the cases of identifiers.

use super::entry::{Arguments, Function, Group, text};
use crate::go::{letters, words};
use crate::runtime::{Context, Outcome};

pub(super) const GROUP: Group = Group {
    title: "Case of letters",
    functions: &[
        Function::new("upper", &[text("text")], upper).doc(
            "The text in capitals.",
            r#"${upper "größe"}"#,
            "GRÖßE",
        ),
        Function::new("lower", &[text("text")], lower).doc(
            "The text in small letters.",
            r#"${lower "ABC"}"#,
            "abc",
        ),
        Function::new("title", &[text("text")], title).doc(
            "The text with a capital at the beginning of every word.",
            r#"${title "super user"}"#,
            "Super User",
        ),
        Function::new("untitle", &[text("text")], untitle).doc(
            "The text with a small letter at the beginning of every word.",
            r#"${untitle "Super User"}"#,
            "super user",
        ),
        Function::new("swapcase", &[text("text")], swapcase).doc(
            "The text with capitals and small letters exchanged; words begin with a capital.",
            r#"${swapcase "aBC Def"}"#,
            "Abc dEF",
        ),
        Function::new("snakecase", &[text("text")], snakecase).doc(
            "The words of the text in small letters with `_` between them.",
            r#"${snakecase "HTTPServerName"}"#,
            "http_server_name",
        ),
        Function::new("kebabcase", &[text("text")], kebabcase).doc(
            "The words of the text in small letters with `-` between them.",
            r#"${kebabcase "firstName"}"#,
            "first-name",
        ),
        Function::new("camelcase", &[text("text")], camelcase).doc(
            "The words of the text, each with a capital.",
            r#"${camelcase "http_server"}"#,
            "HttpServer",
        ),
        Function::new("initials", &[text("text")], initials).doc(
            "The first character of every word.",
            r#"${initials "First Try"}"#,
            "FT",
        ),
    ],
};

fn upper(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.text(letters::map(&arguments.text(0)?.lossy(), letters::upper))
}

fn lower(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.text(letters::map(&arguments.text(0)?.lossy(), letters::lower))
}

/// Whether a character is between words for `title`, as for Go's `strings.Title`.
fn is_separator(character: char) -> bool {
    if character.is_ascii() {
        return !(character.is_ascii_alphanumeric() || character == '_');
    }
    !character.is_alphanumeric() && character.is_whitespace()
}

fn title(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut previous = ' ';
    let text = arguments.text(0)?.lossy();
    let titled: String = text
        .chars()
        .map(|character| {
            let begins = is_separator(previous);
            previous = character;
            if begins {
                letters::title(character)
            } else {
                character
            }
        })
        .collect();
    context.text(titled)
}

fn untitle(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut begins = true;
    let text = arguments.text(0)?.lossy();
    let untitled: String = text
        .chars()
        .map(|character| {
            let lowered = begins && !character.is_whitespace();
            begins = character.is_whitespace();
            if lowered {
                letters::lower(character)
            } else {
                character
            }
        })
        .collect();
    context.text(untitled)
}

fn swapcase(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut behind_space = true;
    let mut swapped = String::new();
    for character in arguments.text(0)?.lossy().chars() {
        swapped.push(
            if character.is_uppercase() || letters::is_title(character) {
                behind_space = false;
                letters::lower(character)
            } else if !character.is_lowercase() {
                behind_space = character.is_whitespace();
                character
            } else if std::mem::take(&mut behind_space) {
                letters::title(character)
            } else {
                letters::upper(character)
            },
        );
    }
    context.text(swapped)
}

fn snakecase(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.text(words::joined_lower(&arguments.text(0)?.lossy(), '_'))
}

fn kebabcase(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.text(words::joined_lower(&arguments.text(0)?.lossy(), '-'))
}

fn camelcase(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.text(words::pascal(&arguments.text(0)?.lossy()))
}

fn initials(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let text = arguments.text(0)?.lossy();
    let initials: String = text
        .split(char::is_whitespace)
        .filter_map(|word| word.chars().next())
        .collect();
    context.text(initials)
}
