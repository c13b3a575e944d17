//! The attributes that users write themselves.

use serde_json::{Value, json};

use crate::http::{Answer, claims, exception, not_authorized, with_token};
use crate::started::StartedPool;

fn update(pool: &StartedPool, tokens: &Value, changes: &[(&str, &str)]) -> Answer {
    let list: Vec<Value> =
        changes.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    with_token(pool, "UpdateUserAttributes", tokens, json!({ "UserAttributes": list }))
}

fn delete(pool: &StartedPool, tokens: &Value, names: &[&str]) -> Answer {
    with_token(pool, "DeleteUserAttributes", tokens, json!({ "UserAttributeNames": names }))
}

fn ask_for_code(pool: &StartedPool, tokens: &Value, attribute: &str) -> Answer {
    with_token(pool, "GetUserAttributeVerificationCode", tokens, json!({ "AttributeName": attribute }))
}

fn verify(pool: &StartedPool, tokens: &Value, attribute: &str, code: &str) -> Answer {
    let body = json!({ "AttributeName": attribute, "Code": code });
    with_token(pool, "VerifyUserAttribute", tokens, body)
}

/// The value of an attribute in `GetUser`; null when the user has none.
fn seen(pool: &StartedPool, tokens: &Value, attribute: &str) -> Value {
    let user = pool.get_user(tokens).done();
    let list = user["UserAttributes"].as_array().expect("a list");
    let own = list.iter().find(|entry| entry["Name"] == attribute);
    own.map(|entry| entry["Value"].clone()).unwrap_or_default()
}

fn invalid(words: &str) -> (String, String) {
    exception("InvalidParameterException", words)
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

fn expired() -> (String, String) {
    exception("ExpiredCodeException", "Invalid code provided, please request a code again.")
}

fn mismatch() -> (String, String) {
    exception("CodeMismatchException", "Invalid verification code provided, please try again.")
}

fn limit() -> (String, String) {
    exception("LimitExceededException", "Attempt limit exceeded, please try after some time.")
}

fn schema(name: &str) -> (String, String) {
    invalid(&format!("Attributes did not conform to the schema: {name}: The attribute is required"))
}

#[test]
fn an_address_takes_effect_once_it_is_verified() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    let sign_in = |name: &str| pool.sign_in("devdesktop", name, pool.password("aiko"));
    let told = update(&pool, &tokens, &[("email", "new@home.example"), ("name", "A. Tanaka")]).done();
    let delivery = json!({ "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "n***@h***" });
    assert_eq!(told, json!({ "CodeDeliveryDetailsList": [delivery] }));
    assert_eq!(pool.messages().pop().expect("a message")["to"], "new@home.example");
    let code = pool.newest_code();
    // The rest of the change does not wait.
    assert_eq!(seen(&pool, &tokens, "name"), "A. Tanaka");
    assert_eq!(seen(&pool, &tokens, "email"), "aiko@example.com");
    assert_eq!(seen(&pool, &tokens, "email_verified"), "true");
    sign_in("aiko@example.com").done();
    let incorrect = not_authorized("Incorrect username or password.");
    assert_eq!(sign_in("new@home.example").refused(), incorrect);

    assert_eq!(verify(&pool, &tokens, "email", wrong(&code)).refused(), mismatch());
    assert_eq!(verify(&pool, &tokens, "phone_number", &code).refused(), expired(), "it is for the address");
    assert_eq!(verify(&pool, &tokens, "email", &code).done(), json!({}));
    assert_eq!(seen(&pool, &tokens, "email"), "new@home.example");
    assert_eq!(seen(&pool, &tokens, "email_verified"), "true");
    sign_in("new@home.example").done();
    assert_eq!(sign_in("aiko@example.com").refused(), incorrect);
    let renewed = pool.refresh("devdesktop", &tokens["RefreshToken"]).done()["AuthenticationResult"].clone();
    let id = claims(&renewed["IdToken"]);
    assert_eq!((&id["email"], &id["name"]), (&json!("new@home.example"), &json!("A. Tanaka")));
    assert_eq!(verify(&pool, &tokens, "email", &code).refused(), expired(), "a code is good once");
}

#[test]
fn a_number_takes_effect_at_once_and_is_not_verified_yet() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "nora");
    let told = update(&pool, &tokens, &[("phone_number", "+15550009876")]).done();
    let number =
        json!({ "AttributeName": "phone_number", "DeliveryMedium": "SMS", "Destination": "+*******9876" });
    assert_eq!(told["CodeDeliveryDetailsList"], json!([number]));
    assert_eq!(seen(&pool, &tokens, "phone_number"), "+15550009876");
    assert_eq!(seen(&pool, &tokens, "phone_number_verified"), "false");
    verify(&pool, &tokens, "phone_number", &pool.newest_code()).done();
    assert_eq!(seen(&pool, &tokens, "phone_number_verified"), "true");
    // What is verified already needs no code.
    let again = update(&pool, &tokens, &[("phone_number", "+15550009876")]).done();
    assert_eq!(again, json!({ "CodeDeliveryDetailsList": [] }));
    assert_eq!(seen(&pool, &tokens, "phone_number_verified"), "true");
}

