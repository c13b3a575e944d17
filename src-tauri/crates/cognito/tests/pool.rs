//! The client against the development pool, which has real SRP arithmetic of its own.

mod development_pool;

use std::collections::BTreeMap;
use std::sync::Arc;

use cognito::{Client, Http, Issuer, PoolSettings};
use development_pool::DevelopmentPool;
use session::{
    Answer, Challenge, ClientSecret, Clock as _, CodeMethod, Continuation, Credentials, Established, Fault,
    FaultCode, OneTimeCode, Password, Pool as _, PoolClock, RefreshToken, RenewalRequest, Step,
};

const DEVSECRET: &str = "devsecretdevsecretdevsecretdevsecret0123456789abcd";

struct Desk {
    client: Client,
    clock: Arc<PoolClock>,
}

fn desk_with(pool: &DevelopmentPool, client_id: &str, secret: Option<&str>) -> Desk {
    let issuer = Issuer::parse(&pool.issuer).expect("the pool announces its issuer");
    let settings = PoolSettings::new(issuer, client_id.to_owned(), secret.map(ClientSecret::new), None);
    let http = Http::from_environment(&|_| None).expect("no settings");
    let clock = Arc::new(PoolClock::new());
    Desk { client: Client::new(settings.expect("good settings"), http, Arc::clone(&clock)), clock }
}

fn desk(pool: &DevelopmentPool, client_id: &str) -> Desk {
    desk_with(pool, client_id, None)
}

impl Desk {
    async fn begin(&self, username: &str, password: &str) -> Result<Step, Fault> {
        let password = Some(Password::new(password));
        self.client.begin(Credentials { username: username.to_owned(), password }.into()).await
    }

    async fn signed_in(&self, username: &str, password: &str) -> Established {
        match self.begin(username, password).await {
            Ok(Step::Done(established)) => *established,
            other => panic!("{username} is not signed in: {other:?}"),
        }
    }

    async fn refused(&self, username: &str, password: &str) -> Fault {
        match self.begin(username, password).await {
            Err(fault) => fault,
            Ok(step) => panic!("{username} is not refused: {step:?}"),
        }
    }
}

fn renewal(established: &Established) -> RenewalRequest {
    RenewalRequest {
        refresh: established.tokens.refresh.clone(),
        username: established.user.username.clone(),
        device_key: established.device_key.clone(),
    }
}

#[tokio::test]
async fn signing_in_by_srp() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    let aiko = desk.signed_in("aiko", "Green-Tea-42").await;
    assert_eq!(aiko.login, "aiko");
    assert_eq!(aiko.user.name.as_deref(), Some("Aiko Tanaka"));
    assert_eq!(aiko.user.email.as_deref(), Some("aiko@example.com"));
    assert!(aiko.user.email_verified);
    assert_eq!(aiko.user.groups, ["engineering", "tea"]);
    let life = aiko.tokens.expires_at.since(aiko.tokens.issued_at);
    assert_eq!(life.as_secs(), 3_600);
    assert!(aiko.tokens.issued_at.0.abs_diff(desk.clock.now().0) < 5_000);
    assert_eq!(pool.count("InitiateAuth").await, 1);
    assert_eq!(pool.count("RespondToAuthChallenge").await, 1);

    let kazuko = desk.signed_in("kazuko", "パスワード-Sakura-11").await;
    assert_eq!(kazuko.user.name.as_deref(), Some("山田 和子"));
}

#[tokio::test]
async fn by_email_address_the_typed_name_stays_the_login() {
    let pool = DevelopmentPool::start().await;
    for (client_id, secret) in [("devdesktop", None), ("devsecret", Some(DEVSECRET))] {
        let aiko = desk_with(&pool, client_id, secret).signed_in("aiko@example.com", "Green-Tea-42").await;
        assert_eq!(aiko.login, "aiko@example.com");
        assert_ne!(aiko.user.username, aiko.login);
    }
}

#[tokio::test]
async fn wrong_password_and_unknown_user_are_the_same() {
    let pool = DevelopmentPool::start().await;
    for client_id in ["devdesktop", "devpassword"] {
        let desk = desk(&pool, client_id);
        let wrong = desk.refused("hiro", "Green-Tea-43").await;
        let unknown = desk.refused("nobody-knows-me", "Green-Tea-42").await;
        assert_eq!(wrong, Fault::new(FaultCode::WrongCredentials));
        assert_eq!(unknown, wrong);
    }
    let before = pool.count("InitiateAuth").await;
    let desk = desk(&pool, "devdesktop");
    for (username, password) in [("", "Green-Tea-42"), ("aiko", "")] {
        assert_eq!(desk.refused(username, password).await.code, FaultCode::WrongCredentials);
    }
    assert_eq!(pool.count("InitiateAuth").await, before, "nothing is sent for what is empty");
}

