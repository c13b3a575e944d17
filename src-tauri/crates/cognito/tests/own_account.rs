//! What somebody who is signed in sees and changes of their own account, against the development pool.

mod codes;
mod development_pool;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use codes::{secret_of, sent, shown_by_app};
use cognito::{
    AccountDevice, Client, CodeSent, DeviceStore, Http, Issuer, PoolSettings, RememberedDevice, SessionKind,
    Stored, UserSession,
};
use development_pool::DevelopmentPool;
use session::{
    AccessToken, Answer, Clock as _, CodeMethod, Credentials, Established, Fault, FaultCode, OneTimeCode,
    Password, Pool as _, PoolClock, RenewalRequest, SignInWay, Step,
};

/// A keychain's part in this, in memory.
#[derive(Debug, Default)]
struct Drawer(Mutex<BTreeMap<String, RememberedDevice>>);

impl Drawer {
    fn keys(&self) -> Vec<String> {
        self.0.lock().expect("nobody panics").values().map(|device| device.key.clone()).collect()
    }
}

impl DeviceStore for Drawer {
    fn find<'a>(&'a self, login: &'a str) -> Stored<'a, Option<RememberedDevice>> {
        Box::pin(async move { self.0.lock().expect("nobody panics").get(login).cloned() })
    }

    fn keep<'a>(&'a self, _: &'a str, login: &'a str, device: RememberedDevice) -> Stored<'a, ()> {
        Box::pin(async move {
            self.0.lock().expect("nobody panics").insert(login.to_owned(), device);
        })
    }

    fn forget<'a>(&'a self, key: &'a str) -> Stored<'a, ()> {
        Box::pin(async move {
            self.0.lock().expect("nobody panics").retain(|_, device| device.key != key);
        })
    }
}

struct Desk {
    client: Client,
    clock: Arc<PoolClock>,
    drawer: Arc<Drawer>,
}

fn desk(pool: &DevelopmentPool, client_id: &str) -> Desk {
    let issuer = Issuer::parse(&pool.issuer).expect("the pool announces its issuer");
    let settings = PoolSettings::new(issuer, client_id.to_owned(), None, None).expect("good settings");
    let http = Http::from_environment(&|_| None).expect("no settings");
    let clock = Arc::new(PoolClock::new());
    let drawer = Arc::new(Drawer::default());
    let store: Arc<dyn DeviceStore> = Arc::<Drawer>::clone(&drawer);
    let client = Client::new(settings, http, Arc::clone(&clock)).with_devices(store, Some("desk".to_owned()));
    Desk { client, clock, drawer }
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

    /// Signs in with the code that comes after the password.
    async fn signed_in_by_code(&self, username: &str, password: &str, code: OneTimeCode) -> Established {
        let Ok(Step::Challenge(_, continuation)) = self.begin(username, password).await else {
            panic!("{username} is asked for a code");
        };
        match self.client.reply(continuation, Answer::Code(code)).await {
            Ok(Step::Done(established)) => *established,
            other => panic!("{username} is not signed in: {other:?}"),
        }
    }

    async fn token(&self, username: &str, password: &str) -> AccessToken {
        self.signed_in(username, password).await.tokens.access
    }

    async fn value(&self, access: &AccessToken, name: &str) -> Option<(String, Option<bool>)> {
        let account = self.client.account(access).await.expect("the pool tells");
        let attribute = account.attributes.into_iter().find(|attribute| attribute.name == name)?;
        Some((attribute.value, attribute.verified))
    }

    async fn factors(&self, access: &AccessToken) -> (Vec<CodeMethod>, Option<CodeMethod>) {
        let account = self.client.account(access).await.expect("the pool tells");
        (account.second_factors, account.preferred)
    }
}

fn renewal(established: &Established) -> RenewalRequest {
    RenewalRequest {
        refresh: established.tokens.refresh.clone(),
        username: established.user.username.clone(),
        device_key: established.device_key.clone(),
    }
}

fn one(name: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value.to_owned())])
}

fn code<T>(result: Result<T, Fault>) -> FaultCode {
    match result {
        Err(fault) => fault.code,
        Ok(_) => panic!("it is not refused"),
    }
}

