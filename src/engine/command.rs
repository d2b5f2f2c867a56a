//! Everything a page can be told to do. JavaScript sends a method's name and its checked parameters as JSON; the names
//! and shapes here are the whole contract between `lib/page` and an engine. Times are in milliseconds, 0 is no limit.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::shortened;

/// One command to a page.
#[derive(Debug, Deserialize)]
#[serde(tag = "method", content = "params", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Command {
    /// Of the frame with this id, or of the main one, as the next two with a `frame`. The answer is null at the history's end, or
    /// `{ url, requests, response }`: what an event `request` tells of each request that led there, and the event `response`; or
    /// no requests and null, where no server has answered.
    Goto {
        url: String,
        frame: Option<String>,
        wait_until: Moments,
        timeout: u64,
        referer: Option<String>,
        /// As the `DevTools` protocol has it.
        referrer_policy: Option<String>,
        method: Option<String>,
        body: Option<String>,
        headers: Option<Map<String, Value>>,
    },
    Reload {
        wait_until: Moments,
        timeout: u64,
        #[serde(default)]
        ignore_cache: bool,
    },
    GoBack {
        wait_until: Moments,
        timeout: u64,
    },
    GoForward {
        wait_until: Moments,
        timeout: u64,
    },
    Stop {},
    SetContent {
        html: String,
        frame: Option<String>,
        wait_until: Moments,
        timeout: u64,
    },
    /// `script` is one expression; its value is a string in the envelope of [`super::page_script`]. It runs in the frame or worker
    /// with this id, or else in the chosen frame, or in the main one. With `gesture` the page may take it for a person's doing, as
    /// far as the engine can have that.
    Evaluate {
        script: String,
        #[serde(default)]
        main: bool,
        frame: Option<String>,
        /// What it finds as `arguments`: objects of the page's world of that frame.
        #[serde(default)]
        handles: Vec<Handle>,
        /// Whether the value stays in the page. The answer is what the `DevTools` protocol calls a remote object, with the id of a
        /// handle as `objectId` unless the value is primitive, and the frame's id as `frame`; or an envelope of something thrown.
        #[serde(default)]
        keep: bool,
        #[serde(default)]
        gesture: bool,
        /// Of what it waits for, which `what` names.
        #[serde(default)]
        timeout: u64,
        #[serde(default)]
        what: String,
        #[serde(default)]
        world: World,
    },
    /// Closes a popup; a page of an attempt goes with it.
    ClosePage {},
    /// What assistive technology gets of a document.
    Accessibility(AccessibilityQuestion),
    /// The page's tab is the one in front.
    BringToFront {},
    /// What the browser measures of the page, by name.
    Metrics {},
    AddInitScript {
        source: String,
    },
    /// Ends what [`Command::AddInitScript`] has begun, by its answer.
    RemoveInitScript {
        identifier: String,
    },
    /// Forgets handles.
    Release {
        handles: Vec<Handle>,
    },
    /// The enumerable properties of an object, by its handle: pairs of a name and a remote object.
    Properties {
        handle: Handle,
    },
    /// The nodes of the accessibility tree with this name and role, in a frame's document or inside of a node: remote objects, no
    /// more than `limit`.
    QueryAria {
        frame: Option<String>,
        handle: Option<Handle>,
        name: Option<String>,
        role: Option<String>,
        limit: Option<usize>,
    },
    /// The id of the frame whose element this is, or null.
    FrameOf {
        handle: Handle,
    },
    /// The element by which a frame is part of its parent's document, as a remote object of the parent's; or null.
    FrameElement {
        frame: String,
    },
    /// Polls `script`, as of [`Command::Evaluate`], until its envelope is truthy or carries an error.
    WaitFor {
        script: String,
        frame: Option<String>,
        #[serde(default)]
        handles: Vec<Handle>,
        #[serde(default)]
        keep: bool,
        timeout: u64,
        polling: Polling,
        what: String,
        #[serde(default)]
        world: World,
        /// A number by which it can be given up.
        wait: Option<u64>,
    },
    /// Nobody waits any more: ends the [`Command::WaitFor`] with this number, unless it has ended.
    GiveUp {
        wait: u64,
    },
    WaitForNavigation {
        frame: Option<String>,
        wait_until: Moments,
        timeout: u64,
    },
    WaitForNetworkIdle {
        idle_time: u64,
        concurrency: u32,
        timeout: u64,
    },
    Click {
        #[serde(flatten)]
        on: Which,
        button: MouseButton,
        click_count: u32,
        delay: u64,
        offset: Option<Point>,
    },
    /// Where a click would go now, as `[x, y]`.
    Locate {
        #[serde(flatten)]
        on: Which,
        offset: Option<Point>,
    },
    Hover {
        #[serde(flatten)]
        on: Which,
    },
    Focus {
        #[serde(flatten)]
        on: Which,
    },
    Type {
        #[serde(flatten)]
        on: Which,
        text: String,
        delay: u64,
    },
    Press {
        key: String,
        delay: u64,
        text: Option<String>,
    },
    UploadFile {
        #[serde(flatten)]
        on: Which,
        paths: Vec<String>,
    },
    Mouse {
        #[serde(rename = "type")]
        kind: MouseEvent,
        x: f64,
        y: f64,
        button: MouseButton,
        modifiers: Vec<Modifier>,
    },
    Key {
        #[serde(rename = "type")]
        kind: KeyEvent,
        key: Option<String>,
        text: Option<String>,
        modifiers: Vec<Modifier>,
    },
    /// The devices themselves, wherever the mouse and the focus are.
    Input(Input),
    Screenshot(Screenshot),
    Pdf(Pdf),
    SetViewport(Viewport),
    SetUserAgent {
        /// Without one, the browser's own.
        user_agent: Option<String>,
        /// What `navigator.platform` says.
        platform: Option<String>,
        /// What `navigator.userAgentData` and the client hints say.
        metadata: Option<Value>,
    },
    #[serde(rename = "setExtraHTTPHeaders")]
    SetExtraHttpHeaders {
        headers: Map<String, Value>,
    },
    Authenticate {
        username: Option<String>,
        password: Option<String>,
    },
    SetJavaScriptEnabled {
        enabled: bool,
    },
    /// `features` are the values of media features by their names.
    EmulateMedia {
        media: Option<String>,
        features: Map<String, Value>,
    },
    EmulateTimezone {
        timezone: String,
    },
    SetGeolocation {
        latitude: f64,
        longitude: f64,
        accuracy: Option<f64>,
    },
    Emulate(Emulation),
    SetCacheEnabled {
        enabled: bool,
    },
    SetLoadImages {
        enabled: bool,
    },
    SetProxy {
        url: String,
    },
    SetCookies {
        cookies: Vec<Map<String, Value>>,
    },
    Cookies {
        urls: Vec<String>,
    },
    DeleteCookies {
        cookies: Vec<Map<String, Value>>,
    },
    ClearCookies {},
    /// Every request becomes an event `intercepted` and waits.
    SetRequestInterception {
        enabled: bool,
    },
    /// `id` is the event's `interception`, here and in the next two.
    ContinueRequest {
        id: String,
        url: Option<String>,
        method: Option<String>,
        headers: Option<Map<String, Value>>,
        body: Option<String>,
    },
    /// `body` is base64; a header's value may be an array of several.
    FulfillRequest {
        id: String,
        status: u16,
        status_text: Option<String>,
        headers: Map<String, Value>,
        body: String,
    },
    /// `reason` is one of `Network.ErrorReason`.
    FailRequest {
        id: String,
        reason: String,
    },
    /// The body of a response, by its event's `id`.
    ResponseBody {
        id: String,
        timeout: u64,
    },
    /// The body of a request, by its event's `id`: text, or null.
    PostData {
        id: String,
    },
    /// Answers the dialog that is open.
    HandleDialog {
        accept: bool,
        text: Option<String>,
    },
    /// Waits for a download's end: `{ state: "completed" or "canceled", path }`.
    Downloaded {
        id: String,
    },
    CancelDownload {
        id: String,
    },
    /// Answers an event `filechooser`, whose `frame` and `node` these are. Without paths, nothing is chosen, or what was chosen
    /// before is taken back.
    ChooseFiles {
        frame: String,
        node: Option<i64>,
        paths: Vec<String>,
        #[serde(default)]
        clear: bool,
    },
    /// A function of one text, whose calls become events `binding`, in every document; `script` runs once it is there. The answer
    /// is an identifier.
    ExposeFunction {
        name: String,
        script: String,
    },
    /// Ends what [`Command::ExposeFunction`] has begun, by its name and its answer; `script` runs in every document that is there.
    RemoveFunction {
        name: String,
        identifier: String,
        script: String,
    },
    /// Runs `result` where the call came from; `call` is the event's.
    AnswerBinding {
        call: String,
        result: String,
    },
    /// Whether the main frame stays where it is, whatever the page tries.
    LockNavigation {
        locked: bool,
    },
    /// Whether the main frame stays where it is if the next document cannot be had.
    KeepDocument {
        enabled: bool,
    },
    Cdp {
        method: String,
        params: Option<Map<String, Value>>,
    },
    SwitchToFrame {
        frame: Frame,
    },
    SwitchToMainFrame {},
}

