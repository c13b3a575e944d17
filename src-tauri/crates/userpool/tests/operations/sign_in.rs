//! Who may sign in, and what else is asked for.

use serde_json::{Value, json};

use crate::http::{claims, exception, not_authorized, now};
use crate::started::StartedPool;

#[test]
fn every_demo_user_is_in_the_state_that_is_announced() {
    let pool = StartedPool::start(&[]);
    let refused = |username: &str| pool.sign_in("devdesktop", username, pool.password(username)).refused();
    assert_eq!(refused("chiyo"), not_authorized("User is disabled."));
    assert_eq!(refused("dmitri"), exception("UserNotConfirmedException", "User is not confirmed."));
    let reset = exception("PasswordResetRequiredException", "Password reset required for the user");
    assert_eq!(refused("emma"), reset);
    assert_eq!(pool.sign_in("devdesktop", "emma", "anything").refused(), reset);

    let challenge = |username: &str| {
        let begun = pool.sign_in("devdesktop", username, pool.password(username)).done();
        begun["ChallengeName"].as_str().map(str::to_owned)
    };
    assert_eq!(challenge("ben").as_deref(), Some("NEW_PASSWORD_REQUIRED"));
    assert_eq!(challenge("jun").as_deref(), Some("SOFTWARE_TOKEN_MFA"));
    assert_eq!(challenge("lena").as_deref(), Some("SMS_MFA"));
    assert_eq!(challenge("mateo").as_deref(), Some("EMAIL_OTP"));

    let users = pool.announcement["users"].as_array().expect("users");
    let plain = ["aiko", "farid", "hiro", "ines", "kazuko"];
    for user in users.iter().filter(|user| plain.iter().any(|name| user["username"] == *name)) {
        let (client, username) = (user["client"].as_str().unwrap(), user["username"].as_str().unwrap());
        let tokens = pool.tokens(client, username);
        assert_eq!(claims(&tokens["AccessToken"])["username"], username);
    }
    assert_eq!(
        users.len(),
        plain.len() + 21,
        "every demo user has a test: these, greta below, and the others where their flow is"
    );
}

#[test]
fn a_wrong_password_tells_nothing_of_the_user() {
    let pool = StartedPool::start(&[]);
    let wrong = not_authorized("Incorrect username or password.");
    for username in ["aiko", "ben", "chiyo", "dmitri", "jun", "nobody"] {
        assert_eq!(pool.sign_in("devdesktop", username, "Wrong-Pass-1").refused(), wrong, "{username}");
    }
}

/// That the lockout doubles exactly is tested beside the code.
#[test]
fn too_many_wrong_passwords_lock_for_a_time() {
    let pool = StartedPool::start(&[]);
    let attempt = |password: &str| pool.sign_in("devdesktop", "aiko", password);
    let right = pool.password("aiko");
    let wrong = not_authorized("Incorrect username or password.");
    let exceeded = not_authorized("Password attempts exceeded");
    for (attempts, offset, lockout) in [(5, 0.0, 1.0), (1, 1.0, 2.0), (1, 3.0, 4.0)] {
        pool.set_clock(offset);
        for _ in 0..attempts {
            assert_eq!(attempt("Wrong-Pass-1").refused(), wrong);
        }
        // Some way back, so that the lockout outlasts slow answers.
        pool.set_clock(offset - 500.0);
        assert_eq!(attempt(right).refused(), exceeded);
        assert_eq!(attempt("Wrong-Pass-1").refused(), exceeded);
        pool.set_clock(offset + lockout);
    }
    assert!(attempt(right).done()["AuthenticationResult"].is_object());
}

#[test]
fn a_client_with_a_secret_needs_its_hash() {
    let pool = StartedPool::start(&[]);
    let missing = "Client devsecret is configured with secret but SECRET_HASH was not received";
    assert_eq!(pool.sign_in("devsecret", "greta", pool.password("greta")).refused(), not_authorized(missing));
    // Computed with `printf 'USERNAMEdevsecret' | openssl dgst -sha256 -hmac SECRET -binary | base64`.
    let by_name = "l5eU8UwV6+0y7KhkU6TnepfAoVwzEEkmKhRH2uVJukw=";
    let by_alias = "GgSaVtQC6/xpfLYtof3pVSXJkj6PPnk6OhzbXoZVShk=";
    let attempt = |username: &str, hash: &str| {
        let parameters = json!({
            "USERNAME": username,
            "PASSWORD": pool.password("greta"),
            "SECRET_HASH": hash,
        });
        let flow = "USER_PASSWORD_AUTH";
        pool.call(
            "InitiateAuth",
            json!({ "ClientId": "devsecret", "AuthFlow": flow, "AuthParameters": parameters }),
        )
    };
    let unable = not_authorized("Unable to verify secret hash for client devsecret");
    assert_eq!(attempt("greta", by_alias).refused(), unable);
    assert_eq!(attempt("greta", "").refused(), unable);
    assert_eq!(attempt("greta@example.com", by_name).refused(), unable);
    // The sign-in begins with what was typed.
    attempt("greta@example.com", by_alias).done();
    let result = attempt("greta", by_name).done()["AuthenticationResult"].clone();

    // A refresh by InitiateAuth goes by the real name.
    let refresh = |hash: Option<&str>| {
        let mut parameters = json!({ "REFRESH_TOKEN": result["RefreshToken"] });
        if let Some(hash) = hash {
            parameters["SECRET_HASH"] = json!(hash);
        }
        let flow = "REFRESH_TOKEN_AUTH";
        pool.call(
            "InitiateAuth",
            json!({ "ClientId": "devsecret", "AuthFlow": flow, "AuthParameters": parameters }),
        )
    };
    assert_eq!(refresh(None).refused(), not_authorized(missing));
    assert_eq!(refresh(Some(by_alias)).refused(), unable);
    refresh(Some(by_name)).done();
}

