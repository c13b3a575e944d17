//! Starting and ending the program.

use std::fs::{self, File};
use std::io::Read as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::started::StartedPool;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_userpool"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

#[test]
fn what_is_wrong_with_the_command_line_is_said() {
    let occupied = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = occupied.local_addr().unwrap().port().to_string();
    let not_a_state = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (arguments, words) in [
        (&["--port", "http"][..], "--port takes a number from 0 to 65535, not \"http\""),
        (&["--access-life"], "--access-life needs a value; see --help"),
        (&["--rotation", "on"], "\"off\" or a grace period"),
        (&["--quick"], "there is no option \"--quick\"; see --help"),
        (
            &["--port", &port],
            &format!("port {port} is in use; stop the program that uses it, or choose another"),
        ),
        (&["--port", "0", "--state", not_a_state], "is not a state file of this pool"),
        (&["--port", "0", "--state", "/nowhere/at/all"], "cannot be written"),
    ] {
        let output = run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(error.contains(words), "{arguments:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(output.stdout.is_empty());
    }
    let help = run(&["--help"]);
    assert!(help.status.success());
    assert!(String::from_utf8_lossy(&help.stdout).contains("--until-stdin-closes"));
}

#[test]
fn the_first_line_is_the_only_one_and_names_who_can_sign_in() {
    let mut process = Command::new(env!("CARGO_BIN_EXE_userpool"))
        .args(["--port=0", "--parent-exit"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    // Closing its input ends it; reading to the end below would wait for ever otherwise.
    drop(process.stdin.take());
    let mut text = String::new();
    process.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(process.wait().unwrap().success());
    assert_eq!(text.matches('\n').count(), 1);

    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    let issuer = line["issuer"].as_str().unwrap();
    assert!(issuer.strip_prefix(line["endpoint"].as_str().unwrap()).unwrap().starts_with("/us-east-1_"));
    let clients = line["clients"].as_array().unwrap();
    for id in [
        "devdesktop",
        "devrotating",
        "devsecret",
        "devpassword",
        "devshort",
        "devnoflow",
        "devbrief",
        "devchoice",
        "devsessions",
        "devbrowser",
        "devbrowserbare",
    ] {
        let client = clients.iter().find(|client| client["id"] == id).unwrap_or_else(|| panic!("no {id}"));
        assert_eq!(client.get("secret").is_some(), id == "devsecret");
        assert!(client["note"].is_string());
    }
    let users = line["users"].as_array().unwrap();
    assert_eq!((&users[0]["username"], &users[0]["client"]), (&"aiko".into(), &"devdesktop".into()));
    for user in users {
        assert!(user["password"].is_string() && user["note"].is_string(), "{user}");
        assert!(clients.iter().any(|client| client["id"] == user["client"]), "{user}");
    }
    let user = |name: &str| users.iter().find(|user| user["username"] == name).unwrap();
    assert_eq!(user("aiko").get("factor"), None);
    assert_eq!(user("lena")["factor"], "SMS_MFA");
    assert_eq!(user("mateo")["factor"], "EMAIL_OTP");
    assert_eq!(user("jun")["factor"], "SOFTWARE_TOKEN_MFA");
    // Computed with Python's base64.b32encode for the demo secret.
    let secret = "OVZWK4TQN5XWYLLEMVWW6LLTMVRXEZLU";
    assert_eq!(user("jun")["totp_secret"], secret);
    let uri = format!("otpauth://totp/DevPool:jun?secret={secret}&issuer=DevPool");
    assert_eq!(user("jun")["otpauth"], uri);
    assert_eq!(user("lena").get("otpauth"), None);
}

#[test]
fn the_console_shows_every_code() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("console.txt");
    let pool = StartedPool::start_heard(&[], File::create(&file).unwrap().into());
    for (username, words) in [
        ("lena", "code for lena by SMS to +15550001234: "),
        ("mateo", "code for mateo by EMAIL to mateo@example.com: "),
        ("jun", "code for jun by APP to authenticator: "),
    ] {
        pool.sign_in("devdesktop", username, pool.password(username)).done();
        let outbox = pool.get("/_userpool/outbox");
        let code = outbox["messages"].as_array().unwrap().last().unwrap()["code"].as_str().unwrap();
        let line = format!("userpool: {words}{code}\n");
        let console = fs::read_to_string(&file).unwrap();
        assert!(console.contains(&line), "{line}: {console}");
        assert!(!pool.get("/_userpool/log").to_string().contains(code), "the log holds no codes");
    }
}

/// Only Linux has more than one loopback address without being asked.
#[cfg(target_os = "linux")]
#[test]
fn it_listens_on_loopback_only() {
    let pool = StartedPool::start(&[]);
    assert!(pool.endpoint().starts_with("http://127.0.0.1:"));
    let port: u16 = pool.endpoint().rsplit(':').next().unwrap().parse().unwrap();
    // Another address of this machine: were the pool bound to all of them, this one would be taken too.
    TcpListener::bind(("127.0.0.2", port)).expect("no other address is listened on");
}
