//! A plan: what each way of paying comes to in a month, and with which numbers.
//!
//! Costs are those of the traffic as it was, carried over to a month of 730 hours. Tables are on demand or provisioned
//! as a whole, so the ways are compared by their sums. Capacity that was bought in advance is paid whatever is chosen:
//! as far as a way uses it, it adds nothing to what the way costs. The table has it first, then its indexes.

use crate::simulate::{self, Outcome, Scaling};
use crate::traffic::{Subject, Summary, Traffic};
use capacity::{ON_DEMAND_READ_UNITS, ON_DEMAND_WRITE_UNITS};
use prices::{Capacity, Offering, Prices, RegionPrices};
use serde::{Deserialize, Serialize};

const HOURS_PER_MONTH: f64 = 730.0;
/// The share of traffic that may be throttled by a way that is recommended, in percent.
const THROTTLED_PERCENT_MAX: f64 = 0.1;
/// Points of a graph.
const POINTS_MAX: usize = 720;

/// A way to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Way {
    /// By the request.
    OnDemand,
    /// A capacity that stays.
    Provisioned,
    /// A capacity that follows its use.
    AutoScaled,
    /// A capacity that stays, paid for a year in advance.
    ReservedOneYear,
    /// The same for three years.
    ReservedThreeYears,
}

/// What a way comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The way.
    pub way: Way,
    /// What a month costs.
    pub monthly: f64,
    /// Units that would have been throttled.
    pub throttled: f64,
    /// How many of a hundred units that is.
    pub throttled_percent: f64,
    /// Units a second: all that is paid for, or the least and the most.
    pub units: Option<(u64, u64)>,
    /// Units of these that are paid in advance, those bought already among them.
    pub reserved: u64,
}

/// The reads or the writes of a table or an index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The index; `None` is the table.
    pub index: Option<String>,
    /// Reads or writes.
    pub capacity: Capacity,
    /// The traffic.
    pub summary: Summary,
    /// What it is provisioned with now.
    pub provisioned: Option<u64>,
    /// Units a second that were bought in advance and that it can use.
    #[serde(default)]
    pub bought: u64,
    /// What would have come of that.
    pub now: Option<Choice>,
    /// The ways.
    pub choices: Vec<Choice>,
    /// Units a second: the greatest of each stretch of time, for a graph.
    pub used: Vec<f64>,
    /// What auto scaling would have had in each of these.
    pub scaled: Vec<f64>,
}

/// A plan for a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The table.
    pub table: String,
    /// The region.
    pub region: String,
    /// The region whose prices it has.
    pub priced_as: String,
    /// The day the prices are of.
    pub prices_of: String,
    /// Their currency.
    pub currency: String,
    /// The second since the Unix epoch in which the traffic begins.
    pub from: u64,
    /// Hours of traffic.
    pub hours: f64,
    /// The share of a hundred that auto scaling keeps the use near.
    pub target: f64,
    /// Reads and writes of the table and its indexes.
    pub rows: Vec<Row>,
    /// Each way for the whole table.
    pub totals: Vec<Choice>,
    /// The cheapest way that throttles next to nothing and binds for no years.
    pub recommended: Way,
}

impl Way {
    /// All of them.
    pub const ALL: [Way; 5] =
        [Way::OnDemand, Way::Provisioned, Way::AutoScaled, Way::ReservedOneYear, Way::ReservedThreeYears];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Way::OnDemand => "on-demand",
            Way::Provisioned => "provisioned",
            Way::AutoScaled => "auto-scaled",
            Way::ReservedOneYear => "reserved, 1 year",
            Way::ReservedThreeYears => "reserved, 3 years",
        }
    }

    fn years(self) -> Option<u32> {
        match self {
            Way::ReservedOneYear => Some(1),
            Way::ReservedThreeYears => Some(3),
            _ => None,
        }
    }
}

impl Plan {
    /// The plan for a traffic, with auto scaling that keeps the use near a share of a hundred.
    pub fn of(traffic: &Traffic, prices: &Prices, target: f64) -> Plan {
        let region = prices.of(&traffic.region);
        let mut left = Capacity::ALL.map(|capacity| (capacity, traffic.reserved(capacity)));
        let mut rows = Vec::new();
        for subject in &traffic.subjects {
            for (capacity, left) in &mut left {
                let row = Row::of(subject, (*capacity, *left), region, target);
                *left -= row.bought;
                rows.push(row);
            }
        }
        let totals = totals(&rows);
        Plan {
            table: traffic.table.clone(),
            region: traffic.region.clone(),
            priced_as: prices.region_of(&traffic.region).to_owned(),
            prices_of: prices.date.clone(),
            currency: prices.currency.clone(),
            from: traffic.first_minute * 60,
            hours: traffic.hours(),
            target,
            recommended: recommended(&totals),
            rows,
            totals,
        }
    }
}

