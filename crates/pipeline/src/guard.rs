//! A panic inside an operation is a 500 with an id in the log, never a cut connection.

use crate::entry::{Served, Serving};
use crate::request_id::RequestId;
use crate::route::Route;
use figures::Figures;
use model::ApiError;
use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

/// Runs a future to its end; a panic becomes an error, which the figures count among the refusals. What the operation
/// had locked is released by unwinding; a future that panicked is never polled again.
pub(crate) async fn catch_panics(
    id: &RequestId,
    route: &Route,
    figures: &Figures,
    mut serving: Serving<'_>,
) -> Served {
    let caught = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| serving.as_mut().poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(served)) => Poll::Ready(Ok(served)),
        Err(panic) => Poll::Ready(Err(panic)),
    });
    caught.await.unwrap_or_else(|panic| {
        tracing::error!(request_id = %id, operation = route.name(), "panic while serving: {}", text(&*panic));
        figures.refuse("Panic");
        Err(ApiError::new(route.service().internal_error, "Internal server error"))
    })
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(no text)")
}
