//! Whether a pool is there and takes an app client, before anybody signs in.

mod development_pool;

use std::time::Duration;

use cognito::{ConnectionFault, ConnectionPart, Http, Issuer, PoolSettings, check_connection};
use development_pool::DevelopmentPool;
use session::{ClientSecret, FaultCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

const DEVSECRET: &str = "devsecretdevsecretdevsecretdevsecret0123456789abcd";

fn http() -> Http {
    let http = Http::from_environment(&|_| None).expect("no settings");
    http.with_timeouts(Duration::from_millis(500), Duration::from_secs(2))
}

fn settings(issuer: &str, client: &str, secret: Option<&str>, endpoint: Option<&str>) -> PoolSettings {
    let issuer = Issuer::parse_for_endpoint(issuer).expect("an issuer");
    let endpoint = endpoint.map(|url| Url::parse(url).expect("a URL"));
    PoolSettings::new(issuer, client.to_owned(), secret.map(ClientSecret::new), endpoint)
        .expect("good settings")
}

async fn refused(settings: PoolSettings) -> (ConnectionPart, FaultCode) {
    match check_connection(&settings, &http()).await {
        Err(ConnectionFault::Refused { part, fault }) => (part, fault.code),
        other => panic!("{other:?}"),
    }
}

/// Somebody who answers everything with this; gives the origin.
async fn answering(status: &'static str, kind: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 8192];
            let _ = stream.read(&mut request).await;
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all((head + body).as_bytes()).await;
        }
    });
    origin
}

#[tokio::test]
async fn a_client_that_can_sign_people_in_passes() {
    let pool = DevelopmentPool::start().await;
    for (client, secret) in [
        ("devdesktop", None),
        ("devsecret", Some(DEVSECRET)),
        ("devpassword", None),
        ("devrotating", None),
        ("devchoice", None),
        ("devcustom", None),
        ("devcustomsrp", None),
    ] {
        let settings = settings(&pool.issuer, client, secret, None);
        assert_eq!(check_connection(&settings, &http()).await, Ok(()), "{client}");
    }
    assert_eq!(pool.count("RespondToAuthChallenge").await, 0, "nobody is signed in for it");
}

