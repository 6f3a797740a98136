//! What happened, as one number: two runs of a seed must give the same.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::agenda::Millis;

/// The hash of all that happened so far; with `lines`, the story itself.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    hash: u64,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// A trace that keeps its lines, for a person who replays a seed.
    pub(crate) fn told() -> Self {
        Self { hash: 0, lines: Some(Vec::new()) }
    }

    /// Takes in what happened at `at`.
    pub(crate) fn note(&mut self, at: Millis, what: &str) {
        self.hash = xxh3_64_with_seed(what.as_bytes(), self.hash ^ at.wrapping_mul(0x9e37_79b9));
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>10}.{:03} {what}", at / 1000, at % 1000));
        }
    }

    /// Takes in a number without a text of it: what happens a thousand times in a schedule.
    pub(crate) fn count(&mut self, at: Millis, who: usize, number: usize) {
        let both = (who as u64) << 32 | number as u64;
        self.hash =
            xxh3_64_with_seed(&both.to_le_bytes(), self.hash ^ at.wrapping_mul(0x9e37_79b9));
        self.tell(at, || format!("tab {who} {number}"));
    }

    /// Takes in what is only told if somebody listens, and counts for nothing.
    pub(crate) fn tell(&mut self, at: Millis, what: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>10}.{:03}   {}", at / 1000, at % 1000, what()));
        }
    }

    /// The hash.
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    /// The story.
    pub(crate) fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or_default()
    }
}
