//! Whether a pod is for Windows.

use super::PodView;

/// Labels of nodes that say which operating system they run, the newer one first, and where a pod asks
/// for one.
const OS_LABELS: [(&str, &str); 2] = [
    ("kubernetes.io/os", "spec.nodeSelector[kubernetes.io/os]"),
    (
        "beta.kubernetes.io/os",
        "spec.nodeSelector[beta.kubernetes.io/os]",
    ),
];

impl PodView<'_> {
    /// The field by which the pod asks for a node with Windows, if one does. Many leave `spec.os` out,
    /// which the scheduler does not look at.
    pub fn windows_field(&self) -> Option<&'static str> {
        let os = self.spec.os.as_ref();
        if os.is_some_and(|os| is_windows(&os.name)) {
            return Some("spec.os.name");
        }
        let selects = |(label, _): &&(&str, &str)| {
            let mut selector = self.spec.node_selector.iter();
            selector.any(|(key, value)| key.as_str() == *label && is_windows(value))
        };
        OS_LABELS.iter().find(selects).map(|(_, field)| *field)
    }
}

fn is_windows(os: &str) -> bool {
    os == "windows"
}
