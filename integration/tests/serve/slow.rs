//! Clients that take their time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use integration::wait::wait_for;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;

use crate::pod;
use crate::tokenpipe::{LIMIT, Serve, Tls, config, post, review};

/// A connection on which a test writes what it likes.
pub(crate) struct Raw(StreamOwned<ClientConnection, TcpStream>);

impl Raw {
    pub(crate) fn connect(serve: &Serve) -> Self {
        // Sets the process's cryptography too.
        drop(serve.client());
        let mut roots = RootCertStore::empty();
        let authority = serve.authority();
        roots
            .add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap())
            .unwrap();
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
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
        self.0.write_all(text.as_bytes()).unwrap();
        self.0.flush().unwrap();
    }

    /// Sends a review and reads its answer: the status line, empty if the connection has ended.
    pub(crate) fn ask(&mut self) -> String {
        let body = review(&pod()).to_string();
        let head = "POST /mutate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        if self.0.write_all(request.as_bytes()).is_err() {
            return String::new();
        }
        let _ = self.0.flush();
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
    pub(crate) fn begin(&mut self, sent: usize) -> String {
        let body = review(&pod()).to_string();
        let head = "POST /mutate HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
        let (first, rest) = body.split_at(sent);
        self.send(&format!(
            "{head}Content-Length: {}\r\n\r\n{first}",
            body.len()
        ));
        rest.to_owned()
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

#[test]
fn slow_clients_are_told_to_go_and_others_when_to_come_back() {
    let mut config = config();
    config["server"] = json!({ "limits": { "reviews": 1 } });
    let serve = Serve::start(&config, Tls::Files);
    let mut head = Raw::connect(&serve);
    head.send("POST /mutate HTTP/1.1\r\nHost: ");
    // Once the one turn is taken by a body, nobody else gets one, until it has run out of time.
    let busy = (503, "1 reviews are being read, the limit\n".to_owned());
    let client = serve.client();
    let ask = || post(&client, &serve.url(), review(&pod()).to_string());
    let mut body = wait_for("the turn to be taken", LIMIT, || {
        let mut body = Raw::connect(&serve);
        body.begin(100);
        let is_taken = || ask() == busy;
        let taken = wait_for("a body to take it", Duration::from_secs(2), is_taken);
        taken.map(|()| body).map_err(|error| error.to_string())
    })
    .unwrap();
    assert_eq!(body.status_line(), "HTTP/1.1 408 Request Timeout");
    assert_eq!(ask().0, 200);
    // By whom depends on what the server has read of it.
    let line = head.status_line();
    assert!(
        line.is_empty() || line == "HTTP/1.1 408 Request Timeout",
        "{line}"
    );
}
