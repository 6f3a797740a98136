//! CSV: written so that no spreadsheet takes a name for a formula, read as spreadsheets write it.

mod encoding;
mod table;

use wasm_bindgen::{JsCast, JsValue};

pub(super) use encoding::Encoding;
pub(super) use table::{SEPARATORS, SheetRow, SheetRows, Table, unguarded};

/// Offers a text as a file to be kept.
pub(super) fn save_csv(name: &str, text: &str) {
    // A browser that refuses says so itself.
    drop(offer(name, text));
}

fn offer(name: &str, text: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&text.into());
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type("text/csv;charset=utf-8");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &kind)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let link: web_sys::HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    web_sys::Url::revoke_object_url(&url)
}
