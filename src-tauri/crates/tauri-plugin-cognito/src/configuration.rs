//! Where the settings come from: the environment, then the config file, then what is compiled in.
//!
//! Reading never fails: what is wrong becomes a [`SettingFault`] that the window shows with its fix.

pub(crate) mod browser;

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use cognito::browser::BrowserSettings;
use cognito::{HttpProblem, Issuer, IssuerProblem, PoolSettings, SettingsProblem};
use serde_json::Value;
use session::ClientSecret;
use url::Url;

use crate::snapshot::{
    AuthFlow, BrowserOffer, PasswordPolicy, SecretPlace, SettingFault, SettingProblem, Setup, SetupWarning,
    Source,
};

const ISSUER: &str = "COGNITO_ISSUER";
const CLIENT_ID: &str = "COGNITO_CLIENT_ID";
const CLIENT_SECRET: &str = "COGNITO_CLIENT_SECRET";
const PASSWORD_POLICY: &str = "COGNITO_PASSWORD_POLICY";
const TOKEN_VALIDITY: &str = "COGNITO_REFRESH_TOKEN_VALIDITY";
const AUTH_FLOW: &str = "COGNITO_AUTH_FLOW";
const SESSION_VALIDITY: &str = "COGNITO_AUTH_SESSION_VALIDITY";
const SIGN_UP_ATTRIBUTES: &str = "COGNITO_SIGN_UP_ATTRIBUTES";
const DOMAIN: &str = "COGNITO_DOMAIN";
const SCOPES: &str = "COGNITO_SCOPES";
const IDENTITY_PROVIDERS: &str = "COGNITO_IDENTITY_PROVIDERS";
const REDIRECT_URIS: &str = "COGNITO_REDIRECT_URIS";
const PROMPT: &str = "COGNITO_PROMPT";
const RESOURCE: &str = "COGNITO_RESOURCE";
/// The AWS SDKs' own setting for this service's endpoint
/// (AWS SDKs and Tools Reference Guide, "Service-specific endpoints").
const ENDPOINT: &str = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER";

/// Each setting by its environment variable and by its key in a config file and in `plugins.cognito`.
const KEYS: [(&str, &str); 16] = [
    (ISSUER, "issuer"),
    (CLIENT_ID, "clientId"),
    (CLIENT_SECRET, "clientSecret"),
    (ENDPOINT, "endpoint"),
    (PASSWORD_POLICY, "passwordPolicy"),
    (TOKEN_VALIDITY, "refreshTokenValidity"),
    (AUTH_FLOW, "authFlow"),
    (SESSION_VALIDITY, "authSessionValidity"),
    (SIGN_UP_ATTRIBUTES, "signUpAttributes"),
    (DOMAIN, "domain"),
    (SCOPES, "scopes"),
    (IDENTITY_PROVIDERS, "identityProviders"),
    (REDIRECT_URIS, "redirectUris"),
    (PROMPT, "prompt"),
    (RESOURCE, "resource"),
    // Written by connecting to a pool in the window; no variable of the environment.
    (SECRET_IN_KEYCHAIN.0, SECRET_IN_KEYCHAIN.0),
];

/// What only an administrator knows of a pool and its client, and the app can do without.
const OPTIONAL: [&str; 11] = [
    PASSWORD_POLICY,
    TOKEN_VALIDITY,
    AUTH_FLOW,
    SESSION_VALIDITY,
    SIGN_UP_ATTRIBUTES,
    DOMAIN,
    SCOPES,
    IDENTITY_PROVIDERS,
    REDIRECT_URIS,
    PROMPT,
    RESOURCE,
];

/// What stands in the config file when the client secret is in the keychain.
pub(crate) const SECRET_IN_KEYCHAIN: (&str, &str) = ("clientSecretIn", "keychain");

/// Everything a configuration can come from.
pub(crate) struct Sources<'a> {
    /// Reads an environment variable.
    pub(crate) environment: &'a dyn Fn(&str) -> Option<String>,
    /// The config file's path, if the platform has a config folder.
    pub(crate) config_file: Option<&'a Path>,
    /// `plugins.cognito` of `tauri.conf.json`.
    pub(crate) compiled_in: &'a Value,
    /// The development pool, in `tauri dev` only.
    pub(crate) development: Option<Development>,
    /// The scheme of the app's own links, if it has one.
    pub(crate) scheme: Option<&'a str>,
}

