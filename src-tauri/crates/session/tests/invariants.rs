//! The seven invariants, each over random sequences of plausible and implausible events: results that come late,
//! twice or for nothing that was asked, a clock that jumps both ways, a user who presses everything.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use session::{
    AccessToken, Answer, AttemptView, AuthenticatorSecret, Beginning, BrowserTold, BrowserWay, BrowserWish,
    Challenge, CodeMethod, Continuation, Credentials, CustomAnswer, DeviceView, Disposition, Done, Effect,
    EndCause, EndedRecord, Event, EverywhereView, Fault, FaultCode, Lapse, Machines, NewAccount, OneTimeCode,
    Origin, Password, Purpose, Record, RefreshToken, RenewalView, Renewed, SessionView, SignInWay, Step,
    Storage, Stored, Ticket, Timestamp, VaultFault,
};
use support::{established, expiry_of, live, tokens};

/// One thing that befalls the machines. Numbers are taken modulo whatever there is to choose from.
#[derive(Clone, Debug)]
enum Act {
    SignIn,
    Answer,
    AnswerCode,
    AnswerOther(usize),
    ResendCode,
    SignInOtherwise(usize),
    ChooseAgain,
    RememberDevice(bool),
    Cancel,
    SignOut,
    SignOutEverywhere,
    Retry,
    Proceed,
    TokenWanted,
    Wake,
    ProvePresence,
    SpendPresence,
    RefuseToken,
    ChangeUser,
    DeleteAccount,
    DoubtAccount,
    SignInByBrowser(usize),
    BackForAnEarlierRun,
    /// The browser comes back, with something or with nothing.
    Back(usize),
    OpenAgain,
    Tick,
    TickWhenAsked,
    Pass(i64),
    SetBack(i64),
    Deliver {
        which: usize,
        outcome: usize,
        life: i64,
    },
    DeliverVault {
        outcome: usize,
        life: i64,
    },
    Repeat {
        which: usize,
        outcome: usize,
    },
    Stray {
        ticket: u64,
        kind: usize,
        outcome: usize,
    },
}

/// How often each kind of act comes, and what it is made of.
fn acts() -> impl Strategy<Value = Vec<Act>> {
    // One range and a table instead of one strategy per kind: building those takes longer than the tests.
    proptest::collection::vec((0_usize..68, any::<u32>()), 1..120)
        .prop_map(|list| list.into_iter().map(|(kind, number)| act(kind, number as usize)).collect())
}

fn act(kind: usize, number: usize) -> Act {
    let life = [3_600, 20, 300, 1, 86_400, -5][number % 6];
    let (which, outcome) = (number / 7 % 1_000, number / 7_001);
    let ms = i64::try_from(number).unwrap_or(0);
    match kind {
        0..8 => Act::TickWhenAsked,
        8..11 => Act::Tick,
        11..21 => Act::Deliver { which, outcome, life },
        21..31 => Act::DeliverVault { outcome, life },
        31..33 => Act::SignIn,
        33..35 => Act::TokenWanted,
        35..38 => Act::Pass(ms % 5_000),
        38 => Act::Pass(ms % 40_000_000),
        39 => Act::SetBack(ms % 40_000_000),
        40 => Act::Repeat { which, outcome },
        41 => Act::Stray { ticket: number as u64 % 60, kind: which, outcome },
        42 => [Act::Answer, Act::Cancel][number % 2].clone(),
        46 => [Act::AnswerCode, Act::ResendCode][number % 2].clone(),
        47 => Act::SignOutEverywhere,
        48..53 => Act::AnswerOther(number),
        53 => Act::SignInOtherwise(number),
        54 => Act::ChooseAgain,
        55 => Act::RememberDevice(number.is_multiple_of(2)),
        56 => Act::ProvePresence,
        57 => Act::RefuseToken,
        58 => [Act::ProvePresence, Act::ChangeUser][number % 2].clone(),
        59 => {
            [Act::SpendPresence, Act::ChangeUser, Act::ProvePresence, Act::DeleteAccount][number % 4].clone()
        }
        60 | 61 => Act::SignInByBrowser(number),
        62..65 => Act::Back(number),
        65 => Act::OpenAgain,
        66 => [Act::OpenAgain, Act::BackForAnEarlierRun][number % 2].clone(),
        67 => [Act::DoubtAccount, Act::Cancel][number % 2].clone(),
        43 => [Act::SignOut, Act::Wake][number % 2].clone(),
        44 => [Act::Retry, Act::SignOut][number % 2].clone(),
        _ => [Act::Proceed, Act::Answer][number % 2].clone(),
    }
}

/// Faults of which none ends a session.
const HARMLESS: &[FaultCode] = &[
    FaultCode::Unreachable,
    FaultCode::TimedOut,
    FaultCode::CertificateUntrusted,
    FaultCode::NotThePool,
    FaultCode::Throttled,
    FaultCode::PoolTrouble,
    FaultCode::Blocked,
    FaultCode::TriggerFailed,
    FaultCode::RefusedByRule,
    FaultCode::ClientUnknown,
    FaultCode::AnswerUnusable,
    FaultCode::PasswordRejected,
    FaultCode::TooManyAttempts,
    FaultCode::ChallengeExpired,
    FaultCode::CodeWrong,
    FaultCode::AccessTokenRevoked,
    FaultCode::WrongCredentials,
    FaultCode::CodeNotSent,
    FaultCode::DeviceUnknown,
    FaultCode::AlreadyConfirmed,
    FaultCode::CannotResetPassword,
    FaultCode::BrowserDeclined,
    FaultCode::BrowserCodeRefused,
    FaultCode::BrowserNotOpened,
    FaultCode::PresenceStale,
    FaultCode::ProviderMayNotAsk,
];

const FATAL: &[FaultCode] = &[
    FaultCode::RefreshTokenRevoked,
    FaultCode::RefreshTokenReused,
    FaultCode::UserDisabled,
    FaultCode::RenewalRefused,
    FaultCode::UserNotConfirmed,
    FaultCode::PasswordResetRequired,
    FaultCode::UserGone,
];

const VAULT_FAULTS: &[VaultFault] = &[
    VaultFault::Locked,
    VaultFault::Absent,
    VaultFault::Denied,
    VaultFault::Corrupt,
    VaultFault::Newer,
    VaultFault::Busy,
];

/// How long the browser is waited for.
const LAPSE: Duration = Duration::from_secs(10 * 60);

/// How long a proof of presence is good.
const PROOF: Duration = Duration::from_secs(5 * 60);

/// What one event did.
struct Happened {
    event: Event,
    effects: Vec<Effect>,
    before: (SessionView, AttemptView),
    after: (SessionView, AttemptView),
    now: Timestamp,
    /// For a step: whether it belongs to the attempt that the user still wants.
    wanted: bool,
}

/// The machines and the world around them.
struct World {
    machines: Machines,
    now: Timestamp,
    outstanding: Vec<Effect>,
    past: Vec<Effect>,
    /// The attempt that the user has not given up.
    attempt: Option<Ticket>,
    families: u32,
    generation: u32,
    fatal: bool,
    keychain: Option<String>,
    /// When each refresh token's companions were issued and when they expire.
    lives: BTreeMap<String, (Timestamp, Timestamp)>,
    /// The readings of the keychain that a refusal has caused.
    rereads: BTreeSet<Ticket>,
    /// Another process has emptied the keychain.
    emptied: bool,
    /// What another process has put into the keychain last.
    superseding: Option<String>,
    /// What waits in the keychain to be revoked.
    queue: Vec<RefreshToken>,
    /// The keychain does whatever it is asked, and nobody else uses it.
    honest: bool,
    /// What the pool has answered for good about, when it was asked to revoke it.
    settled: BTreeSet<String>,
    /// The access token that the pool has refused last.
    refused: Option<AccessToken>,
    /// How many access tokens there have been.
    issued: u32,
    /// How many sign-ins the pool client has begun in the browser.
    begun: u64,
    /// Which of them it waits with.
    waits: BTreeSet<u64>,
    /// What is noted outside the keychain to be signed out.
    marks: BTreeSet<String>,
}

