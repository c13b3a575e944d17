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
mod queue;
mod record;
mod renewal;
mod revocation;
mod secret;
mod session;
mod time;
mod tokens;
mod view;
mod work;

pub use challenge::{
    Answer, Beginning, BrowserWay, BrowserWish, CONFIRM_FORGOT_PASSWORD, CONFIRM_SIGN_UP, Challenge,
    CodeMethod, Continuation, Credentials, Done, Lapse, NewAccount, SignInWay, Step,
};
pub use driver::start;
pub use event::{DeviceWish, Effect, Event, Ticket};
pub use fault::{Disposition, Fault, FaultCode};
pub use handle::{Handle, TokenError};
pub use machines::Machines;
pub use ports::{MarkChange, Pool, Prompt, Vault, VaultFault};
pub use queue::{QueueChange, decode_queue, encode_queue};
pub use record::{EndedRecord, LiveRecord, Record, Stored, Unreadable};
pub use secret::{
    AccessToken, AuthenticatorSecret, ChallengeSession, ClientSecret, CustomAnswer, IdToken, OneTimeCode,
    Password, RefreshToken,
};
pub use time::{Clock, PoolClock, Timestamp};
pub use tokens::{Established, Origin, RenewalRequest, Renewed, Tokens, User};
pub use view::{
    AttemptView, BrowserTold, DeviceView, EndCause, Ended, EverywhereView, PoolTold, Purpose, Receipt,
    RenewalView, SessionView, Storage, UnavailableCause, Unfinished, View,
};
