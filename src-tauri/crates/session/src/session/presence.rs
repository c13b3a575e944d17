//! The proof that the user who is signed in is there: an attempt gives it, and the session keeps it for a while.

use std::time::Duration;

use super::{Session, State};
use crate::secret::AccessToken;
use crate::time::{Timestamp, Wait};
use crate::tokens::Origin;

/// How long a proof is good.
const GOOD_FOR: Duration = Duration::from_secs(5 * 60);

/// Whose presence is to be proved.
#[derive(Debug)]
pub(crate) struct Present {
    /// Who has to come back from it.
    pub(crate) sub: String,
    /// The pool's own name, which stays when an address that was typed has become another.
    pub(crate) username: String,
    /// The name as it was typed, to be shown.
    pub(crate) login: String,
    /// What the pool can be asked with how this user proves who they are, if it is good.
    pub(crate) access: Option<AccessToken>,
    /// Whether the session began in the browser.
    pub(crate) by_browser: bool,
}

impl Session {
    /// Whoever is signed in; `None` if nobody is, as far as is shown.
    pub(crate) fn present(&self, now: Timestamp) -> Option<Present> {
        let State::SignedIn(live) = &self.state else {
            return None;
        };
        if live.is_veiled() {
            return None;
        }
        let user = live.user();
        Some(Present {
            sub: user.sub.clone(),
            username: user.username.clone(),
            login: live.login().to_owned(),
            access: live.good_token(now).map(|(token, _)| token.clone()),
            by_browser: live.origin() == Origin::Browser,
        })
    }

    /// Somebody has proved to be the user with this `sub`.
    pub(crate) fn prove(&mut self, sub: &str, now: Timestamp) {
        if let State::SignedIn(live) = &mut self.state
            && live.user().sub == sub
        {
            tracing::info!("the user has proved to be there");
            live.proof = Some(Wait::new(now, GOOD_FOR));
        }
    }

    /// The proof has been used.
    pub(crate) fn spend_presence(&mut self) {
        if let State::SignedIn(live) = &mut self.state {
            live.proof = None;
        }
    }

    /// Notices that the proof is good no longer.
    pub(super) fn tick_presence(&mut self, now: Timestamp) {
        if let State::SignedIn(live) = &mut self.state {
            live.proof.take_if(|proof| proof.is_over(now));
        }
    }

    /// Whether there is a proof that is good now.
    pub(crate) fn presence_proved(&self, now: Timestamp) -> bool {
        matches!(&self.state, State::SignedIn(live) if live.proof.is_some_and(|proof| !proof.is_over(now)))
    }

    /// Until when the proof at hand is good.
    pub(crate) fn presence_until(&self) -> Option<Timestamp> {
        match &self.state {
            State::SignedIn(live) => live.proof.map(Wait::until),
            _ => None,
        }
    }

    /// Whether somebody is signed in.
    pub(crate) const fn is_signed_in(&self) -> bool {
        matches!(self.state, State::SignedIn(_))
    }
}
