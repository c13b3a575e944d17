//! What a sign-in through the browser is recognised by: `state`, `nonce` and the verifier of its code.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session::{Fault, FaultCode};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// As many as a verifier should have (RFC 7636, section 4.1); their text is 43 letters long.
const BYTES: usize = 32;

macro_rules! proof {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        pub(super) struct $name(Zeroizing<String>);

        impl $name {
            pub(super) fn new() -> Result<Self, Fault> {
                random().map(Self)
            }

            /// One that was made before.
            pub(super) fn known(text: &str) -> Self {
                Self(Zeroizing::new(text.to_owned()))
            }

            pub(super) fn expose(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    };
}

proof!(
    /// Comes back with the callback, and shows that this program has asked for it (RFC 6749, section 10.12).
    State
);
proof!(
    /// Comes back in the id token, and shows that it is of this sign-in (OpenID Connect Core 1.0, section 3.1.2.1).
    Nonce
);
proof!(
    /// Shows that who changes the code for tokens is who asked for the code (RFC 7636).
    Verifier
);

impl State {
    /// Compared in the same time wherever they differ.
    pub(super) fn is(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl Nonce {
    pub(super) fn is(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl Verifier {
    /// What is shown of it beforehand, by the method `S256` (RFC 7636, section 4.2).
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes()))
    }
}

/// Letters, digits, `-` and `_` only: Cognito encodes others in a `state` twice on some of its ways.
fn random() -> Result<Zeroizing<String>, Fault> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(|_| Fault::with_detail(FaultCode::AnswerUnusable, "the system gave no random numbers"))?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_the_one_of_the_specification() {
        let verifier = Verifier(Zeroizing::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned()));
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn each_is_new_long_enough_and_shown_to_nobody() {
        let (one, other) = (Verifier::new().expect("randomness"), Verifier::new().expect("randomness"));
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 43);
        assert!(one.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        let state = State::new().expect("randomness");
        assert!(!format!("{one:?} {state:?}").contains(one.expose()));
        assert_eq!(format!("{state:?}"), "State(redacted)");
        assert!(state.is(state.expose()) && !state.is(&state.expose()[..42]) && !state.is(""));
    }
}
