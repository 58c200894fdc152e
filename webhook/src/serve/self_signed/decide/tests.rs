use std::time::Duration;

use super::{Ages, CertificateAge, Lifetimes, Step, decide};

const DAY: i64 = 24 * 3600;
const LIFETIMES: Lifetimes = Lifetimes {
    authority: 360 * DAY,
    certificate: 90 * DAY,
    settle: Duration::from_secs(600),
};
/// Longer than it takes to settle, and shorter.
const LONG: Option<Duration> = Some(Duration::from_secs(600));
const SHORT: Option<Duration> = Some(Duration::from_secs(599));

const OF_NEWEST: bool = true;
const OF_OLDER: bool = false;

#[test]
fn each_state_has_its_step() {
    #[rustfmt::skip]
    let cases = [
        // Days left of the authority, and of the certificate, whose it is, published for.
        (None,       None,                    None,  Step::Everything,  "an empty Secret"),
        (Some(0),    Some((0, OF_NEWEST)),    LONG,  Step::Everything,  "all expired while nobody ran"),
        (Some(-9),   Some((-9, OF_NEWEST)),   LONG,  Step::Everything,  "long ago"),
        (None,       Some((50, OF_OLDER)),    None,  Step::Authority,   "the authority's key was lost"),
        (Some(360),  None,                    None,  Step::Certificate, "the certificate was lost"),
        (Some(300),  Some((0, OF_NEWEST)),    LONG,  Step::Certificate, "the certificate expired"),
        (Some(300),  Some((0, OF_OLDER)),     None,  Step::Certificate, "an expired one is not waited for"),
        (Some(360),  Some((90, OF_NEWEST)),   None,  Step::Keep,        "right after the first start"),
        (Some(330),  Some((30, OF_NEWEST)),   LONG,  Step::Keep,        "the last day before it is due"),
        (Some(330),  Some((29, OF_NEWEST)),   LONG,  Step::Certificate, "due"),
        (Some(330),  Some((29, OF_NEWEST)),   SHORT, Step::Keep,        "due, but this process looks only now"),
        (Some(330),  Some((29, OF_NEWEST)),   None,  Step::Keep,        "due, but nothing is published"),
        (Some(120),  Some((60, OF_NEWEST)),   LONG,  Step::Keep,        "the authority's last day before it is due"),
        (Some(119),  Some((60, OF_NEWEST)),   LONG,  Step::Authority,   "the authority is due"),
        (Some(119),  Some((60, OF_NEWEST)),   None,  Step::Authority,   "also where nothing is published"),
        (Some(119),  Some((29, OF_NEWEST)),   LONG,  Step::Authority,   "both are due: the new authority signs"),
        (Some(360),  Some((60, OF_OLDER)),    None,  Step::Keep,        "a new authority that nobody knows yet"),
        (Some(360),  Some((60, OF_OLDER)),    SHORT, Step::Keep,        "some may not know it yet"),
        (Some(360),  Some((60, OF_OLDER)),    LONG,  Step::Certificate, "all know it"),
    ];
    for (authority, certificate, published, step, what) in cases {
        let ages = Ages {
            authority: authority.map(|days: i64| days * DAY),
            certificate: certificate.map(|(days, by_newest): (i64, bool)| CertificateAge {
                left: days * DAY,
                by_newest,
            }),
            published,
        };
        assert_eq!(decide(ages, &LIFETIMES), step, "{what}");
    }
}

/// Ten years, looked at every hour by a replica that is restarted now and then.
#[test]
fn a_certificate_is_always_valid_and_always_trusted() {
    const HOUR: i64 = 3600;
    let mut authorities: Vec<i64> = Vec::new(); // Ends; the newest last.
    let mut certificate: Option<(i64, i64)> = None; // Its end and its authority's.
    let mut published_since: Option<(i64, i64)> = None; // The authority's end, and since when.
    let mut steps = 0;
    for now in (0..10 * 365 * DAY).step_by(usize::try_from(HOUR).unwrap()) {
        if now % (17 * DAY) == 0 {
            published_since = None;
        }
        let newest = authorities.last().copied();
        let published = published_since
            .filter(|(end, _)| Some(*end) == newest)
            .map(|(_, since)| Duration::from_secs(u64::try_from(now - since).unwrap()));
        let ages = Ages {
            authority: newest.map(|end| end - now),
            certificate: certificate.map(|(end, authority)| CertificateAge {
                left: end - now,
                by_newest: Some(authority) == newest,
            }),
            published,
        };
        let step = decide(ages, &LIFETIMES);
        steps += usize::from(step != Step::Keep);
        if matches!(step, Step::Authority | Step::Everything) {
            authorities.push(now + LIFETIMES.authority);
        }
        if matches!(step, Step::Certificate | Step::Everything) {
            let end = *authorities.last().unwrap();
            let known = published_since.is_some_and(|(known, _)| known == end);
            assert!(known || now == 0, "signed by what nobody knows");
            certificate = Some((end.min(now + LIFETIMES.certificate), end));
        }
        authorities.retain(|end| *end > now);
        let end = *authorities.last().unwrap();
        if published_since.is_none_or(|(known, _)| known != end) {
            published_since = Some((end, now));
        }
        let (end, authority) = certificate.unwrap();
        assert!(end > now + 20 * DAY, "it is renewed long before its end");
        assert!(
            authorities.contains(&authority),
            "its authority is in the bundle"
        );
    }
    // 61 certificates and 15 authorities: nothing is made more often than needed.
    assert!((70..=90).contains(&steps), "{steps} steps");
}