impl Command {
    /// The number by which it can be given up.
    #[must_use]
    pub fn wait(&self) -> Option<u64> {
        match self {
            Self::WaitFor { wait, .. } => *wait,
            _ => None,
        }
    }

    /// Whether this is something that a user of the page does, with a mouse, a keyboard or fingers.
    #[must_use]
    pub fn is_input(&self) -> bool {
        matches!(
            self,
            Self::Click { .. }
                | Self::Hover { .. }
                | Self::Type { .. }
                | Self::Press { .. }
                | Self::Mouse { .. }
                | Self::Key { .. }
                | Self::Input(_)
        )
    }
}

/// Whose language and DOM a script has: each world has built-ins of its own, and all of a frame have the same document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum World {
    /// The page's own scripts' world.
    #[default]
    Page,
    /// One of ours, where no script of the page reaches, as far as the engine has such.
    Own,
}

/// What stays in the page for the program: an object of the page's world of a frame's document.
#[derive(Clone, Debug, Deserialize)]
pub struct Handle {
    pub id: String,
    /// The frame's id.
    pub frame: String,
}

/// An element by its handle, or else the first of a selector, in the frame with this id, or else in the chosen frame, or in the
/// main one.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Which {
    pub selector: Option<String>,
    pub element: Option<Handle>,
    pub frame: Option<String>,
}