#[test]
fn only_the_last_change_of_an_address_counts() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    let change = |address: &str| {
        update(&pool, &tokens, &[("email", address)]).done();
        pool.newest_code()
    };
    let first = change("first@home.example");
    let second = change("second@home.example");
    if first != second {
        assert_eq!(verify(&pool, &tokens, "email", &first).refused(), mismatch());
    }
    verify(&pool, &tokens, "email", &second).done();
    assert_eq!(seen(&pool, &tokens, "email"), "second@home.example");
    // Who goes back to the old address has nothing to verify.
    let third = change("third@home.example");
    let back = update(&pool, &tokens, &[("email", "second@home.example")]).done();
    assert_eq!(back, json!({ "CodeDeliveryDetailsList": [] }));
    assert_eq!(verify(&pool, &tokens, "email", &third).refused(), expired());
    assert_eq!(seen(&pool, &tokens, "email"), "second@home.example");
}

#[test]
fn another_code_goes_where_the_first_went() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "nora");
    update(&pool, &tokens, &[("email", "new@home.example")]).done();
    let first = pool.newest_code();
    let told = ask_for_code(&pool, &tokens, "email").done();
    let delivery = json!({ "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "n***@h***" });
    assert_eq!(told, json!({ "CodeDeliveryDetails": delivery }));
    let second = pool.newest_code();
    if first != second {
        assert_eq!(verify(&pool, &tokens, "email", &first).refused(), mismatch());
    }
    verify(&pool, &tokens, "email", &second).done();
    assert_eq!(seen(&pool, &tokens, "email"), "new@home.example");
    // Where nothing is to change, what is there is verified.
    pool.control("user", json!({ "username": "nora", "attributes": { "phone_number_verified": "false" } }));
    let told = ask_for_code(&pool, &tokens, "phone_number").done()["CodeDeliveryDetails"].clone();
    assert_eq!((&told["DeliveryMedium"], &told["Destination"]), (&json!("SMS"), &json!("+*******1234")));
    verify(&pool, &tokens, "phone_number", &pool.newest_code()).done();
    assert_eq!(seen(&pool, &tokens, "phone_number"), "+15550001234");
    assert_eq!(seen(&pool, &tokens, "phone_number_verified"), "true");

    let words = "Invalid attribute name. Only phone_number and email can be verified.";
    assert_eq!(ask_for_code(&pool, &tokens, "name").refused(), invalid(words));
    assert_eq!(verify(&pool, &tokens, "name", "123456").refused(), invalid(words));
    let aiko = pool.tokens("devdesktop", "aiko");
    let unregistered = "User does not have a valid registered phone number";
    assert_eq!(ask_for_code(&pool, &aiko, "phone_number").refused(), invalid(unregistered));
    for operation in ["GetUserAttributeVerificationCode", "VerifyUserAttribute"] {
        let (kind, words) = with_token(&pool, operation, &tokens, json!({})).refused();
        assert_eq!(kind, "InvalidParameterException");
        assert!(words.contains("at 'attributeName' failed"), "{words}");
    }
    let body = json!({ "AttributeName": "email" });
    let (_, words) = with_token(&pool, "VerifyUserAttribute", &tokens, body).refused();
    assert!(words.contains("at 'code' failed"), "{words}");
}

#[test]
fn codes_end_and_guessing_does_too() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    assert_eq!(verify(&pool, &tokens, "email", "123456").refused(), expired(), "none was sent");
    update(&pool, &tokens, &[("email", "new@home.example")]).done();
    let code = pool.newest_code();
    pool.set_clock(24.0 * 3600.0 + 1.0);
    let later = pool.refresh("devdesktop", &tokens["RefreshToken"]).done()["AuthenticationResult"].clone();
    assert_eq!(verify(&pool, &later, "email", &code).refused(), expired());
    pool.set_clock(0.0);
    for _ in 0..5 {
        assert_eq!(verify(&pool, &tokens, "email", wrong(&code)).refused(), mismatch());
    }
    assert_eq!(verify(&pool, &tokens, "email", &code).refused(), limit());
    ask_for_code(&pool, &tokens, "email").done();
    verify(&pool, &tokens, "email", &pool.newest_code()).done();
}

