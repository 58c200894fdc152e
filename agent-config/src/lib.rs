//! Typed configuration for Vault's and `OpenBao`'s agent: which login, where the token goes.
//!
//! ```text
//! method name ─► Method::find ─► AutoAuth::new(annotations, mounts) ─► AgentConfig ─► JSON
//! ```
//!
//! A [`Method`] is a table. [`AutoAuth::new`] checks what a pod's author wrote against it, fills in
//! the files that lie in conventional places, forces what is safe, and says what the pod must
//! provide. [`AgentConfig`] writes the result in the one shape that the agent reads without
//! surprises. The agent itself ignores what it does not know; here everything unknown is refused.
//! Nothing here does I/O.
//!
//! | file | holds |
//! |---|---|
//! | [`flavour`] | Vault or `OpenBao` |
//! | [`schema`] | the shape of a method's table |
//! | [`methods`] | the list of methods; one file with one table each |
//! | [`values`] | a method's settings once they are checked |
//! | [`auto_auth`] | the check: keys, files, role, projected token |
//! | [`names`] | mount paths and namespaces |
//! | [`problem`] | what can be wrong, in sentences |
//! | [`config`] | the configuration file |
//! | [`reference`](mod@reference) | the reference page, from the tables |
//! | [`json_schema`] | the schema for editors, from the tables |

#![forbid(unsafe_code)]

pub mod auto_auth;
pub mod config;
pub mod flavour;
pub mod json_schema;
pub mod methods;
pub mod names;
pub mod problem;
pub mod reference;
pub mod schema;
pub mod values;

pub use auto_auth::{
    AutoAuth, DEFAULT_TOKEN_EXPIRATION, LoginDefaults, LoginSettings, Mount, ProjectedToken,
};
pub use config::{AgentConfig, Backoff};
pub use flavour::{Flavour, Flavours};
pub use json_schema::config_schema;
pub use methods::MethodError;
pub use names::{MountPath, Namespace};
pub use problem::{Fault, Problem, Problems, Setting};
pub use reference::reference_page;
pub use schema::Method;
