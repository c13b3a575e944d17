//! What the pool sends: codes by text message and by e-mail. Nothing leaves this machine; the messages stay here to
//! be read, and the console shows them.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Value, json};

use crate::pool::Pool;
use crate::server::log;
use crate::wire::Refusal;

/// How many messages are kept, and therefore how many can be counted.
const MOST_MESSAGES: usize = 200;
/// How many codes a user is sent within [`WITHIN_SECONDS`]. Cognito has such quotas, but AWS publishes neither the
/// number nor the time.
const MOST_SENDS: usize = 5;
const WITHIN_SECONDS: i64 = 60;
/// The medium of a code that nobody sends: an authenticator app shows it.
const APP: &str = "APP";

#[derive(Serialize)]
struct Message {
    /// When it was sent, in milliseconds by the pool's clock.
    at: i64,
    to: String,
    /// `SMS`, `EMAIL` or `APP`.
    medium: String,
    code: String,
    username: String,
    /// Never sent, since there is no such user; it only counts.
    #[serde(skip)]
    withheld: bool,
}

/// The messages of late, and how many may be sent.
pub(crate) struct Outbox {
    messages: VecDeque<Message>,
    most_sends: usize,
    within_seconds: i64,
}

impl Default for Outbox {
    fn default() -> Self {
        Self { messages: VecDeque::new(), most_sends: MOST_SENDS, within_seconds: WITHIN_SECONDS }
    }
}

impl Outbox {
    /// As JSON: `messages`, the newest last.
    pub(crate) fn to_json(&self) -> Value {
        let sent: Vec<&Message> = self.messages.iter().filter(|message| !message.withheld).collect();
        json!({ "messages": sent })
    }

    /// Forgets the messages, and with them how many were sent.
    pub(crate) fn clear(&mut self) {
        self.messages.clear();
    }

    /// `{"most_sends"?, "within_seconds"?}`: how many codes a user is sent in how much time; 0 sends none.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub(crate) fn limit(&mut self, change: &Value) -> Result<Value, String> {
        for (field, value) in change.as_object().into_iter().flatten() {
            let wrong = || format!("{field:?} takes a number from 0 to {MOST_MESSAGES}");
            let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
            let number = number.filter(|number| *number <= MOST_MESSAGES).ok_or_else(wrong)?;
            match field.as_str() {
                "most_sends" => self.most_sends = number,
                "within_seconds" => self.within_seconds = i64::try_from(number).map_err(|_| wrong())?,
                _ => return Err(format!("the outbox has no {field:?}")),
            }
        }
        Ok(json!({ "most_sends": self.most_sends, "within_seconds": self.within_seconds }))
    }

    fn add(&mut self, message: Message) {
        self.messages.push_back(message);
        if self.messages.len() > MOST_MESSAGES {
            self.messages.pop_front();
        }
    }

    fn may_send(&self, username: &str, now_ms: i64) -> bool {
        // Up to now: a clock that was set back leaves messages in the future.
        let of_late = now_ms - self.within_seconds * 1000..=now_ms;
        let counts = |message: &&Message| {
            message.username == username && message.medium != APP && of_late.contains(&message.at)
        };
        self.messages.iter().filter(counts).count() < self.most_sends
    }
}

/// Sends a code to a user by `medium` (`SMS` or `EMAIL`).
///
/// # Errors
/// `LimitExceededException` when the user has been sent too many of late.
pub(crate) fn send(
    pool: &mut Pool,
    username: &str,
    medium: &str,
    to: &str,
    code: &str,
) -> Result<(), Refusal> {
    check_limit(pool, username)?;
    note(pool, username, medium, to, code);
    Ok(())
}

/// Sends nothing, but counts as if: there is no user of that name, and nobody is to learn it from the limit.
///
/// # Errors
/// As for a code that is sent.
pub(crate) fn withhold(pool: &mut Pool, username: &str) -> Result<(), Refusal> {
    check_limit(pool, username)?;
    let at = pool.now_ms();
    pool.outbox.add(Message {
        at,
        to: String::new(),
        medium: String::new(),
        code: String::new(),
        username: username.to_owned(),
        withheld: true,
    });
    Ok(())
}

