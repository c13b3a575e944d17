//! Identity providers: their sites, as far as a page stands for them, and the users that come from there.

use aws_lc_rs::digest;
use serde_json::{Value, json};

use super::authorize::Wish;
use super::login::{self, Stage};
use super::web::{self, Served, WebRequest, escape};
use super::{FORM_COOKIE, Flow, finish};
use crate::enrolment::is_address;
use crate::journal::Trace;
use crate::pool::{POOL_ID, POOL_NAME, Pool, Status, User};
use crate::{random, srp};

/// The attribute that says where a federated user comes from.
pub(crate) const IDENTITIES: &str = "identities";
/// What the paths of providers' sites begin with.
pub(super) const SITE: &str = "/provider/";

/// How long a provider remembers somebody, in seconds.
const COOKIE_LIFE: i64 = 24 * 60 * 60;

/// An identity provider that the pool knows.
#[derive(PartialEq, Eq)]
pub(crate) struct Provider {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    /// What `idp_identifier` calls it.
    pub(crate) identifier: Option<&'static str>,
    /// Where it sends the browser back to.
    answers_to: &'static str,
}

/// Google, and a company's own by SAML.
pub(crate) const fn providers() -> &'static [Provider] {
    const ALL: [Provider; 2] = [
        Provider { name: "Google", kind: "Google", identifier: None, answers_to: "/oauth2/idpresponse" },
        Provider {
            name: "Corporate",
            kind: "SAML",
            identifier: Some("example.com"),
            answers_to: "/saml2/idpresponse",
        },
    ];
    &ALL
}

/// Sends the browser to a provider's site.
pub(super) fn begin(
    pool: &mut Pool,
    wish: Wish,
    provider: &'static Provider,
    request: &WebRequest,
) -> Served {
    let now = pool.now();
    let (flow, cookie) = login::begin(pool, wish, Stage::At(provider), request);
    let location = format!("{SITE}{}?{}", provider.name, web::query([("flow", flow.as_str())]));
    login::with_form_cookie(web::redirect(&location, now, provider.name), &cookie)
}

/// Serves a provider's site. One that remembers asks nobody again, whatever prompt the pool has passed on.
pub(super) fn show(pool: &mut Pool, request: &WebRequest, trace: &mut Trace) -> Served {
    let (id, now) = (request.query.get("flow").unwrap_or_default(), pool.now());
    let remembers = pool.managed_login.providers_remember;
    let provider = match login::flow_of(pool, id, request) {
        Some(Flow { wish, stage: Stage::At(provider), .. }) => {
            let provider = *provider;
            match remembered(provider, request).filter(|_| remembers) {
                Some(email) => (provider, email),
                None => return page(wish, provider, id, request, now),
            }
        }
        _ => return login::begin_again(request, now),
    };
    let (provider, email) = provider;
    match pool.managed_login.flows.remove(id) {
        Some(Flow { wish, .. }) => come_back(pool, wish, provider, (&email, None), request, trace),
        None => login::begin_again(request, now),
    }
}

/// The cookie of a provider's own.
fn cookie_of(provider: &Provider) -> String {
    format!("at-{}", provider.name)
}

/// Who this browser has been there as.
fn remembered(provider: &Provider, request: &WebRequest) -> Option<String> {
    request.cookie(&cookie_of(provider)).map(web::decode).filter(|email| is_address(email))
}

fn page(wish: &Wish, provider: &Provider, flow: &str, request: &WebRequest, now: i64) -> Served {
    let language = wish.language;
    let hint = escape(wish.login_hint.as_deref().unwrap_or_default());
    let asked = wish.prompts.iter().map(|prompt| format!("<p>prompt: {prompt}</p>\n")).collect::<String>();
    let content = format!(
        "<p>{stands}</p>\n{asked}<form method=\"post\" action=\"{action}\">\n{hidden}\
         <label for=\"email\">{email}</label>\n<input id=\"email\" name=\"email\" type=\"email\" required \
         value=\"{hint}\">\n<label for=\"name\">{name}</label>\n<input id=\"name\" name=\"name\" \
         autocomplete=\"off\">\n<button id=\"consent\" name=\"by\" value=\"consent\">{go_on}</button>\n<button \
         id=\"deny\" name=\"by\" value=\"deny\" formnovalidate>{cancel}</button>\n</form>\n",
        stands = language.provider_stands_for(),
        action = provider.answers_to,
        hidden = login::hidden_fields(flow, request.cookie(FORM_COOKIE).unwrap_or_default()),
        email = language.email(),
        name = language.name(),
        go_on = language.go_on(),
        cancel = language.cancel(),
    );
    web::page(200, language, provider.name, &content, now).called("form")
}

