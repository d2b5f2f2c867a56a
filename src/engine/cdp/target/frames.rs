//! What is known of a page's frames and their documents, as events tell it. Pure state: who waits for it to change is
//! woken by the `watch` channel that holds it.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use crate::{
    engine::{FrameState, cdp::connection::Session, command::Moments},
    error::Error,
};

/// How many of a frame's documents are remembered, so that a navigation finds its own although the frame went on.
const REMEMBERED: usize = 16;

/// All frames of a page.
pub struct Frames {
    /// The top frame's id.
    pub main: String,
    by_id: HashMap<String, Frame>,
    /// How many frames there have been, by which they are told in their order.
    count: u64,
    /// How many documents the main frame has had.
    pub arrivals: u64,
    /// How often the program stopped the loading.
    pub stops: u64,
    /// Changes that may make a condition true, or a script's context vanish.
    pub generation: u64,
    /// Why the page is no more.
    pub ended: Option<Error>,
}

/// A frame of the page.
pub struct Frame {
    /// The frame's parent; none for the top frame.
    pub parent: Option<String>,
    /// Its place among all frames that the page has had.
    order: u64,
    /// The address of the frame's document; empty before the first.
    pub url: String,
    /// The frame's name, as its document knew it when it came.
    pub name: String,
    /// The session of the process that the frame is in.
    pub session: Session,
    /// The loader of the frame's document, which `document.open()` keeps.
    pub loader: String,
    /// The frame's latest documents, by loader.
    documents: VecDeque<String>,
    /// Changes of the frame's URL within a document.
    moves: u64,
    /// How often loading started.
    pub starts: u64,
    /// Whether something is on its way to it.
    loading: bool,
    /// The URL that could not be loaded, where the document is an error page.
    pub unreachable: Option<String>,
    /// The execution context of the page's scripts in the frame, where the session tells of contexts.
    pub context: Option<Context>,
    /// A world of ours in its document, once somebody has needed one.
    pub own_world: Option<OwnWorld>,
    reached: Reached,
}

/// Moments of a document that have passed.
#[derive(Clone, Copy, Default)]
struct Reached(u8);

impl Reached {
    const LOAD: u8 = 1;
    const DOM_CONTENT_LOADED: u8 = 2;
    const ALMOST_IDLE: u8 = 4;
    const IDLE: u8 = 8;

    fn named(name: &str) -> Option<u8> {
        match name {
            "load" => Some(Self::LOAD),
            "DOMContentLoaded" => Some(Self::DOM_CONTENT_LOADED),
            "networkAlmostIdle" => Some(Self::ALMOST_IDLE),
            "networkIdle" => Some(Self::IDLE),
            _ => None,
        }
    }

    fn has(self, moments: Moments) -> bool {
        let idle = match moments.idle {
            None => 0,
            Some(0) => Self::IDLE,
            Some(_) => Self::ALMOST_IDLE,
        };
        let wanted = [(moments.load, Self::LOAD), (moments.dom_content_loaded, Self::DOM_CONTENT_LOADED)];
        let bits = wanted.iter().filter(|(wanted, _)| *wanted).fold(idle, |bits, (_, bit)| bits | bit);
        self.0 & bits == bits
    }
}

impl Frame {
    fn new(parent: Option<String>, session: Session, order: u64) -> Self {
        Self {
            parent,
            order,
            url: String::new(),
            name: String::new(),
            session,
            loader: String::new(),
            documents: VecDeque::new(),
            moves: 0,
            starts: 0,
            loading: false,
            unreachable: None,
            context: None,
            own_world: None,
            reached: Reached::default(),
        }
    }

    /// The frame's document, and where in it.
    pub fn position(&self) -> Position {
        Position { loader: self.loader.clone(), moves: self.moves }
    }

    /// Whether the frame had this document.
    pub fn has_had(&self, loader: &str) -> bool {
        self.documents.iter().any(|document| document == loader)
    }

    /// The frame is in another process.
    fn moved(&mut self, session: Session) {
        self.session = session;
        self.context = None;
        self.own_world = None;
    }
}

/// An execution context of a page's scripts.
#[derive(Clone)]
pub struct Context {
    /// Its number, which contexts of other sessions have as well.
    pub number: i64,
    /// Its name, which no other has.
    pub name: String,
}

/// A world of ours in a document.
#[derive(Clone)]
pub struct OwnWorld {
    /// The world's execution context.
    pub context: i64,
    /// The handle of the runtime in the world. Of another process there are no handles, whereas contexts have the same numbers everywhere.
    pub runtime: Arc<str>,
}

