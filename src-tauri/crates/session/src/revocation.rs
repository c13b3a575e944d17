//! Refresh tokens that are to be made worthless at the pool, now or when it can be reached.
//!
//! Those of sign-outs are written into a queue in the keychain before anything else, and taken out when the pool has
//! answered: whatever happens in between, a later run goes on with them.

use std::time::Duration;

use crate::event::{Effect, Ticket, Tickets};
use crate::fault::{Fault, FaultCode};
use crate::live::CALMING;
use crate::ports::VaultFault;
use crate::queue::{QueueChange, holds};
use crate::secret::RefreshToken;
use crate::time::{Timestamp, Wait};
use crate::view::{PoolTold, Unfinished};

const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// How long the keychain has to keep a token before the pool is asked without.
const PATIENCE: Duration = Duration::from_secs(2);

/// The revocations that have not come to an end.
#[derive(Debug, Default)]
pub(crate) struct Revocations {
    open: Vec<Revocation>,
    /// What has come to an end, until the keychain has forgotten it.
    settled: Vec<Settled>,
    /// The changes of the queue that have not come back.
    changes: Vec<Ticket>,
    earlier: Earlier,
    /// How those that the present notice speaks of have failed.
    failed: Option<FaultCode>,
}

/// What earlier runs may have left in the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Earlier {
    #[default]
    Unasked,
    /// The keychain could not tell.
    Unread,
    Read,
}

#[derive(Debug)]
struct Revocation {
    refresh: RefreshToken,
    keep: Keep,
    /// The change of the queue that adds it.
    adding: Option<Ticket>,
    tries: u32,
    /// What the last try failed with.
    fault: Option<FaultCode>,
    stage: Stage,
    /// Whether the user is told how it ends.
    told: bool,
}

/// Whether the keychain holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    /// It is not worth that: nobody has signed out.
    Needless,
    /// It could not, or not yet.
    Not,
    Kept,
}

#[derive(Debug)]
enum Stage {
    /// The keychain is to have it first.
    Held(Wait),
    Running(Ticket),
    Waiting(Wait),
}

#[derive(Debug)]
struct Settled {
    refresh: RefreshToken,
    /// The change of the queue that removes it.
    removing: Option<Ticket>,
}

impl Revocations {
    /// Revokes a token that nobody will use.
    pub(crate) fn begin(&mut self, refresh: RefreshToken, told: bool, tickets: &mut Tickets) -> Effect {
        self.run(refresh, Keep::Needless, told, tickets)
    }

    /// Revokes the token of a sign-out without the keychain.
    pub(crate) fn begin_unkept(
        &mut self,
        refresh: RefreshToken,
        told: bool,
        tickets: &mut Tickets,
    ) -> Effect {
        self.run(refresh, Keep::Not, told, tickets)
    }

    fn run(&mut self, refresh: RefreshToken, keep: Keep, told: bool, tickets: &mut Tickets) -> Effect {
        let ticket = tickets.next();
        self.open.push(Revocation {
            refresh: refresh.clone(),
            keep,
            adding: None,
            tries: 1,
            fault: None,
            stage: Stage::Running(ticket),
            told,
        });
        Effect::Revoke(ticket, refresh)
    }

    /// Has the keychain keep the token of a sign-out, then revokes it. `told`: the user wants to know what became of it.
    pub(crate) fn keep(
        &mut self,
        refresh: RefreshToken,
        told: bool,
        now: Timestamp,
        tickets: &mut Tickets,
    ) -> Effect {
        let ticket = self.next_change(tickets);
        self.open.push(Revocation {
            refresh: refresh.clone(),
            keep: Keep::Not,
            adding: Some(ticket),
            tries: 0,
            fault: None,
            stage: Stage::Held(Wait::new(now, PATIENCE)),
            told,
        });
        self.change(ticket, vec![refresh])
    }

    /// Reads what earlier runs have left.
    pub(crate) fn read(&mut self, tickets: &mut Tickets) -> Effect {
        let ticket = self.next_change(tickets);
        self.change(ticket, Vec::new())
    }

    fn next_change(&mut self, tickets: &mut Tickets) -> Ticket {
        let ticket = tickets.next();
        self.changes.push(ticket);
        ticket
    }

