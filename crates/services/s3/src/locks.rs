//! Objects under keys of KMS. An object has a data key, which KMS wraps under the object's ARN as its encryption
//! context; it stands in the row, and the keys of the object's files follow from it. Who puts the object must be
//! allowed to have data keys made, who reads it to have them unwrapped; without that key nobody reads it.

use crate::access::object_arn;
use crate::encryption::{ByDefault, Encryption, Wanted};
use crate::errors;
use crate::kept_file::DataKey;
use crate::service::S3;
use crate::shelf::{Named, Shelf};
use engine::Scope;
use identity::Caller;
use kms::{Asked, EncryptionContext, Key, Keys, Managed};
use model::ApiError;
use pipeline::{Cx, Service, is_asked_about};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The alias of the key that the service manages itself.
const MANAGED: &str = "alias/aws/s3";
/// What that key is described as.
const DESCRIPTION: &str = "Default key that protects my S3 objects when no other key is defined";

/// Who uses a key of KMS.
pub(crate) enum User<'a, S: Service = S3> {
    /// A client of this service or another one, of whom policies are asked.
    Client(&'a Cx<'a, S>),
    /// A service of this server, under keys that its client was allowed to use when it gave the order.
    Inside(&'a Caller, &'a [String]),
}

impl<S: Service> Clone for User<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Service> Copy for User<'_, S> {}

/// What the files of an object are sealed with, and what is told of it.
#[derive(Debug, Clone)]
pub(crate) struct Lock {
    pub(crate) encryption: Encryption,
    /// `None`: each file has a key of its own.
    pub(crate) data_key: Option<DataKey>,
}

impl Lock {
    /// Without a key of KMS.
    pub(crate) fn own() -> Self {
        Lock { encryption: Encryption::Aes256, data_key: None }
    }
}

impl Shelf {
    /// The lock of a new object in a bucket.
    pub(crate) async fn lock(
        &self,
        user: User<'_>,
        wanted: &Wanted,
        (bucket, key): (&Named, &str),
    ) -> Result<Lock, ApiError> {
        let by_bucket = bucket.1.encryption.as_ref().map(|encryption| &encryption.by);
        let named = match (wanted, by_bucket) {
            (Wanted::Kms(named), _) | (Wanted::ByBucket, Some(ByDefault::Kms(named))) => named,
            (Wanted::Aes256, _) | (Wanted::ByBucket, _) => return Ok(Lock::own()),
        };
        let bucket = bucket.0.as_str();
        let (keys, context) = (self.keys()?, context(bucket, key));
        let found = self.key_named(&user.scope(), named.as_deref()).await.map_err(errors::kms)?;
        self.permit(user, &found, "kms:GenerateDataKey", &context).await?;
        let data_key = DataKey::draw();
        let wrapped = keys.encrypt(&found, &context, data_key.bytes()).map_err(errors::kms)?;
        let encryption =
            Encryption::Kms { key_arn: wrapped.key_arn, data_key: stdx::hex::encode(&wrapped.blob) };
        Ok(Lock { encryption, data_key: Some(data_key) })
    }

    /// The lock of an object or upload that is there.
    pub(crate) async fn unlock<S: Service>(
        &self,
        user: User<'_, S>,
        encryption: Option<&Encryption>,
        (bucket, key): (&str, &str),
    ) -> Result<Lock, ApiError> {
        let Some(kept @ Encryption::Kms { key_arn, data_key }) = encryption else { return Ok(Lock::own()) };
        let (keys, context) = (self.keys()?, context(bucket, key));
        let (scope, id) = parts_of(key_arn).ok_or_else(errors::damaged)?;
        let found = keys.of_id(&scope, id, self.now_millis() * 1_000).await.map_err(errors::kms)?;
        self.permit(user, &found, "kms:Decrypt", &context).await?;
        let wrapped = stdx::hex::decode(data_key).ok_or_else(errors::damaged)?;
        let opened = keys.decrypt_with(&found, &context, &wrapped).map_err(errors::kms)?;
        let data_key = DataKey::of(&opened.plaintext).ok_or_else(errors::damaged)?;
        Ok(Lock { encryption: kept.clone(), data_key: Some(data_key) })
    }

