//! Who opens links on Linux: what `xdg-mime` says, and what stands in the desktop entry that it names.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tauri::{AppHandle, Manager, Runtime};

use super::Opener;

/// `xdg-mime` asks the desktop in its turn, which may hang.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where desktop entries are, and which of them are this program's.
#[derive(Debug)]
pub(super) struct System {
    /// `applications` in the user's data folder.
    user: PathBuf,
    /// The same in the system's data folders.
    shared: Vec<PathBuf>,
    /// What a desktop entry has to start.
    program: PathBuf,
    /// The entry that `tauri-plugin-deep-link` registers.
    registered: String,
    /// Whether there is a desktop that starts programs by itself. Without one `xdg-open` does it, which does not
    /// understand quotes (xdg-utils 1.1.3).
    has_desktop: bool,
}

impl System {
    pub(super) fn of<R: Runtime>(app: &AppHandle<R>) -> Self {
        let data = app.path().data_dir().unwrap_or_default();
        // XDG Base Directory Specification, "Environment variables".
        let shared = std::env::var("XDG_DATA_DIRS").ok().filter(|folders| !folders.is_empty());
        let shared = shared.unwrap_or_else(|| "/usr/local/share:/usr/share".to_owned());
        let running = tauri::utils::platform::current_exe().unwrap_or_default();
        let name = running.file_name().unwrap_or_default().to_string_lossy();
        Self {
            user: data.join("applications"),
            shared: shared.split(':').map(|folder| Path::new(folder).join("applications")).collect(),
            registered: format!("{name}-handler.desktop"),
            // An AppImage is started by its own file; what runs is inside of it.
            program: app.env().appimage.map_or(running, PathBuf::from),
            has_desktop: std::env::var_os("XDG_CURRENT_DESKTOP").is_some_and(|desktop| !desktop.is_empty()),
        }
    }

    /// Who opens links of this scheme.
    ///
    /// # Errors
    /// That `xdg-mime` cannot say it.
    pub(super) fn opener(&self, scheme: &str) -> Result<Opener, String> {
        let named = ask("xdg-mime", &["query", "default", &format!("x-scheme-handler/{scheme}")])?;
        // A name that no entry has is what a program has left behind that was removed.
        let Some((path, entry)) = self.find(named.trim()) else {
            return Ok(Opener::Nobody);
        };
        let started = started_by(&entry).unwrap_or_default();
        let is_started = started.is_given_links && (self.has_desktop || !started.is_quoted);
        Ok(match self.is_this_program(&started.program) {
            true if is_started => Opener::ThisProgram,
            true => Opener::Stale,
            false if path == self.user.join(&self.registered) => Opener::Stale,
            false => Opener::Other,
        })
    }

    /// Takes the quotes away from the entry that was registered, where its program can do without.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn simplify(&self) -> Result<(), String> {
        let path = self.user.join(&self.registered);
        let program = self.program.to_string_lossy();
        // The reserved characters (Desktop Entry Specification, "The Exec key"), and what would be a field code.
        if program.contains(|letter: char| letter.is_whitespace() || "\"'\\><~|&;$*?#()`%".contains(letter)) {
            return Ok(());
        }
        let entry = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let simple = entry.replace(&format!("Exec=\"{program}\" %u"), &format!("Exec={program} %u"));
        std::fs::write(&path, simple).map_err(|error| error.to_string())
    }

    /// The desktop entry of this name, with its path. The folder of one below `applications` stands in front of its
    /// name, with `-` (Desktop Entry Specification, "Desktop File ID").
    fn find(&self, name: &str) -> Option<(PathBuf, String)> {
        if name.is_empty() || name.contains('/') {
            return None;
        }
        let names = std::iter::once(name.to_owned())
            .chain(name.match_indices('-').map(|(at, _)| format!("{}/{}", &name[..at], &name[at + 1..])));
        let names: Vec<_> = names.collect();
        let folders = std::iter::once(&self.user).chain(&self.shared);
        folders.flat_map(|folder| names.iter().map(|name| folder.join(name))).find_map(|path| {
            let entry = std::fs::read_to_string(&path).ok()?;
            Some((path, entry))
        })
    }

    fn is_this_program(&self, started: &str) -> bool {
        let real = |path: &Path| path.canonicalize().ok();
        let started = if started.contains('/') {
            real(Path::new(started))
        } else {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).find_map(|folder| real(&folder.join(started)))
        };
        started.is_some() && started == real(&self.program)
    }
}

/// What an entry starts.
#[derive(Debug, Default, PartialEq, Eq)]
struct Started {
    program: String,
    /// Whether it is given the link.
    is_given_links: bool,
    /// Whether the program stands in quotes.
    is_quoted: bool,
}

/// What an entry starts (Desktop Entry Specification, "The Exec key").
fn started_by(entry: &str) -> Option<Started> {
    let group = entry.lines().skip_while(|line| line.trim() != "[Desktop Entry]").skip(1);
    let mut lines = group.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once('='));
    let (_, command) = lines.find(|(key, _)| key.trim() == "Exec")?;
    let mut words = words(command.trim()).into_iter();
    let program = words.next()?;
    Some(Started {
        program,
        is_given_links: words.any(|word| word == "%u" || word == "%U"),
        is_quoted: command.trim().starts_with('"'),
    })
}

/// The words of a command, some of them quoted.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => (quoted, begun) = (!quoted, true),
            '\\' => word.extend(letters.next()),
            ' ' | '\t' if !quoted => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            letter => word.push(letter),
        }
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}

/// What a program prints. It has a few words to say, which fit in the pipe.
fn ask(program: &str, arguments: &[&str]) -> Result<String, String> {
    let mut asked = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let begun = Instant::now();
    while asked.try_wait().map_err(|error| format!("{program}: {error}"))?.is_none() {
        if begun.elapsed() > PATIENCE {
            let _ = asked.kill();
            let _ = asked.wait();
            return Err(format!("{program} does not answer"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = asked.wait_with_output().map_err(|error| format!("{program}: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests;
