//! The text of a table, without a browser: so that the fuzz target `sheet` reads and writes with it.

use std::iter::Peekable;
use std::str::Chars;

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
    let runs = !is_amount && cell.starts_with(FORMULA_SIGNS);
    let guard = if runs { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

/// A cell as it was before [`Table`] or a spreadsheet put an apostrophe before it.
pub(crate) fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA_SIGNS)).unwrap_or(cell)
}

/// A row of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SheetRow {
    /// As a spreadsheet numbers it: from 1, empty rows counted.
    pub(crate) number: usize,
    /// How many lines of the text it takes. More than one where a quoted cell has line breaks, or
    /// where a quote was opened by mistake.
    pub(crate) lines: usize,
    pub(crate) cells: Vec<String>,
}

/// The rows of a text that have something in them, read one after the other.
pub(crate) struct SheetRows<'a> {
    letters: Peekable<Chars<'a>>,
    separator: char,
    number: usize,
}

impl<'a> SheetRows<'a> {
    pub(crate) fn new(text: &'a str, separator: char) -> Self {
        Self { letters: without_mark(text).chars().peekable(), separator, number: 0 }
    }

    /// A cell and its end. A quote has a meaning only at the start of a cell, and only if another
    /// one closes the cell: `5" tubo` and `"El Pollo" tubo` are texts with quotes in them.
    fn cell(&mut self, lines: &mut usize) -> (String, End) {
        if self.letters.peek() == Some(&'"') {
            let mut ahead = self.letters.clone();
            ahead.next();
            if let Some((cell, breaks)) = quoted_cell(&mut ahead, self.separator) {
                self.letters = ahead;
                *lines += breaks;
                return (cell, self.end());
            }
        }
        let mut cell = String::new();
        while let Some(letter) = self.letters.peek().copied() {
            if letter == self.separator || letter == '\n' || letter == '\r' {
                break;
            }
            cell.push(letter);
            self.letters.next();
        }
        (cell, self.end())
    }

    /// Takes what ends a cell: `\n`, `\r\n` and `\r` end a row.
    fn end(&mut self) -> End {
        match self.letters.next() {
            None => End::Text,
            Some('\r') => {
                self.letters.next_if_eq(&'\n');
                End::Row
            }
            Some('\n') => End::Row,
            Some(_) => End::Cell,
        }
    }
}

impl Iterator for SheetRows<'_> {
    type Item = SheetRow;

    fn next(&mut self) -> Option<SheetRow> {
        while self.letters.peek().is_some() {
            self.number += 1;
            let (mut cells, mut lines) = (Vec::new(), 1);
            loop {
                let (cell, end) = self.cell(&mut lines);
                cells.push(cell);
                if end != End::Cell {
                    break;
                }
            }
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                return Some(SheetRow { number: self.number, lines, cells });
            }
        }
        None
    }
}

/// What ends a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Cell,
    Row,
    Text,
}

/// The rest of a quoted cell and its line breaks, if its quote is closed at the end of a cell.
fn quoted_cell(letters: &mut Peekable<Chars<'_>>, separator: char) -> Option<(String, usize)> {
    let (mut cell, mut breaks) = (String::new(), 0);
    loop {
        match letters.next()? {
            '"' if letters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => {
                let ends = |next: &char| *next == separator || *next == '\n' || *next == '\r';
                return letters.peek().is_none_or(ends).then_some((cell, breaks));
            }
            letter => {
                breaks += usize::from(letter == '\n');
                cell.push(letter);
            }
        }
    }
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// What spreadsheets part cells by; the first of those that fit equally well.
pub(crate) const SEPARATORS: [char; 3] = [',', ';', '\t'];
/// A spreadsheet runs a cell that begins so.
const FORMULA_SIGNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, separator: char) -> Vec<Vec<String>> {
        SheetRows::new(text, separator).map(|row| row.cells).collect()
    }

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
        assert_eq!(unguarded("'+51 987"), "+51 987");
        assert_eq!(unguarded("'s"), "'s");
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        let rows =
            parse("\u{feff}nombre;saldo\r\n\"Pérez; hijos\";10,5\r\n\r\nAna;\"a\"\"b\"\n", ';');
        assert_eq!(
            rows,
            [vec!["nombre", "saldo"], vec!["Pérez; hijos", "10,5"], vec!["Ana", "a\"b"]]
        );
    }

    #[test]
    fn a_stray_quote_is_a_quote_and_swallows_no_row() {
        let rows = parse(
            "nombre,direccion\nAna,Jr. 5\" tubo\n\"El Pollo\" tubo,x\n\"Rosa,y\rLuis,\"z\"\n",
            ',',
        );
        assert_eq!(
            rows[1..],
            [
                vec!["Ana", "Jr. 5\" tubo"],
                vec!["\"El Pollo\" tubo", "x"],
                vec!["\"Rosa", "y"],
                vec!["Luis", "z"]
            ]
        );
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_does() {
        let rows: Vec<_> = SheetRows::new("a\r\n\r\n\"b\nc\"\r\nd", ',')
            .map(|row| (row.number, row.lines, row.cells.join("")))
            .collect();
        let expected = [(1, 1, "a"), (3, 2, "b\nc"), (4, 1, "d")];
        assert_eq!(rows, expected.map(|(number, lines, cell)| (number, lines, cell.to_owned())));
    }
}
