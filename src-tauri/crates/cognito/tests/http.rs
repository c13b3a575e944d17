//! The HTTP client against real sockets: proxies, certificates, timeouts and what is not a pool.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cognito::{
    Client, ConnectionFault, ConnectionPart, Http, HttpProblem, Issuer, PoolSettings, check_connection,
};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use session::{
    AccessToken, Credentials, Fault, FaultCode, Password, Pool as _, PoolClock, RefreshToken, RenewalRequest,
};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use url::Url;

/// Longer than anything here should take, and short enough to notice.
const PATIENCE: Duration = Duration::from_secs(10);

fn http(variables: &[(&str, &str)]) -> Result<Http, HttpProblem> {
    Http::from_environment(&|name| {
        variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
    })
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("it is a URL")
}

async fn get(http: &Http, address: &str) -> Result<Vec<u8>, Fault> {
    tokio::time::timeout(PATIENCE, http.get(&url(address), 1_000)).await.expect("an answer in time")
}

fn code<T>(result: Result<T, Fault>) -> Option<FaultCode> {
    result.err().map(|fault| fault.code)
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Reads one request and gives one answer.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str) -> String {
    let head = read_head(&mut stream).await;
    let length = head
        .lines()
        .filter_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(str::to_owned))
        .find_map(|length| length.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    let _ = stream.read_exact(&mut body).await;
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    head
}

/// A server that gives everybody the same answer; its address, and the requests that came.
async fn server(answer: String) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let (sender, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = sender.send(serve(stream, &answer).await);
        }
    });
    (address, requests)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len())
}

async fn next(requests: &mut mpsc::UnboundedReceiver<String>) -> String {
    tokio::time::timeout(PATIENCE, requests.recv())
        .await
        .expect("a request in time")
        .expect("the server runs")
}

#[tokio::test]
async fn https_goes_through_the_proxy_that_is_set() {
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let (address, mut requests) = server(answer("502 Bad Gateway", "", "")).await;
        let http =
            http(&[(variable, &format!("http://proxy-user:proxy-pass@{address}"))]).expect("a good setting");
        let fault = get(&http, "https://pool.invalid/").await.expect_err("the proxy refuses");
        assert_eq!(fault.code, FaultCode::ProxyRefused, "{fault}");
        assert!(fault.detail.as_ref().is_some_and(|words| words.contains(&address)), "{fault}");
        let request = next(&mut requests).await;
        assert!(request.starts_with("CONNECT pool.invalid:443 HTTP/1.1\r\n"), "{variable}: {request}");
        assert!(
            request.to_ascii_lowercase().contains("proxy-authorization: basic "),
            "{variable}: {request}"
        );
        assert!(!format!("{http:?} {fault:?}").contains("proxy-pass"));
    }
}

#[tokio::test]
async fn a_proxy_without_scheme_is_an_http_proxy() {
    let (address, mut requests) = server(answer("502 Bad Gateway", "", "")).await;
    let http = http(&[("HTTPS_PROXY", &address)]).expect("a good setting");
    assert_eq!(code(get(&http, "https://pool.invalid/").await), Some(FaultCode::ProxyRefused));
    assert!(next(&mut requests).await.starts_with("CONNECT pool.invalid:443"));
}