impl Which {
    /// Whether an element is named at all.
    #[must_use]
    pub fn is_some(&self) -> bool {
        self.element.is_some() || self.selector.is_some()
    }

    /// The id of the frame that is named.
    #[must_use]
    pub fn frame(&self) -> Option<&str> {
        self.element.as_ref().map(|handle| &*handle.frame).or(self.frame.as_deref())
    }

    /// The element in the words of an error.
    #[must_use]
    pub fn shown(&self) -> String {
        match (&self.element, &self.selector) {
            (None, Some(selector)) => format!("the element {:?}", shortened(selector)),
            _ => "the element of the handle".to_owned(),
        }
    }
}

/// A moment in the life of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WaitUntil {
    /// The document's `load` event.
    Load,
    /// The document's `DOMContentLoaded` event.
    DomContentLoaded,
    /// No request for 500 ms.
    NetworkIdle0,
    /// At most two requests for 500 ms.
    NetworkIdle2,
}

/// When a navigation counts as finished: as soon as all of these have passed. Without any, when there is another document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "OneOrMore")]
pub struct Moments {
    /// The document's `load` event is one of them.
    pub load: bool,
    /// Its `DOMContentLoaded` event is.
    pub dom_content_loaded: bool,
    /// So many requests at most have been under way for 500 ms, since `DOMContentLoaded`.
    pub idle: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(WaitUntil),
    More(Vec<WaitUntil>),
}

impl From<OneOrMore> for Moments {
    fn from(moments: OneOrMore) -> Self {
        let moments = match moments {
            OneOrMore::One(moment) => vec![moment],
            OneOrMore::More(moments) => moments,
        };
        let has = |moment| moments.contains(&moment);
        Self {
            load: has(WaitUntil::Load),
            dom_content_loaded: has(WaitUntil::DomContentLoaded),
            idle: match (has(WaitUntil::NetworkIdle0), has(WaitUntil::NetworkIdle2)) {
                (true, _) => Some(0),
                (false, true) => Some(2),
                (false, false) => None,
            },
        }
    }
}

impl Moments {
    /// The `load` event.
    pub const LOAD: Self = Self { load: true, dom_content_loaded: false, idle: None };

    /// The same without the network's: those that a document tells of by itself. Its requests are looked at from
    /// `DOMContentLoaded` on.
    #[must_use]
    pub fn of_the_document(self) -> Self {
        Self { dom_content_loaded: self.dom_content_loaded || self.idle.is_some(), idle: None, ..self }
    }
}

