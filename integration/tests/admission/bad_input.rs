//! What `kubectl apply` prints, word for word.

use integration::cluster::Namespace;

use crate::place::{NAME, create_namespace, create_unselected_namespace};

/// A manifest as a person writes it, with one container, and more of it and of the annotations.
fn build_manifest(annotations: &str, container: &str, spec: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web, annotations: {{{annotations}}}}}\nspec:\n  \
         containers:\n  - {{name: app, image: 'shop/web:3', {container}}}\n{spec}"
    )
}

const REFERENCE: &str =
    "command: [/web], env: [{name: DB_PASSWORD, value: 'vault:secret/data/db#password'}]";

fn apply_manifest(namespace: &Namespace<'_>, manifest: &str) -> (String, String) {
    let arguments = ["apply", "--dry-run=server", "-f", "-"];
    let output = namespace
        .run_kubectl_with_input(&arguments, manifest)
        .unwrap();
    (output.stdout(), output.stderr())
}

#[test]
fn refusals_as_kubectl_prints_them() {
    let namespace = create_namespace("refusals", &[]);
    let cases = [
        (
            build_manifest("tokenpipe.dev/auth-rol: web", REFERENCE, ""),
            "annotation tokenpipe.dev/auth-rol is not known; did you mean \"tokenpipe.dev/auth-role\"?",
        ),
        (
            build_manifest("tokenpipe.dev/auth-method: kubernets", REFERENCE, ""),
            "annotation tokenpipe.dev/auth-method: tokenpipe knows no method `kubernets`; did you mean \"kubernetes\"?",
        ),
        (
            build_manifest("tokenpipe.dev/vault: defualt", REFERENCE, ""),
            "annotation tokenpipe.dev/vault names connection defualt, which is not configured: configured are default; did you mean \"default\"?",
        ),
        (
            build_manifest(
                "tokenpipe.dev/auth-config: 'secret_id: s3cr3t', tokenpipe.dev/auth-method: approle",
                REFERENCE,
                "",
            ),
            "tokenpipe.dev/auth-config: method `approle` needs `role_id_file_path`",
        ),
        (
            build_manifest(
                "",
                "env: [{name: P, value: 'vault:secret/data/db#password'}]",
                "",
            ),
            "container app has a reference but has no command; add `command:` and `args:` with ENTRYPOINT and CMD of image shop/web:3\n",
        ),
        (
            build_manifest(
                "",
                &format!("{REFERENCE}, args: ['--password=$(DB_PASSWORD)']"),
                "",
            ),
            "container app: $(DB_PASSWORD) in its args becomes the reference itself; let the program read the variable, or a shell: command: [\"sh\", \"-c\", \"exec PROGRAM --option=\\\"$DB_PASSWORD\\\"\"]\n",
        ),
        (
            build_manifest("", &REFERENCE.replace("#password", ""), ""),
            "container app, variable DB_PASSWORD: `vault:secret/data/db` names no key; write `vault:secret/data/db#KEY`, or list DB_PASSWORD in tokenpipe.dev/skip-variables to keep the text\n",
        ),
        (
            build_manifest(
                "",
                &REFERENCE.replace("env: [", "env: [{name: TOKENPIPE_SETTINGS, value: '{}'}, "),
                "",
            ),
            "container app sets TOKENPIPE_SETTINGS itself; remove it, or in a copy (`kubectl debug --copy-to`) begin the command with \
             `/tokenpipe/bin/env-exec --`\n",
        ),
        (
            build_manifest(
                "",
                REFERENCE,
                "  volumes: [{name: tokenpipe-cache, emptyDir: {}}]\n",
            ),
            "volume tokenpipe-cache has a name that is reserved for tokenpipe; rename it\n",
        ),
        (
            build_manifest(
                "",
                &format!("{REFERENCE}, volumeMounts: [{{name: mine, mountPath: /tokenpipe/bin}}]"),
                "  volumes: [{name: mine, emptyDir: {}}]\n",
            ),
            "container app mounts volume mine at /tokenpipe/bin, which is reserved for tokenpipe (its volumes, all below /tokenpipe); remove the mount\n",
        ),
        (
            build_manifest("", REFERENCE, "  - {name: app, image: 'shop/other:1'}\n"),
            "two containers are named app; rename one\n",
        ),
        (
            build_manifest(
                "",
                "command: [/web]",
                "  initContainers: [{name: tokenpipe-agent, image: 'evil:1'}]\n",
            ),
            "init container tokenpipe-agent has a name that is reserved for tokenpipe, and the pod has nothing to inject; remove or rename it\n",
        ),
    ];
    for (manifest, sentence) in cases {
        let (stdout, stderr) = apply_manifest(&namespace, &manifest);
        let begin = format!(
            "Error from server (BadRequest): error when creating \"STDIN\": admission webhook \
             \"{NAME}.tokenpipe.dev\" denied the request: {sentence}"
        );
        assert!(stderr.starts_with(&begin), "{stderr}\nexpected:\n{begin}");
        assert_eq!(
            (stdout.as_str(), stderr.lines().count()),
            ("", 1),
            "{stderr}"
        );
        assert!(!stderr.contains("s3cr3t"), "{stderr}");
    }
}

