use std::collections::HashSet;

use super::Operation::{
    Associate, AssociateOwn, ChangePassword, ConfirmDevice, ConfirmSignUp, DeleteAttributes, DeletePasskey,
    DeleteUser, ForgetDevice, ForgotPassword, GetUser, ListDevices, ListPasskeys, ListSessions, Renew, Reply,
    ResendConfirmation, ResetPassword, Revoke, RevokeSession, SendAttributeCode, SetFactors, SignIn,
    SignOutEverywhere, SignUp, UpdateAttributes, UpdateDevice, Verify, VerifyAttribute, VerifyOwn,
};
use super::*;

/// Exceptions as a pool sends them, and what they have to mean.
const CASES: &[(Operation, &str, &str, FaultCode)] = &[
    (SignIn, "NotAuthorizedException", "Incorrect username or password.", FaultCode::WrongCredentials),
    (SignIn, "NotAuthorizedException", "User does not exist.", FaultCode::WrongCredentials),
    (SignIn, "UserNotFoundException", "User does not exist.", FaultCode::WrongCredentials),
    (Reply, "UserNotFoundException", "User does not exist.", FaultCode::WrongCredentials),
    (SignIn, "NotAuthorizedException", "Password attempts exceeded", FaultCode::TooManyAttempts),
    (SignIn, "NotAuthorizedException", "Too many failed attempts. Try later.", FaultCode::TooManyAttempts),
    (SignIn, "TooManyFailedAttemptsException", "Attempts", FaultCode::TooManyAttempts),
    (SignIn, "NotAuthorizedException", "User is disabled.", FaultCode::UserDisabled),
    (SignIn, "NotAuthorizedException", "user is disabled", FaultCode::UserDisabled),
    (Renew, "NotAuthorizedException", "User is disabled.", FaultCode::UserDisabled),
    (SignIn, "UserNotConfirmedException", "User is not confirmed.", FaultCode::UserNotConfirmed),
    (Renew, "UserNotConfirmedException", "User is not confirmed.", FaultCode::UserNotConfirmed),
    (
        SignIn,
        "PasswordResetRequiredException",
        "Password reset required for the user",
        FaultCode::PasswordResetRequired,
    ),
    (
        SignIn,
        "NotAuthorizedException",
        "Temporary password has expired and must be reset by an administrator.",
        FaultCode::PasswordResetRequired,
    ),
    (
        SignIn,
        "NotAuthorizedException",
        "User account has expired, it must be reset by an administrator.",
        FaultCode::PasswordResetRequired,
    ),
    (SignIn, "NotAuthorizedException", "Words nobody has seen yet", FaultCode::SignInRefused),
    (SignIn, "NotAuthorizedException", "", FaultCode::SignInRefused),
    (SignIn, "SomethingNewException", "Words", FaultCode::SignInRefused),
    (
        Reply,
        "NotAuthorizedException",
        "Invalid session for the user, session is expired.",
        FaultCode::ChallengeExpired,
    ),
    (Reply, "NotAuthorizedException", "Invalid session for the user.", FaultCode::ChallengeExpired),
    (Reply, "NotAuthorizedException", "Session has expired", FaultCode::ChallengeExpired),
    (Reply, "CodeMismatchException", "Invalid session provided", FaultCode::ChallengeExpired),
    (Reply, "CodeMismatchException", "Invalid code or auth state for the user.", FaultCode::CodeWrong),
    (Reply, "ExpiredCodeException", "Your software token has already been used once.", FaultCode::CodeUsed),
    (SignIn, "CodeDeliveryFailureException", "Not sent", FaultCode::CodeNotSent),
    (SignIn, "MFAMethodNotFoundException", "None", FaultCode::SecondFactorMissing),
    (Reply, "SoftwareTokenMFANotFoundException", "None", FaultCode::SecondFactorMissing),
    (SignIn, "LimitExceededException", "Attempt limit exceeded.", FaultCode::TooManyAttempts),
    (
        SignOutEverywhere,
        "NotAuthorizedException",
        "Access Token has been revoked",
        FaultCode::AccessTokenRevoked,
    ),
    (
        SignOutEverywhere,
        "NotAuthorizedException",
        "Access Token does not have required scopes",
        FaultCode::ScopeMissing,
    ),
    (SignIn, "ResourceNotFoundException", "Words nobody has seen yet", FaultCode::ClientUnknown),
    (SignOutEverywhere, "SomethingNewException", "Words", FaultCode::PoolTrouble),
    (SignIn, "ResourceNotFoundException", "User pool eu-west-1_x does not exist.", FaultCode::PoolUnknown),
    (SignIn, "ResourceNotFoundException", "User pool client x does not exist.", FaultCode::ClientUnknown),
    (Reply, "InvalidParameterException", "Invalid session provided", FaultCode::ChallengeExpired),
    (
        Reply,
        "ExpiredCodeException",
        "Invalid code provided, please request a code again.",
        FaultCode::CodeExpired,
    ),
    (
        Reply,
        "InvalidPasswordException",
        "Password did not conform with policy: Password not long enough",
        FaultCode::PasswordRejected,
    ),
    (Reply, "InvalidParameterException", "Password does not conform to policy", FaultCode::PasswordRejected),
    (Reply, "InvalidParameterException", "Password did not conform with policy", FaultCode::PasswordRejected),
    (Reply, "PasswordHistoryPolicyViolationException", "Password has been used", FaultCode::PasswordReused),
    (
        Reply,
        "NotAuthorizedException",
        "Cannot modify an already provided email",
        FaultCode::AttributeRejected,
    ),
    (
        Reply,
        "NotAuthorizedException",
        "A client attempted to write unauthorized attribute",
        FaultCode::AttributeRejected,
    ),
    (
        Reply,
        "InvalidParameterException",
        "Cannot modify an already provided email",
        FaultCode::AttributeRejected,
    ),
    (
        Reply,
        "InvalidParameterException",
        "Attributes did not conform to the schema: name",
        FaultCode::AttributeRejected,
    ),
    (
        Reply,
        "InvalidParameterException",
        "Invalid attributes given, name is missing",
        FaultCode::AttributeRejected,
    ),
    (Reply, "InvalidParameterException", "Invalid email address format.", FaultCode::AttributeRejected),
    (Reply, "InvalidParameterException", "Invalid phone number format.", FaultCode::AttributeRejected),
    (
        Reply,
        "AliasExistsException",
        "An account with the email already exists.",
        FaultCode::AttributeRejected,
    ),
    (Renew, "NotAuthorizedException", "Refresh Token has expired", FaultCode::RefreshTokenExpired),
    (Renew, "NotAuthorizedException", "Refresh Token has been revoked", FaultCode::RefreshTokenRevoked),
    (Renew, "NotAuthorizedException", "Refresh token has been revoked.", FaultCode::RefreshTokenRevoked),
    (Renew, "RefreshTokenReuseException", "Refresh token reuse detected", FaultCode::RefreshTokenReused),
    (Renew, "UserNotFoundException", "User does not exist.", FaultCode::UserGone),
    (Renew, "NotAuthorizedException", "User does not exist.", FaultCode::UserGone),
    (Renew, "NotAuthorizedException", "Invalid Refresh Token.", FaultCode::RenewalRefused),
    (Renew, "NotAuthorizedException", "The Client Secret is not right.", FaultCode::ClientSecretWrong),
    (Revoke, "NotAuthorizedException", "Wrong secret", FaultCode::ClientSecretWrong),
    (Renew, "NotAuthorizedException", "", FaultCode::RenewalRefused),
    (Renew, "ResourceNotFoundException", "Device does not exist.", FaultCode::RenewalRefused),
    (Renew, "SomethingNewException", "Words", FaultCode::PoolTrouble),
    (Revoke, "SomethingNewException", "Words", FaultCode::PoolTrouble),
    (Revoke, "UserNotFoundException", "User does not exist.", FaultCode::UserGone),
    (Revoke, "NotAuthorizedException", "No.", FaultCode::ParameterRejected),
    (Revoke, "UnauthorizedException", "The token was issued to another client", FaultCode::ParameterRejected),
    (Revoke, "UnsupportedTokenTypeException", "Unsupported token type", FaultCode::OperationUnavailable),
    (
        SignIn,
        "NotAuthorizedException",
        "Client 1h57kf5cpq17m0eml12EXAMPLE is configured with secret but SECRET_HASH was not received",
        FaultCode::ClientSecretMissing,
    ),
    (
        Renew,
        "NotAuthorizedException",
        "Client x is configured for secret but secret was not received",
        FaultCode::ClientSecretMissing,
    ),
    (
        Renew,
        "InvalidParameterException",
        "Client x is configured with secret but none came",
        FaultCode::ClientSecretMissing,
    ),
    (
        Renew,
        "InvalidParameterException",
        "Client x is configured for secret but none came",
        FaultCode::ClientSecretMissing,
    ),
    (
        SignIn,
        "NotAuthorizedException",
        "Unable to verify secret hash for client x",
        FaultCode::ClientSecretWrong,
    ),
    (
        Reply,
        "NotAuthorizedException",
        "Unable to verify secret hash for client x",
        FaultCode::ClientSecretWrong,
    ),
    (
        Renew,
        "NotAuthorizedException",
        "SecretHash does not match for the client: x",
        FaultCode::ClientSecretWrong,
    ),
    (Renew, "NotAuthorizedException", "Client secret does not match", FaultCode::ClientSecretWrong),
    (Renew, "NotAuthorizedException", "Invalid client secret", FaultCode::ClientSecretWrong),
    (
        SignIn,
        "NotAuthorizedException",
        "Client x is not configured with secret but got one",
        FaultCode::ClientSecretWrong,
    ),
    (
        SignIn,
        "NotAuthorizedException",
        "Client x is not configured for secret but got one",
        FaultCode::ClientSecretWrong,
    ),
    (
        SignIn,
        "InvalidParameterException",
        "Client x is not configured with secret",
        FaultCode::ClientSecretWrong,
    ),
    (
        SignIn,
        "InvalidParameterException",
        "Client x is not configured for secret",
        FaultCode::ClientSecretWrong,
    ),
    (
        SignIn,
        "InvalidParameterException",
        "App client x is not configured for secret but secret hash was received",
        FaultCode::ClientSecretWrong,
    ),
    (
        SignUp,
        "InvalidParameterException",
        "App client x is not configured for secret but secret hash was received",
        FaultCode::ClientSecretWrong,
    ),
    (
        SignIn,
        "NotAuthorizedException",
        "App client x is not configured for secret but secret hash was received",
        FaultCode::ClientSecretWrong,
    ),
    (SignIn, "ResourceNotFoundException", "User pool client x does not exist.", FaultCode::ClientUnknown),
    (Renew, "ResourceNotFoundException", "User pool client x does not exist.", FaultCode::ClientUnknown),
    (
        SignIn,
        "InvalidParameterException",
        "USER_SRP_AUTH is not enabled for the client.",
        FaultCode::FlowNotEnabled,
    ),
    (
        SignIn,
        "InvalidParameterException",
        "USER_PASSWORD_AUTH flow not enabled for this client",
        FaultCode::FlowNotEnabled,
    ),
    (SignIn, "InvalidParameterException", "X flow is not enabled for this client", FaultCode::FlowNotEnabled),
    (SignIn, "InvalidParameterException", "Initiate Auth method not supported.", FaultCode::FlowNotEnabled),
    (SignIn, "NotAuthorizedException", "X is not enabled for the client.", FaultCode::FlowNotEnabled),
    (Renew, "NotAuthorizedException", "X flow not enabled for this client", FaultCode::FlowNotEnabled),
    (
        SignIn,
        "InvalidParameterException",
        "Missing required parameter USERNAME",
        FaultCode::ParameterRejected,
    ),
    (SignIn, "ValidationException", "Words", FaultCode::ParameterRejected),
    (SignIn, "SerializationException", "Words", FaultCode::ParameterRejected),
    (Renew, "OperationNotEnabledException", "Words", FaultCode::OperationUnavailable),
    (Revoke, "UnsupportedOperationException", "Words", FaultCode::OperationUnavailable),
    (SetFactors, "FeatureUnavailableInTierException", "Words", FaultCode::OperationUnavailable),
    (SignIn, "InvalidUserPoolConfigurationException", "Words", FaultCode::OperationUnavailable),
    (Renew, "UnknownOperationException", "", FaultCode::OperationUnavailable),
    (ListDevices, "UnknownOperation", "", FaultCode::OperationUnavailable),
    (ListDevices, "InvalidAction", "Unknown action: ListDevices", FaultCode::OperationUnavailable),
    (ListDevices, "NotImplemented", "", FaultCode::OperationUnavailable),
    (ListSessions, "MissingAuthenticationTokenException", "", FaultCode::OperationUnavailable),
    (SignIn, "ForbiddenException", "Request not allowed due to WAF block.", FaultCode::Blocked),
    (SignIn, "AccessDeniedException", "Words", FaultCode::Blocked),
    (
        SignIn,
        "UserLambdaValidationException",
        "PreAuthentication failed with error Not on Sundays.",
        FaultCode::RefusedByRule,
    ),
    (Renew, "UnexpectedLambdaException", "Words", FaultCode::TriggerFailed),
    (Renew, "InvalidLambdaResponseException", "Words", FaultCode::TriggerFailed),
    (SignIn, "InvalidSmsRoleAccessPolicyException", "Words", FaultCode::TriggerFailed),
    (SignIn, "InvalidSmsRoleTrustRelationshipException", "Words", FaultCode::TriggerFailed),
    (SignIn, "InvalidEmailRoleAccessPolicyException", "Words", FaultCode::TriggerFailed),
    (SignIn, "TooManyRequestsException", "Rate exceeded", FaultCode::Throttled),
    (
        Renew,
        "LimitExceededException",
        "Attempt limit exceeded, please try after some time.",
        FaultCode::Throttled,
    ),
    (Renew, "ThrottlingException", "Rate exceeded", FaultCode::Throttled),
    (Renew, "InternalErrorException", "Internal error", FaultCode::PoolTrouble),
    (Renew, "InternalFailure", "", FaultCode::PoolTrouble),
    (Renew, "InternalServerError", "", FaultCode::PoolTrouble),
    (Renew, "ServiceUnavailable", "", FaultCode::PoolTrouble),
    (Renew, "ServiceUnavailableException", "", FaultCode::PoolTrouble),
    (Reply, "ConcurrentModificationException", "Words", FaultCode::PoolTrouble),
    // Devices.
    (SignIn, "ResourceNotFoundException", "Device does not exist.", FaultCode::DeviceUnknown),
    (Reply, "NotAuthorizedException", "Device key is not valid", FaultCode::DeviceUnknown),
    (ConfirmDevice, "NotAuthorizedException", "Words", FaultCode::AccessTokenRevoked),
    (UpdateDevice, "ResourceNotFoundException", "Device does not exist.", FaultCode::DeviceUnknown),
    (ConfirmDevice, "SomethingNewException", "Words", FaultCode::PoolTrouble),
    // Ways and second factors.
    (
        Reply,
        "InvalidParameterException",
        "EMAIL_OTP is not available for the user",
        FaultCode::NotTheUsersChoice,
    ),
    (Reply, "InvalidParameterException", "Selected challenge is not available", FaultCode::NotTheUsersChoice),
    (Verify, "EnableSoftwareTokenMFAException", "Code mismatch", FaultCode::AuthenticatorCodeWrong),
    (
        Verify,
        "NotAuthorizedException",
        "Invalid session for the user, session is expired.",
        FaultCode::ChallengeExpired,
    ),
    (Associate, "NotAuthorizedException", "Words nobody has seen yet", FaultCode::ChallengeExpired),
    // Accounts.
    (SignUp, "UsernameExistsException", "User already exists", FaultCode::UsernameTaken),
    (
        SignUp,
        "NotAuthorizedException",
        "SignUp is not permitted for this user pool",
        FaultCode::SignUpNotAllowed,
    ),
    (
        SignUp,
        "InvalidParameterException",
        "Password did not conform with policy",
        FaultCode::PasswordRejected,
    ),
    (
        SignUp,
        "InvalidParameterException",
        "Attributes did not conform to the schema: email: The attribute is required",
        FaultCode::AttributeRejected,
    ),
    (
        ConfirmSignUp,
        "NotAuthorizedException",
        "User cannot be confirmed. Current status is CONFIRMED",
        FaultCode::AlreadyConfirmed,
    ),
    (ConfirmSignUp, "AliasExistsException", "An account with the email exists", FaultCode::AliasTaken),
    (
        ResendConfirmation,
        "InvalidParameterException",
        "User is already confirmed.",
        FaultCode::AlreadyConfirmed,
    ),
    (
        ForgotPassword,
        "InvalidParameterException",
        "Cannot reset password for the user as there is no registered/verified email or phone_number",
        FaultCode::CannotResetPassword,
    ),
    (
        ForgotPassword,
        "NotAuthorizedException",
        "User password cannot be reset in the current state.",
        FaultCode::CannotResetPassword,
    ),
    (ResetPassword, "NotAuthorizedException", "Password attempts exceeded", FaultCode::TooManyAttempts),
    (ResetPassword, "NotAuthorizedException", "User is disabled.", FaultCode::UserDisabled),
    (SignUp, "SomethingNewException", "Words", FaultCode::SignInRefused),
    // What somebody does who is signed in.
    (GetUser, "NotAuthorizedException", "Access Token has expired", FaultCode::AccessTokenRevoked),
    (GetUser, "NotAuthorizedException", "Access Token has been revoked", FaultCode::AccessTokenRevoked),
    (
        ChangePassword,
        "NotAuthorizedException",
        "Access Token has been revoked",
        FaultCode::AccessTokenRevoked,
    ),
    (ChangePassword, "NotAuthorizedException", "Invalid Access Token", FaultCode::AccessTokenRevoked),
    (
        DeleteUser,
        "NotAuthorizedException",
        "Access Token does not have required scopes",
        FaultCode::ScopeMissing,
    ),
    (GetUser, "NotAuthorizedException", "User does not exist.", FaultCode::UserGone),
    (ListPasskeys, "UserNotFoundException", "User does not exist.", FaultCode::UserGone),
    (GetUser, "NotAuthorizedException", "User is disabled.", FaultCode::UserDisabled),
    (ChangePassword, "NotAuthorizedException", "Incorrect username or password.", FaultCode::WrongPassword),
    (
        ChangePassword,
        "InvalidParameterException",
        "Missing required parameter OldPassword",
        FaultCode::WrongPassword,
    ),
    (ChangePassword, "NotAuthorizedException", "Password attempts exceeded", FaultCode::TooManyAttempts),
    (
        ChangePassword,
        "LimitExceededException",
        "Attempt limit exceeded, please try after some time.",
        FaultCode::TooManyAttempts,
    ),
    (
        UpdateAttributes,
        "LimitExceededException",
        "Attempt limit exceeded, please try after some time.",
        FaultCode::TooManyAttempts,
    ),
    (
        ChangePassword,
        "InvalidPasswordException",
        "Password did not conform with policy: Password not long enough",
        FaultCode::PasswordRejected,
    ),
    (
        ChangePassword,
        "InvalidParameterException",
        "Password does not conform to policy",
        FaultCode::PasswordRejected,
    ),
    (
        ChangePassword,
        "InvalidParameterException",
        "Password did not conform with policy",
        FaultCode::PasswordRejected,
    ),
    (
        UpdateAttributes,
        "NotAuthorizedException",
        "A client attempted to write unauthorized attribute",
        FaultCode::AttributeNotWritable,
    ),
    (
        DeleteAttributes,
        "InvalidParameterException",
        "user.email: Attribute cannot be updated.\n",
        FaultCode::AttributeNotWritable,
    ),
    (
        UpdateAttributes,
        "InvalidParameterException",
        "Invalid email address format.",
        FaultCode::AttributeRejected,
    ),
    (
        UpdateAttributes,
        "AliasExistsException",
        "An account with the email already exists.",
        FaultCode::AliasTaken,
    ),
    (
        VerifyAttribute,
        "CodeMismatchException",
        "Invalid verification code provided, please try again.",
        FaultCode::CodeWrong,
    ),
    (
        SendAttributeCode,
        "InvalidParameterException",
        "User does not have a valid registered phone number",
        FaultCode::CodeNotSent,
    ),
    (
        SendAttributeCode,
        "InvalidParameterException",
        "Invalid attribute name. Only phone_number and email can be verified.",
        FaultCode::ParameterRejected,
    ),
    (UpdateAttributes, "CodeDeliveryFailureException", "Not sent", FaultCode::CodeNotSent),
    (VerifyAttribute, "CodeDeliveryFailureException", "Not sent", FaultCode::CodeNotSent),
    (
        SetFactors,
        "InvalidParameterException",
        "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA",
        FaultCode::SecondFactorNotPossible,
    ),
    (
        SetFactors,
        "InvalidParameterException",
        "User does not have a phone_number set to turn on SMS MFA",
        FaultCode::SecondFactorNotPossible,
    ),
    (
        SetFactors,
        "InvalidParameterException",
        "User has not verified software token mfa",
        FaultCode::SecondFactorNotPossible,
    ),
    (AssociateOwn, "NotAuthorizedException", "Words nobody has seen yet", FaultCode::AccessTokenRevoked),
    (VerifyOwn, "EnableSoftwareTokenMFAException", "Code mismatch", FaultCode::AuthenticatorCodeWrong),
    (
        VerifyOwn,
        "ExpiredCodeException",
        "Your software token has already been used once.",
        FaultCode::CodeUsed,
    ),
    (ListDevices, "InvalidParameterException", "Words", FaultCode::OperationUnavailable),
    (ForgetDevice, "ResourceNotFoundException", "Device does not exist.", FaultCode::DeviceUnknown),
    (DeletePasskey, "ResourceNotFoundException", "Words", FaultCode::AlreadyGone),
    (RevokeSession, "ResourceNotFoundException", "Session does not exist.", FaultCode::AlreadyGone),
    (
        ListSessions,
        "OperationNotEnabledException",
        "User session tracking is not enabled.",
        FaultCode::OperationUnavailable,
    ),
    (DeleteUser, "SomethingNewException", "Words", FaultCode::PoolTrouble),
    // Beyond what the operation declares.
    (Revoke, "PasswordResetRequiredException", "Words", FaultCode::PasswordResetRequired),
    (Revoke, "PasswordHistoryPolicyViolationException", "Words", FaultCode::PasswordReused),
    (Revoke, "ResourceNotFoundException", "Words", FaultCode::ClientUnknown),
    (Renew, "UnsupportedOperationException", "Words", FaultCode::OperationUnavailable),
    (Renew, "UnsupportedTokenTypeException", "Words", FaultCode::OperationUnavailable),
    (Renew, "InvalidUserPoolConfigurationException", "Words", FaultCode::OperationUnavailable),
    (Revoke, "UserLambdaValidationException", "Words", FaultCode::RefusedByRule),
    (Revoke, "UnexpectedLambdaException", "Words", FaultCode::TriggerFailed),
    (Revoke, "InvalidLambdaResponseException", "Words", FaultCode::TriggerFailed),
    (Revoke, "InvalidSmsRoleAccessPolicyException", "Words", FaultCode::TriggerFailed),
    (Revoke, "InvalidSmsRoleTrustRelationshipException", "Words", FaultCode::TriggerFailed),
    (Revoke, "InvalidEmailRoleAccessPolicyException", "Words", FaultCode::TriggerFailed),
    (Revoke, "UserNotConfirmedException", "Words", FaultCode::UserNotConfirmed),
    (Revoke, "UserNotFoundException", "Words", FaultCode::UserGone),
    (Revoke, "NotAuthorizedException", "Words", FaultCode::ParameterRejected),
];

