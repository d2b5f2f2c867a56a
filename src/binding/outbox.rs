//! Events on their way to JavaScript, many to one waking.

use std::{
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
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
    /// Notified of every event, for who waits for one.
    news: Condvar,
}

struct Unread {
    events: Vec<Event>,
    /// JavaScript comes by itself to take the events.
    expecting: bool,
    /// How many wait for news. To notify nobody costs a call of the system too.
    waiting: usize,
    /// None when nobody is woken any more.
    wake: Option<Wake>,
}

impl Outbox {
    pub fn new(wake: Function<'_, (), ()>) -> napi::Result<Self> {
        let wake = wake.build_threadsafe_function().weak::<true>().build()?;
        let unread = Unread { events: Vec::new(), expecting: false, waiting: 0, wake: Some(wake) };
        Ok(Self { unread: Mutex::new(unread), news: Condvar::new() })
    }

    pub fn put(&self, event: Event) {
        let mut unread = self.unread();
        if unread.events.len() >= UNREAD_AT_MOST && is_line(&event) {
            return;
        }
        unread.events.push(event);
        if unread.waiting > 0 {
            self.news.notify_all();
        }
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

    /// Has the caller wait for the answer to one call, which is taken alone. None where it has not come in time, or a page waits
    /// for the caller.
    pub fn wait(&self, call: u64, patience: Duration) -> Option<Event> {
        let until = Instant::now() + patience;
        let mut unread = self.unread();
        loop {
            let answer = |event: &Event| matches!(event, Event::Answer(answered, _) if *answered == call);
            if let Some(at) = unread.events.iter().position(answer) {
                return Some(unread.events.remove(at));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || unread.events.iter().any(is_question) {
                return None;
            }
            unread.waiting += 1;
            unread = self.news.wait_timeout(unread, left).unwrap_or_else(PoisonError::into_inner).0;
            unread.waiting -= 1;
        }
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

/// Whether its page does nothing until it is answered.
fn is_question(event: &Event) -> bool {
    matches!(event, Event::Page(_, event) if event.name == "dialog")
}

/// Whether nobody waits for it.
fn is_line(event: &Event) -> bool {
    match event {
        Event::Output(..) => true,
        Event::Page(_, event) => matches!(event.name, "console" | "pageerror"),
        _ => false,
    }
}
