//! Requests and responses as listeners hear of them. What a page's process says of each is joined with what went over the
//! wire - cookies, the status of a revalidated response - which the network's process tells apart, before it or after.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{sync::watch, time::timeout};

use crate::engine::{
    EventKind,
    cdp::protocol::{
        Headers, LoadingFailed, LoadingFinished, NetworkEvent, Request, RequestSent, RequestSentExtra,
        RequestServedFromCache, Response, ResponseReceived, ResponseReceivedExtra,
    },
};

use super::audience::Audience;

/// How many documents of the main frame are remembered: one that goes on by itself must not lose the one that was asked for.
const REMEMBERED: usize = 16;
/// How many documents of all other frames are: a page may make frames without end, and hardly anybody asks for their documents.
const INNER: usize = 32;
/// How much is kept of what the network tells before the page does.
const EARLY: usize = 256;
/// How long a document's response may be without what went over the wire, once the document itself is there.
const PATIENCE: Duration = Duration::from_secs(1);

/// See the [module](self).
#[derive(Default)]
pub struct Exchanges {
    state: Mutex<Ledger>,
    /// The latest documents, each with its frame, the oldest first.
    documents: watch::Sender<VecDeque<(String, Document)>>,
}

/// The requests that are not over, and what is known of them.
#[derive(Default)]
struct Ledger {
    open: HashMap<String, Exchange>,
    /// What went over the wire for requests of which the page's process has not told yet.
    early: VecDeque<(String, Wire)>,
}

/// One request and those that it is redirected to, which have its id.
#[derive(Default)]
struct Exchange {
    /// The URL of the latest request with its fragment, which a response does not tell.
    url: String,
    /// The latest request was told of with the headers that went over the wire.
    sent: bool,
    /// The headers that went over the wire for redirects to come.
    requests: VecDeque<Headers>,
    /// The requests for a document as listeners hear of them: this one behind those that were redirected to it.
    chain: Vec<Value>,
    responses: VecDeque<WireResponse>,
    /// Nothing more will go over the wire for this request.
    off_the_wire: bool,
    /// The events that wait until the first of them has all that it needs.
    waiting: VecDeque<Event>,
}

/// What went over the wire.
enum Wire {
    Request(Headers),
    Response(WireResponse),
}

struct WireResponse {
    status: u16,
    text: Option<String>,
    headers: Headers,
}