impl World {
    fn new(seed: u64, fatal: bool) -> Self {
        let now = Timestamp(1_800_000_000_000);
        let (machines, effects) = Machines::new(seed, now);
        Self {
            machines,
            now,
            outstanding: effects,
            past: Vec::new(),
            attempt: None,
            families: 0,
            generation: 0,
            fatal,
            keychain: None,
            lives: BTreeMap::new(),
            rereads: BTreeSet::new(),
            emptied: false,
            superseding: None,
            queue: Vec::new(),
            honest: false,
            settled: BTreeSet::new(),
            refused: None,
            issued: 0,
            begun: 0,
            waits: BTreeSet::new(),
            marks: BTreeSet::new(),
        }
    }

    /// The program is ended in the middle of everything, and started again.
    fn restart(&mut self) {
        let (machines, effects) = Machines::new(1, self.now);
        self.machines = machines;
        self.outstanding = effects;
        self.past.clear();
        self.attempt = None;
        self.rereads.clear();
    }

    fn views(&self) -> (SessionView, AttemptView) {
        (self.machines.session_view(), self.machines.attempt_view())
    }

    /// A refresh token of a new session.
    fn new_family(&mut self) -> String {
        self.families += 1;
        format!("SENTINEL-refresh/{}/0", self.families)
    }

    /// The refresh token that replaces another.
    fn rotated(&mut self, refresh: &RefreshToken) -> String {
        self.generation += 1;
        format!("SENTINEL-refresh/{}/{}", family(refresh.expose()), self.generation)
    }

    fn fault(&self, outcome: usize) -> Fault {
        let codes: Vec<_> =
            if self.fatal { HARMLESS.iter().chain(FATAL).collect() } else { HARMLESS.iter().collect() };
        Fault::new(*codes[outcome % codes.len()])
    }

    /// Tokens of which no other has the access token.
    fn fresh(&mut self, refresh: &str, issued: Timestamp, expires: Timestamp) -> session::Tokens {
        self.issued += 1;
        let access = AccessToken::new(format!("SENTINEL-access-{} {}", self.issued, expires.0));
        session::Tokens { access, ..tokens(refresh, issued, expires) }
    }

    fn life(&self, life: i64) -> (Timestamp, Timestamp) {
        (self.now, Timestamp(self.now.0 + life * 1000))
    }

    /// The result of an effect.
    fn result(&mut self, effect: &Effect, outcome: usize, life: i64) -> Event {
        let (issued, expires) = self.life(life);
        let honest = self.honest;
        let vault = |outcome: usize| match outcome % 3 {
            0 if !honest => Err(VAULT_FAULTS[outcome / 3 % VAULT_FAULTS.len()]),
            _ => Ok(()),
        };
        match effect {
            Effect::Load(ticket, _) if self.honest => Event::Loaded(*ticket, self.read_again(5, life)),
            Effect::Load(ticket, _) if self.rereads.contains(ticket) => {
                Event::Loaded(*ticket, self.read_again(outcome, life))
            }
            Effect::Load(ticket, _) => Event::Loaded(
                *ticket,
                match outcome % 6 {
                    0 | 1 => Err(VAULT_FAULTS[outcome / 6 % VAULT_FAULTS.len()]),
                    2 => Ok(None),
                    3 => Ok(Some(Stored {
                        record: Record::Ended(EndedRecord {
                            sub: "5ab0-PERSONAL".into(),
                            login: "typed-PERSONAL".into(),
                            at: self.now,
                            fault: Fault::new(FaultCode::RefreshTokenRevoked),
                        }),
                        saved_at: self.now,
                        clock_offset_ms: 0,
                        signed_out: false,
                    })),
                    _ => {
                        let refresh = self.new_family();
                        self.keychain = Some(refresh.clone());
                        self.lives.insert(refresh.clone(), (issued, expires));
                        Ok(Some(Stored {
                            record: live(self.fresh(&refresh, issued, expires)),
                            saved_at: Timestamp(self.now.0 + (outcome / 6 % 3) as i64 * 3_000 - 3_000),
                            clock_offset_ms: 0,
                            signed_out: false,
                        }))
                    }
                },
            ),
            Effect::Save(ticket, record) => {
                let result = vault(outcome);
                if result.is_ok() {
                    self.keychain = Some(held(record));
                }
                Event::Saved(*ticket, result)
            }
            Effect::Clear(ticket) => {
                let result = vault(outcome);
                if result.is_ok() {
                    self.keychain = None;
                }
                Event::Cleared(*ticket, result)
            }
            Effect::Queue(ticket, change) => {
                let result = vault(outcome).map(|()| {
                    change.apply(&mut self.queue);
                    self.queue.clone()
                });
                Event::Queued(*ticket, result)
            }
            Effect::Begin(ticket, _) | Effect::Reply(ticket, ..) => Event::Step(
                *ticket,
                match outcome % 6 {
                    // The browser is opened first of all.
                    4 | 5 if asks_for_browser(std::slice::from_ref(effect)) => {
                        self.result_in_browser(effect, outcome)
                    }
                    0 | 1 => Err(self.fault(outcome / 6)),
                    2 | 3 => Ok(Step::Challenge(
                        self.asked(effect, outcome / 6),
                        Continuation {
                            session: Some(session::ChallengeSession::new("SENTINEL-session")),
                            secret: Some(AuthenticatorSecret::new("SENTINEL-SETUP")),
                            browser: self.waiting(effect, outcome / 6),
                            lapses: Some(Lapse { at: self.now.plus(LAPSE), exact: true }),
                            ..Continuation::of_account("NAME", "typed".into())
                        },
                    )),
                    4 if (outcome / 6).is_multiple_of(3) => Ok(Step::Achieved {
                        done: [Done::AccountConfirmed, Done::PasswordReset][outcome / 18 % 2],
                        session: (outcome / 36)
                            .is_multiple_of(2)
                            .then(|| session::ChallengeSession::new("SENTINEL-session")),
                    }),
                    _ => {
                        let refresh = self.new_family();
                        self.lives.insert(refresh.clone(), (issued, expires));
                        let mut established = established(self.fresh(&refresh, issued, expires));
                        if (outcome / 12).is_multiple_of(5)
                            && purpose(&self.views().1) == Some(Purpose::ProvePresence)
                        {
                            established.user.sub = "somebody-else-PERSONAL".into();
                        }
                        if (outcome / 6).is_multiple_of(2) {
                            established.device_key = Some("device-1".into());
                            established.device = Some(DeviceView::Asking);
                        }
                        if by_browser(effect) {
                            established.origin = Origin::Browser;
                        }
                        // It has used it.
                        if let Effect::Reply(_, Continuation { browser: Some(number), .. }, _) = effect {
                            self.waits.remove(number);
                        }
                        Ok(Step::Done(Box::new(established)))
                    }
                },
            ),
            Effect::Renew(ticket, request) => Event::Renewed(
                *ticket,
                match outcome % 3 {
                    0 => Err(self.fault(outcome / 3)),
                    rotates => {
                        let refresh = (rotates == 1).then(|| self.rotated(&request.refresh));
                        let kept = refresh.clone().unwrap_or_else(|| request.refresh.expose().to_owned());
                        self.lives.insert(kept, (issued, expires));
                        let fresh = self.fresh("", issued, expires);
                        Ok(Renewed {
                            access: fresh.access,
                            id: Some(fresh.id),
                            refresh: refresh.map(RefreshToken::new),
                            issued_at: issued,
                            expires_at: expires,
                            user: None,
                        })
                    }
                },
            ),
            Effect::Revoke(ticket, refresh) => {
                let result = self.done(outcome);
                if !matches!(&result, Err(fault) if fault.code.disposition() == Disposition::Retry) {
                    self.settled.insert(refresh.expose().to_owned());
                }
                Event::Revoked(*ticket, result)
            }
            Effect::SignOutEverywhere(ticket, _) => Event::SignedOutEverywhere(*ticket, self.done(outcome)),
            Effect::RememberDevice(ticket, _) => Event::DeviceRemembered(*ticket, self.done(outcome)),
            Effect::SignOutBrowser(ticket) => Event::BrowserSignedOut(*ticket, self.done(outcome)),
            Effect::Mark(ticket, change) => {
                let result = vault(outcome);
                if result.is_ok() {
                    self.marks.extend(change.add.iter().map(|token| token.expose().to_owned()));
                    self.marks.retain(|mark| change.remove.iter().all(|token| token.expose() != mark));
                }
                Event::Marked(*ticket, result)
            }
            Effect::Leave(_) => unreachable!("nothing comes of it"),
        }
    }

