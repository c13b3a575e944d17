//! The arithmetic of one whole sign-in by SRP: the client's own, and the same by OpenSSL's constant-time bignum,
//! in the same run.
//!
//! `cargo run --release --manifest-path src-tauri/bench/srp-openssl/Cargo.toml`; needs libssl-dev and pkg-config.
//!
//! Ours is everything a sign-in computes: `A`, then `u`, `x`, `S`, the key and the signature. OpenSSL is given `u`
//! and `x`, and computes only what is costly: `g^a`, `g^x` and `(B - k·g^x)^(a + u·x)` in the same group with the
//! same 256-bit `a`, each exponent marked `BN_FLG_CONSTTIME`. Both must arrive at the signature's `S` of the test
//! vector. They take turns, sign-in by sign-in; what is shown are medians of the rounds.

use std::time::{Duration, Instant};

use openssl::bn::{BigNum, BigNumContext};
use openssl::error::ErrorStack;
use serde_json::Value;

#[path = "../../../crates/cognito/src/srp.rs"]
#[expect(dead_code, reason = "what a sign-in does not use: devices")]
mod srp;

use srp::{Ephemeral, Identity};

const VECTORS: &str = include_str!("../../../crates/cognito/tests/srp-vectors.json");
const ROUNDS: usize = 15;
const SIGN_INS: u32 = 20;

fn main() {
    let vectors: Value = serde_json::from_str(VECTORS).expect("the vectors are JSON");
    let case = &vectors["vectors"][0];
    let ours = Ours::new(case);
    let theirs = Theirs::new(case).expect("OpenSSL takes the vector's numbers");
    let expected = BigNum::from_hex_str(text(case, "S")).expect("S is a number");
    assert_eq!(ours.sign_in(), text(case, "signature"), "our signature is the vector's");
    assert_eq!(theirs.sign_in().expect("OpenSSL computes"), expected, "OpenSSL's S is the vector's");

    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let (mut our_time, mut their_time) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..SIGN_INS {
            our_time += timed(|| drop(std::hint::black_box(ours.sign_in())));
            their_time += timed(|| drop(std::hint::black_box(theirs.sign_in())));
        }
        rounds.push((our_time / SIGN_INS, their_time / SIGN_INS));
    }
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let our_time = median(rounds.iter().map(|(ours, _)| milliseconds(*ours)));
    let their_time = median(rounds.iter().map(|(_, theirs)| milliseconds(*theirs)));
    let ratio = median(rounds.iter().map(|(ours, theirs)| ours.as_secs_f64() / theirs.as_secs_f64()));
    println!("{} rounds of {SIGN_INS} sign-ins each, medians", ROUNDS);
    println!(
        "one sign-in: {our_time:.2} ms; {} {their_time:.2} ms; ratio {ratio:.2}",
        openssl::version::version()
    );
}

/// The product's own arithmetic.
struct Ours<'a> {
    secret: Vec<u8>,
    identity: Identity<'a>,
    server_public: &'a str,
    salt: &'a str,
    secret_block: &'a str,
    timestamp: &'a str,
}

impl<'a> Ours<'a> {
    fn new(case: &'a Value) -> Self {
        Self {
            secret: BigNum::from_hex_str(text(case, "a")).expect("a is a number").to_vec(),
            identity: Identity {
                realm: text(case, "pool_name"),
                name: text(case, "user_id_for_srp"),
                password: text(case, "password"),
            },
            server_public: text(case, "B"),
            salt: text(case, "salt"),
            secret_block: text(case, "secret_block"),
            timestamp: text(case, "timestamp"),
        }
    }

    fn sign_in(&self) -> String {
        let ephemeral = Ephemeral::from_secret(&self.secret).expect("a fits");
        std::hint::black_box(ephemeral.public_hex());
        let agreement =
            ephemeral.agree(self.identity, self.server_public, self.salt).expect("B and salt are numbers");
        agreement.signature(self.identity, self.secret_block, self.timestamp).expect("the block is base64")
    }
}

/// OpenSSL's numbers, those that hold a secret marked constant-time.
struct Theirs {
    group: BigNum,
    generator: BigNum,
    multiplier: BigNum,
    secret: BigNum,
    password_hash: BigNum,
    scrambling: BigNum,
    server_public: BigNum,
}

impl Theirs {
    fn new(case: &Value) -> Result<Self, ErrorStack> {
        let number = |field: &str| BigNum::from_hex_str(text(case, field));
        Ok(Self {
            group: BigNum::get_rfc3526_prime_3072()?,
            generator: BigNum::from_u32(2)?,
            multiplier: BigNum::from_slice(&srp::MULTIPLIER)?,
            secret: number("a")?,
            password_hash: number("x")?,
            scrambling: number("u")?,
            server_public: number("B")?,
        })
    }

    fn sign_in(&self) -> Result<BigNum, ErrorStack> {
        let mut context = BigNumContext::new_secure()?;
        let a = secret(&self.secret)?;
        let x = secret(&self.password_hash)?;
        let (mut public, mut verifier) = (BigNum::new()?, BigNum::new()?);
        public.mod_exp(&self.generator, &a, &self.group, &mut context)?;
        std::hint::black_box(&public);
        verifier.mod_exp(&self.generator, &x, &self.group, &mut context)?;
        let (mut product, mut base) = (BigNum::new()?, BigNum::new()?);
        product.mod_mul(&self.multiplier, &verifier, &self.group, &mut context)?;
        base.mod_sub(&self.server_public, &product, &self.group, &mut context)?;
        let (mut product, mut exponent, mut shared) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
        product.checked_mul(&self.scrambling, &x, &mut context)?;
        exponent.checked_add(&a, &product)?;
        exponent.set_const_time();
        shared.mod_exp(&base, &exponent, &self.group, &mut context)?;
        Ok(shared)
    }
}

fn secret(number: &BigNum) -> Result<BigNum, ErrorStack> {
    let mut number = (**number).to_owned()?;
    number.set_const_time();
    Ok(number)
}

fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().unwrap_or_else(|| panic!("the vector has no {field}"))
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
