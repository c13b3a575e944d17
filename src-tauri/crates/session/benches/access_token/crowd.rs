//! Ten thousand callers who want an access token while it is being renewed.
//!
//! The token has expired and all of them ask; the renewal takes 300 ms. There must be exactly one. What is shown is
//! how long after the pool's answer the last of them had the new token.

use std::io::Write as _;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::signed_in::{LIFE, SignedIn};

const CALLERS: usize = 10_000;
const ROUNDS: usize = 11;
const REFRESH: Duration = Duration::from_millis(300);

/// Measures and prints.
pub(crate) fn run() {
    let runtime = Runtime::new().expect("a runtime");
    let mut latest: Vec<Duration> = (0..ROUNDS).map(|_| runtime.block_on(round())).collect();
    latest.sort();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let (median, worst) = (milliseconds(latest[ROUNDS / 2]), milliseconds(latest[ROUNDS - 1]));
    let line = format!(
        "{CALLERS} callers, {ROUNDS} rounds: one renewal each; the last caller had the token {median:.2} ms after \
         the pool's answer (median), {worst:.2} ms (worst)"
    );
    writeln!(std::io::stdout(), "{line}").expect("standard output");
}

/// How long after the pool's answer the last caller was served.
async fn round() -> Duration {
    let mut session = SignedIn::start(REFRESH).await;
    session.clock.jump(LIFE);
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let handle = session.handle.clone();
        callers.spawn(async move {
            let asked = Instant::now();
            handle.access_token().await.expect("a renewed token");
            (asked, Instant::now())
        });
    }
    let answered = session.answered.recv().await.expect("the pool answers");
    let times = callers.join_all().await;
    assert!(times.iter().all(|(asked, _)| *asked < answered), "everybody asked during the renewal");
    assert_eq!(session.pool.renewals(), 1, "one renewal for all of them");
    times.into_iter().map(|(_, served)| served.saturating_duration_since(answered)).max().unwrap_or_default()
}
