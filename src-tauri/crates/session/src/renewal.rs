//! When tokens are renewed, and how long to wait after a renewal has failed.

use std::time::Duration;

use crate::fault::{Disposition, FaultCode};
use crate::time::Timestamp;

/// Tokens are renewed at least this long before they expire, if they live long enough for that.
const WINDOW_FLOOR: Duration = Duration::from_secs(60);
/// A token is not handed out any more this long before it expires: it has to survive the way to whoever checks it.
const MARGIN_CAP: Duration = Duration::from_secs(5);
/// However long the back-off, one more try is made this long before the tokens expire.
const LAST_CALL_CAP: Duration = Duration::from_secs(15);

const PASSING_FIRST: Duration = Duration::from_secs(2);
const PASSING_CAP: Duration = Duration::from_secs(300);
const LASTING_FIRST: Duration = Duration::from_secs(300);
const LASTING_CAP: Duration = Duration::from_secs(900);

/// Spreads the requests of many installations. Not for secrets: a small generator (SplitMix64, Steele, Lea and
/// Flood, 2014) that gives the same numbers for the same seed, as time is given.
#[derive(Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A duration from zero to `most`, both included.
    pub(crate) fn up_to(&mut self, most: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        let most_ms = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(most_ms.checked_add(1).map_or(z, |bound| z % bound))
    }
}

/// Until when a token may be handed out: its expiry less a margin of five seconds or a tenth of its life.
pub(crate) fn good_until(issued: Timestamp, expires: Timestamp) -> Timestamp {
    expires.minus(MARGIN_CAP.min(expires.since(issued) / 10))
}

/// When tokens are to be renewed: `max(60 s, 10 % of their life)` before they expire and up to a tenth of that
/// earlier, but never more than half their life before.
pub(crate) fn due(issued: Timestamp, expires: Timestamp, jitter: &mut Jitter) -> Timestamp {
    let life = expires.since(issued);
    let window = WINDOW_FLOOR.max(life / 10);
    expires.minus((window + jitter.up_to(window / 10)).min(life / 2))
}

/// When tokens that have just arrived are to be renewed.
///
/// As [`due`], unless that has passed already, as with a life of a second and a slow network, or with a clock
/// that is wrong. Then half of what is left: renewing at once would ask again and again without a pause.
pub(crate) fn due_after_arrival(
    issued: Timestamp,
    expires: Timestamp,
    now: Timestamp,
    jitter: &mut Jitter,
) -> Timestamp {
    let due = due(issued, expires, jitter);
    if due > now {
        return due;
    }
    now.plus(expires.since(now) / 2).min(good_until(issued, expires))
}

/// When to try again after `tries` renewals in a row have failed, the last one with `code`.
pub(crate) fn retry_at(
    code: FaultCode,
    tries: u32,
    (issued, expires): (Timestamp, Timestamp),
    now: Timestamp,
    jitter: &mut Jitter,
) -> Timestamp {
    let at = now.plus(delay(code, tries, jitter));
    let last_call = expires.minus(LAST_CALL_CAP.min(expires.since(issued) / 8));
    if now < last_call && at > last_call { last_call } else { at }
}

