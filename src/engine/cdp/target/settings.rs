//! What was set on a page: told to all its frames and workers, and to those to come, restored when a client has changed it, and
//! passed on to the page's successor.

use std::{
    borrow::Cow,
    collections::HashSet,
    sync::{MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    engine::{
        cdp::connection::{Call, Session},
        command::Viewport,
        devtools::metrics,
    },
    error::Result,
};

use super::Target;

const METRICS: &str = "Emulation.setDeviceMetricsOverride";
const CLEAR_METRICS: &str = "Emulation.clearDeviceMetricsOverride";
const NETWORK: &str = "Network.enable";
const SCRIPTS: &str = "Emulation.setScriptExecutionDisabled";

/// How long a document may be busy with itself before it is left without having heard what it was told.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Default)]
pub struct Settings {
    /// What the page's own session was told.
    own: Vec<(&'static str, Value)>,
    /// What every frame in a process of its own has to be told as well.
    calls: Vec<(Cow<'static, str>, Value)>,
    /// The sessions of such frames.
    sessions: Vec<Session>,
    /// The sessions of workers, which are told what concerns the network.
    workers: Vec<Session>,
    /// What its browser context may do without asking.
    permissions: HashSet<&'static str>,
    /// Its size is that of the user before, and the next one has not used it yet.
    size_is_left: bool,
}

/// What is set on every new page.
pub fn of_a_new_page() -> Vec<(&'static str, Value)> {
    vec![
        // Pages in other windows than the one in front would be hidden, and paint nothing.
        ("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })),
        (METRICS, metrics(Viewport::DEFAULT)),
    ]
}

impl Settings {
    /// Of a page whose own session was told this.
    pub fn new(own: Vec<(&'static str, Value)>) -> Self {
        Self { own, ..Self::default() }
    }

    /// A frame in a process of its own is told all that holds for the page's frames, now and from now on.
    pub fn adopt_frame(&mut self, session: &Session) {
        for (method, params) in &self.calls {
            drop(session.call(method.clone(), params));
        }
        self.sessions.push(session.clone());
    }

    /// A worker is told what concerns the network, now and from now on.
    pub fn adopt_worker(&mut self, session: &Session) {
        for (method, params) in self.calls.iter().filter(|(method, _)| is_of_the_network(method)) {
            drop(session.call(method.clone(), params));
        }
        self.workers.push(session.clone());
    }

    /// The session of a frame or a worker has ended.
    pub fn forget(&mut self, session: &Session) {
        self.sessions.retain(|other| !other.is(session));
        self.workers.retain(|other| !other.is(session));
    }
}

impl Target {
    /// The window that the page believes it has. Frames in other processes hear of it from the page.
    pub async fn resize(&self, viewport: Viewport) -> Result<()> {
        self.resize_if(viewport, |_| true).await
    }

    /// It gets the size of new pages if the user before has left it another.
    pub async fn sized(&self) -> Result<()> {
        if !self.settings().size_is_left {
            return Ok(());
        }
        self.resize_if(Viewport::DEFAULT, |left| left).await
    }

    /// `wanted` decides when it has its turn, knowing whether the size is still that of the user before.
    async fn resize_if(&self, viewport: Viewport, wanted: impl Fn(bool) -> bool + Send) -> Result<()> {
        let params = metrics(viewport);
        let _still = self.clock.still().await;
        let call = {
            let mut settings = self.settings();
            let left = std::mem::take(&mut settings.size_is_left);
            if !wanted(left) || left && settings.own.contains(&(METRICS, params.clone())) {
                return Ok(());
            }
            settings.own.retain(|(method, _)| *method != METRICS);
            settings.own.push((METRICS, params.clone()));
            if self.is_shared() {
                // The browser takes no heed of a size that this session has set already, whatever others have set since.
                self.session.send(CLEAR_METRICS, json!({}));
            }
            self.session.call(METRICS, params)
        };
        call.await.map(drop)
    }

    /// It keeps its size for the next user, who may want the same: changing it there and back costs frames.
    pub fn leave_size(&self) {
        self.settings().size_is_left = true;
    }

    /// Whether all of it is painted by one process, a pixel of the page for a pixel of its window.
    pub fn is_one_surface(&self) -> bool {
        let settings = self.settings();
        let scaled = |(method, params): &(_, Value)| *method == METRICS && params["deviceScaleFactor"] != 1.0;
        settings.sessions.is_empty() && !settings.own.iter().any(scaled)
    }

    /// What such a client had set has gone with it. The browser forgets with that what we had set before.
    pub fn restore(&self) {
        let settings = self.settings();
        // The browser takes no heed of a size that it believes to have been set by this session already.
        let mut calls = vec![self.session.call(CLEAR_METRICS, json!({}))];
        calls.extend(settings.own.iter().map(|(method, params)| self.session.call(*method, params)));
        // What other domains have been told is a session's own.
        for (method, params) in settings.calls.iter().filter(|(method, _)| is_of_the_page(method)) {
            let sessions = settings.sessions.iter().chain([&self.session]);
            calls.extend(sessions.map(|session| session.call(method.clone(), params)));
        }
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).extend(calls);
    }

    /// What was last set by a method.
    pub fn wanted(&self, method: &str) -> Option<Value> {
        let settings = self.settings();
        let own = settings.own.iter().map(|(own, params)| (*own, params));
        let calls = settings.calls.iter().map(|(call, params)| (call.as_ref(), params));
        own.chain(calls).rfind(|(other, _)| *other == method).map(|(_, params)| params.clone())
    }

    /// A call that holds until the page ends, in all its frames and in those to come. Of two with the same method the
    /// later one counts.
    pub async fn set(&self, method: &'static str, params: Value) -> Result<()> {
        let call = {
            let mut settings = self.settings();
            settings.calls.retain(|(other, _)| *other != method);
            self.everywhere(&mut settings, method, params)
        };
        call.await.map(drop)
    }

    /// Like [`Target::set`] for a call that adds something, and what it answers.
    pub async fn add(&self, method: &'static str, params: Value) -> Result<Value> {
        let call = self.everywhere(&mut self.settings(), method, params);
        call.await?.value()
    }

    /// Makes a call in every frame's session, and in those to come; the page's own gives the answer.
    fn everywhere(&self, settings: &mut Settings, method: &'static str, params: Value) -> Call {
        let workers = settings.workers.iter().filter(|_| is_of_the_network(method));
        for session in settings.sessions.iter().chain(workers) {
            session.send(method, &params);
        }
        let call = self.session.call(method, &params);
        settings.calls.push((method.into(), params));
        self.unheard.store(true, Ordering::Relaxed);
        call
    }

    /// Ends what `method` has set.
    pub async fn unset(&self, method: &'static str, undo: &'static str) -> Result<()> {
        {
            let mut settings = self.settings();
            settings.calls.retain(|(other, _)| *other != method);
            for session in &settings.sessions {
                session.send(undo, json!({}));
            }
        }
        self.session.call(undo, json!({})).await.map(drop)
    }

    /// Has a domain's events sent from now on, in all frames. Nobody waits for the answer: what is sent after it is done
    /// after it. False if they were already, whatever the parameters.
    pub fn enable(&self, method: &'static str, params: Value) -> bool {
        let mut settings = self.settings();
        if settings.calls.iter().any(|(other, _)| other == method) {
            return false;
        }
        drop(self.everywhere(&mut settings, method, params));
        // Before what else a frame is told, of which the domain might take no heed.
        settings.calls.rotate_right(1);
        true
    }

    /// Has the network's events sent from now on. False if they were already.
    pub fn watch_network(&self) -> bool {
        // Nobody has asked for bodies, so none need be kept.
        self.enable(NETWORK, json!({ "maxTotalBufferSize": 0, "maxResourceBufferSize": 0 }))
    }

    /// The same, and the bodies of responses kept, so that they can be asked for.
    pub fn keep_bodies(&self) {
        self.settings().calls.retain(|(method, _)| method != NETWORK);
        self.enable(NETWORK, json!({}));
    }

    /// The sessions of the page and of the frames that have a process of their own.
    pub fn sessions(&self) -> Vec<Session> {
        let settings = self.settings();
        std::iter::once(&self.session).chain(&settings.sessions).cloned().collect()
    }

    /// Says whether the page's own scripts run.
    pub async fn run_scripts(&self, enabled: bool) -> Result<()> {
        self.set(SCRIPTS, json!({ "value": !enabled })).await
    }

    /// Whether they do.
    pub fn runs_scripts(&self) -> bool {
        !self.settings().calls.iter().any(|(method, params)| method == SCRIPTS && params["value"] == true)
    }

    /// Lets every page of its browser context do this without asking, and changes nothing else that they may do.
    pub fn grant(&self, permission: &'static str) -> Call {
        self.settings().permissions.insert(permission);
        let mut params = json!({ "permission": { "name": permission }, "setting": "granted" });
        if let Some(context) = &self.context {
            params["browserContextId"] = context.as_str().into();
        }
        self.session.browser().call("Browser.setPermission", params)
    }

    /// Takes over everything that was set on another target.
    pub async fn inherit(&self, other: &Self) -> Result<()> {
        let calls = other.settings().calls.clone();
        for (method, params) in &calls {
            self.session.call(method.clone(), params).await?;
        }
        let own = other.settings().own.clone();
        for (method, params) in &own {
            self.session.call(*method, params).await?;
        }
        let permissions = other.settings().permissions.clone();
        for permission in permissions {
            self.grant(permission).await?;
        }
        {
            let mut settings = self.settings();
            settings.calls = calls;
            settings.own = own;
        }
        self.interception.inherit(&other.interception);
        Ok(())
    }

    /// Waits until the document has heard all that it was told. The browser leaves it at once when it is to go elsewhere, and
    /// tells the next one what it had not heard; but only after that one's first requests, of which we would miss the end.
    pub async fn heard(&self) -> Result<()> {
        if !self.unheard.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        timeout(PATIENCE, self.answers()).await.unwrap_or(Ok(()))
    }

    /// Waits until its document has got to all that it was told, which it answers in that order.
    pub async fn answers(&self) -> Result<()> {
        self.session.call("Runtime.runIfWaitingForDebugger", json!({})).await.map(drop)
    }

    pub(super) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether sessions overwrite each other's settings of this kind.
fn is_of_the_page(method: &str) -> bool {
    method.starts_with("Emulation.") || is_of_the_network(method)
}

fn is_of_the_network(method: &str) -> bool {
    method.starts_with("Network.")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::engine::cdp::{fake::Browser, target::Traits};

    fn page() -> (Arc<Target>, Browser) {
        let (pipe, browser) = Browser::new();
        let info = json!({ "sessionId": "S", "targetInfo": { "targetId": "P", "type": "page" } });
        (
            Target::attach(&Session::connect(pipe), serde_json::from_value(info).unwrap(), None, Traits::default()),
            browser,
        )
    }

    #[tokio::test]
    async fn a_document_is_left_when_it_has_heard_what_it_was_told() {
        let (target, mut browser) = page();
        target.watch_network();
        let order = Mutex::new(Vec::new());
        let leave = async {
            target.heard().await.unwrap();
            order.lock().unwrap().push("left");
        };
        let answer = async {
            browser.call(NETWORK).await;
            let last = browser.next().await;
            order.lock().unwrap().push("heard");
            browser.say(&json!({ "id": last["id"], "result": {}, "sessionId": "S" }).to_string()).await;
        };
        tokio::join!(leave, answer);
        assert_eq!(*order.lock().unwrap(), ["heard", "left"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_document_that_stays_busy_is_left_all_the_same() {
        let (target, _browser) = page();
        target.watch_network();
        target.heard().await.unwrap();
    }
}
