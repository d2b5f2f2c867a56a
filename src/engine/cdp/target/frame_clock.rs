//! When the frames of a page on the screen are begun: a headless shell with `--enable-begin-frame-control` leaves that to us. A
//! page in use gets as many frames a second as a screen would show; while a picture is taken, which waits for several of them,
//! one right after the other.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, watch},
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};

use crate::{
    engine::{
        BrowserOptions,
        cdp::connection::{Answer, Call, Session},
        discover::is_headless_shell,
    },
    error::{Code, Error, Result},
};

/// What a browser is started with so that it leaves its frames to us; a frame is complete when it is answered.
/// Large pictures are decoded for it.
pub const ARGUMENTS: [&str; 5] = [
    "--enable-begin-frame-control",
    "--run-all-compositor-stages-before-draw",
    "--disable-checker-imaging",
    // Colours and clips that the compositor animates by itself are painted beside the document. If a slow document is to be shown
    // in the same frame, each waits for the other, and the frame never ends.
    "--disable-threaded-animation",
    // The GPU process is ended to end a frame that would never end; see `shown`.
    "--disable-gpu-process-crash-limit",
];
const BEGIN_FRAME: &str = "HeadlessExperimental.beginFrame";
/// What gives a page another size, which it could not bear during a frame.
const RESIZING: [&str; 5] = [
    "Emulation.setDeviceMetricsOverride",
    "Emulation.clearDeviceMetricsOverride",
    "Emulation.setVisibleSize",
    // Old names of the first two.
    "Page.setDeviceMetricsOverride",
    "Page.clearDeviceMetricsOverride",
];
/// From one frame to the next, as on most screens.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 60);
/// From a page's use to its first frame: most pictures are taken by then, and have a frame with them.
const FIRST: Duration = Duration::from_millis(50);
/// How long a frame may take beyond what the page's scripts take, before it is believed never to end.
const LONGEST_FRAME: Duration = Duration::from_secs(3);

/// Whether this browser can leave its frames to us, and its arguments do not say how it is to begin them itself. Pages of several
/// items would wait for each other's frames.
pub fn is_wanted(browser: &Path, options: &BrowserOptions, pages: u16) -> bool {
    let own = |arg: &String| ["--disable-frame-rate-limit", "--disable-gpu-vsync"].contains(&arg.as_str());
    options.drive_frames
        && pages == 1
        && is_headless_shell(browser)
        && cfg!(not(target_os = "macos"))
        && !options.args.iter().any(own)
}

/// Waits until a frame that was begun is shown, which no script that runs lets it be. One that is not although none runs never
/// would be, and no other could begin: the process that draws is ended for it, which answers the frame, and the browser starts
/// another. What was drawn on canvases is lost with it.
async fn shown(session: &Session, mut frame: Call) -> Result<Answer> {
    if let Ok(shown) = timeout(LONGEST_FRAME, &mut frame).await {
        return shown;
    }
    tokio::select! {
        shown = &mut frame => return shown,
        // A failure means that the page has ended, which the frame's answer says as well.
        _ = session.call("Runtime.runIfWaitingForDebugger", json!({})) => {}
    }
    if let Ok(shown) = timeout(LONGEST_FRAME, &mut frame).await {
        return shown;
    }
    tracing::warn!("a page's frame does not end: the process that draws is ended");
    session.browser().send("Browser.crashGpuProcess", json!({}));
    timeout(LONGEST_FRAME, frame)
        .await
        .unwrap_or_else(|_| Err(Error::new(Code::Timeout, "a frame of the page does not end")))
}

/// Whose turn it is in a browser: a frame's of one of its pages, or that of something that cannot bear one.
pub type Turn = Arc<Mutex<()>>;

/// No frame of the browser is begun by us as long as this lives. A page that takes another size during a frame would crash
/// the browser's GPU process, and that frame would never end.
pub type Still = OwnedMutexGuard<()>;

/// The frames of one page. Where the browser begins them itself, every method does nothing.
pub struct FrameClock {
    session: Session,
    ours: Option<Ours>,
}

/// What there is to know of frames that we begin.
struct Ours {
    started: AtomicBool,
    wanted: watch::Sender<Wanted>,
    turn: Turn,
}

/// Who wants frames.
#[derive(Default)]
struct Wanted {
    /// Somebody uses the page, and may look at it.
    in_use: bool,
    /// How many pictures wait for frames.
    hurried: u32,
}

impl FrameClock {
    /// The clock of the page with this session. The frames are ours to begin if the browser has turns for them; none is begun
    /// before the page is used.
    pub fn new(session: &Session, turn: Option<&Turn>) -> Self {
        let ours =
            turn.cloned().map(|turn| Ours { started: AtomicBool::new(false), wanted: watch::Sender::default(), turn });
        Self { session: session.clone(), ours }
    }

