//! Calls functions for mappings.

use crate::functions::{Functions, InvocationType};
use crate::name::Arn;
use bytes::Bytes;
use event_source::call::{Call, Called, Invoke};
use pipeline::Caller;
use std::sync::Arc;
use stdx::Random;

/// What calls the functions of a server. Each call has an id of its own.
pub fn invoker(functions: Functions, random: Random) -> Arc<Invoke> {
    Arc::new(move |call| {
        let (functions, request_id) = (functions.clone(), random.uuid());
        Box::pin(async move { invoke(&functions, call, request_id).await })
    })
}

async fn invoke(functions: &Functions, call: Call, request_id: String) -> Called {
    let payload = Bytes::from(call.payload);
    let mapping = owner(&call.function_arn);
    let arn = Arn::named(&mapping, &call.function_arn, None);
    let invoked = match arn {
        Ok(arn) => {
            if let Some(age) = call.iterator_age_micros {
                functions.measures().age(&arn, "IteratorAge", age);
            }
            let kind = InvocationType::RequestResponse;
            let called = functions.call(arn.clone(), payload, kind, request_id.clone(), None).await;
            functions.note_call(&mapping, &arn, &called);
            called
        }
        Err(error) => Err(error),
    };
    match invoked {
        Ok(invoked) => Called::Ran {
            payload: invoked.payload.to_vec(),
            function_error: invoked.function_error.map(str::to_owned),
            executed_version: invoked.executed_version,
            request_id,
        },
        Err(error) => Called::DidNotRun {
            why: error.message.map_or_else(|| error.code.name().to_owned(), std::borrow::Cow::into_owned),
        },
    }
}

/// The account and region of a function's ARN.
fn owner(arn: &str) -> Caller {
    let part = |index| arn.split(':').nth(index).unwrap_or_default();
    Caller::of_service("lambda.amazonaws.com", part(4), part(3))
}
