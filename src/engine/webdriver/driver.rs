//! Starts a driver on a free loopback port and waits until it says which.

use std::{ffi::OsString, path::Path};

use url::Url;

use crate::{
    engine::{BrowserName, BrowserOptions, Host, Program, launch_error, start},
    error::Result,
};

/// A running driver.
pub struct Driver {
    /// The driver's address, with a final slash.
    pub endpoint: Url,
}

impl Driver {
    /// Starts the driver in the worker's process tree.
    pub async fn start(path: &Path, options: &BrowserOptions, host: &dyn Host) -> Result<Self> {
        let failed = |what: &str| launch_error(host, "driver", path, what);
        let mut base = String::new();
        let args: Vec<OsString> = match options.name {
            BrowserName::Chromium => {
                // Whoever reaches its port could have it run any program; geckodriver cannot be told a path.
                base = unguessable().map_err(|error| failed(&format!("no random path for it: {error}")))?;
                vec!["--port=0".into(), "--enable-chrome-logs".into(), format!("--url-base=/{base}").into()]
            }
            BrowserName::Firefox => {
                // The WebSocket port is where its health is asked for; by default all Firefoxes would want the same one.
                ["--port", "0", "--host", "127.0.0.1", "--websocket-port", "0"].map(OsString::from).to_vec()
            }
        };
        let program = Program { path: path.to_owned(), args, env: options.env.clone(), pipe: false, vital: true };
        let mut lines = start(host, "driver", program).await?.lines;
        let port = loop {
            match lines.recv().await {
                Some(line) => {
                    if let Some(port) = announced_port(&line) {
                        break port;
                    }
                }
                None => return Err(failed("ended before it listened; is it a WebDriver server?")),
            }
        };
        let address = format!("http://127.0.0.1:{port}/{base}");
        let endpoint = Url::parse(&address).map_err(|error| failed(&error.to_string()))?;
        Ok(Self { endpoint })
    }
}

/// A path with a final slash.
fn unguessable() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::getrandom(&mut bytes)?;
    Ok(format!("{:032x}/", u128::from_ne_bytes(bytes)))
}

/// `ChromeDriver was started successfully on port 1234.` or `... Listening on 127.0.0.1:1234`.
fn announced_port(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("successfully on port ").or_else(|| line.split_once("Listening on 127.0.0.1:"))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::announced_port;

    #[test]
    fn the_port_is_read_from_the_line_that_says_it_listens() {
        assert_eq!(announced_port("Starting ChromeDriver 156.0 on port 0"), None);
        assert_eq!(announced_port("ChromeDriver was started successfully on port 40123."), Some(40123));
        assert_eq!(announced_port("1795318392\tgeckodriver\tINFO\tListening on 127.0.0.1:4545"), Some(4545));
    }
}
