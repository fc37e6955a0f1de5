//! The functions of a server: kept in the store, so that every server on it has the same.
//!
//! [`Functions`] is what the operations stand on, and what other parts of the server call: a mapping or an alarm
//! invokes a function through it, in process.

use crate::code::{CodeRef, Packages};
use crate::errors;
use crate::function::{self, Function, Version};
use crate::name::{Arn, LATEST};
use model::ApiError;
use std::sync::Arc;
use stdx::Random;
use store::Store;
use store::documents::Documents;
use store::records::RecordKey;

/// Whether functions may be made and run at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Execution {
    /// They are neither.
    Off,
    /// The machine's owner allows it.
    On,
}

/// The functions of a server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Functions {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    execution: Execution,
    documents: Documents,
    packages: Packages,
    random: Random,
}

/// A version of a function that a request has named.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// With the qualifier of the request.
    pub(crate) arn: Arn,
    /// `$LATEST` or a number.
    pub(crate) number: String,
    pub(crate) version: Version,
    pub(crate) function: Function,
}

impl Functions {
    /// The functions that a store has.
    pub fn of(store: Arc<dyn Store>, random: Random, execution: Execution) -> Self {
        let packages = Packages::of(Arc::clone(&store));
        let documents = Documents::of(store, function::FORMAT);
        Functions { inner: Arc::new(Inner { execution, documents, packages, random }) }
    }

    /// Refuses what makes or runs functions where that is switched off.
    pub(crate) fn check_execution(&self) -> Result<(), ApiError> {
        match self.inner.execution {
            Execution::On => Ok(()),
            Execution::Off => Err(errors::switched_off()),
        }
    }

    /// A function as a whole.
    pub(crate) async fn function(&self, arn: &Arn) -> Result<Function, ApiError> {
        let function = self.inner.documents.get(&key(arn)).await.map_err(errors::record)?;
        function.ok_or_else(|| errors::function_not_found(arn))
    }

    /// A version of a function; without a qualifier the unpublished one.
    pub(crate) async fn resolve(&self, arn: Arn) -> Result<Resolved, ApiError> {
        let function = self.function(&arn).await?;
        let number = arn.qualifier.clone().unwrap_or_else(|| LATEST.to_owned());
        let found = match number.as_str() {
            LATEST => Some(&function.latest),
            number => number.parse().ok().and_then(|number: u64| function.versions.get(&number)),
        };
        let version = found.cloned().ok_or_else(|| errors::function_not_found(&arn))?;
        Ok(Resolved { arn, number, version, function })
    }

    /// The functions of a region behind a name, in the order of names.
    pub(crate) async fn list(
        &self,
        account: &str,
        region: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Function>, ApiError> {
        let after = after.map(|name| function::key(account, region, name));
        let scope = function::scope(account, region);
        let listed = self.inner.documents.list(scope, after.as_ref(), limit).await.map_err(errors::record)?;
        Ok(listed.into_iter().map(|(_, function)| function).collect())
    }

    /// Changes a function in one commit; `change` makes the new one of the old and may run again.
    pub(crate) async fn change<R: Send>(
        &self,
        arn: &Arn,
        change: impl FnMut(Option<Function>) -> Result<(Option<Function>, R), ApiError> + Send,
    ) -> Result<R, ApiError> {
        self.inner.documents.change(&key(arn), change).await.map_err(errors::record)?
    }

    /// Keeps a package, before a version has it.
    pub(crate) async fn keep_package(&self, zipped: &[u8]) -> Result<CodeRef, ApiError> {
        let [high, low] = self.inner.random.draw();
        let code = CodeRef::of(zipped, u128::from(high) << 64 | u128::from(low));
        self.inner.packages.write(&code, zipped).await.map_err(|error| errors::store(&error))?;
        Ok(code)
    }

    /// Forgets packages that no version has any more. What cannot be forgotten now takes room and nothing else.
    pub(crate) async fn forget_packages(&self, packages: impl IntoIterator<Item = CodeRef>) {
        for package in packages {
            if let Err(error) = self.inner.packages.forget(&package).await {
                tracing::warn!(%error, package = package.id, "a package was not removed");
            }
        }
    }

    /// A new revision of a version.
    pub(crate) fn draw_uuid(&self) -> String {
        uuid(&self.inner.random)
    }
}

fn key(arn: &Arn) -> RecordKey {
    function::key(&arn.account, &arn.region, &arn.name)
}

/// A random UUID.
pub(crate) fn uuid(random: &Random) -> String {
    let [high, low]: [u64; 2] = random.draw();
    let high = high & !0xF000 | 0x4000;
    let low = low & !(3 << 62) | 2 << 62;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )
}
