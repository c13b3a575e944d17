use proptest::prelude::*;

use super::*;

const STATE: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
const LINK: &str = "cognito-desktop://sign-in/callback";
const LOOPBACK: &str = "http://127.0.0.1:19274/callback";
const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_p";

fn awaited(redirect: &str) -> Awaited {
    let redirect = Redirect::parse(redirect).expect("an address");
    Awaited::new(STATE, redirect, Issuer::parse(ISSUER).expect("an issuer"))
}

fn receive(redirect: &str, link: &str) -> Result<String, CallbackProblem> {
    awaited(redirect).receive(link).map(|code| code.expose().to_owned())
}

#[test]
fn a_code_is_taken_from_a_link_however_it_came() {
    for (redirect, link) in [
        (LINK, format!("{LINK}?code=c0de&state={STATE}")),
        (LINK, format!("  {LINK}?code=c0de&state={STATE}\r\n")),
        (LINK, format!("{LINK}?state={STATE}&code=c0de#_=_")),
        (LINK, format!("{LINK}?state={STATE}&&code=c0de&")),
        (LINK, format!("{LINK}?state={STATE}&code=c%30d%65&session_state=x&flag")),
        (LINK, format!("{LINK}?state={STATE}&code=c0de&error=&iss=")),
        (LINK, format!("{LINK}?%73tate={STATE}&code=c0de")),
        (LOOPBACK, format!("{LOOPBACK}?code=c0de&state={STATE}")),
        ("my-app://callback", format!("my-app://callback/?code=c0de&state={STATE}")),
        ("my-app://callback/", format!("my-app://callback?code=c0de&state={STATE}")),
    ] {
        assert_eq!(receive(redirect, &link), Ok("c0de".to_owned()), "{link}");
    }
    let spaced = receive(LINK, &format!("{LINK}?code=a+b%20c&state={STATE}"));
    assert_eq!(spaced, Ok("a b c".to_owned()));
}

#[test]
fn a_link_leads_to_the_very_address_that_was_given() {
    let good = format!("?code=c0de&state={STATE}");
    for (redirect, link, problem) in [
        (LINK, "cognito-desktopp://sign-in/callback", CallbackProblem::OtherScheme),
        (LINK, "COGNITO-DESKTOP://sign-in/callback", CallbackProblem::OtherScheme),
        (LINK, LOOPBACK, CallbackProblem::OtherScheme),
        (LINK, "cognito-desktop://sign-out/callback", CallbackProblem::OtherHost),
        (LINK, "cognito-desktop://me@sign-in/callback", CallbackProblem::OtherHost),
        (LINK, "cognito-desktop:/sign-in/callback", CallbackProblem::OtherHost),
        (LINK, "cognito-desktop:sign-in/callback", CallbackProblem::OtherHost),
        (LINK, "cognito-desktop:///sign-in/callback", CallbackProblem::OtherHost),
        (LINK, "cognito-desktop://sign-in:1/callback", CallbackProblem::OtherPort),
        (LINK, "cognito-desktop://sign-in:/callback", CallbackProblem::OtherPort),
        (LINK, "cognito-desktop://sign-in", CallbackProblem::OtherPath),
        (LINK, "cognito-desktop://sign-in/", CallbackProblem::OtherPath),
        (LINK, "cognito-desktop://sign-in/callback/", CallbackProblem::OtherPath),
        (LINK, "cognito-desktop://sign-in/callback/x", CallbackProblem::OtherPath),
        (LINK, "cognito-desktop://sign-in/x/../callback", CallbackProblem::OtherPath),
        (LINK, "cognito-desktop://sign-in/%63allback", CallbackProblem::OtherPath),
        (LINK, "cognito-desktop://sign-in\\callback", CallbackProblem::OtherHost),
        (LOOPBACK, "http://127.0.0.1:19275/callback", CallbackProblem::OtherPort),
        (LOOPBACK, "http://127.0.0.1/callback", CallbackProblem::OtherPort),
        (LOOPBACK, "http://localhost:19274/callback", CallbackProblem::OtherHost),
        (LOOPBACK, "http://evil.example:19274/callback", CallbackProblem::OtherHost),
        (LOOPBACK, "http://127.0.0.1:19274@evil.example/callback", CallbackProblem::OtherHost),
        (LOOPBACK, "https://127.0.0.1:19274/callback", CallbackProblem::OtherScheme),
        (LOOPBACK, "http://127.0.0.1:19274", CallbackProblem::OtherPath),
        (LOOPBACK, "http://127.0.0.1:19274/callback2", CallbackProblem::OtherPath),
        ("http://127.0.0.1:19274/", "http://127.0.0.1:19274", CallbackProblem::OtherPath),
    ] {
        assert_eq!(receive(redirect, &format!("{link}{good}")), Err(problem), "{link}");
    }
}

