//! A duration in the operator's file.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A duration as Go writes it, greater than zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub struct Period(Duration);

impl Period {
    pub(super) const fn of_seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The duration.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let units = [("h", 3600), ("m", 60), ("s", 1)];
        let whole = units
            .into_iter()
            .find(|(_, size)| seconds.is_multiple_of(*size));
        match whole {
            Some((unit, size)) if self.0.subsec_nanos() == 0 => {
                write!(f, "{}{unit}", seconds / size)
            }
            _ => write!(f, "{}ms", self.0.as_millis()),
        }
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        contract::duration::parse(&text)
            .filter(|duration| !duration.is_zero())
            .map(Self)
            .ok_or_else(|| de::Error::custom("expected a duration such as 90s, 10m or 2160h"))
    }
}

#[cfg(test)]
mod tests {
    use super::Period;

    #[test]
    fn spellings() {
        for (text, written) in [
            ("90s", "90s"),
            ("600s", "10m"),
            ("2160h", "2160h"),
            ("1.5s", "1500ms"),
        ] {
            let period: Period = serde_json::from_value(text.into()).unwrap();
            assert_eq!(period.to_string(), written);
        }
        for text in ["0s", "soon", ""] {
            assert!(
                serde_json::from_value::<Period>(text.into()).is_err(),
                "{text}"
            );
        }
    }
}
