//! The keys that a pool signs its tokens with (RFC 7517).

use std::time::{Duration, Instant};

use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;
use session::{Fault, FaultCode};
use tokio::sync::Mutex;
use url::Url;

use crate::http::Http;

/// A pool has two keys, and for a while four.
const MOST_KEYS: usize = 16;
const LARGEST_DOCUMENT: usize = 64 * 1024;
/// An unknown key id costs at most one request in this time: anybody can make one up.
const BETWEEN_FETCHES: Duration = Duration::from_secs(60);

/// A pool's keys, fetched when they are first needed and again for a key that is not among them.
#[derive(Debug)]
pub(super) struct Keys {
    http: Http,
    address: Url,
    kept: Mutex<Kept>,
}

impl Keys {
    pub(super) fn at(address: Url, http: Http) -> Self {
        Self { http, address, kept: Mutex::default() }
    }

    /// Fetches the keys if there are none yet, so that a code is not spent on tokens that nobody could verify.
    pub(super) async fn ready(&self) -> Result<(), Fault> {
        let mut kept = self.kept.lock().await;
        if kept.keys.is_empty() { self.fetch(&mut kept).await } else { Ok(()) }
    }

    /// The key with this id, if the pool has it.
    pub(super) async fn find(&self, kid: &str) -> Result<Option<DecodingKey>, Fault> {
        let mut kept = self.kept.lock().await;
        if kept.find(kid).is_none() && kept.may_fetch(Instant::now()) {
            // Where it fails, the keys that are kept are as good as before.
            let fetched = self.fetch(&mut kept).await;
            if kept.keys.is_empty() {
                fetched?;
            }
        }
        Ok(kept.find(kid))
    }

    async fn fetch(&self, kept: &mut Kept) -> Result<(), Fault> {
        kept.fetched_at = Some(Instant::now());
        let result = match self.http.get_any(&self.address, LARGEST_DOCUMENT).await {
            Ok((200, body)) => kept.take(&body),
            Ok((status, body)) => {
                let document = serde_json::from_slice::<Value>(&body).unwrap_or_default();
                Err(crate::connection::of_whoever_answered(status, &document))
            }
            Err(fault) => Err(fault),
        };
        match &result {
            Ok(()) => tracing::debug!(keys = kept.keys.len(), "fetched the pool's keys"),
            Err(fault) => tracing::warn!(code = ?fault.code, "the pool's keys could not be fetched"),
        }
        result
    }
}

#[derive(Debug, Default)]
struct Kept {
    keys: Vec<(String, DecodingKey)>,
    fetched_at: Option<Instant>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Listed {
    kid: String,
    kty: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    n: String,
    e: String,
}

impl Kept {
    fn find(&self, kid: &str) -> Option<DecodingKey> {
        self.keys.iter().find(|(known, _)| known == kid).map(|(_, key)| key.clone())
    }

    fn may_fetch(&self, now: Instant) -> bool {
        self.fetched_at.is_none_or(|at| now.saturating_duration_since(at) >= BETWEEN_FETCHES)
    }

    /// Takes the keys of a document in place of the ones that are kept, so that one that was withdrawn is gone. A
    /// document without a single key that can be used is broken, and changes nothing.
    fn take(&mut self, document: &[u8]) -> Result<(), Fault> {
        let unusable = |detail: &str| Fault::with_detail(FaultCode::AnswerUnusable, detail);
        let document: Document =
            serde_json::from_slice(document).map_err(|_| unusable("the pool's keys cannot be read"))?;
        // A key of a kind that is not known here may be listed as well (RFC 7517, section 5).
        let keys = document.keys.into_iter().filter_map(|listed| {
            let listed: Listed = serde_json::from_value(listed).ok()?;
            let for_signatures = listed.purpose.is_none_or(|purpose| purpose == "sig");
            let by_rs256 = listed.kty == "RSA" && listed.alg.is_none_or(|alg| alg == "RS256");
            let key = DecodingKey::from_rsa_components(&listed.n, &listed.e).ok()?;
            (for_signatures && by_rs256 && !listed.kid.is_empty()).then_some((listed.kid, key))
        });
        let keys: Vec<_> = keys.take(MOST_KEYS).collect();
        if keys.is_empty() {
            return Err(unusable("no key of the pool's can be used"));
        }
        self.keys = keys;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(kid: &str) -> Value {
        json!({ "kid": kid, "kty": "RSA", "alg": "RS256", "use": "sig", "n": "AQAB", "e": "AQAB" })
    }

    fn with(mut key: Value, name: &str, value: Value) -> Value {
        key[name] = value;
        key
    }

    fn document(keys: &[Value]) -> Vec<u8> {
        json!({ "keys": keys }).to_string().into_bytes()
    }

    fn ids(kept: &Kept) -> Vec<&str> {
        kept.keys.iter().map(|(kid, _)| kid.as_str()).collect()
    }

    #[test]
    fn a_good_document_takes_the_place_of_the_one_before() {
        let mut kept = Kept::default();
        kept.take(&document(&[key("a"), key("b")])).expect("it is good");
        assert_eq!(ids(&kept), ["a", "b"]);
        kept.take(&document(&[key("b"), key("c")])).expect("it is good");
        assert_eq!(ids(&kept), ["b", "c"]);
        assert!(kept.find("a").is_none() && kept.find("c").is_some());
    }

    #[test]
    fn only_keys_for_rs256_signatures_are_taken() {
        let mut kept = Kept::default();
        let bare = json!({ "kid": "bare", "kty": "RSA", "n": "AQAB", "e": "AQAB" });
        kept.take(&document(&[
            with(key("oct"), "kty", json!("oct")),
            with(key("hs"), "alg", json!("HS256")),
            with(key("enc"), "use", json!("enc")),
            with(key("x"), "n", json!("!!!")),
            with(key(""), "n", json!("AQAB")),
            json!({ "kty": "EC", "kid": "ec", "crv": "P-256", "x": "AQAB", "y": "AQAB" }),
            json!("text"),
            bare,
        ]))
        .expect("one of them is good");
        assert_eq!(ids(&kept), ["bare"]);
    }

    #[test]
    fn a_broken_document_keeps_the_keys_that_there_are() {
        let mut kept = Kept::default();
        kept.take(&document(&[key("a")])).expect("it is good");
        for broken in
            [b"".to_vec(), b"<html>".to_vec(), b"{}".to_vec(), b"{\"keys\":{}}".to_vec(), document(&[])]
        {
            let fault = kept.take(&broken).expect_err("it is broken");
            assert_eq!(fault.code, FaultCode::AnswerUnusable);
            assert_eq!(ids(&kept), ["a"]);
        }
    }

    #[test]
    fn no_document_has_more_keys_than_a_pool_could() {
        let many: Vec<_> = (0..100).map(|index| key(&format!("k{index}"))).collect();
        let mut kept = Kept::default();
        kept.take(&document(&many)).expect("it is good");
        assert_eq!(kept.keys.len(), MOST_KEYS);
    }

    #[test]
    fn the_pool_is_asked_again_once_a_minute_at_most() {
        let now = Instant::now();
        let mut kept = Kept::default();
        assert!(kept.may_fetch(now));
        kept.fetched_at = Some(now);
        assert!(!kept.may_fetch(now) && !kept.may_fetch(now + Duration::from_secs(59)));
        assert!(kept.may_fetch(now + Duration::from_secs(60)));
        assert!(!kept.may_fetch(now - Duration::from_secs(1)), "a clock that runs backwards asks nobody");
    }
}
