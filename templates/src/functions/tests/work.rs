//! Time and memory of every function, with the arguments that take the most of both.
//!
//! Time is what this thread ran on a core, which a busy machine changes little. Memory is the most that this
//! thread held at once.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes and times of a test are small"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::names;
use crate::runtime::SHARE as SHARE_OF_THREAD;
use crate::{Clock, Data, Template};

/// Which part of a rendering's budget is used up here.
const SHARE: usize = 20;

/// A second for the whole budget: twice the bound, because machines are shared.
const LONGEST: Duration = Duration::from_millis(1000 / SHARE as u64);

/// Bytes, of all of the budget, and what a rendering takes before it begins.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;
const BASE_MEMORY: u64 = 1024 * 1024;

/// What twice the input may take, in times of what the input takes.
const GROWTH: f64 = 2.5;
/// Measurements of a growth before it counts as wrong. A sort on a machine whose caches are shared failed
/// five in a row; what is quadratic fails any number.
const TRIES: usize = 15;

/// Held by a test that measures: two at once share caches, and each spoils the other's times.
static ALONE: Mutex<()> = Mutex::new(());

/// Too short to compare.
const SHORT: Duration = Duration::from_millis(2);

/// Calls, in which every function is at least once. `.NAME` is data of a size that the test chooses:
/// see [`field`].
const CALLS: &[&str] = &[
    "trim .spaces",
    "trim .wide",
    "trimAll .odd .a",
    "trimAll .wide .wide",
    "trimall .odd .odd",
    "trimPrefix .a .a",
    "trimSuffix .half .a",
    "nospace .spaces",
    "nospace .wide",
    "replace .half .b .a",
    "replace .ab .b .a",
    "replace .b .a .a",
    r#"replace "" "" .wide"#,
    r#"replace "a" "b" .a"#,
    r#"repeat 1000 "a""#,
    r#"repeat 9223372036854775807 """#,
    "repeat 1 .a",
    "substr 1 -1 .a",
    "trunc -5 .a",
    "contains .half .a",
    "contains .ab .a",
    "contains .a .a",
    "hasPrefix .a .a",
    "hasSuffix .half .a",
    "upper .wide",
    "lower .wide",
    "title .wide",
    "untitle .wide",
    "swapcase .wide",
    "swapcase .spaces",
    "snakecase .wide",
    "snakecase .mixed",
    "kebabcase .mixed",
    "camelcase .mixed",
    "camelcase .lows",
    "initials .spaces",
    "quote .wide",
    "quote .numbers",
    "quote .texts",
    "squote .texts",
    "cat .texts .a",
    "plural .a .a 1",
    "toString .texts",
    "toString .times",
    "indent 1 .lines",
    "nindent 1 .lines",
    "abbrev 100 .a",
    "abbrevboth 5 1000 .a",
    "wrap 1 .spaces",
    "wrap 1000 .a",
    "wrap 1000 .apart",
    r#"wrapWith 1 "" .a"#,
    r#"wrapWith 1000 "x" .apart"#,
    "slice .integers 1",
    "mustSlice .a 1",
    "index .integers 0",
    "index .map .a",
    "len .map",
    "list .a .a .a",
    "tuple 1",
    "first .integers",
    "mustFirst .integers",
    "last .integers",
    "mustLast .integers",
    "rest .integers",
    "mustRest .integers",
    "initial .integers",
    "mustInitial .integers",
    "append .integers 1",
    "push .integers 1",
    "mustAppend .integers 1",
    "mustPush .integers 1",
    "prepend .integers 1",
    "mustPrepend .integers 1",
    "concat .integers .integers",
    "concat (list 1) (list 1) (list 1) (list 1) (list 1)",
    "sortAlpha .texts",
    "sortAlpha .integers",
    "reverse .integers",
    "mustReverse .integers",
    "compact .empties",
    "mustCompact .numbers",
    "uniq .few",
    "mustUniq .few",
    "uniq .numbers",
    "without .few 1 2 3",
    "mustWithout .few 1",
    "has .a .texts",
    "mustHas 1.5 .numbers",
    "has (index .numbers 0) .numbers",
    "chunk 1 .integers",
    "mustChunk 1 .integers",
    r#"join "" .integers"#,
    r#"join "," .texts"#,
    "toStrings .integers",
    "toStrings .empties",
    r#"splitList "a" .a"#,
    r#"splitList "" .wide"#,
    "splitList .ab .a",
    "splitList .half .a",
    "until 1000",
    "untilStep 0 10000 10",
    "seq 1000",
    "seq 1 1000",
    r#"dict "a" 1"#,
    r"dict .a 1 .ab 2",
    "get .map .a",
    "get .deepkeys .a",
    "set (dict) .a 1",
    "unset .deepkeys .a",
    "hasKey .deepkeys .a",
    "keys .map .map",
    "values .map",
    "pick .map .a .ab",
    "pick .deepkeys .a .a .a .a .a .a .a .a .a .a .a .a .a .a .a .a",
    "omit .map .a",
    "pluck .a .deepkeys .deepkeys .deepkeys .deepkeys .deepkeys .deepkeys .deepkeys .deepkeys .deepkeys",
    "dig .a .ab 1 (dict .a (dict .ab 1))",
    r#"split "a" .a"#,
    "split .ab .a",
    r#"split "" .wide"#,
    r#"splitn "a" 1000 .a"#,
    "splitn .ab 2 .a",
    "merge (dict) .map",
    "mustMerge (dict) .map",
    "mergeOverwrite (dict) .map .map",
    "mustMergeOverwrite .map .map",
    "deepCopy .map",
    "mustDeepCopy .integers",
    "deepCopy .maps",
    "default .a .a",
    "coalesce .a",
    "empty .number",
    "all .a .numbers",
    "any 0 0 0 0 0 0",
    "any .zero .zero .zero .zero .zero .zero .zero .zero .zero .zero .zero .zero .zero .zero .zero",
    "ternary .a .a true",
    "toJson .texts",
    "toJson .wide",
    "toJson .map",
    "mustToJson .controls",
    "toPrettyJson .integers",
    "mustToPrettyJson .integers",
    "toRawJson .texts",
    "mustToRawJson .times",
    "fromJson .json",
    "fromJson .nested",
    "fromJson .lists",
    "fromJson .objects",
    "fromJson .keyed",
    "mustFromJson .json",
    "fromJson .torn",
    "b64enc .a",
    "b64dec .a4",
    "b32enc .a",
    "b32dec .a8",
    "sha1sum .a",
    "sha256sum .a",
    "sha512sum .a",
    "adler32sum .a",
    r#"int "1""#,
    "int64 .digits",
    "atoi .digits",
    "toDecimal .digits",
    "add 1 2 3 4 5 6 7 8",
    "add1 1",
    "sub 1 2",
    "mul .number .number",
    "div 5 2",
    "mod 5 2",
    "max 1 2 3 4 5",
    "biggest 1 2",
    "min 1 2",
    "float64 .digits",
    "addf 1.5 2.5 3.5 4.5 5.5 1.5 2.5 3.5 4.5 5.5 1.5 2.5 3.5 4.5 5.5 1.5 2.5 3.5 4.5 5.5",
    "add1f 1.5",
    "subf 1.5 2.5",
    "mulf 1.5 2.5",
    "divf 1.5 2.5",
    "maxf 1.5 2.5",
    "minf 1.5 2.5",
    "floor 1.5",
    "ceil 1.5",
    "round 1.5 300",
    r#"regexMatch "a.*b" .a"#,
    r#"mustRegexMatch "(a|a)*b" .a"#,
    r#"regexMatch "(a{100}){100}" "a""#,
    r#"regexMatch "(?:x(a{900}b){10})?" "a""#,
    r#"regexMatch "()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()()(a{100}){90}" .a"#,
    r#"regexFind "a+" .a"#,
    r#"mustRegexFind "b" .a"#,
    r#"regexFindAll "a" .a -1"#,
    r#"mustRegexFindAll "" .wide -1"#,
    r#"regexReplaceAll "a" .a "$0""#,
    r#"mustRegexReplaceAll "a*" .a "${1}""#,
    r#"regexReplaceAllLiteral "a" .a "b""#,
    r#"mustRegexReplaceAllLiteral "b" .a "b""#,
    r#"regexSplit "a" .a -1"#,
    r#"mustRegexSplit "" .wide -1"#,
    "regexQuoteMeta .a",
    "regexReplaceAll `[\\x{80}-\\x{10ffff}]` .wide `x`",
    "urlParse .url",
    "urlJoin (dict `path` .wide)",
    "urlJoin .parts",
    "base .path",
    "osBase .path",
    "dir .path",
    "osDir .path",
    "clean .path",
    "osClean .path",
    "clean .dots",
    "ext .path",
    "osExt .path",
    "isAbs .path",
    "osIsAbs .path",
    r#"semver "1.2.3-a.b.c.d.e.f.g.h.i.j+k""#,
    "semver .version",
    "semverCompare .constraint `1.2.3`",
    "date .layout now",
    "date `2006-01-02T15:04:05.999999999Z07:00` now",
    "dateInZone .layout now `UTC`",
    "date_in_zone .layout now `UTC`",
    "htmlDate now",
    "htmlDateInZone now `UTC`",
    "dateModify `1h1m1s1ms` now",
    "date_modify .durations now",
    "mustDateModify `1h` now",
    "must_date_modify `1h` now",
    "toDate .layout .layout",
    "mustToDate `2006` `2006`",
    "unixEpoch now",
    "ago now",
    "duration .digits",
    "durationRound .durations",
    "now",
    "now.Format .layout",
    "now.String",
    "typeOf .map",
    "typeIs .a 1",
    "typeIsLike .a 1",
    "kindOf .number",
    "kindIs .a .number",
    "deepEqual .map .map2",
    "deepEqual .numbers .numbers2",
    "deepEqual .texts .texts2",
    "eq .a .half",
    "eq .a .a2 .a2",
    "eq .number .number .number .number .number .number",
    "ne .a .a2",
    "lt .a .a2",
    "le .a .a2",
    "gt .a .a2",
    "ge .number .number",
    "and .number .number .number .number",
    "or .zero .zero .zero .zero .zero",
    "not .zero",
    "print .texts",
    "print .a .a",
    "println .texts",
    r#"printf "%q" .wide"#,
    r#"printf "%+q" .wide"#,
    r#"printf "%x" .a"#,
    r#"printf "%1000d" 1"#,
    "printf .verbs 1",
    "printf .floats 1.5",
    "printf .texty .a",
    r#"printf "%v" .times"#,
    "html .wide",
    "html .markup",
    "js .wide",
    "js .markup",
    "urlquery .wide",
    "hello",
    ".a",
    ".map",
    "(semver .version).Compare (semver .version)",
    "eq (semver .version) (semver .version)",
    "(semver .version).IncMajor",
    "ternary 1 2 (empty .a)",
];

