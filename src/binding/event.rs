//! Events in JavaScript's shape: one flat object, of which each kind fills its part.

use std::sync::Arc;

use napi::bindgen_prelude::Buffer;
use napi_derive::napi;

use crate::{
    engine::{Relayed, Reply, forked::ForkOrder},
    error::Error,
    queue::{Outcome, Refused, RetryReason},
    supervisor::OutputStream,
    town::{Event, WorkerStats},
};

use super::{CorePage, Outbox};

/// An error of the core.
#[napi(object, object_from_js = false)]
pub struct JsFailure {
    /// Stable.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// The name of the page's own error.
    pub name: Option<String>,
    /// The message of the page's own error.
    pub thrown: Option<String>,
    /// Whether trying again cannot help.
    pub permanent: bool,
}

impl From<Error> for JsFailure {
    fn from(error: Error) -> Self {
        let (name, thrown) = error.thrown.map(|thrown| (thrown.name, thrown.message)).unzip();
        Self { code: error.code.as_str(), message: error.message, name, thrown, permanent: error.permanent }
    }
}

/// See the [module](self).
#[napi(object, object_from_js = false)]
#[derive(Default)]
pub struct JsEvent {
    /// Which kind.
    pub kind: &'static str,
    /// The item's number.
    pub item: Option<f64>,
    /// The attempt's number, unique in the town.
    pub attempt: Option<f64>,
    /// The attempt's number within its item; attempts or browsers used up when settled.
    pub number: Option<u32>,
    /// The number of the worker that an attempt runs on, that printed a line, or whose process something is to be done with.
    pub worker: Option<u32>,
    /// The slot of the worker that an attempt runs on.
    pub slot: Option<u32>,
    /// The number of the call, of the page's listener, or of the client that drives a page too.
    pub call: Option<f64>,
    /// Reason, outcome, line of output, the JSON of a worker, an answer or a message to a client, or an envelope.
    pub text: Option<String>,
    /// The stream of a line of output; what is to be done with a process; why a worker goes; whether `text` is JSON; the name of a page's event.
    pub form: Option<&'static str>,
    /// A picture or a PDF.
    pub bytes: Option<Buffer>,
    /// A popup.
    pub page: Option<CorePage>,
    /// What went wrong.
    pub failure: Option<JsFailure>,
}

impl JsEvent {
    pub(super) fn new(event: Event, outbox: &Arc<Outbox>) -> Self {
        let of = |kind, item: crate::queue::ItemId| Self { kind, item: Some(number(item.0)), ..Self::default() };
        let by = |kind, worker: Box<WorkerStats>, failure: Option<Box<Error>>| Self {
            kind,
            text: serde_json::to_string(&worker).ok(),
            failure: failure.map(|error| JsFailure::from(*error)),
            ..Self::default()
        };
        match event {
            Event::Start { item, attempt, number: which, slot } => Self {
                attempt: Some(number(attempt.0)),
                worker: Some(slot.worker.0),
                slot: Some(slot.index.into()),
                number: Some(which),
                ..of("start", item)
            },
            Event::TimedOut(item) => of("timeout", item),
            Event::Retry(item, reason) => Self { text: Some(retry(reason).to_owned()), ..of("retry", item) },
            Event::Backlog(item) => of("backlog", item),
            Event::Refused(item, refused) => {
                let why = match refused {
                    Refused::Full => "full",
                    Refused::Closed => "closed",
                    Refused::Aborted => "aborted",
                };
                Self { text: Some(why.to_owned()), ..of("refused", item) }
            }
            Event::Settled(item, outcome, reason) => {
                let (name, count) = settled(outcome);
                Self {
                    text: Some(name.to_owned()),
                    number: count,
                    failure: reason.map(|error| JsFailure::from(*error)),
                    ..of("settled", item)
                }
            }
            Event::Idle => Self { kind: "idle", ..Self::default() },
            Event::WorkerStart(worker) => by("workerStart", worker, None),
            Event::WorkerReady(worker) => by("workerReady", worker, None),
            Event::WorkerExit(worker, leaves, failure) => Self { form: leaves, ..by("workerExit", worker, failure) },
            Event::Output(worker, stream, line) => {
                let stream = match stream {
                    OutputStream::Stdout => "stdout",
                    OutputStream::Stderr => "stderr",
                };
                Self { form: Some(stream), text: Some(line), worker: Some(worker), kind: "output", ..Self::default() }
            }
            Event::Stopped => Self { kind: "stopped", ..Self::default() },
            Event::Broken(why) => Self { kind: "broken", text: Some(why), ..Self::default() },
            Event::Page(listener, event) => Self {
                kind: "page",
                call: Some(number(listener)),
                form: Some(event.name),
                text: (!event.data.is_null()).then(|| event.data.to_string()),
                page: event.page.map(|page| CorePage { page: Ok(page), outbox: outbox.clone() }),
                ..Self::default()
            },
            Event::PageEnded(item) => of("pageEnded", item),
            Event::Warning(error) => Self { kind: "warning", failure: Some((*error).into()), ..Self::default() },
            Event::Fork(worker, order) => Self {
                kind: "fork",
                worker: Some(worker),
                form: Some(match order {
                    ForkOrder::Start => "start",
                    ForkOrder::Hear => "hear",
                    ForkOrder::Close => "close",
                    ForkOrder::End => "end",
                }),
                ..Self::default()
            },
            Event::Relayed(client, relayed) => Self {
                kind: "relayed",
                call: Some(number(client)),
                text: match relayed {
                    Relayed::Message(message) => Some(message.into_text()),
                    Relayed::Closed => None,
                },
                ..Self::default()
            },
            Event::Answer(call, answer) => {
                let event = Self { kind: "answer", call: Some(number(call)), ..Self::default() };
                match *answer {
                    Ok(Reply::Json(value)) if value.is_null() => event,
                    Ok(Reply::Json(value)) => Self { form: Some("json"), text: Some(value.to_string()), ..event },
                    Ok(Reply::Text(text)) => Self { text: Some(text), ..event },
                    Ok(Reply::Bytes(bytes)) => Self { bytes: Some(bytes.into()), ..event },
                    Err(error) => Self { failure: Some(error.into()), ..event },
                }
            }
        }
    }
}

/// Ids count up from one and stay far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "said above")]
fn number(id: u64) -> f64 {
    id as f64
}

fn retry(reason: RetryReason) -> &'static str {
    match reason {
        RetryReason::Timeout => "timeout",
        RetryReason::Error => "error",
        RetryReason::Crash => "crash",
        RetryReason::Stopped => "stopped",
    }
}

fn settled(outcome: Outcome) -> (&'static str, Option<u32>) {
    match outcome {
        Outcome::Fulfilled => ("fulfilled", None),
        Outcome::Failed => ("failed", None),
        Outcome::TimedOut { attempts } => ("timedOut", Some(attempts)),
        Outcome::Expired => ("expired", None),
        Outcome::Crashed { browsers } => ("crashed", Some(browsers)),
        Outcome::Aborted => ("aborted", None),
        Outcome::Unsendable => ("unsendable", None),
        Outcome::Closed => ("closed", None),
        Outcome::Unserved => ("unserved", None),
        Outcome::Lost => ("lost", None),
    }
}
