//! Sign-in through the browser against the development pool's managed login, with a person who reads its pages and fills
//! in its forms.

mod development_pool;
mod person;

use std::sync::Arc;
use std::time::Duration;

use cognito::browser::{
    Browser, BrowserSettings, CallbackProblem, Code, IdentityProvider, Loopback, Page, Pending, Prompt,
    Redirect, Redirects, Scopes, Wish,
};
use cognito::{Client, Http, Issuer, PoolSettings};
use development_pool::DevelopmentPool;
use person::Person;
use session::{ClientSecret, Established, Fault, FaultCode, Pool as _, PoolClock, RenewalRequest};
use url::Url;

const SECRET: &str = "devbrowserdevbrowserdevbrowserdevbrowser0123456789";

fn settings_of(pool: &DevelopmentPool, client: &str, secret: Option<&str>) -> PoolSettings {
    let issuer = Issuer::parse(&pool.issuer).expect("the pool announces its issuer");
    PoolSettings::new(issuer, client.to_owned(), secret.map(ClientSecret::new), None).expect("good settings")
}

fn http() -> Http {
    Http::from_environment(&|_| None).expect("no settings")
}

fn browser_settings() -> BrowserSettings {
    BrowserSettings {
        redirects: Redirects::of_scheme("cognito-desktop"),
        signed_out: Redirect::signed_out("cognito-desktop"),
        ..BrowserSettings::default()
    }
}

fn browser(pool: &DevelopmentPool) -> Browser {
    let settings = settings_of(pool, "devbrowser", None);
    Browser::new(settings, browser_settings(), http(), Arc::new(PoolClock::new()))
}

fn link() -> Redirect {
    Redirect::link("cognito-desktop").expect("a link")
}

async fn begin(browser: &Browser, wish: Wish<'_>) -> Pending {
    browser.begin(&link(), wish).await.expect("it begins")
}

/// One sign-in by the pool's own page.
async fn signed_in(browser: &Browser, person: &mut Person) -> Established {
    let mut pending = begin(browser, Wish::default()).await;
    let link = person.sign_in(pending.address()).await;
    let code = pending.receive(&link).expect("a code");
    browser.complete(&pending, code).await.expect("somebody is signed in")
}

#[tokio::test]
async fn somebody_signs_in_by_a_link_and_stays_signed_in() {
    let pool = DevelopmentPool::start().await;
    let browser = browser(&pool);
    let established = signed_in(&browser, &mut Person::default()).await;
    assert_eq!(established.user.username, "aiko");
    assert_eq!(established.user.name.as_deref(), Some("Aiko Tanaka"));
    assert!(established.tokens.issued_at < established.tokens.expires_at);

    // The session is like any other from here on.
    let client = Client::new(settings_of(&pool, "devbrowser", None), http(), Arc::new(PoolClock::new()));
    let request = RenewalRequest {
        refresh: established.tokens.refresh.clone(),
        username: established.user.username.clone(),
        device_key: established.device_key.clone(),
    };
    let renewed = client.renew(request).await.expect("it is renewed");
    let refresh = renewed.refresh.expect("this client's rotate");
    client.sign_out_everywhere(renewed.access).await.expect("the scope for it is there");
    let request = RenewalRequest { refresh, username: "aiko".to_owned(), device_key: None };
    assert_eq!(client.renew(request).await.expect_err("it has ended").code, FaultCode::RefreshTokenRevoked);
}

#[tokio::test]
async fn somebody_signs_in_by_a_port_of_this_machine() {
    let pool = DevelopmentPool::start().await;
    let browser = browser(&pool);
    let mut listener = None;
    for redirect in Redirects::default().iter() {
        // Other tests may have one of them.
        if let Ok(bound) = Loopback::bind(redirect).await {
            listener = Some(bound);
            break;
        }
    }
    let listener = listener.expect("one of three ports is free");
    let mut pending = browser.begin(listener.redirect(), Wish::default()).await.expect("it begins");
    let mut person = Person::default();
    let callback = person.sign_in(pending.address()).await;
    let page = Page { language: "ja".to_owned(), title: "App".to_owned(), ..Page::default() };
    let coming_back = async { person.ask("GET", &callback, "").await };
    let (code, got) = tokio::join!(listener.serve(&page, |link| pending.receive(link)), coming_back);
    assert_eq!(got.status, "200");
    assert!(got.body.contains("<html lang=\"ja\">"), "{}", got.body);
    let established = browser.complete(&pending, code.expect("a code")).await.expect("somebody is signed in");
    assert_eq!(established.user.username, "aiko");
}

