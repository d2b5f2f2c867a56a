//! A town's private folder (mode 0700) under the system's temporary folder, with one folder a worker inside. A lock file
//! tells the living owner from a dead one, whose [leftovers](super::leftovers) the next town removes.

use std::{
    fs::{self, DirBuilder, File},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use tokio::task::spawn_blocking;

/// What the names of all towns' folders begin with.
pub(super) const PREFIX: &str = "boomtown-";
/// The file that a folder's owner holds locked.
pub(super) const LOCK: &str = "owner.lock";

/// The folder, locked while this value lives, and removed at the latest with it.
pub struct TownFolder {
    path: PathBuf,
    name: String,
    lock: Mutex<Option<File>>,
}

impl TownFolder {
    /// A folder that is not there yet, so that the watchdog can be told of it before it is.
    #[must_use]
    pub fn planned(temporary: &Path) -> Self {
        let name = format!("{}-{:08x}", std::process::id(), fastrand::u32(..));
        Self { path: temporary.join(format!("{PREFIX}{name}")), name, lock: Mutex::default() }
    }

    /// Makes the folder.
    pub fn create(self) -> io::Result<Self> {
        self.claim()?;
        Ok(self)
    }

    fn claim(&self) -> io::Result<()> {
        let mut held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        create_private(&self.path)?;
        let named = self.path.join(LOCK);
        if held.is_some() && named.exists() {
            return Ok(());
        }
        // Locked before it has the name that others look for.
        let unnamed = self.path.join("lock");
        let lock = File::create_new(&unnamed)?;
        lock.try_lock().map_err(io::Error::from)?;
        fs::rename(unnamed, named)?;
        *held = Some(lock);
        Ok(())
    }

    /// The folder's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's name, unique among all towns of this machine.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A private folder inside. Programs that clean the temporary folder may have removed the town's.
    pub fn worker(&self, id: u32) -> io::Result<PathBuf> {
        self.claim()?;
        let path = self.path.join(format!("worker-{id}"));
        create_private(&path)?;
        Ok(path)
    }
}

impl Drop for TownFolder {
    fn drop(&mut self) {
        // Mostly the watchdog has removed the folder already.
        let _ = remove_now(&self.path);
    }
}

/// The folder for temporary files that a worker's folder is in.
#[must_use]
pub fn temporary_of(worker: &Path) -> Option<&Path> {
    worker.parent()?.parent()
}

/// Makes a folder, unless it is there, in one that is. One that somebody else has made in the place of a removed one is not private.
#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    present(DirBuilder::new().mode(0o700).create(path))?;
    let metadata = fs::symlink_metadata(path)?;
    if metadata.is_dir() && is_ours(&metadata) { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

#[cfg(unix)]
fn is_ours(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<()> {
    present(DirBuilder::new().create(path))
}

fn present(made: io::Result<()>) -> io::Result<()> {
    made.or_else(|error| if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })
}

/// Removes a town's folder. The lock goes last: what cannot be removed now is still known as a town's later.
pub async fn remove(folder: &Path) -> io::Result<()> {
    let folder = folder.to_owned();
    spawn_blocking(move || remove_now(&folder)).await?
}

fn remove_now(folder: &Path) -> io::Result<()> {
    // What a link leads to is not ours.
    if fs::symlink_metadata(folder)?.is_symlink() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    for entry in fs::read_dir(folder)?.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            // The town's watchdog may do the same just now.
            absent(fs::remove_dir_all(entry.path()))?;
        }
    }
    absent(fs::remove_dir_all(folder))
}

/// What is gone already is as good as removed.
pub fn absent(removed: io::Result<()>) -> io::Result<()> {
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// Everybody may write to the temporary folder: what somebody else has put there under our name is not waited for, not
/// followed, and not ours.
#[cfg(unix)]
pub(super) fn open_lock(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
    let lock = File::options().read(true).custom_flags(flags).open(path)?;
    let metadata = lock.metadata()?;
    if metadata.is_file() && is_ours(&metadata) { Ok(lock) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

#[cfg(not(unix))]
pub(super) fn open_lock(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn a_folder_for_temporary_files_that_is_not_there_is_not_made() {
        let missing = env::temp_dir().join(format!("missing-{:08x}", fastrand::u32(..)));
        let folder = TownFolder::planned(&missing);
        assert_eq!(folder.create().err().unwrap().kind(), io::ErrorKind::NotFound);
        assert!(!missing.exists());
    }

    #[test]
    fn a_folder_that_nobody_came_to_use_goes_with_its_value() {
        let folder = TownFolder::planned(&env::temp_dir()).create().unwrap();
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_town_whose_folder_was_removed_by_others_makes_it_anew_with_its_lock() {
        let folder = TownFolder::planned(&env::temp_dir()).create().unwrap();
        for _ in 0..2 {
            fs::remove_dir_all(folder.path()).unwrap();
            assert!(folder.worker(1).unwrap().exists());
            let lock = open_lock(&folder.path().join(LOCK)).unwrap();
            assert!(lock.try_lock().is_err(), "it has an owner");
            assert!(folder.worker(2).unwrap().exists());
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_somebody_else_has_put_in_the_place_of_a_removed_folder_is_not_used() {
        let folder = TownFolder::planned(&env::temp_dir()).create().unwrap();
        let elsewhere = env::temp_dir().join(format!("elsewhere-{:08x}", fastrand::u32(..)));
        fs::create_dir(&elsewhere).unwrap();
        fs::remove_dir_all(folder.path()).unwrap();
        std::os::unix::fs::symlink(&elsewhere, folder.path()).unwrap();
        assert!(folder.worker(1).is_err());
        fs::remove_file(folder.path()).unwrap();
        fs::remove_dir(elsewhere).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_look_inside() {
        use std::os::unix::fs::PermissionsExt;
        let folder = TownFolder::planned(&env::temp_dir()).create().unwrap();
        let worker = folder.worker(1).unwrap();
        for path in [folder.path(), &worker] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }
}
