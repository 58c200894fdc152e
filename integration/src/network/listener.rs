//! A listener on a thread of its own, which ends with its handle.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread::{self, JoinHandle};

use super::lock_mutex;

/// Accepts connections until it is dropped, which also ends those that are open.
pub(super) struct Listener {
    address: SocketAddr,
    state: Arc<State>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    ended: AtomicBool,
    open: Mutex<Vec<Weak<TcpStream>>>,
}

impl Listener {
    /// Gives each connection, and how many were before it, to `serve` on a thread of its own.
    pub(super) fn start(
        address: SocketAddr,
        serve: impl Fn(&Arc<TcpStream>, usize) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let (of_thread, serve) = (Arc::clone(&state), Arc::new(serve));
        let accepting = thread::spawn(move || {
            for (before, stream) in listener.incoming().enumerate() {
                let (Ok(stream), false) = (stream, of_thread.ended.load(Ordering::SeqCst)) else {
                    return;
                };
                // Small answers must not wait for each other; a socket that refuses it is slower.
                let _ = stream.set_nodelay(true);
                let stream = Arc::new(stream);
                of_thread.keep_stream(&stream);
                let serve = Arc::clone(&serve);
                thread::spawn(move || {
                    serve(&stream, before);
                    // The client may have closed it already.
                    let _ = stream.shutdown(Shutdown::Both);
                });
            }
        });
        Ok(Self {
            address,
            state,
            accepting: Some(accepting),
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl State {
    fn keep_stream(&self, stream: &Arc<TcpStream>) {
        let mut open = lock_mutex(&self.open);
        open.retain(|stream| stream.strong_count() > 0);
        open.push(Arc::downgrade(stream));
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
        // A connection wakes the thread that accepts, which then closes the port.
        if let (Ok(_), Some(accepting)) = (TcpStream::connect(self.address), self.accepting.take())
        {
            // A panic there has been seen already.
            let _ = accepting.join();
        }
        for stream in lock_mutex(&self.state.open)
            .drain(..)
            .filter_map(|stream| stream.upgrade())
        {
            // The client may have closed it already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}