fn owned(text: &str) -> String {
    text.to_owned()
}

#[tokio::test]
async fn the_account_is_told_as_it_is() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    let aiko = desk.token("aiko", "Green-Tea-42").await;
    let account = desk.client.account(&aiko).await.expect("the pool tells");
    let told: Vec<_> =
        account.attributes.iter().map(|it| (it.name.as_str(), it.value.as_str(), it.verified)).collect();
    assert_eq!(
        told,
        [
            ("sub", "5e1f0c0a-9b1d-4c55-8a3e-6f2d7c1b9a01", None),
            ("email", "aiko@example.com", Some(true)),
            ("name", "Aiko Tanaka", None)
        ]
    );
    assert_eq!((account.second_factors, account.preferred), (vec![], None));
    assert_eq!(account.ways, Some(vec![SignInWay::Password, SignInWay::EmailCode]));
    // A pool that does not say how people sign in still says who they are.
    pool.post(
        "script",
        r#"{"operation":"GetUserAuthFactors","steps":[{"error":{"type":"UnknownOperationException","message":""}}]}"#,
    )
    .await;
    let account = desk.client.account(&aiko).await.expect("the pool tells");
    assert_eq!((account.ways, account.attributes.len()), (None, 3));

    pool.post("user", r#"{"username":"aiko","delete":true}"#).await;
    assert_eq!(code(desk.client.account(&aiko).await), FaultCode::UserGone);
}

#[tokio::test]
async fn an_address_is_kept_until_the_new_one_is_verified_and_a_number_is_not() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    let aiko = desk.token("aiko", "Green-Tea-42").await;
    let client = &desk.client;
    assert_eq!(client.change_attributes(&aiko, one("name", "愛子")).await, Ok(vec![]));
    assert_eq!(desk.value(&aiko, "name").await, Some((owned("愛子"), None)));

    let told = client.change_attributes(&aiko, one("email", "new@example.org")).await;
    let destination = Some(owned("n***@e***"));
    assert_eq!(
        told,
        Ok(vec![CodeSent { attribute: owned("email"), destination, method: CodeMethod::Email }])
    );
    assert_eq!(desk.value(&aiko, "email").await, Some((owned("aiko@example.com"), Some(true))));
    let verify =
        async |text: &str| client.verify_attribute(&aiko, owned("email"), &OneTimeCode::new(text)).await;
    let asked = pool.count("VerifyUserAttribute").await;
    assert_eq!(code(verify("12x").await), FaultCode::CodeWrong);
    assert_eq!(pool.count("VerifyUserAttribute").await, asked, "what is no code costs no attempt");
    assert_eq!(code(verify("000000").await), FaultCode::CodeWrong);
    verify(&sent(&pool, "aiko").await).await.expect("it is the code");
    assert_eq!(desk.value(&aiko, "email").await, Some((owned("new@example.org"), Some(true))));
    assert_eq!(code(verify("000000").await), FaultCode::CodeExpired, "there is none any more");

    let told =
        client.change_attributes(&aiko, one("phone_number", "+818012345678")).await.expect("it is taken");
    assert_eq!((told[0].method, told[0].attribute.as_str()), (CodeMethod::Sms, "phone_number"));
    assert_eq!(desk.value(&aiko, "phone_number").await, Some((owned("+818012345678"), Some(false))));
    let again = client.send_attribute_code(&aiko, owned("phone_number")).await.expect("it is sent again");
    assert_eq!(again.destination.as_deref(), Some("+********5678"));
    let newest = OneTimeCode::new(sent(&pool, "aiko").await);
    client.verify_attribute(&aiko, owned("phone_number"), &newest).await.expect("it is the code");
    assert_eq!(desk.value(&aiko, "phone_number").await, Some((owned("+818012345678"), Some(true))));

    client.delete_attributes(&aiko, vec![owned("phone_number")]).await.expect("it is nobody's duty");
    assert_eq!(desk.value(&aiko, "phone_number").await, None);
    assert_eq!(code(client.send_attribute_code(&aiko, owned("phone_number")).await), FaultCode::CodeNotSent);
}

