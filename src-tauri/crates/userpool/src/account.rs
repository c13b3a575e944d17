//! What a user may do with an access token: `GetUser` and `GlobalSignOut`.

use serde_json::{Value, json};

use crate::journal::Trace;
use crate::pool::{Pool, User};
use crate::second_factor::Factor;
use crate::sessions;
use crate::wire::{Fields, Outcome};

/// Serves `GlobalSignOut`: ends every session of the user.
pub(crate) fn sign_out_everywhere(pool: &mut Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    for session in pool.sessions.values_mut().filter(|session| session.username == user.username) {
        session.revoked = true;
    }
    Ok(json!({}))
}

/// Serves `GetUser`.
pub(crate) fn get_user(pool: &Pool, request: Fields<'_>, trace: &mut Trace) -> Outcome {
    let user = sessions::bearer(pool, request.required("AccessToken")?)?;
    trace.username.clone_from(&user.username);
    let mut attributes = vec![json!({ "Name": "sub", "Value": user.sub })];
    attributes.extend(user.attributes.iter().map(|(name, value)| json!({ "Name": name, "Value": value })));
    let mut body = json!({ "Username": user.username, "UserAttributes": attributes });
    describe_factors(&user, &mut body);
    Ok(body)
}

/// Adds what an answer says of a user's second factors.
fn describe_factors(user: &User, body: &mut Value) {
    let names: Vec<&str> = user.factors().into_iter().map(Factor::challenge).collect();
    if !names.is_empty() {
        body["UserMFASettingList"] = json!(names);
    }
    if let Some(factor) = user.factor() {
        body["PreferredMfaSetting"] = json!(factor.challenge());
    }
}
