//! A browser of which a test is the other end.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};

use crate::engine::Pipe;

/// As much as a pipe holds.
const HELD: usize = 64 * 1024;

pub struct Browser {
    pub calls: BufReader<DuplexStream>,
    pub answers: DuplexStream,
}

impl Browser {
    pub fn new() -> (Pipe, Self) {
        let (to, calls) = duplex(HELD);
        let (answers, from) = duplex(HELD);
        (Pipe { to: Box::new(to), from: Box::new(from) }, Self { calls: BufReader::new(calls), answers })
    }

    pub async fn next(&mut self) -> Value {
        let mut message = Vec::new();
        self.calls.read_until(0, &mut message).await.unwrap();
        message.pop();
        serde_json::from_slice(&message).unwrap()
    }

    /// The next call of this method.
    pub async fn call(&mut self, method: &str) -> Value {
        loop {
            let call = self.next().await;
            if call["method"] == method {
                return call;
            }
        }
    }

    pub async fn say(&mut self, message: &str) {
        self.answers.write_all(message.as_bytes()).await.unwrap();
        self.answers.write_all(&[0]).await.unwrap();
    }
}
