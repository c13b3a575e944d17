//! What browsers and OAuth's clients send, and what they are sent: forms and cookies, pages and redirects.

use std::collections::HashSet;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::body::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::words::Language;
use crate::wire::{self, Answer};

/// Names and values in `application/x-www-form-urlencoded`, in their order.
#[derive(Clone, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    /// The value of a parameter that is there and not empty: an empty one is as if it were not there (RFC 6749, 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(own, _)| own == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// Whether a parameter is there more than once.
    pub(crate) fn repeats(&self, name: &str) -> bool {
        self.0.iter().filter(|(own, _)| own == name).count() > 1
    }

    /// Whether any is.
    pub(crate) fn repeat(&self) -> bool {
        let mut seen = HashSet::new();
        !self.0.iter().all(|(name, _)| seen.insert(name))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// As text, without those of these names.
    pub(crate) fn without(&self, names: &[&str]) -> String {
        query(self.iter().filter(|(name, _)| !names.contains(name)))
    }
}

/// Writes names and values in `application/x-www-form-urlencoded`.
pub(crate) fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs.into_iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

/// Reads what [`encode`] writes, and a plus as a blank. What is no escape stays as it is.
pub(crate) fn decode(text: &str) -> String {
    let hex = |digits: Option<&[u8]>| {
        let digits = std::str::from_utf8(digits?).ok()?;
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
    };
    let raw = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(raw.len()), 0);
    while let Some(byte) = raw.get(at) {
        let escaped = if *byte == b'%' { hex(raw.get(at + 1..at + 3)) } else { None };
        match escaped {
            Some(byte) => {
                out.push(byte);
                at += 2;
            }
            None if *byte == b'+' => out.push(b' '),
            None => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A request of a browser, or of one of OAuth's clients.
pub(crate) struct WebRequest {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Parameters,
    /// The body, where it is a form.
    pub(crate) form: Option<Parameters>,
    pub(crate) user_agent: String,
    headers: HeaderMap,
}

impl WebRequest {
    pub(crate) fn new(method: &Method, path: &str, query: &str, headers: &HeaderMap, body: &Bytes) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content = text("content-type").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let form = std::str::from_utf8(body).ok().filter(|_| content == "application/x-www-form-urlencoded");
        Self {
            method: method.clone(),
            path: path.to_owned(),
            query: Parameters::parse(query),
            form: form.map(Parameters::parse),
            user_agent: text("user-agent").to_owned(),
            headers: headers.clone(),
        }
    }

    /// What follows a scheme, such as `Basic`, in the header `Authorization`.
    pub(crate) fn authorization(&self, scheme: &str) -> Option<&str> {
        let (own, rest) = self.headers.get("authorization")?.to_str().ok()?.split_once(' ')?;
        own.eq_ignore_ascii_case(scheme).then(|| rest.trim())
    }

    pub(crate) fn has_authorization(&self) -> bool {
        self.headers.contains_key("authorization")
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let texts = self.headers.get_all("cookie").into_iter().filter_map(|value| value.to_str().ok());
        let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
    }
}

/// An answer, and what the log says of it.
pub(crate) struct Served {
    pub(crate) answer: Answer,
    pub(crate) outcome: String,
}

impl Served {
    pub(crate) fn new(answer: Answer, outcome: impl Into<String>) -> Self {
        Self { answer, outcome: outcome.into() }
    }

    /// Is called this in the log.
    pub(crate) fn called(self, outcome: &str) -> Self {
        Self { outcome: outcome.to_owned(), ..self }
    }

    /// Adds a header. One that cannot be written is left out.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.answer.headers_mut().append(HeaderName::from_static(name), value);
        }
        self
    }

    /// Sets a cookie for so many seconds; for none, it is taken away. Scripts cannot read it, and other sites' forms do
    /// not send it. It is not `Secure`, as Cognito's are: there is no TLS on loopback.
    pub(crate) fn with_cookie(self, name: &str, value: &str, seconds: i64) -> Self {
        self.with("set-cookie", &format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"))
    }
}

