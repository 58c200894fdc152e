//! A denial: by a policy, or of a token that is dead. `OpenBao`, and Vault before 1.17, answer both
//! with the same words.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::time::Duration;

use integration::env_exec::{Start, Started};
use integration::network::{Answer, Request, Responder};
use integration::openbao::OpenBao;
use integration::skip_test;
use integration::vault::{Vault, VaultClient};
use integration::wait::wait_for;
use reqwest::Method;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(30);
const LOOK_UP: &str = "GET /v1/sys/internal/ui/mounts";
const DEAD: &str = "Vault rejects the token";

/// Runs a case on the double, and on the `OpenBao` that `BAO_BIN` names.
fn on_each(case: impl Fn(&OpenBao)) {
    let servers = [
        Some(OpenBao::start_double().unwrap()),
        OpenBao::start_real().unwrap(),
    ];
    for server in servers.into_iter().flatten() {
        server
            .write("secret/data/shop/db", &json!({ "data": { "k": "v" } }))
            .unwrap();
        server
            .write_policy(
                "shop",
                "path \"secret/data/shop/*\" { capabilities = [\"read\"] }",
            )
            .unwrap();
        case(&server);
    }
}

fn create_token(server: &VaultClient, more: &Value) -> String {
    let mut fields = json!({ "policies": ["shop"] });
    let more = more.as_object().unwrap().clone();
    fields.as_object_mut().unwrap().extend(more);
    server.create_token(&fields).unwrap()
}

fn read_path(server: &VaultClient, token: &str, path: &str) -> Result<Value, String> {
    let answer = server.request(&Method::GET, path, token, None);
    answer.map_err(|error| error.to_string())
}

fn wait_for_end(server: &VaultClient, token: &str) {
    wait_for("a token to expire", LIMIT, || {
        read_path(server, token, "secret/data/shop/db").is_err()
    })
    .unwrap();
}

/// One token for each way to be dead.
fn dead_tokens(server: &VaultClient) -> [String; 4] {
    let revoked = create_token(server, &json!({}));
    server
        .write("auth/token/revoke", &json!({ "token": revoked }))
        .unwrap();
    let used_up = create_token(server, &json!({ "num_uses": 1 }));
    read_path(server, &used_up, "secret/data/shop/db").unwrap();
    let expired = create_token(server, &json!({ "ttl": "1s" }));
    wait_for_end(server, &expired);
    ["s.unknown".to_owned(), revoked, used_up, expired]
}

fn build_start(server: &OpenBao, token: &str, restart: &str) -> Start {
    Start::in_pod(&server.recorded_address(), token)
        .unwrap()
        .with_setting("restart", json!(restart))
}

fn assert_end(started: &Started, code: i32, part: &str) {
    assert_eq!(started.code(), Some(code), "{started:?}");
    let said = started.line();
    assert!(said.lines().last().unwrap().contains(part), "{said}");
}

fn look_ups(server: &OpenBao) -> usize {
    let requests = server.requests();
    requests.iter().filter(|line| *line == LOOK_UP).count()
}

#[test]
fn dead_token_on_openbao_is_dead_for_each_restart_mode() {
    on_each(|server| {
        for token in dead_tokens(server) {
            for (restart, code, part) in [
                ("fail", 115, DEAD),
                ("rerun", 117, "asking kubelet to run the init containers"),
                (
                    "retain",
                    115,
                    "has expired or was revoked; set a longer token_ttl",
                ),
            ] {
                let start = build_start(server, &token, restart)
                    .with_variable("V", "vault:secret/data/shop/db#k");
                let before = look_ups(server);
                assert_end(&start.run().unwrap(), code, part);
                assert_eq!(look_ups(server), before + 1, "{restart}");
                assert!(!start.token_file().exists(), "{restart}");
            }
        }
    });
}

#[test]
fn dead_token_on_openbao_is_dead_alone_and_from_elsewhere() {
    on_each(|server| {
        let [_, revoked, ..] = dead_tokens(server);
        let alone = Start::standalone(&server.recorded_address(), &revoked)
            .with_variable("V", "vault:secret/data/shop/db#k");
        assert_end(&alone.run().unwrap(), 115, DEAD);
        let elsewhere = build_start(server, "unused", "retain")
            .with_setting("token_file", json!("other"))
            .with_variable("V", "vault:secret/data/shop/db#k");
        std::fs::write(elsewhere.volume().join("other"), &revoked).unwrap();
        let part = "tokenpipe.dev/token-from (expired or revoked)";
        assert_end(&elsewhere.run().unwrap(), 115, part);
    });
}

