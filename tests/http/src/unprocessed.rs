//! What DynamoDB says when it is busy: part of a batch done, or a transaction cancelled.

use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::proxy::{Reply, error};

/// A batch of which only every other key or item is sent on.
pub(crate) struct Halves {
    sent: Map<String, Value>,
    left: Map<String, Value>,
    /// Where the answer names what was left.
    field: &'static str,
}

impl Halves {
    /// `None` where the call is no batch, or one of a single key.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        let request: Value = serde_json::from_slice(body).ok()?;
        let (mut sent, mut left) = (Map::new(), Map::new());
        let mut field = "UnprocessedItems";
        let mut place = 0_usize;
        for (table, of_table) in request.get("RequestItems")?.as_object()? {
            let reads = of_table.get("Keys").and_then(Value::as_array);
            let list = reads.or_else(|| of_table.as_array())?;
            let (mut here, mut there) = (Vec::new(), Vec::new());
            for one in list {
                place += 1;
                if place % 2 == 1 { &mut here } else { &mut there }.push(one.clone());
            }
            for (side, list) in [(&mut sent, here), (&mut left, there)] {
                if list.is_empty() {
                    continue;
                }
                let mut entry = of_table.clone();
                if reads.is_some() {
                    field = "UnprocessedKeys";
                    entry["Keys"] = list.into();
                } else {
                    entry = list.into();
                }
                side.insert(table.clone(), entry);
            }
        }
        (!left.is_empty()).then_some(Self { sent, left, field })
    }

    /// The call that is made.
    pub(crate) fn sent(&self) -> Vec<u8> {
        json!({"RequestItems": self.sent}).to_string().into_bytes()
    }

    /// The answer, with what was left besides.
    pub(crate) fn joined(self, (status, kind, body): Reply) -> Reply {
        let Ok(mut answer) = serde_json::from_slice::<Value>(&body) else {
            return (status, kind, body);
        };
        if !status.is_success() {
            return (status, kind, body);
        }
        answer[self.field] = self.left.into();
        (status, kind, answer.to_string().into_bytes())
    }
}

/// A transaction is cancelled, one item at fault; a single write conflicts; a read is throttled.
pub(crate) fn conflict(operation: &str, body: &[u8]) -> Response {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let count = request["TransactItems"].as_array().map_or(0, Vec::len);
    if count == 0 {
        let is_read = ["GetItem", "Query", "Scan", "BatchGetItem"].contains(&operation);
        let kind = if is_read { "ThrottlingException" } else { "TransactionConflictException" };
        return error(400, kind);
    }
    let mut reasons = vec![json!({"Code": "None"}); count];
    let guilty = json!({"Code": "TransactionConflict", "Message": "Transaction is ongoing"});
    reasons[count / 2] = guilty;
    let codes: Vec<&str> = reasons.iter().filter_map(|reason| reason["Code"].as_str()).collect();
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": message, "CancellationReasons": reasons,
    });
    let kind = HeaderValue::from_static("application/x-amz-json-1.0");
    (StatusCode::BAD_REQUEST, [("content-type", kind)], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_batch_is_said_and_the_rest_is_asked() {
        let asked = json!({"RequestItems": {"r": {"ConsistentRead": true,
            "Keys": [{"k": {"S": "1"}}, {"k": {"S": "2"}}, {"k": {"S": "3"}}]}}});
        let halves = Halves::of(asked.to_string().as_bytes()).expect("a batch");
        let sent: Value = serde_json::from_slice(&halves.sent()).expect("JSON");
        let keys = json!([{"k": {"S": "1"}}, {"k": {"S": "3"}}]);
        assert_eq!(sent["RequestItems"]["r"], json!({"ConsistentRead": true, "Keys": keys}));
        let kind = HeaderValue::from_static("application/json");
        let body = br#"{"Responses":{},"UnprocessedKeys":{}}"#.to_vec();
        let (_, _, body) = halves.joined((StatusCode::OK, [("content-type", kind)], body));
        let answer: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(answer["UnprocessedKeys"]["r"]["Keys"], json!([{"k": {"S": "2"}}]));
        assert!(Halves::of(br#"{"TableName":"r"}"#).is_none());
    }
}
