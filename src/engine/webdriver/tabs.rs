//! The browser tab that is a slot's page: made new for every attempt, closed with all that it opened.
//!
//! Chromium's `DevTools` endpoint makes and closes tabs beside the session, so a page that loops for ever, or a command
//! that never ends, costs its tab and nothing else. Its next tab is made ahead, while the current one works, so that the
//! start of its renderer is waited for by nobody. Elsewhere the session itself has to do it.

use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::error::{Error, Result};

use super::{http::Http, session::Session};

pub(super) struct Tabs {
    devtools: Option<String>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<String>,
    spare: Option<String>,
}

impl Tabs {
    /// `devtools` is the address of Chromium's endpoint, where it can be reached.
    pub fn new(devtools: Option<String>) -> Self {
        Self { devtools, state: Mutex::default() }
    }

    /// A brand-new tab becomes the current one; every other is closed.
    pub async fn renew(&self, session: &Session, http: &Http) -> Result<()> {
        let mut state = self.state.lock().await;
        let Some(address) = &self.devtools else {
            let made = session.post("window/new", json!({ "type": "tab" })).await?;
            let handle = text(&made, "handle")?;
            state.current = Some(handle);
            drop(state);
            return self.close_others(session, http).await;
        };
        let next = match state.spare.take() {
            Some(spare) => spare,
            None => open(address, http).await?,
        };
        close_all_but(&[&next], address, http).await?;
        session.post("window", json!({ "handle": next })).await?;
        let spare = open(address, http).await?;
        // The spare one came to the front, and a tab behind it has no frames.
        http.get(&format!("http://{address}/json/activate/{next}")).await?;
        // A tab that was about to show another page has survived being closed.
        close_all_but(&[&next, &spare], address, http).await?;
        state.current = Some(next);
        state.spare = Some(spare);
        Ok(())
    }

    /// The current tab, of which the top frame is called the same.
    pub async fn current(&self) -> Result<String> {
        self.state.lock().await.current.clone().ok_or_else(|| Error::gone("there is no tab"))
    }

    /// Closes what the current tab has opened.
    pub async fn close_others(&self, session: &Session, http: &Http) -> Result<()> {
        let state = self.state.lock().await;
        let kept: Vec<&str> = [&state.current, &state.spare].into_iter().flatten().map(String::as_str).collect();
        if let Some(address) = &self.devtools {
            return close_all_but(&kept, address, http).await;
        }
        let handles = session.get("window/handles").await?;
        for handle in handles.as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !kept.contains(&handle) {
                session.post("window", json!({ "handle": handle })).await?;
                session.delete("window").await?;
            }
        }
        match &state.current {
            Some(current) => session.post("window", json!({ "handle": current })).await.map(drop),
            None => Ok(()),
        }
    }
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
