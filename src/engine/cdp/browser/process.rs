//! One browser process: its launch, its pages, and its end.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{
        BrowserOptions, Host, Program, Started,
        cdp::{
            connection::{Call, Session},
            page::CdpPage,
            protocol::{BrowserContextCreated, OfSession, OfTarget, Version},
            target::{BrowserTraits, Target, auto_attach, downloads::Downloads, frame_clock},
        },
        chromium,
        discover::is_headless_shell,
        launch_error, start,
    },
    error::{Code, Error, Result},
};

use super::pages::Pages;

/// Beyond what every automated Chromium gets: no window of its own, and nothing that asks or waits for a person.
const ARGUMENTS: [&str; 6] = [
    "--remote-debugging-pipe",
    "--no-startup-window",
    "--disable-hang-monitor",
    "--disable-popup-blocking",
    "--disable-prompt-on-repost",
    "--disable-ipc-flooding-protection",
];

/// How long the last lines of a browser that failed are waited for, so that its error can tell them.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// How long a browser may take to end by itself before it is killed.
const ENDING: Duration = Duration::from_secs(1);
/// What Chromium says when it cannot have its sandbox; trying again does not help.
const NO_SANDBOX: [&str; 2] = ["without --no-sandbox is not supported", "No usable sandbox"];

/// See the [module](self).
pub struct Process {
    /// The process's id.
    pub pid: u32,
    /// The browser's name and version.
    pub version: String,
    /// The browser's own session.
    pub session: Session,
    /// What its pages download.
    pub downloads: Arc<Downloads>,
    profile: PathBuf,
    pages: Arc<Pages>,
    /// Where a window is, and how large, before anybody has its page, if that is the same for all windows.
    first_bounds: OnceLock<Value>,
    kill: CancellationToken,
    ended: CancellationToken,
}

/// How a browser process is used, as far as its start depends on it.
pub struct ProcessTraits {
    /// Whether the worker is lost when the process ends.
    pub vital: bool,
    /// How many renderer processes the browser's pages share: with one, most of a new page's time is saved.
    pub renderer_limit: Option<u32>,
    /// Whether the frames of the browser's pages are begun by us.
    pub drives_frames: bool,
    /// Whether pages of several items are open in the browser at a time.
    pub shared: bool,
}

impl Process {
    /// Starts a browser.
    pub async fn launch(
        browser: &Path,
        options: &BrowserOptions,
        host: &dyn Host,
        profile: PathBuf,
        &ProcessTraits { vital, renderer_limit, drives_frames, shared }: &ProcessTraits,
    ) -> Result<Self> {
        let mut args: Vec<OsString> = ARGUMENTS.map(OsString::from).to_vec();
        let mut folder = OsString::from("--user-data-dir=");
        folder.push(&profile);
        args.push(folder);
        if drives_frames {
            args.extend(frame_clock::ARGUMENTS.map(OsString::from));
        }
        if let Some(limit) = renderer_limit {
            // Of documents of other sites Chromium makes exceptions.
            args.push(format!("--renderer-process-limit={limit}").into());
        }
        args.extend(chromium::arguments(options).into_iter().map(OsString::from));
        let program = Program { path: browser.to_owned(), args, env: options.env.clone(), pipe: true, vital };
        let failed = |what: &str| launch_error(host, "browser", browser, what);
        let Started { pid, mut lines, pipe, kill, ended } = start(host, "browser", program).await?;
        let session = Session::connect(pipe.ok_or_else(|| failed("got no DevTools pipe"))?);
        let downloads = Arc::new(Downloads::new(profile.join("downloads")));
        let traits = BrowserTraits { has_windows: !is_headless_shell(browser), shared };
        let pages = Pages::follow(&session, &downloads, drives_frames, traits);
        let version = session.call("Browser.getVersion", json!({}));
        let attaching = session.call("Target.setAutoAttach", auto_attach(&["page"]));
        session.send("Browser.setDownloadBehavior", downloads.behavior(false, None));
        let met = async {
            let Version { product } = version.await?.read()?;
            attaching.await.map(|_| product)
        };
        match met.await {
            Ok(product) => {
                let version =
                    product.replace("HeadlessChrome/", "chrome-headless-shell ").replace("Chrome/", "chrome ");
                Ok(Self {
                    pid,
                    version,
                    session,
                    downloads,
                    profile,
                    pages,
                    first_bounds: OnceLock::new(),
                    kill,
                    ended,
                })
            }
            Err(error) => {
                // The process has ended, so its output ends as well.
                let _ = timeout(LAST_WORDS, async { while lines.recv().await.is_some() {} }).await;
                let failure = failed(&format!("it did not answer over its DevTools pipe ({error}); is it a Chromium?"));
                if NO_SANDBOX.iter().any(|words| failure.message.contains(words)) {
                    let mend = "set browser.sandbox to false, or give it what its sandbox needs";
                    return Err(failure.followed_by(mend).permanent());
                }
                Err(failure)
            }
        }
    }

