//! Writes the inputs that the fuzzer begins with: `fuzz/corpus/TARGET/`.

use std::{fs, io};

use fuzz_targets::{ALL, seeds};

fn main() -> io::Result<()> {
    for target in ALL {
        let directory = seeds::repository().join("fuzz/corpus").join(target.name);
        fs::create_dir_all(&directory)?;
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            fs::write(directory.join(format!("seed-{number:04}")), seed)?;
        }
    }
    Ok(())
}
