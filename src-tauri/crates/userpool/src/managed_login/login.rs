//! `/login`: the pages that get to know a user of this pool, and `/passkeys/add`.

use aws_lc_rs::constant_time;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::Method;
use serde_json::{Map, Value, json};

use super::authorize::{Wish, Wrong, with_query};
use super::federation::{self, Provider};
use super::web::{self, Parameters, Served, WebRequest, escape};
use super::words::Language;
use super::{FLOW_LIFE, FORM_COOKIE, Flow, SIGNED_IN, finish, session_of};
use crate::authentication::password_is_right;
use crate::journal::Trace;
use crate::passkeys::Passkey;
use crate::pool::{Pool, Status};
use crate::sign_in::{self, SignIn};
use crate::wire::{Fields, Outcome, Refusal};
use crate::{challenges, random};

/// What a browser is asked for next.
#[derive(Clone)]
pub(super) enum Stage {
    /// The user name, and how to go on from there.
    Begun,
    /// Consent at a provider's site.
    At(&'static Provider),
    Passkey {
        username: String,
    },
    /// One of the pool's challenges. Its session never leaves the pool.
    Challenge {
        name: String,
        parameters: Value,
        session: String,
        username: String,
    },
}

/// Sends the browser to the first page.
pub(super) fn send(wish: &Wish, now: i64) -> Served {
    web::redirect(&format!("/login?{}", wish.query.without(&[])), now, "login")
}

/// Begins a sign-in in the browser that asks. Returns its id, and the cookie that binds its forms to this browser.
pub(super) fn begin(pool: &mut Pool, wish: Wish, stage: Stage, request: &WebRequest) -> (String, String) {
    let cookie = request.cookie(FORM_COOKIE).filter(|own| !own.is_empty());
    let cookie = cookie.map_or_else(random::uuid, str::to_owned);
    let (id, browser) = (random::uuid(), random::fingerprint(&cookie));
    let ends = pool.now() + FLOW_LIFE;
    pool.managed_login.flows.insert(id.clone(), Flow { wish, browser, stage, ends });
    (id, cookie)
}

pub(super) fn with_form_cookie(served: Served, cookie: &str) -> Served {
    served.with_cookie(FORM_COOKIE, cookie, FLOW_LIFE)
}

/// The sign-in with this id, if it is this browser's.
pub(super) fn flow_of<'a>(pool: &'a mut Pool, id: &str, request: &WebRequest) -> Option<&'a mut Flow> {
    let browser = random::fingerprint(request.cookie(FORM_COOKIE)?);
    pool.managed_login.flows.get_mut(id).filter(|flow| flow.browser == browser)
}

/// The form that was sent and the sign-in it is of, if it comes from one of the pages that this browser was given.
pub(super) fn trusted_form(request: &WebRequest) -> Option<(String, &Parameters)> {
    let (form, cookie) = (request.form.as_ref()?, request.cookie(FORM_COOKIE)?);
    let token = form.get("_csrf")?;
    constant_time::verify_slices_are_equal(token.as_bytes(), cookie.as_bytes()).ok()?;
    Some((form.get("flow").unwrap_or_default().to_owned(), form))
}

/// What a form carries along.
pub(super) fn hidden_fields(flow: &str, cookie: &str) -> String {
    let (flow, cookie) = (escape(flow), escape(cookie));
    format!(
        "<input type=\"hidden\" name=\"_csrf\" value=\"{cookie}\">\n\
         <input type=\"hidden\" name=\"flow\" value=\"{flow}\">\n"
    )
}

/// The page for a sign-in that cannot go on.
pub(super) fn begin_again(request: &WebRequest, now: i64) -> Served {
    let language = Language::of(request.query.get("lang"));
    let content = format!("<p role=\"alert\">{}</p>\n", language.begin_again());
    web::page(403, language, language.error(), &content, now).called("begin again")
}

