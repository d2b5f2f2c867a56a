//! Running scripts in a page's frames: expressions of the caller, functions of the engine, and conditions that are waited
//! for in the page itself.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    engine::{
        cdp::{
            connection::{Answer, Session},
            protocol::{Evaluated, RemoteObject},
            target::{Target, frames::OwnWorld},
        },
        command::{Frame, Polling, Reply, World},
        page_script::{
            Envelope, FRAME_GONE, INSTALL_RUNTIME, MAKE_RUNTIME, RUNTIME, applied, lacks_runtime, replaced, watch,
        },
    },
    error::{Code, Error, Result},
};

use super::CdpPage;

/// The name of our worlds, as a debugger shows it.
const WORLD: &str = "boomtown";
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

impl Realm {
    async fn evaluate(&self, expression: &str, by_value: bool, wait: bool) -> Result<RemoteObject> {
        self.evaluate_with(expression, json!({ "awaitPromise": wait, "returnByValue": by_value })).await
    }

    /// The value of an expression, which finds the runtime.
    async fn evaluate_with(&self, expression: &str, params: Value) -> Result<RemoteObject> {
        if let RealmKind::Own(frame) = &self.kind {
            return self.evaluate_in_own_world(frame, expression, params).await;
        }
        match self.evaluate_once(expression, params.clone()).await {
            // As in a window that a page has just opened, and may have changed.
            Err(error) if lacks_runtime(&error) => {
                // Tried first, because a constant whose making fails could never be made again.
                self.evaluate_once(&MAKE_RUNTIME, json!({ "returnByValue": true })).await?;
                let installed = self.evaluate_once(&INSTALL_RUNTIME, json!({})).await.map(drop);
                // Another call may have been first.
                installed.or_else(|error| if error.code == Code::Evaluation { Ok(()) } else { Err(error) })?;
                self.evaluate_once(expression, params).await
            }
            done => done,
        }
    }

    /// The value of an expression in a world of ours. The document may be replaced before the script has begun there; then the
    /// script runs in the next one.
    async fn evaluate_in_own_world(&self, frame: &str, expression: &str, mut params: Value) -> Result<RemoteObject> {
        params["functionDeclaration"] =
            format!("function () {{ const {} = this; return {expression} }}", *RUNTIME).into();
        for _ in 0..DOCUMENTS {
            let (session, world) = self.own_world(frame).await?;
            params["objectId"] = world.runtime.as_ref().into();
            match session.call("Runtime.callFunctionOn", &params).await {
                Err(error) if is_not_begun(&error) => self.forget_own_world(frame, &world),
                answer => return evaluated(&answer?),
            }
        }
        Err(replaced())
    }

    async fn evaluate_once(&self, expression: &str, mut params: Value) -> Result<RemoteObject> {
        params["expression"] = expression.into();
        if let RealmKind::Context(context) = &self.kind {
            params["uniqueContextId"] = context.as_str().into();
        }
        evaluated(&self.session.call("Runtime.evaluate", params).await?)
    }

    /// Runs an expression, by nothing that the page could have changed.
    pub async fn run(&self, expression: &str) -> Result<()> {
        self.evaluate(expression, true, false).await.map(drop)
    }

    /// What a function body returns for these arguments.
    pub async fn execute(&self, body: &str, args: &[Value]) -> Result<Value> {
        Ok(self.evaluate(&applied(body, args), true, false).await?.value.unwrap_or_default())
    }

    /// The element that a function body returns, by its handle; none if it returns nothing.
    pub async fn element(&self, body: &str, args: &[Value]) -> Result<Option<String>> {
        Ok(self.evaluate(&applied(body, args), false, false).await?.object_id)
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

/// Stops a watch in the page when nobody waits for its condition any more.
struct Stop<'a> {
    realm: &'a Realm,
    watch: String,
}

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        let body = "function () { this.stop() }";
        self.realm
            .session
            .send("Runtime.callFunctionOn", json!({ "objectId": self.watch, "functionDeclaration": body }));
        self.realm.session.send("Runtime.releaseObject", json!({ "objectId": self.watch }));
    }
}

