//! `GET /logout`: ends the browser's session. Tokens go on until they are revoked, as with Cognito.

use super::authorize::{Wish, Wrong};
use super::web::{self, Served, WebRequest};
use super::{SESSION_COOKIE, end_session, login};
use crate::journal::Trace;
use crate::pool::Pool;

/// Serves `GET /logout`: on to an address that the client has for it, or to sign in anew.
pub(super) fn serve(pool: &mut Pool, request: &WebRequest, trace: &mut Trace) -> Served {
    let now = pool.now();
    let location = match destination(pool, request) {
        Ok(served) => served,
        Err(wrong) => return wrong.served(now, request, trace),
    };
    end_session(pool, request);
    location.with_cookie(SESSION_COOKIE, "", 0)
}

fn destination(pool: &Pool, request: &WebRequest) -> Result<Served, Wrong> {
    let (query, now) = (&request.query, pool.now());
    if query.repeat() {
        return Err(Wrong::Page("invalid_request"));
    }
    let Some(address) = query.get("logout_uri") else {
        // With what is needed to sign in anew.
        return Ok(login::send(&Wish::read(pool, request)?, now));
    };
    let client = query.get("client_id").ok_or(Wrong::Page("invalid_request"))?;
    let client = pool.client(client).map_err(|_| Wrong::Page("invalid_client"))?;
    let registered = client.managed_login.as_ref().ok_or(Wrong::Page("unauthorized_client"))?;
    if !registered.sign_out_addresses.iter().any(|own| own == address) {
        return Err(Wrong::Page("redirect_mismatch"));
    }
    Ok(web::redirect(address, now, "signed out"))
}
