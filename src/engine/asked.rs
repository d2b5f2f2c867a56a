//! Browsers whose options the program decides for each worker: this engine asks JavaScript for them when a worker is launched,
//! and then launches by the engine that they are for.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::oneshot;

use crate::error::{Error, Result};

use super::{Browser, BrowserOptions, Engine, EngineKind, Host, Isolation, choose};

/// Is told which worker's options are wanted.
pub type Ask = Arc<dyn Fn(u32) + Send + Sync>;

/// What a worker's browser is launched with.
pub struct Answer {
    /// The number by which the program knows the worker: in a forked process it is the one that the forking town has given it.
    pub known_as: u32,
    pub browser: BrowserOptions,
}

/// The launches of one town that wait for an answer, by the numbers of their workers.
#[derive(Default)]
pub struct Asks(Mutex<HashMap<u32, oneshot::Sender<Result<Answer>>>>);

impl Asks {
    /// What a worker's browser is launched with, or why it is not. That does nothing if that launch is called off or was answered.
    pub fn answer(&self, worker: u32, answer: Result<Answer>) {
        if let Some(launch) = self.waiting().remove(&worker) {
            let _ = launch.send(answer);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<u32, oneshot::Sender<Result<Answer>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See the [module](self).
pub struct Asked {
    kind: EngineKind,
    name: &'static str,
    isolation: Isolation,
    asks: Arc<Asks>,
    ask: Ask,
}

impl Asked {
    /// The kind is that of all workers, whatever their options: "auto" is what it would be without any.
    pub fn new(kind: EngineKind, isolation: Isolation, asks: Arc<Asks>, ask: Ask) -> Result<Self> {
        let kind = match kind {
            EngineKind::Auto if cfg!(unix) => EngineKind::Cdp,
            EngineKind::Auto => EngineKind::Webdriver,
            kind => kind,
        };
        let name = choose(kind, BrowserOptions::default(), isolation)?.name();
        Ok(Self { kind, name, isolation, asks, ask })
    }
}

#[async_trait]
impl Engine for Asked {
    fn name(&self) -> &'static str {
        self.name
    }

    fn awaited(&self) -> &'static str {
        "the browser, with what the option \"browser\" had to say of it, was"
    }

    async fn launch(&self, host: Arc<dyn Host>, slots: u16) -> Result<Box<dyn Browser>> {
        let worker = host.worker();
        let (launch, answer) = oneshot::channel();
        self.asks.waiting().insert(worker, launch);
        let _called_off = CalledOff { asks: &self.asks, worker };
        (self.ask)(worker);
        let Answer { known_as, browser } = answer.await.map_err(|_| Error::gone("the town has ended"))??;
        // The next launch may have other options, so that no failure is for good.
        let of_worker = |error: Error| Error { permanent: false, ..error.during(&format!("worker {known_as}")) };
        let engine = choose(self.kind, browser, self.isolation).map_err(of_worker)?;
        engine.launch(host, slots).await.map_err(of_worker)
    }
}

/// A launch that is over waits for no answer.
struct CalledOff<'a> {
    asks: &'a Asks,
    worker: u32,
}

impl Drop for CalledOff<'_> {
    fn drop(&mut self) {
        self.asks.waiting().remove(&self.worker);
    }
}
