//! A session that is alive: its tokens, and where their renewal stands.

use std::time::Duration;

use crate::event::Ticket;
use crate::fault::{Fault, FaultCode};
use crate::keeping::PATIENCE;
use crate::record::{LiveRecord, Record};
use crate::renewal::{self, Jitter};
use crate::secret::AccessToken;
use crate::time::{Timestamp, Wait};
use crate::tokens::{Established, Origin, RenewalRequest, Renewed, Tokens, User};
use crate::view::{DeviceView, EverywhereView, RenewalView, SessionView, Storage};

/// A caller or a network coming up does not cause another try sooner than this after the last one.
pub(crate) const CALMING: Duration = Duration::from_secs(5);
/// A refusal that the pool gave no reason for is put to it once more after this, and up to twice this.
const SECOND_TRY: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Live {
    user: User,
    login: String,
    device_key: Option<String>,
    origin: Origin,
    /// What the pool holds of that device; none where it does not track devices.
    pub(crate) device: Option<DeviceStanding>,
    since: Timestamp,
    /// In use.
    tokens: Tokens,
    /// Not to be handed out although they have not expired: they come from a time that has not been yet.
    stale: bool,
    /// Newer than those in use, and waiting to be saved first.
    incoming: Option<Incoming>,
    renewal: Renewal,
    /// The access token that the pool did not honour last: it is not worth another renewal.
    refused_token: Option<AccessToken>,
    /// Whether the user's attributes have changed since a renewal was asked for.
    outdated: bool,
    /// Whether the pool may have deleted the account: the next renewal that is asked for tells.
    account_in_doubt: bool,
    /// Until when it is proved that the user is there.
    pub(crate) proof: Option<Wait>,
    /// Whether the pool has refused a renewal once without a reason, so that the next such refusal counts.
    doubted: bool,
    /// Where signing out on every device stands, if the user has asked for that.
    pub(crate) everywhere: Option<Everywhere>,
    /// What the window goes on showing until a session that has just begun is saved.
    veil: Option<Box<SessionView>>,
}

#[derive(Debug)]
struct Incoming {
    tokens: Tokens,
    use_by: Wait,
}

#[derive(Debug)]
enum Renewal {
    Due {
        at: Timestamp,
    },
    Running {
        ticket: Ticket,
        tries: u32,
        after: Option<Fault>,
    },
    Retrying {
        wait: Wait,
        tries: u32,
        fault: Fault,
    },
    /// The pool has refused. Before that counts, the keychain is read: another process may have left newer tokens.
    /// Without patience where it is a person who takes their time, at a prompt.
    Confirming {
        reading: Ticket,
        patience: Option<Wait>,
        tries: u32,
        refusal: Fault,
    },
}

/// What the pool holds of this device, and what it is being told.
#[derive(Debug)]
pub(crate) enum DeviceStanding {
    /// As far as is known.
    Known(DeviceView),
    /// The user has decided; it waits for an access token that can be used.
    Wanted { remember: bool, before: DeviceView },
    /// The pool is being told.
    Running { ticket: Ticket, remember: bool, before: DeviceView },
}

impl DeviceStanding {
    /// Until the pool has been told, what was before stands.
    fn view(&self) -> DeviceView {
        match self {
            Self::Known(view) | Self::Wanted { before: view, .. } | Self::Running { before: view, .. } => {
                view.clone()
            }
        }
    }
}

/// Where signing out on every device stands.
#[derive(Debug)]
pub(crate) enum Everywhere {
    /// It waits for an access token that can be used. `again`: the pool did not honour the last one.
    Wanted { again: bool },
    /// The pool is being asked.
    Running { ticket: Ticket, again: bool },
    /// The pool has not done it.
    Failed(Fault),
}

impl Live {
    /// A session that begins now, behind a veil that shows what was before.
    pub(crate) fn begun(
        established: Established,
        veil: Option<SessionView>,
        now: Timestamp,
        jitter: &mut Jitter,
    ) -> Self {
        let tokens = established.tokens;
        let at = renewal::due_after_arrival(tokens.issued_at, tokens.expires_at, now, jitter);
        Self {
            user: established.user,
            login: established.login,
            device_key: established.device_key,
            origin: established.origin,
            device: established.device.map(DeviceStanding::Known),
            since: now,
            tokens,
            stale: false,
            incoming: None,
            renewal: Renewal::Due { at },
            refused_token: None,
            outdated: false,
            account_in_doubt: false,
            proof: None,
            doubted: false,
            everywhere: None,
            veil: veil.map(Box::new),
        }
    }

