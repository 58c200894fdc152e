//! URLs as `net/url` takes them apart and puts them together.

mod escape;
mod not_a_url;
mod parse;
mod parts;

pub(crate) use escape::{Mode, escape};
pub(crate) use not_a_url::NotAUrl;
pub(crate) use parse::parse;
pub(crate) use parts::{Url, UserInfo};
