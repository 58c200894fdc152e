//! The runs by which a secret is found: of it as it is, and of its base64.

use super::index::key;
use super::rule::{Kind, RUN, Rule};
use super::view::fold;

/// Fewest bytes of a short secret that is looked for inside of longer words.
const INSIDE: usize = 4;

/// Bits of a secret that share a character of base64 with what stands before it, by how many bytes
/// of a group of three that is.
const SHARED_BITS: [usize; 3] = [0, 4, 2];

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Calls `found` with each run that would betray the secret, and where it would.
pub(super) fn each(kind: Kind, secret: &[u8], found: &mut impl FnMut(u64, Rule)) {
    let inside = match kind {
        Kind::Credential => Rule::Anywhere,
        Kind::Value => Rule::Foreign,
    };
    let short = match kind {
        Kind::Credential if secret.len() >= INSIDE => Rule::Foreign,
        _ => Rule::Whole,
    };
    runs(secret.iter().map(|byte| fold(*byte)), inside, short, found);
    let in_base64 = if secret.len() >= INSIDE {
        Rule::Foreign
    } else {
        Rule::Whole
    };
    for shared in SHARED_BITS {
        // Shorter than that, a part of base64 is any word.
        if secret.len() < INSIDE && shared > 0 {
            break;
        }
        let groups = || groups(secret, shared);
        runs(groups().map(standard), inside, in_base64, found);
        if groups().any(|group| group >= 62) {
            runs(groups().map(url_safe), inside, in_base64, found);
        }
    }
}

/// All runs of eight; of less than that the whole.
fn runs(
    bytes: impl Iterator<Item = u8>,
    long: Rule,
    short: Rule,
    found: &mut impl FnMut(u64, Rule),
) {
    let (mut run, mut length) = (0_u64, 0_usize);
    for byte in bytes {
        run = run << 8 | u64::from(byte);
        length += 1;
        if length >= RUN {
            found(run, long);
        }
    }
    if (1..RUN).contains(&length) {
        found(key(run, length), short);
    }
}

/// The groups of six bits that belong to the secret alone, after its first `shared` bits. Of one that
/// is shorter than three bytes the last group as well, as it is without anything behind it.
fn groups(secret: &[u8], shared: usize) -> impl Iterator<Item = u8> {
    let bits = secret.len() * 8;
    let last = if secret.len() < INSIDE {
        bits + 5
    } else {
        bits
    };
    (0..last.saturating_sub(shared) / 6).map(move |number| {
        let at = shared + number * 6;
        let byte = |index: usize| u16::from(secret.get(index).copied().unwrap_or_default());
        let pair = byte(at / 8) << 8 | byte(at / 8 + 1);
        (pair >> (10 - at % 8) & 0b11_1111) as u8
    })
}

fn standard(group: u8) -> u8 {
    STANDARD[usize::from(group)]
}

fn url_safe(group: u8) -> u8 {
    match standard(group) {
        b'+' => b'-',
        b'/' => b'_',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{groups, standard};
    use data_encoding::BASE64;
    use proptest::prelude::*;

    proptest! {
        /// What is taken for the secret's own part of base64 is in it, whatever is around the secret.
        #[test]
        fn groups_are_what_base64_has(
            secret in proptest::collection::vec(any::<u8>(), 4..40),
            before in proptest::collection::vec(any::<u8>(), 0..3),
            after in proptest::collection::vec(any::<u8>(), 0..4),
        ) {
            let shared = super::SHARED_BITS[before.len()];
            let own: String = groups(&secret, shared).map(|group| char::from(standard(group))).collect();
            let all = BASE64.encode(&[before, secret, after].concat());
            prop_assert!(all.contains(&own), "{all} has no {own}");
        }
    }
}
