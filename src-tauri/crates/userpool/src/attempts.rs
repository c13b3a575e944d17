//! Cognito's answer to guessing: after five wrong passwords a lockout of one second that doubles with every
//! further one, up to a quarter of an hour (AWS's guide, "Lockout behavior for failed sign-in attempts").

use std::collections::HashMap;

const FREE_ATTEMPTS: u32 = 5;
const LONGEST_MS: i64 = 15 * 60 * 1000;
/// Names of users who do not exist are counted as well, so their number must have a bound.
const MOST_NAMES: usize = 10_000;

struct Failures {
    count: u32,
    last_ms: i64,
    locked_until_ms: i64,
}

/// The wrong passwords of every name, existing or not.
#[derive(Default)]
pub(crate) struct Attempts(HashMap<String, Failures>);

impl Attempts {
    /// Whether `name` must wait. An attempt made meanwhile does not lengthen the lockout.
    pub(crate) fn locked(&self, name: &str, now_ms: i64) -> bool {
        self.0.get(name).is_some_and(|failures| now_ms < failures.locked_until_ms)
    }

    /// Counts a wrong password.
    pub(crate) fn failed(&mut self, name: &str, now_ms: i64) {
        if self.0.len() >= MOST_NAMES {
            self.0.retain(|_, failures| now_ms - failures.last_ms < LONGEST_MS);
        }
        let failures = self.0.entry(name.to_owned()).or_insert(Failures {
            count: 0,
            last_ms: now_ms,
            locked_until_ms: 0,
        });
        if now_ms - failures.last_ms >= LONGEST_MS {
            failures.count = 0;
        }
        failures.count += 1;
        failures.last_ms = now_ms;
        if failures.count >= FREE_ATTEMPTS {
            let doublings = (failures.count - FREE_ATTEMPTS).min(20);
            failures.locked_until_ms = now_ms + (1000_i64 << doublings).min(LONGEST_MS);
        }
    }

    /// Forgets the wrong passwords of `name`.
    pub(crate) fn succeeded(&mut self, name: &str) {
        self.0.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lockout_doubles_and_is_not_lengthened_by_waiting_badly() {
        let mut attempts = Attempts::default();
        for _ in 0..4 {
            attempts.failed("aiko", 0);
        }
        assert!(!attempts.locked("aiko", 0));
        attempts.failed("aiko", 0);
        assert!(attempts.locked("aiko", 999));
        assert!(!attempts.locked("aiko", 1000));
        assert!(!attempts.locked("ben", 0));
        attempts.failed("aiko", 1000);
        assert!(attempts.locked("aiko", 2999));
        assert!(!attempts.locked("aiko", 3000));
        for _ in 0..30 {
            attempts.failed("aiko", 5000);
        }
        assert!(attempts.locked("aiko", 5000 + LONGEST_MS - 1));
        assert!(!attempts.locked("aiko", 5000 + LONGEST_MS));
    }

    #[test]
    fn success_and_a_quarter_of_an_hour_forget() {
        let mut attempts = Attempts::default();
        for _ in 0..4 {
            attempts.failed("aiko", 0);
            attempts.failed("ben", 0);
        }
        attempts.succeeded("aiko");
        attempts.failed("aiko", 0);
        assert!(!attempts.locked("aiko", 0));
        attempts.failed("ben", LONGEST_MS);
        assert!(!attempts.locked("ben", LONGEST_MS));
    }
}