#[test]
fn a_change_whose_code_cannot_be_sent_is_none() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "nora");
    pool.control("outbox", json!({ "most_sends": 1 }));
    let both = [("email", "new@home.example"), ("phone_number", "+15550009876"), ("name", "N. Berg")];
    assert_eq!(update(&pool, &tokens, &both).refused(), limit());
    for (attribute, value) in
        [("email", "nora@example.com"), ("phone_number", "+15550001234"), ("name", "Nora Berg")]
    {
        assert_eq!(seen(&pool, &tokens, attribute), value);
    }
    // The one code that went out is for nothing.
    assert_eq!(verify(&pool, &tokens, "email", &pool.newest_code()).refused(), expired());
    assert_eq!(ask_for_code(&pool, &tokens, "email").refused(), limit());
}

#[test]
fn an_address_is_one_users_alias() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    update(&pool, &tokens, &[("email", "Kazuko@example.com")]).done();
    let code = pool.newest_code();
    // Only who reads the messages there learns that somebody has it.
    assert_eq!(verify(&pool, &tokens, "email", wrong(&code)).refused(), mismatch());
    let exists = exception("AliasExistsException", "An account with the email already exists.");
    assert_eq!(verify(&pool, &tokens, "email", &code).refused(), exists);
    assert_eq!(seen(&pool, &tokens, "email"), "aiko@example.com");
    pool.sign_in("devdesktop", "kazuko@example.com", pool.password("kazuko")).done();
}

#[test]
fn attributes_are_taken_away_but_not_the_required_ones() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "nora");
    let added = [("nickname", "No"), ("custom:team", "north")];
    assert_eq!(update(&pool, &tokens, &added).done(), json!({ "CodeDeliveryDetailsList": [] }));
    assert_eq!(seen(&pool, &tokens, "custom:team"), "north");
    assert_eq!(delete(&pool, &tokens, &["nickname", "gender"]).done(), json!({}));
    assert_eq!(seen(&pool, &tokens, "nickname"), Value::Null);
    // An empty value is none.
    update(&pool, &tokens, &[("custom:team", "")]).done();
    assert_eq!(seen(&pool, &tokens, "custom:team"), Value::Null);

    update(&pool, &tokens, &[("phone_number", "+15550009876")]).done();
    let code = pool.newest_code();
    delete(&pool, &tokens, &["phone_number"]).done();
    for attribute in ["phone_number", "phone_number_verified"] {
        assert_eq!(seen(&pool, &tokens, attribute), Value::Null);
    }
    assert_eq!(verify(&pool, &tokens, "phone_number", &code).refused(), expired());

    for required in ["email", "name"] {
        assert_eq!(delete(&pool, &tokens, &["locale", required]).refused(), schema(required));
        assert_eq!(update(&pool, &tokens, &[(required, "")]).refused(), schema(required));
    }
    assert_eq!(seen(&pool, &tokens, "email"), "nora@example.com");
}

