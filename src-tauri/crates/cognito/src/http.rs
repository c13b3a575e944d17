//! The one HTTP client of the program: proxies, trusted certificates and timeouts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::date_time::Format;
use session::{Fault, FaultCode};
use tokio::sync::OnceCell;
use url::Url;
use zeroize::Zeroizing;

use crate::errors::{causes, of_connector};
use crate::issuer::is_loopback;
use crate::trust::Trust;

/// How long a connection may take to be made, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a whole request may take. The pool wants the answer to `PASSWORD_VERIFIER` within seconds.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(15);
const MOST_REDIRECTS: usize = 3;

/// How variables are looked up.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Why the HTTP client cannot be set up. Each names the setting at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpProblem {
    /// A proxy variable is not the URL of an HTTP proxy.
    ProxyMalformed {
        /// The variable.
        setting: &'static str,
        /// Its value, with user name and password left out.
        value: String,
    },
    /// A file of certificates cannot be read.
    CertificatesUnreadable {
        /// The variable that names the file.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A file or folder has no certificate that can be used.
    NoCertificates {
        /// The variable that names it.
        setting: &'static str,
        /// The file, or the folders.
        path: PathBuf,
    },
}

impl std::fmt::Display for HttpProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ProxyMalformed { setting, value } => {
                write!(f, "{setting} is {value:?}; set it to http://host:port, or take it away")
            }
            Self::CertificatesUnreadable { setting, path, reason } => write!(
                f,
                "{setting} names {}, which cannot be read ({reason}); set it to a readable PEM file, or take it away",
                path.display()
            ),
            Self::NoCertificates { setting, path } => write!(
                f,
                "{setting} names {}, which has no certificate in PEM format; set it to one that has, or take it away",
                path.display()
            ),
        }
    }
}

impl std::error::Error for HttpProblem {}

/// The HTTP client. Clones share connections.
#[derive(Clone, Debug)]
pub struct Http {
    routes: Arc<Routes>,
}

