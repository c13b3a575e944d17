//! What a user may do with an access token: see and delete the account, change the password, choose second factors,
//! sign out everywhere.

use serde_json::{Value, json};

use crate::choice::{self, FirstFactor};
use crate::journal::Trace;
use crate::pool::{Pool, Status, User};
use crate::second_factor::Factor;
use crate::wire::{Fields, Outcome, Refusal};
use crate::{codes, passwords, sessions};

/// Serves `GlobalSignOut`: ends every session of the user, those of browsers too.
pub(crate) fn sign_out_everywhere(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    pool.revoke_all(&user.username);
    Ok(json!({}))
}

/// Serves `GetUser`.
pub(crate) fn get_user(pool: &Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    let mut attributes = vec![json!({ "Name": "sub", "Value": user.sub })];
    attributes.extend(user.attributes.iter().map(|(name, value)| json!({ "Name": name, "Value": value })));
    let mut body = json!({ "Username": user.username, "UserAttributes": attributes });
    describe_factors(&user, &mut body);
    Ok(body)
}

/// Serves `GetUserAuthFactors`.
pub(crate) fn get_factors(pool: &Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    // SRP is a way to send the password, not another factor.
    let first = choice::factors(&user).into_iter().filter(|factor| *factor != FirstFactor::PasswordSrp);
    let names: Vec<&str> = first.map(FirstFactor::name).collect();
    let mut body = json!({ "Username": user.username, "ConfiguredUserAuthFactors": names });
    describe_factors(&user, &mut body);
    Ok(body)
}

/// Serves `SetUserMFAPreference`. Settings that are not given stay as they are.
pub(crate) fn set_factors(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let mut user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    let mut factors = user.factors();
    let mut preferred = user.factor();
    let mut newly_preferred = 0;
    for (field, factor) in [
        ("SMSMfaSettings", Factor::Sms),
        ("SoftwareTokenMfaSettings", Factor::Authenticator),
        ("EmailMfaSettings", Factor::Email),
    ] {
        let settings = request.map(field);
        if !settings.is_there() {
            continue;
        }
        let (enabled, wanted) = (settings.flag("Enabled"), settings.flag("PreferredMfa"));
        if wanted && !enabled {
            let words = format!("{} cannot be preferred without being enabled", factor.challenge());
            return Err(Refusal::invalid_parameter(words));
        }
        if enabled && !user.can_use(factor) {
            let words = match factor {
                Factor::Authenticator => "User has not verified software token mfa",
                Factor::Sms => "User does not have delivery config set to turn on SMS_MFA",
                Factor::Email => "User does not have delivery config set to turn on EMAIL_OTP",
            };
            return Err(Refusal::invalid_parameter(words));
        }
        factors.retain(|own| *own != factor);
        if enabled {
            factors.push(factor);
        }
        if wanted {
            preferred = Some(factor);
            newly_preferred += 1;
        } else if preferred == Some(factor) {
            preferred = None;
        }
    }
    if newly_preferred > 1 {
        return Err(Refusal::invalid_parameter("Only one MFA type can be preferred"));
    }
    user.factors = Some(factors);
    user.preferred_factor = preferred;
    pool.users.insert(user.username.clone(), user);
    Ok(json!({}))
}

/// Serves `ChangePassword`. Who has no password yet need not give the previous one.
pub(crate) fn change_password(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let mut user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    let proposed = request.required("ProposedPassword")?;
    // Who signs in elsewhere never gets a password here: none is right.
    if !user.passwordless || user.status == Status::ExternalProvider {
        // Cognito's words, with a name that the parameter has nowhere else.
        let missing = || Refusal::invalid_parameter("Missing required parameter OldPassword");
        let previous = request.optional("PreviousPassword").ok_or_else(missing)?;
        let now_ms = pool.now_ms();
        if pool.attempts.locked(&user.username, now_ms) {
            return Err(Refusal::limit_exceeded());
        }
        if !user.has_password(previous) {
            pool.attempts.failed(&user.username, now_ms);
            return Err(Refusal::incorrect_password());
        }
        pool.attempts.succeeded(&user.username);
    }
    passwords::check(proposed)?;
    user.set_password(proposed);
    pool.users.insert(user.username.clone(), user);
    Ok(json!({}))
}

/// Serves `DeleteUser`.
pub(crate) fn delete(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    pool.users.remove(&user.username);
    // Somebody who signs up under the same name later is somebody else.
    codes::forget_all(pool, &user.username);
    pool.revoke_all(&user.username);
    Ok(json!({}))
}

/// Adds what an answer says of a user's second factors.
fn describe_factors(user: &User, body: &mut Value) {
    let names: Vec<&str> = user.factors().into_iter().map(Factor::challenge).collect();
    if !names.is_empty() {
        body["UserMFASettingList"] = json!(names);
    }
    if let Some(factor) = user.factor() {
        body["PreferredMfaSetting"] = json!(factor.challenge());
    }
}
