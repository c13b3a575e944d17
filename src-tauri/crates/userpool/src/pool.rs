//! The pool: its clients, users and sessions, and the clock they live by.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use num_bigint::BigUint;
use serde::{Deserialize, Serialize};

use crate::arguments::Arguments;
use crate::attempts::Attempts;
use crate::challenges::Pending;
use crate::choice::FirstFactor;
use crate::codes::{Purpose, Waiting};
use crate::delivery::Medium;
use crate::devices::{Device, Tracking};
use crate::forgery::Forgery;
use crate::managed_login::{Granted, ManagedLogin, Registration};
use crate::outbox::Outbox;
use crate::passkeys::Passkey;
use crate::second_factor::Factor;
use crate::session_list::Tracked;
use crate::tokens::SigningKey;
use crate::wire::Refusal;
use crate::{demo, random, srp, state};

/// The pool's id: `<region>_<name>`.
pub(crate) const POOL_ID: &str = "us-east-1_DevPool";
/// The part of the id after the underscore, which SRP hashes.
pub(crate) const POOL_NAME: &str = "DevPool";

/// A way to sign in or to refresh that a client may be allowed.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Flow {
    #[serde(rename = "ALLOW_USER_SRP_AUTH")]
    Srp,
    #[serde(rename = "ALLOW_USER_PASSWORD_AUTH")]
    Password,
    /// `USER_AUTH`, where the user chooses the first factor.
    #[serde(rename = "ALLOW_USER_AUTH")]
    Choice,
    /// `CUSTOM_AUTH`, where the pool asks what it likes.
    #[serde(rename = "ALLOW_CUSTOM_AUTH")]
    Custom,
    /// Needed for `REFRESH_TOKEN_AUTH` only; `GetTokensFromRefreshToken` works without.
    #[serde(rename = "ALLOW_REFRESH_TOKEN_AUTH")]
    Refresh,
}

/// An app client.
pub(crate) struct Client {
    pub(crate) id: &'static str,
    pub(crate) secret: Option<&'static str>,
    pub(crate) note: &'static str,
    pub(crate) flows: Vec<Flow>,
    /// How long access and id tokens live, in seconds.
    pub(crate) access_life: i64,
    /// How long a session can be refreshed after sign-in, in seconds.
    pub(crate) refresh_life: i64,
    /// How long a challenge waits for its answer (`AuthSessionValidity`), in seconds. Cognito has it in minutes, from
    /// 3 to 15.
    pub(crate) auth_session_life: i64,
    /// Whether `CUSTOM_AUTH` has to begin with the password (SRP).
    pub(crate) riddles_after_password: bool,
    /// The first factor that `USER_AUTH` asks for at once, of those who have it, whatever else they have.
    pub(crate) first_factor: Option<FirstFactor>,
    /// Whether nobody signs in without a second factor. A setting of the whole pool in Cognito.
    pub(crate) second_factor_required: bool,
    /// Whether devices are tracked.
    pub(crate) devices: Option<Tracking>,
    /// Whether users can see and end their sessions. A setting of the whole pool in Cognito.
    pub(crate) sessions_tracked: bool,
    /// With rotation on: for how many seconds a replaced refresh token still works.
    pub(crate) rotation: Option<u32>,
    /// Whether tokens can be revoked, and carry `origin_jti`.
    pub(crate) revocation: bool,
    /// The scopes of access tokens that native sign-in gives, with blanks between.
    pub(crate) scope: String,
    /// What it is allowed at the managed login, if anything.
    pub(crate) managed_login: Option<Registration>,
}

impl Client {
    /// Whether this client may use `flow`. `REFRESH_TOKEN_AUTH` and rotation exclude each other.
    pub(crate) fn allows(&self, flow: Flow) -> bool {
        self.flows.contains(&flow) && !(flow == Flow::Refresh && self.rotation.is_some())
    }
}

/// `UserStatus`, as far as this pool has it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Confirmed,
    Unconfirmed,
    ForceChangePassword,
    ResetRequired,
    /// Signs in at an identity provider, and has no password here.
    ExternalProvider,
}

