//! The issuer: one text that says which pool, in which region, and where it is reached.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Why a text is not the issuer of a user pool. Each says something different to whoever has set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerProblem {
    /// It is no absolute URL.
    NotAUrl,
    /// It is neither `https` nor, to this machine, `http`.
    NotHttps,
    /// It carries a user name or a password.
    HasCredentials,
    /// It goes on after the pool's id, with a query or a fragment.
    HasQueryOrFragment,
    /// Its path is not one segment, the pool's id.
    NoPoolId,
    /// The pool's id does not look like `<region>_<id>`.
    PoolIdMalformed {
        /// What stands in its place.
        pool_id: String,
    },
    /// The host is of another region than the pool.
    RegionMismatch {
        /// The region in the host's name.
        host_region: String,
        /// The region in the pool's id.
        pool_region: String,
    },
    /// The host is not one of Cognito's, and no endpoint is set to be used in its place.
    UnknownHost {
        /// The host.
        host: String,
    },
}

impl std::fmt::Display for IssuerProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAUrl => {
                f.write_str("not a URL; expected https://cognito-idp.<region>.amazonaws.com/<pool id>")
            }
            Self::NotHttps => f.write_str("must begin with https:// (http:// only on this machine)"),
            Self::HasCredentials => f.write_str("must not carry a user name or password"),
            Self::HasQueryOrFragment => f.write_str("must end with the pool id, without ? or #"),
            Self::NoPoolId => f.write_str("must have the pool id, and nothing else, as its path"),
            Self::PoolIdMalformed { pool_id } => {
                write!(f, "{pool_id:?} is not a pool id; expected <region>_<letters and digits>")
            }
            Self::RegionMismatch { host_region, pool_region } => {
                write!(f, "the host is in {host_region}, but the pool id is of {pool_region}")
            }
            Self::UnknownHost { host } => {
                write!(f, "{host} is no Cognito endpoint, and no endpoint is set to be used in its place")
            }
        }
    }
}

impl std::error::Error for IssuerProblem {}

/// A user pool's issuer: `scheme://host/<region>_<id>`.
///
/// A pool of Cognito's has two names, and an administrator can have it go by the other one: the original
/// `https://cognito-idp.<region>.amazonaws.com/<pool id>` and the updated
/// `https://issuer-cognito-idp.<region>.amazonaws.com/<pool id>` (user pools API reference, `IssuerConfigurationType`).
/// Only the first host serves the API. Whichever is read, the issuer is the original one, so that where requests go
/// and what is kept under its name stay the same; [`names`](Self::names) knows both.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Issuer {
    text: String,
    pool_at: usize,
    loopback: bool,
    known_host: bool,
}

impl Issuer {
    /// Reads an issuer whose own host is where the pool is reached. One slash at the end is tolerated.
    ///
    /// # Errors
    /// What is wrong with it, as an [`IssuerProblem`].
    pub fn parse(text: &str) -> Result<Self, IssuerProblem> {
        let issuer = Self::parse_for_endpoint(text)?;
        if issuer.known_host { Ok(issuer) } else { Err(issuer.unknown_host()) }
    }