/// The development pool, as one of its clients.
#[derive(Clone, Debug)]
pub(crate) struct Development {
    pub(crate) issuer: &'static str,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<ClientSecret>,
    /// How this client signs people in through the browser, if it does.
    pub(crate) browser: Option<BrowserSettings>,
}

/// A configuration that can be worked with.
#[derive(Debug)]
pub(crate) struct Configuration {
    pub(crate) settings: PoolSettings,
    pub(crate) endpoint_override: Option<Url>,
    pub(crate) source: Source,
    pub(crate) development: bool,
    pub(crate) warnings: Vec<SetupWarning>,
    pub(crate) password_policy: Option<PasswordPolicy>,
    pub(crate) refresh_token_validity_s: Option<u64>,
    pub(crate) auth_flow: Option<AuthFlow>,
    pub(crate) auth_session_validity_s: Option<u64>,
    pub(crate) sign_up_attributes: Option<Vec<String>>,
    /// The client secret is in the keychain, and is read with the session.
    pub(crate) secret_in_keychain: bool,
    /// How people sign in through the browser, where that is offered.
    pub(crate) browser: Option<BrowserSettings>,
}

impl Configuration {
    pub(crate) fn view(&self) -> Setup {
        Setup::Ready {
            issuer: self.settings.issuer().as_str().to_owned(),
            client_id: self.settings.client_id().to_owned(),
            client_secret: match self.settings.client_secret() {
                _ if self.secret_in_keychain => SecretPlace::KeychainUnread,
                Some(_) => SecretPlace::Setting,
                None => SecretPlace::None,
            },
            endpoint_override: self.endpoint_override.as_ref().map(ToString::to_string),
            source: self.source,
            development: self.development,
            password_policy: self.password_policy,
            refresh_token_validity_s: self.refresh_token_validity_s,
            auth_flow: self.auth_flow,
            auth_session_validity_s: self.auth_session_validity_s,
            sign_up_attributes: self.sign_up_attributes.clone(),
            browser: self.browser.as_ref().map(BrowserOffer::of),
            warnings: self.warnings.clone(),
        }
    }
}

