//! What `tokenpipe render` makes of manifests: each file in `manifests/` is a case.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use contract::message::{MESSAGE_WORDS, words};
use serde_json::{Value, json};
use webhook::config::Config;
use webhook::plan::Facts;
use webhook::render::{Format, Rendered, render};

fn run(input: &str, format: Format) -> Rendered {
    let facts = Facts {
        kubernetes: "1.37".parse().ok(),
        ..Facts::default()
    };
    render(input, "default", &Config::built_in(), facts, format).unwrap()
}

/// The text of what is not refused.
fn text(input: &str, format: Format) -> String {
    let rendered = run(input, format);
    assert_eq!(rendered.refusals, [""; 0], "{input}");
    rendered.text
}

/// Warnings, and refusals, of a run.
fn said(input: &str) -> (Vec<String>, Vec<String>) {
    let Rendered {
        warnings, refusals, ..
    } = run(input, Format::Yaml);
    (warnings, refusals)
}

/// Without the names of the objects that a line is about.
fn assert_short(text: &str) {
    let count = words(text);
    assert!(count <= MESSAGE_WORDS, "{count} words: {text}");
}

#[test]
fn manifests() {
    insta::glob!("manifests/*.yaml", |path| {
        let input = std::fs::read_to_string(path).unwrap();
        let Rendered {
            text,
            warnings,
            refusals,
        } = run(&input, Format::Yaml);
        for line in &refusals {
            let problem = line.split_once(": refused: ").map(|(_, problem)| problem);
            assert_short(problem.unwrap_or(line));
        }
        for line in &warnings {
            assert_short(line.split(" (also ").next().unwrap());
        }
        let warnings = warnings.iter().map(|line| format!("# warning: {line}\n"));
        let refusals = refusals.iter().map(|line| format!("# {line}\n"));
        let said: String = refusals.chain(warnings).collect();
        insta::assert_snapshot!(said + &text);
    });
}

#[test]
fn yaml_and_json_say_the_same() {
    insta::glob!("manifests/*.yaml", |path| {
        let input = std::fs::read_to_string(path).unwrap();
        let yaml = run(&input, Format::Yaml).text;
        assert_eq!(text(&yaml, Format::Json), run(&input, Format::Json).text);
    });
}

#[test]
fn rendering_twice_is_rendering_once() {
    let input = include_str!("manifests/every-kind.yaml");
    let once = text(input, Format::Yaml);
    assert_eq!(text(&once, Format::Yaml), once);
    assert_eq!(text(&once, Format::Patch), "[]\n");
}

#[test]
fn json_goes_in_and_patches_come_out() {
    let input = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":
        {"template":{"spec":{"containers":[{"name":"app","image":"i","command":["a"],
        "env":[{"name":"P","value":"vault:a#b"}]}]},
        "metadata":{"annotations":{"tokenpipe.dev/auth-role":"r"}}}}}"#;
    let patches: Value = serde_json::from_str(&text(input, Format::Patch)).unwrap();
    assert_eq!(patches[0]["object"], "Deployment default/web");
    assert_eq!(
        patches[0]["patch"][0]["path"],
        "/spec/template/spec/containers/0/command"
    );
}

#[test]
fn document_without_content_stays_as_it_is() {
    for input in ["", "---\n", "---\n---\n# just a comment\n"] {
        assert_eq!(text(input, Format::Yaml), input);
    }
}

#[test]
fn a_template_without_metadata_gets_some() {
    let config = "connections: {default: {address: 'https://vault.example', auth: {role: web}}}";
    let config = Config::parse(config).unwrap();
    let input = r#"
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: app, image: i, command: [a], env: [{name: P, value: "vault:a#b"}]}]
"#;
    let run = |format| render(input, "default", &config, Facts::default(), format).unwrap();
    let rendered: Value = serde_yaml::from_str(&run(Format::Yaml).text).unwrap();
    let template = &rendered["spec"]["template"];
    assert!(template["metadata"]["annotations"]["tokenpipe.dev/status"].is_string());
    let patches: Value = serde_json::from_str(&run(Format::Patch).text).unwrap();
    let first = &patches[0]["patch"][0];
    assert_eq!(
        *first,
        json!({"op": "add", "path": "/spec/template/metadata", "value": {}})
    );
}

