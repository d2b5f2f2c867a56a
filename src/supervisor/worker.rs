//! One worker: a task that launches the browser, prepares pages for its slots, watches its health, and ends it
//! with everything that belongs to it. Orders come in through a mailbox, reports go out.

use std::{collections::HashMap, panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet, unconstrained},
    time::{Instant, MissedTickBehavior, interval, sleep, timeout, timeout_at},
};

use crate::{
    engine::{About, Browser, Engine, Host, Page},
    error::{Code, Error, Result},
    queue::{Loss, SlotId, WorkerId},
};

use super::{LAST_BREATH, Load, Output, ProcessTree, Vitals, Workspace, gate, process, vitals::Death};

/// How often a busy browser is asked whether it is still there, and how long it may take to answer.
const HEALTH_CHECK: Duration = Duration::from_secs(5);
/// Missed answers in a row after which it is given up: one may be a hiccup of the machine.
const HEALTH_MISSES: u32 = 2;
/// A page gets at least so long to be made, however short the grace period.
const PAGE_AT_LEAST: Duration = Duration::from_secs(2);
/// How soon a page is replaced that has ended while nobody used it: the next one may well end the same way.
const REPLACE_AFTER: Duration = Duration::from_millis(500);
/// How often the memory is measured.
const MEMORY_CHECK: Duration = Duration::from_secs(5);

/// How long attempts without a time limit may keep the next page waiting, in a process that handlers run in. None for as long
/// as they like: the attempt before has ended by itself, so it is not what blocks the process.
pub type Patience = Option<Duration>;

/// What a worker is told.
#[derive(Debug)]
pub enum Order {
    /// The slot's attempt is over: destroy its page and prepare a new one.
    Renew(u16, Patience),
    /// The slot's attempt is over, and no other follows on the slot: destroy its page.
    Discard(u16, Patience),
    /// The slot's page has ended while nobody used it: prepare a new one.
    Replace(u16),
    /// End the browser in an orderly way.
    Stop,
    /// End the browser at once.
    Kill,
}

/// What a worker tells.
pub enum Report {
    /// The browser is up.
    Ready(About),
    /// A slot has a brand-new page.
    Page(SlotId, Arc<dyn Page>),
    /// A slot's page has ended by itself, perhaps before anybody has used it.
    PageEnded(SlotId, Arc<dyn Page>),
    /// Bytes held by the worker's processes.
    Memory(u64),
    /// How long the browser has taken to answer a health check.
    Answered(Duration),
    /// The launch failed, or the browser died; the worker's processes are being removed.
    Down(Error, Loss),
    /// The worker's processes and profile are gone.
    Gone,
}

/// What a worker's task is made of.
pub struct WorkerTask {
    pub id: WorkerId,
    /// Pages at a time.
    pub slots: u16,
    /// How browsers are started.
    pub engine: Arc<dyn Engine>,
    /// Where the worker's processes get their folder and their watchdog.
    pub workspace: Arc<Workspace>,
    /// Where the lines go that the worker's processes print.
    pub output: Option<Output>,
    pub launch_timeout: Duration,
    /// How long the browser may take to destroy a page, or to end by itself.
    pub grace: Duration,
    /// The attempts that run on the worker.
    pub load: Arc<Load>,
    /// Where the browser's death is told.
    pub vitals: Arc<Vitals>,
    /// Where the worker's reports go.
    pub report: Arc<dyn Fn(Report) + Send + Sync>,
}

/// Why a worker ends.
enum End {
    Stopped,
    Killed,
    /// Whether what ran on the worker may be to blame.
    Died(Error, Loss),
}

/// Waits for the ends of the slots' latest pages.
#[derive(Default)]
struct Watches {
    ended: JoinSet<(u16, Arc<dyn Page>)>,
    latest: HashMap<u16, AbortHandle>,
}

impl Watches {
    fn watch(&mut self, slot: u16, page: Arc<dyn Page>) {
        let watch = self.ended.spawn(async move {
            page.ended().await;
            (slot, page)
        });
        if let Some(before) = self.latest.insert(slot, watch) {
            before.abort();
        }
    }
}

impl WorkerTask {
    /// From the launch to the last process's end.
    pub async fn run(self, mut orders: mpsc::UnboundedReceiver<Order>) {
        // Not called off half-way, or its watchdog would be left to end by itself.
        let tree = timeout(self.launch_timeout, self.workspace.tree(self.id.0, self.output.clone())).await;
        let late = |_| {
            let what = format!("worker {} got no private folder and no watchdog in time", self.id.0);
            Err(Error::new(Code::BrowserLaunch, what))
        };
        match tree.unwrap_or_else(late) {
            Ok(tree) => {
                // Whatever becomes of the task, the processes must not stay.
                let lived = AssertUnwindSafe(self.live(&tree, &mut orders)).catch_unwind().await;
                if lived.is_err() {
                    let fault = "its task failed by a fault of boomtown's own; see standard error";
                    (self.report)(Report::Down(Error::gone(fault), Loss::Stopped));
                }
                tree.end().await;
            }
            Err(error) => (self.report)(Report::Down(error, Loss::Stopped)),
        }
        (self.report)(Report::Gone);
    }

