//! Texts that end a process which reads them by `serde_json`'s own readers; for tests only.

/// Both spellings of a private key: as it is, and with an escape that a search for it misses.
pub const PRIVATE_KEYS: [&str; 4] = [
    "$serde_json::private::RawValue",
    r"\u0024serde_json::private::RawValue",
    "$serde_json::private::Number",
    r"$serde_json\u003A:private::\u004eumber",
];

/// A value of at most so many bytes: texts inside each other, each in 120 lists below `key`.
///
/// A quote of level 3 is written `\u005cu005cu0022`, so that each level costs five bytes a quote
/// and not twice as many as the last: 60 levels fit into 52,000 bytes, 600 into 4 MB.
pub fn nested(key: &str, bytes_max: usize) -> String {
    let (mut opened, mut closed, mut level) = (String::new(), Vec::new(), 0);
    loop {
        let quote = written("\"", "u0022", level);
        let key = key.replace('\\', &written("\\", "u005c", level));
        let open = format!("{}{{{quote}{key}{quote}:{quote}", "[".repeat(LISTS));
        let close = format!("{quote}}}{}", "]".repeat(LISTS));
        let bytes = opened.len() + open.len() + 1 + closed.iter().map(String::len).sum::<usize>();
        if bytes + close.len() > bytes_max {
            break;
        }
        opened.push_str(&open);
        closed.push(close);
        level += 1;
    }
    closed.reverse();
    format!("{opened}1{}", closed.concat())
}

/// A character as it is written inside so many strings.
fn written(plain: &str, code: &str, level: usize) -> String {
    match level {
        0 => plain.to_owned(),
        1.. => format!("\\{}{code}", "u005c".repeat(level - 1)),
    }
}

const LISTS: usize = 120;
