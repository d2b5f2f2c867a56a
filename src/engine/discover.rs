//! Finds the browser and its driver: what the options and the environment name, else the well-known places.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::error::{Code, Error, Result};

use super::{BrowserName, BrowserOptions};

/// Environment variables that name a Chromium, first one wins.
const CHROMIUM_VARIABLES: [&str; 3] = ["BOOMTOWN_BROWSER", "CHROME_PATH", "PUPPETEER_EXECUTABLE_PATH"];

/// Names and places of Chromium, best first: chrome-headless-shell renders several times faster. On Debian the command
/// is a shell script; the real binary spares one process.
const CHROMIUM_NAMES: [&str; 10] = [
    "/usr/lib/chromium/chromium-headless-shell",
    "chrome-headless-shell",
    "chromium-headless-shell",
    "google-chrome-stable",
    "google-chrome",
    "chromium",
    "chromium-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];

const FIREFOX_NAMES: [&str; 4] = [
    "firefox",
    "firefox-esr",
    "/Applications/Firefox.app/Contents/MacOS/firefox",
    r"C:\Program Files\Mozilla Firefox\firefox.exe",
];

const WEBKIT_NAMES: [&str; 1] = ["cog"];

/// How one mends a missing browser.
const INSTALL_CHROMIUM: &str = "install one (Debian: apt-get install chromium-headless-shell chromium-driver), or name it with \
     browser.path or the environment variable BOOMTOWN_BROWSER";

/// The browser's binary.
pub fn browser(options: &BrowserOptions) -> Result<PathBuf> {
    if let Some(path) = &options.path {
        return runnable(path, "browser.path");
    }
    let (variables, names, mend): (&[&str], &[&str], &str) = match options.name {
        BrowserName::Chromium => (&CHROMIUM_VARIABLES, &CHROMIUM_NAMES, INSTALL_CHROMIUM),
        BrowserName::Firefox => {
            (&["BOOMTOWN_BROWSER"], &FIREFOX_NAMES, "install Firefox, or name it with browser.path")
        }
        BrowserName::Webkit => (&["BOOMTOWN_BROWSER"], &WEBKIT_NAMES, "install cog, or name it with browser.path"),
    };
    for variable in variables {
        if let Some(path) = env::var_os(variable).filter(|path| !path.is_empty()) {
            return runnable(Path::new(&path), &format!("the environment variable {variable}"));
        }
    }
    find(names).ok_or_else(|| {
        Error::new(Code::BrowserNotFound, format!("no browser found (tried {}): {mend}", names.join(", ")))
    })
}

/// The driver for a browser: beside it, or on PATH.
pub fn driver(options: &BrowserOptions, browser: &Path) -> Result<PathBuf> {
    if let Some(path) = &options.driver {
        return runnable(path, "browser.driver");
    }
    let (name, mend) = match options.name {
        BrowserName::Chromium => ("chromedriver", "Debian: apt-get install chromium-driver"),
        BrowserName::Firefox => ("geckodriver", "cargo install geckodriver"),
        BrowserName::Webkit => ("WPEWebDriver", "Debian: apt-get install wpewebkit-driver"),
    };
    let beside = browser.with_file_name(name);
    let beside = beside.to_string_lossy();
    find(&[&beside, name]).ok_or_else(|| {
        Error::new(
            Code::BrowserNotFound,
            format!(
                "no {name} beside {} or on PATH: install it ({mend}), or name it with browser.driver",
                browser.display()
            ),
        )
    })
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
    Ok(path.to_owned())
}

fn launch(message: String) -> Error {
    Error::new(Code::BrowserLaunch, message).permanent()
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

/// The first of these that exists: absolute paths as they are, names on PATH.
fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    names.iter().find_map(|name| {
        let candidates: Vec<PathBuf> = if Path::new(name).is_absolute() {
            vec![PathBuf::from(name)]
        } else {
            env::split_paths(&path).map(|folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX))).collect()
        };
        candidates
            .into_iter()
            .find(|candidate| fs::metadata(candidate).is_ok_and(|file| file.is_file() && executable(&file)))
    })
}
