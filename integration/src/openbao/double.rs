//! A double of `OpenBao` 2.x: tokens with policies, uses and an end, and what it answers to a dead one.
//! `BAO_BIN` has the tests compare it with the real one.

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::network::{Answer, Request, Responder};
use crate::vault::Vault;

/// Starts it.
pub(super) fn start_responder() -> io::Result<Responder> {
    let state = Mutex::new(State::default());
    Responder::start(move |request| match state.lock() {
        Ok(mut state) => state.answer_request(request),
        Err(_) => Answer::Close,
    })
}

#[derive(Default)]
struct State {
    tokens: BTreeMap<String, Token>,
    /// By name, the prefix of the paths that it allows.
    policies: BTreeMap<String, String>,
    secrets: BTreeMap<String, Value>,
}

struct Token {
    policies: Vec<String>,
    /// How often it may still be used, where that is limited.
    uses: Option<u64>,
    end: Option<Instant>,
}

impl Token {
    fn is_live(&self) -> bool {
        self.uses != Some(0) && self.end.is_none_or(|end| Instant::now() < end)
    }
}

/// What is said about a dead token. A policy's denial is the same sentence in a list of one.
const DEAD: &str = "permission denied";
const DENIED: &str = "1 error occurred:\n\t* permission denied\n\n";

impl State {
    fn answer_request(&mut self, request: &Request) -> Answer {
        let mut words = request.line.split(' ');
        let (method, target) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let path = target.trim_start_matches("/v1/");
        let token = request.header("x-vault-token").unwrap_or_default();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        if token == Vault::ROOT_TOKEN {
            return self.answer_administrator(method, path, &body);
        }
        let Some(live) = self.tokens.get_mut(token).filter(|token| token.is_live()) else {
            return denied_answer(DEAD);
        };
        // Handled as a login is: before the use is counted, and without a policy.
        if path == "sys/internal/ui/mounts" {
            return data_answer(&json!({ "auth": {}, "secret": {} }));
        }
        // A denied request is a use as well.
        live.uses = live.uses.map(|uses| uses - 1);
        let allows = |policy: &String| {
            let prefix = self.policies.get(policy);
            let of_default = policy == "default" && path == "auth/token/lookup-self";
            of_default || prefix.is_some_and(|prefix| path.starts_with(prefix))
        };
        if live.policies.iter().any(allows) {
            self.answer_read(path)
        } else {
            denied_answer(DENIED)
        }
    }

    fn answer_read(&self, path: &str) -> Answer {
        match self.secrets.get(path) {
            Some(secret) => {
                let metadata = json!({ "version": 1, "created_time": "2026-11-23T00:00:00Z" });
                data_answer(&json!({ "data": secret["data"], "metadata": metadata }))
            }
            None => Answer::json("404 Not Found", &json!({ "errors": [] })),
        }
    }

    fn answer_administrator(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        if method == "GET" {
            return self.answer_read(path);
        }
        if path == "auth/token/create" {
            return self.create_token(body);
        }
        if path == "auth/token/revoke" {
            self.tokens
                .remove(body["token"].as_str().unwrap_or_default());
        } else if let Some(name) = path.strip_prefix("sys/policies/acl/") {
            let path = body["policy"]
                .as_str()
                .and_then(|text| text.split('"').nth(1));
            let prefix = path.unwrap_or_default().trim_end_matches('*');
            self.policies.insert(name.to_owned(), prefix.to_owned());
        } else {
            self.secrets.insert(path.to_owned(), body.clone());
        }
        Answer::new("204 No Content", &[], "")
    }

    fn create_token(&mut self, fields: &Value) -> Answer {
        let seconds = |text: &str| text.trim_end_matches('s').parse().ok();
        let life = fields["ttl"].as_str().and_then(seconds);
        let policies = fields["policies"].as_array().into_iter().flatten();
        let mut policies: Vec<_> = policies
            .filter_map(|name| Some(name.as_str()?.to_owned()))
            .collect();
        if fields["no_default_policy"] != true {
            policies.push("default".to_owned());
        }
        let token = Token {
            policies,
            uses: fields["num_uses"].as_u64().filter(|uses| *uses > 0),
            end: life.map(|life| Instant::now() + Duration::from_secs(life)),
        };
        let name = format!("s.token{}", self.tokens.len());
        self.tokens.insert(name.clone(), token);
        let auth = json!({ "client_token": name });
        Answer::json("200 OK", &json!({ "request_id": "x", "auth": auth }))
    }
}

fn data_answer(data: &Value) -> Answer {
    Answer::json("200 OK", &json!({ "request_id": "x", "data": data }))
}

fn denied_answer(reason: &str) -> Answer {
    Answer::json("403 Forbidden", &json!({ "errors": [reason] }))
}
