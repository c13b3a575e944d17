use url::Url;

use super::super::request::Wish;
use super::super::settings::{Domain, Redirects};
use super::*;
use crate::issuer::Issuer;

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_p";

fn pool_of(issuer: &str, client_id: &str) -> PoolSettings {
    let issuer = Issuer::parse(issuer).expect("an issuer");
    PoolSettings::new(issuer, client_id.to_owned(), None, None).expect("good settings")
}

fn pool() -> PoolSettings {
    pool_of(ISSUER, "client1")
}

fn settings() -> BrowserSettings {
    BrowserSettings { redirects: Redirects::of_scheme("my-app"), ..BrowserSettings::default() }
}

/// As a discovery document says, with everything that it can say.
fn endpoints() -> Endpoints {
    let address = |path: &str| Url::parse(&format!("https://auth.example.com{path}")).expect("an address");
    Endpoints {
        authorization: address("/oauth2/authorize?tenant=1"),
        token: address("/oauth2/token"),
        revocation: Some(address("/oauth2/revoke")),
        end_session: Some(address("/logout")),
        issuer: Some("https://issuer.example.com/p".to_owned()),
    }
}

fn pending(endpoints: Endpoints) -> Pending {
    let settings = settings();
    let redirect = settings.redirects.iter().next().expect("a link").clone();
    Pending::new(&pool(), &settings, endpoints, redirect, Wish::default()).expect("randomness")
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000)
}

fn read_again(bytes: &[u8]) -> Result<Pending, KeptProblem> {
    read(bytes, &pool(), &settings(), now())
}

fn problem(result: Result<Pending, KeptProblem>) -> Option<KeptProblem> {
    result.err()
}

#[test]
fn every_field_survives_and_the_address_is_not_kept() {
    for endpoints in [
        endpoints(),
        Endpoints { revocation: None, end_session: None, issuer: None, ..endpoints() },
        Endpoints::at(&Domain::parse("auth.example.com").expect("a domain")),
    ] {
        let before = pending(endpoints);
        let bytes = write(&before, &pool(), now());
        assert_eq!(bytes.len(), bytes.capacity(), "it has not grown");
        assert!(bytes.len() < 1024, "it fits into the smallest keychain: {}", bytes.len());
        let mut after = read_again(&bytes).expect("it is one");
        assert_eq!(after.redirect(), before.redirect());
        assert_eq!(after.state().expose(), before.state().expose());
        assert_eq!(after.nonce.expose(), before.nonce.expose());
        assert_eq!(after.verifier.expose(), before.verifier.expose());
        assert_eq!(after.endpoints, before.endpoints);
        assert_eq!(after.address(), "");
        // The issuers that its answer may name are those of before.
        let link =
            |iss: &str| format!("{}?code=c&state={}&iss={iss}", before.redirect(), before.state().expose());
        assert!(read_again(&bytes).expect("one").receive(&link(ISSUER)).is_ok());
        let named = after.receive(&link("https://issuer.example.com/p")).is_ok();
        assert_eq!(named, before.endpoints.issuer.is_some());
    }
}

#[test]
fn rubbish_is_no_sign_in() {
    let bytes = write(&pending(endpoints()), &pool(), now());
    for length in 0..bytes.len() {
        assert_eq!(problem(read_again(&bytes[..length])), Some(KeptProblem::Unreadable), "{length}");
    }
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = bytes.to_vec();
        change(&mut bytes);
        problem(read_again(&bytes))
    };
    assert_eq!(changed(&|bytes| bytes.push(0)), Some(KeptProblem::Unreadable), "something behind it");
    assert_eq!(changed(&|bytes| bytes[0] = 2), Some(KeptProblem::Unreadable), "another version");
    // No byte of it can be anything without a difference: it is read as what it says, or not at all.
    for at in 0..bytes.len() {
        for value in [0, b'/', 0x7f, 0xff] {
            let mut other = bytes.to_vec();
            other[at] = value;
            if let Ok(pending) = read_again(&other) {
                assert_eq!(write(&pending, &pool(), now())[9..], other[9..], "{at}");
            }
        }
    }
    let short = |from: &str| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.find(from).expect("it is there")
    };
    let state = short(pending_state(&bytes).as_str());
    assert_eq!(changed(&|bytes| bytes[state] = b'!'), Some(KeptProblem::Unreadable), "no state of ours");
    let token = short("https://auth.example.com/oauth2/token");
    assert_eq!(
        changed(&|bytes| bytes.splice(token..token + 8, *b"http:///").for_each(drop)),
        Some(KeptProblem::Unreadable),
        "an address without https"
    );
}

fn pending_state(bytes: &[u8]) -> String {
    read_again(bytes).expect("it is one").state().expose().to_owned()
}

#[test]
fn what_is_too_old_or_still_to_come_waits_no_more() {
    let pending = pending(endpoints());
    for (ago, expected) in [
        (0, None),
        (599, None),
        (600, None),
        (601, Some(KeptProblem::Stale)),
        (100_000, Some(KeptProblem::Stale)),
        (-1, Some(KeptProblem::Stale)),
    ] {
        let begun = 1_790_000_000_i64 - ago;
        let begun = SystemTime::UNIX_EPOCH + Duration::from_secs(begun.unsigned_abs());
        let bytes = write(&pending, &pool(), begun);
        assert_eq!(problem(read_again(&bytes)), expected, "{ago}");
    }
    let mut bytes = write(&pending, &pool(), now()).to_vec();
    bytes[1..9].fill(0xff);
    assert_eq!(problem(read_again(&bytes)), Some(KeptProblem::Stale), "at no time that there is");
}

#[test]
fn what_was_begun_with_other_settings_is_foreign() {
    let bytes = write(&pending(endpoints()), &pool(), now());
    let read = |pool: &PoolSettings, settings: &BrowserSettings| problem(read(&bytes, pool, settings, now()));
    assert_eq!(read(&pool(), &settings()), None);
    assert_eq!(read(&pool_of(ISSUER, "client2"), &settings()), Some(KeptProblem::Foreign));
    let other = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_q";
    assert_eq!(read(&pool_of(other, "client1"), &settings()), Some(KeptProblem::Foreign));
    let redirects = Redirects::of_scheme("my-other-app");
    assert_eq!(read(&pool(), &BrowserSettings { redirects, ..settings() }), Some(KeptProblem::Foreign));
    let of_domain = |domain: &str| BrowserSettings {
        domain: Some(Domain::parse(domain).expect("a domain")),
        ..settings()
    };
    assert_eq!(read(&pool(), &of_domain("elsewhere.example.com")), Some(KeptProblem::Foreign));
    let at = Endpoints::at(&Domain::parse("auth.example.com").expect("a domain"));
    let bytes = write(&pending(at), &pool(), now());
    assert!(super::read(&bytes, &pool(), &of_domain("auth.example.com"), now()).is_ok());
}

#[test]
fn what_is_kept_and_read_is_shown_to_nobody() {
    let before = pending(endpoints());
    let after = read_again(&write(&before, &pool(), now())).expect("it is one");
    let shown = format!("{after:?}");
    for secret in [before.state().expose(), before.nonce.expose(), before.verifier.expose()] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
