//! Outside Kubernetes: the Vault client's own variables, next to what Vault's own client makes of
//! them.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use integration::certificates::Authority;
use integration::env_exec::{Start, Started};
use integration::network::{Answer, Responder, free_port};
use integration::vault::Vault;
use integration::{process, temp};
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(60);
const REFERENCE: (&str, &str) = ("V", "vault:secret/data/account#password");

/// A start with these variables, and no others of Vault's.
fn build_start(variables: &[(&str, &str)]) -> Start {
    let variables = variables.iter().chain([&REFERENCE]);
    variables.fold(Start::bare(), |start, (name, value)| {
        start.with_variable(name, value)
    })
}

fn run_start(variables: &[(&str, &str)]) -> Started {
    build_start(variables).run().unwrap()
}

/// Whether Vault's own client reads the same secret with the same variables.
fn vault_reads(vault: &Vault, variables: &[(&str, &str)]) -> bool {
    let mut command = Command::new(vault.program());
    build_start(variables).set_environment(&mut command);
    command.args(["read", "-format=json", "secret/data/account"]);
    let output = process::run_command(&mut command, LIMIT).unwrap();
    output.code() == Some(0) && output.stdout().contains("\"password\": \"secret\"")
}

struct Files {
    directory: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        Self {
            directory: temp::create_directory("standalone").unwrap(),
        }
    }

    fn write_file(&self, name: &str, text: &str) -> String {
        let path = self.directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn file_path(&self, name: &str) -> String {
        self.directory
            .path()
            .join(name)
            .to_str()
            .unwrap()
            .to_owned()
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of it is a table")]
fn the_same_variables_work_for_both_clients_or_for_neither() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let files = Files::new();
    let other = Authority::new("another").unwrap();
    let ca = vault.authority().certificate();
    let ca_file = files.write_file("ca.pem", ca);
    let other_file = files.write_file("other.pem", other.certificate());
    files.write_file("directory/below/ca.pem", ca);
    files.write_file("directory/other.pem", other.certificate());
    files.write_file("wrong/other.pem", other.certificate());
    files.write_file("junk/ca.pem", "junk");
    let (directory, wrong, junk) = (
        files.file_path("directory"),
        files.file_path("wrong"),
        files.file_path("junk"),
    );
    let socket = format!("unix://{}", vault.socket().display());
    let token = ("VAULT_TOKEN", conformance.token.as_str());
    let http = ("VAULT_ADDR", vault.address());
    let https = ("VAULT_ADDR", vault.tls_address());
    let localhost = vault.tls_address().replace("127.0.0.1", "localhost");
    let dead = format!("http://127.0.0.1:{}", free_port().unwrap());
    let cases: Vec<(bool, Vec<(&str, &str)>)> = vec![
        (true, vec![http]),
        (true, vec![("VAULT_ADDR", &socket)]),
        (true, vec![http, ("VAULT_NAMESPACE", "")]),
        (
            true,
            vec![("VAULT_ADDR", &dead), ("VAULT_AGENT_ADDR", vault.address())],
        ),
        (
            false,
            vec![("VAULT_ADDR", &dead), ("VAULT_MAX_RETRIES", "0")],
        ),
        (false, vec![http, ("VAULT_TOKEN", "hvs.other")]),
        (false, vec![https]),
        (true, vec![https, ("VAULT_CACERT", &ca_file)]),
        (
            true,
            vec![("VAULT_ADDR", &localhost), ("VAULT_CACERT", &ca_file)],
        ),
        (false, vec![https, ("VAULT_CACERT", &other_file)]),
        (true, vec![https, ("VAULT_CACERT_BYTES", ca)]),
        (
            false,
            vec![https, ("VAULT_CACERT_BYTES", other.certificate())],
        ),
        (true, vec![https, ("VAULT_CAPATH", &directory)]),
        (false, vec![https, ("VAULT_CAPATH", &wrong)]),
        (false, vec![https, ("VAULT_CAPATH", &junk)]),
        (
            true,
            vec![
                https,
                ("VAULT_CACERT", &ca_file),
                ("VAULT_CACERT_BYTES", other.certificate()),
            ],
        ),
        (
            true,
            vec![
                https,
                ("VAULT_CACERT", &ca_file),
                ("VAULT_TLS_SERVER_NAME", "vault.example.internal"),
            ],
        ),
        (
            false,
            vec![
                https,
                ("VAULT_CACERT", &ca_file),
                ("VAULT_TLS_SERVER_NAME", "other.example.internal"),
            ],
        ),
        (true, vec![https, ("VAULT_SKIP_VERIFY", "true")]),
        (true, vec![https, ("VAULT_SKIP_VERIFY", "1")]),
        (false, vec![https, ("VAULT_SKIP_VERIFY", "false")]),
        (false, vec![https, ("VAULT_SKIP_VERIFY", "yes")]),
        (false, vec![http, ("VAULT_CACERT", "/nonexistent")]),
        (false, vec![http, ("VAULT_CLIENT_CERT", &ca_file)]),
        (true, vec![http, ("VAULT_CLIENT_TIMEOUT", "5")]),
        (true, vec![http, ("VAULT_CLIENT_TIMEOUT", "5s")]),
        (true, vec![http, ("VAULT_CLIENT_TIMEOUT", "0")]),
        (false, vec![http, ("VAULT_CLIENT_TIMEOUT", "soon")]),
        (false, vec![http, ("VAULT_MAX_RETRIES", "-1")]),
        (false, vec![http, ("VAULT_MAX_RETRIES", "many")]),
        (
            false,
            vec![
                http,
                ("VAULT_PROXY_ADDR", &dead),
                ("VAULT_MAX_RETRIES", "0"),
            ],
        ),
        (true, vec![http, ("HTTP_PROXY", &dead)]),
        (
            true,
            vec![https, ("VAULT_CACERT", &ca_file), ("HTTPS_PROXY", &dead)],
        ),
    ];
    for (expected, variables) in cases {
        let variables: Vec<_> = [token].into_iter().chain(variables).collect();
        let distinct: std::collections::BTreeMap<_, _> = variables.into_iter().collect();
        let variables: Vec<_> = distinct.into_iter().collect();
        let started = run_start(&variables);
        let ours = started.variable("V").as_deref() == Some("secret");
        assert_eq!(ours, expected, "{variables:?}: {started:?}");
        assert_eq!(
            vault_reads(vault, &variables),
            expected,
            "Vault's client: {variables:?}"
        );
    }
    // The client prefers the bytes; its command line hands it the directory once more, and then
    // the directory wins. env-exec does as the client.
    let both = [
        token,
        https,
        ("VAULT_CACERT_BYTES", ca),
        ("VAULT_CAPATH", &wrong),
    ];
    assert_eq!(run_start(&both).variable("V").as_deref(), Some("secret"));
}

/// `bao` reads its own variables first.
#[test]
fn variables_of_openbao_win_and_its_token_is_taken_away() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let files = Files::new();
    let token_file = files.write_file("token", &conformance.token);
    let token = conformance.token.as_str();
    let ca = vault.authority().certificate();
    for variables in [
        vec![("BAO_ADDR", vault.address()), ("BAO_TOKEN", token)],
        vec![
            ("BAO_ADDR", vault.address()),
            ("VAULT_ADDR", "http://127.0.0.1:1"),
            ("BAO_TOKEN", token),
            ("VAULT_TOKEN", "hvs.other"),
        ],
        vec![
            ("VAULT_ADDR", vault.address()),
            ("BAO_TOKEN_PATH", &token_file),
        ],
        vec![
            ("BAO_ADDR", vault.tls_address()),
            ("BAO_CACERT_BYTES", ca),
            ("BAO_TLS_SERVER_NAME", "vault.example.internal"),
            ("VAULT_TOKEN", token),
        ],
    ] {
        let started = run_start(&variables);
        assert_eq!(
            started.variable("V").as_deref(),
            Some("secret"),
            "{started:?}"
        );
        let environment = started.environment();
        assert!(
            environment.iter().all(|(_, value)| value != token),
            "{variables:?}: the token reached the program"
        );
    }
    let wrong = run_start(&[
        ("BAO_ADDR", "vault:8200"),
        ("VAULT_ADDR", vault.address()),
        ("BAO_TOKEN", token),
    ]);
    assert_eq!(wrong.code(), Some(113), "{wrong:?}");
    assert!(wrong.line().contains("BAO_ADDR: "), "{wrong:?}");
}