impl Status {
    /// Cognito's word.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "CONFIRMED",
            Self::Unconfirmed => "UNCONFIRMED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
            Self::ResetRequired => "RESET_REQUIRED",
            Self::ExternalProvider => "EXTERNAL_PROVIDER",
        }
    }
}

/// A user. The password itself is never kept, only what SRP needs.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) username: String,
    /// The user's UUID.
    pub(crate) sub: String,
    /// All attributes but `sub`, by name.
    pub(crate) attributes: BTreeMap<String, String>,
    /// New values of attributes that keep the old ones until these are verified.
    #[serde(default)]
    pub(crate) proposed: BTreeMap<String, String>,
    pub(crate) groups: Vec<String>,
    pub(crate) enabled: bool,
    pub(crate) status: Status,
    /// The secret of an authenticator app, once one was set up.
    pub(crate) totp_secret: Option<Vec<u8>>,
    /// The secret of one that has not shown a right code yet.
    #[serde(default)]
    pub(crate) totp_candidate: Option<Vec<u8>>,
    /// What the user calls the authenticator app.
    #[serde(default)]
    pub(crate) totp_name: Option<String>,
    /// The last of its codes that was accepted, as the number of its half minute: none is accepted twice.
    #[serde(default)]
    pub(crate) totp_used: Option<u64>,
    /// The factor that is asked for after the password, where it is not the authenticator app.
    #[serde(default)]
    pub(crate) preferred_factor: Option<Factor>,
    /// The factors that are switched on, where that has been set by itself; else there is at most the one above.
    #[serde(default)]
    pub(crate) factors: Option<Vec<Factor>>,
    /// Whether there is no password: a code or a passkey is the only way in.
    #[serde(default)]
    pub(crate) passwordless: bool,
    #[serde(default)]
    pub(crate) passkeys: Vec<Passkey>,
    /// By key.
    #[serde(default)]
    pub(crate) devices: BTreeMap<String, Device>,
    /// Whether the password is no longer the one the pool was started with.
    pub(crate) password_changed: bool,
    #[serde(with = "hexadecimal")]
    pub(crate) salt: BigUint,
    #[serde(with = "hexadecimal")]
    pub(crate) verifier: BigUint,
}

impl User {
    /// A confirmed user with nothing at all.
    pub(crate) fn blank() -> Self {
        Self {
            username: String::new(),
            sub: String::new(),
            attributes: BTreeMap::new(),
            proposed: BTreeMap::new(),
            groups: Vec::new(),
            enabled: true,
            status: Status::Confirmed,
            totp_secret: None,
            totp_candidate: None,
            totp_name: None,
            totp_used: None,
            preferred_factor: None,
            factors: None,
            passwordless: false,
            passkeys: Vec::new(),
            devices: BTreeMap::new(),
            password_changed: false,
            salt: BigUint::ZERO,
            verifier: BigUint::ZERO,
        }
    }

    /// Whether there is an address or a number that is known to be the user's.
    pub(crate) fn is_verified(&self, medium: Medium) -> bool {
        let verified = self.attributes.get(&medium.verified_attribute());
        self.attributes.contains_key(medium.attribute())
            && verified.is_some_and(|verified| verified == "true")
    }

    /// The factors that are switched on.
    pub(crate) fn factors(&self) -> Vec<Factor> {
        let authenticator = || self.totp_secret.is_some().then_some(Factor::Authenticator);
        match &self.factors {
            Some(factors) => factors.clone(),
            None => self.preferred_factor.or_else(authenticator).into_iter().collect(),
        }
    }

    /// The factor that is asked for after the password: the preferred one, or the only one.
    pub(crate) fn factor(&self) -> Option<Factor> {
        let factors = self.factors();
        let preferred = self.preferred_factor.filter(|factor| factors.contains(factor));
        preferred.or_else(|| factors.first().copied().filter(|_| factors.len() == 1))
    }