    /// The window is to wait for the browser.
    fn result_in_browser(&mut self, effect: &Effect, outcome: usize) -> Result<Step, Fault> {
        let continuation = Continuation {
            browser: self.waiting(effect, outcome / 6),
            lapses: Some(Lapse { at: self.now.plus(LAPSE), exact: true }),
            ..Continuation::of_account("NAME", "typed".into())
        };
        Ok(Step::Challenge(self.asked(effect, outcome / 6), continuation))
    }

    /// What the pool asks: whoever wants the browser gets it.
    fn asked(&self, effect: &Effect, outcome: usize) -> Challenge {
        if by_browser(effect) { in_browser(outcome) } else { challenge(outcome) }
    }

    /// What the pool client waits with for the browser, if it does.
    fn waiting(&mut self, effect: &Effect, outcome: usize) -> Option<u64> {
        if !matches!(self.asked(effect, outcome), Challenge::Browser { .. }) {
            return None;
        }
        let number = match effect {
            // The same address once more.
            Effect::Reply(_, Continuation { browser: Some(number), .. }, Answer::OpenAgain)
                if self.waits.contains(number) =>
            {
                *number
            }
            _ => {
                self.begun += 1;
                self.begun
            }
        };
        self.waits.insert(number);
        Some(number)
    }

    fn done(&self, outcome: usize) -> Result<(), Fault> {
        match outcome % 2 {
            0 => Err(self.fault(outcome / 2)),
            _ => Ok(()),
        }
    }

    /// What the keychain really holds, or what another process has just put there.
    fn read_again(&mut self, outcome: usize, life: i64) -> Result<Option<Stored>, VaultFault> {
        match outcome % 6 {
            0 => return Err(VAULT_FAULTS[outcome / 6 % VAULT_FAULTS.len()]),
            1 => {
                self.keychain = None;
                self.emptied = true;
            }
            2 => {
                // Another process has renewed the session that this one has; an older one would not be taken over.
                let newest = self.families.to_string();
                if let Some(refresh) =
                    self.keychain.clone().filter(|held| held != "ended" && family(held) == newest)
                {
                    let rotated = self.rotated(&RefreshToken::new(refresh));
                    // Later than whatever this process has had.
                    let latest = self.lives.values().map(|(issued, _)| *issued).max().unwrap_or(self.now);
                    let issued = latest.max(self.now).plus(Duration::from_secs(1));
                    let expires = issued.plus(Duration::from_secs(life.unsigned_abs()));
                    self.lives.insert(rotated.clone(), (issued, expires));
                    self.superseding = Some(rotated.clone());
                    self.keychain = Some(rotated);
                }
            }
            _ => {}
        }
        let Some(refresh) = self.keychain.clone().filter(|held| held != "ended") else {
            return Ok(None);
        };
        let (mut issued, expires) = self.lives[&refresh];
        if self.superseding.as_ref() != Some(&refresh) {
            // The pool's clock is not set back with this one's: what was written before is older.
            issued = self.lives.values().map(|(issued, _)| *issued).min().unwrap_or(issued);
        }
        let record = live(tokens(&refresh, issued, expires));
        Ok(Some(Stored { record, saved_at: self.now, clock_offset_ms: 0, signed_out: false }))
    }

    /// Lets one thing happen, if there is anything for it to happen to.
    fn act(&mut self, act: &Act) -> Option<Happened> {
        let event = match *act {
            Act::SignIn => Event::SignIn(Credentials {
                username: "typed-PERSONAL".into(),
                password: Some(Password::new("SENTINEL-password")),
            }),
            Act::SignInOtherwise(number) => match number % 3 {
                0 => Event::SignIn(Credentials { username: "typed-PERSONAL".into(), password: None }),
                1 => Event::SignUp(NewAccount {
                    username: "typed-PERSONAL".into(),
                    password: (number / 3).is_multiple_of(2).then(|| Password::new("SENTINEL-password")),
                    attributes: BTreeMap::new(),
                }),
                _ => Event::ForgotPassword("typed-PERSONAL".into()),
            },
            Act::AnswerOther(number) => Event::Answer(self.other_answer(number)),
            Act::ChooseAgain => Event::ChooseAgain,
            Act::RememberDevice(remember) => Event::RememberDevice(remember),
            Act::Answer => Event::Answer(Answer::NewPassword {
                password: Password::new("SENTINEL-password"),
                attributes: BTreeMap::new(),
            }),
            Act::AnswerCode => Event::Answer(Answer::Code(OneTimeCode::new("SENTINEL-code"))),
            Act::ResendCode => Event::ResendCode,
            Act::Cancel => Event::Cancel,
            Act::SignOut => Event::SignOut,
            Act::SignOutEverywhere => Event::SignOutEverywhere,
            Act::Retry => Event::Retry,
            Act::Proceed => Event::ProceedWithoutKeychain,
            Act::TokenWanted => Event::TokenWanted,
            Act::Wake => Event::Wake,
            Act::ProvePresence => Event::ProvePresence,
            Act::SpendPresence => Event::PresenceSpent,
            Act::RefuseToken => {
                let usable = self.machines.usable_token(self.now).cloned();
                self.refused = usable.or(self.refused.take());
                Event::TokenRefused(self.refused.clone()?)
            }
            Act::ChangeUser => Event::UserChanged,
            Act::DeleteAccount => Event::AccountDeleted,
            Act::DoubtAccount => Event::AccountMayBeDeleted,
            Act::SignInByBrowser(number) => Event::SignInByBrowser(BrowserWish {
                provider: number.is_multiple_of(2).then(|| "Google".into()),
                login_hint: number.is_multiple_of(3).then(|| "typed-PERSONAL".into()),
            }),
            Act::BackForAnEarlierRun => Event::BackFromBrowser,
            Act::Back(number) => {
                let brought = if number.is_multiple_of(4) { Err(self.fault(number / 4)) } else { Ok(()) };
                Event::Answer(Answer::BackFromBrowser(brought))
            }
            Act::OpenAgain => Event::Answer(Answer::OpenAgain),
            Act::Tick => Event::Tick,
            Act::TickWhenAsked => {
                self.now = self.now.max(self.machines.wake_at()?);
                Event::Tick
            }
            Act::Pass(ms) => {
                self.now = self.now.plus(Duration::from_millis(ms.unsigned_abs()));
                return None;
            }
            Act::SetBack(ms) => {
                self.now = self.now.minus(Duration::from_millis(ms.unsigned_abs()));
                return None;
            }
            Act::Deliver { which, outcome, life } => {
                // Keychain results come in order, and only by the other act.
                let others: Vec<_> = (0..self.outstanding.len())
                    .filter(|index| !is_vault(&self.outstanding[*index]))
                    .collect();
                let index = *others.get(which.checked_rem(others.len())?)?;
                self.deliver(index, outcome, life)
            }
            Act::DeliverVault { outcome, life } => {
                let index = self.outstanding.iter().position(is_vault)?;
                self.deliver(index, outcome, life)
            }
            Act::Repeat { which, outcome } => {
                let index = which.checked_rem(self.past.len())?;
                let effect = self.past[index].clone();
                let keychain = self.keychain.clone();
                let event = self.result(&effect, outcome, 3_600);
                self.keychain = keychain;
                event
            }
            Act::Stray { ticket, kind, outcome } => {
                let ticket = Ticket(1_000_000 + ticket);
                let refresh = RefreshToken::new("SENTINEL-refresh/0/0");
                match kind % 3 {
                    0 => Event::Saved(ticket, Ok(())),
                    1 => self.result(&Effect::Revoke(ticket, refresh), outcome, 3_600),
                    _ => Event::Renewed(ticket, Err(Fault::new(FaultCode::RefreshTokenRevoked))),
                }
            }
        };
        Some(self.tell(event))
    }