    async fn live(&self, tree: &Arc<ProcessTree>, orders: &mut mpsc::UnboundedReceiver<Order>) {
        let born = Instant::now();
        let launched = tokio::select! {
            biased;
            () = told_to_end(orders) => Err(Error::gone("the launch was called off")),
            launched = gate::launch(self.id.0, self.launch(tree)) => launched,
        };
        match launched {
            Err(error) => (self.report)(Report::Down(error, Loss::Stopped)),
            Ok(browser) => {
                let about = browser.about();
                tracing::info!(worker = self.id.0, pid = about.pid, after = ?born.elapsed(), "browser up: {}", about.version);
                (self.report)(Report::Ready(about.clone()));
                let browser: Arc<dyn Browser> = browser.into();
                match self.serve(tree, &browser, &about, orders).await {
                    End::Stopped => {
                        // Whoever does not end by itself is killed next.
                        tokio::select! {
                            _ = timeout(self.grace, browser.close()) => {}
                            () = told_to_kill(orders) => {}
                        }
                    }
                    // Node tidies up when it is told by a signal; it is killed next.
                    End::Killed => {
                        if let Some(pid) = about.pid.filter(|_| about.waits_for_handlers) {
                            process::terminate(pid);
                            let ended = async {
                                tokio::select! { () = process::ended(pid) => {}, () = tree.lost() => {} }
                            };
                            let _ = timeout(self.grace, ended).await;
                        }
                    }
                    End::Died(error, loss) => (self.report)(Report::Down(error, loss)),
                }
            }
        }
    }

    async fn launch(&self, tree: &Arc<ProcessTree>) -> Result<Box<dyn Browser>> {
        let launch = self.engine.launch(tree.clone(), self.slots);
        let lost = async {
            tree.lost().await;
            // The launch itself has the better reason, and gives it when its connection breaks.
            sleep(LAST_BREATH).await;
        };
        let failed = |what: String| Err(Error::new(Code::BrowserLaunch, what).followed_by(&tree.tail()));
        tokio::select! {
            launched = timeout(self.launch_timeout, launch) => launched.unwrap_or_else(|_| {
                let (awaited, limit) = (self.engine.awaited(), self.launch_timeout.as_millis());
                failed(format!("{awaited} not ready within launchTimeout, {limit} ms"))
            }),
            () = lost => failed("the browser or its driver ended during the launch".to_owned()),
        }
    }

