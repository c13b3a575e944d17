//! Sign in to an Amazon Cognito user pool natively and stay signed in, for any Tauri 2 app.
//!
//! ```no_run
//! tauri::Builder::default().plugin(tauri_plugin_cognito::init());
//! ```
//!
//! The window asks through the commands in `permissions/` and is told through one event, [`EVENT`]. Rust code in
//! the same process gets access tokens by [`CognitoExt::cognito`] and [`Cognito::access_token`]. No token ever
//! reaches the web view.

mod account;
mod authenticator;
mod commands;
mod configuration;
mod connection;
mod demo;
mod desktop;
pub mod keychain;
mod links;
mod opening;
mod picture;
mod scheme;
mod snapshot;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use cognito::browser::{Browser, Page};
use cognito::{Client, DeviceStore, Http, PoolSettings, SharedClientSecret};
use desktop::ThisDesktop;
use keychain::{EntryLimit, Keychain};
use session::{AccessToken, Handle, PoolClock, SessionView, TokenError};
use tauri::plugin::{Builder, TauriPlugin};
use tauri::{AppHandle, Emitter, Manager, RunEvent, Runtime};

pub use snapshot::{
    AccountProblem, AuthFlow, AuthenticatorSetUp, BrowserOffer, BrowserPage, ConnectionField,
    ConnectionProblem, DemoUser, LinkNotice, PageWords, PasskeyReturn, PasswordPolicy, Provider, QrCode,
    SecretPlace, SettingFault, SettingProblem, Setup, SetupWarning, Snapshot, Source,
};

/// The one event: its payload is a [`Snapshot`].
pub const EVENT: &str = "cognito://snapshot";

/// The development pool's issuer as `cargo xtask dev` starts it, and the client that the window begins with.
const DEVELOPMENT: (&str, &str) = ("http://127.0.0.1:9229/us-east-1_DevPool", "devdesktop");

/// Quitting waits this long for a session that is still being written.
const QUIT_PATIENCE: Duration = Duration::from_secs(3);

/// Signing in and staying signed in, for the rest of the app.
pub struct Cognito {
    state: RwLock<Arc<State>>,
    /// Held while a pool is being connected or forgotten.
    connecting: tokio::sync::Mutex<()>,
    compiled_in: serde_json::Value,
    /// The development pool's client that was chosen last.
    development: RwLock<configuration::Development>,
    panicked: AtomicBool,
    log_folder: Option<String>,
    told: Mutex<links::Told>,
    /// The words of the page that the browser ends on; the window has them.
    browser_page: RwLock<Page>,
}

/// The set-up, and what runs on it.
struct State {
    setup: Setup,
    running: Option<Running>,
}

impl State {
    /// The set-up, with what has become of a client secret that is in the keychain.
    fn setup(&self) -> Setup {
        let mut setup = self.setup.clone();
        if let (Setup::Ready { client_secret, .. }, Some(running)) = (&mut setup, &self.running)
            && let Some(secret) = &running.secret_in_keychain
        {
            *client_secret = if secret.get().is_some() {
                SecretPlace::Keychain
            } else if running.keychain.misses_client_secret() {
                SecretPlace::KeychainMissing
            } else {
                SecretPlace::KeychainUnread
            };
        }
        setup
    }
}

struct Running {
    handle: Handle,
    client: Arc<Client>,
    http: Http,
    keychain: Arc<Keychain>,
    /// What the client secret is read into, where it is in the keychain.
    secret_in_keychain: Option<SharedClientSecret>,
}

