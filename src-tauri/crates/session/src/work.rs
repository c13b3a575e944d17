//! Effects being carried out. Whatever happens in them, an answer comes back: a machine that waits for ever for
//! a task that has died would be worse than any fault.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::event::{Event, Ticket};
use crate::fault::{Fault, FaultCode};
use crate::ports::{MarkChange, Prompt, Vault, VaultFault};
use crate::queue::{QueueChange, decode_queue, encode_queue};
use crate::record::{Record, Unreadable};
use crate::secret::RefreshToken;
use crate::time::Clock;

/// The pool client has timeouts of its own; this is for the case that they fail.
pub(crate) const BACKSTOP: Duration = Duration::from_secs(120);
/// The same for a browser, which the pool client waits for by the minute.
pub(crate) const BROWSER_BACKSTOP: Duration = Duration::from_secs(180);

/// One thing for the vault to do.
#[derive(Debug)]
pub(crate) enum Job {
    Load(Ticket, Prompt),
    Save(Ticket, Box<Record>),
    Clear(Ticket),
    Queue(Ticket, QueueChange),
}

/// Carries out vault jobs, in order and one at a time, until nobody can send any more and all are done.
pub(crate) async fn run_vault<V: Vault>(
    vault: Arc<V>,
    clock: Arc<dyn Clock>,
    mut jobs: mpsc::UnboundedReceiver<Job>,
    results: mpsc::UnboundedSender<Event>,
) {
    while let Some(job) = jobs.recv().await {
        let vault = Arc::clone(&vault);
        let event = match job {
            Job::Load(ticket, prompt) => {
                let reading = Arc::clone(&vault);
                let loaded = contained(async move { reading.load(prompt).await }).await;
                let mut stored = loaded.and_then(|bytes| {
                    bytes.map(|bytes| Record::decode(&bytes)).transpose().map_err(Unreadable::into)
                });
                if let Ok(Some(stored)) = &mut stored {
                    // Before the machine compares the record's moments with the present one.
                    clock.assume_offset_ms(stored.clock_offset_ms);
                    stored.signed_out = is_marked(vault, &stored.record).await;
                }
                Event::Loaded(ticket, stored)
            }
            Job::Save(ticket, record) => {
                let written = match record.encode(clock.now(), clock.offset_ms()) {
                    Ok(bytes) => {
                        let sub = record.sub().to_owned();
                        contained(async move { vault.save(sub, bytes).await }).await
                    }
                    Err(error) => {
                        tracing::error!(%error, "the session could not be encoded");
                        Err(VaultFault::Corrupt)
                    }
                };
                Event::Saved(ticket, written)
            }
            Job::Clear(ticket) => Event::Cleared(ticket, contained(async move { vault.clear().await }).await),
            Job::Queue(ticket, change) => Event::Queued(ticket, contained(queue(vault, change)).await),
        };
        // Nobody listens after a shutdown; what is still in the queue is carried out all the same.
        let _ = results.send(event);
    }
}

/// Whether it is noted outside the keychain that the session of this record is signed out.
async fn is_marked<V: Vault>(vault: Arc<V>, record: &Record) -> bool {
    let Some(refresh) = record.refresh().cloned() else {
        return false;
    };
    contained(async move { Ok(vault.is_marked(refresh).await) }).await.unwrap_or(false)
}

/// Notes outside the keychain what it cannot be told, one at a time. Nothing here waits for the keychain, which may be
/// the one that does not answer.
pub(crate) async fn run_marks<V: Vault>(
    vault: Arc<V>,
    mut marks: mpsc::UnboundedReceiver<(Ticket, MarkChange)>,
    results: mpsc::UnboundedSender<Event>,
) {
    while let Some((ticket, change)) = marks.recv().await {
        let vault = Arc::clone(&vault);
        let marked = contained(async move { vault.mark(change).await }).await;
        // Nobody listens after a shutdown.
        let _ = results.send(Event::Marked(ticket, marked));
    }
}

/// Changes the queue of revocations, and says what is in it then.
async fn queue<V: Vault>(vault: Arc<V>, change: QueueChange) -> Result<Vec<RefreshToken>, VaultFault> {
    let loaded = vault.load_revocations().await;
    let decoded = loaded
        .and_then(|bytes| bytes.map(|bytes| decode_queue(&bytes)).transpose().map_err(Unreadable::into));
    let mut queue = match decoded {
        Ok(queue) => queue.unwrap_or_default(),
        Err(VaultFault::Corrupt) if !change.add.is_empty() => {
            tracing::warn!("the queue of revocations made no sense and is replaced");
            Vec::new()
        }
        Err(fault) => return Err(fault),
    };
    if change.apply(&mut queue) {
        let bytes = if queue.is_empty() {
            None
        } else {
            Some(encode_queue(&queue).map_err(|error| {
                tracing::error!(%error, "the queue of revocations could not be encoded");
                VaultFault::Corrupt
            })?)
        };
        vault.save_revocations(bytes).await?;
    }
    Ok(queue)
}

/// A panic tells nothing of what the keychain holds: `Busy` is the fault that gets asked again.
async fn contained<T: Send + 'static>(
    work: impl Future<Output = Result<T, VaultFault>> + Send + 'static,
) -> Result<T, VaultFault> {
    tokio::spawn(work).await.unwrap_or_else(|_| {
        tracing::error!("a keychain call did not come to its end");
        Err(VaultFault::Busy)
    })
}

/// Carries out one call to the pool.
pub(crate) async fn run_pool_call<T: Send + 'static>(
    backstop: Duration,
    call: impl Future<Output = Result<T, Fault>> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::spawn(tokio::time::timeout(backstop, call)).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Fault::new(FaultCode::TimedOut)),
        Err(_) => {
            tracing::error!("a call to the pool did not come to its end");
            Err(Fault::with_detail(
                FaultCode::AnswerUnusable,
                "this program failed while it spoke to the pool",
            ))
        }
    }
}
