//! The client of a user pool.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_cognitoidentityprovider::Config;
use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, ChallengeNameType};
use session::{
    AccessToken, Answer, ChallengeSession, Clock as _, Continuation, Credentials, Fault, FaultCode, Password,
    PoolClock, RefreshToken, RenewalRequest, Renewed, Step,
};

use crate::claims::Expected;
use crate::code;
use crate::drift::DriftReading;
use crate::errors::{self, Operation};
use crate::http::Http;
use crate::reply::{
    ATTRIBUTE_PREFIX, AuthReply, NEW_PASSWORD_REQUIRED, PASSWORD_VERIFIER, renewed, unusable,
};
use crate::secret_hash::secret_hash;
use crate::settings::PoolSettings;
use crate::srp::{Ephemeral, Identity, SrpProblem};
use crate::timestamp::srp_timestamp;

/// How the program calls itself in the `User-Agent` header, which the pool's owner sees in logs.
const APP_NAME: &str = "cognito-desktop";

/// A user pool, spoken to as one app client.
#[derive(Debug)]
pub struct Client {
    settings: PoolSettings,
    sdk: aws_sdk_cognitoidentityprovider::Client,
    clock: Arc<PoolClock>,
    /// The app client has refused SRP and takes the password itself.
    password_only: AtomicBool,
    /// The server does not know `GetTokensFromRefreshToken`.
    renews_by_flow: AtomicBool,
    /// A key pair that no sign-in has used yet.
    prepared: Mutex<Option<Ephemeral>>,
}

