//! Events that an answer goes on with: each is asked for when the client can take it.

use super::{Document, Documented, Structured};
use crate::schema::Structure;
use std::fmt;
use std::task::{Context, Poll};

/// Gives the next event; `None` at the end, behind which it is not asked again.
type Next<E> = dyn FnMut(&mut Context<'_>) -> Poll<Option<E>> + Send;

/// Events of a type. Whoever writes the answer takes them; copies of the answer have none.
pub struct Events<E>(Option<Box<Next<E>>>);

/// Events as documents of a schema.
pub struct DocumentEvents {
    /// The table of an event: a structure of which one member is there.
    pub schema: &'static Structure,
    /// Gives the next one; `None` at the end.
    pub next: Box<Next<Document>>,
}

impl<E> Events<E> {
    /// Those that `next` gives, which is called as a future is polled.
    pub fn of(next: impl FnMut(&mut Context<'_>) -> Poll<Option<E>> + Send + 'static) -> Self {
        Events(Some(Box::new(next)))
    }
}

impl<E: Structured + 'static> Events<E> {
    /// Takes them as documents.
    pub fn into_documents(self) -> Option<DocumentEvents> {
        let mut next = self.0?;
        let next = move |context: &mut Context<'_>| next(context).map(|event| event.map(E::into_document));
        Some(DocumentEvents { schema: E::SCHEMA, next: Box::new(next) })
    }
}

/// They are no part of the answer's document.
impl<E> Documented for Events<E> {
    fn from_document(_: Document) -> Option<Self> {
        None
    }

    fn into_document(self) -> Document {
        Document::Structure(Vec::new())
    }
}

impl<E> Clone for Events<E> {
    fn clone(&self) -> Self {
        Events(None)
    }
}

/// Nobody can tell whether two are the same.
impl<E> PartialEq for Events<E> {
    fn eq(&self, other: &Self) -> bool {
        self.0.is_none() && other.0.is_none()
    }
}

impl<E> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Events").field(&self.0.is_some()).finish()
    }
}

impl fmt::Debug for DocumentEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentEvents").field("schema", &self.schema).finish_non_exhaustive()
    }
}
