//! Signing in through the browser: all of it that needs neither the session's machine nor a window.
//!
//! It is an authorization code flow with PKCE in the system's own browser (RFC 8252), with what RFC 9700 asks of a
//! client today:
//!
//! 1. [`Browser::begin`] makes a [`Pending`] sign-in for one of the [`Redirects`]; its address is opened in the browser.
//! 2. The answer comes as a link of the app's own, at a port of this machine ([`Loopback`]), or pasted. Whichever it is,
//!    [`receive`] makes a [`Code`] of it, or says what is wrong with it ([`CallbackProblem`]).
//! 3. [`Browser::complete`] changes the code for tokens, verifies them, and says who has signed in.
//!
//! Nothing here touches a session: what is not completed is dropped, and is as if it had never been.
//!
//! # Libraries
//! `jsonwebtoken` verifies signatures, on the cryptography that TLS has already brought. `oauth2` would bring eight more
//! crates, `openidconnect` more than forty, for what is ten parameters of a form here: and neither wipes state, nonce
//! and verifier. The listener reads its requests with `httparse`, the parser inside of `hyper`: a server that gives one
//! page once needs limits on time and size more than it needs a framework.

pub mod callback;
mod desktop;
mod endpoints;
mod exchange;
pub(crate) mod kept;
mod keys;
mod logout;
mod loopback;
mod other;
mod proof;
mod redirect;
pub(crate) mod refusal;
mod request;
mod settings;
mod tokens;

use std::sync::Arc;
use std::time::{Duration, Instant};

use session::{Clock as _, Established, Fault, FaultCode, Origin, PoolClock, Timestamp, Tokens};
use tokio::sync::OnceCell;
use url::Url;

pub use self::callback::{CallbackProblem, Code};
pub use self::desktop::{Desktop, Rung, Told};
use self::endpoints::Endpoints;
use self::keys::Keys;
pub use self::loopback::{Loopback, LoopbackProblem, Page, Words};
pub(crate) use self::other::OtherPage;
pub use self::other::PasskeyTold;
pub use self::redirect::{LOOPBACK_PORTS, Redirect};
pub use self::request::{Pending, Wish, receive};
pub use self::settings::{
    BrowserSettings, BrowserSettingsProblem, Domain, IdentityProvider, Prompt, ProviderKey, Redirects,
    Resource, Scopes,
};
use crate::claims;
use crate::http::Http;
use crate::settings::PoolSettings;

/// How much earlier a fresh sign-in may seem to be than the request for it: the pool's parts have clocks of their own.
const DRIFT: Duration = Duration::from_secs(60);

/// A user pool's managed login, as one app client.
#[derive(Debug)]
pub struct Browser {
    pool: PoolSettings,
    settings: BrowserSettings,
    http: Http,
    clock: Arc<PoolClock>,
    endpoints: OnceCell<Endpoints>,
    keys: OnceCell<Keys>,
}

impl Browser {
    /// A managed login. Sends nothing yet. What the pool answers sets `clock`.
    #[must_use]
    pub fn new(pool: PoolSettings, settings: BrowserSettings, http: Http, clock: Arc<PoolClock>) -> Self {
        Self { pool, settings, http, clock, endpoints: OnceCell::new(), keys: OnceCell::new() }
    }

    /// What it was made with.
    #[must_use]
    pub const fn settings(&self) -> &BrowserSettings {
        &self.settings
    }

    pub(crate) const fn pool(&self) -> &PoolSettings {
        &self.pool
    }

    /// Begins a sign-in that comes back to `redirect`. The pool is asked where its managed login is, once, unless a
    /// domain is set; any number of sign-ins may be begun.
    ///
    /// # Errors
    /// [`FaultCode::ManagedLoginMissing`] for a pool that has none; otherwise what went wrong on the way.
    pub async fn begin(&self, redirect: &Redirect, wish: Wish<'_>) -> Result<Pending, Fault> {
        let endpoints = self.endpoints().await?.clone();
        Pending::new(&self.pool, &self.settings, endpoints, redirect.clone(), wish)
    }

    /// Changes the code that came for `pending` into a session's tokens.
    ///
    /// A code is spent by trying: after a failure, the sign-in begins anew. Tokens that are not what they should be are
    /// ended at the pool and given to nobody.
    ///
    /// # Errors
    /// [`FaultCode::BrowserCodeRefused`] and what else the pool says, [`FaultCode::TokensNotGenuine`] with the claim that
    /// is wrong, or what went wrong on the way.
    pub async fn complete(&self, pending: &Pending, code: Code) -> Result<Established, Fault> {
        self.complete_since(pending, code, None).await
    }

