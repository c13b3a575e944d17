//! A managed login that does whatever a test wants of it: what the pool says of itself, its keys, its answers to codes.
//!
//! Its tokens are signed by hand and not by the library that verifies them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito::browser::{Browser, BrowserSettings, Pending, Redirects, Wish};
use cognito::{Http, Issuer, PoolSettings};
use serde_json::{Value, json};
use session::{ClientSecret, PoolClock};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::{Url, form_urlencoded};

pub(crate) const CLIENT: &str = "client1";
pub(crate) const KID: &str = "key-1";

/// The pool's key.
pub(crate) static POOL_KEY: LazyLock<KeyPair> =
    LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).expect("a key"));

pub(crate) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("before the end of time")
}

/// A key as a pool lists it.
pub(crate) fn listed(kid: &str, key: &KeyPair) -> Value {
    let public = key.public_key();
    let modulus = encoded(public.modulus().big_endian_without_leading_zero());
    let exponent = encoded(public.exponent().big_endian_without_leading_zero());
    json!({ "kid": kid, "kty": "RSA", "alg": "RS256", "use": "sig", "n": modulus, "e": exponent })
}

pub(crate) fn signed(header: &Value, claims: &Value, key: &KeyPair) -> String {
    let text = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).expect("a signature");
    format!("{text}.{}", encoded(signature))
}

/// What is issued for a code. A test changes what it likes.
pub(crate) struct Minting {
    pub(crate) id_header: Value,
    pub(crate) id: Value,
    pub(crate) access_header: Value,
    pub(crate) access: Value,
    /// `at_hash` is made of the access token, unless a test has one of its own.
    pub(crate) hash: bool,
    /// In place of the signed id token.
    pub(crate) id_text: Option<String>,
    pub(crate) access_text: Option<String>,
    pub(crate) key: &'static KeyPair,
}

impl Minting {
    fn of(issuer: &str, nonce: &str) -> Self {
        let header = json!({ "alg": "RS256", "kid": KID, "typ": "JWT" });
        let common = |token_use: &str| {
            json!({
                "iss": issuer, "sub": "5e1f", "token_use": token_use, "iat": now(), "exp": now() + 3600,
                "origin_jti": "origin-1", "jti": format!("jti-{token_use}"),
            })
        };
        let mut id = common("id");
        id["aud"] = json!(CLIENT);
        id["nonce"] = json!(nonce);
        id["cognito:username"] = json!("google_123");
        id["email"] = json!("aiko@example.com");
        let mut access = common("access");
        access["client_id"] = json!(CLIENT);
        access["username"] = json!("google_123");
        access["scope"] = json!("openid aws.cognito.signin.user.admin");
        Self {
            id_header: header.clone(),
            id,
            access_header: header,
            access,
            hash: true,
            id_text: None,
            access_text: None,
            key: &POOL_KEY,
        }
    }

    /// `number` tells one sign-in's refresh token from another's.
    fn answer(mut self, number: usize) -> Value {
        let access = self.access_text.unwrap_or_else(|| signed(&self.access_header, &self.access, self.key));
        if self.hash {
            let hash = Sha256::digest(access.as_bytes());
            self.id["at_hash"] = json!(encoded(&hash[..16]));
        }
        let id = self.id_text.unwrap_or_else(|| signed(&self.id_header, &self.id, self.key));
        json!({
            "access_token": access, "id_token": id, "refresh_token": format!("sentinel-refresh-{number}"),
            "token_type": "Bearer", "expires_in": 3600,
        })
    }
}

type Change = Box<dyn Fn(&mut Minting) + Send>;

/// A code that was given.
pub(crate) struct Given {
    challenge: String,
    nonce: String,
    redirect: String,
}

pub(crate) struct Play {
    /// What is served at the end of a path.
    pub(crate) documents: HashMap<&'static str, (u16, String)>,
    given: HashMap<String, Given>,
    /// How many were given in all.
    codes: usize,
    /// Whether it does what it should with a verifier.
    pub(crate) checks_challenge: bool,
    change: Change,
    /// In place of the answer to a code.
    pub(crate) answer_to_code: Option<(u16, String)>,
    /// Seconds that this pool's clock is ahead.
    pub(crate) ahead: i64,
    requests: Vec<(String, String)>,
}

pub(crate) struct ManagedLogin {
    pub(crate) origin: String,
    pub(crate) issuer: String,
    play: Arc<Mutex<Play>>,
}

