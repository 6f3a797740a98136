//! How much one stack bears: phones are added until it is slow, then far too many come at once.
//!
//! What must hold is not speed, which is the machine's: that too much load is answered with 429 or
//! 503 and `Retry-After`, that nothing acknowledged is lost or doubled, that memory stays flat, and
//! that no log tells a secret under it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::people::{login, register};
use crate::phone::http::exchange;
use crate::silence::{self, MARKER};
use crate::stack::{Settings, Stack};
use crate::tally::{Tally, lock};

/// What is asked of the stack.
#[derive(Debug, Clone, Copy)]
pub struct LoadPlan {
    /// No step has more phones.
    pub phones_max: usize,
    /// So long a number of phones works.
    pub step: Duration,
    /// So long a constant number works afterwards, for the memory.
    pub steady: Duration,
    /// So many phones come at once at the end.
    pub burst: usize,
}

/// What it bore.
#[derive(Debug)]
pub struct LoadReport {
    /// By number of phones, in order.
    pub steps: Vec<Step>,
    /// Everything that was counted, by name.
    pub counts: BTreeMap<String, u64>,
    /// Broken promises.
    pub found: Vec<String>,
}

/// One number of phones for a while.
#[derive(Debug)]
pub struct Step {
    /// What it was for.
    pub name: &'static str,
    /// So many phones at once.
    pub phones: usize,
    /// For so long.
    pub time: Duration,
    /// Requests answered 200.
    pub answered: usize,
    /// Half of them were faster.
    pub median: Duration,
    /// 99 of 100 were faster.
    pub p99: Duration,
    /// Everything else, by what it was.
    pub failures: BTreeMap<String, u64>,
    /// Resident memory in kilobytes, by process name, summed; at the end of the step.
    pub memory_kb: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
struct Measured {
    times: Vec<Duration>,
    failures: BTreeMap<String, u64>,
    /// Operations by whether they were acknowledged.
    sent: BTreeMap<String, bool>,
}

/// Asks.
pub fn load(plan: LoadPlan) -> LoadReport {
    let folder = tempfile::TempDir::with_prefix("avileo-load-").expect("a temporary folder");
    let tally = Arc::new(Tally::default());
    let settings = Settings {
        folder: folder.path().to_owned(),
        store: None,
        stream_seed: None,
        clocks: None,
        tally: Arc::clone(&tally),
    };
    let mut stack = Stack::start(settings).unwrap_or_else(|why| panic!("{why}"));
    let (url, email) = (stack.at("url").to_owned(), format!("load-{MARKER}@example.pe"));
    tally.keep_secret(&register(&url, &email));
    // A token is good for 15 minutes, a step of the hour takes 12.
    let token = || {
        let session = login(&url, &email);
        tally.keep_secret(&session);
        session.token
    };
    let mut steps = Vec::new();
    let mut sent = BTreeMap::new();
    let mut take = |name, phones, time, pause| {
        let (step, measured) = run_step(&stack, &token(), name, phones, time, pause);
        eprintln!("{step}");
        sent.extend(measured);
        let is_slow = step.p99 > SLOW;
        steps.push(step);
        is_slow
    };
    let mut phones = 5;
    while phones <= plan.phones_max && !take("ladder", phones, plan.step, PAUSE) {
        phones *= 2;
    }
    for _ in 0..STEADY_STEPS {
        take("steady", STEADY_PHONES, plan.steady / STEADY_STEPS, PAUSE);
    }
    take("burst", plan.burst, plan.step, Duration::ZERO);
    take("after", STEADY_PHONES, plan.step, PAUSE);
    if !stack.runs() {
        tally.found("crash: the stack ended by itself".to_owned());
    }
    for step in &steps {
        for what in step.failures.keys().filter(|what| !is_orderly(what)) {
            tally.found(format!("{} phones: {what}", step.phones));
        }
    }
    let told = |step: &Step| step.failures.contains_key("503 with Retry-After");
    if !steps.iter().any(told) {
        tally.found(format!("{} phones at once, and nobody was told to wait", plan.burst));
    }
    flat(&steps, &tally);
    accounted_for(&stack, &token(), &sent, &tally);
    silence::look_through(folder.path(), &tally);
    LoadReport { steps, counts: tally.counts(), found: tally.all_found() }
}

fn run_step(
    stack: &Stack,
    token: &str,
    name: &'static str,
    phones: usize,
    time: Duration,
    pause: Duration,
) -> (Step, BTreeMap<String, bool>) {
    let measured = Arc::new(Mutex::new(Measured::default()));
    let over = AtomicBool::new(false);
    let step = STEPS.fetch_add(1, Ordering::SeqCst);
    std::thread::scope(|scope| {
        for place in 0..phones {
            let (measured, over) = (&measured, &over);
            scope.spawn(move || {
                let mut count = 0;
                let mut cursor = None;
                while !over.load(Ordering::SeqCst) {
                    count += 1;
                    let id = format!("load-{step}-{place}-{count}");
                    push(stack.at("url"), token, &id, measured);
                    read(stack.at("url"), token, &mut cursor, measured);
                    std::thread::sleep(pause);
                }
            });
        }
        std::thread::sleep(time);
        over.store(true, Ordering::SeqCst);
    });
    let mut measured = std::mem::take(&mut *lock(&measured));
    measured.times.sort_unstable();
    let quantile = |hundredths: usize| {
        let place = (measured.times.len() * hundredths / 100).min(measured.times.len().max(1) - 1);
        measured.times.get(place).copied().unwrap_or_default()
    };
    let step = Step {
        name,
        phones,
        time,
        answered: measured.times.len(),
        median: quantile(50),
        p99: quantile(99),
        failures: measured.failures,
        memory_kb: memory_kb(stack),
    };
    (step, measured.sent)
}

fn push(url: &str, token: &str, id: &str, measured: &Mutex<Measured>) {
    let item = json!({"id": "i1", "productId": "pollo", "variantId": "entero",
        "productName": format!("Pollo {MARKER}"), "variantName": "Entero", "quantity": "7.500",
        "unitPrice": "11.20", "subtotal": "84.00"});
    let body = json!({"operations": [{"operationId": id, "entity": "sales", "action": "insert",
        "entityId": id, "clientTimestamp": "2026-11-22T13:05:00.000Z", "deviceId": "load",
        "payload": {"saleType": "contado", "items": [item]}}]});
    let answer = ask("POST", &format!("{url}/api/sync/batch"), token, Some(&body), measured);
    let result = answer.map(|answer| answer["data"]["results"][0]["status"].clone());
    let applied = result.as_ref().is_some_and(|status| status == "applied");
    let mut measured = lock(measured);
    measured.sent.insert(id.to_owned(), applied);
    if let Some(status) = result.filter(|_| !applied) {
        *measured.failures.entry(format!("result {status}")).or_default() += 1;
    }
}

fn read(url: &str, token: &str, cursor: &mut Option<String>, measured: &Mutex<Measured>) {
    let since = cursor.as_ref().map_or_else(String::new, |cursor| format!("?since={cursor}"));
    let url = format!("{url}/api/sync/changes{since}");
    let page = ask("GET", &url, token, None, measured);
    let next = page.as_ref().and_then(|page| page["data"]["nextSince"].as_str());
    if let Some(next) = next {
        *cursor = Some(next.to_owned());
    }
}

fn ask(
    method: &str,
    url: &str,
    token: &str,
    body: Option<&Value>,
    measured: &Mutex<Measured>,
) -> Option<Value> {
    let began = Instant::now();
    let bearer = format!("Bearer {token}");
    let body = body.map(Value::to_string);
    let answer = exchange(method, url, &[("authorization", &bearer)], body.as_deref());
    let took = began.elapsed();
    let mut measured = lock(measured);
    let failure = match &answer {
        Ok(answer) if answer.status == 200 => {
            measured.times.push(took);
            return serde_json::from_str(&answer.body).ok();
        }
        Ok(answer) => {
            let patience = if answer.retry_after.is_some() { "with" } else { "without" };
            format!("{} {patience} Retry-After", answer.status)
        }
        Err(fault) => format!("no answer: {fault:?}"),
    };
    *measured.failures.entry(failure).or_default() += 1;
    None
}

/// Too much load may be said so, and an operation may be asked for again.
fn is_orderly(failure: &str) -> bool {
    ["429 with Retry-After", "503 with Retry-After", "result \"retry\""].contains(&failure)
}

/// Everything acknowledged is in the feed, once; nothing is there twice.
fn accounted_for(stack: &Stack, token: &str, sent: &BTreeMap<String, bool>, tally: &Tally) {
    let deadline = Instant::now() + ACCOUNTED_WITHIN;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut cursor: Option<String> = None;
    let measured = Mutex::new(Measured::default());
    let acknowledged = || sent.iter().filter(|(_, acknowledged)| **acknowledged);
    while Instant::now() < deadline {
        let since = cursor.as_ref().map_or_else(String::new, |cursor| format!("?since={cursor}"));
        let url = format!("{}/api/sync/changes{since}", stack.at("url"));
        let page = ask("GET", &url, token, None, &measured).unwrap_or_default();
        for change in page["data"]["changes"].as_array().into_iter().flatten() {
            let id = change["entityId"].as_str().unwrap_or_default().to_owned();
            if !seen.insert(id.clone()) || change["version"] != 1 {
                tally.found(format!("doubled: {id} is in the feed again: {change}"));
            }
        }
        if let Some(next) = page["data"]["nextSince"].as_str() {
            cursor = Some(next.to_owned());
        }
        if page["data"]["hasMore"] == true {
            continue;
        }
        if acknowledged().all(|(id, _)| seen.contains(id)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    let missing = acknowledged().filter(|(id, _)| !seen.contains(*id)).count();
    tally.found(format!("lost: {missing} acknowledged operations"));
}

/// The last of the steady time needs little more memory than the second, which came after every
/// process had seen its load.
fn flat(steps: &[Step], tally: &Tally) {
    let steady: Vec<&Step> = steps.iter().filter(|step| step.name == "steady").collect();
    let (Some(early), Some(late)) = (steady.get(1), steady.last()) else { return };
    for (process, after) in &late.memory_kb {
        let before = early.memory_kb.get(process).copied().unwrap_or(0);
        if *after > before + before / 4 + GROWTH_KB_MAX {
            tally.found(format!("{process} grew from {before} kB to {after} kB"));
        }
    }
}

fn memory_kb(stack: &Stack) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for process in stack.functions().into_iter().chain([stack.process()]) {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{process}/{file}"));
        let (Ok(name), Ok(status)) = (read("comm"), read("status")) else { continue };
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        *all.entry(name.trim().to_owned()).or_default() += kb.unwrap_or(0);
    }
    all
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.answered as u64 * 1_000 / u64::try_from(self.time.as_millis()).unwrap_or(1);
        write!(
            f,
            "{:7} {:4} phones: {:6} answers, {rate} a second, median {:?}, p99 {:?}; {:?}; kB {:?}",
            self.name,
            self.phones,
            self.answered,
            self.median,
            self.p99,
            self.failures,
            self.memory_kb
        )
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))?;
        self.counts.iter().try_for_each(|(what, count)| writeln!(f, "{count:>8} {what}"))?;
        write!(f, "found: {:#?}", self.found)
    }
}

/// Numbers the steps of all loads of this process.
static STEPS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

/// Slower than this the ladder ends.
const SLOW: Duration = Duration::from_secs(1);

/// Between two writes of one phone.
const PAUSE: Duration = Duration::from_millis(100);

const STEADY_PHONES: usize = 5;
/// An hour's operations are some hundred pages.
const ACCOUNTED_WITHIN: Duration = Duration::from_mins(5);

/// Of them the first warms every process up.
const STEADY_STEPS: u32 = 5;

/// Buffers and caches of a process that has been at work for a while.
const GROWTH_KB_MAX: u64 = 32 * 1024;
