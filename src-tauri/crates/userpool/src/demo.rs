//! The clients and users every pool begins with. Tests and documents rely on these names: they stay.

use std::collections::BTreeMap;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::devices::Tracking;
use crate::managed_login::{self, Registration};
use crate::passkeys::{self, Passkey};
use crate::pool::{Client, Flow, POOL_NAME, Pool, Status, User};
use crate::second_factor::Factor;
use crate::{sessions, srp, totp};

const HOUR: i64 = 60 * 60;
const THREE_MINUTES: i64 = 3 * 60;
const THIRTY_DAYS: i64 = 30 * 24 * HOUR;
/// The private key of a passkey, as PKCS #8 in base64: whoever tests can sign with it.
const PASSKEY: &str = concat!(
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKsB+N4p8Mp8Oa5ny",
    "fuKc5LD1JMzE14uQhn97us0g7nWhRANCAAQ7gefNVTxKQqYl+BVceQfXW113xhFc",
    "I9h4a/oaE4QNwcZCmxlMKB5RwZjtEZZwxGi6ElHFa4rdMejZfqzjs3hr",
);
const PASSKEY_ID: &str = "ZGVtby1wYXNza2V5LTAx";
/// Another one, with the same key: a list has several.
const SPARE_PASSKEY_ID: &str = "ZGVtby1wYXNza2V5LTAy";
const TOTP_SECRET: &[u8; 20] = b"userpool-demo-secret";

