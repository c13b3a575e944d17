//! What comes back from the browser, for whatever it is.
//!
//! `cargo +nightly fuzz run callback -- -dict=fuzz/callback.dict -runs=10000000`, in the crate's folder. The same checks
//! run without a nightly compiler in `tests/callback_inputs.rs`.

#![no_main]

#[path = "../../tests/callback_inputs/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::check(bytes));