#[test]
fn every_exception_means_what_it_should() {
    for (operation, exception, message, code) in CASES {
        let fault = of_exception(*operation, exception, message, 400);
        assert_eq!(fault.code, *code, "{operation:?}: {exception}: {message}");
    }
}

#[test]
fn every_row_of_the_table_is_met_by_a_case() {
    let met: HashSet<usize> = CASES
        .iter()
        .filter_map(|(operation, exception, message, _)| match meaning(*operation, exception, message) {
            Meaning::ByTable(index) => Some(index),
            Meaning::ByModel(_) | Meaning::Unknown => None,
        })
        .collect();
    let unmet: Vec<_> =
        TABLE.iter().enumerate().filter(|(index, _)| !met.contains(index)).map(|(_, row)| row).collect();
    assert!(unmet.is_empty(), "no case reaches {unmet:#?}");
}

#[test]
fn wrong_password_and_unknown_user_are_one_fault() {
    let wrong = of_exception(SignIn, "NotAuthorizedException", "Incorrect username or password.", 400);
    let unknown = of_exception(SignIn, "UserNotFoundException", "User does not exist.", 400);
    assert_eq!(wrong, unknown);
    assert_eq!(wrong, Fault::new(FaultCode::WrongCredentials));
}

#[test]
fn any_exception_with_a_server_status_is_trouble_of_the_pool() {
    assert_eq!(of_exception(SignIn, "NewFailure", "", 500).code, FaultCode::PoolTrouble);
    assert_eq!(of_exception(Renew, "NotAuthorizedException", "", 500).code, FaultCode::PoolTrouble);
}

