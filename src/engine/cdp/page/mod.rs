//! The page that a handler drives: what each of its commands becomes in the protocol. Each subject has a file of its own; here
//! is which of them runs a command.

mod accessibility;
mod capture;
mod devices;
mod dialogs;
mod downloads;
mod emulation;
mod input;
mod navigation;
mod pressed;
mod proxy;
mod requests;
mod script;
mod usage;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::{Mutex as AsyncMutex, Notify};

use crate::{
    engine::{
        EventKind, FrameState, Page, PageListener, Relay, RelayListener, WorkerState,
        cdp::{
            client::CdpRelay,
            connection::Session,
            protocol::AuthSource,
            target::{MEASURE, Target, downloads::Downloads, interception::Credentials},
        },
        command::{Command, Moments, Reply, Viewport},
        deadline::{DEFAULT_TIMEOUT, Deadline},
        devtools,
        waits::Waits,
    },
    error::{Code, Error, Result, shortened},
};

use self::{pressed::Pressed, script::Script, usage::Usage};

pub use self::proxy::Contexts;

/// A page that was handed out.
pub struct CdpPage {
    pub target: Arc<Target>,
    pub(super) browser: Session,
    pub(super) downloads: Arc<Downloads>,
    /// The frame that was switched to; none is the top one.
    chosen: Mutex<Option<String>>,
    pressed: Mutex<Pressed>,
    /// One picture at a time: a transparent one has the page's background changed meanwhile.
    pub(super) camera: AsyncMutex<()>,
    /// Held by input that waits for the page, so that other input stays behind.
    pub(super) inputs: AsyncMutex<()>,
    /// Whether the page emulates a phone or another mobile device.
    handheld: AtomicBool,
    /// How the page has been used.
    pub usage: Usage,
    /// What is waited for.
    waits: Waits,
    /// Where `setProxy` gets a target in another browser context; a popup has no such place.
    pub contexts: Option<Arc<dyn Contexts>>,
    /// The page that goes on in this one's place since `setProxy`.
    successor: OnceLock<Arc<CdpPage>>,
    /// Notified when there is a successor.
    moved: Notify,
}

impl CdpPage {
    /// A page of this target, as if nobody had used it.
    pub fn new(target: Arc<Target>, browser: Session, downloads: Arc<Downloads>) -> Self {
        let began = target.frames.borrow().position();
        Self {
            target,
            browser,
            downloads,
            chosen: Mutex::default(),
            pressed: Mutex::default(),
            camera: AsyncMutex::default(),
            inputs: AsyncMutex::default(),
            handheld: AtomicBool::new(false),
            usage: Usage::at(began),
            waits: Waits::default(),
            contexts: None,
            successor: OnceLock::new(),
            moved: Notify::new(),
        }
    }

    pub(super) fn chosen(&self) -> Option<String> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn choose(&self, frame: Option<String>) {
        *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = frame;
    }

    pub(super) fn pressed(&self) -> MutexGuard<'_, Pressed> {
        self.pressed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn set(&self, method: &'static str, params: Value) -> Result<Reply> {
        self.target.set(method, params).await.map(|()| Reply::NOTHING)
    }

    /// The page is no phone any more. Whether it was one.
    fn put_down(&self) -> bool {
        self.handheld.swap(false, Ordering::Relaxed)
    }

    async fn set_viewport(&self, viewport: Viewport) -> Result<Reply> {
        let handheld = viewport.has_touch || viewport.is_mobile;
        let was_handheld = self.handheld.swap(handheld, Ordering::Relaxed);
        let touch = async {
            if !viewport.has_touch && !was_handheld {
                return Ok(());
            }
            let params = json!({ "enabled": viewport.has_touch });
            self.target.set("Emulation.setTouchEmulationEnabled", params).await
        };
        let (sized, touched) = tokio::join!(self.target.resize(viewport), touch);
        touched?;
        sized?;
        // As Puppeteer: a document learns only when it is made whether there is touch.
        if was_handheld == handheld {
            return Ok(Reply::NOTHING);
        }
        Deadline::new(DEFAULT_TIMEOUT).bound("page.setViewport", self.reload(Moments::LOAD, false)).await
    }
}

