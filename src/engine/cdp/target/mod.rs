//! One page of the browser as its events and settings show it: attached to when it appears, prepared before its first
//! script runs, and followed until it is gone. A page that it opened is a target as well.

pub mod audience;
pub mod bindings;
mod console;
pub mod dialogs;
pub mod downloads;
mod drags;
pub mod exchanges;
mod follower;
pub mod frame_clock;
pub mod frames;
mod init_scripts;
pub mod interception;
pub mod network;
pub mod settings;
pub mod workers;

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    engine::{
        cdp::{
            connection::{Call, Session},
            protocol::{AttachedToTarget, Metrics, TargetInfo, named},
        },
        page_script::INSTALL_RUNTIME,
    },
    error::{Error, Result},
};

use self::{
    audience::Audience,
    bindings::Bindings,
    dialogs::Dialogs,
    drags::Drags,
    exchanges::Exchanges,
    follower::Follower,
    frame_clock::{FrameClock, Turn},
    frames::Frames,
    interception::Interception,
    network::{Network, SessionKind},
    settings::Settings,
    workers::{Worker, Workers},
};

const BOUNDS: &str = "[screenX, screenY, outerWidth, outerHeight]";
/// A window that nobody has opened stays where it is, as in a browser with tabs: a frame of ours may never end if the window takes
/// another size during it.
const STAYS: &str =
    "for (const name of ['moveTo', 'moveBy', 'resizeTo', 'resizeBy']) window[name] = { [name]() {} }[name]";

/// Has the browser measure.
pub const MEASURE: &str = "Performance.enable";

/// Adds a script that runs before those of every document to come.
const INIT_SCRIPT: &str = "Page.addScriptToEvaluateOnNewDocument";

/// What a target has to know of its browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserTraits {
    /// Whether a page is a window, as in all Chromiums but a headless shell: a window has a document by the time it is
    /// attached to.
    pub has_windows: bool,
    /// Whether pages of several items are open in the browser at a time.
    pub shared: bool,
}

