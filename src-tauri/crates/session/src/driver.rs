//! The one task that owns both machines: events come in, effects are carried out, views go out.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::event::{Effect, Event, Ticket};
use crate::handle::{Cached, Command, Handle, TokenCache, TokenError};
use crate::machines::Machines;
use crate::ports::{MarkChange, Pool, Vault};
use crate::secret::AccessToken;
use crate::session::Access;
use crate::time::Clock;
use crate::view::View;
use crate::work::{BACKSTOP, BROWSER_BACKSTOP, Job, run_marks, run_pool_call, run_vault};

/// Timers stand still while the machine sleeps: where being late matters none is longer than this, and the clock says
/// what time it is.
const LONGEST_NAP: Duration = Duration::from_secs(30);
/// Keeps a mistake in `wake_at` from taking a whole core.
const SHORTEST_NAP: Duration = Duration::from_millis(10);
/// How long a shutdown waits for what must not be lost.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long it waits for a revocation that is in the keychain's queue, and is finished by the next run if not now.
const BRIEF_FAREWELL: Duration = Duration::from_secs(1);

/// Starts the driver on the tokio runtime that this is called in, and begins by reading the vault.
///
/// # Panics
/// Outside of a tokio runtime, as [`tokio::spawn`] does.
pub fn start<P: Pool, V: Vault, C: Clock>(pool: Arc<P>, vault: Arc<V>, clock: Arc<C>) -> Handle {
    let clock: Arc<dyn Clock> = clock;
    // Only jitter comes from this seed: where the system has no randomness, the time does as well.
    let seed = getrandom::u64().unwrap_or_else(|_| clock.now().0.unsigned_abs());
    let (machines, effects) = Machines::new(seed, clock.now());
    let (command_sender, commands) = mpsc::unbounded_channel();
    let (result_sender, results) = mpsc::unbounded_channel();
    let (job_sender, jobs) = mpsc::unbounded_channel();
    let (mark_sender, marks) = mpsc::unbounded_channel();
    let first = View {
        revision: 1,
        clock_offset_ms: clock.offset_ms(),
        session: machines.session_view(),
        attempt: machines.attempt_view(),
        presence_until: machines.presence_until(),
    };
    let (view_sender, views) = watch::channel(Arc::new(first));
    let cache = Arc::new(TokenCache::default());
    tokio::spawn(run_marks(Arc::clone(&vault), marks, result_sender.clone()));
    tokio::spawn(run_vault(vault, Arc::clone(&clock), jobs, result_sender.clone()));
    let mut driver = Driver {
        pool,
        clock: Arc::clone(&clock),
        machines,
        result_sender,
        jobs: job_sender,
        marks: mark_sender,
        views: view_sender,
        cache: Arc::clone(&cache),
        waiting: Vec::new(),
        writes: 0,
        calls: 0,
        revocations: 0,
        farewell: None,
        engaged: false,
    };
    driver.carry_out(effects);
    tokio::spawn(driver.run(commands, results));
    Handle { commands: command_sender, views, cache, clock }
}

struct Driver<P> {
    pool: Arc<P>,
    clock: Arc<dyn Clock>,
    machines: Machines,
    result_sender: mpsc::UnboundedSender<Event>,
    jobs: mpsc::UnboundedSender<Job>,
    marks: mpsc::UnboundedSender<(Ticket, MarkChange)>,
    views: watch::Sender<Arc<View>>,
    cache: Arc<TokenCache>,
    waiting: Vec<oneshot::Sender<Result<AccessToken, TokenError>>>,
    /// Keychain writes, and notes of what it could not be told, that have not come back.
    writes: usize,
    /// Renewals, and the request to end every session, that have not come back.
    calls: usize,
    /// Revocations that have not come back.
    revocations: usize,
    farewell: Option<Farewell>,
    /// Whether the pool client knows that this run has had a session or an attempt.
    engaged: bool,
}

/// A shutdown that waits for what must not be lost.
struct Farewell {
    /// Until when it waits for what a later run could finish as well.
    brief: Instant,
    deadline: Instant,
    told: Vec<oneshot::Sender<()>>,
}

