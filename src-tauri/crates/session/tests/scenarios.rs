//! Stories told as data: `scenarios/*.json`.
//!
//! A scenario is a list of steps. A step says `at` which second something happens (`event`, see [`World::event`])
//! or that the next tick comes when the machines have asked for one (`"wakesBetween": [from, to]`). What follows
//! from it is compared: `effects` exactly and in order (but for the reading of the queue of revocations), `session` and `attempt` as far as they are given,
//! `token` with the refresh token that came along with the access token that callers get, or null.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use session::{
    AccessToken, Answer, AuthenticatorSecret, Beginning, BrowserWay, BrowserWish, CONFIRM_SIGN_UP, Challenge,
    ChallengeSession, CodeMethod, Continuation, Credentials, CustomAnswer, DeviceView, Done, Effect,
    EndedRecord, Event, Fault, FaultCode, Lapse, Machines, NewAccount, OneTimeCode, Origin, Password, Prompt,
    Record, RefreshToken, Renewed, SignInWay, Step, Stored, Ticket, Timestamp, VaultFault,
};
use support::{established, expiry_of, live, tokens};

const EPOCH: Timestamp = Timestamp(1_800_000_000_000);

struct World {
    machines: Machines,
    now: Timestamp,
    outstanding: Vec<Effect>,
    /// Answered effects, for results that come twice.
    answered: Vec<Effect>,
    /// The access token that was refused last.
    refused: Option<AccessToken>,
}

fn moment(seconds: &Value) -> Timestamp {
    let ms = seconds.as_f64().unwrap_or_else(|| panic!("seconds: {seconds}")) * 1000.0;
    let span = Duration::from_secs_f64(ms.abs().round() / 1000.0);
    if ms < 0.0 { EPOCH.minus(span) } else { EPOCH.plus(span) }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}")).to_owned()
}

fn fault(code: &Value) -> Fault {
    Fault::new(serde_json::from_value::<FaultCode>(code.clone()).expect("a fault code"))
}

fn vault_fault(name: &Value) -> VaultFault {
    match name.as_str() {
        Some("locked") => VaultFault::Locked,
        Some("absent") => VaultFault::Absent,
        Some("denied") => VaultFault::Denied,
        Some("corrupt") => VaultFault::Corrupt,
        Some("newer") => VaultFault::Newer,
        Some("busy") => VaultFault::Busy,
        _ => panic!("a vault fault: {name}"),
    }
}

/// What reading the queue of revocations is called. It follows the reading of the keychain, and is not worth a word
/// in every story.
const READ: &str = "read the queue";

