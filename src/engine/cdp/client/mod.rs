//! Shows one page to a `DevTools` client of the program's own as if it were all that the browser has.
//!
//! A session with the browser, begun for the client, is its connection; every session that it asks for hangs on that one and
//! ends with it. What it says goes through where it is for its page and the pages opened from it, and is refused otherwise,
//! because the browser has pages of other items.

mod listener;
mod policy;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};
use tokio::{runtime::Handle, sync::mpsc};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{
        Relay, RelayListener, Relayed,
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
    error::{Code, Error, Result},
};

use self::{
    listener::ClientListener,
    policy::{Over, Owner, Refusal, Verdict},
};

/// A client's way to a page.
pub struct CdpRelay {
    hub: Arc<Hub>,
    /// Where the client's messages wait for their turn, if the page's frames are ours to begin.
    turns: Option<mpsc::UnboundedSender<Request>>,
}

struct Hub {
    target: Arc<Target>,
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
    left: CancellationToken,
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
struct Request {
    id: u64,
    method: String,
    params: Option<Box<RawValue>>,
    session_id: Option<String>,
}

impl CdpRelay {
    /// Begins the client's session. To be waited for until it answers: what a caller gives up half-way stays open.
    pub async fn open(target: Arc<Target>, browser: &Session, to: RelayListener) -> Result<Self> {
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
        let hub = Hub { target, browser, root, whole, context, to, backlog, state, runtime, left };
        let hub = Arc::new(hub);
        hub.target.share();
        ClientListener::listen(&hub, &hub.root);
        let turns = hub.target.clock.is_ours().then(|| {
            let (turns, requests) = mpsc::unbounded_channel();
            tokio::spawn(take_turns(hub.clone(), requests));
            turns
        });
        Ok(Self { hub, turns })
    }
}

/// Passes a client's messages on in their order, those that give the page another size between two of its frames.
async fn take_turns(hub: Arc<Hub>, mut requests: mpsc::UnboundedReceiver<Request>) {
    while let Some(request) = requests.recv().await {
        if hub.left.is_cancelled() {
            return;
        }
        let session = request.session_id.as_deref().and_then(|name| hub.session(name));
        let still = tokio::select! {
            still = hub.target.clock.still_for(&request.method) => still,
            () = hub.left.cancelled() => return,
        };
        hub.take(request);
        let (Some(still), Some(session)) = (still, session) else { continue };
        // The document gets to this call after the client's. A failure is the page's end; a client that leaves ends the wait.
        tokio::select! {
            _ = session.call("Runtime.runIfWaitingForDebugger", json!({})) => {}
            () = hub.left.cancelled() => {}
        }
        drop(still);
    }
}

impl Relay for CdpRelay {
    fn send(&self, message: &str) -> Result<()> {
        let request = serde_json::from_str(message)
            .map_err(|error| Error::new(Code::InvalidOption, format!("not a call of the protocol: {error}")))?;
        match &self.turns {
            // The task that takes turns ends when this sender is dropped.
            Some(turns) => drop(turns.send(request)),
            None => self.hub.take(request),
        }
        Ok(())
    }
}

impl Drop for CdpRelay {
    fn drop(&mut self) {
        self.hub.end();
    }
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
    fn state(&self) -> MutexGuard<'_, ClientState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn session(&self, id: &str) -> Option<Session> {
        self.state().sessions.get(id).map(|own| own.session.clone())
    }

