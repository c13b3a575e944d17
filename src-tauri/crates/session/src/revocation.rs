//! Refresh tokens that are to be made worthless at the pool.

use std::time::Duration;

use crate::event::{Effect, Ticket, Tickets};
use crate::fault::{Disposition, Fault, FaultCode};
use crate::secret::RefreshToken;
use crate::time::{Timestamp, Wait};
use crate::view::{PoolTold, Unfinished};

/// How often the pool is asked before the token is left to its own end.
const MOST_TRIES: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The revocations of this run that have not come to an end.
#[derive(Debug, Default)]
pub(crate) struct Revocations {
    open: Vec<Revocation>,
    /// How those that the present notice speaks of have failed.
    failed: Option<FaultCode>,
}

#[derive(Debug)]
struct Revocation {
    refresh: RefreshToken,
    tries: u32,
    stage: Stage,
    /// Whether the user is told how it ends.
    told: bool,
}

#[derive(Debug)]
enum Stage {
    Running(Ticket),
    Waiting(Wait),
}

impl Revocations {
    /// Begins one. `told`: the user has signed out and wants to know what became of it.
    pub(crate) fn begin(&mut self, refresh: RefreshToken, told: bool, tickets: &mut Tickets) -> Effect {
        let ticket = tickets.next();
        self.open.push(Revocation {
            refresh: refresh.clone(),
            tries: 1,
            stage: Stage::Running(ticket),
            told,
        });
        Effect::Revoke(ticket, refresh)
    }

    /// From now on the notice speaks of another sign-out, or of none.
    pub(crate) fn forget_notice(&mut self) {
        self.failed = None;
        for revocation in &mut self.open {
            revocation.told = false;
        }
    }

    pub(crate) fn revoked(&mut self, ticket: Ticket, result: Result<(), Fault>, now: Timestamp) {
        let Some(index) =
            self.open.iter().position(|it| matches!(it.stage, Stage::Running(running) if running == ticket))
        else {
            return;
        };
        let Err(fault) = result else {
            self.open.remove(index);
            return;
        };
        // A token that the pool does not honour any more is what was asked for.
        if matches!(
            fault.code,
            FaultCode::RefreshTokenExpired
                | FaultCode::RefreshTokenRevoked
                | FaultCode::RefreshTokenReused
                | FaultCode::UserGone
        ) {
            self.open.remove(index);
            return;
        }
        let revocation = &mut self.open[index];
        tracing::warn!(code = ?fault.code, tries = revocation.tries, "a refresh token was not revoked");
        if fault.code.disposition() == Disposition::Retry && revocation.tries < MOST_TRIES {
            revocation.stage = Stage::Waiting(Wait::new(now, FIRST_PAUSE * 2_u32.pow(revocation.tries - 1)));
        } else if self.open.remove(index).told {
            self.failed = Some(fault.code);
        }
    }

    /// Asks again where a pause is over, or everywhere when the user or the network says so.
    pub(crate) fn again(
        &mut self,
        now: Timestamp,
        at_once: bool,
        tickets: &mut Tickets,
        effects: &mut Vec<Effect>,
    ) {
        for revocation in &mut self.open {
            if let Stage::Waiting(wait) = revocation.stage
                && (at_once || wait.is_over(now))
            {
                let ticket = tickets.next();
                revocation.stage = Stage::Running(ticket);
                revocation.tries += 1;
                effects.push(Effect::Revoke(ticket, revocation.refresh.clone()));
            }
        }
    }

    /// What the notice says.
    pub(crate) fn pool_told(&self) -> PoolTold {
        if self.open.iter().any(|it| it.told) {
            return PoolTold::Telling;
        }
        self.failed.map_or(PoolTold::Revoked, |code| PoolTold::Failed { code })
    }

    /// Sign-outs that wait, apart from the one that the notice speaks of.
    pub(crate) fn unfinished(&self) -> Option<Unfinished> {
        None
    }

    pub(crate) fn wake_at(&self) -> Option<Timestamp> {
        self.open
            .iter()
            .filter_map(|it| match it.stage {
                Stage::Waiting(wait) => Some(wait.until()),
                Stage::Running(_) => None,
            })
            .min()
    }
}
