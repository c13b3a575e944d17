//! Lists that are given a page at a time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::wire::Refusal;

/// At most `limit` entries of those that come, by their keys, after the page that `token` ended, and the token for
/// the next page if there is one. A key may be gone since: pages hang on order, not on position.
///
/// # Errors
/// `InvalidParameterException` for a token that is none of this pool's.
pub(crate) fn page<T>(
    entries: impl Iterator<Item = (String, T)>,
    token: Option<&str>,
    limit: usize,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    let after = match token {
        None => String::new(),
        Some(token) => URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|raw| String::from_utf8(raw).ok())
            .ok_or_else(|| Refusal::invalid_parameter("Invalid pagination token"))?,
    };
    let mut rest: Vec<(String, T)> = entries.filter(|(key, _)| *key > after).collect();
    rest.sort_by(|one, other| one.0.cmp(&other.0));
    let more = rest.len() > limit;
    rest.truncate(limit);
    let next = rest.last().filter(|_| more).map(|(last, _)| URL_SAFE_NO_PAD.encode(last));
    Ok((rest.into_iter().map(|(_, entry)| entry).collect(), next))
}
