//! What a client says of itself in `User-Agent`, in words.

/// Systems by what names them, the more special first: who says iPhone says Mac OS as well.
const SYSTEMS: [(&str, &str); 8] = [
    ("iphone", "iOS"),
    ("ipad", "iOS"),
    ("os/ios", "iOS"),
    ("android", "Android"),
    ("windows", "Windows"),
    ("mac os", "macOS"),
    ("os/macos", "macOS"),
    ("linux", "Linux"),
];
/// Browsers in the same way: who says Edge says Chrome and Safari as well.
const BROWSERS: [(&str, &str); 4] =
    [("edg/", "Edge"), ("firefox/", "Firefox"), ("chrome/", "Chrome"), ("safari/", "Safari")];

/// The program and the system, such as "Firefox on Linux", as far as they can be told; else "unknown". Cognito's own
/// words are not documented.
pub(crate) fn describe(user_agent: &str) -> String {
    let lower = user_agent.to_ascii_lowercase();
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(sign, _)| lower.contains(sign)).map(|(_, name)| *name)
    };
    // What is no browser begins with its own name.
    let own_name = || {
        let (name, _) = user_agent.split_once('/')?;
        (name != "Mozilla" && name.len() <= 64 && !name.contains(char::is_whitespace)).then_some(name)
    };
    match (find(&BROWSERS).or_else(own_name), find(&SYSTEMS)) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(known), None) | (None, Some(known)) => known.to_owned(),
        (None, None) => "unknown".to_owned(),
    }
}