/// The demo clients as they are before the command line changes them.
pub(crate) fn clients() -> Vec<Client> {
    let plain = |id, note| Client {
        id,
        secret: None,
        note,
        flows: vec![Flow::Srp, Flow::Refresh],
        access_life: HOUR,
        refresh_life: THIRTY_DAYS,
        auth_session_life: THREE_MINUTES,
        riddles_after_password: false,
        first_factor: None,
        second_factor_required: false,
        devices: None,
        sessions_tracked: false,
        rotation: None,
        revocation: true,
        scope: sessions::SCOPE.to_owned(),
        managed_login: None,
    };
    let registered = |scopes: &[&str]| Registration {
        callbacks: callbacks().collect(),
        sign_out_addresses: [SIGNED_OUT_LINK.to_owned()].into_iter().chain(callbacks().skip(1)).collect(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    let all = ["openid", "email", "phone", "profile", sessions::SCOPE];
    vec![
        plain("devdesktop", "public client, SRP, no rotation"),
        Client {
            flows: vec![Flow::Srp],
            rotation: Some(10),
            ..plain("devrotating", "refresh tokens rotate, 10 s grace; REFRESH_TOKEN_AUTH is refused")
        },
        Client {
            secret: Some("devsecretdevsecretdevsecretdevsecret0123456789abcd"),
            ..plain("devsecret", "has a client secret: SECRET_HASH is required")
        },
        Client {
            flows: vec![Flow::Password, Flow::Refresh],
            ..plain("devpassword", "only USER_PASSWORD_AUTH; USER_SRP_AUTH is refused")
        },
        Client {
            flows: vec![Flow::Refresh],
            ..plain("devnoflow", "allows neither SRP nor the password: nobody can sign in")
        },
        Client {
            flows: vec![Flow::Srp],
            access_life: 20,
            rotation: Some(10),
            ..plain("devshort", "access tokens live 20 s; refresh tokens rotate, 10 s grace")
        },
        Client {
            auth_session_life: 20,
            ..plain("devbrief", "a challenge waits 20 s for its answer; Cognito's shortest is 3 min")
        },
        Client {
            flows: vec![Flow::Choice, Flow::Refresh],
            ..plain("devchoice", "only USER_AUTH: the user chooses between password, codes and passkey")
        },
        Client {
            flows: vec![Flow::Custom, Flow::Refresh],
            ..plain("devcustom", "only CUSTOM_AUTH: two riddles, without a password or after it")
        },
        Client {
            flows: vec![Flow::Custom, Flow::Refresh],
            riddles_after_password: true,
            ..plain(
                "devcustomsrp",
                "only CUSTOM_AUTH: two riddles after the password (SRP), never without it",
            )
        },
        Client {
            second_factor_required: true,
            ..plain("devmfa", "a second factor is required: who has none must set one up (MFA_SETUP)")
        },
        Client {
            devices: Some(Tracking::Always),
            ..plain("devdevices", "devices are always remembered; a refresh needs the device's key")
        },
        Client {
            devices: Some(Tracking::UserOptIn),
            ..plain("devoptin", "devices are remembered if the user wants; a refresh needs the device's key")
        },
        Client {
            sessions_tracked: true,
            ..plain("devsessions", "sessions are tracked: users see and end them")
        },
        Client {
            rotation: Some(10),
            sessions_tracked: true,
            managed_login: Some(registered(&all)),
            ..plain("devbrowser", "managed login, public client; refresh tokens rotate, 10 s grace")
        },
        Client {
            secret: Some("devbrowserdevbrowserdevbrowserdevbrowser0123456789"),
            managed_login: Some(registered(&all)),
            ..plain("devbrowsersecret", "managed login, has a client secret; no rotation")
        },
        Client {
            rotation: Some(10),
            managed_login: Some(registered(&all[..4])),
            ..plain(
                "devbrowserbare",
                "managed login, without aws.cognito.signin.user.admin: no operations of the account",
            )
        },
    ]
}

/// The links that the app takes, and the ports that it may listen on.
const SIGNED_IN_LINK: &str = "cognito-desktop://sign-in/callback";
const SIGNED_OUT_LINK: &str = "cognito-desktop://signed-out/callback";
const LOOPBACK_PORTS: [u16; 3] = [19_274, 19_275, 19_276];
/// Whom the federated demo user is at the provider.
const FEDERATED_ADDRESS: &str = "xavier@example.com";

/// Where the managed login may bring a code: the link first.
fn callbacks() -> impl Iterator<Item = String> {
    let loopback = LOOPBACK_PORTS.map(|port| format!("http://127.0.0.1:{port}/callback"));
    [SIGNED_IN_LINK.to_owned()].into_iter().chain(loopback)
}

struct DemoUser {
    username: &'static str,
    password: &'static str,
    sub: &'static str,
    name: Option<&'static str>,
    groups: &'static [&'static str],
    enabled: bool,
    status: Status,
    factor: Option<Factor>,
    /// The factors that are switched on, where there are several and none is preferred.
    factors: &'static [Factor],
    email: bool,
    /// Whether there is a telephone number although no code is asked for as second factor.
    phone: bool,
    passkey: bool,
    client: &'static str,
    note: &'static str,
    /// The format of the state file that first had the user.
    since: u32,
}

const CONFIRMED: DemoUser = DemoUser {
    username: "",
    password: "",
    sub: "",
    name: None,
    groups: &[],
    enabled: true,
    status: Status::Confirmed,
    factor: None,
    factors: &[],
    email: true,
    phone: false,
    passkey: false,
    client: "devdesktop",
    note: "",
    since: 1,
};

const USERS: &[DemoUser] = &[
    DemoUser {
        username: "aiko",
        password: "Green-Tea-42",
        sub: "5e1f0c0a-9b1d-4c55-8a3e-6f2d7c1b9a01",
        name: Some("Aiko Tanaka"),
        groups: &["engineering", "tea"],
        note: "signs in with the password alone",
        ..CONFIRMED
    },
    DemoUser {
        username: "ben",
        password: "Temporary-1",
        sub: "0b6f3d52-3c0e-4a77-9d2f-1e8a5b7c4d02",
        status: Status::ForceChangePassword,
        note: "must choose a new password and give a name (FORCE_CHANGE_PASSWORD)",
        ..CONFIRMED
    },
    DemoUser {
        username: "chiyo",
        password: "Closed-Door-3",
        sub: "c7a9e4d1-58b2-4f36-b0c4-2d9f6e8a1b03",
        name: Some("Chiyo Mori"),
        enabled: false,
        note: "is disabled",
        ..CONFIRMED
    },
    DemoUser {
        username: "dmitri",
        password: "Not-Yet-44",
        sub: "d28b5f60-7e1c-4b93-a5d7-3fa06c9b2e04",
        name: Some("Dmitri Orlov"),
        status: Status::Unconfirmed,
        note: "has not confirmed the sign-up (UNCONFIRMED)",
        ..CONFIRMED
    },
    DemoUser {
        username: "emma",
        password: "Forgotten-5",
        sub: "e93c6a71-8f2d-4ca4-b6e8-40b17dac3f05",
        name: Some("Emma Lind"),
        status: Status::ResetRequired,
        note: "must reset the password (RESET_REQUIRED), whatever is typed",
        ..CONFIRMED
    },
    DemoUser {
        username: "farid",
        password: "Round-And-Round-6",
        sub: "fa4d7b82-903e-4db5-87f9-51c28ebd4a06",
        name: Some("Farid Haddad"),
        client: "devrotating",
        note: "refresh tokens rotate",
        ..CONFIRMED
    },
    DemoUser {
        username: "greta",
        password: "Well-Kept-7",
        sub: "6b5e8c93-a14f-4ec6-980a-62d39fce5b07",
        name: Some("Greta Holm"),
        client: "devsecret",
        note: "through the client with a secret",
        ..CONFIRMED
    },
    DemoUser {
        username: "hiro",
        password: "Plain-Spoken-8",
        sub: "7c6f9da4-b250-4fd7-a91b-73e4a0df6c08",
        name: Some("Hiro Sato"),
        client: "devpassword",
        note: "the password goes to the pool (USER_PASSWORD_AUTH)",
        ..CONFIRMED
    },
    DemoUser {
        username: "ines",
        password: "Short-Lived-9",
        sub: "8d70aeb5-c361-40e8-ba2c-84f5b1e07d09",
        name: Some("Inês Carvalho"),
        groups: &["support"],
        client: "devshort",
        note: "access tokens live 20 s",
        ..CONFIRMED
    },
    DemoUser {
        username: "jun",
        password: "Second-Step-10",
        sub: "9e81bfc6-d472-41f9-8b3d-95a6c2f18e10",
        name: Some("Jun Watanabe"),
        factor: Some(Factor::Authenticator),
        note: "is asked for an authenticator's code after the password (SOFTWARE_TOKEN_MFA)",
        ..CONFIRMED
    },
    DemoUser {
        username: "kazuko",
        password: "パスワード-Sakura-11",
        sub: "af92c0d7-e583-420a-9c4e-a6b7d3029f11",
        name: Some("山田 和子"),
        groups: &["営業"],
        note: "has a password, a name and a group outside ASCII",
        ..CONFIRMED
    },
    DemoUser {
        username: "lena",
        password: "By-Message-12",
        sub: "b0a3d1e8-f694-431b-8d5f-b7c8e4130a12",
        name: Some("Lena Fischer"),
        factor: Some(Factor::Sms),
        since: 2,
        note: "is asked for a code by text message after the password (SMS_MFA); the pool's console shows it",
        ..CONFIRMED
    },
    DemoUser {
        username: "mateo",
        password: "By-Letter-13",
        sub: "c1b4e2f9-07a5-442c-9e60-c8d9f5241b13",
        name: Some("Mateo Rossi"),
        factor: Some(Factor::Email),
        since: 2,
        note: "is asked for a code by e-mail after the password (EMAIL_OTP); the pool's console shows it",
        ..CONFIRMED
    },
    DemoUser {
        username: "nora",
        password: "Free-Choice-14",
        sub: "d2c5f3aa-18b6-4d3d-8f71-d9eaa6352c14",
        name: Some("Nora Berg"),
        phone: true,
        client: "devchoice",
        note: "chooses between the password, a code by e-mail and a code by text message (SELECT_CHALLENGE)",
        since: 3,
        ..CONFIRMED
    },
    DemoUser {
        username: "oskar",
        password: "",
        sub: "e3d6a4bb-29c7-4e4e-9a82-eafbb7463d15",
        name: Some("Oskar Nowak"),
        client: "devchoice",
        note: "has no password: a code by e-mail is the only way in",
        since: 3,
        ..CONFIRMED
    },
    DemoUser {
        username: "priya",
        password: "By-Touch-16",
        sub: "f4e7b5cc-3ad8-4f5f-8b93-fbacc8574e16",
        name: Some("Priya Nair"),
        passkey: true,
        client: "devchoice",
        note: "has two passkeys (WEB_AUTHN); the private key of the first is announced for tests",
        since: 3,
        ..CONFIRMED
    },
    DemoUser {
        username: "quinn",
        password: "Riddle-Me-17",
        sub: "05f8c6dd-4be9-4a6a-8ca4-acbdd9685f17",
        name: Some("Quinn Abbott"),
        client: "devcustom",
        note: "is asked two riddles (CUSTOM_CHALLENGE); the answers are: piano, towel",
        since: 3,
        ..CONFIRMED
    },
    DemoUser {
        username: "rosa",
        password: "First-The-Word-18",
        sub: "16a9d7ee-5cfa-4b7b-9db5-bdceea796a18",
        name: Some("Rosa Marin"),
        client: "devcustomsrp",
        note: "is asked two riddles after the password; the answers are: piano, towel",
        since: 3,
        ..CONFIRMED
    },
    DemoUser {
        username: "sven",
        password: "Many-Ways-19",
        sub: "27bae8ff-6d0b-4c8c-8ec6-cedffb8a7b19",
        name: Some("Sven Dahl"),
        factors: &[Factor::Sms, Factor::Authenticator, Factor::Email],
        note: "chooses a second factor after the password (SELECT_MFA_TYPE)",
        since: 3,
        ..CONFIRMED
    },
    DemoUser {
        username: "tomoko",
        password: "Set-It-Up-20",
        sub: "38cbf900-7e1c-4d9d-9fd7-dfe00c9b8c20",
        name: Some("Tomoko Abe"),
        email: false,
        client: "devmfa",
        note: "must set up a second factor at the first sign-in (MFA_SETUP)",
        since: 3,
        ..CONFIRMED
    },
    DemoUser {
        username: "uma",
        password: "Known-Device-21",
        sub: "49dc0a11-8f2d-4eae-8ae8-eff11dac9d21",
        name: Some("Uma Iyer"),
        factor: Some(Factor::Authenticator),
        client: "devdevices",
        note: "is asked for an authenticator's code, and on a remembered device no more (DEVICE_SRP_AUTH)",
        since: 3,
        ..CONFIRMED
    },
    DemoUser {
        username: "viktor",
        password: "If-I-Like-22",
        sub: "5aed1b22-903e-4fbf-9bf9-f0022ebdae22",
        name: Some("Viktor Hahn"),
        factor: Some(Factor::Sms),
        client: "devoptin",
        note: "is asked for a code by text message, and no more on a device that is to be remembered",
        since: 3,
        ..CONFIRMED
    },
    DemoUser {
        username: "wanda",
        password: "Here-And-There-23",
        sub: "6bfe2c33-a14f-4ac0-8c0a-011330fceb23",
        name: Some("Wanda Kowalska"),
        client: "devsessions",
        note: "sees and ends sessions (ListUserSessions, RevokeUserSession)",
        since: 4,
        ..CONFIRMED
    },
    DemoUser {
        username: "yara",
        password: "In-The-Browser-25",
        sub: "8d105055-c361-4ce2-8e2c-233551cd0d25",
        name: Some("Yara Nunes"),
        factor: Some(Factor::Authenticator),
        client: "devbrowser",
        note: "signs in at the managed login, and is asked for an authenticator's code there",
        since: 5,
        ..CONFIRMED
    },
    DemoUser {
        username: "zita",
        password: "Touch-And-Go-26",
        sub: "9e216166-d472-4df3-8f3d-344662de1e26",
        name: Some("Zita Novak"),
        passkey: true,
        client: "devbrowser",
        note: "signs in at the managed login by the password or a passkey (both pages stand for the real ones)",
        since: 5,
        ..CONFIRMED
    },
];

/// The demo users.
pub(crate) fn users() -> Vec<User> {
    users_newer_than(0)
}

/// Those that a state file of this format could not have.
pub(crate) fn users_newer_than(format: u32) -> Vec<User> {
    let mut users: Vec<User> = USERS.iter().filter(|user| user.since > format).map(DemoUser::build).collect();
    if format < 5 {
        users.push(federated());
    }
    users
}

/// The demo user who has signed in with Google before.
fn federated() -> User {
    let user =
        managed_login::federated(&managed_login::providers()[0], FEDERATED_ADDRESS, Some("Xavier Lopez"), 0);
    User { sub: "7cff3f44-b250-4bd1-8d1b-122440dbfc24".to_owned(), ..user }
}

impl DemoUser {
    fn build(&self) -> User {
        let mut attributes = BTreeMap::new();
        if self.email {
            attributes.insert("email".to_owned(), format!("{}@example.com", self.username));
            attributes.insert("email_verified".to_owned(), "true".to_owned());
        }
        if let Some(name) = self.name {
            attributes.insert("name".to_owned(), name.to_owned());
        }
        let has = |factor| self.factor == Some(factor) || self.factors.contains(&factor);
        if self.phone || has(Factor::Sms) {
            attributes.insert("phone_number".to_owned(), "+15550001234".to_owned());
            attributes.insert("phone_number_verified".to_owned(), "true".to_owned());
        }
        let salt = srp::salt();
        User {
            username: self.username.to_owned(),
            sub: self.sub.to_owned(),
            attributes,
            groups: self.groups.iter().map(|group| (*group).to_owned()).collect(),
            enabled: self.enabled,
            status: self.status,
            totp_secret: has(Factor::Authenticator).then(|| TOTP_SECRET.to_vec()),
            preferred_factor: self.factor,
            factors: (!self.factors.is_empty()).then(|| self.factors.to_vec()),
            passwordless: self.password.is_empty(),
            passkeys: if self.passkey { passkeys() } else { Vec::new() },
            verifier: srp::verifier(POOL_NAME, self.username, self.password, &salt),
            salt,
            ..User::blank()
        }
    }
}

fn passkeys() -> Vec<Passkey> {
    let key = STANDARD.decode(PASSKEY).unwrap_or_default();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key).expect("the constant is a key");
    let passkey = |id: &str, name: &str, created| Passkey {
        id: id.to_owned(),
        name: name.to_owned(),
        public_key: URL_SAFE_NO_PAD.encode(key.public_key()),
        created,
    };
    vec![
        passkey(PASSKEY_ID, "demo passkey", 1_790_000_000),
        passkey(SPARE_PASSKEY_ID, "demo spare passkey", 1_790_086_400),
    ]
}

