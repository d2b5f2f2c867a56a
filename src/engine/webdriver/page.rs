//! What a page command becomes in `WebDriver`, and in `DevTools` commands where the browser is Chromium.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use crate::{
    engine::{
        EventKind, FrameState, Page, PageListener, Relay, RelayListener, WorkerState,
        command::{
            Command, Emulation, Frame, Handle, KeyEvent, Moments, MouseEvent, Polling, Reply, Viewport, Which, World,
        },
        deadline::{DEFAULT_TIMEOUT, Deadline},
        devtools::{self, metrics},
        page_script::{self, ALIGNMENTS, Envelope, FOCUS, LOCATE, missing, outside, place, replaced},
        waits::Waits,
    },
    error::{Error, Result},
};

use super::{
    CDP_CAN,
    errors::{is_replaced, unsupported},
    input::{Actions, Spot, key},
    pause::Pause,
    session::Session,
};

pub(super) struct WebDriverPage {
    pub(super) session: Arc<Session>,
    /// Whether the page's own scripts run.
    pub(super) scripts: AtomicBool,
    /// Whether the page emulates a mobile device or one with a touch screen.
    handheld: AtomicBool,
    /// Commands take it one after another, in the order in which they came.
    turn: Mutex<()>,
    /// What is waited for.
    waits: Waits,
}

