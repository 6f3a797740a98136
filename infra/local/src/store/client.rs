//! One call of DynamoDB's JSON protocol, for the few that this program itself makes.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde_json::Value;

use super::StoreError;

/// Calls `action` of the store at `endpoint`.
///
/// # Errors
///
/// When it cannot be reached or answers with an error.
pub(super) async fn call(
    endpoint: &str,
    action: &'static str,
    request: &Value,
) -> Result<Value, StoreError> {
    send(endpoint, "DynamoDB_20120810", action, request).await
}

/// Calls `action` of the streams' interface of the store at `endpoint`.
///
/// # Errors
///
/// When it cannot be reached or answers with an error.
pub(super) async fn call_streams(
    endpoint: &str,
    action: &'static str,
    request: &Value,
) -> Result<Value, StoreError> {
    send(endpoint, "DynamoDBStreams_20120810", action, request).await
}

async fn send(
    endpoint: &str,
    interface: &str,
    action: &'static str,
    request: &Value,
) -> Result<Value, StoreError> {
    let refused = |answer: String| StoreError::Refused { action, answer };
    let authority = endpoint.trim_start_matches("http://");
    let stream = tokio::net::TcpStream::connect(authority).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| refused(error.to_string()))?;
    let connection = tokio::spawn(connection);
    let request = Request::post("/")
        .header("host", authority)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("{interface}.{action}"))
        .header("authorization", AUTHORIZATION)
        .header("x-amz-date", "20260101T000000Z")
        .body(Full::new(Bytes::from(request.to_string())))
        .map_err(|error| refused(error.to_string()))?;
    let answer = sender.send_request(request).await.map_err(|error| refused(error.to_string()))?;
    let status = answer.status();
    let body = answer.into_body().collect().await.map_err(|error| refused(error.to_string()))?;
    connection.abort();
    let body = body.to_bytes();
    if !status.is_success() {
        return Err(refused(String::from_utf8_lossy(&body).into_owned()));
    }
    protocol::json::from_slice(&body).map_err(|error| refused(error.to_string()))
}

/// The form of a signature; nobody checks it on one machine.
const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 \
    Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
    SignedHeaders=host;x-amz-date;x-amz-target, Signature=0";
