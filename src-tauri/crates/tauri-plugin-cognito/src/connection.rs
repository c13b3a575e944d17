//! Connecting to a pool from the window, and forgetting it: checked first, then the client secret into the keychain,
//! then issuer and client id into the config file, then the driver starts on it.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use cognito::{ConnectionFault, ConnectionPart, Http, Issuer, PoolSettings, check_connection};
use serde_json::{Map, Value};
use session::{ClientSecret, SessionView, VaultFault};
use tauri::{AppHandle, Runtime};

use crate::configuration::{
    SECRET_IN_KEYCHAIN, endpoint_of, http_fault, is_client_id, is_client_secret, issuer_problem,
    settings_fault, without_mark,
};
use crate::keychain::Keychain;
use crate::snapshot::{ConnectionField, ConnectionProblem, SettingProblem, Setup, Source};
use crate::{CognitoExt, State, config_file, keychain, keychain_of, set_up_anew};

/// Connects, as the command of the same name.
///
/// # Errors
/// Why not, as a [`ConnectionProblem`]; then nothing was saved.
pub(crate) async fn connect<R: Runtime>(
    app: &AppHandle<R>,
    pool: &str,
    client_id: &str,
    client_secret: Option<ClientSecret>,
) -> Result<(), ConnectionProblem> {
    let cognito = app.cognito();
    // One after the other: two at once would each save a half.
    let _turn = cognito.connecting.lock().await;
    let state = cognito.state();
    let file = config_file(app).filter(|_| is_here(&state)).ok_or(ConnectionProblem::NotHere)?;
    let settings = settings(pool.trim(), client_id.trim(), client_secret.as_ref())?;
    let http = match &state.running {
        Some(running) => running.http.clone(),
        None => http(&crate::environment)?,
    };
    check_connection(&settings, &http).await.map_err(|fault| problem_of(fault, &settings))?;

    save(&file, &settings, client_secret, &keychain_of(app, &settings)).await?;
    tracing::info!(issuer = settings.issuer().as_str(), client = settings.client_id(), "connected");
    set_up_anew(app).await;
    Ok(())
}

/// Saves what was checked: all of it or nothing.
async fn save(
    file: &Path,
    settings: &PoolSettings,
    client_secret: Option<ClientSecret>,
    keychain: &impl SecretKeeper,
) -> Result<(), ConnectionProblem> {
    let mut earlier = None;
    if let Some(secret) = &client_secret {
        earlier = keychain.kept().await.map_err(not_kept)?;
        keychain.keep(secret.clone()).await.map_err(not_kept)?;
    }
    let saved = change_file(file, |values| {
        values.insert("issuer".to_owned(), Value::from(settings.issuer().as_str()));
        values.insert("clientId".to_owned(), Value::from(settings.client_id()));
        // Whatever secret stood there was another connection's.
        values.remove("clientSecret");
        match &client_secret {
            Some(_) => values.insert(SECRET_IN_KEYCHAIN.0.to_owned(), Value::from(SECRET_IN_KEYCHAIN.1)),
            None => values.remove(SECRET_IN_KEYCHAIN.0),
        };
    });
    let unneeded = match (&saved, client_secret, earlier) {
        (Ok(()), Some(_), _) => return Ok(()),
        // One that was kept for this client earlier is of no use.
        (Ok(()), None, _) => keychain.forget().await,
        (Err(_), Some(_), Some(earlier)) => keychain.keep(earlier).await,
        (Err(_), Some(_), None) => keychain.forget().await,
        (Err(_), None, _) => Ok(()),
    };
    // A secret that nothing leads to does no harm.
    if let Err(fault) = unneeded {
        tracing::debug!(?fault, "a client secret that is not needed was left where it is");
    }
    saved.map_err(|error| not_saved(file, &error))
}

