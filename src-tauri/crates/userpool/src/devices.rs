//! Devices: what a client is told to keep for the next sign-in, the operations on it, and the challenges that a
//! remembered device answers instead of a second factor (`DEVICE_SRP_AUTH`, `DEVICE_PASSWORD_VERIFIER`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::authentication::bad_public_key;
use crate::challenges::{self, Pending, Step};
use crate::journal::Trace;
use crate::pool::{Pool, User, hexadecimal};
use crate::proof::Proof;
use crate::sign_in::{self, SignIn};
use crate::srp::Conversation;
use crate::wire::{Fields, Outcome, Refusal};
use crate::{paging, pool, random, sessions};

/// How many devices `ListDevices` gives at most, and when it is not told.
const MOST_LISTED: usize = 60;

/// Which devices are remembered. A setting of the whole pool in Cognito.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tracking {
    /// All that are confirmed.
    Always,
    /// Those that the user wants remembered.
    UserOptIn,
}

/// A device of a user. Filed under its key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Device {
    group: String,
    name: String,
    /// Since when a client holds the password of it: `ConfirmDevice`.
    secret: Option<Secret>,
    remembered: bool,
    /// In seconds, as the next two.
    created: i64,
    modified: i64,
    authenticated: i64,
}

/// What SRP needs.
#[derive(Clone, Serialize, Deserialize)]
struct Secret {
    #[serde(with = "hexadecimal")]
    salt: BigUint,
    #[serde(with = "hexadecimal")]
    verifier: BigUint,
}

impl Device {
    fn describe(&self, key: &str) -> Value {
        let status = if self.remembered { "remembered" } else { "not_remembered" };
        let attributes = [
            ("device_status", "valid"),
            ("device_name", &self.name),
            ("dev:device_remembered_status", status),
            ("last_ip_used", "127.0.0.1"),
        ];
        let attributes = attributes.map(|(name, value)| json!({ "Name": name, "Value": value }));
        json!({
            "DeviceKey": key,
            "DeviceAttributes": attributes,
            "DeviceCreateDate": self.created,
            "DeviceLastModifiedDate": self.modified,
            "DeviceLastAuthenticatedDate": self.authenticated,
        })
    }
}

fn unknown() -> Refusal {
    Refusal::new("ResourceNotFoundException", "Device does not exist.")
}

/// The device that a sign-in comes from, if its client tracks devices and it gave one that is confirmed.
///
/// # Errors
/// `ResourceNotFoundException` when it gave one that the user does not have.
fn known<'a>(pool: &Pool, sign_in: &'a SignIn, user: &User) -> Result<Option<(&'a str, Device)>, Refusal> {
    let (Some(_), Some(key)) = (pool.client(&sign_in.client)?.devices, sign_in.device.as_deref()) else {
        return Ok(None);
    };
    let device = user.devices.get(key).ok_or_else(unknown)?;
    Ok(device.secret.is_some().then(|| (key, device.clone())))
}

/// Begins `DEVICE_SRP_AUTH` if the sign-in comes from a remembered device, which then needs no second factor.
pub(crate) fn recognise(pool: &mut Pool, sign_in: &SignIn, user: &User) -> Result<Option<Value>, Refusal> {
    let device = known(pool, sign_in, user)?.filter(|(_, device)| device.remembered);
    Ok(device.map(|(key, _)| {
        let parameters = json!({ "USERNAME": user.username, "DEVICE_KEY": key });
        challenges::ask(pool, sign_in, "DEVICE_SRP_AUTH", parameters, Step::Device)
    }))
}

