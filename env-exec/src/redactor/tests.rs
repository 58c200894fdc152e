use std::fmt::Write as _;
use std::time::{Duration, Instant};

use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD};
use proptest::prelude::*;
use proptest::sample::Index as At;

use super::disclosure::find_disclosure;
use super::{Kind, MARK, Redactor, Stream};

fn redactor(kind: Kind, secrets: &[&[u8]]) -> Redactor {
    let redactor = Redactor::default();
    for secret in secrets {
        redactor.learn(kind, secret);
    }
    redactor
}

/// As the words of somebody else.
fn redacted(redactor: &Redactor, text: &str) -> String {
    redactor.redact(text, &[0..text.len()])
}

fn percent(text: &str, is_upper: bool) -> String {
    text.bytes().fold(String::new(), |mut text, byte| {
        match (byte.is_ascii_alphanumeric(), is_upper) {
            (true, _) => text.push(char::from(byte)),
            (false, true) => write!(text, "%{byte:02X}").unwrap(),
            (false, false) => write!(text, "%{byte:02x}").unwrap(),
        }
        text
    })
}

/// With nothing left as it is.
fn percent_all(text: &str) -> String {
    let escaped: Vec<_> = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    escaped.concat()
}

/// As writers of JSON in ASCII escape a text.
fn utf16(text: &str) -> String {
    let units = text.encode_utf16();
    let escaped: Vec<_> = units.map(|unit| format!("\\u{unit:04x}")).collect();
    escaped.concat()
}

/// As Go quotes what it cannot print.
fn go_quoted(text: &str) -> String {
    let escape = |character: char| match character {
        '\0'..='\x7f' => format!("\\x{:02x}", u32::from(character)),
        '\u{80}'..='\u{ffff}' => format!("\\u{:04x}", u32::from(character)),
        _ => format!("\\U{:08x}", u32::from(character)),
    };
    text.chars().map(escape).collect()
}

/// Every way in which a server may repeat what it was sent.
fn echoes(secret: &str) -> Vec<String> {
    let mut echoes = vec![secret.to_owned(), serde_json::to_string(secret).unwrap()];
    for before in ["", "u", "us"] {
        let basic = format!("{before}{secret}");
        echoes.push(BASE64.encode(basic.as_bytes()));
        echoes.push(BASE64URL.encode(basic.as_bytes()));
        echoes.push(BASE64URL_NOPAD.encode(format!("{basic}:more").as_bytes()));
    }
    for plain in echoes.clone() {
        let twice = percent(&percent(&plain, true), false);
        echoes.extend([percent(&plain, true), percent(&plain, false), twice]);
        echoes.extend([percent_all(&plain), utf16(&plain), go_quoted(&plain)]);
    }
    echoes.push(serde_json::to_string(&echoes[1]).unwrap());
    echoes.push(percent(secret, true).replace("%20", "+"));
    echoes
}

fn assert_hides(redactor: &Redactor, text: &str, secret: &str) {
    let found = redacted(redactor, text);
    if let Some(shown) = find_disclosure(found.as_bytes(), secret.as_bytes()) {
        let shown = shown.escape_ascii();
        panic!("{text:?} became {found:?}, which shows {secret:?} as {shown}");
    }
}

const LONG: [&str; 5] = [
    "hvs.CAESIJx-4wz_Pq0VtLqjOIhUPs7dDkFjmlm2N4TgY",
    "correct horse/battery+staple",
    "pässwörter~!$&'()",
    "one😀two😀three",
    "s.8RunsLong1",
];
const SHORT: [&str; 4] = ["hunter2", "a+b/c=", "p%s#", "7x"];

#[test]
fn redact_of_a_credential_hides_every_encoding_cut_at_either_end() {
    for secret in LONG {
        let redactor = redactor(Kind::Credential, &[secret.as_bytes()]);
        for echo in echoes(secret) {
            assert_hides(&redactor, &format!("token \"{echo}\" is bad"), secret);
            for at in (0..echo.len())
                .step_by(7)
                .filter(|at| echo.is_char_boundary(*at))
            {
                assert_hides(&redactor, &echo[at..], secret);
                assert_hides(&redactor, &echo[..at], secret);
            }
        }
    }
}

#[test]
fn redact_of_a_short_secret_hides_it_whole() {
    for kind in [Kind::Credential, Kind::Value] {
        for secret in SHORT {
            let redactor = redactor(kind, &[secret.as_bytes()]);
            for echo in echoes(secret) {
                assert_hides(&redactor, &format!("password=\"{echo}\", no"), secret);
            }
        }
    }
}

