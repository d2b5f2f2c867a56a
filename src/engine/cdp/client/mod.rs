//! Shows one page to a `DevTools` client of the program's own as if it were all that the browser has.
//!
//! A session with the browser, begun for the client, is its connection; every session that it asks for hangs on that one and
//! ends with it. What it says goes through where it is for its page and the pages opened from it, and is refused otherwise,
//! because the browser has pages of other items.

mod hub;
mod policy;

use std::sync::Arc;

use serde_json::json;
use tokio::sync::mpsc;

use crate::{
    engine::{
        Relay, RelayListener,
        cdp::{connection::Session, target::Target},
    },
    error::{Code, Error, Result},
};

use self::hub::{Hub, Request};

/// A client's way to a page.
pub struct CdpRelay {
    hub: Arc<Hub>,
    /// Where the client's messages wait for their turn, if the page's frames are ours to begin.
    turns: Option<mpsc::UnboundedSender<Request>>,
}

impl CdpRelay {
    /// Begins the client's session. To be waited for until it answers: what a caller gives up half-way stays open.
    pub async fn open(target: Arc<Target>, browser: &Session, to: RelayListener) -> Result<Self> {
        let hub = Hub::open(target, browser, to).await?;
        let turns = hub.target.clock.is_ours().then(|| {
            let (turns, requests) = mpsc::unbounded_channel();
            tokio::spawn(take_turns(hub.clone(), requests));
            turns
        });
        Ok(Self { hub, turns })
    }
}

/// Passes a client's messages on in their order, those that give the page another size between two of its frames.
async fn take_turns(hub: Arc<Hub>, mut requests: mpsc::UnboundedReceiver<Request>) {
    while let Some(request) = requests.recv().await {
        if hub.left.is_cancelled() {
            return;
        }
        let session = request.session_id.as_deref().and_then(|name| hub.session(name));
        let still = tokio::select! {
            still = hub.target.clock.still_for(&request.method) => still,
            () = hub.left.cancelled() => return,
        };
        hub.take(request);
        let (Some(still), Some(session)) = (still, session) else { continue };
        // The document gets to this call after the client's. A failure is the page's end; a client that leaves ends the wait.
        tokio::select! {
            _ = session.call("Runtime.runIfWaitingForDebugger", json!({})) => {}
            () = hub.left.cancelled() => {}
        }
        drop(still);
    }
}

impl Relay for CdpRelay {
    fn send(&self, message: &str) -> Result<()> {
        let request = serde_json::from_str(message)
            .map_err(|error| Error::new(Code::InvalidOption, format!("not a call of the protocol: {error}")))?;
        match &self.turns {
            // The task that takes turns ends when this sender is dropped.
            Some(turns) => drop(turns.send(request)),
            None => self.hub.take(request),
        }
        Ok(())
    }
}