    /// An answer to what the window shows, mostly.
    fn other_answer(&self, number: usize) -> Answer {
        let kind = match self.machines.attempt_view() {
            AttemptView::Challenged { challenge, .. } if !number.is_multiple_of(5) => match challenge {
                Challenge::ChooseWay { .. } => 0,
                Challenge::Password { .. } => 1,
                Challenge::ChooseSecondFactor { .. } | Challenge::ChooseSetUp { .. } => 2,
                Challenge::SetUpAuthenticator { .. } => 3,
                Challenge::SetUpEmail {} => 4,
                Challenge::Custom { .. } => 5,
                Challenge::ResetPassword { .. } => 6,
                Challenge::Browser { .. } => 8,
                _ => 7,
            },
            _ => number % 9,
        };
        let (code, password) = (OneTimeCode::new("SENTINEL-code"), Password::new("SENTINEL-password"));
        match kind {
            0 => Answer::Way(WAYS[number % WAYS.len()]),
            1 => Answer::Password(password),
            2 => Answer::SecondFactor([CodeMethod::Authenticator, CodeMethod::Email][number % 2]),
            3 => Answer::Authenticator { code, device: None },
            4 => Answer::Email("mika@PERSONAL.example".into()),
            5 => Answer::Custom(CustomAnswer::new("SENTINEL-custom")),
            6 => Answer::NewPasswordByCode { code, password },
            8 if number.is_multiple_of(3) => Answer::OpenAgain,
            8 => Answer::BackFromBrowser(Ok(())),
            _ => Answer::Code(code),
        }
    }

    fn deliver(&mut self, index: usize, outcome: usize, life: i64) -> Event {
        let effect = self.outstanding.remove(index);
        let event = self.result(&effect, outcome, life);
        self.past.push(effect);
        event
    }

    fn tell(&mut self, event: Event) -> Happened {
        let wanted = matches!(&event, Event::Step(ticket, _) if self.attempt == Some(*ticket));
        if wanted || matches!(event, Event::Cancel) {
            self.attempt = None;
        }
        let before = self.views();
        let effects = self.machines.handle(event.clone(), self.now);
        for effect in &effects {
            if let Effect::Begin(ticket, _) | Effect::Reply(ticket, ..) = effect {
                self.attempt = Some(*ticket);
            }
            if let (Effect::Load(ticket, _), Event::Renewed(..)) = (effect, &event) {
                self.rereads.insert(*ticket);
            }
        }
        for effect in &effects {
            if let Effect::Leave(continuation) = effect {
                self.waits.remove(&continuation.browser.expect("a sign-in through the browser"));
            }
        }
        self.outstanding.extend(effects.iter().filter(|it| !matches!(it, Effect::Leave(_))).cloned());
        let after = self.views();
        Happened { event, effects, before, after, now: self.now, wanted }
    }

    /// Lets everything succeed until nothing is left to do.
    fn calm_down(&mut self) {
        for _ in 0..200 {
            if let Some(index) = self.outstanding.iter().position(|effect| {
                is_vault(effect)
                    || matches!(
                        effect,
                        Effect::Revoke(..)
                            | Effect::SignOutEverywhere(..)
                            | Effect::RememberDevice(..)
                            | Effect::SignOutBrowser(_)
                            | Effect::Mark(..)
                    )
            }) {
                // Success, whatever it is; a read finds nothing, which matters only before anybody is known, or, after
                // a refusal, what is there.
                let outcome = match &self.outstanding[index] {
                    Effect::Load(ticket, _) if self.rereads.contains(ticket) => 3,
                    Effect::Load(..) => 2,
                    _ => 1,
                };
                let event = self.deliver(index, outcome, 3_600);
                self.tell(event);
            } else {
                self.now = self.now.plus(Duration::from_secs(6));
                if self.tell(Event::Tick).effects.iter().all(|it| matches!(it, Effect::Renew(..))) {
                    return;
                }
            }
        }
        panic!("never calm: {:?}", self.outstanding);
    }
}

/// Whether a proof of presence has found out that the pool does not honour the session's access token.
fn is_token_refused(it: &Happened) -> bool {
    matches!(&it.event, Event::Step(_, Err(fault)) if fault.code == FaultCode::AccessTokenRevoked)
        && purpose(&it.before.1) == Some(Purpose::ProvePresence)
}

fn is_vault(effect: &Effect) -> bool {
    matches!(effect, Effect::Load(..) | Effect::Save(..) | Effect::Clear(_) | Effect::Queue(..))
}

/// What the attempt that is under way began with.
fn purpose(view: &AttemptView) -> Option<Purpose> {
    match view {
        AttemptView::Idle { .. } => None,
        AttemptView::Deciding { purpose, .. } | AttemptView::Challenged { purpose, .. } => Some(*purpose),
    }
}

/// What a pool answers that never comes to an end.
fn circling(turn: usize) -> Result<Step, Fault> {
    let number = match turn {
        0..4 => return Err(Fault::new(FaultCode::ChallengeExpired)),
        4 => return Err(Fault::new(FaultCode::UserNotConfirmed)),
        5 => return Err(Fault::new(FaultCode::AlreadyConfirmed)),
        6 => 1,
        _ => 5,
    };
    Ok(Step::Challenge(challenge(number), Continuation::of_account("NAME", "typed".into())))
}

const WAYS: [SignInWay; 4] =
    [SignInWay::Password, SignInWay::EmailCode, SignInWay::SmsCode, SignInWay::Passkey];

/// Any challenge there is.
fn challenge(number: usize) -> Challenge {
    let (username, destination, method) = ("typed".to_owned(), None, CodeMethod::Email);
    let methods = vec![CodeMethod::Authenticator, CodeMethod::Email];
    match number % 15 {
        0 => Challenge::NewPassword { username, missing_attributes: vec!["name".into()] },
        1 => code(CodeMethod::Authenticator),
        2 | 3 => code(CodeMethod::Sms),
        4 => Challenge::ChooseWay { ways: WAYS.to_vec() },
        5 => Challenge::Password { username },
        6 => Challenge::ChooseSecondFactor { methods },
        7 => Challenge::ChooseSetUp { methods },
        8 => Challenge::SetUpAuthenticator { account: username },
        9 => Challenge::SetUpEmail {},
        10 => Challenge::Custom { parameters: BTreeMap::new() },
        11 => Challenge::ConfirmAccount { username, destination, method },
        12 => Challenge::ResetPassword { username, destination, method },
        13 => in_browser(number / 15),
        _ => Challenge::Unsupported { name: "WEB_AUTHN".into() },
    }
}

