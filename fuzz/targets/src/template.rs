//! The source of a template.

use std::sync::OnceLock;

use secrecy::ExposeSecret as _;
use templates::{Clock, Data, Template};

use crate::assert_sentence;

/// A text that no source has by chance, and that is in no message.
const CANARY: &str = "Kanarienvogel-7Q";

/// Longest value of an environment variable.
const LONGEST: usize = 128 * 1024;

/// A template gives the same bounded text each time, or a sentence without a value says why not.
pub fn template(bytes: &[u8]) {
    let Ok(source) = str::from_utf8(bytes) else {
        return;
    };
    let render = |template: &Template| template.render(data(), Clock::default());
    let rendered = Template::parse(source).and_then(|template| {
        let text = render(&template)?;
        let again = render(&template)?;
        assert_eq!(text.expose_secret(), again.expose_secret());
        Ok(text)
    });
    match rendered {
        Ok(text) => assert!(text.expose_secret().len() <= LONGEST),
        Err(error) => {
            let sentence = error.to_string();
            assert_sentence(&sentence);
            assert!(source.contains(CANARY) || !sentence.contains(CANARY));
        }
    }
}

/// One of each kind, and what functions take apart.
fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| {
        let json = serde_json::json!({
            "text": CANARY, "empty": "", "unicode": "Grüße 世界", "lines": "a\nb\n",
            "num": 5, "neg": -7, "float": 1.5, "big": 9_007_199_254_740_993_u64,
            "yes": true, "no": false, "none": null,
            "list": ["b", "a", CANARY], "nums": [3, 1, 2], "mixed": [1, "x", null, {"k": "v"}],
            "map": {"k": "v", "inner": {"deep": CANARY}}, "json": "{\"a\":[1,2]}",
            "b64": "aGVsbG8=", "path": "/a/../b.txt", "url": "https://u:p@host:1/p?q=1#f",
            "ver": "1.2.3-rc.1+b", "date": "2026-11-24T18:00:00Z",
        });
        serde_json::from_value(json).expect("it is an object")
    })
}
