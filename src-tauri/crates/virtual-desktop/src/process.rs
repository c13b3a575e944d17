//! Processes that end with the value that started them.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Nothing here takes this long unless it never comes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// A process that is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Starts it; `package` is where Debian has the program.
    pub(crate) fn start(command: &mut Command, package: &str) -> Self {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn();
        Self(child.unwrap_or_else(|error| panic!("{program} cannot be started ({error}): install {package}")))
    }

    pub(crate) fn stop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits until `probe` has something, or panics with what was waited for.
pub(crate) fn wait_for<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {} s in vain for {what}", DEADLINE.as_secs());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A command that says nothing.
pub(crate) fn quiet(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}
