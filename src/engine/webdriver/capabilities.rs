//! What a session is asked for.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::engine::{BrowserName, BrowserOptions, chromium};

/// The capabilities for these options; the user's own are merged in last, object by object.
pub fn request(options: &BrowserOptions, browser: Option<&Path>, folder: &Path) -> Map<String, Value> {
    let binary = browser.map(|path| Value::from(path.to_string_lossy()));
    let mut wanted = match options.name {
        BrowserName::Chromium => json!({
            "browserName": "chrome",
            // Navigation is waited for by the engine, so that no command waits for one it does not care about.
            "pageLoadStrategy": "none",
            "goog:chromeOptions": { "args": chromium::arguments(options), "prefs": chromium_preferences() },
        }),
        BrowserName::Firefox => {
            let mut args = options.args.clone();
            if options.headless {
                args.push("-headless".to_owned());
            }
            let mut env = json!({ "MOZ_CRASHREPORTER_DISABLE": "1" });
            let mut prefs = firefox_preferences();
            if browser.is_some() {
                env["TMPDIR"] = folder.to_string_lossy().into();
                prefs["browser.download.dir"] = folder.join("downloads").to_string_lossy().into();
            }
            json!({
                "browserName": "firefox",
                "pageLoadStrategy": "eager",
                "webSocketUrl": true,
                "moz:firefoxOptions": { "args": args, "env": env, "prefs": prefs },
            })
        }
    };
    wanted["unhandledPromptBehavior"] = "dismiss".into();
    // Attempts have limits of their own. Firefox gives up every script at once when there is no limit at all.
    wanted["timeouts"] = json!({ "script": i32::MAX, "pageLoad": 300_000, "implicit": 0 });
    if let Some(binary) = binary {
        let key = match options.name {
            BrowserName::Chromium => "goog:chromeOptions",
            BrowserName::Firefox => "moz:firefoxOptions",
        };
        wanted[key]["binary"] = binary;
    }
    merge(&mut wanted, &Value::Object(options.capabilities.clone()));
    match wanted {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// In the browsers' words for a permission.
const DENY: i32 = 2;

fn chromium_preferences() -> Value {
    // Chromedriver would have every page know the position.
    json!({ "profile.default_content_setting_values.geolocation": DENY })
}

fn firefox_preferences() -> Value {
    const NAMED_FOLDER: i32 = 2;
    json!({
        // They cannot be refused; in the worker's folder they go with it.
        "browser.download.folderList": NAMED_FOLDER,
        "browser.download.useDownloadDir": true,
        "browser.download.always_ask_before_handling_new_types": false,
        // As in Chromium, scrollbars take no room from the document.
        "ui.useOverlayScrollbars": 1,
        // Nobody is there to be asked.
        "permissions.default.camera": DENY,
        "permissions.default.desktop-notification": DENY,
        "permissions.default.geo": DENY,
        "permissions.default.microphone": DENY,
    })
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        // Arguments join ours; as with the option, the later ones win.
        (Value::Array(into), Value::Array(from)) => into.extend(from.iter().cloned()),
        (into, from) => *into = from.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_firefox_downloads_goes_with_the_worker() {
        let options = BrowserOptions { name: BrowserName::Firefox, ..BrowserOptions::default() };
        let wanted = request(&options, Some(Path::new("/f")), Path::new("/tmp/worker-1"));
        let folder = &wanted["moz:firefoxOptions"]["prefs"]["browser.download.dir"];
        assert!(folder.as_str().is_some_and(|folder| Path::new(folder).starts_with("/tmp/worker-1")));
        let remote = request(&options, None, Path::new("/tmp/worker-1"));
        assert_eq!(remote["moz:firefoxOptions"]["prefs"]["browser.download.dir"], Value::Null);
    }

    #[test]
    fn the_users_capabilities_are_merged_object_by_object() {
        let own =
            json!({ "acceptInsecureCerts": true, "goog:chromeOptions": { "detach": true, "args": ["--lang=de"] } });
        let options = BrowserOptions { capabilities: own.as_object().cloned().unwrap(), ..BrowserOptions::default() };
        let wanted = request(&options, Some(Path::new("/b")), Path::new("/tmp"));
        assert_eq!(wanted["acceptInsecureCerts"], true);
        assert_eq!(wanted["goog:chromeOptions"]["detach"], true);
        assert_eq!(wanted["goog:chromeOptions"]["binary"], "/b");
        let args = wanted["goog:chromeOptions"]["args"].as_array().unwrap();
        assert!(args.len() > 5 && args.last().unwrap() == "--lang=de");
    }
}
