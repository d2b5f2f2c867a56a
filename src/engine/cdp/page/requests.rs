//! What the program does with a page's requests, and what goes with them: interception, credentials, cookies, waiting for the
//! network.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use crate::{
    engine::{
        cdp::{
            connection::Session,
            protocol::AuthSource,
            target::{
                Target,
                interception::{Credentials, HeldRequest, Rewrite, Rules, entries},
            },
        },
        command::{Moments, Reply},
        devtools,
    },
    error::{Code, Error, Result},
};

use super::CdpPage;

/// What Chromium says where it has no body of a response.
const NO_BODY: &str = "No resource with given identifier found";

impl CdpPage {
    pub(super) async fn set_request_interception(&self, enabled: bool) -> Result<()> {
        if enabled {
            // Only the network's events tell of a request that its document gives up before it is decided on.
            self.target.watch_network();
        }
        self.rule(|rules| rules.intercept = enabled).await?;
        if !enabled {
            let held = std::mem::take(&mut self.target.interception.rules().held);
            for HeldRequest { session, unchanged, .. } in held.into_values() {
                session.send("Fetch.continueRequest", unchanged);
            }
        }
        Ok(())
    }

    pub(super) async fn continue_request(
        &self,
        id: &str,
        url: Option<String>,
        method: Option<String>,
        headers: Option<Map<String, Value>>,
        body: Option<String>,
    ) -> Result<()> {
        let Some(HeldRequest { session, unchanged: mut params, .. }) = self.target.interception.held(id)? else {
            return Ok(());
        };
        if let Some(url) = url {
            params["url"] = url.into();
        }
        if let Some(method) = method {
            params["method"] = method.into();
        }
        if let Some(headers) = headers {
            params["headers"] = entries(headers).into();
        }
        if let Some(body) = body {
            params["postData"] = BASE64_STANDARD.encode(body).into();
        }
        self.decide(id, &session, "Fetch.continueRequest", params).await
    }

    pub(super) async fn fulfill_request(
        &self,
        id: &str,
        (status, text): (u16, Option<String>),
        headers: Map<String, Value>,
        body: &str,
    ) -> Result<()> {
        let mut params =
            json!({ "requestId": id, "responseCode": status, "responseHeaders": entries(headers), "body": body });
        if let Some(text) = text {
            params["responsePhrase"] = text.into();
        }
        let Some(HeldRequest { session, .. }) = self.target.interception.held(id)? else { return Ok(()) };
        self.decide(id, &session, "Fetch.fulfillRequest", params).await
    }

    pub(super) async fn fail_request(&self, id: &str, reason: &str) -> Result<()> {
        let Some(HeldRequest { session, .. }) = self.target.interception.held(id)? else { return Ok(()) };
        self.decide(id, &session, "Fetch.failRequest", json!({ "requestId": id, "errorReason": reason })).await
    }

    /// A decision that the browser refuses leaves the request waiting for another one.
    async fn decide(&self, id: &str, session: &Session, method: &'static str, params: Value) -> Result<()> {
        match session.call(method, params).await {
            Ok(_) => {}
            // A request whose page has gone on without it needs no decision any more.
            Err(error) if error.message.contains("Invalid InterceptionId") => {}
            Err(error) => return Err(error),
        }
        self.target.interception.rules().held.remove(id);
        Ok(())
    }

    pub(super) async fn lock_navigation(&self, locked: bool) -> Result<()> {
        self.rule(|rules| rules.locked = locked).await
    }