    /// A brand-new page.
    pub async fn new_page(&self, context: Option<&str>) -> Result<Arc<Target>> {
        // A window of its own: one behind another would be hidden, and paint nothing.
        let mut params =
            json!({ "url": "about:blank", "newWindow": true, "enableBeginFrameControl": self.pages.turn.is_some() });
        if let Some(context) = context {
            params["browserContextId"] = context.into();
        }
        let id = self.pages.expect(async {
            let answer = self.session.call("Target.createTarget", params).await?;
            let OfTarget { target_id } = answer.read()?;
            Ok(target_id.into_owned())
        });
        let id = id.await?;
        let target = self.pages.attached(|state| state.targets.values().find(|target| target.id == id)).await;
        let target = target.ok_or_else(|| Error::gone("it made a page and did not attach to it"))?;
        let ready = async {
            target.ready().await?;
            self.note_bounds(&target).await
        };
        match ready.await {
            Ok(()) => Ok(target),
            // As when the process that it shares has crashed meanwhile.
            Err(error) => self.destroy(&target).await.and(Err(error)),
        }
    }

    /// Has a page that nobody has had yet know its window's bounds. All windows of a headless shell begin alike, so that its first
    /// page is asked alone: the document that a page begins with needs no world of scripts if it makes way for another.
    async fn note_bounds(&self, page: &Target) -> Result<()> {
        let bounds = match self.first_bounds.get() {
            Some(known) => known.clone(),
            None => page.bounds().await?,
        };
        if !page.traits.has_windows {
            // Pages that were made at the same time say the same.
            let _ = self.first_bounds.set(bounds.clone());
        }
        page.note_bounds(bounds);
        Ok(())
    }

    /// The next new pages begin with the size that this one has.
    pub fn succeed(&self, page: &Target) {
        self.pages.succeed(page);
    }

    /// A new browser context: cookies and storage of its own, and a proxy if `params` names one.
    pub async fn new_context(&self, mut params: Value) -> Result<String> {
        params["disposeOnDetach"] = true.into();
        let answer = self.session.call("Target.createBrowserContext", params).await?;
        let BrowserContextCreated { browser_context_id: id } = answer.read()?;
        self.session.send("Browser.setDownloadBehavior", self.downloads.behavior(false, Some(&id)));
        Ok(id)
    }

    /// Destroys a context and every page in it.
    pub async fn dispose(&self, context: &str) -> Result<()> {
        tolerate(
            self.session.call("Target.disposeBrowserContext", json!({ "browserContextId": context })).await.map(drop),
        )
    }

    /// Ends the processes of all its pages, however busy they are, and the pages with them.
    pub async fn crash(&self) -> Result<()> {
        let pages: Vec<Arc<Target>> = self.pages.state.borrow().targets.values().cloned().collect();
        for page in pages {
            // This call is answered by the page's end alone; before that, a new page would get the same process.
            page.session.send("Page.crash", json!({}));
            let _ = page.until(|_| None::<()>).await;
            tolerate(page.close().await.map(drop))?;
        }
        Ok(())
    }

    /// Destroys a page and every page that it has opened.
    pub async fn destroy(&self, page: &Target) -> Result<()> {
        self.close_opened(page, true).await
    }

