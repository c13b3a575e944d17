//! From the code to the tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use session::{AccessToken, ClientSecret, Fault, FaultCode, IdToken, PoolClock, RefreshToken, Timestamp};
use url::Url;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::callback::Code;
use super::refusal;
use super::request::{Pending, form};
use crate::connection::of_whoever_answered;
use crate::http::{Http, Posted};
use crate::settings::PoolSettings;

/// Three tokens, of which the largest has a user's groups and attributes in it.
const LARGEST_ANSWER: usize = 64 * 1024;

/// What the pool gave for a code; nothing of it is believed yet.
#[derive(Debug, Deserialize)]
pub(super) struct Issued {
    pub(super) access_token: AccessToken,
    pub(super) id_token: IdToken,
    pub(super) refresh_token: RefreshToken,
    token_type: String,
}

/// Changes the code for tokens (RFC 6749, section 4.1.3; RFC 7636, section 4.5). Once: a code is spent by being sent.
///
/// The answer sets `clock`, by which the tokens expire.
pub(super) async fn exchange(
    pool: &PoolSettings,
    http: &Http,
    clock: &PoolClock,
    pending: &Pending,
    code: &Code,
) -> Result<Issued, Fault> {
    let secret = pool.client_secret();
    let body = form(&[
        ("grant_type", "authorization_code"),
        ("client_id", pool.client_id()),
        ("code", code.expose()),
        ("redirect_uri", pending.redirect().as_str()),
        ("code_verifier", pending.verifier.expose()),
    ]);
    let authorization = secret.as_ref().map(|secret| basic(pool.client_id(), secret));
    let answer = http
        .post_form(
            &pending.endpoints.token,
            &body,
            authorization.as_deref().map(String::as_str),
            LARGEST_ANSWER,
        )
        .await?;
    let issued = read(&answer, secret.is_some());
    // What answers like a token endpoint is one; a captive portal has its own idea of the time.
    if let (Some(date), Ok(_)) = (answer.date, &issued) {
        clock.observe(Timestamp::from_unix_seconds(date), answer.took);
    }
    issued
}

fn read(answer: &Posted, with_secret: bool) -> Result<Issued, Fault> {
    if answer.status == 200 {
        // The parser's own words could quote what it read.
        let issued: Issued = serde_json::from_slice(&answer.body).map_err(|_| {
            let code = match serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body) {
                Ok(_) => FaultCode::AnswerUnusable,
                Err(_) => FaultCode::NotThePool,
            };
            Fault::with_detail(code, "the answer to the code is not three tokens")
        })?;
        // RFC 6749, section 7.1: a token of a kind that is not known must not be used.
        if !issued.token_type.eq_ignore_ascii_case("bearer") {
            return Err(Fault::with_detail(FaultCode::AnswerUnusable, "the token's type is not known"));
        }
        return Ok(issued);
    }
    let document = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    match document["error"].as_str() {
        Some(error) if matches!(answer.status, 400..=403) => {
            Err(refusal::of_code(error, document["error_description"].as_str(), with_secret))
        }
        _ => Err(of_whoever_answered(answer.status, &document)),
    }
}

/// Ends tokens that nobody will use (RFC 7009, section 2.1). What becomes of it changes nothing.
pub(super) async fn revoke(pool: PoolSettings, http: Http, at: Url, refresh: RefreshToken) {
    let secret = pool.client_secret();
    let body = form(&[("token", refresh.expose()), ("client_id", pool.client_id())]);
    let authorization = secret.as_ref().map(|secret| basic(pool.client_id(), secret));
    let sent = http.post_form(&at, &body, authorization.as_deref().map(String::as_str), LARGEST_ANSWER).await;
    match sent {
        Ok(Posted { status: 200, .. }) => {}
        Ok(Posted { status, .. }) => {
            tracing::warn!(status, "tokens that were not taken could not be revoked")
        }
        Err(fault) => tracing::warn!(code = ?fault.code, "tokens that were not taken could not be revoked"),
    }
}

