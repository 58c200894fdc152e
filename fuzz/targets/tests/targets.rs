//! Every target on its seeds, on what was found before, and on changed seeds: what the fuzzer does, without
//! a nightly compiler and for a moment only.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use fuzz_targets::{ALL, Target, seeds};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

fn target(name: &str) -> &'static Target {
    ALL.iter().find(|target| target.name == name).unwrap()
}

fn files(directory: PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// A piece of a seed that is replaced by a piece of another, or by other bytes.
fn changed(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let piece = (select(seeds.clone()), any::<Index>(), any::<Index>()).prop_map(|(seed, a, b)| {
        let (a, b) = (a.index(seed.len() + 1), b.index(seed.len() + 1));
        seed[a.min(b)..a.max(b)].to_vec()
    });
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..4),
        "[ -~\n]{0,6}".prop_map(String::into_bytes),
        select(vec![
            "${", "}", "#", "?", "vault:", "\\", "\"", "{", "[", "null", "ü", "\0", "-1"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        piece,
    ];
    let change = (any::<Index>(), 0_usize..8, bytes);
    (select(seeds), proptest::collection::vec(change, 0..4)).prop_map(|(mut seed, changes)| {
        for (at, length, bytes) in changes {
            let at = at.index(seed.len() + 1);
            let end = (at + length).min(seed.len());
            seed.splice(at..end, bytes);
        }
        seed
    })
}

fn hold(name: &str, cases: u32) {
    let target = target(name);
    let seeds = (target.seeds)();
    assert!(seeds.len() > 1, "{name} has no seeds");
    for seed in &seeds {
        (target.run)(seed);
    }
    for file in files(seeds::repository().join("fuzz/regressions").join(name)) {
        (target.run)(&fs::read(file).unwrap());
    }
    let mut runner = TestRunner::new(Config {
        // What is found is kept in `fuzz/regressions/`.
        failure_persistence: None,
        ..Config::with_cases(cases)
    });
    let tested = runner.run(&changed(seeds), |input| {
        (target.run)(&input);
        Ok(())
    });
    tested.unwrap();
}

#[test]
fn every_target_has_a_program_for_the_fuzzer() {
    let programs = files(seeds::repository().join("fuzz/fuzz_targets"));
    let programs: BTreeSet<_> = programs
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap())
        .collect();
    let names: BTreeSet<_> = ALL.iter().map(|target| target.name).collect();
    assert_eq!(programs, names);
    let manifest = fs::read_to_string(seeds::repository().join("fuzz/Cargo.toml")).unwrap();
    for name in names {
        assert!(
            manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")),
            "{name}"
        );
    }
}

#[test]
fn reference() {
    hold("reference", 4096);
}

#[test]
fn template() {
    hold("template", 2048);
}

#[test]
fn template_work() {
    hold("template_work", 512);
}

#[test]
fn settings() {
    hold("settings", 1024);
}

#[test]
fn token_volume() {
    hold("token_volume", 1024);
}

#[test]
fn agent_output() {
    hold("agent_output", 1024);
}

#[test]
fn answer() {
    hold("answer", 1024);
}

#[test]
fn redactor() {
    hold("redactor", 1024);
}

#[test]
fn login() {
    hold("login", 1024);
}

#[test]
fn agent_file() {
    hold("agent_file", 1024);
}

#[test]
fn migration() {
    hold("migration", 512);
}

#[test]
fn admission() {
    hold("admission", 512);
}
