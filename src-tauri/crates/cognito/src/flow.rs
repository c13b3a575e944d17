//! By which flow a sign-in begins, and in what order they are tried where nobody has said.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_cognitoidentityprovider::types::AuthFlowType;
use session::SignInWay;

/// How the app client lets people sign in, as its administrator calls it (`ExplicitAuthFlows`, `AuthFlow`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthFlow {
    /// `USER_SRP_AUTH`.
    UserSrp,
    /// `USER_AUTH`: the pool offers ways.
    User,
    /// `CUSTOM_AUTH`: the pool's owner asks, and nothing else.
    Custom,
    /// `CUSTOM_AUTH` after the password by SRP.
    CustomWithSrp,
    /// `USER_PASSWORD_AUTH`: the password itself is sent.
    UserPassword,
}

impl AuthFlow {
    /// By Cognito's name.
    pub(crate) const fn by_name(self) -> AuthFlowType {
        match self {
            Self::UserSrp => AuthFlowType::UserSrpAuth,
            Self::User => AuthFlowType::UserAuth,
            Self::Custom | Self::CustomWithSrp => AuthFlowType::CustomAuth,
            Self::UserPassword => AuthFlowType::UserPasswordAuth,
        }
    }
}

const WITH_PASSWORD: &[AuthFlow] =
    &[AuthFlow::UserSrp, AuthFlow::User, AuthFlow::UserPassword, AuthFlow::CustomWithSrp];
const WITHOUT_PASSWORD: &[AuthFlow] = &[AuthFlow::User, AuthFlow::Custom];

/// Which flows to try, with what has been learned of the app client.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    with_password: AtomicUsize,
    without_password: AtomicUsize,
}

impl Flows {
    /// The flows to try, in this order. `set` is what the settings say.
    pub(crate) fn to_try(
        &self,
        set: Option<AuthFlow>,
        way: Option<SignInWay>,
        password: bool,
    ) -> &'static [AuthFlow] {
        let (all, learned) = if password {
            (WITH_PASSWORD, &self.with_password)
        } else {
            (WITHOUT_PASSWORD, &self.without_password)
        };
        match (way, set) {
            // Only this flow has ways to choose from.
            (Some(_), _) => &[AuthFlow::User],
            (None, Some(AuthFlow::UserSrp)) => &[AuthFlow::UserSrp],
            (None, Some(AuthFlow::User)) => &[AuthFlow::User],
            (None, Some(AuthFlow::UserPassword)) => &[AuthFlow::UserPassword],
            (None, Some(AuthFlow::CustomWithSrp)) if password => &[AuthFlow::CustomWithSrp],
            (None, Some(AuthFlow::Custom | AuthFlow::CustomWithSrp)) => &[AuthFlow::Custom],
            (None, None) => all.get(learned.load(Ordering::Relaxed)..).unwrap_or(all),
        }
    }

    /// Remembers which flow the app client took, or that it took none.
    pub(crate) fn learn(&self, password: bool, taken: Option<AuthFlow>) {
        let (all, learned) = if password {
            (WITH_PASSWORD, &self.with_password)
        } else {
            (WITHOUT_PASSWORD, &self.without_password)
        };
        let index = taken.and_then(|taken| all.iter().position(|flow| *flow == taken));
        learned.store(index.unwrap_or(0), Ordering::Relaxed);
    }

    /// Whether the last sign-in without a password went by the questions of the pool's owner.
    pub(crate) fn goes_by_custom(&self) -> bool {
        WITHOUT_PASSWORD.get(self.without_password.load(Ordering::Relaxed)) == Some(&AuthFlow::Custom)
    }

    /// Whether a key pair for SRP will be wanted, as far as is known.
    pub(crate) fn want_srp(&self, set: Option<AuthFlow>) -> bool {
        matches!(
            self.to_try(set, None, true).first(),
            Some(AuthFlow::UserSrp | AuthFlow::User | AuthFlow::CustomWithSrp)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_the_only_flow_and_what_was_learned_comes_first() {
        let flows = Flows::default();
        assert_eq!(flows.to_try(None, None, true), WITH_PASSWORD);
        assert_eq!(flows.to_try(None, None, false), WITHOUT_PASSWORD);
        flows.learn(true, Some(AuthFlow::UserPassword));
        assert_eq!(flows.to_try(None, None, true), &WITH_PASSWORD[2..]);
        assert!(!flows.want_srp(None) && flows.want_srp(Some(AuthFlow::UserSrp)));
        assert_eq!(flows.to_try(None, None, false), WITHOUT_PASSWORD, "each by itself");
        flows.learn(true, None);
        assert_eq!(flows.to_try(None, None, true), WITH_PASSWORD);
        assert!(!flows.goes_by_custom());
        flows.learn(false, Some(AuthFlow::Custom));
        assert!(flows.goes_by_custom());
        assert_eq!(flows.to_try(Some(AuthFlow::CustomWithSrp), None, false), [AuthFlow::Custom]);
        let way = Some(SignInWay::EmailCode);
        assert_eq!(flows.to_try(Some(AuthFlow::Custom), way, true), [AuthFlow::User]);
    }
}