#[tokio::test]
async fn each_state_of_a_user_is_told() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    for (username, password, code) in [
        ("chiyo", "Closed-Door-3", FaultCode::UserDisabled),
        ("dmitri", "Not-Yet-44", FaultCode::UserNotConfirmed),
        ("emma", "Forgotten-5", FaultCode::PasswordResetRequired),
    ] {
        assert_eq!(desk.refused(username, password).await.code, code, "{username}");
    }
    for _ in 0..12 {
        let fault = desk.refused("aiko", "Wrong-1").await;
        if fault.code == FaultCode::TooManyAttempts {
            return;
        }
        assert_eq!(fault.code, FaultCode::WrongCredentials);
    }
    panic!("the pool never had enough of it");
}

#[tokio::test]
async fn a_code_that_is_no_code_is_refused_without_asking() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    let Ok(Step::Challenge(challenge, continuation)) = desk.begin("jun", "Second-Step-10").await else {
        panic!("jun is asked for a code");
    };
    assert!(matches!(challenge, Challenge::Code { method: CodeMethod::Authenticator, .. }), "{challenge:?}");
    let asked = pool.count("RespondToAuthChallenge").await;
    let code = |text: &str| Answer::Code(OneTimeCode::new(text));
    let fault = desk.client.reply(continuation.clone(), code("12345x")).await.expect_err("it is no code");
    assert_eq!(fault.code, FaultCode::CodeWrong);
    assert_eq!(pool.count("RespondToAuthChallenge").await, asked);
    // Digits in any form are asked about.
    let fault = desk.client.reply(continuation, code("０００ ０００")).await.expect_err("it is wrong");
    assert_eq!(fault.code, FaultCode::CodeWrong);
    assert_eq!(pool.count("RespondToAuthChallenge").await, asked + 1);
}

async fn new_password_of_ben(desk: &Desk) -> Continuation {
    match desk.begin("ben", "Temporary-1").await {
        Ok(Step::Challenge(Challenge::NewPassword { username, missing_attributes }, continuation)) => {
            assert_eq!((username.as_str(), missing_attributes), ("ben", vec!["name".to_owned()]));
            continuation
        }
        other => panic!("ben is not asked for a new password: {other:?}"),
    }
}

fn new_password(password: &str, name: Option<&str>) -> Answer {
    let attributes =
        name.map(|name| ("name".to_owned(), name.to_owned())).into_iter().collect::<BTreeMap<_, _>>();
    Answer::NewPassword { password: Password::new(password), attributes }
}

#[tokio::test]
async fn a_first_password_is_replaced() {
    let pool = DevelopmentPool::start().await;
    for secret in [None, Some(DEVSECRET)] {
        let desk = desk_with(&pool, secret.map_or("devdesktop", |_| "devsecret"), secret);
        let continuation = new_password_of_ben(&desk).await;
        let fault =
            desk.client.reply(continuation, new_password("short", Some("Ben"))).await.expect_err("too short");
        assert_eq!(fault.code, FaultCode::PasswordRejected);
        let continuation = new_password_of_ben(&desk).await;
        let fault =
            desk.client.reply(continuation, new_password("Quiet-River-9", None)).await.expect_err("no name");
        assert_eq!(fault.code, FaultCode::AttributeRejected, "{fault}");
    }
    let desk = desk_with(&pool, "devsecret", Some(DEVSECRET));
    let continuation = new_password_of_ben(&desk).await;
    let empty = desk.client.reply(continuation.clone(), new_password("", Some("Ben"))).await;
    assert_eq!(empty.err().map(|fault| fault.code), Some(FaultCode::PasswordRejected));
    let Ok(Step::Done(ben)) =
        desk.client.reply(continuation, new_password("Quiet-River-9", Some("Ben"))).await
    else {
        panic!("ben is not signed in");
    };
    assert_eq!((ben.user.name.as_deref(), ben.login.as_str()), (Some("Ben"), "ben"));
    desk.signed_in("ben", "Quiet-River-9").await;
    assert_eq!(desk.refused("ben", "Temporary-1").await.code, FaultCode::WrongCredentials);
}

#[tokio::test]
async fn a_challenge_that_took_too_long_has_expired() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    let mut continuation = new_password_of_ben(&desk).await;
    continuation.session = Some(session::ChallengeSession::new("a".repeat(40)));
    let fault = desk.client.reply(continuation, new_password("Quiet-River-9", Some("Ben"))).await;
    assert_eq!(fault.err().map(|fault| fault.code), Some(FaultCode::ChallengeExpired));
}

