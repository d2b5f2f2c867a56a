//! One browser process: its launch, its pages, and its end.

use std::{
    collections::HashMap,
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{BrowserOptions, Host, Program, Started, chromium, launch_error, start},
    error::{Code, Error, Result},
};

use super::{
    connection::{Call, Listener, Session},
    downloads::{Downloads, WillBegin},
    page::CdpPage,
    target::{Attached, Target, auto_attach},
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

/// How long the last lines of a browser that failed are waited for, so that its error can tell them.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// How long a browser may take to end by itself before it is killed.
const ENDING: Duration = Duration::from_secs(1);
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

#[derive(Deserialize)]
struct Version {
    product: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedTarget {
    target_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttachedSession {
    session_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedContext {
    browser_context_id: String,
}

impl Process {
    /// Starts a browser. `vital` says whether the worker is lost with it.
    pub async fn launch(
        browser: &Path,
        options: &BrowserOptions,
        host: &dyn Host,
        profile: PathBuf,
        vital: bool,
    ) -> Result<Self> {
        let mut args: Vec<OsString> = ARGUMENTS.map(OsString::from).to_vec();
        let mut folder = OsString::from("--user-data-dir=");
        folder.push(&profile);
        args.push(folder);
        args.extend(chromium::arguments(options).into_iter().map(OsString::from));
        let program = Program { path: browser.to_owned(), args, env: options.env.clone(), pipe: true, vital };
        let failed = |what: &str| launch_error(host, "browser", browser, what);
        let Started { pid, mut lines, pipe, kill, ended } = start(host, "browser", program).await?;
        let session = Session::connect(pipe.ok_or_else(|| failed("got no DevTools pipe"))?);
        let downloads = Arc::new(Downloads::new(profile.join("downloads")));
        let pages = Arc::new(Pages { browser: session.clone(), downloads: downloads.clone(), state: Mutex::default() });
        let listener: Arc<dyn Listener> = pages.clone();
        session.listen(&listener);
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
                let _ = tokio::time::timeout(LAST_WORDS, async { while lines.recv().await.is_some() {} }).await;
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
        let mut params = json!({ "url": "about:blank", "newWindow": true });
        if let Some(context) = context {
            params["browserContextId"] = context.into();
        }
        let answer = self.session.call("Target.createTarget", params).await?;
        let CreatedTarget { target_id: id } = answer.read()?;
        let target = self.pages.state().targets.values().find(|target| target.id == id).cloned();
        let target = target.ok_or_else(|| Error::gone("it made a page and did not attach to it"))?;
        target.ready().await?;
        Ok(target)
    }

    /// A new browser context: cookies and storage of its own, and a proxy if `params` names one.
    pub async fn new_context(&self, mut params: Value) -> Result<String> {
        params["disposeOnDetach"] = true.into();
        let answer = self.session.call("Target.createBrowserContext", params).await?;
        let CreatedContext { browser_context_id: id } = answer.read()?;
        self.session.send("Browser.setDownloadBehavior", self.downloads.behavior(false, Some(&id)));
        Ok(id)
    }

    /// Destroys a context and every page in it.
    pub async fn dispose(&self, context: &str) -> Result<()> {
        tolerate(
            self.session.call("Target.disposeBrowserContext", json!({ "browserContextId": context })).await.map(drop),
        )
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
        let calls: Vec<Call> = {
            let mut state = self.pages.state();
            let family = state.family(&page.id);
            if and_itself {
                state.roots.retain(|_, root| *root != page.id);
            }
            let closed = state.targets.values().filter(|target| family.contains(&target.id));
            closed.filter(|target| and_itself || target.id != page.id).map(|target| target.close()).collect()
        };
        for call in calls {
            tolerate(call.await.map(drop))?;
        }
        Ok(())
    }

    /// Ends our session with a page, and with it all that was set through it, and begins another.
    pub async fn reattach(&self, page: &Target) -> Result<Arc<Target>> {
        let detached = self.session.call("Target.detachFromTarget", json!({ "sessionId": page.session.id() }));
        let attach = json!({ "targetId": page.id, "flatten": true });
        let attached = self.session.call("Target.attachToTarget", attach);
        detached.await?;
        let answer = attached.await?;
        let AttachedSession { session_id } = answer.read()?;
        let target = self.pages.state().targets.get(&session_id).cloned();
        let target = target.ok_or_else(|| Error::gone("it attached to a page and did not say so"))?;
        target.ready().await?;
        Ok(target)
    }

    /// What a handler drives, over one of its targets.
    pub fn page(&self, target: Arc<Target>) -> CdpPage {
        CdpPage::new(target, self.session.clone(), self.downloads.clone())
    }

    /// A round trip that needs no page.
    pub async fn ping(&self) -> Result<()> {
        self.session.call("Browser.getVersion", json!({})).await.map(drop)
    }

    /// Asks it to end, and waits until its connection has.
    pub async fn close(&self) {
        // A failure means that it has ended already.
        let _ = self.session.call("Browser.close", json!({})).await;
        self.ended.cancelled().await;
    }

    /// Ends it one way or another, with its profile.
    pub async fn end(&self) {
        if tokio::time::timeout(ENDING, self.close()).await.is_err() {
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
    state: Mutex<PagesState>,
}

#[derive(Default)]
struct PagesState {
    /// By session.
    targets: HashMap<String, Arc<Target>>,
    /// The page that we made, for it and for all that were opened from it.
    roots: HashMap<String, String>,
}

impl PagesState {
    /// A page and all that were opened from it.
    fn family(&self, root: &str) -> Vec<String> {
        self.roots.iter().filter(|(_, of)| *of == root).map(|(id, _)| id.clone()).collect()
    }
}

impl Pages {
    fn state(&self) -> MutexGuard<'_, PagesState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detached {
    session_id: String,
}

impl Listener for Pages {
    fn event(&self, method: &str, params: &RawValue) {
        match method {
            "Target.attachedToTarget" => {
                let attached: Attached = match serde_json::from_str(params.get()) {
                    Ok(attached) => attached,
                    Err(error) => return tracing::warn!(%error, "a target that cannot be read"),
                };
                // A session of the browser's own, which a relay has begun.
                if attached.target_info.kind == "browser" {
                    return;
                }
                let session = attached.session_id.clone();
                let target = Target::attach(&self.browser, attached);
                let mut state = self.state();
                let root = match &target.opener {
                    None => Some(target.id.clone()),
                    Some(opener) => state.roots.get(opener).cloned(),
                };
                let opener = target.opener.as_ref();
                let opener = opener.and_then(|id| state.targets.values().find(|other| other.id == *id)).cloned();
                match root {
                    Some(root) => drop(state.roots.insert(target.id.clone(), root)),
                    // Opened by a page that was destroyed meanwhile.
                    None => drop(target.close()),
                }
                state.targets.insert(session, target.clone());
                drop(state);
                if let Some(opener) = opener {
                    let popup = CdpPage::new(target, self.browser.clone(), self.downloads.clone());
                    opener.audience.tell_of_popup(Arc::new(popup));
                }
            }
            "Browser.downloadWillBegin" => match serde_json::from_str::<WillBegin>(params.get()) {
                Ok(begin) => {
                    let pages: Vec<Arc<Target>> = self.state().targets.values().cloned().collect();
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
                if let Ok(Detached { session_id }) = serde_json::from_str(params.get()) {
                    let gone = self.state().targets.remove(&session_id);
                    if let Some(gone) = gone {
                        self.downloads.forget(&gone.id);
                    }
                }
            }
            _ => {}
        }
    }

    fn ended(&self, _: &Error) {
        *self.state() = PagesState::default();
    }
}
