//! Passwords, tokens and client secrets stay out of the log, at every level and of every crate, and out of `Debug`.
//!
//! The one test of its program that runs anything, because what is logged is the whole process's.

mod development_pool;

use std::io;
use std::sync::{Arc, Mutex};

use cognito::{Client, Http, Issuer, PoolSettings};
use development_pool::DevelopmentPool;
use session::{
    Answer, ClientSecret, CodeMethod, Credentials, OneTimeCode, Password, Pool as _, PoolClock,
    RenewalRequest, Step,
};
use tracing_subscriber::filter::LevelFilter;

const CLIENT_SECRET: &str = "devsecretdevsecretdevsecretdevsecret0123456789abcd";

/// Everything that is logged, in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("nobody panicked")).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Six digits may be a part of any number, such as the SDK's number of a call; a code is whole.
fn contains(line: &str, secret: &str) -> bool {
    let is_code = secret.bytes().all(|byte| byte.is_ascii_digit());
    let is_digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
    line.match_indices(secret).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + secret.len()..]);
        !is_code || !is_digit(before.chars().next_back()) && !is_digit(after.chars().next())
    })
}

#[test]
fn a_code_is_found_whole_and_in_no_longer_number() {
    assert!(contains("code=918273&x", "918273") && contains("x Well-Kept-6x", "Well-Kept-6"));
    assert!(!contains("id=7918273", "918273") && !contains("9182734", "918273"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_logged_or_shown() {
    let pool = DevelopmentPool::start().await;
    let log = Log::default();
    let written = log.clone();
    // Without the time: six digits of a second's fraction are now and then the six digits of a code.
    let subscriber =
        tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_ansi(false).without_time();
    subscriber.with_writer(move || written.clone()).init();

    let issuer = Issuer::parse(&pool.issuer).expect("the pool announces its issuer");
    let secret = ClientSecret::new(CLIENT_SECRET);
    let settings =
        PoolSettings::new(issuer, "devsecret".to_owned(), Some(secret), None).expect("good settings");
    let http = Http::from_environment(&|_| None).expect("no settings");
    let client = Client::new(settings, http, Arc::new(PoolClock::new()));
    let credentials =
        |password| Credentials { username: "greta".to_owned(), password: Some(Password::new(password)) };
    client.begin(credentials("Well-Kept-8").into()).await.expect_err("a wrong password");
    let Ok(Step::Done(greta)) = client.begin(credentials("Well-Kept-7").into()).await else {
        panic!("greta is not signed in");
    };
    let request = RenewalRequest {
        refresh: greta.tokens.refresh.clone(),
        username: greta.user.username.clone(),
        device_key: None,
    };
    let renewed = client.renew(request.clone()).await.expect("it is renewed");
    let access = &renewed.access;
    let password = Password::new;
    client.account(access).await.expect("the pool tells");
    let wrong =
        client.change_password(access, Some(&password("Well-Kept-6")), &password("Well-Kept-9")).await;
    wrong.expect_err("a wrong password");
    let right =
        client.change_password(access, Some(&password("Well-Kept-7")), &password("Well-Kept-9")).await;
    right.expect("it is changed");
    let app = client.begin_authenticator(access).await.expect("the pool gives a secret");
    let code = client.confirm_authenticator(access, &OneTimeCode::new("918273"), None).await;
    code.expect_err("a wrong code");
    client
        .verify_attribute(access, "email".to_owned(), &OneTimeCode::new("364758"))
        .await
        .expect_err("no code");
    assert_eq!(client.sessions(access).await, Ok(None), "the SDK does not know this one");
    assert_eq!(client.devices(access).await, Ok(None));
    for step in ["500", "html"] {
        pool.post("script", &format!(r#"{{"operation":"refresh","steps":["{step}"]}}"#)).await;
        client.renew(request.clone()).await.expect_err("the pool fails");
    }
    client.revoke(greta.tokens.refresh.clone()).await.expect("it is revoked");
    assert_eq!(pool.count("RevokeToken").await, 1);
    let issuer = Issuer::parse(&pool.issuer).expect("the pool announces its issuer");
    let settings = PoolSettings::new(issuer, "devmfa".to_owned(), None, None).expect("good settings");
    let set_up = Client::new(
        settings,
        Http::from_environment(&|_| None).expect("no settings"),
        Arc::new(PoolClock::new()),
    );
    let tomoko = Credentials { username: "tomoko".to_owned(), password: Some(Password::new("Set-It-Up-20")) };
    let Ok(Step::Challenge(_, choice)) = set_up.begin(tomoko.into()).await else {
        panic!("tomoko has to set something up");
    };
    let choose = Answer::SecondFactor(CodeMethod::Authenticator);
    let Ok(Step::Challenge(_, asked)) = set_up.reply(choice, choose).await else {
        panic!("tomoko is given a secret");
    };
    let traced = log.text();

    // A validation error of the pool may repeat what it was sent. The SDK logs it at TRACE; this crate nowhere.
    let message =
        format!("1 validation error detected: Value '{}' at 'refreshToken'", greta.tokens.refresh.expose());
    let error = format!(r#"{{"error":{{"type":"InvalidParameterException","message":"{message} failed"}}}}"#);
    pool.post("script", &format!(r#"{{"operation":"refresh","steps":[{error}]}}"#)).await;
    let repeated = client.renew(request.clone()).await.expect_err("the pool refuses");
    let later = log.text()[traced.len()..]
        .lines()
        .filter(|line| !line.trim_start().starts_with("TRACE "))
        .collect::<Vec<_>>()
        .join("\n");

    let mut secrets = vec![CLIENT_SECRET.to_owned(), "Well-Kept-7".to_owned(), "Well-Kept-8".to_owned()];
    secrets.push("Set-It-Up-20".to_owned());
    secrets.extend(["Well-Kept-6", "Well-Kept-9", "918273", "364758"].map(str::to_owned));
    secrets.push(app.expose().to_owned());
    secrets.push(asked.secret.as_ref().expect("the app's secret").expose().to_owned());
    let session = asked.session.as_ref().expect("the newest session").expose();
    secrets.push(session.to_owned());
    let renewed_id = renewed.id.as_ref().expect("it is renewed as well");
    // What is shortened must be shortened before a token begins.
    secrets.push(greta.tokens.refresh.expose()[80..120].to_owned());
    for token in [
        greta.tokens.access.expose(),
        greta.tokens.id.expose(),
        greta.tokens.refresh.expose(),
        renewed.access.expose(),
        renewed_id.expose(),
    ] {
        secrets.push(token.to_owned());
        // The signature makes a token of a payload that can be guessed.
        secrets.push(token.rsplit('.').next().expect("a last part").to_owned());
    }
    let shown =
        format!("{greta:?} {renewed:?} {client:?} {request:?} {repeated} {repeated:?} {asked:?} {app:?}");
    assert!(traced.contains("did not do what it was asked"), "the log has lines of this crate");
    assert!(later.contains("did not do what it was asked"), "the log has lines of this crate");
    assert!(traced.contains("aws_smithy_runtime::client::orchestrator"), "the log has lines of the SDK");
    for secret in secrets {
        for (place, text) in
            [("Debug output", &shown), ("the log", &traced), ("the log without TRACE", &later)]
        {
            let line = text.lines().find(|line| contains(line, &secret));
            assert!(line.is_none(), "{place} has a secret: {}", line.unwrap_or_default());
        }
    }
}