#[async_trait]
impl Page for CdpPage {
    async fn ended(&self) {
        loop {
            let current = self.current();
            let moved = current.moved.notified();
            // A page that was moved between the two lines above notifies nobody any more.
            if current.successor.get().is_some() {
                continue;
            }
            tokio::select! {
                // The end of a document that was left behind is not the page's.
                biased;
                () = moved => {}
                ended = current.target.until(|_| None::<()>) => {
                    if ended.is_err_and(|why| why.code == Code::BrowserGone) {
                        // The end of the whole browser is reported by what watches its process, for all its pages.
                        std::future::pending::<()>().await;
                    }
                    return;
                }
            }
        }
    }

    fn frames(&self) -> Result<Vec<FrameState>> {
        let page = self.current();
        page.target.alive()?;
        Ok(page.target.frames.borrow().tree())
    }

    fn workers(&self) -> Result<Vec<WorkerState>> {
        let page = self.current();
        page.target.alive()?;
        Ok(page.target.workers.all())
    }

    fn listen(&self, kinds: &[EventKind], to: PageListener) -> Result<()> {
        use EventKind::{Console, Download, FileChooser, Metrics, PageError, Repaint, Request, Response};
        let page = self.current();
        let target = &page.target;
        target.alive()?;
        page.usage.lasts()?;
        target.clock.start();
        let before = target.audience.kinds();
        let newly = |kind| kinds.contains(&kind) && !before.contains(&kind);
        let no_more = |kind| before.contains(&kind) && !kinds.contains(&kind);
        target.audience.listen(kinds, to);
        if newly(Request) {
            target.watch_network();
        }
        if newly(Response) {
            target.keep_bodies();
        }
        if newly(Console) || newly(PageError) {
            target.enable("Runtime.enable", json!({}));
        }
        if newly(Console) {
            target.enable("Log.enable", json!({}));
        }
        if newly(Metrics) {
            target.enable(MEASURE, json!({}));
        }
        if newly(Download) {
            page.allow_downloads();
        }
        if newly(FileChooser) || no_more(FileChooser) {
            let params = json!({ "enabled": newly(FileChooser) });
            drop(target.setting("Page.setInterceptFileChooserDialog", params));
        }
        if newly(Repaint) {
            // No event tells of painting itself; the smallest pictures of a screencast do.
            let smallest = json!({ "format": "jpeg", "quality": 0, "maxWidth": 16, "maxHeight": 16 });
            target.session.send("Page.startScreencast", smallest);
        } else if no_more(Repaint) {
            target.session.send("Page.stopScreencast", json!({}));
        }
        Ok(())
    }

    async fn relay(&self, to: RelayListener) -> Result<Box<dyn Relay>> {
        let page = self.current();
        page.usage.is_foreign()?;
        page.target.sized().await?;
        page.target.clock.start();
        CdpRelay::open(page.target.clone(), &page.browser, to).await.map(|relay| -> Box<dyn Relay> { Box::new(relay) })
    }

    async fn run(&self, command: Command) -> Result<Reply> {
        let page = self.current();
        page.usage.begin(&command)?;
        // Before anything else is waited for: the next command may be to give it up.
        let wait = command.wait().map(|number| page.waits.begin(number));
        let done = match wait {
            Some(wait) => wait.run(Box::pin(page.perform(command))).await,
            None => page.perform(command).await,
        };
        page.usage.end();
        done
    }
}

impl CdpPage {
    /// Runs what waits for the network; when its time is over, the error tells what was under way.
    async fn loads<T>(&self, timeout: u64, what: &str, future: impl Future<Output = Result<T>>) -> Result<T> {
        Deadline::new(timeout).navigation(what, future).await.map_err(|error| self.with_pending(error))
    }

