//! A page's requests: which are under way, what the main document's server answered, and the rules that the engine itself
//! applies to some of them: credentials, a navigation's own method, no images.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::{sync::watch, time::timeout};

use crate::{
    engine::cdp::connection::Session,
    error::{Code, Error, Result},
};

use super::{
    Target,
    audience::{self, SentRequest},
    follower::Kind,
};

/// How long the network is quiet before it counts as idle, as the browser has it.
const QUIET: Duration = Duration::from_millis(500);

/// Requests that leave the browser's process for nobody, and nothing behind.
const WITHIN: [&str; 3] = ["data:", "blob:", "about:"];

/// See the [module](self).
#[derive(Default)]
pub struct Network {
    requests: watch::Sender<Requests>,
    rules: Mutex<Rules>,
    /// Something was asked for that was not in the document itself.
    asked: AtomicBool,
}

/// The requests under way.
#[derive(Default)]
struct Requests {
    open: HashMap<String, Open>,
    ended: bool,
}

/// A request under way.
struct Open {
    maker: Maker,
    /// The session that told of it.
    session: Session,
    frame: Option<String>,
    stage: Stage,
}

/// How far a request has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Asked,
    /// The body of its response is on its way.
    Answered,
    /// The same, and the browser does not tell whether it ever has come to its end: a script reads it or does not.
    Streams,
}

/// Who makes requests, and takes them along.
enum Maker {
    /// A document, by its loader.
    Document(String),
    Worker,
}

impl Requests {
    /// How many have had no response.
    fn unanswered(&self) -> usize {
        self.open.values().filter(|request| request.stage == Stage::Asked).count()
    }

    /// How many are under way in the frame that has most of them; a worker's are the page's.
    fn busiest(&self) -> usize {
        let mut frames: HashMap<Option<&str>, usize> = HashMap::new();
        for request in self.open.values().filter(|request| request.stage != Stage::Streams) {
            *frames.entry(request.frame.as_deref()).or_default() += 1;
        }
        frames.into_values().max().unwrap_or_default()
    }
}

/// What is done to requests.
#[derive(Default)]
pub struct Rules {
    pub no_images: bool,
    pub credentials: HashMap<Asking, Credentials>,
    /// Requests that have had their credentials; who asks again did not like them.
    pub answered: HashSet<(String, Asking)>,
    pub rewrite: Option<Rewrite>,
    /// The main frame stays where it is.
    pub locked: bool,
    /// The program decides on every request.
    pub intercept: bool,
    /// The requests that it decides on now.
    pub held: HashMap<String, Held>,
}

/// A request that waits for a decision.
#[derive(Clone)]
pub struct Held {
    /// Where it came from.
    pub session: Session,
    /// How it goes on if nothing is changed: parameters of `Fetch.continueRequest`.
    pub unchanged: Value,
}

/// Who asks for credentials, and is given no others than its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
pub enum Asking {
    /// The site.
    #[default]
    Server,
    /// The proxy on the way to it.
    Proxy,
}

/// A user and a password.
pub struct Credentials {
    /// The user's name.
    pub username: String,
    /// The password.
    pub password: String,
}

/// What the next document request is sent with.
pub struct Rewrite {
    /// Its method.
    pub method: Option<String>,
    /// Its body.
    pub body: Option<String>,
    /// Headers that replace or join its own.
    pub headers: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestSent<'a> {
    request_id: String,
    loader_id: String,
    frame_id: Option<String>,
    #[serde(borrow)]
    request: AskedFor<'a>,
}

