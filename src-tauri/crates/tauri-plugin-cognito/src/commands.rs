//! What the window may ask for. Each command passes on and returns at once; what comes of it arrives as a snapshot.

use std::collections::BTreeMap;

use session::{Answer, ClientSecret, Credentials, OneTimeCode, Password};
use tauri::{AppHandle, Runtime, State, command};

use crate::snapshot::{ConnectionProblem, DemoUser, Snapshot};
use crate::{Cognito, connection, demo, picture};

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
pub(crate) fn sign_in(cognito: State<'_, Cognito>, username: String, password: Password) -> Answered {
    cognito.handle()?.sign_in(Credentials { username, password });
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
