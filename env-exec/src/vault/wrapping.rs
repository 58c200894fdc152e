//! Response wrapping: what the agent wrote is a token that gives the real one, once.

use http::StatusCode;
use serde::Deserialize;

use super::endpoint::Call;
use super::envelope::{Asked, Envelope};
use super::error::VaultError;
use super::transport::Response;
use crate::foreign;
use crate::token::{Token, Wrapped};

const LOOKUP: &str = "sys/wrapping/lookup";
const UNWRAP: &str = "sys/wrapping/unwrap";

/// What a wrapping token is for, without using it up.
pub(super) fn look_up() -> Call {
    Call::read(LOOKUP, None)
}

/// The real answer, once.
pub(super) fn unwrap() -> Call {
    Call::write(UNWRAP, None)
}

/// Where a wrapping token comes from.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) accessor: String,
    pub(super) path: String,
}

/// Most characters of each part that a message repeats.
const MOST_SHOWN: usize = 200;

impl Origin {
    /// What the token's file says about it.
    pub(super) fn of(wrapped: &Wrapped) -> Self {
        Self {
            accessor: shown(&wrapped.accessor),
            path: shown(&wrapped.creation_path),
        }
    }

    /// Checks that a login was wrapped, and nothing that somebody else has put in its place. From
    /// here on the path is the one that Vault knows.
    pub(super) fn look_up(
        &mut self,
        response: &Response,
        mount: Option<&str>,
    ) -> Result<(), VaultError> {
        #[derive(Deserialize)]
        struct Data {
            creation_path: String,
        }
        let asked = Asked::new(LOOKUP, "read");
        let envelope = self.opened(&asked, response)?;
        let data = envelope
            .data
            .and_then(|data| serde_json::from_str::<Data>(data.get()).ok())
            .ok_or_else(|| asked.malformed("it has no `creation_path`"))?;
        self.path = shown(&data.creation_path);
        if is_login(&data.creation_path, mount) {
            return Ok(());
        }
        Err(VaultError::OtherWrapping {
            accessor: self.accessor.clone(),
            path: self.path.clone(),
            expected: mount.map_or_else(
                || "a login".to_owned(),
                |mount| format!("the login at `{mount}`"),
            ),
        })
    }

    /// The token that the login gave.
    pub(super) fn client_token(&self, response: &Response) -> Result<Token, VaultError> {
        #[derive(Deserialize)]
        struct Auth {
            client_token: String,
        }
        let asked = Asked::new(UNWRAP, "update");
        let envelope = self.opened(&asked, response)?;
        envelope
            .auth
            .and_then(|auth| serde_json::from_str::<Auth>(auth.get()).ok())
            .and_then(|auth| Token::new(&auth.client_token))
            .ok_or_else(|| asked.malformed("it has no `client_token`"))
    }

    /// The error of a wrapping token that Vault does not know, or no longer.
    pub(super) fn spent(&self) -> VaultError {
        VaultError::Unwrapped {
            accessor: self.accessor.clone(),
            path: self.path.clone(),
        }
    }

    /// Vault tells a token that was used, one that has expired and one that never was apart from
    /// nothing else, with 400; where these paths need a token that is valid, with 403.
    fn opened<'a>(
        &self,
        asked: &Asked<'_>,
        response: &'a Response,
    ) -> Result<Envelope<'a>, VaultError> {
        let envelope = Envelope::open(asked, response)?;
        match response.status() {
            status if status.is_success() => Ok(envelope),
            StatusCode::BAD_REQUEST => Err(self.spent()),
            status => match asked.refused(status, envelope.said(asked)) {
                VaultError::InvalidToken => Err(self.spent()),
                error => Err(error),
            },
        }
    }
}

/// `auth/MOUNT/login`, for some methods with a name behind it.
fn is_login(path: &str, mount: Option<&str>) -> bool {
    let Some(mount) = mount else {
        let mut segments = path.split('/').skip(2);
        return path.starts_with("auth/") && segments.any(|segment| segment == "login");
    };
    let login = path
        .strip_prefix(mount)
        .and_then(|rest| rest.strip_prefix("/login"));
    login.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whoever has written it, it is a short text of one line, and foreign.
fn shown(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(MOST_SHOWN)
        .collect();
    foreign::quote(&text)
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::{Origin, is_login};
    use crate::foreign;
    use crate::vault::VaultError;
    use crate::vault::transport::Response;

    #[test]
    fn login_path_is_recognised() {
        for path in [
            "auth/kubernetes/login",
            "auth/a/b/login",
            "auth/ldap/login/me",
        ] {
            assert!(is_login(path, None), "{path}");
        }
        for path in [
            "sys/wrapping/wrap",
            "auth/token/create",
            "auth/login",
            "login",
            "secret/auth/x/login",
        ] {
            assert!(!is_login(path, None), "{path}");
        }
    }

    #[test]
    fn login_of_a_mount_is_compared() {
        for (path, mount) in [
            ("auth/kubernetes/login", "auth/kubernetes"),
            ("auth/a/b/login", "auth/a/b"),
            ("auth/ldap/login/me", "auth/ldap"),
        ] {
            assert!(is_login(path, Some(mount)), "{path}");
        }
        for (path, mount) in [
            ("auth/jwt/login", "auth/kubernetes"),
            ("auth/kubernetes-2/login", "auth/kubernetes"),
            ("auth/kubernetes/logins", "auth/kubernetes"),
            ("auth/kubernetes/b/login", "auth/kubernetes"),
            ("sys/wrapping/wrap", "auth/kubernetes"),
        ] {
            assert!(!is_login(path, Some(mount)), "{path}");
        }
    }

    fn answer(status: u16, body: &str) -> Response {
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        response
    }

    fn origin() -> Origin {
        Origin {
            accessor: "a7".into(),
            path: "auth/of-the-file/login".into(),
        }
    }

    /// Not one of them is asked again, or makes the init containers run again.
    #[test]
    fn a_token_that_gives_nothing_is_told_by_accessor_and_path() {
        for (status, error) in [
            (400, "wrapping token is not valid or does not exist"),
            (
                403,
                "2 errors occurred:\\n\\t* permission denied\\n\\t* invalid token",
            ),
        ] {
            let spent = answer(status, &format!(r#"{{"errors":["{error}"]}}"#));
            let looked_up = origin().look_up(&spent, None).unwrap_err();
            let unwrapped = origin().client_token(&spent).err().unwrap();
            for error in [looked_up, unwrapped] {
                let sentence = foreign::split(&error.to_string()).0;
                let part = "(accessor a7, made by `auth/of-the-file/login`)";
                assert!(sentence.contains(part), "{sentence}");
                assert!(matches!(error, VaultError::Unwrapped { .. }));
                assert!(!error.is_passing());
            }
        }
    }

    #[test]
    fn the_path_that_vault_knows_counts() {
        let body = r#"{"request_id":"x","data":{"creation_path":"auth/other/login"}}"#;
        let found = answer(200, body);
        let mut origin = origin();
        origin.look_up(&found, None).unwrap();
        origin.look_up(&found, Some("auth/other")).unwrap();
        let error = origin.look_up(&found, Some("auth/jwt")).unwrap_err();
        assert!(!error.is_passing());
        assert_eq!(
            foreign::split(&error.to_string()).0,
            "the wrapped token (accessor a7) was made by `auth/other/login`, not by the login at \
             `auth/jwt`, so it was not unwrapped; check who wrote it"
        );
    }
}
