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

use super::{INIT_SCRIPT, Target, init_scripts::InitScripts};

/// Gives the page a size.
pub const METRICS: &str = "Emulation.setDeviceMetricsOverride";
/// Gives the page the size of its window.
pub const CLEAR_METRICS: &str = "Emulation.clearDeviceMetricsOverride";
const NETWORK: &str = "Network.enable";
/// Says with `value` that the page's own scripts do not run.
pub const SCRIPTS: &str = "Emulation.setScriptExecutionDisabled";

/// How long a document may be busy with itself before it is left without having heard what it was told.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Default)]
pub struct Settings {
    /// Calls to the page's own session alone.
    own: Vec<(&'static str, Value)>,
    /// Calls that every frame in a process of its own needs as well.
    calls: Vec<(Cow<'static, str>, Value)>,
    /// The scripts that run before those of documents.
    scripts: InitScripts,
    /// The sessions of frames in processes of their own.
    sessions: Vec<Session>,
    /// The sessions of workers, which need the calls that concern the network, interception and the console.
    workers: Vec<Session>,
    /// What the page's browser context may do without asking.
    permissions: HashSet<&'static str>,
    /// The page still has the size that its last user gave it, and its next user has not used it yet.
    size_is_left: bool,
}

impl Settings {
    /// The settings of a new page, which begins with the size that another has left, if one has.
    pub fn new(left: Option<Value>) -> Self {
        let size_is_left = left.is_some();
        let own = vec![
            // Pages in other windows than the one in front would be hidden, and paint nothing.
            ("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })),
            (METRICS, left.unwrap_or_else(|| metrics(Viewport::DEFAULT))),
        ];
        Self { own, size_is_left, ..Self::default() }
    }

    /// The calls that set up the page.
    pub fn own(&self) -> Vec<(&'static str, Value)> {
        self.own.clone()
    }

    /// Makes the calls that hold for all frames to a frame in a process of its own, now and from now on.
    pub fn adopt_frame(&mut self, session: &Session) {
        for (method, params) in &self.calls {
            drop(session.call(method.clone(), params));
        }
        self.scripts.adopt_frame(session);
        self.sessions.push(session.clone());
    }

    /// Makes the calls that workers need to a worker, now and from now on.
    pub fn adopt_worker(&mut self, session: &Session) {
        for (method, params) in self.calls.iter().filter(|(method, _)| is_of_workers(method)) {
            drop(session.call(method.clone(), params));
        }
        self.workers.push(session.clone());
    }

    /// The session of a frame or a worker has ended.
    pub fn forget(&mut self, session: &Session) {
        self.sessions.retain(|other| !other.is(session));
        self.scripts.forget(session);
        self.workers.retain(|other| !other.is(session));
    }
}

impl Target {
    /// Gives the page's window this size. The page passes it on to frames in other processes.
    pub async fn resize(&self, viewport: Viewport) -> Result<()> {
        self.resize_if(viewport, |_| true).await
    }

    /// Gives the page the size of new pages, if its last user has left it another.
    pub async fn sized(&self) -> Result<()> {
        if !self.settings().size_is_left {
            return Ok(());
        }
        self.resize_if(Viewport::DEFAULT, |left| left).await
    }

    /// Resizes the page if `wanted` says so between two frames; it is told whether the size is still that of the page's last user.
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

    /// The page has no size of its own any more.
    pub fn keep_no_size(&self) {
        let mut settings = self.settings();
        settings.own.retain(|(method, _)| *method != METRICS);
        settings.size_is_left = false;
    }

    /// The page keeps its size for its next user, who may want the same: changing it there and back costs frames.
    pub fn leave_size(&self) {
        self.settings().size_is_left = true;
    }

    /// The size that the page leaves to one that comes after it; none where that one could tell later that it had been a phone's.
    pub fn left_size(&self) -> Option<Value> {
        let upright = |size: &Value| size["screenOrientation"] == metrics(Viewport::DEFAULT)["screenOrientation"];
        self.wanted(METRICS).filter(|size| size["mobile"] == false && upright(size))
    }

    /// Whether all of it is painted by one process, a pixel of the page for a pixel of its window.
    pub fn is_one_surface(&self) -> bool {
        let settings = self.settings();
        let scaled = |(method, params): &(_, Value)| *method == METRICS && params["deviceScaleFactor"] != 1.0;
        settings.sessions.is_empty() && !settings.own.iter().any(scaled)
    }

    /// Sets again what was set here, after a client has gone: with the client's settings the browser has forgotten ours.
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

    /// The parameters with which a method was last called.
    pub fn wanted(&self, method: &str) -> Option<Value> {
        let settings = self.settings();
        let own = settings.own.iter().map(|(own, params)| (*own, params));
        let calls = settings.calls.iter().map(|(call, params)| (call.as_ref(), params));
        own.chain(calls).rfind(|(other, _)| *other == method).map(|(_, params)| params.clone())
    }

    /// A call that holds until the page ends, in all its frames and in those to come. Of two with the same method the
    /// later one counts.
    pub async fn set(&self, method: &'static str, params: Value) -> Result<()> {
        self.setting(method, params).await.map(drop)
    }

    /// Makes the call of [`Target::set`], whose answer need not be waited for.
    pub fn setting(&self, method: &'static str, params: Value) -> Call {
        let mut settings = self.settings();
        settings.calls.retain(|(other, _)| *other != method);
        self.everywhere(&mut settings, method, params)
    }

    /// Like [`Target::set`] for a call that adds something.
    pub async fn add(&self, method: &'static str, params: Value) -> Result<()> {
        let call = self.everywhere(&mut self.settings(), method, params);
        call.await.map(drop)
    }

    /// Ends what [`Target::add`] has begun with these parameters, which `undo` has too.
    pub async fn remove(&self, method: &'static str, params: Value, undo: &'static str) -> Result<()> {
        let call = {
            let mut settings = self.settings();
            settings.calls.retain(|(other, given)| other != method || *given != params);
            self.tell(&settings, undo, &params)
        };
        call.await.map(drop)
    }

    /// Has a script run in every document to come, in all frames, before the document's own. Gives its number.
    pub async fn add_init_script(&self, source: &str) -> Result<u64> {
        let params = json!({ "source": source });
        let (number, answer) = {
            let mut settings = self.settings();
            let Settings { scripts, sessions, .. } = &mut *settings;
            let answer = self.session.call(INIT_SCRIPT, &params);
            (scripts.add(params, sessions), answer)
        };
        self.unheard.store(true, Ordering::Relaxed);
        let answer = answer.await?;
        self.settings().scripts.answered(number, &answer)?;
        Ok(number)
    }

    /// Ends what [`Target::add_init_script`] has begun.
    pub async fn remove_init_script(&self, number: u64) -> Result<()> {
        let script = self.settings().scripts.take(number);
        match script {
            Some(script) => script.remove(&self.session).await,
            None => Ok(()),
        }
    }

    /// Makes a call in every frame's session, and in those to come; the page's own gives the answer.
    fn everywhere(&self, settings: &mut Settings, method: &'static str, params: Value) -> Call {
        let call = self.tell(settings, method, &params);
        settings.calls.push((method.into(), params));
        self.unheard.store(true, Ordering::Relaxed);
        call
    }

    /// Makes a call in every frame's session that there is now; the page's own gives the answer.
    fn tell(&self, settings: &Settings, method: &'static str, params: &Value) -> Call {
        let workers = settings.workers.iter().filter(|_| is_of_workers(method));
        for session in settings.sessions.iter().chain(workers) {
            session.send(method, params);
        }
        self.session.call(method, params)
    }

    /// Ends what `method` has set.
    pub async fn unset(&self, method: &'static str, undo: &'static str) -> Result<()> {
        let call = {
            let mut settings = self.settings();
            settings.calls.retain(|(other, _)| *other != method);
            self.tell(&settings, undo, &json!({}))
        };
        call.await.map(drop)
    }

    /// Has a domain's events sent from now on, in all frames. Nobody waits for the answer: the browser gets to later calls
    /// later. False if the domain's events were sent already, whatever the parameters.
    pub fn enable(&self, method: &'static str, params: Value) -> bool {
        let mut settings = self.settings();
        if settings.calls.iter().any(|(other, _)| other == method) {
            return false;
        }
        drop(self.everywhere(&mut settings, method, params));
        // First of the calls to a new frame: the domain might take no heed of those before.
        settings.calls.rotate_right(1);
        true
    }

    /// Has the network's events sent from now on. False if they were sent already.
    pub fn watch_network(&self) -> bool {
        // Nobody needs the bodies of responses, so the browser need not keep them.
        self.enable(NETWORK, json!({ "maxTotalBufferSize": 0, "maxResourceBufferSize": 0 }))
    }

    /// Has the network's events sent, and the bodies of responses kept, so that they can be read.
    pub fn keep_bodies(&self) {
        let kept = json!({});
        {
            let mut settings = self.settings();
            if settings.calls.iter().any(|(method, params)| method == NETWORK && *params == kept) {
                return;
            }
            settings.calls.retain(|(method, _)| method != NETWORK);
        }
        self.enable(NETWORK, kept);
    }

    /// The sessions of the page and of the frames that have a process of their own.
    pub fn sessions(&self) -> Vec<Session> {
        let settings = self.settings();
        std::iter::once(&self.session).chain(&settings.sessions).cloned().collect()
    }

    /// Those, and the sessions of workers: all that tell of requests.
    pub fn requesters(&self) -> Vec<Session> {
        let mut sessions = self.sessions();
        sessions.extend(self.settings().workers.iter().cloned());
        sessions
    }

    /// Says whether the page's own scripts run.
    pub async fn run_scripts(&self, enabled: bool) -> Result<()> {
        self.set(SCRIPTS, json!({ "value": !enabled })).await
    }

    /// Whether the page's own scripts run.
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
        let (own, size_is_left) = {
            let settings = other.settings();
            (settings.own.clone(), settings.size_is_left)
        };
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
            settings.size_is_left = size_is_left;
        }
        self.interception.inherit(&other.interception);
        let scripts = self.settings().scripts.inherit(&other.settings().scripts);
        for (number, params) in scripts {
            let answer = self.session.call(INIT_SCRIPT, params).await?;
            self.settings().scripts.answered(number, &answer)?;
        }
        Ok(())
    }

    /// Waits until the document has got to all calls that were made to it. The browser leaves a document at once for the next,
    /// and repeats there the calls that the document had not got to; but only after the next one's first requests, of which we
    /// would miss the end.
    pub async fn heard(&self) -> Result<()> {
        if !self.unheard.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        timeout(PATIENCE, self.answers()).await.unwrap_or(Ok(()))
    }

    /// Waits until the page's document has got to all calls so far, which it answers in their order.
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

/// Whether a worker needs a setting of this kind as well; `Runtime` tells of its console and its errors.
fn is_of_workers(method: &str) -> bool {
    is_of_the_network(method) || method.starts_with("Fetch.") || method == "Runtime.enable"
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::engine::cdp::{fake::Browser, target::BrowserTraits};

    fn page() -> (Arc<Target>, Browser) {
        let (pipe, browser) = Browser::new();
        let info = json!({ "sessionId": "S", "targetInfo": { "targetId": "P", "type": "page" } });
        (
            Target::attach(
                &Session::connect(pipe),
                serde_json::from_value(info).unwrap(),
                None,
                BrowserTraits::default(),
                None,
            ),
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
