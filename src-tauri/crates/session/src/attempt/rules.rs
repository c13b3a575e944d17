//! Which answer is to which challenge, and what each allows.

use crate::challenge::{Answer, Challenge, SignInWay};
use crate::fault::FaultCode;

/// Whether this is the kind of answer that the challenge asks for.
pub(super) fn answers(answer: &Answer, challenge: &Challenge) -> bool {
    match (challenge, answer) {
        (Challenge::ChooseWay { ways }, Answer::Way(way)) => ways.contains(way),
        (
            Challenge::ChooseSecondFactor { methods } | Challenge::ChooseSetUp { methods },
            Answer::SecondFactor(method),
        ) => methods.contains(method),
        (Challenge::NewPassword { .. }, Answer::NewPassword { .. })
        | (Challenge::Code { .. } | Challenge::ConfirmAccount { .. }, Answer::Code(_))
        | (Challenge::Password { .. }, Answer::Password(_))
        | (Challenge::SetUpAuthenticator { .. }, Answer::Authenticator { .. })
        | (Challenge::SetUpEmail {}, Answer::Email(_))
        | (Challenge::Custom { .. }, Answer::Custom(_))
        | (Challenge::ResetPassword { .. }, Answer::NewPasswordByCode { .. })
        | (Challenge::Browser { .. }, Answer::OpenAgain) => true,
        _ => false,
    }
}

/// Whether the pool sends the code that this asks for.
pub(super) const fn is_sent(challenge: &Challenge) -> bool {
    match challenge {
        Challenge::Code { method, .. } => method.is_sent(),
        Challenge::ConfirmAccount { .. } | Challenge::ResetPassword { .. } => true,
        _ => false,
    }
}

/// Whether the window waits for the browser.
pub(super) const fn is_in_browser(challenge: &Challenge) -> bool {
    matches!(challenge, Challenge::Browser { .. })
}

/// Whether the browser is what this answer opens.
pub(super) const fn goes_to_browser(answer: &Answer) -> bool {
    matches!(answer, Answer::OpenAgain | Answer::Way(SignInWay::Passkey))
}

/// Whether this is about an account and not part of a sign-in: it has no `Session` that could lapse.
pub(super) const fn is_of_account(challenge: &Challenge) -> bool {
    matches!(challenge, Challenge::ConfirmAccount { .. } | Challenge::ResetPassword { .. })
}

/// Whether an answer to `before` can be given to `now` as it is, after the sign-in was begun again.
///
/// Not a code that was sent: another one is on its way. Nor the code of an authenticator app that is being set up: it
/// has got another secret.
pub(super) fn takes_again(now: &Challenge, before: &Challenge) -> bool {
    match (now, before) {
        (Challenge::NewPassword { .. }, Challenge::NewPassword { .. })
        | (Challenge::SetUpEmail {}, Challenge::SetUpEmail {}) => true,
        // Only to the very same question: another round's answer would be a wrong one.
        (Challenge::Custom { .. }, Challenge::Custom { .. }) => now == before,
        (Challenge::Code { method: now, .. }, Challenge::Code { method: before, .. }) => {
            now == before && !now.is_sent()
        }
        _ => false,
    }
}

/// Whether the sign-in's beginning carries this answer, so that it is not lost whatever the pool asks next.
pub(super) const fn is_carried_along(answer: &Answer) -> bool {
    matches!(answer, Answer::Way(_) | Answer::Password(_) | Answer::SecondFactor(_) | Answer::OpenAgain)
}

/// Whether the pool goes on waiting after this fault, so that another answer makes sense.
pub(super) const fn can_answer_again(code: FaultCode, challenge: &Challenge) -> bool {
    match code {
        FaultCode::PasswordRejected
        | FaultCode::PasswordReused
        | FaultCode::AttributeRejected
        | FaultCode::CodeWrong
        | FaultCode::CodeExpired
        | FaultCode::CodeUsed
        | FaultCode::AuthenticatorCodeWrong
        | FaultCode::NotTheUsersChoice => true,
        FaultCode::TooManyAttempts | FaultCode::AliasTaken => is_of_account(challenge),
        _ => false,
    }
}

/// Whether a code that could not be sent again leaves the one that was sent before as it was.
pub(super) const fn can_wait_for_code(code: FaultCode) -> bool {
    matches!(code, FaultCode::CodeNotSent | FaultCode::TooManyAttempts | FaultCode::Throttled)
}

/// Whether the pool has said that it is asked for codes too often.
pub(super) const fn wants_fewer(code: FaultCode) -> bool {
    matches!(code, FaultCode::TooManyAttempts | FaultCode::Throttled)
}
