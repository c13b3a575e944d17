//! The end of an SRP conversation: the client's signature over the secret block and the time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::calendar;
use crate::challenges::{self, Pending};
use crate::pool::Pool;
use crate::srp::Conversation;
use crate::wire::{Fields, Refusal};

/// How far `TIMESTAMP` may be from the pool's clock, in seconds.
const TIMESTAMP_TOLERANCE: i64 = 5 * 60;

/// What a client signed, and when.
pub(crate) struct Proof<'a> {
    secret_block: &'a str,
    signature: &'a str,
    signed_at: i64,
}

impl<'a> Proof<'a> {
    pub(crate) fn read(responses: Fields<'a>) -> Result<Self, Refusal> {
        let signature = responses.parameter("PASSWORD_CLAIM_SIGNATURE")?;
        let secret_block = responses.parameter("PASSWORD_CLAIM_SECRET_BLOCK")?;
        let timestamp = responses.parameter("TIMESTAMP")?;
        let signed_at = calendar::parse_timestamp(timestamp).ok_or_else(|| {
            Refusal::invalid_parameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english")
        })?;
        Ok(Self { secret_block, signature, signed_at })
    }

    /// Takes the waiting sign-in out. Whatever comes of it: a secret block is answered once.
    pub(crate) fn take(
        &self,
        pool: &mut Pool,
        client_id: &str,
        responses: Fields<'_>,
    ) -> Result<Pending, Refusal> {
        challenges::take(pool, self.secret_block, client_id, responses).map_err(|refused| {
            // A used secret block reads like a wrong password; only a late one is called by its name.
            match refused.detail {
                Some(detail) if refused.message == challenges::invalid_session().message => {
                    Refusal::incorrect_password().because(detail)
                }
                detail => Refusal { detail, ..refused },
            }
        })
    }

    /// Whether the signature proves the password of `scope` and `name`.
    ///
    /// # Errors
    /// When the time that was signed is too far from the pool's.
    pub(crate) fn fits(
        &self,
        pool: &Pool,
        conversation: &Conversation,
        scope: &str,
        name: &str,
    ) -> Result<bool, Refusal> {
        let drift = self.signed_at - pool.now();
        if drift.abs() > TIMESTAMP_TOLERANCE {
            let words = format!("TIMESTAMP is {drift} s from the pool's clock");
            return Err(Refusal::incorrect_password().because(words));
        }
        // Cognito signs its own spelling of the time, so a day with a leading zero never fits.
        let timestamp = calendar::timestamp(self.signed_at);
        let block = STANDARD.decode(self.secret_block).unwrap_or_default();
        let signature = STANDARD.decode(self.signature).unwrap_or_default();
        Ok(conversation.accepts(scope, name, &block, &timestamp, &signature))
    }
}