#[tokio::test]
async fn a_second_factor_is_asked_for_in_the_browser() {
    let pool = DevelopmentPool::start().await;
    let browser = browser(&pool);
    let mut pending = begin(&browser, Wish { language: Some("ja"), ..Wish::default() }).await;
    let mut person = Person::default();
    let page = person.open(pending.address()).await.expect("a page");
    assert!(page.body.contains("lang=\"ja\""), "{}", page.body);
    let page =
        person.fill_in(&page, &[("username", "lena"), ("password", "By-Message-12")]).await.expect("a page");
    let outbox = pool.get("outbox").await;
    let messages = outbox["messages"].as_array().expect("messages");
    let code = messages.last().and_then(|message| message["code"].as_str()).expect("a code was sent");
    let link = person.fill_in(&page, &[("code", code)]).await.expect_err("back to the app");
    let code = pending.receive(&link).expect("a code");
    let established = browser.complete(&pending, code).await.expect("somebody is signed in");
    assert_eq!(established.user.username, "lena");
}

#[tokio::test]
async fn a_provider_vouches_for_somebody_or_they_decline() {
    let pool = DevelopmentPool::start().await;
    let browser = browser(&pool);
    let providers = r#"[{"name": "Google"}, {"identifier": "example.com", "label": "Example"}]"#;
    for provider in IdentityProvider::parse_all(providers).expect("good providers") {
        let wish =
            Wish { provider: Some(&provider), login_hint: Some("xavier@example.com"), ..Wish::default() };
        let mut pending = begin(&browser, wish).await;
        let mut person = Person::default();
        let page = person.open(pending.address()).await.expect("the provider's page");
        assert!(page.body.contains("xavier@example.com"), "the hint is passed on: {}", page.body);
        let fields = [("email", "xavier@example.com"), ("name", "Xavier Lopez"), ("by", "consent")];
        let link = person.fill_in(&page, &fields).await.expect_err("back to the app");
        let code = pending.receive(&link).expect("a code");
        let established = browser.complete(&pending, code).await.expect("somebody is signed in");
        assert_eq!(established.login, "xavier@example.com");
        assert_ne!(established.user.username, established.login);
        assert!(!established.user.email_verified);

        let mut pending = begin(&browser, wish).await;
        let mut person = Person::default();
        let page = person.open(pending.address()).await.expect("the provider's page");
        let link =
            person.fill_in(&page, &[("email", ""), ("by", "deny")]).await.expect_err("back to the app");
        let problem = pending.receive(&link).expect_err("they have declined");
        assert!(problem.ends_sign_in());
        assert_eq!(problem.fault().code, FaultCode::BrowserDeclined);
    }
}

#[tokio::test]
async fn a_client_with_a_secret_needs_the_right_one() {
    let pool = DevelopmentPool::start().await;
    for (secret, expected) in [
        (Some(SECRET), None),
        (Some("wrong"), Some(FaultCode::ClientSecretWrong)),
        (None, Some(FaultCode::ClientSecretMissing)),
    ] {
        let settings = settings_of(&pool, "devbrowsersecret", secret);
        let browser = Browser::new(settings, browser_settings(), http(), Arc::new(PoolClock::new()));
        let mut pending = begin(&browser, Wish::default()).await;
        let link = Person::default().sign_in(pending.address()).await;
        let code = pending.receive(&link).expect("a code");
        let result = browser.complete(&pending, code).await;
        assert_eq!(result.as_ref().err().map(|fault| fault.code), expected, "{secret:?} {result:?}");
    }
}

#[tokio::test]
async fn what_a_client_may_not_have_is_told() {
    let pool = DevelopmentPool::start().await;
    let with_scopes = |scopes: &str| {
        let settings =
            BrowserSettings { scopes: Scopes::parse(scopes).expect("good scopes"), ..browser_settings() };
        let pool = settings_of(&pool, "devbrowserbare", None);
        Browser::new(pool, settings, http(), Arc::new(PoolClock::new()))
    };
    let mut pending = begin(&with_scopes("openid aws.cognito.signin.user.admin"), Wish::default()).await;
    let link = Person::default().open(pending.address()).await.expect_err("straight back to the app");
    let problem = pending.receive(&link).expect_err("it may not");
    assert_eq!(problem.fault().code, FaultCode::ParameterRejected);

    let bare = with_scopes("openid email profile");
    let established = signed_in(&bare, &mut Person::default()).await;
    let client = Client::new(settings_of(&pool, "devbrowserbare", None), http(), Arc::new(PoolClock::new()));
    let fault = client.sign_out_everywhere(established.tokens.access).await.expect_err("it may not");
    assert_eq!(fault.code, FaultCode::ScopeMissing);
}

