//! The phone's app.

fn main() {
    yew::Renderer::<App>::new().render();
}

#[yew::component]
fn App() -> yew::Html {
    yew::html! { <p>{ "Avileo" }</p> }
}
