//! Futures behind a pointer.
//!
//! The body of an async function is compiled where it is polled, again in each crate that does so, with all that it
//! calls. One that is boxed where it is written is compiled there, once. So what a crate runs for long, or what many
//! crates call and no request's path waits for, is handed out boxed.

use std::future::Future;
use std::pin::Pin;

/// A future of any type, which may go from thread to thread.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