/// Says what an effect is, in a word or two.
fn describe(effect: &Effect) -> String {
    match effect {
        Effect::Load(_, Prompt::Never) => "load".into(),
        Effect::Load(_, Prompt::Allowed) => "load with prompt".into(),
        Effect::Save(_, record) => match &**record {
            Record::Live(live) => format!("save {}", live.tokens.refresh.expose()),
            Record::Ended(_) => "save the end".into(),
        },
        Effect::Clear(_) => "clear".into(),
        Effect::Queue(_, change) if change.is_empty() => READ.into(),
        Effect::Queue(_, change) => {
            let list = |what: &str, tokens: &[RefreshToken]| {
                tokens.iter().map(|token| format!("{what} {}", token.expose())).collect::<Vec<_>>()
            };
            [list("queue", &change.add), list("unqueue", &change.remove)].concat().join(", ")
        }
        Effect::Begin(_, Beginning::SignIn { credentials, way, session, presence }) => {
            let password = match credentials.password.as_ref().map(Password::expose) {
                Some("password") => "",
                Some("new password") => " with the new password",
                Some(other) => panic!("which password? {other}"),
                None => " without a password",
            };
            let way = way.map_or_else(String::new, |way| format!(" by {}", word(&way)));
            let session = if session.is_some() { " by the account's session" } else { "" };
            let presence = if *presence { " as a proof" } else { "" };
            format!("begin{password}{way}{session}{presence}")
        }
        Effect::Begin(_, Beginning::StepUp { access, by_browser, .. }) => {
            let without = if access.is_some() { "" } else { " without a token" };
            let by_browser = if *by_browser { " by the browser" } else { "" };
            format!("begin to step up{without}{by_browser}")
        }
        Effect::Begin(_, Beginning::SignUp(_)) => "sign up".into(),
        Effect::Begin(_, Beginning::Confirmation { .. }) => "send the account's code".into(),
        Effect::Begin(_, Beginning::Reset { .. }) => "send a reset code".into(),
        Effect::Reply(_, _, Answer::Way(way)) => format!("reply {}", word(way)),
        Effect::Reply(_, _, Answer::SecondFactor(method)) => format!("reply {}", word(method)),
        Effect::Reply(_, _, Answer::Password(_)) => "reply the password".into(),
        Effect::Reply(_, _, Answer::OpenAgain) => "open again".into(),
        Effect::Reply(_, continuation, Answer::BackFromBrowser(_)) => {
            format!("reply back from {}", continuation.browser.expect("a sign-in through the browser"))
        }
        Effect::Reply(_, continuation, _)
            if continuation.challenge_name == CONFIRM_SIGN_UP && continuation.session.is_some() =>
        {
            "reply with the session of the sign-up".into()
        }
        Effect::Reply(..) => "reply".into(),
        Effect::RememberDevice(_, wish) => {
            let not = if wish.remember { "" } else { "do not " };
            format!("{not}remember {}", wish.device_key)
        }
        Effect::Renew(_, request) => format!("renew {}", request.refresh.expose()),
        Effect::Revoke(_, refresh) => format!("revoke {}", refresh.expose()),
        Effect::Begin(_, Beginning::Browser { wish, presence }) => {
            let provider = wish.provider.as_ref().map_or_else(String::new, |it| format!(" at {it}"));
            let name = wish.login_hint.as_ref().map_or_else(String::new, |it| format!(" for {it}"));
            let presence = if *presence { " as a proof" } else { "" };
            format!("begin in the browser{provider}{name}{presence}")
        }
        Effect::Begin(_, Beginning::BackFromBrowser) => "begin back from the browser".into(),
        Effect::Leave(continuation) => {
            format!("leave {}", continuation.browser.expect("a sign-in through the browser"))
        }
        Effect::SignOutBrowser(_) => "sign out in the browser".into(),
        Effect::Mark(_, change) => {
            let list = |what: &str, tokens: &[RefreshToken]| {
                tokens.iter().map(|token| format!("{what} {}", token.expose())).collect::<Vec<_>>()
            };
            [list("mark", &change.add), list("unmark", &change.remove)].concat().join(", ")
        }
        Effect::SignOutEverywhere(_, access) => {
            format!("sign out everywhere by {}", access.expose().split(' ').next().unwrap_or_default())
        }
    }
}

/// What a value is called in the window.
fn word(value: &impl serde::Serialize) -> String {
    text(&serde_json::to_value(value).expect("a word"))
}

/// Tokens whose access token tells which refresh token it came with.
fn tokens_of(spec: &Value, now: Timestamp) -> session::Tokens {
    let refresh = text(&spec["refresh"]);
    let issued = spec.get("issued").map_or(now, moment);
    let life = Duration::from_secs_f64(spec.get("life").and_then(Value::as_f64).unwrap_or(3_600.0));
    let mut tokens = tokens(&refresh, issued, issued.plus(life));
    tokens.access = AccessToken::new(format!("{refresh} {}", tokens.expires_at.0));
    tokens
}

impl World {
    fn new() -> Self {
        let (machines, effects) = Machines::new(0, EPOCH);
        Self { machines, now: EPOCH, outstanding: effects, answered: Vec::new(), refused: None }
    }

