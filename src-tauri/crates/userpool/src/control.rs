//! `/_userpool/…`: how tests read and change the pool. No part of Cognito.

use hyper::Method;
use serde_json::{Value, json};

use crate::pool::{Flow, Pool, Status};
use crate::server::Shared;
use crate::{demo, wire};

/// Serves one request to the control surface. `path` is what follows `/_userpool/`.
pub(crate) fn serve(shared: &Shared, method: &Method, path: &str, body: &[u8]) -> wire::Answer {
    let body = || {
        serde_json::from_slice::<Value>(body).map_err(|error| format!("the body is no JSON object: {error}"))
    };
    let result = match (method, path) {
        (&Method::GET, "demo") => Ok(demo::announcement(&shared.pool(), &shared.endpoint)),
        (&Method::GET, "outbox") => Ok(shared.pool().outbox.to_json()),
        (&Method::POST, "outbox") => body().and_then(|change| shared.pool().outbox.limit(&change)),
        (&Method::DELETE, "outbox") => {
            shared.pool().outbox.clear();
            Ok(json!({}))
        }
        (&Method::GET, "log") => Ok(shared.journal().to_json()),
        (&Method::DELETE, "log") => {
            *shared.journal() = Default::default();
            Ok(json!({}))
        }
        (&Method::GET, "script") => Ok(json!({ "left": shared.script().left() })),
        (&Method::POST, "script") => {
            body().and_then(|script| shared.script().load(&script)).map(|()| json!({}))
        }
        (&Method::DELETE, "script") => {
            shared.script().clear();
            Ok(json!({}))
        }
        (&Method::POST, "user") => body().and_then(|change| change_user(&mut shared.pool(), &change)),
        (&Method::POST, "client") => body().and_then(|change| change_client(&mut shared.pool(), &change)),
        (&Method::POST, "managed_login") => {
            body().and_then(|change| shared.pool().managed_login.change(&change))
        }
        (&Method::POST, "key") => rotate_key(&mut shared.pool()),
        (&Method::POST, "clock") => body().and_then(|change| change_clock(&mut shared.pool(), &change)),
        _ => {
            let words = format!("there is no {method} /_userpool/{path}");
            return json_answer(404, &json!({ "error": words }), shared);
        }
    };
    match result {
        Ok(body) => json_answer(200, &body, shared),
        Err(error) => json_answer(400, &json!({ "error": error }), shared),
    }
}

fn json_answer(status: u16, body: &Value, shared: &Shared) -> wire::Answer {
    wire::answer(status, "application/json", body.to_string(), shared.pool().now())
}

fn text<'a>(change: &'a Value, name: &str) -> Result<&'a str, String> {
    change.get(name).and_then(Value::as_str).ok_or_else(|| format!("{name:?} is missing or no text"))
}

/// `{"username", "enabled"?, "status"?, "groups"?, "password"?, "attributes"?, "preferred_factor"?, "delete"?}`; an
/// attribute or a factor that is null is taken away. Users who do not exist are not made.
fn change_user(pool: &mut Pool, change: &Value) -> Result<Value, String> {
    let name = text(change, "username")?;
    if change.get("delete") == Some(&Value::Bool(true)) {
        pool.users.remove(name).ok_or_else(|| format!("there is no user {name:?}"))?;
        pool.save()?;
        return Ok(json!({}));
    }
    let mut user = pool.users.get(name).cloned().ok_or_else(|| format!("there is no user {name:?}"))?;
    for (field, value) in change.as_object().into_iter().flatten() {
        let wrong = |error: serde_json::Error| format!("{field:?}: {error}");
        match field.as_str() {
            "username" | "delete" => {}
            "enabled" => user.enabled = serde_json::from_value(value.clone()).map_err(wrong)?,
            "status" => user.status = serde_json::from_value::<Status>(value.clone()).map_err(wrong)?,
            "groups" => user.groups = serde_json::from_value(value.clone()).map_err(wrong)?,
            "preferred_factor" => {
                user.preferred_factor = serde_json::from_value(value.clone()).map_err(wrong)?;
            }
            "password" => user.set_password(text(change, "password")?),
            "attributes" => {
                for (attribute, value) in value.as_object().into_iter().flatten() {
                    match value.as_str() {
                        Some(value) => user.attributes.insert(attribute.clone(), value.to_owned()),
                        None => user.attributes.remove(attribute),
                    };
                }
            }
            _ => return Err(format!("a user has no {field:?}")),
        }
    }
    let state = json!({
        "username": user.username,
        "enabled": user.enabled,
        "status": user.status,
        "groups": user.groups,
        "preferred_factor": user.preferred_factor,
        "attributes": user.attributes,
    });
    pool.users.insert(name.to_owned(), user);
    pool.save()?;
    Ok(state)
}

