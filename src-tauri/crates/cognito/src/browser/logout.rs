//! Where the browser's own session ends.

use url::Url;

use super::redirect::Redirect;
use super::request::with_query;

/// The address that signs the browser out and brings it back (Amazon Cognito Developer Guide, "Logout endpoint").
///
/// `logout_uri` has to be among the client's sign-out addresses; Cognito goes nowhere else.
pub(super) fn address(end_session: &Url, client_id: &str, back: &Redirect) -> String {
    let mut text =
        with_query(end_session.as_str(), &[("client_id", client_id), ("logout_uri", back.as_str())]);
    std::mem::take(&mut *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_signs_out_and_comes_back() {
        let end_session = Url::parse("https://auth.example.com/logout").expect("an address");
        let back = Redirect::signed_out("my-app").expect("a link");
        assert_eq!(
            address(&end_session, "a+1", &back),
            "https://auth.example.com/logout?client_id=a%2B1&logout_uri=my-app%3A%2F%2Fsigned-out%2Fcallback"
        );
    }
}
