use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use cognito::{Http, Issuer, PoolSettings};
use serde_json::json;
use session::{
    Answer, AttemptView, Challenge, Credentials, EndCause, PoolClock, Prompt, Vault, VaultFault, View,
};
use virtual_desktop::UserPool;
use zeroize::Zeroizing;

use super::*;

/// A keychain in memory, which keeps no queue.
#[derive(Default)]
struct Memory(Mutex<Option<Zeroizing<Vec<u8>>>>);

impl Memory {
    fn record(&self) -> MutexGuard<'_, Option<Zeroizing<Vec<u8>>>> {
        self.0.lock().expect("no test has failed with it")
    }
}

type Kept = Result<Option<Zeroizing<Vec<u8>>>, VaultFault>;

impl Vault for Memory {
    async fn load(&self, _: Prompt) -> Kept {
        Ok(self.record().clone())
    }

    async fn save(&self, _: String, record: Zeroizing<Vec<u8>>) -> Result<(), VaultFault> {
        *self.record() = Some(record);
        Ok(())
    }

    async fn clear(&self) -> Result<(), VaultFault> {
        *self.record() = None;
        Ok(())
    }

    async fn load_revocations(&self) -> Kept {
        Ok(None)
    }

    async fn save_revocations(&self, _: Option<Zeroizing<Vec<u8>>>) -> Result<(), VaultFault> {
        Ok(())
    }
}

/// The development pool, built if need be.
pub(crate) fn pool() -> UserPool {
    let test = std::env::current_exe().expect("the path of this test");
    let folder = test.ancestors().nth(2).expect("target/<profile>/deps/<test>");
    let mut build = std::process::Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "-p", "userpool", "--target-dir"]);
    build.arg(folder.parent().expect("target/<profile>")).current_dir(env!("CARGO_MANIFEST_DIR"));
    if folder.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().expect("cargo runs").success(), "the development pool is not built");
    let name = format!("userpool{}", std::env::consts::EXE_SUFFIX);
    UserPool::start(Path::new(&folder.join(name)), &[])
}

fn own(pool: &UserPool) -> OwnAccount {
    let issuer = Issuer::parse(pool.issuer()).expect("the pool announces its issuer");
    let settings = PoolSettings::new(issuer, "devdesktop".to_owned(), None, None).expect("good settings");
    let http = Http::from_environment(&|_| None).expect("no settings");
    let clock = Arc::new(PoolClock::new());
    let client = Arc::new(Client::new(settings, http, Arc::clone(&clock)));
    let handle = session::start(Arc::clone(&client), Arc::new(Memory::default()), clock);
    OwnAccount { handle, client }
}

async fn until(own: &OwnAccount, wanted: impl Fn(&View) -> bool) {
    let mut views = own.handle.subscribe();
    let seen = tokio::time::timeout(Duration::from_secs(20), views.wait_for(|view| wanted(view))).await;
    assert!(matches!(seen, Ok(Ok(_))), "waited in vain: {:?}", own.handle.view());
}

async fn aiko(pool: &UserPool) -> OwnAccount {
    let own = own(pool);
    let password = Some(Password::new(pool.password("aiko")));
    own.handle.sign_in(Credentials { username: "aiko".to_owned(), password });
    until(&own, |view| matches!(view.session, SessionView::SignedIn { .. })).await;
    own
}

async fn prove(pool: &UserPool, own: &OwnAccount) {
    own.handle.prove_presence();
    let asked = |view: &View| {
        matches!(&view.attempt, AttemptView::Challenged { challenge: Challenge::Password { .. }, .. })
    };
    until(own, asked).await;
    own.handle.answer(Answer::Password(Password::new(pool.password("aiko"))));
    until(own, |view| view.presence_until.is_some()).await;
}

async fn account(own: &OwnAccount) -> Answered<Account> {
    own.ask(|client, access| async move { client.account(&access).await }).await
}

