//! Names that other tools have for what is here under another name, each with what to write.

const CONSUL_TEMPLATE: &str = "Consul Template's";
const EXTERNAL_SECRETS: &str = "External Secrets'";
const HELM: &str = "Helm's";
const JINJA: &str = "Jinja's";
/// Names that no template language has, but that people try.
const OTHERS: &str = "another language's";

const ADDRESS: &str = "`vault:PATH#${…}`; the reference itself reads the secret";

/// Names in byte order, each with the tool and what to write. Words of blocks are among them: they
/// stand where a function could.
pub(crate) const ALL: &[(&str, &str, &str)] = &[
    ("b64decode", JINJA, "`b64dec`"),
    ("b64encode", JINJA, "`b64enc`"),
    ("base64Decode", CONSUL_TEMPLATE, "`b64dec`"),
    ("base64Encode", CONSUL_TEMPLATE, "`b64enc`"),
    (
        "base64URLDecode",
        CONSUL_TEMPLATE,
        "`replace \"-\" \"+\" TEXT | replace \"_\" \"/\" | b64dec`",
    ),
    (
        "base64URLEncode",
        CONSUL_TEMPLATE,
        "`b64enc TEXT | replace \"+\" \"-\" | replace \"/\" \"_\"`",
    ),
    ("base64decode", EXTERNAL_SECRETS, "`b64dec`"),
    ("base64encode", EXTERNAL_SECRETS, "`b64enc`"),
    ("capitalize", JINJA, "`title`"),
    ("combine", JINJA, "`merge`"),
    (
        "containsAll",
        CONSUL_TEMPLATE,
        "`has ITEM LIST` for each item",
    ),
    (
        "containsAny",
        CONSUL_TEMPLATE,
        "`has ITEM LIST` for each item",
    ),
    ("divide", CONSUL_TEMPLATE, "`div A B`"),
    ("elif", JINJA, "`else if`"),
    ("elseif", OTHERS, "`else if`"),
    ("elsif", OTHERS, "`else if`"),
    ("endfor", JINJA, "`end`"),
    ("endif", JINJA, "`end`"),
    ("endwith", JINJA, "`end`"),
    (
        "envOrDefault",
        CONSUL_TEMPLATE,
        "`.FIELD | default \"…\"`; a template does not see the environment",
    ),
    ("for", JINJA, "`range .LIST`"),
    ("foreach", OTHERS, "`range .LIST`"),
    ("fromJSON", EXTERNAL_SECRETS, "`fromJson`"),
    ("fromJsonArray", HELM, "`fromJson`"),
    ("from_json", JINJA, "`fromJson`"),
    ("in", CONSUL_TEMPLATE, "`has ITEM LIST`"),
    ("length", JINJA, "`len`"),
    ("loop", CONSUL_TEMPLATE, "`range until COUNT`"),
    ("maximum", CONSUL_TEMPLATE, "`max`"),
    ("minimum", CONSUL_TEMPLATE, "`min`"),
    ("modulo", CONSUL_TEMPLATE, "`mod A B`"),
    ("multiply", CONSUL_TEMPLATE, "`mul A B`"),
    ("mustFromYaml", HELM, "`fromJson` for JSON"),
    ("mustToYaml", HELM, "`toJson`"),
    ("parseBool", CONSUL_TEMPLATE, "`eq \"true\" TEXT`"),
    ("parseFloat", CONSUL_TEMPLATE, "`float64`"),
    ("parseInt", CONSUL_TEMPLATE, "`int64`"),
    ("parseJSON", CONSUL_TEMPLATE, "`fromJson`"),
    ("parseUint", CONSUL_TEMPLATE, "`int64`"),
    ("parseYAML", CONSUL_TEMPLATE, "`fromJson` for JSON"),
    (
        "regex_replace",
        JINJA,
        "`regexReplaceAll PATTERN TEXT REPLACEMENT`",
    ),
    ("regex_search", JINJA, "`regexFind PATTERN TEXT`"),
    ("replaceAll", CONSUL_TEMPLATE, "`replace OLD NEW TEXT`"),
    ("secret", CONSUL_TEMPLATE, ADDRESS),
    ("secrets", CONSUL_TEMPLATE, ADDRESS),
    ("sha256Hex", CONSUL_TEMPLATE, "`sha256sum`"),
    ("subtract", CONSUL_TEMPLATE, "`sub A B`"),
    ("timestamp", CONSUL_TEMPLATE, "`now`"),
    ("toJSON", CONSUL_TEMPLATE, "`toJson`"),
    ("toJSONPretty", CONSUL_TEMPLATE, "`toPrettyJson`"),
    ("toLower", CONSUL_TEMPLATE, "`lower`"),
    ("toTOML", CONSUL_TEMPLATE, "`toJson`"),
    ("toTitle", CONSUL_TEMPLATE, "`title`"),
    ("toUnescapedJSON", CONSUL_TEMPLATE, "`toRawJson`"),
    ("toUnescapedJSONPretty", CONSUL_TEMPLATE, "`toRawJson`"),
    ("toUpper", CONSUL_TEMPLATE, "`upper`"),
    ("toYAML", CONSUL_TEMPLATE, "`toJson`"),
    ("toYamlPretty", HELM, "`toPrettyJson`"),
    ("to_json", JINJA, "`toJson`"),
    ("to_nice_json", JINJA, "`toPrettyJson`"),
    ("to_yaml", JINJA, "`toJson`"),
    ("tojson", JINJA, "`toJson`"),
    ("trimSpace", CONSUL_TEMPLATE, "`trim`"),
    ("urlencode", JINJA, "`urlquery`"),
    ("while", OTHERS, "`range until COUNT`"),
];

/// Consul Template has Sprig's functions under their names with this before them.
const SPRIG_PREFIX: &str = "sprig_";

/// The tool that has a function of that name, and what to write here.
pub(crate) fn find(name: &str) -> Option<(&'static str, String)> {
    if let Some((_, tool, write)) = ALL.iter().find(|(known, _, _)| *known == name) {
        return Some((tool, (*write).to_owned()));
    }
    let function = super::find(name.strip_prefix(SPRIG_PREFIX)?)?;
    Some((CONSUL_TEMPLATE, format!("`{}`", function.name)))
}
