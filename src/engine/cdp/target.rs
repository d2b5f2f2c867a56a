//! One page of the browser as its events and settings show it: attached to when it appears, prepared before its first
//! script runs, and followed until it is gone. A page that it opened is a target as well.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tokio::sync::watch;

use crate::{
    engine::{EventKind, command::Viewport},
    error::{Code, Error, Result},
};

use super::{
    ask::Asked,
    connection::{Call, Listener, Session},
    events::{self, Audience},
    frames::{Document, Frames},
    network::Network,
};

/// What the protocol says of a target.
#[derive(Deserialize)]
pub struct TargetInfo {
    /// Its id; a page's is also its top frame's.
    #[serde(rename = "targetId")]
    pub id: String,
    /// The page that opened it.
    #[serde(rename = "openerId")]
    pub opener: Option<String>,
    /// Its browser context.
    #[serde(rename = "browserContextId")]
    pub context: Option<String>,
}

/// Parameters of `Target.attachedToTarget`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attached {
    /// The session that it gave us.
    pub session_id: String,
    /// Of which target.
    pub target_info: TargetInfo,
}

/// A page target.
pub struct Target {
    /// Its id.
    pub id: String,
    /// Its opener's id.
    pub opener: Option<String>,
    /// Its browser context.
    pub context: Option<String>,
    /// Its session.
    pub session: Session,
    /// Its frames.
    pub frames: watch::Sender<Frames>,
    /// Its requests.
    pub network: Network,
    /// Who hears of what happens on it.
    pub audience: Audience,
    /// What it waits for an answer to.
    pub asked: Asked,
    settings: Mutex<Settings>,
    prepared: Mutex<Vec<Call>>,
}

