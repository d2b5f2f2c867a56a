//! What a browser and its driver inherit of the program's environment: what tells them where things are on this machine, and
//! nothing else, because a page that breaks out of its renderer could read the program's passwords and tokens there.

use std::ffi::{OsStr, OsString};

const INHERITED: &[&str] = &[
    // Who and where.
    "HOME",
    "LOGNAME",
    "PATH",
    "SHELL",
    "USER",
    "LD_LIBRARY_PATH",
    // Language and time.
    "LANG",
    "LANGUAGE",
    "TZ",
    // Screen and session, for a browser that is to be seen.
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    // The way to the network.
    "ALL_PROXY",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    // Chromium's sandbox helper.
    "CHROME_DEVEL_SANDBOX",
    // Windows.
    "APPDATA",
    "COMSPEC",
    "HOMEDRIVE",
    "HOMEPATH",
    "LOCALAPPDATA",
    "NUMBER_OF_PROCESSORS",
    "OS",
    "PATHEXT",
    "PROCESSOR_ARCHITECTURE",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "PROGRAMFILES(X86)",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "USERPROFILE",
    "WINDIR",
];

/// Locale, desktop folders and fonts.
const FAMILIES: &[&str] = &["LC_", "XDG_", "FONTCONFIG_"];

/// The variables of these that are handed on.
pub fn inherited(all: impl IntoIterator<Item = (OsString, OsString)>) -> impl Iterator<Item = (OsString, OsString)> {
    all.into_iter().filter(|(name, _)| is_inherited(name))
}

/// Windows knows no case here, and proxies are named in both.
fn is_inherited(name: &OsStr) -> bool {
    let Some(name) = name.to_str().map(str::to_ascii_uppercase) else { return false };
    INHERITED.contains(&name.as_str()) || FAMILIES.iter().any(|family| name.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_handed_on_and_secrets_are_not() {
        let names = ["Path", "LC_ALL", "https_proxy", "AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "NODE_OPTIONS", "PATHS"];
        let all = names.map(|name| (OsString::from(name), OsString::new()));
        let kept: Vec<_> = inherited(all).map(|(name, _)| name).collect();
        assert_eq!(kept, ["Path", "LC_ALL", "https_proxy"]);
    }
}
