//! The development user pool, as its own process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::process::{DEADLINE, Running};

/// What [`UserPool::ask`] says of itself: it tells what a test asked from what the window did.
pub const AGENT: &str = "test";

/// A running development pool.
#[derive(Debug)]
pub struct UserPool {
    binary: PathBuf,
    arguments: Vec<String>,
    about: Value,
    process: Running,
}

impl UserPool {
    /// Starts the program `binary` on a free port of loopback.
    #[must_use]
    pub fn start(binary: &Path, arguments: &[&str]) -> Self {
        let arguments: Vec<_> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let (process, about) = spawn(binary, 0, &arguments);
        Self { binary: binary.to_owned(), arguments, about, process }
    }

    /// The pool's issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.about["issuer"].as_str().unwrap_or_default()
    }

    /// Where it answers, managed login and all: scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.about["endpoint"].as_str().unwrap_or_default()
    }

    /// The secret of an app client that has one.
    #[must_use]
    pub fn secret(&self, client: &str) -> Option<&str> {
        let clients = self.about["clients"].as_array()?;
        clients.iter().find(|listed| listed["id"] == client)?["secret"].as_str()
    }

    /// The password of a demo user.
    ///
    /// # Panics
    /// If there is no such user.
    #[must_use]
    pub fn password(&self, username: &str) -> &str {
        self.told(username, "password")
    }

    /// The secret of a demo user's authenticator app, in base 32.
    ///
    /// # Panics
    /// If there is no such user, or if the user has no such app.
    #[must_use]
    pub fn authenticator_secret(&self, username: &str) -> &str {
        self.told(username, "totp_secret")
    }

    /// What the pool tells of a demo user.
    fn told(&self, username: &str, what: &str) -> &str {
        let users = self.about["users"].as_array().map(Vec::as_slice).unwrap_or_default();
        let user = users.iter().find(|listed| listed["username"] == username);
        user.and_then(|user| user[what].as_str())
            .unwrap_or_else(|| panic!("no demo user {username} with a {what}"))
    }

    /// Ends it: nobody answers any more.
    pub fn stop(&mut self) {
        self.process.stop();
    }

    /// Starts it again on the same port, after [`UserPool::stop`].
    pub fn start_again(&mut self) {
        let port = self.port();
        let (process, about) = spawn(&self.binary, port, &self.arguments);
        (self.process, self.about) = (process, about);
    }

    /// Asks an operation of the Cognito API, as [`AGENT`]; gives the status and the answer.
    #[must_use]
    pub fn ask(&self, operation: &str, body: &Value) -> (u16, Value) {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let headers = format!(
            "X-Amz-Target: {target}\r\nContent-Type: application/x-amz-json-1.1\r\nUser-Agent: {AGENT}\r\n"
        );
        self.exchange("POST", "/", &headers, &body.to_string())
    }

    /// Uses the control surface: `POST /_userpool/<what>`.
    pub fn control(&self, what: &str, body: &Value) {
        let headers = "Content-Type: application/json\r\n";
        let (status, answer) =
            self.exchange("POST", &format!("/_userpool/{what}"), headers, &body.to_string());
        assert!(status < 300, "the pool's control {what}: {status} {answer}");
    }

    /// The newest code that the pool has sent to a user.
    ///
    /// # Panics
    /// If it has sent none.
    #[must_use]
    pub fn code(&self, username: &str) -> String {
        let outbox = self.exchange("GET", "/_userpool/outbox", "", "").1;
        let messages = outbox.as_array().or_else(|| outbox["messages"].as_array());
        let sent = messages.into_iter().flatten().rev().find(|message| message["username"] == username);
        let code = sent.and_then(|message| message["code"].as_str());
        code.unwrap_or_else(|| panic!("no code for {username} in {outbox}")).to_owned()
    }

    /// What the pool was asked, oldest first.
    #[must_use]
    pub fn log(&self) -> Value {
        self.exchange("GET", "/_userpool/log", "", "").1
    }

    fn port(&self) -> u16 {
        self.origin().rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default()
    }

    fn exchange(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, Value) {
        let port = self.port();
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(("127.0.0.1", port))?;
            stream.set_read_timeout(Some(Duration::from_secs(30)))?;
            let length = body.len();
            let fixed =
                format!("Host: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: {length}\r\n");
            stream.write_all(format!("{method} {path} HTTP/1.1\r\n{fixed}{headers}\r\n{body}").as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        let answer = ask().unwrap_or_else(|error| panic!("the development pool at port {port}: {error}"));
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }
}

fn spawn(binary: &Path, port: u16, arguments: &[String]) -> (Running, Value) {
    let mut command = Command::new(binary);
    command.args(["--port", &port.to_string()]).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    if std::env::var_os("VIRTUAL_DESKTOP_VERBOSE").is_none() {
        command.stderr(Stdio::null());
    }
    let mut process = Running::start(&mut command, "it by: cargo build -p userpool");
    let mut line = String::new();
    if let Some(output) = process.0.stdout.take() {
        let _ = BufReader::new(output).read_line(&mut line);
    }
    let about = serde_json::from_str(&line)
        .unwrap_or_else(|error| panic!("{} said {line:?} ({error}) within {DEADLINE:?}", binary.display()));
    (process, about)
}