#[tokio::test]
async fn each_refusal_of_a_change_says_why() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    let aiko = desk.token("aiko", "Green-Tea-42").await;
    let client = &desk.client;
    for (name, value, expected) in [
        ("email", "no address", FaultCode::AttributeRejected),
        ("phone_number", "0123", FaultCode::AttributeRejected),
        ("sub", "1", FaultCode::AttributeNotWritable),
        ("email_verified", "true", FaultCode::AttributeNotWritable),
        ("name", "", FaultCode::AttributeRejected),
    ] {
        let fault = client.change_attributes(&aiko, one(name, value)).await.expect_err(name);
        assert_eq!(fault.code, expected, "{name}: {fault}");
        let words = fault.detail.expect("the pool's words stand beside the field");
        assert!(!words.contains("Exception"), "{words}");
    }
    pool.post(
        "script",
        r#"{"operation":"UpdateUserAttributes","steps":[{"error":{"type":"InvalidParameterException","message":"user.email: Attribute cannot be updated.\n"}}]}"#,
    )
    .await;
    let fixed = client.change_attributes(&aiko, one("email", "new@example.org")).await;
    assert_eq!(code(fixed), FaultCode::AttributeNotWritable);
    let required = client.delete_attributes(&aiko, vec![owned("email")]).await;
    assert_eq!(code(required), FaultCode::AttributeRejected);
    // Somebody else's address: told only to who has proved to own it.
    client.change_attributes(&aiko, one("email", "hiro@example.com")).await.expect("a code is sent");
    let newest = OneTimeCode::new(sent(&pool, "aiko").await);
    let taken = client.verify_attribute(&aiko, owned("email"), &newest).await;
    assert_eq!(code(taken), FaultCode::AliasTaken);
    pool.post("outbox", r#"{"most_sends":0}"#).await;
    let limited = client.send_attribute_code(&aiko, owned("email")).await;
    assert_eq!(code(limited), FaultCode::TooManyAttempts);

    let before = pool.count("UpdateUserAttributes").await;
    assert_eq!(client.change_attributes(&aiko, BTreeMap::new()).await, Ok(vec![]));
    assert_eq!(client.delete_attributes(&aiko, vec![]).await, Ok(()));
    assert_eq!(pool.count("UpdateUserAttributes").await, before, "nothing is asked for nothing");
}

#[tokio::test]
async fn the_password_is_changed_by_who_knows_it() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    let aiko = desk.token("aiko", "Green-Tea-42").await;
    let change = async |previous: Option<&str>, proposed: &str| {
        let previous = previous.map(Password::new);
        desk.client.change_password(&aiko, previous.as_ref(), &Password::new(proposed)).await
    };
    let wrong = change(Some("Green-Tea-43"), "Black-Tea-42").await.expect_err("it is another password");
    assert_eq!(wrong, Fault::new(FaultCode::WrongPassword));
    assert_eq!(code(change(Some("Green-Tea-42"), "short").await), FaultCode::PasswordRejected);
    assert_eq!(code(change(None, "Black-Tea-42").await), FaultCode::WrongPassword);
    let asked = pool.count("ChangePassword").await;
    assert_eq!(code(change(Some(""), "Black-Tea-42").await), FaultCode::WrongPassword);
    assert_eq!(code(change(Some("Green-Tea-42"), "").await), FaultCode::PasswordRejected);
    assert_eq!(pool.count("ChangePassword").await, asked, "nothing is sent for what is empty");
    change(Some("Green-Tea-42"), " 新しい-Tea-42 ").await.expect("it is changed");
    desk.signed_in("aiko", " 新しい-Tea-42 ").await;
    assert_eq!(code(desk.begin("aiko", "Green-Tea-42").await), FaultCode::WrongCredentials);
    for _ in 0..5 {
        let _ = change(Some("guessed"), "Black-Tea-42").await;
    }
    assert_eq!(code(change(Some("guessed"), "Black-Tea-42").await), FaultCode::TooManyAttempts);
}

