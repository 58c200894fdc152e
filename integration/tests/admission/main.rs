//! Pods through a real API server, with the real `tokenpipe serve` registered in it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

mod bad_input;
mod cases;
mod controllers;
#[path = "../support/later.rs"]
mod later;
mod neighbours;
mod place;
mod reinvocation;
mod rendered;
mod shapes;
mod sizes;
#[path = "../support/tokenpipe.rs"]
mod tokenpipe;
mod traps;
mod unknown;
