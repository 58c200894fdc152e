use std::collections::BTreeMap;
use std::time::Duration;

use contract::message::{MESSAGE_WORDS, words};
use secrecy::ExposeSecret as _;
use templates::Clock;

use super::options::Options;
use super::{Answers, RenderError, TransitError, all};
use crate::environment::{Environment, Resolved};
use crate::origins::Origins;
use crate::per_variable::PerVariable;
use crate::references::References;
use crate::vault::{Absence, Answer, Secret, VaultError};

/// One variable `V` and what comes of it, from answers by path.
struct Case {
    references: References,
    answers: Answers,
    options: Options,
}

impl Case {
    fn new(variables: &[(&str, &str)], from_paths: &[&str]) -> Self {
        let environment = Environment::new(variables.iter().map(|(n, v)| (n.into(), v.into())));
        let from_paths = from_paths
            .iter()
            .map(|entry| entry.parse().unwrap())
            .collect();
        let references = References::find(&environment, from_paths, &Origins::Caller).unwrap();
        let fetched = references
            .requests()
            .into_iter()
            .map(|request| (request.clone(), answer(request.path().as_str())))
            .collect();
        Self {
            references,
            answers: Answers {
                fetched,
                plaintexts: BTreeMap::from([
                    ("vault:v1:good".to_owned(), Ok(b"\xffplain".to_vec().into())),
                    (
                        "vault:v1:bad".to_owned(),
                        Err(TransitError::Refused("invalid ciphertext".into())),
                    ),
                ]),
                ..Answers::default()
            },
            options: Options {
                ignore_missing: false,
                min_lease: None,
                clock: Clock::system(),
            },
        }
    }

    fn render(&self) -> Result<Resolved, PerVariable<RenderError>> {
        all(&self.references, &self.answers, self.options, || Ok(()))
    }

    fn error(&self) -> String {
        let error = self.render().err().unwrap().to_string();
        crate::foreign::split(&error).0
    }
}

