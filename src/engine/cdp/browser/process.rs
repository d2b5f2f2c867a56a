//! One browser process: its launch, its pages, and its end.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde_json::{Value, json, value::RawValue};
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{
        BrowserOptions, Host, Program, Started,
        cdp::{
            connection::{Call, Listener, Session},
            page::CdpPage,
            protocol::{AttachedToTarget, BrowserContextCreated, DownloadWillBegin, OfSession, OfTarget, Version},
            target::{
                Target, Traits, auto_attach,
                begin_frames::{self, Turn},
                downloads::Downloads,
            },
        },
        chromium,
        discover::is_headless_shell,
        launch_error, start,
    },
    error::{Code, Error, Result},
};

/// Beyond what every automated Chromium gets: no window of its own, and nothing that asks or waits for a person.
const ARGUMENTS: [&str; 6] = [
    "--remote-debugging-pipe",
    "--no-startup-window",
    "--disable-hang-monitor",
    "--disable-popup-blocking",
    "--disable-prompt-on-repost",
    "--disable-ipc-flooding-protection",
];

/// With more pages in a browser than this, popups get frames of ours only once the program uses them: a flood of them would ask
/// for more frames than a browser can make.
const LOOKED_AT: usize = 8;
/// How long the last lines of a browser that failed are waited for, so that its error can tell them.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// How long a browser may take to end by itself before it is killed.
const ENDING: Duration = Duration::from_secs(1);
/// How long the word that we are attached to a page may come after the answer that made it so: they come together, but in
/// no order that the protocol promises.
const ATTACHING: Duration = Duration::from_secs(10);
/// What Chromium says when it cannot have its sandbox; trying again does not help.
const NO_SANDBOX: [&str; 2] = ["without --no-sandbox is not supported", "No usable sandbox"];

/// See the [module](self).
pub struct Process {
    /// Its process id.
    pub pid: u32,
    /// Name and version.
    pub version: String,
    /// The browser's own session.
    pub session: Session,
    /// What its pages download.
    pub downloads: Arc<Downloads>,
    profile: PathBuf,
    pages: Arc<Pages>,
    kill: CancellationToken,
    ended: CancellationToken,
}

/// How a browser is used, as far as its start depends on it.
pub struct Manner {
    /// Whether the worker is lost with it.
    pub vital: bool,
    /// Whether its pages share a renderer process, which saves most of a new page's time.
    pub one_renderer: bool,
    /// Whether the frames of its pages are begun by us.
    pub drives_frames: bool,
    /// Whether pages of several items are open in it at a time.
    pub shared: bool,
}

