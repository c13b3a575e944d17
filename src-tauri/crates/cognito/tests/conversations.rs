//! Every conversation of a sign-in, against the development pool: ways, second factors, set-ups, the pool owner's own
//! challenges, devices and accounts.

mod codes;
mod development_pool;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codes::{secret_of, sent, shown_by_app, totp};
use cognito::{AuthFlow, Client, DeviceStore, Http, Issuer, PoolSettings, RememberedDevice, Stored};
use development_pool::DevelopmentPool;
use session::{
    Answer, Beginning, Challenge, Clock as _, CodeMethod, Continuation, Credentials, CustomAnswer,
    DeviceView, DeviceWish, Done, Established, Fault, FaultCode, NewAccount, OneTimeCode, Password,
    Pool as _, PoolClock, RenewalRequest, SignInWay, Step,
};
use zeroize::Zeroizing;

struct Desk {
    client: Client,
    clock: Arc<PoolClock>,
}

fn settings(pool: &DevelopmentPool, client_id: &str) -> PoolSettings {
    let issuer = Issuer::parse(&pool.issuer).expect("the pool announces its issuer");
    PoolSettings::new(issuer, client_id.to_owned(), None, None).expect("good settings")
}

fn desk_of(settings: PoolSettings) -> Desk {
    let http = Http::from_environment(&|_| None).expect("no settings");
    let clock = Arc::new(PoolClock::new());
    Desk { client: Client::new(settings, http, Arc::clone(&clock)), clock }
}

fn desk(pool: &DevelopmentPool, client_id: &str) -> Desk {
    desk_of(settings(pool, client_id))
}

impl Desk {
    async fn begin(&self, username: &str, password: Option<&str>) -> Result<Step, Fault> {
        let password = password.map(Password::new);
        self.client.begin(Credentials { username: username.to_owned(), password }.into()).await
    }

    async fn asked(&self, username: &str, password: Option<&str>) -> (Challenge, Continuation) {
        challenged(self.begin(username, password).await)
    }

    async fn answer(&self, continuation: &Continuation, answer: Answer) -> Result<Step, Fault> {
        self.client.reply(continuation.clone(), answer).await
    }

    async fn refused(&self, continuation: &Continuation, answer: Answer) -> FaultCode {
        self.answer(continuation, answer).await.expect_err("it is refused").code
    }
}

fn challenged(step: Result<Step, Fault>) -> (Challenge, Continuation) {
    match step {
        Ok(Step::Challenge(challenge, continuation)) => (challenge, continuation),
        other => panic!("not a challenge: {other:?}"),
    }
}

fn signed_in(step: Result<Step, Fault>) -> Established {
    match step {
        Ok(Step::Done(established)) => *established,
        other => panic!("not signed in: {other:?}"),
    }
}

fn code(text: impl Into<String>) -> Answer {
    Answer::Code(OneTimeCode::new(text))
}

fn password(text: &str) -> Answer {
    Answer::Password(Password::new(text))
}

#[test]
fn codes_are_those_of_the_standard() {
    // RFC 6238, appendix B, the last six of its eight digits.
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for (seconds, expected) in [(59_u64, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
        assert_eq!(totp(secret, seconds), expected);
    }
}

#[tokio::test]
async fn the_ways_that_are_offered_lead_in() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devchoice");
    let (challenge, choice) = desk.asked("nora", None).await;
    let ways = vec![SignInWay::Password, SignInWay::EmailCode, SignInWay::SmsCode];
    assert_eq!(challenge, Challenge::ChooseWay { ways });
    for (way, method) in [(SignInWay::EmailCode, CodeMethod::Email), (SignInWay::SmsCode, CodeMethod::Sms)] {
        let (_, choice) = desk.asked("nora", None).await;
        let (challenge, continuation) = challenged(desk.answer(&choice, Answer::Way(way)).await);
        let Challenge::Code { method: asked, destination: Some(destination), .. } = challenge else {
            panic!("{challenge:?}");
        };
        assert!(asked == method && destination.contains('*'), "{destination}");
        assert_eq!(desk.refused(&continuation, code("000000")).await, FaultCode::CodeWrong);
        let nora = signed_in(desk.answer(&continuation, code(sent(&pool, "nora").await)).await);
        assert_eq!((nora.user.username.as_str(), nora.login.as_str()), ("nora", "nora"));
    }
    // A way that was chosen before needs no choice.
    let credentials = Credentials { username: "nora".to_owned(), password: None };
    let beginning =
        Beginning::SignIn { credentials, way: Some(SignInWay::EmailCode), session: None, presence: false };
    let (challenge, _) = challenged(desk.client.begin(beginning).await);
    assert!(matches!(challenge, Challenge::Code { method: CodeMethod::Email, .. }), "{challenge:?}");
    // What is not offered.
    let (challenge, oskar) = desk.asked("oskar", None).await;
    assert_eq!(challenge, Challenge::ChooseWay { ways: vec![SignInWay::EmailCode] });
    assert_eq!(desk.refused(&oskar, password("any")).await, FaultCode::NotTheUsersChoice);
    assert_eq!(desk.refused(&oskar, Answer::Way(SignInWay::SmsCode)).await, FaultCode::NotTheUsersChoice);
    let (challenge, _) = desk.asked("priya", None).await;
    assert!(
        matches!(challenge, Challenge::ChooseWay { ways } if ways.contains(&SignInWay::Passkey)),
        "a passkey is shown"
    );
    drop(choice);
}

