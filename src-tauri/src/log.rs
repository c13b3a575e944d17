//! The log: a bounded set of files in the platform's log folder, and the console in development.
//!
//! Levels: `error`, the app cannot do what it is for; `warn`, something failed and is being dealt with; `info`, a
//! state has changed; `debug`, what a developer of this app wants to see. No level ever holds a token, a password,
//! a user name or an e-mail address. Other crates are heard from `warn` on, whatever is asked for, because their
//! finer levels print requests; one of them not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tauri::plugin::{Builder, TauriPlugin};
use tauri::{Manager, Runtime};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// `error`, `warn`, `info` or `debug`; `info` unless set.
const LEVEL: &str = "COGNITO_DESKTOP_LOG";
const OURS: [&str; 4] = ["cognito_desktop", "tauri_plugin_cognito", "cognito", "session"];
/// In a build for development it prints the arguments of a process that are none of the app's links.
const SILENT: &str = "tauri_plugin_deep_link";
const FILE: &str = "cognito-desktop.log";
const MOST_BYTES: u64 = 1024 * 1024;
const OLD_FILES: usize = 3;

/// Starts the log before the plugins that have something to say.
pub(crate) fn plugin<R: Runtime>() -> TauriPlugin<R> {
    Builder::new("log")
        .setup(|app, _api| {
            let file = app
                .path()
                .app_log_dir()
                .map_err(io::Error::other)
                .and_then(|folder| RotatingFile::open(&folder, MOST_BYTES, OLD_FILES));
            start(file);
            crate::panics::log();
            Ok(())
        })
        .build()
}

fn start(file: io::Result<RotatingFile>) {
    let level = std::env::var(LEVEL).ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let filter = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target(SILENT, LevelFilter::OFF)
        .with_targets(OURS.map(|target| (target, level)));
    let (file, failure) = match file {
        Ok(file) => (Some(Mutex::new(file)), None),
        Err(error) => (None, Some(error)),
    };
    let file = file.map(|file| tracing_subscriber::fmt::layer().with_ansi(false).with_writer(file));
    let console = cfg!(debug_assertions).then(|| tracing_subscriber::fmt::layer().with_writer(io::stderr));
    let started = tracing_subscriber::registry()
        .with(file.with_filter(filter.clone()))
        .with(console.with_filter(filter))
        .try_init();
    if started.is_err() {
        tracing::debug!("somebody else is logging already");
    }
    if let Some(error) = failure {
        tracing::warn!(%error, "there is no log file: the log folder cannot be written to");
    }
}

/// A file that is put aside as `….1` when it is full, up to a number of old ones.
struct RotatingFile {
    path: PathBuf,
    file: File,
    written: u64,
    most_bytes: u64,
    old_files: usize,
}

impl RotatingFile {
    fn open(folder: &Path, most_bytes: u64, old_files: usize) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(FILE);
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let written = file.metadata()?.len();
        Ok(Self { path, file, written, most_bytes, old_files })
    }

    fn old(&self, number: usize) -> PathBuf {
        self.path.with_extension(format!("log.{number}"))
    }

    fn rotate(&mut self) -> io::Result<()> {
        for number in (1..self.old_files).rev() {
            if self.old(number).exists() {
                fs::rename(self.old(number), self.old(number + 1))?;
            }
        }
        fs::rename(&self.path, self.old(1))?;
        self.file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        self.written = 0;
        Ok(())
    }
}

impl Write for RotatingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written > 0 && self.written + bytes.len() as u64 > self.most_bytes {
            // A log that cannot be put aside goes on where it is.
            let _ = self.rotate();
        }
        let count = self.file.write(bytes)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_and_keeps_the_newest_lines() {
        let folder = std::env::temp_dir().join(format!("cognito-desktop-log-{}", std::process::id()));
        let mut log = RotatingFile::open(&folder, 100, 2).unwrap();
        for number in 0..50 {
            // In one piece, as the subscriber writes.
            log.write_all(format!("line {number:04} of the log\n").as_bytes()).unwrap();
        }
        let mut files: Vec<_> = fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path()).collect();
        files.sort();
        assert_eq!(files.len(), 3, "one file and two old ones: {files:?}");
        for file in &files {
            assert!(fs::metadata(file).unwrap().len() <= 100);
        }
        assert!(fs::read_to_string(&log.path).unwrap().ends_with("line 0049 of the log\n"));
        assert!(fs::read_to_string(log.old(1)).unwrap().contains("line 0045"), "nothing newer is lost");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_log_goes_on_where_the_last_run_ended() {
        let folder = std::env::temp_dir().join(format!("cognito-desktop-log-again-{}", std::process::id()));
        for run in 0..2 {
            let mut log = RotatingFile::open(&folder, 1000, 2).unwrap();
            writeln!(log, "run {run}").unwrap();
        }
        assert_eq!(fs::read_to_string(folder.join(FILE)).unwrap(), "run 0\nrun 1\n");
        fs::remove_dir_all(&folder).unwrap();
    }
}
