//! The client of a user pool.

mod account;
mod answering;
mod by_browser;
mod by_hand;
mod devices;
mod passkeys;
mod profile;
mod second_factors;
mod sessions;
mod signing_in;
mod step_up;

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_cognitoidentityprovider::Config;
use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, ChallengeNameType, DeviceRememberedStatusType};
use aws_smithy_types::DateTime;
use session::{
    AccessToken, Answer, Beginning, ChallengeSession, Clock as _, Continuation, DeviceWish, Fault, FaultCode,
    Lapse, PoolClock, RefreshToken, RenewalRequest, Renewed, Step, Timestamp,
};

use self::by_browser::ByBrowser;
pub use self::by_browser::Received;
use self::signing_in::{Talk, is_no_way};
use crate::claims::Expected;
use crate::device::DeviceStore;
use crate::drift::DriftReading;
use crate::errors::{self, Operation};
use crate::flow::Flows;
use crate::http::Http;
use crate::reply::{AuthReply, renewed, unusable};
use crate::secret_hash::secret_hash;
use crate::settings::PoolSettings;
use crate::srp::{Ephemeral, SrpProblem};

/// How the program calls itself in the `User-Agent` header, which the pool's owner sees in logs.
const APP_NAME: &str = "cognito-desktop";

/// The shortest `AuthSessionValidity` that Cognito allows (user pools API reference, `CreateUserPoolClient`).
const SHORTEST_SESSION: Duration = Duration::from_secs(3 * 60);

/// How many pages of a list are asked for at most. Nobody looks through more, and whatever a pool answers, there is an
/// end to it.
const MOST_PAGES: usize = 10;

