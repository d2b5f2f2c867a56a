//! What becomes of a page's requests that the browser stops for us: credentials, a navigation's own method, no images, a locked
//! page, and what the program decides.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    engine::cdp::{
        connection::Session,
        protocol::{AuthRequired, AuthSource, Headers, Request, RequestPaused},
    },
    error::{Code, Error, Result},
};

use super::{audience::Audience, exchanges::described};

/// The `ErrorReason` by which a navigation is given up, and the page stays where it is.
const ABORTED: &str = "Aborted";
/// The one that says nothing of why: only the page that the browser shows then does, and the events of the network.
const FAILED: &str = "Failed";

/// See the [module](self).
#[derive(Default)]
pub struct Interception {
    rules: Mutex<Rules>,
}

/// Which requests the browser stops, and what becomes of them.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub struct Rules {
    pub no_images: bool,
    pub credentials: HashMap<AuthSource, Credentials>,
    /// Requests that have had their credentials: a site or proxy that asks again has refused them.
    pub answered: HashSet<(String, AuthSource)>,
    pub rewrite: Option<Rewrite>,
    /// The main frame goes to no other document.
    pub locked: bool,
    /// The main frame stays where it is if the next document cannot be had.
    pub keeps: bool,
    /// Why requests have failed that have been told to fail another way.
    reasons: HashMap<String, String>,
    /// The program decides on every request.
    pub intercept: bool,
    /// The requests that wait for the program's decision.
    pub held: HashMap<String, HeldRequest>,
}

/// A request that waits for a decision.
#[derive(Clone)]
pub struct HeldRequest {
    /// The session that the request stopped in.
    pub session: Session,
    /// How the request goes on if nothing is changed: parameters of `Fetch.continueRequest`.
    pub unchanged: Value,
    /// The request's id in the events of the network, if it has got as far.
    network_id: Option<String>,
    frame: String,
    /// The page has got another document since the request has stopped.
    outlived: bool,
}

pub struct Credentials {
    pub username: String,
    pub password: String,
}

/// What the next document request is sent with.
pub struct Rewrite {
    pub method: Option<String>,
    pub body: Option<String>,
    /// Headers that replace or join those of the request.
    pub headers: Headers,
}

impl Rewrite {
    fn apply(self, request: &mut Request) {
        if let Some(method) = self.method {
            request.method = method;
        }
        if self.body.is_some() {
            request.post_data = self.body;
        }
        for (name, value) in self.headers {
            request.headers.retain(|other, _| !other.eq_ignore_ascii_case(&name));
            request.headers.insert(name, value);
        }
    }
}

impl Rules {
    /// Which requests have to stop for them: parameters of `Fetch.enable`, none if no request has to.
    pub fn patterns(&self) -> Option<Value> {
        // Only a request that has stopped is asked for credentials.
        let answers = !self.credentials.is_empty();
        let all = answers || self.intercept;
        let some = [
            (all, json!({ "urlPattern": "*" })),
            (!all && self.no_images, json!({ "urlPattern": "*", "resourceType": "Image" })),
            (!all && (self.rewrite.is_some() || self.locked), json!({ "urlPattern": "*", "resourceType": "Document" })),
            (self.keeps, json!({ "urlPattern": "*", "resourceType": "Document", "requestStage": "Response" })),
        ];
        let some: Vec<Value> = some.into_iter().filter_map(|(on, pattern)| on.then_some(pattern)).collect();
        (!some.is_empty()).then(|| json!({ "handleAuthRequests": answers, "patterns": some }))
    }
}

impl Interception {
    pub fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over another page's rules.
    pub fn inherit(&self, other: &Self) {
        let rules = std::mem::take(&mut *other.rules());
        *self.rules() = rules;
    }

    /// Applies the rules to a request that has stopped.
    pub fn hear(
        &self,
        audience: &Audience,
        main: &str,
        session: &Session,
        method: &str,
        params: &str,
    ) -> serde_json::Result<()> {
        match method {
            "Fetch.requestPaused" => self.paused(audience, main, session, serde_json::from_str(params)?),
            "Fetch.authRequired" => {
                let AuthRequired { request_id: id, auth_challenge } = serde_json::from_str(params)?;
                let source = auth_challenge.source;
                let mut rules = self.rules();
                let first = rules.answered.insert((id.clone(), source));
                let response = match rules.credentials.get(&source) {
                    Some(Credentials { username, password }) if first => {
                        json!({ "response": "ProvideCredentials", "username": username, "password": password })
                    }
                    // No person is there who could be asked, as a whole browser would.
                    _ => json!({ "response": "CancelAuth" }),
                };
                session.send("Fetch.continueWithAuth", json!({ "requestId": id, "authChallengeResponse": response }));
            }
            _ => {}
        }
        Ok(())
    }

