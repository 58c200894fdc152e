//! A TCP stream that ends when its connection is closed for a newer one.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_tls::accept::openssl::TlsStream;
use actix_web::rt::net::{ActixStream, Ready, TcpStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connections::Connection;

/// A TCP stream that ends when its connection is closed for a newer one.
pub(super) struct Stream {
    tcp: TcpStream,
    connection: Rc<Connection>,
}

/// A stream that knows its connection.
pub(super) trait Tracked {
    /// The connection.
    fn connection(&self) -> &Rc<Connection>;
}

impl Stream {
    pub(super) fn new(tcp: TcpStream, connection: Connection) -> Self {
        // An answer of several TLS records would wait for the acknowledgement of the first, 40 ms.
        // An error means that the connection has ended, which the next read says too.
        let _ = tcp.set_nodelay(true);
        Self {
            tcp,
            connection: Rc::new(connection),
        }
    }

    /// An error once the connection is closed, whatever the client has still to send or to read.
    fn check(&self, context: &Context<'_>) -> io::Result<()> {
        if self.connection.is_closed(context.waker()) {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }
}

impl Tracked for Stream {
    fn connection(&self) -> &Rc<Connection> {
        &self.connection
    }
}

impl Tracked for TlsStream<Stream> {
    fn connection(&self) -> &Rc<Connection> {
        &self.get_ref().connection
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.tcp).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.tcp).poll_write(context, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.tcp).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}

impl ActixStream for Stream {
    fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.check(context)?;
        ActixStream::poll_read_ready(&self.tcp, context)
    }

    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.check(context)?;
        ActixStream::poll_write_ready(&self.tcp, context)
    }
}