    /// Whether the page's frames are begun by us.
    pub fn is_ours(&self) -> bool {
        self.ours.is_some()
    }

    /// Somebody uses the page, and may look at it: frames are begun from now on, until the page rests or its session ends. The
    /// first one has its turn before anything else: a page that has had none yet could not bear another size either.
    pub fn start(&self) {
        let Some(ours) = &self.ours else { return };
        ours.wanted.send_if_modified(|wanted| !std::mem::replace(&mut wanted.in_use, true));
        if !ours.started.swap(true, Ordering::Relaxed) {
            let first = ours.turn.clone().try_lock_owned().ok();
            tokio::spawn(run(self.session.clone(), ours.wanted.subscribe(), ours.turn.clone(), first));
        }
    }

    /// Nobody uses the page any more: no frame is begun until the page is in use again.
    pub fn rest(&self) {
        if let Some(ours) = &self.ours {
            ours.wanted.send_if_modified(|wanted| std::mem::take(&mut wanted.in_use));
        }
    }

    /// Waits for the frame that is under way, and holds the next one back.
    pub async fn still(&self) -> Option<Still> {
        match &self.ours {
            Some(ours) => Some(ours.turn.clone().lock_owned().await),
            None => None,
        }
    }

    /// Holds the next frame back for a call of this method of the protocol, if it gives the page another size.
    pub async fn still_for(&self, method: &str) -> Option<Still> {
        if RESIZING.contains(&method) { self.still().await } else { None }
    }

    /// Begins frames one right after the other as long as the guard lives.
    pub fn hurry(&self) -> Option<Hurry<'_>> {
        self.start();
        let ours = self.ours.as_ref()?;
        ours.wanted.send_modify(|wanted| wanted.hurried += 1);
        Some(Hurry(&ours.wanted))
    }

    /// Takes a picture with a frame of its own, which is work for the browser as any picture is; none if frames are not ours
    /// to begin. The frame goes on when the caller gives the picture up: until it is answered, no other can begin.
    pub async fn picture(&self, params: Value) -> Option<JoinHandle<Result<Answer>>> {
        let still = self.still().await?;
        let session = self.session.clone();
        Some(tokio::spawn(async move {
            let frame = shown(&session, session.work(BEGIN_FRAME, params)).await;
            drop(still);
            frame
        }))
    }
}

/// See [`FrameClock::hurry`].
pub struct Hurry<'a>(&'a watch::Sender<Wanted>);

impl Drop for Hurry<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|wanted| wanted.hurried -= 1);
    }
}

