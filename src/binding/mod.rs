//! The Node binding: a thin translation between JavaScript and [`crate::town`], without logic of its own.
//!
//! Commands go in by method calls. Events come out in batches: the core puts them into an outbox and wakes JavaScript
//! once, which then takes all that are there.
//!
//! What crosses is typed, and declared for JavaScript in `lib/native.d.ts`. JSON are only the options of a town, the
//! commands of a page, and what comes from a page: serde checks the first two, and the last is whatever the page says.

mod event;
mod outbox;
mod stats;
mod survey;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use napi::{Env, bindgen_prelude::Function};
use napi_derive::napi;
use tokio::runtime::{Builder, Runtime};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    engine::{self, BrowserOptions, Command, EngineKind, FrameState, Reply, WorkerState, asked::Answer},
    error::{Code, Error},
    queue::{AttemptId, ItemId, ItemOptions, Millis, Setting, Verdict, WorkerId},
    town::{AttemptPage, Event, Town},
};

use self::{
    event::{CoreEvent, CoreEventKind},
    outbox::Outbox,
    stats::CoreStats,
    survey::CoreSurvey,
};

/// A failure with its stable code, which becomes the JavaScript error's `code`.
type Failure = napi::Error<String>;

/// Threads that move bytes between Node and browsers; they hardly ever compute.
const THREADS: usize = 2;
/// How long a closing environment is kept waiting for its browsers' end.
const ABANDON_AT_MOST: Duration = Duration::from_secs(2);

fn log_filter() -> Option<Targets> {
    let given = std::env::var("BOOMTOWN_LOG").ok().filter(|given| !given.is_empty())?;
    given
        .parse()
        .inspect_err(|error| eprintln!("boomtown: BOOMTOWN_LOG={given} is no filter such as info or debug: {error}"))
        .ok()
}

fn runtime() -> Result<&'static Runtime, Failure> {
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        if let Some(filter) = log_filter() {
            // A subscriber that is there already stays.
            let printer = tracing_subscriber::fmt::layer().with_target(false).with_writer(std::io::stderr);
            let _ = tracing_subscriber::registry().with(printer).with(filter).try_init();
        }
        Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("boomtown")
            .enable_all()
            .build()
            .map_err(|error| error.to_string())
    });
    runtime
        .as_ref()
        .map_err(|error| failure(Code::BrowserLaunch, format!("the core's threads cannot be started: {error}")))
}

fn failure(code: Code, message: impl Into<String>) -> Failure {
    napi::Error::new(code.as_str().to_owned(), message.into())
}

/// Numbers from JavaScript are doubles; ids and times are whole and not negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, as is wanted")]
fn whole(number: f64) -> u64 {
    number as u64
}

/// Ids count up from one, and they, counts and bytes stay far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "said above")]
fn number(whole: u64) -> f64 {
    whole as f64
}

/// How an item differs from the town's options.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct CoreItemOptions {
    /// Items of a higher priority start first.
    pub priority: Option<i32>,
    /// Whether the item goes to the front of its priority.
    pub asap: Option<bool>,
    /// Milliseconds for an attempt; negative is no limit.
    pub timeout: Option<f64>,
    /// Retries after a timeout; negative is no limit.
    pub tries: Option<f64>,
    /// Milliseconds from now after which the item is not started any more.
    pub deadline: Option<f64>,
    /// The item was aborted before it was queued.
    pub aborted: Option<bool>,
}

impl CoreItemOptions {
    fn resolve(self, now: Millis, acquired: bool) -> ItemOptions {
        ItemOptions {
            priority: self.priority.unwrap_or_default(),
            asap: self.asap.unwrap_or_default(),
            timeout: setting(self.timeout, whole),
            tries: setting(self.tries, |tries| u32::try_from(whole(tries)).unwrap_or(u32::MAX)),
            deadline: self.deadline.map(|deadline| now.saturating_add(whole(deadline))),
            acquired,
            aborted: self.aborted.unwrap_or_default(),
        }
    }
}

fn setting<T>(value: Option<f64>, convert: impl FnOnce(f64) -> T) -> Setting<T> {
    match value {
        None => Setting::Town,
        Some(limit) => Setting::Own((limit >= 0.0).then(|| convert(limit))),
    }
}

/// A town's core.
#[napi]
pub struct Core {
    town: Arc<Town>,
    outbox: Arc<Outbox>,
}

