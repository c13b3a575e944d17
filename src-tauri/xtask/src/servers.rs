//! The two servers of development: the user pool and the UI's, started and ended together.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::run::{self, cargo, npm, root, target};
use crate::{Outcome, say};

/// The development pool's port, which the app knows as a constant.
const POOL: u16 = 9229;
/// Vite's port, as in `tauri.conf.json`.
const PAGE: u16 = 1420;

/// A server that ends with this value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts both and stays until one of them ends, or until whoever started this is gone.
pub(crate) fn run() -> Outcome {
    is_free(POOL, "the development pool")?;
    is_free(PAGE, "the UI's server")?;
    run::run(cargo(&["build", "--package", "userpool"]))?;
    let parent = parent_id();
    let state = root().join(".dev/pool.json");
    std::fs::create_dir_all(root().join(".dev")).map_err(|error| format!("{}: {error}", state.display()))?;
    let program = target().join("debug").join(if cfg!(windows) { "userpool.exe" } else { "userpool" });
    let mut pool = Command::new(&program);
    pool.args(["--until-stdin-closes", "--port", &POOL.to_string(), "--state"]).arg(&state);
    // Our end of the pipe closes when this process ends, however it ends, and the pool with it.
    let mut pool = start(pool.stdin(Stdio::piped()).stdout(Stdio::piped()), "the development pool")?;
    let input = pool.0.stdin.take();
    show_demo_users(&mut pool)?;
    let mut page = start(npm(&["run", "dev"]).stdin(Stdio::null()), "the UI's server")?;
    loop {
        if let Ok(Some(status)) = pool.0.try_wait() {
            return Err(format!("the development pool has ended ({status})"));
        }
        if let Ok(Some(status)) = page.0.try_wait() {
            return Err(format!("the UI's server has ended ({status})"));
        }
        if parent_id() != parent {
            drop(input);
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn start(command: &mut Command, what: &str) -> Outcome<Server> {
    command.spawn().map(Server).map_err(|error| format!("{what} could not be started: {error}"))
}

fn is_free(port: u16, what: &str) -> Outcome {
    TcpListener::bind(("127.0.0.1", port)).map(drop).map_err(|error| {
        format!(
            "port {port} of this machine is needed by {what} and cannot be had ({error}): end what uses it"
        )
    })
}

/// The pool's first line says who can sign in.
fn show_demo_users(pool: &mut Server) -> Outcome {
    let output = pool.0.stdout.take().ok_or("the development pool has no output")?;
    let mut lines = BufReader::new(output);
    let mut line = String::new();
    lines.read_line(&mut line).map_err(|error| format!("the development pool: {error}"))?;
    if !line.starts_with('{') {
        return Err(format!("the development pool did not start: {line}"));
    }
    say("\nThe development pool is running. Sign in as `aiko` with the password `Green-Tea-42`;");
    say("the window offers the other demo users.\n");
    // Whatever else comes has to be read, or the pool would wait for a reader.
    std::thread::spawn(move || for _ in lines.lines() {});
    Ok(())
}

#[cfg(unix)]
fn parent_id() -> u32 {
    std::os::unix::process::parent_id()
}

/// Windows ends the whole tree with the terminal.
#[cfg(not(unix))]
const fn parent_id() -> u32 {
    0
}
