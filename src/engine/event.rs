//! What a page tells while its attempt runs. Only what JavaScript listens for is sent.
//!
//! | event | data |
//! |---|---|
//! | `console` | `{ type, text, args, trace: [{ url, lineNumber, columnNumber }], source, worker }`; `args` are remote objects, `source` where it is the browser's own line, `worker` the id of the worker whose script has written it |
//! | `pageerror` | `{ name, message, stack, worker }` |
//! | `dialog` | `{ type, message, defaultValue }`; the page waits until [`super::Command::HandleDialog`] |
//! | `request` | `{ id, url, method, headers, postData, hasPostData, resourceType, navigation, frame, main, initiator, redirect }`; `redirect` is the response that led here |
//! | `sentheaders` | `{ id, headers }`; with `request`: its headers as they were sent, cookies among them |
//! | `response` | `{ id, url, status, statusText, headers, mimeType, fromCache, fromServiceWorker, ip, port, security, timing }` |
//! | `servedfromcache` | `{ id }`; with `response`: a memory cache had its answer |
//! | `requestfinished` | `{ id, size }`; bytes received |
//! | `requestfailed` | `{ id, errorText, canceled, kept }`; `kept` is `{ status, statusText, headers }` of a response that the browser has kept from the page |
//! | `domcontentloaded`, `load` | nothing; the main frame's |
//! | `loadstarted` | nothing; the main frame begins to load |
//! | `navigating` | `{ main, url, reason }`; with `loadstarted`: why a frame begins to load, in the protocol's words |
//! | `loadfinished` | `{ ok }`; the main frame has stopped loading, false where its document could not be had |
//! | `frameattached` | `{ id, parent }` |
//! | `framedetached` | `{ id }`; without those inside it, which have events of their own |
//! | `framenavigated` | `{ id, url, name, main, sameDocument }` |
//! | `workercreated`, `workerdestroyed` | `{ id, url }` |
//! | `popup` | nothing, and a page; it ends with the page that opened it |
//! | `closing` | nothing; the page has closed itself |
//! | `download` | `{ id, url, suggestedFilename }` |
//! | `crash` | `{ reason }` |
//! | `filechooser` | `{ multiple, frame, node }`; what [`super::Command::ChooseFiles`] takes |
//! | `metrics` | `{ title, metrics }`; a script has asked for a time stamp: what the browser measures, by name |
//! | `repaint` | `{ x, y, width, height }`; the page was painted anew |
//! | `binding` | `{ name, call, payload }`; a function of [`super::Command::ExposeFunction`] was called with this text |
//! | `intercepted` | as `request`, and `{ interception, watched, redirected }`; held until [`super::Command::ContinueRequest`] and its kin; `watched` where a `request` tells of it too |

use std::sync::Arc;

use serde_json::Value;

use super::Page;

/// The kinds of events that have to be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    Console,
    PageError,
    Dialog,
    Request,
    Response,
    RequestFinished,
    RequestFailed,
    DomContentLoaded,
    Load,
    LoadStarted,
    LoadFinished,
    FrameAttached,
    FrameDetached,
    FrameNavigated,
    WorkerCreated,
    WorkerDestroyed,
    Popup,
    Closing,
    Download,
    Crash,
    FileChooser,
    Metrics,
    Repaint,
}

/// A frame of a page as a program sees it.
#[derive(Clone, Debug)]
pub struct FrameState {
    pub id: String,
    /// The id of the frame around it; none for the top frame.
    pub parent: Option<String>,
    /// The address of the frame's document; empty before the first.
    pub url: String,
    pub name: String,
}

/// A worker of a page as a program sees it.
#[derive(Clone, Debug)]
pub struct WorkerState {
    pub id: String,
    /// The address of the worker's script.
    pub url: String,
}

/// One event.
pub struct PageEvent {
    /// Its name in the table above.
    pub name: &'static str,
    /// Its data.
    pub data: Value,
    /// The page that it brings.
    pub page: Option<Arc<dyn Page>>,
}

/// Gets a page's events, in order. Never blocks.
pub type PageListener = Arc<dyn Fn(PageEvent) + Send + Sync>;