#[tokio::test]
async fn the_browsers_own_session_signs_in_again_until_it_is_ended() {
    let pool = DevelopmentPool::start().await;
    let browser = browser(&pool);
    let mut person = Person::default();
    let silent = Wish { prompt: Some(Prompt::None), ..Wish::default() };

    let mut pending = begin(&browser, silent).await;
    let link = person.open(pending.address()).await.expect_err("straight back to the app");
    let CallbackProblem::Refused(fault) = pending.receive(&link).expect_err("nobody is there") else {
        panic!("it is the pool's own refusal");
    };
    assert_eq!(fault.code, FaultCode::SignInRefused);
    assert!(fault.detail.expect("its words").starts_with("login_required"));

    signed_in(&browser, &mut person).await;
    let mut pending = begin(&browser, silent).await;
    let link = person.open(pending.address()).await.expect_err("straight back to the app");
    let code = pending.receive(&link).expect("a code");
    browser.complete(&pending, code).await.expect("somebody is signed in");

    let back = Redirect::signed_out("cognito-desktop").expect("a link");
    let address =
        browser.sign_out_address(&back).await.expect("nothing is in the way").expect("there is one");
    let back = person.open(&address).await.expect_err("back to the app");
    assert_eq!(back, "cognito-desktop://signed-out/callback");
    let mut pending = begin(&browser, silent).await;
    let link = person.open(pending.address()).await.expect_err("straight back to the app");
    assert!(matches!(pending.receive(&link), Err(CallbackProblem::Refused(_))));
}

#[tokio::test]
async fn an_address_that_is_not_registered_never_gets_a_code() {
    let pool = DevelopmentPool::start().await;
    let browser = browser(&pool);
    for address in ["evil-app://sign-in/callback", "http://127.0.0.1:19277/callback"] {
        let redirect = Redirect::parse(address).expect("an address");
        let pending = browser.begin(&redirect, Wish::default()).await.expect("it begins");
        let page = Person::default().open(pending.address()).await.expect("a page, and no way back");
        assert_eq!(page.status, "400");
    }
}

#[tokio::test]
async fn a_code_is_good_for_its_own_sign_in_only() {
    let pool = DevelopmentPool::start().await;
    let browser = browser(&pool);
    let (theirs, mut ours) = (begin(&browser, Wish::default()).await, begin(&browser, Wish::default()).await);
    let code_of = |link: &str| {
        Url::parse(link)
            .expect("a link")
            .query_pairs()
            .find(|(name, _)| name == "code")
            .expect("a code")
            .1
            .into_owned()
    };
    let stolen = code_of(&Person::default().sign_in(theirs.address()).await);
    let link = Person::default().sign_in(ours.address()).await;
    let link = link.replace(&code_of(&link), &stolen);
    let code = ours.receive(&link).expect("the state is right");
    let fault = browser.complete(&ours, code).await.expect_err("the verifier does not fit");
    assert_eq!(fault.code, FaultCode::BrowserCodeRefused);
}

/// What comes of a sign-in at which the pool does this to the code.
async fn at_the_code(pool: &DevelopmentPool, step: &str) -> Result<Established, Fault> {
    let browser = browser(pool);
    let mut pending = begin(&browser, Wish::default()).await;
    let code: Code = pending.receive(&Person::default().sign_in(pending.address()).await).expect("a code");
    pool.post("script", &format!(r#"{{"operation":"token","steps":["{step}"]}}"#)).await;
    let quick = async { browser.complete(&pending, code).await };
    tokio::time::timeout(Duration::from_secs(30), quick).await.expect("an answer in time")
}

#[tokio::test]
async fn forged_tokens_are_taken_by_nobody_and_ended() {
    let pool = DevelopmentPool::start().await;
    for (forgery, words) in [
        ("aud", "id token: aud is another client"),
        ("iss", "id token: iss is another pool"),
        ("sub", "access token: sub is somebody else"),
        ("token_use", "id token: token_use is another"),
        ("expired", "id token: exp has passed"),
        ("nonce", "id token: nonce is not this sign-in's"),
        ("no-nonce", "id token: nonce is not this sign-in's"),
        ("at_hash", "id token: at_hash is another access token's"),
        ("none", "id token: alg is not RS256"),
        ("hs256", "id token: alg is not RS256"),
        ("kid", "id token: kid is none of the pool's keys"),
        ("key", "id token: the signature is not the pool's"),
        ("tampered", "id token: the signature is not the pool's"),
        ("client_id", "access token: client_id is another client"),
    ] {
        let before = pool.count("revoke").await;
        let fault = at_the_code(&pool, &format!("forge {forgery}")).await.expect_err(forgery);
        assert_eq!(
            (fault.code, fault.detail.as_deref()),
            (FaultCode::TokensNotGenuine, Some(words)),
            "{forgery}"
        );
        let ended = async {
            while pool.count("revoke").await == before {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), ended).await.expect("the tokens are ended");
    }
    let fault = at_the_code(&pool, "forge no-id-token").await.expect_err("there is no id token");
    assert_eq!(fault.code, FaultCode::AnswerUnusable);
}

#[tokio::test]
async fn a_pool_in_trouble_is_told_as_that() {
    let pool = DevelopmentPool::start().await;
    for (step, code) in [
        ("500", FaultCode::PoolTrouble),
        ("429", FaultCode::Throttled),
        ("html", FaultCode::NotThePool),
        ("drop", FaultCode::Unreachable),
        ("lose", FaultCode::Unreachable),
    ] {
        let fault = at_the_code(&pool, step).await.expect_err(step);
        assert_eq!(fault.code, code, "{step} {fault}");
    }
    at_the_code(&pool, "ok").await.expect("and then it works");
}