    /// Whether codes of this factor can reach the user.
    pub(crate) fn can_use(&self, factor: Factor) -> bool {
        match factor.medium() {
            None => self.totp_secret.is_some(),
            Some(medium) => self.is_verified(medium),
        }
    }

    /// Takes an authenticator app that has shown a right code: the one of the half minute `step`.
    pub(crate) fn register_authenticator(&mut self, secret: Vec<u8>, step: u64, name: Option<&str>) {
        self.totp_secret = Some(secret);
        self.totp_candidate = None;
        self.totp_used = Some(step);
        self.totp_name = name.map(str::to_owned);
    }

    /// Asks for this factor from now on.
    pub(crate) fn switch_on(&mut self, factor: Factor) {
        let mut factors = self.factors.take().unwrap_or_default();
        factors.retain(|own| *own != factor);
        factors.push(factor);
        self.factors = Some(factors);
        self.preferred_factor = Some(factor);
    }

    /// Whether this is the user's password.
    pub(crate) fn has_password(&self, password: &str) -> bool {
        srp::verifier(POOL_NAME, &self.username, password, &self.salt) == self.verifier && !self.passwordless
    }

    /// Takes a new password.
    pub(crate) fn set_password(&mut self, password: &str) {
        self.salt = srp::salt();
        self.verifier = srp::verifier(POOL_NAME, &self.username, password, &self.salt);
        self.password_changed = true;
        self.passwordless = false;
    }
}

/// What the refresh tokens and access tokens of one sign-in have in common.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) username: String,
    pub(crate) client: String,
    /// When the user signed in, in seconds.
    pub(crate) auth_time: i64,
    /// When the last refresh token ends, in milliseconds; rotation does not move it.
    pub(crate) ends_ms: i64,
    pub(crate) event_id: String,
    pub(crate) revoked: bool,
    /// The key of the device it was begun on, where devices are tracked.
    #[serde(default)]
    pub(crate) device: Option<String>,
    /// For the list of sessions, where they are tracked.
    #[serde(default)]
    pub(crate) tracked: Option<Tracked>,
    /// What was asked for at the managed login, if it began there.
    #[serde(default)]
    pub(crate) granted: Option<Granted>,
}

/// One refresh token of a session. Filed under the token's fingerprint.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    /// The `origin_jti` its session is filed under.
    pub(crate) origin_jti: String,
    /// When it was first exchanged for another, in milliseconds.
    pub(crate) replaced_ms: Option<i64>,
}

/// Everything a request may read or change.
pub(crate) struct Pool {
    pub(crate) issuer: String,
    pub(crate) key: SigningKey,
    /// What invented users are made from.
    pub(crate) invention_secret: Vec<u8>,
    pub(crate) clients: Vec<Client>,
    pub(crate) users: BTreeMap<String, User>,
    /// By `origin_jti`.
    pub(crate) sessions: HashMap<String, Session>,
    /// By fingerprint.
    pub(crate) refresh_tokens: HashMap<String, RefreshToken>,
    pub(crate) pending: HashMap<String, Pending>,
    /// Codes that were sent outside a sign-in, by user name and purpose.
    pub(crate) codes: HashMap<(String, Purpose), Waiting>,
    pub(crate) attempts: Attempts,
    pub(crate) outbox: Outbox,
    pub(crate) managed_login: ManagedLogin,
    /// What is wrong with the tokens of the request that is served, if a script wants it.
    pub(crate) forgery: Option<Forgery>,
    /// What the client whose request is served says of itself.
    pub(crate) user_agent: String,
    /// How far the pool's clock is ahead of the machine's, in milliseconds.
    pub(crate) clock_offset_ms: i64,
    state_file: Option<PathBuf>,
}