    /// A message of the client's.
    fn take(self: &Arc<Self>, Request { id, method, params, session_id }: Request) {
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
    fn end(&self) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cdp::{fake::Browser, target::Traits};

    type Heard = mpsc::UnboundedReceiver<Option<Value>>;

    /// A client of the page P, whose connection is the session R.
    async fn opened() -> (CdpRelay, Heard, Browser) {
        let (pipe, mut browser) = Browser::new();
        let session = Session::connect(pipe);
        let info =
            json!({ "sessionId": "O", "targetInfo": { "targetId": "P", "type": "page", "browserContextId": "C" } });
        let target = Target::attach(&session, serde_json::from_value(info).unwrap(), None, Traits::default());
        let (heard, messages) = mpsc::unbounded_channel();
        let to: RelayListener = Arc::new(move |relayed| {
            let text = match relayed {
                Relayed::Message(message) => Some(serde_json::from_str(&message.into_text()).unwrap()),
                Relayed::Closed => None,
            };
            // A test that has seen enough has dropped its end.
            let _ = heard.send(text);
        });
        let answer = async {
            let contexts = browser.call("Target.getBrowserContexts").await;
            browser.say(&json!({ "id": contexts["id"], "result": { "browserContextIds": ["C"] } }).to_string()).await;
            let begun = browser.call("Target.attachToBrowserTarget").await;
            browser.say(&json!({ "id": begun["id"], "result": { "sessionId": "R" } }).to_string()).await;
            let whole = browser.call("Target.getTargetInfo").await;
            let result = json!({ "targetInfo": { "targetId": "B", "type": "browser" } });
            browser.say(&json!({ "id": whole["id"], "result": result, "sessionId": "R" }).to_string()).await;
        };
        let (relay, ()) = tokio::join!(CdpRelay::open(target, &session, to), answer);
        (relay.unwrap(), messages, browser)
    }

    fn page(id: &str, opener: Option<&str>) -> Value {
        json!({ "targetInfo": { "targetId": id, "type": "page", "openerId": opener } })
    }

    fn send(relay: &CdpRelay, message: &Value) {
        relay.send(&message.to_string()).unwrap();
    }

    /// Gives the client the session S of its page.
    async fn attach(relay: &CdpRelay, heard: &mut Heard, browser: &mut Browser) {
        send(
            relay,
            &json!({ "id": 1, "method": "Target.setAutoAttach", "params": { "waitForDebuggerOnStart": true } }),
        );
        let call = browser.call("Target.attachToTarget").await;
        let info = page("P", None)["targetInfo"].take();
        let params = json!({ "sessionId": "S", "targetInfo": info });
        browser
            .say(&json!({ "method": "Target.attachedToTarget", "params": params, "sessionId": "R" }).to_string())
            .await;
        browser.say(&json!({ "id": call["id"], "result": { "sessionId": "S" }, "sessionId": "R" }).to_string()).await;
        assert_eq!(heard.recv().await.unwrap().unwrap()["method"], "Target.attachedToTarget");
        assert_eq!(heard.recv().await.unwrap().unwrap(), json!({ "id": 1, "result": { "sessionId": "S" } }));
    }

    #[tokio::test]
    async fn attaching_to_everything_attaches_to_the_page_alone() {
        let (relay, _heard, mut browser) = opened().await;
        send(
            &relay,
            &json!({ "id": 1, "method": "Target.setAutoAttach", "params": { "waitForDebuggerOnStart": true } }),
        );
        browser.call("Target.setDiscoverTargets").await;
        let attach = browser.next().await;
        assert_eq!(attach["params"], json!({ "targetId": "P", "flatten": true }));
        assert_eq!((&attach["method"], &attach["sessionId"]), (&json!("Target.attachToTarget"), &json!("R")));
    }

    #[tokio::test]
    async fn a_call_to_a_session_is_answered_under_the_clients_own_id() {
        let (relay, mut heard, mut browser) = opened().await;
        attach(&relay, &mut heard, &mut browser).await;
        send(&relay, &json!({ "id": 7, "method": "Page.reload", "params": { "b": 1 }, "sessionId": "S" }));
        let call = browser.call("Page.reload").await;
        assert_eq!((&call["params"], &call["sessionId"]), (&json!({ "b": 1 }), &json!("S")));
        browser.say(&json!({ "id": call["id"], "result": { "c": 2 }, "sessionId": "S" }).to_string()).await;
        let answer = heard.recv().await.unwrap().unwrap();
        assert_eq!(answer, json!({ "id": 7, "result": { "c": 2 }, "sessionId": "S" }));
    }

    #[tokio::test]
    async fn an_error_comes_back_as_the_browser_said_it() {
        let (relay, mut heard, mut browser) = opened().await;
        send(&relay, &json!({ "id": 7, "method": "Browser.getVersion" }));
        let call = browser.call("Browser.getVersion").await;
        let error = json!({ "code": -32601, "message": "no", "data": "d" });
        browser.say(&json!({ "id": call["id"], "error": error, "sessionId": "R" }).to_string()).await;
        assert_eq!(heard.recv().await.unwrap().unwrap(), json!({ "id": 7, "error": error }));
    }

    #[tokio::test]
    async fn pages_of_others_are_neither_told_of_nor_attached_to() {
        let (relay, mut heard, mut browser) = opened().await;
        send(&relay, &json!({ "id": 1, "method": "Target.setDiscoverTargets", "params": { "discover": true } }));
        browser.call("Target.setDiscoverTargets").await;
        for (id, opener) in [("X", None), ("Y", Some("X")), ("P", None)] {
            let created = json!({ "method": "Target.targetCreated", "params": page(id, opener), "sessionId": "R" });
            browser.say(&created.to_string()).await;
        }
        for told in ["B", "P"] {
            assert_eq!(heard.recv().await.unwrap().unwrap()["params"]["targetInfo"]["targetId"], told);
        }
        send(&relay, &json!({ "id": 2, "method": "Target.attachToTarget", "params": { "targetId": "X" } }));
        assert_eq!(heard.recv().await.unwrap().unwrap()["error"]["message"], "No target with given id found");
    }

    #[tokio::test]
    async fn a_popup_of_the_page_is_the_clients() {
        let (relay, mut heard, mut browser) = opened().await;
        attach(&relay, &mut heard, &mut browser).await;
        let created = json!({ "method": "Target.targetCreated", "params": page("Q", Some("P")), "sessionId": "R" });
        browser.say(&created.to_string()).await;
        assert_eq!(browser.call("Target.attachToTarget").await["params"]["targetId"], "Q");
    }

    #[tokio::test]
    async fn what_would_touch_other_items_is_refused() {
        let (relay, mut heard, _browser) = opened().await;
        for method in ["Browser.close", "Target.createTarget", "Target.disposeBrowserContext"] {
            send(&relay, &json!({ "id": 1, "method": method }));
            let answer = heard.recv().await.unwrap().unwrap();
            assert!(answer["error"]["message"].as_str().unwrap().starts_with(&format!("{method} is refused")));
        }
    }

    #[tokio::test]
    async fn what_would_touch_other_items_is_refused_over_a_session_of_the_page_too() {
        let (relay, mut heard, mut browser) = opened().await;
        attach(&relay, &mut heard, &mut browser).await;
        for method in ["Browser.close", "Browser.setDownloadBehavior", "Target.getTargets"] {
            send(&relay, &json!({ "id": 7, "method": method, "sessionId": "S" }));
            let answer = heard.recv().await.unwrap().unwrap();
            assert!(answer["error"]["message"].as_str().unwrap().starts_with(&format!("{method} is refused")));
            assert_eq!((&answer["id"], &answer["sessionId"]), (&json!(7), &json!("S")));
        }
    }

    #[tokio::test]
    async fn a_frame_that_the_client_has_a_session_of_is_the_clients_to_attach_to() {
        let (relay, mut heard, mut browser) = opened().await;
        attach(&relay, &mut heard, &mut browser).await;
        let params = json!({ "sessionId": "T", "targetInfo": { "targetId": "F", "type": "iframe" } });
        let frame = json!({ "method": "Target.attachedToTarget", "params": params, "sessionId": "S" });
        browser.say(&frame.to_string()).await;
        assert_eq!(heard.recv().await.unwrap().unwrap()["params"]["sessionId"], "T");
        send(&relay, &json!({ "id": 2, "method": "Target.attachToTarget", "params": { "targetId": "F" } }));
        assert_eq!(browser.call("Target.attachToTarget").await["params"]["targetId"], "F");
    }

    #[tokio::test]
    async fn what_is_cleared_is_what_the_pages_item_has_set() {
        let (relay, mut heard, mut browser) = opened().await;
        attach(&relay, &mut heard, &mut browser).await;
        let clear = "Emulation.clearDeviceMetricsOverride";
        send(&relay, &json!({ "id": 7, "method": clear, "sessionId": "S" }));
        let call = browser.call("Emulation.setDeviceMetricsOverride").await;
        assert_eq!((&call["params"]["width"], &call["sessionId"]), (&json!(800), &json!("S")));
        browser.say(&json!({ "id": call["id"], "result": {}, "sessionId": "S" }).to_string()).await;
        assert_eq!(heard.recv().await.unwrap().unwrap(), json!({ "id": 7, "result": {}, "sessionId": "S" }));
        // It has set no position.
        send(&relay, &json!({ "id": 8, "method": "Emulation.clearGeolocationOverride", "sessionId": "S" }));
        browser.call("Emulation.clearGeolocationOverride").await;
    }

    #[tokio::test]
    async fn a_window_is_the_clients_if_it_shows_one_of_its_pages() {
        let (relay, mut heard, mut browser) = opened().await;
        for (id, window) in [(7, 1), (8, 2)] {
            send(&relay, &json!({ "id": id, "method": "Browser.getWindowBounds", "params": { "windowId": window } }));
            let call = browser.call("Browser.getWindowForTarget").await;
            assert_eq!(call["params"], json!({ "targetId": "P" }));
            let result = json!({ "windowId": 1, "bounds": {} });
            browser.say(&json!({ "id": call["id"], "result": result, "sessionId": "R" }).to_string()).await;
        }
        let call = browser.call("Browser.getWindowBounds").await;
        assert_eq!(call["params"], json!({ "windowId": 1 }));
        let refused = heard.recv().await.unwrap().unwrap();
        assert_eq!((&refused["id"], &refused["error"]["message"]), (&json!(8), &json!("Browser window not found")));
    }

    #[tokio::test]
    async fn what_names_no_context_is_for_the_pages_own() {
        let (relay, _heard, mut browser) = opened().await;
        send(&relay, &json!({ "id": 1, "method": "Storage.getCookies" }));
        assert_eq!(browser.call("Storage.getCookies").await["params"], json!({ "browserContextId": "C" }));
    }

    #[tokio::test]
    async fn a_closed_relay_ends_the_clients_session_and_restores_ours() {
        let (relay, mut heard, mut browser) = opened().await;
        drop(relay);
        assert_eq!(browser.call("Target.detachFromTarget").await["params"], json!({ "sessionId": "R" }));
        assert_eq!(browser.call("Emulation.setDeviceMetricsOverride").await["sessionId"], "O");
        assert_eq!(heard.recv().await, Some(None));
    }

    #[tokio::test]
    async fn nothing_of_a_closed_relay_stays() {
        let (relay, mut heard, mut browser) = opened().await;
        attach(&relay, &mut heard, &mut browser).await;
        send(&relay, &json!({ "id": 7, "method": "Page.reload", "sessionId": "S" }));
        drop(relay);
        assert_eq!(heard.recv().await, Some(None));
        // Its listener, which every part of it holds, is gone.
        assert_eq!(heard.recv().await, None);
    }

    #[tokio::test]
    async fn the_end_of_the_page_is_the_last_thing_told() {
        let (relay, mut heard, mut browser) = opened().await;
        send(&relay, &json!({ "id": 1, "method": "Target.setDiscoverTargets", "params": { "discover": true } }));
        let gone = json!({ "method": "Target.targetDestroyed", "params": { "targetId": "P" }, "sessionId": "R" });
        browser.say(&gone.to_string()).await;
        assert_eq!(heard.recv().await.unwrap().unwrap()["method"], "Target.targetCreated");
        assert_eq!(heard.recv().await.unwrap().unwrap()["method"], "Target.targetDestroyed");
        assert_eq!(heard.recv().await, Some(None));
    }

    #[tokio::test]
    async fn a_session_that_is_not_the_clients_is_unknown_to_it() {
        let (relay, mut heard, _browser) = opened().await;
        send(&relay, &json!({ "id": 1, "method": "Page.navigate", "sessionId": "O" }));
        assert_eq!(heard.recv().await.unwrap().unwrap()["error"]["code"], NO_SESSION);
    }
}
