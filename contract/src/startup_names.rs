//! Variables that decide which code a program runs, or whom it trusts, before its own first line.
//!
//! With `from-path` the writer of a secret chooses the names of variables. These are taken only
//! where the pod's author names them (annotation `from-path-keys`). Names are compared as the
//! kernel passes them, so `ld_preload` is not among them. Three kinds are left out on purpose:
//! `ENV`, which only an interactive shell reads; `HTTP_PROXY`, which often holds a password; and
//! settings such as `NODE_ENV`, which choose among the program's own code.

use std::fmt::Write as _;

/// Names, or beginnings of names with a `*`, and what they decide.
///
/// After glibc's `unsecvars.h`, which has what set-user-ID programs do not get, and sudo's `env.c`,
/// with the names that common runtimes and clients read.
const NAMES: &[(&[&str], &str)] = &[
    (
        &[
            "LD_*",
            "GLIBC_TUNABLES",
            "GCONV_PATH",
            "GETCONF_DIR",
            "LOCPATH",
            "MUSL_LOCPATH",
            "NLSPATH",
            "MALLOC_*",
        ],
        "which code the C library loads, and how",
    ),
    (
        &[
            "HOSTALIASES",
            "LOCALDOMAIN",
            "NIS_PATH",
            "RES_OPTIONS",
            "RESOLV_HOST_CONF",
        ],
        "how the C library resolves host names",
    ),
    (&["PATH", "JAVA_HOME", "SHELL"], "which programs run"),
    (
        &[
            "BASH_*",
            "BASHOPTS",
            "CDPATH",
            "FPATH",
            "IFS",
            "PROMPT_COMMAND",
            "PS4",
            "SHELLOPTS",
            "ZDOTDIR",
        ],
        "which code a shell runs",
    ),
    (
        &[
            "NODE_OPTIONS",
            "NODE_PATH",
            "NODE_REPL_EXTERNAL_MODULE",
            "NPM_CONFIG_*",
            "npm_config_*",
        ],
        "what Node.js loads",
    ),
    (&["PYTHON*"], "what Python loads"),
    (
        &["PERL5DB", "PERL5LIB", "PERL5OPT", "PERLLIB"],
        "what Perl loads",
    ),
    (
        &[
            "BUNDLE_APP_CONFIG",
            "BUNDLE_GEMFILE",
            "BUNDLE_PATH",
            "GEM_HOME",
            "GEM_PATH",
            "RUBYLIB",
            "RUBYOPT",
        ],
        "what Ruby loads",
    ),
    (&["PHPRC", "PHP_INI_SCAN_DIR"], "what PHP loads"),
    (
        &[
            "ANT_OPTS",
            "CATALINA_OPTS",
            "CLASSPATH",
            "ES_JAVA_OPTS",
            "GRADLE_OPTS",
            "IBM_JAVA_OPTIONS",
            "JAVA_OPTS",
            "JAVA_TOOL_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "JVM_OPTS",
            "KAFKA_OPTS",
            "LS_JAVA_OPTS",
            "MAVEN_OPTS",
            "OPENJ9_JAVA_OPTIONS",
            "_JAVA_OPTIONS",
        ],
        "what Java loads",
    ),
    (
        &[
            "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES",
            "COMPlus_*",
            "CORECLR_*",
            "DOTNET_ADDITIONAL_DEPS",
            "DOTNET_GCName",
            "DOTNET_GCPath",
            "DOTNET_ROOT*",
            "DOTNET_SHARED_STORE",
            "DOTNET_STARTUP_HOOKS",
        ],
        "what .NET loads",
    ),
    (
        &["ELIXIR_ERL_OPTIONS", "ERL_*"],
        "what Erlang and Elixir load",
    ),
    (&["LUA_CPATH*", "LUA_INIT*", "LUA_PATH*"], "what Lua loads"),
    (&["R_ENVIRON*", "R_LIBS*", "R_PROFILE*"], "what R loads"),
    (
        &[
            "OPENSSL_CONF",
            "OPENSSL_CONF_INCLUDE",
            "OPENSSL_ENGINES",
            "OPENSSL_MODULES",
        ],
        "which code OpenSSL loads",
    ),
    (
        &[
            "AWS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
            "CURL_HOME",
            "GIT_SSL_*",
            "NODE_EXTRA_CA_CERTS",
            "NODE_TLS_REJECT_UNAUTHORIZED",
            "REQUESTS_CA_BUNDLE",
            "SSL_CERT_DIR",
            "SSL_CERT_FILE",
        ],
        "which certificates are trusted",
    ),
    (
        &[
            "BAO_ADDR",
            "BAO_AGENT_ADDR",
            "BAO_CACERT*",
            "BAO_CAPATH",
            "BAO_HTTP_PROXY",
            "BAO_PROXY_ADDR",
            "BAO_SKIP_VERIFY",
            "BAO_TLS_SERVER_NAME",
            "VAULT_ADDR",
            "VAULT_AGENT_ADDR",
            "VAULT_CACERT*",
            "VAULT_CAPATH",
            "VAULT_HTTP_PROXY",
            "VAULT_PROXY_ADDR",
            "VAULT_SKIP_VERIFY",
            "VAULT_TLS_SERVER_NAME",
        ],
        "where a Vault client sends its token",
    ),
    (&["KRB5_CONFIG"], "which server issues Kerberos tickets"),
    (&["SSLKEYLOGFILE"], "where TLS session keys are written"),
    (
        &[
            "GIT_ASKPASS",
            "GIT_CONFIG_*",
            "GIT_EDITOR",
            "GIT_EXEC_PATH",
            "GIT_EXTERNAL_DIFF",
            "GIT_PAGER",
            "GIT_PROXY_COMMAND",
            "GIT_SSH",
            "GIT_SSH_COMMAND",
            "GIT_TEMPLATE_DIR",
        ],
        "what Git runs",
    ),
    (
        &[
            "BROWSER",
            "EDITOR",
            "LESSCLOSE",
            "LESSOPEN",
            "PAGER",
            "VISUAL",
        ],
        "what other programs run",
    ),
    (
        &[
            "KUBECONFIG",
            "KUBERNETES_SERVICE_HOST",
            "KUBERNETES_SERVICE_PORT*",
        ],
        "where a Kubernetes client sends its credentials",
    ),
    (&["TOKENPIPE_*"], "what env-exec does"),
];

