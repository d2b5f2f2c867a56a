//! Makes a page that an item has used brand-new, by another document in place of another target, which would cost a window of
//! the browser's and most of a small picture's time. A page is renewed only where all of this is shown, and replaced otherwise:
//!
//! - commands: the effects of all went with the document, and none is still under way, or was given up (`page/usage.rs`);
//! - history: the item never left the document that the page began with, and the history has no other entry after it;
//! - company: there were no frames, workers, popups or downloads;
//! - gesture: no person's gesture was made, which a document remembers for the next one;
//! - context: one of the page's own is still empty: no request has left the browser, and no script of a document ever ran;
//! - origin and policies: the new document's address and base are about:blank, and it has no Content Security Policy;
//! - bounds: the window is where it was before anybody had the page, and as large; its name and its scrolling are reset.

use serde_json::{Value, json};

use crate::{
    engine::{
        cdp::{
            page::CdpPage,
            target::{frames::Frames, settings::SCRIPTS},
        },
        command::Moments,
    },
    error::{Error, Result},
};

/// Resets the window's name and the scrolling of the place in the history, which outlive documents, and gives what the document
/// before may have decided of the new one.
const FORGET: &str = "window.name = ''; history.scrollRestoration = 'auto'; \
    return [location.href, document.baseURI, history.length]";

/// Ends a page's use. Whether [`renew`] may make the page brand-new.
pub(super) fn leave(page: &CdpPage) -> bool {
    page.usage.close()
        && page.target.frames.borrow().position() == page.usage.began
        && !page.target.is_entangled()
        && !page.target.has_used_its_context()
}

/// Makes a page brand-new, but for its size, which is the next user's matter.
pub(super) async fn renew(page: &CdpPage) -> Result<()> {
    let target = &page.target;
    target.clock.rest();
    // A page whose frame never ends is not renewed: this waits until the time for it is over.
    drop(target.clock.still().await);
    if target.is_private() {
        // A script could ask the network for something that no event of the page tells of, as by a download, and whose answer
        // would meet the next item in the context. None runs from here on, not even one for the document's end.
        target.session.send(SCRIPTS, json!({ "value": true }));
        if target.script_time().await? > 0.0 {
            return Err(Error::refused("its scripts have run"));
        }
    }
    let before = target.frames.borrow().arrivals;
    // By the document itself: one that nobody has asked for has no policies, and may load nothing of this machine.
    page.top().run("location.replace('about:blank')").await?;
    let come = |frames: &Frames| (frames.arrivals > before && frames.has_reached(Moments::LOAD)).then_some(());
    target.until(come).await?;
    if target.is_private() {
        target.session.send(SCRIPTS, json!({ "value": false }));
    }
    // The new document has inherited the policies of the one before, which can have been that one's own.
    let status = target.session.call("Network.getSecurityIsolationStatus", json!({ "frameId": target.id }));
    let bounds = target.bounds();
    let seen = page.top().execute(FORGET, &[]).await?;
    let policies = status.await?.value()?["status"]["csp"].take();
    let unmoved = bounds.await? == target.first_bounds();
    let alone = !target.is_entangled() && !target.has_used_its_context();
    let arrivals = target.frames.borrow().arrivals;
    // The scripts of the document before have run until the new one came.
    if !alone
        || !unmoved
        || arrivals != before + 1
        || seen != new_page()
        || policies.as_array().is_some_and(|all| !all.is_empty())
    {
        return Err(Error::refused("its document has left something behind"));
    }
    target.leave_size();
    Ok(())
}

