//! The driver with a pool and a vault that misbehave on demand, in virtual time: a day takes a second.

#![expect(clippy::unwrap_used, reason = "in the fakes: a poisoned lock is a test that has failed already")]

mod support;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use session::{
    AccessToken, Answer, AttemptView, Beginning, BrowserTold, BrowserWay, BrowserWish, Challenge, Clock,
    Continuation, Credentials, DeviceWish, EndCause, Established, Fault, FaultCode, Handle, MarkChange,
    Origin, Password, Pool, PoolTold, Prompt, Receipt, Record, RefreshToken, RenewalRequest, RenewalView,
    Renewed, SessionView, Step, Storage, Timestamp, TokenError, UnavailableCause, Vault, VaultFault, View,
    decode_queue, start,
};
use support::{established, expiry_of, live, tokens};
use tokio::time::{Instant, advance, sleep, timeout};
use zeroize::Zeroizing;

const EPOCH: Timestamp = Timestamp(1_800_000_000_000);

/// A clock that follows tokio's, and jumps when the machine has slept.
struct TestClock {
    started: Instant,
    jumped_ms: AtomicI64,
    /// How often somebody has looked.
    looked: AtomicUsize,
}

impl TestClock {
    fn new() -> Arc<Self> {
        Arc::new(Self { started: Instant::now(), jumped_ms: AtomicI64::new(0), looked: AtomicUsize::new(0) })
    }

    fn jump(&self, by: Duration) {
        self.jumped_ms.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.looked.fetch_add(1, Ordering::SeqCst);
        let jumped = self.jumped_ms.load(Ordering::SeqCst).unsigned_abs();
        EPOCH.plus(self.started.elapsed()).plus(Duration::from_millis(jumped))
    }

    fn offset_ms(&self) -> i64 {
        0
    }

    fn assume_offset_ms(&self, _: i64) {}
}

/// How the pool takes the next renewal.
#[derive(Clone, Copy, Debug)]
enum Mood {
    Refuses(FaultCode),
    /// Rotates, but the answer never arrives.
    LosesAnswer,
    Panics,
    Takes(Duration),
}

/// A pool that rotates refresh tokens, forgives one reuse, and has moods.
struct FakePool {
    clock: Arc<TestClock>,
    life: Duration,
    latency: Duration,
    moods: Mutex<VecDeque<Mood>>,
    asks_for_new_password: bool,
    generation: AtomicUsize,
    renewals: AtomicUsize,
    running: AtomicUsize,
    most_running: AtomicUsize,
    reused: AtomicUsize,
    revoked: Mutex<Vec<String>>,
    /// What the next requests to revoke meet.
    revocations: Mutex<VecDeque<Mood>>,
    ended_everywhere: Mutex<Vec<String>>,
    /// How many sign-ins have begun in the browser.
    begun: AtomicU64,
    /// Those that were given up.
    left: Mutex<Vec<u64>>,
    /// How the browser takes it to be sent to sign out.
    browser: Mutex<VecDeque<Mood>>,
}

impl FakePool {
    fn new(clock: &Arc<TestClock>, life: Duration) -> Self {
        Self {
            clock: Arc::clone(clock),
            life,
            latency: Duration::from_millis(80),
            moods: Mutex::default(),
            asks_for_new_password: false,
            generation: AtomicUsize::new(0),
            renewals: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            most_running: AtomicUsize::new(0),
            reused: AtomicUsize::new(0),
            revoked: Mutex::default(),
            revocations: Mutex::default(),
            ended_everywhere: Mutex::default(),
            begun: AtomicU64::new(0),
            left: Mutex::default(),
            browser: Mutex::default(),
        }
    }

    fn will(self, moods: impl IntoIterator<Item = Mood>) -> Self {
        self.moods.lock().unwrap().extend(moods);
        self
    }

    fn refresh_text(generation: usize) -> String {
        format!("SENTINEL-refresh {generation}")
    }

    fn fresh(&self) -> session::Tokens {
        let now = self.clock.now();
        let generation = self.generation.load(Ordering::SeqCst);
        tokens(&Self::refresh_text(generation), now, now.plus(self.life))
    }

    fn renewals(&self) -> usize {
        self.renewals.load(Ordering::SeqCst)
    }
}

impl Pool for FakePool {
    async fn begin(&self, beginning: Beginning) -> Result<Step, Fault> {
        sleep(self.latency).await;
        if let Beginning::Browser { .. } = beginning {
            let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
            let challenge = Challenge::Browser { way: BrowserWay::Link, provider: None, opened: true };
            let continuation = Continuation {
                browser: Some(number),
                ..Continuation::of_account("BROWSER", "typed-PERSONAL".into())
            };
            return Ok(Step::Challenge(challenge, continuation));
        }
        if let Beginning::StepUp { username, .. } = beginning {
            let challenge = Challenge::Password { username: username.clone() };
            return Ok(Step::Challenge(challenge, Continuation::of_account("PASSWORD", username)));
        }
        let Beginning::SignIn { credentials, .. } = beginning else { unreachable!("only sign-ins begin") };
        if credentials.password.as_ref().map(Password::expose) != Some("SENTINEL-password") {
            return Err(Fault::with_detail(FaultCode::WrongCredentials, "Incorrect username or password."));
        }
        if self.asks_for_new_password {
            let challenge = Challenge::NewPassword {
                username: credentials.username.clone(),
                missing_attributes: Vec::new(),
            };
            let continuation = Continuation {
                session: Some(session::ChallengeSession::new("SENTINEL-session")),
                username: "user-PERSONAL".into(),
                ..Continuation::of_account("NEW_PASSWORD_REQUIRED", credentials.username)
            };
            return Ok(Step::Challenge(challenge, continuation));
        }
        Ok(Step::Done(Box::new(established(self.fresh()))))
    }

    async fn reply(&self, continuation: Continuation, answer: Answer) -> Result<Step, Fault> {
        sleep(self.latency).await;
        if let (Answer::BackFromBrowser(_), Some(_)) = (&answer, continuation.browser) {
            let established = established(self.fresh());
            return Ok(Step::Done(Box::new(Established { origin: Origin::Browser, ..established })));
        }
        let Answer::NewPassword { password, .. } = answer else { unreachable!("no code is asked for") };
        if password.expose() == "short" {
            return Err(Fault::new(FaultCode::PasswordRejected));
        }
        Ok(Step::Done(Box::new(established(self.fresh()))))
    }

