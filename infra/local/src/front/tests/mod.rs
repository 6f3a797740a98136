//! The whole edge over an origin that is made up and a clock that is set: who gets which page, and
//! what it costs the origin.

mod world;

use std::sync::atomic::Ordering;

use async_compression::tokio::bufread::GzipDecoder;
use tokio::io::AsyncReadExt;

use super::cache::Found;
use world::{World, together, token};

const TAIL: &str = "since=9.100&limit=100";
const SEALED: &str = "since=9.0&limit=100";

#[tokio::test]
async fn a_sealed_page_is_fetched_once() {
    let world = World::new();
    for reader in 0..50 {
        let seen = world.get(&token("a", &format!("u{reader}")), SEALED).await;
        assert!(seen.text().starts_with("sealed a"), "{seen:?}");
        assert_eq!(seen.found, if reader == 0 { Found::Miss } else { Found::Hit });
        world.pass(3_600_000);
    }
    assert_eq!(world.cost(), 1);
    // Half a year on it is still good; past the year it is asked for again.
    world.pass(180 * 86_400_000);
    assert_eq!(world.get(&token("a", "u"), SEALED).await.found, Found::Hit);
    world.pass(190 * 86_400_000);
    assert_eq!(world.get(&token("a", "u"), SEALED).await.found, Found::Miss);
}

#[tokio::test]
async fn a_thousand_polls_of_two_hundred_readers_cost_one_question_a_second() {
    let world = World::new();
    let tokens: Vec<String> = (0..200).map(|reader| token("a", &format!("u{reader}"))).collect();
    // 30 seconds, 1,000 polls: a reader every 30 ms, and every fifth time ten at once.
    let mut polls = 0;
    for step in 0..1_000_u64 {
        if polls >= 1_000 {
            break;
        }
        let at_once = if step % 5 == 0 { 10 } else { 1 };
        let readers = (0..at_once).map(|_| {
            polls += 1;
            world.get(&tokens[polls % 200], TAIL)
        });
        let readers: Vec<_> = readers.collect();
        for seen in together(readers).await {
            assert_eq!((seen.status, seen.text()), (200, "tail a 7"));
        }
        world.pass(84);
    }
    let seconds = (world.millis.load(Ordering::SeqCst) - 1_800_000_000_000) / 1_000;
    let cost = world.cost();
    eprintln!("{polls} polls in {seconds} s cost {cost} questions");
    assert!((25..=31).contains(&seconds), "{seconds}");
    assert!(cost * 10 <= seconds * 11, "{cost} in {seconds} s");
    assert_eq!(world.origin.revalidated.load(Ordering::SeqCst), cost - 1);
}

#[tokio::test]
async fn a_change_is_seen_a_second_later_at_most() {
    let world = World::new();
    let reader = token("a", "u");
    assert_eq!(world.get(&reader, TAIL).await.text(), "tail a 7");
    world.origin.head.store(8, Ordering::SeqCst);
    world.pass(999);
    assert_eq!(world.get(&reader, TAIL).await.text(), "tail a 7");
    world.pass(1);
    let seen = world.get(&reader, TAIL).await;
    assert_eq!((seen.text(), seen.found), ("tail a 8", Found::Miss));
    world.pass(1_000);
    let seen = world.get(&reader, TAIL).await;
    assert_eq!((seen.text(), seen.found), ("tail a 8", Found::RefreshHit));
}

#[tokio::test]
async fn another_tenant_s_page_is_never_served() {
    let world = World::new();
    let (ours, theirs) = (token("a", "u"), token("b", "v"));
    for query in [SEALED, TAIL] {
        assert!(world.get(&ours, query).await.text().contains(" a "));
        for name in
            ["x-avileo-business", "X-Avileo-Business", "x_avileo_business", "x-avileo_Business"]
        {
            let forged = [(name, "a"), ("x-avileo-token", ours.as_str())];
            let seen = world.send(&theirs, query, &forged).await;
            assert!(seen.text().contains(" b "), "{name}: {seen:?}");
            let seen = world.send("e30.e30.e30", query, &forged).await;
            assert_eq!((seen.status, seen.found), (401, Found::Error), "{name}");
            assert!(!seen.text().contains("sealed") && !seen.text().contains("tail"));
        }
    }
}

#[tokio::test]
async fn a_collapsed_miss_is_for_the_same_tenant_only() {
    let world = World::new();
    world.close();
    let (ours, theirs) = (token("a", "u"), token("b", "v"));
    let forged = [("x-avileo-business", "a"), ("X_Avileo_Business", "a")];
    let readers = (0..40).map(|reader| match reader % 4 {
        0 | 1 => world.send(&ours, TAIL, &[]),
        2 => world.send(&theirs, TAIL, &forged),
        _ => world.send("e30.e30.e30", TAIL, &forged),
    });
    let readers: Vec<_> = readers.collect();
    let (seen, ()) = tokio::join!(together(readers), async {
        world.asked(2).await;
        world.open();
    });
    for (reader, seen) in seen.iter().enumerate() {
        match reader % 4 {
            0 | 1 => assert_eq!(seen.text(), "tail a 7"),
            2 => assert_eq!(seen.text(), "tail b 7"),
            _ => assert_eq!(seen.status, 401),
        }
    }
    // One question for each tenant.
    assert_eq!(world.cost(), 2);
}

