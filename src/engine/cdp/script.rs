//! Running scripts in a page's frames: expressions of the caller, functions of the engine, and conditions that are waited
//! for in the page itself.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    engine::{
        command::{Frame, Polling, PollingSignal, Reply},
        page_script::{Envelope, FRAME_GONE, PROMISE, applied, replaced},
    },
    error::{Code, Error, Result},
};

use super::{
    connection::{Answer, Session},
    page::CdpPage,
};

/// Where scripts run: a frame's session, and its context there unless it is the session's own frame.
pub struct Place {
    pub session: Session,
    context: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Evaluated {
    result: RemoteObject,
    exception_details: Option<ExceptionDetails>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RemoteObject {
    #[serde(default)]
    value: Value,
    object_id: Option<String>,
}

#[derive(Deserialize)]
struct ExceptionDetails {
    text: String,
    exception: Option<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    description: Option<String>,
}

fn evaluated(answer: &Answer) -> Result<RemoteObject> {
    let Evaluated { result, exception_details: thrown } = answer.read()?;
    let Some(thrown) = thrown else { return Ok(result) };
    let description = thrown.exception.and_then(|exception| exception.description).unwrap_or(thrown.text);
    Err(Error::described(&description))
}

/// Whether the error only says that a navigation took the document away under a script.
fn is_replaced(error: &Error) -> bool {
    matches!(error.code, Code::Browser | Code::Evaluation | Code::InvalidOption)
        && [
            "context was destroyed",
            "Cannot find context",
            "navigated or closed",
            "Promise was collected",
            "uniqueContextId not found",
        ]
        .iter()
        .any(|words| error.message.contains(words))
}

impl Place {
    async fn evaluate(&self, expression: &str, by_value: bool, wait: bool) -> Result<RemoteObject> {
        let params = json!({ "expression": expression, "awaitPromise": wait, "returnByValue": by_value });
        self.evaluate_with(params).await
    }

    async fn evaluate_with(&self, mut params: Value) -> Result<RemoteObject> {
        if let Some(context) = &self.context {
            params["uniqueContextId"] = context.as_str().into();
        }
        evaluated(&self.session.call("Runtime.evaluate", params).await?)
    }

    /// Runs an expression, by nothing that the page could have changed.
    pub async fn run(&self, expression: &str) -> Result<()> {
        self.evaluate(expression, true, false).await.map(drop)
    }

    /// What a function body returns for these arguments.
    pub async fn execute(&self, body: &str, args: &Value) -> Result<Value> {
        Ok(self.evaluate(&applied(body, args), true, true).await?.value)
    }

    /// The element that a function body returns, by its handle; none if it returns nothing.
    pub async fn element(&self, body: &str, args: &Value) -> Result<Option<String>> {
        Ok(self.evaluate(&applied(body, args), false, false).await?.object_id)
    }
}

/// An expression for a promise of the first envelope that is not falsy. Its `stop` ends the looking.
fn watch(script: &str, polling: Polling) -> String {
    let next = match polling {
        // Timers as well, for a page whose frames do not run.
        Polling::On(PollingSignal::Raf) => {
            "const done = () => { clearTimeout(timer); cancelAnimationFrame(frame); again() }; \
             const frame = requestAnimationFrame(done); const timer = setTimeout(done, 50)"
                .to_owned()
        }
        Polling::On(PollingSignal::Mutation) => {
            "const seen = new MutationObserver(() => { seen.disconnect(); again() }); wake = () => { seen.disconnect(); again() }; \
             seen.observe(document, { childList: true, subtree: true, attributes: true, characterData: true })"
                .to_owned()
        }
        Polling::Every(ms) => format!("setTimeout(again, {ms})"),
    };
    format!(
        "(() => {{ const Later = {PROMISE}; let stopped = false, wake = () => {{}}; const look = () => ({script}); \
         const watching = (async () => {{ for (;;) {{ const seen = await look(); \
         if (stopped || typeof seen !== 'string' || !seen.startsWith('{{\"t\":0')) return seen; \
         await new Later((again) => {{ {next} }}) }} }})(); \
         watching.stop = () => {{ stopped = true; wake() }}; return watching }})()"
    )
}

/// Ends the looking of a watch that nobody waits for any more.
struct Stop<'a> {
    place: &'a Place,
    watch: String,
}

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        let body = "function () { this.stop() }";
        self.place
            .session
            .send("Runtime.callFunctionOn", json!({ "objectId": self.watch, "functionDeclaration": body }));
        self.place.session.send("Runtime.releaseObject", json!({ "objectId": self.watch }));
    }
}

