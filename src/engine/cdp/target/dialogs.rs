//! The dialog that a page has opened, and who answers it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;

use crate::engine::{
    EventKind,
    cdp::{connection::Session, protocol::JavascriptDialogOpening},
};

use super::audience::Audience;

/// See the [module](self).
#[derive(Default)]
pub struct Dialogs {
    /// The dialog, and the session that answers it.
    open: Mutex<Option<(Session, Dialog)>>,
}

/// An open dialog, by whose it is to answer.
enum Dialog {
    /// A client's that drives the page too, until it goes.
    Client { leaves: bool },
    /// The page's own listener's, which has been told.
    Listener,
}

impl Dialogs {
    fn open(&self) -> MutexGuard<'_, Option<(Session, Dialog)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A dialog has opened, and holds the page's scripts.
    pub fn opened(
        &self,
        audience: &Audience,
        is_shared: impl Fn() -> bool,
        session: &Session,
        params: &str,
    ) -> serde_json::Result<()> {
        let JavascriptDialogOpening { kind, message, default_prompt } = serde_json::from_str(params)?;
        if audience.wants(EventKind::Dialog) {
            *self.open() = Some((session.clone(), Dialog::Listener));
            let told = json!({ "type": kind, "message": message, "defaultValue": default_prompt.unwrap_or_default() });
            audience.tell(EventKind::Dialog, "dialog", told);
            return Ok(());
        }
        // Noted before it is asked who drives the page: a client that goes meanwhile leaves it behind.
        *self.open() = Some((session.clone(), Dialog::Client { leaves: kind == "beforeunload" }));
        if !is_shared() {
            self.dismiss();
        }
        Ok(())
    }

    /// Nobody listens to the open dialog, so nobody may wait: as a person who dismisses it, but lets the page be left.
    pub fn dismiss(&self) {
        let unheard = self.open().take_if(|(_, dialog)| matches!(dialog, Dialog::Client { .. }));
        if let Some((session, Dialog::Client { leaves })) = unheard {
            session.send("Page.handleJavaScriptDialog", json!({ "accept": leaves }));
        }
    }

    /// The dialog has been answered, whoever did.
    pub fn closed(&self) {
        *self.open() = None;
    }

    /// The session that answers the open dialog, if it is the listener's to answer. Nobody else answers it then.
    pub fn take(&self) -> Option<Session> {
        let told = self.open().take_if(|(_, dialog)| matches!(dialog, Dialog::Listener));
        told.map(|(session, _)| session)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use super::*;
    use crate::engine::cdp::{
        fake::Browser,
        target::{BrowserTraits, Target},
    };

    /// A page that a client drives too, with a dialog that has opened meanwhile.
    async fn shared(kinds: &[EventKind]) -> (Arc<Target>, Browser) {
        let (pipe, browser) = Browser::new();
        let info = json!({ "sessionId": "S", "targetInfo": { "targetId": "P", "type": "page" } });
        let target = Target::attach(
            &Session::connect(pipe),
            serde_json::from_value(info).unwrap(),
            None,
            BrowserTraits::default(),
            None,
        );
        target.audience.listen(kinds, Arc::new(drop));
        target.share();
        let mut page = (target, browser);
        hear(&mut page, "Page.javascriptDialogOpening", json!({ "type": "confirm", "message": "sure?" })).await;
        page
    }

    /// Has the page hear of something, and nothing of what it was told before unread.
    async fn hear((target, browser): &mut (Arc<Target>, Browser), method: &str, params: Value) {
        browser.say(&json!({ "method": method, "params": params, "sessionId": "S" }).to_string()).await;
        let last = target.session.call("A.last", json!({}));
        let asked = browser.call("A.last").await;
        browser.say(&json!({ "id": asked["id"], "result": {}, "sessionId": "S" }).to_string()).await;
        last.await.unwrap();
    }

    #[tokio::test]
    async fn a_dialog_that_a_client_leaves_behind_is_dismissed() {
        let (target, mut browser) = shared(&[]).await;
        target.unshare();
        let answer = browser.next().await;
        assert_eq!(
            (&answer["method"], &answer["params"]),
            (&json!("Page.handleJavaScriptDialog"), &json!({ "accept": false }))
        );
    }

    #[tokio::test]
    async fn a_dialog_that_the_pages_own_listener_was_told_of_stays_its_when_a_client_goes() {
        let (target, mut browser) = shared(&[EventKind::Dialog]).await;
        target.unshare();
        drop(target.session.call("A.next", json!({})));
        assert_eq!(browser.next().await["method"], "A.next");
    }

    #[tokio::test]
    async fn a_dialog_stays_open_while_another_client_is_there() {
        let (target, mut browser) = shared(&[]).await;
        target.share();
        target.unshare();
        drop(target.session.call("A.next", json!({})));
        assert_eq!(browser.next().await["method"], "A.next");
    }

    #[tokio::test]
    async fn a_dialog_that_the_client_has_answered_is_not_answered_again() {
        let mut page = shared(&[]).await;
        hear(&mut page, "Page.javascriptDialogClosed", json!({ "result": true, "userInput": "yes" })).await;
        let (target, mut browser) = page;
        target.unshare();
        drop(target.session.call("A.next", json!({})));
        assert_eq!(browser.next().await["method"], "A.next");
    }
}
