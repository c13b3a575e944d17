//! Launch Services knows the schemes of a program from its bundle's `Info.plist`, which the build writes
//! (`CFBundleURLTypes`).

/// Whether this program runs out of a bundle: only then its links lead to it.
pub(super) fn is_bundled() -> bool {
    let program = std::env::current_exe().unwrap_or_default();
    program.parent().is_some_and(|folder| folder.ends_with("Contents/MacOS"))
}
