//! The tasks themselves.

use std::path::Path;
use std::process::Command;

use crate::run::{cargo, command, npm, root, run, target};
use crate::{Outcome, install, say};

/// How much is tested.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All of it.
    Everything,
    /// All but the window.
    WithoutWindow,
}

/// The window with the UI in it, as `tauri build` makes it.
const WITH_UI: &str = "cognito-desktop/custom-protocol";

/// Opens the window on the development pool, or on a virtual display where there is no other.
pub(crate) fn dev() -> Outcome {
    if !has_display() {
        say("There is no display here, so the window is opened on a virtual one: the tour.");
        return tour();
    }
    install::for_dev()?;
    let tauri = root().join("ui/node_modules/.bin").join(if cfg!(windows) { "tauri.cmd" } else { "tauri" });
    hand_over(command(&tauri.display().to_string(), &["dev"]))
}

/// Lets the command take this process's place, so that whoever ends this ends that.
#[cfg(unix)]
fn hand_over(mut command: Command) -> Outcome {
    use std::os::unix::process::CommandExt;
    Err(format!("`tauri dev` could not be started: {}", command.exec()))
}

/// Windows has no such thing: the terminal ends both.
#[cfg(not(unix))]
fn hand_over(command: Command) -> Outcome {
    run(command)
}

/// Signs the demo user in, kills the app, starts it again and shows them still signed in.
pub(crate) fn tour() -> Outcome {
    install::for_tests()?;
    let shots = target().join("tour");
    build_page()?;
    run(cargo(&["build", "--package", "userpool"]))?;
    let mut tour =
        cargo(&["test", "--package", "cognito-desktop", "--features", "custom-protocol", "--test", "window"]);
    tour.args(["the_tour", "--", "--nocapture"]).env("COGNITO_DESKTOP_SHOTS", &shots);
    run(tour)?;
    say(
        "\nSigned in as the demo user `aiko`, killed the app, started it again: still signed in. Screenshots:",
    );
    show_files(&shots)
}

/// Every test. What fails does not keep the rest from being tried.
pub(crate) fn test(extent: Extent) -> Outcome {
    install::for_tests()?;
    let mut parts =
        vec![("UI: types", run(npm(&["run", "check"]))), ("UI: tests", run(npm(&["test", "--", "--run"])))];
    if extent == Extent::Everything {
        // One build for everything: the window with the UI in it.
        parts.push(("UI: build", build_page()));
        parts.push(("UI: gallery", build_gallery()));
        parts.push(("development pool", run(cargo(&["build", "--package", "userpool"]))));
        parts.push(("Rust, keychain, window", run(rust_tests(&["--features", WITH_UI]))));
    } else {
        parts.push(("Rust, keychain", run(rust_tests(&[]))));
    }
    say("");
    for (part, outcome) in &parts {
        say(&format!("{} {part}", if outcome.is_ok() { "passed" } else { "FAILED" }));
    }
    let failed: Vec<_> = parts.into_iter().filter_map(|(_, outcome)| outcome.err()).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n       ")) }
}

fn rust_tests(features: &[&str]) -> Command {
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.args(features);
    command
}

pub(crate) fn build_page() -> Outcome {
    run(npm(&["run", "build"]))
}

/// Every screen, for the window's tests to look at; no part of the window.
pub(crate) fn build_gallery() -> Outcome {
    run(npm(&["run", "build:gallery"]))
}

fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

fn show_files(folder: &Path) -> Outcome {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    for file in files {
        say(&format!("  {}", file.display()));
    }
    Ok(())
}
