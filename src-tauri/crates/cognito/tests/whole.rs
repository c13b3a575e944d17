//! The session core and the client together, against the development pool: what follows by itself from one word of
//! the person.

mod development_pool;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognito::{Client, Http, Issuer, PoolSettings};
use development_pool::DevelopmentPool;
use session::{
    Answer, AttemptView, Challenge, CodeMethod, Credentials, Done, EndCause, Fault, FaultCode, Handle,
    NewAccount, OneTimeCode, Password, Pool as _, PoolClock, PoolTold, Prompt, Purpose, Receipt,
    RenewalRequest, RenewalView, SessionView, SignInWay, Vault, VaultFault, View, decode_queue, start,
};
use zeroize::Zeroizing;

/// A keychain in memory, which outlives the driver as the real one outlives the program: a record, and the queue of
/// revocations.
#[derive(Clone, Default)]
struct Memory(Entry, Entry);

type Entry = Arc<Mutex<Option<Zeroizing<Vec<u8>>>>>;

fn content(entry: &Entry) -> Option<Zeroizing<Vec<u8>>> {
    entry.lock().expect("nobody panicked").clone()
}

fn put(entry: &Entry, content: Option<Zeroizing<Vec<u8>>>) {
    *entry.lock().expect("nobody panicked") = content;
}

impl Vault for Memory {
    async fn load(&self, _: Prompt) -> Result<Option<Zeroizing<Vec<u8>>>, VaultFault> {
        Ok(content(&self.0))
    }

    async fn save(&self, _: String, record: Zeroizing<Vec<u8>>) -> Result<(), VaultFault> {
        put(&self.0, Some(record));
        Ok(())
    }

    async fn clear(&self) -> Result<(), VaultFault> {
        put(&self.0, None);
        Ok(())
    }