/// The key of the device that a new session belongs to, and `NewDeviceMetadata` if it is a new one; nothing where
/// devices are not tracked.
pub(crate) fn of_session(
    pool: &mut Pool,
    sign_in: &SignIn,
    user: &User,
) -> Result<Option<(String, Option<Value>)>, Refusal> {
    let now = pool.now();
    if pool.client(&sign_in.client)?.devices.is_none() {
        return Ok(None);
    }
    let old = known(pool, sign_in, user)?.map(|(key, _)| key.to_owned());
    let devices = pool.users.get_mut(&user.username).map(|user| &mut user.devices);
    let devices = devices.ok_or_else(challenges::invalid_session)?;
    if let Some(key) = old {
        if let Some(device) = devices.get_mut(&key) {
            device.authenticated = now;
        }
        return Ok(Some((key, None)));
    }
    let region = pool::POOL_ID.split('_').next().unwrap_or_default();
    let key = format!("{region}_{}", random::uuid());
    let group = format!("-{}", &random::hex(&random::bytes::<4>()));
    let metadata = json!({ "DeviceKey": key, "DeviceGroupKey": group });
    let device = Device {
        group,
        name: String::new(),
        secret: None,
        remembered: false,
        created: now,
        modified: now,
        authenticated: now,
    };
    devices.insert(key.clone(), device);
    Ok(Some((key, Some(metadata))))
}

/// Whether a session of this device can be refreshed by whoever gives `given`.
pub(crate) fn may_refresh(user: &User, key: &str, given: Option<&str>) -> bool {
    given == Some(key) && user.devices.get(key).is_some_and(|device| device.secret.is_some())
}

/// Serves the answer to `DEVICE_SRP_AUTH`.
pub(crate) fn begin(pool: &mut Pool, client_id: &str, request: Fields<'_>, responses: Fields<'_>) -> Outcome {
    let key = responses.parameter("DEVICE_KEY")?;
    let srp_a = responses.parameter("SRP_A")?;
    let waits = |pending: &Pending| {
        matches!(pending.step, Step::Device) && pending.sign_in.device.as_deref() == Some(key)
    };
    // Not every client sends the session back with this challenge.
    let session = match request.optional("Session") {
        Some(session) => session.to_owned(),
        None => challenges::find(pool, client_id, responses, waits)?,
    };
    let pending = challenges::take(pool, &session, client_id, responses)?;
    if !waits(&pending) {
        return Err(challenges::waits_for_something_else());
    }
    let username = &pending.sign_in.username;
    let device = pool.users.get(username).and_then(|user| user.devices.get(key)).ok_or_else(unknown)?;
    let secret = device.secret.clone().ok_or_else(unknown)?;
    let conversation = Conversation::begin(srp_a, secret.verifier).map_err(bad_public_key)?;
    let secret_block = random::secret_block();
    let session = random::session();
    let parameters = json!({
        "DEVICE_KEY": key,
        "SALT": secret.salt.to_str_radix(16),
        "SECRET_BLOCK": secret_block,
        "SRP_B": conversation.srp_b(),
        "USERNAME": username,
    });
    let step = Step::DeviceVerifier { conversation };
    challenges::await_answer(pool, secret_block, Pending::new(pool, pending.sign_in, step));
    Ok(json!({
        "ChallengeName": "DEVICE_PASSWORD_VERIFIER",
        "ChallengeParameters": parameters,
        "Session": session,
    }))
}

/// Serves the answer to `DEVICE_PASSWORD_VERIFIER`.
pub(crate) fn verify(pool: &mut Pool, client_id: &str, responses: Fields<'_>) -> Outcome {
    let given = responses.parameter("DEVICE_KEY")?;
    let proof = Proof::read(responses)?;
    let pending = proof.take(pool, client_id, responses)?;
    let Step::DeviceVerifier { conversation } = &pending.step else {
        return Err(challenges::waits_for_something_else());
    };
    let user = pool.users.get(&pending.sign_in.username).cloned();
    let user = user.ok_or_else(challenges::invalid_session)?;
    let (key, device) = known(pool, &pending.sign_in, &user)?.ok_or_else(unknown)?;
    if key != given || !proof.fits(pool, conversation, &device.group, key)? {
        return Err(Refusal::incorrect_password());
    }
    sign_in::signed_in(pool, &pending.sign_in, &user)
}

/// The user an access token stands for, and the key of one of the user's devices.
fn owner(pool: &Pool, request: Fields<'_>, trace: &mut Trace) -> Result<(User, String), Refusal> {
    let key = request.required("DeviceKey")?;
    let sound = |text: &str, rule: fn(char) -> bool| !text.is_empty() && text.chars().all(rule);
    let pattern = key.len() <= 55
        && key.rsplit_once('_').is_some_and(|(region, id)| {
            sound(region, |letter| letter.is_alphanumeric() || "_-".contains(letter))
                && sound(id, |letter| "0123456789abcdef-".contains(letter))
        });
    if !pattern {
        let rule = "Member must satisfy regular expression pattern: [\\w-]+_[0-9a-f-]+";
        return Err(Refusal::validation(&format!("'{key}'"), "deviceKey", rule));
    }
    let user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    if !user.devices.contains_key(key) {
        return Err(unknown());
    }
    Ok((user, key.to_owned()))
}

