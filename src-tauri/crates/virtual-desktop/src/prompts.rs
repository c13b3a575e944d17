//! The keychain's prompts: how many were brought up, and somebody to answer them.

use std::path::Path;
use std::process::{Command, ExitStatus};

use crate::bus::{Connection, Messages};
use crate::display::Display;
use crate::process::{DEADLINE, Running, quiet};

const PROMPTER: &str = "org.gnome.keyring.SystemPrompter";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
const BUS: &str = "org.freedesktop.DBus";

/// The prompts that were brought up, by whomever.
#[derive(Debug)]
pub struct Prompts {
    messages: Messages,
    connection: Connection,
}

impl Prompts {
    pub(crate) fn watch(bus: &str) -> Self {
        let monitor = Connection::open(Some(bus), DEADLINE);
        let messages = monitor.messages();
        let rules = vec![format!("type='method_call',interface='{PROMPT}'")];
        let monitoring = Some("org.freedesktop.DBus.Monitoring");
        monitor
            .call_method(Some(BUS), "/org/freedesktop/DBus", monitoring, "BecomeMonitor", &(rules, 0_u32))
            .unwrap_or_else(|error| panic!("watching the private bus: {error}"));
        Self { messages, connection: Connection::open(Some(bus), DEADLINE) }
    }

    /// How many there were since the last time this was asked.
    pub fn count(&mut self) -> usize {
        let sentinel = self.connection.call_method(Some(BUS), "/", Some(PROMPT), "Sentinel", &());
        assert!(sentinel.is_err(), "the bus has no such method");
        let mut count = 0;
        for message in &mut self.messages {
            let message = message.unwrap_or_else(|error| panic!("the private bus: {error}"));
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

/// The system's prompter, and somebody to answer it.
#[derive(Debug)]
pub struct Prompter {
    display: Display,
    connection: Connection,
    program: Option<Running>,
}

impl Prompter {
    pub(crate) fn start(bus: &str, home: &Path) -> Self {
        let display = Display::start(home, false);
        Self { display, connection: Connection::open(Some(bus), DEADLINE), program: None }
    }

    /// Gets ready for one prompt: the program ends by itself some seconds after it was last used.
    pub fn expect_one(&mut self) {
        self.program = None;
        self.connection.wait_for_owner(PROMPTER, false);
        let mut program = quiet("/usr/libexec/gcr-prompter");
        self.program = Some(Running::start(program.env("DISPLAY", self.display.name()), "gcr"));
        self.connection.wait_for_owner(PROMPTER, true);
    }

    /// Waits until the prompt is on the display.
    pub fn wait_for_window(&self) {
        let status = self.xdotool(&["search", "--sync", "--onlyvisible", "--class", "gcr-prompter"]);
        assert!(status.success(), "no prompt");
    }

    /// Presses keys.
    pub fn press(&self, keys: &[&str]) {
        for key in keys {
            assert!(self.xdotool(&["key", key]).success(), "the key {key}");
        }
    }

    fn xdotool(&self, arguments: &[&str]) -> ExitStatus {
        let mut command: Command = quiet("timeout");
        command.arg(DEADLINE.as_secs().to_string()).arg("xdotool").args(arguments);
        let status = command.env("DISPLAY", self.display.name()).status();
        status.unwrap_or_else(|error| panic!("xdotool cannot be started ({error}): install xdotool"))
    }
}
