//! How an item has used its page, as far as that decides whether the page can be made brand-new for the next item.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::SeqCst};

use crate::{
    engine::{
        cdp::target::frames::Position,
        command::{Command, Viewport},
    },
    error::{Code, Error, Result},
};

/// How far what a page was told reaches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Reach {
    /// It goes with the document.
    Document,
    /// It outlives documents.
    Page,
    /// The program itself has said it, in the protocol's own words, and nobody knows.
    Unknown,
}

/// How a page is used by one who has got it, as far as that decides how it becomes new.
pub struct Usage {
    /// Where it was then.
    pub began: Position,
    reach: AtomicU8,
    /// The commands that have begun and not come to their end, those among them that were given up.
    open: AtomicUsize,
    /// Somebody else gets it.
    over: AtomicBool,
}

impl Usage {
    /// Of a page that is at this document.
    pub fn at(began: Position) -> Self {
        let reach = AtomicU8::new(Reach::Document as u8);
        Self { began, reach, open: AtomicUsize::new(0), over: AtomicBool::new(false) }
    }

    /// Something is done that outlives documents.
    pub fn lasts(&self) -> Result<()> {
        self.reaches(Reach::Page)
    }

    /// The program itself speaks to it.
    pub fn is_foreign(&self) -> Result<()> {
        self.reaches(Reach::Unknown)
    }

    /// Whether the program itself has spoken to it.
    pub fn was_foreign(&self) -> bool {
        self.reach.load(SeqCst) >= Reach::Unknown as u8
    }

    /// A command begins.
    pub fn begin(&self, command: &Command, private: bool) -> Result<()> {
        self.open.fetch_add(1, SeqCst);
        self.reaches(reach(command, private)).inspect_err(|_| self.end())
    }

    /// A command has come to its end.
    pub fn end(&self) {
        self.open.fetch_sub(1, SeqCst);
    }

    fn reaches(&self, reach: Reach) -> Result<()> {
        self.reach.fetch_max(reach as u8, SeqCst);
        // Looked at last: either this is seen by who ends the use, or its end is seen here.
        if self.over.load(SeqCst) {
            return Err(Error::new(Code::PageClosed, "the page's attempt is over"));
        }
        Ok(())
    }

    /// Nothing begins any more. Whether all that was done goes with the document.
    pub fn close(&self) -> bool {
        self.over.store(true, SeqCst);
        self.open.load(SeqCst) == 0 && self.reach.load(SeqCst) == Reach::Document as u8
    }
}

/// How far a command reaches. Renewal undoes what is not the document's. Scripts of a private page's document could ask
/// the network for something, as by a download, that no event of the page tells of.
fn reach(command: &Command, private: bool) -> Reach {
    match command {
        Command::Cdp { .. } => Reach::Unknown,
        Command::SetViewport(Viewport { is_mobile: false, has_touch: false, is_landscape: false, .. })
        // A document remembers a person's gesture for the one that replaces it.
        | Command::Evaluate { gesture: false, .. }
        | Command::WaitFor { .. }
        | Command::WaitForNetworkIdle { .. }
        | Command::Screenshot(_)
        | Command::Pdf(_)
        | Command::Cookies { .. } => Reach::Document,
        Command::SetContent { html, .. } if !private || !may_have_scripts(html) => Reach::Document,
        _ => Reach::Page,
    }
}

/// Whether there may be scripts in it: an element of scripts, or an attribute that holds one.
fn may_have_scripts(html: &str) -> bool {
    let html = html.to_ascii_lowercase();
    let attribute = |(at, _): (usize, &str)| {
        let rest = html[at + 2..].trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
        rest.len() < html.len() - at - 2 && rest.trim_start().starts_with('=')
    };
    html.contains("<script") || html.match_indices("on").any(attribute)
}
