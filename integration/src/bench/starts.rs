//! env-exec's starts, as in a pod: settings of the webhook, a token in a token volume, a shredder.

use std::process::Command;
use std::time::Duration;

use serde_json::json;

use super::quantity::{Claim, Quantity, Unit, Wanted, to_milliseconds};
use super::samples::Samples;
use super::stopwatch::{Contestant, take_turns};
use super::vault::{Seeded, build_variable};
use super::{Bench, BenchError, Figure, effort};
use crate::env_exec::Start;
use crate::network::Relay;

/// How often each is started, usually and in a hurry.
const ROUNDS: (usize, usize) = (60, 4);
/// With a distance that is waited for.
const FAR_ROUNDS: (usize, usize) = (30, 3);

/// The round trip that the relay adds.
const DISTANCE: Duration = Duration::from_millis(5);

/// The program that both start: the least there is.
const PROGRAM: [&str; 1] = ["/bin/true"];

/// What a start has to do.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) references: usize,
    pub(super) paths: usize,
    pub(super) tls: bool,
}

/// The time of a start over the floor, at most so many milliseconds.
pub(super) fn over_floor(
    bench: &mut Bench,
    work: Work,
    at_most: f64,
) -> Result<Figure, BenchError> {
    let seeded = bench.vault.get()?;
    let address = if work.tls {
        seeded.vault.tls_address()
    } else {
        seeded.vault.address()
    };
    let start = prepare_start(seeded, address, work)?;
    check_start(&start, work)?;
    let start = start.with_program(PROGRAM);
    let rounds = bench.choose_amount(ROUNDS.0, ROUNDS.1);
    let [floor, ours] = take_turns(
        rounds,
        [
            Contestant::new(build_shell_command(&start), || Ok(())),
            Contestant::new(start.build_command()?, || lay_out(&start, seeded)),
        ],
    )?;
    let claim = Claim {
        what: "over the floor",
        measured: subtract_floor(&floor, &ours),
        wanted: Wanted::AtMost(at_most),
    };
    let mut notes = vec![
        format!(
            "{}; {}",
            describe_samples("env-exec", &ours),
            describe_samples("a shell", &floor)
        ),
        describe_processor_time(&floor, &ours),
    ];
    if !claim.is_met() {
        lay_out(&start, seeded)?;
        notes.extend(effort::system_calls(&start)?);
    }
    let claims = vec![claim];
    Ok(Figure { claims, notes })
}

/// How many round trips a start waits for, with Vault at a distance.
pub(super) fn round_trips(
    bench: &mut Bench,
    work: Work,
    at_most: f64,
) -> Result<Figure, BenchError> {
    let seeded = bench.vault.get()?;
    let relay = |distance| {
        Relay::to_target(seeded.vault.address())?
            .round_trip(distance)
            .start()
    };
    let (near, far) = (relay(Duration::ZERO)?, relay(DISTANCE)?);
    let through =
        |relay: &Relay| prepare_start(seeded, &format!("http://{}", relay.address()), work);
    let (near_start, far_start) = (through(&near)?.with_program(PROGRAM), through(&far)?);
    check_start(&far_start, work)?;
    let (requests, connections) = (far.requests().len(), far.connections());
    let far_start = far_start.with_program(PROGRAM);
    let rounds = bench.choose_amount(FAR_ROUNDS.0, FAR_ROUNDS.1);
    let [floor, at_hand, away] = take_turns(
        rounds,
        [
            Contestant::new(build_shell_command(&far_start), || Ok(())),
            Contestant::new(near_start.build_command()?, || lay_out(&near_start, seeded)),
            Contestant::new(far_start.build_command()?, || lay_out(&far_start, seeded)),
        ],
    )?;
    let claim = Claim {
        what: "wall time over the floor",
        measured: to_round_trips(away.median().saturating_sub(floor.median())),
        wanted: Wanted::AtMost(at_most),
    };
    let waited = to_round_trips(away.median().saturating_sub(at_hand.median()));
    let notes = vec![
        format!(
            "{}; {}",
            describe_samples("env-exec", &away),
            describe_samples("a shell", &floor)
        ),
        format!(
            "{}: the distance itself costs {waited}",
            describe_samples("without the distance", &at_hand)
        ),
        format!("{requests} requests over {connections} connections, by the relay's count"),
        describe_processor_time(&floor, &away),
    ];
    let claims = vec![claim];
    Ok(Figure { claims, notes })
}

fn to_round_trips(time: Duration) -> Quantity {
    Quantity {
        amount: to_milliseconds(time) / to_milliseconds(DISTANCE),
        unit: Unit::RoundTrips,
    }
}

/// A start as in a pod.
pub(super) fn prepare_start(
    seeded: &Seeded,
    address: &str,
    work: Work,
) -> Result<Start, BenchError> {
    let mut start = Start::in_pod(address, &seeded.token)?.with_setting("restart", json!("rerun"));
    if work.tls {
        let authority = seeded.vault.authority().certificate();
        start = start.with_setting("vault.ca", json!(authority));
    }
    for index in 0..work.references {
        let (name, reference, _) = build_variable(index, work.paths);
        start = start.with_variable(name, reference);
    }
    Ok(start)
}

/// What the init container leaves for a first start.
pub(super) fn lay_out(start: &Start, seeded: &Seeded) -> Result<(), BenchError> {
    match std::fs::remove_file(start.record_file()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    Ok(start.put_token(&seeded.token)?)
}

/// The same program with the same environment, by way of a shell.
fn build_shell_command(start: &Start) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", r#"exec "$@""#, "sh"]).args(PROGRAM);
    start.set_environment(&mut command);
    command
}

/// Sees with one start that the program gets every secret and that the token is gone.
fn check_start(start: &Start, work: Work) -> Result<(), BenchError> {
    let wrong = |what: String| Err(BenchError::NotResolved(what));
    let started = start.run()?;
    if started.code() != Some(0) {
        return wrong(started.line());
    }
    for index in 0..work.references {
        let (name, _, value) = build_variable(index, work.paths);
        if started.variable(&name).as_deref() != Some(&value) {
            return wrong(format!("{name} is not what Vault has"));
        }
    }
    if start.token_file().exists() {
        return wrong("the token is still there".into());
    }
    Ok(())
}

fn subtract_floor(floor: &Samples, ours: &Samples) -> Quantity {
    Quantity::from_duration(ours.median().saturating_sub(floor.median()))
}

fn describe_samples(name: &str, samples: &Samples) -> String {
    let (low, high) = samples.quartiles();
    format!(
        "{name} {} (half of {} starts {:.2} to {:.2})",
        Quantity::from_duration(samples.median()),
        samples.len(),
        to_milliseconds(low),
        to_milliseconds(high)
    )
}

/// Of the difference: how much is work of the processor, the rest being spent waiting.
fn describe_processor_time(floor: &Samples, ours: &Samples) -> String {
    format!(
        "processor time over the floor {}, on average; the rest is waiting",
        ours.effort() - floor.effort()
    )
}