impl Process {
    /// Starts a browser.
    pub async fn launch(
        browser: &Path,
        options: &BrowserOptions,
        host: &dyn Host,
        profile: PathBuf,
        &Manner { vital, one_renderer, drives_frames, shared }: &Manner,
    ) -> Result<Self> {
        let mut args: Vec<OsString> = ARGUMENTS.map(OsString::from).to_vec();
        let mut folder = OsString::from("--user-data-dir=");
        folder.push(&profile);
        args.push(folder);
        if drives_frames {
            args.extend(begin_frames::ARGUMENTS.map(OsString::from));
        }
        if one_renderer {
            // Of documents of other sites Chromium makes exceptions.
            args.push("--renderer-process-limit=1".into());
        }
        args.extend(chromium::arguments(options).into_iter().map(OsString::from));
        let program = Program { path: browser.to_owned(), args, env: options.env.clone(), pipe: true, vital };
        let failed = |what: &str| launch_error(host, "browser", browser, what);
        let Started { pid, mut lines, pipe, kill, ended } = start(host, "browser", program).await?;
        let session = Session::connect(pipe.ok_or_else(|| failed("got no DevTools pipe"))?);
        let downloads = Arc::new(Downloads::new(profile.join("downloads")));
        let traits = Traits { has_windows: !is_headless_shell(browser), shared };
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
                Ok(Self { pid, version, session, downloads, profile, pages, kill, ended })
            }
            Err(error) => {
                // It has ended, so its output ends as well.
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
        let id = self.pages.ask(async {
            let answer = self.session.call("Target.createTarget", params).await?;
            let OfTarget { target_id } = answer.read()?;
            Ok(target_id.into_owned())
        });
        let id = id.await?;
        let target = self.pages.attached(|state| state.targets.values().find(|target| target.id == id)).await;
        let target = target.ok_or_else(|| Error::gone("it made a page and did not attach to it"))?;
        let ready = async {
            target.ready().await?;
            target.note_bounds().await
        };
        match ready.await {
            Ok(()) => Ok(target),
            // As when the process that it shares has crashed meanwhile.
            Err(error) => self.destroy(&target).await.and(Err(error)),
        }
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
            // It has no other answer than the page's end; before that, a new page would get the same process.
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
        let again = self.pages.ask(async {
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

    /// Whether it answers within this time to what needs no page, or says anything else, or is at work.
    pub async fn is_alive(&self, patience: Duration) -> bool {
        let before = self.session.received();
        match timeout(patience, self.session.call("Browser.getVersion", json!({}))).await {
            Ok(answer) => answer.is_ok(),
            Err(_) => self.session.is_at_work() || self.session.received() != before,
        }
    }

    /// Asks it to end, and waits until its connection has.
    pub async fn close(&self) {
        // A failure means that it has ended already.
        let _ = self.session.call("Browser.close", json!({})).await;
        self.ended.cancelled().await;
    }

    /// Ends it one way or another, with its profile.
    pub async fn end(&self) {
        if timeout(ENDING, self.close()).await.is_err() {
            self.kill.cancel();
            self.ended.cancelled().await;
        }
        // What is left goes with the worker's folder.
        let _ = tokio::fs::remove_dir_all(&self.profile).await;
    }
}

/// What is gone already need not be closed.
fn tolerate(closed: Result<()>) -> Result<()> {
    match closed {
        Err(error) if error.code == Code::BrowserGone => Err(error),
        _ => Ok(()),
    }
}

/// Follows all pages of the browser.
struct Pages {
    browser: Session,
    downloads: Arc<Downloads>,
    /// Whose turn it is, if frames are ours to begin.
    turn: Option<Turn>,
    traits: Traits,
    state: watch::Sender<PagesState>,
}

#[derive(Default)]
struct PagesState {
    /// By session.
    targets: HashMap<String, Arc<Target>>,
    /// The page that we made, for it and for all that were opened from it.
    roots: HashMap<String, String>,
    /// How many pages that are to come are ours.
    asked: usize,
    /// The pages that are ours.
    own: HashSet<String>,
    ended: bool,
}

impl PagesState {
    /// The page that opened this one, if it is still there.
    fn opener(&self, target: &Target) -> Option<Arc<Target>> {
        let id = target.opener.as_ref()?;
        self.targets.values().find(|other| other.id == *id).cloned()
    }

    fn attach(&mut self, session: String, target: &Arc<Target>) {
        let root = match &target.opener {
            None => Some(target.id.clone()),
            Some(opener) => self.roots.get(opener).cloned(),
        };
        match root {
            Some(root) => drop(self.roots.insert(target.id.clone(), root)),
            // Opened by a page that was destroyed meanwhile.
            None => drop(target.close()),
        }
        self.targets.insert(session, target.clone());
        self.close_strays();
    }

    /// Closes the pages that nobody has asked for: scripts have a way to open some that have no opener. Whoever shares a
    /// browser context with one may have opened it, and it may have done anything there.
    fn close_strays(&self) {
        if self.asked > 0 {
            return;
        }
        let is_stray = |page: &&Arc<Target>| page.opener.is_none() && !self.own.contains(&page.id);
        for stray in self.targets.values().filter(is_stray) {
            self.targets.values().filter(|page| page.context == stray.context).for_each(|page| page.entangle());
            drop(stray.close());
        }
    }

    fn detach(&mut self, session: &str) -> Option<Arc<Target>> {
        let gone = self.targets.remove(session)?;
        self.roots.remove(&gone.id);
        self.own.remove(&gone.id);
        Some(gone)
    }

    /// A page and all that were opened from it.
    fn family(&self, root: &str) -> Vec<String> {
        self.roots.iter().filter(|(_, of)| *of == root).map(|(id, _)| id.clone()).collect()
    }
}

impl Pages {
    fn follow(browser: &Session, downloads: &Arc<Downloads>, drives_frames: bool, traits: Traits) -> Arc<Self> {
        let state = watch::Sender::default();
        let turn = drives_frames.then(Turn::default);
        let (browser_session, downloads) = (browser.clone(), downloads.clone());
        let pages = Arc::new(Self { browser: browser_session, downloads, turn, traits, state });
        let listener: Arc<dyn Listener> = pages.clone();
        browser.listen(&listener);
        pages
    }

    /// Makes a page ours, or attaches to it again, and gives its id. It may be told of before that is known.
    async fn ask(&self, page: impl Future<Output = Result<String>>) -> Result<String> {
        let asking = Asking::of(self);
        let id = page.await?;
        self.state.send_modify(|state| {
            state.own.insert(id.clone());
        });
        drop(asking);
        Ok(id)
    }

    /// Waits until we are attached to a page that was asked for; none if that does not come.
    async fn attached(&self, find: impl Fn(&PagesState) -> Option<&Arc<Target>>) -> Option<Arc<Target>> {
        let mut states = self.state.subscribe();
        let known = states.wait_for(|state| state.ended || find(state).is_some());
        // The sender lives as long as `self`.
        let state = timeout(ATTACHING, known).await.ok()?.ok()?;
        find(&state).cloned()
    }
}

/// A page that is to come is ours, as long as this lives.
struct Asking<'a>(&'a Pages);

impl<'a> Asking<'a> {
    fn of(pages: &'a Pages) -> Self {
        pages.state.send_modify(|state| state.asked += 1);
        Self(pages)
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.state.send_modify(|state| {
            state.asked -= 1;
            state.close_strays();
        });
    }
}

impl Listener for Pages {
    fn event(&self, method: &str, params: &RawValue) {
        match method {
            "Target.attachedToTarget" => {
                let attached: AttachedToTarget = match serde_json::from_str(params.get()) {
                    Ok(attached) => attached,
                    Err(error) => return tracing::warn!(%error, "a target that cannot be read"),
                };
                // A session of the browser's own, which a relay has begun.
                if attached.target_info.kind == "browser" {
                    return;
                }
                let session = attached.session_id.clone();
                let target = Target::attach(&self.browser, attached, self.turn.as_ref(), self.traits);
                let opener = self.state.borrow().opener(&target);
                if opener.is_some() && self.state.borrow().targets.len() < LOOKED_AT {
                    // Its opener may look at it.
                    target.in_use();
                }
                self.state.send_modify(|state| state.attach(session, &target));
                if let Some(opener) = opener {
                    opener.entangle();
                    let popup = CdpPage::new(target, self.browser.clone(), self.downloads.clone());
                    opener.audience.tell_of_popup(Arc::new(popup));
                }
            }
            "Browser.downloadWillBegin" => match serde_json::from_str::<DownloadWillBegin>(params.get()) {
                Ok(begin) => {
                    let pages: Vec<Arc<Target>> = self.state.borrow().targets.values().cloned().collect();
                    // It comes from where no document need be any more.
                    pages.iter().filter(|page| page.has_frame(&begin.frame_id)).for_each(|page| page.entangle());
                    self.downloads.begins(&self.browser, &pages, begin);
                }
                Err(error) => tracing::warn!(%error, "a download that cannot be read"),
            },
            "Browser.downloadProgress" => {
                if let Err(error) = self.downloads.progress(params.get()) {
                    tracing::warn!(%error, "a download that cannot be read");
                }
            }
            "Target.detachedFromTarget" => {
                if let Ok(OfSession { session_id }) = serde_json::from_str(params.get()) {
                    let mut gone = None;
                    self.state.send_modify(|state| gone = state.detach(&session_id));
                    if let Some(gone) = gone {
                        self.downloads.forget(&gone.id);
                    }
                }
            }
            _ => {}
        }
    }

    fn ended(&self, _: &Error) {
        self.state.send_modify(|state| {
            // Whoever still asks for a page counts itself out.
            *state = PagesState { ended: true, asked: state.asked, ..PagesState::default() };
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::cdp::fake::Browser;

    fn process() -> (Process, Browser) {
        let (pipe, browser) = Browser::new();
        let session = Session::connect(pipe);
        let downloads = Arc::new(Downloads::new(PathBuf::new()));
        let pages = Pages::follow(&session, &downloads, false, Traits::default());
        let process = Process {
            pid: 0,
            version: String::new(),
            session,
            downloads,
            profile: PathBuf::new(),
            pages,
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
        let page =
            Target::attach(&process.session, serde_json::from_value(attached()).unwrap(), None, Traits::default());
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

    #[tokio::test]
    async fn nothing_is_remembered_of_a_page_that_is_gone() {
        let (process, _browser) = process();
        let hear = |method: &str, params: &Value| {
            process.pages.event(method, &RawValue::from_string(params.to_string()).unwrap());
        };
        hear("Target.attachedToTarget", &attached());
        assert_eq!(process.pages.state.borrow().roots.len(), 1);
        hear("Target.detachedFromTarget", &json!({ "sessionId": "S" }));
        assert!(process.pages.state.borrow().roots.is_empty());
    }
}