    /// The ticket of the oldest outstanding effect whose description begins so, or of one answered already.
    fn ticket(&mut self, kind: &str, again: bool) -> Ticket {
        let list = if again { &self.answered } else { &self.outstanding };
        let index = list
            .iter()
            .position(|effect| kind.split('|').any(|kind| describe(effect).starts_with(kind)))
            .unwrap_or_else(|| panic!("no outstanding {kind} in {list:?}"));
        let effect = list[index].clone();
        if !again {
            self.outstanding.remove(index);
            self.answered.push(effect.clone());
        }
        match effect {
            Effect::Load(ticket, _)
            | Effect::Save(ticket, _)
            | Effect::Clear(ticket)
            | Effect::Queue(ticket, _)
            | Effect::Begin(ticket, _)
            | Effect::Reply(ticket, ..)
            | Effect::Renew(ticket, _)
            | Effect::Revoke(ticket, _)
            | Effect::SignOutEverywhere(ticket, _)
            | Effect::RememberDevice(ticket, _)
            | Effect::SignOutBrowser(ticket)
            | Effect::Mark(ticket, _) => ticket,
            Effect::Leave(_) => panic!("nothing comes of it"),
        }
    }

    /// An event: a word for what users and time do, and an object with one key for a result. The result is that
    /// of the oldest effect of its kind; with `"again": true`, of one that has been answered.
    fn event(&mut self, spec: &Value, again: bool) -> Event {
        if let Some(word) = spec.as_str() {
            return match word {
                "tick" => Event::Tick,
                "wake" => Event::Wake,
                "retry" => Event::Retry,
                "cancel" => Event::Cancel,
                "signOut" => Event::SignOut,
                "signOutEverywhere" => Event::SignOutEverywhere,
                "resendCode" => Event::ResendCode,
                "answerCode" => Event::Answer(Answer::Code(OneTimeCode::new("123456"))),
                "tokenWanted" => Event::TokenWanted,
                "proceedWithoutKeychain" => Event::ProceedWithoutKeychain,
                "signIn" => Event::SignIn(Credentials {
                    username: "mika".into(),
                    password: Some(Password::new("password")),
                }),
                "signInWithoutPassword" => {
                    Event::SignIn(Credentials { username: "mika".into(), password: None })
                }
                "signUp" => sign_up(Some(Password::new("password"))),
                "signUpWithoutPassword" => sign_up(None),
                "forgotPassword" => Event::ForgotPassword("mika".into()),
                "chooseAgain" => Event::ChooseAgain,
                "answerPassword" => Event::Answer(Answer::Password(Password::new("password"))),
                "answerNewPassword" => Event::Answer(Answer::Password(Password::new("new password"))),
                "answerAuthenticator" => Event::Answer(Answer::Authenticator {
                    code: OneTimeCode::new("123456"),
                    device: Some("my phone".into()),
                }),
                "answerEmail" => Event::Answer(Answer::Email("mika@example.org".into())),
                "answerCustom" => Event::Answer(Answer::Custom(CustomAnswer::new("the answer"))),
                "answerReset" => Event::Answer(Answer::NewPasswordByCode {
                    code: OneTimeCode::new("123456"),
                    password: Password::new("new password"),
                }),
                "rememberDevice" => Event::RememberDevice(true),
                "provePresence" => Event::ProvePresence,
                "spendPresence" => Event::PresenceSpent,
                "refuseToken" => {
                    let token = self.machines.usable_token(self.now).expect("a token").clone();
                    self.refused = Some(token.clone());
                    Event::TokenRefused(token)
                }
                "refuseTokenAgain" => Event::TokenRefused(self.refused.clone().expect("a refused token")),
                "changeUser" => Event::UserChanged,
                "deleteAccount" => Event::AccountDeleted,
                "deleteAccountMaybe" => Event::AccountMayBeDeleted,
                "backFromBrowser" => Event::Answer(Answer::BackFromBrowser(Ok(()))),
                "openAgain" => Event::Answer(Answer::OpenAgain),
                "backForAnEarlierRun" => Event::BackFromBrowser,
                "doNotRememberDevice" => Event::RememberDevice(false),
                "answer" => Event::Answer(Answer::NewPassword {
                    password: Password::new("new password"),
                    attributes: BTreeMap::new(),
                }),
                _ => panic!("an event: {word}"),
            };
        }
        let (kind, result) = spec.as_object().and_then(|it| it.iter().next()).expect("one key");
        let now = self.now;
        let done = |result: &Value| match result.get("fault") {
            Some(name) => Err(vault_fault(name)),
            None => Ok(()),
        };
        match kind.as_str() {
            "loaded" => Event::Loaded(self.ticket("load", again), loaded(result, now)),
            "saved" => Event::Saved(self.ticket("save", again), done(result)),
            "cleared" => Event::Cleared(self.ticket("clear", again), done(result)),
            "queued" => {
                let holds = result.get("holds").and_then(Value::as_array).into_iter().flatten();
                let holds = holds.map(|token| RefreshToken::new(text(token))).collect();
                let kind = if result.get("read").is_some() { READ } else { "queue|unqueue" };
                Event::Queued(self.ticket(kind, again), done(result).map(|()| holds))
            }
            "step" => {
                Event::Step(self.ticket("begin|reply|sign up|send|open again", again), step(result, now))
            }
            "signInInBrowser" => Event::SignInByBrowser(BrowserWish {
                provider: result.get("provider").map(text),
                login_hint: result.get("loginHint").map(text),
            }),
            "backFromBrowser" => Event::Answer(Answer::BackFromBrowser(Err(fault(&result["fault"])))),
            "browserSignedOut" => {
                let result = result.get("fault").map_or(Ok(()), |code| Err(fault(code)));
                Event::BrowserSignedOut(self.ticket("sign out in the browser", again), result)
            }
            "marked" => Event::Marked(self.ticket("mark|unmark", again), done(result)),
            "answerWay" => Event::Answer(Answer::Way(
                serde_json::from_value::<SignInWay>(result.clone()).expect("a way"),
            )),
            "answerSecondFactor" => Event::Answer(Answer::SecondFactor(
                serde_json::from_value::<CodeMethod>(result.clone()).expect("a method"),
            )),
            "deviceRemembered" => {
                let result = result.get("fault").map_or(Ok(()), |code| Err(fault(code)));
                Event::DeviceRemembered(self.ticket("remember|do not remember", again), result)
            }
            "renewed" => {
                let result = match result.get("fault") {
                    Some(code) => Err(fault(code)),
                    None => {
                        let fresh = tokens_of(result, now);
                        let rotates = result.get("rotates").and_then(Value::as_bool).unwrap_or(true);
                        Ok(Renewed {
                            access: fresh.access,
                            id: Some(fresh.id),
                            refresh: rotates.then_some(fresh.refresh),
                            issued_at: fresh.issued_at,
                            expires_at: fresh.expires_at,
                            user: None,
                        })
                    }
                };
                Event::Renewed(self.ticket("renew", again), result)
            }
            "revoked" => {
                let result = result.get("fault").map_or(Ok(()), |code| Err(fault(code)));
                Event::Revoked(self.ticket("revoke", again), result)
            }
            "signedOutEverywhere" => {
                let result = result.get("fault").map_or(Ok(()), |code| Err(fault(code)));
                Event::SignedOutEverywhere(self.ticket("sign out everywhere", again), result)
            }
            _ => panic!("an event: {kind}"),
        }
    }

