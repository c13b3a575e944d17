//! A port of this machine that the browser comes back to (RFC 8252, section 7.3).
//!
//! It listens at 127.0.0.1, at a registered port and no other, for as long as one sign-in waits. Any page and any
//! program of this machine can ask it, those of other users included: so it hears this user's programs only, where the
//! system tells whose a connection is, believes nothing but a callback with the right `state`, says nothing to anybody
//! else, and lets nobody hold it up.

mod page;
mod peer;
mod request;

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use self::page::Answer;
pub use self::page::{Page, Words};
use self::peer::Peer;
use self::request::{Refusal, Request};
use super::callback::CallbackProblem;
use super::redirect::Redirect;

/// How long a request may take to come. A browser has it ready when it connects.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long an answer may take to be read.
const ANSWER_PATIENCE: Duration = Duration::from_secs(2);
/// Browsers open connections that they may never use; whoever opens more than this waits.
const MOST_CONNECTIONS: usize = 16;

/// Why there is nobody listening.
#[derive(Debug)]
pub enum LoopbackProblem {
    /// The address is a link of the app's and no port of this machine.
    NotLoopback,
    /// Another program has the port.
    PortTaken,
    /// The system does not allow it.
    Failed(std::io::Error),
}

impl std::fmt::Display for LoopbackProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotLoopback => f.write_str("the address is no port of this machine"),
            Self::PortTaken => f.write_str("another program has the port"),
            Self::Failed(error) => write!(f, "the port cannot be listened at: {error}"),
        }
    }
}

impl std::error::Error for LoopbackProblem {}

/// A port that is listened at until this is dropped.
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    redirect: Redirect,
}

impl Loopback {
    /// Listens at an address of [`Redirects`](super::Redirects). Before the browser opens: who has the port gets the
    /// callback.
    ///
    /// # Errors
    /// Why that is not possible, as a [`LoopbackProblem`]; another address may do.
    pub async fn bind(redirect: &Redirect) -> Result<Self, LoopbackProblem> {
        let port = redirect.port().ok_or(LoopbackProblem::NotLoopback)?;
        match TcpListener::bind(("127.0.0.1", port)).await {
            Ok(listener) => Ok(Self { listener, redirect: redirect.clone() }),
            Err(error) if error.kind() == ErrorKind::AddrInUse => Err(LoopbackProblem::PortTaken),
            Err(error) => Err(LoopbackProblem::Failed(error)),
        }
    }

    /// The address that is listened at.
    #[must_use]
    pub const fn redirect(&self) -> &Redirect {
        &self.redirect
    }

    /// Waits for the callback, and shows the page to whoever brought it. `receive` is asked about each link that came,
    /// as [`Pending::receive`](super::Pending::receive); the first that it takes, or that ends the sign-in, is the last.
    /// Dropping the future stops it at once.
    ///
    /// # Errors
    /// A problem that [ends the sign-in](CallbackProblem::ends_sign_in). Everything else is refused there and then.
    pub async fn serve<T, F>(self, page: &Page, receive: F) -> Result<T, CallbackProblem>
    where
        T: Send,
        F: FnMut(&str) -> Result<T, CallbackProblem> + Send,
    {
        self.serve_with(page, page.done(), receive).await
    }

    /// The same for what comes back and is no sign-in.
    pub(crate) async fn serve_other<T, F>(self, page: &Page, receive: F) -> Result<T, CallbackProblem>
    where
        T: Send,
        F: FnMut(&str) -> Result<T, CallbackProblem> + Send,
    {
        self.serve_with(page, page.back(), receive).await
    }

