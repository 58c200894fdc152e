//! Templates that would take all memory or time, each of which ends soon with a reason.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what the tests are made of"
)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use secrecy::ExposeSecret as _;
use templates::{Clock, Data, Template};

/// Far more than any of them takes, even without optimisation on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

fn data() -> Data {
    let long = "x".repeat(1_000_000);
    let list: Vec<_> = (0..20_000).collect();
    let json = serde_json::json!({"a": "a", "long": long, "list": list});
    serde_json::from_str(&json.to_string()).unwrap()
}

fn render(template: &str) -> Result<usize, String> {
    let start = Instant::now();
    let rendered = Template::parse(template)
        .and_then(|template| template.render(&data(), Clock::default()))
        .map(|text| text.expose_secret().len())
        .map_err(|error| error.to_string());
    let shown: String = template.chars().take(100).collect();
    assert!(start.elapsed() < DEADLINE, "{shown}: {:?}", start.elapsed());
    rendered
}

fn refused(template: &str, reason: &str) {
    let shown: String = template.chars().take(100).collect();
    match render(template) {
        Ok(length) => panic!("{shown}: {length} bytes"),
        Err(error) => assert!(error.contains(reason), "{shown}: {error}"),
    }
}

const TEXT: &str = "longer than 1048576 bytes";
const OUTPUT: &str = "longer than 131072 bytes, the longest environment variable";
const STEPS: &str = "more than 2000000 steps";
const BYTES: &str = "makes more than 33554432 bytes";
const DEEP: &str = "nested deeper than 100 levels";
const BLOCKS: &str = "blocks nested deeper than 32 levels";
const REGEX: &str = "too much work";
/// Steps, paid for by a call or by a search in it.
const WORK: &str = "takes ";

