//! Going to documents, and waiting until they are as far as wanted.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    engine::{
        cdp::{
            connection::Session,
            protocol::{Navigated, NavigationHistory},
            target::{
                frames::{Frame, Position},
                interception::Rewrite,
            },
        },
        command::{Moments, Reply},
    },
    error::{Code, Error, Result},
};

use super::CdpPage;

/// What Chromium says of a page that has left one document and not yet come to the next.
const BETWEEN_DOCUMENTS: &str = "Not attached to an active page";
/// How long that may take.
const NEXT_DOCUMENT: Duration = Duration::from_secs(1);

/// How a navigation is asked for.
pub(super) struct Request<'a> {
    pub url: &'a str,
    pub referer: Option<String>,
    pub referrer_policy: Option<String>,
    pub rewrite: Option<Rewrite>,
}

/// What is waited for in a frame. To be made right before what loads is asked for: a stop can come before the answer.
struct Wait<'a> {
    frame: &'a str,
    moments: Moments,
    /// How often the page's loading had been stopped.
    stops: u64,
}

/// Where a navigation has led.
struct Arrival {
    loader: String,
    unreachable: Option<String>,
    moved: bool,
}

impl Arrival {
    fn at(frame: &Frame, before: &Position) -> Self {
        Self {
            loader: frame.loader.clone(),
            unreachable: frame.unreachable.clone(),
            moved: frame.position().same_document(before),
        }
    }
}

/// Ends a navigation whose response nobody waits for any more: until it has come, the page answers nothing.
struct StopUnlessDone<'a> {
    session: &'a Session,
    done: bool,
}

impl StopUnlessDone<'_> {
    fn done(mut self) {
        self.done = true;
    }
}

impl Drop for StopUnlessDone<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.session.send("Page.stopLoading", json!({}));
        }
    }
}

impl CdpPage {
    /// Has a frame go elsewhere; the main one if none is named.
    pub(super) async fn goto(&self, frame: Option<&str>, request: Request<'_>, moments: Moments) -> Result<Reply> {
        let id = self.frame_or_main(frame);
        self.prepare(frame.is_none()).await?;
        let rewritten = request.rewrite.is_some();
        if let Some(rewrite) = request.rewrite {
            self.rewrite_next(rewrite).await?;
        }
        let before = self.target.frames.borrow().get(&id).map(Frame::position).ok_or_else(detached)?;
        let wait = self.wait(&id, moments);
        let navigated = self.navigate(&wait, request.url, request.referer, request.referrer_policy).await;
        if rewritten {
            self.rewrite_no_more().await?;
        }
        match navigated? {
            Some(loader) => {
                let come = |frame: &Frame| frame.has_had(&loader).then(|| frame.loader.clone());
                let arrived = self.as_far(&wait, come).await?;
                self.response(&id, &arrived).await
            }
            None => self.after(&before, &wait).await,
        }
    }

    /// Before another document comes.
    async fn prepare(&self, main: bool) -> Result<()> {
        if main {
            self.choose(None);
        }
        // A response that a navigation gives can be read.
        self.target.keep_bodies();
        self.target.heard().await
    }

    /// Starts a navigation and waits until its response is there. The new document's loader, or none within a document.
    async fn navigate(
        &self,
        wait: &Wait<'_>,
        url: &str,
        referer: Option<String>,
        policy: Option<String>,
    ) -> Result<Option<String>> {
        let failed = |reason: &str| Error::navigation(url, reason);
        let mut params = json!({ "url": url, "frameId": wait.frame });
        if let Some(referer) = referer {
            params["referrer"] = referer.into();
        }
        if let Some(policy) = policy {
            params["referrerPolicy"] = policy.into();
        }
        let session = self.target.frames.borrow().get(wait.frame).map(|frame| frame.session.clone());
        let session = session.ok_or_else(detached)?;
        let patience = StopUnlessDone { session: &session, done: false };
        let answer = tokio::select! {
            answer = session.call("Page.navigate", params) => answer,
            gone = self.gone(wait.frame) => return Err(gone),
        };
        patience.done();
        let answer = answer.map_err(|error| match error.code {
            Code::BrowserGone | Code::PageClosed => error,
            _ => failed(&error.message),
        })?;
        let Navigated { loader_id, error_text } = answer.read()?;
        match error_text {
            Some(reason) if !reason.is_empty() => Err(failed(&reason)),
            _ => Ok(loader_id),
        }
    }

