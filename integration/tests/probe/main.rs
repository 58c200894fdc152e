//! A program for images made from scratch, where there is no shell: prints its environment, each
//! entry with a NUL behind it, as `env -0` does. Tests build it themselves, static.

use std::env;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

fn main() -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for (name, value) in env::vars_os() {
        stdout.write_all(name.as_bytes())?;
        stdout.write_all(b"=")?;
        stdout.write_all(value.as_bytes())?;
        stdout.write_all(b"\0")?;
    }
    Ok(())
}
