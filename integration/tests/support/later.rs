//! A small webhook, the double of a mesh's or of a cloud's: it patches pods in which a text does not
//! stand yet.

#![allow(dead_code, reason = "each test program uses its part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use integration::certificates::Authority;
use integration::wait::wait_for;
use rustls::{ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// A webhook on a thread of its own, which ends with the process.
pub(crate) struct Later {
    address: SocketAddr,
    authority: Authority,
    asked: Arc<AtomicUsize>,
}

impl Later {
    /// Patches every pod whose JSON does not contain `mark`.
    pub(crate) fn start(mark: &str, patch: &Value) -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST, mark, patch)
    }

    /// The same, listening at this address.
    pub(crate) fn start_at(address: Ipv4Addr, mark: &str, patch: &Value) -> Self {
        Self::start_with(address, mark, patch, 0)
    }

    /// Patches nothing, and answers nobody before it was asked so often.
    pub(crate) fn once_asked(times: usize) -> Self {
        Self::start_with(Ipv4Addr::LOCALHOST, "", &json!([]), times)
    }

    fn start_with(address: Ipv4Addr, mark: &str, patch: &Value, times: usize) -> Self {
        let authority = Authority::new("another webhook").unwrap();
        let identity = authority.issue_server(&[&address.to_string()]).unwrap();
        let config = Arc::new(identity.server_config().unwrap());
        let listener = TcpListener::bind((address, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let (of_thread, mark, patch) = (Arc::clone(&asked), mark.to_owned(), patch.to_string());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let (asked, mark, patch) = (Arc::clone(&of_thread), mark.clone(), patch.clone());
                thread::spawn(move || {
                    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
                    while let Some(body) = read_body(&mut stream) {
                        asked.fetch_add(1, Ordering::SeqCst);
                        let is_time = || asked.load(Ordering::SeqCst) >= times;
                        // Where it never comes, the API server does not wait so long.
                        let _ = wait_for("the others", Duration::from_secs(30), is_time);
                        let answer = build_answer(&body, &mark, &patch);
                        if write!(stream.get_mut(), "{answer}").is_err() {
                            break;
                        }
                    }
                });
            }
        });
        Self {
            address,
            authority,
            asked,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}/mutate", self.address)
    }

    pub(crate) fn authority(&self) -> String {
        self.authority.certificate().to_owned()
    }

    /// How often it was asked.
    pub(crate) fn count_asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// The body of the next request.
fn read_body(stream: &mut BufReader<StreamOwned<ServerConnection, TcpStream>>) -> Option<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = String::new();
    stream.take(length).read_to_string(&mut body).ok()?;
    Some(body)
}

fn build_answer(body: &str, mark: &str, patch: &str) -> String {
    let review: Value = serde_json::from_str(body).unwrap();
    let mut response = json!({ "uid": review["request"]["uid"], "allowed": true });
    if !review["request"]["object"].to_string().contains(mark) {
        response["patchType"] = json!("JSONPatch");
        response["patch"] = json!(BASE64_STANDARD.encode(patch));
    }
    let answer = json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response,
    })
    .to_string();
    let length = answer.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{answer}"
    )
}
