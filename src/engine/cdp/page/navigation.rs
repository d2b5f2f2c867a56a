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
                frames::{Frames, Position},
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

/// Where a navigation has led.
struct Arrival {
    loader: String,
    unreachable: Option<String>,
    moved: bool,
}

impl Arrival {
    fn at(frames: &Frames, before: &Position) -> Self {
        let top = frames.top();
        Self {
            loader: top.map(|frame| frame.loader.clone()).unwrap_or_default(),
            unreachable: top.and_then(|frame| frame.unreachable.clone()),
            moved: frames.position().same_document(before),
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
    pub(super) async fn goto(
        &self,
        url: &str,
        referer: Option<String>,
        rewrite: Option<Rewrite>,
        moments: Moments,
    ) -> Result<Reply> {
        self.prepare().await?;
        let rewritten = rewrite.is_some();
        if let Some(rewrite) = rewrite {
            self.rewrite_next(rewrite).await?;
        }
        let stops = self.stops();
        let navigated = self.navigate(url, referer).await;
        if rewritten {
            self.rewrite_no_more().await?;
        }
        let Some(loader) = navigated? else { return self.here().await };
        let arrived = self
            .as_far(stops, moments, |frames| frames.has_had(&loader).then(|| frames.position().loader().to_owned()));
        let arrived = arrived.await?;
        self.response(&arrived).await
    }

    /// Before another document comes.
    async fn prepare(&self) -> Result<()> {
        self.choose(None);
        self.target.watch_network();
        self.target.heard().await
    }

    /// Starts a navigation and waits until its response is there. The new document's loader, or none within a document.
    async fn navigate(&self, url: &str, referer: Option<String>) -> Result<Option<String>> {
        let failed = |reason: &str| Error::navigation(url, reason);
        let mut params = json!({ "url": url });
        if let Some(referer) = referer {
            params["referrer"] = referer.into();
        }
        let patience = StopUnlessDone { session: &self.target.session, done: false };
        let answer = self.target.session.call("Page.navigate", params).await;
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

    pub(super) async fn reload(&self, moments: Moments) -> Result<Reply> {
        self.prepare().await?;
        let before = self.target.frames.borrow().position();
        let stops = self.stops();
        self.target.session.call("Page.reload", json!({})).await?;
        self.after(&before, stops, moments).await
    }

    /// One step in the history; null at its end, as Puppeteer.
    pub(super) async fn traverse(&self, step: i64, moments: Moments) -> Result<Reply> {
        self.prepare().await?;
        let before = self.target.frames.borrow().position();
        let history: NavigationHistory =
            self.target.session.call("Page.getNavigationHistory", json!({})).await?.read()?;
        let entry = usize::try_from(history.current_index + step).ok().and_then(|index| history.entries.get(index));
        let Some(entry) = entry else { return Ok(Reply::NOTHING) };
        let stops = self.stops();
        self.target.session.call("Page.navigateToHistoryEntry", json!({ "entryId": entry.id })).await?;
        self.after(&before, stops, moments).await
    }

    pub(super) async fn wait_for_navigation(&self, moments: Moments) -> Result<Reply> {
        self.target.watch_network();
        let before = self.target.frames.borrow().position();
        self.after(&before, self.stops(), moments).await
    }

    /// Waits until the main frame is elsewhere, and as far as wanted there.
    async fn after(&self, before: &Position, stops: u64, moments: Moments) -> Result<Reply> {
        let arrival =
            self.as_far(stops, moments, |frames| (frames.position() != *before).then(|| Arrival::at(frames, before)));
        let arrival = arrival.await?;
        match arrival.unreachable {
            Some(url) => Err(Error::new(Code::Navigation, format!("{url} could not be loaded"))),
            None if arrival.moved => self.here().await,
            None => self.response(&arrival.loader).await,
        }
    }

    /// Replaces the document's content as `document.write()` does: globals stay, scripts run, and loading starts over.
    pub(super) async fn set_content(&self, html: &str, moments: Moments) -> Result<()> {
        self.choose(None);
        // A later wait for the network has to know of the requests of this document.
        self.target.watch_network();
        let (id, starts) = {
            let frames = self.target.frames.borrow();
            (frames.main.clone(), frames.starts())
        };
        let stops = self.stops();
        self.target.session.call("Page.setDocumentContent", json!({ "frameId": id, "html": html })).await?;
        // What the browser tells of the network may be of the content before.
        self.counted(stops, moments, |frames| (frames.starts() > starts).then_some(())).await
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

    /// How often the loading was stopped. To be looked at right before what loads is asked for: a stop can come before the
    /// answer.
    fn stops(&self) -> u64 {
        self.target.frames.borrow().stops
    }

    /// Waits until the document that `look` answers for is as far as wanted.
    async fn as_far<T>(&self, stops: u64, moments: Moments, look: impl Fn(&Frames) -> Option<T>) -> Result<T> {
        let told = self.loaded(stops, |frames| look(frames).filter(|_| frames.has_reached(moments)));
        if moments.idle.is_none() {
            return told.await;
        }
        // The browser counts a response whose body nobody reads for ever.
        tokio::select! {
            told = told => told,
            counted = self.counted(stops, moments, &look) => counted,
        }
    }

    /// The same by our own count of requests: the browser tells once a document that the network is quiet, and no more when
    /// its content is replaced later.
    async fn counted<T>(&self, stops: u64, moments: Moments, look: impl Fn(&Frames) -> Option<T>) -> Result<T> {
        let document = moments.of_the_document();
        loop {
            let reached =
                |frames: &Frames| Some((look(frames).filter(|_| frames.has_reached(document))?, frames.starts()));
            let (found, starts) = self.loaded(stops, reached).await?;
            let Some(concurrency) = moments.idle else { return Ok(found) };
            tokio::select! {
                () = self.target.network.quiet(concurrency) => return Ok(found),
                // Another document, or another content of this one, starts over; a stop ends it.
                over = self.loaded(stops, |frames| (frames.starts() != starts).then_some(())) => over?,
            }
        }
    }

    /// Waits until the frames' state answers; a document whose loading was stopped gets no further.
    async fn loaded<T>(&self, stops: u64, mut look: impl FnMut(&Frames) -> Option<T>) -> Result<T> {
        let stopped = || Error::new(Code::Navigation, "page.stop ended the loading");
        self.target
            // A stop counts first: what it ends counts as loaded as well.
            .until(|frames| if frames.stops > stops { Some(Err(stopped())) } else { look(frames).map(Ok) })
            .await?
    }

    /// An empty document in place of the current one.
    pub async fn empty(&self) -> Result<()> {
        self.set_content("", Moments::LOAD).await
    }

    /// What `goto` and its kin resolve to.
    async fn response(&self, loader: &str) -> Result<Reply> {
        match self.target.exchanges.response(loader).await {
            Some(response) => Ok(Reply::Json(response)),
            None => self.here().await,
        }
    }

    /// The main document's URL.
    pub(super) async fn url(&self) -> Result<Value> {
        self.top().execute("return location.href", &[]).await
    }

    /// What `goto` and its kin resolve to where no server answered.
    async fn here(&self) -> Result<Reply> {
        Ok(Reply::Json(json!({ "url": self.url().await?, "status": Value::Null, "headers": Value::Null })))
    }
}
