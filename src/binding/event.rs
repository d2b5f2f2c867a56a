//! What the core tells JavaScript: one kind of object for each kind of event, so that every field has one meaning.
//!
//! `npm run build` writes the declarations in `lib/native.d.ts` by these types, and `tsc` checks `lib/` against them.

use std::sync::Arc;

use napi::bindgen_prelude::Buffer;
use napi_derive::napi;

use crate::{
    engine::{EventKind, Relayed, Reply, forked::ForkOrder},
    error::Error,
    queue::{ItemId, Outcome, Refused, RetryReason},
    supervisor::OutputStream,
    town::Event,
};

use super::{CorePage, Outbox, number, stats::CoreWorkerStats};

/// An error that a page's script threw.
#[napi(object, object_from_js = false)]
pub struct CoreThrown {
    /// The name of its constructor.
    pub name: String,
    pub message: String,
}

/// An error of the core.
#[napi(object, object_from_js = false)]
pub struct CoreFailure {
    /// The code, which is stable.
    pub code: &'static str,
    /// The message, for people.
    pub message: String,
    /// The page's own error, with `ERR_EVALUATION`.
    pub thrown: Option<CoreThrown>,
    /// Whether trying again cannot help.
    pub permanent: bool,
}

impl From<Error> for CoreFailure {
    fn from(error: Error) -> Self {
        let thrown = error.thrown.map(|thrown| CoreThrown { name: thrown.name, message: thrown.message });
        Self { code: error.code.as_str(), message: error.message, thrown, permanent: error.permanent }
    }
}

impl From<Box<Error>> for CoreFailure {
    fn from(error: Box<Error>) -> Self {
        Self::from(*error)
    }
}

/// Why an item waits again.
#[napi(string_enum = "lowercase", object_from_js = false)]
pub enum CoreRetryReason {
    Timeout,
    Error,
    Crash,
    Stopped,
}

impl From<RetryReason> for CoreRetryReason {
    fn from(reason: RetryReason) -> Self {
        match reason {
            RetryReason::Timeout => Self::Timeout,
            RetryReason::Error => Self::Error,
            RetryReason::Crash => Self::Crash,
            RetryReason::Stopped => Self::Stopped,
        }
    }
}

/// What is to be done with a worker's process, where JavaScript forks it.
#[napi(string_enum = "lowercase", object_from_js = false)]
pub enum CoreForkOrder {
    Start,
    Hear,
    Close,
    End,
}

impl From<ForkOrder> for CoreForkOrder {
    fn from(order: ForkOrder) -> Self {
        match order {
            ForkOrder::Start => Self::Start,
            ForkOrder::Hear => Self::Hear,
            ForkOrder::Close => Self::Close,
            ForkOrder::End => Self::End,
        }
    }
}

/// Where a worker's processes printed a line.
#[napi(string_enum = "lowercase", object_from_js = false)]
pub enum CoreOutputStream {
    Stdout,
    Stderr,
}

impl From<OutputStream> for CoreOutputStream {
    fn from(stream: OutputStream) -> Self {
        match stream {
            OutputStream::Stdout => Self::Stdout,
            OutputStream::Stderr => Self::Stderr,
        }
    }
}

/// The kinds of a page's events that have to be asked for; src/engine/event.rs says what they are.
#[napi(string_enum = "lowercase", object_to_js = false)]
pub enum CoreEventKind {
    Console,
    PageError,
    Dialog,
    Request,
    Response,
    RequestFinished,
    RequestFailed,
    DomContentLoaded,
    Load,
    LoadStarted,
    LoadFinished,
    FrameAttached,
    FrameDetached,
    FrameNavigated,
    WorkerCreated,
    WorkerDestroyed,
    Popup,
    Closing,
    Download,
    Crash,
    FileChooser,
    Metrics,
    Repaint,
}

