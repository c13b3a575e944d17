//! What has to hold for any text that is given in place of a link.

use std::collections::HashSet;
use std::sync::LazyLock;

use cognito::Issuer;
use cognito::browser::callback::{Awaited, LONGEST_LINK};
use cognito::browser::{CallbackProblem, Redirect};
use url::form_urlencoded;

/// The state that is waited for.
pub(crate) const STATE: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
/// The addresses that are waited at.
pub(crate) const ADDRESSES: [&str; 3] =
    ["cognito-desktop://sign-in/callback", "http://127.0.0.1:19274/callback", "my-app://callback"];
static REDIRECTS: LazyLock<[Redirect; 3]> =
    LazyLock::new(|| ADDRESSES.map(|address| Redirect::parse(address).expect("a good address")));
/// What the pool may be called.
const NAMES: [&str; 3] = [
    "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_p",
    "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_p",
    "https://cognito-idp-fips.eu-west-1.amazonaws.com/eu-west-1_p",
];
static THIS_POOL: LazyLock<Issuer> = LazyLock::new(|| Issuer::parse(NAMES[0]).expect("a good issuer"));

/// Gives the bytes as a link, and as what follows the start of a good one.
pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for redirect in &*REDIRECTS {
        check_link(redirect, &text);
    }
    let redirect = &REDIRECTS[bytes.first().map_or(0, |first| usize::from(*first) % ADDRESSES.len())];
    check_link(redirect, &format!("{redirect}?{text}"));
    check_link(redirect, &format!("{redirect}?code=c0de&state={STATE}&{text}"));
    check_link(redirect, &format!("{redirect}?error=invalid_request&error_description={text}&state={STATE}"));
}

/// It never panics; what is taken is what another reader takes for a code as well; what is not taken leaves the sign-in
/// as it was, or ends it; and nothing is taken after the end.
fn check_link(redirect: &Redirect, link: &str) {
    let address = redirect.as_str();
    let mut awaited = Awaited::new(STATE, redirect.clone(), THIS_POOL.clone());
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
        && value("iss").is_none_or(|iss| NAMES.contains(&iss))
}
