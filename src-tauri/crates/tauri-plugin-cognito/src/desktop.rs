//! What a sign-in through the browser needs of the desktop: the ways back from the browser, the browser itself, and the
//! keychain.

use std::sync::{Arc, OnceLock, Weak};

use cognito::Client;
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
    /// Whose desktop it is. The client keeps its desktop alive, and not the other way about.
    client: OnceLock<Weak<Client>>,
}

impl<R: Runtime> ThisDesktop<R> {
    pub(crate) const fn new(app: AppHandle<R>, keychain: Arc<Keychain>) -> Self {
        Self { app, keychain, client: OnceLock::new() }
    }

    /// Says whose desktop it is, once that is there.
    pub(crate) fn belongs_to(&self, client: &Arc<Client>) {
        // Said once, where the client is made.
        let _ = self.client.set(Arc::downgrade(client));
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
        let state = self.app.cognito().state();
        let own = self.client.get().and_then(Weak::upgrade);
        // What comes late for a pool that is not spoken to any more is nothing for the one that is.
        let running = state
            .running
            .as_ref()
            .filter(|running| own.is_some_and(|own| Arc::ptr_eq(&own, &running.client)));
        if let Some(running) = running {
            running.handle.answer(Answer::BackFromBrowser(result));
            links::bring_forward(&self.app);
        }
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
    // Not a port, which is certainly another program's. Whoever opens the link may be, too: what it brings is of no use
    // without the verifier.
    let redirect = link.or_else(|| redirects.iter().next()).expect("there is an address to come back to");
    Rung { redirect: redirect.clone(), way: BrowserWay::Paste, loopback: None }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// Two ports that nobody has.
    fn ports() -> [u16; 2] {
        [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port())
    }

    async fn chosen(redirects: &str, scheme: Option<&str>, brings_links: bool) -> (String, BrowserWay, bool) {
        let redirects = Redirects::parse(redirects).unwrap();
        let rung = choose(&redirects, scheme.map(str::to_owned), async |_: &str| brings_links).await;
        (rung.redirect.to_string(), rung.way, rung.loopback.is_some())
    }

    #[tokio::test]
    async fn the_first_way_back_that_works_is_taken() {
        let [one, two] = ports().map(|port| format!("http://127.0.0.1:{port}/callback"));
        let link = "my-app://sign-in/callback".to_owned();
        // Wherever the link stands in the list: it is the better way.
        let all = format!("{one} {link} {two}");
        assert_eq!(chosen(&all, Some("my-app"), true).await, (link.clone(), BrowserWay::Link, false));
        let by_port = |port: &str| (port.to_owned(), BrowserWay::Loopback, true);
        assert_eq!(chosen(&all, Some("my-app"), false).await, by_port(&one));
        assert_eq!(chosen(&all, None, true).await, by_port(&one), "there is no scheme to have links by");
        assert_eq!(chosen(&all, Some("other"), true).await, by_port(&one), "the link is another's");
        let taken = |address: &str| {
            let port = address.rsplit_once(':').unwrap().1.split_once('/').unwrap().0.parse::<u16>().unwrap();
            TcpListener::bind(("127.0.0.1", port)).unwrap()
        };
        let _first = taken(&one);
        assert_eq!(chosen(&all, Some("my-app"), false).await, by_port(&two));
        let _second = taken(&two);
        let pasted = chosen(&all, Some("my-app"), false).await;
        assert_eq!(pasted, (link, BrowserWay::Paste, false), "not to a port that is another program's");
        let pasted = chosen(&format!("{one} {two}"), Some("my-app"), false).await;
        assert_eq!(pasted, (one, BrowserWay::Paste, false), "there is nothing else");
    }
}
