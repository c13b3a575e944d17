//! What the keychain holds: a session, or how the last one ended.
//!
//! The bytes are JSON and begin with a format version. The secrets themselves have no `Serialize`: the text is
//! borrowed into private structs for the moment of writing, and written once, into a buffer of the right size,
//! so that growing leaves no copies behind.

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::ports::VaultFault;
use crate::secret::{AccessToken, IdToken, RefreshToken};
use crate::time::Timestamp;
use crate::tokens::{Origin, Tokens, User};
use crate::view::DeviceView;

/// The format that this version writes and the newest it can read.
const VERSION: u32 = 1;

/// What is worth remembering from one run to the next.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Record {
    /// Somebody is signed in.
    Live(LiveRecord),
    /// The pool ended the session. Kept so that the next start can say so, even if nobody was looking.
    Ended(EndedRecord),
}

/// A session that goes on.
#[derive(Clone, Debug)]
pub struct LiveRecord {
    /// Who is signed in.
    pub user: User,
    /// The name as it was typed.
    pub login: String,
    /// The newest tokens.
    pub tokens: Tokens,
    /// Since when.
    pub signed_in_at: Timestamp,
    /// The device key, if the pool tracks devices.
    pub device_key: Option<String>,
    /// What the pool holds of that device.
    pub device: Option<DeviceView>,
    /// Where the session began.
    pub origin: Origin,
}

/// A session that the pool has ended. Holds no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedRecord {
    /// The account's `sub`.
    pub sub: String,
    /// The name as it was typed, to be offered again.
    pub login: String,
    /// When it ended.
    pub at: Timestamp,
    /// As what.
    pub fault: Fault,
}

/// A record as it was read, with the circumstances of its writing.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The record.
    pub record: Record,
    /// When it was written, by the pool's clock.
    pub saved_at: Timestamp,
    /// [`Clock::offset_ms`](crate::Clock::offset_ms) when it was written.
    pub clock_offset_ms: i64,
    /// Whether there is a note outside the keychain that this session is signed out.
    pub signed_out: bool,
}

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A newer version of this program wrote them.
    Newer,
    /// They make no sense.
    Corrupt,
}

impl From<Unreadable> for VaultFault {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Newer => Self::Newer,
            Unreadable::Corrupt => Self::Corrupt,
        }
    }
}

impl Record {
    /// The account it belongs to.
    #[must_use]
    pub fn sub(&self) -> &str {
        match self {
            Self::Live(live) => &live.user.sub,
            Self::Ended(ended) => &ended.sub,
        }
    }

    /// The refresh token, of a session that goes on.
    pub(crate) const fn refresh(&self) -> Option<&RefreshToken> {
        match self {
            Self::Live(live) => Some(&live.tokens.refresh),
            Self::Ended(_) => None,
        }
    }

