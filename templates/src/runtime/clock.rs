//! The time of a rendering.

/// The time at which a rendering takes place, for `now`, `ago` and their kin. The caller gives it,
/// so that a rendering can be repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub unix_seconds: i64,
    /// Nanoseconds within the second.
    pub nanoseconds: u32,
}

impl Clock {
    /// The time of the system.
    pub fn system() -> Self {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            unix_seconds: since.as_secs().try_into().unwrap_or(i64::MAX),
            nanoseconds: since.subsec_nanos(),
        }
    }
}