#[derive(Deserialize)]
struct AskedFor<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestEnded {
    request_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthRequired {
    request_id: String,
    auth_challenge: AuthChallenge,
}

#[derive(Deserialize)]
struct AuthChallenge {
    #[serde(default)]
    source: Asking,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResponseReceived<'a> {
    request_id: String,
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    response: ResponseFields,
}

#[derive(Deserialize)]
struct ResponseFields {
    headers: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestPaused {
    request_id: String,
    request: SentRequest,
    frame_id: String,
    resource_type: String,
    redirected_request_id: Option<String>,
    network_id: Option<String>,
}

impl Network {
    /// Takes note of one event of this session.
    pub fn hear(&self, session: &Session, of: Kind, method: &str, params: &str) -> serde_json::Result<()> {
        match method {
            "Network.requestWillBeSent" => {
                let RequestSent { request_id, loader_id, frame_id: frame, request } = serde_json::from_str(params)?;
                if !WITHIN.iter().any(|scheme| request.url.starts_with(scheme)) {
                    self.asked.store(true, Ordering::Relaxed);
                }
                let maker = match of {
                    Kind::Worker => Maker::Worker,
                    // A worker's own script: the worker's session tells of its end, where we have one.
                    Kind::Frame if loader_id.is_empty() => return Ok(()),
                    Kind::Frame => Maker::Document(loader_id),
                };
                let request = Open { maker, session: session.clone(), frame, stage: Stage::Asked };
                self.requests.send_modify(|requests| drop(requests.open.insert(request_id, request)));
            }
            "Network.webSocketCreated" | "Network.webTransportCreated" => self.asked.store(true, Ordering::Relaxed),
            "Network.loadingFinished" | "Network.loadingFailed" => {
                let RequestEnded { request_id } = serde_json::from_str(params)?;
                self.requests.send_if_modified(|requests| requests.open.remove(&request_id).is_some());
            }
            "Network.responseReceived" => {
                let ResponseReceived { request_id, kind, response } = serde_json::from_str(params)?;
                let stage = if streams(&kind, &response.headers) { Stage::Streams } else { Stage::Answered };
                self.requests.send_if_modified(|requests| {
                    requests.open.get_mut(&request_id).map(|request| request.stage = stage).is_some()
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether anybody has been asked for anything, as far as the page's requests were watched.
    pub fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Takes over another page's rules.
    pub fn inherit(&self, other: &Self) {
        let rules = std::mem::take(&mut *other.rules());
        *self.rules() = rules;
    }

    /// Another document has come, whose loader this is: nothing of the one before matters, nor may be told any more.
    pub fn left(&self, loader: &str) {
        self.forget(|request| !matches!(&request.maker, Maker::Document(document) if document == loader));
    }

    /// The session of a worker, or of a frame that had a process of its own, has ended, and so has what it asked for.
    pub fn abandon(&self, session: &Session) {
        self.forget(|request| request.session.is(session));
    }

    /// A frame is gone, and nobody tells of what it asked for any more.
    pub fn frame_gone(&self, id: &str) {
        self.forget(|request| request.frame.as_deref() == Some(id));
    }

    fn forget(&self, gone: impl Fn(&Open) -> bool) {
        self.requests.send_if_modified(|requests| {
            let before = requests.open.len();
            requests.open.retain(|_, request| !gone(request));
            requests.open.len() != before
        });
    }

    /// The page is no more.
    pub fn end(&self) {
        self.requests.send_modify(|requests| requests.ended = true);
    }

    /// Waits until at most so many requests have been without a response for so long, as Puppeteer counts them.
    pub async fn idle(&self, concurrency: u32, quiet: Duration) {
        self.few(concurrency, quiet, Requests::unanswered).await;
    }

    /// Waits until no frame has had more requests under way than so many, for as long as the browser takes for a document's
    /// being idle.
    pub async fn quiet(&self, concurrency: u32) {
        self.few(concurrency, QUIET, Requests::busiest).await;
    }

    async fn few(&self, concurrency: u32, quiet: Duration, count: impl Fn(&Requests) -> usize) {
        let most = usize::try_from(concurrency).unwrap_or(usize::MAX);
        let mut requests = self.requests.subscribe();
        loop {
            // The sender lives as long as `self`.
            let _ = requests.wait_for(|requests| requests.ended || count(requests) <= most).await;
            let busy = requests.wait_for(|requests| !requests.ended && count(requests) > most);
            if timeout(quiet, busy).await.is_err() {
                return;
            }
        }
    }

    /// Waits until a request is not under way any more.
    pub async fn finished(&self, id: &str) {
        // The sender lives as long as `self`.
        let _ = self.requests.subscribe().wait_for(|requests| requests.ended || !requests.open.contains_key(id)).await;
    }

    pub fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rules {
    /// Which requests have to stop for them: parameters of `Fetch.enable`, none if no request has to.
    pub fn patterns(&self) -> Option<Value> {
        // Only a request that has stopped is asked for credentials.
        let answers = !self.credentials.is_empty();
        if answers || self.intercept {
            return Some(json!({ "handleAuthRequests": answers, "patterns": [{ "urlPattern": "*" }] }));
        }
        let kinds = [(self.no_images, "Image"), (self.rewrite.is_some() || self.locked, "Document")];
        let kinds: Vec<Value> = kinds
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, kind)| json!({ "urlPattern": "*", "resourceType": kind }))
            .collect();
        (!kinds.is_empty()).then(|| json!({ "patterns": kinds }))
    }
}

impl Network {
    /// Applies the rules to a request that has stopped.
    pub fn intercept(&self, target: &Target, session: &Session, method: &str, params: &str) -> serde_json::Result<()> {
        match method {
            "Fetch.requestPaused" => self.paused(target, session, serde_json::from_str(params)?),
            "Fetch.authRequired" => {
                let AuthRequired { request_id: id, auth_challenge } = serde_json::from_str(params)?;
                let asking = auth_challenge.source;
                let mut rules = self.rules();
                let first = rules.answered.insert((id.clone(), asking));
                let response = match rules.credentials.get(&asking) {
                    Some(Credentials { username, password }) if first => {
                        json!({ "response": "ProvideCredentials", "username": username, "password": password })
                    }
                    // Nobody is there whom a whole browser could ask.
                    _ => json!({ "response": "CancelAuth" }),
                };
                session.send("Fetch.continueWithAuth", json!({ "requestId": id, "authChallengeResponse": response }));
            }
            _ => {}
        }
        Ok(())
    }

    fn paused(&self, target: &Target, session: &Session, paused: RequestPaused) {
        let id = paused.request_id;
        let mut request = paused.request;
        let mut unchanged = json!({ "requestId": id });
        let document = paused.resource_type == "Document";
        let main = paused.frame_id == target.id;
        let told = {
            let mut rules = self.rules();
            if rules.no_images && paused.resource_type == "Image" {
                return session.send("Fetch.failRequest", json!({ "requestId": id, "errorReason": "BlockedByClient" }));
            }
            if rules.locked && document && main {
                return session.send("Fetch.failRequest", json!({ "requestId": id, "errorReason": "Aborted" }));
            }
            if document
                && main
                && paused.redirected_request_id.is_none()
                && let Some(rewrite) = rules.rewrite.take()
            {
                request.rewrite(rewrite);
                unchanged["headers"] = entries(request.headers.clone()).into();
                unchanged["method"] = request.method.as_str().into();
                if let Some(body) = &request.post_data {
                    unchanged["postData"] = BASE64_STANDARD.encode(body).into();
                }
            }
            if !rules.intercept {
                return session.send("Fetch.continueRequest", unchanged);
            }
            rules.held.insert(id.clone(), Held { session: session.clone(), unchanged });
            let network_id = paused.network_id.unwrap_or_else(|| id.clone());
            let mut told = audience::request(&network_id, request, &paused.resource_type, document, main);
            told["interception"] = id.into();
            told
        };
        target.audience.answer("intercepted", told);
    }

    /// A request that the program decides on.
    pub fn held(&self, id: &str) -> Result<Held> {
        self.rules()
            .held
            .get(id)
            .cloned()
            .ok_or_else(|| Error::new(Code::InvalidOption, format!("the request {id} does not wait for a decision")))
    }
}

/// Headers as the `Fetch` domain wants them; an array is several of one name.
pub fn entries(headers: Map<String, Value>) -> Vec<Value> {
    let mut entries = Vec::new();
    for (name, value) in headers {
        let values = if let Value::Array(values) = value { values } else { vec![value] };
        entries.extend(values.into_iter().map(|value| json!({ "name": name, "value": value })));
    }
    entries
}

/// Whether a response is for a script that reads it as it likes. The browser tells no end of what it must not store until
/// somebody has read it all, and of a stream of events none at all.
fn streams(kind: &str, headers: &Map<String, Value>) -> bool {
    let unstored = |(name, value): (&String, &Value)| {
        name.eq_ignore_ascii_case("cache-control")
            && value.as_str().is_some_and(|value| value.to_ascii_lowercase().contains("no-store"))
    };
    kind == "EventSource" || kind == "Fetch" && headers.iter().any(unstored)
}
