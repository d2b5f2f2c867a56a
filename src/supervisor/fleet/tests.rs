use super::{
    restarts::{BACKOFF_MAX, BACKOFF_MIN, HEALTHY_AFTER, LAUNCHES_BEFORE_GIVING_UP},
    *,
};

fn policy(workers: u32) -> Policy {
    Policy { workers, slots: 1, death: None, shift: None, memory: None }
}

fn started(policy: Policy) -> (Fleet, Vec<WorkerId>) {
    let mut fleet = Fleet::new(policy, 7);
    fleet.start(0);
    let launched = launches(&mut fleet);
    for &id in &launched {
        fleet.ready(100, id, None);
        // As if its first page were there and not yet offered.
        fleet.workers.get_mut(&id).unwrap().proven = true;
    }
    fleet.ever_served = true;
    (fleet, launched)
}

fn launches(fleet: &mut Fleet) -> Vec<WorkerId> {
    let launched = fleet.actions().into_iter().filter_map(|action| match action {
        Action::Launch(id) => Some(id),
        _ => None,
    });
    launched.collect()
}

fn crash() -> Error {
    Error::gone("killed")
}

#[test]
fn a_start_launches_all_workers_and_a_second_start_none() {
    let (mut fleet, launched) = started(policy(3));
    assert_eq!(launched.len(), 3);
    assert!(fleet.is_complete());
    fleet.start(200);
    assert!(fleet.actions().is_empty());
}

#[test]
fn a_worker_is_offered_as_many_items_as_its_death_allows_and_no_more() {
    let (mut fleet, launched) = started(Policy { death: Some(2), ..policy(1) });
    let id = launched[0];
    for now in [1000, 2000] {
        assert_eq!(fleet.offer(now, id), Offer::Take);
        fleet.item_started(now, id);
        fleet.item_ended(now, id, ReleaseReason::Done);
    }
    assert_eq!(fleet.offer(3000, id), Offer::Refuse);
    assert!(fleet.actions().contains(&Action::Stop(id)));
}

#[test]
fn a_worker_that_asks_to_be_replaced_finishes_what_it_has_while_its_successor_is_launched() {
    let (mut fleet, launched) = started(policy(1));
    let id = launched[0];
    assert_eq!(fleet.offer(1000, id), Offer::Take);
    fleet.item_started(1000, id);
    fleet.spent(1100, id);
    assert_eq!(fleet.actions(), [Action::Drain(id), Action::Launch(WorkerId(2))]);
    fleet.item_ended(1200, id, ReleaseReason::Done);
    assert_eq!(fleet.actions(), [Action::Stop(id)]);
}

#[test]
fn a_successor_has_the_place_of_the_worker_before_it_and_a_newcomer_the_lowest_that_is_free() {
    let place = |fleet: &Fleet, id| fleet.worker(id).unwrap().place;
    let (mut fleet, launched) = started(Policy { shift: Some(1000), ..policy(3) });
    let places: Vec<u32> = launched.iter().map(|&id| place(&fleet, id)).collect();
    assert_eq!(places, [0, 1, 2]);
    fleet.spent(200, launched[1]);
    let next = launches(&mut fleet)[0];
    assert_eq!(place(&fleet, next), 1);
    fleet.down(300, launched[0], &crash());
    fleet.gone(310, launched[0]);
    fleet.resize(320, 4);
    fleet.tick(320 + BACKOFF_MAX);
    let mut newcomers: Vec<u32> = launches(&mut fleet).into_iter().map(|id| place(&fleet, id)).collect();
    newcomers.sort_unstable();
    // The worker whose shift is over has a successor beside it.
    assert_eq!(newcomers, [0, 2, 3]);
}

#[test]
fn a_page_that_no_item_has_used_does_not_count_for_the_death_of_its_worker() {
    let (mut fleet, launched) = started(Policy { death: Some(1), ..policy(1) });
    for now in [1000, 2000] {
        assert_eq!(fleet.offer(now, launched[0]), Offer::Take);
        fleet.unused(launched[0]);
    }
    assert_eq!(fleet.offer(3000, launched[0]), Offer::Take);
    assert_eq!(fleet.offer(4000, launched[0]), Offer::Refuse);
}