/// Reads and checks all settings.
///
/// # Errors
/// Every setting that is missing or cannot be used; never empty.
pub(crate) fn read(sources: &Sources<'_>) -> Result<Configuration, Vec<SettingFault>> {
    let mut faults = Vec::new();
    let (layers, all_read) = layers(sources, &mut faults);
    let find = |key: &str| {
        layers.iter().find_map(|(source, values)| {
            values.iter().find(|(name, _)| *name == key).map(|(_, value)| (*source, value.clone()))
        })
    };
    let (mut issuer, mut client_id) = (find(ISSUER), find(CLIENT_ID));
    let pool = sources.development.as_ref().filter(|_| issuer.is_none() && client_id.is_none());
    if let Some(pool) = pool {
        issuer = Some((Source::Development, pool.issuer.to_owned()));
        client_id = Some((Source::Development, pool.client_id.clone()));
    }
    let development = pool.is_some();
    let client_source = client_id.as_ref().map(|(source, _)| *source);
    // A secret belongs to its client: one that stands below the client's own source is another client's. So do the
    // pool's rules.
    let find_own =
        |key: &str| find(key).filter(|(source, _)| client_source.is_none_or(|client| *source <= client));
    let secret = match pool {
        Some(pool) => {
            pool.client_secret.as_ref().map(|secret| (Source::Development, secret.expose().to_owned()))
        }
        None => find_own(CLIENT_SECRET),
    };
    let secret_in_keychain = find_own(SECRET_IN_KEYCHAIN.0).filter(|_| secret.is_none());
    let password_policy = find_own(PASSWORD_POLICY);
    let validity = find_own(TOKEN_VALIDITY);
    let (auth_flow, session_validity) = (find_own(AUTH_FLOW), find_own(SESSION_VALIDITY));
    let sign_up_attributes = find_own(SIGN_UP_ATTRIBUTES);
    let browser = browser::Found::by(&find_own);
    let endpoint = find(ENDPOINT);

    let endpoint_override = endpoint.and_then(|(source, value)| {
        check_endpoint(&value)
            .map_err(|problem| faults.push(fault(ENDPOINT, Some(value), Some(source), problem)))
            .ok()
    });
    let issuer = match issuer {
        None => Err(fault(ISSUER, None, None, SettingProblem::Missing)),
        Some((source, value)) => check_issuer(&value, endpoint_override.is_some())
            .map_err(|problem| fault(ISSUER, Some(value), Some(source), problem)),
    };
    let client_id = match client_id {
        None => Err(fault(CLIENT_ID, None, None, SettingProblem::Missing)),
        Some((source, value)) if !is_client_id(&value) => {
            Err(fault(CLIENT_ID, Some(value), Some(source), SettingProblem::ClientIdForm))
        }
        Some((_, value)) => Ok(value),
    };
    let mut warnings = Vec::new();
    let client_secret = secret.and_then(|(source, value)| {
        if !is_client_secret(&value) {
            faults.push(fault(CLIENT_SECRET, None, Some(source), SettingProblem::ClientSecretForm));
            return None;
        }
        if source == Source::CompiledIn {
            warnings.push(SetupWarning::SecretCompiledIn);
        }
        Some(ClientSecret::new(value))
    });
    if let Some((source, value)) = &secret_in_keychain
        && value != SECRET_IN_KEYCHAIN.1
    {
        let reason = format!("\"{}\" can only be \"{}\"", SECRET_IN_KEYCHAIN.0, SECRET_IN_KEYCHAIN.1);
        let problem = SettingProblem::ConfigFileForm { reason };
        faults.push(fault(SECRET_IN_KEYCHAIN.0, Some(value.clone()), Some(*source), problem));
    }
    // Without these the app works as for a pool of which nobody knows them: a slip must not hide a session.
    let mut checked = |setting: &str, (source, value): (Source, String), problem| {
        warnings.push(SetupWarning::Setting { fault: fault(setting, Some(value), Some(source), problem) });
    };
    let password_policy = password_policy.and_then(|found| match read_policy(&found.1) {
        Ok(policy) => Some(policy),
        Err(reason) => {
            checked(PASSWORD_POLICY, found, SettingProblem::PasswordPolicyForm { reason });
            None
        }
    });
    let refresh_token_validity_s = validity.and_then(|found| {
        let seconds = read_validity(&found.1);
        if seconds.is_none() {
            checked(TOKEN_VALIDITY, found, SettingProblem::ValidityForm);
        }
        seconds
    });
    let auth_flow = auth_flow.and_then(|found| {
        let flow = read_flow(&found.1);
        if flow.is_none() {
            checked(AUTH_FLOW, found, SettingProblem::AuthFlowUnknown);
        }
        flow
    });
    let auth_session_validity_s = session_validity.and_then(|found| {
        let seconds = read_span(&found.1).filter(|seconds| SESSION_VALIDITY_S.contains(seconds));
        if seconds.is_none() {
            checked(SESSION_VALIDITY, found, SettingProblem::SessionValidityForm);
        }
        seconds
    });
    let sign_up_attributes = sign_up_attributes.and_then(|found| {
        let names = read_attributes(&found.1);
        if names.is_none() {
            checked(SIGN_UP_ATTRIBUTES, found, SettingProblem::SignUpAttributesForm);
        }
        names
    });
    let browser = browser.read(sources.scheme, &mut checked);
    let browser = browser.or_else(|| pool.and_then(|pool| pool.browser.clone()));
    match (issuer, client_id) {
        (Ok(issuer), Ok(client_id)) if faults.is_empty() => {
            let settings = PoolSettings::new(issuer, client_id, client_secret, endpoint_override.clone());
            // Each of these was checked above; what is checked again there is said as well.
            let settings = settings.map_err(|problem| vec![settings_fault(problem)])?;
            let auth_session_validity_s =
                auth_session_validity_s.or_else(|| development.then_some(DEVELOPMENT_SESSION_VALIDITY_S));
            let settings = settings.with_sign_in(
                auth_flow.map(cognito::AuthFlow::from),
                auth_session_validity_s.map(Duration::from_secs),
            );
            let source = client_source.unwrap_or(Source::CompiledIn);
            Ok(Configuration {
                settings,
                endpoint_override,
                source,
                development,
                warnings,
                password_policy: password_policy.or_else(|| development.then_some(DEVELOPMENT_POLICY)),
                refresh_token_validity_s: refresh_token_validity_s
                    .or_else(|| development.then_some(DEVELOPMENT_VALIDITY_S)),
                auth_flow,
                auth_session_validity_s,
                sign_up_attributes: sign_up_attributes.or_else(|| {
                    development.then(|| DEVELOPMENT_SIGN_UP_ATTRIBUTES.map(str::to_owned).to_vec())
                }),
                secret_in_keychain: secret_in_keychain.is_some(),
                browser,
            })
        }
        (issuer, client_id) => {
            // Whether something is missing cannot be said of a place that cannot be read.
            let told = |setting: &str| faults.iter().any(|fault| fault.setting == setting);
            let known = |fault: &SettingFault| {
                fault.problem != SettingProblem::Missing || (all_read && !told(&fault.setting))
            };
            let mut all: Vec<_> =
                [issuer.err(), client_id.err()].into_iter().flatten().filter(known).collect();
            all.append(&mut faults);
            Err(all)
        }
    }
}

