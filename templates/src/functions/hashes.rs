//! Checksums of texts.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::entry::{Arguments, Function, Group, text};
use crate::runtime::{Context, Outcome};

pub(super) const GROUP: Group = Group {
    title: "Checksums",
    functions: &[
        Function::new("sha1sum", &[text("text")], sha1sum).doc(
            "SHA-1 of the text in hexadecimal.",
            r#"${sha1sum "hello"}"#,
            "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
        ),
        Function::new("sha256sum", &[text("text")], sha256sum).doc(
            "SHA-256 of the text in hexadecimal.",
            r#"${sha256sum "hello" | trunc 16}"#,
            "2cf24dba5fb0a30e",
        ),
        Function::new("sha512sum", &[text("text")], sha512sum).doc(
            "SHA-512 of the text in hexadecimal.",
            r#"${sha512sum "hello" | trunc 16}"#,
            "9b71d224bd62f378",
        ),
        Function::new("adler32sum", &[text("text")], adler32sum).doc(
            "Adler-32 of the text in decimal.",
            r#"${adler32sum "hello"}"#,
            "103547413",
        ),
    ],
};

fn digest<D: Digest>(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let text = arguments.text(0)?;
    context.produce(text.len())?;
    context.text(data_encoding::HEXLOWER.encode(&D::digest(text.bytes())))
}

fn sha1sum(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    digest::<Sha1>(context, arguments)
}

fn sha256sum(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    digest::<Sha256>(context, arguments)
}

fn sha512sum(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    digest::<Sha512>(context, arguments)
}

/// RFC 1950, section 8.2.
fn adler32sum(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    const MODULUS: u32 = 65_521;
    let text = arguments.text(0)?;
    context.produce(text.len())?;
    let (low, high) = text.bytes().iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % MODULUS;
        (low, (high + low) % MODULUS)
    });
    context.text((high << 16 | low).to_string())
}