#[test]
fn the_successor_of_a_worn_worker_is_launched_before_its_last_item_and_holds_its_pages_until_then() {
    let (mut fleet, launched) = started(Policy { death: Some(2), ..policy(1) });
    let id = launched[0];
    fleet.offer(200, id);
    fleet.item_started(200, id);
    fleet.item_ended(200, id, ReleaseReason::Done);
    fleet.offer(300, id);
    let successor = launches(&mut fleet);
    assert_eq!(successor.len(), 1);
    fleet.ready(350, successor[0], None);
    assert_eq!(fleet.offer(360, successor[0]), Offer::Hold);
    fleet.item_started(400, id);
    let actions = fleet.actions();
    assert_eq!(actions, [Action::Drain(id), Action::Promote(successor[0])]);
    assert_eq!(fleet.offer(410, successor[0]), Offer::Take);
}

#[test]
fn an_aged_worker_drains_only_when_its_successor_has_its_pages() {
    let (mut fleet, launched) = started(Policy { shift: Some(1000), slots: 2, ..policy(1) });
    assert_eq!(fleet.next_due(), Some(1100));
    fleet.tick(1100);
    let actions = fleet.actions();
    assert_eq!(actions, [Action::Launch(WorkerId(2))]);
    fleet.ready(1500, WorkerId(2), None);
    assert_eq!(fleet.offer(1600, WorkerId(2)), Offer::Hold);
    assert!(fleet.actions().is_empty());
    assert_eq!(fleet.offer(1700, WorkerId(2)), Offer::Hold);
    let actions = fleet.actions();
    assert_eq!(actions, [Action::Drain(launched[0]), Action::Promote(WorkerId(2)), Action::Stop(launched[0])]);
}

#[test]
fn a_successor_that_has_fewer_pages_than_the_policy_says_is_complete_with_them() {
    let (mut fleet, launched) = started(Policy { shift: Some(1000), slots: 2, ..policy(1) });
    fleet.tick(1100);
    fleet.ready(1500, WorkerId(2), Some(1));
    fleet.actions();
    assert_eq!(fleet.offer(1600, WorkerId(2)), Offer::Hold);
    assert!(fleet.actions().contains(&Action::Drain(launched[0])));
}

#[test]
fn a_successor_that_has_more_pages_than_the_policy_says_is_complete_with_all_of_them() {
    let (mut fleet, launched) = started(Policy { shift: Some(1000), ..policy(1) });
    fleet.tick(1100);
    fleet.ready(1500, WorkerId(2), Some(3));
    fleet.actions();
    for now in [1600, 1700] {
        assert_eq!(fleet.offer(now, WorkerId(2)), Offer::Hold);
        assert!(fleet.actions().is_empty());
    }
    assert_eq!(fleet.offer(1800, WorkerId(2)), Offer::Hold);
    assert!(fleet.actions().contains(&Action::Drain(launched[0])));
}

#[test]
fn a_worker_is_relieved_before_its_death_by_the_pages_that_it_has_itself() {
    let mut fleet = Fleet::new(Policy { death: Some(4), ..policy(1) }, 7);
    fleet.start(0);
    let id = launches(&mut fleet)[0];
    fleet.ready(100, id, Some(3));
    fleet.offer(100, id);
    assert!(launches(&mut fleet).is_empty());
    fleet.offer(100, id);
    assert_eq!(launches(&mut fleet).len(), 1);
}

#[test]
fn a_worker_that_outgrows_its_memory_is_relieved() {
    let (mut fleet, launched) = started(Policy { memory: Some(1 << 30), ..policy(1) });
    fleet.memory(200, launched[0], 1 << 29);
    assert!(fleet.actions().is_empty());
    fleet.memory(300, launched[0], 1 << 31);
    fleet.memory(400, launched[0], 1 << 31);
    assert_eq!(fleet.actions(), [Action::Launch(WorkerId(2))]);
}

