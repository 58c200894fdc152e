//! A listening socket whose error names its address.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::Context;
use socket2::{Domain, Protocol, Socket, Type};

/// Connections that may wait to be taken, as many as actix has where it binds.
const BACKLOG: i32 = 1024;

/// Bytes of answers that the kernel keeps for a client that does not read them; by itself it would keep
/// up to 4 MiB. It is the pod's memory too.
const UNREAD: usize = 128 * 1024;

pub(super) fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    listen(address).with_context(|| format!("cannot listen on {address}"))
}

/// As `TcpListener::bind` does it, but that `[::]` is IPv4 too whatever the node's
/// `net.ipv6.bindv6only` says, and IPv4 alone where the kernel has no IPv6 (`ipv6.disable=1`).
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let (socket, address) = match (stream(address), without_ipv6(address)) {
        (Err(_), Some(address)) => (stream(address)?, address),
        (socket, _) => (socket?, address),
    };
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // Connections inherit it.
    socket.set_send_buffer_size(UNREAD / 2)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn stream(address: SocketAddr) -> io::Result<Socket> {
    let domain = Domain::for_address(address);
    Socket::new(domain, Type::STREAM, Some(Protocol::TCP))
}

/// What every address is without IPv6.
fn without_ipv6(address: SocketAddr) -> Option<SocketAddr> {
    let is_every = address.is_ipv6() && address.ip().is_unspecified();
    is_every.then(|| (Ipv4Addr::UNSPECIFIED, address.port()).into())
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn every_address_is_ipv4_too() {
        let listener = bind("[::]:0".parse().unwrap()).unwrap();
        let port = listener.local_addr().unwrap().port();
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    }

    #[test]
    fn only_every_address_is_another_without_ipv6() {
        let of = |text: &str| without_ipv6(text.parse().unwrap()).map(|other| other.to_string());
        assert_eq!(of("[::]:8443").as_deref(), Some("0.0.0.0:8443"));
        for other in ["0.0.0.0:8443", "127.0.0.1:8443", "[::1]:8443"] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn an_error_names_the_address() {
        let taken = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = taken.local_addr().unwrap();
        let error = format!("{:#}", bind(address).unwrap_err());
        let expected = format!("cannot listen on {address}: Address already in use");
        assert!(error.starts_with(&expected), "{error}");
    }
}
