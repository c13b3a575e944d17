//! Every screen, in both languages, dark and light, in a narrow window and in large letters: nothing is cut off, and
//! axe-core finds nothing.
//!
//! The gallery (`ui/mock/gallery.ts`) plays the backend in the real window's page.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use virtual_desktop::{Desktop, Window};

use crate::bench::{program, run};

/// Where all pictures go, in all combinations; without it a covering part of them is looked at.
const FOLDER: &str = "COGNITO_DESKTOP_SCREENS";

/// Shown while it is waited for, and by no screen.
const MARK: [u8; 3] = [255, 0, 254];

/// What is wrong with a component is wrong with many screens.
const MOST_TOLD: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    Light,
    Dark,
}

impl Theme {
    const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// How large the window is, and its letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    /// As it opens.
    Usual,
    /// As narrow as it gets.
    Narrow,
    /// With room for a sidebar, where there is one.
    Wide,
    /// As it opens, where the system's letters have twice their size.
    LargeText,
}

impl Size {
    const fn name(self) -> &'static str {
        match self {
            Self::Usual => "440",
            Self::Narrow => "360",
            Self::Wide => "1000",
            Self::LargeText => "text200",
        }
    }

    const fn pixels(self) -> (u32, u32) {
        match self {
            Self::Usual | Self::LargeText => (440, 640),
            Self::Narrow => (360, 640),
            Self::Wide => (1000, 720),
        }
    }

    /// How many pixels of the display one of the page's is.
    const fn scale(self) -> u32 {
        match self {
            Self::LargeText => 2,
            Self::Usual | Self::Narrow | Self::Wide => 1,
        }
    }
}

/// One screen of the gallery.
struct Screen {
    name: String,
    /// It has a sidebar, in a wide window.
    wide: bool,
}

/// The real window with the gallery in it.
struct Gallery {
    desktop: Desktop,
    window: Window,
    theme: Theme,
    screens: Vec<Screen>,
}

impl Gallery {
    async fn open(theme: Theme, scale: u32) -> Self {
        let desktop = Desktop::tall(&format!("gallery-{}-{scale}", theme.name()));
        let dark = if theme == Theme::Dark { "1" } else { "0" };
        // A picture is the same at every moment: nothing blinks or fades.
        desktop.set(&[
            &format!("gtk-application-prefer-dark-theme={dark}"),
            "gtk-cursor-blink=0",
            "gtk-enable-animations=0",
        ]);
        // What the accessibility settings' text size comes to in GTK.
        let variables = [("GDK_DPI_SCALE", scale.to_string()), ("TZ", "UTC".to_owned())];
        let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let window = desktop.open(&program(), &variables).await;
        // Nothing is set up: what is shown asks for nothing by itself.
        window.wait_for_state("connect").await;
        let is_dark = window.evaluate("matchMedia('(prefers-color-scheme: dark)').matches").await;
        assert_eq!(is_dark, Value::Bool(theme == Theme::Dark), "the page goes by the system's theme");
        assert_eq!(window.evaluate("Math.round(outerWidth / innerWidth)").await, scale, "the letters' size");
        window.run(&bundle()).await;
        let worn = window.resolved(&format!("__gallery.wear({})", styles())).await;
        worn.unwrap_or_else(|error| panic!("the window and ui/dist are not of the same build: {error}"));
        let screens = window.evaluate("__gallery.screens").await;
        let screens = screens.as_array().expect("the gallery's screens").iter().map(|screen| Screen {
            name: screen["name"].as_str().unwrap_or_default().to_owned(),
            wide: screen["wide"] == Value::Bool(true),
        });
        let screens: Vec<_> = screens.collect();
        assert!(screens.len() > 300, "only {} screens", screens.len());
        Self { desktop, window, theme, screens }
    }

    async fn show(&self, screen: &str, language: &str) {
        let shown = self.window.resolved(&format!("__gallery.show('{screen}', '{language}')")).await;
        shown.unwrap_or_else(|error| panic!("{screen}: {error}"));
    }

