//! What may be written to a user's attributes.

use crate::delivery::Medium;
use crate::enrolment::is_address;
use crate::wire::{Fields, Refusal};

/// What every user must have.
pub(crate) const REQUIRED: [&str; 2] = ["email", "name"];
const LONGEST_VALUE: usize = 2048;

/// Whether nobody but the pool writes this attribute.
pub(crate) fn is_the_pools(name: &str) -> bool {
    ["sub", "identities"].contains(&name) || name.ends_with("_verified")
}

/// Reads attributes that a client wants to write.
///
/// # Errors
/// `InvalidParameterException` for what is no attribute, `NotAuthorizedException` for what only the pool writes.
pub(crate) fn read<'a>(request: Fields<'a>, field: &str) -> Result<Vec<(&'a str, &'a str)>, Refusal> {
    let given = request.attributes(field)?;
    for (name, value) in &given {
        check(name, value)?;
    }
    Ok(given)
}

/// Whether a user may give an attribute this value.
///
/// # Errors
/// As [`read`].
pub(crate) fn check(name: &str, value: &str) -> Result<(), Refusal> {
    check_name(name)?;
    let refusal = if value.chars().count() > LONGEST_VALUE {
        Refusal::invalid_parameter(format!(
            "{name}: String must be no longer than {LONGEST_VALUE} characters"
        ))
    } else if name == Medium::Email.attribute() && !is_address(value) {
        Refusal::invalid_parameter("Invalid email address format.")
    } else if name == Medium::Sms.attribute() && !is_number(value) {
        Refusal::invalid_parameter("Invalid phone number format.")
    } else {
        return Ok(());
    };
    Err(refusal)
}

/// Whether a user may take an attribute away.
///
/// # Errors
/// As [`read`], and `InvalidParameterException` for one that every user must have.
pub(crate) fn check_deletion(name: &str) -> Result<(), Refusal> {
    check_name(name)?;
    if REQUIRED.contains(&name) { Err(missing(name)) } else { Ok(()) }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_:-".contains(&byte);
    if is_the_pools(name) {
        Err(Refusal::not_authorized("A client attempted to write unauthorized attribute"))
    } else if name.is_empty() || name.len() > 32 || !name.bytes().all(plain) {
        Err(Refusal::invalid_parameter(format!("Invalid attribute name {name}")))
    } else {
        Ok(())
    }
}

/// The refusal of a user without an attribute that every user must have.
pub(crate) fn missing(required: &str) -> Refusal {
    let words = format!("Attributes did not conform to the schema: {required}: The attribute is required");
    Refusal::invalid_parameter(words)
}

/// Whether this can be a telephone number (E.164).
fn is_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (2..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
