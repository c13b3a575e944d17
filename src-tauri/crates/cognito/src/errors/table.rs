//! What exceptions mean by their words, and what servers say beyond their service model.

use session::FaultCode;

use super::Operation;
use super::Operation::{
    Associate, AssociateOwn, AuthFactors, ChangePassword, ConfirmDevice, ConfirmSignUp, DeleteAttributes,
    DeletePasskey, DeleteUser, ForgetDevice, ForgotPassword, GetUser, ListDevices, ListPasskeys,
    ListSessions, Renew, Reply, ResendConfirmation, ResetPassword, Revoke, RevokeSession, SendAttributeCode,
    SetFactors, SignIn, SignOutEverywhere, SignUp, UpdateAttributes, UpdateDevice, Verify, VerifyAttribute,
    VerifyOwn,
};

pub(super) const ALL: &[Operation] = &[
    SignIn,
    Reply,
    Renew,
    Revoke,
    SignOutEverywhere,
    SignUp,
    ConfirmSignUp,
    ResendConfirmation,
    ForgotPassword,
    ResetPassword,
    Associate,
    Verify,
    ConfirmDevice,
    UpdateDevice,
    GetUser,
    AuthFactors,
    UpdateAttributes,
    DeleteAttributes,
    SendAttributeCode,
    VerifyAttribute,
    ChangePassword,
    SetFactors,
    AssociateOwn,
    VerifyOwn,
    ListDevices,
    ForgetDevice,
    ListPasskeys,
    DeletePasskey,
    ListSessions,
    RevokeSession,
    DeleteUser,
];
/// The steps of a sign-in.
const ENTRY: &[Operation] = &[SignIn, Reply, Associate, Verify];
/// What is done to an account that nobody is signed in to.
const ACCOUNT: &[Operation] = &[SignUp, ConfirmSignUp, ResendConfirmation, ForgotPassword, ResetPassword];
/// Where a person chooses a password or fills in attributes.
const FILLED_IN: &[Operation] = &[Reply, SignUp, ResetPassword];
const TOKEN: &[Operation] = &[Renew, Revoke];
/// What is done with an access token.
pub(super) const BEARER: &[Operation] = &[
    SignOutEverywhere,
    ConfirmDevice,
    UpdateDevice,
    GetUser,
    AuthFactors,
    UpdateAttributes,
    DeleteAttributes,
    SendAttributeCode,
    VerifyAttribute,
    ChangePassword,
    SetFactors,
    AssociateOwn,
    VerifyOwn,
    ListDevices,
    ForgetDevice,
    ListPasskeys,
    DeletePasskey,
    ListSessions,
    RevokeSession,
    DeleteUser,
];
/// What writes attributes of somebody who is signed in.
const WRITTEN: &[Operation] = &[UpdateAttributes, DeleteAttributes];

