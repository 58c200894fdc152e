use std::cell::Cell;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{Answer, Relay, Reset, Responder, start_on_free_ports};

fn start_hello_server() -> Responder {
    Responder::start(|_| Answer::new("200 OK", &[], "hello")).unwrap()
}

fn get(stream: &mut TcpStream, path: &str) -> std::io::Result<String> {
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes())?;
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..read]).into_owned())
}

#[test]
fn a_relay_counts_connections_and_requests() {
    let server = start_hello_server();
    let relay = Relay::to_target(&format!("http://{}", server.address()))
        .unwrap()
        .start()
        .unwrap();
    let mut first = TcpStream::connect(relay.address()).unwrap();
    for path in ["/a", "/b"] {
        assert!(get(&mut first, path).unwrap().ends_with("\r\n\r\nhello"));
    }
    let mut second = TcpStream::connect(relay.address()).unwrap();
    get(&mut second, "/c").unwrap();
    assert_eq!(relay.connections(), 2);
    assert_eq!(relay.requests(), ["GET /a", "GET /b", "GET /c"]);
    assert_eq!(server.requests()[1].line, "GET /b HTTP/1.1");
}

#[test]
fn a_round_trip_takes_its_time_and_a_new_connection_one_more() {
    let server = start_hello_server();
    let round_trip = Duration::from_millis(60);
    let relay = Relay::to_target(&server.address().to_string()).unwrap();
    let relay = relay.round_trip(round_trip).start().unwrap();
    let mut stream = TcpStream::connect(relay.address()).unwrap();
    for (path, round_trips) in [("/first", 2), ("/second", 1), ("/third", 1)] {
        let started = Instant::now();
        get(&mut stream, path).unwrap();
        let elapsed = started.elapsed();
        assert!(elapsed >= round_trip * round_trips, "{path}: {elapsed:?}");
    }
}

#[test]
fn the_first_connections_are_reset_when_asked_for() {
    let server = start_hello_server();
    for fault in [Reset::OnAccept, Reset::OnRequest, Reset::AfterAnswer(10)] {
        let relay = Relay::to_target(&server.address().to_string()).unwrap();
        let relay = relay.reset_first(1, fault).start().unwrap();
        let mut stream = TcpStream::connect(relay.address()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let mut answer = Vec::new();
        let error = stream
            .write_all(b"GET / HTTP/1.1\r\n\r\n")
            .and_then(|()| stream.read_to_end(&mut answer))
            .unwrap_err();
        assert!(
            matches!(
                error.kind(),
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
            ),
            "{fault:?}: {error}"
        );
        assert!(
            answer.is_empty() || answer == b"HTTP/1.1 2",
            "{fault:?}: {answer:?}"
        );

        let mut again = TcpStream::connect(relay.address()).unwrap();
        assert!(
            get(&mut again, "/").unwrap().ends_with("hello"),
            "{fault:?}"
        );
    }
}

#[test]
fn a_relay_ends_with_its_handle() {
    let server = start_hello_server();
    let relay = Relay::to_target(&server.address().to_string()).unwrap();
    // Where no other test listens: on 127.0.0.1 one of them may get the port that becomes free.
    let relay = relay.start_at(([127, 0, 0, 2], 0).into()).unwrap();
    let address = relay.address();
    let mut stream = TcpStream::connect(address).unwrap();
    get(&mut stream, "/").unwrap();
    drop(relay);
    assert!(TcpStream::connect(address).is_err());
    assert!(get(&mut stream, "/").map_or(true, |answer| answer.is_empty()));
}

#[test]
fn a_lost_port_is_tried_again_and_nothing_else_is() {
    for (lost, expected) in [(true, 3), (false, 1)] {
        let tries = Cell::new(0);
        let start = || -> Result<(), ()> {
            tries.set(tries.get() + 1);
            Err(())
        };
        assert!(start_on_free_ports(start, |()| lost).is_err());
        assert_eq!(tries.get(), expected);
    }
    assert_eq!(start_on_free_ports(|| Ok::<_, ()>(7), |()| true), Ok(7));
}

#[test]
fn an_address_that_is_none_is_named() {
    let error = Relay::to_target("http://vault:8200")
        .err()
        .unwrap()
        .to_string();
    assert_eq!(error, "`vault:8200`: invalid socket address syntax");
}

#[test]
fn a_responder_answers_by_request() {
    let server = Responder::start(|request| match request.number {
        0 => Answer::too_many_requests(3),
        1 => Answer::redirect("https://elsewhere.example/"),
        2 => Answer::html("<p>"),
        3 => Answer::Reset,
        _ => Answer::Close,
    })
    .unwrap();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let first = get(&mut stream, "/").unwrap();
    assert!(
        first.starts_with("HTTP/1.1 429 Too Many Requests\r\n"),
        "{first}"
    );
    assert!(first.contains("\r\nRetry-After: 3\r\n"), "{first}");
    assert!(
        get(&mut stream, "/")
            .unwrap()
            .contains("\r\nLocation: https://elsewhere.example/\r\n")
    );
    assert!(get(&mut stream, "/").unwrap().ends_with("\r\n\r\n<p>"));
    assert_eq!(
        get(&mut stream, "/").unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
    let mut stream = TcpStream::connect(server.address()).unwrap();
    assert_eq!(get(&mut stream, "/").unwrap(), "");
}

#[test]
fn a_responder_keeps_what_it_was_sent() {
    let server = start_hello_server();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream
        .write_all(b"POST /a HTTP/1.1\r\nX-Name: v:1\r\nContent-Length: 3\r\n\r\nabc")
        .unwrap();
    get(&mut stream, "/").unwrap();
    let requests = server.requests();
    assert_eq!(requests[0].header("x-name"), Some("v:1"));
    assert_eq!(requests[0].body, b"abc");
}

#[test]
fn a_responder_can_be_slow_or_silent() {
    let server = Responder::start(|request| match request.number {
        0 => Answer::After(
            Duration::from_millis(80),
            Box::new(Answer::new("200 OK", &[], "late")),
        ),
        _ => Answer::Never,
    })
    .unwrap();
    let started = Instant::now();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    assert!(get(&mut stream, "/").unwrap().ends_with("late"));
    assert!(started.elapsed() >= Duration::from_millis(80));
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{error}"
    );
}
