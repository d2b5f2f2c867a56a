//! Calls of functions that the program has exposed to a page, and whose results scripts of the page wait for.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::json;

use crate::engine::cdp::{connection::Session, protocol::BindingCalled};

use super::audience::Audience;

/// See the [module](self).
#[derive(Default)]
pub struct Bindings {
    state: Mutex<OpenCalls>,
}

#[derive(Default)]
struct OpenCalls {
    /// By the call's number: the session and the execution context that wait for its result.
    calls: HashMap<u64, (Session, i64)>,
    last_call: u64,
}

impl Bindings {
    fn state(&self) -> MutexGuard<'_, OpenCalls> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session and the execution context that wait for a call's result, which they get once.
    pub fn take(&self, call: u64) -> Option<(Session, i64)> {
        self.state().calls.remove(&call)
    }

    /// A script context is gone - all of a session's without an id - and nobody waits there any more. The next document's
    /// contexts have the same ids.
    pub fn context_gone(&self, session: &Session, context: Option<i64>) {
        self.state().calls.retain(|_, (caller, id)| !caller.is(session) || context.is_some_and(|gone| gone != *id));
    }

    /// An exposed function was called.
    pub fn called(&self, audience: &Audience, session: &Session, params: &str) -> serde_json::Result<()> {
        let BindingCalled { name, payload, execution_context_id } = serde_json::from_str(params)?;
        let call = {
            let mut state = self.state();
            state.last_call += 1;
            let call = state.last_call;
            state.calls.insert(call, (session.clone(), execution_context_id));
            call
        };
        audience.answer("binding", json!({ "name": name, "payload": payload, "call": call.to_string() }));
        Ok(())
    }
}
