//! Whether what was sent had an effect, by the business's own feed.

use http_tests::{Phone, operation};
use serde_json::{Value, json};

/// The feed of a business as it was at one moment.
#[derive(Debug)]
pub(crate) struct Before(Vec<Value>);

impl Before {
    /// Remembers what is there; `changes` of them are waited for.
    pub(crate) fn of(admin: &Phone, changes: usize) -> Self {
        Self(admin.feed_of(changes))
    }

    /// Panics if anything has been written since. A customer is written last and waited for: what
    /// had been written before him would stand before him in the feed.
    pub(crate) fn nothing_has_changed(self, admin: &Phone) {
        let mark = format!("mark-{}", admin.unique());
        let result =
            admin.push_one(&operation("customers", "insert", &mark, json!({"name": "Fin"})));
        assert_eq!(result["status"], "applied", "{result}");
        let mut feed = admin.feed_of(self.0.len() + 1);
        let last = feed.pop().expect("the mark at least");
        assert_eq!(last["entityId"], mark.as_str(), "something was written: {last}");
        assert_eq!(feed, self.0, "the feed has changed");
    }
}
