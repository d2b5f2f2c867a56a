//! Scripts that run in every document to come, before the document's own. The browser knows them by another identifier in each
//! session, so they have numbers of ours.

use serde_json::{Value, json};

use crate::{
    engine::cdp::connection::{Answer, Call, Session},
    error::Result,
};

use super::INIT_SCRIPT;

/// See the [module](self).
#[derive(Default)]
pub struct InitScripts {
    all: Vec<InitScript>,
    last: u64,
}

/// One of them.
pub struct InitScript {
    number: u64,
    /// Parameters of [`INIT_SCRIPT`].
    params: Value,
    /// What the page's own session calls it, once that has answered.
    identifier: Value,
    /// What the sessions of frames in processes of their own call it: their answers, which nobody waits for before it is removed.
    frames: Vec<(Session, Call)>,
}

impl InitScripts {
    /// Adds a script to these sessions of frames. Gives its number.
    pub fn add(&mut self, params: Value, frames: &[Session]) -> u64 {
        let frames = frames.iter().map(|session| (session.clone(), session.call(INIT_SCRIPT, &params))).collect();
        self.last += 1;
        self.all.push(InitScript { number: self.last, params, identifier: Value::Null, frames });
        self.last
    }

    /// What the page's own session has answered to a script that is added there too.
    pub fn answered(&mut self, number: u64, answer: &Answer) -> Result<()> {
        let identifier = answer.value()?["identifier"].take();
        if let Some(script) = self.all.iter_mut().find(|script| script.number == number) {
            script.identifier = identifier;
        }
        Ok(())
    }

    /// The same scripts, by their numbers, for the page in another target, which has no frames: what they are added with there.
    pub fn inherit(&mut self, other: &Self) -> Vec<(u64, Value)> {
        let inherited = |script: &InitScript| InitScript {
            number: script.number,
            params: script.params.clone(),
            identifier: Value::Null,
            frames: Vec::new(),
        };
        self.all = other.all.iter().map(inherited).collect();
        self.last = other.last;
        self.all.iter().map(|script| (script.number, script.params.clone())).collect()
    }

    /// Takes one out, to be removed from its sessions.
    pub fn take(&mut self, number: u64) -> Option<InitScript> {
        let at = self.all.iter().position(|script| script.number == number)?;
        Some(self.all.remove(at))
    }

    /// Adds all of them to the session of a frame that has come.
    pub fn adopt_frame(&mut self, session: &Session) {
        for InitScript { params, frames, .. } in &mut self.all {
            frames.push((session.clone(), session.call(INIT_SCRIPT, &*params)));
        }
    }

    /// The session of a frame has ended.
    pub fn forget(&mut self, session: &Session) {
        for script in &mut self.all {
            script.frames.retain(|(other, _)| !other.is(session));
        }
    }
}

impl InitScript {
    /// Removes it from the page's own session and from those of frames.
    pub async fn remove(self, own: &Session) -> Result<()> {
        let remove = |session: &Session, identifier: &Value| {
            session.call("Page.removeScriptToEvaluateOnNewDocument", json!({ "identifier": identifier }))
        };
        let removed = remove(own, &self.identifier);
        for (session, added) in self.frames {
            // A frame that has gone meanwhile has no scripts.
            if let Ok(added) = added.await.and_then(|answer| answer.value()) {
                let _ = remove(&session, &added["identifier"]).await;
            }
        }
        removed.await.map(drop)
    }
}
