//! What comes back from the browser: from the text of a link to a code, or to what is wrong with it.
//!
//! The text comes from anybody: every page and every program can open a link of the app's scheme, or ask a port of this
//! machine. So nothing of it is believed before its `state` is the one that waits, and a text that is not believed
//! changes nothing.

use session::{Fault, FaultCode};
use zeroize::Zeroizing;

use super::proof::State;
use super::redirect::{Parts, Redirect};
use super::refusal;
use crate::issuer::Issuer;

/// A longer link is not read. Cognito's have a few hundred bytes.
pub const LONGEST_LINK: usize = 4096;

/// What the pool's tokens are asked for with, once and within minutes.
pub struct Code(Zeroizing<String>);

impl Code {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(redacted)")
    }
}

/// Why a link is no answer that can be used.
#[derive(Clone, Debug, PartialEq)]
pub enum CallbackProblem {
    /// It is longer than [`LONGEST_LINK`].
    TooLong,
    /// It is no link, or has letters in it that no link has.
    NotALink,
    /// It is of another scheme than the address that was given.
    OtherScheme,
    /// It leads to another host.
    OtherHost,
    /// It leads to another port.
    OtherPort,
    /// It leads to another path.
    OtherPath,
    /// A value is encoded in a way that cannot be read.
    Encoding,
    /// A parameter is there twice.
    Repeated,
    /// It brings a code and an error.
    Contradictory,
    /// It brings neither code nor error, as a link that was cut off.
    Empty,
    /// A code has letters that no code has.
    CodeMalformed,
    /// No sign-in waits for a link.
    NotAwaited,
    /// It says nothing of whose sign-in it belongs to.
    StateMissing,
    /// It belongs to another sign-in.
    StateOther,
    /// This sign-in has had its answer.
    Used,
    /// It belongs to this sign-in and comes from another pool, which has been put in this one's place.
    IssuerOther,
    /// The pool's own answer to this sign-in: no.
    Refused(Fault),
}

impl CallbackProblem {
    /// Whether the sign-in is over with it. Everything else may have been anybody's, and the answer may still come.
    #[must_use]
    pub const fn ends_sign_in(&self) -> bool {
        matches!(
            self,
            Self::IssuerOther | Self::CodeMalformed | Self::Empty | Self::Contradictory | Self::Refused(_)
        )
    }

    /// The same in the terms of the rest of the program. The detail never holds anything of the link but an error's own
    /// words.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let (code, detail) = match self {
            Self::TooLong => (FaultCode::LinkUnusable, "the link is too long"),
            Self::NotALink => (FaultCode::LinkUnusable, "this is no link"),
            Self::Encoding => (FaultCode::LinkUnusable, "a parameter cannot be decoded"),
            Self::Repeated => (FaultCode::LinkUnusable, "a parameter is there twice"),
            Self::Contradictory => (FaultCode::LinkUnusable, "both code and error"),
            Self::Empty => (FaultCode::LinkUnusable, "neither code nor error"),
            Self::CodeMalformed => (FaultCode::LinkUnusable, "the code is none"),
            Self::OtherScheme => (FaultCode::LinkNotAwaited, "another scheme"),
            Self::OtherHost => (FaultCode::LinkNotAwaited, "another host"),
            Self::OtherPort => (FaultCode::LinkNotAwaited, "another port"),
            Self::OtherPath => (FaultCode::LinkNotAwaited, "another path"),
            Self::NotAwaited => (FaultCode::LinkNotAwaited, "no sign-in waits for a link"),
            Self::StateMissing => (FaultCode::LinkNotAwaited, "no state"),
            Self::StateOther => (FaultCode::LinkNotAwaited, "the state of another sign-in"),
            Self::Used => (FaultCode::LinkNotAwaited, "this sign-in has had its answer"),
            Self::IssuerOther => (FaultCode::LinkNotAwaited, "the answer of another pool"),
            Self::Refused(fault) => return fault.clone(),
        };
        Fault::with_detail(code, detail)
    }
}

/// What a callback has to be, for the one sign-in that waits for it.
#[derive(Debug)]
pub struct Awaited {
    state: State,
    redirect: Redirect,
    issuer: Issuer,
    /// The pool's name for itself behind an endpoint, where it has one.
    issuer_there: Option<String>,
    answered: bool,
}

impl Awaited {
    /// Waits for a callback with this state, at this address, from this pool.
    #[must_use]
    pub fn new(state: &str, redirect: Redirect, issuer: Issuer) -> Self {
        Self::of(State::known(state), redirect, issuer, None)
    }

    pub(super) const fn of(
        state: State,
        redirect: Redirect,
        issuer: Issuer,
        issuer_there: Option<String>,
    ) -> Self {
        Self { state, redirect, issuer, issuer_there, answered: false }
    }

    pub(super) const fn redirect(&self) -> &Redirect {
        &self.redirect
    }

    pub(super) const fn state(&self) -> &State {
        &self.state
    }

