//! What comes back from the browser, for whatever it is.
//!
//! `cargo +nightly fuzz run -s none callback -- -dict=fuzz/callback.dict -max_len=6000 -runs=10000000`, in the crate's
//! folder. No sanitizer watches the memory: the crate has no unsafe code, and without one there are many more inputs in
//! the same time: ten million took six minutes of one core, reached 799 edges and found nothing.
//!
//! The same checks run without a nightly compiler in `tests/callback_inputs.rs`.

#![no_main]

#[path = "../../tests/callback_inputs/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::check(bytes));
