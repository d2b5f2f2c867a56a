//! What every automated Chromium is started with.

use super::BrowserOptions;

/// Switches that keep a fresh profile quiet: no first-run pages, no calls home, no crash reporter that outlives it.
const QUIET: &[&str] = &[
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-client-side-phishing-detection",
    // RenderDocument has every navigation build a frame, a widget and a surface anew, which costs twice the rest of it.
    // With SharedWorkerExtendedLifetime a shared worker may outlive its last page, and see the item after.
    "--disable-features=Translate,MediaRouter,OptimizationHints,RenderDocument,SharedWorkerExtendedLifetime",
    // With a window, Chromium asks; nobody is there to answer, and the page would wait. What is granted is not asked for.
    "--deny-permission-prompts",
    "--hide-scrollbars",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
    // Containers often have 64 MB of /dev/shm, which one large page exhausts; TMPDIR is the worker's own folder.
    "--disable-dev-shm-usage",
    // There is no GPU on servers, and its process is one more to go wrong.
    "--disable-gpu",
    // A page that is not in front runs at full speed all the same.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
];

/// The command line for these options; the user's own arguments come last, so that they win.
pub fn arguments(options: &BrowserOptions) -> Vec<String> {
    let mut args: Vec<String> = QUIET.iter().map(|&arg| arg.to_owned()).collect();
    if options.headless {
        args.push("--headless".to_owned());
    }
    if !options.sandbox {
        args.push("--no-sandbox".to_owned());
    }
    args.extend(options.args.iter().cloned());
    merge_features(args)
}

/// Chromium heeds only the last of several `--disable-features`; this makes them one.
fn merge_features(args: Vec<String>) -> Vec<String> {
    let mut merged: Vec<String> = Vec::with_capacity(args.len());
    for arg in args {
        let earlier = ["--disable-features=", "--enable-features="].into_iter().find_map(|switch| {
            let list = arg.strip_prefix(switch)?;
            Some((merged.iter().position(|other| other.starts_with(switch))?, list.to_owned()))
        });
        match earlier {
            Some((index, list)) => merged[index] = format!("{},{list}", merged[index]),
            None => merged.push(arg),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_from_both_sides_end_up_in_one_switch() {
        let options = BrowserOptions { args: vec!["--disable-features=Mine".to_owned()], ..BrowserOptions::default() };
        let features: Vec<_> =
            arguments(&options).into_iter().filter(|arg| arg.starts_with("--disable-features=")).collect();
        assert_eq!(features.len(), 1);
        assert!(features[0].contains("Translate") && features[0].ends_with(",Mine"));
    }

    #[test]
    fn the_sandbox_is_off_only_when_asked() {
        let on = BrowserOptions { sandbox: true, ..BrowserOptions::default() };
        assert!(!arguments(&on).contains(&"--no-sandbox".to_owned()));
        assert!(arguments(&BrowserOptions::default()).contains(&"--no-sandbox".to_owned()));
    }
}
