//! Every Auto-Auth method logs in for real: a pod names it by annotations, the webhook generates the
//! agent's configuration, the real agent logs in to a real Vault, and env-exec reads the secrets with
//! the token of that login, which Vault's audit log tells.
//!
//! kubelet is the stand-in of `integration/src/kubelet.rs`. Where the API server's own tokens matter, a
//! real one issues them.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

mod approle;
mod aws;
mod jwt;
mod kubernetes;
#[path = "../support/place.rs"]
mod place;
mod projected;

use std::collections::BTreeMap;
use std::fs;

use contract::{ExitCode, names, paths};
use integration::certificates::Authority;
use integration::demo::secrets::set_up_login;
use integration::demo::webhook::Webhook;
use integration::demo::{evidence, examples};
use integration::kubelet::Pod;
use serde_json::{Value, json};

use place::{Place, wait_for_log};

/// The Secret with the method's files.
const SECRET: &str = "web-login";

/// The Secret of which one file is wrong.
const WRONG: &str = "wrong-login";

/// The volume in which the example's program is handed its token.
const TOKEN_VOLUME: &str = "tokenpipe-token-web";

/// The path that the example's program is given secrets of.
const PATH: &str = "secret/data/shop/db";

impl Place {
    /// Puts the method's files into a Secret.
    fn with_files(self, files: &[(&str, &str)]) -> Self {
        self.with_secret(SECRET, files)
    }

    /// Puts files of which one is wrong into another.
    fn with_wrong_files(self, files: &[(&str, &str)]) -> Self {
        self.with_secret(WRONG, files)
    }

    fn with_secret(mut self, name: &str, files: &[(&str, &str)]) -> Self {
        let data = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
        self.node = self
            .node
            .with_secret(name, data.collect::<BTreeMap<_, _>>());
        self
    }

    /// Has the example's pod log in with what Vault refuses, and checks that the pod's status says
    /// why: the exit code, and one line with `part` in it and no token.
    fn assert_is_refused(&self, login: &Login<'_>, part: &str, files: impl FnOnce(&Pod<'_>)) {
        self.assert_fails(login, ExitCode::Refused, part, files);
    }

    fn assert_fails(
        &self,
        login: &Login<'_>,
        code: ExitCode,
        part: &str,
        files: impl FnOnce(&Pod<'_>),
    ) {
        let admitted = self.webhook.admit_pod(&login.build_pod()).unwrap();
        let mut pod = Pod::new(&self.node, &admitted.pod).unwrap();
        files(&pod);
        pod.start().unwrap_err();
        let agent = pod.find_container(names::AGENT_CONTAINER).unwrap();
        let end = agent.end().unwrap();
        assert_eq!(end.code, i32::from(code.code()), "{end:?}");
        let message = end.message.trim_end();
        assert!(message.contains(part), "{message}");
        assert!(
            !message.contains('\n') && !message.contains("hvs."),
            "{message}"
        );
    }

    /// Has the example's pod log in by a method, and checks all that came of it. `files` may change
    /// the pod's volumes before it starts.
    fn assert_logs_in(&self, login: &Login<'_>, files: impl FnOnce(&Pod<'_>)) {
        let written = login.build_pod();
        let admitted = self.webhook.admit_pod(&written).unwrap();
        let mut pod = Pod::new(&self.node, &admitted.pod).unwrap();
        files(&pod);
        pod.start().unwrap();
        wait_for_log(&mut pod, "web", "web: ready").unwrap();
        let injected = self.injected_pod(&written, &admitted, &pod);
        for check in [
            evidence::check_values,
            evidence::check_environment,
            evidence::check_process,
            evidence::check_mounts,
            evidence::check_token_file,
        ] {
            check(&injected).unwrap();
        }
        let handover = pod.find_volume(TOKEN_VOLUME).unwrap().join(paths::HANDOVER);
        let left = fs::read_dir(handover).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [paths::RERUN_FILE], "of what was handed over");
        // The token of `token_file` lies in the Secret that was given, and others may use it too.
        let is_own = login.method != "token_file";
        if is_own && !login.is_given_a_wrapping_token() {
            evidence::check_files(&injected).unwrap();
        }
        let revoked = self
            .count_requests("update", "auth/token/revoke-self")
            .unwrap();
        assert_eq!(revoked, usize::from(is_own), "times that it was revoked");
        assert_eq!(
            self.count_requests(login.request.0, login.request.1)
                .unwrap(),
            1
        );
        assert_eq!(
            self.list_readers(),
            [login.reader],
            "whose token env-exec used"
        );
    }

    /// The names by which Vault knows who read the secret.
    fn list_readers(&self) -> Vec<String> {
        let log = fs::read_to_string(&self.audit).unwrap();
        let entries = log.lines().map(|line| serde_json::from_str(line).unwrap());
        let reads = entries.filter(|entry: &Value| {
            entry["type"] == "response" && entry["request"]["path"] == PATH
        });
        let name = |entry: Value| entry["auth"]["display_name"].as_str().unwrap().to_owned();
        reads.map(name).collect()
    }
}

/// How a pod logs in, and what Vault sees of it.
#[derive(Clone, Copy)]
struct Login<'a> {
    method: &'a str,
    annotations: &'a [(&'a str, &'a str)],
    /// Operation and path of the one request that the agent makes.
    request: (&'a str, &'a str),
    /// The name that Vault gives to the bearer of the token.
    reader: &'a str,
}

