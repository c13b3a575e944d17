//! Somebody signed in, with a pool and a vault that are not there.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use session::{
    AccessToken, Answer, Beginning, Clock, Continuation, Credentials, DeviceWish, Established, Fault,
    FaultCode, Handle, IdToken, Origin, Password, Pool, PoolClock, Prompt, RefreshToken, RenewalRequest,
    Renewed, SessionView, Step, Timestamp, Tokens, User, Vault, VaultFault,
};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// How long access tokens live.
pub(crate) const LIFE: Duration = Duration::from_secs(3600);

/// The clock of the product, which can be set forward.
pub(crate) struct BenchClock {
    clock: PoolClock,
    ahead_ms: AtomicI64,
}

impl BenchClock {
    /// A clock that agrees with the system's.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { clock: PoolClock::new(), ahead_ms: AtomicI64::new(0) })
    }

    /// Sets it forward.
    pub(crate) fn jump(&self, by: Duration) {
        self.ahead_ms.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for BenchClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.clock.now().0 + self.ahead_ms.load(Ordering::Relaxed))
    }

    fn offset_ms(&self) -> i64 {
        self.clock.offset_ms()
    }

    fn assume_offset_ms(&self, offset: i64) {
        self.clock.assume_offset_ms(offset);
    }
}

/// A pool that takes every sign-in at once and every renewal after a while, and says when it has answered.
pub(crate) struct SlowPool {
    clock: Arc<BenchClock>,
    latency: Duration,
    renewals: AtomicUsize,
    answered: mpsc::UnboundedSender<Instant>,
}

impl SlowPool {
    /// How often it was asked for new tokens.
    pub(crate) fn renewals(&self) -> usize {
        self.renewals.load(Ordering::SeqCst)
    }

    fn access(&self) -> AccessToken {
        // As long as one of Cognito's.
        AccessToken::new("a".repeat(1100))
    }
}

impl Pool for SlowPool {
    async fn begin(&self, beginning: Beginning) -> Result<Step, Fault> {
        let Beginning::SignIn { credentials, .. } = beginning else {
            return Err(Fault::new(FaultCode::OperationUnavailable));
        };
        let now = self.clock.now();
        let tokens = Tokens {
            access: self.access(),
            id: IdToken::new("i".repeat(1100)),
            refresh: RefreshToken::new("r".repeat(1800)),
            issued_at: now,
            expires_at: now.plus(LIFE),
        };
        let user = User { sub: "someone".into(), username: "someone".into(), ..User::default() };
        Ok(Step::Done(Box::new(Established {
            user,
            tokens,
            login: credentials.username,
            device_key: None,
            device: None,
            origin: Origin::Native,
        })))
    }

    async fn reply(&self, _: Continuation, _: Answer) -> Result<Step, Fault> {
        Err(Fault::new(FaultCode::WrongCredentials))
    }

    async fn renew(&self, _: RenewalRequest) -> Result<Renewed, Fault> {
        self.renewals.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.latency).await;
        let now = self.clock.now();
        let renewed = Renewed {
            access: self.access(),
            id: None,
            refresh: None,
            issued_at: now,
            expires_at: now.plus(LIFE),
            user: None,
        };
        // Nobody listens where nobody measures renewals.
        let _ = self.answered.send(Instant::now());
        Ok(renewed)
    }

    async fn revoke(&self, _: RefreshToken) -> Result<(), Fault> {
        Ok(())
    }

    async fn sign_out_everywhere(&self, _: AccessToken) -> Result<(), Fault> {
        Ok(())
    }

    async fn remember_device(&self, _: DeviceWish) -> Result<(), Fault> {
        Ok(())
    }
}

/// A vault that takes everything and holds nothing.
struct NoVault;

impl Vault for NoVault {
    async fn load(&self, _: Prompt) -> Result<Option<Zeroizing<Vec<u8>>>, VaultFault> {
        Ok(None)
    }

    async fn save(&self, _: String, _: Zeroizing<Vec<u8>>) -> Result<(), VaultFault> {
        Ok(())
    }

    async fn clear(&self) -> Result<(), VaultFault> {
        Ok(())
    }

    async fn load_revocations(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultFault> {
        Ok(None)
    }

    async fn save_revocations(&self, _: Option<Zeroizing<Vec<u8>>>) -> Result<(), VaultFault> {
        Ok(())
    }
}

/// The real driver, after a sign-in.
pub(crate) struct SignedIn {
    pub(crate) handle: Handle,
    pub(crate) pool: Arc<SlowPool>,
    pub(crate) clock: Arc<BenchClock>,
    /// When the pool has answered a renewal.
    pub(crate) answered: mpsc::UnboundedReceiver<Instant>,
}

impl SignedIn {
    /// Starts the driver and signs in; renewals will take as long as this.
    pub(crate) async fn start(latency: Duration) -> Self {
        let clock = BenchClock::new();
        let (sender, answered) = mpsc::unbounded_channel();
        let pool = Arc::new(SlowPool {
            clock: Arc::clone(&clock),
            latency,
            renewals: AtomicUsize::new(0),
            answered: sender,
        });
        let handle = session::start(Arc::clone(&pool), Arc::new(NoVault), Arc::clone(&clock));
        let mut views = handle.subscribe();
        let settled = views.wait_for(|view| matches!(view.session, SessionView::SignedOut { .. })).await;
        settled.expect("the driver reads the vault");
        handle
            .sign_in(Credentials { username: "someone".into(), password: Some(Password::new("a password")) });
        let signed_in = views.wait_for(|view| matches!(view.session, SessionView::SignedIn { .. })).await;
        signed_in.expect("the driver signs in");
        Self { handle, pool, clock, answered }
    }
}