impl Row {
    /// Reads or writes, of which so many a second were bought in advance and are left.
    fn of(subject: &Subject, (capacity, left): (Capacity, u64), region: &RegionPrices, target: f64) -> Row {
        let minutes = subject.of(capacity);
        let (summary, provisioned) = (Summary::of(minutes), subject.provisioned(capacity));
        let scaling = bounds(&summary, target);
        let scaled = simulate::scaled(minutes, scaling);
        let least = simulate::least_without_throttles(minutes);
        let bought = left.min(least.max(provisioned.unwrap_or(0)));
        let unit_month = region.unit_hour.of(capacity) * HOURS_PER_MONTH;
        let paid = |way, units: u64| {
            let (outcome, more) = (simulate::fixed(minutes, units), units.saturating_sub(bought));
            let choice = Choice::of(way, more as f64 * unit_month, &outcome, Some((units, units)));
            Choice { reserved: units.min(bought), ..choice }
        };
        let auto_scaled = Choice::of(
            Way::AutoScaled,
            scaled.average_capacity_above(bought) * unit_month,
            &scaled,
            Some((scaling.minimum, scaling.maximum)),
        );
        let mut choices = vec![
            on_demand(minutes, capacity, region),
            paid(Way::Provisioned, least),
            Choice { reserved: scaling.maximum.min(bought), ..auto_scaled },
        ];
        choices.extend([Way::ReservedOneYear, Way::ReservedThreeYears].map(|way| {
            let paid = paid(way, least);
            let (monthly, reserved) = reserved(way, capacity, least.saturating_sub(bought), region);
            Choice { monthly, reserved: paid.reserved + reserved, ..paid }
        }));
        Row {
            index: subject.index.clone(),
            capacity,
            summary,
            provisioned,
            bought,
            now: provisioned.map(|units| paid(Way::Provisioned, units)),
            choices,
            used: greatest(minutes, 60.0),
            scaled: greatest(&scaled.capacity, 1.0),
        }
    }

    /// One of the ways.
    pub fn choice(&self, way: Way) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.way == way)
    }
}

impl Choice {
    fn of(way: Way, monthly: f64, outcome: &Outcome, units: Option<(u64, u64)>) -> Choice {
        let (throttled, throttled_percent) = (outcome.throttled, outcome.throttled_percent());
        Choice { way, monthly, throttled, throttled_percent, units, reserved: 0 }
    }
}

fn on_demand(minutes: &[f64], capacity: Capacity, region: &RegionPrices) -> Choice {
    let floor = match capacity {
        Capacity::Read => ON_DEMAND_READ_UNITS,
        Capacity::Write => ON_DEMAND_WRITE_UNITS,
    };
    let outcome = simulate::on_demand(minutes, floor);
    let months = (minutes.len() as f64 / 60.0 / HOURS_PER_MONTH).max(f64::MIN_POSITIVE);
    let monthly = if minutes.is_empty() {
        0.0
    } else {
        outcome.served / 1e6 * region.million_requests.of(capacity) / months
    };
    Choice::of(Way::OnDemand, monthly, &outcome, None)
}

/// Bounds that suit a traffic: what the quieter half needs, and twice what the peak needs.
fn bounds(summary: &Summary, target: f64) -> Scaling {
    let needed = |per_second: f64| ((per_second / (target / 100.0)).ceil() as u64).max(1);
    Scaling { target, minimum: needed(summary.p50), maximum: needed(2.0 * summary.peak) }
}

/// Whole offerings for a capacity, as many as are cheapest; the rest is paid by the hour. What a month costs, and how
/// many units are paid in advance.
fn reserved(way: Way, capacity: Capacity, units: u64, region: &RegionPrices) -> (f64, u64) {
    let unit_hour = region.unit_hour.of(capacity);
    let is_ours = |offering: &&Offering| offering.capacity == capacity && Some(offering.years) == way.years();
    let by_the_hour = (units as f64 * unit_hour * HOURS_PER_MONTH, 0);
    let with = |offering: &Offering, count: u64| {
        let bought = count * offering.units;
        let hourly = bought as f64 * offering.unit_hour() + units.saturating_sub(bought) as f64 * unit_hour;
        (hourly * HOURS_PER_MONTH, bought)
    };
    let offerings = region.offerings.iter().filter(is_ours);
    let options = offerings.flat_map(|offering| {
        let whole = units / offering.units;
        [with(offering, whole), with(offering, whole + 1)]
    });
    options.fold(by_the_hour, |best, option| if option.0 < best.0 { option } else { best })
}

