//! What is wrong, and where: one line for the author of the template.

#![expect(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "tables of cases"
)]

use contract::message::{MESSAGE_WORDS, words};
use templates::{Clock, Data, Template, TemplateErrorKind};

fn parse_error(template: &str) -> String {
    Template::parse(template).unwrap_err().to_string()
}

fn render_error(template: &str) -> String {
    let data: Data = serde_json::from_str(
        r#"{"text": "canary", "num": 5, "list": ["canary"], "map": {"inner": "canary"}, "none": null}"#,
    )
    .unwrap();
    let template = Template::parse(template).unwrap();
    template
        .render(&data, Clock::default())
        .unwrap_err()
        .to_string()
}

/// Behind the longest place that the programs name.
fn assert_short(error: &str) {
    let count = words(&format!("container app, variable NAME: {error}"));
    assert!(count <= MESSAGE_WORDS, "{count} words: {error}");
}

#[test]
fn of_parsing() {
    let cases = [
        (
            "${.a",
            "line 1, column 5: the action is not closed: `}` is missing",
        ),
        (
            "a\n  ${uper .a}",
            "line 2, column 5: there is no function `uper`; did you mean \"upper\"?",
        ),
        (
            "${.a | zzzzzz}",
            "line 1, column 8: there is no function `zzzzzz`",
        ),
        (
            "${toJsn .a}",
            "there is no function `toJsn`; did you mean \"toJson\"?",
        ),
        ("${b64 .a}", "there is no function `b64`"),
        (
            "ü${env \"HOME\"}",
            "line 1, column 4: `env` is left out: a template sees its secret alone; use `$(NAME)` in \
             the manifest",
        ),
        (
            "${uuidv4}",
            "column 3: `uuidv4` is left out: each start would have another one; store the UUID in Vault",
        ),
        (
            "${template \"x\"}",
            "column 3: `template` is left out: a template is one value; keep parts of it in variables",
        ),
        ("${define \"x\"}${end}", "`define` is left out"),
        (
            "${upper}",
            "column 3: `upper` takes 1 argument, not 0: upper TEXT",
        ),
        (
            "${.a | replace \"x\"}",
            "column 8: `replace` takes 3 arguments, not 2, with the one before `|`: replace OLD NEW TEXT",
        ),
        (
            "${eq 1}",
            "`eq` takes at least 2 arguments, not 1: eq A B MORE…",
        ),
        (
            "${print (upper)}",
            "column 10: `upper` takes 1 argument, not 0",
        ),
        (
            "${print upper}",
            "column 9: `upper` takes 1 argument, not 0",
        ),
        (
            "${trunc \"5\" .a}",
            "`length` of `trunc` must be an integer, and is a text: trunc LENGTH TEXT",
        ),
        ("${trunc 1.5 .a}", "must be an integer, and is a float"),
        (
            "${upper 5}",
            "`text` of `upper` must be a text, and is an integer",
        ),
        ("${true | upper}", "must be a text, and is a boolean"),
        (
            "${ternary 1 2 nil}",
            "`condition` of `ternary` must be a boolean, and is nil",
        ),
        ("${$x}", "column 3: the variable `$x` is not defined here"),
        (
            "${$name := 1}${$nam}",
            "column 16: the variable `$nam` is not defined here; did you mean \"$name\"?",
        ),
        (
            "${if 1}${$x := 1}${end}${$x}",
            "the variable `$x` is not defined here",
        ),
        ("${$x = 1}", "the variable `$x` is not defined here"),
        (
            "${if .a}x",
            "column 3: the block is not closed: `${end}` is missing",
        ),
        ("${end}", "column 3: `end` without a block"),
        ("${else}", "column 3: `else` without a block"),
        (
            "${if 1}${else}${else}${end}",
            "a second `else` in the same block",
        ),
        ("${if}x${end}", "column 5: `if` without a value"),
        ("${range}x${end}", "`range` without a value"),
        ("${}", "column 3: an action without a value"),
        ("${.a |}", "column 7: a value is missing behind `|`"),
        ("${break}", "column 3: `break` outside `range`"),
        ("${nil}", "column 3: nil is not a command"),
        ("${1 2}", "what is not a function takes no arguments"),
        ("${1 | .a | 2}", "only a function can stand behind `|`"),
        (
            "${$a, $b := .a}",
            "column 7: only `range` takes two variables",
        ),
        (
            "${.a-b}",
            "column 5: a key with a dash is read by `index . \"a-b\"`",
        ),
        ("${.a ; .b}", "column 6: unexpected ';' in an action"),
        ("${(.a}", "column 6: a parenthesis is not closed"),
        (
            "${.a)}",
            "column 5: `)` closes a parenthesis that is not open",
        ),
        (
            "${\"a}",
            "column 3: the quotation is not closed: `\"` is missing",
        ),
        (
            "${`a}",
            "column 3: the quotation is not closed: a backquote is missing",
        ),
        (
            "${\"\\q\"}",
            "column 3: an escape that is not known, after a backslash",
        ),
        (
            "${'ab'}",
            "a character constant holds exactly one character",
        ),
        ("${9999999999999999999}", "a number that is too large"),
        ("${1x}", "malformed"),
        ("${1i}", "complex numbers are left out"),
        (
            "${/* a}",
            "column 1: the comment is not closed: `*/` is missing",
        ),
        ("${/* a */ .b}", "a comment must fill its action"),
        ("${\"a\".b}", "a field of something that has none"),
        (
            "${print \"a\"\"b\"}",
            "column 12: unexpected quotation in an action",
        ),
    ];
    for (template, expected) in cases {
        let error = parse_error(template);
        assert!(error.starts_with("template, line "), "{template}: {error}");
        assert!(error.contains(expected), "{template}: {error}");
        assert!(!error.contains('\n'), "{template}: {error}");
        assert_short(&error);
    }
}