impl Login<'_> {
    /// One lies in the Secret then, as a token does, and is used up.
    fn is_given_a_wrapping_token(&self) -> bool {
        let mut values = self.annotations.iter().map(|(_, value)| value);
        values.any(|value| value.contains("response_wrapping_path"))
    }

    /// The example's pod with this method.
    fn build_pod(&self) -> Value {
        let mut pod = examples::build_pod().unwrap();
        let annotations = pod["metadata"]["annotations"].as_object_mut().unwrap();
        annotations.clear();
        let method = ("auth-method", self.method);
        for (key, value) in self.annotations.iter().chain([&method]) {
            annotations.insert(format!("{}{key}", names::ANNOTATION_PREFIX), json!(value));
        }
        pod
    }
}

fn start_place() -> Place {
    Place::new(|_| {}).unwrap()
}

fn as_it_is(_: &Pod<'_>) {}

#[test]
fn a_token_that_travels_wrapped() {
    let place = start_place();
    set_up_login(&place.vault, "jwt", place.node.issuer()).unwrap();
    let login = Login {
        method: "jwt",
        annotations: &[("auth-role", "web"), ("auth-wrap-ttl", "60s")],
        request: ("update", "auth/jwt/login"),
        reader: "jwt-system:serviceaccount:shop:web",
    };
    place.assert_logs_in(&login, as_it_is);
    assert_eq!(
        place
            .count_requests("update", "sys/wrapping/unwrap")
            .unwrap(),
        1
    );
    let wrong = Login {
        annotations: &[("auth-role", "wep"), ("auth-wrap-ttl", "60s")],
        ..login
    };
    place.assert_is_refused(&wrong, "\"wep\"", as_it_is);
}

/// Has the webhook admit pods to the Vault that wants to see a client certificate, from the Secret of
/// this name if there is one.
fn use_strict_address(place: &mut Place, secret: Option<&str>) {
    let mut config = examples::build_config(&place.vault).unwrap();
    let connection = &mut config["connections"]["default"];
    connection["address"] = json!(place.vault.strict_address());
    if let Some(secret) = secret {
        connection["clientCertSecret"] = json!(secret);
    }
    place.webhook = Webhook::start(&config).unwrap();
}

#[test]
fn a_connection_that_wants_a_client_certificate() {
    let mut place = start_place();
    set_up_login(&place.vault, "jwt", place.node.issuer()).unwrap();
    let client = place.vault.authority().issue_client("shop", None).unwrap();
    let other = place.vault.authority().issue_client("shop", None).unwrap();
    place = place
        .with_files(&[("tls.crt", &client.certificate), ("tls.key", &client.key)])
        .with_wrong_files(&[("tls.crt", &client.certificate), ("tls.key", &other.key)]);
    let login = Login {
        method: "jwt",
        annotations: &[("auth-role", "web")],
        request: ("update", "auth/jwt/login"),
        reader: "jwt-system:serviceaccount:shop:web",
    };
    use_strict_address(&mut place, Some(SECRET));
    place.assert_logs_in(&login, as_it_is);

    // The same pod without the certificate, and with a key that is another's.
    let settings = ExitCode::Settings;
    use_strict_address(&mut place, None);
    let part = "certificate required (error authenticating); Vault wants a TLS client certificate";
    place.assert_fails(&login, settings, part, as_it_is);
    use_strict_address(&mut place, Some(WRONG));
    let part = "/tokenpipe/client/tls.key (Secret wrong-login) in container tokenpipe-agent is not \
                that of the certificate";
    place.assert_fails(&login, settings, part, as_it_is);
}

#[test]
fn login_by_cert_with_another_authority_is_denied() {
    let place = start_place();
    // An authority of its own: Vault's certificate is signed by another.
    let authority = Authority::new("Clients of the tests").unwrap();
    let client = authority.issue_client("web.shop", None).unwrap();
    place.vault.enable_auth("cert", "cert").unwrap();
    let role = json!({
        "certificate": authority.certificate(),
        "allowed_common_names": ["web.shop"],
        "token_policies": ["web"],
        "token_ttl": "10m",
    });
    place.vault.write("auth/cert/certs/web", &role).unwrap();
    // The same name, from an authority that Vault was not told of.
    let stranger = Authority::new("Other clients").unwrap();
    let stranger = stranger.issue_client("web.shop", None).unwrap();
    let place = place
        .with_files(&[("tls.crt", &client.certificate), ("tls.key", &client.key)])
        .with_wrong_files(&[
            ("tls.crt", &stranger.certificate),
            ("tls.key", &stranger.key),
        ]);
    let login = Login {
        method: "cert",
        annotations: &[("auth-secret", SECRET), ("auth-role", "web")],
        request: ("update", "auth/cert/login"),
        reader: "cert-web",
    };
    place.assert_logs_in(&login, as_it_is);
    let wrong = Login {
        annotations: &[("auth-secret", WRONG), ("auth-role", "web")],
        ..login
    };
    place.assert_is_refused(&wrong, "certificate", as_it_is);
}

#[test]
fn login_by_token_file_with_an_unknown_token_is_denied() {
    let place = start_place();
    let token = json!({ "policies": ["web"], "ttl": "10m", "display_name": "handed out" });
    let token = place.vault.create_token(&token).unwrap();
    let place = place
        .with_files(&[("token", &format!("{token}\n"))])
        .with_wrong_files(&[("token", "hvs.unknown")]);
    let login = Login {
        method: "token_file",
        annotations: &[("auth-secret", SECRET)],
        request: ("read", "auth/token/lookup-self"),
        reader: "token-handed-out",
    };
    place.assert_logs_in(&login, as_it_is);
    let wrong = Login {
        annotations: &[("auth-secret", WRONG)],
        ..login
    };
    place.assert_is_refused(&wrong, "permission denied", as_it_is);
}
