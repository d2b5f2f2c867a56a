//! Waits in a page for what may never come, until nobody waits for it any more.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// Those of a page that can be given up, by their numbers.
#[derive(Default)]
pub struct Waits {
    open: Mutex<HashMap<u64, oneshot::Sender<()>>>,
}

/// One that can be given up from now on.
pub struct Wait<'a> {
    waits: &'a Waits,
    number: u64,
    given_up: oneshot::Receiver<()>,
}

impl Waits {
    fn open(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<()>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A wait begins.
    pub fn begin(&self, number: u64) -> Wait<'_> {
        let (end, given_up) = oneshot::channel();
        self.open().insert(number, end);
        Wait { waits: self, number, given_up }
    }

    /// Ends the wait with this number, unless it has ended.
    pub fn give_up(&self, number: u64) {
        self.open().remove(&number);
    }
}

impl Wait<'_> {
    /// What comes of it. Given up, the future is dropped.
    pub async fn run<T>(mut self, wait: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            // Its other end has been dropped.
            _ = &mut self.given_up => Err(Error::refused("nobody waits for it any more")),
            done = wait => done,
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.waits.give_up(self.number);
    }
}
