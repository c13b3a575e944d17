//! What the keychain is to hold, and whether it does.

use std::time::Duration;

use crate::event::{Effect, Ticket, Tickets};
use crate::ports::{MarkChange, VaultFault};
use crate::queue::holds;
use crate::record::Record;
use crate::secret::RefreshToken;
use crate::time::{Timestamp, Wait};
use crate::view::Storage;

/// How long the keychain has before tokens are used, and the user is told, without it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// How often a write that failed is tried again when nothing else causes a tick.
const AGAIN: Duration = Duration::from_secs(5);

/// The wish for what the keychain holds, and the one write that is on its way.
///
/// At most one `Save` is outstanding; when it comes back and the wish has changed meanwhile, the newest record
/// goes next. A `Clear` does not wait: effects keep their order, so it takes effect after whatever is before it.
#[derive(Debug, Default)]
pub(crate) struct Keeping {
    this_run_only: bool,
    wish: Option<Wish>,
    outstanding: Option<Outstanding>,
    patience: Option<Wait>,
    again: Option<Wait>,
    late: bool,
    held: bool,
    /// The refresh tokens of the sessions that may be in the keychain, for all that is known.
    may_hold: Vec<RefreshToken>,
    /// Those that are noted elsewhere as signed out.
    marked: Vec<RefreshToken>,
    /// Those that are being noted.
    marking: Vec<(Ticket, RefreshToken)>,
}

#[derive(Debug)]
enum Wish {
    Holds(Box<Record>),
    Empty,
}

#[derive(Debug)]
struct Outstanding {
    ticket: Ticket,
    saves: bool,
    /// The refresh token that the keychain holds after it, and no other.
    leaves: Option<RefreshToken>,
    /// Whether it carries the present wish.
    current: bool,
}

impl Keeping {
    /// From now on nothing is written: the user has chosen so, or what is there must not be replaced.
    pub(crate) fn give_up(&mut self) {
        *self = Self { this_run_only: true, ..Self::default() };
    }

    /// Holds writes back until the keychain has answered whether it may be written to at all.
    pub(crate) fn hold(&mut self) {
        self.held = true;
    }

    /// Lets writes go again.
    pub(crate) fn release(&mut self, tickets: &mut Tickets) -> Option<Effect> {
        self.held = false;
        self.emit(tickets)
    }

    /// The keychain is to hold this record from now on.
    pub(crate) fn save(&mut self, record: Record, now: Timestamp, tickets: &mut Tickets) -> Option<Effect> {
        self.wish(Wish::Holds(Box::new(record)), now, tickets)
    }

    /// The keychain is to hold nothing from now on.
    pub(crate) fn clear(&mut self, now: Timestamp, tickets: &mut Tickets) -> Option<Effect> {
        self.wish(Wish::Empty, now, tickets)
    }

    /// As [`Keeping::clear`], without waiting for the answer that writes were held back for.
    pub(crate) fn release_and_clear(&mut self, now: Timestamp, tickets: &mut Tickets) -> Option<Effect> {
        self.held = false;
        self.clear(now, tickets)
    }

    fn wish(&mut self, wish: Wish, now: Timestamp, tickets: &mut Tickets) -> Option<Effect> {
        if self.this_run_only {
            return None;
        }
        self.wish = Some(wish);
        self.again = None;
        if self.patience.is_none() {
            self.patience = Some(Wait::new(now, PATIENCE));
        }
        if let Some(outstanding) = &mut self.outstanding {
            outstanding.current = false;
        }
        self.emit(tickets)
    }

    fn emit(&mut self, tickets: &mut Tickets) -> Option<Effect> {
        if self.held {
            return None;
        }
        let wish = self.wish.as_ref()?;
        if let Some(outstanding) = &self.outstanding {
            let saves = matches!(wish, Wish::Holds(_));
            if outstanding.current || outstanding.saves == saves {
                return None;
            }
        }
        let ticket = tickets.next();
        self.again = None;
        let saves = matches!(wish, Wish::Holds(_));
        let leaves = match wish {
            Wish::Holds(record) => record.refresh().cloned(),
            Wish::Empty => None,
        };
        self.may_hold.extend(leaves.clone().filter(|token| !holds(&self.may_hold, token)));
        self.outstanding = Some(Outstanding { ticket, saves, leaves, current: true });
        Some(match wish {
            Wish::Holds(record) => Effect::Save(ticket, record.clone()),
            Wish::Empty => Effect::Clear(ticket),
        })
    }

