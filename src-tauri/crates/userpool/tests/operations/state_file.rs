//! What outlives a restart.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::http::not_authorized;
use crate::started::StartedPool;

fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("state-{name}"));
    // It is not there at the first run.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the state file");
    folder.join("pool.json")
}

#[test]
fn sessions_keys_users_and_revocations_go_on() {
    let file = file("all");
    let start = || StartedPool::start(&["--state", file.to_str().unwrap()]);
    let keys = "/us-east-1_DevPool/.well-known/jwks.json";

    let pool = start();
    let key_set = pool.get(keys);
    let kept = pool.tokens("devdesktop", "aiko");
    let revoked = pool.tokens("devdesktop", "aiko");
    pool.call("RevokeToken", json!({ "ClientId": "devdesktop", "Token": revoked["RefreshToken"] })).done();
    let replaced = pool.tokens("devrotating", "farid");
    pool.refresh("devrotating", &replaced["RefreshToken"]).done();
    pool.control("user", json!({ "username": "kazuko", "password": "Another-One-1", "groups": ["x"] }));
    drop(pool);

    let pool = start();
    assert_eq!(pool.get(keys), key_set);
    pool.get_user(&kept).done();
    pool.refresh("devdesktop", &kept["RefreshToken"]).done();
    let refused = pool.refresh("devdesktop", &revoked["RefreshToken"]).refused();
    assert_eq!(refused, not_authorized("Refresh Token has been revoked"));
    assert_eq!(pool.get_user(&revoked).refused(), not_authorized("Access Token has been revoked"));
    pool.set_clock(11.0);
    let reused = pool.refresh("devrotating", &replaced["RefreshToken"]).refused();
    assert_eq!(reused.0, "RefreshTokenReuseException");
    pool.sign_in("devdesktop", "kazuko", "Another-One-1").done();
    let users = pool.announcement["users"].as_array().unwrap();
    let kazuko = users.iter().find(|user| user["username"] == "kazuko").unwrap();
    assert!(kazuko["note"].as_str().unwrap().contains("password has been changed"), "{kazuko}");
}

#[test]
fn an_older_file_gets_the_users_it_could_not_have() {
    let file = file("older");
    let start = || StartedPool::start(&["--state", file.to_str().unwrap()]);
    let pool = start();
    pool.control("user", json!({ "username": "mateo", "delete": true }));
    pool.control("user", json!({ "username": "chiyo", "delete": true }));
    drop(pool);
    assert!(start().announcement["users"].as_array().unwrap().iter().all(|user| user["username"] != "mateo"));

    let mut state: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    state["format"] = json!(1);
    let users = state["users"].as_object_mut().unwrap();
    users.remove("lena");
    for user in users.values_mut() {
        user.as_object_mut().unwrap().retain(|field, _| field != "preferred_factor" && field != "totp_used");
    }
    fs::write(&file, state.to_string()).unwrap();
    let pool = start();
    for (username, challenge) in [("jun", "SOFTWARE_TOKEN_MFA"), ("lena", "SMS_MFA"), ("mateo", "EMAIL_OTP")]
    {
        let begun = pool.sign_in("devdesktop", username, pool.password(username)).done();
        assert_eq!(begun["ChallengeName"], challenge);
    }
    let users = pool.announcement["users"].as_array().unwrap();
    assert!(users.iter().all(|user| user["username"] != "chiyo"), "who was deleted stays away");
}

#[test]
fn the_file_holds_no_token_and_no_password_and_is_its_owners() {
    let file = file("content");
    let pool = StartedPool::start(&["--state", file.to_str().unwrap()]);
    let tokens = pool.tokens("devdesktop", "aiko");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"aiko\""));
    for secret in
        [tokens["RefreshToken"].as_str(), tokens["AccessToken"].as_str(), Some(pool.password("aiko"))]
    {
        assert!(!text.contains(secret.unwrap()));
    }
    let beside: Vec<_> = fs::read_dir(file.parent().unwrap()).unwrap().flatten().collect();
    assert_eq!(beside.len(), 1, "no temporary file is left: {beside:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn without_a_state_file_every_pool_is_new() {
    let tokens = StartedPool::start(&[]).tokens("devdesktop", "aiko");
    let pool = StartedPool::start(&[]);
    let refused = pool.refresh("devdesktop", &tokens["RefreshToken"]).refused();
    assert_eq!(refused, not_authorized("Invalid Refresh Token."));
}
