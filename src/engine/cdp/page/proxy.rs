//! `setProxy`: a proxy is a matter of a browser context, so the page goes on in another context, with everything that was set
//! on it; the document stays behind.

use std::sync::Arc;

use async_trait::async_trait;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::Url;

use crate::{
    engine::{
        Page,
        cdp::{
            protocol::AuthSource,
            target::{Target, interception::Credentials},
        },
    },
    error::{Code, Error, Result},
};

use super::{CdpPage, unsupported};

/// Where a page gets a target in another browser context.
#[async_trait]
pub trait Contexts: Send + Sync {
    /// A new page, alone in a new context with these parameters, which goes with the slot's page.
    async fn open(&self, context: Value) -> Result<Arc<Target>>;
}

impl CdpPage {
    /// The page in whose target commands go on: this one, until `setProxy` has moved it.
    pub(super) fn current(&self) -> &Self {
        let mut page = self;
        while let Some(successor) = page.successor.get() {
            page = successor;
        }
        page
    }

    pub(super) async fn set_proxy(&self, url: &str) -> Result<()> {
        // A page that was opened by another stays in that one's context.
        let contexts = self.contexts.as_ref().ok_or_else(|| unsupported("setProxy on a popup", "its opener can"))?;
        let Proxy { server, credentials } = Proxy::parse(url)?;
        // Chromium would go to this machine itself without being told otherwise; PhantomJS did not.
        let target = contexts.open(json!({ "proxyServer": server, "proxyBypassList": "<-loopback>" })).await?;
        target.inherit(&self.target).await?;
        let mut page = Self::new(target, self.browser.clone(), self.downloads.clone());
        page.contexts = Some(contexts.clone());
        // A proxy that this page had before had credentials of its own.
        page.authenticate(AuthSource::Proxy, credentials).await?;
        if let Some((kinds, to)) = self.target.audience.leave() {
            page.listen(&kinds, to)?;
        }
        self.go_on_in(page);
        Ok(())
    }

    /// Commands go on in another page's target. Another call may have moved the page meanwhile: the last one counts.
    pub(super) fn go_on_in(&self, page: Self) {
        let mut page = Arc::new(page);
        loop {
            let current = self.current();
            match current.successor.set(page) {
                Ok(()) => return current.moved.notify_waiters(),
                Err(unplaced) => page = unplaced,
            }
        }
    }
}

/// A proxy as Chromium wants it.
struct Proxy {
    server: String,
    credentials: Option<Credentials>,
}

impl Proxy {
    /// `http://user:password@host:port`, `socks5://host:port` or `host:port`; nothing is no proxy.
    fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Ok(Self { server: "direct://".to_owned(), credentials: None });
        }
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let refused = |why: String| {
            Error::new(
                Code::InvalidOption,
                format!("page.setProxy: the URL must be like \"http://user:password@host:port\", got {text:?} ({why})"),
            )
        };
        let url = Url::parse(&whole).map_err(|error| refused(error.to_string()))?;
        let host =
            url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| refused("it names no host".to_owned()))?;
        let port = url.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let credentials = (!url.username().is_empty()).then(|| Credentials {
            username: decoded(url.username()),
            password: decoded(url.password().unwrap_or_default()),
        });
        Ok(Self { server: format!("{}://{host}{port}", url.scheme()), credentials })
    }
}

#[cfg(test)]
mod tests {
    use super::Proxy;

    #[test]
    fn a_proxy_is_its_server_and_its_credentials_apart() {
        let proxy = Proxy::parse("http://me:p%40ss+word@10.0.0.1:3128/").unwrap();
        assert_eq!(proxy.server, "http://10.0.0.1:3128");
        let credentials = proxy.credentials.unwrap();
        assert_eq!((credentials.username.as_str(), credentials.password.as_str()), ("me", "p@ss+word"));
        assert_eq!(Proxy::parse("proxy.test:8080").unwrap().server, "http://proxy.test:8080");
        assert_eq!(Proxy::parse("socks5://proxy.test:1080").unwrap().server, "socks5://proxy.test:1080");
        assert_eq!(Proxy::parse("").unwrap().server, "direct://");
        assert!(Proxy::parse("http://").is_err());
    }
}