/// How long to wait after the `tries`-th failure in a row.
pub(crate) fn delay(code: FaultCode, tries: u32, jitter: &mut Jitter) -> Duration {
    let doublings = tries.saturating_sub(1).min(16);
    match code.disposition() {
        Disposition::Retry => {
            let full = (PASSING_FIRST * 2_u32.pow(doublings)).min(PASSING_CAP);
            full / 2 + jitter.up_to(full / 2)
        }
        // The pool refused and nothing here will change its mind, but somebody there may.
        Disposition::AskUser | Disposition::FixSetup => {
            let full = (LASTING_FIRST * 2_u32.pow(doublings)).min(LASTING_CAP);
            full + jitter.up_to(full / 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn an_hour_is_renewed_six_minutes_before_its_end_or_a_little_earlier() {
        for seed in 0..200 {
            let before = Timestamp(HOUR).since(due(Timestamp(0), Timestamp(HOUR), &mut Jitter::new(seed)));
            assert!(before >= Duration::from_secs(360) && before <= Duration::from_secs(396), "{before:?}");
        }
    }

    #[test]
    fn five_minutes_are_renewed_a_minute_before_their_end() {
        for seed in 0..200 {
            let before =
                Timestamp(300_000).since(due(Timestamp(0), Timestamp(300_000), &mut Jitter::new(seed)));
            assert!(before >= Duration::from_secs(60) && before <= Duration::from_secs(66));
        }
    }

    #[test]
    fn twenty_seconds_are_renewed_at_half_time() {
        let at = due(Timestamp(0), Timestamp(20_000), &mut Jitter::new(1));
        assert_eq!(at, Timestamp(10_000));
    }

    #[test]
    fn the_jitter_spreads() {
        let mut jitter = Jitter::new(7);
        let some: std::collections::BTreeSet<_> =
            (0..50).map(|_| due(Timestamp(0), Timestamp(HOUR), &mut jitter)).collect();
        assert!(some.len() > 40, "{}", some.len());
    }

    #[test]
    fn passing_faults_are_tried_soon_and_lasting_ones_seldom() {
        let mut jitter = Jitter::new(3);
        let mut soon = |tries| delay(FaultCode::Unreachable, tries, &mut jitter);
        assert!(soon(1) <= Duration::from_secs(2) && soon(1) >= Duration::from_secs(1));
        assert!(soon(4) >= Duration::from_secs(8) && soon(4) <= Duration::from_secs(16));
        assert!(soon(40) >= Duration::from_secs(150) && soon(u32::MAX) <= Duration::from_secs(300));
        let mut seldom = |tries| delay(FaultCode::ClientUnknown, tries, &mut jitter);
        assert!(seldom(1) >= Duration::from_secs(300));
        assert!(seldom(9) >= Duration::from_secs(900) && seldom(9) <= Duration::from_secs(990));
    }

    #[test]
    fn no_wait_passes_over_the_expiry_without_a_last_try() {
        let tokens = (Timestamp(0), Timestamp(HOUR));
        let now = Timestamp(HOUR - 60_000);
        let at = retry_at(FaultCode::ClientUnknown, 1, tokens, now, &mut Jitter::new(1));
        assert_eq!(at, Timestamp(HOUR - 15_000));
        let after = retry_at(FaultCode::ClientUnknown, 2, tokens, at, &mut Jitter::new(1));
        assert!(after > Timestamp(HOUR));
    }

    proptest! {
        #[test]
        fn renewal_is_never_due_more_than_half_a_life_early_nor_after_the_last_handing_out(
            issued in -1_000_000_000_i64..4_000_000_000_000, life in 0_i64..400_000_000_000, seed: u64,
        ) {
            let (issued, expires) = (Timestamp(issued), Timestamp(issued + life));
            let at = due(issued, expires, &mut Jitter::new(seed));
            prop_assert!(expires.since(at) <= expires.since(issued) / 2);
            prop_assert!(at <= good_until(issued, expires));
        }

        #[test]
        fn tokens_that_arrive_good_are_renewed_later_than_now_and_before_they_are_not_good(
            life in 1_000_i64..90_000_000, passed in 0_i64..90_000_000, seed: u64,
        ) {
            let (issued, expires, now) = (Timestamp(0), Timestamp(life), Timestamp(passed));
            prop_assume!(now < good_until(issued, expires));
            let at = due_after_arrival(issued, expires, now, &mut Jitter::new(seed));
            prop_assert!(at <= good_until(issued, expires));
            prop_assert!(at > now || expires.since(now) < Duration::from_millis(2));
        }

        #[test]
        fn a_retry_always_lies_ahead(
            life in 0_i64..90_000_000, passed in 0_i64..900_000_000, tries: u32, seed: u64,
        ) {
            for code in [FaultCode::Unreachable, FaultCode::TriggerFailed, FaultCode::RefusedByRule] {
                let at = retry_at(
                    code, tries, (Timestamp(0), Timestamp(life)), Timestamp(passed), &mut Jitter::new(seed),
                );
                prop_assert!(at > Timestamp(passed));
            }
        }
    }
}