impl From<CoreEventKind> for EventKind {
    fn from(kind: CoreEventKind) -> Self {
        match kind {
            CoreEventKind::Console => Self::Console,
            CoreEventKind::PageError => Self::PageError,
            CoreEventKind::Dialog => Self::Dialog,
            CoreEventKind::Request => Self::Request,
            CoreEventKind::Response => Self::Response,
            CoreEventKind::RequestFinished => Self::RequestFinished,
            CoreEventKind::RequestFailed => Self::RequestFailed,
            CoreEventKind::DomContentLoaded => Self::DomContentLoaded,
            CoreEventKind::Load => Self::Load,
            CoreEventKind::LoadStarted => Self::LoadStarted,
            CoreEventKind::LoadFinished => Self::LoadFinished,
            CoreEventKind::FrameAttached => Self::FrameAttached,
            CoreEventKind::FrameDetached => Self::FrameDetached,
            CoreEventKind::FrameNavigated => Self::FrameNavigated,
            CoreEventKind::WorkerCreated => Self::WorkerCreated,
            CoreEventKind::WorkerDestroyed => Self::WorkerDestroyed,
            CoreEventKind::Popup => Self::Popup,
            CoreEventKind::Closing => Self::Closing,
            CoreEventKind::Download => Self::Download,
            CoreEventKind::Crash => Self::Crash,
            CoreEventKind::FileChooser => Self::FileChooser,
            CoreEventKind::Metrics => Self::Metrics,
            CoreEventKind::Repaint => Self::Repaint,
        }
    }
}

/// Something that JavaScript is to hear of. Items, attempts, calls, listeners and clients are named by their numbers.
#[napi(discriminant = "kind", discriminant_case = "camelCase", object_from_js = false)]
pub enum CoreEvent {
    // An item goes on.
    Start {
        item: f64,
        /// Unique in the town.
        attempt: f64,
        /// 1, 2, ... among the attempts of the item.
        number: u32,
        worker: u32,
        slot: u32,
    },
    AttemptTimedOut {
        item: f64,
    },
    Retry {
        item: f64,
        reason: CoreRetryReason,
    },
    Backlog {
        item: f64,
    },
    PageEnded {
        item: f64,
    },

    // An item has ended, or was not accepted.
    Fulfilled {
        item: f64,
    },
    Failed {
        item: f64,
    },
    TimedOut {
        item: f64,
        /// How many attempts were started.
        attempts: u32,
    },
    Expired {
        item: f64,
    },
    Crashed {
        item: f64,
        /// How many browsers the item took down.
        browsers: u32,
        /// How the last attempt ended.
        failure: Option<CoreFailure>,
    },
    Aborted {
        item: f64,
    },
    Unsendable {
        item: f64,
    },
    Closed {
        item: f64,
    },
    Unserved {
        item: f64,
        /// Why no browser could be started.
        failure: Option<CoreFailure>,
    },
    Lost {
        item: f64,
    },
    Full {
        item: f64,
    },

    // A worker.
    WorkerStart {
        stats: CoreWorkerStats,
    },
    WorkerReady {
        stats: CoreWorkerStats,
    },
    /// A worker was ended on purpose.
    WorkerExit {
        stats: CoreWorkerStats,
        why: Option<&'static str>,
    },
    /// A worker did not start, or died.
    WorkerFailed {
        stats: CoreWorkerStats,
        failure: CoreFailure,
    },
    Output {
        worker: u32,
        stream: CoreOutputStream,
        line: String,
    },
    Ask {
        /// Whose browser is to be launched, with the options that are asked for.
        worker: u32,
    },
    Fork {
        worker: u32,
        order: CoreForkOrder,
    },

    // The answer to a call.
    AnsweredNothing {
        call: f64,
    },
    AnsweredJson {
        call: f64,
        json: String,
    },
    AnsweredText {
        call: f64,
        text: String,
    },
    AnsweredBytes {
        call: f64,
        bytes: Buffer,
    },
    AnsweredFailure {
        call: f64,
        failure: CoreFailure,
    },

    // What the listener of a page, or a `DevTools` client that drives one too, gets.
    Page {
        listener: f64,
        name: &'static str,
        /// JSON, where the event has data.
        data: Option<String>,
        popup: Option<CorePage>,
    },
    Relayed {
        client: f64,
        /// The message, as JSON.
        message: String,
    },
    RelayClosed {
        client: f64,
    },

