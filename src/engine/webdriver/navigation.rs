//! Navigations: started by a command, and over when the document has the state that was asked for. `WebDriver` tells of no
//! events, so scripts in the page wait for them, a slice of time each.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::{
    engine::{
        command::{Moments, Reply, World},
        deadline::Deadline,
        page_script,
    },
    error::{Code, Error, Result, shortened},
};

use super::{
    errors::{is_replaced, unsupported},
    page::WebDriverPage,
    pause::Pause,
};

/// One document, told from the next.
#[derive(Clone, PartialEq)]
struct Document {
    reached: bool,
    identity: Value,
}

impl WebDriverPage {
    /// The script that looks for the awaited state.
    fn state_script(&self, moments: Moments) -> Result<String> {
        // Elsewhere than in Chromium, a script ends with the document that it replaces.
        let scripts = self.scripts.load(Ordering::Relaxed) && self.session.is_chromium();
        if moments.idle.is_some() {
            return Err(unsupported("waitUntil \"networkidle\""));
        }
        Ok(page_script::document_state(moments.load, scripts))
    }

    pub async fn goto(
        &self,
        url: &str,
        (referrer, policy): (Option<String>, Option<String>),
        moments: Moments,
        deadline: &Deadline,
    ) -> Result<Reply> {
        let state = self.state_script(moments)?;
        let what = format!("page.goto({:?})", shortened(url));
        // A server that keeps silent keeps the session busy beyond this timeout; closing the tab ends that.
        deadline
            .navigation(&what, async {
                self.main_frame().await?;
                self.navigate(url, referrer, policy).await?;
                self.settle(&state).await?;
                self.response().await
            })
            .await
    }

    /// Starts a navigation and waits until its response is there.
    async fn navigate(&self, url: &str, referrer: Option<String>, policy: Option<String>) -> Result<()> {
        let failed = |reason: &str| Error::navigation(url, reason);
        if !self.session.is_chromium() {
            if referrer.is_some() || policy.is_some() {
                return Err(unsupported("referer with this browser"));
            }
            return self.session.post("url", json!({ "url": url })).await.map(drop).map_err(|error| match error.code {
                Code::BrowserGone | Code::Timeout => error,
                _ => failed(&error.message),
            });
        }
        let mut params = json!({ "url": url });
        if let Some(referrer) = referrer {
            params["referrer"] = referrer.into();
        }
        if let Some(policy) = policy {
            params["referrerPolicy"] = policy.into();
        }
        let answer = self.session.cdp("Page.navigate", params).await.map_err(|error| match error.code {
            Code::BrowserGone => error,
            _ => failed(&error.message),
        })?;
        match answer["errorText"].as_str() {
            Some(reason) if !reason.is_empty() => Err(failed(reason)),
            _ => Ok(()),
        }
    }

    pub async fn reload(&self, moments: Moments, deadline: &Deadline) -> Result<Reply> {
        let state = self.state_script(moments)?;
        deadline
            .navigation("page.reload", async {
                let before = self.document(&state).await?;
                if self.session.is_chromium() {
                    self.session.cdp("Page.reload", json!({})).await?;
                } else {
                    self.session.post("refresh", json!({})).await?;
                }
                self.next_document(&before, &state).await
            })
            .await
    }

    /// The end of a navigation that something else starts.
    pub async fn wait_for_navigation(&self, moments: Moments, deadline: &Deadline) -> Result<Reply> {
        let state = self.state_script(moments)?;
        deadline
            .navigation("page.waitForNavigation", async {
                let before = self.document(&state).await?;
                self.next_document(&before, &state).await
            })
            .await
    }

    /// One step in the history; null at its end, as Puppeteer.
    pub async fn traverse(&self, step: i64, moments: Moments, deadline: &Deadline) -> Result<Reply> {
        let state = self.state_script(moments)?;
        deadline
            .navigation(if step < 0 { "page.goBack" } else { "page.goForward" }, async {
                let before = self.document(&state).await?;
                if self.session.is_chromium() {
                    let history = self.session.cdp("Page.getNavigationHistory", json!({})).await?;
                    let wanted = history["currentIndex"].as_i64().unwrap_or_default() + step;
                    let entry = usize::try_from(wanted).ok().and_then(|index| history["entries"].get(index));
                    let Some(entry) = entry else { return Ok(Reply::NOTHING) };
                    self.session.cdp("Page.navigateToHistoryEntry", json!({ "entryId": entry["id"] })).await?;
                } else {
                    self.session.post(if step < 0 { "back" } else { "forward" }, json!({})).await?;
                    if self.document(&state).await?.identity == before.identity {
                        return Ok(Reply::NOTHING);
                    }
                }
                self.next_document(&before, &state).await
            })
            .await
    }

    pub async fn set_content(&self, html: &str, moments: Moments, deadline: &Deadline) -> Result<()> {
        let state = self.state_script(moments)?;
        let write = page_script::set_content(html, self.scripts.load(Ordering::Relaxed));
        deadline
            .navigation("page.setContent", async {
                self.main_frame().await?;
                if !self.session.is_chromium() {
                    self.session.value_of(&write, World::Page).await?;
                    return self.settle(&state).await;
                }
                let written = self.session.value_of(&format!("({write}, {state})"), World::Page).await?;
                if written[0] == true { Ok(()) } else { self.settle(&state).await }
            })
            .await
    }

    /// Looks until the document has the state that the script tells of.
    async fn settle(&self, state: &str) -> Result<()> {
        let mut pause = Pause::new();
        loop {
            match self.session.value_of(state, World::Page).await {
                Ok(seen) if seen[0] == true => return Ok(()),
                Ok(_) => pause.wait().await,
                Err(error) if is_replaced(&error) => pause.wait().await,
                Err(error) => return Err(error),
            }
        }
    }

    /// The current document, with the script that looks for the awaited state.
    async fn document(&self, state: &str) -> Result<Document> {
        let mut pause = Pause::new();
        loop {
            match self.session.value_of(state, World::Page).await {
                Ok(Value::Array(mut seen)) if !seen.is_empty() => {
                    let reached = seen.remove(0) == true;
                    return Ok(Document { reached, identity: Value::Array(seen) });
                }
                // Geckodriver answers null when a navigation took the document away in the middle.
                Ok(_) => pause.wait().await,
                Err(error) if is_replaced(&error) => pause.wait().await,
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits until another document, or the same at another URL, has the awaited state.
    async fn next_document(&self, before: &Document, state: &str) -> Result<Reply> {
        let mut pause = Pause::new();
        loop {
            let seen = self.document(state).await?;
            if seen.reached && seen.identity != before.identity {
                return self.response().await;
            }
            pause.wait().await;
        }
    }

    /// What `goto` and its kin resolve to. `WebDriver` has no access to the headers.
    async fn response(&self) -> Result<Reply> {
        let response = self.session.execute_in_own_world(page_script::RESPONSE, Vec::new()).await?;
        Ok(Reply::Json(json!({ "url": response["url"], "requests": [], "response": response })))
    }
}
