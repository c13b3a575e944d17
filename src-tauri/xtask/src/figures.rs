//! The window in figures, beside a bare window.

use std::path::{Path, PathBuf};

use crate::run::{cargo, npm, run, target};
use crate::{Outcome, install, say};

/// Fewer runs give no median that could be trusted.
const RUNS: &str = "5";

/// Builds the app and the bare window as they are released, and the rest; measures and prints a Markdown table.
pub(crate) fn measure() -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err("the window is measured on Linux only: on a display that nobody sees".to_owned());
    }
    install::for_tests()?;
    run(npm(&["run", "build"]))?;
    // Each by itself: features that one package turns on must not get into another.
    run(cargo(&["build", "--release", "--package", "cognito-desktop", "--features", "custom-protocol"]))?;
    run(cargo(&["build", "--release", "--package", "userpool"]))?;
    release("bare-window")?;
    release("figures")?;
    say("\nMeasuring for a quarter of an hour. Leave the machine alone meanwhile.");
    let mut figures = crate::run::command(&program("figures").display().to_string(), &[]);
    figures.args(["cognito-desktop", "bare-window", "userpool"].map(program)).arg(RUNS);
    run(figures)
}

/// Builds one of the benches that are workspaces of their own.
fn release(bench: &str) -> Outcome {
    let manifest = Path::new("src-tauri/bench").join(bench).join("Cargo.toml");
    let mut build = cargo(&["build", "--release", "--locked", "--manifest-path"]);
    build.arg(manifest).arg("--target-dir").arg(target());
    run(build)
}

fn program(name: &str) -> PathBuf {
    target().join("release").join(name)
}