    /// A session that an earlier run has left.
    pub(crate) fn restored(
        live: LiveRecord,
        saved_at: Timestamp,
        now: Timestamp,
        jitter: &mut Jitter,
    ) -> Self {
        // The clock was set back since: nobody knows how old these are.
        let stale = now < saved_at;
        let at =
            if stale { now } else { renewal::due(live.tokens.issued_at, live.tokens.expires_at, jitter) };
        Self {
            user: live.user,
            login: live.login,
            device_key: live.device_key,
            origin: live.origin,
            device: live.device.map(DeviceStanding::Known),
            since: live.signed_in_at,
            tokens: live.tokens,
            stale,
            incoming: None,
            renewal: Renewal::Due { at },
            refused_token: None,
            outdated: false,
            account_in_doubt: false,
            proof: None,
            doubted: false,
            everywhere: None,
            veil: None,
        }
    }

    pub(crate) fn user(&self) -> &User {
        &self.user
    }

    pub(crate) const fn since(&self) -> Timestamp {
        self.since
    }

    /// What the account is shown as.
    pub(crate) fn account(&self) -> String {
        let user = &self.user;
        user.name.as_ref().or(user.email.as_ref()).unwrap_or(&user.username).clone()
    }

    pub(crate) const fn origin(&self) -> Origin {
        self.origin
    }

    pub(crate) fn login(&self) -> &str {
        &self.login
    }

    /// The newest tokens known, whether in use yet or not: rotation has made the others worthless.
    pub(crate) fn newest(&self) -> &Tokens {
        self.incoming.as_ref().map_or(&self.tokens, |incoming| &incoming.tokens)
    }

    pub(crate) fn record(&self) -> Record {
        Record::Live(LiveRecord {
            user: self.user.clone(),
            login: self.login.clone(),
            tokens: self.newest().clone(),
            signed_in_at: self.since,
            device_key: self.device_key.clone(),
            device: self.device.as_ref().map(DeviceStanding::view),
            origin: self.origin,
        })
    }

    pub(crate) fn device_key(&self) -> Option<String> {
        self.device_key.clone()
    }

    /// Whether the token in use may be handed out, and until when.
    pub(crate) fn good_token(&self, now: Timestamp) -> Option<(&AccessToken, Timestamp)> {
        let until = renewal::good_until(self.tokens.issued_at, self.tokens.expires_at);
        (!self.stale && now < until).then_some((&self.tokens.access, until))
    }

    /// What the last renewal failed with, while nothing is under way that could bring a good token.
    pub(crate) fn failure(&self) -> Option<&Fault> {
        match &self.renewal {
            Renewal::Retrying { fault, .. } if self.incoming.is_none() => Some(fault),
            _ => None,
        }
    }

    /// The renewal that is under way.
    pub(crate) fn running(&self) -> Option<Ticket> {
        match self.renewal {
            Renewal::Running { ticket, .. } => Some(ticket),
            _ => None,
        }
    }

