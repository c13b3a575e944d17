//! The attack table of the sign-in through the browser: one test a row. Whatever is tried, nobody is signed in, nothing
//! is told to whoever tries, what waits goes on waiting, and the window has words for it.
//!
//! Each row is played twice: by itself, and in the app, where somebody is signed in already and another sign-in waits.
//! There the session stays as it was, and the attempt waits still or has ended with its own words.

mod desk;
mod managed_login;

use std::sync::LazyLock;
use std::time::Duration;

use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito::Received;
use cognito::browser::{
    Browser, BrowserSettings, CallbackProblem, Code, Domain, Loopback, LoopbackProblem, Page, Pending,
    Redirect, Redirects, Wish, Words, receive,
};
use desk::{App, Memory, free_ports, is_waiting};
use hmac::{Hmac, KeyInit as _, Mac as _};
use managed_login::{CLIENT, KID, ManagedLogin, Minting, POOL_KEY, encoded, listed, now, pending, signed};
use serde_json::{Value, json};
use session::{AccessToken, Answer, AttemptView, FaultCode, SessionView};
use sha2::Sha256;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A key that is not the pool's.
static OTHER_KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).expect("a key"));

/// Longer than anything here should take.
const PATIENCE: Duration = Duration::from_secs(20);

fn browser(login: &ManagedLogin) -> Browser {
    login.browser(BrowserSettings::default(), None)
}

/// A sign-in that waits, with the link that it waits for.
struct Scene {
    login: ManagedLogin,
    browser: Browser,
    pending: Pending,
    link: String,
}

impl Scene {
    async fn new() -> Self {
        let login = ManagedLogin::start().await;
        let browser = browser(&login);
        let pending = pending(&browser).await;
        let link = login.sign_in(&pending);
        Self { login, browser, pending, link }
    }

    fn state(&self) -> &str {
        self.link.rsplit_once("state=").expect("the link has a state").1
    }

    /// A link that is not the one: it is refused with this code and words, the pool hears nothing of it, and the sign-in
    /// goes on.
    async fn refuses(mut self, link: &str, problem: &CallbackProblem, code: FaultCode) {
        let found = self.pending.receive(link).expect_err(link);
        assert_eq!(&found, problem);
        assert_eq!(found.fault().code, code);
        assert!(!found.ends_sign_in());
        assert!(!format!("{found:?}{:?}", found.fault()).contains("sentinel"));
        assert!(self.login.requests("/oauth2/token").is_empty());
        let code = self.pending.receive(&self.link).expect("the right link is still taken");
        self.browser.complete(&self.pending, code).await.expect("somebody is signed in");
    }
}

/// The app: somebody is signed in by a sign-in before, and another one waits for its link.
struct InTheApp {
    login: ManagedLogin,
    app: App,
    link: String,
    before: SessionView,
    token: AccessToken,
}

impl InTheApp {
    async fn new() -> Self {
        Self::with(BrowserSettings {
            redirects: Redirects::of_scheme("my-app"),
            ..BrowserSettings::default()
        })
        .await
    }

    async fn with(settings: BrowserSettings) -> Self {
        let login = ManagedLogin::start().await;
        let app = App::start(login.settings(None), settings, &Memory::default());
        let link = login.sign_in_at(&app.begin().await);
        assert_eq!(app.link(&link).await, Ok(Received::Awaited));
        let before = app.signed_in().await.session.clone();
        let token = app.handle.access_token().await.expect("a token");
        let link = login.sign_in_at(&app.begin().await);
        Self { login, app, link, before, token }
    }

    fn state(&self) -> &str {
        self.link.rsplit_once("state=").expect("the link has a state").1
    }

    /// Nothing of the session is different, and only its own code has been sent.
    async fn is_unchanged(&self, codes: usize) {
        assert_eq!(self.app.handle.view().session, self.before);
        let token = self.app.handle.access_token().await.expect("a token");
        assert_eq!(token.expose(), self.token.expose());
        assert_eq!(self.login.requests("/oauth2/token").len(), codes);
    }

    /// A link that is not the one is refused, and the attempt waits as if it had not come.
    async fn refuses(self, link: &str, problem: &CallbackProblem) {
        let waiting = self.app.handle.view().attempt.clone();
        assert_eq!(self.app.link(link).await.as_ref(), Err(problem));
        assert_eq!(self.app.handle.view().attempt, waiting);
        self.is_unchanged(1).await;
        assert_eq!(self.app.link(&self.link).await, Ok(Received::Awaited), "the right link is still taken");
        self.app.signed_in().await;
        assert_eq!(self.login.requests("/oauth2/token").len(), 2);
    }

    /// A link ends the attempt with this code, after so many codes were sent in all. What comes later is refused, and the
    /// next sign-in works.
    async fn ends(self, link: &str, code: FaultCode, codes: usize) {
        let received = self.app.link(link).await;
        assert!(received.is_ok() || received.is_err_and(|problem| problem.ends_sign_in()));
        let fault = self.app.failed(code).await;
        assert!(!format!("{fault:?}").contains("sentinel"));
        self.is_unchanged(codes).await;
        for late in [link, &self.link] {
            let found = self.app.link(late).await.expect_err("it has ended");
            assert_eq!(found.fault().code, FaultCode::LinkNotAwaited);
        }
        self.app.failed(code).await;
        self.is_unchanged(codes).await;
        self.login.mint(|_| {});
        self.login.play(|play| play.answer_to_code = None);
        let link = self.login.sign_in_at(&self.app.begin().await);
        assert_eq!(self.app.link(&link).await, Ok(Received::Awaited));
        self.app.signed_in().await;
    }
}

