use super::*;

fn policy(workers: u32) -> Policy {
    Policy { workers, slots: 1, death: None, shift: None, memory: None }
}

fn started(policy: Policy) -> (Supervisor, Vec<WorkerId>) {
    let mut supervisor = Supervisor::new(policy, 7);
    supervisor.start(0);
    let launched = launches(&mut supervisor);
    for &id in &launched {
        supervisor.ready(100, id);
        supervisor.workers.get_mut(&id).unwrap().proven = true;
    }
    (supervisor, launched)
}

fn launches(supervisor: &mut Supervisor) -> Vec<WorkerId> {
    let launched = supervisor.actions().into_iter().filter_map(|action| match action {
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
    let (mut supervisor, launched) = started(policy(3));
    assert_eq!(launched.len(), 3);
    assert!(supervisor.is_complete());
    supervisor.start(200);
    assert!(supervisor.actions().is_empty());
}

#[test]
fn a_worker_is_offered_as_many_items_as_its_death_allows_and_no_more() {
    let (mut supervisor, launched) = started(Policy { death: Some(2), ..policy(1) });
    let id = launched[0];
    for now in [1000, 2000] {
        assert_eq!(supervisor.offer(now, id), Offer::Take);
        supervisor.item_started(now, id);
        supervisor.item_ended(id);
    }
    assert_eq!(supervisor.offer(3000, id), Offer::Refuse);
    assert!(supervisor.actions().contains(&Action::Stop(id)));
}

#[test]
fn the_successor_of_a_worn_worker_is_launched_before_its_last_item_and_holds_its_pages_until_then() {
    let (mut supervisor, launched) = started(Policy { death: Some(2), ..policy(1) });
    let id = launched[0];
    supervisor.offer(200, id);
    supervisor.item_started(200, id);
    supervisor.item_ended(id);
    supervisor.offer(300, id);
    let successor = launches(&mut supervisor);
    assert_eq!(successor.len(), 1);
    supervisor.ready(350, successor[0]);
    assert_eq!(supervisor.offer(360, successor[0]), Offer::Hold);
    supervisor.item_started(400, id);
    let actions = supervisor.actions();
    assert_eq!(actions, [Action::Drain(id), Action::Promote(successor[0])]);
    assert_eq!(supervisor.offer(410, successor[0]), Offer::Take);
}

#[test]
fn an_aged_worker_drains_only_when_its_successor_is_ready() {
    let (mut supervisor, launched) = started(Policy { shift: Some(1000), ..policy(1) });
    assert_eq!(supervisor.next_due(), Some(1100));
    supervisor.tick(1100);
    let actions = supervisor.actions();
    assert_eq!(actions, [Action::Launch(WorkerId(2))]);
    supervisor.ready(1500, WorkerId(2));
    let actions = supervisor.actions();
    assert_eq!(actions, [Action::Drain(launched[0]), Action::Promote(WorkerId(2)), Action::Stop(launched[0])]);
}

#[test]
fn a_worker_that_outgrows_its_memory_is_relieved() {
    let (mut supervisor, launched) = started(Policy { memory: Some(1 << 30), ..policy(1) });
    supervisor.memory(200, launched[0], 1 << 29);
    assert!(supervisor.actions().is_empty());
    supervisor.memory(300, launched[0], 1 << 31);
    supervisor.memory(400, launched[0], 1 << 31);
    assert_eq!(supervisor.actions(), [Action::Launch(WorkerId(2))]);
}

#[test]
fn a_crashed_worker_is_restarted_after_a_pause_that_grows_with_each_crash() {
    let (mut supervisor, mut launched) = started(policy(1));
    let mut now = 200;
    let mut pauses = Vec::new();
    for _ in 0..9 {
        assert!(supervisor.down(now, launched[0], &crash()));
        supervisor.gone(now, launched[0]);
        assert!(launches(&mut supervisor).is_empty());
        let due = supervisor.next_due().unwrap();
        pauses.push(due - now);
        now = due;
        supervisor.tick(now);
        launched = launches(&mut supervisor);
        supervisor.ready(now, launched[0]);
        supervisor.offer(now, launched[0]);
    }
    assert!((50..=100).contains(&pauses[0]), "{pauses:?}");
    assert!((5_000..=10_000).contains(&pauses[8]), "{pauses:?}");
}

#[test]
fn after_thirty_healthy_seconds_the_first_pause_is_short_again() {
    let (mut supervisor, launched) = started(policy(1));
    supervisor.restarts = 6;
    supervisor.last_down = Some(100);
    supervisor.down(100 + HEALTHY_AFTER, launched[0], &crash());
    assert!(supervisor.next_due().unwrap() <= 100 + HEALTHY_AFTER + BACKOFF_MIN);
}

#[test]
fn five_failed_launches_in_a_row_end_the_patience_and_a_success_restores_it() {
    let mut supervisor = Supervisor::new(policy(1), 7);
    supervisor.start(0);
    let mut now = 0;
    for _ in 0..5 {
        let id = launches(&mut supervisor)[0];
        assert!(supervisor.verdict().is_none());
        supervisor.down(now, id, &Error::new(crate::error::Code::BrowserLaunch, "exits at once"));
        let given_up = supervisor.actions.iter().any(|action| matches!(action, Action::GiveUp(_)));
        assert_eq!(given_up, supervisor.failed_launches == 5);
        supervisor.gone(now, id);
        now = supervisor.next_due().unwrap();
        supervisor.tick(now);
    }
    assert!(supervisor.verdict().is_some());
    let id = launches(&mut supervisor)[0];
    supervisor.ready(now, id);
    assert!(supervisor.verdict().is_some());
    supervisor.offer(now, id);
    assert!(supervisor.verdict().is_none());
}

#[test]
fn a_configuration_error_is_not_tried_again() {
    let mut supervisor = Supervisor::new(policy(2), 7);
    supervisor.start(0);
    let launched = launches(&mut supervisor);
    supervisor.down(10, launched[0], &Error::new(crate::error::Code::BrowserNotFound, "none"));
    let actions = supervisor.actions();
    assert!(matches!(actions[0], Action::GiveUp(_)));
    assert_eq!(actions[1], Action::Kill(launched[1]));
    supervisor.gone(20, launched[0]);
    supervisor.gone(20, launched[1]);
    supervisor.tick(60_000);
    assert!(supervisor.actions().is_empty());
    supervisor.start(70_000);
    assert_eq!(launches(&mut supervisor).len(), 2);
}

#[test]
fn a_standby_takes_over_when_the_worker_it_relieves_dies() {
    let (mut supervisor, launched) = started(Policy { shift: Some(1000), ..policy(1) });
    supervisor.tick(1100);
    supervisor.actions();
    supervisor.down(1200, launched[0], &crash());
    supervisor.gone(1200, launched[0]);
    supervisor.ready(1300, WorkerId(2));
    assert_eq!(supervisor.offer(1300, WorkerId(2)), Offer::Take);
    supervisor.tick(2000);
    assert!(launches(&mut supervisor).is_empty());
}

#[test]
fn shrinking_drains_the_least_busy_workers_and_growing_launches_more() {
    let (mut supervisor, launched) = started(policy(3));
    supervisor.item_started(200, launched[0]);
    supervisor.resize(300, 1);
    let actions = supervisor.actions();
    let drained: Vec<_> = actions.iter().filter(|action| matches!(action, Action::Drain(_))).collect();
    assert_eq!(drained, [&Action::Drain(launched[2]), &Action::Drain(launched[1])]);
    supervisor.resize(400, 2);
    assert_eq!(launches(&mut supervisor).len(), 1);
}

#[test]
fn a_stop_kills_everything_and_nothing_is_launched_again() {
    let (mut supervisor, launched) = started(policy(2));
    supervisor.stop();
    assert_eq!(supervisor.actions(), [Action::Kill(launched[0]), Action::Kill(launched[1])]);
    assert!(!supervisor.down(300, launched[0], &crash()));
    supervisor.gone(300, launched[0]);
    supervisor.gone(300, launched[1]);
    supervisor.tick(60_000);
    assert!(supervisor.actions().is_empty() && supervisor.is_empty());
}

#[test]
fn a_worker_that_expired_while_nothing_could_be_launched_is_relieved_later() {
    let (mut supervisor, launched) = started(Policy { shift: Some(1000), ..policy(2) });
    supervisor.down(1050, launched[1], &crash());
    supervisor.gone(1050, launched[1]);
    supervisor.tick(1100);
    let due = supervisor.next_due().unwrap();
    supervisor.actions();
    supervisor.tick(due);
    assert_eq!(launches(&mut supervisor).len(), 2);
}