fn fault(
    setting: &str,
    value: Option<String>,
    source: Option<Source>,
    problem: SettingProblem,
) -> SettingFault {
    SettingFault { setting: setting.to_owned(), value, source, problem }
}

type Layer = (Source, Vec<(&'static str, String)>);

/// The three places, strongest first, each with the values it sets, and whether all of them could be read. An empty
/// value counts as not set.
fn layers(sources: &Sources<'_>, faults: &mut Vec<SettingFault>) -> (Vec<Layer>, bool) {
    let environment = KEYS
        .iter()
        .filter_map(|(variable, _)| {
            (sources.environment)(variable).map(|value| (*variable, value.trim().to_owned()))
        })
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let file = sources.config_file.map_or_else(|| Some(Vec::new()), |path| from_file(path, faults));
    let compiled_in = from_object(sources.compiled_in, "plugins.cognito", Source::CompiledIn, faults);
    let (file_read, compiled_in_read) = (file.is_some(), compiled_in.is_some());
    let layers = vec![
        (Source::Environment, environment),
        (Source::ConfigFile, file.unwrap_or_default()),
        (Source::CompiledIn, compiled_in.unwrap_or_default()),
    ];
    (layers, file_read && compiled_in_read)
}

/// The text without the byte order mark that some editors begin a file with.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// What the config file has of a pool, whatever it lacks: what connecting starts from.
pub(crate) fn begun_in(path: &Path) -> (Option<String>, Option<String>) {
    let values = from_file(path, &mut Vec::new()).unwrap_or_default();
    let find = |key: &str| values.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone());
    (find(ISSUER), find(CLIENT_ID))
}

/// The values of the config file; none of a file that cannot be read.
fn from_file(path: &Path, faults: &mut Vec<SettingFault>) -> Option<Vec<(&'static str, String)>> {
    let shown = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(Vec::new()),
        Err(error) => {
            let problem = SettingProblem::FileUnreadable { reason: error.to_string() };
            faults.push(fault(&shown, None, Some(Source::ConfigFile), problem));
            return None;
        }
    };
    match serde_json::from_str::<Value>(without_mark(&text)) {
        Ok(value) => from_object(&value, &shown, Source::ConfigFile, faults),
        Err(error) => {
            let problem = SettingProblem::ConfigFileForm { reason: error.to_string() };
            faults.push(fault(&shown, None, Some(Source::ConfigFile), problem));
            None
        }
    }
}

fn from_object(
    value: &Value,
    place: &str,
    source: Source,
    faults: &mut Vec<SettingFault>,
) -> Option<Vec<(&'static str, String)>> {
    let object = match value {
        Value::Null => return Some(Vec::new()),
        Value::Object(object) => object,
        _ => {
            let reason = "it has to be an object, { \"issuer\": \"…\", \"clientId\": \"…\" }".to_owned();
            faults.push(fault(place, None, Some(source), SettingProblem::ConfigFileForm { reason }));
            return None;
        }
    };
    let mut values = Vec::new();
    for (key, value) in object {
        let Some((variable, _)) = KEYS.iter().find(|(_, name)| name == key) else {
            faults.push(fault(
                place,
                None,
                Some(source),
                SettingProblem::UnknownSetting { name: key.clone() },
            ));
            continue;
        };
        match value {
            Value::String(text) if text.trim().is_empty() => {}
            Value::String(text) => values.push((*variable, text.trim().to_owned())),
            Value::Null => {}
            // In the form that the environment has them in as well; what they have to be is said where they are read.
            _ if OPTIONAL.contains(variable) => values.push((*variable, value.to_string())),
            _ => {
                let shown = Some(value.to_string()).filter(|_| *variable != CLIENT_SECRET);
                faults.push(fault(variable, shown, Some(source), SettingProblem::NotAText));
            }
        }
    }
    Some(values)
}

