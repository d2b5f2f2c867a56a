//! Answers to what a page asks the program for: dialogs, files to upload, results of exposed functions.

use serde_json::json;

use crate::error::{Code, Error, Result};

use super::CdpPage;

/// Takes the files of an input back: the protocol can only give it others.
const CLEAR: &str = "function () { this.files = new DataTransfer().files; \
    this.dispatchEvent(new Event('input', { bubbles: true, composed: true })); \
    this.dispatchEvent(new Event('change', { bubbles: true })) }";

impl CdpPage {
    pub(super) async fn handle_dialog(&self, accept: bool, text: Option<String>) -> Result<()> {
        let session = self.target.dialogs.take().ok_or_else(|| Error::refused("there is no open dialog to answer"))?;
        let mut params = json!({ "accept": accept });
        if let Some(text) = text {
            params["promptText"] = text.into();
        }
        session.call("Page.handleJavaScriptDialog", params).await.map(drop)
    }

    /// Has an input take files, or without any take those back that it has.
    pub(super) async fn choose_files(
        &self,
        frame: &str,
        node: Option<i64>,
        paths: Vec<String>,
        clear: bool,
    ) -> Result<()> {
        let session = self.session_of(frame)?;
        let node = node.ok_or_else(|| Error::refused("no input waits for these files: a script has asked for them"))?;
        if paths.is_empty() && clear {
            let input = session.call("DOM.resolveNode", json!({ "backendNodeId": node })).await?.value()?;
            let object = &input["object"]["objectId"];
            let clear = json!({ "objectId": object, "functionDeclaration": CLEAR });
            let cleared = session.call("Runtime.callFunctionOn", clear).await;
            session.send("Runtime.releaseObject", json!({ "objectId": object }));
            return cleared.map(drop);
        }
        let params = json!({ "files": paths, "backendNodeId": node });
        session.call("DOM.setFileInputFiles", params).await.map(drop)
    }

    /// Gives the identifier of its init script.
    pub(super) async fn expose_function(&self, name: &str, script: &str) -> Result<String> {
        self.target.enable("Runtime.enable", json!({}));
        self.target.add("Runtime.addBinding", json!({ "name": name })).await?;
        let number = self.target.add_init_script(script).await?;
        self.evaluate_everywhere(script).await?;
        Ok(number.to_string())
    }

    pub(super) async fn remove_function(&self, name: &str, identifier: &str, script: &str) -> Result<()> {
        self.remove_init_script(identifier).await?;
        self.target.remove("Runtime.addBinding", json!({ "name": name }), "Runtime.removeBinding").await?;
        self.evaluate_everywhere(script).await
    }

    pub(super) async fn answer_binding(&self, call: &str, result: &str) -> Result<()> {
        let caller = call.parse().ok().and_then(|call| self.target.bindings.take(call));
        let (session, context) = caller.ok_or_else(|| {
            Error::new(Code::InvalidOption, format!("there is no call {call} of an exposed function"))
        })?;
        let params = json!({ "expression": result, "contextId": context, "returnByValue": true });
        // The document that called may be gone, and with it whoever waits.
        session.call("Runtime.evaluate", params).await.map(drop)
    }
}
