//! Which calls a `DevTools` client may make. Judged by the method and by what it names, not by the session that it is made
//! over: Chromium answers `Target.*` and `Browser.*` over the session of a page too, and for the whole browser.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// Whose session a call is made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The client's connection.
    Browser,
    /// That of a page, a frame or a worker.
    Target,
}

/// What becomes of a call.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes through as it is.
    Pass,
    /// It goes through; where it names no context it means the page's own.
    InContext,
    /// The client hears of its pages, and of no others.
    Discover,
    /// The client gets a session of each of its pages.
    AttachAll,
    /// The page's own context is what the client takes for the default one.
    NoContexts,
    /// It is answered with an error.
    Refuse(Refusal),
}

/// Why a call does not go through.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It would touch the pages of other items.
    Shared,
    /// It names a target that is not the client's.
    Target,
    /// It names a session that is not the client's.
    Session,
    /// It names a context that is not the page's.
    Context,
    /// What it names cannot be read, so nobody can say whether it is the client's.
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
}

/// What a call may name.
#[derive(Default, Deserialize)]
struct Named<'a> {
    #[serde(borrow, rename = "targetId")]
    target: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "sessionId")]
    session: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "browserContextId")]
    context: Option<Cow<'a, str>>,
}

impl Named<'_> {
    fn foreign(&self, owner: &impl Owner) -> Option<Refusal> {
        let named = |id: &Option<Cow<str>>, owns: &dyn Fn(&str) -> bool| id.as_deref().is_some_and(|id| !owns(id));
        if named(&self.target, &|id| owner.has_target(id)) {
            Some(Refusal::Target)
        } else if named(&self.session, &|id| owner.has_session(id)) {
            Some(Refusal::Session)
        } else if named(&self.context, &|id| owner.has_context(id)) {
            Some(Refusal::Context)
        } else {
            None
        }
    }
}

/// What becomes of a call of this method.
pub fn judge(over: Over, method: &str, params: Option<&RawValue>, owner: &impl Owner) -> Verdict {
    let verdict = rule(over, method);
    if verdict == Verdict::Pass && over == Over::Target && !reaches_out(method) {
        // Of the page itself, and most of what there is: unread.
        return verdict;
    }
    let Ok(named) = params.map_or_else(|| Ok(Named::default()), |params| serde_json::from_str(params.get())) else {
        return Verdict::Refuse(Refusal::Unreadable);
    };
    match verdict {
        Verdict::Pass | Verdict::InContext => named.foreign(owner).map_or(verdict, Verdict::Refuse),
        _ => verdict,
    }
}

/// The table of methods, for a call that names nothing.
fn rule(over: Over, method: &str) -> Verdict {
    match (over, method) {
        (
            _,
            "Browser.close"
            | "Browser.crash"
            | "Browser.crashGpuProcess"
            | "Browser.setDownloadBehavior"
            // The same setting by its old name: it is the context's, whichever page it is told to.
            | "Page.setDownloadBehavior",
        ) => Verdict::Refuse(Refusal::Shared),
        (Over::Browser, "Target.setDiscoverTargets") => Verdict::Discover,
        (Over::Browser, "Target.setAutoAttach") => Verdict::AttachAll,
        (_, "Target.getBrowserContexts") => Verdict::NoContexts,
        // A page's frames and workers are all that it attaches to; without an id, it is the session's own target.
        (Over::Target, "Target.setAutoAttach")
        | (
            _,
            "Target.getTargetInfo"
            | "Target.attachToTarget"
            | "Target.activateTarget"
            | "Target.closeTarget"
            | "Target.detachFromTarget",
        ) => Verdict::Pass,
        // What is not known to be for one target, `Target.sendMessageToTarget` among it, which wraps calls in a call.
        _ if method.starts_with("Target.") => Verdict::Refuse(Refusal::Shared),
        (Over::Target, _) if !method.starts_with("Browser.") => Verdict::Pass,
        // Over a page's session too, `Browser.*` without a context means the browser's default one.
        _ => Verdict::InContext,
    }
}

/// Whether calls over a page's session may name what is not the page's.
fn reaches_out(method: &str) -> bool {
    ["Target.", "Browser.", "Storage."].iter().any(|domain| method.starts_with(domain))
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
            assert_eq!((window("P"), window("X")), (Verdict::InContext, Verdict::Refuse(Refusal::Target)));
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