/// A pod that is patched.
const INJECTED: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: injected, annotations: {tokenpipe.dev/auth-role: r}}
spec:
  containers: [{name: app, image: i, command: [a], env: [{name: P, value: "vault:a#b"}]}]
"#;

/// One that is refused.
const REFUSED: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: refused}
spec:
  containers: [{name: app, image: i, env: [{name: P, value: "vault:a#b"}]}]
"#;

#[test]
fn document_that_is_not_patched_stays_byte_for_byte() {
    for kept in [
        "# A comment\napiVersion: v1\nkind: ConfigMap\ndata:\n    mode: 0400   # octal\n    f: 1e+06\n",
        "apiVersion: v1\r\nkind: Secret\r\ndata: {a: \"x\", b: 'y'}\r\n",
        "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"a\": 1.0, \"b\": 1E5}\n",
        "# nothing but a comment\n",
        "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - {name: a, image: i}\n",
    ] {
        assert_eq!(text(kept, Format::Yaml), kept);
        let stream = format!("{kept}--- # next\n{INJECTED}---\n{kept}");
        let found = text(&stream, Format::Yaml);
        assert!(
            found
                .trim_start_matches("---\n")
                .starts_with(&format!("{kept}--- # next\napiVersion: v1\n")),
            "{found}"
        );
        assert!(found.ends_with(&format!("\n---\n{kept}")), "{found}");
    }
}

#[test]
fn patched_document_is_what_kubectl_reads() {
    let input = INJECTED.replace(
        "spec:\n",
        "spec:\n  volumes: [{name: s, secret: {secretName: s, defaultMode: 0400}}]\n  \
         terminationGracePeriodSeconds: 1e+02\n  priority: 1_000\n  hostNetwork: off\n",
    );
    // An anchor may be shared, so that the document is written anew.
    let anew = input.replace("containers: [", "containers: &c [");
    let found = text(&anew, Format::Yaml);
    assert_eq!(text(&input, Format::Json), text(&anew, Format::Json));
    for line in [
        "      defaultMode: 256\n",
        "  terminationGracePeriodSeconds: 100\n",
        "  priority: 1000\n",
        "  hostNetwork: false\n",
    ] {
        assert!(found.contains(line), "{line}: {found}");
    }
}

#[test]
fn patched_document_keeps_the_text_around_the_patch() {
    let input = r#"# Source: chart/templates/web.yaml
apiVersion: apps/v1
kind: Deployment   # a comment
metadata: {name: web}
spec:
    replicas: 1e+01
    template:
        metadata:
            # who logs in
            annotations:
                tokenpipe.dev/auth-role: 'web'   # bound to web
        spec:
            containers:
                # the web server
                -   name: web   # first
                    command: [/web, "--mode", '0400']   # its own
                    env:
                        # from Vault
                        -   {name: P, value: "vault:secret/data/db#password"}   # password
                    # below
                    image: shop/web:3
            # volumes
            volumes:
                -   name: s
                    secret: {secretName: s, defaultMode: 0400}   # octal
"#;
    let found = text(input, Format::Yaml);
    for line in input.lines().filter(|line| !line.contains("command: ")) {
        assert!(found.contains(&format!("{line}\n")), "{line}: {found}");
    }
    for lines in [
        "                    command:\n                    - /tokenpipe/bin/env-exec\n                    - --\n                    - /web\n",
        "                        -   {name: P, value: \"vault:secret/data/db#password\"}   # password\n                        - name: TOKENPIPE_SETTINGS\n",
    ] {
        assert!(found.contains(lines), "{lines}: {found}");
    }
    assert_eq!(said(input).0, [""; 0]);
    assert_eq!(text(&found, Format::Yaml), found);
}

