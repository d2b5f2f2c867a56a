//! How long a page operation may take.

use std::time::{Duration, Instant};

use crate::error::{Code, Error, Result};

/// Of an operation that is given none, in milliseconds.
pub const DEFAULT_TIMEOUT: u64 = 30_000;

/// The end of an operation's time, counted from the making of this value.
pub struct Deadline {
    timeout: u64,
    end: Option<Instant>,
}

impl Deadline {
    /// In milliseconds; 0 is for ever.
    pub fn new(timeout: u64) -> Self {
        Self { timeout, end: (timeout > 0).then(|| Instant::now() + Duration::from_millis(timeout)) }
    }

    /// Runs a future until the end.
    pub async fn bound<T>(&self, what: &str, future: impl Future<Output = Result<T>>) -> Result<T> {
        self.until(future, || format!("{what} did not end within {} ms", self.timeout)).await
    }

    /// The same of a navigation, in the words that programs of Puppeteer's look for.
    pub async fn navigation<T>(&self, what: &str, future: impl Future<Output = Result<T>>) -> Result<T> {
        self.until(future, || format!("{what}: Navigation timeout of {} ms exceeded", self.timeout)).await
    }

    async fn until<T>(&self, future: impl Future<Output = Result<T>>, late: impl FnOnce() -> String) -> Result<T> {
        match self.end {
            None => future.await,
            Some(end) => tokio::time::timeout_at(end.into(), future)
                .await
                .unwrap_or_else(|_| Err(Error::new(Code::Timeout, late()))),
        }
    }
}