/// Operations, exception, how its message begins (`*` stands for one word, empty for any; after `…` anywhere in it),
/// and what it means.
/// The first row that fits counts. Messages are compared without regard to case. A row for any words stands behind the
/// service model's own rows: it is for operations that do not declare the exception, and may meet it all the same.
pub(super) type Row = (&'static [Operation], &'static str, &'static str, FaultCode);

pub(super) const TABLE: &[Row] = &[
    // The client's secret, which any operation may be refused for.
    (ALL, "NotAuthorizedException", "Client * is configured with secret but", FaultCode::ClientSecretMissing),
    (ALL, "NotAuthorizedException", "Client * is configured for secret but", FaultCode::ClientSecretMissing),
    (
        ALL,
        "InvalidParameterException",
        "Client * is configured with secret but",
        FaultCode::ClientSecretMissing,
    ),
    (
        ALL,
        "InvalidParameterException",
        "Client * is configured for secret but",
        FaultCode::ClientSecretMissing,
    ),
    (ALL, "NotAuthorizedException", "Unable to verify secret hash for client", FaultCode::ClientSecretWrong),
    (ALL, "NotAuthorizedException", "SecretHash does not match", FaultCode::ClientSecretWrong),
    (ALL, "NotAuthorizedException", "Client secret does not match", FaultCode::ClientSecretWrong),
    (ALL, "NotAuthorizedException", "Invalid client secret", FaultCode::ClientSecretWrong),
    (ALL, "NotAuthorizedException", "Client * is not configured with secret", FaultCode::ClientSecretWrong),
    (ALL, "NotAuthorizedException", "Client * is not configured for secret", FaultCode::ClientSecretWrong),
    (
        ALL,
        "InvalidParameterException",
        "Client * is not configured with secret",
        FaultCode::ClientSecretWrong,
    ),
    (ALL, "InvalidParameterException", "Client * is not configured for secret", FaultCode::ClientSecretWrong),
    (
        ALL,
        "NotAuthorizedException",
        "App client * is not configured for secret",
        FaultCode::ClientSecretWrong,
    ),
    (
        ALL,
        "InvalidParameterException",
        "App client * is not configured for secret",
        FaultCode::ClientSecretWrong,
    ),
    // The user, in every operation.
    (ALL, "NotAuthorizedException", "User is disabled", FaultCode::UserDisabled),
    (ALL, "UserNotConfirmedException", "", FaultCode::UserNotConfirmed),
    (ALL, "PasswordResetRequiredException", "", FaultCode::PasswordResetRequired),
    // A wrong password and a user who does not exist are told alike.
    (ENTRY, "NotAuthorizedException", "Incorrect username or password", FaultCode::WrongCredentials),
    (ENTRY, "NotAuthorizedException", "User does not exist", FaultCode::WrongCredentials),
    (ENTRY, "NotAuthorizedException", "Password attempts exceeded", FaultCode::TooManyAttempts),
    (ENTRY, "NotAuthorizedException", "Too many failed attempts", FaultCode::TooManyAttempts),
    (ALL, "TooManyFailedAttemptsException", "", FaultCode::TooManyAttempts),
    (ENTRY, "NotAuthorizedException", "Temporary password has expired", FaultCode::PasswordResetRequired),
    (ENTRY, "NotAuthorizedException", "User account has expired", FaultCode::PasswordResetRequired),
    // The steps of a sign-in.
    (ENTRY, "NotAuthorizedException", "Invalid session", FaultCode::ChallengeExpired),
    (ENTRY, "NotAuthorizedException", "Session ", FaultCode::ChallengeExpired),
    (ENTRY, "CodeMismatchException", "Invalid session", FaultCode::ChallengeExpired),
    (ENTRY, "InvalidParameterException", "Invalid session", FaultCode::ChallengeExpired),
    (ENTRY, "ExpiredCodeException", "Your software token has already been used once", FaultCode::CodeUsed),
    (ENTRY, "CodeDeliveryFailureException", "", FaultCode::CodeNotSent),
    (ENTRY, "LimitExceededException", "", FaultCode::TooManyAttempts),
    // A device that was forgotten elsewhere.
    (ENTRY, "ResourceNotFoundException", "Device ", FaultCode::DeviceUnknown),
    (ENTRY, "NotAuthorizedException", "Device ", FaultCode::DeviceUnknown),
    (&[Reply], "InvalidParameterException", "* is not available for the user", FaultCode::NotTheUsersChoice),
    (&[Reply], "InvalidParameterException", "Selected challenge", FaultCode::NotTheUsersChoice),
    // Accounts.
    (&[ConfirmSignUp], "NotAuthorizedException", "User cannot be confirmed", FaultCode::AlreadyConfirmed),
    (
        &[ResendConfirmation],
        "InvalidParameterException",
        "User is already confirmed",
        FaultCode::AlreadyConfirmed,
    ),
    (&[ForgotPassword], "InvalidParameterException", "Cannot reset password", FaultCode::CannotResetPassword),
    (ACCOUNT, "NotAuthorizedException", "Password attempts exceeded", FaultCode::TooManyAttempts),
    (FILLED_IN, "InvalidParameterException", "Password does not conform", FaultCode::PasswordRejected),
    (FILLED_IN, "InvalidParameterException", "Password did not conform", FaultCode::PasswordRejected),
    (ALL, "PasswordHistoryPolicyViolationException", "", FaultCode::PasswordReused),
    (&[Reply], "NotAuthorizedException", "Cannot modify an already provided", FaultCode::AttributeRejected),
    (
        &[Reply],
        "NotAuthorizedException",
        "A client attempted to write unauthorized attribute",
        FaultCode::AttributeRejected,
    ),
    (
        &[Reply],
        "InvalidParameterException",
        "Cannot modify an already provided",
        FaultCode::AttributeRejected,
    ),
    (FILLED_IN, "InvalidParameterException", "Attribute", FaultCode::AttributeRejected),
    (FILLED_IN, "InvalidParameterException", "Invalid attribute", FaultCode::AttributeRejected),
    (FILLED_IN, "InvalidParameterException", "Invalid * address format", FaultCode::AttributeRejected),
    (FILLED_IN, "InvalidParameterException", "Invalid * number format", FaultCode::AttributeRejected),
    // Renewal.
    (&[Renew], "NotAuthorizedException", "Refresh Token has expired", FaultCode::RefreshTokenExpired),
    (&[Renew], "NotAuthorizedException", "Refresh Token has been revoked", FaultCode::RefreshTokenRevoked),
    (&[Renew], "NotAuthorizedException", "User does not exist", FaultCode::UserGone),
    (&[Renew, Revoke], "UserNotFoundException", "", FaultCode::UserGone),
    (&[Renew], "ResourceNotFoundException", "Device ", FaultCode::RenewalRefused),
    // What is done with an access token.
    (BEARER, "NotAuthorizedException", "Access Token does not have required scopes", FaultCode::ScopeMissing),
    (BEARER, "NotAuthorizedException", "Access Token ", FaultCode::AccessTokenRevoked),
    (BEARER, "NotAuthorizedException", "Invalid Access Token", FaultCode::AccessTokenRevoked),
    (BEARER, "NotAuthorizedException", "User does not exist", FaultCode::UserGone),
    (BEARER, "UserNotFoundException", "", FaultCode::UserGone),
    (BEARER, "LimitExceededException", "", FaultCode::TooManyAttempts),
    (&[ChangePassword], "NotAuthorizedException", "Incorrect username or password", FaultCode::WrongPassword),
    // Nobody has said the one that there is.
    (
        &[ChangePassword],
        "InvalidParameterException",
        "Missing required parameter OldPassword",
        FaultCode::WrongPassword,
    ),
    (&[ChangePassword], "NotAuthorizedException", "Password attempts exceeded", FaultCode::TooManyAttempts),
    (
        &[ChangePassword],
        "InvalidParameterException",
        "Password does not conform",
        FaultCode::PasswordRejected,
    ),
    (&[ChangePassword], "InvalidParameterException", "Password did not conform", FaultCode::PasswordRejected),
    (
        WRITTEN,
        "NotAuthorizedException",
        "A client attempted to write unauthorized attribute",
        FaultCode::AttributeNotWritable,
    ),
    (WRITTEN, "InvalidParameterException", "* Attribute cannot be updated", FaultCode::AttributeNotWritable),
    (
        &[SendAttributeCode],
        "InvalidParameterException",
        "User does not have a valid registered",
        FaultCode::CodeNotSent,
    ),
    (
        &[VerifyOwn],
        "ExpiredCodeException",
        "Your software token has already been used once",
        FaultCode::CodeUsed,
    ),
    (BEARER, "CodeDeliveryFailureException", "", FaultCode::CodeNotSent),
    // What the client or the pool is set up for.
    (ALL, "ResourceNotFoundException", "User pool client", FaultCode::ClientUnknown),
    (ALL, "ResourceNotFoundException", "User pool ", FaultCode::PoolUnknown),
    (ALL, "ResourceNotFoundException", "", FaultCode::ClientUnknown),
    (ALL, "InvalidParameterException", "* is not enabled for the client", FaultCode::FlowNotEnabled),
    (ALL, "InvalidParameterException", "* flow not enabled for this client", FaultCode::FlowNotEnabled),
    (ALL, "InvalidParameterException", "* flow is not enabled for this client", FaultCode::FlowNotEnabled),
    (ALL, "InvalidParameterException", "Initiate Auth method not supported", FaultCode::FlowNotEnabled),
    (ALL, "NotAuthorizedException", "* is not enabled for the client", FaultCode::FlowNotEnabled),
    (ALL, "NotAuthorizedException", "* flow not enabled for this client", FaultCode::FlowNotEnabled),
    (ALL, "ValidationException", "", FaultCode::ParameterRejected),
    (ALL, "SerializationException", "", FaultCode::ParameterRejected),
    (ALL, "UnsupportedOperationException", "", FaultCode::OperationUnavailable),
    (ALL, "UnsupportedTokenTypeException", "", FaultCode::OperationUnavailable),
    (ALL, "FeatureUnavailableInTierException", "", FaultCode::OperationUnavailable),
    (ALL, "InvalidUserPoolConfigurationException", "", FaultCode::OperationUnavailable),
    (ALL, "UnknownOperationException", "", FaultCode::OperationUnavailable),
    (ALL, "UnknownOperation", "", FaultCode::OperationUnavailable),
    (ALL, "InvalidAction", "", FaultCode::OperationUnavailable),
    (ALL, "NotImplemented", "", FaultCode::OperationUnavailable),
    // No operation that is used takes a signature: a server that wants one does not know the operation.
    (ALL, "MissingAuthenticationTokenException", "", FaultCode::OperationUnavailable),
    (ALL, "AccessDeniedException", "", FaultCode::Blocked),
    // The pool owner's own code.
    (ALL, "UserLambdaValidationException", "", FaultCode::RefusedByRule),
    (ALL, "UnexpectedLambdaException", "", FaultCode::TriggerFailed),
    (ALL, "InvalidLambdaResponseException", "", FaultCode::TriggerFailed),
    (ALL, "InvalidSmsRoleAccessPolicyException", "", FaultCode::TriggerFailed),
    (ALL, "InvalidSmsRoleTrustRelationshipException", "", FaultCode::TriggerFailed),
    (ALL, "InvalidEmailRoleAccessPolicyException", "", FaultCode::TriggerFailed),
    // What may pass by itself.
    (ALL, "LimitExceededException", "", FaultCode::Throttled),
    (ALL, "ThrottlingException", "", FaultCode::Throttled),
    (ALL, "InternalFailure", "", FaultCode::PoolTrouble),
    (ALL, "InternalServerError", "", FaultCode::PoolTrouble),
    (ALL, "ServiceUnavailable", "", FaultCode::PoolTrouble),
    (ALL, "ServiceUnavailableException", "", FaultCode::PoolTrouble),
    (ALL, "ConcurrentModificationException", "", FaultCode::PoolTrouble),
    // The general codes.
    // However it is worded: a set-up that is wrong must not end a session.
    (TOKEN, "NotAuthorizedException", "…secret", FaultCode::ClientSecretWrong),
    (&[Revoke], "NotAuthorizedException", "", FaultCode::ParameterRejected),
    (ENTRY, "", "", FaultCode::SignInRefused),
    (ACCOUNT, "", "", FaultCode::SignInRefused),
    // An exception nobody foresaw must not end a session.
    (TOKEN, "", "", FaultCode::PoolTrouble),
    (BEARER, "", "", FaultCode::PoolTrouble),
];
