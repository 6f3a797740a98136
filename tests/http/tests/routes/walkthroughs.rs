//! README's walkthroughs, run as they are printed there.

use std::path::Path;
use std::process::Command;

use http_tests::{Stack, StackOptions};

/// The blocks of README that are marked as parts of a walkthrough, in order.
fn blocks() -> Vec<String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = std::fs::read_to_string(readme).expect("README is there");
    let parts = text.split("```sh walkthrough\n").skip(1);
    parts.map(|part| part.split("```").next().expect("a fence ends it").to_owned()).collect()
}

#[test]
fn readmes_walkthroughs_do_what_they_say() {
    let blocks = blocks();
    assert!(blocks.len() >= 6, "{blocks:?}");
    let stack = Stack::start(&StackOptions { seed_demo: true, ..StackOptions::default() });
    let script = blocks.concat();
    assert!(!script.contains("127.0.0.1"), "the address stands once, above the walkthroughs");
    let run = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .env("AVILEO", stack.url())
        .env_remove("BASH_ENV")
        .output()
        .expect("bash is there");
    let output = String::from_utf8_lossy(&run.stdout);
    let trouble = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{}\n{output}\n{trouble}\n{}", run.status, stack.log());
    let lines: Vec<&str> = output.lines().collect();
    let [first, second, counts @ ..] = lines.as_slice() else { panic!("{output}") };
    assert_eq!(first.matches(r#""status":"applied""#).count(), 3, "{first}");
    assert_eq!(second.matches(r#""status":"duplicate""#).count(), 3, "{second}");
    assert_eq!(counts, ["1", "1", "1"], "each is in the feed once");
}
