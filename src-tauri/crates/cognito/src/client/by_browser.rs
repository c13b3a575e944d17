//! Signing in through the browser as a conversation like any other: the window waits, the browser comes back, somebody is
//! signed in.
//!
//! What is secret of it stays here. The session's machine knows the number of the sign-in that waits and nothing else; the
//! link that comes back is taken apart here and its code kept beside what it can be used with, in one place and for one
//! sign-in. A newer sign-in takes that place, and who gives up an attempt empties it.

mod other_pages;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use session::{
    Answer, BrowserWay, BrowserWish, Challenge, Clock as _, Continuation, Fault, FaultCode, Lapse, PoolClock,
    Step,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use self::other_pages::Passkeys;
use super::Client;
use crate::browser::kept::{self, PATIENCE};
use crate::browser::{
    Browser, CallbackProblem, Code, Desktop, IdentityProvider, Loopback, PasskeyTold, Pending, Prompt, Rung,
    Wish, may_not_ask,
};
use crate::errors::shortened;
use crate::settings::PoolSettings;

/// The name of the challenge in a continuation; Cognito has none for it.
const BROWSER: &str = "BROWSER";

/// How long the keychain may take: the browser does not wait for it.
const KEYCHAIN_PATIENCE: Duration = Duration::from_secs(2);
/// How long the system may take to start a browser.
const OPEN_PATIENCE: Duration = Duration::from_secs(10);

/// What a link that has come is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is the answer that an attempt of this run waits for ([`Answer::BackFromBrowser`]).
    Awaited,
    /// It is the answer to a sign-in that an earlier run had begun ([`session::Handle::back_from_browser`]); also where
    /// that answer is no.
    Kept,
    /// The browser has signed out.
    SignedOut,
    /// The page that adds a passkey has come back.
    Passkey(PasskeyTold),
}

/// The way in by the browser, with the one sign-in that waits for it.
pub(super) struct ByBrowser {
    browser: Browser,
    desktop: Arc<dyn Desktop>,
    slot: Mutex<Slot>,
    /// The number of the sign-in that is in the keychain, if this run has put one there. Held while that changes.
    kept: tokio::sync::Mutex<Option<u64>>,
}

impl std::fmt::Debug for ByBrowser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ByBrowser(redacted)")
    }
}

#[derive(Default)]
struct Slot {
    /// Of the newest sign-in of this run.
    newest: u64,
    /// This run has had a session or an attempt: a sign-in of an earlier one takes nobody's place.
    engaged: bool,
    waiting: Option<Waiting>,
    /// Ports that are about to be closed.
    closing: Vec<JoinHandle<()>>,
    /// Who waits for the browser to have signed out.
    signing_out: Option<oneshot::Sender<()>>,
    /// The page that adds a passkey, while it is awaited.
    passkeys: Option<Passkeys>,
}

/// A sign-in that waits for the browser, or for the machine to ask for what came.
struct Waiting {
    number: u64,
    pending: Pending,
    begun: Instant,
    /// From when on no link is taken.
    until: Instant,
    shown: Shown,
    /// What has come. A link that was no answer leaves none.
    answer: Option<Result<Code, Fault>>,
    /// Whether it proves the presence of somebody who is signed in already.
    presence: bool,
    port: Option<Port>,
}

impl Waiting {
    fn has_lapsed(&self) -> bool {
        Instant::now() >= self.until
    }

    fn address(&self) -> Zeroizing<String> {
        Zeroizing::new(self.pending.address().to_owned())
    }
}

/// What the window shows of it.
#[derive(Clone)]
struct Shown {
    way: BrowserWay,
    provider: Option<String>,
    opened: bool,
}

impl Shown {
    fn step(self, continuation: Continuation) -> Step {
        let Self { way, provider, opened } = self;
        Step::Challenge(Challenge::Browser { way, provider, opened }, continuation)
    }
}

/// A port that is listened at for as long as this is kept.
struct Port(Option<JoinHandle<()>>);

