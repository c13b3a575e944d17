//! What the errors of the managed login mean: its own table, for they are OAuth's and not the API's exceptions.

use session::{Fault, FaultCode};

use crate::errors::{rule_words, says, shortened};

/// Where an error was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In the callback.
    Callback,
    /// In the answer to the code.
    Code,
    /// In either.
    Any,
}
use Place::{Any, Callback};

/// Where, the error, how its description reads (as in the table of exceptions; empty for any), and what it means. The
/// first row that fits counts.
type Row = (Place, &'static str, &'static str, FaultCode);

/// Sources: RFC 6749, sections 4.1.2.1 and 5.2; OpenID Connect Core 1.0, section 3.1.2.6; RFC 8707, section 2; Amazon
/// Cognito Developer Guide, "Authorize endpoint" and "Token endpoint". Cognito says most of what goes wrong at an
/// identity provider as `invalid_request` with a description.
const TABLE: &[Row] = &[
    (Any, "", "…failed with error", FaultCode::RefusedByRule),
    (Callback, "", "…User is not enabled", FaultCode::UserDisabled),
    (Callback, "", "…User is disabled", FaultCode::UserDisabled),
    (Callback, "", "…User is not confirmed", FaultCode::UserNotConfirmed),
    (Callback, "access_denied", "", FaultCode::BrowserDeclined),
    (Callback, "", "…access_denied", FaultCode::BrowserDeclined),
    (Any, "unauthorized_client", "", FaultCode::FlowNotEnabled),
    (Any, "unsupported_response_type", "", FaultCode::FlowNotEnabled),
    (Any, "unsupported_grant_type", "", FaultCode::FlowNotEnabled),
    (Any, "invalid_scope", "", FaultCode::ParameterRejected),
    (Any, "invalid_target", "", FaultCode::ParameterRejected),
    (Any, "server_error", "", FaultCode::PoolTrouble),
    (Any, "temporarily_unavailable", "", FaultCode::PoolTrouble),
    (Place::Code, "invalid_grant", "", FaultCode::BrowserCodeRefused),
    (Place::Code, "invalid_request", "", FaultCode::ParameterRejected),
    (Any, "", "", FaultCode::SignInRefused),
];

/// The table for people: where, the error, its description and the code.
#[cfg(test)]
pub(crate) fn rows() -> impl Iterator<Item = (&'static str, &'static str, String, FaultCode)> {
    let by_hand = [
        ("callback", "invalid_request", "none".to_owned(), FaultCode::ParameterRejected),
        ("code, with a secret", "invalid_client", "any".to_owned(), FaultCode::ClientSecretWrong),
        ("code, without one", "invalid_client", "any".to_owned(), FaultCode::ClientSecretMissing),
    ];
    let in_words = |(place, error, pattern, code): &Row| {
        let place = match place {
            Callback => "callback",
            Place::Code => "code",
            Any => "either",
        };
        let error = if error.is_empty() { "any other" } else { error };
        let words = if pattern.is_empty() { "any".to_owned() } else { format!("“{pattern}”") };
        (place, error, words, *code)
    };
    by_hand.into_iter().chain(TABLE.iter().map(in_words))
}

fn of(place: Place, error: &str, description: &str) -> Fault {
    let fits = |row: &&Row| {
        (row.0 == Any || row.0 == place)
            && (row.1.is_empty() || row.1 == error)
            && (row.2.is_empty() || says(description, row.2))
    };
    let code = TABLE.iter().find(fits).map_or(FaultCode::SignInRefused, |row| row.3);
    let (error, description) = (cleaned(error), cleaned(description));
    match code {
        FaultCode::RefusedByRule => Fault::with_detail(code, shortened(rule_words(&description))),
        _ if description.is_empty() => Fault::with_detail(code, shortened(&error)),
        _ => Fault::with_detail(code, shortened(&format!("{error}: {description}"))),
    }
}

/// What an error in a callback means.
pub(super) fn of_callback(error: &str, description: Option<&str>) -> Fault {
    match description {
        // Without a word about what it did not like, it was the request itself.
        None if error == "invalid_request" => Fault::with_detail(FaultCode::ParameterRejected, error),
        description => of(Callback, error, description.unwrap_or_default()),
    }
}

