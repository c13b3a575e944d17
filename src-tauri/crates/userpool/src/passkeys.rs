//! `WEB_AUTHN`: a passkey signs a challenge (Web Authentication, level 2, section 7.2), with ECDSA on P-256. And the
//! user's list of them: `ListWebAuthnCredentials`, `DeleteWebAuthnCredential`.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::challenges::{self, Step};
use crate::journal::Trace;
use crate::pool::{Pool, User};
use crate::sign_in::{self, SignIn};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{paging, random, sessions};

/// Whom passkeys are for.
pub(crate) const RELYING_PARTY: &str = "localhost";
/// How an authenticator is reached; here all are part of the machine.
const TRANSPORTS: [&str; 1] = ["internal"];
/// How many are listed at most, and when nobody says.
const MOST_LISTED: usize = 20;
/// Of the authenticator's flags: somebody was there.
const USER_PRESENT: u8 = 1;

/// What the pool knows of a passkey.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Passkey {
    /// In base64url.
    pub(crate) id: String,
    pub(crate) name: String,
    /// An uncompressed point, in base64url.
    pub(crate) public_key: String,
    /// When it was registered, in seconds.
    pub(crate) created: i64,
}

impl Passkey {
    fn describe(&self) -> Value {
        json!({
            "CredentialId": self.id,
            "FriendlyCredentialName": self.name,
            "RelyingPartyId": RELYING_PARTY,
            "AuthenticatorAttachment": "platform",
            "AuthenticatorTransports": TRANSPORTS,
            "CreatedAt": self.created,
        })
    }
}

/// Begins `WEB_AUTHN`.
pub(crate) fn ask(pool: &mut Pool, sign_in: &SignIn) -> Outcome {
    let challenge = URL_SAFE_NO_PAD.encode(random::bytes::<32>());
    let user = pool.users.get(&sign_in.username);
    let allowed: Vec<Value> = user
        .into_iter()
        .flat_map(|user| &user.passkeys)
        .map(|passkey| json!({ "type": "public-key", "id": passkey.id, "transports": TRANSPORTS }))
        .collect();
    let options = json!({
        "challenge": challenge,
        "timeout": 180_000,
        "rpId": RELYING_PARTY,
        "allowCredentials": allowed,
        "userVerification": "preferred",
    });
    let parameters = json!({ "CREDENTIAL_REQUEST_OPTIONS": options.to_string() });
    Ok(challenges::ask(pool, sign_in, "WEB_AUTHN", parameters, Step::Passkey { challenge }))
}

/// Serves the answer to it: `CREDENTIAL` is an `AuthenticationResponseJSON`.
pub(crate) fn check(pool: &mut Pool, client_id: &str, request: Fields<'_>, responses: Fields<'_>) -> Outcome {
    let key = request.parameter("Session")?;
    let credential: Value = serde_json::from_str(responses.parameter("CREDENTIAL")?).map_err(|error| {
        Refusal::invalid_parameter("CREDENTIAL is not valid JSON").because(error.to_string())
    })?;
    // Whatever comes of it: a challenge is signed once.
    let pending = challenges::take(pool, key, client_id, responses)?;
    let Step::Passkey { challenge } = &pending.step else {
        return Err(challenges::waits_for_something_else());
    };
    let user = pool.users.get(&pending.sign_in.username).cloned();
    let user = user.ok_or_else(challenges::invalid_session)?;
    verify(&user, challenge, &credential)
        .map_err(|why| Refusal::not_authorized("Invalid passkey credential.").because(why))?;
    sign_in::after_all_factors(pool, &pending.sign_in, &user)
}

/// Serves `ListWebAuthnCredentials`.
pub(crate) fn list(pool: &Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    let limit = request.limit("MaxResults", MOST_LISTED)?;
    let all = user.passkeys.iter().map(|passkey| (passkey.id.clone(), passkey.describe()));
    let (credentials, next) = paging::page(all, request.optional("NextToken"), limit)?;
    let mut body = json!({ "Credentials": credentials });
    if let Some(next) = next {
        body["NextToken"] = json!(next);
    }
    Ok(body)
}

/// Serves `DeleteWebAuthnCredential`.
pub(crate) fn delete(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let mut user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    let id = request.required("CredentialId")?;
    let before = user.passkeys.len();
    user.passkeys.retain(|passkey| passkey.id != id);
    if user.passkeys.len() == before {
        return Err(Refusal::new("ResourceNotFoundException", "WebAuthn credential does not exist."));
    }
    pool.users.insert(user.username.clone(), user);
    Ok(json!({}))
}

/// Whether a passkey of the user signed the challenge.
fn verify(user: &User, challenge: &str, credential: &Value) -> Result<(), &'static str> {
    let bytes = |name: &str| {
        let text = credential["response"][name].as_str().unwrap_or_default();
        URL_SAFE_NO_PAD.decode(text).unwrap_or_default()
    };
    let (client_data, authenticator_data) = (bytes("clientDataJSON"), bytes("authenticatorData"));
    let said: Value = serde_json::from_slice(&client_data).unwrap_or_default();
    let origin = said["origin"].as_str().unwrap_or_default();
    let host = origin.split_once("://").map(|(_, host)| host.split(':').next().unwrap_or_default());
    let party = digest::digest(&digest::SHA256, RELYING_PARTY.as_bytes());
    let passkey = user.passkeys.iter().find(|passkey| credential["id"] == passkey.id.as_str());
    let passkey = passkey.ok_or("the user has no such passkey")?;
    if said["type"] != "webauthn.get" || said["challenge"] != challenge {
        return Err("it signs another challenge");
    }
    if host != Some(RELYING_PARTY) || !authenticator_data.starts_with(party.as_ref()) {
        return Err("it is for another relying party");
    }
    if authenticator_data.get(32).is_none_or(|flags| flags & USER_PRESENT == 0) {
        return Err("nobody was there");
    }
    let signed = [&*authenticator_data, digest::digest(&digest::SHA256, &client_data).as_ref()].concat();
    let point = URL_SAFE_NO_PAD.decode(&passkey.public_key).unwrap_or_default();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
        .verify(&signed, &bytes("signature"))
        .map_err(|_| "the signature does not fit")
}