/// Data with that name, of about `n` bytes.
fn field(name: &str, n: usize) -> serde_json::Value {
    use serde_json::json;
    let fill = |piece: &str| piece.repeat((n / piece.len()).max(1));
    let list = |size: usize, item: &dyn Fn(usize) -> serde_json::Value| {
        serde_json::Value::Array((0..(n / size).max(1)).map(item).collect())
    };
    match name {
        "a" | "a2" => fill("a").into(),
        "a4" => fill("aaaa").into(),
        "a8" => fill("AAAAAAAA").into(),
        "b" => "b".into(),
        "ab" => format!("{}b", "a".repeat(n / 2)).into(),
        "half" => "a".repeat(n / 2).into(),
        "odd" => (0..n / 3)
            .filter_map(|at| char::from_u32(0x800 + at as u32 % 0x2000))
            .collect::<String>()
            .into(),
        "spaces" => fill(" a").into(),
        "wide" => fill("ü").into(),
        "lines" => fill("\n").into(),
        "mixed" => fill("aB1_").into(),
        "lows" => fill("_").into(),
        "apart" => fill(&format!("a {}", "b".repeat(998))).into(),
        "controls" => fill("\u{1}").into(),
        "markup" => fill("<").into(),
        "digits" => fill("7").into(),
        "path" => fill("a/").into(),
        "dots" => fill("../").into(),
        "url" => format!("https://h/{}", fill("%41")).into(),
        "layout" => "05x".repeat((n / 3).clamp(1, 341)).into(),
        "version" => format!("1.2.3-{}1", "1.".repeat((n / 2).clamp(1, 120))).into(),
        "constraint" => format!("{}1", "1||".repeat((n / 3).clamp(1, 300))).into(),
        "durations" => fill("1ns").into(),
        "verbs" => fill("%[1]d").into(),
        "floats" => fill("%[1]g ").into(),
        "texty" => fill("%[1].1s ").into(),
        "json" => json!({ "a": fill("\\u0041") }).to_string().into(),
        "nested" => format!(
            "{}{}{}",
            "[".repeat(60),
            "1,".repeat(n / 2) + "1",
            "]".repeat(60)
        )
        .into(),
        "lists" => format!("[{}[]]", "[],".repeat(n / 3)).into(),
        "objects" => format!("[{}{{}}]", "{\"a\":0},".repeat(n / 8)).into(),
        "keyed" => {
            let mut text = String::from("{");
            for at in 0..n / 9 {
                write!(text, "\"{at:x}\":0,").unwrap();
            }
            (text + "\"\":0}").into()
        }
        "torn" => format!("{}{}", "[".repeat(60), "1,".repeat(n / 2)).into(),
        "integers" => list(2, &|at| (at % 10).into()),
        "few" => list(4, &|at| (at % 3).into()),
        "empties" => list(3, &|_| "".into()),
        "zero" => serde_json::to_value(0).unwrap(),
        "texts" | "texts2" => list(64, &|at| format!("{}{at}", "x".repeat(50)).into()),
        "map" | "map2" => serde_json::Value::Object(
            (0..(n / 32).max(1))
                .map(|at| (format!("{at:0>20}"), at.into()))
                .collect(),
        ),
        "maps" => list(8, &|_| json!({ "a": 0 })),
        "deepkeys" => serde_json::Value::Object(
            (0..16)
                .map(|at| (format!("{}{at:x}", "a".repeat(n / 16)), at.into()))
                .collect(),
        ),
        "parts" => json!({ "path": fill("a"), "fragment": fill("ü") }),
        "times" => list(20, &|at| at.into()),
        _ => panic!("{name}"),
    }
}

