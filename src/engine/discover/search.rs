//! Where browsers are on a machine: places of packages and installers, commands on `PATH`, and the caches of Puppeteer and
//! Playwright, in which many versions can stand side by side.

use std::{
    env,
    ffi::OsString,
    fmt, fs, iter,
    path::{Path, PathBuf},
};

use super::is_program;

/// One sort of browser, and where it can be. Every list is best first.
pub struct Search {
    /// Binaries of Linux packages, where the command is a shell script or is not on `PATH`.
    linux: &'static [&'static str],
    /// Below a folder for applications of macOS.
    macos: &'static [&'static str],
    /// Below a folder for programs of Windows.
    windows: &'static [&'static str],
    commands: &'static [&'static str],
    /// Folders of Puppeteer's cache, one a browser.
    puppeteer: &'static [&'static str],
    /// What folders of Playwright's cache, one a browser and revision, begin with.
    playwright: &'static [&'static str],
    /// The binary in an unpacked archive of either cache.
    archived: &'static [&'static str],
}

const NOWHERE: Search =
    Search { linux: &[], macos: &[], windows: &[], commands: &[], puppeteer: &[], playwright: &[], archived: &[] };

/// Headless shells, then whole browsers.
pub static CHROMIUM: [Search; 2] = [
    Search {
        // Debian's command is a shell script, and Fedora has none.
        linux: &["/usr/lib/chromium/chromium-headless-shell", "/usr/lib64/chromium-browser/headless_shell"],
        commands: &["chrome-headless-shell", "chromium-headless-shell"],
        puppeteer: &["chrome-headless-shell"],
        playwright: &["chromium_headless_shell-"],
        archived: &["chrome-headless-shell", "headless_shell"],
        ..NOWHERE
    },
    Search {
        macos: &["Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium"],
        windows: &["Google/Chrome/Application/chrome.exe", "Chromium/Application/chrome.exe"],
        commands: &["google-chrome-stable", "google-chrome", "chromium", "chromium-browser"],
        puppeteer: &["chrome", "chromium"],
        playwright: &["chromium-"],
        archived: &[
            "chrome",
            "Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
            "Chromium.app/Contents/MacOS/Chromium",
        ],
        ..NOWHERE
    },
];

pub static FIREFOX: [Search; 1] = [Search {
    macos: &["Firefox.app/Contents/MacOS/firefox"],
    windows: &["Mozilla Firefox/firefox.exe"],
    commands: &["firefox", "firefox-esr"],
    ..NOWHERE
}];

/// Whether a browser is one without windows, which its name tells.
pub fn is_headless_shell(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().replace('_', "-").contains("headless-shell"))
}

/// A browser that is installed.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The browser's binary.
    pub path: PathBuf,
    /// Who named the browser, or where it was found.
    pub source: Source,
}

/// How a browser came to be considered.
#[derive(Clone, Debug)]
pub enum Source {
    /// Named by `browser.path`.
    Option,
    /// Named by this environment variable.
    Variable(&'static str),
    /// A place where packages and installers put browsers.
    Place,
    /// A command on `PATH`.
    Path,
    /// One of many versions in Puppeteer's cache, which may hold the driver of that version as well.
    Puppeteer { version: String, driver: Option<PathBuf> },
    /// One of many versions in Playwright's cache.
    Playwright,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option => write!(f, "browser.path"),
            Self::Variable(name) => write!(f, "the environment variable {name}"),
            Self::Place => write!(f, "well-known place"),
            Self::Path => write!(f, "PATH"),
            Self::Puppeteer { .. } => write!(f, "Puppeteer's cache"),
            Self::Playwright => write!(f, "Playwright's cache"),
        }
    }
}

impl Candidate {
    /// The driver that came with the browser.
    pub(super) fn driver(&self) -> Option<&Path> {
        match &self.source {
            Source::Puppeteer { driver, .. } => driver.as_deref(),
            _ => None,
        }
    }

    /// Whether the driver on `PATH` is likely to be of its version: a cache has versions of its own.
    pub(super) fn is_of_the_system(&self) -> bool {
        !matches!(self.source, Source::Puppeteer { .. } | Source::Playwright)
    }
}

/// The values of environment variables.
type Environment<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// The machine that is searched; tests pass one of their own making.
pub struct Machine<'a> {
    /// The root of the file system.
    pub root: PathBuf,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// As [`env::consts::OS`].
    pub os: &'a str,
    /// As [`env::consts::ARCH`].
    pub arch: &'a str,
    /// The environment.
    pub environment: Box<Environment<'a>>,
}

