//! DescribeReservedCapacity: what was bought in the caller's region, oldest first, page by page; also what has ended.
//!
//! Public models do not have this operation. Order of refusals: the model's constraints → the token.

use super::page::{limit, page};
use crate::errors::record_error;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{
    DescribeReservedCapacity, DescribeReservedCapacityInput, DescribeReservedCapacityOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeReservedCapacity {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeReservedCapacityInput> = Validation::MODEL;
    type Plan = DescribeReservedCapacityInput;

    fn check(input: DescribeReservedCapacityInput) -> Result<DescribeReservedCapacityInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, DynamoDb>, _: &DescribeReservedCapacityInput) -> Access<'static> {
        crate::access::everything("dynamodb:DescribeReservedCapacity")
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        input: DescribeReservedCapacityInput,
    ) -> Result<DescribeReservedCapacityOutput, ApiError> {
        let owner = (&*cx.caller.account, &*cx.caller.region);
        let mut bought = cx.service.reservations.list(owner).await.map_err(|error| record_error(&error))?;
        bought.retain(|(id, reservation)| {
            input.reservation_id.as_ref().is_none_or(|asked| asked == id)
                && input.capacity_type.as_ref().is_none_or(|asked| asked == reservation.capacity().name())
        });
        let from = (input.next_token.as_deref(), limit(input.max_results));
        let (page, next_token) = page(bought, from, |(id, _)| id)?;
        let shown = page.iter().map(|(id, reservation)| reservation.shown(id, cx.now_micros));
        Ok(DescribeReservedCapacityOutput { reserved_capacity_list: Some(shown.collect()), next_token })
    }
}