/// What a variable of this name decides; nothing for most names.
pub fn decides(name: &str) -> Option<&'static str> {
    let matches = |pattern: &str| match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    };
    let mut rows = NAMES.iter();
    rows.find(|(patterns, _)| patterns.iter().any(|pattern| matches(pattern)))
        .map(|(_, decided)| *decided)
}

/// The names as a Markdown table.
pub fn table() -> String {
    let mut table = "| variables | they decide |\n|---|---|\n".to_owned();
    for (patterns, decided) in NAMES {
        let names: Vec<_> = patterns.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(table, "| {} | {decided} |", names.join(", "));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{NAMES, decides, table};

    #[test]
    fn startup_names_are_recognised() {
        for name in [
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "LD_AUDIT",
            "GLIBC_TUNABLES",
            "BASH_ENV",
            "BASH_LOADABLES_PATH",
            "NODE_OPTIONS",
            "npm_config_node_options",
            "PATH",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "PERL5OPT",
            "RUBYOPT",
            "JAVA_TOOL_OPTIONS",
            "_JAVA_OPTIONS",
            "CORECLR_PROFILER",
            "DOTNET_STARTUP_HOOKS",
            "LUA_INIT_5_4",
            "OPENSSL_CONF",
            "SSL_CERT_FILE",
            "GIT_CONFIG_COUNT",
            "TOKENPIPE_SETTINGS",
            "KUBERNETES_SERVICE_HOST",
            "VAULT_ADDR",
            "BAO_SKIP_VERIFY",
            "VAULT_CACERT_BYTES",
            "KAFKA_OPTS",
            "SSLKEYLOGFILE",
        ] {
            assert!(decides(name).is_some(), "{name}");
        }
    }

    #[test]
    fn ordinary_names_are_free() {
        for name in [
            "password",
            "path",
            "PATHS",
            "DB_PATH",
            "ENV",
            "GIT_TOKEN",
            "GITHUB_TOKEN",
            "NODE_ENV",
            "NPM_TOKEN",
            "HTTP_PROXY",
            "LDAP_PASSWORD",
            "LD",
            "ld_preload",
            " LD_PRELOAD",
            "MY_LD_PRELOAD",
            "BUNDLE_GITHUB__COM",
            "DOTNET_ENVIRONMENT",
            "KUBERNETES_NAMESPACE",
            "KUBERNETES_SERVICE_ACCOUNT_TOKEN",
            "VAULT_TOKEN",
            "VAULT_NAMESPACE",
            "VAULT_ADDRESS",
            "KAFKA_PASSWORD",
            "",
        ] {
            assert_eq!(decides(name), None, "{name}");
        }
    }

    #[test]
    fn table_has_each_name_once() {
        let table = table();
        for pattern in NAMES.iter().flat_map(|(patterns, _)| *patterns) {
            let cell = format!("`{pattern}`");
            assert_eq!(table.matches(&cell).count(), 1, "{pattern}");
        }
    }
}
