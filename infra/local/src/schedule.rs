//! The clock: calls functions when the template's schedules say so.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use tokio::task::JoinHandle;

use crate::console;
use crate::runtime::Host;
use crate::template::{Event, Schedule, Template};

/// Starts every schedule of `template`; each runs until its task is aborted.
pub(crate) fn start(template: &Template, host: &Host) -> Vec<JoinHandle<()>> {
    let mut clocks = Vec::new();
    for function in template.functions.values() {
        for event in function.events.values() {
            if let Event::Schedule(schedule) = event {
                let running = run(schedule.clone(), function.id.clone(), host.clone());
                clocks.push(tokio::spawn(running));
            }
        }
    }
    clocks
}

async fn run(schedule: Schedule, function: String, host: Host) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    tokio::time::sleep(schedule.first_after(now)).await;
    let event = Bytes::from(schedule.input.to_string());
    loop {
        if let Err(error) = host.invoke(&function, event.clone()).await {
            console::line(&format!("schedule of {function}: {error}"));
        }
        tokio::time::sleep(schedule.every).await;
    }
}
