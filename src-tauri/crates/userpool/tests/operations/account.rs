//! What a user does with an access token.

use serde_json::{Value, json};

use crate::http::{exception, not_authorized, with_token};
use crate::started::StartedPool;

fn invalid(words: &str) -> (String, String) {
    exception("InvalidParameterException", words)
}

#[test]
fn a_password_is_changed_by_who_knows_it() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    let change = |previous: &str, proposed: &str| {
        let body = json!({ "PreviousPassword": previous, "ProposedPassword": proposed });
        with_token(&pool, "ChangePassword", &tokens, body)
    };
    let old = pool.password("aiko");
    let incorrect = not_authorized("Incorrect username or password.");
    assert_eq!(change("Wrong-Pass-1", "Fresh-Start-1").refused(), incorrect);
    assert_eq!(change(old, "short").refused().0, "InvalidPasswordException");
    let without =
        with_token(&pool, "ChangePassword", &tokens, json!({ "ProposedPassword": "Fresh-Start-1" }));
    assert_eq!(without.refused(), invalid("Missing required parameter OldPassword"));
    change(old, "Fresh-Start-1").done();
    pool.sign_in("devdesktop", "aiko", "Fresh-Start-1").done();
    assert_eq!(pool.sign_in("devdesktop", "aiko", old).refused(), incorrect);
    // The session goes on.
    pool.get_user(&tokens).done();
    for _ in 0..8 {
        change("Wrong-Pass-1", "Fresh-Start-2").refused();
    }
    pool.set_clock(-500.0);
    assert_eq!(change("Fresh-Start-1", "Fresh-Start-2").refused().0, "LimitExceededException");
}

#[test]
fn who_has_no_password_sets_one() {
    let pool = StartedPool::start(&[]);
    let preferred = json!({ "USERNAME": "oskar", "PREFERRED_CHALLENGE": "EMAIL_OTP" });
    let asked = pool.initiate("devchoice", "USER_AUTH", preferred).done();
    let code = json!({ "USERNAME": "oskar", "EMAIL_OTP_CODE": pool.newest_code() });
    let tokens = pool.respond("devchoice", &asked, code).done()["AuthenticationResult"].clone();
    let factors = || with_token(&pool, "GetUserAuthFactors", &tokens, json!({})).done();
    assert_eq!(factors(), json!({ "Username": "oskar", "ConfiguredUserAuthFactors": ["EMAIL_OTP"] }));
    with_token(&pool, "ChangePassword", &tokens, json!({ "ProposedPassword": "Fresh-Start-1" })).done();
    pool.sign_in("devdesktop", "oskar", "Fresh-Start-1").done();
    assert_eq!(factors()["ConfiguredUserAuthFactors"], json!(["PASSWORD", "EMAIL_OTP"]));
}

#[test]
fn second_factors_are_switched_on_preferred_and_off() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    let set = |field: &str, enabled: bool, preferred: bool| {
        let mut body = json!({});
        body[field] = json!({ "Enabled": enabled, "PreferredMfa": preferred });
        with_token(&pool, "SetUserMFAPreference", &tokens, body)
    };
    let seen = || {
        let user = pool.get_user(&tokens).done();
        (user["UserMFASettingList"].clone(), user["PreferredMfaSetting"].clone())
    };
    let challenge = || {
        let begun = pool.sign_in("devdesktop", "aiko", pool.password("aiko")).done();
        begun["ChallengeName"].as_str().map(str::to_owned)
    };
    let (email, app) = ("EmailMfaSettings", "SoftwareTokenMfaSettings");
    assert_eq!(set(app, true, true).refused(), invalid("User has not verified software token mfa"));
    let words = "User does not have delivery config set to turn on SMS_MFA";
    assert_eq!(set("SMSMfaSettings", true, false).refused(), invalid(words));
    let words = "EMAIL_OTP cannot be preferred without being enabled";
    assert_eq!(set(email, false, true).refused(), invalid(words));
    assert_eq!(challenge(), None);

    set(email, true, true).done();
    assert_eq!(seen(), (json!(["EMAIL_OTP"]), json!("EMAIL_OTP")));
    assert_eq!(challenge().as_deref(), Some("EMAIL_OTP"));
    with_token(&pool, "AssociateSoftwareToken", &tokens, json!({})).done();
    let code = json!({ "UserCode": pool.newest_code() });
    with_token(&pool, "VerifySoftwareToken", &tokens, code).done();
    set(app, true, true).done();
    assert_eq!(seen(), (json!(["EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]), json!("SOFTWARE_TOKEN_MFA")));
    assert_eq!(challenge().as_deref(), Some("SOFTWARE_TOKEN_MFA"));
    set(app, true, false).done();
    assert_eq!(seen().1, Value::Null);
    assert_eq!(challenge().as_deref(), Some("SELECT_MFA_TYPE"));
    let both = json!({
        "EmailMfaSettings": { "Enabled": true, "PreferredMfa": true },
        "SoftwareTokenMfaSettings": { "Enabled": true, "PreferredMfa": true },
    });
    let refused = with_token(&pool, "SetUserMFAPreference", &tokens, both).refused();
    assert_eq!(refused, invalid("Only one MFA type can be preferred"));
    set(email, false, false).done();
    set(app, false, false).done();
    assert_eq!(seen(), (Value::Null, Value::Null));
    assert_eq!(challenge(), None);
}

#[test]
fn a_deleted_user_is_gone_with_every_token() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    with_token(&pool, "DeleteUser", &tokens, json!({})).done();
    let incorrect = not_authorized("Incorrect username or password.");
    assert_eq!(pool.sign_in("devdesktop", "aiko", pool.password("aiko")).refused(), incorrect);
    let revoked = not_authorized("Access Token has been revoked");
    for operation in ["GetUser", "DeleteUser", "GetUserAuthFactors", "SetUserMFAPreference", "ChangePassword"]
    {
        assert_eq!(with_token(&pool, operation, &tokens, json!({})).refused(), revoked, "{operation}");
    }
    let refused = pool.refresh("devdesktop", &tokens["RefreshToken"]).refused();
    assert_eq!(refused, not_authorized("Refresh Token has been revoked"));
}