/// All that keeps the set-up from being used, with what keeps pools from being reached, and whether the window may
/// connect.
pub(crate) fn broken(
    sources: &Sources<'_>,
    mut faults: Vec<SettingFault>,
    http: Option<SettingFault>,
) -> (Vec<SettingFault>, bool) {
    // The way to the pool is no matter of which pool it is.
    let connectable = sources.config_file.is_some() && is_connectable(sources, &faults);
    faults.extend(http);
    (faults, connectable)
}

/// What `connectable` says of a set-up that cannot be used: whether connecting in the window would mend what is wrong
/// with the pool's own settings.
fn is_connectable(sources: &Sources<'_>, faults: &[SettingFault]) -> bool {
    // Half a set-up from somewhere stronger would still be half of it afterwards.
    let set = |value: Option<String>| value.is_some_and(|value| !value.trim().is_empty());
    let elsewhere = [(ISSUER, "issuer"), (CLIENT_ID, "clientId")].into_iter().any(|(variable, key)| {
        set((sources.environment)(variable))
            || set(sources.compiled_in.get(key).and_then(Value::as_str).map(str::to_owned))
    });
    // What is whole already is not what has to be mended.
    !faults.is_empty()
        && !elsewhere
        && faults.iter().all(|fault| {
            [ISSUER, CLIENT_ID, CLIENT_SECRET].contains(&fault.setting.as_str())
                && fault.source.is_none_or(|source| source == Source::ConfigFile)
        })
}

/// The endpoint that the environment sets, where it is one.
pub(crate) fn endpoint_of(environment: &dyn Fn(&str) -> Option<String>) -> Option<Url> {
    let value = environment(ENDPOINT)?;
    check_endpoint(value.trim()).ok()
}

/// The development pool's own rules, and the life of its refresh tokens.
const DEVELOPMENT_POLICY: PasswordPolicy = PasswordPolicy {
    minimum_length: Some(8),
    require_lowercase: true,
    require_uppercase: true,
    require_numbers: true,
    require_symbols: false,
};
const DEVELOPMENT_VALIDITY_S: u64 = 30 * 24 * 60 * 60;
/// How long its development client's challenges wait, and what it wants to know of whoever signs up.
const DEVELOPMENT_SESSION_VALIDITY_S: u64 = 3 * 60;
const DEVELOPMENT_SIGN_UP_ATTRIBUTES: [&str; 2] = ["email", "name"];

/// `AuthSessionValidity` is 3 to 15 minutes (Amazon Cognito user pools API reference, `CreateUserPoolClient`).
const SESSION_VALIDITY_S: RangeInclusive<u64> = 3 * 60..=15 * 60;

/// The longest name of an attribute (`AttributeNameType` of the same reference).
const LONGEST_ATTRIBUTE: usize = 32;

/// `MinimumLength` is 6 to 99 (Amazon Cognito user pools API reference, `PasswordPolicyType`).
fn read_policy(text: &str) -> Result<PasswordPolicy, String> {
    let policy: PasswordPolicy = serde_json::from_str(text).map_err(|error| {
        let words = error.to_string();
        // Where in the text says little of a setting that was an object.
        words.split(" at line").next().unwrap_or_default().to_owned()
    })?;
    match policy.minimum_length {
        Some(length) if !(6..=99).contains(&length) => {
            Err(format!("minimumLength is {length}, and has to be 6 to 99"))
        }
        _ => Ok(policy),
    }
}

/// A time that a refresh token can be valid for, in seconds: 60 minutes to ten years (Amazon Cognito Developer Guide,
/// "Using the refresh token"; API reference, `RefreshTokenValidity`).
fn read_validity(text: &str) -> Option<u64> {
    read_span(text).filter(|seconds| (60 * 60..=315_360_000).contains(seconds))
}

/// A time as people write it, such as `30 days`, in seconds.
fn read_span(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit())?;
    let number: u64 = text[..end].parse().ok()?;
    let unit = match text[end..].trim().to_ascii_lowercase().as_str() {
        "d" | "day" | "days" => 24 * 60 * 60,
        "h" | "hour" | "hours" => 60 * 60,
        "m" | "min" | "minute" | "minutes" => 60,
        "s" | "second" | "seconds" => 1,
        _ => return None,
    };
    number.checked_mul(unit)
}

fn read_flow(text: &str) -> Option<AuthFlow> {
    match text.trim().to_ascii_uppercase().as_str() {
        "USER_SRP_AUTH" => Some(AuthFlow::UserSrpAuth),
        "USER_AUTH" => Some(AuthFlow::UserAuth),
        "CUSTOM_AUTH" => Some(AuthFlow::CustomAuth),
        "CUSTOM_AUTH_WITH_SRP" => Some(AuthFlow::CustomAuthWithSrp),
        "USER_PASSWORD_AUTH" => Some(AuthFlow::UserPasswordAuth),
        _ => None,
    }
}