#[tokio::test]
async fn no_proxy_and_this_machine_go_directly() {
    let (proxy, mut proxied) = server(answer("502 Bad Gateway", "", "")).await;
    let proxy = format!("http://{proxy}");
    let variables =
        [("ALL_PROXY", proxy.as_str()), ("HTTP_PROXY", &proxy), ("NO_PROXY", "other.invalid,pool.invalid")];
    let http = http(&variables).expect("good settings");
    assert_eq!(code(get(&http, "https://pool.invalid/").await), Some(FaultCode::Unreachable));

    let (address, mut requests) = server(answer("200 OK", "", "here")).await;
    assert_eq!(get(&http, &format!("http://{address}/x")).await.as_deref(), Ok(&b"here"[..]));
    assert!(next(&mut requests).await.starts_with("GET /x HTTP/1.1"));

    let (port, _) = tls_server(answer("200 OK", "", "")).await;
    assert_eq!(
        code(get(&http, &format!("https://localhost:{port}/")).await),
        Some(FaultCode::CertificateUntrusted)
    );
    assert!(proxied.try_recv().is_err(), "the proxy was asked");
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_named() {
    for (variable, value, shown) in [
        ("HTTPS_PROXY", "socks5://127.0.0.1:1080", "socks5://127.0.0.1:1080"),
        ("ALL_PROXY", "ftp://me:secret@proxy.example", "ftp://…@proxy.example"),
        ("https_proxy", "http://", "http://"),
        ("https_proxy", "http://a b", "http://a b"),
    ] {
        let problem = http(&[(variable, value)]).expect_err(value);
        let HttpProblem::ProxyMalformed { setting, value } = &problem else { panic!("{problem:?}") };
        assert_eq!((*setting, value.as_str()), (variable, shown));
        assert!(
            problem.to_string().contains(variable) && !problem.to_string().contains("secret"),
            "{problem}"
        );
    }
    let folder = Folder::new("settings");
    let empty = folder.write("empty.pem", "there is no certificate here");
    let broken = folder.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let missing = folder.path("missing.pem");
    for variable in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        let problem = http(&[(variable, &missing)]).expect_err("there is no such file");
        let HttpProblem::CertificatesUnreadable { setting, path, .. } = &problem else {
            panic!("{problem:?}")
        };
        assert_eq!((*setting, path), (variable, &PathBuf::from(&missing)));
        for file in [&empty, &broken] {
            let problem = http(&[(variable, file)]).expect_err("it has no certificate");
            assert_eq!(problem, HttpProblem::NoCertificates { setting: variable, path: PathBuf::from(file) });
            assert!(
                problem.to_string().contains(variable) && problem.to_string().contains("PEM"),
                "{problem}"
            );
        }
    }
    let problem = http(&[("SSL_CERT_DIR", &missing)]).expect_err("there is no such folder");
    assert!(matches!(problem, HttpProblem::NoCertificates { setting: "SSL_CERT_DIR", .. }), "{problem:?}");
    assert!(http(&[("AWS_CA_BUNDLE", ""), ("HTTPS_PROXY", ""), ("SSL_CERT_FILE", "")]).is_ok());
}

/// What speaks TLS with a certificate of its own for these names, and that certificate in PEM.
fn tls(names: &[&str]) -> (TlsAcceptor, String) {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("certificate and key belong together");
    (TlsAcceptor::from(Arc::new(config)), cert.pem())
}

/// A TLS server for `localhost`: its port, and its certificate in PEM.
async fn tls_server(answer: String) -> (u16, String) {
    let (acceptor, certificate) = tls(&["localhost"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, &answer).await;
            }
        }
    });
    (port, certificate)
}

/// A proxy behind which a host of Cognito's answers everything with this: its URL, and the host's certificate in PEM.
async fn cognito_behind_a_proxy(answer: String) -> (String, String) {
    let (acceptor, certificate) = tls(&["cognito-idp.eu-west-1.amazonaws.com"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            read_head(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, &answer).await;
            }
        }
    });
    (format!("http://{address}"), certificate)
}

#[tokio::test]
async fn either_name_of_a_pool_is_its_own_at_cognitos_own_host() {
    const ORIGINAL: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool";
    const UPDATED: &str = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool";
    const OTHER: &str = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other";
    let folder = Folder::new("names");
    for (entered, found, own) in [
        (ORIGINAL, ORIGINAL, true),
        (ORIGINAL, UPDATED, true),
        (UPDATED, ORIGINAL, true),
        (UPDATED, UPDATED, true),
        (UPDATED, OTHER, false),
    ] {
        let document = format!(r#"{{"issuer":"{found}"}}"#);
        let (proxy, certificate) = cognito_behind_a_proxy(answer("200 OK", "", &document)).await;
        let bundle = folder.write("bundle.pem", &certificate);
        let http = http(&[("HTTPS_PROXY", &proxy), ("AWS_CA_BUNDLE", &bundle)]).expect("good settings");
        let result = check_connection(&settings(entered), &http).await;
        if own {
            // What answers the sign-in with a document is no pool; it was asked, though.
            let asked = matches!(&result, Err(ConnectionFault::Refused { fault, .. }) if fault.code == FaultCode::AnswerUnusable);
            assert!(asked, "{entered} {found}: {result:?}");
        } else {
            assert_eq!(result, Err(ConnectionFault::OtherIssuer { issuer: found.to_owned() }));
        }
    }
}

#[tokio::test]
async fn certificates_of_the_bundle_are_trusted() {
    let (port, certificate) = tls_server(answer("200 OK", "", "secure")).await;
    let address = format!("https://localhost:{port}/");
    let folder = Folder::new("bundle");
    let bundle = folder.write("bundle.pem", &format!("# a comment\n{certificate}"));

    let fault =
        get(&http(&[]).expect("no settings"), &address).await.expect_err("nobody knows this certificate");
    assert_eq!(fault.code, FaultCode::CertificateUntrusted, "{fault}");
    for variable in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        let http = http(&[(variable, &bundle)]).expect("a good bundle");
        assert_eq!(get(&http, &address).await.as_deref(), Ok(&b"secure"[..]), "{variable}");
    }
    let http = http(&[("SSL_CERT_DIR", &folder.path(""))]).expect("a good folder");
    assert_eq!(get(&http, &address).await.as_deref(), Ok(&b"secure"[..]));
}