    /// Reads an issuer beside which an endpoint is set: its host may be any.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse), without [`IssuerProblem::UnknownHost`].
    pub fn parse_for_endpoint(text: &str) -> Result<Self, IssuerProblem> {
        let url = Url::parse(text.trim()).map_err(|_| IssuerProblem::NotAUrl)?;
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err(IssuerProblem::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(IssuerProblem::HasCredentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(IssuerProblem::HasQueryOrFragment);
        }
        let path = url.path().trim_start_matches('/');
        let pool_id = path.strip_suffix('/').unwrap_or(path);
        if pool_id.is_empty() || pool_id.contains('/') {
            return Err(IssuerProblem::NoPoolId);
        }
        let Some(pool_region) = region_of(pool_id) else {
            return Err(IssuerProblem::PoolIdMalformed { pool_id: pool_id.to_owned() });
        };
        let host_region = url.host_str().and_then(cognito_region);
        if let Some(host_region) = host_region
            && host_region != pool_region
        {
            return Err(IssuerProblem::RegionMismatch {
                host_region: host_region.to_owned(),
                pool_region: pool_region.to_owned(),
            });
        }
        let origin = match host_region {
            Some(region) if is_updated(&url) && url.port().is_none() => original_origin(region),
            _ => url.origin().ascii_serialization(),
        };
        Ok(Self {
            text: format!("{origin}/{pool_id}"),
            pool_at: origin.len() + 1,
            loopback,
            // A port of its own is some other server, whatever the name.
            known_host: loopback || (host_region.is_some() && url.port().is_none()),
        })
    }

    /// The issuer of the pool with this id, at Cognito's own host for its region.
    ///
    /// # Errors
    /// [`IssuerProblem::PoolIdMalformed`].
    pub fn from_pool_id(pool_id: &str) -> Result<Self, IssuerProblem> {
        let pool_id = pool_id.trim();
        let malformed = || IssuerProblem::PoolIdMalformed { pool_id: pool_id.to_owned() };
        let region = region_of(pool_id).ok_or_else(malformed)?;
        // An id that is no region's is more likely a slip than a new kind of region.
        let parts: Vec<_> = region.split('-').collect();
        let number = parts.last().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        if parts.len() < 3 || !number || parts.iter().any(|part| part.is_empty()) {
            return Err(malformed());
        }
        Self::parse(&format!("{}/{pool_id}", original_origin(region)))
    }

    /// Whether `name`, as it stands in a token or a discovery document, is this pool's: this very issuer, or the same
    /// pool's id at another host that Cognito has for its region. To the letter, as names are compared (OpenID Connect
    /// Core 1.0, section 3.1.3.7, item 2; RFC 9207, section 2.4): only people's slips are tolerated, by
    /// [`parse`](Self::parse).
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        let of_cognito = self.known_host && !self.loopback;
        let elsewhere = || name.strip_prefix("https://").and_then(|rest| rest.split_once('/'));
        let same_pool = |(host, pool_id): (&str, &str)| {
            pool_id == self.pool_id() && cognito_region(host) == Some(self.region())
        };
        name == self.text || (of_cognito && elsewhere().is_some_and(same_pool))
    }

    /// Such as `eu-central-1`.
    #[must_use]
    pub fn region(&self) -> &str {
        self.pool_id().split_once('_').map_or("", |(region, _)| region)
    }

    /// Such as `eu-central-1_AbCdEf123`.
    #[must_use]
    pub fn pool_id(&self) -> &str {
        &self.text[self.pool_at..]
    }

    /// What follows the first `_` of the pool's id. SRP hashes it.
    #[must_use]
    pub fn pool_name(&self) -> &str {
        self.pool_id().split_once('_').map_or("", |(_, name)| name)
    }

    /// Scheme, host and port: where the pool is reached when no endpoint is set.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.text[..self.pool_at - 1]
    }

    /// The whole, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is on this machine, as a pool for development is.
    #[must_use]
    pub const fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether its own host can be asked: one of Cognito's, or this machine.
    #[must_use]
    pub(crate) const fn has_known_host(&self) -> bool {
        self.known_host
    }

    pub(crate) fn unknown_host(&self) -> IssuerProblem {
        let host = self.origin().split_once("://").map_or(self.origin(), |(_, host)| host);
        IssuerProblem::UnknownHost { host: host.to_owned() }
    }
}

impl std::fmt::Display for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether a URL's host can only be this machine: 127.0.0.0/8, `[::1]` or `localhost`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => Ipv6Addr::is_loopback(&address),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The region of a pool id that has the shape `[\w-]+_[0-9a-zA-Z]+` and at most 55 characters
/// (`UserPoolIdType` of the Cognito API).
fn region_of(pool_id: &str) -> Option<&str> {
    let (_, last) = pool_id.rsplit_once('_')?;
    let whole = pool_id.len() <= 55
        && pool_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let (region, _) = pool_id.split_once('_')?;
    (whole && !region.is_empty() && !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .then_some(region)
}

/// The first part of the host of an updated issuer.
const UPDATED: &str = "issuer-cognito-idp.";

/// The region of `cognito-idp.<region>.amazonaws.com`, with or without `-fips` and `.cn`, and of the host of an updated
/// issuer, for which the API reference has no such variants.
fn cognito_region(host: &str) -> Option<&str> {
    let region = if let Some(region) = host.strip_prefix(UPDATED) {
        region.strip_suffix(".amazonaws.com")?
    } else {
        let region = host.strip_prefix("cognito-idp.").or_else(|| host.strip_prefix("cognito-idp-fips."))?;
        region.strip_suffix(".amazonaws.com").or_else(|| region.strip_suffix(".amazonaws.com.cn"))?
    };
    (!region.is_empty() && !region.contains('.')).then_some(region)
}

fn is_updated(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host.starts_with(UPDATED))
}

