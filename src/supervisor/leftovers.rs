//! What towns have left in the temporary folder whose programs were killed together with their watchdogs: folders, and
//! processes that may still write to them.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use tokio::task::spawn_blocking;

use super::{
    folder::{LOCK, PREFIX, open_lock, remove},
    process::{of_town, vanish},
};

/// Removes the folders of owners that are dead from the temporary folder, and first kills what they have left, if their watchdogs died with them.
/// Whatever cannot be read or removed belongs to somebody else.
pub async fn remove_leftovers(temporary: PathBuf) {
    for (folder, lock) in spawn_blocking(move || abandoned(&temporary)).await.unwrap_or_default() {
        let town = folder.file_name().map(|name| name.to_string_lossy()[PREFIX.len()..].to_owned()).unwrap_or_default();
        // Until they are gone they may write to the folder.
        vanish(|| {
            let town = town.clone();
            async { spawn_blocking(move || of_town(&town)).await? }
        })
        .await;
        let _ = remove(&folder).await;
        drop(lock);
    }
}

/// The folders of dead owners, with their locks: two towns do not clean up the same.
fn abandoned(temporary: &Path) -> Vec<(PathBuf, File)> {
    let folders = fs::read_dir(temporary).into_iter().flatten().flatten();
    let folders = folders.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    let locked = |folder: PathBuf| {
        let lock = open_lock(&folder.join(LOCK)).ok()?;
        lock.try_lock().is_ok().then_some((folder, lock))
    };
    folders.filter_map(|entry| locked(entry.path())).collect()
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;
    use crate::supervisor::folder::TownFolder;

    /// A temporary folder of its own, and in it the folder of a dead town.
    fn abandoned(town: &str) -> (PathBuf, PathBuf) {
        let temporary = env::temp_dir().join(format!("leftovers-{:08x}", fastrand::u32(..)));
        let folder = temporary.join(format!("{PREFIX}{town}"));
        fs::create_dir_all(folder.join("worker-1")).unwrap();
        drop(File::create(folder.join(LOCK)).unwrap());
        (temporary, folder)
    }

    #[tokio::test]
    async fn the_folder_of_a_living_owner_is_left_alone_and_that_of_a_dead_one_removed() {
        let (temporary, folder) = abandoned("dead-1");
        let living = TownFolder::planned(&temporary).create().unwrap();
        remove_leftovers(temporary.clone()).await;
        assert!(living.path().exists());
        assert!(!folder.exists());
        drop(living);
        fs::remove_dir(temporary).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_a_dead_owners_processes_go_on_writing_is_removed_with_them() {
        use std::process::Command;
        let town = format!("dead-{:08x}", fastrand::u32(..));
        let (temporary, folder) = abandoned(&town);
        let writers = ["a", "b", "c", "d", "e", "f"].map(|name| {
            let mut writer = Command::new("/bin/sh");
            writer.args(["-c", "while :; do n=$((n+1)); : >\"$0-$n\"; done"]).arg(folder.join("worker-1").join(name));
            writer.env(crate::supervisor::marker::MARKER, format!("{town}.1")).spawn().unwrap()
        });
        remove_leftovers(temporary.clone()).await;
        assert!(!folder.exists());
        for mut writer in writers {
            assert!(!writer.wait().unwrap().success());
        }
        fs::remove_dir(temporary).unwrap();
    }

    #[tokio::test]
    async fn a_folder_that_another_town_removes_just_now_is_left_to_it() {
        let (temporary, folder) = abandoned("dead-1");
        let lock = open_lock(&folder.join(LOCK)).unwrap();
        lock.try_lock().unwrap();
        remove_leftovers(temporary.clone()).await;
        assert!(folder.exists());
        fs::remove_dir_all(temporary).unwrap();
    }
}