#[tokio::test]
async fn where_srp_is_not_enabled_the_password_is_sent_and_that_is_remembered() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devpassword");
    let hiro = desk.signed_in("hiro", "Plain-Spoken-8").await;
    assert_eq!(hiro.user.name.as_deref(), Some("Hiro Sato"));
    assert_eq!(pool.count("InitiateAuth").await, 3, "SRP, the pool's ways, the password itself");
    desk.signed_in("hiro", "Plain-Spoken-8").await;
    assert_eq!(pool.count("InitiateAuth").await, 4, "it is remembered");

    pool.post("client", r#"{"id":"devpassword","flows":[]}"#).await;
    assert_eq!(desk.refused("hiro", "Plain-Spoken-8").await.code, FaultCode::FlowNotEnabled);
}

#[tokio::test]
async fn renewal_without_and_with_rotation() {
    let pool = DevelopmentPool::start().await;
    for (client_id, secret, rotates) in
        [("devdesktop", None, false), ("devsecret", Some(DEVSECRET), false), ("devrotating", None, true)]
    {
        let desk = desk_with(&pool, client_id, secret);
        let farid = desk.signed_in("farid", "Round-And-Round-6").await;
        let renewed = desk.client.renew(renewal(&farid)).await.expect("it is renewed");
        assert_eq!(renewed.refresh.is_some(), rotates, "{client_id}");
        assert_ne!(renewed.access.expose(), farid.tokens.access.expose());
        assert_eq!(renewed.user, Some(farid.user.clone()));
        assert!(renewed.expires_at >= farid.tokens.expires_at);
    }
    assert_eq!(pool.count("GetTokensFromRefreshToken").await, 3);
}

