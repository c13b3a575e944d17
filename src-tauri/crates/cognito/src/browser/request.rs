//! The address that the browser is sent to, and what its answer is recognised by.

use session::Fault;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::callback::{Awaited, CallbackProblem, Code};
use super::endpoints::Endpoints;
use super::proof::{Nonce, State, Verifier};
use super::redirect::Redirect;
use super::settings::{BrowserSettings, IdentityProvider, Prompt, ProviderKey};
use crate::settings::PoolSettings;

/// `UsernameType` of the Cognito API allows 128 letters.
const LONGEST_HINT: usize = 128;

/// What is asked for in one sign-in, beyond what the settings say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// Straight to this provider, past the pool's own page.
    pub provider: Option<&'a IdentityProvider>,
    /// Who is going to sign in, as far as that is known: their user name or e-mail address.
    pub login_hint: Option<&'a str>,
    /// The app's language, such as `ja`.
    pub language: Option<&'a str>,
    /// In place of the prompt that is set.
    pub prompt: Option<Prompt>,
}

/// A sign-in that waits for the browser to come back.
///
/// It is everything that the code can be used with: whoever has only the link that comes back has nothing. Dropped, it
/// is wiped, and its callback is refused.
#[derive(Debug)]
pub struct Pending {
    address: Address,
    awaited: Awaited,
    pub(super) nonce: Nonce,
    pub(super) verifier: Verifier,
    pub(super) endpoints: Endpoints,
}

struct Address(Zeroizing<String>);

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(redacted)")
    }
}