    /// The change of the queue that adds these and removes whatever is still to be removed.
    fn change(&mut self, ticket: Ticket, add: Vec<RefreshToken>) -> Effect {
        let mut remove = Vec::new();
        for settled in self.settled.iter_mut().filter(|settled| settled.removing.is_none()) {
            settled.removing = Some(ticket);
            remove.push(settled.refresh.clone());
        }
        Effect::Queue(ticket, QueueChange { add, remove })
    }

    /// The keychain has answered. `told`: the token among these whose end the user wants to know.
    pub(crate) fn queued(
        &mut self,
        ticket: Ticket,
        result: Result<Vec<RefreshToken>, VaultFault>,
        told: Option<&RefreshToken>,
        tickets: &mut Tickets,
        effects: &mut Vec<Effect>,
    ) {
        self.changes.retain(|change| *change != ticket);
        let queue = match result {
            Ok(queue) => {
                self.earlier = Earlier::Read;
                self.settled.retain(|settled| settled.removing != Some(ticket));
                Some(queue)
            }
            Err(fault) => {
                tracing::warn!(?fault, "the queue of revocations cannot be kept");
                if self.earlier == Earlier::Unasked {
                    self.earlier = Earlier::Unread;
                }
                for settled in self.settled.iter_mut().filter(|settled| settled.removing == Some(ticket)) {
                    settled.removing = None;
                }
                None
            }
        };
        for revocation in self.open.iter_mut().filter(|it| it.adding == Some(ticket)) {
            revocation.adding = None;
            if queue.as_ref().is_some_and(|queue| holds(queue, &revocation.refresh)) {
                revocation.keep = Keep::Kept;
            }
            if matches!(revocation.stage, Stage::Held(_)) {
                effects.push(revocation.ask(tickets));
            }
        }
        for refresh in queue.into_iter().flatten() {
            let known = self.open.iter().any(|it| it.refresh.expose() == refresh.expose())
                || self.settled.iter().any(|it| it.refresh.expose() == refresh.expose());
            if !known {
                tracing::info!("a sign-out is finished that could not be before");
                let told = told.is_some_and(|told| told.expose() == refresh.expose());
                effects.push(self.run(refresh, Keep::Kept, told, tickets));
            }
        }
    }

    /// Whether this change of the queue has not come back.
    pub(crate) fn awaits(&self, ticket: Ticket) -> bool {
        self.changes.contains(&ticket)
    }

    /// From now on the notice speaks of another sign-out, or of none.
    pub(crate) fn forget_notice(&mut self) {
        self.failed = None;
        for revocation in &mut self.open {
            revocation.told = false;
        }
    }

    /// The pool has answered, or could not be reached. `keep`: whether there is a keychain.
    pub(crate) fn revoked(
        &mut self,
        ticket: Ticket,
        result: Result<(), Fault>,
        keep: bool,
        now: Timestamp,
        tickets: &mut Tickets,
    ) -> Option<Effect> {
        let index = self
            .open
            .iter()
            .position(|it| matches!(it.stage, Stage::Running(running) if running == ticket))?;
        let Err(fault) = result else {
            return self.settle(index, tickets);
        };
        // A token that the pool does not honour any more is what was asked for.
        if matches!(
            fault.code,
            FaultCode::RefreshTokenExpired
                | FaultCode::RefreshTokenRevoked
                | FaultCode::RefreshTokenReused
                | FaultCode::UserGone
        ) {
            return self.settle(index, tickets);
        }
        let revocation = &mut self.open[index];
        tracing::warn!(code = ?fault.code, tries = revocation.tries, "a refresh token was not revoked");
        if is_final(fault.code) {
            if revocation.told {
                self.failed = Some(fault.code);
            }
            return self.settle(index, tickets);
        }
        revocation.fault = Some(fault.code);
        revocation.stage = Stage::Waiting(Wait::new(now, pause(revocation.tries)));
        // By now the keychain may do what it could not before.
        if keep && revocation.keep == Keep::Not && revocation.adding.is_none() {
            let refresh = revocation.refresh.clone();
            let ticket = tickets.next();
            revocation.adding = Some(ticket);
            self.changes.push(ticket);
            return Some(self.change(ticket, vec![refresh]));
        }
        None
    }

    /// One has come to its end. The keychain is to forget it, if it has it.
    fn settle(&mut self, index: usize, tickets: &mut Tickets) -> Option<Effect> {
        let Revocation { refresh, keep, adding, .. } = self.open.remove(index);
        if keep != Keep::Kept && adding.is_none() {
            return None;
        }
        self.settled.push(Settled { refresh, removing: None });
        let ticket = self.next_change(tickets);
        Some(self.change(ticket, Vec::new()))
    }

