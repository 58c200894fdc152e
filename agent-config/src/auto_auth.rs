//! From what a pod's author wrote to one login that will work as far as can be known beforehand.

mod check;
mod files;
mod login_settings;
mod role;
mod token;
mod variables;

use std::fmt;

use serde_json::{Map, Value};

use crate::flavour::Flavour;
use crate::names::{MountPath, Namespace};
use crate::problem::{Fault, Problem, Problems, Setting};
use crate::schema::{Kind, Method, Outcome, Request};
use crate::values::Values;

pub use files::Mount;
pub use login_settings::{LoginDefaults, LoginSettings};
pub use token::{
    DEFAULT_TOKEN_EXPIRATION, MAX_TOKEN_EXPIRATION, MIN_TOKEN_EXPIRATION, ProjectedToken,
};

/// A checked login: the `auto_auth.method` block, and what goes with it.
#[derive(Clone)]
pub struct AutoAuth {
    pub(crate) method: &'static Method,
    pub(crate) flavour: Flavour,
    pub(crate) mount_path: Option<MountPath>,
    pub(crate) namespace: Option<Namespace>,
    pub(crate) wrap_ttl: Option<String>,
    pub(crate) config: Map<String, Value>,
    projected_token: Option<ProjectedToken>,
    files: Vec<String>,
    variables: Vec<(&'static str, String)>,
    removes_files: bool,
    single_use: Vec<String>,
    warnings: Vec<String>,
}

impl AutoAuth {
    /// Checks everything, and reports all that is wrong at once.
    pub fn new(
        method: &'static Method,
        flavour: Flavour,
        settings: &LoginSettings<'_>,
    ) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let config = role::merge(method, settings, &mut problems);
        let values = check::values(method, flavour, config, settings, &mut problems);
        let projected_token = token::projected(&values, settings, &mut problems);
        let mount_path = keep(mount_path(method, settings), &mut problems);
        let namespace = keep(namespace(settings), &mut problems);
        let wrap_ttl = keep(wrap_ttl(method, settings), &mut problems);
        let variables = variables::of(method, &values, settings, &mut problems);
        Problems::none(problems)?;
        Problems::none(refusals(method, &values))?;
        Ok(Self {
            method,
            flavour,
            mount_path: mount_path.flatten(),
            namespace: namespace.flatten(),
            wrap_ttl: wrap_ttl.flatten(),
            projected_token,
            files: files::read(&values),
            variables,
            removes_files: !removals(&values).is_empty(),
            single_use: single_use(method, &values),
            warnings: warnings(method, &values),
            config: values.into_json(),
        })
    }

