//! `env-exec agent`: a real Vault Agent logs in, and its token is handed to the containers.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::fs;
use std::iter;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use integration::certificates::Authority;
use integration::env_exec::{Start, Started};
use integration::image::Image;
use integration::network::{Answer, Responder, free_port};
use integration::process::{self, Background, Output};
use integration::vault::Vault;
use integration::wait::wait_for;
use integration::{product, temp};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(120);
const AGENT: u32 = 100;

/// The agent's init container of a pod with two wrapped containers.
struct Pod {
    image: Image,
    agent: TempDir,
    auth: TempDir,
    client: TempDir,
    tokens: [TempDir; 2],
    bin: TempDir,
    settings: Value,
    variables: Vec<(&'static str, &'static str)>,
    config_file: &'static str,
}

fn create_volume(name: &str, mode: u32) -> TempDir {
    let volume = temp::create_directory(name).unwrap();
    fs::set_permissions(volume.path(), fs::Permissions::from_mode(mode)).unwrap();
    volume
}

fn write_file(volume: &TempDir, name: &str, text: &str) {
    let file = volume.path().join(name);
    fs::write(&file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
}

impl Pod {
    /// With the `AppRole` method at its usual mount. Volumes have the mode of kubelet's tmpfs.
    fn new(vault: &Vault, address: &str) -> Self {
        let mut image = Image::from_scratch().unwrap();
        image
            .copy_program(product::find_env_exec().unwrap(), "/tokenpipe/bin/env-exec")
            .unwrap();
        image
            .copy_program(product::find_env_exec().unwrap(), "/usr/local/bin/env-exec")
            .unwrap();
        image.mount_path(vault.program(), "/bin/vault").unwrap();
        let pod = Self {
            agent: create_volume("agent", 0o1777),
            auth: create_volume("auth", 0o755),
            client: create_volume("client", 0o755),
            tokens: [create_volume("app", 0o1777), create_volume("job", 0o1777)],
            bin: create_volume("bin", 0o777),
            settings: json!({
                "vault": { "address": address },
                "config": build_config(),
                "containers": ["app", "job-2"],
                "deadline_seconds": 20,
            }),
            variables: vec![],
            config_file: "/tokenpipe/agent/agent.json",
            image,
        };
        pod.mount_volumes()
    }

    fn mount_volumes(mut self) -> Self {
        self.image
            .mount_path(self.agent.path(), "/tokenpipe/agent")
            .unwrap();
        self.image
            .mount_path(self.auth.path(), "/tokenpipe/auth")
            .unwrap();
        self.image
            .mount_path(self.client.path(), "/tokenpipe/client")
            .unwrap();
        self.image
            .mount_path(self.tokens[0].path(), "/tokenpipe/tokens/app")
            .unwrap();
        self.image
            .mount_path(self.tokens[1].path(), "/tokenpipe/tokens/job-2")
            .unwrap();
        self
    }

    /// What an operator would put into the Secret of the auth method.
    fn with_credentials(self, role_id: &str, secret_id: &str) -> Self {
        for (name, text) in [("role-id", role_id), ("secret-id", secret_id)] {
            write_file(&self.auth, name, text);
        }
        self
    }

    /// What an operator would have put into the Secret of the connection.
    fn with_client(self, certificate: &str, key: &str) -> Self {
        write_file(&self.client, "tls.crt", certificate);
        write_file(&self.client, "tls.key", key);
        self.with_setting("vault.client_cert_secret", json!("shop-vault"))
    }

    fn with_setting(mut self, name: &str, value: Value) -> Self {
        match name.split_once('.') {
            Some((object, field)) => self.settings[object][field] = value,
            None => self.settings[name] = value,
        }
        self
    }

    fn with_method(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.settings["config"]["auto_auth"]["method"][0]);
        self
    }

    /// With an agent file of the author's: this, besides a login with `AppRole` and a sink.
    fn with_file(mut self, more: &str) -> Self {
        let text = format!(
            r#"exit_after_auth = true
            auto_auth {{
              method {{
                type = "approle"
                config = {{
                  role_id_file_path = "/tokenpipe/auth/role-id"
                  secret_id_file_path = "/tokenpipe/auth/secret-id"
                  remove_secret_id_file_after_reading = false
                }}
              }}
              sink {{ type = "file" config = {{ path = "/tokenpipe/agent/sink/token" }} }}
            }}
            {more}"#
        );
        write_file(&self.auth, "agent.hcl", &text);
        self.config_file = "/tokenpipe/auth/agent.hcl";
        self.settings["config"] = Value::Null;
        self.with_setting("sink", json!("/tokenpipe/agent/sink/token"))
    }

    /// With the shell of this machine.
    fn with_shell(mut self) -> Self {
        for directory in ["/bin", "/lib", "/lib64"] {
            let host = fs::canonicalize(directory).unwrap();
            if directory == "/bin" {
                self.image.mount_path(&host.join("sh"), "/bin/sh").unwrap();
                self.image
                    .mount_path(&host.join("setsid"), "/bin/setsid")
                    .unwrap();
            } else {
                self.image.mount_path(&host, directory).unwrap();
            }
        }
        self
    }

    fn build_command(&self) -> Command {
        let config = format!("-config={}", self.config_file);
        let agent = ["vault", "agent", &config];
        let program = ["/usr/local/bin/env-exec", "agent", "--"]
            .into_iter()
            .chain(agent);
        let mut command = self
            .image
            .build_command(AGENT, &program.collect::<Vec<_>>());
        command.env(
            "TOKENPIPE_SETTINGS",
            json!({ "agent": self.settings }).to_string(),
        );
        command.envs(self.variables.iter().copied());
        command
    }

    fn run_agent(&self) -> Output {
        process::run_command(&mut self.build_command(), LIMIT).unwrap()
    }

    fn token_file(&self, container: usize) -> PathBuf {
        self.tokens[container].path().join("handover/token")
    }

    /// Nothing of a token in any volume.
    fn assert_empty(&self) {
        for container in 0..2 {
            assert!(!self.token_file(container).exists());
            assert!(!self.token_file(container).with_extension("new").exists());
            for name in ["tls.crt", "tls.key"] {
                assert!(!self.token_file(container).with_file_name(name).exists());
            }
        }
        let sink = self.agent.path().join("sink");
        let left: Vec<_> = fs::read_dir(sink).into_iter().flatten().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }

    /// It failed with this code, and the last line and the last message say why.
    fn assert_failed(&self, output: &Output, code: i32, part: &str) {
        assert_eq!(output.code(), Some(code), "{output:?}");
        let stderr = output.stderr();
        let line = stderr.lines().last().unwrap_or_default();
        assert!(
            line.starts_with("env-exec: ") && line.contains(part),
            "{output:?}"
        );
        let message = self.image.termination_message().unwrap();
        assert_eq!(format!("env-exec: {message}"), line);
        assert!(message.len() <= 4096);
        self.assert_empty();
    }

    fn assert_handed_over(&self, vault: &Vault, output: &Output) -> String {
        assert_eq!(output.code(), Some(0), "{output:?}");
        let token = fs::read_to_string(self.token_file(0)).unwrap();
        assert_eq!(fs::read_to_string(self.token_file(1)).unwrap(), token);
        vault
            .request(&Method::GET, "auth/token/lookup-self", &token, None)
            .unwrap();
        let said = output.stdout() + &output.stderr();
        assert!(!said.contains(&token), "the token is in the log");
        assert_eq!(self.image.termination_message().unwrap(), "");
        let sink = self.agent.path().join("sink");
        assert_eq!(
            fs::read_dir(sink).unwrap().count(),
            0,
            "the original is gone"
        );
        token
    }
}

