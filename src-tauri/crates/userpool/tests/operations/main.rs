//! The pool's operations and its control surface, over plain HTTP. What needs SRP is in `tests/pycognito.rs`,
//! where the client is somebody else's.

mod account;
mod choice;
mod codes;
mod command_line;
mod custom;
mod devices;
mod enrolment;
mod faults;
mod http;
mod managed_login;
mod passkeys;
mod profile;
mod recovery;
mod refresh;
mod registration;
mod revocation;
mod sign_in;
mod signed_in_elsewhere;
mod started;
mod state_file;
mod wire;
