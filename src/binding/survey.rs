//! What a machine has to run pages with, as JavaScript sees it.

use napi::Either;
use napi_derive::napi;

use crate::engine::{Candidate, Survey};

use super::event::CoreFailure;

#[napi(object, object_from_js = false)]
pub struct CoreSurvey {
    /// The engine that a town would choose.
    pub engine: &'static str,
    /// The browser that a town would choose, or why there is none.
    pub browser: Either<CoreCandidate, CoreFailure>,
    /// The path of that browser's driver, or why there is none.
    pub driver: Either<String, CoreFailure>,
    /// All browsers, best first.
    pub found: Vec<CoreCandidate>,
}

/// A browser that is installed.
#[napi(object, object_from_js = false)]
pub struct CoreCandidate {
    pub path: String,
    /// Who named the browser, or where it was found.
    pub source: String,
}

impl From<Survey> for CoreSurvey {
    fn from(survey: Survey) -> Self {
        Self {
            engine: survey.engine,
            browser: match survey.browser {
                Ok(browser) => Either::A(browser.into()),
                Err(error) => Either::B(error.into()),
            },
            driver: match survey.driver {
                Ok(driver) => Either::A(driver.to_string_lossy().into_owned()),
                Err(error) => Either::B(error.into()),
            },
            found: survey.found.into_iter().map(CoreCandidate::from).collect(),
        }
    }
}

impl From<Candidate> for CoreCandidate {
    fn from(candidate: Candidate) -> Self {
        Self { path: candidate.path.to_string_lossy().into_owned(), source: candidate.source.to_string() }
    }
}
