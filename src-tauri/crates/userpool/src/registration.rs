//! Signing up: `SignUp`, `ConfirmSignUp`, `ResendConfirmationCode`, and the sign-in that follows without another
//! code.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::authentication::{check_secret_hash_of, check_state, refuse_needless_hash};
use crate::challenges::{self, Step};
use crate::codes::{self, Purpose};
use crate::delivery::{Delivery, Medium};
use crate::journal::Trace;
use crate::pool::{Flow, Pool, Status, User};
use crate::sign_in::{self, SignIn};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{attributes, passwords, random};

const LONGEST_NAME: usize = 128;

/// Reads who a request without a token is about: the client, and the name as it was typed.
///
/// # Errors
/// As for an unknown client, a wrong secret hash and a missing field.
pub(crate) fn about<'a>(
    pool: &Pool,
    request: Fields<'a>,
    trace: &mut Trace,
) -> Result<(&'a str, &'a str), Refusal> {
    let client_id = request.required("ClientId")?;
    let typed = request.required("Username")?;
    trace.client = client_id.to_owned();
    trace.username = typed.to_owned();
    let (client, hash) = (pool.client(client_id)?, request.optional("SecretHash"));
    check_secret_hash_of(client, hash, typed)?;
    refuse_needless_hash(client, hash)?;
    Ok((client_id, typed))
}

/// Serves `SignUp`.
pub(crate) fn sign_up(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let (client_id, typed) = about(pool, request, trace)?;
    check_name(typed)?;
    let chooses = pool.client(client_id)?.allows(Flow::Choice);
    let password = request.optional("Password");
    match password {
        Some(password) => passwords::check(password)?,
        // Without one there must be another way in.
        None if chooses => {}
        None => return Err(Refusal::invalid_parameter("Password is required for this client")),
    }
    let given = attributes::read(request, "UserAttributes")?;
    for required in attributes::REQUIRED {
        if !given.iter().any(|(name, value)| *name == required && !value.is_empty()) {
            return Err(attributes::missing(required));
        }
    }
    let username = typed.to_lowercase();
    if pool.users.contains_key(&username) {
        return Err(Refusal::new("UsernameExistsException", "User already exists"));
    }
    let mut attributes: BTreeMap<String, String> =
        given.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    attributes.insert("email_verified".to_owned(), "false".to_owned());
    let user = User::new(&username, attributes, password);
    let delivery = Delivery::to(&user, Medium::Email)?;
    // The code first: who cannot be sent one is not signed up.
    codes::send(pool, &username, Purpose::SignUp, &delivery)?;
    let mut body = json!({
        "UserConfirmed": false,
        "UserSub": user.sub,
        "CodeDeliveryDetails": delivery.details(),
    });
    pool.users.insert(username.clone(), user);
    if chooses {
        body["Session"] = session(pool, client_id, &username, Step::SignedUp);
    }
    Ok(body)
}

/// Serves `ConfirmSignUp`.
pub(crate) fn confirm(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let (client_id, typed) = about(pool, request, trace)?;
    let code = request.required("ConfirmationCode")?;
    let user = pool.find_user(typed).cloned().ok_or_else(codes::expired)?;
    if user.status != Status::Unconfirmed {
        let words = format!("User cannot be confirmed. Current status is {}", user.status.name());
        return Err(Refusal::not_authorized(words));
    }
    if let Some(session) = request.optional("Session") {
        let pending = challenges::take_by_session(pool, session)?;
        let same = pending.sign_in.client == client_id && pending.sign_in.username == user.username;
        if !same || !matches!(pending.step, Step::SignedUp) {
            return Err(challenges::waits_for_something_else());
        }
        challenges::put_back(pool, session, pending);
    }
    let address = user.attributes.get("email").cloned().unwrap_or_default();
    let other = pool.owner_of_address(&address).filter(|other| *other != user.username);
    if other.is_some() && !request.flag("ForceAliasCreation") {
        return Err(Refusal::new("AliasExistsException", "An account with the email already exists."));
    }
    codes::check(pool, &user.username, Purpose::SignUp, code)?;
    if let Some(other) = other.and_then(|other| pool.users.get_mut(&other)) {
        other.attributes.insert("email_verified".to_owned(), "false".to_owned());
    }
    if let Some(user) = pool.users.get_mut(&user.username) {
        user.status = Status::Confirmed;
        user.attributes.insert("email_verified".to_owned(), "true".to_owned());
    }
    if !pool.client(client_id)?.allows(Flow::Choice) {
        return Ok(json!({}));
    }
    Ok(json!({ "Session": session(pool, client_id, &user.username, Step::Confirmed) }))
}

/// Serves `ResendConfirmationCode`.
pub(crate) fn resend(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let (_, typed) = about(pool, request, trace)?;
    let (username, delivery) = match pool.find_user(typed) {
        Some(user) if user.status != Status::Unconfirmed => {
            return Err(Refusal::invalid_parameter("User is already confirmed."));
        }
        Some(user) => (user.username.clone(), Delivery::to(user, Medium::Email)?),
        None => (typed.to_owned(), Delivery::invented(pool, typed)),
    };
    codes::send(pool, &username, Purpose::SignUp, &delivery)?;
    Ok(json!({ "CodeDeliveryDetails": delivery.details() }))
}

/// Signs in with the session that `ConfirmSignUp` gave: the code of the sign-up was the first factor.
pub(crate) fn sign_in_after(pool: &mut Pool, sign_in: &SignIn, session: &str) -> Outcome {
    let pending = challenges::take_by_session(pool, session)?;
    let same = pending.sign_in.client == sign_in.client && pending.sign_in.username == sign_in.username;
    if !same || !matches!(pending.step, Step::Confirmed) {
        return Err(challenges::waits_for_something_else());
    }
    let user = pool.users.get(&sign_in.username).cloned().ok_or_else(challenges::invalid_session)?;
    check_state(&user)?;
    sign_in::after_first_factor(pool, sign_in, &user)
}

fn session(pool: &mut Pool, client_id: &str, username: &str, step: Step) -> Value {
    let (client, username) = (client_id.to_owned(), username.to_owned());
    let sign_in = SignIn { client, username, device: None, in_browser: false };
    challenges::ask(pool, &sign_in, "", json!({}), step)["Session"].take()
}

fn check_name(name: &str) -> Result<(), Refusal> {
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_whitespace) {
        let rule = "Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+";
        return Err(Refusal::validation(&format!("'{name}'"), "username", rule));
    }
    if name.contains('@') {
        let words = "Username cannot be of email format, since user pool is configured for email alias.";
        return Err(Refusal::invalid_parameter(words));
    }
    Ok(())
}

impl User {
    /// A user who has just signed up.
    fn new(username: &str, attributes: BTreeMap<String, String>, password: Option<&str>) -> Self {
        let unguessable = random::session();
        let mut user = Self {
            username: username.to_owned(),
            sub: random::uuid(),
            attributes,
            status: Status::Unconfirmed,
            ..Self::blank()
        };
        user.set_password(password.unwrap_or(&unguessable));
        user.passwordless = password.is_none();
        user
    }
}