    /// The bytes for the keychain, wiped when dropped.
    ///
    /// # Errors
    /// None that the contents of a record can cause; the serialiser's signature has one.
    pub fn encode(&self, saved_at: Timestamp, clock_offset_ms: i64) -> io::Result<Zeroizing<Vec<u8>>> {
        let sheet = Sheet { version: VERSION, saved_at, clock_offset_ms, body: self.body() };
        let mut size = Counter(0);
        serde_json::to_writer(&mut size, &sheet)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(size.0));
        serde_json::to_writer(&mut *bytes, &sheet)?;
        Ok(bytes)
    }

    /// Reads what [`Record::encode`] wrote, in this version or an earlier one.
    ///
    /// # Errors
    /// [`Unreadable::Newer`] for a format this version does not know yet, [`Unreadable::Corrupt`] otherwise.
    pub fn decode(bytes: &[u8]) -> Result<Stored, Unreadable> {
        let Version { version } = serde_json::from_slice(bytes).map_err(|_| Unreadable::Corrupt)?;
        if version > u64::from(VERSION) {
            return Err(Unreadable::Newer);
        }
        let sheet: Sheet<'_> = serde_json::from_slice(bytes).map_err(|_| Unreadable::Corrupt)?;
        Ok(Stored {
            record: sheet.body.into_record(),
            saved_at: sheet.saved_at,
            clock_offset_ms: sheet.clock_offset_ms,
            signed_out: false,
        })
    }

    fn body(&self) -> Body<'_> {
        match self {
            Self::Live(live) => Body::Live {
                user: Cow::Borrowed(&live.user),
                login: Cow::Borrowed(&live.login),
                signed_in_at: live.signed_in_at,
                issued_at: live.tokens.issued_at,
                expires_at: live.tokens.expires_at,
                device_key: live.device_key.as_deref().map(Cow::Borrowed),
                device: live.device.as_ref().map(Cow::Borrowed),
                origin: live.origin,
                access: Cow::Borrowed(live.tokens.access.expose()),
                id: Cow::Borrowed(live.tokens.id.expose()),
                refresh: Cow::Borrowed(live.tokens.refresh.expose()),
            },
            Self::Ended(ended) => Body::Ended {
                sub: Cow::Borrowed(&ended.sub),
                login: Cow::Borrowed(&ended.login),
                at: ended.at,
                fault: Cow::Borrowed(&ended.fault),
            },
        }
    }
}

/// The one field that every version has.
#[derive(Deserialize)]
pub(crate) struct Version {
    pub(crate) version: u64,
}

#[derive(Serialize, Deserialize)]
struct Sheet<'a> {
    version: u32,
    saved_at: Timestamp,
    clock_offset_ms: i64,
    #[serde(borrow)]
    body: Body<'a>,
}

// Externally tagged on purpose: an internally tagged enum is read through a buffer that nobody wipes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one at a time, on the stack, for the moment of writing")]
enum Body<'a> {
    Live {
        user: Cow<'a, User>,
        #[serde(borrow)]
        login: Cow<'a, str>,
        signed_in_at: Timestamp,
        issued_at: Timestamp,
        expires_at: Timestamp,
        #[serde(borrow)]
        device_key: Option<Cow<'a, str>>,
        // Unknown to the first records of this format.
        #[serde(default)]
        device: Option<Cow<'a, DeviceView>>,
        #[serde(default)]
        origin: Origin,
        #[serde(borrow)]
        access: Cow<'a, str>,
        #[serde(borrow)]
        id: Cow<'a, str>,
        #[serde(borrow)]
        refresh: Cow<'a, str>,
    },
    Ended {
        #[serde(borrow)]
        sub: Cow<'a, str>,
        #[serde(borrow)]
        login: Cow<'a, str>,
        at: Timestamp,
        fault: Cow<'a, Fault>,
    },
}

impl Body<'_> {
    fn into_record(self) -> Record {
        match self {
            Self::Live {
                user,
                login,
                signed_in_at,
                issued_at,
                expires_at,
                device_key,
                device,
                origin,
                access,
                id,
                refresh,
            } => Record::Live(LiveRecord {
                user: user.into_owned(),
                login: login.into_owned(),
                tokens: Tokens {
                    access: AccessToken::new(access),
                    id: IdToken::new(id),
                    refresh: RefreshToken::new(refresh),
                    issued_at,
                    expires_at,
                },
                signed_in_at,
                device_key: device_key.map(Cow::into_owned),
                device: device.map(Cow::into_owned),
                origin,
            }),
            Self::Ended { sub, login, at, fault } => Record::Ended(EndedRecord {
                sub: sub.into_owned(),
                login: login.into_owned(),
                at,
                fault: fault.into_owned(),
            }),
        }
    }
}

