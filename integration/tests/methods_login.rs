//! Real logins against real back ends, through the admitted pod's own agent configuration: each
//! with a right credential, and with a wrong one, of which the pod's status tells in one line.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine};
use integration::demo::DemoError;
use integration::directory::Directory;
use integration::kubelet::{Data, Issuer, KubeletError, Node};
use integration::login::{Logins, grant_login, is_login, namespace_of, secret_data};
use integration::network::Responder;
use integration::realm::Realm;
use integration::vault::Vault;
use serde_json::{Value, json};

const PASSWORD: &str = "right horse, \"battery\" $taple";

/// The pods' machine with two Secrets, and the webhook for this Vault.
fn start_logins(vault: &Vault, right: Data, wrong: Data) -> Logins {
    let helper = Path::new(env!("CARGO_BIN_EXE_demo"));
    let node = Node::new(helper, Issuer::new().unwrap())
        .unwrap()
        .with_secret("right", right)
        .with_secret("wrong", wrong);
    let connection = json!({ "ca": vault.authority().certificate() });
    Logins::on_node(node, vault.tls_address(), &connection).unwrap()
}

fn assert_logs_in(logins: &Logins, annotations: &Value) {
    let admitted = logins.admit_annotations(annotations).unwrap();
    let pod = logins.start_pod(&admitted).unwrap();
    assert!(pod.starts().len() >= 3, "the program was started");
}

/// The line that `kubectl describe pod` shows of a login that failed.
fn assert_fails(logins: &Logins, annotations: &Value, part: &str) {
    let admitted = logins.admit_annotations(annotations).unwrap();
    match logins.start_pod(&admitted).map(drop) {
        Err(DemoError::Kubelet(KubeletError::Init { message, .. })) => {
            assert!(message.contains(part), "{message}");
            assert!(!message.trim_end().contains('\n'), "{message}");
            assert!(!message.contains("battery"), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn login_by_ldap_with_a_wrong_password_fails_in_one_line() {
    let directory = Directory::start(&[("web", PASSWORD)], "shop").unwrap();
    let vault = Vault::start().unwrap();
    vault.enable_plugin_auth("ldap").unwrap();
    let config = json!({
        "url": directory.url(), "userdn": Directory::USERS, "userattr": "cn",
        "groupdn": Directory::GROUPS, "discoverdn": true,
    });
    vault.write("auth/ldap/config", &config).unwrap();
    vault
        .write("auth/ldap/groups/shop", &json!({ "policies": "web" }))
        .unwrap();

    let right = secret_data([("password", PASSWORD.into())]);
    // What `kubectl create secret --from-file` makes of a file that an editor saved.
    let wrong = secret_data([("password", format!("{PASSWORD}\n").into_bytes())]);
    let logins = start_logins(&vault, right, wrong);
    let annotations = |secret: &str| {
        json!({
            "auth-method": "ldap", "auth-secret": secret, "auth-config": { "username": "web" },
        })
    };
    assert_logs_in(&logins, &annotations("right"));
    assert_fails(&logins, &annotations("wrong"), "invalid credentials");
}

#[test]
fn login_by_kerberos_with_another_keytab_fails_in_one_line() {
    let directory = Directory::start(&[("web", PASSWORD)], "shop").unwrap();
    let realm = Realm::start().unwrap();
    let service = "HTTP/vault.shop.example";
    let of_vault = realm.make_keytab(service).unwrap();
    let (web, other) = (
        realm.make_keytab("web").unwrap(),
        realm.make_keytab("other").unwrap(),
    );
    let vault = Vault::start().unwrap();
    vault.enable_plugin_auth("kerberos").unwrap();
    // The ticket travels in a header, which Vault does not pass on unless it is told to.
    let headers = json!({ "passthrough_request_headers": ["Authorization"] });
    vault.write("sys/auth/kerberos/tune", &headers).unwrap();
    let config = json!({
        "keytab": BASE64_STANDARD.encode(of_vault), "service_account": service,
    });
    vault.write("auth/kerberos/config", &config).unwrap();
    // Vault looks the groups of the principal up.
    let config = json!({
        "url": directory.url(), "userdn": Directory::USERS, "userattr": "cn",
        "groupdn": Directory::GROUPS, "discoverdn": true, "anonymous_group_search": true,
    });
    vault.write("auth/kerberos/config/ldap", &config).unwrap();

    let secret = |keytab| {
        secret_data([
            ("krb5.keytab", keytab),
            ("krb5.conf", realm.render_client_config().into_bytes()),
        ])
    };
    let logins = start_logins(&vault, secret(web), secret(other));
    let annotations = |secret: &str| kerberos_annotations(secret, service);
    assert_logs_in(&logins, &annotations("right"));
    assert_fails(&logins, &annotations("wrong"), "couldn't log in");
}

fn kerberos_annotations(secret: &str, service: &str) -> Value {
    json!({
        "auth-method": "kerberos", "auth-secret": secret,
        "auth-config": { "username": "web", "service": service, "realm": Realm::NAME },
    })
}

/// Vault is a double here: namespaces are a feature of its Enterprise edition.
#[test]
fn kerberos_in_a_namespace_sends_it_with_the_login() {
    let realm = Realm::start().unwrap();
    let service = "HTTP/vault.shop.example";
    drop(realm.make_keytab(service).unwrap());
    let vault = Responder::start(grant_login).unwrap();
    let secret = secret_data([
        ("krb5.keytab", realm.make_keytab("web").unwrap()),
        ("krb5.conf", realm.render_client_config().into_bytes()),
    ]);
    let helper = Path::new(env!("CARGO_BIN_EXE_demo"));
    let node = Node::new(helper, Issuer::new().unwrap()).unwrap();
    let url = format!("http://{}", vault.address());
    let logins = Logins::on_node(node.with_secret("web", secret), &url, &json!({})).unwrap();
    let mut annotations = kerberos_annotations("web", service);
    annotations["auth-namespace"] = json!("shop");
    assert_logs_in(&logins, &annotations);
    let requests = vault.requests();
    let logins = requests.iter().filter(|request| is_login(request));
    let namespaces: Vec<_> = logins.map(namespace_of).collect();
    assert_eq!(namespaces, [Some("shop")]);
}
