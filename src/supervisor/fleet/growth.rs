//! Whether a browser has grown old by what is measured of it now and then, such as its memory or the time that it takes to answer:
//! when even the least of a minute is far more than the least of its first minute when it was warm. The least counts, because a
//! single large document may need as much for a while.

/// Items after which a browser is warm: its caches and processes are those of everyday work.
const WARM_AFTER: u64 = 25;
/// Measurements of a window, whose least counts: a minute of them.
const WINDOW: u32 = 12;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Growth {
    /// So many times the warm browser's is too much, if it is also `floor` more.
    times: u64,
    /// So much more than the warm browser's is not too much yet.
    floor: u64,
    /// The least of the first window of the warm browser.
    warm: Option<u64>,
    /// The least of the present window so far.
    lowest: Option<u64>,
    /// Measurements of the present window so far.
    measured: u32,
}

impl Growth {
    pub fn new(times: u64, floor: u64) -> Self {
        Self { times, floor, warm: None, lowest: None, measured: 0 }
    }

    /// Takes note of what was measured after so many items. True if the browser has grown old.
    pub fn measured(&mut self, value: u64, items: u64) -> bool {
        if items < WARM_AFTER {
            return false;
        }
        self.lowest = Some(self.lowest.map_or(value, |lowest| lowest.min(value)));
        self.measured += 1;
        if self.measured < WINDOW {
            return false;
        }
        self.measured = 0;
        let Some(lowest) = self.lowest.take() else { return false };
        let warm = *self.warm.get_or_insert(lowest);
        lowest > warm.saturating_mul(self.times).max(warm.saturating_add(self.floor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1 << 20;

    fn growth() -> Growth {
        Growth::new(2, 512 * MB)
    }

    /// What the measurements of one window tell.
    fn window(growth: &mut Growth, megabytes: &[u64]) -> bool {
        let of = |index: usize| megabytes[index % megabytes.len()] * MB;
        (0..WINDOW as usize).map(|index| growth.measured(of(index), WARM_AFTER)).filter(|grown| *grown).count() > 0
    }

    #[test]
    fn a_browser_that_holds_twice_as_much_all_the_time_has_grown() {
        let mut growth = growth();
        assert!(!window(&mut growth, &[600, 700]));
        assert!(!window(&mut growth, &[1200]));
        assert!(window(&mut growth, &[1201, 1900]));
    }

    #[test]
    fn a_large_document_is_no_growth() {
        let mut growth = growth();
        assert!(!window(&mut growth, &[600]));
        assert!(!window(&mut growth, &[600, 4000, 4000]));
    }

    #[test]
    fn a_small_browser_may_double() {
        let mut growth = growth();
        assert!(!window(&mut growth, &[100]));
        assert!(!window(&mut growth, &[600]));
        assert!(window(&mut growth, &[613]));
    }

    #[test]
    fn what_a_browser_holds_before_it_is_warm_does_not_count() {
        let mut growth = growth();
        for _ in 0..2 * WINDOW {
            assert!(!growth.measured(100 * MB, WARM_AFTER - 1));
        }
        assert!(!window(&mut growth, &[2000]));
        assert!(!window(&mut growth, &[2000]));
    }
}
