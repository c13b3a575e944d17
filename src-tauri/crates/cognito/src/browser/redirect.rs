//! Where the browser brings its answer: a link of the app's own, or a port of this machine.

use url::Url;

/// The ports that are tried in turn where the app's link does not work. They have to be registered with the app client,
/// each as `http://127.0.0.1:<port>/callback`: Cognito compares the port as well, so that the free choice of a port
/// that RFC 8252 (section 7.3) has in mind is not to be had. They lie below the ranges from which systems give out
/// ports by themselves.
pub const LOOPBACK_PORTS: [u16; 3] = [19_274, 19_275, 19_276];

/// Schemes that a browser or the system itself understands, in place of the app.
const TAKEN_SCHEMES: [&str; 10] =
    ["about", "blob", "data", "file", "ftp", "http", "https", "javascript", "mailto", "vbscript"];

/// No address that a person registers is longer.
const LONGEST: usize = 512;

/// An address that is registered with the app client, to the letter (RFC 9700, section 2.1: redirect addresses are
/// compared as text).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    text: String,
    port: Option<u16>,
}

impl Redirect {
    /// Reads an address as it is registered: a link with a scheme of the app's own, or `http://127.0.0.1:<port>/<path>`.
    ///
    /// Loopback is the address and never the name: `localhost` may lead elsewhere (RFC 8252, section 8.3).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#@\\%\"<>".contains(&byte));
        if !printable || text.len() > LONGEST {
            return None;
        }
        let Parts { scheme, authority, path } = Parts::of(text)?;
        let port = if scheme == "http" {
            let port = authority.strip_prefix("127.0.0.1:").and_then(|port| port.parse().ok())?;
            // As a browser writes it, whatever it was told: without noughts in front and without the default port.
            if port == 0 || port == 80 || authority != format!("127.0.0.1:{port}") || !path.starts_with('/') {
                return None;
            }
            Some(port)
        } else {
            let mut letters = scheme.bytes();
            let of_scheme = letters.next().is_some_and(|first| first.is_ascii_lowercase())
                && letters.all(|letter| {
                    letter.is_ascii_lowercase() || letter.is_ascii_digit() || b"+-.".contains(&letter)
                });
            if !of_scheme || TAKEN_SCHEMES.contains(&scheme) || (authority.is_empty() && path.is_empty()) {
                return None;
            }
            // What a browser would write in another way could not be compared as text.
            if Url::parse(text).ok()?.as_str() != text {
                return None;
            }
            None
        };
        Some(Self { text: text.to_owned(), port })
    }

    /// The link that a sign-in comes back by, of an app that has this scheme.
    ///
    /// It has a path, since a browser may put the slash of an empty one after the host or leave it out.
    #[must_use]
    pub fn link(scheme: &str) -> Option<Self> {
        Self::parse(&format!("{scheme}://sign-in/callback"))
    }

    /// The link that the browser goes to when its own session has ended.
    #[must_use]
    pub fn signed_out(scheme: &str) -> Option<Self> {
        Self::parse(&format!("{scheme}://signed-out/callback"))
    }

    /// The address on this machine, at a port.
    #[must_use]
    pub fn loopback(port: u16) -> Option<Self> {
        Self::parse(&format!("http://127.0.0.1:{port}/callback"))
    }

    /// As it is registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The port to listen on, if it is an address on this machine.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    pub(super) fn parts(&self) -> Parts<'_> {
        Parts::of(&self.text).unwrap_or_default()
    }
}

impl std::fmt::Display for Redirect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// An address without query and fragment, taken apart as it is written (RFC 3986, section 3). Nothing is made equal
/// that is written differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    /// Host and port, and whatever else stands before the path.
    pub(super) authority: &'a str,
    pub(super) path: &'a str,
}

impl<'a> Parts<'a> {
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
            None => ("", rest),
        };
        Some(Self { scheme, authority, path })
    }

    /// The port, where one is written.
    pub(super) fn port(&self) -> Option<&'a str> {
        self.authority.rsplit_once(':').map(|(_, port)| port)
    }

    /// What stands before the port.
    pub(super) fn host(&self) -> &'a str {
        self.authority.rsplit_once(':').map_or(self.authority, |(host, _)| host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_link_of_the_app_or_a_port_of_this_machine() {
        for (text, port) in [
            ("cognito-desktop://sign-in/callback", None),
            ("  cognito-desktop://callback\n", None),
            ("com.example.app:/oauth2redirect", None),
            ("http://127.0.0.1:19274/callback", Some(19_274)),
            ("http://127.0.0.1:8080/", Some(8080)),
        ] {
            let redirect = Redirect::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((redirect.as_str(), redirect.port()), (text.trim(), port));
        }
        for text in [
            "",
            "callback",
            "https://app.example.com/callback",
            "http://localhost:19274/callback",
            "http://127.0.0.1/callback",
            "http://127.0.0.1:80/callback",
            "http://127.0.0.1:0/callback",
            "http://127.0.0.1:019274/callback",
            "http://127.0.0.1:70000/callback",
            "http://127.0.0.1:19274",
            "http://[::1]:19274/callback",
            "http://me@127.0.0.1:19274/callback",
            "http://127.0.0.1:19274/callback?x=1",
            "http://127.0.0.1:19274/callback#x",
            "http://10.0.0.1:19274/callback",
            "javascript:alert(1)",
            "file:///tmp/x",
            "Cognito-Desktop://callback",
            "1app://callback",
            "cognito desktop://callback",
            "cognito-desktop:",
            "cognito-desktop://",
            "cognito-desktop://a/../b",
            &format!("a://{}", "b".repeat(LONGEST)),
        ] {
            assert_eq!(Redirect::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_app_has_its_addresses_by_its_scheme() {
        assert_eq!(Redirect::link("my-app").expect("a link").as_str(), "my-app://sign-in/callback");
        assert_eq!(Redirect::signed_out("my-app").expect("a link").as_str(), "my-app://signed-out/callback");
        assert_eq!(Redirect::link("http"), None);
        for port in LOOPBACK_PORTS {
            assert_eq!(Redirect::loopback(port).expect("an address").port(), Some(port));
        }
    }
}
