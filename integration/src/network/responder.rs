//! An HTTP server that answers what it is told to.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConnection, StreamOwned};

use super::listener::Listener;
use super::{lock_mutex, reset_connection};
use crate::certificates::Identity;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// How many requests came before it, on any connection.
    pub number: usize,
    /// Its first line, as `GET /v1/a HTTP/1.1`.
    pub line: String,
    /// Its headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body, if it had a `Content-Length`.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of this name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What to do with a request.
pub enum Answer {
    /// These bytes, then further requests on the same connection.
    Bytes(Vec<u8>),
    /// Another answer, after a pause.
    After(Duration, Box<Self>),
    /// Nothing, while the connection stays open.
    Never,
    /// An end of the connection without a word.
    Close,
    /// A reset of the connection.
    Reset,
}

impl Answer {
    /// A whole answer: `status` as `404 Not Found`, headers as `Name: value`.
    pub fn new(status: &str, headers: &[&str], body: &str) -> Self {
        let mut text = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
        for header in headers {
            text.push_str(header);
            text.push_str("\r\n");
        }
        Self::Bytes(format!("{text}\r\n{body}").into_bytes())
    }

    /// An answer with a JSON body.
    pub fn json(status: &str, body: &serde_json::Value) -> Self {
        Self::new(
            status,
            &["Content-Type: application/json"],
            &body.to_string(),
        )
    }

    /// A page of HTML with status 200, as a captive portal or a wrong address gives it.
    pub fn html(body: &str) -> Self {
        Self::new("200 OK", &["Content-Type: text/html; charset=utf-8"], body)
    }

    /// `307` to another place, as a standby Vault gives it.
    pub fn redirect(location: &str) -> Self {
        Self::new(
            "307 Temporary Redirect",
            &[&format!("Location: {location}")],
            "",
        )
    }

    /// `429`, to be tried again after so many seconds.
    pub fn too_many_requests(seconds: u32) -> Self {
        let header = format!("Retry-After: {seconds}");
        Self::new(
            "429 Too Many Requests",
            &[&header],
            r#"{"errors":["request limit reached"]}"#,
        )
    }
}

/// An HTTP/1.1 server on loopback that answers as a function says. It ends, with its connections,
/// when it is dropped.
///
/// It is a double of servers that are not Vault, and of a Vault in a state in which a test cannot
/// bring a real one at the right moment: one that limits, hangs or dies at the second request.
pub struct Responder {
    listener: Listener,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Responder {
    /// Starts to listen.
    pub fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> io::Result<Self> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), answer)
    }

    /// Starts to listen at an address of [`super::separate_network`]: a double of a metadata service.
    pub fn start_at(
        address: SocketAddr,
        answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let seen = Seen::default();
        let requests = Arc::clone(&seen.requests);
        let listener = Listener::start(address, move |client, _| {
            seen.serve_connection(&**client, client, &answer);
        })?;
        Ok(Self { listener, requests })
    }

    /// The same by HTTPS: a double of a cloud's services.
    pub fn start_tls_at(
        address: SocketAddr,
        identity: &Identity,
        answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let config = Arc::new(identity.server_config().map_err(io::Error::other)?);
        let seen = Seen::default();
        let requests = Arc::clone(&seen.requests);
        let listener = Listener::start(address, move |client, _| {
            if let Ok(session) = ServerConnection::new(Arc::clone(&config)) {
                seen.serve_connection(StreamOwned::new(session, &**client), client, &answer);
            }
        })?;
        Ok(Self { listener, requests })
    }

    /// Where it listens, as `127.0.0.1:12345`.
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// The requests that have come so far.
    pub fn requests(&self) -> Vec<Request> {
        lock_mutex(&self.requests).clone()
    }
}

/// What came so far, on any connection.
#[derive(Default)]
struct Seen {
    requests: Arc<Mutex<Vec<Request>>>,
    number: AtomicUsize,
}

impl Seen {
    /// Answers the requests of a connection, whose bytes come and go in a stream.
    fn serve_connection(
        &self,
        stream: impl Read + Write,
        client: &TcpStream,
        answer: &impl Fn(&Request) -> Answer,
    ) {
        let mut reader = BufReader::new(stream);
        while let Ok(Some(request)) = read_request(&mut reader, &self.number) {
            let answer = answer(&request);
            lock_mutex(&self.requests).push(request);
            if !write_answer(reader.get_mut(), client, &answer) {
                break;
            }
        }
    }
}

/// Gives an answer; whether the connection goes on.
fn write_answer(stream: &mut impl Write, mut client: &TcpStream, answer: &Answer) -> bool {
    match answer {
        Answer::Bytes(bytes) => stream
            .write_all(bytes)
            .and_then(|()| stream.flush())
            .is_ok(),
        Answer::After(pause, answer) => {
            thread::sleep(*pause);
            write_answer(stream, client, answer)
        }
        // Until the client, or the end of the responder, closes it.
        Answer::Never => {
            let _ = io::copy(&mut client, &mut io::sink());
            false
        }
        Answer::Close => false,
        Answer::Reset => {
            reset_connection(client);
            false
        }
    }
}

fn read_request(reader: &mut impl BufRead, number: &AtomicUsize) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.split_once(':') else {
            break;
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let number = number.fetch_add(1, Ordering::SeqCst);
    let line = line.trim_end().to_owned();
    let mut request = Request {
        number,
        line,
        headers,
        body: Vec::new(),
    };
    let length = request
        .header("content-length")
        .and_then(|length| length.parse().ok());
    reader
        .take(length.unwrap_or(0))
        .read_to_end(&mut request.body)?;
    Ok(Some(request))
}
