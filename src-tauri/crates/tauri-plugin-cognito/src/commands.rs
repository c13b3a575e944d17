//! What the window may ask for. Each command passes on and returns at once; what comes of it arrives as a snapshot.

use std::collections::BTreeMap;

use session::{
    Answer, AttemptView, BrowserWish, Challenge, ClientSecret, CodeMethod, Credentials, CustomAnswer, Fault,
    NewAccount, OneTimeCode, Password, SignInWay,
};
use tauri::{AppHandle, Manager as _, Runtime, State, command};
use zeroize::Zeroizing;

use crate::snapshot::{AuthenticatorSetUp, BrowserPage, ConnectionProblem, DemoUser, Snapshot};
use crate::{Cognito, authenticator, connection, demo, links, picture};

/// A command that cannot be carried out, for the UI's general notice. It says nothing more: whatever has a cause is
/// in the snapshot.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Refusal {
    /// The set-up is broken: there is no pool to speak to.
    NotSetUp,
    /// The development pool could not be asked.
    NoDemoUsers,
}

type Answered<T = ()> = Result<T, Refusal>;

#[command]
pub(crate) fn snapshot(cognito: State<'_, Cognito>) -> Snapshot {
    cognito.snapshot()
}

#[command]
pub(crate) fn prepare(cognito: State<'_, Cognito>) -> Answered {
    cognito.handle()?.prepare();
    Ok(())
}

#[command]
pub(crate) fn sign_in(cognito: State<'_, Cognito>, username: String, password: Option<Password>) -> Answered {
    cognito.handle()?.sign_in(Credentials { username, password });
    Ok(())
}

#[command]
pub(crate) fn sign_up(
    cognito: State<'_, Cognito>,
    username: String,
    password: Option<Password>,
    attributes: BTreeMap<String, String>,
) -> Answered {
    cognito.handle()?.sign_up(NewAccount { username, password, attributes });
    Ok(())
}

#[command]
pub(crate) fn forgot_password(cognito: State<'_, Cognito>, username: String) -> Answered {
    cognito.handle()?.forgot_password(username);
    Ok(())
}

#[command]
pub(crate) fn answer_new_password(
    cognito: State<'_, Cognito>,
    password: Password,
    attributes: BTreeMap<String, String>,
) -> Answered {
    cognito.handle()?.answer(Answer::NewPassword { password, attributes });
    Ok(())
}

#[command]
pub(crate) fn answer_code(cognito: State<'_, Cognito>, code: OneTimeCode) -> Answered {
    cognito.handle()?.answer(Answer::Code(code));
    Ok(())
}

#[command]
pub(crate) fn answer_way(cognito: State<'_, Cognito>, way: SignInWay) -> Answered {
    cognito.handle()?.answer(Answer::Way(way));
    Ok(())
}

#[command]
pub(crate) fn answer_password(cognito: State<'_, Cognito>, password: Password) -> Answered {
    cognito.handle()?.answer(Answer::Password(password));
    Ok(())
}

#[command]
pub(crate) fn answer_second_factor(cognito: State<'_, Cognito>, method: CodeMethod) -> Answered {
    cognito.handle()?.answer(Answer::SecondFactor(method));
    Ok(())
}

#[command]
pub(crate) fn answer_authenticator(
    cognito: State<'_, Cognito>,
    code: OneTimeCode,
    device: Option<String>,
) -> Answered {
    cognito.handle()?.answer(Answer::Authenticator { code, device });
    Ok(())
}

#[command]
pub(crate) fn answer_email(cognito: State<'_, Cognito>, address: String) -> Answered {
    cognito.handle()?.answer(Answer::Email(address));
    Ok(())
}

#[command]
pub(crate) fn answer_custom(cognito: State<'_, Cognito>, answer: CustomAnswer) -> Answered {
    cognito.handle()?.answer(Answer::Custom(answer));
    Ok(())
}

#[command]
pub(crate) fn answer_reset(cognito: State<'_, Cognito>, code: OneTimeCode, password: Password) -> Answered {
    cognito.handle()?.answer(Answer::NewPasswordByCode { code, password });
    Ok(())
}

#[command]
pub(crate) fn choose_again(cognito: State<'_, Cognito>) -> Answered {
    cognito.handle()?.choose_again();
    Ok(())
}

/// The one way by which the secret of an authenticator app reaches the window: while its set-up is on the screen.
#[command]
pub(crate) async fn authenticator_secret<R: Runtime>(
    app: AppHandle<R>,
) -> Answered<Option<AuthenticatorSetUp>> {
    let handle = app.state::<Cognito>().handle()?;
    let Some(secret) = handle.authenticator_secret().await else {
        return Ok(None);
    };
    let shown = match &handle.view().attempt {
        AttemptView::Challenged { challenge, .. } => Some(challenge.clone()),
        AttemptView::Deciding { challenge, .. } => challenge.clone(),
        AttemptView::Idle { .. } => None,
    };
    let Some(Challenge::SetUpAuthenticator { account }) = shown else {
        return Ok(None);
    };
    let set_up = authenticator::set_up(&secret, &authenticator::issuer(&app), &account);
    Ok(set_up.inspect_err(|error| tracing::warn!(%error, "no QR code can hold the set-up")).ok())
}

