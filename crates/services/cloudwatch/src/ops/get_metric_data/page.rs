//! Pages of points. A token is how many points earlier pages had: the results of the same request in order.

use crate::errors;
use model::ApiError;
use model::cloudwatch::MetricDataResult;

/// Which points of the results are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    after: usize,
    size: usize,
}

impl Page {
    pub(super) fn of(token: Option<&str>, size: usize) -> Result<Self, ApiError> {
        let after = match token {
            None => 0,
            Some(token) => usize::from_str_radix(token, 16).map_err(|_| errors::invalid_next_token())?,
        };
        Ok(Page { after, size })
    }

    /// The page, and the token of the next one.
    pub(super) fn cut(self, results: Vec<MetricDataResult>) -> (Vec<MetricDataResult>, Option<String>) {
        let (mut skip, mut room, mut page) = (self.after, self.size, Vec::new());
        for mut result in results {
            let points = result.values.as_ref().map_or(0, Vec::len);
            let from = skip.min(points);
            skip -= from;
            let to = (from + room).min(points);
            room -= to - from;
            if from == points && self.after > 0 || to == from && points > from {
                if points > from {
                    return (page, Some(self.next()));
                }
                continue;
            }
            result.timestamps = result.timestamps.map(|times| times[from..to].to_vec());
            result.values = result.values.map(|values| values[from..to].to_vec());
            if to < points {
                result.status_code = Some("PartialData".to_owned());
                page.push(result);
                return (page, Some(self.next()));
            }
            page.push(result);
        }
        (page, None)
    }

    fn next(self) -> String {
        format!("{:016x}", self.after + self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(points: usize) -> MetricDataResult {
        let times: Vec<f64> = (0..points).map(|at| at as f64).collect();
        MetricDataResult {
            timestamps: Some(times.clone()),
            values: Some(times),
            ..MetricDataResult::default()
        }
    }

    #[test]
    fn pages_follow_each_other() {
        let all = || [3, 0, 5, 2].map(result).to_vec();
        let (mut token, mut sizes) = (None, Vec::new());
        loop {
            let (page, next) = Page::of(token.as_deref(), 4).unwrap().cut(all());
            sizes.push(page.iter().map(|result| result.values.as_ref().unwrap().len()).collect::<Vec<_>>());
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(sizes, [vec![3, 0, 1], vec![4], vec![2]]);
        assert!(Page::of(Some("none"), 4).is_err());
    }
}
