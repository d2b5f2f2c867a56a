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

/// Weak: waking JavaScript does not keep the process alive.
type Wake = ThreadsafeFunction<(), (), (), Status, false, true>;

pub struct Outbox {
    unread: Mutex<Unread>,
}

struct Unread {
    events: Vec<Event>,
    /// JavaScript comes by itself to take the events.
    expecting: bool,
    /// None when nobody is woken any more.
    wake: Option<Wake>,
}

impl Outbox {
    pub fn new(wake: Function<'_, (), ()>) -> napi::Result<Self> {
        let wake = wake.build_threadsafe_function().weak::<true>().build()?;
        Ok(Self { unread: Mutex::new(Unread { events: Vec::new(), expecting: false, wake: Some(wake) }) })
    }

    pub fn put(&self, event: Event) {
        let mut unread = self.unread();
        if unread.events.len() >= UNREAD_AT_MOST && is_line(&event) {
            return;
        }
        unread.events.push(event);
        if !mem::replace(&mut unread.expecting, true)
            && let Some(wake) = &unread.wake
        {
            // Refused only while the environment is being torn down.
            wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// The caller comes to take what there is, and what there will be by then: nobody need be woken for it.
    pub fn expect(&self) {
        self.unread().expecting = true;
    }

    pub fn take(&self) -> Vec<Event> {
        let mut unread = self.unread();
        unread.expecting = false;
        mem::take(&mut unread.events)
    }

    /// From now on nobody is woken, and the environment has nothing of the town's any more.
    pub fn rest(&self) {
        let wake = self.unread().wake.take();
        // Let go when the lock is.
        drop(wake);
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
