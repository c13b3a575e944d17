//! The app's own links, and whether the system brings them here.
//!
//! It is looked at before each sign-in that would come back by one, and changed only where nobody opens these links, or
//! where it was this program, by a registration of its own that has become stale. What another program has registered
//! is left alone.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(windows, test))]
mod windows;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tauri::{AppHandle, Runtime};

/// The system's own programs are asked, which may hang. The sign-in then goes another way.
const PATIENCE: Duration = Duration::from_secs(8);

/// They have not answered in this run, and are not asked again.
static SILENT: AtomicBool = AtomicBool::new(false);

/// Who opens the app's links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opener {
    /// This program, and it is given the link.
    ThisProgram,
    /// A registration of this program's own that does not lead to it any more.
    Stale,
    /// Nobody.
    Nobody,
    /// Another program, another copy of this one included.
    Other,
}

/// Whether a link comes back to this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Links {
    /// It does.
    Work,
    /// It goes to another program, or to none on a system where programs are registered when they are installed.
    GoElsewhere,
    /// Nobody opens it, and it could not be registered, in the system's words.
    NotRegistered(String),
}

/// The scheme of the app's links: the first that the configuration of `tauri-plugin-deep-link` has.
pub(crate) fn of<R: Runtime>(app: &AppHandle<R>) -> Option<String> {
    let desktop = app.config().plugins.0.get("deep-link")?.get("desktop")?;
    let first = desktop.as_array().map_or(Some(desktop), |all| all.first())?;
    first.get("schemes")?.get(0)?.as_str().map(str::to_owned)
}

/// Looks whether the app's links come here, and registers them where that is called for.
pub(crate) async fn prepare<R: Runtime>(app: &AppHandle<R>, scheme: &str) -> Links {
    const REASON: &str = "the system does not answer";
    if SILENT.load(Ordering::Relaxed) {
        return Links::NotRegistered(REASON.to_owned());
    }
    let (app, scheme) = (app.clone(), scheme.to_owned());
    let looking = tauri::async_runtime::spawn_blocking(move || look(&app, &scheme));
    match tokio::time::timeout(PATIENCE, looking).await {
        Ok(Ok(links)) => links,
        Ok(Err(error)) => Links::NotRegistered(error.to_string()),
        Err(_) => {
            SILENT.store(true, Ordering::Relaxed);
            Links::NotRegistered(REASON.to_owned())
        }
    }
}

#[cfg(target_os = "linux")]
fn look<R: Runtime>(app: &AppHandle<R>, scheme: &str) -> Links {
    let system = match linux::System::of(app) {
        Ok(system) => system,
        Err(reason) => return Links::NotRegistered(reason),
    };
    decide(|| system.opener(scheme), || register(app, scheme).and_then(|()| system.simplify()))
}

#[cfg(windows)]
fn look<R: Runtime>(app: &AppHandle<R>, scheme: &str) -> Links {
    decide(|| windows::opener(scheme), || register(app, scheme))
}

/// The bundle says it, and there is no registering at run time.
#[cfg(target_os = "macos")]
fn look<R: Runtime>(_app: &AppHandle<R>, _scheme: &str) -> Links {
    if macos::is_bundled() { Links::Work } else { Links::GoElsewhere }
}

#[cfg(not(target_os = "macos"))]
fn decide(
    opener: impl Fn() -> Result<Opener, String>,
    register: impl FnOnce() -> Result<(), String>,
) -> Links {
    match opener() {
        Ok(Opener::ThisProgram) => return Links::Work,
        Ok(Opener::Other) => return Links::GoElsewhere,
        Ok(Opener::Nobody | Opener::Stale) => {}
        Err(reason) => return Links::NotRegistered(reason),
    }
    // What was registered is looked at, not believed.
    match register().and_then(|()| opener()) {
        Ok(Opener::ThisProgram) => {
            tracing::info!("the app's links are registered");
            Links::Work
        }
        Ok(opener) => Links::NotRegistered(format!("registering them has changed nothing ({opener:?})")),
        Err(reason) => Links::NotRegistered(reason),
    }
}

#[cfg(not(target_os = "macos"))]
fn register<R: Runtime>(app: &AppHandle<R>, scheme: &str) -> Result<(), String> {
    use tauri::Manager as _;
    use tauri_plugin_deep_link::DeepLink;

    let links = app.try_state::<DeepLink<R>>().ok_or("the app has no tauri-plugin-deep-link")?;
    links.register(scheme).map_err(|error| error.to_string())
}
