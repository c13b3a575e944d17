//! What a sign-in through the browser needs of the desktop: the ways back from the browser, the browser itself, and the
//! keychain.

use std::sync::Arc;

use cognito::browser::{Desktop, Loopback, LoopbackProblem, Page, PasskeyTold, Redirects, Rung, Told};
use session::{Answer, BrowserWay, Fault};
use tauri::{AppHandle, Runtime};
use zeroize::Zeroizing;

use crate::configuration::browser::scheme_of;
use crate::keychain::Keychain;
use crate::scheme::Links;
use crate::{CognitoExt, links, opening, scheme};

/// The desktop that this app runs on, for the sign-ins of one pool and client.
pub(crate) struct ThisDesktop<R: Runtime> {
    app: AppHandle<R>,
    keychain: Arc<Keychain>,
}

impl<R: Runtime> ThisDesktop<R> {
    pub(crate) const fn new(app: AppHandle<R>, keychain: Arc<Keychain>) -> Self {
        Self { app, keychain }
    }

    /// Whether a link of this scheme comes back to this program.
    async fn brings_links(&self, scheme: &str) -> bool {
        let links = scheme::prepare(&self.app, scheme).await;
        match &links {
            Links::Work => {}
            Links::GoElsewhere => tracing::info!("the app's links lead to another program, and are not used"),
            Links::NotRegistered(reason) => {
                tracing::warn!(reason, "the app's links could not be registered, and are not used");
            }
        }
        links::note_registration(&self.app, &links);
        links == Links::Work
    }
}

impl<R: Runtime> std::fmt::Debug for ThisDesktop<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ThisDesktop")
    }
}

impl<R: Runtime> Desktop for ThisDesktop<R> {
    fn choose<'a>(&'a self, redirects: &'a Redirects) -> Told<'a, Rung> {
        Box::pin(choose(redirects, scheme::of(&self.app), async |scheme| self.brings_links(scheme).await))
    }

    fn open<'a>(&'a self, address: &'a str) -> Told<'a, Result<(), String>> {
        Box::pin(opening::open(address))
    }

    fn page(&self) -> Page {
        self.app.cognito().browser_page()
    }

    fn returned(&self, result: Result<(), Fault>) {
        if let Ok(handle) = self.app.cognito().handle() {
            handle.answer(Answer::BackFromBrowser(result));
        }
        links::bring_forward(&self.app);
    }

    fn passkey_told(&self, told: PasskeyTold) {
        links::passkey_told(&self.app, told);
    }

    fn keep(&self, pending: Option<Zeroizing<Vec<u8>>>) -> Told<'_, bool> {
        Box::pin(async move {
            let kept = self.keychain.keep_pending(pending).await;
            kept.inspect_err(|fault| {
                tracing::debug!(?fault, "the keychain did not take the sign-in that waits")
            })
            .is_ok()
        })
    }

    fn kept(&self) -> Told<'_, Option<Zeroizing<Vec<u8>>>> {
        Box::pin(async move {
            let kept = self.keychain.pending().await;
            kept.inspect_err(|fault| {
                tracing::info!(?fault, "the keychain cannot tell whether a sign-in waits")
            })
            .unwrap_or_default()
        })
    }
}

/// The first address that will work.
async fn choose(
    redirects: &Redirects,
    scheme: Option<String>,
    brings_links: impl AsyncFnOnce(&str) -> bool,
) -> Rung {
    // Every link that there is has the app's own scheme, or the settings would not have been taken.
    let link = redirects.iter().find(|redirect| redirect.port().is_none());
    if let Some(link) = link
        && let Some(scheme) = scheme.filter(|scheme| scheme_of(link) == Some(scheme))
        && brings_links(&scheme).await
    {
        return Rung { redirect: link.clone(), way: BrowserWay::Link, loopback: None };
    }
    for redirect in redirects.iter().filter(|redirect| redirect.port().is_some()) {
        match Loopback::bind(redirect).await {
            Ok(loopback) => {
                let redirect = redirect.clone();
                return Rung { redirect, way: BrowserWay::Loopback, loopback: Some(loopback) };
            }
            Err(LoopbackProblem::PortTaken) => {
                tracing::info!(port = redirect.port(), "another program has a port of the sign-in");
            }
            Err(problem) => tracing::warn!(%problem, "a port of the sign-in cannot be used"),
        }
    }
    // A link that nobody opens stays where the person can copy it. A port that is taken is another program's.
    let redirect = link.or_else(|| redirects.iter().next()).expect("there is an address to come back to");
    Rung { redirect: redirect.clone(), way: BrowserWay::Paste, loopback: None }
}
