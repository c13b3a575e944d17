//! The managed login's other pages that the browser is sent to, and comes back from with nothing that is secret: the one
//! that signs it out, and the one that adds a passkey.

use std::sync::Arc;
use std::time::{Duration, Instant};

use session::{Fault, FaultCode};
use tokio::sync::oneshot;

use super::{ByBrowser, Port, Received};
use crate::browser::kept::PATIENCE;
use crate::browser::{CallbackProblem, Loopback, OtherPage, Redirects, Rung};

/// How long the browser may take to sign out. It asks nothing.
const SIGN_OUT_PATIENCE: Duration = Duration::from_secs(2 * 60);

/// The page that adds a passkey, while it is open. What comes back from there has no `state`: it counts while somebody has
/// asked for the page, and once.
pub(super) struct Passkeys {
    /// From when on nothing is taken for its answer.
    until: Instant,
    /// What listens for it, where no link does.
    port: Option<Port>,
}

impl ByBrowser {
    /// Sends the browser to sign out, and waits for it to come back.
    pub(super) async fn sign_out(self: &Arc<Self>) -> Result<(), Fault> {
        let settings = self.browser.settings();
        // The same ports as for a sign-in; the link is one of its own.
        let ports = settings.redirects.iter().filter(|redirect| redirect.port().is_some());
        let ways = Redirects::of(settings.signed_out.iter().chain(ports).cloned().collect());
        if ways.iter().next().is_none() {
            return Err(Fault::with_detail(FaultCode::OperationUnavailable, "no sign-out address is set"));
        }
        let Rung { redirect, way, loopback } = self.desktop.choose(&ways).await;
        let address = self.browser.sign_out_address(&redirect).await?;
        let address = address.ok_or(Fault::with_detail(
            FaultCode::OperationUnavailable,
            "the managed login has no page to sign out at",
        ))?;
        let (sender, signed_out) = oneshot::channel();
        self.slot().signing_out = Some(sender);
        let _port = loopback.map(|loopback| self.serve_other(loopback, Awaited::SignedOut));
        self.open(&address).await?;
        tracing::info!(?way, "waiting for the browser to sign out");
        match tokio::time::timeout(SIGN_OUT_PATIENCE, signed_out).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Fault::new(FaultCode::BrowserSilent)),
        }
    }

    /// Sends the browser to the page that adds a passkey.
    pub(super) async fn open_passkeys(self: &Arc<Self>) -> Result<(), Fault> {
        let before = self.slot().passkeys.take();
        if let Some(task) = before.and_then(|before| before.port).and_then(Port::close) {
            let _ = task.await;
        }
        let Rung { redirect, way, loopback } = self.desktop.choose(&self.browser.settings().redirects).await;
        let address = self.browser.add_passkey_address(&redirect).await?;
        {
            let mut slot = self.slot();
            let port = loopback.map(|loopback| self.serve_other(loopback, Awaited::Passkey));
            slot.passkeys = Some(Passkeys { until: Instant::now() + PATIENCE, port });
        }
        tracing::info!(?way, "sending the browser to the page for passkeys");
        let opened = self.open(&address).await;
        if opened.is_err() {
            self.slot().passkeys = None;
        }
        opened
    }

    /// What a link says that comes from one of these pages.
    pub(super) fn other_page(&self, link: &str) -> Option<Result<Received, CallbackProblem>> {
        Some(match self.browser.other_page(link, None)? {
            OtherPage::SignedOut if self.signed_out() => Ok(Received::SignedOut),
            OtherPage::SignedOut => Err(CallbackProblem::NotAwaited),
            OtherPage::Passkey(told) => match self.passkeys_answered() {
                // Where a port was listening, it is closed: there is one answer.
                Some(_port) => Ok(Received::Passkey(told)),
                None => Err(CallbackProblem::NotAwaited),
            },
        })
    }

    /// The page for passkeys has come back, or somebody says so: none where it was not awaited.
    fn passkeys_answered(&self) -> Option<Passkeys> {
        self.slot().passkeys.take().filter(|page| Instant::now() < page.until)
    }

    #[cfg(test)]
    pub(super) fn lapse_passkeys(&self) {
        if let Some(page) = &mut self.slot().passkeys {
            page.until = Instant::now();
        }
    }

    /// The browser has come back from signing out, or somebody says so: whether that is waited for.
    fn signed_out(&self) -> bool {
        self.slot().signing_out.take().is_some_and(|waiting| waiting.send(()).is_ok())
    }

    /// Listens at a port until the page has come back to it.
    fn serve_other(self: &Arc<Self>, loopback: Loopback, awaited: Awaited) -> Port {
        let by = Arc::clone(self);
        let page = self.desktop.page();
        Port(Some(tokio::spawn(async move {
            let back = loopback.redirect().clone();
            let served = loopback.serve_other(&page, |link| {
                let found = by.browser.other_page(link, Some(&back));
                match (awaited, found) {
                    (Awaited::SignedOut, Some(OtherPage::SignedOut)) => Ok(OtherPage::SignedOut),
                    (Awaited::Passkey, Some(OtherPage::Passkey(told))) => Ok(OtherPage::Passkey(told)),
                    _ => Err(CallbackProblem::NotAwaited),
                }
            });
            // Told when the browser has been answered: whoever waits for it closes the port.
            match tokio::time::timeout(awaited.patience(), served).await {
                Ok(Ok(OtherPage::SignedOut)) => {
                    by.signed_out();
                }
                Ok(Ok(OtherPage::Passkey(told))) => {
                    // This task is the port's own, which ends by itself.
                    if let Some(page) = by.passkeys_answered() {
                        by.desktop.passkey_told(told);
                        drop(page);
                    }
                }
                Ok(Err(_)) | Err(_) => {}
            }
        })))
    }
}

/// Which page is to come back to a port.
#[derive(Clone, Copy)]
enum Awaited {
    SignedOut,
    Passkey,
}

impl Awaited {
    const fn patience(self) -> Duration {
        match self {
            Self::SignedOut => SIGN_OUT_PATIENCE,
            Self::Passkey => PATIENCE,
        }
    }
}
