//! The beginning of a sign-in, and what can be answered without the person: the proof of a password and of a device.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cognitoidentityprovider::types::{
    AuthFlowType, AuthenticationResultType, DeviceSecretVerifierConfigType, NewDeviceMetadataType,
};
use session::{
    AccessToken, Challenge, ChallengeSession, Clock as _, CodeMethod, Continuation, Credentials, DeviceView,
    Disposition, Established, Fault, FaultCode, Password, SignInWay, Step,
};

use super::{Client, blocking};
use crate::device::{NewDevice, RememberedDevice};
use crate::errors::{self, Operation};
use crate::flow::AuthFlow;
use crate::reply::{
    AuthReply, DEVICE_PASSWORD_VERIFIER, DEVICE_SRP_AUTH, MFA_SETUP, PASSWORD_VERIFIER, set_ups, unusable,
};
use crate::srp::{Ephemeral, Identity};
use crate::timestamp::srp_timestamp;

/// How long a device is looked for or kept before the sign-in goes on without: its keychain may be waiting for the
/// person at a prompt of the system's.
const PATIENCE: Duration = Duration::from_secs(2);

/// One sign-in, in the course of one call.
pub(super) struct Talk {
    /// The name as it was typed.
    pub(super) login: String,
    /// The best name known so far.
    pub(super) username: String,
    /// The key pair whose public half the pool has, with the password it is to prove.
    pub(super) proof: Option<(Ephemeral, Password)>,
    /// What this machine is known by.
    pub(super) device: Option<RememberedDevice>,
    /// Whether the pool has asked for a proof of that, and got it.
    pub(super) device_proven: bool,
    /// Whether it proves the presence of somebody who is signed in already.
    pub(super) presence: bool,
}

impl Talk {
    pub(super) const fn new(login: String, username: String, device: Option<RememberedDevice>) -> Self {
        Self { login, username, proof: None, device, device_proven: false, presence: false }
    }

    /// The same, or one that proves somebody's presence.
    pub(super) fn proving(self, presence: bool) -> Self {
        Self { presence, ..self }
    }
}

impl Client {
    /// Begins a sign-in with what is given, by the flows that are allowed.
    pub(super) async fn sign_in(
        &self,
        credentials: Credentials,
        way: Option<SignInWay>,
        session: Option<ChallengeSession>,
        presence: bool,
    ) -> Result<Step, Fault> {
        let empty = credentials.password.as_ref().is_some_and(|password| password.expose().is_empty());
        if credentials.username.is_empty() || empty {
            return Err(Fault::new(FaultCode::WrongCredentials));
        }
        if presence {
            return self.prove_presence(credentials, way, session.as_ref()).await;
        }
        let device = self.device_of(&credentials.username).await;
        let key = device.as_ref().map(|device| device.key.clone());
        let result = self.sign_in_as(&credentials, way, session.as_ref(), device, false).await;
        match (result, key) {
            (Err(fault), Some(key)) if fault.code == FaultCode::DeviceUnknown => {
                self.forget_device(&key).await;
                self.sign_in_as(&credentials, way, session.as_ref(), None, false).await
            }
            (result, _) => result,
        }
    }

    pub(super) async fn sign_in_as(
        &self,
        credentials: &Credentials,
        way: Option<SignInWay>,
        session: Option<&ChallengeSession>,
        device: Option<RememberedDevice>,
        presence: bool,
    ) -> Result<Step, Fault> {
        let login = &credentials.username;
        if let Some(session) = session {
            let mut talk = Talk::new(login.clone(), login.clone(), device.clone()).proving(presence);
            match self.initiate(AuthFlowType::UserAuth, &talk, BTreeMap::new(), Some(session)).await {
                Ok(reply) => return self.proceed(reply, &mut talk).await,
                Err(fault) if fault.code.disposition() == Disposition::Retry => return Err(fault),
                Err(fault) => {
                    tracing::info!(code = ?fault.code, "the account's session is no way in; beginning without it");
                }
            }
        }
        // What a way was chosen for goes without the password, unless that is the way.
        let password =
            credentials.password.as_ref().filter(|_| way.is_none_or(|way| way == SignInWay::Password));
        let has_password = password.is_some();
        let mut refusal = Fault::new(FaultCode::WrongCredentials);
        for flow in self.flows.to_try(self.settings.auth_flow(), way, has_password) {
            let mut talk = Talk::new(login.clone(), login.clone(), device.clone()).proving(presence);
            match self.begin_by(*flow, way, password, &mut talk).await {
                Err(fault) if is_no_way(&flow.by_name(), fault.code) => {
                    tracing::info!(?flow, code = ?fault.code, "the app client does not sign in by this flow");
                    if refusal.code != FaultCode::FlowNotEnabled {
                        refusal = fault;
                    }
                }
                result => {
                    self.flows.learn(has_password, Some(*flow));
                    return result;
                }
            }
        }
        self.flows.learn(has_password, None);
        Err(refusal)
    }

