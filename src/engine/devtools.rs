//! Parameters of `DevTools` commands, which both engines send to Chromium: one over its pipe, the other through chromedriver.

use serde_json::{Value, json};

use super::command::{Clip, ImageType, Screenshot, Viewport};
use crate::error::{Code, Error};

/// What Chromium captures where this format is wanted; the rest is converted from it.
pub fn captured(wanted: ImageType) -> ImageType {
    match wanted {
        ImageType::Bmp | ImageType::Gif => ImageType::Png,
        kind => kind,
    }
}

/// Of `Page.captureScreenshot`, for the viewport or a part of the document.
pub fn screenshot(options: &Screenshot, clip: Option<Clip>) -> Value {
    let format = match captured(options.kind) {
        ImageType::Jpeg => "jpeg",
        ImageType::Webp => "webp",
        _ => "png",
    };
    let mut params = json!({ "format": format });
    // What is converted is nobody's file.
    if options.optimize_for_speed || captured(options.kind) != options.kind {
        params["optimizeForSpeed"] = true.into();
    }
    if let (Some(quality), true) = (options.quality, format != "png") {
        params["quality"] = quality.into();
    }
    if let Some(clip) = clip {
        params["clip"] = json!({
            "x": clip.x, "y": clip.y, "width": clip.width, "height": clip.height, "scale": clip.scale.unwrap_or(1.0),
        });
        params["captureBeyondViewport"] = true.into();
    }
    params
}

/// A failure of `Page.printToPDF`: the browser reads page ranges itself, and does not call a bad one a parameter's fault.
pub fn not_printed(error: Error) -> Error {
    match &error.thrown {
        Some(thrown) if thrown.message.to_lowercase().contains("page range") => {
            Error::new(Code::InvalidOption, format!("page.pdf: {}", thrown.message))
        }
        _ => error,
    }
}

/// Whether nothing is to be behind the page.
pub fn is_transparent(options: &Screenshot) -> bool {
    options.omit_background && options.kind != ImageType::Jpeg
}

/// Sets what is behind the page.
pub const BACKGROUND: &str = "Emulation.setDefaultBackgroundColorOverride";

/// Of [`BACKGROUND`]: nothing.
pub fn clear() -> Value {
    json!({ "color": { "r": 0, "g": 0, "b": 0, "a": 0 } })
}

/// Of `Emulation.setDeviceMetricsOverride`.
pub fn metrics(viewport: Viewport) -> Value {
    let mut params = json!({
        "width": viewport.width,
        "height": viewport.height,
        "deviceScaleFactor": viewport.device_scale_factor,
        "mobile": viewport.is_mobile,
    });
    if viewport.is_landscape {
        params["screenOrientation"] = json!({ "type": "landscapePrimary", "angle": 90 });
    }
    params
}

/// Of `Emulation.setEmulatedMedia`.
pub fn media(media: Option<String>, color_scheme: Option<String>, reduced_motion: Option<String>) -> Value {
    let features = json!([
        { "name": "prefers-color-scheme", "value": color_scheme.unwrap_or_default() },
        { "name": "prefers-reduced-motion", "value": reduced_motion.unwrap_or_default() },
    ]);
    json!({ "media": media.unwrap_or_default(), "features": features })
}

/// Of `Network.emulateNetworkConditions`: as fast as it goes, or not at all.
pub fn network(offline: bool) -> Value {
    json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 })
}