impl Pending {
    pub(super) fn new(
        pool: &PoolSettings,
        settings: &BrowserSettings,
        endpoints: Endpoints,
        redirect: Redirect,
        wish: Wish<'_>,
    ) -> Result<Self, Fault> {
        let (state, nonce, verifier) = (State::new()?, Nonce::new()?, Verifier::new()?);
        let scopes = settings.scopes.joined();
        let challenge = verifier.challenge();
        // RFC 6749, section 4.1.1; RFC 7636, section 4.3; OpenID Connect Core 1.0, section 3.1.2.1.
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", pool.client_id()),
            ("redirect_uri", redirect.as_str()),
            ("scope", &scopes),
            ("state", state.expose()),
            ("nonce", nonce.expose()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        match wish.provider.map(|provider| &provider.key) {
            Some(ProviderKey::Name(name)) => parameters.push(("identity_provider", name)),
            Some(ProviderKey::Identifier(identifier)) => parameters.push(("idp_identifier", identifier)),
            None => {}
        }
        // A hint that could be no user name, or a language that could be none, is left out: both only make it easier.
        let hint = wish.login_hint.map(str::trim).filter(|hint| {
            (1..=LONGEST_HINT).contains(&hint.chars().count()) && !hint.chars().any(char::is_control)
        });
        parameters.extend(hint.map(|hint| ("login_hint", hint)));
        let language = wish.language.filter(|tag| {
            (2..=16).contains(&tag.len())
                && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        parameters.extend(language.map(|tag| ("lang", tag)));
        let prompt = wish.prompt.or(settings.prompt);
        parameters.extend(prompt.map(|prompt| ("prompt", prompt.as_str())));
        parameters.extend(settings.resource.as_ref().map(|resource| ("resource", resource.as_str())));
        let address = with_query(endpoints.authorization.as_str(), &parameters);
        let awaited = Awaited::of(state, redirect, pool.issuer().clone(), endpoints.issuer.clone());
        Ok(Self { address: Address(address), awaited, nonce, verifier, endpoints })
    }

    /// One that was begun before, without the address: the browser has been there.
    pub(super) fn again(awaited: Awaited, nonce: Nonce, verifier: Verifier, endpoints: Endpoints) -> Self {
        Self { address: Address(Zeroizing::default()), awaited, nonce, verifier, endpoints }
    }

    pub(super) const fn state(&self) -> &State {
        self.awaited.state()
    }

    /// Where the browser is sent. It may be opened again, and copied: it signs nobody in anywhere else. Empty for one
    /// that was begun before this program was started.
    ///
    /// Whatever opens it is given it as an argument, which every program of the machine may be able to see, other users'
    /// included. Whoever has seen it cannot use this sign-in's code without the verifier, which is not in it (RFC 7636,
    /// section 1). They can sign in by it as themselves, though, and what they are given has the right `state`, `nonce`
    /// and challenge: it must not come back to this program. That is what the port is particular about; by a link it
    /// takes this user's browser.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address.0
    }

    /// Where the browser is to come back.
    #[must_use]
    pub const fn redirect(&self) -> &Redirect {
        self.awaited.redirect()
    }

    /// Takes a link that has come, from wherever.
    ///
    /// # Errors
    /// Why there is no code in it. The sign-in goes on waiting unless [`CallbackProblem::ends_sign_in`].
    pub fn receive(&mut self, link: &str) -> Result<Code, CallbackProblem> {
        self.awaited.receive(link)
    }
}

/// Takes a link that has come, for the sign-in that waits, if one does.
///
/// # Errors
/// As [`Pending::receive`]; [`CallbackProblem::NotAwaited`] where nobody waits.
pub fn receive(pending: Option<&mut Pending>, link: &str) -> Result<Code, CallbackProblem> {
    pending.ok_or(CallbackProblem::NotAwaited)?.receive(link)
}

/// An address with these parameters behind the ones that it has.
pub(super) fn with_query(address: &str, parameters: &[(&str, &str)]) -> Zeroizing<String> {
    let mut text = form(parameters);
    let joint = if address.contains('?') { '&' } else { '?' };
    text.insert(0, joint);
    text.insert_str(0, address);
    text
}

/// Parameters as a form has them (RFC 6749, appendix B).
pub(super) fn form(parameters: &[(&str, &str)]) -> Zeroizing<String> {
    // Room enough, so that no copy is left behind where the text grew.
    let room = parameters.iter().map(|(name, value)| name.len() + 3 * value.len() + 2).sum::<usize>();
    let mut text = Zeroizing::new(String::with_capacity(room + 1024));
    for (name, value) in parameters {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.extend(byte_serialize(value.as_bytes()));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use url::Url;

    use super::super::settings::{Domain, Redirects, Resource};
    use super::*;
    use crate::issuer::Issuer;

    const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_p";

    fn pending(settings: &BrowserSettings, wish: Wish<'_>) -> Pending {
        let pool =
            PoolSettings::new(Issuer::parse(ISSUER).expect("an issuer"), "client1".to_owned(), None, None);
        let domain = Domain::parse("auth.example.com").expect("a domain");
        let redirect = Redirects::of_scheme("my-app").iter().next().expect("a link").clone();
        Pending::new(&pool.expect("good settings"), settings, Endpoints::at(&domain), redirect, wish)
            .expect("randomness")
    }

    fn parameters(pending: &Pending) -> BTreeMap<String, String> {
        let url = Url::parse(pending.address()).expect("an address");
        let all: Vec<_> = url.query_pairs().into_owned().collect();
        let map: BTreeMap<_, _> = all.iter().cloned().collect();
        assert_eq!(map.len(), all.len(), "each parameter once");
        map
    }

    #[test]
    fn the_request_has_all_that_it_should_and_nothing_more() {
        let pending = pending(&BrowserSettings::default(), Wish::default());
        assert!(
            pending.address().starts_with("https://auth.example.com/oauth2/authorize?response_type=code&")
        );
        let mut found = parameters(&pending);
        let mut take = |name: &str| found.remove(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(take("response_type"), "code");
        assert_eq!(take("client_id"), "client1");
        assert_eq!(take("redirect_uri"), "my-app://sign-in/callback");
        assert_eq!(take("scope"), "openid email profile phone aws.cognito.signin.user.admin");
        assert_eq!(take("code_challenge_method"), "S256");
        assert_eq!(take("code_challenge"), pending.verifier.challenge());
        assert_eq!(take("nonce"), pending.nonce.expose());
        assert_eq!(take("state").len(), 43);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn wishes_and_settings_are_passed_on() {
        let provider = |key| IdentityProvider { key, label: "x".to_owned(), reauthenticates: false };
        let settings = BrowserSettings {
            prompt: Some(Prompt::SelectAccount),
            resource: Some(
                Resource::parse("https://api.example.com/a b".replace(' ', "%20").as_str()).expect("one"),
            ),
            ..BrowserSettings::default()
        };
        let google = provider(ProviderKey::Name("Google".to_owned()));
        let wish = Wish {
            provider: Some(&google),
            login_hint: Some(" aiko+test@example.com "),
            language: Some("ja"),
            prompt: None,
        };
        let found = parameters(&pending(&settings, wish));
        assert_eq!(found["identity_provider"], "Google");
        assert_eq!(found["login_hint"], "aiko+test@example.com");
        assert_eq!(found["lang"], "ja");
        assert_eq!(found["prompt"], "select_account");
        assert_eq!(found["resource"], "https://api.example.com/a%20b");
        assert!(!found.contains_key("idp_identifier"));

        let company = provider(ProviderKey::Identifier("example.com".to_owned()));
        let long = "a".repeat(129);
        let wish = Wish {
            provider: Some(&company),
            login_hint: Some(&long),
            language: Some("ja&x=y"),
            prompt: Some(Prompt::Login),
        };
        let found = parameters(&pending(&settings, wish));
        assert_eq!(found["idp_identifier"], "example.com");
        assert_eq!(found["prompt"], "login");
        for name in ["identity_provider", "login_hint", "lang", "x"] {
            assert!(!found.contains_key(name), "{name}");
        }
    }

    #[test]
    fn nothing_of_it_is_in_debug_and_the_verifier_is_not_in_the_address() {
        let pending = pending(&BrowserSettings::default(), Wish::default());
        let state = &parameters(&pending)["state"];
        let shown = format!("{pending:?}");
        for secret in [pending.verifier.expose(), pending.nonce.expose(), state] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(!pending.address().contains(pending.verifier.expose()));
    }

    #[test]
    fn every_sign_in_has_its_own_state_nonce_and_challenge() {
        let one = parameters(&pending(&BrowserSettings::default(), Wish::default()));
        let other = parameters(&pending(&BrowserSettings::default(), Wish::default()));
        for name in ["state", "nonce", "code_challenge"] {
            assert_ne!(one[name], other[name], "{name}");
        }
    }

    #[test]
    fn a_callback_that_nobody_waits_for_is_refused() {
        let link = "my-app://sign-in/callback?code=c&state=s";
        assert_eq!(receive(None, link).map(|_| ()), Err(CallbackProblem::NotAwaited));
        let mut pending = pending(&BrowserSettings::default(), Wish::default());
        assert_eq!(receive(Some(&mut pending), link).map(|_| ()), Err(CallbackProblem::StateOther));
        let good = format!("{}?code=c&state={}", pending.redirect(), parameters(&pending)["state"]);
        assert!(receive(Some(&mut pending), &good).is_ok());
    }

    #[test]
    fn parameters_follow_those_that_an_address_has() {
        assert_eq!(with_query("https://a.example/x", &[("b", "c d")]).as_str(), "https://a.example/x?b=c+d");
        assert_eq!(
            with_query("https://a.example/x?y=z", &[("b", "&")]).as_str(),
            "https://a.example/x?y=z&b=%26"
        );
    }
}
