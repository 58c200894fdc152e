//! How many files and sockets the process may have open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Descriptors for all else: files, the API server, what the runtime needs.
const OWN: u64 = 128;

/// Raises the limit of descriptors as far as `connections` and further `reserved` sockets need it.
/// Gives how many connections there is room for. Without room a socket could not be accepted, and
/// a newer connection would wait instead of closing an older one. Container runtimes start
/// programs with 1,024, which is too few for as many connections.
pub(super) fn allow(connections: usize, reserved: usize) -> usize {
    let more = OWN.saturating_add(as_number(reserved));
    let needed = more.saturating_add(as_number(connections));
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < needed) {
        limit.current = Some(limit.maximum.map_or(needed, |maximum| maximum.min(needed)));
        // Where it fails the limit stays as it is, and counts below.
        let _ = setrlimit(Resource::Nofile, limit);
    }
    let allowed = getrlimit(Resource::Nofile).current;
    let room = room(allowed, more).min(connections);
    if room < connections {
        tracing::warn!(
            "server.limits.connections: {connections} need {needed} open files, and the process may \
             have {}; it serves {room} connections",
            allowed.unwrap_or_default()
        );
    }
    room
}

/// Connections beside `more` other descriptors: at least half of all, because `more` is what there may
/// be at worst, and grows with the cores of the node.
fn room(allowed: Option<u64>, more: u64) -> usize {
    let Some(allowed) = allowed else {
        return usize::MAX;
    };
    let left = allowed.saturating_sub(more).max(allowed / 2);
    usize::try_from(left.max(1)).unwrap_or(usize::MAX)
}

fn as_number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_the_limit_leaves() {
        assert_eq!(room(None, 500), usize::MAX);
        assert_eq!(room(Some(1524), 500), 1024);
        assert_eq!(room(Some(1024), 1344), 512);
        assert_eq!(room(Some(501), 500), 250);
        assert_eq!(room(Some(1), 500), 1);
    }
}
