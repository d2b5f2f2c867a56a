//! A town's private folder (mode 0700) under the system's temporary folder, with one folder a worker inside. A lock file
//! tells the living owner from a dead one, whose leftovers the next town removes.

use std::{
    env,
    fs::{self, DirBuilder, File},
    io,
    path::{Path, PathBuf},
};

use super::process;

const PREFIX: &str = "boomtown-";
const LOCK: &str = "owner.lock";

/// The folder, locked while this value lives, and removed at the latest with it.
pub struct TownFolder {
    path: PathBuf,
    name: String,
    lock: Option<File>,
}

impl TownFolder {
    /// A folder to be: who is to remove it can be told before it is there.
    #[must_use]
    pub fn planned() -> Self {
        let name = format!("{}-{:08x}", std::process::id(), fastrand::u32(..));
        Self { path: env::temp_dir().join(format!("{PREFIX}{name}")), name, lock: None }
    }

    /// Makes it.
    pub fn create(mut self) -> io::Result<Self> {
        create_private(&self.path)?;
        // Locked before it has the name that others look for.
        let unnamed = self.path.join("lock");
        let lock = File::create(&unnamed)?;
        lock.try_lock().map_err(io::Error::from)?;
        fs::rename(unnamed, self.path.join(LOCK))?;
        self.lock = Some(lock);
        Ok(self)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Unique among all towns of this machine.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A private folder inside. Programs that clean the temporary folder may have removed the town's.
    pub fn worker(&self, id: u32) -> io::Result<PathBuf> {
        let path = self.path.join(format!("worker-{id}"));
        create_private(&path)?;
        Ok(path)
    }
}

impl Drop for TownFolder {
    fn drop(&mut self) {
        // Mostly the watchdog has done it.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    DirBuilder::new().mode(0o700).recursive(true).create(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(path)
}

/// Removes the folders of owners that are dead, and first kills what they have left, if their watchdogs died with them.
/// Whatever cannot be read or removed belongs to somebody else.
pub fn remove_leftovers() {
    let folders = fs::read_dir(env::temp_dir()).into_iter().flatten().flatten();
    for folder in folders.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let abandoned = open_lock(&folder.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if abandoned {
            let name = folder.file_name();
            process::of_town(&name.to_string_lossy()[PREFIX.len()..]).into_iter().for_each(process::kill);
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}

/// Everybody may write to the temporary folder: what somebody else has put there under our name is not waited for, not
/// followed, and not ours.
#[cfg(unix)]
fn open_lock(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

    use rustix::{fs::OFlags, process::geteuid};

    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed();
    let lock = File::options().read(true).custom_flags(flags).open(path)?;
    let metadata = lock.metadata()?;
    let ours = metadata.is_file() && metadata.uid() == geteuid().as_raw();
    if ours { Ok(lock) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

#[cfg(not(unix))]
fn open_lock(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_living_owner_is_left_alone_and_that_of_a_dead_one_removed() {
        let living = TownFolder::planned().create().unwrap();
        let abandoned = env::temp_dir().join(format!("{PREFIX}dead-{:08x}", fastrand::u32(..)));
        create_private(&abandoned).unwrap();
        drop(File::create(abandoned.join(LOCK)).unwrap());
        remove_leftovers();
        assert!(living.path().exists());
        assert!(!abandoned.exists());
    }

    #[test]
    fn a_folder_that_nobody_came_to_use_goes_with_its_value() {
        let folder = TownFolder::planned().create().unwrap();
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_town_whose_folder_was_removed_by_others_makes_it_anew() {
        let folder = TownFolder::planned().create().unwrap();
        fs::remove_dir_all(folder.path()).unwrap();
        assert!(folder.worker(1).unwrap().exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_look_inside() {
        use std::os::unix::fs::PermissionsExt;
        let folder = TownFolder::planned().create().unwrap();
        let worker = folder.worker(1).unwrap();
        for path in [folder.path(), &worker] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }
}