    // The town.
    Idle,
    Stopped,
    Warning {
        failure: CoreFailure,
    },
    Broken {
        /// The message of the panic that ended the core; no event follows.
        fault: String,
    },
}

impl CoreEvent {
    pub(super) fn new(event: Event, outbox: &Arc<Outbox>) -> Self {
        match event {
            Event::Start { item, attempt, number: which, slot } => Self::Start {
                item: number(item.0),
                attempt: number(attempt.0),
                number: which,
                worker: slot.worker.0,
                slot: slot.index.into(),
            },
            Event::TimedOut(item) => Self::AttemptTimedOut { item: number(item.0) },
            Event::Retry(item, reason) => Self::Retry { item: number(item.0), reason: reason.into() },
            Event::Backlog(item) => Self::Backlog { item: number(item.0) },
            Event::PageEnded(item) => Self::PageEnded { item: number(item.0) },
            Event::Refused(item, refused) => Self::refused(item, refused),
            Event::Settled(item, outcome, reason) => Self::settled(item, outcome, reason),
            Event::WorkerStart(worker) => Self::WorkerStart { stats: (*worker).into() },
            Event::WorkerReady(worker) => Self::WorkerReady { stats: (*worker).into() },
            Event::WorkerExit(worker, why, None) => Self::WorkerExit { stats: (*worker).into(), why },
            Event::WorkerExit(worker, _, Some(failure)) => {
                Self::WorkerFailed { stats: (*worker).into(), failure: failure.into() }
            }
            Event::Output(worker, stream, line) => Self::Output { worker, stream: stream.into(), line },
            Event::Ask(worker) => Self::Ask { worker },
            Event::Fork(worker, order) => Self::Fork { worker, order: order.into() },
            Event::Answer(call, answer) => Self::answer(number(call), *answer),
            Event::Page(listener, event) => Self::Page {
                listener: number(listener),
                name: event.name,
                data: (!event.data.is_null()).then(|| event.data.to_string()),
                popup: event.page.map(|page| CorePage { page: Ok(page), outbox: outbox.clone() }),
            },
            Event::Relayed(client, Relayed::Message(message)) => {
                Self::Relayed { client: number(client), message: message.into_text() }
            }
            Event::Relayed(client, Relayed::Closed) => Self::RelayClosed { client: number(client) },
            Event::Idle => Self::Idle,
            Event::Stopped => Self::Stopped,
            Event::Warning(error) => Self::Warning { failure: error.into() },
            Event::Broken(fault) => Self::Broken { fault },
        }
    }

    fn refused(item: ItemId, refused: Refused) -> Self {
        let item = number(item.0);
        match refused {
            Refused::Full => Self::Full { item },
            Refused::Closed => Self::Closed { item },
            Refused::Aborted => Self::Aborted { item },
        }
    }

    fn settled(item: ItemId, outcome: Outcome, reason: Option<Box<Error>>) -> Self {
        let (item, failure) = (number(item.0), reason.map(CoreFailure::from));
        match outcome {
            Outcome::Fulfilled => Self::Fulfilled { item },
            Outcome::Failed => Self::Failed { item },
            Outcome::TimedOut { attempts } => Self::TimedOut { item, attempts },
            Outcome::Expired => Self::Expired { item },
            Outcome::Crashed { browsers } => Self::Crashed { item, browsers, failure },
            Outcome::Aborted => Self::Aborted { item },
            Outcome::Unsendable => Self::Unsendable { item },
            Outcome::Closed => Self::Closed { item },
            Outcome::Unserved => Self::Unserved { item, failure },
            Outcome::Lost => Self::Lost { item },
        }
    }

    fn answer(call: f64, answer: crate::error::Result<Reply>) -> Self {
        match answer {
            Ok(Reply::Json(value)) if value.is_null() => Self::AnsweredNothing { call },
            Ok(Reply::Json(value)) => Self::AnsweredJson { call, json: value.to_string() },
            Ok(Reply::Text(text)) => Self::AnsweredText { call, text },
            Ok(Reply::Bytes(bytes)) => Self::AnsweredBytes { call, bytes: bytes.into() },
            Err(error) => Self::AnsweredFailure { call, failure: error.into() },
        }
    }
}
