//! Which file the kernel misses where the program itself is there: the interpreter of a script, or
//! the loader of a program that is linked to libraries.

mod elf;

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// How much of a file is looked at. The kernel reads the first 256 bytes of a script; a loader's name
/// stands right behind the headers of a program.
const LOOKED_AT: u64 = 64 * 1024;

/// Interpreters may be scripts again; the kernel follows five.
const MOST: usize = 5;

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Needed {
    /// The `#!` line names it.
    Interpreter(PathBuf),
    /// The same, and the line ends as on Windows.
    CarriageReturn,
    /// The ELF header names it.
    Loader(PathBuf),
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interpreter(path) => write!(
                f,
                "`{}`, which its `#!` line names and the image does not have; add it to the image",
                path.display()
            ),
            Self::CarriageReturn => f.write_str(
                "an interpreter whose name ends in a carriage return; save the script with Unix \
                 line ends",
            ),
            Self::Loader(path) => write!(
                f,
                "the loader `{}`, which the image does not have; build it statically, or for this \
                 image's C library",
                path.display()
            ),
        }
    }
}

/// The first file of the chain that is not there. Nothing where that cannot be found out.
pub(super) fn missing(program: &Path) -> Option<Needed> {
    let mut file = program.to_owned();
    for _ in 0..MOST {
        let needed = named_by(&read_head(&file)?)?;
        file = match &needed {
            Needed::CarriageReturn => return Some(needed),
            Needed::Interpreter(path) | Needed::Loader(path) => path.clone(),
        };
        if !file.exists() {
            return Some(needed);
        }
    }
    None
}

fn read_head(path: &Path) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let file = File::open(path).ok()?;
    file.take(LOOKED_AT).read_to_end(&mut head).ok()?;
    Some(head)
}

/// What a file needs that begins with these bytes.
fn named_by(head: &[u8]) -> Option<Needed> {
    match head.strip_prefix(b"#!") {
        Some(line) => interpreter(line),
        None => elf::loader(head).map(|name| Needed::Loader(path(name))),
    }
}

fn interpreter(line: &[u8]) -> Option<Needed> {
    let line = line.split(|byte| *byte == b'\n').next()?;
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let mut words = line.split(is_blank).filter(|word| !word.is_empty());
    let name = words.next()?;
    Some(if name.ends_with(b"\r") {
        Needed::CarriageReturn
    } else {
        Needed::Interpreter(path(name))
    })
}

fn path(name: &[u8]) -> PathBuf {
    OsStr::from_bytes(name).into()
}

#[cfg(test)]
mod tests;
