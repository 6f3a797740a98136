//! IndexedDB does what the engine's conformance cases ask of every database.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use engine::conformance::{Step, cases, comparable};
use indexeddb::Database;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn the_phones_database_conforms() {
    for (number, case) in cases().into_iter().enumerate() {
        let database = Database::open_named(&format!("conformance-{number}")).await.unwrap();
        for (place, step) in case.steps.into_iter().enumerate() {
            let at = format!("{}, step {place}", case.name);
            match step {
                Step::Commit(transaction, expected) => {
                    assert_eq!(database.commit(transaction).await, expected, "{at}");
                }
                Step::Read(query, expected) => {
                    let found = comparable(database.read(&query).await.unwrap());
                    assert_eq!(found, comparable(expected), "{at}");
                }
            }
        }
    }
}
