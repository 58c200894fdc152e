//! Whatever is accepted gives stable JSON; whatever differs from it in one key's name or type is
//! refused.

use contract::paths::AUTH;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::SECRET;
use crate::auto_auth::{AutoAuth, LoginSettings, Mount};
use crate::config::AgentConfig;
use crate::flavour::Flavour;
use crate::methods::ALL;
use crate::schema::{Form, Key, Kind, Method};

type Config = Map<String, Value>;

/// An agent, a method that it has, and what the agent's container mounts.
#[derive(Clone, Copy, Debug)]
struct Agent<'a> {
    flavour: Flavour,
    method: &'static Method,
    mounts: &'a [Mount<'a>],
}

impl Agent<'_> {
    /// The method's keys that this agent has.
    fn keys(&self) -> impl Iterator<Item = &'static Key> {
        let flavour = self.flavour;
        let keys = self.method.keys.iter();
        keys.filter(move |key| key.flavours.include(flavour))
    }
}

fn accept(agent: Agent<'_>, config: &Config) -> Option<AutoAuth> {
    let Agent {
        flavour,
        method,
        mounts,
    } = agent;
    let settings = LoginSettings {
        config: config.clone(),
        mounts,
        allow_inline_credentials: true,
        ..LoginSettings::default()
    };
    AutoAuth::new(method, flavour, &settings).ok()
}

/// Takes optional keys away, the last first, until no rule refuses what is left.
fn accepted(agent: Agent<'_>, mut config: Config) -> Option<(Config, AutoAuth)> {
    let mut optional: Vec<_> = agent.keys().filter(|key| !key.required).collect();
    loop {
        if let Some(auto_auth) = accept(agent, &config) {
            return Some((config, auto_auth));
        }
        config.remove(optional.pop()?.name);
    }
}

/// Any value that the kind accepts by itself.
fn value(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::TextOrEmpty => prop_oneof![Just(json!("")), value(Kind::Text)].boxed(),
        Kind::Credential { .. } => "[^\\pC\\s]([^\\pC]{0,20}\n[^\\pC]{0,5})?"
            .prop_map(Value::from)
            .boxed(),
        Kind::Text => "[^\\pC\\s]([^\\pC]{0,20}[^\\pC\\s])?"
            .prop_map(Value::from)
            .boxed(),
        Kind::Path(_) => "[a-z]{1,8}(/[^\\pC\\s/.]{1,8}){0,2}"
            .prop_map(|name| format!("{AUTH}/{name}").into())
            .boxed(),
        Kind::OneOf(words) => prop::sample::select(words).prop_map(Value::from).boxed(),
        Kind::Integer { min, max, .. } => (min..=max).prop_map(Value::from).boxed(),
        Kind::Boolean(_) | Kind::Removal { .. } => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Duration => prop_oneof![
            (1..1_000_000_i64).prop_map(Value::from),
            "[1-9][0-9]{0,3}(ns|us|ms|s|m|h|d|)".prop_map(Value::from),
            "[1-9][0-9]?h[0-9]{1,2}m[0-9]\\.[0-9]{1,3}s".prop_map(Value::from),
        ]
        .boxed(),
    }
}

/// Every agent with every method that it has; which mounts is not said yet.
fn agents() -> Vec<Agent<'static>> {
    let of = |flavour| {
        let methods = ALL.iter().copied();
        methods
            .filter(move |method| method.flavours.include(flavour))
            .map(move |method| Agent {
                flavour,
                method,
                mounts: &[],
            })
    };
    Flavour::ALL.into_iter().flat_map(of).collect()
}

/// An agent, and any subset of a method's keys with values that are right one by one: those that the
/// agent has, and those that only the other one has.
fn agent_and_configs() -> impl Strategy<Value = (Agent<'static>, Config, Config)> {
    prop::sample::select(agents()).prop_flat_map(|agent| {
        let keys = agent.method.keys.iter();
        let entries: Vec<_> = keys
            .map(|key| {
                let likely = if key.required { 0.9 } else { 0.5 };
                option::weighted(likely, value(key.kind).prop_map(move |value| (key, value)))
            })
            .collect();
        entries.prop_map(move |entries| {
            let (own, other): (Vec<_>, Vec<_>) = entries
                .into_iter()
                .flatten()
                .partition(|(key, _)| key.flavours.include(agent.flavour));
            (agent, config(own), config(other))
        })
    })
}

fn config(entries: Vec<(&Key, Value)>) -> Config {
    let entries = entries.into_iter();
    entries
        .map(|(key, value)| (key.name.to_owned(), value))
        .collect()
}