    /// Waits until a frame is no more; of a page that is no more, others tell.
    async fn gone(&self, frame: &str) -> Error {
        match self.target.until(|frames| frames.get(frame).is_none().then_some(())).await {
            Ok(()) => detached(),
            Err(_) => std::future::pending().await,
        }
    }

    pub(super) async fn reload(&self, moments: Moments, ignore_cache: bool) -> Result<Reply> {
        self.prepare(true).await?;
        let main = self.frame_or_main(None);
        let before = self.target.frames.borrow().position();
        let wait = self.wait(&main, moments);
        self.target.session.call("Page.reload", json!({ "ignoreCache": ignore_cache })).await?;
        self.after(&before, &wait).await
    }

    /// One step in the history; null at its end, as Puppeteer.
    pub(super) async fn traverse(&self, step: i64, moments: Moments) -> Result<Reply> {
        self.prepare(true).await?;
        let main = self.frame_or_main(None);
        let before = self.target.frames.borrow().position();
        let history: NavigationHistory =
            self.target.session.call("Page.getNavigationHistory", json!({})).await?.read()?;
        let entry = usize::try_from(history.current_index + step).ok().and_then(|index| history.entries.get(index));
        let Some(entry) = entry else { return Ok(Reply::NOTHING) };
        let wait = self.wait(&main, moments);
        self.target.session.call("Page.navigateToHistoryEntry", json!({ "entryId": entry.id })).await?;
        self.after(&before, &wait).await
    }

    /// Waits until a frame, or the main one, goes elsewhere by itself.
    pub(super) async fn wait_for_navigation(&self, frame: Option<&str>, moments: Moments) -> Result<Reply> {
        self.target.keep_bodies();
        let id = self.frame_or_main(frame);
        let before = self.target.frames.borrow().get(&id).map(Frame::position).ok_or_else(detached)?;
        self.after(&before, &self.wait(&id, moments)).await
    }

    /// Waits until the frame is elsewhere, and as far as wanted there.
    async fn after(&self, before: &Position, wait: &Wait<'_>) -> Result<Reply> {
        let arrival =
            self.as_far(wait, |frame| (frame.position() != *before).then(|| Arrival::at(frame, before))).await?;
        match arrival.unreachable {
            Some(url) => Err(Error::new(Code::Navigation, format!("{url} could not be loaded"))),
            None if arrival.moved => Ok(self.here(wait.frame)),
            None => self.response(wait.frame, &arrival.loader).await,
        }
    }

    /// Replaces the content of a frame's document as `document.write()` does: globals stay, scripts run, and loading starts over.
    pub(super) async fn set_content(&self, frame: Option<&str>, html: &str, moments: Moments) -> Result<()> {
        if frame.is_none() {
            self.choose(None);
        }
        // A later wait for the network has to know of the requests of this document.
        self.target.watch_network();
        let id = self.frame_or_main(frame);
        let (session, starts) = {
            let frames = self.target.frames.borrow();
            let frame = frames.get(&id).ok_or_else(detached)?;
            (frame.session.clone(), frame.starts)
        };
        let wait = self.wait(&id, moments);
        session.call("Page.setDocumentContent", json!({ "frameId": id, "html": html })).await?;
        // What the browser tells of the network may be of the content before.
        self.counted(&wait, |frame| (frame.starts > starts).then_some(())).await
    }