    /// Whether the time for a renewal has come.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        match &self.renewal {
            Renewal::Due { at } => now >= *at,
            Renewal::Retrying { wait, .. } => wait.is_over(now),
            Renewal::Running { .. } | Renewal::Confirming { .. } => false,
        }
    }

    /// Whether a caller who waits for a token is reason enough for a renewal now.
    pub(crate) fn is_wanted(&self, now: Timestamp) -> bool {
        if self.good_token(now).is_some() || self.incoming.is_some() {
            return false;
        }
        matches!(self.renewal, Renewal::Due { .. }) || self.may_hurry(now)
    }

    /// Whether a sign that the network may be back is reason enough to try again before the pause is over.
    /// A pool that has asked for fewer requests is left alone.
    pub(crate) fn may_hurry(&self, now: Timestamp) -> bool {
        match &self.renewal {
            Renewal::Retrying { wait, fault, .. } => {
                fault.code.is_of_network() && (now < wait.from() || now.since(wait.from()) >= CALMING)
            }
            _ => false,
        }
    }

    /// Whether the last renewal has failed.
    pub(crate) fn is_retrying(&self) -> bool {
        matches!(self.renewal, Renewal::Retrying { .. })
    }

    /// Whether the last renewal was refused and only the keychain can tell whether that counts.
    pub(crate) fn is_unconfirmed(&self) -> bool {
        matches!(&self.renewal, Renewal::Retrying { fault, .. } if fault.code == FaultCode::RefusalUnconfirmed)
    }

    /// Forgets how many tries have failed: the user has asked for a new beginning.
    pub(crate) fn reset_tries(&mut self) {
        if let Renewal::Retrying { tries, .. } = &mut self.renewal {
            *tries = 0;
        }
    }

    /// Sets a renewal on its way.
    pub(crate) fn renew(&mut self, ticket: Ticket) -> RenewalRequest {
        let (tries, after) = match &mut self.renewal {
            Renewal::Retrying { tries, fault, .. } => (*tries, Some(fault.clone())),
            Renewal::Due { .. } | Renewal::Running { .. } | Renewal::Confirming { .. } => (0, None),
        };
        self.renewal = Renewal::Running { ticket, tries, after };
        self.outdated = false;
        RenewalRequest {
            refresh: self.newest().refresh.clone(),
            username: self.user.username.clone(),
            device_key: self.device_key.clone(),
        }
    }

    fn tries(&self) -> u32 {
        match self.renewal {
            Renewal::Running { tries, .. } | Renewal::Confirming { tries, .. } => tries,
            Renewal::Due { .. } | Renewal::Retrying { .. } => 0,
        }
    }

    /// Takes in new tokens. They wait to be used until [`Live::adopt`]; the next renewal goes by them at once.
    pub(crate) fn renewed(&mut self, renewed: Renewed, now: Timestamp, jitter: &mut Jitter) {
        let before = self.newest();
        let tokens = Tokens {
            access: renewed.access,
            id: renewed.id.unwrap_or_else(|| before.id.clone()),
            refresh: renewed.refresh.unwrap_or_else(|| before.refresh.clone()),
            issued_at: renewed.issued_at,
            expires_at: renewed.expires_at,
        };
        let (issued, expires) = (tokens.issued_at, tokens.expires_at);
        self.renewal = if now < renewal::good_until(issued, expires) {
            let at = renewal::due_after_arrival(issued, expires, now, jitter);
            Renewal::Due { at: if self.outdated { now } else { at } }
        } else {
            // Asking again at once would bring the same, for ever.
            let tries = self.tries().saturating_add(1);
            Renewal::Retrying {
                wait: Wait::new(now, renewal::delay(FaultCode::PoolTrouble, tries, jitter)),
                tries,
                fault: Fault::with_detail(FaultCode::AnswerUnusable, "the tokens had expired on arrival"),
            }
        };
        self.doubted = false;
        // One that was asked for earlier tells nothing.
        self.account_in_doubt &= self.outdated;
        if let Some(user) = renewed.user {
            self.user = user;
        }
        self.incoming = Some(Incoming {
            tokens,
            // Tokens that live for seconds would be spent by waiting for the keychain.
            use_by: Wait::new(now, PATIENCE.min(expires.since(issued) / 10)),
        });
    }

    /// Takes in that a renewal has failed and that the session goes on.
    pub(crate) fn renewal_failed(&mut self, fault: Fault, now: Timestamp, jitter: &mut Jitter) {
        let tries = self.tries().saturating_add(1);
        let tokens = self.newest();
        let life = (tokens.issued_at, tokens.expires_at);
        let at = renewal::retry_at(fault.code, tries, life, now, jitter);
        self.renewal = Renewal::Retrying { wait: Wait::until_moment(now, at), tries, fault };
    }

    /// Takes in that the pool has refused to renew, and that the keychain is being read to see whether that counts.
    pub(crate) fn refused(&mut self, refusal: Fault, reading: Ticket, patience: Option<Wait>) {
        self.renewal = Renewal::Confirming { reading, patience, tries: self.tries(), refusal };
    }

    /// The reading of the keychain that a refusal waits for.
    pub(crate) fn reading(&self) -> Option<Ticket> {
        match self.renewal {
            Renewal::Confirming { reading, .. } => Some(reading),
            _ => None,
        }
    }

    /// Whether that reading takes too long.
    pub(crate) fn reading_is_overdue(&self, now: Timestamp) -> bool {
        matches!(&self.renewal, Renewal::Confirming { patience: Some(wait), .. } if wait.is_over(now))
    }

    /// The refusal that waits for it.
    pub(crate) fn refusal(&self) -> Option<&Fault> {
        match &self.renewal {
            Renewal::Confirming { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// Lets a refusal without a reason pass once. Whether it did: the next one counts.
    pub(crate) fn doubt(&mut self, refusal: &Fault, now: Timestamp, jitter: &mut Jitter) -> bool {
        if self.doubted || refusal.code != FaultCode::RenewalRefused {
            return false;
        }
        self.doubted = true;
        let wait = Wait::new(now, SECOND_TRY + jitter.up_to(SECOND_TRY));
        self.renewal = Renewal::Retrying { wait, tries: self.tries() + 1, fault: refusal.clone() };
        true
    }

    /// Takes over the tokens that another process has left in the keychain.
    pub(crate) fn superseded(
        &mut self,
        record: LiveRecord,
        saved_at: Timestamp,
        now: Timestamp,
        jitter: &mut Jitter,
    ) {
        let (everywhere, device) = (self.everywhere.take(), self.device.take());
        let (refused_token, outdated) = (self.refused_token.take(), self.outdated);
        let account_in_doubt = self.account_in_doubt;
        // Of the same session, and not of one that another process has begun since.
        let proof = self.proof.filter(|_| record.signed_in_at == self.since);
        let mut restored = Self::restored(record, saved_at, now, jitter);
        // What is being told goes on; the answer has to find it.
        let device =
            device.filter(|it| !matches!(it, DeviceStanding::Known(_))).or_else(|| restored.device.take());
        *self = Self { everywhere, device, refused_token, outdated, account_in_doubt, proof, ..restored };
        if outdated || account_in_doubt {
            self.outdate(now);
        }
    }

    /// Stops using an access token that the pool does not honour, and has it renewed.
    pub(crate) fn distrust(&mut self, now: Timestamp) {
        self.refused_token = Some(self.tokens.access.clone());
        self.stale = true;
        if let Renewal::Due { at } = &mut self.renewal {
            *at = now;
        }
    }

    /// Takes in that the pool does not honour an access token. Whether that is reason for a renewal: it is the one in
    /// use, no newer one is waiting, and it was not refused before.
    pub(crate) fn token_refused(&mut self, token: &AccessToken, now: Timestamp) -> bool {
        let is_refused = |other: &AccessToken| other.expose() == token.expose();
        if !is_refused(&self.tokens.access) || self.refused_token.as_ref().is_some_and(is_refused) {
            return false;
        }
        if self.incoming.is_some() {
            self.refused_token = Some(token.clone());
            self.stale = true;
            return false;
        }
        self.distrust(now);
        true
    }

    /// Takes in that the user's attributes have changed: what is known of them comes with the next renewal that has not
    /// been asked for yet.
    pub(crate) fn outdate(&mut self, now: Timestamp) {
        self.outdated = true;
        if let Renewal::Due { at } = &mut self.renewal {
            *at = now.min(*at);
        }
    }

    /// Takes in that the account may be no more. The next renewal tells.
    pub(crate) fn doubt_account(&mut self, now: Timestamp) {
        self.account_in_doubt = true;
        self.outdate(now);
    }

    /// Whether the pool may have deleted the account.
    pub(crate) const fn is_account_in_doubt(&self) -> bool {
        self.account_in_doubt
    }

    /// Uses what has come in, when it is saved or cannot wait any longer, and lifts the veil.
    pub(crate) fn adopt(&mut self, saved: bool, late: bool, now: Timestamp) {
        if saved || late {
            self.veil = None;
        }
        if let Some(incoming) =
            self.incoming.take_if(|incoming| saved || late || incoming.use_by.is_over(now))
        {
            self.tokens = incoming.tokens;
            self.stale = false;
        }
    }

    /// Whether the window still shows what was before.
    pub(crate) fn is_veiled(&self) -> bool {
        self.veil.is_some()
    }

    pub(crate) fn wake_at(&self) -> Option<Timestamp> {
        let renewal = match &self.renewal {
            Renewal::Due { at } => Some(*at),
            Renewal::Retrying { wait, .. } => Some(wait.until()),
            Renewal::Running { .. } => None,
            Renewal::Confirming { patience, .. } => patience.map(Wait::until),
        };
        let incoming = self.incoming.as_ref().map(|incoming| incoming.use_by.until());
        renewal.into_iter().chain(incoming).chain(self.proof.map(Wait::until)).min()
    }

    pub(crate) fn view(&self, storage: Storage) -> SessionView {
        if let Some(veil) = &self.veil {
            return (**veil).clone();
        }
        SessionView::SignedIn {
            user: self.user.clone(),
            since: self.since,
            renewed_at: self.tokens.issued_at,
            expires_at: self.tokens.expires_at,
            renewal: match &self.renewal {
                Renewal::Due { at } => RenewalView::Due { at: *at },
                Renewal::Running { after, .. } => RenewalView::Running { after: after.clone() },
                Renewal::Confirming { .. } => RenewalView::Running { after: None },
                Renewal::Retrying { wait, tries, fault } => {
                    RenewalView::Retrying { at: wait.until(), tries: *tries, fault: fault.clone() }
                }
            },
            storage,
            everywhere: self.everywhere.as_ref().map(|everywhere| match everywhere {
                Everywhere::Wanted { .. } | Everywhere::Running { .. } => EverywhereView::Running,
                Everywhere::Failed(fault) => EverywhereView::Failed { fault: fault.clone() },
            }),
            device: self.device.as_ref().map(DeviceStanding::view),
            origin: self.origin,
        }
    }
}