#[tokio::test]
async fn who_has_no_password_gives_no_previous_one() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devchoice");
    let begun = desk.client.begin(Credentials { username: owned("oskar"), password: None }.into()).await;
    let Ok(Step::Challenge(_, ways)) = begun else { panic!("{begun:?}") };
    let Ok(Step::Challenge(_, asked)) = desk.client.reply(ways, Answer::Way(SignInWay::EmailCode)).await
    else {
        panic!("oskar is not asked for a code")
    };
    let newest = OneTimeCode::new(sent(&pool, "oskar").await);
    let Ok(Step::Done(oskar)) = desk.client.reply(asked, Answer::Code(newest)).await else {
        panic!("oskar is not signed in")
    };
    let access = oskar.tokens.access;
    assert_eq!(desk.client.ways(&access).await, Ok(vec![SignInWay::EmailCode]));
    desk.client.change_password(&access, None, &Password::new("At-Last-15")).await.expect("it is set");
    assert_eq!(desk.client.ways(&access).await, Ok(vec![SignInWay::Password, SignInWay::EmailCode]));
}

#[tokio::test]
async fn second_factors_are_set_up_preferred_and_turned_off() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    let aiko = desk.token("aiko", "Green-Tea-42").await;
    let client = &desk.client;
    let (app, email) = (CodeMethod::Authenticator, CodeMethod::Email);

    // There is no number, and no app yet.
    assert_eq!(
        code(client.enable_second_factor(&aiko, CodeMethod::Sms).await),
        FaultCode::SecondFactorNotPossible
    );
    assert_eq!(code(client.enable_second_factor(&aiko, app).await), FaultCode::SecondFactorNotPossible);

    let secret = client.begin_authenticator(&aiko).await.expect("the pool gives a secret");
    let verified = pool.count("VerifySoftwareToken").await;
    let nonsense = client.confirm_authenticator(&aiko, &OneTimeCode::new("12345"), None).await;
    assert_eq!(code(nonsense), FaultCode::AuthenticatorCodeWrong);
    assert_eq!(pool.count("VerifySoftwareToken").await, verified, "what is no code is not asked about");
    let wrong = client.confirm_authenticator(&aiko, &OneTimeCode::new("000000"), None).await;
    assert_eq!(code(wrong), FaultCode::AuthenticatorCodeWrong);
    assert_eq!(desk.factors(&aiko).await, (vec![], None));
    let shown = shown_by_app(&pool, secret.expose(), 0).await;
    client.confirm_authenticator(&aiko, &shown, Some(owned(" my phone "))).await.expect("it is the code");
    assert_eq!(desk.factors(&aiko).await, (vec![app], Some(app)), "the first is preferred");

    client.enable_second_factor(&aiko, email).await.expect("the address is verified");
    assert_eq!(desk.factors(&aiko).await, (vec![app, email], Some(app)), "the second is not");
    client.enable_second_factor(&aiko, app).await.expect("it is on already");
    assert_eq!(desk.factors(&aiko).await.1, Some(app), "and stays preferred");
    client.prefer_second_factor(&aiko, Some(email)).await.expect("it is on");
    assert_eq!(desk.factors(&aiko).await.1, Some(email));
    client.prefer_second_factor(&aiko, None).await.expect("the user chooses each time");
    assert_eq!(desk.factors(&aiko).await.1, None);
    let asked = pool.count("SetUserMFAPreference").await;
    client.prefer_second_factor(&aiko, None).await.expect("nothing is to be done");
    assert_eq!(pool.count("SetUserMFAPreference").await, asked);

    client.disable_second_factor(&aiko, email).await.expect("it is turned off");
    assert_eq!(desk.factors(&aiko).await.0, [app]);
    let required = r#"{"operation":"SetUserMFAPreference","steps":[{"error":{"type":"InvalidParameterException","message":"No."}}]}"#;
    pool.post("script", required).await;
    assert_eq!(code(client.disable_second_factor(&aiko, app).await), FaultCode::SecondFactorRequired);
    client.disable_second_factor(&aiko, app).await.expect("it is turned off");
    desk.signed_in("aiko", "Green-Tea-42").await;
}