/// What is env-exec's stays env-exec's: a program does not get a token because its last reference went.
#[test]
fn token_does_not_reach_the_program_without_references() {
    for (name, value) in [
        ("VAULT_TOKEN", "hvs.canary"),
        ("BAO_TOKEN", "hvs.canary"),
        ("VAULT_TOKEN_FILE", "/nonexistent/canary"),
    ] {
        let start = Start::bare()
            .with_variable(name, value)
            .with_variable("X", "text");
        let started = start.run().unwrap();
        assert_eq!(
            started.variable("X").as_deref(),
            Some("text"),
            "{started:?}"
        );
        assert_eq!(started.variable(name), None, "{name}");
    }
    // Neither gives a token.
    let others = [("VAULT_TOKEN_PATH", "/f"), ("VAULT_ADDR", "http://x")];
    let start = others
        .iter()
        .fold(Start::bare(), |start, (n, v)| start.with_variable(n, v));
    let started = start.run().unwrap();
    for (name, value) in others {
        assert_eq!(started.variable(name).as_deref(), Some(value));
    }
}

#[test]
fn a_client_certificate_is_shown() {
    let vault = Vault::start().unwrap();
    vault.enable_auth("cert", "cert").unwrap();
    let files = Files::new();
    let client = vault.authority().issue_client("app", None).unwrap();
    vault
        .write(
            "auth/cert/certs/app",
            &json!({ "certificate": vault.authority().certificate() }),
        )
        .unwrap();
    let (certificate, key) = (
        files.write_file("client.pem", &client.certificate),
        files.write_file("key.pem", &client.key),
    );
    let tls = [
        ("VAULT_ADDR", vault.tls_address()),
        ("VAULT_TOKEN", Vault::ROOT_TOKEN),
        ("VAULT_CACERT_BYTES", vault.authority().certificate()),
    ];
    // The login answers without data: what matters is whether it is one.
    let login = |more: &[(&str, &str)]| {
        let variables = tls.iter().chain(more);
        let start = variables.fold(Start::bare(), |start, (n, v)| start.with_variable(n, v));
        start
            .with_variable("L", ">>vault:auth/cert/login#x?")
            .run()
            .unwrap()
    };
    let with = login(&[
        ("VAULT_CLIENT_CERT", &certificate),
        ("VAULT_CLIENT_KEY", &key),
    ]);
    assert_eq!(with.code(), Some(0), "{with:?}");
    let without = login(&[]);
    assert_eq!(without.code(), Some(115), "{without:?}");
    assert!(
        without
            .line()
            .contains("client certificate must be supplied"),
        "{without:?}"
    );
    let swapped = login(&[
        ("VAULT_CLIENT_CERT", &key),
        ("VAULT_CLIENT_KEY", &certificate),
    ]);
    assert_eq!(swapped.code(), Some(113));
    assert!(swapped.line().contains("VAULT_CLIENT_CERT"), "{swapped:?}");
    let no_key = login(&[
        ("VAULT_CLIENT_CERT", &certificate),
        ("VAULT_CLIENT_KEY", &certificate),
    ]);
    assert!(
        no_key.line().contains("VAULT_CLIENT_KEY") && no_key.line().contains("no private key"),
        "{no_key:?}"
    );
}