/// Serves the way back from a provider's site.
pub(super) fn take(pool: &mut Pool, request: &WebRequest, trace: &mut Trace) -> Served {
    let now = pool.now();
    let Some((id, form)) = login::trusted_form(request) else {
        return login::begin_again(request, now);
    };
    let provider = match login::flow_of(pool, &id, request) {
        Some(Flow { stage: Stage::At(provider), .. }) if provider.answers_to == request.path => *provider,
        _ => return login::begin_again(request, now),
    };
    let email = form.get("email").unwrap_or_default().trim();
    let consents = form.get("by") == Some("consent");
    if consents && !is_address(email) {
        return match login::flow_of(pool, &id, request) {
            Some(Flow { wish, .. }) => page(wish, provider, &id, request, now),
            None => login::begin_again(request, now),
        };
    }
    let Some(Flow { wish, .. }) = pool.managed_login.flows.remove(&id) else {
        return login::begin_again(request, now);
    };
    trace.client.clone_from(&wish.client);
    if !consents {
        let words = "The user has not agreed at the identity provider";
        return wish.refused("access_denied", words).served(now, request, trace);
    }
    let name = form.get("name").map(str::trim);
    let served = come_back(pool, wish, provider, (email, name), request, trace);
    served.with_cookie(&cookie_of(provider), &web::query([("", email)]).replacen('=', "", 1), COOKIE_LIFE)
}

/// Somebody with this address and name there comes from a provider.
fn come_back(
    pool: &mut Pool,
    wish: Wish,
    provider: &Provider,
    (email, name): (&str, Option<&str>),
    request: &WebRequest,
    trace: &mut Trace,
) -> Served {
    let now = pool.now();
    let fresh = federated(provider, email, name, pool.now_ms());
    let username = fresh.username.clone();
    trace.username.clone_from(&username);
    let user = pool.users.entry(username.clone()).or_insert(fresh);
    // What the provider says is taken over at each sign-in.
    if let Some(name) = name {
        user.attributes.insert("name".to_owned(), name.to_owned());
    }
    if !user.enabled {
        let words = "User is disabled.";
        return wish.refused("invalid_request", words).served(now, request, trace);
    }
    finish(pool, wish, &username, Some(provider.name), request)
}

/// A user who comes from a provider for the first time.
pub(crate) fn federated(provider: &Provider, email: &str, name: Option<&str>, now_ms: i64) -> User {
    let id = account_id(provider, email);
    let identity = json!([{
        "userId": id,
        "providerName": provider.name,
        "providerType": provider.kind,
        "issuer": null,
        "primary": true,
        "dateCreated": now_ms,
    }]);
    let mut attributes = vec![
        ("email", email.to_owned()),
        // Nobody has sent it a code from here.
        ("email_verified", "false".to_owned()),
        (IDENTITIES, identity.to_string()),
    ];
    attributes.extend(name.map(|name| ("name", name.to_owned())));
    let username = format!("{}_{id}", provider.name).to_lowercase();
    let salt = srp::salt();
    User {
        sub: random::uuid(),
        attributes: attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        groups: vec![format!("{POOL_ID}_{}", provider.name)],
        status: Status::ExternalProvider,
        passwordless: true,
        // Of a password that nobody knows.
        verifier: srp::verifier(POOL_NAME, &username, &random::session(), &salt),
        salt,
        username,
        ..User::blank()
    }
}

/// What the provider calls an account: a number at Google, the address itself at a company.
fn account_id(provider: &Provider, email: &str) -> String {
    if provider.kind == "SAML" {
        return email.to_lowercase();
    }
    let hash = digest::digest(&digest::SHA256, email.to_lowercase().as_bytes());
    let number = hash.as_ref()[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("1{number:020}")
}

/// The claim for the attribute: a list, and all of it text.
pub(crate) fn identities_claim(attribute: &str) -> Value {
    let mut list: Value = serde_json::from_str(attribute).unwrap_or_default();
    for identity in list.as_array_mut().into_iter().flatten() {
        for (_, value) in identity.as_object_mut().into_iter().flatten() {
            if value.is_boolean() || value.is_number() {
                *value = json!(value.to_string());
            }
        }
    }
    list
}