#[napi]
impl Core {
    /// `options` is the JSON of [`crate::town::Options`]; `wake` is called, without keeping the process alive, whenever
    /// there is something to take.
    #[napi(constructor)]
    #[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
    pub fn new(env: Env, options: String, output: bool, wake: Function<'_, (), ()>) -> Result<Self, Failure> {
        let options =
            serde_json::from_str(&options).map_err(|error| failure(Code::InvalidOption, error.to_string()))?;
        let outbox = Arc::new(Outbox::new(wake).map_err(|error| failure(Code::InvalidOption, error.reason.as_str()))?);
        let to = outbox.clone();
        let listener = Arc::new(move |event: Event| to.put(event));
        let town = Town::new(runtime()?.handle(), options, output, listener)
            .map_err(|error| failure(error.code, error.message))?;
        let town = Arc::new(town);
        // Runs when a worker thread or the process ends; a closed town has nothing left to abandon.
        env.add_env_cleanup_hook(Arc::downgrade(&town), |town| {
            if let Some(town) = town.upgrade() {
                town.abandon(ABANDON_AT_MOST);
            }
        })
        .map_err(|error| failure(Code::InvalidOption, error.reason.as_str()))?;
        Ok(Self { town, outbox })
    }

    /// The name by which the scripts of `lib/page/evaluate.js` find the runtime in a page.
    #[napi]
    pub fn page_runtime() -> String {
        engine::page_runtime().to_owned()
    }

    /// Which engine, browser and driver a town without other options would choose, and from what.
    #[napi]
    pub fn survey(headless: bool) -> Result<CoreSurvey, Failure> {
        let browser = BrowserOptions { headless, ..BrowserOptions::default() };
        let survey = engine::survey(EngineKind::Auto, &browser).map_err(|error| failure(error.code, error.message))?;
        Ok(survey.into())
    }

