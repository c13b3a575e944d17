//! What each exception of the service model means where its message says nothing more: one row for each exception of
//! each operation that is used, and one test for each row, so that neither can be forgotten.
//!
//! The rows follow `tests/service-model.json`, which is reduced from botocore's `service-2.json`; the tests compare
//! them in both directions.

use session::FaultCode;

use super::Operation;

/// One row.
#[derive(Clone, Copy, Debug)]
pub(super) struct ModelRow {
    /// The operation by the service model's name.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the comparison with the service model"))]
    pub(super) service_operation: &'static str,
    /// What it is used for.
    pub(super) operation: Operation,
    pub(super) exception: &'static str,
    pub(super) code: FaultCode,
}

macro_rules! model {
    ($($service:ident as $operation:ident { $($exception:ident => $code:ident,)+ })+) => {
        pub(super) const MODEL: &[ModelRow] = &[$($(ModelRow {
            service_operation: stringify!($service),
            operation: Operation::$operation,
            exception: stringify!($exception),
            code: FaultCode::$code,
        },)+)+];

        /// A test for each row, by what is asked and by the name that the service model has for the exception.
        #[cfg(test)]
        #[expect(non_snake_case, reason = "they are named as the rows are")]
        mod rows {
            $(mod $operation {
                use session::FaultCode;

                use crate::errors::{Operation, driven};

                $(#[test]
                fn $exception() {
                    driven::means(Operation::$operation, stringify!($exception), FaultCode::$code);
                })+
            })+
        }
    };
}

