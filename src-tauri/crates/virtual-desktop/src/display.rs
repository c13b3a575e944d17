//! An X display without a screen.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::{Running, quiet};

#[derive(Debug)]
pub(crate) struct Display {
    name: String,
    _server: Running,
}

impl Display {
    pub(crate) fn start() -> Self {
        let mut command = quiet("Xvfb");
        // The server picks a free display and writes its number to standard output.
        command.args(["-displayfd", "1", "-screen", "0", "1180x780x24", "-nolisten", "tcp", "-ac"]);
        let mut server = Running::start(command.stdout(Stdio::piped()), "xvfb");
        let mut number = String::new();
        if let Some(output) = server.0.stdout.take() {
            let _ = BufReader::new(output).read_line(&mut number);
        }
        assert!(number.trim().parse::<u32>().is_ok(), "Xvfb gave no display: {number:?}");
        Self { name: format!(":{}", number.trim()), _server: server }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn screenshot(&self, file: &Path) {
        let mut dump = Running::start(
            Command::new("xwd").args(["-root", "-silent", "-display", &self.name]).stdout(Stdio::piped()),
            "x11-apps",
        );
        let picture = dump.0.stdout.take().map_or_else(Stdio::null, Stdio::from);
        let converted = Command::new("convert").arg("xwd:-").arg(file).stdin(picture).status();
        let converted = converted.unwrap_or_else(|error| panic!("convert ({error}): install imagemagick"));
        assert!(converted.success(), "no screenshot at {}", file.display());
    }
}
