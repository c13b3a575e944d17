//! The app's window, driven through its own web view.

use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::app::App;
use crate::process::{DEADLINE, Running, child_named, free_port, quiet, wait_for};

/// What the app or its toolkit reads from its environment and must not have from whoever runs the tests.
const INHERITED: [&str; 19] = [
    "COGNITO_ISSUER",
    "COGNITO_CLIENT_ID",
    "COGNITO_CLIENT_SECRET",
    "COGNITO_AUTH_FLOW",
    "COGNITO_AUTH_SESSION_VALIDITY",
    "COGNITO_DOMAIN",
    "COGNITO_IDENTITY_PROVIDERS",
    "COGNITO_PASSWORD_POLICY",
    "COGNITO_PROMPT",
    "COGNITO_REDIRECT_URIS",
    "COGNITO_REFRESH_TOKEN_VALIDITY",
    "COGNITO_RESOURCE",
    "COGNITO_SCOPES",
    "COGNITO_SIGN_UP_ATTRIBUTES",
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
    "WAYLAND_DISPLAY",
    "GTK_THEME",
    "GDK_SCALE",
    "GDK_DPI_SCALE",
];

/// A key that types nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// To what comes next.
    Tab,
    /// Shift and Tab: to what came before.
    BackTab,
    /// Takes what is there.
    Enter,
    /// Presses the button that has the focus.
    Space,
    /// Goes back.
    Escape,
}

/// An open window.
#[derive(Debug)]
pub struct Window {
    client: Client,
    app: App,
    driver: Running,
}

impl Window {
    pub(crate) async fn open(
        binary: &Path,
        arguments: &[&str],
        display: &str,
        desktop: &[(String, String)],
        variables: &[(&str, &str)],
    ) -> Self {
        assert!(
            binary.is_file(),
            "{} is not there: build the window first (cargo xtask test does)",
            binary.display()
        );
        let port = free_port();
        let mut command = quiet("WebKitWebDriver");
        command.args([format!("--port={port}"), "--host=127.0.0.1".to_owned()]);
        for name in INHERITED {
            command.env_remove(name);
        }
        // Without this the app never lets itself be driven, and the session is waited for without end.
        command.env("TAURI_WEBVIEW_AUTOMATION", "true");
        command.envs(desktop.iter().cloned()).envs(variables.iter().copied());
        let driver = Running::start(&mut command, "webkit2gtk-driver");
        wait_for("WebKitWebDriver", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());

        let options = json!({ "binary": binary, "args": arguments });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities([("webkitgtk:browserOptions".to_owned(), options)].into_iter().collect());
        let address = format!("http://127.0.0.1:{port}");
        let client = tokio::time::timeout(DEADLINE, builder.connect(&address))
            .await
            .unwrap_or_else(|_| panic!("the window did not open within {DEADLINE:?}"))
            .unwrap_or_else(|error| panic!("the window did not open: {error}"));
        let app = wait_for("the app's process", || child_named(driver.0.id(), binary));
        Self { client, app: App::new(app, display), driver }
    }

