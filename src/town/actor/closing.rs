//! How a town ends: its workers when it is stopped, and all of it when it is closed or abandoned. Also who waits for the
//! workers to be ready, and hears if they never will be.

use std::{
    mem,
    sync::{Arc, mpsc as sync_mpsc},
};

use crate::{
    engine::Reply,
    error::{Code, Error},
    queue::Millis,
};

use super::{super::Event, Actor};

/// How the town ends.
pub(super) struct Closing {
    calls: Vec<u64>,
    abandoned: Vec<sync_mpsc::SyncSender<()>>,
    pub(super) deadline: Option<Millis>,
    /// The workers have been told to end.
    pub(super) ending: bool,
    /// Nothing is left of the workers.
    over: bool,
}

impl Closing {
    fn new() -> Self {
        Self { calls: Vec::new(), abandoned: Vec::new(), deadline: None, ending: false, over: false }
    }
}

impl Actor {
    /// Answers the call when every worker is up, or none can be.
    pub(in crate::town) fn ready(&mut self, call: u64) {
        self.ready_calls.push(call);
    }

    /// Answers the call when every process is gone.
    pub(in crate::town) fn close(&mut self, call: u64, drain: bool, timeout: Option<Millis>) {
        let now = self.now();
        tracing::info!(drain, ?timeout, "town closes");
        // A drain may be cut short by a later close; nothing is ever given more time.
        self.queue.close(now, drain);
        self.queue.resume(now);
        let deadline = timeout.map(|timeout| now.saturating_add(timeout));
        let closing = self.closing.get_or_insert_with(Closing::new);
        closing.calls.push(call);
        closing.deadline = closing.deadline.into_iter().chain(deadline).min();
    }

    /// Ends the workers when nothing is left to do, or time is up.
    pub(super) fn close_if_drained(&mut self) {
        let now = self.now();
        let Some(closing) = self.closing.as_mut().filter(|closing| !closing.ending) else { return };
        let counts = self.queue.counts();
        let late = closing.deadline.is_some_and(|deadline| deadline <= now);
        // Without workers, or without a handler, nothing that waits will ever run.
        let stuck = counts.in_flight == 0 && !(self.fleet.is_running() && self.queue.has_handler());
        if counts.waiting + counts.in_flight == 0 || late || stuck {
            closing.ending = true;
            self.queue.reject_all(now);
            self.carry_out();
            self.fleet.close();
            self.carry_out();
        }
    }

    /// The environment is being torn down: ends everything, tells nobody but this one.
    pub(in crate::town) fn abandon(&mut self, to: sync_mpsc::SyncSender<()>) {
        let now = self.now();
        self.listener = Arc::new(|_| {});
        self.queue.close(now, false);
        self.queue.reject_all(now);
        self.kill_all();
        let closing = self.closing.get_or_insert_with(Closing::new);
        closing.abandoned.push(to);
        closing.ending = true;
    }

    pub(super) fn is_over(&self) -> bool {
        self.closing.as_ref().is_some_and(|closing| closing.over)
    }

    /// Answers those who wait for the end, the late ones too. Gives whether this is it.
    pub(super) fn end_if_gone(&mut self) -> bool {
        let gone = self.is_gone();
        let Some(closing) = self.closing.as_mut().filter(|closing| closing.ending && gone) else { return false };
        let before = mem::replace(&mut closing.over, true);
        if !before {
            tracing::info!("town closed");
        }
        for waiting in closing.abandoned.drain(..) {
            // The caller may have stopped waiting.
            let _ = waiting.try_send(());
        }
        for call in mem::take(&mut closing.calls) {
            self.answer(call, Ok(Reply::NOTHING));
        }
        !before
    }

    /// Whether nothing is left of the workers.
    fn is_gone(&self) -> bool {
        self.fleet.is_empty() && self.workspace.is_none() && self.leaving == 0
    }

    /// Leaves the workspace when the last worker is gone and none is to come. Then tells the program that the town has stopped, if
    /// it was to stop.
    pub(super) fn leave_if_empty(&mut self) {
        let ending = self.stopping || self.closing.as_ref().is_some_and(|closing| closing.ending);
        if ending
            && self.fleet.is_empty()
            && let Some(workspace) = self.workspace.take()
        {
            self.leaving += 1;
            let post = self.post.clone();
            tokio::spawn(async move {
                workspace.leave().await;
                // The actor waits for this, so the town is there.
                post(Box::new(|actor| actor.leaving -= 1));
            });
        }
        if self.stopping && self.is_gone() {
            self.stopping = false;
            self.emit(Event::Stopped);
        }
    }

    pub(super) fn refuse_ready(&mut self, error: &Error) {
        for call in mem::take(&mut self.ready_calls) {
            self.answer(call, Err(error.clone()));
        }
    }

    pub(super) fn answer_ready(&mut self) {
        if self.ready_calls.is_empty() {
            return;
        }
        let answer = match self.fleet.launch_error() {
            _ if self.is_over() => Err(closed()),
            Some(error) => Err(error.clone()),
            None if self.closing.is_some() => Err(closed()),
            None if !self.fleet.is_running() => {
                Err(Error::new(Code::BrowserGone, "the town is stopped; call start() first"))
            }
            None if self.fleet.is_complete() => Ok(()),
            None => return,
        };
        for call in mem::take(&mut self.ready_calls) {
            self.answer(call, answer.clone().map(|()| Reply::NOTHING));
        }
    }
}

fn closed() -> Error {
    Error::new(Code::TownClosed, "the town is closed")
}
