//! `rotate-key`: the key that signs access tokens, in steps that refuse nobody's token.
//!
//! The edge checks tokens too, with copies of the keys: a new key is added and published there
//! before anything is signed with it.

use protocol::Instant;
use serde_json::{Value, json};
use store::tables::Surroundings;

use crate::cli::RotateKey;
use crate::key_set::KeySet;
use crate::place::Place;
use crate::problem::Problem;
use crate::report::Report;

/// Takes the next step.
pub(crate) async fn rotate(place: &Place, wanted: &RotateKey) -> Result<Report, Problem> {
    let secret = place.secret()?;
    let now = place.clock.now();
    let stored = secret.read().await?;
    let mut lines = Vec::new();
    let set = match (&wanted.used, stored.as_deref().map(protocol::json::from_str::<KeySet>)) {
        (None, None | Some(Err(_))) => {
            let kid = new_kid(now);
            lines.push(format!("added the first key, {kid}; functions sign with it"));
            KeySet::first(&kid, &random_key()?, now)
        }
        (Some(_), None | Some(Err(_))) => {
            return Err(Problem::Refused(
                "the secret holds no keys yet: run it without --use".into(),
            ));
        }
        (None, Some(Ok(mut set))) => {
            let kid = new_kid(now);
            set.add(&kid, &random_key()?, now).map_err(refused)?;
            lines.push(format!("added {kid}; {} still signs", set.current));
            set
        }
        (Some(kid), Some(Ok(mut set))) => {
            set.switch_to(kid, now, wanted.at_once).map_err(refused)?;
            lines.push(format!("{kid} signs from now on; the key before it still verifies"));
            set
        }
    };
    finish(place, set, lines, now).await
}

/// Makes the keys of the local stack's edge equal to the secret's.
pub(crate) fn publish(place: &Place) -> Result<Report, Problem> {
    let Ok(control) = place.control() else {
        return Err(Problem::Refused(
            "on a stage, `cargo xtask deploy` copies the keys to the edge".into(),
        ));
    };
    let answer = control.post("/edge/keys", b"")?;
    let done: Value = protocol::json::from_str(&answer.body)
        .map_err(|error| Problem::System(format!("the local stack: {error}")))?;
    if answer.has_failed {
        return Err(Problem::System(format!("the local stack: {done}")));
    }
    let kids = |list: &str| done[list].as_array().map_or(&[][..], Vec::as_slice);
    let named = |kids: &[Value]| {
        let names: Vec<&str> = kids.iter().filter_map(Value::as_str).collect();
        if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
    };
    let (puts, deletes) = (kids("puts"), kids("deletes"));
    let line = format!("to the edge: {}; from it: {}", named(puts), named(deletes));
    Ok(Report::new(vec![line], json!({"puts": puts, "deletes": deletes})))
}

async fn finish(
    place: &Place,
    mut set: KeySet,
    mut lines: Vec<String>,
    now: Instant,
) -> Result<Report, Problem> {
    let dropped = set.drop_ended(now);
    let text = serde_json::to_string(&set).map_err(|error| Problem::System(error.to_string()))?;
    place.secret()?.write(&text).await?;
    lines.extend(dropped.iter().map(|kid| format!("dropped {kid}: its last token has ended")));
    let waiting = set.waiting().map(str::to_owned);
    let to_publish = waiting.clone().or_else(|| (set.keys.len() == 1).then(|| set.current.clone()));
    if let Some(kid) = &to_publish {
        lines.push(if place.is_local() {
            format!("publish {kid} to the edge: publish-keys")
        } else {
            format!("publish it to the edge: key {kid}, value {}", set.keys[kid])
        });
    }
    for kid in &dropped {
        lines.push(format!("and remove {kid} from the edge, in the same way"));
    }
    if let Some(kid) = &waiting {
        lines.push(format!("then, in six minutes or later: rotate-key --use {kid}"));
    }
    let published = to_publish.map(|kid| json!({"kid": kid, "value": set.keys[&kid]}));
    let data = json!({"current": set.current, "waiting": waiting, "publish": published,
        "dropped": dropped, "keys": set.keys.keys().collect::<Vec<_>>()});
    Ok(Report::new(lines, data))
}

/// `k-20261122T131500Z`, so that a key's age is seen.
fn new_kid(now: Instant) -> String {
    let digits: String =
        now.to_string().split('.').next().unwrap_or_default().replace(['-', ':'], "");
    format!("k-{digits}Z")
}

fn random_key() -> Result<[u8; 32], Problem> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|error| Problem::System(error.to_string()))?;
    Ok(key)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn refused(refusal: crate::key_set::KeyRefusal) -> Problem {
    Problem::Refused(refusal.to_string())
}
