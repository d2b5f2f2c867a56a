//! Pictures and PDFs of the page.

use serde_json::json;

use crate::{
    engine::{
        command::{Clip, ImageType, Pdf, Screenshot},
        image,
    },
    error::{Code, Error, Result},
};

use super::{
    page::{WebDriverPage, missing},
    session::decode,
};

const CENTIMETRES_PER_INCH: f64 = 2.54;

impl WebDriverPage {
    pub async fn screenshot(&self, options: Screenshot) -> Result<Vec<u8>> {
        // The protocol knows places of the top document only; the driver knows an element in the chosen frame.
        let inside = options.selector.is_some() && self.session.touched.lock().await.frame;
        if !self.session.is_chromium() || inside {
            return self.plain_screenshot(options).await;
        }
        let captured = match options.kind {
            ImageType::Bmp | ImageType::Gif => ImageType::Png,
            kind => kind,
        };
        let format = match captured {
            ImageType::Jpeg => "jpeg",
            ImageType::Webp => "webp",
            _ => "png",
        };
        let mut params = json!({ "format": format });
        if let (Some(quality), true) = (options.quality, captured != ImageType::Png) {
            params["quality"] = quality.into();
        }
        if let Some(clip) = self.clip(&options).await? {
            params["clip"] = json!({
                "x": clip.x, "y": clip.y, "width": clip.width, "height": clip.height, "scale": clip.scale.unwrap_or(1.0),
            });
            params["captureBeyondViewport"] = true.into();
        }
        let transparent = options.omit_background && captured != ImageType::Jpeg;
        if transparent {
            self.undo("Emulation.setDefaultBackgroundColorOverride", json!({})).await;
            let clear = json!({ "color": { "r": 0, "g": 0, "b": 0, "a": 0 } });
            self.session.cdp("Emulation.setDefaultBackgroundColorOverride", clear).await?;
        }
        let picture = self.session.cdp_bytes("Page.captureScreenshot", params, "data").await;
        if transparent {
            self.session.cdp("Emulation.setDefaultBackgroundColorOverride", json!({})).await?;
        }
        converted(picture?, captured, &options).await
    }

    /// The part of the document to capture; none is the viewport.
    async fn clip(&self, options: &Screenshot) -> Result<Option<Clip>> {
        if let Some(selector) = &options.selector {
            return self.element_box(selector).await.map(Some);
        }
        if options.full_page {
            let layout = self.session.cdp("Page.getLayoutMetrics", json!({})).await?;
            let size = |key| layout["cssContentSize"][key].as_f64().unwrap_or(1.0).max(1.0);
            return Ok(Some(Clip { x: 0.0, y: 0.0, width: size("width"), height: size("height"), scale: None }));
        }
        Ok(options.clip)
    }

    /// An element's place in the document.
    async fn element_box(&self, selector: &str) -> Result<Clip> {
        const SCRIPT: &str = "const element = document.querySelector(arguments[0]); if (!element) return null; \
            const box = element.getBoundingClientRect(); \
            return { x: box.left + scrollX, y: box.top + scrollY, width: box.width, height: box.height }";
        let found = self.session.execute(SCRIPT, vec![selector.into()]).await?;
        let number = |key: &str| found[key].as_f64().unwrap_or_default();
        if found.is_null() {
            return Err(missing(selector));
        }
        let clip =
            Clip { x: number("x"), y: number("y"), width: number("width"), height: number("height"), scale: None };
        if clip.width < 1.0 || clip.height < 1.0 {
            return Err(Error::thrown("Error", format!("the element {selector:?} has no size to take a picture of")));
        }
        Ok(clip)
    }

    /// What every `WebDriver` can do: a PNG of the viewport or of one element.
    async fn plain_screenshot(&self, options: Screenshot) -> Result<Vec<u8>> {
        for (asked, what) in [
            (options.clip.is_some(), "screenshot with clip"),
            (options.full_page, "screenshot with fullPage"),
            (options.omit_background, "screenshot with omitBackground"),
        ] {
            if asked {
                return Err(Error::unsupported(
                    what,
                    &format!("webdriver with {}", self.session.version()),
                    "Chromium can",
                ));
            }
        }
        let png = match &options.selector {
            Some(selector) => {
                let element = self.element(selector).await?;
                self.session.get(format!("element/{element}/screenshot")).await?
            }
            None => self.session.get("screenshot").await?,
        };
        converted(decode(Some(png)).await?, ImageType::Png, &options).await
    }

    pub async fn pdf(&self, pdf: &Pdf) -> Result<Vec<u8>> {
        if self.session.is_chromium() {
            let params = json!({
                "landscape": pdf.landscape,
                "displayHeaderFooter": pdf.display_header_footer,
                "printBackground": pdf.print_background,
                "scale": pdf.scale,
                "paperWidth": pdf.paper_width,
                "paperHeight": pdf.paper_height,
                "marginTop": pdf.margin_top,
                "marginRight": pdf.margin_right,
                "marginBottom": pdf.margin_bottom,
                "marginLeft": pdf.margin_left,
                "pageRanges": pdf.page_ranges,
                "headerTemplate": pdf.header_template,
                "footerTemplate": pdf.footer_template,
                "preferCSSPageSize": pdf.prefer_css_page_size,
            });
            return self.session.cdp_bytes("Page.printToPDF", params, "data").await;
        }
        if pdf.display_header_footer || pdf.prefer_css_page_size {
            let engine = format!("webdriver with {}", self.session.version());
            return Err(Error::unsupported("pdf with header, footer or preferCSSPageSize", &engine, "Chromium can"));
        }
        let cm = |inches: f64| inches * CENTIMETRES_PER_INCH;
        let ranges: Vec<&str> = pdf.page_ranges.split(',').map(str::trim).filter(|range| !range.is_empty()).collect();
        let print = json!({
            "orientation": if pdf.landscape { "landscape" } else { "portrait" },
            "scale": pdf.scale,
            // Otherwise Firefox chooses a scale of its own.
            "shrinkToFit": false,
            "background": pdf.print_background,
            "page": { "width": cm(pdf.paper_width), "height": cm(pdf.paper_height) },
            "margin": {
                "top": cm(pdf.margin_top),
                "right": cm(pdf.margin_right),
                "bottom": cm(pdf.margin_bottom),
                "left": cm(pdf.margin_left),
            },
            "pageRanges": ranges,
        });
        decode(Some(self.session.post("print", print).await?)).await
    }
}

async fn converted(picture: Vec<u8>, from: ImageType, options: &Screenshot) -> Result<Vec<u8>> {
    if options.kind == from {
        return Ok(picture);
    }
    let (kind, quality) = (options.kind, options.quality);
    tokio::task::spawn_blocking(move || image::convert(&picture, kind, quality)).await.unwrap_or_else(|panic| {
        Err(Error::new(Code::Unsupported, format!("cannot convert the screenshot to {kind:?}: {panic}")))
    })
}