/// A row whose link is not the one: what is made of the right link is refused, wherever it comes.
async fn refused(problem: CallbackProblem, code: FaultCode, change: impl Fn(&str) -> String) {
    let scene = Scene::new().await;
    let link = change(&scene.link);
    scene.refuses(&link, &problem, code).await;
    let played = InTheApp::new().await;
    let link = change(&played.link);
    played.refuses(&link, &problem).await;
}

/// The state of a link.
fn state_of(link: &str) -> &str {
    link.rsplit_once("state=").expect("the link has a state").1
}

// The callback.

#[tokio::test]
async fn a_wrong_state_is_refused() {
    let change = |link: &str| link.replace(state_of(link), &"A".repeat(43));
    refused(CallbackProblem::StateOther, FaultCode::LinkNotAwaited, change).await;
}

#[tokio::test]
async fn a_missing_state_is_refused() {
    let change = |link: &str| link.replace("&state=", "&other=");
    refused(CallbackProblem::StateMissing, FaultCode::LinkNotAwaited, change).await;
}

#[tokio::test]
async fn a_truncated_state_is_refused() {
    let change = |link: &str| link[..link.len() - 1].to_owned();
    refused(CallbackProblem::StateOther, FaultCode::LinkNotAwaited, change).await;
}

#[tokio::test]
async fn a_state_with_something_behind_it_is_refused() {
    let change = |link: &str| format!("{link}A");
    refused(CallbackProblem::StateOther, FaultCode::LinkNotAwaited, change).await;
}

#[tokio::test]
async fn a_reused_state_is_refused() {
    let mut scene = Scene::new().await;
    let code = scene.pending.receive(&scene.link).expect("the first time");
    let again = scene.pending.receive(&scene.link).expect_err("the second time");
    assert_eq!((again.clone(), again.fault().code), (CallbackProblem::Used, FaultCode::LinkNotAwaited));
    scene.browser.complete(&scene.pending, code).await.expect("the first time counts");

    let played = InTheApp::new().await;
    assert_eq!(played.app.client.receive(&played.link).await, Ok(Received::Awaited));
    assert_eq!(played.app.link(&played.link).await, Err(CallbackProblem::Used));
    played.is_unchanged(1).await;
    assert!(is_waiting(&played.app.handle.view()), "until the machine asks for what came");
    played.app.handle.answer(Answer::BackFromBrowser(Ok(())));
    let view = played.app.signed_in().await;
    assert_eq!(played.login.requests("/oauth2/token").len(), 2);
    for _ in 0..2 {
        assert_eq!(played.app.link(&played.link).await, Err(CallbackProblem::NotAwaited));
        assert_eq!(played.app.handle.view().session, view.session);
    }
}

#[tokio::test]
async fn the_state_of_the_sign_in_before_is_refused() {
    let mut scene = Scene::new().await;
    let code = scene.pending.receive(&scene.link).expect("a code");
    scene.browser.complete(&scene.pending, code).await.expect("somebody is signed in");
    let old = scene.link.clone();
    scene.pending = pending(&scene.browser).await;
    scene.link = scene.login.sign_in(&scene.pending);
    let problem = scene.pending.receive(&old).expect_err("it is the old one");
    assert_eq!(problem, CallbackProblem::StateOther);
    // Two sign-ins in a row work.
    let code = scene.pending.receive(&scene.link).expect("a code");
    scene.browser.complete(&scene.pending, code).await.expect("somebody is signed in again");

    let played = InTheApp::new().await;
    let old = played.link.clone();
    assert_eq!(played.app.link(&old).await, Ok(Received::Awaited));
    let session = played.app.signed_in().await.session.clone();
    let link = played.login.sign_in_at(&played.app.begin().await);
    assert_eq!(played.app.link(&old).await, Err(CallbackProblem::StateOther));
    assert_eq!(played.app.handle.view().session, session);
    assert_eq!(played.app.link(&link).await, Ok(Received::Awaited));
    played.app.signed_in().await;
}

#[tokio::test]
async fn a_callback_that_nobody_asked_for_is_refused() {
    let stray = "my-app://sign-in/callback?code=sentinel&state=sentinel";
    let problem = receive(None, stray).expect_err("nobody waits");
    assert_eq!(
        (problem.clone(), problem.fault().code),
        (CallbackProblem::NotAwaited, FaultCode::LinkNotAwaited)
    );
    let played = InTheApp::new().await;
    let right = played.link.clone();
    played.app.handle.cancel();
    played.app.until("the end of the attempt", |view| !is_waiting(view)).await;
    for link in [stray, &right] {
        assert_eq!(played.app.link(link).await, Err(CallbackProblem::NotAwaited));
        assert_eq!(played.app.handle.view().attempt, AttemptView::Idle { fault: None, done: None });
        played.is_unchanged(1).await;
    }
}

#[tokio::test]
async fn duplicated_parameters_are_refused() {
    for extra in ["&code=sentinel", "&state=sentinel", "&%63ode=sentinel", "&x=1&x=2"] {
        refused(CallbackProblem::Repeated, FaultCode::LinkUnusable, |link| format!("{link}{extra}")).await;
    }
}

#[tokio::test]
async fn a_mixed_up_issuer_is_refused_and_the_code_goes_nowhere() {
    let mut scene = Scene::new().await;
    let mixed_up = |link: &str| format!("{link}&iss=https%3A%2F%2Fevil.example%2Flocal_pool");
    let problem = scene.pending.receive(&mixed_up(&scene.link)).expect_err("another pool's");
    assert_eq!(
        (problem.clone(), problem.fault().code),
        (CallbackProblem::IssuerOther, FaultCode::LinkNotAwaited)
    );
    assert!(problem.ends_sign_in() && scene.login.requests("/oauth2/token").is_empty());
    let played = InTheApp::new().await;
    let link = mixed_up(&played.link);
    played.ends(&link, FaultCode::LinkNotAwaited, 1).await;
}

