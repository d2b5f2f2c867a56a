//! What a page is made to believe of its browser, its machine and whoever looks at it.

use serde_json::{Value, json};

use crate::{
    engine::{
        cdp::target::settings::CLEAR_METRICS,
        command::{Emulation, Reply},
        devtools,
    },
    error::{Code, Error, Result},
};

use super::CdpPage;

impl CdpPage {
    pub(super) async fn emulate(&self, emulation: Emulation) -> Result<Reply> {
        match emulation {
            Emulation::Csp { bypassed } => self.set("Page.setBypassCSP", json!({ "enabled": bypassed })).await,
            Emulation::ServiceWorker { bypassed } => {
                self.set_network("Network.setBypassServiceWorker", json!({ "bypass": bypassed })).await
            }
            Emulation::Vision { deficiency } => {
                self.set("Emulation.setEmulatedVisionDeficiency", json!({ "type": deficiency })).await
            }
            Emulation::Cpu { rate } => self.set("Emulation.setCPUThrottlingRate", json!({ "rate": rate })).await,
            Emulation::Idle { user_active, screen_unlocked } => {
                let params = json!({ "isUserActive": user_active, "isScreenUnlocked": screen_unlocked });
                self.set("Emulation.setIdleOverride", params).await
            }
            Emulation::NotIdle {} => {
                self.target.unset("Emulation.setIdleOverride", "Emulation.clearIdleOverride").await?;
                Ok(Reply::NOTHING)
            }
            Emulation::Focus { enabled } => {
                self.set("Emulation.setFocusEmulationEnabled", json!({ "enabled": enabled })).await
            }
            Emulation::Network { offline, latency, download, upload } => {
                let params = devtools::network(offline, latency, download, upload);
                self.set_network("Network.emulateNetworkConditions", params).await
            }
            Emulation::WindowSize {} => self.take_window_size().await,
        }
    }

    /// The page has the size of its window, and no touch.
    async fn take_window_size(&self) -> Result<Reply> {
        self.target.keep_no_size();
        if self.put_down() {
            self.target.set("Emulation.setTouchEmulationEnabled", json!({ "enabled": false })).await?;
        }
        self.target.session.call(CLEAR_METRICS, json!({})).await.map(|_| Reply::NOTHING)
    }

    pub(super) async fn emulate_timezone(&self, timezone: &str) -> Result<Reply> {
        let set = self.set("Emulation.setTimezoneOverride", json!({ "timezoneId": timezone })).await;
        set.map_err(|error| {
            if !error.message.contains("Invalid timezone") {
                return error;
            }
            Error::new(Code::InvalidOption, format!("Invalid timezone ID: {timezone}; use a name of the tz database"))
        })
    }

    pub(super) async fn set_user_agent(
        &self,
        user_agent: Option<String>,
        platform: Option<&str>,
        metadata: Option<&Value>,
    ) -> Result<Reply> {
        let user_agent = match user_agent {
            Some(given) => given.into(),
            None => self.browser.call("Browser.getVersion", json!({})).await?.value()?["userAgent"].take(),
        };
        let mut params = json!({ "userAgent": user_agent });
        if let Some(platform) = platform {
            params["platform"] = platform.into();
        }
        if let Some(metadata) = metadata {
            params["userAgentMetadata"] = metadata.clone();
        }
        self.set("Emulation.setUserAgentOverride", params).await
    }
}