/// What every frame in a process of its own has to be told as well.
#[derive(Default)]
struct Settings {
    calls: Vec<(Cow<'static, str>, Value)>,
    /// The sessions of such frames.
    sessions: Vec<Session>,
}

/// Parameters of `Target.setAutoAttach` for what a target may have: `kind` and nothing else. A new one waits until it is
/// prepared.
pub fn auto_attach(kind: &str) -> Value {
    json!({
        "autoAttach": true,
        "waitForDebuggerOnStart": true,
        "flatten": true,
        "filter": [{ "type": kind }, { "exclude": true }],
    })
}

impl Target {
    /// Follows a page from now on. Called where the browser's events are read, so that none of the page's is missed.
    pub fn attach(browser: &Session, attached: Attached) -> Arc<Self> {
        let session = browser.attached(&attached.session_id);
        let TargetInfo { id, opener, context } = attached.target_info;
        let target = Arc::new(Self {
            frames: watch::Sender::new(Frames::new(&id, session.clone())),
            network: Network::default(),
            audience: Audience::default(),
            asked: Asked::default(),
            settings: Mutex::default(),
            prepared: Mutex::default(),
            id,
            opener,
            context,
            session,
        });
        target.follow(&target.session);
        let call = |method: &'static str, params: Value| target.session.call(method, params);
        let calls = vec![
            call("Page.enable", json!({})),
            call("Page.setLifecycleEventsEnabled", json!({ "enabled": true })),
            call("Target.setAutoAttach", auto_attach("iframe")),
            // Pages in other windows than the one in front would be hidden, and paint nothing.
            call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })),
            call("Emulation.setDeviceMetricsOverride", metrics(Viewport::DEFAULT)),
            call("Runtime.runIfWaitingForDebugger", json!({})),
        ];
        *target.prepared.lock().unwrap_or_else(PoisonError::into_inner) = calls;
        target
    }

    /// Waits until it is what every new page is.
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

    /// Whether a frame is one of its own.
    pub fn has_frame(&self, id: &str) -> bool {
        self.frames.borrow().get(id).is_some()
    }

    fn is_ended(&self) -> bool {
        self.frames.borrow().ended.is_some()
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

    /// A call that holds until the page ends, in all its frames and in those to come. Of two with the same method the
    /// later one counts.
    pub async fn set(&self, method: &'static str, params: Value) -> Result<()> {
        {
            let mut settings = self.settings();
            settings.calls.retain(|(other, _)| *other != method);
            settings.calls.push((method.into(), params.clone()));
            for session in &settings.sessions {
                session.send(method, &params);
            }
        }
        self.session.call(method, params).await.map(drop)
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

    /// Like [`Target::set`] for a call that adds something, and what it answers.
    pub async fn add(&self, method: &'static str, params: Value) -> Result<Value> {
        {
            let mut settings = self.settings();
            settings.calls.push((method.into(), params.clone()));
            for session in &settings.sessions {
                session.send(method, &params);
            }
        }
        self.session.call(method, params).await?.value()
    }

    /// Has a domain's events sent from now on, in all frames.
    pub fn enable(&self, method: &'static str) {
        let mut settings = self.settings();
        if settings.calls.iter().any(|(other, _)| other == method) {
            return;
        }
        settings.calls.insert(0, (method.into(), json!({})));
        for session in settings.sessions.iter().chain([&self.session]) {
            session.send(method, json!({}));
        }
    }

    /// The sessions of the page and of the frames that have a process of their own.
    pub fn sessions(&self) -> Vec<Session> {
        let settings = self.settings();
        std::iter::once(&self.session).chain(&settings.sessions).cloned().collect()
    }

    /// Has the bodies of responses kept from now on, so that they can be asked for.
    pub fn keep_bodies(&self) {
        let mut settings = self.settings();
        settings.calls.retain(|(method, _)| method != "Network.enable");
        settings.calls.insert(0, ("Network.enable".into(), json!({})));
        for session in settings.sessions.iter().chain([&self.session]) {
            session.send("Network.enable", json!({}));
        }
    }

    /// Has the network's events sent from now on, if they are not yet. Nobody waits for the answer: what is sent after
    /// it is done after it. True if they were not.
    pub fn watch_network(&self) -> bool {
        let mut settings = self.settings();
        if settings.calls.iter().any(|(method, _)| method == "Network.enable") {
            return false;
        }
        // Nobody has asked for bodies, so none need be kept.
        let params = json!({ "maxTotalBufferSize": 0, "maxResourceBufferSize": 0 });
        settings.calls.insert(0, ("Network.enable".into(), params.clone()));
        for session in settings.sessions.iter().chain([&self.session]) {
            session.send("Network.enable", &params);
        }
        true
    }

    /// A failure that says what the page's error means for a caller that waits for a document.
    pub fn unreachable(url: &str) -> Error {
        Error::new(Code::Navigation, format!("{url} could not be loaded"))
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn follow(self: &Arc<Self>, session: &Session) {
        let follower: Arc<dyn Listener> = Arc::new(Follower { target: self.clone(), session: session.clone() });
        session.listen(&follower);
    }

    /// A frame that has a process of its own.
    fn adopt(self: &Arc<Self>, parent: &Session, attached: &Attached) {
        let session = parent.attached(&attached.session_id);
        self.follow(&session);
        self.frames.send_modify(|frames| frames.attached(&attached.target_info.id, None, &session));
        session.send("Page.enable", json!({}));
        session.send("Page.setLifecycleEventsEnabled", json!({ "enabled": true }));
        session.send("Target.setAutoAttach", auto_attach("iframe"));
        let mut settings = self.settings();
        for (method, params) in &settings.calls {
            drop(session.call(method.clone(), params));
        }
        settings.sessions.push(session.clone());
        session.send("Runtime.runIfWaitingForDebugger", json!({}));
    }
}

/// Parameters of `Emulation.setDeviceMetricsOverride`.
pub fn metrics(viewport: Viewport) -> Value {
    json!({
        "width": viewport.width,
        "height": viewport.height,
        "deviceScaleFactor": viewport.device_scale_factor,
        "mobile": viewport.is_mobile,
    })
}

/// Hears one session of a target: its own, or that of a frame in another process.
struct Follower {
    target: Arc<Target>,
    session: Session,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameAttached<'a> {
    #[serde(borrow)]
    frame_id: Cow<'a, str>,
    #[serde(borrow)]
    parent_frame_id: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameDetached<'a> {
    #[serde(borrow)]
    frame_id: Cow<'a, str>,
    #[serde(borrow)]
    reason: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameNavigated<'a> {
    #[serde(borrow)]
    frame: NavigatedFrame<'a>,
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NavigatedFrame<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    parent_id: Option<Cow<'a, str>>,
    loader_id: String,
    url: String,
    #[serde(default)]
    url_fragment: String,
    name: Option<String>,
    unreachable_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lifecycle<'a> {
    #[serde(borrow)]
    frame_id: Cow<'a, str>,
    #[serde(borrow)]
    loader_id: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfFrame<'a> {
    #[serde(borrow)]
    frame_id: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NavigatedWithin<'a> {
    #[serde(borrow)]
    frame_id: Cow<'a, str>,
    url: String,
}

#[derive(Deserialize)]
struct LayerPainted {
    clip: Value,
}

#[derive(Deserialize)]
struct ContextCreated {
    context: ContextDescription,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContextDescription {
    unique_id: String,
    aux_data: ContextOrigin,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContextOrigin {
    frame_id: String,
    is_default: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContextDestroyed<'a> {
    #[serde(borrow)]
    execution_context_unique_id: Cow<'a, str>,
}

impl Listener for Follower {
    fn event(&self, method: &str, params: &RawValue) {
        if let Err(error) = self.hear(method, params.get()) {
            tracing::warn!(method, %error, "an event that cannot be read");
        }
    }

    fn ended(&self, why: &Error) {
        if self.session.is(&self.target.session) {
            if !self.target.is_ended() {
                self.target.audience.tell(EventKind::Closing, "closing", Value::Null);
            }
            self.target.network.end();
            self.target.frames.send_modify(|frames| frames.ended = Some(why.clone()));
        } else {
            self.target.settings().sessions.retain(|session| !session.is(&self.session));
            self.target.frames.send_modify(|frames| frames.session_gone(&self.session));
        }
    }
}

impl Follower {
    fn hear(&self, method: &str, params: &str) -> serde_json::Result<()> {
        let (target, session) = (&self.target, &self.session);
        let change = |change: &dyn Fn(&mut Frames)| target.frames.send_modify(change);
        match method {
            "Page.lifecycleEvent" => {
                let Lifecycle { frame_id, loader_id, name } = serde_json::from_str(params)?;
                change(&|frames| frames.lifecycle(&frame_id, &loader_id, &name));
            }
            "Page.frameAttached" => {
                let FrameAttached { frame_id, parent_frame_id } = serde_json::from_str(params)?;
                change(&|frames| frames.attached(&frame_id, Some(&parent_frame_id), session));
            }
            "Page.frameDetached" => {
                let FrameDetached { frame_id, reason } = serde_json::from_str(params)?;
                // A frame that moves to another process is announced there.
                if reason != "swap" {
                    change(&|frames| frames.detached(&frame_id));
                }
            }
            "Page.frameNavigated" => {
                let FrameNavigated { frame, kind } = serde_json::from_str(params)?;
                let restored = kind.is_some_and(|kind| kind == "BackForwardCacheRestore");
                let main = frame.parent_id.is_none() && session.is(&target.session);
                if main {
                    target.network.left(&frame.loader_id);
                    target.audience.tell(EventKind::Initialized, "initialized", Value::Null);
                }
                let told = json!({
                    "id": frame.id,
                    "url": frame.url + &frame.url_fragment,
                    "name": frame.name.unwrap_or_default(),
                    "main": main,
                    "sameDocument": false,
                });
                target.audience.tell(EventKind::FrameNavigated, "framenavigated", told);
                target.frames.send_modify(|frames| {
                    let document = Document { loader: frame.loader_id, unreachable: frame.unreachable_url, restored };
                    frames.navigated(&frame.id, frame.parent_id.as_deref(), session, document);
                });
            }
            "Page.navigatedWithinDocument" => {
                let NavigatedWithin { frame_id, url } = serde_json::from_str(params)?;
                let main = target.id == *frame_id;
                if main {
                    change(&|frames| frames.moves += 1);
                }
                let told = json!({ "id": frame_id, "url": url, "name": "", "main": main, "sameDocument": true });
                target.audience.tell(EventKind::FrameNavigated, "framenavigated", told);
            }
            "Page.javascriptDialogOpening" => {
                target.asked.dialog(&target.audience, session, params)?;
            }
            "Page.fileChooserOpened" => target.asked.chooser(&target.audience, session, params)?,
            "Page.frameStartedLoading" => {
                let OfFrame { frame_id } = serde_json::from_str(params)?;
                if target.id == *frame_id {
                    target.audience.tell(EventKind::LoadStarted, "loadstarted", Value::Null);
                }
            }
            "Page.frameStoppedLoading" => {
                let OfFrame { frame_id } = serde_json::from_str(params)?;
                if target.id == *frame_id {
                    let ok = target.frames.borrow().top().is_some_and(|frame| frame.unreachable.is_none());
                    target.audience.tell(EventKind::LoadFinished, "loadfinished", json!({ "ok": ok }));
                }
            }
            "Page.domContentEventFired" if session.is(&target.session) => {
                target.audience.tell(EventKind::DomContentLoaded, "domcontentloaded", Value::Null);
            }
            "Page.loadEventFired" if session.is(&target.session) => {
                target.audience.tell(EventKind::Load, "load", Value::Null);
            }
            "Runtime.consoleAPICalled" if target.audience.wants(EventKind::Console) => {
                target.audience.tell(EventKind::Console, "console", events::console(params)?);
            }
            "Runtime.exceptionThrown" if target.audience.wants(EventKind::PageError) => {
                target.audience.tell(EventKind::PageError, "pageerror", events::exception(params)?);
            }
            "Runtime.bindingCalled" => target.asked.binding(&target.audience, session, params)?,
            "LayerTree.layerPainted" => {
                let LayerPainted { clip } = serde_json::from_str(params)?;
                target.audience.tell(EventKind::Repaint, "repaint", clip);
            }
            "Inspector.targetCrashed" => {
                target.audience.tell(
                    EventKind::Crash,
                    "crash",
                    json!({ "reason": "its process in the browser ended" }),
                );
            }
            "Runtime.executionContextCreated" => {
                // Contexts of workers have no frame.
                if let Ok(ContextCreated { context }) = serde_json::from_str(params)
                    && context.aux_data.is_default
                {
                    target.frames.send_modify(|frames| frames.context(&context.aux_data.frame_id, context.unique_id));
                }
            }
            "Runtime.executionContextDestroyed" => {
                let ContextDestroyed { execution_context_unique_id: gone } = serde_json::from_str(params)?;
                change(&|frames| frames.context_gone(session, Some(&gone)));
            }
            "Runtime.executionContextsCleared" => change(&|frames| frames.context_gone(session, None)),
            "Target.attachedToTarget" => target.adopt(session, &serde_json::from_str(params)?),
            _ if method.starts_with("Network.") => {
                target.network.hear(method, params)?;
                events::network(&target.audience, &target.id, method, params)?;
            }
            _ if method.starts_with("Fetch.") => target.network.intercept(target, session, method, params)?,
            _ => {}
        }
        Ok(())
    }
}