/// What the pool prints first and serves at `/_userpool/demo`: where it is, and who can sign in how.
pub(crate) fn announcement(pool: &Pool, endpoint: &str) -> Value {
    let clients = pool.clients.iter().map(|client| {
        let mut entry = json!({ "id": client.id, "note": client.note });
        if let Some(secret) = client.secret {
            entry["secret"] = json!(secret);
        }
        if let Some(registered) = &client.managed_login {
            entry["callbacks"] = json!(registered.callbacks);
            entry["sign_out_urls"] = json!(registered.sign_out_addresses);
            entry["scopes"] = json!(registered.scopes);
        }
        entry
    });
    let users = USERS.iter().filter_map(|demo| {
        let user = pool.users.get(demo.username)?;
        let mut note = demo.note.to_owned();
        let secret = user.totp_secret.as_deref().map(totp::base32);
        if let Some(secret) = &secret {
            note.push_str(&format!("; the authenticator's secret is {secret}"));
        }
        if user.password_changed {
            note.push_str("; the password has been changed since");
        }
        let mut entry = json!({
            "username": demo.username,
            "password": demo.password,
            "client": demo.client,
            "note": note,
        });
        if let Some(factor) = user.factor() {
            entry["factor"] = json!(factor);
        }
        if let Some(secret) = secret {
            entry["otpauth"] = json!(totp::provisioning_uri(demo.username, &secret));
            entry["totp_secret"] = json!(secret);
        }
        if demo.passkey {
            entry["passkey"] = json!({
                "credential_id": PASSKEY_ID,
                "private_key": PASSKEY,
                "relying_party": passkeys::RELYING_PARTY,
            });
        }
        Some(entry)
    });
    let federated = pool.users.get(&federated().username).map(|user| {
        json!({
            "username": user.username,
            "password": "",
            "client": "devbrowser",
            "note": format!("signs in at the managed login with Google, as {FEDERATED_ADDRESS}"),
            "provider": managed_login::providers()[0].name,
            "address": FEDERATED_ADDRESS,
        })
    });
    let providers = managed_login::providers().iter().map(
        |provider| json!({ "name": provider.name, "type": provider.kind, "identifier": provider.identifier }),
    );
    json!({
        "endpoint": endpoint,
        "issuer": pool.issuer,
        "clients": clients.collect::<Vec<_>>(),
        "providers": providers.collect::<Vec<_>>(),
        "users": users.chain(federated).collect::<Vec<_>>(),
    })
}
