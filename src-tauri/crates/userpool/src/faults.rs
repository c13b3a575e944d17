//! Scripted faults: what the next requests meet instead of, or besides, their answer.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde_json::Value;

use crate::forgery::Forgery;

/// What one request meets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// The ordinary answer.
    Ok,
    /// `TooManyRequestsException` with the given HTTP status: 400 as Cognito sends it, or 429.
    TooManyRequests { status: u16 },
    /// `InternalErrorException`, HTTP 500.
    InternalError,
    /// HTTP 503 with a text that is no JSON, as a load balancer sends it.
    Unavailable,
    /// Nothing is done; silence for so long, then the connection is closed.
    Hang(Duration),
    /// Silence for so long, then the ordinary answer.
    Slow(Duration),
    /// Nothing is done; the connection is closed at once.
    Drop,
    /// The operation is done, but its answer is lost: the connection is closed instead.
    Lose,
    /// A web page with status 200, as a captive portal answers.
    Html,
    /// Nothing is done; it is asked this challenge, which nobody can answer.
    Challenge { name: String },
    /// The ordinary answer, with tokens that a client must not take.
    Forge(Forgery),
    /// Any exception.
    Error { kind: String, message: String, status: u16 },
}

/// The words for steps, for messages about wrong ones.
const WORDS: &str = "\"ok\", \"429\", \"throttle\", \"500\", \"503\", \"hang 5s\", \"slow 500ms\", \"drop\", \
    \"lose\", \"html\", \"forge aud\" (or another of its words), {\"challenge\":…} or \
    {\"error\":{\"type\":…,\"message\":…}}";

impl Step {
    /// Reads one step of a script.
    ///
    /// # Errors
    /// A sentence with the steps there are.
    pub(crate) fn parse(value: &Value) -> Result<Self, String> {
        let wrong = || format!("{value} is no step; a step is {WORDS}");
        if let Some(error) = value.get("error") {
            let text = |name| error.get(name).and_then(Value::as_str).map(str::to_owned);
            return Ok(Self::Error {
                kind: text("type").ok_or_else(wrong)?,
                message: text("message").unwrap_or_default(),
                status: error.get("status").and_then(Value::as_u64).map_or(Ok(400), |status| {
                    u16::try_from(status).ok().filter(|status| (400..600).contains(status)).ok_or_else(wrong)
                })?,
            });
        }
        if let Some(challenge) = value.get("challenge") {
            let name = challenge.as_str().filter(|name| !name.is_empty()).ok_or_else(wrong)?;
            return Ok(Self::Challenge { name: name.to_owned() });
        }
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => return Err(wrong()),
        };
        match text.split_once(' ') {
            Some(("hang", time)) => duration(time).map(Self::Hang).ok_or_else(wrong),
            Some(("slow", time)) => duration(time).map(Self::Slow).ok_or_else(wrong),
            Some(("forge", word)) => Forgery::parse(word).map(Self::Forge).ok_or_else(wrong),
            Some(_) => Err(wrong()),
            None => Ok(match text.as_str() {
                "ok" => Self::Ok,
                "429" => Self::TooManyRequests { status: 429 },
                "throttle" => Self::TooManyRequests { status: 400 },
                "500" => Self::InternalError,
                "503" => Self::Unavailable,
                "drop" => Self::Drop,
                "lose" => Self::Lose,
                "html" => Self::Html,
                _ => return Err(wrong()),
            }),
        }
    }

    /// One or two words for the log.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Ok => "ok".to_owned(),
            Self::TooManyRequests { status: 429 } => "429".to_owned(),
            Self::TooManyRequests { .. } => "throttle".to_owned(),
            Self::InternalError => "500".to_owned(),
            Self::Unavailable => "503".to_owned(),
            Self::Hang(time) => format!("hang {}ms", time.as_millis()),
            Self::Slow(time) => format!("slow {}ms", time.as_millis()),
            Self::Drop => "drop".to_owned(),
            Self::Lose => "lose".to_owned(),
            Self::Html => "html".to_owned(),
            Self::Challenge { name } => format!("challenge {name}"),
            Self::Forge(forgery) => format!("forge {}", forgery.name()),
            Self::Error { kind, .. } => format!("error {kind}"),
        }
    }
}

fn duration(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit())?);
    let count = digits.parse().ok()?;
    match unit {
        "s" => Some(Duration::from_secs(count)),
        "ms" => Some(Duration::from_millis(count)),
        _ => None,
    }
}

