//! A worker's processes: started in sessions of their own, watched, and in the end killed as a whole.

use std::{
    collections::VecDeque,
    env, io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use async_trait::async_trait;
#[cfg(windows)]
use process_wrap::tokio::JobObject;
#[cfg(unix)]
use process_wrap::tokio::ProcessSession;
use process_wrap::tokio::{ChildWrapper, CommandWrap};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    sync::{mpsc, watch},
    task::spawn_blocking,
};
use tokio_util::sync::CancellationToken;

use crate::engine::{Host, Pipe, Program, Started};

use super::{
    Output, OutputStream,
    environment::inherited,
    folder::{absent, temporary_of},
    leftovers::remove_leftovers,
    marker::MARKER,
    process::{self, kill},
    watchdog::Watchdog,
};

/// How many lines are kept for error messages.
const TAIL: usize = 20;
/// A line longer than this is cut: a browser may print anything.
const LONGEST_LINE: usize = 8 * 1024;
/// When an end that did not succeed is tried again; the pause doubles every time.
const CLEAN_UP_AGAIN: Duration = Duration::from_secs(1);
/// The longest pause before that.
const CLEAN_UP_AT_LEAST_EVERY: Duration = Duration::from_secs(60);

/// The processes of one worker.
pub struct ProcessTree {
    /// For the tasks that own its processes.
    this: Weak<Self>,
    folder: PathBuf,
    town: String,
    worker: u32,
    watchdog: Arc<Watchdog>,
    output: Option<Output>,
    state: Mutex<State>,
    /// Cancelled to have the processes killed.
    kill: CancellationToken,
    /// True once a process that the launch started has ended.
    lost: watch::Sender<bool>,
}

/// A process that we started.
struct Process {
    pid: u32,
    child: Box<dyn ChildWrapper>,
    vital: bool,
    kill: CancellationToken,
    ended: CancellationToken,
}

#[derive(Default)]
struct State {
    /// Processes that we started and that have not been reaped yet.
    leaders: Vec<u32>,
    sessions: Vec<u32>,
    /// Processes that somebody else has started for the worker, and that have not ended.
    adopted: Vec<u32>,
    /// What marks the adopted ones, and what those have started.
    markers: Vec<String>,
    tail: VecDeque<String>,
}

impl ProcessTree {
    /// A tree without processes. `folder` exists, and is removed in the end.
    pub fn new(
        folder: PathBuf,
        town: String,
        worker: u32,
        watchdog: Arc<Watchdog>,
        output: Option<Output>,
    ) -> Arc<Self> {
        let (lost, _) = watch::channel(false);
        let kill = CancellationToken::new();
        Arc::new_cyclic(|this| Self {
            this: this.clone(),
            folder,
            town,
            worker,
            watchdog,
            output,
            state: Mutex::default(),
            kill,
            lost,
        })
    }

