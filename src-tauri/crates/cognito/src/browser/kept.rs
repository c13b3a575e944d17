//! A sign-in that waits, as it is kept in the keychain: for the case that this program is not there any more when the
//! browser comes back, and is started by its link.

use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use super::callback::Awaited;
use super::endpoints::{self, Endpoints};
use super::proof::{Nonce, State, Verifier};
use super::request::Pending;
use super::settings::BrowserSettings;
use crate::settings::PoolSettings;

/// How long a sign-in waits for the browser, whether it is kept or not.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Of what is written below. What was written in another way is not read: it is minutes old at most.
const VERSION: u8 = 1;

/// Why what was kept is no sign-in that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeptProblem {
    /// It is not what this program writes.
    Unreadable,
    /// It was begun too long ago, or is still to come.
    Stale,
    /// It was begun with other settings: another pool, another client, or an address that is no longer one of ours.
    Foreign,
}

/// Writes a sign-in that was begun at this moment. By this machine's own clock: nobody else's has been heard when it is
/// read again.
pub(crate) fn write(pending: &Pending, pool: &PoolSettings, begun: SystemTime) -> Zeroizing<Vec<u8>> {
    let seconds = begun.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let endpoints = &pending.endpoints;
    let text = |url: &Option<url::Url>| url.as_ref().map(ToString::to_string).unwrap_or_default();
    let (revocation, end_session) = (text(&endpoints.revocation), text(&endpoints.end_session));
    let fields = [
        pool.client_id(),
        pool.issuer().as_str(),
        pending.redirect().as_str(),
        pending.state().expose(),
        pending.nonce.expose(),
        pending.verifier.expose(),
        endpoints.authorization.as_str(),
        endpoints.token.as_str(),
        &revocation,
        &end_session,
        endpoints.issuer.as_deref().unwrap_or_default(),
    ];
    // Room for all of it, so that no copy is left behind where it grew.
    let room = fields.iter().map(|field| field.len() + 2).sum::<usize>() + 9;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    bytes.push(VERSION);
    bytes.extend(seconds.to_be_bytes());
    for field in fields {
        bytes.extend(u16::try_from(field.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend(field.as_bytes());
    }
    bytes
}

/// Reads a sign-in that these settings could have begun, and that still waits at this moment. Where the browser was sent
/// is not in it: it is there already.
pub(crate) fn read(
    bytes: &[u8],
    pool: &PoolSettings,
    settings: &BrowserSettings,
    now: SystemTime,
) -> Result<Pending, KeptProblem> {
    let mut fields = Fields(bytes);
    if fields.bytes(1)? != [VERSION] {
        return Err(KeptProblem::Unreadable);
    }
    let seconds = fields.bytes(8)?.try_into().map(u64::from_be_bytes).map_err(|_| KeptProblem::Unreadable)?;
    let (client_id, issuer, redirect) = (fields.text()?, fields.text()?, fields.text()?);
    let (state, nonce, verifier) = (fields.proof()?, fields.proof()?, fields.proof()?);
    let address = |text: &str| {
        let url = endpoints::address(Some(text.to_owned())).map_err(|_| KeptProblem::Unreadable)?;
        // As it was written: what is read in another way is not what was checked then.
        let same = url.as_ref().map_or("", url::Url::as_str) == text;
        if same { Ok(url) } else { Err(KeptProblem::Unreadable) }
    };
    let (authorization, token) = (address(fields.text()?)?, address(fields.text()?)?);
    let (Some(authorization), Some(token)) = (authorization, token) else {
        return Err(KeptProblem::Unreadable);
    };
    let (revocation, end_session) = (address(fields.text()?)?, address(fields.text()?)?);
    let issuer_there = Some(fields.text()?.to_owned()).filter(|text| !text.is_empty());
    if !fields.0.is_empty() {
        return Err(KeptProblem::Unreadable);
    }
    let begun = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    let age = begun.and_then(|begun| now.duration_since(begun).ok());
    if age.is_none_or(|age| age > PATIENCE) {
        return Err(KeptProblem::Stale);
    }
    let redirect = settings.redirects.iter().find(|known| known.as_str() == redirect);
    let Some(redirect) = redirect else { return Err(KeptProblem::Foreign) };
    let endpoints = Endpoints { authorization, token, revocation, end_session, issuer: issuer_there };
    // The code goes to the one and nobody else; without a domain that is set, the pool itself has said where.
    let elsewhere = settings.domain.as_ref().is_some_and(|domain| {
        let there = Endpoints::at(domain);
        there.token != endpoints.token || there.authorization != endpoints.authorization
    });
    if client_id != pool.client_id() || issuer != pool.issuer().as_str() || elsewhere {
        return Err(KeptProblem::Foreign);
    }
    let state = State::known(state);
    let awaited = Awaited::of(state, redirect.clone(), pool.issuer().clone(), endpoints.issuer.clone());
    Ok(Pending::again(awaited, Nonce::known(nonce), Verifier::known(verifier), endpoints))
}

/// What is still to be read.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn bytes(&mut self, length: usize) -> Result<&'a [u8], KeptProblem> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(KeptProblem::Unreadable)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn text(&mut self) -> Result<&'a str, KeptProblem> {
        let length =
            self.bytes(2)?.try_into().map(u16::from_be_bytes).map_err(|_| KeptProblem::Unreadable)?;
        std::str::from_utf8(self.bytes(length.into())?).map_err(|_| KeptProblem::Unreadable)
    }

    fn proof(&mut self) -> Result<&'a str, KeptProblem> {
        self.text().and_then(|text| if is_proof(text) { Ok(text) } else { Err(KeptProblem::Unreadable) })
    }
}

/// Whether a text is as long as those that are made here: a shorter one could be guessed.
fn is_proof(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests;
