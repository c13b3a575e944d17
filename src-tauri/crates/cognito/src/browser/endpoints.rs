//! Where a pool's managed login is: as its discovery document says (OpenID Connect Discovery 1.0, section 3), or at the
//! domain that is set.

use serde::Deserialize;
use session::{Fault, FaultCode};
use url::Url;

use super::settings::{Domain, is_secure};
use crate::connection;
use crate::http::Http;
use crate::settings::PoolSettings;

/// The addresses of a managed login. What the user is called is in the id token, so that `userInfo` is not among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoints {
    /// Where the browser is sent to sign somebody in.
    pub(super) authorization: Url,
    /// Where a code is changed for tokens.
    pub(super) token: Url,
    /// Where tokens that nobody will use are ended.
    pub(super) revocation: Option<Url>,
    /// Where the browser is sent to sign somebody out.
    pub(super) end_session: Option<Url>,
    /// The pool's name for itself, where it was asked.
    pub(super) issuer: Option<String>,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
}

impl Endpoints {
    /// At a domain, everything is where it always is, and nobody has to be asked.
    pub(super) fn at(domain: &Domain) -> Self {
        Self {
            authorization: domain.at("/oauth2/authorize"),
            token: domain.at("/oauth2/token"),
            revocation: Some(domain.at("/oauth2/revoke")),
            end_session: Some(domain.at("/logout")),
            issuer: None,
        }
    }

    /// Asks the pool.
    pub(super) async fn discover(settings: &PoolSettings, http: &Http) -> Result<Self, Fault> {
        let document = connection::discovery_document(settings, http).await?;
        let document: Document = serde_json::from_value(document)
            .map_err(|_| Fault::with_detail(FaultCode::AnswerUnusable, "the discovery document"))?;
        let (Some(authorization), Some(token)) =
            (address(document.authorization_endpoint)?, address(document.token_endpoint)?)
        else {
            return Err(Fault::new(FaultCode::ManagedLoginMissing));
        };
        Ok(Self {
            authorization,
            token,
            revocation: address(document.revocation_endpoint)?,
            end_session: address(document.end_session_endpoint)?,
            issuer: Some(document.issuer),
        })
    }
}

/// An address that the browser may be sent to, or secrets: one that is no web address must never be opened.
pub(super) fn address(text: Option<String>) -> Result<Option<Url>, Fault> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    match Url::parse(&text) {
        Ok(url) if is_secure(&url) && url.username().is_empty() && url.fragment().is_none() => Ok(Some(url)),
        _ => Err(Fault::with_detail(
            FaultCode::AnswerUnusable,
            "the discovery document has an address without https",
        )),
    }
}