/// What the webhook generates.
fn build_config() -> Value {
    json!({
        "exit_after_auth": true,
        "auto_auth": {
            "method": [{
                "type": "approle",
                "mount_path": "auth/approle",
                "exit_on_err": false,
                "min_backoff": "1s",
                "max_backoff": "5s",
                "config": {
                    "role_id_file_path": "/tokenpipe/auth/role-id",
                    "secret_id_file_path": "/tokenpipe/auth/secret-id",
                    "remove_secret_id_file_after_reading": false,
                },
            }],
            "sink": [{ "type": "file", "config": { "path": "/tokenpipe/agent/sink/token", "mode": 384 } }],
        },
    })
}

/// Role id and secret id of a role in this Vault.
fn create_credentials(vault: &Vault) -> (String, String) {
    // It exists already where several tests share a Vault.
    let _ = vault.enable_auth("approle", "approle");
    // Two tests may write it at once, and must agree on the role's id.
    let role = json!({
        "token_policies": ["conformance"], "token_ttl": "10m", "role_id": "the-role-of-the-tests",
    });
    vault.write("auth/approle/role/app", &role).unwrap();
    let role_id = vault.read("auth/approle/role/app/role-id").unwrap();
    let secret_id = vault
        .write("auth/approle/role/app/secret-id", &Value::Null)
        .unwrap();
    let text = |value: &Value, field: &str| {
        let found = value.get(field).or_else(|| value["data"].get(field));
        found.and_then(Value::as_str).unwrap().to_owned()
    };
    (text(&role_id, "role_id"), text(&secret_id, "secret_id"))
}

/// The agent is not begun again where the login would fail again.
fn assert_begun_once(output: &Output) {
    let said = output.stderr();
    assert!(!said.contains("the next attempt is in"), "{said}");
    let elapsed = output.elapsed;
    assert!(elapsed < Duration::from_secs(15), "{elapsed:?}");
}

fn build_pod() -> (&'static Vault, Pod) {
    let (vault, _) = Vault::start_shared().unwrap();
    (vault, build_pod_at(vault, vault.address()))
}

fn build_pod_at(vault: &Vault, address: &str) -> Pod {
    let (role_id, secret_id) = create_credentials(vault);
    Pod::new(vault, address).with_credentials(&role_id, &secret_id)
}

#[test]
fn every_container_gets_a_copy_that_its_user_can_shred() {
    let (vault, pod) = build_pod();
    let output = pod.run_agent();
    let token = pod.assert_handed_over(vault, &output);
    assert!(
        output.stderr().contains("authentication successful"),
        "its log is passed on"
    );
    for container in 0..2 {
        let file = fs::metadata(pod.token_file(container)).unwrap();
        let directory = fs::metadata(pod.token_file(container).parent().unwrap()).unwrap();
        assert_eq!((file.mode() & 0o7777, file.uid()), (0o666, AGENT));
        assert_eq!((directory.mode() & 0o7777, directory.uid()), (0o777, AGENT));
    }
    let written = fs::metadata(pod.agent.path().join("agent.json")).unwrap();
    assert_eq!(written.mode() & 0o7777, 0o600);
    // The container's own env-exec, as another user, finishes the job.
    let start = Start::in_pod(vault.address(), "")
        .unwrap()
        .with_setting("token_volume", json!(pod.tokens[0].path()))
        .with_variable("V", "vault:secret/data/account#password")
        .with_variable("VAULT_TOKEN", "vault:login");
    let directory = temp::create_directory("program").unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let copy = directory.path().join("env-exec");
    fs::copy(product::find_env_exec().unwrap(), &copy).unwrap();
    let mut command = Command::new("setpriv");
    start.set_environment(&mut command);
    command.args([
        "--reuid=1000",
        "--regid=1000",
        "--clear-groups",
        "--bounding-set=-all",
        "--inh-caps=-all",
        "--",
    ]);
    command
        .arg(copy)
        .args(["sh", "-c", "echo \"$V $VAULT_TOKEN\""]);
    let started = process::run_command(&mut command, LIMIT).unwrap();
    assert_eq!(started.stdout(), format!("secret {token}\n"), "{started:?}");
    assert!(!pod.token_file(0).exists() && pod.token_file(1).exists());
}

#[test]
fn one_user_keeps_it_to_itself() {
    let (vault, pod) = build_pod();
    let pod = pod.with_setting("same_uid", json!(true));
    let output = pod.run_agent();
    pod.assert_handed_over(vault, &output);
    for container in 0..2 {
        let mode = |path: PathBuf| fs::metadata(path).unwrap().mode() & 0o7777;
        assert_eq!(mode(pod.token_file(container)), 0o600);
        assert_eq!(mode(pod.tokens[container].path().join("handover")), 0o700);
    }
}