#[test]
fn a_client_without_a_secret_takes_no_hash() {
    let pool = StartedPool::start(&[]);
    let words = "App client devpassword is not configured for secret but secret hash was received";
    let begin = |flow: &str, parameters: Value| {
        let body = json!({ "ClientId": "devpassword", "AuthFlow": flow, "AuthParameters": parameters });
        pool.call("InitiateAuth", body)
    };
    let mut parameters = json!({ "USERNAME": "hiro", "PASSWORD": pool.password("hiro") });
    let result = begin("USER_PASSWORD_AUTH", parameters.clone()).done()["AuthenticationResult"].clone();
    parameters["SECRET_HASH"] = json!("aGFzaA==");
    let refused = begin("USER_PASSWORD_AUTH", parameters).refused();
    assert_eq!(refused, exception("InvalidParameterException", words));
    // A refresh does not read it.
    begin(
        "REFRESH_TOKEN_AUTH",
        json!({ "REFRESH_TOKEN": result["RefreshToken"], "SECRET_HASH": "aGFzaA==" }),
    )
    .done();
}

#[test]
fn the_new_operations_take_the_secret_itself() {
    let pool = StartedPool::start(&[]);
    let clients = pool.announcement["clients"].as_array().expect("clients");
    let client = clients.iter().find(|client| client["id"] == "devsecret").expect("devsecret");
    let secret = client["secret"].as_str().expect("a secret");
    assert!((24..=64).contains(&secret.len()));
    pool.control("client", json!({ "id": "devsecret", "flows": ["ALLOW_USER_PASSWORD_AUTH"] }));
    let parameters = json!({ "USERNAME": "greta", "PASSWORD": pool.password("greta"), "SECRET_HASH": "l5eU8UwV6+0y7KhkU6TnepfAoVwzEEkmKhRH2uVJukw=" });
    let flow = "USER_PASSWORD_AUTH";
    let body = json!({ "ClientId": "devsecret", "AuthFlow": flow, "AuthParameters": parameters });
    let token = pool.call("InitiateAuth", body).done()["AuthenticationResult"]["RefreshToken"].clone();

    for (operation, field) in [("GetTokensFromRefreshToken", "RefreshToken"), ("RevokeToken", "Token")] {
        let call = |secret: Option<&str>| {
            let mut body = json!({ "ClientId": "devsecret" });
            body[field] = token.clone();
            if let Some(secret) = secret {
                body["ClientSecret"] = json!(secret);
            }
            pool.call(operation, body)
        };
        let missing = "Client devsecret is configured for secret but secret was not received";
        assert_eq!(call(None).refused(), not_authorized(missing), "{operation}");
        let (kind, _) = call(Some("devsecretdevsecretdevsecret")).refused();
        assert_eq!(kind, "NotAuthorizedException", "{operation}");
        call(Some(secret)).done();
    }
}

