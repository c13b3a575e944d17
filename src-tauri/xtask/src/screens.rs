//! Pictures of every screen, and a page to look at them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::run::{cargo, run, target};
use crate::{Outcome, install, say, tasks};

/// The style of the page; pictures of what is not ticked are not shown, and not loaded.
const STYLE: &str = "\
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 0 1rem 1rem; }
form { position: sticky; top: 0; display: flex; flex-wrap: wrap; gap: .5rem 2rem; padding: .75rem 0; background: Canvas; }
fieldset { display: flex; gap: .75rem; border: 0; margin: 0; padding: 0; }
h2 { margin: 1.5rem 0 .5rem; font-size: 1rem; }
div { display: flex; flex-wrap: wrap; align-items: start; gap: 1rem; }
figure { margin: 0; }
figcaption { font-size: .75rem; }
img { display: block; max-width: 100%; border: 1px solid GrayText; }
";

/// Opens the real window on every screen, in both languages, dark and light, in each size; all of it is checked too.
pub(crate) fn picture(folder: Option<&str>) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Err("the pictures are taken on Linux only: on a display that nobody sees".to_owned());
    }
    install::for_tests()?;
    let folder = std::path::absolute(folder.map_or_else(|| target().join("screens"), PathBuf::from))
        .map_err(|error| format!("the folder for the pictures: {error}"))?;
    tasks::build_page()?;
    tasks::build_gallery()?;
    clear(&folder)?;
    let mut pictures =
        cargo(&["test", "--package", "cognito-desktop", "--features", "custom-protocol", "--test", "window"]);
    pictures.args(["screens::nothing_is_cut_off", "--", "--nocapture"]);
    pictures.env("COGNITO_DESKTOP_SCREENS", &folder);
    say("\nSome twenty minutes, on two cores.");
    let checked = run(pictures);
    // Also of what is wrong there is a picture.
    let index = contact_sheet(&folder)?;
    say(&format!("\nEvery screen: {}", index.display()));
    checked
}

/// Takes away the pictures of an earlier run, and nothing else that may be in the folder.
fn clear(folder: &Path) -> Outcome {
    for (_, file) in pictures(folder).unwrap_or_default() {
        std::fs::remove_file(folder.join(&file)).map_err(|error| format!("{file}: {error}"))?;
    }
    Ok(())
}

/// What a picture's name says of it.
struct Look {
    screen: String,
    language: String,
    theme: String,
    size: String,
}

impl Look {
    fn of(file: &str) -> Option<Self> {
        let mut parts = file.strip_suffix(".png")?.rsplitn(4, '-').map(str::to_owned);
        let (size, theme, language) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { screen: parts.next()?, language, theme, size })
    }
}

fn pictures(folder: &Path) -> Outcome<Vec<(Look, String)>> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let files = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    Ok(files.filter_map(|file| Look::of(&file).map(|look| (look, file))).collect())
}

/// Writes a page with all of them, each screen in a row.
fn contact_sheet(folder: &Path) -> Outcome<PathBuf> {
    let mut rows: BTreeMap<String, Vec<(Look, String)>> = BTreeMap::new();
    let mut choices: [(&str, BTreeMap<String, ()>); 3] =
        [("language", BTreeMap::new()), ("theme", BTreeMap::new()), ("size", BTreeMap::new())];
    for (look, file) in pictures(folder)? {
        for ((_, values), value) in choices.iter_mut().zip([&look.language, &look.theme, &look.size]) {
            values.insert(value.clone(), ());
        }
        rows.entry(look.screen.clone()).or_default().push((look, file));
    }
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Every screen</title>\n<style>\n{STYLE}"
    );
    let mut form = String::new();
    for (kind, values) in &choices {
        form.push_str("<fieldset>");
        for value in values.keys() {
            let _ = writeln!(
                page,
                "body:has(#is-{value}:not(:checked)) figure[data-{kind}=\"{value}\"] {{ display: none; }}"
            );
            let _ =
                write!(form, "<label><input type=\"checkbox\" id=\"is-{value}\" checked> {value}</label>");
        }
        form.push_str("</fieldset>");
    }
    let _ = writeln!(page, "</style>\n<h1>{} screens</h1>\n<form>{form}</form>", rows.len());
    for (screen, mut looks) in rows {
        looks.sort_by(|(_, one), (_, other)| one.cmp(other));
        let _ = writeln!(page, "<section id=\"{screen}\">\n<h2>{screen}</h2>\n<div>");
        for (Look { language, theme, size, .. }, file) in looks {
            let _ = writeln!(
                page,
                "<figure data-language=\"{language}\" data-theme=\"{theme}\" data-size=\"{size}\">\
                 <a href=\"{file}\"><img loading=\"lazy\" width=\"220\" src=\"{file}\" alt=\"\"></a>\
                 <figcaption>{language} {theme} {size}</figcaption></figure>"
            );
        }
        page.push_str("</div>\n</section>\n");
    }
    let index = folder.join("index.html");
    std::fs::write(&index, page).map_err(|error| format!("{}: {error}", index.display()))?;
    Ok(index)
}
