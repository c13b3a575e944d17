//! The session machine: one account, from reading the keychain to signing out.

mod confirming;
mod device;
mod everywhere;
mod presence;
mod restoring;

pub(crate) use presence::Present;
use restoring::{Loading, asks_again};

use crate::event::{Effect, Ticket, Tickets};
use crate::fault::Fault;
use crate::keeping::Keeping;
use crate::live::Live;
use crate::ports::{Prompt, VaultFault};
use crate::queue::holds;
use crate::record::{EndedRecord, Record};
use crate::renewal::Jitter;
use crate::revocation::Revocations;
use crate::secret::{AccessToken, RefreshToken};
use crate::time::{Timestamp, Wait};
use crate::tokens::{Established, Origin, Renewed};
use crate::view::{BrowserTold, EndCause, Ended, PoolTold, Receipt, SessionView, UnavailableCause};

/// The session machine.
#[derive(Debug)]
pub(crate) struct Session {
    state: State,
    load: Option<Loading>,
    keeping: Keeping,
    revocations: Revocations,
    orphans: Vec<Orphan>,
    /// The next reading of the keychain may bring the system's prompt: the user has asked for a new try.
    may_prompt: bool,
    tickets: Tickets,
    jitter: Jitter,
}

#[derive(Debug)]
enum State {
    Restoring,
    Unavailable { cause: UnavailableCause, ask_again: Wait },
    SignedOut { ended: Option<(Timestamp, How)>, login: Option<String> },
    SignedIn(Box<Live>),
}

/// How a session ended.
#[derive(Debug)]
enum How {
    ByUser(Farewell),
    ByPool(Fault),
    Deleted { account: String },
}

/// What a session was that its user has ended.
#[derive(Debug)]
struct Farewell {
    account: String,
    everywhere: bool,
    since: Timestamp,
    access_until: Timestamp,
    providers: Vec<String>,
    /// The browser on its way to sign out as well.
    browser: Option<(Ticket, BrowserTold)>,
}

/// A renewal whose session is over. What it brings is revoked, since nobody will use it.
#[derive(Debug)]
struct Orphan {
    ticket: Ticket,
    /// Whether the notice waits for it.
    told: bool,
    /// Whether it is that of a sign-out, which the keychain is to keep in mind.
    keep: bool,
}