    fn paused(&self, audience: &Audience, main: &str, session: &Session, paused: RequestPaused) {
        if paused.is_answered() {
            return self.answered(main, session, paused);
        }
        let id = paused.request_id;
        let mut request = paused.request;
        let mut unchanged = json!({ "requestId": id });
        let document = paused.resource_type == "Document";
        let is_main = paused.frame_id == main;
        let told = {
            let mut rules = self.rules();
            if rules.no_images && paused.resource_type == "Image" {
                return session.send("Fetch.failRequest", json!({ "requestId": id, "errorReason": "BlockedByClient" }));
            }
            if rules.locked && document && is_main {
                return session.send("Fetch.failRequest", json!({ "requestId": id, "errorReason": ABORTED }));
            }
            if document
                && is_main
                && paused.redirected_request_id.is_none()
                && let Some(rewrite) = rules.rewrite.take()
            {
                rewrite.apply(&mut request);
                unchanged["headers"] = entries(request.headers.clone()).into();
                unchanged["method"] = request.method.as_str().into();
                if let Some(body) = &request.post_data {
                    unchanged["postData"] = BASE64_STANDARD.encode(body).into();
                }
            }
            if !rules.intercept {
                return session.send("Fetch.continueRequest", unchanged);
            }
            let network_id = paused.network_id.as_deref();
            let frame = Some(paused.frame_id.as_str());
            let mut told = described(network_id.unwrap_or(&id), &request, &paused.resource_type, document, frame, main);
            told["interception"] = id.as_str().into();
            told["watched"] = network_id.is_some().into();
            told["redirected"] = paused.redirected_request_id.is_some().into();
            let held = HeldRequest {
                session: session.clone(),
                unchanged,
                network_id: paused.network_id,
                frame: paused.frame_id,
                outlived: false,
            };
            rules.held.insert(id, held);
            told
        };
        audience.answer("intercepted", told);
    }

    /// A request has its response, or none. Told to give the navigation up, the browser shows no page about what went wrong.
    fn answered(&self, main: &str, session: &Session, paused: RequestPaused) {
        let id = paused.request_id;
        match paused.response_error_reason {
            Some(reason) if paused.frame_id == main && ![ABORTED, FAILED].contains(&reason.as_str()) => {
                if let Some(network_id) = paused.network_id {
                    self.rules().reasons.insert(network_id, reason);
                }
                session.send("Fetch.failRequest", json!({ "requestId": id, "errorReason": ABORTED }));
            }
            _ => session.send("Fetch.continueRequest", json!({ "requestId": id })),
        }
    }

    /// A request that the program decides on; none if its document has gone on without it.
    pub fn held(&self, id: &str) -> Result<Option<HeldRequest>> {
        let rules = self.rules();
        match rules.held.get(id) {
            None if !rules.intercept => {
                Err(Error::new(Code::InvalidOption, "it does not wait for a decision any more"))
            }
            held => Ok(held.cloned()),
        }
    }

    /// The page has another document. A request that stopped just before may be this document's, for requests and documents are
    /// told of in any order; one that stopped before the document before came is nobody's any more.
    pub fn arrived(&self) {
        let mut rules = self.rules();
        rules.held.retain(|_, request| !std::mem::replace(&mut request.outlived, true));
        rules.answered.clear();
        rules.reasons.clear();
    }

    /// A request has failed, as it does when its document is left; this is its id in the events of the network.
    /// Gives back why, in the browser's words, if they are others than those of the event.
    pub fn failed(&self, network_id: &str) -> Option<String> {
        let mut rules = self.rules();
        rules.held.retain(|_, request| request.network_id.as_deref() != Some(network_id));
        rules.reasons.remove(network_id).map(|reason| error_text(&reason))
    }

    /// The session of a worker, or of a frame that had a process of its own, has ended, and so have its requests.
    pub fn abandon(&self, session: &Session) {
        self.rules().held.retain(|_, request| !request.session.is(session));
    }

