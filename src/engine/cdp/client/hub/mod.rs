//! A client's sessions and pages, and what becomes of each of its messages: it goes to the browser, or is answered here.

mod listener;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{
        RelayListener, Relayed,
        cdp::{
            connection::{BAD_PARAMS, NO_SESSION, SERVER_ERROR, Session},
            protocol::{
                AboutTarget, AttachedToTarget, BrowserContexts, OfSession, OfTarget, TargetInfo, UnreadTargetInfo,
                WindowOfTarget,
            },
            target::Target,
        },
        relay::Backlog,
    },
    error::Result,
};

use self::listener::ClientListener;
use super::policy::{self, Over, Owner, Refusal, Verdict};

/// See the [module](self).
pub struct Hub {
    pub target: Arc<Target>,
    /// The browser's own session, which is not the client's.
    browser: Session,
    /// The session with the browser that is the client's connection.
    root: Session,
    /// The target of the client's connection, by which the client knows the browser.
    whole: Box<RawValue>,
    /// The page's browser context, unless that is the browser's default one.
    context: Option<String>,
    to: RelayListener,
    backlog: Backlog,
    state: Mutex<ClientState>,
    /// Runs tasks for the client, which may leave on a thread without a runtime.
    runtime: Handle,
    /// Cancelled when the client has left.
    pub left: CancellationToken,
}

#[derive(Default)]
struct ClientState {
    over: bool,
    /// The page and those that were opened from it.
    pages: HashSet<String>,
    /// The sessions that the client has, besides its connection.
    sessions: HashMap<String, ClientSession>,
    /// Whether the client wants to hear of pages.
    discovers: bool,
    /// Whether the client wants a session of every page.
    attaches: bool,
}

/// A session of the client's.
struct ClientSession {
    session: Session,
    /// The target that the session is of.
    target: String,
}

/// A message of the client's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    id: u64,
    pub method: String,
    params: Option<Box<RawValue>>,
    pub session_id: Option<String>,
}

fn pass(session: &Session, id: u64, method: String, params: Option<&RawValue>) {
    match params {
        Some(params) => session.relay(id, method, params),
        None => session.relay(id, method, json!({})),
    }
}

/// Parameters that name no context would mean the browser's default one.
fn in_context(context: &str, params: Option<&RawValue>) -> Map<String, Value> {
    let params = params.and_then(|params| serde_json::from_str(params.get()).ok());
    let mut params: Map<String, Value> = params.unwrap_or_default();
    params.entry("browserContextId").or_insert_with(|| context.into());
    params
}

impl Hub {
    /// Begins the client's session.
    pub async fn open(target: Arc<Target>, browser: &Session, to: RelayListener) -> Result<Arc<Self>> {
        target.alive()?;
        let contexts = browser.call("Target.getBrowserContexts", json!({}));
        let begun = browser.call("Target.attachToBrowserTarget", json!({}));
        let BrowserContexts { browser_context_ids: contexts } = contexts.await?.read()?;
        let root = browser.attached(&begun.await?.read::<OfSession>()?.session_id);
        let UnreadTargetInfo { target_info: whole } = root.call("Target.getTargetInfo", json!({})).await?.read()?;
        let context = target.context.clone().filter(|context| contexts.contains(context));
        let pages = HashSet::from([target.id.clone()]);
        let state = Mutex::new(ClientState { pages, ..ClientState::default() });
        let (browser, backlog, runtime) = (browser.clone(), Backlog::default(), Handle::current());
        let left = CancellationToken::new();
        let hub = Self { target, browser, root, whole, context, to, backlog, state, runtime, left };
        let hub = Arc::new(hub);
        hub.target.share();
        ClientListener::listen(&hub, &hub.root);
        Ok(hub)
    }

