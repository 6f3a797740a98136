//! A sheet over the screen: the browser's own `<dialog>`, which keeps the focus inside.

use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::forms::screen_changed;

#[derive(Properties, PartialEq)]
pub(crate) struct SheetProps {
    pub(crate) title: AttrValue,
    /// It was closed by Escape, the cross, or a tap beside it.
    pub(crate) onclose: Callback<()>,
    pub(crate) children: Html,
}

/// It is open for as long as it is rendered.
#[component]
pub(crate) fn Sheet(props: &SheetProps) -> Html {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                // It fails only for one that is open already.
                drop(dialog.show_modal());
                screen_changed();
            }
            screen_changed
        });
    }
    let onclose = props.onclose.reform(|_: Event| ());
    let onclick = {
        let (dialog, onclose) = (dialog.clone(), props.onclose.clone());
        Callback::from(move |event: MouseEvent| {
            let own = dialog.cast::<web_sys::Element>();
            let hit = event.target().and_then(|hit| hit.dyn_into().ok());
            if own.is_some() && hit == own && is_beside(&event, &dialog) {
                onclose.emit(());
            }
        })
    };
    let cross = props.onclose.reform(|_: MouseEvent| ());
    html! {
        <dialog ref={dialog} class="sheet" aria-label={&props.title} {onclose} {onclick}>
            <div class="row spread">
                <h2>{ &props.title }</h2>
                <button type="button" class="icon-button" aria-label="Cerrar" onclick={cross}>
                    { super::icon("close") }
                </button>
            </div>
            { props.children.clone() }
        </dialog>
    }
}

/// On the shade, not on the sheet's own margin.
fn is_beside(event: &MouseEvent, dialog: &NodeRef) -> bool {
    let Some(element) = dialog.cast::<web_sys::Element>() else { return false };
    let area = element.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    x < area.left() || x > area.right() || y < area.top() || y > area.bottom()
}
