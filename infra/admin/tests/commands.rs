//! Every command, as an operator types it, against a running stack.
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use http_tests::{Phone, Stack, StackOptions, operation, sale, until};
use serde_json::{Value, json};

/// What a command said and whether it succeeded.
struct Told {
    text: String,
    complaint: String,
    succeeded: bool,
}

fn admin(stack: &Stack, arguments: &[&str]) -> Told {
    typed(stack, arguments, "")
}

/// Runs it and types `input`.
fn typed(stack: &Stack, arguments: &[&str], input: &str) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let status = folder.path().join("status.json");
    std::fs::write(&status, stack.status().to_string()).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_admin"))
        .args(arguments)
        .arg("--status-file")
        .arg(&status)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone by now.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    Told {
        text: String::from_utf8(output.stdout).unwrap(),
        complaint: String::from_utf8(output.stderr).unwrap(),
        succeeded: output.status.success(),
    }
}

impl Told {
    fn good(&self) -> &str {
        assert!(self.succeeded, "{}{}", self.text, self.complaint);
        &self.text
    }

    fn data(&self) -> Value {
        let whole: Value = serde_json::from_str(self.good()).expect("one line of JSON");
        whole["data"].clone()
    }

    fn refusal(&self) -> &str {
        assert!(!self.succeeded, "it succeeded: {}", self.text);
        &self.complaint
    }
}

/// Two customers, a sale, and one refused operation, all published.
fn busy_business(stack: &Stack) -> Phone {
    let admin = stack.business();
    let results = admin.push(&[
        operation("customers", "insert", "c1", json!({"name": "Rosa Quispe"})),
        operation("customers", "insert", "c2", json!({"name": "Luis Rojas"})),
        operation("sales", "insert", "s1", sale("c1")),
        operation("customers", "insert", "c3", json!({"name": ""})),
    ]);
    assert_eq!(results[3]["status"], "rejected");
    admin.feed_of(3);
    admin
}

/// Calls the store as DynamoDB is called.
fn dynamodb(stack: &Stack, call: &str, body: &Value) -> Value {
    let url = stack.status()["dynamodb"].as_str().unwrap();
    let response = ureq::post(url)
        .header("x-amz-target", format!("DynamoDB_20120810.{call}"))
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-date", "20260101T000000Z")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/dynamodb/aws4_request, \
             SignedHeaders=host, Signature=00",
        )
        .send(body.to_string());
    serde_json::from_str(&response.unwrap().body_mut().read_to_string().unwrap()).unwrap()
}

fn items(stack: &Stack, table: &str) -> String {
    let name = stack.status()["tables"][table].as_str().unwrap();
    dynamodb(stack, "Scan", &json!({"TableName": name}))["Items"].to_string()
}

#[test]
fn a_business_is_made_and_its_administrator_gets_a_new_password() {
    let stack = Stack::shared();
    let email = format!("ana-{}@example.pe", std::process::id());
    let create =
        ["create-business", "--name", "Avícola Sur", "--admin", "Ana", "--email", &email, "--json"];
    let made = admin(stack, &create).data();
    let ana = Phone::login(stack.url(), &email, made["password"].as_str().unwrap());
    assert_eq!(made["business"]["id"], ana.business());
    let pushed = ana.push_one(&operation("customers", "insert", "c1", json!({"name": "Rosa"})));
    assert_eq!(pushed["status"], "applied");
    assert!(admin(stack, &create).refusal().contains("already"));
    assert!(admin(stack, &["businesses"]).good().contains("Avícola Sur"));

    let reset = ["reset-password", &email, "--password-stdin"];
    assert!(typed(stack, &reset, "corta\n").refusal().contains("8 to 128"));
    let told = typed(stack, &reset, "clave-nueva\n");
    assert!(!told.good().contains("clave-nueva"));
    let refresh = json!({"refreshToken": ana.session["refreshToken"]});
    let ended = ana.send("POST", "/auth/refresh", Some(&refresh));
    assert_eq!(ended.failure(), "401 invalid_refresh_token");
    let ana = Phone::login(stack.url(), &email, "clave-nueva");

    let seller = ana.seller();
    let address = seller.session["user"]["email"].as_str().unwrap();
    assert!(admin(stack, &["reset-password", address]).refusal().contains("no administrator"));
    assert!(admin(stack, &["reset-password", "no@body.pe"]).refusal().contains("nobody"));
}

