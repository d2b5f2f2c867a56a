//! Property tests of the fleet: random interleavings of everything that can happen to workers, with laws that must hold after
//! each, and everything in order again once nothing goes wrong any more.

use std::collections::BTreeMap;

use boomtown::{
    error::{Code, Error},
    queue::{Millis, ReleaseReason, WorkerId},
    supervisor::{Action, Fleet, Offer, Policy, WorkerState},
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Input {
    Start,
    Stop,
    Resize(u32),
    /// The n-th worker that launches is up.
    Ready(usize),
    /// The n-th worker that is up has made a page, if it lacks one.
    Page(usize),
    /// The n-th page that waits gets an item.
    Item(usize),
    /// The n-th item ends, and its page is to be made anew.
    End(usize, ReleaseReason),
    Memory(usize, u64),
    /// The n-th worker fails or dies.
    Down(usize, bool),
    /// The n-th worker that is being ended is gone.
    Gone(usize),
    Wait(Millis),
}

const LIMIT: u64 = 1000;

/// What the machine knows of a worker.
#[derive(Default)]
struct Machine {
    up: bool,
    ending: bool,
    /// The queue has had pages of it.
    serves: bool,
    /// Pages that the queue has, that the worker keeps as a standby, and that items have.
    offered: u16,
    held: u16,
    items: u16,
}

struct World {
    fleet: Fleet,
    policy: Policy,
    now: Millis,
    machines: BTreeMap<WorkerId, Machine>,
    launched: u32,
    running: bool,
}

impl World {
    fn new(policy: Policy, seed: u64) -> Self {
        let fleet = Fleet::new(policy.clone(), seed);
        Self { fleet, policy, now: 0, machines: BTreeMap::new(), launched: 0, running: false }
    }

    fn nth(&self, nth: usize, fit: impl Fn(&Machine) -> bool) -> Option<WorkerId> {
        let fitting: Vec<_> = self.machines.iter().filter(|(_, machine)| fit(machine)).map(|(id, _)| *id).collect();
        (!fitting.is_empty()).then(|| fitting[nth % fitting.len()])
    }

    fn step(&mut self, input: &Input) {
        let (now, slots) = (self.now, self.policy.slots);
        let recycles = !matches!(input, Input::Resize(_) | Input::Stop | Input::Down(..));
        let before = self.serving();
        match *input {
            Input::Start => {
                self.fleet.start(now);
                self.running = true;
            }
            Input::Stop => {
                self.fleet.stop();
                self.running = false;
            }
            Input::Resize(workers) => {
                self.policy.workers = workers;
                self.fleet.resize(now, workers);
            }
            Input::Ready(nth) => {
                if let Some(id) = self.nth(nth, |machine| !machine.up && !machine.ending) {
                    self.fleet.ready(now, id, None);
                    self.machine(id).up = true;
                }
            }
            Input::Page(nth) => {
                let lacks = |machine: &Machine| {
                    machine.up && !machine.ending && machine.offered + machine.held + machine.items < slots
                };
                if let Some(id) = self.nth(nth, lacks) {
                    self.page(id);
                }
            }
            Input::Item(nth) => {
                if let Some(id) = self.nth(nth, |machine| machine.offered > 0 && !machine.ending) {
                    self.machine(id).offered -= 1;
                    self.machine(id).items += 1;
                    self.fleet.item_started(now, id);
                }
            }
            Input::End(nth, reason) => {
                if let Some(id) = self.nth(nth, |machine| machine.items > 0 && !machine.ending) {
                    self.machine(id).items -= 1;
                    self.fleet.item_ended(now, id, reason);
                }
            }
            Input::Memory(nth, bytes) => {
                if let Some(id) = self.nth(nth, |machine| machine.up && !machine.ending) {
                    self.fleet.memory(now, id, bytes);
                }
            }
            Input::Down(nth, permanent) => {
                if let Some(id) = self.nth(nth, |machine| !machine.ending) {
                    let error = Error::new(Code::BrowserLaunch, "it died");
                    self.fleet.down(now, id, &if permanent { error.permanent() } else { error });
                    self.machine(id).ending = true;
                }
            }
            Input::Gone(nth) => {
                if let Some(id) = self.nth(nth, |machine| machine.ending) {
                    self.machines.remove(&id);
                    self.fleet.gone(now, id);
                }
            }
            Input::Wait(wait) => {
                self.now += wait;
                self.fleet.tick(self.now);
            }
        }
        let worn = self.act();
        if recycles && !worn {
            assert!(self.serving() >= before, "a worker went before its successor served, by {input:?}");
        }
        self.laws();
    }

    fn machine(&mut self, id: WorkerId) -> &mut Machine {
        self.machines.get_mut(&id).expect("it is there")
    }

    fn page(&mut self, id: WorkerId) {
        match self.fleet.offer(self.now, id) {
            Offer::Take => {
                self.machine(id).offered += 1;
                self.machine(id).serves = true;
            }
            Offer::Hold => self.machine(id).held += 1,
            Offer::Refuse => {}
        }
    }

    /// Does what the fleet asks for. Whether a worker has had all its items.
    fn act(&mut self) -> bool {
        let mut worn = false;
        loop {
            let actions = self.fleet.actions();
            if actions.is_empty() {
                return worn;
            }
            for action in actions {
                match action {
                    Action::Launch(id) => {
                        assert!(self.running, "launched while stopped");
                        assert!(id.0 > self.launched, "{id:?} is launched twice");
                        self.launched = id.0;
                        self.machines.insert(id, Machine::default());
                    }
                    Action::Promote(id) => {
                        let held = std::mem::take(&mut self.machine(id).held);
                        (0..held).for_each(|_| self.page(id));
                    }
                    Action::Drain(id) => {
                        worn |= self
                            .fleet
                            .worker(id)
                            .is_some_and(|worker| self.policy.death.is_some_and(|death| worker.items >= death));
                        self.machine(id).offered = 0;
                    }
                    Action::Stop(id) => {
                        assert_eq!(self.machine(id).items, 0, "an orderly end under items");
                        self.machine(id).ending = true;
                    }
                    Action::Kill(id) => self.machine(id).ending = true,
                    Action::GiveUp(_) | Action::Shorthanded(_) => {}
                }
            }
        }
    }

    /// Workers whose pages items can have, now or when one ends.
    fn serving(&self) -> usize {
        let is_ready = |id: &WorkerId| self.fleet.worker(*id).is_some_and(|worker| worker.state == WorkerState::Ready);
        let serving = self.machines.iter().filter(|(id, machine)| machine.serves && is_ready(id)).count();
        serving.min(self.policy.workers as usize)
    }

    fn laws(&self) {
        assert!(self.fleet.ids().eq(self.machines.keys().copied()), "the fleet knows what there is");
        let mut living = 0;
        for (id, machine) in &self.machines {
            let worker = self.fleet.worker(*id).expect("said above");
            assert_eq!(worker.state == WorkerState::Stopping, machine.ending, "{id:?}");
            living += usize::from(matches!(worker.state, WorkerState::Starting | WorkerState::Ready));
            if machine.ending {
                assert_eq!(worker.in_flight, 0, "nothing runs on a worker that ends");
            } else {
                assert_eq!(worker.in_flight, u32::from(machine.items), "{id:?}");
            }
        }
        assert!(living <= 2 * self.policy.workers as usize, "{living} workers: more than one standby each");
    }

    /// From now on nothing goes wrong.
    fn recover(&mut self) {
        self.step(&Input::Start);
        for _ in 0..100 {
            if self.fleet.is_complete() {
                return;
            }
            while self.nth(0, |machine| machine.ending).is_some() {
                self.step(&Input::Gone(0));
            }
            self.step(&Input::Wait(20_000));
            while self.nth(0, |machine| !machine.up && !machine.ending).is_some() {
                self.step(&Input::Ready(0));
            }
            (0..self.machines.len()).for_each(|nth| self.step(&Input::Page(nth)));
            (0..self.machines.len()).for_each(|nth| self.step(&Input::End(nth, ReleaseReason::Done)));
        }
        panic!("never complete");
    }

    fn end(&mut self) {
        self.step(&Input::Stop);
        while self.nth(0, |machine| machine.ending).is_some() {
            self.step(&Input::Gone(0));
        }
        assert!(self.fleet.is_empty());
    }
}

fn policy() -> impl Strategy<Value = Policy> {
    let death = prop_oneof![Just(None), (1..5_u64).prop_map(Some)];
    let shift = prop_oneof![Just(None), (100..5000_u64).prop_map(Some)];
    let memory = prop_oneof![Just(None), Just(Some(LIMIT))];
    (1..4_u32, 1..4_u16, death, shift, memory).prop_map(|(workers, slots, death, shift, memory)| Policy {
        workers,
        slots,
        death,
        shift,
        memory,
    })
}

fn input() -> impl Strategy<Value = Input> {
    let reason = prop_oneof![
        4 => Just(ReleaseReason::Done),
        4 => Just(ReleaseReason::TimedOut),
        1 => Just(ReleaseReason::Aborted),
    ];
    prop_oneof![
        1 => Just(Input::Start),
        1 => Just(Input::Stop),
        2 => (1..4_u32).prop_map(Input::Resize),
        20 => any::<usize>().prop_map(Input::Ready),
        40 => any::<usize>().prop_map(Input::Page),
        30 => any::<usize>().prop_map(Input::Item),
        30 => (any::<usize>(), reason).prop_map(|(nth, reason)| Input::End(nth, reason)),
        5 => (any::<usize>(), 0..2 * LIMIT).prop_map(|(nth, bytes)| Input::Memory(nth, bytes)),
        6 => (any::<usize>(), prop::bool::weighted(0.1)).prop_map(|(nth, permanent)| Input::Down(nth, permanent)),
        15 => any::<usize>().prop_map(Input::Gone),
        15 => (0..3000_u64).prop_map(Input::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_to_its_workers_a_fleet_keeps_its_laws_and_recovers(
        policy in policy(),
        seed in any::<u64>(),
        inputs in prop::collection::vec(input(), 1..150),
    ) {
        let mut world = World::new(policy, seed);
        world.step(&Input::Start);
        for input in &inputs {
            world.step(input);
        }
        world.recover();
        world.end();
    }
}