fn in_browser(number: usize) -> Challenge {
    let way = [BrowserWay::Link, BrowserWay::Loopback, BrowserWay::Paste][number % 3];
    Challenge::Browser { way, provider: None, opened: number.is_multiple_of(2) }
}

/// Whether the browser is what this opens, or comes back from.
fn by_browser(effect: &Effect) -> bool {
    match effect {
        Effect::Begin(_, Beginning::Browser { .. } | Beginning::BackFromBrowser) => true,
        Effect::Reply(_, _, answer) => {
            matches!(answer, Answer::BackFromBrowser(_) | Answer::OpenAgain | Answer::Way(SignInWay::Passkey))
        }
        _ => false,
    }
}

/// Whether the pool client is to open the browser.
fn asks_for_browser(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Begin(_, Beginning::Browser { .. })))
        || asks_again(effects)
}

fn asks_again(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Reply(_, _, Answer::OpenAgain)))
}

fn code(method: CodeMethod) -> Challenge {
    Challenge::Code { method, destination: None, device: None }
}

fn held(record: &Record) -> String {
    match record {
        Record::Live(live) => live.tokens.refresh.expose().to_owned(),
        Record::Ended(_) => "ended".to_owned(),
    }
}

fn family(refresh: &str) -> &str {
    refresh.split('/').nth(1).expect("a refresh token that was made here")
}

/// The refresh token of another process that the machines have taken over from the keychain after a refusal.
fn superseding(world: &World, happened: &Happened) -> Option<String> {
    let Event::Loaded(_, Ok(Some(Stored { record, .. }))) = &happened.event else {
        return None;
    };
    let held = held(record);
    let (issued, _) = world.lives.get(&held)?;
    let uses =
        |view: &SessionView| matches!(view, SessionView::SignedIn { renewed_at, .. } if renewed_at == issued);
    let other = world.superseding.as_ref() == Some(&held);
    (other && uses(&happened.after.0) && !uses(&happened.before.0)).then_some(held)
}

/// The view without what the user may dismiss: why signing out everywhere was not done.
fn unnoticed(view: &SessionView) -> SessionView {
    let mut view = view.clone();
    if let SessionView::SignedIn { everywhere, .. } = &mut view {
        everywhere.take_if(|it| matches!(it, EverywhereView::Failed { .. }));
    }
    view
}

/// Whether the pool has ended a session with this.
fn ended_by_pool(happened: &Happened) -> Option<FaultCode> {
    match (&happened.before.0, &happened.after.0) {
        (SessionView::SignedIn { .. }, SessionView::SignedOut { ended: Some(ended), .. }) => {
            match &ended.cause {
                EndCause::ByPool { fault } => Some(fault.code),
                EndCause::ByUser { .. } | EndCause::AccountDeleted { .. } => None,
            }
        }
        _ => None,
    }
}

/// Whether the session that was shown is over.
fn ends(happened: &Happened) -> bool {
    matches!(happened.before.0, SessionView::SignedIn { .. })
        && matches!(happened.after.0, SessionView::SignedOut { .. })
}

