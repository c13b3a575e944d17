//! The attributes that users write themselves: `UpdateUserAttributes`, `DeleteUserAttributes`, and the codes that
//! prove whose an address or a number is (`GetUserAttributeVerificationCode`, `VerifyUserAttribute`).

use serde_json::{Value, json};

use crate::codes::{self, Purpose};
use crate::delivery::{Delivery, Medium};
use crate::journal::Trace;
use crate::pool::{Pool, User};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{attributes, sessions};

/// What keeps its value until a new one is verified (`AttributesRequireVerificationBeforeUpdate`). A number does not,
/// so that a client meets both.
const KEPT_UNTIL_VERIFIED: [Medium; 1] = [Medium::Email];

/// Serves `UpdateUserAttributes`.
pub(crate) fn update(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let mut user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    request.required_list("UserAttributes")?;
    let (mut touched, mut deliveries) = (Vec::new(), Vec::new());
    for (name, value) in request.attributes("UserAttributes")? {
        touched.extend(Medium::of(name));
        if value.is_empty() {
            attributes::check_deletion(name)?;
            user.take_away(name);
            continue;
        }
        attributes::check(name, value)?;
        match Medium::of(name) {
            Some(medium) => deliveries.extend(user.change(medium, value)),
            None => {
                user.attributes.insert(name.to_owned(), value.to_owned());
            }
        }
    }
    // A code that was sent before is for what was to be there before.
    forget_codes(pool, &user.username, &touched);
    for (medium, delivery) in &deliveries {
        let sent = codes::send(pool, &user.username, Purpose::Verification(*medium), delivery);
        // All or nothing: a code that went out is for a change that is refused.
        sent.inspect_err(|_| forget_codes(pool, &user.username, &touched))?;
    }
    pool.users.insert(user.username.clone(), user);
    let details: Vec<Value> = deliveries.iter().map(|(_, delivery)| delivery.details()).collect();
    Ok(json!({ "CodeDeliveryDetailsList": details }))
}

/// Serves `DeleteUserAttributes`. What the user does not have is no error.
pub(crate) fn delete(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let mut user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    let names = request.required_list("UserAttributeNames")?;
    let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
    for name in &names {
        attributes::check_deletion(name)?;
        user.take_away(name);
    }
    let touched: Vec<Medium> = names.into_iter().filter_map(Medium::of).collect();
    forget_codes(pool, &user.username, &touched);
    pool.users.insert(user.username.clone(), user);
    Ok(json!({}))
}

/// Serves `GetUserAttributeVerificationCode`.
pub(crate) fn send_code(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    let medium = medium(request)?;
    let delivery = match user.proposed.get(medium.attribute()) {
        Some(value) => Delivery::new(medium, value),
        None => Delivery::to(&user, medium).map_err(|_| unregistered(medium))?,
    };
    codes::send(pool, &user.username, Purpose::Verification(medium), &delivery)?;
    Ok(json!({ "CodeDeliveryDetails": delivery.details() }))
}

/// Serves `VerifyUserAttribute`.
pub(crate) fn verify(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let mut user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    let medium = medium(request)?;
    codes::check(pool, &user.username, Purpose::Verification(medium), request.required("Code")?)?;
    let attribute = medium.attribute();
    if let Some(value) = user.proposed.remove(attribute) {
        user.attributes.insert(attribute.to_owned(), value);
    }
    let address = user.attributes.get(attribute).filter(|_| medium == Medium::Email);
    let owner = address.and_then(|address| pool.owner_of_address(address));
    if owner.is_some_and(|owner| owner != user.username) {
        return Err(Refusal::new("AliasExistsException", "An account with the email already exists."));
    }
    user.set_verified(medium, true);
    pool.users.insert(user.username.clone(), user);
    Ok(json!({}))
}

fn medium(request: Fields<'_>) -> Result<Medium, Refusal> {
    let name = request.required("AttributeName")?;
    Medium::of(name).ok_or_else(|| {
        Refusal::invalid_parameter("Invalid attribute name. Only phone_number and email can be verified.")
    })
}

/// The refusal of a code for what the user does not have, in Cognito's words.
fn unregistered(medium: Medium) -> Refusal {
    let what = match medium {
        Medium::Email => "email address",
        Medium::Sms => "phone number",
    };
    Refusal::invalid_parameter(format!("User does not have a valid registered {what}"))
}

fn forget_codes(pool: &mut Pool, username: &str, media: &[Medium]) {
    for medium in media {
        codes::forget(pool, username, Purpose::Verification(*medium));
    }
}

impl User {
    /// Takes a new address or number, at once or once it is verified. Returns where a code is to prove it; nothing
    /// where it is the user's already.
    fn change(&mut self, medium: Medium, value: &str) -> Option<(Medium, Delivery)> {
        let attribute = medium.attribute();
        self.proposed.remove(attribute);
        if self.is_verified(medium) && self.attributes.get(attribute).is_some_and(|own| own == value) {
            return None;
        }
        if KEPT_UNTIL_VERIFIED.contains(&medium) {
            self.proposed.insert(attribute.to_owned(), value.to_owned());
        } else {
            self.attributes.insert(attribute.to_owned(), value.to_owned());
            self.set_verified(medium, false);
        }
        Some((medium, Delivery::new(medium, value)))
    }

    fn take_away(&mut self, name: &str) {
        self.attributes.remove(name);
        self.proposed.remove(name);
        if let Some(medium) = Medium::of(name) {
            self.attributes.remove(&medium.verified_attribute());
        }
    }

    fn set_verified(&mut self, medium: Medium, verified: bool) {
        self.attributes.insert(medium.verified_attribute(), verified.to_string());
    }
}
