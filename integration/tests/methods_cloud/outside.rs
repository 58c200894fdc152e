//! Identities that the agent fetches from a cloud's services before it logs in.

use integration::login::{self, secret_data};
use integration::network::{Answer, Request};
use serde_json::{Value, json};

use super::{Cloud, GET_CALLER_IDENTITY, create_rsa_key, signed_headers, text_answer};

/// The target of a request's line.
fn request_target(request: &Request) -> &str {
    request.line.split(' ').nth(1).unwrap_or_default()
}

/// Whether a request is for this host.
fn is_for(request: &Request, host: &str) -> bool {
    request.header("host") == Some(host)
}

fn request_body(request: &Request) -> String {
    String::from_utf8(request.body.clone()).unwrap()
}

/// A field of a form, percent signs and all.
fn find_field(form: &str, name: &str) -> Option<String> {
    let mut fields = form.split('&').filter_map(|field| field.split_once('='));
    let (_, value) = fields.find(|(key, _)| *key == name)?;
    Some(value.to_owned())
}

/// The claims of a JWT, unchecked.
fn is_jwt(text: &str) -> bool {
    text.split('.').count() == 3
}

/// What a cloud's own webhook adds to a pod: variables, and a token for an audience in a volume.
fn with_identity(
    pod: &mut Value,
    variables: &[(&str, &str)],
    volume: &str,
    place: &str,
    audience: &str,
) {
    let (directory, file) = place.rsplit_once('/').unwrap();
    let container = &mut pod["spec"]["containers"][0];
    let env = container["env"].as_array_mut().unwrap();
    env.extend(
        variables
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value })),
    );
    container["volumeMounts"] = json!([
        { "name": volume, "mountPath": directory, "readOnly": true },
    ]);
    pod["spec"]["volumes"] = json!([{
        "name": volume,
        "projected": { "sources": [{ "serviceAccountToken": {
            "audience": audience, "expirationSeconds": 86400, "path": file,
        } }] },
    }]);
}

