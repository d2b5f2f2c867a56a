//! One `WebDriver` session over fantoccini: the commands of one slot.

use std::{
    borrow::Cow,
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use fantoccini::{Client, ClientBuilder, wd::WebDriverCompatibleCommand};
use serde_json::{Map, Value, json};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use url::Url;

use crate::{
    engine::{
        command::World,
        devtools,
        page_script::{FRAME_GONE, applied, lacks_runtime, replaced, with_runtime},
    },
    error::{Code, Error, Result},
};

use super::{
    CDP_CAN,
    errors::{command_error, protocol_error, session_error},
    http::{Http, plain_connector, tls_connector},
};

/// A command by its endpoint, for all that fantoccini has no method for.
#[derive(Debug)]
struct Endpoint {
    method: http::Method,
    path: Cow<'static, str>,
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for Endpoint {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (self.method.clone(), self.body.as_ref().map(Value::to_string))
    }
}

/// What the session's state has to be put back to before the next item, with isolation "reuse".
#[derive(Default)]
pub(super) struct Touched {
    /// Keys or buttons may be held.
    pub input: bool,
    /// A frame is chosen.
    pub frame: bool,
    /// `DevTools` commands that undo what was set.
    pub undo: Vec<(&'static str, Value)>,
}

/// A session of a driver, with its one current window.
pub(super) struct Session {
    client: Client,
    http: Http,
    capabilities: Map<String, Value>,
    /// Where Chromium's own endpoint is, if it can be reached.
    pub(super) devtools: Option<String>,
    /// The tab that commands go to, of which the top frame is called the same.
    tab: std::sync::Mutex<Option<String>>,
    /// Where a living browser answers, however busy its pages are.
    health: String,
    works: Works,
    pub(super) touched: Mutex<Touched>,
}

impl Session {
    /// Asks for a new session.
    pub async fn start(endpoint: Url, capabilities: Map<String, Value>, http: Http) -> Result<Self> {
        let client = connect(&endpoint, capabilities).await?;
        let capabilities = client.capabilities().cloned().unwrap_or_default();
        let devtools = match debugger_address(&capabilities).filter(|_| is_loopback(&endpoint)) {
            Some(address) if is_ours(&client, &address, &http).await => Some(address),
            _ => None,
        };
        let health = health_url(&endpoint, &capabilities, devtools.as_deref())?;
        Ok(Self {
            client,
            http,
            capabilities,
            devtools,
            tab: std::sync::Mutex::default(),
            health,
            works: Works::default(),
            touched: Mutex::default(),
        })
    }

    /// The browser's process, where the driver tells.
    pub fn pid(&self) -> Option<u32> {
        ["goog:processID", "moz:processID"]
            .iter()
            .find_map(|key| self.capabilities.get(*key)?.as_u64())
            .and_then(|pid| u32::try_from(pid).ok())
    }

    /// Name and version of the browser.
    pub fn version(&self) -> String {
        let text = |key| self.capabilities.get(key).and_then(Value::as_str).unwrap_or("unknown");
        format!("{} {}", text("browserName"), text("browserVersion"))
    }

    /// Whether the driver passes `DevTools` commands on.
    pub fn is_chromium(&self) -> bool {
        debugger_address(&self.capabilities).is_some()
    }

    pub async fn get(&self, path: impl Into<Cow<'static, str>>) -> Result<Value> {
        self.issue(http::Method::GET, path.into(), None).await
    }

    pub async fn post(&self, path: impl Into<Cow<'static, str>>, body: Value) -> Result<Value> {
        self.issue(http::Method::POST, path.into(), Some(body)).await
    }

    pub async fn delete(&self, path: impl Into<Cow<'static, str>>) -> Result<Value> {
        self.issue(http::Method::DELETE, path.into(), None).await
    }

    /// Runs a function body in the page; a promise it returns is awaited.
    pub async fn execute(&self, script: &str, args: Vec<Value>) -> Result<Value> {
        if self.speaks_devtools_here().await {
            return self.evaluate(&applied(script, &args), None).await;
        }
        self.execute_in_driver(script, args).await
    }

    /// The same as the driver's own command, which can give back a reference to an element.
    pub async fn execute_in_driver(&self, script: &str, args: Vec<Value>) -> Result<Value> {
        // Chromedriver goes on in the top frame when the chosen one is gone, even with the script that removed it.
        let in_frame = self.touched.lock().await.frame;
        let script = if in_frame {
            format!("if (window === window.top) throw new Error({FRAME_GONE:?}); {script}")
        } else {
            script.to_owned()
        };
        self.client.execute(&script, args).await.map_err(|error| match command_error(&error) {
            // What geckodriver says then.
            error if in_frame && error.code == Code::PageClosed => Error::thrown("Error", FRAME_GONE),
            error => error,
        })
    }

    /// `DevTools` commands go to the top frame, whatever frame is chosen.
    async fn speaks_devtools_here(&self) -> bool {
        self.is_chromium() && !self.touched.lock().await.frame
    }

    /// A `DevTools` command through chromedriver (`goog/cdp/execute`).
    pub async fn cdp(&self, method: &str, params: Value) -> Result<Value> {
        if !self.is_chromium() {
            return Err(Error::unsupported(method, &format!("webdriver with {}", self.version()), CDP_CAN));
        }
        self.post("goog/cdp/execute", json!({ "cmd": method, "params": params })).await.map_err(|error| {
            match error.code {
                Code::Unsupported => {
                    Error::unsupported(method, "this browser", "a browser of another version or kind may")
                }
                _ => protocol_error(method, error),
            }
        })
    }

    /// Like [`Session::execute`] for a script of ours, in a world of our own where the driver has such.
    pub async fn execute_in_own_world(&self, script: &str, args: Vec<Value>) -> Result<Value> {
        if self.speaks_devtools_here().await {
            return self.evaluate(&applied(script, &args), Some(self.own_world().await?)).await;
        }
        self.execute_in_driver(script, args).await
    }

    /// Like [`Session::value_of`] in the main frame, where that can be without leaving the chosen one.
    pub async fn value_at_top(&self, expression: &str, world: World) -> Result<Value> {
        if self.is_chromium() {
            self.value_over_devtools(expression, world).await
        } else {
            self.value_of(expression, world).await
        }
    }

    /// The value of an expression, which finds the runtime; a promise's once it is settled.
    pub async fn value_of(&self, expression: &str, world: World) -> Result<Value> {
        if self.speaks_devtools_here().await {
            return self.value_over_devtools(expression, world).await;
        }
        self.execute_in_driver(&format!("return {}", with_runtime(expression)), Vec::new()).await
    }

    async fn value_over_devtools(&self, expression: &str, world: World) -> Result<Value> {
        if world == World::Own {
            return self.evaluate(&with_runtime(expression), Some(self.own_world().await?)).await;
        }
        match self.evaluate(expression, None).await {
            Err(error) if lacks_runtime(&error) => self.evaluate(&with_runtime(expression), None).await,
            done => done,
        }
    }

    /// The context of a world of our own in the top frame's document. No event tells when that is replaced.
    async fn own_world(&self) -> Result<i64> {
        let tab = self.tab().ok_or_else(|| Error::gone("there is no tab"))?;
        let params = json!({ "frameId": tab, "worldName": "boomtown" });
        let made = self.cdp("Page.createIsolatedWorld", params).await?;
        made["executionContextId"].as_i64().ok_or_else(replaced)
    }

    /// Without chromedriver's own script around it, which stumbles over pages that have changed the built-ins.
    async fn evaluate(&self, expression: &str, context: Option<i64>) -> Result<Value> {
        let mut params =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        if let Some(context) = context {
            params["contextId"] = context.into();
        }
        let mut answer = self.cdp("Runtime.evaluate", params).await?;
        let description = &answer["exceptionDetails"]["exception"]["description"];
        if let Some(description) = description.as_str() {
            return Err(Error::described(description));
        }
        Ok(answer["result"]["value"].take())
    }

    /// Like [`Session::cdp`], for its base64 bytes under `key`, decoded off the async threads.
    pub async fn cdp_bytes(&self, method: &str, params: Value, key: &str) -> Result<Vec<u8>> {
        let mut reply = self.cdp(method, params).await?;
        decode(reply.get_mut(key).map(Value::take)).await
    }

    /// From now on commands go to this tab.
    pub async fn switch_to(&self, tab: &str) -> Result<()> {
        self.post("window", json!({ "handle": tab })).await?;
        *self.tab.lock().unwrap_or_else(PoisonError::into_inner) = Some(tab.to_owned());
        Ok(())
    }

    /// The tab that commands go to, if one was chosen.
    pub fn tab(&self) -> Option<String> {
        self.tab.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks the browser itself whether it is there, beside the session, which may be busy. A remote one is out of reach: its
    /// driver answers.
    pub async fn ping(&self) -> Result<()> {
        self.http.ping(&self.health).await
    }

    /// Whether the browser answers within this time, or is at work.
    pub async fn is_alive(&self, patience: Duration) -> bool {
        let before = self.works.are_under_way();
        match timeout(patience, self.ping()).await {
            Ok(answer) => answer.is_ok(),
            Err(_) => before || self.works.are_under_way(),
        }
    }

    /// Asks the driver to end the session and its browser.
    pub async fn end(&self) {
        // A failure means that it has ended already.
        let _ = self.client.clone().close().await;
    }

    async fn issue(&self, method: http::Method, path: Cow<'static, str>, body: Option<Value>) -> Result<Value> {
        let _work = is_work(&path, body.as_ref()).then(|| self.works.begin());
        self.client.issue_cmd(Endpoint { method, path, body }).await.map_err(|error| command_error(&error))
    }
}

/// Commands under way that are work for the browser, by when they began.
#[derive(Default)]
struct Works(std::sync::Mutex<Vec<Instant>>);

impl Works {
    fn begin(&self) -> Work<'_> {
        let begun = Instant::now();
        self.begun().push(begun);
        Work { works: self, begun }
    }

    /// Whether any of them may keep a living browser from answering anything else.
    fn are_under_way(&self) -> bool {
        self.begun().iter().copied().any(devtools::is_still_work)
    }

    fn begun(&self) -> MutexGuard<'_, Vec<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of them, until this is dropped.
struct Work<'a> {
    works: &'a Works,
    begun: Instant,
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        let mut begun = self.works.begun();
        // Another one that began in the same moment is as good.
        if let Some(at) = begun.iter().position(|begun| *begun == self.begun) {
            begun.swap_remove(at);
        }
    }
}

/// Whether a command has the browser take a picture, print, or read much.
fn is_work(path: &str, body: Option<&Value>) -> bool {
    let named = |body: &Value| body["cmd"].as_str().is_some_and(devtools::is_work);
    path == "print"
        || path.ends_with("screenshot")
        || body.is_some_and(|body| named(body) || length(body) >= devtools::LARGE)
}

/// How many bytes of text there are.
fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(length).sum(),
        Value::Object(fields) => fields.values().map(length).sum(),
        _ => 0,
    }
}