fn count(pool: &UserPool, operation: &str) -> u64 {
    let counts = pool.log()["counts"][operation].clone();
    counts.as_object().into_iter().flatten().filter_map(|(_, count)| count.as_u64()).sum()
}

fn refuse(pool: &UserPool, operation: &str, times: usize) {
    let error = json!({ "type": "NotAuthorizedException", "message": "Access Token has been revoked" });
    let steps = vec![json!({ "error": error }); times];
    pool.control("script", &json!({ "operation": operation, "steps": steps }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_honoured_is_renewed_and_tried_once_more() {
    let pool = pool();
    let own = aiko(&pool).await;
    let first = own.token().await.expect("she is signed in");
    refuse(&pool, "GetUser", 1);
    account(&own).await.expect("the new token is honoured");
    assert_ne!(own.token().await.expect("she is signed in").expose(), first.expose());
    assert_eq!((count(&pool, "GetUser"), count(&pool, "GetTokensFromRefreshToken")), (2, 1));

    refuse(&pool, "GetUser", 2);
    let Err(AccountProblem::Fault { fault }) = account(&own).await else { panic!("it is refused twice") };
    assert_eq!(fault.code, FaultCode::AccessTokenRevoked);
    assert_eq!((count(&pool, "GetUser"), count(&pool, "GetTokensFromRefreshToken")), (4, 2), "and no more");
    account(&own).await.expect("the session goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_ended_elsewhere_is_over() {
    let pool = pool();
    let own = aiko(&pool).await;
    let token = own.token().await.expect("she is signed in");
    let (status, _) = pool.ask("GlobalSignOut", &json!({ "AccessToken": token.expose() }));
    assert_eq!(status, 200);
    assert_eq!(account(&own).await, Err(AccountProblem::SignedOut));
    let ended = |view: &View| {
        matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
            if matches!(&ended.cause, EndCause::ByPool { fault } if fault.code == FaultCode::RefreshTokenRevoked))
    };
    until(&own, ended).await;
    assert_eq!(account(&own).await, Err(AccountProblem::SignedOut));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_tokens_say_is_renewed_after_a_change() {
    let pool = pool();
    let own = aiko(&pool).await;
    let change = |client: Arc<Client>, access| {
        let values = BTreeMap::from([("name".to_owned(), "愛子".to_owned())]);
        async move { client.change_attributes(&access, values).await }
    };
    assert_eq!(own.change(change).await, Ok(vec![]));
    until(
        &own,
        |view| matches!(&view.session, SessionView::SignedIn { user, .. } if user.name.as_deref() == Some("愛子")),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_turned_off_by_who_is_there_and_each_time_anew() {
    let pool = pool();
    let own = aiko(&pool).await;
    let email = CodeMethod::Email;
    own.ask(|client, access| async move { client.enable_second_factor(&access, email).await })
        .await
        .expect("her address is verified");
    let asked = count(&pool, "SetUserMFAPreference");
    assert_eq!(own.disable_second_factor(email).await, Err(AccountProblem::PresenceNeeded));
    assert_eq!(count(&pool, "SetUserMFAPreference"), asked, "the pool is not asked");
    own.handle.prove_presence();
    let password = |view: &View| {
        matches!(&view.attempt, AttemptView::Challenged { challenge: Challenge::Password { .. }, .. })
    };
    until(&own, password).await;
    own.handle.answer(Answer::Password(Password::new(pool.password("aiko"))));
    let code = |view: &View| {
        matches!(&view.attempt, AttemptView::Challenged { challenge: Challenge::Code { .. }, .. })
    };
    until(&own, code).await;
    assert_eq!(own.disable_second_factor(email).await, Err(AccountProblem::PresenceNeeded), "not yet");
    own.handle.answer(Answer::Code(OneTimeCode::new(pool.code("aiko"))));
    until(&own, |view| view.presence_until.is_some()).await;
    own.disable_second_factor(email).await.expect("she is there");
    assert_eq!(account(&own).await.map(|account| account.second_factors), Ok(vec![]));
    assert_eq!(own.disable_second_factor(email).await, Err(AccountProblem::PresenceNeeded), "it is spent");
}

/// Proves to be there by the password and the code that is asked for then.
async fn prove_by_code(pool: &UserPool, own: &OwnAccount) {
    own.handle.prove_presence();
    let password = |view: &View| {
        matches!(&view.attempt, AttemptView::Challenged { challenge: Challenge::Password { .. }, .. })
    };
    until(own, password).await;
    own.handle.answer(Answer::Password(Password::new(pool.password("aiko"))));
    let code = |view: &View| {
        matches!(&view.attempt, AttemptView::Challenged { challenge: Challenge::Code { .. }, .. })
    };
    until(own, code).await;
    own.handle.answer(Answer::Code(OneTimeCode::new(pool.code("aiko"))));
    until(own, |view| view.presence_until.is_some()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_codes_of_a_second_factor_go_is_changed_by_who_is_there() {
    let pool = pool();
    let own = aiko(&pool).await;
    let address = || BTreeMap::from([("email".to_owned(), "aiko@example.net".to_owned())]);
    let nickname = || BTreeMap::from([("nickname".to_owned(), "Ai".to_owned())]);
    own.change_attributes(address()).await.expect("no codes go there yet");
    let email = CodeMethod::Email;
    own.ask(|client, access| async move { client.enable_second_factor(&access, email).await })
        .await
        .expect("the address she had is verified");
    let asked = count(&pool, "UpdateUserAttributes");
    assert_eq!(own.change_attributes(address()).await, Err(AccountProblem::PresenceNeeded));
    assert_eq!(own.delete_attributes(vec!["email".to_owned()]).await, Err(AccountProblem::PresenceNeeded));
    assert_eq!(count(&pool, "UpdateUserAttributes"), asked, "the pool is not asked");
    assert_eq!(count(&pool, "DeleteUserAttributes"), 0, "the pool is not asked");
    own.change_attributes(nickname()).await.expect("codes do not go to a nickname");

    prove_by_code(&pool, &own).await;
    // Everybody must have an address in this pool: what was turned off for it is on again.
    let Err(AccountProblem::Fault { .. }) = own.delete_attributes(vec!["email".to_owned()]).await else {
        panic!("the address is required")
    };
    assert_eq!(account(&own).await.map(|account| account.second_factors), Ok(vec![email]));
    own.change_attributes(address()).await.expect("the proof is still good");
    assert_eq!(own.change_attributes(address()).await, Err(AccountProblem::PresenceNeeded), "it is spent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_goes_takes_its_second_factor_along() {
    let pool = pool();
    pool.control(
        "user",
        &json!({ "username": "aiko",
        "attributes": { "phone_number": "+4915112345678", "phone_number_verified": "true" } }),
    );
    let own = aiko(&pool).await;
    let sms = CodeMethod::Sms;
    own.ask(|client, access| async move { client.enable_second_factor(&access, sms).await })
        .await
        .expect("the number is verified");
    prove_by_code(&pool, &own).await;
    own.delete_attributes(vec!["phone_number".to_owned()]).await.expect("she is there");
    let account = account(&own).await.expect("she is signed in");
    assert_eq!(account.second_factors, []);
    assert!(account.attributes.iter().all(|attribute| attribute.name != "phone_number"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_is_replaced_by_who_is_there() {
    let pool = pool();
    let own = aiko(&pool).await;
    let begun = own.begin_authenticator().await.expect("the first one needs no proof");
    assert!(!begun.expose().is_empty());
    own.handle.sign_out();

    let password = Some(Password::new(pool.password("jun")));
    own.handle.sign_in(Credentials { username: "jun".to_owned(), password });
    let code = |view: &View| {
        matches!(&view.attempt, AttemptView::Challenged { challenge: Challenge::Code { .. }, .. })
    };
    until(&own, code).await;
    own.handle.answer(Answer::Code(OneTimeCode::new(pool.code("jun"))));
    until(&own, |view| matches!(view.session, SessionView::SignedIn { .. })).await;
    let asked = count(&pool, "AssociateSoftwareToken");
    assert!(matches!(own.begin_authenticator().await, Err(AccountProblem::PresenceNeeded)));
    assert_eq!(count(&pool, "AssociateSoftwareToken"), asked, "the pool is not asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_deleted_by_who_says_its_name_and_is_there() {
    let pool = pool();
    let own = aiko(&pool).await;
    for wrong in ["", " ", "Aiko", "aiko@example.org", "delete"] {
        assert_eq!(own.delete(wrong).await, Err(AccountProblem::NameDiffers), "{wrong:?}");
    }
    assert_eq!(own.delete("aiko").await, Err(AccountProblem::PresenceNeeded));
    assert_eq!(count(&pool, "DeleteUser"), 0, "the pool is not asked");
    prove(&pool, &own).await;
    assert_eq!(own.delete("ben").await, Err(AccountProblem::NameDiffers), "a proof is not a name");
    pool.control("script", &json!({ "operation": "DeleteUser", "steps": ["500"] }));
    let Err(AccountProblem::Fault { fault }) = own.delete("aiko").await else {
        panic!("the pool has trouble")
    };
    assert_eq!(fault.code, FaultCode::PoolTrouble);
    own.delete(" AIKO@example.com ").await.expect("the proof is still good");
    let ended = |view: &View| {
        matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
            if matches!(ended.cause, EndCause::AccountDeleted { .. }))
    };
    until(&own, ended).await;
    assert_eq!(own.delete("aiko").await, Err(AccountProblem::SignedOut));
    assert_eq!(account(&own).await, Err(AccountProblem::SignedOut));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_deletion_that_is_lost_is_found_out_by_renewing() {
    let pool = pool();
    let own = aiko(&pool).await;
    prove(&pool, &own).await;
    let code = |answer: Answered| match answer {
        Err(AccountProblem::Fault { fault }) => fault.code,
        answer => panic!("{answer:?}"),
    };
    // Nothing was sent.
    pool.control("script", &json!({ "operation": "GetUser", "steps": ["drop"] }));
    assert_eq!(code(own.delete("aiko").await), FaultCode::Unreachable);
    assert_eq!(count(&pool, "DeleteUser"), 0);
    // Nothing was done.
    let renewals = || count(&pool, "GetTokensFromRefreshToken");
    let before = renewals();
    pool.control("script", &json!({ "operation": "DeleteUser", "steps": ["drop"] }));
    assert_eq!(code(own.delete("aiko").await), FaultCode::DeletionUnknown);
    while renewals() == before {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    account(&own).await.expect("the session goes on");
    // It was done, and nobody heard of it.
    pool.control("script", &json!({ "operation": "DeleteUser", "steps": ["lose"] }));
    assert_eq!(code(own.delete("aiko").await), FaultCode::DeletionUnknown);
    let deleted = |view: &View| {
        matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
            if matches!(ended.cause, EndCause::AccountDeleted { .. }))
    };
    until(&own, deleted).await;
}

#[test]
fn a_name_is_the_pools_own_or_the_address() {
    let user = User {
        username: "aiko".to_owned(),
        email: Some("Aiko@Example.com".to_owned()),
        name: Some("Aiko Tanaka".to_owned()),
        ..User::default()
    };
    for (name, is) in [
        ("aiko", true),
        (" aiko\n", true),
        ("aiko@example.com", true),
        ("Aiko Tanaka", false),
        ("AIKO", false),
        ("", false),
    ] {
        assert_eq!(is_name_of(&user, name), is, "{name:?}");
    }
    let nobody = User { username: "aiko".to_owned(), ..User::default() };
    assert!(!is_name_of(&nobody, ""));
}