    async fn findings(&self) -> Vec<String> {
        let found = self.window.resolved("__gallery.findings()").await;
        let found = found.unwrap_or_else(|error| panic!("looking at it failed: {error}"));
        serde_json::from_value(found).expect("texts")
    }

    /// Looks at every screen in one size, each in the language that `language` gives for its number.
    async fn look(
        &self,
        size: Size,
        language: impl Fn(usize) -> &'static str,
        folder: Option<&Path>,
        told: &mut Vec<String>,
    ) {
        let (width, height) = size.pixels();
        self.window.resize(width, height).await;
        for (number, Screen { name, .. }) in
            self.screens.iter().enumerate().filter(|(_, screen)| screen.wide || size != Size::Wide)
        {
            let language = language(number);
            self.show(name, language).await;
            let found = self.findings().await;
            let picture = format!("{name}-{language}-{}-{}.png", self.theme.name(), size.name());
            if !found.is_empty() || folder.is_some() {
                self.picture(size, &folder.map_or_else(failures, Path::to_owned).join(&picture)).await;
            }
            told.extend(found.iter().map(|finding| format!("{picture}: {finding}")));
        }
    }

    /// Writes a picture of the whole page.
    async fn picture(&self, size: Size, file: &Path) {
        let (width, usual) = size.pixels();
        let mut height = usual;
        // A higher window may have higher margins.
        for _ in 0..3 {
            let page = self.window.evaluate("document.documentElement.scrollHeight").await;
            let page = u32::try_from(page.as_u64().unwrap_or_default()).unwrap_or_default() * size.scale();
            if page <= height {
                break;
            }
            height = page;
            self.window.resize(width, height).await;
        }
        self.painted().await;
        tokio::task::block_in_place(|| self.desktop.screenshot_of(file, width, height));
        if height != usual {
            self.window.resize(width, usual).await;
        }
    }

    /// Waits until the display shows what the page does: a mark comes and goes with it.
    async fn painted(&self) {
        let [red, green, blue] = MARK;
        let mark = format!(
            "{{ const mark = document.body.appendChild(document.createElement('div')); mark.id = 'mark';\
             Object.assign(mark.style, {{ position: 'fixed', inset: '0 auto auto 0', width: '8px', height: '8px', zIndex: 9,\
             background: 'rgb({red} {green} {blue})' }}); }}"
        );
        self.window.run(&mark).await;
        self.is_marked(true).await;
        self.window.run("document.getElementById('mark').remove()").await;
        self.is_marked(false).await;
    }

    async fn is_marked(&self, wanted: bool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while (self.desktop.colour((4, 4)) == MARK) != wanted {
            assert!(Instant::now() < deadline, "the display does not show what the page does");
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
    }
}

/// The gallery's script; read anew for each run, so that it can change without this being built again.
fn bundle() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/dist-gallery/gallery.js");
    std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{} ({error}): npm --prefix ui run build:gallery", file.display()))
}

/// The addresses of all styles that the window has in it, as its page is built.
fn styles() -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/dist/assets");
    let files = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{} ({error}): npm --prefix ui run build", folder.display()));
    let names = files.flatten().filter_map(|file| file.file_name().into_string().ok());
    names.filter(|name| name.ends_with(".css")).map(|name| format!("/assets/{name}")).collect()
}

/// Where pictures of what is wrong go.
fn failures() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    std::fs::create_dir_all(&folder).expect("the folder for screenshots");
    folder
}

const LANGUAGES: [&str; 2] = ["en", "ja"];

/// All screens in one theme, in every language and size.
async fn everything(theme: Theme, folder: PathBuf) -> Vec<String> {
    let mut told = Vec::new();
    for sizes in [&[Size::Usual, Size::Narrow, Size::Wide][..], &[Size::LargeText]] {
        let gallery = Gallery::open(theme, sizes[0].scale()).await;
        for size in sizes {
            for language in LANGUAGES {
                gallery.look(*size, |_| language, Some(&folder), &mut told).await;
            }
        }
        gallery.window.close().await;
    }
    told
}