    fn marker(&self) -> String {
        format!("{}.{}", self.town, self.worker)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until one of the processes that the launch started has ended.
    pub async fn lost(&self) {
        // The sender lives as long as `self`, so this cannot fail.
        let _ = self.lost.subscribe().wait_for(|lost| *lost).await;
    }

    /// The living processes.
    pub async fn pids(&self) -> io::Result<Vec<u32>> {
        let (sessions, leaders, adopted, markers) = {
            let state = self.state();
            let own = format!("{MARKER}={}", self.marker());
            let markers: Vec<String> = state.markers.iter().cloned().chain([own]).collect();
            (state.sessions.clone(), state.leaders.clone(), state.adopted.clone(), markers)
        };
        let found = spawn_blocking(move || {
            let mut pids = process::belonging(&sessions, &markers)?;
            if markers.len() > 1 {
                // The browser of a forked process is in a session that is not known here. What else that process has started is
                // the program's own.
                let marked: Vec<u32> = pids.iter().copied().filter(|pid| !adopted.contains(pid)).collect();
                pids.extend(process::descendants(&marked)?);
            }
            pids.extend(leaders);
            pids.extend(adopted);
            pids.sort_unstable();
            pids.dedup();
            Ok(pids)
        });
        found.await.map_err(io::Error::other)?
    }

    /// Bytes that the processes hold; nothing if that cannot be told now, as without a free descriptor.
    pub async fn memory(&self) -> Option<u64> {
        let pids = self.pids().await.ok()?;
        spawn_blocking(move || process::memory(&pids)).await.ok()
    }

    /// Kills all processes, waits until they are gone, and removes the folder. What cannot be done now, as without a free
    /// descriptor, is tried again later.
    pub async fn end(&self) {
        self.kill.cancel();
        if self.clean_up().await {
            return;
        }
        let Some(this) = self.this.upgrade() else { return };
        tokio::spawn(async move {
            let mut pause = CLEAN_UP_AGAIN;
            loop {
                tokio::time::sleep(pause).await;
                if this.clean_up().await {
                    break;
                }
                pause = (pause * 2).min(CLEAN_UP_AT_LEAST_EVERY);
            }
        });
    }

    /// Whether nothing is left.
    async fn clean_up(&self) -> bool {
        let vanished = process::vanish(|| self.pids()).await;
        if vanished {
            let sessions = std::mem::take(&mut self.state().sessions);
            for session in sessions {
                self.watchdog.forget(session).await;
            }
        } else {
            let pids = self.pids().await;
            tracing::error!(worker = self.worker, ?pids, "processes outlive SIGKILL");
        }
        if !self.state().markers.is_empty() {
            // A forked process has a town of its own.
            if let Some(temporary) = temporary_of(&self.folder) {
                remove_leftovers(temporary.to_owned()).await;
            }
        }
        if let Err(error) = absent(tokio::fs::remove_dir_all(&self.folder).await) {
            tracing::error!(worker = self.worker, folder = %self.folder.display(), %error, "the profile cannot be removed");
            return false;
        }
        vanished
    }

    /// Owns a process that we started: reaps it, and kills it when that is asked.
    async fn own(self: Arc<Self>, mut process: Process) {
        let pid = process.pid;
        let told = async {
            tokio::select! {
                () = self.kill.cancelled() => {}
                () = process.kill.cancelled() => {}
            }
        };
        let ended = tokio::select! {
            ended = process.child.wait() => ended,
            () = told => {
                // Already gone is as good.
                let _ = process.child.start_kill();
                process.child.wait().await
            }
        };
        tracing::debug!(worker = self.worker, pid, status = ?ended, "process ended");
        self.state().leaders.retain(|&leader| leader != pid);
        process.ended.cancel();
        if process.vital {
            self.lost.send_replace(true);
        } else {
            self.clear(pid).await;
        }
    }

    /// Removes what the leader of a session has left, while the worker lives on.
    async fn clear(&self, session: u32) {
        // By session only: the worker's other processes have the same marker.
        let left = spawn_blocking(move || process::belonging(&[session], &[])).await;
        // What cannot be seen now is killed with the worker.
        let Ok(Ok(left)) = left else { return };
        left.into_iter().for_each(kill);
        self.state().sessions.retain(|&other| other != session);
        self.watchdog.forget(session).await;
    }

    /// Reads lines until the process closes its output.
    fn read(
        self: Arc<Self>,
        from: impl AsyncRead + Send + Unpin + 'static,
        stream: OutputStream,
        to: mpsc::Sender<String>,
    ) {
        tokio::spawn(async move {
            let mut reader = BufReader::with_capacity(LONGEST_LINE, from);
            let mut line = Vec::new();
            while let Ok(chunk) = reader.fill_buf().await {
                if chunk.is_empty() {
                    break;
                }
                let end = chunk.iter().position(|&byte| byte == b'\n');
                let taken = end.unwrap_or(chunk.len());
                let room = LONGEST_LINE.saturating_sub(line.len());
                line.extend_from_slice(&chunk[..taken.min(room)]);
                reader.consume(taken + usize::from(end.is_some()));
                if end.is_some() {
                    self.line(&line, stream, &to);
                    line.clear();
                }
            }
            if !line.is_empty() {
                self.line(&line, stream, &to);
            }
        });
    }

    fn line(&self, bytes: &[u8], stream: OutputStream, to: &mpsc::Sender<String>) {
        let line = String::from_utf8_lossy(bytes).trim_end().to_owned();
        if let Some(output) = &self.output {
            output(self.worker, stream, &line);
        }
        {
            let mut state = self.state();
            if state.tail.len() == TAIL {
                state.tail.pop_front();
            }
            state.tail.push_back(line.clone());
        }
        // Nobody listens, or not fast enough: the line is in the tail.
        let _ = to.try_send(line);
    }
}

#[async_trait]
impl Host for ProcessTree {
    fn folder(&self) -> &Path {
        &self.folder
    }

