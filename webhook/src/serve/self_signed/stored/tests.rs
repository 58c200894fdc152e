use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::ByteString;

use super::super::{Lifetimes, Step, decide};
use super::Stored;

const LIFETIMES: Lifetimes = Lifetimes {
    authority: 9000,
    certificate: 3000,
    settle: Duration::from_secs(60),
};
const NOW: i64 = 1_800_000_000;

fn names() -> Vec<String> {
    vec!["tokenpipe.tokenpipe.svc".into(), "127.0.0.1".into()]
}

fn written(stored: &Stored) -> BTreeMap<String, ByteString> {
    let data = stored.data().unwrap();
    data.into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// What it is after a step, written and read again.
fn after(stored: Stored, step: Step, now: i64) -> Stored {
    Stored::read(&written(
        &stored.after(step, now, &LIFETIMES, &names()).unwrap(),
    ))
}

fn first() -> Stored {
    after(Stored::default(), Step::Everything, NOW)
}

#[test]
fn it_reads_back_what_it_wrote() {
    let ages = first().ages(NOW, &names(), None);
    assert_eq!(ages.authority, Some(9000));
    let certificate = ages.certificate.unwrap();
    assert_eq!((certificate.left, certificate.by_newest), (3000, true));
}

#[test]
fn a_rotation_keeps_the_old_authority_until_it_expires() {
    let old = first();
    let overlap = after(old, Step::Authority, NOW + 6500);
    assert_eq!(overlap.bundle.len(), 2);
    let ages = overlap.ages(NOW + 6500, &names(), None);
    assert_eq!(ages.authority, Some(9000));
    let certificate = ages.certificate.unwrap();
    assert_eq!((certificate.left, certificate.by_newest), (-3500, false));

    let renewed = after(overlap, Step::Certificate, NOW + 6600);
    assert_eq!(renewed.bundle.len(), 2);
    let ages = renewed.ages(NOW + 6600, &names(), None);
    assert!(ages.certificate.unwrap().by_newest);
    let last = after(renewed, Step::Certificate, NOW + 9001);
    assert_eq!(last.bundle.len(), 1, "the old one has expired");
}

#[test]
fn a_certificate_of_an_older_authority_is_seen_as_such() {
    let overlap = after(first(), Step::Authority, NOW + 100);
    let certificate = overlap.ages(NOW + 100, &names(), None).certificate.unwrap();
    assert_eq!((certificate.left, certificate.by_newest), (2900, false));
}

#[test]
fn a_certificate_does_not_outlive_its_authority() {
    let late = after(first(), Step::Certificate, NOW + 8000);
    assert_eq!(
        late.ages(NOW + 8000, &names(), None)
            .certificate
            .unwrap()
            .left,
        1000
    );
}

#[test]
fn broken_certificate_is_issued_again() {
    let good = written(&first());
    let other = written(&first());
    let text = |text: &str| ByteString(text.as_bytes().to_vec());
    let cases = [
        ("ca.crt", text("nonsense"), Step::Everything),
        ("ca.crt", other["ca.crt"].clone(), Step::Everything),
        ("ca.key", text(""), Step::Authority),
        ("ca.key", other["ca.key"].clone(), Step::Authority),
        ("tls.crt", text("nonsense"), Step::Certificate),
        ("tls.crt", other["tls.crt"].clone(), Step::Certificate),
        ("tls.key", other["tls.key"].clone(), Step::Certificate),
    ];
    for (key, value, step) in cases {
        let mut data = good.clone();
        data.insert(key.to_owned(), value);
        let ages = Stored::read(&data).ages(NOW, &names(), Some(Duration::MAX));
        assert_eq!(decide(ages, &LIFETIMES), step, "{key}");
    }
    let ages = Stored::read(&good).ages(NOW, &["other.svc".into()], None);
    assert_eq!(decide(ages, &LIFETIMES), Step::Certificate, "another name");
    let ages = Stored::read(&good).ages(NOW, &names(), None);
    assert_eq!(decide(ages, &LIFETIMES), Step::Keep);
}
