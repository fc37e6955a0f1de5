//! Where it is told how a call ended: another function, or a bucket, which also keeps records that a mapping has given
//! up. What goes there goes on behalf of the role of the function that was called. Who knows what roles may is handed
//! in by whoever puts the server together.

use crate::access::SERVICE;
use crate::errors;
use crate::name::Arn;
use event_source::call::GivenUp;
use model::ApiError;
use pipeline::{Caller, permitted_inside};
use s3::{About, Objects};
use serde_json::Value;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use stdx::Random;
use stdx::calendar::iso_8601;
use stdx::future::Boxed;

/// How often a bucket that cannot take an object now is asked again, and how long after.
const RETRIES_MAX: usize = 3;
const RETRY: Duration = Duration::from_secs(1);
const ARN: &str = "arn:aws:s3:::";

/// What gives the caller that a function's role is; `None` where the role cannot be assumed.
pub type RoleCaller = dyn Fn(String) -> Pin<Box<dyn Future<Output = Option<Caller>> + Send>> + Send + Sync;

/// The destinations of a server. Cheap to clone.
#[derive(Clone)]
pub struct Destinations {
    objects: Objects,
    random: Random,
    roles: Arc<OnceLock<Arc<RoleCaller>>>,
}

/// The bucket that an ARN names.
pub(crate) fn bucket(arn: &str) -> Option<&str> {
    arn.strip_prefix(ARN).filter(|bucket| !bucket.is_empty() && !bucket.contains('/'))
}

impl Destinations {
    /// Any function and any bucket of a function's account, until [`Destinations::ask`] says whose policies count.
    pub fn of(objects: Objects, random: Random) -> Self {
        Destinations { objects, random, roles: Arc::default() }
    }

    /// From now on, only what the role of a function may, as this knows the role.
    pub fn ask(&self, roles: Arc<RoleCaller>) {
        _ = self.roles.set(roles);
    }

    /// Refuses a bucket that is not there, or into which the role of the function may put nothing.
    pub(crate) async fn check(&self, function_arn: &str, destination: Option<&str>) -> Result<(), ApiError> {
        let Some((arn, bucket)) = destination.and_then(|arn| Some((arn, bucket(arn)?))) else {
            return Ok(());
        };
        let caller = self.caller(function_arn).await?;
        match self.objects.check_put(&caller, bucket, "aws/lambda/").await {
            Err(error) if error.code.rest_xml().status == 403 => Err(errors::role_cannot_put()),
            Err(error) if error.code.rest_xml().status < 500 => Err(errors::unknown_destination(arn)),
            checked => checked,
        }
    }

    /// Refuses a function that the role of another one may not call.
    pub(crate) async fn check_call(&self, by: &Arn, target: &Arn, now_micros: u64) -> Result<(), ApiError> {
        let (caller, target) = (self.caller(&by.to_string()).await?, target.to_string());
        permitted_inside(&caller, "lambda:InvokeFunction", &target, now_micros)
            .map_err(|_| errors::role_cannot_call(&target))
    }

    /// Puts records that were given up into the bucket that their mapping names, if it names one.
    ///
    /// # Errors
    /// The last refusal: the records are in no bucket.
    pub fn deliver<'a>(&'a self, given_up: &'a GivenUp) -> Boxed<'a, Result<(), ApiError>> {
        Box::pin(async move {
            let Some(bucket) = given_up.destination.as_deref().and_then(bucket) else { return Ok(()) };
            let of = format!("{}/{}", given_up.mapping, given_up.shard_id);
            let key = key(&of, given_up.given_up_micros, &self.random.uuid());
            self.put(&given_up.function_arn, bucket, &key, &body(given_up)).await
        })
    }

    /// Puts what is told of an event that was given up into a bucket.
    ///
    /// # Errors
    /// The last refusal: it is not there.
    pub(crate) async fn deliver_event(
        &self,
        function: &Arn,
        bucket: &str,
        told: &Value,
        now_micros: u64,
    ) -> Result<(), ApiError> {
        let key = key(&format!("async/{}", function.name), now_micros, &self.random.uuid());
        self.put(&function.to_string(), bucket, &key, told.to_string().as_bytes()).await
    }

    async fn put(&self, function_arn: &str, bucket: &str, key: &str, body: &[u8]) -> Result<(), ApiError> {
        let mut put = self.put_once(function_arn, bucket, key, body).await;
        for _ in 0..RETRIES_MAX {
            match &put {
                Err(error) if error.code.rest_xml().status >= 500 => tokio::time::sleep(RETRY).await,
                _ => break,
            }
            put = self.put_once(function_arn, bucket, key, body).await;
        }
        put
    }

    async fn put_once(
        &self,
        function_arn: &str,
        bucket: &str,
        key: &str,
        body: &[u8],
    ) -> Result<(), ApiError> {
        let caller = self.caller(function_arn).await?;
        let about = About { content_type: Some("application/json".to_owned()), ..About::default() };
        let mut upload = self.objects.put(&caller, bucket, key, about).await?;
        upload.write(body).await?;
        upload.finish().await.map(|_| ())
    }

    async fn caller(&self, function_arn: &str) -> Result<Caller, ApiError> {
        let part = |at| function_arn.split(':').nth(at).unwrap_or_default();
        match self.roles.get() {
            Some(roles) => roles(function_arn.to_owned()).await.ok_or_else(errors::role_not_assumable),
            None => Ok(Caller::of_service(SERVICE, part(4), part(3))),
        }
    }
}

/// `aws/lambda/‹mapping›/‹shard›/‹year›/‹month›/‹day›/‹time›-‹uuid›` for records of a shard,
/// `aws/lambda/async/‹function›/…` for events.
fn key(of: &str, given_up_micros: u64, uuid: &str) -> String {
    let time = iso_8601(given_up_micros / 1_000_000).replace(':', ".");
    let time = time.trim_end_matches('Z');
    let day = time.split('T').next().unwrap_or_default().replace('-', "/");
    format!("aws/lambda/{of}/{day}/{time}-{uuid}")
}

/// What is told, with the records as its last member.
fn body(given_up: &GivenUp) -> Vec<u8> {
    let mut body = given_up.document.to_string().into_bytes();
    body.pop();
    body.extend_from_slice(b",\"payload\":");
    body.extend_from_slice(&given_up.records);
    body.push(b'}');
    body
}

impl fmt::Debug for Destinations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Destinations").field("objects", &self.objects).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_has_what_is_told_and_the_records() {
        let given_up = GivenUp {
            mapping: "m".to_owned(),
            function_arn: "arn:f".to_owned(),
            shard_id: "shardId-1".to_owned(),
            destination: Some("arn:aws:s3:::bucket".to_owned()),
            document: json!({"version": "1.0"}),
            records: br#"{"Records":[{"a":1}]}"#.to_vec(),
            given_up_micros: 1_796_000_002_034_567,
        };
        let key = key("m/shardId-1", given_up.given_up_micros, "id");
        assert_eq!(key, "aws/lambda/m/shardId-1/2026/11/30/2026-11-30T00.53.22-id");
        let body: Value = serde_json::from_slice(&body(&given_up)).unwrap();
        assert_eq!(body, json!({"version": "1.0", "payload": {"Records": [{"a": 1}]}}));
    }

    #[test]
    fn buckets_by_their_arns() {
        assert_eq!(bucket("arn:aws:s3:::bucket"), Some("bucket"));
        for other in ["arn:aws:s3:::", "arn:aws:s3:::b/k", "arn:aws:sqs:us-east-1:1:q"] {
            assert_eq!(bucket(other), None, "{other}");
        }
    }
}