async fn run(
    session: Session,
    mut wanted: watch::Receiver<Wanted>,
    turns: Turn,
    mut turn: Option<OwnedMutexGuard<()>>,
) {
    // The page has its first size when it has got to all calls that were made to it.
    if session.call("Runtime.runIfWaitingForDebugger", json!({})).await.is_err() {
        return;
    }
    let mut frames = interval(FRAME);
    frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let own = match turn.take() {
            Some(first) => first,
            None => turns.clone().lock_owned().await,
        };
        let mut refused = false;
        if wanted.borrow().in_use {
            match shown(&session, session.call(BEGIN_FRAME, json!({}))).await {
                Ok(_) => {}
                Err(error) if matches!(error.code, Code::PageClosed | Code::BrowserGone) => return,
                // The browser begins no frame while the page changes to another process.
                Err(_) => refused = true,
            }
        }
        drop(own);
        if !wanted.borrow().in_use {
            if wanted.wait_for(|wanted| wanted.in_use).await.is_err() {
                return;
            }
            frames.reset_after(FIRST);
        }
        tokio::select! {
            _ = frames.tick() => {}
            over = wanted.wait_for(|wanted| wanted.hurried > 0), if !refused => if over.is_err() { return },
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;
    use crate::engine::cdp::fake::Browser;

    async fn answer(browser: &mut Browser, method: &str) {
        let call = browser.call(method).await;
        browser.say(&json!({ "id": call["id"], "result": {}, "sessionId": "S" }).to_string()).await;
    }

    fn started() -> (FrameClock, Browser) {
        let (pipe, browser) = Browser::new();
        let frames = FrameClock::new(&Session::connect(pipe).attached("S"), Some(&Turn::default()));
        frames.start();
        (frames, browser)
    }

    #[tokio::test]
    async fn whatever_cannot_bear_a_frame_waits_for_the_first_one_to_end() {
        let (frames, mut browser) = started();
        let order = std::sync::Mutex::new(Vec::new());
        let sized = async {
            let turn = frames.still().await;
            order.lock().unwrap().push("sized");
            drop(turn);
        };
        let shown = async {
            answer(&mut browser, "Runtime.runIfWaitingForDebugger").await;
            order.lock().unwrap().push("framed");
            answer(&mut browser, BEGIN_FRAME).await;
        };
        tokio::join!(sized, shown);
        assert_eq!(*order.lock().unwrap(), ["framed", "sized"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_in_use_gets_a_frame_with_each_tick_of_the_clock() {
        let (_frames, mut browser) = started();
        answer(&mut browser, "Runtime.runIfWaitingForDebugger").await;
        let begun = Instant::now();
        for _ in 0..31 {
            answer(&mut browser, BEGIN_FRAME).await;
        }
        assert!(begun.elapsed() >= FRAME * 29);
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_rests_gets_no_frame_until_it_is_used_again() {
        let (frames, mut browser) = started();
        answer(&mut browser, "Runtime.runIfWaitingForDebugger").await;
        answer(&mut browser, BEGIN_FRAME).await;
        let call = browser.call(BEGIN_FRAME).await;
        frames.rest();
        browser.say(&json!({ "id": call["id"], "result": {}, "sessionId": "S" }).to_string()).await;
        assert!(timeout(FRAME * 100, browser.next()).await.is_err());
        frames.start();
        answer(&mut browser, BEGIN_FRAME).await;
    }

    #[tokio::test(start_paused = true)]
    async fn frames_follow_at_once_while_they_are_waited_for() {
        let (frames, mut browser) = started();
        answer(&mut browser, "Runtime.runIfWaitingForDebugger").await;
        let hurry = frames.hurry();
        let begun = Instant::now();
        for _ in 0..31 {
            answer(&mut browser, BEGIN_FRAME).await;
        }
        drop(hurry);
        assert!(begun.elapsed() < FRAME * 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_frame_that_no_script_keeps_and_that_does_not_end_is_ended_with_the_process_that_draws() {
        let (_frames, mut browser) = started();
        answer(&mut browser, "Runtime.runIfWaitingForDebugger").await;
        let stuck = browser.call(BEGIN_FRAME).await;
        answer(&mut browser, "Runtime.runIfWaitingForDebugger").await;
        assert_eq!(browser.next().await["method"], "Browser.crashGpuProcess");
        browser.say(&json!({ "id": stuck["id"], "result": {}, "sessionId": "S" }).to_string()).await;
        answer(&mut browser, BEGIN_FRAME).await;
    }

    #[tokio::test(start_paused = true)]
    async fn whatever_waits_for_a_frame_that_nothing_ends_gets_its_turn() {
        let (frames, mut browser) = started();
        answer(&mut browser, "Runtime.runIfWaitingForDebugger").await;
        browser.call(BEGIN_FRAME).await;
        answer(&mut browser, "Runtime.runIfWaitingForDebugger").await;
        drop(frames.still().await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_frame_that_a_script_keeps_waiting_is_waited_for() {
        let (_frames, mut browser) = started();
        answer(&mut browser, "Runtime.runIfWaitingForDebugger").await;
        browser.call(BEGIN_FRAME).await;
        browser.call("Runtime.runIfWaitingForDebugger").await;
        assert!(timeout(LONGEST_FRAME * 100, browser.next()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_frame_is_work_for_the_browser_only_if_a_picture_is_taken_of_it() {
        let (frames, mut browser) = started();
        let session = frames.session.clone();
        answer(&mut browser, "Runtime.runIfWaitingForDebugger").await;
        let ordinary = browser.call(BEGIN_FRAME).await;
        assert!(!session.is_at_work());
        browser.say(&json!({ "id": ordinary["id"], "result": {}, "sessionId": "S" }).to_string()).await;
        let picture = frames.picture(json!({ "screenshot": {} })).await.unwrap();
        let begun = browser.call(BEGIN_FRAME).await;
        assert!(session.is_at_work());
        browser.say(&json!({ "id": begun["id"], "result": {}, "sessionId": "S" }).to_string()).await;
        picture.await.unwrap().unwrap();
        assert!(!session.is_at_work());
    }

    #[test]
    fn only_a_headless_shell_with_one_page_whose_frames_are_not_spoken_for_can_leave_them_to_us() {
        let shell = Path::new("/usr/lib/chromium/chromium-headless-shell");
        let mut options = BrowserOptions { drive_frames: true, ..BrowserOptions::default() };
        assert_eq!(is_wanted(shell, &options, 1), cfg!(not(target_os = "macos")));
        assert!(!is_wanted(shell, &options, 2));
        assert!(!is_wanted(Path::new("/usr/bin/chromium"), &options, 1));
        options.args.push("--disable-frame-rate-limit".to_owned());
        assert!(!is_wanted(shell, &options, 1));
        assert!(!is_wanted(shell, &BrowserOptions::default(), 1));
    }
}