#[test]
fn the_containers_variables_lead_the_agent_nowhere_else() {
    let (vault, mut pod) = build_pod();
    pod.variables = vec![
        ("VAULT_ADDR", "http://127.0.0.1:1"),
        ("VAULT_AGENT_ADDR", "http://127.0.0.1:1"),
        ("VAULT_WRAP_TTL", "60s"),
        ("VAULT_SKIP_VERIFY", "yes"),
        ("VAULT_NAMESPACE", "other"),
        ("VAULT_CACERT", "/nonexistent"),
        ("VAULT_LOG_FORMAT", "standard"),
        ("BAO_ADDR", "http://127.0.0.1:1"),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("https_proxy", "http://127.0.0.1:1"),
    ];
    // A configuration with an address of its own loses against the operator's.
    pod.settings["config"]["vault"] = json!({ "address": "http://127.0.0.1:1" });
    let output = pod.run_agent();
    pod.assert_handed_over(vault, &output);
}

/// What is on the other side is a double: no cloud is in reach, and it is enough to see who is asked
/// for.
#[test]
fn an_egress_proxy_leads_to_a_cloud_and_never_to_vault() {
    let proxy = Responder::start(|_| Answer::Close).unwrap();
    let (vault, _) = Vault::start_shared().unwrap();
    let mut pod = Pod::new(vault, "https://vault.invalid:8200")
        .with_setting("deadline_seconds", json!(10))
        .with_method(|method| {
            *method = json!({
                "type": "aws", "mount_path": "auth/aws",
                "config": { "type": "iam", "role": "web" },
            });
        });
    let file = pod.auth.path().join("web-identity");
    fs::write(&file, "a token of the pod's").unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    let way: &'static str = proxy.address().to_string().leak();
    pod.variables = vec![
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/web"),
        (
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "/tokenpipe/auth/web-identity",
        ),
        ("AWS_REGION", "eu-central-1"),
        ("https_proxy", way),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
    ];
    let output = pod.run_agent();
    assert_ne!(output.code(), Some(0), "{output:?}");
    let requests = proxy.requests();
    let lines: Vec<_> = requests
        .iter()
        .map(|request| request.line.as_str())
        .collect();
    assert!(
        lines.iter().any(|line| line.starts_with("CONNECT sts.")),
        "{lines:?} {output:?}"
    );
    assert!(
        lines.iter().all(|line| !line.contains("vault.invalid")),
        "{lines:?}"
    );
}

#[test]
fn over_tls_with_the_operators_authority() {
    let (vault, _) = Vault::start_shared().unwrap();
    let ca = json!(vault.authority().certificate());
    let pod = build_pod_at(vault, vault.tls_address()).with_setting("vault.ca", ca);
    let pod = pod.with_setting("vault.tls_server_name", json!("vault.example.internal"));
    let output = pod.run_agent();
    pod.assert_handed_over(vault, &output);
    let other = Authority::new("another").unwrap();
    let pod = build_pod_at(vault, vault.tls_address())
        .with_setting("vault.ca", json!(other.certificate()));
    let output = pod.run_agent();
    pod.assert_failed(&output, 113, "certificate signed by unknown authority");
    assert_begun_once(&output);
}

/// The listener that wants to see a certificate, with the authority that signed Vault's own.
fn strict_pod() -> (&'static Vault, Pod) {
    let (vault, _) = Vault::start_shared().unwrap();
    let ca = json!(vault.authority().certificate());
    let pod = build_pod_at(vault, vault.strict_address()).with_setting("vault.ca", ca);
    (vault, pod)
}

#[test]
fn a_client_certificate_is_handed_over_and_shredded_with_the_token() {
    let (vault, pod) = strict_pod();
    let client = vault.authority().issue_client("web.shop", None).unwrap();
    let pod = pod.with_client(&client.certificate, &client.key);
    let output = pod.run_agent();
    pod.assert_handed_over(vault, &output);
    let said = output.stdout() + &output.stderr();
    assert!(!said.contains("PRIVATE KEY"), "{said}");
    for container in 0..2 {
        for (name, text) in [("tls.crt", &client.certificate), ("tls.key", &client.key)] {
            let file = pod.token_file(container).with_file_name(name);
            assert_eq!(fs::read_to_string(&file).unwrap(), **text);
            let metadata = fs::metadata(file).unwrap();
            assert_eq!((metadata.mode() & 0o7777, metadata.uid()), (0o666, AGENT));
        }
    }
    let start = |restart: &str| {
        build_program_start(vault, &pod, restart)
            .with_setting("vault", pod.settings["vault"].clone())
            .run()
            .unwrap()
    };
    let handover = pod.token_file(0).parent().unwrap().to_owned();
    let left = || {
        let names = fs::read_dir(&handover).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    for _ in 0..2 {
        let started = start("retain");
        assert_eq!(
            started.variable("V").as_deref(),
            Some("secret"),
            "{started:?}"
        );
    }
    assert_eq!(left(), ["rerun.json", "tls.crt", "tls.key", "token"]);
    // Somebody has removed one of them, and the token is still there.
    fs::remove_file(handover.join("tls.crt")).unwrap();
    let missing = start("fail");
    assert_eq!(missing.code(), Some(113), "{missing:?}");
    assert!(
        missing.line().ends_with(
            "handover/tls.crt (Secret shop-vault) from container tokenpipe-agent does not exist"
        ),
        "{missing:?}"
    );
    fs::write(handover.join("tls.crt"), &client.certificate).unwrap();
    let started = start("fail");
    assert_eq!(
        started.variable("V").as_deref(),
        Some("secret"),
        "{started:?}"
    );
    assert_eq!(left(), ["rerun.json"], "nothing is left to be read");
    assert!(pod.token_file(1).with_file_name("tls.key").exists());
}

#[test]
fn a_client_certificate_that_cannot_be_shown() {
    let (vault, pod) = strict_pod();
    pod.assert_failed(
        &pod.run_agent(),
        113,
        "remote error: tls: certificate required (error authenticating); Vault wants a TLS client",
    );
    let client = vault.authority().issue_client("web.shop", None).unwrap();
    let other = vault.authority().issue_client("web.shop", None).unwrap();
    let (certificate, key) = (&*client.certificate, &*client.key);
    for (certificate, key, part) in [
        (
            certificate,
            "",
            "/tokenpipe/client/tls.key (Secret shop-vault) in container tokenpipe-agent is empty",
        ),
        (
            certificate,
            &*other.key,
            "tls.key (Secret shop-vault) in container tokenpipe-agent is not that of the certificate in",
        ),
        (
            key,
            key,
            "tls.crt (Secret shop-vault) in container tokenpipe-agent: it holds no certificate",
        ),
        (
            certificate,
            certificate,
            "tls.key (Secret shop-vault) in container tokenpipe-agent: it holds no private key",
        ),
    ] {
        let (_, pod) = strict_pod();
        let pod = pod.with_client(certificate, key);
        let output = pod.run_agent();
        pod.assert_failed(&output, 113, part);
        assert!(!output.stderr().contains("BEGIN"), "{output:?}");
    }
    let (_, pod) = strict_pod();
    let pod = pod.with_client(certificate, key);
    fs::remove_file(pod.client.path().join("tls.key")).unwrap();
    pod.assert_failed(
        &pod.run_agent(),
        113,
        "tls.key (Secret shop-vault) in container tokenpipe-agent does not exist",
    );
    // Of an authority that Vault does not know.
    let stranger = Authority::new("another").unwrap();
    let stranger = stranger.issue_client("web.shop", None).unwrap();
    let (_, pod) = strict_pod();
    let pod = pod.with_client(&stranger.certificate, &stranger.key);
    pod.assert_failed(&pod.run_agent(), 113, "remote error: tls: ");
}

/// What a program's env-exec says that comes without the certificate, or with a stranger's.
#[test]
fn a_program_without_a_client_certificate() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let start = |address: &str| {
        Start::in_pod(address, &conformance.token)
            .unwrap()
            .with_setting("vault.ca", json!(vault.authority().certificate()))
            .with_variable("V", "vault:secret/data/account#password")
    };
    let without = start(vault.strict_address()).run().unwrap();
    assert_eq!(without.code(), Some(116), "{without:?}");
    let line = without.line();
    assert!(
        line.contains("wants a TLS client certificate, and none was shown"),
        "{line}"
    );
    assert!(!line.contains('\n') && !line.contains(&conformance.token));
    let stranger = Authority::new("another").unwrap();
    let stranger = stranger.issue_client("web.shop", None).unwrap();
    let with =
        start(vault.strict_address()).with_setting("vault.client_cert_secret", json!("shop-vault"));
    let handover = with.volume().join("handover");
    fs::write(handover.join("tls.crt"), &stranger.certificate).unwrap();
    fs::write(handover.join("tls.key"), &stranger.key).unwrap();
    let with = with.run().unwrap();
    assert_eq!(with.code(), Some(116), "{with:?}");
    assert!(
        with.line()
            .contains("does not accept the TLS client certificate"),
        "{with:?}"
    );
}

