//! Requests, and what an answer is worth.
//!
//! | answer | counts as |
//! |---|---|
//! | 2xx with our envelope and the expected data | [`Verdict::Data`] |
//! | 2xx with anything else (a captive portal's HTML, half a body) | no answer |
//! | 401 | [`Verdict::Unauthorised`] |
//! | 400, 413, 422 | [`Verdict::Refused`] |
//! | 410 with our envelope | [`Verdict::Gone`] |
//! | 426 with our envelope | [`Verdict::ClientTooOld`] |
//! | anything else | no answer, with its `Retry-After` |

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
        code: Option<String>,
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
    /// The request itself may be what the server did not survive.
    pub(crate) blames_request: bool,
    /// In Spanish.
    pub(crate) message: String,
    /// The server asked for this much patience.
    pub(crate) retry_after_ms: Option<u64>,
}

impl Verdict {
    pub(crate) fn of(result: &Result<Answer, TransportFault>) -> Self {
        match result {
            Ok(answer) => Self::of_answer(answer),
            Err(fault) => Self::Nothing(NoAnswer {
                reached: false,
                blames_request: *fault == TransportFault::Timeout,
                message: fault.to_string(),
                retry_after_ms: None,
            }),
        }
    }

    fn of_answer(answer: &Answer) -> Self {
        let envelope: Envelope = serde_json::from_str(&answer.body).unwrap_or_default();
        let failure = envelope.error.unwrap_or_default();
        let code = failure.code.as_deref();
        let message = ErrorCode::words(code, failure.message.as_deref());
        match (answer.status, code) {
            (200..=299, _) => match envelope.data.filter(|_| envelope.success) {
                Some(data) => Self::Data(data.get().to_owned()),
                None => Self::nothing(answer, false, "La respuesta no es de Avileo."),
            },
            (401, _) => Self::Unauthorised,
            (400 | 413 | 422, _) => Self::Refused {
                code: code.map(str::to_owned),
                message: message.unwrap_or("El servidor no acepta la operación.").to_owned(),
            },
            (410, Some(_)) => Self::Gone,
            (426, Some(_)) => Self::ClientTooOld,
            (_, Some(_)) => Self::nothing(answer, true, message.unwrap_or(UNAVAILABLE)),
            (_, None) => Self::nothing(answer, answer.status >= 429, UNAVAILABLE),
        }
    }

    fn nothing(answer: &Answer, reached: bool, message: &str) -> Self {
        Self::Nothing(NoAnswer {
            reached,
            blames_request: answer.status >= 500,
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
    success: bool,
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
        assert!(matches!(
            verdict(200, r#"{"success":false,"data":1}"#),
            Verdict::Nothing(NoAnswer { reached: false, .. })
        ));
        assert_eq!(verdict(200, r#"{"success":true,"data":1}"#), Verdict::Data("1".to_owned()));
    }

    #[test]
    fn only_our_own_410_and_426_are_believed() {
        let ours = r#"{"success":false,"error":{"code":"cursor_expired","message":"…"}}"#;
        assert_eq!(verdict(410, ours), Verdict::Gone);
        assert_eq!(verdict(426, ours), Verdict::ClientTooOld);
        assert!(matches!(verdict(410, "gone"), Verdict::Nothing(_)));
        assert!(matches!(verdict(426, "<html>"), Verdict::Nothing(_)));
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