#[test]
fn what_is_no_link_is_not_read_as_one() {
    for (link, problem) in [
        (String::new(), CallbackProblem::NotALink),
        ("sign in please".to_owned(), CallbackProblem::NotALink),
        ("c0de".to_owned(), CallbackProblem::NotALink),
        (format!("{LINK}?code=c0de&state={STATE}\nand more"), CallbackProblem::NotALink),
        (format!("cognito-\tdesktop://sign-in/callback?code=c0de&state={STATE}"), CallbackProblem::NotALink),
        (format!("{LINK}?code=c0de&state={STATE}\0"), CallbackProblem::NotALink),
        (format!("{LINK}?code=コード&state={STATE}"), CallbackProblem::NotALink),
        (format!("{LINK}?code=c0de&state={STATE}&x={}", "y".repeat(LONGEST_LINK)), CallbackProblem::TooLong),
        (format!("{LINK}?code=%4&state={STATE}"), CallbackProblem::Encoding),
        (format!("{LINK}?code=%zz&state={STATE}"), CallbackProblem::Encoding),
        (format!("{LINK}?code=%ff&state={STATE}"), CallbackProblem::Encoding),
        (format!("{LINK}?code=c&state={STATE}&x=%+1"), CallbackProblem::Encoding),
        (format!("{LINK}?code=c&state={STATE}%"), CallbackProblem::Encoding),
    ] {
        assert_eq!(receive(LINK, &link), Err(problem), "{link}");
    }
}

#[test]
fn each_parameter_is_there_once() {
    for link in [
        format!("{LINK}?code=c0de&code=c0de&state={STATE}"),
        format!("{LINK}?code=c0de&state={STATE}&state=other"),
        format!("{LINK}?code=c0de&state={STATE}&%63ode=other"),
        format!("{LINK}?code=c0de&state={STATE}&code"),
        format!("{LINK}?error=a&error=b&state={STATE}"),
        format!("{LINK}?code=c0de&state={STATE}&unknown=1&unknown=2"),
    ] {
        assert_eq!(receive(LINK, &link), Err(CallbackProblem::Repeated), "{link}");
    }
}

#[test]
fn the_state_comes_before_anything_that_a_link_says() {
    for (parameters, problem) in [
        (String::new(), CallbackProblem::StateMissing),
        ("code=c0de".to_owned(), CallbackProblem::StateMissing),
        ("code=c0de&state=".to_owned(), CallbackProblem::StateMissing),
        ("error=access_denied".to_owned(), CallbackProblem::StateMissing),
        ("code=c0de&state=other".to_owned(), CallbackProblem::StateOther),
        (format!("code=c0de&state={}", &STATE[..42]), CallbackProblem::StateOther),
        (format!("code=c0de&state={STATE}x"), CallbackProblem::StateOther),
        (format!("error=access_denied&state={}", STATE.to_uppercase()), CallbackProblem::StateOther),
    ] {
        let mut awaited = awaited(LINK);
        let found = awaited.receive(&format!("{LINK}?{parameters}")).map(|_| ());
        assert_eq!(found, Err(problem.clone()), "{parameters}");
        assert!(!problem.ends_sign_in());
        // It was anybody's, and the answer can still come.
        assert!(awaited.receive(&format!("{LINK}?code=c0de&state={STATE}")).is_ok(), "{parameters}");
    }
}

#[test]
fn the_first_answer_is_the_only_one() {
    for first in [
        "code=c0de",
        "error=access_denied",
        "code=c0de&error=access_denied",
        "x=y",
        "code=c%C3%B6de",
        "code=c0de&iss=https://evil.example",
    ] {
        let mut awaited = awaited(LINK);
        let answer = awaited.receive(&format!("{LINK}?{first}&state={STATE}"));
        assert!(answer.err().is_none_or(|problem| problem.ends_sign_in()), "{first}");
        let second = awaited.receive(&format!("{LINK}?code=c0de&state={STATE}")).map(|_| ());
        assert_eq!(second, Err(CallbackProblem::Used), "{first}");
    }
    assert!(!CallbackProblem::Used.ends_sign_in());
}

