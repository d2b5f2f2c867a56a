//! One page of the browser as its events and settings show it: attached to when it appears, prepared before its first
//! script runs, and followed until it is gone. A page that it opened is a target as well.

pub mod audience;
pub mod begin_frames;
mod console;
pub mod dialogs;
pub mod downloads;
pub mod exchanges;
mod follower;
pub mod frames;
pub mod interception;
pub mod network;

use std::{
    borrow::Cow,
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    sync::{OwnedMutexGuard, watch},
    time::timeout,
};

use crate::{
    engine::{
        cdp::{
            connection::{Call, Session},
            protocol::{AttachedToTarget, TargetInfo},
        },
        command::Viewport,
        devtools::metrics,
        page_script::INSTALL_RUNTIME,
    },
    error::{Code, Error, Result},
};

use self::{
    audience::Audience,
    begin_frames::{BeginFrames, Hurry, Turn},
    dialogs::Asked,
    exchanges::Exchanges,
    follower::Follower,
    frames::Frames,
    interception::Interception,
    network::{Network, SessionKind},
};

const METRICS: &str = "Emulation.setDeviceMetricsOverride";
const CLEAR_METRICS: &str = "Emulation.clearDeviceMetricsOverride";
const NETWORK: &str = "Network.enable";
const BOUNDS: &str = "[screenX, screenY, outerWidth, outerHeight]";
/// A window that nobody has opened stays where it is, as in a browser with tabs: a frame of ours may never end if the window takes
/// another size during it.
const STAYS: &str =
    "for (const name of ['moveTo', 'moveBy', 'resizeTo', 'resizeBy']) window[name] = { [name]() {} }[name]";
const SCRIPTS: &str = "Emulation.setScriptExecutionDisabled";

const INIT_SCRIPT: &str = "Page.addScriptToEvaluateOnNewDocument";

/// How long a document may be busy with itself before it is left without having heard what it was told.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a target has to know of its browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traits {
    /// Whether a page is a window, as in all Chromiums but a headless shell: a window has a document by the time it is
    /// attached to.
    pub has_windows: bool,
    /// Whether pages of several items are open in it at a time.
    pub shared: bool,
}

/// A page target.
pub struct Target {
    /// Its id.
    pub id: String,
    /// Its opener's id.
    pub opener: Option<String>,
    /// Its browser context.
    pub context: Option<String>,
    /// What kind of browser the target is in.
    pub traits: Traits,
    /// Its session.
    pub session: Session,
    /// Its frames.
    pub frames: watch::Sender<Frames>,
    /// Its requests that are under way.
    pub network: Network,
    /// What is done to its requests.
    pub interception: Interception,
    /// Its requests and their responses, as listeners and navigations hear of them.
    pub exchanges: Exchanges,
    /// Who hears of what happens on it.
    pub audience: Audience,
    /// What it waits for an answer to.
    pub asked: Asked,
    /// Its frames, if they are ours to begin.
    begin_frames: Option<BeginFrames>,
    relays: AtomicUsize,
    /// It has been told to close.
    closing: AtomicBool,
    /// It has had frames, workers or popups.
    entangled: AtomicBool,
    /// Nobody else is in its browser context.
    private: AtomicBool,
    first_bounds: OnceLock<Value>,
    settings: Mutex<Settings>,
    /// It may not have heard all of them yet.
    told: AtomicBool,
    prepared: Mutex<Vec<Call>>,
}

