//! Sessions that survive: two sans-IO state machines and the one task that drives them.
//!
//! No HTTP, no keychain, no window: those are behind [`Pool`] and [`Vault`]. [`start`] gives a [`Handle`], which is
//! all that the rest of the program needs; [`Machines`] is what is inside, for tests.

mod attempt;
mod challenge;
mod driver;
mod event;
mod fault;
mod handle;
mod keeping;
mod live;
mod machines;
mod ports;
mod record;
mod renewal;
mod revocation;
mod secret;
mod session;
mod time;
mod tokens;
mod view;
mod work;

pub use challenge::{Answer, Challenge, CodeMethod, Continuation, Credentials, Step};
pub use driver::start;
pub use event::{Effect, Event, Ticket};
pub use fault::{Disposition, Fault, FaultCode};
pub use handle::{Handle, TokenError};
pub use machines::Machines;
pub use ports::{Pool, Prompt, Vault, VaultFault};
pub use record::{EndedRecord, LiveRecord, Record, Stored, Unreadable};
pub use secret::{AccessToken, ChallengeSession, ClientSecret, IdToken, OneTimeCode, Password, RefreshToken};
pub use time::{Clock, PoolClock, Timestamp};
pub use tokens::{Established, RenewalRequest, Renewed, Tokens, User};
pub use view::{
    AttemptView, EndCause, Ended, EverywhereView, PoolTold, RenewalView, SessionView, Storage,
    UnavailableCause, View,
};
