//! Running scripts in a page's frames: expressions of the caller, functions of the engine, and conditions that are waited
//! for in the page itself.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    engine::{
        cdp::{
            connection::{Answer, Session},
            protocol::{Evaluated, RemoteObject},
            target::{
                Target,
                frames::{Frames, OwnWorld},
            },
        },
        command::{Frame, Handle, Polling, Reply, Which, World},
        page_script::{
            Envelope, FRAME_GONE, INSTALL_RUNTIME, MAKE_RUNTIME, RUNTIME, applied, lacks_runtime, replaced, watch,
        },
    },
    error::{Code, Error, Result},
};

use super::CdpPage;

/// A script of the program's.
#[derive(Clone, Copy)]
pub(super) struct Script<'a> {
    /// One expression.
    pub text: &'a str,
    /// What it finds as `arguments`.
    pub handles: &'a [Handle],
    /// Whether its value stays in the page.
    pub keep: bool,
    /// In this frame, or else in the chosen one.
    pub frame: Option<&'a str>,
    /// In the main one.
    pub main: bool,
    pub world: World,
}

/// The name of our worlds, as a debugger shows it.
const WORLD: &str = "boomtown";
/// How many nodes of a query are asked for at a time, so that those of a large document do not fill the connection.
const NODES: usize = 64;
/// How often a document may be replaced before a script of ours has begun in it.
const DOCUMENTS: usize = 5;

/// Where scripts run: a session, and one of the worlds of scripts there.
pub struct Realm {
    target: Arc<Target>,
    pub session: Session,
    kind: RealmKind,
}

/// Whose world of scripts a realm is.
enum RealmKind {
    /// The page's, in the session's own frame.
    Session,
    /// The page's, in the frame with this context.
    Context(String),
    /// Ours, in the frame with this id.
    Own(String),
}

fn evaluated(answer: &Answer) -> Result<RemoteObject> {
    let Evaluated { result, exception_details: thrown } = answer.read()?;
    let Some(thrown) = thrown else { return Ok(result) };
    let description = thrown.exception.and_then(|exception| exception.description).unwrap_or(thrown.text);
    Err(Error::described(&description))
}

/// What a script has answered: the envelope, which one that keeps its value throws if the program's function did, or the value.
fn reply(answer: &Answer, keep: bool, frame: String) -> Result<Reply> {
    if !keep {
        return text_of(evaluated(answer)?).map(Reply::Text);
    }
    let mut given = answer.value()?;
    match given["exceptionDetails"]["exception"]["value"].take() {
        Value::String(envelope) if Envelope::of(&envelope) == Some(Envelope::Thrown) => Ok(Reply::Text(envelope)),
        _ => evaluated(answer).map(|_| Reply::Json(kept(given["result"].take(), frame))),
    }
}

/// A remote object, which tells the frame too.
pub(super) fn kept(mut object: Value, frame: String) -> Value {
    object["frame"] = frame.into();
    object
}

/// Whether what is waited for has not come yet.
fn is_falsy(seen: &Reply) -> bool {
    match seen {
        Reply::Text(envelope) => Envelope::of(envelope) == Some(Envelope::Falsy),
        Reply::Json(kept) if kept["objectId"].is_null() => match &kept["value"] {
            Value::Null => kept["unserializableValue"].as_str().is_none_or(|text| ["NaN", "-0", "0n"].contains(&text)),
            value => *value == false || *value == 0 || *value == "",
        },
        _ => false,
    }
}

/// What the browser says of a handle that it does not have.
pub(super) fn stale(error: Error) -> Error {
    if error.message.contains("same JavaScript world") {
        foreign()
    } else if is_replaced(&error) || error.message.contains("Could not find object") {
        let why = "Cannot find context of the handle: its document was replaced by a navigation; get it anew";
        Error::thrown("Error", why)
    } else {
        error
    }
}

fn foreign() -> Error {
    let mend = "take one of the same frame's, of the same page";
    Error::thrown("Error", format!("JSHandles can be evaluated only in the context they were created! {mend}"))
}