/// Serves `GET` and `POST /login`.
pub(super) fn serve(pool: &mut Pool, request: &WebRequest, trace: &mut Trace) -> Served {
    let now = pool.now();
    if request.method == Method::POST {
        return take(pool, request, trace);
    }
    let wish = match Wish::read(pool, request) {
        Ok(wish) => wish,
        Err(wrong) => return wrong.served(now, request, trace),
    };
    let typed = wish.login_hint.clone().unwrap_or_default();
    let (id, cookie) = begin(pool, wish, Stage::Begun, request);
    let served = show(pool, &id, &cookie, &typed, None);
    with_form_cookie(served, &cookie)
}

/// Goes on with what was filled in.
fn take(pool: &mut Pool, request: &WebRequest, trace: &mut Trace) -> Served {
    let now = pool.now();
    let Some((id, form)) = trusted_form(request) else {
        return begin_again(request, now);
    };
    let has_passkeys = !pool.managed_login.classic;
    let Some(flow) = flow_of(pool, &id, request) else {
        return begin_again(request, now);
    };
    let (stage, client) = (flow.stage.clone(), flow.wish.client.clone());
    trace.client.clone_from(&client);
    let typed = form.get("username").unwrap_or_default().trim().to_owned();
    let outcome = match stage {
        // The provider's page has its own way back.
        Stage::At(_) => return begin_again(request, now),
        Stage::Begun => {
            trace.username.clone_from(&typed);
            if form.get("by") == Some("passkey") && has_passkeys {
                flow.stage = Stage::Passkey { username: typed.clone() };
                return show(pool, &id, cookie(request), &typed, None);
            }
            let sign_in = sign_in_of(pool, client, &typed);
            let right = password_is_right(pool, &sign_in.username, form.get("password").unwrap_or_default());
            sign_in::after_password(pool, &sign_in, right)
        }
        Stage::Passkey { username } => {
            trace.username.clone_from(&username);
            let used = form.get("by") == Some("use");
            use_passkey(pool, client, &username, used)
        }
        Stage::Challenge { name, session, username, .. } => {
            answer(pool, &client, (&name, &session, &username), form, trace)
        }
    };
    lead_on(pool, &id, &typed, outcome, request, trace)
}

fn cookie(request: &WebRequest) -> &str {
    request.cookie(FORM_COOKIE).unwrap_or_default()
}

fn sign_in_of(pool: &Pool, client: String, typed: &str) -> SignIn {
    let username = pool.find_user(typed).map_or_else(|| typed.to_owned(), |user| user.username.clone());
    SignIn { client, username, device: None, in_browser: true }
}

fn use_passkey(pool: &mut Pool, client: String, typed: &str, used: bool) -> Outcome {
    let sign_in = sign_in_of(pool, client, typed);
    let accepts = used && !pool.managed_login.passkeys_refuse;
    let user = pool.users.get(&sign_in.username).filter(|user| accepts && !user.passkeys.is_empty()).cloned();
    // The same for a user who does not exist.
    let user = user.ok_or_else(|| Refusal::not_authorized(Language::English.passkey_refused()))?;
    sign_in::after_all_factors(pool, &sign_in, &user)
}

/// Answers one of the pool's challenges, as an app would.
fn answer(
    pool: &mut Pool,
    client: &str,
    (name, session, username): (&str, &str, &str),
    form: &Parameters,
    trace: &mut Trace,
) -> Outcome {
    let mut responses = Map::new();
    responses.insert("USERNAME".to_owned(), json!(username));
    let mut give = |field: &str, value: &str| responses.insert(field.to_owned(), json!(value));
    match name {
        "NEW_PASSWORD_REQUIRED" => {
            give("NEW_PASSWORD", form.get("new_password").unwrap_or_default());
            for (field, value) in form.iter().filter(|(field, _)| field.starts_with("userAttributes.")) {
                give(field, value);
            }
        }
        "SELECT_MFA_TYPE" => {
            give("ANSWER", form.get("factor").unwrap_or_default());
        }
        _ => {
            give(&format!("{name}_CODE"), form.get("code").unwrap_or_default().trim());
        }
    }
    let request = json!({
        "ClientId": client,
        "ChallengeName": name,
        "Session": session,
        "ChallengeResponses": responses,
    });
    challenges::respond(pool, Fields::new(&request), trace)
}

