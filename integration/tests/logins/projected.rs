//! The pod's projected token, as a real API server issues it.

use std::fs;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use contract::{names, paths};
use integration::cluster::{Cluster, Namespace};
use integration::kubelet::Pod;
use serde_json::{Value, json};

/// Creates a ServiceAccount.
pub(super) fn create_account(cluster: &Cluster, namespace: &Namespace<'_>, name: &str) {
    let path = format!("api/v1/namespaces/{}/serviceaccounts", namespace.name());
    let account = json!({ "metadata": { "name": name } });
    cluster.create_object(&path, &account).unwrap();
}

/// What kubelet would do: has the API server issue what the volume projects, for an account of this
/// name and for the audience that the volume names.
pub(super) fn of_account(
    cluster: &Cluster,
    namespace: &Namespace<'_>,
    account: &str,
) -> impl Fn(&Pod<'_>) {
    move |pod: &Pod<'_>| {
        let volume = pod.find_volume(names::AUTH_TOKEN_VOLUME).unwrap();
        let file = volume.join(paths::AUTH_TOKEN_FILE);
        let audience = read_audience(&fs::read_to_string(&file).unwrap());
        let token = cluster.create_token(namespace.name(), account, &audience);
        fs::write(file, token.unwrap()).unwrap();
    }
}

/// The audience of a token, which kubelet's stand-in took from the volume.
fn read_audience(token: &str) -> String {
    let claims = token.split('.').nth(1).unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["aud"][0].as_str().unwrap().to_owned()
}
