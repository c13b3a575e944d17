//! What an authenticator app is told when it is set up: the secret, as text, as a link and as a QR code.

use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode as Code};
use session::AuthenticatorSecret;
use tauri::{AppHandle, Runtime};

use crate::snapshot::{AuthenticatorSetUp, QrCode};

/// The light border that a reader needs, in modules (ISO/IEC 18004, "Quiet zone").
const QUIET_ZONE: usize = 4;

/// What the window shows of a secret. `issuer` is what the app calls the service, `account` the user's name there.
///
/// # Errors
/// Names that are too long for any QR code, which hold about two thousand characters.
pub(crate) fn set_up(
    secret: &AuthenticatorSecret,
    issuer: &str,
    account: &str,
) -> Result<AuthenticatorSetUp, QrError> {
    let uri = uri(secret.expose(), issuer, account);
    let qr = draw(&uri)?;
    Ok(AuthenticatorSetUp { secret: secret.expose().to_owned(), uri, qr })
}

/// What an authenticator app calls the service: this app's name.
pub(crate) fn issuer<R: Runtime>(app: &AppHandle<R>) -> String {
    app.config().product_name.clone().unwrap_or_else(|| app.package_info().name.clone())
}

/// The key URI format of Google Authenticator, which other apps read as well: its wiki, "Key Uri Format". What is not
/// said is what Cognito uses and every app assumes: SHA-1, six digits, thirty seconds.
fn uri(secret: &str, issuer: &str, account: &str) -> String {
    // A colon would end the issuer's part of the label.
    let issuer = escaped(&issuer.replace(':', " "));
    format!("otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}", escaped(account), escaped(secret))
}

/// Percent-encoding (RFC 3986, section 2.1) of all but unreserved characters. A blank is `%20`: some apps show a `+`.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// Each run of dark modules of a row as a rectangle.
fn draw(text: &str) -> Result<QrCode, QrError> {
    use std::fmt::Write as _;
    let code = Code::with_error_correction_level(text, EcLevel::M)?;
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                let length = run.len();
                let (x, y) = (x + QUIET_ZONE, y + QUIET_ZONE);
                // Writing to a string does not fail.
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    Ok(QrCode { size: u32::try_from(width + 2 * QUIET_ZONE).unwrap_or(u32::MAX), path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_is_what_apps_read() {
        let secret = AuthenticatorSecret::new("JBSWY3DPEHPK3PXP");
        let set_up = set_up(&secret, "Tea: & Co", "aiko+1@example.com").unwrap();
        assert_eq!(
            set_up.uri,
            "otpauth://totp/Tea%20%20%26%20Co:aiko%2B1%40example.com?secret=JBSWY3DPEHPK3PXP\
             &issuer=Tea%20%20%26%20Co"
        );
        assert_eq!(set_up.secret, "JBSWY3DPEHPK3PXP");
        assert!(!format!("{set_up:?}").contains("JBSWY"), "{set_up:?}");
        assert!(super::set_up(&secret, "Tea", &"a".repeat(5_000)).is_err());
    }

    /// Puts the path back into modules.
    fn modules(qr: &QrCode) -> Vec<Vec<bool>> {
        let size = qr.size as usize;
        let mut modules = vec![vec![false; size]; size];
        for run in qr.path.split_terminator('z') {
            let (at, rest) = run.trim_start_matches('M').split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let (length, back) = rest.split_once("v1h-").unwrap();
            assert_eq!(length, back);
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            for module in &mut modules[y][x..x + length.parse::<usize>().unwrap()] {
                assert!(!*module, "drawn twice");
                *module = true;
            }
        }
        modules
    }

    #[test]
    fn the_path_draws_the_code_within_its_quiet_zone() {
        let text = "otpauth://totp/Tea:aiko?secret=JBSWY3DPEHPK3PXP&issuer=Tea";
        let qr = draw(text).unwrap();
        let modules = modules(&qr);
        let code = Code::with_error_correction_level(text, EcLevel::M).unwrap();
        assert_eq!(modules.len(), code.width() + 8);
        for (y, row) in modules.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                let inside = (4..code.width() + 4).contains(&x) && (4..code.width() + 4).contains(&y);
                let expected = inside && code[(x - 4, y - 4)] == Color::Dark;
                assert_eq!(*dark, expected, "{x} {y}");
            }
        }
        // The finder pattern of every code (ISO/IEC 18004, 6.3.3): seven dark modules along its top.
        assert_eq!(modules[4][4..12], [true, true, true, true, true, true, true, false]);
    }
}
