//! What a user may do with an access token: `GetUser` and `GlobalSignOut`.

use serde_json::json;

use crate::journal::Trace;
use crate::pool::Pool;
use crate::wire::{Fields, Outcome};
use crate::{second_factor, sessions};

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
    if let Some(setting) = second_factor::settings(&user) {
        body["UserMFASettingList"] = json!([setting]);
        body["PreferredMfaSetting"] = setting;
    }
    Ok(body)
}
