//! Requests, and what an answer is worth.
//!
//! | answer | counts as |
//! |---|---|
//! | 2xx with our envelope and the expected data | [`Verdict::Data`] |
//! | a refusal of ours with 401 | [`Verdict::Unauthorised`] |
//! | a refusal of ours with 400, 413 or 422 | [`Verdict::Refused`] |
//! | a refusal of ours with 410 | [`Verdict::Gone`] |
//! | a refusal of ours with 426 | [`Verdict::ClientTooOld`] |
//! | anything else, whatever its status | no answer, with its `Retry-After` |
//!
//! A refusal is ours if it has our envelope (`"success":false`) and one of our codes. Everything
//! else comes from something between the phone and the server (a proxy, a filter, a captive portal,
//! half a body) and judges nothing: it is asked again. So is a refusal of the whole request with a
//! code that only a newer server knows: this app cannot tell what it refuses, and an operation that
//! waits is lost to no user, while one that is set aside needs the user to act.

use protocol::{ErrorCode, Instant};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A request to the API, without host and token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// GET or POST.
    pub method: Method,
    /// Path and query below `/api`.
    pub path: String,
    /// JSON.
    pub body: Option<String>,
    /// The engine gives up after so long.
    pub deadline_ms: u64,
}

/// How.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Writes.
    Post,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Whole, as text.
    pub body: String,
    /// The header `Date`.
    pub date: Option<String>,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
}

/// Nothing came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportFault {
    /// No connection, or it broke.
    #[error("Sin conexión.")]
    Network,
    /// Nothing within the deadline.
    #[error("El servidor no respondió a tiempo.")]
    Timeout,
}

/// What an answer is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// JSON that is not read yet.
    Data(String),
    Unauthorised,
    Refused {
        code: String,
        message: String,
    },
    Gone,
    ClientTooOld,
    Nothing(NoAnswer),
}

/// Why there is no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoAnswer {
    /// Something came back that was ours: there is a network.
    pub(crate) reached: bool,
    pub(crate) suspect: Suspect,
    /// In Spanish.
    pub(crate) message: String,
    /// The server asked for this much patience.
    pub(crate) retry_after_ms: Option<u64>,
}

/// What may be the reason that no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suspect {
    /// The connection: any other request would fail as well.
    Connection,
    /// The request: the server may not have survived it.
    Request,
    /// The contents of the request: something on the way refused to pass them on.
    Contents,
}

impl Verdict {
    pub(crate) fn of(result: &Result<Answer, TransportFault>) -> Self {
        match result {
            Ok(answer) => Self::of_answer(answer),
            Err(fault) => Self::Nothing(NoAnswer {
                reached: false,
                suspect: match fault {
                    TransportFault::Network => Suspect::Connection,
                    TransportFault::Timeout => Suspect::Request,
                },
                message: fault.to_string(),
                retry_after_ms: None,
            }),
        }
    }

    fn of_answer(answer: &Answer) -> Self {
        let envelope: Envelope = protocol::json::from_str(&answer.body).unwrap_or_default();
        if let (200..=299, Some(true), Some(data)) =
            (answer.status, envelope.success, envelope.data)
        {
            return Self::Data(data.get().to_owned());
        }
        let failure = envelope.error.filter(|_| envelope.success == Some(false));
        match failure {
            Some(Failure { code: Some(code), message }) if answer.status >= 300 => {
                Self::of_refusal(answer, code, message.as_deref())
            }
            // A server that fails or is too busy often answers with its host's own page.
            _ if answer.status >= 500 => Self::nothing(answer, true, Suspect::Request, UNAVAILABLE),
            _ if answer.status == 429 => {
                Self::nothing(answer, true, Suspect::Connection, UNAVAILABLE)
            }
            _ => Self::nothing(answer, false, Suspect::Contents, NOT_OURS),
        }
    }

    fn of_refusal(answer: &Answer, code: String, said: Option<&str>) -> Self {
        let known = code.parse::<ErrorCode>().is_ok();
        let message = ErrorCode::words(Some(&code), said).unwrap_or(UNAVAILABLE);
        match answer.status {
            401 if known => Self::Unauthorised,
            400 | 413 | 422 if known => Self::Refused { code, message: message.to_owned() },
            410 if known => Self::Gone,
            426 if known => Self::ClientTooOld,
            500.. => Self::nothing(answer, true, Suspect::Request, message),
            _ if known => Self::nothing(answer, true, Suspect::Connection, message),
            _ => Self::nothing(answer, true, Suspect::Contents, message),
        }
    }

    fn nothing(answer: &Answer, reached: bool, suspect: Suspect, message: &str) -> Self {
        Self::Nothing(NoAnswer {
            reached,
            suspect,
            message: message.to_owned(),
            retry_after_ms: retry_after_ms(answer),
        })
    }
}

impl Answer {
    /// The header `Date` as a moment.
    pub(crate) fn date(&self) -> Option<Instant> {
        self.date.as_deref().and_then(http_date)
    }
}

/// What every answer of ours is wrapped in.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope<'body> {
    success: Option<bool>,
    #[serde(borrow)]
    data: Option<&'body RawValue>,
    error: Option<Failure>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Failure {
    code: Option<String>,
    message: Option<String>,
}

/// `Retry-After` (RFC 9110, 10.2.3): seconds, or a date, which the answer's own `Date` is taken from.
fn retry_after_ms(answer: &Answer) -> Option<u64> {
    let text = answer.retry_after.as_deref()?.trim();
    let milliseconds = if let Ok(seconds) = text.parse::<u64>() {
        seconds.saturating_mul(1_000)
    } else {
        let until = http_date(text)?.as_millis();
        u64::try_from(until - answer.date()?.as_millis()).unwrap_or(0)
    };
    Some(milliseconds.min(RETRY_AFTER_MS_MAX))
}