/// What keeps the secret of the client that is connected.
trait SecretKeeper {
    fn kept(&self) -> impl Future<Output = Result<Option<ClientSecret>, VaultFault>> + Send;
    fn keep(&self, secret: ClientSecret) -> impl Future<Output = Result<(), VaultFault>> + Send;
    fn forget(&self) -> impl Future<Output = Result<(), VaultFault>> + Send;
}

impl SecretKeeper for Keychain {
    async fn kept(&self) -> Result<Option<ClientSecret>, VaultFault> {
        self.client_secret().await
    }

    async fn keep(&self, secret: ClientSecret) -> Result<(), VaultFault> {
        self.keep_client_secret(secret).await
    }

    async fn forget(&self) -> Result<(), VaultFault> {
        self.forget_client_secret().await
    }
}

/// Forgets the pool that was connected to, as the command of the same name.
///
/// # Errors
/// Why not, as a [`ConnectionProblem`].
pub(crate) async fn disconnect<R: Runtime>(app: &AppHandle<R>) -> Result<(), ConnectionProblem> {
    let cognito = app.cognito();
    let _turn = cognito.connecting.lock().await;
    let state = cognito.state();
    let file = config_file(app).filter(|_| is_here(&state)).ok_or(ConnectionProblem::NotHere)?;
    let Some(running) = &state.running else {
        return Err(ConnectionProblem::NotHere);
    };
    if running.secret_in_keychain.is_some() {
        running.keychain.forget_client_secret().await.map_err(not_kept)?;
    }
    // A sign-in that waits for the browser is of no use any more.
    if let Err(fault) = running.keychain.keep_pending(None).await {
        tracing::debug!(?fault, "a sign-in through the browser was left where it is");
    }
    let saved = change_file(&file, |values| {
        for key in ["issuer", "clientId", "clientSecret", SECRET_IN_KEYCHAIN.0] {
            values.remove(key);
        }
    });
    saved.map_err(|error| not_saved(&file, &error))?;
    tracing::info!("the pool is forgotten");
    set_up_anew(app).await;
    Ok(())
}

/// Unlocks the keychain, as the command of the same name.
///
/// # Errors
/// Why not, as a [`ConnectionProblem`].
pub(crate) async fn unlock<R: Runtime>(app: &AppHandle<R>, go_on: bool) -> Result<(), ConnectionProblem> {
    let cognito = app.cognito();
    let _turn = cognito.connecting.lock().await;
    let state = cognito.state();
    let unlocked = match &state.running {
        Some(running) => running.keychain.unlock().await,
        // The lock is the same for every pool's entries.
        None => keychain(app, "", "").unlock().await,
    };
    unlocked.map_err(|fault| ConnectionProblem::NotUnlocked { cause: fault.into() })?;
    let signed_out = state
        .running
        .as_ref()
        .is_some_and(|running| matches!(running.handle.view().session, SessionView::SignedOut { .. }));
    if go_on && signed_out {
        // The session and the client secret that could not be read are looked for again.
        set_up_anew(app).await;
    }
    Ok(())
}

/// Whether the window may choose the pool: nobody is signed in, and nothing stronger than the config file sets one.
fn is_here(state: &State) -> bool {
    match (&state.setup, &state.running) {
        (Setup::Broken { connectable, .. }, _) => *connectable,
        (Setup::Ready { source: Source::ConfigFile, .. }, Some(running)) => {
            matches!(running.handle.view().session, SessionView::SignedOut { .. })
        }
        _ => false,
    }
}

fn http(environment: &dyn Fn(&str) -> Option<String>) -> Result<Http, ConnectionProblem> {
    Http::from_environment(environment)
        .map_err(|problem| ConnectionProblem::Setting { fault: http_fault(problem) })
}