/// What a caller who wants a token gets.
pub(crate) enum Access<'a> {
    /// A token, and until when it may be handed out.
    Good(&'a AccessToken, Timestamp),
    /// It is worth waiting.
    Pending,
    /// Nobody is signed in.
    SignedOut,
    /// Nobody knows whether somebody is.
    Unavailable,
    /// The last renewal failed and the next one is not due yet.
    Failed(&'a Fault),
}

impl Session {
    /// A machine that begins by reading the keychain.
    pub(crate) fn new(seed: u64, now: Timestamp) -> (Self, Vec<Effect>) {
        let mut session = Self {
            state: State::Restoring,
            load: None,
            keeping: Keeping::default(),
            revocations: Revocations::default(),
            orphans: Vec::new(),
            may_prompt: false,
            tickets: Tickets::default(),
            jitter: Jitter::new(seed),
        };
        let load = session.ask(Prompt::Never, now);
        (session, vec![load])
    }

    /// An attempt has succeeded. Replaces the session that was, if any.
    pub(crate) fn established(
        &mut self,
        established: Established,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let veil = (!self.keeping.is_this_run_only()).then(|| self.view());
        match &self.state {
            State::SignedIn(old) => {
                // As a sign-out: the pool may be out of reach, and the token would live on.
                let refresh = old.newest().refresh.clone();
                self.orphan_renewal(false, true);
                effects.push(self.revoke_signed_out(refresh, false, now));
            }
            State::Unavailable { cause: UnavailableCause::Newer, .. } => self.keeping.give_up(),
            // What the keychain answers decides whether it may be written to.
            State::Restoring | State::Unavailable { .. } if self.load.is_some() => self.keeping.hold(),
            State::Restoring | State::Unavailable { .. } | State::SignedOut { .. } => {}
        }
        self.revocations.forget_notice();
        for orphan in &mut self.orphans {
            orphan.told = false;
        }
        let veil = veil.filter(|_| !self.keeping.is_this_run_only());
        let live = Live::begun(established, veil, now, &mut self.jitter);
        effects.extend(self.keeping.save(live.record(), now, &mut self.tickets));
        self.state = State::SignedIn(Box::new(live));
        tracing::info!(storage = ?self.keeping.storage(), "signed in");
        self.settle(now);
    }

    /// A refresh token has come that nobody will use.
    pub(crate) fn discard(&mut self, refresh: RefreshToken, effects: &mut Vec<Effect>) {
        effects.push(self.revocations.begin(refresh, false, &mut self.tickets));
    }

    /// The user signs out. Before it is known who is signed in, that is nobody yet and nothing happens.
    pub(crate) fn sign_out(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        match &mut self.state {
            State::Restoring | State::Unavailable { .. } => {
                tracing::debug!("sign-out ignored: nobody knows yet who is signed in");
            }
            State::SignedOut { ended, .. } => {
                // What is left of the last session goes as well: the notice, and the record that keeps it.
                if let Some((_, How::ByPool(_))) = ended {
                    *ended = None;
                    effects.extend(self.keeping.clear(now, &mut self.tickets));
                }
            }
            State::SignedIn(live) => {
                let browser = live.origin() == Origin::Browser;
                self.end_by_user(false, browser, now, effects);
            }
        }
    }

    /// The session is over because the user wants that. `browser`: the browser is to sign out as well.
    fn end_by_user(&mut self, everywhere: bool, browser: bool, now: Timestamp, effects: &mut Vec<Effect>) {
        let State::SignedIn(live) = &self.state else {
            return;
        };
        let refresh = live.newest().refresh.clone();
        self.revocations.forget_notice();
        if !everywhere {
            // Before anything else: wherever this is interrupted, the token is in the one place or the other.
            effects.push(self.revoke_signed_out(refresh, true, now));
        }
        self.bid_farewell(everywhere, browser, now, effects);
        tracing::info!(everywhere, "signed out by the user");
    }

    /// Revokes the refresh token of a sign-out, by way of the keychain where there is one.
    fn revoke_signed_out(&mut self, refresh: RefreshToken, told: bool, now: Timestamp) -> Effect {
        if self.keeping.is_this_run_only() {
            self.revocations.begin_unkept(refresh, told, &mut self.tickets)
        } else {
            self.revocations.keep(refresh, told, now, &mut self.tickets)
        }
    }

    /// Ends the session here, with a receipt.
    fn bid_farewell(&mut self, everywhere: bool, browser: bool, now: Timestamp, effects: &mut Vec<Effect>) {
        let State::SignedIn(live) = &self.state else {
            return;
        };
        let browser = browser.then(|| self.tickets.next());
        let farewell = Farewell {
            account: live.account(),
            everywhere,
            since: live.since(),
            access_until: live.newest().expires_at,
            providers: live.user().providers.clone(),
            browser: browser.map(|ticket| (ticket, BrowserTold::Telling)),
        };
        self.orphan_renewal(true, !everywhere);
        self.leave(How::ByUser(farewell), now, effects);
        effects.extend(browser.map(Effect::SignOutBrowser));
    }

    /// The pool has deleted the account of whoever is signed in.
    pub(crate) fn account_deleted(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let State::SignedIn(live) = &self.state else {
            tracing::debug!("nobody is signed in whose account could have been deleted");
            return;
        };
        let account = live.account();
        self.orphan_renewal(false, false);
        self.revocations.forget_notice();
        self.leave(How::Deleted { account }, now, effects);
        tracing::info!("the account was deleted");
    }

    /// The pool was asked to delete the account, and its answer was lost.
    pub(crate) fn account_may_be_deleted(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        if let State::SignedIn(live) = &mut self.state {
            tracing::warn!("nobody knows whether the account is deleted: renewing to see");
            live.doubt_account(now);
            self.renew(effects);
        }
    }

    /// The browser has come back from signing out, or has not.
    pub(crate) fn browser_signed_out(&mut self, ticket: Ticket, result: Result<(), Fault>) {
        if let State::SignedOut { ended: Some((_, How::ByUser(farewell))), .. } = &mut self.state
            && let Some((awaited, told)) = &mut farewell.browser
            && *awaited == ticket
        {
            *told = match result {
                Ok(()) => BrowserTold::Ended,
                Err(fault) => {
                    tracing::warn!(code = ?fault.code, "the browser may still be signed in");
                    BrowserTold::Failed { code: fault.code }
                }
            };
        }
    }

    /// Leaves nothing of the session here.
    fn leave(&mut self, how: How, now: Timestamp, effects: &mut Vec<Effect>) {
        // A keychain that still holds this session back is not needed to end it. What it answers in the end is looked at
        // all the same: the session that it holds goes as well.
        effects.extend(self.keeping.release_and_clear(now, &mut self.tickets));
        effects.extend(self.keeping.mark(&mut self.tickets));
        self.state = State::SignedOut { ended: Some((now, how)), login: None };
    }

    /// The user wants what waits to be tried now.
    pub(crate) fn retry(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        match &mut self.state {
            State::Restoring | State::Unavailable { .. } => match &mut self.load {
                Some(load) => load.prompt_next(),
                None => effects.push(self.ask(Prompt::Allowed, now)),
            },
            State::SignedOut { .. } => {}
            State::SignedIn(live) => {
                live.reset_tries();
                if live.is_retrying() {
                    // Whoever tries again for another reason has not asked for the keychain.
                    self.may_prompt = live.is_unconfirmed();
                    self.renew(effects);
                }
            }
        }
        self.hurry_revocations(true, now, effects);
        effects.extend(self.keeping.tick(now, &mut self.tickets));
        self.settle(now);
    }

    fn hurry_revocations(&mut self, wanted: bool, now: Timestamp, effects: &mut Vec<Effect>) {
        let keep = !self.keeping.is_this_run_only();
        self.revocations.hurry(wanted, keep, now, &mut self.tickets, effects);
    }

    /// The user goes on without a keychain that cannot tell. One that holds a record which makes no sense is
    /// replaced by signing in instead.
    pub(crate) fn proceed_without_keychain(&mut self) {
        match &self.state {
            State::Unavailable { cause, .. } if *cause != UnavailableCause::Corrupt => {
                tracing::info!(?cause, "going on without a keychain");
                self.load = None;
                self.keeping.give_up();
                self.state = State::SignedOut { ended: None, login: None };
            }
            _ => tracing::debug!("going on without a keychain: not asked for"),
        }
    }

    /// A caller wants a token and the one at hand is not good.
    pub(crate) fn token_wanted(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.settle(now);
        if matches!(&self.state, State::SignedIn(live) if live.is_wanted(now)) {
            self.renew(effects);
        }
    }

    /// The pool did not honour an access token.
    pub(crate) fn token_refused(&mut self, token: &AccessToken, now: Timestamp, effects: &mut Vec<Effect>) {
        if let State::SignedIn(live) = &mut self.state
            && live.token_refused(token, now)
        {
            tracing::warn!("the access token in use is not honoured any more");
            self.renew(effects);
        }
    }

    /// The user's attributes have changed.
    pub(crate) fn user_changed(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        if let State::SignedIn(live) = &mut self.state {
            live.outdate(now);
            if live.is_due(now) {
                self.renew(effects);
            }
        }
    }

    /// A good moment to try again.
    pub(crate) fn wake(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        if matches!(&self.state, State::SignedIn(live) if live.may_hurry(now)) {
            self.renew(effects);
        }
        self.hurry_revocations(false, now, effects);
        self.tick(now, effects);
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.tick_load(now, effects);
        self.tick_confirming(now);
        self.tick_presence(now);
        effects.extend(self.keeping.tick(now, &mut self.tickets));
        effects.extend(self.keeping.mark(&mut self.tickets));
        self.revocations.tick(now, &mut self.tickets, effects);
        self.settle(now);
        if matches!(&self.state, State::SignedIn(live) if live.is_due(now)) {
            self.renew(effects);
        }
    }

    /// A write to the keychain has come to its end, the one or the other way.
    pub(crate) fn written(
        &mut self,
        ticket: Ticket,
        result: Result<(), VaultFault>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        effects.extend(self.keeping.written(ticket, result, now, &mut self.tickets));
        effects.extend(self.keeping.mark(&mut self.tickets));
        self.settle(now);
    }

    /// It is noted outside the keychain which of its sessions are signed out, or could not be.
    pub(crate) fn was_marked(&mut self, ticket: Ticket, result: Result<(), VaultFault>) {
        self.keeping.was_marked(ticket, result);
    }

    /// A revocation has come to its end.
    pub(crate) fn revoked(
        &mut self,
        ticket: Ticket,
        result: Result<(), Fault>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let keep = !self.keeping.is_this_run_only();
        effects.extend(self.revocations.revoked(ticket, result, keep, now, &mut self.tickets));
    }

    /// The keychain's queue of revocations has been changed, or could not be.
    pub(crate) fn queued(
        &mut self,
        ticket: Ticket,
        result: Result<Vec<RefreshToken>, VaultFault>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        if !self.revocations.awaits(ticket) {
            return;
        }
        let in_use = match (&self.state, &result) {
            (State::SignedIn(live), Ok(queue)) if holds(queue, &live.newest().refresh) => {
                Some(live.newest().refresh.clone())
            }
            _ => None,
        };
        if in_use.is_some() {
            // It was interrupted before the session was cleared.
            tracing::info!("a sign-out of an earlier run goes on");
            self.revocations.forget_notice();
            self.bid_farewell(false, false, now, effects);
        }
        self.revocations.queued(ticket, result, in_use.as_ref(), &mut self.tickets, effects);
    }

    /// Whether the pool is being told of something that would be lost with this run.
    pub(crate) fn revocation_would_be_lost(&self) -> bool {
        self.revocations.would_be_lost()
    }

    /// A renewal has come to its end.
    pub(crate) fn renewed(
        &mut self,
        ticket: Ticket,
        result: Result<Renewed, Fault>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(index) = self.orphans.iter().position(|it| it.ticket == ticket) {
            let orphan = self.orphans.remove(index);
            if let Ok(Renewed { refresh: Some(refresh), .. }) = result {
                effects.push(if orphan.keep {
                    self.revoke_signed_out(refresh, orphan.told, now)
                } else {
                    self.revocations.begin(refresh, orphan.told, &mut self.tickets)
                });
            }
            return;
        }
        let State::SignedIn(live) = &mut self.state else {
            return;
        };
        if live.running() != Some(ticket) {
            return;
        }
        match result {
            Ok(renewed) => {
                tracing::info!("tokens renewed");
                self.may_prompt = false;
                live.renewed(renewed, now, &mut self.jitter);
                let (record, due) = (live.record(), live.is_due(now));
                effects.extend(self.keeping.save(record, now, &mut self.tickets));
                self.settle(now);
                if due {
                    self.renew(effects);
                }
            }
            Err(fault) if fault.code.ends_session() => self.refused(fault, now, effects),
            Err(fault) => {
                tracing::warn!(code = ?fault.code, "the tokens were not renewed; the session goes on");
                self.may_prompt = false;
                live.renewal_failed(fault, now, &mut self.jitter);
            }
        }
    }

    /// The pool has ended the session. `keep`: whether the keychain is to say so to the next run.
    fn end(&mut self, fault: Fault, keep: bool, now: Timestamp, effects: &mut Vec<Effect>) {
        let State::SignedIn(live) = &self.state else {
            return;
        };
        tracing::warn!(code = ?fault.code, "the pool has ended the session");
        let login = live.login().to_owned();
        if keep {
            let sub = live.user().sub.clone();
            let ended = EndedRecord { sub, login: login.clone(), at: now, fault: fault.clone() };
            effects.extend(self.keeping.save(Record::Ended(ended), now, &mut self.tickets));
        }
        self.state = State::SignedOut { ended: Some((now, How::ByPool(fault))), login: Some(login) };
    }

    fn renew(&mut self, effects: &mut Vec<Effect>) {
        if let State::SignedIn(live) = &mut self.state
            && live.running().is_none()
            && live.reading().is_none()
        {
            let ticket = self.tickets.next();
            effects.push(Effect::Renew(ticket, live.renew(ticket)));
        }
    }

    /// The session that the renewal under way belongs to is over, or about to be.
    fn orphan_renewal(&mut self, told: bool, keep: bool) {
        if let State::SignedIn(live) = &self.state
            && let Some(ticket) = live.running()
        {
            self.orphans.push(Orphan { ticket, told, keep });
        }
    }

    /// Uses tokens that are saved, or that the keychain has had its time for.
    fn settle(&mut self, now: Timestamp) {
        if let State::SignedIn(live) = &mut self.state {
            live.adopt(self.keeping.is_settled(), self.keeping.is_late(), now);
        }
    }

    /// What a caller who wants a token gets.
    pub(crate) fn access(&self, now: Timestamp) -> Access<'_> {
        match &self.state {
            State::Restoring => Access::Pending,
            State::Unavailable { .. } => Access::Unavailable,
            State::SignedOut { .. } => Access::SignedOut,
            State::SignedIn(live) => match (live.good_token(now), live.failure()) {
                (Some((token, until)), _) => Access::Good(token, until),
                (None, Some(fault)) => Access::Failed(fault),
                (None, None) => Access::Pending,
            },
        }
    }

    /// Whether a session has begun that the window does not show yet, because it is still being saved.
    pub(crate) fn is_veiled(&self) -> bool {
        matches!(&self.state, State::SignedIn(live) if live.is_veiled())
    }

    /// When the next tick is needed.
    pub(crate) fn wake_at(&self) -> Option<Timestamp> {
        [self.own_wake_at(), self.revocations.wake_at()].into_iter().flatten().min()
    }

    /// Whether only revocations wait for a tick, which may come late.
    pub(crate) fn is_idle(&self) -> bool {
        self.own_wake_at().is_none()
    }

    fn own_wake_at(&self) -> Option<Timestamp> {
        let load = self.load.as_ref().and_then(Loading::wake_at);
        let state = match &self.state {
            State::Unavailable { cause, ask_again } if self.load.is_none() && asks_again(*cause) => {
                Some(ask_again.until())
            }
            State::SignedIn(live) => live.wake_at(),
            _ => None,
        };
        [load, state, self.keeping.wake_at()].into_iter().flatten().min()
    }

    /// What the window shows.
    pub(crate) fn view(&self) -> SessionView {
        match &self.state {
            State::Restoring => SessionView::Restoring,
            State::Unavailable { cause, .. } => SessionView::Unavailable {
                cause: *cause,
                asking: self.load.as_ref().is_some_and(Loading::is_noticed),
            },
            State::SignedOut { ended, login } => SessionView::SignedOut {
                ended: ended.as_ref().map(|(at, how)| Ended { at: *at, cause: self.end_cause(how) }),
                login: login.clone(),
                storage: self.keeping.storage_of_next(),
                unfinished: self.revocations.unfinished(),
            },
            State::SignedIn(live) => live.view(self.keeping.storage()),
        }
    }

    fn end_cause(&self, how: &How) -> EndCause {
        match how {
            How::ByPool(fault) => EndCause::ByPool { fault: fault.clone() },
            How::ByUser(farewell) => EndCause::ByUser {
                receipt: Receipt {
                    account: farewell.account.clone(),
                    everywhere: farewell.everywhere,
                    pool: if self.orphans.iter().any(|orphan| orphan.told) {
                        PoolTold::Telling
                    } else {
                        self.revocations.pool_told()
                    },
                    keychain_cleared: self.keeping.is_settled(),
                    since: farewell.since,
                    access_token_until: farewell.access_until,
                    browser: farewell.browser.as_ref().map(|(_, told)| told.clone()),
                    providers: farewell.providers.clone(),
                },
            },
            How::Deleted { account } => EndCause::AccountDeleted {
                account: account.clone(),
                keychain_cleared: self.keeping.is_settled(),
            },
        }
    }
}
