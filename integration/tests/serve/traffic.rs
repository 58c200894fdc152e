//! Clients that ask without pause, as a Service directs them: to a server as long as it is ready.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use integration::http;
use reqwest::blocking::Client;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;

use crate::build_pod;
use crate::tokenpipe::{Serve, Tls, build_config, build_review, post_body};

/// Clients at work. Half of them keep their connection, the others have a new one for each review.
pub(crate) struct Traffic {
    goes_on: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<Result<(), String>>>,
}

impl Traffic {
    pub(crate) fn start(serve: &Serve) -> Self {
        let (goes_on, answered) = (
            Arc::new(AtomicBool::new(true)),
            Arc::new(AtomicUsize::new(0)),
        );
        let body = build_review(&build_pod()).to_string();
        let clients = (0..4).map(|number| {
            let kept = usize::from(number % 2 == 0);
            let client = http::client_builder(&serve.authority()).unwrap();
            let client = client.pool_max_idle_per_host(kept).build().unwrap();
            let (goes_on, answered) = (Arc::clone(&goes_on), Arc::clone(&answered));
            let (url, body) = (serve.url(), body.clone());
            thread::spawn(move || {
                while goes_on.load(Ordering::SeqCst) {
                    post_review(&client, &url, &body)?;
                    answered.fetch_add(1, Ordering::SeqCst);
                }
                Ok(())
            })
        });
        let clients = clients.collect();
        Self {
            goes_on,
            answered,
            clients,
        }
    }

    /// How many reviews have been answered.
    pub(crate) fn count_answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// Lets the clients end; what went wrong is an error.
    pub(crate) fn stop(self) -> Result<usize, String> {
        self.goes_on.store(false, Ordering::SeqCst);
        for client in self.clients {
            client.join().unwrap()?;
        }
        Ok(self.answered.load(Ordering::SeqCst))
    }
}

fn post_review(client: &Client, url: &str, body: &str) -> Result<(), String> {
    let request = client.post(url).header(CONTENT_TYPE, "application/json");
    let answer = request.body(body.to_owned()).send();
    let answer = answer.map_err(|error| format!("{error:?}"))?;
    let (status, text) = (
        answer.status(),
        answer.text().map_err(|error| format!("{error:?}"))?,
    );
    if status == 200 && text.contains("\"patchType\":\"JSONPatch\"") {
        Ok(())
    } else {
        Err(format!("{status}: {text}"))
    }
}

/// Every review on a connection of its own: what the server's threads share when they shake hands
/// must bear that. It did not while OpenSSL was built without threads.
#[test]
fn many_handshakes_at_a_time() {
    let mut config = build_config();
    config["server"] = json!({ "limits": { "workers": 4 } });
    let serve = Serve::start(&config, Tls::Files);
    let body = build_review(&build_pod()).to_string();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let client = http::client_builder(&serve.authority()).unwrap();
                let client = client.pool_max_idle_per_host(0).build().unwrap();
                for _ in 0..100 {
                    assert_eq!(post_body(&client, &serve.url(), body.clone()).0, 200);
                }
            });
        }
    });
}
