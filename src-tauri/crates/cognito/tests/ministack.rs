//! The client against a user pool that nobody here wrote: ministack, which has SRP, secret hashes, authenticator apps
//! and revocation of its own.
//!
//! Needs Python 3 with its `venv` module, and a package index at the first run.

mod desk;
mod person;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs};

use cognito::browser::{Browser, BrowserSettings, Domain, Redirect, Wish};
use cognito::{
    Account, Client, ConnectionFault, ConnectionPart, Http, Issuer, PoolSettings, check_connection,
};
use desk::{App, free_ports};
use person::Person;
use serde_json::Value;
use session::{
    AccessToken, Answer, AttemptView, Beginning, BrowserTold, Challenge, ClientSecret, CodeMethod,
    Credentials, Done, EndCause, EverywhereView, Fault, FaultCode, Handle, OneTimeCode, Origin, Password,
    Pool as _, PoolClock, PoolTold, Prompt, Receipt, Record, RenewalRequest, SessionView, Step, Vault,
    VaultFault, View, start,
};
use url::Url;
use zeroize::Zeroizing;

const PACKAGES: &[&str] = &["ministack==1.5.33", "boto3==1.43.106", "cryptography==50.0.2"];

static PYTHON: LazyLock<PathBuf> = LazyLock::new(prepare);

/// Makes the virtual environment once and keeps it between runs.
fn prepare() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ministack");
    let programs = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let stamp = folder.join("packages.txt");
    let wanted = PACKAGES.join("\n");
    if fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return programs;
    }
    let system = env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    run(
        Command::new(system).args(["-m", "venv", "--clear"]).arg(&folder),
        "this test needs Python 3 with the module venv (Debian: apt install python3-venv)",
    );
    run(
        Command::new(programs.join("python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PACKAGES),
        "this test needs a package index that pip can reach",
    );
    fs::write(&stamp, wanted).expect("the stamp can be written");
    programs
}

fn run(command: &mut Command, need: &str) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{need}: {command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{need}: {command:?}: {}{text}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// A running ministack with one pool in it, which has proven that it refuses a wrong `SECRET_HASH`.
struct Ministack {
    endpoint: Url,
    pool: Value,
    process: Child,
    state: PathBuf,
}

impl Ministack {
    fn start(name: &str) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let state = env::temp_dir().join(format!("ministack-{name}-{}", std::process::id()));
        fs::create_dir_all(&state).expect("a folder for its state");
        let mut command = Command::new(PYTHON.join("ministack"));
        for (variable, _) in env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
            command.env_remove(variable);
        }
        command
            .env("STATE_DIR", &state)
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            // Without this it takes whatever it is given.
            .env("AUTH", "true")
            .env("SERVICES", "cognito-idp,cognito-identity,ses,sts,iam")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = command.spawn().expect("ministack starts");
        let mut ministack = Self {
            endpoint: Url::parse(&format!("http://127.0.0.1:{port}")).expect("a URL"),
            pool: Value::Null,
            process,
            state,
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "ministack does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        ministack.pool =
            serde_json::from_str(&ministack.python(&["make"])).expect("the fixture prints its pool");
        ministack
    }

    fn python(&self, arguments: &[&str]) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ministack.py");
        let mut command = Command::new(PYTHON.join("python"));
        for (variable, _) in env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
            command.env_remove(variable);
        }
        run(
            command.arg(script).arg(self.endpoint.as_str()).args(arguments).env("NO_PROXY", "127.0.0.1"),
            "the fixture makes its pool",
        )
    }

    fn code(&self) -> OneTimeCode {
        self.shown_by_app(self.pool["totp"].as_str().expect("an authenticator's secret"))
    }

    fn shown_by_app(&self, secret: &str) -> OneTimeCode {
        OneTimeCode::new(self.python(&["code", secret]).trim())
    }

    fn settings(&self, client: &str, secret: Option<&str>) -> PoolSettings {
        let pool = self.pool["pool"].as_str().expect("a pool id");
        let issuer = Issuer::from_pool_id(pool).expect("an issuer");
        let secret = secret.map(ClientSecret::new);
        PoolSettings::new(issuer, client.to_owned(), secret, Some(self.endpoint.clone()))
            .expect("good settings")
    }

    /// The clients, without and with a secret.
    fn clients(&self) -> Vec<(String, Option<String>)> {
        let clients = self.pool["clients"].as_array().expect("clients");
        let text = |value: &Value| value.as_str().map(str::to_owned);
        clients.iter().map(|client| (text(&client["id"]).expect("an id"), text(&client["secret"]))).collect()
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.state);
    }
}

