//! The methods of clouds: the real agent in the admitted pod's own container, up to the login.
//!
//! Their back ends cannot be had on one machine, so Vault and the metadata services are doubles:
//! Vault's writes down the login request, which is what is asserted here, and grants it. Each test
//! has a network of its own, in which the metadata service's address is loopback's, and so is that of the
//! cloud's other services, whose names and authority the agent's image has.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

mod outside;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use contract::names::ANNOTATION_PREFIX;
use integration::certificates::Authority;
use integration::demo::DemoError;
use integration::kubelet::{Data, Issuer, Node};
use integration::login::{
    self, Logins, METADATA, Outside, grant_login, is_login, namespace_of, secret_data,
};
use integration::network::{Answer, Request, Responder, separate_network};
use integration::process;
use integration::temp;
use serde_json::{Value, json};

/// Where the clouds' services are: an address for documentation, which is nobody's.
const SERVICES: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// Where the pods log in.
const VAULT_NAMESPACE: &str = "clouds";

/// Vault, the metadata service, and the pods' machine.
struct Cloud {
    logins: Logins,
    vault: Responder,
    metadata: Responder,
    services: Option<Responder>,
}

impl Cloud {
    /// With a metadata service at an address that answers a request line's target.
    fn new(
        address: Ipv4Addr,
        secret: Option<Data>,
        metadata: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        separate_network(&[address]).unwrap();
        let outside = Outside::default();
        Self::start(address, secret, metadata, None, &outside)
    }

    /// With a metadata service, and with services of the cloud under these names, all in one.
    fn with_services(
        secret: Option<Data>,
        metadata: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static,
        names: &[&str],
        services: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        separate_network(&[METADATA, SERVICES]).unwrap();
        let authority = Authority::new("Clouds of the tests").unwrap();
        let identity = authority.issue_server(names).unwrap();
        let address = SocketAddr::from((SERVICES, 443));
        let services = Responder::start_tls_at(address, &identity, or_not_found(services)).unwrap();
        let names: Vec<_> = names.iter().map(|name| (*name, SERVICES)).collect();
        let outside = Outside {
            names: &names,
            authority: authority.certificate(),
        };
        Self::start(METADATA, secret, metadata, Some(services), &outside)
    }

    fn start(
        address: Ipv4Addr,
        secret: Option<Data>,
        metadata: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static,
        services: Option<Responder>,
        outside: &Outside<'_>,
    ) -> Self {
        let address = SocketAddr::from((address, 80));
        let metadata = Responder::start_at(address, or_not_found(metadata)).unwrap();
        let vault = Responder::start(grant_login).unwrap();
        let helper = Path::new(env!("CARGO_BIN_EXE_demo"));
        let mut node = Node::new(helper, Issuer::new().unwrap()).unwrap();
        if let Some(secret) = secret {
            node = node.with_secret("web-login", secret);
        }
        let url = format!("http://{}", vault.address());
        Self {
            logins: Logins::with_outside(node, &url, &json!({}), outside).unwrap(),
            vault,
            metadata,
            services,
        }
    }

    /// Without one.
    fn without_metadata(secret: Option<Data>) -> Self {
        Self::new(METADATA, secret, |_| None)
    }

    /// The path and body of the login request of a pod with these annotations.
    fn log_in(&self, annotations: &Value) -> (String, Value) {
        self.log_in_pod(&login::build_pod(annotations))
    }

    /// The same for a pod. It logs in within a namespace of Vault, which the request must name.
    fn log_in_pod(&self, pod: &Value) -> (String, Value) {
        let mut pod = pod.clone();
        let key = format!("{ANNOTATION_PREFIX}auth-namespace");
        pod["metadata"]["annotations"][key] = json!(VAULT_NAMESPACE);
        let admitted = self.logins.admit_pod(&pod).unwrap();
        let result = self.logins.start_pod(&admitted);
        if let Err(error) = result.map(drop) {
            let lines = |asked: Vec<Request>| -> Vec<_> {
                asked.into_iter().map(|request| request.line).collect()
            };
            let (seen, outside) = (lines(self.list_asked()), lines(self.asked_outside()));
            panic!(
                "{error}\nthe metadata service was asked {seen:?}, the cloud's services {outside:?}"
            );
        }
        let requests = self.vault.requests();
        let mut logins = requests.iter().filter(|request| is_login(request));
        let login = logins.next().expect("a login request");
        assert!(logins.next().is_none(), "one login is enough");
        assert_eq!(namespace_of(login), Some(VAULT_NAMESPACE));
        let (verb, rest) = login.line.split_once(' ').unwrap();
        assert!(matches!(verb, "PUT" | "POST"), "{}", login.line);
        let path = rest.split(' ').next().unwrap().to_owned();
        (path, serde_json::from_slice(&login.body).unwrap())
    }