/// The text that a script of ours has given, which a document that is replaced does not.
fn text_of(given: RemoteObject) -> Result<String> {
    match given.value {
        Some(Value::String(text)) => Ok(text),
        _ => Err(replaced()),
    }
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

/// Whether the error says that a world of ours had gone before anything was done there.
fn is_not_begun(error: &Error) -> bool {
    error.message.contains("Cannot find context with specified id")
}

/// Whether a script of ours has not found the runtime.
fn is_without_runtime(answer: &Answer) -> bool {
    evaluated(answer).is_err_and(|error| lacks_runtime(&error))
}

impl Realm {
    async fn evaluate(&self, expression: &str, by_value: bool, wait: bool) -> Result<RemoteObject> {
        self.evaluate_with(expression, json!({ "awaitPromise": wait, "returnByValue": by_value })).await
    }

    /// The value of an expression, which finds the runtime.
    async fn evaluate_with(&self, expression: &str, params: Value) -> Result<RemoteObject> {
        evaluated(&self.asked(expression, params).await?)
    }

    /// What the browser answers to an expression, which finds the runtime.
    async fn asked(&self, expression: &str, params: Value) -> Result<Answer> {
        if let RealmKind::Own(frame) = &self.kind {
            return self.asked_in_own_world(frame, expression, params).await;
        }
        let answer = self.ask(expression, params.clone()).await?;
        if !is_without_runtime(&answer) {
            return Ok(answer);
        }
        self.install_runtime().await?;
        self.ask(expression, params).await
    }

    /// As in a window that a page has just opened, and may have changed, or in a worker that nobody has asked for anything.
    async fn install_runtime(&self) -> Result<()> {
        // Tried first, because a constant whose making fails could never be made again.
        evaluated(&self.ask(&MAKE_RUNTIME, json!({ "returnByValue": true })).await?)?;
        let installed = evaluated(&self.ask(&INSTALL_RUNTIME, json!({})).await?);
        // Another call may have been first.
        installed.map(drop).or_else(|error| if error.code == Code::Evaluation { Ok(()) } else { Err(error) })
    }

    /// The answer of an expression in a world of ours. The document may be replaced before the script has begun there; then the
    /// script runs in the next one.
    async fn asked_in_own_world(&self, frame: &str, expression: &str, mut params: Value) -> Result<Answer> {
        params["functionDeclaration"] =
            format!("function () {{ const {} = this; return {expression} }}", *RUNTIME).into();
        for _ in 0..DOCUMENTS {
            let (session, world) = self.own_world(frame).await?;
            params["objectId"] = world.runtime.as_ref().into();
            match session.call("Runtime.callFunctionOn", &params).await {
                Err(error) if is_not_begun(&error) => self.forget_own_world(frame, &world),
                answer => return answer,
            }
        }
        Err(replaced())
    }

    async fn ask(&self, expression: &str, mut params: Value) -> Result<Answer> {
        params["expression"] = expression.into();
        if let RealmKind::Context(context) = &self.kind {
            params["uniqueContextId"] = context.as_str().into();
        }
        self.session.call("Runtime.evaluate", params).await
    }

    /// What the browser answers to a script that is given handles or gives one.
    async fn handle(&self, script: &str, handles: &[Handle], mut params: Value) -> Result<Answer> {
        let Some(first) = handles.first() else { return self.asked(script, params).await };
        let arguments: Vec<Value> = handles.iter().map(|handle| json!({ "objectId": handle.id })).collect();
        params["functionDeclaration"] = format!("function () {{ return {script} }}").into();
        params["objectId"] = first.id.as_str().into();
        params["arguments"] = arguments.into();
        let answer = self.session.call("Runtime.callFunctionOn", &params).await.map_err(stale)?;
        if !is_without_runtime(&answer) {
            return Ok(answer);
        }
        self.install_runtime().await?;
        self.session.call("Runtime.callFunctionOn", params).await.map_err(stale)
    }

    /// Runs an expression, by nothing that the page could have changed.
    pub async fn run(&self, expression: &str) -> Result<()> {
        self.evaluate(expression, true, false).await.map(drop)
    }

    /// What a function body returns for these arguments.
    pub async fn execute(&self, body: &str, args: &[Value]) -> Result<Value> {
        Ok(self.evaluate(&applied(body, args), true, false).await?.value.unwrap_or_default())
    }

    /// Waits for the promise that a function body returns.
    pub async fn settled(&self, body: &str) -> Result<()> {
        self.evaluate(&applied(body, &[]), true, true).await.map(drop)
    }

    /// The element that a function body returns, by its handle; none if it returns nothing.
    pub async fn element(&self, body: &str, args: &[Value]) -> Result<Option<String>> {
        Ok(self.evaluate(&applied(body, args), false, false).await?.object_id)
    }

    /// The handle of the document.
    async fn document(&self) -> Result<String> {
        self.evaluate_with("document", json!({})).await?.object_id.ok_or_else(replaced)
    }

    /// The handle here of the element by which a frame is part of this realm's document.
    pub async fn owner(&self, frame: &str) -> Result<Value> {
        let owner = self.session.call("DOM.getFrameOwner", json!({ "frameId": frame })).await?.value()?;
        let mut node = json!({ "backendNodeId": owner["backendNodeId"] });
        if let RealmKind::Own(frame) = &self.kind {
            node["executionContextId"] = self.own_world(frame).await?.1.context.into();
        }
        let mut element = self.session.call("DOM.resolveNode", node).await?.value()?;
        Ok(element["object"]["objectId"].take())
    }
}

/// A remote object that the browser lets go of with this, also when whoever works with the object is stopped on the way.
struct Temporary {
    session: Session,
    object: Value,
}

impl Temporary {
    /// The object itself, which is the taker's from now on.
    fn given(mut self) -> Value {
        self.object.take()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(id) = self.object["objectId"].as_str() {
            self.session.send("Runtime.releaseObject", json!({ "objectId": id }));
        }
    }
}

/// Stops a watch in the page when nobody waits for its condition any more.
struct Stop {
    session: Session,
    watch: String,
}

impl Drop for Stop {
    fn drop(&mut self) {
        let body = "function () { this.stop() }";
        self.session.send("Runtime.callFunctionOn", json!({ "objectId": self.watch, "functionDeclaration": body }));
        self.session.send("Runtime.releaseObject", json!({ "objectId": self.watch }));
    }
}

impl CdpPage {
    /// Where scripts run now.
    pub(super) async fn realm(&self) -> Result<Realm> {
        let chosen = self.chosen();
        let Some(id) = chosen else { return Ok(self.top()) };
        self.realm_at(&id).await?.ok_or_else(frame_gone)
    }

    /// The page's world in a frame, whose session tells of contexts; none if there is no such frame.
    async fn realm_at(&self, id: &str) -> Result<Option<Realm>> {
        self.target
            .until(|frames| {
                let Some(frame) = frames.get(id) else { return Some(None) };
                let kind = if frames.is_root(frame) {
                    RealmKind::Session
                } else {
                    // Between two documents there is none.
                    RealmKind::Context(frame.context.clone()?.name)
                };
                Some(Some(Realm { target: self.target.clone(), session: frame.session.clone(), kind }))
            })
            .await
    }

    /// The top frame.
    pub fn top(&self) -> Realm {
        Realm { target: self.target.clone(), session: self.target.session.clone(), kind: RealmKind::Session }
    }

    pub(super) async fn evaluate(&self, script: &Script<'_>, gesture: bool) -> Result<Reply> {
        let frame = self.frame_for(script)?;
        let realm = self.realm_for(script).await?;
        let params = json!({ "awaitPromise": true, "returnByValue": !script.keep, "userGesture": gesture });
        let given = if script.handles.is_empty() && !script.keep {
            realm.evaluate_with(script.text, params).await.and_then(text_of).map(Reply::Text)
        } else {
            realm
                .handle(script.text, script.handles, params)
                .await
                .and_then(|answer| reply(&answer, script.keep, frame.clone()))
        };
        match given.map_err(|error| self.why_gone(&frame, error))? {
            Reply::Json(node) if script.world == World::Own && node["subtype"] == "node" => {
                self.adopted(&realm.session, node, frame).await.map(Reply::Json)
            }
            given => Ok(given),
        }
    }

    /// A node that a script in a world of ours has given, as the page's world has it.
    async fn adopted(&self, session: &Session, node: Value, frame: String) -> Result<Value> {
        let own = Temporary { session: session.clone(), object: node };
        let described =
            session.call("DOM.describeNode", json!({ "objectId": own.object["objectId"] })).await?.value()?;
        let there = json!({ "backendNodeId": described["node"]["backendNodeId"] });
        let resolved = session.call("DOM.resolveNode", there).await?.value()?["object"].take();
        Ok(kept(resolved, frame))
    }

    /// What an error says that may only say that a script's document went.
    fn why_gone(&self, frame: &str, error: Error) -> Error {
        match error {
            error if !is_replaced(&error) => error,
            _ if self.target.has_frame(frame) => replaced(),
            _ => detached(frame),
        }
    }

    /// The id of the frame in which a script is to run, whose all of its handles have to be.
    fn frame_for(&self, script: &Script<'_>) -> Result<String> {
        let frame = if script.main { self.target.id.clone() } else { self.frame_id(script.frame) };
        if script.handles.iter().all(|handle| handle.frame == frame) { Ok(frame) } else { Err(foreign()) }
    }

    /// Where a script is to run.
    async fn realm_for(&self, script: &Script<'_>) -> Result<Realm> {
        match (script.world, script.frame) {
            (World::Own, Some(frame)) => self.own_realm_in(frame),
            (World::Own, None) => self.own_realm(script.main),
            (World::Page, Some(frame)) => self.realm_of(frame).await,
            (World::Page, None) if script.main => Ok(self.top()),
            (World::Page, None) => self.realm().await,
        }
    }

    /// The page's world in a frame, or the world of a worker with this id.
    async fn realm_of(&self, id: &str) -> Result<Realm> {
        if id == self.target.id {
            return Ok(self.top());
        }
        if let Some(session) = self.target.workers.session(id) {
            self.target.workers.until_loaded(id).await;
            return Ok(Realm { target: self.target.clone(), session, kind: RealmKind::Session });
        }
        let (session, known) = {
            let frames = self.target.frames.borrow();
            let frame = frames.get(id).ok_or_else(|| detached(id))?;
            (frame.session.clone(), frame.context.is_some() || frames.is_root(frame))
        };
        if !known {
            // Tells of the contexts that there are before it answers.
            session.call("Runtime.enable", json!({})).await?;
        }
        self.realm_at(id).await?.ok_or_else(|| detached(id))
    }

    /// The id of the frame that is meant: this one, or else the chosen one, or the main one.
    pub(super) fn frame_id(&self, frame: Option<&str>) -> String {
        frame.map(str::to_owned).or_else(|| self.chosen()).unwrap_or_else(|| self.target.id.clone())
    }

    /// The same, if that is not the main one.
    pub(super) fn inner_frame(&self, frame: Option<&str>) -> Option<String> {
        Some(self.frame_id(frame)).filter(|id| *id != self.target.id)
    }

    /// The session of the process that a frame is in, or of a worker with this id.
    pub(super) fn session_of(&self, id: &str) -> Result<Session> {
        let session = self.target.frames.borrow().get(id).map(|frame| frame.session.clone());
        session.or_else(|| self.target.workers.session(id)).ok_or_else(|| detached(id))
    }

    /// What a function body returns that is called with an element and these arguments: for a selector in a world of ours, for a
    /// handle where that is.
    pub(super) async fn execute_on(&self, which: &Which, body: &str, args: &[Value]) -> Result<Value> {
        let Some(handle) = &which.element else {
            let realm = self.own_realm_in(&self.frame_id(which.frame()))?;
            return realm.execute(body, &[&[json!(which.selector)], args].concat()).await;
        };
        let mut arguments = vec![json!({ "objectId": handle.id })];
        arguments.extend(args.iter().map(|arg| json!({ "value": arg })));
        let call = json!({
            "objectId": handle.id,
            "functionDeclaration": format!("function () {{ {body} }}"),
            "arguments": arguments,
            "returnByValue": true,
        });
        let session = self.session_of(&handle.frame)?;
        let answer = session.call("Runtime.callFunctionOn", call).await.map_err(stale)?;
        Ok(evaluated(&answer)?.value.unwrap_or_default())
    }

    /// Forgets handles. Those of a frame that is gone have gone with it.
    pub(super) fn release(&self, handles: &[Handle]) {
        for handle in handles {
            if let Ok(session) = self.session_of(&handle.frame) {
                session.send("Runtime.releaseObject", json!({ "objectId": handle.id }));
            }
        }
    }

    /// The enumerable properties of an object.
    pub(super) async fn properties(&self, handle: &Handle) -> Result<Value> {
        let params = json!({ "objectId": handle.id, "ownProperties": true });
        let session = self.session_of(&handle.frame)?;
        let mut answer = session.call("Runtime.getProperties", params).await.map_err(stale)?.value()?;
        let all = answer["result"].as_array_mut().map(std::mem::take).unwrap_or_default();
        let shown = all.into_iter().filter(|property| property["enumerable"] == true && property["symbol"].is_null());
        Ok(shown
            .map(|mut property| json!([property["name"].take(), kept(property["value"].take(), handle.frame.clone())]))
            .collect())
    }

    /// The nodes of the accessibility tree with a name and a role, in a frame's document or inside of a node: the first ones, where
    /// there is a limit.
    pub(super) async fn query_aria(
        &self,
        frame: Option<&str>,
        root: Option<&Handle>,
        (name, role): (Option<&str>, Option<&str>),
        limit: Option<usize>,
    ) -> Result<Value> {
        /// Nodes of these roles are no nodes of the document.
        const TEXTS: [&str; 2] = ["StaticText", "InlineTextBox"];
        let frame = root.map_or_else(|| self.frame_id(frame), |root| root.frame.clone());
        let session = self.session_of(&frame)?;
        let document = if root.is_none() {
            let document = self.realm_of(&frame).await?.document().await;
            let id = document.map_err(|error| self.why_gone(&frame, error))?;
            Some(Temporary { session: session.clone(), object: json!({ "objectId": id }) })
        } else {
            None
        };
        let within = document.as_ref().map(|document| document.object["objectId"].clone());
        let mut query = json!({ "objectId": within.or_else(|| root.map(|root| root.id.as_str().into())) });
        for (key, wanted) in [("accessibleName", name), ("role", role)] {
            if let Some(wanted) = wanted {
                query[key] = wanted.into();
            }
        }
        let found = session.call("Accessibility.queryAXTree", query).await.map_err(stale)?.value()?;
        drop(document);
        let nodes = found["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut shown = nodes.iter().filter(|node| {
            node["ignored"] != true && node["role"]["value"].as_str().is_some_and(|role| !TEXTS.contains(&role))
        });
        let resolve =
            |node: &Value| session.call("DOM.resolveNode", json!({ "backendNodeId": node["backendDOMNodeId"] }));
        let limit = limit.unwrap_or(usize::MAX);
        let mut handles = Vec::new();
        loop {
            let asked: Vec<_> = shown.by_ref().take(NODES.min(limit - handles.len())).map(resolve).collect();
            if asked.is_empty() {
                return Ok(handles.into_iter().map(|node: Temporary| kept(node.given(), frame.clone())).collect());
            }
            for resolved in asked {
                // A node may have gone meanwhile.
                if let Ok(answer) = resolved.await {
                    let object = answer.value()?["object"].take();
                    handles.push(Temporary { session: session.clone(), object });
                }
            }
        }
    }

    /// The id of the frame whose element a handle is of.
    pub(super) async fn frame_of(&self, handle: &Handle) -> Result<Value> {
        let params = json!({ "objectId": handle.id });
        let session = self.session_of(&handle.frame)?;
        let mut described = session.call("DOM.describeNode", params).await.map_err(stale)?.value()?;
        Ok(described["node"]["frameId"].take())
    }

    /// The element by which a frame is part of its parent's document.
    pub(super) async fn frame_element(&self, id: &str) -> Result<Value> {
        let parent = self.target.frames.borrow().get(id).ok_or_else(|| detached(id))?.parent.clone();
        let Some(parent) = parent else { return Ok(Value::Null) };
        let session = self.session_of(&parent)?;
        let owner = session.call("DOM.getFrameOwner", json!({ "frameId": id })).await?.value()?;
        let node = json!({ "backendNodeId": owner["backendNodeId"] });
        Ok(kept(session.call("DOM.resolveNode", node).await?.value()?["object"].take(), parent))
    }

    /// A world of our own: in the chosen frame, or in the main one.
    pub(super) fn own_realm(&self, main: bool) -> Result<Realm> {
        let frame = if main { None } else { self.chosen() };
        self.own_realm_in(&frame.unwrap_or_else(|| self.target.id.clone()))
    }

    /// A world of our own in a frame.
    pub(super) fn own_realm_in(&self, frame: &str) -> Result<Realm> {
        let session = self.target.frames.borrow().get(frame).map(|frame| frame.session.clone());
        let session = session.ok_or_else(frame_gone)?;
        Ok(Realm { target: self.target.clone(), session, kind: RealmKind::Own(frame.to_owned()) })
    }

    /// Ends what [`Command::AddInitScript`](crate::engine::Command::AddInitScript) has begun.
    pub(super) async fn remove_init_script(&self, identifier: &str) -> Result<()> {
        let number = identifier.parse().map_err(|_| {
            Error::new(Code::InvalidOption, format!("there is no script with the identifier {identifier:?}"))
        })?;
        self.target.remove_init_script(number).await
    }

    /// Runs a script in every frame, as far as there are documents now.
    pub(super) async fn evaluate_everywhere(&self, script: &str) -> Result<()> {
        let realms: Vec<Realm> = {
            let frames = self.target.frames.borrow();
            let inner = frames.all().filter_map(|frame| {
                let context = frame.context.clone()?.name;
                Some(Realm {
                    target: self.target.clone(),
                    session: frame.session.clone(),
                    kind: RealmKind::Context(context),
                })
            });
            inner.chain([self.top()]).collect()
        };
        for realm in realms {
            match realm.evaluate(script, true, false).await {
                Err(error) if error.code == Code::BrowserGone => return Err(error),
                // A document that is gone needs no script.
                _ => {}
            }
        }
        Ok(())
    }

    /// Waits for a condition in the page, and in the documents that come while it waits.
    pub(super) async fn wait_for(&self, script: &Script<'_>, polling: Polling) -> Result<Reply> {
        let frame = self.frame_for(script)?;
        let loader = |frames: &Frames| frames.get(&frame).map(|frame| frame.loader.clone());
        loop {
            let (generation, document) = {
                let frames = self.target.frames.borrow();
                (frames.generation, loader(&frames))
            };
            tokio::select! {
                seen = self.look(script, polling) => match seen {
                    Ok(seen) if is_falsy(&seen) => {}
                    Ok(seen) => return Ok(seen),
                    Err(error) if is_replaced(&error) => {}
                    Err(error) => return Err(error),
                },
                // A window keeps its scripts when its first document makes way for another of its site: a watch of theirs would
                // look at the old one for ever.
                left = self.target.until(|frames| (loader(frames) != document).then_some(())) => {
                    left?;
                    continue;
                }
            }
            self.target.until(|frames| (frames.generation != generation).then_some(())).await?;
        }
    }

    /// What a watch sees in a document.
    async fn look(&self, script: &Script<'_>, polling: Polling) -> Result<Reply> {
        let &Script { text, handles, keep, .. } = script;
        let frame = self.frame_for(script)?;
        let realm = self.realm_for(script).await?;
        if !self.target.runs_scripts() {
            // Without timers and callbacks of the page; its loading is followed from outside.
            let unboxed = if keep { format!("(async () => (await {text}).value)()") } else { text.to_owned() };
            let params = json!({ "awaitPromise": true, "returnByValue": !keep });
            return reply(&realm.handle(&unboxed, handles, params).await?, keep, frame);
        }
        let (watching, handles) = (watch(text, polling, None), handles.to_vec());
        // Begun to the end, though nobody may wait any more by then: only what has been answered can be stopped.
        let begun = tokio::spawn(async move {
            let watching = match &*handles {
                [] => realm.evaluate(&watching, false, false).await?,
                handles => evaluated(&realm.handle(&watching, handles, json!({})).await?)?,
            };
            let watch = watching.object_id.ok_or_else(replaced)?;
            Ok::<_, Error>(Stop { session: realm.session, watch })
        });
        let stop = begun.await.map_err(|error| Error::refused(format!("a wait could not begin: {error}")))??;
        let params = json!({ "promiseObjectId": stop.watch, "returnByValue": !keep });
        reply(&stop.session.call("Runtime.awaitPromise", params).await?, keep, frame)
    }

    pub(super) async fn switch_to_frame(&self, frame: Frame) -> Result<()> {
        const FIND: &str = "const frames = [...Document.prototype.querySelectorAll.call(document, 'iframe, frame')]; const wanted = arguments[0]; \
            return typeof wanted === 'number' ? frames.find((frame) => frame.contentWindow === window[wanted]) \
            : frames.find((frame) => frame.name === wanted || frame.id === wanted)";
        let (wanted, shown) = match frame {
            Frame::Index(index) => (json!(index), format!("frame {index}")),
            Frame::Name(name) => (json!(name), format!("frame named {name:?}")),
        };
        let realm = self.own_realm(false)?;
        let Some(element) = realm.element(FIND, &[wanted]).await? else {
            return Err(Error::thrown("Error", format!("there is no {shown}")));
        };
        let described = realm.session.call("DOM.describeNode", json!({ "objectId": element })).await?.value()?;
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

impl Realm {
    /// A world of our own in a frame's document; it lasts as long as that.
    async fn own_world(&self, id: &str) -> Result<(Session, OwnWorld)> {
        let (session, loader, known) = {
            let frames = self.target.frames.borrow();
            let frame = frames.get(id).ok_or_else(frame_gone)?;
            (frame.session.clone(), frame.loader.clone(), frame.own_world.clone())
        };
        if let Some(world) = known {
            return Ok((session, world));
        }
        let made = session.call("Page.createIsolatedWorld", json!({ "frameId": id, "worldName": WORLD })).await?;
        let context = made.value()?["executionContextId"].as_i64().ok_or_else(replaced)?;
        let params = json!({ "expression": *MAKE_RUNTIME, "contextId": context });
        let runtime = evaluated(&session.call("Runtime.evaluate", params).await?)?.object_id.ok_or_else(replaced)?;
        let world = OwnWorld { context, runtime: runtime.into() };
        self.target.frames.send_if_modified(|frames| {
            frames.own_world(id, &loader, Some(world.clone()));
            // Nobody waits for a frame to have a world of ours.
            false
        });
        Ok((session, world))
    }

    /// Forgets a world of ours that has gone with its document, before an event says so.
    fn forget_own_world(&self, id: &str, gone: &OwnWorld) {
        self.target.frames.send_if_modified(|frames| {
            let known = frames.get(id).and_then(|frame| Some((frame.loader.clone(), frame.own_world.clone()?)));
            if let Some((loader, _)) = known.filter(|(_, world)| world.runtime == gone.runtime) {
                frames.own_world(id, &loader, None);
            }
            false
        });
    }
}

fn detached(frame: &str) -> Error {
    Error::thrown(
        "Error",
        format!(
            "Attempted to use detached Frame '{frame}'. Execution context is not available in detached frame or worker."
        ),
    )
}

fn frame_gone() -> Error {
    Error::thrown("Error", FRAME_GONE)
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, time::Duration};

    use super::*;
    use crate::engine::cdp::{
        fake::Browser,
        target::{BrowserTraits, downloads::Downloads},
    };

    /// How many nodes are resolved at a time, and in all, for a query that finds so many.
    async fn resolved(found: usize, limit: Option<usize>) -> (usize, usize) {
        let (pipe, mut browser) = Browser::new();
        let session = Session::connect(pipe);
        let info = json!({ "sessionId": "S", "targetInfo": { "targetId": "P", "type": "page" } });
        let target =
            Target::attach(&session, serde_json::from_value(info).unwrap(), None, BrowserTraits::default(), None);
        let page = CdpPage::new(target, session, Arc::new(Downloads::new(PathBuf::new())));
        let root = Handle { id: "R".to_owned(), frame: "P".to_owned() };
        let (mut at_once, mut waiting) = (0, Vec::new());
        let query = page.query_aria(None, Some(&root), (None, None), limit);
        tokio::pin!(query);
        loop {
            tokio::select! {
                biased;
                handles = &mut query => return (at_once, handles.unwrap().as_array().unwrap().len()),
                call = browser.next() => {
                    let node = json!({ "role": { "value": "link" }, "backendDOMNodeId": 1 });
                    match call["method"].as_str() {
                        Some("Accessibility.queryAXTree") => {
                            let result = json!({ "nodes": vec![node; found] });
                            let answer = json!({ "id": call["id"], "result": result, "sessionId": "S" });
                            browser.say(&answer.to_string()).await;
                        }
                        Some("DOM.resolveNode") => waiting.push(call["id"].clone()),
                        _ => {}
                    }
                }
                // The query and the connection have done what they can.
                () = tokio::time::sleep(Duration::from_secs(1)) => {
                    at_once = at_once.max(waiting.len());
                    for id in waiting.drain(..) {
                        let result = json!({ "object": { "objectId": "N" } });
                        browser.say(&json!({ "id": id, "result": result, "sessionId": "S" }).to_string()).await;
                    }
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_node_that_is_wanted_is_one_that_is_asked_for() {
        assert_eq!(resolved(1000, Some(1)).await, (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn many_nodes_are_asked_for_a_few_at_a_time() {
        assert_eq!(resolved(2 * NODES + 1, None).await, (NODES, 2 * NODES + 1));
        assert_eq!(resolved(2 * NODES, Some(NODES + 1)).await, (NODES, NODES + 1));
    }
}
