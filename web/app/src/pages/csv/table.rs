//! The text of a table, without a browser: so that the fuzz target `sheet` reads and writes with it.

/// A table being written.
pub(crate) struct Table(String);

impl Table {
    /// With a byte order mark, by which spreadsheets know UTF-8, and a line of names.
    pub(crate) fn new(names: &[&str]) -> Self {
        let mut table = Self("\u{feff}".to_owned());
        table.row(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        table
    }

    pub(crate) fn row(&mut self, cells: &[String]) {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        self.0.push_str(&cells.join(","));
        self.0.push_str("\r\n");
    }

    pub(crate) fn done(self) -> String {
        self.0
    }
}

/// In quotes; what a spreadsheet would run gets an apostrophe before it, a negative amount does not.
fn quoted(cell: &str) -> String {
    let is_amount = cell.strip_prefix('-').is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    });
    let runs = !is_amount && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if runs { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

/// The rows of a text, parted by commas or semicolons, whichever its first line has more of.
pub(crate) fn parse(text: &str) -> Vec<Vec<String>> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or("");
    let comma = if first.matches(';').count() > first.matches(',').count() { ';' } else { ',' };
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut inside = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if inside && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => inside = !inside,
            _ if inside => cell.push(letter),
            '\r' => {}
            '\n' => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ if letter == comma => row.push(std::mem::take(&mut cell)),
            _ => cell.push(letter),
        }
    }
    row.push(cell);
    rows.push(row);
    rows.retain(|row: &Vec<String>| row.iter().any(|cell| !cell.trim().is_empty()));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_becomes_a_formula() {
        for (cell, written) in [
            ("Rosa", "\"Rosa\""),
            ("=SUM(A1)", "\"'=SUM(A1)\""),
            ("+51 987", "\"'+51 987\""),
            ("-15.20", "\"-15.20\""),
            ("-1+cmd|x", "\"'-1+cmd|x\""),
            ("@x", "\"'@x\""),
            ("dice \"hola\"", "\"dice \"\"hola\"\"\""),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        let rows = parse("\u{feff}nombre;saldo\r\n\"Pérez; hijos\";10,5\r\n\r\nAna;\"a\"\"b\"\n");
        assert_eq!(
            rows,
            [vec!["nombre", "saldo"], vec!["Pérez; hijos", "10,5"], vec!["Ana", "a\"b"]]
        );
    }
}
