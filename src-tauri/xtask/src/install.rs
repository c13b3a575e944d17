//! What has to be there before anything can be built, run or tested, and how it gets there.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::run::{command, npm, npm_in, root, run, succeeds};
use crate::{Outcome, say};

/// Tauri's own prerequisites on Linux, and what the keychain crate builds with.
const TO_BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libwebkit2gtk-4.1-dev",
    "librsvg2-dev",
    "libayatana-appindicator3-dev",
    "libdbus-1-dev",
];

/// The virtual desktop, and a place for the clients that others wrote.
const TO_TEST: &[&str] = &[
    "dbus",
    "gnome-keyring",
    "gcr",
    "xvfb",
    "xdotool",
    "imagemagick",
    "webkit2gtk-driver",
    "locales",
    "fonts-dejavu-core",
    "fonts-noto-cjk",
    "python3",
    "python3-venv",
];

/// A keychain to keep the session in, where the desktop has none.
const TO_RUN: &[&str] = &["gnome-keyring"];

/// Where the packages are of a client that others wrote, which judges the development pool.
const OPENID_CLIENT: &str = "src-tauri/crates/userpool/tests/openid-client";

/// What `dev` needs.
pub(crate) fn for_dev() -> Outcome {
    let wanted: Vec<_> = TO_BUILD.iter().chain(TO_RUN).copied().collect();
    packages(&wanted)?;
    ui()
}

/// What `test` and `tour` need.
pub(crate) fn for_tests() -> Outcome {
    let wanted: Vec<_> = TO_BUILD.iter().chain(TO_TEST).copied().collect();
    packages(&wanted)?;
    ui()?;
    npm_packages(OPENID_CLIENT)
}

fn packages(wanted: &[&str]) -> Outcome {
    if !cfg!(target_os = "linux") {
        return elsewhere();
    }
    if !succeeds(command("apt-get", &["--version"])) {
        return other_linux();
    }
    let missing: Vec<_> = wanted.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    say(&format!("Missing, and installed now: {}", missing.join(" ")));
    run(apt(&["update"]))?;
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend_from_slice(&missing);
    run(apt(&install))
}

/// `apt-get`, through sudo unless this is root.
fn apt(arguments: &[&str]) -> Command {
    let root_already = command("id", &["-u"]).output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    let mut words = vec![];
    if !root_already {
        words.push("sudo");
    }
    words.push("apt-get");
    words.extend_from_slice(arguments);
    let mut command = command(words[0], &words[1..]);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_installed(package: &str) -> bool {
    let query = ["--show", "--showformat=${db:Status-Status}", package];
    command("dpkg-query", &query).output().is_ok_and(|output| output.stdout == b"installed")
}

/// Linux without apt: the exact command, for the person to run; nothing to do where it has been run.
fn other_linux() -> Outcome {
    if succeeds(command("pkg-config", &["--exists", "webkit2gtk-4.1", "dbus-1", "librsvg-2.0"])) {
        return Ok(());
    }
    let fedora = "sudo dnf install webkit2gtk4.1-devel librsvg2-devel libappindicator-gtk3-devel dbus-devel gcc \
                  gnome-keyring";
    let arch =
        "sudo pacman -S --needed webkit2gtk-4.1 librsvg libappindicator-gtk3 dbus base-devel gnome-keyring";
    let suse = "sudo zypper install webkit2gtk3-devel librsvg-devel libappindicator3-1 dbus-1-devel gcc gnome-keyring";
    Err(format!(
        "the window's libraries are missing. Install them, then run this again:\n  Fedora: {fedora}\n  Arch:   \
         {arch}\n  openSUSE: {suse}"
    ))
}

/// macOS and Windows: only what cannot be taken for granted is asked for.
fn elsewhere() -> Outcome {
    if cfg!(target_os = "macos") && !succeeds(command("xcode-select", &["-p"])) {
        return Err("Apple's build tools are missing. Run: xcode-select --install".to_owned());
    }
    Ok(())
}

/// The UI's packages.
fn ui() -> Outcome {
    npm_packages("ui")
}

/// The packages of a folder, when they are not there or older than the lock file.
fn npm_packages(folder: &str) -> Outcome {
    if !succeeds(npm(&["--version"])) {
        return Err("npm is missing. Install Node.js 20 or newer (https://nodejs.org), then run this again."
            .to_owned());
    }
    let there = root().join(folder);
    let written = |path: &Path| path.metadata().and_then(|about| about.modified()).ok();
    let stamp: Option<SystemTime> = written(&there.join("node_modules/.package-lock.json"));
    if stamp.is_some() && stamp >= written(&there.join("package-lock.json")) {
        return Ok(());
    }
    run(npm_in(folder, &["ci", "--no-audit", "--no-fund"]))
}