impl WebDriverPage {
    pub fn new(session: Arc<Session>) -> Self {
        Self {
            session,
            scripts: AtomicBool::new(true),
            handheld: AtomicBool::new(false),
            turn: Mutex::default(),
            waits: Waits::default(),
        }
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each command reads better than a table of tables")]
#[async_trait]
impl Page for WebDriverPage {
    fn listen(&self, _: &[EventKind], _: PageListener) -> Result<()> {
        Err(unsupported("listening to a page's events"))
    }

    fn frames(&self) -> Result<Vec<FrameState>> {
        Err(unsupported("knowing all frames of a page"))
    }

    fn workers(&self) -> Result<Vec<WorkerState>> {
        Err(unsupported("knowing the workers of a page"))
    }

    async fn relay(&self, _: RelayListener) -> Result<Box<dyn Relay>> {
        Err(unsupported("connecting Puppeteer or Playwright to a page"))
    }

    async fn run(&self, command: Command) -> Result<Reply> {
        let nothing = |()| Reply::NOTHING;
        // Who waits for something lets those pass that may bring it about.
        let waits = matches!(
            command,
            Command::WaitFor { .. } | Command::WaitForNavigation { .. } | Command::GiveUp { .. } | Command::Stop {}
        );
        let _turn = if waits { None } else { Some(self.turn.lock().await) };
        match command {
            Command::Goto { url, wait_until, timeout, referer, referrer_policy, method, body, headers, .. } => {
                let plain = method.is_none_or(|method| method.eq_ignore_ascii_case("get"));
                if !plain || body.is_some() || headers.is_some_and(|headers| !headers.is_empty()) {
                    return Err(unsupported("a navigation with a method, a body or headers of its own"));
                }
                self.goto(&url, (referer, referrer_policy), wait_until, &Deadline::new(timeout)).await
            }
            Command::Reload { wait_until, timeout, .. } => self.reload(wait_until, &Deadline::new(timeout)).await,
            Command::GoBack { wait_until, timeout } => self.traverse(-1, wait_until, &Deadline::new(timeout)).await,
            Command::GoForward { wait_until, timeout } => self.traverse(1, wait_until, &Deadline::new(timeout)).await,
            Command::Stop {} => self.session.execute("window.stop()", Vec::new()).await.map(|_| Reply::NOTHING),
            Command::SetContent { html, wait_until, timeout, .. } => {
                self.set_content(&html, wait_until, &Deadline::new(timeout)).await.map(nothing)
            }
            Command::Evaluate { script, main, world, timeout, what, frame, handles, keep, .. } => {
                plain(frame.as_deref(), &handles, keep)?;
                Deadline::new(timeout).bound(&what, self.evaluate(&script, main, world)).await
            }
            Command::AddInitScript { source } => {
                let added =
                    self.session.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await?;
                let undo = json!({ "identifier": added["identifier"] });
                self.undo("Page.removeScriptToEvaluateOnNewDocument", undo).await;
                Ok(Reply::Json(added["identifier"].clone()))
            }
            Command::RemoveInitScript { identifier } => {
                let undo = json!({ "identifier": identifier });
                self.session.cdp("Page.removeScriptToEvaluateOnNewDocument", undo).await.map(|_| Reply::NOTHING)
            }
            Command::WaitFor { script, timeout, polling, what, world, frame, handles, keep, wait } => {
                plain(frame.as_deref(), &handles, keep)?;
                let waiting = self.wait_for(&script, polling, world, timeout, &what);
                match wait {
                    Some(number) => self.waits.begin(number).run(waiting).await,
                    None => waiting.await,
                }
            }
            Command::GiveUp { wait } => {
                self.waits.give_up(wait);
                Ok(Reply::NOTHING)
            }
            Command::WaitForNavigation { wait_until, timeout, .. } => {
                self.wait_for_navigation(wait_until, &Deadline::new(timeout)).await
            }
            Command::WaitForNetworkIdle { .. } => Err(unsupported("waitForNetworkIdle")),
            Command::Click { on, button, click_count, delay, offset } => {
                let spot = self.locate(&on, offset.map(|point| (point.x, point.y))).await?;
                let actions = (0..click_count).fold(Actions::default().reach(&spot), |actions, _| {
                    actions.press(button).pause(delay).release(button)
                });
                self.act(actions).await.map(nothing)
            }
            Command::Hover { on } => {
                let spot = self.locate(&on, None).await?;
                self.act(Actions::default().reach(&spot)).await.map(nothing)
            }
            Command::Focus { on } => self.focus(&on).await.map(nothing),
            Command::Type { on, text, delay } => {
                self.focus(&on).await?;
                self.type_text(&text, delay).await.map(nothing)
            }
            Command::Press { key: name, delay, text } => {
                let key = key(&name)?;
                match text {
                    None => self.act(Actions::default().key_down(key).pause(delay).key_up(key)).await?,
                    Some(text) => self.press_for_text(&name, &text, delay).await?,
                }
                Ok(Reply::NOTHING)
            }
            Command::UploadFile { on, paths } => self.upload(&on, &paths).await.map(nothing),
            Command::Mouse { kind, x, y, button, modifiers } => {
                let once = |actions: Actions| actions.press(button).release(button);
                let actions = Actions::default().holding(&modifiers, |actions| {
                    let there = actions.move_to(x, y);
                    match kind {
                        MouseEvent::Move => there,
                        MouseEvent::Down => there.press(button),
                        MouseEvent::Up => there.release(button),
                        MouseEvent::Click => once(there),
                        MouseEvent::DoubleClick => once(once(there)),
                    }
                });
                self.act(actions).await.map(nothing)
            }
            Command::Key { kind, key: name, text, modifiers } => {
                let keys = match (&name, &text) {
                    (Some(name), _) => vec![key(name)?],
                    (None, Some(text)) => {
                        text.chars().map(|character| key(&character.to_string())).collect::<Result<_>>()?
                    }
                    (None, None) => Vec::new(),
                };
                let actions = Actions::default().holding(&modifiers, |actions| {
                    keys.into_iter().fold(actions, |actions, key| match kind {
                        KeyEvent::Down => actions.key_down(key),
                        KeyEvent::Up => actions.key_up(key),
                        KeyEvent::Press => actions.key_down(key).key_up(key),
                    })
                });
                self.act(actions).await.map(nothing)
            }
            Command::Screenshot(options) => self.screenshot(options).await.map(Reply::Bytes),
            Command::Pdf(options) => {
                Deadline::new(options.timeout).bound("page.pdf", self.pdf(&options)).await.map(Reply::Bytes)
            }
            Command::SetViewport(viewport) => self.set_viewport(viewport).await.map(nothing),
            Command::SetUserAgent { metadata: Some(_), .. } => Err(unsupported("setUserAgent with metadata")),
            Command::SetUserAgent { user_agent, platform, .. } => {
                let user_agent = match user_agent {
                    Some(given) => given.into(),
                    None => self.session.cdp("Browser.getVersion", json!({})).await?["userAgent"].take(),
                };
                let mut params = json!({ "userAgent": user_agent });
                if let Some(platform) = platform {
                    params["platform"] = platform.into();
                }
                self.set("Emulation.setUserAgentOverride", params, json!({ "userAgent": "" })).await
            }
            Command::SetExtraHttpHeaders { headers } => {
                self.session.cdp("Network.enable", json!({})).await?;
                self.set("Network.setExtraHTTPHeaders", json!({ "headers": headers }), json!({ "headers": {} })).await
            }
            Command::Authenticate { username: None, .. } => Ok(Reply::NOTHING),
            Command::Authenticate { username: Some(_), .. } => Err(unsupported("authenticate")),
            Command::SetJavaScriptEnabled { enabled } => {
                self.scripts.store(enabled, Ordering::Relaxed);
                self.set(
                    "Emulation.setScriptExecutionDisabled",
                    json!({ "value": !enabled }),
                    json!({ "value": false }),
                )
                .await
            }
            Command::EmulateMedia { media, features } => {
                let params = devtools::media(media, features);
                self.set("Emulation.setEmulatedMedia", params, json!({ "media": "", "features": [] })).await
            }
            Command::EmulateTimezone { timezone } => {
                self.set(
                    "Emulation.setTimezoneOverride",
                    json!({ "timezoneId": timezone }),
                    json!({ "timezoneId": "" }),
                )
                .await
            }
            Command::SetGeolocation { latitude, longitude, accuracy } => {
                self.session.cdp("Browser.grantPermissions", json!({ "permissions": ["geolocation"] })).await?;
                let place =
                    json!({ "latitude": latitude, "longitude": longitude, "accuracy": accuracy.unwrap_or(0.0) });
                self.undo("Browser.resetPermissions", json!({})).await;
                self.undo("Emulation.clearGeolocationOverride", json!({})).await;
                self.session.cdp("Emulation.setGeolocationOverride", place).await?;
                Ok(Reply::NOTHING)
            }
            Command::Emulate(Emulation::Network { offline, latency, download, upload }) => {
                self.session.cdp("Network.enable", json!({})).await?;
                let undo = devtools::network(false, 0.0, -1.0, -1.0);
                let params = devtools::network(offline, latency, download, upload);
                self.set("Network.emulateNetworkConditions", params, undo).await
            }
            Command::Emulate(_) => Err(unsupported("emulating this")),
            Command::SetCacheEnabled { enabled } => {
                self.session.cdp("Network.enable", json!({})).await?;
                self.set(
                    "Network.setCacheDisabled",
                    json!({ "cacheDisabled": !enabled }),
                    json!({ "cacheDisabled": false }),
                )
                .await
            }
            Command::SetCookies { cookies } => self.set_cookies(cookies).await.map(nothing),
            Command::Cookies { urls } => self.cookies(urls).await.map(Reply::Json),
            Command::DeleteCookies { cookies } => {
                self.delete_cookies(cookies).await.map(|deleted| Reply::Json(deleted.into()))
            }
            Command::ClearCookies {} => {
                if self.session.is_chromium() {
                    self.session.cdp("Network.clearBrowserCookies", json!({})).await?;
                } else {
                    self.session.delete("cookie").await?;
                }
                Ok(Reply::NOTHING)
            }
            Command::Cdp { method, params } => {
                self.session.cdp(&method, Value::Object(params.unwrap_or_default())).await.map(Reply::Json)
            }
            Command::SwitchToFrame { frame } => self.switch_to_frame(frame).await.map(nothing),
            Command::SwitchToMainFrame {} => self.main_frame().await.map(nothing),
            Command::Accessibility(_) => Err(unsupported("accessibility")),
            Command::BringToFront {} => Err(unsupported("bringToFront")),
            Command::Metrics {} => Err(unsupported("metrics")),
            Command::Input(_) => Err(unsupported("the page's own keyboard, mouse and touchscreen")),
            Command::SetLoadImages { .. } => Err(unsupported("setting(\"loadImages\")")),
            Command::SetProxy { .. } => Err(unsupported("setProxy")),
            Command::ClosePage {} => Err(unsupported("close of a popup")),
            Command::SetRequestInterception { .. }
            | Command::ContinueRequest { .. }
            | Command::FulfillRequest { .. }
            | Command::FailRequest { .. } => Err(unsupported("setRequestInterception")),
            Command::ExposeFunction { .. } | Command::RemoveFunction { .. } | Command::AnswerBinding { .. } => {
                Err(unsupported("exposeFunction"))
            }
            Command::Release { .. }
            | Command::Locate { .. }
            | Command::QueryAria { .. }
            | Command::Properties { .. }
            | Command::FrameOf { .. }
            | Command::FrameElement { .. } => Err(no_handles()),
            Command::LockNavigation { .. } => Err(unsupported("property(\"navigationLocked\")")),
            Command::KeepDocument { .. } => Err(unsupported("keeping the document before one that cannot be had")),
            // These answer events, which this engine has none of.
            Command::HandleDialog { .. } => Err(unsupported("handling a dialog")),
            Command::ResponseBody { .. } => Err(unsupported("reading a response")),
            Command::PostData { .. } => Err(unsupported("reading a request")),
            Command::Downloaded { .. } | Command::CancelDownload { .. } => Err(unsupported("a download")),
            Command::ChooseFiles { .. } => Err(unsupported("choosing files")),
        }
    }
}

impl WebDriverPage {
    async fn evaluate(&self, script: &str, main: bool, world: World) -> Result<Reply> {
        let seen = if main {
            self.session.value_at_top(script, world).await
        } else {
            self.session.value_of(script, world).await
        };
        match seen {
            Ok(Value::String(envelope)) => Ok(Reply::Text(envelope)),
            Err(error) if !is_replaced(&error) => Err(error),
            // What chromedriver gives when a navigation took the document away in the middle, and when the browser goes.
            _ => self.session.ping().await.and_then(|()| Err(replaced())),
        }
    }

    async fn wait_for(&self, script: &str, polling: Polling, world: World, timeout: u64, what: &str) -> Result<Reply> {
        let deadline = Deadline::new(timeout);
        let mut pause = Pause::new();
        // A long pause between two looks is not spent inside the page, which could do nothing else meanwhile.
        let rare = match polling {
            Polling::Every(ms) => Some(Duration::from_millis(ms)).filter(|every| *every >= page_script::SLICE),
            // Without the page's scripts there are no timers to wait with either.
            Polling::On(_) => Some(page_script::SLICE).filter(|_| !self.scripts.load(Ordering::Relaxed)),
        };
        let watch = match rare {
            Some(_) => script.to_owned(),
            None => page_script::watch(script, polling, Some(page_script::SLICE)),
        };
        deadline
            .bound(what, async {
                loop {
                    match self.session.value_of(&watch, world).await {
                        Ok(Value::String(envelope)) if Envelope::of(&envelope) == Some(Envelope::Falsy) => {
                            if let Some(every) = rare {
                                tokio::time::sleep(every).await;
                            }
                        }
                        Ok(Value::String(envelope)) => return Ok(Reply::Text(envelope)),
                        Ok(_) => pause.wait().await,
                        Err(error) if is_replaced(&error) => pause.wait().await,
                        Err(error) => return Err(error),
                    }
                }
            })
            .await
    }

    /// Brings the element into view and gives its centre, or a point at an offset from its corner.
    async fn locate(&self, on: &Which, offset: Option<(f64, f64)>) -> Result<Spot> {
        if !self.session.touched.lock().await.frame {
            let (x, y) = self.locate_at(on, offset, &ALIGNMENTS).await?;
            return Ok(Spot::Viewport(x, y));
        }
        // Where the chosen frame is in the page, its scripts cannot tell; scrolling moves both.
        let (x, y) = self.locate_at(on, None, &ALIGNMENTS[1..]).await?;
        let wanted = match offset {
            Some(_) => self.locate_at(on, offset, &[None]).await?,
            None => (x, y),
        };
        Ok(Spot::Element(self.element(on).await?, wanted.0 - x, wanted.1 - y))
    }

    async fn locate_at(
        &self,
        on: &Which,
        offset: Option<(f64, f64)>,
        alignments: &[Option<&str>],
    ) -> Result<(f64, f64)> {
        let args = vec![selector(on)?.into(), json!(offset), json!(alignments)];
        let place = place(on, &self.session.execute_in_own_world(&LOCATE, args).await?)?;
        place.map(|(x, y, _)| (x, y)).ok_or_else(|| outside(on))
    }

    async fn focus(&self, on: &Which) -> Result<()> {
        let found = self.session.execute_in_own_world(FOCUS, vec![selector(on)?.into()]).await?;
        if found == true { Ok(()) } else { Err(missing(on)) }
    }

    /// Keys where there is a key; what no key types is inserted, as Puppeteer does.
    async fn type_text(&self, text: &str, delay: u64) -> Result<()> {
        if !self.session.is_chromium() {
            return self.act(Actions::default().type_text(text, delay)).await;
        }
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|character: char| character.is_ascii() != first.is_ascii()).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            if first.is_ascii() {
                self.act(Actions::default().type_text(run, delay)).await?;
            } else {
                self.session.cdp("Input.insertText", json!({ "text": run })).await?;
            }
            rest = after;
        }
        Ok(())
    }