#[tokio::test]
async fn the_bundle_is_added_and_replaces_nothing() {
    let (port, certificate) = tls_server(answer("200 OK", "", "one")).await;
    let (_, other) = tls_server(String::new()).await;
    let folder = Folder::new("added");
    let (base, bundle) = (folder.write("base.pem", &certificate), folder.write("bundle.pem", &other));
    let http = http(&[("SSL_CERT_FILE", &base), ("AWS_CA_BUNDLE", &bundle)]).expect("good settings");
    assert_eq!(get(&http, &format!("https://localhost:{port}/")).await.as_deref(), Ok(&b"one"[..]));
}

#[tokio::test]
async fn only_small_files_and_only_secure_redirects() {
    let http = http(&[]).expect("no settings");
    for (answer, expected) in [
        (answer("200 OK", "", &"x".repeat(1_001)), FaultCode::AnswerUnusable),
        (answer("404 Not Found", "", ""), FaultCode::AnswerUnusable),
        (answer("500 Oh", "", ""), FaultCode::PoolTrouble),
        (answer("302 Found", "location: http://127.0.0.1:1/\r\n", ""), FaultCode::AnswerUnusable),
        (answer("302 Found", "location: file:///etc/hostname\r\n", ""), FaultCode::AnswerUnusable),
        (answer("302 Found", "", ""), FaultCode::AnswerUnusable),
        (answer("302 Found", "location: https://pool.invalid/\r\n", ""), FaultCode::Unreachable),
    ] {
        let (address, _requests) = server(answer.clone()).await;
        let fault = get(&http, &format!("http://{address}/")).await.expect_err(&answer);
        assert_eq!(fault.code, expected, "{answer} {fault}");
    }
    let (address, _requests) = server(answer("200 OK", "", &"x".repeat(1_000))).await;
    assert_eq!(get(&http, &format!("http://{address}/")).await.map(|body| body.len()), Ok(1_000));
    assert_eq!(code(get(&http, "http://pool.invalid/").await), Some(FaultCode::AnswerUnusable));
}

fn settings(issuer: &str) -> PoolSettings {
    let issuer = Issuer::parse(issuer).expect("an issuer");
    PoolSettings::new(issuer, "client1".to_owned(), None, None).expect("good settings")
}

fn credentials() -> Credentials {
    Credentials { username: "aiko".to_owned(), password: Some(Password::new("Secret-1")) }
}

/// What a sign-in comes to at an address.
async fn sign_in(http: Http, origin: &str) -> Option<FaultCode> {
    let client = Client::new(settings(&format!("{origin}/local_dev")), http, Arc::new(PoolClock::new()));
    let signed_in = tokio::time::timeout(PATIENCE, client.begin(credentials().into())).await;
    code(signed_in.expect("an answer in time"))
}

/// What asking a pool of Cognito's comes to, for whatever it is asked.
async fn asked(http: &Http) -> Vec<(&'static str, Fault)> {
    let settings = settings("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool");
    let client = Client::new(settings.clone(), http.clone(), Arc::new(PoolClock::new()));
    let refresh = RefreshToken::new("refresh");
    let request = RenewalRequest { refresh, username: "aiko".to_owned(), device_key: None };
    let Err(ConnectionFault::Refused { part: ConnectionPart::Way, fault: connecting }) =
        check_connection(&settings, http).await
    else {
        panic!("there is a way");
    };
    vec![
        ("connecting", connecting),
        ("sign-in", client.begin(credentials().into()).await.expect_err("there is no way")),
        ("renewal", client.renew(request).await.expect_err("there is no way")),
    ]
}

