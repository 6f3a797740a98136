//! `fuzz TARGET FILE…` replays files. Compiled with `--cfg fuzzing` it is libFuzzer's own program
//! instead, and `AVILEO_FUZZ_TARGET` names the target.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    static TARGET: std::sync::LazyLock<&fuzz_tests::Target> = std::sync::LazyLock::new(|| {
        let name = std::env::var("AVILEO_FUZZ_TARGET").unwrap_or_default();
        fuzz_tests::named(&name).expect("AVILEO_FUZZ_TARGET names a target")
    });
    (TARGET.run)(bytes);
});

#[cfg(not(fuzzing))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    let target = fuzz_tests::named(&name).ok_or_else(|| {
        let names: Vec<_> = fuzz_tests::TARGETS.iter().map(|target| target.name).collect();
        format!("there is no target `{name}`; there is {}", names.join(", "))
    })?;
    for file in words {
        eprintln!("{file}");
        (target.run)(&std::fs::read(&file)?);
    }
    Ok(())
}