impl<P: Pool> Driver<P> {
    async fn run(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        mut results: mpsc::UnboundedReceiver<Event>,
    ) {
        let mut listening = true;
        loop {
            let nap = self.nap();
            let deadline = self.farewell.as_ref().map(|farewell| farewell.deadline);
            let brief = self.farewell.as_ref().map(|farewell| farewell.brief);
            let brief = brief.filter(|brief| Instant::now() < *brief);
            tokio::select! {
                Some(result) = results.recv() => self.result(result),
                command = commands.recv(), if listening => match command {
                    Some(command) => self.command(command),
                    None => {
                        listening = false;
                        self.begin_farewell(None);
                    }
                },
                () = sleep_until(deadline) => break,
                () = sleep_until(brief) => {}
                () = sleep(nap) => self.happened(Event::Tick),
            }
            if self.may_leave() {
                break;
            }
        }
        if self.writes > 0 {
            tracing::warn!("stopped with a keychain write outstanding");
        }
        self.cache.set(None);
        for told in self.farewell.into_iter().flat_map(|farewell| farewell.told) {
            // Whoever asked may have stopped waiting.
            let _ = told.send(());
        }
    }

    /// Whether a shutdown has nothing to wait for any more.
    fn may_leave(&self) -> bool {
        let Some(farewell) = &self.farewell else {
            return false;
        };
        let revoked = self.revocations == 0
            || Instant::now() >= farewell.brief && !self.machines.revocation_would_be_lost();
        self.writes == 0 && self.calls == 0 && revoked
    }

