//! What env-exec asks of Vault, how often, and what it makes of every kind of answer.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use integration::certificates::{Authority, Identity};
use integration::env_exec::{Start, Started};
use integration::network::{Answer, Relay, Request, Reset, Responder, free_port};
use integration::vault::Vault;
use integration::wait::wait_for;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(30);

/// A pod with one reference, at this address.
fn build_start(address: &str) -> Start {
    let (_, conformance) = Vault::start_shared().unwrap();
    Start::in_pod(address, &conformance.token)
        .unwrap()
        .with_variable("V", "vault:secret/data/account#password")
}

/// A double that answers as told, and a pod that asks it.
fn start_double(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> (Responder, Start) {
    let responder = Responder::start(answer).unwrap();
    let start = build_start(&format!("http://{}", responder.address()));
    (responder, start.with_setting("deadline_seconds", json!(20)))
}

fn secret_answer() -> Answer {
    let metadata = json!({ "version": 1, "created_time": "2026-11-23T00:00:00Z" });
    let data = json!({ "data": { "password": "secret" }, "metadata": metadata });
    Answer::json("200 OK", &json!({ "request_id": "x", "data": data }))
}

fn error_answer(status: &str, error: &str) -> Answer {
    Answer::json(status, &json!({ "errors": [error] }))
}

/// Whether this asks if the token is dead, which a denial has env-exec ask.
fn is_look_up(request: &Request) -> bool {
    request.line.contains("/v1/sys/internal/ui/mounts ")
}

/// What a Vault that knows the token answers, with this for everything but the look-up.
fn live_token(request: &Request, answer: Answer) -> Answer {
    if is_look_up(request) {
        let mounts = json!({ "auth": {}, "secret": {} });
        return Answer::json("200 OK", &json!({ "request_id": "x", "data": mounts }));
    }
    answer
}

fn assert_success(started: &Started) {
    assert_eq!(
        started.variable("V").as_deref(),
        Some("secret"),
        "{started:?}"
    );
}

fn assert_failure(started: &Started, code: i32, part: &str) {
    assert_eq!(started.code(), Some(code), "{started:?}");
    let line = started.line();
    assert!(line.contains(part), "{line}");
    assert!(line.starts_with("env-exec: V: "), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
}

/// A hundred references on fifty paths, and the paths.
fn hundred_on_fifty(vault: &Vault, mut start: Start) -> Start {
    for number in 0..50 {
        let secret = json!({ "a": format!("a{number}"), "b": format!("b{number}") });
        vault.write(&format!("kv1/many/{number}"), &secret).unwrap();
        for key in ["a", "b"] {
            let reference = format!("vault:kv1/many/{number}#{key}");
            start = start.with_variable(format!("{key}{number}"), reference);
        }
    }
    start
}

/// A pod that gets the keys of a secret that somebody has added startup names to.
fn from_path_with_startup_names(keys: &Value) -> Started {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let data = json!({
        "LD_PRELOAD": "/tmp/canary.so",
        "BASH_ENV": "/tmp/canary.sh",
        "user": "u",
        "my key": "k",
    });
    let path = "secret/data/startup-names";
    vault.write(path, &json!({ "data": data })).unwrap();
    Start::in_pod(vault.address(), &conformance.token)
        .unwrap()
        .with_setting("from_path", json!([path]))
        .with_setting("from_path_keys", keys.clone())
        .run()
        .unwrap()
}

#[test]
fn startup_name_of_a_path_reaches_the_program_only_where_the_author_names_it() {
    for (keys, key) in [
        (json!({ "my key": null }), "BASH_ENV"),
        (json!({ "my key": null, "BASH_ENV": null }), "LD_PRELOAD"),
        (json!({ "my key": null, "LD_PRELOAD": "x" }), "BASH_ENV"),
    ] {
        let started = from_path_with_startup_names(&keys);
        assert_eq!(started.code(), Some(114), "{started:?}");
        let line = started.line();
        let sentence = format!("key `{key}` of `secret/data/startup-names` decides");
        assert!(line.contains(&sentence), "{line}");
        let fix = format!("or leave it out (`-{key}`) in tokenpipe.dev/from-path-keys");
        assert!(line.contains(&fix), "{line}");
        assert!(!line.contains("canary"), "{line}");
    }
    let started = from_path_with_startup_names(&json!({
        "my key": "MY_KEY",
        "BASH_ENV": "BASH_ENV",
        "LD_PRELOAD": null,
    }));
    assert_eq!(started.code(), Some(0), "{started:?}");
    assert_eq!(started.variable("BASH_ENV").unwrap(), "/tmp/canary.sh");
    assert_eq!(started.variable("MY_KEY").unwrap(), "k");
    assert_eq!(started.variable("user").unwrap(), "u");
    assert_eq!(started.variable("LD_PRELOAD"), None);
    assert_eq!(started.variable("my key"), None);

    let started = from_path_with_startup_names(&json!({ "user": "not a name" }));
    assert_eq!(started.code(), Some(113), "{started:?}");
    assert!(
        started
            .line()
            .contains("from-path-keys: \"not a name\" cannot be a variable's name"),
        "{started:?}"
    );
}

#[test]
fn every_path_is_asked_once_and_few_connections_are_kept() {
    let (vault, _) = Vault::start_shared().unwrap();
    let relay = Relay::to_target(vault.address()).unwrap().start().unwrap();
    let start = hundred_on_fifty(vault, build_start(&format!("http://{}", relay.address())));
    let started = start.run().unwrap();
    assert_success(&started);
    assert_eq!(started.variable("b49").unwrap(), "b49");
    let mut requests = relay.requests();
    requests.sort();
    let mut distinct = requests.clone();
    distinct.dedup();
    assert_eq!((requests.len(), distinct.len()), (51, 51), "{requests:?}");
    assert!(
        relay.connections() <= 13,
        "{} connections",
        relay.connections()
    );
}

#[test]
fn a_hundred_references_on_fifty_paths_take_ten_round_trips() {
    const ROUND_TRIP: Duration = Duration::from_millis(40);
    let (vault, conformance) = Vault::start_shared().unwrap();
    let elapsed = |round_trip| {
        let relay = Relay::to_target(vault.address())
            .unwrap()
            .round_trip(round_trip)
            .start()
            .unwrap();
        let start =
            Start::in_pod(&format!("http://{}", relay.address()), &conformance.token).unwrap();
        let started = hundred_on_fifty(vault, start).run().unwrap();
        assert_eq!(started.code(), Some(0), "{started:?}");
        started.output.elapsed
    };
    // What else the machine does makes a run longer, and none shorter.
    let best = |round_trip| (0..3).map(|_| elapsed(round_trip)).min().unwrap();
    let (near, far) = (best(Duration::ZERO), best(ROUND_TRIP));
    assert!(
        far < near + 10 * ROUND_TRIP + ROUND_TRIP / 2,
        "{near:?} near, {far:?} far"
    );
}

#[test]
fn a_write_that_two_variables_name_is_made_once() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let relay = Relay::to_target(vault.address()).unwrap().start().unwrap();
    let reference =
        |key: &str| format!(">>vault:pki/issue/app#{key}#{{\"common_name\":\"a.example\"}}");
    let started = Start::in_pod(&format!("http://{}", relay.address()), &conformance.token)
        .unwrap()
        .with_variable("A", reference("certificate"))
        .with_variable("B", reference("serial_number"))
        .run()
        .unwrap();
    assert!(
        started.variable("A").unwrap().contains("BEGIN CERTIFICATE"),
        "{started:?}"
    );
    assert_eq!(relay.requests(), ["PUT /v1/pki/issue/app"]);
}

#[test]
fn sealed_then_unsealed() {
    let vault = Vault::start().unwrap();
    let token = vault.seed_conformance().unwrap().token;
    vault.seal().unwrap();
    let relay = Relay::to_target(vault.address()).unwrap().start().unwrap();
    let start = Start::in_pod(&format!("http://{}", relay.address()), &token)
        .unwrap()
        .with_variable("V", "vault:secret/data/account#password");
    let sealed = start.with_setting("deadline_seconds", json!(3));
    assert_failure(
        &sealed.run().unwrap(),
        116,
        "Vault answered 503 Service Unavailable: Vault is sealed (within 3 s)",
    );
    let asked = relay.requests().len();
    let start = sealed.with_setting("deadline_seconds", json!(30));
    let running = thread::spawn(move || start.run().unwrap());
    wait_for("env-exec to ask a sealed Vault twice", LIMIT, || {
        relay.requests().len() >= asked + 2
    })
    .unwrap();
    vault.unseal().unwrap();
    assert_success(&running.join().unwrap());
}

#[test]
fn connections_that_are_reset_or_refused_are_tried_again() {
    let (vault, _) = Vault::start_shared().unwrap();
    for reset in [Reset::OnAccept, Reset::OnRequest, Reset::AfterAnswer(20)] {
        let relay = Relay::to_target(vault.address())
            .unwrap()
            .reset_first(2, reset)
            .start()
            .unwrap();
        assert_success(
            &build_start(&format!("http://{}", relay.address()))
                .run()
                .unwrap(),
        );
        assert_eq!(relay.connections(), 3, "{reset:?}");
    }
    let nobody = build_start(&format!("http://127.0.0.1:{}", free_port().unwrap()))
        .with_setting("deadline_seconds", json!(1));
    assert_failure(
        &nobody.run().unwrap(),
        116,
        "cannot be reached: Connection refused (within 1 s)",
    );
}

/// Whether env-exec met the end of the connection before it wrote, meanwhile, or while it read.
#[test]
fn a_connection_that_is_closed_is_told_in_one_way() {
    let (vault, _) = Vault::start_shared().unwrap();
    let ended_with = |address: std::net::SocketAddr| {
        let start = Start::bare()
            .with_variable("V", "vault:secret/data/account#password")
            .with_variable("VAULT_ADDR", format!("http://{address}"))
            .with_variable("VAULT_TOKEN", "hvs.unknown");
        assert_failure(
            &start.run().unwrap(),
            116,
            "cannot be reached: the connection was closed without a whole answer (after 3 attempts)",
        );
    };
    for reset in [Reset::OnAccept, Reset::OnRequest, Reset::AfterAnswer(20)] {
        let relay = Relay::to_target(vault.address()).unwrap();
        let relay = relay.reset_first(usize::MAX, reset).start().unwrap();
        ended_with(relay.address());
    }
    ended_with(Responder::start(|_| Answer::Close).unwrap().address());
}

/// A server of TLS that is no Vault, and its authority for `vault.ca`.
fn over_tls(
    identity: impl Fn(&Authority) -> Identity,
    answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> (Responder, Start) {
    let authority = Authority::new("of a double").unwrap();
    let any = (std::net::Ipv4Addr::LOCALHOST, 0).into();
    let responder = Responder::start_tls_at(any, &identity(&authority), answer).unwrap();
    let start = build_start(&format!("https://{}", responder.address()));
    let start = start.with_setting("vault.ca", json!(authority.certificate()));
    (responder, start.with_setting("deadline_seconds", json!(3)))
}

#[test]
fn a_session_of_tls_that_is_closed_is_told_in_the_same_way() {
    let server = |authority: &Authority| authority.issue_server(&["127.0.0.1"]).unwrap();
    let (_vault, start) = over_tls(server, |_| Answer::Close);
    assert_failure(
        &start.run().unwrap(),
        116,
        "cannot be reached: the connection was closed without a whole answer (within 3 s)",
    );
}

#[test]
fn a_certificate_that_is_an_authoritys_is_no_servers() {
    let (_vault, start) = over_tls(Authority::identity, |_| secret_answer());
    let started = start.run().unwrap();
    assert_failure(&started, 116, "that of a CA (CA:TRUE)");
    assert!(!started.line().contains("(within"), "{started:?}");
}

#[test]
fn passing_answer_is_asked_again() {
    for status in [
        "412 Precondition Failed",
        "429 Too Many Requests",
        "472 Standby",
        "473 Standby",
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
    ] {
        let (vault, start) = start_double(move |request| {
            if request.number == 0 {
                error_answer(status, "later")
            } else {
                secret_answer()
            }
        });
        assert_success(&start.run().unwrap());
        assert_eq!(vault.requests().len(), 2, "{status}");
    }
    let (_vault, start) = start_double(|request| {
        if request.number == 0 {
            Answer::Close
        } else {
            secret_answer()
        }
    });
    assert_success(&start.run().unwrap());
}

#[test]
fn vault_is_left_alone_for_as_long_as_it_asks() {
    let (_vault, start) = start_double(|request| {
        if request.number == 0 {
            Answer::too_many_requests(2)
        } else {
            secret_answer()
        }
    });
    let started = start.run().unwrap();
    assert_success(&started);
    assert!(started.output.elapsed >= Duration::from_secs(2));
    let (vault, start) = start_double(|_| Answer::too_many_requests(60));
    let started = start.run().unwrap();
    assert_failure(&started, 116, "Vault answered 429 Too Many Requests");
    assert!(
        started.output.elapsed < Duration::from_secs(10),
        "a pause beyond the deadline is not begun"
    );
    assert_eq!(vault.requests().len(), 1);
}

#[test]
fn final_answer_is_asked_once() {
    for (status, error, code, part) in [
        (
            "400 Bad Request",
            "bad",
            115,
            "Vault answered 400 Bad Request to `secret/data/account`: bad",
        ),
        (
            "403 Forbidden",
            "permission denied",
            115,
            "the token's policies must allow `read` there",
        ),
        (
            "404 Not Found",
            "",
            114,
            "`secret/data/account` was not found",
        ),
        (
            "405 Method Not Allowed",
            "unsupported operation",
            115,
            "unsupported operation",
        ),
        ("501 Not Implemented", "no", 115, "501 Not Implemented"),
    ] {
        let (vault, start) =
            start_double(move |request| live_token(request, error_answer(status, error)));
        assert_failure(&start.run().unwrap(), code, part);
        let requests = vault.requests().into_iter();
        let reads = requests.filter(|request| !is_look_up(request));
        assert_eq!(reads.count(), 1, "{status}");
    }
}

#[test]
fn a_vault_that_never_answers() {
    let (vault, start) = start_double(|_| Answer::Never);
    let started = start
        .with_setting("deadline_seconds", json!(3))
        .run()
        .unwrap();
    assert_failure(&started, 116, "did not answer within 1.5 s (within 3 s)");
    assert!(started.output.elapsed < Duration::from_secs(8));
    assert!(
        vault.requests().len() >= 2,
        "one attempt that hangs is not the last"
    );
    let hung = AtomicBool::new(false);
    let (_vault, start) = start_double(move |_| {
        if hung.swap(true, Ordering::SeqCst) {
            secret_answer()
        } else {
            Answer::Never
        }
    });
    assert_success(
        &start
            .with_setting("deadline_seconds", json!(8))
            .run()
            .unwrap(),
    );
}

#[test]
fn a_redirect_is_not_followed() {
    let (elsewhere, _) = start_double(|_| secret_answer());
    let location = format!("http://{}/v1/secret/data/account", elsewhere.address());
    let (_vault, start) = start_double(move |_| Answer::redirect(&location));
    let started = start.run().unwrap();
    assert_failure(&started, 116, "env-exec follows no redirect with a token");
    assert!(started.line().contains(&elsewhere.address().to_string()));
    assert!(
        elsewhere.requests().is_empty(),
        "the token was shown to somebody else"
    );
}

#[test]
fn redirect_to_https_names_the_address_to_set() {
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let (vault, start) = start_double(move |_| {
            let location = "Location: https://127.0.0.1:8443/v1/secret/data/account";
            Answer::new(status, &[location], "<html>moved</html>")
        });
        assert_failure(
            &start.run().unwrap(),
            116,
            "redirects to https://127.0.0.1:8443; set the address to https://127.0.0.1:8443",
        );
        assert_eq!(vault.requests().len(), 1, "{status} is for good");
    }
}

#[test]
fn answers_that_are_not_vaults() {
    let (_vault, start) = start_double(|_| Answer::html("<html>Log in</html>"));
    assert_failure(&start.run().unwrap(), 116, "200 OK with text/html");
    let (_vault, start) = start_double(|_| {
        Answer::new(
            "404 Not Found",
            &["Content-Type: text/plain"],
            "default backend - 404",
        )
    });
    assert_failure(
        &start.run().unwrap(),
        116,
        "404 Not Found with text/plain, not Vault's JSON; is the address right?",
    );
    let (_vault, start) =
        start_double(|_| Answer::json("404 Not Found", &json!({ "message": "no route" })));
    let start = start.with_setting("ignore_missing", json!(true));
    assert_failure(&start.run().unwrap(), 116, "not Vault's JSON");
    let (_vault, start) = start_double(|_| {
        Answer::new(
            "200 OK",
            &["Content-Type: application/json"],
            "{\"request_id\":",
        )
    });
    assert_failure(&start.run().unwrap(), 116, "not Vault's JSON");
    let (vault, _) = Vault::start_shared().unwrap();
    let plain_to_tls = vault.tls_address().replace("https", "http");
    assert_failure(
        &build_start(&plain_to_tls).run().unwrap(),
        116,
        &format!(
            "Vault at {plain_to_tls} speaks TLS; set the address to {}",
            vault.tls_address()
        ),
    );
    let tls_to_plain = vault.address().replace("http", "https");
    let start = build_start(&tls_to_plain).with_setting("deadline_seconds", json!(3));
    let start = start.with_setting("vault.ca", json!(vault.authority().certificate()));
    assert_failure(
        &start.run().unwrap(),
        116,
        "the listener there does not speak TLS",
    );
}

#[test]
fn an_answer_is_read_to_a_bound() {
    let padding = "x".repeat(9 * 1024 * 1024);
    let body = format!(r#"{{"request_id":"x","data":{{"password":"{padding}"}}}}"#);
    let (_vault, start) = start_double(move |_| {
        let headers = ["Content-Type: application/json"];
        Answer::new("200 OK", &headers, &body)
    });
    assert_failure(&start.run().unwrap(), 116, "more than 8388608 bytes");
}

#[test]
fn a_refusal_tells_what_vault_said_and_what_may_be_meant() {
    let (vault, _) = Vault::start_shared().unwrap();
    let run = |reference: &str| {
        let (_, conformance) = Vault::start_shared().unwrap();
        let start = Start::in_pod(vault.address(), &conformance.token).unwrap();
        start.with_variable("V", reference).run().unwrap()
    };
    assert_failure(
        &run("vault:secret/data/forbidden/x#k"),
        115,
        "`secret/data/forbidden/x`: permission denied",
    );
    assert_failure(
        &run("vault:secret/account#k"),
        115,
        "(if it is a KV 2 secret, its path is `secret/data/account`)",
    );
    assert_failure(
        &run("vault:kv1/app#user#2"),
        114,
        "`kv1/app` is no KV 2 secret and has no version 2; remove `#2`",
    );
    let root = |reference: &str| {
        let start = Start::in_pod(vault.address(), Vault::ROOT_TOKEN).unwrap();
        start.with_variable("V", reference).run().unwrap()
    };
    assert_failure(
        &root("vault:secret/account#k"),
        114,
        "for a KV 2 secret write `secret/data/account`",
    );
    assert_failure(
        &root("vault:nowhere/account#k"),
        114,
        "no handler for route",
    );
    vault
        .write("secret/data/gone", &json!({ "data": { "k": "v" } }))
        .unwrap();
    vault.delete("secret/data/gone").unwrap();
    assert_failure(
        &root("vault:secret/data/gone#k"),
        114,
        "version 1 of `secret/data/gone` is deleted",
    );
    let started = root("vault:secret/data/gone?#k");
    assert_eq!(
        (started.code(), started.variable("V")),
        (Some(0), None),
        "absent, and it may be"
    );
    let (_vault, start) = start_double(|request| {
        let body = json!({ "errors": ["permission denied"], "warnings": ["look at the policy"] });
        live_token(request, Answer::json("403 Forbidden", &body))
    });
    assert_failure(
        &start.run().unwrap(),
        115,
        "permission denied; look at the policy",
    );
}

#[test]
fn all_failures_are_told_in_one_run() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let started = Start::in_pod(vault.address(), &conformance.token)
        .unwrap()
        .with_variable("A", "vault:secret/data/none#k")
        .with_variable("B", "vault:secret/data/account#password")
        .with_variable("C", "x ${vault:secret/data/forbidden/x#k}")
        .with_variable("D", "vault:secret/data/types#list")
        .with_variable("E", "vault:secret/data/none#other")
        .run()
        .unwrap();
    let line = started.line();
    assert!(
        line.starts_with("env-exec: A, E: `secret/data/none` was not found; C: Vault refused"),
        "{line}"
    );
    assert!(
        line.contains(
            "; D: key `list` of `secret/data/types` is a list; write `#${index .list 0}`"
        ),
        "{line}"
    );
    assert_eq!((started.code(), line.lines().count()), (Some(114), 1));
}

#[test]
fn a_certificate_must_be_of_the_authority_and_the_name_that_were_given() {
    let (vault, _) = Vault::start_shared().unwrap();
    let ca = json!(vault.authority().certificate());
    let tls = || build_start(vault.tls_address()).with_setting("deadline_seconds", json!(10));
    assert_success(&tls().with_setting("vault.ca", ca.clone()).run().unwrap());
    let other = Authority::new("another").unwrap();
    let started = tls()
        .with_setting("vault.ca", json!(other.certificate()))
        .run()
        .unwrap();
    assert_failure(
        &started,
        116,
        "cannot be trusted: its certificate is signed by no CA that is trusted here",
    );
    let line = started.line();
    assert!(
        !line.contains("(within"),
        "another attempt would see it again: {line}"
    );
    let named = |name: &str| {
        tls()
            .with_setting("vault.ca", ca.clone())
            .with_setting("vault.tls_server_name", json!(name))
    };
    assert_success(&named("vault.example.internal").run().unwrap());
    assert_failure(
        &named("other.example.internal").run().unwrap(),
        116,
        "its certificate is not good",
    );
    let started = tls()
        .with_setting("vault.tls_skip_verify", json!(true))
        .run()
        .unwrap();
    assert_success(&started);
    assert!(
        started
            .line()
            .contains("warning: Vault's certificate is not verified"),
        "{started:?}"
    );
    for (pem, part) in [
        ("", "no certificate"),
        ("junk", "no certificate"),
        (
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            "vault.ca",
        ),
    ] {
        let started = tls().with_setting("vault.ca", json!(pem)).run().unwrap();
        assert_eq!(started.code(), Some(113), "{started:?}");
        assert!(started.line().contains(part), "{started:?}");
    }
}

#[test]
fn over_a_unix_socket_and_below_a_path_and_in_a_namespace() {
    let (vault, _) = Vault::start_shared().unwrap();
    let socket = format!("unix://{}", vault.socket().display());
    assert_success(&build_start(&socket).run().unwrap());
    assert_failure(
        &build_start("unix:///nonexistent")
            .with_setting("deadline_seconds", json!(1))
            .run()
            .unwrap(),
        116,
        "No such file",
    );
    let responder = Responder::start(|_| secret_answer()).unwrap();
    let below = format!("http://{}/gate/vault/", responder.address());
    let start = build_start(&below).with_setting("vault.namespace", json!("team/a"));
    assert_success(&start.run().unwrap());
    let request = &responder.requests()[0];
    assert_eq!(
        request.line,
        "GET /gate/vault/v1/secret/data/account HTTP/1.1"
    );
    assert_eq!(request.header("x-vault-namespace"), Some("team/a"));
    assert_eq!(request.header("x-vault-request"), Some("true"));
    assert_eq!(
        request.header("host"),
        Some(responder.address().to_string().as_str())
    );
}

#[test]
fn paths_reach_vault_as_they_were_written() {
    for (path, line) in [
        (
            "secret/data/Grüße",
            "GET /v1/secret/data/Gr%C3%BC%C3%9Fe HTTP/1.1",
        ),
        (
            "secret/data/a%2e%2e/b",
            "GET /v1/secret/data/a%252e%252e/b HTTP/1.1",
        ),
        (
            "secret/data/a&b=c+d",
            "GET /v1/secret/data/a&b=c+d HTTP/1.1",
        ),
        ("secret/data/a;b\\c", "GET /v1/secret/data/a;b%5Cc HTTP/1.1"),
    ] {
        let responder = Responder::start(|_| secret_answer()).unwrap();
        let start = Start::in_pod(&format!("http://{}", responder.address()), "hvs.x").unwrap();
        let started = start
            .with_variable("V", format!("vault:{path}#password"))
            .run()
            .unwrap();
        assert_success(&started);
        let sent = responder.requests()[0].line.clone();
        assert_eq!(sent, line);
    }
    let (vault, _) = Vault::start_shared().unwrap();
    for name in ["Grüße", "a%2e%2e", "a&b=c+d", "a;b", "a@b:c,d"] {
        let path = format!("kv1/odd/{name}");
        let (_, conformance) = Vault::start_shared().unwrap();
        let write = format!(">>vault:{path}#x?#{{\"password\":\"secret\"}}");
        let start = Start::in_pod(vault.address(), Vault::ROOT_TOKEN).unwrap();
        let written = start.with_variable("W", write).run().unwrap();
        assert_eq!(written.code(), Some(0), "{written:?}");
        let start = Start::in_pod(vault.address(), &conformance.token).unwrap();
        assert_success(
            &start
                .with_variable("V", format!("vault:{path}#password"))
                .run()
                .unwrap(),
        );
    }
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let started = build_start("vault:8200").run().unwrap();
    assert_eq!(started.code(), Some(113));
    assert!(
        started
            .line()
            .contains("vault.address: address \"vault:8200\" begins with neither"),
        "{started:?}"
    );
    let started = build_start("http://x")
        .with_setting("restat", Value::Null)
        .run()
        .unwrap();
    assert_eq!(started.code(), Some(113));
    assert!(
        started
            .line()
            .contains("TOKENPIPE_SETTINGS cannot be used: unknown field `restat`"),
        "{started:?}"
    );
    let started = build_start("http://x")
        .with_setting("from_path", json!(["a//b"]))
        .run()
        .unwrap();
    assert!(
        started.line().contains("from-path entry `a//b`"),
        "{started:?}"
    );
    let started = build_start("http://x")
        .with_setting(
            "transit",
            json!({ "path": "transit", "key": "../../sys/seal" }),
        )
        .run()
        .unwrap();
    assert!(
        started
            .line()
            .contains("transit engine: path `transit/decrypt/../../sys/seal` contains `..`"),
        "{started:?}"
    );
    for (settings, part) in [
        ("", "EOF"),
        ("{", "EOF"),
        (r#"{"agent":{}}"#, "missing field"),
    ] {
        let started = Start::bare()
            .with_variable("TOKENPIPE_SETTINGS", settings)
            .run()
            .unwrap();
        assert_eq!(started.code(), Some(113), "{started:?}");
        assert!(started.line().contains(part), "{started:?}");
    }
    let agent = json!({ "agent": { "vault": { "address": "http://x" }, "config": {}, "containers": [], "deadline_seconds": 1 } });
    let started = Start::bare()
        .with_variable("TOKENPIPE_SETTINGS", agent.to_string())
        .run()
        .unwrap();
    assert!(
        started
            .line()
            .contains("is for `env-exec agent`, and this is `env-exec PROGRAM`"),
        "{started:?}"
    );
}

#[test]
fn the_deadline_is_one_for_everything() {
    let (vault, _) = Vault::start_shared().unwrap();
    let silent = Responder::start(|_| Answer::Never).unwrap();
    let start = hundred_on_fifty(vault, build_start(&format!("http://{}", silent.address())));
    let started = start
        .with_setting("deadline_seconds", json!(2))
        .run()
        .unwrap();
    assert_eq!(started.code(), Some(116), "{started:?}");
    // One of two seconds for each of four rounds would be eight.
    assert!(
        started.output.elapsed < Duration::from_secs(7),
        "{:?}",
        started.output.elapsed
    );
    assert_eq!(started.line().lines().count(), 1);
}

/// The token ends by itself; a Vault that cannot write is no reason to wait for that.
#[test]
fn a_revocation_that_hangs_does_not_hold_up_the_program() {
    let refuse: fn() -> Answer = || error_answer("503 Service Unavailable", "Vault is sealed");
    for (revocation, least) in [(refuse, 3), ((|| Answer::Never) as fn() -> Answer, 1)] {
        let (responder, start) = start_double(move |request| {
            if request.line.contains("revoke-self") {
                revocation()
            } else {
                secret_answer()
            }
        });
        let start = start
            .with_setting("deadline_seconds", json!(60))
            .with_setting("revoke", json!(true));
        let started = start.run().unwrap();
        assert_eq!(started.variable("V").unwrap(), "secret", "{started:?}");
        let said = started.output.stderr();
        assert!(said.contains("the token could not be revoked"), "{said}");
        assert!(
            started.output.elapsed < Duration::from_secs(6),
            "{:?}",
            started.output.elapsed
        );
        assert_eq!(responder.requests().len(), 1 + least);
    }
}
