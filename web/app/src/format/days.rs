//! Days and times as they are read in Lima, which is five hours behind UTC all year.

use protocol::{BusinessDate, Instant};

/// A day in Lima, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(pub(crate) i64);

impl Day {
    /// So many days before.
    pub(crate) fn before(self, days: i64) -> Self {
        Self(self.0 - days)
    }

    /// `2026-11-22`, as records say it.
    pub(crate) fn wire(self) -> String {
        self.date().to_string()
    }

    /// As filters ask for it.
    pub(crate) fn date(self) -> BusinessDate {
        self.noon().date_in_lima()
    }

    /// `sáb`.
    pub(crate) fn weekday(self) -> &'static str {
        // 1970-01-01 was a Thursday.
        let index = (self.0 + 4).rem_euclid(7);
        WEEKDAYS[usize::try_from(index).unwrap_or_default()]
    }

    fn noon(self) -> Instant {
        Instant::from_millis(self.0 * DAY_MS + LIMA_MS + DAY_MS / 2)
    }
}

/// The phone's clock.
pub(crate) fn now() -> Instant {
    #[expect(clippy::cast_possible_truncation, reason = "a wall clock in whole milliseconds")]
    Instant::from_millis(js_sys::Date::now() as i64)
}

/// Today in Lima, by the phone's clock.
pub(crate) fn today() -> Day {
    day_of(now())
}

/// The day on which something happened.
fn day_of(moment: Instant) -> Day {
    Day((moment.as_millis() - LIMA_MS).div_euclid(DAY_MS))
}

/// `14:05`.
fn clock(moment: Instant) -> String {
    let minutes = (moment.as_millis() - LIMA_MS).rem_euclid(DAY_MS) / 60_000;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `Hoy`, `Ayer`, or `sáb 22 nov`, with the year where it is another one.
pub(crate) fn day_text(day: Day, today: Day) -> String {
    match today.0 - day.0 {
        0 => "Hoy".to_owned(),
        1 => "Ayer".to_owned(),
        _ => {
            let (date, now) = (day.wire(), today.wire());
            let (year, month, number) = parts(&date);
            let year = if parts(&now).0 == year { String::new() } else { format!(" {year}") };
            format!("{} {number} {month}{year}", day.weekday())
        }
    }
}

/// `Hoy, 14:05`.
pub(crate) fn moment_text(moment: Instant, today: Day) -> String {
    format!("{}, {}", day_text(day_of(moment), today), clock(moment))
}

/// `sáb 22 nov 2026, 14:05`: for what is shared, printed or exported, and read on another day.
pub(crate) fn dated_text(moment: Instant) -> String {
    let day = day_of(moment);
    let date = day.wire();
    let (year, month, number) = parts(&date);
    format!("{} {number} {month} {year}, {}", day.weekday(), clock(moment))
}

/// A day as records say it, `2026-11-22`, as it is read.
pub(crate) fn date_text(date: &str, today: Day) -> String {
    let noon = format!("{date}T17:00:00.000Z").parse();
    noon.map_or_else(|_| date.to_owned(), |noon| day_text(day_of(noon), today))
}

fn parts(date: &str) -> (&str, &'static str, &str) {
    let mut parts = date.splitn(3, '-');
    let (year, month) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let day = parts.next().unwrap_or("").trim_start_matches('0');
    let month = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1)));
    (year, month.copied().unwrap_or(""), day)
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const LIMA_MS: i64 = 5 * 60 * 60 * 1_000;
const WEEKDAYS: [&str; 7] = ["dom", "lun", "mar", "mié", "jue", "vie", "sáb"];
const MONTHS: [&str; 12] =
    ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"];

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_ends_at_midnight_in_lima() {
        let today = day_of(at("2026-11-23T04:59:00.000Z"));
        assert_eq!(today.wire(), "2026-11-22");
        assert_eq!(day_of(at("2026-11-23T05:00:00.000Z")).wire(), "2026-11-23");
        assert_eq!(moment_text(at("2026-11-22T13:05:00.000Z"), today), "Hoy, 08:05");
    }

    #[test]
    fn days_read_as_they_are_said() {
        let today = day_of(at("2026-11-22T12:00:00.000Z"));
        assert_eq!(day_text(today, today), "Hoy");
        assert_eq!(day_text(today.before(1), today), "Ayer");
        assert_eq!(day_text(today.before(2), today), "vie 20 nov");
        assert_eq!(day_text(today.before(365), today), "sáb 22 nov 2025");
    }

    #[test]
    fn what_leaves_the_phone_names_its_day_in_full() {
        assert_eq!(dated_text(at("2026-11-22T13:05:00.000Z")), "dom 22 nov 2026, 08:05");
        assert_eq!(dated_text(at("1970-01-01T05:00:00.000Z")), "jue 1 ene 1970, 00:00");
    }

    #[test]
    fn a_date_of_a_record_is_read_as_a_day() {
        let today = day_of(at("2026-11-22T12:00:00.000Z"));
        for (date, text) in [
            ("2026-11-22", "Hoy"),
            ("2026-11-21", "Ayer"),
            ("2026-11-16", "lun 16 nov"),
            ("2025-12-31", "mié 31 dic 2025"),
            ("mañana", "mañana"),
        ] {
            assert_eq!(date_text(date, today), text);
        }
    }
}
