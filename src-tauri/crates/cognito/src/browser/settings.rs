//! What an administrator can say of the sign-in through the browser. Each setting is checked where it is read, and one
//! that is bad has its own problem.

use serde::Deserialize;
use url::Url;

use super::redirect::{LOOPBACK_PORTS, Redirect};
use crate::issuer::is_loopback;

/// Why a setting of the sign-in through the browser cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserSettingsProblem {
    /// The domain is no host name and no address with nothing but a host.
    DomainForm,
    /// A redirect address is neither a link of the app's own nor a port of this machine.
    RedirectForm,
    /// A scope has letters that no scope has.
    ScopeForm,
    /// `openid` is not among the scopes: nobody would know who has signed in.
    OpenidMissing,
    /// The identity providers are no list of names, or one of them is no provider's name or identifier.
    ProviderForm,
    /// It is not one of the four prompts.
    PromptUnknown,
    /// The resource is no absolute address.
    ResourceForm,
}

impl std::fmt::Display for BrowserSettingsProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::DomainForm => "the domain of the managed login is a host, such as auth.example.com",
            Self::RedirectForm => {
                "a redirect address is a link of the app's own, or http://127.0.0.1:<port>/<path>"
            }
            Self::ScopeForm => "scopes are words with blanks or commas between them",
            Self::OpenidMissing => "the scopes must have openid among them",
            Self::ProviderForm => {
                "identity providers are names with commas between them, or a list of objects with name or \
                 identifier, and label"
            }
            Self::PromptUnknown => "the prompt is none, login, consent or select_account",
            Self::ResourceForm => "the resource is an absolute address without #",
        })
    }
}

impl std::error::Error for BrowserSettingsProblem {}

/// How people sign in through the browser. The default is a pool's own managed login, with every scope that the app
/// has a use for, by loopback only: the link is of the app's scheme, which is the app's to say.
#[derive(Clone, Debug, Default)]
pub struct BrowserSettings {
    /// Where the managed login is, if it is not where the pool's discovery document says.
    pub domain: Option<Domain>,
    /// The addresses that the browser may come back by, the better ones first.
    pub redirects: Redirects,
    /// Where the browser goes when it has signed out.
    pub signed_out: Option<Redirect>,
    /// What the tokens are to be good for.
    pub scopes: Scopes,
    /// The providers that have a button of their own.
    pub providers: Vec<IdentityProvider>,
    /// What the managed login is to ask, if it is to ask anything in particular.
    pub prompt: Option<Prompt>,
    /// The API that the access token is to be for.
    pub resource: Option<Resource>,
}

/// The managed login's own host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(Url);

impl Domain {
    /// Reads `auth.example.com`, with or without `https://`; `http://` to this machine only.
    ///
    /// # Errors
    /// [`BrowserSettingsProblem::DomainForm`].
    pub fn parse(text: &str) -> Result<Self, BrowserSettingsProblem> {
        let text = text.trim();
        let address = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(&address).map_err(|_| BrowserSettingsProblem::DomainForm)?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        if bare && anonymous && is_secure(&url) {
            Ok(Self(url))
        } else {
            Err(BrowserSettingsProblem::DomainForm)
        }
    }

    /// What is at this path (Amazon Cognito Developer Guide, "User pool endpoints and managed login reference").
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }
}

/// The addresses that are registered with the app client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirects(Vec<Redirect>);

impl Redirects {
    /// Reads addresses with blanks or commas between them.
    ///
    /// # Errors
    /// [`BrowserSettingsProblem::RedirectForm`] if one of them is none, or there is none.
    pub fn parse(text: &str) -> Result<Self, BrowserSettingsProblem> {
        let all: Option<Vec<_>> = words(text).map(Redirect::parse).collect();
        all.filter(|all| !all.is_empty()).map(Self).ok_or(BrowserSettingsProblem::RedirectForm)
    }

    /// The link of an app that has this scheme, then the ports of this machine.
    #[must_use]
    pub fn of_scheme(scheme: &str) -> Self {
        Self(Redirect::link(scheme).into_iter().chain(Self::default().0).collect())
    }

    pub(crate) const fn of(addresses: Vec<Redirect>) -> Self {
        Self(addresses)
    }

