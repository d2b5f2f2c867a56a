//! What the supervisor lends to a launch: a folder, and a way to start processes that never outlive their worker.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use crate::error::{Code, Error, Result};

/// A program that a launch needs to run.
#[derive(Debug)]
pub struct Program {
    /// The program's binary.
    pub path: PathBuf,
    /// The program's arguments.
    pub args: Vec<OsString>,
    /// Variables added to the environment.
    pub env: BTreeMap<String, String>,
    /// Whether the program gets a [`Pipe`].
    pub pipe: bool,
    /// Whether the worker is lost when the program ends.
    pub vital: bool,
}

/// Our ends of two pipes to a program: it reads its descriptor 3 and writes its descriptor 4.
pub struct Pipe {
    /// What we write, the program reads.
    pub to: Box<dyn AsyncWrite + Send + Unpin>,
    /// What the program writes, we read.
    pub from: Box<dyn AsyncRead + Send + Unpin>,
}

/// A program that was started.
pub struct Started {
    /// The program's process.
    pub pid: u32,
    /// Every line it prints, until it closes its output; a receiver that is dropped or slow loses lines, never blocks
    /// the program.
    pub lines: mpsc::Receiver<String>,
    /// Present if the program asked for it.
    pub pipe: Option<Pipe>,
    /// Cancelled to have the program killed, with all that it started.
    pub kill: CancellationToken,
    /// Cancelled once the program has ended.
    pub ended: CancellationToken,
}

/// See the [module](self).
#[async_trait]
pub trait Host: Send + Sync {
    /// A private folder that is removed with the worker; also the processes' `TMPDIR`.
    fn folder(&self) -> &Path;

    /// Starts a program in the worker's process tree.
    async fn start(&self, program: Program) -> io::Result<Started>;

    /// The worker's number.
    fn worker(&self) -> u32;

    /// Makes a process the worker's that JavaScript has started: it is killed with the worker, and so is everything that has
    /// `marker` in its environment. `ended` is cancelled when JavaScript has heard of its end.
    fn adopt(&self, pid: u32, marker: String, ended: CancellationToken);

    /// The last lines that the worker's processes printed, for error messages.
    fn tail(&self) -> String;
}

/// `ENOEXEC`: the file is no program.
const EXEC_FORMAT: i32 = 8;

/// Why a launch failed: `who` says of which program, the last lines of the processes say more.
pub(super) fn launch_error(host: &dyn Host, who: &str, path: &Path, what: &str) -> Error {
    Error::new(Code::BrowserLaunch, format!("{who} {}: {what}", path.display())).followed_by(&host.tail())
}

/// Starts a program; `who` is what the error calls it.
pub(super) async fn start(host: &dyn Host, who: &str, program: Program) -> Result<Started> {
    let path = program.path.clone();
    host.start(program).await.map_err(|error| {
        let failure = launch_error(host, who, &path, &format!("cannot be started ({error})"));
        // Anything else, such as too many open files, may pass.
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => failure.permanent(),
            _ if error.raw_os_error() == Some(EXEC_FORMAT) => failure.permanent(),
            _ => failure,
        }
    })
}