    /// The body of a response, once all of it is there.
    pub(super) async fn response_body(&self, id: &str) -> Result<Vec<u8>> {
        self.target.network.finished(id).await;
        let mut failure = Error::refused(
            "Could not load body for this request. This might happen if the request is a preflight request.",
        );
        for session in self.target.requesters() {
            match session.call("Network.getResponseBody", json!({ "requestId": id })).await {
                Ok(answer) => return answer.body().await,
                Err(error) if error.code == Code::BrowserGone => return Err(error),
                Err(error) if error.message.contains(NO_BODY) => {}
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// The body of a request; null where there is none, or the browser does not keep it.
    pub(super) async fn post_data(&self, id: &str) -> Result<Value> {
        for session in self.target.requesters() {
            match session.call("Network.getRequestPostData", json!({ "requestId": id })).await {
                Ok(answer) => return Ok(answer.value()?["postData"].take()),
                Err(error) if error.code == Code::BrowserGone => return Err(error),
                Err(_) => {}
            }
        }
        Ok(Value::Null)
    }

    /// Changes the rules, and which requests stop for them.
    pub(super) async fn rule(&self, change: impl FnOnce(&mut Rules)) -> Result<()> {
        let patterns = {
            let mut rules = self.target.interception.rules();
            change(&mut rules);
            rules.patterns()
        };
        match patterns {
            Some(patterns) => self.target.set("Fetch.enable", patterns).await,
            None => self.target.unset("Fetch.enable", "Fetch.disable").await,
        }
    }

    /// Sends the next document request as told.
    pub(super) async fn rewrite_next(&self, rewrite: Rewrite) -> Result<()> {
        self.rule(|rules| rules.rewrite = Some(rewrite)).await
    }

    /// The request was sent, or will not be.
    pub(super) async fn rewrite_no_more(&self) -> Result<()> {
        self.rule(|rules| rules.rewrite = None).await
    }

    /// Gives these credentials to whoever asks, or none any more.
    pub async fn authenticate(&self, source: AuthSource, credentials: Option<Credentials>) -> Result<()> {
        self.rule(|rules| {
            match credentials {
                Some(credentials) => rules.credentials.insert(source, credentials),
                None => rules.credentials.remove(&source),
            };
            rules.answered.retain(|(_, answered)| *answered != source);
        })
        .await
    }

    pub(super) async fn set_load_images(&self, enabled: bool) -> Result<()> {
        self.rule(|rules| rules.no_images = !enabled).await
    }

    /// A setting of the network, which it takes note of only when it is watched.
    pub(super) async fn set_network(&self, method: &'static str, params: Value) -> Result<Reply> {
        self.target.watch_network();
        self.target.set(method, params).await.map(|()| Reply::NOTHING)
    }

    pub(super) async fn wait_for_network_idle(&self, quiet: Duration, concurrency: u32) -> Result<()> {
        let target: &Arc<Target> = &self.target;
        if target.watch_network() {
            // What was sent before is not known one by one, but what the document itself needs holds its `load` back.
            target.until(|frames| frames.has_reached(Moments::LOAD).then_some(())).await?;
        }
        target.network.idle(concurrency, quiet).await;
        target.alive()
    }

    pub(super) async fn set_cookies(&self, cookies: Vec<Map<String, Value>>) -> Result<()> {
        self.target.session.call("Network.setCookies", json!({ "cookies": cookies })).await.map(drop)
    }

    pub(super) async fn cookies(&self, urls: Vec<String>) -> Result<Value> {
        // Left to itself, the browser would add those of frames of other sites.
        let urls = if urls.is_empty() { json!([self.url().await?]) } else { json!(urls) };
        let mut answer = self.target.session.call("Network.getCookies", json!({ "urls": urls })).await?.value()?;
        Ok(answer["cookies"].take())
    }

    /// Whether there were any.
    pub(super) async fn delete_cookies(&self, cookies: Vec<Map<String, Value>>) -> Result<bool> {
        let session = &self.target.session;
        let mut deleted = false;
        for cookie in cookies {
            let (method, params) = devtools::candidates(&cookie);
            let found = session.call(method, params).await?.value()?;
            for deletion in devtools::deletions(&cookie, &found["cookies"]) {
                session.call("Network.deleteCookies", deletion).await?;
                deleted = true;
            }
        }
        Ok(deleted)
    }

    pub(super) async fn set_geolocation(&self, latitude: f64, longitude: f64, accuracy: f64) -> Result<Reply> {
        let granted = self.target.grant("geolocation");
        let place = json!({ "latitude": latitude, "longitude": longitude, "accuracy": accuracy });
        self.target.set("Emulation.setGeolocationOverride", place).await?;
        granted.await.map(|_| Reply::NOTHING)
    }
}

/// No settings beyond the URL mean a plain navigation.
pub fn rewrite(method: Option<String>, body: Option<String>, headers: Option<Map<String, Value>>) -> Option<Rewrite> {
    let method = method.filter(|method| !method.eq_ignore_ascii_case("get"));
    let headers = headers.unwrap_or_default();
    (method.is_some() || body.is_some() || !headers.is_empty()).then_some(Rewrite { method, body, headers })
}