#[test]
fn what_was_lost_from_the_feed_is_verified_repaired_and_rebuilt() {
    let stack = Stack::start(&StackOptions::default());
    let phone = busy_business(&stack);
    let id = phone.business();
    assert!(admin(&stack, &["verify"]).good().contains("nothing differs"));

    let table = stack.status()["tables"]["ChangesTable"].as_str().unwrap();
    let image = json!({"business": {"S": id}, "change": {"S": "published#customers#c2"}});
    dynamodb(&stack, "DeleteItem", &json!({"TableName": table, "Key": image}));
    let found = admin(&stack, &["verify", "--business", id, "--json"]);
    assert!(!found.succeeded && found.text.contains(r#""kind":"notPublished""#), "{}", found.text);
    let told = admin(&stack, &["verify", "--business", id]);
    assert!(told.text.contains("customers#c2 version 1 was never published"), "{}", told.text);

    assert!(admin(&stack, &["repair", "--business", id]).good().contains("1 changes appended"));
    let rebuild = ["rebuild", "--business", id, "--reason", "an image was lost"];
    assert!(typed(&stack, &rebuild, "no\n").refusal().contains("nothing was done"));
    assert!(typed(&stack, &rebuild, "yes\n").good().contains("3 changes"));
    admin(&stack, &["verify", "--business", id]).good();
    assert!(admin(&stack, &["verify", "--business", "b-none"]).refusal().contains("no business"));
}

#[test]
fn refused_operations_are_listed() {
    let stack = Stack::shared();
    let phone = busy_business(stack);
    let list = ["refused", "--business", phone.business(), "--json"];
    let listed = until("the index", || {
        let listed = admin(stack, &list).data()["refused"].as_array().unwrap().clone();
        (!listed.is_empty()).then_some(listed)
    });
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["record"], "customers#c3");
    let later = [&list[..], &["--since", "2999-01-01"]].concat();
    assert_eq!(admin(stack, &later).data()["refused"], json!([]));
    assert!(admin(stack, &["refused", "--since", "ayer"]).refusal().contains("ayer"));
}

#[test]
fn an_export_holds_everything_but_secrets_and_a_deletion_leaves_nothing() {
    let stack = Stack::start(&StackOptions::default());
    let (phone, other) = (busy_business(&stack), busy_business(&stack));
    phone.seller();
    let id = phone.business();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.jsonl");
    let export = ["export", "--business", id, "--to", file.to_str().unwrap()];
    admin(&stack, &export).good();
    assert!(admin(&stack, &export).refusal().contains("exists"));
    let text = std::fs::read_to_string(&file).unwrap();
    for line in text.lines() {
        serde_json::from_str::<Value>(line).expect("JSON lines");
    }
    assert!(text.contains("Rosa Quispe") && text.contains("seller-"), "{text}");
    for secret in ["argon2", "passwordHash", "salt", r#""current":""#, other.business()] {
        assert!(!text.contains(secret), "{secret}");
    }

    let delete = |name: &str| admin(&stack, &["delete-business", id, "--yes-delete", name]);
    assert!(delete("Avícola").refusal().contains("nothing was deleted"));
    assert!(delete("Avícola de prueba").good().contains("2 people, 3 records"));
    for table in ["RecordsTable", "OperationsTable", "ChangesTable", "AccountsTable"] {
        let left = items(&stack, table);
        assert!(!left.contains(id), "{table}: {left}");
    }
    assert!(delete("Avícola de prueba").refusal().contains("no business"));
    let late = operation("customers", "insert", "c9", json!({"name": "Tarde"}));
    let pushed = phone.send("POST", "/sync/batch", Some(&json!({"operations": [late]})));
    assert_eq!(pushed.status, 401, "{}", pushed.body);
    assert_eq!(other.feed().len(), 3);
    admin(&stack, &["verify"]).good();
}

#[test]
fn a_key_is_added_then_used_and_nobodys_token_is_refused() {
    let options = StackOptions { on_disk: true, ..StackOptions::default() };
    let stack = Stack::start(&options);
    let before = stack.business();
    let added = admin(&stack, &["rotate-key", "--json"]).data();
    let kid = added["waiting"].as_str().unwrap().to_owned();
    assert!(admin(&stack, &["rotate-key"]).refusal().contains(&kid));
    assert!(admin(&stack, &["rotate-key", "--use", &kid]).refusal().contains("wait until"));
    // Its edge reads the keys when it starts: that is how they are published there.
    let stack = stack.kill_and_restart(&options);
    let used = admin(&stack, &["rotate-key", "--use", &kid, "--at-once", "--json"]).data();
    assert_eq!(used["current"], kid.as_str());
    let stack = stack.kill_and_restart(&options);
    let session = &before.session["user"];
    let after = Phone::login(stack.url(), session["email"].as_str().unwrap(), "clave-segura");
    assert!(after.token() != before.token());
    assert_eq!(after.feed().len(), 0);
    let old = format!("Bearer {}", before.token());
    let read = after.send_raw("GET", "/sync/changes", &[("authorization", &old)], None);
    assert_eq!(read.status, 200, "{}", read.body);
}

#[test]
fn the_sample_events_reach_their_functions() {
    let stack = Stack::shared();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/lambda/events");
    let answers = [
        ("auth", "auth-login", r#""statusCode":401"#),
        ("sync-batch", "sync-batch", r#""statusCode":401"#),
        // No edge has told it whose feed is asked for.
        ("SyncChangesFunction", "sync-changes", "tenant_mismatch"),
        ("crud", "crud-health", r#""statusCode":200"#),
        ("record-changes", "record-changes-repair", "{"),
        ("record-changes", "record-changes-stream", "batchItemFailures"),
    ];
    for (function, event, expected) in answers {
        let event = folder.join(format!("{event}.json"));
        let told = admin(stack, &["invoke", function, event.to_str().unwrap()]);
        assert!(told.good().contains(expected), "{function}: {}", told.text);
    }
    let nonsense = tempfile::NamedTempFile::new().unwrap();
    let path = nonsense.path().to_str().unwrap();
    assert!(admin(stack, &["invoke", "crud", path]).refusal().contains("no JSON"));
    assert!(admin(stack, &["invoke", "launch", path]).refusal().contains("CrudFunction"));
    std::fs::write(path, r#"{"nothing": true}"#).unwrap();
    let failed = admin(stack, &["invoke", "record-changes", path]);
    assert!(!failed.succeeded && failed.text.contains("errorMessage"), "{}", failed.text);
}

#[test]
fn a_stage_whose_variables_are_missing_or_of_another_stage_is_refused() {
    let run = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_admin"));
        command.args(["businesses", "--stage", "prod"]).env_clear();
        let output = command.envs(variables.iter().copied()).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run(&[]).contains("AWS_REGION is not set"));
    let mut variables =
        vec![("AWS_REGION", "r"), ("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s")];
    assert!(run(&variables).contains("RECORDS_TABLE is not set"));
    variables.push(("RECORDS_TABLE", "avileo-dev-RecordsTable-1"));
    assert!(run(&variables).contains("no table of stack avileo-prod"));
}
