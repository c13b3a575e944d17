//! One exception, driven through the real stack: a server on loopback that answers with it, and the client.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use session::{
    AccessToken, Answer, Beginning, CONFIRM_FORGOT_PASSWORD, CONFIRM_SIGN_UP, ChallengeSession, CodeMethod,
    Continuation, Credentials, DeviceWish, Fault, FaultCode, NewAccount, OneTimeCode, Password, Pool as _,
    PoolClock, RefreshToken, RenewalRequest,
};

use super::Operation;
use crate::device::NewDevice;
use crate::{Client, Http, Issuer, PoolSettings};

/// Words that no table has.
const WORDS: &str = "Words nobody has seen yet.";

/// Asserts what the client makes of `exception`, in words that nobody has seen yet.
pub(super) fn means(operation: Operation, exception: &str, code: FaultCode) {
    let fault = fault(operation, exception, WORDS);
    assert_eq!(fault.code, code, "{operation:?}: {fault}");
    let told = fault.detail.unwrap_or_default();
    // What is deliberately not told: which of name and password is wrong.
    let untold = matches!(code, FaultCode::WrongCredentials | FaultCode::WrongPassword);
    assert_eq!(told.contains(WORDS), !untold, "{operation:?}: {told}");
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
            let password = Some(Password::new("secret"));
            let credentials = Credentials { username: "mika".to_owned(), password };
            client.begin(credentials.into()).await.map(drop)
        }
        Operation::Reply => client.reply(asked("SMS_MFA"), Answer::Code(code())).await.map(drop),
        Operation::Renew => {
            let request = RenewalRequest { refresh, username: "mika".to_owned(), device_key: None };
            client.renew(request).await.map(drop)
        }
        Operation::Revoke => client.revoke(refresh).await,
        Operation::SignOutEverywhere => client.sign_out_everywhere(AccessToken::new("access")).await,
        Operation::SignUp => {
            let account = NewAccount {
                username: "mika".to_owned(),
                password: Some(Password::new("secret")),
                attributes: std::collections::BTreeMap::new(),
            };
            client.begin(Beginning::SignUp(account)).await.map(drop)
        }
        Operation::ConfirmSignUp => {
            client.reply(asked(CONFIRM_SIGN_UP), Answer::Code(code())).await.map(drop)
        }
        Operation::ResendConfirmation => {
            client.begin(Beginning::Confirmation { username: "mika".to_owned() }).await.map(drop)
        }
        Operation::ForgotPassword => {
            client.begin(Beginning::Reset { username: "mika".to_owned() }).await.map(drop)
        }
        Operation::ResetPassword => {
            let answer = Answer::NewPasswordByCode { code: code(), password: Password::new("secret") };
            client.reply(asked(CONFIRM_FORGOT_PASSWORD), answer).await.map(drop)
        }
        Operation::Associate => {
            let answer = Answer::SecondFactor(CodeMethod::Authenticator);
            client.reply(asked("MFA_SETUP"), answer).await.map(drop)
        }
        Operation::Verify => {
            let answer = Answer::Authenticator { code: code(), device: None };
            client.reply(asked("MFA_SETUP"), answer).await.map(drop)
        }
        Operation::ConfirmDevice => {
            let device = NewDevice::generate("key".to_owned(), "group".to_owned()).expect("random numbers");
            client.confirm_device(&AccessToken::new("access"), &device).await.map(drop)
        }
        Operation::UpdateDevice => {
            let access = AccessToken::new("access");
            let wish = DeviceWish { access, device_key: "key".to_owned(), remember: true };
            client.remember_device(wish).await
        }
        Operation::GetUser => client.user(&access()).await.map(drop),
        Operation::AuthFactors => client.ways(&access()).await.map(drop),
        Operation::UpdateAttributes => client.change_attributes(&access(), [name()].into()).await.map(drop),
        Operation::DeleteAttributes => client.delete_attributes(&access(), vec![name().0]).await,
        Operation::SendAttributeCode => client.send_attribute_code(&access(), name().0).await.map(drop),
        Operation::VerifyAttribute => client.verify_attribute(&access(), name().0, &code()).await,
        Operation::ChangePassword => {
            let password = Password::new("secret");
            client.change_password(&access(), Some(&password), &password).await
        }
        Operation::SetFactors => client.set_factors(&access(), &[]).await,
        Operation::AssociateOwn => client.begin_authenticator(&access()).await.map(drop),
        Operation::VerifyOwn => client.confirm_authenticator(&access(), &code(), None).await,
        Operation::ListDevices => client.devices(&access()).await.and_then(none),
        Operation::ForgetDevice => client.ask_to_forget(&access(), "key").await,
        Operation::ListPasskeys => client.passkeys(&access()).await.and_then(none),
        Operation::DeletePasskey => client.ask_to_delete_passkey(&access(), "id").await,
        Operation::ListSessions => client.sessions(&access()).await.and_then(none),
        Operation::RevokeSession => client.ask_to_revoke(&access(), "id").await,
        Operation::DeleteUser => client.delete_account(&access()).await,
    };
    refused.expect_err("the pool refuses")
}

fn asked(challenge: &str) -> Continuation {
    Continuation {
        session: Some(ChallengeSession::new("session")),
        ..Continuation::of_account(challenge, "mika".to_owned())
    }
}

fn access() -> AccessToken {
    AccessToken::new("access")
}

fn name() -> (String, String) {
    ("name".to_owned(), "Mika".to_owned())
}

/// A list that is not to be had, as the fault that it comes of.
fn none<T>(list: Option<T>) -> Result<(), Fault> {
    list.map_or(Err(Fault::with_detail(FaultCode::OperationUnavailable, WORDS)), |_| Ok(()))
}

fn code() -> OneTimeCode {
    OneTimeCode::new("123456")
}
