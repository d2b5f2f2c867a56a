//! What the queue does as a whole, one behaviour a test; tests/queue.rs drives it at random.

use super::*;

const LIMITS: Limits = Limits {
    waiting: usize::MAX,
    timeout: Some(100),
    timeout_retries: None,
    error_retries: 0,
    crash_tries: 3,
    retry_delay: RetryDelay { min: 0, max: 0 },
};

fn slot(worker: u32, index: u16) -> SlotId {
    SlotId { worker: WorkerId(worker), index }
}

/// A queue with a handler and these slots.
fn queue(limits: Limits, slots: &[(u32, u16)]) -> Queue {
    let mut queue = Queue::new(limits, 1);
    queue.set_handler(0, true);
    for (worker, index) in slots {
        queue.slot_ready(0, slot(*worker, *index));
    }
    queue
}

fn enqueue(queue: &mut Queue, item: u64, options: ItemOptions) {
    assert_eq!(queue.enqueue(0, ItemId(item), options), Ok(()));
}

fn enqueue_all(queue: &mut Queue, items: &[u64]) {
    for item in items {
        enqueue(queue, *item, ItemOptions::default());
    }
}

fn drain(queue: &mut Queue) -> Vec<Effect> {
    queue.effects().collect()
}

/// Drains the effects down to the started attempts: item and worker.
fn started(queue: &mut Queue) -> Vec<(u64, u32)> {
    let start = |effect| match effect {
        Effect::Start { item, slot, .. } => Some((item.0, slot.worker.0)),
        _ => None,
    };
    queue.effects().filter_map(start).collect()
}

/// Drains the effects down to the settled items.
fn settled(queue: &mut Queue) -> Vec<(u64, Outcome)> {
    let settle = |effect| match effect {
        Effect::Settled { item, outcome } => Some((item.0, outcome)),
        _ => None,
    };
    queue.effects().filter_map(settle).collect()
}

fn acquired_item() -> ItemOptions {
    ItemOptions { acquired: true, ..ItemOptions::default() }
}

#[test]
fn an_item_starts_on_a_ready_slot_and_settles_with_its_verdict() {
    let mut queue = queue(LIMITS, &[(1, 0)]);
    enqueue_all(&mut queue, &[1]);
    queue.finished(5, AttemptId(1), Verdict::Fulfilled);
    let (item, attempt, slot) = (ItemId(1), AttemptId(1), slot(1, 0));
    assert_eq!(
        drain(&mut queue),
        [
            Effect::Start { item, attempt, number: 1, slot, waited: 0 },
            Effect::Release { attempt, slot, reason: ReleaseReason::Done },
            Effect::Settled { item, outcome: Outcome::Fulfilled },
            Effect::Idle,
        ]
    );
}

#[test]
fn an_item_that_cannot_start_at_once_is_backlog() {
    let mut queue = queue(LIMITS, &[(1, 0)]);
    enqueue_all(&mut queue, &[1, 2]);
    assert_eq!(drain(&mut queue)[1..], [Effect::Backlog { item: ItemId(2) }]);
}

