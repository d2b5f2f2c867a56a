//! HTTP beside the session: how to connect, health checks, and Chromium's `DevTools` endpoint.

use http::{Method, Request};
use http_body_util::{BodyExt, Empty};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use url::Url;

use crate::error::{Code, Error, Result};

type NoBody = Empty<&'static [u8]>;

/// A pooled client, with TLS where the driver is behind it.
#[derive(Clone)]
pub enum Http {
    Plain(Client<HttpConnector, NoBody>),
    Tls(Client<HttpsConnector<HttpConnector>, NoBody>),
}

/// For everything on this machine.
pub fn plain_connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector
}

/// For a remote driver, with the machine's own certificates.
pub fn tls_connector(endpoint: &Url) -> Result<HttpsConnector<HttpConnector>> {
    let builder = HttpsConnectorBuilder::new().with_native_roots().map_err(|error| {
        Error::new(Code::BrowserLaunch, format!("no certificates to check {endpoint} with: {error}"))
    })?;
    Ok(builder.https_or_http().enable_http1().build())
}

impl Http {
    /// A client that can reach this endpoint; it connects when it is needed.
    pub fn new(endpoint: Option<&Url>) -> Result<Self> {
        let builder = Client::builder(TokioExecutor::new());
        Ok(match endpoint.filter(|endpoint| endpoint.scheme() == "https") {
            Some(endpoint) => Self::Tls(builder.build(tls_connector(endpoint)?)),
            None => Self::Plain(builder.build(plain_connector())),
        })
    }

    /// Whether somebody answers, whatever it is.
    pub async fn ping(&self, url: &str) -> Result<()> {
        self.body(Method::GET, url).await.map(drop)
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
        let body = self.body(method, url).await?;
        Ok(serde_json::from_slice(body.as_ref()).unwrap_or_default())
    }

    async fn body(&self, method: Method, url: &str) -> Result<impl AsRef<[u8]>> {
        let request = Request::builder().method(method).uri(url).body(NoBody::new()).map_err(Error::gone)?;
        let answer = match self {
            Self::Plain(client) => client.request(request).await,
            Self::Tls(client) => client.request(request).await,
        };
        let body = answer.map_err(Error::gone)?.into_body();
        Ok(body.collect().await.map_err(Error::gone)?.to_bytes())
    }
}