    fn keys(&self) -> Result<&Keys, ApiError> {
        self.kms().ok_or_else(|| errors::not_implemented("x-amz-server-side-encryption"))
    }

    /// The key that a request names.
    pub(crate) async fn key_named(&self, scope: &Scope, named: Option<&str>) -> Result<Key, ApiError> {
        let (keys, now_micros) = (self.keys()?, self.now_millis() * 1_000);
        let managed_id = managed_id(scope);
        match named.filter(|named| !is_managed(named, &managed_id, scope)) {
            Some(named) => keys.find(scope, named, now_micros).await,
            None => {
                let service = &service_name(scope);
                let managed = Managed { id: &managed_id, alias: MANAGED, description: DESCRIPTION, service };
                keys.managed(scope, &managed, now_micros).await
            }
        }
    }

    /// Refuses a client of another service who may not use a key for an object.
    pub(crate) async fn permit_client<S: Service>(
        &self,
        cx: &Cx<'_, S>,
        key: &Key,
        action: &'static str,
        (bucket, object): (&str, &str),
    ) -> Result<(), ApiError> {
        let (service, context) = (service_name(&key.scope()), context(bucket, object));
        let asked = Asked::new(action, &key.id).with_context(&context).via(&service);
        self.keys()?.permit(cx, key, asked).await
    }

    async fn permit<S: Service>(
        &self,
        user: User<'_, S>,
        key: &Key,
        action: &'static str,
        context: &EncryptionContext,
    ) -> Result<(), ApiError> {
        match user {
            User::Client(cx) => {
                let service = service_name(&user.scope());
                let asked = Asked::new(action, &key.id).with_context(context).via(&service);
                self.keys()?.permit(cx, key, asked).await
            }
            User::Inside(by, may) if is_asked_about(by) || !may.contains(&key.arn()) => {
                Err(errors::access_denied())
            }
            User::Inside(..) => Ok(()),
        }
    }
}

impl<S: Service> User<'_, S> {
    fn scope(&self) -> Scope {
        scope_of(match self {
            User::Client(cx) => cx.caller,
            User::Inside(by, _) => by,
        })
    }
}

/// Whose keys a caller means.
pub(crate) fn scope_of(caller: &Caller) -> Scope {
    Scope { account: caller.account.clone(), region: caller.region.clone() }
}

/// What every data key of an object is bound to.
fn context(bucket: &str, key: &str) -> EncryptionContext {
    let pairs = BTreeMap::from([("aws:s3:arn".to_owned(), object_arn(bucket, key))]);
    EncryptionContext::of(Some(pairs)).expect("names of objects are short")
}

/// The service as policies of KMS name it.
fn service_name(scope: &Scope) -> String {
    format!("s3.{}.amazonaws.com", scope.region)
}

/// A UUID that follows from account and region.
fn managed_id(scope: &Scope) -> String {
    let hash = Sha256::digest(format!("{MANAGED} of {} in {}", scope.account, scope.region));
    let hex = stdx::hex::encode(&hash[..16]);
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

fn is_managed(named: &str, managed_id: &str, scope: &Scope) -> bool {
    let here = format!("arn:aws:kms:{}:{}:", scope.region, scope.account);
    let resource = named.strip_prefix(&here).unwrap_or(named);
    resource == MANAGED || resource.strip_prefix("key/").unwrap_or(resource) == managed_id
}

/// Account, region and id of the ARN of a key.
fn parts_of(arn: &str) -> Option<(Scope, &str)> {
    let mut parts = arn.strip_prefix("arn:aws:kms:")?.splitn(3, ':');
    let (region, account) = (parts.next()?, parts.next()?);
    let id = parts.next()?.strip_prefix("key/")?;
    Some((Scope { account: account.into(), region: region.into() }, id))
}
