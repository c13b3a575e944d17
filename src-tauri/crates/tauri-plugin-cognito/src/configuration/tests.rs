use super::*;
use serde_json::json;

const REAL: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123456";

/// Reads with these variables, this config file (text) and this `plugins.cognito`.
fn read_with(
    variables: &[(&str, &str)],
    file: Option<&str>,
    compiled_in: &Value,
    development: Option<(&'static str, &'static str)>,
) -> Result<Configuration, Vec<SettingFault>> {
    let folder = tempfolder::Folder::new();
    let path = folder.path.join("cognito.json");
    if let Some(text) = file {
        std::fs::write(&path, text).unwrap();
    }
    read(&Sources {
        environment: &|name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        },
        config_file: Some(&path),
        compiled_in,
        scheme: Some("cognito-desktop"),
        development: development.map(|(issuer, client_id)| Development {
            issuer,
            client_id: client_id.to_owned(),
            client_secret: None,
            browser: None,
        }),
    })
}

/// What is wrong with settings that the app can do without.
fn slips(result: Result<Configuration, Vec<SettingFault>>) -> Vec<(String, SettingProblem)> {
    let warnings = result.expect("it works all the same").warnings.into_iter();
    warnings
        .filter_map(|warning| match warning {
            SetupWarning::Setting { fault } => Some((fault.setting, fault.problem)),
            SetupWarning::SecretCompiledIn | SetupWarning::LinksNotRegistered { .. } => None,
        })
        .collect()
}

fn problems(result: Result<Configuration, Vec<SettingFault>>) -> Vec<(String, SettingProblem)> {
    result
        .expect_err("this set-up is broken")
        .into_iter()
        .map(|fault| (fault.setting, fault.problem))
        .collect()
}

