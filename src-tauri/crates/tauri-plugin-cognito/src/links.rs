//! The links that come back from the browser, from wherever they come, and what the window is told of them.
//!
//! A link goes to the pool's client and nowhere else: into no event, no log and no snapshot. It is taken as the system
//! hands it over. The event of `tauri-plugin-deep-link` is not listened to: it would be told to every page that listens
//! for it, and brings what a parser of URLs has already mended.

use std::sync::PoisonError;

use cognito::Received;
use cognito::browser::{CallbackProblem, PasskeyTold};
use session::{Answer, AttemptView, Fault, FaultCode, Handle, SessionView};
use tauri::{AppHandle, Manager as _, Runtime, UserAttentionType};
use zeroize::Zeroizing;

use crate::scheme::Links;
use crate::snapshot::{LinkNotice, PasskeyReturn, SetupWarning};
use crate::{Cognito, CognitoExt, publish};

/// What the window is told of links, beside what is in the session's view.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) notice: Option<LinkNotice>,
    pub(crate) passkey: Option<PasskeyReturn>,
    /// Why the app's links could not be registered, when that was tried last.
    pub(crate) not_registered: Option<String>,
}

impl Told {
    pub(crate) fn warning(&self) -> Option<SetupWarning> {
        let reason = self.not_registered.clone()?;
        Some(SetupWarning::LinksNotRegistered { reason })
    }
}

/// The one of these arguments that is a link of the app's; none where there are several.
pub(crate) fn among(scheme: &str, arguments: &[String]) -> Option<Zeroizing<String>> {
    // Schemes are the same in every case (RFC 3986, section 3.1). What else is wrong with it is said by whoever reads it.
    let is_link = |argument: &&String| {
        argument.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(scheme))
    };
    let mut links = arguments.iter().filter(is_link);
    links.next().filter(|_| links.next().is_none()).map(|link| Zeroizing::new(link.clone()))
}

/// Takes a link that has come from the system. The app comes forward with one that is an answer: any page can send
/// another, as often as it likes, while somebody is typing elsewhere.
pub(crate) fn came<R: Runtime>(app: &AppHandle<R>, link: Zeroizing<String>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        // After a start it is known only then who is signed in, and whose sign-in the link may belong to.
        app.cognito().settled().await;
        match take(&app, &link).await {
            Ok(()) => bring_forward(&app),
            Err(fault) => refused(&app, &fault),
        }
    });
}

/// Shows that a link was no answer to anything, and asks for attention where that is not shown already.
fn refused<R: Runtime>(app: &AppHandle<R>, fault: &Fault) {
    let notice = Some(LinkNotice { code: fault.code });
    let mut is_new = false;
    tell(app, |told| is_new = std::mem::replace(&mut told.notice, notice) != notice);
    if !is_new {
        return;
    }
    tracing::info!(code = ?fault.code, detail = fault.detail, "a link was no answer to anything");
    for window in app.webview_windows().values() {
        if let Err(error) = window.request_user_attention(Some(UserAttentionType::Informational)) {
            tracing::debug!(%error, "a window could not ask for attention");
        }
    }
}

/// Takes a link that was pasted, as the command of the same name.
///
/// # Errors
/// Why it is no answer to anything.
pub(crate) async fn paste<R: Runtime>(app: &AppHandle<R>, link: &str) -> Result<(), Fault> {
    take(app, link).await
}

