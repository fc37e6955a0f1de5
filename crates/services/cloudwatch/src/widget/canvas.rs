//! Pixels: areas, curves and letters, with soft edges.

use super::color::{self, Color};
use super::png;
use super::text::Size;
use std::f64::consts::TAU;

/// A picture.
#[derive(Debug)]
pub(super) struct Canvas {
    width: i32,
    height: i32,
    pixels: Vec<Color>,
}

/// A rectangle of pixels: left, top, and those behind right and bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

impl Area {
    pub(super) fn width(self) -> i32 {
        self.right - self.left
    }

    pub(super) fn height(self) -> i32 {
        self.bottom - self.top
    }

    /// The part of it that is no farther from points than this.
    fn around(self, points: &[(f32, f32)], reach: i32) -> Area {
        let ends = |of: fn(&(f32, f32)) -> f32| {
            points.iter().map(of).fold((f32::MAX, f32::MIN), |(low, high), at| (low.min(at), high.max(at)))
        };
        let (xs, ys) = (ends(|point| point.0), ends(|point| point.1));
        Area {
            left: self.left.max((xs.0 as i32).saturating_sub(reach)),
            top: self.top.max((ys.0 as i32).saturating_sub(reach)),
            right: self.right.min((xs.1 as i32).saturating_add(reach)),
            bottom: self.bottom.min((ys.1 as i32).saturating_add(reach)),
        }
    }
}

/// A ring; a disc where its hole has no size. Angles are clockwise, from the top.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ring {
    pub(super) center: (f64, f64),
    pub(super) inner: f64,
    pub(super) outer: f64,
}

impl Ring {
    /// What is at an angle, so far from the center.
    pub(super) fn point(self, angle: f64, distance: f64) -> (f64, f64) {
        (self.center.0 + angle.sin() * distance, self.center.1 - angle.cos() * distance)
    }

    /// The angle of a point and how much of its pixel is in the ring.
    fn seen_from(self, x: i32, y: i32) -> (f64, f64) {
        let (right, down) = (f64::from(x) + 0.5 - self.center.0, f64::from(y) + 0.5 - self.center.1);
        let distance = right.hypot(down);
        let part = (self.outer - distance + 0.5).min(distance - self.inner + 0.5);
        (right.atan2(-down).rem_euclid(TAU), part.clamp(0.0, 1.0))
    }
}

/// How opaque each pixel of an area is: what a curve covers twice is not darker.
struct Mask {
    area: Area,
    covered: Vec<u8>,
}

impl Canvas {
    /// A picture of one colour; both sizes are at least one.
    pub(super) fn new(width: i32, height: i32, color: Color) -> Self {
        Canvas { width, height, pixels: vec![color; (width * height) as usize] }
    }

    /// As a file.
    pub(super) fn png(&self) -> Vec<u8> {
        png::encode(self.width as usize, &self.pixels)
    }

    pub(super) fn fill(&mut self, area: Area, color: Color, opacity: u8) {
        for y in area.top.max(0)..area.bottom.min(self.height) {
            for x in area.left.max(0)..area.right.min(self.width) {
                self.blend(x, y, color, opacity);
            }
        }
    }

    /// A line of dashes, downward or to the right.
    pub(super) fn dash(&mut self, area: Area, color: Color) {
        let is_flat = area.width() > area.height();
        for y in area.top.max(0)..area.bottom.min(self.height) {
            for x in area.left.max(0)..area.right.min(self.width) {
                if (if is_flat { x - area.left } else { y - area.top }) % 8 < 5 {
                    self.blend(x, y, color, 255);
                }
            }
        }
    }

    /// A curve through points, as far as it is within an area. A single point is a dot.
    pub(super) fn curve(&mut self, within: Area, points: &[(f32, f32)], thickness: f32, color: Color) {
        let within = within.around(points, (thickness * 1.5).ceil() as i32 + 2);
        let mut mask = Mask::of(within);
        match points {
            [dot] => mask.segment(*dot, *dot, thickness),
            _ => points.windows(2).for_each(|pair| mask.segment(pair[0], pair[1], thickness / 2.0)),
        }
        let covered = mask.covered.iter().enumerate().filter(|(_, covered)| **covered > 0);
        for (at, covered) in covered {
            let (x, y) = (at as i32 % within.width(), at as i32 / within.width());
            self.blend(within.left + x, within.top + y, color, *covered);
        }
    }

    /// Parts of a ring from an angle on: how far behind it each ends, in this order, and its colour.
    pub(super) fn ring(&mut self, ring: Ring, from: f64, parts: &[(f64, Color)]) {
        let ends = |middle: f64, size: i32| {
            let (first, last) = (middle - ring.outer - 1.0, middle + ring.outer + 1.0);
            (first as i32).max(0)..(last as i32 + 1).min(size)
        };
        for y in ends(ring.center.1, self.height) {
            for x in ends(ring.center.0, self.width) {
                let (angle, seen) = ring.seen_from(x, y);
                let behind = (angle - from).rem_euclid(TAU);
                let part = parts.partition_point(|(end, _)| *end <= behind);
                if let Some((_, color)) = parts.get(part).filter(|_| seen > 0.0) {
                    self.blend(x, y, *color, (seen * 255.0) as u8);
                }
            }
        }
    }

    /// A text from its left upper corner on.
    pub(super) fn text(&mut self, left: i32, top: i32, size: Size, text: &str, color: Color) {
        for (place, letter) in text.chars().enumerate() {
            let Some(drawn) = size.letter(letter) else { continue };
            let from = left.saturating_add(size.advance().saturating_mul(place as i32));
            for (y, row) in drawn.rows().enumerate() {
                for (x, opacity) in row.iter().enumerate().filter(|(_, opacity)| **opacity > 0) {
                    self.blend(from.saturating_add(x as i32), top + y as i32, color, *opacity);
                }
            }
        }
    }