/// Back to the app, on to the next page, or to the same one with what is wrong.
fn lead_on(
    pool: &mut Pool,
    id: &str,
    typed: &str,
    outcome: Outcome,
    request: &WebRequest,
    trace: &mut Trace,
) -> Served {
    let now = pool.now();
    let asked = match outcome {
        Ok(asked) => asked,
        Err(refusal) => {
            let goes_on = |pool: &Pool, session: &str| pool.pending.contains_key(session);
            let waits = match pool.managed_login.flows.get(id).map(|flow| &flow.stage) {
                Some(Stage::Challenge { session, .. }) => goes_on(pool, session),
                _ => false,
            };
            if let Some(flow) = pool.managed_login.flows.get_mut(id).filter(|_| !waits) {
                flow.stage = Stage::Begun;
            }
            trace.detail = Some(refusal.message.clone());
            return show(pool, id, cookie(request), typed, Some(&refusal.message)).called(&refusal.kind);
        }
    };
    if let Some(username) = asked[SIGNED_IN].as_str() {
        return match pool.managed_login.flows.remove(id) {
            Some(flow) => {
                trace.username = username.to_owned();
                finish(pool, flow.wish, username, None, request)
            }
            None => begin_again(request, now),
        };
    }
    let text = |field: &str| asked[field].as_str().unwrap_or_default().to_owned();
    let parameters = asked["ChallengeParameters"].clone();
    let username = parameters["USER_ID_FOR_SRP"].as_str().unwrap_or(typed).to_owned();
    let stage =
        Stage::Challenge { name: text("ChallengeName"), session: text("Session"), parameters, username };
    if let Some(flow) = pool.managed_login.flows.get_mut(id) {
        flow.stage = stage;
    }
    show(pool, id, cookie(request), typed, None)
}

/// The page of a sign-in's stage.
fn show(pool: &Pool, id: &str, cookie: &str, typed: &str, wrong: Option<&str>) -> Served {
    let now = pool.now();
    let Some(Flow { wish, stage, .. }) = pool.managed_login.flows.get(id) else {
        return web::page(403, Language::English, Language::English.error(), "", now).called("begin again");
    };
    let language = wish.language;
    let wrong = wrong.map(|words| format!("<p role=\"alert\">{}</p>\n", escape(words))).unwrap_or_default();
    let hidden = hidden_fields(id, cookie);
    let form =
        |fields: &str| format!("{wrong}<form method=\"post\" action=\"/login\">\n{hidden}{fields}</form>\n");
    let page = |title: &str, content: &str| web::page(200, language, title, content, now);
    match stage {
        Stage::Begun | Stage::At(_) => {
            let fields = first_fields(language, typed, !pool.managed_login.classic);
            let content = form(&fields) + &elsewhere(wish);
            page(language.sign_in(), &content).called("form")
        }
        Stage::Passkey { .. } => {
            let buttons = format!(
                "<p>{}</p>\n{}",
                language.passkey_stands_for(),
                passkey_buttons(language, language.use_passkey())
            );
            page(language.passkey(), &form(&buttons)).called("WEB_AUTHN")
        }
        Stage::Challenge { name, parameters, .. } => {
            let (title, fields) = match name.as_str() {
                "NEW_PASSWORD_REQUIRED" => {
                    (language.new_password(), new_password_fields(language, parameters))
                }
                "SELECT_MFA_TYPE" => (language.choose_factor(), factor_fields(language, parameters)),
                "SMS_MFA" | "EMAIL_OTP" | "SOFTWARE_TOKEN_MFA" => {
                    (language.code_wanted(), code_fields(language, parameters))
                }
                _ => {
                    let content = format!("<p role=\"alert\">{}</p>\n", language.not_played());
                    return page(language.error(), &content).called(name);
                }
            };
            page(title, &form(&fields)).called(name)
        }
    }
}