#[tokio::test]
async fn a_server_that_does_not_know_the_operation_is_asked_by_flow() {
    let pool = DevelopmentPool::start().await;
    for (client_id, secret, error) in [
        ("devdesktop", None, r#"{"type":"UnknownOperationException","message":""}"#),
        ("devsecret", Some(DEVSECRET), r#"{"type":"NotImplemented","message":"","status":501}"#),
    ] {
        let desk = desk_with(&pool, client_id, secret);
        let greta = desk.signed_in("greta@example.com", "Well-Kept-7").await;
        let script = format!(r#"{{"operation":"GetTokensFromRefreshToken","steps":[{{"error":{error}}}]}}"#);
        pool.post("script", &script).await;
        let (before, flows) =
            (pool.count("GetTokensFromRefreshToken").await, pool.count("InitiateAuth").await);
        for _ in 0..2 {
            let renewed = desk.client.renew(renewal(&greta)).await.expect("it is renewed");
            assert_eq!(renewed.user.map(|user| user.sub), Some(greta.user.sub.clone()));
        }
        assert_eq!(pool.count("GetTokensFromRefreshToken").await, before + 1, "it is remembered");
        assert_eq!(pool.count("InitiateAuth").await, flows + 2);
    }
}

#[tokio::test]
async fn a_failed_renewal_is_sent_once_and_says_why() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devrotating");
    let farid = desk.signed_in("farid", "Round-And-Round-6").await;
    for (step, code) in [
        (r#""429""#, FaultCode::Throttled),
        (r#""500""#, FaultCode::PoolTrouble),
        (r#""503""#, FaultCode::PoolTrouble),
        (r#""html""#, FaultCode::NotThePool),
        (r#""drop""#, FaultCode::Unreachable),
        (
            r#"{"error":{"type":"NotAuthorizedException","message":"Refresh Token has expired"}}"#,
            FaultCode::RefreshTokenExpired,
        ),
        (
            r#"{"error":{"type":"RefreshTokenReuseException","message":"reuse"}}"#,
            FaultCode::RefreshTokenReused,
        ),
        (r#"{"error":{"type":"ForbiddenException","message":"Request not allowed"}}"#, FaultCode::Blocked),
    ] {
        let before = pool.count("GetTokensFromRefreshToken").await;
        pool.post("script", &format!(r#"{{"operation":"GetTokensFromRefreshToken","steps":[{step}]}}"#))
            .await;
        let fault = desk.client.renew(renewal(&farid)).await.expect_err(step);
        assert_eq!(fault.code, code, "{step}: {fault}");
        assert_eq!(pool.count("GetTokensFromRefreshToken").await, before + 1, "{step}");
    }
    desk.client.renew(renewal(&farid)).await.expect("nothing was lost");
}

#[tokio::test]
async fn what_was_revoked_is_refused() {
    let pool = DevelopmentPool::start().await;
    for (client_id, secret) in [("devdesktop", None), ("devsecret", Some(DEVSECRET))] {
        let desk = desk_with(&pool, client_id, secret);
        let aiko = desk.signed_in("aiko", "Green-Tea-42").await;
        desk.client.revoke(aiko.tokens.refresh.clone()).await.expect("it is revoked");
        let fault = desk.client.renew(renewal(&aiko)).await.expect_err("it was revoked");
        assert_eq!(fault.code, FaultCode::RefreshTokenRevoked);
    }
    let mut unknown = renewal(&desk(&pool, "devdesktop").signed_in("aiko", "Green-Tea-42").await);
    unknown.refresh = RefreshToken::new("not-a-token-of-this-pool");
    let fault = desk(&pool, "devdesktop").client.renew(unknown).await.expect_err("nobody knows it");
    assert_eq!(fault.code, FaultCode::RenewalRefused);
}

#[tokio::test]
async fn users_who_are_gone_or_disabled_are_not_renewed() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    let aiko = desk.signed_in("aiko", "Green-Tea-42").await;
    pool.post("user", r#"{"username":"aiko","enabled":false}"#).await;
    let fault = desk.client.renew(renewal(&aiko)).await.expect_err("disabled");
    assert_eq!(fault.code, FaultCode::UserDisabled, "{fault}");
    pool.post("user", r#"{"username":"aiko","delete":true}"#).await;
    let fault = desk.client.renew(renewal(&aiko)).await.expect_err("deleted");
    assert_eq!(fault.code, FaultCode::UserGone, "{fault}");
}

#[tokio::test]
async fn the_client_secret_is_right_wrong_or_missing() {
    let pool = DevelopmentPool::start().await;
    let right = desk_with(&pool, "devsecret", Some(DEVSECRET)).signed_in("greta", "Well-Kept-7").await;
    let wrong = desk_with(&pool, "devsecret", Some("0123456789abcdef0123456789abcdef"));
    assert_eq!(wrong.refused("greta", "Well-Kept-7").await.code, FaultCode::ClientSecretWrong);
    let renewed = wrong.client.renew(renewal(&right)).await.expect_err("wrong secret");
    assert_eq!(renewed.code, FaultCode::ClientSecretWrong, "{renewed}");
    let missing = desk(&pool, "devsecret").refused("greta", "Well-Kept-7").await;
    assert_eq!(missing.code, FaultCode::ClientSecretMissing, "{missing}");
    let nobody = desk(&pool, "nosuchclient").refused("greta", "Well-Kept-7").await;
    assert_eq!(nobody.code, FaultCode::ClientUnknown, "{nobody}");
}

#[tokio::test]
async fn a_wrong_clock_is_measured_and_made_up_for() {
    for (offset_seconds, offset_ms) in [(7_200, 7_200_000_i64), (-7_200, -7_200_000)] {
        let pool = DevelopmentPool::start().await;
        pool.post("clock", &format!(r#"{{"offset_seconds":{offset_seconds}}}"#)).await;
        let desk = desk(&pool, "devdesktop");
        let aiko = desk.signed_in("aiko", "Green-Tea-42").await;
        assert!(desk.clock.offset_ms().abs_diff(offset_ms) < 3_000, "{}", desk.clock.offset_ms());
        // By the pool's clock, which is the only one that counts.
        let left = aiko.tokens.expires_at.0 - desk.clock.now().0;
        if offset_seconds > 0 {
            assert!((3_590_000..3_605_000).contains(&left), "{left}");
        }
    }
}

#[tokio::test]
async fn an_error_tells_the_time_as_well() {
    let pool = DevelopmentPool::start().await;
    pool.post("clock", r#"{"offset_seconds":3600}"#).await;
    let desk = desk(&pool, "nosuchclient");
    desk.refused("aiko", "Green-Tea-42").await;
    assert!(desk.clock.offset_ms().abs_diff(3_600_000) < 3_000, "{}", desk.clock.offset_ms());
}

#[test]
fn variables_of_the_shell_change_nothing() {
    let tests = std::env::current_exe().expect("this program");
    let output = std::process::Command::new(tests)
        .args(["--exact", "signing_in_by_srp"])
        .envs([
            ("AWS_REGION", "xx-nowhere-1"),
            ("AWS_DEFAULT_REGION", "xx-nowhere-1"),
            ("AWS_PROFILE", "no-such-profile"),
            ("AWS_CONFIG_FILE", "/nonexistent/config"),
            ("AWS_ACCESS_KEY_ID", "AKIAXXXXXXXXXXXXXXXX"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
            ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "http://127.0.0.1:1"),
            ("AWS_USE_FIPS_ENDPOINT", "true"),
            ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
            ("AWS_MAX_ATTEMPTS", "9"),
            ("HTTP_PROXY", "http://127.0.0.1:1"),
            ("ALL_PROXY", "http://127.0.0.1:1"),
        ])
        .output()
        .expect("it runs again");
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && words.contains("1 passed"), "{words}");
}