/// A document told from the next one in its frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    loader: String,
    moves: u64,
}

impl Position {
    /// Whether both are in one document.
    pub fn same_document(&self, other: &Self) -> bool {
        self.loader == other.loader
    }
}

impl Frames {
    /// A page whose only frame is the top one.
    pub fn new(main: &str, session: Session) -> Self {
        let mut top = Frame::new(None, session, 0);
        "about:blank".clone_into(&mut top.url);
        Self {
            main: main.to_owned(),
            by_id: HashMap::from([(main.to_owned(), top)]),
            count: 1,
            arrivals: 0,
            stops: 0,
            generation: 0,
            ended: None,
        }
    }

    /// A frame.
    pub fn get(&self, id: &str) -> Option<&Frame> {
        self.by_id.get(id)
    }

    /// Every frame.
    pub fn all(&self) -> impl Iterator<Item = &Frame> {
        self.by_id.values()
    }

    /// The frames as a program sees them: the top one, and each frame's children after it in their order.
    pub fn tree(&self) -> Vec<FrameState> {
        let mut rest = vec![self.main.clone()];
        let mut tree = Vec::with_capacity(self.by_id.len());
        while let Some(id) = rest.pop() {
            let mut children = self.children(&id);
            children.sort_by_key(|child| std::cmp::Reverse(self.by_id.get(child).map(|frame| frame.order)));
            rest.extend(children);
            let Some(frame) = self.by_id.get(&id) else { continue };
            tree.push(FrameState {
                parent: frame.parent.clone(),
                url: frame.url.clone(),
                name: frame.name.clone(),
                id,
            });
        }
        tree
    }

    /// Whether a frame is the one that its session is of.
    pub fn is_root(&self, frame: &Frame) -> bool {
        let parent = frame.parent.as_ref().and_then(|parent| self.by_id.get(parent));
        parent.is_none_or(|parent| !parent.session.is(&frame.session))
    }

    /// The id of the frame that is the root of a process, by the process's session.
    pub fn root_of(&self, session: &Session) -> Option<&str> {
        let root = |(_, frame): &(&String, &Frame)| frame.session.is(session) && self.is_root(frame);
        self.by_id.iter().find(root).map(|(id, _)| id.as_str())
    }

    /// The id of the frame in which the scripts of a session's context run; that of the session's own for a context of others.
    pub fn of_context(&self, session: &Session, number: i64) -> Option<&str> {
        let runs = |frame: &Frame| frame.context.as_ref().is_some_and(|context| context.number == number);
        let found = self.by_id.iter().find(|(_, frame)| frame.session.is(session) && runs(frame));
        found.map(|(id, _)| id.as_str()).or_else(|| self.root_of(session))
    }

    /// The top frame.
    pub fn top(&self) -> Option<&Frame> {
        self.by_id.get(&self.main)
    }

    /// A frame was attached, or moved to another session.
    pub fn attached(&mut self, id: &str, parent: Option<&str>, session: &Session) {
        if let Some(frame) = self.by_id.get_mut(id) {
            if !frame.session.is(session) {
                frame.moved(session.clone());
            }
        } else {
            let frame = Frame::new(parent.map(str::to_owned), session.clone(), self.count);
            self.by_id.insert(id.to_owned(), frame);
            self.count += 1;
        }
    }

    /// A frame was removed, with all inside.
    pub fn detached(&mut self, id: &str) {
        let children: Vec<String> = self.children(id);
        for child in children {
            self.detached(&child);
        }
        if id != self.main {
            self.by_id.remove(id);
        }
    }

    /// The frames inside a frame, the innermost first.
    pub fn inside(&self, id: &str) -> Vec<String> {
        let mut inside = Vec::new();
        for child in self.children(id) {
            inside.extend(self.inside(&child));
            inside.push(child);
        }
        inside
    }

    fn children(&self, id: &str) -> Vec<String> {
        let inside = self.by_id.iter().filter(|(_, frame)| frame.parent.as_deref() == Some(id));
        inside.map(|(child, _)| child.clone()).collect()
    }

    /// A frame has another document.
    pub fn navigated(&mut self, id: &str, parent: Option<&str>, session: &Session, document: Document) {
        self.attached(id, parent, session);
        for child in self.children(id) {
            self.detached(&child);
        }
        if let Some(frame) = self.by_id.get_mut(id) {
            frame.unreachable = document.unreachable;
            frame.url = document.url;
            frame.name = document.name;
            if document.restored {
                frame.reached = Reached(u8::MAX);
            }
        }
        self.document(id, document.loader);
    }

