//! The app without a window: the session's driver, the client and a desktop that does what a test wants, put together as
//! the shell does.

#![allow(dead_code, reason = "each test needs some of it")]

use std::net::TcpListener;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use cognito::browser::{
    Browser, BrowserSettings, CallbackProblem, Desktop, Loopback, Page, PasskeyTold, Redirects, Rung, Told,
    Words,
};
use cognito::{Client, Http, PoolSettings, Received};
use session::{
    Answer, AttemptView, BrowserWay, Challenge, Fault, FaultCode, Handle, PoolClock, Prompt, SessionView,
    Vault, VaultFault, View, start,
};
use zeroize::Zeroizing;

type Bytes = Option<Zeroizing<Vec<u8>>>;
pub(crate) type Entry = Arc<Mutex<Bytes>>;

pub(crate) fn content(entry: &Entry) -> Bytes {
    entry.lock().expect("nobody panicked").clone()
}

pub(crate) fn put(entry: &Entry, content: Bytes) {
    *entry.lock().expect("nobody panicked") = content;
}

/// A keychain in memory, which outlives the driver as the real one outlives the program.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    pub(crate) record: Entry,
    queue: Entry,
    /// The sign-in that waits.
    pub(crate) pending: Entry,
}

impl Vault for Memory {
    async fn load(&self, _: Prompt) -> Result<Bytes, VaultFault> {
        Ok(content(&self.record))
    }

    async fn save(&self, _: String, record: Zeroizing<Vec<u8>>) -> Result<(), VaultFault> {
        put(&self.record, Some(record));
        Ok(())
    }

    async fn clear(&self) -> Result<(), VaultFault> {
        put(&self.record, None);
        Ok(())
    }

    async fn load_revocations(&self) -> Result<Bytes, VaultFault> {
        Ok(content(&self.queue))
    }

    async fn save_revocations(&self, queue: Bytes) -> Result<(), VaultFault> {
        put(&self.queue, queue);
        Ok(())
    }
}

/// Three ports of this machine that nobody has just now.
pub(crate) fn free_ports() -> Redirects {
    let listeners: Vec<_> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port")).collect();
    let port = |listener: &TcpListener| listener.local_addr().expect("an address").port();
    let addresses = listeners.iter().map(|listener| format!("http://127.0.0.1:{}/callback", port(listener)));
    Redirects::parse(&addresses.collect::<Vec<_>>().join(" ")).expect("they are addresses")
}

/// What works on a desktop.
#[derive(Debug)]
pub(crate) struct Works {
    pub(crate) links: bool,
    pub(crate) ports: bool,
    pub(crate) browser: bool,
    /// Whether the keychain takes and gives things up.
    pub(crate) keychain: bool,
}

/// A desktop. Its browser writes down where it was sent.
pub(crate) struct Desk {
    pub(crate) works: Mutex<Works>,
    opened: Mutex<Vec<String>>,
    pub(crate) passkeys: Mutex<Vec<PasskeyTold>>,
    memory: Memory,
    handle: OnceLock<Handle>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}

impl Desk {
    fn does(&self, which: impl Fn(&Works) -> bool) -> bool {
        which(&self.works.lock().expect("nobody panicked"))
    }
}

impl Desktop for Desk {
    fn choose<'a>(&'a self, redirects: &'a Redirects) -> Told<'a, Rung> {
        Box::pin(async move {
            let links = self.does(|works| works.links);
            for redirect in redirects.iter() {
                if redirect.port().is_none() {
                    if links {
                        return Rung { redirect: redirect.clone(), way: BrowserWay::Link, loopback: None };
                    }
                } else if self.does(|works| works.ports)
                    && let Ok(loopback) = Loopback::bind(redirect).await
                {
                    let (redirect, way) = (redirect.clone(), BrowserWay::Loopback);
                    return Rung { redirect, way, loopback: Some(loopback) };
                }
            }
            let redirect = redirects.iter().next().expect("there is one").clone();
            Rung { redirect, way: BrowserWay::Paste, loopback: None }
        })
    }

    fn open<'a>(&'a self, address: &'a str) -> Told<'a, Result<(), String>> {
        Box::pin(async move {
            if !self.does(|works| works.browser) {
                return Err("there is no browser".to_owned());
            }
            self.opened.lock().expect("nobody panicked").push(address.to_owned());
            Ok(())
        })
    }

    fn page(&self) -> Page {
        let words = |heading: &str| Words { heading: heading.to_owned(), text: "…".to_owned() };
        Page {
            language: "en".to_owned(),
            title: "App".to_owned(),
            done: words("Done"),
            failed: words("Failed"),
            back: words("Back"),
        }
    }

