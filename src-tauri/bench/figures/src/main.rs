//! The window in figures, beside a bare window of the same Tauri: `cargo xtask figures` builds and runs this.
//!
//! `figures <app> <bare window> <development pool> <runs>`, all release builds. App and bare window take turns, in
//! one desktop that nobody sees; what is printed is a Markdown table of medians, and each run on standard error.

mod click;
mod display;
mod idle;
mod processes;
mod start;
mod statistics;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use virtual_desktop::{Desktop, Keyring, UserPool};

use display::Display;
use idle::Idle;
use start::Start;
use statistics::{Row, median, medians, worst};

/// The client of the development pool that the app is set up for, and who signs in to it.
const CLIENT: &str = "devdesktop";
const USER: &str = "aiko";

/// How long a window is left alone before its memory is counted, as the target says.
const SETTLING: Duration = Duration::from_secs(10);
/// How many clicks and starts are measured for each idle window: they are over in a moment, and vary more.
const QUICK: usize = 3;
/// How long wake-ups are counted.
const COUNTED: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [app, bare, pool, runs] = words.as_slice() else {
        eprintln!("usage: figures <app> <bare window> <development pool> <runs>");
        return ExitCode::FAILURE;
    };
    let Some(runs) = runs.parse().ok().filter(|runs| *runs > 0) else {
        eprintln!("`{runs}` is no number of runs");
        return ExitCode::FAILURE;
    };
    let bench = Bench::new(app.into(), bare.into(), Path::new(pool));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));

    let quick = runs * QUICK;
    let clicks: Vec<click::Click> = (0..quick).map(|_| runtime.block_on(click::measure(&bench))).collect();
    runtime.block_on(click::leave_signed_in(&bench));
    let starts = taking_turns(quick, &bench, start::measure);
    let idles = taking_turns(runs, &bench, idle::measure);
    runtime.block_on(click::is_signed_in(&bench));

    let rows = rows(&bench, &clicks, &starts, &idles);
    println!(
        "\nApp and bare window in turn; medians of {quick} clicks and starts, and of {runs} idle windows."
    );
    println!("Compared are the medians.\n");
    println!("{}", statistics::table(&rows));
    ExitCode::SUCCESS
}

/// What is measured, and where.
pub(crate) struct Bench {
    pub(crate) pool: UserPool,
    // Held for the whole run: the X server starts anew when its last client leaves.
    pub(crate) display: Display,
    _keyring: Keyring,
    pub(crate) desktop: Desktop,
    app: PathBuf,
    bare: PathBuf,
}

/// One of the two windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    App,
    Bare,
}

impl Bench {
    fn new(app: PathBuf, bare: PathBuf, pool: &Path) -> Self {
        let desktop = Desktop::start("figures");
        let keyring = desktop.keyring_unlocked();
        let (pool, display) = (UserPool::start(pool, &[]), Display::of(&desktop));
        Self { pool, display, _keyring: keyring, desktop, app, bare }
    }

    pub(crate) fn path(&self, program: Program) -> &Path {
        match program {
            Program::App => &self.app,
            Program::Bare => &self.bare,
        }
    }

    /// The app's settings.
    pub(crate) fn variables(&self) -> [(&str, &str); 2] {
        [("COGNITO_ISSUER", self.pool.issuer()), ("COGNITO_CLIENT_ID", CLIENT)]
    }

    /// Starts a window as a desktop does: no WebDriver has a hand in it.
    pub(crate) fn spawn(&self, program: Program) -> Child {
        let mut command = Command::new(self.path(program));
        command.env_remove("WAYLAND_DISPLAY").env_remove("COGNITO_CLIENT_SECRET");
        command.envs(self.desktop.environment()).envs(self.variables());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.path(program).display()))
    }
}

/// Measures both windows, one after the other, so often; what the machine is busy with meets both. The first pair
/// fills the caches and does not count.
fn taking_turns<T: std::fmt::Debug>(
    runs: usize,
    bench: &Bench,
    mut measure: impl FnMut(&Bench, Program) -> T,
) -> Vec<(T, T)> {
    (0..=runs)
        .map(|run| {
            let pair = (measure(bench, Program::App), measure(bench, Program::Bare));
            eprintln!("{run}: app {:?}, bare {:?}", pair.0, pair.1);
            pair
        })
        .skip(1)
        .collect()
}

fn rows(
    bench: &Bench,
    clicks: &[click::Click],
    starts: &[(Start, Start)],
    idles: &[(Idle, Idle)],
) -> Vec<Row> {
    let milliseconds = |start: &Start| start.complete.as_secs_f64() * 1000.0;
    let pairs: Vec<(f64, f64)> =
        starts.iter().map(|(app, bare)| (milliseconds(app), milliseconds(bare))).collect();
    let start = medians(&pairs);
    let pairs: Vec<(f64, f64)> = idles.iter().map(|(app, bare)| (app.mebibytes, bare.mebibytes)).collect();
    let memory = medians(&pairs);
    let pairs: Vec<(f64, f64)> =
        idles.iter().map(|(app, bare)| (app.wakeups_a_minute, bare.wakeups_a_minute)).collect();
    let wakeups = medians(&pairs);
    let states: Vec<f64> = clicks.iter().map(|click| click.state_ms).collect();
    let painted: Vec<f64> = clicks.iter().map(|click| click.painted_ms).collect();
    let megabytes = |program| {
        let size = std::fs::metadata(bench.path(program)).map(|file| file.len()).unwrap_or_default();
        size as f64 / 1e6
    };
    let size = megabytes(Program::App);
    let click = |figure, times: &[f64]| Row {
        figure,
        app: format!("{:.0} ms (worst {:.0} ms)", median(times.iter().copied()), worst(times)),
        bare: String::new(),
        compared: String::new(),
        target: "at most 100 ms",
        met: median(times.iter().copied()) <= 100.0,
    };
    vec![
        Row {
            figure: "Start to the signed-in view on the display, session in the keychain",
            app: format!("{:.0} ms", start.0),
            bare: format!("{:.0} ms", start.1),
            compared: format!("{:.2} times", start.0 / start.1),
            target: "at most 1.3 times",
            met: start.0 / start.1 <= 1.3,
        },
        Row {
            figure: "Memory (PSS) of the process tree after 10 s idle",
            app: format!("{:.1} MiB", memory.0),
            bare: format!("{:.1} MiB", memory.1),
            compared: format!("{:.3} times", memory.0 / memory.1),
            target: "at most 1.15 times",
            met: memory.0 / memory.1 <= 1.15,
        },
        Row {
            figure: "Wake-ups of the main process in a minute, idle",
            app: format!("{:.0}", wakeups.0),
            bare: format!("{:.0}", wakeups.1),
            compared: format!("{:+.0}", wakeups.0 - wakeups.1),
            target: "at most +10",
            met: wakeups.0 - wakeups.1 <= 10.0,
        },
        click("Click on \"Sign in\" to the signed-in view in the page, loopback pool", &states),
        click("The same, until it is painted", &painted),
        Row {
            figure: "Size of the program",
            app: format!("{size:.1} MB"),
            bare: format!("{:.1} MB", megabytes(Program::Bare)),
            compared: String::new(),
            target: "at most 15 MB",
            met: size <= 15.0,
        },
    ]
}
