//! Lists and maps of a pod whose elements are counted while they are read.
//!
//! `[{},{},…]` has three bytes an element and becomes a thousand bytes a container: without a count a
//! review of 4 MB takes 1.5 GB. What is not read costs nothing, however long it is.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use contract::limits::{POD_ANNOTATIONS, POD_CONTAINERS, POD_ELEMENTS, POD_LIST};
use contract::message::thousands;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Text;
use super::view::Container;

/// How a sentence about too many elements ends.
const TOO_MANY: &str = ", the most that tokenpipe reads";

fn too_many<E: Error>(what: &str, most: usize) -> E {
    let most = thousands(most);
    E::custom(format_args!("more than {most} {what}{TOO_MANY}"))
}

/// A list; `null` is an empty one.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    optional_list(deserializer).map(Option::unwrap_or_default)
}

/// A list, or `None` where there is none.
pub(super) fn optional_list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_option(Elements(Count(|_: &T| 0, PhantomData), POD_LIST))
}

/// Containers, whose own lists count together.
pub(super) fn containers<'de, D>(deserializer: D) -> Result<Vec<Container<'de>>, D::Error>
where
    D: Deserializer<'de>,
{
    let of_container = Count(Container::elements, PhantomData);
    let read = deserializer.deserialize_option(Elements(of_container, POD_CONTAINERS));
    read.map(Option::unwrap_or_default)
}

/// How many elements one has in lists of its own.
struct Count<T, F: Fn(&T) -> usize>(F, PhantomData<T>);

/// A list of at most so many.
struct Elements<T, F: Fn(&T) -> usize>(Count<T, F>, usize);

impl<'de, T: Deserialize<'de>, F: Fn(&T) -> usize> Visitor<'de> for Elements<T, F> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let Self(Count(inner, _), most) = self;
        let (mut elements, mut counted) = (Vec::new(), 0);
        while let Some(element) = access.next_element::<T>()? {
            counted += inner(&element);
            if counted > POD_ELEMENTS {
                return Err(too_many(
                    "elements in the lists of all containers",
                    POD_ELEMENTS,
                ));
            }
            if elements.len() == most {
                return Err(too_many("elements", most));
            }
            elements.push(element);
        }
        Ok(Some(elements))
    }
}

/// A map.
pub(super) fn map<'de, D, V>(deserializer: D) -> Result<BTreeMap<Text<'de>, V>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    let entries = Entries(|_: &str, _: &V| 0, PhantomData);
    let read = deserializer.deserialize_option(entries);
    read.map(Option::unwrap_or_default)
}

/// Labels; `None` where there are none.
pub(super) fn optional_map<'de, D, V>(
    deserializer: D,
) -> Result<Option<BTreeMap<Text<'de>, V>>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    deserializer.deserialize_option(Entries(|_: &str, _: &V| 0, PhantomData))
}

/// Annotations, as many bytes of them as the API server takes.
pub(super) fn annotations<'de, D>(
    deserializer: D,
) -> Result<Option<BTreeMap<Text<'de>, Text<'de>>>, D::Error>
where
    D: Deserializer<'de>,
{
    let bytes = |key: &str, value: &Text<'de>| key.len() + value.len();
    deserializer.deserialize_option(Entries(bytes, PhantomData))
}

/// A map whose entries are counted, and the bytes of each.
struct Entries<V, F: Fn(&str, &V) -> usize>(F, PhantomData<V>);

impl<'de, V: Deserialize<'de>, F: Fn(&str, &V) -> usize> Visitor<'de> for Entries<V, F> {
    type Value = Option<BTreeMap<Text<'de>, V>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let (mut entries, mut bytes) = (BTreeMap::new(), 0);
        while let Some((key, value)) = access.next_entry::<Text<'de>, V>()? {
            bytes += (self.0)(&key, &value);
            if bytes > POD_ANNOTATIONS {
                let kib = POD_ANNOTATIONS / 1024;
                return Err(Error::custom(format_args!(
                    "more than {kib} KiB together, the most that the API server takes; shorten them"
                )));
            }
            if entries.len() == POD_LIST {
                return Err(too_many("entries", POD_LIST));
            }
            entries.insert(key, value);
        }
        Ok(Some(entries))
    }
}