#[tokio::test]
async fn devices_are_listed_and_forgotten() {
    let pool = DevelopmentPool::start().await;
    let (here, there) = (desk(&pool, "devdevices"), desk(&pool, "devdevices"));
    let secret = secret_of(&pool, "uma").await;
    let uma = here_and_there(&pool, &here, &secret, 0).await;
    let other = here_and_there(&pool, &there, &secret, 2).await;
    let access = &uma.tokens.access;
    let listed = here.client.devices(access).await.expect("the pool tells").expect("it tracks devices");
    let keys: Vec<_> = listed.iter().map(|device| Some(device.key.clone())).collect();
    assert_eq!(
        keys,
        [uma.device_key.clone(), other.device_key.clone()],
        "this one first, although the other was used later"
    );
    let AccountDevice { name, last_ip, created_at, last_used_at, this, remembered, .. } = &listed[0];
    assert_eq!((name.as_deref(), last_ip.as_deref()), (Some("desk"), Some("127.0.0.1")));
    assert_eq!((*this, *remembered), (true, Some(true)));
    let now = here.clock.now();
    for at in [created_at, last_used_at] {
        assert!(at.is_some_and(|at| at.0.abs_diff(now.0) < 120_000), "{at:?} {now:?}");
    }
    assert!(!listed[1].this);

    let key = other.device_key.clone().expect("the pool named it");
    here.client.delete_device(access, &key).await.expect("it is forgotten");
    here.client.delete_device(access, &key).await.expect("it is as good as forgotten");
    assert_eq!(here.drawer.keys(), [uma.device_key.clone().expect("the pool named it")]);
    let refused = there.client.renew(renewal(&other)).await;
    assert_eq!(code(refused), FaultCode::RenewalRefused, "whose device is forgotten is not renewed");
    assert_eq!(code(here.client.delete_device(access, "nonsense").await), FaultCode::ParameterRejected);
}

/// Signs uma in with the code of her app.
async fn here_and_there(pool: &DevelopmentPool, desk: &Desk, secret: &str, steps: u64) -> Established {
    let shown = shown_by_app(pool, secret, steps).await;
    desk.signed_in_by_code("uma", "Known-Device-21", shown).await
}

#[tokio::test]
async fn a_session_whose_own_device_is_forgotten_goes_on_until_its_access_token_expires() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdevices");
    let secret = secret_of(&pool, "uma").await;
    let uma = here_and_there(&pool, &desk, &secret, 0).await;
    let key = uma.device_key.clone().expect("the pool named it");
    desk.client.delete_device(&uma.tokens.access, &key).await.expect("it is forgotten");
    assert_eq!(desk.drawer.keys(), [] as [String; 0], "here as well");
    // What is asked with the access token is answered, and the session is not renewed any more.
    assert_eq!(desk.client.devices(&uma.tokens.access).await, Ok(Some(vec![])));
    assert_eq!(code(desk.client.renew(renewal(&uma)).await), FaultCode::RenewalRefused);
    let mut without_key = renewal(&uma);
    without_key.device_key = None;
    assert_eq!(code(desk.client.renew(without_key).await), FaultCode::RenewalRefused);
    // The next sign-in asks for the code again, and is by a new device.
    let again = here_and_there(&pool, &desk, &secret, 2).await;
    assert_ne!(again.device_key, uma.device_key);
    desk.client.renew(renewal(&again)).await.expect("it is a session like any other");
}

#[tokio::test]
async fn where_devices_are_not_tracked_there_is_no_list_of_them() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    let aiko = desk.token("aiko", "Green-Tea-42").await;
    assert_eq!(desk.client.devices(&aiko).await, Ok(None));
}

#[tokio::test]
async fn a_list_of_many_pages_is_read_to_its_end_and_no_further_than_that() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devsessions");
    for _ in 0..11 {
        desk.signed_in("wanda", "Here-And-There-23").await;
    }
    let wanda = desk.token("wanda", "Here-And-There-23").await;
    let sessions = desk.client.sessions(&wanda).await.expect("the pool tells").expect("it tracks sessions");
    assert_eq!(sessions.len(), 12);
    assert_eq!(pool.count("ListUserSessions").await, 2);
}

