//! How a page that an item has used becomes brand-new without another target, which would cost a window of the browser's and
//! most of a small picture's time. Where an item has left nothing but a document, as when HTML became a picture, a navigation
//! gives the page another one, with globals, timers and listeners of its own. Whatever outlives documents, or may, needs
//! another target: who is not sure takes that.

use serde_json::{Value, json};

use crate::{
    engine::{
        cdp::{page::CdpPage, target::frames::Frames},
        command::Moments,
    },
    error::{Error, Result},
};

/// A window keeps its name, and a place in the history how it is scrolled to. Gives what is to be as it is on a new page, of
/// which the document before it may have decided some: see [`NEW`].
const FORGET: &str = "window.name = ''; history.scrollRestoration = 'auto'; \
    return [location.href, document.baseURI, history.length]";

impl CdpPage {
    /// Ends its use. Whether [`CdpPage::renew`] makes it brand-new.
    pub(super) fn leave(&self) -> bool {
        self.usage.close()
            && self.target.frames.borrow().position() == self.usage.began
            && !self.target.is_entangled()
            && !self.target.has_used_its_context()
    }

    /// Makes it brand-new, but for its size, which is the next user's matter.
    pub(super) async fn renew(&self) -> Result<()> {
        self.target.clock.rest();
        // Not a page whose frame never ends.
        drop(self.target.clock.still().await);
        let before = self.target.frames.borrow().arrivals;
        // By the document itself: one that nobody has asked for has no policies, and may load nothing of this machine.
        self.top().run("location.replace('about:blank')").await?;
        let come = |frames: &Frames| (frames.arrivals > before && frames.has_reached(Moments::LOAD)).then_some(());
        self.target.until(come).await?;
        // It has inherited the policies of the one before, which can have been that one's own.
        let status =
            self.target.session.call("Network.getSecurityIsolationStatus", json!({ "frameId": self.target.id }));
        let bounds = self.target.bounds();
        let seen = self.top().execute(FORGET, &[]).await?;
        let policies = status.await?.value()?["status"]["csp"].take();
        let unmoved = bounds.await? == self.target.first_bounds();
        let alone = !self.target.is_entangled() && !self.target.has_used_its_context();
        let arrivals = self.target.frames.borrow().arrivals;
        // The scripts of the one before have run until it came.
        if !alone
            || !unmoved
            || arrivals != before + 1
            || seen != new_page()
            || policies.as_array().is_some_and(|all| !all.is_empty())
        {
            return Err(Error::refused("its document has left something behind"));
        }
        self.target.leave_size();
        Ok(())
    }
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
                target::{Target, Traits, downloads::Downloads, network::SessionKind},
            },
        },
        error::Code,
    };

    /// A page that has just been handed out.
    fn page() -> (CdpPage, Browser) {
        let (pipe, browser) = Browser::new();
        let session = Session::connect(pipe);
        let info = json!({ "sessionId": "S", "targetInfo": { "targetId": "P", "type": "page" } });
        let target = Target::attach(&session, serde_json::from_value(info).unwrap(), None, Traits::default());
        (CdpPage::new(target, session, Arc::new(Downloads::new(PathBuf::new()))), browser)
    }

    fn used(page: &CdpPage, method: &str, params: &Value) {
        let command = serde_json::from_value(json!({ "method": method, "params": params })).unwrap();
        page.usage.begin(&command, page.target.is_private()).unwrap();
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
        assert!(page.leave());
    }

    #[tokio::test]
    async fn what_outlives_documents_needs_another_target() {
        for (method, params) in [
            ("setViewport", viewport(true)),
            ("evaluate", json!({ "script": "1", "gesture": true })),
            ("click", json!({ "selector": "a", "button": "left", "clickCount": 1, "delay": 0 })),
            ("setOfflineMode", json!({ "offline": true })),
            ("cdp", json!({ "method": "Browser.getVersion" })),
            ("goto", json!({ "url": "about:blank", "waitUntil": "load", "timeout": 0 })),
        ] {
            let (page, _browser) = page();
            used(&page, method, &params);
            assert!(!page.leave(), "{method}");
        }
    }

    #[tokio::test]
    async fn a_command_that_was_given_up_may_still_be_at_work() {
        let (page, _browser) = page();
        page.usage.begin(&Command::Cookies { urls: Vec::new() }, false).unwrap();
        assert!(!page.leave());
    }

    #[tokio::test]
    async fn a_page_that_is_elsewhere_or_not_alone_needs_another_target() {
        let (moved, _browser) = page();
        moved.target.frames.send_modify(|frames| frames.moves += 1);
        assert!(!moved.leave());
        let (accompanied, _browser) = page();
        accompanied.target.entangle();
        assert!(!accompanied.leave());
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
        assert!(page.leave());
        ask("http://127.0.0.1/");
        assert!(!page.leave());
    }

    #[tokio::test]
    async fn a_page_that_another_has_takes_nothing_more() {
        let (page, _browser) = page();
        assert!(page.leave());
        assert_eq!(page.usage.lasts().unwrap_err().code, Code::PageClosed);
        let late = page.usage.begin(&Command::Cookies { urls: Vec::new() }, false);
        assert_eq!(late.unwrap_err().code, Code::PageClosed);
    }

    #[tokio::test]
    async fn a_context_of_its_own_is_not_kept_after_a_document_that_may_have_scripts() {
        for (html, kept) in [
            ("<h1 style='color: red'>1 + 1 = 2</h1><p class=one>", true),
            ("<SCRIPT>1</SCRIPT>", false),
            ("<svg/onload = go()>", false),
            ("<img src=x onerror=go()>", false),
        ] {
            let (page, _browser) = page();
            page.target.keep_private();
            used(&page, "setContent", &content(html));
            assert_eq!(page.leave(), kept, "{html}");
        }
    }
}