impl Port {
    fn close(mut self) -> Option<JoinHandle<()>> {
        let task = self.0.take()?;
        task.abort();
        Some(task)
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

impl Slot {
    /// Empties the place, and closes its port.
    fn clear(&mut self) {
        if let Some(task) = self.waiting.take().and_then(|waiting| waiting.port).and_then(Port::close) {
            self.closing.push(task);
        }
    }

    /// Whether a sign-in of an earlier run comes too late.
    const fn is_engaged(&self) -> bool {
        self.engaged || self.newest > 0
    }

    fn of(&mut self, number: u64) -> Option<&mut Waiting> {
        self.waiting.as_mut().filter(|waiting| waiting.number == number)
    }
}

impl ByBrowser {
    fn new(browser: Browser, desktop: Arc<dyn Desktop>) -> Self {
        Self { browser, desktop, slot: Mutex::default(), kept: tokio::sync::Mutex::default() }
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pool(&self) -> &PoolSettings {
        self.browser.pool()
    }

    /// Chooses a way back, and sends the browser to the managed login. In place of the sign-in that waits.
    async fn begin(
        self: &Arc<Self>,
        wish: &BrowserWish,
        presence: bool,
        clock: &PoolClock,
    ) -> Result<Step, Fault> {
        let (number, closing) = {
            let mut slot = self.slot();
            slot.clear();
            slot.newest += 1;
            (slot.newest, std::mem::take(&mut slot.closing))
        };
        // The port of the one before is free again then.
        for task in closing {
            let _ = task.await;
        }
        let provider = self.provider(wish)?;
        // Nobody is sent there for a proof that would be none.
        if let Some(provider) = provider.filter(|provider| presence && !provider.reauthenticates) {
            return Err(may_not_ask(provider.key.as_str()));
        }
        let label = provider.map(|provider| provider.label.clone());
        let Rung { redirect, way, loopback } = self.desktop.choose(&self.browser.settings().redirects).await;
        let page = self.desktop.page();
        let wish = Wish {
            provider,
            login_hint: wish.login_hint.as_deref(),
            language: Some(page.language.as_str()),
            prompt: presence.then_some(Prompt::Login),
        };
        let pending = self.browser.begin(&redirect, wish).await?;
        let address = Zeroizing::new(pending.address().to_owned());
        let lapses = Lapse { at: clock.now().plus(PATIENCE), exact: true };
        {
            let mut kept = self.kept.lock().await;
            let bytes = (!presence).then(|| kept::write(&pending, self.pool(), SystemTime::now()));
            {
                let now = Instant::now();
                let mut slot = self.slot();
                if slot.newest != number {
                    return Err(superseded());
                }
                slot.waiting = Some(Waiting {
                    number,
                    pending,
                    begun: now,
                    until: now + PATIENCE,
                    shown: Shown { way, provider: label, opened: true },
                    answer: None,
                    presence,
                    port: loopback.map(|loopback| self.listen(number, loopback)),
                });
            }
            // What was kept before belongs to nobody any more, whether this one is kept or not.
            let some = bytes.is_some();
            if !self.keep(bytes).await && some {
                tracing::warn!("the sign-in is not kept: its link will be of use to this run only");
            }
            *kept = some.then_some(number);
        }
        let login = wish.login_hint.unwrap_or_default().to_owned();
        let continuation = Continuation {
            browser: Some(number),
            lapses: Some(lapses),
            presence,
            ..Continuation::of_account(BROWSER, login)
        };
        let opened = self.open(&address).await;
        if let Err(fault) = &opened {
            tracing::warn!(detail = fault.detail, "no browser could be started");
        }
        tracing::info!(?way, opened = opened.is_ok(), presence, "waiting for the browser");
        self.show(continuation, number, opened.is_ok())
    }

    /// The window waits.
    fn show(&self, continuation: Continuation, number: u64, opened: bool) -> Result<Step, Fault> {
        let mut slot = self.slot();
        let waiting = slot.of(number).ok_or_else(superseded)?;
        waiting.shown.opened = opened;
        Ok(waiting.shown.clone().step(continuation))
    }

    fn provider(&self, wish: &BrowserWish) -> Result<Option<&IdentityProvider>, Fault> {
        let Some(key) = wish.provider.as_deref() else { return Ok(None) };
        let mut known = self.browser.settings().providers.iter();
        match known.find(|provider| provider.key.as_str() == key) {
            Some(provider) => Ok(Some(provider)),
            None => Err(Fault::with_detail(FaultCode::ParameterRejected, "no such identity provider is set")),
        }
    }

    /// Listens at a port until the sign-in has its answer, is given up or has waited long enough.
    fn listen(self: &Arc<Self>, number: u64, loopback: Loopback) -> Port {
        let by = Arc::clone(self);
        let page = self.desktop.page();
        Port(Some(tokio::spawn(async move {
            let served = loopback.serve(&page, |link| by.take(link, Some(number)));
            match tokio::time::timeout(PATIENCE, served).await {
                Ok(Ok(())) => by.desktop.returned(Ok(())),
                Ok(Err(problem)) => by.desktop.returned(Err(problem.fault())),
                Err(_) => tracing::info!("nobody came back to the port of the sign-in"),
            }
        })))
    }

    /// Takes a link for the sign-in that waits; for this one only, where it came by its port.
    fn take(&self, link: &str, number: Option<u64>) -> Result<(), CallbackProblem> {
        let mut slot = self.slot();
        let waiting = slot
            .waiting
            .as_mut()
            .filter(|waiting| number.is_none_or(|number| number == waiting.number) && !waiting.has_lapsed());
        let waiting = waiting.ok_or(CallbackProblem::NotAwaited)?;
        let code = waiting.pending.receive(link)?;
        waiting.answer = Some(Ok(code));
        Ok(())
    }

    async fn receive(&self, link: &str) -> Result<Received, CallbackProblem> {
        if let Some(received) = self.other_page(link) {
            return received;
        }
        if self.slot().waiting.is_some() {
            return self.take(link, None).map(|()| Received::Awaited);
        }
        self.receive_kept(link).await
    }

    /// Takes a link for the sign-in that an earlier run had begun.
    async fn receive_kept(&self, link: &str) -> Result<Received, CallbackProblem> {
        let kept = self.kept.lock().await;
        // What is in the keychain counts once, and before anything else of this run: somebody who is signed in, or
        // signing in, is not to become somebody else by a link.
        if self.slot().is_engaged() {
            return Err(CallbackProblem::NotAwaited);
        }
        let bytes = tokio::time::timeout(KEYCHAIN_PATIENCE, self.desktop.kept()).await.ok().flatten();
        let bytes = bytes.ok_or(CallbackProblem::NotAwaited)?;
        let mut pending = match kept::read(&bytes, self.pool(), self.browser.settings(), SystemTime::now()) {
            Ok(pending) => pending,
            Err(problem) => {
                tracing::info!(?problem, "the sign-in that was kept is none that waits");
                self.keep(None).await;
                return Err(CallbackProblem::NotAwaited);
            }
        };
        let answer = match pending.receive(link) {
            Ok(code) => Ok(code),
            Err(problem) if problem.ends_sign_in() => Err(problem.fault()),
            Err(problem) => return Err(problem),
        };
        // Before its code is used. One that stays would be good for another answer.
        if !self.keep(None).await {
            tracing::warn!("the sign-in that was kept cannot be removed, and is not used");
            return Err(CallbackProblem::NotAwaited);
        }
        let now = Instant::now();
        let mut slot = self.slot();
        if slot.is_engaged() {
            return Err(CallbackProblem::NotAwaited);
        }
        slot.newest += 1;
        slot.waiting = Some(Waiting {
            number: slot.newest,
            pending,
            begun: now,
            until: now + PATIENCE,
            shown: Shown { way: BrowserWay::Link, provider: None, opened: true },
            answer: Some(answer),
            presence: false,
            port: None,
        });
        drop((slot, kept));
        Ok(Received::Kept)
    }

    /// Goes on with what a link has brought for a sign-in of an earlier run.
    async fn go_on(&self) -> Result<Step, Fault> {
        let waiting = {
            let mut slot = self.slot();
            slot.waiting.take_if(|waiting| waiting.answer.is_some())
        };
        self.complete(waiting.ok_or_else(|| CallbackProblem::NotAwaited.fault())?).await
    }

    /// Answers for the sign-in with this number.
    async fn reply(&self, number: u64, continuation: Continuation, answer: Answer) -> Result<Step, Fault> {
        match answer {
            Answer::OpenAgain => {
                let (address, opened) = {
                    let mut slot = self.slot();
                    let waiting = slot.of(number).filter(|waiting| !waiting.has_lapsed());
                    let waiting = waiting.ok_or(Fault::new(FaultCode::ChallengeExpired))?;
                    // Whoever has come back need not be sent there again.
                    let address = waiting.answer.is_none().then(|| waiting.address());
                    (address, waiting.shown.opened)
                };
                if let Some(address) = &address {
                    self.open(address).await?;
                }
                self.show(continuation, number, opened || address.is_some())
            }
            Answer::BackFromBrowser(result) => {
                result?;
                let waiting = {
                    // From here on nothing that is kept is good for a second answer.
                    let mut kept = self.kept.lock().await;
                    let waiting = {
                        let mut slot = self.slot();
                        let waiting = slot.of(number).ok_or_else(|| CallbackProblem::NotAwaited.fault())?;
                        if waiting.answer.is_none() {
                            // It was said too early, and the window goes on waiting.
                            return Ok(waiting.shown.clone().step(continuation));
                        }
                        slot.waiting.take()
                    };
                    if kept.take_if(|kept| *kept == number).is_some() && !self.keep(None).await {
                        tracing::warn!("the sign-in that was kept cannot be removed");
                    }
                    waiting
                };
                self.complete(waiting.ok_or_else(|| CallbackProblem::NotAwaited.fault())?).await
            }
            _ => Err(Fault::with_detail(FaultCode::ParameterRejected, format!("no answer to {BROWSER}"))),
        }
    }

    async fn complete(&self, waiting: Waiting) -> Result<Step, Fault> {
        let Waiting { pending, answer, presence, begun, .. } = waiting;
        let code = answer.unwrap_or_else(|| Err(CallbackProblem::NotAwaited.fault()))?;
        let fresh = presence.then_some(begun);
        Ok(Step::Done(Box::new(self.browser.complete_since(&pending, code, fresh).await?)))
    }

    /// Forgets the sign-in with this number.
    fn leave(self: &Arc<Self>, number: u64) {
        let mut slot = self.slot();
        if slot.of(number).is_some() {
            slot.clear();
        }
        drop(slot);
        let by = Arc::clone(self);
        tokio::spawn(async move {
            let mut kept = by.kept.lock().await;
            if kept.take_if(|kept| *kept == number).is_some() {
                by.keep(None).await;
            }
        });
    }

    /// Where the browser was sent, while it may be sent there still.
    fn address(&self) -> Option<Zeroizing<String>> {
        let slot = self.slot();
        let waiting = slot.waiting.as_ref()?;
        (waiting.answer.is_none() && !waiting.has_lapsed()).then(|| waiting.address())
    }

    async fn keep(&self, bytes: Option<Zeroizing<Vec<u8>>>) -> bool {
        tokio::time::timeout(KEYCHAIN_PATIENCE, self.desktop.keep(bytes)).await.unwrap_or(false)
    }

    async fn open(&self, address: &str) -> Result<(), Fault> {
        let opened = tokio::time::timeout(OPEN_PATIENCE, self.desktop.open(address)).await;
        opened.unwrap_or_else(|_| Err("it did not come about in time".to_owned())).map_err(|words| {
            // Whoever says why may quote the command.
            let words =
                if words.contains("://") { "no reason is told".to_owned() } else { shortened(&words) };
            Fault::with_detail(FaultCode::BrowserNotOpened, words)
        })
    }
}

/// The answer to an attempt in whose place there is another: nobody waits for it.
fn superseded() -> Fault {
    Fault::with_detail(FaultCode::ChallengeExpired, "a newer sign-in has taken its place")
}

impl Client {
    /// The same client, by which people can sign in through the browser as well.
    #[must_use]
    pub fn with_browser(self, browser: Browser, desktop: Arc<dyn Desktop>) -> Self {
        Self { by_browser: Some(Arc::new(ByBrowser::new(browser, desktop))), ..self }
    }

    /// Takes a link that has come back from the browser, from wherever. What is in it stays here: the session's machine is
    /// told only that it has come.
    ///
    /// # Errors
    /// Why it is no answer. The attempt that waits goes on, unless [`CallbackProblem::ends_sign_in`].
    pub async fn receive(&self, link: &str) -> Result<Received, CallbackProblem> {
        self.by_browser.as_ref().ok_or(CallbackProblem::NotAwaited)?.receive(link).await
    }

    /// Where the browser was sent, to be copied: for as long as an answer is awaited.
    #[must_use]
    pub fn browser_address(&self) -> Option<Zeroizing<String>> {
        self.by_browser.as_ref()?.address()
    }

    /// Sends the browser to the page that adds a passkey to the account that is signed in there.
    ///
    /// # Errors
    /// [`FaultCode::ManagedLoginMissing`], [`FaultCode::BrowserNotOpened`], or what went wrong on the way.
    pub async fn open_passkeys(&self) -> Result<(), Fault> {
        self.managed_login()?.open_passkeys().await
    }

    /// Whether people can sign in through the browser.
    pub(super) const fn has_browser(&self) -> bool {
        self.by_browser.is_some()
    }

    /// What somebody with this name of the pool's wants of the browser. Whoever an identity provider has vouched for is
    /// called by its name and theirs (Amazon Cognito Developer Guide, "Identity provider attribute mappings"), which nobody
    /// types: they go straight there.
    pub(super) fn wish_of(&self, username: &str) -> BrowserWish {
        let providers = self.by_browser.iter().flat_map(|by| &by.browser.settings().providers);
        let vouched = providers.map(|provider| provider.key.as_str()).find(|name| {
            let before = username.get(..name.len()).zip(username.get(name.len()..));
            before.is_some_and(|(before, rest)| before.eq_ignore_ascii_case(name) && rest.starts_with('_'))
        });
        match vouched {
            Some(name) => BrowserWish { provider: Some(name.to_owned()), login_hint: None },
            None => BrowserWish { provider: None, login_hint: Some(username.to_owned()) },
        }
    }

    pub(super) async fn begin_by_browser(&self, wish: BrowserWish, presence: bool) -> Result<Step, Fault> {
        self.managed_login()?.begin(&wish, presence, &self.clock).await
    }

    pub(super) async fn back_from_browser(&self) -> Result<Step, Fault> {
        self.managed_login()?.go_on().await
    }

    pub(super) async fn reply_by_browser(
        &self,
        number: u64,
        continuation: Continuation,
        answer: Answer,
    ) -> Result<Step, Fault> {
        self.managed_login()?.reply(number, continuation, answer).await
    }

    pub(super) fn leave(&self, continuation: &Continuation) {
        if let (Some(by), Some(number)) = (&self.by_browser, continuation.browser) {
            by.leave(number);
        }
    }

    pub(super) fn engaged(&self) {
        if let Some(by) = &self.by_browser {
            by.slot().engaged = true;
        }
    }

    pub(super) async fn sign_out_browser(&self) -> Result<(), Fault> {
        self.managed_login()?.sign_out().await
    }

    fn managed_login(&self) -> Result<&Arc<ByBrowser>, Fault> {
        self.by_browser.as_ref().ok_or(Fault::new(FaultCode::ManagedLoginMissing))
    }
}

#[cfg(test)]
mod tests;
