//! A signer of pods' certificates, as whoever runs a cluster may have one. Kubernetes has none of its own
//! that a Vault could trust.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Cluster, E2eError};
use crate::certificates::{Authority, Issued};

/// How often it looks for requests.
const INTERVAL: Duration = Duration::from_millis(200);
/// The shortest that the API server lets a signer give.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Signs, until it is dropped, what kubelet asks it for in the name of a namespace's pods
/// (`PodCertificateRequest`). The common name is the user name of the pod's `ServiceAccount`.
pub struct Signer {
    authority: String,
    // Its end is the thread's.
    _until: Sender<()>,
}

impl Signer {
    /// Starts one of this name.
    pub fn start(
        cluster: &'static Cluster,
        namespace: &str,
        name: &'static str,
    ) -> Result<Self, E2eError> {
        let authority = Authority::new(name)?;
        let certificate = authority.certificate().to_owned();
        let path =
            format!("apis/certificates.k8s.io/v1/namespaces/{namespace}/podcertificaterequests");
        let (until, end) = mpsc::channel();
        thread::spawn(move || {
            while end.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                // What the API server does not take now is asked for again.
                let _ = sign_all(cluster, &path, name, &authority);
            }
        });
        Ok(Self {
            authority: certificate,
            _until: until,
        })
    }

    /// The user name of a `ServiceAccount`, which stands in the certificates of its pods.
    pub fn common_name(namespace: &str, account: &str) -> String {
        format!("system:serviceaccount:{namespace}:{account}")
    }

    /// The certificate of its authority, PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

fn sign_all(
    cluster: &Cluster,
    path: &str,
    name: &str,
    authority: &Authority,
) -> Result<(), E2eError> {
    let list = cluster.api.request(&Method::GET, path, None)?;
    for request in list["items"].as_array().into_iter().flatten() {
        let is_open = request["status"]["conditions"].is_null();
        if !is_open || request["spec"]["signerName"] != name {
            continue;
        }
        let mut answered = request.clone();
        answered["status"] = answer_request(request, authority);
        let name = request["metadata"]["name"].as_str().unwrap_or_default();
        let path = format!("{path}/{name}/status");
        cluster.api.request(&Method::PUT, &path, Some(&answered))?;
    }
    Ok(())
}

/// The status of a request that is answered: the certificate, or why there is none.
fn answer_request(request: &Value, authority: &Authority) -> Value {
    let condition = |kind: &str, message: &str| {
        json!([{
            "type": kind, "status": "True", "reason": kind, "message": message,
            "lastTransitionTime": request["metadata"]["creationTimestamp"],
        }])
    };
    match sign_request(request, authority) {
        Ok(issued) => {
            let [not_before, half, not_after] = issued.times;
            json!({
                "conditions": condition("Issued", ""),
                "certificateChain": issued.certificate,
                "notBefore": not_before,
                "notAfter": not_after,
                "beginRefreshAt": half,
            })
        }
        Err(error) => json!({ "conditions": condition("Failed", &error.to_string()) }),
    }
}

fn sign_request(request: &Value, authority: &Authority) -> Result<Issued, E2eError> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let namespace = text(&request["metadata"]["namespace"]);
    // The API server has seen to it that kubelet does not lie about this.
    let account = text(&request["spec"]["serviceAccountName"]);
    let der = BASE64_STANDARD
        .decode(text(&request["spec"]["stubPKCS10Request"]))
        .map_err(|error| E2eError::Unexpected(error.to_string()))?;
    let common_name = Signer::common_name(&namespace, &account);
    Ok(authority.client_of_request(&der, &common_name, LIFETIME)?)
}