/// Values of types that the kind does not take.
fn wrong(kind: Kind) -> Vec<Value> {
    let mut wrong = vec![
        json!(null),
        json!([]),
        json!(["a"]),
        json!({}),
        json!({ "a": "b" }),
        json!(1.5),
    ];
    wrong.extend(match kind {
        Kind::Text
        | Kind::TextOrEmpty
        | Kind::Credential { .. }
        | Kind::Path(_)
        | Kind::OneOf(_) => vec![json!(true), json!(1)],
        Kind::Integer {
            form: Form::Real, ..
        } => vec![json!(true), json!("1")],
        Kind::Integer { .. } => vec![json!(true), json!("one")],
        Kind::Boolean(Form::Real) => vec![json!("true"), json!(1)],
        Kind::Boolean(_) | Kind::Removal { .. } => vec![json!("yes"), json!(1)],
        Kind::Duration => vec![json!(true), json!("true")],
    });
    wrong
}

/// Every name that is one edit away from `name`.
fn misspelt(name: &str) -> impl Iterator<Item = String> + '_ {
    (0..name.len()).flat_map(move |at| {
        let (before, behind) = name.split_at(at);
        [
            format!("{before}{}", &behind[1..]),
            format!("{before}x{behind}"),
            format!("{before}{}{}", behind[..1].to_uppercase(), &behind[1..]),
            format!("{before}-{}", &behind[1..]),
        ]
    })
}

fn written(auto_auth: &AutoAuth) -> String {
    AgentConfig {
        address: "https://vault:8200",
        auto_auth,
        exit_on_err: true,
        backoff: None,
    }
    .to_string()
}

proptest! {
    #[test]
    fn accepted_settings_give_stable_json(
        (agent, config, of_the_other) in agent_and_configs(),
        read_only in any::<bool>(),
    ) {
        let mounts = [Mount { path: AUTH, read_only }];
        let agent = Agent { mounts: &mounts, ..agent };
        let method = agent.method;
        let Some((config, auto_auth)) = accepted(agent, config) else {
            return Err(TestCaseError::reject("a rule refuses it"));
        };
        let text = written(&auto_auth);
        let parsed: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(parsed.to_string(), text.clone());
        let escapes = text.replace("\\\\", "");
        prop_assert!(!escapes.contains("\\/") && !escapes.contains("\\u"));

        // What was put out is accepted again, and gives the same. Only that there is no secret-id
        // must be said.
        let again = &parsed["auto_auth"]["method"][0]["config"];
        let mut again = again.as_object().unwrap().clone();
        if again.get("remove_secret_id_file_after_reading").is_none() && method.name == "approle" {
            again.insert("secret_id_file_path".into(), "".into());
        }
        let again = accept(agent, &again).unwrap();
        prop_assert_eq!(written(&again), text);

        // A key that only the other agent has is as good as misspelt.
        for (key, value) in of_the_other {
            let mut changed = config.clone();
            changed.insert(key.clone(), value);
            prop_assert!(accept(agent, &changed).is_none(), "{}", key);
        }

        for key in config.keys() {
            let mut changed = config.clone();
            let value = changed.remove(key).unwrap();
            for name in misspelt(key) {
                if name != *key && method.key(&name).is_none() {
                    let mut changed = changed.clone();
                    changed.insert(name.clone(), value.clone());
                    prop_assert!(accept(agent, &changed).is_none(), "{}", name);
                }
            }
            for value in wrong(method.key(key).unwrap().kind) {
                changed.insert(key.clone(), value.clone());
                prop_assert!(accept(agent, &changed).is_none(), "{} {}", key, value);
            }
        }
    }

    #[test]
    fn anything_at_all_is_accepted_or_refused_in_one_line(
        method in prop::sample::select(ALL),
        flavour in prop::sample::select(Flavour::ALL.as_slice()),
        role in option::of(".*"),
        mount_path in option::of(".*"),
        namespace in option::of(".*"),
        wrap_ttl in option::of(".*"),
        audience in option::of(".*"),
        token_expiration in any::<Option<u64>>(),
        keys in prop::collection::btree_map(".*", ".*", 0..4),
    ) {
        let settings = LoginSettings {
            role: role.as_deref(),
            mount_path: mount_path.as_deref(),
            namespace: namespace.as_deref(),
            wrap_ttl: wrap_ttl.as_deref(),
            audience: audience.as_deref(),
            token_expiration,
            config: keys.into_iter().map(|(key, value)| (key, value.into())).collect(),
            mounts: SECRET,
            ..LoginSettings::default()
        };
        if let Err(problems) = AutoAuth::new(method, flavour, &settings) {
            let sentence = problems.to_string();
            prop_assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
        }
    }
}
