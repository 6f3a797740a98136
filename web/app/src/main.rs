//! Starts the phone's app.

fn main() {
    app::start();
}
