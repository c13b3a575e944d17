//! Codes that are sent outside a sign-in: to confirm a sign-up, to choose a new password, and to prove whose an
//! address or a number is. They do not outlive the pool; another one can be asked for.

use crate::delivery::{Delivery, Medium};
use crate::pool::Pool;
use crate::wire::Refusal;

const DIGITS: usize = 6;
/// How often a code may be wrong before another one is needed.
const TRIES: u32 = 5;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    SignUp,
    Recovery,
    /// Proves that the user's own address or number, or a new one, is the user's.
    Verification(Medium),
}

impl Purpose {
    const fn life_ms(self) -> i64 {
        match self {
            Self::Recovery => HOUR_MS,
            Self::SignUp | Self::Verification(_) => 24 * HOUR_MS,
        }
    }
}

/// A code that was sent. Filed under the user's name and its purpose.
pub(crate) struct Waiting {
    code: String,
    ends_ms: i64,
    tries_left: u32,
}

/// Sends a user a code; one that was sent before is good no more.
///
/// # Errors
/// `LimitExceededException` when the user has been sent too many of late.
pub(crate) fn send(
    pool: &mut Pool,
    username: &str,
    purpose: Purpose,
    delivery: &Delivery,
) -> Result<(), Refusal> {
    let code = delivery.send(pool, username, DIGITS)?;
    let ends_ms = pool.now_ms() + purpose.life_ms();
    pool.codes.insert((username.to_owned(), purpose), Waiting { code, ends_ms, tries_left: TRIES });
    Ok(())
}

/// Makes a code that was sent worthless.
pub(crate) fn forget(pool: &mut Pool, username: &str, purpose: Purpose) {
    pool.codes.remove(&(username.to_owned(), purpose));
}

/// The same for all codes of a user.
pub(crate) fn forget_all(pool: &mut Pool, username: &str) {
    pool.codes.retain(|(own, _), _| own != username);
}

/// Whether this is the code that was sent last; a right one is used up.
///
/// # Errors
/// `CodeMismatchException`, `ExpiredCodeException`, and after too many wrong ones `LimitExceededException`.
pub(crate) fn check(pool: &mut Pool, username: &str, purpose: Purpose, given: &str) -> Result<(), Refusal> {
    let now_ms = pool.now_ms();
    let key = (username.to_owned(), purpose);
    let waiting = pool.codes.get_mut(&key).filter(|waiting| waiting.ends_ms > now_ms).ok_or_else(expired)?;
    if waiting.tries_left == 0 {
        return Err(Refusal::limit_exceeded());
    }
    if waiting.code != given {
        waiting.tries_left -= 1;
        return Err(mismatch());
    }
    pool.codes.remove(&key);
    Ok(())
}

/// The refusal of a code that is too old, and of one that nobody asked for.
pub(crate) fn expired() -> Refusal {
    Refusal::new("ExpiredCodeException", "Invalid code provided, please request a code again.")
}

pub(crate) fn mismatch() -> Refusal {
    Refusal::new("CodeMismatchException", "Invalid verification code provided, please try again.")
}
