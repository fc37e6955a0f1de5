//! A target that answers wrongly, which the comparison must detect.

use serde_json::{Value as Json, json};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::{InProcess, Reply, Request, Target};

/// What is wrong.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// A put is acknowledged and not done.
    LosesPuts,
    /// The last attribute of an item is left out.
    HidesAttributes,
    /// The answer to a query is in the other order.
    Reverses,
    /// A page that is not the last looks like the last.
    EndsEarly,
    /// Half a unit too many.
    Overcharges,
    /// A failed condition is reported as a validation error.
    MisnamesRefusals,
}

/// A server with a fault.
pub struct Tampering {
    pub inner: InProcess,
    pub fault: Fault,
    /// How often there was an occasion.
    pub occasions: AtomicUsize,
}

impl Tampering {
    fn tamper(&self, operation: &str, answer: &mut Json) -> bool {
        match self.fault {
            Fault::LosesPuts => false,
            Fault::HidesAttributes => {
                let item = answer.get_mut("Item").and_then(Json::as_object_mut);
                item.is_some_and(|item| {
                    let last = item.keys().next_back().cloned();
                    last.is_some_and(|last| item.remove(&last).is_some())
                })
            }
            Fault::Reverses if operation == "Query" => match answer.get_mut("Items") {
                Some(Json::Array(items)) if items.len() > 1 => {
                    items.reverse();
                    true
                }
                _ => false,
            },
            Fault::Reverses => false,
            Fault::EndsEarly => {
                let object = answer.as_object_mut();
                object.is_some_and(|object| object.remove("LastEvaluatedKey").is_some())
            }
            Fault::Overcharges => match answer["ConsumedCapacity"]["CapacityUnits"].as_f64() {
                Some(units) => {
                    answer["ConsumedCapacity"]["CapacityUnits"] = json!(units + 0.5);
                    true
                }
                None => false,
            },
            Fault::MisnamesRefusals => {
                let is_condition = answer.to_string().contains("#ConditionalCheckFailed");
                if is_condition {
                    answer["__type"] = json!("com.amazon.coral.validate#ValidationException");
                }
                is_condition
            }
        }
    }
}

impl Target for Tampering {
    fn name(&self) -> String {
        format!("tampering: {:?}", self.fault)
    }

    fn send(&self, request: &Request) -> io::Result<Reply> {
        let operation =
            request.header("X-Amz-Target").and_then(|target| target.rsplit('.').next()).unwrap_or("");
        let is_lost = matches!(self.fault, Fault::LosesPuts) && operation == "PutItem";
        if is_lost && !request.body.windows(12).any(|window| window == b"ReturnValues") {
            let is_every_tenth = self.occasions.fetch_add(1, Ordering::Relaxed) % 10 == 9;
            if is_every_tenth && !request.body.windows(9).any(|window| window == b"Condition") {
                let body = b"{}".to_vec();
                return Ok(Reply { status: 200, headers: vec![], body });
            }
        }
        let mut reply = self.inner.send(request)?;
        let mut answer: Json = serde_json::from_slice(&reply.body)?;
        if self.tamper(operation, &mut answer) {
            self.occasions.fetch_add(1, Ordering::Relaxed);
            reply.body = answer.to_string().into_bytes();
        }
        Ok(reply)
    }
}
