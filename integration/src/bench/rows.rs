//! What is measured, what is wanted, what others need.

use contract::{did_you_mean, nearest};

use super::reviews::{self, Expected, Wish};
use super::starts::{self, Work};
use super::{Bench, BenchError, Figure, pods, sizes};

/// One line of the table.
pub(super) struct Row {
    /// What repeats it: `make bench ROW=…`.
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// The same of others, from start to end, on a machine of this kind.
    pub(super) peers: &'static str,
    pub(super) measure: fn(&mut Bench) -> Result<Figure, BenchError>,
}

/// Of what the peers' figures are.
pub(super) const PEERS: &str = "Peers were measured once, on an idle machine with 2 cores, against the same Vault: \
    vault-env d98bbf9, secret-init 2ddb400, envconsul 5e43222 (-once), vault-k8s fbc5b1f. \
    Their times are whole starts, a shell's being 2 to 4 ms.";

const NOTHING: Work = Work {
    references: 0,
    paths: 1,
    tls: false,
};
const ONE_TLS: Work = Work {
    references: 1,
    paths: 1,
    tls: true,
};
const TEN: Work = Work {
    references: 10,
    paths: 10,
    tls: false,
};
const HUNDRED: Work = Work {
    references: 100,
    paths: 50,
    tls: false,
};
const HUNDRED_TLS: Work = Work {
    tls: true,
    ..HUNDRED
};

const SMALL_PODS: Wish = Wish {
    pod: pods::build_small_pod,
    expected: Expected::Patch,
    at_least: 10_000.0,
    p99: Some(5.0),
};
const LARGE_PODS: Wish = Wish {
    pod: pods::build_large_pod,
    expected: Expected::Patch,
    at_least: 2_500.0,
    p99: None,
};
const FOREIGN_PODS: Wish = Wish {
    pod: pods::build_foreign_pod,
    expected: Expected::Untouched,
    at_least: 5_000.0,
    p99: None,
};

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "no-reference",
        about: "env-exec, no reference in the environment",
        peers: "vault-env 29 ms, secret-init 36 ms",
        measure: |bench| starts::over_floor(bench, NOTHING, 3.0),
    },
    Row {
        name: "one-tls",
        about: "env-exec, 1 reference, over HTTPS with a CA of its own",
        peers: "without TLS: vault-env 33 ms, secret-init 35 ms, envconsul 15 ms",
        measure: |bench| starts::over_floor(bench, ONE_TLS, 6.0),
    },
    Row {
        name: "ten",
        about: "env-exec, 10 references on 10 paths",
        peers: "vault-env 39 ms, secret-init 44 ms",
        measure: |bench| starts::over_floor(bench, TEN, 8.0),
    },
    Row {
        name: "hundred",
        about: "env-exec, 100 references on 50 paths",
        peers: "vault-env 63 ms, secret-init 73 ms",
        measure: |bench| starts::over_floor(bench, HUNDRED, 20.0),
    },
    Row {
        name: "hundred-far",
        about: "env-exec, 100 references on 50 paths, 5 ms of round trip to Vault",
        peers: "",
        measure: |bench| starts::round_trips(bench, HUNDRED, 10.0),
    },
    Row {
        name: "memory",
        about: "env-exec, 100 references on 50 paths, over HTTPS",
        peers: "vault-env 39 to 41 MiB, secret-init 41 to 44 MiB, envconsul 15 MiB",
        measure: |bench| sizes::measure_memory(bench, HUNDRED_TLS, 6.0),
    },
    Row {
        name: "size",
        about: "env-exec",
        peers: "vault-env 54.5 MB, secret-init 62.1 MB, envconsul 19.5 MB",
        measure: |bench| sizes::measure_file(bench, 5.0),
    },
    Row {
        name: "reviews",
        about: "tokenpipe serve, pods of 1 container, 1 core, TLS, 8 connections",
        peers: "vault-k8s 2,643/s, p50 2.8 ms, p99 10.7 ms",
        measure: |bench| reviews::measure_rate(bench, &SMALL_PODS),
    },
    Row {
        name: "large-reviews",
        about: "tokenpipe serve, pods of 10 containers with 100 variables each",
        peers: "vault-k8s 471/s, p50 17.5 ms, p99 42 ms",
        measure: |bench| reviews::measure_rate(bench, &LARGE_PODS),
    },
    Row {
        name: "untouched-reviews",
        about: "tokenpipe serve, such large pods without any sign of tokenpipe",
        peers: "",
        measure: |bench| reviews::measure_rate(bench, &FOREIGN_PODS),
    },
    Row {
        name: "million-reviews",
        about: "tokenpipe serve, a million reviews of pods of 1 container",
        peers: "vault-k8s 45 MB",
        measure: |bench| reviews::measure_memory(bench, pods::build_small_pod, 20.0),
    },
];

/// The rows of these names, or all.
pub(super) fn select_rows(names: &[String]) -> Result<Vec<&'static Row>, BenchError> {
    if names.is_empty() {
        return Ok(ROWS.iter().collect());
    }
    names.iter().map(|name| find_row(name)).collect()
}

fn find_row(name: &str) -> Result<&'static Row, BenchError> {
    let known = || ROWS.iter().map(|row| row.name);
    ROWS.iter()
        .find(|row| row.name == name)
        .ok_or_else(|| BenchError::NoRow {
            name: name.to_owned(),
            hint: did_you_mean(nearest(name, known())),
            known: known().collect::<Vec<_>>().join(", "),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_their_names() {
        let names = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            select_rows(&names).map(|rows| rows.iter().map(|row| row.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&[]).unwrap().len(), ROWS.len());
        assert_eq!(names(&["size", "ten"]).unwrap(), ["size", "ten"]);
        let error = names(&["hundert"]).unwrap_err().to_string();
        let (begin, end) = (
            "there is no row `hundert`, there are no-reference, ",
            "; did you mean \"hundred\"?",
        );
        assert!(error.starts_with(begin) && error.ends_with(end), "{error}");
    }
}
