//! A plain model of what lanes promise, under random batches, failures, splits, restarts and shard splits: every
//! record that filters let through is done or given up, those of a key one behind the other, none twice but for a
//! restart, and a window's state has counted its records once.

use super::*;
use crate::lineage;
use crate::report::LastResponse;
use crate::source::{self, SourceKind};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use stdx::Random;

#[derive(Debug, Clone)]
struct Change {
    number: u128,
    key: u64,
    arrived_micros: u64,
    is_wanted: bool,
    is_poison: bool,
}

/// A shard with all records that it will ever have.
#[derive(Debug)]
struct Shard {
    id: String,
    parent: Option<String>,
    changes: Vec<Change>,
    closes_micros: u64,
}

type LaneId = (String, u64);

struct World {
    random: Random,
    settings: Settings,
    shards: Vec<Shard>,
    now: u64,
    lanes: BTreeMap<LaneId, Lane>,
    /// What a restart finds.
    durable: HashMap<LaneId, Progress>,
    ended: HashSet<String>,
    /// What the model knows to be done or given up, and what of it a restart would forget.
    finished: HashSet<u128>,
    counted: HashSet<u128>,
    unsaved: HashMap<LaneId, Vec<u128>>,
    attempts: HashMap<u128, u32>,
    windows: HashMap<(LaneId, u64), u64>,
}

const SECOND: u64 = 1_000_000;

impl World {
    fn below(&self, n: u64) -> u64 {
        self.random.next_u64() % n
    }