    async fn load_revocations(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultFault> {
        Ok(content(&self.1))
    }

    async fn save_revocations(&self, queue: Option<Zeroizing<Vec<u8>>>) -> Result<(), VaultFault> {
        put(&self.1, queue);
        Ok(())
    }
}

fn handle(pool: &DevelopmentPool, client_id: &str) -> Handle {
    handle_with(pool, client_id, &Memory::default())
}

fn handle_with(pool: &DevelopmentPool, client_id: &str, vault: &Memory) -> Handle {
    let issuer = Issuer::parse(&pool.issuer).expect("the pool announces its issuer");
    let settings = PoolSettings::new(issuer, client_id.to_owned(), None, None).expect("good settings");
    let http = Http::from_environment(&|_| None).expect("no settings");
    let clock = Arc::new(PoolClock::new());
    let client = Client::new(settings, http, Arc::clone(&clock));
    start(Arc::new(client), Arc::new(vault.clone()), clock)
}

async fn until(handle: &Handle, wanted: impl Fn(&View) -> bool) -> Arc<View> {
    let mut views = handle.subscribe();
    let seen = tokio::time::timeout(Duration::from_secs(20), views.wait_for(|view| wanted(view))).await;
    match seen {
        Ok(Ok(view)) => Arc::clone(&view),
        _ => panic!("waited in vain: {:?}", handle.view()),
    }
}

/// Waits for a challenge on the screen, of which something is true.
async fn challenge(handle: &Handle, wanted: impl Fn(&Challenge, Option<&Fault>, u32) -> bool) -> Challenge {
    let view = until(handle, |view| {
        matches!(&view.attempt, AttemptView::Challenged { challenge, fault, resent, .. }
            if wanted(challenge, fault.as_ref(), *resent))
    });
    match &view.await.attempt {
        AttemptView::Challenged { challenge, .. } => challenge.clone(),
        other => panic!("{other:?}"),
    }
}

async fn signed_in_as(handle: &Handle, name: &str) {
    let view = until(
        handle,
        |view| matches!(&view.session, SessionView::SignedIn { user, .. } if user.username == name),
    );
    assert_eq!(view.await.attempt, AttemptView::Idle { fault: None, done: None });
}

fn credentials(username: &str, password: Option<&str>) -> Credentials {
    Credentials { username: username.to_owned(), password: password.map(Password::new) }
}

async fn code_for(pool: &DevelopmentPool, username: &str) -> OneTimeCode {
    let outbox = pool.get("outbox").await;
    let messages = outbox["messages"].as_array().expect("messages");
    let newest = messages.iter().rev().find(|message| message["username"] == username);
    OneTimeCode::new(newest.and_then(|message| message["code"].as_str()).expect("a code was sent"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_that_has_lapsed_is_begun_again_with_what_was_typed() {
    let pool = DevelopmentPool::start().await;
    let handle = handle(&pool, "devbrief");
    handle.sign_in(credentials("ben", Some("Temporary-1")));
    challenge(&handle, |challenge, _, _| matches!(challenge, Challenge::NewPassword { .. })).await;
    // A challenge of this client waits for twenty seconds.
    pool.post("clock", r#"{"offset_seconds":30}"#).await;
    let attributes = BTreeMap::from([("name".to_owned(), "Ben".to_owned())]);
    handle.answer(Answer::NewPassword { password: Password::new("Quiet-River-9"), attributes });
    signed_in_as(&handle, "ben").await;
    assert_eq!(pool.count("InitiateAuth").await, 2, "begun twice, typed once");

    handle.sign_in(credentials("lena", Some("By-Message-12")));
    challenge(&handle, |challenge, _, resent| {
        matches!(challenge, Challenge::Code { method: CodeMethod::Sms, .. }) && resent == 0
    })
    .await;
    let late = code_for(&pool, "lena").await;
    pool.post("clock", r#"{"offset_seconds":60}"#).await;
    handle.answer(Answer::Code(late));
    challenge(&handle, |_, fault, resent| {
        resent == 1 && fault.is_some_and(|fault| fault.code == FaultCode::ChallengeExpired)
    })
    .await;
    handle.answer(Answer::Code(code_for(&pool, "lena").await));
    signed_in_as(&handle, "lena").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_and_signed_in_to() {
    let pool = DevelopmentPool::start().await;
    for (client_id, username, password) in
        [("devchoice", "yuki", None), ("devdesktop", "yuna", Some("Fresh-Start-1"))]
    {
        let handle = handle(&pool, client_id);
        let attributes = [("email", format!("{username}@example.com")), ("name", "Yu Ito".to_owned())];
        handle.sign_up(NewAccount {
            username: username.to_owned(),
            password: password.map(Password::new),
            attributes: attributes.map(|(name, value)| (name.to_owned(), value)).into(),
        });
        until(&handle, |view| matches!(view.attempt, AttemptView::Deciding { purpose: Purpose::SignUp, .. }))
            .await;
        challenge(&handle, |challenge, _, _| matches!(challenge, Challenge::ConfirmAccount { .. })).await;
        handle.resend_code();
        challenge(&handle, |_, _, resent| resent == 1).await;
        handle.answer(Answer::Code(code_for(&pool, username).await));
        signed_in_as(&handle, username).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sign_in_needs_first_is_done_first_and_the_sign_in_goes_on() {
    let pool = DevelopmentPool::start().await;
    let handle = handle(&pool, "devdesktop");
    handle.sign_in(credentials("dmitri", Some("Not-Yet-44")));
    challenge(&handle, |challenge, _, _| matches!(challenge, Challenge::ConfirmAccount { .. })).await;
    handle.answer(Answer::Code(code_for(&pool, "dmitri").await));
    signed_in_as(&handle, "dmitri").await;

    handle.sign_in(credentials("emma", Some("Forgotten-5")));
    challenge(&handle, |challenge, fault, _| {
        matches!(challenge, Challenge::ResetPassword { .. })
            && fault.is_some_and(|fault| fault.code == FaultCode::PasswordResetRequired)
    })
    .await;
    let password = Password::new("Remembered-55");
    handle.answer(Answer::NewPasswordByCode { code: code_for(&pool, "emma").await, password });
    signed_in_as(&handle, "emma").await;

    handle.forgot_password("aiko".to_owned());
    challenge(&handle, |challenge, _, _| matches!(challenge, Challenge::ResetPassword { .. })).await;
    let password = Password::new("Black-Tea-42");
    handle.answer(Answer::NewPasswordByCode { code: code_for(&pool, "aiko").await, password });
    signed_in_as(&handle, "aiko").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_choice_of_ways_can_be_gone_back_to() {
    let pool = DevelopmentPool::start().await;
    let handle = handle(&pool, "devchoice");
    handle.sign_in(credentials("nora", None));
    let choosing =
        |challenge: &Challenge, _: Option<&Fault>, _: u32| matches!(challenge, Challenge::ChooseWay { .. });
    challenge(&handle, choosing).await;
    handle.answer(Answer::Way(SignInWay::SmsCode));
    challenge(&handle, |challenge, _, _| {
        matches!(challenge, Challenge::Code { method: CodeMethod::Sms, .. })
    })
    .await;
    handle.choose_again();
    challenge(&handle, choosing).await;
    handle.answer(Answer::Way(SignInWay::Password));
    challenge(&handle, |challenge, _, _| matches!(challenge, Challenge::Password { .. })).await;
    handle.answer(Answer::Password(Password::new("Wrong-Choice-1")));
    challenge(&handle, |challenge, fault, _| {
        matches!(challenge, Challenge::Password { .. })
            && fault.is_some_and(|fault| fault.code == FaultCode::WrongCredentials)
    })
    .await;
    handle.answer(Answer::Password(Password::new("Free-Choice-14")));
    signed_in_as(&handle, "nora").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_an_authenticator_is_there_while_it_is_set_up() {
    let pool = DevelopmentPool::start().await;
    let handle = handle(&pool, "devmfa");
    assert!(handle.authenticator_secret().await.is_none());
    handle.sign_in(credentials("tomoko", Some("Set-It-Up-20")));
    challenge(&handle, |challenge, _, _| matches!(challenge, Challenge::ChooseSetUp { .. })).await;
    assert!(handle.authenticator_secret().await.is_none());
    handle.answer(Answer::SecondFactor(CodeMethod::Authenticator));
    challenge(&handle, |challenge, _, _| matches!(challenge, Challenge::SetUpAuthenticator { .. })).await;
    let secret = handle.authenticator_secret().await.expect("the secret");
    assert!(!format!("{:?}", handle.view()).contains(secret.expose()), "it is in no view");
    // The development pool shows what an app with this secret would.
    handle.answer(Answer::Authenticator { code: code_for(&pool, "tomoko").await, device: None });
    signed_in_as(&handle, "tomoko").await;
    assert!(handle.authenticator_secret().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_is_signed_in_proves_to_be_there_and_the_session_does_not_notice() {
    let pool = DevelopmentPool::start().await;
    let vault = Memory::default();
    let handle = handle_with(&pool, "devrotating", &vault);
    handle.sign_in(credentials("lena", Some("By-Message-12")));
    challenge(&handle, |challenge, _, _| matches!(challenge, Challenge::Code { .. })).await;
    handle.answer(Answer::Code(code_for(&pool, "lena").await));
    signed_in_as(&handle, "lena").await;
    let (session, record) = (handle.view().session.clone(), content(&vault.0));
    assert!(!handle.presence_proved().await);

    handle.prove_presence();
    let asks =
        |challenge: &Challenge| matches!(challenge, Challenge::Password { username } if username == "lena");
    challenge(&handle, |challenge, fault, _| asks(challenge) && fault.is_none()).await;
    handle.answer(Answer::Password(Password::new("Wrong-Message-1")));
    challenge(&handle, |challenge, fault, _| {
        asks(challenge) && fault.is_some_and(|fault| fault.code == FaultCode::WrongCredentials)
    })
    .await;
    handle.answer(Answer::Password(Password::new("By-Message-12")));
    challenge(&handle, |challenge, _, _| matches!(challenge, Challenge::Code { .. })).await;
    handle.resend_code();
    challenge(&handle, |_, _, resent| resent == 1).await;
    assert_eq!(handle.view().presence_until, None);
    handle.answer(Answer::Code(code_for(&pool, "lena").await));
    let view = until(&handle, |view| view.presence_until.is_some()).await;
    assert_eq!(view.attempt, AttemptView::Idle { fault: None, done: Some(Done::PresenceProved) });
    assert_eq!(view.session, session);
    assert!(handle.presence_proved().await);
    assert!(content(&vault.0) == record, "nothing was saved");

    // What it has left at the pool is revoked, and the session renews.
    for _ in 0..100 {
        if pool.count("RevokeToken").await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(pool.count("RevokeToken").await, 1);
    let token = handle.access_token().await.expect("a token");
    handle.token_refused(token.clone());
    let renewed = handle.access_token().await.expect("the session renews");
    assert!(renewed.expose() != token.expose(), "another token");
    assert_eq!(pool.count("GetTokensFromRefreshToken").await, 1);
    handle.token_refused(token);
    handle.spend_presence();
    assert!(!handle.presence_proved().await);
    let due =
        |view: &View| matches!(view.session, SessionView::SignedIn { renewal: RenewalView::Due { .. }, .. });
    until(&handle, due).await;
    assert_eq!(pool.count("GetTokensFromRefreshToken").await, 1, "a token is refused once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_user_changes_of_themselves_is_shown() {
    let pool = DevelopmentPool::start().await;
    let handle = handle(&pool, "devrotating");
    handle.sign_in(credentials("aiko", Some("Green-Tea-42")));
    signed_in_as(&handle, "aiko").await;
    pool.post("user", r#"{"username":"aiko","attributes":{"name":"Aiko Changed"}}"#).await;
    handle.user_changed();
    let shown = |view: &View| matches!(&view.session, SessionView::SignedIn { user, .. } if user.name.as_deref() == Some("Aiko Changed"));
    until(&handle, shown).await;
    handle.account_deleted();
    let deleted = |view: &View| {
        matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
            if ended.cause == EndCause::AccountDeleted { account: "Aiko Changed".to_owned(), keychain_cleared: true })
    };
    until(&handle, deleted).await;
    assert_eq!(pool.count("RevokeToken").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_that_the_pool_did_not_hear_of_is_finished_by_the_next_run() {
    let pool = DevelopmentPool::start().await;
    let vault = Memory::default();
    let first = handle_with(&pool, "devrotating", &vault);
    first.sign_in(credentials("aiko", Some("Green-Tea-42")));
    signed_in_as(&first, "aiko").await;
    let steps = r#"{"operation":"RevokeToken","steps":["drop","drop","drop"]}"#;
    pool.post("script", steps).await;
    first.sign_out();
    let waits = |view: &View| {
        matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
            if matches!(&ended.cause, EndCause::ByUser { receipt: Receipt {
                pool: PoolTold::Waiting { kept: true, .. }, keychain_cleared: true, .. } }))
    };
    until(&first, waits).await;
    first.shutdown().await;
    assert!(content(&vault.0).is_none());
    let queue = decode_queue(&content(&vault.1).expect("a queue")).expect("it makes sense");
    let [token] = &queue[..] else { panic!("{queue:?}") };

    // Also while somebody is signed in.
    let second = handle_with(&pool, "devrotating", &vault);
    second.sign_in(credentials("farid", Some("Round-And-Round-6")));
    signed_in_as(&second, "farid").await;
    for _ in 0..200 {
        if content(&vault.1).is_none() {
            break;
        }
        second.retry();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(content(&vault.1).is_none(), "the queue is worked off");
    assert!(matches!(second.view().session, SessionView::SignedIn { .. }));
    let issuer = Issuer::parse(&pool.issuer).expect("the pool announces its issuer");
    let settings = PoolSettings::new(issuer, "devrotating".to_owned(), None, None).expect("good settings");
    let http = Http::from_environment(&|_| None).expect("no settings");
    let client = Client::new(settings, http, Arc::new(PoolClock::new()));
    let request = RenewalRequest { refresh: token.clone(), username: "aiko".to_owned(), device_key: None };
    let fault = client.renew(request).await.expect_err("the token is worthless");
    assert_eq!(fault.code, FaultCode::RefreshTokenRevoked);
}