    /// What the metadata service was asked.
    fn list_asked(&self) -> Vec<Request> {
        self.metadata.requests()
    }

    /// What the cloud's services were asked.
    fn asked_outside(&self) -> Vec<Request> {
        let services = self.services.as_ref();
        services.map(Responder::requests).unwrap_or_default()
    }
}

fn or_not_found(answer: impl Fn(&Request) -> Option<Answer>) -> impl Fn(&Request) -> Answer {
    move |request| answer(request).unwrap_or_else(|| Answer::new("404 Not Found", &[], ""))
}

fn text_answer(body: &str) -> Answer {
    Answer::new("200 OK", &[], body)
}

fn decode_base64(value: &Value) -> String {
    let bytes = BASE64_STANDARD.decode(value.as_str().unwrap()).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A new RSA key, and a certificate that it signs itself, PEM.
fn create_rsa_key(subject: &str) -> (Vec<u8>, Vec<u8>) {
    let directory = temp::create_directory("rsa").unwrap();
    let file = |name: &str| directory.path().join(name);
    let mut openssl = Command::new("openssl");
    openssl
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
        ])
        .args(["-subj", subject, "-keyout"])
        .arg(file("key.pem"))
        .arg("-out")
        .arg(file("crt.pem"));
    // The agent's `cf` reads no other form than that of PKCS #1.
    let mut convert = Command::new("openssl");
    convert
        .args(["rsa", "-traditional", "-in"])
        .arg(file("key.pem"));
    convert.arg("-out").arg(file("rsa.pem"));
    for command in [&mut openssl, &mut convert] {
        let output = process::run_command(command, Duration::from_secs(60)).unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    (
        std::fs::read(file("rsa.pem")).unwrap(),
        std::fs::read(file("crt.pem")).unwrap(),
    )
}