#[tokio::test]
async fn the_password_is_a_way_and_is_never_sent_where_srp_is_offered() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devchoice");
    // Typed at once: SRP is tried, is not enabled, and is offered by the other flow.
    signed_in(desk.begin("nora", Some("Free-Choice-14")).await);
    assert_eq!(pool.count("InitiateAuth").await, 2);
    let wrong = desk.begin("nora", Some("Wrong-Choice-1")).await.expect_err("wrong");
    assert_eq!(wrong, Fault::new(FaultCode::WrongCredentials));
    // Chosen.
    let (_, choice) = desk.asked("nora", None).await;
    assert_eq!(desk.refused(&choice, password("Wrong-Choice-1")).await, FaultCode::WrongCredentials);
    let (_, mut choice) = desk.asked("nora", None).await;
    let before = pool.count("RespondToAuthChallenge").await;
    signed_in(desk.answer(&choice, password("Free-Choice-14")).await);
    assert_eq!(pool.count("RespondToAuthChallenge").await, before + 2, "the choice, and the proof");
    // Where only the password itself is offered, it is sent.
    (_, choice) = desk.asked("nora", None).await;
    choice.offered.retain(|name| name != "PASSWORD_SRP");
    signed_in(desk.answer(&choice, password("Free-Choice-14")).await);
}

#[tokio::test]
async fn the_flow_that_is_set_is_the_only_one() {
    let pool = DevelopmentPool::start().await;
    let with = |flow| desk_of(settings(&pool, "devdesktop").with_sign_in(Some(flow), None));
    for flow in [AuthFlow::User, AuthFlow::Custom, AuthFlow::CustomWithSrp, AuthFlow::UserPassword] {
        let before = pool.count("InitiateAuth").await;
        let fault = with(flow).begin("aiko", Some("Green-Tea-42")).await.expect_err("it is not enabled");
        assert_eq!(fault.code, FaultCode::FlowNotEnabled, "{flow:?}");
        assert_eq!(pool.count("InitiateAuth").await, before + 1, "{flow:?}");
    }
    signed_in(with(AuthFlow::UserSrp).begin("aiko", Some("Green-Tea-42")).await);
    let by_srp = desk_of(settings(&pool, "devpassword").with_sign_in(Some(AuthFlow::UserSrp), None));
    let before = pool.count("InitiateAuth").await;
    let fault = by_srp.begin("hiro", Some("Plain-Spoken-8")).await.expect_err("no password is sent");
    assert_eq!((fault.code, pool.count("InitiateAuth").await), (FaultCode::FlowNotEnabled, before + 1));
    // Nothing is sent that could not be right.
    let before = pool.count("InitiateAuth").await;
    let fault = with(AuthFlow::UserSrp).begin("aiko", None).await.expect_err("no password");
    assert_eq!((fault.code, pool.count("InitiateAuth").await), (FaultCode::WrongCredentials, before));
}

#[tokio::test]
async fn riddles_are_answered_round_by_round() {
    let pool = DevelopmentPool::start().await;
    let custom = |text: &str| Answer::Custom(CustomAnswer::new(text));
    let quinn = desk(&pool, "devcustom");
    let rosa = desk(&pool, "devcustomsrp");
    for (desk, username, password) in [(&quinn, "quinn", None), (&rosa, "rosa", Some("First-The-Word-18"))] {
        let (challenge, first) = desk.asked(username, password).await;
        let Challenge::Custom { parameters } = challenge else { panic!("{challenge:?}") };
        assert_eq!(parameters["prompt"], "What has keys and opens no lock?");
        assert!(!parameters.contains_key("USERNAME"), "{parameters:?}");
        let (challenge, second) = challenged(desk.answer(&first, custom("piano")).await);
        assert!(matches!(challenge, Challenge::Custom { parameters } if parameters["round"] == "2"));
        assert_eq!(
            desk.refused(&first, custom("piano")).await,
            FaultCode::ChallengeExpired,
            "it was answered"
        );
        signed_in(desk.answer(&second, custom("towel")).await);
    }
    let (_, mut asked) = quinn.asked("quinn", None).await;
    for _ in 0..2 {
        (_, asked) = challenged(quinn.answer(&asked, custom("cello")).await);
    }
    assert_eq!(quinn.refused(&asked, custom("cello")).await, FaultCode::CustomAnswerWrong);
    let wrong = rosa.begin("rosa", Some("Wrong-Word-1")).await.expect_err("the password comes first");
    assert_eq!(wrong.code, FaultCode::WrongCredentials);
}

