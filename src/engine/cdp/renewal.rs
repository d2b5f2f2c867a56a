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
        // A window keeps the name that it was given.
        let url = self.top().execute("window.name = ''; return location.href", &json!([])).await?;
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
    use super::*;

    fn command(json: &serde_json::Value) -> Command {
        serde_json::from_value(json.clone()).unwrap()
    }

    #[test]
    fn a_size_goes_with_a_document_and_a_touch_screen_does_not() {
        let viewport = |touch: bool| {
            let params =
                json!({ "width": 1, "height": 1, "deviceScaleFactor": 1, "isMobile": false, "hasTouch": touch });
            command(&json!({ "method": "setViewport", "params": params }))
        };
        assert!(leaves_a_document_only(&viewport(false)));
        assert!(!leaves_a_document_only(&viewport(true)));
    }
}