#[test]
fn a_worker_whose_memory_has_more_than_doubled_since_it_was_warm_is_relieved() {
    let (mut fleet, launched) = started(policy(1));
    for now in 0..100 {
        fleet.offer(200 + now, launched[0]);
        fleet.item_started(200 + now, launched[0]);
        fleet.item_ended(200 + now, launched[0], ReleaseReason::Done);
    }
    for now in 0..24 {
        fleet.memory(1000 + now, launched[0], if now < 12 { 1 << 30 } else { 1 << 31 });
    }
    assert!(launches(&mut fleet).is_empty());
    for now in 0..12 {
        fleet.memory(2000 + now, launched[0], (1 << 31) + 1);
    }
    assert_eq!(launches(&mut fleet), [WorkerId(2)]);
}

/// So many items in a row, one after the other.
fn run_items(fleet: &mut Fleet, id: WorkerId, count: u64) {
    for now in 200..200 + count {
        fleet.offer(now, id);
        fleet.item_started(now, id);
        fleet.item_ended(now, id, ReleaseReason::Done);
    }
}

/// A minute of answers that take so many milliseconds.
fn answer_for_a_minute(fleet: &mut Fleet, id: WorkerId, now: Millis, took: Millis) -> Vec<WorkerId> {
    for _ in 0..12 {
        fleet.answered(now, id, took);
    }
    launches(fleet)
}

#[test]
fn a_worker_whose_answers_have_become_slow_since_it_was_warm_is_relieved() {
    let (mut fleet, launched) = started(policy(1));
    run_items(&mut fleet, launched[0], 100);
    assert_eq!(answer_for_a_minute(&mut fleet, launched[0], 1000, 100), []);
    assert_eq!(answer_for_a_minute(&mut fleet, launched[0], 2000, 400), []);
    assert_eq!(answer_for_a_minute(&mut fleet, launched[0], 3000, 401), [WorkerId(2)]);
}

#[test]
fn a_fast_worker_may_answer_a_quarter_of_a_second_later() {
    let (mut fleet, launched) = started(policy(1));
    run_items(&mut fleet, launched[0], 100);
    assert_eq!(answer_for_a_minute(&mut fleet, launched[0], 1000, 2), []);
    assert_eq!(answer_for_a_minute(&mut fleet, launched[0], 2000, 252), []);
    assert_eq!(answer_for_a_minute(&mut fleet, launched[0], 3000, 253), [WorkerId(2)]);
}

#[test]
fn of_several_workers_that_have_become_slow_one_is_replaced_at_a_time() {
    let (mut fleet, launched) = started(policy(2));
    for &id in &launched {
        run_items(&mut fleet, id, 100);
        assert_eq!(answer_for_a_minute(&mut fleet, id, 1000, 2), []);
    }
    assert_eq!(answer_for_a_minute(&mut fleet, launched[0], 2000, 900), [WorkerId(3)]);
    assert_eq!(answer_for_a_minute(&mut fleet, launched[1], 2000, 900), []);
}

#[test]
fn workers_whose_shift_is_over_together_get_their_successors_one_after_the_other() {
    let (mut fleet, _) = started(Policy { shift: Some(1000), ..policy(3) });
    fleet.tick(1100);
    assert_eq!(launches(&mut fleet), [WorkerId(4)]);
    fleet.tick(1200);
    assert_eq!(launches(&mut fleet), []);
    fleet.ready(1500, WorkerId(4), None);
    fleet.offer(1500, WorkerId(4));
    assert_eq!(launches(&mut fleet), [WorkerId(5)]);
    fleet.down(1600, WorkerId(5), &crash());
    fleet.gone(1600, WorkerId(5));
    fleet.tick(1600 + BACKOFF_MAX);
    assert_eq!(launches(&mut fleet), [WorkerId(6)]);
}