    fn with_pending(&self, mut error: Error) -> Error {
        if error.code == Code::Timeout {
            error.message += &self.target.network.pending();
        }
        error
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each command reads better than a table of tables")]
    async fn perform(&self, command: Command) -> Result<Reply> {
        let nothing = |()| Reply::NOTHING;
        self.target.alive()?;
        self.target.ready().await?;
        if !matches!(command, Command::SetViewport(_)) {
            self.target.sized().await?;
        }
        self.target.clock.start();
        let _turn = if command.is_input() { self.settled().await } else { None };
        match command {
            Command::Goto { url, frame, wait_until, timeout, referer, referrer_policy, method, body, headers } => {
                let rewrite = requests::rewrite(method, body, headers);
                let request = navigation::Request { url: &url, referer, referrer_policy, rewrite };
                let going = self.goto(frame.as_deref(), request, wait_until);
                self.loads(timeout, &format!("page.goto({:?})", shortened(&url)), going).await
            }
            Command::Reload { wait_until, timeout, ignore_cache } => {
                self.loads(timeout, "page.reload", self.reload(wait_until, ignore_cache)).await
            }
            Command::GoBack { wait_until, timeout } => {
                self.loads(timeout, "page.goBack", self.traverse(-1, wait_until)).await
            }
            Command::GoForward { wait_until, timeout } => {
                self.loads(timeout, "page.goForward", self.traverse(1, wait_until)).await
            }
            Command::Stop {} => self.stop().await.map(nothing),
            Command::SetContent { html, frame, wait_until, timeout } => {
                let setting = self.set_content(frame.as_deref(), &html, wait_until);
                self.loads(timeout, "page.setContent", setting).await.map(nothing)
            }
            Command::Evaluate { script, main, frame, handles, keep, gesture, world, timeout, what } => {
                let script = Script { text: &script, handles: &handles, keep, frame: frame.as_deref(), main, world };
                Deadline::new(timeout).bound(&what, self.evaluate(&script, gesture)).await
            }
            Command::ClosePage {} => self.target.close().await.map(|_| Reply::NOTHING),
            Command::Accessibility(question) => self.accessibility(question).await.map(Reply::Json),
            Command::BringToFront {} => {
                self.target.session.call("Page.bringToFront", json!({})).await.map(|_| Reply::NOTHING)
            }
            Command::Metrics {} => self.target.metrics().await.map(Reply::Json),
            Command::AddInitScript { source } => {
                let number = self.target.add_init_script(&source).await?;
                Ok(Reply::Json(number.to_string().into()))
            }
            Command::RemoveInitScript { identifier } => self.remove_init_script(&identifier).await.map(nothing),
            Command::WaitFor { script, frame, handles, keep, timeout, polling, what, world, .. } => {
                let frame = frame.as_deref();
                let script = Script { text: &script, handles: &handles, keep, frame, main: false, world };
                Deadline::new(timeout).bound(&what, self.wait_for(&script, polling)).await
            }
            Command::GiveUp { wait } => {
                self.waits.give_up(wait);
                Ok(Reply::NOTHING)
            }
            Command::Release { handles } => {
                self.release(&handles);
                Ok(Reply::NOTHING)
            }
            Command::Properties { handle } => self.properties(&handle).await.map(Reply::Json),
            Command::QueryAria { frame, handle, name, role, limit } => {
                let wanted = (name.as_deref(), role.as_deref());
                self.query_aria(frame.as_deref(), handle.as_ref(), wanted, limit).await.map(Reply::Json)
            }
            Command::FrameOf { handle } => self.frame_of(&handle).await.map(Reply::Json),
            Command::FrameElement { frame } => self.frame_element(&frame).await.map(Reply::Json),
            Command::WaitForNavigation { frame, wait_until, timeout } => {
                let navigation = self.wait_for_navigation(frame.as_deref(), wait_until);
                self.loads(timeout, "page.waitForNavigation", navigation).await
            }
            Command::WaitForNetworkIdle { idle_time, concurrency, timeout } => {
                let idle = self.wait_for_network_idle(Duration::from_millis(idle_time), concurrency);
                let idle = Deadline::new(timeout).bound("page.waitForNetworkIdle", idle).await;
                idle.map(nothing).map_err(|error| self.with_pending(error))
            }
            Command::Click { on, button, click_count, delay, offset } => {
                let offset = offset.map(|point| (point.x, point.y));
                self.click(&on, button, click_count, delay, offset).await.map(nothing)
            }
            Command::Locate { on, offset } => {
                let (x, y) = self.locate_at(&on, offset.map(|point| (point.x, point.y)), &[None]).await?;
                Ok(Reply::Json(json!([x, y])))
            }
            Command::Hover { on } => self.hover(&on).await.map(nothing),
            Command::Focus { on } => self.focus(&on).await.map(nothing),
            Command::Type { on, text, delay } => {
                self.focus(&on).await?;
                self.type_text(&text, delay).await.map(nothing)
            }
            Command::Press { key, delay, text } => self.press(&key, delay, text).await.map(nothing),
            Command::UploadFile { on, paths } => self.upload(&on, &paths).await.map(nothing),
            Command::Mouse { kind, x, y, button, modifiers } => {
                self.mouse(kind, (x, y), button, &modifiers).await.map(nothing)
            }
            Command::Key { kind, key, text, modifiers } => {
                self.key(kind, key.as_deref(), text.as_deref(), &modifiers).await.map(nothing)
            }
            Command::Input(input) => self.input(input).await,
            Command::Screenshot(options) => self.screenshot(options).await.map(Reply::Bytes),
            Command::Pdf(options) => {
                Deadline::new(options.timeout).bound("page.pdf", self.pdf(&options)).await.map(Reply::Bytes)
            }
            Command::SetViewport(viewport) => self.set_viewport(viewport).await,
            Command::SetUserAgent { user_agent, platform, metadata } => {
                self.set_user_agent(user_agent, platform.as_deref(), metadata.as_ref()).await
            }
            Command::SetExtraHttpHeaders { headers } => {
                self.set_network("Network.setExtraHTTPHeaders", json!({ "headers": headers })).await
            }
            Command::Authenticate { username: None, .. } => {
                self.authenticate(AuthSource::Server, None).await.map(nothing)
            }
            Command::Authenticate { username: Some(username), password } => {
                let credentials = Credentials { username, password: password.unwrap_or_default() };
                self.authenticate(AuthSource::Server, Some(credentials)).await.map(nothing)
            }
            Command::SetJavaScriptEnabled { enabled } => self.target.run_scripts(enabled).await.map(nothing),
            Command::EmulateMedia { media, features } => {
                self.set("Emulation.setEmulatedMedia", devtools::media(media, features)).await
            }
            Command::EmulateTimezone { timezone } => self.emulate_timezone(&timezone).await,
            Command::Emulate(emulation) => self.emulate(emulation).await,
            Command::SetGeolocation { latitude, longitude, accuracy } => {
                self.set_geolocation(latitude, longitude, accuracy.unwrap_or_default()).await
            }
            Command::SetCacheEnabled { enabled } => {
                self.set_network("Network.setCacheDisabled", json!({ "cacheDisabled": !enabled })).await
            }
            Command::SetLoadImages { enabled } => self.set_load_images(enabled).await.map(nothing),
            Command::SetCookies { cookies } => self.set_cookies(cookies).await.map(nothing),
            Command::Cookies { urls } => self.cookies(urls).await.map(Reply::Json),
            Command::DeleteCookies { cookies } => {
                self.delete_cookies(cookies).await.map(|deleted| Reply::Json(deleted.into()))
            }
            Command::ClearCookies {} => {
                self.target.session.call("Network.clearBrowserCookies", json!({})).await.map(|_| Reply::NOTHING)
            }
            Command::Cdp { method, params } => {
                let _still = self.target.clock.still_for(&method).await;
                let answer = self.target.session.call(method, params.unwrap_or_default()).await?;
                answer.value().map(Reply::Json)
            }
            Command::SwitchToFrame { frame } => self.switch_to_frame(frame).await.map(nothing),
            Command::SwitchToMainFrame {} => {
                self.choose(None);
                Ok(Reply::NOTHING)
            }
            Command::SetRequestInterception { enabled } => self.set_request_interception(enabled).await.map(nothing),
            Command::ContinueRequest { id, url, method, headers, body } => {
                self.continue_request(&id, url, method, headers, body).await.map(nothing)
            }
            Command::FulfillRequest { id, status, status_text, headers, body } => {
                self.fulfill_request(&id, (status, status_text), headers, &body).await.map(nothing)
            }
            Command::FailRequest { id, reason } => self.fail_request(&id, &reason).await.map(nothing),
            Command::ResponseBody { id, timeout } => {
                Deadline::new(timeout).bound("reading the response", self.response_body(&id)).await.map(Reply::Bytes)
            }
            Command::PostData { id } => self.post_data(&id).await.map(Reply::Json),
            Command::LockNavigation { locked } => self.lock_navigation(locked).await.map(nothing),
            Command::KeepDocument { enabled } => self.rule(|rules| rules.keeps = enabled).await.map(nothing),
            Command::HandleDialog { accept, text } => self.handle_dialog(accept, text).await.map(nothing),
            Command::ChooseFiles { frame, node, paths, clear } => {
                self.choose_files(&frame, node, paths, clear).await.map(nothing)
            }
            Command::ExposeFunction { name, script } => {
                self.expose_function(&name, &script).await.map(|identifier| Reply::Json(identifier.into()))
            }
            Command::RemoveFunction { name, identifier, script } => {
                self.remove_function(&name, &identifier, &script).await.map(nothing)
            }
            Command::AnswerBinding { call, result } => self.answer_binding(&call, &result).await.map(nothing),
            Command::Downloaded { id } => self.downloaded(&id).await.map(Reply::Json),
            Command::CancelDownload { id } => self.cancel_download(&id).await.map(nothing),
            Command::SetProxy { url } => self.set_proxy(&url).await.map(nothing),
        }
    }
}

fn unsupported(what: &str, who_can: &str) -> Error {
    Error::unsupported(what, "the cdp engine", who_can)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tokio::time::timeout;

    use super::*;
    use crate::engine::cdp::{fake::Browser, target::BrowserTraits};

    /// A page of the target P in this browser, over the session S.
    fn page(browser: &Session) -> CdpPage {
        let info = json!({ "sessionId": "S", "targetInfo": { "targetId": "P", "type": "page" } });
        let target =
            Target::attach(browser, serde_json::from_value(info).unwrap(), None, BrowserTraits::default(), None);
        CdpPage::new(target, browser.clone(), Arc::new(Downloads::new(PathBuf::new())))
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_has_moved_ends_with_the_target_that_it_has_moved_to() {
        let (pipe, _browser) = Browser::new();
        let session = Session::connect(pipe);
        let (first, second) = (page(&session), page(&session));
        let targets = [first.target.clone(), second.target.clone()];
        let end = |target: &Target| {
            let closed = Error::new(Code::PageClosed, "closed");
            target.frames.send_modify(|frames| frames.ended = Some(closed));
        };
        let mut ended = first.ended();
        assert!(timeout(Duration::from_secs(1), &mut ended).await.is_err());
        first.go_on_in(second);
        end(&targets[0]);
        assert!(timeout(Duration::from_secs(1), &mut ended).await.is_err());
        end(&targets[1]);
        ended.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_viewport_that_needs_another_document_is_not_waited_for_for_ever() {
        let (pipe, mut browser) = Browser::new();
        let page = page(&Session::connect(pipe));
        let answer = async {
            loop {
                let call = browser.next().await;
                browser.say(&json!({ "id": call["id"], "result": {}, "sessionId": "S" }).to_string()).await;
            }
        };
        tokio::select! {
            () = answer => {}
            done = page.run(Command::SetViewport(Viewport { is_mobile: true, ..Viewport::DEFAULT })) => {
                assert_eq!(done.unwrap_err().code, Code::Timeout);
            }
        }
    }
}
