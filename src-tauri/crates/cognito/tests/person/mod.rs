//! A browser with somebody in front of it who reads its pages and fills in its forms.

#![allow(dead_code, reason = "each test needs some of it")]

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::{Url, form_urlencoded};

pub(crate) const AIKO: [(&str, &str); 2] = [("username", "aiko"), ("password", "Green-Tea-42")];

/// A browser, and whoever sits in front of it.
#[derive(Default)]
pub(crate) struct Person {
    cookies: BTreeMap<String, String>,
}

/// What a browser got.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: String,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
    /// Where it was asked for.
    pub(crate) address: String,
}

impl Person {
    pub(crate) async fn ask(&mut self, method: &str, address: &str, form: &str) -> Got {
        let url = Url::parse(address).expect("an address");
        let host = format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"));
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            cookies.join("; "),
            form.len()
        );
        let mut stream = TcpStream::connect(&host).await.expect("somebody listens");
        stream.write_all(request.as_bytes()).await.expect("it is read");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        let mut location = None;
        for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
            match name.to_ascii_lowercase().as_str() {
                "location" => location = Some(value.to_owned()),
                "set-cookie" => {
                    let pair = value.split(';').next().expect("a pair");
                    let (name, value) = pair.split_once('=').expect("a name and a value");
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
                _ => {}
            }
        }
        let status = head.split(' ').nth(1).unwrap_or_default().to_owned();
        Got { status, location, body: body.to_owned(), address: address.to_owned() }
    }

    /// Follows redirects as far as a page, or as far as one that leads away from the pool.
    pub(crate) async fn follow(&mut self, mut got: Got) -> Result<Got, String> {
        for _ in 0..10 {
            let Some(location) = &got.location else { return Ok(got) };
            let here = Url::parse(&got.address).expect("an address");
            let there = here.join(location).expect("an address");
            if there.origin() != here.origin() {
                return Err(location.clone());
            }
            got = self.ask("GET", there.as_str(), "").await;
        }
        panic!("it leads round in circles")
    }

    pub(crate) async fn open(&mut self, address: &str) -> Result<Got, String> {
        let got = self.ask("GET", address, "").await;
        self.follow(got).await
    }

    /// Fills in the page's form and sends it.
    pub(crate) async fn fill_in(&mut self, page: &Got, fields: &[(&str, &str)]) -> Result<Got, String> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for tag in page.body.split("<input ").skip(1).filter(|tag| tag.contains("type=\"hidden\"")) {
            let attribute = |name: &str| {
                let rest = tag.split(&format!("{name}=\"")).nth(1).expect("it has one");
                rest.split('"').next().expect("it ends").to_owned()
            };
            form.append_pair(&attribute("name"), &attribute("value"));
        }
        form.extend_pairs(fields);
        let action =
            page.body.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a form");
        let address = Url::parse(&page.address).expect("an address").join(action).expect("an address");
        let got = self.ask("POST", address.as_str(), &form.finish()).await;
        self.follow(got).await
    }

    /// Signs in with name and password: the link that the browser ends up with.
    pub(crate) async fn sign_in(&mut self, address: &str) -> String {
        let page = self.open(address).await.expect("a page");
        self.fill_in(&page, &AIKO).await.expect_err("back to the app")
    }
}
