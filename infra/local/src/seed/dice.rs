//! Chance that falls alike on every machine and at every start: drawn from a hash of what it is
//! for, so that what is sold on a day never changes.

use sha2::{Digest, Sha256};

/// The dice of one matter, such as a seller's day.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    matter: String,
}

impl Dice {
    /// The dice of `matter`.
    pub(super) fn of(matter: String) -> Self {
        Self { matter }
    }

    /// A number from 0 to `below`, without it; always the same for one question.
    pub(super) fn draw(&self, question: &str, below: u64) -> u64 {
        let hash = Sha256::digest(format!("{}/{question}", self.matter));
        let number = hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        number % below.max(1)
    }

    /// True this often in a hundred times.
    pub(super) fn happens(&self, question: &str, percent: u64) -> bool {
        self.draw(question, 100) < percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_the_same_answer() {
        let dice = Dice::of("rosa/2026-11-22".to_owned());
        assert_eq!(dice.draw("sales", 1_000_000), dice.draw("sales", 1_000_000));
        assert_ne!(dice.draw("sales", 1_000_000), dice.draw("abonos", 1_000_000));
        assert_eq!(dice.draw("sales", 1), 0);
    }
}
