//! Requests through front and gateway to a function's process and back.

use serde_json::{Value, json};

use crate::harness::{Place, request};

fn echoed(body: &Value) -> &Value {
    &body["event"]
}

#[test]
fn a_request_reaches_the_function_as_api_gateway_s_event() {
    let place = Place::new();
    let stack = place.start(&["--memory"]);
    let headers = [
        ("Content-Type", "application/json"),
        ("X-Two", "a"),
        ("x-two", "b"),
        ("Cookie", "c=1; d=2"),
        ("X_Avileo_Business", "other"),
        ("X-Avileo-Origin", "guessed"),
    ];
    let answer = stack.send("POST", "/api/echo?since=1.2&x=a%20b&x=c", &headers, b"{\"n\":1.50}");
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    let event = echoed(&body);
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "POST /echo");
    assert_eq!(event["rawPath"], "/echo");
    assert_eq!(event["rawQueryString"], "since=1.2&x=a%20b&x=c");
    assert_eq!(event["queryStringParameters"], json!({"since": "1.2", "x": "a b,c"}));
    assert_eq!(event["headers"]["x-two"], "a,b");
    assert_eq!(event["cookies"], json!(["c=1", "d=2"]));
    assert_eq!(event["body"], "{\"n\":1.50}");
    assert_eq!(event["isBase64Encoded"], false);
    assert_eq!(event["requestContext"]["http"]["method"], "POST");
    assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
    // Of the edge's own headers only what the edge says, and nothing in another spelling.
    let ours = event["headers"].as_object().unwrap().keys().filter(|name| name.contains("avileo"));
    assert_eq!(ours.collect::<Vec<_>>(), ["x-avileo-address", "x-avileo-origin"]);
    assert_eq!(event["headers"]["x-avileo-origin"], "local");
    assert_eq!(answer.header("x-content-type-options"), ["nosniff"]);
    assert_eq!(event["headers"]["x-avileo-address"], "127.0.0.1");
    let answer = stack.get("/api/echo/a%2Fb%20c");
    assert_eq!(echoed(&answer.json())["pathParameters"], json!({"id": "a/b c"}));
    let answer = stack.send("POST", "/api/echo", &[], &[0xff, 0x00]);
    let body = answer.json();
    assert_eq!(
        (&echoed(&body)["body"], &echoed(&body)["isBase64Encoded"]),
        (&json!("/wA="), &json!(true))
    );
}

#[test]
fn what_a_function_answers_reaches_the_client() {
    let place = Place::new();
    let stack = place.start(&["--memory"]);
    let cookies = stack.get("/api/cookies");
    assert_eq!(cookies.status, 204);
    assert_eq!(cookies.header("set-cookie"), ["a=1", "b=2"]);
    assert_eq!(stack.get("/api/binary").body, [0x00, 0x01, 0xff]);
    let head = stack.send("HEAD", "/api/echo/1", &[], b"");
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn what_the_platform_answers_is_in_the_envelope() {
    let place = Place::new();
    let stack = place.start(&["--memory"]);
    for (method, path, status, code) in [
        ("POST", "/api/none", 405, "method_not_allowed"),
        ("DELETE", "/api/echo", 405, "method_not_allowed"),
        ("POST", "/api/", 404, "route_not_found"),
        ("GET", "/api/crash", 500, "internal"),
        ("GET", "/api/error", 500, "internal"),
        ("GET", "/api/nonsense", 500, "internal"),
        ("GET", "/api/large", 500, "internal"),
        ("GET", "/api/hang", 503, "unavailable"),
    ] {
        let answer = stack.send(method, path, &[], b"");
        assert_eq!((answer.status, answer.code()), (status, code.into()), "{method} {path}");
    }
    assert_eq!(stack.send("DELETE", "/api/echo", &[], b"").header("allow"), ["POST, GET"]);
    let options = stack.send("OPTIONS", "/api/echo", &[], b"");
    assert_eq!((options.status, options.header("allow")), (204, vec!["POST, GET"]));
    for megabytes in [7, 11] {
        let answer = stack.send("POST", "/api/echo", &[], &vec![b' '; megabytes * 1024 * 1024]);
        assert_eq!((answer.status, answer.code()), (413, "payload_too_large".into()));
    }
    assert_eq!(stack.get("/api/echo/after").status, 200);
}

#[test]
fn the_feed_asks_for_a_token() {
    let place = Place::new();
    let stack = place.start(&["--memory"]);
    let answer = stack.get("/api/sync/changes");
    assert_eq!((answer.status, answer.code()), (401, "missing_token".into()));
    let forged = [("Authorization", "Bearer e30.e30.e30"), ("x-avileo-business", "b")];
    let answer = stack.send("GET", "/api/sync/changes?since=1.0", &forged, b"");
    assert_eq!((answer.status, answer.code()), (401, "invalid_token".into()));
}

#[test]
fn a_function_sees_lambda_s_environment_and_no_other() {
    let place = Place::new();
    let stack = place.start(&["--memory", "--dynamodb-endpoint", "http://127.0.0.1:1"]);
    let answer = stack.get("/api/environment").json();
    let variables = &answer["variables"];
    assert_eq!(variables["RECORDS_TABLE"], stack.status["tables"]["RecordsTable"]);
    assert_eq!(variables["KEYS"], stack.status["secrets"]["Keys"]);
    assert_eq!(variables["AWS_ENDPOINT_URL_DYNAMODB"], "http://127.0.0.1:1");
    assert_eq!(variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "256");
    assert!(variables.get("HOME").is_none() && variables.get("CARGO").is_none());
}

#[test]
fn the_secret_is_served_and_kept() {
    let place = Place::new();
    let value = |stack: &crate::harness::Stack| {
        let body = json!({"SecretId": stack.status["secrets"]["Keys"]}).to_string();
        let headers = [("x-amz-target", "secretsmanager.GetSecretValue")];
        let url = stack.url("secretsManager");
        let answer = request(&url, "POST", "/", &headers, body.as_bytes()).json();
        protocol::json::from_str::<Value>(answer["SecretString"].as_str().unwrap()).unwrap()
    };
    let stack = place.start(&[]);
    let first = value(&stack);
    assert!(first["keys"][first["current"].as_str().unwrap()].is_string());
    stack.kill();
    assert_eq!(value(&place.start(&[])), first);
}

#[test]
fn concurrent_requests_are_all_answered() {
    let place = Place::new();
    let stack = place.start(&["--memory"]);
    std::thread::scope(|scope| {
        for worker in 0..12 {
            let stack = &stack;
            scope.spawn(move || {
                for request in 0..5 {
                    let answer = stack.get(&format!("/api/echo/{worker}-{request}"));
                    let id = &answer.json()["event"]["pathParameters"]["id"];
                    assert_eq!(id, &json!(format!("{worker}-{request}")));
                }
            });
        }
    });
}
