//! DescribeReservedCapacityOfferings: what can be bought in the caller's region, as the file of prices says, page by
//! page.
//!
//! Public models do not have this operation. Order of refusals: the model's constraints → the token.

use super::page::{limit, page};
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{
    DescribeReservedCapacityOfferings, DescribeReservedCapacityOfferingsInput,
    DescribeReservedCapacityOfferingsOutput, ReservedCapacityOffering,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use prices::{Offering, Prices};

impl Operation<DynamoDb> for DescribeReservedCapacityOfferings {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeReservedCapacityOfferingsInput> = Validation::MODEL;
    type Plan = DescribeReservedCapacityOfferingsInput;

    fn check(
        input: DescribeReservedCapacityOfferingsInput,
    ) -> Result<DescribeReservedCapacityOfferingsInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, DynamoDb>, _: &DescribeReservedCapacityOfferingsInput) -> Access<'static> {
        crate::access::everything("dynamodb:DescribeReservedCapacityOfferings")
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        input: DescribeReservedCapacityOfferingsInput,
    ) -> Result<DescribeReservedCapacityOfferingsOutput, ApiError> {
        let prices = &cx.service.prices;
        let region = prices.of(&cx.caller.region);
        let asked_for = input.reserved_capacity_offering_id.as_deref().map(|id| region.offering(id));
        let is_asked = |offering: &&Offering| {
            asked_for.is_none_or(|asked| asked == Some(*offering))
                && input.capacity_type.as_ref().is_none_or(|asked| asked == offering.capacity.name())
                && input.duration_years.is_none_or(|years| years == i64::from(offering.years))
        };
        let offerings = region.offerings.iter().filter(is_asked).collect();
        let from = (input.next_token.as_deref(), limit(input.max_results));
        let (page, next_token) = page(offerings, from, |offering| &offering.id)?;
        let shown = page.into_iter().map(|offering| shown(prices, offering)).collect();
        Ok(DescribeReservedCapacityOfferingsOutput { reserved_capacity_offerings: Some(shown), next_token })
    }
}

fn shown(prices: &Prices, offering: &Offering) -> ReservedCapacityOffering {
    ReservedCapacityOffering {
        reserved_capacity_offering_id: Some(offering.id.clone()),
        capacity_type: Some(offering.capacity.name().to_owned()),
        capacity_units: i64::try_from(offering.units).ok(),
        duration_years: Some(i64::from(offering.years)),
        fixed_price: Some(offering.upfront),
        hourly_price: Some(offering.hourly),
        currency_code: Some(prices.currency.clone()),
    }
}
