//! ARCHITECTURE.md claims a test for each invariant: every one of them exists.

use std::path::Path;

#[test]
fn every_invariant_names_a_test_that_exists() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri");
    let text = std::fs::read_to_string(folder.join("ARCHITECTURE.md")).expect("src-tauri/ARCHITECTURE.md");
    let table =
        text.split("## Invariants").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a table");
    let rows: Vec<_> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| #") && !line.starts_with("| ---"))
        .collect();
    assert!(rows.len() >= 7, "seven invariants at least, found {}", rows.len());
    for row in rows {
        let cell = row.trim_end_matches('|').rsplit('|').next().expect("a last cell");
        let mut code = cell.split('`').skip(1).step_by(2);
        let (Some(file), Some(name)) = (code.next(), code.next()) else {
            panic!("no `file` and `test` in: {row}")
        };
        let source =
            std::fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(source.contains(&format!("fn {name}(")), "{file} has no test {name}");
    }
}

#[test]
fn the_packages_give_the_apps_links_to_the_app() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("tauri.conf.json")).expect("tauri.conf.json");
    let config: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(config["plugins"]["deep-link"]["desktop"]["schemes"][0], "cognito-desktop");
    for package in ["deb", "rpm"] {
        let template = config["bundle"]["linux"][package]["desktopTemplate"].as_str().expect("a template");
        let entry = std::fs::read_to_string(root.join(template)).expect("the template");
        // The bundler's own has no field code, and desktops then start the app without the link.
        assert!(entry.lines().any(|line| line == "Exec={{exec}} %u"), "{package}: {entry}");
        assert!(entry.lines().any(|line| line == "MimeType={{mime_type}};"), "{package}: {entry}");
    }
}

#[test]
fn the_app_does_not_contain_the_development_pool() {
    let tree = |package: &str| {
        let output = std::process::Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--package", package])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo tree");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("names of packages")
    };
    let app = tree("cognito-desktop");
    let has = |name: &str| app.lines().any(|line| line.starts_with(&format!("{name} v")));
    assert!(has("session") && has("cognito") && has("keyring"), "this is the app's tree:\n{app}");
    for development in ["userpool", "virtual-desktop", "xtask", "ts-rs", "fantoccini"] {
        assert!(!has(development), "{development} is in the app");
    }
    assert!(
        tree("userpool").lines().any(|line| line.starts_with("userpool v")),
        "the name looked for is right"
    );
}
