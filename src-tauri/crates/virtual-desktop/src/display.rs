//! An X display without a screen.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::process::{Running, quiet};

/// What somebody's screen might be, and what the windows are centred in.
const SCREEN: (u32, u32) = (1180, 780);

/// The longest page fits, in letters of twice their size.
const TALL: (u32, u32) = (1180, 12_000);

#[derive(Debug)]
pub(crate) struct Display {
    name: String,
    pixels: PathBuf,
    _server: Running,
}

impl Display {
    /// On a `tall` one a window can be as long as its page.
    pub(crate) fn start(home: &Path, tall: bool) -> Self {
        let (width, height) = if tall { TALL } else { SCREEN };
        let folder = home.join("run");
        let mut command = quiet("Xvfb");
        // The server picks a free display and writes its number to standard output.
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-ac"]);
        command.args(["-screen", "0", &format!("{width}x{height}x24"), "-fbdir"]).arg(&folder);
        let mut server = Running::start(command.stdout(Stdio::piped()), "xvfb");
        let mut number = String::new();
        if let Some(output) = server.0.stdout.take() {
            let _ = BufReader::new(output).read_line(&mut number);
        }
        assert!(number.trim().parse::<u32>().is_ok(), "Xvfb gave no display: {number:?}");
        Self { name: format!(":{}", number.trim()), pixels: folder.join("Xvfb_screen0"), _server: server }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Writes this much of the upper left corner as a PNG, or all of it.
    pub(crate) fn screenshot(&self, file: &Path, part: Option<(u32, u32)>) {
        let (pixels, width, height) = self.pixels(part);
        let mut command = quiet("convert");
        command.args(["-size", &format!("{width}x{height}"), "-depth", "8", "bgra:-", "-alpha", "off"]);
        let mut converter = Running::start(command.arg(file).stdin(Stdio::piped()), "imagemagick");
        let written = converter.0.stdin.take().map(|mut input| input.write_all(&pixels));
        let converted = converter.0.wait().is_ok_and(|status| status.success());
        assert!(matches!(written, Some(Ok(()))) && converted, "no screenshot at {}", file.display());
    }

    /// The colour of one pixel: red, green, blue.
    pub(crate) fn colour(&self, (x, y): (u32, u32)) -> [u8; 3] {
        match *self.pixels(Some((x + 1, y + 1))).0 {
            [.., blue, green, red, _] => [red, green, blue],
            _ => panic!("there is no pixel at {x}, {y}"),
        }
    }

    /// Rows of blue, green, red and nothing; how wide and how high. Xvfb keeps them in a file, as an X window dump.
    fn pixels(&self, part: Option<(u32, u32)>) -> (Vec<u8>, u32, u32) {
        let dump = File::open(&self.pixels);
        let dump = dump.unwrap_or_else(|error| panic!("{}: {error}", self.pixels.display()));
        let read = |bytes: &mut [u8], at: u64| {
            dump.read_exact_at(bytes, at)
                .unwrap_or_else(|error| panic!("{}: {error}", self.pixels.display()));
        };
        let header = |field: u64| {
            let mut bytes = [0; 4];
            read(&mut bytes, field * 4);
            u32::from_be_bytes(bytes)
        };
        assert_eq!(header(11), 32, "bits of each pixel");
        let (size, line, colours) = (u64::from(header(0)), u64::from(header(12)), u64::from(header(19)));
        let (width, height) = part
            .map_or((header(4), header(5)), |(width, height)| (width.min(header(4)), height.min(header(5))));
        let start = size + colours * 12;
        let mut pixels = vec![0; (width * height * 4) as usize];
        for (row, bytes) in (0..).zip(pixels.chunks_mut((width * 4) as usize)) {
            read(bytes, start + row * line);
        }
        (pixels, width, height)
    }
}
