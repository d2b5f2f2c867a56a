//! Parameters of `DevTools` commands, which both engines send to Chromium: one over its pipe, the other through chromedriver.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

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
    // A PNG that the browser makes is either wanted so, or made into something else here.
    if options.optimize_for_speed || format == "png" {
        params["optimizeForSpeed"] = true.into();
    }
    if let (Some(quality), true) = (options.quality, format != "png") {
        params["quality"] = quality.into();
    }
    if let Some(clip) = clip.map(whole_pixels) {
        params["clip"] = json!({
            "x": clip.x, "y": clip.y, "width": clip.width, "height": clip.height, "scale": clip.scale.unwrap_or(1.0),
        });
        params["captureBeyondViewport"] = options.capture_beyond_viewport.into();
    }
    if !options.from_surface {
        params["fromSurface"] = false.into();
    }
    params
}

/// The rectangle between the pixels that are nearest to its sides, as Puppeteer has it, and no smaller than one of them.
fn whole_pixels(clip: Clip) -> Clip {
    // As JavaScript rounds: halves go up.
    let round = |side: f64| (side + 0.5).floor();
    let (x, y) = (round(clip.x), round(clip.y));
    let length = |start: f64, side: f64, length: f64| (round(side + length) - start).max(1.0);
    Clip { x, y, width: length(x, clip.x, clip.width), height: length(y, clip.y, clip.height), scale: clip.scale }
}

/// A failure of `Page.printToPDF`: the browser reads page ranges itself, and does not call a bad one a parameter's fault.
pub fn not_printed(error: Error) -> Error {
    if error.code == Code::Browser && error.message.to_lowercase().contains("page range") {
        return Error::new(Code::InvalidOption, format!("page.pdf: {}", error.message));
    }
    error
}

/// How long a browser that works is believed to be alive, where no attempt's time limit ends its work before.
const LONGEST_WORK: Duration = Duration::from_secs(600);

/// A command of so many bytes is work for the browser, whatever it asks for.
pub const LARGE: usize = 1 << 20;

/// What keeps the browser's own thread for long: pictures, prints, and the gathering of what may be very large.
const WORK: [&str; 9] = [
    "Page.captureScreenshot",
    "Page.printToPDF",
    "Page.captureSnapshot",
    "Page.getResourceContent",
    "Network.getResponseBody",
    "Fetch.getResponseBody",
    "DOMSnapshot.captureSnapshot",
    "HeapProfiler.takeHeapSnapshot",
    "Storage.clearDataForOrigin",
];

/// Whether a browser that does this may not answer anything else meanwhile.
pub fn is_work(method: &str) -> bool {
    WORK.contains(&method)
}

/// Whether what began then, and has not ended, may still keep a living browser from answering anything else.
pub fn is_still_work(begun: Instant) -> bool {
    begun.elapsed() < LONGEST_WORK
}

/// What the browser says when it does not do what a call asks for, by parts of its words, and what may mend it.
const MENDS: [(&str, &str); 8] = [
    (
        "Page.printToPDF: Printing failed",
        "a header or footer template can load nothing: write its styles into <style> and its pictures as data: URLs; \
         else the paper, the margins or the document are too large or too small",
    ),
    (
        "Page.captureScreenshot: Unable to capture",
        "the picture may be too large: take it in parts with `clip`, or with a smaller scale",
    ),
    (
        "No resource with given identifier",
        "the browser keeps bodies of the latest responses only, and none of a redirect or a preflight",
    ),
    (
        "No data found for resource",
        "the browser keeps bodies of the latest responses only, and none of a redirect or a preflight",
    ),
    ("Invalid InterceptionId", "the request is over: it was answered before, or its page went elsewhere"),
    ("No dialog is showing", "the dialog was answered before, or its page went elsewhere"),
    ("Could not find node", "the document has changed: look for the element again"),
    ("Node is detached", "the document has changed: look for the element again"),
];

/// What the browser refused, with the method and its own words.
pub fn refused(text: &str) -> Error {
    let mend = MENDS.iter().find(|(words, _)| text.contains(words));
    Error::refused(mend.map_or_else(|| text.to_owned(), |(_, mend)| format!("{text}; {mend}")))
}

/// Whether nothing is to be behind the page.
pub fn is_transparent(options: &Screenshot) -> bool {
    options.omit_background && options.kind != ImageType::Jpeg
}