    /// A frame is gone, and so are its requests.
    pub fn frame_gone(&self, id: &str) {
        self.rules().held.retain(|_, request| request.frame != id);
    }
}

/// An `ErrorReason` of the protocol, such as `ConnectionRefused`, as events tell of it.
fn error_text(reason: &str) -> String {
    let words: String = reason
        .chars()
        .flat_map(|letter| letter.is_ascii_uppercase().then_some('_').into_iter().chain([letter.to_ascii_uppercase()]))
        .collect();
    format!("net::ERR{words}")
}

/// Headers as the `Fetch` domain wants them; an array is several of one name.
pub fn entries(headers: Headers) -> Vec<Value> {
    let mut entries = Vec::new();
    for (name, value) in headers {
        let values = if let Value::Array(values) = value { values } else { vec![value] };
        entries.extend(values.into_iter().map(|value| json!({ "name": name, "value": value })));
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cdp::fake::Browser;

    /// Rules under which the program decides on every request, with these requests waiting in the page's session.
    fn held(requests: &[&str]) -> (Interception, Session, Browser) {
        let (pipe, browser) = Browser::new();
        let (interception, session) = (Interception::default(), Session::connect(pipe).attached("S"));
        interception.rules().intercept = true;
        for id in requests {
            pause(&interception, &session, id);
        }
        (interception, session, browser)
    }

    fn pause(interception: &Interception, session: &Session, id: &str) {
        let request = json!({ "url": "http://127.0.0.1/", "method": "GET", "headers": {} });
        let params = json!({
            "requestId": id,
            "request": request,
            "frameId": format!("frame of {id}"),
            "resourceType": "Image",
            "networkId": format!("network {id}"),
        });
        let audience = Audience::default();
        interception.hear(&audience, "P", session, "Fetch.requestPaused", &params.to_string()).unwrap();
    }

    fn waiting(interception: &Interception) -> Vec<String> {
        let mut waiting: Vec<String> = interception.rules().held.keys().cloned().collect();
        waiting.sort();
        waiting
    }

    #[tokio::test]
    async fn a_request_that_fails_waits_for_no_decision() {
        let (interception, _session, _browser) = held(&["1", "2"]);
        interception.failed("network 1");
        assert_eq!(waiting(&interception), ["2"]);
    }

    #[tokio::test]
    async fn the_requests_of_a_frame_that_is_gone_wait_for_no_decision() {
        let (interception, _session, _browser) = held(&["1", "2"]);
        interception.frame_gone("frame of 1");
        assert_eq!(waiting(&interception), ["2"]);
    }

    #[tokio::test]
    async fn the_requests_of_a_session_that_has_ended_wait_for_no_decision() {
        let (interception, session, _browser) = held(&["1"]);
        let frame = session.attached("F");
        pause(&interception, &frame, "2");
        interception.abandon(&frame);
        assert_eq!(waiting(&interception), ["1"]);
    }

    #[tokio::test]
    async fn the_requests_of_documents_that_were_left_wait_for_no_decision() {
        let (interception, session, _browser) = held(&["1"]);
        interception.arrived();
        pause(&interception, &session, "2");
        assert_eq!(waiting(&interception), ["1", "2"]);
        interception.arrived();
        assert_eq!(waiting(&interception), ["2"]);
    }

    #[tokio::test]
    async fn a_request_whose_document_is_gone_needs_no_decision_and_one_that_was_let_go_takes_none() {
        let (interception, _session, _browser) = held(&[]);
        assert!(interception.held("1").unwrap().is_none());
        interception.rules().intercept = false;
        assert_eq!(interception.held("1").err().map(|error| error.code), Some(Code::InvalidOption));
    }

    #[tokio::test]
    async fn which_requests_have_had_credentials_is_forgotten_with_their_document() {
        let (interception, session, _browser) = held(&[]);
        let challenge = json!({ "requestId": "1", "authChallenge": { "source": "Server" } }).to_string();
        interception.hear(&Audience::default(), "P", &session, "Fetch.authRequired", &challenge).unwrap();
        assert_eq!(interception.rules().answered.len(), 1);
        interception.arrived();
        assert!(interception.rules().answered.is_empty());
    }

    #[test]
    fn a_reason_is_told_in_the_words_of_the_networks_events() {
        assert_eq!(error_text("NameNotResolved"), "net::ERR_NAME_NOT_RESOLVED");
    }
}
