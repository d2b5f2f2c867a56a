//! The browser tab that is a slot's page: made new for every attempt, closed with all that it opened.
//!
//! Chromium's `DevTools` endpoint makes and closes tabs beside the session, so a page that loops for ever, or a command
//! that never ends, costs its tab and nothing else. Its next tab is made ahead, while the current one works, so that the
//! start of its renderer is waited for by nobody. Elsewhere the session itself has to do it.

use serde_json::{Value, json};

use crate::error::{Error, Result};

use super::{http::Http, session::Session};

/// The tabs of one session.
pub(super) struct Tabs {
    http: Http,
    /// Made ahead, for the next page.
    spare: Option<String>,
}

impl Tabs {
    pub fn new(http: Http) -> Self {
        Self { http, spare: None }
    }

    /// A brand-new tab becomes the session's current one; every other is closed.
    pub async fn renew(&mut self, session: &Session) -> Result<()> {
        let Some(address) = &session.devtools else {
            let made = session.post("window/new", json!({ "type": "tab" })).await?;
            return close_windows_but(&text(&made, "handle")?, session).await;
        };
        let http = &self.http;
        let next = match self.spare.take() {
            Some(spare) => spare,
            None => open(address, http).await?,
        };
        close_all_but(&[&next], address, http).await?;
        session.switch_to(&next).await?;
        let spare = open(address, http).await?;
        // The spare one came to the front, and a tab behind it has no frames.
        http.get(&format!("http://{address}/json/activate/{next}")).await?;
        // A tab that was about to show another page has survived being closed.
        close_all_but(&[&next, &spare], address, http).await?;
        self.spare = Some(spare);
        Ok(())
    }

    /// Closes what the session's current tab has opened.
    pub async fn close_others(&self, session: &Session) -> Result<()> {
        let current = session.tab().ok_or_else(|| Error::gone("there is no tab"))?;
        let Some(address) = &session.devtools else { return close_windows_but(&current, session).await };
        let kept: Vec<&str> = [Some(&current), self.spare.as_ref()].into_iter().flatten().map(String::as_str).collect();
        close_all_but(&kept, address, &self.http).await
    }
}

/// Closes all others by the driver, and comes back to this one.
async fn close_windows_but(kept: &str, session: &Session) -> Result<()> {
    let handles = session.get("window/handles").await?;
    for handle in handles.as_array().into_iter().flatten().filter_map(Value::as_str).filter(|&handle| handle != kept) {
        session.post("window", json!({ "handle": handle })).await?;
        session.delete("window").await?;
    }
    session.switch_to(kept).await
}

async fn open(address: &str, http: &Http) -> Result<String> {
    text(&http.put(&format!("http://{address}/json/new?about:blank")).await?, "id")
}

async fn close_all_but(kept: &[&str], address: &str, http: &Http) -> Result<()> {
    let targets = http.get(&format!("http://{address}/json/list")).await?;
    let pages = targets.as_array().into_iter().flatten().filter(|target| target["type"] == "page");
    for id in pages.filter_map(|target| target["id"].as_str()).filter(|id| !kept.contains(id)) {
        http.get(&format!("http://{address}/json/close/{id}")).await?;
    }
    Ok(())
}

fn text(answer: &Value, key: &str) -> Result<String> {
    answer[key]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| Error::gone(format!("no {key} in the browser's answer {answer}")))
}
