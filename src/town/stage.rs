//! Where the actor acts, one step at a time: whoever has something for it has it take a step, on the thread that he is on.
//! A task of the stage's own sees to what is due.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::{runtime::Handle, sync::Notify};
use tracing::Span;

use super::{Event, Listener, actor::Actor};

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
    pub fn set(runtime: &Handle, span: Span, listener: Listener, actor: impl FnOnce(Weak<Self>) -> Actor) -> Arc<Self> {
        let stage = Arc::new_cyclic(|stage: &Weak<Self>| Self {
            actor: Mutex::new(Some(actor(stage.clone()))),
            rescheduled: Notify::new(),
            runtime: runtime.clone(),
            span,
            listener,
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
        while let Some(Some(due)) = self.step(Actor::agenda) {
            tokio::select! {
                () = self.rescheduled.notified() => {}
                () = due.come() => drop(self.step(Actor::tick)),
            }
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}