    /// Stops what is loading, and whoever waits for it.
    pub(super) async fn stop(&self) -> Result<()> {
        self.target.frames.send_modify(|frames| frames.stops += 1);
        let mut frames = self.target.frames.subscribe();
        loop {
            frames.mark_unchanged();
            match self.target.session.call("Page.stopLoading", json!({})).await {
                // One document is about to make way for the next, which is then the one to be stopped.
                Err(error) if error.message.contains(BETWEEN_DOCUMENTS) => {
                    if timeout(NEXT_DOCUMENT, frames.changed()).await.is_err() {
                        return Err(error);
                    }
                }
                stopped => return stopped.map(drop),
            }
        }
    }

    fn frame_or_main(&self, frame: Option<&str>) -> String {
        frame.map_or_else(|| self.target.frames.borrow().main.clone(), str::to_owned)
    }

    fn wait<'a>(&self, frame: &'a str, moments: Moments) -> Wait<'a> {
        Wait { frame, moments, stops: self.target.frames.borrow().stops }
    }

    /// Waits until the document that `look` answers for is as far as wanted.
    async fn as_far<T>(&self, wait: &Wait<'_>, look: impl Fn(&Frame) -> Option<T>) -> Result<T> {
        let told = self.reached(wait, wait.moments, &look);
        if wait.moments.idle.is_none() {
            return told.await;
        }
        // The browser counts a response whose body nobody reads for ever.
        tokio::select! {
            told = told => told,
            counted = self.counted(wait, &look) => counted,
        }
    }

    /// The same by our own count of requests: the browser tells once a document that the network is quiet, and no more when
    /// its content is replaced later.
    async fn counted<T>(&self, wait: &Wait<'_>, look: impl Fn(&Frame) -> Option<T>) -> Result<T> {
        let document = wait.moments.of_the_document();
        loop {
            let found_and_starts = |frame: &Frame| Some((look(frame)?, frame.starts));
            let (found, starts) = self.reached(wait, document, found_and_starts).await?;
            let Some(concurrency) = wait.moments.idle else { return Ok(found) };
            let other_start = |frame: &Frame| (frame.starts != starts).then_some(());
            tokio::select! {
                () = self.target.network.quiet(concurrency) => return Ok(found),
                // Another document, or another content of this one, starts over; a stop ends it.
                over = self.reached(wait, Moments::default(), other_start) => over?,
            }
        }
    }

    /// Waits until the frame answers and is as far as these moments; a document whose loading was stopped gets no further.
    async fn reached<T>(&self, wait: &Wait<'_>, moments: Moments, look: impl Fn(&Frame) -> Option<T>) -> Result<T> {
        self.target
            .until(|frames| {
                // A stop counts first: what it ends counts as loaded as well.
                if frames.stops > wait.stops {
                    return Some(Err(Error::new(Code::Navigation, "page.stop ended the loading")));
                }
                let Some(frame) = frames.get(wait.frame) else { return Some(Err(detached())) };
                look(frame).filter(|_| frames.has_reached_in(wait.frame, moments)).map(Ok)
            })
            .await?
    }

    /// An empty document in place of the current one.
    pub async fn empty(&self) -> Result<()> {
        self.set_content(None, "", Moments::LOAD).await
    }

    /// What `goto` and its kin resolve to.
    async fn response(&self, frame: &str, loader: &str) -> Result<Reply> {
        Ok(match self.target.exchanges.response(frame, loader).await {
            Some((requests, response)) => {
                Reply::Json(json!({ "url": response["url"], "requests": requests, "response": response }))
            }
            None => self.here(frame),
        })
    }

    /// The main document's URL.
    pub(super) async fn url(&self) -> Result<Value> {
        self.top().execute("return location.href", &[]).await
    }

    /// What `goto` and its kin resolve to where no server answered.
    fn here(&self, frame: &str) -> Reply {
        let frames = self.target.frames.borrow();
        let url = frames.get(frame).map(|frame| frame.url.as_str()).unwrap_or_default();
        Reply::Json(json!({ "url": url, "requests": [], "response": null }))
    }
}

fn detached() -> Error {
    Error::new(Code::Navigation, "Navigating frame was detached: it was removed from its page")
}
