//! What a page tells its listener, in the shapes of [`crate::engine::PageEvent`], made from the protocol's events.

use std::{
    borrow::Cow,
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::engine::{EventKind, Page, PageEvent, PageListener};

use super::network::Rewrite;

/// Who listens to a page, and to what.
#[derive(Default)]
pub struct Audience {
    listening: Mutex<Option<Listening>>,
}

struct Listening {
    kinds: HashSet<EventKind>,
    to: PageListener,
}

impl Audience {
    /// From now on, somebody listens to these kinds.
    pub fn listen(&self, kinds: &[EventKind], to: PageListener) {
        *self.listening() = Some(Listening { kinds: kinds.iter().copied().collect(), to });
    }

    /// What is listened to.
    pub fn kinds(&self) -> HashSet<EventKind> {
        self.listening().as_ref().map(|listening| listening.kinds.clone()).unwrap_or_default()
    }

    /// Ends the listening: who listened, and to what.
    pub fn leave(&self) -> Option<(Vec<EventKind>, PageListener)> {
        self.listening().take().map(|Listening { kinds, to }| (kinds.into_iter().collect(), to))
    }

    /// Whether somebody listens to this kind.
    pub fn wants(&self, kind: EventKind) -> bool {
        self.listening().as_ref().is_some_and(|listening| listening.kinds.contains(&kind))
    }

    /// Tells of something, if somebody listens to its kind.
    pub fn tell(&self, kind: EventKind, name: &'static str, data: Value) {
        if self.wants(kind) {
            self.send(PageEvent { name, data, page: None });
        }
    }

    /// Tells of a page that was opened.
    pub fn tell_of_popup(&self, page: Arc<dyn Page>) {
        if self.wants(EventKind::Popup) {
            self.send(PageEvent { name: "popup", data: Value::Null, page: Some(page) });
        }
    }

    /// Tells of what a command has asked for.
    pub fn answer(&self, name: &'static str, data: Value) {
        self.send(PageEvent { name, data, page: None });
    }

    fn send(&self, event: PageEvent) {
        let to = self.listening().as_ref().map(|listening| listening.to.clone());
        if let Some(to) = to {
            to(event);
        }
    }

    fn listening(&self) -> MutexGuard<'_, Option<Listening>> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConsoleCalled<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    args: Vec<RemoteObject>,
    stack_trace: Option<StackTrace>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RemoteObject {
    #[serde(rename = "type", default)]
    kind: String,
    subtype: Option<String>,
    class_name: Option<String>,
    value: Option<Value>,
    unserializable_value: Option<String>,
    description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StackTrace {
    call_frames: Vec<CallFrame>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallFrame {
    url: String,
    line_number: u32,
    column_number: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExceptionThrown {
    exception_details: ExceptionDetails,
}

#[derive(Deserialize)]
struct ExceptionDetails {
    text: String,
    exception: Option<RemoteObject>,
}

impl RemoteObject {
    /// As a console shows it.
    fn text(&self) -> String {
        match (&self.value, &self.unserializable_value, &self.description) {
            (Some(Value::String(text)), ..) | (_, Some(text), _) | (_, None, Some(text)) => text.clone(),
            (Some(value), None, None) => value.to_string(),
            (None, None, None) if self.subtype.as_deref() == Some("null") => "null".to_owned(),
            (None, None, None) => self.kind.clone(),
        }
    }

    /// The value where it is data, else the text.
    fn into_value(self) -> Value {
        let text = self.text();
        self.value.unwrap_or(Value::String(text))
    }
}

/// `Runtime.consoleAPICalled`.
pub fn console(params: &str) -> serde_json::Result<Value> {
    let ConsoleCalled { kind, args, stack_trace } = serde_json::from_str(params)?;
    let text: Vec<String> = args.iter().map(RemoteObject::text).collect();
    let location = match stack_trace.and_then(|trace| trace.call_frames.into_iter().next()) {
        Some(CallFrame { url, line_number, column_number }) => {
            json!({ "url": url, "lineNumber": line_number, "columnNumber": column_number })
        }
        None => json!({}),
    };
    let args: Vec<Value> = args.into_iter().map(RemoteObject::into_value).collect();
    Ok(json!({ "type": kind, "text": text.join(" "), "args": args, "location": location }))
}

#[derive(Deserialize)]
struct EntryAdded<'a> {
    #[serde(borrow)]
    entry: LogEntry<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogEntry<'a> {
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(borrow)]
    level: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
    url: Option<String>,
    line_number: Option<u32>,
}

/// `Log.entryAdded`: a line of the browser's own. None of a worker's, which the worker's console tells.
pub fn browser_line(params: &str) -> serde_json::Result<Option<Value>> {
    let EntryAdded { entry: LogEntry { source, level, text, url, line_number } } = serde_json::from_str(params)?;
    let location: Map<String, Value> = [("url", url.map(Value::from)), ("lineNumber", line_number.map(Value::from))]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    let told = json!({ "type": level, "text": text, "args": [], "location": location, "source": source });
    Ok((source != "worker").then_some(told))
}

/// `Runtime.exceptionThrown`.
pub fn exception(params: &str) -> serde_json::Result<Value> {
    let ExceptionThrown { exception_details: ExceptionDetails { text, exception } } = serde_json::from_str(params)?;
    let Some(exception) = exception else { return Ok(json!({ "name": "Error", "message": text })) };
    let shown = exception.text();
    if exception.subtype.as_deref() != Some("error") {
        return Ok(json!({ "name": "Error", "message": format!("{shown} was thrown, which is not an Error") }));
    }
    // The description is the stack: name and message, then the places.
    let head = shown.split("\n    at ").next().unwrap_or_default();
    let class = exception.class_name.unwrap_or_else(|| "Error".to_owned());
    let (name, message) = match head.split_once(": ") {
        Some((name, message)) if !name.contains(char::is_whitespace) => (name.to_owned(), message),
        _ => (class, head),
    };
    Ok(json!({ "name": name, "message": message, "stack": shown }))
}

/// A request, sent or paused.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentRequest {
    url: String,
    #[serde(default)]
    url_fragment: String,
    /// Its method.
    pub method: String,
    /// Its headers, as they are spelled.
    pub headers: Map<String, Value>,
    /// Its body, where it is text.
    pub post_data: Option<String>,
}

impl SentRequest {
    /// Its URL with the fragment, which is not sent.
    pub fn whole_url(&self) -> String {
        format!("{}{}", self.url, self.url_fragment)
    }

    /// The same request, sent another way.
    pub fn rewrite(&mut self, Rewrite { method, body, headers }: Rewrite) {
        if let Some(method) = method {
            self.method = method;
        }
        if body.is_some() {
            self.post_data = body;
        }
        for (name, value) in headers {
            self.headers.retain(|other, _| !other.eq_ignore_ascii_case(&name));
            self.headers.insert(name, value);
        }
    }
}

/// Header names in lower case, as HTTP compares them.
pub fn lower_case(headers: Map<String, Value>) -> Map<String, Value> {
    headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
}

/// What there is to tell of a request.
pub fn request(id: &str, request: SentRequest, kind: &str, navigation: bool, main: bool) -> Value {
    json!({
        "id": id,
        "url": request.whole_url(),
        "method": request.method,
        "headers": lower_case(request.headers),
        "postData": request.post_data,
        "resourceType": kind.to_ascii_lowercase(),
        "navigation": navigation,
        "main": main,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_console_is_its_arguments_as_a_console_shows_them() {
        let told = console(
            r#"{"type":"log","args":[{"type":"string","value":"a"},{"type":"number","value":1.5,"description":"1.5"},
                {"type":"object","subtype":"null","value":null},{"type":"undefined"},{"type":"number","unserializableValue":"NaN","description":"NaN"},
                {"type":"object","className":"Object","description":"Object"}],
                "stackTrace":{"callFrames":[{"functionName":"","url":"u","lineNumber":2,"columnNumber":3}]}}"#,
        );
        let told = told.unwrap();
        assert_eq!(told["text"], "a 1.5 null undefined NaN Object");
        assert_eq!(told["location"], json!({ "url": "u", "lineNumber": 2, "columnNumber": 3 }));
    }

    #[test]
    fn a_thrown_error_keeps_its_name_message_and_stack() {
        let description = "TypeError: a: b\\nc\\n    at f (u:1:2)";
        let told = exception(&format!(
            r#"{{"exceptionDetails":{{"text":"Uncaught","exception":{{"type":"object","subtype":"error","className":"TypeError","description":"{description}"}}}}}}"#
        ));
        let told = told.unwrap();
        assert_eq!((&told["name"], &told["message"]), (&json!("TypeError"), &json!("a: b\nc")));
        assert_eq!(told["stack"], "TypeError: a: b\nc\n    at f (u:1:2)");
    }

    #[test]
    fn something_thrown_that_is_no_error_is_told_as_one() {
        let told = exception(r#"{"exceptionDetails":{"text":"Uncaught","exception":{"type":"string","value":"no"}}}"#);
        assert_eq!(told.unwrap()["message"], "no was thrown, which is not an Error");
    }
}