enum Event {
    Sent(Box<RequestSent>),
    Response(Box<ResponseReceived>),
    Ended { kind: EventKind, name: &'static str, data: Value },
}

/// The requests and the response that a document came with.
struct Document {
    loader: String,
    requests: Vec<Value>,
    response: Value,
    /// Whether what went over the wire is still to be told.
    waits: bool,
}

impl ResponseReceived {
    /// Whether a document came with it, and was not only fetched ahead. Its request has its loader's name.
    fn is_document(&self) -> bool {
        self.request_id == self.loader_id && self.kind == "Document"
    }
}

impl Response {
    fn told(self, id: &str, url: &str, wire: Option<WireResponse>) -> Value {
        // For a response of the disk's cache, what went over the wire is that of another request.
        let wire = wire.filter(|_| !self.from_disk_cache);
        let (status, text, headers) = match wire {
            Some(wire) => (wire.status, wire.text.unwrap_or(self.status_text), wire.headers),
            None => (self.status, self.status_text, self.headers),
        };
        json!({
            "id": id,
            "url": if url.is_empty() { &self.url } else { url },
            "status": status,
            "statusText": text,
            "headers": lower_case(headers),
            "mimeType": self.mime_type,
            "fromCache": self.from_disk_cache,
            "fromServiceWorker": self.from_service_worker,
            "ip": self.remote_ip_address,
            "port": self.remote_port,
            "security": self.security_details,
            "timing": self.timing,
        })
    }
}

impl WireResponse {
    /// A response that nobody but the network has seen.
    fn told(self) -> Value {
        json!({ "status": self.status, "statusText": self.text.unwrap_or_default(), "headers": lower_case(self.headers) })
    }
}

impl Event {
    /// Whether the event is told of together with what went over the wire.
    fn needs_wire(&self) -> bool {
        match self {
            Self::Sent(sent) => sent.redirect_response.is_some() && sent.redirect_has_extra_info,
            Self::Response(response) => response.has_extra_info,
            Self::Ended { .. } => false,
        }
    }
}

impl Exchanges {
    /// Takes note of one event of the network, and tells the audience of what is complete with it; `main` is the top frame.
    pub fn hear(&self, audience: &Audience, main: &str, event: NetworkEvent) {
        // The documents' own are wanted by navigations.
        let wanted = audience.wants(EventKind::Request) || audience.wants(EventKind::Response);
        let mut state = self.state();
        match event {
            NetworkEvent::RequestSent(sent) if wanted || sent.request_id == sent.loader_id => {
                let id = sent.request_id.clone();
                state.exchange(&id).waiting.push_back(Event::Sent(sent));
                self.tell(&mut state, &id, audience, main);
            }
            NetworkEvent::ResponseReceived(received) if wanted || received.request_id == received.loader_id => {
                let id = received.request_id.clone();
                let exchange = state.exchange(&id);
                // What went over the wire for a document that was fetched ahead, and for what redirected to it, was told of that
                // fetch. The browser promises it here as well.
                exchange.off_the_wire |= received.response.from_prefetch_cache && received.is_document();
                exchange.waiting.push_back(Event::Response(received));
                self.tell(&mut state, &id, audience, main);
            }
            NetworkEvent::RequestSent(_) | NetworkEvent::ResponseReceived(_) | NetworkEvent::ConnectionMade => {}
            NetworkEvent::RequestSentExtra(RequestSentExtra { request_id: id, headers }) => {
                state.wire(&id, Wire::Request(headers), audience);
            }
            NetworkEvent::ResponseReceivedExtra(extra) => {
                let ResponseReceivedExtra { request_id: id, headers, status_code: status, headers_text: text } = extra;
                let text = text.as_deref().and_then(reason).map(str::to_owned);
                state.wire(&id, Wire::Response(WireResponse { status, text, headers }), audience);
                self.tell(&mut state, &id, audience, main);
            }
            NetworkEvent::ServedFromCache(RequestServedFromCache { request_id: id }) => {
                if let Some(exchange) = state.open.get_mut(&id) {
                    exchange.off_the_wire = true;
                }
                audience.tell(EventKind::Response, "servedfromcache", json!({ "id": id }));
            }
            NetworkEvent::LoadingFinished(LoadingFinished { request_id: id, encoded_data_length: size }) => {
                let data = json!({ "id": id, "size": size });
                let event = Event::Ended { kind: EventKind::RequestFinished, name: "requestfinished", data };
                self.ended(&mut state, &id, event, audience, main);
            }
            NetworkEvent::LoadingFailed(LoadingFailed { request_id: id, error_text, canceled }) => {
                let data = json!({ "id": id, "errorText": error_text, "canceled": canceled });
                let event = Event::Ended { kind: EventKind::RequestFailed, name: "requestfailed", data };
                self.ended(&mut state, &id, event, audience, main);
            }
        }
    }

    /// Another document has come, whose loader this is. What went over the wire for those before may never be told: what
    /// waits for it is told without.
    pub fn left(&self, audience: &Audience, main: &str, loader: &str) {
        let mut state = self.state();
        let before: Vec<String> = state.open.keys().filter(|id| *id != loader).cloned().collect();
        for id in before {
            if let Some(exchange) = state.open.get_mut(&id) {
                exchange.off_the_wire = true;
            }
            self.tell(&mut state, &id, audience, main);
            state.open.remove(&id);
        }
        state.early.retain(|(id, _)| id == loader);
        self.documents.send_modify(|documents| documents.retain(|(frame, _)| frame == main));
    }

    /// A frame is gone, and with it its documents.
    pub fn frame_gone(&self, frame: &str) {
        self.documents.send_if_modified(|documents| {
            let before = documents.len();
            documents.retain(|(other, _)| other != frame);
            documents.len() < before
        });
    }

