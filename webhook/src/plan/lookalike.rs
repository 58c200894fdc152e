//! What looks like a reference and is none: a slip of the author's that nobody would hear of.

mod keyless;
mod scan;

use contract::did_you_mean;
use contract::limits::MESSAGE_PROBLEMS;
use contract::names::ANNOTATION_PREFIX;
use templates::EnvValue;
use templates::reference::is_json;

use super::ours::author_keys;
use super::refusal::{Refusal, Refusals};
use super::select::lists;
use super::surveyed::{Surveyed, author_variables};
use super::text::TextRules;
use crate::annotations::Annotations;
use crate::excerpt::excerpt;
use crate::pod::PodView;

/// Keys that say what is to be left alone.
const EXEMPTIONS: [&str; 2] = ["skip-containers", "skip-variables"];

/// One of them.
pub(super) struct Lookalike {
    sentence: String,
    /// Whether it must be a mistake. A script or JSON may hold such a text for its own reasons, and one
    /// without a key may be no reference at all.
    is_certain: bool,
}

/// Those in the containers that are not skipped, as many as a message names.
pub(super) fn find(
    pod: &PodView<'_>,
    surveyed: &[Surveyed<'_, '_>],
    annotations: &Annotations,
) -> Vec<Lookalike> {
    let has_keys = pod.may_hold_key();
    let rules = TextRules::new(annotations);
    let is_skipped =
        |container: &&Surveyed<'_, '_>| lists(annotations.skip_containers.as_ref(), container);
    surveyed
        .iter()
        .filter(|container| !is_skipped(container))
        .flat_map(|container| {
            let arguments = has_keys.then(|| in_arguments(container));
            in_values(container, &rules, has_keys).chain(arguments.into_iter().flatten())
        })
        .take(MESSAGE_PROBLEMS)
        .collect()
}

/// A pod that asks to be injected is not admitted with one.
pub(super) fn check(found: &[Lookalike], annotations: &Annotations, wrong: &mut Refusals) {
    if annotations.inject != Some(true) {
        return;
    }
    for found in found.iter().filter(|found| found.is_certain) {
        wrong.push(Refusal::Lookalike {
            sentence: found.sentence.clone(),
        });
    }
}

/// For a pod that is admitted all the same.
pub(super) fn warnings(found: Vec<Lookalike>) -> impl Iterator<Item = String> {
    found.into_iter().map(|found| found.sentence)
}

fn in_values<'s>(
    container: &'s Surveyed<'_, '_>,
    rules: &'s TextRules<'_>,
    has_keys: bool,
) -> impl Iterator<Item = Lookalike> + 's {
    // Not the settings of an earlier admission, which hold parts of references.
    let variables = author_variables(container.container);
    variables.filter_map(move |(_, variable)| {
        let value = variable.value.as_deref()?;
        // Most values of most pods have no colon, and most pods no key.
        let has_colon = value.as_bytes().contains(&b':');
        let with_key = has_keys.then(|| scan::find(value)).flatten();
        let is_certain = with_key.is_some() && !is_json(value);
        let without_key = || {
            has_colon
                .then(|| keyless::find_without_key(value))
                .flatten()
        };
        let found = with_key.or_else(without_key);
        let found = found.filter(|_| !rules.skip(&variable.name))?;
        Some(Lookalike {
            sentence: format!(
                "container {}, variable {}: `{}` is not a reference{}",
                container.name(),
                excerpt(&variable.name),
                found.seen,
                did_you_mean(Some(&found.spelling))
            ),
            is_certain,
        })
    })
}

/// There nothing resolves a reference, however it is spelled.
fn in_arguments<'s>(container: &'s Surveyed<'_, '_>) -> impl Iterator<Item = Lookalike> + 's {
    let command = container.command.iter().map(|word| ("command", *word));
    let arguments = container.container.args.iter();
    let arguments = arguments.map(|word| ("args", word.as_str()));
    command.chain(arguments).filter_map(move |(field, word)| {
        let found = scan::find_any(word)?;
        Some(Lookalike {
            sentence: format!(
                "container {}: `{}` in its {field} is not resolved; put it into an env variable and let \
                 the program read that",
                container.name(),
                found.seen
            ),
            is_certain: is_whole(word),
        })
    })
}

/// Whether a word is a reference, or a setting whose value is one.
fn is_whole(word: &str) -> bool {
    let value = word.split_once('=').map(|(_, value)| value);
    let mut texts = [Some(word), value].into_iter().flatten();
    texts.any(|text| matches!(EnvValue::parse(text), Ok(EnvValue::Direct(_))))
}

/// For a pod with an annotation of ours that is left alone: nothing in it says why.
pub(super) fn warn_of_nothing(
    pod: &PodView<'_>,
    surveyed: &[Surveyed<'_, '_>],
    annotations: &Annotations,
) -> Vec<String> {
    // An exemption asks for nothing.
    let mut keys = author_keys(pod).filter(|key| !EXEMPTIONS.contains(key));
    let Some(key) = keys.next() else {
        return Vec::new();
    };
    let nothing = format!(
        "the pod has {ANNOTATION_PREFIX}{}, but no container has a reference; write `vault:PATH#KEY` as \
         an env value, or remove the annotation",
        excerpt(key)
    );
    let files = surveyed
        .iter()
        .filter(|container| !lists(annotations.skip_containers.as_ref(), container))
        .filter_map(|container| {
            let mut variables = container.container.env().iter();
            let variable = variables.find(|variable| {
                variable
                    .hidden()
                    .is_some_and(|from| from.file_key_ref.is_some())
            })?;
            Some(format!(
                "container {}, variable {}: a value from a fileKeyRef is never resolved; write the \
                 reference as `value:`",
                container.name(),
                excerpt(&variable.name)
            ))
        });
    files.chain([nothing]).take(MESSAGE_PROBLEMS).collect()
}
