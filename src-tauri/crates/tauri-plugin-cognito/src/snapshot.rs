//! What the window is told, whole: the set-up, and both machines' view.

use serde::Serialize;
use session::View;

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
        /// The address requests go to instead of the issuer's, while that is overridden.
        endpoint_override: Option<String>,
        /// Whether this is `tauri dev` on the development pool: the window offers its demo users.
        development: bool,
        /// What whoever set this up should know.
        warnings: Vec<SetupWarning>,
    },
    /// It cannot.
    Broken {
        /// What is wrong; never empty.
        faults: Vec<SettingFault>,
        /// Where the config file is looked for.
        config_file: Option<String>,
    },
}

/// Something that works and still deserves a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SetupWarning {
    /// The client secret is compiled in: anybody who has the program can read it.
    SecretCompiledIn,
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
    /// The config file is not valid JSON, or a setting in it is not a string.
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
}

/// A demo user of the development pool, for the window's development strip.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DemoUser {
    /// The name to sign in with.
    pub username: String,
    /// The password, which everybody may know.
    pub password: String,
    /// What happens when this user signs in.
    pub note: String,
}

#[cfg(test)]
mod tests {
    use super::*;
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
