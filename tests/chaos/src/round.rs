//! One day of chaos: work and faults, then quiet, then the reckoning.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_tests::StoreProxy;
use serde_json::Value;

use crate::checks::{self, Worked};
use crate::dice::Dice;
use crate::network::Network;
use crate::people::{dismiss, people};
use crate::phone::http::{exchange, log_in};
use crate::phone::{Message, PASSWORD, Phone, Setup, Standing};
use crate::silence;
use crate::stack::{Settings, Stack};
use crate::tally::Tally;
use crate::trouble;

/// What a round is to be.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Fixes every die.
    pub seed: u64,
    /// So many phones, in three businesses.
    pub phones: usize,
    /// So long there are work and faults.
    pub work: Duration,
    /// The whole is meant to be over by then: where the machine is busy, there is less work.
    pub within: Option<Duration>,
    /// So long at most phones may take afterwards to send and read everything.
    pub quiet_max: Duration,
    /// Between two acts of one person, on average.
    pub pace: Duration,
}

/// What a round was.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// So long there were work and faults.
    pub work: Duration,
    /// So long everybody took afterwards.
    pub quiet: Duration,
    /// Everything that was counted, by name.
    pub counts: BTreeMap<String, u64>,
    /// Every broken promise.
    pub found: Vec<String>,
}

impl Report {
    /// Several as one.
    #[must_use]
    pub fn sum(reports: &[Self]) -> Self {
        let mut all = Self {
            seed: reports.first().map_or(0, |report| report.seed),
            work: Duration::ZERO,
            quiet: Duration::ZERO,
            counts: BTreeMap::new(),
            found: Vec::new(),
        };
        for report in reports {
            all.work += report.work;
            all.quiet += report.quiet;
            for (what, count) in &report.counts {
                *all.counts.entry(what.clone()).or_default() += count;
            }
            let of_seed = report.found.iter().map(|what| format!("seed {}: {what}", report.seed));
            all.found.extend(of_seed);
        }
        all
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "from seed {}: work {:?}, quiet {:.1?}", self.seed, self.work, self.quiet)?;
        for (what, count) in &self.counts {
            writeln!(f, "  {count:>8} {what}")?;
        }
        let of = |kind: &str| self.found.iter().filter(|what| what.contains(kind)).count();
        write!(
            f,
            "  lost {}, doubled {}, gaps {}, leaks {}, crashes {}, panics {}; found in all {}",
            of("lost: "),
            of("doubled: "),
            of("gap: "),
            of("leak: "),
            of("crash: "),
            of("panic: "),
            self.found.len()
        )
    }
}

/// Runs one.
pub fn round(plan: Plan) -> Report {
    let folder = tempfile::TempDir::with_prefix("avileo-chaos-").expect("a temporary folder");
    let tally = Arc::new(Tally::default());
    let (work, quiet) = run(plan, folder.path(), &tally);
    let found = tally.all_found();
    if !found.is_empty() {
        let kept = folder.keep();
        eprintln!("seed {}: log, data and journals are kept in {}", plan.seed, kept.display());
    }
    Report { seed: plan.seed, work, quiet, counts: tally.counts(), found }
}

