//! What people write who know another tool, or another secret: each sentence has at most 25 words,
//! and ends with what to write.

#![expect(clippy::unwrap_used, reason = "a table of cases")]

use contract::message::{MESSAGE_WORDS, words};
use templates::{Clock, Data, Template};

fn message(template: &str, data: &str) -> String {
    let data: Data = serde_json::from_str(data).unwrap();
    Template::parse(template)
        .and_then(|template| template.render(&data, Clock::default()))
        .map(|_| ())
        .unwrap_err()
        .to_string()
}

const SECRET: &str = r#"{"host": "db", "password": "canary", "port": 5432, "user": "u",
    "hosts": ["canary"], "tls.crt": "canary", "json": "{}", "none": null, "db": {"canary": 1}}"#;

/// A template, and the end of the sentence about it.
const SENTENCES: [(&str, &str); 44] = [
    // Names of other tools.
    (
        "${parseJSON .json}",
        "`parseJSON` is Consul Template's; write `fromJson`",
    ),
    (
        "${.port | parseInt}",
        "`parseInt` is Consul Template's; write `int64`",
    ),
    (
        "${.user | toUpper}",
        "`toUpper` is Consul Template's; write `upper`",
    ),
    (
        "${toTitle .user}",
        "`toTitle` is Consul Template's; write `title`",
    ),
    (
        "${base64Decode .user}",
        "`base64Decode` is Consul Template's; write `b64dec`",
    ),
    (
        "${.user | b64decode}",
        "`b64decode` is Jinja's; write `b64dec`",
    ),
    (
        "${replaceAll \"a\" \"b\" .user}",
        "`replaceAll` is Consul Template's; write `replace OLD NEW TEXT`",
    ),
    (
        "${if .user}${elif .host}${end}",
        "`elif` is Jinja's; write `else if`",
    ),
    ("${if .user}x${endif}", "`endif` is Jinja's; write `end`"),
    (
        "${for h in .hosts}",
        "`for` is Jinja's; write `range .LIST`",
    ),
    (
        "${.user | uper}",
        "there is no function `uper`; did you mean \"upper\"?",
    ),
    (
        "${frob .user}",
        "there is no function `frob`; docs/reference/template-functions.md lists all",
    ),
    // Operators.
    (
        "${.host + \":\"}",
        "`+` is no operator here; write `print A B` for texts, `add A B` for numbers",
    ),
    (
        "${.host+.port}",
        "`+` is no operator here; write `print A B` for texts, `add A B` for numbers",
    ),
    (
        "${if .user == \"u\"}${end}",
        "`==` is no operator here; write `eq A B`",
    ),
    (
        "${if .user=='u'}${end}",
        "`==` is no operator here; write `eq A B`",
    ),
    (
        "${if .user != \"u\"}${end}",
        "`!=` is no operator here; write `ne A B`",
    ),
    (
        "${if .user && .host}${end}",
        "`&&` is no operator here; write `and A B`",
    ),
    (
        "${.user || \"u\"}",
        "`||` is no operator here; write `or A B`",
    ),
    (
        "${if !.user}${end}",
        "`!` is no operator here; write `not A`",
    ),
    ("${.port - 1}", "`-` is no operator here; write `sub A B`"),
    (
        "${if .port > 1}${end}",
        "`>` is no operator here; write `gt A B`",
    ),
    (
        "${.hosts[0]}",
        "`[` is no operator here; write `index .hosts 0`",
    ),
    (
        "${$.db[\"a\"].b}",
        "`[` is no operator here; write `index $.db \"a\"`",
    ),
    (
        "${.tls-key}",
        "a key with a dash is read by `index . \"tls-key\"`",
    ),
    (
        "${.db.tls-key | quote}",
        "a key with a dash is read by `index .db \"tls-key\"`",
    ),
    (
        "${{ .user }}",
        "unexpected '{' in an action; write one brace: `${.FIELD}`",
    ),
    (
        "${print 'ab'}",
        "holds exactly one character; write a text in double quotes",
    ),
    // Fields.
    (
        "${PASSWORD}",
        "there is no function `PASSWORD`; a field is written with a dot, `.PASSWORD`",
    ),
    (
        "${user | quote}",
        "there is no function `user`; a field is written with a dot, `.user`",
    ),
    (
        "${$user}",
        "the variable `$user` is not defined here; a field is written `.user`",
    ),
    (
        "${.pasword}",
        "there is no field `pasword`; did you mean \"password\"?",
    ),
    (
        "${.certificate}",
        "there is no field `certificate`; there are \"db\", \"host\", \"hosts\" and 6 more",
    ),
    (
        "${.tls.crt}",
        "there is no field `tls`; a key with a dot is read by `index . \"tls.crt\"`",
    ),
    (
        "${range .hosts}${$.tls.crt}${end}",
        "a key with a dot is read by `index $ \"tls.crt\"`",
    ),
    (
        "${.Data.data.password}",
        "there is no field `Data`; `.` is the secret itself; write `.password`",
    ),
    (
        "${.data.password}",
        "there is no field `data`; `.` is the secret itself; write `.password`",
    ),
    (
        "${.Values.db.host}",
        "there is no field `Values`; a value of Helm's is written `{{ .Values.db.host }}`",
    ),
    (
        "${if .ca}x${end}",
        "there is no field `ca`; write `(.ca | default \"\")` where it may be absent",
    ),
    (
        "${with and .user .ca}x${end}",
        "there is no field `ca`; write `(.ca | default \"\")` where it may be absent",
    ),
    (
        "${.db.name}",
        "there is no field `name`; write `(.db.name | default \"\")` where it may be absent",
    ),
    (
        "${.json.name}",
        "a text has no field `name`; if it is JSON, write `(.json | fromJson).name`",
    ),
    (
        "${.hosts.name}",
        "a list has no field `name`; write `index .hosts 0` for its first element",
    ),
    (
        "${.none.name}",
        "nil has no field `name`; write `${with .none}…${end}` where it may be null",
    ),
];

