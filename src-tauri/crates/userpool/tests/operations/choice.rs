//! `USER_AUTH`: the choice of a first factor.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::http::{Answer, claims, exception, not_authorized};
use crate::started::StartedPool;

const CLIENT: &str = "devchoice";

fn begin(pool: &StartedPool, username: &str, more: Value) -> Answer {
    let mut parameters = json!({ "USERNAME": username });
    for (name, value) in more.as_object().expect("an object") {
        parameters[name] = value.clone();
    }
    pool.initiate(CLIENT, "USER_AUTH", parameters)
}

fn choose(pool: &StartedPool, username: &str, more: Value) -> Answer {
    let asked = begin(pool, username, json!({})).done();
    assert_eq!(asked["ChallengeName"], "SELECT_CHALLENGE");
    let mut responses = json!({ "USERNAME": username });
    for (name, value) in more.as_object().expect("an object") {
        responses[name] = value.clone();
    }
    pool.respond(CLIENT, &asked, responses)
}

fn signed_in_as(answer: &Value, username: &str) {
    assert_eq!(claims(&answer["AuthenticationResult"]["AccessToken"])["username"], username);
}

#[test]
fn each_user_is_offered_what_there_is() {
    let pool = StartedPool::start(&[]);
    let offered = |username: &str| begin(&pool, username, json!({})).done()["AvailableChallenges"].clone();
    assert_eq!(offered("nora"), json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP"]));
    assert_eq!(offered("oskar"), json!(["EMAIL_OTP"]));
    assert_eq!(offered("priya"), json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]));
    assert_eq!(offered("aiko"), json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]));
    // A second factor needs a first one that is no code; and who is in no good standing begins with the password.
    for username in ["lena", "mateo", "jun", "chiyo", "dmitri", "emma", "ben"] {
        assert_eq!(offered(username), json!(["PASSWORD_SRP", "PASSWORD"]), "{username}");
    }
    let unverified = json!({ "email_verified": "false", "phone_number_verified": null });
    pool.control("user", json!({ "username": "nora", "attributes": unverified }));
    assert_eq!(offered("nora"), json!(["PASSWORD_SRP", "PASSWORD"]));

    // Who does not exist has a choice that stays, and not everybody the same one.
    let mut choices: Vec<Value> = (0..16).map(|number| offered(&format!("nobody{number}"))).collect();
    assert_eq!(choices[3], offered("nobody3"));
    choices.sort_by_key(Value::to_string);
    choices.dedup();
    let with_code = json!(["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]);
    assert_eq!(choices, [with_code, json!(["PASSWORD_SRP", "PASSWORD"])]);
}

#[test]
fn the_password_is_given_along_or_asked_for() {
    let pool = StartedPool::start(&[]);
    let right = pool.password("nora");
    let wrong = not_authorized("Incorrect username or password.");
    let with = |password: &str| json!({ "ANSWER": "PASSWORD", "PASSWORD": password });
    signed_in_as(&choose(&pool, "nora", with(right)).done(), "nora");
    assert_eq!(choose(&pool, "nora", with("Wrong-Pass-1")).refused(), wrong);
    assert_eq!(choose(&pool, "nobody", with(right)).refused(), wrong);

    let preferred = json!({ "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": right });
    signed_in_as(&begin(&pool, "nora", preferred.clone()).done(), "nora");
    assert_eq!(begin(&pool, "nobody", preferred).refused(), wrong);

    let asked = [
        choose(&pool, "nora", json!({ "ANSWER": "PASSWORD" })).done(),
        begin(&pool, "nora", json!({ "PREFERRED_CHALLENGE": "PASSWORD" })).done(),
    ];
    for asked in asked {
        assert_eq!(asked["ChallengeName"], "PASSWORD");
        let missing = exception("InvalidParameterException", "Missing required parameter PASSWORD");
        assert_eq!(pool.respond(CLIENT, &asked, json!({ "USERNAME": "nora" })).refused(), missing);
        let answer = json!({ "USERNAME": "nora", "PASSWORD": right });
        signed_in_as(&pool.respond(CLIENT, &asked, answer.clone()).done(), "nora");
        let invalid = not_authorized("Invalid session for the user.");
        assert_eq!(pool.respond(CLIENT, &asked, answer).refused(), invalid);
    }
    // A second factor comes after it as ever, and so do the refusals of a user's state.
    let asked = choose(&pool, "lena", with(pool.password("lena"))).done();
    assert_eq!(asked["ChallengeName"], "SMS_MFA");
    let refused = choose(&pool, "dmitri", with(pool.password("dmitri"))).refused();
    assert_eq!(refused.0, "UserNotConfirmedException");
    let refused = choose(&pool, "chiyo", with(pool.password("chiyo"))).refused();
    assert_eq!(refused, not_authorized("User is disabled."));
}

#[test]
fn wrong_passwords_lock_in_the_choice_too() {
    let pool = StartedPool::start(&[]);
    let with = |password: &str| json!({ "ANSWER": "PASSWORD", "PASSWORD": password });
    for _ in 0..5 {
        choose(&pool, "nora", with("Wrong-Pass-1")).refused();
    }
    pool.set_clock(-500.0);
    let exceeded = not_authorized("Password attempts exceeded");
    assert_eq!(choose(&pool, "nora", with(pool.password("nora"))).refused(), exceeded);
}

/// That the conversation itself is right is judged in `tests/pycognito.rs`.
#[test]
fn srp_begins_at_once_or_after_it_was_chosen() {
    let pool = StartedPool::start(&[]);
    let along = json!({ "ANSWER": "PASSWORD_SRP", "SRP_A": "abcdef" });
    let preferred = json!({ "PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": "abcdef" });
    for begun in [choose(&pool, "nora", along).done(), begin(&pool, "nora", preferred).done()] {
        assert_eq!(begun["ChallengeName"], "PASSWORD_VERIFIER");
        assert_eq!(begun["ChallengeParameters"]["USER_ID_FOR_SRP"], "nora");
    }
    let asked = [
        choose(&pool, "nora", json!({ "ANSWER": "PASSWORD_SRP" })).done(),
        begin(&pool, "nora", json!({ "PREFERRED_CHALLENGE": "PASSWORD_SRP" })).done(),
    ];
    for asked in asked {
        assert_eq!(asked["ChallengeName"], "PASSWORD_SRP");
        let begun = pool.respond(CLIENT, &asked, json!({ "USERNAME": "nora", "SRP_A": "abcdef" })).done();
        assert_eq!(begun["ChallengeName"], "PASSWORD_VERIFIER");
    }
    let refused = choose(&pool, "nora", json!({ "ANSWER": "PASSWORD_SRP", "SRP_A": "0" })).refused();
    assert_eq!(refused.0, "InvalidParameterException");
}

#[test]
fn a_code_signs_in() {
    let pool = StartedPool::start(&[]);
    for (username, factor, medium, digits) in
        [("oskar", "EMAIL_OTP", "EMAIL", 8), ("nora", "EMAIL_OTP", "EMAIL", 8), ("nora", "SMS_OTP", "SMS", 6)]
    {
        let asked = [
            choose(&pool, username, json!({ "ANSWER": factor })),
            begin(&pool, username, json!({ "PREFERRED_CHALLENGE": factor })),
        ];
        let code = pool.newest_code();
        assert_eq!(code.len(), digits);
        let [_, asked] = asked.map(|asked| asked.done());
        assert_eq!(asked["ChallengeName"], factor);
        assert_eq!(asked["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"], medium);
        let response = format!("{factor}_CODE");
        let answer = |code: &str| {
            let mut responses = json!({ "USERNAME": username });
            responses[&response] = json!(code);
            pool.respond(CLIENT, &asked, responses)
        };
        let mismatch = exception("CodeMismatchException", "Invalid code or auth state for the user.");
        assert_eq!(answer("no code").refused(), mismatch);
        signed_in_as(&answer(&code).done(), username);
        assert_eq!(answer(&code).refused(), not_authorized("Invalid session for the user."));
        pool.request("DELETE /_userpool/outbox", &[], "").expect("an answer").done();
    }
}

#[test]
fn a_code_for_nobody_is_asked_for_and_limited_like_any_other() {
    let pool = StartedPool::start(&[]);
    let has_code = |name: &&String| {
        let offered = begin(&pool, name, json!({})).done()["AvailableChallenges"].clone();
        offered.as_array().expect("a list").contains(&json!("EMAIL_OTP"))
    };
    let names: Vec<String> = (0..16).map(|number| format!("nobody{number}")).collect();
    let nobody = names.iter().find(has_code).expect("one in two");
    for number in 0..5 {
        let asked = begin(&pool, nobody, json!({ "PREFERRED_CHALLENGE": "EMAIL_OTP" })).done();
        assert_eq!(asked["ChallengeName"], "EMAIL_OTP", "{number}");
        let masked =
            asked["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"].as_str().expect("a destination");
        assert!(masked.starts_with("n***@"), "{masked}");
        let answer = json!({ "USERNAME": nobody, "EMAIL_OTP_CODE": "12345678" });
        assert_eq!(pool.respond(CLIENT, &asked, answer).refused().0, "CodeMismatchException");
    }
    let refused = begin(&pool, nobody, json!({ "PREFERRED_CHALLENGE": "EMAIL_OTP" })).refused();
    assert_eq!(refused.0, "LimitExceededException");
    assert_eq!(pool.messages(), Vec::<Value>::new());
}

#[test]
fn what_a_user_cannot_have_is_not_begun() {
    let pool = StartedPool::start(&[]);
    let asked = begin(&pool, "aiko", json!({ "PREFERRED_CHALLENGE": "WEB_AUTHN" })).done();
    assert_eq!(asked["ChallengeName"], "SELECT_CHALLENGE");
    let answer = |name: &str| pool.respond(CLIENT, &asked, json!({ "USERNAME": "aiko", "ANSWER": name }));
    let invalid = |words: &str| exception("InvalidParameterException", words);
    assert_eq!(answer("SMS_OTP").refused(), invalid("SMS_OTP is not available for the user"));
    assert_eq!(answer("GUESS").refused(), invalid("ANSWER GUESS is not a known challenge"));
    // The choice is still there.
    assert_eq!(answer("EMAIL_OTP").done()["ChallengeName"], "EMAIL_OTP");
    let refused = begin(&pool, "aiko", json!({ "PREFERRED_CHALLENGE": "GUESS" })).refused();
    assert_eq!(refused, invalid("PREFERRED_CHALLENGE GUESS is not a known challenge"));
    // A session of one challenge is none of another.
    let chosen = begin(&pool, "aiko", json!({ "PREFERRED_CHALLENGE": "PASSWORD" })).done();
    let mut other = chosen.clone();
    other["ChallengeName"] = json!("SELECT_CHALLENGE");
    let responses = json!({ "USERNAME": "aiko", "ANSWER": "PASSWORD" });
    let refused = pool.respond(CLIENT, &other, responses).refused();
    assert_eq!(refused, not_authorized("Invalid session for the user."));
    let refused = pool.initiate("devchoice", "USER_SRP_AUTH", json!({ "USERNAME": "aiko" })).refused();
    assert_eq!(refused, invalid("USER_SRP_AUTH is not enabled for the client."));
}

/// What an authenticator would answer, by the private key that is announced.
fn credential(pool: &StartedPool, asked: &Value, change: impl Fn(&mut Value, &mut Vec<u8>)) -> String {
    let users = pool.announcement["users"].as_array().expect("users");
    let passkey = &users.iter().find(|user| user["username"] == "priya").expect("priya")["passkey"];
    let options = asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"].as_str().expect("options");
    let options: Value = serde_json::from_str(options).expect("JSON");
    assert_eq!(options["allowCredentials"][0]["id"], passkey["credential_id"]);
    let mut client_data = json!({
        "type": "webauthn.get",
        "challenge": options["challenge"],
        "origin": "http://localhost:1420",
    });
    let party = options["rpId"].as_str().expect("a relying party");
    let mut data = digest(&SHA256, party.as_bytes()).as_ref().to_vec();
    data.extend([5, 0, 0, 0, 1]);
    change(&mut client_data, &mut data);
    let client_data = client_data.to_string();
    let key = STANDARD.decode(passkey["private_key"].as_str().expect("a key")).expect("base64");
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key).expect("a P-256 key");
    let signed = [&data, digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
    let signature = key.sign(&SystemRandom::new(), &signed).expect("a signature");
    let encode = |raw: &[u8]| URL_SAFE_NO_PAD.encode(raw);
    json!({
        "id": passkey["credential_id"],
        "rawId": passkey["credential_id"],
        "type": "public-key",
        "response": {
            "clientDataJSON": encode(client_data.as_bytes()),
            "authenticatorData": encode(&data),
            "signature": encode(signature.as_ref()),
        },
    })
    .to_string()
}

#[test]
fn a_passkey_signs_in_and_only_what_it_signed() {
    let pool = StartedPool::start(&[]);
    let asked = || begin(&pool, "priya", json!({ "PREFERRED_CHALLENGE": "WEB_AUTHN" })).done();
    let answer = |asked: &Value, credential: &str| {
        pool.respond(CLIENT, asked, json!({ "USERNAME": "priya", "CREDENTIAL": credential }))
    };
    let chosen = choose(&pool, "priya", json!({ "ANSWER": "WEB_AUTHN" })).done();
    assert_eq!(chosen["ChallengeName"], "WEB_AUTHN");
    let good = credential(&pool, &chosen, |_, _| {});
    signed_in_as(&answer(&chosen, &good).done(), "priya");
    assert_eq!(answer(&chosen, &good).refused(), not_authorized("Invalid session for the user."));

    let invalid = not_authorized("Invalid passkey credential.");
    assert_eq!(answer(&asked(), &good).refused(), invalid, "another challenge");
    let changes: [fn(&mut Value, &mut Vec<u8>); 4] = [
        |said, _| said["type"] = json!("webauthn.create"),
        |said, _| said["origin"] = json!("https://elsewhere.example"),
        |_, data| data[0] ^= 1,
        |_, data| data[32] = 4,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let asked = asked();
        let bad = credential(&pool, &asked, change);
        assert_eq!(answer(&asked, &bad).refused(), invalid, "{number}");
    }
    for (field, text) in [("id", "c29tZXRoaW5n"), ("signature", "MAYCAQECAQE")] {
        let asked = asked();
        let mut bad: Value = serde_json::from_str(&credential(&pool, &asked, |_, _| {})).expect("JSON");
        let at = if field == "id" { &mut bad } else { &mut bad["response"] };
        at[field] = json!(text);
        assert_eq!(answer(&asked, &bad.to_string()).refused(), invalid, "{field}");
    }
    let refused = answer(&asked(), "no JSON").refused();
    assert_eq!(refused, exception("InvalidParameterException", "CREDENTIAL is not valid JSON"));
}

#[test]
fn a_client_can_ask_for_one_first_factor_at_once() {
    let pool = StartedPool::start(&[]);
    for factor in ["PASSWORD", "PASSWORD_SRP", "SMS_OTP"] {
        pool.control("client", json!({ "id": CLIENT, "first_factor": factor }));
        assert_eq!(begin(&pool, "nora", json!({})).done()["ChallengeName"], factor);
        let preferred = json!({ "PREFERRED_CHALLENGE": "EMAIL_OTP" });
        assert_eq!(begin(&pool, "nora", preferred).done()["ChallengeName"], factor);
        // Who cannot have it chooses.
        assert_eq!(begin(&pool, "oskar", json!({})).done()["ChallengeName"], "SELECT_CHALLENGE");
    }
    pool.control("client", json!({ "id": CLIENT, "first_factor": null }));
    assert_eq!(begin(&pool, "nora", json!({})).done()["ChallengeName"], "SELECT_CHALLENGE");
}
