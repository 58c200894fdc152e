//! Client certificates, by which the API server can show who it is.

use std::fs;
use std::path::Path;
use std::time::Duration;

use integration::certificates::{Authority, Identity};
use integration::wait::{Probe, wait_for};
use integration::{http, temp};
use serde_json::json;

use crate::build_pod;
use crate::slow::Raw;
use crate::tokenpipe::{LIMIT, Serve, Tls, build_config, build_review};

fn start_serve(authority: &Path) -> Serve {
    let mut config = build_config();
    config["server"] = json!({ "clientCaFile": authority });
    Serve::start(&config, Tls::Files)
}

/// Status of the answer to a review by a client with this certificate; none if there is no answer.
fn post_review(serve: &Serve, identity: Option<&Identity>) -> Option<u16> {
    let client = match identity {
        Some(identity) => http::build_client_with_certificate(&serve.authority(), identity),
        None => http::build_client(&serve.authority()),
    };
    let request = client.unwrap().post(serve.url());
    let request = request.header("content-type", "application/json");
    let answer = request
        .body(build_review(&build_pod()).to_string())
        .send()
        .ok()?;
    Some(answer.status().as_u16())
}

#[test]
fn review_without_client_certificate_of_the_authority_is_rejected() {
    let directory = temp::create_directory("clients").unwrap();
    let file = directory.path().join("ca.crt");
    let authority = Authority::new("API server").unwrap();
    fs::write(&file, authority.certificate()).unwrap();
    let serve = start_serve(&file);
    let of = |authority: &Authority| authority.issue_client("kube-apiserver", None).unwrap();
    let other = Authority::new("API server").unwrap();
    assert_eq!(post_review(&serve, None), None);
    assert_eq!(post_review(&serve, Some(&of(&other))), None);
    // Of the right authority, and made for servers.
    assert_eq!(
        post_review(
            &serve,
            Some(&authority.issue_server(&["127.0.0.1"]).unwrap())
        ),
        None
    );
    assert_eq!(post_review(&serve, Some(&of(&authority))), Some(200));
    // Probes and metrics ask for none.
    assert_eq!(serve.get("readyz").unwrap().0, 200);
    assert_eq!(serve.get("metrics").unwrap().0, 200);

    // A file that cannot be used changes nothing; another authority counts from then on.
    fs::write(&file, "no certificate").unwrap();
    let refused = "authorities of client certificates refused, the old ones stay: server.clientCaFile: \
                   no certificate in PEM form in ";
    wait_for("the refusal", LIMIT, || {
        Probe::from(serve.log().contains(refused))
    })
    .unwrap();
    assert_eq!(post_review(&serve, Some(&of(&authority))), Some(200));
    fs::write(&file, other.certificate()).unwrap();
    let is_taken = || post_review(&serve, Some(&of(&other))) == Some(200);
    wait_for("the other authority", Duration::from_secs(20), is_taken).unwrap();
    assert_eq!(post_review(&serve, Some(&of(&authority))), None);
}

#[test]
fn exchanged_authority_ends_connections_after_their_request() {
    let directory = temp::create_directory("clients").unwrap();
    let file = directory.path().join("ca.crt");
    let [former, next] = ["former", "next"].map(|name| Authority::new(name).unwrap());
    fs::write(&file, former.certificate()).unwrap();
    let serve = start_serve(&file);
    let identity = former.issue_client("kube-apiserver", None).unwrap();
    let connect = || Raw::connect_as(&serve, Some(&identity));
    let taken = |times: usize| {
        let line = "authorities of client certificates taken";
        wait_for(line, LIMIT, || serve.find_logged(line).len() == times).unwrap();
    };
    let (mut idle, unused) = (connect(), connect());
    assert_eq!(idle.post_review(), "HTTP/1.1 200 OK");
    // While both are trusted nothing ends.
    let both = [former.certificate(), next.certificate()].concat();
    fs::write(&file, both).unwrap();
    taken(1);
    assert_eq!(idle.post_review(), "HTTP/1.1 200 OK");

    // Bodies are in time for three seconds, and files are looked at every two.
    fs::write(&file, next.certificate()).unwrap();
    let mut busy = connect();
    let rest = busy.begin_review(100);
    taken(2);
    busy.send(&rest);
    assert_eq!(busy.status_line(), "HTTP/1.1 200 OK");
    busy.skip_answer();
    for (what, mut connection) in [("idle", idle), ("unused", unused), ("busy", busy)] {
        assert_eq!(connection.post_review(), "", "{what}");
    }
    let identity = next.issue_client("kube-apiserver", None).unwrap();
    let mut later = Raw::connect_as(&serve, Some(&identity));
    assert_eq!(later.post_review(), "HTTP/1.1 200 OK");
}

#[test]
fn without_client_authority_none_is_asked_for() {
    let serve = Serve::start(&build_config(), Tls::Files);
    assert_eq!(post_review(&serve, None), Some(200));
    let stranger = Authority::new("other").unwrap();
    let stranger = stranger.issue_client("someone", None).unwrap();
    assert_eq!(post_review(&serve, Some(&stranger)), Some(200));
}
