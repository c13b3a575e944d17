//! Opens an address in the system's own browser.
//!
//! No shell sees the address, and no log. The arguments of a process can be read by every program of the machine on
//! most systems, other users' included: whoever reads this one has `state` and `nonce` of a sign-in, and neither its
//! code nor the verifier that it takes. They could sign in by it as themselves and bring that back, so that this user
//! would be signed in as them: another user's program is not heard at the port, and cannot open a link on this desktop.

use std::io::ErrorKind;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What opens addresses, each with what it is told first; the better ones first.
#[cfg(target_os = "linux")]
const OPENERS: &[(&str, &[&str])] = &[("xdg-open", &[]), ("gio", &["open"])];
#[cfg(target_os = "macos")]
const OPENERS: &[(&str, &[&str])] = &[("/usr/bin/open", &[])];
#[cfg(windows)]
const OPENERS: &[(&str, &[&str])] = &[(r"System32\rundll32.exe", &["url.dll,FileProtocolHandler"])];

/// However often it is asked for, nobody's desktop is flooded with windows of the browser.
const PAUSE: Duration = Duration::from_secs(1);

/// When an address was opened last.
static LAST: tokio::sync::Mutex<Option<Instant>> = tokio::sync::Mutex::const_new(None);

/// Who cannot open an address says so within this time. Later it has become the browser itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// Opens the address.
///
/// # Errors
/// Why no browser could be started. The address is not in it.
pub(crate) async fn open(address: &str) -> Result<(), String> {
    let address = zeroize::Zeroizing::new(address.to_owned());
    let mut last = LAST.lock().await;
    if let Some(last) = *last {
        tokio::time::sleep(PAUSE.saturating_sub(last.elapsed())).await;
    }
    *last = Some(Instant::now());
    let opened = tauri::async_runtime::spawn_blocking(move || open_by(OPENERS, &address)).await;
    opened.unwrap_or_else(|error| Err(error.to_string()))
}

fn open_by(openers: &[(&str, &[&str])], address: &str) -> Result<(), String> {
    // Whatever else it is, it is nothing for a browser: openers start programs by other schemes, and read options.
    if !["https://", "http://"].iter().any(|scheme| address.starts_with(scheme)) {
        return Err("this is no address of the web".to_owned());
    }
    let mut reasons = Vec::new();
    for (opener, arguments) in openers {
        match started(opener, arguments, address) {
            Ok(()) => return Ok(()),
            Err(reason) => reasons.push(reason),
        }
    }
    Err(reasons.join("; "))
}

fn started(opener: &str, arguments: &[&str], address: &str) -> Result<(), String> {
    #[cfg(windows)]
    let opener = &in_windows(opener);
    let mut command = Command::new(opener);
    command.args(arguments).arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // The browser goes on when the app is ended from a terminal.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("there is no {opener}"),
        _ => format!("{opener}: {error}"),
    })?;
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("{opener}: {status}")),
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            Err(error) => return Err(format!("{opener}: {error}")),
        }
    }
    await_end(child);
    Ok(())
}

/// A program by its whole path: one without is looked for beside the app first.
#[cfg(windows)]
fn in_windows(program: &str) -> String {
    format!("{}\\{program}", std::env::var("SystemRoot").unwrap_or_else(|_| r"C:\Windows".to_owned()))
}

/// A process that has ended stays in the system's table until somebody has asked how.
fn await_end(mut child: Child) {
    let waiting = std::thread::Builder::new().name("browser".to_owned()).spawn(move || child.wait());
    if let Err(error) = waiting {
        tracing::debug!(%error, "the browser's end will not be noticed");
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;

    use super::*;

    const ADDRESS: &str = "https://auth.example.com/oauth2/authorize?state=a;id&x=$(id)&y=%20'\"";

    /// A program that does this, in a folder of its own.
    fn program(name: &str, does: &str) -> (PathBuf, String) {
        let folder = std::env::temp_dir().join(format!("cognito-opening-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("opener");
        std::fs::write(&path, format!("#!/bin/sh\n{does}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        (folder, path.display().to_string())
    }

    #[test]
    fn the_address_arrives_as_it_is_and_alone() {
        let (folder, opener) = program("arrives", r#"printf '%s\n' "$#" "$@" > "$(dirname "$0")/told""#);
        open_by(&[(&opener, &["open"])], ADDRESS).unwrap();
        let told = std::fs::read_to_string(folder.join("told")).unwrap();
        assert_eq!(told, format!("2\nopen\n{ADDRESS}\n"));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn where_one_cannot_the_next_does_and_where_none_can_it_says_why() {
        let (failing, refuses) = program("refuses", "exit 3");
        let (working, opens) = program("opens", "exit 0");
        let missing = failing.join("missing").display().to_string();
        assert_eq!(open_by(&[(&missing, &[]), (&refuses, &[]), (&opens, &[])], ADDRESS), Ok(()));
        let reason = open_by(&[(&missing, &[]), (&refuses, &[])], ADDRESS).unwrap_err();
        assert!(reason.contains(&format!("there is no {missing}; {refuses}: exit status: 3")), "{reason}");
        assert!(!reason.contains("auth.example.com"), "{reason}");
        for folder in [failing, working] {
            std::fs::remove_dir_all(folder).unwrap();
        }
    }

    #[test]
    fn one_that_becomes_the_browser_is_not_waited_for() {
        let (folder, opener) = program("stays", "exec sleep 5");
        let begun = Instant::now();
        assert_eq!(open_by(&[(&opener, &[])], ADDRESS), Ok(()));
        assert!(begun.elapsed() < Duration::from_secs(4));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn nothing_but_an_address_of_the_web_is_opened() {
        let (folder, opener) = program("web", "exit 0");
        for address in ["file:///etc/passwd", "--version", "", "javascript:alert(1)", "HTTPS://example.com"] {
            assert!(open_by(&[(&opener, &[])], address).is_err(), "{address}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
