//! The command line.

use std::path::PathBuf;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
A Cognito-compatible user pool on loopback, for development only.

Usage: userpool [OPTIONS]

  --port N               listen on 127.0.0.1:N; 0 takes any free port (default: 9229)
  --state FILE           keep keys, users and sessions in FILE across restarts
  --access-life SECONDS  how long access and id tokens live, for every client
  --refresh-life SECONDS how long a session can be refreshed, for every client
  --auth-session-life SECONDS
                         how long a challenge waits for its answer, for every client
  --rotation off|GRACE   refresh token rotation for every client; a replaced token
                         works GRACE seconds longer (0 to 60)
  --until-stdin-closes   end when standard input closes (also: --parent-exit)
  --help                 print this

The first line on standard output is one JSON object that says where the pool is
and who can sign in; everything else goes to standard error.
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) port: u16,
    pub(crate) state: Option<PathBuf>,
    /// Seconds.
    pub(crate) access_life: Option<i64>,
    /// Seconds.
    pub(crate) refresh_life: Option<i64>,
    /// Seconds.
    pub(crate) auth_session_life: Option<i64>,
    /// `Some(None)`: off for every client; `Some(Some(grace))`: on, with a grace period in seconds.
    pub(crate) rotation: Option<Option<u32>>,
    pub(crate) until_stdin_closes: bool,
    pub(crate) help: bool,
}

impl Arguments {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// A sentence that says which argument is wrong and what would be right.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut parsed = Self {
            port: 9229,
            state: None,
            access_life: None,
            refresh_life: None,
            auth_session_life: None,
            rotation: None,
            until_stdin_closes: false,
            help: false,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (option, attached) = match argument.split_once('=') {
                Some((option, value)) if option.starts_with("--") => {
                    (option.to_owned(), Some(value.to_owned()))
                }
                _ => (argument, None),
            };
            match option.as_str() {
                "--until-stdin-closes" | "--parent-exit" => parsed.until_stdin_closes = true,
                "--help" | "-h" => parsed.help = true,
                "--port"
                | "--state"
                | "--access-life"
                | "--refresh-life"
                | "--auth-session-life"
                | "--rotation" => {
                    let value = attached.or_else(|| arguments.next()).filter(|value| !value.is_empty());
                    let value = value.ok_or_else(|| format!("{option} needs a value; see --help"))?;
                    parsed.set(&option, &value)?;
                }
                _ => return Err(format!("there is no option {option:?}; see --help")),
            }
        }
        Ok(parsed)
    }

    fn set(&mut self, option: &str, value: &str) -> Result<(), String> {
        let wrong = |wanted: &str| format!("{option} takes {wanted}, not {value:?}");
        match option {
            "--port" => self.port = value.parse().map_err(|_| wrong("a number from 0 to 65535"))?,
            "--state" => self.state = Some(PathBuf::from(value)),
            "--access-life" => {
                let life = seconds(value, 1, 86_400).ok_or_else(|| wrong("seconds from 1 to 86400"))?;
                self.access_life = Some(life);
            }
            "--refresh-life" => {
                let life =
                    seconds(value, 1, 315_360_000).ok_or_else(|| wrong("seconds from 1 to 315360000"))?;
                self.refresh_life = Some(life);
            }
            // Shorter than Cognito's three minutes, so that one can be seen to lapse.
            "--auth-session-life" => {
                let life = seconds(value, 1, 900).ok_or_else(|| wrong("seconds from 1 to 900"))?;
                self.auth_session_life = Some(life);
            }
            _ if value == "off" => self.rotation = Some(None),
            _ => {
                let grace = value.parse().ok().filter(|grace| *grace <= 60);
                let wanted = "\"off\" or a grace period from 0 to 60 seconds";
                self.rotation = Some(Some(grace.ok_or_else(|| wrong(wanted))?));
            }
        }
        Ok(())
    }
}

fn seconds(text: &str, least: i64, most: i64) -> Option<i64> {
    text.parse().ok().filter(|life| (least..=most).contains(life))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn reads_every_option() {
        let all = "--port 0 --state=a/b --access-life 1 --refresh-life 60 --auth-session-life 900 \
            --rotation 10 --parent-exit";
        let expected = Arguments {
            port: 0,
            state: Some("a/b".into()),
            access_life: Some(1),
            refresh_life: Some(60),
            auth_session_life: Some(900),
            rotation: Some(Some(10)),
            until_stdin_closes: true,
            help: false,
        };
        assert_eq!(parse(all), Ok(expected));
        assert_eq!(parse("--rotation off").unwrap().rotation, Some(None));
        assert_eq!(parse("").unwrap().port, 9229);
    }

    #[test]
    fn says_what_is_wrong() {
        for (line, words) in [
            ("--port", "--port needs a value"),
            ("--port 65536", "a number from 0 to 65535"),
            ("--access-life 0", "seconds from 1 to 86400"),
            ("--auth-session-life 901", "seconds from 1 to 900"),
            ("--refresh-life soon", "not \"soon\""),
            ("--rotation 61", "grace period from 0 to 60"),
            ("--verbose", "no option \"--verbose\""),
            ("9229", "no option \"9229\""),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(words), "{line}: {error}");
        }
    }
}
