//! What env-exec must give a program: every case of `conformance/references.json`, on a real Vault,
//! as in a pod and, where a case needs no settings, alone.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::collections::BTreeMap;

use integration::env_exec::{Start, Started};
use integration::vault::{Conformance, REFERENCES, Vault};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};

/// What each start is given besides the variables of its case.
const GIVEN: [&str; 3] = ["PATH", "VAULT_ADDR", "VAULT_TOKEN_FILE"];

/// A case, with placeholders filled in.
struct Case<'a> {
    name: &'a str,
    variables: BTreeMap<String, String>,
    settings: &'a Value,
    expected: &'a Value,
}

impl<'a> Case<'a> {
    fn new(case: &'a Value, conformance: &Conformance) -> Self {
        let variables = case["env"].as_object().unwrap().iter();
        Self {
            name: case["name"].as_str().unwrap(),
            variables: variables
                .map(|(name, value)| {
                    (
                        name.clone(),
                        fill_holes(value.as_str().unwrap(), conformance),
                    )
                })
                .collect(),
            settings: &case["settings"],
            expected: &case["expect"],
        }
    }

    fn in_pod(&self, vault: &Vault, token: &str) -> Started {
        let mut start = Start::in_pod(vault.address(), token).unwrap();
        for (name, value) in &self.variables {
            start = start.with_variable(name, value);
        }
        // The author asks, so that references in JSON are resolved too.
        let literal: Vec<_> = self.variables.keys().collect();
        let sources = json!({ "allow": { "asked": true }, "named": { "literal": literal } });
        start = start.with_setting("sources", sources);
        for (name, value) in self.settings.as_object().into_iter().flatten() {
            start = match name.as_str() {
                "ignore_missing" => start.with_setting(name, value.clone()),
                "from_path" => {
                    let paths: Vec<_> = value.as_str().unwrap().split(',').map(str::trim).collect();
                    start.with_setting(name, json!(paths))
                }
                "transit_key" => {
                    start.with_setting("transit", json!({ "path": "transit", "key": value }))
                }
                "args" => {
                    let arguments = value
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|a| a.as_str().unwrap());
                    start.with_program(["env"].into_iter().chain(arguments))
                }
                other => panic!("{}: setting {other} is not known", self.name),
            };
        }
        let started = start.run().unwrap();
        let is_over = started.code() != Some(0);
        assert!(is_over || !start.token_file().exists(), "{}", self.name);
        started
    }

    fn run_standalone(&self, vault: &Vault, token: &str) -> Started {
        let file = integration::temp::create_directory("token").unwrap();
        std::fs::write(file.path().join("token"), token).unwrap();
        let mut start = Start::bare()
            .with_variable("VAULT_ADDR", vault.address())
            .with_variable("VAULT_TOKEN_FILE", file.path().join("token"));
        for (name, value) in &self.variables {
            start = start.with_variable(name, value);
        }
        start.run().unwrap()
    }

    fn check_outcome(&self, started: &Started, token: &str) {
        let name = self.name;
        if let Some(error) = self.expected["error"].as_str() {
            let line = started.line();
            assert_eq!(line.lines().count(), 1, "{name}: {line}");
            for part in error.split(" (").next().unwrap().split('|') {
                assert!(line.contains(part), "{name}: {line}");
            }
            assert!(
                (113..118).contains(&started.code().unwrap()),
                "{name}: {started:?}"
            );
            return;
        }
        assert_eq!(started.code(), Some(0), "{name}: {started:?}");
        let got: BTreeMap<String, String> = started
            .environment()
            .into_iter()
            .map(|(name, value)| (name.into_string().unwrap(), value.into_string().unwrap()))
            .filter(|(name, _)| !GIVEN.contains(&name.as_str()))
            .collect();
        let expected = self.expected["env"].as_object().unwrap();
        for (variable, value) in expected {
            let found = &got[variable];
            match value.as_str().unwrap() {
                "=B" => assert_eq!(found, &got["B"], "{name}"),
                "certificate of B's key" => assert!(belong_together(found, &got["B"]), "{name}"),
                "<the client token>" => assert_eq!(found, token, "{name}"),
                value => assert_eq!(found, value, "{name}: {variable}"),
            }
        }
        let unexpected: Vec<_> = got
            .keys()
            .filter(|key| !expected.contains_key(*key))
            .collect();
        let is_compared = |key: &&String| *key == "B" && expected.contains_key("A");
        assert!(unexpected.iter().all(is_compared), "{name}: {unexpected:?}");
    }
}

fn fill_holes(value: &str, conformance: &Conformance) -> String {
    [
        "<ciphertext of secret: vault:v1:...>",
        "<ciphertext of secret>",
    ]
    .iter()
    .fold(value.to_owned(), |value, hole| {
        value.replace(hole, &conformance.ciphertext)
    })
}

/// Whether the certificate holds the public half of the key.
fn belong_together(certificate: &str, key: &str) -> bool {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let key = any_supported_type(&key).unwrap();
    let public = key.public_key().unwrap();
    certificate
        .windows(public.len())
        .any(|window| window == public.as_ref())
}

#[test]
fn every_case_in_a_pod_and_alone() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let file: Value = serde_json::from_str(REFERENCES).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() >= 50, "only {} cases", cases.len());
    for case in cases {
        let case = Case::new(case, conformance);
        let policies = json!({ "policies": ["conformance"], "ttl": "5m" });
        let token = vault.create_token(&policies).unwrap();
        case.check_outcome(&case.in_pod(vault, &token), &token);
        if case.settings.is_null() {
            case.check_outcome(&case.run_standalone(vault, &token), &token);
        }
    }
}
