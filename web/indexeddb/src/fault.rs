//! What went wrong in the browser's database, in the engine's words.

use engine::StorageFault;
use rexie::Error;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, IdbTransaction};

/// The fault behind an error; `transaction` knows more of why it was aborted.
pub(crate) fn fault_of(error: &Error, transaction: Option<&IdbTransaction>) -> StorageFault {
    let of_transaction = transaction.and_then(IdbTransaction::error).map(|error| error.name());
    of_transaction.or_else(|| name_of(error)).as_deref().map_or(StorageFault::Aborted, named)
}

/// Why a transaction that ended without an error was aborted.
pub(crate) fn aborted(transaction: Option<&IdbTransaction>) -> StorageFault {
    let error = transaction.and_then(IdbTransaction::error);
    error.map_or(StorageFault::Aborted, |error| named(&error.name()))
}

/// <https://w3c.github.io/IndexedDB/#exceptions>
fn named(name: &str) -> StorageFault {
    match name {
        "QuotaExceededError" => StorageFault::QuotaExceeded,
        "VersionError" => StorageFault::Blocked,
        "NotFoundError" => StorageFault::Evicted,
        _ => StorageFault::Aborted,
    }
}

fn name_of(error: &Error) -> Option<String> {
    let Error::IdbError(error) = error else { return None };
    let value: &JsValue = match exception(error) {
        Exception::Dom(exception) => return Some(exception.name()),
        Exception::Value(value) => value,
        Exception::None => return None,
    };
    value.dyn_ref::<DomException>().map(DomException::name)
}

enum Exception<'a> {
    Dom(&'a DomException),
    Value(&'a JsValue),
    None,
}

/// Of the calls that we make.
fn exception(error: &idb::Error) -> Exception<'_> {
    use idb::Error as E;
    match error {
        E::DomException(exception) => Exception::Dom(exception),
        E::AddFailed(value)
        | E::DeleteFailed(value)
        | E::GetAllFailed(value)
        | E::GetAllKeysFailed(value)
        | E::GetFailed(value)
        | E::IndexedDbNotFound(value)
        | E::IndexedDbOpenFailed(value)
        | E::IndexNotFound(value)
        | E::ObjectStoreNotFound(value)
        | E::TransactionCommitError(value)
        | E::TransactionOpenFailed(value)
        | E::UpdateFailed(value) => Exception::Value(value),
        _ => Exception::None,
    }
}