    /// The requests and the response that a frame's document came with: `(requests, response)` as listeners hear of them.
    pub async fn response(&self, frame: &str, loader: &str) -> Option<(Vec<Value>, Value)> {
        let mut documents = self.documents.subscribe();
        let complete =
            documents.wait_for(|documents| found(documents, frame, loader).is_none_or(|document| !document.waits));
        // The sender lives as long as `self`; and what has not come in time is told without.
        let _ = timeout(PATIENCE, complete).await;
        let documents = self.documents.borrow();
        found(&documents, frame, loader).map(|document| (document.requests.clone(), document.response.clone()))
    }

    fn ended(&self, state: &mut Ledger, id: &str, event: Event, audience: &Audience, main: &str) {
        match state.open.get_mut(id) {
            Some(exchange) => {
                exchange.waiting.push_back(event);
                self.tell(state, id, audience, main);
            }
            None => {
                if let Event::Ended { kind, name, data } = event {
                    audience.tell(kind, name, data);
                }
            }
        }
    }

    /// Tells of what waits for nothing any more.
    fn tell(&self, state: &mut Ledger, id: &str, audience: &Audience, main: &str) {
        let Some(exchange) = state.open.get_mut(id) else { return };
        let mut over = false;
        while let Some(event) = exchange.waiting.front() {
            let needs_wire = event.needs_wire();
            if needs_wire && exchange.responses.is_empty() && !exchange.off_the_wire {
                if let Some((frame, document)) = exchange.document(id, main) {
                    self.remember(main, frame, document);
                }
                break;
            }
            let wire = if needs_wire { exchange.responses.pop_front() } else { None };
            match exchange.waiting.pop_front() {
                Some(Event::Sent(sent)) => exchange.told(&sent, wire, audience, main),
                Some(Event::Response(received)) => {
                    let frame = received.is_document().then_some(received.frame_id).flatten();
                    let told = received.response.told(id, &exchange.url, wire);
                    if let Some(frame) = frame {
                        let (loader, requests) = (id.to_owned(), mem::take(&mut exchange.chain));
                        self.remember(main, frame, Document { loader, requests, response: told.clone(), waits: false });
                    }
                    audience.tell(EventKind::Response, "response", told);
                }
                Some(Event::Ended { kind, name, mut data }) => {
                    over = true;
                    // The page was not told of a response that came all the same.
                    if let (EventKind::RequestFailed, Some(kept)) = (kind, exchange.responses.pop_front()) {
                        data["kept"] = kept.told();
                    }
                    audience.tell(kind, name, data);
                }
                None => {}
            }
        }
        if over {
            state.open.remove(id);
        }
    }

    fn remember(&self, main: &str, frame: String, document: Document) {
        let (is_main, most) = if frame == main { (true, REMEMBERED) } else { (false, INNER) };
        let is_alike = |(other, _): &(String, Document)| (other == main) == is_main;
        self.documents.send_modify(|documents| {
            if let Some((_, known)) = documents.iter_mut().find(|(_, known)| known.loader == document.loader) {
                *known = document;
                return;
            }
            if documents.iter().filter(|known| is_alike(known)).count() == most {
                let oldest = documents.iter().position(is_alike);
                oldest.map(|oldest| documents.remove(oldest));
            }
            documents.push_back((frame, document));
        });
    }