/// Of both, no eight bytes stand in a row without such a character.
#[test]
fn redact_of_escaped_characters_above_ffff_hides_them() {
    let redactor = redactor(Kind::Credential, &["one😀two😀three".as_bytes()]);
    for escaped in [
        r"one\ud83d\ude00two\ud83d\ude00three",
        r"one\U0001f600two\U0001F600three",
    ] {
        assert_eq!(redacted(&redactor, escaped), "[redacted]");
    }
}

/// A value may be any word; our own sentences and longer words of others stay as they are.
#[test]
fn redact_of_common_words_leaves_sentences_readable() {
    let redactor = redactor(
        Kind::Value,
        &[b"password", b"true", b"403", b"db", b"Vault"],
    );
    let own = "Vault refused `secret/data/db`, key `password`: it is true";
    assert_eq!(redactor.redact(own, &[]), own);
    let said = "403 for dbname: untrue, Vaults password=true";
    assert_eq!(
        redacted(&redactor, said),
        "[redacted] for dbname: untrue, Vaults [redacted]=[redacted]"
    );
    let half = format!("password: {said}");
    assert!(
        redactor
            .redact(&half, &[10..half.len()])
            .starts_with("password: [")
    );
}

#[test]
fn redact_of_a_credential_hides_it_in_own_sentences_too() {
    let redactor = redactor(Kind::Credential, &[b"hvs.CAESIJx4wz", b"token"]);
    assert_eq!(
        redactor.redact("token file hvs.CAESIJx4wz is empty", &[]),
        "token file [redacted] is empty"
    );
}

#[test]
fn redact_of_a_text_without_secrets_changes_nothing() {
    let redactor = redactor(Kind::Credential, &[LONG[0].as_bytes(), b"hunter2"]);
    for text in [
        "",
        "permission denied",
        "%zz%4 \\u12 \\x ü €",
        "hvs.CAE of eight",
        "Code: 403. Errors:\\n\\n* invalid role or secret ID",
    ] {
        assert_eq!(redacted(&redactor, text), text);
    }
}

/// Lines of a key are told apart by spaces where they are reported as one.
#[test]
fn redact_of_a_key_with_lines_hides_them_on_one_line() {
    let key = "MIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIB";
    let redactor = redactor(Kind::Credential, &[key.as_bytes()]);
    let found = redacted(
        &redactor,
        &format!("bad key {} end", key.replace('\n', " ")),
    );
    assert_eq!(found, "bad key [redacted] end");
}

#[test]
fn learn_beyond_the_bound_withholds_foreign_words() {
    let redactor = Redactor::default();
    let value = vec![b'x'; contract::limits::REDACTED_VALUES / 2];
    for _ in 0..3 {
        redactor.learn(Kind::Value, &value);
    }
    assert_eq!(
        redactor.redact("Vault says no", &[11..13]),
        "Vault says [redacted]"
    );
}

#[test]
fn redact_beyond_the_bound_of_work_withholds_foreign_words() {
    let redactor = redactor(Kind::Value, &[&vec![b'x'; 1 << 20]]);
    let rounds = contract::limits::REDACTED_WORK >> 20;
    for _ in 0..rounds {
        redactor.0.borrow_mut().spent += 1 << 20;
    }
    assert_eq!(redacted(&redactor, "no"), "[redacted]");
    assert_eq!(redactor.redact("own", &[]), "own");
}

/// Text and secrets that are as alike as can be: time is their sum, not their product.
#[test]
fn redact_of_equal_bytes_takes_linear_time() {
    let time = |size: usize| {
        let redactor = redactor(Kind::Credential, &[&vec![b'a'; size]]);
        let text = "a".repeat(size / 8);
        let begin = Instant::now();
        assert_eq!(redacted(&redactor, &text), "[redacted]");
        begin.elapsed()
    };
    let one = time(100_000).max(Duration::from_millis(5));
    assert!(time(200_000) < one * 6);
}

fn pieces(text: &[u8], cuts: &[At]) -> Vec<Vec<u8>> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    cuts.windows(2)
        .map(|pair| text[pair[0]..pair[1]].to_vec())
        .collect()
}

