//! Before a refusal ends a session: the keychain is read, because another process may have left newer tokens there.

use super::restoring::READING;
use super::{Session, State};
use crate::event::Effect;
use crate::fault::{Fault, FaultCode};
use crate::live::Live;
use crate::ports::{Prompt, VaultFault};
use crate::record::{LiveRecord, Record, Stored};
use crate::time::{Timestamp, Wait};

/// What the keychain says about a refusal.
enum Verdict {
    /// It holds newer tokens.
    Superseded(Box<LiveRecord>, Timestamp),
    /// Nothing there says otherwise.
    Confirmed,
    /// It holds this session no more: another process has signed out, or somebody else in. What is there stays.
    Gone,
    /// It cannot be read.
    Unread,
}

impl Session {
    /// The pool has refused to renew.
    pub(super) fn refused(&mut self, refusal: Fault, now: Timestamp, effects: &mut Vec<Effect>) {
        let State::SignedIn(live) = &mut self.state else {
            return;
        };
        tracing::warn!(code = ?refusal.code, "the pool has refused to renew the session");
        let prompt = if std::mem::take(&mut self.may_prompt) { Prompt::Allowed } else { Prompt::Never };
        let reading = self.tickets.next();
        live.refused(refusal, reading, (prompt == Prompt::Never).then(|| Wait::new(now, READING)));
        if self.keeping.is_this_run_only() || self.keeping.is_held() {
            // It was never written: nobody else can know of this session.
            self.conclude(Verdict::Confirmed, now, effects);
        } else {
            effects.push(Effect::Load(reading, prompt));
        }
    }

    /// The keychain has answered.
    pub(super) fn read_again(
        &mut self,
        result: Result<Option<Stored>, VaultFault>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        if let State::SignedIn(live) = &self.state {
            let stored = self.keeping.is_settled() && !self.keeping.is_this_run_only();
            let verdict = verdict(live, stored, result);
            self.conclude(verdict, now, effects);
        }
    }

    /// Notices that the keychain does not answer.
    pub(super) fn tick_confirming(&mut self, now: Timestamp) {
        if let State::SignedIn(live) = &mut self.state
            && live.reading_is_overdue(now)
        {
            unread(live, now, &mut self.jitter);
        }
    }

    fn conclude(&mut self, verdict: Verdict, now: Timestamp, effects: &mut Vec<Effect>) {
        let State::SignedIn(live) = &mut self.state else {
            return;
        };
        let Some(refusal) = live.refusal().cloned() else {
            return;
        };
        match verdict {
            Verdict::Superseded(record, saved_at) => {
                tracing::info!("another process has left newer tokens in the keychain");
                self.keeping.found(&record.tokens.refresh, false);
                live.superseded(*record, saved_at, now, &mut self.jitter);
                let (record, due) = (live.record(), live.is_due(now));
                if !self.keeping.is_settled() {
                    // What was to be written is older than what is there.
                    effects.extend(self.keeping.save(record, now, &mut self.tickets));
                }
                if due {
                    self.renew(effects);
                }
            }
            Verdict::Confirmed => {
                if live.doubt(&refusal, now, &mut self.jitter) {
                    tracing::info!("a refusal without a reason is put to the pool once more");
                } else if live.is_account_in_doubt() && says_account_is_gone(refusal.code) {
                    self.account_deleted(now, effects);
                } else {
                    self.end(refusal, true, now, effects);
                }
            }
            Verdict::Gone => self.end(refusal, false, now, effects),
            Verdict::Unread => unread(live, now, &mut self.jitter),
        }
    }
}

/// Whether the pool may refuse so because the account is no more.
const fn says_account_is_gone(code: FaultCode) -> bool {
    matches!(code, FaultCode::UserGone | FaultCode::RefreshTokenRevoked | FaultCode::RenewalRefused)
}

/// A keychain that cannot be read may hold newer tokens, so the session goes on.
fn unread(live: &mut Live, now: Timestamp, jitter: &mut crate::renewal::Jitter) {
    tracing::warn!("the keychain cannot be read to confirm that the session is over");
    let detail = live.refusal().and_then(|refusal| refusal.detail.clone());
    live.renewal_failed(Fault { code: FaultCode::RefusalUnconfirmed, detail }, now, jitter);
}

/// `stored`: whether the keychain held this session when it was last written.
fn verdict(live: &Live, stored: bool, result: Result<Option<Stored>, VaultFault>) -> Verdict {
    match result {
        Err(_) => Verdict::Unread,
        Ok(Some(Stored { record: Record::Live(_), signed_out: true, .. })) => Verdict::Gone,
        Ok(Some(Stored { record: Record::Live(record), saved_at, .. })) => {
            let ours = live.newest();
            if record.user.sub != live.user().sub {
                if stored { Verdict::Gone } else { Verdict::Confirmed }
            } else if record.tokens.refresh.expose() != ours.refresh.expose()
                && record.tokens.issued_at > ours.issued_at
                && record.signed_in_at >= live.since()
            {
                Verdict::Superseded(Box::new(record), saved_at)
            } else {
                Verdict::Confirmed
            }
        }
        Ok(Some(Stored { record: Record::Ended(_), .. })) => Verdict::Confirmed,
        Ok(None) if stored => Verdict::Gone,
        Ok(None) => Verdict::Confirmed,
    }
}
