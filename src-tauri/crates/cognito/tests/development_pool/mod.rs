//! The development pool as a process of its own, for one test.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

pub(crate) struct DevelopmentPool {
    pub(crate) issuer: String,
    host: String,
    // Ends when its standard input closes, and that is when this is dropped.
    _process: Child,
}

impl DevelopmentPool {
    pub(crate) async fn start() -> Self {
        let mut process = Command::new(program())
            .args(["--port", "0", "--until-stdin-closes"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the development pool starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output is piped")).lines();
        let line =
            tokio::time::timeout(Duration::from_secs(20), lines.next_line()).await.expect("a line in time");
        let line = line.expect("its output is text").expect("it announces itself");
        let announcement: Value = serde_json::from_str(&line).expect("the first line is JSON");
        let text = |name: &str| announcement[name].as_str().expect("the announcement has it").to_owned();
        let host = text("endpoint").strip_prefix("http://").expect("it is on loopback").to_owned();
        Self { issuer: text("issuer"), host, _process: process }
    }

    /// Changes the pool through its control surface.
    pub(crate) async fn post(&self, path: &str, body: &str) {
        let (status, words) = self.exchange("POST", path, body).await;
        assert_eq!(status, "200", "{path} {body}: {words}");
    }

    /// How many requests of an operation have come.
    pub(crate) async fn count(&self, operation: &str) -> u64 {
        let log = self.get("log").await;
        let by_outcome = log["counts"][operation].as_object();
        by_outcome.into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum()
    }

    /// What the control surface tells.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (_, body) = self.exchange("GET", path, "").await;
        serde_json::from_str(&body).expect("the pool tells in JSON")
    }

    async fn exchange(&self, method: &str, path: &str, body: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.host).await.expect("the pool listens");
        let request = format!(
            "{method} /_userpool/{path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.expect("the pool reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("the pool answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        (head.split(' ').nth(1).unwrap_or_default().to_owned(), body.to_owned())
    }
}

/// The pool's program, in the folder that this test's own is in; built if need be.
fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = std::env::current_exe().expect("the path of this test");
        let folder = test.ancestors().nth(2).expect("target/<profile>/deps/<test>");
        let mut build = std::process::Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "-p", "userpool", "--target-dir"]);
        build.arg(folder.parent().expect("target/<profile>")).current_dir(env!("CARGO_MANIFEST_DIR"));
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo runs").success(), "the development pool is not built");
        folder.join(format!("userpool{}", std::env::consts::EXE_SUFFIX))
    })
}
