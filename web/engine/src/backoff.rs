//! How long to wait: exponential with jitter, and the beat of the cycles.

/// The wait after `failures` failures in a row: 5 s, 10 s, 20 s … up to 10 min, of which a random
/// half to whole, so that phones that failed together do not come back together.
pub(crate) fn retry_delay_ms(failures: u32, random: u64) -> u64 {
    let doublings = failures.saturating_sub(1).min(DOUBLINGS_MAX);
    let whole = (RETRY_MS_MIN << doublings).min(RETRY_MS_MAX);
    whole / 2 + random % (whole / 2 + 1)
}

/// The time until the next cycle: 30 s ± 20 %, longer while cycles fail.
pub(crate) fn cycle_delay_ms(failures: u32, random: u64) -> u64 {
    let spread = CYCLE_MS / 5;
    let beat = CYCLE_MS - spread + random % (2 * spread + 1);
    if failures < 2 { beat } else { beat.max(retry_delay_ms(failures, random)) }
}

/// No single wait is longer, but for a server's `Retry-After`.
pub(crate) const RETRY_MS_MAX: u64 = 10 * 60 * 1_000;

const RETRY_MS_MIN: u64 = 5_000;
const DOUBLINGS_MAX: u32 = 7;
const CYCLE_MS: u64 = 30_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_ten_minutes_and_are_spread_over_their_upper_half() {
        for (failures, whole) in [(1, 5_000), (2, 10_000), (3, 20_000), (40, RETRY_MS_MAX)] {
            for random in [0, 1, 777, u64::MAX] {
                let wait = retry_delay_ms(failures, random);
                assert!((whole / 2..=whole).contains(&wait), "{failures} {random}: {wait}");
            }
        }
    }

    #[test]
    fn a_cycle_comes_every_thirty_seconds_give_or_take_a_fifth() {
        let delays: Vec<u64> = (0..100).map(|step| cycle_delay_ms(0, step * 7_919)).collect();
        assert!(delays.iter().all(|delay| (24_000..=36_000).contains(delay)));
        assert!(delays.iter().any(|delay| *delay < 26_000));
        assert!(delays.iter().any(|delay| *delay > 34_000));
        assert!(cycle_delay_ms(30, 0) >= RETRY_MS_MAX / 2);
    }
}