#[test]
fn dead_token_is_dead_for_writes_transit_and_whole_paths() {
    on_each(|server| {
        let transit = json!({ "path": "transit", "key": "k" });
        let [unknown, ..] = dead_tokens(server);
        let rerun =
            || build_start(server, &unknown, "rerun").with_setting("transit", transit.clone());
        for start in [
            rerun().with_variable(
                "V",
                ">>vault:secret/data/shop/new#k#{\"data\":{\"k\":\"v\"}}",
            ),
            rerun().with_variable("V", "vault:v1:AAAA"),
            rerun().with_setting("from_path", json!(["secret/data/shop/db"])),
        ] {
            let before = look_ups(server);
            assert_end(&start.run().unwrap(), 117, "asking kubelet");
            assert_eq!(look_ups(server), before + 1);
        }
    });
}

#[test]
fn token_used_up_during_a_start_is_dead() {
    on_each(|server| {
        let token = create_token(server, &json!({ "num_uses": 1 }));
        let start = build_start(server, &token, "rerun")
            .with_variable("A", "vault:secret/data/shop/db#k")
            .with_variable("B", "vault:secret/data/shop/db-2?#k");
        assert_end(&start.run().unwrap(), 117, "asking kubelet");
        assert_eq!(look_ups(server), 1);
    });
}

#[test]
fn live_token_without_default_policy_is_denied_by_a_policy() {
    on_each(|server| {
        let token = create_token(server, &json!({ "no_default_policy": true }));
        read_path(server, &token, "auth/token/lookup-self").unwrap_err();
        let start = build_start(server, &token, "rerun")
            .with_variable("A", "vault:secret/data/shop/db#k")
            .with_variable("B", "vault:secret/data/other#k");
        let started = start.run().unwrap();
        assert_end(&started, 115, "`secret/data/other`: permission denied");
        assert!(!started.line().contains("dead"), "{started:?}");
        assert!(start.token_file().exists(), "the token is good");
        assert_eq!(look_ups(server), 1);
    });
}

/// The look-up is none of the uses that a token has.
#[test]
fn look_up_spends_no_use() {
    on_each(|server| {
        let token = create_token(server, &json!({ "num_uses": 2 }));
        let start =
            build_start(server, &token, "rerun").with_variable("V", "vault:secret/data/other#k");
        assert_end(&start.run().unwrap(), 115, "permission denied");
        assert_eq!(look_ups(server), 1);
        read_path(server, &token, "secret/data/shop/db").unwrap();
        read_path(server, &token, "secret/data/shop/db").unwrap_err();
    });
}

#[test]
fn many_denials_make_one_look_up() {
    on_each(|server| {
        for (token, code) in [
            (create_token(server, &json!({})), 115),
            ("s.unknown".into(), 117),
        ] {
            let before = look_ups(server);
            let start = (0..40).fold(build_start(server, &token, "rerun"), |start, number| {
                let reference = format!("vault:secret/data/other/{number}#k");
                start.with_variable(format!("V{number}"), reference)
            });
            let started = start.run().unwrap();
            assert_eq!(started.code(), Some(code), "{started:?}");
            assert_eq!(look_ups(server), before + 1);
        }
    });
}

/// The pod waits for a secret, and its token expires meanwhile.
#[test]
fn path_that_appears_after_the_token_expired_recovers() {
    on_each(|server| {
        let token = create_token(server, &json!({ "ttl": "2s" }));
        let start = build_start(server, &token, "rerun")
            .with_variable("V", "vault:secret/data/shop/later#k");
        assert_end(&start.run().unwrap(), 114, "was not found");
        assert!(start.token_file().exists());
        server
            .write(
                "secret/data/shop/later",
                &json!({ "data": { "k": "late" } }),
            )
            .unwrap();
        wait_for_end(server, &token);
        assert_end(&start.run().unwrap(), 117, "asking kubelet");
        start.put_token(&create_token(server, &json!({}))).unwrap();
        assert_eq!(start.run().unwrap().variable("V").unwrap(), "late");
    });
}

/// Says that the cases above ran on the double alone.
#[test]
fn the_double_answers_as_openbao_does() {
    let Some(real) = OpenBao::start_real().unwrap() else {
        return skip_test("BAO_BIN names no OpenBao: its answers are a double's");
    };
    let double = OpenBao::start_double().unwrap();
    let answers = |server: &OpenBao| {
        let dead = read_path(server, "s.unknown", "sys/internal/ui/mounts").unwrap_err();
        let denied = create_token(server, &json!({ "policies": [] }));
        let denied = read_path(server, &denied, "secret/data/x").unwrap_err();
        [dead, denied]
    };
    assert_eq!(answers(&double), answers(&real));
}

