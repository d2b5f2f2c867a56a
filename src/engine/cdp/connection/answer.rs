//! The answer to a call, and the bytes that some answers hold as base64.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    engine::cdp::protocol::{Base64Data, ResponseBody},
    error::{Error, Result},
};

use super::message::well_formed;

/// Base64 of more bytes than this is decoded on a thread of its own, so that it delays no other page; for less, handing it
/// to a thread would take longer than decoding it.
const DECODED_AT_ONCE: usize = 64 * 1024;

/// The result of a call, as the text that was received.
#[derive(Debug)]
pub struct Answer(Bytes);

impl Answer {
    pub(super) fn new(text: Bytes) -> Self {
        Self(text)
    }

    /// The answer as a value, even if its strings hold halves of characters.
    pub fn value(&self) -> Result<Value> {
        self.read().or_else(|error| {
            let text = std::str::from_utf8(&self.0).map_err(|_| error.clone())?;
            serde_json::from_str(&well_formed(text)).map_err(|_| error)
        })
    }

    /// The answer as a type of ours, whose borrowed fields borrow from the received message.
    pub fn read<'answer, T: Deserialize<'answer>>(&'answer self) -> Result<T> {
        serde_json::from_slice(&self.0).map_err(|error| Error::refused(format!("unreadable answer: {error}")))
    }

    /// The bytes of a picture or a document, which the answer's field `data` holds as base64.
    pub async fn bytes(self) -> Result<Vec<u8>> {
        let decode = |answer: &Self| {
            let Base64Data { data } = answer.read()?;
            decoded(&data)
        };
        if self.0.len() <= DECODED_AT_ONCE {
            return decode(&self);
        }
        tokio::task::spawn_blocking(move || decode(&self)).await.map_err(Error::gone)?
    }

    /// The body of a response, which the answer holds as text or as base64.
    pub async fn body(self) -> Result<Vec<u8>> {
        let decode = |answer: &Self| {
            let ResponseBody { body, base64_encoded } = answer.read()?;
            if base64_encoded { decoded(&body) } else { Ok(body.into_owned().into_bytes()) }
        };
        tokio::task::spawn_blocking(move || decode(&self)).await.map_err(Error::gone)?
    }
}

/// The bytes of which the browser has sent the base64.
pub fn decoded(base64: &str) -> Result<Vec<u8>> {
    BASE64_STANDARD.decode(base64).map_err(|error| Error::refused(format!("the browser's data is no base64: {error}")))
}