    fn play(&mut self, step: &Value) {
        if let Some(at) = step.get("at") {
            self.now = moment(at);
        }
        let event = if let Some(between) = step.get("wakesBetween") {
            let at = self.machines.wake_at().expect("a moment to wake at");
            let (from, to) = (moment(&between[0]), moment(&between[1]));
            assert!(from <= at && at <= to, "wakes at {}", (at.0 - EPOCH.0) as f64 / 1000.0);
            self.now = at;
            Event::Tick
        } else {
            let again = step.get("again").and_then(Value::as_bool).unwrap_or(false);
            self.event(&step["event"], again)
        };
        let effects = self.machines.handle(event, self.now);
        let described: Vec<_> = effects.iter().map(describe).filter(|effect| effect != READ).collect();
        self.outstanding.extend(effects);
        let expected: Vec<_> = step
            .get("effects")
            .and_then(Value::as_array)
            .map(|list| list.iter().map(text).collect())
            .unwrap_or_default();
        assert_eq!(described, expected, "effects");
        let views = [
            ("session", serde_json::to_value(self.machines.session_view())),
            ("attempt", serde_json::to_value(self.machines.attempt_view())),
        ];
        for (name, view) in views {
            if let Some(expected) = step.get(name) {
                compare(expected, &view.expect("a view"), name);
            }
        }
        if let Some(expected) = step.get("presenceUntil") {
            let until = self.machines.presence_until();
            assert_eq!(until, (!expected.is_null()).then(|| moment(expected)), "presence");
            assert_eq!(self.machines.presence_proved(self.now), until.is_some(), "presence");
        }
        if let Some(expected) = step.get("secret") {
            let secret = self.machines.authenticator_secret().map(AuthenticatorSecret::expose);
            assert_eq!(secret, expected.as_str(), "secret");
        }
        let usable = self.machines.usable_token(self.now);
        if let Some(token) = usable {
            assert!(expiry_of(token) > self.now, "an expired token");
        }
        if let Some(expected) = step.get("token") {
            let came_with = usable.and_then(|token| token.expose().split(' ').next());
            assert_eq!(came_with, expected.as_str(), "token");
        }
    }
}