fn answer(path: &str) -> Result<Answer, VaultError> {
    let (data, lease) = match path {
        "app" => (
            r#"{"user":"u","password":"p","list":[1],"map":{"inner":{}},"null":null}"#,
            None,
        ),
        "more" => (r#"{"password":"other","extra":"e"}"#, None),
        "leased" => (r#"{"user":"u"}"#, Some(Duration::from_secs(3600))),
        "denied" => {
            return Err(VaultError::NotVersioned {
                path: path.into(),
                version: 1,
            });
        }
        _ => return Ok(Answer::Absent(Absence(format!("`{path}` was not found")))),
    };
    Ok(Answer::Found(Secret {
        data: serde_json::from_str(data).unwrap(),
        lease,
        warnings: None,
    }))
}

/// The value of `V`; `<unset>` if it is left out.
fn value(reference: &str) -> String {
    let resolved = Case::new(&[("V", reference)], &[]).render().unwrap();
    shown(&resolved)
}

fn shown(resolved: &Resolved) -> String {
    match &resolved.values[&0] {
        Some(value) => value.expose_secret().escape_ascii().to_string(),
        None => "<unset>".into(),
    }
}

#[test]
fn values() {
    let cases = [
        ("vault:app#user", "u"),
        ("vault:app#null", ""),
        ("vault:app#nope?", "<unset>"),
        ("vault:gone?#key", "<unset>"),
        ("<${vault:app#user}:${vault:app#password}>", "<u:p>"),
        ("<${vault:app#nope?}${vault:gone?#key}>", "<>"),
        ("vault:v1:good", "\\xffplain"),
        ("x ${vault:v1:good} y", "x \\xffplain y"),
        ("\\vault:app#user", "vault:app#user"),
    ];
    for (reference, expected) in cases {
        assert_eq!(value(reference), expected, "{reference}");
    }
}

#[test]
fn errors() {
    let cases = [
        ("vault:gone#key", "V: `gone` was not found"),
        (
            "vault:app#passwrd",
            "`app` has no key `passwrd`; did you mean \"password\"?",
        ),
        ("vault:app?#nope", "`app` has no key `nope`"),
        (
            "vault:app#list",
            "V: key `list` of `app` is a list; write `#${index .list 0}` or `#${.list | toJson}`",
        ),
        (
            "vault:app#map",
            "V: key `map` of `app` is a map; write `#${.map.FIELD}` or `#${.map | toJson}`",
        ),
        (
            "vault:app#map.inner.x",
            "`app` has no key `map.inner.x`; write `#${.map.inner.x}` for a field of a field",
        ),
        (
            "vault:app#certificate",
            "`app` has no key `certificate`; there are \"list\", \"map\", \"null\" and 2 more",
        ),
        (
            "vault:app#${.certificate}",
            "column 3: there is no field `certificate`; there are \"list\", \"map\", \"null\" and 2 more",
        ),
        (
            "vault:denied?#key?",
            "`denied` is no KV 2 secret and has no version 1; remove `#1`",
        ),
        (
            "vault:v1:bad",
            "cannot decrypt the ciphertext: invalid ciphertext",
        ),
        ("vault:v1:unknown", "no transit key"),
    ];
    for (reference, part) in cases {
        let error = Case::new(&[("V", reference)], &[]).error();
        assert!(error.contains(part), "{reference}: {error}");
        let count = words(&error);
        assert!(count <= MESSAGE_WORDS, "{count} words: {error}");
    }
}

/// The redactor must be able to take out what a server chose.
#[test]
fn names_in_errors_are_marked_as_foreign() {
    for reference in [
        "vault:app#passwrd",
        "vault:app#certificate",
        "vault:app#${.passwrd}",
        "vault:app#${.certificate}",
    ] {
        let error = Case::new(&[("V", reference)], &[]).render().err().unwrap();
        let (line, foreign) = crate::foreign::split(&error.to_string());
        let (_, advice) = line.split_once("; ").unwrap();
        let count = advice.matches('"').count() / 2;
        assert!(count > 0 && foreign.len() == count, "{line}: {foreign:?}");
    }
}

#[test]
fn all_errors_are_told_together_and_equal_ones_once() {
    let variables = [
        ("A", "vault:gone#x"),
        ("B", "vault:app#user"),
        ("C", "x${vault:gone#y}"),
        ("D", "vault:app#list"),
    ];
    let error = Case::new(&variables, &["gone"]).render().err().unwrap();
    assert_eq!(error.variables(), ["A", "C", "D"]);
    let text = error.to_string();
    assert!(
        text.starts_with("A, C, from-path: `gone` was not found; D: key `list`"),
        "{text}"
    );
}

#[test]
fn ignoring_what_is_missing_ignores_nothing_else() {
    let ignoring = |reference: &str| {
        let mut case = Case::new(&[("V", reference)], &[]);
        case.options.ignore_missing = true;
        case
    };
    for reference in [
        "vault:gone#key",
        "vault:app#nope",
        "http://${vault:gone#key}@host",
    ] {
        assert_eq!(
            shown(&ignoring(reference).render().unwrap()),
            "<unset>",
            "{reference}"
        );
    }
    assert_eq!(
        shown(&ignoring("<${vault:gone?#key}>").render().unwrap()),
        "<>"
    );
    for reference in ["vault:denied#key", "vault:app#list", "vault:v1:bad"] {
        assert!(ignoring(reference).render().is_err(), "{reference}");
    }
}

#[test]
fn paths_become_variables() {
    let names = |case: &Case| {
        let resolved = case.render().unwrap();
        let pairs = resolved.from_paths.iter();
        pairs
            .map(|(name, value)| format!("{name}={}", value.expose_secret().escape_ascii()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(&Case::new(&[], &["leased", "more"])),
        ["extra=e", "password=other", "user=u"]
    );
    assert_eq!(names(&Case::new(&[], &["gone?"])), Vec::<String>::new());
    let mut ignoring = Case::new(&[], &["gone", "leased"]);
    ignoring.options.ignore_missing = true;
    assert_eq!(names(&ignoring), ["user=u"]);
    assert!(
        Case::new(&[], &["gone"])
            .error()
            .contains("`gone` was not found")
    );
}

/// The path `more` with this answer, and what the author says about its keys.
fn keyed(data: &str, keys: &[(&str, Option<&str>)]) -> Case {
    let mut case = Case::new(&[], &["more"]);
    for answer in case.answers.fetched.values_mut() {
        *answer = Ok(Answer::Found(Secret {
            data: serde_json::from_str(data).unwrap(),
            lease: None,
            warnings: None,
        }));
    }
    let keys = keys.iter();
    let keys = keys.map(|(key, name)| ((*key).to_owned(), name.map(str::to_owned)));
    case.references = case.references.with_keys(keys.collect());
    case
}

fn variables(data: &str, keys: &[(&str, Option<&str>)]) -> Vec<String> {
    let resolved = keyed(data, keys).render().unwrap();
    let pairs = resolved.from_paths.iter();
    pairs
        .map(|(name, value)| format!("{name}={}", value.expose_secret().escape_ascii()))
        .collect()
}

#[test]
fn startup_name_of_a_path_is_rejected_unless_named() {
    let data = r#"{"LD_PRELOAD":"/tmp/canary.so","user":"u"}"#;
    assert_eq!(
        keyed(data, &[]).error(),
        "from-path: key `LD_PRELOAD` of `more` decides which code the C library loads, and how; \
         allow it (`LD_PRELOAD`) or leave it out (`-LD_PRELOAD`) in tokenpipe.dev/from-path-keys"
    );
    assert_eq!(
        keyed(data, &[])
            .render()
            .err()
            .unwrap()
            .first()
            .unwrap()
            .exit_code(),
        contract::ExitCode::Reference
    );
    for key in [
        "BASH_ENV",
        "NODE_OPTIONS",
        "PATH",
        "PYTHONSTARTUP",
        "TOKENPIPE_SETTINGS",
    ] {
        let data = format!(r#"{{"{key}":"x"}}"#);
        let error = keyed(&data, &[("LD_PRELOAD", Some("LD_PRELOAD"))]).error();
        assert!(error.contains(&format!("key `{key}` of `more`")), "{error}");
        assert_eq!(variables(&data, &[(key, Some(key))]), [format!("{key}=x")]);
    }
    // `ignore-missing` is about what is absent, and nothing is.
    let mut ignoring = keyed(data, &[]);
    ignoring.options.ignore_missing = true;
    assert!(ignoring.render().is_err());
    let free = r#"{"DB_PATH":"1","ENV":"2","LDAP_HOST":"3","ld_preload":"4","path":"5"}"#;
    assert_eq!(
        variables(free, &[]),
        [
            "DB_PATH=1",
            "ENV=2",
            "LDAP_HOST=3",
            "ld_preload=4",
            "path=5"
        ]
    );
}

#[test]
fn key_of_a_path_is_left_out_or_renamed() {
    let data = r#"{"LD_PRELOAD":"l","user":"u"}"#;
    let left_out = [("LD_PRELOAD", None), ("absent", None)];
    assert_eq!(variables(data, &left_out), ["user=u"]);
    let renamed = [("LD_PRELOAD", Some("LIBRARY")), ("user", Some("DB_USER"))];
    assert_eq!(variables(data, &renamed), ["DB_USER=u", "LIBRARY=l"]);
    // The author may do what the writer may not.
    assert_eq!(
        variables(r#"{"options":"-v"}"#, &[("options", Some("NODE_OPTIONS"))]),
        ["NODE_OPTIONS=-v"]
    );
    let odd = r#"{"a b":"x","list":[1]}"#;
    assert_eq!(
        variables(odd, &[("a b", Some("A_B")), ("list", None)]),
        ["A_B=x"]
    );
    // What the author names must come.
    let error = keyed(odd, &[("list", Some("LIST"))]).error();
    assert!(error.contains("key `list` of `more` is a list"), "{error}");
}

/// A key that is unusual becomes a variable where the kernel takes its name; else it is left out, and
/// one warning for the path names it.
#[test]
fn odd_key_of_a_path_is_taken_or_left_out_with_a_warning() {
    let left = |keys: &str| {
        let advice = "name them in tokenpipe.dev/from-path-keys";
        format!("from-path left keys of `more` out: {keys}; {advice}")
    };
    for (data, expected, warning) in [
        (r#"{"1x":"a"}"#, vec!["1x=a"], None),
        (r#"{"my key":"a"}"#, vec!["my key=a"], None),
        (r#"{"grün":"a"}"#, vec!["grün=a"], None),
        (r#"{"a.b-c/d%":"a"}"#, vec!["a.b-c/d%=a"], None),
        (
            r#"{"m":{"x":1},"user":"u"}"#,
            vec!["user=u"],
            Some(left(r#""m" (a map)"#)),
        ),
        (
            r#"{"l":[1],"m":{},"user":"u"}"#,
            vec!["user=u"],
            Some(left(r#""l" (a list), "m" (a map)"#)),
        ),
        (
            r#"{"a=b":"x","user":"u"}"#,
            vec!["user=u"],
            Some(left(r#""a=b" (no variable name)"#)),
        ),
        (
            r#"{"":"x","a\nb":"y"}"#,
            vec![],
            Some(left(r#""" (no variable name), "a\nb" (no variable name)"#)),
        ),
        (
            r#"{"=1":1,"=2":1,"=3":1,"=4":1,"=5":1,"=6":1,"=7":1,"u":1}"#,
            vec!["u=1"],
            Some(left(
                &[1, 2, 3]
                    .map(|n| format!("\"={n}\" (no variable name)"))
                    .join(", "),
            ))
            .map(|text| text.replace("; name", " and 4 more; name")),
        ),
    ] {
        let resolved = keyed(data, &[]).render().unwrap();
        let pairs = resolved.from_paths.iter();
        let found: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={}", value.expose_secret().escape_ascii()))
            .collect();
        assert_eq!(found, expected, "{data}");
        let warnings = resolved.warnings.iter();
        let warnings: Vec<_> = warnings.map(|text| crate::foreign::split(text).0).collect();
        assert!(warnings.iter().all(|text| words(text) <= MESSAGE_WORDS));
        assert_eq!(warnings, Vec::from_iter(warning), "{data}");
    }
    // A name that a shell reads as a function is one of those that need the author's word.
    let function = keyed(r#"{"BASH_FUNC_ls%%":"() { canary; }"}"#, &[]).error();
    assert!(
        function.contains("`BASH_FUNC_ls%%` of `more` decides"),
        "{function}"
    );
}

#[test]
fn two_keys_of_a_path_with_one_name_are_rejected() {
    let data = r#"{"DB_USER":"a","user":"b"}"#;
    assert_eq!(
        keyed(data, &[("user", Some("DB_USER"))]).error(),
        "from-path: keys `DB_USER` and `user` of `more` both become variable DB_USER; leave one \
         out, or rename it, in tokenpipe.dev/from-path-keys"
    );
    let one = [("user", Some("DB_USER")), ("DB_USER", None)];
    assert_eq!(variables(data, &one), ["DB_USER=b"]);
    let swapped = [("user", Some("DB_USER")), ("DB_USER", Some("user"))];
    assert_eq!(variables(data, &swapped), ["DB_USER=b", "user=a"]);
}

#[test]
fn of_two_paths_the_later_wins() {
    let case = Case::new(&[], &["more", "leased"]);
    assert!(case.render().is_ok());
    let mut case = Case::new(&[], &["more", "other"]);
    let other = case.references.from_paths[1].request.clone();
    let secret = Secret {
        data: serde_json::from_str(r#"{"password":"last"}"#).unwrap(),
        lease: None,
        warnings: None,
    };
    case.answers
        .fetched
        .insert(other, Ok(Answer::Found(secret)));
    let resolved = case.render().unwrap();
    assert_eq!(resolved.from_paths["password"].expose_secret(), b"last");
    assert_eq!(resolved.from_paths["extra"].expose_secret(), b"e");
}

#[test]
fn a_lease_that_is_too_short() {
    let case = |seconds, token: Result<Option<Duration>, VaultError>| {
        let mut case = Case::new(&[("V", "vault:leased#user"), ("W", "vault:app#user")], &[]);
        case.options.min_lease = Some(Duration::from_secs(seconds));
        case.answers.token_ttl = token;
        case
    };
    assert!(case(3600, Ok(None)).render().is_ok());
    let error = case(3601, Ok(None)).error();
    assert!(
        error.starts_with("V: `leased`: ") && error.contains("1h0m1s") || error.contains("1h1s"),
        "{error}"
    );
    let error = case(600, Ok(Some(Duration::from_secs(60)))).error();
    assert!(
        error.contains("1m (lease 1h, token 1m)") && error.contains("10m"),
        "{error}"
    );
    let unknown = case(600, Err(VaultError::InvalidToken)).error();
    assert!(
        unknown.contains("is leased, and the life of the token is unknown: "),
        "{unknown}"
    );
}

#[test]
fn no_error_shows_a_value() {
    let mut case = Case::new(&[("V", "vault:app#list"), ("W", "vault:app#nope")], &[]);
    let data = r#"{"list":["canary"],"key":"canary"}"#;
    for answer in case.answers.fetched.values_mut() {
        *answer = Ok(Answer::Found(Secret {
            data: serde_json::from_str(data).unwrap(),
            lease: None,
            warnings: None,
        }));
    }
    let error = case.render().err().unwrap();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
}
