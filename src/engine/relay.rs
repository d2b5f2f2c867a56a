//! A way to a page for a `DevTools` client of the program's own, such as Puppeteer, over the connection that we have.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::error::Result;

/// A client that has more unread than this is cut off: it cannot do without a message, and memory is not endless.
const UNREAD_AT_MOST: usize = 256 << 20;

/// The client's side. Its sessions end when this is dropped, and nothing else does.
pub trait Relay: Send + Sync {
    /// Passes one message on: a call, as JSON.
    fn send(&self, message: &str) -> Result<()>;
}

/// What a client gets, in order.
pub enum Relayed {
    /// An answer or an event, as JSON.
    Message(Message),
    /// Nothing more will come.
    Closed,
}

/// Gets what is for a client. Never blocks.
pub type RelayListener = Arc<dyn Fn(Relayed) + Send + Sync>;

/// A message; unread until it is dropped.
pub struct Message {
    text: String,
    size: usize,
    unread: Arc<AtomicUsize>,
}

impl Message {
    /// Its JSON.
    #[must_use]
    pub fn into_text(mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        self.unread.fetch_sub(self.size, Ordering::Relaxed);
    }
}

/// Counts what one client has not read yet.
pub struct Backlog {
    unread: Arc<AtomicUsize>,
    at_most: usize,
}

impl Default for Backlog {
    fn default() -> Self {
        Self::new(UNREAD_AT_MOST)
    }
}

impl Backlog {
    fn new(at_most: usize) -> Self {
        Self { unread: Arc::default(), at_most }
    }

    /// One message more; none where too much waits already. A single one may be of any size.
    pub fn add(&self, text: String) -> Option<Message> {
        let size = text.len();
        let before = self.unread.fetch_add(size, Ordering::Relaxed);
        let message = Message { text, size, unread: self.unread.clone() };
        (before <= self.at_most).then_some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_may_be_longer_than_all_that_may_wait() {
        assert!(Backlog::new(1).add("xx".to_owned()).is_some());
    }

    #[test]
    fn a_client_that_does_not_read_gets_nothing_more() {
        let backlog = Backlog::new(1);
        let _unread = backlog.add("xx".to_owned());
        assert!(backlog.add("x".to_owned()).is_none());
    }

    #[test]
    fn what_has_been_read_does_not_count() {
        let backlog = Backlog::new(1);
        drop(backlog.add("xx".to_owned()));
        assert!(backlog.add("x".to_owned()).is_some());
    }
}