#[test]
fn workers_that_wear_out_together_are_relieved_one_after_the_other_and_each_before_its_last_item() {
    let (mut fleet, launched) = started(Policy { death: Some(100), ..policy(2) });
    // A launch takes as long as ten items.
    fleet.launch_time = 100;
    let mut successors = Vec::new();
    for item in 0..100 {
        for &id in &launched {
            fleet.offer(1000 + 10 * item, id);
            fleet.item_started(1000 + 10 * item, id);
            fleet.item_ended(1010 + 10 * item, id, ReleaseReason::Done);
            for successor in launches(&mut fleet) {
                successors.push((item, successor));
            }
        }
        if let [(began, first)] = successors[..]
            && item == began + 10
        {
            fleet.ready(1000 + 10 * item, first, None);
            fleet.offer(1000 + 10 * item, first);
        }
    }
    let [(first, _), (second, _)] = successors[..] else { panic!("{successors:?}") };
    assert!(first + 10 <= second && second < 90, "{successors:?}");
}

#[test]
fn a_crashed_worker_is_restarted_after_a_pause_that_grows_with_each_crash() {
    let (mut fleet, mut launched) = started(policy(1));
    let mut now = 200;
    let mut pauses = Vec::new();
    for _ in 0..9 {
        assert!(fleet.down(now, launched[0], &crash()));
        fleet.gone(now, launched[0]);
        assert!(launches(&mut fleet).is_empty());
        let due = fleet.next_due().unwrap();
        pauses.push(due - now);
        now = due;
        fleet.tick(now);
        launched = launches(&mut fleet);
        fleet.ready(now, launched[0], None);
        fleet.offer(now, launched[0]);
    }
    assert!((50..=100).contains(&pauses[0]), "{pauses:?}");
    assert!((5_000..=10_000).contains(&pauses[8]), "{pauses:?}");
}

#[test]
fn after_thirty_healthy_seconds_the_first_pause_is_short_again() {
    let (mut fleet, mut launched) = started(policy(1));
    let mut now = 200;
    for _ in 0..6 {
        fleet.down(now, launched[0], &crash());
        fleet.gone(now, launched[0]);
        now = fleet.next_due().unwrap();
        fleet.tick(now);
        launched = launches(&mut fleet);
        fleet.ready(now, launched[0], None);
        fleet.offer(now, launched[0]);
    }
    now += HEALTHY_AFTER;
    fleet.down(now, launched[0], &crash());
    assert!(fleet.next_due().unwrap() <= now + BACKOFF_MIN);
}

#[test]
fn five_failed_launches_in_a_row_end_the_patience_and_a_success_restores_it() {
    let mut fleet = Fleet::new(policy(1), 7);
    fleet.start(0);
    let mut now = 0;
    for _ in 0..5 {
        let id = launches(&mut fleet)[0];
        assert!(fleet.launch_error().is_none());
        fleet.down(now, id, &Error::new(crate::error::Code::BrowserLaunch, "exits at once"));
        let given_up = fleet.actions.iter().any(|action| matches!(action, Action::GiveUp(_)));
        assert_eq!(given_up, fleet.restarts.are_in_vain());
        fleet.gone(now, id);
        now = fleet.next_due().unwrap();
        fleet.tick(now);
    }
    assert!(fleet.launch_error().is_some());
    let id = launches(&mut fleet)[0];
    fleet.ready(now, id, None);
    assert!(fleet.launch_error().is_some());
    fleet.offer(now, id);
    assert!(fleet.launch_error().is_none());
}

#[test]
fn a_configuration_error_is_not_tried_again() {
    let mut fleet = Fleet::new(policy(2), 7);
    fleet.start(0);
    let launched = launches(&mut fleet);
    fleet.down(10, launched[0], &Error::new(crate::error::Code::BrowserNotFound, "none"));
    let actions = fleet.actions();
    assert!(matches!(actions[0], Action::GiveUp(_)));
    assert_eq!(actions[1], Action::Kill(launched[1]));
    fleet.gone(20, launched[0]);
    fleet.gone(20, launched[1]);
    fleet.tick(60_000);
    assert!(fleet.actions().is_empty());
    fleet.start(70_000);
    assert_eq!(launches(&mut fleet).len(), 2);
}

