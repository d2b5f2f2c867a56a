//! Follows one session of a target - the page's, that of a frame in another process, or a worker's: the session's events keep
//! the target's state, and listeners are told of them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json, value::RawValue};

use crate::{
    engine::{
        EventKind,
        cdp::{
            connection::{Listener, Session, well_formed},
            protocol::{
                ExecutionContextCreated, ExecutionContextDestroyed, FileChooserOpened, FrameAttached, FrameDetached,
                FrameNavigated, LifecycleEvent, MetricsTold, NavigatedWithinDocument, NetworkEvent, OfFrame,
                RequestedNavigation, ScreencastFrame, StartedNavigating, named,
            },
        },
        page_script::is_installed_again,
    },
    error::Error,
};

use super::{
    Target, console,
    frames::{Context, Document, Frames},
    network::SessionKind,
};

/// See the [module](self).
pub struct Follower {
    target: Arc<Target>,
    session: Session,
    kind: SessionKind,
    crashed: AtomicBool,
}

impl Follower {
    /// Follows this session from now on.
    pub fn follow(target: &Arc<Target>, session: &Session, kind: SessionKind) {
        let follower: Arc<dyn Listener> =
            Arc::new(Self { target: target.clone(), session: session.clone(), kind, crashed: AtomicBool::new(false) });
        session.listen(&follower);
    }
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
                let LifecycleEvent { frame_id, loader_id, name } = serde_json::from_str(params)?;
                change(&|frames| frames.lifecycle(&frame_id, &loader_id, &name));
            }
            "Page.frameAttached" => {
                let FrameAttached { frame_id, parent_frame_id } = serde_json::from_str(params)?;
                target.entangle();
                let new = !target.has_frame(&frame_id);
                change(&|frames| frames.attached(&frame_id, Some(&parent_frame_id), session));
                if new {
                    let told = json!({ "id": frame_id, "parent": parent_frame_id });
                    target.audience.tell(EventKind::FrameAttached, "frameattached", told);
                }
            }
            "Page.frameDetached" => {
                let FrameDetached { frame_id, reason } = serde_json::from_str(params)?;
                // A frame that moves to another process is announced there.
                if reason != "swap" {
                    target.network.frame_gone(&frame_id);
                    target.interception.frame_gone(&frame_id);
                    target.exchanges.frame_gone(&frame_id);
                    self.detach(&frame_id);
                }
            }
            "Page.frameNavigated" => {
                let FrameNavigated { frame, kind } = serde_json::from_str(params)?;
                let restored = kind.is_some_and(|kind| kind == "BackForwardCacheRestore");
                let main = frame.parent_id.is_none() && session.is(&target.session);
                if main {
                    target.arrived();
                    target.network.left(&frame.loader_id);
                    target.interception.arrived();
                    target.exchanges.left(&target.audience, &target.id, &frame.loader_id);
                }
                let (url, name) = (frame.url + &frame.url_fragment, frame.name.unwrap_or_default());
                let told = json!({ "id": frame.id, "url": url, "name": name, "main": main, "sameDocument": false });
                let inside = target.frames.borrow().inside(&frame.id);
                target.frames.send_modify(|frames| {
                    let (loader, unreachable) = (frame.loader_id, frame.unreachable_url);
                    let document = Document { loader, url, name, unreachable, restored };
                    frames.navigated(&frame.id, frame.parent_id.as_deref(), session, document);
                });
                self.tell_detached(&inside);
                target.audience.tell(EventKind::FrameNavigated, "framenavigated", told);
            }
            "Page.navigatedWithinDocument" => {
                let NavigatedWithinDocument { frame_id, url } = serde_json::from_str(params)?;
                let main = target.id == *frame_id;
                target.frames.send_modify(|frames| {
                    frames.moved_within(&frame_id, &url);
                    // Before whoever waits for the move goes on.
                    let name = frames.get(&frame_id).map_or("", |frame| &frame.name);
                    let told = json!({ "id": frame_id, "url": url, "name": name, "main": main, "sameDocument": true });
                    target.audience.tell(EventKind::FrameNavigated, "framenavigated", told);
                });
            }
            "Page.javascriptDialogOpening" => {
                target.dialogs.opened(&target.audience, || target.is_shared(), session, params)?;
            }
            "Page.javascriptDialogClosed" => target.dialogs.closed(),
            "Input.dragIntercepted" => target.drags.began(params)?,
            "Runtime.bindingCalled" => target.bindings.called(&target.audience, session, params)?,
            "Runtime.executionContextCreated" => {
                // Contexts of workers have no frame.
                if let Ok(ExecutionContextCreated { context }) = serde_json::from_str(params)
                    && context.aux_data.is_default
                {
                    let known = Context { number: context.id, name: context.unique_id };
                    target.frames.send_modify(|frames| frames.context(&context.aux_data.frame_id, known));
                }
            }
            "Runtime.executionContextDestroyed" => {
                let ExecutionContextDestroyed { execution_context_id: id, execution_context_unique_id: gone } =
                    serde_json::from_str(params)?;
                target.bindings.context_gone(session, Some(id));
                change(&|frames| frames.context_gone(session, Some(&gone)));
            }
            "Runtime.executionContextsCleared" => {
                target.bindings.context_gone(session, None);
                change(&|frames| frames.context_gone(session, None));
            }
            "Inspector.workerScriptLoaded" => target.workers.loaded(session),
            "Target.attachedToTarget" => target.adopt(session, &serde_json::from_str(params)?),
            _ if method.starts_with("Network.") => {
                if let Some(mut event) = NetworkEvent::read(method, params)? {
                    if let NetworkEvent::LoadingFailed(failed) = &mut event
                        && let Some(why) = target.interception.failed(&failed.request_id)
                    {
                        failed.error_text = why;
                    }
                    target.network.hear(session, self.kind, &event);
                    target.exchanges.hear(&target.audience, &target.id, event);
                }
            }
            _ if method.starts_with("Fetch.") => {
                target.interception.hear(&target.audience, &target.id, session, method, params)?;
            }
            _ => self.tell(method, params)?,
        }
        Ok(())
    }

    /// A frame was removed, with all inside.
    fn detach(&self, id: &str) {
        let mut gone = self.target.frames.borrow().inside(id);
        if self.target.has_frame(id) {
            gone.push(id.to_owned());
        }
        self.target.frames.send_modify(|frames| frames.detached(id));
        self.tell_detached(&gone);
    }

    fn tell_detached(&self, gone: &[String]) {
        for id in gone {
            self.target.audience.tell(EventKind::FrameDetached, "framedetached", json!({ "id": id }));
        }
    }

    /// The worker whose session this is.
    fn worker(&self) -> Option<String> {
        if self.kind == SessionKind::Worker { self.target.workers.of(&self.session) } else { None }
    }

    fn navigating(&self, frame: &str, url: &str, reason: &str) {
        let told = json!({ "main": self.target.id == *frame, "url": url, "reason": reason });
        self.target.audience.tell(EventKind::LoadStarted, "navigating", told);
    }

    /// Events that matter to listeners; of the loading of frames, the target's frames take note as well.
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
            "Page.frameRequestedNavigation" => {
                let RequestedNavigation { frame_id, reason, url } = serde_json::from_str(params)?;
                self.navigating(&frame_id, &url, &reason);
            }
            "Page.frameStartedNavigating" => {
                let StartedNavigating { frame_id, url, navigation_type: kind } = serde_json::from_str(params)?;
                // Of others, who has asked for it tells.
                if kind.starts_with("history") || kind.starts_with("reload") || kind == "restore" {
                    self.navigating(&frame_id, &url, &kind);
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
            "Page.fileChooserOpened" => {
                let FileChooserOpened { frame_id: frame, mode, backend_node_id: node } = serde_json::from_str(params)?;
                let told = json!({ "frame": frame, "node": node, "multiple": mode != "selectSingle" });
                target.audience.tell(EventKind::FileChooser, "filechooser", told);
            }
            "Runtime.consoleAPICalled" if target.audience.wants(EventKind::Console) => {
                let worker = self.worker();
                let place = |context| {
                    let frame = || target.frames.borrow().of_context(session, context).map(str::to_owned);
                    worker.clone().or_else(frame).unwrap_or_else(|| target.id.clone())
                };
                let mut told = console::console(params, place)?;
                told["worker"] = worker.into();
                target.audience.tell(EventKind::Console, "console", told);
            }
            "Log.entryAdded" if target.audience.wants(EventKind::Console) => {
                if let Some(line) = console::browser_line(params)? {
                    target.audience.tell(EventKind::Console, "console", line);
                }
            }
            "Runtime.exceptionThrown"
                if target.audience.wants(EventKind::PageError) && !is_installed_again(method, params) =>
            {
                let mut told = console::exception(params)?;
                told["worker"] = self.worker().into();
                target.audience.tell(EventKind::PageError, "pageerror", told);
            }
            "Performance.metrics" => {
                let MetricsTold { title, metrics } = serde_json::from_str(params)?;
                let told = json!({ "title": title, "metrics": named(metrics) });
                target.audience.tell(EventKind::Metrics, "metrics", told);
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
