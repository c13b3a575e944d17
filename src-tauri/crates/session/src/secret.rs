//! Secrets as types of their own: wiped when dropped, redacted when printed, never serialised, never compared.
//!
//! A clone shares the text instead of copying it, so that there is one place to wipe, when the last owner goes.

use std::sync::Arc;

use serde::Deserialize;
use zeroize::Zeroizing;

macro_rules! secret {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Deserialize)]
        #[serde(from = "String")]
        pub struct $name(Arc<Zeroizing<String>>);

        impl $name {
            /// Takes ownership of the text; it is wiped when this value is dropped.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(Arc::new(Zeroizing::new(text.into())))
            }

            /// The text itself, for the one place that sends or stores it.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    };
}

secret!(
    /// What a person types to prove who they are.
    Password
);
secret!(
    /// The app client's secret. In a desktop program it is not secret from the person who runs it.
    ClientSecret
);
secret!(
    /// A JWT that opens the pool's and other servers' APIs, for minutes to a day.
    AccessToken
);
secret!(
    /// A JWT that says who the user is.
    IdToken
);
secret!(
    /// A code, as typed: from an authenticator app, a text message or an e-mail.
    OneTimeCode
);
secret!(
    /// What is answered to a challenge of the pool owner's own: it may well be a secret.
    CustomAnswer
);
secret!(
    /// What an authenticator app makes its codes from, in base32 (RFC 6238, RFC 4648).
    AuthenticatorSecret
);
secret!(
    /// What new tokens are asked for with, for up to ten years.
    RefreshToken
);
secret!(
    /// Cognito's `Session`: the state of an unfinished sign-in, valid 3 to 15 minutes.
    ChallengeSession
);