    /// How long to sleep before the next tick.
    fn nap(&self) -> Option<Duration> {
        let at = self.machines.wake_at()?;
        let nap = at.since(self.clock.now()).max(SHORTEST_NAP);
        // What is late then is made up for by a wake; a window that is open for days is not woken for it.
        Some(if self.machines.is_idle() { nap } else { nap.min(LONGEST_NAP) })
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Tell(event) => self.happened(*event),
            Command::Token(sender) => {
                let good = matches!(self.machines.access(self.clock.now()), Access::Good(..));
                self.waiting.push(sender);
                if good {
                    self.answer_waiting();
                } else {
                    self.happened(Event::TokenWanted);
                }
            }
            Command::AuthenticatorSecret(sender) => {
                // Whoever asked may have stopped waiting.
                let _ = sender.send(self.machines.authenticator_secret().cloned());
            }
            Command::PresenceProved(sender) => {
                // Whoever asked may have stopped waiting.
                let _ = sender.send(self.machines.presence_proved(self.clock.now()));
            }
            Command::Prepare => {
                let pool = Arc::clone(&self.pool);
                tokio::spawn(async move { pool.prepare().await });
            }
            Command::Shutdown(sender) => self.begin_farewell(Some(sender)),
        }
    }

    fn result(&mut self, event: Event) {
        match event {
            Event::Saved(..) | Event::Cleared(..) | Event::Queued(..) | Event::Marked(..) => self.writes -= 1,
            Event::Renewed(..) | Event::SignedOutEverywhere(..) => self.calls -= 1,
            Event::Revoked(..) => self.revocations -= 1,
            _ => {}
        }
        self.happened(event);
    }

    fn begin_farewell(&mut self, sender: Option<oneshot::Sender<()>>) {
        let (brief, deadline) = (Instant::now() + BRIEF_FAREWELL, Instant::now() + FAREWELL);
        self.farewell.get_or_insert(Farewell { brief, deadline, told: Vec::new() }).told.extend(sender);
        // What could not be written so far gets one more try.
        self.happened(Event::Tick);
    }

    fn happened(&mut self, event: Event) {
        let name = event.name();
        let effects = self.machines.handle(event, self.clock.now());
        if name != "TokenWanted" || !effects.is_empty() {
            tracing::debug!(event = name, effects = ?effects.iter().map(Effect::name).collect::<Vec<_>>());
        }
        self.carry_out(effects);
        if !self.engaged && self.machines.is_engaged() {
            self.engaged = true;
            self.pool.engaged();
        }
        self.refresh_cache();
        self.publish();
        self.answer_waiting();
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let leaving = self.farewell.is_some();
            let pool = Arc::clone(&self.pool);
            match effect {
                Effect::Load(..)
                | Effect::Begin(..)
                | Effect::Reply(..)
                | Effect::Renew(..)
                | Effect::SignOutEverywhere(..)
                | Effect::RememberDevice(..)
                | Effect::SignOutBrowser(_)
                    if leaving =>
                {
                    tracing::debug!(effect = effect.name(), "not begun: shutting down");
                }
                Effect::Queue(_, change) if leaving && change.is_empty() => {
                    tracing::debug!("the queue is not read: shutting down");
                }
                Effect::Queue(ticket, change) => {
                    self.writes += 1;
                    self.job(Job::Queue(ticket, change));
                }
                Effect::Load(ticket, prompt) => self.job(Job::Load(ticket, prompt)),
                Effect::Save(ticket, record) => {
                    self.writes += 1;
                    self.job(Job::Save(ticket, record));
                }
                Effect::Clear(ticket) => {
                    self.writes += 1;
                    self.job(Job::Clear(ticket));
                }
                Effect::Mark(ticket, change) => {
                    self.writes += 1;
                    if self.marks.send((ticket, change)).is_err() {
                        tracing::error!("the task that notes sign-outs is gone");
                    }
                }
                Effect::Leave(continuation) => pool.leave(continuation),
                Effect::Begin(ticket, beginning) => self
                    .call(async move { pool.begin(beginning).await }, move |result| {
                        Event::Step(ticket, result)
                    }),
                Effect::Reply(ticket, continuation, answer) => self
                    .call(async move { pool.reply(continuation, answer).await }, move |result| {
                        Event::Step(ticket, result)
                    }),
                Effect::Renew(ticket, request) => {
                    self.calls += 1;
                    self.call(async move { pool.renew(request).await }, move |result| {
                        Event::Renewed(ticket, result)
                    });
                }
                Effect::Revoke(ticket, refresh) => {
                    self.revocations += 1;
                    self.call(async move { pool.revoke(refresh).await }, move |result| {
                        Event::Revoked(ticket, result)
                    });
                }
                Effect::SignOutEverywhere(ticket, access) => {
                    self.calls += 1;
                    self.call(async move { pool.sign_out_everywhere(access).await }, move |result| {
                        Event::SignedOutEverywhere(ticket, result)
                    });
                }
                Effect::RememberDevice(ticket, wish) => self
                    .call(async move { pool.remember_device(wish).await }, move |result| {
                        Event::DeviceRemembered(ticket, result)
                    }),
                // Nothing waits for this at the end: it is the browser that has been sent there.
                Effect::SignOutBrowser(ticket) => self.call_within(
                    BROWSER_BACKSTOP,
                    async move { pool.sign_out_browser().await },
                    move |result| Event::BrowserSignedOut(ticket, result),
                ),
            }
        }
    }

    fn job(&self, job: Job) {
        if self.jobs.send(job).is_err() {
            tracing::error!("the keychain's task is gone");
        }
    }

    fn call<T: Send + 'static>(
        &self,
        call: impl Future<Output = Result<T, crate::Fault>> + Send + 'static,
        event: impl FnOnce(Result<T, crate::Fault>) -> Event + Send + 'static,
    ) {
        self.call_within(BACKSTOP, call, event);
    }

    fn call_within<T: Send + 'static>(
        &self,
        backstop: Duration,
        call: impl Future<Output = Result<T, crate::Fault>> + Send + 'static,
        event: impl FnOnce(Result<T, crate::Fault>) -> Event + Send + 'static,
    ) {
        let results = self.result_sender.clone();
        tokio::spawn(async move {
            // Nobody listens after a shutdown.
            let _ = results.send(event(run_pool_call(backstop, call).await));
        });
    }

    fn refresh_cache(&self) {
        let cached = match self.machines.access(self.clock.now()) {
            Access::Good(token, good_until) => Some(Cached { token: token.clone(), good_until }),
            _ => None,
        };
        self.cache.set(cached);
    }

    fn publish(&self) {
        let view = View {
            revision: 0,
            clock_offset_ms: self.clock.offset_ms(),
            session: self.machines.session_view(),
            attempt: self.machines.attempt_view(),
            presence_until: self.machines.presence_until(),
        };
        self.views.send_if_modified(|last| {
            let view = View { revision: last.revision, ..view };
            if **last == view {
                return false;
            }
            *last = Arc::new(View { revision: view.revision + 1, ..view });
            true
        });
    }

    fn answer_waiting(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let answer = match self.machines.access(self.clock.now()) {
            Access::Pending => return,
            Access::Good(token, _) => Ok(token.clone()),
            Access::SignedOut => Err(TokenError::SignedOut),
            Access::Unavailable => Err(TokenError::Unavailable),
            Access::Failed(fault) => Err(TokenError::Renewal(fault.clone())),
        };
        for sender in self.waiting.drain(..) {
            // A caller may have stopped waiting.
            let _ = sender.send(answer.clone());
        }
    }
}

async fn sleep(nap: Option<Duration>) {
    match nap {
        Some(nap) => tokio::time::sleep(nap).await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
