//! Reads the pool's clock off its answers.

use std::sync::Arc;
use std::time::Instant;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::date_time::Format;
use session::{PoolClock, Timestamp};

/// Tells the clock what time the pool has, from every answer: an error has a `Date` as well.
#[derive(Debug)]
pub(crate) struct DriftReading {
    clock: Arc<PoolClock>,
}

impl DriftReading {
    pub(crate) const fn new(clock: Arc<PoolClock>) -> Self {
        Self { clock }
    }
}

#[derive(Clone, Copy, Debug)]
struct SentAt(Instant);

impl Storable for SentAt {
    type Storer = StoreReplace<Self>;
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for DriftReading {
    fn name(&self) -> &'static str {
        "DriftReading"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        bag.interceptor_state().store_put(SentAt(Instant::now()));
        Ok(())
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(SentAt(sent_at)) = bag.load::<SentAt>() {
            read(&self.clock, context.response().headers(), *sent_at);
        }
        Ok(())
    }
}

/// Tells the clock what time the pool has, from the headers of its answer to what was sent then.
pub(crate) fn read(clock: &PoolClock, headers: &Headers, sent_at: Instant) {
    // A captive portal has its own idea of the time.
    let from_pool =
        headers.get("content-type").is_some_and(|kind| kind.starts_with("application/x-amz-json"));
    let date = headers.get("date").and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
    if let (true, Some(date)) = (from_pool, date) {
        clock.observe(Timestamp::from_unix_seconds(date.secs()), sent_at.elapsed());
    }
}