    fn returned(&self, result: Result<(), Fault>) {
        self.handle.get().expect("the app runs").answer(Answer::BackFromBrowser(result));
    }

    fn passkey_told(&self, told: PasskeyTold) {
        self.passkeys.lock().expect("nobody panicked").push(told);
    }

    fn keep(&self, pending: Bytes) -> Told<'_, bool> {
        Box::pin(async move {
            let works = self.does(|works| works.keychain);
            if works {
                put(&self.memory.pending, pending);
            }
            works
        })
    }

    fn kept(&self) -> Told<'_, Bytes> {
        Box::pin(async move { content(&self.memory.pending) })
    }
}

/// The app.
pub(crate) struct App {
    pub(crate) client: Arc<Client>,
    pub(crate) handle: Handle,
    pub(crate) desk: Arc<Desk>,
    pub(crate) memory: Memory,
}

impl App {
    /// Starts it, with what the run before has left.
    pub(crate) fn start(pool: PoolSettings, settings: BrowserSettings, memory: &Memory) -> Self {
        let http = Http::from_environment(&|_| None).expect("no settings");
        let clock = Arc::new(PoolClock::new());
        let desk = Arc::new(Desk {
            works: Mutex::new(Works { links: true, ports: true, browser: true, keychain: true }),
            opened: Mutex::default(),
            passkeys: Mutex::default(),
            memory: memory.clone(),
            handle: OnceLock::new(),
        });
        let browser = Browser::new(pool.clone(), settings, http.clone(), Arc::clone(&clock));
        let desktop: Arc<dyn Desktop> = Arc::clone(&desk) as _;
        let client = Arc::new(Client::new(pool, http, Arc::clone(&clock)).with_browser(browser, desktop));
        let handle = start(Arc::clone(&client), Arc::new(memory.clone()), clock);
        assert!(desk.handle.set(handle.clone()).is_ok());
        Self { client, handle, desk, memory: memory.clone() }
    }

    pub(crate) fn works(&self, change: impl FnOnce(&mut Works)) {
        change(&mut self.desk.works.lock().expect("nobody panicked"));
    }

    /// Where the browser was sent, each time.
    pub(crate) fn opened(&self) -> Vec<String> {
        self.desk.opened.lock().expect("nobody panicked").clone()
    }

    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&View) -> bool) -> Arc<View> {
        let mut views = self.handle.subscribe();
        let seen = tokio::time::timeout(Duration::from_secs(20), views.wait_for(|view| wanted(view))).await;
        match seen {
            Ok(Ok(view)) => Arc::clone(&view),
            _ => panic!("waited in vain for {what}: {:?}", self.handle.view()),
        }
    }

    /// Begins to sign in through the browser: where that was sent.
    pub(crate) async fn begin(&self) -> String {
        self.handle.sign_in_by_browser(session::BrowserWish::default());
        self.waiting().await
    }

    /// Waits until the window waits for the browser: where that was sent last.
    pub(crate) async fn waiting(&self) -> String {
        self.until("the browser to be waited for", is_waiting).await;
        self.client.browser_address().expect("it is waited for").to_string()
    }

    /// A link has come to this program: what the shell makes of it.
    pub(crate) async fn link(&self, link: &str) -> Result<Received, CallbackProblem> {
        let received = self.client.receive(link).await;
        match &received {
            Ok(Received::Awaited) => self.handle.answer(Answer::BackFromBrowser(Ok(()))),
            Ok(Received::Kept) => self.handle.back_from_browser(),
            Ok(Received::SignedOut | Received::Passkey(_)) => {}
            Err(problem) if problem.ends_sign_in() => {
                self.handle.answer(Answer::BackFromBrowser(Err(problem.fault())));
            }
            Err(_) => {}
        }
        received
    }

    pub(crate) async fn signed_in(&self) -> Arc<View> {
        let idle = AttemptView::Idle { fault: None, done: None };
        self.until("somebody to be signed in", |view| is_signed_in(view) && view.attempt == idle).await
    }

    pub(crate) async fn failed(&self, code: FaultCode) -> Fault {
        let view = self.until("the end of the attempt", |view| {
            matches!(&view.attempt, AttemptView::Idle { fault: Some(_), .. })
        });
        match &view.await.attempt {
            AttemptView::Idle { fault: Some(fault), .. } => {
                assert_eq!(fault.code, code, "{fault}");
                fault.clone()
            }
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn stop(self) {
        self.handle.shutdown().await;
    }
}

pub(crate) fn is_waiting(view: &View) -> bool {
    matches!(&view.attempt, AttemptView::Challenged { challenge: Challenge::Browser { .. }, .. })
}

pub(crate) fn is_signed_in(view: &View) -> bool {
    matches!(view.session, SessionView::SignedIn { .. })
}