impl Http {
    /// Sets up the client from variables, upper-case names before lower-case ones:
    ///
    /// - `HTTPS_PROXY`, `ALL_PROXY`: the URL of an HTTP proxy; `NO_PROXY`: who is reached without it, as for curl.
    ///   This machine is never reached through a proxy. `HTTP_PROXY` is for requests without TLS, which go to this
    ///   machine only.
    /// - `SSL_CERT_FILE`, `SSL_CERT_DIR`: certificates to trust in place of the system's.
    /// - `AWS_CA_BUNDLE`: certificates to trust in addition.
    ///
    /// # Errors
    /// What is wrong with a variable, as an [`HttpProblem`].
    pub fn from_environment(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, HttpProblem> {
        let no_proxy = first_of(env, &["NO_PROXY", "no_proxy"]).map(|(_, rules)| rules);
        let proxy = match first_of(env, &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) {
            None => None,
            Some((setting, value)) => {
                let url = if value.contains("://") { value.clone() } else { format!("http://{value}") };
                let config = ProxyConfig::https(url.as_str())
                    .map_err(|_| HttpProblem::ProxyMalformed { setting, value: without_userinfo(&value) })?;
                let config = match &no_proxy {
                    Some(rules) => config.no_proxy(rules),
                    None => config,
                };
                // The setting is enough of a name for what is a proxy's URL and not a URL.
                let name = Url::parse(&url).ok().and_then(|url| host_and_port(&url));
                Some(Proxy { name: name.unwrap_or_else(|| format!("of {setting}")), config })
            }
        };
        let routes = Routes {
            trust: Trust::from_environment(env)?,
            proxy,
            connect_timeout: CONNECT_TIMEOUT,
            operation_timeout: OPERATION_TIMEOUT,
            here: OnceCell::new(),
            elsewhere: OnceCell::new(),
        };
        Ok(Self { routes: Arc::new(routes) })
    }

    /// The same client with other timeouts than 5 s to connect and 15 s for the whole request, as tests need them.
    /// Has an effect only before the first request.
    #[must_use]
    pub fn with_timeouts(mut self, connect: Duration, operation: Duration) -> Self {
        if let Some(routes) = Arc::get_mut(&mut self.routes) {
            routes.connect_timeout = connect;
            routes.operation_timeout = operation;
        }
        self
    }

    /// Fetches a small file. Redirects are followed, at most three and only to `https`.
    ///
    /// # Errors
    /// [`FaultCode::AnswerUnusable`] for more than `max_bytes`, for a status other than 2xx and for a redirect to
    /// elsewhere; otherwise what went wrong on the way.
    pub async fn get(&self, url: &Url, max_bytes: usize) -> Result<Vec<u8>, Fault> {
        let (status, body) = self.fetch(url, max_bytes, Redirects::Secure).await?;
        match status {
            200..=299 => Ok(body),
            407 => Err(Fault::with_detail(FaultCode::ProxyRefused, format!("HTTP {status}"))),
            500.. => Err(Fault::with_detail(FaultCode::PoolTrouble, format!("HTTP {status}"))),
            _ => Err(Fault::with_detail(FaultCode::AnswerUnusable, format!("HTTP {status}"))),
        }
    }

    /// Fetches a small file from one server only, and gives what was answered whatever its status.
    ///
    /// # Errors
    /// [`FaultCode::NotThePool`] for a redirect to another server, as a captive portal does; otherwise as for
    /// [`Http::get`], but for the status.
    pub(crate) async fn get_any(&self, url: &Url, max_bytes: usize) -> Result<(u16, Vec<u8>), Fault> {
        self.fetch(url, max_bytes, Redirects::SameOrigin).await
    }

    async fn fetch(
        &self,
        url: &Url,
        max_bytes: usize,
        redirects: Redirects,
    ) -> Result<(u16, Vec<u8>), Fault> {
        let fetch = self.follow(url.clone(), max_bytes, redirects);
        match tokio::time::timeout(self.routes.operation_timeout, fetch).await {
            Ok(result) => result,
            Err(_) => Err(Fault::new(FaultCode::TimedOut)),
        }
    }

    async fn follow(
        &self,
        mut url: Url,
        max_bytes: usize,
        redirects: Redirects,
    ) -> Result<(u16, Vec<u8>), Fault> {
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(Fault::with_detail(FaultCode::AnswerUnusable, "only https is fetched"));
        }
        for _ in 0..=MOST_REDIRECTS {
            let request = HttpRequest::get(url.as_str())
                .map_err(|_| Fault::with_detail(FaultCode::AnswerUnusable, "the URL cannot be requested"))?;
            let answer =
                Arc::clone(&self.routes).send(request).await.map_err(|error| of_connector(&error))?;
            let status = answer.status().as_u16();
            match status {
                200..=299 => return Ok((status, body(answer, max_bytes).await?)),
                301 | 302 | 303 | 307 | 308 => {
                    let location = answer.headers().get("location");
                    url = redirects.next(
                        status,
                        &url,
                        location.and_then(|location| url.join(location).ok()),
                    )?;
                }
                // The status says enough where the body cannot be had.
                _ => return Ok((status, body(answer, max_bytes).await.unwrap_or_default())),
            }
        }
        Err(Fault::with_detail(redirects.code(), "too many redirects"))
    }

    /// Sends one request. Neither time nor size is bounded here.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        Arc::clone(&self.routes).send(request).await
    }

    /// Posts a form to one server only, and gives what was answered whatever its status. A redirect is not followed: a
    /// form with a secret in it goes to nobody else.
    ///
    /// # Errors
    /// As for [`Http::get`], but for the status.
    pub(crate) async fn post_form(
        &self,
        url: &Url,
        form: &str,
        authorization: Option<&str>,
        max_bytes: usize,
    ) -> Result<Posted, Fault> {
        let post = self.post(url, form, authorization, max_bytes);
        match tokio::time::timeout(self.routes.operation_timeout, post).await {
            Ok(result) => result,
            Err(_) => Err(Fault::new(FaultCode::TimedOut)),
        }
    }

    async fn post(
        &self,
        url: &Url,
        form: &str,
        authorization: Option<&str>,
        max_bytes: usize,
    ) -> Result<Posted, Fault> {
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) {
            return Err(Fault::with_detail(FaultCode::AnswerUnusable, "only https is posted to"));
        }
        let unsendable = || Fault::with_detail(FaultCode::ParameterRejected, "the request could not be made");
        let mut request = HttpRequest::new(SdkBody::from(form));
        request.set_method("POST").map_err(|_| unsendable())?;
        request.set_uri(url.as_str()).map_err(|_| unsendable())?;
        let headers = request.headers_mut();
        headers.insert("content-type", "application/x-www-form-urlencoded");
        headers.insert("accept", "application/json");
        if let Some(authorization) = authorization {
            headers.try_insert("authorization", authorization.to_owned()).map_err(|_| unsendable())?;
        }
        let sent_at = Instant::now();
        let answer = Arc::clone(&self.routes).send(request).await.map_err(|error| of_connector(&error))?;
        let took = sent_at.elapsed();
        let status = answer.status().as_u16();
        let date =
            answer.headers().get("date").and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        let date = date.map(|date| date.secs());
        Ok(Posted { status, body: Zeroizing::new(body(answer, max_bytes).await?), date, took })
    }

    /// Makes ready what the first request to `address` would wait for: the system's certificates. Sends nothing.
    pub(crate) async fn prepare(&self, address: &str) {
        let Ok(url) = Url::parse(address) else { return };
        // The request itself will say so.
        if let Err(error) = self.routes.connector_for(&url).await {
            tracing::debug!(%error, "nothing was prepared");
        }
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        self.routes.connect_timeout
    }

    pub(crate) fn operation_timeout(&self) -> Duration {
        self.routes.operation_timeout
    }
}

