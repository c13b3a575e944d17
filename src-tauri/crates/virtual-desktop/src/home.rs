//! A home folder and a session bus that nobody else uses.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::process::{Running, quiet};

/// Nothing on this bus is started by asking for it: what is there was started by name, so that an absent keychain
/// stays absent.
const CONFIGURATION: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

static NEXT: AtomicU32 = AtomicU32::new(0);

#[derive(Debug)]
pub(crate) struct Home(PathBuf);

impl Home {
    pub(crate) fn new(name: &str) -> Self {
        // A socket's path has to be short.
        let short: String = name.chars().take(16).collect();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("vd-{}-{number}-{short}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        for folder in ["run", "home"] {
            fs::create_dir_all(path.join(folder))
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let private = fs::Permissions::from_mode(0o700);
            fs::set_permissions(path.join(folder), private)
                .unwrap_or_else(|error| panic!("{folder}: {error}"));
        }
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file below the home folder of whoever is at this desktop.
    pub(crate) fn write(&self, file: &str, text: &str) {
        let file = self.0.join("home").join(file);
        let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&file, text));
        written.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// Makes a command line what opens links of these schemes here, by a desktop entry of this name.
    pub(crate) fn handle(&self, schemes: &[&str], entry: &str, command: &str) {
        let kinds: Vec<_> = schemes.iter().map(|scheme| format!("x-scheme-handler/{scheme}")).collect();
        let lines = [
            "[Desktop Entry]".to_owned(),
            "Type=Application".to_owned(),
            format!("Name={entry}"),
            format!("Exec={command}"),
            format!("MimeType={};", kinds.join(";")),
            "NoDisplay=true\n".to_owned(),
        ];
        self.write(&format!(".local/share/applications/{entry}.desktop"), &lines.join("\n"));
        let list = self.0.join("home/.config/mimeapps.list");
        let mut list = fs::read_to_string(list).unwrap_or_else(|_| "[Default Applications]\n".to_owned());
        for kind in kinds {
            list.push_str(&format!("{kind}={entry}.desktop\n"));
        }
        self.write(".config/mimeapps.list", &list);
    }

    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let home = self.0.join("home");
        let inside = |folder: &str| home.join(folder).display().to_string();
        vec![
            ("HOME".to_owned(), home.display().to_string()),
            ("XDG_RUNTIME_DIR".to_owned(), self.0.join("run").display().to_string()),
            ("XDG_CONFIG_HOME".to_owned(), inside(".config")),
            ("XDG_DATA_HOME".to_owned(), inside(".local/share")),
            ("XDG_STATE_HOME".to_owned(), inside(".local/state")),
            ("XDG_CACHE_HOME".to_owned(), inside(".cache")),
        ]
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

#[derive(Debug)]
pub(crate) struct Bus {
    address: String,
    _daemon: Running,
}

impl Bus {
    pub(crate) fn start(home: &Home) -> Self {
        let file = home.path().join("bus.conf");
        let socket = home.path().join("bus");
        fs::write(&file, CONFIGURATION.replace("SOCKET", &socket.display().to_string()))
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut command = quiet("dbus-daemon");
        command.arg(format!("--config-file={}", file.display())).args(["--nofork", "--print-address=1"]);
        let mut daemon = Running::start(command.stdout(Stdio::piped()), "dbus");
        let mut address = String::new();
        if let Some(output) = daemon.0.stdout.take() {
            let _ = BufReader::new(output).read_line(&mut address);
        }
        assert!(address.starts_with("unix:"), "dbus-daemon gave no address: {address:?}");
        Self { address: address.trim().to_owned(), _daemon: daemon }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}