/// What [`FORGET`] gives on a page that nobody has had.
fn new_page() -> Value {
    json!(["about:blank", "about:blank", 1])
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, sync::Arc};

    use serde_json::Value;

    use super::*;
    use crate::{
        engine::{
            Command,
            cdp::{
                connection::Session,
                fake::Browser,
                protocol::NetworkEvent,
                target::{BrowserTraits, Target, downloads::Downloads, network::SessionKind},
            },
        },
        error::Code,
    };

    /// A page that has just been handed out.
    fn page() -> (CdpPage, Browser) {
        let (pipe, browser) = Browser::new();
        let session = Session::connect(pipe);
        let info = json!({ "sessionId": "S", "targetInfo": { "targetId": "P", "type": "page" } });
        let target =
            Target::attach(&session, serde_json::from_value(info).unwrap(), None, BrowserTraits::default(), None);
        (CdpPage::new(target, session, Arc::new(Downloads::new(PathBuf::new()))), browser)
    }

    fn used(page: &CdpPage, method: &str, params: &Value) {
        let command = serde_json::from_value(json!({ "method": method, "params": params })).unwrap();
        page.usage.begin(&command).unwrap();
        page.usage.end();
    }

    fn content(html: &str) -> Value {
        json!({ "html": html, "waitUntil": "load", "timeout": 0 })
    }

    fn viewport(touch: bool) -> Value {
        json!({ "width": 1, "height": 1, "deviceScaleFactor": 1, "isMobile": false, "hasTouch": touch, "isLandscape": false })
    }

    #[tokio::test]
    async fn a_page_with_a_document_of_its_own_size_is_renewed() {
        let (page, _browser) = page();
        used(&page, "setViewport", &viewport(false));
        used(&page, "setContent", &content("<script>1</script>"));
        used(&page, "evaluate", &json!({ "script": "1" }));
        assert!(leave(&page));
    }

    #[tokio::test]
    async fn what_outlives_documents_needs_another_target() {
        for (method, params) in [
            ("setViewport", viewport(true)),
            ("evaluate", json!({ "script": "1", "gesture": true })),
            ("click", json!({ "selector": "a", "button": "left", "clickCount": 1, "delay": 0 })),
            ("emulate", json!({ "what": "csp", "bypassed": true })),
            ("cdp", json!({ "method": "Browser.getVersion" })),
            ("goto", json!({ "url": "about:blank", "waitUntil": "load", "timeout": 0 })),
        ] {
            let (page, _browser) = page();
            used(&page, method, &params);
            assert!(!leave(&page), "{method}");
        }
    }

    #[tokio::test]
    async fn a_command_that_was_given_up_may_still_be_at_work() {
        let (page, _browser) = page();
        page.usage.begin(&Command::Cookies { urls: Vec::new() }).unwrap();
        assert!(!leave(&page));
    }

    #[tokio::test]
    async fn a_page_that_is_elsewhere_or_not_alone_needs_another_target() {
        let (moved, _browser) = page();
        moved.target.frames.send_modify(|frames| frames.moved_within("P", "about:blank#"));
        assert!(!leave(&moved));
        let (accompanied, _browser) = page();
        accompanied.target.entangle();
        assert!(!leave(&accompanied));
    }

    #[tokio::test]
    async fn a_context_of_its_own_is_kept_until_somebody_was_asked_for_something() {
        let (page, _browser) = page();
        page.target.keep_private();
        let ask = |url: &str| {
            let request = json!({ "url": url, "method": "GET", "headers": {} });
            let params = json!({ "requestId": "R", "loaderId": "L", "request": request }).to_string();
            let event = NetworkEvent::read("Network.requestWillBeSent", &params).unwrap().unwrap();
            page.target.network.hear(&page.target.session, SessionKind::Frame, &event);
        };
        ask("data:text/css,");
        assert!(leave(&page));
        ask("http://127.0.0.1/");
        assert!(!leave(&page));
    }

    #[tokio::test]
    async fn a_page_that_another_has_takes_nothing_more() {
        let (page, _browser) = page();
        assert!(leave(&page));
        assert_eq!(page.usage.lasts().unwrap_err().code, Code::PageClosed);
        let late = page.usage.begin(&Command::Cookies { urls: Vec::new() });
        assert_eq!(late.unwrap_err().code, Code::PageClosed);
    }

    #[tokio::test]
    async fn a_context_of_its_own_is_not_kept_once_a_script_has_run() {
        let (page, mut browser) = page();
        page.target.keep_private();
        let answer = async {
            let asked = browser.call("Performance.getMetrics").await;
            let metrics = json!([{ "name": "Nodes", "value": 7 }, { "name": "ScriptDuration", "value": 0.000_001 }]);
            let answer = json!({ "id": asked["id"], "result": { "metrics": metrics }, "sessionId": "S" });
            browser.say(&answer.to_string()).await;
        };
        let (renewed, ()) = tokio::join!(renew(&page), answer);
        assert_eq!(renewed.unwrap_err().message, "its scripts have run");
    }
}
