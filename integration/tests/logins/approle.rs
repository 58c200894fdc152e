//! `approle`: with a secret-id, without one, and with one that is response-wrapped.

use contract::ExitCode;
use integration::vault::Vault;
use serde_json::{Value, json};

use super::{Login, Place, SECRET, WRONG, as_it_is, start_place};

const LOGIN: Login<'_> = Login {
    method: "approle",
    annotations: &[("auth-secret", SECRET)],
    request: ("update", "auth/approle/login"),
    reader: "approle",
};

/// Where Vault makes secret-ids for the role.
const SECRET_ID: &str = "auth/approle/role/web/secret-id";

/// A place where the role `web` logs in; gives its role-id.
fn place_with_role(fields: &Value) -> (Place, String) {
    let place = start_place();
    place.vault.enable_auth("approle", "approle").unwrap();
    let role_id = create_role(&place.vault, "web", fields);
    (place, role_id)
}

/// Creates a role; gives its role-id.
fn create_role(vault: &Vault, name: &str, fields: &Value) -> String {
    let path = format!("auth/approle/role/{name}");
    let mut role = json!({ "token_policies": ["web"], "token_ttl": "10m" });
    for (key, value) in fields.as_object().unwrap() {
        role[key] = value.clone();
    }
    vault.write(&path, &role).unwrap();
    let role_id = vault.read(&format!("{path}/role-id")).unwrap();
    role_id["data"]["role_id"].as_str().unwrap().to_owned()
}

#[test]
fn with_a_secret_id() {
    let (place, role_id) = place_with_role(&json!({}));
    let secret_id = place.vault.write(SECRET_ID, &json!({})).unwrap();
    let secret_id = secret_id["data"]["secret_id"].as_str().unwrap();
    let place = place
        .with_files(&[("role-id", &role_id), ("secret-id", secret_id)])
        .with_wrong_files(&[("role-id", &role_id), ("secret-id", &role_id)]);
    place.assert_logs_in(&LOGIN, as_it_is);
    let wrong = Login {
        annotations: &[("auth-secret", WRONG)],
        ..LOGIN
    };
    place.assert_is_refused(&wrong, "invalid role or secret ID", as_it_is);
}

/// The second login of a pod whose secret-id Vault has counted down to nothing.
#[test]
fn with_a_secret_id_of_one_use() {
    let (place, role_id) = place_with_role(&json!({ "secret_id_num_uses": 1 }));
    let secret_id = place.vault.write(SECRET_ID, &json!({})).unwrap();
    let secret_id = secret_id["data"]["secret_id"].as_str().unwrap();
    let place = place.with_files(&[("role-id", &role_id), ("secret-id", secret_id)]);
    place.assert_logs_in(&LOGIN, as_it_is);
    place.assert_is_refused(&LOGIN, "invalid role or secret ID", as_it_is);
}

#[test]
fn without_a_secret_id() {
    // Vault has a role without secret-ids name addresses.
    let bound = json!({ "bind_secret_id": false, "token_bound_cidrs": ["127.0.0.0/8"] });
    let (place, role_id) = place_with_role(&bound);
    let other = create_role(&place.vault, "other", &json!({}));
    let place = place
        .with_files(&[("role-id", &role_id)])
        .with_wrong_files(&[("role-id", &other)]);
    let none = ("auth-config", "secret_id_file_path: \"\"");
    let login = Login {
        annotations: &[("auth-secret", SECRET), none],
        ..LOGIN
    };
    place.assert_logs_in(&login, as_it_is);
    let wrong = Login {
        annotations: &[("auth-secret", WRONG), none],
        ..LOGIN
    };
    place.assert_is_refused(&wrong, "missing secret_id", as_it_is);
}

#[test]
fn with_a_wrapped_secret_id() {
    let (place, role_id) = place_with_role(&json!({}));
    create_role(&place.vault, "other", &json!({}));
    let wrapped = |path: &str| place.vault.write_wrapped(path, &json!({})).unwrap();
    let (fresh, used) = (wrapped(SECRET_ID), wrapped(SECRET_ID));
    let elsewhere = wrapped("auth/approle/role/other/secret-id");
    place.vault.unwrap_token(&used).unwrap();
    let place = place
        .with_files(&[("role-id", &role_id), ("secret-id", &fresh)])
        .with_wrong_files(&[("role-id", &role_id), ("secret-id", &used)])
        .with_secret(
            "elsewhere",
            &[("role-id", &role_id), ("secret-id", &elsewhere)],
        );

    let config = format!("secret_id_response_wrapping_path: {SECRET_ID}");
    let wrapped = ("auth-config", config.as_str());
    let annotations = |secret| [("auth-secret", secret), wrapped];
    let login = Login {
        annotations: &annotations(SECRET),
        ..LOGIN
    };
    place.assert_logs_in(&login, as_it_is);
    assert_eq!(
        place
            .count_requests("update", "sys/wrapping/unwrap")
            .unwrap(),
        2
    );

    let wrong = Login {
        annotations: &annotations(WRONG),
        ..LOGIN
    };
    let part = "wrapping token is not valid or does not exist";
    place.assert_is_refused(&wrong, part, as_it_is);
    // Somebody has put another's in its place, and the agent leaves it alone.
    let wrong = Login {
        annotations: &annotations("elsewhere"),
        ..LOGIN
    };
    place.assert_fails(&wrong, ExitCode::Settings, "creation path", as_it_is);
    assert_eq!(
        place
            .count_requests("update", "sys/wrapping/unwrap")
            .unwrap(),
        2
    );
}
