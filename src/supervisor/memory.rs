//! How short the machine is of memory: what is left of it, or of the control group that the program is confined to, and how
//! long its processes wait for it.

#[cfg(target_os = "linux")]
pub use linux::shortage;
#[cfg(not(target_os = "linux"))]
pub use others::shortage;

#[cfg(target_os = "linux")]
mod linux {
    use std::{fmt::Write, fs, path::Path};

    /// A browser with one page takes about 150 MB; a machine with less than this to spare would have to swap for it.
    const ENOUGH: u64 = 256 << 20;
    /// In percent of the last ten seconds: for so long some process stood still because it waited for memory.
    const STALLED: f64 = 20.0;

    /// What is short, for people; nothing if memory is there for another browser, or if that cannot be told.
    pub fn shortage() -> Option<String> {
        shortage_below(Path::new("/"))
    }

    fn shortage_below(root: &Path) -> Option<String> {
        let read = |name: &str| fs::read_to_string(root.join(name)).ok();
        let available = read("proc/meminfo").and_then(|text| kilobytes(&text, "MemAvailable:"));
        let groups = read("proc/self/cgroup").unwrap_or_default();
        let left = available.into_iter().chain(groups.lines().filter_map(|line| left_in_group(root, line))).min();
        let stalled = read("proc/pressure/memory").and_then(|text| stalled(&text)).unwrap_or_default();
        let mut what = String::new();
        if let Some(left) = left.filter(|left| *left < ENOUGH) {
            let _ = write!(what, "{} MB are left", left >> 20);
        }
        if stalled >= STALLED {
            let and = if what.is_empty() { "" } else { ", and " };
            let _ = write!(what, "{and}processes waited for memory {stalled} % of the last ten seconds");
        }
        (!what.is_empty()).then_some(what)
    }

    fn kilobytes(text: &str, name: &str) -> Option<u64> {
        let value = text.lines().find_map(|line| line.strip_prefix(name))?;
        value.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
    }

    /// Of `some avg10=1.23 avg60=...` the first figure.
    fn stalled(text: &str) -> Option<f64> {
        text.strip_prefix("some avg10=")?.split(' ').next()?.parse().ok()
    }

    /// Bytes that a control group and those around it may still take; `line` is one of `/proc/self/cgroup`.
    fn left_in_group(root: &Path, line: &str) -> Option<u64> {
        let (_, rest) = line.split_once(':')?;
        let (controllers, group) = rest.split_once(':')?;
        let (mount, limit, usage, cache) = match controllers {
            "" => ("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
            "memory" => {
                ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            }
            _ => return None,
        };
        let mount = root.join(mount);
        // In a container the mount may show the group itself, under whatever name it has outside; then only that is there.
        let own = mount.join(group.trim_start_matches('/'));
        let around = own.ancestors().take_while(|place| place.starts_with(&mount));
        let left = around.filter_map(|place| {
            let number = |name: &str| fs::read_to_string(place.join(name)).ok()?.trim().parse::<u64>().ok();
            let statistics = fs::read_to_string(place.join("memory.stat")).unwrap_or_default();
            // What was read from files and not used lately is given up first.
            let cached = statistics.lines().find_map(|line| line.strip_prefix(cache)?.trim().parse::<u64>().ok());
            let used = number(usage)?.saturating_sub(cached.unwrap_or_default());
            Some(number(limit)?.saturating_sub(used))
        });
        left.min()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        const MB: u64 = 1 << 20;

        /// A machine with so many bytes left, and these files besides.
        fn shortage_with(left: u64, files: &[(&str, &str)]) -> Option<String> {
            let root = std::env::temp_dir().join(format!("boomtown-test-memory-{}", fastrand::u64(..)));
            let meminfo = format!("MemTotal:       99999999 kB\nMemAvailable:   {} kB\n", left >> 10);
            for (name, text) in files.iter().chain(&[("proc/meminfo", meminfo.as_str())]) {
                let file = root.join(name);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
            }
            let shortage = shortage_below(&root);
            fs::remove_dir_all(root).unwrap();
            shortage
        }

        #[test]
        fn a_machine_with_memory_to_spare_is_not_short_of_it() {
            assert_eq!(shortage_with(300 * MB, &[("proc/pressure/memory", "some avg10=19.99 avg60=50.00")]), None);
        }

        #[test]
        fn a_machine_with_hardly_any_memory_left_is_short_of_it() {
            assert_eq!(shortage_with(200 * MB, &[]).as_deref(), Some("200 MB are left"));
        }

        #[test]
        fn a_machine_whose_processes_wait_for_memory_is_short_of_it() {
            let what =
                shortage_with(9000 * MB, &[("proc/pressure/memory", "some avg10=20.50 avg60=1.00 total=9\nfull")]);
            assert_eq!(what.as_deref(), Some("processes waited for memory 20.5 % of the last ten seconds"));
        }

        #[test]
        fn a_group_that_is_nearly_full_is_short_of_memory_and_its_idle_cache_counts_as_free() {
            let files = |cache: &'static str| {
                [
                    ("proc/self/cgroup", "0::/town"),
                    ("sys/fs/cgroup/town/memory.max", "1073741824\n"),
                    ("sys/fs/cgroup/town/memory.current", "1000000000\n"),
                    ("sys/fs/cgroup/town/memory.stat", cache),
                ]
            };
            assert_eq!(shortage_with(9000 * MB, &files("inactive_file 0\n")).as_deref(), Some("70 MB are left"));
            assert_eq!(shortage_with(9000 * MB, &files("inactive_file 500000000\n")), None);
        }

        #[test]
        fn a_group_inside_one_that_is_nearly_full_is_short_of_memory() {
            let files = [
                ("proc/self/cgroup", "0::/slice/service/town"),
                ("sys/fs/cgroup/slice/memory.max", "1073741824\n"),
                ("sys/fs/cgroup/slice/memory.current", "1000000000\n"),
                ("sys/fs/cgroup/slice/service/memory.max", "max\n"),
                ("sys/fs/cgroup/slice/service/memory.current", "1000\n"),
                ("sys/fs/cgroup/slice/service/town/memory.max", "9073741824\n"),
                ("sys/fs/cgroup/slice/service/town/memory.current", "1000\n"),
            ];
            assert_eq!(shortage_with(9000 * MB, &files).as_deref(), Some("70 MB are left"));
        }

        #[test]
        fn a_group_of_the_first_version_counts_and_may_be_mounted_alone() {
            let files = [
                ("proc/self/cgroup", "5:cpu:/\n4:memory:/docker/abc\n0::/"),
                ("sys/fs/cgroup/memory/memory.limit_in_bytes", "1048576\n"),
                ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000\n"),
            ];
            assert_eq!(shortage_with(9000 * MB, &files).as_deref(), Some("0 MB are left"));
        }

        #[test]
        fn a_group_without_a_limit_is_not_short_of_memory() {
            let files = [
                ("proc/self/cgroup", "0::/"),
                ("sys/fs/cgroup/memory.max", "max\n"),
                ("sys/fs/cgroup/memory.current", "1000\n"),
            ];
            assert_eq!(shortage_with(9000 * MB, &files), None);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod others {
    /// Not measured here.
    pub fn shortage() -> Option<String> {
        None
    }
}
