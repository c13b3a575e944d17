//! The pool's password policy.

use crate::wire::Refusal;

const SHORTEST: usize = 8;
const LONGEST: usize = 256;

/// Whether a new password may be taken, in Cognito's words if not.
pub(crate) fn check(password: &str) -> Result<(), Refusal> {
    let has = |rule: fn(&char) -> bool| password.chars().any(|letter| rule(&letter));
    let fault = if password.chars().count() < SHORTEST {
        "Password not long enough"
    } else if password.chars().count() > LONGEST {
        "Password too long"
    } else if !has(|letter| letter.is_uppercase()) {
        "Password must have uppercase characters"
    } else if !has(|letter| letter.is_lowercase()) {
        "Password must have lowercase characters"
    } else if !has(char::is_ascii_digit) {
        "Password must have numeric characters"
    } else {
        return Ok(());
    };
    Err(Refusal::new("InvalidPasswordException", format!("Password did not conform with policy: {fault}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_rule_that_is_broken() {
        for (password, fault) in [
            ("Ab1", "not long enough"),
            ("abcdefg1", "uppercase"),
            ("ABCDEFG1", "lowercase"),
            ("Abcdefgh", "numeric"),
        ] {
            let refusal = check(password).unwrap_err();
            assert_eq!(refusal.kind, "InvalidPasswordException");
            assert!(refusal.message.contains(fault), "{password}: {}", refusal.message);
        }
        assert!(check("Abcdefg1").is_ok());
        assert!(check(&"Ab1".repeat(86)).is_err());
    }
}