fn first_fields(language: Language, typed: &str, has_passkeys: bool) -> String {
    let with_passkey = format!(
        "<button id=\"passkey\" name=\"by\" value=\"passkey\">{}</button>\n",
        language.with_passkey()
    );
    let with_passkey = if has_passkeys { with_passkey } else { String::new() };
    format!(
        "<label for=\"username\">{username}</label>\n<input id=\"username\" name=\"username\" \
         autocomplete=\"username\" required value=\"{typed}\">\n<label for=\"password\">{password}</label>\n\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\">\n\
         <button id=\"sign-in\" name=\"by\" value=\"password\">{sign_in}</button>\n{with_passkey}",
        username = language.username(),
        typed = escape(typed),
        password = language.password(),
        sign_in = language.sign_in(),
    )
}

/// Links to the providers, for whoever is not bound to sign in here.
fn elsewhere(wish: &Wish) -> String {
    if wish.wanted == super::authorize::Wanted::Here {
        return String::new();
    }
    let query = wish.query.without(&["identity_provider", "idp_identifier"]);
    let links = federation::providers().iter().map(|provider| {
        let provider_query = web::query([("identity_provider", provider.name)]);
        format!(
            "<li><a href=\"/oauth2/authorize?{}&amp;{provider_query}\">{} {}</a></li>\n",
            escape(&query),
            wish.language.continue_with(),
            provider.name
        )
    });
    format!("<ul>\n{}</ul>\n", links.collect::<String>())
}

fn passkey_buttons(language: Language, use_it: &str) -> String {
    format!(
        "<button id=\"use-passkey\" name=\"by\" value=\"use\">{use_it}</button>\n\
         <button id=\"refuse-passkey\" name=\"by\" value=\"refuse\">{}</button>\n",
        language.refuse_passkey()
    )
}

fn code_fields(language: Language, parameters: &Value) -> String {
    let from = match parameters["CODE_DELIVERY_DESTINATION"].as_str() {
        Some(destination) => format!("{} {}", language.sent_to(), escape(destination)),
        None => language.authenticator_shows_it().to_owned(),
    };
    format!(
        "<p>{from}</p>\n<label for=\"code\">{}</label>\n<input id=\"code\" name=\"code\" inputmode=\"numeric\" \
         autocomplete=\"one-time-code\" required>\n<button id=\"continue\">{}</button>\n",
        language.code_field(),
        language.go_on()
    )
}

fn factor_fields(language: Language, parameters: &Value) -> String {
    let names: Vec<String> =
        serde_json::from_str(parameters["MFAS_CAN_CHOOSE"].as_str().unwrap_or_default()).unwrap_or_default();
    let choices = names.iter().map(|name| {
        let name = escape(name);
        format!("<label><input type=\"radio\" name=\"factor\" value=\"{name}\" required> {name}</label>\n")
    });
    format!("{}<button id=\"continue\">{}</button>\n", choices.collect::<String>(), language.go_on())
}

fn new_password_fields(language: Language, parameters: &Value) -> String {
    let missing: Vec<String> =
        serde_json::from_str(parameters["requiredAttributes"].as_str().unwrap_or_default())
            .unwrap_or_default();
    let attributes = missing.iter().map(|field| {
        let field = escape(field);
        let name = field.trim_start_matches("userAttributes.");
        format!("<label for=\"{name}\">{name}</label>\n<input id=\"{name}\" name=\"{field}\" required>\n")
    });
    format!(
        "<label for=\"new-password\">{}</label>\n<input id=\"new-password\" name=\"new_password\" \
         type=\"password\" autocomplete=\"new-password\" required>\n{}<button id=\"continue\">{}</button>\n",
        language.password(),
        attributes.collect::<String>(),
        language.go_on()
    )
}

