//! The development pool's demo users, for the window's development strip, and the app clients they sign in through.

use std::sync::PoisonError;

use cognito::Http;
use cognito::browser::{BrowserSettings, IdentityProvider, Redirect, Redirects, Scopes};
use serde::Deserialize;
use session::{ClientSecret, Fault, FaultCode, SessionView};
use tauri::{AppHandle, Runtime};

use crate::configuration::Development;
use crate::snapshot::{DemoUser, Setup};
use crate::{CognitoExt, DEVELOPMENT, set_up_anew};

const PATH: &str = "/_userpool/demo";
const MOST_BYTES: usize = 64 * 1024;

#[derive(Deserialize)]
struct Listing {
    clients: Vec<ListedClient>,
    users: Vec<ListedUser>,
    #[serde(default)]
    providers: Vec<ListedProvider>,
}

#[derive(Deserialize)]
struct ListedClient {
    id: String,
    secret: Option<ClientSecret>,
    /// Where the managed login may bring a code; none for a client that it has nothing to do with.
    callbacks: Option<Vec<String>>,
    #[serde(default)]
    sign_out_urls: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

impl ListedClient {
    /// How this client signs people in through the browser, if it does. The pool itself says where its managed login is.
    fn browser(&self, providers: &[ListedProvider]) -> Option<BrowserSettings> {
        let callbacks = self.callbacks.as_ref()?.join(" ");
        let names: Vec<_> = providers.iter().map(|provider| provider.name.as_str()).collect();
        Some(BrowserSettings {
            redirects: Redirects::parse(&callbacks).ok()?,
            signed_out: self.sign_out_urls.first().and_then(|address| Redirect::parse(address)),
            scopes: Scopes::parse(&self.scopes.join(" ")).ok()?,
            providers: IdentityProvider::parse_all(&names.join(",")).ok()?,
            ..BrowserSettings::default()
        })
    }
}

#[derive(Deserialize)]
struct ListedProvider {
    name: String,
}

#[derive(Deserialize)]
struct ListedUser {
    username: String,
    password: String,
    client: String,
    note: String,
    provider: Option<String>,
    address: Option<String>,
}

/// The client that the window begins with.
pub(crate) fn first_client() -> Development {
    let (issuer, client_id) = DEVELOPMENT;
    Development { issuer, client_id: client_id.to_owned(), client_secret: None, browser: None }
}

/// The demo users; none outside development.
///
/// # Errors
/// What kept the development pool from answering.
pub(crate) async fn users<R: Runtime>(app: &AppHandle<R>) -> Result<Vec<DemoUser>, Fault> {
    let state = app.cognito().state();
    let (Setup::Ready { development: true, .. }, Some(running)) = (&state.setup, &state.running) else {
        return Ok(Vec::new());
    };
    let users = listing(&running.http).await?.users.into_iter();
    Ok(users
        .map(|ListedUser { username, password, client, note, provider, address }| DemoUser {
            // Whom a provider vouches for has a name in the pool that nobody types.
            username: address.unwrap_or(username),
            password,
            client_id: client,
            note,
            provider,
        })
        .collect())
}

/// Goes on as another client of the development pool, so that its conversations can be had as well. In development
/// only, and only while nobody is signed in.
///
/// # Errors
/// What kept the development pool from answering, or [`FaultCode::ClientUnknown`] where this is not to be had.
pub(crate) async fn choose_client<R: Runtime>(app: &AppHandle<R>, client_id: &str) -> Result<(), Fault> {
    let cognito = app.cognito();
    let _turn = cognito.connecting.lock().await;
    let state = cognito.state();
    let (Setup::Ready { development: true, .. }, Some(running)) = (&state.setup, &state.running) else {
        return Err(Fault::new(FaultCode::ClientUnknown));
    };
    if !matches!(running.handle.view().session, SessionView::SignedOut { .. }) {
        return Err(Fault::new(FaultCode::ClientUnknown));
    }
    let Listing { clients, providers, .. } = listing(&running.http).await?;
    let client = clients.into_iter().find(|client| client.id == client_id);
    let client = client.ok_or(Fault::new(FaultCode::ClientUnknown))?;
    tracing::info!(client = client.id, "another client of the development pool");
    let browser = client.browser(&providers);
    let Development { issuer, .. } = first_client();
    *cognito.development.write().unwrap_or_else(PoisonError::into_inner) =
        Development { issuer, client_id: client.id, client_secret: client.secret, browser };
    set_up_anew(app).await;
    Ok(())
}

async fn listing(http: &Http) -> Result<Listing, Fault> {
    listing_at(http, DEVELOPMENT.0).await
}

async fn listing_at(http: &Http, pool: &str) -> Result<Listing, Fault> {
    let mut address = url::Url::parse(pool).map_err(|error| unusable(&error))?;
    address.set_path(PATH);
    let body = http.get(&address, MOST_BYTES).await?;
    serde_json::from_slice(&body).map_err(|error| unusable(&error))
}

fn unusable(error: &dyn std::error::Error) -> Fault {
    Fault::with_detail(FaultCode::AnswerUnusable, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::tests::pool;

    #[tokio::test]
    async fn the_clients_that_sign_in_through_the_browser_are_told_how() {
        let pool = pool();
        let http = Http::from_environment(&|_: &str| None).unwrap();
        let Listing { clients, users, providers } = listing_at(&http, pool.issuer()).await.unwrap();
        let of = |id: &str| clients.iter().find(|client| client.id == id).unwrap().browser(&providers);
        assert!(of(DEVELOPMENT.1).is_none(), "the client that the window begins with has no managed login");
        let browser = of("devbrowser").expect("it signs in there");
        let own = Redirects::of_scheme("cognito-desktop");
        assert_eq!(browser.redirects, own, "the addresses that the app has by itself");
        assert_eq!(browser.signed_out, Redirect::signed_out("cognito-desktop"));
        assert!(browser.scopes.cover_account() && browser.providers.iter().any(|one| one.label == "Google"));
        assert!(of("devbrowsersecret").is_some());
        assert!(!of("devbrowserbare").expect("it signs in there").scopes.cover_account());
        // Some user leads to each: the strip brings the client along.
        assert!(users.iter().any(|user| user.client == "devbrowser" && user.provider.is_none()));
        let federated = users.iter().find(|user| user.provider.is_some()).expect("a federated user");
        assert_eq!(federated.address.as_deref(), Some("xavier@example.com"));
    }
}