fn run(plan: Plan, folder: &Path, tally: &Arc<Tally>) -> (Duration, Duration) {
    let seed = plan.seed;
    let begun = Instant::now();
    let proxy = StoreProxy::start();
    let settings = Settings {
        folder: folder.to_owned(),
        store: Some(proxy.url().to_owned()),
        stream_seed: Some(seed),
        clocks: Some(Arc::new(Mutex::new(Dice::new(seed, CLOCKS)))),
        tally: Arc::clone(tally),
    };
    let mut stack = Stack::start(settings).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
    proxy.stand_before(stack.at("dynamodb"));
    let people = people(stack.at("url"), seed);
    let network = Network::start(seed, Arc::clone(tally));
    network.lead_to(stack.at("url"));
    let faulty = Arc::new(AtomicBool::new(false));
    trouble::spoil_store(&proxy, seed, tally, &faulty);

    let phones: Vec<Sender<Message>> = (0..plan.phones)
        .map(|place| {
            let email = people[place % people.len()].0.clone();
            // Each phone signs in by itself: two that shared one login would be a stolen one.
            let session = log_in(stack.at("url"), &email, PASSWORD).expect("a session");
            let url = network.url();
            let (folder, tally) = (folder.to_owned(), Arc::clone(tally));
            let pace = plan.pace;
            Phone::start(Setup { place, seed, email, session, url, folder, pace, tally })
        })
        .collect();
    faulty.store(true, Ordering::SeqCst);
    network.be_faulty(true);
    // What was hard to begin with takes as long to settle, and to look at afterwards.
    let left = plan.within.map(|within| within.saturating_sub(begun.elapsed()));
    let work = left.map_or(plan.work, |left| plan.work.min(left / 3).max(WORK_MIN));
    let until = Instant::now() + work;
    std::thread::scope(|scope| {
        let (people, url) = (&people, network.url());
        scope.spawn(move || {
            std::thread::sleep(work / 2);
            dismiss(people, &url, tally, until);
        });
        trouble::cause(&mut stack, &proxy, &network, seed, tally, until);
    });

    faulty.store(false, Ordering::SeqCst);
    network.be_faulty(false);
    tell_all(&phones, || Message::Rest);
    let quiet_began = Instant::now();
    if let Err(why) = settle(&stack, &phones, quiet_began + plan.quiet_max) {
        tally.found(format!("no quiet within {:?}: {why}", plan.quiet_max));
    }
    let quiet = quiet_began.elapsed();
    let phones: Vec<Worked> = phones.iter().map(finish).collect();
    checks::all(&stack, &phones, tally, &people);
    for (_, session) in &people {
        tally.keep_secret(session);
    }
    silence::look_through(folder, tally);
    (work, quiet)
}

/// Sends and reads until nothing is left to do; else what still is.
fn settle(stack: &Stack, phones: &[Sender<Message>], until: Instant) -> Result<(), String> {
    let mut mended = false;
    loop {
        let standings: Vec<Standing> = phones.iter().map(standing).collect();
        let sent = standings.iter().all(|one| one.settled);
        let waiting = stack_waits(stack);
        if sent && waiting == 0 && !mended {
            // What the stream could not bring is brought as the schedule would.
            mended = true;
            mend(stack)?;
            continue;
        }
        let behind = standings
            .iter()
            .enumerate()
            .filter(|(_, one)| one.reads)
            .filter(|(_, one)| one.cursor.is_none() || one.cursor != stack.head(&one.business));
        let behind: Vec<usize> = behind.map(|(place, _)| place).collect();
        if sent && waiting == 0 && behind.is_empty() {
            return Ok(());
        }
        if Instant::now() > until {
            let late = standings.iter().enumerate().filter(|(_, one)| !one.settled);
            let late: Vec<_> =
                late.map(|(place, one)| format!("phone {place}: {}", one.says)).collect();
            return Err(format!("{waiting} stream records wait; behind: {behind:?}; {late:?}"));
        }
        std::thread::sleep(Duration::from_millis(700));
    }
}

fn mend(stack: &Stack) -> Result<(), String> {
    let control = stack.at("control");
    let redriven = exchange("POST", &format!("{control}/failures/redrive"), &[], None);
    redriven.map_err(|error| error.to_string())?;
    let url = format!("{control}/2015-03-31/functions/RecordChangesFunction/invocations");
    let repaired = exchange("POST", &url, &[], Some(r#"{"repair":{}}"#));
    repaired.map(|_| ()).map_err(|error| error.to_string())
}

fn stack_waits(stack: &Stack) -> u64 {
    let streams = exchange("GET", &format!("{}/streams", stack.at("control")), &[], None);
    let streams = streams.ok().and_then(|answer| serde_json::from_str::<Value>(&answer.body).ok());
    streams.map_or(u64::MAX, |streams| {
        let waiting = streams["waiting"].as_object().cloned().unwrap_or_default();
        waiting.values().filter_map(Value::as_u64).sum()
    })
}

fn tell_all(phones: &[Sender<Message>], message: impl Fn() -> Message) {
    for phone in phones {
        phone.send(message()).expect("the phone's thread runs: it has not panicked");
    }
}

fn standing(phone: &Sender<Message>) -> Standing {
    let (to, from) = channel();
    phone.send(Message::Report(to)).expect("the phone's thread runs: it has not panicked");
    from.recv().expect("the phone answers")
}

fn finish(phone: &Sender<Message>) -> Worked {
    let (to, from) = channel();
    phone.send(Message::Finish(to)).expect("the phone's thread runs: it has not panicked");
    *from.recv().expect("the phone answers")
}

const CLOCKS: u64 = 1_004;

/// Less would be no work.
const WORK_MIN: Duration = Duration::from_secs(4);
