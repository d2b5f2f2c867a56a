//! Pictures and PDFs of a page.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    engine::{
        cdp::{
            connection::{Answer, decoded},
            protocol::{FrameBegun, LayoutMetrics, Size},
        },
        command::{Clip, Moments, Pdf, Screenshot, Which},
        devtools::{self, BACKGROUND},
        image::finished,
        page_script::{MEASURE, RUNTIME, measured, without_size},
        passes,
    },
    error::{Code, Error, Result},
};

use super::CdpPage;

/// How long a picture may come after the document that it was to be of.
const LATE_PICTURE: Duration = Duration::from_secs(1);

/// Where in the document the viewport is, and its size.
const VIEWPORT: &str =
    "const { pageLeft, pageTop, width, height } = visualViewport; return [pageLeft, pageTop, width, height]";

/// A part of an element, from the element's corner on.
fn part_of(element: Clip, part: Clip) -> Clip {
    let part = Clip { x: element.x + part.x, y: element.y + part.y, ..part };
    within(part, (element.x, element.y), (element.width, element.height))
}

/// The part of a rectangle that lies in another; one that is outside has no size.
fn within(clip: Clip, (x, y): (f64, f64), (width, height): (f64, f64)) -> Clip {
    let (left, top) = (clip.x.max(x), clip.y.max(y));
    let length = |start: f64, end: f64, limit: f64| (end.min(limit) - start).max(0.0);
    Clip {
        x: left,
        y: top,
        width: length(left, clip.x + clip.width, x + width),
        height: length(top, clip.y + clip.height, y + height),
        scale: clip.scale,
    }
}

impl CdpPage {
    pub(super) async fn screenshot(&self, options: Screenshot) -> Result<Vec<u8>> {
        let params = devtools::screenshot(&options, self.clip(&options).await?);
        let one_at_a_time = self.camera.lock().await;
        let picture = match self.framed(&params, &options).await? {
            Some(picture) => picture,
            None => self.captured(&params, &options).await?.bytes().await?,
        };
        drop(one_at_a_time);
        finished(picture, &options).await
    }

    /// The picture that one frame gives, where frames are ours to begin and one frame shows all that is wanted.
    async fn framed(&self, params: &Value, options: &Screenshot) -> Result<Option<Vec<u8>>> {
        let whole = params.get("clip").is_none() && !devtools::is_transparent(options);
        let plain = self.target.is_one_surface() && !self.usage.was_foreign();
        if !whole || !plain {
            return Ok(None);
        }
        let Some(frame) = self.target.clock.picture(json!({ "screenshot": params })).await else { return Ok(None) };
        let before = self.target.frames.borrow().position();
        let replaced = self.target.until(|frames| (!frames.position().same_document(&before)).then_some(()));
        let frame = tokio::select! {
            frame = frame => frame.map_err(Error::gone)?,
            replaced = replaced => return replaced.map(|()| None),
        };
        match frame {
            Ok(answer) => answer.read::<FrameBegun>()?.screenshot_data.map(|data| decoded(&data)).transpose(),
            Err(error) if matches!(error.code, Code::PageClosed | Code::BrowserGone) => Err(error),
            // The browser begins no frame while the page changes to another process.
            Err(_) => Ok(None),
        }
    }

    /// The picture that the browser makes of some frames.
    async fn captured(&self, params: &Value, options: &Screenshot) -> Result<Answer> {
        let session = &self.target.session;
        let transparent = devtools::is_transparent(options);
        let _hurry = self.target.clock.hurry();
        if transparent {
            session.send(BACKGROUND, devtools::clear());
        }
        let picture = self.taken(params).await;
        if transparent {
            session.send(BACKGROUND, json!({}));
        }
        picture
    }

    /// Takes the picture, again if the document was replaced under it: such a capture may never be answered.
    async fn taken(&self, params: &Value) -> Result<Answer> {
        loop {
            let before = self.target.frames.borrow().position();
            let mut picture = self.target.session.call("Page.captureScreenshot", params);
            let replaced = self.target.until(|frames| {
                let elsewhere = !frames.position().same_document(&before);
                (elsewhere && frames.has_reached(Moments::LOAD)).then_some(())
            });
            tokio::select! {
                picture = &mut picture => return picture,
                replaced = replaced => replaced?,
            }
            if let Ok(picture) = tokio::time::timeout(LATE_PICTURE, picture).await {
                return picture;
            }
        }
    }

    /// The part of the document to capture; none is the viewport.
    async fn clip(&self, options: &Screenshot) -> Result<Option<Clip>> {
        if options.of.is_some() {
            let element = self.element_box(&options.of).await?;
            return Ok(Some(options.clip.map_or(element, |part| part_of(element, part))));
        }
        if options.full_page {
            let answer = self.target.session.call("Page.getLayoutMetrics", json!({})).await?;
            let Size { width, height } = answer.read::<LayoutMetrics>()?.css_content_size;
            return Ok(Some(Clip { x: 0.0, y: 0.0, width: width.max(1.0), height: height.max(1.0), scale: None }));
        }
        let Some(clip) = options.clip.filter(|_| !options.capture_beyond_viewport) else { return Ok(options.clip) };
        let seen = self.own_realm(true)?.execute(VIEWPORT, &[]).await?;
        let number = |index: usize| seen[index].as_f64().unwrap_or_default();
        Ok(Some(within(clip, (number(0), number(1)), (number(2), number(3)))))
    }

    /// An element's place in the document.
    async fn element_box(&self, which: &Which) -> Result<Clip> {
        let found = self.execute_on(which, &MEASURE, &[]).await?;
        measured(which, &found)?;
        let number = |key: &str| found[key].as_f64().unwrap_or_default();
        let (width, height) = (number("width"), number("height"));
        if width <= 0.0 || height <= 0.0 {
            return Err(without_size(which, (width, height)));
        }
        // The document that is captured is the top frame's, whatever frame the element is in.
        let mut start = (number("x"), number("y"));
        let mut end = (start.0 + width, start.1 + height);
        let scroll = match self.inner_frame(which.frame()) {
            None => found.clone(),
            Some(frame) => {
                start = self.seen_from_page(&frame, start).await?.point;
                end = self.seen_from_page(&frame, end).await?.point;
                self.own_realm(true)?.execute("return { scrollX, scrollY }", &[]).await?
            }
        };
        let scroll = |key: &str| scroll.get(key).and_then(Value::as_f64).unwrap_or_default();
        Ok(Clip {
            x: start.0 + scroll("scrollX"),
            y: start.1 + scroll("scrollY"),
            width: end.0 - start.0,
            height: end.1 - start.1,
            scale: None,
        })
    }

    pub(super) async fn pdf(&self, pdf: &Pdf) -> Result<Vec<u8>> {
        if pdf.wait_for_fonts {
            // In the page's own world, which every document has: another one would have to be made for this alone.
            self.top().settled(&format!("return {}.fonts()", *RUNTIME)).await?;
        }
        let session = &self.target.session;
        if pdf.omit_background {
            session.send(BACKGROUND, devtools::clear());
        }
        let printed = passes::printed(pdf, async |pdf| {
            session.call("Page.printToPDF", pdf).await.map_err(devtools::not_printed)?.bytes().await
        })
        .await;
        if pdf.omit_background {
            session.send(BACKGROUND, json!({}));
        }
        printed
    }
}