#[tokio::test]
async fn one_of_several_second_factors_is_chosen() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    let (challenge, _) = desk.asked("sven", Some("Many-Ways-19")).await;
    let Challenge::ChooseSecondFactor { methods } = challenge else { panic!("{challenge:?}") };
    assert_eq!(methods.len(), 3);
    for method in methods {
        let (_, choice) = desk.asked("sven", Some("Many-Ways-19")).await;
        let (challenge, asked) = challenged(desk.answer(&choice, Answer::SecondFactor(method)).await);
        assert!(matches!(challenge, Challenge::Code { method: it, .. } if it == method), "{challenge:?}");
        let answer = if method == CodeMethod::Authenticator {
            let secret = secret_of(&pool, "sven").await;
            Answer::Code(shown_by_app(&pool, &secret, 0).await)
        } else {
            code(sent(&pool, "sven").await)
        };
        signed_in(desk.answer(&asked, answer).await);
    }
}

#[tokio::test]
async fn an_authenticator_is_set_up_and_asked_for_the_next_time() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devmfa");
    let (challenge, choice) = desk.asked("tomoko", Some("Set-It-Up-20")).await;
    let methods = vec![CodeMethod::Authenticator, CodeMethod::Email];
    assert_eq!(challenge, Challenge::ChooseSetUp { methods });
    let choose = Answer::SecondFactor(CodeMethod::Authenticator);
    let (challenge, asked) = challenged(desk.answer(&choice, choose).await);
    assert_eq!(challenge, Challenge::SetUpAuthenticator { account: "tomoko".to_owned() });
    let secret = asked.secret.as_ref().expect("the secret").expose().to_owned();
    assert!(!format!("{asked:?}").contains(&secret), "it is in no Debug output");
    let show = |code| Answer::Authenticator { code, device: Some(" my phone ".to_owned()) };
    let before = pool.count("VerifySoftwareToken").await;
    for wrong in ["12345", "1234567", "abcdef"] {
        let refused = desk.refused(&asked, show(OneTimeCode::new(wrong))).await;
        assert_eq!(refused, FaultCode::AuthenticatorCodeWrong);
    }
    assert_eq!(pool.count("VerifySoftwareToken").await, before, "what is no code costs nothing");
    let stale = OneTimeCode::new(totp(&secret, 86_400));
    assert_eq!(desk.refused(&asked, show(stale)).await, FaultCode::AuthenticatorCodeWrong);
    let right = shown_by_app(&pool, &secret, 0).await;
    let right = right.expose();
    let spaced = OneTimeCode::new(format!("{} {}", &right[..3], &right[3..]));
    signed_in(desk.answer(&asked, show(spaced)).await);

    let (challenge, asked) = desk.asked("tomoko", Some("Set-It-Up-20")).await;
    let Challenge::Code { method: CodeMethod::Authenticator, device, .. } = challenge else {
        panic!("{challenge:?}");
    };
    assert_eq!(device.as_deref(), Some("my phone"));
    let next = shown_by_app(&pool, &secret, 2).await;
    signed_in(desk.answer(&asked, Answer::Code(next)).await);
}

#[tokio::test]
async fn codes_by_email_are_set_up() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devmfa");
    let (_, choice) = desk.asked("tomoko", Some("Set-It-Up-20")).await;
    let choose = Answer::SecondFactor(CodeMethod::Email);
    let (challenge, asked) = challenged(desk.answer(&choice, choose).await);
    assert_eq!(challenge, Challenge::SetUpEmail {});
    let address = |text: &str| Answer::Email(text.to_owned());
    assert_eq!(desk.refused(&asked, address(" ")).await, FaultCode::AttributeRejected);
    assert_eq!(desk.refused(&asked, address("nowhere")).await, FaultCode::AttributeRejected);
    let (challenge, asked) = challenged(desk.answer(&asked, address("t@example.net")).await);
    assert!(matches!(challenge, Challenge::Code { method: CodeMethod::Email, .. }), "{challenge:?}");
    signed_in(desk.answer(&asked, code(sent(&pool, "tomoko").await)).await);
}