impl Pool {
    /// A pool with the demo clients, and the users and keys of the state file if there is one.
    ///
    /// # Errors
    /// Says what to do when the state file cannot be read or written, or is not one.
    pub(crate) fn open(arguments: &Arguments, issuer: String) -> Result<Self, String> {
        let mut pool = Self {
            issuer,
            key: SigningKey::generate()?,
            invention_secret: random::bytes::<32>().to_vec(),
            clients: demo::clients(),
            users: BTreeMap::new(),
            sessions: HashMap::new(),
            refresh_tokens: HashMap::new(),
            pending: HashMap::new(),
            codes: HashMap::new(),
            attempts: Attempts::default(),
            outbox: Outbox::default(),
            managed_login: ManagedLogin::default(),
            forgery: None,
            user_agent: String::new(),
            clock_offset_ms: 0,
            state_file: arguments.state.clone(),
        };
        for client in &mut pool.clients {
            client.access_life = arguments.access_life.unwrap_or(client.access_life);
            client.refresh_life = arguments.refresh_life.unwrap_or(client.refresh_life);
            client.auth_session_life = arguments.auth_session_life.unwrap_or(client.auth_session_life);
            client.rotation = arguments.rotation.unwrap_or(client.rotation);
        }
        let restored = match arguments.state.as_deref() {
            Some(file) => state::restore(&mut pool, file)?,
            None => false,
        };
        if !restored {
            pool.users = demo::users().into_iter().map(|user| (user.username.clone(), user)).collect();
        }
        pool.save()?;
        Ok(pool)
    }

    /// Writes the state file, if there is one.
    ///
    /// # Errors
    /// Says which file could not be written and why.
    pub(crate) fn save(&mut self) -> Result<(), String> {
        let Some(file) = self.state_file.clone() else {
            return Ok(());
        };
        state::save(self, &file)
    }

    /// The pool's time in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        i64::try_from(real).unwrap_or(i64::MAX).saturating_add(self.clock_offset_ms)
    }

    /// The pool's time in whole seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// The client with this id.
    pub(crate) fn client(&self, id: &str) -> Result<&Client, Refusal> {
        self.clients.iter().find(|client| client.id == id).ok_or_else(|| {
            Refusal::new("ResourceNotFoundException", format!("User pool client {id} does not exist."))
        })
    }

    /// The user with this name, or with this e-mail address as alias.
    pub(crate) fn find_user(&self, name: &str) -> Option<&User> {
        let alias = || self.owner_of_address(name).and_then(|username| self.users.get(&username));
        self.users.get(&name.to_lowercase()).or_else(alias)
    }

    /// The name of the user whose verified e-mail address this is.
    pub(crate) fn owner_of_address(&self, address: &str) -> Option<String> {
        let owns = |user: &&User| {
            user.attributes.get("email").is_some_and(|own| own.eq_ignore_ascii_case(address))
                && user.is_verified(Medium::Email)
        };
        self.users.values().find(owns).map(|user| user.username.clone())
    }

    /// Ends a session: none of its tokens is good for anything here any more.
    pub(crate) fn revoke(&mut self, origin_jti: &str) {
        if let Some(session) = self.sessions.get_mut(origin_jti) {
            session.revoked = true;
        }
    }

    /// Ends every session of a user, those of browsers too.
    pub(crate) fn revoke_all(&mut self, username: &str) {
        for session in self.sessions.values_mut().filter(|session| session.username == username) {
            session.revoked = true;
        }
        self.managed_login.forget(username);
    }

    /// Forgets what ended more than a day ago.
    pub(crate) fn forget_old(&mut self) {
        let before = self.now_ms() - 24 * 60 * 60 * 1000;
        self.sessions.retain(|_, session| session.ends_ms > before);
        let sessions = &self.sessions;
        self.refresh_tokens.retain(|_, token| sessions.contains_key(&token.origin_jti));
    }
}

pub(crate) mod hexadecimal {
    use num_bigint::BigUint;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(number: &BigUint, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&number.to_str_radix(16))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BigUint, D::Error> {
        let text = String::deserialize(deserializer)?;
        BigUint::parse_bytes(text.as_bytes(), 16).ok_or_else(|| de::Error::custom("not hexadecimal"))
    }
}