#[test]
fn variables_that_are_wrong_are_named() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    for (name, value, part) in [
        ("VAULT_ADDR", "vault:8200", "begins with neither"),
        (
            "VAULT_ADDR",
            "https://u:canary@vault",
            "must not contain a user name",
        ),
        ("VAULT_SKIP_VERIFY", "yes", "which is not `true` or `false`"),
        ("VAULT_MAX_RETRIES", "x", "not a whole number"),
        (
            "VAULT_CLIENT_TIMEOUT",
            "x",
            "not a number of seconds or a duration",
        ),
        ("VAULT_CLIENT_KEY", "/key", "VAULT_CLIENT_CERT is not"),
        ("VAULT_NAMESPACE", "a\nb", "namespace"),
        (
            "VAULT_PROXY_ADDR",
            "socks5://u:canary@proxy:1",
            "is not an `http://` proxy",
        ),
        (
            "VAULT_TLS_SERVER_NAME",
            "not a name",
            "neither a host name nor an IP address",
        ),
    ] {
        let variables = [
            ("VAULT_ADDR", vault.address()),
            ("VAULT_TOKEN", &conformance.token),
            (name, value),
        ];
        let distinct: std::collections::BTreeMap<_, _> = variables.into_iter().collect();
        let started = run_start(&distinct.into_iter().collect::<Vec<_>>());
        assert_eq!(started.code(), Some(113), "{name}: {started:?}");
        assert!(started.line().contains(part), "{name}: {started:?}");
        assert!(!started.line().contains("canary"), "{started:?}");
        assert_eq!(started.line().lines().count(), 1);
    }
}