impl HttpClient for Http {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Http {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(Arc::clone(&self.routes).send(request))
    }
}

/// What was answered to a form.
pub(crate) struct Posted {
    pub(crate) status: u16,
    /// It may hold tokens.
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// The answer's `Date`, in seconds since the Unix epoch.
    pub(crate) date: Option<i64>,
    /// How long ago the form was sent when the answer began.
    pub(crate) took: Duration,
}

/// Where a redirect may lead.
#[derive(Clone, Copy)]
enum Redirects {
    /// Anywhere by `https`.
    Secure,
    /// To the server that sent it.
    SameOrigin,
}

impl Redirects {
    fn next(self, status: u16, from: &Url, location: Option<Url>) -> Result<Url, Fault> {
        // Of a place that is not gone to no more than scheme and host is told: the rest can hold anything.
        let refused = |place: &str| Fault::with_detail(self.code(), format!("HTTP {status} to {place}"));
        let to = location.ok_or_else(|| refused("nowhere"))?;
        let allowed = match self {
            Self::Secure => to.scheme() == "https",
            Self::SameOrigin => to.origin() == from.origin(),
        };
        if allowed { Ok(to) } else { Err(refused(&to.origin().ascii_serialization())) }
    }

    /// What a redirect to elsewhere means.
    const fn code(self) -> FaultCode {
        match self {
            Self::Secure => FaultCode::AnswerUnusable,
            Self::SameOrigin => FaultCode::NotThePool,
        }
    }
}

/// The proxy that is set.
struct Proxy {
    /// Its host and port.
    name: String,
    config: ProxyConfig,
}

/// A proxy that is not there, or that did not let a request pass.
#[derive(Debug)]
pub(crate) struct ProxyRefusal {
    /// The proxy's host and port.
    name: String,
    cause: ConnectorError,
}

impl std::fmt::Display for ProxyRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the proxy {} gives no way through", self.name)
    }
}

impl std::error::Error for ProxyRefusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

impl Proxy {
    /// The error of a connection, as the proxy's where it is that: the answer to `CONNECT` was a refusal or none, or
    /// there was nobody to ask.
    fn told(&self, error: ConnectorError) -> ConnectorError {
        // hyper-util keeps the type of this error to itself.
        if error.is_timeout() || !causes(&error).any(|cause| cause.to_string().starts_with("tunnel error")) {
            return error;
        }
        ConnectorError::io(ProxyRefusal { name: self.name.clone(), cause: error }.into())
    }
}

/// Which way a request goes.
struct Routes {
    trust: Trust,
    proxy: Option<Proxy>,
    connect_timeout: Duration,
    operation_timeout: Duration,
    /// To this machine without TLS, as to a pool for development: ready at once.
    here: OnceCell<SharedHttpConnector>,
    /// Everything else waits for the system's certificates to be read, once.
    elsewhere: OnceCell<Elsewhere>,
}

struct Elsewhere {
    direct: SharedHttpConnector,
    proxied: Option<SharedHttpConnector>,
}

impl std::fmt::Debug for Routes {
    // Proxy settings can hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Routes").field("proxy", &self.proxy.is_some()).finish_non_exhaustive()
    }
}

