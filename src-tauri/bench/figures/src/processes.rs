//! What the kernel knows of a process and of those that it has started.

use std::collections::HashMap;
use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

/// A process and everything below it.
pub(crate) fn tree(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = field(&format!("/proc/{pid}/status"), "PPid:") {
            children.entry(u32::try_from(parent).unwrap_or(0)).or_default().push(pid);
        }
    }
    let mut found = vec![root];
    let mut next = 0;
    while let Some(pid) = found.get(next) {
        found.extend(children.remove(pid).unwrap_or_default());
        next += 1;
    }
    found
}

/// The proportional set size of these processes, in MiB: `Pss` of `/proc/PID/smaps_rollup`.
pub(crate) fn proportional_memory(processes: &[u32]) -> f64 {
    let kibibytes: u64 = processes
        .iter()
        .map(|pid| {
            field(&format!("/proc/{pid}/smaps_rollup"), "Pss:")
                .unwrap_or_else(|| panic!("the memory of process {pid} cannot be read"))
        })
        .sum();
    kibibytes as f64 / 1024.0
}

/// How often each thread of a process has gone to sleep to wait for something: `voluntary_ctxt_switches` of
/// `/proc/PID/task/TID/status`. Each such sleep ends with one wake-up.
pub(crate) fn sleeps(pid: u32) -> HashMap<u32, u64> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("the process is there");
    threads
        .flatten()
        .filter_map(|thread| thread.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(|thread| {
            let status = format!("/proc/{pid}/task/{thread}/status");
            Some((thread, field(&status, "voluntary_ctxt_switches:")?))
        })
        .collect()
}

/// The wake-ups of all threads between two looks. A thread that has ended in between is not counted.
pub(crate) fn wakeups(before: &HashMap<u32, u64>, after: &HashMap<u32, u64>) -> u64 {
    after.iter().map(|(thread, count)| count - before.get(thread).copied().unwrap_or(0)).sum()
}

/// Ends a window and waits until everything that it has started is gone as well.
pub(crate) fn end(mut window: Child) {
    let all = tree(window.id());
    window.kill().expect("the window was running");
    window.wait().expect("the window has ended");
    let deadline = Instant::now() + Duration::from_secs(20);
    while all.iter().any(|pid| is_running(*pid)) {
        assert!(Instant::now() < deadline, "processes of the window have outlived it");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process is there and has not ended; one that nobody has waited for yet has.
fn is_running(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/status"))
        .is_ok_and(|status| !status.lines().any(|line| line.starts_with("State:") && line.contains('Z')))
}

fn field(file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_whitespace().next()?.parse().ok()
}
