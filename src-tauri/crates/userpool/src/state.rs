//! The state file: what a pool needs to go on after a restart. It holds the pool's private key, so on Unix only
//! its owner can read it.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::managed_login::BrowserSession;
use crate::pool::{Pool, RefreshToken, Session, User};
use crate::tokens::SigningKey;
use crate::{demo, random};

/// Formats differ by the users that every pool begins with. Fields came in without a new one: they have defaults.
const FORMAT: u32 = 5;

#[derive(Serialize, Deserialize)]
struct Saved {
    format: u32,
    key: String,
    invention_secret: Vec<u8>,
    clock_offset_ms: i64,
    users: BTreeMap<String, User>,
    sessions: HashMap<String, Session>,
    refresh_tokens: HashMap<String, RefreshToken>,
    #[serde(default)]
    browser_sessions: HashMap<String, BrowserSession>,
}

/// Takes over what `file` holds; `false` if it does not exist yet.
pub(crate) fn restore(pool: &mut Pool, file: &Path) -> Result<bool, String> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => {
            return Err(format!("the state file {} cannot be read: {error}", file.display()));
        }
    };
    let hint = "delete it to begin with a new pool, or name another file";
    let saved: Saved = serde_json::from_str(&text)
        .map_err(|error| format!("{} is not a state file of this pool ({error}); {hint}", file.display()))?;
    if !(1..=FORMAT).contains(&saved.format) {
        let format = saved.format;
        return Err(format!("{} has format {format}, this pool reads {FORMAT}; {hint}", file.display()));
    }
    pool.key = SigningKey::from_pkcs8(&saved.key)
        .map_err(|error| format!("the key in {} is damaged ({error}); {hint}", file.display()))?;
    pool.invention_secret = saved.invention_secret;
    pool.clock_offset_ms = saved.clock_offset_ms;
    pool.users = saved.users;
    for user in demo::users_newer_than(saved.format) {
        pool.users.entry(user.username.clone()).or_insert(user);
    }
    pool.sessions = saved.sessions;
    pool.refresh_tokens = saved.refresh_tokens;
    pool.managed_login.sessions = saved.browser_sessions;
    Ok(true)
}

/// Replaces `file` as a whole: whoever reads it sees the old state or the new one.
pub(crate) fn save(pool: &mut Pool, file: &Path) -> Result<(), String> {
    pool.forget_old();
    let saved = Saved {
        format: FORMAT,
        key: pool.key.to_pkcs8()?,
        invention_secret: pool.invention_secret.clone(),
        clock_offset_ms: pool.clock_offset_ms,
        users: pool.users.clone(),
        sessions: pool.sessions.clone(),
        refresh_tokens: pool.refresh_tokens.clone(),
        browser_sessions: pool.managed_login.sessions.clone(),
    };
    let text = serde_json::to_vec(&saved).map_err(|error| error.to_string())?;
    replace(file, &text)
        .map_err(|error| format!("the state file {} cannot be written: {error}", file.display()))
}

fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", random::hex(&random::bytes::<4>())));
    let temporary: PathBuf = file.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&temporary)
        .and_then(|mut new| new.write_all(content).and_then(|()| new.sync_all()))
        .and_then(|()| fs::rename(&temporary, file));
    if written.is_err() {
        // The error that is reported is the first one.
        let _ = fs::remove_file(&temporary);
    }
    written
}
