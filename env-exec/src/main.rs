//! env-exec: reads a token, resolves the references in its environment, becomes the program.

#![forbid(unsafe_code)]

use std::alloc::System;
use std::env;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// Wipes whatever is freed: no library that touched a secret leaves it in memory.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    env_exec::hide_panic_payloads();
    env_exec::run(env::args_os().skip(1), env::vars_os())
}
