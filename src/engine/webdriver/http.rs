//! Plain HTTP requests beside the session: the driver's status, and Chromium's `DevTools` endpoint.

use http::{Method, Request};
use http_body_util::{BodyExt, Empty};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use crate::error::{Error, Result};

type NoBody = Empty<&'static [u8]>;

/// A pooled client.
#[derive(Clone)]
pub struct Http {
    client: Client<HttpConnector, NoBody>,
}

impl Http {
    /// Connects when it is needed.
    pub fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// GET, for its JSON; null if the answer is none.
    pub async fn get(&self, url: &str) -> Result<Value> {
        self.send(Method::GET, url).await
    }

    /// PUT without a body, for its JSON; null if the answer is none.
    pub async fn put(&self, url: &str) -> Result<Value> {
        self.send(Method::PUT, url).await
    }

    async fn send(&self, method: Method, url: &str) -> Result<Value> {
        let request = Request::builder().method(method).uri(url).body(NoBody::new()).map_err(Error::gone)?;
        let response = self.client.request(request).await.map_err(Error::gone)?;
        let body = response.into_body().collect().await.map_err(Error::gone)?.to_bytes();
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    }
}
