//! A page's requests that are under way, as far as somebody waits for the network to be idle.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use serde_json::{Map, Value};
use tokio::{sync::watch, time::timeout};

use crate::{
    engine::cdp::{
        connection::Session,
        protocol::{LoadingFailed, LoadingFinished, NetworkEvent},
    },
    error::shortened,
};

/// How long the network is quiet before it counts as idle, as the browser has it.
const QUIET: Duration = Duration::from_millis(500);

/// How many requests a message names.
const NAMED: usize = 5;

/// The schemes of requests that do not leave the browser's process.
const WITHIN: [&str; 3] = ["data:", "blob:", "about:"];

/// Whose session tells of requests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// The page's, or that of a frame in another process.
    Frame,
    /// A worker's.
    Worker,
}

/// See the [module](self).
#[derive(Default)]
pub struct Network {
    requests: watch::Sender<Requests>,
    /// The page has sent a request that left the browser's process.
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
    requester: Requester,
    /// The session that told of it.
    session: Session,
    frame: Option<String>,
    /// As a message shows it.
    url: String,
    /// Whether it is for a document itself.
    navigates: bool,
    progress: Progress,
}

/// How far a request has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Asked,
    /// The body of its response is on its way.
    Answered,
    /// The body of the response is read by a script as it likes, and the browser may never tell of its end.
    Streams,
}

/// Who has made a request: when a requester is gone, so are its requests.
enum Requester {
    /// A document, by its loader.
    Document(String),
    Worker,
}

impl Requests {
    /// How many have had no response.
    fn unanswered(&self) -> usize {
        self.open.values().filter(|request| request.progress == Progress::Asked).count()
    }

    /// How many are under way in the frame that has most of them; a worker's are the page's, and those for documents nobody's,
    /// as the browser counts them.
    fn busiest(&self) -> usize {
        let mut frames: HashMap<Option<&str>, usize> = HashMap::new();
        for request in self.open.values().filter(|request| request.progress != Progress::Streams && !request.navigates)
        {
            *frames.entry(request.frame.as_deref()).or_default() += 1;
        }
        frames.into_values().max().unwrap_or_default()
    }
}

impl Network {
    /// Takes note of one event of this session.
    pub fn hear(&self, session: &Session, of: SessionKind, event: &NetworkEvent) {
        match event {
            NetworkEvent::RequestSent(sent) => {
                if !WITHIN.iter().any(|scheme| sent.request.url.starts_with(scheme)) {
                    self.asked.store(true, Ordering::Relaxed);
                }
                let requester = match of {
                    SessionKind::Worker => Requester::Worker,
                    // A worker's own script: the worker's session tells of the request's end, where we have one.
                    SessionKind::Frame if sent.loader_id.is_empty() => return,
                    SessionKind::Frame => Requester::Document(sent.loader_id.clone()),
                };
                let request = Open {
                    requester,
                    session: session.clone(),
                    frame: sent.frame_id.clone(),
                    url: shortened(&sent.request.url).into_owned(),
                    navigates: sent.request_id == sent.loader_id,
                    progress: Progress::Asked,
                };
                self.requests.send_modify(|requests| drop(requests.open.insert(sent.request_id.clone(), request)));
            }
            NetworkEvent::ConnectionMade => self.asked.store(true, Ordering::Relaxed),
            NetworkEvent::LoadingFinished(LoadingFinished { request_id, .. })
            | NetworkEvent::LoadingFailed(LoadingFailed { request_id, .. }) => {
                self.requests.send_if_modified(|requests| requests.open.remove(request_id).is_some());
            }
            NetworkEvent::ResponseReceived(received) => {
                let streams = streams(&received.kind, &received.response.headers);
                let progress = if streams { Progress::Streams } else { Progress::Answered };
                self.requests.send_if_modified(|requests| {
                    requests.open.get_mut(&received.request_id).map(|request| request.progress = progress).is_some()
                });
            }
            NetworkEvent::RequestSentExtra(_)
            | NetworkEvent::ResponseReceivedExtra(_)
            | NetworkEvent::ServedFromCache(_) => {}
        }
    }

    /// Whether a request has left the browser's process, as far as the page's requests were watched.
    pub fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Another document has come, whose loader this is: the requests of the one before do not count any more, and the browser may
    /// never tell of their end.
    pub fn left(&self, loader: &str) {
        self.forget(|request| !matches!(&request.requester, Requester::Document(document) if document == loader));
    }

    /// The session of a worker, or of a frame that had a process of its own, has ended, and so have its requests.
    pub fn abandon(&self, session: &Session) {
        self.forget(|request| request.session.is(session));
    }

    /// A frame is gone, and the browser may never tell of the end of its requests.
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

    /// What is under way, for a message about a time that is over.
    pub fn pending(&self) -> String {
        let requests = self.requests.borrow();
        let mut urls: Vec<&str> = requests.open.values().map(|request| request.url.as_str()).collect();
        if urls.is_empty() {
            return String::new();
        }
        urls.sort_unstable();
        let more = urls.len().saturating_sub(NAMED);
        urls.truncate(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("; under way were the requests to {}{more}", urls.join(", "))
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