fn change(pool: &mut Pool, user: &User, key: &str, change: impl FnOnce(&mut Device)) {
    let now = pool.now();
    if let Some(device) = pool.users.get_mut(&user.username).and_then(|user| user.devices.get_mut(key)) {
        change(device);
        device.modified = now;
    }
}

/// Serves `ConfirmDevice`.
pub(crate) fn confirm(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let (user, key) = owner(pool, request, trace)?;
    let config = request.map("DeviceSecretVerifierConfig");
    let number = |name: &str| {
        let raw = STANDARD.decode(config.parameter(name)?).ok().filter(|raw| !raw.is_empty());
        let raw = raw.ok_or_else(|| Refusal::invalid_parameter(format!("{name} is not valid base64")))?;
        // Read as two's complement, so the top bit makes it negative.
        if raw[0] & 0x80 != 0 {
            let words = "Negate value passed for salt and password verifier";
            return Err(Refusal::invalid_parameter(words));
        }
        Ok(BigUint::from_bytes_be(&raw))
    };
    let secret = Secret { salt: number("Salt")?, verifier: number("PasswordVerifier")? };
    if user.devices[&key].secret.is_some() {
        return Err(Refusal::invalid_parameter("Device is already confirmed."));
    }
    let token_client = sessions::client_of(pool, request.required("AccessToken")?);
    let tracking = token_client.and_then(|id| pool.client(&id).ok()?.devices);
    let always = tracking == Some(Tracking::Always);
    let name = request.optional("DeviceName").unwrap_or_default().to_owned();
    change(pool, &user, &key, |device| {
        device.secret = Some(secret);
        device.name = name;
        device.remembered = always;
    });
    Ok(json!({ "UserConfirmationNecessary": !always }))
}

/// Serves `UpdateDeviceStatus`.
pub(crate) fn update_status(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let (user, key) = owner(pool, request, trace)?;
    let remembered = match request.optional("DeviceRememberedStatus") {
        Some("remembered") => true,
        Some("not_remembered") => false,
        None => return Err(Refusal::invalid_parameter("No device status was given.")),
        Some(other) => {
            let rule = "Member must satisfy enum value set: [remembered, not_remembered]";
            return Err(Refusal::validation(&format!("'{other}'"), "deviceRememberedStatus", rule));
        }
    };
    change(pool, &user, &key, |device| device.remembered = remembered);
    Ok(json!({}))
}

/// Serves `GetDevice`.
pub(crate) fn get(pool: &Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let (user, key) = owner(pool, request, trace)?;
    Ok(json!({ "Device": user.devices[&key].describe(&key) }))
}

/// Serves `ListDevices`. AWS's own clients take `InvalidParameterException` for a pool that tracks no devices; its
/// words are this pool's.
pub(crate) fn list(pool: &Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let token = request.required("AccessToken")?;
    let user = sessions::bearer(pool, token)?;
    trace.username.clone_from(&user.username);
    let client = sessions::client_of(pool, token);
    if client.and_then(|id| pool.client(&id).ok()).is_none_or(|client| client.devices.is_none()) {
        return Err(Refusal::invalid_parameter("Device tracking is not configured for this user pool."));
    }
    let limit = request.limit("Limit", MOST_LISTED)?;
    let all = user.devices.iter().map(|(key, device)| (key.clone(), device.describe(key)));
    let (devices, next) = paging::page(all, request.optional("PaginationToken"), limit)?;
    let mut body = json!({ "Devices": devices });
    if let Some(next) = next {
        body["PaginationToken"] = json!(next);
    }
    Ok(body)
}

/// Serves `ForgetDevice`.
pub(crate) fn forget(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let (user, key) = owner(pool, request, trace)?;
    if let Some(user) = pool.users.get_mut(&user.username) {
        user.devices.remove(&key);
    }
    Ok(json!({}))
}
