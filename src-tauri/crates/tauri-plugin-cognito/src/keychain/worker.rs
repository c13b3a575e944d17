//! One thread that does blocking work in the order it was asked for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use session::VaultFault;
use tokio::sync::oneshot;

type Request<S> = Box<dyn FnOnce(&mut S) + Send>;

/// The thread and the way to it. It ends when this is dropped and what was asked for is done.
pub(super) struct Worker<S> {
    requests: mpsc::Sender<Request<S>>,
    patience: Duration,
}

impl<S: Send + 'static> Worker<S> {
    /// Starts the thread. A request that has not begun after `patience` is given up.
    pub(super) fn start(mut state: S, patience: Duration) -> Self {
        let (requests, queue) = mpsc::channel::<Request<S>>();
        let started = std::thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(move || queue.iter().for_each(|request| request(&mut state)));
        if let Err(error) = started {
            // Every request will then answer `Busy`, which is asked again and shown.
            tracing::error!(%error, "the keychain's thread could not be started");
        }
        Self { requests, patience }
    }

    /// Has the thread do this, after what it was asked for before.
    ///
    /// Once begun it is waited for however long it takes. It is carried out even if the returned future is dropped.
    ///
    /// # Errors
    /// What the work answers; [`VaultFault::Busy`] if it did not begin in time, and then it never will.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut S) -> Result<T, VaultFault> + Send + 'static,
    ) -> Result<T, VaultFault> {
        // Set by the one who decides: the thread by beginning, the caller by giving up.
        let decided = Arc::new(AtomicBool::new(false));
        let begun = Arc::clone(&decided);
        let (reply, mut answer) = oneshot::channel();
        let request = move |state: &mut S| {
            if begun.swap(true, Ordering::AcqRel) {
                return;
            }
            // Dropping `reply` answers `Busy`: a panic tells nothing of what the keychain holds.
            if let Ok(result) = catch_unwind(AssertUnwindSafe(|| work(state))) {
                // Nobody listens if the caller is gone; the work is done all the same.
                let _ = reply.send(result);
            }
        };
        self.requests.send(Box::new(request)).map_err(|_| VaultFault::Busy)?;
        let in_time = tokio::time::timeout(self.patience, &mut answer).await;
        let result = match in_time {
            Ok(result) => result,
            Err(_) if !decided.swap(true, Ordering::AcqRel) => return Err(VaultFault::Busy),
            Err(_) => answer.await,
        };
        result.unwrap_or(Err(VaultFault::Busy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Answer = Result<u8, VaultFault>;

    /// Work that lasts until it is let go.
    fn hanging() -> (mpsc::Sender<()>, oneshot::Receiver<()>, impl FnOnce(&mut Vec<u8>) -> Answer) {
        let (go, gone) = mpsc::channel();
        let (begin, begun) = oneshot::channel();
        let work = move |done: &mut Vec<u8>| {
            let _ = begin.send(());
            let _ = gone.recv();
            done.push(1);
            Ok(1)
        };
        (go, begun, work)
    }

    #[tokio::test]
    async fn what_waits_behind_a_prompt_is_busy_and_never_happens() {
        let worker = Arc::new(Worker::start(Vec::new(), Duration::from_millis(50)));
        let (go, begun, work) = hanging();
        let first = tokio::spawn({
            let worker = Arc::clone(&worker);
            async move { worker.run(work).await }
        });
        begun.await.unwrap();
        for behind in [2, 3] {
            let work = move |done: &mut Vec<u8>| {
                done.push(behind);
                Ok(())
            };
            assert_eq!(worker.run(work).await, Err(VaultFault::Busy));
        }
        // However late, the first one still answers.
        assert!(!first.is_finished());
        go.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(1));
        assert_eq!(worker.run(|done| Ok(done.clone())).await, Ok(vec![1]));
    }

    #[tokio::test]
    async fn work_is_done_in_order_and_even_if_nobody_waits() {
        let worker = Worker::start(Vec::new(), Duration::from_secs(60));
        let (go, begun, work) = hanging();
        let mut dropped = Box::pin(worker.run(work));
        tokio::select! {
            biased;
            _ = &mut dropped => unreachable!("it hangs"),
            begun = begun => begun.unwrap(),
        }
        drop(dropped);
        go.send(()).unwrap();
        let both = tokio::join!(
            worker.run(|done: &mut Vec<u8>| {
                done.push(2);
                Ok(())
            }),
            worker.run(|done: &mut Vec<u8>| Ok(done.clone())),
        );
        assert_eq!(both, (Ok(()), Ok(vec![1, 2])));
    }

    #[tokio::test]
    async fn a_panic_is_busy_and_the_thread_goes_on() {
        let worker = Worker::start((), Duration::from_secs(60));
        let panicked: Result<(), _> = worker.run(|_| panic!("on purpose")).await;
        assert_eq!(panicked, Err(VaultFault::Busy));
        assert_eq!(worker.run(|()| Ok(7)).await, Ok(7));
    }
}
