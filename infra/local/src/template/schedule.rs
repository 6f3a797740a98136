//! Schedules: when the clock calls a function, and with which event.
//!
//! `rate(N unit)` is kept to the second. `cron(M H * * ? *)` is once a day and nothing else: that is
//! all that the template says.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::TemplateError;
use super::resources::typed;

/// When the clock calls a function, and with which event.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// Between two calls.
    pub(crate) every: Duration,
    /// The first call of the day, after midnight in UTC; none: counted from the start.
    pub(crate) daily_at: Option<Duration>,
    /// The event.
    pub(crate) input: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Properties {
    schedule: String,
    input: String,
    retry_policy: Option<RetryPolicy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct RetryPolicy {
    maximum_retry_attempts: u32,
}

impl Schedule {
    pub(super) fn from_properties(place: &str, properties: Value) -> Result<Self, TemplateError> {
        let read: Properties = typed(place, properties)?;
        let input = protocol::json::from_str(&read.input)
            .map_err(|error| TemplateError::at(place, format!("Input is no JSON: {error}")))?;
        if read.retry_policy.is_some_and(|policy| policy.maximum_retry_attempts > 0) {
            return Err(TemplateError::at(place, "RetryPolicy: retries are not understood"));
        }
        let (every, daily_at) = times(&read.schedule).ok_or_else(|| {
            let problem = format!("Schedule {} is not understood", read.schedule);
            TemplateError::at(place, problem)
        })?;
        Ok(Self { every, daily_at, input })
    }

    /// How long to wait at `now` (since 1970) for the first call.
    pub(crate) fn first_after(&self, now: Duration) -> Duration {
        let Some(at) = self.daily_at else { return self.every };
        let today = Duration::from_secs(now.as_secs() % DAY.as_secs());
        // The day's remainder is below a day.
        at.checked_sub(today)
            .filter(|wait| !wait.is_zero())
            .unwrap_or_else(|| (DAY + at).saturating_sub(today))
    }
}

fn times(text: &str) -> Option<(Duration, Option<Duration>)> {
    if let Some(rate) = text.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')) {
        let (count, unit) = rate.split_once(' ')?;
        let count: u64 = count.parse().ok().filter(|count| *count > 0)?;
        let seconds = match (count, unit) {
            (1, "minute") | (2.., "minutes") => 60,
            (1, "hour") | (2.., "hours") => 3600,
            (1, "day") | (2.., "days") => DAY.as_secs(),
            _ => return None,
        };
        return Some((Duration::from_secs(count.checked_mul(seconds)?), None));
    }
    let fields = text.strip_prefix("cron(")?.strip_suffix(" * * ? *)")?;
    let (minute, hour) = fields.split_once(' ')?;
    let minute: u64 = minute.parse().ok().filter(|minute| *minute < 60)?;
    let hour: u64 = hour.parse().ok().filter(|hour| *hour < 24)?;
    Some((DAY, Some(Duration::from_secs(hour * 3600 + minute * 60))))
}

const DAY: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_or_a_time_of_day_is_understood_and_nothing_else() {
        let minutes = |count| Duration::from_mins(count);
        assert_eq!(times("rate(5 minutes)"), Some((minutes(5), None)));
        assert_eq!(times("cron(30 8 * * ? *)"), Some((DAY, Some(minutes(510)))));
        for wrong in ["rate(1 minutes)", "rate(0 days)", "cron(0 24 * * ? *)", "cron(0 8 1 * ? *)"]
        {
            assert_eq!(times(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_daily_call_waits_for_its_time_of_day() {
        let daily =
            Schedule { every: DAY, daily_at: Some(Duration::from_hours(8)), input: Value::Null };
        assert_eq!(daily.first_after(DAY * 3 + Duration::from_hours(7)), Duration::from_hours(1));
        assert_eq!(daily.first_after(DAY * 3 + Duration::from_hours(9)), Duration::from_hours(23));
    }
}
