//! Hears one session of a target - its own, or that of a frame in another process - and keeps the target's state by what it
//! hears.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use crate::{
    engine::{
        EventKind,
        cdp::connection::{Listener, Session, well_formed},
        page_script::is_installed_again,
    },
    error::Error,
};

use super::{
    Target, audience,
    frames::{Document, Frames},
};

/// See the [module](self).
pub struct Follower {
    target: Arc<Target>,
    session: Session,
    kind: Kind,
    crashed: AtomicBool,
}

/// Whose session it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The page's, or that of a frame.
    Frame,
    /// A worker's.
    Worker,
}

impl Follower {
    /// Hears this session from now on.
    pub fn follow(target: &Arc<Target>, session: &Session, kind: Kind) {
        let follower: Arc<dyn Listener> =
            Arc::new(Self { target: target.clone(), session: session.clone(), kind, crashed: AtomicBool::new(false) });
        session.listen(&follower);
    }
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
#[serde(rename_all = "camelCase")]
struct ScreencastFrame {
    session_id: i64,
    metadata: ScreencastMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScreencastMetadata {
    device_width: f64,
    device_height: f64,
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
    execution_context_id: i64,
    #[serde(borrow)]
    execution_context_unique_id: Cow<'a, str>,
}

impl Listener for Follower {
    fn event(&self, method: &str, params: &RawValue) {
        if self.hear(method, params.get()).is_err()
            && let Err(error) = self.hear(method, &well_formed(params.get()))
        {
            tracing::warn!(method, %error, "an event that cannot be read");
        }
    }

    fn ended(&self, why: &Error) {
        if self.session.is(&self.target.session) {
            if self.target.alive().is_ok() && !self.crashed.load(Ordering::Relaxed) {
                self.target.audience.tell(EventKind::Closing, "closing", Value::Null);
            }
            self.target.network.end();
            self.target.frames.send_modify(|frames| frames.ended = Some(why.clone()));
        } else {
            self.target.abandon(&self.session);
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
                target.entangle();
                change(&|frames| frames.attached(&frame_id, Some(&parent_frame_id), session));
            }
            "Page.frameDetached" => {
                let FrameDetached { frame_id, reason } = serde_json::from_str(params)?;
                // A frame that moves to another process is announced there.
                if reason != "swap" {
                    target.network.frame_gone(&frame_id);
                    change(&|frames| frames.detached(&frame_id));
                }
            }
            "Page.frameNavigated" => {
                let FrameNavigated { frame, kind } = serde_json::from_str(params)?;
                let restored = kind.is_some_and(|kind| kind == "BackForwardCacheRestore");
                let main = frame.parent_id.is_none() && session.is(&target.session);
                if main {
                    target.arrived();
                    target.network.left(&frame.loader_id);
                    target.exchanges.left(&target.audience, &target.id, &frame.loader_id);
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
                target.asked.dialog(target, session, params)?;
            }
            "Page.javascriptDialogClosed" => target.asked.dialog_closed(),
            "Page.fileChooserOpened" => target.asked.chooser(&target.audience, session, params)?,
            "Runtime.bindingCalled" => target.asked.binding(&target.audience, session, params)?,
            "Runtime.executionContextCreated" => {
                // Contexts of workers have no frame.
                if let Ok(ContextCreated { context }) = serde_json::from_str(params)
                    && context.aux_data.is_default
                {
                    target.frames.send_modify(|frames| frames.context(&context.aux_data.frame_id, context.unique_id));
                }
            }
            "Runtime.executionContextDestroyed" => {
                let ContextDestroyed { execution_context_id: id, execution_context_unique_id: gone } =
                    serde_json::from_str(params)?;
                target.asked.context_gone(session, Some(id));
                change(&|frames| frames.context_gone(session, Some(&gone)));
            }
            "Runtime.executionContextsCleared" => {
                target.asked.context_gone(session, None);
                change(&|frames| frames.context_gone(session, None));
            }
            "Target.attachedToTarget" => target.adopt(session, &serde_json::from_str(params)?),
            _ if method.starts_with("Network.") => {
                target.network.hear(session, self.kind, method, params)?;
                target.exchanges.hear(&target.audience, &target.id, method, params)?;
            }
            _ if method.starts_with("Fetch.") => target.network.intercept(target, session, method, params)?,
            _ => self.tell(method, params)?,
        }
        Ok(())
    }

    /// What changes nothing here and is only told.
    fn tell(&self, method: &str, params: &str) -> serde_json::Result<()> {
        let (target, session) = (&self.target, &self.session);
        match method {
            "Page.frameStartedLoading" => {
                let OfFrame { frame_id } = serde_json::from_str(params)?;
                target.frames.send_modify(|frames| frames.loading(&frame_id, true));
                if target.id == *frame_id {
                    target.audience.tell(EventKind::LoadStarted, "loadstarted", Value::Null);
                }
            }
            "Page.frameStoppedLoading" => {
                let OfFrame { frame_id } = serde_json::from_str(params)?;
                target.frames.send_modify(|frames| frames.loading(&frame_id, false));
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
                target.audience.tell(EventKind::Console, "console", audience::console(params)?);
            }
            "Log.entryAdded" if target.audience.wants(EventKind::Console) => {
                if let Some(line) = audience::browser_line(params)? {
                    target.audience.tell(EventKind::Console, "console", line);
                }
            }
            "Runtime.exceptionThrown"
                if target.audience.wants(EventKind::PageError) && !is_installed_again(method, params) =>
            {
                target.audience.tell(EventKind::PageError, "pageerror", audience::exception(params)?);
            }
            "Page.screencastFrame" => {
                let ScreencastFrame { session_id: id, metadata } = serde_json::from_str(params)?;
                session.send("Page.screencastFrameAck", json!({ "sessionId": id }));
                let (width, height) = (metadata.device_width, metadata.device_height);
                let told = json!({ "x": 0, "y": 0, "width": width, "height": height });
                target.audience.tell(EventKind::Repaint, "repaint", told);
            }
            "Inspector.targetCrashed" => {
                self.crashed.store(true, Ordering::Relaxed);
                target.audience.tell(
                    EventKind::Crash,
                    "crash",
                    json!({ "reason": "its process in the browser ended" }),
                );
            }
            _ => {}
        }
        Ok(())
    }
}