    async fn renew(&self, request: RenewalRequest) -> Result<Renewed, Fault> {
        self.renewals.fetch_add(1, Ordering::SeqCst);
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_running.fetch_max(running, Ordering::SeqCst);
        let mood = self.moods.lock().unwrap().pop_front();
        sleep(match mood {
            Some(Mood::Takes(long)) => long,
            _ => self.latency,
        })
        .await;
        self.running.fetch_sub(1, Ordering::SeqCst);
        match mood {
            Some(Mood::Refuses(code)) => return Err(Fault::new(code)),
            Some(Mood::Panics) => panic!("the fake pool was asked to panic"),
            Some(Mood::LosesAnswer | Mood::Takes(_)) | None => {}
        }
        let newest = self.generation.load(Ordering::SeqCst);
        if request.refresh.expose() != Self::refresh_text(newest) {
            // The grace period: the token before the newest may still be used.
            let forgiven = newest > 0 && request.refresh.expose() == Self::refresh_text(newest - 1);
            self.reused.fetch_add(1, Ordering::SeqCst);
            if !forgiven {
                return Err(Fault::new(FaultCode::RefreshTokenReused));
            }
        } else {
            self.generation.store(newest + 1, Ordering::SeqCst);
        }
        if matches!(mood, Some(Mood::LosesAnswer)) {
            return Err(Fault::new(FaultCode::TimedOut));
        }
        let fresh = self.fresh();
        Ok(Renewed {
            access: fresh.access,
            id: None,
            refresh: Some(fresh.refresh),
            issued_at: fresh.issued_at,
            expires_at: fresh.expires_at,
            user: None,
        })
    }

    async fn revoke(&self, refresh: RefreshToken) -> Result<(), Fault> {
        let mood = self.revocations.lock().unwrap().pop_front();
        sleep(match mood {
            Some(Mood::Takes(long)) => long,
            _ => self.latency,
        })
        .await;
        if let Some(Mood::Refuses(code)) = mood {
            return Err(Fault::new(code));
        }
        self.revoked.lock().unwrap().push(refresh.expose().to_owned());
        Ok(())
    }

    async fn sign_out_everywhere(&self, access: AccessToken) -> Result<(), Fault> {
        sleep(self.latency).await;
        self.ended_everywhere.lock().unwrap().push(access.expose().to_owned());
        Ok(())
    }

    fn leave(&self, continuation: Continuation) {
        self.left.lock().unwrap().extend(continuation.browser);
    }

    async fn sign_out_browser(&self) -> Result<(), Fault> {
        let mood = self.browser.lock().unwrap().pop_front();
        match mood {
            Some(Mood::Takes(long)) => sleep(long).await,
            Some(Mood::Refuses(code)) => return Err(Fault::new(code)),
            _ => sleep(self.latency).await,
        }
        Ok(())
    }

    async fn remember_device(&self, _: DeviceWish) -> Result<(), Fault> {
        unreachable!("this pool tracks no devices")
    }
}

/// What the vault does to the next call.
#[derive(Clone, Copy, Debug)]
enum Trick {
    Takes(Duration),
    Refuses(VaultFault),
    Panics,
}

/// A vault in memory that keeps a diary.
#[derive(Default)]
struct FakeVault {
    content: Mutex<Option<Vec<u8>>>,
    tricks: Mutex<VecDeque<Trick>>,
    diary: Mutex<Vec<String>>,
    prompts: AtomicUsize,
    queue: Mutex<Option<Vec<u8>>>,
    /// It keeps no queue.
    forgetful: AtomicBool,
    /// What is noted beside it to be signed out.
    marks: Mutex<Vec<String>>,
}

impl FakeVault {
    fn holding(record: &Record, saved_at: Timestamp) -> Self {
        let vault = Self::default();
        *vault.content.lock().unwrap() = Some(record.encode(saved_at, 0).unwrap().to_vec());
        vault
    }

    fn will(self, tricks: impl IntoIterator<Item = Trick>) -> Self {
        self.tricks.lock().unwrap().extend(tricks);
        self
    }

    fn refresh_token(&self) -> Option<String> {
        let content = self.content.lock().unwrap();
        match Record::decode(content.as_ref()?).unwrap().record {
            Record::Live(live) => Some(live.tokens.refresh.expose().to_owned()),
            Record::Ended(_) => None,
        }
    }

    /// What waits to be revoked.
    fn queue(&self) -> Vec<String> {
        let queue = self.queue.lock().unwrap();
        let queue = queue.as_ref().map(|bytes| decode_queue(bytes).unwrap()).unwrap_or_default();
        queue.iter().map(|token| token.expose().to_owned()).collect()
    }

    fn diary(&self) -> Vec<String> {
        self.diary.lock().unwrap().clone()
    }

    async fn trick(&self, call: &str) -> Result<(), VaultFault> {
        let trick = self.tricks.lock().unwrap().pop_front();
        self.diary.lock().unwrap().push(format!("{call} begins"));
        let result = match trick {
            Some(Trick::Takes(long)) => {
                sleep(long).await;
                Ok(())
            }
            Some(Trick::Refuses(fault)) => Err(fault),
            Some(Trick::Panics) => panic!("the fake vault was asked to panic"),
            None => Ok(()),
        };
        self.diary.lock().unwrap().push(format!("{call} ends"));
        result
    }
}

impl Vault for FakeVault {
    async fn load(&self, prompt: Prompt) -> Result<Option<Zeroizing<Vec<u8>>>, VaultFault> {
        if prompt == Prompt::Allowed {
            self.prompts.fetch_add(1, Ordering::SeqCst);
        }
        self.trick("load").await?;
        Ok(self.content.lock().unwrap().clone().map(Zeroizing::new))
    }

    async fn save(&self, _: String, record: Zeroizing<Vec<u8>>) -> Result<(), VaultFault> {
        self.trick("save").await?;
        *self.content.lock().unwrap() = Some(record.to_vec());
        Ok(())
    }

    async fn clear(&self) -> Result<(), VaultFault> {
        self.trick("clear").await?;
        *self.content.lock().unwrap() = None;
        Ok(())
    }