#[tokio::test]
async fn a_challenge_says_when_it_lapses_and_whether_that_is_known() {
    let pool = DevelopmentPool::start().await;
    for (validity, seconds) in [(None, 180), (Some(Duration::from_secs(600)), 600)] {
        let desk = desk_of(settings(&pool, "devdesktop").with_sign_in(None, validity));
        let (_, continuation) = desk.asked("lena", Some("By-Message-12")).await;
        let lapse = continuation.lapses.expect("there is a session");
        assert_eq!(lapse.exact, validity.is_some());
        let left = (lapse.at.0 - desk.clock.now().0) / 1_000;
        assert!((seconds - 5..=seconds).contains(&left), "{left}");
    }
    // The pool's own word on it, after that.
    let brief = desk(&pool, "devbrief");
    let (_, continuation) = brief.asked("lena", Some("By-Message-12")).await;
    pool.post("clock", r#"{"offset_seconds":30}"#).await;
    let late = brief.refused(&continuation, code(sent(&pool, "lena").await)).await;
    assert_eq!(late, FaultCode::ChallengeExpired);
}

/// Devices in memory.
#[derive(Debug, Default)]
struct Drawer(Mutex<BTreeMap<String, RememberedDevice>>);

impl Drawer {
    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, RememberedDevice>) -> T) -> T {
        work(&mut self.0.lock().expect("nobody panicked"))
    }
}

impl DeviceStore for Drawer {
    fn find<'a>(&'a self, login: &'a str) -> Stored<'a, Option<RememberedDevice>> {
        Box::pin(async move { self.with(|devices| devices.get(login).cloned()) })
    }

    fn keep<'a>(&'a self, _: &'a str, login: &'a str, device: RememberedDevice) -> Stored<'a, ()> {
        Box::pin(async move { self.with(|devices| drop(devices.insert(login.to_owned(), device))) })
    }

    fn forget<'a>(&'a self, key: &'a str) -> Stored<'a, ()> {
        Box::pin(async move { self.with(|devices| devices.retain(|_, device| device.key != key)) })
    }
}

fn desk_with_drawer(pool: &DevelopmentPool, client_id: &str) -> (Desk, Arc<Drawer>) {
    let drawer = Arc::new(Drawer::default());
    let Desk { client, clock } = desk(pool, client_id);
    let store: Arc<dyn DeviceStore> = Arc::<Drawer>::clone(&drawer);
    (Desk { client: client.with_devices(store, Some("desk".to_owned())), clock }, drawer)
}

fn renewal(established: &Established) -> RenewalRequest {
    RenewalRequest {
        refresh: established.tokens.refresh.clone(),
        username: established.user.username.clone(),
        device_key: established.device_key.clone(),
    }
}

/// Signs uma in with the code of her app.
async fn uma_by_code(desk: &Desk, pool: &DevelopmentPool, steps_ahead: u64) -> Established {
    let (challenge, asked) = desk.asked("uma", Some("Known-Device-21")).await;
    assert!(matches!(challenge, Challenge::Code { method: CodeMethod::Authenticator, .. }), "{challenge:?}");
    let secret = secret_of(pool, "uma").await;
    let code = shown_by_app(pool, &secret, steps_ahead).await;
    signed_in(desk.answer(&asked, Answer::Code(code)).await)
}

#[tokio::test]
async fn a_remembered_device_is_proven_and_asked_for_no_code() {
    let pool = DevelopmentPool::start().await;
    let (desk, drawer) = desk_with_drawer(&pool, "devdevices");
    let first = uma_by_code(&desk, &pool, 0).await;
    assert_eq!(first.device, Some(DeviceView::Remembered));
    assert_eq!(pool.count("ConfirmDevice").await, 1);
    let key = first.device_key.clone().expect("the pool named the device");
    assert_eq!(drawer.with(|devices| devices["uma"].key.clone()), key);
    desk.client.renew(renewal(&first)).await.expect("the key of the device goes along");
    let without = RenewalRequest { device_key: None, ..renewal(&first) };
    desk.client.renew(without).await.expect_err("the pool wants the key of the device");

    let again = signed_in(desk.begin("uma", Some("Known-Device-21")).await);
    assert_eq!(
        (again.device.clone(), again.device_key.as_deref()),
        (Some(DeviceView::Remembered), Some(key.as_str()))
    );
    assert_eq!(pool.count("ConfirmDevice").await, 1, "it is the same device");
    desk.client.renew(renewal(&again)).await.expect("the same key goes along");
    // Where devices are not tracked there is none.
    let aiko = signed_in(self::desk(&pool, "devdesktop").begin("aiko", Some("Green-Tea-42")).await);
    assert_eq!((aiko.device, aiko.device_key), (None, None));
}