#[test]
fn of_rendering() {
    let cases = [
        (
            "a ${.missing}",
            "line 1, column 5: there is no field `missing`",
        ),
        ("${.map.missing}", "column 7: there is no field `missing`"),
        ("${.text.x}", "column 8: a text has no field `x`"),
        ("${.none.x}", "nil has no field `x`"),
        (
            "\n${.none}",
            "line 2, column 3: the value is nil, which is no text; `| default \"\"` makes it an empty one",
        ),
        (
            "${.list | upper}",
            "column 11: `upper`: `text` must be a text, and is a list",
        ),
        (
            "${trunc .text \"x\"}",
            "`trunc`: `length` must be an integer, and is a text",
        ),
        ("${index .list 3}", "`index`: a position is out of range"),
        (
            "${b64dec .text}x",
            "column 3: `b64dec`: the text is not base64",
        ),
        ("${div 1 0}", "`div`: the divisor is 0, or no number"),
        (
            "${range .text}x${end}",
            "column 9: `range` goes over a list, a map or an integer",
        ),
        (
            "${range $i, $e := 3}x${end}",
            "`range` over an integer takes one variable",
        ),
        (
            "${eq .text 1}",
            "`eq`: values of such different types cannot be compared",
        ),
        (
            "${lt .list .list}",
            "`lt`: only two numbers or two texts can be ordered",
        ),
        (
            "${printf \"%d\" .text}",
            "`printf`: a verb in the format does not fit its argument",
        ),
        (
            "${printf \"%d\"}",
            "`printf`: the format has more verbs than there are arguments",
        ),
        (
            "${printf \"a\" .text}",
            "`printf`: the format has fewer verbs than there are arguments",
        ),
        (
            "${printf \"%\" .text}",
            "`printf`: the format ends behind a `%`",
        ),
        (
            "${mustFromJson .text}",
            "`mustFromJson`: the text is not JSON",
        ),
        (
            "${mustToDate \"2006\" .text}",
            "the text is not of the form of the layout",
        ),
        (
            "${date \"2006\" .text}",
            "a time is wanted, or an integer of seconds since 1970",
        ),
        (
            "${dateInZone \"2006\" 0 \"Europe/Berlin\"}",
            "write `UTC`, or an offset such as `+02:00`",
        ),
        ("${semver .text}", "the text is not a version such as 1.2.3"),
        (
            "${urlParse \":\"}",
            "the text is not a URL: the scheme is missing",
        ),
        (
            "${urlJoin (dict \"host\" 5)}",
            "`urlJoin`: `host` must be a text, and is an integer",
        ),
        (
            "${regexMatch \"(\" .text}",
            "a `(` of the regular expression is not closed",
        ),
        ("${fail \"no\\nuser\"}", "column 3: `fail`: no user"),
        (
            "${fail .text}",
            "`fail`: the template asked to fail (its message is not shown",
        ),
        ("${.text | fail}", "its message is not shown"),
        ("${fail (printf \"%s\" .text)}", "its message is not shown"),
        ("${now.Foo}", "column 6: a time has Year, Month"),
        ("${(semver \"1.2.3\").Foo}", "a version has Major"),
        (
            "${.map.inner 1}",
            "a field that is not a method takes no arguments",
        ),
        (
            "${b64dec \"/w==\"}",
            "the result is not UTF-8 text; `b64enc` makes text of any bytes",
        ),
    ];
    for (template, expected) in cases {
        let error = render_error(template);
        assert!(error.starts_with("template, line "), "{template}: {error}");
        assert!(error.contains(expected), "{template}: {error}");
        assert!(
            !error.contains("canary") && !error.contains('\n'),
            "{template}: {error}"
        );
        assert_short(&error);
    }
}

#[test]
fn a_caller_can_match() {
    let error = Template::parse("é ${uper .a}").unwrap_err();
    assert_eq!(
        error.kind,
        TemplateErrorKind::UnknownFunction {
            name: "uper".into(),
            fix: "did you mean \"upper\"?".into()
        }
    );
    let position = error.position;
    assert_eq!((position.offset, position.line, position.column), (5, 1, 5));
    let error = Template::parse("${file \"x\"}").unwrap_err();
    assert!(matches!(
        error.kind,
        TemplateErrorKind::RefusedFunction { name: "file", .. }
    ));
}

#[test]
fn debug_shows_no_literal() {
    let template = Template::parse("canary ${print \"canary\"}").unwrap();
    assert!(!format!("{template:?}").contains("canary"));
}
