//! An answer that holds until it is sure that another one does.

/// So many times in a row it must be yes after it was no.
const TIMES: u32 = 3;

/// A no counts at once, a yes after a no only when it is said again and again: while a control
/// plane is upgraded, old and new API servers answer in turn, and a pod must please both.
#[derive(Debug, Default)]
pub(super) struct Steady {
    answer: Option<bool>,
    yes_in_a_row: u32,
}

impl Steady {
    /// Takes an answer, if there was one, and gives what holds.
    pub(super) fn heard(&mut self, answer: Option<bool>) -> Option<bool> {
        match answer {
            None => {}
            Some(false) => {
                self.answer = Some(false);
                self.yes_in_a_row = 0;
            }
            Some(true) => {
                self.yes_in_a_row += 1;
                if self.answer != Some(false) || self.yes_in_a_row >= TIMES {
                    self.answer = Some(true);
                }
            }
        }
        self.answer
    }
}

#[cfg(test)]
mod tests {
    use super::Steady;

    #[test]
    fn the_least_capable_answer_holds() {
        let (yes, no) = (Some(true), Some(false));
        let mut steady = Steady::default();
        let heard = [
            (None, None),
            (yes, yes),
            (None, yes),
            (no, no),
            (yes, no),
            (yes, no),
            (no, no),
            (yes, no),
            (None, no),
            (yes, no),
            (yes, yes),
            (yes, yes),
        ];
        for (position, (answer, holds)) in heard.into_iter().enumerate() {
            assert_eq!(steady.heard(answer), holds, "answer {position}");
        }
    }
}
