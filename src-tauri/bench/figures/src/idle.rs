//! A window that nobody touches.

use std::time::{Duration, Instant};

use crate::processes::{end, proportional_memory, sleeps, tree, wakeups};
use crate::start::{until_complete, until_empty};
use crate::{Bench, COUNTED, Program, SETTLING};

/// What an idle window takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Idle {
    /// Proportional set size of the whole process tree.
    pub(crate) mebibytes: f64,
    /// Of all threads of the main process.
    pub(crate) wakeups_a_minute: f64,
}

/// Starts a window, leaves it alone, counts its memory and then its wake-ups.
pub(crate) fn measure(bench: &Bench, program: Program) -> Idle {
    until_empty(&bench.display);
    let window = bench.spawn(program);
    until_complete(&bench.display, Instant::now());
    std::thread::sleep(SETTLING);
    let mebibytes = proportional_memory(&tree(window.id()));
    let (before, begun) = (sleeps(window.id()), Instant::now());
    std::thread::sleep(COUNTED);
    let count = wakeups(&before, &sleeps(window.id()));
    let minutes = begun.elapsed().as_secs_f64() / Duration::from_secs(60).as_secs_f64();
    end(window);
    Idle { mebibytes, wakeups_a_minute: count as f64 / minutes }
}