impl Machine<'_> {
    /// The machine that this program runs on.
    pub fn here() -> Self {
        Self {
            root: PathBuf::from("/"),
            home: env::home_dir(),
            os: env::consts::OS,
            arch: env::consts::ARCH,
            environment: Box::new(|name| env::var_os(name)),
        }
    }

    /// A variable of the environment; an empty one counts as absent.
    pub fn variable(&self, name: &str) -> Option<OsString> {
        (self.environment)(name).filter(|value| !value.is_empty())
    }

    /// The file name of a program.
    pub fn binary(&self, name: &str) -> String {
        if self.os == "windows" { format!("{name}.exe") } else { name.to_owned() }
    }

    /// The first program of this name on `PATH`.
    pub fn on_path(&self, name: &str) -> Option<PathBuf> {
        let path = self.variable("PATH")?;
        env::split_paths(&path).map(|folder| folder.join(self.binary(name))).find(|file| is_program(file))
    }

    /// Every browser that is there, best first, each once.
    pub fn candidates(&self, searches: &[Search]) -> Vec<Candidate> {
        let mut seen = Vec::new();
        let all = searches.iter().flat_map(|search| self.found(search));
        all.filter(|found| {
            let real = fs::canonicalize(&found.path).unwrap_or_else(|_| found.path.clone());
            let is_new = !seen.contains(&real);
            seen.push(real);
            is_new
        })
        .collect()
    }

    fn found(&self, search: &Search) -> impl Iterator<Item = Candidate> {
        let installed = self.installed(search).into_iter().filter(|file| is_program(file));
        let commands = search.commands.iter().filter_map(|name| self.on_path(name));
        iter::empty()
            .chain(installed.map(|path| Candidate { path, source: Source::Place }))
            .chain(commands.map(|path| Candidate { path, source: Source::Path }))
            .chain(self.in_puppeteer(search))
            .chain(self.in_playwright(search))
    }

    /// A place where packages and installers put browsers.
    fn installed(&self, search: &Search) -> Vec<PathBuf> {
        let (folders, names) = match self.os {
            "windows" => {
                let variables = ["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"];
                (variables.iter().filter_map(|name| self.variable(name)).map(PathBuf::from).collect(), search.windows)
            }
            "macos" => {
                let own = self.home.as_ref().map(|home| home.join("Applications"));
                (iter::once(self.root.join("Applications")).chain(own).collect::<Vec<_>>(), search.macos)
            }
            _ => (vec![self.root.clone()], search.linux),
        };
        names.iter().flat_map(|name| folders.iter().map(|folder| below(folder, name))).collect()
    }

    /// `<cache>/chrome/linux-156.0.8078.79/chrome-linux64/chrome`, newest first.
    fn in_puppeteer(&self, search: &Search) -> Vec<Candidate> {
        let Some(cache) = self.puppeteer_cache() else { return Vec::new() };
        let platforms = self.puppeteer_platforms();
        let newest = |folder: &PathBuf| {
            let mut versions: Vec<_> = entries(folder)
                .filter_map(|entry| {
                    let (platform, version) = entry.file_name()?.to_str()?.split_once('-')?;
                    let rank = platforms.iter().position(|known| *known == platform)?;
                    Some((numbers(version)?, rank, version.to_owned(), entry.clone()))
                })
                .collect();
            versions.sort_by(|(a, rank_a, ..), (b, rank_b, ..)| b.cmp(a).then(rank_a.cmp(rank_b)));
            versions
        };
        let browsers = search.puppeteer.iter().flat_map(|name| newest(&cache.join(name)));
        browsers
            .filter_map(|(_, _, version, folder)| {
                let path = self.unpacked(&folder, search.archived)?;
                let driver = cache.join("chromedriver").join(folder.file_name()?);
                let driver = self.unpacked(&driver, &["chromedriver"]);
                Some(Candidate { path, source: Source::Puppeteer { version, driver } })
            })
            .collect()
    }

    /// `<cache>/chromium-1255/chrome-linux64/chrome`, newest first.
    fn in_playwright(&self, search: &Search) -> Vec<Candidate> {
        let Some(cache) = self.playwright_cache() else { return Vec::new() };
        let mut revisions: Vec<_> = entries(&cache)
            .filter_map(|entry| {
                let name = entry.file_name()?.to_str()?;
                let revision = search.playwright.iter().find_map(|start| name.strip_prefix(start))?;
                Some((numbers(revision)?, entry.clone()))
            })
            .collect();
        revisions.sort_by(|(a, _), (b, _)| b.cmp(a));
        revisions
            .into_iter()
            .filter_map(|(_, folder)| self.unpacked(&folder, search.archived))
            .map(|path| Candidate { path, source: Source::Playwright })
            .collect()
    }

    /// The binary in the one folder that the archive of a version holds; the folder's name has changed over the years.
    fn unpacked(&self, version: &Path, names: &[&str]) -> Option<PathBuf> {
        let mut folders: Vec<_> = entries(version).collect();
        folders.sort();
        folders
            .iter()
            .flat_map(|folder| names.iter().map(|name| below(folder, &self.binary(name))))
            .find(|file| is_program(file))
    }

    fn puppeteer_cache(&self) -> Option<PathBuf> {
        let named = self.variable("PUPPETEER_CACHE_DIR").map(PathBuf::from);
        named.or_else(|| Some(self.home.as_ref()?.join(".cache").join("puppeteer")))
    }

    fn playwright_cache(&self) -> Option<PathBuf> {
        if let Some(named) = self.variable("PLAYWRIGHT_BROWSERS_PATH") {
            return Some(PathBuf::from(named));
        }
        let caches = match self.os {
            "windows" => self.variable("LOCALAPPDATA").map(PathBuf::from),
            "macos" => self.home.as_ref().map(|home| home.join("Library").join("Caches")),
            _ => {
                let named = self.variable("XDG_CACHE_HOME").map(PathBuf::from);
                named.or_else(|| Some(self.home.as_ref()?.join(".cache")))
            }
        };
        Some(caches?.join("ms-playwright"))
    }

    /// What Puppeteer calls the platforms whose browsers run here, best first.
    fn puppeteer_platforms(&self) -> &'static [&'static str] {
        match (self.os, self.arch) {
            ("windows", _) => &["win64", "win32"],
            ("macos", "aarch64") => &["mac_arm", "mac"],
            ("macos", _) => &["mac"],
            (_, "aarch64") => &["linux_arm"],
            _ => &["linux"],
        }
    }

    /// Everywhere that is looked, for a message.
    pub fn places(&self, searches: &[Search]) -> Vec<String> {
        let shown = |path: PathBuf| path.display().to_string();
        let installed = searches.iter().flat_map(|search| self.installed(search)).map(shown);
        let commands: Vec<_> =
            searches.iter().flat_map(|search| search.commands).map(|name| self.binary(name)).collect();
        let puppeteer = searches.iter().any(|search| !search.puppeteer.is_empty()).then(|| self.puppeteer_cache());
        let playwright = searches.iter().any(|search| !search.playwright.is_empty()).then(|| self.playwright_cache());
        installed
            .chain(iter::once(format!("{} on PATH", commands.join(", "))))
            .chain(puppeteer.flatten().map(|cache| format!("in Puppeteer's cache {}", cache.display())))
            .chain(playwright.flatten().map(|cache| format!("in Playwright's cache {}", cache.display())))
            .collect()
    }

    /// How one gets a Chromium here.
    pub fn install_chromium(&self, headless: bool) -> String {
        let packages = match self.os {
            "windows" => "winget install Google.Chrome",
            "macos" => "brew install --cask google-chrome",
            _ if headless => {
                "Debian: apt-get install chromium-headless-shell chromium-driver; Fedora: dnf install chromium-headless \
                 chromedriver; Alpine: apk add chromium chromium-chromedriver"
            }
            _ => {
                "Debian: apt-get install chromium chromium-driver; Fedora: dnf install chromium chromedriver; Alpine: apk \
                 add chromium chromium-chromedriver"
            }
        };
        let name = if headless { "chrome-headless-shell" } else { "chrome" };
        format!("{packages}; anywhere: {}", self.puppeteer_install(name, "stable"))
    }

    /// How one gets the driver for a Chromium.
    pub fn install_chromedriver(&self, browser: &Candidate) -> String {
        match &browser.source {
            Source::Puppeteer { version, .. } => self.puppeteer_install("chromedriver", version),
            _ if self.os == "linux" => "Debian: apt-get install chromium-driver".to_owned(),
            _ => "https://googlechromelabs.github.io/chrome-for-testing, in the browser's version".to_owned(),
        }
    }

    fn puppeteer_install(&self, name: &str, version: &str) -> String {
        let cache = self.puppeteer_cache().unwrap_or_else(|| PathBuf::from("."));
        format!("npx @puppeteer/browsers install {name}@{version} --path {}", cache.display())
    }
}

/// A path of several names below a folder, with this system's separators.
fn below(folder: &Path, names: &str) -> PathBuf {
    names.split('/').fold(folder.to_owned(), |path, name| path.join(name))
}

/// The entries of a folder; one that cannot be listed has none.
fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// `156.0.8078.79` as numbers, so that 99 is older than 100.
fn numbers(version: &str) -> Option<Vec<u64>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}
