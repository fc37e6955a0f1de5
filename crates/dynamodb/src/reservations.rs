//! Reserved capacity that was bought: documents by account and region. Nobody is billed: what was bought is shown, and
//! nothing else.
//!
//! A reservation keeps the offering as it was when it was bought, so that another file of prices changes no purchase.

use model::dynamodb::ReservedCapacity;
use prices::{Capacity, HOURS_PER_YEAR, Offering};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::sync::Arc;
use store::Store;
use store::documents::{Documents, Transaction};
use store::records::{RecordError, RecordKey, RecordScope};

const SERVICE: &str = "dynamodb";
const KIND: &str = "reserved-capacity";
const FORMAT: u32 = 1;
const MICROS_PER_HOUR: f64 = 3_600_000_000.0;

/// Reservations of an account and region at most.
pub const RESERVATIONS_MAX: usize = 1_000;

/// Reserved capacity that was bought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// Its name.
    pub name: String,
    /// What was bought.
    pub offering: Offering,
    /// How often.
    pub quantity: u64,
    /// The currency of its prices.
    pub currency: String,
    /// When it was bought, in microseconds since the Unix epoch.
    pub bought_micros: u64,
}

/// The reservations of all accounts.
#[derive(Debug)]
pub struct Reservations {
    documents: Documents,
}

impl Reservations {
    /// The reservations in a store.
    pub fn of(store: Arc<dyn Store>) -> Self {
        Reservations { documents: Documents::of(store, FORMAT) }
    }

    /// Those of an account and region in the order of their ids, which is that of their purchase.
    ///
    /// # Errors
    /// When the store fails, or one is damaged or newer.
    pub async fn list(
        &self,
        (account, region): (&str, &str),
    ) -> Result<Vec<(String, Reservation)>, RecordError> {
        let scope = RecordScope::Region { service: SERVICE, kind: KIND, account, region };
        let found = self.documents.list(scope, None, RESERVATIONS_MAX).await?;
        Ok(found.into_iter().map(|(key, reservation)| (key.id, reservation)).collect())
    }

    /// Keeps one under an id that no other has; false if there are as many as there may be.
    ///
    /// # Errors
    /// As [`Reservations::list`].
    pub async fn add(
        &self,
        (account, region): (&str, &str),
        id: &str,
        reservation: &Reservation,
    ) -> Result<bool, RecordError> {
        let key = RecordKey::new(SERVICE, KIND, account, region, id);
        let scope = RecordScope::Region { service: SERVICE, kind: KIND, account, region };
        let add = |documents: &mut Transaction<'_>, all: &[IgnoredAny]| {
            let has_room = all.len() < RESERVATIONS_MAX;
            if has_room {
                documents.put(0, reservation);
            }
            Ok::<_, Infallible>(has_room)
        };
        let Ok(is_added) = self.documents.transact_over(scope, &[key], add).await?;
        Ok(is_added)
    }
}

impl Reservation {
    /// When it ends, in microseconds since the Unix epoch.
    pub fn end_micros(&self) -> u64 {
        let hours = f64::from(self.offering.years) * HOURS_PER_YEAR;
        self.bought_micros.saturating_add((hours * MICROS_PER_HOUR) as u64)
    }

    /// Whether it counts at a time.
    pub fn is_active(&self, now_micros: u64) -> bool {
        (self.bought_micros..self.end_micros()).contains(&now_micros)
    }

    /// Units a second of all that was bought.
    pub fn units(&self) -> u64 {
        self.offering.units.saturating_mul(self.quantity)
    }

    /// What it is of.
    pub fn capacity(&self) -> Capacity {
        self.offering.capacity
    }

    /// As answers show it.
    pub fn shown(&self, id: &str, now_micros: u64) -> ReservedCapacity {
        let whole = |number: u64| Some(i64::try_from(number).unwrap_or(i64::MAX));
        let seconds = |micros: u64| Some(micros as f64 / 1e6);
        let Offering { upfront, hourly, years, .. } = self.offering;
        let (count, state) =
            (self.quantity as f64, if self.is_active(now_micros) { "ACTIVE" } else { "RETIRED" });
        ReservedCapacity {
            reservation_id: Some(id.to_owned()),
            reservation_name: Some(self.name.clone()),
            reserved_capacity_offering_id: Some(self.offering.id.clone()),
            capacity_type: Some(self.capacity().name().to_owned()),
            capacity_units: whole(self.units()),
            quantity: whole(self.quantity),
            duration_years: Some(i64::from(years)),
            fixed_price: Some(upfront * count),
            hourly_price: Some(hourly * count),
            currency_code: Some(self.currency.clone()),
            start_time: seconds(self.bought_micros),
            end_time: seconds(self.end_micros()),
            state: Some(state.to_owned()),
        }
    }
}