    /// Each address, in the order in which they are tried.
    pub fn iter(&self) -> impl Iterator<Item = &Redirect> {
        self.0.iter()
    }
}

impl Default for Redirects {
    fn default() -> Self {
        Self(LOOPBACK_PORTS.into_iter().filter_map(Redirect::loopback).collect())
    }
}

/// What tokens are asked to be good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Reads scopes with blanks or commas between them.
    ///
    /// # Errors
    /// [`BrowserSettingsProblem::ScopeForm`], [`BrowserSettingsProblem::OpenidMissing`].
    pub fn parse(text: &str) -> Result<Self, BrowserSettingsProblem> {
        // The letters of a `scope-token` (RFC 6749, section 3.3).
        let of_scope = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        let mut scopes: Vec<String> = Vec::new();
        for scope in words(text) {
            if !scope.bytes().all(of_scope) {
                return Err(BrowserSettingsProblem::ScopeForm);
            }
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        // Without it there is no id token (OpenID Connect Core 1.0, section 3.1.2.1).
        if !scopes.iter().any(|scope| scope == "openid") {
            return Err(BrowserSettingsProblem::OpenidMissing);
        }
        Ok(Self(scopes))
    }

    /// All of them, as they are sent.
    #[must_use]
    pub fn joined(&self) -> String {
        self.0.join(" ")
    }

    /// Whether the tokens are asked to be good for the account's own operations.
    #[must_use]
    pub fn cover_account(&self) -> bool {
        self.0.iter().any(|scope| scope == ACCOUNT_SCOPE)
    }
}

/// What the account's own operations want (Amazon Cognito Developer Guide, "Scopes, M2M, and resource servers").
const ACCOUNT_SCOPE: &str = "aws.cognito.signin.user.admin";

impl Default for Scopes {
    fn default() -> Self {
        Self(["openid", "email", "profile", "phone", ACCOUNT_SCOPE].map(str::to_owned).to_vec())
    }
}

impl BrowserSettings {
    /// Whether the provider with this name in the pool is said to ask for its sign-in each time.
    pub(crate) fn reauthenticates(&self, name: &str) -> bool {
        let mut known = self.providers.iter().filter(|provider| provider.reauthenticates);
        known.any(|provider| matches!(&provider.key, ProviderKey::Name(known) if known == name))
    }
}

/// Who else can say who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProvider {
    /// How the pool knows it.
    pub key: ProviderKey,
    /// What stands on its button.
    pub label: String,
    /// Whether it asks for its own sign-in each time that somebody is sent there, whatever the browser remembers. The
    /// pool cannot say: its `auth_time` is when somebody came back from there.
    pub reauthenticates: bool,
}

/// How a pool knows an identity provider. Either is sent and never both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderKey {
    /// `identity_provider`: its name in the pool.
    Name(String),
    /// `idp_identifier`: another name for it, such as the domain of a company's e-mail addresses.
    Identifier(String),
}

impl ProviderKey {
    /// The name or identifier itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Name(text) | Self::Identifier(text) => text,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    name: Option<String>,
    identifier: Option<String>,
    label: Option<String>,
    #[serde(default)]
    reauthenticates: bool,
}

impl IdentityProvider {
    /// Reads names with commas between them, or a JSON list of objects with `name` or `identifier`, and `label`. One with
    /// a `name` may say `reauthenticates`: tokens know a provider by its name only.
    ///
    /// # Errors
    /// [`BrowserSettingsProblem::ProviderForm`].
    pub fn parse_all(text: &str) -> Result<Vec<Self>, BrowserSettingsProblem> {
        let text = text.trim();
        let all: Option<Vec<_>> = if text.starts_with('[') {
            let listed: Vec<serde_json::Value> =
                serde_json::from_str(text).map_err(|_| BrowserSettingsProblem::ProviderForm)?;
            listed.into_iter().map(Self::listed).collect()
        } else {
            let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
            names.map(|name| Self::named(name, None, false)).collect()
        };
        all.ok_or(BrowserSettingsProblem::ProviderForm)
    }

