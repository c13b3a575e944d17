//! Refresh tokens that the pool has still to revoke, as the keychain holds them: in an entry beside the session's, so
//! that what a sign-out could not finish is finished in a later run.

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::record::{Counter, Unreadable, Version};
use crate::secret::RefreshToken;

/// The format that this version writes and the newest it can read.
const VERSION: u32 = 1;
/// How many are kept. For one more, the oldest is left to its own end.
const MOST: usize = 8;

/// What is to become of the queue. It names tokens and not the whole, so that it is right whatever another process has
/// put there; an empty one only reads.
#[derive(Clone, Debug, Default)]
pub struct QueueChange {
    /// What has to be revoked.
    pub add: Vec<RefreshToken>,
    /// What has not any more.
    pub remove: Vec<RefreshToken>,
}

impl QueueChange {
    /// Whether it only reads.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// Makes the change. Whether the queue is another one now.
    pub fn apply(&self, queue: &mut Vec<RefreshToken>) -> bool {
        let before = queue.len();
        queue.retain(|token| !holds(&self.remove, token));
        let mut changed = queue.len() != before;
        for token in &self.add {
            if !holds(queue, token) {
                queue.push(token.clone());
                changed = true;
            }
        }
        let surplus = queue.len().saturating_sub(MOST);
        if surplus > 0 {
            tracing::warn!(surplus, "too many revocations wait: the oldest are given up");
            queue.drain(..surplus);
        }
        changed
    }
}

/// Whether the token is among these.
pub(crate) fn holds(tokens: &[RefreshToken], token: &RefreshToken) -> bool {
    tokens.iter().any(|other| other.expose() == token.expose())
}

/// The bytes for the keychain, wiped when dropped.
///
/// # Errors
/// None that a token can cause; the serialiser's signature has one.
pub fn encode_queue(queue: &[RefreshToken]) -> io::Result<Zeroizing<Vec<u8>>> {
    let revocations = queue.iter().map(|token| Cow::Borrowed(token.expose())).collect();
    let sheet = Sheet { version: VERSION, revocations };
    let mut size = Counter(0);
    serde_json::to_writer(&mut size, &sheet)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(size.0));
    serde_json::to_writer(&mut *bytes, &sheet)?;
    Ok(bytes)
}

/// Reads what [`encode_queue`] wrote, in this version or an earlier one.
///
/// # Errors
/// As [`Record::decode`](crate::Record::decode).
pub fn decode_queue(bytes: &[u8]) -> Result<Vec<RefreshToken>, Unreadable> {
    let Version { version } = serde_json::from_slice(bytes).map_err(|_| Unreadable::Corrupt)?;
    if version > u64::from(VERSION) {
        return Err(Unreadable::Newer);
    }
    let sheet: Sheet<'_> = serde_json::from_slice(bytes).map_err(|_| Unreadable::Corrupt)?;
    Ok(sheet.revocations.into_iter().map(RefreshToken::new).collect())
}

#[derive(Serialize, Deserialize)]
struct Sheet<'a> {
    version: u32,
    #[serde(borrow)]
    revocations: Vec<Cow<'a, str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(names: &[&str]) -> Vec<RefreshToken> {
        names.iter().map(|name| RefreshToken::new(*name)).collect()
    }

    fn names(queue: &[RefreshToken]) -> Vec<&str> {
        queue.iter().map(RefreshToken::expose).collect()
    }

    #[test]
    fn a_queue_comes_back_as_it_was_and_its_buffer_is_never_grown() {
        let queue = tokens(&["a.b.c", "quote\"backslash\\"]);
        let bytes = encode_queue(&queue).unwrap();
        assert_eq!(bytes.capacity(), bytes.len());
        assert_eq!(names(&decode_queue(&bytes).unwrap()), names(&queue));
    }

    #[test]
    fn a_change_adds_once_removes_what_it_names_and_lets_the_oldest_go() {
        let mut queue = tokens(&["a", "b"]);
        assert!(!QueueChange::default().apply(&mut queue));
        let change = |add: &[&str], remove: &[&str]| QueueChange { add: tokens(add), remove: tokens(remove) };
        assert!(!change(&["b"], &["x"]).apply(&mut queue));
        assert!(change(&["c"], &["a"]).apply(&mut queue));
        assert_eq!(names(&queue), ["b", "c"]);
        assert!(change(&["1", "2", "3", "4", "5", "6", "7"], &[]).apply(&mut queue));
        assert_eq!(names(&queue), ["c", "1", "2", "3", "4", "5", "6", "7"]);
    }

    #[test]
    fn a_newer_queue_is_told_from_a_broken_one() {
        assert_eq!(decode_queue(b"{\"version\":2}").unwrap_err(), Unreadable::Newer);
        for corrupt in [&b""[..], b"{}", b"{\"version\":1}", b"null"] {
            assert_eq!(decode_queue(corrupt).unwrap_err(), Unreadable::Corrupt);
        }
    }
}
