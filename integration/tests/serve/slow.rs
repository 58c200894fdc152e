//! Clients that take their time.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use integration::certificates::Identity;
use integration::wait::{Probe, wait_for};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;

use crate::build_pod;
use crate::tokenpipe::{LIMIT, Serve, Tls, build_config, build_review, post_body};

/// A connection on which a test writes what it likes.
pub(crate) struct Raw(StreamOwned<ClientConnection, TcpStream>);

impl Raw {
    pub(crate) fn connect(serve: &Serve) -> Self {
        Self::connect_as(serve, None)
    }

    /// The same with a client certificate.
    pub(crate) fn connect_as(serve: &Serve, identity: Option<&Identity>) -> Self {
        // Sets the process's cryptography too.
        drop(serve.build_client());
        let mut roots = RootCertStore::empty();
        let authority = serve.authority();
        roots
            .add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap())
            .unwrap();
        let config = ClientConfig::builder().with_root_certificates(roots);
        let config = match identity {
            None => config.with_no_client_auth(),
            Some(identity) => {
                let chain = CertificateDer::pem_slice_iter(identity.certificate.as_bytes());
                let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
                let chain = chain.collect::<Result<_, _>>().unwrap();
                config.with_client_auth_cert(chain, key).unwrap()
            }
        };
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(("127.0.0.1", serve.port())).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let mut raw = Self(StreamOwned::new(connection, stream));
        raw.send("");
        raw
    }

    /// Whether the server has shown this certificate, PEM.
    pub(crate) fn is_shown(&self, certificate: &str) -> bool {
        let expected = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        self.0.conn.peer_certificates().unwrap().first() == Some(&expected)
    }

    pub(crate) fn send(&mut self, text: &str) {
        self.try_send(text).unwrap();
    }

    /// An error if the server has closed the connection.
    pub(crate) fn try_send(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes())?;
        self.0.flush()
    }

    /// Reads so many bytes at most; `None` where the connection has ended.
    pub(crate) fn read(&mut self, most: usize) -> Option<usize> {
        let mut bytes = vec![0; most];
        self.0.read(&mut bytes).ok().filter(|read| *read > 0)
    }

    /// All that the server has still to say, until it ends the connection.
    pub(crate) fn read_rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A connection that was cut ends with an error.
        let _ = self.0.read_to_end(&mut bytes);
        bytes
    }

    /// Sends a review and reads its answer: the status line, empty if the connection has ended.
    pub(crate) fn post_review(&mut self) -> String {
        let body = build_review(&build_pod()).to_string();
        if self
            .try_send(&format!("{}{body}", build_head(body.len())))
            .is_err()
        {
            return String::new();
        }
        let line = self.status_line();
        self.skip_answer();
        line
    }

    /// Reads the rest of an answer, whose length its head says.
    pub(crate) fn skip_answer(&mut self) {
        let (mut head, mut byte) = (String::new(), [0]);
        while !head.ends_with("\r\n\r\n") && self.0.read(&mut byte).unwrap_or(0) == 1 {
            head.push(byte[0].into());
        }
        let length = head.to_lowercase();
        let length = length
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        let _ = self.0.read_exact(&mut body);
    }

    /// The head of a review's request and the first `sent` bytes of its body; gives the rest.
    pub(crate) fn begin_review(&mut self, sent: usize) -> String {
        let body = build_review(&build_pod()).to_string();
        let (first, rest) = body.split_at(sent);
        self.send(&format!("{}{first}", build_head(body.len())));
        rest.to_owned()
    }

    /// The head of a request with a body of 4 MiB, and so many bytes of it.
    pub(crate) fn begin_large(&mut self, sent: usize) {
        // Of what may stand before a review.
        self.send(&format!(
            "{}{}",
            build_head(4 * 1024 * 1024),
            " ".repeat(sent)
        ));
    }

    /// The first line of the answer.
    pub(crate) fn status_line(&mut self) -> String {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while self.0.read(&mut byte).unwrap_or(0) == 1 && byte[0] != b'\r' {
            bytes.push(byte[0]);
        }
        String::from_utf8(bytes).unwrap()
    }
}

/// The head of a review's request, whose body has this length.
pub(crate) fn build_head(length: usize) -> String {
    let head = "POST /mutate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
    format!("{head}Content-Length: {length}\r\n\r\n")
}

/// A review that is larger than a usual one.
fn build_large_review() -> String {
    format!("{}{}", " ".repeat(100_000), build_review(&build_pod()))
}

#[test]
fn slow_clients_are_told_to_go_and_others_when_to_come_back() {
    let mut config = build_config();
    config["server"] = json!({ "limits": { "reviews": 1 } });
    let serve = Serve::start(&config, Tls::Files);
    let mut head = Raw::connect(&serve);
    head.send("POST /mutate HTTP/1.1\r\nHost: ");
    // Once the one turn is taken by a large body, no other gets one, until it has run out of time.
    let busy = (
        503,
        "1 large reviews are being read, the limit\n".to_owned(),
    );
    let client = serve.build_client();
    let ask = || post_body(&client, &serve.url(), build_large_review());
    let mut body = wait_for("the turn to be taken", LIMIT, || {
        let mut body = Raw::connect(&serve);
        body.begin_large(100_000);
        let is_taken = || ask() == busy;
        let taken = wait_for("a body to take it", Duration::from_secs(2), is_taken);
        taken.map(|()| body).map_err(|error| error.to_string())
    })
    .unwrap();
    // A usual one needs no turn.
    assert_eq!(
        post_body(
            &client,
            &serve.url(),
            build_review(&build_pod()).to_string()
        )
        .0,
        200
    );
    assert_eq!(body.status_line(), "HTTP/1.1 408 Request Timeout");
    assert_eq!(ask().0, 200);
    // By whom depends on what the server has read of it.
    let line = head.status_line();
    assert!(
        line.is_empty() || line == "HTTP/1.1 408 Request Timeout",
        "{line}"
    );
}

/// Of the 32 MiB for large reviews so many leave no piece to another. They wait for each other then.
#[test]
fn large_bodies_that_wait_for_each_other_give_way_in_time() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let slow = (0..11).map(|_| {
        let mut slow = Raw::connect(&serve);
        slow.begin_large(3_100_000);
        slow
    });
    let slow: Vec<_> = slow.collect();
    let client = serve.build_client();
    let started = Instant::now();
    assert_eq!(
        post_body(
            &client,
            &serve.url(),
            build_review(&build_pod()).to_string()
        )
        .0,
        200
    );
    let answered = || Probe::from(post_body(&client, &serve.url(), build_large_review()).0 == 200);
    wait_for("a large review", Duration::from_secs(10), answered).unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(6),
        "{:?}",
        started.elapsed()
    );
    for mut slow in slow {
        let line = slow.status_line();
        let is_known = [
            "HTTP/1.1 503 Service Unavailable",
            "HTTP/1.1 408 Request Timeout",
        ];
        assert!(is_known.contains(&line.as_str()), "{line}");
    }
}