#[test]
fn a_refusal_ends_it_at_once() {
    let (vault, good) = build_pod();
    let (role_id, _) = create_credentials(vault);
    let bad = good.with_credentials(&role_id, "wrong");
    let output = bad.run_agent();
    let sentence = "the login failed: invalid role or secret ID (URL: PUT ";
    bad.assert_failed(&output, 115, sentence);
    assert_begun_once(&output);
    let (_, pod) = build_pod();
    let nowhere = pod.with_method(|method| method["mount_path"] = json!("auth/nowhere"));
    let output = nowhere.run_agent();
    nowhere.assert_failed(&output, 115, "the login failed: permission denied");
    assert_begun_once(&output);
}

/// A gateway in Vault's place that repeats what the agent posts, in the agent's own words.
#[test]
fn agent_at_a_server_that_echoes_its_login_reports_no_credential() {
    const JWT: &str =
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2lnbmF0dXJl";
    let (vault, _) = build_pod();
    for (status, number, part) in [
        ("400 Bad Request", 115, "the login failed: "),
        ("403 Forbidden", 115, "the login failed: "),
        ("500 No", 116, "the agent did not get a token in time: "),
    ] {
        let gateway = Responder::start(move |request| {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let percent = body.replace('.', "%2E").replace('"', "%22");
            let errors = [
                body.clone(),
                STANDARD.encode(&body),
                percent,
                body.chars().skip(20).collect(),
            ];
            Answer::json(status, &json!({ "errors": errors }))
        })
        .unwrap();
        let address = format!("http://{}", gateway.address());
        let pod = Pod::new(vault, &address).with_setting("deadline_seconds", json!(15));
        write_file(&pod.auth, "jwt", JWT);
        let pod = pod.with_method(|method| {
            method["type"] = json!("jwt");
            method["config"] = json!({
                "role": "web", "path": "/tokenpipe/auth/jwt", "remove_jwt_after_reading": false,
            });
        });
        let output = pod.run_agent();
        pod.assert_failed(&output, number, part);
        let said = output.stdout() + &output.stderr() + &pod.image.termination_message().unwrap();
        assert!(said.contains("[redacted]"), "{said}");
        let encoded: Vec<_> = ["", "x", "xx"]
            .map(|before| STANDARD.encode(format!("{before}{JWT}")))
            .into();
        for secret in encoded
            .iter()
            .map(|text| &text[4..text.len() - 4])
            .chain([JWT])
        {
            for run in secret.as_bytes().windows(8) {
                let run = str::from_utf8(run).unwrap();
                assert!(!said.contains(run), "{run} in {said}");
            }
        }
    }
}

#[test]
fn missing_input_of_the_method_is_named() {
    let (_, pod) = build_pod();
    fs::remove_file(pod.auth.path().join("secret-id")).unwrap();
    pod.assert_failed(
        &pod.run_agent(),
        113,
        "the login failed: no known secret ID (error getting path or data from method)",
    );
}

