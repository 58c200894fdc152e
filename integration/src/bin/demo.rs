//! Placeholder of the demo: so far only the helper of the stand-in for kubelet.

#![forbid(unsafe_code)]

use std::env;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use integration::kubelet;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    if let [first, launch] = &arguments[..]
        && first == kubelet::CONTAINER
    {
        let error = kubelet::become_command(Path::new(launch));
        // The log is all that is left to tell.
        let _ = writeln!(std::io::stderr(), "{error}");
        return ExitCode::from(kubelet::NOT_STARTED);
    }
    ExitCode::FAILURE
}
