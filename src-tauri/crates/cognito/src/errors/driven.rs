//! One exception, driven through the real stack: a server on loopback that answers with it, and the client.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use session::{
    AccessToken, Answer, ChallengeSession, Continuation, Credentials, Fault, FaultCode, OneTimeCode,
    Password, Pool as _, PoolClock, RefreshToken, RenewalRequest,
};

use super::Operation;
use crate::{Client, Http, Issuer, PoolSettings};

/// Words that no table has.
const WORDS: &str = "Words nobody has seen yet.";

/// Asserts what the client makes of `exception`, in words that nobody has seen yet.
pub(super) fn means(operation: Operation, exception: &str, code: FaultCode) {
    let fault = fault(operation, exception, WORDS);
    assert_eq!(fault.code, code, "{operation:?}: {fault}");
    let told = fault.detail.unwrap_or_default();
    // What is deliberately not told: which of name and password is wrong.
    assert_eq!(told.contains(WORDS), code != FaultCode::WrongCredentials, "{operation:?}: {told}");
}

/// What the client makes of an exception.
pub(super) fn fault(operation: Operation, exception: &str, message: &str) -> Fault {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let body = serde_json::json!({
        "__type": format!("com.amazonaws.cognitoidentityprovider#{exception}"),
        "message": message,
    });
    let body = body.to_string();
    std::thread::spawn(move || {
        let answer = format!(
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-amz-json-1.1\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let Ok((mut stream, _)) = listener.accept() else { return };
        let mut request = Vec::new();
        let mut part = [0; 4096];
        // The whole request, or the answer would be taken for a broken connection.
        while let Ok(read @ 1..) = stream.read(&mut part) {
            request.extend_from_slice(&part[..read]);
            if is_whole(&request) {
                break;
            }
        }
        let _ = stream.write_all(answer.as_bytes());
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(ask(operation, &origin))
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

async fn ask(operation: Operation, origin: &str) -> Fault {
    let issuer = Issuer::parse(&format!("{origin}/us-east-1_Pool")).expect("an issuer on loopback");
    let settings = PoolSettings::new(issuer, "client1".to_owned(), None, None).expect("good settings");
    let http = Http::from_environment(&|_| None).expect("no settings");
    let client = Client::new(settings, http, Arc::new(PoolClock::new()));
    let refresh = RefreshToken::new("refresh");
    let refused = match operation {
        Operation::SignIn => {
            let credentials = Credentials { username: "mika".to_owned(), password: Password::new("secret") };
            client.begin(credentials).await.map(drop)
        }
        Operation::Reply => {
            let continuation = Continuation {
                challenge_name: "SMS_MFA".to_owned(),
                session: Some(ChallengeSession::new("session")),
                username: "mika".to_owned(),
                login: "mika".to_owned(),
            };
            client.reply(continuation, Answer::Code(OneTimeCode::new("123456"))).await.map(drop)
        }
        Operation::Renew => {
            let request = RenewalRequest { refresh, username: "mika".to_owned(), device_key: None };
            client.renew(request).await.map(drop)
        }
        Operation::Revoke => client.revoke(refresh).await,
        Operation::SignOutEverywhere => client.sign_out_everywhere(AccessToken::new("access")).await,
    };
    refused.expect_err("the pool refuses")
}