    fn state(&self) -> MutexGuard<'_, Ledger> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn found<'a>(documents: &'a VecDeque<(String, Document)>, frame: &str, loader: &str) -> Option<&'a Document> {
    let is_it = |(other, document): &&(String, Document)| other == frame && document.loader == loader;
    documents.iter().rfind(is_it).map(|(_, document)| document)
}

impl Ledger {
    /// The exchange of this id, with all that is known of it.
    fn exchange(&mut self, id: &str) -> &mut Exchange {
        let exchange = self.open.entry(id.to_owned()).or_default();
        if self.early.iter().any(|(early, _)| early == id) {
            for (early, wire) in mem::take(&mut self.early) {
                match wire {
                    wire if early != id => self.early.push_back((early, wire)),
                    Wire::Request(headers) => exchange.requests.push_back(headers),
                    Wire::Response(response) => exchange.responses.push_back(response),
                }
            }
        }
        exchange
    }

    fn wire(&mut self, id: &str, wire: Wire, audience: &Audience) {
        let Some(exchange) = self.open.get_mut(id) else {
            if self.early.len() == EARLY {
                self.early.pop_front();
            }
            return self.early.push_back((id.to_owned(), wire));
        };
        match wire {
            Wire::Response(response) => exchange.responses.push_back(response),
            Wire::Request(headers) if exchange.sent => exchange.requests.push_back(headers),
            Wire::Request(headers) => {
                exchange.sent = true;
                let headers = lower_case(headers);
                if let Some(request) = exchange.chain.last_mut() {
                    update(request, headers.clone());
                }
                audience.tell(EventKind::Request, "sentheaders", json!({ "id": id, "headers": headers }));
            }
        }
    }
}

impl Exchange {
    /// A document that came with this exchange, and its frame, as far as it is known while it waits, which it may do behind
    /// redirects.
    fn document(&self, id: &str, main: &str) -> Option<(String, Document)> {
        let mut url = Cow::Borrowed(&self.url);
        let mut requests = self.chain.clone();
        for event in &self.waiting {
            match event {
                Event::Sent(sent) => {
                    let redirect = sent.redirect_response.clone().map(|response| response.told(id, &url, None));
                    url = Cow::Owned(whole_url(&sent.request));
                    requests.push(sent.described(redirect, main));
                }
                Event::Response(received) if received.is_document() => {
                    let response = received.response.clone().told(id, &url, None);
                    let document = Document { loader: id.to_owned(), requests, response, waits: true };
                    return received.frame_id.clone().map(|frame| (frame, document));
                }
                _ => {}
            }
        }
        None
    }

    fn told(&mut self, sent: &RequestSent, wire: Option<WireResponse>, audience: &Audience, main: &str) {
        let id = &sent.request_id;
        let redirect = sent.redirect_response.clone().map(|response| response.told(id, &self.url, wire));
        let mut told = sent.described(redirect, main);
        let headers = self.requests.pop_front();
        self.sent = headers.is_some();
        update(&mut told, lower_case(headers.unwrap_or_default()));
        told["url"].as_str().unwrap_or_default().clone_into(&mut self.url);
        if sent.is_navigation() {
            self.chain.push(told.clone());
        }
        audience.tell(EventKind::Request, "request", told);
    }
}

impl RequestSent {
    fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("Other")
    }

    /// Whether a document comes of it.
    fn is_navigation(&self) -> bool {
        self.request_id == self.loader_id && self.kind() == "Document"
    }

    /// As listeners hear of it, with the response that led to it.
    fn described(&self, redirect: Option<Value>, main: &str) -> Value {
        let frame = self.frame_id.as_deref();
        let mut told = described(&self.request_id, &self.request, self.kind(), self.is_navigation(), frame, main);
        told["initiator"] = json!(self.initiator);
        if let Some(redirect) = redirect {
            told["redirect"] = redirect;
        }
        told
    }
}

/// Takes over the headers that a request was sent with.
fn update(request: &mut Value, headers: Headers) {
    for (name, value) in headers {
        request["headers"][name] = value;
    }
}

fn whole_url(request: &Request) -> String {
    // The fragment is not sent.
    format!("{}{}", request.url, request.url_fragment)
}

/// Header names in lower case, as HTTP compares them.
fn lower_case(headers: Headers) -> Headers {
    headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
}

/// A request of this frame as listeners hear of it; `main` is the top frame.
pub fn described(id: &str, request: &Request, kind: &str, navigation: bool, frame: Option<&str>, main: &str) -> Value {
    json!({
        "id": id,
        "url": whole_url(request),
        "method": request.method,
        "headers": lower_case(request.headers.clone()),
        "postData": request.post_data,
        "hasPostData": request.has_post_data,
        "resourceType": kind.to_ascii_lowercase(),
        "navigation": navigation,
        "frame": frame,
        "main": frame == Some(main),
    })
}

/// The words after the status, of a response's first line.
fn reason(text: &str) -> Option<&str> {
    text.lines().next()?.splitn(3, ' ').nth(2).map(str::trim).filter(|reason| !reason.is_empty())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Another document comes, in [`heard`].
    const LEFT: (&str, Value) = ("left", Value::Null);

    /// What a listener hears of these events, `name: what is looked at`.
    fn heard(exchanges: &Exchanges, events: &[(&str, Value)]) -> Vec<String> {
        let told = Arc::new(Mutex::new(Vec::new()));
        let audience = Audience::default();
        let kinds = [EventKind::Request, EventKind::Response, EventKind::RequestFinished];
        let to = told.clone();
        audience.listen(
            &kinds,
            Arc::new(move |event| {
                let redirect = &event.data["redirect"];
                let shown = match event.name {
                    "request" if redirect.is_null() => event.data["url"].clone(),
                    "request" => json!([redirect["status"], event.data["headers"]["cookie"]]),
                    "response" => json!([event.data["status"], event.data["headers"]]),
                    "sentheaders" => event.data["headers"].clone(),
                    _ => Value::Null,
                };
                to.lock().unwrap().push(format!("{} {shown}", event.name));
            }),
        );
        for (name, params) in events {
            if (name, params) == (&LEFT.0, &LEFT.1) {
                exchanges.left(&audience, "F", "another");
            }
            let event = NetworkEvent::read(&format!("Network.{name}"), &params.to_string()).unwrap();
            if let Some(event) = event {
                exchanges.hear(&audience, "F", event);
            }
        }
        let told = told.lock().unwrap();
        told.clone()
    }

    fn sent(url: &str, redirect: Option<&Value>) -> (&'static str, Value) {
        let request = json!({ "url": url, "urlFragment": "#h", "method": "GET", "headers": {} });
        let params = json!({ "requestId": "R", "loaderId": "R", "frameId": "F", "type": "Document", "request": request,
            "redirectResponse": redirect, "redirectHasExtraInfo": redirect.is_some() });
        ("requestWillBeSent", params)
    }

    fn response(status: u16) -> Value {
        json!({ "url": "u", "status": status, "statusText": "", "headers": { "A": "1" }, "mimeType": "" })
    }

    fn received(status: u16) -> (&'static str, Value) {
        let params = json!({ "requestId": "R", "loaderId": "R", "response": response(status), "hasExtraInfo": true,
            "type": "Document", "frameId": "F" });
        ("responseReceived", params)
    }

    fn over_the_wire(status: u16) -> (&'static str, Value) {
        let headers = json!({ "Set-Cookie": "a=1" });
        ("responseReceivedExtraInfo", json!({ "requestId": "R", "headers": headers, "statusCode": status }))
    }

    fn cookie(value: &str) -> (&'static str, Value) {
        ("requestWillBeSentExtraInfo", json!({ "requestId": "R", "headers": { "Cookie": value } }))
    }

    fn finished() -> (&'static str, Value) {
        ("loadingFinished", json!({ "requestId": "R", "encodedDataLength": 1.0 }))
    }

    #[test]
    fn a_response_is_told_of_with_what_went_over_the_wire_whichever_came_first() {
        let whole = [r#"request "u#h""#, r#"response [304,{"set-cookie":"a=1"}]"#, "requestfinished null"];
        for events in [
            [sent("u", None), over_the_wire(304), received(200), finished()],
            [sent("u", None), received(200), over_the_wire(304), finished()],
            [sent("u", None), received(200), finished(), over_the_wire(304)],
            [over_the_wire(304), sent("u", None), received(200), finished()],
        ] {
            assert_eq!(heard(&Exchanges::default(), &events), whole);
        }
    }

    #[test]
    fn each_request_of_a_chain_of_redirects_has_its_own_cookies() {
        let events = [
            sent("u", None),
            cookie("first"),
            over_the_wire(302),
            cookie("second"),
            sent("v", Some(&response(302))),
            received(200),
            over_the_wire(200),
        ];
        let told = heard(&Exchanges::default(), &events);
        assert_eq!(told[1..3], [r#"sentheaders {"cookie":"first"}"#, r#"request [302,"second"]"#]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_document_whose_wire_nobody_tells_of_has_a_response_all_the_same() {
        let exchanges = Exchanges::default();
        heard(&exchanges, &[sent("u", None), received(200)]);
        assert_eq!(
            exchanges.response("F", "R").await.map(|(_, response)| response["status"].clone()),
            Some(json!(200))
        );
    }

    #[test]
    fn a_document_that_was_fetched_ahead_waits_for_nothing_that_went_over_the_wire() {
        let mut last = received(200);
        last.1["response"]["fromPrefetchCache"] = true.into();
        let events = [sent("u", None), sent("v", Some(&response(302))), last, finished()];
        let whole = [r#"request "u#h""#, "request [302,null]", r#"response [200,{"a":"1"}]"#, "requestfinished null"];
        assert_eq!(heard(&Exchanges::default(), &events), whole);
    }

    #[test]
    fn what_waits_when_another_document_comes_is_told_as_it_is() {
        let exchanges = Exchanges::default();
        let events = [sent("u", None), sent("v", Some(&response(302))), received(200), finished(), LEFT];
        let whole = [r#"request "u#h""#, "request [302,null]", r#"response [200,{"a":"1"}]"#, "requestfinished null"];
        assert_eq!(heard(&exchanges, &events), whole);
        assert!(exchanges.state().open.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_document_behind_a_redirect_whose_wire_nobody_tells_of_has_a_response_all_the_same() {
        let exchanges = Exchanges::default();
        heard(&exchanges, &[sent("u", None), sent("v", Some(&response(302))), received(200)]);
        let (requests, response) = exchanges.response("F", "R").await.unwrap();
        assert_eq!((&response["url"], &response["status"]), (&json!("v#h"), &json!(200)));
        let (url, redirect) = (&requests[1]["url"], &requests[1]["redirect"]["status"]);
        assert_eq!((&requests[0]["url"], url, redirect), (&json!("u#h"), &json!("v#h"), &json!(302)));
    }

    #[tokio::test]
    async fn a_page_with_many_frames_and_documents_fetched_ahead_does_not_lose_its_response() {
        let exchanges = Exchanges::default();
        heard(&exchanges, &[sent("u", None), received(200), over_the_wire(200), finished()]);
        for at in 0..2 * REMEMBERED {
            let id = format!("X{at}");
            let (frame, kind) = if at % 2 == 0 { ("G", "Document") } else { ("F", "Prefetch") };
            let other =
                json!({ "requestId": id, "loaderId": id, "frameId": frame, "type": kind, "response": response(200) });
            heard(&exchanges, &[("responseReceived", other)]);
        }
        assert!(exchanges.response("F", "R").await.is_some());
    }

    #[test]
    fn a_page_that_makes_frames_without_end_has_but_a_few_of_their_documents_remembered() {
        let exchanges = Exchanges::default();
        for at in 0..4 * INNER {
            let (id, frame) = (format!("X{at}"), format!("F{at}"));
            let other = json!({ "requestId": id, "loaderId": id, "frameId": frame, "type": "Document", "response": response(200) });
            heard(&exchanges, &[("responseReceived", other)]);
            if at % 2 == 0 {
                exchanges.frame_gone(&frame);
            }
        }
        assert_eq!(exchanges.documents.borrow().len(), INNER);
    }

    #[test]
    fn what_is_over_is_not_remembered() {
        let exchanges = Exchanges::default();
        heard(&exchanges, &[sent("u", None), received(200), over_the_wire(200), finished()]);
        assert!(exchanges.state().open.is_empty());
        for _ in 0..2 * EARLY {
            heard(&exchanges, &[over_the_wire(200)]);
        }
        assert_eq!(exchanges.state().early.len(), EARLY);
    }

    #[test]
    fn the_words_of_a_status_are_those_of_the_first_line() {
        assert_eq!(reason("HTTP/1.1 404 Not Here\r\nA: 1\r\n"), Some("Not Here"));
        assert_eq!(reason("HTTP/1.1 404\r\n"), None);
    }
}