/// Names of attributes, as a JSON list or with commas between them; each once.
fn read_attributes(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    let listed: Vec<String> = if text.starts_with('[') {
        serde_json::from_str(text).ok()?
    } else {
        text.split(',').map(str::to_owned).collect()
    };
    let mut names: Vec<String> = Vec::new();
    for name in listed {
        let name = name.trim();
        let is_name = (1..=LONGEST_ATTRIBUTE).contains(&name.chars().count())
            && !name.chars().any(|letter| letter.is_whitespace() || letter.is_control());
        if !is_name {
            return None;
        }
        if !names.iter().any(|other| other == name) {
            names.push(name.to_owned());
        }
    }
    Some(names)
}

impl From<AuthFlow> for cognito::AuthFlow {
    fn from(flow: AuthFlow) -> Self {
        match flow {
            AuthFlow::UserSrpAuth => Self::UserSrp,
            AuthFlow::UserAuth => Self::User,
            AuthFlow::CustomAuth => Self::Custom,
            AuthFlow::CustomAuthWithSrp => Self::CustomWithSrp,
            AuthFlow::UserPasswordAuth => Self::UserPassword,
        }
    }
}

fn check_endpoint(value: &str) -> Result<Url, SettingProblem> {
    let url = Url::parse(value).map_err(|_| SettingProblem::NotAUrl)?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(SettingProblem::NotAUrl),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err(SettingProblem::NotHttps);
    }
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(SettingProblem::UnexpectedPart);
    }
    Ok(url)
}

fn check_issuer(value: &str, overridden: bool) -> Result<Issuer, SettingProblem> {
    let issuer = if overridden { Issuer::parse_for_endpoint(value) } else { Issuer::parse(value) };
    issuer.map_err(issuer_problem)
}

pub(crate) fn issuer_problem(problem: IssuerProblem) -> SettingProblem {
    match problem {
        IssuerProblem::NotAUrl => SettingProblem::NotAUrl,
        IssuerProblem::NotHttps => SettingProblem::NotHttps,
        IssuerProblem::NoPoolId | IssuerProblem::PoolIdMalformed { .. } => SettingProblem::NoPoolId,
        IssuerProblem::HasCredentials | IssuerProblem::HasQueryOrFragment => SettingProblem::UnexpectedPart,
        IssuerProblem::UnknownHost { host } => SettingProblem::UnknownHost { host },
        IssuerProblem::RegionMismatch { host_region, pool_region } => {
            SettingProblem::RegionMismatch { host_region, pool_region }
        }
    }
}

pub(crate) fn settings_fault(problem: SettingsProblem) -> SettingFault {
    match problem {
        SettingsProblem::ClientIdMalformed => fault(CLIENT_ID, None, None, SettingProblem::ClientIdForm),
        SettingsProblem::Issuer(problem) => fault(ISSUER, None, None, issuer_problem(problem)),
        SettingsProblem::EndpointNotHttps => fault(ENDPOINT, None, None, SettingProblem::NotHttps),
    }
}

/// `[\w+]+`, at most 128 (Amazon Cognito user pools API reference, `ClientIdType`).
pub(crate) fn is_client_id(value: &str) -> bool {
    (1..=128).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+".contains(&byte))
}

/// `[\w+]+` of 24 to 64 by the API reference (`ClientSecretType`). Only what no secret can have is refused here:
/// the pool itself says best whether a secret is right.
pub(crate) fn is_client_secret(value: &str) -> bool {
    (1..=128).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What is wrong with the settings of the HTTP client, which come from the environment only.
pub(crate) fn http_fault(problem: HttpProblem) -> SettingFault {
    let environment = Some(Source::Environment);
    match problem {
        HttpProblem::CertificatesUnreadable { setting, path, reason } => {
            let path = path.display().to_string();
            fault(setting, Some(path), environment, SettingProblem::FileUnreadable { reason })
        }
        HttpProblem::NoCertificates { setting, path } => {
            fault(setting, Some(path.display().to_string()), environment, SettingProblem::NoCertificates)
        }
        HttpProblem::ProxyMalformed { setting, value } => {
            fault(setting, Some(value), environment, SettingProblem::ProxyForm)
        }
    }
}

#[cfg(test)]
mod tests;