#[tokio::test]
async fn this_pools_own_issuer_is_not() {
    let mut scene = Scene::new().await;
    let issuer: String = url::form_urlencoded::byte_serialize(scene.login.issuer.as_bytes()).collect();
    assert!(scene.pending.receive(&format!("{}&iss={issuer}", scene.link)).is_ok());
}

#[tokio::test]
async fn another_scheme_host_path_or_port_is_refused() {
    for (from, to, problem) in [
        ("my-app:", "my-app2:", CallbackProblem::OtherScheme),
        ("my-app://sign-in/", "https://sign-in/", CallbackProblem::OtherScheme),
        ("sign-in", "sign-out", CallbackProblem::OtherHost),
        ("sign-in", "x@sign-in", CallbackProblem::OtherHost),
        ("sign-in", "sign-in:1", CallbackProblem::OtherPort),
        ("/callback", "/callback/..", CallbackProblem::OtherPath),
    ] {
        refused(problem, FaultCode::LinkNotAwaited, |link| link.replacen(from, to, 1)).await;
    }
}

#[tokio::test]
async fn a_redirect_to_another_port_is_refused() {
    let login = ManagedLogin::start().await;
    let browser = browser(&login);
    let redirect = Redirect::loopback(19_274).expect("an address");
    let pending = browser.begin(&redirect, Wish::default()).await.expect("it begins");
    let link = login.sign_in(&pending);
    let scene = Scene { login, browser, pending, link };
    let link = scene.link.replacen("19274", "19275", 1);
    scene.refuses(&link, &CallbackProblem::OtherPort, FaultCode::LinkNotAwaited).await;

    let ports = free_ports();
    let played = InTheApp::with(BrowserSettings { redirects: ports, ..BrowserSettings::default() }).await;
    let port = played.link.split([':', '/']).nth(4).expect("a port").to_owned();
    let link = played.link.replacen(&port, "1", 1);
    played.refuses(&link, &CallbackProblem::OtherPort).await;
}

#[tokio::test]
async fn oversized_links_are_refused() {
    let change = |link: &str| format!("{link}&x={}", "y".repeat(5_000));
    refused(CallbackProblem::TooLong, FaultCode::LinkUnusable, change).await;
}

#[tokio::test]
async fn malformed_links_are_refused() {
    for (link, problem) in [
        ("", CallbackProblem::NotALink),
        ("sentinel", CallbackProblem::NotALink),
        ("my-app://sign-in/callback?code=%", CallbackProblem::Encoding),
        ("my-app://sign-in/callback?code=%FF", CallbackProblem::Encoding),
        ("my-app://sign-in/callback?code=a\nb", CallbackProblem::NotALink),
        ("my-app://sign-in/callback?code=a\u{202e}b", CallbackProblem::NotALink),
    ] {
        refused(problem, FaultCode::LinkUnusable, |_| link.to_owned()).await;
    }
}

#[tokio::test]
async fn an_error_without_the_state_ends_nothing() {
    let link = "my-app://sign-in/callback?error=access_denied&error_description=sentinel";
    refused(CallbackProblem::StateMissing, FaultCode::LinkNotAwaited, |_| link.to_owned()).await;
}

#[tokio::test]
async fn an_error_with_the_state_is_told_in_words_that_cannot_lie() {
    let mut scene = Scene::new().await;
    let link = format!(
        "my-app://sign-in/callback?error=access_denied&error_description=no%E2%80%AE%00%0D%0A{}&state={}",
        "x".repeat(2_000),
        scene.state()
    );
    let problem = scene.pending.receive(&link).expect_err("the person said no");
    assert!(problem.ends_sign_in());
    let fault = problem.fault();
    assert_eq!(fault.code, FaultCode::BrowserDeclined);
    let detail = fault.detail.expect("its words");
    assert!(detail.starts_with("access_denied: no   xxx") && detail.chars().count() <= 301, "{detail:?}");
    let played = InTheApp::new().await;
    let link = format!("my-app://sign-in/callback?error=access_denied&state={}", played.state());
    played.ends(&link, FaultCode::BrowserDeclined, 1).await;
}

// The code.

#[tokio::test]
async fn another_sessions_code_is_refused_by_the_pool() {
    let mut scene = Scene::new().await;
    let attacker = pending(&browser(&scene.login)).await;
    let theirs = scene.login.sign_in(&attacker);
    let (code, _) = theirs.split_once("&state=").expect("a state");
    // Whoever injects a code has even got hold of the state.
    let link = format!("{code}&state={}", scene.state());
    let code = scene.pending.receive(&link).expect("the state is right");
    let fault = scene.browser.complete(&scene.pending, code).await.expect_err("the verifier is not theirs");
    assert_eq!(fault.code, FaultCode::BrowserCodeRefused);
    let played = InTheApp::new().await;
    let link = injected(&played).await;
    played.ends(&link, FaultCode::BrowserCodeRefused, 2).await;
}

/// The app's own link with the code of somebody else's sign-in in it.
async fn injected(played: &InTheApp) -> String {
    let attacker = pending(&browser(&played.login)).await;
    let theirs = played.login.sign_in(&attacker);
    let (code, _) = theirs.split_once("&state=").expect("a state");
    format!("{code}&state={}", played.state())
}

