//! Events on their way to JavaScript, many to one waking.

use std::{
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use napi::{
    Status,
    bindgen_prelude::Function,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};

use crate::town::Event;

/// A browser or a page may print faster than a busy program listens; beyond this many unread events, lines are dropped.
const UNREAD_AT_MOST: usize = 10_000;

/// Weak: it does not keep the process alive.
type Wake = ThreadsafeFunction<(), (), (), Status, false, true>;

pub struct Outbox {
    unread: Mutex<Unread>,
    wake: Wake,
}

#[derive(Default)]
struct Unread {
    events: Vec<Event>,
    /// Somebody comes to take them.
    expecting: bool,
}

impl Outbox {
    pub fn new(wake: Function<'_, (), ()>) -> napi::Result<Self> {
        let wake = wake.build_threadsafe_function().weak::<true>().build()?;
        Ok(Self { unread: Mutex::default(), wake })
    }

    pub fn put(&self, event: Event) {
        let mut unread = self.unread();
        if unread.events.len() >= UNREAD_AT_MOST && is_line(&event) {
            return;
        }
        unread.events.push(event);
        if !mem::replace(&mut unread.expecting, true) {
            // Refused only while the environment is being torn down.
            self.wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// The caller comes to take what there is, and what there will be by then: nobody need be woken for it.
    pub fn expect(&self) {
        self.unread().expecting = true;
    }

    pub fn take(&self) -> Vec<Event> {
        mem::take(&mut *self.unread()).events
    }

    fn unread(&self) -> MutexGuard<'_, Unread> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether nobody waits for it.
fn is_line(event: &Event) -> bool {
    match event {
        Event::Output(..) => true,
        Event::Page(_, event) => matches!(event.name, "console" | "pageerror"),
        _ => false,
    }
}
