//! The development pool's demo users, for the window's development strip.

use serde::Deserialize;
use session::{Fault, FaultCode};
use tauri::{AppHandle, Runtime};

use crate::snapshot::{DemoUser, Setup};
use crate::{CognitoExt, DEVELOPMENT};

const PATH: &str = "/_userpool/demo";
const MOST_BYTES: usize = 64 * 1024;

#[derive(Deserialize)]
struct Listing {
    users: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    username: String,
    password: String,
    client: String,
    note: String,
}

/// The demo users of the development client; none outside development.
///
/// # Errors
/// What kept the development pool from answering.
pub(crate) async fn users<R: Runtime>(app: &AppHandle<R>) -> Result<Vec<DemoUser>, Fault> {
    let state = app.cognito().state();
    let (Setup::Ready { development: true, issuer, client_id, .. }, Some(running)) =
        (&state.setup, &state.running)
    else {
        return Ok(Vec::new());
    };
    let mut address = url::Url::parse(issuer).map_err(|error| unusable(&error))?;
    address.set_path(PATH);
    let body = running.http.get(&address, MOST_BYTES).await?;
    let listing: Listing = serde_json::from_slice(&body).map_err(|error| unusable(&error))?;
    debug_assert_eq!(client_id, DEVELOPMENT.1);
    let of_this_client = |user: &Listed| user.client == *client_id;
    Ok(listing
        .users
        .into_iter()
        .filter(of_this_client)
        .map(|Listed { username, password, note, .. }| DemoUser { username, password, note })
        .collect())
}

fn unusable(error: &dyn std::error::Error) -> Fault {
    Fault::with_detail(FaultCode::AnswerUnusable, error.to_string())
}