#[test]
fn a_new_password_must_fit_and_missing_attributes_be_given() {
    let pool = StartedPool::start(&[]);
    let begun = pool.sign_in("devdesktop", "ben@example.com", pool.password("ben")).done();
    let parameters = &begun["ChallengeParameters"];
    assert_eq!(parameters["USER_ID_FOR_SRP"], "ben");
    assert_eq!(parameters["requiredAttributes"], r#"["userAttributes.name"]"#);
    let known: Value = serde_json::from_str(parameters["userAttributes"].as_str().unwrap()).unwrap();
    assert_eq!(known, json!({ "email": "ben@example.com", "email_verified": "true" }));

    let answer_as = |client: &str, username: &str, session: &Value, more: Value| {
        let mut responses = json!({ "USERNAME": username });
        for (name, value) in more.as_object().unwrap() {
            responses[name] = value.clone();
        }
        pool.call(
            "RespondToAuthChallenge",
            json!({
                "ClientId": client,
                "ChallengeName": "NEW_PASSWORD_REQUIRED",
                "Session": session,
                "ChallengeResponses": responses,
            }),
        )
    };
    let session = &begun["Session"];
    let answer = |more: Value| answer_as("devdesktop", "ben", session, more);
    let policy = |fault: &str| {
        exception("InvalidPasswordException", &format!("Password did not conform with policy: {fault}"))
    };
    let name = "userAttributes.name";
    for (password, fault) in [
        ("Ab-1", "Password not long enough"),
        ("abcdefg1", "Password must have uppercase characters"),
        ("ABCDEFG1", "Password must have lowercase characters"),
        ("Abcdefgh", "Password must have numeric characters"),
    ] {
        assert_eq!(answer(json!({ "NEW_PASSWORD": password, name: "Ben Ito" })).refused(), policy(fault));
    }
    assert_eq!(
        answer(json!({ "NEW_PASSWORD": "Brand-New-1" })).refused(),
        exception("InvalidParameterException", "Invalid attributes given, name is missing")
    );
    let other_email = json!({
        "NEW_PASSWORD": "Brand-New-1",
        name: "Ben Ito",
        "userAttributes.email": "other@example.com",
    });
    assert_eq!(answer(other_email).refused(), not_authorized("Cannot modify an already provided email"));

    let good = json!({ "NEW_PASSWORD": "Brand-New-1", name: "Ben Ito" });
    let signed_in = answer(good.clone()).done();
    assert_eq!(claims(&signed_in["AuthenticationResult"]["IdToken"])["name"], "Ben Ito");

    // A session is good for one sign-in, one user and one client.
    let invalid = not_authorized("Invalid session for the user.");
    assert_eq!(answer(good.clone()).refused(), invalid);
    let again = || {
        pool.control("user", json!({ "username": "ben", "status": "FORCE_CHANGE_PASSWORD" }));
        pool.sign_in("devdesktop", "ben", "Brand-New-1").done()["Session"].clone()
    };
    assert_eq!(answer_as("devdesktop", "aiko", &again(), good.clone()).refused(), invalid);
    assert_eq!(answer_as("devshort", "ben", &again(), good.clone()).refused(), invalid);
    let missing = exception("InvalidParameterException", "Missing required parameter Session");
    assert_eq!(answer_as("devdesktop", "ben", &Value::Null, good.clone()).refused(), missing);
    let late = again();
    pool.set_clock(181.0);
    assert_eq!(
        answer_as("devdesktop", "ben", &late, good).refused(),
        not_authorized("Invalid session for the user, session is expired.")
    );
    assert_eq!(
        pool.sign_in("devdesktop", "ben", pool.password("ben")).refused(),
        not_authorized("Incorrect username or password.")
    );
}

#[test]
fn an_authenticators_code_is_checked() {
    let pool = StartedPool::start(&[]);
    let begin = || pool.sign_in("devdesktop", "jun", pool.password("jun")).done()["Session"].clone();
    let answer = |session: &Value, code: &str| {
        pool.call(
            "RespondToAuthChallenge",
            json!({
                "ClientId": "devdesktop",
                "ChallengeName": "SOFTWARE_TOKEN_MFA",
                "Session": session,
                "ChallengeResponses": { "USERNAME": "jun", "SOFTWARE_TOKEN_MFA_CODE": code },
            }),
        )
    };
    // Computed with Python's hmac for the demo secret at this time.
    pool.set_clock(1_800_000_000.0 - now());
    let session = begin();
    let mismatch = exception("CodeMismatchException", "Invalid code received for user");
    assert_eq!(answer(&session, "000000").refused(), mismatch);
    let signed_in = answer(&session, "705537").done();
    assert_eq!(claims(&signed_in["AuthenticationResult"]["AccessToken"])["username"], "jun");

    let session = begin();
    for _ in 0..5 {
        assert_eq!(answer(&session, "000000").refused(), mismatch);
    }
    assert_eq!(answer(&session, "000000").refused(), not_authorized("Invalid session for the user."));
}

#[test]
fn flows_that_a_client_does_not_have_are_refused() {
    let pool = StartedPool::start(&[]);
    let begin = |client: &str, flow: &str| {
        pool.call("InitiateAuth", json!({ "ClientId": client, "AuthFlow": flow })).refused()
    };
    let invalid = |message: &str| exception("InvalidParameterException", message);
    assert_eq!(
        begin("devpassword", "USER_SRP_AUTH"),
        invalid("USER_SRP_AUTH is not enabled for the client.")
    );
    assert_eq!(
        begin("devdesktop", "USER_PASSWORD_AUTH"),
        invalid("USER_PASSWORD_AUTH flow not enabled for this client")
    );
    for flow in ["CUSTOM_AUTH", "USER_AUTH"] {
        assert_eq!(begin("devdesktop", flow), invalid(&format!("{flow} is not enabled for the client.")));
    }
    assert!(begin("devdesktop", "GUESS").1.contains("at 'authFlow' failed to satisfy constraint"));
    assert_eq!(
        begin("nobody", "USER_SRP_AUTH"),
        exception("ResourceNotFoundException", "User pool client nobody does not exist.")
    );
    assert_eq!(begin("devnoflow", "USER_SRP_AUTH"), invalid("USER_SRP_AUTH is not enabled for the client."));
    assert_eq!(
        begin("devnoflow", "USER_PASSWORD_AUTH"),
        invalid("USER_PASSWORD_AUTH flow not enabled for this client")
    );
}
