//! Who opens links on Linux: what `xdg-mime` says, and what stands in the desktop entry that it names.

use std::io::ErrorKind;
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
    /// # Errors
    /// That it cannot be said what starts this program.
    pub(super) fn of<R: Runtime>(app: &AppHandle<R>) -> Result<Self, String> {
        let data = app.path().data_dir().unwrap_or_default();
        // XDG Base Directory Specification, "Environment variables".
        let shared = std::env::var("XDG_DATA_DIRS").ok().filter(|folders| !folders.is_empty());
        let shared = shared.unwrap_or_else(|| "/usr/local/share:/usr/share".to_owned());
        let running = tauri::utils::platform::current_exe().unwrap_or_default();
        let name = running.file_name().unwrap_or_default().to_string_lossy();
        let image = app.env().appimage.map(PathBuf::from);
        let folder = app.env().appdir.map(PathBuf::from);
        Ok(Self {
            user: data.join("applications"),
            shared: shared.split(':').map(|folder| Path::new(folder).join("applications")).collect(),
            registered: format!("{name}-handler.desktop"),
            program: program(running, image, folder.as_deref())?,
            has_desktop: std::env::var_os("XDG_CURRENT_DESKTOP").is_some_and(|desktop| !desktop.is_empty()),
        })
    }

    /// Who opens links of this scheme.
    ///
    /// # Errors
    /// That `xdg-mime` cannot say it.
    pub(super) fn opener(&self, scheme: &str) -> Result<Opener, String> {
        let named = ask("xdg-mime", &["query", "default", &format!("x-scheme-handler/{scheme}")])?;
        // The first line counts; some desktops print more.
        let (path, entry) = match self.find(named.lines().next().unwrap_or_default().trim()) {
            Found::Entry(path, entry) => (path, entry),
            // A name that no entry has is what a program has left behind that was removed.
            Found::Nothing => return Ok(Opener::Nobody),
            Found::Unreadable => return Ok(Opener::Other),
        };
        let started = started_by(&entry).unwrap_or_default();
        let is_started = started.is_given_links && (self.has_desktop || !started.is_quoted);
        let real = real(&started.program);
        Ok(match real.is_some() && real == self.program.canonicalize().ok() {
            true if is_started => Opener::ThisProgram,
            true => Opener::Stale,
            false if real.is_none() && path == self.user.join(&self.registered) => Opener::Stale,
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

    /// The desktop entry of this name. The folders of one below `applications` stand in front of its name, each with
    /// `-` (Desktop Entry Specification, "Desktop File ID").
    fn find(&self, name: &str) -> Found {
        if name.is_empty() || name.contains('/') {
            return Found::Nothing;
        }
        let folders = std::iter::once(&self.user).chain(&self.shared);
        let found = folders.map(|folder| find_in(folder, name));
        found.into_iter().find(|found| !matches!(found, Found::Nothing)).unwrap_or(Found::Nothing)
    }
}

/// What there is of a desktop entry.
#[derive(Debug)]
enum Found {
    Entry(PathBuf, String),
    Nothing,
    /// It is there, and cannot be read.
    Unreadable,
}

fn find_in(folder: &Path, name: &str) -> Found {
    let path = folder.join(name);
    match std::fs::read(&path) {
        Ok(entry) => return Found::Entry(path, String::from_utf8_lossy(&entry).into_owned()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
        Err(_) => return Found::Unreadable,
    }
    let below = name.match_indices('-').map(|(at, _)| (folder.join(&name[..at]), &name[at + 1..]));
    let mut below = below.filter(|(folder, _)| folder.is_dir()).map(|(folder, name)| find_in(&folder, name));
    below.find(|found| !matches!(found, Found::Nothing)).unwrap_or(Found::Nothing)
}

/// What has to be started for what is running. An AppImage is started by its own file, and what runs is inside of it.
/// The variable that names the file is passed on to all that is started from there: it counts where this program is
/// inside.
///
/// # Errors
/// That it is another program's, which `tauri-plugin-deep-link` would register.
fn program(running: PathBuf, image: Option<PathBuf>, folder: Option<&Path>) -> Result<PathBuf, String> {
    let Some(image) = image else { return Ok(running) };
    let inside =
        folder.and_then(|folder| Some(running.canonicalize().ok()?.starts_with(folder.canonicalize().ok()?)));
    if inside == Some(true) { Ok(image) } else { Err("APPIMAGE names another program".to_owned()) }
}

/// The file of a program, if it is there.
fn real(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Path::new(program).canonicalize().ok();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|_| !program.is_empty())
        .find_map(|folder| folder.join(program).canonicalize().ok())
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
    // 4 is what the desktop's own program has failed with, as some do where there is nothing (`xdg-mime(1)`).
    if !matches!(output.status.code(), Some(0 | 4)) {
        return Err(format!("{program}: {}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests;
