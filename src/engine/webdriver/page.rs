//! What a page command becomes in `WebDriver`, and in `DevTools` commands where the browser is Chromium.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use serde_json::{Map, Value, json};

use crate::{
    engine::{
        Page,
        command::{Clip, Command, Frame, ImageType, KeyEvent, MouseEvent, Pdf, Reply, Screenshot, Viewport, WaitUntil},
        image, page_script,
        page_script::Envelope,
    },
    error::{Code, Error, Result},
};

use super::{
    CDP_CAN,
    input::{Actions, key},
    session::{Session, decode},
};

/// The shortest and longest pause between two looks at something that the page gives no signal for.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(100));

const CENTIMETRES_PER_INCH: f64 = 2.54;

pub(super) struct WebDriverPage {
    session: Arc<Session>,
    /// Whether the page's own scripts run.
    scripts: AtomicBool,
}

impl WebDriverPage {
    pub fn new(session: Arc<Session>) -> Self {
        Self { session, scripts: AtomicBool::new(true) }
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each command reads better than a table of tables")]
#[async_trait]
impl Page for WebDriverPage {
    async fn run(&self, command: Command) -> Result<Reply> {
        let nothing = |()| Reply::NOTHING;
        match command {
            Command::Goto { url, wait_until, timeout, referer, method, body, headers } => {
                let plain = method.is_none_or(|method| method.eq_ignore_ascii_case("get"));
                if !plain || body.is_some() || headers.is_some_and(|headers| !headers.is_empty()) {
                    return Err(unsupported("a navigation with a method, a body or headers of its own"));
                }
                self.goto(&url, referer, Deadline::new(wait_until, timeout)).await
            }
            Command::Reload { wait_until, timeout } => self.reload(Deadline::new(wait_until, timeout)).await,
            Command::GoBack { wait_until, timeout } => self.traverse(-1, Deadline::new(wait_until, timeout)).await,
            Command::GoForward { wait_until, timeout } => self.traverse(1, Deadline::new(wait_until, timeout)).await,
            Command::Stop {} => self.session.execute("window.stop()", Vec::new()).await.map(|_| Reply::NOTHING),
            Command::SetContent { html, wait_until, timeout } => {
                self.set_content(html, Deadline::new(wait_until, timeout)).await.map(nothing)
            }
            Command::Evaluate { script } => self.evaluate(&script).await,
            Command::AddInitScript { source } => {
                let added =
                    self.session.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await?;
                let undo = json!({ "identifier": added["identifier"] });
                self.undo("Page.removeScriptToEvaluateOnNewDocument", undo).await;
                Ok(Reply::Json(added["identifier"].clone()))
            }
            Command::WaitFor { script, timeout, polling, what } => {
                self.wait_for(&page_script::watch(&script, polling), timeout, &what).await
            }
            Command::WaitForNavigation { wait_until, timeout } => {
                let deadline = Deadline::new(wait_until, timeout);
                let before = self.document(&deadline).await?;
                self.next_document(&before, &deadline, "waitForNavigation").await
            }
            Command::WaitForNetworkIdle { .. } => Err(unsupported("waitForNetworkIdle")),
            Command::Click { selector, button, click_count, delay, offset } => {
                let place = self.locate(&selector, offset.map(|point| (point.x, point.y))).await?;
                let actions = (0..click_count).fold(Actions::default().move_to(place.0, place.1), |actions, _| {
                    actions.press(button).pause(delay).release(button)
                });
                self.act(actions).await.map(nothing)
            }
            Command::Hover { selector } => {
                let (x, y) = self.locate(&selector, None).await?;
                self.act(Actions::default().move_to(x, y)).await.map(nothing)
            }
            Command::Focus { selector } => self.focus(&selector).await.map(nothing),
            Command::Type { selector, text, delay } => {
                self.focus(&selector).await?;
                self.type_text(&text, delay).await.map(nothing)
            }
            Command::Press { key: name, delay, text } => {
                let key = key(&name)?;
                match text {
                    None => self.act(Actions::default().key_down(key).pause(delay).key_up(key)).await?,
                    Some(text) => {
                        self.session.cdp("Input.insertText", json!({ "text": text })).await?;
                    }
                }
                Ok(Reply::NOTHING)
            }
            Command::UploadFile { selector, paths } => self.upload(&selector, &paths).await.map(nothing),
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
            Command::Pdf(options) => self.pdf(&options).await.map(Reply::Bytes),
            Command::SetViewport(viewport) => self.set_viewport(viewport).await.map(nothing),
            Command::SetUserAgent { user_agent } => {
                self.set(
                    "Emulation.setUserAgentOverride",
                    json!({ "userAgent": user_agent }),
                    json!({ "userAgent": "" }),
                )
                .await
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
            Command::EmulateMedia { media, color_scheme, reduced_motion } => {
                let features = json!([
                    { "name": "prefers-color-scheme", "value": color_scheme.unwrap_or_default() },
                    { "name": "prefers-reduced-motion", "value": reduced_motion.unwrap_or_default() },
                ]);
                let params = json!({ "media": media.unwrap_or_default(), "features": features });
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
                self.session.cdp("Emulation.setGeolocationOverride", place).await?;
                self.undo("Emulation.clearGeolocationOverride", json!({})).await;
                Ok(Reply::NOTHING)
            }
            Command::SetOfflineMode { offline } => {
                self.session.cdp("Network.enable", json!({})).await?;
                let state = |offline| json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
                self.set("Network.emulateNetworkConditions", state(offline), state(false)).await
            }
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
            Command::DeleteCookies { cookies } => self.delete_cookies(cookies).await.map(nothing),
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
            Command::SetLoadImages { .. } => Err(unsupported("setting(\"loadImages\")")),
            Command::SetProxy {} => Err(unsupported("setProxy")),
            Command::SetRequestInterception {} => Err(unsupported("setRequestInterception")),
            Command::ExposeFunction {} => Err(unsupported("exposeFunction")),
            Command::Puppeteer {} => Err(unsupported("puppeteer")),
        }
    }
}

fn unsupported(what: &str) -> Error {
    Error::unsupported(what, "the webdriver engine", CDP_CAN)
}

/// Parameters of `Emulation.setDeviceMetricsOverride`.
pub(super) fn metrics(viewport: Viewport) -> Value {
    json!({
        "width": viewport.width,
        "height": viewport.height,
        "deviceScaleFactor": viewport.device_scale_factor,
        "mobile": viewport.is_mobile,
    })
}

/// What a navigation waits for, and how long.
struct Deadline {
    wait_until: WaitUntil,
    timeout: u64,
    end: Option<Instant>,
}

impl Deadline {
    fn new(wait_until: WaitUntil, timeout: u64) -> Self {
        let end = (timeout > 0).then(|| Instant::now() + Duration::from_millis(timeout));
        Self { wait_until, timeout, end }
    }

    /// Runs a future until the end.
    async fn bound<T>(&self, what: &str, future: impl Future<Output = Result<T>>) -> Result<T> {
        match self.end {
            None => future.await,
            Some(end) => match tokio::time::timeout_at(end.into(), future).await {
                Ok(result) => result,
                Err(_) => Err(Error::new(Code::Timeout, format!("{what} did not end within {} ms", self.timeout))),
            },
        }
    }
}

/// One document, told from the next.
#[derive(Clone, PartialEq)]
struct Document {
    reached: bool,
    identity: Value,
}

impl WebDriverPage {
    /// The script that looks for the awaited state.
    fn state_script(&self, deadline: &Deadline) -> Result<String> {
        // Elsewhere than in Chromium, a script ends with the document that it replaces.
        let scripts = self.scripts.load(Ordering::Relaxed) && self.session.is_chromium();
        match deadline.wait_until {
            WaitUntil::Load => Ok(page_script::document_state(true, scripts)),
            WaitUntil::DomContentLoaded => Ok(page_script::document_state(false, scripts)),
            WaitUntil::NetworkIdle0 | WaitUntil::NetworkIdle2 => Err(unsupported("waitUntil \"networkidle\"")),
        }
    }

    async fn goto(&self, url: &str, referer: Option<String>, deadline: Deadline) -> Result<Reply> {
        let state = self.state_script(&deadline)?;
        let what = format!("page.goto({url:?})");
        // A server that keeps silent keeps the session busy beyond this timeout; closing the tab ends that.
        deadline
            .bound(&what, async {
                self.main_frame().await?;
                self.navigate(url, referer).await?;
                self.settle(&state).await
            })
            .await?;
        self.response().await
    }

    /// Starts a navigation and waits until its response is there.
    async fn navigate(&self, url: &str, referer: Option<String>) -> Result<()> {
        let failed = |reason: &str| Error::new(Code::Navigation, format!("{reason} at {url}"));
        if !self.session.is_chromium() {
            if referer.is_some() {
                return Err(unsupported("referer with this browser"));
            }
            return self.session.post("url", json!({ "url": url })).await.map(drop).map_err(|error| match error.code {
                Code::BrowserGone | Code::Timeout => error,
                _ => failed(&error.message),
            });
        }
        let mut params = json!({ "url": url });
        if let Some(referer) = referer {
            params["referrer"] = referer.into();
        }
        let answer = self.session.cdp("Page.navigate", params).await.map_err(|error| match error.code {
            Code::BrowserGone => error,
            _ => failed(protocol_reason(&error.message)),
        })?;
        match answer["errorText"].as_str() {
            Some(reason) if !reason.is_empty() => Err(failed(reason)),
            _ => Ok(()),
        }
    }

    async fn reload(&self, deadline: Deadline) -> Result<Reply> {
        let before = self.document(&deadline).await?;
        if self.session.is_chromium() {
            self.session.cdp("Page.reload", json!({})).await?;
        } else {
            self.session.post("refresh", json!({})).await?;
        }
        self.next_document(&before, &deadline, "page.reload").await
    }

    /// One step in the history; null at its end, as Puppeteer.
    async fn traverse(&self, step: i64, deadline: Deadline) -> Result<Reply> {
        let before = self.document(&deadline).await?;
        if self.session.is_chromium() {
            let history = self.session.cdp("Page.getNavigationHistory", json!({})).await?;
            let wanted = history["currentIndex"].as_i64().unwrap_or_default() + step;
            let entry = usize::try_from(wanted).ok().and_then(|index| history["entries"].get(index));
            let Some(entry) = entry else { return Ok(Reply::NOTHING) };
            self.session.cdp("Page.navigateToHistoryEntry", json!({ "entryId": entry["id"] })).await?;
        } else {
            self.session.post(if step < 0 { "back" } else { "forward" }, json!({})).await?;
            if self.document(&deadline).await?.identity == before.identity {
                return Ok(Reply::NOTHING);
            }
        }
        self.next_document(&before, &deadline, if step < 0 { "page.goBack" } else { "page.goForward" }).await
    }

    async fn set_content(&self, html: String, deadline: Deadline) -> Result<()> {
        let state = self.state_script(&deadline)?;
        deadline
            .bound("page.setContent", async {
                self.main_frame().await?;
                if !self.session.is_chromium() {
                    self.session.execute(page_script::SET_CONTENT, vec![html.into()]).await?;
                    return self.settle(&state).await;
                }
                let script = format!("{}; {state}", page_script::SET_CONTENT);
                let written = self.session.execute(&script, vec![html.into()]).await?;
                if written[0] == true { Ok(()) } else { self.settle(&state).await }
            })
            .await
    }

    /// Looks until the document has the state that the script tells of.
    async fn settle(&self, state: &str) -> Result<()> {
        let mut pause = Pause::new();
        loop {
            match self.session.execute(state, Vec::new()).await {
                Ok(seen) if seen[0] == true => return Ok(()),
                Ok(_) => pause.wait().await,
                Err(error) if is_replaced(&error) => pause.wait().await,
                Err(error) => return Err(error),
            }
        }
    }

    /// The current document.
    async fn document(&self, deadline: &Deadline) -> Result<Document> {
        let script = self.state_script(deadline)?;
        loop {
            match self.session.execute(&script, Vec::new()).await {
                Ok(mut seen) => {
                    let reached = seen[0] == true;
                    seen[0] = Value::Null;
                    return Ok(Document { reached, identity: seen });
                }
                Err(error) if is_replaced(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits until another document, or the same at another URL, has the awaited state.
    async fn next_document(&self, before: &Document, deadline: &Deadline, what: &str) -> Result<Reply> {
        deadline
            .bound(what, async {
                let mut pause = Pause::new();
                loop {
                    let seen = self.document(deadline).await?;
                    if seen.reached && seen.identity != before.identity {
                        return Ok(());
                    }
                    pause.wait().await;
                }
            })
            .await?;
        self.response().await
    }

    /// What `goto` and its kin resolve to. `WebDriver` has no access to the headers.
    async fn response(&self) -> Result<Reply> {
        let mut response = self.session.execute(page_script::RESPONSE, Vec::new()).await?;
        if let Some(fields) = response.as_object_mut() {
            fields.insert("headers".to_owned(), Value::Null);
        }
        Ok(Reply::Json(response))
    }

    async fn evaluate(&self, script: &str) -> Result<Reply> {
        match self.session.value_of(script).await? {
            Value::String(envelope) => Ok(Reply::Text(envelope)),
            // What chromedriver gives when a navigation took the document away in the middle.
            _ => Err(replaced()),
        }
    }

    async fn wait_for(&self, watch: &str, timeout: u64, what: &str) -> Result<Reply> {
        let deadline = Deadline::new(WaitUntil::Load, timeout);
        let mut pause = Pause::new();
        deadline
            .bound(what, async {
                loop {
                    match self.session.execute(watch, Vec::new()).await {
                        Ok(Value::String(envelope)) if Envelope::of(&envelope) == Some(Envelope::Falsy) => {}
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
    async fn locate(&self, selector: &str, offset: Option<(f64, f64)>) -> Result<(f64, f64)> {
        const SCRIPT: &str = "const element = document.querySelector(arguments[0]); if (!element) return 'missing'; \
            element.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' }); \
            const box = [...element.getClientRects()].find((box) => box.width && box.height); if (!box) return 'hidden'; \
            const within = (low, high, size) => (Math.max(low, 0) + Math.min(high, size)) / 2; \
            const [x, y] = arguments[1] || [within(box.left, box.right, innerWidth) - box.left, within(box.top, box.bottom, innerHeight) - box.top]; \
            return [box.left + x, box.top + y]";
        let place = self.session.execute(SCRIPT, vec![selector.into(), json!(offset)]).await?;
        match (place[0].as_f64(), place[1].as_f64()) {
            (Some(x), Some(y)) => Ok((x, y)),
            _ if place == "hidden" => Err(Error::thrown("Error", format!("the element {selector:?} is not visible"))),
            _ => Err(missing(selector)),
        }
    }

    async fn focus(&self, selector: &str) -> Result<()> {
        const SCRIPT: &str = "const element = document.querySelector(arguments[0]); if (!element) return false; element.focus(); return true";
        let found = self.session.execute(SCRIPT, vec![selector.into()]).await?;
        if found == true { Ok(()) } else { Err(missing(selector)) }
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

    async fn upload(&self, selector: &str, paths: &[String]) -> Result<()> {
        let element = self.element(selector).await?;
        self.session.post(format!("element/{element}/value"), json!({ "text": paths.join("\n") })).await.map(drop)
    }

    /// The driver's reference to an element.
    async fn element(&self, selector: &str) -> Result<String> {
        let answer = self.session.post("element", json!({ "using": "css selector", "value": selector })).await;
        let reference = match answer {
            Ok(reference) => reference,
            Err(error) if error.thrown.as_ref().is_some_and(|thrown| thrown.name == "Error") => {
                return Err(missing(selector));
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

    async fn screenshot(&self, options: Screenshot) -> Result<Vec<u8>> {
        if !self.session.is_chromium() {
            return self.plain_screenshot(options).await;
        }
        let captured = match options.kind {
            ImageType::Bmp | ImageType::Gif => ImageType::Png,
            kind => kind,
        };
        let format = match captured {
            ImageType::Jpeg => "jpeg",
            ImageType::Webp => "webp",
            _ => "png",
        };
        let mut params = json!({ "format": format });
        if let (Some(quality), true) = (options.quality, captured != ImageType::Png) {
            params["quality"] = quality.into();
        }
        if let Some(clip) = self.clip(&options).await? {
            params["clip"] = json!({
                "x": clip.x, "y": clip.y, "width": clip.width, "height": clip.height, "scale": clip.scale.unwrap_or(1.0),
            });
            params["captureBeyondViewport"] = true.into();
        }
        let transparent = options.omit_background && captured != ImageType::Jpeg;
        if transparent {
            let clear = json!({ "color": { "r": 0, "g": 0, "b": 0, "a": 0 } });
            self.session.cdp("Emulation.setDefaultBackgroundColorOverride", clear).await?;
        }
        let picture = self.session.cdp_bytes("Page.captureScreenshot", params, "data").await;
        if transparent {
            self.session.cdp("Emulation.setDefaultBackgroundColorOverride", json!({})).await?;
        }
        converted(picture?, captured, &options).await
    }

    /// The part of the document to capture; none is the viewport.
    async fn clip(&self, options: &Screenshot) -> Result<Option<Clip>> {
        if let Some(selector) = &options.selector {
            return self.element_box(selector).await.map(Some);
        }
        if options.full_page {
            let layout = self.session.cdp("Page.getLayoutMetrics", json!({})).await?;
            let size = |key| layout["cssContentSize"][key].as_f64().unwrap_or(1.0).max(1.0);
            return Ok(Some(Clip { x: 0.0, y: 0.0, width: size("width"), height: size("height"), scale: None }));
        }
        Ok(options.clip)
    }

    /// An element's place in the document.
    async fn element_box(&self, selector: &str) -> Result<Clip> {
        const SCRIPT: &str = "const element = document.querySelector(arguments[0]); if (!element) return null; \
            const box = element.getBoundingClientRect(); \
            return { x: box.left + scrollX, y: box.top + scrollY, width: box.width, height: box.height }";
        let found = self.session.execute(SCRIPT, vec![selector.into()]).await?;
        let number = |key: &str| found[key].as_f64().unwrap_or_default();
        if found.is_null() {
            return Err(missing(selector));
        }
        let clip =
            Clip { x: number("x"), y: number("y"), width: number("width"), height: number("height"), scale: None };
        if clip.width < 1.0 || clip.height < 1.0 {
            return Err(Error::thrown("Error", format!("the element {selector:?} has no size to take a picture of")));
        }
        Ok(clip)
    }

    /// What every `WebDriver` can do: a PNG of the viewport or of one element.
    async fn plain_screenshot(&self, options: Screenshot) -> Result<Vec<u8>> {
        for (asked, what) in [
            (options.clip.is_some(), "screenshot with clip"),
            (options.full_page, "screenshot with fullPage"),
            (options.omit_background, "screenshot with omitBackground"),
        ] {
            if asked {
                return Err(Error::unsupported(
                    what,
                    &format!("webdriver with {}", self.session.version()),
                    "Chromium can",
                ));
            }
        }
        let png = match &options.selector {
            Some(selector) => {
                let element = self.element(selector).await?;
                self.session.get(format!("element/{element}/screenshot")).await?
            }
            None => self.session.get("screenshot").await?,
        };
        converted(decode(Some(png)).await?, ImageType::Png, &options).await
    }

    async fn pdf(&self, pdf: &Pdf) -> Result<Vec<u8>> {
        if self.session.is_chromium() {
            let params = json!({
                "landscape": pdf.landscape,
                "displayHeaderFooter": pdf.display_header_footer,
                "printBackground": pdf.print_background,
                "scale": pdf.scale,
                "paperWidth": pdf.paper_width,
                "paperHeight": pdf.paper_height,
                "marginTop": pdf.margin_top,
                "marginRight": pdf.margin_right,
                "marginBottom": pdf.margin_bottom,
                "marginLeft": pdf.margin_left,
                "pageRanges": pdf.page_ranges,
                "headerTemplate": pdf.header_template,
                "footerTemplate": pdf.footer_template,
                "preferCSSPageSize": pdf.prefer_css_page_size,
            });
            return self.session.cdp_bytes("Page.printToPDF", params, "data").await;
        }
        if pdf.display_header_footer || pdf.prefer_css_page_size {
            let engine = format!("webdriver with {}", self.session.version());
            return Err(Error::unsupported("pdf with header, footer or preferCSSPageSize", &engine, "Chromium can"));
        }
        let cm = |inches: f64| inches * CENTIMETRES_PER_INCH;
        let ranges: Vec<&str> = pdf.page_ranges.split(',').map(str::trim).filter(|range| !range.is_empty()).collect();
        let print = json!({
            "orientation": if pdf.landscape { "landscape" } else { "portrait" },
            "scale": pdf.scale,
            "background": pdf.print_background,
            "page": { "width": cm(pdf.paper_width), "height": cm(pdf.paper_height) },
            "margin": {
                "top": cm(pdf.margin_top),
                "right": cm(pdf.margin_right),
                "bottom": cm(pdf.margin_bottom),
                "left": cm(pdf.margin_left),
            },
            "pageRanges": ranges,
        });
        decode(Some(self.session.post("print", print).await?)).await
    }

    pub async fn set_viewport(&self, viewport: Viewport) -> Result<()> {
        if self.session.is_chromium() {
            self.session.cdp("Emulation.setDeviceMetricsOverride", metrics(viewport)).await?;
            let touch = json!({ "enabled": viewport.has_touch });
            self.session.cdp("Emulation.setTouchEmulationEnabled", touch).await?;
            self.undo("Emulation.setTouchEmulationEnabled", json!({ "enabled": false })).await;
            return Ok(());
        }
        let special =
            viewport.is_mobile || viewport.has_touch || (viewport.device_scale_factor - 1.0).abs() > f64::EPSILON;
        if special {
            let engine = format!("webdriver with {}", self.session.version());
            return Err(Error::unsupported("deviceScaleFactor, isMobile or hasTouch", &engine, "Chromium can"));
        }
        let frame =
            self.session.execute("return [outerWidth - innerWidth, outerHeight - innerHeight]", Vec::new()).await?;
        let outer = |inner: u32, frame: &Value| i64::from(inner) + frame.as_i64().unwrap_or_default();
        let rect = json!({ "width": outer(viewport.width, &frame[0]), "height": outer(viewport.height, &frame[1]) });
        self.session.post("window/rect", rect).await.map(drop)
    }

    /// Sends a `DevTools` command that holds until the page ends.
    async fn set(&self, method: &'static str, params: Value, undo: Value) -> Result<Reply> {
        self.session.cdp(method, params).await?;
        self.undo(method, undo).await;
        Ok(Reply::NOTHING)
    }

    async fn undo(&self, method: &'static str, params: Value) {
        self.session.touched.lock().await.undo.push((method, params));
    }

    async fn set_cookies(&self, cookies: Vec<Map<String, Value>>) -> Result<()> {
        if self.session.is_chromium() {
            return self.session.cdp("Network.setCookies", json!({ "cookies": cookies })).await.map(drop);
        }
        for mut cookie in cookies {
            // The specification sets cookies of the current document only, and calls the end of life `expiry`.
            cookie.remove("url");
            if let Some(expires) = cookie.remove("expires") {
                cookie.insert("expiry".to_owned(), expires);
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
            return self.session.get("cookie").await;
        }
        let params = if urls.is_empty() { json!({}) } else { json!({ "urls": urls }) };
        let mut answer = self.session.cdp("Network.getCookies", params).await?;
        Ok(answer["cookies"].take())
    }

    async fn delete_cookies(&self, cookies: Vec<Map<String, Value>>) -> Result<()> {
        for cookie in cookies {
            if self.session.is_chromium() {
                self.session.cdp("Network.deleteCookies", Value::Object(cookie)).await?;
            } else {
                let name = cookie.get("name").and_then(Value::as_str).unwrap_or_default();
                let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
                self.session.delete(format!("cookie/{name}")).await?;
            }
        }
        Ok(())
    }

    async fn switch_to_frame(&self, frame: Frame) -> Result<()> {
        const BY_NAME: &str = "return [...document.querySelectorAll('iframe, frame')].find((frame) => \
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

    async fn main_frame(&self) -> Result<()> {
        let mut touched = self.session.touched.lock().await;
        if std::mem::take(&mut touched.frame) {
            self.session.post("frame", json!({ "id": null })).await?;
        }
        Ok(())
    }
}

/// Growing pauses between looks.
struct Pause {
    next: Duration,
}

impl Pause {
    fn new() -> Self {
        Self { next: LOOK_AGAIN.0 }
    }

    async fn wait(&mut self) {
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(LOOK_AGAIN.1);
    }
}

async fn converted(picture: Vec<u8>, from: ImageType, options: &Screenshot) -> Result<Vec<u8>> {
    if options.kind == from {
        return Ok(picture);
    }
    let (kind, quality) = (options.kind, options.quality);
    tokio::task::spawn_blocking(move || image::convert(&picture, kind, quality)).await.map_err(Error::gone)?
}

fn missing(selector: &str) -> Error {
    Error::thrown("Error", format!("no element matches the selector {selector:?}"))
}

fn replaced() -> Error {
    Error::thrown("Error", REPLACED)
}

const REPLACED: &str = "the document was replaced by a navigation before the script was done";

/// Whether the error only says that a navigation took the document away under a script.
fn is_replaced(error: &Error) -> bool {
    error.code == Code::Evaluation
        && ["context was destroyed", "document unloaded", "navigat", "Cannot find context", "frame was detached"]
            .iter()
            .any(|word| error.message.contains(word))
}

/// Chromedriver wraps the protocol's message in a sentence and JSON.
fn protocol_reason(message: &str) -> &str {
    let start = message.find("\"message\":\"").map_or(0, |index| index + "\"message\":\"".len());
    message[start..].split("\"}").next().unwrap_or(message)
}