#[test]
fn live_token_on_vault_without_default_policy_is_denied_by_a_policy() {
    let (vault, _) = Vault::start_shared().unwrap();
    let fields = json!({ "policies": ["conformance"], "no_default_policy": true, "num_uses": 3 });
    let token = vault.create_token(&fields).unwrap();
    let start = Start::in_pod(vault.address(), &token)
        .unwrap()
        .with_setting("restart", json!("rerun"))
        .with_variable("V", "vault:sys/policies/acl/conformance#policy");
    for _ in 0..2 {
        assert_end(
            &start.run().unwrap(),
            115,
            "permission denied; the token's policies",
        );
        assert!(start.token_file().exists());
    }
    // Two denials were two uses, and two look-ups none.
    read_path(vault, &token, "secret/data/account").unwrap();
    assert_end(&start.run().unwrap(), 117, "asking kubelet");
}

/// A server that denies everything, and answers the look-up as told.
fn start_denying_server(
    look_up: impl Fn() -> Answer + Send + Sync + 'static,
) -> (Responder, Start) {
    let answer = move |request: &Request| {
        if request.line.contains("/v1/sys/internal/ui/mounts") {
            look_up()
        } else {
            Answer::json("403 Forbidden", &json!({ "errors": ["permission denied"] }))
        }
    };
    let responder = Responder::start(answer).unwrap();
    let address = format!("http://{}/gate", responder.address());
    let start = Start::in_pod(&address, "s.token")
        .unwrap()
        .with_setting("restart", json!("rerun"))
        .with_setting("deadline_seconds", json!(3))
        .with_setting("vault.namespace", json!("team/a"))
        .with_variable("V", "vault:secret/data/shop/db#k");
    (responder, start)
}

#[test]
fn look_up_without_an_answer_blames_neither() {
    type Respond = fn() -> Answer;
    let cases: [(Respond, &str); 6] = [
        (
            || Answer::json("404 Not Found", &json!({ "errors": [] })),
            "404 Not Found",
        ),
        (
            || Answer::new("403 Forbidden", &["Content-Type: text/html"], "<html>"),
            "403 Forbidden with text/html",
        ),
        (
            || Answer::json("403 Forbidden", &json!({ "message": "blocked" })),
            "403 Forbidden with application/json",
        ),
        (
            || Answer::json("503 Service Unavailable", &json!({ "errors": ["sealed"] })),
            "503 Service Unavailable: sealed (within 3 s)",
        ),
        (|| Answer::too_many_requests(60), "429 Too Many Requests"),
        (|| Answer::Never, "did not answer"),
    ];
    for (look_up, part) in cases {
        let (responder, start) = start_denying_server(look_up);
        let started = start.run().unwrap();
        assert_end(&started, 115, part);
        let line = started.line();
        assert!(
            line.contains("`read` there; or the token is dead ("),
            "{line}"
        );
        assert!(start.token_file().exists(), "nothing is known against it");
        assert!(started.output.elapsed < Duration::from_secs(8), "{line}");
        let asked = &responder.requests()[1];
        assert_eq!(asked.line, "GET /gate/v1/sys/internal/ui/mounts HTTP/1.1");
        assert_eq!(asked.header("x-vault-namespace"), Some("team/a"));
        assert_eq!(asked.header("x-vault-token"), Some("s.token"));
    }
}

#[test]
fn look_up_is_asked_again_while_vault_is_busy() {
    let times = std::sync::atomic::AtomicUsize::new(0);
    let (_vault, start) = start_denying_server(move || {
        if times.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            Answer::json("503 Service Unavailable", &json!({ "errors": ["sealed"] }))
        } else {
            Answer::json("403 Forbidden", &json!({ "errors": ["permission denied"] }))
        }
    });
    assert_end(&start.run().unwrap(), 117, "asking kubelet");
}

/// Somebody may have unwrapped it: a rerun would hide that.
#[test]
fn dead_wrapping_token_is_reported_and_no_reason_for_a_rerun() {
    let (responder, start) = start_denying_server(|| {
        Answer::json("403 Forbidden", &json!({ "errors": ["permission denied"] }))
    });
    let wrapped =
        json!({ "token": "s.wrapping", "accessor": "a7", "creation_path": "auth/x/login" });
    start.put_token(&wrapped.to_string()).unwrap();
    assert_end(
        &start.run().unwrap(),
        115,
        "(accessor a7, made by `auth/x/login`)",
    );
    let requests = responder.requests();
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert_eq!(requests[1].header("x-vault-token"), Some("s.wrapping"));
}
