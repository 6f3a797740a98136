//! Saves the chosen rows one after the other, and keeps the reason of each that could not be saved.

use protocol::Gather;
use yew::UseReducerDispatcher;

use super::super::csv::Table;
use super::super::source::Writer;
use super::{Import, ImportRow, Outcome, Step, customers_word};
use crate::components::Toaster;

/// Each row counts as saved when the phone has it for good. The import goes on if the user leaves
/// the screen; the toast tells the end.
pub(super) async fn save_rows(
    writer: Writer,
    mut rows: Vec<ImportRow>,
    dispatcher: UseReducerDispatcher<Import>,
    toaster: Toaster,
) {
    let mut saved = 0;
    dispatcher.dispatch(Step::Progress(0));
    for row in rows.iter_mut().filter(|row| row.is_chosen) {
        let Ok(data) = &row.row.customer else { continue };
        row.outcome = match writer.create_customer(data.clone()).await {
            Ok(_) => {
                saved += 1;
                Outcome::Saved
            }
            Err(why) => Outcome::Refused(why),
        };
        if saved % ROWS_PER_PROGRESS == 0 {
            dispatcher.dispatch(Step::Progress(saved));
        }
    }
    dispatcher.dispatch(Step::Saved(rows));
    let word = if saved == 1 { "guardado" } else { "guardados" };
    toaster.say(format!("{saved} {} {word}", customers_word(saved)));
}

/// The refused rows as they were written, each with its reason.
pub(super) fn rows_to_correct(titles: &[String], rows: &[ImportRow]) -> String {
    let mut names: Vec<&str> = titles.iter().map(String::as_str).gather();
    names.push("motivo");
    let mut table = Table::new(&names);
    for row in rows {
        if let Outcome::Refused(why) = &row.outcome {
            let mut cells = row.row.cells.clone();
            cells.resize(titles.len(), String::new());
            cells.push(why.clone());
            table.row(&cells);
        }
    }
    table.done()
}

const ROWS_PER_PROGRESS: usize = 20;
