//! A method's settings after every single one was found to be right, in the types of the output.

use serde_json::{Map, Value};

use crate::schema::key::Key;

/// The checked values of one method's keys. They cannot be printed: a credential can be among them.
#[derive(Default)]
pub struct Values(Vec<Entry>);

struct Entry {
    key: &'static Key,
    value: Value,
    given: bool,
}

impl Values {
    pub(crate) fn insert(&mut self, key: &'static Key, value: Value, given: bool) {
        self.0.push(Entry { key, value, given });
    }

    /// Whether `key` has a value, written or by default.
    pub fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// Whether the author wrote `key`.
    pub fn given(&self, key: &str) -> bool {
        self.find(key).is_some_and(|entry| entry.given)
    }

    /// Whether `key` is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        self.find(key)
            .is_some_and(|entry| entry.value == Value::Bool(true))
    }

    /// The value of `key` where it is text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.find(key)?.value.as_str()
    }

    /// Every key that the author wrote.
    pub(crate) fn given_keys(&self) -> impl Iterator<Item = &'static Key> {
        self.0
            .iter()
            .filter(|entry| entry.given)
            .map(|entry| entry.key)
    }

    /// Every key that has a value.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static Key> {
        self.0.iter().map(|entry| entry.key)
    }

    /// The `config` object, keys in alphabetical order.
    pub(crate) fn into_json(mut self) -> Map<String, Value> {
        self.0.sort_by_key(|entry| entry.key.name);
        self.0
            .into_iter()
            .map(|entry| (entry.key.name.to_owned(), entry.value))
            .collect()
    }

    fn find(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key.name == key)
    }
}
