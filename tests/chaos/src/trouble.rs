//! What is done to the stack: the store's faults, and processes killed at random.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_tests::{Fate, StoreProxy};

use crate::dice::Dice;
use crate::network::Network;
use crate::stack::Stack;
use crate::tally::{Tally, lock};

/// Faults of the store while `faulty` is true: so many in a thousand calls of each operation.
pub(crate) fn spoil_store(
    proxy: &StoreProxy,
    seed: u64,
    tally: &Arc<Tally>,
    faulty: &Arc<AtomicBool>,
) {
    let dice = Mutex::new(Dice::new(seed, STORE));
    let (tally, faulty) = (Arc::clone(tally), Arc::clone(faulty));
    proxy.rule(move |operation, _| {
        if !faulty.load(Ordering::SeqCst) {
            return Fate::Pass;
        }
        let fate = fate(operation, &mut lock(&dice));
        if fate != Fate::Pass {
            let kind = format!("{fate:?}");
            let kind = kind.split('(').next().unwrap_or("?");
            tally.count(&format!("fault store {kind} {operation}"));
        }
        fate
    });
}

fn fate(operation: &str, dice: &mut Dice) -> Fate {
    let writes = !["GetItem", "BatchGetItem", "Query", "Scan"].contains(&operation);
    let is_batch = operation.starts_with("Batch");
    match dice.below(1_000) {
        0..15 => Fate::Throttle,
        15..30 => Fate::Fail,
        30..36 => Fate::Hang(Duration::from_millis(dice.between(100, 6_000))),
        36..66 if writes => Fate::LoseReply,
        66..106 if writes => Fate::Conflict,
        36..136 if is_batch => Fate::Unprocessed,
        _ => Fate::Pass,
    }
}

/// Kills and fills disks until `until`; the stack runs and its disk has room when this returns.
pub(crate) fn cause(
    stack: &mut Stack,
    proxy: &StoreProxy,
    network: &Network,
    seed: u64,
    tally: &Tally,
    until: Instant,
) {
    let mut dice = Dice::new(seed, PROCESSES);
    while Instant::now() < until {
        let pause = Duration::from_millis(dice.between(300, 2_500));
        std::thread::sleep(pause.min(until.saturating_duration_since(Instant::now())));
        match dice.below(10) {
            0..6 => {
                if let Some(name) = stack.kill_function(|all| dice.pick(all).copied()) {
                    tally.count(&format!("fault kill -9 {name}"));
                }
            }
            6 => {
                tally.count("fault kill -9 local (edge, pump, store)");
                restart(stack, proxy, network, tally);
            }
            7 => {
                tally.count("fault disk full");
                stack.fill_disk(true);
                std::thread::sleep(Duration::from_millis(dice.between(200, 2_500)));
                stack.fill_disk(false);
            }
            _ => {}
        }
        if !stack.runs() {
            tally.found("crash: the stack ended by itself".to_owned());
            restart(stack, proxy, network, tally);
        }
    }
}

fn restart(stack: &mut Stack, proxy: &StoreProxy, network: &Network, tally: &Tally) {
    if let Err(why) = stack.kill_and_restart() {
        tally.found(format!("crash: the stack does not come back: {why}"));
        return;
    }
    proxy.stand_before(stack.at("dynamodb"));
    network.lead_to(stack.at("url"));
}

const STORE: u64 = 1_002;
const PROCESSES: u64 = 1_003;
