//! A desktop nobody sees, made of real parts: a private D-Bus session, a real Secret Service, an X display, a WebDriver
//! in front of the app's own web view, and a browser. For tests and tours, on Linux.
//!
//! Whatever a value here has started ends when the value is dropped. Anything that cannot be had panics with what
//! is missing and what to do: there is no test to go on with.
#![cfg(target_os = "linux")]

mod app;
mod browser;
pub mod bus;
mod display;
mod home;
mod inside;
mod keyring;
mod process;
mod prompts;
mod userpool;
mod window;

use std::path::Path;

pub use app::App;
pub use browser::Browser;
pub use inside::{Session, inside, inside_without_a_bus};
pub use keyring::Keyring;
pub use prompts::{Prompter, Prompts};
pub use userpool::{AGENT, UserPool};
pub use window::{Key, Window};

use display::Display;
use home::{Bus, Home};

/// A home folder, a bus and a display of its own.
#[derive(Debug)]
pub struct Desktop {
    display: Display,
    bus: Bus,
    home: Home,
}

impl Desktop {
    /// A desktop without a keychain service: start one with [`Desktop::keyring_unlocked`].
    #[must_use]
    pub fn start(name: &str) -> Self {
        Self::with_display(name, false)
    }

    /// The same on a screen on which every window can be as long as its page.
    #[must_use]
    pub fn tall(name: &str) -> Self {
        Self::with_display(name, true)
    }

    fn with_display(name: &str, tall: bool) -> Self {
        let home = Home::new(name);
        let bus = Bus::start(&home);
        Self { display: Display::start(home.path(), tall), bus, home }
    }

    /// What a program needs in its environment to live here.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut variables = self.home.environment();
        variables.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), self.bus.address().to_owned()));
        variables.push(("DISPLAY".to_owned(), self.display.name().to_owned()));
        // No GPU here; and the compositor is not what is tested.
        variables.push(("WEBKIT_DISABLE_DMABUF_RENDERER".to_owned(), "1".to_owned()));
        // The input method of some languages drops the shift key from keys that a WebDriver presses.
        variables.push(("GTK_IM_MODULE".to_owned(), "gtk-im-context-simple".to_owned()));
        variables.push(("LIBGL_ALWAYS_SOFTWARE".to_owned(), "1".to_owned()));
        variables
    }

    /// The home folder: everything a program here writes is in it.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Makes a locale (`ja_JP`, in UTF-8), as a system in that language has it; gives what `LOCPATH` is to be.
    #[must_use]
    pub fn locale(&self, name: &str) -> String {
        let folder = self.home.path().join("locales");
        let made = std::fs::create_dir_all(&folder).and_then(|()| {
            process::quiet("localedef")
                .args(["-i", name, "-f", "UTF-8"])
                .arg(folder.join(format!("{name}.UTF-8")))
                .status()
        });
        assert!(made.is_ok_and(|status| status.success()), "localedef {name}: install locales");
        folder.display().to_string()
    }

    /// Sets how windows look from now on, as the system's settings do for GTK: `name=value`.
    pub fn set(&self, settings: &[&str]) {
        self.home.write(".config/gtk-3.0/settings.ini", &format!("[Settings]\n{}\n", settings.join("\n")));
    }

    /// Starts the Secret Service with its keyring unlocked, and creates that if there is none yet.
    #[must_use]
    pub fn keyring_unlocked(&self) -> Keyring {
        Keyring::start(self.bus.address(), self.home.path(), &self.environment(), true)
    }

    /// Starts the Secret Service without telling it the password of the keyring that is there.
    #[must_use]
    pub fn keyring_locked(&self) -> Keyring {
        Keyring::start(self.bus.address(), self.home.path(), &self.environment(), false)
    }

    /// Opens the window of the program `binary`, with these variables beside the desktop's own.
    pub async fn open(&self, binary: &Path, variables: &[(&str, &str)]) -> Window {
        self.open_with(binary, &[], variables).await
    }

    /// The same with arguments, as whatever starts a program for a link gives them.
    pub async fn open_with(&self, binary: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Window {
        Window::open(binary, arguments, self.display.name(), &self.environment(), variables).await
    }

    /// Starts the browser that opens this desktop's web addresses from now on. Pages of `origin` may follow links of
    /// `scheme` without asking.
    pub async fn browser(&self, origin: &str, scheme: &str) -> Browser {
        Browser::start(&self.home, self.display.name(), &self.environment(), origin, scheme).await
    }

    /// Makes a command line the handler of a scheme, as a package that brings this desktop entry does.
    pub fn handle(&self, scheme: &str, entry: &str, command: &str) {
        self.home.handle(&[scheme], entry, command);
    }

    /// Writes a file below the home folder of whoever is at this desktop.
    pub fn write(&self, file: &str, text: &str) {
        self.home.write(file, text);
    }

    /// Writes what is on the display as a PNG.
    pub fn screenshot(&self, file: &Path) {
        self.display.screenshot(file, None);
    }

    /// Writes this much of the display's upper left corner as a PNG.
    pub fn screenshot_of(&self, file: &Path, width: u32, height: u32) {
        self.display.screenshot(file, Some((width, height)));
    }

    /// The colour of one pixel of the display: red, green, blue.
    #[must_use]
    pub fn colour(&self, at: (u32, u32)) -> [u8; 3] {
        self.display.colour(at)
    }
}