/// `Sun, 22 Nov 2026 13:05:00 GMT` (RFC 9110, 5.6.7).
fn http_date(text: &str) -> Option<Instant> {
    let mut words = text.split_ascii_whitespace();
    let (_weekday, day, month) = (words.next()?, words.next()?, words.next()?);
    let (year, time, zone) = (words.next()?, words.next()?, words.next()?);
    let month = 1 + MONTHS.iter().position(|name| *name == month)?;
    let is_whole = words.next().is_none() && zone == "GMT";
    is_whole.then(|| format!("{year}-{month:02}-{day}T{time}Z").parse().ok()).flatten()
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// More patience than this is not believed.
pub(crate) const RETRY_AFTER_MS_MAX: u64 = 60 * 60 * 1_000;

const UNAVAILABLE: &str = "El servicio no está disponible: se intentará de nuevo.";

const NOT_OURS: &str = "Algo en la red no dejó pasar el envío a Avileo: se intentará de nuevo.";

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let date = Some("Sun, 22 Nov 2026 13:05:00 GMT".to_owned());
        Answer { status, body: body.to_owned(), date, retry_after: None }
    }

    fn verdict(status: u16, body: &str) -> Verdict {
        Verdict::of(&Ok(answer(status, body)))
    }

    #[test]
    fn html_with_status_200_is_no_answer() {
        for body in ["<html>Bienvenido</html>", "", "{\"success\":true", "{}", "[]", "\"ok\""] {
            assert!(matches!(verdict(200, body), Verdict::Nothing(_)), "{body}");
        }
        for body in [r#"{"success":false,"data":1}"#, r#"{"data":1}"#] {
            assert!(matches!(
                verdict(200, body),
                Verdict::Nothing(NoAnswer { reached: false, .. })
            ));
        }
        assert_eq!(verdict(200, r#"{"success":true,"data":1}"#), Verdict::Data("1".to_owned()));
    }

    /// A refusal in our envelope.
    fn ours(code: &str) -> String {
        format!(r#"{{"success":false,"error":{{"code":"{code}","message":"No."}}}}"#)
    }

    #[test]
    fn a_refusal_of_ours_is_judged_by_its_status() {
        assert_eq!(verdict(401, &ours("token_expired")), Verdict::Unauthorised);
        assert_eq!(verdict(410, &ours("cursor_expired")), Verdict::Gone);
        assert_eq!(verdict(426, &ours("client_too_old")), Verdict::ClientTooOld);
        for (status, code) in
            [(400, "invalid_batch_size"), (413, "payload_too_large"), (422, "invalid_field")]
        {
            let (code, message) = (code.to_owned(), "No.".to_owned());
            assert_eq!(verdict(status, &ours(&code)), Verdict::Refused { code, message });
        }
    }

    #[test]
    fn what_is_not_ours_judges_nothing_whatever_its_status() {
        let nearly = [
            "",
            "<html>Bad Request</html>",
            r#"{"message":"Forbidden"}"#,
            r#"{"error":{"code":"invalid_request","message":"No."}}"#,
            r#"{"success":true,"error":{"code":"invalid_request"}}"#,
            r#"{"success":false,"error":{"message":"No."}}"#,
            r#"{"success":false,"error":"invalid_request"}"#,
        ];
        for status in [300, 400, 401, 403, 404, 405, 407, 410, 413, 422, 426, 429, 451, 500, 502] {
            for body in nearly {
                let Verdict::Nothing(no_answer) = verdict(status, body) else {
                    panic!("{status} {body}");
                };
                assert!(no_answer.message.contains("se intentará de nuevo"), "{status} {body}");
                let suspect = match status {
                    429 => Suspect::Connection,
                    500.. => Suspect::Request,
                    _ => Suspect::Contents,
                };
                assert_eq!(no_answer.suspect, suspect, "{status} {body}");
            }
        }
    }

    #[test]
    fn a_code_that_only_a_newer_server_knows_is_waited_out_with_its_words() {
        for status in [400, 401, 410, 413, 422, 426] {
            let Verdict::Nothing(no_answer) = verdict(status, &ours("of_a_newer_server")) else {
                panic!("{status}");
            };
            assert!(no_answer.reached);
            assert_eq!(no_answer.message, "No.");
        }
    }

    #[test]
    fn dates_of_http_are_read_and_nothing_else() {
        let read = |text: &str| http_date(text).map(|moment| moment.to_string());
        let expected = Some("2026-02-01T09:05:00.000Z".to_owned());
        assert_eq!(read("Sun, 01 Feb 2026 09:05:00 GMT"), expected);
        for text in ["", "Sun, 01 Feb 2026 09:05:00", "Sun, 31 Feb 2026 09:05:00 GMT", "ayer"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date_and_bounded() {
        let after = |text: &str| {
            retry_after_ms(&Answer { retry_after: Some(text.to_owned()), ..answer(503, "") })
        };
        assert_eq!(after("7"), Some(7_000));
        assert_eq!(after("Sun, 22 Nov 2026 13:05:30 GMT"), Some(30_000));
        assert_eq!(after("Sun, 22 Nov 2026 13:04:30 GMT"), Some(0));
        assert_eq!(after("99999999"), Some(RETRY_AFTER_MS_MAX));
        assert_eq!(after("pronto"), None);
    }
}