#[tokio::test]
async fn passkeys_are_listed_and_deleted() {
    let pool = DevelopmentPool::start().await;
    pool.post("client", r#"{"id":"devdesktop","flows":["ALLOW_USER_SRP_AUTH"]}"#).await;
    let desk = desk(&pool, "devdesktop");
    let priya = desk.token("priya", "By-Touch-16").await;
    let listed = desk.client.passkeys(&priya).await.expect("the pool tells").expect("it has passkeys");
    let names: Vec<_> = listed.iter().map(|passkey| passkey.name.as_deref()).collect();
    assert_eq!(names, [Some("demo spare passkey"), Some("demo passkey")], "the newest first");
    assert_eq!(listed[0].relying_party, "localhost");
    assert_eq!(listed[0].created_at.map(|at| at.0), Some(1_790_086_400_000));
    let id = listed[0].id.clone();
    desk.client.delete_passkey(&priya, &id).await.expect("it is deleted");
    desk.client.delete_passkey(&priya, &id).await.expect("it is as good as deleted");
    let left = desk.client.passkeys(&priya).await.expect("the pool tells").expect("it has passkeys");
    assert_eq!(left.len(), 1);
    let none = r#"{"operation":"ListWebAuthnCredentials","steps":[{"error":{"type":"OperationNotEnabledException","message":"No."}}]}"#;
    pool.post("script", none).await;
    assert_eq!(desk.client.passkeys(&priya).await, Ok(None));
}

#[tokio::test]
async fn sessions_are_listed_and_ended_where_they_are_tracked() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devsessions");
    let other = desk.signed_in("wanda", "Here-And-There-23").await;
    let wanda = desk.signed_in("wanda", "Here-And-There-23").await;
    let access = &wanda.tokens.access;
    let sessions = desk.client.sessions(access).await.expect("the pool tells").expect("it tracks sessions");
    let current: Vec<_> = sessions.iter().map(|session| session.current).collect();
    assert_eq!(current, [true, false], "this one first");
    let UserSession { kind, client_id, created_at, last_active_at, device, ip, location, .. } = &sessions[1];
    assert_eq!((*kind, client_id.as_deref()), (SessionKind::Token, Some("devsessions")));
    assert_eq!((ip.as_deref(), location.as_deref()), (Some("127.0.0.1"), Some("unknown")));
    assert!(device.is_some(), "{device:?}");
    for at in [created_at, last_active_at] {
        assert!(at.is_some_and(|at| at.0.abs_diff(desk.clock.now().0) < 60_000), "{at:?}");
    }
    let id = sessions[1].id.clone();
    desk.client.revoke_session(access, &id).await.expect("it is ended");
    desk.client.revoke_session(access, &id).await.expect("it is as good as ended");
    assert_eq!(code(desk.client.renew(renewal(&other)).await), FaultCode::RefreshTokenRevoked);
    assert_eq!(code(desk.client.account(&other.tokens.access).await), FaultCode::AccessTokenRevoked);
    let own = desk.client.revoke_session(access, &sessions[0].id).await;
    assert_eq!(code(own), FaultCode::ParameterRejected, "this very session is not ended so");

    let untracked = self::desk(&pool, "devdesktop");
    let aiko = untracked.token("aiko", "Green-Tea-42").await;
    assert_eq!(untracked.client.sessions(&aiko).await, Ok(None));
}

