//! What the window is told, whole: the set-up, and both machines' view.

use cognito::browser::{BrowserSettings, IdentityProvider, Page, PasskeyTold, ProviderKey, Words};
use serde::Serialize;
use session::{Fault, FaultCode, UnavailableCause, View};

/// Everything the window shows, at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// How the app is set up, and what it is called.
    pub setup: Setup,
    /// The machines; none while the set-up is broken, because then there is no pool to speak to.
    pub view: Option<View>,
    /// Whether a part of the backend has failed in a way nobody foresaw (a panic) since the start.
    pub panicked: bool,
    /// The folder with the log files, to be named where something has to be looked up.
    pub log_folder: Option<String>,
    /// A link has come that was no answer to anything here; until it is dismissed.
    pub link_notice: Option<LinkNotice>,
    /// What came of the page that adds a passkey, since it was opened last; until it is dismissed.
    pub passkey: Option<PasskeyReturn>,
}

/// How the browser came back from the page that adds a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum PasskeyReturn {
    /// A passkey was added.
    Added,
    /// The browser was not signed in there, so that nobody was asked: a sign-in through the browser is what it takes.
    NotSignedIn,
    /// None was added.
    NotAdded,
}

impl From<PasskeyTold> for PasskeyReturn {
    fn from(told: PasskeyTold) -> Self {
        match told {
            PasskeyTold::Added => Self::Added,
            PasskeyTold::NotSignedIn => Self::NotSignedIn,
            PasskeyTold::NotAdded => Self::NotAdded,
        }
    }
}

/// What was wrong with a link that has come: a notice, since whoever sent it may be anybody. It has changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LinkNotice {
    /// What.
    pub code: FaultCode,
}

/// Where a setting's value came from, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// An environment variable.
    Environment,
    /// The config file in the platform's config folder.
    ConfigFile,
    /// `plugins.cognito` in `tauri.conf.json`.
    CompiledIn,
    /// The development pool's constants, in `tauri dev`.
    Development,
}

/// The outcome of reading the configuration.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Setup {
    /// It can be worked with.
    Ready {
        /// The user pool, as `scheme://host/<pool id>`.
        issuer: String,
        /// The app client.
        client_id: String,
        /// Where issuer and client id came from. What came from the config file can be changed in the window.
        source: Source,
        /// Where the app client's secret is.
        client_secret: SecretPlace,
        /// The address requests go to instead of the issuer's, while that is overridden.
        endpoint_override: Option<String>,
        /// Whether this is `tauri dev` on the development pool: the window offers its demo users.
        development: bool,
        /// What whoever set this up should know.
        warnings: Vec<SetupWarning>,
        /// The pool's rules for passwords, where somebody has set them; no client can ask the pool.
        password_policy: Option<PasswordPolicy>,
        /// For how long after a sign-in the pool renews a session, in seconds, where somebody has set it; no client
        /// can ask the pool.
        #[cfg_attr(test, ts(type = "number | null"))]
        refresh_token_validity_s: Option<u64>,
        /// By which flow people sign in, where somebody has set it; otherwise what the app client takes is found out.
        auth_flow: Option<AuthFlow>,
        /// For how long the pool waits for the answer to a challenge, in seconds, where somebody has set it; no client
        /// can ask the pool.
        #[cfg_attr(test, ts(type = "number | null"))]
        auth_session_validity_s: Option<u64>,
        /// The attributes that a sign-up asks for, by their names in the pool, where somebody has set them; no client
        /// can ask the pool.
        sign_up_attributes: Option<Vec<String>>,
        /// What there is to sign in through the browser; none where that is not set up.
        browser: Option<BrowserOffer>,
    },
    /// It cannot.
    Broken {
        /// What is wrong; never empty.
        faults: Vec<SettingFault>,
        /// Where the config file is looked for.
        config_file: Option<String>,
        /// Whether the window may connect to a pool, because nothing stronger than the config file sets one.
        connectable: bool,
        /// The issuer that the config file has, whatever else it lacks, where the window may connect.
        issuer: Option<String>,
        /// The app client that it has.
        client_id: Option<String>,
    },
}

/// What can be had by way of the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct BrowserOffer {
    /// The identity providers that have a button of their own, in their order.
    pub providers: Vec<Provider>,
    /// Whether the tokens that come by it are good for the account's own pages.
    pub covers_account: bool,
}

