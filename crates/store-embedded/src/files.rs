//! The seam between the log and the disk. Whatever the log does to files goes through [`FileLayer`], so that
//! tests can fail the n-th call. Sorted files are lsm-tree's own business and do not pass here.

#[doc(hidden)]
pub mod faulty;
mod file_layer;
mod real;

pub use file_layer::{BlockFile, FileLayer};
pub use real::RealFiles;
