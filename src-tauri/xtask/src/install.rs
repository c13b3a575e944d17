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
    "xdg-utils",
    "desktop-file-utils",
];

/// The browser that the tests drive, where there is none that they can.
const BROWSER: &[&str] = &["chromium", "chromium-driver"];

/// What its program may be called.
const BROWSERS: &[&str] = &["chromium", "google-chrome"];

/// The programs of [`TO_TEST`] and [`BROWSER`], for systems that call their packages otherwise.
const PROGRAMS: &[&str] = &[
    "dbus-daemon",
    "gnome-keyring-daemon",
    "Xvfb",
    "xdotool",
    "convert",
    "WebKitWebDriver",
    "localedef",
    "python3",
    "xdg-open",
    "update-desktop-database",
    "chromedriver",
];

/// A keychain to keep the session in, and what makes the app the handler of its links, where the desktop has neither.
const TO_RUN: &[&str] = &["gnome-keyring", "xdg-utils", "desktop-file-utils"];

/// Where the packages are of clients that others wrote, which judge the development pool.
const JUDGES: [&str; 2] =
    ["src-tauri/crates/userpool/tests/aws-clients", "src-tauri/crates/userpool/tests/openid-client"];

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
    if cfg!(target_os = "linux") {
        if has_apt() { browser() } else { programs() }?;
    }
    ui()?;
    JUDGES.into_iter().try_for_each(npm_packages)
}

fn packages(wanted: &[&str]) -> Outcome {
    if !cfg!(target_os = "linux") {
        return elsewhere();
    }
    if !has_apt() {
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

/// The browser and its driver, by apt. One that is there already is taken, whoever made it.
fn browser() -> Outcome {
    let is_there = BROWSERS.iter().any(|program| is_program(program)) && is_program("chromedriver");
    if is_there {
        return Ok(());
    }
    run(apt(&["update"]))?;
    // Ubuntu has none of these; what it has leads to a snap.
    if !BROWSER.iter().all(|package| is_offered(package)) {
        return Err("a browser for the tests is missing, and this system has Chromium only as a snap, which cannot \
                    use a home folder of the tests. Install Google Chrome (https://www.google.com/chrome) and, beside \
                    it on the PATH, the ChromeDriver of the same version \
                    (https://googlechromelabs.github.io/chrome-for-testing), then run this again."
            .to_owned());
    }
    packages(BROWSER)
}

fn has_apt() -> bool {
    succeeds(command("apt-get", &["--version"]))
}

/// Whether there is a program of this name; one that leads to a snap is none.
fn is_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .filter_map(|program| program.canonicalize().ok())
        .any(|program| program.is_file() && !program.ends_with("snap") && !program.starts_with("/snap"))
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

/// Whether apt knows where to get it.
fn is_offered(package: &str) -> bool {
    let policy = command("apt-cache", &["policy", package]).env("LC_ALL", "C").output();
    let policy =
        policy.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    policy.lines().any(|line| line.contains("Candidate:") && !line.contains("(none)"))
}

/// Linux without apt: the exact command, for the person to run; nothing to do where it has been run.
fn other_linux() -> Outcome {
    if succeeds(command("pkg-config", &["--exists", "webkit2gtk-4.1", "dbus-1", "librsvg-2.0"])) {
        return Ok(());
    }
    let fedora = "sudo dnf install webkit2gtk4.1-devel librsvg2-devel libappindicator-gtk3-devel dbus-devel gcc \
                  gnome-keyring xdg-utils desktop-file-utils";
    let arch = "sudo pacman -S --needed webkit2gtk-4.1 librsvg libappindicator-gtk3 dbus base-devel gnome-keyring \
                xdg-utils desktop-file-utils";
    let suse = "sudo zypper install webkit2gtk3-devel librsvg-devel libappindicator3-1 dbus-1-devel gcc \
                gnome-keyring xdg-utils desktop-file-utils";
    Err(format!(
        "the window's libraries are missing. Install them, then run this again:\n  Fedora: {fedora}\n  Arch:   \
         {arch}\n  openSUSE: {suse}"
    ))
}

/// The same of what only the tests need, browser and all.
fn programs() -> Outcome {
    let mut missing: Vec<_> = PROGRAMS.iter().copied().filter(|program| !is_program(program)).collect();
    if !BROWSERS.iter().any(|program| is_program(program)) {
        missing.push(BROWSERS[0]);
    }
    if missing.is_empty() {
        return Ok(());
    }
    let fedora = "sudo dnf install dbus-daemon gnome-keyring gcr xorg-x11-server-Xvfb xdotool ImageMagick \
                  webkit2gtk-driver glibc-locale-source dejavu-sans-fonts google-noto-sans-cjk-fonts python3 xdg-utils \
                  desktop-file-utils chromium chromedriver";
    let arch = "sudo pacman -S --needed dbus gnome-keyring gcr xorg-server-xvfb xdotool imagemagick webkit2gtk-4.1 \
                ttf-dejavu noto-fonts-cjk python xdg-utils desktop-file-utils chromium";
    let suse = "sudo zypper install dbus-1-daemon gnome-keyring gcr xorg-x11-server-Xvfb xdotool ImageMagick \
                webkit2gtk-driver glibc-i18ndata dejavu-fonts google-noto-sans-cjk-fonts python3 xdg-utils \
                desktop-file-utils chromium chromedriver";
    Err(format!(
        "the tests need programs that are missing: {}. Install them, then run this again:\n  Fedora: {fedora}\n  Arch:  \
          {arch}\n  openSUSE: {suse}",
        missing.join(" ")
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