impl BrowserOffer {
    pub(crate) fn of(settings: &BrowserSettings) -> Self {
        Self {
            providers: settings.providers.iter().map(Provider::of).collect(),
            covers_account: settings.scopes.cover_account(),
        }
    }
}

/// An identity provider's button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Provider {
    /// How the pool knows it, by its name or its identifier.
    pub key: String,
    /// What stands on the button.
    pub label: String,
}

impl Provider {
    fn of(provider: &IdentityProvider) -> Self {
        let (ProviderKey::Name(key) | ProviderKey::Identifier(key)) = &provider.key;
        Self { key: key.clone(), label: provider.label.clone() }
    }
}

/// The words of the page that the browser ends on, where it comes back by a port of this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct BrowserPage {
    /// Their language, such as `ja`; the managed login is asked to speak it as well.
    pub language: String,
    /// The app's name, in the title of the browser's window.
    pub title: String,
    /// For an answer that was taken.
    pub done: PageWords,
    /// For one that was not.
    pub failed: PageWords,
    /// For what is no sign-in: the app has been told.
    pub back: PageWords,
}

impl BrowserPage {
    /// Whether it is what a page could be, in any language.
    pub(crate) fn is_reasonable(&self) -> bool {
        let words = [&self.done, &self.failed, &self.back].into_iter();
        let texts =
            words.flat_map(|words| [&words.heading, &words.body]).chain([&self.language, &self.title]);
        texts.map(String::len).sum::<usize>() <= 4096
    }
}

/// A heading and a sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PageWords {
    /// What has happened.
    pub heading: String,
    /// What to do now.
    pub body: String,
}

impl From<BrowserPage> for Page {
    fn from(page: BrowserPage) -> Self {
        let words = |words: PageWords| Words { heading: words.heading, text: words.body };
        Self {
            language: page.language,
            title: page.title,
            done: words(page.done),
            failed: words(page.failed),
            back: words(page.back),
        }
    }
}

/// Where the app client's secret is; never the secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SecretPlace {
    /// There is none, as far as the settings know.
    None,
    /// Among the settings.
    Setting,
    /// In the keychain, from where it was read.
    Keychain,
    /// It should be in the keychain, and is not there any more.
    KeychainMissing,
    /// It should be in the keychain, and that has not been read.
    KeychainUnread,
}

/// By which flow people sign in, as the app client's settings call it (`AuthFlow` of the Cognito API). The one that is
/// no name of Cognito's is `CUSTOM_AUTH` after the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthFlow {
    /// The password by SRP.
    UserSrpAuth,
    /// What the pool offers to the user.
    UserAuth,
    /// What the pool's owner asks.
    CustomAuth,
    /// The password by SRP, then what the pool's owner asks.
    CustomAuthWithSrp,
    /// The password as it is.
    UserPasswordAuth,
}

/// A pool's rules for passwords (`PasswordPolicyType` of the Cognito API).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "as the service model has them")]
pub struct PasswordPolicy {
    /// The least number of characters, 6 to 99; none where nobody has said.
    #[serde(default)]
    pub minimum_length: Option<u32>,
    /// Whether there must be a lower-case letter of the Latin alphabet.
    #[serde(default)]
    pub require_lowercase: bool,
    /// Whether there must be an upper-case one.
    #[serde(default)]
    pub require_uppercase: bool,
    /// Whether there must be a digit.
    #[serde(default)]
    pub require_numbers: bool,
    /// Whether there must be one of Cognito's symbols.
    #[serde(default)]
    pub require_symbols: bool,
}

/// What is filled in to connect to a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ConnectionField {
    /// The issuer or the pool id.
    Pool,
    /// The app client's id.
    ClientId,
    /// The app client's secret.
    ClientSecret,
}

