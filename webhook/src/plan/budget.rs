//! How much work one decision may take.

use contract::limits::{DECISION_WORK, REFERENCE_WORK};
use templates::reference::READ;

use super::refusal::Refusal;

/// What is left, in units of about a byte that is looked at. Whoever does more than look once at the
/// bytes of a pod charges for it before.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn of_a_decision() -> Self {
        Self(DECISION_WORK)
    }

    /// Takes so much, or rejects the pod.
    pub(super) fn charge(&mut self, units: usize) -> Result<(), Refusal> {
        self.0 = self.0.checked_sub(units).ok_or(Refusal::TooMuchWork)?;
        Ok(())
    }

    /// For a value that is searched for references and parsed.
    pub(super) fn charge_value(&mut self, value: &str) -> Result<(), Refusal> {
        // Most values have no colon, and looking for one byte costs much less.
        let references = if value.contains(':') {
            value.matches(READ).count()
        } else {
            0
        };
        self.charge(value.len() + references * REFERENCE_WORK)
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, DECISION_WORK, Refusal};

    #[test]
    fn budget_that_is_used_up_rejects() {
        let mut budget = Budget::of_a_decision();
        assert!(budget.charge(DECISION_WORK - 1).is_ok());
        assert!(budget.charge_value("x").is_ok());
        assert!(matches!(budget.charge(1), Err(Refusal::TooMuchWork)));
    }

    #[test]
    fn references_cost_more_than_their_bytes() {
        let values = |text: &str| {
            let mut budget = Budget::of_a_decision();
            (0..10_000_000)
                .take_while(|_| budget.charge_value(text).is_ok())
                .count()
        };
        assert!(values("${vault:a#b}") * 10 < values("${value:a#b}"));
    }
}
