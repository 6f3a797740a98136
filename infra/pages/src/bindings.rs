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
    if wasm_opt.is_some() {
        bindgen.remove_name_section(true);
    }
    bindgen.generate(scratch).with_context(|| format!("binding {}", compiled.display()))?;
    ensure!(!scratch.join("snippets").exists(), "a dependency brings JavaScript files of its own");
    let wasm = scratch.join(format!("{STEM}_bg.wasm"));
    if let Some(program) = wasm_opt {
        optimise(program, &wasm)?;
    }
    let script = scratch.join(format!("{STEM}.js"));
    Ok(Bindings {
        wasm: fs::read(&wasm).with_context(|| wasm.display().to_string())?,
        script: fs::read_to_string(&script).with_context(|| script.display().to_string())?,
    })
}

fn optimise(program: &Path, wasm: &Path) -> anyhow::Result<()> {
    let mut command = Command::new(program);
    command.args(["-Oz", "--all-features", "-o"]).arg(wasm).arg(wasm);
    let status = command.status().with_context(|| format!("starting {}", program.display()))?;
    ensure!(status.success(), "{} failed: {status}", program.display());
    Ok(())
}

const STEM: &str = "app";
