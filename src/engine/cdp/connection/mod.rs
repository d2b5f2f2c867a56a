//! The `DevTools` connection to one browser: JSON messages, each ended by NUL, over a pipe.
//!
//! A call is written when it is made and answered in any order, so that calls can be made one after another and awaited
//! together. Events go to the listener of their session, on the task that reads. The protocol:
//! <https://chromedevtools.github.io/devtools-protocol/>.

mod answer;
mod message;

use std::{
    borrow::Cow,
    collections::HashMap,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use bytes::{Buf, Bytes, BytesMut};
use serde::Serialize;
use serde_json::{json, value::RawValue};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::{
    engine::{Pipe, cdp::protocol::OfSession, devtools},
    error::{Code, Error, Result},
};

use message::{Incoming, encoded, id_of, protocol_error};

pub use answer::{Answer, decoded};
pub use message::{BAD_PARAMS, NO_SESSION, SERVER_ERROR, well_formed};

/// A longer message ends the connection, before it ends the program's memory.
const LONGEST_MESSAGE: usize = 1 << 30;
/// How much is read at a time: what a pipe holds.
const CHUNK: usize = 64 * 1024;
/// A read buffer that grew beyond this for one message is not kept for the next.
const KEPT: usize = 1 << 20;

/// Hears of one session's events.
pub trait Listener: Send + Sync {
    /// An event. Called on the task that reads, so it must not block.
    fn event(&self, method: &str, params: &RawValue);

    /// The answer to a call of [`Session::relay`], as the text of its result or its error. Called where events are, in
    /// the order in which they were received.
    fn answered(&self, _number: u64, _answer: Result<&str, &str>) {}

    /// The session has ended, and why.
    fn ended(&self, why: &Error);
}

/// The browser's side of the connection, or one of its targets.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
    id: Option<Arc<str>>,
}

impl Session {
    /// Connects; the session is the browser's own.
    pub fn connect(pipe: Pipe) -> Self {
        Self::connected(pipe, LONGEST_MESSAGE)
    }

    fn connected(pipe: Pipe, longest: usize) -> Self {
        let (outbox, messages) = mpsc::unbounded_channel();
        let shared =
            Arc::new(Shared { outbox, last: AtomicU64::new(0), received: AtomicU64::new(0), state: Mutex::default() });
        let writer = tokio::spawn(write(pipe.to, messages));
        let reader = read(shared.clone(), pipe.from, longest);
        tokio::spawn(async move {
            reader.await;
            // Whoever still holds a session, as JavaScript does until it collects a page, must not hold the pipe open.
            writer.abort();
        });
        Self { shared, id: None }
    }

    /// The session of a target that the browser has attached us to.
    pub fn attached(&self, id: &str) -> Self {
        Self { shared: self.shared.clone(), id: Some(id.into()) }
    }

    /// The browser's own session, of the same connection.
    pub fn browser(&self) -> Self {
        Self { shared: self.shared.clone(), id: None }
    }

