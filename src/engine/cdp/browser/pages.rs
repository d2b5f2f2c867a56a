//! The pages of one browser process, attached to as they appear: those that we have asked for, and those that they have opened.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, value::RawValue};
use tokio::{sync::watch, time::timeout};

use crate::{
    engine::cdp::{
        connection::{Listener, Session},
        page::CdpPage,
        protocol::{AttachedToTarget, DownloadWillBegin, OfSession},
        target::{BrowserTraits, Target, downloads::Downloads, frame_clock::Turn},
    },
    error::{Error, Result},
};

/// With more pages in a browser than this, popups get frames of ours only once the program uses them: a flood of them would ask
/// for more frames than a browser can make.
const LOOKED_AT: usize = 8;
/// How long the word that we are attached to a page may come after the answer that made it so: they come together, but in
/// no order that the protocol promises.
pub const ATTACHING: Duration = Duration::from_secs(10);

/// Follows all pages of the browser.
pub struct Pages {
    browser: Session,
    downloads: Arc<Downloads>,
    /// Whose turn it is, if frames are ours to begin.
    pub turn: Option<Turn>,
    traits: BrowserTraits,
    /// The size that the last page has left to the next one that we ask for.
    left_size: Mutex<Option<Value>>,
    pub state: watch::Sender<PagesState>,
}

#[derive(Default)]
pub struct PagesState {
    /// The pages by their sessions.
    pub targets: HashMap<String, Arc<Target>>,
    /// For each page, the one of ours that it is, or that it was opened from.
    pub roots: HashMap<String, String>,
    /// How many pages that we have asked for are still to come.
    expected: usize,
    /// The pages that we have asked for.
    own: HashSet<String>,
    ended: bool,
}

impl PagesState {
    /// The page that opened this one, if it is still there.
    fn opener(&self, target: &Target) -> Option<Arc<Target>> {
        let id = target.opener.as_ref()?;
        self.targets.values().find(|other| other.id == *id).cloned()
    }

    fn attach(&mut self, session: String, target: &Arc<Target>) {
        let root = match &target.opener {
            None => Some(target.id.clone()),
            Some(opener) => self.roots.get(opener).cloned(),
        };
        match root {
            Some(root) => drop(self.roots.insert(target.id.clone(), root)),
            // Opened by a page that was destroyed meanwhile.
            None => drop(target.close()),
        }
        self.targets.insert(session, target.clone());
        self.close_strays();
    }

    /// Closes the pages that nobody has asked for: scripts have a way to open some that have no opener. Whoever shares a
    /// browser context with one may have opened it, and it may have done anything there.
    fn close_strays(&self) {
        if self.expected > 0 {
            return;
        }
        let is_stray = |page: &&Arc<Target>| page.opener.is_none() && !self.own.contains(&page.id);
        for stray in self.targets.values().filter(is_stray) {
            self.targets.values().filter(|page| page.context == stray.context).for_each(|page| page.entangle());
            drop(stray.close());
        }
    }

    fn detach(&mut self, session: &str) -> Option<Arc<Target>> {
        let gone = self.targets.remove(session)?;
        self.roots.remove(&gone.id);
        self.own.remove(&gone.id);
        Some(gone)
    }

    /// A page and all that were opened from it.
    pub fn family(&self, root: &str) -> Vec<String> {
        self.roots.iter().filter(|(_, of)| *of == root).map(|(id, _)| id.clone()).collect()
    }
}

impl Pages {
    pub fn follow(
        browser: &Session,
        downloads: &Arc<Downloads>,
        drives_frames: bool,
        traits: BrowserTraits,
    ) -> Arc<Self> {
        let state = watch::Sender::default();
        let turn = drives_frames.then(Turn::default);
        let (browser_session, downloads) = (browser.clone(), downloads.clone());
        let pages =
            Arc::new(Self { browser: browser_session, downloads, turn, traits, left_size: Mutex::default(), state });
        let listener: Arc<dyn Listener> = pages.clone();
        browser.listen(&listener);
        pages
    }

    /// The next pages that we ask for begin with this one's size: whoever comes next often wants the same.
    pub fn succeed(&self, page: &Target) {
        *self.left_size() = page.left_size();
    }

    fn left_size(&self) -> MutexGuard<'_, Option<Value>> {
        self.left_size.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for a page, which `page` makes or attaches to again, and gives the page's id. The browser may tell of the page
    /// before its id is known.
    pub async fn expect(&self, page: impl Future<Output = Result<String>>) -> Result<String> {
        let expected = Expected::by(self);
        let id = page.await?;
        self.state.send_modify(|state| {
            state.own.insert(id.clone());
        });
        drop(expected);
        Ok(id)
    }

