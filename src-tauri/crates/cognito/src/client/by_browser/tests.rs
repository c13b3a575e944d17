use std::sync::atomic::{AtomicUsize, Ordering};

use url::Url;

use super::*;
use crate::browser::{BrowserSettings, Domain, Page, Redirect, Redirects, Told};
use crate::http::Http;
use crate::issuer::Issuer;

/// A desktop whose browser goes where it is sent and never comes back.
#[derive(Debug, Default)]
struct Silent {
    opened: AtomicUsize,
    told: AtomicUsize,
}

impl Desktop for Silent {
    fn choose<'a>(&'a self, redirects: &'a Redirects) -> Told<'a, Rung> {
        let redirect = redirects.iter().next().expect("there is one").clone();
        Box::pin(async move { Rung { redirect, way: BrowserWay::Link, loopback: None } })
    }

    fn open<'a>(&'a self, _: &'a str) -> Told<'a, Result<(), String>> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(()) })
    }

    fn page(&self) -> Page {
        Page::default()
    }

    fn returned(&self, _: Result<(), Fault>) {
        self.told.fetch_add(1, Ordering::Relaxed);
    }

    fn passkey_told(&self, _: PasskeyTold) {}

    fn keep(&self, _: Option<Zeroizing<Vec<u8>>>) -> Told<'_, bool> {
        Box::pin(async { true })
    }

    fn kept(&self) -> Told<'_, Option<Zeroizing<Vec<u8>>>> {
        Box::pin(async { None })
    }
}

/// With a domain that is set, nobody is asked where anything is.
fn client(desktop: &Arc<Silent>) -> Client {
    let issuer = Issuer::parse("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_p").expect("an issuer");
    let pool = PoolSettings::new(issuer, "client1".to_owned(), None, None).expect("good settings");
    let settings = BrowserSettings {
        domain: Some(Domain::parse("auth.example.com").expect("a domain")),
        redirects: Redirects::of_scheme("my-app"),
        signed_out: Redirect::signed_out("my-app"),
        providers: IdentityProvider::parse_all("Google, Corporate").expect("good providers"),
        ..BrowserSettings::default()
    };
    let (http, clock) = (Http::from_environment(&|_| None).expect("no settings"), Arc::new(PoolClock::new()));
    let browser = Browser::new(pool.clone(), settings, http.clone(), Arc::clone(&clock));
    let desktop: Arc<dyn Desktop> = Arc::clone(desktop) as _;
    Client::new(pool, http, clock).with_browser(browser, desktop)
}

async fn begun(client: &Client) -> Continuation {
    match client.begin_by_browser(BrowserWish::default(), false).await.expect("it begins") {
        Step::Challenge(Challenge::Browser { opened: true, .. }, continuation) => continuation,
        other => panic!("{other:?}"),
    }
}