    /// A key that types another text than its own.
    async fn press_for_text(&self, key: &str, text: &str, delay: u64) -> Result<()> {
        let event = |kind, text: &str| json!({ "type": kind, "key": key, "text": text, "unmodifiedText": text });
        self.session.cdp("Input.dispatchKeyEvent", event("keyDown", text)).await?;
        tokio::time::sleep(Duration::from_millis(delay)).await;
        self.session.cdp("Input.dispatchKeyEvent", event("keyUp", "")).await.map(drop)
    }

    async fn upload(&self, on: &Which, paths: &[String]) -> Result<()> {
        let element = self.element(on).await?;
        self.session.post(format!("element/{element}/value"), json!({ "text": paths.join("\n") })).await.map(drop)
    }

    /// The driver's reference to an element.
    pub(super) async fn element(&self, on: &Which) -> Result<String> {
        let answer = self.session.post("element", json!({ "using": "css selector", "value": selector(on)? })).await;
        let reference = match answer {
            Ok(reference) => reference,
            Err(error) if error.thrown.as_ref().is_some_and(|thrown| thrown.name == "Error") => {
                return Err(missing(on));
            }
            Err(error) => return Err(error),
        };
        let id = reference.as_object().and_then(|fields| fields.values().next()).and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| Error::gone(format!("no element in the driver's answer {reference}")))
    }

    async fn act(&self, actions: Actions) -> Result<()> {
        self.session.touched.lock().await.input = true;
        self.session.post("actions", actions.body()).await.map(drop)
    }

    pub async fn set_viewport(&self, viewport: Viewport) -> Result<()> {
        if self.session.is_chromium() {
            self.session.cdp("Emulation.setDeviceMetricsOverride", metrics(viewport)).await?;
            let touch = json!({ "enabled": viewport.has_touch });
            self.undo("Emulation.setTouchEmulationEnabled", json!({ "enabled": false })).await;
            self.session.cdp("Emulation.setTouchEmulationEnabled", touch).await?;
            let handheld = viewport.has_touch || viewport.is_mobile;
            if self.handheld.swap(handheld, Ordering::Relaxed) != handheld {
                // As Puppeteer: a document learns only when it is made whether there is touch.
                self.reload(Moments::LOAD, &Deadline::new(DEFAULT_TIMEOUT)).await?;
            }
            return Ok(());
        }
        let emulated = viewport.is_mobile || viewport.has_touch || viewport.is_landscape;
        if emulated || (viewport.device_scale_factor - 1.0).abs() > f64::EPSILON {
            let engine = format!("webdriver with {}", self.session.version());
            let what = "deviceScaleFactor, isMobile, hasTouch or isLandscape";
            return Err(Error::unsupported(what, &engine, "Chromium can"));
        }
        let frame =
            self.session.execute("return [outerWidth - innerWidth, outerHeight - innerHeight]", Vec::new()).await?;
        let outer = |inner: u32, frame: &Value| i64::from(inner) + frame.as_i64().unwrap_or_default();
        let rect = json!({ "width": outer(viewport.width, &frame[0]), "height": outer(viewport.height, &frame[1]) });
        self.session.post("window/rect", rect).await?;
        let inner = self.session.execute("return [innerWidth, innerHeight]", Vec::new()).await?;
        if inner == json!([viewport.width, viewport.height]) {
            return Ok(());
        }
        // Windows have a smallest and a largest size.
        let what = format!("a viewport of {} x {} (the window gave {inner})", viewport.width, viewport.height);
        Err(Error::unsupported(&what, &format!("webdriver with {}", self.session.version()), "Chromium can"))
    }

    /// Sends a `DevTools` command that holds until the page ends.
    async fn set(&self, method: &'static str, params: Value, undo: Value) -> Result<Reply> {
        // Noted first: the attempt may end while the command is under way.
        self.undo(method, undo).await;
        self.session.cdp(method, params).await.map(|_| Reply::NOTHING)
    }

    pub(super) async fn undo(&self, method: &'static str, params: Value) {
        self.session.touched.lock().await.undo.push((method, params));
    }

    async fn set_cookies(&self, cookies: Vec<Map<String, Value>>) -> Result<()> {
        if self.session.is_chromium() {
            return self.session.cdp("Network.setCookies", json!({ "cookies": cookies })).await.map(drop);
        }
        for mut cookie in cookies {
            if cookie.contains_key("partitionKey") {
                let what = "a cookie of a partition";
                return Err(Error::unsupported(what, &self.session.version(), CDP_CAN));
            }
            // The specification knows neither, sets cookies of the current document only, and calls the end of life `expiry`,
            // in whole seconds.
            cookie.remove("priority");
            cookie.remove("sourceScheme");
            if let Some(url) = cookie.remove("url") {
                self.require_here(&url).await?;
            }
            if let Some(expires) = cookie.remove("expires").and_then(|expires| expires.as_f64())
                && expires >= 0.0
            {
                #[expect(clippy::cast_possible_truncation, reason = "whole seconds are what is asked for")]
                cookie.insert("expiry".to_owned(), (expires as i64).into());
            }
            self.session.post("cookie", json!({ "cookie": cookie })).await?;
        }
        Ok(())
    }

    async fn cookies(&self, urls: Vec<String>) -> Result<Value> {
        if !self.session.is_chromium() {
            if !urls.is_empty() {
                return Err(Error::unsupported("cookies of other URLs", &self.session.version(), CDP_CAN));
            }
            let mut found = self.session.get("cookie").await?;
            for cookie in found.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
                let expires = cookie.remove("expiry").unwrap_or_else(|| (-1).into());
                cookie.insert("expires".to_owned(), expires);
            }
            return Ok(found);
        }
        // Left to itself, the browser would add those of frames of other sites.
        let urls = if urls.is_empty() { json!([self.session.get("url").await?]) } else { json!(urls) };
        let mut answer = self.session.cdp("Network.getCookies", json!({ "urls": urls })).await?;
        Ok(answer["cookies"].take())
    }

    /// Whether there were any.
    async fn delete_cookies(&self, cookies: Vec<Map<String, Value>>) -> Result<bool> {
        let mut deleted = false;
        for cookie in cookies {
            if self.session.is_chromium() {
                let (method, params) = devtools::candidates(&cookie);
                let found = self.session.cdp(method, params).await?;
                for deletion in devtools::deletions(&cookie, &found["cookies"]) {
                    self.session.cdp("Network.deleteCookies", deletion).await?;
                    deleted = true;
                }
                continue;
            }
            if let Some(url) = cookie.get("url") {
                self.require_here(url).await?;
            }
            let here = self.session.get("cookie").await?;
            let is_there = !devtools::deletions(&cookie, &here).is_empty();
            // The driver deletes by name alone: right where that names the very one.
            let places = cookie.contains_key("domain") || cookie.contains_key("path");
            if places && !is_there {
                let what = "deleting a cookie by its domain or path";
                return Err(Error::unsupported(what, &self.session.version(), CDP_CAN));
            }
            let name = cookie.get("name").and_then(Value::as_str).unwrap_or_default();
            let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
            self.session.delete(format!("cookie/{name}")).await?;
            deleted |= is_there;
        }
        Ok(deleted)
    }

    /// The specification knows only the cookies of the current document.
    async fn require_here(&self, url: &Value) -> Result<()> {
        let here = self.session.get("url").await?;
        let host = |url: &Value| url.as_str().and_then(|url| url::Url::parse(url).ok()?.host_str().map(str::to_owned));
        if host(&here) == host(url) {
            return Ok(());
        }
        Err(Error::unsupported("a cookie of another URL", &self.session.version(), CDP_CAN))
    }

    async fn switch_to_frame(&self, frame: Frame) -> Result<()> {
        const BY_NAME: &str = "return [...Document.prototype.querySelectorAll.call(document, 'iframe, frame')].find((frame) => \
            frame.name === arguments[0] || frame.id === arguments[0]) || null";
        let id = match &frame {
            Frame::Index(index) => json!(index),
            Frame::Name(name) => {
                let element = self.session.execute_in_driver(BY_NAME, vec![name.as_str().into()]).await?;
                if element.is_null() {
                    return Err(Error::thrown("Error", format!("there is no frame named {name:?}")));
                }
                element
            }
        };
        self.session.touched.lock().await.frame = true;
        self.session.post("frame", json!({ "id": id })).await.map(drop)
    }

    pub(super) async fn main_frame(&self) -> Result<()> {
        let mut touched = self.session.touched.lock().await;
        if std::mem::take(&mut touched.frame) {
            self.session.post("frame", json!({ "id": null })).await?;
        }
        Ok(())
    }
}

fn no_handles() -> Error {
    unsupported("a handle of what is in a page, or a frame that is not switched to")
}

/// Whether a script is one for this engine.
fn plain(frame: Option<&str>, handles: &[Handle], keep: bool) -> Result<()> {
    if frame.is_some() || !handles.is_empty() || keep { Err(no_handles()) } else { Ok(()) }
}

/// The selector by which an element is named, in the chosen frame.
pub(super) fn selector(which: &Which) -> Result<&str> {
    match which {
        Which { selector: Some(selector), element: None, frame: None } => Ok(selector),
        _ => Err(no_handles()),
    }
}
