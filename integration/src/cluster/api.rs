//! What tests ask of the API server, as a member of `system:masters`.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Cluster, ClusterError};
use crate::http::{self, Refusal};

impl Cluster {
    /// Makes a request with a path such as `api/v1/namespaces`; gives the JSON of the answer, or
    /// null where it is none. A status that is not 2xx is an error.
    pub fn request(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ClusterError> {
        let mut request = self
            .client
            .request(method.clone(), format!("{}/{path}", self.address));
        if let Some(body) = body {
            request = request.json(body);
        }
        http::send_request(request)?.map_err(|Refusal { status, answer }| ClusterError::Refused {
            method: method.to_string(),
            path: path.to_owned(),
            status,
            answer,
        })
    }

    /// Creates an object below a path such as `apis/apps/v1/namespaces/x/deployments`.
    pub fn create_object(&self, path: &str, object: &Value) -> Result<Value, ClusterError> {
        self.request(&Method::POST, path, Some(object))
    }

    /// A token of a `ServiceAccount` for one audience, valid for an hour, as kubelet projects it.
    pub fn create_token(
        &self,
        namespace: &str,
        account: &str,
        audience: &str,
    ) -> Result<String, ClusterError> {
        let path = format!("api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
        let request = json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": { "audiences": [audience], "expirationSeconds": 3600 },
        });
        let answer = self.create_object(&path, &request)?;
        let token = answer["status"]["token"].as_str().map(str::to_owned);
        token.ok_or_else(|| ClusterError::Answer {
            path,
            answer: "it has no token".to_owned(),
        })
    }

    /// A token that may review others (`system:auth-delegator`), as Vault's kubernetes method needs
    /// it for `token_reviewer_jwt`. The account lies in the given namespace.
    pub fn create_token_reviewer(&self, namespace: &str) -> Result<String, ClusterError> {
        let name = format!("{namespace}-token-reviewer");
        let account = json!({ "metadata": { "name": name } });
        self.create_object(
            &format!("api/v1/namespaces/{namespace}/serviceaccounts"),
            &account,
        )?;
        self.allow_reviews(namespace, &name)?;
        self.create_token(namespace, &name, "https://kubernetes.default.svc")
    }

    /// Lets a `ServiceAccount` have tokens reviewed (`system:auth-delegator`).
    pub fn allow_reviews(&self, namespace: &str, account: &str) -> Result<(), ClusterError> {
        let subject = json!({ "kind": "ServiceAccount", "name": account, "namespace": namespace });
        let name = format!("{namespace}-{account}-reviews");
        self.bind_role(&name, "system:auth-delegator", &subject)
    }

    /// Lets everybody read the keys of its tokens at `/openid/v1/jwks`, as an issuer outside of a
    /// cluster must.
    pub fn publish_keys(&self) -> Result<(), ClusterError> {
        let subject = json!({
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "Group",
            "name": "system:unauthenticated",
        });
        let role = "system:service-account-issuer-discovery";
        self.bind_role("published-keys", role, &subject)
    }

    fn bind_role(&self, name: &str, role: &str, subject: &Value) -> Result<(), ClusterError> {
        let binding = json!({
            "metadata": { "name": name },
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": role,
            },
            "subjects": [subject],
        });
        let path = "apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
        self.create_object(path, &binding).map(drop)
    }
}
