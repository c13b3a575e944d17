//! What has to hold for any text that is given in place of a link.

use std::collections::HashSet;

use cognito::Issuer;
use cognito::browser::callback::{Awaited, LONGEST_LINK};
use cognito::browser::{CallbackProblem, Redirect};
use url::form_urlencoded;

/// The state that is waited for.
pub(crate) const STATE: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
/// The addresses that are waited at.
pub(crate) const ADDRESSES: [&str; 3] =
    ["cognito-desktop://sign-in/callback", "http://127.0.0.1:19274/callback", "my-app://callback"];
const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_p";

/// Gives the bytes as a link, and as what follows the start of a good one.
pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for address in ADDRESSES {
        check_link(address, &text);
    }
    let address = ADDRESSES[bytes.first().map_or(0, |first| usize::from(*first) % ADDRESSES.len())];
    check_link(address, &format!("{address}?{text}"));
    check_link(address, &format!("{address}?code=c0de&state={STATE}&{text}"));
    check_link(address, &format!("{address}?error=invalid_request&error_description={text}&state={STATE}"));
}

/// It never panics; what is taken is what another reader takes for a code as well; what is not taken leaves the sign-in
/// as it was, or ends it; and nothing is taken after the end.
fn check_link(address: &str, link: &str) {
    let redirect = Redirect::parse(address).expect("a good address");
    let mut awaited = Awaited::new(STATE, redirect, Issuer::parse(ISSUER).expect("a good issuer"));
    let answer = awaited.receive(link);
    let good = format!("{address}?code=good&state={STATE}");
    let second = awaited.receive(&good).map(|_| ());
    match answer {
        Ok(_) => {
            assert!(is_answer(address, link), "it was taken: {link:?}");
            assert_eq!(second, Err(CallbackProblem::Used));
        }
        Err(problem) => {
            let expected = if problem.ends_sign_in() { Err(CallbackProblem::Used) } else { Ok(()) };
            assert_eq!(second, expected, "{link:?}");
            let words = problem.fault().detail.unwrap_or_default();
            assert!(words.chars().count() <= 301 && !words.chars().any(char::is_control), "{words:?}");
            assert!(!words.contains(STATE) || link.matches(STATE).count() > 1, "{words:?}");
        }
    }
}

/// Whether the link is an answer with a code, as the `url` crate's own reader has it.
fn is_answer(address: &str, link: &str) -> bool {
    let link = link.trim();
    let bare = link.split('#').next().unwrap_or_default();
    let query = bare.strip_prefix(address).and_then(|rest| {
        rest.strip_prefix('?').or_else(|| rest.strip_prefix("/?").filter(|_| address == ADDRESSES[2]))
    });
    let Some(query) = query else { return false };
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let names: HashSet<_> = pairs.iter().map(|(name, _)| name.as_ref()).collect();
    let value = |wanted: &str| {
        pairs
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_ref())
            .filter(|value| !value.is_empty())
    };
    link.len() <= LONGEST_LINK
        && names.len() == pairs.len()
        && value("state") == Some(STATE)
        && value("code").is_some()
        && value("error").is_none()
        && value("iss").is_none_or(|iss| iss.ends_with("/eu-west-1_p"))
}
