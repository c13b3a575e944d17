//! What a sign-in through the browser is recognised by, its code and its tokens stay out of the log, at every level and
//! of every crate, and out of `Debug`.
//!
//! The one test of its program, because what is logged is the whole process's.

mod desk;
mod managed_login;

use std::io;
use std::sync::{Arc, Mutex};

use cognito::browser::{BrowserSettings, Loopback, Page, Redirect, Redirects, Wish};
use desk::{App, Memory};
use managed_login::{ManagedLogin, pending};
use serde_json::json;
use session::Answer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tracing_subscriber::filter::LevelFilter;
use url::{Url, form_urlencoded};

/// Everything that is logged, in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_of_a_sign_in_through_the_browser_is_logged_or_shown() {
    let log = Log::default();
    let written = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_ansi(false);
    subscriber.with_writer(move || written.clone()).init();

    let login = ManagedLogin::start().await;
    let browser = login.browser(BrowserSettings::default(), Some("sentinel-secret"));
    let mut shown = format!("{browser:?}");
    let mut addresses = Vec::new();

    // One that succeeds, by a port of this machine, after somebody else has asked there.
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let listener = Loopback::bind(&Redirect::loopback(port).expect("an address")).await.expect("it is free");
    let mut waiting = browser.begin(listener.redirect(), Wish::default()).await.expect("it begins");
    addresses.push(waiting.address().to_owned());
    let link = login.sign_in(&waiting);
    shown.push_str(&format!("{listener:?}{waiting:?}"));
    let asking = async {
        let target = link.strip_prefix(&format!("http://127.0.0.1:{port}")).expect("it leads here");
        for target in ["/callback?code=sentinel-code-x&state=sentinel-state", "/sentinel-path", target] {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
            let request = format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.expect("it is read");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.expect("it answers");
        }
    };
    let page = Page::default();
    let (code, ()) = tokio::join!(listener.serve(&page, |link| waiting.receive(link)), asking);
    let code = code.expect("a code");
    shown.push_str(&format!("{code:?}"));
    let established = browser.complete(&waiting, code).await.expect("somebody is signed in");
    shown.push_str(&format!("{:?}", established.tokens));

    // One whose tokens are not genuine, and one that the pool refuses.
    login.mint(|tokens| tokens.id["nonce"] = json!("sentinel-nonce"));
    for refuse in [false, true] {
        if refuse {
            login.answer(400, r#"{"error":"invalid_grant"}"#);
        }
        let mut waiting = pending(&browser).await;
        addresses.push(waiting.address().to_owned());
        let code = waiting.receive(&login.sign_in(&waiting)).expect("a code");
        let fault = browser.complete(&waiting, code).await.expect_err("nobody is signed in");
        shown.push_str(&format!("{fault:?}{fault}{waiting:?}"));
    }
    let revoked = async {
        while login.requests("/oauth2/revoke").is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), revoked).await.expect("the tokens are ended");

    // And in the app: one that is given up, one that a link of an earlier run goes on with, and one by the same link again.
    login.mint(|_| {});
    login.play(|play| play.answer_to_code = None);
    let memory = Memory::default();
    let start = || {
        let redirects = Redirects::of_scheme("my-app");
        let settings = BrowserSettings { redirects, ..BrowserSettings::default() };
        App::start(login.settings(Some("sentinel-secret")), settings, &memory)
    };
    let app = start();
    app.works(|works| works.browser = false);
    addresses.push(app.begin().await);
    app.handle.answer(Answer::OpenAgain);
    app.handle.cancel();
    let address = app.begin().await;
    let (link, kept) = (login.sign_in_at(&address), desk::content(&memory.pending));
    addresses.push(address);
    app.stop().await;
    desk::put(&memory.pending, kept);
    let app = start();
    app.link("my-app://sign-in/callback?code=sentinel-stray&state=sentinel-state")
        .await
        .expect_err("a stray one");
    let received = app.link(&link).await.expect("it was kept");
    app.signed_in().await;
    let again = app.link(&link).await.expect_err("it counts once");
    shown.push_str(&format!(
        "{:?}{:?}{received:?}{again:?}{:?}",
        app.client,
        app.desk,
        app.handle.view().attempt
    ));
    app.stop().await;

    // What was on the wire is what must not be anywhere else.
    let mut secrets = vec!["sentinel".to_owned()];
    for address in addresses {
        let url = Url::parse(&address).expect("an address");
        let of_sign_in = url
            .query_pairs()
            .filter(|(name, _)| ["state", "nonce", "code_challenge"].contains(&name.as_ref()));
        secrets.extend(of_sign_in.map(|(_, value)| value.into_owned()));
    }
    let requests = login.requests("/oauth2/token");
    assert_eq!(requests.len(), 4);
    for (head, body) in requests {
        let form = form_urlencoded::parse(body.as_bytes());
        secrets.extend(form.filter(|(name, _)| name == "code_verifier").map(|(_, value)| value.into_owned()));
        let basic = head.lines().find(|line| line.to_ascii_lowercase().starts_with("authorization"));
        secrets.push(basic.and_then(|line| line.rsplit(' ').next()).expect("the secret is sent").to_owned());
    }
    secrets.push(established.tokens.access.expose().to_owned());
    secrets.push(established.tokens.id.expose().to_owned());
    assert_eq!(secrets.len(), 1 + 15 + 8 + 2);
    let log = String::from_utf8_lossy(&log.0.lock().expect("nobody panicked")).into_owned();
    assert!(log.contains("were not taken"), "the log is looked at:\n{log}");
    for secret in &secrets {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
        assert!(!shown.contains(secret), "{secret} is shown:\n{shown}");
    }
    assert!(!log.contains("aiko"), "a name is in the log:\n{log}");
}