fn data(call: &str, n: usize) -> Data {
    let names: BTreeSet<&str> = call
        .split(|c: char| !(c == '.' || c.is_ascii_alphanumeric()))
        .filter_map(|word| word.strip_prefix('.'))
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains('.'))
        .collect();
    let mut json = String::from("{\"none\":null");
    for name in names {
        let value = match name {
            // Numbers as long as they may be, which `serde_json` has no type for.
            "number" => "7".repeat(n.clamp(1, 1000)),
            "numbers" | "numbers2" => {
                let digits = "7".repeat(n.clamp(1, 900));
                format!("[{}{digits}]", format!("{digits},").repeat(n / 901))
            }
            _ => field(name, n).to_string(),
        };
        write!(json, ",{}:{value}", serde_json::to_string(name).unwrap()).unwrap();
    }
    json.push('}');
    serde_json::from_str(&json).unwrap()
}

/// How long this thread has run on a core.
fn ran() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec as u32)
}

struct Cost {
    time: Duration,
    /// Bytes.
    memory: u64,
    /// Why it gave no result, if it gave none.
    ends: String,
}

fn cost(source: &str, data: &Data) -> Cost {
    let mut ends = String::new();
    let started = ran();
    let memory = allocation_counter::measure(|| {
        let rendered =
            Template::parse(source).and_then(|template| template.render(data, Clock::default()));
        ends = rendered.map_or_else(|error| error.to_string(), |_| String::new());
    });
    Cost {
        time: ran().saturating_sub(started),
        memory: memory.bytes_max,
        ends,
    }
}

