//! Tables that people bring from spreadsheets: any text is read, and what was read is written so that
//! it is read the same and no spreadsheet runs it.

// The phone is a program, so nothing can depend on it; this one file of it stands by itself.
#[path = "../../../../web/app/src/pages/csv/table.rs"]
mod table;

use table::{SEPARATORS, SheetRows, Table, unguarded};

/// Reads, writes, reads again, by every separator.
pub(crate) fn run(bytes: &[u8]) {
    for separator in SEPARATORS {
        read_again(&String::from_utf8_lossy(bytes), separator);
    }
}

fn parse(text: &str, separator: char) -> Vec<Vec<String>> {
    let rows: Vec<_> = SheetRows::new(text, separator).collect();
    assert!(rows.is_sorted_by(|one, two| one.number < two.number), "numbers rise");
    // A row that takes no line would be one that another row swallowed.
    assert!(rows.iter().all(|row| row.lines > 0));
    rows.into_iter().map(|row| row.cells).collect()
}

fn read_again(text: &str, separator: char) {
    let rows = parse(text, separator);
    let mut written = Table::new(NAMES);
    for row in &rows {
        written.row(row);
    }
    let again = parse(&written.done(), ',');
    assert_eq!(again[0], NAMES);
    assert_eq!(again.len(), rows.len() + 1, "a row for each");
    for (row, again) in rows.iter().zip(&again[1..]) {
        assert_eq!(row.len(), again.len());
        for (cell, again) in row.iter().zip(again) {
            let of_figures = |byte: u8| byte.is_ascii_digit() || byte == b'.';
            let is_figure = cell.len() > 1 && cell.bytes().skip(1).all(of_figures);
            let runs = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            let guarded = again != cell && unguarded(again) == cell;
            assert!(
                if runs && !is_figure { guarded } else { again == cell || guarded },
                "{cell:?}"
            );
        }
    }
}

const NAMES: &[&str] = &["nombre", "saldo"];