#[test]
fn retries_and_time_are_what_the_variables_say() {
    let responder = Responder::start(|_| {
        Answer::json("503 Service Unavailable", &json!({ "errors": ["sealed"] }))
    })
    .unwrap();
    let address = format!("http://{}", responder.address());
    let asked = |more: &[(&str, &str)]| {
        let before = responder.requests().len();
        let variables = [
            &[("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", "x")][..],
            more,
        ]
        .concat();
        let started = run_start(&variables);
        assert_eq!(started.code(), Some(116), "{started:?}");
        (responder.requests().len() - before, started.line())
    };
    let (attempts, line) = asked(&[]);
    assert!(
        attempts == 3 && line.contains("sealed (after 3 attempts)"),
        "{attempts}: {line}"
    );
    assert_eq!(asked(&[("VAULT_MAX_RETRIES", "0")]).0, 1);
    assert_eq!(asked(&[("VAULT_MAX_RETRIES", "4")]).0, 5);
    let silent = Responder::start(|_| Answer::Never).unwrap();
    let address = format!("http://{}", silent.address());
    let started = run_start(&[
        ("VAULT_ADDR", &address),
        ("VAULT_TOKEN", "x"),
        ("VAULT_CLIENT_TIMEOUT", "2s"),
    ]);
    assert_eq!(started.code(), Some(116));
    let elapsed = started.output.elapsed;
    assert!(
        elapsed >= Duration::from_secs(2) && elapsed < Duration::from_secs(6),
        "{elapsed:?}"
    );
}

#[test]
fn json_lines_if_vaults_variable_asks_for_them() {
    let started = run_start(&[
        ("VAULT_LOG_FORMAT", "json"),
        ("VAULT_SKIP_VERIFY", "junk"),
        ("VAULT_TOKEN", "x"),
    ]);
    let line: serde_json::Value = serde_json::from_str(&started.line()).unwrap();
    assert_eq!(
        (line["level"].as_str(), line["code"].as_str()),
        (Some("error"), Some("settings"))
    );
}

/// A proxy that opens tunnels to where it was told, whatever it is asked for, and remembers that.
struct Proxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (remember, target) = (Arc::clone(&asked), target.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (remember, target) = (Arc::clone(&remember), target.clone());
                thread::spawn(move || serve_tunnel(&client, &target, &remember));
            }
        });
        Self { address, asked }
    }

    fn asked_targets(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve_tunnel(client: &TcpStream, target: &str, remember: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut lines = BufReader::new(client).lines();
    let head: Vec<String> = lines
        .by_ref()
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect();
    remember.lock().unwrap().push(head.join("\n"));
    let server = TcpStream::connect(target)?;
    (&*client).write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let copied = io::copy(&mut from_client, &mut to_server);
        to_server.shutdown(Shutdown::Write).and(copied)
    });
    let (mut from_server, mut to_client) = (server, client.try_clone()?);
    io::copy(&mut from_server, &mut to_client)?;
    Ok(())
}

