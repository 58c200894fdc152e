//! wrk, and what it says.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::BenchError;
use crate::process;
use crate::temp;
use crate::tools::{self, Tool};

/// Connections that are kept, all in one thread.
pub(super) const CONNECTIONS: usize = 8;

/// Over what it was told to take.
const GRACE: Duration = Duration::from_secs(30);

/// What wrk found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Load {
    /// Answered requests.
    pub(super) requests: u64,
    /// Requests in a second.
    pub(super) rate: f64,
    /// Half of the answers took no longer.
    pub(super) median: Duration,
    /// Nor did 99 of a hundred.
    pub(super) p99: Duration,
    /// What went wrong, in wrk's words.
    pub(super) complaints: Vec<String>,
}

/// Posts one body again and again, for so many seconds.
pub(super) fn post_repeatedly(url: &str, body: &str, time: Duration) -> Result<Load, BenchError> {
    let directory = temp::create_directory("wrk")?;
    let (script, text) = (
        directory.path().join("post.lua"),
        directory.path().join("body"),
    );
    fs::write(&text, body)?;
    fs::write(&script, render_script(&text))?;
    let mut command = Command::new(tools::find_tool(Tool::Wrk)?);
    command
        .args(["--latency", "--threads", "1", "--timeout", "10s"])
        .args(["--connections", &CONNECTIONS.to_string()])
        .args(["--duration", &format!("{}s", time.as_secs().max(1))])
        .arg("--script")
        .arg(script)
        .arg(url);
    let output = process::run_command(&mut command, time + GRACE)?;
    if output.code() != Some(0) {
        return Err(BenchError::Ended {
            program: "wrk".into(),
            status: format!("{}: {}", output.status, output.stderr().trim()),
        });
    }
    parse(&output.stdout())
}

fn render_script(body: &Path) -> String {
    format!(
        "local file = assert(io.open({:?}, 'rb'))\n\
         wrk.method = 'POST'\n\
         wrk.headers['Content-Type'] = 'application/json'\n\
         wrk.body = file:read('*a')\n",
        body.display().to_string()
    )
}

fn parse(text: &str) -> Result<Load, BenchError> {
    let lines = || text.lines().map(str::trim);
    let behind = |name: &'static str| {
        let value = lines().find_map(|line| line.strip_prefix(name));
        value.map(str::trim).ok_or(BenchError::Wrk(name))
    };
    let requests = lines().find_map(|line| line.split_once(" requests in "));
    let requests = requests.and_then(|(count, _)| count.parse().ok());
    let rate = behind("Requests/sec:")?.parse().ok();
    let complaints = lines().filter(|line| {
        line.starts_with("Socket errors:") || line.starts_with("Non-2xx or 3xx responses:")
    });
    Ok(Load {
        requests: requests.ok_or(BenchError::Wrk("requests in"))?,
        rate: rate.ok_or(BenchError::Wrk("Requests/sec:"))?,
        median: parse_time(behind("50%")?).ok_or(BenchError::Wrk("50%"))?,
        p99: parse_time(behind("99%")?).ok_or(BenchError::Wrk("99%"))?,
        complaints: complaints.map(str::to_owned).collect(),
    })
}

/// A time as wrk writes it: `950.00us`, `1.05ms`, `1.20s`, `1.50m`, `1.00h`.
fn parse_time(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
Running 10s test @ https://127.0.0.1:8443/mutate
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.01ms  340.23us   9.92ms   89.10%
    Req/Sec     7.96k   612.12     9.11k    73.00%
  Latency Distribution
     50%  950.00us
     75%    1.10ms
     90%    1.31ms
     99%    2.21ms
  79163 requests in 10.00s, 34.05MB read
Requests/sec:   7915.41
Transfer/sec:      3.40MB
";

    #[test]
    fn wrk_output_is_parsed() {
        let expected = Load {
            requests: 79163,
            rate: 7915.41,
            median: Duration::from_micros(950),
            p99: Duration::from_micros(2210),
            complaints: vec![],
        };
        assert_eq!(parse(OUTPUT).unwrap(), expected);
    }

    #[test]
    fn complaints_are_kept() {
        let socket = "Socket errors: connect 0, read 3, write 0, timeout 0";
        let status = "Non-2xx or 3xx responses: 12";
        let text = OUTPUT.replace(
            "Requests/sec",
            &format!("  {socket}\n  {status}\nRequests/sec"),
        );
        assert_eq!(parse(&text).unwrap().complaints, [socket, status]);
    }

    #[test]
    fn missing_figure_is_named() {
        for (found, missing) in [
            ("     99%", "99%"),
            ("     50%", "50%"),
            ("Requests/sec:", "Requests/sec:"),
            (" requests in ", "requests in"),
        ] {
            let error = parse(&OUTPUT.replace(found, "  x")).unwrap_err();
            assert_eq!(error.to_string(), format!("wrk's output has no {missing}"));
        }
    }

    #[test]
    fn times_have_units() {
        for (text, micros) in [
            ("950.00us", Some(950)),
            ("1.05ms", Some(1050)),
            ("1.20s", Some(1_200_000)),
            ("1.50m", Some(90_000_000)),
            ("1.00h", Some(3_600_000_000)),
            ("1.00", None),
            ("1.00d", None),
            ("ms", None),
        ] {
            assert_eq!(
                parse_time(text),
                micros.map(Duration::from_micros),
                "{text}"
            );
        }
    }
}