#[test]
fn a_standby_takes_over_when_the_worker_it_relieves_dies() {
    let (mut fleet, launched) = started(Policy { shift: Some(1000), ..policy(1) });
    fleet.tick(1100);
    fleet.actions();
    fleet.down(1200, launched[0], &crash());
    fleet.gone(1200, launched[0]);
    fleet.ready(1300, WorkerId(2), None);
    assert_eq!(fleet.offer(1300, WorkerId(2)), Offer::Take);
    fleet.tick(2000);
    assert!(launches(&mut fleet).is_empty());
}

#[test]
fn shrinking_drains_the_least_busy_workers_and_growing_launches_more() {
    let (mut fleet, launched) = started(policy(3));
    fleet.item_started(200, launched[0]);
    fleet.resize(300, 1);
    let actions = fleet.actions();
    let drained: Vec<_> = actions.iter().filter(|action| matches!(action, Action::Drain(_))).collect();
    assert_eq!(drained, [&Action::Drain(launched[2]), &Action::Drain(launched[1])]);
    fleet.resize(400, 2);
    assert_eq!(launches(&mut fleet).len(), 1);
}

#[test]
fn a_stop_kills_everything_and_nothing_is_launched_again() {
    let (mut fleet, launched) = started(policy(2));
    fleet.stop();
    assert_eq!(fleet.actions(), [Action::Kill(launched[0]), Action::Kill(launched[1])]);
    assert!(!fleet.down(300, launched[0], &crash()));
    fleet.gone(300, launched[0]);
    fleet.gone(300, launched[1]);
    fleet.tick(60_000);
    assert!(fleet.actions().is_empty() && fleet.is_empty());
}

#[test]
fn a_worker_that_expired_while_nothing_could_be_launched_is_relieved_later() {
    let (mut fleet, launched) = started(Policy { shift: Some(1000), ..policy(2) });
    fleet.down(1050, launched[1], &crash());
    fleet.gone(1050, launched[1]);
    fleet.tick(1100);
    let due = fleet.next_due().unwrap();
    fleet.actions();
    fleet.tick(due);
    assert_eq!(launches(&mut fleet).len(), 2);
}

#[test]
fn workers_that_were_launched_together_and_fail_together_are_one_failed_launch() {
    let mut fleet = Fleet::new(policy(6), 7);
    fleet.start(0);
    let mut now = 0;
    for failed in 1..=LAUNCHES_BEFORE_GIVING_UP {
        for id in launches(&mut fleet) {
            fleet.down(now + 50, id, &crash());
            fleet.gone(now + 50, id);
        }
        assert_eq!(fleet.launch_error().is_some(), failed == LAUNCHES_BEFORE_GIVING_UP, "{failed}");
        now = fleet.next_due().unwrap();
        fleet.tick(now);
    }
}

#[test]
fn a_worker_that_cannot_be_started_beside_others_that_serve_is_told_and_nothing_is_given_up() {
    let (mut fleet, ids) = started(policy(2));
    fleet.offer(200, ids[0]);
    fleet.down(300, ids[1], &crash());
    fleet.gone(300, ids[1]);
    for round in 1..=5 {
        fleet.tick(300 + round * 20_000);
        for id in launches(&mut fleet) {
            fleet.down(300 + round * 20_000, id, &crash());
            fleet.gone(300 + round * 20_000, id);
        }
    }
    assert!(fleet.actions().contains(&Action::Shorthanded(crash())));
    assert!(fleet.launch_error().is_none());
}

#[test]
fn a_binary_that_vanishes_under_a_town_that_has_served_is_tried_again() {
    let (mut fleet, ids) = started(policy(1));
    fleet.offer(200, ids[0]);
    fleet.down(300, ids[0], &crash());
    fleet.gone(300, ids[0]);
    fleet.tick(1000);
    let missing = Error::new(crate::error::Code::BrowserNotFound, "no such file");
    let id = launches(&mut fleet)[0];
    fleet.down(1000, id, &missing);
    fleet.gone(1000, id);
    assert!(fleet.actions().contains(&Action::GiveUp(missing)));
    fleet.tick(1000 + BACKOFF_MAX);
    assert_eq!(launches(&mut fleet).len(), 1);
}