    /// The engine's name.
    #[napi(getter)]
    pub fn engine(&self) -> &'static str {
        self.town.engine()
    }

    /// Everything that has happened since the last time; that items wait only if somebody wants to hear of each.
    #[napi]
    pub fn take(&self, backlog: bool) -> Vec<CoreEvent> {
        let events = self.outbox.take().into_iter();
        let told = events.filter(|event| backlog || !matches!(event, Event::Backlog(_)));
        told.map(|event| CoreEvent::new(event, &self.outbox)).collect()
    }

    /// Has the caller wait for the answer to a call, at most so many milliseconds; nothing where a page waits for the caller.
    #[napi]
    pub fn wait(&self, call: f64, patience: u32) -> Option<CoreEvent> {
        let answer = self.outbox.wait(whole(call), Duration::from_millis(patience.into()))?;
        Some(CoreEvent::new(answer, &self.outbox))
    }

    /// The town is over: JavaScript is not woken any more, and comes by itself for what follows from a late call.
    #[napi]
    pub fn rest(&self) {
        self.outbox.rest();
    }

    /// Queues an item, or asks for a page without the queue; the caller chooses its number and never uses it again, and takes
    /// in a turn of the event loop to come what follows from it.
    #[napi]
    pub fn enqueue(&self, item: f64, acquired: bool, options: Option<CoreItemOptions>) {
        self.outbox.expect();
        let options = options.unwrap_or_default().resolve(self.town.now(), acquired);
        self.town.enqueue(ItemId(whole(item)), options);
    }

    /// The page of an attempt, which may be over.
    #[napi]
    pub fn page(&self, attempt: f64) -> CorePage {
        CorePage { page: self.town.page(AttemptId(whole(attempt))), outbox: self.outbox.clone() }
    }

    /// Ends an item wherever it is.
    #[napi]
    pub fn abort(&self, item: f64) {
        self.town.abort(ItemId(whole(item)));
    }

    /// Ends an item whose data cannot be sent to a worker.
    #[napi]
    pub fn reject(&self, item: f64) {
        self.town.reject(ItemId(whole(item)));
    }

    /// The handler has ended an attempt; what follows from it is taken as with [`Core::enqueue`].
    #[napi]
    pub fn finish(&self, attempt: f64, fulfilled: bool) {
        self.outbox.expect();
        let verdict = if fulfilled { Verdict::Fulfilled } else { Verdict::Failed };
        self.town.finished(AttemptId(whole(attempt)), verdict);
    }

    /// Whether there is a handler.
    #[napi]
    pub fn set_handler(&self, present: bool) {
        self.town.set_handler(present);
    }

    /// Answers an event of kind `ask`: what the worker's browser is launched with, the JSON of [`BrowserOptions`], and the number by
    /// which the program knows the worker.
    #[napi]
    #[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
    pub fn launch_with(&self, worker: u32, known_as: u32, browser: String) {
        let browser = serde_json::from_str(&browser);
        let browser = browser.map_err(|error| Error::new(Code::InvalidOption, error.to_string()));
        self.town.launch_with(worker, browser.map(|browser| Answer { known_as, browser }));
    }

    /// Answers it too: there is nothing to launch the browser with, for want of an answer or, with `wrong`, of a right one.
    #[napi]
    pub fn launch_with_nothing(&self, worker: u32, message: String, wrong: bool) {
        let code = if wrong { Code::InvalidOption } else { Code::BrowserLaunch };
        self.town.launch_with(worker, Err(Error::new(code, message)));
    }

    /// From now on, workers are processes that the caller forks when an event of kind `fork` says so.
    #[napi]
    pub fn fork_workers(&self) {
        self.town.fork_workers();
    }

    /// A worker has its process, by this variable and value in the environment of it and of what it starts.
    #[napi]
    pub fn fork_started(&self, worker: u32, pid: u32, marker: String) {
        self.town.forks().started(worker, pid, marker);
    }

    /// A forked worker's browser is up, and its process has a handler for so many pages at a time.
    #[napi]
    pub fn fork_ready(&self, worker: u32, version: String, slots: u16) {
        self.town.forks().ready(worker, version, slots);
    }

    /// A forked worker asks to be replaced, and takes no more items.
    #[napi]
    pub fn fork_spent(&self, worker: u32) {
        self.town.spent(WorkerId(worker));
    }

    /// A slot of a forked worker has a brand-new page.
    #[napi]
    pub fn fork_page(&self, worker: u32, slot: u16) {
        self.town.forks().page(worker, slot);
    }

    /// A forked worker cannot go on; with `not_found` it never could, for want of a browser.
    #[napi]
    pub fn fork_down(&self, worker: u32, message: String, permanent: bool, not_found: bool) {
        let error = Error::new(if not_found { Code::BrowserNotFound } else { Code::BrowserLaunch }, message);
        self.town.forks().down(worker, if permanent { error.permanent() } else { error });
    }

    /// A forked worker is about to end, for a reason that none of its items has given.
    #[napi]
    pub fn fork_blameless(&self, worker: u32) {
        self.town.forks().blameless(worker);
    }

    /// Everything that a forked worker had said when an event of kind `fork` asked for it has been passed on.
    #[napi]
    pub fn fork_heard(&self, worker: u32) {
        self.town.forks().heard(worker);
    }

    /// A forked worker's process has ended.
    #[napi]
    pub fn fork_ended(&self, worker: u32) {
        self.town.forks().ended(worker);
    }

    /// This process ends at the latest so many milliseconds after that one.
    #[napi]
    pub fn end_with(pid: u32, after: u32) -> Result<(), Failure> {
        runtime()?.spawn(crate::supervisor::end_with(pid, Duration::from_millis(after.into())));
        Ok(())
    }

    /// Launches the workers.
    #[napi]
    pub fn start(&self) {
        self.town.start();
    }

    /// Kills the workers.
    #[napi]
    pub fn stop(&self) {
        self.town.stop();
    }

    /// Starts nothing any more.
    #[napi]
    pub fn pause(&self) {
        self.town.pause();
    }

    /// Ends a pause.
    #[napi]
    pub fn resume(&self) {
        self.town.resume();
    }

    /// Changes the number of workers.
    #[napi]
    pub fn resize(&self, workers: u32) {
        self.town.resize(workers);
    }

    /// Answers when every worker is up, or none can be.
    #[napi]
    pub fn ready(&self, call: f64) {
        self.town.ready(whole(call));
    }

    /// Answers when everything has ended.
    #[napi]
    pub fn close(&self, call: f64, drain: bool, timeout: Option<f64>) {
        self.town.close(whole(call), drain, timeout.map(whole));
    }

    /// The present moment; nothing after the end.
    #[napi]
    pub fn stats(&self) -> Option<CoreStats> {
        self.town.stats().map(CoreStats::from)
    }

    /// The same moment in Prometheus' text format.
    #[napi]
    pub fn metrics(&self) -> Option<String> {
        self.town.stats().map(|stats| stats.metrics())
    }
}

/// A frame of a page.
#[napi(object, object_from_js = false)]
pub struct CoreFrame {
    pub id: String,
    /// The id of the frame around it; the top frame has none.
    pub parent: Option<String>,
    /// The address of its document; empty before the first.
    pub url: String,
    pub name: String,
}

/// A worker of a page.
#[napi(object, object_from_js = false)]
pub struct CoreWorker {
    pub id: String,
    /// The address of its script.
    pub url: String,
}