#[test]
fn aws_iam_signs_with_the_role_of_the_service_account() {
    let hosts = [
        "sts.amazonaws.com",
        "sts.us-east-1.amazonaws.com",
        "sts.eu-central-1.amazonaws.com",
    ];
    let cloud = Cloud::with_services(
        None,
        |_| None,
        &hosts,
        |request| {
            let form = request_body(request);
            let is_asked = form.contains("Action=AssumeRoleWithWebIdentity")
                && is_jwt(&find_field(&form, "WebIdentityToken")?);
            is_asked.then(|| {
                Answer::new(
                    "200 OK",
                    &["Content-Type: text/xml"],
                    "<AssumeRoleWithWebIdentityResponse \
                 xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                 <AssumeRoleWithWebIdentityResult><Credentials>\
                 <AccessKeyId>ASIAOFTHEROLE</AccessKeyId>\
                 <SecretAccessKey>secret</SecretAccessKey>\
                 <SessionToken>session</SessionToken>\
                 <Expiration>2099-01-01T00:00:00Z</Expiration>\
                 </Credentials></AssumeRoleWithWebIdentityResult>\
                 </AssumeRoleWithWebIdentityResponse>",
                )
            })
        },
    );
    // What EKS's webhook for IAM roles of ServiceAccounts adds.
    let mut pod = login::build_pod(&json!({
        "auth-method": "aws", "auth-role": "web",
        "auth-config": { "type": "iam", "region": "eu-central-1" },
    }));
    let token = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";
    let role = "arn:aws:iam::111122223333:role/web";
    let variables = [
        ("AWS_STS_REGIONAL_ENDPOINTS", "regional"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ROLE_ARN", role),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token),
    ];
    with_identity(
        &mut pod,
        &variables,
        "aws-iam-token",
        token,
        "sts.amazonaws.com",
    );
    let (path, body_of_login) = cloud.log_in_pod(&pod);
    assert_eq!(path, "/v1/auth/aws/login");
    let headers = signed_headers(&body_of_login);
    let signature = headers["Authorization"][0].as_str().unwrap();
    assert!(
        signature.contains("Credential=ASIAOFTHEROLE/") && signature.contains("/eu-central-1/sts/"),
        "{signature}"
    );
    assert_eq!(headers["X-Amz-Security-Token"][0], "session");
    let asked = cloud.asked_outside();
    assert!(
        is_for(&asked[0], "sts.eu-central-1.amazonaws.com"),
        "{asked:?}"
    );
    let form = request_body(&asked[0]);
    let asked_role = find_field(&form, "RoleArn").unwrap();
    assert_eq!(asked_role, role.replace(':', "%3A").replace('/', "%2F"));
    assert!(
        !form.contains(GET_CALLER_IDENTITY),
        "that is Vault's to ask"
    );
}

#[test]
fn azure_sends_the_token_of_the_workload_identity() {
    const TENANT: &str = "11111111-2222-3333-4444-555555555555";
    let metadata = |request: &Request| {
        let is_instance = request.line.contains("/metadata/instance?");
        is_instance.then(|| {
            text_answer(
                r#"{"compute": {"name": "vm-1", "resourceGroupName": "shop", "subscriptionId": "s-1", "vmScaleSetName": "nodes"}}"#,
            )
        })
    };
    let host = "login.microsoftonline.com";
    let cloud = Cloud::with_services(
        None,
        metadata,
        &[host, "login.microsoft.com"],
        move |request| {
            let base = format!("https://{host}/{TENANT}");
            let target = request_target(request);
            if target.contains("/discovery/instance?") {
                return Some(Answer::json(
                    "200 OK",
                    &json!({
                        "tenant_discovery_endpoint": format!("{base}/v2.0/.well-known/openid-configuration"),
                        "metadata": [{
                            "preferred_network": host, "preferred_cache": host, "aliases": [host],
                        }],
                    }),
                ));
            }
            if target.contains("/.well-known/openid-configuration") {
                return Some(Answer::json(
                    "200 OK",
                    &json!({
                        "issuer": format!("{base}/v2.0"),
                        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
                        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
                    }),
                ));
            }
            let form = request_body(request);
            let is_asked = target == format!("/{TENANT}/oauth2/v2.0/token")
                && find_field(&form, "client_id")? == "c-2"
                && is_jwt(&find_field(&form, "client_assertion")?);
            is_asked.then(|| {
            Answer::json(
                "200 OK",
                &json!({
                    "token_type": "Bearer", "expires_in": 3600, "access_token": "jwt-of-workload",
                }),
            )
        })
        },
    );
    // What Azure Workload Identity's webhook adds.
    let mut pod = login::build_pod(&json!({
        "auth-method": "azure", "auth-role": "web",
        "auth-config": {
            "resource": "https://management.azure.com/", "authenticate_from_environment": true,
        },
    }));
    pod["metadata"]["labels"] = json!({ "azure.workload.identity/use": "true" });
    let token = "/var/run/secrets/azure/tokens/azure-identity-token";
    let variables = [
        ("AZURE_CLIENT_ID", "c-2"),
        ("AZURE_TENANT_ID", TENANT),
        ("AZURE_FEDERATED_TOKEN_FILE", token),
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/"),
    ];
    let audience = "api://AzureADTokenExchange";
    with_identity(
        &mut pod,
        &variables,
        "azure-identity-token",
        token,
        audience,
    );
    let (path, body_of_login) = cloud.log_in_pod(&pod);
    assert_eq!(path, "/v1/auth/azure/login");
    let expected = json!({
        "role": "web", "jwt": "jwt-of-workload", "vm_name": "vm-1", "vmss_name": "nodes",
        "resource_group_name": "shop", "subscription_id": "s-1",
    });
    assert_eq!(body_of_login, expected);
}

#[test]
fn gcp_iam_sends_what_iam_signed_for_the_account_of_the_key() {
    let account = "web@shop.iam.gserviceaccount.com";
    let (key, _) = create_rsa_key("/CN=web");
    let file = json!({
        "type": "service_account", "project_id": "shop", "private_key_id": "k-1",
        "private_key": String::from_utf8(key).unwrap(), "client_email": account,
        "client_id": "1", "token_uri": "https://oauth2.googleapis.com/token",
    });
    let secret = secret_data([("credentials.json", file.to_string().into_bytes())]);
    let hosts = ["oauth2.googleapis.com", "iamcredentials.googleapis.com"];
    let cloud = Cloud::with_services(
        Some(secret),
        |_| None,
        &hosts,
        move |request| {
            if is_for(request, "oauth2.googleapis.com") {
                let is_signed = is_jwt(&find_field(&request_body(request), "assertion")?);
                return is_signed.then(|| {
                Answer::json(
                    "200 OK",
                    &json!({ "access_token": "access", "token_type": "Bearer", "expires_in": 3600 }),
                )
            });
            }
            let path = format!("/v1/projects/-/serviceAccounts/{account}:signJwt");
            let is_asked = request_target(request).split('?').next() == Some(&path)
                && request.header("authorization") == Some("Bearer access");
            is_asked.then(|| {
                Answer::json(
                    "200 OK",
                    &json!({ "keyId": "k-2", "signedJwt": "jwt-of-iam" }),
                )
            })
        },
    );
    let (path, body_of_login) = cloud.log_in(&json!({
        "auth-method": "gcp", "auth-role": "web", "auth-secret": "web-login",
        "auth-config": { "type": "iam", "service_account": account, "jwt_exp": 10 },
    }));
    assert_eq!(path, "/v1/auth/gcp/login");
    assert_eq!(body_of_login, json!({ "role": "web", "jwt": "jwt-of-iam" }));
    let asked = cloud.asked_outside();
    let to_sign = asked.last().unwrap();
    let to_sign: Value = serde_json::from_slice(&to_sign.body).unwrap();
    let claims: Value = serde_json::from_str(to_sign["payload"].as_str().unwrap()).unwrap();
    assert_eq!(claims["aud"], "http://vault/web");
    assert_eq!(claims["sub"], account);
}

#[test]
fn oci_signs_with_the_token_of_the_instance() {
    let tenancy = "ocid1.tenancy.oc1..shop";
    let (key, certificate) = create_rsa_key(&format!("/CN=instance/OU=opc-tenant:{tenancy}"));
    let (key, certificate) = (
        String::from_utf8(key).unwrap(),
        String::from_utf8(certificate).unwrap(),
    );
    let metadata = move |request: &Request| {
        assert_eq!(request.header("authorization"), Some("Bearer Oracle"));
        let answer = match request_target(request).strip_prefix("/opc/v2/")? {
            "instance/region" => "eu-frankfurt-1",
            "instance/regionInfo" => {
                r#"{"realmKey": "oc1", "realmDomainComponent": "oraclecloud.com", "regionKey": "FRA", "regionIdentifier": "eu-frankfurt-1"}"#
            }
            "identity/cert.pem" | "identity/intermediate.pem" => &certificate,
            "identity/key.pem" => &key,
            _ => return None,
        };
        Some(text_answer(answer))
    };
    let host = "auth.eu-frankfurt-1.oraclecloud.com";
    let cloud = Cloud::with_services(None, metadata, &[host], |request| {
        let body: Value = serde_json::from_slice(&request.body).ok()?;
        let is_asked = request_target(request) == "/v1/x509" && body["certificate"].is_string();
        is_asked.then(|| Answer::json("200 OK", &json!({ "token": build_session_token() })))
    });
    let (path, body_of_login) = cloud.log_in(&json!({
        "auth-method": "oci", "auth-role": "web", "auth-config": { "type": "instance" },
    }));
    assert_eq!(path, "/v1/auth/oci/login/web");
    let signature = body_of_login["request_headers"]["Authorization"][0].as_str();
    let signature = signature.unwrap();
    let key = format!("keyId=\"ST${}\"", build_session_token());
    assert!(signature.contains(&key), "{signature}");
}

/// A security token: the agent reads until when it holds.
fn build_session_token() -> String {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({ "exp": 4_070_908_800_i64, "sub": "instance" });
    format!("{}.{}.c2ln", part(json!({ "alg": "RS256" })), part(claims))
}
