//! Which calls a `DevTools` client may make. Judged by the method and by what it names, not by the session that it is made
//! over: Chromium answers `Target.*` and `Browser.*` over the session of a page too, and for the whole browser. What is not
//! in the tables here is refused, a method or a parameter that Chromium has yet to invent among it.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// Whose session a call is made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The client's connection.
    Browser,
    /// The session of a page, a frame or a worker.
    Target,
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The call goes through as it is.
    Pass,
    /// The call goes through; where it names no browser context, it means the page's own.
    InContext,
    /// The call goes through if the window that it names is one of the client's pages'.
    InWindow(i64),
    /// The call goes through, but sets by this method what the page's item has set, in place of clearing it.
    Clear(&'static str),
    /// The client hears of its pages, and of no others.
    Discover,
    /// The client gets a session of each of its pages.
    AttachAll,
    /// The page's own context is what the client takes for the default one.
    NoContexts,
    /// The call is answered with an error.
    Refuse(Refusal),
}

/// Why a call does not go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The call would touch the pages of other items.
    Shared,
    /// With this parameter the call might touch the pages of other items.
    Parameter(String),
    /// The call's effect stays in the browser context, which other items have as well.
    Lasting,
    /// The call would record what the pages of other items do.
    Traced,
    /// The call names a target that is not the client's.
    Target,
    /// The call names a session that is not the client's.
    Session,
    /// The call names a browser context that is not the page's.
    Context,
    /// The call names a window that is not one of the client's pages'.
    Window,
    /// The call's parameters cannot be read, so nobody can say whether what they name is the client's.
    Unreadable,
}

/// Knows what is the client's.
pub trait Owner {
    /// Whether this is its page, a page opened from it, or a part of one.
    fn has_target(&self, id: &str) -> bool;
    /// Whether the client has been given this session.
    fn has_session(&self, id: &str) -> bool;
    /// Whether this is the page's context.
    fn has_context(&self, id: &str) -> bool;
    /// Whether the page has a context of its own, which goes with it.
    fn has_context_to_itself(&self) -> bool;
    /// Whether no page of another item is open in the browser at the same time.
    fn has_browser_to_itself(&self) -> bool;
}

/// What is done with a method that is known to reach beyond one target.
#[derive(Clone, Copy)]
enum Rule {
    Pass,
    InContext,
    InWindow,
    /// As `Pass`, for a page that has a context of its own.
    OwnContext,
    /// As `Pass`, for a page that has the browser to itself.
    OwnBrowser,
    Discover,
    AttachAll,
    NoContexts,
}

