//! Makes of the browser's picture what was asked for: its PNG small, or one of the formats that it cannot make itself.

use std::{io::Cursor, sync::LazyLock, thread::available_parallelism};

use image::{DynamicImage, ImageFormat, codecs::jpeg::JpegEncoder, load_from_memory_with_format};
use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
};

use crate::error::{Code, Error, Result};

use super::{
    command::{ImageType, Screenshot},
    png::smaller,
};

/// Quality of a JPEG when nobody said, as in Chromium.
const JPEG_QUALITY: u8 = 80;

/// As many pictures are worked on at once as there are processors: more would take no less time, and more memory.
static PROCESSORS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, usize::from)));

/// What the screenshot's options want of the picture that `DevTools` gave for them.
pub async fn finished(picture: Vec<u8>, options: &Screenshot) -> Result<Vec<u8>> {
    match options.kind {
        ImageType::Jpeg | ImageType::Webp => Ok(picture),
        ImageType::Png if options.optimize_for_speed => Ok(picture),
        ImageType::Png => {
            let small = beside(move || smaller(&picture).unwrap_or(picture)).await;
            small.map_err(|panic| Error::new(Code::Unsupported, format!("cannot compress the screenshot: {panic}")))
        }
        ImageType::Bmp | ImageType::Gif => converted(picture, ImageType::Png, options).await,
    }
}

/// The picture in the format that the screenshot's options want.
pub async fn converted(picture: Vec<u8>, from: ImageType, options: &Screenshot) -> Result<Vec<u8>> {
    if options.kind == from {
        return Ok(picture);
    }
    let (kind, quality) = (options.kind, options.quality);
    beside(move || convert(&picture, kind, quality)).await.unwrap_or_else(|panic| {
        Err(Error::new(Code::Unsupported, format!("cannot convert the screenshot to {kind:?}: {panic}")))
    })
}

/// Does this on a thread where no other task waits for it.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> std::result::Result<T, JoinError> {
    // Closing it is the only way in which waiting for it fails, and nothing does.
    let processor = PROCESSORS.acquire().await;
    spawn_blocking(move || {
        let _processor = processor;
        work()
    })
    .await
}

/// The PNG in another format. Formats without transparency get a white background.
fn convert(png: &[u8], to: ImageType, quality: Option<u8>) -> Result<Vec<u8>> {
    let failed = |error: image::ImageError| {
        Error::new(Code::Unsupported, format!("cannot convert the screenshot from PNG to {to:?}: {error}"))
    };
    let picture = load_from_memory_with_format(png, ImageFormat::Png).map_err(failed)?;
    let mut bytes = Cursor::new(Vec::new());
    match to {
        ImageType::Png => return Ok(png.to_vec()),
        ImageType::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut bytes, quality.unwrap_or(JPEG_QUALITY).max(1));
            on_white(&picture).write_with_encoder(encoder).map_err(failed)?;
        }
        ImageType::Bmp => on_white(&picture).write_to(&mut bytes, ImageFormat::Bmp).map_err(failed)?,
        ImageType::Gif => picture.write_to(&mut bytes, ImageFormat::Gif).map_err(failed)?,
        ImageType::Webp => picture.write_to(&mut bytes, ImageFormat::WebP).map_err(failed)?,
    }
    Ok(bytes.into_inner())
}

fn on_white(picture: &DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return picture.clone();
    }
    let mut opaque = picture.to_rgba8();
    for pixel in opaque.pixels_mut() {
        let alpha = u16::from(pixel[3]);
        for channel in 0..3 {
            let mixed = (u16::from(pixel[channel]) * alpha + 255 * (255 - alpha)) / 255;
            pixel[channel] = u8::try_from(mixed).unwrap_or(u8::MAX);
        }
    }
    DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(opaque).to_rgb8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparency_becomes_white_where_the_format_has_none() {
        let mut png = Cursor::new(Vec::new());
        DynamicImage::new_rgba8(2, 2).write_to(&mut png, ImageFormat::Png).unwrap();
        let bmp = convert(png.get_ref(), ImageType::Bmp, None).unwrap();
        let picture = load_from_memory_with_format(&bmp, ImageFormat::Bmp).unwrap().to_rgb8();
        assert!(picture.pixels().all(|pixel| pixel.0 == [255, 255, 255]));
    }

    #[test]
    fn bytes_that_are_no_png_are_an_error() {
        assert!(convert(b"nonsense", ImageType::Gif, None).is_err());
    }
}
