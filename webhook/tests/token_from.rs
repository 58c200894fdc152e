//! Which volumes `tokenpipe.dev/token-from` may name.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "support/case.rs"]
mod common;

use common::Case;
use webhook::review::Answer;

/// The rejection of a pod that another injector may be asked about, if there is one.
fn rejection(injector: &str, token_from: &str) -> Option<String> {
    let written = serde_json::to_string(token_from).unwrap();
    let case = Case::parse(&format!(
        "
about: a pod
---
metadata:
  name: web
  annotations:
    tokenpipe.dev/token-from: {written}
    {injector}
spec:
  containers:
    - name: app
      image: i
      command: [/app]
      env: [{{name: P, value: 'vault:secret/data/db#password'}}]
"
    ));
    match case.mutate(&case.pod) {
        Ok(Answer::Refused { reason }) => Some(reason),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    }
}

#[test]
fn volume_that_an_injector_will_bring_may_be_named() {
    let vault = "vault.hashicorp.com/agent-inject: 'true'";
    let openbao = "openbao.org/agent-inject: 'true'";
    for (injector, volume, is_known) in [
        (vault, "vault-secrets", true),
        (vault, "home-sidecar", true),
        (vault, "vault-secrets-1", true),
        (openbao, "openbao-secrets", true),
        (vault, "vault-secret", false),
        (vault, "vault-secretsx", false),
        (vault, "home-sidecar-1", false),
        (vault, "mine", false),
        (vault, "", false),
        (
            "vault.hashicorp.com/agent-inject: 'false'",
            "vault-secrets",
            false,
        ),
        ("example.com/other: 'true'", "vault-secrets", false),
    ] {
        let rejection = rejection(injector, &format!("{volume}/token"));
        assert_eq!(
            rejection.is_none(),
            is_known,
            "{injector} {volume}: {rejection:?}"
        );
    }
}

#[test]
fn file_with_white_space_or_a_way_up_is_rejected() {
    let injector = "vault.hashicorp.com/agent-inject: 'true'";
    for (file, is_path) in [
        ("token", true),
        ("a/b", true),
        ("to ken", false),
        ("to\tken", false),
        ("to\u{1}ken", false),
        ("a//b", false),
        ("a/../b", false),
    ] {
        let rejection = rejection(injector, &format!("vault-secrets/{file}"));
        assert_eq!(rejection.is_none(), is_path, "{file:?}: {rejection:?}");
    }
}
