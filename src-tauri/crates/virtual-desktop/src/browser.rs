//! The system's browser: Chromium with a window and a profile of its own, driven through its WebDriver.
//!
//! It is headed, since one without a window starts no handler of a scheme. Whatever on this desktop opens a web address
//! starts Chromium once more, which hands the address to the one that runs, as on anybody's desktop.

use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::app::App;
use crate::home::Home;
use crate::process::{DEADLINE, Running, child_named, descendants, free_port, quiet, wait_for};

/// As Debian and others call it, then as its maker does.
const PROGRAMS: [&str; 3] = ["chromium", "google-chrome", "chromium-browser"];

/// Pages of tests only, of loopback; and a sandbox can be had neither by root nor in a container.
const ARGUMENTS: [&str; 6] = [
    "--no-sandbox",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    // It would keep a key of its own in the keychain that is tested.
    "--password-store=basic",
];

/// Right of the app's window, and not over it.
const PLACE: [&str; 2] = ["--window-position=450,0", "--window-size=730,780"];

/// A running browser.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    /// The tab that it began with, in which nobody else opens anything.
    first: WindowHandle,
    seen: Vec<WindowHandle>,
    driver: Running,
    display: String,
}

impl Browser {
    pub(crate) async fn start(
        home: &Home,
        display: &str,
        environment: &[(String, String)],
        origin: &str,
        scheme: &str,
    ) -> Self {
        let program = program();
        let profile = format!("--user-data-dir={}", home.path().join("browser").display());
        let arguments = ARGUMENTS.iter().copied().chain([profile.as_str()]);
        let command: Vec<_> = [program].into_iter().chain(arguments.clone()).chain(["%U"]).collect();
        home.handle(&["http", "https"], "browser", &command.join(" "));

        let port = free_port();
        let mut driver = quiet("chromedriver");
        driver.arg(format!("--port={port}")).envs(environment.iter().cloned());
        let driver = Running::start(&mut driver, "chromium-driver");
        wait_for("chromedriver", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        let may_open = json!({ origin: { scheme: true } });
        let options = json!({
            "args": arguments.chain(PLACE).collect::<Vec<_>>(),
            // With it, Chromium takes no address from another one that is started for it.
            "excludeSwitches": ["enable-automation"],
            "prefs": {
                "credentials_enable_service": false,
                "protocol_handler": { "allowed_origin_protocol_pairs": may_open },
            },
        });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities([("goog:chromeOptions".to_owned(), options)].into_iter().collect());
        let client = tokio::time::timeout(DEADLINE, builder.connect(&format!("http://127.0.0.1:{port}")))
            .await
            .unwrap_or_else(|_| panic!("the browser did not start within {DEADLINE:?}"))
            .unwrap_or_else(|error| panic!("the browser did not start: {error}"));
        let seen = client.windows().await.unwrap_or_else(|error| panic!("the browser's tabs: {error}"));
        let first = seen.first().cloned().unwrap_or_else(|| panic!("the browser has no tab"));
        Self { client, first, seen, driver, display: display.to_owned() }
    }

    /// Waits for a tab that somebody else has opened since the last time, and turns to it.
    pub async fn opened(&mut self) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let tabs = self.tabs().await;
            let new = tabs.iter().find(|tab| !self.seen.contains(tab)).cloned();
            if let Some(new) = new {
                self.seen = tabs;
                self.client
                    .switch_to_window(new)
                    .await
                    .unwrap_or_else(|error| panic!("the new tab: {error}"));
                return;
            }
            assert!(Instant::now() < deadline, "no address was opened in the browser within {DEADLINE:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Does something in the browser: once it has started a program for a link, Chromium starts no other until somebody
    /// has.
    pub async fn touch(&self) {
        // The tab that it was in may have closed: one that leads to nothing but a program does.
        let first = self.client.switch_to_window(self.first.clone()).await;
        first.unwrap_or_else(|error| panic!("the first tab: {error}"));
        self.go("about:blank").await;
        self.click("html").await;
    }

    /// Whether a tab has come since the last time that [`Browser::opened`] looked.
    pub async fn has_opened(&self) -> bool {
        self.tabs().await.iter().any(|tab| !self.seen.contains(tab))
    }

    async fn tabs(&self) -> Vec<WindowHandle> {
        self.client.windows().await.unwrap_or_else(|error| panic!("the browser's tabs: {error}"))
    }

    /// Goes to an address in this tab.
    pub async fn go(&self, address: &str) {
        self.client.goto(address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// The address of the page that is shown.
    pub async fn address(&self) -> String {
        self.evaluate("location.href").await.as_str().unwrap_or_default().to_owned()
    }

    /// What the page reads.
    pub async fn text(&self) -> String {
        self.evaluate("document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// The value of an expression of the page.
    pub async fn evaluate(&self, expression: &str) -> Value {
        let value = self.client.execute(&format!("return {expression}"), Vec::new()).await;
        value.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Waits until an expression of the page is true, whatever pages come and go meanwhile.
    pub async fn wait_until(&self, what: &str, expression: &str) {
        let deadline = Instant::now() + DEADLINE;
        let script = format!("return Boolean({expression})");
        while !matches!(self.client.execute(&script, Vec::new()).await, Ok(Value::Bool(true))) {
            if Instant::now() > deadline {
                panic!("waited in vain for {what}; {} reads: {}", self.address().await, self.text().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The app, which a link has started.
    pub async fn started(&self, binary: &Path) -> App {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(pid) = child_named(self.driver.0.id(), binary) {
                return App::new(pid, &self.display);
            }
            assert!(Instant::now() < deadline, "no link has started {}", binary.display());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Replaces what is in a field, found by its CSS selector.
    pub async fn fill(&self, selector: &str, text: &str) {
        let field = self.element(selector).await;
        field.clear().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Clicks an element, found by its CSS selector.
    pub async fn click(&self, selector: &str) {
        self.element(selector).await.click().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    async fn element(&self, selector: &str) -> Element {
        let found = self.client.wait().at_most(DEADLINE).for_element(Locator::Css(selector)).await;
        match found {
            Ok(element) => element,
            Err(error) => {
                panic!("{selector}: {error}; {} reads: {}", self.address().await, self.text().await)
            }
        }
    }

    /// The processes of the browser, and of what its links have started.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        descendants(self.driver.0.id())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A driver that is killed takes nobody with it.
        let left = self.processes();
        self.driver.stop();
        for process in left {
            let _ = quiet("kill").args(["-9", &process.to_string()]).status();
        }
    }
}

fn program() -> &'static str {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |program: &&str| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    PROGRAMS.into_iter().find(is_there).unwrap_or_else(|| panic!("no browser: install chromium"))
}
