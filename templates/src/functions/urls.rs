//! URLs.

use super::entry::{Arguments, Function, Group, map, text};
use crate::go::url::{self, Url, UserInfo};
use crate::runtime::{Context, Entries, Failure, Map, MapType, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "URLs",
    functions: &[
        Function::new("urlParse", &[text("url")], url_parse).doc(
            "The parts of a URL: `scheme`, `userinfo`, `host`, `hostname`, `path`, `query`, `opaque`, `fragment`.",
            r#"${(urlParse "https://user@example.com:8443/a?x=1").host}"#,
            "example.com:8443",
        ),
        Function::new("urlJoin", &[map("parts")], url_join).doc(
            "The URL of such parts.",
            r#"${urlJoin (dict "scheme" "https" "host" "example.com" "path" "/a b" "query" "x=1")}"#,
            "https://example.com/a%20b?x=1",
        ),
    ],
};

fn url_parse(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let url = url::parse(arguments.text(0)?.bytes()).map_err(not_a_url)?;
    let hostname = url.hostname().to_vec();
    let userinfo = url
        .userinfo
        .map(|userinfo| userinfo.to_bytes())
        .unwrap_or_default();
    let parts = [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", hostname),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", userinfo),
    ];
    let mut entries = Entries::new();
    for (name, part) in parts {
        let (name, part) = (context.make_text(name)?, context.text(part)?);
        context.enter(&mut entries, name, part)?;
    }
    context.map(MapType::Any, entries)
}

fn not_a_url(reason: url::NotAUrl) -> Failure {
    Failure::Url(reason)
}

fn part(context: &mut Context, map: Map, name: &'static str) -> Outcome<Vec<u8>> {
    let part = context.get(map, name.as_bytes())?;
    if let Some(part) = &part {
        context.look_at(part)?;
    }
    match part {
        None => Ok(Vec::new()),
        Some(Value::Text(text) | Value::Number(text)) => Ok(text.bytes().to_vec()),
        Some(other) => Err(Failure::Argument {
            parameter: name,
            wanted: "a text",
            found: other.describe(),
        }),
    }
}

fn url_join(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let map = arguments.map(0)?;
    let userinfo = part(context, map, "userinfo")?;
    let url = Url {
        scheme: part(context, map, "scheme")?,
        opaque: part(context, map, "opaque")?,
        userinfo: userinfo_of(&userinfo)?,
        host: part(context, map, "host")?,
        path: part(context, map, "path")?,
        query: part(context, map, "query")?,
        fragment: part(context, map, "fragment")?,
    };
    context.text(url.to_bytes())
}

/// As Sprig does it: what stands in a URL before the host, which a `/`, `?` or `#` ends.
fn userinfo_of(text: &[u8]) -> Outcome<Option<UserInfo>> {
    if text.is_empty() {
        return Ok(None);
    }
    let url = [b"proto://", text, b"@host"].concat();
    Ok(url::parse(&url).map_err(not_a_url)?.userinfo)
}