/// A page target.
pub struct Target {
    /// The target's id, which is also that of the page's top frame.
    pub id: String,
    /// The id of the page that opened this one.
    pub opener: Option<String>,
    /// The page's browser context.
    pub context: Option<String>,
    /// What kind of browser the target is in.
    pub traits: BrowserTraits,
    /// The session over which we speak to the page.
    pub session: Session,
    /// The page's frames and their documents.
    pub frames: watch::Sender<Frames>,
    /// The page's requests that are under way.
    pub network: Network,
    /// What is done to requests of the page that the browser stops for us.
    pub interception: Interception,
    /// The page's requests and responses, as listeners and navigations hear of them.
    pub exchanges: Exchanges,
    /// Who listens to the page.
    pub audience: Audience,
    /// The dialog that is open.
    pub dialogs: Dialogs,
    /// Who waits for a drag that the page begins.
    pub drags: Drags,
    /// The page's calls of exposed functions.
    pub bindings: Bindings,
    /// The page's workers.
    pub workers: Workers,
    /// When the page is painted.
    pub clock: FrameClock,
    /// How many clients of the program's own drive the page as well.
    clients: AtomicUsize,
    /// The browser has been asked to close the page.
    closing: AtomicBool,
    /// The page has had frames, workers or popups.
    entangled: AtomicBool,
    /// No other page of ours is in the page's browser context.
    private: AtomicBool,
    /// Where the page's window was, and how large, before anybody had the page.
    first_bounds: OnceLock<Value>,
    settings: Mutex<Settings>,
    /// Something was set that the document may not have got to yet.
    unheard: AtomicBool,
    /// Calls that make the page what every new page is, and whose answers nobody has waited for yet.
    prepared: Mutex<Vec<Call>>,
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
    /// Follows a page from now on. Called where the browser's events are read, so that none of the page's is missed. A page that
    /// comes after others begins with the size that was left, and has its own once it is used, unless that is the same.
    pub fn attach(
        browser: &Session,
        attached: AttachedToTarget,
        turn: Option<&Turn>,
        traits: BrowserTraits,
        left: Option<Value>,
    ) -> Arc<Self> {
        let session = browser.attached(&attached.session_id);
        let settings = Settings::new(left);
        let own = settings.own();
        let TargetInfo { id, opener, context, .. } = attached.target_info;
        let target = Arc::new(Self {
            frames: watch::Sender::new(Frames::new(&id, session.clone())),
            network: Network::default(),
            interception: Interception::default(),
            exchanges: Exchanges::default(),
            audience: Audience::default(),
            dialogs: Dialogs::default(),
            drags: Drags::default(),
            bindings: Bindings::default(),
            workers: Workers::default(),
            clock: FrameClock::new(&session, turn),
            clients: AtomicUsize::default(),
            closing: AtomicBool::new(false),
            entangled: AtomicBool::new(false),
            private: AtomicBool::new(false),
            first_bounds: OnceLock::new(),
            settings: Mutex::new(settings),
            unheard: AtomicBool::new(false),
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
        if target.clock.is_ours() && target.opener.is_none() {
            calls.push(call(INIT_SCRIPT, json!({ "source": STAYS, "runImmediately": true })));
        }
        calls.push(call("Runtime.runIfWaitingForDebugger", json!({})));
        *target.prepared.lock().unwrap_or_else(PoisonError::into_inner) = calls;
        target
    }

    /// Waits until the page is what every new page is, or has been made so again.
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

    /// The session of a worker has ended, or that of a frame: the frame is gone, or back in its parent's process.
    pub fn abandon(&self, session: &Session) {
        self.settings().forget(session);
        self.network.abandon(session);
        self.interception.abandon(session);
        self.workers.gone(&self.audience, session);
        self.frames.send_modify(|frames| frames.session_gone(session));
    }

    /// Whether a frame is one of the page's.
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

    /// The page has a frame, a worker or a popup.
    pub fn entangle(&self) {
        self.entangled.store(true, Ordering::Relaxed);
    }

    /// The page is alone in its browser context, in which what comes from the network may leave cookies.
    pub fn keep_private(&self) {
        self.private.store(true, Ordering::Relaxed);
        // The browser counts the time of scripts from now on.
        self.session.send(MEASURE, json!({}));
        self.watch_network();
    }

    /// Whether the page is alone in its browser context.
    pub fn is_private(&self) -> bool {
        self.private.load(Ordering::Relaxed)
    }

    /// What the browser measures of the page from the first time on that it is asked.
    pub async fn metrics(&self) -> Result<Value> {
        // The browser gets to the other call before this one, unless this one has been answered.
        self.set(MEASURE, json!({})).await?;
        let answer = self.session.call("Performance.getMetrics", json!({})).await?;
        Ok(named(answer.read::<Metrics>()?.metrics))
    }

    /// The seconds that scripts of the page's documents have run, as far as the browser counts them: see
    /// [`Target::keep_private`]. What we or the program have evaluated does not count.
    pub async fn script_time(&self) -> Result<f64> {
        let answer = self.session.call("Performance.getMetrics", json!({})).await?;
        let Metrics { metrics } = answer.read()?;
        let time = metrics.iter().find(|metric| metric.name == "ScriptDuration").map(|metric| metric.value);
        time.ok_or_else(|| Error::refused("the browser does not count the time of scripts"))
    }

    /// Whether there may be something in a browser context of the page's own.
    pub fn has_used_its_context(&self) -> bool {
        self.is_private() && self.network.was_asked()
    }

    /// Whether the page has had frames, workers or popups.
    pub fn is_entangled(&self) -> bool {
        self.entangled.load(Ordering::Relaxed)
    }

    /// Where the page's window is, and how large, which scripts can change.
    pub fn bounds(&self) -> impl Future<Output = Result<Value>> + use<> {
        let bounds = json!({ "expression": BOUNDS, "returnByValue": true });
        let answer = self.session.call("Runtime.evaluate", bounds);
        async move { Ok(answer.await?.value()?["result"]["value"].take()) }
    }

    /// Takes note of the window's bounds before anybody has the page.
    pub fn note_bounds(&self, bounds: Value) {
        // Nobody takes note of them a second time.
        let _ = self.first_bounds.set(bounds);
    }

    /// The window's bounds before anybody had the page; null if nobody has taken note of them.
    pub fn first_bounds(&self) -> Value {
        self.first_bounds.get().cloned().unwrap_or_default()
    }

    /// A client of the program's own drives the page as well, from now on.
    pub fn share(&self) {
        self.clients.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether a client of the program's own drives the page as well.
    pub fn is_shared(&self) -> bool {
        self.clients.load(Ordering::Relaxed) > 0
    }

    /// A client of the program's own goes, and answers no dialogs any more.
    pub fn unshare(&self) {
        if self.clients.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.dialogs.dismiss();
        }
    }

    /// Asks the browser to close the page.
    pub fn close(&self) -> Call {
        self.closing.store(true, Ordering::Relaxed);
        self.session.browser().call("Target.closeTarget", json!({ "targetId": self.id }))
    }

    /// The page has another document. A navigation that was under way makes the browser forget that the page is to close.
    pub fn arrived(&self) {
        if self.closing.load(Ordering::Relaxed) {
            drop(self.close());
        }
    }

    /// Follows a frame that has a process of its own, or a worker.
    pub fn adopt(self: &Arc<Self>, parent: &Session, attached: &AttachedToTarget) {
        self.entangle();
        let session = parent.attached(&attached.session_id);
        let kind = if attached.target_info.kind == "worker" { SessionKind::Worker } else { SessionKind::Frame };
        Follower::follow(self, &session, kind);
        if kind == SessionKind::Worker {
            self.settings().adopt_worker(&session);
            let TargetInfo { id, url, .. } = &attached.target_info;
            let worker = Worker { id: id.clone(), url: url.clone(), session: session.clone(), loaded: false };
            self.workers.came(&self.audience, worker);
            return session.send("Runtime.runIfWaitingForDebugger", json!({}));
        }
        self.frames.send_modify(|frames| frames.attached(&attached.target_info.id, None, &session));
        session.send("Page.enable", json!({}));
        session.send("Page.setLifecycleEventsEnabled", json!({ "enabled": true }));
        session.send("Target.setAutoAttach", auto_attach(&["iframe", "worker"]));
        session.send(INIT_SCRIPT, runtime(false));
        self.settings().adopt_frame(&session);
        session.send("Runtime.runIfWaitingForDebugger", json!({}));
    }
}