/// Sends the browser on.
pub(crate) fn redirect(location: &str, now: i64, outcome: &str) -> Served {
    Served::new(wire::answer(302, "text/plain", "", now), outcome)
        .with("location", location)
        .with("cache-control", "no-store")
        // What was in the address is nobody else's business.
        .with("referrer-policy", "no-referrer")
}

/// JSON for one of OAuth's clients.
pub(crate) fn json(status: u16, body: &Value, now: i64, outcome: &str) -> Served {
    let answer = wire::answer(status, "application/json;charset=UTF-8", body.to_string(), now);
    Served::new(answer, outcome).with("cache-control", "no-store").with("pragma", "no-cache")
}

const STYLE: &str = "body{font:1rem/1.5 sans-serif;margin:0;background:#f3f4f6;color:#111827}\
main{max-width:24rem;margin:2rem auto;padding:1.5rem;background:#fff;border:1px solid #d1d5db}\
h1{font-size:1.4rem;margin:0 0 1rem}label{display:block;margin:.75rem 0 .25rem}\
input:not([type=hidden],[type=radio]){width:100%;box-sizing:border-box;font:inherit;padding:.4rem}\
button{font:inherit;padding:.45rem .9rem;margin:1rem .5rem 0 0}[role=alert]{color:#b91c1c}\
footer{margin-top:1.5rem;font-size:.85rem;color:#4b5563}";

/// A page. `content` is HTML.
pub(crate) fn page(status: u16, language: Language, title: &str, content: &str, now: i64) -> Served {
    let (code, note) = (language.code(), language.development());
    let title = escape(title);
    let html = format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>{STYLE}</style>\n<main>\n\
         <h1>{title}</h1>\n{content}<footer>{note}</footer>\n</main>\n</html>\n"
    );
    let style = STANDARD.encode(digest::digest(&digest::SHA256, STYLE.as_bytes()));
    // No `form-action`: Chromium holds the redirect that follows a form against it, and that leads to the app.
    let policy =
        format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; frame-ancestors 'none'");
    Served::new(wire::answer(status, "text/html; charset=utf-8", html, now), "page")
        .with("content-security-policy", &policy)
        .with("x-frame-options", "DENY")
        .with("x-content-type-options", "nosniff")
        .with("referrer-policy", "same-origin")
        .with("cache-control", "no-store")
}

/// Text as it is written in HTML, also within an attribute's quotes.
pub(crate) fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, letter| {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(letter),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_and_written() {
        let parameters = Parameters::parse("a=1+2&b=%E5%92%8C%3d&&c&d=%zz%2&%+1=%41");
        let all: Vec<_> = parameters.iter().collect();
        assert_eq!(all, [("a", "1 2"), ("b", "和="), ("c", ""), ("d", "%zz%2"), ("% 1", "A")]);
        assert_eq!(parameters.get("c"), None);
        assert_eq!(parameters.without(&["c", "d", "% 1"]), "a=1%202&b=%E5%92%8C%3D");
        let hostile = Parameters::parse(&query([("x&y", "\"<a>'&=+%\r\n")]));
        assert_eq!(hostile.get("x&y"), Some("\"<a>'&=+%\r\n"));
    }

    #[test]
    fn what_is_repeated_is_noticed() {
        let parameters = Parameters::parse("a=1&b=2&a=");
        assert!(parameters.repeat() && parameters.repeats("a") && !parameters.repeats("b"));
        assert!(!Parameters::parse("a=1&b=2").repeat());
    }

    #[test]
    fn nothing_escapes_from_a_page() {
        assert_eq!(escape("<b a='\"'>&amp;"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;amp;");
    }

    #[test]
    fn cookies_and_credentials_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_static("a=1; cognito=x=y;b=2"));
        headers.insert("authorization", HeaderValue::from_static("basic  YTpi"));
        let request = WebRequest::new(&Method::GET, "/", "", &headers, &Bytes::new());
        assert_eq!((request.cookie("cognito"), request.cookie("c")), (Some("x=y"), None));
        assert_eq!((request.authorization("Basic"), request.authorization("Bearer")), (Some("YTpi"), None));
        assert!(request.form.is_none());
    }
}