    async fn serve(
        &self,
        tree: &Arc<ProcessTree>,
        browser: &Arc<dyn Browser>,
        about: &About,
        orders: &mut mpsc::UnboundedReceiver<Order>,
    ) -> End {
        let mut pages = JoinSet::new();
        for slot in 0..about.slots.unwrap_or(self.slots) {
            self.prepare(&mut pages, browser, slot, Duration::ZERO, None);
        }
        let mut discarded = JoinSet::new();
        let mut watches = Watches::default();
        let mut lifelines = JoinSet::new();
        for &pid in &about.lifelines {
            lifelines.spawn(process::ended(pid));
        }
        let mut health = interval(HEALTH_CHECK);
        let mut memory = interval(MEMORY_CHECK);
        health.set_missed_tick_behavior(MissedTickBehavior::Delay);
        memory.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut checks = JoinSet::new();
        let mut measurements = JoinSet::new();
        let mut misses = 0;
        let mut news = pin!(died(tree, browser, &mut lifelines));
        let mut death = pin!(self.vitals.death());
        let mut heard = false;
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Renew(slot, patience)) => self.prepare(&mut pages, browser, slot, Duration::ZERO, patience),
                    Some(Order::Discard(slot, patience)) => {
                        self.prepare(&mut discarded, browser, slot, Duration::ZERO, patience);
                    }
                    Some(Order::Replace(slot)) => self.prepare(&mut pages, browser, slot, REPLACE_AFTER, None),
                    Some(Order::Stop) => return End::Stopped,
                    Some(Order::Kill) | None => return End::Killed,
                },
                Some(prepared) = pages.join_next() => match prepared {
                    Ok((slot, Ok(page))) => {
                        watches.watch(slot, page.clone());
                        (self.report)(Report::Page(SlotId { worker: self.id, index: slot }, page));
                    }
                    Ok((_, Err(error))) => self.vitals.failed(error.during("no new page")),
                    Err(panic) => self.vitals.failed(Error::gone(panic)),
                },
                // The browser is about to end: what still runs on it need not suffer for a page that nobody will use, unless it
                // cannot run because the process is blocked.
                Some(left) = discarded.join_next() => if let Ok((_, Err(error))) = left && about.waits_for_handlers {
                    self.vitals.failed(error.during("no new page"));
                },
                // What is no longer watched has been called off.
                Some(ended) = watches.ended.join_next() => if let Ok((slot, page)) = ended {
                    (self.report)(Report::PageEnded(SlotId { worker: self.id, index: slot }, page));
                },
                error = &mut news, if !heard => {
                    heard = true;
                    self.vitals.died(error);
                }
                Death { error, loss, .. } = &mut death => {
                    return End::Died(error, if browser.is_blameless() { Loss::Stopped } else { loss });
                }
                _ = health.tick(), if checks.is_empty() => {
                    if self.load.is_idle() {
                        misses = 0;
                    } else {
                        let browser = browser.clone();
                        let asked = Instant::now();
                        checks.spawn(async move { browser.is_alive(HEALTH_CHECK).await.then(|| asked.elapsed()) });
                    }
                }
                Some(answered) = checks.join_next() => {
                    misses = if let Ok(Some(took)) = answered {
                        (self.report)(Report::Answered(took));
                        0
                    } else {
                        misses + 1
                    };
                    if misses >= HEALTH_MISSES {
                        self.vitals.died(Error::gone("it no longer answers"));
                    }
                }
                _ = memory.tick(), if measurements.is_empty() => {
                    let tree = tree.clone();
                    measurements.spawn(async move { tree.memory().await });
                }
                Some(measured) = measurements.join_next() => {
                    if let Ok(Some(bytes)) = measured {
                        (self.report)(Report::Memory(bytes));
                    }
                }
            }
        }
    }

    /// Makes a slot's next page. How long the page may take depends on what it is made by:
    /// - A browser that we speak to has to make the page within `limit`, or is beyond help.
    /// - A forked process makes no page while a handler computes in it, however well its browser is. A page that is late
    ///   is waited for while items run there, whose time limits end a handler that computes for ever.
    /// - Where the attempt before was cut short, its own handler may be what computes, and items without a time limit would
    ///   have it waited for without end: from `patience` beyond `limit` on, only items with a time limit are waited for, and
    ///   without these the process counts as blocked.
    fn prepare(
        &self,
        pages: &mut JoinSet<(u16, Result<Arc<dyn Page>>)>,
        browser: &Arc<dyn Browser>,
        slot: u16,
        after: Duration,
        patience: Patience,
    ) {
        let about = browser.about();
        let launch = if about.launches_for_pages { self.launch_timeout } else { Duration::ZERO };
        let (browser, limit) = (browser.clone(), self.grace.max(PAGE_AT_LEAST) + launch);
        let computing = about.waits_for_handlers.then(|| self.load.clone());
        pages.spawn(async move {
            sleep(after).await;
            let last = patience.map(|patience| Instant::now() + limit + patience);
            loop {
                let next = Instant::now() + limit;
                let next = last.map_or(next, |last| next.min(last));
                if let Ok(page) = timeout_at(next, browser.fresh_page(slot)).await {
                    return (slot, page);
                }
                let late = |who: &str| Err(Error::gone(format!("none within {} ms{who}", limit.as_millis())));
                let Some(load) = &computing else { return (slot, late("")) };
                browser.heard().await;
                // What was heard of is there at once.
                if let Some(page) = unconstrained(browser.fresh_page(slot)).now_or_never() {
                    return (slot, page);
                }
                let patience_ends = last.is_some_and(|last| Instant::now() >= last);
                let blocked = if patience_ends { load.is_idle_but_for_unlimited() } else { load.is_idle() };
                if blocked {
                    return (slot, late("; the worker process does not answer"));
                }
            }
        });
    }
}

/// Waits until the browser has died, whoever says so first.
async fn died(tree: &ProcessTree, browser: &Arc<dyn Browser>, lifelines: &mut JoinSet<()>) -> Error {
    tokio::select! {
        error = browser.died() => error,
        () = tree.lost() => Error::gone("its process ended"),
        Some(_) = lifelines.join_next() => Error::gone("its process ended"),
    }
}

async fn told_to_end(orders: &mut mpsc::UnboundedReceiver<Order>) {
    while !matches!(orders.recv().await, Some(Order::Stop | Order::Kill) | None) {}
}

async fn told_to_kill(orders: &mut mpsc::UnboundedReceiver<Order>) {
    while !matches!(orders.recv().await, Some(Order::Kill) | None) {}
}