/// A part in which each screen is seen in each language, dark and light, narrow and in large letters.
async fn covering(theme: Theme) -> Vec<String> {
    let mut told = Vec::new();
    match theme {
        Theme::Dark => {
            let gallery = Gallery::open(theme, 1).await;
            gallery.look(Size::Narrow, |number| LANGUAGES[number % 2], None, &mut told).await;
            gallery.look(Size::Wide, |number| LANGUAGES[(number + 1) % 2], None, &mut told).await;
            gallery.window.close().await;
        }
        Theme::Light => {
            let gallery = Gallery::open(theme, 2).await;
            gallery.look(Size::LargeText, |number| LANGUAGES[(number + 1) % 2], None, &mut told).await;
            gallery.window.close().await;
        }
    }
    told
}

#[test]
fn nothing_is_cut_off_and_axe_finds_nothing_on_any_screen() {
    run(async {
        let folder = std::env::var_os(FOLDER).map(PathBuf::from);
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder).expect("the folder for the pictures");
        }
        // Two windows at a time, for two cores.
        let themes = [Theme::Light, Theme::Dark].map(|theme| {
            let folder = folder.clone();
            tokio::spawn(async move {
                match folder {
                    Some(folder) => everything(theme, folder).await,
                    None => covering(theme).await,
                }
            })
        });
        let mut told = Vec::new();
        for theme in themes {
            told.extend(theme.await.expect("a theme"));
        }
        let first = told[..told.len().min(MOST_TOLD)].join("\n");
        assert!(told.is_empty(), "{} findings, the first of them:\n{first}", told.len());
    });
}

/// What is done to a screen, and what has to be said of it.
const SPOILT: [(&str, &str, &str); 10] = [
    ("signedIn-due", "by('session-line').style.color = '#c4c4c4'", "color-contrast (serious)"),
    (
        "signedIn-due",
        "['aria-label', 'title'].forEach(it => document.querySelector('dd button').removeAttribute(it))",
        "button-name (critical)",
    ),
    ("signedIn-due", "by('user-name').style.marginLeft = '-8rem'", "outside the window"),
    ("signedIn-due", "by('user-name').style.paddingRight = '40rem'", "can be scrolled sideways"),
    (
        "signedOut-keychain",
        "Object.assign(by('sign-in').style, { width: '2rem', whiteSpace: 'nowrap', overflow: 'hidden' })",
        "cut off by button.primary.wide[data-testid=sign-in]",
    ),
    (
        "signedOut-keychain",
        "Object.assign(by('sign-in').style, { width: '2rem', whiteSpace: 'nowrap' })",
        "wider or higher than",
    ),
    ("signedIn-due", "document.body.style.overflow = 'hidden'", "below where scrolling ends"),
    (
        "signedIn-due",
        "Object.assign(document.documentElement.style, { height: '100vh', overflow: 'hidden' })",
        "below where scrolling ends",
    ),
    ("signedIn-due", "by('session-line').style.marginTop = '-2.5rem'", "under"),
    ("development-signedOut", "by('seek-demo-user').style.maxWidth = '3rem'", "too long"),
];

#[test]
fn what_is_wrong_with_a_screen_is_found() {
    run(async {
        let gallery = Gallery::open(Theme::Light, 1).await;
        let (width, height) = Size::Narrow.pixels();
        gallery.window.resize(width, height).await;
        for (screen, spoil, expected) in SPOILT {
            gallery.show(screen, "en").await;
            assert_eq!(gallery.findings().await, Vec::<String>::new(), "{screen} as it is");
            let by = "const by = id => document.querySelector(`[data-testid=${id}]`);";
            gallery.window.run(&format!("{by} {spoil}")).await;
            let found = gallery.findings().await;
            assert!(found.iter().any(|finding| finding.contains(expected)), "{spoil}: {found:?}");
            gallery.window.run("document.documentElement.removeAttribute('style'); document.body.removeAttribute('style')").await;
        }
        gallery.window.close().await;
    });
}
