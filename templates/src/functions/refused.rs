//! Functions that are left out, each with the reason and what to do instead.

const RANDOM: &str = "a rendering must be repeatable, and a random secret that nobody keeps would \
    change with every start; let Vault generate it (`>>vault:gen/password#value`, or a policy \
    under sys/policies/password)";
const CERTIFICATE: &str = "keys and certificates are not made in a template; let Vault's PKI engine \
    issue them (`>>vault:pki/issue/ROLE#certificate#{…}`)";
const ENVIRONMENT: &str = "a template sees the data of its reference and nothing else, also not the \
    environment";
const FILES: &str = "a template sees the data of its reference and nothing else, also not files";
const NETWORK: &str = "a template sees the data of its reference and nothing else, also not the \
    network";
const SALTED: &str = "its result has a random salt, and a rendering must be repeatable; store the \
    hash itself in Vault";
const CLOUD: &str = "a template talks to nobody; Vault's transit engine decrypts (`vault:v1:…`)";
const HELM: &str = "it is Helm's and not Sprig's";

/// Names in byte order, each with the reason.
pub(crate) const ALL: &[(&str, &str)] = &[
    ("accessor", "a template does not see the token"),
    ("awskms", CLOUD),
    ("bcrypt", SALTED),
    ("blob", NETWORK),
    ("buildCustomCert", CERTIFICATE),
    ("call", "there are no functions as values in the data"),
    (
        "decryptAES",
        "it takes the password itself as the key and does not notice a changed text; Vault's \
         transit engine decrypts (`vault:v1:…`)",
    ),
    (
        "derivePassword",
        "its key derivation takes 32 MiB of memory and a good part of a second of every start; \
         store the password itself in Vault",
    ),
    (
        "encryptAES",
        "its result has a random beginning, and a rendering must be repeatable; Vault's transit \
         engine encrypts",
    ),
    ("env", ENVIRONMENT),
    ("expandenv", ENVIRONMENT),
    ("file", FILES),
    ("fromToml", HELM),
    (
        "fromYaml",
        "it is Helm's and not Sprig's; `fromJson` reads JSON",
    ),
    (
        "fromYamlArray",
        "it is Helm's and not Sprig's; `fromJson` reads JSON",
    ),
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
        "it is Helm's and not Sprig's; a variable (`$name := …`) keeps a value for several places",
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
        "it is Helm's and not Sprig's; an absent field is an error anyway, and `fail` makes one of anything",
    ),
    (
        "shuffle",
        "its result is random, and a rendering must be repeatable",
    ),
    ("toToml", HELM),
    (
        "toYaml",
        "it is Helm's and not Sprig's; `toJson` writes JSON, which YAML can read",
    ),
    ("tpl", "data is never taken for a template"),
    (
        "uuidv4",
        "a rendering must be repeatable; store the UUID in Vault",
    ),
];

/// The name and the reason, if the function is left out.
pub(crate) fn find(name: &str) -> Option<(&'static str, &'static str)> {
    ALL.iter().find(|(refused, _)| *refused == name).copied()
}
