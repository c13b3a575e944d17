//! A forgotten password: `ForgotPassword`, `ConfirmForgotPassword`.

use serde_json::json;

use crate::codes::{self, Purpose};
use crate::delivery::{Delivery, Medium};
use crate::journal::Trace;
use crate::passwords;
use crate::pool::{Pool, Status, User};
use crate::registration::about;
use crate::wire::{Fields, Outcome, Refusal};

/// Serves `ForgotPassword`. Who does not exist or is disabled is told of a message as well, and none is sent.
pub(crate) fn begin(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let (_, typed) = about(pool, request, trace)?;
    let (username, delivery) = match pool.find_user(typed).filter(|user| user.enabled) {
        Some(user) => (user.username.clone(), delivery(user)?),
        None => (typed.to_owned(), Delivery::invented(pool, typed)),
    };
    codes::send(pool, &username, Purpose::Recovery, &delivery)?;
    Ok(json!({ "CodeDeliveryDetails": delivery.details() }))
}

fn delivery(user: &User) -> Result<Delivery, Refusal> {
    if [Status::ForceChangePassword, Status::ExternalProvider].contains(&user.status) {
        return Err(Refusal::not_authorized("User password cannot be reset in the current state."));
    }
    let medium = [Medium::Email, Medium::Sms].into_iter().find(|medium| user.is_verified(*medium));
    // A sign-up that is not confirmed has verified nothing.
    let medium = medium.filter(|_| user.status != Status::Unconfirmed).ok_or_else(|| {
        let words =
            "Cannot reset password for the user as there is no registered/verified email or phone_number";
        Refusal::invalid_parameter(words)
    })?;
    Delivery::to(user, medium)
}

/// Serves `ConfirmForgotPassword`.
pub(crate) fn confirm(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let (_, typed) = about(pool, request, trace)?;
    let code = request.required("ConfirmationCode")?;
    let password = request.required("Password")?;
    // A password that is refused leaves the code for another one.
    passwords::check(password)?;
    let user = pool.find_user(typed).filter(|user| user.enabled);
    let username = user.map(|user| user.username.clone()).ok_or_else(codes::mismatch)?;
    codes::check(pool, &username, Purpose::Recovery, code)?;
    if let Some(user) = pool.users.get_mut(&username) {
        user.set_password(password);
        user.status = Status::Confirmed;
    }
    pool.attempts.succeeded(&username);
    Ok(json!({}))
}