/// Decodes base64 where it keeps nobody waiting.
pub(super) async fn decode(base64: Option<Value>) -> Result<Vec<u8>> {
    let Some(Value::String(text)) = base64 else {
        return Err(Error::gone("the driver's answer holds no data"));
    };
    tokio::task::spawn_blocking(move || BASE64_STANDARD.decode(text)).await.map_err(Error::gone)?.map_err(Error::gone)
}

fn debugger_address(capabilities: &Map<String, Value>) -> Option<String> {
    capabilities.get("goog:chromeOptions")?.get("debuggerAddress")?.as_str().map(str::to_owned)
}

/// Whether the browser behind this address is the session's: a forwarded port looks local and is not.
async fn is_ours(client: &Client, address: &str, http: &Http) -> bool {
    let Ok(window) = client.window().await else { return false };
    let targets = http.get(&format!("http://{address}/json/list")).await.unwrap_or_default();
    targets.as_array().into_iter().flatten().any(|target| target["id"] == String::from(window.clone()))
}

/// Chromium answers on its `DevTools` port and Firefox on that of its WebSocket; elsewhere the driver has to do.
fn health_url(endpoint: &Url, capabilities: &Map<String, Value>, devtools: Option<&str>) -> Result<String> {
    if let Some(address) = devtools {
        return Ok(format!("http://{address}/json/version"));
    }
    let socket = capabilities.get("webSocketUrl").and_then(Value::as_str).and_then(|socket| Url::parse(socket).ok());
    if let Some(socket) = socket.filter(|_| is_loopback(endpoint)) {
        return Ok(format!("http://{}", socket.authority()));
    }
    endpoint.join("status").map(String::from).map_err(Error::gone)
}