#[test]
fn items_start_by_priority_then_asap_then_first_in_first_out() {
    let mut queue = queue(LIMITS, &[]);
    enqueue_all(&mut queue, &[3, 4]);
    enqueue(&mut queue, 2, ItemOptions { asap: true, ..ItemOptions::default() });
    enqueue(&mut queue, 5, ItemOptions { priority: -1, asap: true, ..ItemOptions::default() });
    enqueue(&mut queue, 1, ItemOptions { priority: 1, ..ItemOptions::default() });
    (0..5).for_each(|index| queue.slot_ready(0, slot(1, index)));
    assert_eq!(started(&mut queue).iter().map(|(item, _)| *item).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

#[test]
fn a_retried_item_goes_to_the_front_of_its_priority() {
    let mut queue = queue(LIMITS, &[(1, 0)]);
    enqueue_all(&mut queue, &[1, 2]);
    enqueue(&mut queue, 3, ItemOptions { asap: true, ..ItemOptions::default() });
    queue.tick(100);
    drain(&mut queue);
    queue.slot_ready(100, slot(1, 0));
    assert_eq!(started(&mut queue), [(1, 1)]);
}

#[test]
fn a_result_that_comes_after_the_timeout_is_ignored() {
    let mut queue = queue(Limits { timeout_retries: Some(0), ..LIMITS }, &[(1, 0)]);
    enqueue_all(&mut queue, &[1]);
    queue.tick(100);
    queue.finished(101, AttemptId(1), Verdict::Fulfilled);
    assert_eq!(settled(&mut queue), [(1, Outcome::TimedOut { attempts: 1 })]);
}

#[test]
fn a_result_that_comes_together_with_the_timeout_counts() {
    let mut queue = queue(LIMITS, &[(1, 0)]);
    enqueue_all(&mut queue, &[1]);
    queue.finished(100, AttemptId(1), Verdict::Fulfilled);
    assert_eq!(settled(&mut queue), [(1, Outcome::Fulfilled)]);
}

#[test]
fn a_result_that_comes_later_than_its_timeout_does_not_count_though_the_timeout_was_not_noticed() {
    let mut queue = queue(Limits { timeout_retries: Some(0), ..LIMITS }, &[(1, 0)]);
    enqueue_all(&mut queue, &[1]);
    queue.finished(101, AttemptId(1), Verdict::Fulfilled);
    assert_eq!(settled(&mut queue), [(1, Outcome::TimedOut { attempts: 1 })]);
}

#[test]
fn an_attempt_without_any_time_is_late_from_the_start() {
    let mut queue = queue(Limits { timeout: Some(0), timeout_retries: Some(0), ..LIMITS }, &[]);
    enqueue_all(&mut queue, &[1]);
    queue.slot_ready(5, slot(1, 0));
    queue.finished(5, AttemptId(1), Verdict::Fulfilled);
    assert_eq!(settled(&mut queue), [(1, Outcome::TimedOut { attempts: 1 })]);
}

#[test]
fn a_retry_delay_holds_the_item_back_without_holding_others_back() {
    let delay = RetryDelay { min: 50, max: 50 };
    let mut queue = queue(Limits { error_retries: 1, retry_delay: delay, ..LIMITS }, &[(1, 0), (1, 1)]);
    enqueue_all(&mut queue, &[1]);
    queue.finished(10, AttemptId(1), Verdict::Failed);
    assert_eq!((queue.counts().waiting, queue.next_due()), (1, Some(60)));
    enqueue_all(&mut queue, &[2]);
    queue.slot_ready(59, slot(1, 0));
    assert_eq!(started(&mut queue), [(1, 1), (2, 1)]);
    queue.tick(60);
    assert_eq!(started(&mut queue), [(1, 1)]);
}

#[test]
fn an_item_under_a_retry_delay_expires_at_its_deadline() {
    let delay = RetryDelay { min: 50, max: 50 };
    let mut queue = queue(Limits { error_retries: 1, retry_delay: delay, ..LIMITS }, &[(1, 0), (1, 1)]);
    enqueue(&mut queue, 1, ItemOptions { deadline: Some(30), ..ItemOptions::default() });
    queue.finished(10, AttemptId(1), Verdict::Failed);
    assert_eq!(queue.next_due(), Some(30));
    queue.tick(30);
    assert_eq!(settled(&mut queue), [(1, Outcome::Expired)]);
}

#[test]
fn a_deadline_ends_waiting_but_not_running() {
    let mut queue = queue(LIMITS, &[(1, 0)]);
    for item in [1, 2] {
        enqueue(&mut queue, item, ItemOptions { deadline: Some(30), ..ItemOptions::default() });
    }
    queue.tick(40);
    assert_eq!(settled(&mut queue), [(2, Outcome::Expired)]);
    queue.finished(50, AttemptId(1), Verdict::Fulfilled);
    assert_eq!(settled(&mut queue), [(1, Outcome::Fulfilled)]);
}

#[test]
fn a_slot_that_comes_after_the_deadline_does_not_start_the_item_even_before_a_tick() {
    let mut queue = queue(LIMITS, &[]);
    enqueue(&mut queue, 1, ItemOptions { deadline: Some(30), ..ItemOptions::default() });
    queue.slot_ready(30, slot(1, 0));
    assert_eq!(settled(&mut queue), [(1, Outcome::Expired)]);
}

#[test]
fn a_running_item_that_is_aborted_releases_its_slot() {
    let mut queue = queue(LIMITS, &[(1, 0)]);
    enqueue_all(&mut queue, &[1]);
    drain(&mut queue);
    queue.abort(1, ItemId(1));
    let release = Effect::Release { attempt: AttemptId(1), slot: slot(1, 0), reason: ReleaseReason::Aborted };
    let settle = Effect::Settled { item: ItemId(1), outcome: Outcome::Aborted };
    assert_eq!(drain(&mut queue), [release, settle, Effect::Idle]);
    assert_eq!(queue.next_due(), None);
}

#[test]
fn an_item_beyond_the_limit_is_refused_and_leaves_no_trace() {
    let mut queue = queue(Limits { waiting: 1, ..LIMITS }, &[(1, 0)]);
    enqueue_all(&mut queue, &[1, 2]);
    drain(&mut queue);
    assert_eq!(queue.enqueue(0, ItemId(3), ItemOptions::default()), Err(Refused::Full));
    assert_eq!((drain(&mut queue), queue.counts().accepted, queue.counts().refused), (vec![], 2, 1));
}

#[test]
fn an_item_that_can_start_at_once_is_accepted_whatever_the_limit() {
    let mut queue = queue(Limits { waiting: 0, ..LIMITS }, &[(1, 0)]);
    assert_eq!(queue.enqueue(0, ItemId(1), ItemOptions::default()), Ok(()));
    assert_eq!(queue.enqueue(0, ItemId(2), ItemOptions::default()), Err(Refused::Full));
}

#[test]
fn a_worker_that_is_stopped_gives_its_items_back_in_their_order() {
    let mut queue = queue(LIMITS, &[(1, 0), (1, 1), (1, 2)]);
    enqueue_all(&mut queue, &[1, 2, 3, 4]);
    queue.worker_gone(1, WorkerId(1), Loss::Stopped);
    drain(&mut queue);
    (0..4).for_each(|index| queue.slot_ready(2, slot(2, index)));
    assert_eq!(started(&mut queue), [(1, 2), (2, 2), (3, 2), (4, 2)]);
}

#[test]
fn an_item_that_crashes_alone_is_rejected_at_crash_tries() {
    let mut queue = queue(LIMITS, &[]);
    enqueue_all(&mut queue, &[1]);
    for worker in 1..=3 {
        queue.slot_ready(0, slot(worker, 0));
        queue.worker_gone(0, WorkerId(worker), Loss::Crashed);
    }
    assert_eq!(settled(&mut queue), [(1, Outcome::Crashed { browsers: 3 })]);
    assert_eq!((queue.counts().retried, queue.counts().crashed), (2, 3));
}

#[test]
fn suspects_run_one_to_a_worker_until_they_are_cleared() {
    let mut queue = queue(LIMITS, &[(1, 0), (1, 1)]);
    enqueue_all(&mut queue, &[1, 2]);
    queue.worker_gone(0, WorkerId(1), Loss::Crashed);
    drain(&mut queue);
    queue.slot_ready(0, slot(2, 0));
    queue.slot_ready(0, slot(2, 1));
    assert_eq!(started(&mut queue), [(1, 2)]);
    queue.finished(0, AttemptId(3), Verdict::Fulfilled);
    queue.slot_ready(0, slot(2, 0));
    assert_eq!(started(&mut queue), [(2, 2)]);
}

#[test]
fn an_item_beside_the_page_of_one_that_has_ended_is_a_suspect_and_not_the_culprit() {
    let limits = Limits { crash_tries: 1, ..LIMITS };
    let mut queue = queue(limits, &[(1, 0), (1, 1)]);
    enqueue_all(&mut queue, &[1, 2]);
    queue.finished(0, AttemptId(1), Verdict::Fulfilled);
    queue.worker_gone(0, WorkerId(1), Loss::Crashed);
    assert_eq!(settled(&mut queue), [(1, Outcome::Fulfilled)]);
}

#[test]
fn a_suspect_waits_until_the_pages_of_ended_attempts_are_gone() {
    let mut queue = queue(LIMITS, &[(1, 0), (1, 1)]);
    enqueue_all(&mut queue, &[1, 2]);
    queue.worker_gone(0, WorkerId(1), Loss::Crashed);
    queue.abort(0, ItemId(2));
    enqueue(&mut queue, 3, ItemOptions { priority: 1, ..ItemOptions::default() });
    drain(&mut queue);
    queue.slot_ready(0, slot(2, 0));
    queue.finished(0, AttemptId(3), Verdict::Fulfilled);
    queue.slot_ready(0, slot(2, 1));
    assert_eq!(started(&mut queue), [(3, 2)]);
    queue.slot_cleared(0, slot(2, 0));
    assert_eq!(started(&mut queue), [(1, 2)]);
}

#[test]
fn a_suspect_keeps_no_slot_empty_beside_an_acquired_page() {
    let mut queue = queue(LIMITS, &[(1, 0), (1, 1)]);
    enqueue_all(&mut queue, &[1, 2]);
    queue.worker_gone(0, WorkerId(1), Loss::Crashed);
    queue.abort(0, ItemId(2));
    queue.pause(0);
    enqueue(&mut queue, 3, ItemOptions { priority: 1, ..acquired_item() });
    enqueue_all(&mut queue, &[4]);
    queue.slot_ready(0, slot(2, 0));
    queue.slot_ready(0, slot(2, 1));
    drain(&mut queue);
    queue.resume(0);
    assert_eq!(started(&mut queue), [(3, 2), (4, 2)]);
}

/// One suspect at the front, nine items behind it, and two busy workers of two slots: no worker is
/// idle.
fn suspect_without_an_idle_worker() -> Queue {
    let mut queue = queue(LIMITS, &[(1, 0), (1, 1), (2, 0), (2, 1)]);
    enqueue_all(&mut queue, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    queue.slot_ready(0, slot(3, 0));
    queue.slot_ready(0, slot(3, 1));
    queue.worker_gone(0, WorkerId(3), Loss::Crashed);
    queue.abort(0, ItemId(6));
    drain(&mut queue);
    queue
}

#[test]
fn a_suspect_without_an_idle_worker_has_one_kept_free_while_the_others_go_on() {
    let mut queue = suspect_without_an_idle_worker();
    queue.finished(1, AttemptId(1), Verdict::Fulfilled);
    queue.slot_ready(1, slot(1, 0));
    assert_eq!(started(&mut queue), []);
    queue.finished(2, AttemptId(2), Verdict::Fulfilled);
    queue.slot_ready(2, slot(2, 0));
    assert_eq!(started(&mut queue), [(7, 2)]);
    queue.finished(3, AttemptId(3), Verdict::Fulfilled);
    queue.slot_ready(3, slot(1, 1));
    assert_eq!(started(&mut queue), [(5, 1)]);
}

#[test]
fn the_kept_worker_is_open_again_when_the_suspect_is_aborted() {
    let mut queue = suspect_without_an_idle_worker();
    queue.finished(1, AttemptId(1), Verdict::Fulfilled);
    queue.slot_ready(1, slot(1, 0));
    queue.abort(2, ItemId(5));
    assert_eq!(started(&mut queue), [(7, 1)]);
}

#[test]
fn a_kept_worker_is_not_taken_by_an_item_that_comes_later_with_a_higher_priority() {
    let mut queue = suspect_without_an_idle_worker();
    queue.finished(1, AttemptId(1), Verdict::Fulfilled);
    queue.slot_ready(1, slot(1, 0));
    enqueue(&mut queue, 11, ItemOptions { priority: 9, ..ItemOptions::default() });
    assert_eq!(started(&mut queue), []);
}

#[test]
fn another_worker_is_kept_when_the_kept_one_goes() {
    let mut queue = suspect_without_an_idle_worker();
    queue.worker_gone(1, WorkerId(1), Loss::Stopped);
    queue.finished(2, AttemptId(2), Verdict::Fulfilled);
    queue.slot_ready(2, slot(2, 0));
    assert_eq!(started(&mut queue), []);
    queue.finished(3, AttemptId(4), Verdict::Fulfilled);
    queue.slot_ready(3, slot(2, 1));
    assert_eq!(started(&mut queue), [(5, 2)]);
}

#[test]
fn a_reservation_that_moves_leaves_its_slots_to_the_others_at_once() {
    let mut queue = suspect_without_an_idle_worker();
    queue.finished(1, AttemptId(1), Verdict::Fulfilled);
    queue.slot_ready(1, slot(1, 0));
    queue.finished(2, AttemptId(2), Verdict::Fulfilled);
    drain(&mut queue);
    queue.finished(3, AttemptId(4), Verdict::Fulfilled);
    assert_eq!(started(&mut queue), [(7, 1)]);
}

#[test]
fn a_bare_item_needs_no_handler_and_is_lost_with_its_worker() {
    let mut queue = Queue::new(LIMITS, 1);
    queue.slot_ready(0, slot(1, 0));
    enqueue_all(&mut queue, &[1]);
    enqueue(&mut queue, 2, acquired_item());
    assert_eq!(started(&mut queue), [(2, 1)]);
    assert_eq!(queue.next_due(), None);
    queue.worker_gone(0, WorkerId(1), Loss::Crashed);
    assert_eq!(settled(&mut queue), [(2, Outcome::Lost)]);
}

#[test]
fn nothing_starts_while_paused() {
    let mut queue = queue(LIMITS, &[(1, 0)]);
    queue.pause(0);
    enqueue(&mut queue, 1, acquired_item());
    assert_eq!(started(&mut queue), []);
    queue.resume(0);
    assert_eq!(started(&mut queue), [(1, 1)]);
}

#[test]
fn closing_rejects_what_waits_and_what_would_be_retried() {
    let mut queue = queue(LIMITS, &[(1, 0), (1, 1)]);
    enqueue_all(&mut queue, &[1, 2, 3]);
    queue.close(1, false);
    assert_eq!(settled(&mut queue), [(3, Outcome::Closed)]);
    queue.finished(2, AttemptId(1), Verdict::Fulfilled);
    queue.tick(100);
    assert_eq!(settled(&mut queue), [(1, Outcome::Fulfilled), (2, Outcome::Closed)]);
    assert_eq!(queue.enqueue(100, ItemId(4), ItemOptions::default()), Err(Refused::Closed));
}

#[test]
fn an_error_that_would_be_retried_is_the_items_when_there_is_no_retry_any_more() {
    let limits = Limits { error_retries: 5, ..LIMITS };
    let mut closing = queue(limits, &[(1, 0)]);
    enqueue_all(&mut closing, &[1]);
    closing.close(1, false);
    closing.finished(2, AttemptId(1), Verdict::Failed);
    assert_eq!(settled(&mut closing), [(1, Outcome::Failed)]);

    let mut late = queue(limits, &[(1, 0)]);
    late.enqueue(0, ItemId(1), ItemOptions { deadline: Some(50), ..ItemOptions::default() }).unwrap();
    late.finished(60, AttemptId(1), Verdict::Failed);
    assert_eq!(settled(&mut late), [(1, Outcome::Failed)]);
}

#[test]
fn closing_with_drain_finishes_what_waits_with_retries() {
    let mut queue = queue(LIMITS, &[(1, 0)]);
    enqueue_all(&mut queue, &[1, 2]);
    queue.close(1, true);
    queue.tick(100);
    drain(&mut queue);
    queue.slot_ready(100, slot(1, 0));
    queue.slot_ready(100, slot(1, 1));
    assert_eq!(started(&mut queue), [(1, 1), (2, 1)]);
}

#[test]
fn a_drain_can_be_cut_short_but_not_the_other_way_round() {
    let mut queue = queue(LIMITS, &[(1, 0)]);
    enqueue_all(&mut queue, &[1, 2]);
    queue.close(1, true);
    queue.close(2, false);
    queue.close(3, true);
    queue.tick(100);
    assert_eq!(settled(&mut queue), [(2, Outcome::Closed), (1, Outcome::Closed)]);
}

#[test]
fn without_browsers_what_waits_is_unserved_and_what_runs_goes_on() {
    let mut queue = queue(LIMITS, &[(1, 0)]);
    enqueue_all(&mut queue, &[1, 2, 3]);
    queue.reject_waiting(1);
    assert_eq!(settled(&mut queue), [(2, Outcome::Unserved), (3, Outcome::Unserved)]);
    assert_eq!(queue.counts().in_flight, 1);
}

#[test]
fn rejecting_all_ends_what_waits_and_what_runs() {
    let mut queue = queue(LIMITS, &[(1, 0)]);
    enqueue_all(&mut queue, &[1, 2]);
    queue.reject_all(1);
    assert_eq!(settled(&mut queue), [(1, Outcome::Closed), (2, Outcome::Closed)]);
}

#[test]
fn time_that_goes_backwards_is_taken_as_the_time_it_was() {
    let mut queue = queue(LIMITS, &[]);
    queue.tick(500);
    enqueue_all(&mut queue, &[1]);
    queue.slot_ready(10, slot(1, 0));
    assert_eq!(queue.next_due(), Some(600));
}
