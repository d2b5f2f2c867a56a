//! How an item has used its page, as far as that decides whether the page can be made brand-new for the next item.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::SeqCst};

use crate::{
    engine::{
        cdp::target::frames::Position,
        command::{Command, Viewport},
    },
    error::{Code, Error, Result},
};

/// For how long a command has an effect on its page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Reach {
    /// Until the page has another document.
    Document,
    /// Until the page is closed.
    Page,
    /// Nobody knows, because the program itself has spoken the protocol.
    Unknown,
}

/// How a page is used by one who has got it, as far as that decides how it becomes new.
pub struct Usage {
    /// The page's document when its user got it.
    pub began: Position,
    reach: AtomicU8,
    /// The commands that have begun and not come to their end, among them those that were given up.
    open: AtomicUsize,
    /// The use is over: somebody else gets the page.
    over: AtomicBool,
}

impl Usage {
    /// The use of a page that is at this document.
    pub fn at(began: Position) -> Self {
        let reach = AtomicU8::new(Reach::Document as u8);
        Self { began, reach, open: AtomicUsize::new(0), over: AtomicBool::new(false) }
    }

    /// Something is done to the page that outlives its document.
    pub fn lasts(&self) -> Result<()> {
        self.reaches(Reach::Page)
    }

    /// The program itself speaks the protocol with the page.
    pub fn is_foreign(&self) -> Result<()> {
        self.reaches(Reach::Unknown)
    }

    /// Whether the program itself has spoken the protocol with the page.
    pub fn was_foreign(&self) -> bool {
        self.reach.load(SeqCst) >= Reach::Unknown as u8
    }

    /// A command begins.
    pub fn begin(&self, command: &Command) -> Result<()> {
        self.open.fetch_add(1, SeqCst);
        self.reaches(reach(command)).inspect_err(|_| self.end())
    }

    /// A command has come to its end.
    pub fn end(&self) {
        self.open.fetch_sub(1, SeqCst);
    }

    fn reaches(&self, reach: Reach) -> Result<()> {
        self.reach.fetch_max(reach as u8, SeqCst);
        // Looked at last: either `close` sees the reach that was noted, or the end of the use is seen here.
        if self.over.load(SeqCst) {
            return Err(Error::new(Code::PageClosed, "the page's attempt is over"));
        }
        Ok(())
    }

    /// Ends the use: no command begins any more. Whether the effects of all commands go with the document.
    pub fn close(&self) -> bool {
        self.over.store(true, SeqCst);
        self.open.load(SeqCst) == 0 && self.reach.load(SeqCst) == Reach::Document as u8
    }
}

/// How far a command reaches. Renewal undoes what is not the document's.
fn reach(command: &Command) -> Reach {
    match command {
        Command::Cdp { .. } => Reach::Unknown,
        Command::SetViewport(Viewport { is_mobile: false, has_touch: false, is_landscape: false, .. })
        | Command::SetContent { .. }
        // A document remembers a person's gesture for the one that replaces it.
        | Command::Evaluate { gesture: false, .. }
        | Command::WaitFor { .. }
        | Command::GiveUp { .. }
        | Command::WaitForNetworkIdle { .. }
        | Command::Screenshot(_)
        | Command::Pdf(_)
        | Command::Release { .. }
        | Command::Properties { .. }
        | Command::QueryAria { .. }
        | Command::FrameOf { .. }
        | Command::FrameElement { .. }
        | Command::Locate { .. }
        | Command::Accessibility(_)
        | Command::Cookies { .. } => Reach::Document,
        _ => Reach::Page,
    }
}
