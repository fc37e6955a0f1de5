//! PurchaseReservedCapacityOfferings: buys capacity in advance. Nobody is billed.
//!
//! Public models do not have this operation. Order of refusals: the model's constraints → no such offering → too many
//! reservations.

use crate::errors::{codes, record_error};
use crate::reservations::{RESERVATIONS_MAX, Reservation};
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{
    PurchaseReservedCapacityOfferings, PurchaseReservedCapacityOfferingsInput,
    PurchaseReservedCapacityOfferingsOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for PurchaseReservedCapacityOfferings {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PurchaseReservedCapacityOfferingsInput> = Validation::MODEL;
    type Plan = PurchaseReservedCapacityOfferingsInput;

    fn check(
        input: PurchaseReservedCapacityOfferingsInput,
    ) -> Result<PurchaseReservedCapacityOfferingsInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, DynamoDb>, _: &PurchaseReservedCapacityOfferingsInput) -> Access<'static> {
        crate::access::everything("dynamodb:PurchaseReservedCapacityOfferings")
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        input: PurchaseReservedCapacityOfferingsInput,
    ) -> Result<PurchaseReservedCapacityOfferingsOutput, ApiError> {
        let (owner, reservations) = ((&*cx.caller.account, &*cx.caller.region), &cx.service.reservations);
        let id = new_id(cx);
        let reservation = reservation(cx, input, &id)?;
        let added = reservations.add(owner, &id, &reservation).await;
        if !added.map_err(|error| record_error(&error))? {
            return Err(too_many());
        }
        let shown = reservation.shown(&id, cx.now_micros);
        Ok(PurchaseReservedCapacityOfferingsOutput {
            reservation_id: Some(id),
            reserved_capacity: Some(shown),
        })
    }
}

/// An id that sorts by the time of the purchase.
fn new_id(cx: &Cx<'_, DynamoDb>) -> String {
    let uuid = cx.random.uuid();
    format!("{:012x}-{}", cx.now_micros / 1_000, &uuid[..13])
}

fn reservation(
    cx: &Cx<'_, DynamoDb>,
    input: PurchaseReservedCapacityOfferingsInput,
    id: &str,
) -> Result<Reservation, ApiError> {
    let prices = &cx.service.prices;
    let asked = input.reserved_capacity_offering_id.unwrap_or_default();
    let offering = prices.of(&cx.caller.region).offering(&asked).ok_or_else(|| no_offering(&asked))?;
    Ok(Reservation {
        name: input.reservation_name.unwrap_or_else(|| id.to_owned()),
        offering: offering.clone(),
        quantity: input.quantity.and_then(|quantity| u64::try_from(quantity).ok()).unwrap_or(1),
        currency: prices.currency.clone(),
        bought_micros: cx.now_micros,
    })
}

fn no_offering(id: &str) -> ApiError {
    let text = format!("Reserved capacity offering not found: {id}");
    ApiError::new(codes::RESERVED_CAPACITY_OFFERING_NOT_FOUND, text)
}

fn too_many() -> ApiError {
    let text = format!(
        "Subscriber limit exceeded: There is a limit of {RESERVATIONS_MAX} reservations per subscriber and Region"
    );
    ApiError::new(codes::LIMIT_EXCEEDED, text)
}
