//! A page's downloads, which the program listens for, waits for and cancels.

use serde_json::{Value, json};

use crate::{engine::cdp::target::downloads::cancelation, error::Result};

use super::CdpPage;

impl CdpPage {
    /// Has downloads allowed from now on.
    pub(super) fn allow_downloads(&self) {
        let params = self.downloads.behavior(true, self.target.context.as_deref());
        self.browser.send("Browser.setDownloadBehavior", params);
    }

    pub(super) async fn downloaded(&self, id: &str) -> Result<Value> {
        let path = self.downloads.ended(id).await?;
        let state = if path.is_some() { "completed" } else { "canceled" };
        Ok(json!({ "state": state, "path": path }))
    }

    pub(super) async fn cancel_download(&self, id: &str) -> Result<()> {
        let params = cancelation(id, self.target.context.as_deref());
        self.browser.call("Browser.cancelDownload", params).await.map(drop)
    }
}
