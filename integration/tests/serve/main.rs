//! The HTTP side of `tokenpipe serve`, on the real program.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

mod certificate;
mod client_certificate;
mod configuration;
mod crowd;
mod hostile;
mod logs;
mod requests;
mod slow;
mod stop;
mod stuck;
#[path = "../support/tokenpipe.rs"]
mod tokenpipe;
mod traffic;
mod unread;
mod wire;

use serde_json::{Value, json};

/// A pod that is injected.
fn build_pod() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web" },
        "spec": { "containers": [{
            "name": "app", "image": "shop/web:3", "command": ["/web"],
            "env": [{ "name": "P", "value": "vault:secret/data/db#password" }],
        }] },
    })
}
