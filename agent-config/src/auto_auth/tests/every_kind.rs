//! A method that has every kind of key: what each accepts, and that one table is all it takes.

use contract::paths::AUTH;
use serde_json::{Value, json};

use super::object;
use crate::auto_auth::{AutoAuth, LoginSettings, Mount};
use crate::flavour::{Flavour, Flavours};
use crate::schema::FileDefault::{LeftOut, Mounted};
use crate::schema::Form::{Real, RealOrQuoted};
use crate::schema::Kind::{Boolean, Duration, Integer, OneOf, Path, Removal, Text};
use crate::schema::{Key, Method, Rule};

static EVERYTHING: Method = Method {
    name: "everything",
    flavours: Flavours::Both,
    keys: &[
        Key::new("type", OneOf(&["iam", "ec2"])).required(),
        Key::new("text", Text),
        Key::new("file", Path(Mounted("file"))),
        Key::new("other_file", Path(LeftOut)),
        Key::new("remove_file", Removal { file: "file" }),
        Key::new(
            "poll_interval",
            Integer {
                min: 1,
                max: 3600,
                form: Real,
            },
        ),
        Key::new(
            "jwt_exp",
            Integer {
                min: -5,
                max: 60,
                form: RealOrQuoted,
            },
        ),
        Key::new("reload", Boolean(Real)),
        Key::new("lenient", Boolean(RealOrQuoted)),
        Key::new("period", Duration).vault_only(),
    ],
    rules: &[
        Rule::refuse("`text` is only for `ec2`", |values| {
            values.has("text") && values.text("type") == Some("iam")
        }),
        Rule::warn("`reload` is slow", |values| values.is_true("reload")),
        Rule::single_use("`ec2` works once", |values| {
            values.text("type") == Some("ec2")
        }),
    ],
    ..Method::BASE
};

fn check(flavour: Flavour, key: &str, value: &Value) -> Result<AutoAuth, String> {
    let mut config = object(json!({ "type": "ec2" }));
    config.insert(key.to_owned(), value.clone());
    let settings = LoginSettings {
        config,
        mounts: &[Mount {
            path: AUTH,
            read_only: false,
        }],
        ..LoginSettings::default()
    };
    AutoAuth::new(&EVERYTHING, flavour, &settings).map_err(|problems| problems.to_string())
}

#[test]
fn kind_accepts_its_values_and_writes_them() {
    let same = [
        ("type", json!("iam")),
        ("text", json!("any text, ${even} \"this\" \u{1f511}")),
        ("file", json!("/tokenpipe/auth/..data/file")),
        ("other_file", json!("/tokenpipe/auth/file")),
        ("remove_file", json!(false)),
        ("poll_interval", json!(1)),
        ("poll_interval", json!(3600)),
        ("jwt_exp", json!(-5)),
        ("reload", json!(true)),
        ("lenient", json!(false)),
        ("period", json!(90)),
        ("period", json!("90")),
        ("period", json!("1m30s")),
    ];
    for (key, value) in same {
        let auto_auth = check(Flavour::Vault, key, &value).unwrap();
        assert_eq!(auto_auth.config[key], value, "{key}");
    }
    let unquoted = [
        ("jwt_exp", json!("15"), json!(15)),
        ("lenient", json!("true"), json!(true)),
        ("remove_file", json!("false"), json!(false)),
    ];
    for (key, written, value) in unquoted {
        let auto_auth = check(Flavour::Vault, key, &written).unwrap();
        assert_eq!(auto_auth.config[key], value, "{key}");
    }
}