/// Why the window could not connect to the pool that was filled in. Nothing was saved.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ConnectionProblem {
    /// A field cannot be what it should be.
    Form {
        /// Which.
        field: ConnectionField,
        /// What is wrong with it.
        problem: SettingProblem,
    },
    /// The pool was asked, and this came of it.
    Pool {
        /// The field that it most likely comes from; none where it is the way to the pool.
        field: Option<ConnectionField>,
        /// What.
        fault: Fault,
        /// The host that was asked.
        host: String,
    },
    /// What answered says that it is another pool.
    OtherIssuer {
        /// Its name for itself.
        issuer: String,
    },
    /// A setting of the way to the pool cannot be used, so that no pool can be asked.
    Setting {
        /// Which, and why not.
        fault: SettingFault,
    },
    /// The pool is right; the config file could not be written.
    NotSaved {
        /// Its path.
        path: String,
        /// The operating system's words.
        reason: String,
    },
    /// The pool is right; the keychain did not take the client secret.
    SecretNotKept {
        /// Why.
        cause: UnavailableCause,
    },
    /// The keychain could not be unlocked.
    NotUnlocked {
        /// Why.
        cause: UnavailableCause,
    },
    /// There is nothing to connect or to disconnect here: something stronger than the config file sets the pool, or
    /// somebody is signed in.
    NotHere,
}

/// Why something could not be done with the account of whoever is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AccountProblem {
    /// The pool was asked, or there was no token to ask it with, and this came of it.
    Fault {
        /// What.
        fault: Fault,
    },
    /// It takes a proof that the user is there, and there is none that is good now.
    PresenceNeeded,
    /// The name that was typed is not this account's.
    NameDiffers,
    /// Nobody is signed in.
    SignedOut,
}

impl From<Fault> for AccountProblem {
    fn from(fault: Fault) -> Self {
        Self::Fault { fault }
    }
}

/// Something that works and still deserves a word.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SetupWarning {
    /// The client secret is compiled in: anybody who has the program can read it.
    SecretCompiledIn,
    /// A setting that the app can do without cannot be used, and is left out.
    Setting {
        /// Which, and why not.
        fault: SettingFault,
    },
    /// The app's links could not be registered with the system: the browser comes back in another way.
    LinksNotRegistered {
        /// The system's words.
        reason: String,
    },
}

/// One setting that is missing or cannot be used.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SettingFault {
    /// The setting by its environment variable's name, which stands for it wherever it was set.
    pub setting: String,
    /// The value as found; none where it is missing or secret.
    pub value: Option<String>,
    /// Where the value was found; none where it is missing.
    pub source: Option<Source>,
    /// What is wrong with it.
    pub problem: SettingProblem,
}

/// What is wrong with a setting, by what has to be done about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SettingProblem {
    /// It is needed and has no value.
    Missing,
    /// It is not a URL.
    NotAUrl,
    /// It has to be https; http is for loopback only.
    NotHttps,
    /// Its path is not a pool id, `<region>_<id>`.
    NoPoolId,
    /// The host is not Cognito's, and no endpoint is set that would stand in for it.
    UnknownHost {
        /// The host.
        host: String,
    },
    /// The host and the pool id name different regions.
    RegionMismatch {
        /// The host's.
        host_region: String,
        /// The pool id's.
        pool_region: String,
    },
    /// It has something a URL of this kind must not have: a query, a fragment, a user name.
    UnexpectedPart,
    /// It is not of the form a client id has: letters, digits, `_`, `+`, at most 128.
    ClientIdForm,
    /// It has white space or other characters that no client secret has.
    ClientSecretForm,
    /// The file it names cannot be read.
    FileUnreadable {
        /// The operating system's words.
        reason: String,
    },
    /// The file it names has no certificate in PEM form.
    NoCertificates,
    /// It is not a text.
    NotAText,
    /// The config file is not valid JSON, or has something in it that no setting can be.
    ConfigFileForm {
        /// What the parser says, with line and column.
        reason: String,
    },
    /// The config file has a setting that does not exist.
    UnknownSetting {
        /// Its name as written.
        name: String,
    },
    /// It is not usable as a proxy's address.
    ProxyForm,
    /// It is not a password policy.
    PasswordPolicyForm {
        /// What is wrong with it.
        reason: String,
    },
    /// It is not a time that Cognito allows for a refresh token, such as `30 days`: 60 minutes to ten years.
    ValidityForm,
    /// It is none of the flows there are.
    AuthFlowUnknown,
    /// It is not a time that Cognito allows for a challenge, such as `3 minutes`: 3 to 15 minutes.
    SessionValidityForm,
    /// It is not a list of attribute names, such as `email, name` or `["email", "name"]`.
    SignUpAttributesForm,
    /// It is not the host of a managed login, such as `auth.example.com`.
    DomainForm,
    /// Something in the list is neither a link of the app's own nor `http://127.0.0.1:<port>/<path>`.
    RedirectForm,
    /// A link in the list has another scheme than the app's, and would never come back here.
    RedirectScheme {
        /// That scheme.
        scheme: String,
    },
    /// A scope has letters that no scope has.
    ScopeForm,
    /// `openid` is not among the scopes.
    OpenidMissing,
    /// It is not a list of identity providers, by names or with `name` or `identifier`, and `label`.
    ProviderForm,
    /// It is none of the four prompts: `none`, `login`, `consent`, `select_account`.
    PromptUnknown,
    /// It is not an absolute address without `#`.
    ResourceForm,
}