#[test]
fn lost_comments_are_reported_once() {
    let braces = INJECTED.replace("metadata: ", "# why\nmetadata: &m ");
    let input = format!("# kept\nkind: Service\n---\n{braces}---\n{braces}---\n{INJECTED}");
    let (warnings, _) = said(&input);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("Pod default/injected: comments are not kept"),
        "{warnings:?}"
    );
    let (warnings, _) = said(&format!("# kept\nkind: Service\n---\n{INJECTED}"));
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn all_problems_are_reported_and_the_other_objects_printed() {
    let several = r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: chart, namespace: shop}
spec:
  template:
    metadata: {annotations: {tokenpipe.dev/auth-role: r}}
    spec:
      containers:
      - {name: one, image: a, env: [{name: P, value: "vault:a#b"}, {name: Q, value: "vault:a/b"}]}
      - {name: two, image: b, env: [{name: P, value: "vault:a#b"}]}
      - {name: three, image: c, command: [c], args: ["$(P)"], env: [{name: P, value: "vault:a#b"}]}
"#;
    let input = format!("{several}---\n{REFUSED}---\na: {{\n---\n{INJECTED}");
    let rendered = run(&input, Format::Yaml);
    let starts = [
        "Deployment shop/chart: refused: container one, variable Q: ",
        "Deployment shop/chart: refused: container one has a reference but has no command; add `command:` and `args:` ",
        "Deployment shop/chart: refused: container two has a reference but has no command; add `command:` and `args:` ",
        "Deployment shop/chart: refused: container three: $(P) in its args ",
        "Pod default/refused: refused: container app has a reference but has no command; add `command:` and `args:` ",
        "Pod default/refused: refused: tokenpipe.dev/auth-role: method `kubernetes` needs ",
        "line 19: not YAML: ",
    ];
    assert_eq!(
        rendered.refusals.len(),
        starts.len(),
        "{:#?}",
        rendered.refusals
    );
    for start in starts {
        let found = rendered.refusals.iter().any(|line| line.starts_with(start));
        assert!(found, "{start}: {:#?}", rendered.refusals);
    }
    assert!(
        rendered.text.starts_with("---\napiVersion: v1\n"),
        "{}",
        rendered.text
    );
    assert_eq!(rendered.text.matches("kind: ").count(), 1);
    let patches = run(&input, Format::Patch).text;
    assert!(
        patches.contains("Pod default/injected") && !patches.contains("chart"),
        "{patches}"
    );
}

