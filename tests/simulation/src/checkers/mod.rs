//! What must hold, a file each. None of them knows what goes wrong in the world, or whether
//! anything was planted in the product: they see what a seller, a phone and the tables see.

pub(crate) mod answers;
pub(crate) mod bounded;
pub(crate) mod closings;
pub(crate) mod content;
pub(crate) mod departed;
pub(crate) mod digest;
pub(crate) mod ends;
pub(crate) mod feed;
pub(crate) mod figures;
pub(crate) mod honest;
pub(crate) mod isolation;
pub(crate) mod money;
pub(crate) mod once;
pub(crate) mod order;
pub(crate) mod overlay;
pub(crate) mod saved;
pub(crate) mod unknown;

use crate::world::World;

/// What must never be, and was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The checker that saw it.
    pub checker: &'static str,
    /// What it saw.
    pub what: String,
}

/// The checkers that remember, and the first thing that any of them saw.
#[derive(Debug, Default)]
pub(crate) struct Checkers {
    pub(crate) saved: saved::Saved,
    pub(crate) once: once::Once,
    pub(crate) bounded: bounded::Bounded,
    pub(crate) feed: feed::Pages,
    pub(crate) answers: answers::Answers,
    pub(crate) overlay: overlay::Overlay,
    pub(crate) typed: money::Typed,
    pub(crate) unknown: unknown::Unknown,
    violation: Option<Violation>,
}

impl Checkers {
    /// Only the first counts: what follows may be its consequence.
    pub(crate) fn accuse(&mut self, checker: &'static str, what: String) {
        self.violation.get_or_insert(Violation { checker, what });
    }

    pub(crate) fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref().or(self.bounded.violation())
    }

    pub(crate) fn take_violation(&mut self) -> Option<Violation> {
        self.violation().cloned()
    }
}

/// What is wrong, if anything.
type Check = fn(&World) -> Result<(), String>;

impl World {
    /// After the quiet: what is true of phones and tables as they stand.
    pub(crate) fn last_check(&mut self) {
        if self.checkers.violation().is_some() {
            return;
        }
        let checks: [(&'static str, Check); 10] = [
            ("feed", feed::whole),
            ("saved", saved::kept),
            ("ends", ends::all),
            ("ends", ends::receipts),
            ("content", content::equal),
            ("money", money::totals),
            ("figures", figures::right),
            ("closings", closings::all),
            ("unknown", unknown::kept),
            ("honest", honest::at_rest),
        ];
        for (checker, check) in checks {
            if let Err(what) = check(self) {
                self.checkers.accuse(checker, what);
            }
        }
    }
}