#[test]
fn what_cannot_be_written_is_told_and_nothing_is_changed() {
    let pool = StartedPool::start(&[]);
    let tokens = pool.tokens("devdesktop", "aiko");
    let unauthorized = not_authorized("A client attempted to write unauthorized attribute");
    for pools in ["sub", "email_verified", "phone_number_verified"] {
        assert_eq!(update(&pool, &tokens, &[("name", "X"), (pools, "true")]).refused(), unauthorized);
        assert_eq!(delete(&pool, &tokens, &[pools]).refused(), unauthorized);
    }
    let attempt = |name: &str, value: &str| update(&pool, &tokens, &[("name", "X"), (name, value)]).refused();
    assert_eq!(attempt("email", "aiko"), invalid("Invalid email address format."));
    assert_eq!(attempt("phone_number", "5550001"), invalid("Invalid phone number format."));
    assert_eq!(attempt("bad name", "x"), invalid("Invalid attribute name bad name"));
    let words = "nickname: String must be no longer than 2048 characters";
    assert_eq!(attempt("nickname", &"x".repeat(2049)), invalid(words));
    assert_eq!(delete(&pool, &tokens, &["bad name"]).refused(), invalid("Invalid attribute name bad name"));
    for (operation, field) in
        [("UpdateUserAttributes", "userAttributes"), ("DeleteUserAttributes", "userAttributeNames")]
    {
        let (kind, words) = with_token(&pool, operation, &tokens, json!({})).refused();
        assert_eq!(kind, "InvalidParameterException");
        assert!(words.contains(&format!("at '{field}' failed")), "{words}");
    }
    assert_eq!(seen(&pool, &tokens, "name"), "Aiko Tanaka");
    assert_eq!(pool.messages(), Vec::<Value>::new());
    for operation in [
        "UpdateUserAttributes",
        "DeleteUserAttributes",
        "GetUserAttributeVerificationCode",
        "VerifyUserAttribute",
    ] {
        let refused = with_token(&pool, operation, &json!({ "AccessToken": "x" }), json!({})).refused();
        assert_eq!(refused, not_authorized("Invalid Access Token"), "{operation}");
    }
}

#[test]
fn who_signs_up_after_somebody_left_does_not_inherit_the_codes() {
    let pool = StartedPool::start(&[]);
    pool.call("ForgotPassword", json!({ "ClientId": "devdesktop", "Username": "aiko" })).done();
    let code = pool.newest_code();
    let tokens = pool.tokens("devdesktop", "aiko");
    with_token(&pool, "DeleteUser", &tokens, json!({})).done();
    let attributes =
        json!([{ "Name": "email", "Value": "aiko@example.com" }, { "Name": "name", "Value": "A" }]);
    let body = json!({
        "ClientId": "devdesktop",
        "Username": "aiko",
        "Password": "Fresh-Start-1",
        "UserAttributes": attributes,
    });
    pool.call("SignUp", body).done();
    let body = json!({
        "ClientId": "devdesktop",
        "Username": "aiko",
        "ConfirmationCode": code,
        "Password": "Fresh-Start-2",
    });
    assert_eq!(pool.call("ConfirmForgotPassword", body).refused(), expired());
}