    /// The method.
    pub fn method(&self) -> &'static Method {
        self.method
    }

    /// The `ServiceAccount` token to project at [`contract::paths::AUTH_TOKEN`], in the agent's
    /// container alone. `None`: the login reads only files that are already mounted.
    pub fn projected_token(&self) -> Option<&ProjectedToken> {
        self.projected_token.as_ref()
    }

    /// The files that must lie in the mounts, in the order of the method's keys.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// Environment variables that the agent's container needs for this login, with their values:
    /// the paths of files in the mounted Secret or volume.
    pub fn variables(&self) -> &[(&'static str, String)] {
        &self.variables
    }

    /// Whether the agent removes a file, so that its directory must be writable.
    pub fn removes_files(&self) -> bool {
        self.removes_files
    }

    /// Whether the token is this login's own, and not one that somebody else uses as well.
    pub fn owns_token(&self) -> bool {
        self.method.request == Request::Login
    }

    /// The mount path of which a login answers with a wrapped token. `None`: with the token itself.
    pub fn wrapped_by(&self) -> Option<&MountPath> {
        self.mount_path.as_ref().filter(|_| self.wrap_ttl.is_some())
    }

    /// Whether the same login can be made again by another agent, after one that worked and also
    /// after one that failed half-way.
    pub fn survives_second_login(&self) -> bool {
        self.single_use.is_empty()
    }

    /// Why a second login would fail, without a full stop; empty if it would not.
    pub fn single_use_reasons(&self) -> &[String] {
        &self.single_use
    }

    /// What the author should know, one line each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// Without the values, among which a credential can be.
impl fmt::Debug for AutoAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AutoAuth")
            .field("method", &self.method)
            .field("mount_path", &self.mount_path)
            .field("config", &self.config.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The value, or nothing and a problem more.
fn keep<T>(result: Result<T, Problem>, problems: &mut Vec<Problem>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

fn mount_path(method: &Method, settings: &LoginSettings<'_>) -> Result<Option<MountPath>, Problem> {
    let problem = |fault| Problem {
        setting: Setting::MountPath,
        fault,
    };
    match (method.request, settings.mount_path) {
        (Request::LookupSelf, Some(_)) => Err(problem(Fault::NoMountPath {
            method: method.name,
        })),
        (Request::LookupSelf, None) => Ok(None),
        (Request::Login, Some(written)) => {
            let parsed = written
                .parse()
                .map_err(|error| problem(Fault::MountPath(error)))?;
            Ok(Some(parsed))
        }
        (Request::Login, None) => {
            let default = settings.defaults.mount_path.cloned();
            Ok(Some(
                default.unwrap_or_else(|| MountPath::of_method(method.name)),
            ))
        }
    }
}

fn namespace(settings: &LoginSettings<'_>) -> Result<Option<Namespace>, Problem> {
    let Some(written) = settings.namespace else {
        return Ok(settings.defaults.namespace.cloned());
    };
    written.parse().map(Some).map_err(|error| Problem {
        setting: Setting::Namespace,
        fault: Fault::Namespace(error),
    })
}

fn wrap_ttl(method: &Method, settings: &LoginSettings<'_>) -> Result<Option<String>, Problem> {
    let problem = |fault| Problem {
        setting: Setting::WrapTtl,
        fault,
    };
    let Some(written) = settings.wrap_ttl else {
        return Ok(None);
    };
    if method.request == Request::LookupSelf {
        return Err(problem(Fault::NotWrappable {
            method: method.name,
        }));
    }
    let wrap_ttl = contract::duration::parse_positive(written)
        .map_err(|error| problem(Fault::WrapTtl(error)))?;
    if wrap_ttl.as_secs() == 0 {
        return Err(problem(Fault::ShortWrapTtl));
    }
    Ok(Some(written.to_owned()))
}

fn refusals(method: &Method, values: &Values) -> Vec<Problem> {
    sentences(method, values, Outcome::Refuse)
        .map(|sentence| Problem {
            setting: Setting::Config,
            fault: Fault::Rule(sentence),
        })
        .collect()
}

fn single_use(method: &Method, values: &Values) -> Vec<String> {
    let removals = removals(values)
        .into_iter()
        .map(|name| format!("with `{name}` the agent removes the file when it reads it"));
    sentences(method, values, Outcome::SingleUse)
        .map(str::to_owned)
        .chain(removals)
        .collect()
}

/// The keys that make the agent remove a file.
fn removals(values: &Values) -> Vec<&'static str> {
    values
        .keys()
        .filter(|key| matches!(key.kind, Kind::Removal { .. }) && values.is_true(key.name))
        .map(|key| key.name)
        .collect()
}

fn warnings(method: &Method, values: &Values) -> Vec<String> {
    let idle = values.given_keys().filter(|key| key.idle).map(|key| {
        let name = key.name;
        format!("`{name}` does nothing, because the agent ends after its first login")
    });
    sentences(method, values, Outcome::Warn)
        .map(str::to_owned)
        .chain(idle)
        .map(|sentence| format!("method `{}`: {sentence}", method.name))
        .collect()
}

/// The sentences of the rules that apply.
fn sentences<'a>(
    method: &'a Method,
    values: &'a Values,
    outcome: Outcome,
) -> impl Iterator<Item = &'static str> + 'a {
    method
        .rules
        .iter()
        .filter(move |rule| rule.outcome == outcome && (rule.applies)(values))
        .map(|rule| rule.sentence)
}

#[cfg(test)]
mod tests;