    /// Asks where a pause is over, and where the keychain has had its time.
    pub(crate) fn tick(&mut self, now: Timestamp, tickets: &mut Tickets, effects: &mut Vec<Effect>) {
        for revocation in &mut self.open {
            if let Stage::Held(wait) | Stage::Waiting(wait) = revocation.stage
                && wait.is_over(now)
            {
                effects.push(revocation.ask(tickets));
            }
        }
    }

    /// Asks before the pauses are over: everywhere where the user wants that, and else where the network may have been
    /// the reason. `keep`: whether there is a keychain.
    pub(crate) fn hurry(
        &mut self,
        wanted: bool,
        keep: bool,
        now: Timestamp,
        tickets: &mut Tickets,
        effects: &mut Vec<Effect>,
    ) {
        for revocation in &mut self.open {
            if let Stage::Waiting(wait) = revocation.stage
                && (wanted || revocation.may_hurry(wait, now))
            {
                effects.push(revocation.ask(tickets));
            }
        }
        let behind =
            self.earlier == Earlier::Unread || self.settled.iter().any(|settled| settled.removing.is_none());
        if keep && behind && self.changes.is_empty() {
            effects.push(self.read(tickets));
        }
    }

    /// What the notice says.
    pub(crate) fn pool_told(&self) -> PoolTold {
        let told = || self.open.iter().filter(|it| it.told);
        if told().any(|it| !matches!(it.stage, Stage::Waiting(_))) {
            return PoolTold::Telling;
        }
        if let Some(code) = told().find_map(|it| it.fault) {
            return PoolTold::Waiting { code, kept: told().all(|it| it.keep == Keep::Kept) };
        }
        self.failed.map_or(PoolTold::Revoked, |code| PoolTold::Failed { code })
    }

    /// Sign-outs that the pool could not be told of yet, apart from the one that the notice speaks of.
    pub(crate) fn unfinished(&self) -> Option<Unfinished> {
        let waiting = || self.open.iter().filter(|it| it.keep != Keep::Needless && !it.told);
        let code = waiting().find_map(|it| it.fault)?;
        let count = waiting().filter(|it| it.fault.is_some()).count();
        Some(Unfinished { count: u32::try_from(count).unwrap_or(u32::MAX), code: Some(code) })
    }

    /// Whether the pool is being told of something that would be lost with this run.
    pub(crate) fn would_be_lost(&self) -> bool {
        self.open.iter().any(|it| it.keep != Keep::Kept && matches!(it.stage, Stage::Running(_)))
    }

    pub(crate) fn wake_at(&self) -> Option<Timestamp> {
        self.open
            .iter()
            .filter_map(|it| match it.stage {
                Stage::Held(wait) | Stage::Waiting(wait) => Some(wait.until()),
                Stage::Running(_) => None,
            })
            .min()
    }
}

impl Revocation {
    fn ask(&mut self, tickets: &mut Tickets) -> Effect {
        let ticket = tickets.next();
        self.stage = Stage::Running(ticket);
        self.tries = self.tries.saturating_add(1);
        Effect::Revoke(ticket, self.refresh.clone())
    }

    /// A pool that has asked for fewer requests is left alone.
    fn may_hurry(&self, wait: Wait, now: Timestamp) -> bool {
        self.fault.is_some_and(FaultCode::is_of_network)
            && (now < wait.from() || now.since(wait.from()) >= CALMING)
    }
}

/// Whether the pool will never be told by asking again. What may be mended, as a firewall or a lost client secret, or
/// is not understood, is waited for: the token would live on otherwise.
const fn is_final(code: FaultCode) -> bool {
    matches!(
        code,
        FaultCode::ClientUnknown
            | FaultCode::PoolUnknown
            | FaultCode::OperationUnavailable
            | FaultCode::ParameterRejected
    )
}

/// How long to wait after that many tries.
fn pause(tries: u32) -> Duration {
    (FIRST_PAUSE * 2_u32.pow(tries.saturating_sub(1).min(16))).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<_> = (1..=12).map(|tries| pause(tries).as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(pause(u32::MAX), LONGEST_PAUSE);
    }
}