#[tokio::test]
async fn a_proxy_that_lets_nobody_through_is_told_as_the_proxy() {
    const LOGIN: &str = "proxy-authenticate: Basic realm=\"corp\"\r\n";
    let mut proxies = Vec::new();
    for answer in [
        answer("407 Proxy Authentication Required", LOGIN, "hello"),
        answer("403 Forbidden", "content-type: text/html\r\n", "hello"),
        answer("302 Found", "location: http://login.invalid/\r\n", "hello"),
        answer("502 Bad Gateway", "", ""),
        answer("503 Service Unavailable", "", "hello"),
        "SSH-2.0-x\r\n".to_owned(),
        String::new(),
    ] {
        let (address, requests) = server(answer.clone()).await;
        proxies.push((answer, address, Some(requests)));
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = nobody.local_addr().expect("an address").to_string();
    drop(nobody);
    proxies.push(("nobody".to_owned(), address, None));
    for (says, address, _requests) in proxies {
        let proxy = format!("http://proxy-user:proxy-pass@{address}");
        let http = http(&[("HTTPS_PROXY", &proxy)]).expect("a good setting");
        for (what, fault) in asked(&http).await {
            assert_eq!(fault.code, FaultCode::ProxyRefused, "{what}: {says}: {fault}");
            assert!(!fault.code.ends_session());
            let words = fault.detail.expect("it says which proxy");
            assert!(words.contains(&address) && !words.contains("proxy-"), "{what}: {words}");
        }
    }
}

#[tokio::test]
async fn behind_a_proxy_that_lets_through_it_is_not_the_proxy() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            read_head(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            let mut greeting = [0; 16];
            let _ = stream.read_exact(&mut greeting).await;
            let _ = stream.write_all(b"<html>hello, log in</html>").await;
        }
    });
    for (what, fault) in asked(&http(&[("HTTPS_PROXY", &address)]).expect("a good setting")).await {
        assert_eq!(fault.code, FaultCode::NotThePool, "{what}: {fault}");
    }
}

#[tokio::test]
async fn what_is_not_a_pool_is_told_apart() {
    const JSON: &str = "content-type: application/x-amz-json-1.1\r\n";
    const HTML: &str = "content-type: text/html\r\n";
    const PAGE: &str = "<html>Welcome to our hotel</html>";
    for (answer, expected) in [
        (answer("200 OK", HTML, PAGE), FaultCode::NotThePool),
        (answer("302 Found", "location: http://portal.invalid/\r\n", ""), FaultCode::NotThePool),
        (answer("403 Forbidden", HTML, PAGE), FaultCode::NotThePool),
        (answer("511 Network Authentication Required", HTML, PAGE), FaultCode::NotThePool),
        (answer("503 Service Unavailable", HTML, PAGE), FaultCode::PoolTrouble),
        (answer("429 Too Many Requests", "content-type: text/plain\r\n", "slow"), FaultCode::Throttled),
        (answer("407 Proxy Authentication Required", HTML, PAGE), FaultCode::ProxyRefused),
        (answer("200 OK", JSON, "{}"), FaultCode::AnswerUnusable),
        (answer("200 OK", JSON, r#"{"ChallengeName": 7}"#), FaultCode::AnswerUnusable),
        (answer("200 OK", JSON, r#"{"ChallengeName":"PASSWORD_VERIFIER"}"#), FaultCode::AnswerUnusable),
        (
            answer(
                "400 Bad Request",
                JSON,
                r#"{"__type":"NotAuthorizedException","message":"User is disabled."}"#,
            ),
            FaultCode::UserDisabled,
        ),
        (format!("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n{JSON}\r\n{{"), FaultCode::Unreachable),
        (String::new(), FaultCode::Unreachable),
    ] {
        let (address, _requests) = server(answer.clone()).await;
        let found = sign_in(http(&[]).expect("no settings"), &format!("http://{address}")).await;
        assert_eq!(found, Some(expected), "{answer}");
    }
}

#[tokio::test]
async fn what_answers_https_without_tls_is_no_pool() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("https://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut greeting = [0; 16];
            let _ = stream.read_exact(&mut greeting).await;
            let _ = stream.write_all(answer("400 Bad Request", "", "").as_bytes()).await;
        }
    });
    assert_eq!(sign_in(http(&[]).expect("no settings"), &origin).await, Some(FaultCode::NotThePool));
}

#[tokio::test]
async fn silence_and_refusal_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let impatient = || {
        let soon = Duration::from_millis(150);
        http(&[]).expect("no settings").with_timeouts(soon, soon)
    };
    // The system accepts for a listener that does not.
    assert_eq!(sign_in(impatient(), &origin).await, Some(FaultCode::TimedOut));
    assert_eq!(code(get(&impatient(), &origin).await), Some(FaultCode::TimedOut));
    drop(listener);
    assert!(TcpStream::connect(origin.trim_start_matches("http://")).await.is_err());
    assert_eq!(sign_in(http(&[]).expect("no settings"), &origin).await, Some(FaultCode::Unreachable));
    assert_eq!(code(get(&http(&[]).expect("no settings"), &origin).await), Some(FaultCode::Unreachable));
}