#[test]
fn a_worker_on_which_items_time_out_in_a_row_is_replaced() {
    let (mut fleet, launched) = started(policy(1));
    let end = |fleet: &mut Fleet, reasons: &[ReleaseReason]| {
        for &reason in reasons {
            fleet.item_started(1000, launched[0]);
            fleet.item_ended(1000, launched[0], reason);
        }
        launches(fleet).len()
    };
    let (timed_out, done, aborted) = (ReleaseReason::TimedOut, ReleaseReason::Done, ReleaseReason::Aborted);
    assert_eq!(end(&mut fleet, &[timed_out, timed_out, done, timed_out, timed_out, aborted]), 0);
    assert_eq!(end(&mut fleet, &[timed_out]), 1);
}

#[test]
fn of_several_workers_on_which_all_items_time_out_one_is_replaced_at_a_time() {
    let (mut fleet, launched) = started(policy(2));
    let time_out = |fleet: &mut Fleet, now: Millis, id: WorkerId| {
        for _ in 0..TIMEOUTS_BEFORE_SUSPICION {
            fleet.item_started(now, id);
            fleet.item_ended(now, id, ReleaseReason::TimedOut);
        }
        launches(fleet).len()
    };
    assert_eq!(time_out(&mut fleet, 1000, launched[0]), 1);
    fleet.ready(1500, WorkerId(3), None);
    fleet.offer(1500, WorkerId(3));
    assert_eq!(time_out(&mut fleet, 2000, launched[1]), 0);
    assert_eq!(time_out(&mut fleet, 1000 + SUSPECTS_EVERY, launched[1]), 1);
}

#[test]
fn launches_that_fail_are_counted_though_another_worker_serves() {
    let (mut fleet, ids) = started(policy(2));
    let mut now = 200;
    fleet.down(now, ids[1], &crash());
    fleet.gone(now, ids[1]);
    for _ in 0..LAUNCHES_BEFORE_GIVING_UP {
        now = fleet.next_due().unwrap();
        fleet.tick(now);
        assert_eq!(fleet.offer(now, ids[0]), Offer::Take);
        let launched = launches(&mut fleet);
        fleet.down(now + 1, launched[0], &crash());
        fleet.gone(now + 1, launched[0]);
    }
    assert!(fleet.actions().contains(&Action::Shorthanded(crash())));
}

#[test]
fn nothing_is_given_up_while_a_worker_that_was_launched_before_may_come_up() {
    let mut fleet = Fleet::new(policy(2), 7);
    fleet.start(0);
    let mut failing = launches(&mut fleet)[1];
    for round in 1..=6 {
        fleet.down(round * 20_000, failing, &crash());
        fleet.gone(round * 20_000, failing);
        fleet.tick(round * 20_000 + BACKOFF_MAX);
        failing = launches(&mut fleet)[0];
    }
    assert!(fleet.launch_error().is_none());
    fleet.down(200_000, WorkerId(1), &crash());
    assert!(fleet.launch_error().is_some());
}

#[test]
fn workers_that_die_together_are_one_reason_for_a_pause() {
    let (mut fleet, ids) = started(policy(6));
    for &id in &ids {
        fleet.down(200, id, &crash());
        fleet.gone(200, id);
    }
    fleet.tick(200 + BACKOFF_MIN);
    let launched = launches(&mut fleet);
    assert_eq!(launched.len(), 6);
    // The second pause, and not the seventh.
    fleet.down(400, launched[0], &crash());
    assert!(fleet.next_due().unwrap() <= 400 + 2 * BACKOFF_MIN);
}

#[test]
fn nothing_runs_on_a_worker_that_has_died() {
    let (mut fleet, ids) = started(policy(1));
    fleet.offer(200, ids[0]);
    fleet.item_started(200, ids[0]);
    fleet.down(300, ids[0], &crash());
    assert_eq!(fleet.worker(ids[0]).map(|worker| worker.in_flight), Some(0));
}

#[test]
fn what_starts_on_a_worker_that_is_stopping_does_not_count_as_in_flight() {
    let (mut fleet, launched) = started(policy(1));
    fleet.resize(200, 0);
    fleet.item_started(200, launched[0]);
    assert_eq!(fleet.worker(launched[0]).unwrap().in_flight, 0);
}