fn check_limit(pool: &Pool, username: &str) -> Result<(), Refusal> {
    if pool.outbox.may_send(username, pool.now_ms()) {
        return Ok(());
    }
    Err(Refusal::limit_exceeded())
}

/// Shows a code on the console and keeps it, however many there have been.
pub(crate) fn note(pool: &mut Pool, username: &str, medium: &str, to: &str, code: &str) {
    log(format_args!("code for {username} by {medium} to {to}: {code}"));
    let at = pool.now_ms();
    pool.outbox.add(Message {
        at,
        to: to.to_owned(),
        medium: medium.to_owned(),
        code: code.to_owned(),
        username: username.to_owned(),
        withheld: false,
    });
}

/// A destination as a client may see it: the last four digits of a number, the first letters of an address and of
/// its domain.
pub(crate) fn masked(destination: &str) -> String {
    let first = |part: &str| part.chars().next().map(String::from).unwrap_or_default();
    if let Some((name, domain)) = destination.split_once('@') {
        return format!("{}***@{}***", first(name), first(domain));
    }
    let digits: Vec<char> = destination.chars().filter(char::is_ascii_digit).collect();
    let hidden = digits.len().saturating_sub(4);
    let shown: String = digits.iter().skip(hidden).collect();
    format!("+{}{shown}", "*".repeat(hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(at: i64, username: &str, medium: &str) -> Message {
        let text = str::to_owned;
        let (to, code) = (text("x"), text("1"));
        Message { at, to, medium: text(medium), code, username: text(username), withheld: false }
    }

    #[test]
    fn a_limit_counts_for_one_user_and_for_a_while() {
        let mut outbox = Outbox::default();
        outbox.add(message(0, "jun", APP));
        for second in 0..5 {
            assert!(outbox.may_send("lena", second * 1000), "{second}");
            outbox.add(message(second * 1000, "lena", "SMS"));
            outbox.add(message(second * 1000, "jun", APP));
        }
        assert!(!outbox.may_send("lena", 60_000));
        assert!(outbox.may_send("mateo", 60_000));
        assert!(outbox.may_send("jun", 5_000), "what an app shows is not sent");
        assert!(outbox.may_send("lena", 60_001), "the first is over a minute old");
        assert!(outbox.may_send("lena", -1), "the clock was set back");
        outbox.limit(&json!({ "most_sends": 0 })).unwrap();
        assert!(!outbox.may_send("mateo", 0));
        outbox.limit(&json!({ "most_sends": 1, "within_seconds": 2 })).unwrap();
        assert!(!outbox.may_send("lena", 6_000));
        assert!(outbox.may_send("lena", 6_001));
    }

    #[test]
    fn only_the_newest_messages_are_kept() {
        let mut outbox = Outbox::default();
        for at in 0..=200 {
            outbox.add(message(at, "mateo", "EMAIL"));
        }
        let messages = outbox.to_json()["messages"].clone();
        let messages = messages.as_array().unwrap();
        assert_eq!(messages.len(), 200);
        assert_eq!((&messages[0]["at"], &messages[199]["at"]), (&json!(1), &json!(200)));
    }

    #[test]
    fn a_wrong_limit_is_explained() {
        let mut outbox = Outbox::default();
        for (change, words) in [
            (json!({ "most_sends": -1 }), "\"most_sends\" takes a number from 0 to 200"),
            (json!({ "within_seconds": 201 }), "\"within_seconds\" takes a number from 0"),
            (json!({ "colour": 3 }), "the outbox has no \"colour\""),
        ] {
            assert!(outbox.limit(&change).is_err_and(|error| error.starts_with(words)), "{change}");
        }
    }

    #[test]
    fn destinations_are_masked_as_cognito_masks_them() {
        for (destination, mask) in [
            ("+12065551234", "+*******1234"),
            ("+8190", "+8190"),
            ("kazuko@example.com", "k***@e***"),
            ("和@例え.jp", "和***@例***"),
        ] {
            assert_eq!(masked(destination), mask);
        }
    }
}