    async fn load_revocations(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultFault> {
        Ok(self.queue.lock().unwrap().clone().map(Zeroizing::new))
    }

    async fn save_revocations(&self, queue: Option<Zeroizing<Vec<u8>>>) -> Result<(), VaultFault> {
        self.diary.lock().unwrap().push("save the queue".to_owned());
        if self.forgetful.load(Ordering::SeqCst) {
            return Err(VaultFault::Locked);
        }
        *self.queue.lock().unwrap() = queue.map(|queue| queue.to_vec());
        Ok(())
    }

    async fn mark(&self, change: MarkChange) -> Result<(), VaultFault> {
        let mut marks = self.marks.lock().unwrap();
        marks.retain(|mark| change.remove.iter().all(|token| token.expose() != mark));
        marks.extend(change.add.iter().map(|token| token.expose().to_owned()));
        Ok(())
    }

    async fn is_marked(&self, refresh: RefreshToken) -> bool {
        self.marks.lock().unwrap().iter().any(|mark| mark == refresh.expose())
    }
}

const HOUR: Duration = Duration::from_secs(3_600);

/// A session of the given life that was saved when it was issued, `age` ago.
fn saved(age: Duration, life: Duration) -> FakeVault {
    let issued = EPOCH.minus(age);
    let record = live(tokens(&FakePool::refresh_text(0), issued, issued.plus(life)));
    FakeVault::holding(&record, issued)
}

fn begin(pool: FakePool, vault: FakeVault) -> (Handle, Arc<FakePool>, Arc<FakeVault>) {
    let (pool, vault) = (Arc::new(pool), Arc::new(vault));
    let handle = start(Arc::clone(&pool), Arc::clone(&vault), Arc::clone(&pool.clock));
    (handle, pool, vault)
}

/// Waits, in virtual time, for a view of which something is true.
async fn until(handle: &Handle, what: impl Fn(&View) -> bool) -> Arc<View> {
    let mut views = handle.subscribe();
    let found = timeout(Duration::from_secs(7_200), views.wait_for(|view| what(view))).await;
    match found {
        Ok(view) => Arc::clone(&view.expect("a driver that runs")),
        Err(_) => panic!("never: the last view is {:?}", handle.view()),
    }
}

/// What a caller gets, within a time that no honest answer takes.
async fn token(handle: &Handle) -> Result<AccessToken, TokenError> {
    let answer = timeout(Duration::from_secs(150), handle.access_token());
    answer.await.expect("a caller is never left waiting")
}

async fn stop(handle: &Handle) {
    let stopped = timeout(Duration::from_secs(150), handle.shutdown());
    stopped.await.expect("a shutdown is bounded");
}

fn is_signed_in(view: &View) -> bool {
    matches!(view.session, SessionView::SignedIn { .. })
}

fn is_signed_out(view: &View) -> bool {
    matches!(view.session, SessionView::SignedOut { .. })
}

fn storage_is(view: &View, wanted: Storage) -> bool {
    matches!(view.session, SessionView::SignedIn { storage, .. } if storage == wanted)
}

fn credentials(password: &str) -> Credentials {
    Credentials { username: "typed-PERSONAL".into(), password: Some(Password::new(password)) }
}

fn assert_good(token: &AccessToken, clock: &TestClock) {
    assert!(expiry_of(token) > clock.now(), "{:?} at {:?}", expiry_of(token), clock.now());
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_callers_cause_one_request() {
    let clock = TestClock::new();
    let (handle, pool, _) = begin(FakePool::new(&clock, HOUR), saved(HOUR * 2, HOUR));
    let callers: Vec<_> = (0..10_000)
        .map(|_| {
            let handle = handle.clone();
            tokio::spawn(async move { token(&handle).await })
        })
        .collect();
    for caller in callers {
        assert_good(&caller.await.unwrap().unwrap(), &clock);
    }
    assert_eq!(pool.renewals(), 1);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_callers_hear_of_one_failure() {
    let clock = TestClock::new();
    let pool = FakePool::new(&clock, HOUR).will([Mood::Refuses(FaultCode::PoolTrouble)]);
    let (handle, pool, _) = begin(pool, saved(HOUR * 2, HOUR));
    let callers: Vec<_> = (0..10_000)
        .map(|_| {
            let handle = handle.clone();
            tokio::spawn(async move { token(&handle).await })
        })
        .collect();
    for caller in callers {
        let error = caller.await.unwrap().unwrap_err();
        assert_eq!(error, TokenError::Renewal(Fault::new(FaultCode::PoolTrouble)));
    }
    assert_eq!(pool.renewals(), 1);
    assert!(is_signed_in(&handle.view()));
}

/// On real threads and in real time: the quick way past the driver is shared by all of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn callers_on_eight_threads_share_one_request() {
    let clock = TestClock::new();
    let (handle, pool, _) = begin(FakePool::new(&clock, HOUR), saved(HOUR * 2, HOUR));
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let (handle, clock) = (handle.clone(), Arc::clone(&clock));
            tokio::spawn(async move {
                for _ in 0..1_000 {
                    assert_good(&token(&handle).await.unwrap(), &clock);
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(pool.renewals(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_expired_token_is_handed_out_in_a_day_of_faults() {
    for seed in 1..=6_u64 {
        let clock = TestClock::new();
        let life = Duration::from_secs([20, 60, 300, 300, 900, 3_600][seed as usize - 1]);
        let (handle, pool, vault) = begin(FakePool::new(&clock, life), saved(HOUR * 2, life));
        let mut random = seed;
        let mut next = |bound: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % bound
        };
        let end = clock.now().plus(HOUR * 24);
        let mut good = 0_u32;
        while clock.now() < end {
            let mood = match next(16) {
                0 => Some(Mood::Refuses(FaultCode::Unreachable)),
                1 => Some(Mood::Refuses(FaultCode::Throttled)),
                2 => Some(Mood::Refuses(FaultCode::TriggerFailed)),
                3 => Some(Mood::Takes(Duration::from_secs(30))),
                4 => Some(Mood::LosesAnswer),
                5 => Some(Mood::Panics),
                _ => None,
            };
            // Never two lost answers in a row: no client survives that with a grace of one.
            let mut moods = std::mem::take(&mut *pool.moods.lock().unwrap());
            moods.extend(mood);
            moods.truncate(1);
            *pool.moods.lock().unwrap() = moods;
            let trick = match next(12) {
                0 => Some(Trick::Takes(Duration::from_secs(3))),
                1 => Some(Trick::Refuses(VaultFault::Locked)),
                _ => None,
            };
            *vault.tricks.lock().unwrap() = trick.into_iter().collect();
            sleep(Duration::from_millis(1 + next(90_000))).await;
            if next(400) == 0 {
                clock.jump(Duration::from_secs(next(7_200)));
            }
            if let Ok(token) = token(&handle).await {
                assert_good(&token, &clock);
                good += 1;
            }
            assert!(!is_signed_out(&handle.view()), "{:?}", handle.view());
        }
        assert!(good > 500, "{good} good tokens in a day with seed {seed}");
        assert_eq!(pool.most_running.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn twenty_second_tokens_are_renewed_unattended() {
    let clock = TestClock::new();
    let life = Duration::from_secs(20);
    let (handle, pool, _) = begin(FakePool::new(&clock, life), saved(Duration::ZERO, life));
    until(&handle, is_signed_in).await;
    for _ in 0..600 {
        sleep(Duration::from_millis(100)).await;
        // From memory: a caller is never kept waiting.
        let token = timeout(Duration::from_millis(1), handle.access_token()).await;
        assert_good(&token.expect("at once").unwrap(), &clock);
    }
    assert!((4..=8).contains(&pool.renewals()), "{}", pool.renewals());
}

#[tokio::test(start_paused = true)]
async fn one_second_tokens_work() {
    let clock = TestClock::new();
    let life = Duration::from_secs(1);
    let (handle, pool, _) = begin(FakePool::new(&clock, life), saved(Duration::ZERO, life));
    for _ in 0..300 {
        sleep(Duration::from_millis(33)).await;
        assert_good(&token(&handle).await.unwrap(), &clock);
    }
    assert!(pool.renewals() <= 40, "{}", pool.renewals());
}

#[tokio::test(start_paused = true)]
async fn three_hours_of_sleep_are_a_late_tick() {
    let clock = TestClock::new();
    let (handle, pool, _) = begin(FakePool::new(&clock, HOUR), saved(Duration::ZERO, HOUR));
    until(&handle, is_signed_in).await;
    advance(Duration::from_secs(60)).await;
    assert_eq!(pool.renewals(), 0);
    // Timers have stood still; the wall clock has not.
    clock.jump(HOUR * 3);
    sleep(Duration::from_secs(31)).await;
    assert_eq!(pool.renewals(), 1);
    assert!(is_signed_in(&handle.view()));
}

#[tokio::test(start_paused = true)]
async fn a_caller_right_after_sleep_gets_a_good_token() {
    let clock = TestClock::new();
    let (handle, pool, _) = begin(FakePool::new(&clock, HOUR), saved(Duration::ZERO, HOUR));
    assert_good(&token(&handle).await.unwrap(), &clock);
    clock.jump(HOUR * 3);
    assert_good(&token(&handle).await.unwrap(), &clock);
    assert_eq!(pool.renewals(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_hangs_for_a_minute_blocks_no_view_and_still_counts() {
    let clock = TestClock::new();
    let vault = saved(Duration::ZERO, HOUR).will([Trick::Takes(Duration::from_secs(60))]);
    let (handle, pool, vault) = begin(FakePool::new(&clock, HOUR), vault);
    let silent = |view: &View| {
        matches!(view.session, SessionView::Unavailable { cause: UnavailableCause::Silent, asking: true })
    };
    until(&handle, silent).await;
    assert!(clock.now() <= EPOCH.plus(Duration::from_secs(5)));
    assert_eq!(token(&handle).await.unwrap_err(), TokenError::Unavailable);
    handle.sign_in(credentials("wrong"));
    let refused = |view: &View| matches!(&view.attempt, AttemptView::Idle { fault: Some(_), .. });
    let view = until(&handle, refused).await;
    assert!(silent(&view));
    until(&handle, is_signed_in).await;
    assert!(clock.now() >= EPOCH.plus(Duration::from_secs(60)));
    assert_eq!(vault.prompts.load(Ordering::SeqCst), 0);
    assert_eq!(pool.renewals(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_keychain_that_is_unlocked_elsewhere_is_picked_up_without_a_click() {
    let clock = TestClock::new();
    let vault = saved(Duration::ZERO, HOUR).will([Trick::Refuses(VaultFault::Locked); 5]);
    let (handle, _, vault) = begin(FakePool::new(&clock, HOUR), vault);
    until(&handle, |view| {
        matches!(view.session, SessionView::Unavailable { cause: UnavailableCause::Locked, asking: false })
    })
    .await;
    until(&handle, is_signed_in).await;
    assert_eq!(vault.prompts.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn unlock_lets_the_system_prompt() {
    let clock = TestClock::new();
    let vault = saved(Duration::ZERO, HOUR)
        .will([Trick::Refuses(VaultFault::Locked), Trick::Takes(Duration::from_secs(20))]);
    let (handle, _, vault) = begin(FakePool::new(&clock, HOUR), vault);
    until(&handle, |view| matches!(view.session, SessionView::Unavailable { .. })).await;
    handle.retry();
    until(&handle, |view| {
        matches!(view.session, SessionView::Unavailable { cause: UnavailableCause::Locked, asking: true })
    })
    .await;
    until(&handle, is_signed_in).await;
    assert_eq!(vault.prompts.load(Ordering::SeqCst), 1);
}

/// Invariant 6, in the driver.
#[tokio::test(start_paused = true)]
async fn vault_calls_run_one_at_a_time_and_in_order() {
    let clock = TestClock::new();
    let slow = [Trick::Takes(Duration::from_secs(1)); 8];
    let (handle, _, vault) = begin(FakePool::new(&clock, HOUR), FakeVault::default().will(slow));
    for _ in 0..3 {
        until(&handle, is_signed_out).await;
        handle.sign_in(credentials("SENTINEL-password"));
        until(&handle, is_signed_in).await;
        handle.sign_out();
    }
    until(&handle, |view| {
        matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
            if matches!(ended.cause, EndCause::ByUser { receipt: Receipt { keychain_cleared: true, .. } }))
    })
    .await;
    // The queue of revocations has a story of its own.
    let diary: Vec<_> = vault.diary().into_iter().filter(|it| it != "save the queue").collect();
    let calls = ["load", "save", "clear", "save", "clear", "save", "clear"];
    let expected: Vec<_> =
        calls.iter().flat_map(|call| [format!("{call} begins"), format!("{call} ends")]).collect();
    assert_eq!(diary, expected);
    assert_eq!(vault.refresh_token(), None);
}

#[tokio::test(start_paused = true)]
async fn signed_in_is_shown_when_it_is_saved() {
    let clock = TestClock::new();
    let vault =
        FakeVault::default().will([Trick::Takes(Duration::ZERO), Trick::Takes(Duration::from_secs(1))]);
    let (handle, _, vault) = begin(FakePool::new(&clock, HOUR), vault);
    until(&handle, is_signed_out).await;
    handle.sign_in(credentials("SENTINEL-password"));
    let view = until(&handle, is_signed_in).await;
    assert!(storage_is(&view, Storage::Keychain));
    assert_eq!(vault.refresh_token().as_deref(), Some("SENTINEL-refresh 0"));
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_hangs_delays_a_sign_in_by_two_seconds_and_says_unsaved() {
    let clock = TestClock::new();
    let vault =
        FakeVault::default().will([Trick::Takes(Duration::ZERO), Trick::Takes(Duration::from_secs(60))]);
    let (handle, _, vault) = begin(FakePool::new(&clock, HOUR), vault);
    until(&handle, is_signed_out).await;
    handle.sign_in(credentials("SENTINEL-password"));
    let view = until(&handle, is_signed_in).await;
    assert!(storage_is(&view, Storage::Unsaved));
    assert!(clock.now() <= EPOCH.plus(Duration::from_millis(2_500)), "{:?}", clock.now());
    until(&handle, |view| storage_is(view, Storage::Keychain)).await;
    assert_eq!(vault.refresh_token().as_deref(), Some("SENTINEL-refresh 0"));
}

#[tokio::test(start_paused = true)]
async fn a_new_password_can_be_tried_again() {
    let clock = TestClock::new();
    let mut pool = FakePool::new(&clock, HOUR);
    pool.asks_for_new_password = true;
    let (handle, _, _) = begin(pool, FakeVault::default());
    handle.sign_in(credentials("SENTINEL-password"));
    until(&handle, |view| matches!(view.attempt, AttemptView::Challenged { fault: None, .. })).await;
    let answer = |password: &str| Answer::NewPassword {
        password: Password::new(password),
        attributes: Default::default(),
    };
    handle.answer(answer("short"));
    until(&handle, |view| {
        matches!(&view.attempt, AttemptView::Challenged { fault: Some(fault), .. }
            if fault.code == FaultCode::PasswordRejected)
    })
    .await;
    handle.answer(answer("SENTINEL-password"));
    let view = until(&handle, is_signed_in).await;
    assert_eq!(view.attempt, AttemptView::Idle { fault: None, done: None });
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_sign_in_is_revoked_and_leaves_the_session() {
    let clock = TestClock::new();
    let (handle, pool, _) = begin(FakePool::new(&clock, HOUR), saved(Duration::ZERO, HOUR));
    let before = until(&handle, is_signed_in).await;
    handle.sign_in(credentials("SENTINEL-password"));
    until(&handle, |view| matches!(view.attempt, AttemptView::Deciding { .. })).await;
    handle.cancel();
    sleep(Duration::from_secs(5)).await;
    assert_eq!(handle.view().session, before.session);
    assert_eq!(*pool.revoked.lock().unwrap(), ["SENTINEL-refresh 0"]);
}

#[tokio::test(start_paused = true)]
async fn shutdown_waits_for_the_save() {
    let clock = TestClock::new();
    let (handle, pool, vault) = begin(FakePool::new(&clock, HOUR), saved(HOUR * 2, HOUR));
    // The renewal at the start is under way; its tokens will take three seconds to save.
    until(&handle, is_signed_in).await;
    vault.tricks.lock().unwrap().push_back(Trick::Takes(Duration::from_secs(3)));
    stop(&handle).await;
    assert_eq!(pool.renewals(), 1);
    assert_eq!(vault.refresh_token().as_deref(), Some("SENTINEL-refresh 1"));
    assert_eq!(token(&handle).await.unwrap_err(), TokenError::Stopped);
}

#[tokio::test(start_paused = true)]
async fn shutdown_tries_once_more_what_could_not_be_saved() {
    let clock = TestClock::new();
    let (handle, _, vault) = begin(FakePool::new(&clock, HOUR), saved(HOUR * 2, HOUR));
    until(&handle, is_signed_in).await;
    vault.tricks.lock().unwrap().push_back(Trick::Refuses(VaultFault::Locked));
    until(&handle, |view| storage_is(view, Storage::Unsaved)).await;
    assert_eq!(vault.refresh_token().as_deref(), Some("SENTINEL-refresh 0"));
    stop(&handle).await;
    assert_eq!(vault.refresh_token().as_deref(), Some("SENTINEL-refresh 1"));
}

#[tokio::test(start_paused = true)]
async fn shutdown_does_not_wait_for_ever() {
    let clock = TestClock::new();
    let (handle, _, vault) = begin(FakePool::new(&clock, HOUR), saved(HOUR * 2, HOUR));
    until(&handle, is_signed_in).await;
    vault.tricks.lock().unwrap().push_back(Trick::Takes(HOUR));
    let before = Instant::now();
    stop(&handle).await;
    assert!(before.elapsed() <= Duration::from_secs(6), "{:?}", before.elapsed());
    stop(&handle).await;
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_handle_stops_the_driver() {
    let clock = TestClock::new();
    let (handle, pool, vault) = begin(FakePool::new(&clock, HOUR), saved(Duration::ZERO, HOUR));
    until(&handle, is_signed_in).await;
    drop(handle);
    sleep(Duration::from_secs(10)).await;
    assert_eq!((Arc::strong_count(&pool), Arc::strong_count(&vault)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_pool_that_panics_is_a_fault_and_the_session_goes_on() {
    let clock = TestClock::new();
    let pool = FakePool::new(&clock, HOUR).will([Mood::Panics]);
    let (handle, pool, _) = begin(pool, saved(HOUR * 2, HOUR));
    let error = token(&handle).await.unwrap_err();
    assert!(matches!(error, TokenError::Renewal(fault) if fault.code == FaultCode::AnswerUnusable));
    handle.retry();
    until(&handle, |view| {
        matches!(view.session, SessionView::SignedIn { renewal: RenewalView::Due { .. }, .. })
    })
    .await;
    assert_good(&token(&handle).await.unwrap(), &clock);
    assert_eq!(pool.renewals(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_panics_is_asked_again() {
    let clock = TestClock::new();
    let vault = saved(Duration::ZERO, HOUR).will([Trick::Panics, Trick::Panics]);
    let (handle, _, _) = begin(FakePool::new(&clock, HOUR), vault);
    until(&handle, |view| matches!(view.session, SessionView::Unavailable { .. })).await;
    until(&handle, is_signed_in).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_asked_for_again_within_the_grace_period() {
    let clock = TestClock::new();
    let pool = FakePool::new(&clock, HOUR).will([Mood::LosesAnswer]);
    let (handle, pool, vault) = begin(pool, saved(HOUR * 2, HOUR));
    let renewed = |view: &View| matches!(&view.session, SessionView::SignedIn { expires_at, .. } if *expires_at > EPOCH);
    until(&handle, renewed).await;
    assert!(clock.now() <= EPOCH.plus(Duration::from_secs(10)));
    assert_eq!(pool.reused.load(Ordering::SeqCst), 1);
    assert_eq!(vault.refresh_token().as_deref(), Some("SENTINEL-refresh 1"));
}

#[tokio::test(start_paused = true)]
async fn the_end_by_the_pool_is_still_explained_after_a_restart() {
    let clock = TestClock::new();
    let pool = FakePool::new(&clock, HOUR).will([Mood::Refuses(FaultCode::RefreshTokenRevoked)]);
    let (handle, pool, vault) = begin(pool, saved(HOUR * 2, HOUR));
    assert_eq!(token(&handle).await.unwrap_err(), TokenError::SignedOut);
    let explained = |view: &View| {
        matches!(&view.session, SessionView::SignedOut { ended: Some(ended), login: Some(login), .. }
            if login == "typed-PERSONAL"
            && ended.cause == EndCause::ByPool { fault: Fault::new(FaultCode::RefreshTokenRevoked) })
    };
    assert!(explained(&handle.view()));
    stop(&handle).await;
    let again = start(pool, Arc::clone(&vault), clock);
    assert!(explained(&*until(&again, is_signed_out).await));
}

/// Two processes on one keychain: the one that comes too late takes over what the other has saved.
#[tokio::test(start_paused = true)]
async fn a_process_whose_refresh_token_another_has_rotated_takes_over_the_newer_tokens() {
    let clock = TestClock::new();
    let pool = FakePool::new(&clock, HOUR)
        .will([Mood::Takes(Duration::ZERO), Mood::Refuses(FaultCode::RefreshTokenReused)]);
    let (first, pool, vault) = begin(pool, saved(Duration::ZERO, HOUR));
    let second = start(Arc::clone(&pool), Arc::clone(&vault), clock.clone());
    until(&first, is_signed_in).await;
    until(&second, is_signed_in).await;
    let renewed = |view: &View| {
        matches!(&view.session, SessionView::SignedIn { renewal: RenewalView::Due { .. }, expires_at, .. }
            if *expires_at > EPOCH.plus(HOUR))
    };
    until(&first, renewed).await;
    until(&second, renewed).await;
    assert_eq!(pool.renewals(), 2);
    assert_eq!(token(&first).await.unwrap().expose(), token(&second).await.unwrap().expose());
    assert_eq!(vault.refresh_token().as_deref(), Some("SENTINEL-refresh 1"));
}

#[tokio::test(start_paused = true)]
async fn signing_out_everywhere_asks_with_a_good_token_and_then_ends_the_session_here() {
    let clock = TestClock::new();
    let (handle, pool, vault) = begin(FakePool::new(&clock, HOUR), saved(HOUR * 2, HOUR));
    until(&handle, is_signed_in).await;
    handle.sign_out_everywhere();
    let told = |view: &View| {
        matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
            if matches!(ended.cause, EndCause::ByUser { receipt: Receipt { everywhere: true, pool: PoolTold::Revoked, keychain_cleared: true, .. } }))
    };
    until(&handle, told).await;
    assert_eq!(pool.renewals(), 1, "the token at hand had expired");
    let asked_with = pool.ended_everywhere.lock().unwrap().clone();
    assert_eq!(asked_with.len(), 1);
    assert!(expiry_of(&AccessToken::new(asked_with[0].clone())) > clock.now());
    assert!(pool.revoked.lock().unwrap().is_empty(), "nothing is left to revoke");
    assert_eq!(vault.refresh_token(), None);
    assert_eq!(token(&handle).await.unwrap_err(), TokenError::SignedOut);
}

#[tokio::test(start_paused = true)]
async fn signing_out_while_renewing_revokes_both_refresh_tokens_and_saves_nothing() {
    let clock = TestClock::new();
    let pool = FakePool::new(&clock, HOUR).will([Mood::Takes(Duration::from_secs(8))]);
    let (handle, pool, vault) = begin(pool, saved(HOUR * 2, HOUR));
    until(&handle, is_signed_in).await;
    handle.sign_out();
    until(&handle, is_signed_out).await;
    let told = |view: &View| {
        matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
            if matches!(ended.cause, EndCause::ByUser { receipt: Receipt { everywhere: false, pool: PoolTold::Revoked, keychain_cleared: true, .. } }))
    };
    until(&handle, told).await;
    assert_eq!(*pool.revoked.lock().unwrap(), ["SENTINEL-refresh 0", "SENTINEL-refresh 1"]);
    assert_eq!(vault.refresh_token(), None);
    assert!(!vault.diary().contains(&"save begins".to_owned()));
}

fn waits(view: &View, kept: bool) -> bool {
    let waiting = PoolTold::Waiting { code: FaultCode::Unreachable, kept };
    matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
        if matches!(&ended.cause, EndCause::ByUser { receipt } if receipt.pool == waiting))
}

#[tokio::test(start_paused = true)]
async fn a_sign_out_that_could_not_reach_the_pool_is_finished_after_a_restart() {
    let clock = TestClock::new();
    let pool = FakePool::new(&clock, HOUR);
    pool.revocations.lock().unwrap().extend([Mood::Refuses(FaultCode::Unreachable); 2]);
    let (handle, pool, vault) = begin(pool, saved(Duration::ZERO, HOUR));
    until(&handle, is_signed_in).await;
    handle.sign_out();
    until(&handle, |view| waits(view, true)).await;
    let order: Vec<_> = vault.diary().into_iter().filter(|it| !it.ends_with("ends")).collect();
    assert_eq!(order, ["load begins", "save the queue", "clear begins"], "queued before it is cleared");
    stop(&handle).await;
    assert_eq!((vault.refresh_token(), vault.queue()), (None, vec!["SENTINEL-refresh 0".to_owned()]));

    let again = start(Arc::clone(&pool), Arc::clone(&vault), clock.clone());
    let unfinished = |view: &View| matches!(&view.session, SessionView::SignedOut { unfinished: Some(it), .. } if it.count == 1);
    until(&again, unfinished).await;
    assert!(pool.revoked.lock().unwrap().is_empty());
    until(&again, |view| {
        matches!(&view.session, SessionView::SignedOut { unfinished: None, ended: None, .. })
    })
    .await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(*pool.revoked.lock().unwrap(), ["SENTINEL-refresh 0"]);
    assert_eq!(vault.queue(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_farewell_is_brief_where_the_next_run_can_revoke_and_patient_where_it_cannot() {
    for (forgetful, least, most) in [(false, 900, 1_500), (true, 4_900, 5_500)] {
        let clock = TestClock::new();
        let pool = FakePool::new(&clock, HOUR);
        pool.revocations.lock().unwrap().push_back(Mood::Takes(HOUR));
        let (handle, _, vault) = begin(pool, saved(Duration::ZERO, HOUR));
        vault.forgetful.store(forgetful, Ordering::SeqCst);
        until(&handle, is_signed_in).await;
        handle.sign_out();
        sleep(Duration::from_millis(100)).await;
        let before = Instant::now();
        stop(&handle).await;
        let took = before.elapsed().as_millis();
        assert!((least..most).contains(&took), "{forgetful}: {took} ms");
        assert_eq!(vault.queue().is_empty(), forgetful);
    }
}

#[tokio::test(start_paused = true)]
async fn a_sign_out_just_before_the_end_is_revoked_and_taken_out_of_the_queue() {
    let clock = TestClock::new();
    let (handle, pool, vault) = begin(FakePool::new(&clock, HOUR), saved(Duration::ZERO, HOUR));
    until(&handle, is_signed_in).await;
    handle.sign_out();
    stop(&handle).await;
    assert_eq!(*pool.revoked.lock().unwrap(), ["SENTINEL-refresh 0"]);
    assert_eq!((vault.refresh_token(), vault.queue()), (None, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_waits_for_the_network_hardly_wakes_anybody() {
    let clock = TestClock::new();
    let pool = FakePool::new(&clock, HOUR);
    pool.revocations.lock().unwrap().extend([Mood::Refuses(FaultCode::Unreachable); 200]);
    let (handle, pool, _) = begin(pool, saved(Duration::ZERO, HOUR));
    until(&handle, is_signed_in).await;
    handle.sign_out();
    until(&handle, |view| waits(view, true)).await;
    sleep(HOUR).await;
    let (looked, left) = (clock.looked.load(Ordering::SeqCst), pool.revocations.lock().unwrap().len());
    sleep(HOUR * 24).await;
    let tries = left - pool.revocations.lock().unwrap().len();
    assert!((90..=100).contains(&tries), "{tries} tries in a day");
    let looked = clock.looked.load(Ordering::SeqCst) - looked;
    assert!(looked < 20 * tries, "looked at the clock {looked} times in a day");
    // At once when there is a sign that it is back, and not more often than every five seconds.
    pool.revocations.lock().unwrap().clear();
    handle.wake();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(*pool.revoked.lock().unwrap(), ["SENTINEL-refresh 0"]);
}

fn waits_for_browser(view: &View) -> bool {
    matches!(view.attempt, AttemptView::Challenged { challenge: Challenge::Browser { .. }, .. })
}

fn began_in_browser(view: &View) -> bool {
    matches!(view.session, SessionView::SignedIn { origin: Origin::Browser, .. })
}

fn browser_told(view: &View) -> Option<BrowserTold> {
    match &view.session {
        SessionView::SignedOut { ended: Some(ended), .. } => match &ended.cause {
            EndCause::ByUser { receipt } => receipt.browser.clone(),
            _ => None,
        },
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_from_the_browser_is_one_like_any_other_and_signs_out_there_as_well() {
    let clock = TestClock::new();
    let (handle, pool, vault) = begin(FakePool::new(&clock, HOUR), FakeVault::default());
    until(&handle, is_signed_out).await;
    handle.sign_in_by_browser(BrowserWish::default());
    until(&handle, waits_for_browser).await;
    // Changed one's mind, and begun anew.
    handle.sign_in_by_browser(BrowserWish::default());
    // It comes back before the window waits for it.
    handle.answer(Answer::BackFromBrowser(Ok(())));
    until(&handle, began_in_browser).await;
    assert_eq!(*pool.left.lock().unwrap(), [1]);
    stop(&handle).await;

    let again = start(Arc::clone(&pool), Arc::clone(&vault), clock.clone());
    until(&again, began_in_browser).await;
    until(&again, |view| matches!(view.session, SessionView::SignedIn { expires_at, .. } if expires_at > EPOCH.plus(HOUR)))
        .await;
    assert!(began_in_browser(&again.view()), "a renewal changes nothing of it");
    again.sign_out();
    until(&again, |view| browser_told(view) == Some(BrowserTold::Telling)).await;
    until(&again, |view| browser_told(view) == Some(BrowserTold::Ended)).await;
    assert_eq!(*pool.left.lock().unwrap(), [1], "what was used is not given up");
}

/// The person is at the browser, which needs no window of this program.
#[tokio::test(start_paused = true)]
async fn a_farewell_waits_for_no_browser_and_a_browser_for_ever_for_nobody() {
    let clock = TestClock::new();
    let pool = FakePool::new(&clock, HOUR);
    pool.browser.lock().unwrap().extend([Mood::Takes(HOUR), Mood::Takes(HOUR)]);
    let (handle, pool, vault) = begin(pool, FakeVault::default());
    for leaves in [false, true] {
        handle.sign_in_by_browser(BrowserWish::default());
        until(&handle, waits_for_browser).await;
        handle.answer(Answer::BackFromBrowser(Ok(())));
        until(&handle, began_in_browser).await;
        handle.sign_out();
        until(&handle, |view| browser_told(view).is_some()).await;
        let before = Instant::now();
        if leaves {
            stop(&handle).await;
            assert!(before.elapsed() < Duration::from_millis(500), "{:?}", before.elapsed());
            assert_eq!((vault.refresh_token(), pool.revoked.lock().unwrap().len()), (None, 2));
        } else {
            until(&handle, |view| {
                browser_told(view) == Some(BrowserTold::Failed { code: FaultCode::TimedOut })
            })
            .await;
        }
    }
}

/// The keychain refuses, or does not answer at all, when somebody signs out, and the program is ended.
#[tokio::test(start_paused = true)]
async fn a_sign_out_that_the_keychain_was_not_told_of_is_finished_by_the_next_run() {
    for trick in [Trick::Refuses(VaultFault::Locked), Trick::Takes(HOUR)] {
        let clock = TestClock::new();
        let pool = FakePool::new(&clock, HOUR);
        pool.revocations.lock().unwrap().extend([Mood::Refuses(FaultCode::Unreachable); 3]);
        let (handle, pool, vault) = begin(pool, saved(Duration::ZERO, HOUR));
        vault.forgetful.store(true, Ordering::SeqCst);
        until(&handle, is_signed_in).await;
        vault.tricks.lock().unwrap().extend([trick; 3]);
        handle.sign_out();
        until(&handle, is_signed_out).await;
        stop(&handle).await;
        assert_eq!(vault.refresh_token().as_deref(), Some("SENTINEL-refresh 0"), "{trick:?}");
        assert_eq!(*vault.marks.lock().unwrap(), ["SENTINEL-refresh 0"], "{trick:?}");
        assert!(pool.revoked.lock().unwrap().is_empty());

        // By now it is unlocked, and the network is there.
        vault.tricks.lock().unwrap().clear();
        vault.forgetful.store(false, Ordering::SeqCst);
        pool.revocations.lock().unwrap().clear();
        let again = start(Arc::clone(&pool), Arc::clone(&vault), clock.clone());
        let view = until(&again, |view| !matches!(view.session, SessionView::Restoring)).await;
        assert!(is_signed_out(&view), "{:?}", view.session);
        let told = |view: &View| {
            matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
                if matches!(ended.cause, EndCause::ByUser { receipt: Receipt { pool: PoolTold::Revoked, keychain_cleared: true, browser: None, .. } }))
        };
        until(&again, told).await;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(*pool.revoked.lock().unwrap(), ["SENTINEL-refresh 0"]);
        assert_eq!((vault.refresh_token(), vault.marks.lock().unwrap().len()), (None, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_of_which_nobody_knows_whether_it_is_deleted_is_looked_for_at_once() {
    let clock = TestClock::new();
    let pool = FakePool::new(&clock, HOUR)
        .will([Mood::Takes(Duration::from_millis(80)), Mood::Refuses(FaultCode::UserGone)]);
    let (handle, pool, vault) = begin(pool, saved(Duration::ZERO, HOUR));
    until(&handle, is_signed_in).await;
    handle.account_may_be_deleted();
    until(&handle, |view| {
        matches!(view.session, SessionView::SignedIn { expires_at, .. } if expires_at > EPOCH.plus(HOUR))
    })
    .await;
    assert_eq!(pool.renewals(), 1);
    handle.account_may_be_deleted();
    let deleted = |view: &View| {
        matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
            if matches!(ended.cause, EndCause::AccountDeleted { keychain_cleared: true, .. }))
    };
    until(&handle, deleted).await;
    assert_eq!((pool.renewals(), vault.refresh_token()), (2, None));
    assert!(pool.revoked.lock().unwrap().is_empty(), "nothing is left to revoke");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_replaced_offline_is_revoked_by_the_next_run() {
    let clock = TestClock::new();
    let pool = FakePool::new(&clock, HOUR);
    pool.generation.store(7, Ordering::SeqCst);
    pool.revocations.lock().unwrap().extend([Mood::Refuses(FaultCode::Unreachable); 2]);
    let (handle, pool, vault) = begin(pool, saved(Duration::ZERO, HOUR));
    until(&handle, is_signed_in).await;
    handle.sign_in(credentials("SENTINEL-password"));
    until(&handle, |_| vault.refresh_token().as_deref() == Some("SENTINEL-refresh 7")).await;
    stop(&handle).await;
    assert_eq!(vault.queue(), ["SENTINEL-refresh 0"]);
    pool.revocations.lock().unwrap().clear();
    let again = start(Arc::clone(&pool), Arc::clone(&vault), clock.clone());
    until(&again, is_signed_in).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(*pool.revoked.lock().unwrap(), ["SENTINEL-refresh 0"]);
    assert_eq!(vault.queue(), Vec::<String>::new());
    assert!(is_signed_in(&again.view()));
}

/// Whoever tells of a refusal and asks for a token gets another one, however quick they are.
#[tokio::test(start_paused = true)]
async fn a_token_that_was_refused_is_not_handed_out_again() {
    let clock = TestClock::new();
    let (handle, pool, _) = begin(FakePool::new(&clock, HOUR), saved(Duration::ZERO, HOUR));
    until(&handle, is_signed_in).await;
    let first = token(&handle).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    let callers: Vec<_> = (0..1_000)
        .map(|_| {
            let (handle, first) = (handle.clone(), first.clone());
            tokio::spawn(async move {
                handle.token_refused(first);
                token(&handle).await
            })
        })
        .collect();
    for caller in callers {
        assert!(caller.await.unwrap().unwrap().expose() != first.expose(), "the refused one");
    }
    assert_eq!(pool.renewals(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_proof_of_presence_ends_by_itself() {
    let clock = TestClock::new();
    let (handle, pool, vault) = begin(FakePool::new(&clock, HOUR), saved(Duration::ZERO, HOUR));
    handle.prove_presence();
    let before = until(&handle, is_signed_in).await;
    assert_eq!(pool.revoked.lock().unwrap().len(), 0, "nobody was signed in yet");
    handle.prove_presence();
    until(&handle, |view| matches!(view.attempt, AttemptView::Challenged { .. })).await;
    handle.answer(Answer::Password(Password::new("SENTINEL-password")));
    let view = until(&handle, |view| view.presence_until.is_some()).await;
    assert_eq!(view.session, before.session);
    assert!(handle.presence_proved().await);
    let proved = clock.now();
    until(&handle, |view| view.presence_until.is_none()).await;
    let good_for = clock.now().since(proved);
    assert!(good_for >= Duration::from_secs(299) && good_for <= Duration::from_secs(331), "{good_for:?}");
    assert!(!handle.presence_proved().await);
    assert_eq!(pool.revoked.lock().unwrap().len(), 1);
    assert!(!vault.diary().contains(&"save begins".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn revisions_only_grow_and_nothing_is_told_twice() {
    let clock = TestClock::new();
    let (handle, _, _) = begin(FakePool::new(&clock, HOUR), saved(HOUR * 2, HOUR));
    let mut views = handle.subscribe();
    let watcher = tokio::spawn(async move {
        let mut last = Arc::clone(&views.borrow_and_update());
        let mut seen = 0_u32;
        while views.changed().await.is_ok() {
            let view = Arc::clone(&views.borrow_and_update());
            assert!(view.revision > last.revision);
            assert_ne!((&view.session, &view.attempt), (&last.session, &last.attempt));
            last = view;
            seen += 1;
        }
        seen
    });
    until(&handle, is_signed_in).await;
    handle.wake();
    handle.cancel();
    sleep(HOUR * 3).await;
    stop(&handle).await;
    assert!(watcher.await.unwrap() > 3);
}

thread_local! {
    /// What this test logs. Each test has a thread of its own, and its tasks stay on it.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ThreadLog;

impl io::Write for ThreadLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Invariant 7, in the log, at the most talkative level.
#[tokio::test(start_paused = true)]
async fn the_log_holds_no_secret_and_nothing_personal() {
    // For the whole process: a subscriber of one thread misses what another thread has come across before.
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(|| ThreadLog)
        .with_ansi(false)
        .init();

    let clock = TestClock::new();
    let mut pool = FakePool::new(&clock, HOUR).will([
        Mood::Refuses(FaultCode::Unreachable),
        Mood::Panics,
        Mood::Takes(Duration::from_secs(1)),
        Mood::Refuses(FaultCode::RefreshTokenRevoked),
    ]);
    pool.asks_for_new_password = true;
    let vault = FakeVault::default().will([
        Trick::Refuses(VaultFault::Locked),
        Trick::Takes(Duration::ZERO),
        Trick::Refuses(VaultFault::Locked),
    ]);
    let (handle, _, _) = begin(pool, vault);
    until(&handle, is_signed_out).await;
    handle.sign_in(credentials("SENTINEL-wrong"));
    until(&handle, |view| matches!(&view.attempt, AttemptView::Idle { fault: Some(_), .. })).await;
    for _ in 0..2 {
        handle.sign_in(credentials("SENTINEL-password"));
        until(&handle, |view| matches!(view.attempt, AttemptView::Challenged { .. })).await;
        handle.answer(Answer::NewPassword {
            password: Password::new("SENTINEL-password"),
            attributes: Default::default(),
        });
        until(&handle, is_signed_in).await;
        // Until the pool ends it, or for long enough to renew.
        sleep(HOUR * 6).await;
        handle.sign_out();
        until(&handle, is_signed_out).await;
    }
    let wish =
        BrowserWish { provider: Some("Google".into()), login_hint: Some("mika@PERSONAL.example".into()) };
    handle.sign_in_by_browser(wish);
    until(&handle, waits_for_browser).await;
    handle.answer(Answer::BackFromBrowser(Ok(())));
    until(&handle, is_signed_in).await;
    handle.sign_out();
    until(&handle, |view| browser_told(view) == Some(BrowserTold::Ended)).await;
    stop(&handle).await;

    let text = String::from_utf8(LOG.take()).unwrap();
    for line in ["signed in", "tokens renewed", "Renew", "Save", "Unreachable", "ended the session"] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    for secret in ["SENTINEL", "PERSONAL"] {
        assert!(!text.contains(secret), "{text}");
    }
}