/// A user pool, spoken to as one app client.
#[derive(Debug)]
pub struct Client {
    settings: PoolSettings,
    http: Http,
    sdk: aws_sdk_cognitoidentityprovider::Client,
    clock: Arc<PoolClock>,
    /// What is known of how the app client signs people in.
    flows: Flows,
    /// The server does not know `GetTokensFromRefreshToken`.
    renews_by_flow: AtomicBool,
    /// A key pair that no sign-in has used yet.
    prepared: Mutex<Option<Ephemeral>>,
    /// Where the devices are kept that the pool remembers, if they are.
    devices: Option<Arc<dyn DeviceStore>>,
    device_name: Option<String>,
    /// The keys of devices that the pool did not know any more.
    refused: Mutex<HashSet<String>>,
    /// The way in by the browser, where there is one.
    by_browser: Option<Arc<ByBrowser>>,
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
            .http_client(http.clone())
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
            http,
            clock,
            flows: Flows::default(),
            renews_by_flow: AtomicBool::new(false),
            prepared: Mutex::new(None),
            devices: None,
            device_name: None,
            refused: Mutex::default(),
            by_browser: None,
        }
    }

    /// The same client, which remembers this machine where the pool tracks devices. `name` is what the user finds the
    /// machine by in a list of devices.
    #[must_use]
    pub fn with_devices(self, store: Arc<dyn DeviceStore>, name: Option<String>) -> Self {
        Self { devices: Some(store), device_name: name, ..self }
    }

    fn take_prepared(&self) -> Option<Ephemeral> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether the pool has refused this device in this run. Its store may not have been able to forget it.
    fn is_refused(&self, key: &str) -> bool {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).contains(key)
    }

    fn refuse(&self, key: &str) {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned());
    }

    /// Makes ready what the next sign-in would have to wait for. Sends nothing.
    async fn prepare(&self) {
        self.prepare_key_pair().await;
        self.http.prepare(self.settings.endpoint()).await;
    }

    /// Makes a key pair for the next sign-in by SRP.
    async fn prepare_key_pair(&self) {
        let ready = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if ready || !self.flows.want_srp(self.settings.auth_flow()) {
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

    async fn begin(&self, beginning: Beginning) -> Result<Step, Fault> {
        match beginning {
            Beginning::SignIn { credentials, way, session, presence } => {
                self.sign_in(credentials, way, session, presence).await
            }
            Beginning::StepUp { username, access, by_browser } => {
                self.step_up(username, access, by_browser).await
            }
            Beginning::Browser { wish, presence } => self.begin_by_browser(wish, presence).await,
            Beginning::BackFromBrowser => self.back_from_browser().await,
            Beginning::SignUp(account) => self.sign_up(account).await,
            Beginning::Confirmation { username } => self.resend_confirmation(username).await,
            Beginning::Reset { username } => self.forgot_password(username).await,
        }
    }

    /// Begins to sign in somebody who cannot exist, so that the pool says what it thinks of the app client.
    pub(crate) async fn try_out(&self) -> Result<(), Fault> {
        let (name, password) = nobody()?;
        let talk = Talk::new(name.clone(), name, None);
        let public = blocking(Ephemeral::generate).await?.public_hex();
        let attempts = [
            (AuthFlowType::UserSrpAuth, Some(("SRP_A", public))),
            (AuthFlowType::UserPasswordAuth, Some(("PASSWORD", password))),
            (AuthFlowType::UserAuth, None),
            (AuthFlowType::CustomAuth, None),
        ];
        let mut reply = Err(Fault::new(FaultCode::FlowNotEnabled));
        for (flow, parameter) in attempts {
            let parameters = parameter.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
            let tried = self.initiate(flow.clone(), &talk, parameters, None).await;
            let enabled = !matches!(&tried, Err(fault) if is_no_way(&flow, fault.code));
            // Of several refusals the first says it best.
            if enabled || reply.is_err() {
                reply = tried;
            }
            if enabled {
                break;
            }
        }
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
        talk: &Talk,
        parameters: BTreeMap<String, String>,
        session: Option<&ChallengeSession>,
    ) -> Result<AuthReply, Fault> {
        let mut request = self
            .sdk
            .initiate_auth()
            .client_id(self.settings.client_id())
            .auth_flow(flow)
            .set_session(session.map(|session| session.expose().to_owned()))
            .auth_parameters("USERNAME", &talk.login);
        if let Some(hash) = self.secret_hash(&talk.login) {
            request = request.auth_parameters("SECRET_HASH", hash);
        }
        if let Some(device) = &talk.device {
            request = request.auth_parameters("DEVICE_KEY", &device.key);
        }
        for (name, value) in parameters {
            request = request.auth_parameters(name, value);
        }
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

    async fn remember_device(&self, wish: DeviceWish) -> Result<(), Fault> {
        let status = if wish.remember {
            DeviceRememberedStatusType::Remembered
        } else {
            DeviceRememberedStatusType::NotRemembered
        };
        let call = self
            .sdk
            .update_device_status()
            .access_token(wish.access.expose())
            .device_key(wish.device_key)
            .device_remembered_status(status);
        match Box::pin(call.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(errors::of_sdk(Operation::UpdateDevice, &error)),
        }
    }

    /// When the pool stops to wait, if it has just given this `Session`.
    fn lapse(&self, session: Option<&ChallengeSession>) -> Option<Lapse> {
        session?;
        let validity = self.settings.auth_session_validity();
        let at = self.now().plus(validity.unwrap_or(SHORTEST_SESSION));
        Some(Lapse { at, exact: validity.is_some() })
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn secret_hash(&self, username: &str) -> Option<String> {
        let secret = self.settings.client_secret()?;
        Some(secret_hash(&secret, username, self.settings.client_id()))
    }

    fn expected(&self) -> Expected<'_> {
        Expected { client_id: self.settings.client_id(), issuer: self.settings.issuer() }
    }
}

impl session::Pool for Client {
    fn prepare(&self) -> impl Future<Output = ()> + Send {
        Self::prepare(self)
    }

    fn begin(&self, beginning: Beginning) -> impl Future<Output = Result<Step, Fault>> + Send {
        Self::begin(self, beginning)
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

    fn remember_device(&self, wish: DeviceWish) -> impl Future<Output = Result<(), Fault>> + Send {
        Self::remember_device(self, wish)
    }

    fn leave(&self, continuation: Continuation) {
        Self::leave(self, &continuation);
    }

    fn engaged(&self) {
        Self::engaged(self);
    }

    fn sign_out_browser(&self) -> impl Future<Output = Result<(), Fault>> + Send {
        Self::sign_out_browser(self)
    }
}

/// A moment as the SDK has it, where it is one that can be told.
fn moment(at: DateTime) -> Option<Timestamp> {
    at.to_millis().ok().map(Timestamp)
}

/// A name that nobody has, with a password that nobody has set.
fn nobody() -> Result<(String, String), Fault> {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).map_err(|_| unusable("the system gave no random numbers"))?;
    let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((format!("connection-check-{random}"), format!("Aa1!{random}")))
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
