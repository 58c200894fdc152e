//! Functions that are left out, each with the reason and what to do instead.

const RANDOM: &str = "each start would have another value; let Vault generate and keep it";
const CERTIFICATE: &str =
    "let Vault's PKI engine issue it (`>>vault:pki/issue/ROLE#certificate#{…}`)";
const ENVIRONMENT: &str = "a template sees its secret alone; use `$(NAME)` in the manifest";
const FILES: &str = "a template sees its secret alone; keep the file's content in Vault";
const NETWORK: &str = "a template sees its secret alone; keep the value in Vault";
const SALTED: &str = "its salt is random; store the hash itself in Vault";
const CLOUD: &str = "a template has no network; Vault's transit engine decrypts (`vault:v1:…`)";
const HELM: &str = "it is Helm's; use JSON (`toJson`, `fromJson`)";
const HELM_YAML: &str = "it is Helm's; `fromJson` reads JSON";

/// Names in byte order, each with the reason.
pub(crate) const ALL: &[(&str, &str)] = &[
    (
        "accessor",
        "a template does not see the token; `vault:login` gives it",
    ),
    ("awskms", CLOUD),
    ("bcrypt", SALTED),
    ("blob", NETWORK),
    ("buildCustomCert", CERTIFICATE),
    ("call", "data holds no functions; write the function itself"),
    (
        "decryptAES",
        "it does not notice a changed text; Vault's transit engine decrypts (`vault:v1:…`)",
    ),
    (
        "derivePassword",
        "it takes 32 MiB and time; store the password itself in Vault",
    ),
    (
        "encryptAES",
        "its result is random; Vault's transit engine encrypts",
    ),
    ("env", ENVIRONMENT),
    ("expandenv", ENVIRONMENT),
    ("file", FILES),
    ("fromToml", HELM),
    ("fromYaml", HELM_YAML),
    ("fromYamlArray", HELM_YAML),
    ("gcpkms", CLOUD),
    ("genCA", CERTIFICATE),
    ("genCAWithKey", CERTIFICATE),
    ("genPrivateKey", CERTIFICATE),
    ("genSelfSignedCert", CERTIFICATE),
    ("genSelfSignedCertWithKey", CERTIFICATE),
    ("genSignedCert", CERTIFICATE),
    ("genSignedCertWithKey", CERTIFICATE),
    ("getHostByName", NETWORK),
    ("htpasswd", SALTED),
    (
        "include",
        "it is Helm's; a variable (`$name := …`) keeps a value for several places",
    ),
    ("lookup", NETWORK),
    ("randAlpha", RANDOM),
    ("randAlphaNum", RANDOM),
    ("randAscii", RANDOM),
    ("randBytes", RANDOM),
    ("randInt", RANDOM),
    ("randNumeric", RANDOM),
    (
        "required",
        "it is Helm's; an absent field is an error anyway",
    ),
    (
        "shuffle",
        "its result is random; `sortAlpha` gives an order",
    ),
    ("toToml", HELM),
    (
        "toYaml",
        "it is Helm's; `toJson` writes JSON, which YAML can read",
    ),
    (
        "tpl",
        "data is no template; write the actions into the reference",
    ),
    (
        "uuidv4",
        "each start would have another one; store the UUID in Vault",
    ),
];

/// The name and the reason, if the function is left out.
pub(crate) fn find(name: &str) -> Option<(&'static str, &'static str)> {
    ALL.iter().find(|(refused, _)| *refused == name).copied()
}