fn totals(rows: &[Row]) -> Vec<Choice> {
    let total = |way| {
        let choices = || rows.iter().filter_map(move |row| row.choice(way));
        let units: f64 = rows.iter().map(|row| row.summary.units).sum();
        let throttled: f64 = choices().map(|choice| choice.throttled).sum();
        Choice {
            way,
            monthly: choices().map(|choice| choice.monthly).sum(),
            throttled,
            throttled_percent: if units > 0.0 { 100.0 * throttled / units } else { 0.0 },
            units: None,
            reserved: choices().map(|choice| choice.reserved).sum(),
        }
    };
    Way::ALL.map(total).to_vec()
}

fn recommended(totals: &[Choice]) -> Way {
    let is_free =
        |choice: &&Choice| choice.way.years().is_none() && choice.throttled_percent <= THROTTLED_PERCENT_MAX;
    let cheapest = totals.iter().filter(is_free).min_by(|one, other| one.monthly.total_cmp(&other.monthly));
    cheapest.map_or(Way::OnDemand, |choice| choice.way)
}

/// The greatest value of each stretch.
fn greatest(values: &[f64], divided_by: f64) -> Vec<f64> {
    let stretch = values.len().div_ceil(POINTS_MAX).max(1);
    let greatest = |values: &[f64]| values.iter().copied().fold(0.0, f64::max) / divided_by;
    values.chunks(stretch).map(greatest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(read: Vec<f64>, write: Vec<f64>) -> Plan {
        let subject = Subject { index: None, read, write, provisioned: (100, 0) };
        let traffic = Traffic {
            table: "t".to_owned(),
            region: "us-east-1".to_owned(),
            subjects: vec![subject],
            ..Traffic::default()
        };
        Plan::of(&traffic, &Prices::bundled(), 70.0)
    }

    #[test]
    fn steady_traffic_is_cheaper_provisioned_and_reserved() {
        let plan = plan(vec![60.0 * 200.0; 10_000], vec![0.0; 10_000]);
        let row = &plan.rows[0];
        let monthly = |way| (row.choice(way).map_or(0.0, |choice| choice.monthly) * 100.0).round() / 100.0;
        // 200 reads a second of a month of 730 hours are 525.6 million.
        assert_eq!(monthly(Way::OnDemand), 65.7);
        assert_eq!(monthly(Way::Provisioned), 18.98);
        assert_eq!(monthly(Way::ReservedOneYear), 8.65);
        assert_eq!(row.choice(Way::ReservedThreeYears).map(|choice| choice.reserved), Some(200));
        assert_eq!(plan.recommended, Way::Provisioned);
        let now = row.now.as_ref().map(|now| (now.units, now.throttled > 0.0));
        assert_eq!(now, Some((Some((100, 100)), true)));
    }

    #[test]
    fn what_was_bought_in_advance_costs_nothing_more() {
        let subject = |index: Option<&str>| Subject {
            index: index.map(str::to_owned),
            read: vec![6_000.0; 10_000],
            ..Subject::default()
        };
        let traffic = |reserved| Traffic {
            region: "us-east-1".to_owned(),
            reserved: (reserved, 0),
            subjects: vec![subject(None), subject(Some("i"))],
            ..Traffic::default()
        };
        let rows = |reserved| {
            let plan = Plan::of(&traffic(reserved), &Prices::bundled(), 70.0);
            let reads = plan.rows.into_iter().filter(|row| row.capacity == Capacity::Read);
            reads.collect::<Vec<_>>()
        };
        let provisioned =
            |row: &Row| row.choice(Way::Provisioned).map(|choice| (choice.monthly, choice.reserved));
        let (without, with) = (rows(0), rows(150));
        let full = provisioned(&without[0]).unwrap().0;
        assert_eq!(with.iter().map(|row| row.bought).collect::<Vec<_>>(), [100, 50]);
        assert_eq!(provisioned(&with[0]), Some((0.0, 100)));
        assert_eq!(provisioned(&with[1]), Some((full / 2.0, 50)));
        let cost = |row: &Row, way| row.choice(way).map_or(0.0, |choice| choice.monthly);
        assert_eq!(cost(&with[0], Way::ReservedOneYear), 0.0);
        assert_eq!(cost(&with[0], Way::OnDemand), cost(&without[0], Way::OnDemand));
        assert!(cost(&with[0], Way::AutoScaled) < cost(&without[0], Way::AutoScaled) / 2.0);
    }

    #[test]
    fn rare_bursts_are_cheaper_by_the_request() {
        let mut write = vec![0.0; 10_000];
        write[5_000] = 60_000.0;
        write[5_001] = 60_000.0;
        let plan = plan(vec![0.0; 10_000], write);
        assert_eq!(plan.recommended, Way::OnDemand);
        assert_eq!(plan.rows[1].summary.peak, 1_000.0);
    }

    #[test]
    fn no_traffic_costs_one_unit_at_most() {
        let plan = plan(Vec::new(), Vec::new());
        assert_eq!((plan.hours, plan.totals[0].monthly), (0.0, 0.0));
        assert_eq!(plan.recommended, Way::OnDemand);
    }
}
