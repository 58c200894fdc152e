//! Which answers of Vault deserve another attempt, for reads and for logins alike.

/// Whether an answer with this HTTP status may be another one later.
///
/// 408: a proxy lost patience. 412: a standby that has not caught up. 425: early data was refused.
/// 429: a quota. 472 and 473: standbys of replication (`sys/health`). 501 is final.
pub(crate) fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 412 | 425 | 429 | 472 | 473)
        || (matches!(status, 500..600) && status != 501)
}

#[cfg(test)]
mod tests {
    use super::may_pass;

    #[test]
    fn may_pass_of_each_status_is_known() {
        for status in [408, 412, 425, 429, 472, 473, 500, 502, 503, 504, 599] {
            assert!(may_pass(status), "{status}");
        }
        for status in [
            200, 301, 400, 401, 403, 404, 405, 413, 471, 474, 499, 501, 600,
        ] {
            assert!(!may_pass(status), "{status}");
        }
    }
}
