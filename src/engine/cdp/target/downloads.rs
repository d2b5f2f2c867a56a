//! Files that pages download. Nothing is downloaded unless the program listens for it; then each file lands in a folder of
//! its page, which goes with the page.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::{
    engine::{
        EventKind,
        cdp::{
            connection::Session,
            protocol::{DownloadProgress, DownloadWillBegin},
        },
    },
    error::{Code, Error, Result},
};

use super::Target;

/// Bytes of a file's name, on the file systems in use; some of encrypted folders take fewer than 255.
const LONGEST_NAME: usize = 143;
/// Bytes of an extension that says something.
const LONGEST_EXTENSION: usize = 20;

/// How far a download has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Running,
    Completed,
    Canceled,
}

struct Download {
    /// The page that it belongs to.
    page: String,
    name: String,
    state: watch::Sender<Progress>,
}

/// The downloads of one browser process.
pub struct Downloads {
    folder: PathBuf,
    by_id: Mutex<HashMap<String, Download>>,
}

impl Downloads {
    /// Into this folder, which need not exist yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, by_id: Mutex::default() }
    }

    fn by_id(&self) -> MutexGuard<'_, HashMap<String, Download>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Parameters of `Browser.setDownloadBehavior`.
    pub fn behavior(&self, allowed: bool, context: Option<&str>) -> Value {
        let mut params = if allowed {
            json!({ "behavior": "allowAndName", "downloadPath": self.folder, "eventsEnabled": true })
        } else {
            json!({ "behavior": "deny" })
        };
        if let Some(context) = context {
            params["browserContextId"] = context.into();
        }
        params
    }

    /// A download begins, on one of these pages. A page that does not listen for downloads shares the browser's setting with
    /// pages that do, so its download is cancelled here.
    pub fn begins(&self, browser: &Session, pages: &[Arc<Target>], begin: DownloadWillBegin) {
        let page = pages.iter().find(|page| page.has_frame(&begin.frame_id));
        let Some(page) = page.filter(|page| page.audience.wants(EventKind::Download)) else {
            let context_of = |page: &Arc<Target>| page.context.clone();
            let contexts: HashSet<Option<String>> = match page {
                Some(page) => HashSet::from([context_of(page)]),
                // A popup that was opened for a download alone may be gone already, and nobody knows where it was.
                None => pages.iter().map(context_of).chain([None]).collect(),
            };
            for context in contexts {
                browser.send("Browser.cancelDownload", cancelation(&begin.guid, context.as_deref()));
            }
            return;
        };
        let name = file_name(&begin.suggested_filename);
        let told = json!({ "id": begin.guid, "url": begin.url, "suggestedFilename": name });
        let download = Download { page: page.id.clone(), name, state: watch::Sender::new(Progress::Running) };
        self.by_id().insert(begin.guid, download);
        page.audience.tell(EventKind::Download, "download", told);
    }

    /// A download goes on, or ends.
    pub fn progress(&self, params: &str) -> serde_json::Result<()> {
        let DownloadProgress { guid, state } = serde_json::from_str(params)?;
        let state = match state.as_str() {
            "completed" => Progress::Completed,
            "canceled" => Progress::Canceled,
            _ => return Ok(()),
        };
        if let Some(download) = self.by_id().get(&guid) {
            download.state.send_replace(state);
        }
        Ok(())
    }

    /// Waits for the end: the file's place, or none if it was canceled.
    pub async fn ended(&self, id: &str) -> Result<Option<PathBuf>> {
        let (mut state, place) = {
            let downloads = self.by_id();
            let download = downloads
                .get(id)
                .ok_or_else(|| Error::new(Code::InvalidOption, format!("there is no download {id}")))?;
            // In a folder of its own: a page may download many files of one name.
            (download.state.subscribe(), self.folder.join(&download.page).join(id).join(&download.name))
        };
        let end = state.wait_for(|state| *state != Progress::Running).await.map(|state| *state);
        if !matches!(end, Ok(Progress::Completed)) {
            return Ok(None);
        }
        let moved = async {
            if let Some(folder) = place.parent() {
                tokio::fs::create_dir_all(folder).await?;
            }
            tokio::fs::rename(self.folder.join(id), &place).await
        };
        // When the program asks twice, the file is there already.
        match moved.await {
            Err(error) if !place.exists() => {
                Err(Error::refused(format!("the download {} cannot be moved: {error}", place.display())))
            }
            _ => Ok(Some(place)),
        }
    }

    /// A page is gone, and its files are removed.
    pub fn forget(&self, page: &str) {
        let gone: Vec<String> = {
            let mut downloads = self.by_id();
            downloads.extract_if(|_, download| download.page == page).map(|(id, _)| id).collect()
        };
        if gone.is_empty() {
            return;
        }
        let folder = self.folder.clone();
        let page = folder.join(page);
        tokio::task::spawn_blocking(move || {
            // A file that cannot be removed goes with the worker's folder.
            let _ = std::fs::remove_dir_all(page);
            for id in gone {
                let _ = std::fs::remove_file(folder.join(id));
            }
        });
    }
}

/// Parameters of `Browser.cancelDownload`, which knows only the downloads of the context that it is told.
pub fn cancelation(id: &str, context: Option<&str>) -> Value {
    let mut params = json!({ "guid": id });
    if let Some(context) = context {
        params["browserContextId"] = context.into();
    }
    params
}

/// A server may propose anything; what is left is a name, not a path, and no longer than a file system takes.
fn file_name(suggested: &str) -> String {
    let name = Path::new(suggested).file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| "download".to_owned());
    if name.len() <= LONGEST_NAME {
        return name;
    }
    // What it is stays to be seen.
    let extension = Path::new(&name).extension().map(|extension| format!(".{}", extension.to_string_lossy()));
    let extension = extension.filter(|extension| extension.len() <= LONGEST_EXTENSION).unwrap_or_default();
    let room = LONGEST_NAME - extension.len();
    let kept = name.char_indices().map(|(start, char)| start + char.len_utf8()).take_while(|end| *end <= room).last();
    format!("{}{extension}", &name[..kept.unwrap_or_default()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposed_name_never_leaves_the_folder() {
        for (suggested, name) in [
            ("a.pdf", "a.pdf"),
            ("../../etc/passwd", "passwd"),
            ("/etc/passwd", "passwd"),
            ("..", "download"),
            ("", "download"),
        ] {
            assert_eq!(file_name(suggested), name);
        }
    }

    #[test]
    fn a_proposed_name_that_no_file_system_takes_is_cut_before_its_extension() {
        for (suggested, ending) in [
            (format!("{}.pdf", "x".repeat(300)), "xx.pdf"),
            (format!("{}.tar.gz", "é".repeat(300)), "é.gz"),
            ("日".repeat(300), "日"),
            (format!("a.{}", "y".repeat(300)), "yy"),
        ] {
            let name = file_name(&suggested);
            assert!(name.len() <= LONGEST_NAME && name.len() > LONGEST_NAME - 4 && name.ends_with(ending), "{name}");
        }
        let longest = "x".repeat(LONGEST_NAME);
        assert_eq!(file_name(&longest), longest);
    }
}