    /// Destroys every page that this one has opened.
    pub async fn close_popups(&self, page: &Target) -> Result<()> {
        self.close_opened(page, false).await
    }

    async fn close_opened(&self, page: &Target, and_itself: bool) -> Result<()> {
        let mut calls: Vec<Call> = Vec::new();
        // At once: a popup that comes meanwhile is in the family, or is closed because its opener is gone.
        self.pages.state.send_modify(|state| {
            let family = state.family(&page.id);
            if and_itself {
                state.roots.retain(|_, root| *root != page.id);
            }
            let closed = state.targets.values().filter(|target| family.contains(&target.id));
            calls = closed.filter(|target| and_itself || target.id != page.id).map(|target| target.close()).collect();
        });
        for call in calls {
            tolerate(call.await.map(drop))?;
        }
        Ok(())
    }

    /// Ends our session with a page, and with it all that was set through it, and begins another.
    pub async fn reattach(&self, page: &Target) -> Result<Arc<Target>> {
        let mut session_id = String::new();
        let again = self.pages.expect(async {
            let detached = self.session.call("Target.detachFromTarget", json!({ "sessionId": page.session.id() }));
            let attach = json!({ "targetId": page.id, "flatten": true });
            let attached = self.session.call("Target.attachToTarget", attach);
            detached.await?;
            session_id = attached.await?.read::<OfSession>()?.session_id.into_owned();
            Ok(page.id.clone())
        });
        again.await?;
        let target = self.pages.attached(|state| state.targets.get(&session_id)).await;
        let target = target.ok_or_else(|| Error::gone("it attached to a page and did not say so"))?;
        target.ready().await?;
        Ok(target)
    }

    /// What a handler drives, over one of its targets.
    pub fn page(&self, target: Arc<Target>) -> CdpPage {
        CdpPage::new(target, self.session.clone(), self.downloads.clone())
    }

    /// Whether the browser answers within this time a call that needs no page, or says anything else, or is at work.
    pub async fn is_alive(&self, patience: Duration) -> bool {
        let before = self.session.received();
        match timeout(patience, self.session.call("Browser.getVersion", json!({}))).await {
            Ok(answer) => answer.is_ok(),
            Err(_) => self.session.is_at_work() || self.session.received() != before,
        }
    }

    /// Asks the browser to end, and waits until its process has.
    pub async fn close(&self) {
        // A failure means that the browser has ended already.
        let _ = self.session.call("Browser.close", json!({})).await;
        self.ended.cancelled().await;
    }

    /// Ends the browser one way or another, and removes its profile.
    pub async fn end(&self) {
        if timeout(ENDING, self.close()).await.is_err() {
            self.kill.cancel();
            self.ended.cancelled().await;
        }
        // A profile that cannot be removed goes with the worker's folder.
        let _ = tokio::fs::remove_dir_all(&self.profile).await;
    }
}

