//! Licences and sources of everything that is compiled in.
//!
//! With `duplicates` and `dependencies` beside it this is what cargo-deny's `licenses`, `sources` and
//! `bans` would say, from cargo's own metadata, on a machine that has nothing but crates.io. What
//! is missing is `advisories`, whose database (<https://github.com/rustsec/advisory-db>) changes
//! every day: a CI with a network runs `cargo deny check advisories` besides.

use super::spdx;
use crate::problem::{Problem, none_found};
use crate::workspace::{Package, Workspace};

/// Licences that ask for no more than their text to be kept.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "NCSA",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Our own.
const OURS: &str = "MIT OR Apache-2.0";

/// The one place that packages come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Judges every package, for whatever platform and feature.
pub(super) fn check(workspace: &Workspace) -> Result<(), Problem> {
    let findings = workspace.packages.iter().filter_map(|package| {
        let fault = if package.is_member { own_fault(package) } else { fault(package) };
        fault.map(|fault| format!("{} {}: {fault}", package.name, package.version))
    });
    none_found(findings.collect())
}

fn own_fault(package: &Package) -> Option<String> {
    let licence = package.licence.as_deref().unwrap_or("none");
    (licence != OURS).then(|| format!("its licence is {licence}, ours is {OURS}"))
}

fn fault(package: &Package) -> Option<String> {
    if package.source.as_deref() != Some(REGISTRY) {
        let source = package.source.as_deref().unwrap_or("a folder");
        return Some(format!("comes from {source}, not from crates.io"));
    }
    let Some(expression) = package.licence.as_deref() else {
        return Some("names no licence".to_owned());
    };
    match spdx::is_satisfied(expression, |licence| ALLOWED.contains(&licence)) {
        Some(true) => None,
        Some(false) => Some(format!("licence {expression} is not on our list")),
        None => Some(format!("licence {expression} cannot be read")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_on_the_list_is_found() {
        assert_eq!(fault(&Package::example("fine")), None);
        for licence in [None, Some("GPL-3.0-only"), Some("MIT AND SSPL-1.0"), Some("MIT OR")] {
            let licence = licence.map(str::to_owned);
            assert!(fault(&Package { licence, ..Package::example("other") }).is_some());
        }
    }

    #[test]
    fn what_comes_from_elsewhere_is_found() {
        for source in [None, Some("git+https://example.com/fork.git#0123")] {
            let source = source.map(str::to_owned);
            assert!(fault(&Package { source, ..Package::example("fork") }).is_some());
        }
    }

    #[test]
    fn our_own_licence_is_the_same_everywhere() {
        assert!(own_fault(&Package::example("ours")).is_some());
        let licence = Some(OURS.to_owned());
        assert_eq!(own_fault(&Package { licence, ..Package::example("ours") }), None);
    }
}