    /// Whether both are the same session; sessions of two connections are never compared.
    pub fn is(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// Whether a call of such a method has no answer yet in this session.
    pub fn awaits(&self, of: impl Fn(&str) -> bool) -> bool {
        let waits = |call: &Waiting| call.session == self.id && call.asker.waits() && of(&call.method);
        self.shared.state().calls.values().any(waits)
    }

    /// The session's id in the protocol; empty for the browser's own.
    pub fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    /// Sends this session's events to a listener from now on.
    pub fn listen(&self, listener: &Arc<dyn Listener>) {
        let over = {
            let mut state = self.shared.state();
            if state.over.is_none() {
                state.listeners.insert(self.id().to_owned(), listener.clone());
            }
            state.over.clone()
        };
        if let Some(why) = over {
            listener.ended(&why);
        }
    }

    /// Hears nothing more of this session, nor any answer that its listener waits for.
    pub fn ignore(&self) {
        let mut state = self.shared.state();
        state.listeners.remove(self.id());
        state.calls.retain(|_, call| call.session != self.id || matches!(call.asker, Asker::Caller(_)));
    }

    /// Writes a call; the answer comes by awaiting it, or is forgotten by dropping it, together with an object that it gives.
    pub fn call(&self, method: impl Into<Cow<'static, str>>, params: impl Serialize) -> Call {
        let (answer, answered) = oneshot::channel();
        let method = method.into();
        let gives = gives_object(&method);
        let id = self.write(method, params, Asker::Caller(answer));
        Call { session: self.clone(), id, answered, gives }
    }

    /// Like [`Session::call`] for what may keep the browser from answering anything else, though its method seldom does.
    pub fn work(&self, method: &'static str, params: impl Serialize) -> Call {
        let call = self.call(method, params);
        if let Some(waiting) = self.shared.state().calls.get_mut(&call.id) {
            waiting.work.get_or_insert_with(Instant::now);
        }
        call
    }

    /// Whether the browser has been told, over any session, to do what may keep it from answering anything else for long.
    pub fn is_at_work(&self) -> bool {
        let state = self.shared.state();
        state.calls.values().any(|call| call.work.is_some_and(devtools::is_still_work))
    }

    /// How often something of the browser's has been received, over any session.
    pub fn received(&self) -> u64 {
        self.shared.received.load(Ordering::Relaxed)
    }

    /// Writes a call whose answer goes to the session's listener, under a number of the listener's.
    pub fn relay(&self, number: u64, method: String, params: impl Serialize) {
        self.write(method.into(), params, Asker::Listener(number));
    }

    fn write(&self, method: Cow<'static, str>, params: impl Serialize, asker: Asker) -> u64 {
        let id = self.shared.last.fetch_add(1, Ordering::Relaxed) + 1;
        let message = encoded(id, &method, &params, self.id.as_deref());
        let large = message.as_ref().is_ok_and(|message| message.len() >= devtools::LARGE);
        let work = (large || devtools::is_work(&method)).then(Instant::now);
        // Before it is written, or the answer could be faster.
        self.shared.expect(id, Waiting { method, session: self.id.clone(), asker, work });
        match message {
            // A failure means that the connection is over, which `expect` tells.
            Ok(message) => drop(self.shared.outbox.send(message)),
            Err(error) => self.shared.fail(id, &error),
        }
        id
    }

    /// Writes a call whose answer nobody needs.
    pub fn send(&self, method: &'static str, params: impl Serialize) {
        drop(self.call(method, params));
    }

    /// Has the browser let go of the object that an answer gives: of one that nobody takes, it would be held as long as its
    /// document.
    fn let_go(&self, answer: &Answer) {
        let Ok(given) = answer.value() else { return };
        for place in OBJECTS {
            if let Some(object) = given.pointer(place) {
                self.send("Runtime.releaseObject", json!({ "objectId": object }));
            }
        }
    }
}

/// Where the answers of calls that give an object have its handle.
const OBJECTS: [&str; 3] = ["/result/objectId", "/object/objectId", "/exceptionDetails/exception/objectId"];

/// Whether the answer to a call may give an object of the page, which the browser holds from then on.
fn gives_object(method: &str) -> bool {
    matches!(method, "Runtime.evaluate" | "Runtime.callFunctionOn" | "Runtime.awaitPromise" | "DOM.resolveNode")
}

/// A call that was written.
pub struct Call {
    session: Session,
    id: u64,
    answered: oneshot::Receiver<Result<Answer>>,
    /// Whether the answer may give an object.
    gives: bool,
}

impl Future for Call {
    type Output = Result<Answer>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answered)
            .poll(context)
            .map(|answer| answer.unwrap_or_else(|_| Err(Error::gone("its DevTools connection has ended"))))
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.gives {
            self.session.shared.state().calls.remove(&self.id);
            return;
        }
        // From now on whoever reads the answer finds that nobody takes it.
        self.answered.close();
        if let Ok(Ok(answer)) = self.answered.try_recv() {
            self.session.let_go(&answer);
        }
    }
}

struct Shared {
    outbox: mpsc::UnboundedSender<Vec<u8>>,
    last: AtomicU64,
    received: AtomicU64,
    state: Mutex<Pending>,
}

/// What the connection waits for, and what it tells.
#[derive(Default)]
struct Pending {
    calls: HashMap<u64, Waiting>,
    /// By session; the browser's own has the empty name.
    listeners: HashMap<String, Arc<dyn Listener>>,
    /// Why nothing will be answered any more.
    over: Option<Error>,
}

