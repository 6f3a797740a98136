//! Nothing secret or personal stands in a log of the stack, whatever broke: no planted marker, no
//! token and no password.

use std::collections::BTreeSet;
use std::path::Path;

use protocol::Session;

use crate::tally::Tally;

/// Stands in every name, phone number, note, e-mail and password that people type, and nowhere else.
pub(crate) const MARKER: &str = "MARCA";

/// Looks through the whole log.
pub(crate) fn look_through(folder: &Path, tally: &Tally) {
    let log = std::fs::read(folder.join("log")).expect("the stack has a log");
    let log = String::from_utf8_lossy(&log);
    let secrets = tally.secrets();
    let mut lines = 0;
    for line in log.lines() {
        lines += 1;
        if let Some(what) = told_by(line, &secrets) {
            tally.found(format!("leak: the log holds {what}: {line}"));
        }
    }
    tally.add("lines of log looked through", lines);
    tally.add("secrets that none of them holds", secrets.len());
}

/// What a log may not hold of a session.
pub(crate) fn secrets_of(session: &Session) -> impl Iterator<Item = String> {
    let parts = session.token.split('.').skip(1).map(str::to_owned);
    parts.chain([session.refresh_token.clone()])
}

fn told_by<'a>(line: &'a str, secrets: &BTreeSet<String>) -> Option<&'a str> {
    if line.contains(MARKER) {
        return Some(MARKER);
    }
    let is_of_tokens = |c: char| c.is_ascii_alphanumeric() || "-_+/=".contains(c);
    let mut words = line.split(|c: char| !is_of_tokens(c));
    words.find(|word| word.len() >= SECRET_LENGTH_MIN && secrets.contains(*word))
}

/// Shorter words are not looked up; every part of a token is longer.
const SECRET_LENGTH_MIN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_and_a_token_are_found_and_ids_are_not() {
        let secrets = BTreeSet::from(["c2VjcmV0LXNlY3JldA-_".to_owned()]);
        for line in
            ["name=Luis MARCA Rojas", "bearer=a.c2VjcmV0LXNlY3JldA-_.b", "\"c2VjcmV0LXNlY3JldA-_\""]
        {
            assert!(told_by(line, &secrets).is_some(), "{line}");
        }
        assert_eq!(
            told_by("business 4d0c5f0e-7f00-4f98-ade3-6442da69d3a3 op-1-2-3", &secrets),
            None
        );
    }
}