/// How often a condition is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Polling {
    /// Every so many milliseconds.
    Every(u64),
    /// On a signal of the page.
    On(PollingSignal),
}

/// The page's signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PollingSignal {
    /// Each animation frame.
    Raf,
    /// Each change of the DOM.
    Mutation,
}

/// A point in CSS pixels.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// The mouse's buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MouseButton {
    Left,
    Middle,
    Right,
    Back,
    Forward,
}

impl MouseButton {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Left, Self::Middle, Self::Right, Self::Back, Self::Forward];
}

/// What is asked of a document's accessibility. A frame is the chosen or the main one, where none is named.
#[derive(Debug, Deserialize)]
#[serde(tag = "question", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum AccessibilityQuestion {
    /// All nodes, as `Accessibility.getFullAXTree` has them.
    Tree { frame: Option<String> },
    /// The number by which the tree names the node of a handle.
    NumberOf { handle: Handle },
    /// The node with this number, as a remote object.
    Node { frame: Option<String>, number: i64 },
}

/// What a page is made to believe until it ends.
#[derive(Debug, Deserialize)]
#[serde(tag = "what", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Emulation {
    /// That its document has no content security policy.
    Csp { bypassed: bool },
    /// That it has no service worker.
    ServiceWorker { bypassed: bool },
    /// That whoever looks at it sees badly, as `Emulation.setEmulatedVisionDeficiency` has it.
    Vision { deficiency: String },
    /// That its processor is so many times slower.
    Cpu { rate: f64 },
    /// Whether somebody sits before it.
    Idle { user_active: bool, screen_unlocked: bool },
    /// What is so of the two before.
    NotIdle {},
    /// That it has the focus.
    Focus { enabled: bool },
    /// How fast its network is: milliseconds, and bytes a second; -1 is as fast as it goes.
    Network { offline: bool, latency: f64, download: f64, upload: f64 },
    /// That its viewport is that of its window.
    WindowSize {},
}

/// What the keyboard, the mouse and the touchscreen of a page do.
#[derive(Debug, Deserialize)]
#[serde(tag = "action", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Input {
    /// `text` is what the key types instead of its own; `commands` are editing commands that go with it.
    KeyDown {
        key: String,
        text: Option<String>,
        commands: Vec<String>,
    },
    KeyUp {
        key: String,
    },
    PressKey {
        key: String,
        text: Option<String>,
        commands: Vec<String>,
        delay: u64,
    },
    /// Keys where there is a key; what no key types is inserted.
    TypeText {
        text: String,
        delay: u64,
    },
    /// Text comes without any key.
    InsertText {
        text: String,
    },
    /// The mouse goes there in so many steps.
    MoveMouse {
        x: f64,
        y: f64,
        steps: u32,
    },
    PressButton {
        button: MouseButton,
        click_count: u32,
    },
    ReleaseButton {
        button: MouseButton,
        click_count: u32,
    },
    /// As many clicks as `count` says. The last one says that it is the `click_count`th.
    ClickAt {
        x: f64,
        y: f64,
        button: MouseButton,
        count: u32,
        click_count: u32,
        delay: u64,
    },
    TurnWheel {
        delta_x: f64,
        delta_y: f64,
    },
    /// No button is held any more, and the mouse is in the viewport's corner.
    ResetMouse {},
    /// A finger, by a number of its own.
    Touch {
        #[serde(rename = "type")]
        kind: TouchEvent,
        finger: u32,
        x: f64,
        y: f64,
    },
    /// Whether a drag that the page begins is handed to [`Input::Drag`] and not to the browser.
    InterceptDrags {
        enabled: bool,
    },
    /// Drags what is at one point, towards another: gives the data that is dragged.
    Drag {
        from: Point,
        to: Point,
    },
    /// What is dragged comes to a point, or is dropped there.
    DragEvent {
        #[serde(rename = "type")]
        kind: DragEvent,
        x: f64,
        y: f64,
        data: Value,
    },
}

/// What a finger does on a touchscreen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TouchEvent {
    Start,
    Move,
    End,
}

/// What becomes of a thing that is dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DragEvent {
    Enter,
    Over,
    Drop,
}

/// What the mouse does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MouseEvent {
    Move,
    Down,
    Up,
    Click,
    DoubleClick,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyEvent {
    Down,
    Up,
    Press,
}

/// Keys held while another is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Modifier {
    Alt,
    Control,
    Meta,
    Shift,
}

