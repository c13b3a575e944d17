//! What it costs to ask for an access token: from memory, by one thread and by eight that ask as often as they
//! can, shown per call; and by a crowd during a renewal.
//!
//! `cargo bench -p session --bench access_token`

mod crowd;
mod signed_in;

use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use divan::Bencher;
use session::{AccessToken, Handle};
use signed_in::SignedIn;
use tokio::runtime::Runtime;

fn main() {
    divan::main();
    crowd::run();
}

fn session() -> &'static SignedIn {
    static SESSION: OnceLock<(Runtime, SignedIn)> = OnceLock::new();
    let (_, session) = SESSION.get_or_init(|| {
        let runtime = Runtime::new().expect("a runtime");
        let session = runtime.block_on(SignedIn::start(Duration::from_secs(1)));
        (runtime, session)
    });
    session
}

/// Asks for the token, which must be there without waiting.
fn token(handle: &Handle) -> AccessToken {
    match pin!(handle.access_token()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(token)) => token,
        Poll::Ready(Err(error)) => panic!("no token: {error}"),
        Poll::Pending => panic!("the token is not in memory"),
    }
}

#[divan::bench(threads = [1, 8], sample_count = 50, sample_size = 100_000)]
fn access_token(bencher: Bencher<'_, '_>) {
    let session = session();
    bencher.bench(|| token(&session.handle));
    assert_eq!(session.pool.renewals(), 0, "nothing was renewed in between");
}