/// What an error means that the pool gives for a code. `with_secret`: a client secret was sent.
pub(super) fn of_code(error: &str, description: Option<&str>, with_secret: bool) -> Fault {
    let fault = of(Place::Code, error, description.unwrap_or_default());
    match error {
        // It has let this client sign somebody in: so the client is known, and it is the secret.
        "invalid_client" if with_secret => Fault { code: FaultCode::ClientSecretWrong, ..fault },
        "invalid_client" => Fault { code: FaultCode::ClientSecretMissing, ..fault },
        _ => fault,
    }
}

/// A text for people without what only changes how the rest is shown: control characters, and marks for the direction
/// of writing, by which a text can be made to read as another.
fn cleaned(text: &str) -> String {
    let shown = |letter: char| match letter {
        letter if letter.is_control() => ' ',
        '\u{2028}' | '\u{2029}' => ' ',
        letter => letter,
    };
    let invisible = |letter: &char| matches!(*letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    text.chars().filter(|letter| !invisible(letter)).map(shown).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_the_callback_means_what_it_should() {
        for (error, description, code, detail) in [
            ("access_denied", None, FaultCode::BrowserDeclined, "access_denied"),
            (
                "access_denied",
                Some("User said no"),
                FaultCode::BrowserDeclined,
                "access_denied: User said no",
            ),
            (
                "invalid_request",
                Some("Google Error - access_denied"),
                FaultCode::BrowserDeclined,
                "invalid_request: Google Error - access_denied",
            ),
            (
                "invalid_request",
                Some("PreSignUp failed with error Staff only. "),
                FaultCode::RefusedByRule,
                "Staff only.",
            ),
            ("invalid_request", Some("User is not enabled"), FaultCode::UserDisabled, "User is not enabled"),
            (
                "invalid_request",
                Some("attributes required: [email]"),
                FaultCode::SignInRefused,
                "invalid_request: attributes required: [email]",
            ),
            ("invalid_request", None, FaultCode::ParameterRejected, "invalid_request"),
            ("invalid_scope", None, FaultCode::ParameterRejected, "invalid_scope"),
            ("unauthorized_client", None, FaultCode::FlowNotEnabled, "unauthorized_client"),
            ("unsupported_response_type", None, FaultCode::FlowNotEnabled, ""),
            ("server_error", Some("x"), FaultCode::PoolTrouble, "server_error: x"),
            ("temporarily_unavailable", None, FaultCode::PoolTrouble, ""),
            ("login_required", None, FaultCode::SignInRefused, "login_required"),
            ("anything else", None, FaultCode::SignInRefused, "anything else"),
            // Words of the token endpoint mean nothing here.
            ("invalid_grant", None, FaultCode::SignInRefused, "invalid_grant"),
        ] {
            let fault = of_callback(error, description);
            assert_eq!(fault.code, code, "{error} {description:?}");
            let found = fault.detail.expect("its words");
            assert!(found.ends_with(detail), "{found}");
        }
    }

    #[test]
    fn an_error_for_a_code_means_what_it_should() {
        for (error, with_secret, code) in [
            ("invalid_grant", false, FaultCode::BrowserCodeRefused),
            ("invalid_client", false, FaultCode::ClientSecretMissing),
            ("invalid_client", true, FaultCode::ClientSecretWrong),
            ("unauthorized_client", false, FaultCode::FlowNotEnabled),
            ("unsupported_grant_type", false, FaultCode::FlowNotEnabled),
            ("invalid_request", false, FaultCode::ParameterRejected),
            ("invalid_scope", false, FaultCode::ParameterRejected),
            ("server_error", false, FaultCode::PoolTrouble),
            ("access_denied", false, FaultCode::SignInRefused),
        ] {
            assert_eq!(of_code(error, None, with_secret).code, code, "{error}");
        }
    }

    #[test]
    fn the_words_are_bounded_and_show_what_they_say() {
        let fault = of_callback("invalid_request", Some("a\u{0}b\r\nc\u{202e}d\u{200b}\u{1b}[31me\u{2028}"));
        assert_eq!(fault.detail.as_deref(), Some("invalid_request: a b  cd [31me"));
        let long = of_callback("invalid_request", Some(&"あ".repeat(5_000))).detail.expect("its words");
        assert!(long.chars().count() <= 301, "{}", long.chars().count());
    }
}
