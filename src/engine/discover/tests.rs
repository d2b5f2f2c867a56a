//! Discovery on machines made up of folders.

use std::{collections::HashMap, ffi::OsString};

use super::*;

/// A machine in a folder of its own, which goes with it.
struct Made {
    folder: PathBuf,
    os: &'static str,
    arch: &'static str,
    variables: HashMap<&'static str, OsString>,
}

impl Made {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("discover-{}-{:08x}", std::process::id(), fastrand::u32(..)));
        let made = Self { folder, os: "linux", arch: "x86_64", variables: HashMap::new() };
        fs::create_dir_all(made.path("home")).unwrap();
        made.with("PATH", "bin")
    }

    fn of(os: &'static str, arch: &'static str) -> Self {
        let mut made = Self::new();
        (made.os, made.arch) = (os, arch);
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        name.split('/').fold(self.folder.clone(), |path, name| path.join(name))
    }

    /// A variable that names something of this machine.
    fn with(mut self, variable: &'static str, name: &str) -> Self {
        self.variables.insert(variable, self.path(name).into());
        self
    }

    /// A file that can be run.
    fn program(self, name: &str) -> Self {
        let file = self.path(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        self
    }

    fn programs(self, names: &[&str]) -> Self {
        names.iter().fold(self, |made, name| made.program(name))
    }

    fn discovery<'a>(&'a self, options: &'a BrowserOptions) -> Discovery<'a> {
        let machine = Machine {
            root: self.folder.clone(),
            home: Some(self.path("home")),
            os: self.os,
            arch: self.arch,
            environment: Box::new(|name| self.variables.get(name).cloned()),
        };
        Discovery { options, machine }
    }

    /// The browser that is chosen, below the machine's folder.
    fn chosen(&self, options: &BrowserOptions) -> String {
        self.name(&self.discovery(options).browser().unwrap().path)
    }

    /// The browser that is chosen for a driver, and the driver.
    fn pair(&self, options: &BrowserOptions) -> (String, String) {
        let discovery = self.discovery(options);
        let browser = discovery.drivable_browser().unwrap();
        let driver = discovery.driver(&browser).unwrap();
        (self.name(&browser.path), self.name(&driver))
    }

    fn found(&self) -> Vec<String> {
        let found = self.discovery(&headless()).candidates();
        found.iter().map(|candidate| self.name(&candidate.path)).collect()
    }

    fn error(&self, options: &BrowserOptions) -> Error {
        self.discovery(options).browser().unwrap_err()
    }

    fn name(&self, path: &Path) -> String {
        let parts = path.strip_prefix(&self.folder).unwrap().iter().map(|part| part.to_string_lossy());
        parts.collect::<Vec<_>>().join("/")
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn headless() -> BrowserOptions {
    BrowserOptions { headless: true, ..BrowserOptions::default() }
}

const PUPPETEER_SHELL: &str =
    "home/.cache/puppeteer/chrome-headless-shell/linux-156.0.1.2/chrome-headless-shell-linux64/chrome-headless-shell";
const PUPPETEER_CHROME: &str = "home/.cache/puppeteer/chrome/linux-156.0.1.2/chrome-linux64/chrome";
const PUPPETEER_DRIVER: &str = "home/.cache/puppeteer/chromedriver/linux-156.0.1.2/chromedriver-linux64/chromedriver";
const PLAYWRIGHT_SHELL: &str =
    "home/.cache/ms-playwright/chromium_headless_shell-1255/chrome-headless-shell-linux64/chrome-headless-shell";
const PLAYWRIGHT_CHROME: &str = "home/.cache/ms-playwright/chromium-1255/chrome-linux64/chrome";
const DEBIAN_SHELL: &str = "usr/lib/chromium/chromium-headless-shell";

#[test]
fn headless_shells_come_first_and_places_before_path_before_caches() {
    let best_first = [
        DEBIAN_SHELL,
        "bin/chrome-headless-shell",
        PUPPETEER_SHELL,
        PLAYWRIGHT_SHELL,
        "bin/google-chrome",
        "bin/chromium",
        PUPPETEER_CHROME,
        PLAYWRIGHT_CHROME,
    ];
    assert_eq!(Made::new().programs(&best_first).found(), best_first);
}

#[test]
fn the_path_option_wins_over_the_environment_and_it_over_what_is_found() {
    let made = Made::new().programs(&[DEBIAN_SHELL, "own", "boomtown", "chrome", "puppeteer"]);
    let made = made.with("PUPPETEER_EXECUTABLE_PATH", "puppeteer");
    assert_eq!(made.chosen(&headless()), "puppeteer");
    let made = made.with("CHROME_PATH", "chrome");
    assert_eq!(made.chosen(&headless()), "chrome");
    let made = made.with("BOOMTOWN_BROWSER", "boomtown");
    assert_eq!(made.chosen(&headless()), "boomtown");
    assert_eq!(made.chosen(&BrowserOptions { path: Some(made.path("own")), ..headless() }), "own");
}

#[test]
fn the_newest_version_of_a_cache_is_the_highest_number_and_not_the_last_name() {
    let cache = "home/.cache/puppeteer/chrome";
    let [old, new] =
        ["linux-99.0.4844.51", "linux-156.0.8078.9"].map(|name| format!("{cache}/{name}/chrome-linux64/chrome"));
    assert_eq!(Made::new().programs(&[&old, &new]).found(), [new, old]);
}

#[test]
fn browsers_of_other_platforms_in_a_shared_cache_are_not_chosen() {
    let cache = "home/.cache/puppeteer/chrome";
    let [intel, arm, mac] =
        ["linux-1.0", "linux_arm-2.0", "mac_arm-3.0"].map(|name| format!("{cache}/{name}/chrome-any/chrome"));
    let made = Made::new().programs(&[&intel, &arm, &mac]);
    assert_eq!(made.found(), [intel]);
    let made = Made::of("linux", "aarch64").program(&arm);
    assert_eq!(made.found(), [arm]);
}

#[test]
fn an_unpacked_folder_without_its_binary_is_no_browser() {
    let made = Made::new().program("home/.cache/puppeteer/chrome/linux-157.0/chrome-linux64/LICENSE");
    assert_eq!(made.program(PUPPETEER_CHROME).found(), [PUPPETEER_CHROME]);
}

#[test]
fn older_folders_of_playwright_are_known_too() {
    let shell = "home/.cache/ms-playwright/chromium_headless_shell-1100/chrome-linux/headless_shell";
    let chrome = "home/.cache/ms-playwright/chromium-1100/chrome-linux/chrome";
    assert_eq!(Made::new().programs(&[chrome, shell]).found(), [shell, chrome]);
}

#[test]
fn caches_are_where_the_environment_says() {
    let shell = "puppets/chrome-headless-shell/linux-156.0.1.2/chrome-headless-shell-linux64/chrome-headless-shell";
    let chrome = "plays/chromium-1255/chrome-linux64/chrome";
    let made = Made::new().programs(&[shell, chrome, PUPPETEER_SHELL, PLAYWRIGHT_CHROME]);
    let made = made.with("PUPPETEER_CACHE_DIR", "puppets").with("PLAYWRIGHT_BROWSERS_PATH", "plays");
    assert_eq!(made.found(), [shell, chrome]);
}

#[test]
fn macos_has_applications_of_everybody_and_of_the_user() {
    let chrome = "Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
    let own = "home/Applications/Chromium.app/Contents/MacOS/Chromium";
    let cached = "home/Library/Caches/ms-playwright/chromium-1255/chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing";
    let made = Made::of("macos", "aarch64").programs(&[own, cached, chrome]);
    assert_eq!(made.found(), [chrome, own, cached]);
}

#[test]
fn windows_has_programs_of_everybody_and_of_the_user() {
    let chrome = "Programs/Google/Chrome/Application/chrome.exe";
    let own = "Local/Chromium/Application/chrome.exe";
    let cached = "Local/ms-playwright/chromium-1255/chrome-win64/chrome.exe";
    let made = Made::of("windows", "x86_64").programs(&[own, cached, chrome]);
    let made = made.with("ProgramFiles", "Programs").with("LOCALAPPDATA", "Local");
    assert_eq!(made.found(), [chrome, own, cached]);
}

#[cfg(unix)]
#[test]
fn one_browser_under_two_names_is_found_once() {
    let made = Made::new().program("bin/google-chrome-stable");
    std::os::unix::fs::symlink(made.path("bin/google-chrome-stable"), made.path("bin/google-chrome")).unwrap();
    assert_eq!(made.found(), ["bin/google-chrome-stable"]);
}

#[test]
fn a_headless_shell_is_not_chosen_for_a_town_with_windows() {
    let made = Made::new().programs(&[DEBIAN_SHELL, PUPPETEER_SHELL, "bin/chromium"]);
    assert_eq!(made.chosen(&BrowserOptions::default()), "bin/chromium");
}

#[test]
fn a_headless_shell_that_was_named_for_a_town_with_windows_is_refused() {
    let made = Made::new().program(DEBIAN_SHELL).with("CHROME_PATH", DEBIAN_SHELL);
    let error = made.error(&BrowserOptions::default());
    assert_eq!(error.code, Code::Unsupported);
    assert!(error.permanent);
    for part in ["browser.headless: false", "CHROME_PATH", "chromium-headless-shell"] {
        assert!(error.message.contains(part), "{}", error.message);
    }
}

#[test]
fn without_any_browser_the_error_names_every_place_and_the_commands_to_install_one() {
    let made = Made::new();
    let error = made.error(&headless());
    assert_eq!(error.code, Code::BrowserNotFound);
    let home = made.path("home").display().to_string();
    let caches = [format!("{home}/.cache/puppeteer"), format!("{home}/.cache/ms-playwright")];
    let others = [
        "BOOMTOWN_BROWSER",
        "CHROME_PATH",
        "PUPPETEER_EXECUTABLE_PATH",
        "/usr/lib/chromium/chromium-headless-shell",
        "google-chrome",
        "on PATH",
        "apt-get install chromium-headless-shell",
        "npx @puppeteer/browsers install chrome-headless-shell@stable",
    ];
    for part in others.into_iter().chain(caches.iter().map(String::as_str)) {
        assert!(error.message.contains(part), "{part} is not in: {}", error.message);
    }
}

#[test]
fn the_driver_is_beside_the_browser_or_on_path() {
    let made = Made::new().programs(&[DEBIAN_SHELL, "bin/chromedriver"]);
    assert_eq!(made.pair(&headless()).1, "bin/chromedriver");
    let made = made.program("usr/lib/chromium/chromedriver");
    assert_eq!(made.pair(&headless()).1, "usr/lib/chromium/chromedriver");
}

#[test]
fn a_browser_of_a_cache_is_driven_by_the_driver_of_its_version() {
    let made = Made::new().programs(&[PUPPETEER_SHELL, PUPPETEER_DRIVER, "bin/chromium", "bin/chromedriver"]);
    assert_eq!(made.pair(&headless()), (PUPPETEER_SHELL.to_owned(), PUPPETEER_DRIVER.to_owned()));
}

#[test]
fn a_browser_of_a_cache_without_its_driver_gives_way_to_one_of_the_system() {
    let made = Made::new().programs(&[PUPPETEER_SHELL, PLAYWRIGHT_SHELL, "bin/chromium", "bin/chromedriver"]);
    assert_eq!(made.pair(&headless()), ("bin/chromium".to_owned(), "bin/chromedriver".to_owned()));
    assert_eq!(made.chosen(&headless()), PUPPETEER_SHELL);
}

#[test]
fn a_driver_that_was_named_drives_a_browser_of_a_cache() {
    let made = Made::new().programs(&[PLAYWRIGHT_SHELL, "bin/chromium", "own"]);
    let options = BrowserOptions { driver: Some(made.path("own")), ..headless() };
    assert_eq!(made.pair(&options), (PLAYWRIGHT_SHELL.to_owned(), "own".to_owned()));
}

#[test]
fn a_missing_driver_for_a_browser_of_a_cache_is_installed_in_its_version() {
    let made = Made::new().program(PUPPETEER_SHELL);
    let options = headless();
    let discovery = made.discovery(&options);
    let error = discovery.driver(&discovery.drivable_browser().unwrap()).unwrap_err();
    assert_eq!(error.code, Code::BrowserNotFound);
    assert!(error.message.contains("install chromedriver@156.0.1.2 --path"), "{}", error.message);
}