#[tokio::test]
async fn another_sessions_code_is_refused_by_its_nonce_where_the_pool_lets_it_pass() {
    let mut scene = Scene::new().await;
    scene.login.play(|play| play.checks_challenge = false);
    let attacker = pending(&browser(&scene.login)).await;
    let theirs = scene.login.sign_in(&attacker);
    let (code, _) = theirs.split_once("&state=").expect("a state");
    let link = format!("{code}&state={}", scene.state());
    let code = scene.pending.receive(&link).expect("the state is right");
    let fault = scene.browser.complete(&scene.pending, code).await.expect_err("the nonce is not theirs");
    assert_eq!(
        (fault.code, fault.detail.as_deref()),
        (FaultCode::TokensNotGenuine, Some("id token: nonce is not this sign-in's"))
    );
    let played = InTheApp::new().await;
    played.login.play(|play| play.checks_challenge = false);
    let link = injected(&played).await;
    played.ends(&link, FaultCode::TokensNotGenuine, 2).await;
}

#[tokio::test]
async fn a_code_that_was_used_is_refused_by_the_pool() {
    let mut scene = Scene::new().await;
    let code = scene.pending.receive(&scene.link).expect("a code");
    let browser = browser(&scene.login);
    let mut other = pending(&browser).await;
    let state = other
        .address()
        .split("state=")
        .nth(1)
        .and_then(|rest| rest.split('&').next())
        .expect("a state")
        .to_owned();
    scene.browser.complete(&scene.pending, code).await.expect("the first time");
    let link = scene.link.replace(scene.state(), &state);
    let code = other.receive(&link).expect("the state is right");
    let fault = browser.complete(&other, code).await.expect_err("the code is spent");
    assert_eq!(fault.code, FaultCode::BrowserCodeRefused);

    let played = InTheApp::new().await;
    let used = played.link.clone();
    assert_eq!(played.app.link(&used).await, Ok(Received::Awaited));
    let before = played.app.signed_in().await.session.clone();
    let token = played.app.handle.access_token().await.expect("a token");
    let link = played.login.sign_in_at(&played.app.begin().await);
    let again = used.replace(state_of(&used), state_of(&link));
    InTheApp { before, token, link, ..played }.ends(&again, FaultCode::BrowserCodeRefused, 3).await;
}

#[tokio::test]
async fn a_token_endpoint_that_leads_elsewhere_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let mut scene = Scene::new().await;
        scene.login.answer(status, "");
        let code = scene.pending.receive(&scene.link).expect("a code");
        let fault = scene.browser.complete(&scene.pending, code).await.expect_err("nobody is signed in");
        assert_eq!(fault.code, FaultCode::NotThePool, "{status}");
        assert_eq!(scene.login.requests("/oauth2/token").len(), 1);
        assert!(scene.login.requests("/elsewhere").is_empty(), "{status} was followed");
        let played = InTheApp::new().await;
        played.login.answer(status, "");
        let link = played.link.clone();
        played.ends(&link, FaultCode::NotThePool, 2).await;
    }
}

// The tokens.

