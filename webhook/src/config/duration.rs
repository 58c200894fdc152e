//! A duration in the operator's file.

use std::fmt;
use std::time::Duration;

use contract::duration::{DisplayDuration, parse_positive};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A duration as Go writes it, greater than zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub struct PositiveDuration(Duration);

impl PositiveDuration {
    pub(super) const fn of_seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The duration.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl fmt::Display for PositiveDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        DisplayDuration(self.0).fmt(f)
    }
}

impl Serialize for PositiveDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PositiveDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_positive(&text).map(Self).map_err(|error| {
            de::Error::custom(format_args!(
                "expected a duration such as 90s, 10m or 2160h: {error}"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::PositiveDuration;

    #[test]
    fn spellings() {
        for (text, written) in [
            ("90s", "1m30s"),
            ("600s", "10m"),
            ("2160h", "2160h"),
            ("1.5s", "1s500ms"),
            ("90m", "1h30m"),
            ("1d", "24h"),
        ] {
            let period: PositiveDuration = serde_json::from_value(text.into()).unwrap();
            assert_eq!(period.to_string(), written);
        }
        for text in ["0s", "soon", ""] {
            assert!(
                serde_json::from_value::<PositiveDuration>(text.into()).is_err(),
                "{text}"
            );
        }
    }
}