#[derive(Default)]
struct Settings {
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

/// Parameters of `Target.setAutoAttach` for what a target may have: these kinds and nothing else. A new one waits until it is
/// prepared.
pub fn auto_attach(kinds: &[&str]) -> Value {
    let mut filter: Vec<Value> = kinds.iter().map(|kind| json!({ "type": kind })).collect();
    filter.push(json!({ "exclude": true }));
    json!({
        "autoAttach": true,
        "waitForDebuggerOnStart": true,
        "flatten": true,
        "filter": filter,
    })
}

/// Parameters of [`INIT_SCRIPT`]: what we need of the language and the DOM is taken before the page's scripts run.
/// A document that the target has already needs it too; where there is none yet, the script would run twice in the first.
fn runtime(has_document: bool) -> Value {
    json!({ "source": *INSTALL_RUNTIME, "runImmediately": has_document })
}

impl Target {
    /// Follows a page from now on. Called where the browser's events are read, so that none of the page's is missed.
    pub fn attach(browser: &Session, attached: AttachedToTarget, turn: Option<&Turn>, traits: Traits) -> Arc<Self> {
        let session = browser.attached(&attached.session_id);
        let own = vec![
            // Pages in other windows than the one in front would be hidden, and paint nothing.
            ("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })),
            (METRICS, metrics(Viewport::DEFAULT)),
        ];
        let TargetInfo { id, opener, context, .. } = attached.target_info;
        let target = Arc::new(Self {
            frames: watch::Sender::new(Frames::new(&id, session.clone())),
            network: Network::default(),
            interception: Interception::default(),
            exchanges: Exchanges::default(),
            audience: Audience::default(),
            asked: Asked::default(),
            begin_frames: turn.cloned().map(BeginFrames::new),
            relays: AtomicUsize::default(),
            closing: AtomicBool::new(false),
            entangled: AtomicBool::new(false),
            private: AtomicBool::new(false),
            first_bounds: OnceLock::new(),
            settings: Mutex::new(Settings { own: own.clone(), ..Settings::default() }),
            told: AtomicBool::new(false),
            prepared: Mutex::default(),
            id,
            opener,
            context,
            traits,
            session,
        });
        Follower::follow(&target, &target.session, SessionKind::Frame);
        let call = |method: &'static str, params: Value| target.session.call(method, params);
        let mut calls = vec![
            call("Page.enable", json!({})),
            call("Page.setLifecycleEventsEnabled", json!({ "enabled": true })),
            call("Target.setAutoAttach", auto_attach(&["iframe", "worker"])),
            call(INIT_SCRIPT, runtime(traits.has_windows)),
        ];
        calls.extend(own.into_iter().map(|(method, params)| call(method, params)));
        if target.begins_frames() && target.opener.is_none() {
            calls.push(call(
                "Page.addScriptToEvaluateOnNewDocument",
                json!({ "source": STAYS, "runImmediately": true }),
            ));
        }
        calls.push(call("Runtime.runIfWaitingForDebugger", json!({})));
        *target.prepared.lock().unwrap_or_else(PoisonError::into_inner) = calls;
        target
    }

    /// Somebody uses it, and may look at it.
    pub fn in_use(&self) {
        if let Some(frames) = &self.begin_frames {
            frames.start(&self.session);
        }
    }

    /// Nobody uses it any more.
    pub fn rest(&self) {
        if let Some(frames) = &self.begin_frames {
            frames.rest();
        }
    }

    /// Whether its frames are ours to begin.
    pub fn begins_frames(&self) -> bool {
        self.begin_frames.is_some()
    }

    /// No frame of it is begun by us, as long as the guard lives.
    pub async fn still(&self) -> Option<OwnedMutexGuard<()>> {
        match &self.begin_frames {
            Some(frames) => Some(frames.none().await),
            None => None,
        }
    }

    /// Its frames are waited for, as long as the guard lives.
    pub fn hurry(&self) -> Option<Hurry<'_>> {
        self.in_use();
        self.begin_frames.as_ref().map(BeginFrames::hurry)
    }

    /// Waits until it is what every new page is, or has been made so again.
    pub async fn ready(&self) -> Result<()> {
        let calls = std::mem::take(&mut *self.prepared.lock().unwrap_or_else(PoisonError::into_inner));
        for call in calls {
            call.await?;
        }
        Ok(())
    }

    /// Fails once the page is no more.
    pub fn alive(&self) -> Result<()> {
        self.frames.borrow().ended.clone().map_or(Ok(()), Err)
    }

    /// The session of a frame has ended: the frame is gone, or back in its parent's process.
    pub fn abandon(&self, session: &Session) {
        {
            let mut settings = self.settings();
            settings.sessions.retain(|other| !other.is(session));
            settings.workers.retain(|other| !other.is(session));
        }
        self.network.abandon(session);
        self.frames.send_modify(|frames| frames.session_gone(session));
    }

    /// Whether a frame is one of its own.
    pub fn has_frame(&self, id: &str) -> bool {
        self.frames.borrow().get(id).is_some()
    }

    /// Waits until the frames' state answers, or the page ends.
    pub async fn until<T>(&self, mut look: impl FnMut(&Frames) -> Option<T>) -> Result<T> {
        let mut changes = self.frames.subscribe();
        loop {
            {
                let frames = changes.borrow_and_update();
                if let Some(why) = &frames.ended {
                    return Err(why.clone());
                }
                if let Some(seen) = look(&frames) {
                    return Ok(seen);
                }
            }
            // The sender lives as long as `self`.
            let _ = changes.changed().await;
        }
    }

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
        let _still = self.still().await;
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

    /// It has a frame, a worker or a popup.
    pub fn entangle(&self) {
        self.entangled.store(true, Ordering::Relaxed);
    }

