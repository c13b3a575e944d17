//! Which pool is spoken to, and as which app client.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use session::ClientSecret;
use url::Url;

use crate::flow::AuthFlow;
use crate::issuer::{Issuer, IssuerProblem, is_loopback};

/// Why settings that are good each by itself cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsProblem {
    /// The client id is not 1 to 128 letters, digits, `_` and `+` (`ClientIdType` of the Cognito API).
    ClientIdMalformed,
    /// The issuer's host cannot be asked, and no endpoint is set.
    Issuer(IssuerProblem),
    /// The endpoint is neither `https` nor, to this machine, `http`.
    EndpointNotHttps,
}

impl std::fmt::Display for SettingsProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ClientIdMalformed => f.write_str("a client id has 1 to 128 letters, digits, _ and +"),
            Self::Issuer(problem) => problem.fmt(f),
            Self::EndpointNotHttps => {
                f.write_str("the endpoint must begin with https:// (http:// only on this machine)")
            }
        }
    }
}

impl std::error::Error for SettingsProblem {}

/// A client secret that may become known after the client was made, as one that waits in a locked keychain.
///
/// Clones share it.
#[derive(Clone, Debug, Default)]
pub struct SharedClientSecret(Arc<RwLock<Option<ClientSecret>>>);

impl SharedClientSecret {
    /// The secret, if it is known by now.
    #[must_use]
    pub fn get(&self) -> Option<ClientSecret> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes it known to all who share it.
    pub fn set(&self, secret: ClientSecret) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(secret);
    }
}

/// What a [`Client`](crate::Client) has to know.
#[derive(Clone, Debug)]
pub struct PoolSettings {
    issuer: Issuer,
    client_id: String,
    client_secret: SharedClientSecret,
    endpoint: Option<Url>,
    auth_flow: Option<AuthFlow>,
    auth_session_validity: Option<Duration>,
}

