//! What the loader understands, and that it names what it does not.

use super::*;

fn real() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml")).unwrap()
}

fn problem(text: &str) -> String {
    Template::parse(text).unwrap_err().to_string()
}

fn changed(from: &str, to: &str) -> String {
    let text = real();
    assert!(text.contains(from), "{from}");
    problem(&text.replacen(from, to, 1))
}

#[test]
fn the_project_s_template_is_understood_whole() {
    let template = Template::parse(&real()).unwrap();
    assert_eq!(template.tables.len(), 4);
    let binaries: Vec<&str> = template.functions.values().map(|f| f.binary.as_str()).collect();
    assert_eq!(binaries, ["auth", "crud", "record-changes", "sync-batch", "sync-changes"]);
    let push = &template.functions["SyncBatchFunction"];
    assert_eq!(push.environment["RECORDS_TABLE"], "avileo-local-RecordsTable");
    assert_eq!(push.environment["STAGE"], "dev");
    assert_eq!(push.log_level.as_deref(), Some("INFO"));
    assert_eq!(push.environment["SIGNING_KEYS_SECRET"], template.secrets["SigningKeysSecret"].arn);
    assert!(template.outputs["ApiUrl"].starts_with("https://HttpApi.execute-api."));
}

#[test]
fn the_stream_is_mapped_with_all_its_bounds() {
    let template = Template::parse(&real()).unwrap();
    let Event::Stream(mapping) = &template.functions["RecordChangesFunction"].events["Records"]
    else {
        panic!("no stream");
    };
    assert_eq!(
        template.table_of_stream(&mapping.stream_arn).unwrap().name(),
        "avileo-local-RecordsTable"
    );
    assert!(mapping.bisects && mapping.reports_item_failures);
    assert_eq!(mapping.retries_max, Some(30));
    assert!(mapping.failure_queue_arn.is_some());
    assert_eq!(mapping.patterns.len(), 1);
}

#[test]
fn what_is_not_understood_is_named() {
    assert!(changed("AWS::SQS::Queue", "AWS::MQ::Broker").contains("AWS::MQ::Broker"));
    assert!(changed("MessageRetentionPeriod", "DelaySeconds").contains("DelaySeconds"));
    assert!(changed("BatchSize: 100", "TumblingWindowInSeconds: 1").contains("TumblingWindow"));
    assert!(changed("!GetAtt RecordsTable.StreamArn", "!Select [0, [a]]").contains("Select"));
    assert!(changed("!GetAtt RecordsTable.StreamArn", "!GetAtt RecordsTable.Age").contains("Age"));
    assert!(changed("!Ref RecordsTable", "!Ref Nothing").contains("Nothing"));
    assert!(changed("Type: DynamoDB", "Type: Kinesis").contains("Kinesis"));
    assert!(changed("Outputs:", "Mappings: {}\nOutputs:").contains("Mappings"));
    assert!(changed("Timeout: 60", "Timeout: 60\n      Layers: []").contains("Layers"));
    assert!(changed("{\"prefix\":\"customers#\"}", "{\"wildcard\":\"c*\"}").contains("wildcard"));
}

#[test]
fn an_event_cannot_name_a_resource_of_another_kind() {
    let text = changed("!GetAtt RecordsTable.StreamArn", "!GetAtt AccountsTable.StreamArn");
    assert!(text.contains("no stream"), "{text}");
    let text = changed(
        "ApiId: !Ref HttpApi, Method: POST, Path: /team",
        "ApiId: x, Method: POST, Path: /team",
    );
    assert!(text.contains("HttpApi"), "{text}");
}

#[test]
fn conditions_and_substitutions_are_resolved() {
    let text = r#"
Parameters: { Stage: { Type: String, Default: prod } }
Conditions:
  IsProduction: !Equals [!Ref Stage, prod]
  IsTest: !Not [!Condition IsProduction]
  Either: !Or [!Condition IsTest, !Condition IsProduction]
Resources:
  Queue: { Type: "AWS::SQS::Queue", Condition: Either, Properties: { MessageRetentionPeriod: !If [IsTest, 60, !Ref "AWS::NoValue"] } }
  Absent: { Type: "AWS::SQS::Queue", Condition: IsTest }
Outputs:
  Text: { Value: !Join ["-", [a, !Sub ["${x}/${Stage}/${!kept}/${Queue.QueueName}", { x: 1 }]]] }
  Long: { Value: { "Fn::Sub": "${AWS::Region}" } }
"#;
    let template = Template::parse(text).unwrap();
    assert_eq!(template.queues.len(), 1);
    assert_eq!(template.outputs["Text"], "a-1/prod/${kept}/avileo-local-Queue");
    assert_eq!(template.outputs["Long"], "us-east-1");
}

