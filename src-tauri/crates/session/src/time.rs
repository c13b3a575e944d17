//! Time as the pool sees it.
//!
//! Tokens expire by the pool's clock, so that is the clock the whole core runs on: the state machines are
//! given a [`Timestamp`] with every event and only the driver reads a [`Clock`].

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
pub struct Timestamp(#[cfg_attr(feature = "bindings", ts(type = "number"))] pub i64);

impl Timestamp {
    /// The moment `seconds` after the Unix epoch, as in a token's `exp` claim (RFC 7519, section 2).
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment moved by a duration; stays at the end of the range instead of wrapping.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// This moment moved back by a duration; stays at the end of the range instead of wrapping.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this moment is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Where the driver reads the time.
pub trait Clock: Send + Sync + 'static {
    /// The present moment by the pool's clock.
    fn now(&self) -> Timestamp;

    /// How far the pool's clock is ahead of this machine's, in milliseconds; negative when it is behind.
    fn offset_ms(&self) -> i64;

    /// Takes an offset that was stored by an earlier run; ignored once the pool itself has been heard from.
    fn assume_offset_ms(&self, offset: i64);
}

/// Below this, a difference between the clocks is the resolution of the `Date` header and the network, not drift.
const DRIFT_NOISE_MS: i64 = 2_000;

/// The pool's clock, measured from the `Date` header of its answers.
///
/// Between answers it follows the system's wall clock, because that one goes on during sleep. It never follows
/// it backwards: when somebody sets the wall clock back, the monotonic clock carries the time on, so that an
/// expired token does not come to life again.
#[derive(Debug)]
pub struct PoolClock {
    // Read by every caller who wants a token, written once per answer of the pool.
    anchor: RwLock<Anchor>,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    offset_ms: i64,
    pool: Timestamp,
    monotonic: Instant,
    /// Whether this comes from the pool itself, and not from a record or from nothing.
    heard: bool,
}

impl Default for PoolClock {
    fn default() -> Self {
        Self {
            anchor: RwLock::new(Anchor {
                offset_ms: 0,
                pool: wall(),
                monotonic: Instant::now(),
                heard: false,
            }),
        }
    }
}

impl PoolClock {
    /// A clock that agrees with the system's until the pool is heard from.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the moment that the pool's answer carried (HTTP `Date`, RFC 9110 section 6.6.1, whole seconds),
    /// given how long ago the request was sent.
    pub fn observe(&self, date: Timestamp, round_trip: Duration) {
        let wall = wall();
        // `Date` is cut to the second, and was written somewhere in the middle of the exchange.
        let pool = date.plus(Duration::from_millis(500)).plus(round_trip / 2);
        let measured = pool.0.saturating_sub(wall.0);
        self.update(|anchor| {
            let offset_ms = if measured.abs_diff(anchor.offset_ms) < DRIFT_NOISE_MS.unsigned_abs() {
                anchor.offset_ms
            } else {
                measured
            };
            *anchor = Anchor {
                offset_ms,
                pool: Timestamp(wall.0.saturating_add(offset_ms)),
                monotonic: Instant::now(),
                heard: true,
            };
        });
    }

    // A panic elsewhere cannot leave the anchor half written, so a poisoned lock is as good as any.
    fn read(&self) -> Anchor {
        *self.anchor.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, change: impl FnOnce(&mut Anchor)) {
        change(&mut self.anchor.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Clock for PoolClock {
    fn now(&self) -> Timestamp {
        let anchor = self.read();
        let by_wall = wall().0.saturating_add(anchor.offset_ms);
        let by_monotonic = anchor.pool.plus(anchor.monotonic.elapsed()).0;
        Timestamp(by_wall.max(by_monotonic))
    }

    fn offset_ms(&self) -> i64 {
        self.read().offset_ms
    }

    fn assume_offset_ms(&self, offset: i64) {
        self.update(|anchor| {
            if !anchor.heard {
                *anchor = Anchor {
                    offset_ms: offset,
                    pool: Timestamp(wall().0.saturating_add(offset)),
                    monotonic: Instant::now(),
                    heard: false,
                };
            }
        });
    }
}

fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A span between two moments of the pool's clock that something has to wait through.
///
/// The clock can be set back in the middle of it, as when the pool corrects it. A wait whose own beginning is in
/// the future is over: acting a little early is harmless, and waiting for the clock to catch up is not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    from: Timestamp,
    until: Timestamp,
}

impl Wait {
    /// A wait that begins now.
    pub(crate) fn new(now: Timestamp, length: Duration) -> Self {
        Self { from: now, until: now.plus(length) }
    }

    /// A wait from now to a moment that is already known.
    pub(crate) fn until_moment(now: Timestamp, until: Timestamp) -> Self {
        Self { from: now, until }
    }

    /// When it began.
    pub(crate) fn from(self) -> Timestamp {
        self.from
    }

    /// When it is over.
    pub(crate) fn until(self) -> Timestamp {
        self.until
    }

    /// Whether it is over.
    pub(crate) fn is_over(self, now: Timestamp) -> bool {
        now >= self.until || now < self.from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_pool_said_outweighs_what_an_earlier_run_stored() {
        let clock = PoolClock::new();
        clock.assume_offset_ms(90_000);
        assert_eq!(clock.offset_ms(), 90_000);
        clock.observe(wall().plus(Duration::from_secs(600)), Duration::ZERO);
        assert!(clock.offset_ms().abs_diff(600_000) < 5_000, "{}", clock.offset_ms());
        clock.assume_offset_ms(90_000);
        assert!(clock.offset_ms().abs_diff(600_000) < 5_000, "{}", clock.offset_ms());
    }

    #[test]
    fn a_difference_below_the_resolution_of_the_date_header_is_no_drift() {
        let clock = PoolClock::new();
        clock.observe(wall(), Duration::from_millis(80));
        assert_eq!(clock.offset_ms(), 0);
    }

    #[test]
    fn a_wait_is_over_when_the_clock_was_set_back_before_its_beginning() {
        let wait = Wait::new(Timestamp(10_000), Duration::from_secs(5));
        assert!(!wait.is_over(Timestamp(10_000)));
        assert!(!wait.is_over(Timestamp(14_999)));
        assert!(wait.is_over(Timestamp(15_000)));
        assert!(wait.is_over(Timestamp(9_999)));
    }
}
