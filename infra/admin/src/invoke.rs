//! `invoke`: an event for a function of the local stack, by Lambda's own Invoke.

use std::path::Path;

use serde_json::{Value, json};

use crate::place::{Answer, Place};
use crate::problem::Problem;
use crate::report::Report;

/// Sends the event and tells the answer; it is good unless the function failed. An HTTP status in
/// the answer is the function's own word, whatever it says.
pub(crate) fn invoke(place: &Place, function: &str, event: &Path) -> Result<Report, Problem> {
    let control = place.control()?;
    let name = control.functions.iter().find(|name| is_called(name, function));
    let name = name.ok_or_else(|| {
        let known = control.functions.join(", ");
        Problem::Refused(format!("there is no function `{function}`; there are {known}"))
    })?;
    let text = std::fs::read(event).map_err(Problem::file(event))?;
    protocol::json::from_slice::<Value>(&text)
        .map_err(|error| Problem::Refused(format!("{}: no JSON: {error}", event.display())))?;
    let path = format!("/2015-03-31/functions/{name}/invocations");
    let Answer { body: answer, has_failed } = control.post(&path, &text)?;
    let shown = protocol::json::from_str(&answer).unwrap_or_else(|_| Value::String(answer.clone()));
    let data = json!({"function": name, "failed": has_failed, "answer": shown});
    Ok(Report::new(vec![answer], data).good_if(!has_failed))
}

/// `SyncBatchFunction` is also `sync-batch`, its crate.
fn is_called(name: &str, wanted: &str) -> bool {
    let folded: String = wanted.split('-').map(capitalised).collect();
    name == wanted || name == format!("{folded}Function")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_ascii_uppercase(), letters.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_goes_by_its_own_name_and_its_crates() {
        assert!(is_called("SyncBatchFunction", "sync-batch"));
        assert!(is_called("AuthFunction", "AuthFunction"));
        assert!(!is_called("AuthFunction", "sync-batch"));
    }
}
