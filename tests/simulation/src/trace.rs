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
