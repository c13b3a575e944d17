//! The table for people: `src-tauri/docs/errors.md`, written from the rows and compared with them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use session::{Disposition, FaultCode};

use super::Operation;
use super::model::MODEL;
use super::table::{ALL, BEARER, TABLE};
use crate::browser::refusal;

/// What goes wrong without anybody's saying so: when, the code, and what becomes of it.
const UNSAID: [(&str, FaultCode, &str); 10] = [
    (
        "a link is cut off, mangled or none",
        FaultCode::LinkUnusable,
        "a notice, or beside the field; the sign-in goes on waiting",
    ),
    (
        "a link belongs to no sign-in that waits, or has been used",
        FaultCode::LinkNotAwaited,
        "a notice, or beside the field; the sign-in goes on waiting. Where it brings another pool's answer with the right \
         `state`, the sign-in ends",
    ),
    (
        "the system starts no browser",
        FaultCode::BrowserNotOpened,
        "the link can be copied; where the browser was to sign out, the receipt says so",
    ),
    (
        "the browser does not come back from signing out within two minutes",
        FaultCode::BrowserSilent,
        "signed out here; the receipt says that the browser may be signed in still",
    ),
    (
        "tokens are another pool's, another client's, another sign-in's, expired, or not signed by the pool",
        FaultCode::TokensNotGenuine,
        "nobody is signed in, and a session that exists goes on; the pool is told to honour them no more",
    ),
    ("the pool names no managed login", FaultCode::ManagedLoginMissing, "back to the form"),
    (
        "a proof of presence comes back from the browser without a fresh sign-in (`auth_time`)",
        FaultCode::PresenceStale,
        "there is no proof; the session goes on",
    ),
    (
        "a proof of presence is by way of an identity provider that is not set as `reauthenticates`",
        FaultCode::ProviderMayNotAsk,
        "there is no proof, since the provider may have let the browser through; the session goes on",
    ),
    (
        "a proof of presence is somebody else's",
        FaultCode::SomebodyElse,
        "there is no proof; the session goes on, and the other one's tokens are ended",
    ),
    (
        "the answer to DeleteUser is lost",
        FaultCode::DeletionUnknown,
        "the session is renewed, which says whether the account is still there",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// A code by the name that it has in the window.
fn name(code: FaultCode) -> String {
    serde_json::to_value(code).ok().and_then(|name| name.as_str().map(str::to_owned)).expect("a name")
}

const fn class(operation: Operation, code: FaultCode) -> &'static str {
    match code.disposition() {
        Disposition::Retry => "transient",
        Disposition::FixSetup => "configuration",
        Disposition::AskUser => match operation {
            Operation::Renew if code.ends_session() => "final",
            _ => "for the person",
        },
    }
}

/// What becomes of the session, or of the sign-in.
const fn consequence(operation: Operation, code: FaultCode) -> &'static str {
    match operation {
        Operation::Renew if matches!(code, FaultCode::RenewalRefused) => {
            "the keychain is read again, the pool asked once more after 5 to 10 s; then the session ends"
        }
        Operation::Renew if code.ends_session() => "the keychain is read again; then the session ends",
        Operation::Renew => match code.disposition() {
            Disposition::Retry => "the session goes on; again after 2 s, later every 5 min",
            _ => "the session goes on; again after 5 min, later every 15 min",
        },
        Operation::Revoke => match code.disposition() {
            Disposition::Retry => "signed out here; the pool is asked up to six times",
            _ => "signed out here; the notice says that the token may live on",
        },
        Operation::SignOutEverywhere => match code {
            FaultCode::AccessTokenRevoked => "the session goes on; once more with a new access token",
            _ => "the session goes on; the reason stands beside the button",
        },
        Operation::SignIn => match code {
            FaultCode::UserNotConfirmed => {
                "the account's code is sent and asked for; then the sign-in goes on"
            }
            FaultCode::PasswordResetRequired => {
                "a reset code is sent and asked for; then the sign-in goes on"
            }
            _ => "no session is touched; the form keeps what was typed",
        },
        Operation::SignUp => match code {
            FaultCode::CodeNotSent => "the account is made; its code can be sent again",
            _ => "back to the form, which keeps what was typed",
        },
        Operation::ResendConfirmation | Operation::ForgotPassword => match code {
            FaultCode::TooManyAttempts | FaultCode::Throttled | FaultCode::CodeNotSent => {
                "a code that was sent before can be entered; the pause before the next is twice as long"
            }
            _ => "back to the form",
        },
        Operation::ConfirmDevice => "somebody is signed in all the same; the device is not remembered",
        Operation::UpdateDevice => "the session goes on; the reason stands beside the question",
        Operation::ListDevices | Operation::ListPasskeys | Operation::ListSessions
            if matches!(code, FaultCode::OperationUnavailable) =>
        {
            "the window leaves it out"
        }
        Operation::ForgetDevice if matches!(code, FaultCode::DeviceUnknown) => "it is as good as done",
        Operation::DeletePasskey | Operation::RevokeSession if matches!(code, FaultCode::AlreadyGone) => {
            "it is as good as done"
        }
        Operation::GetUser
        | Operation::AuthFactors
        | Operation::UpdateAttributes
        | Operation::DeleteAttributes
        | Operation::SendAttributeCode
        | Operation::VerifyAttribute
        | Operation::ChangePassword
        | Operation::SetFactors
        | Operation::AssociateOwn
        | Operation::VerifyOwn
        | Operation::ListDevices
        | Operation::ForgetDevice
        | Operation::ListPasskeys
        | Operation::DeletePasskey
        | Operation::ListSessions
        | Operation::RevokeSession
        | Operation::DeleteUser => match code {
            FaultCode::AccessTokenRevoked => "once more with a new access token",
            FaultCode::UserGone | FaultCode::UserDisabled => {
                "the session is renewed, which says whether it is over"
            }
            _ => "the session goes on; the reason stands where it was asked",
        },
        Operation::ConfirmSignUp | Operation::ResetPassword if matches!(code, FaultCode::TooManyAttempts) => {
            "the answer can be given again"
        }
        Operation::ConfirmSignUp if matches!(code, FaultCode::AliasTaken) => "the answer can be given again",
        Operation::Reply
        | Operation::Associate
        | Operation::Verify
        | Operation::ConfirmSignUp
        | Operation::ResetPassword => match code {
            FaultCode::CodeWrong
            | FaultCode::CodeExpired
            | FaultCode::CodeUsed
            | FaultCode::AuthenticatorCodeWrong => "the code can be entered again",
            FaultCode::PasswordRejected | FaultCode::PasswordReused | FaultCode::AttributeRejected => {
                "the answer can be given again"
            }
            FaultCode::ChallengeExpired => {
                "the sign-in begins again by itself, with what was typed; a code that is sent is asked for anew"
            }
            FaultCode::UserNotConfirmed => {
                "the account's code is sent and asked for; then the sign-in goes on"
            }
            FaultCode::PasswordResetRequired => {
                "a reset code is sent and asked for; then the sign-in goes on"
            }
            _ => match code.disposition() {
                Disposition::Retry => "the answer stays and can be sent again",
                _ => "back to the form",
            },
        },
    }
}

