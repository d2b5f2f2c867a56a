//! A PDF that is printed in passes, for a browser has one header and one footer for all pages that it prints at a time. The pages
//! are put together by what is painted on them: everything else - outline, links, structure - is the first pass's.

use lopdf::{Dictionary, Document};
use tokio::task::spawn_blocking;

use crate::error::{Code, Error, Result};

use super::command::{Headings, Pdf};

/// What a page is painted by.
const PAINTING: [&[u8]; 2] = [b"Contents", b"Resources"];

/// Prints once for all pages, and once more for each kind of pages that has a header and footer of its own.
pub async fn printed<P>(pdf: &Pdf, print: impl Fn(Pdf) -> P) -> Result<Vec<u8>>
where
    P: Future<Output = Result<Vec<u8>>>,
{
    let whole = print(Pdf { headings: Vec::new(), ..pdf.clone() }).await?;
    let mut others = Vec::new();
    for headings in &pdf.headings {
        others.push((headings.pages.clone(), print(pass(pdf, headings)).await?));
    }
    if others.is_empty() {
        return Ok(whole);
    }
    spawn_blocking(move || joined(&whole, others)).await.unwrap_or_else(|panic| Err(unreadable(panic)))
}

/// What prints these pages alone.
fn pass(pdf: &Pdf, headings: &Headings) -> Pdf {
    let pages: Vec<String> = headings.pages.iter().map(u32::to_string).collect();
    Pdf {
        page_ranges: pages.join(","),
        header_template: headings.header_template.clone(),
        footer_template: headings.footer_template.clone(),
        headings: Vec::new(),
        ..pdf.clone()
    }
}

/// The PDF with some pages painted as in others, which have these pages alone.
fn joined(whole: &[u8], others: Vec<(Vec<u32>, Vec<u8>)>) -> Result<Vec<u8>> {
    let mut document = Document::load_mem(whole).map_err(unreadable)?;
    let pages = document.get_pages();
    for (numbers, pdf) in others {
        let mut other = Document::load_mem(&pdf).map_err(unreadable)?;
        other.renumber_objects_with(document.max_id + 1);
        for (number, painted) in numbers.into_iter().zip(other.get_pages().into_values()) {
            let painted = other.get_dictionary(painted).map_err(unreadable)?;
            // A page that changes while it is printed may have fewer pages the next time.
            if let Some(page) = pages.get(&number) {
                paint(document.get_dictionary_mut(*page).map_err(unreadable)?, painted);
            }
        }
        document.max_id = other.max_id;
        document.objects.append(&mut other.objects);
    }
    document.prune_objects();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

fn paint(page: &mut Dictionary, as_in: &Dictionary) {
    for key in PAINTING {
        match as_in.get(key) {
            Ok(value) => page.set(key, value.clone()),
            Err(_) => {
                page.remove(key);
            }
        }
    }
}

fn unreadable(why: impl std::fmt::Display) -> Error {
    Error::new(Code::Browser, format!("page.pdf: the pages of several headings cannot be put together: {why}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use lopdf::{Object, Stream, dictionary};

    use super::*;

    /// A PDF of pages that are painted by these texts, with an outline.
    fn pdf_of(texts: &[&str]) -> Vec<u8> {
        let mut document = Document::with_version("1.4");
        let root = document.new_object_id();
        let kids: Vec<Object> = texts
            .iter()
            .map(|text| {
                let contents = document.add_object(Stream::new(dictionary! {}, text.as_bytes().to_vec()));
                document.add_object(dictionary! { "Type" => "Page", "Parent" => root, "Contents" => contents }).into()
            })
            .collect();
        let count = i64::try_from(kids.len()).unwrap();
        document.objects.insert(root, dictionary! { "Type" => "Pages", "Count" => count, "Kids" => kids }.into());
        let outline = document.add_object(dictionary! { "Type" => "Outlines" });
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => root, "Outlines" => outline });
        document.trailer.set("Root", catalog);
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).unwrap();
        bytes
    }

    fn texts(pdf: &[u8]) -> Vec<String> {
        let document = Document::load_mem(pdf).unwrap();
        let pages = document.get_pages().into_values();
        pages.map(|page| String::from_utf8(document.get_page_content(page)).unwrap().trim().to_owned()).collect()
    }

    #[test]
    fn pages_are_painted_as_in_the_pass_that_has_them_and_the_rest_is_the_first_passes() {
        let others = vec![(vec![1], pdf_of(&["first"])), (vec![3, 4], pdf_of(&["third", "fourth"]))];
        let made = joined(&pdf_of(&["a", "b", "c", "d"]), others).unwrap();
        assert_eq!(texts(&made), ["first", "b", "third", "fourth"]);
        let document = Document::load_mem(&made).unwrap();
        assert!(document.catalog().unwrap().has(b"Outlines"));
        let catalogs =
            document.objects.values().filter(|object| object.type_name().is_ok_and(|name| name == b"Catalog"));
        assert_eq!(catalogs.count(), 1);
    }

    #[test]
    fn a_page_that_there_is_no_more_is_left_out() {
        assert_eq!(texts(&joined(&pdf_of(&["a"]), vec![(vec![2], pdf_of(&["second"]))]).unwrap()), ["a"]);
    }

    #[tokio::test]
    async fn each_kind_of_pages_is_printed_by_its_numbers() {
        let asked = Mutex::new(Vec::new());
        let options = serde_json::json!({
            "landscape": false, "scale": 1, "printBackground": true, "paperWidth": 1, "paperHeight": 1, "marginTop": 0,
            "marginRight": 0, "marginBottom": 0, "marginLeft": 0, "pageRanges": "", "headerTemplate": "all",
            "footerTemplate": "", "displayHeaderFooter": true, "preferCSSPageSize": false,
            "headings": [{ "pages": [2, 4], "headerTemplate": "even", "footerTemplate": "" }],
        });
        let pdf: Pdf = serde_json::from_value(options).unwrap();
        let print = |pdf: Pdf| {
            asked.lock().unwrap().push((pdf.header_template, pdf.page_ranges));
            async { Ok(pdf_of(&["x", "y"])) }
        };
        printed(&pdf, print).await.unwrap();
        let asked = asked.into_inner().unwrap();
        assert_eq!(asked, [("all".to_owned(), String::new()), ("even".to_owned(), "2,4".to_owned())]);
    }
}
