//! How a page that an item has used becomes brand-new without another target, which would cost a window of the browser's and
//! most of a small picture's time. Where an item has left nothing but a document, as when HTML became a picture, a navigation
//! gives the page another one, with globals, timers and listeners of its own. Whatever outlives documents, or may, needs
//! another target: who is not sure takes that.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use crate::{
    engine::command::{Command, Viewport, WaitUntil},
    error::{Error, Result},
};

use super::{
    frames::{Frames, Position},
    page::CdpPage,
};

const BLANK: &str = "about:blank";
/// A window keeps its name, and a place in the history how it is scrolled to. Gives where the page is.
const FORGET: &str = "window.name = ''; history.scrollRestoration = 'auto'; return location.href";

/// What is known of a page's use that decides how it becomes new.
pub struct Use {
    /// Where it was when its user got it.
    began: Position,
    /// It was told something that outlives documents.
    lasting: AtomicBool,
    /// It was told something by the program itself, in the protocol's own words.
    foreign: AtomicBool,
    /// The commands that have begun and not come to their end, those among them that were given up.
    open: AtomicUsize,
}

impl Use {
    /// Of a page that is at this document.
    pub fn from(began: Position) -> Self {
        Self { began, lasting: AtomicBool::new(false), foreign: AtomicBool::new(false), open: AtomicUsize::new(0) }
    }

    /// Something is done that outlives documents.
    pub fn lasts(&self) {
        self.lasting.store(true, Ordering::Relaxed);
    }

    /// The program itself speaks to it, and may say what is not known here.
    pub fn is_foreign(&self) {
        self.lasts();
        self.foreign.store(true, Ordering::Relaxed);
    }

    /// Whether the program itself has spoken to it.
    pub fn was_foreign(&self) -> bool {
        self.foreign.load(Ordering::Relaxed)
    }

    /// A command begins.
    pub fn begin(&self, command: &Command) {
        if matches!(command, Command::Cdp { .. }) {
            self.is_foreign();
        }
        if !leaves_a_document_only(command) {
            self.lasts();
        }
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    /// A command has come to its end.
    pub fn end(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether all that this command changes goes with the document, or is undone by [`CdpPage::renew`].
fn leaves_a_document_only(command: &Command) -> bool {
    match command {
        Command::SetViewport(Viewport { is_mobile, has_touch, .. }) => !is_mobile && !has_touch,
        Command::SetContent { .. }
        // A document remembers a person's gesture for the one that replaces it.
        | Command::Evaluate { gesture: false, .. }
        | Command::WaitFor { .. }
        | Command::WaitForNetworkIdle { .. }
        | Command::Screenshot(_)
        | Command::Pdf(_)
        | Command::Cookies { .. } => true,
        _ => false,
    }
}

impl CdpPage {
    /// Whether [`CdpPage::renew`] makes it brand-new.
    pub(super) fn is_renewable(&self) -> bool {
        !self.usage.lasting.load(Ordering::Relaxed)
            && self.usage.open.load(Ordering::Relaxed) == 0
            && self.target.frames.borrow().position() == self.usage.began
            && !self.target.is_entangled()
    }

    /// Makes it brand-new, but for its size, which is the next user's matter.
    pub(super) async fn renew(&self) -> Result<()> {
        self.target.rest();
        let before = self.target.frames.borrow().arrivals;
        // Not by `Page.navigate`: a document that nobody has asked for may load nothing from this machine and its network.
        self.top().execute("location.replace('about:blank')", &json!([])).await?;
        let come = |frames: &Frames| (frames.arrivals > before && frames.has_reached(WaitUntil::Load)).then_some(());
        self.target.until(come).await?;
        let url = self.top().execute(FORGET, &json!([])).await?;
        // The last document's scripts have run until now.
        let frames = self.target.frames.borrow();
        if url != BLANK || frames.arrivals != before + 1 || self.target.is_entangled() {
            return Err(Error::thrown("Error", "its document did not go alone"));
        }
        drop(frames);
        self.target.leave_size();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, sync::Arc};

    use serde_json::Value;

    use super::{
        super::{connection::Session, downloads::Downloads, fake::Browser, target::Target},
        *,
    };

    /// A page that has just been handed out.
    fn page() -> (CdpPage, Browser) {
        let (pipe, browser) = Browser::new();
        let session = Session::connect(pipe);
        let info = json!({ "sessionId": "S", "targetInfo": { "targetId": "P", "type": "page" } });
        let target = Target::attach(&session, serde_json::from_value(info).unwrap(), false);
        (CdpPage::new(target, session, Arc::new(Downloads::new(PathBuf::new()))), browser)
    }

    fn used(page: &CdpPage, method: &str, params: &Value) {
        let command = serde_json::from_value(json!({ "method": method, "params": params })).unwrap();
        page.usage.begin(&command);
        page.usage.end();
    }

    fn viewport(touch: bool) -> Value {
        json!({ "width": 1, "height": 1, "deviceScaleFactor": 1, "isMobile": false, "hasTouch": touch })
    }

    #[test]
    fn a_page_with_a_document_of_its_own_size_is_renewed() {
        let (page, _browser) = page();
        used(&page, "setViewport", &viewport(false));
        used(&page, "setContent", &json!({ "html": "", "waitUntil": "load", "timeout": 0 }));
        used(&page, "evaluate", &json!({ "script": "1" }));
        assert!(page.is_renewable());
    }

    #[test]
    fn what_outlives_documents_needs_another_target() {
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
            assert!(!page.is_renewable(), "{method}");
        }
    }

    #[test]
    fn a_command_that_was_given_up_may_still_be_at_work() {
        let (page, _browser) = page();
        page.usage.begin(&Command::Cookies { urls: Vec::new() });
        assert!(!page.is_renewable());
    }

    #[test]
    fn a_page_that_is_elsewhere_or_not_alone_needs_another_target() {
        let (moved, _browser) = page();
        moved.target.frames.send_modify(|frames| frames.moves += 1);
        assert!(!moved.is_renewable());
        let (accompanied, _browser) = page();
        accompanied.target.entangle();
        assert!(!accompanied.is_renewable());
    }

    #[test]
    fn a_context_of_its_own_is_kept_until_somebody_was_asked_for_something() {
        let (page, _browser) = page();
        page.target.keep_private();
        let ask = |url: &str| {
            let params = json!({ "requestId": "R", "loaderId": "L", "request": { "url": url } }).to_string();
            page.target.network.hear(None, "Network.requestWillBeSent", &params).unwrap();
        };
        ask("data:text/css,");
        assert!(page.is_renewable());
        ask("http://127.0.0.1/");
        assert!(!page.is_renewable());
    }
}
