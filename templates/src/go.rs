//! Behaviour of Go's standard library, and of the libraries that Sprig is made of, that shows in
//! the result of a template.
//!
//! | file | follows |
//! |---|---|
//! | [`format`](mod@format), [`verbs`] | `fmt`: how values print; `Printf` |
//! | [`float`] | `strconv.FormatFloat` |
//! | [`quote`] | `strconv.Quote` |
//! | [`names`] | `reflect`: names of types and kinds |
//! | [`letters`] | `unicode`: simple case mappings, classes |
//! | [`words`] | `xstrings`: words of snake, kebab and camel case |
//! | [`cast`] | `spf13/cast`: anything to a number |
//! | [`decimal`] | `shopspring/decimal`: decimal arithmetic |
//! | [`json`] | `encoding/json` |
//! | [`time`], [`time_methods`], [`calendar`], [`layout`], [`duration`], [`zone`] | `time` |
//! | [`semver`], [`semver_methods`], [`constraint`] | `Masterminds/semver` |
//! | [`url`] | `net/url` |
//! | [`path`] | `path` |
//! | [`regexp`] | `regexp`: RE2 syntax |

pub(crate) mod calendar;
pub(crate) mod cast;
pub(crate) mod constraint;
pub(crate) mod decimal;
pub(crate) mod duration;
pub(crate) mod float;
pub(crate) mod format;
pub(crate) mod json;
pub(crate) mod layout;
pub(crate) mod letters;
pub(crate) mod names;
pub(crate) mod path;
pub(crate) mod quote;
pub(crate) mod regexp;
pub(crate) mod semver;
pub(crate) mod semver_methods;
pub(crate) mod time;
pub(crate) mod time_methods;
pub(crate) mod url;
pub(crate) mod verbs;
pub(crate) mod words;
pub(crate) mod zone;
