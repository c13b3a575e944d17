//! Somebody without a mouse: what is typed goes where the focus is, and Tab is the only way to anywhere else.

use serde_json::Value;
use virtual_desktop::{Key, UserPool, Window};

/// So many stops no screen has.
const MOST_STOPS: usize = 60;

/// The focus comes by itself to where a person would type or choose.
pub(crate) async fn focus_is_at(window: &Window, id: &str) {
    let there = format!("document.activeElement.dataset.testid === {}", Value::from(id));
    window.wait_until(&format!("the focus at {id}"), &there).await;
}

/// Types into the field that has the focus already; what was in it is replaced.
pub(crate) async fn write(window: &Window, id: &str, text: &str) {
    focus_is_at(window, id).await;
    window.type_text(text).await;
    let typed = format!("document.activeElement.value === {}", Value::from(text));
    window.wait_until(&format!("what was typed into {id}"), &typed).await;
}

/// Goes on by Tab until something has the focus.
pub(crate) async fn go_to(window: &Window, id: &str) {
    go(window, id, Key::Tab).await;
}

/// Goes back by Shift and Tab until something has the focus.
pub(crate) async fn go_back_to(window: &Window, id: &str) {
    go(window, id, Key::BackTab).await;
}

async fn go(window: &Window, id: &str, key: Key) {
    let mut stops = Vec::new();
    while window.focused().await != id {
        assert!(stops.len() < MOST_STOPS, "the keyboard does not lead to {id}, but to {stops:?}");
        window.press(key).await;
        stops.push(window.focused().await);
    }
}

/// Goes on to a field and types into it.
pub(crate) async fn go_and_write(window: &Window, id: &str, text: &str) {
    go_to(window, id).await;
    write(window, id, text).await;
}

/// Goes on to a button or a link and presses it.
pub(crate) async fn go_and_press(window: &Window, id: &str) {
    go_to(window, id).await;
    window.press(Key::Enter).await;
}

/// Enters name and password of a demo user in the sign-in form.
pub(crate) async fn enter_name_and_password(window: &Window, pool: &UserPool, username: &str) {
    window.wait_for_state("signedOut").await;
    write(window, "username", username).await;
    go_and_write(window, "password", pool.password(username)).await;
    window.press(Key::Enter).await;
}

/// Signs out, with the question that comes before it.
pub(crate) async fn sign_out(window: &Window) {
    go_and_press(window, "sign-out").await;
    focus_is_at(window, "confirm-sign-out").await;
    window.press(Key::Enter).await;
    window.wait_for_state("signedOut").await;
    let form = "document.querySelector('[data-testid=sign-in]')";
    window.wait_until("the form to sign in again, whatever led to this session", form).await;
}

/// Waits for a screen of the sign-in by something that is only on it.
pub(crate) async fn asked(window: &Window, id: &str) {
    let there = format!(
        "document.documentElement.dataset.state === 'challenged' && document.querySelector('[data-testid={id}]')"
    );
    window.wait_until(&format!("the question with {id}"), &there).await;
}

/// Waits for something to be on the page.
pub(crate) async fn appears(window: &Window, id: &str) {
    let there = format!("document.querySelector('[data-testid={id}]')");
    window.wait_until(&format!("{id} to be there"), &there).await;
}

/// Waits for something to be gone from the page.
pub(crate) async fn goes(window: &Window, id: &str) {
    let gone = format!("!document.querySelector('[data-testid={id}]')");
    window.wait_until(&format!("{id} to be gone"), &gone).await;
}

/// Waits until something on the page reads so, or has this in it.
pub(crate) async fn reads(window: &Window, id: &str, text: &str) {
    let read =
        format!("document.querySelector('[data-testid={id}]')?.innerText.includes({})", Value::from(text));
    window.wait_until(&format!("{id} to read {text}"), &read).await;
}

/// Turns to a page of somebody who is signed in.
pub(crate) async fn turn_to(window: &Window, page: &str) {
    go_back_to(window, &format!("go-{page}")).await;
    window.press(Key::Enter).await;
    focus_is_at(window, if page == "account" { "user-name" } else { "page-title" }).await;
}

/// Waits for a word about what is wrong, in sight without scrolling, and reads it.
pub(crate) async fn refusal(window: &Window) -> String {
    window.wait_until("a refusal", "document.querySelector('[data-testid=error]')").await;
    let seen = "(({ top, bottom }) => top >= 0 && bottom <= innerHeight)\
        (document.querySelector('[data-testid=error]').getBoundingClientRect())";
    window.wait_until("the refusal to be in sight", seen).await;
    window.text("error").await
}

/// Signed in, as this person.
pub(crate) async fn signed_in_as(window: &Window, name: &str) {
    window.wait_for_state("signedIn").await;
    assert_eq!(window.text("user-name").await, name);
    focus_is_at(window, "user-name").await;
}
