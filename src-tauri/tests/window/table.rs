//! What Cognito can hold with a person: each challenge, each flow and each operation of the service model that needs
//! no credentials of AWS, with the screen that stands for it and the window test that drives it.
//!
//! What the managed login serves to browsers and apps has its rows as well.
//!
//! `tests/user-facing-model.json`, which is reduced from botocore's `service-2.json`, is compared with the rows in
//! both directions. After each window test its pools' logs are compared with the rows of that test: what the window
//! did not do, or does not do by its row, fails.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::{
    account, accounts, browser, challenges, conversations, devices, elsewhere, flows, lapsed, main_job,
    receipt, security, step_up,
};

/// Something of the service model, by its name there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    /// `ChallengeNameType`.
    Challenge(&'static str),
    /// `AuthFlowType`.
    Flow(&'static str),
    /// An operation without AWS's own authentication.
    Operation(&'static str),
    /// What the managed login serves, by its name in the development pool's log.
    Page(&'static str),
}

/// Where a person meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Screen {
    Account,
    AuthenticatorPanel,
    Browser,
    Challenged,
    ChangePassword,
    ChooseMethod,
    ChooseWay,
    Code,
    ConfirmAccount,
    Custom,
    DeleteAccount,
    DeviceItem,
    Devices,
    EditAttribute,
    ForgotPassword,
    NewPassword,
    Passkeys,
    Password,
    Profile,
    Proving,
    ResetPassword,
    SecondFactors,
    Security,
    Sessions,
    SetUpAuthenticator,
    SetUpEmail,
    SignIn,
    SignUp,
    SignedIn,
    Unsupported,
    VerifyAttribute,
    /// The pool is asked, and nobody has to be: why.
    None(&'static str),
    /// The pool is never asked: why.
    Never(&'static str),
}

impl Screen {
    /// The component, below `ui/src`.
    const fn file(self) -> Option<&'static str> {
        Some(match self {
            Self::Account => "pages/Account.svelte",
            Self::AuthenticatorPanel => "pages/AuthenticatorPanel.svelte",
            Self::Browser => "screens/Browser.svelte",
            Self::Challenged => "screens/Challenged.svelte",
            Self::ChangePassword => "pages/ChangePassword.svelte",
            Self::ChooseMethod => "screens/ChooseMethod.svelte",
            Self::ChooseWay => "screens/ChooseWay.svelte",
            Self::Code => "screens/Code.svelte",
            Self::ConfirmAccount => "screens/ConfirmAccount.svelte",
            Self::Custom => "screens/Custom.svelte",
            Self::DeleteAccount => "pages/DeleteAccount.svelte",
            Self::DeviceItem => "pages/DeviceItem.svelte",
            Self::Devices => "pages/Devices.svelte",
            Self::EditAttribute => "pages/EditAttribute.svelte",
            Self::ForgotPassword => "screens/ForgotPassword.svelte",
            Self::NewPassword => "screens/NewPassword.svelte",
            Self::Passkeys => "pages/Passkeys.svelte",
            Self::Password => "screens/Password.svelte",
            Self::Profile => "pages/Profile.svelte",
            Self::Proving => "screens/Proving.svelte",
            Self::ResetPassword => "screens/ResetPassword.svelte",
            Self::SecondFactors => "pages/SecondFactors.svelte",
            Self::Security => "pages/Security.svelte",
            Self::Sessions => "pages/Sessions.svelte",
            Self::SetUpAuthenticator => "screens/SetUpAuthenticator.svelte",
            Self::SetUpEmail => "screens/SetUpEmail.svelte",
            Self::SignIn => "screens/SignIn.svelte",
            Self::SignUp => "screens/SignUp.svelte",
            Self::SignedIn => "screens/SignedIn.svelte",
            Self::Unsupported => "screens/Unsupported.svelte",
            Self::VerifyAttribute => "pages/VerifyAttribute.svelte",
            Self::None(_) | Self::Never(_) => return None,
        })
    }
}

/// One row. What has several screens has several rows.
struct Row {
    of: Of,
    screen: Screen,
    /// The test itself: without it there is no row.
    #[expect(dead_code, reason = "the test runner calls it; here it has to be there")]
    test: fn(),
    /// Its path.
    name: &'static str,
}

macro_rules! rows {
    ($($kind:ident { $($of:literal: $screen:expr, $test:path;)+ })+) => {
        const ROWS: &[Row] = &[$($(Row {
            of: Of::$kind($of),
            screen: $screen,
            test: $test as fn(),
            name: stringify!($test),
        },)+)+];
    };
}

const DEVICE: &str = "the device proves itself";
const RENEWAL: &str = "a renewal goes by GetTokensFromRefreshToken, which clients that rotate take as well";
const PASSKEY_MADE: &str =
    "a passkey is made on the pool's own page, in the browser: it belongs to that address";
const UNREGISTERED: &str =
    "a browser is shown it where the client does not have the address that it was to come back to";
const ADMINISTRATORS: &str = "an administrator's, with credentials of AWS";

rows! {
    Challenge {
        "SMS_MFA": Screen::Code, lapsed::for_a_code_by_text_message_that_comes_too_late_another_one_is_sent;
        "EMAIL_OTP": Screen::Code, challenges::a_code_by_e_mail_is_the_second_factor;
        "SOFTWARE_TOKEN_MFA": Screen::Code,
            conversations::an_authenticator_app_is_set_up_and_asked_for_at_the_next_sign_in;
        "SELECT_MFA_TYPE": Screen::ChooseMethod, conversations::one_of_several_second_factors_is_chosen;
        "MFA_SETUP": Screen::SetUpAuthenticator,
            conversations::an_authenticator_app_is_set_up_and_asked_for_at_the_next_sign_in;
        "MFA_SETUP": Screen::SetUpEmail,
            conversations::codes_by_e_mail_are_set_up_and_asked_for_at_the_next_sign_in;
        "PASSWORD_VERIFIER": Screen::SignIn,
            flows::a_password_is_proven_and_never_sent_and_a_wrong_one_is_refused;
        "CUSTOM_CHALLENGE": Screen::Custom,
            conversations::a_custom_challenge_of_two_rounds_without_a_password_and_after_it;
        "SELECT_CHALLENGE": Screen::ChooseWay, conversations::the_user_chooses_a_code_by_e_mail;
        "DEVICE_SRP_AUTH": Screen::None(DEVICE),
            devices::a_remembered_device_skips_the_second_factor_until_it_is_forgotten_elsewhere;
        "DEVICE_PASSWORD_VERIFIER": Screen::None(DEVICE),
            devices::a_remembered_device_skips_the_second_factor_until_it_is_forgotten_elsewhere;
        "ADMIN_NO_SRP_AUTH": Screen::Unsupported,
            challenges::what_this_window_cannot_answer_is_said_by_its_name_and_leads_back;
        "NEW_PASSWORD_REQUIRED": Screen::NewPassword,
            conversations::a_first_password_is_set_with_a_required_attribute_by_the_keyboard;
        "SMS_OTP": Screen::Code, challenges::the_user_chooses_a_code_by_text_message;
        "PASSWORD": Screen::Password, challenges::the_password_itself_is_asked_for_at_once;
        "WEB_AUTHN": Screen::Unsupported,
            challenges::a_passkey_that_is_asked_for_at_once_is_said_to_need_the_browser;
        "WEB_AUTHN": Screen::Browser,
            browser::a_passkey_that_is_asked_for_at_once_is_used_in_the_browser;
        "PASSWORD_SRP": Screen::Password, challenges::the_proof_of_the_password_is_asked_for_at_once;
    }

    Flow {
        "USER_SRP_AUTH": Screen::SignIn,
            flows::a_password_is_proven_and_never_sent_and_a_wrong_one_is_refused;
        "REFRESH_TOKEN_AUTH": Screen::Never(RENEWAL),
            main_job::signed_in_across_a_kill_and_three_renewals_until_signed_out;
        "REFRESH_TOKEN": Screen::Never(RENEWAL),
            main_job::signed_in_across_a_kill_and_three_renewals_until_signed_out;
        "CUSTOM_AUTH": Screen::SignIn,
            conversations::a_custom_challenge_of_two_rounds_without_a_password_and_after_it;
        "ADMIN_NO_SRP_AUTH": Screen::Never(ADMINISTRATORS),
            flows::a_flow_of_administrators_is_no_setting_and_the_window_says_so_and_goes_on;
        "USER_PASSWORD_AUTH": Screen::SignIn,
            flows::the_password_is_sent_where_the_client_takes_it_by_no_other_flow;
        "ADMIN_USER_PASSWORD_AUTH": Screen::Never(ADMINISTRATORS),
            flows::a_flow_of_administrators_is_no_setting_and_the_window_says_so_and_goes_on;
        "USER_AUTH": Screen::SignIn, conversations::the_user_chooses_a_code_by_e_mail;
    }

    Operation {
        "AssociateSoftwareToken": Screen::SetUpAuthenticator,
            conversations::an_authenticator_app_is_set_up_and_asked_for_at_the_next_sign_in;
        "AssociateSoftwareToken": Screen::AuthenticatorPanel,
            security::an_authenticator_app_is_set_up_and_asked_for_first_until_another_one_is;
        "ChangePassword": Screen::ChangePassword, security::the_password_is_changed_and_the_new_one_signs_in;
        "CompleteWebAuthnRegistration": Screen::Never(PASSKEY_MADE),
            security::passkeys_are_listed_and_one_is_deleted;
        "ConfirmDevice": Screen::None("a device that the pool names is confirmed as part of the sign-in"),
            devices::a_remembered_device_skips_the_second_factor_until_it_is_forgotten_elsewhere;
        "ConfirmForgotPassword": Screen::ResetPassword,
            accounts::a_forgotten_password_is_set_anew_and_signs_in;
        "ConfirmSignUp": Screen::ConfirmAccount,
            accounts::an_account_is_made_with_what_the_pool_turns_out_to_need;
        "DeleteUser": Screen::DeleteAccount,
            step_up::an_account_is_deleted_under_its_own_name_only_and_signs_in_no_more;
        "DeleteUserAttributes": Screen::EditAttribute,
            account::a_detail_is_changed_and_another_one_is_added_and_taken_away;
        "DeleteWebAuthnCredential": Screen::Passkeys, security::passkeys_are_listed_and_one_is_deleted;
        "ForgetDevice": Screen::DeviceItem,
            elsewhere::devices_are_listed_this_one_first_and_another_one_is_forgotten;
        "ForgotPassword": Screen::ForgotPassword, accounts::a_forgotten_password_is_set_anew_and_signs_in;
        "GetDevice": Screen::Never("ListDevices says the same of every device"),
            elsewhere::devices_are_listed_this_one_first_and_another_one_is_forgotten;
        "GetTokensFromRefreshToken": Screen::None("a session is renewed before its tokens end"),
            main_job::signed_in_across_a_kill_and_three_renewals_until_signed_out;
        "GetUser": Screen::Profile, account::a_detail_is_changed_and_another_one_is_added_and_taken_away;
        "GetUserAttributeVerificationCode": Screen::VerifyAttribute,
            account::a_number_is_added_and_verified_in_a_later_run;
        "GetUserAuthFactors": Screen::Security, security::the_password_is_changed_and_the_new_one_signs_in;
        "GetUserAuthFactors": Screen::Proving,
            step_up::an_authenticator_app_is_turned_off_by_whoever_proves_to_be_there_and_by_nobody_else;
        "GlobalSignOut": Screen::Account, receipt::signing_out_everywhere_says_that_nothing_is_left;
        "InitiateAuth": Screen::SignIn,
            flows::a_password_is_proven_and_never_sent_and_a_wrong_one_is_refused;
        "ListDevices": Screen::Devices,
            elsewhere::devices_are_listed_this_one_first_and_another_one_is_forgotten;
        "ListUserSessions": Screen::Sessions, elsewhere::sessions_are_listed_and_another_one_is_ended;
        "ListWebAuthnCredentials": Screen::Passkeys, security::passkeys_are_listed_and_one_is_deleted;
        "ResendConfirmationCode": Screen::ConfirmAccount,
            accounts::who_has_not_confirmed_the_account_is_led_through_it;
        "RespondToAuthChallenge": Screen::Challenged, challenges::the_user_chooses_a_code_by_text_message;
        "RevokeToken": Screen::SignIn, receipt::a_sign_out_says_what_has_ended_and_what_lives_on;
        "RevokeUserSession": Screen::Sessions, elsewhere::sessions_are_listed_and_another_one_is_ended;
        "SetUserMFAPreference": Screen::SecondFactors,
            security::codes_by_text_message_and_by_e_mail_are_turned_on_and_one_is_asked_for_first;
        "SetUserSettings": Screen::Never("AWS supports it no more; SetUserMFAPreference sets what it did"),
            security::codes_by_text_message_and_by_e_mail_are_turned_on_and_one_is_asked_for_first;
        "SignUp": Screen::SignUp, accounts::an_account_is_made_with_what_the_pool_turns_out_to_need;
        "StartWebAuthnRegistration": Screen::Never(PASSKEY_MADE),
            security::passkeys_are_listed_and_one_is_deleted;
        "UpdateAuthEventFeedback": Screen::Never("a link in the pool's own warning by mail leads to it"),
            flows::a_password_is_proven_and_never_sent_and_a_wrong_one_is_refused;
        "UpdateDeviceStatus": Screen::SignedIn,
            devices::the_user_is_asked_whether_this_device_is_to_be_remembered_and_its_session_is_renewed;
        "UpdateDeviceStatus": Screen::Devices,
            elsewhere::a_device_that_was_not_to_be_remembered_is_remembered_after_all;
        "UpdateUserAttributes": Screen::EditAttribute,
            account::a_detail_is_changed_and_another_one_is_added_and_taken_away;
        "VerifySoftwareToken": Screen::SetUpAuthenticator,
            conversations::an_authenticator_app_is_set_up_and_asked_for_at_the_next_sign_in;
        "VerifySoftwareToken": Screen::AuthenticatorPanel,
            security::an_authenticator_app_is_set_up_and_asked_for_first_until_another_one_is;
        "VerifyUserAttribute": Screen::VerifyAttribute,
            account::an_address_is_changed_once_its_code_is_entered_if_need_be_later;
    }

    Page {
        "authorize": Screen::SignIn,
            browser::by_the_apps_link_and_still_signed_in_after_a_kill_until_both_are_signed_out;
        "login": Screen::Browser,
            browser::by_the_apps_link_and_still_signed_in_after_a_kill_until_both_are_signed_out;
        "provider": Screen::Browser,
            browser::somebody_of_an_identity_provider_signs_in_there_and_may_decline;
        "idpresponse": Screen::Browser,
            browser::somebody_of_an_identity_provider_signs_in_there_and_may_decline;
        "passkeys": Screen::Passkeys,
            browser::a_passkey_signs_in_on_the_pools_own_page_and_another_one_is_added_there;
        "token": Screen::Browser,
            browser::by_the_apps_link_and_still_signed_in_after_a_kill_until_both_are_signed_out;
        "revoke": Screen::Never("RevokeToken does it for every session, however it began"),
            browser::by_the_apps_link_and_still_signed_in_after_a_kill_until_both_are_signed_out;
        "userInfo": Screen::Never("the id token and GetUser say who it is"),
            browser::by_the_apps_link_and_still_signed_in_after_a_kill_until_both_are_signed_out;
        "logout": Screen::Account,
            browser::by_the_apps_link_and_still_signed_in_after_a_kill_until_both_are_signed_out;
        "error": Screen::Never(UNREGISTERED),
            browser::by_the_apps_link_and_still_signed_in_after_a_kill_until_both_are_signed_out;
    }
}

/// What the managed login serves, as the development pool names it.
const PAGES: [&str; 10] = [
    "authorize",
    "error",
    "idpresponse",
    "login",
    "logout",
    "passkeys",
    "provider",
    "revoke",
    "token",
    "userInfo",
];

/// Screens on which the pool is not asked: before there is one, or while the keychain is.
const WITHOUT_POOL: [&str; 4] = [
    "screens/Connect.svelte",
    "screens/Misconfigured.svelte",
    "screens/Restoring.svelte",
    "screens/Unavailable.svelte",
];

/// Compares what the pools of one window test were asked by the window with what the table says of it.
pub(crate) fn check(test: &str, asked: &[Value]) {
    let test = test.strip_prefix("window::").and_then(|path| path.strip_suffix("::{{closure}}"));
    let test = test.expect("a window test is a function of a module and runs one async block");
    for row in ROWS {
        if let Screen::Never(why) = row.screen {
            assert!(!asked.iter().any(|entry| row.of.is_asked_by(entry)), "{:?} is asked: {why}", row.of);
        } else if row.name == test {
            // In the browser the pool's own page answers it.
            let elsewhere = matches!(row.screen, Screen::Unsupported | Screen::Browser);
            let answered = elsewhere || row.of.is_answered_in(asked);
            assert!(
                answered && asked.iter().any(|entry| row.of.is_done_by(entry)),
                "{test} was to drive {:?}",
                row.of
            );
        }
    }
}

impl Of {
    fn is_asked_by(self, entry: &Value) -> bool {
        match self {
            Self::Challenge(name) => entry["outcome"] == name,
            Self::Flow(name) => entry["operation"] == "InitiateAuth" && entry["flow"] == name,
            Self::Operation(name) | Self::Page(name) => entry["operation"] == name,
        }
    }

    /// Whether the pool did what it was asked; of a challenge, whether it was the pool that asked.
    fn is_done_by(self, entry: &Value) -> bool {
        let refused = entry["outcome"].as_str().is_none_or(|outcome| outcome.ends_with("Exception"));
        self.is_asked_by(entry) && !refused
    }

    /// Whether the window has answered it, where it is a challenge, so that the sign-in went on.
    fn is_answered_in(self, asked: &[Value]) -> bool {
        let Self::Challenge(name) = self else { return true };
        let answers =
            |entry: &&Value| entry["operation"] == "RespondToAuthChallenge" && entry["flow"] == name;
        asked.iter().filter(answers).any(|entry| Self::Operation("RespondToAuthChallenge").is_done_by(entry))
    }
}

/// What the service model has of a kind.
fn model(kind: &str) -> Vec<String> {
    let text = include_str!("../user-facing-model.json");
    let model: Value = serde_json::from_str(text).expect("the reduced service model is JSON");
    serde_json::from_value(model[kind].clone()).unwrap_or_else(|error| panic!("{kind}: {error}"))
}

#[test]
fn there_is_a_row_for_each_challenge_flow_and_operation_of_the_service_model_and_no_other() {
    let rows: BTreeSet<_> = ROWS.iter().map(|row| (row.of, row.screen.file())).collect();
    assert_eq!(rows.len(), ROWS.len(), "each once, or once for each of its screens");
    let of_kind = |kind: fn(Of) -> Option<&'static str>| -> Vec<&str> {
        ROWS.iter().filter_map(|row| kind(row.of)).collect()
    };
    let operations = of_kind(|of| if let Of::Operation(name) = of { Some(name) } else { None });
    for (kind, rows) in [
        ("challenges", of_kind(|of| if let Of::Challenge(name) = of { Some(name) } else { None })),
        ("flows", of_kind(|of| if let Of::Flow(name) = of { Some(name) } else { None })),
        ("operations", operations),
        ("pages", of_kind(|of| if let Of::Page(name) = of { Some(name) } else { None })),
    ] {
        let model = if kind == "pages" { PAGES.map(str::to_owned).to_vec() } else { model(kind) };
        let wanted: BTreeSet<&str> = model.iter().map(String::as_str).collect();
        let there: BTreeSet<&str> = rows.iter().copied().collect();
        let missing: Vec<_> = wanted.difference(&there).collect();
        let unknown: Vec<_> = there.difference(&wanted).collect();
        assert!(
            missing.is_empty() && unknown.is_empty(),
            "{kind}: no row: {missing:?}; unknown: {unknown:?}"
        );
    }
}

#[test]
fn each_screen_is_a_component_and_no_screen_is_missing() {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src");
    let named: BTreeSet<&str> = ROWS.iter().filter_map(|row| row.screen.file()).chain(WITHOUT_POOL).collect();
    let missing: Vec<_> = named.iter().filter(|file| !ui.join(file).is_file()).collect();
    // Whatever takes the whole window; a page is made of parts, some of which are in several rows or in none.
    let screens = std::fs::read_dir(ui.join("screens")).expect("the folder of the screens").flatten();
    let screens = screens.map(|file| format!("screens/{}", file.file_name().display()));
    let unnamed: Vec<_> = screens.filter(|file| !named.contains(file.as_str())).collect();
    assert!(missing.is_empty() && unnamed.is_empty(), "no component: {missing:?}; in no row: {unnamed:?}");
    for row in ROWS {
        if let Screen::None(why) | Screen::Never(why) = row.screen {
            assert!(!why.is_empty(), "{:?} has a screen or a reason", row.of);
        }
    }
}

#[test]
fn what_the_table_says_of_a_test_is_what_its_pool_was_asked() {
    let entry = |operation: &str, flow: &str, outcome: &str| serde_json::json!({ "operation": operation, "flow": flow, "outcome": outcome });
    let fails = |test: &str, asked: &[Value]| {
        let path = format!("window::{test}::{{{{closure}}}}");
        std::panic::catch_unwind(|| check(&path, asked)).is_err()
    };
    let test = "flows::a_password_is_proven_and_never_sent_and_a_wrong_one_is_refused";
    let begun = entry("InitiateAuth", "USER_SRP_AUTH", "PASSWORD_VERIFIER");
    let refused = entry("RespondToAuthChallenge", "PASSWORD_VERIFIER", "NotAuthorizedException");
    let proven = entry("RespondToAuthChallenge", "PASSWORD_VERIFIER", "ok");
    assert!(!fails(test, &[begun.clone(), refused.clone(), proven.clone()]));
    assert!(fails(test, &[begun.clone(), refused]), "it was never answered");
    assert!(fails(test, std::slice::from_ref(&proven)), "it was never asked");
    assert!(!fails("flows::another_test", std::slice::from_ref(&proven)));
    let renewed = entry("InitiateAuth", "REFRESH_TOKEN_AUTH", "ok");
    assert!(fails("flows::another_test", &[renewed]), "it is never to be asked");
}