/// A client that has a secret shows it by HTTP Basic (RFC 6749, section 2.3.1: both encoded as in a form first).
fn basic(client_id: &str, secret: &ClientSecret) -> Zeroizing<String> {
    let mut pair = Zeroizing::new(String::with_capacity(3 * (client_id.len() + secret.expose().len()) + 1));
    pair.extend(byte_serialize(client_id.as_bytes()));
    pair.push(':');
    pair.extend(byte_serialize(secret.expose().as_bytes()));
    Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answer(status: u16, body: &str) -> Posted {
        Posted { status, body: Zeroizing::new(body.as_bytes().to_vec()), date: None, took: Duration::ZERO }
    }

    const GOOD: &str = r#"{"access_token":"sentinel-a","id_token":"sentinel-i","refresh_token":"sentinel-r",
        "token_type":"Bearer","expires_in":3600}"#;

    #[test]
    fn three_tokens_are_read_and_shown_to_nobody() {
        let issued = read(&answer(200, GOOD), false).expect("they are tokens");
        assert_eq!(issued.access_token.expose(), "sentinel-a");
        assert_eq!(issued.id_token.expose(), "sentinel-i");
        assert_eq!(issued.refresh_token.expose(), "sentinel-r");
        assert!(!format!("{issued:?}").contains("sentinel"));
    }

    #[test]
    fn anything_else_has_its_code_and_repeats_nothing() {
        for (status, body, with_secret, code) in [
            (200, "{}".to_owned(), false, FaultCode::AnswerUnusable),
            (200, GOOD.replace("Bearer", "mac"), false, FaultCode::AnswerUnusable),
            (200, GOOD.replace("id_token", "other"), false, FaultCode::AnswerUnusable),
            (200, GOOD.replace("refresh_token", "other"), false, FaultCode::AnswerUnusable),
            (200, "<html>sentinel".to_owned(), false, FaultCode::NotThePool),
            (204, String::new(), false, FaultCode::NotThePool),
            (400, r#"{"error":"invalid_grant"}"#.to_owned(), false, FaultCode::BrowserCodeRefused),
            (400, r#"{"error":"invalid_client"}"#.to_owned(), true, FaultCode::ClientSecretWrong),
            (401, r#"{"error":"invalid_client"}"#.to_owned(), false, FaultCode::ClientSecretMissing),
            (400, r#"{"error":"unauthorized_client"}"#.to_owned(), false, FaultCode::FlowNotEnabled),
            (400, r#"{"error":"invalid_request"}"#.to_owned(), false, FaultCode::ParameterRejected),
            (400, "sentinel".to_owned(), false, FaultCode::NotThePool),
            (404, String::new(), false, FaultCode::NotThePool),
            (407, String::new(), false, FaultCode::ProxyRefused),
            (429, String::new(), false, FaultCode::Throttled),
            (500, r#"{"error":"invalid_grant"}"#.to_owned(), false, FaultCode::PoolTrouble),
            (503, String::new(), false, FaultCode::PoolTrouble),
        ] {
            let fault = read(&answer(status, &body), with_secret).expect_err(&body);
            assert_eq!(fault.code, code, "{status} {body}");
            assert!(!format!("{fault:?}").contains("sentinel"), "{fault:?}");
        }
    }

    // The example of RFC 6749, section 2.3.1, and one with what a form encodes.
    #[test]
    fn a_client_with_a_secret_shows_it_by_basic() {
        let secret = ClientSecret::new("7Fjfp0ZBr1KtDRbnfVdmIw");
        assert_eq!(
            basic("s6BhdRkqt3", &secret).as_str(),
            "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"
        );
        let encoded = format!("Basic {}", STANDARD.encode("a%2Bb:c%2F+d"));
        assert_eq!(basic("a+b", &ClientSecret::new("c/ d")).as_str(), encoded);
    }
}
