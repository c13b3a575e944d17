//! Signing in through the browser as the whole of it: the session's driver, the client and a desktop, against the
//! development pool's managed login.

mod desk;
mod development_pool;
mod person;

use std::sync::Arc;
use std::time::Duration;

use cognito::browser::{
    BrowserSettings, CallbackProblem, IdentityProvider, PasskeyTold, Redirect, Redirects,
};
use cognito::{Issuer, PoolSettings, Received};
use desk::{App, Memory, content, free_ports, is_signed_in, is_waiting};
use development_pool::DevelopmentPool;
use person::{AIKO, Person};
use serde_json::json;
use session::{
    Answer, AttemptView, BrowserTold, BrowserWay, BrowserWish, Challenge, Credentials, Done, EndCause,
    FaultCode, Origin, Password, Pool as _, SessionView, SignInWay, View,
};
use tokio::net::TcpStream;
use url::Url;

fn pool_settings(pool: &DevelopmentPool, client: &str) -> PoolSettings {
    let issuer = Issuer::parse(&pool.issuer).expect("the pool announces its issuer");
    PoolSettings::new(issuer, client.to_owned(), None, None).expect("good settings")
}

fn browser_settings() -> BrowserSettings {
    let providers = r#"[{"name": "Google"}, {"identifier": "example.com", "label": "Example"}]"#;
    BrowserSettings {
        redirects: Redirects::of_scheme("cognito-desktop"),
        signed_out: Redirect::signed_out("cognito-desktop"),
        providers: IdentityProvider::parse_all(providers).expect("good providers"),
        ..BrowserSettings::default()
    }
}

fn app_with(pool: &DevelopmentPool, memory: &Memory) -> App {
    App::start(pool_settings(pool, "devbrowser"), browser_settings(), memory)
}

fn app(pool: &DevelopmentPool) -> App {
    app_with(pool, &Memory::default())
}

/// An app to which the browser comes back by a port of this machine: three that nobody else has, and links do not work.
async fn app_on_ports(pool: &DevelopmentPool) -> App {
    let ports = free_ports();
    let addresses: Vec<_> = ports.iter().map(Redirect::as_str).collect();
    let client = json!({ "id": "devbrowser", "callbacks": addresses, "sign_out_urls": addresses });
    pool.post("client", &client.to_string()).await;
    let redirects = format!("cognito-desktop://sign-in/callback {}", addresses.join(" "));
    let redirects = Redirects::parse(&redirects).expect("they are addresses");
    let settings = BrowserSettings { redirects, ..browser_settings() };
    let app = App::start(pool_settings(pool, "devbrowser"), settings, &Memory::default());
    app.works(|works| works.links = false);
    app
}

