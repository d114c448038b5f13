//! Figures by the kernel's own count, and how they are printed: one line a figure, between tabs name, value, unit,
//! bound, met or missed.
//!
//! CPU-seconds are those of this process (`/proc/self/schedstat`, in nanoseconds), memory its resident set
//! (`/proc/self/status`: `VmRSS` now, `VmHWM` at its peak).

pub(crate) fn tell(name: &str, value: f64, unit: &str, bound: Option<f64>) {
    let (bound, met) = match bound {
        Some(bound) if value <= bound => (format!("<= {bound}"), "met"),
        Some(bound) => (format!("<= {bound}"), "missed"),
        None => ("-".to_owned(), "-"),
    };
    println!("{name}\t{value:.3}\t{unit}\t{bound}\t{met}");
}

pub(crate) fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds: f64 = text.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0.0);
    nanoseconds / 1e9
}

pub(crate) fn resident_mebibytes(which: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(which)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
