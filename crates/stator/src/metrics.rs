//! `/metrics` in the text format of Prometheus: what requests cost and how they ended, tables, indexes being built,
//! jobs, the store and the process. What is counted grows from the start of the server. A label for each table is
//! bounded as the registry of figures is.

mod exposition;
mod page;
mod process;
mod requests;
mod server;
mod store;
mod tables;

pub(crate) use page::{MetricsPage, Sources};
