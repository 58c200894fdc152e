use std::fs;
use std::path::Path;

use contract::message::{MESSAGE_WORDS, words};

use super::{Needed, missing, named_by};

#[test]
fn script_names_its_interpreter() {
    let is = |path: &str| Some(Needed::Interpreter(path.into()));
    for (head, expected) in [
        ("#!/bin/bash\nexit\n", is("/bin/bash")),
        ("#! \t/usr/bin/env  python3\n", is("/usr/bin/env")),
        ("#!/bin/sh", is("/bin/sh")),
        ("#!/bin/sh\r\nexit\r\n", Some(Needed::CarriageReturn)),
        ("#!/bin/sh -e\r\n", is("/bin/sh")),
        ("#!\n", None),
        ("echo\n", None),
        ("", None),
    ] {
        assert_eq!(named_by(head.as_bytes()), expected, "{head:?}");
    }
}

/// A header of each class and byte order, with the loader's name behind it.
#[test]
fn header_of_any_class_names_its_loader() {
    for (is_64, is_little) in [(true, true), (true, false), (false, true), (false, false)] {
        let fields: [(usize, usize, u64); 6] = if is_64 {
            [
                (32, 8, 64),
                (54, 2, 56),
                (56, 2, 1),
                (64, 4, 3),
                (72, 8, 128),
                (96, 8, 8),
            ]
        } else {
            [
                (28, 4, 64),
                (42, 2, 32),
                (44, 2, 1),
                (64, 4, 3),
                (68, 4, 128),
                (80, 4, 8),
            ]
        };
        let mut head = vec![0; 128];
        head[..4].copy_from_slice(b"\x7fELF");
        head[4] = if is_64 { 2 } else { 1 };
        head[5] = if is_little { 1 } else { 2 };
        for (offset, length, value) in fields {
            let mut bytes = value.to_be_bytes()[8 - length..].to_vec();
            if is_little {
                bytes.reverse();
            }
            head[offset..offset + length].copy_from_slice(&bytes);
        }
        head.extend_from_slice(b"/no/ld1\0");
        assert_eq!(named_by(&head), Some(Needed::Loader("/no/ld1".into())));
        for end in 0..head.len() {
            assert_eq!(named_by(&head[..end]), None, "{end}");
        }
        // Numbers that lead out of the file.
        for (offset, length, _) in fields {
            let mut wrong = head.clone();
            wrong[offset..offset + length].fill(0xff);
            let named = named_by(&wrong);
            assert!(named.is_none() || named == named_by(&head), "{offset}");
        }
    }
}

#[test]
fn missing_follows_interpreters_to_the_one_that_is_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let inner = file("inner", "#!/no/such/interpreter\n");
    let outer = file("outer", &format!("#!{} -e\n", inner.display()));
    let expected = Some(Needed::Interpreter("/no/such/interpreter".into()));
    assert_eq!(missing(&inner), expected);
    assert_eq!(missing(&outer), expected);
    let whole = file("whole", "#!/proc/self/exe\n");
    assert_eq!(missing(&whole), None);
    let itself = directory.path().join("itself");
    fs::write(&itself, format!("#!{}\n", itself.display())).unwrap();
    assert_eq!(missing(&itself), None);
    assert_eq!(missing(Path::new("/no/such/file")), None);
}

#[test]
fn sentence_is_short_and_says_what_to_do() {
    for (needed, expected) in [
        (
            Needed::Interpreter("/bin/bash".into()),
            "`/bin/bash`, which its `#!` line names and the image does not have; add it to the image",
        ),
        (
            Needed::CarriageReturn,
            "an interpreter whose name ends in a carriage return; save the script with Unix line ends",
        ),
        (
            Needed::Loader("/lib/ld-musl-x86_64.so.1".into()),
            "the loader `/lib/ld-musl-x86_64.so.1`, which the image does not have; build it \
             statically, or for this image's C library",
        ),
    ] {
        let sentence = needed.to_string();
        assert_eq!(sentence, expected);
        // `program NAME needs` comes before it.
        assert!(words(&sentence) + 3 <= MESSAGE_WORDS, "{sentence}");
    }
}
