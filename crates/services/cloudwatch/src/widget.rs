//! Widgets: graphs of metrics as pictures.
//!
//! A [`spec`] is what a client asks for, its metrics [`rows`] that become queries; a [`chart`] places axes, lines,
//! annotations and legend on a [`canvas`], which knows pixels, [`text`] and [`png`] files. Nothing here reads metrics.

mod axis;
mod canvas;
mod chart;
mod color;
mod png;
mod rows;
mod spec;
mod text;
mod time;

pub(crate) use chart::{Curve, draw};
pub(crate) use spec::Spec;