#[test]
fn through_a_proxy_that_tunnels() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let target = vault.tls_address().trim_start_matches("https://");
    let port = target.rsplit(':').next().unwrap();
    let ca = ("VAULT_CACERT_BYTES", vault.authority().certificate());
    let token = ("VAULT_TOKEN", conformance.token.as_str());
    // A name that only the proxy's side could resolve.
    let address = format!("https://vault.example.internal:{port}");
    for name in [
        "VAULT_PROXY_ADDR",
        "VAULT_HTTP_PROXY",
        "HTTPS_PROXY",
        "https_proxy",
    ] {
        let proxy = Proxy::start(target);
        let started = run_start(&[("VAULT_ADDR", &address), ca, token, (name, &proxy.address)]);
        assert_eq!(
            started.variable("V").as_deref(),
            Some("secret"),
            "{name}: {started:?}"
        );
        let asked = proxy.asked_targets();
        assert!(
            asked[0].starts_with(&format!("CONNECT vault.example.internal:{port} HTTP/1.1")),
            "{asked:?}"
        );
    }
    // Another name in the certificate than in the address: the proxy is asked for the address.
    let proxy = Proxy::start(target);
    let elsewhere = format!("https://10.1.2.3:{port}");
    let name = ("VAULT_TLS_SERVER_NAME", "vault.example.internal");
    let credentials = proxy.address.replace("http://", "http://user:pass@");
    let started = run_start(&[
        ("VAULT_ADDR", &elsewhere),
        ca,
        token,
        name,
        ("VAULT_PROXY_ADDR", &credentials),
    ]);
    assert_eq!(
        started.variable("V").as_deref(),
        Some("secret"),
        "{started:?}"
    );
    let asked = proxy.asked_targets();
    assert!(asked[0].starts_with("CONNECT 10.1.2.3:"), "{asked:?}");
    assert!(
        asked[0]
            .to_lowercase()
            .contains("proxy-authorization: basic dxnlcjpwyxnz"),
        "{asked:?}"
    );
    let proxy = Proxy::start(target);
    let excepted = [
        ("VAULT_ADDR", address.as_str()),
        ca,
        token,
        ("HTTPS_PROXY", &proxy.address),
        ("NO_PROXY", "example.internal"),
        ("VAULT_MAX_RETRIES", "0"),
        ("VAULT_CLIENT_TIMEOUT", "5s"),
    ];
    assert_eq!(run_start(&excepted).code(), Some(116));
    assert!(proxy.asked_targets().is_empty());
}

#[test]
fn through_a_proxy_that_forwards() {
    let metadata = json!({ "version": 1, "created_time": "2026-11-23T00:00:00Z" });
    let data = json!({ "data": { "password": "secret" }, "metadata": metadata });
    let answer = json!({ "request_id": "x", "data": data });
    let proxy = Responder::start(move |_| Answer::json("200 OK", &answer)).unwrap();
    let address = format!("http://user:pass@{}", proxy.address());
    let started = run_start(&[
        ("VAULT_ADDR", "http://vault.example.internal:8200"),
        ("VAULT_TOKEN", "x"),
        ("HTTP_PROXY", &address),
    ]);
    assert_eq!(
        started.variable("V").as_deref(),
        Some("secret"),
        "{started:?}"
    );
    let request = &proxy.requests()[0];
    assert_eq!(
        request.line,
        "GET http://vault.example.internal:8200/v1/secret/data/account HTTP/1.1"
    );
    assert_eq!(
        request.header("proxy-authorization"),
        Some("Basic dXNlcjpwYXNz")
    );
}

#[test]
fn a_proxy_that_opens_no_way() {
    let proxy =
        Responder::start(|_| Answer::new("407 Proxy Authentication Required", &[], "")).unwrap();
    let address = format!("http://{}", proxy.address());
    let (vault, conformance) = Vault::start_shared().unwrap();
    let variables = [
        ("VAULT_ADDR", "https://vault.example.internal:8200"),
        ("VAULT_CACERT_BYTES", vault.authority().certificate()),
        ("VAULT_TOKEN", conformance.token.as_str()),
        ("HTTPS_PROXY", &address),
        ("VAULT_MAX_RETRIES", "0"),
    ];
    let started = run_start(&variables);
    assert_eq!(started.code(), Some(116));
    assert!(
        started.line().contains("the proxy opens no way to it"),
        "{started:?}"
    );
}

#[test]
fn the_systems_trust_store_is_used_where_no_ca_is_given() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let files = Files::new();
    let store = files.write_file("store.pem", vault.authority().certificate());
    let address = ("VAULT_ADDR", vault.tls_address());
    let token = ("VAULT_TOKEN", conformance.token.as_str());
    // How OpenSSL, Go and rustls find it in another place than the distribution's.
    let started = run_start(&[address, token, ("SSL_CERT_FILE", &store)]);
    assert_eq!(
        started.variable("V").as_deref(),
        Some("secret"),
        "{started:?}"
    );
    let started = run_start(&[
        address,
        token,
        ("SSL_CERT_FILE", "/nonexistent"),
        ("SSL_CERT_DIR", "/nonexistent"),
    ]);
    assert_eq!(started.code(), Some(113));
    assert!(
        started
            .line()
            .contains("no CA certificates were found here"),
        "{started:?}"
    );
    assert!(Path::new(&store).exists());
}
