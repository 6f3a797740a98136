//! The app's WebAssembly with its JavaScript bindings, made smaller where that is asked for.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use wasm_bindgen_cli_support::Bindgen;

/// What a browser needs to run the app.
#[derive(Debug)]
pub(crate) struct Bindings {
    /// The program.
    pub(crate) wasm: Vec<u8>,
    /// The module that loads it and gives it the browser.
    pub(crate) script: String,
}

/// Makes the bindings of `compiled`; `scratch` is a folder for what comes in between.
///
/// # Errors
/// When the file is no app of the same wasm-bindgen, brings JavaScript of its own (the page's
/// security policy and the service worker's list know none), or cannot be optimised.
pub(crate) fn bind(
    compiled: &Path,
    scratch: &Path,
    wasm_opt: Option<&Path>,
) -> anyhow::Result<Bindings> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name(STEM).typescript(false).remove_producers_section(true);
    bindgen.web(true)?;
    let binding = || format!("binding {}", compiled.display());
    let mut output = bindgen.generate_output().with_context(binding)?;
    let mut short = Vec::new();
    if wasm_opt.is_some() {
        for import in output.wasm_mut().imports.iter_mut() {
            let name = format!("i{}", short.len());
            short.push((std::mem::replace(&mut import.name, name.clone()), name));
        }
    }
    output.emit(scratch).with_context(binding)?;
    ensure!(!scratch.join("snippets").exists(), "a dependency brings JavaScript files of its own");
    let wasm = scratch.join(format!("{STEM}_bg.wasm"));
    if let Some(program) = wasm_opt {
        optimise(program, &wasm)?;
    }
    let script = scratch.join(format!("{STEM}.js"));
    let script = fs::read_to_string(&script).with_context(|| script.display().to_string())?;
    Ok(Bindings {
        wasm: fs::read(&wasm).with_context(|| wasm.display().to_string())?,
        script: with_short_names(script, &short)?,
    })
}

/// The script names what it lends to the program as the program does: once each, before a colon.
fn with_short_names(mut script: String, short: &[(String, String)]) -> anyhow::Result<String> {
    for (long, short) in short {
        let lent = format!(" {long}: ");
        ensure!(script.matches(&lent).count() == 1, "{long} is not lent to the app once");
        script = script.replacen(&lent, &format!(" {short}: "), 1);
    }
    Ok(script)
}

fn optimise(program: &Path, wasm: &Path) -> anyhow::Result<()> {
    let mut command = Command::new(program);
    command.args(PASSES).args(FEATURES).arg("-o").arg(wasm).arg(wasm);
    let status = command.status().with_context(|| format!("starting {}", program.display()))?;
    ensure!(status.success(), "{} failed: {status}", program.display());
    Ok(())
}

const STEM: &str = "app";

/// Small, but a function that is called once stays one: among its likes it compresses better than
/// within another (2 KB of brotli). Like functions have like names, so they lie in this order (4 KB);
/// the names themselves are left out at the end.
const PASSES: &[&str] = &["-Oz", "--skip-pass=inlining-optimizing", "--reorder-functions-by-name"];

/// What the compiler uses, and every browser of the last years reads. Not `--all-features`: with
/// that, wasm-opt writes forms that no browser reads.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_script_lends_is_renamed_once() {
        let names = [("__wbg_now_1a".to_owned(), "i0".to_owned())];
        let script = "const import0 = { __wbg_now_1a: function() {} };";
        let renamed = with_short_names(script.to_owned(), &names).unwrap();
        assert_eq!(renamed, "const import0 = { i0: function() {} };");
        assert!(with_short_names(renamed, &names).is_err());
    }
}
