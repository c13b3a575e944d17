//! A private D-Bus session with a real Secret Service and a home of its own, for one test at a time.
//!
//! The connection to the store is one per process and is found through the process's environment: each test runs
//! its own executable once more, for itself alone, inside the session.

use std::collections::HashMap;
use std::future::Future;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use virtual_desktop::bus::{Connection, Messages};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

const INSIDE: &str = "KEYCHAIN_TEST_INSIDE";
const SECRETS: &str = "org.freedesktop.secrets";
const PROMPTER: &str = "org.gnome.keyring.SystemPrompter";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const INTERNAL: &str = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
const BUS_NAME: &str = "org.freedesktop.DBus";
/// How long a test may take before it counts as hanging.
const LONGEST: Duration = Duration::from_secs(60);
const DEADLINE: Duration = Duration::from_secs(20);

/// Nothing on this bus is started by asking for it: what is there, the test has started.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

/// Runs the body of the test `name` inside a private session, and fails if it fails or did not run.
pub(crate) fn inside<F: Future<Output = ()>>(name: &str, body: impl FnOnce(Desktop) -> F) {
    if is_inside(name) {
        return run_to_the_end(name, body);
    }
    let home = Home::new(name);
    let _bus = home.bus();
    home.run(name);
}

/// As [`inside`], where there is not even a D-Bus session.
pub(crate) fn inside_without_a_bus<F: Future<Output = ()>>(name: &str, body: impl FnOnce() -> F) {
    if is_inside(name) {
        run_to_the_end(name, |_| body());
    } else {
        Home::new(name).run(name);
    }
}

fn is_inside(name: &str) -> bool {
    std::env::var(INSIDE).is_ok_and(|inside| inside == name)
}

fn run_to_the_end<F: Future<Output = ()>>(name: &str, body: impl FnOnce(Desktop) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let home = PathBuf::from(std::env::var("HOME").unwrap());
    let body = body(Desktop { home: home.clone() });
    runtime.block_on(async { tokio::time::timeout(LONGEST, body).await }).expect("the test should not hang");
    std::fs::write(home.join("ran"), name).unwrap();
}

struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        // A socket's path must be short.
        let short: String = name.chars().take(24).collect();
        let home = std::env::temp_dir().join(format!("kc-{}-{short}", std::process::id()));
        let _ = std::fs::remove_dir_all(&home);
        let mut private = std::fs::DirBuilder::new();
        private.recursive(true).mode(0o700);
        private.create(home.join("run")).unwrap();
        std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
        Self(home)
    }

    /// Runs the test of this name once more with this home and whatever is at its socket.
    fn run(&self, name: &str) {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--nocapture", "--test-threads=1"])
            .env(INSIDE, name)
            .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", self.socket().display()))
            .env("HOME", &self.0)
            .env("XDG_RUNTIME_DIR", self.0.join("run"))
            .env_remove("XDG_DATA_HOME")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .output()
            .unwrap();
        let told = format!(
            "{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.status.success(), "inside:\n{told}");
        let ran = std::fs::read_to_string(self.0.join("ran"));
        assert_eq!(ran.ok().as_deref(), Some(name), "it did not run inside:\n{told}");
    }

    fn socket(&self) -> PathBuf {
        self.0.join("bus")
    }

    fn bus(&self) -> Ended {
        let configuration = self.0.join("bus.conf");
        std::fs::write(&configuration, BUS.replace("SOCKET", &self.socket().display().to_string())).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", configuration.display()))
            .args(["--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon (Debian: dbus)");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Ended(bus)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process that ends with this value.
pub(crate) struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The session a test runs in.
pub(crate) struct Desktop {
    home: PathBuf,
}

impl Desktop {
    /// Starts the Secret Service with its login keyring unlocked, and creates that if it does not exist.
    pub(crate) fn unlocked(&self) -> Keyring {
        self.start(Some("password"))
    }

    /// Starts the Secret Service without telling it the password.
    pub(crate) fn locked(&self) -> Keyring {
        self.start(None)
    }

    fn start(&self, password: Option<&str>) -> Keyring {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        command.arg(format!("--control-directory={}", self.home.join("run").display()));
        if password.is_some() {
            command.arg("--unlock");
        } else {
            command.arg("--start");
        }
        let mut daemon = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon (Debian: gnome-keyring)");
        let mut input = daemon.stdin.take().unwrap();
        if let Some(password) = password {
            input.write_all(password.as_bytes()).unwrap();
        }
        drop(input);
        let keyring = Keyring { connection: connect(), daemon: Ended(daemon) };
        wait_for_owner(SECRETS, true);
        keyring
    }

    /// Watches from now on what prompts are brought up.
    pub(crate) fn watch_prompts(&self) -> Prompts {
        let monitor = connect();
        let messages = monitor.messages();
        let rules = vec![format!("type='method_call',interface='{PROMPT}'")];
        let monitoring = "org.freedesktop.DBus.Monitoring";
        monitor
            .call_method(
                Some(BUS_NAME),
                "/org/freedesktop/DBus",
                Some(monitoring),
                "BecomeMonitor",
                &(rules, 0_u32),
            )
            .unwrap();
        Prompts { messages, connection: connect() }
    }

    /// Starts an X display and the system's own prompter on it.
    pub(crate) fn prompter(&self) -> Prompter {
        let mut display = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb (Debian: xvfb)");
        let mut number = String::new();
        BufReader::new(display.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Prompter { name: format!(":{}", number.trim()), _display: Ended(display), program: None }
    }

    /// The file that the login keyring is kept in.
    pub(crate) fn keyring_file(&self) -> PathBuf {
        self.home.join(Path::new(".local/share/keyrings/login.keyring"))
    }
}

/// A running Secret Service.
pub(crate) struct Keyring {
    connection: Connection,
    daemon: Ended,
}

impl Keyring {
    /// Ends it and waits until nobody answers to its name.
    pub(crate) fn stop(mut self) {
        self.daemon.0.kill().unwrap();
        self.daemon.0.wait().unwrap();
        wait_for_owner(SECRETS, false);
    }

    fn login(&self) -> OwnedObjectPath {
        let reply =
            self.connection.call_method(Some(SECRETS), PATH, Some(SERVICE), "ReadAlias", &"default").unwrap();
        reply.body().deserialize().unwrap()
    }

    /// Locks the login keyring, as a desktop does when the user says so.
    pub(crate) fn lock(&self) {
        self.lock_collection(&self.login());
        assert!(self.is_locked());
    }

    /// Locks any collection.
    pub(crate) fn lock_collection(&self, collection: &OwnedObjectPath) {
        self.connection
            .call_method(Some(SECRETS), PATH, Some(SERVICE), "Lock", &(vec![collection],))
            .unwrap();
    }

    /// Unlocks it with the password, as another program's prompt does.
    pub(crate) fn unlock(&self) {
        self.unlock_collection(&self.login());
        assert!(!self.is_locked());
    }

    /// Unlocks any collection.
    pub(crate) fn unlock_collection(&self, collection: &OwnedObjectPath) {
        let password = (self.session(), Vec::<u8>::new(), b"password".to_vec(), "text/plain");
        self.connection
            .call_method(
                Some(SECRETS),
                PATH,
                Some(INTERNAL),
                "UnlockWithMasterPassword",
                &(collection, password),
            )
            .unwrap();
    }

    /// Makes another collection and puts an entry of the app into it.
    pub(crate) fn put_elsewhere(&self, app: &str, name: &str, content: &[u8]) -> OwnedObjectPath {
        let session = self.session();
        let label = HashMap::from([("org.freedesktop.Secret.Collection.Label", Value::from("Elsewhere"))]);
        let password = (&session, Vec::<u8>::new(), b"password".to_vec(), "text/plain");
        let reply = self
            .connection
            .call_method(Some(SECRETS), PATH, Some(INTERNAL), "CreateWithMasterPassword", &(label, password))
            .unwrap();
        let collection: OwnedObjectPath = reply.body().deserialize().unwrap();
        let attributes = HashMap::from([("service", app), ("username", name)]);
        let properties = HashMap::from([
            ("org.freedesktop.Secret.Item.Label", Value::from("elsewhere")),
            ("org.freedesktop.Secret.Item.Attributes", Value::from(attributes)),
        ]);
        let secret = (&session, Vec::<u8>::new(), content.to_vec(), "application/octet-stream");
        let interface = "org.freedesktop.Secret.Collection";
        self.connection
            .call_method(
                Some(SECRETS),
                &collection,
                Some(interface),
                "CreateItem",
                &(properties, secret, true),
            )
            .unwrap();
        collection
    }

    fn session(&self) -> OwnedObjectPath {
        let reply = self
            .connection
            .call_method(Some(SECRETS), PATH, Some(SERVICE), "OpenSession", &("plain", Value::from("")))
            .unwrap();
        let (_, session): (OwnedValue, OwnedObjectPath) = reply.body().deserialize().unwrap();
        session
    }

    pub(crate) fn is_locked(&self) -> bool {
        let collection = "org.freedesktop.Secret.Collection";
        let properties = "org.freedesktop.DBus.Properties";
        let reply = self
            .connection
            .call_method(Some(SECRETS), self.login(), Some(properties), "Get", &(collection, "Locked"))
            .unwrap();
        bool::try_from(reply.body().deserialize::<OwnedValue>().unwrap()).unwrap()
    }

    /// The names of all entries of an app, sorted.
    pub(crate) fn names(&self, app: &str) -> Vec<String> {
        let attributes = HashMap::from([("service", app)]);
        let reply = self
            .connection
            .call_method(Some(SECRETS), PATH, Some(SERVICE), "SearchItems", &(attributes,))
            .unwrap();
        let (unlocked, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
            reply.body().deserialize().unwrap();
        assert!(locked.is_empty());
        let mut names: Vec<String> =
            unlocked.iter().map(|item| self.attributes(item)["username"].clone()).collect();
        names.sort();
        names
    }

    fn attributes(&self, item: &OwnedObjectPath) -> HashMap<String, String> {
        let properties = "org.freedesktop.DBus.Properties";
        let reply = self
            .connection
            .call_method(
                Some(SECRETS),
                item,
                Some(properties),
                "Get",
                &("org.freedesktop.Secret.Item", "Attributes"),
            )
            .unwrap();
        HashMap::try_from(reply.body().deserialize::<OwnedValue>().unwrap()).unwrap()
    }
}

/// The system's prompter, and somebody to answer it.
pub(crate) struct Prompter {
    name: String,
    _display: Ended,
    program: Option<Ended>,
}

impl Prompter {
    /// Gets ready for one prompt: the program ends by itself some seconds after it was last used.
    pub(crate) fn expect_one(&mut self) {
        self.program = None;
        wait_for_owner(PROMPTER, false);
        let program = Command::new("/usr/libexec/gcr-prompter")
            .env("DISPLAY", &self.name)
            .stderr(Stdio::null())
            .spawn()
            .expect("gcr-prompter (Debian: gcr)");
        self.program = Some(Ended(program));
        wait_for_owner(PROMPTER, true);
    }

    /// Waits until the prompt is on the display.
    pub(crate) fn wait_for_window(&self) {
        let status = self.xdotool(&["search", "--sync", "--onlyvisible", "--class", "gcr-prompter"]);
        assert!(status.success());
    }

    /// Presses keys.
    pub(crate) fn press(&self, keys: &[&str]) {
        for key in keys {
            assert!(self.xdotool(&["key", key]).success());
        }
    }

    fn xdotool(&self, arguments: &[&str]) -> std::process::ExitStatus {
        Command::new("timeout")
            .arg(DEADLINE.as_secs().to_string())
            .arg("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.name)
            .stdout(Stdio::null())
            .status()
            .expect("xdotool (Debian: xdotool)")
    }
}

/// The prompts that were brought up, by whomever.
pub(crate) struct Prompts {
    messages: Messages,
    connection: Connection,
}

impl Prompts {
    /// How many there were since the last time this was asked.
    pub(crate) fn count(&mut self) -> usize {
        let sentinel = self.connection.call_method(Some(BUS_NAME), "/", Some(PROMPT), "Sentinel", &());
        assert!(sentinel.is_err(), "the bus has no such method");
        let mut count = 0;
        for message in &mut self.messages {
            let message = message.unwrap();
            let header = message.header();
            if header.interface().is_none_or(|interface| interface != PROMPT) {
                continue;
            }
            match header.member().map(|member| member.as_str()) {
                Some("Prompt") => count += 1,
                Some("Sentinel") => return count,
                _ => {}
            }
        }
        panic!("the bus is gone");
    }
}

fn wait_for_owner(name: &str, expected: bool) {
    let connection = connect();
    let deadline = Instant::now() + DEADLINE;
    loop {
        let reply = connection
            .call_method(Some(BUS_NAME), "/org/freedesktop/DBus", Some(BUS_NAME), "NameHasOwner", &name)
            .unwrap();
        if reply.body().deserialize::<bool>().unwrap() == expected {
            return;
        }
        assert!(Instant::now() < deadline, "{name} on the bus should be {expected}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn connect() -> Connection {
    Connection::open(None, DEADLINE)
}
