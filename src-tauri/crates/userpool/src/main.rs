//! A user pool for development: Cognito's operations on loopback, with real SRP, real tokens and scripted
//! faults. It is always a process of its own and never part of the app, and it shares no code with the client
//! that is tested against it.
//!
//! A request goes `server` → `faults` (does the script interfere?) → the operation → `wire`. A sign-in begins in
//! `authentication`, `choice` or `custom`, goes on in `challenges`, `second_factor`, `enrolment`, `passkeys` and
//! `devices`, and where it leads next `sign_in` says. `refresh`, `account`, `profile`, `session_list`,
//! `registration` and `recovery` are the other operations, and `managed_login` is the sign-in in a browser. `pool` is everything they may change, `state` the file it
//! outlives a restart in.
//!
//! Tests steer it under `/_userpool/`, which is no part of Cognito:
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET demo` | the first line again |
//! | `GET log`, `DELETE log` | what was served: counts by operation and outcome, and a list |
//! | `POST script` | `{"operation", "steps", "repeat"?}`: what the next requests of that operation meet; `"refresh"` means both ways to refresh, `"*"` all |
//! | `GET script`, `DELETE script` | how many steps are left; forget them all |
//! | `POST user` | `{"username", "enabled"?, "status"?, "groups"?, "password"?, "attributes"?, "preferred_factor"?, "delete"?}` |
//! | `POST client` | `{"id", "access_life"?, "refresh_life"?, "auth_session_life"?, "rotation"?, "revocation"?, "flows"?, "scope"?, "first_factor"?, "callbacks"?, "sign_out_urls"?, "scopes"?}`; `first_factor` is asked for at once, instead of a choice |
//! | `GET outbox`, `DELETE outbox` | the codes of late, the newest last: those that were sent, and what an authenticator showed when its code was asked for; forget them |
//! | `POST outbox` | `{"most_sends"?, "within_seconds"?}`: how many codes a user is sent in how much time |
//! | `POST managed_login` | `{"passkeys_refuse"?, "classic"?, "providers_remember"?}`: whether passkeys refuse on their page, whatever is chosen; whether the pages are the classic hosted UI's, without passkeys, languages and prompts; whether identity providers ask nobody again who has been there |
//! | `POST key` | signs with a new key from now on; the one before stays in the key set |
//! | `POST clock` | `{"offset_seconds"}`: how far ahead of the machine's clock the pool's runs |
//!
//! The steps of a script: `ok`; `429` and `throttle` (TooManyRequestsException with HTTP 429, and 400 as Cognito
//! sends it); `500`; `503`; `html` (a captive portal's page); `drop` (closed at once, nothing done); `hang 5s`
//! (silence, then closed, nothing done); `slow 5s` (silence, then done and answered); `lose` (done, but closed
//! | `POST client` | `{"id", "access_life"?, "refresh_life"?, "auth_session_life"?, "rotation"?, "revocation"?, "flows"?, "scope"?, "first_factor"?, "callbacks"?, "sign_out_urls"?, "scopes"?}`; `first_factor` is asked for at once, instead of a choice |

mod account;
mod arguments;
mod attempts;
mod attributes;
mod authentication;
mod calendar;
mod challenges;
mod choice;
mod codes;
mod control;
mod custom;
mod delivery;
mod demo;
mod devices;
mod enrolment;
mod faults;
mod forgery;
mod invention;
mod journal;
mod managed_login;
mod outbox;
mod paging;
mod passkeys;
mod passwords;
mod pool;
mod profile;
mod proof;
mod random;
mod recovery;
mod refresh;
mod registration;
mod second_factor;
mod server;
mod session_list;
mod sessions;
mod sign_in;
mod srp;
mod state;
mod tokens;
mod totp;
mod user_agent;
mod wire;

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::arguments::{Arguments, HELP};
use crate::pool::{POOL_ID, Pool};
use crate::server::{Shared, log};

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log(error);
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<(), String> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    if arguments.help {
        return print(HELP);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| format!("no threads could be started: {error}"))?;
    let result = runtime.block_on(serve(&arguments));
    // A thread that waits for standard input would keep an orderly shutdown waiting as well.
    runtime.shutdown_background();
    result
}

async fn serve(arguments: &Arguments) -> Result<(), String> {
    let listener = listen(arguments.port).await?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let pool = Pool::open(arguments, format!("{endpoint}/{POOL_ID}"))?;
    let announcement = demo::announcement(&pool, &endpoint);
    let shared = Arc::new(Shared::new(endpoint, pool));
    print(&format!("{announcement}\n"))?;
    tokio::select! {
        never = server::run(listener, shared) => match never {},
        () = told_to_stop() => {}
        () = input_closes(), if arguments.until_stdin_closes => {}
    }
    Ok(())
}

async fn listen(port: u16) -> Result<TcpListener, String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!(
                "port {port} is in use; stop the program that uses it, or choose another with --port (0: any)"
            )
        }
        _ => format!("{address} cannot be listened on: {error}"),
    })
}

fn print(text: &str) -> Result<(), String> {
    let mut output = io::stdout();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| format!("standard output cannot be written: {error}"))
}

/// Waits for Ctrl-C, or for SIGTERM where there is one.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// Waits until whoever started this process closes its standard input, which its end does too.
async fn input_closes() {
    let read = || {
        let mut buffer = [0; 256];
        let mut input = io::stdin().lock();
        loop {
            match input.read(&mut buffer) {
                Ok(0) => break,
                Err(error) if error.kind() != io::ErrorKind::Interrupted => break,
                _ => {}
            }
        }
    };
    let _ = tokio::task::spawn_blocking(read).await;
}