fn streamed(redactor: &Redactor, pieces: &[Vec<u8>]) -> Vec<u8> {
    let mut stream = Stream::default();
    let mut all = Vec::new();
    for piece in pieces {
        all.extend(stream.push(piece, redactor));
    }
    all.extend(stream.finish(redactor));
    all
}

#[test]
fn stream_of_lines_passes_them_on_as_they_come() {
    let redactor = redactor(Kind::Credential, &[LONG[0].as_bytes()]);
    let mut stream = Stream::default();
    assert_eq!(stream.push(b"one\ntw", &redactor), b"one\n");
    assert_eq!(stream.push(b"o\n", &redactor), b"two\n");
    let (first, rest) = LONG[0].split_at(20);
    assert_eq!(stream.push(first.as_bytes(), &redactor), b"");
    let line = [rest.as_bytes(), b"\xff\n"].concat();
    assert!(stream.push(&line, &redactor).starts_with(MARK));
    assert_eq!(stream.push(b"no end", &redactor), b"");
    assert_eq!(stream.finish(&redactor), b"no end");
    assert_eq!(stream.finish(&redactor), b"");
}

/// A line without end takes no memory, and what is cut there is no less hidden.
#[test]
fn stream_of_a_line_without_end_is_bounded_and_hides() {
    let redactor = redactor(Kind::Credential, &[LONG[0].as_bytes()]);
    for offset in (0..100).step_by(9) {
        let text = format!("{}{}", "-".repeat(16 * 1024 - offset), LONG[0].repeat(3));
        let text = format!("{text}{}", "-".repeat(40_000));
        let pieces: Vec<_> = text.as_bytes().chunks(8192).map(<[u8]>::to_vec).collect();
        let found = streamed(&redactor, &pieces);
        assert_eq!(find_disclosure(&found, LONG[0].as_bytes()), None);
    }
    let mut stream = Stream::default();
    for _ in 0..100 {
        stream.push(&[b'x'; 8192], &redactor);
        assert!(stream.length() < 32 * 1024);
    }
}

/// A key over two lines, of which only the ends are shown.
#[test]
fn stream_of_two_lines_hides_what_goes_over_both() {
    let redactor = redactor(Kind::Credential, &[b"abcdefghijkl\nmnopqrstuvwx"]);
    let found = streamed(&redactor, &[b"x jkl\n".to_vec(), b"mnopq y\n".to_vec()]);
    assert_eq!(
        find_disclosure(&found, b"jkl\nmnop"),
        None,
        "{}",
        found.escape_ascii()
    );
}

fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        "[!-~]{4,7}",
        "[!-~]{8,60}",
        "hvs\\.[A-Za-z0-9_-]{20,90}",
        "[ -~é€😀]{8,30}"
    ]
    .prop_map(|secret| secret.trim().to_owned())
    .prop_filter("short ones are hidden between delimiters", |secret| {
        secret.len() > 3
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn redact_of_any_credential_hides_any_echo(
        secret in secret(),
        which in any::<At>(),
        cut in proptest::option::of((any::<At>(), any::<bool>())),
        around in "[ -~]{0,12}",
    ) {
        let redactor = redactor(Kind::Credential, &[secret.as_bytes()]);
        let echoes = echoes(&secret);
        let mut echo = which.get(&echoes).clone();
        if let Some((at, is_end)) = cut {
            let mut at = at.index(echo.len() + 1);
            while !echo.is_char_boundary(at) {
                at -= 1;
            }
            echo = if is_end { echo[..at].to_owned() } else { echo[at..].to_owned() };
        }
        // What is around it may not decode to another thing than it does alone.
        let text = format!("{around} {echo} {around}");
        let found = redacted(&redactor, &text);
        let shown = find_disclosure(found.as_bytes(), secret.as_bytes());
        prop_assert_eq!(shown, None, "{} {}", text, found);
    }

    #[test]
    fn stream_of_any_pieces_hides_any_echo(
        secret in secret(),
        which in any::<At>(),
        cuts in proptest::collection::vec(any::<At>(), 0..6),
        filler in 0_usize..40_000,
    ) {
        let redactor = redactor(Kind::Credential, &[secret.as_bytes()]);
        let echoes = echoes(&secret);
        let text = format!("{} {} x\n{}\n", "-".repeat(filler), which.get(&echoes), secret);
        let found = streamed(&redactor, &pieces(text.as_bytes(), &cuts));
        prop_assert_eq!(find_disclosure(&found, secret.as_bytes()), None);
    }
}
