//! The same seeds once more, on another machine: compiled to wasm32 with the traces that the host
//! came to, it ends quietly if it comes to them too, and stops with a trap if it does not.
//!
//! `AVILEO_TRACES` is `seed:trace` in hexadecimal, separated by commas, while it is compiled.

fn main() {
    let traces = option_env!("AVILEO_TRACES").unwrap_or_default();
    let mut replayed = 0;
    for pair in traces.split(',').filter(|pair| !pair.is_empty()) {
        let (seed, trace) = pair.split_once(':').expect("seed:trace");
        let seed = seed.parse().expect("a seed");
        let trace = u64::from_str_radix(trace, 16).expect("a trace");
        assert_eq!(simulation_tests::run(seed, false).trace, trace, "seed {seed}");
        replayed += 1;
    }
    assert!(replayed > 0, "nothing was replayed");
}
