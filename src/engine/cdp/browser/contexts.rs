//! The browser contexts that `setProxy` makes for the page of a slot. They are disposed of with the page.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;

use crate::{
    engine::cdp::{page::Contexts, target::Target},
    error::Result,
};

use super::process::Process;

/// See the [module](self).
pub struct SlotContexts {
    process: Arc<Process>,
    made: Mutex<Vec<String>>,
}

impl SlotContexts {
    pub fn new(process: Arc<Process>) -> Self {
        Self { process, made: Mutex::default() }
    }

    /// Disposes of the contexts. True if there were any.
    pub async fn dispose(&self) -> Result<bool> {
        let made = std::mem::take(&mut *self.made.lock().unwrap_or_else(PoisonError::into_inner));
        for context in &made {
            self.process.dispose(context).await?;
        }
        Ok(!made.is_empty())
    }
}

#[async_trait]
impl Contexts for SlotContexts {
    async fn open(&self, context: Value) -> Result<Arc<Target>> {
        let context = self.process.new_context(context).await?;
        // Noted first: whatever fails from here on, the context goes with the slot's page.
        self.made.lock().unwrap_or_else(PoisonError::into_inner).push(context.clone());
        self.process.new_page(Some(&context)).await
    }
}