fn http() -> Http {
    Http::from_environment(&|_| None).expect("no settings")
}

fn client(settings: PoolSettings) -> Client {
    Client::new(settings, http(), Arc::new(PoolClock::new()))
}

fn credentials(username: &str, password: &str) -> Credentials {
    Credentials { username: username.to_owned(), password: Some(Password::new(password)) }
}

/// A keychain in memory, which outlives the driver as the real one outlives the program: a record, and a queue.
#[derive(Clone, Default)]
struct Memory(Entry, Entry);

type Entry = Arc<Mutex<Option<Zeroizing<Vec<u8>>>>>;

impl Memory {
    fn get(&self) -> Option<Zeroizing<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, record: Option<Zeroizing<Vec<u8>>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = record;
    }
}

impl Vault for Memory {
    async fn load(&self, _: Prompt) -> Result<Option<Zeroizing<Vec<u8>>>, VaultFault> {
        Ok(self.get())
    }

    async fn save(&self, _: String, record: Zeroizing<Vec<u8>>) -> Result<(), VaultFault> {
        self.put(Some(record));
        Ok(())
    }

    async fn clear(&self) -> Result<(), VaultFault> {
        self.put(None);
        Ok(())
    }

    async fn load_revocations(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultFault> {
        Ok(self.1.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn save_revocations(&self, queue: Option<Zeroizing<Vec<u8>>>) -> Result<(), VaultFault> {
        *self.1.lock().unwrap_or_else(PoisonError::into_inner) = queue;
        Ok(())
    }
}

fn driver(settings: &PoolSettings, vault: &Memory) -> Handle {
    let clock = Arc::new(PoolClock::new());
    let client = Client::new(settings.clone(), http(), Arc::clone(&clock));
    start(Arc::new(client), Arc::new(vault.clone()), clock)
}

async fn until(handle: &Handle, what: &str, wanted: impl Fn(&View) -> bool) -> Arc<View> {
    let mut views = handle.subscribe();
    let seen = tokio::time::timeout(Duration::from_secs(30), views.wait_for(|view| wanted(view))).await;
    match seen {
        Ok(Ok(view)) => Arc::clone(&view),
        _ => panic!("waited in vain for {what}: {:?}", handle.view()),
    }
}

fn is_signed_in(view: &View) -> bool {
    matches!(view.session, SessionView::SignedIn { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn signs_in_by_srp_renews_restarts_and_signs_out_with_and_without_a_secret() {
    let ministack = Ministack::start("main");
    for (id, secret) in ministack.clients() {
        let settings = ministack.settings(&id, secret.as_deref());
        // A pool that takes any password by SRP would judge nothing either.
        let wrong = client(settings.clone()).begin(credentials("zoe", "Wrong-Passw0rd1").into()).await;
        assert_eq!(wrong.expect_err("a wrong password is refused").code, FaultCode::WrongCredentials);
        if secret.is_some() {
            let wrong = ministack.settings(&id, Some("wrongwrongwrongwrongwrongwrong"));
            let refused = client(wrong).begin(credentials("zoe", "Zoe-Passw0rd1").into()).await;
            assert_eq!(refused.expect_err("a wrong secret is refused").code, FaultCode::ClientSecretWrong);
        }

        let vault = Memory::default();
        let handle = driver(&settings, &vault);
        handle.sign_in(credentials("zoe", "Zoe-Passw0rd1"));
        let view = until(&handle, "the session", is_signed_in).await;
        let SessionView::SignedIn { user, .. } = &view.session else { unreachable!("it is signed in") };
        assert_eq!((user.name.as_deref(), user.email.as_deref()), (Some("Zoe"), Some("zoe@example.com")));
        let first = handle.access_token().await.expect("an access token");
        handle.shutdown().await;

        // The next run: no password, and the same session.
        let handle = driver(&settings, &vault);
        until(&handle, "the session again", is_signed_in).await;
        assert_eq!(handle.access_token().await.expect("an access token").expose(), first.expose());

        let record = vault.get().expect("a record");
        let stored = Record::decode(&record).expect("a record of this version").record;
        let Record::Live(live) = stored else { panic!("the record of a live session") };
        let request = RenewalRequest {
            refresh: live.tokens.refresh.clone(),
            username: live.user.username.clone(),
            device_key: None,
        };
        let other = client(settings.clone());
        let renewed = other.renew(request.clone()).await.expect("new tokens");
        assert_ne!(renewed.access.expose(), first.expose());

        handle.sign_out();
        until(&handle, "the pool to be told", |view| {
            matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
                if matches!(&ended.cause, EndCause::ByUser { receipt: Receipt { pool: PoolTold::Revoked, keychain_cleared: true, .. } }))
        })
        .await;
        assert!(vault.get().is_none());
        let refused = other.renew(request).await.expect_err("a revoked refresh token is refused");
        assert!(refused.code.ends_session(), "{refused}");
        handle.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_with_a_code_and_signs_out_everywhere() {
    let ministack = Ministack::start("codes");
    for (id, secret) in ministack.clients() {
        let settings = ministack.settings(&id, secret.as_deref());
        let vault = Memory::default();
        let handle = driver(&settings, &vault);
        handle.sign_in(credentials("tom", "Tom-Passw0rd1"));
        let asked = |view: &View| {
            matches!(
                &view.attempt,
                AttemptView::Challenged {
                    challenge: Challenge::Code { method: CodeMethod::Authenticator, .. },
                    ..
                }
            )
        };
        until(&handle, "the question for a code", asked).await;
        handle.answer(Answer::Code(OneTimeCode::new("000000")));
        until(&handle, "the refusal", |view| {
            matches!(&view.attempt, AttemptView::Challenged { fault: Some(fault), .. } if fault.code == FaultCode::CodeWrong)
        })
        .await;
        handle.answer(Answer::Code(ministack.code()));
        until(&handle, "the session", is_signed_in).await;

        handle.sign_out_everywhere();
        let view = until(&handle, "the end everywhere", |view| {
            !is_signed_in(view)
                || matches!(
                    &view.session,
                    SessionView::SignedIn { everywhere: Some(EverywhereView::Failed { .. }), .. }
                )
        })
        .await;
        let SessionView::SignedOut { ended: Some(ended), .. } = &view.session else {
            panic!("not signed out everywhere: {view:?}")
        };
        assert!(matches!(ended.cause, EndCause::ByUser { receipt: Receipt { everywhere: true, .. } }));
        handle.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sets_a_first_password_and_passes_the_check_of_the_connection() {
    let ministack = Ministack::start("first");
    for ((id, secret), username) in ministack.clients().into_iter().zip(["new1", "new2"]) {
        let settings = ministack.settings(&id, secret.as_deref());
        check_connection(&settings, &http()).await.expect("the pool takes this client");
        let client = client(settings);
        let step = client.begin(credentials(username, "Temp-Passw0rd1").into()).await.expect("a challenge");
        let Step::Challenge(Challenge::NewPassword { .. }, continuation) = step else {
            panic!("{username} is asked for a new password: {step:?}")
        };
        let password = Password::new("Brand-New-Passw0rd1");
        let answer = Answer::NewPassword { password, attributes: std::iter::empty().collect() };
        let step = client.reply(continuation, answer).await.expect("tokens");
        assert!(matches!(step, Step::Done(_)), "{step:?}");
    }
    let part = async |settings: PoolSettings| match check_connection(&settings, &http()).await {
        Err(ConnectionFault::Refused { part, fault }) => (part, fault.code),
        other => panic!("{other:?}"),
    };
    let unknown = part(ministack.settings("nosuchclient", None)).await;
    assert_eq!(unknown, (ConnectionPart::Client, FaultCode::ClientUnknown));
    let (with_secret, _) = ministack.clients().pop().expect("a client with a secret");
    let (without_secret, _) = ministack.clients().remove(0);
    let needless = part(ministack.settings(&without_secret, Some("needlessneedlessneedless"))).await;
    assert_eq!(needless, (ConnectionPart::Secret, FaultCode::ClientSecretWrong));
    let missing = part(ministack.settings(&with_secret, None)).await;
    assert_eq!(missing, (ConnectionPart::Secret, FaultCode::ClientSecretMissing));
}

/// What ministack sends to everybody who has forgotten a password.
const RESET_CODE: &str = "654321";

async fn signed_in(client: &Client, username: &str, password: &str) -> AccessToken {
    match client.begin(credentials(username, password).into()).await {
        Ok(Step::Done(established)) => established.tokens.access,
        other => panic!("{username} is not signed in: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn looks_after_an_account_until_it_is_deleted() {
    let ministack = Ministack::start("account");
    for ((id, secret), username) in ministack.clients().into_iter().zip(["ann", "eve"]) {
        let client = client(ministack.settings(&id, secret.as_deref()));
        let first = if username == "ann" { "Ann-Passw0rd1" } else { "Eve-Passw0rd1" };
        let access = signed_in(&client, username, first).await;
        let account = client.account(&access).await.expect("the pool tells");
        let value = |account: &Account, name: &str| {
            account.attributes.iter().find(|it| it.name == name).map(|it| it.value.clone())
        };
        assert_eq!(value(&account, "email"), Some(format!("{username}@example.com")));
        assert_eq!((account.second_factors, account.preferred), (vec![], None));

        let values = BTreeMap::from([("name".to_owned(), "名前".to_owned())]);
        client.change_attributes(&access, values).await.expect("it is changed");
        let account = client.account(&access).await.expect("the pool tells");
        assert_eq!(value(&account, "name").as_deref(), Some("名前"));

        let change = async |previous: Option<&str>, proposed: &str| {
            let previous = previous.map(Password::new);
            client.change_password(&access, previous.as_ref(), &Password::new(proposed)).await
        };
        let code = |result: Result<(), Fault>| result.expect_err("it is refused").code;
        assert_eq!(code(change(Some("Wrong-Passw0rd1"), "Second-Passw0rd1").await), FaultCode::WrongPassword);
        assert_eq!(code(change(None, "Second-Passw0rd1").await), FaultCode::WrongPassword);
        assert_eq!(code(change(Some(first), "short").await), FaultCode::PasswordRejected);
        change(Some(first), "Second-Passw0rd1").await.expect("it is changed");
        signed_in(&client, username, "Second-Passw0rd1").await;

        let reset = Beginning::Reset { username: username.to_owned() };
        let Ok(Step::Challenge(_, asked)) = client.begin(reset).await else { panic!("a code is sent") };
        let answer = |code: &str| Answer::NewPasswordByCode {
            code: OneTimeCode::new(code),
            password: Password::new("Third-Passw0rd1"),
        };
        let wrong = client.reply(asked.clone(), answer("000000")).await.expect_err("it is another code");
        assert_eq!(wrong.code, FaultCode::CodeWrong);
        let step = client.reply(asked, answer(RESET_CODE)).await;
        assert!(matches!(step, Ok(Step::Achieved { done: Done::PasswordReset, .. })), "{step:?}");
        let access = signed_in(&client, username, "Third-Passw0rd1").await;

        let app = client.begin_authenticator(&access).await.expect("a secret");
        let wrong = client.confirm_authenticator(&access, &OneTimeCode::new("000000"), None).await;
        assert_eq!(code(wrong), FaultCode::AuthenticatorCodeWrong);
        let shown = ministack.shown_by_app(app.expose());
        client.confirm_authenticator(&access, &shown, None).await.expect("it is the code");
        let account = client.account(&access).await.expect("the pool tells");
        let method = CodeMethod::Authenticator;
        assert_eq!((account.second_factors, account.preferred), (vec![method], Some(method)));
        let asked = client.begin(credentials(username, "Third-Passw0rd1").into()).await;
        assert!(matches!(asked, Ok(Step::Challenge(Challenge::Code { .. }, _))), "{asked:?}");
        client.disable_second_factor(&access, method).await.expect("it is turned off");
        signed_in(&client, username, "Third-Passw0rd1").await;

        // It does not know these operations, of which the SDK does not know the first.
        assert_eq!(client.sessions(&access).await, Ok(None));
        assert_eq!(client.devices(&access).await, Ok(None));
        assert_eq!(client.passkeys(&access).await, Ok(None));
        client.delete_account(&access).await.expect("it is deleted");
        let gone = client.begin(credentials(username, "Third-Passw0rd1").into()).await;
        assert_eq!(gone.expect_err("there is no such user").code, FaultCode::WrongCredentials);
        assert_eq!(code(client.account(&access).await.map(drop)), FaultCode::UserGone);
    }
}

/// A login page, codes and tokens that nobody here wrote.
#[tokio::test(flavor = "multi_thread")]
async fn signs_in_by_the_hosted_login_and_a_port_of_this_machine() {
    let ministack = Ministack::start("browser");
    let redirects = free_ports();
    let pool = ministack.pool["pool"].as_str().expect("a pool id").to_owned();
    let mut arguments = vec!["browser", &pool];
    arguments.extend(redirects.iter().map(Redirect::as_str));
    let clients: Value = serde_json::from_str(&ministack.python(&arguments)).expect("clients");
    for client in clients.as_array().expect("clients") {
        let (id, secret) = (client["id"].as_str().expect("an id"), client["secret"].as_str());
        let settings = BrowserSettings {
            domain: Some(Domain::parse(ministack.endpoint.as_str()).expect("a domain")),
            redirects: redirects.clone(),
            ..BrowserSettings::default()
        };
        let memory = desk::Memory::default();
        let app = App::start(ministack.settings(id, secret), settings, &memory);
        let address = app.begin().await;
        let mut person = Person::default();

        let page = person.open(&address).await.expect("the hosted login");
        let wrong = [("username", "zoe"), ("password", "Wrong-Passw0rd1")];
        let page = person.fill_in(&page, &wrong).await.expect("it asks again");
        let right = [("username", "zoe"), ("password", "Zoe-Passw0rd1")];
        let link = person.fill_in(&page, &right).await.expect_err("back to the app");
        let stranger = person.ask("GET", &link.replace("state=", "state=x"), "").await;
        assert_eq!(stranger.status, "400");
        let page = person.ask("GET", &link, "").await;
        assert_eq!(page.status, "200", "{}", page.body);
        let view = app.signed_in().await;
        let SessionView::SignedIn { user, origin, .. } = &view.session else {
            unreachable!("it is signed in")
        };
        assert_eq!((user.email.as_deref(), *origin), (Some("zoe@example.com"), Origin::Browser));

        // The code of another sign-in, with the right state: ministack compares the challenge.
        let theirs = Browser::new(
            ministack.settings(id, secret),
            BrowserSettings {
                domain: Some(Domain::parse(ministack.endpoint.as_str()).expect("a domain")),
                ..BrowserSettings::default()
            },
            http(),
            Arc::new(PoolClock::new()),
        );
        let ours = app.begin().await;
        let redirect = Redirect::parse(&value(&ours, "redirect_uri")).expect("an address");
        let theirs = theirs.begin(&redirect, Wish::default()).await.expect("it begins");
        let page = person.open(theirs.address()).await.expect("the hosted login");
        let stolen = person.fill_in(&page, &right).await.expect_err("back to the app");
        let injected = stolen.replace(&value(&stolen, "state"), &value(&ours, "state"));
        person.ask("GET", &injected, "").await;
        app.failed(FaultCode::BrowserCodeRefused).await;
        assert_eq!(app.handle.view().session, view.session);

        // The session is like any other: it is there after a restart, is renewed, and ends at the pool and in the browser.
        let before = app.handle.access_token().await.expect("a token");
        app.stop().await;
        let settings = BrowserSettings {
            domain: Some(Domain::parse(ministack.endpoint.as_str()).expect("a domain")),
            redirects: redirects.clone(),
            ..BrowserSettings::default()
        };
        let app = App::start(ministack.settings(id, secret), settings, &memory);
        app.signed_in().await;
        app.handle.token_refused(before.clone());
        let after = app.handle.access_token().await.expect("a token");
        assert_ne!(before.expose(), after.expose());
        app.handle.sign_out();
        app.until("the browser to be sent to sign out", |_| app.opened().len() == 1).await;
        let back = person.open(&app.opened()[0]).await.expect_err("back to the app");
        assert_eq!(person.ask("GET", &back, "").await.status, "200");
        app.until("the end", |view| {
            matches!(&view.session, SessionView::SignedOut { ended: Some(ended), .. }
                if matches!(&ended.cause, EndCause::ByUser { receipt: Receipt {
                    pool: PoolTold::Revoked, browser: Some(BrowserTold::Ended), ..
                } }))
        })
        .await;
    }
}

/// The value of a parameter of an address.
fn value(address: &str, name: &str) -> String {
    let url = Url::parse(address).expect("an address");
    url.query_pairs().find(|(known, _)| known == name).expect("it is there").1.into_owned()
}
