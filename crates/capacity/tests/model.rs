//! Meters and tables against plain models: a number of tokens that is filled and charged exactly.

use capacity::{
    Account, Ask, Began, Direction, HalfUnits, Limits, Meter, Rate, Reason, Share, SideLimits, TableBuckets,
    Throughput,
};
use proptest::prelude::*;
use std::sync::Arc;

const SECOND: u64 = 1_000_000;
const START: u64 = 1_700_000_000 * SECOND;

/// What happens between two looks.
#[derive(Debug, Clone)]
enum Step {
    Wait {
        micros: u64,
    },
    Ask {
        credit: usize,
        half_units: i64,
    },
    /// Something that was charged turns out to have cost less.
    Settle {
        credit: usize,
        half_units: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..5 * SECOND).prop_map(|micros| Step::Wait { micros }),
        1 => (0..400 * SECOND).prop_map(|micros| Step::Wait { micros }),
        20 => (0..8_usize, 1..40_i64).prop_map(|(credit, half_units)| Step::Ask { credit, half_units }),
        2 => (0..8_usize, 1..5_000_i64).prop_map(|(credit, half_units)| Step::Ask { credit, half_units }),
        2 => (0..8_usize, 1..10_i64).prop_map(|(credit, half_units)| Step::Settle { credit, half_units }),
    ]
}

/// The bucket as one would write it down, in half units.
struct Model {
    tokens: f64,
    per_second: f64,
    most: f64,
}