    async fn start(&self, program: Program) -> io::Result<Started> {
        let this = self.this.upgrade().ok_or_else(|| io::Error::other("the worker has ended"))?;
        let (pipe, theirs) =
            if program.pipe { pipe::pair().map(|(ours, theirs)| (Some(ours), Some(theirs)))? } else { (None, None) };
        let mut failed = None;
        let mut command = CommandWrap::with_new(&program.path, |command| {
            command.args(&program.args).current_dir(&self.folder);
            command.env_clear().envs(inherited(env::vars_os()));
            command.env("TMPDIR", &self.folder).env("TMP", &self.folder).env("TEMP", &self.folder);
            command.envs(&program.env).env(MARKER, self.marker());
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            failed = theirs.and_then(|theirs| pipe::give(command, theirs).err());
        });
        if let Some(error) = failed {
            return Err(error);
        }
        #[cfg(unix)]
        command.wrap(ProcessSession);
        #[cfg(windows)]
        command.wrap(JobObject);
        let mut child = command.spawn()?;
        // The command holds the program's ends of the pipes, whose closing must be seen.
        drop(command);
        let pid = child.id().ok_or_else(|| io::Error::other("the process has ended already"))?;
        {
            let mut state = self.state();
            state.leaders.push(pid);
            state.sessions.push(pid);
        }
        let (to, lines) = mpsc::channel(TAIL);
        if let Some(stdout) = child.stdout().take() {
            this.clone().read(stdout, OutputStream::Stdout, to.clone());
        }
        if let Some(stderr) = child.stderr().take() {
            this.clone().read(stderr, OutputStream::Stderr, to);
        }
        let (killed, ended) = (CancellationToken::new(), CancellationToken::new());
        let process = Process { pid, child, vital: program.vital, kill: killed.clone(), ended: ended.clone() };
        tokio::spawn(this.own(process));
        self.watchdog.watch(pid).await?;
        Ok(Started { pid, lines, pipe, kill: killed, ended })
    }

    fn worker(&self) -> u32 {
        self.worker
    }

    fn adopt(&self, pid: u32, marker: String, ended: CancellationToken) {
        {
            let mut state = self.state();
            state.adopted.push(pid);
            state.markers.push(marker);
        }
        let Some(this) = self.this.upgrade() else { return };
        tokio::spawn(async move {
            tokio::select! {
                () = process::ended(pid) => {}
                // Where the system does not tell.
                () = ended.cancelled() => {}
            }
            this.state().adopted.retain(|&other| other != pid);
        });
    }

    fn tail(&self) -> String {
        self.state().tail.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

/// The pipes that a program may get besides its standard streams. All ends are close-on-exec, but for the program's own.
#[cfg(unix)]
mod pipe {
    use std::{io, os::fd::OwnedFd};

    use command_fds::{CommandFdExt, FdMapping};
    use tokio::{
        net::unix::pipe::{Receiver, Sender},
        process::Command,
    };

    use super::Pipe;

    /// The descriptors that the program reads and writes.
    const READS: i32 = 3;
    const WRITES: i32 = 4;

    pub struct Theirs {
        reads: OwnedFd,
        writes: OwnedFd,
    }

    pub fn pair() -> io::Result<(Pipe, Theirs)> {
        let (reads, to) = io::pipe()?;
        let (from, writes) = io::pipe()?;
        let to = Box::new(Sender::from_owned_fd(to.into())?);
        let from = Box::new(Receiver::from_owned_fd(from.into())?);
        Ok((Pipe { to, from }, Theirs { reads: reads.into(), writes: writes.into() }))
    }

    pub fn give(command: &mut Command, theirs: Theirs) -> io::Result<()> {
        let reads = FdMapping { parent_fd: theirs.reads, child_fd: READS };
        let writes = FdMapping { parent_fd: theirs.writes, child_fd: WRITES };
        command.fd_mappings(vec![reads, writes]).map(drop).map_err(io::Error::other)
    }
}

#[cfg(not(unix))]
mod pipe {
    use std::io;

    use tokio::process::Command;

    use super::Pipe;

    pub enum Theirs {}

    pub fn pair() -> io::Result<(Pipe, Theirs)> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "no pipes beside the standard streams on this system"))
    }

    pub fn give(_: &mut Command, theirs: Theirs) -> io::Result<()> {
        match theirs {}
    }
}
