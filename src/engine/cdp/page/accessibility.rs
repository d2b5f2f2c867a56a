//! What assistive technology gets of a document, and which nodes of the document that is of.

use serde_json::{Value, json};

use crate::{
    engine::command::{AccessibilityQuestion, Handle},
    error::Result,
};

use super::{
    CdpPage,
    script::{kept, stale},
};

impl CdpPage {
    pub(super) async fn accessibility(&self, question: AccessibilityQuestion) -> Result<Value> {
        match question {
            AccessibilityQuestion::Tree { frame } => self.accessibility_tree(&self.frame_id(frame.as_deref())).await,
            AccessibilityQuestion::NumberOf { handle } => self.number_of(&handle).await,
            AccessibilityQuestion::Node { frame, number } => self.node(self.frame_id(frame.as_deref()), number).await,
        }
    }

    async fn accessibility_tree(&self, frame: &str) -> Result<Value> {
        let session = self.session_of(frame)?;
        let mut tree = session.call("Accessibility.getFullAXTree", json!({ "frameId": frame })).await?.value()?;
        Ok(tree["nodes"].take())
    }

    async fn number_of(&self, handle: &Handle) -> Result<Value> {
        let session = self.session_of(&handle.frame)?;
        let node = json!({ "objectId": handle.id });
        let mut described = session.call("DOM.describeNode", node).await.map_err(stale)?.value()?;
        Ok(described["node"]["backendNodeId"].take())
    }

    async fn node(&self, frame: String, number: i64) -> Result<Value> {
        let session = self.session_of(&frame)?;
        let mut node = session.call("DOM.resolveNode", json!({ "backendNodeId": number })).await?.value()?;
        Ok(kept(node["object"].take(), frame))
    }
}