#[command]
pub(crate) fn sign_in_in_browser(
    cognito: State<'_, Cognito>,
    provider: Option<String>,
    login_hint: Option<String>,
) -> Answered {
    cognito.handle()?.sign_in_by_browser(BrowserWish { provider, login_hint });
    Ok(())
}

#[command]
pub(crate) fn open_browser_again(cognito: State<'_, Cognito>) -> Answered {
    cognito.handle()?.answer(Answer::OpenAgain);
    Ok(())
}

/// The address that the browser was sent to, for whoever opens it by hand.
#[command]
pub(crate) fn browser_link(cognito: State<'_, Cognito>) -> Option<Zeroizing<String>> {
    links::address(&cognito)
}

#[command]
pub(crate) async fn paste_link<R: Runtime>(app: AppHandle<R>, link: Zeroizing<String>) -> Result<(), Fault> {
    links::paste(&app, &link).await
}

#[command]
pub(crate) fn dismiss_link_notice<R: Runtime>(app: AppHandle<R>) {
    links::dismiss_notice(&app);
}

#[command]
pub(crate) fn dismiss_passkey_told<R: Runtime>(app: AppHandle<R>) {
    links::dismiss_passkey(&app);
}

/// The words of the page that the browser ends on, in the window's language.
#[command]
pub(crate) fn set_browser_page(cognito: State<'_, Cognito>, page: BrowserPage) {
    cognito.set_browser_page(page);
}

/// Opens the page on which a passkey is added. What comes of it is not told here: the pool knows it.
#[command]
pub(crate) async fn add_passkey<R: Runtime>(app: AppHandle<R>) -> Result<(), Fault> {
    links::add_passkey(&app).await
}

#[command]
pub(crate) fn remember_device(cognito: State<'_, Cognito>, remember: bool) -> Answered {
    cognito.handle()?.remember_device(remember);
    Ok(())
}

#[command]
pub(crate) fn resend_code(cognito: State<'_, Cognito>) -> Answered {
    cognito.handle()?.resend_code();
    Ok(())
}

#[command]
pub(crate) fn cancel(cognito: State<'_, Cognito>) -> Answered {
    cognito.handle()?.cancel();
    Ok(())
}

#[command]
pub(crate) fn sign_out(cognito: State<'_, Cognito>) -> Answered {
    cognito.handle()?.sign_out();
    Ok(())
}

#[command]
pub(crate) fn sign_out_everywhere(cognito: State<'_, Cognito>) -> Answered {
    cognito.handle()?.sign_out_everywhere();
    Ok(())
}

#[command]
pub(crate) fn retry(cognito: State<'_, Cognito>) -> Answered {
    cognito.handle()?.retry();
    Ok(())
}

#[command]
pub(crate) fn proceed_without_keychain(cognito: State<'_, Cognito>) -> Answered {
    cognito.handle()?.proceed_without_keychain();
    Ok(())
}

#[command]
pub(crate) fn wake(cognito: State<'_, Cognito>) -> Answered {
    cognito.handle()?.wake();
    Ok(())
}

#[command]
pub(crate) async fn demo_users<R: Runtime>(app: AppHandle<R>) -> Answered<Vec<DemoUser>> {
    demo::users(&app).await.map_err(|error| {
        tracing::warn!(%error, "the development pool's demo users could not be read");
        Refusal::NoDemoUsers
    })
}

#[command]
pub(crate) async fn choose_demo_client<R: Runtime>(app: AppHandle<R>, client_id: String) -> Answered {
    demo::choose_client(&app, &client_id).await.map_err(|error| {
        tracing::warn!(%error, "the development pool's client could not be changed");
        Refusal::NoDemoUsers
    })
}

#[command]
pub(crate) async fn picture<R: Runtime>(app: AppHandle<R>) -> Option<String> {
    picture::data_url(&app).await
}

#[command]
pub(crate) async fn connect<R: Runtime>(
    app: AppHandle<R>,
    pool: String,
    client_id: String,
    client_secret: Option<ClientSecret>,
) -> Result<(), ConnectionProblem> {
    connection::connect(&app, &pool, &client_id, client_secret).await
}

#[command]
pub(crate) async fn disconnect<R: Runtime>(app: AppHandle<R>) -> Result<(), ConnectionProblem> {
    connection::disconnect(&app).await
}

/// Has the system ask the user to unlock the keychain. With `go_on` what is in it is read again, unless somebody is
/// signed in.
#[command]
pub(crate) async fn unlock<R: Runtime>(app: AppHandle<R>, go_on: bool) -> Result<(), ConnectionProblem> {
    connection::unlock(&app, go_on).await
}