impl Model {
    fn wait(&mut self, micros: u64) {
        self.tokens = (self.tokens + self.per_second * micros as f64 / SECOND as f64).min(self.most);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing is refused that the model admits, and the meter never holds more than a second's units above the model.
    /// Costs stay below what a debt is bounded by.
    #[test]
    fn a_meter_is_its_model(units in 1..200_u64, seconds in prop_oneof![Just(1_u64), Just(300)],
                            steps in prop::collection::vec(step(), 1..400)) {
        let rate = Rate::per_second(units, seconds);
        let meter = Meter::since(START, rate);
        let per_second = 2.0 * units as f64;
        let mut model = Model { tokens: per_second, per_second, most: per_second * seconds as f64 };
        let (mut now, mut charged) = (START, 0);
        for step in steps {
            match step {
                Step::Wait { micros } => {
                    now += micros;
                    model.wait(micros);
                }
                Step::Settle { credit, half_units } => {
                    let half_units = half_units.min(std::mem::take(&mut charged));
                    meter.charge_by(credit, now, HalfUnits(-half_units));
                    model.tokens = (model.tokens + half_units as f64).min(model.most);
                }
                Step::Ask { credit, half_units } => {
                    let half_units = half_units.min(units as i64 * 100);
                    let is_admitted = meter.admits_by(credit, now);
                    prop_assert!(is_admitted || model.tokens < 0.01, "refused at {}", model.tokens);
                    let held = meter.holds(now).expect("it has a limit").0 as f64;
                    prop_assert!(held <= model.tokens + per_second + 1.0, "{held} instead of {}", model.tokens);
                    if is_admitted {
                        prop_assert!(held > -1.0, "admitted at {held}");
                        meter.charge_by(credit, now, HalfUnits(half_units));
                        model.tokens -= half_units as f64;
                        charged = half_units;
                    }
                }
            }
        }
    }
}

fn limits(version: u64, table: Throughput, indexes: &[(u16, Throughput)]) -> Limits {
    let account = Arc::new(Account::new());
    let indexes = indexes.iter().map(|(number, throughput)| (*number, whole(*throughput))).collect();
    Limits { version, account, table: whole(table), indexes }
}

fn whole(throughput: Throughput) -> SideLimits {
    SideLimits { throughput, share: Share::WHOLE, began: Began::Since(START) }
}

fn provisioned(read: u64, write: u64) -> Throughput {
    Throughput::Provisioned { read, write }
}

/// How many writes of one unit are admitted now, and why the next is not.
fn writes(buckets: &TableBuckets, limits: &Limits, hash: u64, now_micros: u64) -> (usize, Vec<Reason>) {
    let side = &buckets.view(now_micros, || limits.clone()).table;
    let ask = Ask { direction: Direction::Write, hash: Some(hash), now_micros };
    for count in 0..1_000_000 {
        let refusals = side.refusals(ask);
        if !refusals.is_empty() {
            return (count, refusals.iter().collect());
        }
        side.charge(ask, HalfUnits(2));
    }
    (1_000_000, Vec::new())
}

#[test]
fn capacity_that_is_not_used_is_kept_for_five_minutes() {
    let (buckets, limits) = (TableBuckets::default(), limits(1, provisioned(5, 2), &[]));
    let short = vec![Reason::ProvisionedThroughput];
    assert_eq!(writes(&buckets, &limits, 1, START), (2, short.clone()));
    assert_eq!(writes(&buckets, &limits, 1, START + 10 * SECOND), (20, short.clone()));
    assert_eq!(writes(&buckets, &limits, 1, START + 4_000 * SECOND), (600, short));
}

#[test]
fn a_hot_range_may_use_all_of_a_table_up_to_its_own_limit() {
    let limits = limits(1, provisioned(1, 4_000), &[]);
    let later = START + 1_000 * SECOND;
    let buckets = TableBuckets::default();
    assert_eq!(writes(&buckets, &limits, 1, later), (1_000, vec![Reason::KeyRangeThroughput]));
    assert_eq!(writes(&buckets, &limits, 1 << 62, later).0, 1_000, "there are four ranges");
}

#[test]
fn on_demand_tables_have_what_they_are_warmed_for_and_their_maximum() {
    let on_demand =
        |max_write| Throughput::OnDemand { warm_read: 12_000, warm_write: 4_000, max_read: None, max_write };
    let limits_without = limits(1, on_demand(None), &[]);
    let buckets = TableBuckets::default();
    let all = |buckets: &TableBuckets, limits: &Limits, now| {
        (0..4_u64).map(|quarter| writes(buckets, limits, quarter << 62, now).0).sum::<usize>()
    };
    assert_eq!(all(&buckets, &limits_without, START), 4_000);
    let limits_with = limits(2, on_demand(Some(10)), &[]);
    let next = buckets.clone();
    assert_eq!(writes(&next, &limits_with, 1, START + SECOND), (10, vec![Reason::MaxOnDemandThroughput]));
    let third = next.clone();
    assert_eq!(all(&third, &Limits { version: 3, ..limits_without }, START + 2 * SECOND), 4_000);
}

#[test]
fn a_change_keeps_what_is_there_and_an_older_descriptor_changes_nothing() {
    let older = TableBuckets::default();
    let slow = limits(1, provisioned(1, 1), &[(1, provisioned(1, 1))]);
    assert_eq!(writes(&older, &slow, 1, START).0, 1);
    let newer = older.clone();
    let fast = limits(2, provisioned(1, 100), &[]);
    assert_eq!(writes(&newer, &fast, 1, START).0, 0);
    assert_eq!(writes(&newer, &fast, 1, START + SECOND).0, 100);
    assert_eq!(writes(&older.clone(), &slow, 1, START + 2 * SECOND).0, 100);
    assert!(newer.view(START, || fast).index(1).is_none());
}

#[test]
fn tables_of_an_account_share_its_quota() {
    let account = Arc::new(Account::new());
    let table = || Limits { account: Arc::clone(&account), ..limits(1, provisioned(1, 40_000), &[]) };
    let now = START + 1_000 * SECOND;
    let ask = |hash| Ask { direction: Direction::Write, hash, now_micros: now };
    for table in (0..2).map(|_| (TableBuckets::default(), table())) {
        let (buckets, limits) = table;
        let side = &buckets.view(now, || limits).table;
        side.charge(ask(None), HalfUnits::of(40_000.0));
    }
    let buckets = TableBuckets::default();
    let reasons = buckets.view(now, table).table.refusals(ask(Some(1)));
    assert_eq!(reasons.iter().collect::<Vec<_>>(), [Reason::AccountLimit]);
}

#[test]
fn servers_share_what_one_has() {
    let later = START + 1_000 * SECOND;
    let servers = [(3, 4), (1, 4)].map(|(own, all)| {
        let mut limits = limits(1, provisioned(1, 2), &[]);
        limits.table.share = Share::of(own, all, 2);
        (TableBuckets::default(), limits)
    });
    let admitted = servers.each_ref().map(|(buckets, limits)| writes(buckets, limits, 1, later).0);
    assert_eq!(admitted, [432, 169], "600, and one more each");
    for ((buckets, limits), own) in servers.iter().zip([0, 1]) {
        let side = &buckets.view(later, || limits.clone()).table;
        side.share(Direction::Write, Share::of(own, 1, 2), later);
    }
    let then = later + 100 * SECOND;
    let [less, more] = servers.each_ref().map(|(buckets, limits)| writes(buckets, limits, 1, then).0);
    assert!((11..=13).contains(&less) && (186..=189).contains(&more), "{less} and {more} of 200");
}

#[test]
fn a_side_goes_on_with_what_it_held() {
    let limits = limits(1, provisioned(1, 2), &[]);
    let (before, later) = (TableBuckets::default(), START + 1_000 * SECOND);
    assert_eq!(writes(&before, &limits, 1, later).0, 600);
    let held = before.view(later, || limits.clone()).table.held(later);
    let mut again = limits.clone();
    again.table.began = Began::With(held);
    assert_eq!(writes(&TableBuckets::default(), &again, 1, later).0, 0, "no burst out of nothing");
    let after = TableBuckets::default();
    assert_eq!(writes(&after, &again, 1, later + 2 * SECOND).0, 4);
    let mut heritage = held;
    heritage.write.held = HalfUnits::of(50.0);
    let side = &after.view(later, || again.clone()).table;
    side.inherit(&heritage, later + 2 * SECOND);
    assert_eq!(writes(&after, &again, 1, later + 2 * SECOND).0, 50);
    side.inherit(&heritage, later + 3 * SECOND);
    side.spend(later + 3 * SECOND);
    assert_eq!(writes(&after, &again, 1, later + 3 * SECOND).0, 0, "it is another server's");
}

#[test]
fn demand_is_what_was_given_and_what_was_refused() {
    let limits = limits(1, provisioned(1, 2), &[]);
    let buckets = TableBuckets::default();
    assert_eq!(writes(&buckets, &limits, 1, START + 1_000 * SECOND).0, 600);
    let side = &buckets.view(START, || limits).table;
    let demand = side.take_demand(Direction::Write);
    assert!((1_200..1_300).contains(&demand), "{demand}");
    assert_eq!((side.take_demand(Direction::Write), side.take_demand(Direction::Read)), (0, 0));
}

#[test]
fn a_range_of_an_index_that_owes_much_holds_up_all_writes_of_the_table() {
    let on_demand =
        Throughput::OnDemand { warm_read: 12_000, warm_write: 4_000, max_read: None, max_write: None };
    let limits = limits(1, on_demand, &[(1, on_demand)]);
    let buckets = TableBuckets::default();
    let view = buckets.view(START, || limits);
    let index = view.index(1).expect("it is there");
    let derived = |hash| Ask { direction: Direction::Write, hash: Some(hash), now_micros: START };
    let asked = |now_micros| index.refusals(Ask { direction: Direction::Write, hash: None, now_micros });
    index.charge_derived(derived(1 << 63), HalfUnits::of(900.0));
    index.charge_derived(derived(1), HalfUnits::of(1_900.0));
    assert!(asked(START).is_empty(), "what a second pays is owed");
    index.charge_derived(derived(1), HalfUnits::of(600.0));
    assert_eq!(asked(START).iter().collect::<Vec<_>>(), [Reason::KeyRangeThroughput]);
    assert!(asked(START + 2 * SECOND).is_empty());
}

#[test]
fn threads_together_get_what_one_gets() {
    let limits = limits(1, provisioned(1, 50), &[]);
    let (buckets, now) = (TableBuckets::default(), START + 1_000 * SECOND);
    let side = &buckets.view(now, || limits).table;
    let ask = Ask { direction: Direction::Write, hash: None, now_micros: now };
    let work = || {
        let one = |_: &i32| {
            let is_admitted = side.refusals(ask).is_empty();
            if is_admitted {
                side.charge(ask, HalfUnits(2));
            }
            is_admitted
        };
        (0..20_000).filter(one).count()
    };
    let admitted: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("it does not panic")).sum()
    });
    assert!((15_000..=15_004).contains(&admitted), "{admitted}: one a thread may be in flight");
}