    /// Takes in how a write ended. A write that another one has overtaken is of no interest.
    pub(crate) fn written(
        &mut self,
        ticket: Ticket,
        result: Result<(), VaultFault>,
        now: Timestamp,
        tickets: &mut Tickets,
    ) -> Option<Effect> {
        let outstanding = self.outstanding.take_if(|it| it.ticket == ticket)?;
        if result.is_ok() {
            self.may_hold = outstanding.leaves.into_iter().collect();
        }
        match result {
            Ok(()) if outstanding.current => {
                self.wish = None;
                self.patience = None;
                self.late = false;
                None
            }
            Ok(()) => self.emit(tickets),
            Err(fault) => {
                tracing::warn!(?fault, saves = outstanding.saves, "the keychain was not written");
                self.late = true;
                self.patience = None;
                // A newer version keeps its record here: replacing it would sign that version out.
                if fault == VaultFault::Newer {
                    self.give_up();
                } else {
                    self.again = Some(Wait::new(now, AGAIN));
                }
                None
            }
        }
    }

    /// Tries again what has failed, and notices when an answer takes too long.
    pub(crate) fn tick(&mut self, now: Timestamp, tickets: &mut Tickets) -> Option<Effect> {
        if self.patience.is_some_and(|wait| wait.is_over(now)) {
            self.late = true;
            self.patience = None;
        }
        if self.outstanding.is_none() && self.again.is_some() {
            return self.emit(tickets);
        }
        None
    }

    /// The keychain was read, and holds the session with this refresh token. `marked`: it is noted elsewhere as signed
    /// out.
    pub(crate) fn found(&mut self, refresh: &RefreshToken, marked: bool) {
        if !holds(&self.may_hold, refresh) {
            self.may_hold.push(refresh.clone());
        }
        if marked && !holds(&self.marked, refresh) {
            self.marked.push(refresh.clone());
        }
    }

    /// Where the keychain cannot be told that nobody is signed in, that is to be noted elsewhere, until it can.
    pub(crate) fn mark(&mut self, tickets: &mut Tickets) -> Option<Effect> {
        let missing = |of: &[RefreshToken], among: &[RefreshToken]| {
            of.iter().filter(|token| !holds(among, token)).cloned().collect::<Vec<_>>()
        };
        let add = if self.late && matches!(self.wish, Some(Wish::Empty)) {
            missing(&self.may_hold, &self.marked)
        } else {
            Vec::new()
        };
        let remove = missing(&self.marked, &self.may_hold);
        if add.is_empty() && remove.is_empty() {
            return None;
        }
        self.marked.retain(|token| !holds(&remove, token));
        self.marked.extend(add.iter().cloned());
        let ticket = tickets.next();
        self.marking.extend(add.iter().map(|token| (ticket, token.clone())));
        Some(Effect::Mark(ticket, MarkChange { add, remove }))
    }

    /// Takes in how that ended. What could not be noted is noted at the next occasion.
    pub(crate) fn was_marked(&mut self, ticket: Ticket, result: Result<(), VaultFault>) {
        let (done, left) = std::mem::take(&mut self.marking).into_iter().partition(|(it, _)| *it == ticket);
        self.marking = left;
        if let Err(fault) = result {
            tracing::warn!(?fault, "a sign-out that the keychain was not told of is noted nowhere");
            let lost: Vec<_> = done.into_iter().map(|(_, token)| token).collect();
            self.marked.retain(|token| !holds(&lost, token));
        }
    }

    /// Whether the keychain holds what it should.
    pub(crate) const fn is_settled(&self) -> bool {
        self.wish.is_none()
    }

    /// Whether a write has failed or is taking too long.
    pub(crate) const fn is_late(&self) -> bool {
        self.late
    }

    /// Whether writes wait for the keychain's first answer.
    pub(crate) const fn is_held(&self) -> bool {
        self.held
    }

    pub(crate) const fn is_this_run_only(&self) -> bool {
        self.this_run_only
    }

    /// Where a live session is kept.
    pub(crate) const fn storage(&self) -> Storage {
        if self.this_run_only {
            Storage::ThisRunOnly
        } else if self.late {
            Storage::Unsaved
        } else {
            Storage::Keychain
        }
    }

    /// Where the next session will be kept.
    pub(crate) const fn storage_of_next(&self) -> Storage {
        if self.this_run_only { Storage::ThisRunOnly } else { Storage::Keychain }
    }

    pub(crate) fn wake_at(&self) -> Option<Timestamp> {
        let again = self.again.filter(|_| self.outstanding.is_none() && !self.held);
        [again, self.patience].into_iter().flatten().map(Wait::until).min()
    }
}