/// Where Cognito's API is in a region (AWS General Reference, "Amazon Cognito endpoints and quotas").
fn original_origin(region: &str) -> String {
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://cognito-idp.{region}.{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_an_issuer() {
        for (text, whole, region, name, loopback) in [
            (
                "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123",
                "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123",
                "eu-central-1",
                "AbC123",
                false,
            ),
            (
                "  https://cognito-idp.eu-central-1.amazonaws.com:443/eu-central-1_AbC123/\n",
                "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123",
                "eu-central-1",
                "AbC123",
                false,
            ),
            (
                "https://COGNITO-IDP-fips.us-gov-west-1.amazonaws.com/us-gov-west-1_x",
                "https://cognito-idp-fips.us-gov-west-1.amazonaws.com/us-gov-west-1_x",
                "us-gov-west-1",
                "x",
                false,
            ),
            (
                "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_9",
                "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_9",
                "cn-north-1",
                "9",
                false,
            ),
            (
                "https://issuer-cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123/",
                "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123",
                "eu-central-1",
                "AbC123",
                false,
            ),
            ("http://127.0.0.1:9229/local_dev", "http://127.0.0.1:9229/local_dev", "local", "dev", true),
            ("http://127.8.9.1/local_dev", "http://127.8.9.1/local_dev", "local", "dev", true),
            ("http://[::1]:1/local_dev", "http://[::1]:1/local_dev", "local", "dev", true),
            ("http://LOCALHOST/a_b_c", "http://localhost/a_b_c", "a", "b_c", true),
            ("https://localhost:8443/local_dev", "https://localhost:8443/local_dev", "local", "dev", true),
        ] {
            let issuer = Issuer::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
            assert_eq!(issuer.as_str(), whole);
            assert_eq!(issuer.to_string(), whole);
            assert_eq!(format!("{}/{}", issuer.origin(), issuer.pool_id()), whole);
            assert_eq!((issuer.region(), issuer.pool_name(), issuer.is_loopback()), (region, name, loopback));
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let pool_id = |pool_id: &str| IssuerProblem::PoolIdMalformed { pool_id: pool_id.to_owned() };
        let host = |host: &str| IssuerProblem::UnknownHost { host: host.to_owned() };
        let too_long = format!("r_{}", "a".repeat(54));
        for (text, problem) in [
            ("", IssuerProblem::NotAUrl),
            ("eu-central-1_AbC123", IssuerProblem::NotAUrl),
            ("cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123", IssuerProblem::NotAUrl),
            ("http://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC123", IssuerProblem::NotHttps),
            ("http://localhost.example/local_dev", IssuerProblem::NotHttps),
            ("http://128.0.0.1/local_dev", IssuerProblem::NotHttps),
            ("ftp://localhost/local_dev", IssuerProblem::NotHttps),
            ("https://me@cognito-idp.a.amazonaws.com/a_b", IssuerProblem::HasCredentials),
            ("https://:x@cognito-idp.a.amazonaws.com/a_b", IssuerProblem::HasCredentials),
            ("https://cognito-idp.a.amazonaws.com/a_b?", IssuerProblem::HasQueryOrFragment),
            ("https://cognito-idp.a.amazonaws.com/a_b#x", IssuerProblem::HasQueryOrFragment),
            ("https://cognito-idp.a.amazonaws.com", IssuerProblem::NoPoolId),
            ("https://cognito-idp.a.amazonaws.com/", IssuerProblem::NoPoolId),
            ("https://cognito-idp.a.amazonaws.com/a_b/.well-known/jwks.json", IssuerProblem::NoPoolId),
            ("https://cognito-idp.a.amazonaws.com/AbC123", pool_id("AbC123")),
            ("https://cognito-idp.a.amazonaws.com/a_", pool_id("a_")),
            ("https://cognito-idp.a.amazonaws.com/_b", pool_id("_b")),
            ("https://cognito-idp.a.amazonaws.com/a_b-c", pool_id("a_b-c")),
            ("https://cognito-idp.a.amazonaws.com/a%20_b", pool_id("a%20_b")),
            (&format!("https://cognito-idp.r.amazonaws.com/{too_long}"), pool_id(&too_long)),
            (
                "https://cognito-idp.eu-west-1.amazonaws.com/eu-central-1_AbC123",
                IssuerProblem::RegionMismatch {
                    host_region: "eu-west-1".to_owned(),
                    pool_region: "eu-central-1".to_owned(),
                },
            ),
            (
                "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-central-1_AbC123",
                IssuerProblem::RegionMismatch {
                    host_region: "eu-west-1".to_owned(),
                    pool_region: "eu-central-1".to_owned(),
                },
            ),
            (
                "https://issuer-cognito-idp-fips.a.amazonaws.com/a_b",
                host("issuer-cognito-idp-fips.a.amazonaws.com"),
            ),
            (
                "https://issuer-cognito-idp.a.amazonaws.com.cn/a_b",
                host("issuer-cognito-idp.a.amazonaws.com.cn"),
            ),
            (
                "https://issuer-cognito-idp.a.amazonaws.com:8443/a_b",
                host("issuer-cognito-idp.a.amazonaws.com:8443"),
            ),
            ("https://auth.example.com/eu-central-1_AbC123", host("auth.example.com")),
            (
                "https://cognito-idp.a.amazonaws.com.evil.example/a_b",
                host("cognito-idp.a.amazonaws.com.evil.example"),
            ),
            ("https://evil.cognito-idp.a.amazonaws.com/a_b", host("evil.cognito-idp.a.amazonaws.com")),
            ("https://cognito-idp.b.a.amazonaws.com/a_b", host("cognito-idp.b.a.amazonaws.com")),
            ("https://cognito-idp.a.amazonaws.com:8443/a_b", host("cognito-idp.a.amazonaws.com:8443")),
        ] {
            assert_eq!(Issuer::parse(text), Err(problem.clone()), "{text}");
            assert!(!problem.to_string().is_empty());
        }
    }

    #[test]
    fn a_pool_of_cognito_has_more_than_one_name() {
        const ORIGINAL: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A";
        const UPDATED: &str = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A";
        const FIPS: &str = "https://cognito-idp-fips.eu-west-1.amazonaws.com/eu-west-1_A";
        const HERE: &str = "http://127.0.0.1:9229/eu-west-1_A";
        for (issuer, name, named) in [
            (ORIGINAL, ORIGINAL, true),
            (ORIGINAL, UPDATED, true),
            (UPDATED, ORIGINAL, true),
            (UPDATED, UPDATED, true),
            (FIPS, ORIGINAL, true),
            (FIPS, UPDATED, true),
            (ORIGINAL, "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_B", false),
            (ORIGINAL, "https://issuer-cognito-idp.eu-west-2.amazonaws.com/eu-west-2_A", false),
            (ORIGINAL, "https://issuer-cognito-idp.eu-west-2.amazonaws.com/eu-west-1_A", false),
            (ORIGINAL, "https://auth.example.com/eu-west-1_A", false),
            (ORIGINAL, HERE, false),
            (HERE, HERE, true),
            (HERE, ORIGINAL, false),
            (ORIGINAL, "eu-west-1_A", false),
            // To the letter, however well one could guess what is meant.
            (ORIGINAL, "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A/", false),
            (ORIGINAL, "https://cognito-idp.eu-west-1.amazonaws.com\\eu-west-1_A", false),
            (ORIGINAL, " https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A\r\n", false),
            (ORIGINAL, "https://COGNITO-IDP.eu-west-1.amazonaws.com/eu-west-1_A", false),
            (ORIGINAL, "https://issuer-cognito-idp.eu-west-1.amazonaws.com:443/eu-west-1_A", false),
            (ORIGINAL, "https://me@issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A", false),
        ] {
            let issuer = Issuer::parse(issuer).unwrap_or_else(|problem| panic!("{issuer}: {problem}"));
            assert_eq!(issuer.names(name), named, "{issuer} {name}");
        }
    }

    #[test]
    fn beside_an_endpoint_the_host_may_be_any_but_the_region_may_not() {
        let issuer = Issuer::parse_for_endpoint("https://auth.example.com/eu-central-1_AbC123");
        assert_eq!(issuer.map(|issuer| issuer.region().to_owned()), Ok("eu-central-1".to_owned()));
        let disagreeing = Issuer::parse_for_endpoint("https://cognito-idp.b.amazonaws.com/a_b");
        assert!(matches!(disagreeing, Err(IssuerProblem::RegionMismatch { .. })));
    }
}