impl Cognito {
    /// Everything the window shows, now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let state = self.state();
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let mut setup = state.setup();
        if let Setup::Ready { warnings, .. } = &mut setup {
            warnings.extend(told.warning());
        }
        Snapshot {
            setup,
            view: state.running.as_ref().map(|running| (*running.handle.view()).clone()),
            panicked: self.panicked.load(Ordering::Relaxed),
            log_folder: self.log_folder.clone(),
            link_notice: told.notice,
            passkey: told.passkey,
        }
    }

    /// An access token that is good now, renewed first where that is needed.
    ///
    /// # Errors
    /// [`TokenError`] says why there is none: nobody is signed in, it is not known yet, or the renewal failed.
    pub async fn access_token(&self) -> Result<AccessToken, TokenError> {
        match self.handle() {
            Ok(handle) => handle.access_token().await,
            Err(_) => Err(TokenError::SignedOut),
        }
    }

    /// Waits until it is known whether somebody is signed in, or why that cannot be known.
    pub async fn settled(&self) {
        let Ok(handle) = self.handle() else { return };
        let mut views = handle.subscribe();
        // An error means that the driver has stopped, which is as settled as it gets.
        let _ = views.wait_for(|view| view.session != SessionView::Restoring).await;
    }

    fn handle(&self) -> Result<Handle, commands::Refusal> {
        let state = self.state();
        state.running.as_ref().map(|running| running.handle.clone()).ok_or(commands::Refusal::NotSetUp)
    }

    fn browser_page(&self) -> Page {
        self.browser_page.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_browser_page(&self, page: BrowserPage) {
        if !page.is_reasonable() {
            tracing::warn!("words for the browser's last page that are too long are not taken");
            return;
        }
        *self.browser_page.write().unwrap_or_else(PoisonError::into_inner) = page.into();
    }

    fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reaches [`Cognito`] from anything that knows the app.
pub trait CognitoExt<R: Runtime> {
    /// Signing in and staying signed in.
    fn cognito(&self) -> &Cognito;

    /// Tells the window that a part of the backend has panicked. Safe to call from a panic hook.
    fn note_panic(&self);

    /// The app was started once more: `arguments` are those of that process, without the program's name. It comes
    /// forward, or takes the link that it was started for. The link that this process was started for is taken by
    /// itself.
    fn started_again(&self, arguments: &[String]);
}

impl<R: Runtime, M: Manager<R> + Emitter<R>> CognitoExt<R> for M {
    fn cognito(&self) -> &Cognito {
        self.state::<Cognito>().inner()
    }

    fn note_panic(&self) {
        if let Some(cognito) = self.try_state::<Cognito>() {
            cognito.panicked.store(true, Ordering::Relaxed);
            publish(self.app_handle());
        }
    }

    fn started_again(&self, arguments: &[String]) {
        let app = self.app_handle();
        let link = scheme::of(app).and_then(|scheme| links::among(&scheme, arguments));
        match link {
            Some(link) => links::came(app, link),
            None => links::bring_forward(app),
        }
    }
}

/// The plugin. Its settings are read as the README says; nothing about them can keep the app from starting.
#[must_use]
pub fn init<R: Runtime>() -> TauriPlugin<R, serde_json::Value> {
    Builder::<R, serde_json::Value>::new("cognito")
        .invoke_handler(tauri::generate_handler![
            commands::snapshot,
            commands::prepare,
            commands::sign_in,
            commands::answer_new_password,
            commands::answer_code,
            commands::sign_up,
            commands::forgot_password,
            commands::answer_way,
            commands::answer_password,
            commands::answer_second_factor,
            commands::answer_authenticator,
            commands::answer_email,
            commands::answer_custom,
            commands::answer_reset,
            commands::choose_again,
            commands::authenticator_secret,
            commands::sign_in_in_browser,
            commands::open_browser_again,
            commands::browser_link,
            commands::paste_link,
            commands::dismiss_link_notice,
            commands::dismiss_passkey_told,
            commands::set_browser_page,
            commands::add_passkey,
            commands::remember_device,
            commands::resend_code,
            commands::cancel,
            commands::sign_out,
            commands::sign_out_everywhere,
            commands::retry,
            commands::proceed_without_keychain,
            commands::wake,
            commands::demo_users,
            commands::choose_demo_client,
            commands::picture,
            commands::connect,
            commands::disconnect,
            commands::unlock,
            account::account,
            account::change_attributes,
            account::delete_attributes,
            account::send_attribute_code,
            account::verify_attribute,
            account::change_password,
            account::begin_authenticator,
            account::confirm_authenticator,
            account::enable_second_factor,
            account::disable_second_factor,
            account::prefer_second_factor,
            account::devices,
            account::forget_device,
            account::passkeys,
            account::delete_passkey,
            account::sessions,
            account::revoke_session,
            account::delete_account,
            account::prove_presence,
        ])
        .setup(|app, api| {
            let log_folder = app.path().app_log_dir().ok().map(|path| path.display().to_string());
            let development = demo::first_client();
            app.manage(Cognito {
                state: RwLock::new(Arc::new(set_up(app, api.config(), development.clone()))),
                development: RwLock::new(development),
                connecting: tokio::sync::Mutex::default(),
                compiled_in: api.config().clone(),
                panicked: AtomicBool::new(false),
                log_folder,
                told: Mutex::default(),
                browser_page: RwLock::default(),
            });
            forward(app);
            app.started_again(&arguments());
            Ok(())
        })
        .on_event(|app, event| {
            #[cfg(target_os = "macos")]
            if let RunEvent::Opened { urls } = event {
                for url in urls {
                    app.started_again(&[url.to_string()]);
                }
            }
            if matches!(event, RunEvent::Exit)
                && let Ok(handle) = app.cognito().handle()
            {
                let saved = tauri::async_runtime::block_on(async {
                    tokio::time::timeout(QUIT_PATIENCE, handle.shutdown()).await
                });
                if saved.is_err() {
                    tracing::warn!("quit while the keychain had not answered yet");
                }
            }
        })
        .build()
}

/// The arguments of this process, without the program's name. One that is no text is no link.
fn arguments() -> Vec<String> {
    std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect()
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The config file's path, if the platform has a folder for it.
fn config_file<R: Runtime>(app: &AppHandle<R>) -> Option<PathBuf> {
    app.path().app_config_dir().ok().map(|folder| folder.join("cognito.json"))
}

/// Reads the configuration and, where it can be worked with, starts the driver.
fn set_up<R: Runtime>(
    app: &AppHandle<R>,
    compiled_in: &serde_json::Value,
    development: configuration::Development,
) -> State {
    let config_file = config_file(app);
    let scheme = scheme::of(app);
    let sources = configuration::Sources {
        environment: &environment,
        config_file: config_file.as_deref(),
        compiled_in,
        development: tauri::is_dev().then_some(development),
        scheme: scheme.as_deref(),
    };
    let http = Http::from_environment(&environment).map_err(configuration::http_fault);
    match (configuration::read(&sources), http) {
        (Ok(configuration), Ok(http)) => {
            for warning in &configuration.warnings {
                // Not the value: somebody may have put a secret in the wrong place.
                if let SetupWarning::Setting { fault } = warning {
                    tracing::warn!(setting = fault.setting, problem = ?fault.problem, "a setting is left out");
                }
            }
            State { setup: configuration.view(), running: Some(run(app, configuration, http)) }
        }
        (configuration, http) => {
            let faults = configuration.err().unwrap_or_default();
            let (faults, connectable) = configuration::broken(&sources, faults, http.err());
            for fault in &faults {
                tracing::error!(setting = fault.setting, problem = ?fault.problem, "the set-up cannot be used");
            }
            let begun = config_file.as_deref().filter(|_| connectable).map(configuration::begun_in);
            let (issuer, client_id) = begun.unwrap_or_default();
            let config_file = config_file.map(|path| path.display().to_string());
            let setup = Setup::Broken { faults, config_file, connectable, issuer, client_id };
            State { setup, running: None }
        }
    }
}

/// Reads the configuration again and goes on with what it says now.
async fn set_up_anew<R: Runtime>(app: &AppHandle<R>) {
    let cognito = app.cognito();
    let development = cognito.development.read().unwrap_or_else(PoisonError::into_inner).clone();
    switch_to(app, set_up(app, &cognito.compiled_in, development)).await;
}

/// The keychain for the sessions of one pool and client.
fn keychain_of<R: Runtime>(app: &AppHandle<R>, settings: &PoolSettings) -> Keychain {
    keychain(app, settings.issuer().as_str(), settings.client_id())
}

fn keychain<R: Runtime>(app: &AppHandle<R>, issuer: &str, client_id: &str) -> Keychain {
    // Development and production never meet in one keychain entry.
    let mut service = app.config().identifier.clone();
    if tauri::is_dev() {
        service.push_str(".dev");
    }
    let limit = EntryLimit::of_this_platform();
    let keychain = Keychain::new(&service, issuer, client_id, limit);
    // Where the platform has no folder for it, nothing is noted.
    match app.path().app_local_data_dir() {
        Ok(folder) => keychain.with_marks(folder.join("signed-out")),
        Err(_) => keychain,
    }
}

fn run<R: Runtime>(app: &AppHandle<R>, configuration: configuration::Configuration, http: Http) -> Running {
    let overridden = configuration.endpoint_override.is_some();
    let secret_in_keychain = configuration.secret_in_keychain.then(SharedClientSecret::default);
    let mut settings = configuration.settings;
    let mut keychain = keychain_of(app, &settings);
    if let Some(secret) = &secret_in_keychain {
        keychain = keychain.with_client_secret(secret.clone());
        settings = settings.with_shared_secret(secret.clone());
    }
    let keychain = Arc::new(keychain);
    tracing::info!(
        issuer = settings.issuer().as_str(),
        client = settings.client_id(),
        overridden,
        keychain = Keychain::describe(),
        "starting"
    );
    let clock = Arc::new(PoolClock::new());
    let devices: Arc<dyn DeviceStore> = Arc::<Keychain>::clone(&keychain);
    let browser = configuration
        .browser
        .map(|browser| Browser::new(settings.clone(), browser, http.clone(), Arc::clone(&clock)));
    let desktop = Arc::new(ThisDesktop::new(app.clone(), Arc::clone(&keychain)));
    let mut client =
        Client::new(settings, http.clone(), Arc::clone(&clock)).with_devices(devices, host_name());
    if let Some(browser) = browser {
        client = client.with_browser(browser, Arc::<ThisDesktop<R>>::clone(&desktop));
    }
    let client = Arc::new(client);
    desktop.belongs_to(&client);
    let handle = {
        // Plugins are set up outside the runtime; the driver spawns itself on it.
        let _runtime = tauri::async_runtime::handle().inner().enter();
        session::start(Arc::clone(&client), Arc::clone(&keychain), clock)
    };
    Running { handle, client, http, keychain, secret_in_keychain }
}

/// What the user finds this machine by in a list of devices.
fn host_name() -> Option<String> {
    gethostname::gethostname().into_string().ok().filter(|name| !name.trim().is_empty())
}

/// Puts another set-up in place of the one that is in force, whose driver is ended.
async fn switch_to<R: Runtime>(app: &AppHandle<R>, state: State) {
    let cognito = app.cognito();
    let before = {
        let mut present = cognito.state.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *present, Arc::new(state))
    };
    if let Some(running) = &before.running {
        // Whoever waits for the browser on its behalf is let go.
        running.handle.cancel();
        running.handle.shutdown().await;
    }
    forward(app);
    publish(app);
}

/// Sends a snapshot to the window whenever something has changed.
fn forward<R: Runtime>(app: &AppHandle<R>) {
    let Ok(handle) = app.cognito().handle() else {
        return;
    };
    let mut views = handle.subscribe();
    // What it is to end with must not be kept alive by it.
    drop(handle);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        while views.changed().await.is_ok() {
            views.borrow_and_update();
            publish(&app);
        }
    });
}

fn publish<R: Runtime>(app: &AppHandle<R>) {
    if let Err(error) = app.emit(EVENT, app.cognito().snapshot()) {
        tracing::warn!(%error, "the window could not be told of a change");
    }
}