impl Client {
    /// A client for one pool. Sends nothing yet. Every answer of the pool sets `clock`.
    #[must_use]
    pub fn new(settings: PoolSettings, http: Http, clock: Arc<PoolClock>) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(http.connect_timeout())
            .operation_timeout(http.operation_timeout())
            .build();
        // Filled in by hand and not by `aws_config::load_defaults`, which would look into the shell's variables and
        // profile files, and ask the network for credentials.
        let mut shared = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(settings.issuer().region().to_owned()))
            .endpoint_url(settings.endpoint())
            .http_client(http)
            .timeout_config(timeouts)
            // A second refresh that nobody asked for turns a lost answer into a lost session.
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        shared.set_app_name(AppName::new(APP_NAME).ok());
        let config =
            Config::from(&shared.build()).to_builder().interceptor(DriftReading::new(Arc::clone(&clock)));
        Self {
            sdk: aws_sdk_cognitoidentityprovider::Client::from_conf(config.build()),
            settings,
            clock,
            password_only: AtomicBool::new(false),
            renews_by_flow: AtomicBool::new(false),
            prepared: Mutex::new(None),
        }
    }

    fn take_prepared(&self) -> Option<Ephemeral> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Makes a key pair ready for the next sign-in by SRP. Sends nothing.
    async fn prepare(&self) {
        let ready = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if ready || self.password_only.load(Ordering::Relaxed) {
            return;
        }
        match blocking(Ephemeral::generate).await {
            Ok(ephemeral) => {
                *self.prepared.lock().unwrap_or_else(PoisonError::into_inner) = Some(ephemeral);
            }
            // The sign-in itself will say so.
            Err(fault) => tracing::debug!(code = ?fault.code, "nothing was prepared"),
        }
    }

    async fn begin(&self, credentials: Credentials) -> Result<Step, Fault> {
        if credentials.username.is_empty() || credentials.password.expose().is_empty() {
            return Err(Fault::new(FaultCode::WrongCredentials));
        }
        if !self.password_only.load(Ordering::Relaxed) {
            match self.begin_by_srp(&credentials).await {
                Err(fault) if fault.code == FaultCode::FlowNotEnabled => {
                    tracing::info!("the app client does not allow SRP; trying USER_PASSWORD_AUTH");
                }
                result => return result,
            }
        }
        let result = self.begin_by_password(&credentials).await;
        let refused = matches!(&result, Err(fault) if fault.code == FaultCode::FlowNotEnabled);
        self.password_only.store(!refused, Ordering::Relaxed);
        result
    }

    async fn begin_by_srp(&self, credentials: &Credentials) -> Result<Step, Fault> {
        let ephemeral = match self.take_prepared() {
            Some(ephemeral) => ephemeral,
            None => blocking(Ephemeral::generate).await?,
        };
        let public = ephemeral.public_hex();
        let reply = self.initiate(AuthFlowType::UserSrpAuth, credentials, ("SRP_A", public)).await?;
        let username = reply.username().unwrap_or(&credentials.username).to_owned();
        if reply.challenge.as_deref() != Some(PASSWORD_VERIFIER) {
            return self.step(reply, credentials.username.clone(), username);
        }

        let parameter = |name: &str| {
            let text = reply.parameters.get(name).cloned();
            text.ok_or_else(|| unusable(format!("{PASSWORD_VERIFIER} without {name}")))
        };
        let (server_public, salt, block) =
            (parameter("SRP_B")?, parameter("SALT")?, parameter("SECRET_BLOCK")?);
        let user_id = reply.parameters.get("USER_ID_FOR_SRP").unwrap_or(&username).clone();
        let (pool_name, password) =
            (self.settings.issuer().pool_name().to_owned(), credentials.password.clone());
        // The pool has just told the time with its answer.
        let timestamp = srp_timestamp(self.clock.now());
        let (signature, block, timestamp) = blocking(move || {
            let identity = Identity { realm: &pool_name, name: &user_id, password: password.expose() };
            let agreement = ephemeral.agree(identity, &server_public, &salt)?;
            Ok((agreement.signature(identity, &block, &timestamp)?, block, timestamp))
        })
        .await?;
        let responses = BTreeMap::from([
            ("PASSWORD_CLAIM_SIGNATURE".to_owned(), signature),
            ("PASSWORD_CLAIM_SECRET_BLOCK".to_owned(), block),
            ("TIMESTAMP".to_owned(), timestamp),
        ]);
        let reply = self
            .respond(Operation::SignIn, PASSWORD_VERIFIER, reply.session.as_ref(), &username, responses)
            .await?;
        self.step(reply, credentials.username.clone(), username)
    }

    async fn begin_by_password(&self, credentials: &Credentials) -> Result<Step, Fault> {
        let password = ("PASSWORD", credentials.password.expose().to_owned());
        let reply = self.initiate(AuthFlowType::UserPasswordAuth, credentials, password).await?;
        let username = reply.username().unwrap_or(&credentials.username).to_owned();
        self.step(reply, credentials.username.clone(), username)
    }

    /// Begins to sign in somebody who cannot exist, so that the pool says what it thinks of the app client.
    pub(crate) async fn try_out(&self) -> Result<(), Fault> {
        let nobody = nobody()?;
        let public = blocking(Ephemeral::generate).await?.public_hex();
        let reply = match self.initiate(AuthFlowType::UserSrpAuth, &nobody, ("SRP_A", public)).await {
            Err(fault) if fault.code == FaultCode::FlowNotEnabled => {
                let password = nobody.password.expose().to_owned();
                self.initiate(AuthFlowType::UserPasswordAuth, &nobody, ("PASSWORD", password)).await
            }
            reply => reply,
        };
        match reply? {
            AuthReply { challenge: None, result: None, .. } => {
                Err(unusable("neither tokens nor a challenge"))
            }
            _ => Ok(()),
        }
    }

    async fn initiate(
        &self,
        flow: AuthFlowType,
        credentials: &Credentials,
        (name, value): (&str, String),
    ) -> Result<AuthReply, Fault> {
        let request = self
            .sdk
            .initiate_auth()
            .client_id(self.settings.client_id())
            .auth_flow(flow)
            .auth_parameters("USERNAME", &credentials.username)
            .auth_parameters(name, value);
        let request = match self.secret_hash(&credentials.username) {
            Some(hash) => request.auth_parameters("SECRET_HASH", hash),
            None => request,
        };
        let answer = Box::pin(request.send()).await;
        answer.map(AuthReply::from).map_err(|error| errors::of_sdk(Operation::SignIn, &error))
    }

    async fn respond(
        &self,
        operation: Operation,
        challenge: &str,
        session: Option<&ChallengeSession>,
        username: &str,
        responses: BTreeMap<String, String>,
    ) -> Result<AuthReply, Fault> {
        let mut request = self
            .sdk
            .respond_to_auth_challenge()
            .client_id(self.settings.client_id())
            .challenge_name(ChallengeNameType::from(challenge))
            .set_session(session.map(|session| session.expose().to_owned()))
            .challenge_responses("USERNAME", username);
        if let Some(hash) = self.secret_hash(username) {
            request = request.challenge_responses("SECRET_HASH", hash);
        }
        for (name, value) in responses {
            request = request.challenge_responses(name, value);
        }
        let answer = Box::pin(request.send()).await;
        answer.map(AuthReply::from).map_err(|error| errors::of_sdk(operation, &error))
    }

    async fn reply(&self, continuation: Continuation, answer: Answer) -> Result<Step, Fault> {
        let Continuation { challenge_name, session, username, login } = continuation;
        let responses = responses(&challenge_name, answer)?;
        let reply =
            self.respond(Operation::Reply, &challenge_name, session.as_ref(), &username, responses).await?;
        self.step(reply, login, username)
    }

    async fn renew(&self, request: RenewalRequest) -> Result<Renewed, Fault> {
        if self.renews_by_flow.load(Ordering::Relaxed) {
            return self.renew_by_flow(&request).await;
        }
        let call = self
            .sdk
            .get_tokens_from_refresh_token()
            .client_id(self.settings.client_id())
            .refresh_token(request.refresh.expose())
            .set_client_secret(self.settings.client_secret().map(|secret| secret.expose().to_owned()))
            .set_device_key(request.device_key.clone());
        match Box::pin(call.send()).await {
            Ok(output) => renewed(output.authentication_result, self.expected(), self.clock.now()),
            Err(error) if errors::is_unknown_operation(&error) => {
                tracing::info!(
                    "the server does not know GetTokensFromRefreshToken; using REFRESH_TOKEN_AUTH"
                );
                self.renews_by_flow.store(true, Ordering::Relaxed);
                self.renew_by_flow(&request).await
            }
            Err(error) => Err(errors::of_sdk(Operation::Renew, &error)),
        }
    }

    /// Renewal as servers knew it before `GetTokensFromRefreshToken`.
    async fn renew_by_flow(&self, request: &RenewalRequest) -> Result<Renewed, Fault> {
        let mut call = self
            .sdk
            .initiate_auth()
            .client_id(self.settings.client_id())
            .auth_flow(AuthFlowType::RefreshTokenAuth)
            .auth_parameters("REFRESH_TOKEN", request.refresh.expose());
        if let Some(hash) = self.secret_hash(&request.username) {
            call = call.auth_parameters("SECRET_HASH", hash);
        }
        if let Some(device_key) = &request.device_key {
            call = call.auth_parameters("DEVICE_KEY", device_key);
        }
        match Box::pin(call.send()).await {
            Ok(output) => renewed(output.authentication_result, self.expected(), self.clock.now()),
            Err(error) => Err(errors::of_sdk(Operation::Renew, &error)),
        }
    }

    async fn revoke(&self, refresh: RefreshToken) -> Result<(), Fault> {
        let call = self
            .sdk
            .revoke_token()
            .client_id(self.settings.client_id())
            .token(refresh.expose())
            .set_client_secret(self.settings.client_secret().map(|secret| secret.expose().to_owned()));
        match Box::pin(call.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(errors::of_sdk(Operation::Revoke, &error)),
        }
    }

    async fn sign_out_everywhere(&self, access: AccessToken) -> Result<(), Fault> {
        let call = self.sdk.global_sign_out().access_token(access.expose());
        match Box::pin(call.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(errors::of_sdk(Operation::SignOutEverywhere, &error)),
        }
    }

    fn step(&self, reply: AuthReply, login: String, username: String) -> Result<Step, Fault> {
        reply.step(login, username, self.expected(), self.clock.now())
    }

    fn secret_hash(&self, username: &str) -> Option<String> {
        let secret = self.settings.client_secret()?;
        Some(secret_hash(&secret, username, self.settings.client_id()))
    }

    fn expected(&self) -> Expected<'_> {
        Expected { client_id: self.settings.client_id(), issuer: self.settings.issuer().as_str() }
    }
}