/// The right link for the sign-in that waits.
fn link(client: &Client) -> String {
    let address = client.browser_address().expect("it waits");
    let url = Url::parse(&address).expect("an address");
    let state = url.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
    format!("my-app://sign-in/callback?code=sentinel-code&state={state}")
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_does_not_come_back_from_signing_out_is_silent() {
    let desktop = Arc::new(Silent::default());
    let client = client(&desktop);
    let before = tokio::time::Instant::now();
    let fault = client.sign_out_browser().await.expect_err("it does not come back");
    assert_eq!((fault.code, before.elapsed().as_secs()), (FaultCode::BrowserSilent, 120));
    // The link comes too late, and harms nothing; another one in time ends the waiting.
    assert_eq!(client.receive("my-app://signed-out/callback").await, Err(CallbackProblem::NotAwaited));
    let client = Arc::new(client);
    let waiting = tokio::spawn({
        let client = Arc::clone(&client);
        async move { client.sign_out_browser().await }
    });
    while desktop.opened.load(Ordering::Relaxed) < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(client.receive("my-app://signed-out/callback").await, Ok(Received::SignedOut));
    assert_eq!(waiting.await.expect("it does not panic"), Ok(()));
    assert_eq!(
        client.receive("my-app://signed-out/callback").await,
        Err(CallbackProblem::NotAwaited),
        "once"
    );
}

#[tokio::test]
async fn what_the_page_for_passkeys_says_counts_while_it_is_open() {
    let client = client(&Arc::default());
    let link = "my-app://sign-in/callback?result=success";
    assert_eq!(client.receive(link).await, Err(CallbackProblem::NotAwaited), "nobody has opened it");
    client.open_passkeys().await.expect("it is opened");
    client.by_browser.as_ref().expect("there is one").lapse_passkeys();
    assert_eq!(client.receive(link).await, Err(CallbackProblem::NotAwaited), "it was open too long");
    client.open_passkeys().await.expect("it is opened");
    assert_eq!(client.receive(link).await, Ok(Received::Passkey(PasskeyTold::Added)));
    assert_eq!(client.receive(link).await, Err(CallbackProblem::NotAwaited), "it counts once");
}

#[tokio::test]
async fn what_has_lapsed_takes_no_link_and_is_begun_again() {
    let desktop = Arc::new(Silent::default());
    let client = client(&desktop);
    let continuation = begun(&client).await;
    let right = link(&client);
    {
        let mut slot = client.by_browser.as_ref().expect("there is one").slot();
        let waiting = slot.waiting.as_mut().expect("it waits");
        assert_eq!(waiting.until, waiting.begun + PATIENCE);
        waiting.until = waiting.begun;
    }
    assert_eq!(client.receive(&right).await, Err(CallbackProblem::NotAwaited));
    assert!(client.browser_address().is_none());
    let number = continuation.browser.expect("a number");
    let again = client.reply_by_browser(number, continuation, Answer::OpenAgain).await;
    assert_eq!(again.expect_err("it has lapsed").code, FaultCode::ChallengeExpired);
    assert_eq!(desktop.opened.load(Ordering::Relaxed), 1, "the old address is not opened again");
}

#[tokio::test]
async fn an_answer_that_is_said_to_be_there_and_is_not_is_waited_for() {
    let desktop = Arc::new(Silent::default());
    let client = client(&desktop);
    let continuation = begun(&client).await;
    let number = continuation.browser.expect("a number");
    let said = Answer::BackFromBrowser(Ok(()));
    let step = client.reply_by_browser(number, continuation.clone(), said.clone()).await;
    assert!(matches!(step, Ok(Step::Challenge(Challenge::Browser { .. }, _))), "{step:?}");
    assert_eq!(client.receive(&link(&client)).await, Ok(Received::Awaited));
    // Whoever has come back is not sent there again.
    let step = client.reply_by_browser(number, continuation.clone(), Answer::OpenAgain).await;
    assert!(matches!(step, Ok(Step::Challenge(Challenge::Browser { .. }, _))), "{step:?}");
    assert_eq!(desktop.opened.load(Ordering::Relaxed), 1);
    // The number of another attempt gets nothing of it.
    let fault = client.reply_by_browser(number + 1, continuation, said).await.expect_err("it is another's");
    assert_eq!(fault.code, FaultCode::LinkNotAwaited);
    client.leave(&Continuation {
        browser: Some(number + 1),
        ..Continuation::of_account(BROWSER, String::new())
    });
    assert!(client.by_browser.as_ref().is_some_and(|by| by.slot().waiting.is_some()));
}

#[tokio::test]
async fn nothing_of_it_is_in_debug() {
    let desktop = Arc::new(Silent::default());
    let client = client(&desktop);
    begun(&client).await;
    let right = link(&client);
    let received = client.receive(&right).await;
    let shown = format!("{client:?}{received:?}");
    for secret in ["sentinel", right.rsplit_once("state=").expect("a state").1] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn somebody_whom_a_provider_vouches_for_goes_straight_there() {
    let client = client(&Arc::default());
    for (username, provider, hint) in [
        ("google_123", Some("Google"), None),
        ("Corporate_x_y", Some("Corporate"), None),
        ("googleplex_1", None, Some("googleplex_1")),
        ("aiko", None, Some("aiko")),
        ("日本", None, Some("日本")),
    ] {
        let wish = client.wish_of(username);
        assert_eq!((wish.provider.as_deref(), wish.login_hint.as_deref()), (provider, hint), "{username}");
    }
}