    /// Takes a link: as the system hands it over, as it was asked for on this machine, or as it was pasted.
    ///
    /// The first link with the right state is the sign-in's answer, whatever it brings; what comes after it is refused
    /// (RFC 9700, section 4.7.1: a state is good once).
    ///
    /// # Errors
    /// Why there is no code in it, as a [`CallbackProblem`].
    pub fn receive(&mut self, link: &str) -> Result<Code, CallbackProblem> {
        let parameters = Parameters::of(self.query(link)?)?;
        let state = parameters.state.as_deref().ok_or(CallbackProblem::StateMissing)?;
        if !self.state.is(state) {
            return Err(CallbackProblem::StateOther);
        }
        if self.answered {
            return Err(CallbackProblem::Used);
        }
        self.answered = true;
        // Cognito does not send it; whoever sends it has to be this pool (RFC 9207, section 2.4).
        let named = |iss: &str| {
            self.issuer.names(iss) || self.issuer_there.as_deref().is_some_and(|name| name == iss)
        };
        if parameters.iss.as_deref().is_some_and(|iss| !named(iss)) {
            return Err(CallbackProblem::IssuerOther);
        }
        match (parameters.code, parameters.error) {
            (Some(_), Some(_)) => Err(CallbackProblem::Contradictory),
            (None, None) => Err(CallbackProblem::Empty),
            (None, Some(error)) => {
                let description = parameters.error_description.as_deref().map(String::as_str);
                Err(CallbackProblem::Refused(refusal::of_callback(&error, description)))
            }
            // The letters of a code (RFC 6749, appendix A.11).
            (Some(code), None) if code.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) => Ok(Code(code)),
            (Some(_), None) => Err(CallbackProblem::CodeMalformed),
        }
    }

    /// The query of a link that leads to where it should, as text that is not decoded yet.
    ///
    /// Addresses are compared as they are written, without making anything equal that is not (RFC 9700, section 2.1):
    /// what is not parsed cannot be parsed in another way than the browser did.
    fn query<'a>(&self, link: &'a str) -> Result<&'a str, CallbackProblem> {
        // Selected by hand, it may have been selected with what stands around it.
        let link = link.trim();
        if link.len() > LONGEST_LINK {
            return Err(CallbackProblem::TooLong);
        }
        // Checked before anything else reads it: parsers of URLs leave tabs and line ends out without a word.
        if !link.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(CallbackProblem::NotALink);
        }
        // Some providers leave a fragment behind (`#_=_`), and a browser may carry one through a redirect. All that
        // counts is in the query (RFC 6749, section 4.1.2): what comes after it is not looked at.
        let link = link.split_once('#').map_or(link, |(link, _)| link);
        let (address, query) = link.split_once('?').unwrap_or((link, ""));
        if address == self.redirect.as_str() {
            return Ok(query);
        }
        let (found, expected) = (Parts::of(address).ok_or(CallbackProblem::NotALink)?, self.redirect.parts());
        // The slash of an empty path is a browser's to put there or to leave out.
        let path = |parts: &Parts<'a>| if parts.path == "/" { "" } else { parts.path };
        if found.scheme != expected.scheme {
            Err(CallbackProblem::OtherScheme)
        } else if found.host() != expected.host() || found.authority.contains('@') {
            Err(CallbackProblem::OtherHost)
        } else if found.port() != expected.port() {
            Err(CallbackProblem::OtherPort)
        } else if found.authority == expected.authority
            && self.redirect.port().is_none()
            && path(&found).is_empty()
            && expected.path.trim_matches('/').is_empty()
        {
            Ok(query)
        } else {
            Err(CallbackProblem::OtherPath)
        }
    }
}

/// The `result` that the page for passkeys comes back to one of these addresses with: none for a link that belongs to a
/// sign-in or leads elsewhere, and an empty one for the bare address.
pub(super) fn result<'a>(
    link: &str,
    mut addresses: impl Iterator<Item = &'a Redirect>,
) -> Option<(&'a Redirect, Zeroizing<String>)> {
    let link = link.trim();
    if link.len() > LONGEST_LINK || !link.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let link = link.split_once('#').map_or(link, |(link, _)| link);
    let (address, query) = link.split_once('?').unwrap_or((link, ""));
    let address = addresses.find(|known| known.as_str() == address)?;
    match Parameters::of(query).ok()? {
        Parameters { code: None, state: None, error: None, result, .. } => {
            Some((address, result.unwrap_or_default()))
        }
        _ => None,
    }
}

/// What is read of a callback.
#[derive(Default)]
struct Parameters {
    code: Option<Zeroizing<String>>,
    state: Option<Zeroizing<String>>,
    error: Option<Zeroizing<String>>,
    error_description: Option<Zeroizing<String>>,
    iss: Option<Zeroizing<String>>,
    result: Option<Zeroizing<String>>,
}

impl Parameters {
    /// Each parameter at most once, also one that nobody reads (RFC 6749, section 3.1). One that is not known is left
    /// alone: a client has to ignore it (section 4.1.2), and pools have added some before. One without a value is not
    /// there (section 3.1).
    fn of(query: &str) -> Result<Self, CallbackProblem> {
        let mut parameters = Self::default();
        let mut names: Vec<Zeroizing<String>> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            if names.contains(&name) {
                return Err(CallbackProblem::Repeated);
            }
            let place = match name.as_str() {
                "code" => Some(&mut parameters.code),
                "state" => Some(&mut parameters.state),
                "error" => Some(&mut parameters.error),
                "error_description" => Some(&mut parameters.error_description),
                "iss" => Some(&mut parameters.iss),
                "result" => Some(&mut parameters.result),
                _ => None,
            };
            if let Some(place) = place
                && !value.is_empty()
            {
                *place = Some(value);
            }
            names.push(name);
        }
        Ok(parameters)
    }
}

/// A text as forms encode it (RFC 6749, appendix B): strictly, since what is mended silently can be read in two ways.
fn decoded(text: &str) -> Result<Zeroizing<String>, CallbackProblem> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || {
                    let digit = rest.next().and_then(|byte| char::from(byte).to_digit(16));
                    digit.and_then(|digit| u8::try_from(digit).ok()).ok_or(CallbackProblem::Encoding)
                };
                digit()? << 4 | digit()?
            }
            byte => byte,
        });
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| CallbackProblem::Encoding)?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests;