#[tokio::test]
async fn what_the_sdk_does_not_know_fails_as_everything_else_does() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devsessions");
    let wanda = desk.token("wanda", "Here-And-There-23").await;
    for (step, expected) in [
        (r#""429""#, FaultCode::Throttled),
        (r#""500""#, FaultCode::PoolTrouble),
        (r#""html""#, FaultCode::NotThePool),
        (r#""drop""#, FaultCode::Unreachable),
        (
            r#"{"error":{"type":"NotAuthorizedException","message":"Access Token has been revoked"}}"#,
            FaultCode::AccessTokenRevoked,
        ),
        (
            r#"{"error":{"type":"NotAuthorizedException","message":"Access Token does not have required scopes"}}"#,
            FaultCode::ScopeMissing,
        ),
        (r#"{"error":{"type":"ForbiddenException","message":"Request not allowed"}}"#, FaultCode::Blocked),
    ] {
        let before = pool.count("ListUserSessions").await;
        pool.post("script", &format!(r#"{{"operation":"ListUserSessions","steps":[{step}]}}"#)).await;
        let fault = desk.client.sessions(&wanda).await.expect_err(step);
        assert_eq!(fault.code, expected, "{step}: {fault}");
        assert_eq!(pool.count("ListUserSessions").await, before + 1, "{step}: one try");
    }
    // The pool's clock is read off this answer like off any other.
    pool.post("clock", r#"{"offset_seconds":600}"#).await;
    desk.client.sessions(&wanda).await.expect("the pool tells");
    assert!(desk.clock.offset_ms().abs_diff(600_000) < 5_000, "{}", desk.clock.offset_ms());
}

#[tokio::test]
async fn a_token_that_is_not_honoured_is_told_by_every_operation() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devsessions");
    let client = &desk.client;
    let wanda = desk.token("wanda", "Here-And-There-23").await;
    client.sign_out_everywhere(wanda.clone()).await.expect("every session is ended");
    let (password, digits) = (Password::new("Green-Tea-42"), OneTimeCode::new("123456"));
    let email = || owned("email");
    for (operation, told) in [
        ("GetUser", code(client.account(&wanda).await)),
        ("GetUserAuthFactors", code(client.ways(&wanda).await)),
        ("UpdateUserAttributes", code(client.change_attributes(&wanda, one("name", "W")).await)),
        ("DeleteUserAttributes", code(client.delete_attributes(&wanda, vec![owned("nickname")]).await)),
        ("GetUserAttributeVerificationCode", code(client.send_attribute_code(&wanda, email()).await)),
        ("VerifyUserAttribute", code(client.verify_attribute(&wanda, email(), &digits).await)),
        ("ChangePassword", code(client.change_password(&wanda, Some(&password), &password).await)),
        ("SetUserMFAPreference", code(client.disable_second_factor(&wanda, CodeMethod::Email).await)),
        ("AssociateSoftwareToken", code(client.begin_authenticator(&wanda).await)),
        ("VerifySoftwareToken", code(client.confirm_authenticator(&wanda, &digits, None).await)),
        ("ListDevices", code(client.devices(&wanda).await)),
        ("ForgetDevice", code(client.delete_device(&wanda, "us-east-1_0a").await)),
        ("ListWebAuthnCredentials", code(client.passkeys(&wanda).await)),
        ("DeleteWebAuthnCredential", code(client.delete_passkey(&wanda, "a").await)),
        ("ListUserSessions", code(client.sessions(&wanda).await)),
        ("RevokeUserSession", code(client.revoke_session(&wanda, &format!("tkn{}", "a".repeat(25))).await)),
        ("DeleteUser", code(client.delete_account(&wanda).await)),
    ] {
        assert_eq!(told, FaultCode::AccessTokenRevoked, "{operation}");
        assert_eq!(pool.count(operation).await, if operation == "GetUserAuthFactors" { 2 } else { 1 });
    }
}

#[tokio::test]
async fn a_token_of_a_client_without_the_scope_says_so() {
    let pool = DevelopmentPool::start().await;
    pool.post("client", r#"{"id":"devdesktop","scope":"openid"}"#).await;
    let desk = desk(&pool, "devdesktop");
    let aiko = desk.token("aiko", "Green-Tea-42").await;
    assert_eq!(code(desk.client.account(&aiko).await), FaultCode::ScopeMissing);
    assert_eq!(code(desk.client.devices(&aiko).await), FaultCode::ScopeMissing);
    assert_eq!(code(desk.client.delete_account(&aiko).await), FaultCode::ScopeMissing);
}

#[tokio::test]
async fn an_account_is_deleted_with_its_device_here() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdevices");
    let uma = here_and_there(&pool, &desk, &secret_of(&pool, "uma").await, 0).await;
    assert_eq!(desk.drawer.keys().len(), 1);
    pool.post("script", r#"{"operation":"DeleteUser","steps":["500"]}"#).await;
    assert_eq!(code(desk.client.delete_account(&uma.tokens.access).await), FaultCode::PoolTrouble);
    assert_eq!(desk.drawer.keys().len(), 1, "nothing is deleted before the account is");
    desk.client.delete_account(&uma.tokens.access).await.expect("it is deleted");
    assert_eq!(desk.drawer.keys().len(), 0);
    assert_eq!(code(desk.begin("uma", "Known-Device-21").await), FaultCode::WrongCredentials);
    assert!(code(desk.client.renew(renewal(&uma)).await).ends_session());
}
