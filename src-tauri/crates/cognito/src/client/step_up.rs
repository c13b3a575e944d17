//! The proof that somebody who is signed in is there: a fresh sign-in, without the device that the pool remembers.

use session::{
    AccessToken, Challenge, ChallengeSession, Continuation, Credentials, Disposition, Fault, SignInWay, Step,
};

use super::Client;
use crate::flow::AuthFlow;
use crate::reply::PASSWORD;

impl Client {
    /// Asks for the password of somebody who has one; begins without for somebody who has none.
    pub(super) async fn step_up(
        &self,
        username: String,
        access: Option<AccessToken>,
        by_browser: bool,
    ) -> Result<Step, Fault> {
        if by_browser && self.has_browser() {
            return self.begin_by_browser(self.wish_of(&username), true).await;
        }
        let by_password = self.settings.auth_flow() != Some(AuthFlow::Custom);
        if by_password && self.may_have_password(access).await? {
            let challenge = Challenge::Password { username: username.clone() };
            let continuation = Continuation::of_account(PASSWORD, username);
            return Ok(as_proof(Step::Challenge(challenge, continuation), true));
        }
        self.prove_presence(Credentials { username, password: None }, None, None).await
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

    /// Whether the user may prove who they are by a password, which is so where the pool does not say.
    async fn may_have_password(&self, access: Option<AccessToken>) -> Result<bool, Fault> {
        let Some(access) = access else {
            return Ok(true);
        };
        match self.ways(&access).await {
            Ok(ways) => Ok(ways.is_empty() || ways.contains(&SignInWay::Password)),
            Err(fault) if fault.code.disposition() == Disposition::Retry => Err(fault),
            Err(fault) => {
                tracing::info!(code = ?fault.code, "the pool does not say how the user signs in");
                Ok(true)
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