impl session::Pool for Client {
    fn prepare(&self) -> impl Future<Output = ()> + Send {
        Self::prepare(self)
    }

    fn begin(&self, credentials: Credentials) -> impl Future<Output = Result<Step, Fault>> + Send {
        Self::begin(self, credentials)
    }

    fn reply(
        &self,
        continuation: Continuation,
        answer: Answer,
    ) -> impl Future<Output = Result<Step, Fault>> + Send {
        Self::reply(self, continuation, answer)
    }

    fn renew(&self, request: RenewalRequest) -> impl Future<Output = Result<Renewed, Fault>> + Send {
        Self::renew(self, request)
    }

    fn revoke(&self, refresh: RefreshToken) -> impl Future<Output = Result<(), Fault>> + Send {
        Self::revoke(self, refresh)
    }

    fn sign_out_everywhere(&self, access: AccessToken) -> impl Future<Output = Result<(), Fault>> + Send {
        Self::sign_out_everywhere(self, access)
    }
}

/// A name that nobody has, with a password that nobody has set.
fn nobody() -> Result<Credentials, Fault> {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).map_err(|_| unusable("the system gave no random numbers"))?;
    let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Credentials {
        username: format!("connection-check-{random}"),
        password: Password::new(format!("Aa1!{random}")),
    })
}

/// What answers a challenge, in Cognito's terms.
fn responses(challenge: &str, answer: Answer) -> Result<BTreeMap<String, String>, Fault> {
    match answer {
        Answer::NewPassword { password, attributes } if challenge == NEW_PASSWORD_REQUIRED => {
            if password.expose().is_empty() {
                return Err(Fault::new(FaultCode::PasswordRejected));
            }
            let mut responses: BTreeMap<_, _> = attributes
                .into_iter()
                .map(|(name, value)| (format!("{ATTRIBUTE_PREFIX}{name}"), value))
                .collect();
            responses.insert("NEW_PASSWORD".to_owned(), password.expose().to_owned());
            Ok(responses)
        }
        Answer::Code(entered) if let Some(name) = code::response(challenge) => {
            // Whatever has anything but digits in it is wrong without asking, and costs no attempt.
            let digits = code::digits(entered.expose()).ok_or(Fault::new(FaultCode::CodeWrong))?;
            Ok(BTreeMap::from([(name.to_owned(), digits)]))
        }
        Answer::NewPassword { .. } | Answer::Code(_) => {
            Err(Fault::with_detail(FaultCode::ParameterRejected, format!("no answer to {challenge}")))
        }
    }
}

/// Milliseconds of arithmetic, off the threads that keep the program responsive.
async fn blocking<T, F>(work: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, SrpProblem> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(problem)) => Err(unusable(problem.to_string())),
        Err(_) => Err(unusable("the SRP arithmetic was interrupted")),
    }
}
