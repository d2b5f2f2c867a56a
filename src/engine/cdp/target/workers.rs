//! The page's workers, as their sessions come and go.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;

use crate::engine::{EventKind, WorkerState, cdp::connection::Session};

use super::audience::Audience;

/// See the [module](self).
#[derive(Default)]
pub struct Workers {
    all: Mutex<Vec<Worker>>,
}

/// A worker of a page.
pub struct Worker {
    /// The worker's target.
    pub id: String,
    /// The address of the worker's script.
    pub url: String,
    /// The session over which we speak to the worker.
    pub session: Session,
}

impl Workers {
    /// The page has another worker.
    pub fn came(&self, audience: &Audience, worker: Worker) {
        let told = json!({ "id": worker.id, "url": worker.url });
        self.lock().push(worker);
        audience.tell(EventKind::WorkerCreated, "workercreated", told);
    }

    /// A session has ended, which may have been a worker's.
    pub fn gone(&self, audience: &Audience, session: &Session) {
        let gone = {
            let mut workers = self.lock();
            let at = workers.iter().position(|worker| worker.session.is(session));
            at.map(|at| workers.remove(at))
        };
        if let Some(Worker { id, url, .. }) = gone {
            audience.tell(EventKind::WorkerDestroyed, "workerdestroyed", json!({ "id": id, "url": url }));
        }
    }

    /// Those that there are.
    pub fn all(&self) -> Vec<WorkerState> {
        self.lock().iter().map(|Worker { id, url, .. }| WorkerState { id: id.clone(), url: url.clone() }).collect()
    }

    /// The session of one.
    pub fn session(&self, id: &str) -> Option<Session> {
        self.lock().iter().find(|worker| worker.id == id).map(|worker| worker.session.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