fn loaded(result: &Value, now: Timestamp) -> Result<Option<Stored>, VaultFault> {
    let saved_at = result.get("savedAt").map_or(now, moment);
    let signed_out = result.get("signedOut").is_some();
    let stored = |record| Ok(Some(Stored { record, saved_at, clock_offset_ms: 0, signed_out }));
    if let Some(spec) = result.get("live") {
        let mut record = live(tokens_of(spec, now));
        if let (Record::Live(live), Some(signed_in)) = (&mut record, spec.get("signedIn")) {
            live.signed_in_at = moment(signed_in);
        }
        if let (Record::Live(live), Some(sub)) = (&mut record, spec.get("sub")) {
            live.user.sub = text(sub);
        }
        if let (Record::Live(live), Some(_)) = (&mut record, spec.get("origin")) {
            live.origin = Origin::Browser;
        }
        stored(record)
    } else if let Some(code) = result.get("ended") {
        stored(Record::Ended(EndedRecord {
            sub: "sub".into(),
            login: "mika".into(),
            at: now,
            fault: fault(code),
        }))
    } else if let Some(name) = result.get("fault") {
        Err(vault_fault(name))
    } else {
        Ok(None)
    }
}

fn step(result: &Value, now: Timestamp) -> Result<Step, Fault> {
    if let Some(code) = result.get("fault") {
        Err(fault(code))
    } else if let Some(done) = result.get("achieved") {
        let done = match done.as_str() {
            Some("accountConfirmed") => Done::AccountConfirmed,
            Some("passwordReset") => Done::PasswordReset,
            _ => panic!("an achievement: {done}"),
        };
        let session = result.get("session").map(|text_of| ChallengeSession::new(text(text_of)));
        Ok(Step::Achieved { done, session })
    } else if let Some(name) = result.get("challenge") {
        let methods = || {
            let list = result["methods"].as_array().expect("methods").iter();
            list.map(|it| serde_json::from_value(it.clone()).expect("a method")).collect()
        };
        let (destination, username) = (Some("m***@e***".to_owned()), "mika".to_owned());
        let challenge = match name.as_str() {
            Some("SELECT_CHALLENGE") => {
                let list = result["ways"].as_array().expect("ways").iter();
                let ways = list.map(|it| serde_json::from_value(it.clone()).expect("a way")).collect();
                Challenge::ChooseWay { ways }
            }
            Some("PASSWORD") => Challenge::Password { username },
            Some("EMAIL_OTP") => code(CodeMethod::Email),
            Some("SELECT_MFA_TYPE") => Challenge::ChooseSecondFactor { methods: methods() },
            Some("MFA_SETUP") if result.get("methods").is_some() => {
                Challenge::ChooseSetUp { methods: methods() }
            }
            Some("MFA_SETUP") if result.get("email").is_some() => Challenge::SetUpEmail {},
            Some("MFA_SETUP") => Challenge::SetUpAuthenticator { account: username },
            Some("CUSTOM_CHALLENGE") => Challenge::Custom {
                parameters: BTreeMap::from([("prompt".to_owned(), text(&result["prompt"]))]),
            },
            Some("ConfirmSignUp") => {
                Challenge::ConfirmAccount { username, destination, method: CodeMethod::Email }
            }
            Some("ConfirmForgotPassword") => {
                Challenge::ResetPassword { username, destination, method: CodeMethod::Email }
            }
            Some("NEW_PASSWORD_REQUIRED") => {
                Challenge::NewPassword { username: "mika".into(), missing_attributes: Vec::new() }
            }
            Some("BROWSER") => {
                let opened = result.get("opened").is_none_or(|it| it == true);
                Challenge::Browser { way: BrowserWay::Link, provider: None, opened }
            }
            Some("SOFTWARE_TOKEN_MFA") => code(CodeMethod::Authenticator),
            Some("SMS_MFA") => code(CodeMethod::Sms),
            _ => Challenge::Unsupported { name: text(name) },
        };
        let lapses = result
            .get("lapsesAt")
            .map(|at| Lapse { at: moment(at), exact: result.get("exact").is_some_and(|it| it == true) });
        let secret = result.get("secret").map(|secret| AuthenticatorSecret::new(text(secret)));
        let session = result.get("session").map(|text_of| ChallengeSession::new(text(text_of)));
        let browser = result.get("browser").and_then(Value::as_u64);
        let continuation = Continuation {
            lapses,
            secret,
            session,
            browser,
            ..Continuation::of_account(&text(name), "mika".into())
        };
        Ok(Step::Challenge(challenge, continuation))
    } else {
        let mut tokens = tokens_of(result, now);
        tokens.refresh = RefreshToken::new(text(&result["refresh"]));
        let mut established = established(tokens);
        if let Some(sub) = result.get("sub") {
            established.user.sub = text(sub);
        }
        if result.get("origin").is_some() {
            established.origin = Origin::Browser;
        }
        if let Some(device) = result.get("device") {
            established.device_key = Some("device-1".into());
            let standing = serde_json::json!({ "state": device });
            established.device = Some(serde_json::from_value::<DeviceView>(standing).expect("a standing"));
        }
        Ok(Step::Done(Box::new(established)))
    }
}

