//! Tests of what finds the keychain through its own process's environment, and keeps one connection to it: each runs its
//! executable once more, for itself alone, on a desktop of its own without a display.

use std::future::Future;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::home::{Bus, Home};
use crate::keyring::Keyring;
use crate::prompts::{Prompter, Prompts};

const INSIDE: &str = "VIRTUAL_DESKTOP_INSIDE";
/// What a test has run to its end leaves in its home.
const RAN: &str = "ran";
/// How long a test may take before it counts as hanging.
const LONGEST: Duration = Duration::from_secs(60);
/// What would lead out of the desktop, or onto somebody's screen.
const LEADS_OUT: [&str; 3] = ["DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY"];

/// Runs the body of the test `name` inside a private session, and fails if it fails or did not run.
pub fn inside<F: Future<Output = ()>>(name: &str, body: impl FnOnce(Session) -> F) {
    if is_inside(name) {
        return run_to_the_end(name, body);
    }
    let home = Home::new(name);
    let bus = Bus::start(&home);
    run_again(name, &home, &[("DBUS_SESSION_BUS_ADDRESS".to_owned(), bus.address().to_owned())]);
}

/// As [`inside`], where there is not even a D-Bus session.
pub fn inside_without_a_bus<F: Future<Output = ()>>(name: &str, body: impl FnOnce() -> F) {
    if is_inside(name) {
        return run_to_the_end(name, |_| body());
    }
    let home = Home::new(name);
    let nowhere = format!("unix:path={}", home.path().join("bus").display());
    run_again(name, &home, &[("DBUS_SESSION_BUS_ADDRESS".to_owned(), nowhere)]);
}

fn is_inside(name: &str) -> bool {
    std::env::var(INSIDE).is_ok_and(|inside| inside == name)
}

fn run_to_the_end<F: Future<Output = ()>>(name: &str, body: impl FnOnce(Session) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("a runtime: {error}"));
    let session = Session::of_this_process();
    let ran = session.home.join(RAN);
    let body = body(session);
    runtime
        .block_on(async { tokio::time::timeout(LONGEST, body).await })
        .unwrap_or_else(|_| panic!("{name} takes longer than {LONGEST:?}"));
    std::fs::write(&ran, name).unwrap_or_else(|error| panic!("{}: {error}", ran.display()));
}

fn run_again(name: &str, home: &Home, bus: &[(String, String)]) {
    let executable = std::env::current_exe().unwrap_or_else(|error| panic!("this executable: {error}"));
    let mut command = Command::new(executable);
    command.args([name, "--exact", "--nocapture", "--test-threads=1"]);
    for variable in LEADS_OUT {
        command.env_remove(variable);
    }
    command.env(INSIDE, name).envs(home.environment()).envs(bus.iter().cloned());
    let output = command.output().unwrap_or_else(|error| panic!("{name} once more: {error}"));
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "inside:\n{out}\n{error}");
    let ran = std::fs::read_to_string(home.path().join(RAN));
    assert_eq!(ran.ok().as_deref(), Some(name), "it did not run inside:\n{out}\n{error}");
}

/// The session that a test runs in.
#[derive(Debug)]
pub struct Session {
    home: PathBuf,
    bus: String,
}

impl Session {
    fn of_this_process() -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let home = PathBuf::from(variable("HOME"));
        let home = home.parent().unwrap_or(&home).to_owned();
        Self { home, bus: variable("DBUS_SESSION_BUS_ADDRESS") }
    }

    /// Starts the Secret Service with its keyring unlocked, and creates that if there is none yet.
    #[must_use]
    pub fn unlocked(&self) -> Keyring {
        Keyring::start(&self.bus, &self.home, &[], true)
    }

    /// Starts the Secret Service without telling it the password.
    #[must_use]
    pub fn locked(&self) -> Keyring {
        Keyring::start(&self.bus, &self.home, &[], false)
    }

    /// Watches from now on what prompts are brought up.
    #[must_use]
    pub fn watch_prompts(&self) -> Prompts {
        Prompts::watch(&self.bus)
    }

    /// Starts an X display and gets ready to start the system's own prompter on it.
    #[must_use]
    pub fn prompter(&self) -> Prompter {
        Prompter::start(&self.bus, &self.home)
    }

    /// The file that the keyring is kept in.
    #[must_use]
    pub fn keyring_file(&self) -> PathBuf {
        self.home.join("home/.local/share/keyrings/login.keyring")
    }
}
