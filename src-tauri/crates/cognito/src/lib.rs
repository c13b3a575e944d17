//! Speaks to an Amazon Cognito user pool: sign-in and sign-up, challenges, devices, tokens, errors.
//!
//! [`Client`] is a [`session::Pool`]: each call is one try, and every failure is a [`session::Fault`]. Nothing here
//! keeps a token or repeats a request on its own. [`browser`] is the other way in, by a pool's managed login.
//!
//! [`Http`] is the one HTTP client of the program, set up from proxy and certificate variables. Which pool is spoken
//! to comes from [`PoolSettings`] alone: no AWS profile, region or endpoint variable of the shell has a say.

mod account;
pub mod browser;
mod claims;
mod client;
mod code;
mod connection;
mod device;
mod drift;
mod errors;
mod flow;
mod http;
mod issuer;
mod reply;
mod secret_hash;
mod settings;
pub mod srp;
mod timestamp;
mod trust;

pub use account::{Account, AccountDevice, Attribute, CodeSent, Passkey, SessionKind, UserSession};
pub use client::{Client, Received};
pub use connection::{ConnectionFault, ConnectionPart, check_connection};
pub use device::{DeviceStore, RememberedDevice, Stored};
pub use flow::AuthFlow;
pub use http::{Http, HttpProblem};
pub use issuer::{Issuer, IssuerProblem};
pub use settings::{PoolSettings, SettingsProblem, SharedClientSecret};
