//! Widgets: graphs of metrics as pictures.
//!
//! A [`spec`] is what a client asks for, its metrics [`rows`] that become queries. The [`picture`] has a title, a
//! [`legend`] and one of the views: a [`chart`] over time, or the latest values as [`numbers`], [`gauges`], [`bars`] or
//! [`pie`]. A [`canvas`] knows pixels, [`text`] and [`png`] files. Nothing here reads metrics.

mod axis;
mod bars;
mod canvas;
mod chart;
mod color;
mod gauges;
mod legend;
mod numbers;
mod picture;
mod pie;
mod png;
mod rows;
mod spec;
mod text;
mod time;

pub(crate) use picture::{Curve, draw};
pub(crate) use spec::Spec;
