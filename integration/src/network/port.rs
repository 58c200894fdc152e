//! Ports for servers that bind them themselves, a moment after they are told which.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below it are the ports of well-known services.
const FIRST: u16 = 10_000;

/// A process starts to look this many ports behind where the process before it did.
const OF_A_PROCESS: u16 = 128;

static TAKEN: AtomicU16 = AtomicU16::new(0);

/// A port of 127.0.0.1 that nothing listens on.
///
/// It is none of those that Linux gives to outgoing connections and to whoever binds port 0
/// (`ip_local_port_range` in ip(7)): there are thousands of them while tests run, and one would
/// take it before it is used. This process gets no port twice. Another process may still take it:
/// who starts a server there sees that in its log, and can try another.
pub fn free_port() -> io::Result<u16> {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")?;
    match own_port(count_ports(&range), &TAKEN) {
        Some(port) => Ok(port),
        // All of them are Linux's to give, or in use.
        None => Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port()),
    }
}

fn own_port(ports: u16, taken: &AtomicU16) -> Option<u16> {
    (0..ports).find_map(|_| {
        let port = pick_port(process::id(), taken.fetch_add(1, Ordering::Relaxed), ports);
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        Some(port)
    })
}

/// How many ports there are from `FIRST` to the start of a range such as `32768 60999`.
fn count_ports(range: &str) -> u16 {
    let start = range.split_whitespace().next();
    let start: u16 = start.and_then(|start| start.parse().ok()).unwrap_or(FIRST);
    start.saturating_sub(FIRST)
}

/// The port that a process tries after so many others; `ports` is not 0.
fn pick_port(process: u32, taken: u16, ports: u16) -> u16 {
    let place = u64::from(process) * u64::from(OF_A_PROCESS) + u64::from(taken);
    let place = u16::try_from(place % u64::from(ports)).unwrap_or_default();
    FIRST + place
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::TcpListener;
    use std::sync::atomic::AtomicU16;

    use super::{FIRST, OF_A_PROCESS, count_ports, own_port, pick_port};

    #[test]
    fn no_port_is_given_twice() {
        let taken = AtomicU16::new(0);
        let ports: BTreeSet<_> = (0..500).map(|_| own_port(2_000, &taken).unwrap()).collect();
        assert_eq!(ports.len(), 500);
        assert!(
            ports
                .iter()
                .all(|port| (FIRST..FIRST + 2_000).contains(port))
        );
    }

    #[test]
    fn a_port_in_use_is_passed_over() {
        // Apart from those of the other test.
        let from = || AtomicU16::new(1_000);
        let port = own_port(2_000, &from()).unwrap();
        let _listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        assert_ne!(own_port(2_000, &from()), Some(port));
    }

    #[test]
    fn a_range_that_leaves_none() {
        assert_eq!(own_port(0, &AtomicU16::new(0)), None);
    }

    #[test]
    fn the_ports_are_those_before_linux_s_own() {
        assert_eq!(count_ports("32768\t60999\n"), 22_768);
        assert_eq!(count_ports("1024 65535"), 0);
        assert_eq!(count_ports(""), 0);
        assert_eq!(pick_port(0, 0, 22_768), FIRST);
        assert_eq!(pick_port(1, 2, 22_768), FIRST + OF_A_PROCESS + 2);
        assert_eq!(pick_port(u32::MAX, u16::MAX, 1), FIRST);
        assert!((0..u16::MAX).all(|taken| pick_port(7, taken, 22_768) < 32_768));
    }
}
