//! A slot: the session that is its own, and the tab that is its page.

use std::sync::Arc;

use serde_json::json;
use url::Url;

use crate::{
    engine::{
        command::Viewport,
        devtools::metrics,
        page_script::{CLEAR, DISMISS_DIALOGS, DISOWN, INSTALL_RUNTIME},
    },
    error::{Code, Result},
};

use super::{http::Http, session::Session, tabs::Tabs};

/// See the [module](self).
pub(super) struct Slot {
    pub endpoint: Url,
    pub session: Arc<Session>,
    tabs: Tabs,
    http: Http,
    /// Whether the slot has handed out a page.
    pub used: bool,
}

impl Slot {
    pub fn new(endpoint: Url, session: Session, http: Http) -> Self {
        Self { endpoint, session: Arc::new(session), tabs: Tabs::new(http.clone()), http, used: false }
    }

    /// Another session takes the place of one that has ended.
    pub fn replace(&mut self, session: Session) {
        self.session = Arc::new(session);
        self.tabs = Tabs::new(self.http.clone());
    }

    /// Destroys the slot's page and everything that it opened, and makes a new one.
    pub async fn fresh_tab(&mut self) -> Result<()> {
        let Self { session, tabs, .. } = self;
        let touched = std::mem::take(&mut *session.touched.lock().await);
        tabs.renew(session).await?;
        if touched.input {
            session.delete("actions").await?;
        }
        if session.is_chromium() {
            let first = format!("{} {DISMISS_DIALOGS}", *INSTALL_RUNTIME);
            let first = json!({ "source": first, "runImmediately": true });
            session.cdp("Page.addScriptToEvaluateOnNewDocument", first).await?;
            // A page that was rendered ahead would take the place of the tab's as a target of its own, which has another id.
            match session.cdp("Page.setPrerenderingAllowed", json!({ "isAllowed": false })).await {
                // The browser does not know the method.
                Err(error) if error.code == Code::Unsupported => {}
                told => drop(told?),
            }
            // Chromedriver would have them land in its own folder.
            session.cdp("Browser.setDownloadBehavior", json!({ "behavior": "deny" })).await?;
        }
        default_viewport(session).await
    }

    /// Isolation "reuse": an empty document in the same tab, and everything that was set put back.
    pub async fn reuse(&self) -> Result<()> {
        let session = &self.session;
        let touched = std::mem::take(&mut *session.touched.lock().await);
        if touched.frame {
            session.post("frame", json!({ "id": null })).await?;
        }
        if touched.input {
            session.delete("actions").await?;
        }
        for (method, params) in touched.undo {
            session.cdp(method, params).await?;
        }
        self.tabs.close_others(session).await?;
        // A popup that is its opener may take a while to be gone.
        session.execute(&format!("{DISOWN}; {CLEAR}"), Vec::new()).await?;
        default_viewport(session).await
    }
}

async fn default_viewport(session: &Session) -> Result<()> {
    if session.is_chromium() {
        session.cdp("Emulation.setDeviceMetricsOverride", metrics(Viewport::DEFAULT)).await?;
    }
    Ok(())
}
