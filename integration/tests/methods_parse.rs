//! Whatever admission accepts, the real agent reads: no setting of any method is refused by it, and
//! none has a type that it does not take.
//!
//! Each configuration is given to an agent whose Vault is a closed port, so it gets through the
//! file and the method's constructor, and fails when it logs in. Which settings there are is asked
//! of `tokenpipe reference`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use integration::demo::DemoError;
use integration::login::{Logins, agent_config};
use integration::network::{free_port, separate_network};
use integration::tools::{self, Tool};
use integration::{process, product, temp};
use serde_json::{Map, Value, json};

const LIMIT: Duration = Duration::from_secs(60);

/// Settings to start from, besides the role; and whether a Secret goes with them.
fn list_starts() -> Vec<(&'static str, Value, bool)> {
    let key = json!({ "type": "iam", "access_key": "AKIAEXAMPLE", "secret_key": "example" });
    let ali_key =
        json!({ "region": "eu-1", "access_key": "LTAIEXAMPLE", "access_secret": "example" });
    let mut ali_role = ali_key.clone();
    ali_role["role_arn"] = json!("acs:ram::1:role/web");
    ali_role["role_session_name"] = json!("web");
    ali_role["role_session_expiration"] = json!(900);
    let ali_pair = json!({
        "region": "eu-1", "private_key": "-----BEGIN\n-----END", "public_key_id": "k",
        "session_expiration": 3600,
    });
    let wrapped = json!({ "secret_id_response_wrapping_path": "auth/approle/role/w/secret-id" });
    let kerberos = json!({ "username": "web", "service": "HTTP/vault", "realm": "SHOP" });
    vec![
        ("alicloud", json!({ "region": "eu-1" }), false),
        ("alicloud", ali_key, false),
        ("alicloud", ali_role, false),
        ("alicloud", ali_pair, false),
        ("approle", json!({}), true),
        ("approle", wrapped, true),
        ("approle", json!({ "secret_id_file_path": "" }), true),
        ("aws", json!({ "type": "iam" }), false),
        ("aws", json!({ "type": "iam" }), true),
        ("aws", key, false),
        ("aws", json!({ "type": "ec2" }), false),
        ("azure", json!({ "resource": "https://vault" }), false),
        ("cert", json!({}), true),
        ("cf", json!({}), true),
        ("gcp", json!({ "type": "gce" }), false),
        ("gcp", json!({ "type": "iam", "service_account": "" }), true),
        (
            "gcp",
            json!({ "type": "iam", "service_account": "w@s" }),
            false,
        ),
        ("jwt", json!({}), false),
        ("jwt", json!({}), true),
        ("kerberos", kerberos, true),
        ("kubernetes", json!({}), false),
        ("kubernetes", json!({}), true),
        ("ldap", json!({ "username": "web" }), true),
        ("oci", json!({ "type": "apikey" }), true),
        ("oci", json!({ "type": "instance" }), false),
        ("token_file", json!({}), true),
    ]
}

/// Values that an editor would offer for a key of the schema, first and last of their kind.
fn list_values(name: &str, schema: &Value) -> Vec<Value> {
    if let Some(words) = schema["enum"].as_array() {
        return words.clone();
    }
    if let Some(example) = schema["examples"].get(0) {
        return vec![example.clone()];
    }
    let types = schema["type"].to_string();
    match (types.contains("integer"), types.contains("string")) {
        // A duration.
        (true, true) if schema.get("maximum").is_none() => {
            vec![json!(1), json!("90"), json!("1m30s"), json!("2d")]
        }
        (true, is_text) => {
            let both = [schema["minimum"].clone(), schema["maximum"].clone()];
            let quoted = both[1].to_string().into();
            both.into_iter().chain(is_text.then_some(quoted)).collect()
        }
        (false, true) => vec![json!(format!("{name} \"é\" \\ / ${{x}} $(y)"))],
        (false, false) => vec![json!(true), json!(false)],
    }
}

fn read_schema() -> Value {
    let mut tokenpipe = Command::new(product::find_tokenpipe().unwrap());
    tokenpipe.args(["reference", "auth-config-schema"]);
    let output = process::run_command(&mut tokenpipe, LIMIT).unwrap();
    serde_json::from_str(&output.stdout()).unwrap()
}