/// What is over the bounds, the costliest last; those are also shown by `--nocapture`.
fn report(mut costs: Vec<(String, Cost)>, longest: Duration, most: u64) {
    let line = |(call, cost): &(String, Cost)| {
        let (time, memory) = (cost.time.as_micros(), cost.memory / 1024);
        format!("{time} us, {memory} KiB: {call}: {}", cost.ends)
    };
    costs.sort_by_key(|(_, cost)| cost.time);
    costs
        .iter()
        .rev()
        .take(25)
        .for_each(|cost| println!("{}", line(cost)));
    costs.sort_by_key(|(_, cost)| cost.memory);
    costs
        .iter()
        .rev()
        .take(15)
        .for_each(|cost| println!("{}", line(cost)));
    costs.retain(|(_, cost)| cost.time > longest || cost.memory > most);
    let lines: Vec<_> = costs.iter().map(line).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn every_function_has_a_call() {
    let words = |call: &str| {
        let words = call.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    let called: BTreeSet<String> = CALLS.iter().flat_map(|call| words(call)).collect();
    let missing: Vec<_> = names()
        .filter(|name| *name != "fail" && !called.contains(*name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn calls_until_the_budget_ends_end_in_time() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    SHARE_OF_THREAD.set(SHARE);
    let mut costs = Vec::new();
    for call in CALLS {
        for size in [16, 1000, 30_000] {
            let source = format!("${{range 7000}}${{$x := {call}}}${{end}}");
            let data = data(call, size);
            let mut best = cost(&source, &data);
            // A busy machine may spoil one measurement.
            for _ in 0..3 {
                if best.time > LONGEST {
                    best.time = best.time.min(cost(&source, &data).time);
                }
            }
            costs.push((format!("{call}, {size} bytes"), best));
        }
    }
    report(costs, LONGEST, MOST_MEMORY);
}

#[test]
fn kept_values_cost_what_they_are_charged() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    SHARE_OF_THREAD.set(SHARE);
    let mut costs = Vec::new();
    for call in CALLS {
        for size in [16, 1000] {
            let source = format!(
                "${{$d := dict}}${{range 7000}}${{$x := set $d (print .) ({call})}}${{end}}"
            );
            costs.push((
                format!("{call}, {size} bytes"),
                cost(&source, &data(call, size)),
            ));
        }
    }
    report(
        costs,
        LONGEST * 20,
        MOST_MEMORY / SHARE as u64 + BASE_MEMORY,
    );
}

/// Those that need the most memory beside their result, on the longest text.
#[test]
fn one_call_on_the_longest_text_ends_in_memory() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut costs = Vec::new();
    for call in [
        "swapcase .a",
        "trimAll .odd .odd",
        "clean .path",
        "fromJson .lists",
        "fromJson .objects",
        "fromJson .keyed",
        "fromJson .nested",
        r#"regexSplit "a" .a -1"#,
        r#"regexFindAll "a" .a -1"#,
        r#"splitList "a" .a"#,
        r#"split "" .wide"#,
        "seq 1 150000",
        "until 300000",
        "quote .wide",
        "html .markup",
        r#"printf "%q" .controls"#,
        "sortAlpha .integers",
        "toJson .map",
        "snakecase .mixed",
        "urlParse .url",
    ] {
        costs.push((
            call.to_owned(),
            cost(&format!("${{$x := {call}}}"), &data(call, 1_000_000)),
        ));
    }
    report(costs, LONGEST * 20, MOST_MEMORY);
}

#[test]
fn twice_the_input_takes_twice_the_time() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut failures = Vec::new();
    for call in CALLS {
        let source = format!("${{$x := {call}}}");
        let (half, whole) = (data(call, 60_000), data(call, 120_000));
        let ratio = || {
            let (half, whole) = (cost(&source, &half).time, cost(&source, &whole).time);
            if whole > SHORT {
                whole.as_secs_f64() / half.as_secs_f64()
            } else {
                0.0
            }
        };
        // A busy machine may spoil some measurements, but not all of them.
        let ratio = (0..TRIES).map(|_| ratio()).find(|ratio| *ratio <= GROWTH);
        if ratio.is_none() {
            failures.push(*call);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
