//! `GET /_stator/packages/…`: the package of a function, at the address that GetFunction gave. The address is the
//! permission, as long as it is good.

use http_server::{Act, Page};
use lambda::Functions;
use lambda::code_location::PATH;
use pipeline::Request;
use std::sync::Arc;
use stdx::Clock;

/// Hands out packages.
pub(super) struct Packages {
    functions: Functions,
    clock: Arc<dyn Clock>,
}

impl Packages {
    pub(super) fn of(functions: Functions, clock: Arc<dyn Clock>) -> Self {
        Packages { functions, clock }
    }

    pub(super) fn act(&self, request: &Request) -> Option<Act> {
        let sealed = request.uri.path().strip_prefix(PATH).filter(|_| request.method.as_str() == "GET")?;
        let (functions, sealed, now) = (self.functions.clone(), sealed.to_owned(), self.clock.now_micros());
        Some(Box::pin(async move { page(functions.package_at(&sealed, now).await) }))
    }
}

fn page<E>(found: Result<Option<Vec<u8>>, E>) -> Page {
    match found {
        Ok(Some(package)) => Page::Document {
            status: 200,
            content_type: "application/zip",
            cache_control: Some("no-store"),
            body: package.into(),
        },
        Ok(None) => Page::text(403, "this address is not good, or no longer: ask GetFunction for another\n"),
        Err(_) => Page::text(503, "the package cannot be read now\n"),
    }
}

impl std::fmt::Debug for Packages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packages").field("functions", &self.functions).finish_non_exhaustive()
    }
}