/// Whether a step has led to a session.
fn signs_in(happened: &Happened) -> bool {
    happened.wanted
        && matches!(&happened.event, Event::Step(_, Ok(Step::Done(_))))
        && purpose(&happened.before.1) != Some(Purpose::ProvePresence)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Invariant 1. Of one session: one that is over may still have one on its way.
    #[test]
    fn at_most_one_renewal_is_outstanding(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        for act in &acts {
            world.act(act);
            let mut families = BTreeSet::new();
            for effect in &world.outstanding {
                if let Effect::Renew(_, request) = effect {
                    prop_assert!(families.insert(family(request.refresh.expose()).to_owned()));
                }
            }
        }
    }

    /// Invariant 2.
    #[test]
    fn an_abandoned_attempt_changes_nothing(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        for act in &acts {
            let Some(it) = world.act(act) else { continue };
            if matches!(it.event, Event::Step(..)) && !it.wanted {
                prop_assert_eq!(&it.before, &it.after);
                prop_assert!(
                    it.effects.iter().all(|effect| matches!(effect, Effect::Revoke(..) | Effect::Leave(_)))
                );
            }
            let of_attempt = matches!(
                it.event,
                Event::SignIn(_)
                    | Event::SignUp(_)
                    | Event::ForgotPassword(_)
                    | Event::SignInByBrowser(_)
                    | Event::BackFromBrowser
                    | Event::ProvePresence
                    | Event::Answer(_)
                    | Event::ResendCode
                    | Event::ChooseAgain
                    | Event::Cancel
                    | Event::Step(..)
            );
            // What a proof has found out of the session's token is not the attempt's to change either; the session hears it.
            if of_attempt && !signs_in(&it) && !is_token_refused(&it) {
                prop_assert_eq!(unnoticed(&it.before.0), unnoticed(&it.after.0));
                prop_assert!(!it.effects.iter().any(is_vault));
            }
        }
    }

    /// Invariant 2, the other side: tokens that nobody will use are revoked.
    #[test]
    fn the_tokens_of_an_abandoned_attempt_are_revoked(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        for act in acts.iter().filter(|act| !matches!(act, Act::Repeat { .. })) {
            let Some(it) = world.act(act) else { continue };
            if let Event::Step(_, Ok(Step::Done(done))) = &it.event && !it.wanted {
                let unwanted = done.tokens.refresh.expose();
                let revoked = it.effects.iter().any(
                    |effect| matches!(effect, Effect::Revoke(_, refresh) if refresh.expose() == unwanted),
                );
                prop_assert!(revoked);
            }
        }
    }

    /// Invariant 3. Before it is known who is signed in, there is nobody to sign out.
    #[test]
    fn nothing_is_saved_after_sign_out(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        let (mut known, mut signed_out) = (false, false);
        for act in &acts {
            let Some(it) = world.act(act) else { continue };
            known |= matches!(it.before.0, SessionView::SignedIn { .. } | SessionView::SignedOut { .. });
            let everywhere = matches!(it.event, Event::SignedOutEverywhere(..)) && ends(&it);
            let deleted = matches!(it.event, Event::AccountDeleted) && ends(&it);
            if (matches!(it.event, Event::SignOut) && known) || everywhere || deleted {
                signed_out = true;
            }
            if signs_in(&it) {
                (known, signed_out) = (true, false);
            }
            if signed_out {
                prop_assert!(!it.effects.iter().any(|effect| matches!(effect, Effect::Save(..))));
                prop_assert!(matches!(it.after.0, SessionView::SignedOut { .. }), "{:?}", it.after.0);
            }
        }
    }

    /// Invariant 4.
    #[test]
    fn a_transient_failure_never_signs_out(seed: u64, acts in acts()) {
        let mut world = World::new(seed, false);
        let mut signed_in = false;
        let ends = |act: &&Act| matches!(act, Act::SignOut | Act::SignOutEverywhere | Act::DeleteAccount);
        for act in acts.iter().filter(|act| !ends(act)) {
            let Some(it) = world.act(act) else { continue };
            signed_in |= matches!(it.after.0, SessionView::SignedIn { .. });
            if signed_in {
                prop_assert!(matches!(it.after.0, SessionView::SignedIn { .. }), "{:?}", it.after.0);
            }
        }
    }

    /// Invariant 5.
    #[test]
    fn wake_at_is_set_and_a_tick_then_makes_progress(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        for act in &acts {
            let Some(it) = world.act(act) else { continue };
            // While a session that has just begun is being saved, the window shows what was before.
            let due = |(session, attempt): &(SessionView, AttemptView)| match session {
                _ if !matches!(attempt, AttemptView::Idle { .. }) => None,
                SessionView::SignedIn { renewal: RenewalView::Due { at }, .. }
                | SessionView::SignedIn { renewal: RenewalView::Retrying { at, .. }, .. } => Some(*at),
                _ => None,
            };
            if let Some(at) = due(&it.after) {
                prop_assert!(world.machines.wake_at().is_some_and(|wake| wake <= at));
            }
            if matches!(it.event, Event::Tick) {
                prop_assert!(
                    world.machines.wake_at().is_none_or(|at| at > it.now),
                    "{:?} {:?}", world.machines.wake_at(), it.now
                );
                if due(&it.before).is_some_and(|at| at <= it.now) {
                    prop_assert!(it.effects.iter().any(|effect| matches!(effect, Effect::Renew(..))));
                }
            }
        }
    }

    /// Invariant 6. The driver keeps the order (see `driver.rs`); this is what the order is worth: whatever went
    /// wrong on the way, the keychain ends up with what it should hold.
    #[test]
    fn vault_effects_keep_their_order(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        let mut highest = Ticket(0);
        let mut newest = None;
        let mut mine = false;
        for act in acts.iter().filter(|act| !matches!(act, Act::Repeat { .. })) {
            let Some(it) = world.act(act) else { continue };
            for effect in it.effects.iter().filter(|effect| is_vault(effect)) {
                let (Effect::Load(ticket, _)
                | Effect::Save(ticket, _)
                | Effect::Clear(ticket)
                | Effect::Queue(ticket, _)) = effect
                else {
                    unreachable!("a keychain effect");
                };
                prop_assert!(*ticket > highest);
                highest = *ticket;
                mine |= matches!(effect, Effect::Save(..) | Effect::Clear(_));
            }
            if signs_in(&it) && let Event::Step(_, Ok(Step::Done(done))) = &it.event {
                newest = Some(done.tokens.refresh.expose().to_owned());
            }
            if let Some(superseding) = superseding(&world, &it) {
                newest = Some(superseding);
            }
            if let Event::Renewed(_, Ok(renewed)) = &it.event
                && let Some(refresh) = &renewed.refresh
                && newest.as_deref().is_some_and(|newest| family(newest) == family(refresh.expose()))
            {
                newest = Some(refresh.expose().to_owned());
            }
            let saves = world.outstanding.iter().filter(|effect| matches!(effect, Effect::Save(..)));
            let clears = world.outstanding.iter().filter(|effect| matches!(effect, Effect::Clear(_)));
            prop_assert!(saves.count() <= clears.count() + 1);
        }
        world.calm_down();
        match world.machines.session_view() {
            // Another process has emptied it, or renewed; that is noticed at the next refusal.
            SessionView::SignedIn { .. } if world.emptied && world.keychain.is_none() => {}
            SessionView::SignedIn { .. }
                if world.superseding.is_some() && world.keychain == world.superseding => {}
            SessionView::SignedIn { storage: Storage::Keychain, .. } if newest.is_some() && mine => {
                prop_assert_eq!(world.keychain, newest);
            }
            SessionView::SignedIn { storage, .. } => prop_assert_ne!(storage, Storage::Unsaved),
            // Another process has emptied it.
            SessionView::SignedOut { ended: Some(ended), .. }
                if world.emptied && world.keychain.is_none() && matches!(ended.cause, EndCause::ByPool { .. }) => {}
            SessionView::SignedOut { ended: Some(ended), storage: Storage::Keychain, .. } if mine => {
                let expected = matches!(ended.cause, EndCause::ByPool { .. }).then_some("ended");
                prop_assert_eq!(world.keychain.as_deref(), expected);
            }
            _ => {}
        }
    }

    /// Invariant 7. The log is searched in `driver.rs`.
    #[test]
    fn no_token_text_in_view_debug_or_json(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        for act in &acts {
            let Some(it) = world.act(act) else { continue };
            let json = serde_json::to_string(&it.after.0).unwrap() + &serde_json::to_string(&it.after.1).unwrap();
            prop_assert!(!json.contains("SENTINEL"), "{}", json);
            let debug = format!("{:?} {:?} {:?} {:?}", it.event, it.effects, it.after, world.machines);
            prop_assert!(!debug.contains("SENTINEL"), "{}", debug);
        }
    }

    /// The secret of an authenticator app is there while the app is being set up, and is in no view.
    #[test]
    fn no_secret_of_a_set_up_in_any_view(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        for act in &acts {
            let Some(it) = world.act(act) else { continue };
            let json = serde_json::to_string(&it.after.1).unwrap();
            prop_assert!(!json.contains("SENTINEL-SETUP"), "{}", json);
            let shown = match &it.after.1 {
                AttemptView::Challenged { challenge, .. } => Some(challenge),
                AttemptView::Deciding { challenge, .. } => challenge.as_ref(),
                AttemptView::Idle { .. } => None,
            };
            let sets_up = matches!(shown, Some(Challenge::SetUpAuthenticator { .. }));
            prop_assert_eq!(world.machines.authenticator_secret().is_some(), sets_up);
        }
    }

    /// A pool that goes round in circles is not followed for ever.
    #[test]
    fn one_word_of_the_person_causes_only_a_few_requests(
        seed: u64,
        turns in proptest::collection::vec(0_usize..8, 60),
    ) {
        let mut world = World::new(seed, true);
        let (mut asked, mut requests) = (None, 0);
        for turn in turns {
            let it = match asked {
                Some(ticket) => world.tell(Event::Step(ticket, circling(turn))),
                None => {
                    requests = 0;
                    let number = turn * 5 + 1;
                    let act = if turn == 0 { Act::SignIn } else { Act::AnswerOther(number) };
                    let Some(it) = world.act(&act) else { continue };
                    it
                }
            };
            asked = it.effects.iter().find_map(|effect| match effect {
                Effect::Begin(ticket, _) | Effect::Reply(ticket, ..) => Some(*ticket),
                _ => None,
            });
            requests += usize::from(asked.is_some());
            prop_assert!(requests <= 8, "{} requests", requests);
        }
    }

    /// What all of it is for.
    #[test]
    fn no_expired_token_is_ever_usable(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        for act in &acts {
            world.act(act);
            if let Some(token) = world.machines.usable_token(world.now) {
                prop_assert!(expiry_of(token) > world.now);
            }
        }
    }

    /// Rotation makes every refresh token but the newest worthless, saved or not.
    #[test]
    fn a_renewal_always_goes_by_the_newest_refresh_token(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        let mut newest = BTreeMap::new();
        for act in acts.iter().filter(|act| !matches!(act, Act::Repeat { .. })) {
            let Some(it) = world.act(act) else { continue };
            if let Event::Renewed(_, Ok(Renewed { refresh: Some(refresh), .. })) = &it.event {
                newest.insert(family(refresh.expose()).to_owned(), refresh.expose().to_owned());
            }
            if let Some(superseding) = superseding(&world, &it) {
                newest.insert(family(&superseding).to_owned(), superseding);
            }
            for effect in &it.effects {
                if let Effect::Renew(_, request) = effect {
                    let sent = request.refresh.expose();
                    prop_assert_eq!(newest.get(family(sent)).map_or(sent, String::as_str), sent);
                }
            }
        }
    }

    /// Another process may have renewed: a refusal counts only after the keychain has been read, or where there is
    /// none.
    #[test]
    fn no_refusal_ends_a_session_before_the_keychain_has_been_read(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        for act in &acts {
            let Some(it) = world.act(act) else { continue };
            if ended_by_pool(&it).is_none() {
                continue;
            }
            // In no keychain that has answered yet, so that nobody else can have it.
            let alone = !matches!(it.before.0, SessionView::SignedIn { storage: Storage::Keychain, .. });
            match &it.event {
                Event::Loaded(ticket, Ok(_)) => prop_assert!(world.rereads.contains(ticket)),
                event => prop_assert!(alone && matches!(event, Event::Renewed(..)), "{}", event.name()),
            }
        }
    }

    /// A refusal that the pool gives no reason for may be a slip of the pool's.
    #[test]
    fn a_refusal_without_a_reason_is_put_to_the_pool_twice(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        let mut refusals = 0;
        for act in acts.iter().filter(|act| !matches!(act, Act::Repeat { .. } | Act::Stray { .. })) {
            let Some(it) = world.act(act) else { continue };
            match &it.event {
                Event::Renewed(_, Err(fault)) if fault.code == FaultCode::RenewalRefused => refusals += 1,
                _ if signs_in(&it) => refusals = 0,
                _ => {}
            }
            if ended_by_pool(&it) == Some(FaultCode::RenewalRefused) {
                prop_assert!(refusals >= 2 || world.emptied, "{} refusals", refusals);
            }
        }
    }

    /// What the pool client waits with for a browser is what the attempt waits for: nothing else is kept, and nothing
    /// that is waited for is let go.
    #[test]
    fn whatever_nobody_waits_for_in_the_browser_is_left(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        for act in acts.iter().filter(|act| !matches!(act, Act::Repeat { .. })) {
            let Some(it) = world.act(act) else { continue };
            let shows = matches!(
                it.after.1,
                AttemptView::Challenged { challenge: Challenge::Browser { .. }, .. }
                    | AttemptView::Deciding { challenge: Some(Challenge::Browser { .. }), .. }
            );
            prop_assert_eq!(world.waits.len(), usize::from(shows), "{:?}", world.waits);
            // Another one begins only when the last is left.
            let leave = it.effects.iter().rposition(|effect| matches!(effect, Effect::Leave(_)));
            let begin = it.effects.iter().position(|effect| matches!(effect, Effect::Begin(..)));
            prop_assert!(leave.is_none() || begin.is_none() || leave < begin);
        }
    }

    /// Whenever the browser comes back, be it before anybody knows that it is waited for or while it is opened once more,
    /// the pool client is told to go on, or the attempt ends as the browser says.
    #[test]
    fn what_the_browser_brings_is_never_lost(
        seed: u64,
        acts in acts(),
        answers in proptest::collection::vec(0_usize..3, 1..5),
        when in 0_usize..9,
        fails: bool,
    ) {
        let mut world = World::new(seed, true);
        for act in &acts {
            world.act(act);
        }
        // No session that is still being saved covers the attempt.
        world.calm_down();
        let brought = if fails { Err(Fault::new(FaultCode::BrowserDeclined)) } else { Ok(()) };
        let back = |world: &mut World| world.tell(Event::Answer(Answer::BackFromBrowser(brought.clone()))).effects;
        let mut effects = world.act(&Act::SignInByBrowser(0)).map(|it| it.effects).unwrap_or_default();
        let (mut told, mut number) = (false, 0);
        for (turn, answer) in answers.iter().enumerate() {
            if when == 2 * turn {
                told = true;
                effects.extend(back(&mut world));
            }
            // The browser is opened, or is not, or has to be asked for anew.
            while let Some(ticket) = world.attempt.filter(|_| asks_for_browser(&effects)) {
                number += u64::from(effects.iter().any(|effect| matches!(effect, Effect::Begin(..))));
                let step = match answer {
                    1 if number > 1 || turn > 0 => Err(Fault::new(FaultCode::BrowserNotOpened)),
                    2 if asks_again(&effects) => Err(Fault::new(FaultCode::ChallengeExpired)),
                    _ => Ok(Step::Challenge(in_browser(0), Continuation {
                        browser: Some(number),
                        ..Continuation::of_account("NAME", "typed".into())
                    })),
                };
                effects = world.tell(Event::Step(ticket, step)).effects;
            }
            if when == 2 * turn + 1 && !told {
                told = true;
                effects.extend(back(&mut world));
            }
            if told {
                break;
            }
            effects = world.tell(Event::Answer(Answer::OpenAgain)).effects;
            prop_assert!(asks_for_browser(&effects), "{:?}", effects);
        }
        if !told {
            // The last one is under way.
            effects.extend(back(&mut world));
            let ticket = world.attempt.expect("an attempt");
            effects = world.tell(Event::Step(ticket, Err(Fault::new(FaultCode::Unreachable)))).effects;
        }
        let goes_on = effects.iter().any(|effect| matches!(effect, Effect::Reply(_, _, Answer::BackFromBrowser(Ok(())))));
        let ended = matches!(&world.views().1, AttemptView::Idle { fault: Some(fault), .. } if fault.code == FaultCode::BrowserDeclined);
        prop_assert_eq!((goes_on, ended), (!fails, fails));
    }

    /// A sign-in through the browser harms no session: until somebody is signed in by it, nothing of one changes.
    #[test]
    fn a_sign_in_through_the_browser_never_harms_a_session(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        for act in acts.iter().filter(|act| !matches!(act, Act::Repeat { .. })) {
            let before = world.machines.usable_token(world.now).cloned();
            let Some(it) = world.act(act) else { continue };
            let of_browser = matches!(
                it.event,
                Event::SignInByBrowser(_)
                    | Event::BackFromBrowser
                    | Event::Answer(Answer::BackFromBrowser(_) | Answer::OpenAgain)
                    | Event::BrowserSignedOut(..)
            );
            let failed =
                matches!(it.event, Event::Step(_, Err(_) | Ok(Step::Challenge(..)))) && !is_token_refused(&it);
            if of_browser || failed {
                let SessionView::SignedIn { .. } = &it.before.0 else { continue };
                prop_assert_eq!(&it.before.0, &it.after.0);
                let harms = |effect: &Effect| {
                    is_vault(effect)
                        || matches!(effect, Effect::Renew(..) | Effect::Revoke(..) | Effect::SignOutBrowser(_))
                };
                prop_assert!(!it.effects.iter().any(harms));
                let token = world.machines.usable_token(world.now).map(AccessToken::expose);
                prop_assert_eq!(token, before.as_ref().map(AccessToken::expose));
            }
        }
    }

    /// The browser is signed out for a session that began there and that its user ends, and for no other.
    #[test]
    fn the_browser_is_signed_out_of_what_began_there(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        for act in acts.iter().filter(|act| !matches!(act, Act::Repeat { .. })) {
            let Some(it) = world.act(act) else { continue };
            let sent = it.effects.iter().any(|effect| matches!(effect, Effect::SignOutBrowser(_)));
            let began_there = matches!(it.before.0, SessionView::SignedIn { origin: Origin::Browser, .. });
            let by_user = matches!(it.event, Event::SignOut | Event::SignedOutEverywhere(..)) && ends(&it);
            // What has just begun is shown only when it is saved.
            if matches!(it.before.0, SessionView::SignedIn { .. }) && matches!(it.before.1, AttemptView::Idle { .. }) {
                prop_assert_eq!(sent, by_user && began_there);
            }
            if let (true, SessionView::SignedOut { ended: Some(ended), .. }) = (ends(&it), &it.after.0)
                && let EndCause::ByUser { receipt } = &ended.cause
            {
                prop_assert_eq!(receipt.browser.as_ref(), sent.then_some(&BrowserTold::Telling));
            }
        }
    }

    /// A proof of presence is an attempt like any other, and no session.
    #[test]
    fn a_proof_of_presence_never_changes_the_session(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        for act in acts.iter().filter(|act| !matches!(act, Act::Repeat { .. })) {
            let before = (world.machines.usable_token(world.now).cloned(), world.machines.presence_until());
            let Some(it) = world.act(act) else { continue };
            let proves = purpose(&it.before.1) == Some(Purpose::ProvePresence);
            let of_attempt =
                matches!(it.event, Event::ProvePresence | Event::Answer(_) | Event::ResendCode | Event::Cancel);
            let until = world.machines.presence_until();
            if is_token_refused(&it) {
                // What it has found out is the session's to hear, and costs one renewal.
                prop_assert!(!it.effects.iter().any(is_vault) && until == before.1);
                prop_assert!(it.effects.iter().filter(|it| matches!(it, Effect::Renew(..))).count() <= 1);
            } else if proves && (of_attempt || matches!(it.event, Event::Step(..))) {
                prop_assert_eq!(unnoticed(&it.before.0), unnoticed(&it.after.0));
                prop_assert!(!it.effects.iter().any(|it| is_vault(it) || matches!(it, Effect::Renew(..))));
                let token = world.machines.usable_token(world.now).map(AccessToken::expose);
                prop_assert_eq!(token, before.0.as_ref().map(AccessToken::expose));
            }
            // Only a sign-in of the same user is a proof, and what it leaves at the pool is revoked.
            match &it.event {
                Event::Step(_, Ok(Step::Done(done))) if proves && it.wanted => {
                    let same = done.user.sub == support::user().sub;
                    prop_assert_eq!(until, if same { Some(it.now.plus(PROOF)) } else { before.1 });
                    let fault = (!same).then_some(Fault::new(FaultCode::SomebodyElse));
                    let AttemptView::Idle { fault: told, done: told_done } = &it.after.1 else {
                        return Err(TestCaseError::fail("the attempt goes on"));
                    };
                    prop_assert_eq!((told, *told_done == Some(Done::PresenceProved)), (&fault, same));
                    let refresh = done.tokens.refresh.expose();
                    let revoked = it.effects.iter().any(
                        |effect| matches!(effect, Effect::Revoke(_, revoked) if revoked.expose() == refresh),
                    );
                    prop_assert!(revoked);
                }
                _ => prop_assert!(until.is_none() || until == before.1, "{}", it.event.name()),
            }
            if matches!(it.after.0, SessionView::SignedOut { .. }) {
                prop_assert_eq!(until, None);
                prop_assert_ne!(purpose(&it.after.1), Some(Purpose::ProvePresence));
            }
        }
    }

    /// A token is refused as often as it is shown, and costs one renewal.
    #[test]
    fn a_refused_token_costs_one_renewal(seed: u64, acts in acts()) {
        let mut world = World::new(seed, true);
        let mut refused = BTreeSet::new();
        for act in &acts {
            let Some(it) = world.act(act) else { continue };
            let Event::TokenRefused(token) = &it.event else { continue };
            let renewals = it.effects.iter().filter(|effect| matches!(effect, Effect::Renew(..))).count();
            let first = refused.insert(token.expose().to_owned());
            prop_assert!(renewals <= usize::from(first), "{} renewals", renewals);
            if first {
                prop_assert!(world.machines.usable_token(world.now).is_none());
            }
            let again = world.tell(Event::TokenRefused(token.clone()));
            prop_assert!(again.effects.is_empty(), "{:?}", again.effects);
        }
    }

    /// Wherever the program is ended, the refresh token of a sign-out is in use, queued, or settled with the pool; and
    /// the next run settles it. A session that was never saved is lost with its run, signed out or not.
    #[test]
    fn a_sign_out_is_finished_by_the_next_run(seed: u64, acts in acts()) {
        let mut world = World::new(seed, false);
        world.honest = true;
        let mut signed_out = Vec::new();
        let spared =
            |act: &&Act| !matches!(act, Act::Repeat { .. } | Act::Stray { .. } | Act::Proceed | Act::DeleteAccount);
        let holds = |keychain: &Option<String>, token: &str| {
            keychain.as_deref().is_some_and(|held| held != "ended" && family(held) == family(token))
        };
        for act in acts.iter().filter(spared) {
            let Some(it) = world.act(act) else { continue };
            for effect in it.effects.iter().filter(|_| matches!(it.event, Event::SignOut)) {
                if let Effect::Queue(_, change) = effect {
                    let tokens = change.add.iter().map(|token| token.expose().to_owned());
                    signed_out.extend(tokens.filter(|token| holds(&world.keychain, token)));
                }
            }
            // More are not kept.
            prop_assume!(signed_out.len() <= 8);
            for token in &signed_out {
                let queued = world.queue.iter().any(|queued| queued.expose() == token);
                let settled = world.settled.contains(token);
                prop_assert!(holds(&world.keychain, token) || queued || settled, "{}", token);
            }
        }
        let keychain = world.keychain.clone();
        world.restart();
        world.calm_down();
        for token in signed_out {
            let goes_on = holds(&keychain, &token) && matches!(world.machines.session_view(), SessionView::SignedIn { .. });
            prop_assert!(goes_on || world.settled.contains(&token), "{}", token);
        }
        prop_assert!(world.queue.is_empty(), "{:?}", world.queue.len());
    }

    /// A keychain that cannot be told of a sign-out does not bring the session back in the next run: that is noted
    /// outside of it.
    #[test]
    fn a_session_that_was_signed_out_does_not_come_back(seed: u64, acts in acts()) {
        let mut world = World::new(seed, false);
        let mut signed_out = false;
        let spared = |act: &&Act| !matches!(act, Act::Repeat { .. } | Act::Stray { .. } | Act::Proceed);
        for act in acts.iter().filter(spared) {
            let Some(it) = world.act(act) else { continue };
            signed_out |= matches!(it.event, Event::SignOut | Event::SignedOutEverywhere(..)) && ends(&it);
            signed_out &= !signs_in(&it);
        }
        if let SessionView::SignedIn { .. } = world.machines.session_view() {
            world.act(&Act::SignOut);
            signed_out = true;
        }
        let this_run_only = matches!(
            world.machines.session_view(),
            SessionView::SignedOut { storage: Storage::ThisRunOnly, .. }
        );
        // What another process has put there is its own.
        if !signed_out || this_run_only || world.superseding.is_some() {
            return Ok(());
        }
        for _ in 0..10 {
            while let Some(index) = world.outstanding.iter().position(|it| is_vault(it) || matches!(it, Effect::Mark(..))) {
                let effect = world.outstanding.remove(index);
                let locked = VaultFault::Locked;
                let event = match effect {
                    Effect::Load(ticket, _) => Event::Loaded(ticket, Err(locked)),
                    Effect::Save(ticket, _) => Event::Saved(ticket, Err(locked)),
                    Effect::Clear(ticket) => Event::Cleared(ticket, Err(locked)),
                    Effect::Queue(ticket, _) => Event::Queued(ticket, Err(locked)),
                    effect => world.result(&effect, 1, 3_600),
                };
                world.tell(event);
            }
            world.now = world.now.plus(Duration::from_secs(6));
            world.tell(Event::Tick);
        }
        let Some(held) = world.keychain.clone().filter(|held| held != "ended") else { return Ok(()) };
        world.restart();
        let Effect::Load(ticket, _) = world.outstanding.remove(0) else { unreachable!("it begins by reading") };
        let (issued, expires) = world.lives[&held];
        let stored = Stored {
            record: live(tokens(&held, issued, expires)),
            saved_at: issued,
            clock_offset_ms: 0,
            signed_out: world.marks.contains(&held),
        };
        let it = world.tell(Event::Loaded(ticket, Ok(Some(stored))));
        prop_assert!(matches!(it.after.0, SessionView::SignedOut { .. }), "{}", held);
        let revoked = it.effects.iter().any(
            |effect| matches!(effect, Effect::Queue(_, change) if change.add.iter().any(|token| token.expose() == held)),
        );
        prop_assert!(revoked && it.effects.iter().any(|effect| matches!(effect, Effect::Clear(_))));
    }
}