    /// It has a browser context of its own, in which what comes from the network may leave cookies.
    pub fn keep_private(&self) {
        self.private.store(true, Ordering::Relaxed);
        self.watch_network();
    }

    /// Whether it has.
    pub fn is_private(&self) -> bool {
        self.private.load(Ordering::Relaxed)
    }

    /// Whether there may be something in a browser context of its own.
    pub fn has_used_its_context(&self) -> bool {
        self.is_private() && self.network.was_asked()
    }

    /// Whether it has had frames, workers or popups.
    pub fn is_entangled(&self) -> bool {
        self.entangled.load(Ordering::Relaxed)
    }

    /// Where its window is, and how large, which scripts can change.
    pub fn bounds(&self) -> impl Future<Output = Result<Value>> + use<> {
        let bounds = json!({ "expression": BOUNDS, "returnByValue": true });
        let answer = self.session.call("Runtime.evaluate", bounds);
        async move { Ok(answer.await?.value()?["result"]["value"].take()) }
    }

    /// Takes note of them before anybody has the page.
    pub async fn note_bounds(&self) -> Result<()> {
        let bounds = self.bounds().await?;
        // Asked for once.
        let _ = self.first_bounds.set(bounds);
        Ok(())
    }

    /// Where they were first; null if nobody has taken note.
    pub fn first_bounds(&self) -> Value {
        self.first_bounds.get().cloned().unwrap_or_default()
    }

    /// A client of the program's own drives the page as well, from now on.
    pub fn share(&self) {
        self.relays.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether such a client does.
    pub fn is_shared(&self) -> bool {
        self.relays.load(Ordering::Relaxed) > 0
    }

    /// Such a client goes, and answers no dialogs any more.
    pub fn unshare(&self) {
        if self.relays.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.asked.dismiss();
        }
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
        self.told.store(true, Ordering::Relaxed);
        call
    }

    /// Waits until the document has heard all that it was told. The browser leaves it at once when it is to go elsewhere, and
    /// tells the next one what it had not heard; but only after that one's first requests, of which we would miss the end.
    pub async fn heard(&self) -> Result<()> {
        if !self.told.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        timeout(PATIENCE, self.answers()).await.unwrap_or(Ok(()))
    }

    /// Waits until its document has got to all that it was told, which it answers in that order.
    pub async fn answers(&self) -> Result<()> {
        self.session.call("Runtime.runIfWaitingForDebugger", json!({})).await.map(drop)
    }

    /// Asks the browser to close it.
    pub fn close(&self) -> Call {
        self.closing.store(true, Ordering::Relaxed);
        self.session.browser().call("Target.closeTarget", json!({ "targetId": self.id }))
    }

    /// It has another document. A navigation that was under way makes the browser forget that the page is to close.
    pub fn arrived(&self) {
        if self.closing.load(Ordering::Relaxed) {
            drop(self.close());
        }
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

    /// The sessions of the page and of the frames that have a process of their own.
    pub fn sessions(&self) -> Vec<Session> {
        let settings = self.settings();
        std::iter::once(&self.session).chain(&settings.sessions).cloned().collect()
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

    /// A failure that says what the page's error means for a caller that waits for a document.
    pub fn unreachable(url: &str) -> Error {
        Error::new(Code::Navigation, format!("{url} could not be loaded"))
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A frame that has a process of its own, or a worker.
    pub fn adopt(self: &Arc<Self>, parent: &Session, attached: &AttachedToTarget) {
        self.entangle();
        let session = parent.attached(&attached.session_id);
        let kind = if attached.target_info.kind == "worker" { SessionKind::Worker } else { SessionKind::Frame };
        Follower::follow(self, &session, kind);
        if kind == SessionKind::Worker {
            let mut settings = self.settings();
            for (method, params) in settings.calls.iter().filter(|(method, _)| is_of_the_network(method)) {
                drop(session.call(method.clone(), params));
            }
            settings.workers.push(session.clone());
            return session.send("Runtime.runIfWaitingForDebugger", json!({}));
        }
        self.frames.send_modify(|frames| frames.attached(&attached.target_info.id, None, &session));
        session.send("Page.enable", json!({}));
        session.send("Page.setLifecycleEventsEnabled", json!({ "enabled": true }));
        session.send("Target.setAutoAttach", auto_attach(&["iframe", "worker"]));
        session.send(INIT_SCRIPT, runtime(false));
        let mut settings = self.settings();
        for (method, params) in &settings.calls {
            drop(session.call(method.clone(), params));
        }
        settings.sessions.push(session.clone());
        session.send("Runtime.runIfWaitingForDebugger", json!({}));
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
    use super::*;
    use crate::engine::cdp::fake::Browser;

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
