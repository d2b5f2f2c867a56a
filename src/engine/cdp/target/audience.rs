//! Who listens to a page, and to what.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use crate::engine::{EventKind, Page, PageEvent, PageListener};

/// Who listens to a page, and to what.
#[derive(Default)]
pub struct Audience {
    listening: Mutex<Option<Listening>>,
}

struct Listening {
    kinds: HashSet<EventKind>,
    to: PageListener,
}

impl Audience {
    /// From now on, somebody listens to these kinds.
    pub fn listen(&self, kinds: &[EventKind], to: PageListener) {
        *self.listening() = Some(Listening { kinds: kinds.iter().copied().collect(), to });
    }

    /// The kinds of events that somebody listens to.
    pub fn kinds(&self) -> HashSet<EventKind> {
        self.listening().as_ref().map(|listening| listening.kinds.clone()).unwrap_or_default()
    }

    /// Ends the listening, and gives who listened, and to what.
    pub fn leave(&self) -> Option<(Vec<EventKind>, PageListener)> {
        self.listening().take().map(|Listening { kinds, to }| (kinds.into_iter().collect(), to))
    }

    /// Whether somebody listens to this kind.
    pub fn wants(&self, kind: EventKind) -> bool {
        self.listening().as_ref().is_some_and(|listening| listening.kinds.contains(&kind))
    }

    /// Tells of something, if somebody listens to its kind.
    pub fn tell(&self, kind: EventKind, name: &'static str, data: Value) {
        if self.wants(kind) {
            self.send(PageEvent { name, data, page: None });
        }
    }

    /// Tells of a page that was opened.
    pub fn tell_of_popup(&self, page: Arc<dyn Page>) {
        if self.wants(EventKind::Popup) {
            self.send(PageEvent { name: "popup", data: Value::Null, page: Some(page) });
        }
    }

    /// Tells of an event that a command has asked for, whatever is listened to.
    pub fn answer(&self, name: &'static str, data: Value) {
        self.send(PageEvent { name, data, page: None });
    }

    fn send(&self, event: PageEvent) {
        let to = self.listening().as_ref().map(|listening| listening.to.clone());
        if let Some(to) = to {
            to(event);
        }
    }

    fn listening(&self) -> MutexGuard<'_, Option<Listening>> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