/// A method, and the parameters that it may have.
type Allowed = (&'static str, Rule, &'static [&'static str]);

/// Over every session.
const EVERYWHERE: &[Allowed] = &[
    ("Browser.cancelDownload", Rule::InContext, &["guid", "browserContextId"]),
    ("Browser.getVersion", Rule::Pass, &[]),
    ("Browser.getWindowBounds", Rule::InWindow, &["windowId"]),
    ("Browser.getWindowForTarget", Rule::Pass, &["targetId"]),
    // Without a browser context, permissions are those of the browser's default one, over a page's session too.
    ("Browser.grantPermissions", Rule::InContext, &["permissions", "origin", "browserContextId"]),
    ("Browser.resetPermissions", Rule::InContext, &["browserContextId"]),
    ("Browser.setContentsSize", Rule::InWindow, &["windowId", "width", "height"]),
    ("Browser.setPermission", Rule::InContext, &PERMISSION),
    ("Browser.setWindowBounds", Rule::InWindow, &["windowId", "bounds"]),
    // Without an id, these are for the session's own target.
    ("Target.activateTarget", Rule::Pass, &["targetId"]),
    ("Target.attachToTarget", Rule::Pass, &["targetId", "flatten"]),
    ("Target.closeTarget", Rule::Pass, &["targetId"]),
    ("Target.detachFromTarget", Rule::Pass, &["sessionId", "targetId"]),
    ("Target.getBrowserContexts", Rule::NoContexts, &[]),
    ("Target.getTargetInfo", Rule::Pass, &["targetId"]),
];

const PERMISSION: [&str; 5] = ["permission", "setting", "origin", "embeddedOrigin", "browserContextId"];
const AUTO_ATTACH: [&str; 4] = ["autoAttach", "waitForDebuggerOnStart", "flatten", "filter"];

/// Over the client's connection.
const OVER_BROWSER: &[Allowed] = &[
    ("Storage.clearCookies", Rule::InContext, &["browserContextId"]),
    ("Storage.getCookies", Rule::InContext, &["browserContextId"]),
    ("Storage.setCookies", Rule::InContext, &["cookies", "browserContextId"]),
    ("Target.setAutoAttach", Rule::AttachAll, &AUTO_ATTACH),
    ("Target.setDiscoverTargets", Rule::Discover, &["discover", "filter"]),
];

/// Over the session of a target: what is for it alone of domains that are not.
const OVER_TARGET: &[Allowed] = &[
    ("Memory.forciblyPurgeJavaScriptMemory", Rule::Pass, &[]),
    ("Memory.getDOMCounters", Rule::Pass, &[]),
    ("Memory.getDOMCountersForLeakDetection", Rule::Pass, &[]),
    ("Memory.prepareForLeakDetection", Rule::Pass, &[]),
    ("Security.disable", Rule::Pass, &[]),
    ("Security.enable", Rule::Pass, &[]),
    // The browser remembers for the whole context which certificates it was told to accept.
    ("Security.handleCertificateError", Rule::OwnContext, &["eventId", "action"]),
    ("Security.setIgnoreCertificateErrors", Rule::OwnContext, &["ignore"]),
    ("Security.setOverrideCertificateErrors", Rule::OwnContext, &["override"]),
    // A page's frames and workers are all that it attaches to.
    ("Target.setAutoAttach", Rule::Pass, &AUTO_ATTACH),
    ("Tracing.end", Rule::Pass, &[]),
    ("Tracing.getCategories", Rule::Pass, &[]),
    ("Tracing.recordClockSyncMarker", Rule::Pass, &["syncId"]),
    // A trace is of all pages of the browser; the parameters that are not listed record what the system does.
    (
        "Tracing.start",
        Rule::OwnBrowser,
        &[
            "categories",
            "options",
            "bufferUsageReportingInterval",
            "transferMode",
            "streamFormat",
            "streamCompression",
            "traceConfig",
        ],
    ),
];

/// The domains that are for the target whose session it is, but for [`BEYOND_THE_TARGET`]; in alphabetical order. What they
/// keep is kept in the target's own browser context.
const OF_THE_TARGET: &[&str] = &[
    "Accessibility",
    "Ads",
    "Animation",
    "Audits",
    "Autofill",
    "CSS",
    "CacheStorage",
    "Console",
    "CrashReportContext",
    "DOM",
    "DOMDebugger",
    "DOMSnapshot",
    "DOMStorage",
    "Debugger",
    "DeviceAccess",
    "DeviceOrientation",
    "Emulation",
    "EventBreakpoints",
    "FedCm",
    "Fetch",
    "FileSystem",
    "FindInPage",
    "HeadlessExperimental",
    "HeapProfiler",
    "IO",
    "IndexedDB",
    "Input",
    "Inspector",
    "LayerTree",
    "Log",
    "Media",
    "Network",
    "Overlay",
    "Page",
    "Performance",
    "PerformanceTimeline",
    "Preload",
    "Profiler",
    "Runtime",
    "Schema",
    "ServiceWorker",
    "Storage",
    "WebAudio",
    "WebAuthn",
    "WebMCP",
];

const BEYOND_THE_TARGET: &[&str] = &[
    // The screens that all windows are on.
    "Emulation.addScreen",
    "Emulation.removeScreen",
    "Emulation.setPrimaryScreen",
    "Emulation.updateScreen",
    // The old name of `Browser.setDownloadBehavior`: it is the context's, whichever page it is told to.
    "Page.setDownloadBehavior",
];

/// What clears a setting, and what sets it.
const CLEARING: &[(&str, &str)] = &[
    ("Emulation.clearDeviceMetricsOverride", "Emulation.setDeviceMetricsOverride"),
    ("Emulation.clearGeolocationOverride", "Emulation.setGeolocationOverride"),
    // Their old names.
    ("Page.clearDeviceMetricsOverride", "Emulation.setDeviceMetricsOverride"),
    ("Page.clearGeolocationOverride", "Emulation.setGeolocationOverride"),
];

/// The parameters of a call, each once.
#[derive(Default)]
struct Params<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Params<'a> {
    fn read(params: Option<&'a RawValue>) -> serde_json::Result<Self> {
        params.map_or_else(|| Ok(Self::default()), |params| serde_json::from_str(params.get()))
    }

    fn get<T: Deserialize<'a>>(&self, name: &str) -> Result<Option<T>, Refusal> {
        let Some((_, value)) = self.0.iter().find(|(other, _)| other == name) else { return Ok(None) };
        serde_json::from_str(value.get()).map_err(|_| Refusal::Unreadable)
    }

    /// The first one that is none of these.
    fn beside(&self, names: &[&str]) -> Option<Refusal> {
        let (name, _) = self.0.iter().find(|(name, _)| !names.contains(&name.as_ref()))?;
        Some(Refusal::Parameter(name.clone().into_owned()))
    }

    /// Fails if it names what is not the client's.
    fn own(&self, owner: &impl Owner) -> Result<(), Refusal> {
        let named = |name, owns: &dyn Fn(&str) -> bool, refusal| match self.get::<Option<Cow<str>>>(name)?.flatten() {
            Some(id) if !owns(&id) => Err(refusal),
            _ => Ok(()),
        };
        named("targetId", &|id| owner.has_target(id), Refusal::Target)?;
        named("sessionId", &|id| owner.has_session(id), Refusal::Session)?;
        named("browserContextId", &|id| owner.has_context(id), Refusal::Context)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Params<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Params<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("parameters by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut params = Params::default();
                while let Some((Name(name), value)) = map.next_entry()? {
                    // Nobody can say which of two parameters of one name the browser would heed.
                    if params.0.iter().any(|(other, _)| *other == name) {
                        return Err(A::Error::custom(format_args!("{name} is there twice")));
                    }
                    params.0.push((name, value));
                }
                Ok(params)
            }
        }

        deserializer.deserialize_map(Each)
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// What becomes of a call of this method.
pub fn judge(over: Over, method: &str, params: Option<&RawValue>, owner: &impl Owner) -> Verdict {
    let own: &[Allowed] = if over == Over::Browser { OVER_BROWSER } else { OVER_TARGET };
    if let Some(&(_, rule, names)) = EVERYWHERE.iter().chain(own).find(|(name, ..)| *name == method) {
        return weigh(rule, names, params, owner).unwrap_or_else(Verdict::Refuse);
    }
    if over == Over::Browser || !is_of_the_target(method) {
        return Verdict::Refuse(Refusal::Shared);
    }
    if let Some((_, set)) = CLEARING.iter().find(|(clear, _)| *clear == method) {
        return Verdict::Clear(set);
    }
    if method.starts_with("Storage.") {
        return weigh_ids(params, owner).map_or_else(Verdict::Refuse, |()| Verdict::Pass);
    }
    // Most of what there is: unread.
    Verdict::Pass
}

fn weigh(rule: Rule, names: &[&str], params: Option<&RawValue>, owner: &impl Owner) -> Result<Verdict, Refusal> {
    let params = Params::read(params).map_err(|_| Refusal::Unreadable)?;
    if let Some(refusal) = params.beside(names) {
        return Err(refusal);
    }
    params.own(owner)?;
    Ok(match rule {
        Rule::Pass => Verdict::Pass,
        Rule::InContext => Verdict::InContext,
        Rule::InWindow => Verdict::InWindow(params.get("windowId")?.ok_or(Refusal::Window)?),
        Rule::OwnContext if owner.has_context_to_itself() => Verdict::Pass,
        Rule::OwnContext => return Err(Refusal::Lasting),
        Rule::OwnBrowser if owner.has_browser_to_itself() => Verdict::Pass,
        Rule::OwnBrowser => return Err(Refusal::Traced),
        Rule::Discover => Verdict::Discover,
        Rule::AttachAll => Verdict::AttachAll,
        Rule::NoContexts => Verdict::NoContexts,
    })
}

fn weigh_ids(params: Option<&RawValue>, owner: &impl Owner) -> Result<(), Refusal> {
    Params::read(params).map_err(|_| Refusal::Unreadable)?.own(owner)
}

/// Whether a method does nothing but to the target whose session it is called over, and to what that keeps in its context.
fn is_of_the_target(method: &str) -> bool {
    let domain = method.split_once('.').map_or(method, |(domain, _)| domain);
    OF_THE_TARGET.contains(&domain) && !BEYOND_THE_TARGET.contains(&method)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, value::to_raw_value};

    use super::*;

    /// Has the target P, the session S and the context C.
    struct Client;

    impl Owner for Client {
        fn has_target(&self, id: &str) -> bool {
            id == "P"
        }

        fn has_session(&self, id: &str) -> bool {
            id == "S"
        }

        fn has_context(&self, id: &str) -> bool {
            id == "C"
        }

        fn has_context_to_itself(&self) -> bool {
            false
        }

        fn has_browser_to_itself(&self) -> bool {
            false
        }
    }

    /// Has nothing but a context and a browser of its own.
    struct Alone;

    impl Owner for Alone {
        fn has_target(&self, _: &str) -> bool {
            false
        }

        fn has_session(&self, _: &str) -> bool {
            false
        }

        fn has_context(&self, _: &str) -> bool {
            false
        }

        fn has_context_to_itself(&self) -> bool {
            true
        }

        fn has_browser_to_itself(&self) -> bool {
            true
        }
    }

    const BOTH: [Over; 2] = [Over::Browser, Over::Target];

    fn judged(over: Over, method: &str, params: &Value) -> Verdict {
        judge(over, method, Some(&to_raw_value(params).unwrap()), &Client)
    }

    #[test]
    fn what_is_the_whole_browsers_is_refused_over_every_session() {
        let methods = [
            "Browser.close",
            "Browser.crash",
            "Browser.crashGpuProcess",
            "Browser.setDownloadBehavior",
            "Page.setDownloadBehavior",
            "Target.getTargets",
            "Target.createTarget",
            "Target.createBrowserContext",
            "Target.disposeBrowserContext",
            "Target.attachToBrowserTarget",
            "Target.autoAttachRelated",
            "Target.exposeDevToolsProtocol",
            "Target.sendMessageToTarget",
            "Target.setRemoteLocations",
            "Target.notYetInvented",
            "Browser.notYetInvented",
            "NotYetInvented.enable",
            "SystemInfo.getInfo",
            "Memory.simulatePressureNotification",
            "Tethering.bind",
            "Extensions.loadUnpacked",
            "Emulation.addScreen",
            "NoDomain",
        ];
        for (over, method) in BOTH.into_iter().flat_map(|over| methods.map(|method| (over, method))) {
            let params = json!({ "targetId": "P", "sessionId": "S", "browserContextId": "C" });
            assert_eq!(judged(over, method, &params), Verdict::Refuse(Refusal::Shared), "{method} over {over:?}");
        }
    }

    #[test]
    fn a_target_is_looked_at_closed_or_attached_to_if_it_is_the_clients() {
        for (over, method) in BOTH.into_iter().flat_map(|over| {
            ["Target.getTargetInfo", "Target.attachToTarget", "Target.activateTarget", "Target.closeTarget"]
                .map(|method| (over, method))
        }) {
            assert_eq!(judged(over, method, &json!({ "targetId": "P" })), Verdict::Pass);
            assert_eq!(judged(over, method, &json!({ "targetId": "X" })), Verdict::Refuse(Refusal::Target));
        }
    }

    #[test]
    fn a_session_is_detached_from_if_it_is_the_clients() {
        for over in BOTH {
            let detach = |session: &str| judged(over, "Target.detachFromTarget", &json!({ "sessionId": session }));
            assert_eq!((detach("S"), detach("X")), (Verdict::Pass, Verdict::Refuse(Refusal::Session)));
        }
    }

    #[test]
    fn a_context_is_named_if_it_is_the_pages() {
        for (over, method) in BOTH.into_iter().flat_map(|over| {
            ["Storage.getCookies", "Browser.grantPermissions", "Browser.resetPermissions"].map(|method| (over, method))
        }) {
            let params = json!({ "browserContextId": "X" });
            assert_eq!(judged(over, method, &params), Verdict::Refuse(Refusal::Context), "{method} over {over:?}");
        }
        assert_eq!(judged(Over::Target, "Storage.getCookies", &json!({ "browserContextId": "C" })), Verdict::Pass);
    }

    #[test]
    fn the_window_of_anothers_page_is_not_told() {
        for over in BOTH {
            let window = |target: &str| judged(over, "Browser.getWindowForTarget", &json!({ "targetId": target }));
            assert_eq!((window("P"), window("X")), (Verdict::Pass, Verdict::Refuse(Refusal::Target)));
        }
    }

    #[test]
    fn a_window_that_a_call_names_is_one_to_be_looked_at() {
        for over in BOTH {
            let bounds = |params: &Value| judged(over, "Browser.setWindowBounds", params);
            assert_eq!(bounds(&json!({ "windowId": 7, "bounds": {} })), Verdict::InWindow(7));
            assert_eq!(bounds(&json!({ "bounds": {} })), Verdict::Refuse(Refusal::Window));
            assert_eq!(bounds(&json!({ "windowId": "7" })), Verdict::Refuse(Refusal::Unreadable));
        }
    }

    #[test]
    fn over_the_connection_what_is_for_one_target_is_refused() {
        for method in
            ["Fetch.enable", "Page.navigate", "IO.read", "Tracing.start", "Security.setIgnoreCertificateErrors"]
        {
            assert_eq!(judged(Over::Browser, method, &json!({})), Verdict::Refuse(Refusal::Shared), "{method}");
        }
    }

    #[test]
    fn a_parameter_that_nobody_has_weighed_is_refused() {
        for (method, params, name) in [
            ("Target.closeTarget", json!({ "targetId": "P", "evenIf": true }), "evenIf"),
            ("Tracing.start", json!({ "transferMode": "ReportEvents", "perfettoConfig": "" }), "perfettoConfig"),
            ("Tracing.start", json!({ "tracingBackend": "system" }), "tracingBackend"),
        ] {
            assert_eq!(judged(Over::Target, method, &params), Verdict::Refuse(Refusal::Parameter(name.to_owned())));
        }
    }

    #[test]
    fn which_certificates_to_accept_is_said_where_nobody_else_has_the_context() {
        let method = "Security.setIgnoreCertificateErrors";
        let params = to_raw_value(&json!({ "ignore": true })).unwrap();
        assert_eq!(judge(Over::Target, method, Some(&params), &Client), Verdict::Refuse(Refusal::Lasting));
        assert_eq!(judge(Over::Target, method, Some(&params), &Alone), Verdict::Pass);
    }

    #[test]
    fn a_trace_is_begun_where_nobody_else_has_the_browser() {
        let params = to_raw_value(&json!({ "transferMode": "ReturnAsStream" })).unwrap();
        assert_eq!(judge(Over::Target, "Tracing.start", Some(&params), &Client), Verdict::Refuse(Refusal::Traced));
        assert_eq!(judge(Over::Target, "Tracing.start", Some(&params), &Alone), Verdict::Pass);
    }

    #[test]
    fn what_is_cleared_is_set_to_what_the_item_wants() {
        for method in ["Emulation.clearDeviceMetricsOverride", "Page.clearDeviceMetricsOverride"] {
            let verdict = judge(Over::Target, method, None, &Client);
            assert_eq!(verdict, Verdict::Clear("Emulation.setDeviceMetricsOverride"));
        }
    }

    #[test]
    fn a_page_attaches_to_its_own_frames_and_workers() {
        let params = json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true });
        assert_eq!(judged(Over::Target, "Target.setAutoAttach", &params), Verdict::Pass);
        assert_eq!(judged(Over::Browser, "Target.setAutoAttach", &params), Verdict::AttachAll);
    }

    #[test]
    fn pages_are_told_of_over_the_connection_alone() {
        let params = json!({ "discover": true });
        assert_eq!(judged(Over::Browser, "Target.setDiscoverTargets", &params), Verdict::Discover);
        assert_eq!(judged(Over::Target, "Target.setDiscoverTargets", &params), Verdict::Refuse(Refusal::Shared));
    }

    #[test]
    fn contexts_are_not_told_over_any_session() {
        for over in BOTH {
            assert_eq!(judge(over, "Target.getBrowserContexts", None, &Client), Verdict::NoContexts);
        }
    }

    #[test]
    fn a_call_that_names_something_twice_is_refused() {
        let params = RawValue::from_string(r#"{"targetId":"P","targetId":"X"}"#.to_owned()).unwrap();
        for over in BOTH {
            let verdict = judge(over, "Target.closeTarget", Some(&params), &Client);
            assert_eq!(verdict, Verdict::Refuse(Refusal::Unreadable));
        }
    }

    #[test]
    fn what_a_page_does_with_itself_goes_through_unread() {
        for method in ["Page.navigate", "Runtime.evaluate", "Network.enable"] {
            // Not what other methods mean by it.
            assert_eq!(judged(Over::Target, method, &json!({ "targetId": 7, "sessionId": "X" })), Verdict::Pass);
        }
    }

    #[test]
    fn what_names_no_context_over_a_pages_session_is_for_the_pages_own() {
        assert_eq!(judge(Over::Target, "Browser.grantPermissions", None, &Client), Verdict::InContext);
    }
}