/// What an authenticator app has to be told. A secret: it is given to the window by its own command, and is in no
/// snapshot.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AuthenticatorSetUp {
    /// The secret in base32, to be typed or copied.
    pub secret: String,
    /// The same as a link that apps open (`otpauth:`, the key URI format).
    pub uri: String,
    /// The link as a QR code (ISO/IEC 18004).
    pub qr: QrCode,
}

impl std::fmt::Debug for AuthenticatorSetUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthenticatorSetUp(redacted)")
    }
}

/// A QR code as an SVG path.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct QrCode {
    /// The width and height of the view box in modules, with the quiet zone of four around it.
    pub size: u32,
    /// The `d` of the path that fills the dark modules.
    pub path: String,
}

/// A demo user of the development pool, for the window's development strip.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DemoUser {
    /// The name to sign in with.
    pub username: String,
    /// The password, which everybody may know; empty for who has none.
    pub password: String,
    /// The app client whose settings lead to what happens.
    pub client_id: String,
    /// What happens when this user signs in.
    pub note: String,
    /// The identity provider that vouches for this user; then the name is what to type there.
    pub provider: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use cognito::{Account, AccountDevice, CodeSent, Passkey, UserSession};
    use std::path::Path;
    use ts_rs::TS;

    /// Generates the bindings and compares them with what the UI was built against; `UPDATE_BINDINGS=1` rewrites them.
    #[test]
    fn the_typescript_bindings_are_current() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/bindings");
        let fresh = std::env::temp_dir().join(format!("cognito-bindings-{}", std::process::id()));
        let config = ts_rs::Config::new().with_out_dir(&fresh);
        Snapshot::export_all(&config).expect("bindings are generated");
        DemoUser::export_all(&config).expect("bindings are generated");
        BrowserPage::export_all(&config).expect("bindings are generated");
        AuthenticatorSetUp::export_all(&config).expect("bindings are generated");
        ConnectionProblem::export_all(&config).expect("bindings are generated");
        AccountProblem::export_all(&config).expect("bindings are generated");
        Account::export_all(&config).expect("bindings are generated");
        CodeSent::export_all(&config).expect("bindings are generated");
        AccountDevice::export_all(&config).expect("bindings are generated");
        Passkey::export_all(&config).expect("bindings are generated");
        UserSession::export_all(&config).expect("bindings are generated");
        let names = |folder: &Path| {
            let mut names: Vec<_> = std::fs::read_dir(folder)
                .map(|entries| entries.flatten().map(|entry| entry.file_name()).collect())
                .unwrap_or_default();
            names.sort();
            names
        };
        if std::env::var_os("UPDATE_BINDINGS").is_some() {
            let _ = std::fs::remove_dir_all(&kept);
            std::fs::create_dir_all(&kept).expect("ui/src/bindings can be made");
            for name in names(&fresh) {
                std::fs::copy(fresh.join(&name), kept.join(&name)).expect("a binding is copied");
            }
        }
        assert!(!names(&fresh).is_empty());
        assert_eq!(
            names(&fresh),
            names(&kept),
            "run UPDATE_BINDINGS=1 cargo test -p tauri-plugin-cognito bindings"
        );
        for name in names(&fresh) {
            let read =
                |folder: &Path| std::fs::read_to_string(folder.join(&name)).expect("a binding is text");
            assert_eq!(
                read(&fresh),
                read(&kept),
                "{name:?} is stale: UPDATE_BINDINGS=1 cargo test -p tauri-plugin-cognito bindings"
            );
        }
        std::fs::remove_dir_all(&fresh).expect("the fresh bindings are removed");
    }
}