    fn one_in(&self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn new(seed: u64) -> World {
        let random = Random::from_seed(seed);
        let below = |n: u64| random.next_u64() % n;
        let tumbling = if below(3) == 0 { 20 } else { 0 };
        let settings = Settings {
            batch_size: 1 + below(12) as usize,
            maximum_batching_window_in_seconds: [0, 0, 3, 50][below(4) as usize],
            parallelization_factor: if tumbling > 0 { 1 } else { 1 + below(3) as u32 },
            maximum_record_age_in_seconds: [None, Some(200)][below(2) as usize],
            maximum_retry_attempts: Some(below(4) as u32),
            bisect_batch_on_function_error: below(2) == 0,
            report_batch_item_failures: below(2) == 0,
            tumbling_window_in_seconds: tumbling,
        };
        World {
            shards: shards(&random),
            random,
            settings,
            now: 1_000 * SECOND,
            lanes: BTreeMap::new(),
            durable: HashMap::new(),
            ended: HashSet::new(),
            finished: HashSet::new(),
            counted: HashSet::new(),
            unsaved: HashMap::new(),
            attempts: HashMap::new(),
            windows: HashMap::new(),
        }
    }

    /// Starts the lanes of shards that may be read.
    fn start_lanes(&mut self) {
        let parents = |shard: &Shard| shard.parent.iter().cloned().collect();
        let shards = self.shards.iter();
        let listed: Vec<_> =
            shards.map(|shard| source::Shard { id: shard.id.clone(), parents: parents(shard) }).collect();
        for shard in lineage::readable(&listed, &self.ended) {
            for lane in 0..u64::from(self.settings.parallelization_factor) {
                let id = (shard.to_owned(), lane);
                let progress = self.durable.entry(id.clone()).or_default().clone();
                self.lanes.entry(id).or_insert_with(|| {
                    let (arn, shard_id, kind) = ("arn".to_owned(), shard.to_owned(), SourceKind::DynamoDb);
                    let source = EventSource { arn, shard_id, kind };
                    Lane::new(self.settings.clone(), source, progress)
                });
            }
        }
    }

    /// One step of one lane. False: it has to wait for time or records.
    fn step(&mut self, id: &LaneId) -> bool {
        match self.lanes.get_mut(id).unwrap().next(self.now) {
            Step::Tell(report) => {
                let numbers = |ends: &Option<crate::report::Ends>| {
                    ends.as_ref().map(|ends| ends.sequence_number.parse::<u128>().unwrap())
                };
                if let (Some(first), Some(last)) = (numbers(&report.first), numbers(&report.last)) {
                    self.given_up(id, first, last, &report);
                }
                self.lanes.get_mut(id).unwrap().told();
            }
            Step::Save => {
                let lane = self.lanes.get_mut(id).unwrap();
                self.durable.insert(id.clone(), lane.progress().clone());
                lane.saved();
                self.unsaved.remove(id);
            }
            Step::Invoke(event) => self.invoke(id, &event),
            Step::Wait(_) => return false,
            Step::Read(wanted) => return self.read(id, wanted),
            Step::Ended => {
                self.lanes.remove(id);
                let is_over = (0..u64::from(self.settings.parallelization_factor)).all(|lane| {
                    self.durable.get(&(id.0.clone(), lane)).is_some_and(|progress| progress.ended)
                });
                if is_over {
                    self.ended.insert(id.0.clone());
                }
            }
        }
        true
    }

    fn of_lane(&self, id: &LaneId) -> impl Iterator<Item = &Change> {
        let shard = self.shards.iter().find(|shard| shard.id == id.0).unwrap();
        let (lane, lanes) = (id.1, u64::from(self.settings.parallelization_factor));
        shard.changes.iter().filter(move |change| change.key % lanes == lane)
    }

    fn change(&self, number: u128) -> &Change {
        self.shards.iter().flat_map(|shard| &shard.changes).find(|change| change.number == number).unwrap()
    }

    fn read(&mut self, id: &LaneId, wanted: Wanted) -> bool {
        let mut page = Page { read_to: wanted.after, ..Page::default() };
        for change in self.of_lane(id).filter(|change| change.arrived_micros <= self.now) {
            if change.number <= wanted.after.position {
                continue;
            }
            if page.records.len() == wanted.records_max {
                break;
            }
            page.seen += 1;
            page.read_to = Place { position: change.number, index: 0 };
            if change.is_wanted {
                page.records.push(Record {
                    place: page.read_to,
                    sequence_number: change.number.to_string(),
                    arrived_micros: change.arrived_micros,
                    json: change.number.to_string().into_bytes(),
                });
            }
        }
        let shard = self.shards.iter().find(|shard| shard.id == id.0).unwrap();
        page.is_caught_up = page.records.len() < wanted.records_max;
        page.is_end = page.records.len() < wanted.records_max && shard.closes_micros <= self.now;
        let is_due = wanted.until_micros.is_some_and(|until| until <= self.now);
        let found = page.seen > 0 || page.is_end || is_due;
        self.lanes.get_mut(id).unwrap().read(self.now, page);
        found
    }

    fn invoke(&mut self, id: &LaneId, event: &Event) {
        let body: Value = serde_json::from_slice(&event.payload).unwrap();
        let numbers: Vec<u128> =
            body["Records"].as_array().unwrap().iter().map(|n| u128::from(n.as_u64().unwrap())).collect();
        self.check_call(&numbers);
        let state = body["state"]["n"].as_u64().unwrap_or(0);
        let is_final = body["isFinalInvokeForWindow"] == json!(true);
        if self.one_in(12) {
            return self.lanes.get_mut(id).unwrap().answered(self.now, Answer::DidNotRun);
        }
        for number in &numbers {
            *self.attempts.entry(*number).or_default() += 1;
        }
        let poison = numbers.iter().position(|number| self.change(*number).is_poison);
        let fails = poison.is_some() || self.one_in(8);
        let says =
            self.settings.report_batch_item_failures && fails && !numbers.is_empty() && !self.one_in(3);
        let done = match (fails, says) {
            (false, _) => numbers.len(),
            (true, true) => poison.unwrap_or_else(|| self.below(numbers.len() as u64) as usize),
            (true, false) => 0,
        };
        let failed: Vec<_> =
            numbers.get(done).map(|n| json!({"itemIdentifier": n.to_string()})).into_iter().collect();
        let error = (fails && !says).then(|| "Unhandled".to_owned());
        if error.is_none() {
            self.done(id, &numbers[..done]);
            if is_final {
                let window = self.lanes[id].progress().window.as_ref().unwrap().start_micros;
                self.windows.insert((id.clone(), window), state);
            }
        }
        let payload = json!({"state": {"n": state + done as u64}, "batchItemFailures": failed});
        let response = LastResponse {
            function_error: error,
            executed_version: "$LATEST".to_owned(),
            request_id: String::new(),
        };
        let answer = Answer::Ran { payload: payload.to_string().into_bytes(), response };
        self.lanes.get_mut(id).unwrap().answered(self.now, answer);
    }

    /// Not too many, all wanted, none finished, and nothing of their keys before them is open.
    fn check_call(&self, numbers: &[u128]) {
        assert!(numbers.len() <= self.settings.batch_size && numbers.is_sorted());
        for (index, number) in numbers.iter().enumerate() {
            let change = self.change(*number);
            assert!(change.is_wanted && !self.finished.contains(number), "{number} is called with again");
            let before =
                self.shards.iter().flat_map(|shard| &shard.changes).filter(|other| {
                    other.is_wanted && other.key == change.key && other.number < change.number
                });
            for other in before {
                let is_done =
                    self.finished.contains(&other.number) || numbers[..index].contains(&other.number);
                assert!(is_done, "{number} is called with before {}", other.number);
            }
        }
    }

    fn done(&mut self, id: &LaneId, numbers: &[u128]) {
        self.finished.extend(numbers);
        self.counted.extend(numbers);
        self.unsaved.entry(id.clone()).or_default().extend(numbers);
    }

    fn given_up(&mut self, id: &LaneId, first: u128, last: u128, report: &Report) {
        let numbers: Vec<_> =
            self.of_lane(id).filter(|change| change.is_wanted).map(|change| change.number).collect();
        let numbers: Vec<_> = numbers.into_iter().filter(|number| (first..=last).contains(number)).collect();
        assert_eq!(numbers.len(), report.batch_size);
        for number in &numbers {
            match report.condition {
                crate::report::Condition::RetryAttemptsExhausted => {
                    assert!(self.attempts[number] > self.settings.maximum_retry_attempts.unwrap());
                }
                crate::report::Condition::RecordAgeExceeded => {
                    let age = self.now - self.change(*number).arrived_micros;
                    assert!(age > self.settings.maximum_record_age_in_seconds.unwrap() * SECOND);
                }
            }
        }
        self.finished.extend(&numbers);
        self.unsaved.entry(id.clone()).or_default().extend(numbers);
    }

    /// Everything in memory is lost.
    fn restart(&mut self) {
        self.lanes.clear();
        for (_, numbers) in std::mem::take(&mut self.unsaved) {
            for number in numbers {
                self.finished.remove(&number);
                self.counted.remove(&number);
            }
        }
    }

    fn run(&mut self) {
        let last = self.shards.iter().map(|shard| shard.closes_micros).max().unwrap();
        while self.ended.len() < self.shards.len() {
            self.start_lanes();
            let ids: Vec<_> = self.lanes.keys().cloned().collect();
            let mut moved = false;
            for _ in 0..ids.len() {
                let id = &ids[self.below(ids.len() as u64) as usize];
                moved |= self.lanes.contains_key(id) && self.step(id);
            }
            if self.one_in(60) {
                self.restart();
            }
            if !moved || self.one_in(5) {
                self.now += self.below(3 * SECOND);
            }
            assert!(self.now < last + 100_000 * SECOND, "nothing moves any more");
        }
        let wanted = |shard: &Shard| shard.changes.iter().filter(|change| change.is_wanted).count();
        assert_eq!(self.finished.len(), self.shards.iter().map(wanted).sum::<usize>());
        if self.settings.tumbling_window_in_seconds > 0 {
            self.check_windows();
        }
    }

    fn check_windows(&self) {
        let mut expected: HashMap<(LaneId, u64), u64> = HashMap::new();
        for shard in &self.shards {
            for change in shard.changes.iter().filter(|change| self.counted.contains(&change.number)) {
                let window = change.arrived_micros - change.arrived_micros % (20 * SECOND);
                *expected.entry(((shard.id.clone(), 0), window)).or_default() += 1;
            }
        }
        for (window, records) in &expected {
            // A call that ends a window is given up like any other.
            assert!(self.windows.get(window).is_none_or(|counted| counted == records), "{window:?}");
        }
    }
}

/// A tree of three generations: a shard is split once, and the first child replaced.
fn shards(random: &Random) -> Vec<Shard> {
    let below = |n: u64| random.next_u64() % n;
    let mut shards = Vec::new();
    let (mut number, mut time) = (0, 1_000 * SECOND);
    type Generation<'a> = &'a [(&'a str, Option<&'a str>, std::ops::Range<u64>)];
    let generations: [Generation<'_>; 3] = [
        &[("a", None, 0..8)],
        &[("b", Some("a"), 0..4), ("c", Some("a"), 4..8)],
        &[("d", Some("b"), 0..4), ("e", Some("c"), 4..8)],
    ];
    for generation in generations {
        let mut changes = vec![Vec::new(); generation.len()];
        for _ in 0..below(60) {
            let key = below(8);
            let of = generation.iter().position(|(_, _, keys)| keys.contains(&key)).unwrap();
            time += below(2 * SECOND);
            number += 1;
            changes[of].push(Change {
                number,
                key,
                arrived_micros: time,
                is_wanted: below(4) > 0,
                is_poison: below(25) == 0,
            });
        }
        time += 1;
        for ((id, parent, _), changes) in generation.iter().zip(changes) {
            let (id, parent) = ((*id).to_owned(), parent.map(str::to_owned));
            shards.push(Shard { id, parent, changes, closes_micros: time });
        }
    }
    shards
}

#[test]
fn every_record_is_done_in_order_and_once() {
    for seed in 0..400 {
        eprintln!("seed {seed}"); // shown where the test fails
        World::new(seed).run();
    }
}
