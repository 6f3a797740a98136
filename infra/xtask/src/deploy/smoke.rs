//! The smoke test: what a phone would notice first, asked of the deployed stage.

use super::{Deployment, Outputs, curl};
use crate::problem::{Problem, none_found};

/// One question.
struct Question {
    what: &'static str,
    /// The output that it is asked at, and the path.
    at: (&'static str, &'static str),
    status: &'static str,
    /// What the answer says.
    says: &'static str,
}

const QUESTIONS: &[Question] = &[
    Question { what: "the page", at: ("Url", "/"), status: "200", says: "<html" },
    Question { what: "a deep link", at: ("Url", "/clientes/1"), status: "200", says: "<html" },
    Question {
        what: "the API",
        at: ("Url", "/api/health"),
        status: "200",
        says: "\"success\":true",
    },
    Question {
        what: "the edge's function",
        at: ("Url", "/api/sync/changes"),
        status: "401",
        says: "missing_token",
    },
    Question {
        what: "a route past the cache",
        at: ("Url", "/api/sync/snapshot"),
        status: "401",
        says: "missing_token",
    },
    Question {
        what: "a way around the edge",
        at: ("ApiUrl", "/health"),
        status: "403",
        says: "forbidden",
    },
];

/// Asks all of them.
pub(super) fn test(deployment: &Deployment, outputs: &Outputs) -> Result<(), Problem> {
    let mut findings = Vec::new();
    for question in QUESTIONS {
        let (output, path) = question.at;
        let url = format!("{}{path}", outputs.get(output));
        let answer = deployment.calls.text(question.what, &mut curl(&url))?;
        if !deployment.calls.is_dry() {
            findings.extend(question.judge(&answer));
        }
    }
    none_found(findings)
}

impl Question {
    fn judge(&self, answer: &str) -> Option<String> {
        let (body, status) = answer.rsplit_once('\n').unwrap_or(("", answer));
        let is_right = status == self.status && body.contains(self.says);
        let Self { what, status: wanted, says, .. } = self;
        (!is_right).then(|| format!("{what}: {wanted} with {says} was expected, not {status}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_judged_by_status_and_words() {
        let health = &QUESTIONS[2];
        assert_eq!(health.judge("{\"success\":true}\n200"), None);
        assert!(health.judge("{\"success\":true}\n503").is_some());
        assert!(health.judge("<html>\n200").is_some());
        assert!(health.judge("").is_some());
    }
}