/// What the window says first, in one of its languages.
fn words(language: &str, code: FaultCode) -> String {
    let file = root().join(format!("ui/src/messages/{language}.ts"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let name = name(code);
    // The first of that name among the faults, whose entries begin with `what`.
    let start = text.find("faults").expect("the words for faults");
    let entry = text[start..]
        .split(&format!(" {name}: {{"))
        .nth(1)
        .unwrap_or_else(|| panic!("{language}.ts has no words for {name}"));
    let what = entry.split("what: '").nth(1).and_then(|rest| rest.split("',").next());
    let what = what.filter(|what| entry.find(what).is_some_and(|at| at < 40) && !what.is_empty());
    what.unwrap_or_else(|| panic!("{language}.ts says nothing for {name}")).to_owned()
}

fn document() -> String {
    let mut text = "# What the pool's errors mean\n\n\
        Written from `crates/cognito/src/errors`, where the rows are; a test compares this page with them \
        (`UPDATE_DOCUMENTS=1 cargo test -p cognito document` writes it).\n\n\
        ## By the service model\n\n\
        One row for each exception of each operation that is used, where its words say nothing more.\n\n"
        .to_owned();
    let _ = writeln!(
        text,
        "| operation | exception | code | class | what happens |\n| --- | --- | --- | --- | --- |"
    );
    for row in MODEL {
        let (class, consequence) = (class(row.operation, row.code), consequence(row.operation, row.code));
        let (operation, exception, code) = (row.service_operation, row.exception, name(row.code));
        let _ = writeln!(text, "| {operation} | {exception} | `{code}` | {class} | {consequence} |");
    }
    text.push_str(
        "\n## By their words, and beyond the service model\n\n\
         Known words go before the rows above; a row without words is for operations that do not declare the \
         exception. `*` is one word; words after `…` may stand anywhere.\n\n\
         | when | exception | words | code |\n| --- | --- | --- | --- |\n",
    );
    for (operations, exception, pattern, code) in TABLE {
        let when: Vec<_> = operations.iter().map(|operation| format!("{operation:?}")).collect();
        let when = match *operations {
            ALL => "any".to_owned(),
            BEARER => "with an access token".to_owned(),
            _ => when.join(", "),
        };
        let exception = if exception.is_empty() { "any other" } else { exception };
        let words = if pattern.is_empty() { "any".to_owned() } else { format!("“{}”", pattern.trim()) };
        let _ = writeln!(text, "| {when} | {exception} | {words} | `{}` |", name(*code));
    }
    text.push_str(
        "\n## Through the browser\n\n\
         The managed login's errors are OAuth's: `callback` is what comes back with the browser, `code` the answer to \
         the code that came.\n\n\
         | when | error | description | code |\n| --- | --- | --- | --- |\n",
    );
    for (place, error, words, code) in refusal::rows() {
        let _ = writeln!(text, "| {place} | {error} | {words} | `{}` |", name(code));
    }
    text.push_str(
        "\n## What nobody says\n\n\
         And the app notices by itself.\n\n\
         | when | code | what happens |\n| --- | --- | --- |\n",
    );
    for (when, code, consequence) in UNSAID {
        let _ = writeln!(text, "| {when} | `{}` | {consequence} |", name(code));
    }
    text.push_str("\n## What the window says\n\n| code | English | Japanese |\n| --- | --- | --- |\n");
    let codes = MODEL.iter().map(|row| row.code).chain(TABLE.iter().map(|row| row.3));
    let codes = codes.chain(refusal::rows().map(|row| row.3)).chain(UNSAID.map(|row| row.1));
    let mut listed = BTreeSet::new();
    for code in codes {
        if listed.insert(name(code)) {
            let _ = writeln!(text, "| `{}` | {} | {} |", name(code), words("en", code), words("ja", code));
        }
    }
    text
}

#[test]
fn the_document_is_what_the_rows_say_and_every_code_has_words_in_both_languages() {
    let file = root().join("src-tauri/docs/errors.md");
    let fresh = document();
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&file, &fresh).expect("the document is written");
    }
    let kept = std::fs::read_to_string(&file).expect("src-tauri/docs/errors.md");
    assert!(kept == fresh, "stale: UPDATE_DOCUMENTS=1 cargo test -p cognito document");
}
