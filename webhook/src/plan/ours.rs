//! What of a submitted pod is tokenpipe's.

use contract::names::{self, ANNOTATION_PREFIX};

use crate::annotations::STATUS;
use crate::pod::{Place, PodView};

/// Whether this is one of our init containers. Whatever else bears a name of ours is refused.
pub(crate) fn is_ours(place: Place, name: &str) -> bool {
    matches!(place, Place::Init(_))
        && matches!(name, names::PREPARE_CONTAINER | names::AGENT_CONTAINER)
}

/// Keys of tokenpipe's annotations that the author has set, without their prefix.
pub(super) fn author_keys<'p>(pod: &'p PodView<'_>) -> impl Iterator<Item = &'p str> {
    pod.annotations()
        .filter_map(|(key, _)| key.strip_prefix(ANNOTATION_PREFIX))
        .filter(|key| *key != STATUS)
}