#[tokio::test]
async fn one_bad_token_among_fifty_hurts_nobody_else() {
    let world = World::new();
    world.close();
    let bad = token("a", "bad");
    bad.clone_into(&mut world.origin.refused.lock().unwrap());
    let good: Vec<String> = (0..49).map(|reader| token("a", &format!("u{reader}"))).collect();
    let readers: Vec<_> = good.iter().map(|reader| world.get(reader, TAIL)).collect();
    // The bad one comes first: the question to the origin that all others wait for is his.
    let (refused, seen) = tokio::join!(world.get(&bad, TAIL), async {
        world.asked(1).await;
        let (seen, ()) = tokio::join!(together(readers), async { world.open() });
        seen
    });
    assert_eq!((refused.status, refused.found), (503, Found::Error));
    for seen in &seen {
        assert_eq!((seen.status, seen.text()), (200, "tail a 7"));
    }
    assert_eq!(world.cost(), 2);
}

#[tokio::test]
async fn a_viewer_who_goes_away_leaves_nobody_waiting() {
    let world = World::new();
    world.close();
    let (gone, stays) = (token("a", "gone"), token("a", "stays"));
    let mut first = Box::pin(world.get(&gone, TAIL));
    tokio::select! {
        biased;
        _ = &mut first => panic!("the origin has not answered"),
        () = world.asked(1) => {}
    }
    let (seen, ()) = tokio::join!(world.get(&stays, TAIL), async {
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        drop(first);
        world.asked(2).await;
        world.open();
    });
    assert_eq!(seen.text(), "tail a 7");
}

#[tokio::test]
async fn while_the_origin_is_down_pages_are_served_with_their_old_date() {
    let world = World::new();
    let reader = token("a", "u");
    let sealed = world.get(&reader, SEALED).await;
    let fresh = world.get(&reader, TAIL).await;
    world.origin.is_down.store(true, Ordering::SeqCst);
    world.pass(600_000);
    assert_eq!(world.get(&reader, SEALED).await.body, sealed.body);
    let readers: Vec<_> = (0..20).map(|_| world.get(&reader, TAIL)).collect();
    for stale in together(readers).await {
        assert_eq!((stale.status, stale.text(), stale.found), (200, "tail a 7", Found::Hit));
        assert_eq!(stale.header("date"), fresh.header("date"));
        assert_eq!(stale.header("age"), "600");
    }
    // No stale page of another range, and none past the hour.
    assert_eq!(world.get(&reader, "since=9.110&limit=90").await.status, 503);
    world.pass(3_600_000);
    assert_eq!(world.get(&reader, TAIL).await.status, 503);
    // Back again: a new date.
    world.origin.is_down.store(false, Ordering::SeqCst);
    let back = world.get(&reader, TAIL).await;
    assert_eq!((back.text(), back.found), ("tail a 7", Found::RefreshHit));
    assert_ne!(back.header("date"), fresh.header("date"));
}

#[tokio::test]
async fn an_error_is_never_kept() {
    let world = World::new();
    let reader = token("a", "u");
    world.origin.is_down.store(true, Ordering::SeqCst);
    for time in 1..=3 {
        assert_eq!(world.get(&reader, SEALED).await.status, 503);
        assert_eq!(world.cost(), time);
    }
    world.origin.is_down.store(false, Ordering::SeqCst);
    assert_eq!(world.get(&reader, SEALED).await.status, 200);
    // What says no-store is not kept either.
    for time in 5..=6 {
        assert_eq!(world.get(&reader, "").await.text(), "start");
        assert_eq!(world.cost(), time);
    }
}

#[tokio::test]
async fn pages_are_compressed_as_the_viewer_likes() {
    let world = World::new();
    let reader = token("a", "u");
    let plain = world.get(&reader, SEALED).await;
    assert_eq!(plain.header("content-encoding"), "");
    for (accepted, encoding) in [("gzip", "gzip"), ("br", "br"), ("gzip, deflate, br", "br")] {
        for found in [Found::Miss, Found::Hit] {
            let seen = world.send(&reader, SEALED, &[("accept-encoding", accepted)]).await;
            assert_eq!((seen.header("content-encoding"), seen.found), (encoding, found));
            assert!(seen.body.len() < 200, "{}", seen.body.len());
            if encoding == "gzip" {
                let mut text = Vec::new();
                let mut decoder = GzipDecoder::new(&*seen.body);
                decoder.read_to_end(&mut text).await.unwrap();
                assert_eq!(text, plain.body);
            }
        }
    }
    // Too small to gain by it.
    let seen = world.send(&reader, TAIL, &[("accept-encoding", "br")]).await;
    assert_eq!(seen.header("content-encoding"), "");
}

#[tokio::test]
async fn a_viewer_who_has_the_page_gets_a_304() {
    let world = World::new();
    let reader = token("a", "u");
    let tag = world.get(&reader, TAIL).await.header("etag").to_owned();
    let seen = world.send(&reader, TAIL, &[("if-none-match", &tag)]).await;
    assert_eq!((seen.status, seen.body.len(), seen.found), (304, 0, Found::Hit));
    assert_eq!(world.cost(), 1);
}

#[tokio::test]
async fn parameters_that_no_policy_names_reach_nobody() {
    let world = World::new();
    let reader = token("a", "u");
    for noise in ["", "&x=1", "&since_=9.5"] {
        world.get(&reader, &format!("{TAIL}{noise}")).await;
    }
    assert_eq!(world.cost(), 1);
    // A parameter given twice is another question, and the origin's to refuse.
    world.get(&reader, &format!("{TAIL}&since=9.0")).await;
    assert_eq!(world.cost(), 2);
}
