//! What a login is made from, as it was written.

use serde_json::{Map, Value};

use super::files::Mount;
use crate::names::{MountPath, Namespace};

/// Everything that one login is made from, as it was written. It cannot be printed: a credential may
/// stand where none should.
#[derive(Clone, Default)]
pub struct LoginSettings<'a> {
    /// Annotation `auth-role`.
    pub role: Option<&'a str>,
    /// Annotation `auth-mount-path`.
    pub mount_path: Option<&'a str>,
    /// Annotation `auth-namespace`.
    pub namespace: Option<&'a str>,
    /// Annotation `auth-wrap-ttl`.
    pub wrap_ttl: Option<&'a str>,
    /// Annotation `auth-audience`; empty for the API server's own.
    pub audience: Option<&'a str>,
    /// Annotation `auth-token-expiration`, seconds.
    pub token_expiration: Option<u64>,
    /// Annotation `auth-config`: the method's own settings.
    pub config: Map<String, Value>,
    /// What counts where the author wrote nothing.
    pub defaults: LoginDefaults<'a>,
    /// What the agent's container mounts for the method's files. [`contract::paths::AUTH`] among
    /// them means that a Secret or volume of the author's holds them. The projected token is not
    /// listed: it is mounted because the method asks for it ([`super::AutoAuth::projected_token`]).
    pub mounts: &'a [Mount<'a>],
    /// Environment variables that the agent's container has, whatever the method asks for.
    pub variables: &'a [&'a str],
    /// Whether credentials may stand in `config` in clear text. The operator's to say.
    pub allow_inline_credentials: bool,
}

/// The connection's defaults. One that a method has no use for is passed over.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoginDefaults<'a> {
    /// For methods that need a role.
    pub role: Option<&'a str>,
    /// For methods that have a mount path. Leave it out for another method than the one that is
    /// mounted there.
    pub mount_path: Option<&'a MountPath>,
    /// For every method.
    pub namespace: Option<&'a Namespace>,
    /// For methods that read a projected token; empty for the API server's own.
    pub audience: Option<&'a str>,
    /// For methods that read a projected token, seconds.
    pub token_expiration: Option<u64>,
}
