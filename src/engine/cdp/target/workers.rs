//! The page's workers, as their sessions come and go.

use std::time::Duration;

use serde_json::json;
use tokio::{sync::watch, time::timeout};

use crate::engine::{EventKind, WorkerState, cdp::connection::Session};

use super::audience::Audience;

/// How long a worker's script is waited for. Browsers of before November 2025 do not tell that a worker has run its script.
const PATIENCE: Duration = Duration::from_secs(5);

/// See the [module](self).
#[derive(Default)]
pub struct Workers {
    all: watch::Sender<Vec<Worker>>,
}

/// A worker of a page.
pub struct Worker {
    /// The worker's target.
    pub id: String,
    /// The address of the worker's script.
    pub url: String,
    /// The session over which we speak to the worker.
    pub session: Session,
    /// The worker has run its script. Before, its `location` is not there yet, and the page's process crashes under a look at it.
    pub loaded: bool,
}

impl Workers {
    /// The page has another worker.
    pub fn came(&self, audience: &Audience, worker: Worker) {
        let told = json!({ "id": worker.id, "url": worker.url });
        self.all.send_modify(|workers| workers.push(worker));
        audience.tell(EventKind::WorkerCreated, "workercreated", told);
    }

    /// A session has ended, which may have been a worker's.
    pub fn gone(&self, audience: &Audience, session: &Session) {
        let mut gone = None;
        self.all.send_if_modified(|workers| {
            let at = workers.iter().position(|worker| worker.session.is(session));
            gone = at.map(|at| workers.remove(at));
            gone.is_some()
        });
        if let Some(Worker { id, url, .. }) = gone {
            audience.tell(EventKind::WorkerDestroyed, "workerdestroyed", json!({ "id": id, "url": url }));
        }
    }

    /// The worker of a session has run its script.
    pub fn loaded(&self, session: &Session) {
        self.all.send_if_modified(|workers| {
            let worker = workers.iter_mut().find(|worker| worker.session.is(session));
            worker.map(|worker| worker.loaded = true).is_some()
        });
    }

    /// Those that there are.
    pub fn all(&self) -> Vec<WorkerState> {
        let workers = self.all.borrow();
        workers.iter().map(|Worker { id, url, .. }| WorkerState { id: id.clone(), url: url.clone() }).collect()
    }

    /// The session of one.
    pub fn session(&self, id: &str) -> Option<Session> {
        self.all.borrow().iter().find(|worker| worker.id == id).map(|worker| worker.session.clone())
    }

    /// The id of the worker whose session this is.
    pub fn of(&self, session: &Session) -> Option<String> {
        self.all.borrow().iter().find(|worker| worker.session.is(session)).map(|worker| worker.id.clone())
    }

    /// Waits until the worker has run its script, or is no more.
    pub async fn until_loaded(&self, id: &str) {
        let settled = |workers: &Vec<Worker>| workers.iter().all(|worker| worker.loaded || worker.id != id);
        // The sender lives as long as `self`.
        let _ = timeout(PATIENCE, self.all.subscribe().wait_for(settled)).await;
    }
}