impl ManagedLogin {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let issuer = format!("{origin}/local_pool");
        let document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{origin}/oauth2/authorize"),
            "token_endpoint": format!("{origin}/oauth2/token"),
            "revocation_endpoint": format!("{origin}/oauth2/revoke"),
            "end_session_endpoint": format!("{origin}/logout"),
        });
        let keys = json!({ "keys": [listed(KID, &POOL_KEY)] });
        let play = Arc::new(Mutex::new(Play {
            documents: HashMap::from([
                ("openid-configuration", (200, document.to_string())),
                ("jwks.json", (200, keys.to_string())),
            ]),
            given: HashMap::new(),
            codes: 0,
            checks_challenge: true,
            change: Box::new(|_| {}),
            answer_to_code: None,
            ahead: 0,
            requests: Vec::new(),
        }));
        let (shared, name) = (Arc::clone(&play), issuer.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared), name.clone()));
            }
        });
        Self { origin, issuer, play }
    }

    /// Changes what it does.
    pub(crate) fn play<T>(&self, act: impl FnOnce(&mut Play) -> T) -> T {
        act(&mut self.play.lock().expect("nobody panicked"))
    }

    pub(crate) fn settings(&self, secret: Option<&str>) -> PoolSettings {
        let issuer = Issuer::parse(&self.issuer).expect("an issuer");
        PoolSettings::new(issuer, CLIENT.to_owned(), secret.map(ClientSecret::new), None)
            .expect("good settings")
    }

    pub(crate) fn browser(&self, settings: BrowserSettings, secret: Option<&str>) -> Browser {
        let settings = BrowserSettings { redirects: Redirects::of_scheme("my-app"), ..settings };
        let http = Http::from_environment(&|_| None).expect("no settings");
        Browser::new(self.settings(secret), settings, http, Arc::new(PoolClock::new()))
    }

    /// What happens to the tokens that are issued from now on.
    pub(crate) fn mint(&self, change: impl Fn(&mut Minting) + Send + 'static) {
        self.play(|play| play.change = Box::new(change));
    }

    pub(crate) fn answer(&self, status: u16, body: &str) {
        self.play(|play| play.answer_to_code = Some((status, body.to_owned())));
    }

    /// What was asked of a path: head and body of each request.
    pub(crate) fn requests(&self, path: &str) -> Vec<(String, String)> {
        self.play(|play| {
            let of_path = |(head, _): &&(String, String)| {
                let target = head.split(' ').nth(1).unwrap_or_default();
                target.ends_with(path)
            };
            play.requests.iter().filter(of_path).cloned().collect()
        })
    }

    /// The person signs in: what the browser is sent back with.
    pub(crate) fn sign_in(&self, pending: &Pending) -> String {
        self.sign_in_at(pending.address())
    }

    pub(crate) fn sign_in_at(&self, address: &str) -> String {
        let url = Url::parse(address).expect("an address");
        assert!(address.starts_with(&format!("{}/oauth2/authorize?", self.origin)));
        let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
        self.play(|play| {
            play.codes += 1;
            let code = format!("sentinel-code-{}", play.codes);
            let given = Given {
                challenge: asked["code_challenge"].clone(),
                nonce: asked["nonce"].clone(),
                redirect: asked["redirect_uri"].clone(),
            };
            play.given.insert(code.clone(), given);
            format!("{}?code={code}&state={}", asked["redirect_uri"], asked["state"])
        })
    }
}

pub(crate) async fn pending(browser: &Browser) -> Pending {
    let redirect = browser.settings().redirects.iter().next().expect("a link").clone();
    browser.begin(&redirect, Wish::default()).await.expect("it begins")
}

async fn serve(mut stream: TcpStream, play: Arc<Mutex<Play>>, issuer: String) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(str::to_owned))
        .find_map(|length| length.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).await.is_err() {
        return;
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    let (status, answer, ahead) = {
        let mut play = play.lock().expect("nobody panicked");
        play.requests.push((head.clone(), body.clone()));
        let (status, answer) = play.reply(&head, &body, &issuer);
        (status, answer, play.ahead)
    };
    let date = http_date(now() + ahead);
    let location = if (300..400).contains(&status) { "location: /elsewhere\r\n" } else { "" };
    let text = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\ndate: {date}\r\n\
         {location}connection: close\r\n\r\n{answer}",
        answer.len()
    );
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

impl Play {
    fn reply(&mut self, head: &str, body: &str, issuer: &str) -> (u16, String) {
        let target = head.split(' ').nth(1).unwrap_or_default();
        if let Some((_, document)) = self.documents.iter().find(|(name, _)| target.ends_with(*name)) {
            return document.clone();
        }
        if target.ends_with("/oauth2/revoke") {
            return (200, String::new());
        }
        if !target.ends_with("/oauth2/token") {
            return (404, "{}".to_owned());
        }
        if let Some(answer) = &self.answer_to_code {
            return answer.clone();
        }
        let form: HashMap<_, _> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        // A code is given for once.
        let Some(given) = self.given.remove(&form["code"]) else {
            return (400, r#"{"error":"invalid_grant"}"#.to_owned());
        };
        let challenge = encoded(Sha256::digest(form["code_verifier"].as_bytes()));
        if (self.checks_challenge && challenge != given.challenge) || form["redirect_uri"] != given.redirect {
            return (400, r#"{"error":"invalid_grant"}"#.to_owned());
        }
        let mut minting = Minting::of(issuer, &given.nonce);
        (self.change)(&mut minting);
        (200, minting.answer(self.requests.len()).to_string())
    }
}

/// `Date` as HTTP has it (RFC 9110, section 5.6.7).
fn http_date(seconds: i64) -> String {
    let date = aws_smithy_types::DateTime::from_secs(seconds);
    date.fmt(aws_smithy_types::date_time::Format::HttpDate).expect("a date")
}
