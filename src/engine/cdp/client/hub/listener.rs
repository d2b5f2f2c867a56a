//! Hears the sessions of a client: what is for the client is passed on, and the client's pages and sessions are noted.

use std::sync::Arc;

use serde_json::{Map, Value, value::RawValue};

use crate::{
    engine::{
        cdp::connection::{Listener, Session},
        page_script::is_installed_again,
    },
    error::{Error, Result},
};

use super::{Hub, addressed};

/// The parameters of an event in which the browser is wrong. Of a document that it had fetched ahead it promises an event
/// with the headers (`Network.responseReceivedExtraInfo`) that was sent with the fetch: who waits for it waits for ever.
fn mended(method: &str, params: &str) -> Option<String> {
    if method != "Network.responseReceived" || !params.contains(r#""fromPrefetchCache":true"#) {
        return None;
    }
    let mut params: Map<String, Value> = serde_json::from_str(params).ok()?;
    if params.get("type")? != "Document" {
        return None;
    }
    params.insert("hasExtraInfo".to_owned(), false.into());
    serde_json::to_string(&params).ok()
}

/// Listens to one of the client's sessions.
pub struct ClientListener {
    hub: Arc<Hub>,
    session: Session,
}

impl ClientListener {
    pub fn listen(hub: &Arc<Hub>, session: &Session) {
        let listener: Arc<dyn Listener> = Arc::new(Self { hub: hub.clone(), session: session.clone() });
        session.listen(&listener);
    }

    fn is_root(&self) -> bool {
        self.session.is(&self.hub.root)
    }

    /// How the client calls the session.
    fn name(&self) -> Option<&str> {
        (!self.is_root()).then(|| self.session.id())
    }
}

impl Listener for ClientListener {
    fn event(&self, method: &str, params: &RawValue) {
        let hub = &self.hub;
        if is_installed_again(method, params.get()) {
            return;
        }
        match hub.note(&self.session, method, params.get()) {
            Ok(true) => {
                let mended = mended(method, params.get());
                let params = mended.as_deref().unwrap_or(params.get());
                hub.tell(format!(r#"{{"method":"{method}","params":{params}{}}}"#, addressed(self.name())));
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(method, %error, "an event that cannot be read"),
        }
        if self.is_root() && method == "Target.targetDestroyed" && !hub.state().pages.contains(&hub.target.id) {
            hub.end();
        }
    }

    fn answered(&self, number: u64, answer: Result<&str, &str>) {
        self.hub.answer(number, self.name(), answer);
    }

    fn ended(&self, _: &Error) {
        if self.is_root() {
            self.hub.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_headers_are_promised_of_a_document_that_was_fetched_ahead() {
        let event = |kind: &str, ahead: bool| {
            json!({ "type": kind, "response": { "fromPrefetchCache": ahead }, "hasExtraInfo": true }).to_string()
        };
        let document = mended("Network.responseReceived", &event("Document", true)).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&document).unwrap()["hasExtraInfo"], false);
        assert_eq!(mended("Network.responseReceived", &event("Document", false)), None);
        assert_eq!(mended("Network.responseReceived", &event("Image", true)), None);
    }
}
