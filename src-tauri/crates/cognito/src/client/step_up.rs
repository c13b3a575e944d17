//! The proof that somebody who is signed in is there: a fresh sign-in, without the device that the pool remembers.

use session::{
    AccessToken, Challenge, ChallengeSession, Continuation, Credentials, Disposition, Fault, FaultCode,
    SignInWay, Step,
};

use super::Client;
use super::signing_in::{Talk, is_no_way};
use crate::flow::AuthFlow;
use crate::reply::PASSWORD;

impl Client {
    /// Asks for what somebody can prove to be there by: in the browser, by the password, or by the ways that the pool
    /// offers. Nobody is asked for a password only because nothing better is known, where the pool can say more.
    ///
    /// # Errors
    /// [`FaultCode::AccessTokenRevoked`] where the pool does not honour the token that it was asked with: the session has
    /// to hear of that, and the proof begins again without it.
    pub(super) async fn step_up(
        &self,
        username: String,
        access: Option<AccessToken>,
        by_browser: bool,
    ) -> Result<Step, Fault> {
        if by_browser && self.has_browser() {
            return self.begin_by_browser(self.wish_of(&username), true).await;
        }
        let password = match self.settings.auth_flow() {
            Some(AuthFlow::Custom) => false,
            // Whoever has signed in by riddles may know of no password, although every account has one.
            None if self.flows.goes_by_custom() => false,
            flow => match self.may_have_password(access).await? {
                Some(password) => password,
                None => {
                    if matches!(flow, None | Some(AuthFlow::User))
                        && let Some(step) = self.offered_ways(&username).await?
                    {
                        return Ok(as_proof(step, true));
                    }
                    true
                }
            },
        };
        if password {
            let challenge = Challenge::Password { username: username.clone() };
            let continuation = Continuation::of_account(PASSWORD, username);
            return Ok(as_proof(Step::Challenge(challenge, continuation), true));
        }
        self.prove_presence(Credentials { username, password: None }, None, None).await
    }

    /// The ways that the pool offers to this user, where the app client lets people choose.
    async fn offered_ways(&self, username: &str) -> Result<Option<Step>, Fault> {
        let mut talk = Talk::new(username.to_owned(), username.to_owned(), None).proving(true);
        match self.begin_by(AuthFlow::User, None, None, &mut talk).await {
            Ok(step) => Ok(Some(step)),
            Err(fault) if is_no_way(&AuthFlow::User.by_name(), fault.code) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Signs in as a proof.
    pub(super) async fn prove_presence(
        &self,
        credentials: Credentials,
        way: Option<SignInWay>,
        session: Option<&ChallengeSession>,
    ) -> Result<Step, Fault> {
        let step = self.sign_in_as(&credentials, way, session, None, true).await?;
        Ok(as_proof(step, true))
    }

    /// Whether the user may prove who they are by a password; none where nobody says.
    async fn may_have_password(&self, access: Option<AccessToken>) -> Result<Option<bool>, Fault> {
        let Some(access) = access else {
            return Ok(None);
        };
        match self.ways(&access).await {
            Ok(ways) if ways.is_empty() => Ok(None),
            Ok(ways) => Ok(Some(ways.contains(&SignInWay::Password))),
            Err(fault) if fault.code.disposition() == Disposition::Retry => Err(fault),
            Err(fault) if fault.code == FaultCode::AccessTokenRevoked => Err(fault),
            Err(fault) => {
                tracing::info!(code = ?fault.code, "the pool does not say how the user signs in");
                Ok(None)
            }
        }
    }
}

/// What is asked in the course of a proof is answered as a part of it.
pub(super) fn as_proof(step: Step, presence: bool) -> Step {
    match step {
        Step::Challenge(challenge, continuation) => {
            Step::Challenge(challenge, Continuation { presence, ..continuation })
        }
        step => step,
    }
}
