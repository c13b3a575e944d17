//! What the pool was asked and what it answered: never a password, a token or a secret.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::{Value, json};

/// How many requests are listed; the counts go on.
const MOST: usize = 2_000;

/// What an operation learns about its request.
#[derive(Default)]
pub(crate) struct Trace {
    pub(crate) client: String,
    pub(crate) username: String,
    /// `AuthFlow` or `ChallengeName`.
    pub(crate) flow: String,
    /// What the client says of itself.
    pub(crate) agent: String,
    pub(crate) detail: Option<String>,
}

/// One request that was served.
#[derive(Clone, Serialize)]
pub(crate) struct Entry {
    /// Counts up from 1.
    pub(crate) number: u64,
    /// When it was answered, in milliseconds by the pool's clock.
    pub(crate) at_ms: i64,
    pub(crate) operation: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) flow: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) client: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) username: String,
    /// What the client says of itself (`User-Agent`).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) agent: String,
    /// `ok`, the challenge, the exception, or what the script did.
    pub(crate) outcome: String,
    /// The script's step, if it had one for this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
}

/// The requests served so far.
#[derive(Default)]
pub(crate) struct Journal {
    total: u64,
    counts: BTreeMap<String, BTreeMap<String, u64>>,
    entries: VecDeque<Entry>,
}

impl Journal {
    /// Adds a request and returns the line to log.
    pub(crate) fn add(&mut self, mut entry: Entry) -> String {
        self.total += 1;
        entry.number = self.total;
        let by_outcome = self.counts.entry(entry.operation.clone()).or_default();
        *by_outcome.entry(entry.outcome.clone()).or_default() += 1;
        let mut line = entry.operation.clone();
        for part in [&entry.flow, &entry.client, &entry.username] {
            if !part.is_empty() {
                line.push(' ');
                // What a client sent must not be able to begin a line of its own.
                line.push_str(&part.escape_debug().to_string());
            }
        }
        line.push_str(": ");
        line.push_str(&entry.outcome.escape_debug().to_string());
        if let Some(fault) = &entry.fault {
            line.push_str(&format!(" (script: {fault})"));
        }
        if let Some(detail) = &entry.detail {
            line.push_str(&format!(" ({})", detail.escape_debug()));
        }
        self.entries.push_back(entry);
        if self.entries.len() > MOST {
            self.entries.pop_front();
        }
        line
    }

    /// As JSON: `total`, `counts` by operation and outcome, and `requests`, the oldest first.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "total": self.total, "counts": self.counts, "requests": self.entries })
    }
}
