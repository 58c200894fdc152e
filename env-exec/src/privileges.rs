//! Capabilities: none in effect while others are talked to.

use caps::{CapSet, CapsHashSet};

/// While this lives, no capability is in effect. The permitted, inheritable, bounding and ambient
/// sets are never touched: they are what the program gets.
pub(crate) struct Lowered(Option<CapsHashSet>);

impl Lowered {
    /// Takes all capabilities out of effect. A kernel or sandbox that forbids even asking leaves
    /// them as they are: they are then not env-exec's to give up.
    pub(crate) fn new() -> Self {
        let effective = caps::read(None, CapSet::Effective)
            .ok()
            .filter(|effective| !effective.is_empty());
        Self(effective.filter(|_| caps::clear(None, CapSet::Effective).is_ok()))
    }
}

impl Drop for Lowered {
    fn drop(&mut self) {
        if let Some(effective) = &self.0 {
            // They are still permitted, so the kernel has no reason to refuse.
            let _ = caps::set(None, CapSet::Effective, effective);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lowered;
    use caps::CapSet;

    #[test]
    fn nothing_is_in_effect_and_then_all_of_it_again() {
        let sets = [
            CapSet::Permitted,
            CapSet::Inheritable,
            CapSet::Bounding,
            CapSet::Ambient,
        ];
        let read = |set| caps::read(None, set).unwrap();
        let before = read(CapSet::Effective);
        let others = sets.map(read);
        let lowered = Lowered::new();
        assert!(read(CapSet::Effective).is_empty());
        assert_eq!(sets.map(read), others);
        drop(lowered);
        assert_eq!(read(CapSet::Effective), before);
        assert_eq!(sets.map(read), others);
    }
}
