//! A page as its handler holds it: the same from the first command to the last, even when `setProxy` moves it to a browser
//! context of its own, because a proxy is a matter of contexts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use async_trait::async_trait;
use serde_json::json;
use url::Url;

use crate::{
    engine::{
        Command, EventKind, Page, PageListener, Relay, RelayListener, Reply,
        cdp::{page::CdpPage, protocol::AuthSource, target::interception::Credentials},
    },
    error::{Code, Error, Result},
};

use super::process::Process;

/// See the [module](self).
pub struct Handle {
    process: Arc<Process>,
    page: RwLock<Arc<CdpPage>>,
    /// The contexts made for it, the one that it was moved to among them.
    contexts: Mutex<Vec<String>>,
}

impl Handle {
    /// A page that nobody has used.
    pub fn new(process: Arc<Process>, page: CdpPage) -> Self {
        Self { process, page: RwLock::new(Arc::new(page)), contexts: Mutex::default() }
    }

    /// Where it is now.
    pub fn page(&self) -> Arc<CdpPage> {
        self.page.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Disposes of the contexts made for it. True if there were any.
    pub async fn leave(&self) -> Result<bool> {
        let contexts = std::mem::take(&mut *self.contexts());
        for context in &contexts {
            self.process.dispose(context).await?;
        }
        Ok(!contexts.is_empty())
    }

    fn contexts(&self) -> MutexGuard<'_, Vec<String>> {
        self.contexts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on in a new context behind this proxy, with everything that was set; the document stays behind.
    async fn set_proxy(&self, url: &str) -> Result<()> {
        let Proxy { server, credentials } = Proxy::parse(url)?;
        let before = self.page();
        // Chromium would go to this machine itself without being told otherwise; PhantomJS did not.
        let behind = json!({ "proxyServer": server, "proxyBypassList": "<-loopback>" });
        let context = self.process.new_context(behind).await?;
        // Noted first: whatever fails from here on, it goes with the page.
        self.contexts().push(context.clone());
        let target = self.process.new_page(Some(&context)).await?;
        before.target.sized().await?;
        target.inherit(&before.target).await?;
        let page = self.process.page(target);
        // The one before had its own.
        page.authenticate(AuthSource::Proxy, credentials).await?;
        if let Some((kinds, to)) = before.target.audience.leave() {
            page.listen(&kinds, to)?;
        }
        *self.page.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(page);
        Ok(())
    }
}

#[async_trait]
impl Page for Handle {
    async fn run(&self, command: Command) -> Result<Reply> {
        match command {
            Command::SetProxy { url } => self.set_proxy(&url).await.map(|()| Reply::NOTHING),
            command => self.page().run(command).await,
        }
    }

    async fn ended(&self) {
        self.page().ended().await;
    }

    async fn relay(&self, to: RelayListener) -> Result<Box<dyn Relay>> {
        self.page().relay(to).await
    }

    fn listen(&self, kinds: &[EventKind], to: PageListener) -> Result<()> {
        self.page().listen(kinds, to)
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
        let decoded = |text: &str| {
            url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
                .next()
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
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