/// A remote driver's browser has its `DevTools` endpoint on the remote machine, out of reach.
fn is_loopback(endpoint: &Url) -> bool {
    matches!(endpoint.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

async fn connect(endpoint: &Url, capabilities: Map<String, Value>) -> Result<Client> {
    let client = if endpoint.scheme() == "https" {
        ClientBuilder::new(tls_connector(endpoint)?).capabilities(capabilities).connect(endpoint.as_str()).await
    } else {
        ClientBuilder::new(plain_connector()).capabilities(capabilities).connect(endpoint.as_str()).await
    };
    client.map_err(|error| session_error(endpoint, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_command_is_work_until_it_ends_or_has_taken_too_long_for_a_living_browser() {
        let works = Works::default();
        let first = works.begin();
        drop(works.begin());
        assert!(works.are_under_way());
        drop(first);
        assert!(!works.are_under_way());
        let _endless = works.begin();
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert!(!works.are_under_way());
    }

    #[test]
    fn pictures_prints_and_much_text_are_work_and_scripts_are_not() {
        let cdp = |method: &str| json!({ "cmd": method, "params": {} });
        for (path, body, work) in [
            ("screenshot", None, true),
            ("element/E/screenshot", None, true),
            ("print", Some(json!({})), true),
            ("goog/cdp/execute", Some(cdp("Page.printToPDF")), true),
            ("goog/cdp/execute", Some(cdp("Runtime.evaluate")), false),
            ("execute/sync", Some(json!({ "script": "return 1", "args": [] })), false),
            ("execute/sync", Some(json!({ "script": "", "args": [{ "a": "x".repeat(devtools::LARGE) }] })), true),
        ] {
            assert_eq!(is_work(path, body.as_ref()), work, "{path}");
        }
    }
}