/// The page of one attempt.
#[napi]
pub struct CorePage {
    /// The page, or why there is none any more.
    page: crate::error::Result<Arc<AttemptPage>>,
    outbox: Arc<Outbox>,
}

#[napi]
impl CorePage {
    /// From now on, these kinds of events (see [`crate::engine::PageEvent`]) arrive under the caller's number, and no others.
    #[napi]
    pub fn listen(&self, listener: f64, kinds: Vec<CoreEventKind>) -> Result<(), Failure> {
        let kinds: Vec<_> = kinds.into_iter().map(CoreEventKind::into).collect();
        let (outbox, listener) = (self.outbox.clone(), whole(listener));
        // Engines start their requests at once, on the core's threads.
        let _context = runtime()?.enter();
        self.page()?
            .listen(&kinds, move |event| outbox.put(Event::Page(listener, Box::new(event))))
            .map_err(|error| failure(error.code, error.message))
    }

    /// The page's frames as they are known now: the top one, and each frame's children after it.
    #[napi]
    pub fn frames(&self) -> Result<Vec<CoreFrame>, Failure> {
        let frames = self.page()?.frames().map_err(|error| failure(error.code, error.message))?;
        Ok(frames.into_iter().map(|FrameState { id, parent, url, name }| CoreFrame { id, parent, url, name }).collect())
    }

    /// The page's workers as they are known now.
    #[napi]
    pub fn workers(&self) -> Result<Vec<CoreWorker>, Failure> {
        let workers = self.page()?.workers().map_err(|error| failure(error.code, error.message))?;
        Ok(workers.into_iter().map(|WorkerState { id, url }| CoreWorker { id, url }).collect())
    }

    /// Lets a `DevTools` client of the program's own drive the page too. What is for it arrives under `client`, last of all
    /// that the relay is closed; an answer under `call` says that it may begin.
    #[napi]
    pub fn open_relay(&self, call: f64, client: f64) -> Result<(), Failure> {
        let (page, outbox, call, client) = (self.page.clone(), self.outbox.clone(), whole(call), whole(client));
        runtime()?.spawn(async move {
            let to = outbox.clone();
            let opened = match page {
                Ok(page) => {
                    page.open_relay(client, Arc::new(move |relayed| to.put(Event::Relayed(client, relayed)))).await
                }
                Err(why) => Err(why),
            };
            outbox.put(Event::Answer(call, Box::new(opened.map(|()| Reply::NOTHING))));
        });
        Ok(())
    }

    /// Passes a client's message on to the browser.
    #[napi]
    #[allow(clippy::needless_pass_by_value, reason = "napi hands strings over by value")]
    pub fn send(&self, client: f64, message: String) -> Result<(), Failure> {
        self.page()?.send(whole(client), &message).map_err(|error| failure(error.code, error.message))
    }

    /// Ends the relay of a client.
    #[napi]
    pub fn close_relay(&self, client: f64) {
        if let Ok(page) = &self.page {
            page.close_relay(whole(client));
        }
    }

    /// Runs a command, the JSON of [`Command`]; the answer arrives as an event under the caller's number.
    #[napi]
    pub fn call(&self, call: f64, command: String) -> Result<(), Failure> {
        let owed = Owed { outbox: self.outbox.clone(), call: whole(call), paid: false };
        let page = match &self.page {
            Ok(page) => page.clone(),
            Err(why) => {
                owed.pay(Err(why.clone()));
                return Ok(());
            }
        };
        let _context = runtime()?.enter();
        page.clone().submit(async move {
            let answer = match serde_json::from_str::<Command>(&command) {
                Ok(command) => page.call(command).await,
                Err(error) => Err(Error::new(Code::InvalidOption, format!("not a command of a page: {error}"))),
            };
            owed.pay(answer);
        });
        Ok(())
    }

    fn page(&self) -> Result<&Arc<AttemptPage>, Failure> {
        self.page.as_ref().map_err(|error| failure(error.code, error.message.clone()))
    }
}

/// The answer to one call: whatever becomes of the task that is to give it, there is one.
struct Owed {
    outbox: Arc<Outbox>,
    call: u64,
    paid: bool,
}

impl Owed {
    fn pay(mut self, answer: crate::error::Result<Reply>) {
        self.paid = true;
        self.outbox.put(Event::Answer(self.call, Box::new(answer)));
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        if !self.paid {
            let fault =
                Error::new(Code::PageClosed, "the call has failed by a fault of boomtown's own; see standard error");
            self.outbox.put(Event::Answer(self.call, Box::new(Err(fault))));
        }
    }
}
