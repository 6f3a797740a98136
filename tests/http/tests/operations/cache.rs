//! A cache that is not ours: nginx before the API, keyed as the edge is keyed, told nothing of pages
//! and tails. What it keeps, for how long, and for whom, our headers alone decide.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use http_tests::{Phone, Stack, StackOptions, operation, skip, until};
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

/// nginx before a stack; ends when dropped.
struct Nginx {
    child: Child,
    url: String,
    _folder: TempDir,
}

/// What nginx answered.
#[derive(Debug)]
struct Answer {
    status: u16,
    /// `HIT`, `MISS`, `EXPIRED`, `STALE`, `BYPASS`…
    found: String,
    body: Value,
}

impl Nginx {
    /// Nothing where the machine has none: then it is named among the skipped.
    fn before(origin: &str) -> Option<Self> {
        if !Command::new("nginx")
            .arg("-v")
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|s| s.success())
        {
            skip("nginx-cache: nginx is not installed");
            return None;
        }
        let folder = TempDir::with_prefix("avileo-nginx-").unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let root = folder.path().display();
        let origin = origin.trim_start_matches("http://");
        // The key is the feed's cache policy; who asks is told by a header here, as the edge's
        // function would have told it from the token.
        let configuration = format!(
            r#"daemon off; pid {root}/pid; error_log {root}/error.log warn;
            worker_processes 1; events {{ worker_connections 64; }}
            http {{
              access_log off;
              client_body_temp_path {root}/b; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f;
              uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
              proxy_cache_path {root}/cache levels=1 keys_zone=feed:1m;
              server {{
                listen 127.0.0.1:{port};
                location / {{
                  proxy_pass http://{origin};
                  proxy_connect_timeout 1s; proxy_read_timeout 10s;
                  proxy_cache feed;
                  proxy_cache_key "$uri $arg_since $arg_limit $http_x_test_business";
                  proxy_cache_lock on;
                  proxy_cache_revalidate on;
                  add_header x-found $upstream_cache_status always;
                }}
              }}
            }}"#
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration).unwrap();
        let errors = folder.path().join("e");
        let mut nginx = Command::new("nginx");
        let mut child =
            nginx.arg("-c").arg(&file).arg("-e").arg(errors).stdin(Stdio::null()).spawn().unwrap();
        until("nginx", || {
            assert!(child.try_wait().unwrap().is_none(), "nginx does not start");
            std::net::TcpStream::connect(("127.0.0.1", port)).ok()
        });
        Some(Self { child, url: format!("http://127.0.0.1:{port}"), _folder: folder })
    }

    fn get(&self, phone: &Phone, since: &str, limit: u64) -> Answer {
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .build()
            .into();
        let url = format!("{}/api/sync/changes?since={since}&limit={limit}", self.url);
        let mut response = agent
            .get(url)
            .header("authorization", format!("Bearer {}", phone.token()))
            .header("x-test-business", phone.business())
            .call()
            .unwrap();
        let found = response.headers().get("x-found").map_or("", |found| found.to_str().unwrap());
        let found = found.to_owned();
        let text = response.body_mut().read_to_string().unwrap();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer { status: response.status().as_u16(), found, body }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The worker ends with its master only when the master is asked.
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        self.child.wait().unwrap();
    }
}

fn push_customers(stack: &Stack, phone: &Phone, count: usize) {
    for batch in (0..count).collect::<Vec<_>>().chunks(50) {
        let insert = |at: &usize| {
            operation("customers", "insert", &format!("c{at}"), json!({"name": "Rosa"}))
        };
        phone.push(&batch.iter().map(insert).collect::<Vec<_>>());
    }
    stack.stream_is_worked_off();
}

fn epoch(phone: &Phone) -> String {
    let page = phone.send("GET", "/sync/changes", None);
    page.data()["nextSince"].as_str().unwrap().split_once('.').unwrap().0.to_owned()
}

#[test]
fn a_cache_that_knows_only_our_headers_does_what_the_edge_does() {
    let mut stack = Stack::start(&StackOptions::default());
    let Some(nginx) = Nginx::before(stack.url()) else { return };
    let (one, other) = (stack.business(), stack.business());
    push_customers(&stack, &one, 110);
    push_customers(&stack, &other, 103);
    let (first, second) = (epoch(&one), epoch(&other));

    // A sealed page is asked for once, whoever of the business asks.
    let (start, tail) = (format!("{first}.0"), format!("{first}.100"));
    let page = nginx.get(&one, &start, 100);
    assert_eq!((page.status, page.found.as_str()), (200, "MISS"));
    assert_eq!(nginx.get(&one, &start, 100).found, "HIT");

    // Another business gets its own page under the same address (two epochs may be alike).
    let theirs = nginx.get(&other, &format!("{second}.0"), 100);
    assert_eq!((theirs.status, theirs.found.as_str()), (200, "MISS"));
    for (answer, phone) in [(&page, &one), (&theirs, &other)] {
        let changes = answer.body["data"]["changes"].as_array().unwrap();
        let is_own = |change: &Value| change["record"]["businessId"] == phone.business();
        assert!(changes.len() == 100 && changes.iter().all(is_own), "a foreign record");
    }

    // An error is asked for anew every time, and so is what names no epoch.
    let expired = format!("{first}.99900");
    for (since, status) in [("nonsense", 400), (expired.as_str(), 410)] {
        for _ in 0..2 {
            let answer = nginx.get(&one, since, 100);
            assert_eq!((answer.status, answer.found.as_str()), (status, "MISS"), "{since:?}");
        }
    }

    // The tail is kept for a second and no longer.
    assert_eq!(nginx.get(&one, &tail, 100).body["data"]["head"], 110);
    one.push(&[operation("customers", "insert", "late", json!({"name": "Rosa"}))]);
    until("the tail anew", || {
        (nginx.get(&one, &tail, 100).body["data"]["head"] == 111).then_some(())
    });
    assert_eq!(nginx.get(&one, &start, 100).found, "HIT", "the sealed page outlives it");

    // The origin dies: what was sealed stays, and the last tail stands in for a new one.
    stack.kill();
    assert_eq!(nginx.get(&one, &start, 100).found, "HIT");
    until("a stale tail", || (nginx.get(&one, &tail, 100).found == "STALE").then_some(()));
    let stale = nginx.get(&one, &tail, 100);
    assert_eq!((stale.status, &stale.body["data"]["head"]), (200, &json!(111)));
    assert_eq!(nginx.get(&one, &expired, 100).status, 502, "nothing stands in for an error");
}
