//! The real `xdg-mime` and real desktop entries, in a home of the test's own: each test runs its own executable once
//! more, with an environment that is set up for it.

use std::ffi::OsString;

use tauri::test::{mock_builder, mock_context, noop_assets};

use super::super::{Links, prepare};
use super::*;

const INSIDE: &str = "SCHEME_TEST_INSIDE";
const SCHEME: &str = "cognito-desktop-test";

/// A home, with the system's data folder in it.
struct Home(PathBuf);

impl Home {
    fn user(&self) -> PathBuf {
        self.0.join("data/applications")
    }

    fn shared(&self) -> PathBuf {
        self.0.join("system/applications")
    }

    /// What `tauri-plugin-deep-link` writes for this executable.
    fn registered(&self) -> PathBuf {
        let name = this_program().file_name().unwrap().to_string_lossy().into_owned();
        self.user().join(format!("{name}-handler.desktop"))
    }

    /// Looks and, where that is called for, registers.
    fn prepare(&self) -> Links {
        let app = mock_builder().plugin(tauri_plugin_deep_link::init());
        let app = app.build(mock_context(noop_assets())).unwrap();
        tauri::async_runtime::block_on(prepare(app.handle(), SCHEME))
    }

    fn default_opener(&self) -> String {
        let output = Command::new("xdg-mime")
            .args(["query", "default", &format!("x-scheme-handler/{SCHEME}")])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// All that says who opens what, to see that nothing has changed.
    fn content(&self) -> Vec<(PathBuf, String)> {
        let mut content = Vec::new();
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some() {
                    content.push((path.clone(), std::fs::read_to_string(path).unwrap()));
                }
            }
        }
        content.sort();
        content
    }
}

fn system(home: &Home) -> System {
    System {
        user: home.user(),
        shared: vec![home.shared()],
        program: this_program(),
        registered: home.registered().file_name().unwrap().to_string_lossy().into_owned(),
        has_desktop: false,
    }
}

fn this_program() -> PathBuf {
    std::env::current_exe().unwrap()
}

fn entry(path: &Path, command: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mime = format!("x-scheme-handler/{SCHEME}");
    let text = format!(
        "[Desktop Entry]\nType=Application\nName=Test\nExec={command}\nTerminal=false\nMimeType={mime};\n\
         NoDisplay=true\n"
    );
    std::fs::write(path, text).unwrap();
}

/// Makes an entry the default, as the user would.
fn choose(name: &str) {
    let mime = format!("x-scheme-handler/{SCHEME}");
    assert!(Command::new("xdg-mime").args(["default", name, &mime]).status().unwrap().success());
}

