//! From a program that opens an address to the handler of the link that the page leads to.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use virtual_desktop::Desktop;

/// A page with one link, which leads to the app's scheme as a sign-in page does: by the answer to a form.
fn serve() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut line = String::new();
            let _ = BufReader::new(&stream).read_line(&mut line);
            let answer = if line.starts_with("POST /leave ") {
                "HTTP/1.1 302 Found\r\nLocation: test-app://come/back?code=1&state=a-b_c\r\nContent-Length: 0\r\n\r\n"
                    .to_owned()
            } else {
                let page = "<title>A page</title><form action=/leave method=post><button id=leave>Leave</button></form>";
                let kind = "Content-Type: text/html\r\nConnection: close";
                format!("HTTP/1.1 200 OK\r\n{kind}\r\nContent-Length: {}\r\n\r\n{page}", page.len())
            };
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    origin
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_opened_leads_to_the_handler_of_a_scheme() {
    let desktop = Desktop::start("browser");
    let origin = serve();
    let mut browser = desktop.browser(&origin, "test-app").await;
    let (script, told) = (desktop.home().join("handler"), desktop.home().join("told"));
    fs::write(
        &script,
        format!("#!/bin/sh\nprintf '%s' \"$1\" > {0}.new && mv {0}.new {0}\n", told.display()),
    )
    .expect("the handler");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a program");
    desktop.handle("test-app", "test-app", &format!("{} %u", script.display()));

    for round in 1..=2 {
        let opened = Command::new("xdg-open").arg(&origin).envs(desktop.environment()).status();
        assert!(opened.is_ok_and(|status| status.success()), "xdg-open");
        browser.opened().await;
        browser.click("#leave").await;
        let deadline = Instant::now() + Duration::from_secs(20);
        while !told.exists() {
            assert!(Instant::now() < deadline, "round {round}: no link has come");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(fs::read_to_string(&told).expect("a link"), "test-app://come/back?code=1&state=a-b_c");
        fs::remove_file(&told).expect("the link");
    }
    assert!(!browser.has_opened().await);
    let processes = browser.processes();
    assert!(processes.len() > 2, "the browser's: {processes:?}");
    drop(browser);
    let left: Vec<_> = processes.iter().filter(|pid| runs(**pid)).collect();
    assert!(left.is_empty(), "left running: {left:?}");
}

fn runs(pid: u32) -> bool {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        if !status.lines().any(|line| line.starts_with("State:") && !line.contains('Z')) {
            return false;
        }
        if Instant::now() > deadline {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
