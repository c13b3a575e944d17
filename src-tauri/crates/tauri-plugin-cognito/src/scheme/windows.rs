//! Who opens links on Windows: the command under `HKEY_CLASSES_ROOT\<scheme>`, where the user's own classes stand
//! before the machine's (Win32, "Registering an Application to a URI Scheme").
#![cfg_attr(not(windows), expect(dead_code, reason = "only what reads the registry's answer is tested here"))]

use std::path::Path;
use std::process::{Command, Stdio};

use super::Opener;

/// Who opens links of this scheme.
///
/// # Errors
/// That the registry or this program's own path cannot be read.
pub(super) fn opener(scheme: &str) -> Result<Opener, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let system = std::env::var_os("SystemRoot").ok_or("SystemRoot is not set")?;
    let asked = Command::new(Path::new(&system).join("System32").join("reg.exe"))
        .args(["query", &format!("HKCR\\{scheme}\\shell\\open\\command"), "/ve"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("reg: {error}"))?;
    if !asked.status.success() {
        return Ok(Opener::Nobody);
    }
    Ok(of_answer(&String::from_utf8_lossy(&asked.stdout), &program))
}

/// Reads what `reg query … /ve` prints: the key, then `(Default)`, its type and its value.
fn of_answer(answer: &str, program: &Path) -> Opener {
    let Some((_, command)) = answer.split_once("REG_SZ").or_else(|| answer.split_once("REG_EXPAND_SZ"))
    else {
        return Opener::Nobody;
    };
    let command = command.lines().next().unwrap_or_default().trim();
    let (opener, arguments) = match command.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some(quoted) => quoted,
        None => command.split_once(' ').unwrap_or((command, "")),
    };
    let own = program.to_string_lossy();
    let own = own.strip_prefix(r"\\?\").unwrap_or(&own);
    let name = |path: &str| path.rsplit('\\').next().unwrap_or(path).to_lowercase();
    if opener.is_empty() {
        Opener::Nobody
    } else if opener.eq_ignore_ascii_case(own) && arguments.contains("%1") {
        Opener::ThisProgram
    } else if opener.eq_ignore_ascii_case(own) || (name(opener) == name(own) && !Path::new(opener).exists()) {
        Opener::Stale
    } else {
        Opener::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registrys_answer_says_who_opens_a_link() {
        let own = Path::new(r"C:\Program Files\Cognito Desktop\cognito-desktop.exe");
        for (command, opener) in [
            (r#""C:\Program Files\Cognito Desktop\cognito-desktop.exe" "%1""#, Opener::ThisProgram),
            (r#""c:\program files\cognito desktop\COGNITO-DESKTOP.EXE" "%1""#, Opener::ThisProgram),
            (r#""C:\Program Files\Cognito Desktop\cognito-desktop.exe""#, Opener::Stale),
            (r#""C:\Old\cognito-desktop.exe" "%1""#, Opener::Stale),
            (r#""C:\Other\other.exe" "%1""#, Opener::Other),
            (r"C:\Other\other.exe %1", Opener::Other),
            ("", Opener::Nobody),
        ] {
            let key = r"HKEY_CLASSES_ROOT\cognito-desktop\shell\open\command";
            let answer = format!("\r\n{key}\r\n    (Default)    REG_SZ    {command}\r\n\r\n");
            assert_eq!(of_answer(&answer, own), opener, "{command}");
        }
        assert_eq!(of_answer("", own), Opener::Nobody);
        let verbatim = Path::new(r"\\?\C:\a.exe");
        assert_eq!(of_answer(r#"    (Default)    REG_SZ    "C:\a.exe" "%1""#, verbatim), Opener::ThisProgram);
    }
}
