//! How much memory this process has, as Linux tells it (`proc(5)`).

/// What is resident now, in megabytes.
pub(crate) fn resident_megabytes() -> f64 {
    of("VmRSS:")
}

/// The most that ever was resident, in megabytes.
pub(crate) fn peak_megabytes() -> f64 {
    of("VmHWM:")
}

fn of(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().unwrap_or(f64::NAN);
    kilobytes * 1_024.0 / 1e6
}
