//! Sessions that are signed out and still in the keychain, because it could not be told: noted in a file beside the
//! app's other data, until it can.
//!
//! Nothing in the file is a secret: of a refresh token only its SHA-256, from which nobody gets back to the token.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::PathBuf;

use session::{MarkChange, RefreshToken};
use sha2::{Digest, Sha256};

/// How many are kept. For one more, the oldest goes: the pool has revoked it long since, or it has come to its own end.
const MOST: usize = 8;
/// Whatever is longer was not written here.
const LONGEST: u64 = 64 * 1024;

/// The file.
#[derive(Clone, Debug)]
pub(super) struct Marks(PathBuf);

impl Marks {
    pub(super) const fn new(file: PathBuf) -> Self {
        Self(file)
    }

    /// Writes the file anew, whole or not at all; removes it where there is nothing to note.
    pub(super) fn change(&self, change: &MarkChange) -> io::Result<()> {
        let removed: Vec<_> = change.remove.iter().map(digest).collect();
        let added: Vec<_> = change.add.iter().map(digest).collect();
        let mut marks = self.read()?;
        let before = marks.clone();
        marks.retain(|mark| !removed.contains(mark) && !added.contains(mark));
        marks.extend(added);
        marks.drain(..marks.len().saturating_sub(MOST));
        if marks == before {
            return Ok(());
        }
        if marks.is_empty() {
            return fs::remove_file(&self.0);
        }
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder)?;
        }
        let fresh = self.0.with_extension("new");
        let written = fs::write(&fresh, marks.join("\n") + "\n").and_then(|()| fs::rename(&fresh, &self.0));
        if written.is_err() {
            // What is left of it would only be in the way.
            let _ = fs::remove_file(&fresh);
        }
        written
    }

    /// Whether the session with this refresh token is noted.
    pub(super) fn holds(&self, refresh: &RefreshToken) -> io::Result<bool> {
        Ok(self.read()?.contains(&digest(refresh)))
    }

    /// What is noted. A file that makes no sense notes nothing, and is replaced.
    fn read(&self) -> io::Result<Vec<String>> {
        match fs::metadata(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
            Ok(about) if about.len() > LONGEST => return Ok(Vec::new()),
            Ok(_) => {}
        }
        let text = String::from_utf8(fs::read(&self.0)?).unwrap_or_default();
        Ok(text.lines().map(str::to_owned).collect())
    }
}

fn digest(refresh: &RefreshToken) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(refresh.expose()) {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of one test, gone with it.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("cognito-marks-{test}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            Self(folder)
        }

        fn file(&self) -> PathBuf {
            self.0.join("data").join("signed-out")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn token(name: &str) -> RefreshToken {
        RefreshToken::new(format!("SENTINEL-{name}"))
    }

    fn add(names: &[&str]) -> MarkChange {
        MarkChange { add: names.iter().map(|name| token(name)).collect(), remove: Vec::new() }
    }

    fn remove(names: &[&str]) -> MarkChange {
        MarkChange { add: Vec::new(), remove: names.iter().map(|name| token(name)).collect() }
    }

    #[test]
    fn what_is_noted_is_found_by_the_next_run_and_is_no_secret() {
        let folder = Folder::new("noted");
        let marks = Marks::new(folder.file());
        assert!(!marks.holds(&token("a")).expect("nothing is there"));
        marks.change(&add(&["a", "b"])).expect("it is written");
        marks.change(&add(&["a"])).expect("it is written");
        let next = Marks::new(folder.file());
        let held = ["a", "b", "c"].map(|name| next.holds(&token(name)).expect("it is read"));
        assert_eq!(held, [true, true, false]);
        let text = fs::read_to_string(folder.file()).expect("a text");
        assert!(!text.contains("SENTINEL"), "{text}");
        assert!(text.lines().count() == 2 && text.lines().all(|line| line.len() == 64), "{text}");
        let left: Vec<_> = fs::read_dir(folder.0.join("data")).expect("the folder").collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn what_the_keychain_was_told_is_noted_no_more_and_leaves_no_file() {
        let folder = Folder::new("told");
        let marks = Marks::new(folder.file());
        marks.change(&remove(&["a"])).expect("there is nothing to do");
        assert!(!folder.0.exists(), "nothing was to be written");
        marks.change(&add(&["a", "b"])).expect("it is written");
        marks.change(&remove(&["a", "c"])).expect("it is written");
        assert!(!marks.holds(&token("a")).expect("it is read"));
        assert!(marks.holds(&token("b")).expect("it is read"));
        marks.change(&remove(&["b"])).expect("it is removed");
        assert!(!folder.file().exists());
    }

    #[test]
    fn the_oldest_makes_room() {
        let folder = Folder::new("room");
        let marks = Marks::new(folder.file());
        for name in ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] {
            marks.change(&add(&[name])).expect("it is written");
        }
        let held = ["1", "2", "9"].map(|name| marks.holds(&token(name)).expect("it is read"));
        assert_eq!(held, [false, true, true]);
    }

    #[test]
    fn a_file_that_makes_no_sense_is_replaced() {
        let folder = Folder::new("senseless");
        let marks = Marks::new(folder.file());
        marks.change(&add(&["a"])).expect("it is written");
        for senseless in [&b"\xff\xfe\x00"[..], &vec![b'x'; 100_000]] {
            fs::write(folder.file(), senseless).expect("it is spoilt");
            assert!(!marks.holds(&token("a")).expect("it is read"));
            marks.change(&add(&["a"])).expect("it is replaced");
            assert!(marks.holds(&token("a")).expect("it is read"));
        }
    }

    #[test]
    fn where_nothing_can_be_written_that_is_said() {
        let folder = Folder::new("unwritable");
        fs::create_dir_all(&folder.0).expect("a folder");
        fs::write(folder.0.join("data"), "a file where a folder should be").expect("a file");
        assert!(Marks::new(folder.file()).change(&add(&["a"])).is_err());
    }
}
