//! `CUSTOM_AUTH`: the pool's own challenges.

use serde_json::{Value, json};

use crate::http::{Answer, claims, exception, not_authorized};
use crate::started::StartedPool;

fn begin(pool: &StartedPool, client: &str, username: &str) -> Answer {
    pool.initiate(client, "CUSTOM_AUTH", json!({ "USERNAME": username }))
}

fn answer(pool: &StartedPool, asked: &Value, username: &str, text: &str) -> Answer {
    pool.respond("devcustom", asked, json!({ "USERNAME": username, "ANSWER": text }))
}

#[test]
fn two_riddles_lead_to_tokens() {
    let pool = StartedPool::start(&[]);
    let first = begin(&pool, "devcustom", "quinn@example.com").done();
    assert_eq!(first["ChallengeName"], "CUSTOM_CHALLENGE");
    let parameters = &first["ChallengeParameters"];
    assert_eq!(parameters["USERNAME"], "quinn");
    assert_eq!(parameters["prompt"], "What has keys and opens no lock?");
    assert_eq!((&parameters["round"], &parameters["rounds"]), (&json!("1"), &json!("2")));

    let second = answer(&pool, &first, "quinn", " Piano ").done();
    assert_eq!(second["ChallengeName"], "CUSTOM_CHALLENGE");
    assert_ne!(second["Session"], first["Session"]);
    assert_eq!(second["ChallengeParameters"]["prompt"], "What gets wetter the more it dries?");
    assert_eq!(second["ChallengeParameters"]["round"], "2");
    let signed_in = answer(&pool, &second, "quinn", "towel").done();
    assert_eq!(claims(&signed_in["AuthenticationResult"]["AccessToken"])["username"], "quinn");
    // An old session is none.
    let invalid = not_authorized("Invalid session for the user.");
    assert_eq!(answer(&pool, &first, "quinn", "piano").refused(), invalid);
}

#[test]
fn a_wrong_answer_asks_again_and_the_third_ends_it() {
    let pool = StartedPool::start(&[]);
    let incorrect = not_authorized("Incorrect username or password.");
    // Whoever does not exist is treated alike.
    for (username, given) in [("quinn", "cello"), ("nobody", "piano")] {
        let mut asked = begin(&pool, "devcustom", username).done();
        for _ in 0..2 {
            asked = answer(&pool, &asked, username, given).done();
            assert_eq!(asked["ChallengeParameters"]["round"], "1");
        }
        assert_eq!(answer(&pool, &asked, username, given).refused(), incorrect);
    }
    // They are counted over both rounds.
    let mut asked = begin(&pool, "devcustom", "quinn").done();
    for text in ["cello", "piano", "sponge"] {
        asked = answer(&pool, &asked, "quinn", text).done();
    }
    assert_eq!(asked["ChallengeParameters"]["round"], "2");
    assert_eq!(answer(&pool, &asked, "quinn", "sponge").refused(), incorrect);
}

/// What follows the password is in `tests/pycognito.rs`.
#[test]
fn the_password_comes_first_where_the_client_wants_it() {
    let pool = StartedPool::start(&[]);
    let refused = begin(&pool, "devcustomsrp", "rosa").refused();
    assert_eq!(refused, not_authorized("Incorrect username or password."));
    let with = |client: &str, more: Value| {
        let mut parameters = json!({ "USERNAME": "rosa", "SRP_A": "abcdef" });
        parameters["CHALLENGE_NAME"] = more;
        pool.initiate(client, "CUSTOM_AUTH", parameters)
    };
    assert_eq!(with("devcustomsrp", json!("SRP_A")).done()["ChallengeName"], "PASSWORD_VERIFIER");
    assert_eq!(with("devcustom", json!("SRP_A")).done()["ChallengeName"], "PASSWORD_VERIFIER");
    let words = "CHALLENGE_NAME PASSWORD cannot begin CUSTOM_AUTH";
    let refused = with("devcustom", json!("PASSWORD")).refused();
    assert_eq!(refused, exception("InvalidParameterException", words));
    let body = json!({ "USERNAME": "rosa", "CHALLENGE_NAME": "SRP_A" });
    let refused = pool.initiate("devcustom", "CUSTOM_AUTH", body).refused();
    assert_eq!(refused, exception("InvalidParameterException", "Missing required parameter SRP_A"));
}

#[test]
fn riddles_do_not_help_who_may_not_sign_in() {
    let pool = StartedPool::start(&[]);
    for (username, kind) in [("chiyo", "NotAuthorizedException"), ("dmitri", "UserNotConfirmedException")] {
        let first = begin(&pool, "devcustom", username).done();
        let second = answer(&pool, &first, username, "piano").done();
        assert_eq!(answer(&pool, &second, username, "towel").refused().0, kind);
    }
}
