//! `CUSTOM_AUTH`: what a pool asks for by functions of its own. This one asks two riddles, after the password or
//! without it.

use serde_json::{Value, json};

use crate::authentication::start_srp;
use crate::challenges::{self, AfterPassword, Step};
use crate::journal::Trace;
use crate::pool::Pool;
use crate::sign_in::{self, SignIn};
use crate::wire::{Fields, Outcome, Refusal};

/// What is asked, and what is to be answered.
const RIDDLES: [(&str, &str); 2] =
    [("What has keys and opens no lock?", "piano"), ("What gets wetter the more it dries?", "towel")];
/// How many answers may be wrong before the sign-in has to begin again.
const TRIES: u32 = 3;

/// Serves `InitiateAuth` with `CUSTOM_AUTH`.
pub(crate) fn begin(pool: &mut Pool, client_id: &str, parameters: Fields<'_>, trace: &mut Trace) -> Outcome {
    let sign_in = SignIn::read(pool, client_id, parameters, trace)?;
    match parameters.optional("CHALLENGE_NAME") {
        Some("SRP_A") => start_srp(pool, sign_in, parameters.parameter("SRP_A")?, AfterPassword::Riddles),
        Some(other) => {
            Err(Refusal::invalid_parameter(format!("CHALLENGE_NAME {other} cannot begin CUSTOM_AUTH")))
        }
        None if pool.client(client_id)?.riddles_after_password => {
            Err(Refusal::incorrect_password().because("this client's riddles come after SRP"))
        }
        None => Ok(ask_first(pool, &sign_in)),
    }
}

/// Asks the first riddle.
pub(crate) fn ask_first(pool: &mut Pool, sign_in: &SignIn) -> Value {
    ask(pool, sign_in, 0, TRIES)
}

/// Asks a riddle. A user who does not exist is asked as well, and no answer is right.
fn ask(pool: &mut Pool, sign_in: &SignIn, round: usize, tries_left: u32) -> Value {
    let (prompt, _) = RIDDLES[round];
    let parameters = json!({
        "USERNAME": sign_in.username,
        "prompt": prompt,
        "round": (round + 1).to_string(),
        "rounds": RIDDLES.len().to_string(),
    });
    challenges::ask(pool, sign_in, "CUSTOM_CHALLENGE", parameters, Step::Riddle { round, tries_left })
}

/// Serves the answer to `CUSTOM_CHALLENGE`.
pub(crate) fn answer(
    pool: &mut Pool,
    client_id: &str,
    request: Fields<'_>,
    responses: Fields<'_>,
) -> Outcome {
    let key = request.parameter("Session")?;
    let given = responses.parameter("ANSWER")?;
    let pending = challenges::take(pool, key, client_id, responses)?;
    let Step::Riddle { round, tries_left } = pending.step else {
        return Err(challenges::waits_for_something_else());
    };
    let sign_in = &pending.sign_in;
    let user = pool.users.get(&sign_in.username).cloned();
    let (_, right) = RIDDLES[round];
    match user.filter(|_| given.trim().eq_ignore_ascii_case(right)) {
        Some(user) if round + 1 == RIDDLES.len() => sign_in::after_all_factors(pool, sign_in, &user),
        Some(_) => Ok(ask(pool, sign_in, round + 1, tries_left)),
        // Wrong is no error as long as another try is given: the function that judges asks again.
        None if tries_left > 1 => Ok(ask(pool, sign_in, round, tries_left - 1)),
        None => Err(Refusal::incorrect_password().because("too many wrong answers")),
    }
}
