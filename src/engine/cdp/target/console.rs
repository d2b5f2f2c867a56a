//! What a page's console shows, in the shapes of [`crate::engine::PageEvent`], made from the protocol's events.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::engine::cdp::protocol::{
    CallFrame, ConsoleApiCalled, EntryAdded, ExceptionDetails, ExceptionThrown, LogEntry, RemoteObject,
};

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
}

/// `Runtime.consoleAPICalled`. The arguments are remote objects with the id of the frame or the worker in which they are, which
/// `place_of` knows by the number of the execution context.
pub fn console(params: &str, place_of: impl FnOnce(i64) -> String) -> serde_json::Result<Value> {
    let ConsoleApiCalled { kind, mut args, execution_context_id: context, stack_trace } = serde_json::from_str(params)?;
    let frame = place_of(context);
    let mut text = Vec::with_capacity(args.len());
    for arg in &mut args {
        text.push(RemoteObject::deserialize(&*arg)?.text());
        if let Some(arg) = arg.as_object_mut() {
            arg.remove("preview");
            arg.insert("frame".to_owned(), frame.as_str().into());
        }
    }
    let frames = stack_trace.map(|trace| trace.call_frames).unwrap_or_default();
    let place = |CallFrame { url, line_number, column_number }| json!({ "url": url, "lineNumber": line_number, "columnNumber": column_number });
    let trace: Vec<Value> = frames.into_iter().map(place).collect();
    Ok(json!({ "type": kind, "text": text.join(" "), "args": args, "trace": trace }))
}

/// `Log.entryAdded`: a line of the browser's own. None of a worker's, which the worker's console tells.
pub fn browser_line(params: &str) -> serde_json::Result<Option<Value>> {
    let EntryAdded { entry: LogEntry { source, level, text, url, line_number } } = serde_json::from_str(params)?;
    let location: Map<String, Value> = [("url", url.map(Value::from)), ("lineNumber", line_number.map(Value::from))]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    let told = json!({ "type": level, "text": text, "args": [], "trace": [location], "source": source });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_console_is_its_arguments_as_a_console_shows_them() {
        let told = console(
            r#"{"type":"log","executionContextId":1,"args":[{"type":"string","value":"a"},{"type":"number","value":1.5,"description":"1.5"},
                {"type":"object","subtype":"null","value":null},{"type":"undefined"},{"type":"number","unserializableValue":"NaN","description":"NaN"},
                {"type":"object","className":"Object","description":"Object"}],
                "stackTrace":{"callFrames":[{"functionName":"","url":"u","lineNumber":2,"columnNumber":3}]}}"#,
            |context| format!("F{context}"),
        );
        let told = told.unwrap();
        assert_eq!(told["text"], "a 1.5 null undefined NaN Object");
        assert_eq!(told["trace"], json!([{ "url": "u", "lineNumber": 2, "columnNumber": 3 }]));
    }

    #[test]
    fn what_a_script_writes_to_the_console_is_told_as_objects_of_its_frame() {
        let told = console(
            r#"{"type":"log","executionContextId":1,"args":[{"type":"string","value":"a"},
                {"type":"object","subtype":"array","description":"Array(1)","objectId":"1","preview":{"overflow":false}}]}"#,
            |context| format!("F{context}"),
        );
        let args = json!([
            { "type": "string", "value": "a", "frame": "F1" },
            { "type": "object", "subtype": "array", "description": "Array(1)", "objectId": "1", "frame": "F1" },
        ]);
        assert_eq!(told.unwrap()["args"], args);
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
