//! When another code may be asked for: learned from how the pool takes it, since no client can ask for its limits.

use std::time::Duration;

use crate::time::Timestamp;

/// A message needs about this long to arrive; whoever asks again sooner has two codes of which one is worthless.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);

/// The sendings of one attempt.
#[derive(Debug)]
pub(super) struct Sending {
    pause: Duration,
    next_at: Option<Timestamp>,
}

impl Default for Sending {
    fn default() -> Self {
        Self { pause: FIRST_PAUSE, next_at: None }
    }
}

impl Sending {
    /// A code is on its way.
    pub(super) fn sent(&mut self, now: Timestamp) {
        self.next_at = Some(now.plus(self.pause));
    }

    /// The pool wants fewer of them: from now on the pauses are twice as long.
    pub(super) fn refused(&mut self, now: Timestamp) {
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        self.next_at = Some(now.plus(self.pause));
    }

    /// Until when another one had better not be asked for.
    pub(super) const fn next_at(&self) -> Option<Timestamp> {
        self.next_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_with_each_refusal_up_to_ten_minutes() {
        let start = Timestamp(1_000_000);
        let mut sending = Sending::default();
        assert_eq!(sending.next_at(), None);
        sending.sent(start);
        let mut seconds = Vec::new();
        for _ in 0..7 {
            seconds.push(sending.next_at().map(|at| at.since(start).as_secs()));
            sending.refused(start);
        }
        assert_eq!(seconds, [30, 60, 120, 240, 480, 600, 600].map(Some));
        sending.sent(start);
        assert_eq!(sending.next_at(), Some(start.plus(LONGEST_PAUSE)), "what was learned is kept");
    }
}