#[tokio::test]
async fn each_part_of_the_set_up_is_told_apart() {
    let pool = DevelopmentPool::start().await;
    let of = |client: &str, secret: Option<&str>| refused(settings(&pool.issuer, client, secret, None));
    assert_eq!(of("nosuchclient", None).await, (ConnectionPart::Client, FaultCode::ClientUnknown));
    assert_eq!(of("devnoflow", None).await, (ConnectionPart::Client, FaultCode::FlowNotEnabled));
    // A plan below that of the choice of ways is not what is in the way.
    let unavailable = r#"{"type":"FeatureUnavailableInTierException","message":"Essentials"}"#;
    let not_enabled = r#"{"type":"InvalidParameterException","message":"X is not enabled for the client."}"#;
    let steps = format!(r#"{{"error":{not_enabled}}},{{"error":{not_enabled}}},{{"error":{unavailable}}}"#);
    let script = format!(r#"{{"operation":"InitiateAuth","steps":[{steps}]}}"#);
    pool.post("script", &script).await;
    assert_eq!(of("devnoflow", None).await, (ConnectionPart::Client, FaultCode::FlowNotEnabled));
    assert_eq!(of("devsecret", None).await, (ConnectionPart::Secret, FaultCode::ClientSecretMissing));
    let wrong = Some("wrongwrongwrongwrongwrongwrong");
    assert_eq!(of("devsecret", wrong).await, (ConnectionPart::Secret, FaultCode::ClientSecretWrong));
    let needless = of("devdesktop", Some(DEVSECRET)).await;
    assert_eq!(needless, (ConnectionPart::Secret, FaultCode::ClientSecretWrong));
    pool.post("script", r#"{"operation":"discovery","steps":["html"]}"#).await;
    assert_eq!(of("devdesktop", None).await, (ConnectionPart::Way, FaultCode::NotThePool));
    let elsewhere = pool.issuer.replace("DevPool", "NoSuchPool");
    let unknown = refused(settings(&elsewhere, "devdesktop", None, None)).await;
    assert_eq!(unknown, (ConnectionPart::Pool, FaultCode::PoolUnknown));
}

#[tokio::test]
async fn what_stands_in_the_way_is_no_pool() {
    const HTML: &str = "text/html";
    const JSON: &str = "application/json";
    const PORTAL: &str = "<html>Accept our terms</html>";
    for (status, kind, body, code) in [
        ("200 OK", HTML, PORTAL, FaultCode::NotThePool),
        ("200 OK", JSON, "[]", FaultCode::NotThePool),
        ("200 OK", JSON, "{\"hello\":1}", FaultCode::NotThePool),
        ("404 Not Found", HTML, PORTAL, FaultCode::NotThePool),
        ("302 Found\r\nlocation: https://login.invalid/", HTML, "", FaultCode::NotThePool),
        ("307 Temporary Redirect\r\nlocation: http://login.invalid/", HTML, "", FaultCode::NotThePool),
        ("308 Permanent Redirect\r\nlocation: /elsewhere", HTML, "", FaultCode::NotThePool),
        ("302 Found", HTML, PORTAL, FaultCode::NotThePool),
        ("404 Not Found", JSON, "{\"error\":\"blocked\"}", FaultCode::NotThePool),
        ("400 Bad Request", JSON, "{\"message\":\"Proxy says no\"}", FaultCode::NotThePool),
        ("404 Not Found", JSON, "{\"message\":\"Not Found\"}", FaultCode::NotThePool),
        ("403 Forbidden", JSON, "{\"message\":\"Forbidden\"}", FaultCode::NotThePool),
        ("404 Not Found", JSON, "{\"code\":\"E42\",\"message\":\"no\"}", FaultCode::NotThePool),
        ("400 Bad Request", JSON, "{\"__type\":\"TooManyRequestsException\"}", FaultCode::Throttled),
        ("403 Forbidden", JSON, "{\"__type\":\"ForbiddenException\"}", FaultCode::Blocked),
        ("403 Forbidden", HTML, PORTAL, FaultCode::NotThePool),
        ("407 Proxy Authentication Required", HTML, PORTAL, FaultCode::ProxyRefused),
        ("429 Too Many Requests", JSON, "{}", FaultCode::Throttled),
        ("503 Service Unavailable", HTML, PORTAL, FaultCode::PoolTrouble),
        ("511 Network Authentication Required", HTML, PORTAL, FaultCode::NotThePool),
    ] {
        let origin = answering(status, kind, body).await;
        let settings = settings(&format!("{origin}/us-east-1_Pool"), "client1", None, None);
        assert_eq!(refused(settings).await, (ConnectionPart::Way, code), "{status} {kind} {body}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", nobody.local_addr().expect("an address"));
    let silent = refused(settings(&format!("{origin}/us-east-1_Pool"), "client1", None, None)).await;
    assert_eq!(silent, (ConnectionPart::Way, FaultCode::TimedOut));
    drop(nobody);
    let gone = refused(settings(&format!("{origin}/us-east-1_Pool"), "client1", None, None)).await;
    assert_eq!(gone, (ConnectionPart::Way, FaultCode::Unreachable));
}

#[tokio::test]
async fn a_stranger_is_quoted() {
    for (status, body, words) in [
        ("404 Not Found", r#"{"error":"blocked by corporate policy"}"#, "blocked by corporate policy"),
        ("400 Bad Request", r#"{"message":"Proxy says no"}"#, "Proxy says no"),
        ("302 Found\r\nlocation: https://login.invalid/?ticket=sentinel", "", "https://login.invalid"),
    ] {
        let origin = answering(status, "application/json", body).await;
        let settings = settings(&format!("{origin}/us-east-1_Pool"), "client1", None, None);
        let Err(ConnectionFault::Refused { fault, .. }) = check_connection(&settings, &http()).await else {
            panic!("that is no pool: {body}");
        };
        let detail = fault.detail.expect("it says what was said");
        assert!(detail.contains(words) && !detail.contains("sentinel"), "{detail}");
    }
}

#[tokio::test]
async fn a_pool_that_does_not_exist_is_known_by_cognitos_own_words() {
    for (status, body) in [
        ("400 Bad Request", r#"{"message":"User pool us-east-1_Pool does not exist."}"#),
        ("404 Not Found", r#"{"__type":"ResourceNotFoundException","message":"words"}"#),
        ("400 Bad Request", r#"{"__type":"com.amazonaws.x#ResourceNotFoundException"}"#),
        ("400 Bad Request", r#"{"code":"ResourceNotFoundException","message":"words"}"#),
        ("400 Bad Request", r#"{"__type":"InvalidParameterException","message":"words"}"#),
    ] {
        let origin = answering(status, "application/json", body).await;
        let settings = settings(&format!("{origin}/us-east-1_Pool"), "client1", None, None);
        assert_eq!(refused(settings).await, (ConnectionPart::Pool, FaultCode::PoolUnknown), "{body}");
    }
}

#[tokio::test]
async fn a_pool_has_to_be_the_one_that_was_asked_for() {
    const OTHER: &str = r#"{"issuer":"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other"}"#;
    const SAME: &str = r#"{"issuer":"https://elsewhere.example/us-east-1_Pool"}"#;
    let issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Pool";
    let other = answering("200 OK", "application/json", OTHER).await;
    let found = check_connection(&settings(issuer, "client1", None, Some(&other)), &http()).await;
    let name = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other".to_owned();
    assert_eq!(found, Err(ConnectionFault::OtherIssuer { issuer: name }));
    // Behind another endpoint a pool may have another host's name; what fails then comes after the document.
    let same = answering("200 OK", "application/json", SAME).await;
    let answer = refused(settings(issuer, "client1", None, Some(&same))).await;
    assert_eq!(answer, (ConnectionPart::Way, FaultCode::AnswerUnusable));
}
