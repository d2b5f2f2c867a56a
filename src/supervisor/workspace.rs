//! What the workers of a town need of the machine: a private folder, and the watchdog that survives the program. Made with
//! the first worker, away from the town's actor, because either may take the machine a while.

use std::{env, io, sync::Arc};

use tokio::{sync::OnceCell, task::spawn_blocking};

use super::{
    Output, ProcessTree,
    folder::{TownFolder, remove_leftovers},
    watchdog::Watchdog,
};

/// See the [module](self).
#[derive(Default)]
pub struct Workspace {
    ground: OnceCell<(TownFolder, Arc<Watchdog>)>,
}

impl Workspace {
    /// A new process tree with a private folder, for one worker.
    pub async fn tree(&self, worker: u32, output: Option<Output>) -> io::Result<Arc<ProcessTree>> {
        let (folder, watchdog) = self
            .ground
            .get_or_try_init(|| async {
                // Nobody waits for what others have left.
                drop(tokio::spawn(remove_leftovers(env::temp_dir())));
                let folder = TownFolder::planned();
                // The watchdog first: the program may end before it has made the folder, or just then.
                let watchdog = Arc::new(Watchdog::start(folder.path(), folder.name())?);
                let folder = spawn_blocking(|| folder.create()).await.map_err(io::Error::other)??;
                Ok::<_, io::Error>((folder, watchdog))
            })
            .await?;
        let own = folder.worker(worker)?;
        Ok(ProcessTree::new(own, folder.name().to_owned(), worker, watchdog.clone(), output))
    }

    /// No worker is left: the watchdog ends, and removes the folder.
    pub async fn leave(&self) {
        if let Some((_, watchdog)) = self.ground.get() {
            watchdog.end().await;
        }
    }
}
