//! Every command, as an operator types it, against a running stack.
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

mod deletion;
mod keys;
mod told;

use std::path::Path;
use std::process::Command;

use http_tests::{Phone, Stack, StackOptions, operation, until};
use serde_json::json;

use told::{admin, busy_business, dynamodb, typed};

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
    let activate = ["activate", address, "--password-stdin"];
    assert!(typed(stack, &activate, "clave-activa\n").refusal().contains("active already"));
    ana.send("POST", &format!("/team/{}/deactivate", seller.user()), None).data();
    assert!(!typed(stack, &activate, "clave-activa\n").good().contains("clave-activa"));
    let gone = json!({"refreshToken": seller.session["refreshToken"]});
    let ended = seller.send("POST", "/auth/refresh", Some(&gone));
    assert_eq!(ended.failure(), "401 invalid_refresh_token");
    let back = Phone::login(stack.url(), address, "clave-activa");
    assert_eq!(back.session["user"]["role"], "VENDEDOR");
    assert_eq!(back.send("GET", "/sync/snapshot", None).status, 200);
    assert!(admin(stack, &["activate", "no@body.pe"]).refusal().contains("nobody"));
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
