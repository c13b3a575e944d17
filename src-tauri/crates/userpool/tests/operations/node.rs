//! Clients that nobody here wrote, in JavaScript: a folder with a lock file, and `scenarios.mjs`, which asserts by itself.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::started::StartedPool;

/// Installs what the lock file of this folder says, unless it is there.
pub(crate) fn prepare(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    let written = |path: &str| -> Option<SystemTime> { folder.join(path).metadata().ok()?.modified().ok() };
    let stamp = written("node_modules/.package-lock.json");
    if stamp.is_none() || stamp < written("package-lock.json") {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let output = Command::new(npm)
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder)
            .output()
            .expect("this test needs npm (https://nodejs.org)");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "this test needs a package registry that npm can reach: {text}");
    }
    folder
}

/// Runs one scenario against a pool of its own.
pub(crate) fn scenario(folder: &Path, name: &str) {
    let pool = StartedPool::start(&[]);
    let output = Command::new("node")
        .arg(folder.join("scenarios.mjs"))
        .arg(name)
        .arg(pool.announcement.to_string())
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .expect("Node.js starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} at {}:\n{err}", pool.endpoint());
    assert_eq!(out.trim(), format!("passed {name}"), "{err}");
}
