//! A pool in a process of its own, ended with the test.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::Value;

/// A running pool.
pub(crate) struct StartedPool {
    process: Child,
    /// The pool ends when this closes, even if the test is killed.
    _input: Option<ChildStdin>,
    /// The first line it printed.
    pub(crate) announcement: Value,
}

impl StartedPool {
    /// Starts a pool on any free port and waits for its first line.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_heard(arguments, Stdio::null())
    }

    /// The same, with standard error going to `console`.
    pub(crate) fn start_heard(arguments: &[&str], console: Stdio) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_userpool"))
            .args(["--port", "0", "--until-stdin-closes"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(console)
            .spawn()
            .expect("the pool starts");
        let input = process.stdin.take();
        let mut line = String::new();
        let output = process.stdout.take().expect("standard output is piped");
        BufReader::new(output).read_line(&mut line).expect("the pool prints a line");
        let announcement = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        Self { process, _input: input, announcement }
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn endpoint(&self) -> &str {
        self.announcement["endpoint"].as_str().expect("the announcement has an endpoint")
    }
}

impl Drop for StartedPool {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