impl CdpPage {
    /// Where scripts run now.
    pub(super) async fn realm(&self) -> Result<Realm> {
        let chosen = self.chosen();
        let Some(id) = chosen else { return Ok(self.top()) };
        self.target
            .until(|frames| {
                let Some(frame) = frames.get(&id) else { return Some(Err(frame_gone())) };
                let parent = frame.parent.as_ref().and_then(|parent| frames.get(parent));
                if parent.is_none_or(|parent| !parent.session.is(&frame.session)) {
                    return Some(Ok(Realm {
                        target: self.target.clone(),
                        session: frame.session.clone(),
                        kind: RealmKind::Session,
                    }));
                }
                // Between two documents there is none.
                let context = frame.context.clone()?;
                Some(Ok(Realm {
                    target: self.target.clone(),
                    session: frame.session.clone(),
                    kind: RealmKind::Context(context),
                }))
            })
            .await?
    }

    /// The top frame.
    pub fn top(&self) -> Realm {
        Realm { target: self.target.clone(), session: self.target.session.clone(), kind: RealmKind::Session }
    }

    pub(super) async fn evaluate(&self, script: &str, main: bool, gesture: bool, world: World) -> Result<Reply> {
        let realm = self.realm_in(world, main).await?;
        let params = json!({ "awaitPromise": true, "returnByValue": true, "userGesture": gesture });
        match realm.evaluate_with(script, params).await {
            Ok(RemoteObject { value: Some(Value::String(envelope)), .. }) => Ok(Reply::Text(envelope)),
            Ok(_) => Err(replaced()),
            Err(error) if is_replaced(&error) => Err(replaced()),
            Err(error) => Err(error),
        }
    }

    /// The chosen frame or the main one, in one of its worlds.
    async fn realm_in(&self, world: World, main: bool) -> Result<Realm> {
        match world {
            World::Own => self.own_realm(main),
            World::Page if main => Ok(self.top()),
            World::Page => self.realm().await,
        }
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

    /// Runs a script in every frame, as far as there are documents now.
    pub(super) async fn evaluate_everywhere(&self, script: &str) -> Result<()> {
        let realms: Vec<Realm> = {
            let frames = self.target.frames.borrow();
            let inner = frames.all().filter_map(|frame| {
                let context = frame.context.clone()?;
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
    pub(super) async fn wait_for(&self, script: &str, polling: Polling, world: World) -> Result<Reply> {
        loop {
            let before = self.target.frames.borrow().generation;
            let looked = self.look(script, polling, world).await;
            match looked {
                Ok(envelope) if Envelope::of(&envelope) != Some(Envelope::Falsy) => return Ok(Reply::Text(envelope)),
                Ok(_) => {}
                Err(error) if is_replaced(&error) => {}
                Err(error) => return Err(error),
            }
            self.target.until(|frames| (frames.generation != before).then_some(())).await?;
        }
    }

    /// What a watch sees in a document.
    async fn look(&self, script: &str, polling: Polling, world: World) -> Result<String> {
        let realm = self.realm_in(world, false).await?;
        if !self.target.runs_scripts() {
            // Without timers and callbacks of the page; its loading is followed from outside.
            return text_of(realm.evaluate(script, true, true).await?);
        }
        let watching = realm.evaluate(&watch(script, polling, None), false, false).await?;
        let Some(watching) = watching.object_id else { return Err(replaced()) };
        let stop = Stop { realm: &realm, watch: watching };
        let params = json!({ "promiseObjectId": stop.watch, "returnByValue": true });
        text_of(evaluated(&realm.session.call("Runtime.awaitPromise", params).await?)?)
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

fn frame_gone() -> Error {
    Error::thrown("Error", FRAME_GONE)
}
