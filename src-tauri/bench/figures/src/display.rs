//! The display, as somebody in front of it would see it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use virtual_desktop::Desktop;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, Window};
use x11rb::rust_connection::RustConnection;

/// Of the display's lines of pixels, one in so many is read: no line of text fits between two of them.
const LINES_APART: u16 = 6;

/// The display that the windows open on.
pub(crate) struct Display {
    connection: RustConnection,
    root: Window,
    width: u16,
    height: u16,
    empty: u64,
}

impl Display {
    /// Connects to the display of a desktop, on which there is no window yet.
    pub(crate) fn of(desktop: &Desktop) -> Self {
        let variables = desktop.environment();
        let name = variables.iter().find(|(name, _)| name == "DISPLAY").map(|(_, value)| value.as_str());
        let (connection, screen) = RustConnection::connect(name).expect("the display");
        let screen = &connection.setup().roots[screen];
        let (root, width, height) = (screen.root, screen.width_in_pixels, screen.height_in_pixels);
        let mut display = Self { connection, root, width, height, empty: 0 };
        display.empty = display.look();
        display
    }

    /// A fingerprint of what is shown when there is no window.
    pub(crate) fn empty(&self) -> u64 {
        self.empty
    }

    /// A fingerprint of what is shown.
    pub(crate) fn look(&self) -> u64 {
        let lines = (0..self.height).step_by(usize::from(LINES_APART)).map(|line| {
            let line = i16::try_from(line).expect("a small display");
            self.connection
                .get_image(ImageFormat::Z_PIXMAP, self.root, 0, line, self.width, 1, u32::MAX)
                .expect("the display is there")
        });
        // All are asked for before the first answer is waited for.
        let lines: Vec<_> = lines.collect();
        let mut fingerprint = DefaultHasher::new();
        for line in lines {
            line.reply().expect("a line of the display").data.hash(&mut fingerprint);
        }
        fingerprint.finish()
    }
}