#[test]
fn configurations_that_are_wrong() {
    for (change, part) in [
        (
            json!({ "type": "foo" }),
            "the agent did not start: error loading configuration",
        ),
        (
            json!({ "config": { "x": "y" } }),
            "the agent did not start: Error creating approle auth method: missing 'role_id_file_path' value",
        ),
        (
            json!({ "exit_on_err": "true" }),
            "the agent did not start: error loading configuration",
        ),
        (
            json!({ "type": "jwt", "config": { "role": "r", "path": "/tokenpipe/auth/role-id", "jwt_read_period": "0" } }),
            "the agent crashed: panic: non-positive interval",
        ),
    ] {
        let (_, pod) = build_pod();
        let pod = pod.with_method(|method| {
            for (name, value) in change.as_object().unwrap() {
                method[name] = value.clone();
            }
        });
        pod.assert_failed(&pod.run_agent(), 113, part);
    }
    let (_, pod) = build_pod();
    let mut command = pod.build_command();
    command.env("TOKENPIPE_SETTINGS", r#"{"agent":{"vault":{"address":"http://x"},"config":{},"containers":["../evil"],"deadline_seconds":1}}"#);
    let output = process::run_command(&mut command, LIMIT).unwrap();
    assert_eq!(output.code(), Some(113), "{output:?}");
}

#[test]
fn a_vault_that_is_away_until_the_deadline() {
    let (vault, _) = build_pod();
    let address = format!("http://127.0.0.1:{}", free_port().unwrap());
    for exit_on_err in [false, true] {
        let pod = build_pod_at(vault, &address).with_setting("deadline_seconds", json!(10));
        let pod = pod.with_method(|method| method["exit_on_err"] = json!(exit_on_err));
        let output = pod.run_agent();
        pod.assert_failed(&output, 116, "connect: connection refused");
        assert!(
            output.elapsed > Duration::from_secs(2) && output.elapsed < Duration::from_secs(20),
            "{:?}",
            output.elapsed
        );
    }
    let silent = Responder::start(|_| Answer::Never).unwrap();
    let pod = build_pod_at(vault, &format!("http://{}", silent.address()))
        .with_setting("deadline_seconds", json!(4));
    let output = pod.run_agent();
    pod.assert_failed(&output, 116, "the agent did not get a token in time");
    assert!(
        output.elapsed < Duration::from_secs(12),
        "{:?}",
        output.elapsed
    );
}

#[test]
fn a_vault_that_is_sealed_and_then_is_not() {
    for exit_on_err in [false, true] {
        let vault = Vault::start().unwrap();
        vault.seed_conformance().unwrap();
        let pod = build_pod_at(&vault, vault.address());
        let pod = pod.with_method(|method| method["exit_on_err"] = json!(exit_on_err));
        vault.seal().unwrap();
        let directory = temp::create_directory("log").unwrap();
        let mut running =
            Background::start(&mut pod.build_command(), &directory.path().join("log")).unwrap();
        wait_for("the agent to be told that Vault is sealed", LIMIT, || {
            running.log().contains("Vault is sealed")
        })
        .unwrap();
        vault.unseal().unwrap();
        let status = running.wait(LIMIT).unwrap();
        assert!(status.success(), "{}", running.log());
        assert!(pod.token_file(0).exists() && pod.token_file(1).exists());
    }
}

/// The agent ends with 0 all the same, or tries for ever.
#[test]
fn logins_that_give_no_token() {
    let vault = Vault::start().unwrap();
    vault.seed_conformance().unwrap();
    let pod = build_pod_at(&vault, vault.address());
    let methods = vault.read("sys/auth").unwrap();
    let accessor = methods["approle/"]["accessor"].clone();
    let totp = json!({ "issuer": "test", "period": 30 });
    let method = vault.write("identity/mfa/method/totp", &totp).unwrap();
    let id = method
        .get("method_id")
        .or_else(|| method["data"].get("method_id"))
        .unwrap()
        .clone();
    let enforcement = json!({ "mfa_method_ids": [id], "auth_method_accessors": [accessor] });
    vault
        .write("identity/mfa/login-enforcement/all", &enforcement)
        .unwrap();
    for exit_on_err in [false, true] {
        let pod = build_pod_at(&vault, vault.address());
        let pod = pod.with_method(|method| method["exit_on_err"] = json!(exit_on_err));
        let output = pod.run_agent();
        pod.assert_failed(
            &output,
            115,
            "the login gave no token: it asks for more, such as MFA",
        );
        assert_begun_once(&output);
    }
    drop(pod);
    let empty = Responder::start(|request| {
        if request.line.contains("/login") {
            Answer::json("200 OK", &json!({ "request_id": "x", "data": null }))
        } else {
            Answer::new("200 OK", &["Content-Type: application/json"], "{}")
        }
    })
    .unwrap();
    let pod = build_pod_at(&vault, &format!("http://{}", empty.address()));
    pod.assert_failed(
        &pod.run_agent(),
        115,
        "the login gave no token: Vault's answer holds none",
    );
}

#[test]
fn the_agent_image_fills_the_bin_volume_itself() {
    let (vault, mut pod) = build_pod();
    pod.image
        .mount_path(pod.bin.path(), "/tokenpipe/bin")
        .unwrap();
    let pod = pod.with_setting("install", json!(true));
    let output = pod.run_agent();
    pod.assert_handed_over(vault, &output);
    let copy = pod.bin.path().join("env-exec");
    let first = fs::metadata(&copy).unwrap();
    assert_eq!((first.mode() & 0o7777, first.uid()), (0o111, AGENT));
    assert_eq!(
        fs::read(&copy).unwrap(),
        fs::read(product::find_env_exec().unwrap()).unwrap()
    );
    // A rerun can neither read nor write what it finds.
    pod.assert_handed_over(vault, &pod.run_agent());
    let second = fs::metadata(&copy).unwrap();
    assert_eq!((second.mode() & 0o7777, second.uid()), (0o111, AGENT));
    assert_ne!(first.ino(), second.ino());
}

/// What the agent or a child of it has put there does not run in other containers.
#[test]
fn agent_image_after_an_agent_that_wrote_to_the_bin_volume_replaces_what_it_wrote() {
    let (vault, mut pod) = build_pod();
    pod.image
        .mount_path(pod.bin.path(), "/tokenpipe/bin")
        .unwrap();
    let script = "echo evil > /tokenpipe/bin/env-exec; \
        setsid /bin/sh -c 'while :; do echo evil > /tokenpipe/bin/env-exec; done' & \
        exit 0";
    let pod = pod
        .with_shell()
        .with_file(&after_login(script))
        .with_setting("install", json!(true));
    let output = pod.run_agent();
    pod.assert_handed_over(vault, &output);
    assert_eq!(
        fs::read(pod.bin.path().join("env-exec")).unwrap(),
        fs::read(product::find_env_exec().unwrap()).unwrap()
    );
}

/// A stanza of an author's file that runs a script once the agent has logged in.
fn after_login(script: &str) -> String {
    let script = serde_json::to_string(script).unwrap();
    format!(
        r#"template {{
          contents = "x"
          destination = "/tokenpipe/agent/rendered"
          exec {{ command = ["/bin/sh", "-c", {script}] }}
        }}"#
    )
}