/// One case: what it is called, and the configuration that came of it.
type Case = (String, Value);

/// How many sets of several settings are thrown for each start. Many are refused.
const THROWS: u64 = 40;
/// And of how many of them, that were admitted, a configuration is made.
const SETS: usize = 4;

/// Whether something is chosen, as the dice fall: one in so many of what is asked about, the same in every
/// run unless `SEED` has another text.
fn is_chosen(about: impl Hash, one_in: u64) -> bool {
    let mut hasher = DefaultHasher::new();
    (env::var_os("SEED"), about).hash(&mut hasher);
    hasher.finish().is_multiple_of(one_in)
}

/// A start with a random part of all further settings, each with one of its values.
fn build_random_start(
    number: u64,
    method: &str,
    start: &Value,
    properties: &Map<String, Value>,
) -> Value {
    let mut config = start.clone();
    for (name, schema) in properties {
        let about = (number, method, start.to_string(), name);
        let is_value = |value: &Value| is_chosen((&about, value.to_string()), 2);
        if is_chosen(&about, 4)
            && let Some(value) = list_values(name, schema).into_iter().find(is_value)
        {
            config[name] = value;
        }
    }
    config
}

/// Every start, alone, with each value of each further key, and with several at once, as far as it is
/// admitted, and with what an author can say of every login.
fn build_cases(schema: &Value, address: &str) -> Vec<Case> {
    let helper = Path::new(env!("CARGO_BIN_EXE_demo"));
    let connection = json!({ "auth": { "role": "web", "allowInlineCredentials": true } });
    let logins = Logins::new(helper, address, &connection).unwrap();
    let (mut cases, mut unseen) = (Vec::new(), list_keys(schema));
    for (method, start, with_secret) in list_starts() {
        let properties = schema["$defs"][method]["properties"].as_object().unwrap();
        let further = properties.iter().flat_map(|(name, schema)| {
            list_values(name, schema)
                .into_iter()
                .map(move |v| (name, v))
        });
        let configs = further.map(|(name, value)| {
            let mut config = start.clone();
            config[name] = value;
            config
        });
        let alone = [start.clone()].into_iter().chain(configs);
        let mut all: Vec<_> = alone
            .map(|config| json!({ "auth-method": method, "auth-config": config }))
            .collect();
        // There nobody logs in.
        if method != "token_file" {
            all.push(json!({
                "auth-method": method, "auth-config": start, "auth-mount-path": "clusters/one",
                "auth-namespace": "team/web", "auth-wrap-ttl": "90s",
            }));
        }
        let single = all.len();
        all.extend((0..THROWS).map(|number| {
            let config = build_random_start(number, method, &start, properties);
            json!({ "auth-method": method, "auth-config": config })
        }));
        let mut sets = 0;
        for (index, mut annotations) in all.into_iter().enumerate() {
            if index >= single && sets == SETS {
                break;
            }
            if with_secret {
                annotations["auth-secret"] = json!("web-login");
            }
            let admitted = match logins.admit_annotations(&annotations) {
                Ok(admitted) => admitted,
                Err(DemoError::Refused(_)) if annotations["auth-namespace"].is_null() => continue,
                Err(error) => panic!("{error}"),
            };
            sets += usize::from(index >= single);
            let config = agent_config(&admitted);
            let written = config["auto_auth"]["method"][0]["config"].as_object();
            for key in written.into_iter().flat_map(Map::keys) {
                unseen.remove(&format!("{method}.{key}"));
            }
            cases.push((format!("{method} {annotations}"), config));
        }
        assert!(
            sets > 0,
            "{method} {start}: none of {THROWS} sets was admitted"
        );
    }
    assert_eq!(unseen, BTreeSet::new(), "no case has these keys");
    cases
}

/// `method.key` of all of them.
fn list_keys(schema: &Value) -> BTreeSet<String> {
    let methods = schema["$defs"].as_object().unwrap();
    methods
        .iter()
        .flat_map(|(method, schema)| {
            let properties = schema["properties"].as_object().unwrap();
            properties.keys().map(move |key| format!("{method}.{key}"))
        })
        .collect()
}

