//! The codes of a sign-in: what Cognito calls them, and how people enter them.

use session::CodeMethod;

/// Cognito's name of the challenge, of the response that answers it, and where its code comes from
/// (Amazon Cognito user pools API reference, `RespondToAuthChallenge`).
const CHALLENGES: [(&str, &str, CodeMethod); 4] = [
    ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE", CodeMethod::Authenticator),
    ("SMS_MFA", "SMS_MFA_CODE", CodeMethod::Sms),
    ("EMAIL_OTP", "EMAIL_OTP_CODE", CodeMethod::Email),
    ("SMS_OTP", "SMS_OTP_CODE", CodeMethod::Sms),
];

/// Where the code of this challenge comes from, if it asks for one.
pub(crate) fn method(challenge: &str) -> Option<CodeMethod> {
    CHALLENGES.iter().find(|(name, _, _)| *name == challenge).map(|(_, _, method)| *method)
}

/// What the response to this challenge is called, if it asks for a code.
pub(crate) fn response(challenge: &str) -> Option<&'static str> {
    CHALLENGES.iter().find(|(name, _, _)| *name == challenge).map(|(_, response, _)| *response)
}

/// The digits of a code as it was entered: with blanks or dashes in between as messages show it, and in full-width
/// digits as input methods make them. None where anything else is in it, or nothing.
pub(crate) fn digits(entered: &str) -> Option<String> {
    let mut digits = String::new();
    for letter in entered.chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            '\u{ff10}'..='\u{ff19}' => {
                digits.push(char::from_digit(u32::from(letter) - 0xff10, 10)?);
            }
            // Hyphen-minus, the dashes, the minus sign and their full-width forms.
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' | '\u{30fc}' => {}
            // What is pasted may carry what cannot be seen.
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            _ if letter.is_whitespace() => {}
            _ => return None,
        }
    }
    (!digits.is_empty()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_its_digits_however_it_is_entered() {
        for (entered, digits_of_it) in [
            ("123456", Some("123456")),
            (" 123 456\n", Some("123456")),
            ("123-456", Some("123456")),
            ("123\u{2013}456", Some("123456")),
            ("１２３　４５６", Some("123456")),
            ("\u{200e}12345678\u{200b}", Some("12345678")),
            ("000000", Some("000000")),
            ("", None),
            ("  - ", None),
            ("12345a", None),
            ("١٢٣٤٥٦", None),
        ] {
            assert_eq!(digits(entered).as_deref(), digits_of_it, "{entered:?}");
        }
    }

    #[test]
    fn only_the_challenges_for_codes_have_a_response() {
        assert_eq!(method("SMS_MFA"), Some(CodeMethod::Sms));
        assert_eq!(response("SMS_MFA"), Some("SMS_MFA_CODE"));
        assert_eq!(method("EMAIL_OTP"), Some(CodeMethod::Email));
        assert_eq!(method("SOFTWARE_TOKEN_MFA"), Some(CodeMethod::Authenticator));
        assert_eq!((method("SMS_OTP"), response("PASSWORD_VERIFIER")), (Some(CodeMethod::Sms), None));
    }
}