    /// The same for somebody who has to have signed in again since `begun`, where that is given: the browser may have a
    /// session of its own, by which the managed login would ask nobody.
    ///
    /// # Errors
    /// As [`Browser::complete`], [`FaultCode::PresenceStale`] and [`FaultCode::ProviderMayNotAsk`].
    pub(crate) async fn complete_since(
        &self,
        pending: &Pending,
        code: Code,
        begun: Option<Instant>,
    ) -> Result<Established, Fault> {
        let keys = self.keys().await?;
        keys.ready().await?;
        let issued = exchange::exchange(&self.pool, &self.http, &self.clock, pending, &code).await?;
        drop(code);
        // By the pool's clock, which has just been set: at the beginning nobody may have known it yet.
        let begun = begun.map(|begun| self.clock.now().minus(begun.elapsed()));
        let verified = self.verified(pending, keys, &issued, begun).await;
        if let Err(fault) = &verified {
            tracing::warn!(code = ?fault.code, detail = fault.detail, "tokens that came by the browser were not taken");
            if let Some(at) = pending.endpoints.revocation.clone() {
                let (pool, http) = (self.pool.clone(), self.http.clone());
                tokio::spawn(exchange::revoke(pool, http, at, issued.refresh_token));
            }
        }
        verified
    }

    async fn verified(
        &self,
        pending: &Pending,
        keys: &Keys,
        issued: &exchange::Issued,
        begun: Option<Timestamp>,
    ) -> Result<Established, Fault> {
        let (access, id) = (&issued.access_token, &issued.id_token);
        let now = self.clock.now();
        let expected = tokens::Expected {
            client_id: self.pool.client_id(),
            issuer: self.pool.issuer(),
            issuer_there: pending.endpoints.issuer.as_deref(),
            nonce: &pending.nonce,
            now,
        };
        let tokens::Verified { device_key, signed_in_at } =
            tokens::verify(access, id, keys, expected).await?;
        if begun.is_some_and(|begun| signed_in_at.is_none_or(|at| at < begun.minus(DRIFT))) {
            return Err(Fault::new(FaultCode::PresenceStale));
        }
        let expected = claims::Expected { client_id: self.pool.client_id(), issuer: self.pool.issuer() };
        let reading = claims::read(access, Some(id), expected, now)?;
        let user = reading.user.ok_or(Fault::new(FaultCode::AnswerUnusable))?;
        // `auth_time` is when the pool saw them come back. Whether the provider has asked them is for nobody to see here.
        if begun.is_some()
            && let Some(provider) = user.providers.iter().find(|name| !self.settings.reauthenticates(name))
        {
            return Err(may_not_ask(provider));
        }
        // The name that was typed stays in the browser. The pool's own name for somebody whom a provider has vouched for
        // is nothing that anybody types; their e-mail address is.
        let login = user.email.clone().unwrap_or_else(|| user.username.clone());
        Ok(Established {
            user,
            tokens: Tokens {
                access: access.clone(),
                id: id.clone(),
                refresh: issued.refresh_token.clone(),
                issued_at: reading.issued_at,
                expires_at: reading.expires_at,
            },
            login,
            device_key,
            device: None,
            origin: Origin::Browser,
        })
    }

    /// The address that ends the browser's own session and comes back to `back`, to be opened in it; none where the managed
    /// login has none for this.
    ///
    /// # Errors
    /// What went wrong while the pool was asked where its managed login is.
    pub async fn sign_out_address(&self, back: &Redirect) -> Result<Option<String>, Fault> {
        let end_session = self.endpoints().await?.end_session.as_ref();
        Ok(end_session.map(|end_session| logout::address(end_session, self.pool.client_id(), back)))
    }

    async fn endpoints(&self) -> Result<&Endpoints, Fault> {
        let find = async || match &self.settings.domain {
            Some(domain) => Ok(Endpoints::at(domain)),
            None => Endpoints::discover(&self.pool, &self.http).await,
        };
        self.endpoints.get_or_try_init(find).await
    }

    /// The keys are at the pool itself, wherever its managed login is (Amazon Cognito Developer Guide, "Verifying JSON
    /// web tokens").
    async fn keys(&self) -> Result<&Keys, Fault> {
        let make = async || {
            let endpoint = self.pool.endpoint().trim_end_matches('/');
            let address = format!("{endpoint}/{}/.well-known/jwks.json", self.pool.issuer().pool_id());
            let address = Url::parse(&address).map_err(|_| Fault::new(FaultCode::PoolUnknown))?;
            Ok(Keys::at(address, self.http.clone()))
        };
        self.keys.get_or_try_init(make).await
    }
}

/// The proof of somebody whom this provider may have let through without asking.
pub(crate) fn may_not_ask(provider: &str) -> Fault {
    Fault::with_detail(FaultCode::ProviderMayNotAsk, provider)
}
