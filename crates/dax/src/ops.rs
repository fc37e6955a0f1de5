//! The methods, a file each. A method reads its arguments, fills in the input of DynamoDB's operation, performs it as
//! the caller, and writes its output: what is allowed, what is refused and what it costs is the operation's matter.

mod batch_get_item;
mod batch_write_item;
mod cached;
mod call;
mod capacity;
mod delete_item;
mod get_item;
mod items;
mod options;
mod page;
mod projection;
mod put_item;
mod query;
mod scan;
mod schema;
mod transact_get_items;
mod transact_write_items;
mod update_item;
mod written;

/// Elements of a batch or a transaction that are read: no operation takes as many.
const ELEMENTS_MAX: usize = 1_000;

pub(crate) use call::Call;

use crate::codec::{Method, Reader};
use crate::errors::Refused;
use std::sync::Arc;

/// An answer as a cache keeps it, which is sent from there.
pub(crate) type Kept = Arc<[u8]>;

/// Appends the answer to a request, unless a cache has it. What is appended before a refusal is to be removed.
pub(crate) async fn answer(
    call: &Call<'_>,
    method: Method,
    arguments: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<Option<Kept>, Refused> {
    if let Some(action) = action(method) {
        call.allow(action)?;
    }
    // A hit waits for nothing. What else there is is large: not kept with every connection, nor moved for a hit.
    let appended = match method {
        Method::GetItem => return get_item::run(call, arguments, out).await,
        Method::Query => return Box::pin(query::run(call, arguments, out)).await,
        Method::Scan => return Box::pin(scan::run(call, arguments, out)).await,
        Method::AuthorizeConnection | Method::Endpoints => Err(Refused::NotImplemented),
        Method::DefineKeySchema => Box::pin(schema::define_key_schema(call, arguments, out)).await,
        Method::DefineAttributeListId => {
            Box::pin(schema::define_attribute_list_id(call, arguments, out)).await
        }
        Method::DefineAttributeList => Box::pin(schema::define_attribute_list(call, arguments, out)).await,
        Method::PutItem => Box::pin(put_item::run(call, arguments, out)).await,
        Method::UpdateItem => Box::pin(update_item::run(call, arguments, out)).await,
        Method::DeleteItem => Box::pin(delete_item::run(call, arguments, out)).await,
        Method::BatchGetItem => Box::pin(batch_get_item::run(call, arguments, out)).await,
        Method::BatchWriteItem => Box::pin(batch_write_item::run(call, arguments, out)).await,
        Method::TransactGetItems => Box::pin(transact_get_items::run(call, arguments, out)).await,
        Method::TransactWriteItems => Box::pin(transact_write_items::run(call, arguments, out)).await,
    };
    appended.map(|()| None)
}

/// What a caller must be allowed to do. Of TransactWriteItems, each of its actions says.
fn action(method: Method) -> Option<&'static str> {
    Some(match method {
        Method::GetItem | Method::TransactGetItems => "dax:GetItem",
        Method::PutItem => "dax:PutItem",
        Method::UpdateItem => "dax:UpdateItem",
        Method::DeleteItem => "dax:DeleteItem",
        Method::Query => "dax:Query",
        Method::Scan => "dax:Scan",
        Method::BatchGetItem => "dax:BatchGetItem",
        Method::BatchWriteItem => "dax:BatchWriteItem",
        _ => return None,
    })
}