/// Serves `GET` and `POST /passkeys/add`, for a user of this pool whom the browser has a session of. It asks nobody to
/// sign in, and says in `result` what came of it.
pub(super) fn add_passkey(pool: &mut Pool, request: &WebRequest, trace: &mut Trace) -> Served {
    let now = pool.now();
    if pool.managed_login.classic {
        return Wrong::Page("invalid_request").served(now, request, trace);
    }
    let back = match way_back(pool, request) {
        Ok(back) => back,
        Err(wrong) => return wrong.served(now, request, trace),
    };
    let with = |result: &'static str| web::redirect(&with_query(&back, &[("result", result)]), now, result);
    let username = session_of(pool, request).map(|session| session.username.clone());
    let local = |name: &String| pool.users.get(name).is_some_and(|user| user.status == Status::Confirmed);
    let Some(username) = username.filter(local) else {
        return with("invalid_session");
    };
    trace.username.clone_from(&username);
    if request.method != Method::POST {
        return registration(request, None, now);
    }
    let Some((_, form)) = trusted_form(request) else {
        return begin_again(request, now);
    };
    if form.get("by") != Some("use") {
        return with("cancelled");
    }
    if pool.managed_login.passkeys_refuse {
        let language = Language::of(request.query.get("lang"));
        return registration(request, Some(language.passkey_refused()), now);
    }
    match (pool.users.get_mut(&username), new_passkey(now)) {
        (Some(user), Some(passkey)) => {
            user.passkeys.push(passkey);
            with("success")
        }
        _ => begin_again(request, now),
    }
}

/// The page that stands for the browser's dialogue about a new passkey.
fn registration(request: &WebRequest, wrong: Option<&str>, now: i64) -> Served {
    let language = Language::of(request.query.get("lang"));
    let cookie = request.cookie(FORM_COOKIE).filter(|own| !own.is_empty());
    let cookie = cookie.map_or_else(random::uuid, str::to_owned);
    let wrong = wrong.map(|words| format!("<p role=\"alert\">{}</p>\n", escape(words))).unwrap_or_default();
    let content = format!(
        "{wrong}<p>{}</p>\n<form method=\"post\" action=\"/passkeys/add?{}\">\n{}{}</form>\n",
        language.passkey_stands_for(),
        escape(&request.query.without(&[])),
        hidden_fields("", &cookie),
        passkey_buttons(language, language.add_passkey()),
    );
    let served = web::page(200, language, language.add_passkey(), &content, now).called("form");
    with_form_cookie(served, &cookie)
}

/// Where the browser goes afterwards: one of the client's addresses.
fn way_back(pool: &Pool, request: &WebRequest) -> Result<String, Wrong> {
    let query = &request.query;
    let client = query.get("client_id").filter(|_| !query.repeat()).ok_or(Wrong::Page("invalid_request"))?;
    let client = pool.client(client).map_err(|_| Wrong::Page("invalid_client"))?;
    let registered = client.managed_login.as_ref().ok_or(Wrong::Page("unauthorized_client"))?;
    let address = query.get("redirect_uri").ok_or(Wrong::Page("invalid_request"))?;
    let known = registered.callbacks.iter().any(|own| own == address);
    if known { Ok(address.to_owned()) } else { Err(Wrong::Page("redirect_mismatch")) }
}

/// A passkey whose private half nobody has: these pages ask for no signature.
fn new_passkey(now: i64) -> Option<Passkey> {
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new()).ok()?;
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref()).ok()?;
    Some(Passkey {
        id: URL_SAFE_NO_PAD.encode(random::bytes::<16>()),
        name: "passkey of the managed login".to_owned(),
        public_key: URL_SAFE_NO_PAD.encode(key.public_key()),
        created: now,
    })
}