#[test]
fn the_edge_keys_the_feed_by_tenant_and_range() {
    let edge = Template::parse(&real()).unwrap().edge.unwrap();
    let feed = edge.behaviour("/api/sync/changes").unwrap();
    assert_eq!(feed.cache.headers, ["x-avileo-business"]);
    assert_eq!(feed.cache.query, QueryStrings::Some(vec!["since".into(), "limit".into()]));
    assert_eq!((feed.cache.default.as_secs(), feed.cache.maximum.as_secs()), (0, 31_536_000));
    assert_eq!(feed.forward.headers, Headers::Some(vec!["x-avileo-token".into()]));
    assert!(feed.compress && feed.cache.gzip && feed.cache.brotli);
    for path in ["/api/sync/changes/", "/api/sync/batch", "/api/sync/snapshot", "/api/auth/login"] {
        let api = edge.behaviour(path).unwrap();
        assert!(!api.cache.keeps() && matches!(api.origin, Origin::Api(_)), "{path}");
    }
    assert_eq!(edge.behaviour("/clientes").unwrap().origin, Origin::Pages);
    let unseen = edge.behaviours.iter().filter(|behaviour| behaviour.function.is_none());
    let unseen: Vec<&str> = unseen.map(|behaviour| behaviour.pattern.as_str()).collect();
    assert_eq!(unseen, ["/assets/*"], "every other request passes the function");
    for behaviour in &edge.behaviours {
        let mut told = axum::http::HeaderMap::new();
        behaviour.response_headers.add_to(&mut told);
        assert!(told.contains_key("content-security-policy"), "{}", behaviour.pattern);
        let is_api = matches!(behaviour.origin, Origin::Api(_));
        assert_eq!(behaviour.origin_headers.contains_key("x-avileo-origin"), is_api);
    }
}

#[test]
fn an_edge_that_would_keep_errors_or_lead_nowhere_is_an_error() {
    assert!(changed("MinTTL: 0", "MinTTL: 1").contains("MinTTL"));
    let text = changed("503, ErrorCachingMinTTL: 0", "503, ErrorCachingMinTTL: 10");
    assert!(text.contains("503"), "{text}");
    let text = changed("- { ErrorCode: 404, ErrorCachingMinTTL: 0 }", "");
    assert!(text.contains("404"), "{text}");
    assert!(changed("TargetOriginId: api", "TargetOriginId: other").contains("other"));
    assert!(
        changed("HeaderBehavior: whitelist", "HeaderBehavior: some").contains("HeaderBehavior")
    );
    assert!(changed("Source: infra/edge/viewer-request.js", "").contains("Source"));
    assert!(changed("cloudfront-js-2.0", "cloudfront-js-1.0").contains("Runtime"));
    assert!(changed("EventType: viewer-request", "EventType: viewer-response").contains("viewer"));
}

#[test]
fn what_would_never_ring_or_show_is_an_error() {
    let path = "MetricName: PublishLag";
    assert!(changed(path, "MetricName: PublishDelay").contains("no function writes"));
    assert!(changed("Name: Stage, Value", "Name: Phase, Value").contains("dimensions"));
    assert!(changed("Period: 300", "Period: 45").contains("minutes"));
    assert!(changed("DatapointsToAlarm: 1", "DatapointsToAlarm: 4").contains("DatapointsToAlarm"));
    assert!(changed("{\"widgets\":[", "{\"widgets\":[,").contains("DashboardBody"));
    assert!(changed("\"Failures\", \"Stage\"", "\"Failures\", \"Phase\"").contains("dimensions"));
    let retries = r#", ["Avileo", "StreamRetries", "Stage", "${Stage}", "Function", "${RecordChangesFunction}"]"#;
    assert!(changed(retries, "").contains("does not show StreamRetries"));
    assert!(changed("\"$context.requestId\"", "$context.requestId").contains("Format"));
    assert!(changed("Input: '{\"repair\":{}}'", "Input: repair").contains("Input"));
    assert!(changed("rate(5 minutes)", "rate(five minutes)").contains("Schedule"));
    assert!(changed("ParallelizationFactor: 4", "ParallelizationFactor: 40").contains("1 to 10"));
    assert!(changed("!Ref SecurityHeaders", "other").contains("ResponseHeadersPolicyId"));
    assert!(
        changed("AllowedValues: [dev, prod]", "AllowedValues: [prod]").contains("AllowedValues")
    );
}