fn sign_up(password: Option<Password>) -> Event {
    Event::SignUp(NewAccount { username: "mika".into(), password, attributes: BTreeMap::new() })
}

fn code(method: CodeMethod) -> Challenge {
    Challenge::Code { method, destination: None, device: None }
}

/// What else is a moment in a view.
const MOMENTS: [&str; 3] = ["at", "since", "accessTokenUntil"];

/// Everything that is expected must be so; what is not mentioned may be as it likes. A number with the key `at`
/// or ending in `At` is in seconds of the scenario.
fn compare(expected: &Value, actual: &Value, path: &str) {
    if let Value::Object(fields) = expected {
        for (name, expected) in fields {
            let path = format!("{path}.{name}");
            let actual = actual.get(name).unwrap_or_else(|| panic!("no {path} in {actual}"));
            if expected.is_number() && MOMENTS.iter().any(|it| name == it || name.ends_with("At")) {
                assert_eq!(moment(expected).0, actual.as_i64().expect("a moment"), "{path}");
            } else {
                compare(expected, actual, &path);
            }
        }
    } else {
        assert_eq!(expected, actual, "{path}");
    }
}

#[test]
fn every_story_goes_as_it_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .collect();
    paths.sort();
    let mut failed = Vec::new();
    for path in &paths {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let scenario: Value = serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
        println!("{name}: {}", text(&scenario["story"]));
        let mut world = World::new();
        let steps = scenario["steps"].as_array().expect("steps");
        assert!(!steps.is_empty(), "{name} has no steps");
        for (index, step) in steps.iter().enumerate() {
            // So that one broken story does not hide the others.
            let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.play(step)));
            if played.is_err() {
                failed.push(format!("{name}, step {}: {step}", index + 1));
                break;
            }
        }
    }
    println!("{} stories ran", paths.len());
    assert!(paths.len() >= 15, "only {} stories", paths.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
