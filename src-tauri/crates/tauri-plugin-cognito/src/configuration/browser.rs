//! The settings of the sign-in through the browser. A slip in one of them takes the browser's button away and nothing
//! else: what was meant is not guessed, and people go on signing in natively.

use cognito::browser::{
    BrowserSettings, BrowserSettingsProblem, Domain, IdentityProvider, Prompt, Redirect, Redirects, Resource,
    Scopes,
};

use super::{DOMAIN, IDENTITY_PROVIDERS, PROMPT, REDIRECT_URIS, RESOURCE, SCOPES};
use crate::snapshot::{SettingProblem, Source};

type Setting = Option<(Source, String)>;
/// Is told of a setting that cannot be used.
type Slip<'a> = dyn FnMut(&str, (Source, String), SettingProblem) + 'a;

/// What is set, as it was found.
pub(super) struct Found {
    domain: Setting,
    scopes: Setting,
    providers: Setting,
    redirects: Setting,
    prompt: Setting,
    resource: Setting,
}

impl Found {
    pub(super) fn by(find: &dyn Fn(&str) -> Setting) -> Self {
        Self {
            domain: find(DOMAIN),
            scopes: find(SCOPES),
            providers: find(IDENTITY_PROVIDERS),
            redirects: find(REDIRECT_URIS),
            prompt: find(PROMPT),
            resource: find(RESOURCE),
        }
    }

    /// How people sign in through the browser; none where that is not offered, because neither a domain nor providers
    /// are set, or because something is wrong, which `slip` is told of.
    pub(super) fn read(self, scheme: Option<&str>, slip: &mut Slip<'_>) -> Option<BrowserSettings> {
        let offered = self.domain.is_some() || self.providers.is_some();
        let mut good = true;
        let mut slip = |setting: &str, found, problem| {
            good = false;
            slip(setting, found, problem);
        };
        let domain = checked(DOMAIN, self.domain, &mut slip, |text| Ok(Domain::parse(text)?));
        let scopes = checked(SCOPES, self.scopes, &mut slip, |text| Ok(Scopes::parse(&words(text))?));
        let providers = checked(IDENTITY_PROVIDERS, self.providers, &mut slip, |text| {
            Ok(IdentityProvider::parse_all(text)?)
        });
        let redirects = checked(REDIRECT_URIS, self.redirects, &mut slip, |text| redirects(text, scheme));
        let prompt = checked(PROMPT, self.prompt, &mut slip, |text| Ok(Prompt::parse(text)?));
        let resource = checked(RESOURCE, self.resource, &mut slip, |text| Ok(Resource::parse(text)?));
        let redirects =
            redirects.unwrap_or_else(|| scheme.map_or_else(Redirects::default, Redirects::of_scheme));
        (offered && good).then(|| BrowserSettings {
            domain,
            signed_out: signed_out(&redirects, scheme),
            redirects,
            scopes: scopes.unwrap_or_default(),
            providers: providers.unwrap_or_default(),
            prompt,
            resource,
        })
    }
}

fn checked<T>(
    setting: &str,
    found: Setting,
    slip: &mut Slip<'_>,
    read: impl FnOnce(&str) -> Result<T, SettingProblem>,
) -> Option<T> {
    let found = found?;
    read(&found.1).map_err(|problem| slip(setting, found, problem)).ok()
}

/// A JSON list of words as the same words with blanks between them.
fn words(text: &str) -> String {
    match serde_json::from_str::<Vec<String>>(text) {
        Ok(list) => list.join(" "),
        Err(_) => text.to_owned(),
    }
}

/// The addresses to come back by. A link of another scheme would never come back here.
fn redirects(text: &str, scheme: Option<&str>) -> Result<Redirects, SettingProblem> {
    let redirects = Redirects::parse(&words(text))?;
    let foreign = redirects.iter().find_map(|redirect| {
        let found = scheme_of(redirect)?;
        (Some(found) != scheme).then(|| found.to_owned())
    });
    foreign.map_or(Ok(redirects), |scheme| Err(SettingProblem::RedirectScheme { scheme }))
}

/// The scheme of a link; none of an address at a port.
pub(crate) fn scheme_of(redirect: &Redirect) -> Option<&str> {
    let link = redirect.port().is_none().then(|| redirect.as_str())?;
    link.split_once(':').map(|(scheme, _)| scheme)
}

/// Where the browser goes when it has signed out: by a link where a link is among the addresses, otherwise to the first
/// port.
pub(crate) fn signed_out(redirects: &Redirects, scheme: Option<&str>) -> Option<Redirect> {
    let by_link = redirects.iter().any(|redirect| redirect.port().is_none());
    let link = scheme.filter(|_| by_link).and_then(Redirect::signed_out);
    link.or_else(|| redirects.iter().find(|redirect| redirect.port().is_some()).cloned())
}

impl From<BrowserSettingsProblem> for SettingProblem {
    fn from(problem: BrowserSettingsProblem) -> Self {
        match problem {
            BrowserSettingsProblem::DomainForm => Self::DomainForm,
            BrowserSettingsProblem::RedirectForm => Self::RedirectForm,
            BrowserSettingsProblem::ScopeForm => Self::ScopeForm,
            BrowserSettingsProblem::OpenidMissing => Self::OpenidMissing,
            BrowserSettingsProblem::ProviderForm => Self::ProviderForm,
            BrowserSettingsProblem::PromptUnknown => Self::PromptUnknown,
            BrowserSettingsProblem::ResourceForm => Self::ResourceForm,
        }
    }
}