#[tokio::test]
async fn a_device_is_told_at_the_beginning_where_no_proof_follows() {
    let pool = DevelopmentPool::start().await;
    pool.post("client", r#"{"id":"devdevices","flows":["ALLOW_USER_PASSWORD_AUTH"]}"#).await;
    let (desk, _drawer) = desk_with_drawer(&pool, "devdevices");
    let first = uma_by_code(&desk, &pool, 0).await;
    let again = signed_in(desk.begin("uma", Some("Known-Device-21")).await);
    assert_eq!(again.device_key, first.device_key);
    assert_eq!(again.device, Some(DeviceView::Remembered));
}

#[tokio::test]
async fn a_device_that_was_forgotten_elsewhere_is_recovered_from_by_one_clean_try() {
    let pool = DevelopmentPool::start().await;
    let (desk, drawer) = desk_with_drawer(&pool, "devdevices");
    let first = uma_by_code(&desk, &pool, 0).await;
    let known = drawer.with(|devices| devices["uma"].clone());
    let stranger = RememberedDevice::new(
        "us-east-1_00000000-0000-0000-0000-000000000000".to_owned(),
        known.group_key.clone(),
        Zeroizing::new("anything".to_owned()),
    );
    let wrong =
        RememberedDevice::new(known.key.clone(), known.group_key.clone(), Zeroizing::new("wrong".to_owned()));
    for (steps_ahead, device) in [(2, stranger), (4, wrong)] {
        drawer.with(|devices| devices.insert("uma".to_owned(), device.clone()));
        let established = uma_by_code(&desk, &pool, steps_ahead).await;
        assert_eq!(established.device, Some(DeviceView::Remembered));
        assert_ne!(established.device_key.as_deref(), Some(device.key.as_str()));
        assert_eq!(
            Some(drawer.with(|devices| devices["uma"].key.clone())),
            established.device_key,
            "the new one is kept"
        );
    }
    assert_eq!(pool.count("ConfirmDevice").await, 3);
    desk.client.renew(renewal(&first)).await.expect("the first session is its own device's");
}

#[tokio::test]
async fn the_user_decides_whether_the_device_is_remembered() {
    let pool = DevelopmentPool::start().await;
    let (desk, _drawer) = desk_with_drawer(&pool, "devoptin");
    let (_, asked) = desk.asked("viktor", Some("If-I-Like-22")).await;
    let viktor = signed_in(desk.answer(&asked, code(sent(&pool, "viktor").await)).await);
    assert_eq!(viktor.device, Some(DeviceView::Asking));
    let wish = |remember| DeviceWish {
        access: viktor.tokens.access.clone(),
        device_key: viktor.device_key.clone().expect("the pool named the device"),
        remember,
    };
    desk.client.remember_device(wish(false)).await.expect("the pool is told");
    let (_, asked) = desk.asked("viktor", Some("If-I-Like-22")).await;
    let again = signed_in(desk.answer(&asked, code(sent(&pool, "viktor").await)).await);
    assert_eq!(again.device, Some(DeviceView::NotRemembered));
    assert_eq!(again.device_key, viktor.device_key, "the same device, so that nothing is asked again");

    desk.client.remember_device(wish(true)).await.expect("the pool is told");
    let remembered = signed_in(desk.begin("viktor", Some("If-I-Like-22")).await);
    assert_eq!(remembered.device, Some(DeviceView::Remembered));
}

#[tokio::test]
async fn somebody_is_signed_in_even_if_the_device_is_not_confirmed() {
    let pool = DevelopmentPool::start().await;
    let (desk, drawer) = desk_with_drawer(&pool, "devdevices");
    pool.post("script", r#"{"operation":"ConfirmDevice","steps":["500"]}"#).await;
    let uma = uma_by_code(&desk, &pool, 0).await;
    let Some(DeviceView::Failed { fault }) = uma.device else { panic!("{:?}", uma.device) };
    assert_eq!(fault.code, FaultCode::PoolTrouble);
    assert!(drawer.with(|devices| devices.is_empty()), "what the pool does not know is not kept");
}

fn account(username: &str, password: Option<&str>, attributes: &[(&str, &str)]) -> Beginning {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Beginning::SignUp(NewAccount {
        username: username.to_owned(),
        password: password.map(Password::new),
        attributes: attributes.collect(),
    })
}

const YUKI: &[(&str, &str)] = &[("email", "yuki@example.com"), ("name", "Yuki Ito")];

fn achieved(step: Result<Step, Fault>) -> (Done, Option<session::ChallengeSession>) {
    match step {
        Ok(Step::Achieved { done, session }) => (done, session),
        other => panic!("nothing achieved: {other:?}"),
    }
}

#[tokio::test]
async fn an_account_is_made_confirmed_and_signed_in_to_without_another_code() {
    let pool = DevelopmentPool::start().await;
    for (client_id, username, password, by_session) in [
        ("devchoice", "yuki", Some("Fresh-Start-1"), true),
        ("devchoice", "yuko", None, true),
        ("devdesktop", "yuna", Some("Fresh-Start-1"), false),
    ] {
        let desk = desk(&pool, client_id);
        let email = format!("{username}@example.com");
        let attributes = [("email", email.as_str()), ("name", "Yuki Ito")];
        let begun = desk.client.begin(account(username, password, &attributes)).await;
        let (challenge, asked) = challenged(begun);
        let Challenge::ConfirmAccount { destination: Some(to), method: CodeMethod::Email, .. } = challenge
        else {
            panic!("{challenge:?}");
        };
        assert!(to.contains('*') && asked.lapses.is_none(), "{to}");
        let before = pool.count("ConfirmSignUp").await;
        assert_eq!(desk.refused(&asked, code("abc")).await, FaultCode::CodeWrong);
        assert_eq!(pool.count("ConfirmSignUp").await, before, "what is no code costs nothing");
        let right = sent(&pool, username).await;
        let wrong = if right == "000000" { "111111" } else { "000000" };
        assert_eq!(desk.refused(&asked, code(wrong)).await, FaultCode::CodeWrong);
        let (done, session) = achieved(desk.answer(&asked, code(right)).await);
        assert_eq!((done, session.is_some()), (Done::AccountConfirmed, by_session), "{username}");
        let credentials =
            Credentials { username: username.to_owned(), password: password.map(Password::new) };
        let beginning = Beginning::SignIn { credentials, way: None, session, presence: false };
        let established = signed_in(desk.client.begin(beginning).await);
        assert_eq!(established.user.name.as_deref(), Some("Yuki Ito"));
    }
    // An address that is somebody's already.
    let desk = desk(&pool, "devdesktop");
    let (_, asked) = challenged(desk.client.begin(account("yuto", Some("Fresh-Start-1"), YUKI)).await);
    assert_eq!(desk.refused(&asked, code(sent(&pool, "yuto").await)).await, FaultCode::AliasTaken);
    // A session that is no way in leaves the password.
    let credentials =
        Credentials { username: "yuki".to_owned(), password: Some(Password::new("Fresh-Start-1")) };
    let session = Some(session::ChallengeSession::new("a".repeat(40)));
    let beginning = Beginning::SignIn { credentials, way: None, session, presence: false };
    signed_in(self::desk(&pool, "devchoice").client.begin(beginning).await);
}

#[tokio::test]
async fn what_keeps_an_account_from_being_made_is_told_apart() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    for (beginning, fault) in [
        (account("aiko", Some("Fresh-Start-1"), YUKI), FaultCode::UsernameTaken),
        (account("yuki", Some("short"), YUKI), FaultCode::PasswordRejected),
        (account("yuki", Some("Fresh-Start-1"), &[]), FaultCode::AttributeRejected),
        (account("", Some("Fresh-Start-1"), YUKI), FaultCode::AttributeRejected),
        (Beginning::Confirmation { username: "aiko".to_owned() }, FaultCode::AlreadyConfirmed),
        (Beginning::Reset { username: "dmitri".to_owned() }, FaultCode::CannotResetPassword),
        (Beginning::Reset { username: "ben".to_owned() }, FaultCode::CannotResetPassword),
    ] {
        let refused = desk.client.begin(beginning).await.expect_err("it is refused");
        assert_eq!(refused.code, fault, "{refused}");
    }
}

#[tokio::test]
async fn an_unconfirmed_account_and_a_forgotten_password_lead_back_to_the_sign_in() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devdesktop");
    let refused = desk.begin("dmitri", Some("Not-Yet-44")).await.expect_err("not yet");
    assert_eq!(refused.code, FaultCode::UserNotConfirmed);
    let beginning = Beginning::Confirmation { username: "dmitri".to_owned() };
    let (_, asked) = challenged(desk.client.begin(beginning).await);
    let (done, _) = achieved(desk.answer(&asked, code(sent(&pool, "dmitri").await)).await);
    assert_eq!(done, Done::AccountConfirmed);
    assert_eq!(desk.refused(&asked, code("123456")).await, FaultCode::AlreadyConfirmed);
    signed_in(desk.begin("dmitri", Some("Not-Yet-44")).await);

    let (challenge, asked) =
        challenged(desk.client.begin(Beginning::Reset { username: "emma".to_owned() }).await);
    assert!(matches!(challenge, Challenge::ResetPassword { destination: Some(_), .. }), "{challenge:?}");
    let new = |code: String, password: &str| Answer::NewPasswordByCode {
        code: OneTimeCode::new(code),
        password: Password::new(password),
    };
    let right = sent(&pool, "emma").await;
    assert_eq!(desk.refused(&asked, new(right.clone(), "short")).await, FaultCode::PasswordRejected);
    assert_eq!(desk.refused(&asked, new(right.clone(), "")).await, FaultCode::PasswordRejected);
    let wrong = if right == "000000" { "111111" } else { "000000" };
    assert_eq!(desk.refused(&asked, new(wrong.to_owned(), "Remembered-55")).await, FaultCode::CodeWrong);
    let (done, session) = achieved(desk.answer(&asked, new(right, "Remembered-55")).await);
    assert_eq!((done, session.is_none()), (Done::PasswordReset, true));
    signed_in(desk.begin("emma", Some("Remembered-55")).await);
}