/// Runs the body of the test `name` in a home of its own, where programs are looked for in `path`.
fn inside_with(name: &str, path: Option<&str>, body: impl FnOnce(&Home)) {
    if let Some(home) = std::env::var_os(INSIDE) {
        let home = Home(home.into());
        body(&home);
        std::fs::write(home.0.join("ran"), name).unwrap();
        return;
    }
    let home = std::env::temp_dir().join(format!("cognito-scheme-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(home.join("nothing")).unwrap();
    let path =
        path.map_or_else(|| std::env::var_os("PATH").unwrap_or_default(), |path| home.join(path).into());
    let folder = |name: &str| -> OsString { home.join(name).into() };
    let output = Command::new(this_program())
        .args([&format!("scheme::linux::tests::{name}"), "--exact", "--nocapture", "--test-threads=1"])
        .env(INSIDE, &home)
        .env("HOME", &home)
        .env("XDG_DATA_HOME", folder("data"))
        .env("XDG_CONFIG_HOME", folder("config"))
        .env("XDG_DATA_DIRS", folder("system"))
        .env("XDG_CONFIG_DIRS", folder("etc"))
        .env("PATH", path)
        .env_remove("XDG_CURRENT_DESKTOP")
        .env_remove("DISPLAY")
        .output()
        .unwrap();
    let told =
        format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "inside:\n{told}");
    let ran = std::fs::read_to_string(home.join("ran"));
    assert_eq!(ran.ok().as_deref(), Some(name), "it did not run inside:\n{told}");
    std::fs::remove_dir_all(home).unwrap();
}

fn inside(name: &str, body: impl FnOnce(&Home)) {
    inside_with(name, None, body);
}

#[test]
fn where_nobody_opens_the_links_this_program_is_registered_once() {
    inside("where_nobody_opens_the_links_this_program_is_registered_once", |home| {
        assert_eq!(home.default_opener(), "");
        assert_eq!(home.prepare(), Links::Work);
        assert!(home.registered().ends_with(home.default_opener()));
        let entry = std::fs::read_to_string(home.registered()).unwrap();
        assert!(entry.contains(&format!("Exec={} %u\n", this_program().display())), "{entry}");
        let before = home.content();
        assert_eq!(home.prepare(), Links::Work);
        assert_eq!(home.content(), before, "what is right is left as it is");
        // The test's own executable takes the link for the name of a test that it does not have.
        let opened = Command::new("xdg-open").arg(format!("{SCHEME}://a?b&c")).env("DISPLAY", ":77").status();
        assert!(opened.unwrap().success(), "the system starts it");
    });
}

#[test]
fn a_registration_of_its_own_that_is_stale_is_mended() {
    inside("a_registration_of_its_own_that_is_stale_is_mended", |home| {
        let own = home.registered();
        let name = own.file_name().unwrap().to_str().unwrap().to_owned();
        let without_link = this_program().display().to_string();
        for command in ["\"/opt/moved away/cognito-desktop\" %u", "moved-away %u", &without_link, ""] {
            entry(&own, command);
            choose(&name);
            assert_eq!(home.prepare(), Links::Work, "{command}");
            let entry = std::fs::read_to_string(&own).unwrap();
            assert!(entry.contains(&format!("Exec={} %u\n", this_program().display())), "{entry}");
        }
    });
}

#[test]
fn an_entry_that_came_with_the_package_is_enough() {
    inside("an_entry_that_came_with_the_package_is_enough", |home| {
        let link = home.0.join("bin/cognito-desktop");
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(this_program(), &link).unwrap();
        for command in [
            format!("{} %u", this_program().display()),
            format!("{} --flag %U", this_program().display()),
            format!("{} %u", link.display()),
        ] {
            // The bundle's entry has the product's name, blank and all.
            entry(&home.shared().join("Cognito Desktop.desktop"), &command);
            choose("Cognito Desktop.desktop");
            let before = home.content();
            assert_eq!(home.prepare(), Links::Work, "{command}");
            assert_eq!(home.content(), before, "{command}");
        }
    });
}

#[test]
fn an_entry_in_quotes_is_one_for_desktops_that_understand_them() {
    inside("an_entry_in_quotes_is_one_for_desktops_that_understand_them", |home| {
        entry(&home.shared().join("packaged.desktop"), &format!("\"{}\" %u", this_program().display()));
        choose("packaged.desktop");
        let mut system = system(home);
        system.has_desktop = true;
        assert_eq!(system.opener(SCHEME), Ok(Opener::ThisProgram));
        system.has_desktop = false;
        assert_eq!(system.opener(SCHEME), Ok(Opener::Stale));
        assert_eq!(home.prepare(), Links::Work);
        assert_eq!(system.opener(SCHEME), Ok(Opener::ThisProgram));
        // Where a path cannot do without, they stay.
        system.program = home.0.join("a blank/app");
        let quoted = format!("\"{}\" %u", system.program.display());
        entry(&home.registered(), &quoted);
        system.simplify().unwrap();
        assert!(std::fs::read_to_string(home.registered()).unwrap().contains(&quoted));
    });
}

#[test]
fn an_entry_of_this_program_that_is_given_no_link_is_no_way_back() {
    inside("an_entry_of_this_program_that_is_given_no_link_is_no_way_back", |home| {
        entry(&home.shared().join("packaged.desktop"), &this_program().display().to_string());
        choose("packaged.desktop");
        assert_eq!(home.prepare(), Links::Work);
        assert!(home.registered().ends_with(home.default_opener()), "one that is given it takes its place");
    });
}

#[test]
fn what_another_program_has_registered_is_left_alone() {
    inside("what_another_program_has_registered_is_left_alone", |home| {
        let copy = home.0.join("bin/cognito-desktop");
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::write(&copy, "another copy of this program").unwrap();
        for (name, command) in [
            ("other.desktop", "/bin/true %u".to_owned()),
            ("in/two-folders/other.desktop", "/bin/true %u".to_owned()),
            ("gone.desktop", "/opt/gone/away %u".to_owned()),
            ("copy.desktop", format!("{} %u", copy.display())),
        ] {
            entry(&home.shared().join(name), &command);
            choose(&name.replace('/', "-"));
            let before = home.content();
            assert_eq!(home.prepare(), Links::GoElsewhere, "{name}");
            assert_eq!(home.content(), before, "{name}");
        }
        // Another copy that has registered itself, and is there.
        entry(&home.registered(), &format!("{} %u", copy.display()));
        choose(home.registered().file_name().unwrap().to_str().unwrap());
        assert_eq!(home.prepare(), Links::GoElsewhere);
        // One whose entry is no text.
        let other = home.shared().join("other.desktop");
        choose("other.desktop");
        let mut text = std::fs::read(&other).unwrap();
        text.extend(b"Comment=\xe9\n");
        std::fs::write(&other, text).unwrap();
        assert_eq!(system(home).opener(SCHEME), Ok(Opener::Other));
    });
}

#[test]
fn what_a_removed_program_has_left_behind_is_nobody() {
    inside("what_a_removed_program_has_left_behind_is_nobody", |home| {
        let removed = home.shared().join("removed.desktop");
        entry(&removed, "/bin/true %u");
        choose("removed.desktop");
        std::fs::remove_file(removed).unwrap();
        assert_eq!(home.prepare(), Links::Work);
        assert!(home.registered().ends_with(home.default_opener()));
    });
}

#[test]
fn without_xdg_mime_nothing_is_registered_and_the_reason_is_told() {
    let name = "without_xdg_mime_nothing_is_registered_and_the_reason_is_told";
    inside_with(name, Some("nothing"), |home| {
        let before = home.content();
        match home.prepare() {
            Links::NotRegistered(reason) => assert!(reason.starts_with("xdg-mime: "), "{reason}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(home.content(), before);
    });
}

#[test]
fn a_registration_that_fails_is_told_and_no_error() {
    inside("a_registration_that_fails_is_told_and_no_error", |home| {
        std::fs::create_dir_all(home.0.join("data")).unwrap();
        std::fs::write(home.user(), "in the way").unwrap();
        match home.prepare() {
            Links::NotRegistered(reason) => assert!(reason.contains("File exists"), "{reason}"),
            other => panic!("{other:?}"),
        }
        // Without the plugin that registers there is none either.
        let app = mock_builder().build(mock_context(noop_assets())).unwrap();
        let without = tauri::async_runtime::block_on(prepare(app.handle(), SCHEME));
        assert!(matches!(without, Links::NotRegistered(_)), "{without:?}");
    });
}

#[test]
fn an_image_is_this_program_only_from_inside_of_it() {
    let running = this_program();
    let inside = running.parent();
    let image = || Some(PathBuf::from("/opt/app.AppImage"));
    assert_eq!(program(running.clone(), None, None), Ok(running.clone()));
    assert_eq!(program(running.clone(), image(), inside), Ok(PathBuf::from("/opt/app.AppImage")));
    for outside in [None, Some(Path::new("/usr")), Some(Path::new("/nowhere"))] {
        assert!(program(running.clone(), image(), outside).is_err(), "{outside:?}");
    }
}

#[test]
fn a_system_that_fails_is_not_one_where_nobody_opens_the_links() {
    let name = "a_system_that_fails_is_not_one_where_nobody_opens_the_links";
    inside_with(name, Some("broken"), |home| {
        use std::os::unix::fs::PermissionsExt as _;

        let broken = home.0.join("broken/xdg-mime");
        std::fs::create_dir_all(broken.parent().unwrap()).unwrap();
        std::fs::write(&broken, "#!/bin/sh\nexit 3\n").unwrap();
        std::fs::set_permissions(&broken, std::fs::Permissions::from_mode(0o755)).unwrap();
        let links = home.prepare();
        assert_eq!(links, Links::NotRegistered("xdg-mime: exit status: 3".to_owned()));
        assert!(!home.registered().exists());
    });
}

#[test]
fn an_entry_is_found_by_its_id_with_the_users_first() {
    let folder = std::env::temp_dir().join(format!("cognito-entries-{}", std::process::id()));
    let (user, shared) = (folder.join("user"), folder.join("shared"));
    entry(&shared.join("vendor/app-one.desktop"), "in-a-folder");
    entry(&shared.join("both.desktop"), "shared");
    entry(&user.join("both.desktop"), "user");
    let system = System {
        user,
        shared: vec![folder.join("missing"), shared],
        program: PathBuf::new(),
        registered: String::new(),
        has_desktop: false,
    };
    let started = |name: &str| match system.find(name) {
        Found::Entry(_, entry) => started_by(&entry).map(|started| started.program),
        Found::Nothing => None,
        Found::Unreadable => panic!("{name} can be read"),
    };
    assert_eq!(started("vendor-app-one.desktop").as_deref(), Some("in-a-folder"));
    assert_eq!(started("both.desktop").as_deref(), Some("user"));
    for name in ["", "none.desktop", "../user/both.desktop", "vendor/app-one.desktop"] {
        assert_eq!(started(name), None, "{name}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_an_entry_starts_is_read_as_the_desktop_reads_it() {
    let started = |command: &str| started_by(&format!("[Other]\nExec=no\n[Desktop Entry]\nExec={command}\n"));
    for (command, program, is_given_links) in [
        ("app %u", "app", true),
        ("app --link %U", "app", true),
        ("app", "app", false),
        ("app %f", "app", false),
        ("app \"%u\"", "app", true),
        ("app --link=%u", "app", false),
        ("\"/opt/my app/app\" %u", "/opt/my app/app", true),
        (r#""/opt/a \"b\" \\$c/app" %u"#, r#"/opt/a "b" \$c/app"#, true),
        ("  /opt/app\t%u ", "/opt/app", true),
    ] {
        let is_quoted = command.starts_with('"');
        let expected = Started { program: program.to_owned(), is_given_links, is_quoted };
        assert_eq!(started(command), Some(expected), "{command}");
    }
    for entry in ["", "Exec=app %u", "[Desktop Entry]\nName=x\n[Desktop Action a]\nExec=app %u"] {
        assert_eq!(started_by(entry), None, "{entry}");
    }
}