impl PoolSettings {
    /// Puts the settings together. `endpoint_override` is where requests go instead of the issuer's host.
    ///
    /// # Errors
    /// What is wrong with them, as a [`SettingsProblem`].
    pub fn new(
        issuer: Issuer,
        client_id: String,
        client_secret: Option<ClientSecret>,
        endpoint_override: Option<Url>,
    ) -> Result<Self, SettingsProblem> {
        let of_client_id = |byte: u8| byte.is_ascii_alphanumeric() || b"_+".contains(&byte);
        if !(1..=128).contains(&client_id.len()) || !client_id.bytes().all(of_client_id) {
            return Err(SettingsProblem::ClientIdMalformed);
        }
        match &endpoint_override {
            None if !issuer.has_known_host() => return Err(SettingsProblem::Issuer(issuer.unknown_host())),
            Some(url) if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) => {
                return Err(SettingsProblem::EndpointNotHttps);
            }
            _ => {}
        }
        let shared = SharedClientSecret::default();
        if let Some(secret) = client_secret {
            shared.set(secret);
        }
        Ok(Self {
            issuer,
            client_id,
            client_secret: shared,
            endpoint: endpoint_override,
            auth_flow: None,
            auth_session_validity: None,
        })
    }

    /// The same settings with a secret that is known to whoever holds `secret`, now or later.
    #[must_use]
    pub fn with_shared_secret(self, secret: SharedClientSecret) -> Self {
        Self { client_secret: secret, ..self }
    }

    /// The same settings, with what an administrator knows of the app client: by which flow it signs people in, and for
    /// how long the pool waits for the answer to a challenge (`AuthSessionValidity`).
    #[must_use]
    pub fn with_sign_in(self, auth_flow: Option<AuthFlow>, auth_session_validity: Option<Duration>) -> Self {
        Self { auth_flow, auth_session_validity, ..self }
    }

    /// By which flow people sign in; none to find out.
    #[must_use]
    pub const fn auth_flow(&self) -> Option<AuthFlow> {
        self.auth_flow
    }

    /// For how long the pool waits for the answer to a challenge, where that is known.
    #[must_use]
    pub const fn auth_session_validity(&self) -> Option<Duration> {
        self.auth_session_validity
    }

    /// The pool.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The app client's id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The app client's secret, if it has one and that is known by now.
    #[must_use]
    pub fn client_secret(&self) -> Option<ClientSecret> {
        self.client_secret.get()
    }

    /// Where requests go: the override, or the issuer's own origin.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.endpoint.as_ref().map_or(self.issuer.origin(), Url::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWS: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123";

    fn settings(
        issuer: &str,
        client_id: &str,
        endpoint: Option<&str>,
    ) -> Result<PoolSettings, SettingsProblem> {
        let issuer = Issuer::parse_for_endpoint(issuer).expect("the issuer is good");
        let endpoint = endpoint.map(|url| Url::parse(url).expect("the endpoint is a URL"));
        PoolSettings::new(issuer, client_id.to_owned(), None, endpoint)
    }

    #[test]
    fn requests_go_to_the_override_or_else_to_the_issuer() {
        for (issuer, endpoint, expected) in [
            (AWS, None, "https://cognito-idp.eu-central-1.amazonaws.com"),
            (
                "https://issuer-cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123",
                None,
                "https://cognito-idp.eu-central-1.amazonaws.com",
            ),
            (
                "https://cognito-idp-fips.us-east-1.amazonaws.com/us-east-1_x",
                None,
                "https://cognito-idp-fips.us-east-1.amazonaws.com",
            ),
            (
                "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_x",
                None,
                "https://cognito-idp.cn-north-1.amazonaws.com.cn",
            ),
            ("http://127.0.0.1:9229/local_dev", None, "http://127.0.0.1:9229"),
            (AWS, Some("http://127.0.0.1:4570"), "http://127.0.0.1:4570/"),
            (
                "https://auth.example.com/r_x",
                Some("https://proxy.example.com/pool"),
                "https://proxy.example.com/pool",
            ),
        ] {
            let settings = settings(issuer, "client1", endpoint).expect("they are good");
            assert_eq!(settings.endpoint(), expected);
        }
    }

    #[test]
    fn a_secret_may_become_known_later() {
        let shared = SharedClientSecret::default();
        let settings =
            settings(AWS, "client1", None).expect("they are good").with_shared_secret(shared.clone());
        assert!(settings.client_secret().is_none());
        shared.set(ClientSecret::new("sentinel-secret"));
        assert_eq!(settings.clone().client_secret().expect("it is known").expose(), "sentinel-secret");
        assert!(!format!("{settings:?}").contains("sentinel"));
    }

    #[test]
    fn says_what_is_wrong() {
        let long = "a".repeat(129);
        for (issuer, client_id, endpoint, problem) in [
            (AWS, "", None, SettingsProblem::ClientIdMalformed),
            (AWS, "with space", None, SettingsProblem::ClientIdMalformed),
            (AWS, "dash-ed", None, SettingsProblem::ClientIdMalformed),
            (AWS, &long, None, SettingsProblem::ClientIdMalformed),
            (
                "https://auth.example.com/r_x",
                "client1",
                None,
                SettingsProblem::Issuer(IssuerProblem::UnknownHost { host: "auth.example.com".to_owned() }),
            ),
            (AWS, "client1", Some("http://192.168.1.4:4570"), SettingsProblem::EndpointNotHttps),
            (AWS, "client1", Some("file:///tmp"), SettingsProblem::EndpointNotHttps),
        ] {
            assert_eq!(
                settings(issuer, client_id, endpoint).err(),
                Some(problem.clone()),
                "{issuer} {client_id}"
            );
            assert!(!problem.to_string().is_empty());
        }
        assert!(settings(AWS, &"a".repeat(128), None).is_ok());
        assert!(settings(AWS, "a_b+9", None).is_ok());
    }
}
