//! Files compressed once, as well as brotli can: better by a tenth than what an edge can afford
//! while somebody waits. Every browser that runs the app reads brotli.

use std::fs;
use std::path::Path;

use anyhow::Context;
use brotli::enc::BrotliEncoderParams;

use crate::names::FOLDER;
use crate::sources::files;

/// Writes what is named after its content, compressed, into the same places below `to`.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn pack(folder: &Path, to: &Path) -> anyhow::Result<()> {
    let assets = to.join(FOLDER.trim_matches('/'));
    fs::create_dir_all(&assets).with_context(|| assets.display().to_string())?;
    for (name, content) in files(&folder.join(FOLDER.trim_matches('/')))? {
        let packed = compressed_at(PACKED_QUALITY, &content).with_context(|| name.clone())?;
        if packed.len() < content.len() {
            let path = assets.join(&name);
            fs::write(&path, packed).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

/// `content` in brotli.
///
/// # Errors
/// None that is known: it writes to memory.
pub(crate) fn compressed_at(quality: i32, content: &[u8]) -> std::io::Result<Vec<u8>> {
    let params = BrotliEncoderParams {
        quality,
        lgwin: WINDOW_BITS,
        size_hint: content.len(),
        ..BrotliEncoderParams::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut packed, &params)?;
    Ok(packed)
}

/// The best there is.
pub(crate) const PACKED_QUALITY: i32 = 11;
/// The largest window that browsers take.
const WINDOW_BITS: i32 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_gets_smaller_is_packed() {
        let place = tempfile::tempdir().unwrap();
        let assets = place.path().join("pages/assets");
        fs::create_dir_all(&assets).unwrap();
        fs::write(assets.join("app-1a.css"), [b'a'; 4096]).unwrap();
        fs::write(assets.join("tiny-1a.js"), "x").unwrap();
        let packed = place.path().join("packed");
        pack(&place.path().join("pages"), &packed).unwrap();
        let names = files(&packed.join("assets")).unwrap();
        let names: Vec<_> = names.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["app-1a.css"]);
        let mut back = Vec::new();
        let file = fs::File::open(packed.join("assets/app-1a.css")).unwrap();
        std::io::Read::read_to_end(&mut brotli::Decompressor::new(file, 4096), &mut back).unwrap();
        assert_eq!(back, [b'a'; 4096]);
    }
}