    /// Remembers a frame's document. True if it is another one.
    fn document(&mut self, id: &str, loader: String) -> bool {
        let Some(frame) = self.by_id.get_mut(id) else { return false };
        if frame.loader == loader {
            return false;
        }
        frame.loader.clone_from(&loader);
        frame.own_world = None;
        if frame.documents.len() == REMEMBERED {
            frame.documents.pop_front();
        }
        frame.documents.push_back(loader);
        self.arrivals += u64::from(id == self.main);
        true
    }

    /// A moment in a document's life.
    pub fn lifecycle(&mut self, id: &str, loader: &str, name: &str) {
        let another = self.document(id, loader.to_owned());
        let Some(frame) = self.by_id.get_mut(id) else { return };
        if another || name == "init" {
            frame.reached = Reached::default();
        }
        self.generation += 1;
        if name == "init" {
            frame.starts += 1;
        } else if let Some(moment) = Reached::named(name) {
            frame.reached.0 |= moment;
        }
    }

    /// A frame begins to load something, or does no more. Its document will get no further then, even where the rest of it
    /// never came: as with Puppeteer, it counts as loaded.
    pub fn loading(&mut self, id: &str, loading: bool) {
        if let Some(frame) = self.by_id.get_mut(id) {
            if frame.loading && !loading && !frame.loader.is_empty() {
                frame.reached.0 |= Reached::DOM_CONTENT_LOADED | Reached::LOAD;
            }
            frame.loading = loading;
        }
    }

    /// A frame's URL has changed within its document.
    pub fn moved_within(&mut self, id: &str, url: &str) {
        if let Some(frame) = self.by_id.get_mut(id) {
            url.clone_into(&mut frame.url);
            frame.moves += 1;
        }
    }

    /// The main frame's document, and where in it.
    pub fn position(&self) -> Position {
        self.top().map(Frame::position).unwrap_or_default()
    }

    /// Whether the document of the main frame is as far.
    pub fn has_reached(&self, moments: Moments) -> bool {
        self.has_reached_in(&self.main, moments)
    }

    /// Whether the document of a frame is as far; the network is quiet when it is in all frames inside too, but for those that
    /// have not begun to load, such as lazy ones, or whose URL gave them no document.
    pub fn has_reached_in(&self, id: &str, moments: Moments) -> bool {
        let Some(frame) = self.by_id.get(id) else { return false };
        frame.reached.has(moments)
            && (moments.idle.is_none()
                || self.children(id).iter().all(|child| {
                    let empty =
                        self.by_id.get(child).is_some_and(|frame| !frame.loading && !frame.reached.has(Moments::LOAD));
                    empty || self.has_reached_in(child, moments)
                }))
    }

    /// A frame's document has a world of ours, or none any more.
    pub fn own_world(&mut self, id: &str, loader: &str, world: Option<OwnWorld>) {
        if let Some(frame) = self.by_id.get_mut(id).filter(|frame| frame.loader == loader) {
            frame.own_world = world;
        }
    }

    /// A frame's scripts have a new context.
    pub fn context(&mut self, id: &str, context: Context) {
        self.generation += 1;
        if let Some(frame) = self.by_id.get_mut(id) {
            frame.context = Some(context);
        }
    }

    /// A context is gone; all of a session's without a name.
    pub fn context_gone(&mut self, session: &Session, name: Option<&str>) {
        for frame in self.by_id.values_mut() {
            let known = frame.context.as_ref().map(|context| context.name.as_str());
            if frame.session.is(session) && (name.is_none() || known == name) {
                frame.context = None;
                frame.own_world = None;
            }
        }
    }

    /// A session of a frame has ended: if the frame lives on, it is its parent's session that knows it.
    pub fn session_gone(&mut self, session: &Session) {
        let orphans = self.by_id.iter().filter(|(id, frame)| frame.session.is(session) && **id != self.main);
        let orphans: Vec<String> = orphans.map(|(id, _)| id.clone()).collect();
        for id in orphans {
            let parent = self.by_id.get(&id).and_then(|frame| frame.parent.as_ref());
            let above = parent.and_then(|parent| self.by_id.get(parent)).map(|parent| parent.session.clone());
            if let (Some(above), Some(frame)) = (above, self.by_id.get_mut(&id)) {
                frame.moved(above);
            }
        }
    }
}

/// A document that a frame was navigated to.
pub struct Document {
    /// The document's loader.
    pub loader: String,
    /// The document's address.
    pub url: String,
    /// The name of the frame.
    pub name: String,
    /// The URL that could not be loaded, if the document is an error page.
    pub unreachable: Option<String>,
    /// The document comes from the history, as it was.
    pub restored: bool,
}
