//! `aws`: Vault has STS say who signed the request that the agent sends it.

use integration::aws::{Aws, User};
use serde_json::json;

use super::{Login, SECRET, WRONG, as_it_is, start_place};

const IAM: (&str, &str) = ("auth-config", "type: iam");

const LOGIN: Login<'_> = Login {
    method: "aws",
    annotations: &[("auth-role", "web"), ("auth-secret", SECRET), IAM],
    request: ("update", "auth/aws/login"),
    reader: "aws-web",
};

/// A credentials file of the AWS tools.
fn render_credentials(key_id: &str, secret: &str) -> String {
    format!("[default]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n")
}

fn credentials_of(user: &User) -> String {
    render_credentials(&user.key_id, &user.secret)
}

/// By a user's access key; moto plays AWS.
#[test]
fn with_an_iam_identity() {
    let (aws, [web, other]) = Aws::start(["web", "other"]).unwrap();
    let place = start_place();
    let vault = &place.vault;
    vault.enable_plugin_auth("aws").unwrap();
    let config = json!({ "sts_endpoint": aws.url(), "sts_region": "us-east-1" });
    vault.write("auth/aws/config/client", &config).unwrap();
    let role = json!({
        "auth_type": "iam",
        "bound_iam_principal_arn": web.arn,
        // Vault would ask IAM for it with a key of its own.
        "resolve_aws_unique_ids": false,
        "token_policies": "web",
        "token_ttl": "10m",
    });
    vault.write("auth/aws/role/web", &role).unwrap();
    let place = place
        .with_files(&[("credentials", &credentials_of(&web))])
        .with_wrong_files(&[(
            "credentials",
            &render_credentials(&web.key_id, &other.secret),
        )])
        .with_secret("other", &[("credentials", &credentials_of(&other))]);
    place.assert_logs_in(&LOGIN, as_it_is);

    // Whose signature is not right: moto refuses that in other words than AWS, of which Vault passes on
    // none. And who is not in the role.
    for (secret, part) in [
        (WRONG, "body of GetCallerIdentity is invalid"),
        ("other", "does not belong"),
    ] {
        let wrong = Login {
            annotations: &[("auth-role", "web"), ("auth-secret", secret), IAM],
            ..LOGIN
        };
        place.assert_is_refused(&wrong, part, as_it_is);
    }
}