/// Gives a link to the pool's client, and tells the session's machine that it has come.
async fn take<R: Runtime>(app: &AppHandle<R>, link: &str) -> Result<(), Fault> {
    let state = app.cognito().state();
    let Some(running) = &state.running else {
        return Err(CallbackProblem::NotAwaited.fault());
    };
    match running.client.receive(link).await {
        Ok(Received::Awaited) => running.handle.answer(Answer::BackFromBrowser(Ok(()))),
        // A sign-in that an earlier run had begun takes nobody's place, and no conversation's.
        Ok(Received::Kept) if !is_free(&running.handle) => return Err(CallbackProblem::NotAwaited.fault()),
        Ok(Received::Kept) => running.handle.back_from_browser(),
        Ok(Received::SignedOut) => {}
        Ok(Received::Passkey(told)) => passkey_told(app, told),
        Err(problem) if problem.ends_sign_in() => {
            running.handle.answer(Answer::BackFromBrowser(Err(problem.fault())));
        }
        Err(problem) => return Err(problem.fault()),
    }
    Ok(())
}

/// Whether nobody is signed in, and nobody is about to be.
fn is_free(handle: &Handle) -> bool {
    let view = handle.view();
    !matches!(view.session, SessionView::SignedIn { .. }) && matches!(view.attempt, AttemptView::Idle { .. })
}

/// Where the browser was sent, while an answer is awaited.
pub(crate) fn address(cognito: &Cognito) -> Option<Zeroizing<String>> {
    cognito.state().running.as_ref().and_then(|running| running.client.browser_address())
}

/// Opens the page that adds a passkey, as the command of the same name.
///
/// # Errors
/// Why it could not be opened.
pub(crate) async fn add_passkey<R: Runtime>(app: &AppHandle<R>) -> Result<(), Fault> {
    let state = app.cognito().state();
    let running = state.running.as_ref().ok_or(Fault::new(FaultCode::ManagedLoginMissing))?;
    tell(app, |told| told.passkey = None);
    running.client.open_passkeys().await
}

/// That page has come back.
pub(crate) fn passkey_told<R: Runtime>(app: &AppHandle<R>, passkey: PasskeyTold) {
    tell(app, |told| told.passkey = Some(passkey.into()));
    bring_forward(app);
}

pub(crate) fn dismiss_notice<R: Runtime>(app: &AppHandle<R>) {
    tell(app, |told| told.notice = None);
}

pub(crate) fn dismiss_passkey<R: Runtime>(app: &AppHandle<R>) {
    tell(app, |told| told.passkey = None);
}

/// What came of registering the app's links.
pub(crate) fn note_registration<R: Runtime>(app: &AppHandle<R>, links: &Links) {
    let reason = match links {
        Links::NotRegistered(reason) => Some(reason.clone()),
        Links::Work | Links::GoElsewhere => None,
    };
    tell(app, |told| told.not_registered = reason);
}

fn tell<R: Runtime>(app: &AppHandle<R>, change: impl FnOnce(&mut Told)) {
    change(&mut app.cognito().told.lock().unwrap_or_else(PoisonError::into_inner));
    publish(app);
}

/// Brings the app in front of the browser.
pub(crate) fn bring_forward<R: Runtime>(app: &AppHandle<R>) {
    for window in app.webview_windows().values() {
        // One that is not shown yet shows itself when it has something to show.
        let forward = || match window.is_visible()? {
            true => window.unminimize().and_then(|()| window.set_focus()),
            false => Ok(()),
        };
        if let Err(error) = forward() {
            tracing::debug!(%error, "a window could not be brought forward");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_link_of_the_app_is_taken_as_it_is_written() {
        let link = "Cognito-Desktop://sign-in/callback?code=a%20b\t&state=\u{e9}#x";
        for (arguments, expected) in [
            (vec![link], Some(link)),
            (vec!["--flag", link], Some(link)),
            (vec![], None),
            (vec!["--flag"], None),
            (vec!["https://example.com/?cognito-desktop://a"], None),
            (vec!["cognito-desktop-other://a"], None),
            (vec!["cognito-desktop"], None),
            (vec![link, link], None),
        ] {
            let arguments: Vec<_> = arguments.into_iter().map(str::to_owned).collect();
            let found = among("cognito-desktop", &arguments);
            assert_eq!(found.as_ref().map(|link| link.as_str()), expected, "{arguments:?}");
        }
    }
}
