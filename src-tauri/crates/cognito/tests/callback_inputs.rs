//! Generated texts in place of links: near to good ones, far from them, and in between.
//!
//! `CALLBACK_INPUTS=10000000 cargo test --release -p cognito --test callback_inputs` runs ten million; the number of a
//! run that fails gives the same text again.

#[path = "callback_inputs/check.rs"]
mod check;

use std::thread;

use check::{ADDRESSES, STATE, check};

/// In an ordinary run of the tests.
const INPUTS: u64 = 20_000;

const PIECES: [&str; 30] = [
    "&",
    "=",
    "?",
    "#",
    "%",
    "+",
    "/",
    ":",
    "@",
    "//",
    "..",
    "\\",
    "%00",
    "%0d%0a",
    "%E2%80%AE",
    "%F0%9F%98%80",
    "%ff",
    "code",
    "code=c0de",
    "%63ode=x",
    "state",
    "error=access_denied",
    "error=",
    "error_description=PreSignUp failed with error ",
    "iss=",
    "https%3A%2F%2Fcognito-idp.eu-west-1.amazonaws.com%2Feu-west-1_p",
    "iss=https%3A%2F%2Fevil.example",
    "\n",
    "\u{0}",
    "あ",
];

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers from the same start, everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("it is small");
        usize::try_from(self.next() % end).expect("it is small")
    }
}

/// The text with this number.
fn text(number: u64) -> Vec<u8> {
    let mut numbers = Numbers(number);
    let mut text = Vec::new();
    for _ in 0..numbers.below(14) {
        match numbers.below(8) {
            0 => text.extend_from_slice(ADDRESSES[numbers.below(ADDRESSES.len())].as_bytes()),
            1 => text.extend_from_slice(format!("state={STATE}").as_bytes()),
            2..=5 => text.extend_from_slice(PIECES[numbers.below(PIECES.len())].as_bytes()),
            6 => {
                let count = numbers.below(12);
                text.extend((0..count).map(|_| u8::try_from(numbers.below(256)).expect("a byte")));
            }
            _ => {
                let letter = u8::try_from(numbers.below(128)).expect("a byte");
                let count = numbers.below(64) * numbers.below(64);
                text.extend(std::iter::repeat_n(letter, count));
            }
        }
        // Some of it is damaged.
        if !text.is_empty() && numbers.below(4) == 0 {
            let at = numbers.below(text.len());
            match numbers.below(3) {
                0 => text[at] ^= 1 << numbers.below(8),
                1 => text.truncate(at),
                _ => text.insert(at, u8::try_from(numbers.below(256)).expect("a byte")),
            }
        }
    }
    text
}

#[test]
fn no_text_makes_it_panic_and_none_is_taken_that_should_not_be() {
    let wanted = std::env::var("CALLBACK_INPUTS").ok().and_then(|count| count.parse().ok()).unwrap_or(INPUTS);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let step = u64::try_from(workers).expect("it is small");
    thread::scope(|scope| {
        for first in 0..step {
            scope.spawn(move || {
                let mut number = first;
                while number < wanted {
                    let text = text(number);
                    let whole = std::panic::catch_unwind(|| check(&text));
                    assert!(whole.is_ok(), "number {number}: {:?}", String::from_utf8_lossy(&text));
                    number += step;
                }
            });
        }
    });
}
