//! Whether a browser has grown: it leaks when even the least memory that it held during a minute is far more than what it held
//! when it was warm. The least counts, because a single large document may need as much for a while.

/// Items after which a browser is warm: its caches and processes are those of everyday work.
const WARM_AFTER: u64 = 25;
/// Measurements of a window, whose least counts: a minute of them.
const WINDOW: u32 = 12;
/// So many times the warm browser's memory is a leak, if it is also [`FLOOR`] more.
const TIMES: u64 = 2;
/// Bytes beyond the warm browser's memory that are no leak yet.
const FLOOR: u64 = 512 << 20;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Growth {
    /// The least of the first window of the warm browser.
    warm: Option<u64>,
    /// The least of the present window so far.
    lowest: Option<u64>,
    /// Measurements of the present window so far.
    measured: u32,
}

impl Growth {
    /// Takes note of the bytes that the browser holds after so many items. True if the browser has grown.
    pub fn measured(&mut self, bytes: u64, items: u64) -> bool {
        if items < WARM_AFTER {
            return false;
        }
        self.lowest = Some(self.lowest.map_or(bytes, |lowest| lowest.min(bytes)));
        self.measured += 1;
        if self.measured < WINDOW {
            return false;
        }
        self.measured = 0;
        let Some(lowest) = self.lowest.take() else { return false };
        let warm = *self.warm.get_or_insert(lowest);
        lowest > warm.saturating_mul(TIMES).max(warm.saturating_add(FLOOR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1 << 20;

    /// What the measurements of one window tell.
    fn window(growth: &mut Growth, megabytes: &[u64]) -> bool {
        let of = |index: usize| megabytes[index % megabytes.len()] * MB;
        (0..WINDOW as usize).map(|index| growth.measured(of(index), WARM_AFTER)).filter(|grown| *grown).count() > 0
    }

    #[test]
    fn a_browser_that_holds_twice_as_much_all_the_time_has_grown() {
        let mut growth = Growth::default();
        assert!(!window(&mut growth, &[600, 700]));
        assert!(!window(&mut growth, &[1200]));
        assert!(window(&mut growth, &[1201, 1900]));
    }

    #[test]
    fn a_large_document_is_no_growth() {
        let mut growth = Growth::default();
        assert!(!window(&mut growth, &[600]));
        assert!(!window(&mut growth, &[600, 4000, 4000]));
    }

    #[test]
    fn a_small_browser_may_double() {
        let mut growth = Growth::default();
        assert!(!window(&mut growth, &[100]));
        assert!(!window(&mut growth, &[600]));
        assert!(window(&mut growth, &[613]));
    }

    #[test]
    fn what_a_browser_holds_before_it_is_warm_does_not_count() {
        let mut growth = Growth::default();
        for _ in 0..2 * WINDOW {
            assert!(!growth.measured(100 * MB, WARM_AFTER - 1));
        }
        assert!(!window(&mut growth, &[2000]));
        assert!(!window(&mut growth, &[2000]));
    }
}