#[test]
fn details_say_what_the_pool_said_and_no_more() {
    let detail = |exception, message| of_exception(SignIn, exception, message, 400).detail;
    assert_eq!(
        detail("UserLambdaValidationException", "PreAuthentication failed with error Not on Sundays."),
        Some("Not on Sundays.".to_owned())
    );
    assert_eq!(
        detail("ForbiddenException", "Request not allowed."),
        Some("ForbiddenException: Request not allowed.".to_owned())
    );
    let beside_a_field = of_exception(Reply, "InvalidPasswordException", "Password not long enough", 400);
    assert_eq!(beside_a_field.detail.as_deref(), Some("Password not long enough"));
    let repeated = "2 validation errors detected: Value 'SECRET' at 'session' failed to satisfy constraint: \
                    Member must have length greater than or equal to 20; Value 'SEC' at 'x' failed";
    let detail = detail("InvalidParameterException", repeated).expect("there are words");
    assert!(!detail.contains("SEC"), "{detail}");
    assert!(detail.contains("Value at 'session' failed to satisfy constraint"), "{detail}");
    let long =
        of_exception(SignIn, "ForbiddenException", &"ö".repeat(5_000), 400).detail.expect("there are words");
    assert_eq!(long.chars().count(), 301);
}

#[test]
fn a_star_stands_for_one_word() {
    for (message, pattern, fits) in [
        ("Client abc is not", "Client * is", true),
        ("client ABC IS not", "Client * is", true),
        ("Client  is not", "Client * is", false),
        ("Client a b is not", "Client * is", false),
        ("USER_SRP_AUTH is", "* is", true),
        ("", "* is", false),
        ("", "", true),
        ("anything", "", true),
        ("é", "e", false),
        ("the SECRET is wrong", "…secret", true),
        ("the word is wrong", "…secret", false),
    ] {
        assert_eq!(says(message, pattern), fits, "{message:?} {pattern:?}");
    }
}