/// The failure to close what is gone already is none.
fn tolerate(closed: Result<()>) -> Result<()> {
    match closed {
        Err(error) if error.code == Code::BrowserGone => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cdp::{browser::pages::ATTACHING, fake::Browser};

    fn process() -> (Process, Browser) {
        let (pipe, browser) = Browser::new();
        let session = Session::connect(pipe);
        let downloads = Arc::new(Downloads::new(PathBuf::new()));
        let pages = Pages::follow(&session, &downloads, false, BrowserTraits::default());
        let process = Process {
            pid: 0,
            version: String::new(),
            session,
            downloads,
            profile: PathBuf::new(),
            pages,
            first_bounds: OnceLock::new(),
            kill: CancellationToken::new(),
            ended: CancellationToken::new(),
        };
        (process, browser)
    }

    fn attached() -> Value {
        json!({ "sessionId": "S", "targetInfo": { "targetId": "P", "type": "page" } })
    }

    async fn answer(browser: &mut Browser, call: &Value, result: Value) {
        let answer = json!({ "id": call["id"], "result": result, "sessionId": call["sessionId"] });
        browser.say(&answer.to_string()).await;
    }

    async fn make(browser: &mut Browser) {
        let call = browser.call("Target.createTarget").await;
        answer(browser, &call, json!({ "targetId": "P" })).await;
    }

    async fn prepare(browser: &mut Browser) {
        loop {
            let call = browser.next().await;
            answer(browser, &call, json!({})).await;
            if call["method"] == "Runtime.runIfWaitingForDebugger" {
                return;
            }
        }
    }

    async fn tell(browser: &mut Browser) {
        // The clock goes on when everybody waits, and so has taken note of what was said before.
        tokio::time::sleep(ATTACHING / 2).await;
        let told = json!({ "method": "Target.attachedToTarget", "params": attached() });
        browser.say(&told.to_string()).await;
    }

    /// A page up to where it is asked for its bounds.
    async fn open(browser: &mut Browser) {
        make(browser).await;
        tell(browser).await;
        prepare(browser).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_page_may_be_told_of_after_the_answer_that_made_it() {
        let (process, mut browser) = process();
        let answers = async {
            open(&mut browser).await;
            let bounds = browser.call("Runtime.evaluate").await;
            answer(&mut browser, &bounds, json!({ "result": {} })).await;
        };
        let (page, ()) = tokio::join!(process.new_page(None), answers);
        assert_eq!(page.unwrap().id, "P");
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_crashes_while_it_is_made_is_closed() {
        let (process, mut browser) = process();
        let answers = async {
            open(&mut browser).await;
            browser.call("Runtime.evaluate").await;
            let crashed = json!({ "method": "Inspector.targetCrashed", "params": {}, "sessionId": "S" });
            browser.say(&crashed.to_string()).await;
            let close = browser.call("Target.closeTarget").await;
            assert_eq!(close["params"]["targetId"], "P");
            answer(&mut browser, &close, json!({})).await;
        };
        let (page, ()) = tokio::join!(process.new_page(None), answers);
        assert_eq!(page.err().map(|error| error.code), Some(Code::PageClosed));
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_may_be_told_of_after_the_answer_that_attached_to_it_again() {
        let (process, mut browser) = process();
        let page = Target::attach(
            &process.session,
            serde_json::from_value(attached()).unwrap(),
            None,
            BrowserTraits::default(),
            None,
        );
        let answers = async {
            let detach = browser.call("Target.detachFromTarget").await;
            answer(&mut browser, &detach, json!({})).await;
            let attach = browser.call("Target.attachToTarget").await;
            answer(&mut browser, &attach, json!({ "sessionId": "S" })).await;
            tell(&mut browser).await;
            prepare(&mut browser).await;
        };
        let (page, ()) = tokio::join!(process.reattach(&page), answers);
        assert_eq!(page.unwrap().id, "P");
    }

    #[tokio::test(start_paused = true)]
    async fn a_browser_that_never_tells_of_a_new_page_is_gone() {
        let (process, mut browser) = process();
        let (page, ()) = tokio::join!(process.new_page(None), make(&mut browser));
        assert_eq!(page.err().map(|error| error.code), Some(Code::BrowserGone));
    }

    #[tokio::test(start_paused = true)]
    async fn a_browser_that_ends_while_it_makes_a_page_is_gone() {
        let (process, mut browser) = process();
        let ends = async move {
            browser.call("Target.createTarget").await;
            drop(browser);
        };
        let (page, ()) = tokio::join!(process.new_page(None), ends);
        assert_eq!(page.err().map(|error| error.code), Some(Code::BrowserGone));
    }

    #[tokio::test(start_paused = true)]
    async fn a_browser_that_does_not_answer_is_alive_only_while_it_works_or_is_heard_of() {
        let (process, mut browser) = process();
        let patience = Duration::from_secs(5);
        assert!(!process.is_alive(patience).await);
        let picture = process.session.attached("S").call("Page.captureScreenshot", json!({}));
        assert!(process.is_alive(patience).await);
        drop(picture);
        assert!(!process.is_alive(patience).await);
        let says = browser.say(r#"{"method":"Page.frameResized","params":{},"sessionId":"S"}"#);
        assert!(tokio::join!(process.is_alive(patience), says).0);
    }
}
