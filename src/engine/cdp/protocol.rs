//! The shapes of the protocol that are read here, in the order of its domains. <https://chromedevtools.github.io/devtools-protocol/>
//! says what their fields mean.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

/// Headers of a request or a response, by the names that they were sent with.
pub type Headers = Map<String, Value>;

/// The answer of `Browser.getVersion`.
#[derive(Deserialize)]
pub struct Version {
    pub product: String,
}

/// The answer of `Browser.getWindowForTarget`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WindowOfTarget {
    pub window_id: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DownloadWillBegin {
    /// The frame that the download comes from.
    pub frame_id: String,
    pub guid: String,
    pub url: String,
    pub suggested_filename: String,
}

#[derive(Deserialize)]
pub struct DownloadProgress {
    pub guid: String,
    pub state: String,
}

/// Who asks for credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
pub enum AuthSource {
    /// The site.
    #[default]
    Server,
    /// The proxy on the way to it.
    Proxy,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthRequired {
    pub request_id: String,
    pub auth_challenge: AuthChallenge,
}

#[derive(Deserialize)]
pub struct AuthChallenge {
    #[serde(default)]
    pub source: AuthSource,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestPaused {
    pub request_id: String,
    pub request: Request,
    pub frame_id: String,
    pub resource_type: String,
    pub redirected_request_id: Option<String>,
    pub network_id: Option<String>,
    /// Why there is no response; with the next one, only of a request that stops at its response.
    pub response_error_reason: Option<String>,
    pub response_status_code: Option<u16>,
}

impl RequestPaused {
    /// Whether it has been sent, and stops before its response is used.
    pub fn is_answered(&self) -> bool {
        self.response_error_reason.is_some() || self.response_status_code.is_some()
    }
}

/// The answer of `HeadlessExperimental.beginFrame`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameBegun<'a> {
    #[serde(borrow)]
    pub screenshot_data: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
pub struct EntryAdded<'a> {
    #[serde(borrow)]
    pub entry: LogEntry<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry<'a> {
    #[serde(borrow)]
    pub source: Cow<'a, str>,
    #[serde(borrow)]
    pub level: Cow<'a, str>,
    #[serde(borrow)]
    pub text: Cow<'a, str>,
    pub url: Option<String>,
    pub line_number: Option<u32>,
}

/// Those events of the network that a page's state or its listeners need.
pub enum NetworkEvent {
    RequestSent(Box<RequestSent>),
    RequestSentExtra(RequestSentExtra),
    ResponseReceived(Box<ResponseReceived>),
    ResponseReceivedExtra(ResponseReceivedExtra),
    ServedFromCache(RequestServedFromCache),
    LoadingFinished(LoadingFinished),
    LoadingFailed(LoadingFailed),
    /// A `WebSocket` or a `WebTransport` was made.
    ConnectionMade,
}

impl NetworkEvent {
    /// Reads an event of the domain; none of a kind that nobody needs.
    pub fn read(method: &str, params: &str) -> serde_json::Result<Option<Self>> {
        let event = match method {
            "Network.requestWillBeSent" => Self::RequestSent(serde_json::from_str(params)?),
            "Network.requestWillBeSentExtraInfo" => Self::RequestSentExtra(serde_json::from_str(params)?),
            "Network.responseReceived" => Self::ResponseReceived(serde_json::from_str(params)?),
            "Network.responseReceivedExtraInfo" => Self::ResponseReceivedExtra(serde_json::from_str(params)?),
            "Network.requestServedFromCache" => Self::ServedFromCache(serde_json::from_str(params)?),
            "Network.loadingFinished" => Self::LoadingFinished(serde_json::from_str(params)?),
            "Network.loadingFailed" => Self::LoadingFailed(serde_json::from_str(params)?),
            "Network.webSocketCreated" | "Network.webTransportCreated" => Self::ConnectionMade,
            _ => return Ok(None),
        };
        Ok(Some(event))
    }
}

/// A request, sent or paused.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    pub url: String,
    #[serde(default)]
    pub url_fragment: String,
    pub method: String,
    pub headers: Headers,
    /// The request's body, where it is text.
    pub post_data: Option<String>,
    #[serde(default)]
    pub has_post_data: bool,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    pub url: String,
    pub status: u16,
    pub status_text: String,
    pub headers: Headers,
    pub mime_type: String,
    #[serde(default)]
    pub from_disk_cache: bool,
    #[serde(default)]
    pub from_prefetch_cache: bool,
    #[serde(default)]
    pub from_service_worker: bool,
    #[serde(rename = "remoteIPAddress")]
    pub remote_ip_address: Option<String>,
    pub remote_port: Option<u16>,
    pub security_details: Option<Box<RawValue>>,
    pub timing: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestSent {
    pub request_id: String,
    /// The document that the request is for; empty for a worker's own script.
    pub loader_id: String,
    pub request: Request,
    pub redirect_response: Option<Response>,
    #[serde(default)]
    pub redirect_has_extra_info: bool,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub frame_id: Option<String>,
    pub initiator: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestSentExtra {
    pub request_id: String,
    pub headers: Headers,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseReceived {
    pub request_id: String,
    #[serde(default)]
    pub loader_id: String,
    pub response: Response,
    #[serde(default)]
    pub has_extra_info: bool,
    #[serde(rename = "type")]
    pub kind: String,
    pub frame_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseReceivedExtra {
    pub request_id: String,
    pub headers: Headers,
    pub status_code: u16,
    pub headers_text: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestServedFromCache {
    pub request_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadingFinished {
    pub request_id: String,
    pub encoded_data_length: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoadingFailed {
    pub request_id: String,
    pub error_text: String,
    #[serde(default)]
    pub canceled: bool,
}

/// The answer of `Network.getResponseBody`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseBody<'a> {
    #[serde(borrow)]
    pub body: Cow<'a, str>,
    pub base64_encoded: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameAttached<'a> {
    #[serde(borrow)]
    pub frame_id: Cow<'a, str>,
    #[serde(borrow)]
    pub parent_frame_id: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameDetached<'a> {
    #[serde(borrow)]
    pub frame_id: Cow<'a, str>,
    #[serde(borrow)]
    pub reason: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestedNavigation<'a> {
    #[serde(borrow)]
    pub frame_id: Cow<'a, str>,
    #[serde(borrow)]
    pub reason: Cow<'a, str>,
    #[serde(borrow)]
    pub url: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartedNavigating<'a> {
    #[serde(borrow)]
    pub frame_id: Cow<'a, str>,
    #[serde(borrow)]
    pub url: Cow<'a, str>,
    #[serde(borrow)]
    pub navigation_type: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameNavigated<'a> {
    #[serde(borrow)]
    pub frame: NavigatedFrame<'a>,
    #[serde(borrow, rename = "type")]
    pub kind: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NavigatedFrame<'a> {
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(borrow)]
    pub parent_id: Option<Cow<'a, str>>,
    pub loader_id: String,
    pub url: String,
    #[serde(default)]
    pub url_fragment: String,
    pub name: Option<String>,
    pub unreachable_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NavigatedWithinDocument<'a> {
    #[serde(borrow)]
    pub frame_id: Cow<'a, str>,
    pub url: String,
}

/// Parameters of `Page.frameStartedLoading` and `Page.frameStoppedLoading`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfFrame<'a> {
    #[serde(borrow)]
    pub frame_id: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LifecycleEvent<'a> {
    #[serde(borrow)]
    pub frame_id: Cow<'a, str>,
    #[serde(borrow)]
    pub loader_id: Cow<'a, str>,
    #[serde(borrow)]
    pub name: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JavascriptDialogOpening {
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
    pub default_prompt: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileChooserOpened {
    pub frame_id: String,
    pub mode: String,
    /// The input; none where a script has asked for files without one.
    pub backend_node_id: Option<i64>,
}

#[derive(Deserialize)]
pub struct DragIntercepted {
    pub data: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScreencastFrame {
    pub session_id: i64,
    pub metadata: ScreencastMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScreencastMetadata {
    pub device_width: f64,
    pub device_height: f64,
}

/// The answer of `Page.navigate`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Navigated {
    /// None of a navigation within the document.
    pub loader_id: Option<String>,
    pub error_text: Option<String>,
}

/// The answer of `Page.getNavigationHistory`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NavigationHistory {
    pub current_index: i64,
    pub entries: Vec<NavigationEntry>,
}

#[derive(Deserialize)]
pub struct NavigationEntry {
    pub id: i64,
}

/// The answer of `Page.getLayoutMetrics`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LayoutMetrics {
    pub css_content_size: Size,
}

#[derive(Deserialize)]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

/// The answer of `Page.captureScreenshot` and `Page.printToPDF`.
#[derive(Deserialize)]
pub struct Base64Data<'a> {
    #[serde(borrow)]
    pub data: Cow<'a, str>,
}

/// The answer of `Performance.getMetrics`.
#[derive(Deserialize)]
pub struct Metrics<'a> {
    #[serde(borrow)]
    pub metrics: Vec<Metric<'a>>,
}

/// An object of metrics by their names.
pub fn named(metrics: Vec<Metric>) -> Value {
    let entry = |metric: Metric| (metric.name.into_owned(), metric.value.into());
    metrics.into_iter().map(entry).collect::<Map<_, _>>().into()
}

#[derive(Deserialize)]
pub struct MetricsTold<'a> {
    pub title: String,
    #[serde(borrow)]
    pub metrics: Vec<Metric<'a>>,
}

#[derive(Deserialize)]
pub struct Metric<'a> {
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    pub value: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemoteObject {
    #[serde(rename = "type", default)]
    pub kind: String,
    pub subtype: Option<String>,
    pub class_name: Option<String>,
    pub value: Option<Value>,
    pub unserializable_value: Option<String>,
    pub description: Option<String>,
    pub object_id: Option<String>,
}

#[derive(Deserialize)]
pub struct ExceptionDetails {
    pub text: String,
    pub exception: Option<RemoteObject>,
}

/// The answer of `Runtime.evaluate`, `Runtime.callFunctionOn` and `Runtime.awaitPromise`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluated {
    pub result: RemoteObject,
    pub exception_details: Option<ExceptionDetails>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleApiCalled<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Cow<'a, str>,
    /// Each a [`RemoteObject`].
    pub args: Vec<Value>,
    pub execution_context_id: i64,
    pub stack_trace: Option<StackTrace>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StackTrace {
    pub call_frames: Vec<CallFrame>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallFrame {
    pub url: String,
    pub line_number: u32,
    pub column_number: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExceptionThrown {
    pub exception_details: ExceptionDetails,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BindingCalled {
    pub name: String,
    pub payload: String,
    pub execution_context_id: i64,
}

#[derive(Deserialize)]
pub struct ExecutionContextCreated {
    pub context: ExecutionContext,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionContext {
    /// Its number in the session.
    pub id: i64,
    pub unique_id: String,
    pub aux_data: ExecutionContextOrigin,
}

/// A context's frame, which a worker's context has not.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionContextOrigin {
    pub frame_id: String,
    pub is_default: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionContextDestroyed<'a> {
    pub execution_context_id: i64,
    #[serde(borrow)]
    pub execution_context_unique_id: Cow<'a, str>,
}

#[derive(Deserialize)]
pub struct TargetInfo {
    /// The target's id; a page's is also the id of its top frame.
    #[serde(rename = "targetId")]
    pub id: String,
    /// What the target is: "page", "iframe", "worker", "browser", ...
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub url: String,
    /// The page that opened this one.
    #[serde(rename = "openerId")]
    pub opener: Option<String>,
    /// The target's browser context.
    #[serde(rename = "browserContextId")]
    pub context: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachedToTarget {
    pub session_id: String,
    pub target_info: TargetInfo,
}

/// A session: parameters of `Target.detachedFromTarget`, the answer of `Target.attachToTarget` and `attachToBrowserTarget`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfSession<'a> {
    #[serde(borrow)]
    pub session_id: Cow<'a, str>,
}

/// A target: parameters of `Target.targetDestroyed`, the answer of `Target.createTarget`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfTarget<'a> {
    #[serde(borrow)]
    pub target_id: Cow<'a, str>,
}

/// Parameters of `Target.targetCreated` and `Target.targetInfoChanged`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AboutTarget {
    pub target_info: TargetInfo,
}

/// The answer of `Target.getTargetInfo`, to be passed on as it came.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnreadTargetInfo {
    pub target_info: Box<RawValue>,
}

/// The answer of `Target.createBrowserContext`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrowserContextCreated {
    pub browser_context_id: String,
}

/// The answer of `Target.getBrowserContexts`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BrowserContexts {
    pub browser_context_ids: Vec<String>,
}
