//! The sessions of somebody who is signed in, where the pool tracks them. The SDK does not know these operations.

use std::cmp::Reverse;

use serde::Deserialize;
use serde_json::{Value, json};
use session::{AccessToken, Fault, FaultCode, Timestamp};

use super::{Client, MOST_PAGES};
use crate::account::{SessionKind, UserSession};
use crate::errors::{self, Operation};
use crate::reply::unusable;

/// `ListUserSessionsResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listing {
    #[serde(default)]
    sessions: Option<Vec<Description>>,
    next_token: Option<String>,
}

/// `SessionDescriptionType`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Description {
    session_id: String,
    session_type: Option<String>,
    client_id: Option<String>,
    create_date: Option<f64>,
    last_active_date: Option<f64>,
    device_type: Option<String>,
    #[serde(rename = "LastIPAddress")]
    last_ip_address: Option<String>,
    last_location: Option<Location>,
    is_current_session: Option<bool>,
}

/// `SessionLocationType`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Location {
    city: Option<String>,
    country: Option<String>,
}

impl Client {
    /// `ListUserSessions`: this one first, then the one that was used last. None where the pool does not track
    /// sessions.
    ///
    /// # Errors
    /// Whatever keeps the pool from telling.
    pub async fn sessions(&self, access: &AccessToken) -> Result<Option<Vec<UserSession>>, Fault> {
        let (mut sessions, mut next) = (Vec::new(), None::<String>);
        for _ in 0..MOST_PAGES {
            let mut request = json!({ "AccessToken": access.expose() });
            if let Some(next) = next.take() {
                request["NextToken"] = Value::from(next);
            }
            let answer = match self.ask(Operation::ListSessions, "ListUserSessions", request).await {
                Ok(answer) => answer,
                Err(fault) => return errors::or_none(fault),
            };
            let listing: Listing = serde_json::from_slice(&answer)
                .map_err(|_| unusable("the list of sessions cannot be read"))?;
            sessions.extend(listing.sessions.into_iter().flatten().map(told));
            next = listing.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break;
            }
        }
        sessions.sort_by_key(|session| (!session.current, Reverse(session.last_active_at)));
        Ok(Some(sessions))
    }

    /// `RevokeUserSession`. One that is not there any more is as good as ended. The pool does not end this very
    /// session so.
    ///
    /// # Errors
    /// Whatever keeps the pool from it.
    pub async fn revoke_session(&self, access: &AccessToken, id: &str) -> Result<(), Fault> {
        match self.ask_to_revoke(access, id).await {
            Err(Fault { code: FaultCode::AlreadyGone, .. }) => Ok(()),
            result => result,
        }
    }

    pub(crate) async fn ask_to_revoke(&self, access: &AccessToken, id: &str) -> Result<(), Fault> {
        let request = json!({ "AccessToken": access.expose(), "SessionId": id });
        self.ask(Operation::RevokeSession, "RevokeUserSession", request).await.map(drop)
    }
}

fn told(session: Description) -> UserSession {
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let location = session.last_location.map(|Location { city, country }| {
        [filled(city), filled(country)].into_iter().flatten().collect::<Vec<_>>().join(", ")
    });
    UserSession {
        kind: match session.session_type.as_deref() {
            Some("SSO") => SessionKind::Browser,
            _ => SessionKind::Token,
        },
        id: session.session_id,
        client_id: filled(session.client_id),
        created_at: session.create_date.map(moment),
        last_active_at: session.last_active_date.map(moment),
        device: filled(session.device_type),
        ip: filled(session.last_ip_address),
        location: filled(location),
        current: session.is_current_session.unwrap_or(false),
    }
}

/// A moment as JSON 1.1 has it: seconds since the Unix epoch, with a fraction.
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds of this era have room, and others end at its edge"
)]
fn moment(seconds: f64) -> Timestamp {
    Timestamp((seconds * 1000.0).round() as i64)
}
