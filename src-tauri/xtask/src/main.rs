//! `cargo xtask`: everything that is done with this repository, each by one command.
//!
//! Only the standard library is used, so that the first thing a newcomer sees is not a long build.

mod figures;
mod install;
mod run;
mod screens;
mod servers;
mod tasks;

use std::io::Write;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <task>

  dev            open the window on the development user pool (installs what is missing)
  test           run every test: Rust, the UI, the real keychain, the real window
  test --quick   the same without the window
  screens [folder]
                 a picture of every screen, in both languages, dark and light, in every size, with a page of them
                 all (in target/screens, where no folder is given); each is checked as `test` does
  tour           sign in, kill, start again on a virtual display; a screenshot of each step
  figures        measure the release window beside a bare one: start, memory, wake-ups, click, size
  servers        the development pool and the UI's server, as `dev` starts them
  install        install what the tests need, and nothing else
";

/// What a task ends with: nothing, or what is wrong and what to do.
type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["dev"] => tasks::dev(),
        ["test"] => tasks::test(tasks::Extent::Everything),
        ["test", "--quick"] => tasks::test(tasks::Extent::WithoutWindow),
        ["screens"] => screens::picture(None),
        ["screens", folder] => screens::picture(Some(folder)),
        ["tour"] => tasks::tour(),
        ["figures"] => figures::measure(),
        ["servers"] => servers::run(),
        ["install"] => install::for_tests(),
        [] | ["help" | "--help" | "-h"] => {
            say(HELP);
            Ok(())
        }
        _ => Err(format!("there is no task `{}`\n\n{HELP}", words.join(" "))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes a line for the person at the terminal.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