struct Waiting {
    method: Cow<'static, str>,
    session: Option<Arc<str>>,
    asker: Asker,
    /// Since when the call is work for the browser, if it is.
    work: Option<Instant>,
}

/// What an answer is given to.
enum Asker {
    /// The holder of the [`Call`].
    Caller(oneshot::Sender<Result<Answer>>),
    /// The session's listener, by its number.
    Listener(u64),
}

impl Asker {
    /// Whether there is still somebody to take the answer.
    fn waits(&self) -> bool {
        !matches!(self, Self::Caller(caller) if caller.is_closed())
    }

    /// A listener is not told: what ends its calls, it hears by itself.
    fn fail(self, why: &Error) {
        if let Self::Caller(caller) = self {
            // Whoever asked may have gone.
            let _ = caller.send(Err(why.clone()));
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, Pending> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expect(&self, id: u64, waiting: Waiting) {
        let mut state = self.state();
        if let Some(why) = &state.over {
            waiting.asker.fail(why);
        } else {
            state.calls.insert(id, waiting);
        }
    }

    fn receive(self: &Arc<Self>, message: &Bytes) {
        let incoming: Incoming = match serde_json::from_slice(message) {
            Ok(incoming) => incoming,
            Err(error) => {
                tracing::warn!(%error, "a DevTools message that cannot be parsed");
                let why = Error::refused(format!("the browser's answer cannot be parsed: {error}"));
                if let Some(id) = id_of(message) {
                    self.fail(id, &why);
                }
                return;
            }
        };
        if let Some(id) = incoming.id {
            let answer = match (incoming.result, incoming.error) {
                (_, Some(error)) => Err(error),
                (result, None) => Ok(result),
            };
            self.answer(id, answer, message);
        } else if let (Some(method), Some(params)) = (incoming.method, incoming.params) {
            self.event(incoming.session_id.unwrap_or_default(), method, params);
        }
    }

    fn answer(self: &Arc<Self>, id: u64, answer: Result<Option<&RawValue>, &RawValue>, message: &Bytes) {
        let Some(Waiting { method, session, asker, .. }) = self.state().calls.remove(&id) else { return };
        match asker {
            Asker::Caller(caller) => {
                let answer = match answer {
                    Ok(Some(result)) => Ok(Answer::new(message.slice_ref(result.get().as_bytes()))),
                    Ok(None) => Ok(Answer::new(Bytes::from_static(b"{}"))),
                    Err(error) => Err(protocol_error(&method, error)),
                };
                // Whoever asked may have gone.
                if let Err(Ok(answer)) = caller.send(answer)
                    && gives_object(&method)
                {
                    Session { shared: self.clone(), id: session }.let_go(&answer);
                }
            }
            Asker::Listener(number) => {
                let answer = answer.map(|result| result.map_or("{}", RawValue::get)).map_err(RawValue::get);
                self.tell(session.as_deref(), number, answer);
            }
        }
    }

    /// Answers a call with a failure that is not the browser's.
    fn fail(&self, id: u64, why: &Error) {
        let Some(waiting) = self.state().calls.remove(&id) else { return };
        if let Asker::Listener(number) = waiting.asker {
            let error = json!({ "code": SERVER_ERROR, "message": why.message }).to_string();
            return self.tell(waiting.session.as_deref(), number, Err(&error));
        }
        waiting.asker.fail(why);
    }

    fn tell(&self, session: Option<&str>, number: u64, answer: Result<&str, &str>) {
        let listener = self.state().listeners.get(session.unwrap_or_default()).cloned();
        if let Some(listener) = listener {
            listener.answered(number, answer);
        }
    }

    fn event(&self, session: &str, method: &str, params: &RawValue) {
        let listener = self.state().listeners.get(session).cloned();
        if let Some(listener) = listener {
            listener.event(method, params);
        }
        match method {
            "Target.detachedFromTarget" => {
                if let Ok(detached) = serde_json::from_str::<OfSession>(params.get()) {
                    self.end_session(&detached.session_id, &Error::new(Code::PageClosed, "the page was closed"), true);
                }
            }
            "Inspector.targetCrashed" => {
                let why = Error::new(Code::PageClosed, "the page has crashed: its process in the browser ended");
                self.end_session(session, &why, false);
            }
            _ => {}
        }
    }

    /// Ends the calls of a session; a crashed target is still there to be closed. A listener's own are not answered: it
    /// hears of the end, or of the browser's own answer after a crash.
    fn end_session(&self, session: &str, why: &Error, detached: bool) {
        let (listener, calls) = {
            let mut state = self.state();
            let listener =
                if detached { state.listeners.remove(session) } else { state.listeners.get(session).cloned() };
            let calls: Vec<Waiting> = state
                .calls
                .extract_if(|_, call| {
                    call.session.as_deref() == Some(session) && (detached || matches!(call.asker, Asker::Caller(_)))
                })
                .map(|(_, call)| call)
                .collect();
            (listener, calls)
        };
        if let Some(listener) = listener {
            listener.ended(why);
        }
        for call in calls {
            call.asker.fail(why);
        }
    }

    /// Ends every call, now and from now on.
    fn end(&self, why: &Error) {
        let (listeners, calls) = {
            let mut state = self.state();
            state.over = Some(why.clone());
            (std::mem::take(&mut state.listeners), std::mem::take(&mut state.calls))
        };
        for listener in listeners.into_values() {
            listener.ended(why);
        }
        for call in calls.into_values() {
            call.asker.fail(why);
        }
    }
}

async fn write(mut to: Box<dyn AsyncWrite + Send + Unpin>, mut messages: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(message) = messages.recv().await {
        // A closed pipe is told by the reader, for both.
        if to.write_all(&message).await.is_err() {
            break;
        }
    }
}

async fn read(shared: Arc<Shared>, mut from: Box<dyn AsyncRead + Send + Unpin>, longest: usize) {
    let mut buffer = BytesMut::with_capacity(CHUNK);
    let mut searched = 0;
    let why = loop {
        while let Some(end) = memchr::memchr(0, &buffer[searched..]) {
            let message = buffer.split_to(searched + end).freeze();
            buffer.advance(1);
            searched = 0;
            shared.receive(&message);
        }
        searched = buffer.len();
        if searched > longest {
            break Error::gone(format!("it sent a message of more than {longest} bytes"));
        }
        if buffer.is_empty() && buffer.capacity() > KEPT {
            buffer = BytesMut::new();
        }
        buffer.reserve(CHUNK);
        match from.read_buf(&mut buffer).await {
            Ok(0) => break Error::gone("its process ended, or closed the DevTools pipe"),
            Ok(_) => drop(shared.received.fetch_add(1, Ordering::Relaxed)),
            Err(error) => break Error::gone(format!("its DevTools pipe broke: {error}")),
        }
    };
    tracing::debug!("{why}");
    shared.end(&why);
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{super::fake::Browser, message::LONGEST_CALL, *};

    fn connected(longest: usize) -> (Session, Browser) {
        let (pipe, browser) = Browser::new();
        (Session::connected(pipe, longest), browser)
    }

    struct Heard(mpsc::UnboundedSender<String>);

    impl Listener for Heard {
        fn event(&self, method: &str, params: &RawValue) {
            self.0.send(format!("{method} {params}")).unwrap();
        }

        fn ended(&self, why: &Error) {
            self.0.send(format!("ended {}", why.code.as_str())).unwrap();
        }
    }

    fn heard(session: &Session) -> mpsc::UnboundedReceiver<String> {
        let (to, events) = mpsc::unbounded_channel();
        let listener: Arc<dyn Listener> = Arc::new(Heard(to));
        session.listen(&listener);
        events
    }

    #[tokio::test]
    async fn a_call_is_written_with_its_session_and_parameters() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        let _call = session.attached("S").call("Page.enable", serde_json::json!({ "a": 1 }));
        let expected = serde_json::json!({ "id": 1, "method": "Page.enable", "params": { "a": 1 }, "sessionId": "S" });
        assert_eq!(browser.next().await, expected);
    }

    #[tokio::test]
    async fn answers_may_come_in_any_order() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        let calls = (session.call("One.one", ()), session.call("Two.two", ()));
        browser.say(r#"{"id":2,"result":{"n":2}}"#).await;
        browser.say(r#"{"id":1,"result":{"n":1}}"#).await;
        let answers = (calls.0.await.unwrap().value().unwrap(), calls.1.await.unwrap().value().unwrap());
        assert_eq!((&answers.0["n"], &answers.1["n"]), (&1.into(), &2.into()));
    }

    #[tokio::test]
    async fn an_object_that_is_given_when_nobody_waits_any_more_is_let_go() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        drop(session.attached("S").call("Runtime.awaitPromise", ()));
        browser.next().await;
        browser.say(r#"{"id":1,"result":{"result":{"type":"object","objectId":"7"}},"sessionId":"S"}"#).await;
        let released = browser.next().await;
        assert_eq!((&released["method"], &released["sessionId"]), (&"Runtime.releaseObject".into(), &"S".into()));
        assert_eq!(released["params"]["objectId"], "7");
    }

    #[tokio::test]
    async fn an_object_whose_answer_nobody_has_taken_is_let_go() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        let (resolved, other) = (session.call("DOM.resolveNode", ()), session.call("Other.other", ()));
        browser.say(r#"{"id":1,"result":{"object":{"type":"object","objectId":"7"}}}"#).await;
        browser.say(r#"{"id":2,"result":{}}"#).await;
        other.await.unwrap();
        drop(resolved);
        let methods =
            [browser.next().await, browser.next().await, browser.next().await].map(|mut call| call["method"].take());
        assert_eq!(methods, ["DOM.resolveNode", "Other.other", "Runtime.releaseObject"]);
    }

    #[tokio::test]
    async fn an_object_whose_answer_was_taken_is_its_takers() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        let call = session.call("Runtime.evaluate", ());
        browser.say(r#"{"id":1,"result":{"result":{"type":"object","objectId":"7"}}}"#).await;
        call.await.unwrap();
        session.send("Other.other", ());
        let methods = [browser.next().await, browser.next().await].map(|mut call| call["method"].take());
        assert_eq!(methods, ["Runtime.evaluate", "Other.other"]);
    }

    #[tokio::test]
    async fn a_pipe_that_ends_on_one_side_is_closed_on_the_other_though_the_session_is_kept() {
        let (session, Browser { mut calls, answers }) = connected(LONGEST_MESSAGE);
        drop(answers);
        assert_eq!(calls.read_u8().await.unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
        drop(session);
    }

    #[tokio::test]
    async fn a_lost_pipe_ends_every_call_and_all_later_ones() {
        let (session, browser) = connected(LONGEST_MESSAGE);
        let mut events = heard(&session);
        let calls = (session.call("One.one", ()), session.attached("S").call("Two.two", ()));
        drop(browser);
        for answer in [calls.0.await, calls.1.await, session.call("Three.three", ()).await] {
            assert_eq!(answer.unwrap_err().code, Code::BrowserGone);
        }
        assert_eq!(events.recv().await.unwrap(), "ended ERR_BROWSER_GONE");
    }

    #[tokio::test]
    async fn a_message_that_cannot_be_parsed_fails_only_its_call() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        let calls = (session.call("One.one", ()), session.call("Two.two", ()));
        browser.say(r#"{"id":1,"result":{"n":"#).await;
        browser.say("nonsense").await;
        browser.say(r#"{"id":2,"result":{}}"#).await;
        assert!(calls.0.await.unwrap_err().message.contains("cannot be parsed"));
        assert!(calls.1.await.is_ok());
    }

    #[derive(Deserialize)]
    struct Number {
        n: u8,
    }

    #[tokio::test]
    async fn a_lone_surrogate_is_replaced_and_harms_no_other_field() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        let call = session.call("One.one", ());
        browser.say(r#"{"id":1,"result":{"title":"\ud800","n":1}}"#).await;
        let answer = call.await.unwrap();
        assert_eq!(answer.value().unwrap()["title"], "\u{fffd}");
        assert_eq!(answer.read::<Number>().unwrap().n, 1);
    }

    #[tokio::test]
    async fn an_answer_of_fifty_megabytes_arrives_whole() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        let calls = (session.call("One.one", ()), session.call("Two.two", ()));
        let data = "x".repeat(50 << 20);
        let say = async {
            browser.say(&format!(r#"{{"id":1,"result":{{"data":"{data}"}}}}"#)).await;
            browser.say(r#"{"id":2,"result":{}}"#).await;
        };
        let ((), one, two) = tokio::join!(say, calls.0, calls.1);
        assert_eq!(one.unwrap().value().unwrap()["data"].as_str().unwrap().len(), 50 << 20);
        assert!(two.is_ok());
    }

    #[tokio::test]
    async fn a_message_that_never_ends_ends_the_connection() {
        let (session, mut browser) = connected(100_000);
        let call = session.call("One.one", ());
        browser.answers.write_all(&vec![b'x'; 200_000]).await.ok();
        assert!(call.await.unwrap_err().message.contains("100000 bytes"));
    }

    #[tokio::test]
    async fn events_reach_the_listener_of_their_session_only() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        let (mut all, mut own) = (heard(&session), heard(&session.attached("S")));
        browser.say(r#"{"method":"A.a","params":{}}"#).await;
        browser.say(r#"{"method":"B.b","params":{},"sessionId":"S"}"#).await;
        browser.say(r#"{"method":"C.c","params":{},"sessionId":"T"}"#).await;
        assert_eq!((own.recv().await.unwrap(), all.recv().await.unwrap()), ("B.b {}".to_owned(), "A.a {}".to_owned()));
        assert!(all.try_recv().is_err() && own.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_detached_session_ends_its_own_calls_only() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        let mut events = heard(&session.attached("S"));
        let calls = (session.attached("S").call("One.one", ()), session.attached("T").call("Two.two", ()));
        browser.say(r#"{"method":"Target.detachedFromTarget","params":{"sessionId":"S"}}"#).await;
        browser.say(r#"{"id":2,"result":{},"sessionId":"T"}"#).await;
        assert_eq!(calls.0.await.unwrap_err().code, Code::PageClosed);
        assert!(calls.1.await.is_ok());
        assert_eq!(events.recv().await.unwrap(), "ended ERR_PAGE_CLOSED");
    }

    #[tokio::test]
    async fn an_error_carries_the_protocols_own_words() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        let call = session.call("Page.navigate", ());
        browser.say(r#"{"id":1,"error":{"code":-32000,"message":"Cannot navigate"}}"#).await;
        let error = call.await.unwrap_err();
        assert_eq!((error.code, error.thrown), (Code::Browser, None));
        assert_eq!(error.message, "Page.navigate: Cannot navigate");
    }

    #[tokio::test]
    async fn a_browser_that_is_told_to_take_a_picture_or_to_read_much_is_at_work_until_it_answers() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        let script = session.call("Runtime.evaluate", json!({ "expression": "1" }));
        assert!(!session.is_at_work());
        let much = session.call("Runtime.evaluate", json!({ "expression": "x".repeat(devtools::LARGE) }));
        assert!(session.is_at_work());
        let (_, _) = (browser.next().await, browser.next().await);
        browser.say(r#"{"id":2,"result":{}}"#).await;
        much.await.unwrap();
        assert!(!session.is_at_work());
        session.relay(7, "Page.captureScreenshot".to_owned(), json!({}));
        assert!(session.is_at_work());
        browser.say(r#"{"id":3,"result":{}}"#).await;
        browser.say(r#"{"id":1,"result":{}}"#).await;
        script.await.unwrap();
        assert!(!session.is_at_work());
    }

    #[tokio::test]
    async fn a_call_that_is_longer_than_the_browser_reads_is_refused_and_ends_nothing() {
        let (session, mut browser) = connected(LONGEST_MESSAGE);
        let error =
            session.call("Runtime.evaluate", json!({ "expression": "x".repeat(LONGEST_CALL) })).await.unwrap_err();
        assert_eq!(error.code, Code::InvalidOption);
        let call = session.call("One.one", ());
        assert_eq!(browser.next().await["method"], "One.one");
        browser.say(r#"{"id":2,"result":{}}"#).await;
        call.await.unwrap();
    }
}
