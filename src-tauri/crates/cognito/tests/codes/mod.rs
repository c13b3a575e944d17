//! The codes that the people of the development pool are sent, or that their apps show.

use std::time::UNIX_EPOCH;

use hmac::{Hmac, KeyInit as _, Mac as _};
use session::OneTimeCode;
use sha1::Sha1;

use crate::development_pool::DevelopmentPool;

/// The code that an authenticator app with this secret shows so many steps from now, when it will be by the pool's
/// clock.
pub(crate) async fn shown_by_app(pool: &DevelopmentPool, secret: &str, steps_ahead: u64) -> OneTimeCode {
    if steps_ahead > 0 {
        pool.post("clock", &format!(r#"{{"offset_seconds":{}}}"#, steps_ahead * 30)).await;
    }
    let now = UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    OneTimeCode::new(totp(secret, now + steps_ahead * 30))
}

/// RFC 6238 with SHA-1, six digits and thirty seconds.
pub(crate) fn totp(secret: &str, seconds: u64) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut bits = 0_u64;
    let (mut count, mut key) = (0, Vec::new());
    for letter in secret.chars() {
        bits = bits << 5 | alphabet.find(letter).expect("base32") as u64;
        count += 5;
        if count >= 8 {
            count -= 8;
            key.push((bits >> count & 0xff) as u8);
        }
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).expect("any key will do");
    mac.update(&(seconds / 30).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// The newest code that was sent to somebody.
pub(crate) async fn sent(pool: &DevelopmentPool, username: &str) -> String {
    let outbox = pool.get("outbox").await;
    let messages = outbox["messages"].as_array().expect("messages");
    let newest = messages.iter().rev().find(|message| message["username"] == username);
    newest.and_then(|message| message["code"].as_str()).expect("a code was sent").to_owned()
}

/// The secret of a demo user's authenticator app.
pub(crate) async fn secret_of(pool: &DevelopmentPool, username: &str) -> String {
    let demo = pool.get("demo").await;
    let mut users = demo["users"].as_array().expect("users").iter();
    let user = users.find(|user| user["username"] == username).expect("a demo user");
    user["totp_secret"].as_str().expect("the user has an app").to_owned()
}
