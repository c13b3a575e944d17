//! From the start of the process to the finished picture on the display, seen from outside: the display is read
//! every few milliseconds until it no longer changes, and what counts is the first moment at which it showed what
//! it shows in the end. Nothing is built into the window for this, and both windows are measured alike.

use std::time::{Duration, Instant};

use crate::display::Display;
use crate::processes::end;
use crate::{Bench, Program};

/// Between two looks at the display.
const PERIOD: Duration = Duration::from_millis(2);
/// A picture that has not changed for so long is the last one.
const LASTING: Duration = Duration::from_millis(1500);
const DEADLINE: Duration = Duration::from_secs(30);

/// What a start looks like from outside, from the start of the process on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// Until there was anything on the display: the window, as yet empty or not.
    #[expect(dead_code, reason = "printed for whoever looks for where the time goes")]
    pub(crate) window: Duration,
    /// Until the display showed what it went on to show.
    pub(crate) complete: Duration,
}

/// Starts a window, and gives the time until it was complete.
pub(crate) fn measure(bench: &Bench, program: Program) -> Start {
    until_empty(&bench.display);
    let begun = Instant::now();
    let window = bench.spawn(program);
    let complete = until_complete(&bench.display, begun);
    end(window);
    complete
}

/// Waits until the window before has left the display.
pub(crate) fn until_empty(display: &Display) {
    let deadline = Instant::now() + DEADLINE;
    while display.look() != display.empty() {
        assert!(Instant::now() < deadline, "a window that does not leave the display");
        std::thread::sleep(PERIOD);
    }
}

/// How long after `begun`, just now, the display first showed what it goes on to show.
pub(crate) fn until_complete(display: &Display, begun: Instant) -> Start {
    let (mut picture, mut since, mut window) = (display.empty(), begun, None);
    loop {
        let now_shown = display.look();
        let now = Instant::now();
        if now_shown != picture {
            (picture, since) = (now_shown, now);
            window.get_or_insert(now - begun);
        }
        if let Some(window) = window
            && now - since > LASTING
        {
            return Start { window, complete: since - begun };
        }
        assert!(now - begun < DEADLINE, "no window on the display that stays as it is");
        std::thread::sleep(PERIOD);
    }
}
