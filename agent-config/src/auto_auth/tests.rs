mod accepted;
mod every_kind;
mod property;
mod refused;

use contract::paths::AUTH;
use serde_json::{Map, Value};

use super::{AutoAuth, LoginSettings, Mount};
use crate::flavour::Flavour;
use crate::problem::Problems;
use crate::schema::Method;

/// A Secret of the author's.
const SECRET: &[Mount<'_>] = &[Mount {
    path: AUTH,
    read_only: true,
}];

/// A volume of the pod's in which files can be removed.
const VOLUME: &[Mount<'_>] = &[Mount {
    path: AUTH,
    read_only: false,
}];

fn method(name: &str) -> &'static Method {
    Method::find(name, Flavour::Vault).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

fn vault(name: &str, settings: &LoginSettings<'_>) -> Result<AutoAuth, Problems> {
    AutoAuth::new(method(name), Flavour::Vault, settings)
}
