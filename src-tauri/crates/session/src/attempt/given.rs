//! What the person has given in an attempt, kept for as long as the attempt may have to begin again.
//!
//! Cognito sends a code once more, and goes on after a `Session` has lapsed, only for somebody who begins anew.

use crate::challenge::{Answer, Beginning, BrowserWish, Challenge, CodeMethod, Credentials, SignInWay};
use crate::secret::{AccessToken, ChallengeSession, Password};

#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) username: String,
    /// The one that is right from now on, as far as is known.
    pub(super) password: Option<Password>,
    /// Which way was chosen.
    pub(super) way: Option<SignInWay>,
    /// Which second factor was chosen, to be proven or to be set up.
    pub(super) factor: Option<CodeMethod>,
    /// From confirming the account, for the next beginning alone.
    pub(super) session: Option<ChallengeSession>,
    /// Who has to come back from it, where it proves that somebody is there who is signed in already.
    pub(super) presence: Option<Presence>,
    /// Whether the password has been given without asking since the last beginning: once is enough.
    pub(super) password_used: bool,
    /// What was wanted of the browser, where the attempt began there.
    pub(super) wish: Option<BrowserWish>,
}

/// Whose presence is proved.
#[derive(Clone, Debug)]
pub(super) struct Presence {
    pub(super) sub: String,
    /// The name to show, in place of the pool's own.
    pub(super) login: String,
    /// What the pool is asked with how they prove who they are, until it does not honour it.
    pub(super) access: Option<AccessToken>,
    /// Whether the session began in the browser.
    pub(super) by_browser: bool,
}

impl Given {
    pub(super) const fn new(username: String, password: Option<Password>) -> Self {
        Self {
            username,
            password,
            way: None,
            factor: None,
            session: None,
            presence: None,
            password_used: false,
            wish: None,
        }
    }

    /// Of a sign-in through the browser.
    pub(super) fn of_browser(wish: BrowserWish) -> Self {
        Self { wish: Some(wish.clone()), ..Self::new(wish.login_hint.unwrap_or_default(), None) }
    }

    /// The beginning of a sign-in through the browser, for whoever this attempt is of.
    pub(super) fn in_browser(&self) -> Beginning {
        let name = self.presence.as_ref().map_or(&self.username, |presence| &presence.login);
        let wish = self.wish.clone().unwrap_or_else(|| BrowserWish {
            provider: None,
            login_hint: Some(name.clone()).filter(|name| !name.is_empty()),
        });
        Beginning::Browser { wish, presence: self.presence.is_some() }
    }

    /// The sign-in's beginning, with all that is known by now.
    pub(super) fn sign_in(&mut self) -> Beginning {
        self.password_used = false;
        Beginning::SignIn {
            credentials: Credentials { username: self.username.clone(), password: self.password.clone() },
            way: self.way,
            session: self.session.take(),
            presence: self.presence.is_some(),
        }
    }

    /// A challenge as it is shown: the pool's own name for the user says nothing to most people.
    pub(super) fn shown(&self, challenge: Challenge) -> Challenge {
        match &self.presence {
            Some(presence) => challenge.shown_as(&presence.login),
            None => challenge,
        }
    }

    /// Remembers what an answer says beyond its challenge.
    pub(super) fn note(&mut self, answer: &Answer) {
        match answer {
            Answer::Way(way) => self.way = Some(*way),
            Answer::SecondFactor(method) => self.factor = Some(*method),
            Answer::Password(password) => {
                self.password = Some(password.clone());
                // The password that begins a proof is no choice among the ways of one flow.
                if self.presence.is_none() || self.way.is_some() {
                    self.way = Some(SignInWay::Password);
                }
            }
            _ => {}
        }
    }

    /// Remembers what has become true by an answer that the pool has taken.
    pub(super) fn note_taken(&mut self, answer: &Answer) {
        match answer {
            Answer::NewPassword { password, .. } => self.password = Some(password.clone()),
            Answer::NewPasswordByCode { password, .. } => {
                self.password = Some(password.clone());
                self.way = None;
            }
            _ => {}
        }
    }

    /// The answer to a question that has been answered before in this attempt.
    pub(super) fn answer(&self, challenge: &Challenge) -> Option<Answer> {
        match challenge {
            Challenge::ChooseWay { ways } => match self.way.filter(|way| ways.contains(way))? {
                SignInWay::Password => self.password.clone().map(Answer::Password),
                way => Some(Answer::Way(way)),
            },
            Challenge::ChooseSecondFactor { methods } | Challenge::ChooseSetUp { methods } => {
                self.factor.filter(|method| methods.contains(method)).map(Answer::SecondFactor)
            }
            Challenge::Password { .. } if !self.password_used => self.password.clone().map(Answer::Password),
            _ => None,
        }
    }
}