/// Counts what would be written.
pub(crate) struct Counter(pub(crate) usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::FaultCode;

    fn live() -> Record {
        Record::Live(LiveRecord {
            user: User {
                sub: "sub-1".into(),
                username: "mika".into(),
                name: Some("Mika \"M\" \u{5c71}".into()),
                groups: vec!["staff".into()],
                ..User::default()
            },
            login: "mika@example.org".into(),
            tokens: Tokens {
                access: AccessToken::new("a.b.c"),
                id: IdToken::new("d.e.f"),
                refresh: RefreshToken::new("quote\"backslash\\"),
                issued_at: Timestamp(1_000),
                expires_at: Timestamp(3_601_000),
            },
            signed_in_at: Timestamp(500),
            device_key: Some("eu-central-1_device".into()),
            device: Some(DeviceView::Asking),
            origin: Origin::Browser,
        })
    }

    #[test]
    fn a_session_comes_back_as_it_was() {
        let bytes = live().encode(Timestamp(2_000), -1_500).unwrap();
        let stored = Record::decode(&bytes).unwrap();
        assert_eq!(stored.saved_at, Timestamp(2_000));
        assert_eq!(stored.clock_offset_ms, -1_500);
        let (Record::Live(before), Record::Live(after)) = (live(), stored.record) else {
            panic!("not a live record");
        };
        assert_eq!(after.user, before.user);
        assert_eq!(after.login, before.login);
        assert_eq!(after.device_key, before.device_key);
        assert_eq!(after.device, before.device);
        assert_eq!(after.origin, Origin::Browser);
        assert_eq!(after.signed_in_at, before.signed_in_at);
        assert_eq!(after.tokens.issued_at, before.tokens.issued_at);
        assert_eq!(after.tokens.expires_at, before.tokens.expires_at);
        assert_eq!(after.tokens.access.expose(), "a.b.c");
        assert_eq!(after.tokens.id.expose(), "d.e.f");
        assert_eq!(after.tokens.refresh.expose(), "quote\"backslash\\");
    }

    #[test]
    fn a_record_from_before_devices_were_remembered_or_the_browser_signed_in_is_read() {
        let bytes = live().encode(Timestamp(2_000), 0).unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let earlier = text.replace(r#""device":{"state":"asking"},"origin":"browser","#, "");
        assert_ne!(earlier, text);
        let Record::Live(after) = Record::decode(earlier.as_bytes()).unwrap().record else {
            panic!("not a live record");
        };
        assert_eq!((after.device, after.device_key.as_deref()), (None, Some("eu-central-1_device")));
        assert_eq!(after.origin, Origin::Native);
    }

    #[test]
    fn the_end_of_a_session_comes_back_as_it_was() {
        let ended = EndedRecord {
            sub: "sub-1".into(),
            login: "mika".into(),
            at: Timestamp(7),
            fault: Fault::with_detail(FaultCode::RefreshTokenRevoked, "revoked"),
        };
        let bytes = Record::Ended(ended.clone()).encode(Timestamp(8), 0).unwrap();
        let Record::Ended(after) = Record::decode(&bytes).unwrap().record else {
            panic!("not an ended record");
        };
        assert_eq!(after, ended);
    }

    #[test]
    fn the_buffer_is_never_grown_while_secrets_are_written() {
        let bytes = live().encode(Timestamp(2_000), 0).unwrap();
        assert_eq!(bytes.capacity(), bytes.len());
    }

    #[test]
    fn it_begins_with_the_version() {
        let bytes = live().encode(Timestamp(2_000), 0).unwrap();
        assert!(bytes.starts_with(b"{\"version\":1,"));
    }

    #[test]
    fn a_newer_format_is_told_from_a_broken_one() {
        for newer in [&b"{\"version\":2}"[..], b"{\"version\":4294967296,\"anything\":[]}"] {
            assert_eq!(Record::decode(newer).unwrap_err(), Unreadable::Newer);
        }
        for corrupt in [&b""[..], b"\xff\xfe", b"{}", b"{\"version\":1}", b"{\"version\":\"1\"}", b"null"] {
            assert_eq!(Record::decode(corrupt).unwrap_err(), Unreadable::Corrupt);
        }
        let whole = live().encode(Timestamp(2_000), 0).unwrap();
        for end in 0..whole.len() {
            assert_eq!(Record::decode(&whole[..end]).unwrap_err(), Unreadable::Corrupt);
        }
    }
}