#[test]
fn warnings_as_kubectl_prints_them() {
    let namespace = create_namespace("warned", &[]);
    let container = format!(
        "{REFERENCE}, livenessProbe: {{exec: {{command: [sh, -c, 'check $DB_PASSWORD']}}}}, \
         lifecycle: {{preStop: {{exec: {{command: [sh, -c, 'leave \"${{DB_PASSWORD}}\"']}}}}}}"
    );
    let others = "  - {name: other, image: 'shop/other:1', envFrom: [{secretRef: {name: s}}]}\n  \
                  initContainers: [{name: wait, image: 'shop/wait:1'}]\n";
    let (stdout, stderr) = apply_manifest(
        &namespace,
        &build_manifest("tokenpipe.dev/inject: 'true'", &container, others),
    );
    assert_eq!(stdout, "pod/web created (server dry run)\n", "{stderr}");
    let expected = [
        "container other has values from ConfigMaps or Secrets but no command; add `command:` to have references in them resolved",
        "when a wrapped container restarts, the pod kills all of its containers (app, other) and runs its init containers again (wait) (tokenpipe.dev/restart: rerun)",
        "container app: the command of its livenessProbe sees the reference in DB_PASSWORD, not the value; ask the program instead",
        "container app: the command of its preStop hook sees the reference in DB_PASSWORD, not the value; ask the program instead",
    ];
    let expected = expected.map(|warning| format!("Warning: tokenpipe: {warning}\n"));
    assert_eq!(stderr, expected.concat());
}

#[test]
fn many_warnings_end_with_their_number() {
    let namespace = create_namespace("many", &[]);
    let others = (0..40)
        .map(|n| format!("  - {{name: other-{n}, image: 'shop/other:1', envFrom: [{{secretRef: {{name: s}}}}]}}\n"))
        .collect::<Vec<_>>()
        .concat();
    let (_, stderr) = apply_manifest(
        &namespace,
        &build_manifest("tokenpipe.dev/inject: 'true'", REFERENCE, &others),
    );
    let lines: Vec<_> = stderr.lines().collect();
    assert_eq!(lines.len(), 16, "{stderr}");
    assert_eq!(lines[15], "Warning: tokenpipe: and 26 more warnings");
}

#[test]
fn a_namespace_that_is_not_selected_is_not_disturbed() {
    let namespace = create_unselected_namespace("not selected");
    let (stdout, stderr) = apply_manifest(
        &namespace,
        &build_manifest("tokenpipe.dev/auth-rol: web", REFERENCE, ""),
    );
    assert_eq!(
        (stdout.as_str(), stderr.as_str()),
        ("pod/web created (server dry run)\n", "")
    );
}

#[test]
fn settings_behind_env_from_change_nothing() {
    let namespace = create_namespace("env from", &[]);
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {TOKENPIPE_SETTINGS: '{}'}\n";
    namespace
        .run_kubectl_with_input(&["apply", "-f", "-"], secret)
        .unwrap();
    let container = format!("{REFERENCE}, envFrom: [{{secretRef: {{name: s}}}}]");
    let output = namespace
        .dry_run(&build_manifest("", &container, ""))
        .unwrap();
    let pod: serde_json::Value = serde_json::from_str(&output.stdout()).unwrap();
    // An explicit variable beats those of `envFrom`.
    let app = crate::place::find_named(&pod["spec"]["containers"], "app");
    let settings = crate::place::read_settings(app);
    assert_eq!(
        settings["exec"]["vault"]["address"],
        "https://vault.example:8200"
    );
}