/// How the person proves to be there who has signed in so.
fn step_up(established: &Established) -> Beginning {
    Beginning::StepUp {
        username: established.user.username.clone(),
        access: Some(established.tokens.access.clone()),
        by_browser: false,
    }
}

/// The sign-in that a proof goes on with.
fn proof(username: &str, password: &str) -> Beginning {
    let credentials = Credentials { username: username.to_owned(), password: Some(Password::new(password)) };
    Beginning::SignIn { credentials, way: None, session: None, presence: true }
}

#[tokio::test]
async fn a_proof_of_presence_asks_for_the_second_factor_of_a_device_that_is_remembered() {
    let pool = DevelopmentPool::start().await;
    let (desk, drawer) = desk_with_drawer(&pool, "devdevices");
    let session = uma_by_code(&desk, &pool, 0).await;
    signed_in(desk.begin("uma", Some("Known-Device-21")).await);
    let kept = drawer.with(|devices| devices["uma"].key.clone());

    let before = pool.count("InitiateAuth").await;
    let (challenge, asked) = challenged(desk.client.begin(step_up(&session)).await);
    assert_eq!(challenge, Challenge::Password { username: "uma".to_owned() });
    assert!(asked.presence && pool.count("InitiateAuth").await == before, "nothing has begun");
    let wrong = desk.client.begin(proof("uma", "Wrong-Device-1")).await.expect_err("wrong");
    assert_eq!(wrong.code, FaultCode::WrongCredentials);
    let (challenge, asked) = challenged(desk.client.begin(proof("uma", "Known-Device-21")).await);
    assert!(matches!(challenge, Challenge::Code { method: CodeMethod::Authenticator, .. }), "{challenge:?}");
    let app = shown_by_app(&pool, &secret_of(&pool, "uma").await, 2).await;
    let proved = signed_in(desk.answer(&asked, Answer::Code(app)).await);
    assert_eq!(proved.user.sub, session.user.sub);

    // It has made no device known, and forgotten none.
    assert_eq!((proved.device.clone(), proved.device_key.clone()), (None, None));
    assert_eq!(pool.count("ConfirmDevice").await, 1);
    assert_eq!(drawer.with(|devices| devices["uma"].key.clone()), kept);
    let devices = desk.client.devices(&session.tokens.access).await.expect("they are listed");
    let keys: Vec<_> = devices.into_iter().flatten().map(|device| device.key).collect();
    assert_eq!(keys, std::slice::from_ref(&kept), "no stranger is left in the list");
    // Nor does a password that is given by choice, in an answer, go by the device.
    pool.post("client", r#"{"id":"devdevices","flows":["ALLOW_USER_AUTH","ALLOW_USER_SRP_AUTH"]}"#).await;
    let credentials = Credentials { username: "uma".to_owned(), password: None };
    let beginning = Beginning::SignIn { credentials, way: None, session: None, presence: true };
    let (challenge, choice) = challenged(desk.client.begin(beginning).await);
    assert!(matches!(challenge, Challenge::ChooseWay { .. }), "{challenge:?}");
    let (challenge, _) = challenged(desk.answer(&choice, password("Known-Device-21")).await);
    assert!(matches!(challenge, Challenge::Code { .. }), "{challenge:?}");

    desk.client.revoke(proved.tokens.refresh.clone()).await.expect("it is revoked");
    desk.client.renew(renewal(&proved)).await.expect_err("the proof is no session");
    desk.client.renew(renewal(&session)).await.expect("the session goes on");
    let again = signed_in(desk.begin("uma", Some("Known-Device-21")).await);
    assert_eq!(again.device, Some(DeviceView::Remembered), "a sign-in still goes by the device");
}

#[tokio::test]
async fn a_proof_of_presence_goes_by_what_the_user_has() {
    let pool = DevelopmentPool::start().await;
    let desk = desk(&pool, "devchoice");
    let (_, choice) = desk.asked("oskar", None).await;
    let (_, asked) = challenged(desk.answer(&choice, Answer::Way(SignInWay::EmailCode)).await);
    let oskar = signed_in(desk.answer(&asked, code(sent(&pool, "oskar").await)).await);
    // He has no password.
    let (challenge, choice) = challenged(desk.client.begin(step_up(&oskar)).await);
    assert_eq!(challenge, Challenge::ChooseWay { ways: vec![SignInWay::EmailCode] });
    let (challenge, asked) = challenged(desk.answer(&choice, Answer::Way(SignInWay::EmailCode)).await);
    assert!(matches!(challenge, Challenge::Code { method: CodeMethod::Email, .. }), "{challenge:?}");
    assert!(choice.presence && asked.presence, "what follows is a part of the proof");
    let proved = signed_in(desk.answer(&asked, code(sent(&pool, "oskar").await)).await);
    assert_eq!(proved.user.sub, oskar.user.sub);

    let nora = signed_in(desk.begin("nora", Some("Free-Choice-14")).await);
    let asks_for_password = Challenge::Password { username: "nora".to_owned() };
    assert_eq!(challenged(desk.client.begin(step_up(&nora)).await).0, asks_for_password);
    // By the choice, which is the only flow here.
    signed_in(desk.client.begin(proof("nora", "Free-Choice-14")).await);
    // Where the pool does not say, it is asked for the ways that there are; one that cannot be reached has said nothing.
    for (kind, message) in [
        ("NotAuthorizedException", "Access Token does not have required scopes"),
        ("UnknownOperationException", ""),
    ] {
        let step = format!(r#"{{"error":{{"type":"{kind}","message":"{message}"}}}}"#);
        let script = format!(r#"{{"operation":"GetUserAuthFactors","steps":[{step}]}}"#);
        pool.post("script", &script).await;
        let (challenge, choice) = challenged(desk.client.begin(step_up(&nora)).await);
        assert!(
            matches!(&challenge, Challenge::ChooseWay { ways } if ways.contains(&SignInWay::Password)),
            "{kind}"
        );
        assert!(choice.presence, "what follows is a part of the proof");
        signed_in(desk.answer(&choice, password("Free-Choice-14")).await);
    }
    // So it is where there is no token to ask with; who cannot choose is asked for the password.
    let tokenless =
        |username: &str| Beginning::StepUp { username: username.to_owned(), access: None, by_browser: false };
    let (challenge, _) = challenged(desk.client.begin(tokenless("oskar")).await);
    assert_eq!(challenge, Challenge::ChooseWay { ways: vec![SignInWay::EmailCode] });
    let without_choice = desk_of(settings(&pool, "devdesktop"));
    let (challenge, _) = challenged(without_choice.client.begin(tokenless("aiko")).await);
    assert_eq!(challenge, Challenge::Password { username: "aiko".to_owned() });
    // A token that is not honoured is told, for the session to hear of it.
    let step = r#"{"error":{"type":"NotAuthorizedException","message":"Access Token has been revoked"}}"#;
    pool.post("script", &format!(r#"{{"operation":"GetUserAuthFactors","steps":[{step}]}}"#)).await;
    let fault = desk.client.begin(step_up(&nora)).await.expect_err("it is revoked");
    assert_eq!(fault.code, FaultCode::AccessTokenRevoked);
    pool.post("script", r#"{"operation":"GetUserAuthFactors","steps":["500"]}"#).await;
    let fault = desk.client.begin(step_up(&nora)).await.expect_err("it is in trouble");
    assert_eq!(fault.code, FaultCode::PoolTrouble);
}

#[tokio::test]
async fn a_proof_of_presence_where_only_riddles_are_asked_needs_no_password() {
    let pool = DevelopmentPool::start().await;
    let custom = |text: &str| Answer::Custom(CustomAnswer::new(text));
    let unsaid = desk(&pool, "devcustom");
    let said = desk_of(settings(&pool, "devcustom").with_sign_in(Some(AuthFlow::Custom), None));
    for desk in [&unsaid, &said] {
        let (_, first) = desk.asked("quinn", None).await;
        let (_, second) = challenged(desk.answer(&first, custom("piano")).await);
        let quinn = signed_in(desk.answer(&second, custom("towel")).await);
        // The pool says that he has a password. He may know of none: it was not by that that he has signed in.
        let (challenge, first) = challenged(desk.client.begin(step_up(&quinn)).await);
        assert!(matches!(challenge, Challenge::Custom { .. }), "{challenge:?}");
        let (_, second) = challenged(desk.answer(&first, custom("piano")).await);
        assert_eq!(signed_in(desk.answer(&second, custom("towel")).await).user.sub, quinn.user.sub);
    }
    // In a run in which nobody has signed in, the password is what is known; the riddles follow it.
    let fresh = desk_of(settings(&pool, "devcustom"));
    let (_, first) = unsaid.asked("quinn", None).await;
    let (_, second) = challenged(unsaid.answer(&first, custom("piano")).await);
    let quinn = signed_in(unsaid.answer(&second, custom("towel")).await);
    let (challenge, _) = challenged(fresh.client.begin(step_up(&quinn)).await);
    assert_eq!(challenge, Challenge::Password { username: "quinn".to_owned() });
    let (challenge, _) = challenged(fresh.client.begin(proof("quinn", "Riddle-Me-17")).await);
    assert!(matches!(challenge, Challenge::Custom { .. }), "{challenge:?}");
}
