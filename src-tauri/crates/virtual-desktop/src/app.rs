//! The app's process, and its window's close button where there is no window manager to draw one.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, MapState, Window,
};
use x11rb::rust_connection::RustConnection;

use crate::process::{DEADLINE, wait_for};

/// A running app, whoever has started it.
#[derive(Debug)]
pub struct App {
    pid: u32,
    display: String,
}

impl App {
    pub(crate) fn new(pid: u32, display: &str) -> Self {
        Self { pid, display: display.to_owned() }
    }

    /// Its process id.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// Ends it without a word to it, as a power cut does.
    pub fn kill(&self) {
        let killed = Command::new("kill").args(["-9", &self.pid.to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()), "kill -9 {}", self.pid);
        wait_for("the app to be gone", || is_gone(self.pid).then_some(()));
    }

    /// Presses the close button of its window, and waits until it has ended.
    pub async fn close(&self) {
        assert_eq!(ask_to_close(&self.display, self.pid), 1, "windows with a close button");
        let deadline = Instant::now() + DEADLINE;
        while !is_gone(self.pid) {
            assert!(Instant::now() < deadline, "the app did not end within {DEADLINE:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Whether a process has ended; one that nobody has waited for yet has.
fn is_gone(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/status"))
        .map_or(true, |status| status.lines().any(|line| line.starts_with("State:") && line.contains('Z')))
}

/// Asks the windows of a process to close, as a window manager does whose close button is pressed; gives how many there
/// were that can be asked.
fn ask_to_close(display: &str, process: u32) -> usize {
    let (connection, screen) = RustConnection::connect(Some(display))
        .unwrap_or_else(|error| panic!("the display {display}: {error}"));
    let root = connection.setup().roots[screen].root;
    let asked = Buttons::of(&connection).and_then(|buttons| buttons.press(root, process));
    asked.unwrap_or_else(|error| panic!("the windows of process {process}: {error}"))
}

struct Buttons<'c> {
    connection: &'c RustConnection,
    process: Atom,
    protocols: Atom,
    delete: Atom,
}

impl<'c> Buttons<'c> {
    fn of(connection: &'c RustConnection) -> Result<Self, ReplyOrIdError> {
        let atom = |name: &[u8]| -> Result<Atom, ReplyOrIdError> {
            Ok(connection.intern_atom(false, name)?.reply()?.atom)
        };
        Ok(Self {
            connection,
            process: atom(b"_NET_WM_PID")?,
            protocols: atom(b"WM_PROTOCOLS")?,
            delete: atom(b"WM_DELETE_WINDOW")?,
        })
    }

    /// Without a window manager around them, an application's windows are the root's own children.
    fn press(&self, root: Window, process: u32) -> Result<usize, ReplyOrIdError> {
        let mut asked = 0;
        for window in self.connection.query_tree(root)?.reply()?.children {
            if self.is_shown(window)? && self.is_of(window, process)? {
                let words = [self.delete, x11rb::CURRENT_TIME, 0, 0, 0];
                let message = ClientMessageEvent::new(32, window, self.protocols, words);
                self.connection.send_event(false, window, EventMask::NO_EVENT, message)?.check()?;
                asked += 1;
            }
        }
        Ok(asked)
    }

    /// GTK has one that nobody sees, as well.
    fn is_shown(&self, window: Window) -> Result<bool, ReplyOrIdError> {
        let about = self.connection.get_window_attributes(window)?.reply();
        Ok(about.is_ok_and(|about| about.map_state == MapState::VIEWABLE))
    }

    /// Whether it is of this process, and can be asked.
    fn is_of(&self, window: Window, process: u32) -> Result<bool, ReplyOrIdError> {
        let of = self.values(window, self.process, AtomEnum::CARDINAL.into())?;
        let takes = self.values(window, self.protocols, AtomEnum::ATOM.into())?;
        Ok(of.contains(&process) && takes.contains(&self.delete))
    }

    fn values(&self, window: Window, property: Atom, kind: Atom) -> Result<Vec<u32>, ReplyOrIdError> {
        let reply = self.connection.get_property(false, window, property, kind, 0, 64)?.reply();
        // One that is gone meanwhile has none.
        Ok(reply.ok().and_then(|reply| Some(reply.value32()?.collect())).unwrap_or_default())
    }
}
