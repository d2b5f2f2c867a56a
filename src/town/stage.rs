//! Guards the town's actor. Each call locks the actor, has it take one step on the caller's thread, and sees to what follows
//! from that. A task of the stage's own has the actor tick when something is due.

use std::{
    any::Any,
    future::pending,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, sync::Notify, time::sleep_until};
use tracing::Span;

use super::{
    Event, Listener,
    actor::{Actor, Agenda, Post},
};

pub(super) struct Stage {
    /// None after a fault of its own.
    actor: Mutex<Option<Actor>>,
    /// What is due next has changed so that the task must know.
    rescheduled: Notify,
    runtime: Handle,
    span: Span,
    listener: Listener,
}

impl Stage {
    pub fn set(runtime: &Handle, span: Span, listener: Listener, actor: impl FnOnce(Post) -> Actor) -> Arc<Self> {
        let stage = Arc::new_cyclic(|stage: &Weak<Self>| {
            let stage = stage.clone();
            let post: Post = Arc::new(move |step| {
                if let Some(stage) = stage.upgrade() {
                    stage.step(step);
                }
            });
            Self {
                actor: Mutex::new(Some(actor(post))),
                rescheduled: Notify::new(),
                runtime: runtime.clone(),
                span,
                listener,
            }
        });
        runtime.spawn(stage.clone().keep_time());
        stage
    }

    /// One step, and all that follows from it; nothing, if the actor has failed or fails now. Not to be called within a step.
    pub fn step<T>(&self, step: impl FnOnce(&mut Actor) -> T) -> Option<T> {
        let (_runtime, _span) = (self.runtime.enter(), self.span.enter());
        let mut stage = self.actor.lock().unwrap_or_else(PoisonError::into_inner);
        let actor = stage.as_mut()?;
        let taken = catch_unwind(AssertUnwindSafe(|| {
            let said = step(actor);
            (said, actor.settle())
        }));
        match taken {
            Ok((said, rescheduled)) => {
                if rescheduled {
                    self.rescheduled.notify_one();
                }
                Some(said)
            }
            Err(panic) => {
                *stage = None;
                (self.listener)(Event::Broken(message(&*panic).to_owned()));
                self.rescheduled.notify_one();
                None
            }
        }
    }

    /// Until the actor is done, or has failed.
    async fn keep_time(self: Arc<Self>) {
        loop {
            let due = match self.step(Actor::agenda) {
                Some(Agenda::At(at)) => Some(at),
                Some(Agenda::Open) => None,
                Some(Agenda::Over) | None => break,
            };
            tokio::select! {
                () = self.rescheduled.notified() => {}
                () = come(due) => drop(self.step(Actor::tick)),
            }
        }
    }
}

async fn come(due: Option<Instant>) {
    match due {
        // One more, for what is due within a millisecond must not be looked at too early.
        Some(at) => sleep_until((at + Duration::from_millis(1)).into()).await,
        None => pending().await,
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc::{Receiver, channel},
        time::Duration,
    };

    use tokio::runtime::Runtime;

    use super::*;
    use crate::{
        engine::{Isolation, forked::Forked},
        queue::{ItemId, ItemOptions, Outcome},
        town::Town,
    };

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A town that is never started, what it tells, and what it runs on.
    fn town() -> (Town, Receiver<Event>, Runtime) {
        let options = serde_json::json!({
            "workerCount": 1, "pageCount": 1, "errorTries": 0, "crashTries": 1, "retryDelay": { "min": 0, "max": 0 },
            "launchTimeout": 1000, "closeTimeout": 1000, "engine": "auto", "isolation": "page", "browser": {},
            "temporary": std::env::temp_dir(),
        });
        let runtime = Runtime::new().unwrap();
        let engine = Forked::new("cdp", Isolation::Page, Arc::default(), Arc::new(|_, _| {}));
        let (to, from) = channel();
        let listener: Listener = Arc::new(move |event| drop(to.send(event)));
        let options = serde_json::from_value(options).unwrap();
        (Town::with_engine(runtime.handle(), options, Arc::new(engine), false, listener), from, runtime)
    }

    #[test]
    fn what_follows_from_a_call_has_been_told_when_the_call_returns() {
        let (town, told, _runtime) = town();
        town.enqueue(ItemId(1), ItemOptions::default());
        assert!(matches!(told.try_recv(), Ok(Event::Backlog(ItemId(1)))));
        town.abort(ItemId(1));
        assert!(matches!(told.try_recv(), Ok(Event::Settled(ItemId(1), Outcome::Aborted, None))));
    }

    #[test]
    fn what_is_due_sooner_than_everything_before_comes_by_itself() {
        let (town, told, _runtime) = town();
        for (item, after) in [(1, 3_600_000), (2, 20)] {
            let deadline = Some(town.now() + after);
            town.enqueue(ItemId(item), ItemOptions { deadline, ..ItemOptions::default() });
        }
        let mut settled =
            std::iter::from_fn(|| told.recv_timeout(PATIENCE).ok()).filter(|event| matches!(event, Event::Settled(..)));
        assert!(matches!(settled.next(), Some(Event::Settled(ItemId(2), Outcome::Expired, None))));
    }

    #[test]
    fn a_fault_is_told_once_and_nothing_is_done_after_it() {
        let (town, told, _runtime) = town();
        assert_eq!(town.stage.step(|_| -> u32 { panic!("at {}", 1) }), None);
        assert!(matches!(told.recv_timeout(PATIENCE), Ok(Event::Broken(why)) if why == "at 1"));
        town.enqueue(ItemId(1), ItemOptions::default());
        assert!(town.stats().is_none());
        assert!(told.try_recv().is_err());
        // Nobody waits for an end that does not come.
        town.abandon(PATIENCE);
    }

    #[test]
    fn a_town_that_is_over_answers_late_calls() {
        let (town, told, _runtime) = town();
        town.close(1, false, None);
        assert!(matches!(told.recv_timeout(PATIENCE), Ok(Event::Answer(1, answer)) if answer.is_ok()));
        town.close(2, true, None);
        assert!(matches!(told.try_recv(), Ok(Event::Answer(2, answer)) if answer.is_ok()));
        town.ready(3);
        assert!(matches!(told.try_recv(), Ok(Event::Answer(3, answer)) if answer.is_err()));
        town.enqueue(ItemId(1), ItemOptions::default());
        assert!(matches!(told.try_recv(), Ok(Event::Refused(ItemId(1), _))));
        assert!(town.stats().is_some());
    }
}