    /// The app's process id.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.app.pid()
    }

    /// Ends the app without a word to it, as a power cut does.
    pub fn kill(mut self) {
        self.app.kill();
        self.driver.stop();
    }

    /// Closes the window by its close button, and waits until the app has ended.
    pub async fn close(mut self) {
        self.app.close().await;
        self.driver.stop();
    }

    /// Waits until the page's root has this `data-state`.
    pub async fn wait_for_state(&self, state: &str) {
        self.wait_until(
            &format!("[data-state={state}]"),
            &format!("document.documentElement.dataset.state === '{state}'"),
        )
        .await;
    }

    /// The page's `data-state` now.
    pub async fn state(&self) -> String {
        self.evaluate("document.documentElement.dataset.state").await.as_str().unwrap_or_default().to_owned()
    }

    /// Every `data-state` since before the page's own scripts ran.
    pub async fn states(&self) -> Vec<String> {
        let states = self.evaluate("window.__dataStates").await;
        serde_json::from_value(states).unwrap_or_else(|error| panic!("no recorder in this window: {error}"))
    }

    /// Waits until an expression of the page is true.
    pub async fn wait_until(&self, what: &str, expression: &str) {
        self.wait_within(DEADLINE, what, expression).await;
    }

    /// Waits until an expression of the page is true, for as long as this.
    pub async fn wait_within(&self, patience: Duration, what: &str, expression: &str) {
        let deadline = Instant::now() + patience;
        while self.evaluate(&format!("Boolean({expression})")).await != Value::Bool(true) {
            if Instant::now() > deadline {
                let page = self.evaluate("document.body.innerText").await;
                panic!("waited in vain for {what}; state {}, the page reads: {page}", self.state().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The value of an expression of the page.
    pub async fn evaluate(&self, expression: &str) -> Value {
        self.client
            .execute(&format!("return {expression}"), Vec::new())
            .await
            .unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Runs a script in the page, whatever the page's own rules for scripts are.
    pub async fn run(&self, script: &str) {
        let ran = self.client.execute(script, Vec::new()).await;
        ran.unwrap_or_else(|error| panic!("a script of {} bytes: {error}", script.len()));
    }

    /// What a promise of the page resolves to, or why it is rejected.
    ///
    /// # Errors
    /// The page's own, in words.
    pub async fn resolved(&self, promise: &str) -> Result<Value, String> {
        let script = format!(
            "const done = arguments[arguments.length - 1];\
             ({promise}).then(value => done({{ value }}), error => done({{ error: String(error) }}))"
        );
        let outcome = self.client.execute_async(&script, Vec::new()).await;
        let outcome = outcome.unwrap_or_else(|error| panic!("{promise}: {error}"));
        match outcome.get("error").and_then(Value::as_str) {
            Some(error) => Err(error.to_owned()),
            None => Ok(outcome["value"].clone()),
        }
    }

    /// Puts the window into the display's upper left corner, as large as this, and waits until its page is laid out so.
    pub async fn resize(&self, width: u32, height: u32) {
        let resized = self.client.set_window_rect(0, 0, width, height).await;
        resized.unwrap_or_else(|error| panic!("{width} x {height}: {error}"));
        // Large letters are the system's way of enlarging the page: it is as many pixels less wide.
        let laid_out = format!(
            "(scale => Math.abs(innerWidth * scale - {width}) < scale && Math.abs(innerHeight * scale - {height}) < scale)\
             (Math.round(outerWidth / innerWidth))"
        );
        self.wait_until(&format!("the page to be {width} x {height}"), &laid_out).await;
    }

    /// Waits until what the page shows now is on the display. For screenshots only: there is no event for it.
    pub async fn painted(&self) {
        let frames = "requestAnimationFrame(() => requestAnimationFrame(() => { window.__painted = true; }))";
        self.evaluate(&format!("(window.__painted = false, {frames})")).await;
        self.wait_until("two frames", "window.__painted").await;
        tokio::time::sleep(Duration::from_millis(400)).await;
    }

    /// The text of the element with this `data-testid`.
    pub async fn text(&self, id: &str) -> String {
        let element = self.element(id).await;
        element.text().await.unwrap_or_else(|error| panic!("{id}: {error}"))
    }

    /// Whether there is an element with this `data-testid`.
    pub async fn has(&self, id: &str) -> bool {
        self.evaluate(&format!("document.querySelector('{}') !== null", selector(id))).await
            == Value::Bool(true)
    }

    /// Clicks the element with this `data-testid`.
    pub async fn click(&self, id: &str) {
        let element = self.element(id).await;
        self.bring_into_view(id).await;
        element.click().await.unwrap_or_else(|error| panic!("{id}: {error}"));
    }

    /// Scrolls as a click does, but in peace: where the page has become longer, WebKit takes back what goes beyond its old
    /// end, until it has drawn it, and the click would hit something else.
    async fn bring_into_view(&self, id: &str) {
        let scrolled = format!(
            "new Promise(done => {{\
                const frames = then => requestAnimationFrame(() => requestAnimationFrame(then));\
                const scroll = () => document.querySelector('{}')?.scrollIntoView({{ block: 'nearest' }});\
                scroll(); frames(() => {{ scroll(); frames(() => done()); }});\
            }})",
            selector(id)
        );
        self.resolved(&scrolled).await.unwrap_or_else(|error| panic!("{id}: {error}"));
    }

    /// Replaces what is typed in the field with this `data-testid`, by the keyboard.
    pub async fn fill(&self, id: &str, text: &str) {
        let field = self.element(id).await;
        field.clear().await.unwrap_or_else(|error| panic!("{id}: {error}"));
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{id}: {error}"));
        // Keys arrive one by one, and a keyboard layout or an input method may have its own idea of them.
        let typed = format!("document.querySelector('{}').value === {}", selector(id), Value::from(text));
        self.wait_until(&format!("what was typed into {id}"), &typed).await;
    }

    /// Presses a key. It goes to whatever has the focus, as does everything from a keyboard.
    pub async fn press(&self, key: Key) {
        use fantoccini::key::Key as Code;
        let code = match key {
            Key::Tab | Key::BackTab => Code::Tab,
            Key::Enter => Code::Enter,
            Key::Space => return self.strike(&[' '], false).await,
            Key::Escape => Code::Escape,
        };
        self.strike(&[code.into()], key == Key::BackTab).await;
    }

    /// Types a text, letter by letter, into whatever has the focus.
    pub async fn type_text(&self, text: &str) {
        self.strike(&text.chars().collect::<Vec<_>>(), false).await;
    }

    /// The `data-testid` of what has the focus; of something without one, what it is.
    pub async fn focused(&self) -> String {
        let focused =
            "(element => element.dataset.testid ?? element.outerHTML.slice(0, 80))(document.activeElement)";
        self.evaluate(focused).await.as_str().unwrap_or_default().to_owned()
    }

    async fn strike(&self, keys: &[char], shift: bool) {
        let shift = shift.then(|| char::from(fantoccini::key::Key::Shift));
        let pressed = shift.map(|value| KeyAction::Down { value });
        let released = shift.map(|value| KeyAction::Up { value });
        let strokes = keys.iter().flat_map(|&value| [KeyAction::Down { value }, KeyAction::Up { value }]);
        let keyboard = KeyActions::new("keyboard".to_owned());
        let actions = pressed.into_iter().chain(strokes).chain(released).fold(keyboard, KeyActions::then);
        self.client.perform_actions(actions).await.unwrap_or_else(|error| panic!("the keyboard: {error}"));
    }

    async fn element(&self, id: &str) -> Element {
        let selector = selector(id);
        self.client
            .wait()
            .at_most(DEADLINE)
            .for_element(Locator::Css(&selector))
            .await
            .unwrap_or_else(|error| panic!("{selector}: {error}"))
    }
}

fn selector(id: &str) -> String {
    format!("[data-testid={id}]")
}