    pub(super) async fn begin_by(
        &self,
        flow: AuthFlow,
        way: Option<SignInWay>,
        password: Option<&Password>,
        talk: &mut Talk,
    ) -> Result<Step, Fault> {
        let mut parameters = BTreeMap::new();
        let by_srp = match (flow, way, password) {
            (AuthFlow::UserSrp, _, Some(_)) => true,
            (AuthFlow::User, _, Some(_)) => {
                parameters.insert("PREFERRED_CHALLENGE".to_owned(), "PASSWORD_SRP".to_owned());
                true
            }
            (AuthFlow::CustomWithSrp, _, Some(_)) => {
                // The name that AWS's own clients send; the API reference writes `ChallengeName`.
                parameters.insert("CHALLENGE_NAME".to_owned(), "SRP_A".to_owned());
                true
            }
            (AuthFlow::UserPassword, _, Some(password)) => {
                parameters.insert("PASSWORD".to_owned(), password.expose().to_owned());
                false
            }
            (AuthFlow::User, way, None) => {
                let preferred = match way {
                    Some(SignInWay::EmailCode) => Some("EMAIL_OTP"),
                    Some(SignInWay::SmsCode) => Some("SMS_OTP"),
                    _ => None,
                };
                parameters.extend(preferred.map(|name| ("PREFERRED_CHALLENGE".to_owned(), name.to_owned())));
                false
            }
            (AuthFlow::Custom, ..) => false,
            // These prove a password, and none was given.
            (AuthFlow::UserSrp | AuthFlow::UserPassword | AuthFlow::CustomWithSrp, _, None) => {
                return Err(Fault::new(FaultCode::WrongCredentials));
            }
        };
        if by_srp && let Some(password) = password {
            let ephemeral = self.ephemeral().await?;
            parameters.insert("SRP_A".to_owned(), ephemeral.public_hex());
            talk.proof = Some((ephemeral, password.clone()));
        }
        let reply = self.initiate(flow.by_name(), talk, parameters, None).await?;
        self.proceed(reply, talk).await
    }

    /// Answers for the person what needs no person, and says where the sign-in stands then.
    pub(super) async fn proceed(&self, mut reply: AuthReply, talk: &mut Talk) -> Result<Step, Fault> {
        loop {
            if let Some(username) = reply.username() {
                username.clone_into(&mut talk.username);
            }
            reply = match (reply.challenge.as_deref(), talk.proof.take(), &talk.device) {
                (Some(PASSWORD_VERIFIER), Some((ephemeral, password)), _) => {
                    self.prove_password(reply, talk, ephemeral, password).await?
                }
                (Some(DEVICE_SRP_AUTH), _, Some(device)) if !talk.device_proven => {
                    let device = device.clone();
                    talk.device_proven = true;
                    self.prove_device(reply, talk, device).await.map_err(of_device)?
                }
                _ => break,
            };
        }
        if reply.result.is_none() && reply.challenge.as_deref() == Some(MFA_SETUP) {
            let (methods, names) = set_ups(&reply.parameters)?;
            if let [method] = methods[..] {
                let session = reply.session.as_ref();
                return self.set_up(method, session, &talk.login, &talk.username, names).await;
            }
        }
        let metadata = reply.result.as_mut().and_then(take_metadata);
        let mut step = self.step(reply, talk)?;
        if let Step::Done(established) = &mut step {
            self.note_device(established, metadata, talk).await;
        }
        Ok(step)
    }

    /// `PASSWORD_VERIFIER`, which has to be answered within seconds.
    async fn prove_password(
        &self,
        reply: AuthReply,
        talk: &Talk,
        ephemeral: Ephemeral,
        password: Password,
    ) -> Result<AuthReply, Fault> {
        let user_id = reply.parameters.get("USER_ID_FOR_SRP").unwrap_or(&talk.username).clone();
        let realm = self.settings.issuer().pool_name().to_owned();
        let mut responses = self
            .signed(PASSWORD_VERIFIER, &reply, ephemeral, move |sign| {
                sign(Identity { realm: &realm, name: &user_id, password: password.expose() })
            })
            .await?;
        if let Some(device) = &talk.device {
            responses.insert("DEVICE_KEY".to_owned(), device.key.clone());
        }
        let (session, username) = (reply.session.as_ref(), &talk.username);
        self.respond(Operation::SignIn, PASSWORD_VERIFIER, session, username, responses).await
    }

