//! What admission makes of each object, and what there is to say about it.

use contract::limits::MESSAGE_PROBLEMS;
use contract::message::thousands;
use json_patch::Patch;
use serde_json::Value;

use super::object::{self, PodTemplate, Title};
use super::warnings::Warnings;
use super::{kinds, sign};
use crate::admission::mutate;
use crate::config::Config;
use crate::excerpt::excerpt;
use crate::manifest::{ManifestError, Repeated};
use crate::plan::Facts;
use crate::review::Answer;

/// What becomes of a document's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays.
    Kept,
    /// It is written anew.
    Changed,
    /// It is left out.
    Refused,
}

/// All objects so far.
pub(super) struct Report<'c> {
    pub(super) refusals: Vec<String>,
    pub(super) warnings: Warnings,
    pub(super) patches: Vec<Value>,
    namespace: &'c str,
    config: &'c Config,
    facts: Facts,
}

impl<'c> Report<'c> {
    pub(super) fn new(namespace: &'c str, config: &'c Config, facts: Facts) -> Self {
        Self {
            refusals: Vec::new(),
            warnings: Warnings::default(),
            patches: Vec::new(),
            namespace,
            config,
            facts,
        }
    }

    pub(super) fn refuse_document(&mut self, error: &ManifestError) {
        self.refusals.push(error.to_string());
    }

    /// kubectl takes the last one without a word.
    pub(super) fn warn_of_repeated(&mut self, repeated: &[Repeated], first: usize) {
        for key in repeated {
            let line = key.line.map_or_else(
                || format!("the document at line {first}"),
                |line| format!("line {line}"),
            );
            self.warnings.push(
                "a map has a key more than once, and the last one counts; remove the others",
                format!("{line}, key {}", excerpt(&key.key)),
            );
        }
    }

    pub(super) fn warn_of_comments(&mut self, object: &Value) {
        let title = Title::of(object, self.namespace).to_string();
        let text = "comments are not kept, because the patch is inside braces or an anchored \
                    value; write that on lines of its own";
        self.warnings.push(text, title);
    }

    /// An object, or a list of them.
    pub(super) fn document(&mut self, document: &mut Value) -> Fate {
        let Some((items, item)) = object::items(document) else {
            return self.object(document);
        };
        let mut is_changed = false;
        let count = items.len();
        items.retain_mut(|object| {
            let inferred = item.complete(object);
            let fate = self.document(object);
            is_changed |= fate != Fate::Kept;
            inferred.undo(object);
            fate != Fate::Refused
        });
        match (items.is_empty(), is_changed) {
            (true, _) if count > 0 => Fate::Refused,
            (_, true) => Fate::Changed,
            _ => Fate::Kept,
        }
    }

    fn object(&mut self, object: &mut Value) -> Fate {
        let Some(paths) = kinds::paths(object) else {
            self.warn_of_unknown(object);
            return Fate::Kept;
        };
        let templates = PodTemplate::find_all(object, &paths, self.namespace);
        let patches: Vec<_> = templates
            .iter()
            .map(|template| self.patch(template))
            .collect();
        let Some(patches) = patches.into_iter().collect::<Option<Vec<_>>>() else {
            return Fate::Refused;
        };
        let mut fate = Fate::Kept;
        for (template, patch) in templates.iter().zip(patches) {
            if patch.0.is_empty() {
                continue;
            }
            let title = template.title.to_string();
            let patch = template.relocate(patch);
            if let Err(error) = json_patch::patch(object, &patch) {
                self.refuse(&title, &[format!("the patch does not apply: {error}")]);
                return Fate::Refused;
            }
            self.patches
                .push(serde_json::json!({"object": title, "patch": patch}));
            fate = Fate::Changed;
        }
        fate
    }

    /// The patch of a pod; `None` where it is refused.
    fn patch(&mut self, template: &PodTemplate) -> Option<Patch> {
        let title = template.title.to_string();
        let namespace = &template.title.namespace;
        let answer = match mutate(&template.pod, namespace, self.config, self.facts) {
            Err(error) => {
                self.refuse(&title, &error.sentences());
                return None;
            }
            Ok(outcome) => outcome.answer,
        };
        let (patch, warnings) = match answer {
            Answer::Patched { patch, warnings } => (patch, warnings),
            Answer::Untouched { warnings } => (Patch::default(), warnings),
            Answer::Refused { reason } => {
                self.refuse(&title, &[reason]);
                return None;
            }
        };
        for warning in &warnings {
            self.warnings.push(warning, title.clone());
        }
        Some(patch)
    }

    fn refuse(&mut self, title: &str, problems: &[String]) {
        let named = problems.iter().take(MESSAGE_PROBLEMS);
        let lines = named.map(|problem| format!("{title}: refused: {problem}"));
        self.refusals.extend(lines);
        let more = problems.len().saturating_sub(MESSAGE_PROBLEMS);
        if more > 0 {
            let more = thousands(more);
            self.refusals
                .push(format!("{title}: refused: and {more} more problems"));
        }
    }

    /// An object that has something of ours, and of whose pods nothing is known here.
    fn warn_of_unknown(&mut self, object: &Value) {
        if kinds::is_without_pods(object) || !sign::is_in(object) {
            return;
        }
        let version = object["apiVersion"].as_str().unwrap_or("(none)");
        let text = format!(
            "not looked into, because the controller of {} makes its pods; render one of them",
            excerpt(version)
        );
        let title = Title::of(object, self.namespace).to_string();
        self.warnings.push(&text, title);
    }
}
