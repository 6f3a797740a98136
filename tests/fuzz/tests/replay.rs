//! The slice of the fuzzing that every change runs: the whole corpus, and cheap mutations of it.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use std::path::PathBuf;

use fuzz_tests::{TARGETS, Target};
use protocol::json::hostile::{PRIVATE_KEYS, nested};

/// Of each file, cut, doubled, and with bytes changed by a fixed sequence of dice.
const MUTATIONS: u32 = 60;

#[test]
fn every_target_holds_on_its_corpus_and_near_it() {
    for target in TARGETS {
        let files = corpus(target);
        assert!(files.len() >= 3, "{} has a corpus", target.name);
        for (file, bytes) in files {
            eprintln!("{}: {}", target.name, file.display());
            (target.run)(&bytes);
            let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
            for _ in 0..MUTATIONS {
                (target.run)(&mutated(&bytes, &mut dice));
            }
        }
        (target.run)(&[]);
    }
}

/// The corpus has the same in a few KB, for the search to start from.
#[test]
fn every_target_outlives_private_keys_of_the_reader() {
    // A sheet is no JSON, and its 4 MB of one cell take long.
    for target in TARGETS.iter().filter(|target| target.name != "sheet") {
        for (key, bytes) in PRIVATE_KEYS.into_iter().flat_map(|key| [(key, 52_000), (key, 4 << 20)])
        {
            eprintln!("{}: {key}, {bytes} bytes", target.name);
            let value = nested(key, bytes);
            for text in [
                value.clone(),
                format!(r#"{{"x":{value}}}"#),
                format!(r#"{{"operations":[{{"payload":{value}}}]}}"#),
                format!(r#"{{"Records":[{{"dynamodb":{{"NewImage":{value}}}}}]}}"#),
                format!(r#"200 {{"success":true,"data":{value}}}"#),
            ] {
                (target.run)(text.as_bytes());
            }
        }
    }
}

fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.into_iter().map(|file| (file.clone(), std::fs::read(file).unwrap())).collect()
}

fn mutated(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(5) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, u8::try_from(dice.below(256)).unwrap()),
            2 => bytes.extend_from_within(..at.min(64)),
            3 => bytes.splice(at..at, LIKELY[dice.below(LIKELY.len())].bytes()).for_each(drop),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
    }
    bytes
}

/// What parsers trip over.
const LIKELY: &[&str] = &[
    "\"",
    "{",
    "[",
    "null",
    "-",
    ".",
    "1e9",
    "\\u0000",
    "\\ud800",
    "%",
    "%ff",
    "99999999999999999999",
    "\u{202e}",
    ",",
    ":",
    "é",
];

/// Marsaglia's xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).unwrap()).unwrap()
    }
}