/// The body of a function that gives a promise of the document's fonts.
pub const FONTS: &str = "return document.fonts.ready.then(() => true)";

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
    // Left to itself, the browser would go by the size, which is another one while a picture of the whole document is taken.
    params["screenOrientation"] = if viewport.is_landscape {
        json!({ "type": "landscapePrimary", "angle": 90 })
    } else {
        json!({ "type": "portraitPrimary", "angle": 0 })
    };
    params
}

/// Of `Emulation.setEmulatedMedia`.
pub fn media(media: Option<String>, features: Map<String, Value>) -> Value {
    let features: Vec<Value> =
        features.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({ "media": media.unwrap_or_default(), "features": features })
}

/// Asks for the cookies of which one to be deleted may be: those of its URL, or of everywhere when it says its domain.
pub fn candidates(wanted: &Map<String, Value>) -> (&'static str, Value) {
    match wanted.get("url") {
        Some(url) if !wanted.contains_key("domain") => ("Network.getCookies", json!({ "urls": [url] })),
        _ => ("Network.getAllCookies", json!({})),
    }
}

/// Of `Network.deleteCookies`, once for each of the candidates that is meant, in whichever jar it is.
pub fn deletions(wanted: &Map<String, Value>, candidates: &Value) -> Vec<Value> {
    let domain = |value: &Value| value.as_str().map(|domain| domain.trim_start_matches('.').to_owned());
    let is_meant = |cookie: &&Value| {
        let same = |key: &str| wanted.get(key).is_none_or(|value| cookie[key] == *value);
        let at_home = wanted.get("domain").is_none_or(|value| domain(value) == domain(&cookie["domain"]));
        at_home && ["name", "path", "partitionKey"].into_iter().all(same)
    };
    let deletion = |cookie: &Value| {
        let keys = ["name", "domain", "path", "partitionKey"].into_iter();
        keys.filter_map(|key| Some((key.to_owned(), cookie.get(key)?.clone()))).collect::<Map<_, _>>().into()
    };
    candidates.as_array().into_iter().flatten().filter(is_meant).map(deletion).collect()
}

/// Of `Network.emulateNetworkConditions`: milliseconds, and bytes a second; -1 is as fast as it goes.
pub fn network(offline: bool, latency: f64, download: f64, upload: f64) -> Value {
    json!({ "offline": offline, "latency": latency, "downloadThroughput": download, "uploadThroughput": upload })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_refuses_is_told_in_its_words_with_what_may_mend_it() {
        let error = refused("Page.printToPDF: Printing failed");
        assert_eq!(error.code, Code::Browser);
        assert!(error.message.starts_with("Page.printToPDF: Printing failed; a header"), "{}", error.message);
        assert_eq!(refused("Page.odd: Not today").message, "Page.odd: Not today");
    }

    #[test]
    fn a_cookie_is_deleted_from_every_jar_in_which_it_is_meant() {
        let key = json!({ "topLevelSite": "https://a.test", "hasCrossSiteAncestor": true });
        let candidates = json!([
            { "name": "n", "value": "1", "domain": ".a.test", "path": "/" },
            { "name": "n", "value": "2", "domain": "www.a.test", "path": "/x", "partitionKey": key },
            { "name": "other", "value": "3", "domain": "a.test", "path": "/" },
        ]);
        let deletions = |wanted: Value| deletions(wanted.as_object().unwrap(), &candidates);
        let first = json!({ "name": "n", "domain": ".a.test", "path": "/" });
        let second = json!({ "name": "n", "domain": "www.a.test", "path": "/x", "partitionKey": key });
        assert_eq!(deletions(json!({ "name": "n" })), [first.clone(), second.clone()]);
        assert_eq!(deletions(json!({ "name": "n", "domain": "a.test" })), [first]);
        assert_eq!(deletions(json!({ "name": "n", "partitionKey": key })), [second]);
        assert!(deletions(json!({ "name": "none" })).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_does_not_end_is_not_believed_in_for_ever() {
        let begun = Instant::now();
        assert!(is_still_work(begun));
        tokio::time::advance(LONGEST_WORK).await;
        assert!(!is_still_work(begun));
    }

    #[test]
    fn a_page_range_that_the_browser_cannot_read_is_the_callers() {
        let error = not_printed(refused("Page.printToPDF: Page range syntax error"));
        assert_eq!(error.code, Code::InvalidOption);
        assert_eq!(not_printed(refused("Page.printToPDF: Printing failed")).code, Code::Browser);
    }
}
