//! Drags that a page begins while the browser leaves them to us.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::oneshot;

use crate::engine::cdp::protocol::DragIntercepted;

/// Who waits for a drag.
#[derive(Default)]
pub struct Drags {
    waiting: Mutex<Option<oneshot::Sender<Value>>>,
}

impl Drags {
    /// The data of the next drag that begins. Whoever waited for it before waits no more.
    pub fn next(&self) -> oneshot::Receiver<Value> {
        let (begun, next) = oneshot::channel();
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some(begun);
        next
    }

    /// A drag has begun.
    pub fn began(&self, params: &str) -> serde_json::Result<()> {
        let DragIntercepted { data } = serde_json::from_str(params)?;
        if let Some(waiting) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // Whoever waited may have given up.
            let _ = waiting.send(data);
        }
        Ok(())
    }
}