    fn state(&self) -> MutexGuard<'_, ClientState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn session(&self, id: &str) -> Option<Session> {
        self.state().sessions.get(id).map(|own| own.session.clone())
    }

    /// A message of the client's.
    pub fn take(self: &Arc<Self>, Request { id, method, params, session_id }: Request) {
        let params = params.as_deref();
        let Some(name) = session_id else {
            return self.ask(&self.root, None, id, method, params);
        };
        match self.session(&name) {
            Some(session) => self.ask(&session, Some(&name), id, method, params),
            None => self.refuse(id, Some(&name), &method, &Refusal::Session),
        }
    }

    /// A call over one of the client's sessions, which has a name unless it is the connection.
    fn ask(
        self: &Arc<Self>,
        session: &Session,
        name: Option<&str>,
        id: u64,
        method: String,
        params: Option<&RawValue>,
    ) {
        let over = if name.is_some() { Over::Target } else { Over::Browser };
        match policy::judge(over, &method, params, &**self) {
            Verdict::Pass => pass(session, id, method, params),
            Verdict::InContext => match &self.context {
                Some(context) => session.relay(id, method, in_context(context, params)),
                None => pass(session, id, method, params),
            },
            Verdict::InWindow(window) => {
                let (hub, session, name) = (self.clone(), session.clone(), name.map(str::to_owned));
                let params = params.map(ToOwned::to_owned);
                self.runtime.spawn(async move {
                    if hub.has_window(window).await {
                        pass(&session, id, method, params.as_deref());
                    } else {
                        hub.refuse(id, name.as_deref(), &method, &Refusal::Window);
                    }
                });
            }
            // Over a session of the page's own, where other clients do not clear it again.
            Verdict::Clear(set) => match self.wanted(name, set) {
                Some(params) => session.relay(id, set.to_owned(), params),
                None => pass(session, id, method, params),
            },
            Verdict::Discover => {
                self.state().discovers = true;
                let whole = &self.whole;
                self.tell(format!(r#"{{"method":"Target.targetCreated","params":{{"targetInfo":{whole}}}}}"#));
                self.root.relay(id, method, discovery());
            }
            Verdict::AttachAll => self.attach_all(id),
            Verdict::NoContexts => self.answer(id, name, Ok(r#"{"browserContextIds":[]}"#)),
            Verdict::Refuse(why) => self.refuse(id, name, &method, &why),
        }
    }

    /// What the page's item has set, if it is the page or a frame of it whose session has this name.
    fn wanted(&self, name: Option<&str>, set: &str) -> Option<Value> {
        let of = self.state().sessions.get(name?)?.target.clone();
        let own = of == self.target.id || self.target.has_frame(&of);
        self.target.wanted(set).filter(|_| own)
    }

    /// Whether a window shows one of the client's pages.
    async fn has_window(&self, window: i64) -> bool {
        let pages: Vec<String> = self.state().pages.iter().cloned().collect();
        let asked = pages.iter().map(|page| self.root.call("Browser.getWindowForTarget", json!({ "targetId": page })));
        // A page that has gone meanwhile has none.
        let shown = join_all(asked).await.into_iter().flatten();
        shown.flat_map(|answer| answer.read::<WindowOfTarget>()).any(|shown| shown.window_id == window)
    }

    /// Attaches to the client's pages one by one: the browser itself would attach to the pages of other items too, and hold back
    /// new ones.
    fn attach_all(&self, id: u64) {
        let others: Vec<String> = {
            let mut state = self.state();
            state.attaches = true;
            state.pages.iter().filter(|page| **page != self.target.id).cloned().collect()
        };
        // Tells of pages to come.
        self.root.send("Target.setDiscoverTargets", discovery());
        self.root.relay(id, ATTACH.to_owned(), attachment(&self.target.id));
        for page in others {
            self.root.send(ATTACH, attachment(&page));
        }
    }

    fn refuse(&self, id: u64, session: Option<&str>, method: &str, why: &Refusal) {
        let (code, message) = match why {
            Refusal::Shared => {
                let why = "this connection is for one page, and other items use the same browser";
                (SERVER_ERROR, format!("{method} is refused: {why}"))
            }
            Refusal::Parameter(name) => {
                let why = "this connection is for one page, and with that parameter it might touch others";
                (SERVER_ERROR, format!("{method} is refused with the parameter {name}: {why}"))
            }
            Refusal::Traced => {
                let why = "a trace is of all pages of the browser, and other items may have some there; with pageCount 1 it may";
                (SERVER_ERROR, format!("{method} is refused: {why}"))
            }
            Refusal::Lasting => {
                let why = "the browser would remember it for other items; with isolation \"context\" it may";
                (SERVER_ERROR, format!("{method} is refused: {why}"))
            }
            // In the browser's own words: to the client there is no such thing.
            Refusal::Target => (SERVER_ERROR, "No target with given id found".to_owned()),
            Refusal::Session => (NO_SESSION, "Session with given id not found.".to_owned()),
            Refusal::Window => (SERVER_ERROR, "Browser window not found".to_owned()),
            Refusal::Context => (SERVER_ERROR, "Failed to find browser context with given id".to_owned()),
            Refusal::Unreadable => (BAD_PARAMS, format!("{method} is refused: its parameters cannot be read")),
        };
        self.answer(id, session, Err(&json!({ "code": code, "message": message }).to_string()));
    }

    fn answer(&self, id: u64, session: Option<&str>, answer: Result<&str, &str>) {
        let answer = match answer {
            Ok(result) => format!(r#""result":{result}"#),
            Err(error) => format!(r#""error":{error}"#),
        };
        self.tell(format!(r#"{{"id":{id},{answer}{}}}"#, addressed(session)));
    }

    fn tell(&self, text: String) {
        if self.state().over {
            return;
        }
        if let Some(message) = self.backlog.add(text) {
            (self.to)(Relayed::Message(message));
        } else {
            tracing::warn!(page = self.target.id, "a DevTools client does not read what it is sent, and is cut off");
            self.end();
        }
    }

    /// Keeps account of the client's pages and sessions. False if the event is not for the client.
    fn note(self: &Arc<Self>, session: &Session, method: &str, params: &str) -> serde_json::Result<bool> {
        match method {
            "Target.attachedToTarget" => {
                let AttachedToTarget { session_id, target_info } = serde_json::from_str(params)?;
                let session = self.browser.attached(&session_id);
                ClientListener::listen(self, &session);
                if target_info.kind == "page" {
                    // A page that was rendered ahead takes the place of another as a target of its own, and the events of
                    // its loading are over by then: who waits for them would wait for ever. This ends with the session.
                    session.send("Page.setPrerenderingAllowed", json!({ "isAllowed": false }));
                }
                self.state().sessions.insert(session_id, ClientSession { session, target: target_info.id });
            }
            "Target.detachedFromTarget" => {
                let OfSession { session_id } = serde_json::from_str(params)?;
                self.state().sessions.remove(session_id.as_ref());
            }
            "Target.targetCreated" if session.is(&self.root) => {
                let AboutTarget { target_info: page } = serde_json::from_str(params)?;
                return Ok(self.created(&page));
            }
            "Target.targetInfoChanged" if session.is(&self.root) => {
                let AboutTarget { target_info: page } = serde_json::from_str(params)?;
                let state = self.state();
                return Ok(state.discovers && state.pages.contains(&page.id));
            }
            "Target.targetDestroyed" if session.is(&self.root) => {
                let OfTarget { target_id } = serde_json::from_str(params)?;
                let mut state = self.state();
                let known = state.pages.remove(target_id.as_ref());
                return Ok(known && state.discovers);
            }
            _ => {}
        }
        Ok(true)
    }

    /// The browser tells of a page: a popup is the client's if its opener is. Whether the client wants to hear of it.
    fn created(&self, page: &TargetInfo) -> bool {
        let (popup, attaches, discovers) = {
            let mut state = self.state();
            let popup = page.opener.as_ref().is_some_and(|opener| state.pages.contains(opener));
            if !popup && page.id != self.target.id {
                return false;
            }
            (state.pages.insert(page.id.clone()) && popup, state.attaches, state.discovers)
        };
        if popup && attaches {
            self.root.send(ATTACH, attachment(&page.id));
        }
        discovers
    }

    /// Sets on the page again what the item had set, the page's size between two of its frames.
    fn restore(&self) {
        let target = self.target.clone();
        if !target.clock.is_ours() {
            return target.restore();
        }
        self.runtime.spawn(async move {
            let still = target.clock.still().await;
            target.restore();
            // A failure is the page's end.
            let _ = target.answers().await;
            drop(still);
        });
    }

    /// Ends the client's sessions.
    pub fn end(&self) {
        let sessions = {
            let mut state = self.state();
            if std::mem::replace(&mut state.over, true) {
                return;
            }
            std::mem::take(&mut state.sessions)
        };
        self.left.cancel();
        for session in sessions.values().map(|own| &own.session).chain([&self.root]) {
            session.ignore();
        }
        // Before the client's session ends: its end would keep a page open that asks whether to be left, which we let go.
        self.target.unshare();
        self.browser.send("Target.detachFromTarget", json!({ "sessionId": self.root.id() }));
        self.restore();
        (self.to)(Relayed::Closed);
    }
}

impl Owner for Hub {
    fn has_target(&self, id: &str) -> bool {
        let state = self.state();
        state.pages.contains(id) || state.sessions.values().any(|own| own.target == id)
    }

    fn has_session(&self, id: &str) -> bool {
        self.state().sessions.contains_key(id)
    }

    fn has_context(&self, id: &str) -> bool {
        self.target.context.as_deref() == Some(id)
    }

    fn has_context_to_itself(&self) -> bool {
        self.context.is_some()
    }

    fn has_browser_to_itself(&self) -> bool {
        !self.target.traits.shared
    }
}

const ATTACH: &str = "Target.attachToTarget";

fn attachment(page: &str) -> Value {
    json!({ "targetId": page, "flatten": true })
}

/// Pages only: what else there is, a page's session tells of.
fn discovery() -> Value {
    json!({ "discover": true, "filter": [{ "type": "page" }, { "exclude": true }] })
}

/// The end of a message of this session.
fn addressed(session: Option<&str>) -> String {
    session.map(|id| format!(r#","sessionId":{}"#, json!(id))).unwrap_or_default()
}
