//! Finds the browser and its driver: what the options and the environment name, else the first in the well-known places
//! and the caches of Puppeteer and Playwright. Nothing is started to find out.

mod search;
#[cfg(test)]
mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::error::{Code, Error, Result};

pub use self::search::{Candidate, is_headless_shell};
use self::search::{Machine, Search, Source};
use super::{BrowserName, BrowserOptions, EngineKind, Isolation, choose};

/// A browser and its driver, as two paths.
type Pair = (PathBuf, PathBuf);

/// The browser's binary.
pub fn browser(options: &BrowserOptions) -> Result<PathBuf> {
    Discovery::here(options).browser().map(|found| found.path)
}

/// The browser's binary, and that of a driver that goes with it.
pub fn browser_and_driver(options: &BrowserOptions) -> Result<Pair> {
    let discovery = Discovery::here(options);
    let browser = discovery.drivable_browser()?;
    let driver = discovery.driver(&browser)?;
    Ok((browser.path, driver))
}

/// Everything that there is to choose from, and what a town would choose.
#[derive(Debug)]
pub struct Survey {
    /// The engine's name.
    pub engine: &'static str,
    /// The one that would be chosen, or why there is none.
    pub browser: Result<Candidate>,
    /// The driver of that browser, or why there is none.
    pub driver: Result<PathBuf>,
    /// All browsers, best first.
    pub found: Vec<Candidate>,
}

/// What a town with these options would find.
pub fn survey(kind: EngineKind, options: &BrowserOptions) -> Result<Survey> {
    let engine = choose(kind, options.clone(), Isolation::default())?.name();
    let discovery = Discovery::here(options);
    let browser = if engine == "webdriver" { discovery.drivable_browser() } else { discovery.browser() };
    let driver = browser.as_ref().map_err(Error::clone).and_then(|browser| discovery.driver(browser));
    Ok(Survey { engine, browser, driver, found: discovery.candidates() })
}

/// One look at a machine for one town's options.
struct Discovery<'a> {
    options: &'a BrowserOptions,
    machine: Machine<'a>,
}

impl<'a> Discovery<'a> {
    fn here(options: &'a BrowserOptions) -> Self {
        Self { options, machine: Machine::here() }
    }

    /// What is looked for, best first. A headless shell renders several times faster, and has no window.
    fn searches(&self) -> &'static [Search] {
        match self.options.name {
            BrowserName::Chromium if self.options.headless => &search::CHROMIUM,
            BrowserName::Chromium => &search::CHROMIUM[1..],
            BrowserName::Firefox => &search::FIREFOX,
        }
    }

    fn candidates(&self) -> Vec<Candidate> {
        self.machine.candidates(self.searches())
    }

    fn browser(&self) -> Result<Candidate> {
        match self.named()? {
            Some(named) => Ok(named),
            None => self.candidates().into_iter().next().ok_or_else(|| self.not_found()),
        }
    }

    /// The first that a driver is likely to go with: it drives no other version than its own.
    fn drivable_browser(&self) -> Result<Candidate> {
        let drivable =
            |found: &Candidate| self.options.driver.is_some() || found.is_of_the_system() || found.driver().is_some();
        match self.named()? {
            Some(named) => Ok(named),
            None => self.candidates().into_iter().find(drivable).map_or_else(|| self.browser(), Ok),
        }
    }

    /// The browser that somebody named, by an option or the environment.
    fn named(&self) -> Result<Option<Candidate>> {
        let Some((path, source)) = self.name() else { return Ok(None) };
        let path = runnable(&path, &source.to_string())?;
        if !self.options.headless && is_headless_shell(&path) {
            let shell = format!("{source}, {}, which is a headless shell", path.display());
            let error = Error::unsupported("browser.headless: false", &shell, "a Chrome or Chromium has windows");
            return Err(error.permanent());
        }
        Ok(Some(Candidate { path, source }))
    }

    fn name(&self) -> Option<(PathBuf, Source)> {
        if let Some(path) = &self.options.path {
            return Some((path.clone(), Source::Option));
        }
        let mut variables = self.variables().iter();
        variables.find_map(|name| Some((self.machine.variable(name)?.into(), Source::Variable(name))))
    }

    /// Environment variables that name the browser, first one wins.
    fn variables(&self) -> &'static [&'static str] {
        match self.options.name {
            BrowserName::Chromium => &["BOOMTOWN_BROWSER", "CHROME_PATH", "PUPPETEER_EXECUTABLE_PATH"],
            BrowserName::Firefox => &["BOOMTOWN_BROWSER"],
        }
    }

    fn not_found(&self) -> Error {
        let (what, mend) = match self.options.name {
            BrowserName::Chromium => ("Chromium", self.machine.install_chromium(self.options.headless)),
            BrowserName::Firefox => ("Firefox", "Firefox, from your distribution or mozilla.org".to_owned()),
        };
        let looked = self.machine.places(self.searches()).join(", ");
        let variables = self.variables().join(", ");
        Error::new(
            Code::BrowserNotFound,
            format!(
                "no {what} found. Looked at {variables} (not set), and for {looked}. Install one ({mend}), or name it \
                 with browser.path or the environment variable BOOMTOWN_BROWSER"
            ),
        )
    }

    /// The driver for a browser: of the same cache, beside it, or on `PATH`.
    fn driver(&self, browser: &Candidate) -> Result<PathBuf> {
        if let Some(path) = &self.options.driver {
            return runnable(path, "browser.driver");
        }
        let (name, mend) = match self.options.name {
            BrowserName::Chromium => ("chromedriver", self.machine.install_chromedriver(browser)),
            BrowserName::Firefox => ("geckodriver", "cargo install geckodriver".to_owned()),
        };
        let beside = browser.path.with_file_name(self.machine.binary(name));
        let cached = browser.driver().map(Path::to_owned);
        cached.or_else(|| is_program(&beside).then_some(beside)).or_else(|| self.machine.on_path(name)).ok_or_else(
            || {
                Error::new(
                    Code::BrowserNotFound,
                    format!(
                        "no {name} beside {} or on PATH: install it ({mend}), or name it with browser.driver",
                        browser.path.display()
                    ),
                )
            },
        )
    }
}

/// Checks a path that somebody named, so that the error says what is wrong with it rather than that a launch failed.
fn runnable(path: &Path, source: &str) -> Result<PathBuf> {
    let shown = path.display();
    let metadata = fs::metadata(path).map_err(|error| {
        Error::new(Code::BrowserNotFound, format!("{source} is {shown}, and there is no such file ({error})"))
    })?;
    if metadata.is_dir() {
        return Err(launch(format!("{source} is {shown}, which is a directory; name the binary inside it")));
    }
    if !executable(&metadata) {
        return Err(launch(format!("{source} is {shown}, which is not executable (chmod +x {shown})")));
    }
    // It is started in the worker's folder, where a relative path would lead elsewhere.
    std::path::absolute(path).map_err(|error| launch(format!("{source} is {shown}: {error}")))
}

fn launch(message: String) -> Error {
    Error::new(Code::BrowserLaunch, message).permanent()
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.is_file() && executable(&file))
}

#[cfg(unix)]
fn executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn executable(_: &fs::Metadata) -> bool {
    true
}
