//! Base64 and base32.

use std::sync::OnceLock;

use data_encoding::{BASE32, BASE64, Encoding};

use super::entry::{Arguments, Function, Group, text};
use crate::runtime::{Context, Failure, Outcome};

pub(super) const GROUP: Group = Group {
    title: "Encoding",
    functions: &[
        Function::new("b64enc", &[text("text")], b64enc).doc(
            "The text in base64 (RFC 4648, with padding).",
            r#"${b64enc "hello"}"#,
            "aGVsbG8=",
        ),
        Function::new("b64dec", &[text("text")], b64dec).doc(
            "The value that the base64 text encodes; line breaks in the text do not count.",
            r#"${b64dec "aGVsbG8="}"#,
            "hello",
        ),
        Function::new("b32enc", &[text("text")], b32enc).doc(
            "The text in base32 (RFC 4648, with padding).",
            r#"${b32enc "hello"}"#,
            "NBSWY3DP",
        ),
        Function::new("b32dec", &[text("text")], b32dec).doc(
            "The value that the base32 text encodes; line breaks in the text do not count.",
            r#"${b32dec "NBSWY3DP"}"#,
            "hello",
        ),
    ],
};

fn b64enc(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.text(BASE64.encode(arguments.text(0)?.bytes()))
}

fn b32enc(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.text(BASE32.encode(arguments.text(0)?.bytes()))
}

fn b64dec(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    static LENIENT: OnceLock<Encoding> = OnceLock::new();
    let encoding = LENIENT.get_or_init(|| lenient(&BASE64));
    let bytes = encoding.decode(arguments.text(0)?.bytes());
    context.text(bytes.map_err(|_| Failure::Because("the text is not base64"))?)
}

fn b32dec(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    static LENIENT: OnceLock<Encoding> = OnceLock::new();
    let encoding = LENIENT.get_or_init(|| lenient(&BASE32));
    let bytes = encoding.decode(arguments.text(0)?.bytes());
    context.text(bytes.map_err(|_| Failure::Because("the text is not base32"))?)
}

/// As Go decodes: line breaks are skipped, and bits that encode nothing may be anything.
fn lenient(encoding: &Encoding) -> Encoding {
    let mut specification = encoding.specification();
    specification.ignore.push_str("\r\n");
    specification.check_trailing_bits = false;
    // Two changes that a specification allows.
    specification
        .encoding()
        .unwrap_or_else(|_| encoding.clone())
}