    /// `DEVICE_SRP_AUTH` and `DEVICE_PASSWORD_VERIFIER`: the same proof, of the device's own password.
    async fn prove_device(
        &self,
        reply: AuthReply,
        talk: &Talk,
        device: RememberedDevice,
    ) -> Result<AuthReply, Fault> {
        let ephemeral = self.ephemeral().await?;
        let key = ("DEVICE_KEY".to_owned(), device.key.clone());
        let responses = BTreeMap::from([key.clone(), ("SRP_A".to_owned(), ephemeral.public_hex())]);
        let (session, username) = (reply.session.as_ref(), &talk.username);
        let reply = self.respond(Operation::SignIn, DEVICE_SRP_AUTH, session, username, responses).await?;
        if reply.challenge.as_deref() != Some(DEVICE_PASSWORD_VERIFIER) {
            return Ok(reply);
        }
        let mut responses = self
            .signed(DEVICE_PASSWORD_VERIFIER, &reply, ephemeral, move |sign| sign(device.identity()))
            .await?;
        responses.extend([key]);
        let session = reply.session.as_ref();
        self.respond(Operation::SignIn, DEVICE_PASSWORD_VERIFIER, session, username, responses).await
    }

    /// What proves a password: the responses that both kinds of verifier take.
    async fn signed<F>(
        &self,
        challenge: &'static str,
        reply: &AuthReply,
        ephemeral: Ephemeral,
        with: F,
    ) -> Result<BTreeMap<String, String>, Fault>
    where
        F: FnOnce(&Sign<'_>) -> Result<String, crate::srp::SrpProblem> + Send + 'static,
    {
        let parameter = |name: &str| {
            let text = reply.parameters.get(name).cloned();
            text.ok_or_else(|| unusable(format!("{challenge} without {name}")))
        };
        let (server_public, salt, block) =
            (parameter("SRP_B")?, parameter("SALT")?, parameter("SECRET_BLOCK")?);
        // The pool has just told the time with its answer.
        let timestamp = srp_timestamp(self.clock.now());
        let (signature, block, timestamp) = blocking(move || {
            let signature = with(&|identity| {
                ephemeral.agree(identity, &server_public, &salt)?.signature(identity, &block, &timestamp)
            })?;
            Ok((signature, block, timestamp))
        })
        .await?;
        Ok(BTreeMap::from([
            ("PASSWORD_CLAIM_SIGNATURE".to_owned(), signature),
            ("PASSWORD_CLAIM_SECRET_BLOCK".to_owned(), block),
            ("TIMESTAMP".to_owned(), timestamp),
        ]))
    }

    /// Begins to set up a second factor.
    pub(super) async fn set_up(
        &self,
        method: CodeMethod,
        session: Option<&ChallengeSession>,
        login: &str,
        username: &str,
        offered: Vec<String>,
    ) -> Result<Step, Fault> {
        let (challenge, session, secret) = if method == CodeMethod::Authenticator {
            let (secret, session) = self.associate(session).await?;
            (Challenge::SetUpAuthenticator { account: login.to_owned() }, session, Some(secret))
        } else {
            (Challenge::SetUpEmail {}, session.cloned(), None)
        };
        let continuation = Continuation {
            lapses: self.lapse(session.as_ref()),
            session,
            username: username.to_owned(),
            offered,
            secret,
            ..Continuation::of_account(MFA_SETUP, login.to_owned())
        };
        Ok(Step::Challenge(challenge, continuation))
    }

    /// A key pair, made ready while the name was typed if there was time.
    pub(super) async fn ephemeral(&self) -> Result<Ephemeral, Fault> {
        match self.take_prepared() {
            Some(ephemeral) => Ok(ephemeral),
            None => blocking(Ephemeral::generate).await,
        }
    }

    /// The device of whoever signs in by this name, if there is one that the pool has not refused.
    pub(super) async fn device_of(&self, login: &str) -> Option<RememberedDevice> {
        let store = self.devices.as_ref()?;
        let device = tokio::time::timeout(PATIENCE, store.find(login)).await.unwrap_or_default()?;
        (!self.is_refused(&device.key)).then_some(device)
    }

    /// Forgets a device that the pool does not know any more.
    pub(super) async fn forget_device(&self, key: &str) {
        tracing::info!("the pool does not know this device any more");
        self.refuse(key);
        if let Some(store) = &self.devices
            && tokio::time::timeout(PATIENCE, store.forget(key)).await.is_err()
        {
            tracing::debug!("the device was not forgotten in time");
        }
    }

    /// Says which device the session belongs to, and confirms one that the pool has just named. Whatever goes wrong
    /// here, somebody is signed in.
    async fn note_device(
        &self,
        established: &mut Established,
        metadata: Option<NewDeviceMetadataType>,
        talk: &Talk,
    ) {
        // A proof of presence is no session, and makes no device known: the pool's new one would look like a stranger's.
        if talk.presence {
            let key = metadata.and_then(|named| named.device_key);
            if let Some(key) = key
                && let Err(fault) = self.ask_to_forget(&established.tokens.access, &key).await
            {
                tracing::debug!(code = ?fault.code, "the device of a proof stays in the user's list");
            }
            return;
        }
        let named = metadata.and_then(|named| Some((named.device_key?, named.device_group_key?)));
        let Some((key, group_key)) = named else {
            established.device_key = talk.device.as_ref().map(|device| device.key.clone());
            established.device = talk
                .device
                .as_ref()
                .map(|_| if talk.device_proven { DeviceView::Remembered } else { DeviceView::NotRemembered });
            return;
        };
        established.device_key = Some(key.clone());
        established.device = Some(match self.confirm_new(&established.tokens.access, key, group_key).await {
            Ok((device, asks)) => {
                if let Some(store) = &self.devices {
                    let keep = store.keep(&established.user.sub, &talk.login, device);
                    if tokio::time::timeout(PATIENCE, keep).await.is_err() {
                        tracing::warn!("the device was not kept in time");
                    }
                }
                if asks { DeviceView::Asking } else { DeviceView::Remembered }
            }
            Err(fault) => {
                tracing::warn!(code = ?fault.code, "the device is not confirmed");
                DeviceView::Failed { fault }
            }
        });
    }

    async fn confirm_new(
        &self,
        access: &AccessToken,
        key: String,
        group_key: String,
    ) -> Result<(RememberedDevice, bool), Fault> {
        let new = blocking(move || NewDevice::generate(key, group_key)).await?;
        let asks = self.confirm_device(access, &new).await?;
        Ok((new.device, asks))
    }

    /// `ConfirmDevice`. Whether the user has to be asked before the pool remembers the device.
    pub(crate) async fn confirm_device(&self, access: &AccessToken, new: &NewDevice) -> Result<bool, Fault> {
        let verifier = DeviceSecretVerifierConfigType::builder()
            .password_verifier(&new.verifier)
            .salt(&new.salt)
            .build();
        let call = self
            .sdk
            .confirm_device()
            .access_token(access.expose())
            .device_key(&new.device.key)
            .set_device_name(self.device_name.clone())
            .device_secret_verifier_config(verifier);
        match Box::pin(call.send()).await {
            Ok(output) => Ok(output.user_confirmation_necessary),
            Err(error) => Err(errors::of_sdk(Operation::ConfirmDevice, &error)),
        }
    }
}

type Sign<'a> = dyn Fn(Identity<'_>) -> Result<String, crate::srp::SrpProblem> + 'a;

fn take_metadata(result: &mut AuthenticationResultType) -> Option<NewDeviceMetadataType> {
    result.new_device_metadata.take()
}

/// Whether the fault says that this flow is no way in, so that the next may be.
pub(super) const fn is_no_way(flow: &AuthFlowType, code: FaultCode) -> bool {
    match code {
        FaultCode::FlowNotEnabled => true,
        // Newer than many pools and than what stands in for them, and not in every plan.
        FaultCode::OperationUnavailable | FaultCode::ParameterRejected => {
            matches!(flow, AuthFlowType::UserAuth)
        }
        _ => false,
    }
}

/// A device that cannot prove itself is one that the pool does not know, whatever it calls that.
fn of_device(fault: Fault) -> Fault {
    match fault.code {
        FaultCode::WrongCredentials | FaultCode::SignInRefused | FaultCode::ChallengeExpired => {
            Fault { code: FaultCode::DeviceUnknown, ..fault }
        }
        _ => fault,
    }
}