#[test]
fn azure_sends_the_token_of_a_managed_identity() {
    let cloud = Cloud::new(METADATA, None, |request| {
        assert_eq!(request.header("metadata"), Some("true"));
        if request.line.contains("/metadata/instance?") {
            return Some(text_answer(
                r#"{"compute": {"name": "vm-1", "resourceGroupName": "shop", "subscriptionId": "s-1", "vmScaleSetName": "nodes"}}"#,
            ));
        }
        let is_token = request.line.contains("/metadata/identity/oauth2/token?")
            && request.line.contains("client_id=c-1")
            && request
                .line
                .contains("resource=https%3A%2F%2Fmanagement.azure.com%2F");
        is_token.then(|| text_answer(r#"{"access_token": "jwt-of-azure"}"#))
    });
    let (path, body) = cloud.log_in(&json!({
        "auth-method": "azure",
        "auth-role": "web",
        "auth-config": { "resource": "https://management.azure.com/", "client_id": "c-1" },
    }));
    assert_eq!(path, "/v1/auth/azure/login");
    let expected = json!({
        "role": "web", "jwt": "jwt-of-azure", "vm_name": "vm-1", "vmss_name": "nodes",
        "resource_group_name": "shop", "subscription_id": "s-1",
    });
    assert_eq!(body, expected);
}

#[test]
fn gcp_sends_the_token_of_the_metadata_service() {
    let cloud = Cloud::new(METADATA, None, |request| {
        let target = "/computeMetadata/v1/instance/service-accounts/default/identity?";
        let is_asked = request.header("metadata-flavor") == Some("Google")
            && request.line.contains(target)
            && request.line.contains("format=full");
        is_asked.then(|| text_answer("jwt-of-google"))
    });
    let (path, body) = cloud.log_in(&json!({
        "auth-method": "gcp",
        "auth-role": "web",
        "auth-mount-path": "clouds/google",
        "auth-config": { "type": "gce" },
    }));
    assert_eq!(path, "/v1/auth/clouds/google/login");
    assert_eq!(body, json!({ "role": "web", "jwt": "jwt-of-google" }));
    let audience = format!(
        "audience=http%3A%2F%2F127.0.0.1%3A{}%2Fvault%2Fweb",
        cloud.vault.address().port()
    );
    let asked = cloud.list_asked();
    assert!(asked[0].line.contains(&audience), "{}", asked[0].line);
}

#[test]
fn aws_ec2_sends_the_identity_document_and_the_nonce() {
    let cloud = Cloud::new(METADATA, None, |request| {
        match request.line.split(' ').nth(1)? {
            "/latest/api/token" => Some(Answer::new(
                "200 OK",
                &["X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60"],
                "imds",
            )),
            "/latest/dynamic/instance-identity/document" => {
                Some(text_answer(r#"{"instanceId": "i-1"}"#))
            }
            "/latest/dynamic/instance-identity/signature" => Some(text_answer("signature")),
            _ => None,
        }
    });
    let (path, body) = cloud.log_in(&json!({
        "auth-method": "aws",
        "auth-role": "web",
        "auth-config": { "type": "ec2", "nonce": "of-this-node" },
    }));
    assert_eq!(path, "/v1/auth/aws/login");
    assert_eq!(decode_base64(&body["identity"]), r#"{"instanceId": "i-1"}"#);
    assert_eq!(body["signature"], "signature");
    assert_eq!(
        (&body["nonce"], &body["role"]),
        (&json!("of-this-node"), &json!("web"))
    );
}

const GET_CALLER_IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// The headers of the signed request that Vault is to make.
fn signed_headers(body: &Value) -> Value {
    assert_eq!(body["iam_http_request_method"], "POST");
    assert_eq!(
        decode_base64(&body["iam_request_body"]),
        GET_CALLER_IDENTITY
    );
    serde_json::from_str(&decode_base64(&body["iam_request_headers"])).unwrap()
}

#[test]
fn aws_iam_signs_with_a_credentials_file_from_a_secret() {
    let file = "[default]\naws_access_key_id = AKIAOFTHEFILE\naws_secret_access_key = secret\n";
    let secret = secret_data([("credentials", file.into())]);
    let cloud = Cloud::without_metadata(Some(secret));
    let (path, body) = cloud.log_in(&json!({
        "auth-method": "aws",
        "auth-role": "web",
        "auth-secret": "web-login",
        "auth-config": {
            "type": "iam", "region": "eu-central-1", "header_value": "vault.shop.example",
        },
    }));
    assert_eq!(path, "/v1/auth/aws/login");
    assert_eq!(body["role"], "web");
    // The agent names the global endpoint, whatever region it signs for.
    assert_eq!(
        decode_base64(&body["iam_request_url"]),
        "https://sts.amazonaws.com/"
    );
    let headers = signed_headers(&body);
    assert_eq!(
        headers["X-Vault-Aws-Iam-Server-Id"][0],
        "vault.shop.example"
    );
    let signature = headers["Authorization"][0].as_str().unwrap();
    assert!(
        signature.starts_with("AWS4-HMAC-SHA256 Credential=AKIAOFTHEFILE/")
            && signature.contains("/eu-central-1/sts/aws4_request"),
        "{signature}"
    );
}

#[test]
fn aws_iam_signs_with_the_identity_that_eks_gave_to_the_program() {
    let agent = Ipv4Addr::new(169, 254, 170, 23);
    let cloud = Cloud::new(agent, None, |request| {
        // The token of the pod, which the agent read from the volume that EKS mounted.
        let token = request.header("authorization")?;
        let is_asked = request.line.contains("/v1/credentials") && token.split('.').count() == 3;
        let credentials = json!({
            "AccessKeyId": "ASIAOFTHEPOD", "SecretAccessKey": "secret", "Token": "session",
            "Expiration": "2099-01-01T00:00:00Z",
        });
        is_asked.then(|| Answer::json("200 OK", &credentials))
    });
    // What EKS Pod Identity's webhook adds to a pod.
    let mut pod = login::build_pod(&json!({
        "auth-method": "aws", "auth-role": "web", "auth-config": { "type": "iam" },
    }));
    let directory = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";
    let variables = [
        ("AWS_STS_REGIONAL_ENDPOINTS", "regional".to_owned()),
        ("AWS_REGION", "eu-central-1".to_owned()),
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            format!("http://{agent}/v1/credentials"),
        ),
        (
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            format!("{directory}/eks-pod-identity-token"),
        ),
    ];
    let container = &mut pod["spec"]["containers"][0];
    let env = container["env"].as_array_mut().unwrap();
    env.extend(variables.map(|(name, value)| json!({ "name": name, "value": value })));
    container["volumeMounts"] = json!([
        { "name": "eks-pod-identity-token", "mountPath": directory, "readOnly": true },
    ]);
    pod["spec"]["volumes"] = json!([{
        "name": "eks-pod-identity-token",
        "projected": { "sources": [{ "serviceAccountToken": {
            "audience": "pods.eks.amazonaws.com", "expirationSeconds": 86400,
            "path": "eks-pod-identity-token",
        } }] },
    }]);
    let (path, body) = cloud.log_in_pod(&pod);
    assert_eq!(path, "/v1/auth/aws/login");
    let headers = signed_headers(&body);
    let signature = headers["Authorization"][0].as_str().unwrap();
    assert!(
        signature.contains("Credential=ASIAOFTHEPOD/"),
        "{signature}"
    );
    assert_eq!(headers["X-Amz-Security-Token"][0], "session");
}

#[test]
fn alicloud_signs_with_the_role_of_the_instance() {
    let address = Ipv4Addr::new(100, 100, 100, 200);
    let cloud = Cloud::new(address, None, |request| {
        match request.line.split(' ').nth(1)? {
            "/latest/api/token" => Some(text_answer("imds")),
            "/latest/meta-data/ram/security-credentials/" => Some(text_answer("node")),
            "/latest/meta-data/ram/security-credentials/node" => Some(Answer::json(
                "200 OK",
                &json!({
                    "Code": "Success", "AccessKeyId": "STS.OFTHENODE", "AccessKeySecret": "secret",
                    "SecurityToken": "session", "Expiration": "2099-01-01T00:00:00Z",
                    "LastUpdated": "2026-01-01T00:00:00Z",
                }),
            )),
            _ => None,
        }
    });
    let (path, body) = cloud.log_in(&json!({
        "auth-method": "alicloud",
        "auth-role": "web",
        "auth-config": { "region": "eu-central-1" },
    }));
    assert_eq!(path, "/v1/auth/alicloud/login");
    assert_eq!(body["role"], "web");
    let url = decode_base64(&body["identity_request_url"]);
    assert!(
        url.contains("sts") && url.contains("GetCallerIdentity") && url.contains("STS.OFTHENODE"),
        "{url}"
    );
}

#[test]
fn oci_signs_with_an_api_key_from_a_secret() {
    let (key, _) = create_rsa_key("/CN=web");
    let config = "[DEFAULT]\nuser=ocid1.user.oc1..web\nfingerprint=aa:bb\n\
                  tenancy=ocid1.tenancy.oc1..shop\nregion=eu-frankfurt-1\n\
                  key_file=/tokenpipe/auth/key.pem\n";
    let secret = secret_data([("config", config.into()), ("key.pem", key)]);
    let cloud = Cloud::without_metadata(Some(secret));
    let (path, body) = cloud.log_in(&json!({
        "auth-method": "oci",
        "auth-role": "web",
        "auth-secret": "web-login",
        "auth-config": { "type": "apikey" },
    }));
    assert_eq!(path, "/v1/auth/oci/login/web");
    let headers = &body["request_headers"];
    assert_eq!(headers["(request-target)"][0], "get /v1/auth/oci/login/web");
    let signature = headers["Authorization"][0].as_str().unwrap();
    assert!(
        signature.contains("keyId=\"ocid1.tenancy.oc1..shop/ocid1.user.oc1..web/aa:bb\""),
        "{signature}"
    );
}

#[test]
fn cf_signs_with_the_key_of_the_instance() {
    let (key, certificate) = create_rsa_key("/CN=web");
    let secret = secret_data([("tls.crt", certificate.clone()), ("tls.key", key)]);
    let cloud = Cloud::without_metadata(Some(secret));
    let (path, body) = cloud.log_in(&json!({
        "auth-method": "cf", "auth-role": "web", "auth-secret": "web-login",
    }));
    assert_eq!(path, "/v1/auth/cf/login");
    assert_eq!(body["role"], "web");
    assert_eq!(
        body["cf_instance_cert"].as_str().unwrap().as_bytes(),
        certificate
    );
    assert!(
        body["signature"].as_str().unwrap().starts_with('v'),
        "{body}"
    );
}

/// The file is there and says nothing that the agent could use: what it said reaches the pod's
/// status.
#[test]
fn a_credential_that_is_none_is_told_in_one_line() {
    let secret = secret_data([("config", b"[OTHER]\n".to_vec())]);
    let cloud = Cloud::without_metadata(Some(secret));
    let admitted = cloud
        .logins
        .admit_annotations(&json!({
            "auth-method": "oci", "auth-role": "web", "auth-secret": "web-login",
            "auth-config": { "type": "apikey" },
        }))
        .unwrap();
    match cloud.logins.start_pod(&admitted).map(drop) {
        Err(DemoError::Kubelet(integration::kubelet::KubeletError::Init { message, .. })) => {
            assert!(message.contains("oci auth method"), "{message}");
            assert!(!message.trim_end().contains('\n'), "{message}");
        }
        other => panic!("{other:?}"),
    }
}