/// `{"id", "access_life"?, "refresh_life"?, "auth_session_life"?, "rotation"?: "off" | seconds of grace,
/// "revocation"?, "flows"?, "scope"?, "first_factor"?, "callbacks"?, "sign_out_urls"?, "scopes"?}`; lives in seconds, and
/// for tokens issued from now on.
fn change_client(pool: &mut Pool, change: &Value) -> Result<Value, String> {
    let id = text(change, "id")?;
    let client = pool.clients.iter_mut().find(|client| client.id == id);
    let client = client.ok_or_else(|| format!("there is no client {id:?}"))?;
    for (field, value) in change.as_object().into_iter().flatten() {
        let wrong = |error: serde_json::Error| format!("{field:?}: {error}");
        let life = || {
            value
                .as_i64()
                .filter(|life| *life > 0)
                .ok_or_else(|| format!("{field:?} takes seconds, from 1 on"))
        };
        match field.as_str() {
            "id" => {}
            "access_life" => client.access_life = life()?,
            "refresh_life" => client.refresh_life = life()?,
            "auth_session_life" => client.auth_session_life = life()?,
            "rotation" if value == "off" => client.rotation = None,
            "rotation" => client.rotation = Some(serde_json::from_value(value.clone()).map_err(wrong)?),
            "revocation" => client.revocation = serde_json::from_value(value.clone()).map_err(wrong)?,
            "flows" => client.flows = serde_json::from_value::<Vec<Flow>>(value.clone()).map_err(wrong)?,
            "first_factor" => client.first_factor = serde_json::from_value(value.clone()).map_err(wrong)?,
            "scope" => client.scope = text(change, "scope")?.to_owned(),
            "callbacks" | "sign_out_urls" | "scopes" => {
                let registered = client.managed_login.as_mut();
                let registered = registered.ok_or_else(|| format!("{id:?} is not registered for it"))?;
                let list = match field.as_str() {
                    "callbacks" => &mut registered.callbacks,
                    "sign_out_urls" => &mut registered.sign_out_addresses,
                    _ => &mut registered.scopes,
                };
                *list = serde_json::from_value(value.clone()).map_err(wrong)?;
            }
            _ => return Err(format!("a client has no {field:?}")),
        }
    }
    Ok(json!({
        "id": client.id,
        "access_life": client.access_life,
        "refresh_life": client.refresh_life,
        "auth_session_life": client.auth_session_life,
        "rotation": client.rotation.map_or(json!("off"), |grace| json!(grace)),
        "revocation": client.revocation,
        "flows": client.flows,
        "scope": client.scope,
        "first_factor": client.first_factor,
    }))
}

/// From now on tokens are signed with a new key; the one before stays in the key set.
fn rotate_key(pool: &mut Pool) -> Result<Value, String> {
    pool.key.rotate()?;
    pool.save()?;
    Ok(json!({ "kid": pool.key.id() }))
}

/// `{"offset_seconds": N}`: how far ahead of the machine's clock the pool's runs.
fn change_clock(pool: &mut Pool, change: &Value) -> Result<Value, String> {
    let offset = change.get("offset_seconds").and_then(Value::as_f64);
    let offset = offset.filter(|offset| offset.abs() < 4e9);
    let offset = offset.ok_or("\"offset_seconds\" is missing or not a number below 4e9")?;
    pool.clock_offset_ms = (offset * 1000.0) as i64;
    pool.save()?;
    Ok(json!({ "now_ms": pool.now_ms() }))
}
