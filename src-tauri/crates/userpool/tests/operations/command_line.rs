//! Starting and ending the program.

use std::io::Read as _;
use std::net::TcpListener;
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
    for id in ["devdesktop", "devrotating", "devsecret", "devpassword", "devshort"] {
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