/// A frame, by its place among its siblings or by its name or id.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Frame {
    Index(u16),
    Name(String),
}

/// Picture formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageType {
    Png,
    Jpeg,
    Webp,
    Bmp,
    Gif,
}

/// A picture of the page.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "they are Puppeteer's")]
pub struct Screenshot {
    /// The format.
    #[serde(rename = "type")]
    pub kind: ImageType,
    /// 0 to 100, for lossy formats.
    pub quality: Option<u8>,
    /// A part of the page, in CSS pixels from the document's corner.
    pub clip: Option<Clip>,
    /// The whole document instead of the viewport.
    pub full_page: bool,
    /// A transparent instead of a white background.
    pub omit_background: bool,
    /// Whether a larger file is the price of a faster one; of PNG, its pixels are the same.
    pub optimize_for_speed: bool,
    /// Only this element, where it names one.
    #[serde(flatten)]
    pub of: Which,
    /// Whether what `clip` has outside of the viewport is in the picture too.
    #[serde(default = "yes")]
    pub capture_beyond_viewport: bool,
    /// Whether the picture is of the page's surface, and not of its window.
    #[serde(default = "yes")]
    pub from_surface: bool,
}

fn yes() -> bool {
    true
}

/// A rectangle in CSS pixels.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Clip {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub scale: Option<f64>,
}

/// A printed page; lengths in inches.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "they are the protocol's")]
pub struct Pdf {
    pub landscape: bool,
    pub scale: f64,
    pub print_background: bool,
    pub paper_width: f64,
    pub paper_height: f64,
    pub margin_top: f64,
    pub margin_right: f64,
    pub margin_bottom: f64,
    pub margin_left: f64,
    pub page_ranges: String,
    pub header_template: String,
    pub footer_template: String,
    pub display_header_footer: bool,
    #[serde(rename = "preferCSSPageSize")]
    pub prefer_css_page_size: bool,
    /// Of pages that have others; no page is in two of them.
    #[serde(default, skip_serializing)]
    pub headings: Vec<Headings>,
    /// Whether it says what is a heading, a table and the like; none is the browser's choice.
    #[serde(
        rename(deserialize = "tagged", serialize = "generateTaggedPDF"),
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub tagged: Option<bool>,
    /// Whether its headings are its outline.
    #[serde(rename(deserialize = "outline", serialize = "generateDocumentOutline"), default)]
    pub outline: bool,
    /// A transparent instead of a white background.
    #[serde(default, skip_serializing)]
    pub omit_background: bool,
    /// Whether the document's fonts are waited for.
    #[serde(default, skip_serializing)]
    pub wait_for_fonts: bool,
    #[serde(default, skip_serializing)]
    pub timeout: u64,
}

/// The header and footer of some pages.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Headings {
    /// The numbers of the pages, upwards from 1.
    pub pages: Vec<u32>,
    pub header_template: String,
    pub footer_template: String,
}

/// The window that the page believes it has, in CSS pixels.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Viewport {
    pub width: u32,
    pub height: u32,
    pub device_scale_factor: f64,
    pub is_mobile: bool,
    pub has_touch: bool,
    pub is_landscape: bool,
}

impl Viewport {
    /// What every new page starts with, as with Puppeteer.
    pub const DEFAULT: Self = Self {
        width: 800,
        height: 600,
        device_scale_factor: 1.0,
        is_mobile: false,
        has_touch: false,
        is_landscape: false,
    };
}

/// What a command gives back.
#[derive(Debug)]
pub enum Reply {
    /// Data.
    Json(Value),
    /// The envelope of an evaluation, to be decoded by the caller.
    Text(String),
    /// A picture or a PDF.
    Bytes(Vec<u8>),
}

impl Reply {
    /// Done, and nothing to say.
    pub const NOTHING: Self = Self::Json(Value::Null);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_navigation_waits_for_one_moment_or_for_all_of_a_list() {
        let moments = |value| serde_json::from_value::<Moments>(value).unwrap();
        assert_eq!(moments(json!("load")), Moments::LOAD);
        assert_eq!(moments(json!([])), Moments::default());
        let both = moments(json!(["domcontentloaded", "networkidle2", "networkidle0"]));
        assert_eq!(both, Moments { load: false, dom_content_loaded: true, idle: Some(0) });
        assert!(serde_json::from_value::<Moments>(json!("loaded")).is_err());
    }
}
