//! What the workers of a town need of the machine: a private folder, and the watchdog that survives the program. Made with
//! the first worker, away from the town's actor, because either may take the machine a while.

use std::{
    io::{self, ErrorKind},
    path::PathBuf,
    sync::Arc,
};

use tokio::{sync::OnceCell, task::spawn_blocking};

use crate::error::{Code, Error, Result};

use super::{Output, ProcessTree, folder::TownFolder, leftovers::remove_leftovers, watchdog::Watchdog};

/// See the [module](self).
pub struct Workspace {
    /// The folder for temporary files, an absolute path: the watchdog is elsewhere, and the program may go elsewhere.
    temporary: PathBuf,
    ground: OnceCell<(TownFolder, Arc<Watchdog>)>,
}

impl Workspace {
    /// A workspace in this folder for temporary files.
    #[must_use]
    pub fn under(temporary: PathBuf) -> Self {
        Self { temporary, ground: OnceCell::new() }
    }

    /// A new process tree with a private folder, for one worker.
    pub async fn tree(&self, worker: u32, output: Option<Output>) -> Result<Arc<ProcessTree>> {
        let no_folder = |error: io::Error| self.no_folder(worker, &error);
        let (folder, watchdog) = self
            .ground
            .get_or_try_init(|| async {
                // Nobody waits for what others have left.
                drop(tokio::spawn(remove_leftovers(self.temporary.clone())));
                let folder = TownFolder::planned(&self.temporary);
                // The watchdog first: the program may end before it has made the folder, or just then.
                let watchdog = Watchdog::start(folder.path(), folder.name()).map_err(|error| {
                    Error::new(Code::BrowserLaunch, format!("worker {worker} got no watchdog: /bin/sh: {error}"))
                })?;
                let folder = spawn_blocking(|| folder.create()).await.map_err(io::Error::other).flatten();
                Ok::<_, Error>((folder.map_err(no_folder)?, Arc::new(watchdog)))
            })
            .await?;
        let own = folder.worker(worker).map_err(no_folder)?;
        Ok(ProcessTree::new(own, folder.name().to_owned(), worker, watchdog.clone(), output))
    }

    fn no_folder(&self, worker: u32, error: &io::Error) -> Error {
        let temporary = self.temporary.display();
        let variable = if cfg!(windows) { "TEMP" } else { "TMPDIR" };
        let what =
            format!("worker {worker} got no private folder in {temporary}, the one for temporary files: {error}");
        let mend = format!("make it a folder that can be written, or set {variable} to one");
        let error_of = Error::new(Code::BrowserLaunch, format!("{what}; {mend}"));
        match error.kind() {
            ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem => error_of.permanent(),
            _ => error_of,
        }
    }

    /// No worker is left: the watchdog ends, and removes the folder.
    pub async fn leave(&self) {
        if let Some((_, watchdog)) = self.ground.get() {
            watchdog.end().await;
        }
    }
}