#[test]
fn kind_rejects_other_values() {
    let cases = [
        (
            "type",
            json!("IAM"),
            "one of `iam` and `ec2`; did you mean \"iam\"?",
        ),
        ("type", json!(1), "was given a number"),
        ("text", json!(""), "is empty"),
        ("text", json!(" a"), "white space"),
        ("text", json!("a\nb"), "'\\n'"),
        ("text", json!("a\0b"), "'\\0'"),
        ("text", json!("a".repeat(4097)), "4096"),
        (
            "text",
            json!(7),
            "takes text, and was given a number without quotes",
        ),
        ("text", json!(true), "was given true or false"),
        ("text", Value::Null, "was given nothing"),
        ("text", json!(["a"]), "was given a list"),
        ("text", json!({ "a": "b" }), "was given a map"),
        (
            "file",
            json!("file"),
            "absolute path of a file, such as `/tokenpipe/auth/file`",
        ),
        ("file", json!("/tokenpipe/auth/../agent/sink/token"), "`..`"),
        ("file", json!("/tokenpipe/auth//file"), "empty segment"),
        ("file", json!("/tokenpipe/auth/"), "empty segment"),
        ("file", json!("/tokenpipe/auth"), "not mounted"),
        ("file", json!("/tokenpipe/authentic/file"), "not mounted"),
        (
            "file",
            json!("/etc/passwd"),
            "name a file below `/tokenpipe/auth`",
        ),
        ("file", json!("/tokenpipe/auth-token/token"), "not mounted"),
        ("other_file", json!(""), "is empty"),
        ("remove_file", json!("yes"), "`true` or `false`"),
        (
            "poll_interval",
            json!("1"),
            "a whole number from 1 to 3600 without quotes, and was given text",
        ),
        ("poll_interval", json!(1.0), "with a fraction"),
        ("poll_interval", json!(0), "from 1 to 3600"),
        ("poll_interval", json!(3601), "from 1 to 3600"),
        ("poll_interval", json!(u64::MAX), "a number"),
        (
            "jwt_exp",
            json!("15m"),
            "a whole number from -5 to 60, and was given text",
        ),
        ("jwt_exp", json!("61"), "from -5 to 60"),
        (
            "reload",
            json!("true"),
            "`true` or `false` without quotes, and was given text",
        ),
        ("reload", json!(1), "was given a number"),
        (
            "lenient",
            json!("yes"),
            "`true` or `false`, and was given text",
        ),
        ("period", json!(0), "more than zero"),
        ("period", json!(-1), "more than zero"),
        ("period", json!("-1s"), "more than zero"),
        ("period", json!(""), "not a duration"),
        ("period", json!("soon"), "not a duration"),
        ("period", json!(1.5), "with a fraction"),
        ("period", json!(true), "a duration such as"),
    ];
    for (key, value, part) in cases {
        let error = check(Flavour::Vault, key, &value).unwrap_err();
        assert!(error.starts_with("tokenpipe.dev/auth-config: "), "{error}");
        assert!(error.contains(part), "{key} {value}: {error}");
        assert!(!error.contains('\n'), "{key} {value}: {error}");
    }
}

#[test]
fn a_key_that_the_other_flavour_does_not_have_is_refused() {
    assert!(check(Flavour::Vault, "period", &json!("1m")).is_ok());
    insta::assert_snapshot!(
        check(Flavour::OpenBao, "period", &json!("1m")).unwrap_err(),
        @"tokenpipe.dev/auth-config: OpenBao's agent does not know `period` of method `everything` and would ignore it"
    );
}

#[test]
fn rules_refuse_warn_and_tell_what_works_once() {
    let mut config = object(json!({ "type": "iam", "text": "a", "remove_file": false }));
    let settings = |config| LoginSettings {
        config,
        mounts: super::VOLUME,
        ..LoginSettings::default()
    };
    let error = AutoAuth::new(&EVERYTHING, Flavour::Vault, &settings(config.clone())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "tokenpipe.dev/auth-config: `text` is only for `ec2`"
    );
    config.insert("type".into(), "ec2".into());
    config.insert("reload".into(), true.into());
    let auto_auth = AutoAuth::new(&EVERYTHING, Flavour::Vault, &settings(config)).unwrap();
    assert_eq!(
        auto_auth.warnings(),
        ["method `everything`: `reload` is slow"]
    );
    assert_eq!(auto_auth.single_use_reasons(), ["`ec2` works once"]);
}