    fn blend(&mut self, x: i32, y: i32, color: Color, opacity: u8) {
        if !(0..self.width).contains(&x) || !(0..self.height).contains(&y) {
            return;
        }
        let pixel = &mut self.pixels[(y * self.width + x) as usize];
        *pixel = if opacity == 255 { color } else { color::mixed(*pixel, color, opacity) };
    }
}

impl Mask {
    fn of(area: Area) -> Self {
        let pixels = area.width().max(0) as usize * area.height().max(0) as usize;
        Mask { area, covered: vec![0; pixels] }
    }

    /// A line with round ends. Its pixels are walked along its longer side.
    fn segment(&mut self, from: (f32, f32), to: (f32, f32), radius: f32) {
        let is_flat = (to.0 - from.0).abs() >= (to.1 - from.1).abs();
        let along = |point: (f32, f32)| if is_flat { (point.0, point.1) } else { (point.1, point.0) };
        let ((start, off), (end, end_off)) = (along(from), along(to));
        let slope = if start == end { 0.0 } else { (end_off - off) / (end - start) };
        let reach = radius * 1.5 + 1.5;
        let (low, high) =
            if is_flat { (self.area.left, self.area.right) } else { (self.area.top, self.area.bottom) };
        let first = ((start.min(end) - reach) as i32).max(low);
        let last = ((start.max(end) + reach) as i32 + 1).min(high);
        for at in first..last {
            let center = off + slope * ((at as f32 + 0.5).clamp(start.min(end), start.max(end)) - start);
            for across in (center - reach) as i32..=(center + reach) as i32 {
                let (x, y) = if is_flat { (at, across) } else { (across, at) };
                let distance = distance((x as f32 + 0.5, y as f32 + 0.5), from, to);
                self.cover(x, y, (radius + 0.5 - distance).clamp(0.0, 1.0));
            }
        }
    }

    fn cover(&mut self, x: i32, y: i32, part: f32) {
        let Area { left, top, right, bottom } = self.area;
        if (left..right).contains(&x) && (top..bottom).contains(&y) {
            let pixel = &mut self.covered[((y - top) * (right - left) + x - left) as usize];
            *pixel = (*pixel).max((part * 255.0) as u8);
        }
    }
}

/// Of a point from a line.
fn distance(point: (f32, f32), from: (f32, f32), to: (f32, f32)) -> f32 {
    let (line, own) = ((to.0 - from.0, to.1 - from.1), (point.0 - from.0, point.1 - from.1));
    let length = line.0 * line.0 + line.1 * line.1;
    let part = if length == 0.0 { 0.0 } else { ((own.0 * line.0 + own.1 * line.1) / length).clamp(0.0, 1.0) };
    (own.0 - part * line.0).hypot(own.1 - part * line.1)
}

#[cfg(test)]
mod tests {
    use super::super::color::{BLACK, WHITE};
    use super::*;

    fn dark(canvas: &Canvas) -> usize {
        canvas.pixels.iter().filter(|pixel| pixel[0] < 100).count()
    }

    #[test]
    fn curves_stay_within_their_area() {
        let area = Area { left: 10, top: 10, right: 30, bottom: 30 };
        for ends in [[(0.0, 20.0), (60.0, 20.0)], [(20.0, -900.0), (20.0, 60.0)], [(0.0, 0.0), (40.0, 40.0)]]
        {
            let mut canvas = Canvas::new(40, 40, WHITE);
            canvas.curve(area, &ends, 2.0, BLACK);
            let outside = |at: usize| !(10..30).contains(&(at / 40)) || !(10..30).contains(&(at % 40));
            let touched = canvas.pixels.iter().enumerate().filter(|(_, pixel)| **pixel != WHITE);
            assert!(touched.clone().count() >= 40 && touched.clone().all(|(at, _)| !outside(at)), "{ends:?}");
        }
    }

    #[test]
    fn letters_dots_and_dashes_are_seen_and_nothing_is_drawn_beside_the_picture() {
        let mut canvas = Canvas::new(40, 40, WHITE);
        canvas.text(-4, 30, Size::Small, "Wide and low", BLACK);
        assert!(dark(&canvas) > 20);
        let mut canvas = Canvas::new(40, 40, WHITE);
        canvas.curve(Area { left: 0, top: 0, right: 40, bottom: 40 }, &[(20.0, 20.0)], 3.0, BLACK);
        assert!((16..40).contains(&dark(&canvas)), "{}", dark(&canvas));
        canvas.dash(Area { left: 0, top: 2, right: 80, bottom: 3 }, BLACK);
        canvas.fill(Area { left: -5, top: -5, right: 900, bottom: 1 }, BLACK, 255);
        assert!(dark(&canvas) > 70);
    }
    #[test]
    fn a_ring_has_its_parts_clockwise_from_the_top() {
        let mut canvas = Canvas::new(40, 40, WHITE);
        let ring = Ring { center: (20.0, 20.0), inner: 8.0, outer: 16.0 };
        canvas.ring(ring, 0.0, &[(TAU / 4.0, BLACK), (TAU / 2.0, [255, 0, 0])]);
        let at = |angle: f64, distance: f64| {
            let (x, y) = ring.point(angle * TAU, distance);
            canvas.pixels[y as usize * 40 + x as usize]
        };
        assert_eq!([at(0.125, 12.0), at(0.375, 12.0), at(0.6, 12.0)], [BLACK, [255, 0, 0], WHITE]);
        assert_eq!([at(0.125, 4.0), at(0.125, 18.0)], [WHITE, WHITE]);
    }
}
