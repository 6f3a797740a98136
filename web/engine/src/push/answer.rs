//! Reading a batch's answer: one outcome for each operation that was sent, whatever came.
//!
//! | answer for an operation | outcome |
//! |---|---|
//! | `applied`, `duplicate`, `merged`, `conflict` with `success` true | processed |
//! | `rejected` | failed |
//! | `blocked` | blocked |
//! | `retry`, anything unknown, contradictory or missing | later |

use protocol::{ErrorCode, Instant, OperationId, Version};
use serde_json::Value;

/// What the server said of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It has taken effect; when it was answered, by the server's clock.
    Processed { version: Option<Version>, answered_at: Option<Instant> },
    /// Refused for good.
    Failed { code: Option<String>, message: String },
    /// It waits on the server for something.
    Blocked { code: Option<String>, message: String },
    /// Nothing is known against it.
    Later { code: Option<String>, message: String },
    /// It was sent alone, and nothing usable came back.
    Unanswered { message: String },
}

/// Outcomes in the order of `batch`. Codes and fields that this app does not know are borne: the
/// server may be newer.
pub(crate) fn outcomes(batch: &[OperationId], data: &Value) -> Vec<(OperationId, Outcome)> {
    let empty = Vec::new();
    let results = data.get("results").and_then(Value::as_array).unwrap_or(&empty);
    batch
        .iter()
        .enumerate()
        .map(|(index, id)| {
            let result = results.iter().find(|result| is_about(result, id, index));
            (id.clone(), result.map_or_else(missing, outcome))
        })
        .collect()
}

/// The same, where the server was restored after it had answered: what it says has taken effect
/// may be gone, and what it has refused may be accepted now, or be so already. It is asked again,
/// and answers `duplicate` if it is there.
pub(crate) fn doubted(outcomes: &[(OperationId, Outcome)]) -> Vec<(OperationId, Outcome)> {
    let doubt = |outcome: &Outcome| match outcome {
        Outcome::Processed { .. } | Outcome::Failed { .. } => missing(),
        other => other.clone(),
    };
    outcomes.iter().map(|(id, outcome)| (id.clone(), doubt(outcome))).collect()
}

/// By its id; where a result has none, by its place in the batch.
fn is_about(result: &Value, id: &OperationId, index: usize) -> bool {
    match result.get("operationId") {
        Some(Value::String(theirs)) => theirs == id.as_str(),
        _ => result.get("index").and_then(Value::as_u64) == u64::try_from(index).ok(),
    }
}

fn outcome(result: &Value) -> Outcome {
    let text = |field: &str| result.get(field).and_then(Value::as_str).map(str::to_owned);
    let code = text("code");
    let message =
        ErrorCode::words(code.as_deref(), text("error").as_deref()).unwrap_or(REFUSED).to_owned();
    let success = result.get("success").and_then(Value::as_bool);
    match (success, text("status").as_deref()) {
        (Some(true), Some("applied" | "duplicate" | "merged" | "conflict")) => {
            let version = result.get("version").and_then(Value::as_u64).map(Version);
            let answered_at = text("serverTimestamp").and_then(|at| at.parse().ok());
            Outcome::Processed { version, answered_at }
        }
        (Some(false), Some("rejected")) => Outcome::Failed { code, message },
        (Some(false), Some("blocked")) => Outcome::Blocked { code, message },
        (Some(false), Some("retry")) => Outcome::Later { code, message },
        _ => missing(),
    }
}

fn missing() -> Outcome {
    if protocol::planted::Bug::MissingResult.is_planted() {
        return Outcome::Processed { version: None, answered_at: None };
    }
    Outcome::Later { code: None, message: MISSING.to_owned() }
}

const MISSING: &str = "El servidor no respondió por esta operación.";
const REFUSED: &str = "El servidor no aceptó la operación.";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ids(texts: &[&str]) -> Vec<OperationId> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn only(result: &Value) -> Outcome {
        outcomes(&ids(&["a"]), &json!({ "results": [result] })).remove(0).1
    }

    #[test]
    fn a_missing_result_is_no_success() {
        let answers = outcomes(
            &ids(&["a", "b"]),
            &json!({"results":[{"operationId":"b","success":true,"status":"applied","version":3}]}),
        );
        assert!(matches!(answers[0].1, Outcome::Later { .. }));
        let (version, answered_at) = (Some(Version(3)), None);
        assert_eq!(answers[1].1, Outcome::Processed { version, answered_at });
        for data in [json!({}), json!({"results":"x"}), json!(null), json!({"results":[null, 1]})] {
            assert!(matches!(outcomes(&ids(&["a"]), &data)[0].1, Outcome::Later { .. }), "{data}");
        }
    }

    #[test]
    fn results_are_matched_by_id_and_by_index_where_there_is_none() {
        let answers = outcomes(
            &ids(&["a", "b"]),
            &json!({"results":[
                {"index":1,"success":false,"status":"rejected","code":"invalid_id","error":"No."},
                {"operationId":"a","success":true,"status":"merged","version":2,
                 "serverTimestamp":"2026-11-22T13:05:00.000Z"}
            ]}),
        );
        let (version, at) = (Some(Version(2)), "2026-11-22T13:05:00.000Z");
        assert_eq!(answers[0].1, Outcome::Processed { version, answered_at: at.parse().ok() });
        let code = Some("invalid_id".to_owned());
        assert_eq!(answers[1].1, Outcome::Failed { code, message: "No.".to_owned() });
    }

    #[test]
    fn a_refusal_without_words_has_those_of_its_code() {
        for code in ErrorCode::ALL {
            let result = json!({"operationId":"a","success":false,"status":"rejected","code":code});
            let message = code.message().to_owned();
            let code = Some(code.as_str().to_owned());
            assert_eq!(only(&result), Outcome::Failed { code, message });
        }
    }

    #[test]
    fn what_contradicts_itself_or_is_unknown_is_tried_later() {
        for (success, status) in
            [(false, "applied"), (true, "rejected"), (true, "retry"), (true, "etc"), (false, "etc")]
        {
            let result = json!({"operationId":"a","success":success,"status":status});
            assert!(matches!(only(&result), Outcome::Later { .. }), "{success} {status}");
        }
    }

    #[test]
    fn a_code_of_a_newer_server_is_kept_as_it_came() {
        let result =
            json!({"operationId":"a","success":false,"status":"rejected","code":"new_rule"});
        assert!(
            matches!(only(&result), Outcome::Failed { code: Some(code), .. } if code == "new_rule")
        );
    }
}
