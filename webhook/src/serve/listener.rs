//! A listening socket whose error names its address.

use std::net::{SocketAddr, TcpListener};

use anyhow::Context;

pub(super) fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))
}
