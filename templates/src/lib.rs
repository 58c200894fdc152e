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
//! | [`composed`] | a value with parts that only kubelet knows |
//! | [`reference`](mod@reference) | one reference and its grammar |
//! | `misread` | what to write instead of what is no reference |
//! | [`path`] | API paths below `/v1` |
//! | [`template`] | templates: parsing and rendering |
//! | `functions` | the functions of templates, one table each group |
//! | `runtime`, `go` | values and bounds of a rendering; behaviour of Go's libraries |

#![forbid(unsafe_code)]

pub mod composed;
pub mod data;
mod functions;
mod go;
mod misread;
pub mod path;
pub mod reference;
mod runtime;
mod scan;
pub mod template;
pub mod value;

pub use composed::{Composed, FillError, embed_references};
pub use data::{Data, NotScalar, Value};
pub use misread::{explain, explain_with_text};
pub use path::{PathError, VaultPath};
pub use reference::{FromPath, Reference, ReferenceError, Request, SecretReference, Selector};
pub use runtime::Clock;
pub use template::Template;
pub use template::error::{TemplateError, TemplateErrorKind};
pub use template::names::Names;
pub use template::position::Position;
pub use value::{EnvValue, Part};

/// The reference page of the functions, as Markdown.
#[cfg(feature = "reference")]
pub fn reference_page() -> String {
    functions::page::page()
}

/// Which texts are references, as the table of the page about them.
#[cfg(feature = "reference")]
pub fn reference_forms() -> String {
    reference::shape::printed::table()
}

/// The chart's templates about references: the same in regular expressions.
#[cfg(feature = "reference")]
pub fn chart_templates() -> String {
    reference::shape::printed::chart()
}