#[test]
fn texts() {
    refused(r#"${repeat 9223372036854775807 "x"}"#, TEXT);
    refused(
        r#"${repeat 1000 (repeat 1000 (repeat 1000 "x")) | len}"#,
        TEXT,
    );
    refused(r#"${.long | replace "x" .long | len}"#, TEXT);
    refused(r#"${.long | replace "" "xx" | len}"#, TEXT);
    refused(r#"${indent 1000000 "\n\n\n\n" | len}"#, TEXT);
    refused(r#"${nindent 9223372036854775807 "a" | len}"#, TEXT);
    refused(
        r#"${$x := "x"}${range 40}${$x = print $x $x}${end}${len $x}"#,
        TEXT,
    );
    refused(
        "${$x := .long}${range 40}${$x = b64enc $x}${end}${len $x}",
        TEXT,
    );
    refused("${.list | join .long | len}", TEXT);
    refused("${wrapWith 1 (trunc 1000 .long) .long | len}", TEXT);
    refused("${quote .long .long}", TEXT);
    refused("${cat .long .long}", TEXT);
    refused("${regexReplaceAll \"x\" .long \"$0$0$0\" | len}", TEXT);
    refused("${toJson (list .long .long) | len}", TEXT);
    refused("${seq 1 300000}", TEXT);
    refused("${.long | b64enc | b64dec | len}", TEXT);
    assert_eq!(render("${.long | len}"), Ok(7));
}

#[test]
fn formats() {
    refused(r#"${printf "%9999999d" 1}"#, "too large");
    refused(r#"${printf "%99999999999999999999d" 1}"#, "too large");
    refused(r#"${printf "%*d" 9223372036854775807 1}"#, "too large");
    refused(r#"${printf "%.*f" 9999999 1.5}"#, "too large");
    refused(r#"${printf "%1000000d%1000000d" 1 1}"#, TEXT);
    refused(
        r#"${range 100}${$x := printf "%.1000000d" 1}${end}"#,
        "more than",
    );
    refused(
        r#"${range 100}${$x := printf "%.999999f" 1.5}${end}"#,
        "more than",
    );
    refused(r#"${printf "%x%x" .long .long | len}"#, TEXT);
}

#[test]
fn outputs() {
    refused("${.long}", OUTPUT);
    refused("${range 100000}xx${end}", OUTPUT);
    refused("${range .list}${$.a | repeat 10}${end}", OUTPUT);
    assert_eq!(render(&"x".repeat(131_072)), Ok(131_072));
    refused(&"x".repeat(131_073), "template is longer than 131072 bytes");
    assert_eq!(render("${trunc 131072 .long}"), Ok(131_072));
}

#[test]
fn loops_and_lists() {
    refused("${range 9223372036854775807}x${end}", STEPS);
    refused("${range 3000}${range 3000}${end}${end}", "more than");
    refused("${range 1000}${range 1000}${$x := 1}${end}${end}", STEPS);
    refused("${until 9223372036854775807 | len}", "more than");
    refused("${untilStep 0 9223372036854775807 1 | len}", "more than");
    refused(
        "${untilStep 9223372036854775807 -9223372036854775808 -1 | len}",
        "more than",
    );
    refused("${until 1500000 | len}", BYTES);
    refused(
        "${$l := list}${range 100000}${$l = append $l 1}${end}",
        "more than",
    );
    refused(
        "${$l := list 1}${range 60}${$l = concat $l $l}${end}",
        "more than",
    );
    refused(r#"${.long | splitList "" | len}"#, "more than");
    refused(r#"${split "" .long | len}"#, "more than");
    refused("${range 100}${$x := $.list | uniq}${end}", STEPS);
    refused(
        "${range 1000}${$x := $.list | toStrings | sortAlpha}${end}",
        "more than",
    );
    refused(
        "${range 100000}${$x := deepEqual $.list (list)}${$y := has \"x\" $.list}${end}",
        STEPS,
    );
    refused("${range 100000}${$x := contains \"y\" $.long}${end}", STEPS);
    refused(
        "${range 100000}${$x := eq $.long (print $.long)}${end}",
        "more than",
    );
    refused("${range 1000}${$x := sha512sum $.long}${end}", STEPS);
    refused(
        "${range 100000}${$x := printf \"%v\" $.list}${end}",
        "more than",
    );
    refused(
        "${$d := dict}${range until 500000}${$_ := set $d (print .) .}${end}",
        "more than",
    );
    refused(
        "${range 1000}${$x := merge (dict) (dict \"a\" $.list)}${$y := deepCopy $.list}${end}",
        "more than",
    );
}

/// Work that grows with the product of two texts, or with a number alone.
#[test]
fn searches_and_repetitions_are_linear() {
    assert_eq!(
        render(r#"${$s := repeat 1000000 "a"}${contains (print (repeat 500000 "a") "b") $s}"#),
        Ok(5)
    );
    assert_eq!(
        render(
            r#"${$s := repeat 1000000 "a"}${splitList (print (repeat 400000 "a") "b") $s | len}"#
        ),
        Ok(1)
    );
    assert_eq!(
        render(
            r#"${$s := repeat 1000000 "a"}${replace (print (repeat 400000 "a") "b") "" $s | len}"#
        ),
        Ok(7)
    );
    assert_eq!(
        render(r#"${trimAll (repeat 300000 "ü") (repeat 900000 "a") | len}"#),
        Ok(6)
    );
    assert_eq!(render(r#"${repeat 9223372036854775807 ""}"#), Ok(0));
    refused(
        r#"${range 100000}${$x := compact (list 0 $.long)}${$y := trimAll "x" $.long}${end}"#,
        STEPS,
    );
    refused(
        r#"${$r := repeat 300000 "${"}${range 100}${$x := regexReplaceAll "x" "x" $r}${end}"#,
        "more than",
    );
    refused(
        r#"${regexReplaceAll "x" .long (repeat 1000 "$1") | len}"#,
        WORK,
    );
}

/// Small texts that stand for large values.
#[test]
fn values_cost_what_they_take() {
    refused(
        r#"${fromJson (print "[" (repeat 300000 "{},") "{}]") | len}"#,
        BYTES,
    );
    refused(
        r#"${fromJson (print "[" (repeat 100000 "{\"a\":0},") "{}]") | len}"#,
        BYTES,
    );
    refused(
        r#"${fromJson (print "[" (repeat 300000 "[],") "[]]") | len}"#,
        BYTES,
    );
    refused(r#"${split "," (repeat 200000 ",") | len}"#, BYTES);
    refused(r#"${splitList "," (repeat 300000 ",") | len}"#, BYTES);
    refused(r#"${regexSplit "," (repeat 300000 ",") -1 | len}"#, BYTES);
    refused(r"${chunk 1 (until 200000) | len}", BYTES);
    refused(
        r#"${$d := dict}${range 100000}${$_ := set $d (print .) (dict "a" .)}${end}"#,
        BYTES,
    );
    // What people do stays possible.
    assert_eq!(
        render(r#"${fromJson (print "[" (repeat 10000 "{\"a\":0},") "{}]") | len}"#),
        Ok(5)
    );
    assert_eq!(
        render(r#"${splitList "," (repeat 50000 "a,") | len}"#),
        Ok(5)
    );
    assert_eq!(render("${until 100000 | len}"), Ok(6));
    assert_eq!(
        render("${range $k, $v := .list}${end}${toJson .list | len}"),
        Ok(6)
    );
}

#[test]
fn nesting() {
    let parentheses = |depth: usize| format!("${{{}1{}}}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(render(&parentheses(100)), Ok(1));
    refused(&parentheses(101), DEEP);
    refused(&parentheses(60_000), DEEP);
    let blocks = |depth: usize| format!("{}x{}", "${if 1}".repeat(depth), "${end}".repeat(depth));
    assert_eq!(render(&blocks(32)), Ok(1));
    refused(&blocks(33), BLOCKS);
    refused(&"${if 1}".repeat(15_000), BLOCKS);
    refused(&"${range .list}".repeat(9_000), BLOCKS);
    refused(&"${with 1}".repeat(10_000), BLOCKS);
    let else_ifs = |count: usize| {
        format!(
            "${{if 0}}{}${{else}}x${{end}}",
            "${else if 0}".repeat(count)
        )
    };
    assert_eq!(render(&else_ifs(98)), Ok(1));
    refused(&else_ifs(10_000), DEEP);
    refused("${$l := list}${range 101}${$l = list $l}${end}", DEEP);
    refused(
        "${$d := dict}${range 200}${$d = dict \"d\" $d}${end}${toJson $d}",
        DEEP,
    );
    refused(
        "${$d := dict}${range 200}${$d = list (dict \"d\" $d)}${end}${$d}",
        DEEP,
    );
    let json = |depth: usize| {
        format!(
            "${{mustFromJson `{}{}`}}",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    assert_eq!(render(&json(64)), Ok(128));
    refused(&json(60_000), DEEP);
}

/// A map that holds itself, in every function that walks through maps.
#[test]
fn a_map_that_holds_itself() {
    const SELF: &str = r#"${$d := dict "x" 1}${$_ := set $d "self" (list $d)}"#;
    for walk in [
        "$d",
        "toJson $d",
        "toPrettyJson $d",
        "mustToRawJson $d",
        "printf \"%v\" $d",
        "printf \"%#v\" $d",
        "quote $d",
        "join \",\" (list $d)",
        "deepCopy $d",
        "toString $d",
        "html $d",
    ] {
        refused(&format!("{SELF}${{{walk}}}"), DEEP);
    }
    let other = r#"${$e := dict "x" 1}${$_ := set $e "self" (list $e)}"#;
    refused(&format!("{SELF}{other}${{deepEqual $d $e}}"), DEEP);
    let direct = r#"${$d := dict}${$_ := set $d "self" $d}${$e := dict}${$_ := set $e "self" $e}"#;
    refused(&format!("{direct}${{merge $d $e}}"), DEEP);
    assert_eq!(
        render(&format!("{SELF}${{len $d}}${{$d.x}}${{keys $d}}")),
        Ok(10)
    );
}

#[test]
fn regular_expressions() {
    refused(
        r#"${regexMatch (repeat 5000 "a") .a}"#,
        "longer than 4096 bytes",
    );
    refused(r#"${regexMatch "((a{1000}){1000}){1000}" .a}"#, "too large");
    refused(r#"${regexMatch "(a{900}){900}" .a}"#, "too large");
    refused(r#"${regexMatch "a{1001}" .a}"#, "not allowed");
    refused(
        &format!("${{regexMatch `{}` .a}}", "(".repeat(2000)),
        "not closed",
    );
    // A search that keeps 2,000 groups for each of its states takes hundreds of megabytes.
    refused(
        &format!("${{regexMatch `{}` .a}}", "()".repeat(2000)),
        "more than 50 groups",
    );
    refused(
        &format!(
            "${{range 1000}}${{$x := regexMatch `{}` $.a}}${{end}}",
            "^".repeat(4000)
        ),
        REGEX,
    );
    let groups = format!("{}a{}", "(?:".repeat(1000), ")".repeat(1000));
    refused(&format!("${{regexMatch `{groups}` .a}}"), "nested");
    refused(r#"${regexMatch "(.*){300}y" .long}"#, REGEX);
    refused(r#"${regexFindAll "x*y|x" .long -1 | len}"#, REGEX);
    refused(r#"${regexReplaceAll "x*y|x" .long "z" | len}"#, REGEX);
    refused(r#"${regexSplit "x*y|x" .long -1 | len}"#, REGEX);
    refused(
        r#"${range 100000}${$x := regexMatch "y" $.long}${end}"#,
        WORK,
    );
    assert_eq!(render(r#"${regexReplaceAll "x" .long "z" | len}"#), Ok(7));
    assert_eq!(
        render(r#"${regexMatch "(a|a)*b" (repeat 10000 "a")}"#),
        Ok(5)
    );
}

#[test]
fn dates_urls_and_versions() {
    refused("${now.AddDate 9223372036854775807 0 0}", "three integers");
    refused("${now.AddDate 9999 0 0}", "years 0 to 9999");
    refused("${date \"2006\" 9223372036854775807}", "years 0 to 9999");
    refused("${date \"2006\" -9223372036854775808}", "years 0 to 9999");
    refused(
        "${date (repeat 1025 \"1\") now}",
        "layout is longer than 1024 bytes",
    );
    assert_eq!(
        render("${dateModify \"2562047h\" now | dateModify \"2562047h\"}"),
        Ok(29)
    );
    assert_eq!(
        render("${duration 9223372036854775807} ${duration -9223372036854775808}"),
        Ok(6)
    );
    refused("${semver .long}", "not a version");
    refused(
        "${semverCompare (repeat 100000 \"1||\") \"1\"}",
        "constraint",
    );
    refused(
        "${(semver \"18446744073709551615.0.0\").IncMajor}",
        "too large",
    );
    refused(
        "${urlJoin (dict \"path\" (repeat 600000 \"ü\")) | len}",
        TEXT,
    );
    assert_eq!(render("${(urlParse .long).path | len}"), Ok(7));
    assert_eq!(
        render("${round 1.5 9223372036854775807} ${round 1e308 400}"),
        Ok(7)
    );
}

#[test]
fn long_templates() {
    let mut long = String::new();
    for number in 0..5_000 {
        write!(long, "${{$v{number} := {number}}}").unwrap();
    }
    assert_eq!(render(&long), Ok(0));
    assert_eq!(render(&"${.a}".repeat(26_000)), Ok(26_000));
    assert_eq!(
        render(&format!("${{.a{}}}", " | print".repeat(16_000))),
        Ok(1)
    );
    assert_eq!(
        render(&format!("${{print{} | len}}", " .a".repeat(40_000))),
        Ok(5)
    );
    refused(&format!("${{.{}}}", "a.".repeat(60_000)), "unexpected");
    refused(
        &format!("${{.a{}}}", ".a".repeat(60_000)),
        "a text has no field",
    );
    refused(
        &format!("${{{}}}", "a".repeat(130_000)),
        "there is no function",
    );
    refused(&format!("${{${}}}", "a".repeat(130_000)), "not defined");
    refused(&"${".repeat(60_000), "unexpected");
}
