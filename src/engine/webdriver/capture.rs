//! Pictures and PDFs of the page.

use std::sync::atomic::Ordering;

use serde_json::json;

use crate::{
    engine::{
        command::{Clip, ImageType, Pdf, Screenshot, Which},
        devtools::{self, BACKGROUND, FONTS},
        image::{converted, finished},
        page_script::{MEASURE, measured, without_size},
        passes,
    },
    error::{Code, Error, Result},
};

use super::{
    errors::unsupported,
    page::{WebDriverPage, selector},
    session::decode,
};

const CENTIMETRES_PER_INCH: f64 = 2.54;

impl WebDriverPage {
    pub async fn screenshot(&self, options: Screenshot) -> Result<Vec<u8>> {
        // The protocol knows places of the top document only; the driver knows an element in the chosen frame.
        let inside = options.of.is_some() && self.session.touched.lock().await.frame;
        if !self.session.is_chromium() || inside {
            return self.plain_screenshot(options).await;
        }
        let params = devtools::screenshot(&options, self.clip(&options).await?);
        let transparent = devtools::is_transparent(&options);
        if transparent {
            self.undo(BACKGROUND, json!({})).await;
            self.session.cdp(BACKGROUND, devtools::clear()).await?;
        }
        let picture = self.session.cdp_bytes("Page.captureScreenshot", params, "data").await;
        if transparent {
            self.session.cdp(BACKGROUND, json!({})).await?;
        }
        finished(picture?, &options).await
    }

    /// The part of the document to capture; none is the viewport.
    async fn clip(&self, options: &Screenshot) -> Result<Option<Clip>> {
        if options.of.is_some() {
            return self.element_box(&options.of).await.map(Some);
        }
        if options.full_page {
            let layout = self.session.cdp("Page.getLayoutMetrics", json!({})).await?;
            let size = |key| layout["cssContentSize"][key].as_f64().unwrap_or(1.0).max(1.0);
            return Ok(Some(Clip { x: 0.0, y: 0.0, width: size("width"), height: size("height"), scale: None }));
        }
        if options.clip.is_some() && !options.capture_beyond_viewport {
            return Err(unsupported("screenshot with captureBeyondViewport: false"));
        }
        Ok(options.clip)
    }

    /// An element's place in the document.
    async fn element_box(&self, on: &Which) -> Result<Clip> {
        let found = self.session.execute_in_own_world(&MEASURE, vec![selector(on)?.into()]).await?;
        let number = |key: &str| found[key].as_f64().unwrap_or_default();
        measured(on, &found)?;
        let (x, y) = (number("x") + number("scrollX"), number("y") + number("scrollY"));
        let clip = Clip { x, y, width: number("width"), height: number("height"), scale: None };
        if clip.width <= 0.0 || clip.height <= 0.0 {
            return Err(without_size(on, (clip.width, clip.height)));
        }
        Ok(clip)
    }

    /// What every `WebDriver` can do: a PNG of the viewport or of one element.
    async fn plain_screenshot(&self, options: Screenshot) -> Result<Vec<u8>> {
        for (asked, what) in [
            (options.clip.is_some(), "screenshot with clip"),
            (options.full_page, "screenshot with fullPage"),
            (options.omit_background, "screenshot with omitBackground"),
            (options.optimize_for_speed, "screenshot with optimizeForSpeed"),
            (!options.from_surface, "screenshot with fromSurface: false"),
        ] {
            if asked {
                return Err(Error::unsupported(
                    what,
                    &format!("webdriver with {}", self.session.version()),
                    "Chromium can",
                ));
            }
        }
        let png = match options.of.is_some().then_some(&options.of) {
            Some(on) => {
                // The driver itself would scroll it to the nearest edge.
                self.element_box(on).await?;
                let element = self.element(on).await?;
                self.session.get(format!("element/{element}/screenshot")).await?
            }
            None => self.session.get("screenshot").await?,
        };
        converted(decode(Some(png)).await?, ImageType::Png, &options).await
    }

    pub async fn pdf(&self, pdf: &Pdf) -> Result<Vec<u8>> {
        if pdf.omit_background {
            return Err(unsupported("pdf with omitBackground"));
        }
        if pdf.wait_for_fonts && self.scripts.load(Ordering::Relaxed) {
            self.session.execute(FONTS, Vec::new()).await?;
        }
        if self.session.is_chromium() {
            return passes::printed(pdf, async |pdf| {
                let printed = self.session.cdp_bytes("Page.printToPDF", json!(pdf), "data").await;
                printed.map_err(devtools::not_printed)
            })
            .await;
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
        let printed = self.session.post("print", print).await.map_err(|error| match error.code {
            Code::InvalidOption => error.during("page.pdf"),
            _ => error,
        })?;
        decode(Some(printed)).await
    }
}
