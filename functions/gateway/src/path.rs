//! The path as the client wrote it.
//!
//! API Gateway's HTTP APIs hand a path over percent-decoded, so that an id with `#`, `?`, `/` or
//! `%` in it would be cut or split when the path becomes a URL again. The route's template and its
//! parameters, which come beside it, tell where each id begins and ends.

use std::fmt::Write;

use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};

/// The request with its path's parameters percent-encoded; as it came where it has none.
pub(crate) fn restore(mut request: Request) -> Request {
    if let Some(uri) = restored(&request) {
        *request.uri_mut() = uri;
    }
    request
}

fn restored(request: &Request) -> Option<Uri> {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
        return None;
    };
    let (_, template) = context.route_key.as_deref()?.split_once(' ')?;
    let parameters = request.path_parameters_ref().filter(|map| !map.is_empty())?;
    let mut path = String::new();
    for segment in template.split('/').skip(1) {
        path.push('/');
        match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => path.push_str(&encoded(parameters.first(name)?)),
            None => path.push_str(segment),
        }
    }
    // The query behind a decoded `#` or `?` was lost with the path's end.
    let query = request.query_string_parameters_ref().filter(|map| !map.is_empty());
    if let Some(query) = query {
        path.push('?');
        path.push_str(&query.to_query_string());
    }
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(path.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

/// Everything but the unreserved characters of RFC 3986, 2.3.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            write!(path, "%{byte:02X}").expect("a String takes whatever is written");
        }
        path
    })
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::to_bytes;
    use axum::routing::get;
    use lambda_http::request::from_str;
    use serde_json::json;
    use tower::ServiceExt;

    use super::*;
    use crate::{Answer, Parameters, PathId};

    /// What a route reads of an event of API Gateway.
    async fn read(route: &str, path: &str, id: Option<&str>, query: &str) -> (u16, String) {
        let mut event = json!({
            "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": query,
            "headers": {"host": "example.com"},
            "requestContext": {
                "routeKey": route, "stage": "$default", "timeEpoch": 0,
                "http": {"method": "GET", "path": path},
            },
            "isBase64Encoded": false,
        });
        if let Some(id) = id {
            event["pathParameters"] = json!({ "id": id });
        }
        let routes = Router::new().route("/health", get(async || Answer::ok("health"))).route(
            "/customers/{id}",
            get(async |PathId(id): PathId<protocol::RecordId>, parameters: Parameters| {
                let found = parameters.get("search").unwrap_or("none").to_owned();
                Answer::ok(json!([id, found]))
            }),
        );
        let request = restore(from_str(&event.to_string()).unwrap());
        let response = routes.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn any_id_arrives_whole() {
        for id in ["c1", "c#1", "a/b", "a?b", "50%", "%23", "a+b", "..", "~!$&'()*,;=:@\"<>^`{|}\\"]
        {
            let path = format!("/customers/{id}");
            let (status, body) =
                read("GET /customers/{id}", &path, Some(id), "search=Jos%C3%A9+Q").await;
            assert_eq!(status, 200, "{id}");
            let expected = json!({"success": true, "data": [id, "José Q"]}).to_string();
            let sorted: serde_json::Value = protocol::json::from_str(&body).unwrap();
            assert_eq!(sorted.to_string(), expected, "{id}");
        }
    }

    #[tokio::test]
    async fn a_path_without_parameters_is_left_alone() {
        assert_eq!(read("GET /health", "/health", None, "").await.0, 200);
        assert_eq!(read("$default", "/health", None, "a=1").await.0, 200);
        assert_eq!(read("$default", "/nada", None, "").await.0, 404);
    }
}