impl CdpPage {
    /// Where scripts run now.
    pub(super) async fn place(&self) -> Result<Place> {
        let chosen = self.chosen();
        let Some(id) = chosen else { return Ok(self.top()) };
        self.target
            .until(|frames| {
                let Some(frame) = frames.get(&id) else { return Some(Err(frame_gone())) };
                let parent = frame.parent.as_ref().and_then(|parent| frames.get(parent));
                if parent.is_none_or(|parent| !parent.session.is(&frame.session)) {
                    return Some(Ok(Place { session: frame.session.clone(), context: None }));
                }
                // Between two documents there is none.
                let context = frame.context.clone()?;
                Some(Ok(Place { session: frame.session.clone(), context: Some(context) }))
            })
            .await?
    }

    /// The top frame.
    pub(super) fn top(&self) -> Place {
        Place { session: self.target.session.clone(), context: None }
    }

    pub(super) async fn evaluate(&self, script: &str, main: bool, gesture: bool) -> Result<Reply> {
        let place = if main { self.top() } else { self.place().await? };
        let params =
            json!({ "expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": gesture });
        match place.evaluate_with(params).await {
            Ok(RemoteObject { value: Value::String(envelope), .. }) => Ok(Reply::Text(envelope)),
            Ok(_) => Err(replaced()),
            Err(error) if is_replaced(&error) => Err(replaced()),
            Err(error) => Err(error),
        }
    }

    /// Runs a script in every frame, as far as there are documents now.
    pub(super) async fn evaluate_everywhere(&self, script: &str) -> Result<()> {
        let places: Vec<Place> = {
            let frames = self.target.frames.borrow();
            let inner = frames.all().filter_map(|frame| {
                let context = frame.context.clone()?;
                Some(Place { session: frame.session.clone(), context: Some(context) })
            });
            inner.chain([self.top()]).collect()
        };
        for place in places {
            match place.evaluate(script, true, false).await {
                Err(error) if error.code == Code::BrowserGone => return Err(error),
                // A document that is gone needs no script.
                _ => {}
            }
        }
        Ok(())
    }

    /// Waits for a condition in the page, and in the documents that come while it waits.
    pub(super) async fn wait_for(&self, script: &str, polling: Polling) -> Result<Reply> {
        loop {
            let before = self.target.frames.borrow().generation;
            let looked = self.look(script, polling).await;
            match looked {
                Ok(envelope) if Envelope::of(&envelope) != Some(Envelope::Falsy) => return Ok(Reply::Text(envelope)),
                Ok(_) => {}
                Err(error) if is_replaced(&error) => {}
                Err(error) => return Err(error),
            }
            self.target.until(|frames| (frames.generation != before).then_some(())).await?;
        }
    }

    /// What a watch sees in the current document.
    async fn look(&self, script: &str, polling: Polling) -> Result<String> {
        let place = self.place().await?;
        if !self.target.runs_scripts() {
            // Without timers and callbacks of the page; its loading is followed from outside.
            let seen = place.evaluate(script, true, true).await?.value;
            return seen.as_str().map(str::to_owned).ok_or_else(replaced);
        }
        let watching = place.evaluate(&watch(script, polling), false, false).await?;
        let Some(watching) = watching.object_id else { return Err(replaced()) };
        let stop = Stop { place: &place, watch: watching };
        let params = json!({ "promiseObjectId": stop.watch, "returnByValue": true });
        let seen = evaluated(&place.session.call("Runtime.awaitPromise", params).await?)?.value;
        seen.as_str().map(str::to_owned).ok_or_else(replaced)
    }

    pub(super) async fn switch_to_frame(&self, frame: Frame) -> Result<()> {
        const FIND: &str = "const frames = [...Document.prototype.querySelectorAll.call(document, 'iframe, frame')]; const wanted = arguments[0]; \
            return typeof wanted === 'number' ? frames.find((frame) => frame.contentWindow === window[wanted]) \
            : frames.find((frame) => frame.name === wanted || frame.id === wanted)";
        let (wanted, shown) = match frame {
            Frame::Index(index) => (json!(index), format!("frame {index}")),
            Frame::Name(name) => (json!(name), format!("frame named {name:?}")),
        };
        let place = self.place().await?;
        let Some(element) = place.element(FIND, &json!([wanted])).await? else {
            return Err(Error::thrown("Error", format!("there is no {shown}")));
        };
        let described = place.session.call("DOM.describeNode", json!({ "objectId": element })).await?.value()?;
        let Some(id) = described["node"]["frameId"].as_str() else {
            return Err(Error::thrown("Error", format!("the {shown} has no document")));
        };
        let session = self.target.frames.borrow().get(id).map(|frame| frame.session.clone());
        let session = session.ok_or_else(frame_gone)?;
        // Tells of the contexts that there are before it answers.
        session.call("Runtime.enable", json!({})).await?;
        self.choose(Some(id.to_owned()));
        Ok(())
    }
}

fn frame_gone() -> Error {
    Error::thrown("Error", FRAME_GONE)
}