    async fn serve_with<T, F>(self, page: &Page, taken: Answer, mut receive: F) -> Result<T, CallbackProblem>
    where
        T: Send,
        F: FnMut(&str) -> Result<T, CallbackProblem> + Send,
    {
        let (host, path) = (self.redirect.parts().authority, self.redirect.parts().path);
        let origin = format!("http://{host}");
        let mut requests = JoinSet::new();
        let mut answers = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if requests.len() + answers.len() < MOST_CONNECTIONS => {
                    match accepted {
                        Ok((stream, _)) => { requests.spawn(read(stream)); }
                        // Out of file handles, say: those that there are go on meanwhile.
                        Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                    }
                }
                Some(_) = answers.join_next() => {}
                Some(read) = requests.join_next() => {
                    let Ok(Some((stream, request))) = read else { continue };
                    let target = request.and_then(|request| request.target(host, path));
                    let target = match target {
                        Ok(target) => target,
                        Err(refusal) => {
                            tracing::debug!(?refusal, "refused a request at the port of the sign-in");
                            answers.spawn(answer(stream, Answer::of(refusal)));
                            continue;
                        }
                    };
                    match receive(&format!("{origin}{}", target.as_str())) {
                        Ok(received) => {
                            answer(stream, taken).await;
                            return Ok(received);
                        }
                        Err(problem) if problem.ends_sign_in() => {
                            answer(stream, page.failed()).await;
                            return Err(problem);
                        }
                        Err(problem) => {
                            tracing::info!(?problem, "refused a callback at the port of the sign-in");
                            answers.spawn(answer(stream, page.failed()));
                        }
                    }
                }
            }
        }
    }
}

/// Reads one request; none of whoever hangs up, or takes too long. Another user's is not read.
async fn read(mut stream: TcpStream) -> Option<(TcpStream, Result<Request, Refusal>)> {
    if peer::of(&stream).await == Peer::Other {
        tracing::warn!("another user of this machine has asked at the port of the sign-in");
        return Some((stream, Err(Refusal::OtherUser)));
    }
    let request = tokio::time::timeout(PATIENCE, request::read(&mut stream)).await.ok()?;
    request.map(|request| (stream, request))
}

/// Gives one answer and hangs up.
async fn answer(mut stream: TcpStream, answer: Answer) {
    let give = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        // What is still to come is let pass for a moment: a connection that is closed with something unread is reset,
        // and the answer with it.
        let mut rest = [0; 4096];
        for _ in 0..16 {
            if stream.read(&mut rest).await? == 0 {
                break;
            }
        }
        Ok::<_, std::io::Error>(())
    };
    let _ = tokio::time::timeout(ANSWER_PATIENCE, give).await;
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, Stdio};

    use super::*;

    /// Asks with a program of the user with this number: what it was answered.
    fn ask_as(user: Option<u32>, address: &str) -> String {
        let port = address.rsplit_once(':').and_then(|(_, rest)| rest.split_once('/')).expect("a port").0;
        let script = format!(
            "exec 3<>/dev/tcp/127.0.0.1/{port}; \
             printf 'GET /callback?code=c&state=s HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\n\\r\\n' >&3; cat <&3"
        );
        let mut command = Command::new("bash");
        command.args(["-c", &script]).stdin(Stdio::null());
        if let Some(user) = user {
            command.uid(user);
        }
        String::from_utf8(command.output().expect("it runs").stdout).expect("it is text")
    }

    /// To be another user takes the rights for that: where the tests do not have them, only the list is tested.
    #[tokio::test(flavor = "multi_thread")]
    async fn another_user_of_this_machine_is_not_heard() {
        if !is_root() {
            return;
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let address = format!("http://127.0.0.1:{port}/callback");
        let loopback =
            Loopback::bind(&Redirect::parse(&address).expect("an address")).await.expect("it is free");
        let page = Page::default();
        let asking = tokio::task::spawn_blocking(move || {
            let other = ask_as(Some(65_534), &address);
            (other, ask_as(None, &address))
        });
        let mut heard = 0;
        let served = loopback.serve(&page, |link| {
            heard += 1;
            Ok(link.to_owned())
        });
        let link = tokio::time::timeout(Duration::from_secs(20), served).await.expect("somebody is heard");
        let (other, own) = asking.await.expect("they have asked");
        assert!(other.starts_with("HTTP/1.1 403 Forbidden"), "{other}");
        assert!(own.starts_with("HTTP/1.1 200 OK"), "{own}");
        assert_eq!((heard, link), (1, Ok(format!("http://127.0.0.1:{port}/callback?code=c&state=s"))));
    }

    fn is_root() -> bool {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
    }
}