/// The steps that wait for their requests, by operation.
#[derive(Default)]
pub(crate) struct Script(HashMap<String, Steps>);

struct Steps {
    steps: VecDeque<Step>,
    /// Whether the last step stays.
    repeat: bool,
}

impl Script {
    /// Takes a script: `{"operation": …, "steps": […], "repeat": false}`. It replaces the operation's old one.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub(crate) fn load(&mut self, script: &Value) -> Result<(), String> {
        let operation = script.get("operation").and_then(Value::as_str).ok_or(
            "a script needs an \"operation\": one of Cognito's, \"refresh\", \"jwks\", \"discovery\", one of the managed \
             login's (\"token\", \"authorize\", …) or \"*\"",
        )?;
        let steps = script.get("steps").and_then(Value::as_array);
        let steps = steps.ok_or_else(|| format!("a script needs \"steps\", a list of {WORDS}"))?;
        let steps = steps.iter().map(Step::parse).collect::<Result<VecDeque<_>, _>>()?;
        let repeat = script.get("repeat").and_then(Value::as_bool).unwrap_or(false);
        self.0.insert(operation.to_owned(), Steps { steps, repeat });
        Ok(())
    }

    /// Forgets all steps.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The next step for a request. The operation's own script comes first, then `refresh` for a request that
    /// refreshes, then `*`.
    pub(crate) fn next(&mut self, operation: &str, refreshes: bool) -> Option<Step> {
        let names = [Some(operation), refreshes.then_some("refresh"), Some("*")];
        names.into_iter().flatten().find_map(|name| self.0.get_mut(name)?.next())
    }

    /// How many steps are left, by operation.
    pub(crate) fn left(&self) -> HashMap<&str, usize> {
        self.0.iter().map(|(operation, steps)| (operation.as_str(), steps.steps.len())).collect()
    }
}

impl Steps {
    fn next(&mut self) -> Option<Step> {
        if self.repeat && self.steps.len() == 1 {
            self.steps.front().cloned()
        } else {
            self.steps.pop_front()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_are_taken_in_order_and_the_narrowest_script_first() {
        let mut script = Script::default();
        script.load(&json!({ "operation": "*", "steps": ["503"] })).unwrap();
        script.load(&json!({ "operation": "refresh", "steps": ["429", "hang 5s", "ok"] })).unwrap();
        script.load(&json!({ "operation": "InitiateAuth", "steps": ["drop"], "repeat": true })).unwrap();
        let op = "GetTokensFromRefreshToken";
        assert_eq!(script.next(op, true), Some(Step::TooManyRequests { status: 429 }));
        assert_eq!(script.next("InitiateAuth", true), Some(Step::Drop));
        assert_eq!(script.next("InitiateAuth", false), Some(Step::Drop));
        assert_eq!(script.next(op, true), Some(Step::Hang(Duration::from_secs(5))));
        assert_eq!(script.next(op, true), Some(Step::Ok));
        assert_eq!(script.next(op, true), Some(Step::Unavailable));
        assert_eq!(script.next(op, true), None);
        script.clear();
        assert_eq!(script.next("InitiateAuth", false), None);
    }

    #[test]
    fn every_word_is_read_and_nonsense_is_refused() {
        for word in [
            "ok",
            "429",
            "throttle",
            "500",
            "503",
            "hang 20ms",
            "slow 20ms",
            "drop",
            "lose",
            "html",
            "forge hs256",
        ] {
            assert_eq!(Step::parse(&json!(word)).unwrap().name(), word);
        }
        let challenge = Step::parse(&json!({ "challenge": "HOLOGRAM_MFA" })).unwrap();
        assert_eq!(challenge.name(), "challenge HOLOGRAM_MFA");
        let error = json!({ "error": { "type": "ForbiddenException", "message": "no", "status": 403 } });
        let expected = Step::Error { kind: "ForbiddenException".into(), message: "no".into(), status: 403 };
        assert_eq!(Step::parse(&error), Ok(expected));
        assert_eq!(Step::parse(&json!(500)), Ok(Step::InternalError));
        for wrong in [
            json!("hang"),
            json!("hang 5"),
            json!("hang s"),
            json!("418"),
            json!(null),
            json!({}),
            json!({ "challenge": 5 }),
        ] {
            assert!(Step::parse(&wrong).is_err_and(|words| words.contains("a step is")), "{wrong}");
        }
    }
}
