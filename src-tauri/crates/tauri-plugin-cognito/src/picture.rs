//! The user's picture, fetched, decoded and encoded again in Rust, so that nothing remote reaches the web view.

use std::io::Cursor;

use base64::Engine;
use image::{ImageFormat, ImageReader, Limits};
use session::SessionView;
use tauri::{AppHandle, Runtime};

use crate::CognitoExt;

/// The `picture` claim names somebody else's server: more than this is not a portrait.
const MOST_BYTES: usize = 256 * 1024;
/// Twice the side it is shown at, for dense screens.
const SIDE: u32 = 128;
const MOST_PIXELS_A_SIDE: u32 = 4096;

/// The signed-in user's picture as a `data:` URL of a small PNG; none where there is none that can be used.
pub(crate) async fn data_url<R: Runtime>(app: &AppHandle<R>) -> Option<String> {
    let state = app.cognito().state();
    let running = state.running.as_ref()?;
    let address = match &running.handle.view().session {
        SessionView::SignedIn { user, .. } => user.picture.clone()?,
        _ => return None,
    };
    let address = url::Url::parse(&address).ok().filter(|address| address.scheme() == "https")?;
    let bytes = running
        .http
        .get(&address, MOST_BYTES)
        .await
        .inspect_err(|fault| tracing::info!(code = ?fault.code, "the user's picture could not be fetched"))
        .ok()?;
    let png = tauri::async_runtime::spawn_blocking(move || small_png(&bytes)).await.ok()??;
    Some(format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(png)))
}

fn small_png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_PIXELS_A_SIDE);
    limits.max_image_height = Some(MOST_PIXELS_A_SIDE);
    reader.limits(limits);
    let picture = reader.decode().ok()?.resize_to_fill(SIDE, SIDE, image::imageops::FilterType::Triangle);
    let mut png = Cursor::new(Vec::new());
    picture.to_rgba8().write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image::RgbImage::from_pixel(width, height, image::Rgb([200, 30, 60]))
            .write_to(&mut bytes, format)
            .unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_picture_becomes_a_small_square_png() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let png = small_png(&encoded(300, 200, format)).expect("a picture");
            let back = image::load_from_memory_with_format(&png, ImageFormat::Png).unwrap();
            assert_eq!((back.width(), back.height()), (SIDE, SIDE));
            let pixel = back.to_rgb8().get_pixel(SIDE / 2, SIDE / 2).0;
            assert!(
                pixel[0].abs_diff(200) < 8 && pixel[1].abs_diff(30) < 8 && pixel[2].abs_diff(60) < 8,
                "{pixel:?}"
            );
        }
    }

    #[test]
    fn what_is_not_a_picture_or_too_large_is_no_picture() {
        assert_eq!(small_png(b"<svg onload='alert(1)'/>"), None);
        assert_eq!(small_png(&encoded(MOST_PIXELS_A_SIDE + 1, 2, ImageFormat::Png)), None);
        assert!(small_png(&encoded(MOST_PIXELS_A_SIDE, 2, ImageFormat::Png)).is_some());
    }
}