/// A folder of the test's own, which goes when it does.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.0.join(name), text).expect("a file");
        self.path(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn client(http: Http, address: &str) -> Client {
    let issuer =
        Issuer::parse("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool").expect("an issuer");
    let endpoint = (!address.is_empty()).then(|| url(&format!("http://{address}")));
    let settings = PoolSettings::new(issuer, "client1".to_owned(), None, endpoint).expect("good settings");
    Client::new(settings, http, Arc::new(PoolClock::new()))
}

#[tokio::test]
async fn an_operation_that_the_sdk_does_not_know_is_asked_as_the_others_are() {
    let token = AccessToken::new("access");
    let json = "content-type: application/x-amz-json-1.1\r\n";
    for (status, headers, body, expected) in [
        ("200 OK", json, "{}", None),
        // The API reference says of many an operation that its answer has no body.
        ("200 OK", json, "", None),
        ("200 OK", "content-type: text/html\r\n", "", Some(FaultCode::NotThePool)),
        ("200 OK", json, "[]", Some(FaultCode::NotThePool)),
        ("302 Found", "location: http://portal.invalid/\r\n", "", Some(FaultCode::NotThePool)),
        ("407 Proxy Authentication Required", "", "", Some(FaultCode::ProxyRefused)),
        ("429 Too Many Requests", "", "", Some(FaultCode::Throttled)),
        ("503 Service Unavailable", "content-type: text/html\r\n", "<p>", Some(FaultCode::PoolTrouble)),
        ("511 Network Authentication Required", "", "", Some(FaultCode::NotThePool)),
        (
            "400 Bad Request",
            "content-type: application/x-amz-json-1.1\r\nx-amzn-errortype: ForbiddenException:http://docs/\r\n",
            r#"{"message":"Request not allowed"}"#,
            Some(FaultCode::Blocked),
        ),
        (
            "400 Bad Request",
            json,
            r#"{"__type":"com.amazonaws.cognito#TooManyRequestsException","message":"Rate exceeded"}"#,
            Some(FaultCode::Throttled),
        ),
    ] {
        let (address, mut requests) = server(answer(status, headers, body)).await;
        let client = client(http(&[]).expect("no settings"), &address);
        assert_eq!(code(client.revoke_session(&token, "id").await), expected, "{status} {headers}{body}");
        let head = next(&mut requests).await.to_ascii_lowercase();
        assert!(head.starts_with("post / http/1.1\r\n"), "{head}");
        for header in [
            "x-amz-target: awscognitoidentityproviderservice.revokeusersession",
            "content-type: application/x-amz-json-1.1",
            "user-agent: cognito-desktop",
        ] {
            assert!(head.contains(&format!("{header}\r\n")), "{header}: {head}");
        }
        assert!(!head.contains("authorization"), "it is not signed: {head}");
    }
}

#[tokio::test]
async fn nor_does_it_wait_longer_or_go_another_way() {
    let token = AccessToken::new("access");
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = silent.local_addr().expect("an address").to_string();
    let short = http(&[]).expect("no settings").with_timeouts(PATIENCE, Duration::from_millis(200));
    assert_eq!(code(client(short, &address).sessions(&token).await), Some(FaultCode::TimedOut));

    let (address, mut requests) = server(answer("502 Bad Gateway", "", "")).await;
    let proxied = http(&[("HTTPS_PROXY", &format!("http://{address}"))]).expect("a good setting");
    assert_eq!(code(client(proxied, "").sessions(&token).await), Some(FaultCode::ProxyRefused));
    let request = next(&mut requests).await;
    assert!(request.starts_with("CONNECT cognito-idp.eu-west-1.amazonaws.com:443 "), "{request}");
}
