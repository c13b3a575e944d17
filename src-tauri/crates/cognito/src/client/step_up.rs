//! The proof that somebody who is signed in is there: a fresh sign-in, without the device that the pool remembers.

use aws_sdk_cognitoidentityprovider::types::AuthFactorType;
use session::{
    AccessToken, Challenge, ChallengeSession, Continuation, Credentials, Disposition, Fault, FaultCode,
    SignInWay, Step,
};

use super::Client;
use crate::errors::{self, Operation};
use crate::flow::AuthFlow;
use crate::reply::PASSWORD;

impl Client {
    /// Asks for the password of somebody who has one; begins without for somebody who has none.
    pub(super) async fn step_up(&self, username: String, access: Option<AccessToken>) -> Result<Step, Fault> {
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
        let mut result = self.sign_in_as(&credentials, way, session, None, true).await;
        let refused = matches!(&result, Err(fault) if fault.code == FaultCode::FlowNotEnabled);
        if refused && credentials.password.is_some() {
            tracing::info!("the app client takes no password; proving presence without it");
            let credentials = Credentials { password: None, ..credentials };
            result = self.sign_in_as(&credentials, None, session, None, true).await;
        }
        result.map(|step| as_proof(step, true))
    }

    /// Whether the user may prove who they are by a password, which is so where the pool does not say.
    async fn may_have_password(&self, access: Option<AccessToken>) -> Result<bool, Fault> {
        let Some(access) = access else {
            return Ok(true);
        };
        let call = self.sdk.get_user_auth_factors().access_token(access.expose());
        match Box::pin(call.send()).await {
            Ok(output) => {
                let factors = output.configured_user_auth_factors.unwrap_or_default();
                Ok(factors.is_empty() || factors.contains(&AuthFactorType::Password))
            }
            Err(error) => {
                let fault = errors::of_sdk(Operation::AuthFactors, &error);
                if fault.code.disposition() == Disposition::Retry {
                    return Err(fault);
                }
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
