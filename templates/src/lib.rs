//! What a pod author writes in an environment value: references, and templates inside them.
//!
//! ```text
//! value text ─► EnvValue ─► Reference ─► (somebody reads Vault) ─► Template × data ─► text
//! ```
//!
//! [`EnvValue::parse`] finds the references in one value. A reference says which request to make
//! ([`Request`]) and what to take from the answer ([`Selector`]): one field, or a template. Nothing
//! here does I/O; everything that a pod author writes is parsed by total, bounded functions.
//!
//! | file | holds |
//! |---|---|
//! | [`data`] | what a server answered: the values that templates and keys take from |
//! | [`value`] | one environment value: plain, one reference, or text around references; escapes |
//! | [`reference`](mod@reference) | one reference and its grammar |
//! | [`path`] | API paths below `/v1` |

#![forbid(unsafe_code)]

pub mod data;
pub mod path;
pub mod reference;
mod scan;
pub mod value;

pub use data::{Data, NotScalar, Value};
pub use path::{PathError, VaultPath};
pub use reference::{FromPath, Reference, ReferenceError, Request, SecretReference, Selector};
pub use value::{EnvValue, Part};