    /// Waits until we are attached to a page that was asked for; none if that does not come.
    pub async fn attached(&self, find: impl Fn(&PagesState) -> Option<&Arc<Target>>) -> Option<Arc<Target>> {
        let mut states = self.state.subscribe();
        let known = states.wait_for(|state| state.ended || find(state).is_some());
        // The sender lives as long as `self`.
        let state = timeout(ATTACHING, known).await.ok()?.ok()?;
        find(&state).cloned()
    }
}

/// As long as this lives, a page that has no opener may be one that we have asked for.
struct Expected<'a>(&'a Pages);

impl<'a> Expected<'a> {
    fn by(pages: &'a Pages) -> Self {
        pages.state.send_modify(|state| state.expected += 1);
        Self(pages)
    }
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        self.0.state.send_modify(|state| {
            state.expected -= 1;
            state.close_strays();
        });
    }
}

impl Listener for Pages {
    fn event(&self, method: &str, params: &RawValue) {
        match method {
            "Target.attachedToTarget" => {
                let attached: AttachedToTarget = match serde_json::from_str(params.get()) {
                    Ok(attached) => attached,
                    Err(error) => return tracing::warn!(%error, "a target that cannot be read"),
                };
                // A session of the browser's own, which a relay has begun.
                if attached.target_info.kind == "browser" {
                    return;
                }
                let session = attached.session_id.clone();
                let is_own = attached.target_info.opener.is_none();
                let left = if is_own { self.left_size().clone() } else { None };
                let target = Target::attach(&self.browser, attached, self.turn.as_ref(), self.traits, left);
                let opener = self.state.borrow().opener(&target);
                if opener.is_some() && self.state.borrow().targets.len() < LOOKED_AT {
                    // The opener may look at its popup.
                    target.clock.start();
                }
                self.state.send_modify(|state| state.attach(session, &target));
                if let Some(opener) = opener {
                    opener.entangle();
                    let popup = CdpPage::new(target, self.browser.clone(), self.downloads.clone());
                    opener.audience.tell_of_popup(Arc::new(popup));
                }
            }
            "Browser.downloadWillBegin" => match serde_json::from_str::<DownloadWillBegin>(params.get()) {
                Ok(begin) => {
                    let pages: Vec<Arc<Target>> = self.state.borrow().targets.values().cloned().collect();
                    // The download outlives the document that began it.
                    pages.iter().filter(|page| page.has_frame(&begin.frame_id)).for_each(|page| page.entangle());
                    self.downloads.begins(&self.browser, &pages, begin);
                }
                Err(error) => tracing::warn!(%error, "a download that cannot be read"),
            },
            "Browser.downloadProgress" => {
                if let Err(error) = self.downloads.progress(params.get()) {
                    tracing::warn!(%error, "a download that cannot be read");
                }
            }
            "Target.detachedFromTarget" => {
                if let Ok(OfSession { session_id }) = serde_json::from_str(params.get()) {
                    let mut gone = None;
                    self.state.send_modify(|state| gone = state.detach(&session_id));
                    if let Some(gone) = gone {
                        self.downloads.forget(&gone.id);
                    }
                }
            }
            _ => {}
        }
    }

    fn ended(&self, _: &Error) {
        self.state.send_modify(|state| {
            // Each call that still expects a page counts it out itself.
            *state = PagesState { ended: true, expected: state.expected, ..PagesState::default() };
        });
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::engine::cdp::fake::Browser;

    #[tokio::test]
    async fn nothing_is_remembered_of_a_page_that_is_gone() {
        let (pipe, _browser) = Browser::new();
        let downloads = Arc::new(Downloads::new(PathBuf::new()));
        let pages = Pages::follow(&Session::connect(pipe), &downloads, false, BrowserTraits::default());
        let hear = |method: &str, params: &Value| {
            pages.event(method, &RawValue::from_string(params.to_string()).unwrap());
        };
        hear(
            "Target.attachedToTarget",
            &json!({ "sessionId": "S", "targetInfo": { "targetId": "P", "type": "page" } }),
        );
        assert_eq!(pages.state.borrow().roots.len(), 1);
        hear("Target.detachedFromTarget", &json!({ "sessionId": "S" }));
        assert!(pages.state.borrow().roots.is_empty());
    }
}