#[test]
fn an_answer_is_a_code_or_an_error_of_this_pool() {
    let problem = |parameters: &str| {
        awaited(LINK).receive(&format!("{LINK}?{parameters}&state={STATE}")).expect_err(parameters)
    };
    assert_eq!(problem("code=c&error=access_denied"), CallbackProblem::Contradictory);
    assert_eq!(problem("error_description=x"), CallbackProblem::Empty);
    assert_eq!(problem("code=c%00de"), CallbackProblem::CodeMalformed);
    for issuer in
        ["https%3A%2F%2Fevil.example%2Feu-west-1_p", &format!("{}%0D%0A", ISSUER.replace(':', "%3A"))]
    {
        assert_eq!(problem(&format!("code=c&iss={issuer}")), CallbackProblem::IssuerOther);
    }
    for (parameters, code, words) in [
        ("error=access_denied", FaultCode::BrowserDeclined, "access_denied"),
        (
            "error=invalid_request&error_description=attributes+required%3A+%5Bemail%5D",
            FaultCode::SignInRefused,
            "attributes required: [email]",
        ),
    ] {
        let CallbackProblem::Refused(fault) = problem(parameters) else { panic!("{parameters}") };
        assert_eq!(fault.code, code);
        assert!(fault.detail.expect("its words").contains(words));
    }
    for issuer in [ISSUER, "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_p"]
        .map(|name| name.replace(':', "%3A"))
    {
        assert!(awaited(LINK).receive(&format!("{LINK}?code=c&iss={issuer}&state={STATE}")).is_ok());
    }
}

#[test]
fn nothing_of_a_link_is_in_what_is_said_of_it() {
    let mut awaited = awaited(LINK);
    let code = awaited.receive(&format!("{LINK}?code=sentinel&state={STATE}")).expect("a code");
    assert!(!format!("{code:?}{awaited:?}").contains("sentinel"));
    assert!(!format!("{awaited:?}").contains(STATE));
    for link in [
        "sentinel",
        "sentinel://sentinel/sentinel?state=sentinel",
        "cognito-desktop://sentinel/callback?state=sentinel",
        "cognito-desktop://sign-in/callback?state=sentinel&code=sentinel",
        "cognito-desktop://sign-in/callback?sentinel=sentinel&sentinel=sentinel",
    ] {
        let problem = awaited.receive(link).expect_err(link);
        assert!(!format!("{problem:?} {:?}", problem.fault()).contains("sentinel"), "{problem:?}");
    }
}

/// Links near to good ones: what they are made of, in any order, some of it damaged.
fn near_links() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(LINK.to_owned()),
        Just(LOOPBACK.to_owned()),
        Just("?".to_owned()),
        Just("&".to_owned()),
        Just("=".to_owned()),
        Just("#".to_owned()),
        Just("%".to_owned()),
        Just("%2".to_owned()),
        Just("+".to_owned()),
        Just("code".to_owned()),
        Just("&code=c0de".to_owned()),
        Just(format!("&state={STATE}")),
        Just("&error=access_denied".to_owned()),
        Just("&error_description=%F0%9F%98%80".to_owned()),
        Just("&iss=https%3A%2F%2Fevil.example".to_owned()),
        "\\PC{0,8}",
        ".{0,3}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_bytes_make_it_panic_and_none_are_a_code_without_the_state(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(receive(LINK, &text).is_err());
        let with_query = format!("{LOOPBACK}?{text}");
        prop_assert!(receive(LOOPBACK, &with_query).is_err());
    }

    #[test]
    fn a_code_comes_only_with_address_state_and_nothing_twice(link in near_links()) {
        if let Ok(code) = receive(LINK, &link) {
            let link = link.trim().split('#').next().expect("a first part");
            let address = format!("{LINK}?");
            prop_assert!(link.starts_with(&address));
            prop_assert_eq!(link.matches(STATE).count(), 1);
            prop_assert!(!code.is_empty() && link.contains("code="));
        }
    }

    #[test]
    fn every_code_that_a_pool_can_give_comes_through(code in "[ -~]{1,200}") {
        let encoded: String = url::form_urlencoded::byte_serialize(code.as_bytes()).collect();
        let link = format!("{LINK}?code={encoded}&state={STATE}");
        prop_assert_eq!(receive(LINK, &link), Ok(code));
    }

    #[test]
    fn an_errors_words_are_bounded_and_clean(words in ".{0,900}") {
        let encoded: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
        let link = format!("{LINK}?error=server_error&error_description={encoded}&state={STATE}");
        match receive(LINK, &link) {
            Err(CallbackProblem::Refused(fault)) => {
                let detail = fault.detail.expect("its words");
                prop_assert!(detail.chars().count() <= 301);
                prop_assert!(!detail.chars().any(char::is_control));
            }
            other => prop_assert_eq!(other, Err(CallbackProblem::TooLong)),
        }
    }
}