    fn listed(value: serde_json::Value) -> Option<Self> {
        if let Some(name) = value.as_str() {
            return Self::named(name, None, false);
        }
        match serde_json::from_value(value).ok()? {
            Listed { name: Some(name), identifier: None, label, reauthenticates } => {
                Self::named(&name, label, reauthenticates)
            }
            Listed { name: None, identifier: Some(identifier), label, reauthenticates: false } => {
                let identifier = identifier.trim();
                let label = filled(label).unwrap_or_else(|| identifier.to_owned());
                // `IdpIdentifierType` of the Cognito API.
                let fits = |letter: char| letter.is_alphanumeric() || "_ +=.@-".contains(letter);
                let good = (1..=40).contains(&identifier.chars().count()) && identifier.chars().all(fits);
                let key = ProviderKey::Identifier(identifier.to_owned());
                good.then_some(Self { key, label, reauthenticates: false })
            }
            Listed { .. } => None,
        }
    }

    fn named(name: &str, label: Option<String>, reauthenticates: bool) -> Option<Self> {
        let name = name.trim();
        // `ProviderNameType` of the Cognito API, whose `\p{Z}` is blanks of every kind.
        let fits = |letter: char| !letter.is_whitespace() && !letter.is_control();
        if !(1..=32).contains(&name.chars().count()) || !name.chars().all(fits) {
            return None;
        }
        let label = filled(label).unwrap_or_else(|| {
            match name {
                // Cognito's own names for these two.
                "SignInWithApple" => "Apple",
                "LoginWithAmazon" => "Amazon",
                _ => name,
            }
            .to_owned()
        });
        Some(Self { key: ProviderKey::Name(name.to_owned()), label, reauthenticates })
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// What the managed login asks (OpenID Connect Core 1.0, section 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Nothing: whoever is signed in there is signed in here, or nobody is.
    None,
    /// For the sign-in, even of somebody who is signed in there.
    Login,
    /// For consent.
    Consent,
    /// Which of several accounts.
    SelectAccount,
}

impl Prompt {
    /// Reads one of the four.
    ///
    /// # Errors
    /// [`BrowserSettingsProblem::PromptUnknown`].
    pub fn parse(text: &str) -> Result<Self, BrowserSettingsProblem> {
        let all = [Self::None, Self::Login, Self::Consent, Self::SelectAccount];
        let text = text.trim();
        all.into_iter().find(|prompt| prompt.as_str() == text).ok_or(BrowserSettingsProblem::PromptUnknown)
    }

    /// As it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }
}

/// The API that an access token is asked for (RFC 8707, section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource(String);

impl Resource {
    /// Reads an absolute address without a fragment.
    ///
    /// # Errors
    /// [`BrowserSettingsProblem::ResourceForm`].
    pub fn parse(text: &str) -> Result<Self, BrowserSettingsProblem> {
        let text = text.trim();
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        match Url::parse(text) {
            Ok(url) if printable && url.fragment().is_none() => Ok(Self(text.to_owned())),
            _ => Err(BrowserSettingsProblem::ResourceForm),
        }
    }

    /// As it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an address may be spoken to with secrets: `https`, or this machine.
pub(super) fn is_secure(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_loopback(url),
        _ => false,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t', '\r', '\n', ',']).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_a_host_with_or_without_https() {
        for (text, expected) in [
            ("auth.example.com", "https://auth.example.com/oauth2/token"),
            (" https://auth.example.com/ ", "https://auth.example.com/oauth2/token"),
            ("http://127.0.0.1:9229", "http://127.0.0.1:9229/oauth2/token"),
        ] {
            let domain = Domain::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
            assert_eq!(domain.at("/oauth2/token").as_str(), expected);
        }
        for text in [
            "",
            "https://",
            "http://auth.example.com",
            "auth.example.com/login",
            "https://auth.example.com/?x",
            "https://auth.example.com/#x",
            "https://me@auth.example.com",
            "file:///etc/hostname",
            "auth example com",
        ] {
            assert_eq!(Domain::parse(text), Err(BrowserSettingsProblem::DomainForm), "{text}");
        }
    }

