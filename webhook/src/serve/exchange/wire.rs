//! The bytes of a connection, as far as its exchange lets them pass.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::web::BytesMut;
use contract::limits::WIRE_PIECE;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::stream::Tracked;
use super::head::Head;
use super::patience::Patience;
use super::{Exchange, Phase};

/// A stream with one request at a time, whose client has to read and to go in time.
pub(in super::super) struct Wire<S> {
    stream: S,
    exchange: Rc<Exchange>,
    head: Head,
    /// What was read beyond what may pass.
    kept: BytesMut,
    /// Bytes that have passed since actix last looked at them.
    passed: usize,
    patience: Patience,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Tracked> Wire<S> {
    pub(in super::super) fn new(stream: S) -> Self {
        let exchange = Rc::new(Exchange::new(Rc::clone(stream.connection())));
        Self {
            stream,
            exchange,
            head: Head::default(),
            kept: BytesMut::new(),
            passed: 0,
            patience: Patience::default(),
        }
    }

    /// What the requests on it find.
    pub(in super::super) fn exchange(&self) -> &Rc<Exchange> {
        &self.exchange
    }

    fn may_pass(&self) -> bool {
        match self.exchange.phase.get() {
            Phase::Head => true,
            Phase::Body(left) => left > 0 && self.exchange.allowed.get() > 0,
            Phase::Asked | Phase::Answered | Phase::Ended => false,
        }
    }

    /// How many of these bytes pass; they are taken for passed.
    fn pass(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let passed = match self.exchange.phase.get() {
            Phase::Head => {
                let (passed, has_ended) = self.head.read(bytes)?;
                if has_ended {
                    self.exchange.phase.set(Phase::Asked);
                }
                passed
            }
            Phase::Body(left) => {
                let left_here = usize::try_from(left).unwrap_or(usize::MAX);
                let passed = bytes.len().min(left_here).min(self.exchange.allowed.get());
                self.exchange.take(left, passed);
                passed
            }
            Phase::Asked | Phase::Answered | Phase::Ended => 0,
        };
        self.passed += passed;
        Ok(passed)
    }

    fn pass_kept(&mut self, buffer: &mut ReadBuf<'_>) -> io::Result<()> {
        let mut kept = std::mem::take(&mut self.kept);
        let room = kept.len().min(buffer.remaining());
        let passed = self.pass(&kept[..room])?;
        buffer.put_slice(&kept.split_to(passed));
        // Else its memory is given back.
        if !kept.is_empty() {
            self.kept = kept;
        }
        Ok(())
    }

    fn pass_new(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let read = &buffer.filled()[before..];
        let passed = self.pass(read)?;
        self.kept.extend_from_slice(&read[passed..]);
        buffer.set_filled(before + passed);
        Poll::Ready(Ok(()))
    }

    /// Nothing passes now; the task is woken when something does.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.passed = 0;
        self.exchange.wait(context.waker());
        if self.exchange.connection.is_closed(context.waker()) {
            return Poll::Ready(Err(ErrorKind::ConnectionAborted.into()));
        }
        Poll::Pending
    }

    /// Reads and drops what still comes, until the client has read its answer and goes, or has to.
    fn discard(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.kept = BytesMut::new();
        self.patience.wait_for_end(context)?;
        let mut bytes = [0; 4096];
        let mut buffer = ReadBuf::new(&mut bytes);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
        if !buffer.filled().is_empty() {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    /// A write that has to wait has a deadline.
    fn bound<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_pending() {
            self.patience.wait_for_write(context)?;
        } else {
            self.patience.set_written();
        }
        written
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Tracked> AsyncRead for Wire<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.exchange.phase.get() == Phase::Ended {
            return this.discard(context);
        }
        if !this.may_pass() {
            return this.wait(context);
        }
        if this.passed >= WIRE_PIECE {
            // actix would read on, into a buffer that grows and that the connection keeps.
            this.passed = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if !this.kept.is_empty() {
            return Poll::Ready(this.pass_kept(buffer));
        }
        let read = this.pass_new(context, buffer);
        if read.is_pending() {
            this.passed = 0;
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Tracked> AsyncWrite for Wire<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, buffer);
        this.bound(context, written)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        ready!(this.bound(context, flushed))?;
        if this.exchange.set_written() {
            this.patience.set_answered();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let ended = Pin::new(&mut this.stream).poll_shutdown(context);
        this.bound(context, ended)
    }
}
