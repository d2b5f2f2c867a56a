//! What survives the program: a small shell process that holds a pipe to it, and ends every browser when the pipe closes,
//! even after SIGKILL. Windows needs none: there a job object ends its processes when its last handle goes.

use std::{io, path::Path};

use super::{
    folder,
    marker::{MARKER, WATCHDOG_MARKER},
};

#[cfg(unix)]
pub use unix::Watchdog;
#[cfg(not(unix))]
pub use windows::Watchdog;

#[cfg(unix)]
mod unix {
    use std::{path::PathBuf, process::Stdio, time::Duration};

    use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessSession};
    use tokio::{io::AsyncWriteExt, process::ChildStdin, sync::Mutex, time::timeout};

    use super::{MARKER, Path, WATCHDOG_MARKER, folder, io};

    /// The watchdog has nothing left to do when the town ends, and is done at once unless somebody has stopped it.
    const PATIENCE: Duration = Duration::from_secs(2);
    const SCRIPT: &str = include_str!("watchdog.sh");

    /// See the [module](super).
    pub struct Watchdog {
        folder: PathBuf,
        town: String,
        state: Mutex<State>,
    }

    #[derive(Default)]
    struct State {
        shell: Option<(Box<dyn ChildWrapper>, ChildStdin)>,
        sessions: Vec<u32>,
    }

    impl Watchdog {
        /// Starts the watchdog of one town; `folder` is removed in the end, `town` is the value of [`MARKER`].
        pub fn start(folder: &Path, town: &str) -> io::Result<Self> {
            let watchdog = Self { folder: folder.to_owned(), town: town.to_owned(), state: Mutex::default() };
            let shell = watchdog.spawn()?;
            Ok(Self { state: Mutex::new(State { shell: Some(shell), sessions: Vec::new() }), ..watchdog })
        }

        fn spawn(&self) -> io::Result<(Box<dyn ChildWrapper>, ChildStdin)> {
            let mut shell = CommandWrap::with_new("/bin/sh", |command| {
                command.arg("-c").arg(SCRIPT).arg("boomtown-watchdog").arg(&self.folder);
                command.arg(format!("{MARKER}={}", self.town)).env(WATCHDOG_MARKER, &self.town);
                command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            })
            // A session of its own, so that Ctrl-C on a terminal does not reach it.
            .wrap(ProcessSession)
            .spawn()?;
            let pipe = shell.stdin().take().ok_or_else(|| io::Error::other("the watchdog has no standard input"))?;
            Ok((shell, pipe))
        }

        /// From now on, this session ends with the program.
        pub async fn watch(&self, session: u32) -> io::Result<()> {
            let mut state = self.state.lock().await;
            state.sessions.push(session);
            let Some((_, pipe)) = &mut state.shell else { return Err(io::Error::other("the watchdog has ended")) };
            if pipe.write_all(format!("watch {session}\n").as_bytes()).await.is_ok() {
                return Ok(());
            }
            // Somebody has killed the watchdog, so another takes its place.
            tracing::warn!("the watchdog was gone and is started again");
            let (shell, mut pipe) = self.spawn()?;
            for session in &state.sessions {
                pipe.write_all(format!("watch {session}\n").as_bytes()).await?;
            }
            state.shell = Some((shell, pipe));
            Ok(())
        }

        /// The session has ended; its number may be given to strangers.
        pub async fn forget(&self, session: u32) {
            let mut state = self.state.lock().await;
            state.sessions.retain(|other| *other != session);
            if let Some((_, pipe)) = &mut state.shell {
                // A watchdog that is gone has nothing to forget.
                let _ = pipe.write_all(format!("forget {session}\n").as_bytes()).await;
            }
        }

        /// Closes the pipe and waits until the watchdog has cleaned up and ended.
        pub async fn end(&self) {
            let shell = self.state.lock().await.shell.take();
            if let Some((mut shell, pipe)) = shell {
                drop(pipe);
                // How the watchdog ends does not matter.
                if timeout(PATIENCE, shell.wait()).await.is_err() {
                    let _ = shell.start_kill();
                    let _ = shell.wait().await;
                }
            }
            // The folder is left only if the watchdog was killed.
            let _ = folder::remove(&self.folder).await;
        }
    }
}

#[cfg(not(unix))]
mod windows {
    use super::{Path, folder, io};

    /// See the [module](super).
    pub struct Watchdog {
        folder: std::path::PathBuf,
    }

    impl Watchdog {
        /// Nothing to start on Windows.
        pub fn start(folder: &Path, _town: &str) -> io::Result<Self> {
            Ok(Self { folder: folder.to_owned() })
        }

        /// The job object watches.
        pub async fn watch(&self, _session: u32) -> io::Result<()> {
            Ok(())
        }

        /// The job object forgets.
        pub async fn forget(&self, _session: u32) {}

        /// Removes the folder.
        pub async fn end(&self) {
            let _ = folder::remove(&self.folder).await;
        }
    }
}
