//! Looks at the system's processes: which belong to a worker, whether they have ended, how much memory they hold.

use std::{collections::BTreeSet, io, time::Duration};

use tokio::time::timeout;

#[cfg(target_os = "linux")]
pub use linux::{belonging, descendants, ended, memory, of_town};
#[cfg(not(target_os = "linux"))]
pub use others::{belonging, descendants, ended, memory, of_town};

/// How long killed processes get to vanish. The kernel needs milliseconds; longer means one it cannot end.
const VANISHING: Duration = Duration::from_secs(2);

/// Kills what is found until nothing is found any more and all of it is gone, and tells whether it came to that.
pub async fn vanish<F: Future<Output = io::Result<Vec<u32>>>>(find: impl Fn() -> F) -> bool {
    let mut killed = BTreeSet::new();
    let vanished = async {
        let mut pause = Duration::from_millis(1);
        loop {
            let found = find().await;
            for &pid in found.iter().flatten() {
                kill(pid);
                killed.insert(pid);
            }
            // A process that is not our child gives no event that all systems know.
            let gone = async {
                for &pid in &killed {
                    ended(pid).await;
                }
            };
            let gone = timeout(pause, gone).await.is_ok();
            match found {
                Ok(found) if found.is_empty() && gone => break,
                Err(_) => tokio::time::sleep(pause).await,
                Ok(_) => {}
            }
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    };
    timeout(VANISHING, vanished).await.is_ok()
}

/// Kills a process. One that is gone already is as good.
#[cfg(unix)]
pub fn kill(pid: u32) {
    send(pid, rustix::process::Signal::KILL);
}

/// Tells a process to end.
#[cfg(unix)]
pub fn terminate(pid: u32) {
    send(pid, rustix::process::Signal::TERM);
}

#[cfg(unix)]
fn send(pid: u32, signal: rustix::process::Signal) {
    use rustix::process::{Pid, kill_process};
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Windows: the job object has ended the process.
#[cfg(not(unix))]
pub fn kill(_pid: u32) {}

/// Windows has no such signal.
#[cfg(not(unix))]
pub fn terminate(_pid: u32) {}

#[cfg(target_os = "linux")]
mod linux {
    use std::{fs, io, time::Duration};

    use rustix::{
        io::Errno,
        param::page_size,
        process::{Pid, PidfdFlags, pidfd_open},
    };
    use tokio::io::{Interest, unix::AsyncFd};

    use super::super::marker::{MARKER, WATCHDOG_MARKER};

    /// How often a process is looked at that the kernel tells no event of.
    const LOOK_AGAIN: Duration = Duration::from_millis(200);

    /// What `/proc/PID/stat` says.
    struct Stat {
        zombie: bool,
        parent: u32,
        session: u32,
    }

    /// None if the process has ended.
    fn stat(pid: u32) -> io::Result<Option<Stat>> {
        let line = match fs::read_to_string(format!("/proc/{pid}/stat")) {
            Err(error) if is_shortage(&error) => return Err(error),
            line => line.ok(),
        };
        Ok(line.and_then(|line| parsed(&line)))
    }

    /// Whether it is for want of descriptors that nothing could be read.
    fn is_shortage(error: &io::Error) -> bool {
        matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
    }

    fn parsed(line: &str) -> Option<Stat> {
        // The name in parentheses may hold anything; after it come state, parent, group and session.
        let mut fields = line.rsplit_once(") ")?.1.split(' ');
        let zombie = fields.next()? == "Z";
        let parent = fields.next()?.parse().ok()?;
        let session = fields.nth(1)?.parse().ok()?;
        Some(Stat { zombie, parent, session })
    }

    /// The living processes of these sessions, and those whose environment holds one of the markers: Chromium's crash
    /// handler leaves its session, and its renderers overwrite their environment.
    ///
    /// # Errors
    /// Without a free descriptor nobody can tell.
    pub fn belonging(sessions: &[u32], markers: &[String]) -> io::Result<Vec<u32>> {
        let is_marker = |variable: &[u8]| markers.iter().any(|marker| variable == marker.as_bytes());
        let belongs =
            |(pid, stat): &(u32, Stat)| Ok(sessions.contains(&stat.session) || has_variable(*pid, is_marker)?);
        let living = living()?.into_iter();
        living.filter_map(|one| belongs(&one).map(|ours| ours.then_some(one.0)).transpose()).collect()
    }

    /// The living processes of a town: those with its marker, and what they have started, which may have lost it.
    ///
    /// # Errors
    /// Without a free descriptor nobody can tell.
    pub fn of_town(name: &str) -> io::Result<Vec<u32>> {
        let marker = format!("{MARKER}={name}.");
        let watchdog = format!("{WATCHDOG_MARKER}={name}");
        let is_ours = |variable: &[u8]| variable.starts_with(marker.as_bytes()) || variable == watchdog.as_bytes();
        let pids = living()?.into_iter().map(|(pid, _)| pid);
        let own = pids.filter_map(|pid| has_variable(pid, is_ours).map(|ours| ours.then_some(pid)).transpose());
        let own = own.collect::<io::Result<Vec<u32>>>()?;
        Ok([descendants(&own)?, own].concat())
    }

    /// The living processes that these have started, and what those have started in turn.
    ///
    /// # Errors
    /// Without a free descriptor nobody can tell.
    pub fn descendants(of: &[u32]) -> io::Result<Vec<u32>> {
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let living = living()?;
        let mut parents = of.to_vec();
        let mut found = Vec::new();
        while let Some(parent) = parents.pop() {
            let children = living.iter().filter(|(_, stat)| stat.parent == parent).map(|(pid, _)| *pid);
            let before = found.len();
            found.extend(children);
            parents.extend_from_slice(&found[before..]);
        }
        Ok(found)
    }

    fn living() -> io::Result<Vec<(u32, Stat)>> {
        let pids = fs::read_dir("/proc")?.flatten();
        let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let living = |pid| Ok(stat(pid)?.filter(|stat| !stat.zombie).map(|stat| (pid, stat)));
        pids.filter_map(|pid| living(pid).transpose()).collect()
    }

    /// Whether one of the variables in its environment fits, each as `NAME=VALUE`.
    fn has_variable(pid: u32, fits: impl Fn(&[u8]) -> bool) -> io::Result<bool> {
        match fs::read(format!("/proc/{pid}/environ")) {
            Err(error) if is_shortage(&error) => Err(error),
            // The process has ended, or belongs to somebody else.
            Err(_) => Ok(false),
            Ok(environment) => Ok(environment.split(|&byte| byte == 0).any(fits)),
        }
    }

    /// Waits until the process has ended, whoever its parent is.
    pub async fn ended(pid: u32) {
        match open(pid) {
            // An error would mean that there is nothing to wait on.
            Ok(Some(file)) => drop(file.readable().await),
            Ok(None) => {}
            // No such events before Linux 5.10, under some seccomp profiles, or without free descriptors.
            Err(_) => {
                // What cannot be read may still live.
                while stat(pid).map_or(true, |stat| stat.is_some_and(|stat| !stat.zombie)) {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
            }
        }
    }

    fn open(pid: u32) -> io::Result<Option<AsyncFd<std::os::fd::OwnedFd>>> {
        let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return Ok(None) };
        match pidfd_open(pid, PidfdFlags::NONBLOCK) {
            // SAFETY: an `OwnedFd` stands for one open descriptor until it is dropped, which the `AsyncFd` does.
            Ok(file) => Ok(Some(unsafe { AsyncFd::register_with_interest(file, Interest::READABLE) }?)),
            Err(Errno::SRCH) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Bytes that these processes hold, memory they share with others counted in part.
    pub fn memory(pids: &[u32]) -> u64 {
        pids.iter().filter_map(|pid| proportional(*pid).or_else(|| resident(*pid))).sum()
    }

    /// The process's resident bytes, with all of what it shares, which the kernel tells even of processes that nobody may look into.
    fn resident(pid: u32) -> Option<u64> {
        let pages = fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
        let pages: u64 = pages.split(' ').nth(1)?.parse().ok()?;
        Some(pages.saturating_mul(page_size() as u64))
    }

    fn proportional(pid: u32) -> Option<u64> {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_a_process_holds_in_full_is_no_less_than_its_share() {
            let pid = std::process::id();
            let (share, full) = (proportional(pid).unwrap(), resident(pid).unwrap());
            // Other tests take and give memory in between.
            assert!(full > share / 2 && share > 0, "{full} bytes in full, {share} shared out");
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod others {
    /// The sessions' leaders stand for the sessions; signals go to whole groups.
    pub fn belonging(_sessions: &[u32], _markers: &[String]) -> std::io::Result<Vec<u32>> {
        Ok(Vec::new())
    }

    /// Nobody tells.
    pub fn of_town(_name: &str) -> std::io::Result<Vec<u32>> {
        Ok(Vec::new())
    }

    /// Nobody tells.
    pub fn descendants(_of: &[u32]) -> std::io::Result<Vec<u32>> {
        Ok(Vec::new())
    }

    /// There is no event for a process that is not our child; the driver reports it.
    pub async fn ended(_pid: u32) {
        std::future::pending().await
    }

    /// Not measured here.
    pub fn memory(_pids: &[u32]) -> u64 {
        0
    }
}