/// The value of a parameter of an address.
fn parameter(address: &str, name: &str) -> Option<String> {
    let url = Url::parse(address).expect("an address");
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

fn challenge(app: &App) -> Challenge {
    match &app.handle.view().attempt {
        AttemptView::Challenged { challenge, .. } => challenge.clone(),
        other => panic!("{other:?}"),
    }
}

async fn sign_in_by_password(app: &App, name: &str, password: &str) {
    let password = Some(Password::new(password));
    app.handle.sign_in(Credentials { username: name.to_owned(), password });
    app.signed_in().await;
}

fn user_of(view: &Arc<View>) -> (&str, Origin) {
    match &view.session {
        SessionView::SignedIn { user, origin, .. } => (&user.username, *origin),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn somebody_signs_in_by_a_link_twice_and_is_there_after_a_restart() {
    let pool = DevelopmentPool::start().await;
    let memory = Memory::default();
    let app = app_with(&pool, &memory);
    let mut person = Person::default();
    for _ in 0..2 {
        let address = app.begin().await;
        let shown = Challenge::Browser { way: BrowserWay::Link, provider: None, opened: true };
        assert_eq!(challenge(&app), shown);
        assert_eq!(app.opened().last(), Some(&address));
        assert_eq!(parameter(&address, "lang").as_deref(), Some("en"));
        assert!(content(&memory.pending).is_some(), "it is kept while it waits");
        // The second time the browser has a session of its own.
        let link = match person.open(&address).await {
            Ok(page) => person.fill_in(&page, &AIKO).await.expect_err("back to the app"),
            Err(link) => link,
        };
        assert_eq!(app.link(&link).await, Ok(Received::Awaited));
        let view = app.signed_in().await;
        assert_eq!(user_of(&view), ("aiko", Origin::Browser));
        assert!(content(&memory.pending).is_none(), "nothing of it is kept");
        assert!(app.client.browser_address().is_none());
        // It counts once.
        assert_eq!(app.link(&link).await, Err(CallbackProblem::NotAwaited));
        assert_eq!(user_of(&app.handle.view()), ("aiko", Origin::Browser));
    }
    app.stop().await;
    let app = app_with(&pool, &memory);
    assert_eq!(user_of(&app.signed_in().await), ("aiko", Origin::Browser));
}

#[tokio::test]
async fn the_waiting_lasts_ten_minutes_and_says_so() {
    let pool = DevelopmentPool::start().await;
    let app = app(&pool);
    app.begin().await;
    let view = app.handle.view();
    let AttemptView::Challenged { lapses: Some(lapses), .. } = &view.attempt else { panic!("{view:?}") };
    let left = lapses.at.since(session::Clock::now(&session::PoolClock::new()));
    assert!(lapses.exact && left > Duration::from_secs(580) && left <= Duration::from_secs(605), "{left:?}");
}

#[tokio::test]
async fn somebody_signs_in_by_a_port_of_this_machine_and_it_is_closed_then() {
    let pool = DevelopmentPool::start().await;
    let app = app_on_ports(&pool).await;
    let address = app.begin().await;
    assert_eq!(
        challenge(&app),
        Challenge::Browser { way: BrowserWay::Loopback, provider: None, opened: true }
    );
    let redirect =
        Redirect::parse(&parameter(&address, "redirect_uri").expect("it has one")).expect("an address");
    let port = redirect.port().expect("a port");
    let mut person = Person::default();
    let link = person.sign_in(&address).await;
    // Whoever else asks there gets nothing, and is in nobody's way.
    let stranger = person.ask("GET", &format!("{redirect}?code=sentinel&state=sentinel"), "").await;
    assert_eq!(stranger.status, "400");
    let page = person.ask("GET", &link, "").await;
    assert_eq!((page.status.as_str(), page.body.contains("<h1>Done</h1>")), ("200", true), "{}", page.body);
    assert_eq!(user_of(&app.signed_in().await), ("aiko", Origin::Browser));
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn somebody_signs_in_by_pasting_the_link() {
    let pool = DevelopmentPool::start().await;
    let app = app(&pool);
    app.works(|works| (works.links, works.ports, works.browser) = (false, false, false));
    let address = app.begin().await;
    assert_eq!(challenge(&app), Challenge::Browser { way: BrowserWay::Paste, provider: None, opened: false });
    assert!(app.opened().is_empty());
    let link = Person::default().sign_in(&address).await;
    assert_eq!(app.link(&format!("  {link}\n")).await, Ok(Received::Awaited));
    assert_eq!(user_of(&app.signed_in().await).0, "aiko");
}

#[tokio::test]
async fn the_browser_is_opened_again_with_the_same_address() {
    let pool = DevelopmentPool::start().await;
    let app = app(&pool);
    app.works(|works| works.browser = false);
    let address = app.begin().await;
    app.handle.answer(Answer::OpenAgain);
    let view = app
        .until("the fault", |view| matches!(&view.attempt, AttemptView::Challenged { fault: Some(_), .. }));
    let AttemptView::Challenged { fault: Some(fault), challenge: asked, .. } = &view.await.attempt else {
        unreachable!("it was waited for")
    };
    assert_eq!(
        (fault.code, fault.detail.as_deref()),
        (FaultCode::BrowserNotOpened, Some("there is no browser"))
    );
    assert!(matches!(asked, Challenge::Browser { opened: false, .. }), "{asked:?}");
    app.works(|works| works.browser = true);
    app.handle.answer(Answer::OpenAgain);
    app.until("the browser", |view| {
        matches!(
            &view.attempt,
            AttemptView::Challenged { challenge: Challenge::Browser { opened: true, .. }, fault: None, .. }
        )
    })
    .await;
    assert_eq!(app.opened(), std::slice::from_ref(&address));
    let link = Person::default().sign_in(&address).await;
    assert_eq!(app.link(&link).await, Ok(Received::Awaited));
    app.signed_in().await;
}

#[tokio::test]
async fn a_sign_in_that_is_given_up_takes_nothing_and_closes_its_port() {
    let pool = DevelopmentPool::start().await;
    let app = app_on_ports(&pool).await;
    let address = app.begin().await;
    let redirect = Redirect::parse(&parameter(&address, "redirect_uri").expect("one")).expect("an address");
    let port = redirect.port().expect("a port");
    let link = Person::default().sign_in(&address).await;
    app.handle.cancel();
    let closed = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(1), closed).await.expect("the port is closed at once");
    assert_eq!(app.link(&link).await, Err(CallbackProblem::NotAwaited), "not even the right link");
    let forgotten = async {
        while content(&app.memory.pending).is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(1), forgotten).await.expect("nothing of it is kept");
    assert!(app.client.browser_address().is_none());
    assert_eq!(pool.count("token").await, 0, "its code went nowhere");
    assert!(!is_signed_in(&app.handle.view()));
    // The port is there for the next one.
    let address = app.begin().await;
    assert_eq!(parameter(&address, "redirect_uri").as_deref(), Some(redirect.as_str()));
}

#[tokio::test]
async fn a_newer_sign_in_takes_the_place_of_the_one_that_waits() {
    let pool = DevelopmentPool::start().await;
    let app = app(&pool);
    let old = app.begin().await;
    let old_link = Person::default().sign_in(&old).await;
    app.handle.sign_in_by_browser(BrowserWish::default());
    app.until("another address", |view| {
        is_waiting(view) && app.client.browser_address().is_some_and(|address| *address != old)
    })
    .await;
    let new = app.waiting().await;
    assert_eq!(app.link(&old_link).await, Err(CallbackProblem::StateOther));
    let link = Person::default().sign_in(&new).await;
    assert_eq!(app.link(&link).await, Ok(Received::Awaited));
    app.signed_in().await;
    assert_eq!(pool.count("token").await, 1);
}

#[tokio::test]
async fn a_link_that_starts_the_program_goes_on_with_what_was_kept() {
    let pool = DevelopmentPool::start().await;
    let memory = Memory::default();
    let app = app_with(&pool, &memory);
    let address = app.begin().await;
    let link = Person::default().sign_in(&address).await;
    // The program is killed: nothing is given up.
    let kept = content(&memory.pending);
    app.stop().await;
    desk::put(&memory.pending, kept.clone());

    let app = app_with(&pool, &memory);
    let stray = "cognito-desktop://sign-in/callback?code=sentinel&state=sentinel";
    assert_eq!(app.link(stray).await, Err(CallbackProblem::StateOther));
    assert!(content(&memory.pending).is_some(), "the right one may still come");
    assert_eq!(app.link(&link).await, Ok(Received::Kept));
    assert!(content(&memory.pending).is_none(), "it counts once");
    assert_eq!(user_of(&app.signed_in().await), ("aiko", Origin::Browser));
    app.stop().await;

    // And not again, whatever is put there.
    let app = app_with(&pool, &memory);
    app.signed_in().await;
    desk::put(&memory.pending, kept);
    assert_eq!(app.link(&link).await, Err(CallbackProblem::NotAwaited));
    assert_eq!(user_of(&app.handle.view()), ("aiko", Origin::Browser), "the session goes on");
}

/// Whoever has had the machine for a minute could have begun a sign-in, and left with its address.
#[tokio::test]
async fn what_was_kept_takes_nobodys_place() {
    let pool = DevelopmentPool::start().await;
    let memory = Memory::default();
    let app = app_with(&pool, &memory);
    let link = Person::default().sign_in(&app.begin().await).await;
    let kept = content(&memory.pending);
    app.stop().await;

    // Somebody signs in by password, and is there still after a restart, and has signed out.
    desk::put(&memory.pending, kept.clone());
    let app = app_with(&pool, &memory);
    sign_in_by_password(&app, "greta", "Well-Kept-7").await;
    assert_eq!(app.link(&link).await, Err(CallbackProblem::NotAwaited));
    assert_eq!(user_of(&app.handle.view()), ("greta", Origin::Native));
    app.stop().await;
    let app = app_with(&pool, &memory);
    app.signed_in().await;
    assert_eq!(app.link(&link).await, Err(CallbackProblem::NotAwaited));
    assert_eq!(user_of(&app.handle.view()), ("greta", Origin::Native));
    app.handle.sign_out();
    app.until("the end", |view| !is_signed_in(view)).await;
    assert_eq!(app.link(&link).await, Err(CallbackProblem::NotAwaited), "it is another person's turn");
    app.stop().await;

    // Somebody is about to sign in, or was.
    let app = app_with(&pool, &memory);
    app.handle.forgot_password("aiko".to_owned());
    let asked = |view: &View| matches!(view.attempt, AttemptView::Challenged { .. });
    app.until("the question for a code", asked).await;
    assert_eq!(app.link(&link).await, Err(CallbackProblem::NotAwaited));
    assert!(asked(&app.handle.view()), "it goes on");
    app.handle.cancel();
    app.until("the end", |view| !asked(view)).await;
    assert_eq!(app.link(&link).await, Err(CallbackProblem::NotAwaited));
    app.stop().await;
    assert_eq!(pool.count("token").await, 0, "no code went anywhere");

    let app = app_with(&pool, &memory);
    assert_eq!(app.link(&link).await, Ok(Received::Kept), "it would have been good");
    app.signed_in().await;
}

#[tokio::test]
async fn a_kept_sign_in_that_was_declined_is_told_in_its_words() {
    let pool = DevelopmentPool::start().await;
    let memory = Memory::default();
    let app = app_with(&pool, &memory);
    let state = parameter(&app.begin().await, "state").expect("it has one");
    let kept = content(&memory.pending);
    app.stop().await;
    desk::put(&memory.pending, kept);
    let app = app_with(&pool, &memory);
    let link = format!("cognito-desktop://sign-in/callback?error=access_denied&state={state}");
    assert_eq!(app.link(&link).await, Ok(Received::Kept));
    app.failed(FaultCode::BrowserDeclined).await;
    assert!(content(&memory.pending).is_none());
}

#[tokio::test]
async fn what_is_kept_is_refused_when_it_is_foreign_rubbish_or_cannot_be_removed() {
    let pool = DevelopmentPool::start().await;
    let memory = Memory::default();
    let app = app_with(&pool, &memory);
    let link = Person::default().sign_in(&app.begin().await).await;
    let kept = content(&memory.pending);
    app.stop().await;

    // Another client, and another scheme.
    let other = App::start(pool_settings(&pool, "devbrowserbare"), browser_settings(), &memory);
    desk::put(&memory.pending, kept.clone());
    assert_eq!(other.link(&link).await, Err(CallbackProblem::NotAwaited));
    assert!(content(&memory.pending).is_none(), "what is of no use does not stay");
    other.stop().await;
    let redirects = Redirects::of_scheme("another-app");
    let settings = BrowserSettings { redirects, ..browser_settings() };
    let other = App::start(pool_settings(&pool, "devbrowser"), settings, &memory);
    desk::put(&memory.pending, kept.clone());
    assert_eq!(other.link(&link).await, Err(CallbackProblem::NotAwaited));
    other.stop().await;

    let app = app_with(&pool, &memory);
    let mut rubbish = kept.clone().expect("it was kept");
    rubbish.truncate(100);
    desk::put(&memory.pending, Some(rubbish));
    assert_eq!(app.link(&link).await, Err(CallbackProblem::NotAwaited));
    assert!(content(&memory.pending).is_none());

    desk::put(&memory.pending, kept);
    app.works(|works| works.keychain = false);
    assert_eq!(app.link(&link).await, Err(CallbackProblem::NotAwaited), "it would be good twice");
    assert_eq!(pool.count("token").await, 0, "no code went anywhere");
    app.works(|works| works.keychain = true);
    // A sign-in of this run, and one that was kept before it is nothing any more.
    app.begin().await;
    assert_eq!(app.link(&link).await, Err(CallbackProblem::StateOther));
    app.handle.cancel();
    app.until("the end", |view| !is_waiting(view)).await;
    assert_eq!(app.link(&link).await, Err(CallbackProblem::NotAwaited));
}

#[tokio::test]
async fn a_keychain_that_keeps_nothing_is_in_nobodys_way() {
    let pool = DevelopmentPool::start().await;
    let app = app(&pool);
    app.works(|works| works.keychain = false);
    let link = Person::default().sign_in(&app.begin().await).await;
    assert_eq!(app.link(&link).await, Ok(Received::Awaited));
    app.signed_in().await;
}

#[tokio::test]
async fn a_session_stays_while_a_sign_in_fails() {
    let pool = DevelopmentPool::start().await;
    let app = app(&pool);
    sign_in_by_password(&app, "aiko", "Green-Tea-42").await;
    let before = app.handle.access_token().await.expect("a token");
    let address = app.begin().await;
    let state = parameter(&address, "state").expect("it has one");
    let link = format!("cognito-desktop://sign-in/callback?error=access_denied&state={state}");
    assert!(app.link(&link).await.is_err_and(|problem| problem.ends_sign_in()));
    app.failed(FaultCode::BrowserDeclined).await;

    let address = app.begin().await;
    let link = Person::default().sign_in(&address).await;
    pool.post("script", r#"{"operation":"token","steps":["forge key"]}"#).await;
    assert_eq!(app.link(&link).await, Ok(Received::Awaited));
    app.failed(FaultCode::TokensNotGenuine).await;
    assert_eq!(user_of(&app.handle.view()), ("aiko", Origin::Native));
    assert_eq!(app.handle.access_token().await.expect("a token").expose(), before.expose());
}

#[tokio::test]
async fn a_provider_is_gone_to_at_once_and_named() {
    let pool = DevelopmentPool::start().await;
    let app = app(&pool);
    for (key, label, parameter_name) in
        [("Google", "Google", "identity_provider"), ("example.com", "Example", "idp_identifier")]
    {
        let login_hint = Some("xavier@example.com".to_owned());
        app.handle.sign_in_by_browser(BrowserWish { provider: Some(key.to_owned()), login_hint });
        let address = app.waiting().await;
        assert_eq!(parameter(&address, parameter_name).as_deref(), Some(key));
        let shown =
            Challenge::Browser { way: BrowserWay::Link, provider: Some(label.to_owned()), opened: true };
        assert_eq!(challenge(&app), shown);
        let mut person = Person::default();
        let page = person.open(&address).await.expect("the provider's page");
        let fields = [("email", "xavier@example.com"), ("name", "Xavier Lopez"), ("by", "consent")];
        let link = person.fill_in(&page, &fields).await.expect_err("back to the app");
        assert_eq!(app.link(&link).await, Ok(Received::Awaited));
        let view = app.signed_in().await;
        let SessionView::SignedIn { user, .. } = &view.session else { unreachable!("somebody is") };
        assert_eq!(user.email.as_deref(), Some("xavier@example.com"));
        assert_eq!(user.providers.len(), 1);
        let vouching = user.providers.clone();
        app.handle.sign_out();
        let view = app.until("the end", |view| !is_signed_in(view)).await;
        let SessionView::SignedOut { ended: Some(ended), .. } = &view.session else { panic!("{view:?}") };
        let EndCause::ByUser { receipt } = &ended.cause else { panic!("{ended:?}") };
        assert_eq!(receipt.providers, vouching, "they may let the browser in still");
    }
    app.handle.sign_in_by_browser(BrowserWish { provider: Some("Elsewhere".to_owned()), login_hint: None });
    app.failed(FaultCode::ParameterRejected).await;
}

/// The proof that somebody is there, whose session began in the browser.
#[tokio::test]
async fn presence_is_proved_in_the_browser_by_a_fresh_sign_in_of_the_same_user() {
    let pool = DevelopmentPool::start().await;
    let app = app(&pool);
    let mut person = Person::default();
    let link = person.sign_in(&app.begin().await).await;
    app.link(&link).await.expect("it is awaited");
    app.signed_in().await;
    let before = app.handle.access_token().await.expect("a token");

    app.handle.prove_presence();
    let address = app.waiting().await;
    assert_eq!(parameter(&address, "prompt").as_deref(), Some("login"));
    assert_eq!(parameter(&address, "login_hint").as_deref(), Some("aiko"));
    assert!(content(&app.memory.pending).is_none(), "a proof is of this run only");
    let page = person.open(&address).await.expect("it asks again");
    let link = person.fill_in(&page, &AIKO).await.expect_err("back to the app");
    assert_eq!(app.link(&link).await, Ok(Received::Awaited));
    app.until("the proof", |view| {
        matches!(view.attempt, AttemptView::Idle { done: Some(Done::PresenceProved), fault: None })
    })
    .await;
    assert_eq!(app.handle.access_token().await.expect("a token").expose(), before.expose());

    // Somebody else.
    app.handle.prove_presence();
    let address = app.waiting().await;
    let mut other = Person::default();
    let page = other.open(&address).await.expect("a page");
    let fields = [("username", "greta"), ("password", "Well-Kept-7")];
    let link = other.fill_in(&page, &fields).await;
    if let Err(link) = link {
        app.link(&link).await.expect("it is awaited");
        app.failed(FaultCode::SomebodyElse).await;
    } else {
        panic!("no second user to sign in with");
    }
    assert_eq!(user_of(&app.handle.view()), ("aiko", Origin::Browser));
}

#[tokio::test]
async fn an_old_sign_in_proves_nobodys_presence() {
    let pool = DevelopmentPool::start().await;
    let app = app(&pool);
    let mut person = Person::default();
    let link = person.sign_in(&app.begin().await).await;
    app.link(&link).await.expect("it is awaited");
    app.signed_in().await;
    app.handle.prove_presence();
    let address = app.waiting().await;
    // Somebody who has the browser takes the question out of the address, and the pool's clock has gone on.
    pool.post("clock", r#"{"offset_seconds":300}"#).await;
    let link = person.open(&address.replace("prompt=login", "x=y")).await.expect_err("it asks nobody");
    assert_eq!(app.link(&link).await, Ok(Received::Awaited));
    app.failed(FaultCode::PresenceStale).await;
    assert!(app.handle.view().presence_until.is_none());
    assert_eq!(user_of(&app.handle.view()), ("aiko", Origin::Browser), "the session goes on");
}

/// What a provider's site is filled in with.
const XAVIER: [(&str, &str); 3] =
    [("email", "xavier@example.com"), ("name", "Xavier Lopez"), ("by", "consent")];

/// An app in which somebody has signed in by Google, which asks them nothing any more; with these providers set.
async fn vouched_for(pool: &DevelopmentPool, providers: &str) -> (App, Person) {
    let providers = IdentityProvider::parse_all(providers).expect("good providers");
    let settings = BrowserSettings { providers, ..browser_settings() };
    let app = App::start(pool_settings(pool, "devbrowser"), settings, &Memory::default());
    pool.post("managed_login", r#"{"providers_remember":true}"#).await;
    let mut person = Person::default();
    let address = format!("{}&identity_provider=Google", app.begin().await);
    let page = person.open(&address).await.expect("the provider's page");
    let link = person.fill_in(&page, &XAVIER).await.expect_err("back to the app");
    app.link(&link).await.expect("it is awaited");
    app.signed_in().await;
    (app, person)
}

#[tokio::test]
async fn a_provider_that_may_not_ask_proves_nobodys_presence() {
    let pool = DevelopmentPool::start().await;
    // Where it is known beforehand, nobody is sent there.
    let (app, _) = vouched_for(&pool, "Google").await;
    let opened = app.opened().len();
    app.handle.prove_presence();
    let fault = app.failed(FaultCode::ProviderMayNotAsk).await;
    assert_eq!((fault.detail.as_deref(), app.opened().len()), (Some("Google"), opened));
    app.stop().await;

    // Where it is chosen in the browser, what comes from there is refused, and its tokens are ended.
    for providers in ["", r#"[{"name": "Corporate", "reauthenticates": true}]"#] {
        let (app, mut person) = vouched_for(&pool, providers).await;
        let before = app.handle.access_token().await.expect("a token");
        app.handle.prove_presence();
        let address = app.waiting().await;
        assert_eq!(parameter(&address, "prompt").as_deref(), Some("login"));
        let link = person.open(&format!("{address}&identity_provider=Google")).await;
        let revoked = pool.count("revoke").await;
        app.link(&link.expect_err("nobody is asked anything")).await.expect("it is awaited");
        app.failed(FaultCode::ProviderMayNotAsk).await;
        assert!(app.handle.view().presence_until.is_none());
        assert!(is_signed_in(&app.handle.view()), "the session goes on");
        assert_eq!(app.handle.access_token().await.expect("a token").expose(), before.expose());
        let ended = async {
            while pool.count("revoke").await == revoked {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), ended).await.expect("its tokens are ended");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_provider_that_always_asks_proves_presence() {
    let pool = DevelopmentPool::start().await;
    let (app, mut person) = vouched_for(&pool, r#"[{"name": "Google", "reauthenticates": true}]"#).await;
    pool.post("managed_login", r#"{"providers_remember":false}"#).await;
    app.handle.prove_presence();
    let address = app.waiting().await;
    let [prompt, provider] = ["prompt", "identity_provider"].map(|name| parameter(&address, name));
    assert_eq!((prompt.as_deref(), provider.as_deref()), (Some("login"), Some("Google")));
    let page = person.open(&address).await.expect("it asks");
    let link = person.fill_in(&page, &XAVIER).await.expect_err("back to the app");
    app.link(&link).await.expect("it is awaited");
    app.until("the proof", |view| {
        matches!(view.attempt, AttemptView::Idle { done: Some(Done::PresenceProved), fault: None })
    })
    .await;
}

#[tokio::test]
async fn a_passkey_leads_to_the_browser_with_the_name_that_was_typed() {
    let pool = DevelopmentPool::start().await;
    let app = App::start(pool_settings(&pool, "devchoice"), browser_settings(), &Memory::default());
    app.handle.sign_in(Credentials { username: "priya".to_owned(), password: None });
    app.until("the choice", |view| {
        matches!(&view.attempt, AttemptView::Challenged { challenge: Challenge::ChooseWay { ways }, .. }
            if ways.contains(&SignInWay::Passkey))
    })
    .await;
    app.handle.answer(Answer::Way(SignInWay::Passkey));
    let address = app.waiting().await;
    assert_eq!(parameter(&address, "login_hint").as_deref(), Some("priya"));
}

#[tokio::test]
async fn signing_out_ends_the_browsers_session_too() {
    let pool = DevelopmentPool::start().await;
    for links in [true, false] {
        let app = if links { app(&pool) } else { app_on_ports(&pool).await };
        let mut person = Person::default();
        let link = person.sign_in(&app.begin().await).await;
        if links {
            app.link(&link).await.expect("it is awaited");
        } else {
            person.ask("GET", &link, "").await;
        }
        app.signed_in().await;
        let opened = app.opened().len();
        let stray = "cognito-desktop://signed-out/callback";
        assert_eq!(app.link(stray).await, Err(CallbackProblem::NotAwaited), "nobody signs out");
        app.handle.sign_out();
        let told = |view: &View| match &view.session {
            SessionView::SignedOut { ended: Some(ended), .. } => match &ended.cause {
                EndCause::ByUser { receipt } => receipt.browser.clone(),
                _ => None,
            },
            _ => None,
        };
        app.until("the browser to be told", |view| told(view) == Some(BrowserTold::Telling)).await;
        let sent = async {
            while app.opened().len() == opened {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), sent).await.expect("the browser is sent to sign out");
        let address = app.opened().pop().expect("it was opened");
        assert!(address.contains("/logout?"), "{address}");
        let back = person.open(&address).await.expect_err("back to the app");
        if links {
            assert_eq!(app.link(&back).await, Ok(Received::SignedOut));
        } else {
            let page = person.ask("GET", &back, "").await;
            assert!(page.body.contains("<h1>Back</h1>"), "{}", page.body);
        }
        app.until("the browser to have signed out", |view| told(view) == Some(BrowserTold::Ended)).await;
        assert_eq!(app.link(stray).await, Err(CallbackProblem::NotAwaited), "it has come back");
        // It asks again.
        let address = app.begin().await;
        person.open(&address).await.expect("a page");
    }
}

#[tokio::test]
async fn the_page_for_passkeys_is_opened_and_known_when_it_comes_back() {
    let pool = DevelopmentPool::start().await;
    let back_link = |result: &str| format!("cognito-desktop://sign-in/callback?result={result}");
    for links in [true, false] {
        let app = if links { app(&pool) } else { app_on_ports(&pool).await };
        let mut person = Person::default();
        app.client.open_passkeys().await.expect("it is opened");
        let address = app.opened().pop().expect("it was opened");
        assert!(address.contains("/passkeys/add?"), "{address}");
        let back = person.open(&address).await.expect_err("the browser is not signed in");
        if links {
            assert_eq!(app.link(&back).await, Ok(Received::Passkey(PasskeyTold::NotSignedIn)));
        } else {
            let page = person.ask("GET", &back, "").await;
            assert!(page.body.contains("<h1>Back</h1>"), "{}", page.body);
            let told = async {
                while app.desk.passkeys.lock().expect("nobody panicked").is_empty() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(5), told).await.expect("it is told");
            assert_eq!(*app.desk.passkeys.lock().expect("nobody panicked"), [PasskeyTold::NotSignedIn]);
        }
        // It has answered: what comes after that is anybody's.
        assert_eq!(app.link(&back_link("success")).await, Err(CallbackProblem::NotAwaited));
        // A sign-in that waits goes on, whatever comes from there.
        let address = app.begin().await;
        for (result, told) in [
            ("success", PasskeyTold::Added),
            ("invalid_session", PasskeyTold::NotSignedIn),
            ("anything", PasskeyTold::NotAdded),
        ] {
            assert_eq!(app.link(&back_link(result)).await, Err(CallbackProblem::NotAwaited), "{result}");
            app.client.open_passkeys().await.expect("it is opened");
            assert_eq!(app.link(&back_link(result)).await, Ok(Received::Passkey(told)));
            assert_eq!(app.link(&back_link(result)).await, Err(CallbackProblem::NotAwaited), "once");
        }
        let both = "cognito-desktop://sign-in/callback?result=success&state=sentinel";
        assert!(app.link(both).await.is_err(), "that is a sign-in's");
        assert!(is_waiting(&app.handle.view()));
        let link = person.sign_in(&address).await;
        if links {
            assert_eq!(app.link(&link).await, Ok(Received::Awaited));
        } else {
            person.ask("GET", &link, "").await;
        }
        app.signed_in().await;
    }
}

#[tokio::test]
async fn without_a_managed_login_nobody_is_sent_anywhere() {
    let pool = DevelopmentPool::start().await;
    let http = cognito::Http::from_environment(&|_| None).expect("no settings");
    let clock = Arc::new(session::PoolClock::new());
    let client = cognito::Client::new(pool_settings(&pool, "devbrowser"), http, clock);
    let code = |result: Result<session::Step, session::Fault>| result.expect_err("there is none").code;
    let wish = BrowserWish::default();
    let begun = client.begin(session::Beginning::Browser { wish, presence: false }).await;
    assert_eq!(code(begun), FaultCode::ManagedLoginMissing);
    assert_eq!(code(client.begin(session::Beginning::BackFromBrowser).await), FaultCode::ManagedLoginMissing);
    assert_eq!(client.receive("cognito-desktop://sign-in/callback").await, Err(CallbackProblem::NotAwaited));
    assert_eq!(client.open_passkeys().await.map_err(|fault| fault.code), Err(FaultCode::ManagedLoginMissing));
}