fn settings(
    pool: &str,
    client_id: &str,
    secret: Option<&ClientSecret>,
) -> Result<PoolSettings, ConnectionProblem> {
    let form = |field, problem| ConnectionProblem::Form { field, problem };
    let endpoint = endpoint_of(&crate::environment);
    let pool = pool_in(pool).ok_or_else(|| form(ConnectionField::Pool, SettingProblem::NoPoolId))?;
    let issuer = if pool.is_empty() {
        return Err(form(ConnectionField::Pool, SettingProblem::Missing));
    } else if pool.contains("://") {
        if endpoint.is_some() { Issuer::parse_for_endpoint(&pool) } else { Issuer::parse(&pool) }
    } else {
        Issuer::from_pool_id(&pool)
    };
    let issuer = issuer.map_err(|problem| form(ConnectionField::Pool, issuer_problem(problem)))?;
    if client_id.is_empty() {
        return Err(form(ConnectionField::ClientId, SettingProblem::Missing));
    }
    if !is_client_id(client_id) {
        return Err(form(ConnectionField::ClientId, SettingProblem::ClientIdForm));
    }
    if let Some(secret) = secret
        && !is_client_secret(secret.expose())
    {
        return Err(form(ConnectionField::ClientSecret, SettingProblem::ClientSecretForm));
    }
    PoolSettings::new(issuer, client_id.to_owned(), secret.cloned(), endpoint)
        .map_err(|problem| form(ConnectionField::Pool, settings_fault(problem).problem))
}

/// The pool in what people copy: its id or its issuer, the URL of one of its documents (OpenID Connect Discovery 1.0,
/// section 4), or its name among all resources (IAM User Guide, "Amazon Resource Names"). None in the name of something
/// else.
fn pool_in(text: &str) -> Option<String> {
    let text = if text.starts_with("arn:") { text.split_once(":userpool/")?.1 } else { text };
    let text = text.split_once("/.well-known/").map_or(text, |(before, _)| before);
    let text = text.trim_end_matches('/');
    let (host, id) = text.rfind('/').map_or(("", text), |slash| text.split_at(slash + 1));
    Some(match id.split_once('_') {
        // Only the name is told by capitals.
        Some((region, name)) => format!("{host}{}_{name}", region.to_ascii_lowercase()),
        None => text.to_owned(),
    })
}

fn problem_of(fault: ConnectionFault, settings: &PoolSettings) -> ConnectionProblem {
    match fault {
        ConnectionFault::OtherIssuer { issuer } => ConnectionProblem::OtherIssuer { issuer },
        ConnectionFault::Refused { part, fault } => {
            let host = url::Url::parse(settings.endpoint());
            let host = host.ok().and_then(|url| url.host_str().map(str::to_owned));
            ConnectionProblem::Pool {
                field: match part {
                    ConnectionPart::Way => None,
                    ConnectionPart::Pool => Some(ConnectionField::Pool),
                    ConnectionPart::Client => Some(ConnectionField::ClientId),
                    ConnectionPart::Secret => Some(ConnectionField::ClientSecret),
                },
                fault,
                host: host.unwrap_or_default(),
            }
        }
    }
}

fn not_kept(fault: VaultFault) -> ConnectionProblem {
    ConnectionProblem::SecretNotKept { cause: fault.into() }
}

fn not_saved(file: &Path, error: &io::Error) -> ConnectionProblem {
    tracing::error!(%error, "the config file was not written");
    ConnectionProblem::NotSaved { path: file.display().to_string(), reason: error.to_string() }
}

/// Changes the config file, whole or not at all. Settings that this does not know stay as they are.
fn change_file(file: &Path, change: impl FnOnce(&mut Map<String, Value>)) -> io::Result<()> {
    let file = &target_of(file);
    let mut values = match fs::read_to_string(file) {
        Ok(text) => serde_json::from_str::<Map<String, Value>>(without_mark(&text))
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Map::new(),
        Err(error) => return Err(error),
    };
    change(&mut values);
    let folder = file.parent().ok_or(io::ErrorKind::NotFound)?;
    make_folder(folder)?;
    let fresh = file.with_extension("json.new");
    let written = write_whole(&fresh, &serde_json::to_vec_pretty(&values)?);
    let replaced = written.and_then(|()| keep_mode(file, &fresh)).and_then(|()| fs::rename(&fresh, file));
    if replaced.is_err() {
        // What is left of it would only be in the way.
        let _ = fs::remove_file(&fresh);
    }
    replaced
}

