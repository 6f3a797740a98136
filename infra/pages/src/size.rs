//! What the first visit downloads, raw and as it travels, and the budget for it.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};

use crate::build::is_of_the_first_visit;
use crate::names::FOLDER;
use crate::pack::{PACKED_QUALITY, compressed_at};
use crate::sources::{Named, files};

/// Everything that the first visit downloads, in bytes of brotli.
const ALL_BYTES_MAX: usize = 280 * 1024;
/// The app's WebAssembly of it.
const WASM_BYTES_MAX: usize = 240 * 1024;

/// A kind of file and what all of that kind take.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Sum {
    raw: usize,
    brotli: usize,
}

/// Prints a line for each kind of file, and judges.
///
/// # Errors
/// When the folder cannot be read, or the budget is exceeded.
pub(crate) fn report(folder: &Path) -> anyhow::Result<()> {
    let mut all: Vec<Named> = files(folder)?;
    all.extend(
        files(&folder.join(FOLDER.trim_matches('/')))?
            .into_iter()
            .map(|(name, content)| (format!("{FOLDER}{name}"), content)),
    );
    all.retain(|(name, _)| is_of_the_first_visit(name));
    if all.is_empty() {
        bail!("{} holds no pages", folder.display());
    }
    let sums = KINDS.iter().map(|(name, endings)| {
        let of_kind = all.iter().filter(|(file, _)| ending_in(file, endings));
        Ok((*name, sum(of_kind)?))
    });
    let mut sums = sums.collect::<anyhow::Result<Vec<_>>>()?;
    let rest = all.iter().filter(|(file, _)| KINDS.iter().all(|(_, ends)| !ending_in(file, ends)));
    sums.push(("other", sum(rest)?));
    let total = sums.iter().fold(Sum::default(), |total, (_, sum)| Sum {
        raw: total.raw + sum.raw,
        brotli: total.brotli + sum.brotli,
    });
    let mut out = std::io::stdout();
    for (name, sum) in sums.iter().chain([&("all", total)]) {
        writeln!(out, "{name:6} {:>9} raw {:>9} brotli", sum.raw, sum.brotli)
            .context("standard output")?;
    }
    judge(sums[0].1, total)
}

fn judge(wasm: Sum, total: Sum) -> anyhow::Result<()> {
    for (what, brotli, allowed) in
        [("the app", wasm.brotli, WASM_BYTES_MAX), ("the first visit", total.brotli, ALL_BYTES_MAX)]
    {
        if brotli > allowed {
            bail!("{what} takes {brotli} bytes of brotli; the budget is {allowed}");
        }
    }
    Ok(())
}

fn ending_in(name: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| name.ends_with(ending))
}

fn sum<'a>(files: impl Iterator<Item = &'a Named>) -> anyhow::Result<Sum> {
    let mut sum = Sum::default();
    for (name, content) in files {
        sum.raw += content.len();
        sum.brotli += compressed_bytes(name, content).with_context(|| name.clone())?;
    }
    Ok(sum)
}

/// As it travels: what gets no smaller goes as it is.
fn compressed_bytes(name: &str, content: &[u8]) -> std::io::Result<usize> {
    let quality = if name.starts_with(FOLDER) { PACKED_QUALITY } else { EDGE_QUALITY };
    Ok(compressed_at(quality, content)?.len().min(content.len()))
}

/// The app first: the budget names it.
const KINDS: &[(&str, &[&str])] =
    &[("wasm", &[".wasm"]), ("js", &[".js"]), ("css", &[".css"]), ("html", &[".html"])];

/// What the edge compresses as it answers: CloudFront's own quality is not published.
const EDGE_QUALITY: i32 = 9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_either_budget_is_a_failure() {
        let sum = |brotli| Sum { raw: brotli, brotli };
        assert!(judge(sum(WASM_BYTES_MAX), sum(ALL_BYTES_MAX)).is_ok());
        assert!(judge(sum(WASM_BYTES_MAX + 1), sum(WASM_BYTES_MAX + 1)).is_err());
        assert!(judge(sum(1), sum(ALL_BYTES_MAX + 1)).is_err());
    }

    #[test]
    fn what_does_not_shrink_travels_as_it_is() {
        assert_eq!(compressed_bytes("robots.txt", b"x").unwrap(), 1);
        assert!(compressed_bytes("/assets/app.css", &[b'a'; 4096]).unwrap() < 100);
    }
}