#[test]
fn refused_item_of_a_list_is_left_out() {
    let item = |text: &str| {
        let object: Value = serde_yaml::from_str(text).unwrap();
        object.to_string()
    };
    let list = |items: &[String]| {
        let items = items.join(",");
        format!(r#"{{"apiVersion":"v1","kind":"List","items":[{items}]}}"#)
    };
    let rendered = run(&list(&[item(REFUSED), item(INJECTED)]), Format::Json);
    let found: Value = serde_json::from_str(&rendered.text).unwrap();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(found["items"][0]["metadata"]["name"], "injected");
    assert_eq!(rendered.refusals.len(), 2, "{:?}", rendered.refusals);
    let rendered = run(&list(&[item(REFUSED)]), Format::Yaml);
    assert_eq!(rendered.text, "");
}

#[test]
fn pods_are_found_in_every_shape_of_list_and_kind() {
    let template = "{metadata: {annotations: {tokenpipe.dev/auth-role: r}}, spec: {restartPolicy: Never, \
        containers: [{name: app, command: [a], env: [{name: P, value: 'vault:a#b'}]}]}}";
    for (input, patched) in [
        ("{apiVersion: v1, kind: PodList, items: [@, @]}", 2),
        (
            "{apiVersion: apps/v1, kind: DeploymentList, items: [{spec: {template: @}}]}",
            1,
        ),
        (
            "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: PodList, items: [@]}]}",
            1,
        ),
        ("{apiVersion: v1, kind: PodTemplate, template: @}", 1),
        (
            "{apiVersion: v1, kind: ReplicationController, spec: {template: @}}",
            1,
        ),
        (
            "{apiVersion: batch/v1beta1, kind: CronJob, spec: {jobTemplate: {spec: {template: @}}}}",
            1,
        ),
        (
            "{apiVersion: extensions/v1beta1, kind: Deployment, spec: {template: @}}",
            1,
        ),
        (
            "{apiVersion: keda.sh/v1alpha1, kind: ScaledJob, spec: {jobTargetRef: {template: @}}}",
            1,
        ),
        (
            "{apiVersion: jobset.x-k8s.io/v1alpha2, kind: JobSet, spec: {replicatedJobs: [{template: {spec: \
          {template: @}}}, {template: {spec: {template: @}}}]}}",
            2,
        ),
        (
            "{apiVersion: leaderworkerset.x-k8s.io/v1, kind: LeaderWorkerSet, spec: {leaderWorkerTemplate: \
          {leaderTemplate: @, workerTemplate: @}}}",
            2,
        ),
        (
            "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {template: @}}",
            1,
        ),
    ] {
        let input = input.replace('@', template);
        let patches: Vec<Value> = serde_json::from_str(&text(&input, Format::Patch)).unwrap();
        assert_eq!(patches.len(), patched, "{input}");
        let found = text(&input, Format::Yaml);
        assert!(found.contains("name: tokenpipe-agent\n"), "{found}");
        let (warnings, _) = said(&input);
        assert!(
            !warnings.iter().any(|line| line.contains("looked into")),
            "{warnings:?}"
        );
        // An item says no more of itself than before.
        assert_eq!(
            found.matches("kind: ").count(),
            input.matches("kind: ").count(),
            "{found}"
        );
    }
}

#[test]
fn unknown_kind_is_named_once_and_only_with_something_of_ours() {
    for (input, expected) in [
        (
            "{apiVersion: argoproj.io/v1alpha1, kind: Workflow, metadata: {name: w}, spec: {templates: \
          [{container: {env: [{name: P, value: 'vault:a#b'}]}}]}}",
            true,
        ),
        (
            "{apiVersion: ray.io/v1, kind: RayCluster, metadata: {name: w}, spec: {headGroupSpec: {template: \
          {metadata: {annotations: {tokenpipe.dev/auth-role: r}}}}}}",
            true,
        ),
        (
            "{apiVersion: tekton.dev/v1, kind: TaskRun, metadata: {name: w}, spec: {taskSpec: {steps: \
          [{env: [{name: P, value: '${vault:a#b}'}]}]}}}",
            true,
        ),
        (
            "{apiVersion: sparkoperator.k8s.io/v1beta2, kind: SparkApplication, metadata: {name: w}, spec: \
          {driver: {annotations: {tokenpipe.dev/auth-role: r}}}}",
            true,
        ),
        (
            "{apiVersion: kafka.strimzi.io/v1beta2, kind: KafkaConnect, metadata: {name: w}, spec: {template: \
          {pod: {metadata: {annotations: {tokenpipe.dev/inject: 'true'}}}}}}",
            true,
        ),
        (
            "{apiVersion: argoproj.io/v1alpha1, kind: Workflow, metadata: {name: w}, spec: {templates: \
          [{container: {image: 'vault:1.13.3'}}]}}",
            false,
        ),
        (
            "{apiVersion: example.com/v1, kind: Deployment, metadata: {name: w}, spec: {template: {spec: \
          {containers: [{name: a}]}}}}",
            false,
        ),
        (
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: w}, data: {P: 'vault:a#b'}}",
            false,
        ),
        (
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: w, annotations: \
          {tokenpipe.dev/x: y}}}",
            false,
        ),
    ] {
        let stream = format!("{input}\n---\n{input}\n");
        let (warnings, refusals) = said(&stream);
        assert_eq!(refusals, [""; 0]);
        let expected = usize::from(expected);
        assert_eq!(warnings.len(), expected, "{input}: {warnings:?}");
        assert!(
            warnings
                .iter()
                .all(|line| line.contains("default/w: not looked into"))
        );
        assert_eq!(text(&stream, Format::Yaml), stream);
    }
}

