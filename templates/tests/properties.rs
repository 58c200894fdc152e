//! Properties of all templates.

use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use templates::{Clock, Data, Template};

fn data() -> Data {
    let json = r#"{"a": "text", "b": 5, "c": [1, "x", null, {"k": "v"}], "d": {"k": "v", "l": [2]},
        "e": null, "f": true, "g": 1.50, "h": "aGVsbG8="}"#;
    serde_json::from_str(json).unwrap_or_default()
}

fn render(source: &str) -> Option<String> {
    let template = Template::parse(source).ok()?;
    let text = template.render(&data(), Clock::default()).ok()?;
    assert!(text.expose_secret().len() <= 128 * 1024);
    Some(text.expose_secret().to_owned())
}

/// Something that is a template most of the time.
fn template() -> impl Strategy<Value = String> {
    let operand = prop_oneof![
        Just("."),
        Just("$"),
        Just(".a"),
        Just(".b"),
        Just(".c"),
        Just(".d"),
        Just(".e"),
        Just(".f"),
        Just(".g"),
        Just(".h"),
        Just("$.d.k"),
        Just("1"),
        Just("-2"),
        Just("2.5"),
        Just("\"x\""),
        Just("`%v`"),
        Just("'c'"),
        Just("true"),
        Just("nil"),
        Just("now"),
        Just("$v"),
        Just(".absent"),
    ];
    let names: Vec<&str> = include_str!("conformance/sprig-names.txt")
        .lines()
        .chain([
            "eq", "lt", "and", "or", "not", "print", "printf", "html", "js", "len", "index",
        ])
        .collect();
    let call = (
        prop::sample::select(names),
        prop::collection::vec(operand.prop_map(str::to_owned), 0..4),
    )
        .prop_map(|(name, operands)| format!("{name} {}", operands.join(" ")));
    let pipeline = prop::collection::vec(call, 1..4).prop_map(|calls| calls.join(" | "));
    let nested = (pipeline.clone(), pipeline).prop_map(|(a, b)| format!("{a} ({b})"));
    let piece = prop_oneof![
        nested
            .clone()
            .prop_map(|pipeline| format!("${{{pipeline}}}")),
        nested.prop_map(|pipeline| format!("${{$v = {pipeline}}}")),
        Just("${if .a}".to_owned()),
        Just("${else}".to_owned()),
        Just("${end}".to_owned()),
        Just("${range .c}".to_owned()),
        Just("${range $k, $v := .d}".to_owned()),
        Just("${with .d}".to_owned()),
        Just("${break}".to_owned()),
        Just("${continue}".to_owned()),
        Just("text {{ }} {% if %}".to_owned()),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| format!("${{$v := 1}}{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_parsed_or_refused(source in "\\PC*") {
        let _ = render(&source);
    }

    #[test]
    fn any_text_of_syntax_is_parsed_or_refused(
        source in r#"(\$\{|\}|\$v|:=|=|\||\(|\)|"|`|'|\\|-| |\n|\.a|\.|,|1|0x|e|_|if|else|end|range|with|upper|/\*|\*/|nil|true|ü|%|\{\{|\{%){0,24}"#
    ) {
        let _ = render(&source);
    }

    #[test]
    fn any_template_renders_or_says_why(source in template()) {
        let _ = render(&source);
    }

    #[test]
    fn plain_text_is_itself(text in "\\PC*") {
        prop_assume!(!text.contains("${"));
        prop_assert_eq!(render(&text), Some(text));
    }

    /// Text, literals and values that look like Tera come out as they went in.
    #[test]
    fn tera_syntax_is_text(
        text in r"(\{\{|\}\}|\{%|%\}|\{#|#\}|\x01\{|\x02\}| |-|if|for|raw|endraw|text\(n=0\)|\n){0,12}"
    ) {
        prop_assume!(!text.contains("${"));
        let source = format!("{text}${{.a}}{text}");
        prop_assert_eq!(render(&source), Some(format!("{text}text{text}")));
        let literal = serde_json::to_string(&text).unwrap_or_default();
        prop_assert_eq!(render(&format!("${{print {literal}}}")), Some(text.clone()));
        let in_block = format!("${{range .d}}{text}${{end}}${{if .a}}{text}${{end}}");
        prop_assert_eq!(render(&in_block), Some(text.repeat(3)));
    }

    #[test]
    fn a_value_is_not_looked_into(text in "\\PC*") {
        let json = serde_json::json!({ "v": text }).to_string();
        let data: Data = serde_json::from_str(&json).unwrap_or_default();
        let rendered = Template::parse("${.v}|${with .v}${.}${end}|${range list .v}${.}${end}")
            .and_then(|template| template.render(&data, Clock::default()));
        let middle = &text;
        prop_assert_eq!(
            rendered.map(|rendered| rendered.expose_secret().to_owned()),
            Ok(format!("{text}|{middle}|{text}"))
        );
    }

    #[test]
    fn encodings_come_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let encoded = base64(&bytes);
        let json = serde_json::json!({ "v": encoded }).to_string();
        let data: Data = serde_json::from_str(&json).unwrap_or_default();
        for template in ["${.v | b64dec | b64enc}", "${.v | b64dec | b32enc | b32dec | b64enc}"] {
            let rendered = Template::parse(template)
                .and_then(|template| template.render(&data, Clock::default()));
            prop_assert_eq!(
                rendered.map(|rendered| rendered.expose_secret().to_owned()),
                Ok(encoded.clone())
            );
        }
    }
}

/// Base64, written once more.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0_u32, |group, byte| group << 8 | u32::from(*byte));
        let group = group << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let index = (group >> (18 - 6 * digit)) & 63;
            let letter = ALPHABET.get(index as usize).copied().unwrap_or_default();
            text.push(if digit <= chunk.len() {
                letter.into()
            } else {
                '='
            });
        }
    }
    text
}