#[test]
fn sentence_says_what_to_write() {
    for (template, expected) in SENTENCES {
        let sentence = message(template, SECRET);
        assert!(sentence.ends_with(expected), "{template}: {sentence}");
        let count = words(&sentence);
        assert!(count <= MESSAGE_WORDS, "{count} words: {sentence}");
        assert!(!sentence.contains("canary"), "{sentence}");
    }
}

#[test]
fn sentence_about_an_empty_secret_says_so() {
    for template in ["${.user}", "${.user.name}"] {
        let sentence = message(template, "{}");
        assert!(
            sentence.ends_with("no field `user`; the secret has no fields"),
            "{sentence}"
        );
    }
}

/// However long names are, and whatever stands around them.
#[test]
fn sentence_stays_short() {
    let long = "x".repeat(10_000);
    for (template, data) in [
        (format!("${{.a.{long}}}"), r#"{"a": {}}"#.to_owned()),
        (format!("${{.a.b.{long}}}"), r#"{"a": {}}"#.to_owned()),
        (format!("${{if .{long}}}${{end}}"), r#"{"a": 1}"#.to_owned()),
        (format!("${{.Values.{long}}}"), r#"{"a": 1}"#.to_owned()),
        (format!("${{.Data.{long}}}"), r#"{"a": 1}"#.to_owned()),
        (format!("${{.{long}-a}}"), "{}".to_owned()),
        (format!("${{.a[{long}]}}"), "{}".to_owned()),
        (format!("${{.{long}[0]}}"), "{}".to_owned()),
        (format!("${{{long}}}"), "{}".to_owned()),
        (format!("${{{long} .a}}"), "{}".to_owned()),
        (format!("${{${long}}}"), "{}".to_owned()),
        (
            "${.a}".to_owned(),
            format!(r#"{{"{long}": 1, "{long}y": 2}}"#),
        ),
        ("${.a}".to_owned(), "{\"a\\nb\": 1, \"\": 2}".to_owned()),
        ("${.é.ü}".to_owned(), r#"{"é": "canary"}"#.to_owned()),
        ("${(dict).a}".to_owned(), "{}".to_owned()),
        ("${(.a).b.c}".to_owned(), r#"{"a": {}}"#.to_owned()),
    ] {
        let sentence = message(&template, &data);
        assert!(sentence.matches('x').count() <= 10_200, "{template}");
        assert!(
            !sentence.contains('\n') && !sentence.contains("canary"),
            "{sentence}"
        );
    }
    let cut = message("${(dict).a}", r#"{"b": 1}"#);
    assert!(
        cut.ends_with("write `(FIELD | default \"\")` where it may be absent"),
        "{cut}"
    );
}

/// A map that the template made may have a secret for a key: only the data's own names are told.
#[test]
fn sentence_names_no_key_that_the_template_made() {
    for template in [
        "${(dict .password 1).x}",
        "${$d := set . .password 1}${.x}",
        "${$d := set . .password 1}${.canar}",
        "${$d := set .db .password 1}${.db.x}",
        "${range (list (dict .password 1))}${.x}${end}",
        "${(.json | fromJson).x}",
    ] {
        let data = SECRET.replace(r#""json": "{}""#, r#""json": "{\"canary\":1}""#);
        let sentence = message(template, &data);
        assert!(!sentence.contains("canary"), "{template}: {sentence}");
    }
}