/// The file itself, where its name is a link to it.
fn target_of(file: &Path) -> PathBuf {
    if let Ok(target) = fs::canonicalize(file) {
        return target;
    }
    // The link may be there before what it leads to.
    let link = fs::read_link(file).ok();
    link.zip(file.parent()).map_or_else(|| file.to_owned(), |(link, folder)| folder.join(link))
}

/// Whoever may read the file that is replaced may read the new one, and nobody else.
fn keep_mode(file: &Path, fresh: &Path) -> io::Result<()> {
    match fs::metadata(file) {
        Ok(before) => fs::set_permissions(fresh, before.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut out = File::create(file)?;
    out.write_all(bytes)?;
    out.write_all(b"\n")?;
    out.sync_all()
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn the_file_keeps_what_it_had_and_is_replaced_whole() {
        let folder = std::env::temp_dir().join(format!("connection-{}", std::process::id()));
        let file = folder.join("deep/cognito.json");
        change_file(&file, |values| drop(values.insert("issuer".to_owned(), Value::from("one")))).unwrap();
        fs::write(&file, r#"{ "issuer": "one", "passwordPolicy": { "minimumLength": 8 } }"#).unwrap();
        change_file(&file, |values| drop(values.insert("issuer".to_owned(), Value::from("two")))).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains("two") && text.contains("minimumLength") && !text.contains("one"), "{text}");
        let names: Vec<_> = fs::read_dir(file.parent().unwrap()).unwrap().flatten().collect();
        assert_eq!(names.len(), 1, "nothing else is left: {names:?}");

        // One that makes no sense is not written over: somebody has something in it.
        fs::write(&file, "{ issuer: ").unwrap();
        let refused = change_file(&file, |_| {});
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(fs::read_to_string(&file).unwrap(), "{ issuer: ");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_the_file_keeps_its_mode() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = std::env::temp_dir().join(format!("connection-link-{}", std::process::id()));
        let (link, elsewhere) = (folder.join("cognito.json"), folder.join("elsewhere/real.json"));
        fs::create_dir_all(elsewhere.parent().unwrap()).unwrap();
        // One that leads nowhere yet, relative to its folder.
        symlink("elsewhere/real.json", &link).unwrap();
        change_file(&link, |values| drop(values.insert("issuer".to_owned(), Value::from("one")))).unwrap();
        assert!(fs::read_to_string(&elsewhere).unwrap().contains("one"));

        // With the byte order mark that some editors begin a file with.
        fs::write(&elsewhere, "\u{feff}{ \"issuer\": \"one\" }").unwrap();
        fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o600)).unwrap();
        change_file(&link, |values| drop(values.insert("issuer".to_owned(), Value::from("two")))).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read_to_string(&elsewhere).unwrap().contains("two"));
        assert_eq!(fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = std::env::temp_dir().join(format!("connection-mode-{}", std::process::id()));
        change_file(&folder.join("cognito.json"), |_| {}).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[derive(Default)]
    struct Keeper(Mutex<Option<ClientSecret>>);

    impl SecretKeeper for Keeper {
        async fn kept(&self) -> Result<Option<ClientSecret>, VaultFault> {
            Ok(self.0.lock().unwrap().clone())
        }

        async fn keep(&self, secret: ClientSecret) -> Result<(), VaultFault> {
            *self.0.lock().unwrap() = Some(secret);
            Ok(())
        }

        async fn forget(&self) -> Result<(), VaultFault> {
            *self.0.lock().unwrap() = None;
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_secret_is_kept_only_with_the_file_that_leads_to_it() {
        let folder = std::env::temp_dir().join(format!("connection-secret-{}", std::process::id()));
        let file = folder.join("cognito.json");
        let settings = settings("eu-west-1_AbC123456", "client1", None).unwrap();
        let keeper = Keeper::default();
        let kept = || keeper.0.lock().unwrap().as_ref().map(|secret| secret.expose().to_owned());
        let save = |secret: &str| save(&file, &settings, Some(ClientSecret::new(secret)), &keeper);

        // Something is in the way of the file.
        fs::create_dir_all(&file).unwrap();
        assert!(matches!(save("first").await, Err(ConnectionProblem::NotSaved { .. })));
        assert_eq!(kept(), None);

        fs::remove_dir(&file).unwrap();
        save("first").await.unwrap();
        assert_eq!(kept().as_deref(), Some("first"));
        fs::write(&file, "{ issuer: ").unwrap();
        assert!(matches!(save("second").await, Err(ConnectionProblem::NotSaved { .. })));
        assert_eq!(kept().as_deref(), Some("first"), "the earlier one is back");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_pool_is_taken_out_of_what_people_copy() {
        let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123456";
        for pasted in [
            "eu-west-1_AbC123456",
            "EU-WEST-1_AbC123456",
            issuer,
            "https://cognito-idp.eu-west-1.amazonaws.com/EU-WEST-1_AbC123456/",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123456/.well-known/openid-configuration",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123456/.well-known/jwks.json",
            "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbC123456",
        ] {
            let read = settings(pasted, "client1", None).unwrap();
            assert_eq!(read.issuer().as_str(), issuer, "{pasted}");
        }
        let other = settings("arn:aws:iam::123456789012:role/eu-west-1_AbC123456", "client1", None);
        let problem = SettingProblem::NoPoolId;
        assert_eq!(other.err(), Some(ConnectionProblem::Form { field: ConnectionField::Pool, problem }));
    }

    #[test]
    fn a_way_to_the_pool_that_cannot_be_used_is_told_by_its_setting() {
        let environment = |name: &str| (name == "HTTPS_PROXY").then(|| "not a proxy".to_owned());
        let Err(ConnectionProblem::Setting { fault }) = http(&environment) else {
            panic!("there is no such proxy");
        };
        assert_eq!((fault.setting.as_str(), fault.problem), ("HTTPS_PROXY", SettingProblem::ProxyForm));
        assert!(http(&|_| None).is_ok());
    }

    #[test]
    fn what_cannot_be_is_told_at_its_field_before_anybody_is_asked() {
        let problem = |pool: &str, client: &str, secret: Option<&str>| {
            settings(pool, client, secret.map(ClientSecret::new).as_ref()).err()
        };
        let form = |field, problem| Some(ConnectionProblem::Form { field, problem });
        let pool = "eu-west-1_AbC123456";
        assert_eq!(problem(pool, "client1", None), None);
        assert_eq!(
            settings(pool, "client1", None).unwrap().issuer().as_str(),
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123456"
        );
        assert_eq!(problem("", "client1", None), form(ConnectionField::Pool, SettingProblem::Missing));
        assert_eq!(
            problem("my pool", "client1", None),
            form(ConnectionField::Pool, SettingProblem::NoPoolId)
        );
        let mismatch = SettingProblem::RegionMismatch {
            host_region: "eu-west-1".to_owned(),
            pool_region: "us-east-1".to_owned(),
        };
        assert_eq!(
            problem("https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_Ab", "client1", None),
            form(ConnectionField::Pool, mismatch)
        );
        assert_eq!(problem(pool, "", None), form(ConnectionField::ClientId, SettingProblem::Missing));
        assert_eq!(problem(pool, "a-b", None), form(ConnectionField::ClientId, SettingProblem::ClientIdForm));
        assert_eq!(
            problem(pool, "client1", Some("with space")),
            form(ConnectionField::ClientSecret, SettingProblem::ClientSecretForm)
        );
    }
}
