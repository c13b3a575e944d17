//! What is asked at the port: the head of one request, read in a bounded time to a bounded length.

use tokio::io::{AsyncRead, AsyncReadExt as _};
use zeroize::Zeroizing;

use super::super::callback::LONGEST_LINK;

/// Cookies know no ports: a browser sends those of every program that has served a page from this machine.
const LONGEST_HEAD: usize = 32 * 1024;
const MOST_HEADERS: usize = 64;

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no request of HTTP/1.
    Malformed,
    /// Its head is too long.
    TooLarge,
    /// What it asks for has too long a name.
    TooLong,
    /// It asks for another host, as after a name was made to lead here (DNS rebinding).
    OtherHost,
    /// Another user of this machine asks.
    OtherUser,
    /// A page's script asks, and not a person's browser on its way back.
    FromAPage,
    /// It asks for something else.
    OtherPath,
    /// It does not `GET`.
    OtherMethod,
    /// It brings a body.
    HasBody,
}

/// The head of a request.
pub(super) struct Request(Zeroizing<Vec<u8>>);

/// What is asked for, from the path on.
#[derive(Debug, PartialEq)]
pub(super) struct Target(Zeroizing<String>);

impl Target {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads as far as the end of the head. None where the other side hangs up before.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Result<Request, Refusal>> {
    // All of its room at once: nothing of a code is left behind where it grew.
    let mut head = Zeroizing::new(Vec::with_capacity(LONGEST_HEAD));
    loop {
        let begun = head.len().saturating_sub(3);
        let room = LONGEST_HEAD - head.len();
        if room == 0 {
            return Some(Err(Refusal::TooLarge));
        }
        let mut part = (&mut *stream).take(u64::try_from(room).unwrap_or_default());
        if part.read_buf(&mut *head).await.ok()? == 0 {
            return None;
        }
        if let Some(end) = head[begun..].windows(4).position(|four| four == b"\r\n\r\n") {
            head.truncate(begun + end + 4);
            return Some(Ok(Request(head)));
        }
    }
}

impl Request {
    /// What is asked for, of whoever may ask: a browser that was sent here, at `host` and for `path`.
    pub(super) fn target(&self, host: &str, path: &str) -> Result<Target, Refusal> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&self.0) {
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => return Err(Refusal::TooLarge),
            _ => return Err(Refusal::Malformed),
        }
        let (Some(method), Some(target)) = (request.method, request.path) else {
            return Err(Refusal::Malformed);
        };
        let values = |name: &'static str| {
            request
                .headers
                .iter()
                .filter(move |header| header.name.eq_ignore_ascii_case(name))
                .map(|header| header.value)
        };
        // Exactly one, exactly this: another name that leads here is somebody's trick (RFC 9110, section 7.2).
        let mut hosts = values("host");
        if hosts.next() != Some(host.as_bytes()) || hosts.next().is_some() {
            return Err(Refusal::OtherHost);
        }
        // A browser on its way back sends no `Origin` with a `GET`; and where it says what the request is for, it is for
        // a page in a window (Fetch Metadata Request Headers, sections 2.1 and 2.2).
        let for_a_window = |name, wanted: &[u8]| values(name).all(|value| value == wanted);
        if values("origin").next().is_some()
            || !for_a_window("sec-fetch-mode", b"navigate")
            || !for_a_window("sec-fetch-dest", b"document")
        {
            return Err(Refusal::FromAPage);
        }
        let bare = target.split(['?', '#']).next().unwrap_or_default();
        if bare != path {
            return Err(Refusal::OtherPath);
        }
        if method != "GET" {
            return Err(Refusal::OtherMethod);
        }
        let empty = |value: &[u8]| value == b"0";
        if values("transfer-encoding").next().is_some() || !values("content-length").all(empty) {
            return Err(Refusal::HasBody);
        }
        if target.len() > LONGEST_LINK {
            return Err(Refusal::TooLong);
        }
        Ok(Target(Zeroizing::new(target.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "127.0.0.1:19274";

    async fn target(text: &str) -> Option<Result<String, Refusal>> {
        let request = read(&mut text.as_bytes()).await?;
        Some(
            request
                .and_then(|request| request.target(HOST, "/callback"))
                .map(|target| target.as_str().to_owned()),
        )
    }

    fn get(target: &str, headers: &str) -> String {
        format!("GET {target} HTTP/1.1\r\nHost: {HOST}\r\n{headers}\r\n")
    }

    #[tokio::test]
    async fn a_browser_on_its_way_back_is_let_in() {
        for headers in [
            "",
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n",
            "Cookie: a=b\r\nContent-Length: 0\r\n",
        ] {
            let found = target(&get("/callback?code=c&state=s", headers)).await;
            assert_eq!(found, Some(Ok("/callback?code=c&state=s".to_owned())), "{headers}");
        }
        assert_eq!(target(&get("/callback", "")).await, Some(Ok("/callback".to_owned())));
    }

    #[tokio::test]
    async fn nobody_else_is() {
        let two_hosts = format!("Host: {HOST}\r\n");
        let many = "A: b\r\n".repeat(MOST_HEADERS);
        let long = format!("/callback?{}", "x".repeat(LONGEST_LINK));
        for (request, refusal) in [
            ("what?\r\n\r\n".to_owned(), Refusal::Malformed),
            ("GET /callback HTTP/9.1\r\n\r\n".to_owned(), Refusal::Malformed),
            (get("/callback", "no header\r\n"), Refusal::Malformed),
            (get("/callback", " folded\r\n"), Refusal::Malformed),
            ("GET /callback HTTP/1.1\r\n\r\n".to_owned(), Refusal::OtherHost),
            ("GET /callback HTTP/1.1\r\nHost: localhost:19274\r\n\r\n".to_owned(), Refusal::OtherHost),
            ("GET /callback HTTP/1.1\r\nHost: 127.0.0.1:19275\r\n\r\n".to_owned(), Refusal::OtherHost),
            ("GET /callback HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(), Refusal::OtherHost),
            (get("/callback", &two_hosts), Refusal::OtherHost),
            (get("/callback", "Origin: https://evil.example\r\n"), Refusal::FromAPage),
            (get("/callback", "Origin: null\r\n"), Refusal::FromAPage),
            (get("/callback", "Sec-Fetch-Mode: no-cors\r\n"), Refusal::FromAPage),
            (get("/callback", "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n"), Refusal::FromAPage),
            (get("/", ""), Refusal::OtherPath),
            (get("/favicon.ico", ""), Refusal::OtherPath),
            (get("/callback/", ""), Refusal::OtherPath),
            (get("//callback", ""), Refusal::OtherPath),
            (get("http://127.0.0.1:19274/callback", ""), Refusal::OtherPath),
            (get("/callback", "").replace("GET", "POST"), Refusal::OtherMethod),
            (get("/callback", "").replace("GET", "HEAD"), Refusal::OtherMethod),
            (get("/callback", "").replace("GET", "OPTIONS"), Refusal::OtherMethod),
            (get("/callback", "Content-Length: 5\r\n"), Refusal::HasBody),
            (get("/callback", "Transfer-Encoding: chunked\r\n"), Refusal::HasBody),
            (get("/callback", &many), Refusal::TooLarge),
            (get("/callback", &format!("Cookie: {}\r\n", "x".repeat(LONGEST_HEAD))), Refusal::TooLarge),
            (get(&long, ""), Refusal::TooLong),
        ] {
            assert_eq!(target(&request).await, Some(Err(refusal)), "{request}");
        }
    }

    #[tokio::test]
    async fn a_request_that_breaks_off_is_none() {
        for text in ["", "GET /callback", "GET /callback HTTP/1.1\r\nHost: 127.0.0.1:19274\r\n"] {
            assert_eq!(target(text).await, None, "{text}");
        }
    }

    #[tokio::test]
    async fn a_head_may_come_letter_by_letter_and_what_follows_it_is_left() {
        let text = format!("{}GET /other HTTP/1.1\r\n\r\n", get("/callback?code=c", ""));
        let (mut there, mut here) = tokio::io::duplex(1);
        let writing = tokio::spawn(async move {
            use tokio::io::AsyncWriteExt as _;
            let _ = there.write_all(text.as_bytes()).await;
        });
        let request = read(&mut here).await.expect("it is whole").expect("it is small");
        assert_eq!(request.target(HOST, "/callback").expect("it is good").as_str(), "/callback?code=c");
        drop(here);
        writing.await.expect("the writer ends");
    }
}
