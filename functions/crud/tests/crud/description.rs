//! The description of the API against the template, the codes and itself.

use std::collections::BTreeSet;
use std::path::Path;

use protocol::ErrorCode;
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;

use crate::world::World;

type Route = (String, String, String);

/// Function, method and path of every HTTP event of the template, but `$default`.
fn in_template() -> BTreeSet<Route> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    let template: Yaml = serde_yaml_ng::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut routes = BTreeSet::new();
    for (_, resource) in template["Resources"].as_mapping().unwrap() {
        let Some(events) = resource["Properties"].get("Events") else { continue };
        let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap();
        for (_, event) in events.as_mapping().unwrap() {
            let text = |name: &str| Some(event["Properties"].get(name)?.as_str()?.to_owned());
            if let (Some(method), Some(path)) = (text("Method"), text("Path")) {
                routes.insert((binary.to_owned(), method.to_lowercase(), path));
            }
        }
    }
    routes
}

fn described() -> BTreeSet<Route> {
    let document = crud::document();
    let mut routes = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let function = operation["tags"][0].as_str().unwrap();
            routes.insert((function.to_owned(), method.clone(), path.clone()));
        }
    }
    routes
}

/// Every `$ref` and every `x-error-codes` below `value`.
fn gather(value: &Value, references: &mut Vec<String>, codes: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match (name.as_str(), value) {
                    ("$ref", Value::String(reference)) => references.push(reference.clone()),
                    ("x-error-codes", Value::Array(listed)) => {
                        codes.extend(listed.iter().map(|code| code.as_str().unwrap().to_owned()));
                    }
                    _ => gather(value, references, codes),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, references, codes)),
        _ => {}
    }
}

#[test]
fn every_route_of_the_template_is_described_and_the_reverse() {
    let (template, described) = (in_template(), described());
    assert!(template.len() > 40, "{template:?}");
    let missing: Vec<_> = template.difference(&described).collect();
    let invented: Vec<_> = described.difference(&template).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "missing {missing:?}, invented {invented:?}"
    );
}

#[test]
fn every_code_is_listed_with_status_and_message() {
    let document = crud::document();
    let listed = document["x-error-codes"].as_object().unwrap();
    assert_eq!(listed.len(), ErrorCode::ALL.len());
    for code in ErrorCode::ALL {
        let expected = json!({"status": code.status(), "message": code.message()});
        assert_eq!(listed[code.as_str()], expected);
    }
    let (mut references, mut codes) = (Vec::new(), Vec::new());
    gather(&document, &mut references, &mut codes);
    assert!(!codes.is_empty());
    for code in codes {
        assert!(code.parse::<ErrorCode>().is_ok(), "{code}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_named() {
    let document = crud::document();
    let (mut references, mut codes) = (Vec::new(), Vec::new());
    gather(&document, &mut references, &mut codes);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_path_parameter_is_described() {
    let document = crud::document();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            let parameters = operation["parameters"].as_array().unwrap().iter();
            let described = parameters.filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(described, path.matches('{').count(), "{path}");
        }
    }
}

#[test]
fn a_change_need_not_name_what_a_new_record_must_have() {
    let document = crud::document();
    let body = |method: &str, path: &str| {
        let body = &document["paths"][path][method]["requestBody"]["content"];
        let reference = body["application/json"]["schema"]["$ref"].as_str().unwrap();
        document.pointer(&reference[1..]).unwrap().clone()
    };
    for path in ["/customers", "/sales", "/abonos", "/products", "/product-variants"] {
        let (new, change) = (body("post", path), body("put", &format!("{path}/{{id}}")));
        assert!(new["required"].is_array(), "{path}");
        assert_eq!(change["required"], Value::Null, "{path}");
        assert_eq!(change["properties"], new["properties"], "{path}");
    }
}

#[tokio::test]
async fn the_document_is_served_as_it_is() {
    let world = World::new().await;
    let got = world.get("", "/openapi.json").await;
    assert_eq!((got.status, &got.body["openapi"]), (200, &json!("3.1.0")));
    assert_eq!(got.body, crud::document());
    assert_eq!(got.headers["content-type"], "application/json");
}