impl Drop for CdpRelay {
    fn drop(&mut self) {
        self.hub.end();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::engine::{
        Relayed,
        cdp::{connection::NO_SESSION, fake::Browser, target::BrowserTraits},
    };

    type Heard = mpsc::UnboundedReceiver<Option<Value>>;

    /// A client of the page P, whose connection is the session R.
    async fn opened() -> (CdpRelay, Heard, Browser) {
        let (pipe, mut browser) = Browser::new();
        let session = Session::connect(pipe);
        let info =
            json!({ "sessionId": "O", "targetInfo": { "targetId": "P", "type": "page", "browserContextId": "C" } });
        let target =
            Target::attach(&session, serde_json::from_value(info).unwrap(), None, BrowserTraits::default(), None);
        let (heard, messages) = mpsc::unbounded_channel();
        let to: RelayListener = Arc::new(move |relayed| {
            let text = match relayed {
                Relayed::Message(message) => Some(serde_json::from_str(&message.into_text()).unwrap()),
                Relayed::Closed => None,
            };
            // A test that has seen enough has dropped its end.
            let _ = heard.send(text);
        });
        let answer = async {
            let contexts = browser.call("Target.getBrowserContexts").await;
            browser.say(&json!({ "id": contexts["id"], "result": { "browserContextIds": ["C"] } }).to_string()).await;
            let begun = browser.call("Target.attachToBrowserTarget").await;
            browser.say(&json!({ "id": begun["id"], "result": { "sessionId": "R" } }).to_string()).await;
            let whole = browser.call("Target.getTargetInfo").await;
            let result = json!({ "targetInfo": { "targetId": "B", "type": "browser" } });
            browser.say(&json!({ "id": whole["id"], "result": result, "sessionId": "R" }).to_string()).await;
        };
        let (relay, ()) = tokio::join!(CdpRelay::open(target, &session, to), answer);
        (relay.unwrap(), messages, browser)
    }

    fn page(id: &str, opener: Option<&str>) -> Value {
        json!({ "targetInfo": { "targetId": id, "type": "page", "openerId": opener } })
    }

    fn send(relay: &CdpRelay, message: &Value) {
        relay.send(&message.to_string()).unwrap();
    }

    /// Gives the client the session S of its page.
    async fn attach(relay: &CdpRelay, heard: &mut Heard, browser: &mut Browser) {
        send(
            relay,
            &json!({ "id": 1, "method": "Target.setAutoAttach", "params": { "waitForDebuggerOnStart": true } }),
        );
        let call = browser.call("Target.attachToTarget").await;
        let info = page("P", None)["targetInfo"].take();
        let params = json!({ "sessionId": "S", "targetInfo": info });
        browser
            .say(&json!({ "method": "Target.attachedToTarget", "params": params, "sessionId": "R" }).to_string())
            .await;
        browser.say(&json!({ "id": call["id"], "result": { "sessionId": "S" }, "sessionId": "R" }).to_string()).await;
        assert_eq!(heard.recv().await.unwrap().unwrap()["method"], "Target.attachedToTarget");
        assert_eq!(heard.recv().await.unwrap().unwrap(), json!({ "id": 1, "result": { "sessionId": "S" } }));
    }

    #[tokio::test]
    async fn attaching_to_everything_attaches_to_the_page_alone() {
        let (relay, _heard, mut browser) = opened().await;
        send(
            &relay,
            &json!({ "id": 1, "method": "Target.setAutoAttach", "params": { "waitForDebuggerOnStart": true } }),
        );
        browser.call("Target.setDiscoverTargets").await;
        let attach = browser.next().await;
        assert_eq!(attach["params"], json!({ "targetId": "P", "flatten": true }));
        assert_eq!((&attach["method"], &attach["sessionId"]), (&json!("Target.attachToTarget"), &json!("R")));
    }

    #[tokio::test]
    async fn a_call_to_a_session_is_answered_under_the_clients_own_id() {
        let (relay, mut heard, mut browser) = opened().await;
        attach(&relay, &mut heard, &mut browser).await;
        send(&relay, &json!({ "id": 7, "method": "Page.reload", "params": { "b": 1 }, "sessionId": "S" }));
        let call = browser.call("Page.reload").await;
        assert_eq!((&call["params"], &call["sessionId"]), (&json!({ "b": 1 }), &json!("S")));
        browser.say(&json!({ "id": call["id"], "result": { "c": 2 }, "sessionId": "S" }).to_string()).await;
        let answer = heard.recv().await.unwrap().unwrap();
        assert_eq!(answer, json!({ "id": 7, "result": { "c": 2 }, "sessionId": "S" }));
    }

    #[tokio::test]
    async fn an_error_comes_back_as_the_browser_said_it() {
        let (relay, mut heard, mut browser) = opened().await;
        send(&relay, &json!({ "id": 7, "method": "Browser.getVersion" }));
        let call = browser.call("Browser.getVersion").await;
        let error = json!({ "code": -32601, "message": "no", "data": "d" });
        browser.say(&json!({ "id": call["id"], "error": error, "sessionId": "R" }).to_string()).await;
        assert_eq!(heard.recv().await.unwrap().unwrap(), json!({ "id": 7, "error": error }));
    }

    #[tokio::test]
    async fn pages_of_others_are_neither_told_of_nor_attached_to() {
        let (relay, mut heard, mut browser) = opened().await;
        send(&relay, &json!({ "id": 1, "method": "Target.setDiscoverTargets", "params": { "discover": true } }));
        browser.call("Target.setDiscoverTargets").await;
        for (id, opener) in [("X", None), ("Y", Some("X")), ("P", None)] {
            let created = json!({ "method": "Target.targetCreated", "params": page(id, opener), "sessionId": "R" });
            browser.say(&created.to_string()).await;
        }
        for told in ["B", "P"] {
            assert_eq!(heard.recv().await.unwrap().unwrap()["params"]["targetInfo"]["targetId"], told);
        }
        send(&relay, &json!({ "id": 2, "method": "Target.attachToTarget", "params": { "targetId": "X" } }));
        assert_eq!(heard.recv().await.unwrap().unwrap()["error"]["message"], "No target with given id found");
    }

    #[tokio::test]
    async fn a_popup_of_the_page_is_the_clients() {
        let (relay, mut heard, mut browser) = opened().await;
        attach(&relay, &mut heard, &mut browser).await;
        let created = json!({ "method": "Target.targetCreated", "params": page("Q", Some("P")), "sessionId": "R" });
        browser.say(&created.to_string()).await;
        assert_eq!(browser.call("Target.attachToTarget").await["params"]["targetId"], "Q");
    }

    #[tokio::test]
    async fn what_would_touch_other_items_is_refused() {
        let (relay, mut heard, _browser) = opened().await;
        for method in ["Browser.close", "Target.createTarget", "Target.disposeBrowserContext"] {
            send(&relay, &json!({ "id": 1, "method": method }));
            let answer = heard.recv().await.unwrap().unwrap();
            assert!(answer["error"]["message"].as_str().unwrap().starts_with(&format!("{method} is refused")));
        }
    }

    #[tokio::test]
    async fn what_would_touch_other_items_is_refused_over_a_session_of_the_page_too() {
        let (relay, mut heard, mut browser) = opened().await;
        attach(&relay, &mut heard, &mut browser).await;
        for method in ["Browser.close", "Browser.setDownloadBehavior", "Target.getTargets"] {
            send(&relay, &json!({ "id": 7, "method": method, "sessionId": "S" }));
            let answer = heard.recv().await.unwrap().unwrap();
            assert!(answer["error"]["message"].as_str().unwrap().starts_with(&format!("{method} is refused")));
            assert_eq!((&answer["id"], &answer["sessionId"]), (&json!(7), &json!("S")));
        }
    }

    #[tokio::test]
    async fn a_frame_that_the_client_has_a_session_of_is_the_clients_to_attach_to() {
        let (relay, mut heard, mut browser) = opened().await;
        attach(&relay, &mut heard, &mut browser).await;
        let params = json!({ "sessionId": "T", "targetInfo": { "targetId": "F", "type": "iframe" } });
        let frame = json!({ "method": "Target.attachedToTarget", "params": params, "sessionId": "S" });
        browser.say(&frame.to_string()).await;
        assert_eq!(heard.recv().await.unwrap().unwrap()["params"]["sessionId"], "T");
        send(&relay, &json!({ "id": 2, "method": "Target.attachToTarget", "params": { "targetId": "F" } }));
        assert_eq!(browser.call("Target.attachToTarget").await["params"]["targetId"], "F");
    }

    #[tokio::test]
    async fn what_is_cleared_is_what_the_pages_item_has_set() {
        let (relay, mut heard, mut browser) = opened().await;
        attach(&relay, &mut heard, &mut browser).await;
        let clear = "Emulation.clearDeviceMetricsOverride";
        send(&relay, &json!({ "id": 7, "method": clear, "sessionId": "S" }));
        let call = browser.call("Emulation.setDeviceMetricsOverride").await;
        assert_eq!((&call["params"]["width"], &call["sessionId"]), (&json!(800), &json!("S")));
        browser.say(&json!({ "id": call["id"], "result": {}, "sessionId": "S" }).to_string()).await;
        assert_eq!(heard.recv().await.unwrap().unwrap(), json!({ "id": 7, "result": {}, "sessionId": "S" }));
        // It has set no position.
        send(&relay, &json!({ "id": 8, "method": "Emulation.clearGeolocationOverride", "sessionId": "S" }));
        browser.call("Emulation.clearGeolocationOverride").await;
    }

    #[tokio::test]
    async fn a_window_is_the_clients_if_it_shows_one_of_its_pages() {
        let (relay, mut heard, mut browser) = opened().await;
        for (id, window) in [(7, 1), (8, 2)] {
            send(&relay, &json!({ "id": id, "method": "Browser.getWindowBounds", "params": { "windowId": window } }));
            let call = browser.call("Browser.getWindowForTarget").await;
            assert_eq!(call["params"], json!({ "targetId": "P" }));
            let result = json!({ "windowId": 1, "bounds": {} });
            browser.say(&json!({ "id": call["id"], "result": result, "sessionId": "R" }).to_string()).await;
        }
        let call = browser.call("Browser.getWindowBounds").await;
        assert_eq!(call["params"], json!({ "windowId": 1 }));
        let refused = heard.recv().await.unwrap().unwrap();
        assert_eq!((&refused["id"], &refused["error"]["message"]), (&json!(8), &json!("Browser window not found")));
    }

    #[tokio::test]
    async fn what_names_no_context_is_for_the_pages_own() {
        let (relay, _heard, mut browser) = opened().await;
        send(&relay, &json!({ "id": 1, "method": "Storage.getCookies" }));
        assert_eq!(browser.call("Storage.getCookies").await["params"], json!({ "browserContextId": "C" }));
    }

    #[tokio::test]
    async fn a_closed_relay_ends_the_clients_session_and_restores_ours() {
        let (relay, mut heard, mut browser) = opened().await;
        drop(relay);
        assert_eq!(browser.call("Target.detachFromTarget").await["params"], json!({ "sessionId": "R" }));
        assert_eq!(browser.call("Emulation.setDeviceMetricsOverride").await["sessionId"], "O");
        assert_eq!(heard.recv().await, Some(None));
    }

    #[tokio::test]
    async fn nothing_of_a_closed_relay_stays() {
        let (relay, mut heard, mut browser) = opened().await;
        attach(&relay, &mut heard, &mut browser).await;
        send(&relay, &json!({ "id": 7, "method": "Page.reload", "sessionId": "S" }));
        drop(relay);
        assert_eq!(heard.recv().await, Some(None));
        // Its listener, which every part of it holds, is gone.
        assert_eq!(heard.recv().await, None);
    }

    #[tokio::test]
    async fn the_end_of_the_page_is_the_last_thing_told() {
        let (relay, mut heard, mut browser) = opened().await;
        send(&relay, &json!({ "id": 1, "method": "Target.setDiscoverTargets", "params": { "discover": true } }));
        let gone = json!({ "method": "Target.targetDestroyed", "params": { "targetId": "P" }, "sessionId": "R" });
        browser.say(&gone.to_string()).await;
        assert_eq!(heard.recv().await.unwrap().unwrap()["method"], "Target.targetCreated");
        assert_eq!(heard.recv().await.unwrap().unwrap()["method"], "Target.targetDestroyed");
        assert_eq!(heard.recv().await, Some(None));
    }

    #[tokio::test]
    async fn a_session_that_is_not_the_clients_is_unknown_to_it() {
        let (relay, mut heard, _browser) = opened().await;
        send(&relay, &json!({ "id": 1, "method": "Page.navigate", "sessionId": "O" }));
        assert_eq!(heard.recv().await.unwrap().unwrap()["error"]["code"], NO_SESSION);
    }
}