/// What the agent says of a configuration that it does not read; `None` if it got to the login.
fn find_refusal(vault: &Path, mut config: Value) -> Option<String> {
    // The one cloud whose constructor cannot do without the metadata service.
    const NO_METADATA: &str = "failed to create instance principal configuration provider";
    let directory = temp::create_directory("parse").unwrap();
    let file = directory.path().join("agent.json");
    config["auto_auth"]["sink"][0]["config"]["path"] = json!(directory.path().join("token"));
    config["auto_auth"]["method"][0]["exit_on_err"] = json!(true);
    fs::write(&file, config.to_string()).unwrap();
    let mut agent = Command::new(vault);
    agent
        .arg("agent")
        .arg(format!("-config={}", file.display()))
        .env_clear()
        .env("HOME", directory.path())
        .env("VAULT_MAX_RETRIES", "0")
        .env("VAULT_CLIENT_TIMEOUT", "2s");
    // The constructors of these fetch credentials, and the Secret's are not there.
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "example"),
        ("ALICLOUD_ACCESS_KEY", "LTAIEXAMPLE"),
        ("ALICLOUD_SECRET_KEY", "example"),
        ("OCI_tenancy_ocid", "ocid1.tenancy"),
        ("OCI_user_ocid", "ocid1.user"),
        ("OCI_fingerprint", "aa:bb"),
    ] {
        agent.env(name, value);
    }
    let output = process::run_command(&mut agent, LIMIT).unwrap();
    let said = output.stdout() + &output.stderr();
    // `cert` opens the files with its credentials first, which are not there.
    let got_there = [
        "authenticating",
        "error creating client for authentication call",
    ]
    .iter()
    .any(|step| said.contains(&format!("agent.auth.handler: {step}")));
    let is_read = output.code() == Some(1) && (got_there || said.contains(NO_METADATA));
    (!is_read || said.contains("panic: ")).then_some(said)
}

#[test]
fn the_agent_reads_whatever_is_admitted() {
    let addresses = [[169, 254, 169, 254], [100, 100, 100, 200]].map(Ipv4Addr::from);
    separate_network(&addresses).unwrap();
    let vault = tools::find_tool(Tool::Vault).unwrap();
    let address = format!("http://127.0.0.1:{}", free_port().unwrap());
    let cases = build_cases(&read_schema(), &address);
    assert!(cases.len() > 100, "{}", cases.len());
    let (left, refused) = (Mutex::new(cases), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some((name, config)) = left.lock().unwrap().pop() else {
                        break;
                    };
                    if let Some(said) = find_refusal(&vault, config) {
                        refused.lock().unwrap().push(format!("{name}\n{said}"));
                    }
                }
            });
        }
    });
    let refused = refused.into_inner().unwrap();
    assert!(refused.is_empty(), "{}", refused.join("\n\n"));
}

/// The test above would notice: what the webhook would refuse, the agent does not read.
#[test]
fn the_agent_tells_what_it_does_not_read() {
    separate_network(&[]).unwrap();
    let vault = tools::find_tool(Tool::Vault).unwrap();
    let config = |method: Value| {
        json!({
            "exit_after_auth": true,
            "vault": { "address": "http://127.0.0.1:1" },
            "auto_auth": {
                "method": [method],
                "sink": [{ "type": "file", "config": { "mode": 384 } }],
            },
        })
    };
    for (method, part) in [
        (
            json!({ "type": "pcf", "config": { "role": "web" } }),
            "unknown auto-auth method type pcf",
        ),
        (
            json!({ "type": "cert", "config": { "reload": "true" } }),
            "'reload' config value to bool",
        ),
        (
            json!({ "type": "aws", "config": {
                "type": "iam", "role": "web", "credential_poll_interval": "60",
            } }),
            "into positive int",
        ),
        (
            json!({ "type": "jwt", "config": { "role": "web", "path": "/a", "jwt_read_period": 0 } }),
            "non-positive interval",
        ),
    ] {
        let said = find_refusal(&vault, config(method.clone())).expect("refused");
        assert!(said.contains(part), "{method}: {said}");
    }
}