impl Routes {
    async fn send(self: Arc<Self>, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let url = Url::parse(request.uri()).map_err(|error| ConnectorError::user(error.into()))?;
        let result = self.connector_for(&url).await?.call(request).await;
        result.map_err(|error| match &self.proxy {
            Some(proxy) => proxy.told(error),
            None => error,
        })
    }

    /// The connector for requests to `url`, made at the first of them.
    async fn connector_for(self: &Arc<Self>, url: &Url) -> Result<&SharedHttpConnector, ConnectorError> {
        let loopback = is_loopback(url);
        if loopback && url.scheme() == "http" {
            let here = async || self.connector(Trust::nobody(), None);
            return self.here.get_or_try_init(here).await;
        }
        let elsewhere = async || {
            let routes = Arc::clone(self);
            // Reads files.
            let made = tokio::task::spawn_blocking(move || routes.elsewhere()).await;
            made.map_err(|error| ConnectorError::other(error.into(), None))?
        };
        let elsewhere = self.elsewhere.get_or_try_init(elsewhere).await?;
        Ok(elsewhere.proxied.as_ref().filter(|_| !loopback).unwrap_or(&elsewhere.direct))
    }

    fn elsewhere(&self) -> Result<Elsewhere, ConnectorError> {
        let trust = self.trust.context();
        let proxied = self.proxy.as_ref();
        let proxied = proxied.map(|proxy| self.connector(trust.clone(), Some(proxy.config.clone())));
        Ok(Elsewhere { proxied: proxied.transpose()?, direct: self.connector(trust, None)? })
    }

    fn connector(
        &self,
        trust: Option<TlsContext>,
        proxy: Option<ProxyConfig>,
    ) -> Result<SharedHttpConnector, ConnectorError> {
        let trust = trust.ok_or_else(|| ConnectorError::other("no TLS context".into(), None))?;
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(self.connect_timeout)
            .read_timeout(self.operation_timeout)
            .build();
        let connector = Connector::builder()
            .connector_settings(settings)
            .proxy_config(proxy.unwrap_or_else(ProxyConfig::disabled))
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(trust)
            .build();
        Ok(SharedHttpConnector::new(connector))
    }
}

/// The body of an answer.
///
/// # Errors
/// [`FaultCode::AnswerUnusable`] where it is larger, [`FaultCode::Unreachable`] where it does not come to its end.
pub(crate) async fn body(answer: HttpResponse, max_bytes: usize) -> Result<Vec<u8>, Fault> {
    let mut stream = ByteStream::new(answer.into_body());
    let mut bytes = Vec::new();
    while let Some(part) = stream
        .try_next()
        .await
        .map_err(|_| Fault::with_detail(FaultCode::Unreachable, "the connection broke in the middle"))?
    {
        if bytes.len() + part.len() > max_bytes {
            return Err(Fault::with_detail(
                FaultCode::AnswerUnusable,
                format!("more than {max_bytes} bytes"),
            ));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// The first variable that is set and not empty, with its value.
fn first_of(env: Environment<'_>, names: &[&'static str]) -> Option<(&'static str, String)> {
    names.iter().find_map(|name| {
        let value = env(name)?.trim().to_owned();
        (!value.is_empty()).then_some((*name, value))
    })
}

fn host_and_port(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

fn without_userinfo(value: &str) -> String {
    let Some((before, host)) = value.rsplit_once('@') else {
        return value.to_owned();
    };
    let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
    format!("{scheme}…@{host}")
}

#[cfg(test)]
mod tests {
    use session::{Pool as _, PoolClock};

    use super::*;
    use crate::{Client, Issuer, PoolSettings};

    #[tokio::test]
    async fn certificates_are_read_while_somebody_types() {
        for (issuer, wanted) in [
            ("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool", true),
            ("https://localhost:1/eu-west-1_Pool", true),
            ("http://127.0.0.1:1/eu-west-1_Pool", false),
        ] {
            let http = Http::from_environment(&|_| None).expect("no settings");
            let issuer = Issuer::parse(issuer).expect("an issuer");
            let settings =
                PoolSettings::new(issuer, "client1".to_owned(), None, None).expect("good settings");
            let client = Client::new(settings, http.clone(), Arc::new(PoolClock::new()));
            assert!(!http.routes.elsewhere.initialized());
            client.prepare().await;
            assert_eq!(http.routes.elsewhere.initialized(), wanted);
            assert_eq!(http.routes.here.initialized(), !wanted);
        }
    }
}