#[test]
fn warning_of_many_objects_is_one_line() {
    let job = |n: usize| {
        format!(
            "{{apiVersion: batch/v1, kind: Job, metadata: {{name: j{n}}}, spec: {{template: {{metadata: \
             {{annotations: {{tokenpipe.dev/auth-role: r}}}}, spec: {{restartPolicy: OnFailure, containers: \
             [{{name: app, command: [a], env: [{{name: P, value: 'vault:a#b'}}]}}]}}}}}}}}\n"
        )
    };
    let input: Vec<_> = (0..50).map(job).collect();
    let (warnings, _) = said(&input.join("---\n"));
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("Job default/j0: the token stays readable"),
        "{warnings:?}"
    );
    assert!(
        warnings[0].ends_with(", Job default/j10 and 39 more)"),
        "{warnings:?}"
    );
}

#[test]
fn thousands_of_pods_in_json_are_rendered() {
    let pod: Value = serde_yaml::from_str(INJECTED).unwrap();
    let list = json!({"apiVersion": "v1", "kind": "PodList", "items": vec![pod; 3000]});
    let found: Value = serde_json::from_str(&text(&list.to_string(), Format::Json)).unwrap();
    let items = found["items"].as_array().unwrap();
    assert_eq!(items.len(), 3000);
    assert!(
        items
            .iter()
            .all(|pod| pod["spec"]["initContainers"][1]["name"] == "tokenpipe-agent")
    );
}

#[test]
fn json_is_read_as_json() {
    let object = |name: &str| {
        format!(r#"{{"apiVersion":"v1","kind":"Service","metadata":{{"name":"{name}"}}}}"#)
    };
    let stream = [object("a"), object("b")].concat();
    assert_eq!(text(&stream, Format::Yaml), stream);
    let pod: Value = serde_yaml::from_str(INJECTED).unwrap();
    let separated = [object("a"), object("b"), pod.to_string()].join("\n---\n");
    let found = text(&separated, Format::Yaml);
    assert!(found.starts_with("---\n{\"apiVersion\""), "{found}");
    let found: Value = serde_json::from_str(&text(&stream, Format::Json)).unwrap();
    assert_eq!(found["items"][1]["metadata"]["name"], "b");
    for (input, expected) in [
        (
            "{\"a\": 1,\n \"b\": }\n",
            "line 2: not JSON: expected value (column 7)",
        ),
        (
            "kind: X\n---\n\n{\"a\": [1,]}\n",
            "line 4: not JSON: trailing comma (column 10)",
        ),
        (
            "{\"a\": 1}{\"b\"",
            "line 1: not JSON: EOF while parsing an object (column 12)",
        ),
        ("{{ .Values.x }}\n", "line 1: not YAML: "),
        ("{a: b\n", "line "),
    ] {
        let (_, refusals) = said(input);
        assert_eq!(refusals.len(), 1, "{input}: {refusals:?}");
        assert!(refusals[0].starts_with(expected), "{input}: {refusals:?}");
    }
}

#[test]
fn repeated_key_is_reported_and_the_last_one_counts() {
    let (warnings, _) = said("kind: X\na: 1\na: 2\n---\n{\"kind\": \"Y\", \"b\": 1, \"b\": 2}\n");
    assert_eq!(
        warnings,
        [
            "line 3, key a: a map has a key more than once, and the last one counts; remove the others \
          (also the document at line 5, key b)"
        ]
    );
    let found = text("kind: X\na: 1\na: 2\n", Format::Json);
    assert_eq!(serde_json::from_str::<Value>(&found).unwrap()["a"], 2);
}