#[test]
fn the_environment_is_stronger_than_the_file_and_the_file_than_what_is_compiled_in() {
    let compiled_in = json!({ "issuer": REAL, "clientId": "compiled" });
    let read = |variables: &[_], file| {
        read_with(variables, file, &compiled_in, None).unwrap().settings.client_id().to_owned()
    };
    assert_eq!(read(&[], None), "compiled");
    assert_eq!(read(&[], Some(r#"{"clientId":"filed"}"#)), "filed");
    assert_eq!(read(&[(CLIENT_ID, "given")], Some(r#"{"clientId":"filed"}"#)), "given");
    assert_eq!(
        read(&[(CLIENT_ID, "  ")], Some(r#"{"clientId":"filed"}"#)),
        "filed",
        "an empty value is not set"
    );
}

#[test]
fn a_secret_is_not_taken_from_below_its_client() {
    let compiled_in =
        json!({ "issuer": REAL, "clientId": "a", "clientSecret": "compiledSecretCompiledSecret" });
    let own = read_with(&[], None, &compiled_in, None).unwrap();
    assert!(own.settings.client_secret().is_some());
    assert_eq!(own.warnings, [SetupWarning::SecretCompiledIn]);
    let other = read_with(&[(CLIENT_ID, "b")], None, &compiled_in, None).unwrap();
    assert!(other.settings.client_secret().is_none(), "the compiled-in secret is client a's");
    assert!(other.warnings.is_empty());
}

#[test]
fn what_is_missing_is_named_all_at_once() {
    assert_eq!(
        problems(read_with(&[], None, &Value::Null, None)),
        [(ISSUER.to_owned(), SettingProblem::Missing), (CLIENT_ID.to_owned(), SettingProblem::Missing)]
    );
}

#[test]
fn each_unusable_value_is_told_apart() {
    let mismatch = SettingProblem::RegionMismatch {
        host_region: "eu-west-1".to_owned(),
        pool_region: "us-east-1".to_owned(),
    };
    for (issuer, problem) in [
        ("cognito", SettingProblem::NotAUrl),
        ("http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC", SettingProblem::NotHttps),
        ("https://cognito-idp.eu-west-1.amazonaws.com/", SettingProblem::NoPoolId),
        ("https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_AbC", mismatch),
        ("https://example.com/us-east-1_AbC", SettingProblem::UnknownHost { host: "example.com".to_owned() }),
    ] {
        let faults = read_with(&[(ISSUER, issuer), (CLIENT_ID, "a")], None, &Value::Null, None).unwrap_err();
        assert_eq!(faults.len(), 1, "{issuer}");
        assert_eq!(faults[0].problem, problem, "{issuer}");
        assert_eq!(faults[0].value.as_deref(), Some(issuer));
        assert_eq!(faults[0].source, Some(Source::Environment));
    }
    let with =
        |extra| problems(read_with(&[(ISSUER, REAL), (CLIENT_ID, "a"), extra], None, &Value::Null, None));
    assert_eq!(with((ENDPOINT, "nonsense")), [(ENDPOINT.to_owned(), SettingProblem::NotAUrl)]);
    assert_eq!(with((ENDPOINT, "http://example.com")), [(ENDPOINT.to_owned(), SettingProblem::NotHttps)]);
    let client = problems(read_with(&[(ISSUER, REAL), (CLIENT_ID, "a b")], None, &Value::Null, None));
    assert_eq!(client, [(CLIENT_ID.to_owned(), SettingProblem::ClientIdForm)]);
}

#[test]
fn a_secret_that_cannot_be_one_is_not_shown() {
    let variables = [(ISSUER, REAL), (CLIENT_ID, "a"), (CLIENT_SECRET, "two words")];
    let faults = read_with(&variables, None, &Value::Null, None).unwrap_err();
    assert_eq!(faults[0].problem, SettingProblem::ClientSecretForm);
    assert_eq!(faults[0].value, None);
}

#[test]
fn a_config_file_that_cannot_be_used_is_named_with_the_place() {
    let full = [(ISSUER, REAL), (CLIENT_ID, "a")];
    let form = problems(read_with(&full, Some("{\n  oops"), &Value::Null, None));
    assert!(form[0].0.ends_with("cognito.json"));
    assert!(matches!(&form[0].1, SettingProblem::ConfigFileForm { reason } if reason.contains("line 2")));
    let unknown = problems(read_with(&full, Some(r#"{"client_id":"a"}"#), &Value::Null, None));
    assert_eq!(unknown[0].1, SettingProblem::UnknownSetting { name: "client_id".to_owned() });
    for text in ["{ oops", "[]", "\u{0}"] {
        assert_eq!(
            problems(read_with(&[], Some(text), &Value::Null, None)).len(),
            1,
            "one problem and not three"
        );
    }
    let marked = format!("\u{feff}{}", r#"{"clientId":"b"}"#);
    assert_eq!(read_with(&full[..1], Some(&marked), &Value::Null, None).unwrap().settings.client_id(), "b");
    let number = problems(read_with(&full[..1], Some(r#"{"clientId":1}"#), &Value::Null, None));
    assert_eq!(number, [(CLIENT_ID.to_owned(), SettingProblem::NotAText)]);
}

#[test]
fn an_endpoint_may_stand_in_for_a_host_that_is_not_cognitos() {
    let variables = [
        (ISSUER, "https://auth.example.com/us-east-1_AbC"),
        (CLIENT_ID, "a"),
        (ENDPOINT, "http://127.0.0.1:4570"),
    ];
    let configuration = read_with(&variables, None, &Value::Null, None).unwrap();
    assert!(matches!(
        configuration.view(),
        Setup::Ready { endpoint_override: Some(endpoint), .. } if endpoint.starts_with("http://127.0.0.1:4570")
    ));
}

#[test]
fn the_development_pool_is_used_only_where_nothing_else_is_said() {
    let pool = Some(("http://127.0.0.1:9229/us-east-1_DevPool", "devdesktop"));
    assert!(read_with(&[], None, &Value::Null, pool).unwrap().development);
    let own = read_with(&[(ISSUER, REAL), (CLIENT_ID, "a")], None, &Value::Null, pool).unwrap();
    assert!(!own.development);
    assert_eq!(
        problems(read_with(&[(ISSUER, REAL)], None, &Value::Null, pool)),
        [(CLIENT_ID.to_owned(), SettingProblem::Missing)],
        "half a configuration is not completed with another pool's half"
    );
}

#[test]
fn what_the_file_has_of_a_pool_is_what_connecting_starts_from() {
    let folder = tempfolder::Folder::new();
    let path = folder.path.join("cognito.json");
    assert_eq!(begun_in(&path), (None, None));
    std::fs::write(&path, format!(r#"{{"issuer":"{REAL}","unheard":"of"}}"#)).unwrap();
    assert_eq!(begun_in(&path), (Some(REAL.to_owned()), None));
    std::fs::write(&path, r#"{"clientId":"a"}"#).unwrap();
    assert_eq!(begun_in(&path), (None, Some("a".to_owned())));
}

mod tempfolder {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicU32, Ordering};

    static NEXT: AtomicU32 = AtomicU32::new(0);

    /// A folder of its own for each test, gone afterwards.
    pub(super) struct Folder {
        pub(super) path: PathBuf,
    }

    impl Folder {
        pub(super) fn new() -> Self {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path =
                std::env::temp_dir().join(format!("cognito-configuration-{}-{number}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self { path }
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

#[test]
fn rules_for_passwords_are_read_and_slips_in_them_named() {
    let policy = |text: &str| {
        let file = format!(r#"{{"issuer":"{REAL}","clientId":"a","passwordPolicy":{text}}}"#);
        read_with(&[], Some(&file), &Value::Null, None)
    };
    let read = policy(r#"{"minimumLength":12,"requireSymbols":true}"#).unwrap().password_policy.unwrap();
    assert_eq!((read.minimum_length, read.require_symbols, read.require_numbers), (Some(12), true, false));
    let read = policy(r#"{"requireSymbols":true}"#).unwrap().password_policy.unwrap();
    assert_eq!((read.minimum_length, read.require_symbols), (None, true), "what is left out is not required");
    for (text, words) in [
        (r#"{"minimumLength":5}"#, "minimumLength is 5, and has to be 6 to 99"),
        (r#"{"minimumLength":100}"#, "minimumLength is 100"),
        (r#"{"minimumLength":8,"requireEmoji":true}"#, "unknown field `requireEmoji`"),
        (r#"{"minimumLength":"8"}"#, "invalid type"),
        (r#""strong""#, "expected value"),
        ("8", "invalid type"),
    ] {
        match slips(policy(text)).as_slice() {
            [(setting, SettingProblem::PasswordPolicyForm { reason })] => {
                assert_eq!(setting, PASSWORD_POLICY);
                assert!(reason.contains(words), "{text}: {reason}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    let from_environment = [(ISSUER, REAL), (CLIENT_ID, "a"), (PASSWORD_POLICY, r#"{"minimumLength":9}"#)];
    let read = read_with(&from_environment, None, &Value::Null, None).unwrap();
    assert_eq!(read.password_policy.unwrap().minimum_length, Some(9));
}

#[test]
fn the_life_of_a_refresh_token_is_read_with_its_unit() {
    for (text, seconds) in [
        ("30 days", Some(2_592_000)),
        ("30d", Some(2_592_000)),
        (" 1 Day ", Some(86_400)),
        ("12 hours", Some(43_200)),
        ("60 minutes", Some(3_600)),
        ("60m", Some(3_600)),
        ("3600 seconds", Some(3_600)),
        ("3650 days", Some(315_360_000)),
        ("3651 days", None),
        ("59 minutes", None),
        ("30", None),
        ("days", None),
        ("-1 days", None),
        ("1.5 days", None),
        ("99999999999999999999 days", None),
        ("2 fortnights", None),
    ] {
        let variables = [(ISSUER, REAL), (CLIENT_ID, "a"), (TOKEN_VALIDITY, text)];
        let read = read_with(&variables, None, &Value::Null, None);
        match seconds {
            Some(_) => assert_eq!(read.unwrap().refresh_token_validity_s, seconds, "{text}"),
            None => {
                assert_eq!(
                    slips(read),
                    [(TOKEN_VALIDITY.to_owned(), SettingProblem::ValidityForm)],
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn a_number_where_a_text_belongs_is_told_by_its_setting() {
    let read = |key: &str, value: Value| {
        let mut file = json!({ "issuer": REAL, "clientId": "a" });
        file[key] = value;
        read_with(&[], Some(&file.to_string()), &Value::Null, None)
    };
    for (key, setting, problem) in [
        ("refreshTokenValidity", TOKEN_VALIDITY, SettingProblem::ValidityForm),
        ("authSessionValidity", SESSION_VALIDITY, SettingProblem::SessionValidityForm),
        ("authFlow", AUTH_FLOW, SettingProblem::AuthFlowUnknown),
    ] {
        assert_eq!(slips(read(key, json!(30))), [(setting.to_owned(), problem)], "{key}");
    }
    for (key, setting) in [("issuer", ISSUER), ("clientId", CLIENT_ID), ("endpoint", ENDPOINT)] {
        let faults = read(key, json!(30)).unwrap_err();
        assert_eq!(
            faults,
            [fault(setting, Some("30".to_owned()), Some(Source::ConfigFile), SettingProblem::NotAText)]
        );
    }
    let faults = read("clientSecret", json!(["sentinel"])).unwrap_err();
    assert_eq!(faults, [fault(CLIENT_SECRET, None, Some(Source::ConfigFile), SettingProblem::NotAText)]);
}

#[test]
fn what_belongs_to_a_pool_is_not_taken_from_below_it() {
    let compiled_in = json!({
        "issuer": REAL, "clientId": "a",
        "passwordPolicy": { "minimumLength": 8 }, "refreshTokenValidity": "30 days",
    });
    let own = read_with(&[], None, &compiled_in, None).unwrap();
    assert!(own.password_policy.is_some() && own.refresh_token_validity_s.is_some());
    let other = read_with(&[(CLIENT_ID, "b")], None, &compiled_in, None).unwrap();
    assert!(other.password_policy.is_none() && other.refresh_token_validity_s.is_none());
}

#[test]
fn a_secret_in_the_keychain_is_marked_in_the_file() {
    let file = |marker: &str| format!(r#"{{"issuer":"{REAL}","clientId":"a","clientSecretIn":"{marker}"}}"#);
    let read = |variables: &[_], file: &str| read_with(variables, Some(file), &Value::Null, None);
    assert!(read(&[], &file("keychain")).unwrap().secret_in_keychain);
    assert!(!read(&[(CLIENT_ID, "b")], &file("keychain")).unwrap().secret_in_keychain, "another client's");
    let given = read(&[(CLIENT_SECRET, "givenSecretGivenSecretGiven")], &file("keychain")).unwrap();
    assert!(!given.secret_in_keychain && given.settings.client_secret().is_some());
    assert_eq!(problems(read(&[], &file("drawer")))[0].0, "clientSecretIn");
}

#[test]
fn connecting_mends_what_is_missing_or_wrong_in_the_file_and_nothing_stronger() {
    let connectable = |variables: &[(&str, &str)], file: Option<&str>, compiled_in: &Value| {
        let environment = |name: &str| {
            variables
                .iter()
                .find(|(variable, _)| *variable == name)
                .map(|(_, value): &(&str, &str)| (*value).to_owned())
        };
        let sources = Sources {
            environment: &environment,
            config_file: None,
            compiled_in,
            development: None,
            scheme: None,
        };
        let faults = read_with(variables, file, compiled_in, None).expect_err("it is broken");
        is_connectable(&sources, &faults)
    };
    let nothing = Value::Null;
    assert!(connectable(&[], None, &nothing));
    assert!(connectable(&[], Some(r#"{"issuer":"nonsense"}"#), &nothing));
    assert!(!connectable(&[(ISSUER, "nonsense")], None, &nothing));
    assert!(!connectable(&[], None, &json!({ "issuer": "nonsense" })));
    assert!(!connectable(&[], Some("{ not json"), &nothing));
    assert!(!connectable(&[(ENDPOINT, "nonsense")], None, &nothing));
    assert!(!connectable(&[(ISSUER, REAL)], None, &nothing), "its other half has to come from there as well");
}

#[test]
fn a_broken_way_to_the_pool_is_told_with_the_rest_and_connecting_stays_open() {
    let nothing = Value::Null;
    let sources = Sources {
        environment: &|_| None,
        config_file: Some(Path::new("cognito.json")),
        compiled_in: &nothing,
        development: None,
        scheme: None,
    };
    let way = || {
        let value = "not a proxy".to_owned();
        http_fault(HttpProblem::ProxyMalformed { setting: "HTTPS_PROXY", value })
    };
    let missing = read_with(&[], None, &nothing, None).unwrap_err();
    let (faults, connectable) = broken(&sources, missing, Some(way()));
    let named: Vec<_> = faults.iter().map(|fault| fault.setting.as_str()).collect();
    assert_eq!((named, connectable), (vec![ISSUER, CLIENT_ID, "HTTPS_PROXY"], true));
    // With a pool there is nothing to connect.
    assert_eq!(broken(&sources, Vec::new(), Some(way())), (vec![way()], false));
}

#[test]
fn how_the_client_signs_people_in_is_read_and_told_to_the_pools_client() {
    for (text, flow, told) in [
        ("USER_SRP_AUTH", AuthFlow::UserSrpAuth, cognito::AuthFlow::UserSrp),
        ("USER_AUTH", AuthFlow::UserAuth, cognito::AuthFlow::User),
        ("custom_auth", AuthFlow::CustomAuth, cognito::AuthFlow::Custom),
        ("CUSTOM_AUTH_WITH_SRP", AuthFlow::CustomAuthWithSrp, cognito::AuthFlow::CustomWithSrp),
        ("USER_PASSWORD_AUTH", AuthFlow::UserPasswordAuth, cognito::AuthFlow::UserPassword),
    ] {
        let variables = [(ISSUER, REAL), (CLIENT_ID, "a"), (AUTH_FLOW, text)];
        let read = read_with(&variables, None, &Value::Null, None).unwrap();
        assert_eq!((read.auth_flow, read.settings.auth_flow()), (Some(flow), Some(told)), "{text}");
    }
    for wrong in ["ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH", "srp"] {
        let variables = [(ISSUER, REAL), (CLIENT_ID, "a"), (AUTH_FLOW, wrong)];
        let read = read_with(&variables, None, &Value::Null, None).unwrap();
        assert_eq!((read.auth_flow, read.settings.auth_flow()), (None, None));
        let told = fault(
            AUTH_FLOW,
            Some(wrong.to_owned()),
            Some(Source::Environment),
            SettingProblem::AuthFlowUnknown,
        );
        assert_eq!(read.warnings, [SetupWarning::Setting { fault: told }]);
    }
    let none = read_with(&[(ISSUER, REAL), (CLIENT_ID, "a")], None, &Value::Null, None).unwrap();
    assert_eq!((none.auth_flow, none.settings.auth_flow()), (None, None));
}

#[test]
fn how_long_a_challenge_waits_is_read_with_its_unit() {
    for (text, seconds) in [
        ("3 minutes", Some(180)),
        ("15m", Some(900)),
        ("200 seconds", Some(200)),
        ("2 minutes", None),
        ("16 minutes", None),
        ("3", None),
        ("soon", None),
    ] {
        let variables = [(ISSUER, REAL), (CLIENT_ID, "a"), (SESSION_VALIDITY, text)];
        let read = read_with(&variables, None, &Value::Null, None);
        if seconds.is_some() {
            let read = read.unwrap();
            assert_eq!(read.auth_session_validity_s, seconds, "{text}");
            assert_eq!(read.settings.auth_session_validity().map(|life| life.as_secs()), seconds, "{text}");
        } else {
            let expected = [(SESSION_VALIDITY.to_owned(), SettingProblem::SessionValidityForm)];
            assert_eq!(slips(read), expected, "{text}");
        }
    }
}

#[test]
fn what_a_sign_up_asks_for_is_a_list_in_any_form() {
    let names = |list: &[&str]| Some(list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let compiled_in = |value: Value| json!({ "issuer": REAL, "clientId": "a", "signUpAttributes": value });
    for (value, expected) in [
        (json!("email, name"), names(&["email", "name"])),
        (json!("email,email,custom:team"), names(&["email", "custom:team"])),
        (json!(r#"["email", "氏名"]"#), names(&["email", "氏名"])),
        (json!(["email", "phone_number"]), names(&["email", "phone_number"])),
        (json!([]), names(&[])),
        (json!("  "), None),
    ] {
        let read = read_with(&[], None, &compiled_in(value.clone()), None).unwrap();
        assert_eq!(read.sign_up_attributes, expected, "{value}");
    }
    for wrong in [json!("email,,name"), json!("given name"), json!(["email", 1]), json!(["a".repeat(33)])] {
        let expected = [(SIGN_UP_ATTRIBUTES.to_owned(), SettingProblem::SignUpAttributesForm)];
        assert_eq!(slips(read_with(&[], None, &compiled_in(wrong.clone()), None)), expected, "{wrong}");
    }
}

/// Each setting of the browser's with its key, a value that cannot be used, and what is told of it.
fn browser_slips() -> Vec<(&'static str, &'static str, &'static str, SettingProblem)> {
    vec![
        (DOMAIN, "domain", "auth.example.com/login", SettingProblem::DomainForm),
        (DOMAIN, "domain", "http://auth.example.com", SettingProblem::DomainForm),
        (REDIRECT_URIS, "redirectUris", "https://example.com/callback", SettingProblem::RedirectForm),
        (
            REDIRECT_URIS,
            "redirectUris",
            "cognito-desktop://a/b, other-app://a/b",
            SettingProblem::RedirectScheme { scheme: "other-app".to_owned() },
        ),
        (SCOPES, "scopes", "openid \u{e9}mail", SettingProblem::ScopeForm),
        (SCOPES, "scopes", "email profile", SettingProblem::OpenidMissing),
        (IDENTITY_PROVIDERS, "identityProviders", "My Provider", SettingProblem::ProviderForm),
        (IDENTITY_PROVIDERS, "identityProviders", "[{", SettingProblem::ProviderForm),
        (PROMPT, "prompt", "always", SettingProblem::PromptUnknown),
        (RESOURCE, "resource", "api", SettingProblem::ResourceForm),
    ]
}

#[test]
fn a_slip_in_the_browsers_settings_takes_its_button_away_and_nothing_else() {
    for (setting, key, value, problem) in browser_slips() {
        let expected = |source| {
            let told = fault(setting, Some(value.to_owned()), Some(source), problem.clone());
            [SetupWarning::Setting { fault: told }]
        };
        let compiled_in = |more: &[(&str, &str)]| {
            let mut values = json!({ "issuer": REAL, "clientId": "a" });
            for (key, value) in more {
                values[*key] = json!(value);
            }
            values
        };
        let good = [("domain", "auth.example.com")];
        let variables = [(ISSUER, REAL), (CLIENT_ID, "a"), (DOMAIN, "auth.example.com"), (setting, value)];
        // The slip itself comes first where it is in the domain.
        let variables: Vec<_> = variables.into_iter().rev().collect();
        let whole = compiled_in(&[good[0], (key, value)]);
        let file = json!({ key: value, "issuer": REAL, "clientId": "a" }).to_string();
        for (source, read) in [
            (Source::Environment, read_with(&variables, None, &Value::Null, None)),
            (Source::ConfigFile, read_with(&[], Some(&file), &compiled_in(&good), None)),
            (Source::CompiledIn, read_with(&[], None, &whole, None)),
        ] {
            let read = read.unwrap_or_else(|faults| panic!("{key} = {value} from {source:?}: {faults:?}"));
            assert_eq!(read.warnings, expected(source), "{key} = {value}");
            assert!(read.browser.is_none(), "{key} = {value} from {source:?}");
            assert!(matches!(read.view(), Setup::Ready { browser: None, .. }));
        }
    }
}

#[test]
fn the_browser_is_offered_where_a_domain_or_providers_are_set() {
    let read = |more: Value| {
        let mut values = json!({ "issuer": REAL, "clientId": "a" });
        values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        read_with(&[], Some(&values.to_string()), &Value::Null, None).unwrap()
    };
    for more in [json!({}), json!({ "scopes": "openid", "prompt": "login" }), json!({ "domain": " " })] {
        assert!(read(more.clone()).browser.is_none(), "{more}");
    }
    let offer = |more: Value| match read(more).view() {
        Setup::Ready { browser: Some(offer), .. } => offer,
        other => panic!("{other:?}"),
    };
    let plain = offer(json!({ "domain": "auth.example.com" }));
    assert_eq!(plain, BrowserOffer { providers: Vec::new(), covers_account: true });
    // In the form that JSON has for a list, and as a text.
    for (providers, scopes) in [
        (json!([{ "name": "Okta", "label": "Staff" }, "Google"]), json!(["openid", "email"])),
        (json!(r#"[{"name":"Okta","label":"Staff"},{"name":"Google"}]"#), json!("openid, email")),
    ] {
        let offer = offer(json!({ "identityProviders": providers, "scopes": scopes }));
        let shown: Vec<_> =
            offer.providers.iter().map(|one| (one.key.as_str(), one.label.as_str())).collect();
        assert_eq!((shown, offer.covers_account), (vec![("Okta", "Staff"), ("Google", "Google")], false));
    }
}

#[test]
fn the_addresses_to_come_back_by_are_the_apps_own_unless_others_are_set() {
    let read = |redirects: Option<&str>| {
        let mut variables = vec![(ISSUER, REAL), (CLIENT_ID, "a"), (DOMAIN, "auth.example.com")];
        variables.extend(redirects.map(|redirects| (REDIRECT_URIS, redirects)));
        let browser =
            read_with(&variables, None, &Value::Null, None).unwrap().browser.expect("it is offered");
        let all: Vec<_> = browser.redirects.iter().map(ToString::to_string).collect();
        (all, browser.signed_out.map(|address| address.to_string()))
    };
    let (all, signed_out) = read(None);
    assert_eq!(all[..2], ["cognito-desktop://sign-in/callback", "http://127.0.0.1:19274/callback"]);
    assert_eq!(signed_out.as_deref(), Some("cognito-desktop://signed-out/callback"));
    let (all, signed_out) = read(Some("http://127.0.0.1:8080/a http://127.0.0.1:8081/a"));
    assert_eq!(all, ["http://127.0.0.1:8080/a", "http://127.0.0.1:8081/a"]);
    assert_eq!(signed_out.as_deref(), Some("http://127.0.0.1:8080/a"));
    let (all, _) = read(Some(r#"["cognito-desktop://in"]"#));
    assert_eq!(all, ["cognito-desktop://in"]);
}

#[test]
fn what_the_browser_is_told_belongs_to_the_client() {
    let compiled_in = json!({ "issuer": REAL, "clientId": "a", "domain": "auth.example.com" });
    assert!(read_with(&[], None, &compiled_in, None).unwrap().browser.is_some());
    let other = read_with(&[(CLIENT_ID, "b")], None, &compiled_in, None).unwrap();
    assert!(other.browser.is_none() && other.warnings.is_empty(), "the domain is client a's");
}