/// Left behind in the background, in a session of its own, and by a parent that has ended.
#[test]
fn agent_with_children_left_behind_hands_over_to_none_of_them() {
    let thief = "trap : TERM HUP
        echo begun > /tokenpipe/agent/begun
        while :; do
          t=
          read -r t < /tokenpipe/tokens/app/handover/token
          [ \"$t\" ] && echo \"$t\" > /tokenpipe/agent/stolen
        done 2> /dev/null";
    let run = "/bin/sh /tokenpipe/auth/thief.sh";
    for left in [
        format!("{run} &"),
        format!("setsid {run} &"),
        format!("/bin/sh -c '{run} & exit'"),
    ] {
        let script = format!("{left} until [ -e /tokenpipe/agent/begun ]; do :; done");
        let (vault, pod) = build_pod();
        write_file(&pod.auth, "thief.sh", thief);
        // The container ends with env-exec, and with it each process that is left. A hand-over to many
        // containers gives such a process the time to read the token.
        let containers: Vec<_> = iter::once("app")
            .chain(iter::repeat_n("job-2", 500))
            .collect();
        let pod = pod
            .with_shell()
            .with_setting("containers", json!(containers))
            .with_file(&after_login(&script.replace("' until", "'; until")));
        let output = pod.run_agent();
        pod.assert_handed_over(vault, &output);
        let there = |name: &str| pod.agent.path().join(name).exists();
        assert!(there("begun"), "{left}: {output:?}");
        assert!(!there("stolen"), "{left}");
    }
}

/// The agent says on its output what is wrong before its log begins, in whatever words.
#[test]
fn agent_with_a_file_that_cannot_be_read_ends_at_once() {
    for (more, part) in [
        (
            "listener \"tcp\" {",
            "object expected closing RBRACE got: EOF",
        ),
        (
            "cache {}\nlistener \"tcp\" { address = \"127.0.0.1:0\" http_read_timeout = \"abc\" }",
            "http_read_timeout: time: invalid duration \"abc\"",
        ),
        ("cache {}", "requires at least 1 template or 1 listener"),
        (
            "template {",
            "the agent did not start: error loading configuration",
        ),
    ] {
        let (_, pod) = build_pod();
        let pod = pod.with_file(more);
        let output = pod.run_agent();
        pod.assert_failed(&output, 113, part);
        assert_begun_once(&output);
    }
}

#[test]
fn agent_with_a_template_that_cannot_be_rendered_reports_its_last_words() {
    let template = |contents: &str, destination: &str| {
        let contents = serde_json::to_string(contents).unwrap();
        format!("template {{ contents = {contents} destination = \"{destination}\" }}")
    };
    let to = "/tokenpipe/agent/rendered";
    for (more, code, part) in [
        (
            template(
                "{{ with secret \"sys/raw/forbidden\" }}{{ .Data }}{{ end }}",
                to,
            ),
            115,
            "permission denied",
        ),
        (
            template("{{ .x | nofunc }}", to),
            113,
            "function \"nofunc\" not defined",
        ),
        (template("x", "/proc/nowhere/x"), 113, "failed writing file"),
        (
            format!("template {{ source = \"/nowhere\" destination = \"{to}\" }}"),
            113,
            "open /nowhere: no such file or directory",
        ),
    ] {
        let (_, pod) = build_pod();
        let pod = pod
            .with_file(&more)
            .with_setting("deadline_seconds", json!(15));
        let output = pod.run_agent();
        pod.assert_failed(&output, code, part);
    }
    let (_, pod) = build_pod();
    let pod = pod
        .with_file("")
        .with_setting("deadline_seconds", json!(15));
    let file = pod.auth.path().join("agent.hcl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(file, text.replace("exit_after_auth = true", "")).unwrap();
    pod.assert_failed(&pod.run_agent(), 113, "`exit_after_auth = true`");
}

/// The namespace of every login, as a recording double sees it. With `BAO_BIN` also of `OpenBao`'s agent,
/// for the methods that it has.
#[test]
fn agent_in_a_namespace_sends_it_with_every_login() {
    const EVERYWHERE: [&str; 4] = ["approle", "cert", "jwt", "kubernetes"];
    let (vault, _) = build_pod();
    let client = vault.authority().issue_client("web.shop", None).unwrap();
    let methods = [
        (
            "approle",
            build_config()["auto_auth"]["method"][0]["config"].clone(),
        ),
        ("cert", json!({ "name": "web" })),
        (
            "cert",
            json!({
                "name": "web",
                "client_cert": "/tokenpipe/client/tls.crt", "client_key": "/tokenpipe/client/tls.key",
            }),
        ),
        (
            "jwt",
            json!({ "role": "r", "path": "/tokenpipe/auth/role-id", "remove_jwt_after_reading": false }),
        ),
        (
            "kubernetes",
            json!({ "role": "r", "token_path": "/tokenpipe/auth/role-id" }),
        ),
        (
            "ldap",
            json!({
                "username": "me", "password_file_path": "/tokenpipe/auth/secret-id",
                "remove_password_after_reading": false,
            }),
        ),
        (
            "token_file",
            json!({ "token_file_path": "/tokenpipe/auth/secret-id" }),
        ),
        (
            "aws",
            json!({ "type": "iam", "role": "r", "access_key": "AKIAEXAMPLE", "secret_key": "inline-secret-key" }),
        ),
    ];
    let bao = std::env::var_os("BAO_BIN").filter(|path| !path.is_empty());
    if bao.is_none() {
        println!("BAO_BIN is not set: of OpenBao's agent only the variable is tested, in env-exec");
    }
    let programs = [Some(vault.program().to_owned()), bao.map(PathBuf::from)];
    for (number, program) in programs.into_iter().enumerate() {
        let Some(program) = program else { continue };
        for (kind, fields) in &methods {
            if number == 1 && !EVERYWHERE.contains(kind) {
                continue;
            }
            // Of the connection alone, and another for the login.
            for namespace in ["team", "team/login"] {
                let seen = Arc::new(Mutex::new(Vec::new()));
                let record = Arc::clone(&seen);
                let double = Responder::start(move |request| {
                    let is_login = ["/login", "/lookup-self"]
                        .iter()
                        .any(|end| request.line.contains(end));
                    if is_login {
                        let headers = request.headers.iter();
                        let found = headers.filter(|(name, _)| name == "x-vault-namespace");
                        let found: Vec<_> = found
                            .map(|(_, value)| value.trim_end_matches('/').to_owned())
                            .collect();
                        record.lock().unwrap().push(found);
                    }
                    Answer::json("400 Bad Request", &json!({ "errors": ["seen"] }))
                })
                .unwrap();
                let mut pod = Pod::new(vault, &format!("http://{}", double.address()))
                    .with_credentials("the-role-id", "hvs.secret")
                    .with_client(&client.certificate, &client.key)
                    .with_setting("vault.namespace", json!("team"));
                pod.image.mount_path(&program, "/bin/vault").unwrap();
                let pod = pod.with_method(|method| {
                    method["type"] = json!(kind);
                    method["mount_path"] = json!(format!("auth/{kind}"));
                    method["namespace"] = json!(namespace);
                    method["config"] = fields.clone();
                });
                let output = pod.run_agent();
                assert_eq!(output.code(), Some(115), "{kind}: {output:?}");
                let seen = seen.lock().unwrap().clone();
                assert_eq!(
                    seen.first(),
                    Some(&vec![namespace.to_owned()]),
                    "{kind}: {output:?}"
                );
                assert!(
                    seen.iter().all(|found| found == &[namespace]),
                    "{kind}: {seen:?}"
                );
            }
        }
    }
}

#[test]
fn programs_that_are_no_agent() {
    let (_, pod) = build_pod();
    let settings = json!({ "agent": pod.settings }).to_string();
    let run = |program: &[&str]| {
        let program: Vec<_> = ["/usr/local/bin/env-exec", "agent", "--"]
            .into_iter()
            .chain(program.iter().copied())
            .collect();
        process::run_command(
            pod.image
                .build_command(AGENT, &program)
                .env("TOKENPIPE_SETTINGS", &settings),
            LIMIT,
        )
        .unwrap()
    };
    let missing = run(&["bao", "agent"]);
    assert_eq!(missing.code(), Some(127), "{missing:?}");
    // env-exec itself: ends with 0 and has written nothing.
    let silent = run(&["/usr/local/bin/env-exec", "--version"]);
    assert_eq!(silent.code(), Some(115), "{silent:?}");
    assert!(
        silent
            .stderr()
            .contains("the login gave no token: the agent says nothing about it"),
        "{silent:?}"
    );
}

/// The volumes of a pod whose init containers run again: what the programs left is still there.
#[test]
fn files_of_an_earlier_run_are_replaced() {
    type Leave = fn(&Pod);
    let left: [(&str, Leave); 8] = [
        ("a token and a record", |pod| {
            let handover = pod.token_file(0).parent().unwrap().to_owned();
            fs::create_dir(&handover).unwrap();
            fs::write(pod.token_file(0), "hvs.old").unwrap();
            fs::write(handover.join("rerun.json"), r#"{"reruns":[]}"#).unwrap();
            fs::write(handover.join("token.new"), "hvs.older").unwrap();
        }),
        ("the agent's own temporary files", |pod| {
            fs::create_dir(pod.agent.path().join("sink")).unwrap();
            fs::write(pod.agent.path().join("sink/token.tmp.01234567"), "hvs.live").unwrap();
            fs::write(pod.agent.path().join("sink/token"), "hvs.live").unwrap();
        }),
        ("a link in place of the token", |pod| {
            fs::create_dir(pod.token_file(0).parent().unwrap()).unwrap();
            symlink("/etc/passwd", pod.token_file(0)).unwrap();
        }),
        ("a link in place of the temporary file", |pod| {
            fs::create_dir(pod.token_file(0).parent().unwrap()).unwrap();
            symlink("/etc/passwd", pod.token_file(0).with_extension("new")).unwrap();
        }),
        ("an empty directory in place of the token", |pod| {
            fs::create_dir_all(pod.token_file(0)).unwrap();
        }),
        ("a file in place of the directory", |pod| {
            fs::write(pod.tokens[0].path().join("handover"), "").unwrap();
        }),
        ("a link in place of the directory", |pod| {
            symlink("/tokenpipe/agent", pod.tokens[0].path().join("handover")).unwrap();
        }),
        ("a FIFO in place of the token", |pod| {
            fs::create_dir(pod.token_file(0).parent().unwrap()).unwrap();
            assert!(
                Command::new("mkfifo")
                    .arg(pod.token_file(0))
                    .status()
                    .unwrap()
                    .success()
            );
        }),
    ];
    for (what, leave) in left {
        let (vault, pod) = build_pod();
        leave(&pod);
        // All of it the agent's own, as where one UID runs everything.
        let volumes = [pod.agent.path(), pod.tokens[0].path(), pod.tokens[1].path()];
        let mut chown = Command::new("chown");
        chown
            .args(["--recursive", "--no-dereference", "100:100"])
            .args(volumes);
        assert!(chown.status().unwrap().success());
        for volume in volumes {
            std::os::unix::fs::chown(volume, Some(0), Some(0)).unwrap();
        }
        let output = pod.run_agent();
        assert_eq!(output.code(), Some(0), "{what}: {output:?}");
        pod.assert_handed_over(vault, &output);
        assert!(
            fs::symlink_metadata(pod.token_file(0)).unwrap().is_file(),
            "{what}"
        );
        assert!(!pod.token_file(0).with_extension("new").exists(), "{what}");
        let record = pod.tokens[0].path().join("handover/rerun.json");
        assert_eq!(
            record.exists(),
            what == "a token and a record",
            "the record stays"
        );
    }
}

#[test]
fn foreign_directory_in_a_token_volume_is_rejected_and_no_token_stays() {
    let (_, pod) = build_pod();
    // The second container's program, under another UID, has made itself a directory there.
    let handover = pod.tokens[1].path().join("handover");
    fs::create_dir(&handover).unwrap();
    fs::write(handover.join("mine"), "").unwrap();
    std::os::unix::fs::chown(&handover, Some(1000), Some(1000)).unwrap();
    pod.assert_failed(
        &pod.run_agent(),
        113,
        "/tokenpipe/tokens/job-2/handover: its mode cannot be set: Operation not permitted",
    );
    let (_, pod) = build_pod();
    let full = pod.tokens[1].path().join("handover/token/inside");
    fs::create_dir_all(full).unwrap();
    for path in ["handover", "handover/token"] {
        std::os::unix::fs::chown(pod.tokens[1].path().join(path), Some(AGENT), Some(AGENT))
            .unwrap();
    }
    let output = pod.run_agent();
    assert_eq!(output.code(), Some(113), "{output:?}");
    assert!(
        output
            .stderr()
            .contains("/tokenpipe/tokens/job-2/handover: Directory not empty"),
        "{output:?}"
    );
    assert!(!pod.token_file(0).exists(), "all or none");
}

/// The first container's program, as root.
fn build_program_start(vault: &Vault, pod: &Pod, restart: &str) -> Start {
    Start::in_pod(vault.address(), "")
        .unwrap()
        .with_setting("token_volume", json!(pod.tokens[0].path()))
        .with_setting("restart", json!(restart))
        .with_variable("V", "vault:secret/data/account#password")
        .with_variable("VAULT_TOKEN", "vault:login")
}

fn start_program(vault: &Vault, pod: &Pod, restart: &str) -> Started {
    build_program_start(vault, pod, restart).run().unwrap()
}

/// A pod whose one container was handed a wrapped token.
fn hand_over_wrapped_token() -> (&'static Vault, Pod) {
    let (vault, pod) = build_pod();
    let pod = pod.with_setting("containers", json!(["app"]));
    let pod = pod.with_method(|method| method["wrap_ttl"] = json!("60s"));
    let output = pod.run_agent();
    assert_eq!(output.code(), Some(0), "{output:?}");
    (vault, pod)
}

#[test]
fn a_token_that_travels_wrapped_is_unwrapped_once() {
    let (vault, pod) = hand_over_wrapped_token();
    let file = fs::read_to_string(pod.token_file(0)).unwrap();
    let info: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(info["creation_path"], "auth/approle/login");
    let started = start_program(vault, &pod, "fail");
    assert_eq!(
        started.variable("V").as_deref(),
        Some("secret"),
        "{started:?}"
    );
    let token = started.variable("VAULT_TOKEN").unwrap();
    vault
        .request(&Method::GET, "auth/token/lookup-self", &token, None)
        .unwrap();
    assert_ne!(info["token"], json!(token));
    // The same file once more, as if somebody had kept it.
    fs::write(pod.token_file(0), &file).unwrap();
    let again = start_program(vault, &pod, "fail");
    assert_eq!(again.code(), Some(115), "{again:?}");
    let accessor = info["accessor"].as_str().unwrap();
    let sentence = format!(
        "(accessor {accessor}, made by `auth/approle/login`) has expired or was unwrapped already"
    );
    assert!(again.line().contains(&sentence), "{again:?}");
    assert!(
        again.output.elapsed < Duration::from_secs(5),
        "it was tried again"
    );
    assert!(!again.line().contains(info["token"].as_str().unwrap()));
    // Kept for restarts, it is the token itself that is kept.
    let (vault, pod) = hand_over_wrapped_token();
    for _ in 0..2 {
        let started = start_program(vault, &pod, "retain");
        assert_eq!(
            started.variable("V").as_deref(),
            Some("secret"),
            "{started:?}"
        );
    }
    assert!(
        fs::read_to_string(pod.token_file(0))
            .unwrap()
            .starts_with("hvs.")
    );
    // Something wrapped that was no login.
    let other = Command::new(vault.program())
        .args([
            "write",
            "-wrap-ttl=60s",
            "-format=json",
            "sys/wrapping/wrap",
            "token=hvs.other",
        ])
        .env("VAULT_ADDR", vault.address())
        .env("VAULT_TOKEN", Vault::ROOT_TOKEN)
        .output()
        .unwrap();
    let other: Value = serde_json::from_slice(&other.stdout).unwrap();
    fs::write(pod.token_file(0), other["wrap_info"].to_string()).unwrap();
    let started = start_program(vault, &pod, "fail");
    assert_eq!(started.code(), Some(115), "{started:?}");
    let accessor = other["wrap_info"]["accessor"].as_str().unwrap();
    let sentence = format!("(accessor {accessor}) was made by `sys/wrapping/wrap`, not by a login");
    assert!(started.line().contains(&sentence), "{started:?}");
}

#[test]
fn token_wrapped_by_another_mount_is_not_unwrapped() {
    let (vault, pod) = hand_over_wrapped_token();
    let of_mount = |mount: &str| {
        build_program_start(vault, &pod, "fail")
            .with_setting("wrapped_by", json!(mount))
            .run()
            .unwrap()
    };
    let other = of_mount("auth/jwt");
    assert_eq!(other.code(), Some(115), "{other:?}");
    assert!(
        other.line().contains(
            "was made by `auth/approle/login`, not by the login at `auth/jwt`, so it was not unwrapped"
        ),
        "{other:?}"
    );
    let right = of_mount("auth/approle");
    assert_eq!(right.variable("V").as_deref(), Some("secret"), "{right:?}");
}

/// The agent would follow it once, with its credentials.
#[test]
fn address_that_redirects_is_rejected_before_the_login() {
    let (vault, _) = build_pod();
    let elsewhere = Responder::start(|_| Answer::Close).unwrap();
    let other = format!("http://{}", elsewhere.address());
    for (status, location, part) in [
        (
            "307 Temporary Redirect",
            other.as_str(),
            "env-exec follows no redirect with a token",
        ),
        (
            "301 Moved Permanently",
            "https://127.0.0.1",
            "redirects to https://127.0.0.1; set the address to https://127.0.0.1",
        ),
        (
            "308 Permanent Redirect",
            "https://127.0.0.1",
            "set the address to https://127.0.0.1",
        ),
    ] {
        let location = format!("Location: {location}/v1/auth/approle/login");
        let redirects =
            Responder::start(move |_| Answer::new(status, &[&location], "<html>moved</html>"));
        let redirects = redirects.unwrap();
        let pod = build_pod_at(vault, &format!("http://{}", redirects.address()));
        pod.assert_failed(&pod.run_agent(), 116, part);
        let asked = redirects.requests();
        let lines: Vec<_> = asked.iter().map(|request| request.line.as_str()).collect();
        assert_eq!(lines, ["GET /v1/sys/health HTTP/1.1"], "{status}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_signal_ends_the_agent_too_and_leaves_no_token() {
    let (vault, _) = build_pod();
    let silent = Responder::start(|_| Answer::Never).unwrap();
    let pod = build_pod_at(vault, &format!("http://{}", silent.address()));
    let directory = temp::create_directory("log").unwrap();
    let mut running =
        Background::start(&mut pod.build_command(), &directory.path().join("log")).unwrap();
    // env-exec asks whether the address redirects, and then the agent.
    wait_for("the agent to ask", LIMIT, || silent.requests().len() > 1).unwrap();
    let children = format!("/proc/{0}/task/{0}/children", running.id());
    let child = fs::read_to_string(children).unwrap().trim().to_owned();
    let begin = Instant::now();
    assert!(
        Command::new("kill")
            .args(["-TERM", &child])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(
        running.wait(LIMIT).unwrap().code(),
        Some(143),
        "{}",
        running.log()
    );
    assert!(begin.elapsed() < Duration::from_secs(12));
    pod.assert_empty();
}