model! {
    InitiateAuth as SignIn {
        FeatureUnavailableInTierException => OperationUnavailable,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidEmailRoleAccessPolicyException => TriggerFailed,
        InvalidLambdaResponseException => TriggerFailed,
        InvalidParameterException => ParameterRejected,
        InvalidSmsRoleAccessPolicyException => TriggerFailed,
        InvalidSmsRoleTrustRelationshipException => TriggerFailed,
        InvalidUserPoolConfigurationException => OperationUnavailable,
        NotAuthorizedException => SignInRefused,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UnexpectedLambdaException => TriggerFailed,
        UnsupportedOperationException => OperationUnavailable,
        UserLambdaValidationException => RefusedByRule,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => WrongCredentials,
    }

    RespondToAuthChallenge as Reply {
        AliasExistsException => AttributeRejected,
        CodeMismatchException => CodeWrong,
        ExpiredCodeException => CodeExpired,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidEmailRoleAccessPolicyException => TriggerFailed,
        InvalidLambdaResponseException => TriggerFailed,
        InvalidParameterException => ParameterRejected,
        InvalidPasswordException => PasswordRejected,
        InvalidSmsRoleAccessPolicyException => TriggerFailed,
        InvalidSmsRoleTrustRelationshipException => TriggerFailed,
        InvalidUserPoolConfigurationException => OperationUnavailable,
        MFAMethodNotFoundException => SecondFactorMissing,
        NotAuthorizedException => SignInRefused,
        OperationNotEnabledException => OperationUnavailable,
        PasswordHistoryPolicyViolationException => PasswordReused,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        SoftwareTokenMFANotFoundException => SecondFactorMissing,
        TooManyRequestsException => Throttled,
        UnexpectedLambdaException => TriggerFailed,
        UserLambdaValidationException => RefusedByRule,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => WrongCredentials,
    }

    GetTokensFromRefreshToken as Renew {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidLambdaResponseException => TriggerFailed,
        InvalidParameterException => ParameterRejected,
        NotAuthorizedException => RenewalRefused,
        OperationNotEnabledException => OperationUnavailable,
        RefreshTokenReuseException => RefreshTokenReused,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UnexpectedLambdaException => TriggerFailed,
        UserLambdaValidationException => RefusedByRule,
        UserNotFoundException => UserGone,
    }

    RevokeToken as Revoke {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        OperationNotEnabledException => OperationUnavailable,
        TooManyRequestsException => Throttled,
        UnauthorizedException => ParameterRejected,
        UnsupportedOperationException => OperationUnavailable,
        UnsupportedTokenTypeException => OperationUnavailable,
    }

    GlobalSignOut as SignOutEverywhere {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
    }

    SignUp as SignUp {
        CodeDeliveryFailureException => CodeNotSent,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidEmailRoleAccessPolicyException => TriggerFailed,
        InvalidLambdaResponseException => TriggerFailed,
        InvalidParameterException => AttributeRejected,
        InvalidPasswordException => PasswordRejected,
        InvalidSmsRoleAccessPolicyException => TriggerFailed,
        InvalidSmsRoleTrustRelationshipException => TriggerFailed,
        LimitExceededException => TooManyAttempts,
        NotAuthorizedException => SignUpNotAllowed,
        OperationNotEnabledException => OperationUnavailable,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UnexpectedLambdaException => TriggerFailed,
        UserLambdaValidationException => RefusedByRule,
        UsernameExistsException => UsernameTaken,
    }

    ConfirmSignUp as ConfirmSignUp {
        AliasExistsException => AliasTaken,
        CodeMismatchException => CodeWrong,
        ExpiredCodeException => CodeExpired,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidLambdaResponseException => TriggerFailed,
        InvalidParameterException => ParameterRejected,
        LimitExceededException => TooManyAttempts,
        NotAuthorizedException => SignInRefused,
        OperationNotEnabledException => OperationUnavailable,
        ResourceNotFoundException => ClientUnknown,
        TooManyFailedAttemptsException => TooManyAttempts,
        TooManyRequestsException => Throttled,
        UnexpectedLambdaException => TriggerFailed,
        UserLambdaValidationException => RefusedByRule,
        UserNotFoundException => CodeWrong,
    }

    ResendConfirmationCode as ResendConfirmation {
        CodeDeliveryFailureException => CodeNotSent,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidEmailRoleAccessPolicyException => TriggerFailed,
        InvalidLambdaResponseException => TriggerFailed,
        InvalidParameterException => ParameterRejected,
        InvalidSmsRoleAccessPolicyException => TriggerFailed,
        InvalidSmsRoleTrustRelationshipException => TriggerFailed,
        LimitExceededException => TooManyAttempts,
        NotAuthorizedException => CodeNotSent,
        OperationNotEnabledException => OperationUnavailable,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UnexpectedLambdaException => TriggerFailed,
        UserLambdaValidationException => RefusedByRule,
        UserNotFoundException => CodeNotSent,
    }

    ForgotPassword as ForgotPassword {
        CodeDeliveryFailureException => CodeNotSent,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidEmailRoleAccessPolicyException => TriggerFailed,
        InvalidLambdaResponseException => TriggerFailed,
        InvalidParameterException => ParameterRejected,
        InvalidSmsRoleAccessPolicyException => TriggerFailed,
        InvalidSmsRoleTrustRelationshipException => TriggerFailed,
        LimitExceededException => TooManyAttempts,
        NotAuthorizedException => CannotResetPassword,
        OperationNotEnabledException => OperationUnavailable,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UnexpectedLambdaException => TriggerFailed,
        UserLambdaValidationException => RefusedByRule,
        UserNotFoundException => CannotResetPassword,
    }

    ConfirmForgotPassword as ResetPassword {
        CodeMismatchException => CodeWrong,
        ExpiredCodeException => CodeExpired,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidLambdaResponseException => TriggerFailed,
        InvalidParameterException => ParameterRejected,
        InvalidPasswordException => PasswordRejected,
        LimitExceededException => TooManyAttempts,
        NotAuthorizedException => CannotResetPassword,
        OperationNotEnabledException => OperationUnavailable,
        PasswordHistoryPolicyViolationException => PasswordReused,
        ResourceNotFoundException => ClientUnknown,
        TooManyFailedAttemptsException => TooManyAttempts,
        TooManyRequestsException => Throttled,
        UnexpectedLambdaException => TriggerFailed,
        UserLambdaValidationException => RefusedByRule,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => CodeWrong,
    }

    AssociateSoftwareToken as Associate {
        ConcurrentModificationException => PoolTrouble,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        NotAuthorizedException => ChallengeExpired,
        OperationNotEnabledException => OperationUnavailable,
        ResourceNotFoundException => ClientUnknown,
        SoftwareTokenMFANotFoundException => SecondFactorMissing,
    }

    VerifySoftwareToken as Verify {
        CodeMismatchException => AuthenticatorCodeWrong,
        EnableSoftwareTokenMFAException => AuthenticatorCodeWrong,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        InvalidUserPoolConfigurationException => OperationUnavailable,
        NotAuthorizedException => ChallengeExpired,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        SoftwareTokenMFANotFoundException => SecondFactorMissing,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => WrongCredentials,
    }

    ConfirmDevice as ConfirmDevice {
        DeviceKeyExistsException => ParameterRejected,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidLambdaResponseException => TriggerFailed,
        InvalidParameterException => ParameterRejected,
        InvalidPasswordException => ParameterRejected,
        InvalidUserPoolConfigurationException => OperationUnavailable,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => DeviceUnknown,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
        UsernameExistsException => ParameterRejected,
    }

    UpdateDeviceStatus as UpdateDevice {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        InvalidUserPoolConfigurationException => OperationUnavailable,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => DeviceUnknown,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    GetUser as GetUser {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    GetUserAuthFactors as AuthFactors {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    UpdateUserAttributes as UpdateAttributes {
        AliasExistsException => AliasTaken,
        CodeDeliveryFailureException => CodeNotSent,
        CodeMismatchException => CodeWrong,
        ExpiredCodeException => CodeExpired,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidEmailRoleAccessPolicyException => TriggerFailed,
        InvalidLambdaResponseException => TriggerFailed,
        InvalidParameterException => AttributeRejected,
        InvalidSmsRoleAccessPolicyException => TriggerFailed,
        InvalidSmsRoleTrustRelationshipException => TriggerFailed,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UnexpectedLambdaException => TriggerFailed,
        UserLambdaValidationException => RefusedByRule,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    DeleteUserAttributes as DeleteAttributes {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => AttributeRejected,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    GetUserAttributeVerificationCode as SendAttributeCode {
        CodeDeliveryFailureException => CodeNotSent,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidEmailRoleAccessPolicyException => TriggerFailed,
        InvalidLambdaResponseException => TriggerFailed,
        InvalidParameterException => ParameterRejected,
        InvalidSmsRoleAccessPolicyException => TriggerFailed,
        InvalidSmsRoleTrustRelationshipException => TriggerFailed,
        LimitExceededException => TooManyAttempts,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UnexpectedLambdaException => TriggerFailed,
        UserLambdaValidationException => RefusedByRule,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    VerifyUserAttribute as VerifyAttribute {
        AliasExistsException => AliasTaken,
        CodeMismatchException => CodeWrong,
        ExpiredCodeException => CodeExpired,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        LimitExceededException => TooManyAttempts,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    ChangePassword as ChangePassword {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        InvalidPasswordException => PasswordRejected,
        LimitExceededException => TooManyAttempts,
        NotAuthorizedException => WrongPassword,
        OperationNotEnabledException => OperationUnavailable,
        PasswordHistoryPolicyViolationException => PasswordReused,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    SetUserMFAPreference as SetFactors {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => SecondFactorNotPossible,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    AssociateSoftwareToken as AssociateOwn {
        ConcurrentModificationException => PoolTrouble,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        ResourceNotFoundException => ClientUnknown,
        SoftwareTokenMFANotFoundException => SecondFactorNotPossible,
    }

    VerifySoftwareToken as VerifyOwn {
        CodeMismatchException => AuthenticatorCodeWrong,
        EnableSoftwareTokenMFAException => AuthenticatorCodeWrong,
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        InvalidUserPoolConfigurationException => OperationUnavailable,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        SoftwareTokenMFANotFoundException => SecondFactorNotPossible,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    ListDevices as ListDevices {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => OperationUnavailable,
        InvalidUserPoolConfigurationException => OperationUnavailable,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    ForgetDevice as ForgetDevice {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        InvalidUserPoolConfigurationException => OperationUnavailable,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => DeviceUnknown,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    ListWebAuthnCredentials as ListPasskeys {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        LimitExceededException => TooManyAttempts,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        TooManyRequestsException => Throttled,
    }

    DeleteWebAuthnCredential as DeletePasskey {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        LimitExceededException => TooManyAttempts,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => AlreadyGone,
        TooManyRequestsException => Throttled,
    }

    ListUserSessions as ListSessions {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    RevokeUserSession as RevokeSession {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => AlreadyGone,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }

    DeleteUser as DeleteUser {
        ForbiddenException => Blocked,
        InternalErrorException => PoolTrouble,
        InvalidParameterException => ParameterRejected,
        NotAuthorizedException => AccessTokenRevoked,
        OperationNotEnabledException => OperationUnavailable,
        PasswordResetRequiredException => PasswordResetRequired,
        ResourceNotFoundException => ClientUnknown,
        TooManyRequestsException => Throttled,
        UserNotConfirmedException => UserNotConfirmed,
        UserNotFoundException => UserGone,
    }
}

/// The row for an exception of an operation, if the service model has one. Proving a password is the second half of
/// a sign-in, so that what `RespondToAuthChallenge` may say is said of a sign-in as well.
pub(super) fn row(operation: Operation, exception: &str) -> Option<&'static ModelRow> {
    let of = |operation| MODEL.iter().find(|row| row.operation == operation && row.exception == exception);
    match operation {
        Operation::SignIn => of(Operation::SignIn).or_else(|| of(Operation::Reply)),
        operation => of(operation),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// (operation, exception), as botocore has them.
    fn reduced() -> BTreeSet<(String, String)> {
        let text = include_str!("../../tests/service-model.json");
        let model: Value = serde_json::from_str(text).expect("the reduced service model is JSON");
        assert!(
            model["version"].as_str().is_some_and(|version| !version.is_empty()),
            "it says of what it is"
        );
        let operations = model["operations"].as_object().expect("operations");
        operations
            .iter()
            .flat_map(|(operation, exceptions)| {
                let exceptions = exceptions.as_array().expect("exceptions");
                exceptions.iter().map(|it| (operation.clone(), it.as_str().expect("a name").to_owned()))
            })
            .collect()
    }

    #[test]
    fn there_is_a_row_for_each_exception_of_the_service_model_and_no_other() {
        let rows: BTreeSet<_> =
            MODEL.iter().map(|row| (format!("{:?}", row.operation), row.exception)).collect();
        assert_eq!(rows.len(), MODEL.len(), "each row once");
        // Two operations are used both within a sign-in and after it, and each use has its rows.
        let uses: BTreeSet<_> =
            MODEL.iter().map(|row| (format!("{:?}", row.operation), row.service_operation)).collect();
        for (used, service_operation) in &uses {
            let rows = MODEL.iter().filter(|row| format!("{:?}", row.operation) == *used);
            let declared = reduced().into_iter().filter(|(name, _)| name == service_operation);
            assert_eq!(rows.count(), declared.count(), "{used}");
        }
        let distinct: BTreeSet<_> =
            MODEL.iter().map(|row| (row.service_operation.to_owned(), row.exception.to_owned())).collect();
        let reduced = reduced();
        let missing: Vec<_> = reduced.difference(&distinct).collect();
        let unknown: Vec<_> = distinct.difference(&reduced).collect();
        assert!(missing.is_empty() && unknown.is_empty(), "missing: {missing:?}; unknown: {unknown:?}");
        assert!(rows.len() > 380, "only {} rows", rows.len());
    }
}