    #[test]
    fn redirects_are_kept_in_their_order_and_one_that_is_none_spoils_them() {
        let of_scheme: Vec<_> = Redirects::of_scheme("my-app").iter().map(Redirect::to_string).collect();
        assert_eq!(of_scheme[0], "my-app://sign-in/callback");
        assert_eq!(of_scheme.len(), 1 + LOOPBACK_PORTS.len());
        let parsed = Redirects::parse("my-app://a/b, http://127.0.0.1:8080/callback").expect("they are good");
        assert_eq!(
            parsed.iter().map(Redirect::as_str).collect::<Vec<_>>(),
            ["my-app://a/b", "http://127.0.0.1:8080/callback"]
        );
        for text in ["", " , ", "my-app://a/b https://example.com/callback"] {
            assert_eq!(Redirects::parse(text), Err(BrowserSettingsProblem::RedirectForm), "{text}");
        }
    }

    #[test]
    fn scopes_are_words_and_openid_is_one_of_them() {
        assert_eq!(Scopes::default().joined(), "openid email profile phone aws.cognito.signin.user.admin");
        assert!(Scopes::default().cover_account());
        let scopes = Scopes::parse("openid,https://api.example.com/read  openid").expect("they are good");
        assert_eq!(scopes.joined(), "openid https://api.example.com/read");
        assert!(!scopes.cover_account());
        assert_eq!(Scopes::parse("email"), Err(BrowserSettingsProblem::OpenidMissing));
        assert_eq!(Scopes::parse(""), Err(BrowserSettingsProblem::OpenidMissing));
        assert_eq!(Scopes::parse("openid e\"mail"), Err(BrowserSettingsProblem::ScopeForm));
        assert_eq!(Scopes::parse("openid メール"), Err(BrowserSettingsProblem::ScopeForm));
    }

    #[test]
    fn providers_come_by_name_or_identifier() {
        let name = |name: &str| ProviderKey::Name(name.to_owned());
        for (text, expected) in [
            ("", vec![]),
            ("Google, SignInWithApple", vec![(name("Google"), "Google"), (name("SignInWithApple"), "Apple")]),
            (
                r#"[{"name": "Okta", "label": "Staff"}, {"identifier": "example.com"}, "Google"]"#,
                vec![
                    (name("Okta"), "Staff"),
                    (ProviderKey::Identifier("example.com".to_owned()), "example.com"),
                    (name("Google"), "Google"),
                ],
            ),
        ] {
            let found =
                IdentityProvider::parse_all(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
            let found: Vec<_> = found.iter().map(|one| (one.key.clone(), one.label.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        }
        for text in [
            "My Provider",
            &"a".repeat(33),
            "[",
            "[7]",
            "[{}]",
            r#"[{"label": "Staff"}]"#,
            r#"[{"name": "a", "identifier": "b"}]"#,
            r#"[{"name": "a", "colour": "b"}]"#,
            r#"[{"identifier": "a/b"}]"#,
            r#"[{"identifier": "a", "reauthenticates": true}]"#,
            r#"[{"name": "a", "reauthenticates": "yes"}]"#,
        ] {
            let found = IdentityProvider::parse_all(text);
            assert_eq!(found, Err(BrowserSettingsProblem::ProviderForm), "{text}");
        }
    }

    #[test]
    fn a_provider_reauthenticates_only_where_it_is_said_to() {
        let text = r#"["A", {"name": "B"}, {"name": "C", "reauthenticates": true}]"#;
        let providers = IdentityProvider::parse_all(text).expect("good providers");
        let settings = BrowserSettings { providers, ..BrowserSettings::default() };
        let found = ["A", "B", "C", "c", "D", "?"].map(|name| settings.reauthenticates(name));
        assert_eq!(found, [false, false, true, false, false, false]);
    }

    #[test]
    fn prompts_and_resources_are_what_they_are() {
        for text in ["none", "login", "consent", "select_account"] {
            assert_eq!(Prompt::parse(text).map(Prompt::as_str), Ok(text));
        }
        assert_eq!(Prompt::parse("Login"), Err(BrowserSettingsProblem::PromptUnknown));
        assert_eq!(
            Resource::parse(" https://api.example.com/v1 ").expect("an address").as_str(),
            "https://api.example.com/v1"
        );
        for text in ["", "api", "https://api.example.com/#x", "https://api.example.com/a b"] {
            assert_eq!(Resource::parse(text), Err(BrowserSettingsProblem::ResourceForm), "{text}");
        }
    }
}