/// The tokens are changed in one way, nobody is signed in, the reason is named, and the tokens are ended at the pool.
async fn not_genuine(words: &str, change: impl Fn(&mut Minting) + Clone + Send + 'static) {
    let mut scene = Scene::new().await;
    scene.login.mint(change.clone());
    let code = scene.pending.receive(&scene.link).expect("a code");
    let fault = scene.browser.complete(&scene.pending, code).await.expect_err(words);
    assert_eq!((fault.code, fault.detail.as_deref()), (FaultCode::TokensNotGenuine, Some(words)));
    assert!(!format!("{fault:?}").contains("sentinel"));
    let revoked = tokio::time::timeout(PATIENCE, async {
        while scene.login.requests("/oauth2/revoke").is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    revoked.await.expect("the tokens are ended");
    assert!(scene.login.requests("/oauth2/revoke")[0].1.contains("token=sentinel-refresh"));

    let played = InTheApp::new().await;
    played.login.mint(change);
    let link = played.link.clone();
    played.ends(&link, FaultCode::TokensNotGenuine, 2).await;
}

#[tokio::test]
async fn an_id_token_with_another_nonce_is_refused() {
    not_genuine("id token: nonce is not this sign-in's", |tokens| tokens.id["nonce"] = json!("A".repeat(43)))
        .await;
}

#[tokio::test]
async fn an_id_token_without_the_nonce_is_refused() {
    not_genuine("id token: nonce is not this sign-in's", |tokens| tokens.id["nonce"] = Value::Null).await;
}

#[tokio::test]
async fn an_id_token_for_another_client_is_refused() {
    not_genuine("id token: aud is another client", |tokens| tokens.id["aud"] = json!("client2")).await;
}

#[tokio::test]
async fn an_id_token_for_others_as_well_is_refused() {
    not_genuine("id token: aud is another client", |tokens| tokens.id["aud"] = json!([CLIENT, "client2"]))
        .await;
}

#[tokio::test]
async fn an_id_token_that_another_client_is_to_use_is_refused() {
    not_genuine("id token: azp is another client", |tokens| tokens.id["azp"] = json!("client2")).await;
}

#[tokio::test]
async fn an_id_token_of_another_pool_is_refused() {
    not_genuine("id token: iss is another pool", |tokens| {
        tokens.id["iss"] = json!("https://evil.example/local_pool")
    })
    .await;
}

#[tokio::test]
async fn an_access_token_of_another_pool_is_refused() {
    not_genuine("access token: iss is another pool", |tokens| {
        let issuer = tokens.access["iss"].as_str().expect("an issuer").replace("local_pool", "local_other");
        tokens.access["iss"] = json!(issuer);
    })
    .await;
}

#[tokio::test]
async fn an_id_token_without_a_signature_is_refused() {
    for alg in ["none", "None", "NONE"] {
        not_genuine("id token: alg is not RS256", move |tokens| {
            let header = json!({ "alg": alg, "kid": KID });
            tokens.id_text =
                Some(format!("{}.{}.", encoded(header.to_string()), encoded(tokens.id.to_string())));
        })
        .await;
    }
}

#[tokio::test]
async fn an_id_token_signed_with_the_public_key_as_a_shared_secret_is_refused() {
    // By each form of the public key that a verifier might take for a secret.
    for pem in [true, false] {
        not_genuine("id token: alg is not RS256", move |tokens| {
            let public = POOL_KEY.public_key().as_ref().to_vec();
            let secret = if pem {
                let text = STANDARD.encode(public);
                format!("-----BEGIN RSA PUBLIC KEY-----\n{text}\n-----END RSA PUBLIC KEY-----\n").into_bytes()
            } else {
                public
            };
            let text = format!(
                "{}.{}",
                encoded(json!({ "alg": "HS256", "kid": KID }).to_string()),
                encoded(tokens.id.to_string())
            );
            let mut mac = Hmac::<Sha256>::new_from_slice(&secret).expect("any length");
            mac.update(text.as_bytes());
            tokens.id_text = Some(format!("{text}.{}", encoded(mac.finalize().into_bytes())));
        })
        .await;
    }
}

#[tokio::test]
async fn another_algorithm_of_the_same_key_is_refused() {
    not_genuine("id token: alg is not RS256", |tokens| tokens.id_header["alg"] = json!("RS384")).await;
}

#[tokio::test]
async fn a_header_that_must_be_understood_and_is_not_is_refused() {
    not_genuine("id token: crit asks for what is not known", |tokens| {
        tokens.id_header["crit"] = json!(["b64"])
    })
    .await;
}

#[tokio::test]
async fn a_token_that_brings_its_own_key_is_refused() {
    not_genuine("id token: the signature is not the pool's", |tokens| {
        tokens.id_header["jwk"] = listed(KID, &OTHER_KEY);
        tokens.id_text = Some(signed(&tokens.id_header, &tokens.id, &OTHER_KEY));
    })
    .await;
}

#[tokio::test]
async fn an_id_token_signed_with_another_key_is_refused() {
    not_genuine("id token: the signature is not the pool's", |tokens| {
        tokens.id_text = Some(signed(&tokens.id_header, &tokens.id, &OTHER_KEY));
    })
    .await;
}

#[tokio::test]
async fn an_access_token_signed_with_another_key_is_refused() {
    not_genuine("access token: the signature is not the pool's", |tokens| {
        tokens.access_text = Some(signed(&tokens.access_header, &tokens.access, &OTHER_KEY));
    })
    .await;
}

#[tokio::test]
async fn claims_that_were_changed_after_signing_are_refused() {
    not_genuine("id token: the signature is not the pool's", |tokens| {
        let good = signed(&tokens.id_header, &tokens.id, &POOL_KEY);
        tokens.id["sub"] = json!("root");
        let parts: Vec<_> = good.split('.').collect();
        tokens.id_text = Some(format!("{}.{}.{}", parts[0], encoded(tokens.id.to_string()), parts[2]));
    })
    .await;
}

#[tokio::test]
async fn a_token_signed_with_an_unknown_key_is_refused() {
    not_genuine("id token: kid is none of the pool's keys", |tokens| {
        tokens.id_header["kid"] = json!("key-2")
    })
    .await;
}

#[tokio::test]
async fn a_token_that_names_no_key_is_refused() {
    not_genuine("id token: kid is missing", |tokens| tokens.id_header = json!({ "alg": "RS256" })).await;
}

#[tokio::test]
async fn an_expired_id_token_is_refused() {
    not_genuine("id token: exp has passed", |tokens| tokens.id["exp"] = json!(now() - 1)).await;
}

#[tokio::test]
async fn an_expired_access_token_is_refused() {
    not_genuine("access token: exp has passed", |tokens| tokens.access["exp"] = json!(now() - 1)).await;
}

#[tokio::test]
async fn an_id_token_from_the_future_is_refused() {
    not_genuine("id token: iat is still to come", |tokens| {
        tokens.id["iat"] = json!(now() + 600);
        tokens.id["exp"] = json!(now() + 4_200);
    })
    .await;
}

#[tokio::test]
async fn an_access_token_in_place_of_the_id_token_is_refused() {
    not_genuine("id token: the claims cannot be read", |tokens| {
        tokens.id_text = Some(signed(&tokens.access_header, &tokens.access, tokens.key));
    })
    .await;
    not_genuine("id token: token_use is another", |tokens| tokens.id["token_use"] = json!("access")).await;
}

#[tokio::test]
async fn an_access_token_for_another_client_is_refused() {
    not_genuine("access token: client_id is another client", |tokens| {
        tokens.access["client_id"] = json!("client2")
    })
    .await;
}

#[tokio::test]
async fn an_access_token_of_somebody_else_is_refused() {
    not_genuine("access token: sub is somebody else", |tokens| tokens.access["sub"] = json!("root")).await;
}

#[tokio::test]
async fn an_access_token_of_another_sign_in_is_refused() {
    not_genuine("access token: origin_jti is another sign-in", |tokens| {
        tokens.access["origin_jti"] = json!("origin-2");
    })
    .await;
}

#[tokio::test]
async fn an_access_token_that_was_exchanged_for_another_is_refused() {
    not_genuine("id token: at_hash is another access token's", |tokens| {
        tokens.hash = false;
        tokens.id["at_hash"] = json!(encoded([7; 16]));
    })
    .await;
}

// What is right is not refused.

#[tokio::test]
async fn what_a_pool_may_leave_out_or_add_is_no_attack() {
    let changes: [fn(&mut Minting); 4] = [
        |tokens| {
            tokens.hash = false;
            tokens.id["origin_jti"] = Value::Null;
        },
        |tokens| {
            tokens.id["aud"] = json!([CLIENT]);
            tokens.id["azp"] = json!(CLIENT);
        },
        |tokens| tokens.access["device_key"] = json!("eu-west-1_device"),
        |tokens| tokens.id["iat"] = json!(now() + 2),
    ];
    for change in changes {
        let mut scene = Scene::new().await;
        scene.login.mint(change);
        let code = scene.pending.receive(&scene.link).expect("a code");
        let established = scene.browser.complete(&scene.pending, code).await.expect("somebody is signed in");
        assert_eq!(established.user.username, "google_123");
        assert_eq!(established.login, "aiko@example.com");
        assert!(established.tokens.refresh.expose().starts_with("sentinel-refresh"));
        assert!(scene.login.requests("/oauth2/revoke").is_empty());
    }
}

#[tokio::test]
async fn a_wrong_clock_here_makes_no_token_expired() {
    for ahead in [-7_200, 7_200] {
        let mut scene = Scene::new().await;
        scene.login.play(|play| play.ahead = ahead);
        scene.login.mint(move |tokens| {
            for claims in [&mut tokens.id, &mut tokens.access] {
                claims["iat"] = json!(now() + ahead);
                claims["exp"] = json!(now() + ahead + 300);
            }
        });
        let code = scene.pending.receive(&scene.link).expect("a code");
        let established =
            scene.browser.complete(&scene.pending, code).await.expect("by the pool's clock it is good");
        let issued = established.tokens.issued_at.unix_seconds();
        assert!((issued - now() - ahead).abs() < 5, "{issued}");
    }
}

#[tokio::test]
async fn a_client_with_a_secret_shows_it_in_the_header_only() {
    let login = ManagedLogin::start().await;
    let browser = login.browser(BrowserSettings::default(), Some("sentinel-secret"));
    let mut pending = pending(&browser).await;
    let link = login.sign_in(&pending);
    let code = pending.receive(&link).expect("a code");
    browser.complete(&pending, code).await.expect("somebody is signed in");
    let requests = login.requests("/oauth2/token");
    let [(head, body)] = requests.as_slice() else { panic!("one request: {requests:?}") };
    let basic = STANDARD.encode(format!("{CLIENT}:sentinel-secret"));
    assert!(
        head.to_ascii_lowercase().contains(&format!("authorization: basic {basic}").to_ascii_lowercase()),
        "{head}"
    );
    assert!(!body.contains("sentinel-secret") && body.contains("grant_type=authorization_code"), "{body}");
    assert!(!pending.address().contains("sentinel-secret"));
}

// The keys.

#[tokio::test]
async fn unknown_keys_cost_the_pool_one_request_a_minute() {
    let scene = Scene::new().await;
    scene.login.mint(|tokens| tokens.id_header["kid"] = json!("key-2"));
    let (login, browser) = (scene.login, scene.browser);
    for _ in 0..5 {
        let mut pending = pending(&browser).await;
        let code = pending.receive(&login.sign_in(&pending)).expect("a code");
        browser.complete(&pending, code).await.expect_err("the key is unknown");
    }
    assert_eq!(login.requests("jwks.json").len(), 1);
}

#[tokio::test]
async fn keys_that_cannot_be_had_cost_no_code() {
    for (status, body, code) in [
        (500, "", FaultCode::PoolTrouble),
        (200, "<html>", FaultCode::AnswerUnusable),
        (200, r#"{"keys":[]}"#, FaultCode::AnswerUnusable),
        (302, "", FaultCode::NotThePool),
    ] {
        let mut scene = Scene::new().await;
        scene.login.play(|play| play.documents.insert("jwks.json", (status, body.to_owned())));
        let received = scene.pending.receive(&scene.link).expect("a code");
        let fault = scene.browser.complete(&scene.pending, received).await.expect_err("no keys");
        assert_eq!(fault.code, code);
        assert!(scene.login.requests("/oauth2/token").is_empty(), "the code was not sent");
    }
}

// Where the managed login is.

#[tokio::test]
async fn a_pool_that_leads_the_browser_astray_is_not_followed() {
    for (name, address, code) in [
        ("authorization_endpoint", "file:///etc/hostname", FaultCode::AnswerUnusable),
        ("authorization_endpoint", "javascript:alert(1)", FaultCode::AnswerUnusable),
        ("authorization_endpoint", "http://evil.example/oauth2/authorize", FaultCode::AnswerUnusable),
        ("token_endpoint", "http://evil.example/oauth2/token", FaultCode::AnswerUnusable),
        ("token_endpoint", "", FaultCode::ManagedLoginMissing),
        ("authorization_endpoint", "", FaultCode::ManagedLoginMissing),
        ("issuer", "https://evil.example/local_pool", FaultCode::NotThePool),
    ] {
        let login = ManagedLogin::start().await;
        let mut document = json!({
            "issuer": login.issuer,
            "authorization_endpoint": format!("{}/oauth2/authorize", login.origin),
            "token_endpoint": format!("{}/oauth2/token", login.origin),
        });
        document[name] = json!(address);
        login.play(|play| play.documents.insert("openid-configuration", (200, document.to_string())));
        let browser = browser(&login);
        let redirect = browser.settings().redirects.iter().next().expect("a link").clone();
        let fault = browser.begin(&redirect, Wish::default()).await.expect_err(address);
        assert_eq!(fault.code, code, "{name} {address}");
    }
}

#[tokio::test]
async fn a_domain_that_is_set_is_asked_without_discovery() {
    let login = ManagedLogin::start().await;
    let settings = BrowserSettings {
        domain: Some(Domain::parse(&login.origin).expect("a domain")),
        signed_out: Redirect::signed_out("my-app"),
        ..BrowserSettings::default()
    };
    let browser = login.browser(settings, None);
    let mut pending = pending(&browser).await;
    let code = pending.receive(&login.sign_in(&pending)).expect("a code");
    browser.complete(&pending, code).await.expect("somebody is signed in");
    let back = Redirect::signed_out("my-app").expect("a link");
    let address = browser.sign_out_address(&back).await.expect("nobody is asked").expect("there is one");
    let back = "logout_uri=my-app%3A%2F%2Fsigned-out%2Fcallback";
    assert_eq!(address, format!("{}/logout?client_id={CLIENT}&{back}", login.origin));
    assert!(login.requests("openid-configuration").is_empty());
}

// The port of this machine.

fn page() -> Page {
    let words = |heading: &str| Words { heading: heading.to_owned(), text: "…".to_owned() };
    let (language, title) = ("en".to_owned(), "App".to_owned());
    Page { language, title, done: words("Done"), failed: words("Failed"), back: words("Back") }
}

/// A port that is listened at for a sign-in, and the link that is awaited there.
struct Port {
    host: String,
    link: String,
}

impl Port {
    fn of(link: String) -> Self {
        let host = link.split('/').nth(2).expect("a host").to_owned();
        Self { host, link }
    }

    fn target(&self) -> String {
        self.link.strip_prefix(&format!("http://{}", self.host)).expect("the link leads here").to_owned()
    }

    fn get(&self, target: &str, headers: &str) -> String {
        format!("GET {target} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.host)
    }

    async fn connect(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect(&self.host).await
    }

    async fn send(&self, request: &str) -> String {
        let mut stream = self.connect().await.expect("it listens");
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let read =
            tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("an answer in time");
        assert!(read.is_ok() || !answer.is_empty(), "it was reset without an answer: {request}");
        String::from_utf8(answer).expect("text")
    }

    /// The request is refused with this status, and nothing is said.
    async fn refuses(&self, request: &str, status: &str) -> String {
        let answer = self.send(request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
        assert!(!answer.contains("sentinel") && !answer.contains("state="), "{answer}");
        answer
    }

    /// The right callback is taken.
    async fn takes_the_right_one(&self) {
        let answer = self.send(&self.get(&self.target(), "")).await;
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("<h1>Done</h1>"), "{answer}");
    }
}

/// A sign-in that waits at a port, and what comes of it.
struct Listening {
    login: ManagedLogin,
    port: Port,
    outcome: tokio::task::JoinHandle<(Result<Code, CallbackProblem>, Browser, Pending)>,
}

impl Listening {
    async fn start() -> Self {
        let login = ManagedLogin::start().await;
        let browser = browser(&login);
        let redirects = free_ports();
        let redirect = redirects.iter().next().expect("an address");
        let listener = Loopback::bind(redirect).await.expect("it is free");
        let mut pending = browser.begin(listener.redirect(), Wish::default()).await.expect("it begins");
        let port = Port::of(login.sign_in(&pending));
        let outcome = tokio::spawn(async move {
            let mut code = None;
            let receive = |link: &str| pending.receive(link).map(|received| code = Some(received));
            let outcome = listener.serve(&page(), receive).await;
            (outcome.map(|()| code.expect("it was received")), browser, pending)
        });
        Self { login, port, outcome }
    }

    /// The right callback is still taken, and somebody is signed in.
    async fn goes_on(self) {
        assert!(self.login.requests("/oauth2/token").is_empty());
        self.port.takes_the_right_one().await;
        let outcome =
            tokio::time::timeout(PATIENCE, self.outcome).await.expect("it ends").expect("it does not panic");
        let (Ok(code), browser, pending) = outcome else { panic!("no code: {:?}", outcome.0) };
        browser.complete(&pending, code).await.expect("somebody is signed in");
        assert!(self.port.connect().await.is_err(), "nobody listens any more");
    }
}

impl InTheApp {
    async fn at_a_port() -> (Self, Port) {
        let redirects = free_ports();
        let played = Self::with(BrowserSettings { redirects, ..BrowserSettings::default() }).await;
        let port = Port::of(played.link.clone());
        (played, port)
    }

    /// The session is as it was and the sign-in waits; its own callback is still taken.
    async fn goes_on(self, port: &Port) {
        assert!(is_waiting(&self.app.handle.view()));
        self.is_unchanged(1).await;
        port.takes_the_right_one().await;
        self.app.signed_in().await;
        assert_eq!(self.login.requests("/oauth2/token").len(), 2);
        assert!(port.connect().await.is_err(), "nobody listens any more");
    }
}

/// A row whose request is refused with this status, and changes nothing.
async fn refused_at_the_port(status: &str, request: impl Fn(&Port) -> String) {
    let listening = Listening::start().await;
    listening.port.refuses(&request(&listening.port), status).await;
    listening.goes_on().await;
    let (played, port) = InTheApp::at_a_port().await;
    port.refuses(&request(&port), status).await;
    played.goes_on(&port).await;
}

#[tokio::test]
async fn a_loopback_callback_signs_in_and_closes_the_port() {
    Listening::start().await.goes_on().await;
    let (played, port) = InTheApp::at_a_port().await;
    played.goes_on(&port).await;
}

#[tokio::test]
async fn a_loopback_request_for_another_host_is_refused() {
    for host in ["evil.example", "localhost:19274", "127.0.0.1", "127.0.0.1:1", "evil.example:80@127.0.0.1"] {
        let request = |port: &Port| format!("GET {} HTTP/1.1\r\nHost: {host}\r\n\r\n", port.target());
        refused_at_the_port("403", request).await;
    }
}

#[tokio::test]
async fn a_loopback_request_of_a_pages_script_is_refused() {
    for headers in [
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n",
        "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n",
    ] {
        refused_at_the_port("403", |port| port.get(&port.target(), headers)).await;
    }
}

#[tokio::test]
async fn a_loopback_request_by_another_method_is_refused() {
    for method in ["POST", "PUT", "HEAD", "OPTIONS", "DELETE"] {
        refused_at_the_port("405", |port| port.get(&port.target(), "").replacen("GET", method, 1)).await;
    }
}

#[tokio::test]
async fn a_loopback_request_for_another_path_is_refused() {
    for path in ["/", "/favicon.ico", "/exit", "/callback/", "/callback/../callback", "//callback"] {
        refused_at_the_port("404", |port| port.get(&port.target().replacen("/callback", path, 1), "")).await;
    }
}

#[tokio::test]
async fn a_loopback_callback_with_another_state_is_refused_and_the_right_one_taken() {
    let listening = Listening::start().await;
    let (played, played_port) = InTheApp::at_a_port().await;
    for port in [&listening.port, &played_port] {
        let request = port.get("/callback?code=sentinel&state=sentinel", "");
        let answer = port.refuses(&request, "400").await;
        assert!(answer.contains("<h1>Failed</h1>"), "{answer}");
    }
    listening.goes_on().await;
    played.goes_on(&played_port).await;
}

#[tokio::test]
async fn an_oversized_loopback_request_is_refused() {
    let request = |port: &Port| port.get(&port.target(), &format!("Cookie: {}\r\n", "x".repeat(100_000)));
    refused_at_the_port("431", request).await;
    let request = |port: &Port| port.get(&format!("{}&x={}", port.target(), "y".repeat(8_000)), "");
    refused_at_the_port("414", request).await;
}

#[tokio::test]
async fn a_malformed_loopback_request_is_refused() {
    for request in ["sentinel\r\n\r\n", "GET /callback HTTP/3.0\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n"] {
        refused_at_the_port("400", |_| request.to_owned()).await;
    }
}

/// More than are served at once: silent ones, as browsers open them, and some that never come to an end.
async fn slow(port: &Port) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for number in 0..24 {
        let mut stream = port.connect().await.expect("it listens");
        if number % 2 == 0 {
            stream.write_all(b"GET /callback HTTP/1.1\r\n").await.expect("it is taken");
        }
        held.push(stream);
    }
    held
}

#[tokio::test]
async fn slow_loopback_requests_hold_nobody_up() {
    let listening = Listening::start().await;
    let (played, port) = InTheApp::at_a_port().await;
    let held = (slow(&listening.port).await, slow(&port).await);
    let begun = std::time::Instant::now();
    tokio::join!(listening.goes_on(), played.goes_on(&port));
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    drop(held);
}

/// A request that goes on for as long as anybody listens.
async fn endless(port: &Port) {
    let mut stream = port.connect().await.expect("it listens");
    let _ = stream.write_all(port.get(&port.target(), "").trim_end().as_bytes()).await;
    let endless = async {
        // One letter at a time.
        while stream.write_all(b"\r\nX: y").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), endless).await.expect("it is cut off");
}

#[tokio::test]
async fn an_endless_loopback_request_is_cut_off() {
    let listening = Listening::start().await;
    let (played, port) = InTheApp::at_a_port().await;
    tokio::join!(endless(&listening.port), endless(&port));
    listening.goes_on().await;
    played.goes_on(&port).await;
}

#[tokio::test]
async fn the_pools_refusal_ends_the_listening() {
    let no =
        |port: &Port| port.get(&format!("/callback?error=access_denied&state={}", state_of(&port.link)), "");
    let listening = Listening::start().await;
    let answer = listening.port.refuses(&no(&listening.port), "400").await;
    assert!(answer.contains("<h1>Failed</h1>"), "{answer}");
    let (outcome, ..) =
        tokio::time::timeout(PATIENCE, listening.outcome).await.expect("it ends").expect("no panic");
    assert_eq!(outcome.map(|_| ()).map_err(|problem| problem.fault().code), Err(FaultCode::BrowserDeclined));

    let (played, port) = InTheApp::at_a_port().await;
    port.refuses(&no(&port), "400").await;
    played.app.failed(FaultCode::BrowserDeclined).await;
    played.is_unchanged(1).await;
    assert!(port.connect().await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_cancelled_sign_in_closes_the_port() {
    let listening = Listening::start().await;
    listening.outcome.abort();
    let _ = listening.outcome.await;
    assert!(listening.port.connect().await.is_err(), "nobody listens any more");

    let (played, port) = InTheApp::at_a_port().await;
    played.app.handle.cancel();
    let closed = async {
        while port.connect().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(1), closed).await.expect("nobody listens any more");
    played.is_unchanged(1).await;
}

#[tokio::test]
async fn a_port_that_another_program_has_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = taken.local_addr().expect("an address").port();
    let problem =
        Loopback::bind(&Redirect::loopback(port).expect("an address")).await.expect_err("it is taken");
    assert!(matches!(problem, LoopbackProblem::PortTaken), "{problem}");
    let link = Redirect::link("my-app").expect("a link");
    assert!(matches!(Loopback::bind(&link).await, Err(LoopbackProblem::NotLoopback)));
}

#[tokio::test]
async fn only_this_machine_can_ask_the_port() {
    let listening = Listening::start().await;
    // 127.0.0.2 is this machine as well, by another address: what listens at every address would answer.
    let elsewhere = listening.port.host.replace("127.0.0.1", "127.0.0.2");
    assert!(TcpStream::connect(elsewhere).await.is_err());
    listening.goes_on().await;
}
